//! From the file as written to settings that can be relied on. All problems are collected.

mod campaign;
mod code_lists;
mod console;
mod contradictions;
mod counted_records;
mod daemon;
mod definitions;
mod delivery;
mod exceptions;
mod files;
mod incremental;
mod labels;
mod own_indicators;
mod paths;
mod permitted;
mod reading;
mod references;
mod rules;
mod set_relations;
mod source;
mod subject;
mod times;
mod unit_kinds;

use std::path::{Path, PathBuf};
use tongbao_message::{Message, message};

use jiff::SignedDuration;

use super::Loaded;
use super::document::ConfigDocument;
use super::earlier;
use super::raw::{RawConfig, RawFonts, RawTemplates};
use super::settings::{
    CorrectionSettings, CoverageMethod, DatabaseKind, FontSettings, Indicators, Ranking, ReadCodeLists,
    Scoring, Settings, SourceSettings,
};
use crate::exact_values;
pub use rules::{preset, tried_preset};
use tongbao_base::digest::sha256;
use tongbao_rule::ethics;
use unit_kinds::MeasuredRates;

/// Collects problems with their places.
struct Check<'a> {
    document: &'a ConfigDocument<'a>,
    /// Whether these are definitions that a run was made under: its figures stand, are printed with the definitions, and
    /// nothing is counted by them any more, so that what new ones may say does not matter.
    is_stored: bool,
    /// Whether the database distinguishes columns by the case of their letters.
    has_exact_columns: bool,
    /// Where relative paths start.
    folder: PathBuf,
    problems: Vec<Message>,
    warnings: Vec<Message>,
}

impl<'a> Check<'a> {
    fn new(document: &'a ConfigDocument<'a>) -> Check<'a> {
        Check {
            document,
            is_stored: false,
            has_exact_columns: false,
            folder: document.folder(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// A problem of definitions that may be read, but not be in use.
    fn refuse(&mut self, path: &str, message: impl Into<Message>) {
        if !self.is_stored {
            self.fail(path, message);
        }
    }

    fn fail(&mut self, path: &str, message: impl Into<Message>) {
        self.problems.push(self.document.of_path(path, message.into()));
    }

    /// A problem with a part of a text: `offset` bytes from its beginning.
    fn fail_within(&mut self, path: &str, offset: usize, message: Message) {
        self.problems.push(self.document.of_text(path, offset, message));
    }

    /// Refuses names and texts that speak of what the program is not for.
    fn permit<'t>(&mut self, path: &str, texts: impl IntoIterator<Item = &'t str>) {
        self.refuse_spoken(path, texts.into_iter().find_map(ethics::refused_word));
    }

    fn refuse_spoken(&mut self, path: &str, word: Option<&str>) {
        if let Some(word) = word {
            self.refuse(path, message!("speaks-of-the-program-measures-the", word));
        }
    }

    fn warn(&mut self, path: &str, message: impl Into<Message>) {
        self.warnings.push(self.document.of_path(path, message.into()));
    }

    fn keep<T>(&mut self, path: &str, result: Result<T, Message>) -> Option<T> {
        result.map_err(|message| self.fail(path, message)).ok()
    }
}

/// Validates everything; the problems name file, line and column.
pub(super) fn settings(
    written: &RawConfig,
    document: &ConfigDocument<'_>,
    code_lists: Option<&ReadCodeLists>,
) -> Result<Loaded, Vec<Message>> {
    let mut check = Check::new(document);
    let code_lists = code_lists.cloned().or_else(|| written.source.lists.is_empty().then(ReadCodeLists::new));
    let raw = &code_lists::filled(written, code_lists.as_ref(), &mut check);
    let state_dir = check.state_dir(&raw.state.dir);
    let campaign = campaign::campaign(&raw.campaign, &mut check);
    let time_zone = campaign.as_ref().map(|campaign| &campaign.time_zone);
    let source = source::source(&raw.source, &state_dir, time_zone, &mut check);
    check.has_exact_columns = source.as_ref().is_some_and(has_exact_columns);
    let tries_examples = code_lists.is_some();
    let mut indicators = definitions::indicators(raw, time_zone, tries_examples, &mut check);
    source::columns_of_persons(raw, indicators.as_ref(), &mut check);
    let known = indicators.as_ref().map(|indicators| &*indicators.definitions);
    permitted::register(&raw.source.register, known, &mut check);
    let (scoring, ranking) = judged(raw, indicators.as_ref(), &mut check);
    add_unit_kinds(raw, &mut indicators, scoring.as_ref(), &mut check);
    let recipients = delivery::recipients(raw, &mut check);
    let home = source.as_ref().map(|source| (&source.url, &source.files));
    let recipient_lists = delivery::recipient_lists(raw, home, &mut check);
    let phases = campaign.as_ref().map(|c| c.phases.clone()).unwrap_or_default();
    let reports = delivery::reports(raw, &phases, &mut check);
    let smtp = raw.smtp.as_ref().and_then(|smtp| delivery::mail_server(smtp, &mut check));
    if raw.honours.last_in_a_row == 1 {
        check.fail("honours.last_in_a_row", message!("counts-from-times-running-switches-it"));
    }
    let guards = definitions::guards(&raw.guards, &mut check);
    let daemon = daemon::daemon(raw, &mut check);
    let keep_details = keep_details(&raw.state.keep_details, &mut check);
    let console = console::console(&raw.console, &mut check);
    let templates_dir = templates_dir(&raw.templates.dir, &mut check);
    let fonts = fonts(&raw.fonts, &mut check);
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
                honours: raw.honours.clone(),
                reports,
                recipients,
                recipient_lists,
                smtp,
                state_dir,
                keep_details,
                guards,
                daemon,
                console,
                corrections: CorrectionSettings {
                    masked_id: raw.corrections.masked_id,
                    at_most: raw.corrections.at_most,
                },
                fonts,
                templates_dir,
                hash: hash(raw),
                deciding: earlier::deciding(raw),
                written: earlier::written(written.clone()),
                code_lists,
            };
            Ok(Loaded { settings, warnings })
        }
        _ => Err(problems),
    }
}

