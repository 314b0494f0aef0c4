//! `check`: line by line what is right, wrong, and what to do.

mod data;
mod plans;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::{Message, Worded, message};

use jiff::civil::Date;
use serde_json::json;

use super::columns::finding;
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::progress::{PullProgress, Spinner};
use super::{Context, print_json, print_raw};
use crate::config::settings::Settings;
use crate::indicator::unread::SourceFindings;
use crate::layout::metrics::{Metrics, TypeRole};
use crate::pipeline::{self, Engine, unit_extracts};
use crate::ranking::remark::{Remark, of_source};
use crate::ranking::results::Snapshot;
use crate::register::unit::{Unit, Units};
use crate::render::fonts::FontSet;
use crate::render::templates::Templates;
use crate::report::sample;
use crate::source::{Source, SourceError};
use crate::store::{Store, StoreError, access};

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

/// One finding.
pub(super) struct CheckLine {
    pub(super) level: &'static str,
    pub(super) what: Message,
    pub(super) text: Message,
}

/// All findings so far. For a person each is printed as soon as it is whole, and on a terminal a spinner
/// names what is being looked at.
struct CheckFindings {
    lines: Vec<CheckLine>,
    away: bool,
    /// The person's language; `None` where all are printed together as JSON.
    language: Option<CommandLanguage>,
    /// How many lines have been printed.
    printed: usize,
    spinner: Spinner,
    closed: Option<CommandFailure>,
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

impl CheckFindings {
    /// Findings that are printed nowhere.
    fn kept() -> CheckFindings {
        CheckFindings {
            lines: Vec::new(),
            away: false,
            language: None,
            printed: 0,
            spinner: Spinner::new(true, CommandLanguage::English),
            closed: None,
        }
    }

    fn new(context: &Context) -> CheckFindings {
        CheckFindings {
            lines: Vec::new(),
            away: false,
            language: (!context.is_json()).then_some(context.language),
            printed: 0,
            spinner: Spinner::new(context.quiet, context.language),
            closed: None,
        }
    }

    /// Names what is looked at next.
    fn looking_at(&mut self, what: Message) {
        self.flush();
        self.spinner.show(&what);
    }

    /// Prints what has been found since; the last line may still be added to before.
    fn flush(&mut self) {
        let Some(language) = self.language else { return };
        for line in &self.lines[self.printed..] {
            let text = finding(language, line.level, &line.what, &line.text);
            let result = self.spinner.suspend(|| print_raw(&text));
            self.closed = self.closed.take().or(result.err());
        }
        self.printed = self.lines.len();
    }

    fn add<T, E: Worded>(&mut self, what: impl Into<Message>, result: Result<T, E>) -> Option<T> {
        let (level, text) = match &result {
            Ok(_) => ("ok", Message::default()),
            Err(error) => ("error", error.message()),
        };
        self.line(level, what, text);
        result.ok()
    }

    fn ok(&mut self, what: impl Into<Message>, text: Message) {
        self.line("ok", what, text);
    }

    fn warning(&mut self, what: impl Into<Message>, text: Message) {
        self.line("warning", what, text);
    }

    fn error(&mut self, what: impl Into<Message>, error: &impl Worded) {
        self.line("error", what, error.message());
    }

    fn errors(&self) -> usize {
        self.lines.iter().filter(|line| line.level == "error").count()
    }

