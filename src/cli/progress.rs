//! The progress bar of a pull, and the spinner of a check: on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;
use tongbao_message::{Message, message};

use indicatif::{ProgressBar, ProgressStyle};

use super::language::CommandLanguage;
use crate::pipeline::Progress;

/// Draws what a pull reports; nothing when stderr is no terminal.
pub(super) struct PullProgress(ProgressBar);

impl PullProgress {
    pub(super) fn new(quiet: bool) -> PullProgress {
        let shown = !quiet && std::io::stderr().is_terminal();
        PullProgress(if shown { ProgressBar::no_length() } else { ProgressBar::hidden() })
    }

    pub(super) fn update(&self, progress: Progress) {
        match progress {
            Progress::Expected(Some(records)) => {
                self.0.set_length(records);
                self.style("reading {bar:30} {human_pos}/{human_len} records {eta}");
            }
            Progress::Expected(None) => self.style("reading {spinner} {human_pos} records"),
            Progress::Read(records) => self.0.inc(records),
            Progress::Done => self.0.finish_and_clear(),
        }
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }
}

/// Names the step that is under way; nothing when stderr is no terminal.
pub(super) struct Spinner {
    bar: ProgressBar,
    language: CommandLanguage,
}

impl Spinner {
    pub(super) fn new(quiet: bool, language: CommandLanguage) -> Spinner {
        let shown = !quiet && std::io::stderr().is_terminal();
        Spinner { bar: if shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() }, language }
    }

    pub(super) fn show(&self, step: &Message) {
        self.bar.set_message(self.language.say(message!("looking-at", step)));
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    /// Prints between two pictures of the spinner.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Leaves the terminal to what follows.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
