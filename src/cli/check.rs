//! `check`: line by line what is right, wrong, and what to do.

use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::{Context, print, print_json};
use crate::config;
use crate::config::settings::Settings;
use crate::layout::metrics::{Metrics, Role};
use crate::pipeline;
use crate::render::fonts::FontSet;
use crate::render::templates::Templates;
use crate::source::Source;
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Without database and mail server.
    #[arg(long)]
    offline: bool,
}

/// One finding.
struct Line {
    level: &'static str,
    what: String,
    text: String,
}

/// All findings so far.
#[derive(Default)]
struct Findings {
    lines: Vec<Line>,
    away: bool,
}

impl Findings {
    fn add<T, E: std::fmt::Display>(&mut self, what: &str, result: Result<T, E>) -> Option<T> {
        let (level, text) = match &result {
            Ok(_) => ("ok", String::new()),
            Err(error) => ("error", error.to_string()),
        };
        self.lines.push(Line { level, what: what.to_owned(), text });
        result.ok()
    }
}

pub async fn execute(context: &Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut findings = Findings::default();
    let environment = std::env::vars().collect();
    if let Some(loaded) = findings.add("configuration", config::load(&context.config, &environment)) {
        for warning in loaded.warnings {
            findings.lines.push(Line { level: "warning", what: "configuration".into(), text: warning });
        }
        inside(&loaded.settings, &mut findings).await;
        if !arguments.offline {
            outside(&loaded.settings, &mut findings).await;
        }
    }
    show(context, &findings)?;
    let failed = findings.lines.iter().any(|line| line.level == "error");
    Ok(match (failed, findings.away) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(75),
        (true, false) => ExitCode::from(2),
    })
}

async fn inside(settings: &Settings, findings: &mut Findings) {
    if let Some(templates) = findings.add("templates", Templates::load(&settings.templates_dir)) {
        for report in settings.reports.values() {
            findings.add(&format!("template of {}", report.name), templates.require(report.kind.folder()));
        }
    }
    if let Some(fonts) = findings.add("fonts", FontSet::load(&settings.fonts)) {
        findings.add("glyphs", glyphs(settings, &fonts));
    }
    findings.add("state folder", state(settings).await);
}

/// The state can be opened, and its database is sound.
async fn state(settings: &Settings) -> Result<(), StoreError> {
    let store = Store::open(&settings.state_dir).await?;
    let sound = store.verify().await;
    store.close().await;
    sound
}

/// The texts of the configuration can be printed.
fn glyphs(settings: &Settings, fonts: &FontSet) -> Result<(), String> {
    let campaign = &settings.campaign;
    let texts = [&campaign.name, &campaign.issuer, &campaign.addressee].into_iter().chain(&campaign.copy_to);
    let missing: Vec<String> = texts
        .flat_map(|text| text.chars())
        .filter(|c| fonts.glyph(Role::FangSong, *c).is_none())
        .map(|c| format!("{c} (U+{:04X})", u32::from(c)))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("no font has {}; add one to [fonts] fallback", missing.join(", "))),
    }
}

async fn outside(settings: &Settings, findings: &mut Findings) {
    let opened = Source::open(&settings.source).await;
    findings.away |= opened.as_ref().err().is_some_and(|error| error.is_unavailable());
    if let Some(mut source) = findings.add("database", opened) {
        for (part, result) in source.check().await {
            findings.add(part, result);
        }
        let units = source.units().await;
        if let Some(units) = findings.add("units", units) {
            let kinds: std::collections::BTreeSet<&str> = units.iter().map(|u| u.kind.as_str()).collect();
            let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
            if let Some(line) = findings.lines.last_mut() {
                line.text = format!("{} units ({kinds})", units.len());
            }
        }
    }
    match pipeline::transport(settings) {
        Some(transport) => {
            let result = transport.check().await;
            findings.away |= result.as_ref().err().is_some_and(|error| error.is_unavailable());
            findings.add("mail server", result);
            transport.close().await;
        }
        None => findings.lines.push(Line {
            level: "warning",
            what: "mail server".into(),
            text: "no [smtp]: reports are recorded, but nothing is sent".into(),
        }),
    }
}

fn show(context: &Context, findings: &Findings) -> Result<(), Failure> {
    if context.is_json() {
        let lines: Vec<_> = findings
            .lines
            .iter()
            .map(|line| json!({ "level": line.level, "what": line.what, "text": line.text }))
            .collect();
        print_json(&json!(lines))?;
        return Ok(());
    }
    for line in &findings.lines {
        let text = if line.text.is_empty() { String::new() } else { format!(": {}", line.text) };
        print(&format!("{:<8} {}{text}\n", line.level, line.what))?;
    }
    Ok(())
}
