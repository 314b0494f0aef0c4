//! `check --layout FILE.pdf`: a document of ours measured against GB/T 9704-2012.

use std::path::Path;
use std::process::ExitCode;
use tongbao_message::{Message, Worded, message};

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::{Context, print, print_json};
use crate::layout::inspection::{LayoutFinding, inspect, inspect_alphabetic};
use crate::render::readback::read;

/// Prints the table of rules; the exit code is 1 if one of them is broken.
pub(super) fn execute(context: &Context, file: &Path) -> Result<ExitCode, CommandFailure> {
    let shown = file.display();
    let bytes = std::fs::read(file)
        .map_err(|error| CommandFailure::Usage(message!("cannot-read-2", shown, error)))?;
    let (sheets, language) = read(&bytes)
        .map_err(|error| CommandFailure::Failed(message!("part-problem", part = shown, problem = error)))?;
    let is_chinese = language.starts_with("zh");
    let findings = if is_chinese { inspect(&sheets) } else { inspect_alphabetic(&sheets) };
    let broken = findings.iter().filter(|finding| !finding.ok).count();
    if context.is_json() {
        print_json(&json!({
            "file": shown.to_string(),
            "language": language,
            "pages": sheets.len(),
            "ok": broken == 0,
            "rules": findings,
        }))?;
    } else {
        let heads = [
            Message::default(),
            message!("head-clause"),
            message!("head-page"),
            message!("head-rule"),
            message!("head-expected"),
            message!("head-measured"),
        ]
        .map(|head| context.language.say(head));
        let mut text = row(heads.each_ref().map(String::as_str));
        findings.iter().for_each(|finding| text.push_str(&line(finding, context.language)));
        let (pages, rules) = (sheets.len(), findings.len());
        print(&text)?;
        context.say_line(message!("pages-rules-of-gb-t-measured", shown, pages, rules, broken))?;
        if !is_chinese {
            context.say_line(message!("gb-t-is-a-standard-of"))?;
        }
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn line(finding: &LayoutFinding, language: CommandLanguage) -> String {
    let state = if finding.ok { message!("level-ok") } else { message!("broken") };
    // What any reader stumbles over is no clause of the standard.
    let clause = match finding.clause {
        "page" => message!("clause-of-any-page"),
        clause => Message::text(clause),
    };
    row([
        &language.say(state),
        &language.say(clause),
        &finding.page.to_string(),
        &language.say(&finding.rule),
        &language.say(finding.expected.message()),
        &language.say(finding.measured.message()),
    ])
}

/// Columns by their width on a terminal, where a Chinese character takes two places.
fn row(cells: [&str; 6]) -> String {
    const WIDTHS: [usize; 5] = [7, 8, 5, 52, 30];
    let mut out = String::new();
    for (cell, width) in cells.iter().zip(WIDTHS) {
        out.push_str(cell);
        out.push_str(&" ".repeat(width.saturating_sub(cell.width()).max(1)));
    }
    format!("{out}{}\n", cells[5])
}