/// Targets and weights of kinds of units, which need the rates and the general weights first.
fn add_unit_kinds(
    raw: &RawConfig,
    indicators: &mut Option<Indicators>,
    scoring: Option<&Scoring>,
    check: &mut Check,
) {
    if let (Some(indicators), Some(scoring)) = (indicators, scoring) {
        indicators.unit_kinds = unit_kinds::unit_kinds(&raw.unit_kinds, indicators, scoring, check);
    }
}

/// Points and ranking, which may name rates of the office's own. While these are wrong, nothing is said of sums and names
/// that they are part of.
fn judged(
    raw: &RawConfig,
    indicators: Option<&Indicators>,
    check: &mut Check,
) -> (Option<Scoring>, Option<Ranking>) {
    let rates = match indicators {
        Some(indicators) => MeasuredRates::of(indicators),
        None if raw.indicators.own.is_empty() => {
            let has_coverage = raw.indicators.coverage.method != CoverageMethod::None;
            MeasuredRates { own: &[], has_coverage }
        }
        None => return (None, None),
    };
    (definitions::scoring(&raw.scoring, rates, check), definitions::ranking(&raw.ranking, rates, check))
}

/// PostgreSQL gets names in quotation marks, and takes them as they are written.
fn has_exact_columns(source: &SourceSettings) -> bool {
    source.url.kind() == Some(DatabaseKind::Postgres)
}

/// Settings whose figures and ranks are decided by the sections that an earlier run was made under.
pub(super) fn as_stored(
    settings: &Settings,
    raw: RawConfig,
    document: &ConfigDocument<'_>,
) -> Result<Settings, Vec<Message>> {
    under(settings, raw, Check { is_stored: true, ..Check::new(document) })
}

fn under(settings: &Settings, raw: RawConfig, mut check: Check<'_>) -> Result<Settings, Vec<Message>> {
    let zone = Some(&settings.campaign.time_zone);
    let tries_examples = !check.is_stored;
    check.has_exact_columns = has_exact_columns(&settings.source);
    let mut indicators = definitions::indicators(&raw, zone, tries_examples, &mut check);
    let (scoring, ranking) = judged(&raw, indicators.as_ref(), &mut check);
    add_unit_kinds(&raw, &mut indicators, scoring.as_ref(), &mut check);
    match (indicators, scoring, ranking) {
        (Some(indicators), Some(scoring), Some(ranking)) if check.problems.is_empty() => {
            let mut settings = Settings { indicators, scoring, ranking, ..settings.clone() };
            settings.source.register.own = rules::own_columns(&settings.indicators);
            settings.deciding = earlier::deciding(&raw);
            settings.written = earlier::written(raw);
            Ok(settings)
        }
        _ => Err(check.problems),
    }
}

/// Settings with other rows of `[source.lists]`.
pub(super) fn with_code_lists(
    settings: &Settings,
    code_lists: ReadCodeLists,
    document: &ConfigDocument<'_>,
) -> Result<Settings, Vec<Message>> {
    let mut check = Check::new(document);
    let written = &settings.written.0;
    let raw = code_lists::filled(written, Some(&code_lists), &mut check);
    if !check.problems.is_empty() {
        return Err(check.problems);
    }
    let changed = under(settings, raw, check)?;
    Ok(Settings { written: settings.written.clone(), code_lists: Some(code_lists), ..changed })
}

/// Three months at least: what the office may still be asked about, and the trend of the last bulletins.
fn keep_details(text: &str, check: &mut Check) -> Option<SignedDuration> {
    if text.trim() == "forever" {
        return None;
    }
    let time = check.keep("state.keep_details", exact_values::span(text))?;
    if time < SignedDuration::from_hours(24 * 90) {
        check.fail("state.keep_details", message!("is-less-than-d-give-a"));
    }
    Some(time)
}

/// Nobody may have asked for the folder of the default, so that it is not missed.
fn templates_dir(written: &str, check: &mut Check) -> PathBuf {
    let is_default = written == RawTemplates::default().dir;
    let path = if is_default { check.folder.join(written) } else { check.path("templates.dir", written) };
    if is_default && let Some(there) = paths::moved(Path::new(written), &path) {
        let there = there.display();
        let hint = message!("is-not-used-relative-paths-start", there);
        check.warn("templates.dir", hint);
    }
    if !is_default && !path.is_dir() {
        check.warn("templates.dir", message!("is-no-folder-the-built-in"));
    }
    path
}

fn fonts(raw: &RawFonts, check: &mut Check) -> FontSettings {
    let folders = match raw.folders.is_empty() {
        true => usual_font_folders(),
        false => raw.folders.iter().map(|folder| check.path("fonts.folders", folder)).collect(),
    };
    // A name without a folder is looked for in the folders.
    let files = |names: &[String]| -> Vec<String> {
        let file = |name: &String| match name.contains('/') {
            true => check.folder.join(name).to_string_lossy().into_owned(),
            false => name.clone(),
        };
        names.iter().map(file).collect()
    };
    FontSettings {
        folders,
        fang_song: files(&raw.fang_song),
        small_title: files(&raw.small_title),
        hei: files(&raw.hei),
        kai: files(&raw.kai),
        song: files(&raw.song),
        fallback: files(&raw.fallback),
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
