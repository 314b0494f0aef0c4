//! `numbers`: the register of document numbers 文号登记, what comes next, and what waits for one.

use std::process::ExitCode;
use tongbao_message::message;

use jiff::civil::Date;
use serde_json::json;

use super::columns::{columns, local_text, period};
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::{Context, print, print_json};
use crate::config::settings::Campaign;
use crate::pipeline::Engine;
use crate::report::document::Align::{Left, Right};
use crate::store::Store;
use crate::store::numbers::GivenNumber;
use crate::store::runs::Run;

#[derive(Debug, clap::Args)]
pub(super) struct NumbersArguments {
    /// Only this report.
    #[arg(long, value_name = "NAME")]
    report: Option<String>,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &NumbersArguments,
) -> Result<ExitCode, CommandFailure> {
    let engine = Engine::for_figures(context.load()?.settings)?;
    let report = arguments.report.as_deref();
    if let Some(name) = report {
        engine.report(name)?;
    }
    let store = context.look(&engine.settings.state_dir).await?;
    let given = store.numbers(report).await?;
    let mut held = store.held_runs().await?;
    held.retain(|run| report.is_none_or(|name| run.report == name));
    let next = next(&engine, &store, report, engine.today(context.clock.now())).await?;
    store.close().await;
    if context.is_json() {
        let next: Vec<_> =
            next.iter().map(|(report, number)| json!({ "report": report, "number": number })).collect();
        return print_json(&json!({ "numbers": given, "next": next, "held": held }));
    }
    let (language, campaign) = (context.language, &engine.settings.campaign);
    if given.is_empty() {
        context.note(message!("no-number-has-been-given-yet"));
    } else {
        print(&given_table(language, &given, campaign))?;
    }
    print(&lines(language, &next, &held))?;
    Ok(ExitCode::SUCCESS)
}

/// The next free number of each report; `None` where the office's own register has to say it.
async fn next(
    engine: &Engine,
    store: &Store,
    only: Option<&str>,
    today: Date,
) -> Result<Vec<(String, Option<String>)>, CommandFailure> {
    let mut out = Vec::new();
    for report in engine.settings.reports.values().filter(|r| only.is_none_or(|name| r.name == name)) {
        let number = engine.next_number(store, report, today).await?;
        out.push((report.name.clone(), number.map(|number| number.text)));
    }
    Ok(out)
}

fn given_table(language: CommandLanguage, given: &[GivenNumber], campaign: &Campaign) -> String {
    let released = message!("released", zone = campaign.time_zone_name);
    let heads = [
        (message!("head-number"), Left),
        (message!("head-run"), Right),
        (message!("head-report"), Left),
        (message!("head-period"), Left),
        (released, Left),
        (message!("head-by"), Left),
    ];
    let row = |given: &GivenNumber| {
        vec![
            given.number.clone(),
            given.run.to_string(),
            given.report.clone(),
            period(language, &given.from, &given.to),
            local_text(&given.given_at, &campaign.time_zone),
            given.by.clone().unwrap_or("-".to_owned()),
        ]
    };
    columns(language, &heads, &given.iter().map(row).collect::<Vec<_>>())
}

fn lines(language: CommandLanguage, next: &[(String, Option<String>)], held: &[Run]) -> String {
    let mut text = String::new();
    for (report, number) in next {
        text.push_str(&match number {
            Some(number) => language.line(message!("next-number-of", report, number)),
            None => language.line(message!("next-number-of-none-is-on", report)),
        });
    }
    for run in held {
        let period = period(language, &run.from, &run.to);
        text.push_str(&language.line(message!(
            "waits-for-approval-run",
            run = run.id,
            report = run.report,
            period
        )));
    }
    text
}
