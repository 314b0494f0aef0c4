//! `check`: line by line what is right, wrong, and what to do.

mod data;
mod findings;
mod outside;
mod plans;
mod secrets;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::{Message, message};

use jiff::civil::Date;

use super::Context;
use super::failure::CommandFailure;
use super::progress::PullProgress;
use crate::config::settings::Settings;
use crate::indicator::unread::SourceFindings;
use crate::layout::metrics::{Metrics, TypeRole};
use crate::pipeline::{self, Engine, unit_extracts};
use crate::ranking::remark::{Remark, of_source};
use crate::ranking::snapshot::Snapshot;
use crate::render::fonts::FontSet;
use crate::render::templates::Templates;
use crate::report::sample;
use crate::source::{Source, garbled_columns};
use crate::store::{Store, StoreError, access};
use findings::{CheckFindings, show};
use outside::outside;

pub(super) use findings::CheckLine;

#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// Without database and mail server.
    #[arg(long)]
    offline: bool,
    /// Without reading the register itself.
    #[arg(long)]
    quick: bool,
    /// Measure a document against GB/T 9704-2012 instead.
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    layout: Option<PathBuf>,
}

/// What a check says of lists that were just described, without printing it: what can be known before the register
/// is read.
pub(super) async fn of_lists(settings: &Settings, fonts: Option<&FontSet>, today: Date) -> Vec<CheckLine> {
    let mut findings = CheckFindings::kept();
    outside(settings, fonts, today, &mut findings).await;
    findings.lines
}

/// The same of what was read.
pub(super) fn of_register(settings: &Settings, snapshot: &Snapshot) -> Vec<CheckLine> {
    let mut findings = CheckFindings::kept();
    data::judge(settings, snapshot, &mut findings);
    findings.lines
}

pub(super) async fn execute(
    context: &Context,
    arguments: &CheckArguments,
) -> Result<ExitCode, CommandFailure> {
    if let Some(file) = &arguments.layout {
        return super::layout::execute(context, file);
    }
    let mut findings = CheckFindings::new(context);
    if let Some(loaded) = findings.add(message!("configuration"), context.loaded()) {
        let known = loaded.warnings;
        for warning in &known {
            findings.warning(message!("configuration"), warning.clone());
        }
        secrets::judge(&context.config, &mut findings);
        let mut settings = loaded.settings;
        if !arguments.offline && settings.code_lists.is_none() {
            findings.looking_at(message!("code-lists"));
            let read = pipeline::read_code_lists(&settings).await;
            findings.away |= read.as_ref().err().is_some_and(|error| error.is_unavailable());
            let Some(read) = findings.add(message!("code-lists"), read) else { return ended(findings) };
            // What the clauses name must be in the lists.
            match context.with_code_lists(&read) {
                Ok(read) => {
                    let further = read.warnings.into_iter().filter(|warning| !known.contains(warning));
                    further.for_each(|warning| findings.warning(message!("configuration"), warning));
                    settings = read.settings;
                }
                Err(problem) => {
                    findings.error(message!("configuration"), &problem);
                    return ended(findings);
                }
            }
        }
        if !arguments.offline && !settings.recipient_lists.is_empty() {
            findings.looking_at(message!("recipients"));
            let listed = pipeline::add_listed(&mut settings).await;
            findings.away |= listed.as_ref().err().is_some_and(|error| error.is_unavailable());
            findings.add(message!("recipients"), listed);
        }
        let fonts = inside(context, &settings, &mut findings).await;
        if !arguments.offline {
            let now = context.clock.now();
            let today = now.to_zoned(settings.campaign.time_zone.clone()).date();
            let readable = outside(&settings, fonts.as_ref(), today, &mut findings).await;
            match (readable, arguments.quick) {
                (true, false) => register(context, settings, &mut findings).await,
                (true, true) => first_records(&settings, &mut findings).await,
                (false, _) => {}
            }
        }
    }
    ended(findings)
}

/// Shows what was found; the exit code says whether it is right.
fn ended(findings: CheckFindings) -> Result<ExitCode, CommandFailure> {
    let (errors, away) = (findings.errors(), findings.away);
    show(findings)?;
    Ok(match (errors > 0, away) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(75),
        (true, false) => ExitCode::from(2),
    })
}

