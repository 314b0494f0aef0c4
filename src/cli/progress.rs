//! The progress bar of a pull: on a terminal only.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::Progress;

/// Draws what a pull reports; nothing when stderr is no terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(quiet: bool) -> Bar {
        let shown = !quiet && std::io::stderr().is_terminal();
        Bar(if shown { ProgressBar::no_length() } else { ProgressBar::hidden() })
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
