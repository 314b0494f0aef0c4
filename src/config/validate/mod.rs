//! From the file as written to settings that can be relied on. All problems are collected.

mod campaign;
mod console;
mod daemon;
mod definitions;
mod delivery;
mod files;
mod incremental;
mod reading;
mod rules;
mod source;
mod times;

use std::path::PathBuf;

use jiff::SignedDuration;

use super::Loaded;
use super::document::Document;
use super::raw::{RawConfig, RawFonts, RawTemplates};
use super::settings::{Corrections, Fonts, Settings};
use crate::config::values;
use crate::digest::sha256;
pub use rules::preset;

/// Collects problems with their places.
struct Check<'a> {
    document: &'a Document<'a>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Check<'_> {
    fn fail(&mut self, path: &str, message: impl AsRef<str>) {
        self.problems.push(self.document.of_path(path, message.as_ref()));
    }

    /// A problem with a part of a text: `offset` bytes from its beginning.
    fn fail_within(&mut self, path: &str, offset: usize, message: &str) {
        self.problems.push(self.document.of_text(path, offset, message));
    }

    fn warn(&mut self, path: &str, message: impl AsRef<str>) {
        self.warnings.push(self.document.of_path(path, message.as_ref()));
    }

    fn keep<T>(&mut self, path: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.fail(path, message)).ok()
    }
}

/// Validates everything; the problems name file, line and column.
pub(super) fn settings(raw: &RawConfig, document: &Document<'_>) -> Result<Loaded, Vec<String>> {
    let mut check = Check { document, problems: Vec::new(), warnings: Vec::new() };
    let campaign = campaign::campaign(&raw.campaign, &mut check);
    let time_zone = campaign.as_ref().map(|campaign| &campaign.time_zone);
    let source = source::source(&raw.source, raw.state.dir.as_ref(), time_zone, &mut check);
    let indicators = definitions::indicators(raw, time_zone, &mut check);
    let scoring = definitions::scoring(&raw.scoring, &mut check);
    let ranking = definitions::ranking(&raw.ranking, &mut check);
    let recipients = delivery::recipients(raw, &mut check);
    let home = source.as_ref().map(|source| (&source.url, &source.files));
    let recipient_lists = delivery::recipient_lists(raw, home, &mut check);
    let phases = campaign.as_ref().map(|c| c.phases.clone()).unwrap_or_default();
    let reports = delivery::reports(raw, &phases, &mut check);
    let smtp = raw.smtp.as_ref().and_then(|smtp| delivery::mail_server(smtp, &mut check));
    let guards = definitions::guards(&raw.guards, &mut check);
    let daemon = daemon::daemon(raw, &mut check);
    let keep_details = keep_details(&raw.state.keep_details, &mut check);
    let console = console::console(&raw.console, &mut check);
    let templates_dir = PathBuf::from(&raw.templates.dir);
    if raw.templates.dir != RawTemplates::default().dir && !templates_dir.is_dir() {
        check.warn("templates.dir", "is no folder; the built-in templates are used");
    }
    let Check { problems, warnings, .. } = check;
    match (campaign, source, indicators, scoring, ranking, guards, daemon, console) {
        (
            Some(campaign),
            Some(mut source),
            Some(indicators),
            Some(scoring),
            Some(ranking),
            Some(guards),
            Some(daemon),
            Some(console),
        ) if problems.is_empty() => {
            source.register.own = rules::own_columns(&indicators);
            let settings = Settings {
                campaign,
                source,
                indicators,
                scoring,
                ranking,
                reports,
                recipients,
                recipient_lists,
                smtp,
                state_dir: PathBuf::from(&raw.state.dir),
                keep_details,
                guards,
                daemon,
                console,
                corrections: Corrections {
                    masked_id: raw.corrections.masked_id,
                    at_most: raw.corrections.at_most,
                },
                fonts: fonts(&raw.fonts),
                templates_dir,
                hash: hash(raw),
            };
            Ok(Loaded { settings, warnings })
        }
        _ => Err(problems),
    }
}

/// Three months at least: what the office may still be asked about, and the trend of the last bulletins.
fn keep_details(text: &str, check: &mut Check) -> Option<SignedDuration> {
    if text.trim() == "forever" {
        return None;
    }
    let time = check.keep("state.keep_details", values::span(text))?;
    if time < SignedDuration::from_hours(24 * 90) {
        check.fail("state.keep_details", "is less than \"90d\"; give a longer time, or \"forever\"");
    }
    Some(time)
}

fn fonts(raw: &RawFonts) -> Fonts {
    let folders = match raw.folders.is_empty() {
        true => usual_font_folders(),
        false => raw.folders.iter().map(PathBuf::from).collect(),
    };
    Fonts {
        folders,
        fang_song: raw.fang_song.clone(),
        small_title: raw.small_title.clone(),
        hei: raw.hei.clone(),
        kai: raw.kai.clone(),
        song: raw.song.clone(),
        fallback: raw.fallback.clone(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the home folder of the account is no setting")]
fn usual_font_folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or(home.join(".cache"), PathBuf::from);
    vec![
        cache.join("tongbao/fonts"),
        PathBuf::from("/usr/share/tongbao/fonts"),
        PathBuf::from("/usr/share/fonts/opentype/noto"),
        PathBuf::from("/usr/share/fonts"),
        PathBuf::from("/usr/local/share/fonts"),
        home.join(".local/share/fonts"),
    ]
}

/// SHA-256 over the effective configuration. Secrets do not enter it, because they do not serialize:
/// changing a password changes no figure, and the hash is shown.
fn hash(raw: &RawConfig) -> String {
    let text = serde_json::to_string(raw).unwrap_or_default();
    sha256(text.as_bytes())
}