async fn inside(context: &Context, settings: &Settings, findings: &mut CheckFindings) -> Option<FontSet> {
    findings.looking_at(message!("templates"));
    if let Some(templates) = findings.add(message!("templates"), Templates::load(&settings.templates_dir)) {
        for report in settings.reports.values() {
            let samples = sample::compositions(settings, report);
            findings.add(message!("template-of", report = report.name), templates.check(report, &samples));
            if !unit_extracts::listed(settings, report).is_empty() {
                let own = templates.check(&unit_extracts::own_page(report), &samples);
                findings.add(message!("own-pages-of", report = report.name), own);
            }
        }
    }
    findings.looking_at(message!("fonts"));
    let fonts = findings.add(message!("fonts"), FontSet::load(&settings.fonts));
    if let Some(fonts) = &fonts {
        let campaign = &settings.campaign;
        let texts = [&campaign.name, &campaign.issuer, &campaign.addressee];
        let texts =
            texts.into_iter().chain(&campaign.copy_to).map(|text| ("the configuration", text.as_str()));
        findings.add(message!("glyphs"), glyphs(texts, fonts));
    }
    // Opening the state takes it away from everybody else, so this is looked at first.
    findings.looking_at(message!("state-folder"));
    let loose = access::loose(&settings.state_dir);
    let sound = state(context, settings, findings).await;
    findings.add(message!("state-folder"), sound);
    if let Some(first) = loose.first() {
        let (count, first, dir) = (loose.len(), first.display(), settings.state_dir.display());
        let text = message!("others-than-the-owner-could-read", count, first, dir);
        findings.warning(message!("state-folder"), text);
    }
    fonts
}

/// The state can be opened, and its database is sound; then what depends on it.
async fn state(
    context: &Context,
    settings: &Settings,
    findings: &mut CheckFindings,
) -> Result<(), StoreError> {
    let store = Store::look(&settings.state_dir).await?;
    let sound = store.verify().await;
    let sound = match settings.state_dir.exists() {
        true => sound.and_then(|()| access::has_room(&settings.state_dir)),
        false => sound,
    };
    if sound.is_ok() {
        plans::judge(settings, &store, context.clock.now(), findings).await?;
    }
    store.close().await;
    sound
}

/// Reads the register once, as a run does, and judges what came.
async fn register(context: &Context, mut settings: Settings, findings: &mut CheckFindings) {
    // A check leaves nothing behind.
    let reasons = reasons_to_read_everything(&settings);
    if settings.source.incremental.take().is_some() && !reasons.is_empty() {
        let text = message!("make-every-pull-read-everything", reasons = reasons.join(", "));
        findings.warning(Message::text("source.incremental"), text);
    }
    let engine = match Engine::new(settings) {
        Ok(engine) => engine,
        // Fonts or templates have been found wrong above.
        Err(_) => return,
    };
    let now = context.clock.now();
    let today = now.to_zoned(engine.settings.campaign.time_zone.clone()).date();
    findings.flush();
    findings.spinner.end();
    let bar = PullProgress::new(context.quiet);
    match engine.pull(today, now, |progress| bar.update(progress)).await {
        Ok(snapshot) => data::judge(&engine.settings, &snapshot, findings),
        Err(error) => {
            // What was seen of the texts may be the reason.
            first_records(&engine.settings, findings).await;
            findings.error(message!("records"), &error);
        }
    }
}

/// What of the configuration leaves incremental pulls nothing to save.
fn reasons_to_read_everything(settings: &Settings) -> Vec<String> {
    let relations = settings.indicators.set_relations().map(|relation| format!("relations.{}", relation.key));
    relations.chain(settings.source.exceptions.iter().map(|_| "source.exceptions".to_owned())).collect()
}

/// What the first records of a database say of the register's columns, and its catalogue of its tables.
async fn first_records(settings: &Settings, findings: &mut CheckFindings) {
    let Ok(mut source) = Source::open(&settings.source).await else { return };
    let partly_shown = source.partly_shown().await;
    let texts = source.first_texts().await.unwrap_or_default();
    let garbled = garbled_columns(&settings.source, &texts);
    let found = SourceFindings { garbled, partly_shown, ..SourceFindings::default() };
    of_source(&found).into_iter().for_each(|Remark { what, text, .. }| findings.warning(what, text));
}

/// Whether texts can be printed; each comes with the place that has it.
fn glyphs<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>, fonts: &FontSet) -> Result<(), Message> {
    let mut missing = BTreeMap::new();
    for (place, text) in texts {
        let lacking = text.chars().filter(|c| fonts.glyph(TypeRole::FangSong, *c).is_none());
        lacking.for_each(|c| {
            missing.entry(c).or_insert(place);
        });
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = missing
        .into_iter()
        .map(|(c, place)| format!("\"{c}\" (U+{:04X}, in {place})", u32::from(c)))
        .collect();
    Err(message!("no-font-has-add-one-that", characters = list.join(", ")))
}
