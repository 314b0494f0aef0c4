//! Commands: one file each. Everything a person reads besides results goes to stderr.

mod amend;
mod backup;
mod check;
mod colour;
mod columns;
mod complete;
mod context;
mod daemon;
mod decide;
mod demo;
mod failure;
mod help;
mod init;
mod language;
mod layout;
mod league;
mod log;
mod numbers;
mod outbox;
mod output;
mod pause;
mod people;
mod progress;
mod rates;
mod recheck;
mod rules;
mod run;
mod runs;
mod sample;
mod sent;
mod serve;
mod show;
mod verify;
mod wrong_usage;

use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::{Worded, message};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::clock::Clock;
use crate::config;
use crate::memory;
use context::{Context, default_config, environment};
use failure::CommandFailure;
use language::CommandLanguage;
use output::{complain, print, print_bytes, print_json, print_json_by, print_raw};

pub use init::reader as first_reader;

/// Heading of the options that every command has; they stand below its own.
const GLOBAL: &str = "Global options";

/// Scheduled reports and rankings for register campaigns.
#[derive(Debug, Parser)]
#[command(name = "tongbao", version)]
struct Arguments {
    /// Configuration file.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 901, value_name = "FILE", env = "TONGBAO_CONFIG")]
    config: Option<PathBuf>,
    /// How results are printed on stdout.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 902, value_enum, default_value = "text")]
    format: OutputFormat,
    /// How the log is written on stderr.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 906, value_enum, default_value = "text", env = "TONGBAO_LOG_FORMAT")]
    log_format: OutputFormat,
    /// More on stderr; twice for everything.
    #[arg(short, long, global = true, help_heading = GLOBAL, display_order = 904, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Only errors on stderr.
    #[arg(short, long, global = true, help_heading = GLOBAL, display_order = 905)]
    quiet: bool,
    /// Language of messages; default: $TONGBAO_LANG, else that of the locale.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 903, value_enum)]
    lang: Option<CommandLanguage>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Looks at a database or files, guesses what is what, and writes the configuration.
    Init(Box<init::InitArguments>),
    /// The whole job on a sample register, without any server.
    Demo(demo::DemoArguments),
    /// One report now.
    Run(run::RunArguments),
    /// The figures alone.
    Rates(rates::RatesArguments),
    /// The definitions in words: fields, lists and relations.
    Rules(rules::RulesArguments),
    /// Runs due reports until SIGTERM.
    Daemon,
    /// The coming slots.
    Next(daemon::NextArguments),
    /// Recorded runs or slots, newest first.
    Runs(runs::ListArguments),
    /// One run with figures and deliveries.
    Show(show::ShowArguments),
    /// A run's documents again, byte for byte.
    Reprint(runs::ReprintArguments),
    /// Releases a held run, with its number, and sends it.
    Approve(decide::ApproveArguments),
    /// Replaces sections of a held run by the office's own words; figures and tables stay.
    Amend(amend::AmendArguments),
    /// Closes a held run without releasing it.
    Reject(decide::RejectArguments),
    /// The register of document numbers, the next free ones, and what waits for one.
    Numbers(numbers::NumbersArguments),
    /// Samples that a person looks at (抽查), and what was found in them.
    Recheck(recheck::RecheckArguments),
    /// Deliveries and their state.
    Outbox(outbox::OutboxArguments),
    /// Lets a schedule rest.
    Pause(pause::PauseArguments),
    /// Lets a paused schedule go on.
    Resume(pause::PauseArguments),
    /// Accounts of the web console.
    People(people::PeopleArguments),
    /// A copy of the state, also while the daemon runs.
    Backup(backup::BackupArguments),
    /// Rebuilds the state from a copy; nothing is sent again automatically.
    Restore(backup::RestoreArguments),
    /// Looks whether anything on record has been changed, and lists the audit log.
    Verify(verify::VerifyArguments),
    /// Reports line by line what is right, wrong, and what to do.
    Check(check::CheckArguments),
    /// Fills a database with a synthetic register.
    Sample(sample::SampleArguments),
    /// JSON Schema of the configuration; with --config, with the names of its own definitions.
    Schema,
    /// Shell completions, which know the configured reports and the recorded runs.
    Completions {
        /// The shell that they are for.
        shell: clap_complete::Shell,
    },
    /// Manual page.
    Man,
}

/// Time for work that was cut off to let go of what it holds.
const CUT_OFF: std::time::Duration = std::time::Duration::from_secs(2);

