//! A document in a language of letters: the rules that do not ask for Chinese characters.

use super::body::is_kind;
use super::lines::{Lines, ReadLine};
use super::{CELL, LEFT, LayoutFindings, MIDDLE, ReadPage, SIZE_3, SIZE_4, foot, head, reader, sheet};
use tongbao_message::message;

pub(super) fn inspect(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    sheet::size(findings, sheets);
    sheet::within(findings, lines);
    sheet::lines_of_pages(findings, lines);
    sheet::page_numbers(findings, sheets, lines);
    sheet::turned(findings, sheets, lines);
    // A page of a unit and a summary have no mark.
    let mark = lines.head().filter(|line| line.letters[0].red);
    if let Some(mark) = mark.max_by(|a, b| a.size().total_cmp(&b.size())) {
        head::issuer_mark(findings, sheets, lines, mark);
        findings.length(
            "7.3.1",
            message!("layout-middle"),
            MIDDLE,
            lines.title().map(|line| (1, line.middle())),
        );
    }
    let on_last = || lines.all.iter().filter(|line| line.page == sheets.len() && !line.turned);
    if let Some(printed) = on_last().rfind(|line| line.text.starts_with("Issued on ")) {
        let copy = on_last().find(|line| line.text.starts_with("Copies to: "));
        foot::rules(findings, sheets, (printed, copy));
    }
    reader::on_any_page(findings, sheets, lines, is_heading);
}

/// A line that is set in as paragraphs are, in a heavy face from its first letter to its last.
fn is_heading(line: &ReadLine) -> bool {
    let is_heavy = |font: &str| is_kind(font, "黑体") == Some(true) || is_kind(font, "小标宋") == Some(true);
    !line.turned
        && (line.is_size(SIZE_3) || line.is_size(SIZE_4))
        && (line.left() - LEFT - 2.0 * CELL).abs() < CELL
        && line.letters.iter().all(|letter| is_heavy(&letter.font))
}
