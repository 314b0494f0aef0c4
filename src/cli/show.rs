//! `show`: everything on record about one run.

use std::process::ExitCode;
use tongbao_message::{Message, Worded, message};

use clap_complete::engine::ArgValueCandidates;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::columns::{self, columns, local_text, nominal, period};
use super::complete;
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::rules::label;
use super::{Context, print, print_json};
use crate::config::settings::{Campaign, Indicators, Settings};
use crate::report::canonical;
use crate::report::document::Align::{Left, Right};
use crate::store::amendments::{Amendment, in_force};
use crate::store::decided;
use crate::store::input_files::Input;
use crate::store::outbox::Delivery;
use crate::store::runs::{ListedFile, Provenance, Run};

#[derive(Debug, clap::Args)]
pub(super) struct ShowArguments {
    /// Number of the run.
    #[arg(value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    run: i64,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &ShowArguments,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let store = context.read(&settings.state_dir).await?;
    let run = store.run(arguments.run).await?;
    let (figures, provenance) = store.details(run.id).await?;
    let deliveries = store.deliveries(Some(run.id)).await?;
    let documents = store.listed_documents(run.id).await?;
    let inputs = store.inputs(run.id).await?;
    let amendments = store.amendments(run.id).await?;
    store.close().await;
    if context.is_json() {
        return print_json(&json!({
            "run": run,
            "figures": figures,
            "definitions": definitions(&settings, &provenance),
            "provenance": provenance,
            "inputs": inputs,
            "amendments": amendments,
            "documents": documents,
            "deliveries": deliveries,
        }));
    }
    let (language, zone) = (context.language, &settings.campaign.time_zone);
    let parts = [
        facts(language, &run, &figures, &amendments, &settings.campaign),
        figure_table(language, &figures, &settings.indicators),
        document_table(language, &documents),
        delivery_table(language, &deliveries, zone),
        origin(language, &provenance, &inputs),
    ];
    print(&parts.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The definitions that a run was made under, as they are written; null where they are not known.
fn definitions(settings: &Settings, provenance: &Provenance) -> Option<Value> {
    let then = settings.under(provenance.deciding.as_deref()?).ok()?;
    Some(canonical::json(&then.indicators))
}

/// One fact a line, its name in front.
fn lines(language: CommandLanguage, facts: &[(Message, String)]) -> String {
    columns::facts(language, 15, facts)
}

fn facts(
    language: CommandLanguage,
    run: &Run,
    figures: &Value,
    amendments: &[Amendment],
    campaign: &Campaign,
) -> String {
    let (zone, zone_name) = (&campaign.time_zone, &campaign.time_zone_name);
    let local = |instant: &str| local_text(instant, zone);
    let mut facts = vec![
        (message!("run"), format!("{} {} ({})", run.id, run.report, language.say(&run.kind))),
        (message!("period"), period(language, &run.from, &run.to)),
        (message!("state"), language.say(run.state.message())),
        (message!("number"), run.number.clone().unwrap_or_else(|| language.say(message!("none")))),
        (
            message!("slot-2"),
            run.nominal.as_deref().map_or_else(|| language.say(message!("ad-hoc")), nominal),
        ),
    ];
    if let Some(since) = &run.late_since {
        facts.push((message!("late"), language.say(message!("due", since))));
    }
    facts.extend(run.held.iter().map(|reason| (message!("held-2"), reason.clone())));
    facts.extend(in_force(amendments).into_iter().map(|amendment| {
        let section = if amendment.section.is_empty() {
            language.say(message!("opening"))
        } else {
            amendment.section.clone()
        };
        (
            message!("amended"),
            language.say(message!("section-by-on", section, by = amendment.by, at = local(&amendment.at))),
        )
    }));
    if let (Some(by), Some(at)) = (&run.decided_by, &run.decided_at) {
        facts.push((message!("decided"), language.say(decided(run.state, Some(by), Some(&local(at))))));
    }
    facts.extend(run.why.iter().map(|why| (message!("reason"), why.clone())));
    if let (Some(verdict), "acceptance") = (&run.verdict, run.kind.as_str()) {
        facts.push((
            message!("verdict"),
            format!(
                "{} ({})",
                language.say(verdict.key().replace('_', " ")),
                language.say(message!("round", number = run.round))
            ),
        ));
    }
    let compared = run.against.map_or_else(
        || language.say(message!("none")),
        |against| format!("{} {against}", language.say(message!("run"))),
    );
    facts.extend([
        (message!("compared-with"), compared),
        (message!("times"), zone_name.clone()),
        (message!("pulled"), local(&run.pulled_at)),
        (message!("recorded-2"), local(&run.recorded_at)),
        (
            message!("rows"),
            language.say(message!(
                "in-the-register-duplicates-with-an",
                records = run.records,
                duplicates = figures["duplicates"],
                unknown = figures["unknown_unit_records"]
            )),
        ),
    ]);
    lines(language, &facts)
}

/// The rates that the run has: those of the built-in three that were measured, then the office's own, by their label of
/// now.
fn figure_table(language: CommandLanguage, figures: &Value, indicators: &Indicators) -> String {
    let heads = [
        (message!("head-rate"), Left),
        (message!("head-numerator"), Right),
        (message!("head-denominator"), Right),
        (message!("head-value"), Right),
        (message!("head-target"), Right),
        (message!("head-met"), Left),
    ];
    let totals = &figures["totals"];
    let row = |(name, rate): (String, &Value)| {
        let text = |key: &str| rate[key].as_str().map_or("-".to_owned(), percent);
        let met = rate["met"].as_bool().map_or("-", |met| if met { "yes" } else { "no" });
        vec![
            name,
            rate["numerator"].to_string(),
            rate["denominator"].to_string(),
            text("rate"),
            text("target"),
            language.say(met),
        ]
    };
    let built_in = ["coverage", "completeness", "accuracy"].map(|key| (language.say(key), &totals[key]));
    let own = totals["own_indicators"].as_object().into_iter().flatten().map(|(key, rate)| {
        let known = indicators.own.iter().find(|own| own.key == *key);
        (known.map_or(key.as_str(), |own| label(language, &own.label)).to_owned(), rate)
    });
    let measured = built_in.into_iter().filter(|(_, rate)| rate.is_object()).chain(own);
    columns(language, &heads, &measured.map(row).collect::<Vec<_>>())
}

/// A stored fraction, `0.3712`, as it is printed everywhere else: `37.12%`. Two digits are moved, nothing is rounded.
fn percent(fraction: &str) -> String {
    let (whole, decimals) = fraction.split_once('.').unwrap_or((fraction, ""));
    let decimals = format!("{decimals:0<4}");
    let (front, back) = decimals.split_at(2);
    let whole = format!("{whole}{front}");
    let whole = whole.trim_start_matches('0');
    format!("{}.{back}%", if whole.is_empty() { "0" } else { whole })
}

fn document_table(language: CommandLanguage, documents: &[ListedFile]) -> String {
    let heads =
        [(message!("head-document"), Left), (message!("head-bytes"), Right), (message!("head-sha"), Left)];
    let row = |file: &ListedFile| {
        let name = if file.draft {
            format!("{} ({})", file.name, language.say(message!("draft")))
        } else {
            file.name.clone()
        };
        let lost = || language.say(message!("lost-restore-the-archive-from-a"));
        let bytes = file.bytes.map_or_else(lost, |bytes| bytes.to_string());
        vec![name, bytes, file.sha256.clone()]
    };
    columns(language, &heads, &documents.iter().map(row).collect::<Vec<_>>())
}

fn delivery_table(language: CommandLanguage, deliveries: &[Delivery], zone: &TimeZone) -> String {
    if deliveries.is_empty() {
        return language.say(language.line(message!("no-mails")));
    }
    let heads = [
        (message!("head-mail"), Right),
        (message!("head-state"), Left),
        (message!("head-to"), Left),
        (message!("head-changed"), Left),
        (message!("head-answer"), Left),
    ];
    let row = |mail: &Delivery| {
        vec![
            mail.id.to_string(),
            language.say(mail.state.message()),
            mail.address.clone(),
            local_text(&mail.changed_at, zone),
            mail.answer.as_ref().map(|answer| language.say(answer)).unwrap_or_default(),
        ]
    };
    columns(language, &heads, &deliveries.iter().map(row).collect::<Vec<_>>())
}

/// What the figures and pages were made of and with.
fn origin(language: CommandLanguage, provenance: &Provenance, inputs: &[Input]) -> String {
    let mut facts: Vec<(Message, String)> = inputs
        .iter()
        .map(|input| (message!("read-file"), format!("{}  {}", input.sha256, input.name)))
        .collect();
    facts.extend(provenance.pull.map(|mode| (message!("register-read"), language.say(mode.message()))));
    facts.extend([
        (message!("version"), provenance.version.clone()),
        (message!("configuration"), provenance.configuration.clone()),
        (message!("templates"), provenance.templates.clone()),
    ]);
    facts.extend(
        provenance.fonts.iter().map(|(file, digest)| (message!("font"), format!("{digest}  {file}"))),
    );
    lines(language, &facts)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn fractions_are_shown_as_percent() {
        for (fraction, shown) in [
            ("0.3712", "37.12%"),
            ("1", "100.00%"),
            ("0.85", "85.00%"),
            ("0.005", "0.50%"),
            ("1.25", "125.00%"),
            ("0", "0.00%"),
        ] {
            assert_eq!(percent(fraction), shown);
        }
    }
}