/// Parses the arguments, runs the command and returns its exit code.
pub fn main() -> ExitCode {
    memory::seal();
    crate::source::wipe_sqlite();
    let mut words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if words.next().as_deref() == Some(crate::source::READER_COMMAND) {
        return crate::source::read_for_parent(words);
    }
    let environment = environment();
    tongbao_message::register(&language::CATALOGUES);
    let language = CommandLanguage::choose(help::asked(std::env::args_os()), &environment);
    complete::answer(|| help::command(Arguments::command(), language));
    let arguments: Arguments = help::parse(language);
    log::start(arguments.verbose, arguments.quiet, arguments.log_format == OutputFormat::Json);
    let context = Context {
        is_named: arguments.config.is_some(),
        config: arguments.config.unwrap_or_else(default_config),
        format: arguments.format,
        quiet: arguments.quiet,
        language,
        language_is_chosen: arguments.lang.is_some() || environment.contains_key("TONGBAO_LANG"),
        clock: Clock::System,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&language.say(message!("error-cannot-start", error)));
            return ExitCode::from(1);
        }
    };
    let code = match runtime.block_on(execute(&context, arguments.command)) {
        Ok(code) => code,
        Err(CommandFailure::Closed) => ExitCode::from(CommandFailure::Closed.exit_code()),
        Err(failure) => {
            context.note(message!("error", problem = failure));
            ExitCode::from(failure.exit_code())
        }
    };
    // Work that was cut off may be in the midst of a page; nobody waits for its end.
    runtime.shutdown_timeout(CUT_OFF);
    code
}

async fn execute(context: &Context, command: Command) -> Result<ExitCode, CommandFailure> {
    // Each command is a future of its own on the heap: together they would be one as large as the largest.
    match command {
        Command::Init(arguments) => Box::pin(init::execute(context, &arguments)).await,
        Command::Demo(arguments) => Box::pin(demo::execute(context, &arguments)).await,
        Command::Run(arguments) => Box::pin(run::execute(context, &arguments)).await,
        Command::Rates(arguments) => Box::pin(rates::execute(context, &arguments)).await,
        Command::Rules(arguments) => Box::pin(rules::execute(context, &arguments)).await,
        Command::Daemon => Box::pin(daemon::execute(context)).await,
        Command::Next(arguments) => Box::pin(daemon::next(context, &arguments)).await,
        Command::Runs(arguments) => Box::pin(runs::list(context, &arguments)).await,
        Command::Show(arguments) => Box::pin(show::execute(context, &arguments)).await,
        Command::Reprint(arguments) => Box::pin(runs::reprint(context, &arguments)).await,
        Command::Approve(arguments) => Box::pin(decide::approve(context, &arguments)).await,
        Command::Amend(arguments) => Box::pin(amend::execute(context, &arguments)).await,
        Command::Reject(arguments) => Box::pin(decide::reject(context, &arguments)).await,
        Command::Numbers(arguments) => Box::pin(numbers::execute(context, &arguments)).await,
        Command::Recheck(arguments) => Box::pin(recheck::execute(context, &arguments)).await,
        Command::Outbox(arguments) => Box::pin(outbox::execute(context, &arguments)).await,
        Command::Pause(arguments) => Box::pin(pause::execute(context, &arguments, true)).await,
        Command::Resume(arguments) => Box::pin(pause::execute(context, &arguments, false)).await,
        Command::People(arguments) => Box::pin(people::execute(context, &arguments)).await,
        Command::Backup(arguments) => Box::pin(backup::backup(context, &arguments)).await,
        Command::Restore(arguments) => Box::pin(backup::restore(context, &arguments)).await,
        Command::Verify(arguments) => Box::pin(verify::execute(context, &arguments)).await,
        Command::Check(arguments) => Box::pin(check::execute(context, &arguments)).await,
        Command::Sample(arguments) => Box::pin(sample::execute(context, &arguments)).await,
        Command::Schema => schema(context),
        Command::Completions { shell } => print_bytes(&complete::script(shell)?),
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(CommandFailure::stdout)?;
            print_bytes(&page)
        }
    }
}

/// The schema with the names of a configuration that is named and can be read, else that of any office.
fn schema(context: &Context) -> Result<ExitCode, CommandFailure> {
    let loaded = context.is_named.then(|| context.loaded());
    print_json(&match loaded {
        Some(Ok(loaded)) => config::json_schema_of(&loaded.settings.indicators),
        Some(Err(_)) => {
            context.warn(&[message!("schema-without-own-names")]);
            config::json_schema()
        }
        None => config::json_schema(),
    })
}

/// A day that is written in another form.
#[derive(Debug, thiserror::Error, Worded)]
struct DayError;

/// What is no number of a run.
#[derive(Debug, thiserror::Error, Worded)]
struct RunNumberError;

/// The number of a run on the command line.
fn run_number(text: &str) -> Result<i64, RunNumberError> {
    text.trim().parse().map_err(|_| RunNumberError)
}

/// A day of the command line.
fn day(text: &str) -> Result<jiff::civil::Date, DayError> {
    text.parse().map_err(|_| DayError)
}
