//! Completions at the shell's prompt: the shell asks the program, so that it can offer what is configured
//! and what is recorded.

use std::ffi::OsString;
use std::path::PathBuf;
use tongbao_message::message;

use clap::Command;
use clap_complete::Shell;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};

use super::failure::CommandFailure;
use crate::config;
use crate::config::settings::Settings;
use crate::daemon::slots::scheduled;
use crate::store::runs;

/// The variable by which a shell asks.
const ASKED: &str = "COMPLETE";

/// So many of the latest runs are offered.
const RUNS: i64 = 30;

/// Answers a shell that asks for completions, and ends; does nothing otherwise.
pub(super) fn answer(command: impl Fn() -> Command) {
    CompleteEnv::with_factory(command).var(ASKED).complete();
}

/// The script that makes a shell ask.
pub(super) fn script(shell: Shell) -> Result<Vec<u8>, CommandFailure> {
    let (mut script, name) = (Vec::new(), "tongbao");
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(&shell.to_string()) else {
        return Err(CommandFailure::Usage(message!("no-completions", shell)));
    };
    completer.write_registration(ASKED, name, name, name, &mut script).map_err(CommandFailure::stdout)?;
    Ok(script)
}

/// Names of the configured reports.
pub(super) fn reports() -> Vec<CompletionCandidate> {
    let settings = settings();
    let reports = settings.iter().flat_map(|settings| settings.reports.values());
    reports.map(|report| described(&report.name, report.kind.folder())).collect()
}

/// Names of the reports with a schedule.
pub(super) fn schedules() -> Vec<CompletionCandidate> {
    let settings = settings();
    let reports = settings.iter().flat_map(scheduled);
    reports.map(|(report, _)| described(&report.name, report.kind.folder())).collect()
}

/// Numbers of the latest runs.
pub(super) fn recorded_runs() -> Vec<CompletionCandidate> {
    let Some(settings) = settings() else { return Vec::new() };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return Vec::new();
    };
    let runs = runtime.block_on(runs::glance(&settings.state_dir, RUNS));
    // In the shell's own order 9 would come after 10.
    let candidate = |(place, run): (usize, runs::RunHint)| {
        described(&run.id.to_string(), &format!("{} {} – {} {}", run.report, run.from, run.to, run.state))
            .display_order(Some(place))
    };
    runs.into_iter().enumerate().map(candidate).collect()
}

fn described(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.to_owned().into()))
}

/// The settings of the command line that is being completed. At a prompt nobody wants to read what is
/// wrong with them.
#[expect(clippy::disallowed_methods, reason = "a completion is answered before there is a context")]
fn settings() -> Option<Settings> {
    let file = named(std::env::args_os()).or_else(|| std::env::var_os("TONGBAO_CONFIG"));
    let file = file.map_or_else(super::default_config, PathBuf::from);
    config::load(&file, &super::environment()).ok().map(|loaded| loaded.settings)
}

/// What `--config` says among these words.
fn named(words: impl IntoIterator<Item = OsString>) -> Option<OsString> {
    let words: Vec<OsString> = words.into_iter().collect();
    let at = words.iter().rposition(|word| word.to_string_lossy().starts_with("--config"))?;
    match words[at].to_string_lossy().strip_prefix("--config=") {
        Some(file) => Some(file.into()),
        None => words.get(at + 1).cloned(),
    }
}