    fn line(&mut self, level: &'static str, what: impl Into<Message>, text: Message) {
        self.flush();
        self.lines.push(CheckLine { level, what: what.into(), text });
    }
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
        for warning in loaded.warnings {
            findings.warning(message!("configuration"), warning);
        }
        secrets::judge(&context.config, &mut findings);
        let mut settings = loaded.settings;
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
    settings.source.incremental = None;
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

/// What the first records of a database say of the register's columns, and its catalogue of its tables.
async fn first_records(settings: &Settings, findings: &mut CheckFindings) {
    let Ok(mut source) = Source::open(&settings.source).await else { return };
    let partly_shown = source.partly_shown().await;
    let garbled = source.garbled().await.unwrap_or_default();
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

/// Whether the register can be read.
async fn outside(
    settings: &Settings,
    fonts: Option<&FontSet>,
    today: Date,
    findings: &mut CheckFindings,
) -> bool {
    let before = findings.errors();
    findings.looking_at(message!("database"));
    let opened = Source::open(&settings.source).await;
    findings.away |= opened.as_ref().err().is_some_and(|error| error.is_unavailable());
    if let Some(mut source) = findings.add(message!("database"), opened) {
        if let Some((engine, shortcomings)) = source.engine() {
            if let Some(line) = findings.lines.last_mut() {
                line.text = Message::text(engine);
            }
            shortcomings.into_iter().for_each(|text| findings.warning(message!("database"), text));
        }
        for (part, result) in source.check().await {
            if let Some(found) = findings.add(part, result)
                && let Some(line) = findings.lines.last_mut()
            {
                line.text = found;
            }
        }
        let units = source.units().await;
        let aliases = &settings.source.units.aliases;
        let units = units.and_then(|units| match units.is_empty() {
            true => Err(SourceError::NoUnits),
            false => Ok(Units::at(units, today)?.with_aliases(aliases)?),
        });
        if let Some(units) = findings.add(message!("units-2"), units) {
            if let Some(line) = findings.lines.last_mut() {
                line.text = unit_tree(&units);
            }
            let levels: BTreeSet<u32> = units.from_above().map(|unit| units.level(unit)).collect();
            if settings.ranking.level.is_none() && levels.len() > 1 {
                let text = message!("units-on-levels-are-ranked-together", levels = levels.len());
                findings.warning(message!("ranking-level"), text);
            }
            let nameless = nameless(&units);
            if !nameless.is_empty() {
                let (count, listed) = (nameless.len(), shortened(&nameless));
                findings.warning(message!("unit-names"), message!("units-have-no-name", count, listed));
            }
            if let Some(there) = settings.ranking.lacks_units(&units) {
                findings.add(message!("ranking-level"), Err::<(), _>(SourceError::NoUnitsOfLevel(there)));
            }
            if let Some((kind, there)) = settings.indicators.kind_without_units(&units) {
                findings
                    .add(message!("kinds-of-unit"), Err::<(), _>(SourceError::no_units_of_kind(kind, there)));
            }
            if let Some(fonts) = fonts {
                let names = units.list().iter().map(|unit| (unit.code.as_str(), unit.name.as_str()));
                findings.add(message!("glyphs-of-unit-names"), glyphs(names, fonts));
            }
            findings.add(message!("units-of-recipients"), answered_for(settings, &units));
        }
    }
    let readable = findings.errors() == before;
    match pipeline::transport(settings) {
        Some(transport) => {
            findings.looking_at(message!("mail-server"));
            let result = transport.check().await;
            findings.away |= result.as_ref().err().is_some_and(|error| error.is_unavailable());
            findings.add(message!("mail-server"), result);
            transport.close().await;
        }
        None => {
            let text = message!("no-smtp-reports-are-recorded-but");
            findings.warning(message!("mail-server"), text);
        }
    }
    readable
}

/// How many units there are, of which kinds, how they stand in the tree, and which have ended.
fn unit_tree(units: &Units) -> Message {
    let kinds: BTreeSet<&str> = units.list().iter().map(|unit| unit.kind.as_str()).collect();
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
    let mut parts = vec![message!("units", count = units.len(), kinds)];
    let mut levels: BTreeMap<u32, usize> = BTreeMap::new();
    units.from_above().for_each(|unit| *levels.entry(units.level(unit)).or_default() += 1);
    if levels.len() > 1 {
        let levels: Vec<String> = levels.values().map(usize::to_string).collect();
        parts.push(message!("on-levels-from-above", levels = levels.join(", ")));
    }
    let unknown = units.unknown_parents();
    if !unknown.is_empty() {
        parts.push(message!("at-the-top-for-their-parents", codes = unknown.join(", ")));
    }
    let lost: Vec<&str> =
        units.successions().iter().filter(|s| s.successor.is_none()).map(|s| s.code.as_str()).collect();
    if !lost.is_empty() {
        parts.push(message!("ended-without-a-valid-successor", codes = lost.join(", ")));
    }
    Message::joined(parts, "")
}

/// Units that are called like their codes, because the list names them not. Where names serve as codes, all is well.
fn nameless(units: &Units) -> Vec<&str> {
    let is_nameless = |unit: &&Unit| unit.name == unit.code && unit.code.is_ascii();
    units.list().iter().filter(is_nameless).map(|unit| unit.code.as_str()).collect()
}

/// The first of a list of names, and whether there are more.
fn shortened(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

/// Every unit that a recipient answers for exists: a wrong code would get no page and no list.
fn answered_for(settings: &Settings, units: &Units) -> Result<(), Message> {
    let members = settings.recipients.values().flatten();
    let told = |code: &str| match units.position(code) {
        Some(heir) => message!("which-counts-for-now", code, heir = units.list()[heir as usize].code),
        None => Message::text(code),
    };
    let wrong: Vec<Message> = members
        .filter_map(|member| Some((member, member.unit.as_deref()?)))
        .filter(|(_, code)| units.own_position(code).is_none())
        .map(|(member, code)| message!("named-unit", name = member.name, unit = told(code)))
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(message!("no-such-unit-in-source-units", names = Message::joined(wrong, ", "))),
    }
}

fn show(mut findings: CheckFindings) -> Result<(), CommandFailure> {
    findings.flush();
    findings.spinner.end();
    if let Some(failure) = findings.closed {
        return Err(failure);
    }
    if findings.language.is_none() {
        let line = |line: &CheckLine| json!({ "level": line.level, "what": line.what.to_string(), "text": line.text.to_string() });
        print_json(&json!(findings.lines.iter().map(line).collect::<Vec<_>>()))?;
    }
    Ok(())
}
