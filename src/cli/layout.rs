//! `check --layout FILE.pdf`: a document of ours measured against GB/T 9704-2012.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::failure::CommandFailure;
use super::{Context, print, print_json};
use crate::layout::inspection::{LayoutFinding, inspect, inspect_alphabetic};
use crate::render::readback::read;

/// Prints the table of rules; the exit code is 1 if one of them is broken.
pub(super) fn execute(context: &Context, file: &Path) -> Result<ExitCode, CommandFailure> {
    let shown = file.display();
    let bytes = std::fs::read(file)
        .map_err(|error| CommandFailure::Usage(format!("cannot read {shown}: {error}")))?;
    let (sheets, language) =
        read(&bytes).map_err(|error| CommandFailure::Failed(format!("{shown}: {error}")))?;
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
        let say = |text: &str| context.language.say(text);
        let heads = ["", "CLAUSE", "PAGE", "RULE", "EXPECTED", "MEASURED"].map(say);
        let mut text = row(heads.each_ref().map(String::as_str));
        findings.iter().for_each(|finding| text.push_str(&line(finding, &say)));
        let summary = format!(
            "{shown}: {} pages, {} rules of GB/T 9704-2012 measured, {broken} broken\n",
            sheets.len(),
            findings.len()
        );
        print(&text)?;
        context.say(&summary)?;
        if !is_chinese {
            context.say("GB/T 9704-2012 is a standard of Chinese documents; this one is in another language, so what the standard says of characters, fonts, wording and document numbers was not measured\n")?;
        }
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn line(finding: &LayoutFinding, say: &impl Fn(&str) -> String) -> String {
    row([
        &say(if finding.ok { "ok" } else { "broken" }),
        &say(finding.clause),
        &finding.page.to_string(),
        &say(finding.rule),
        &say(&finding.expected.to_string()),
        &say(&finding.measured.to_string()),
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
