//! `rules`: the definitions in words, and how records of a file turn out under them.

mod list;
mod test;

use std::process::ExitCode;

use jiff::civil::Date;

pub(super) use list::label;

use super::failure::CommandFailure;
use super::{Context, day};

#[derive(Debug, clap::Args)]
pub(super) struct RulesArguments {
    #[command(subcommand)]
    action: Option<RulesAction>,
    /// Also the built-in relations that no indicator uses.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Subcommand)]
enum RulesAction {
    /// Tries relations on the records of a file: each outcome, and the clause that decided.
    Test(TestArguments),
}

#[derive(Debug, clap::Args)]
struct TestArguments {
    /// CSV file, workbook or Parquet file; its columns are named by keys, labels or the register's columns.
    file: String,
    /// Only this relation; may be given several times.
    #[arg(long, value_name = "KEY")]
    relation: Vec<String>,
    /// Day on which ages are taken; default: today.
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &RulesArguments,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load_counting().await?;
    match &arguments.action {
        None => list::execute(context, &settings, arguments.all),
        Some(RulesAction::Test(arguments)) => test::execute(context, &settings, arguments).await,
    }
}
