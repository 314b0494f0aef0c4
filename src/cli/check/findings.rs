//! What a check has found, printed line by line.

use serde_json::json;
use tongbao_message::{Message, Worded};

use crate::cli::Context;
use crate::cli::columns::finding;
use crate::cli::failure::CommandFailure;
use crate::cli::language::CommandLanguage;
use crate::cli::output::{print_json, print_raw};
use crate::cli::progress::Spinner;

/// One finding.
pub(in crate::cli) struct CheckLine {
    pub(in crate::cli) level: &'static str,
    pub(in crate::cli) what: Message,
    pub(in crate::cli) text: Message,
}

/// All findings so far. For a person each is printed as soon as it is whole, and on a terminal a spinner
/// names what is being looked at.
pub(super) struct CheckFindings {
    pub(super) lines: Vec<CheckLine>,
    pub(super) away: bool,
    /// The person's language; `None` where all are printed together as JSON.
    language: Option<CommandLanguage>,
    /// How many lines have been printed.
    printed: usize,
    pub(super) spinner: Spinner,
    closed: Option<CommandFailure>,
}

impl CheckFindings {
    /// Findings that are printed nowhere.
    pub(super) fn kept() -> CheckFindings {
        CheckFindings {
            lines: Vec::new(),
            away: false,
            language: None,
            printed: 0,
            spinner: Spinner::new(true, CommandLanguage::English),
            closed: None,
        }
    }

    pub(super) fn new(context: &Context) -> CheckFindings {
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
    pub(super) fn looking_at(&mut self, what: Message) {
        self.flush();
        self.spinner.show(&what);
    }

    /// Prints what has been found since; the last line may still be added to before.
    pub(super) fn flush(&mut self) {
        let Some(language) = self.language else { return };
        for line in &self.lines[self.printed..] {
            let text = finding(language, line.level, &line.what, &line.text);
            let result = self.spinner.suspend(|| print_raw(&text));
            self.closed = self.closed.take().or(result.err());
        }
        self.printed = self.lines.len();
    }

    pub(super) fn add<T, E: Worded>(&mut self, what: impl Into<Message>, result: Result<T, E>) -> Option<T> {
        let (level, text) = match &result {
            Ok(_) => ("ok", Message::default()),
            Err(error) => ("error", error.message()),
        };
        self.line(level, what, text);
        result.ok()
    }

    pub(super) fn ok(&mut self, what: impl Into<Message>, text: Message) {
        self.line("ok", what, text);
    }

    pub(super) fn warning(&mut self, what: impl Into<Message>, text: Message) {
        self.line("warning", what, text);
    }

    pub(super) fn error(&mut self, what: impl Into<Message>, error: &impl Worded) {
        self.line("error", what, error.message());
    }

    pub(super) fn errors(&self) -> usize {
        self.lines.iter().filter(|line| line.level == "error").count()
    }

    fn line(&mut self, level: &'static str, what: impl Into<Message>, text: Message) {
        self.flush();
        self.lines.push(CheckLine { level, what: what.into(), text });
    }
}

pub(super) fn show(mut findings: CheckFindings) -> Result<(), CommandFailure> {
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

/// The first of a list of names, and whether there are more.
pub(super) fn shortened(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}
