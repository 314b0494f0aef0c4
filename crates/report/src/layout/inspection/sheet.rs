//! Clause 5, 7.5 and 8: sheet, type area, grid, page numbers, turned pages.

use super::body::signature_lines;
use super::lines::{Lines, ReadLine, number_of};
use super::{
    BOTTOM, CELL, LEFT, LINE, LayoutFindings, MM_PER_PT, RIGHT, ReadPage, SIZE_3, SIZE_4, Stroke, TOP,
};
use tongbao_message::{Message, message};

pub(super) fn inspect(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    size(findings, sheets);
    type_area(findings, lines);
    within(findings, lines);
    grid(findings, lines);
    lines_of_pages(findings, lines);
    cells(findings, lines);
    page_numbers(findings, sheets, lines);
    turned(findings, sheets, lines);
}

pub(super) fn size(findings: &mut LayoutFindings, sheets: &[ReadPage]) {
    findings.length(
        "5.1",
        message!("layout-width-of-the-sheet"),
        210.0,
        sheets.iter().zip(1..).map(|(s, page)| (page, s.size.0)),
    );
    findings.length(
        "5.1",
        message!("layout-height-of-the-sheet"),
        297.0,
        sheets.iter().zip(1..).map(|(s, page)| (page, s.size.1)),
    );
}

fn type_area(findings: &mut LayoutFindings, lines: &Lines) {
    // Pages that begin with text: the first line's band begins at the top of the type area.
    let first = |page: usize| lines.body().find(|line| line.page == page && line.grid_line(TOP) < 0.9);
    let last_page = lines.body().map(|line| line.page).max().unwrap_or(0);
    let tops = (2..=last_page).filter_map(first);
    let band = |line: &ReadLine| line.baseline() - 0.38 * SIZE_3 * MM_PER_PT - LINE / 2.0;
    findings.length(
        "5.2.1",
        message!("layout-top-of-the-first-line-of"),
        TOP,
        tops.map(|line| (line.page, band(line))),
    );
    // A long issuer or date may begin near the edge.
    let signature =
        signature_lines(lines).map(|(issuer, date)| (issuer.page, issuer.baseline(), date.baseline()));
    let signs = |line: &ReadLine| {
        signature.is_some_and(|(page, from, to)| {
            line.page == page && (from - 0.1..to + 0.1).contains(&line.baseline())
        })
    };
    let flush = |line: &&ReadLine| line.left() < LEFT + CELL && !signs(line);
    findings.length(
        "5.2.1",
        message!("layout-left-edge-of-flush-lines"),
        LEFT,
        lines.body().filter(flush).map(|l| (l.page, ink_left(l))),
    );
    findings.length("5.2.1", message!("layout-right-edge-of-full-lines"), RIGHT, full_lines(lines));
}

pub(super) fn within(findings: &mut LayoutFindings, lines: &Lines) {
    let outside = |line: &&ReadLine| !line.turned && line.top() > TOP && line.bottom() < BOTTOM + 1.0;
    let all = lines.all.iter().filter(outside).map(|line| {
        let fine = line.left() > LEFT - 0.5 - CELL / 2.0 && ink_right(line) < RIGHT + 0.5;
        (line.page, if fine { message!("layout-within") } else { Message::text(line.text.as_str()) }, fine)
    });
    findings.fact("5.2.1", message!("layout-text-within-the-type-area"), message!("layout-within"), all);
}

/// Right edges of lines that their paragraph goes on below, flush left.
fn full_lines(lines: &Lines) -> Vec<(usize, f32)> {
    let body: Vec<&ReadLine> = lines.body().collect();
    let goes_on = |pair: &&[&ReadLine]| {
        let of_text = pair[0].left() < LEFT + 3.0 * CELL && !pair[0].text.ends_with('：');
        of_text && pair[1].left() < LEFT + CELL
    };
    body.windows(2).filter(goes_on).map(|pair| (pair[0].page, ink_right(pair[0]))).collect()
}

/// The left edge as the eye sees it: an opening mark is blank on its left half.
fn ink_left(line: &ReadLine) -> f32 {
    let first = &line.letters[0];
    let is_opening = crate::layout::line_break::marks::is_opening(first.c);
    if is_opening && first.x.0 < LEFT - 0.1 { LEFT } else { first.x.0 }
}

/// The right edge: a closing mark may leave out its blank half, and a character of 三号 is a little
/// wider than its cell.
fn ink_right(line: &ReadLine) -> f32 {
    let letters = line.letters.iter().rev();
    let last = letters.clone().find(|letter| !letter.c.is_whitespace()).unwrap_or(&line.letters[0]);
    let is_closing = crate::layout::line_break::marks::is_closing(last.c);
    if is_closing && last.x.1 > RIGHT - CELL / 2.0 { last.x.1.min(RIGHT) } else { last.x.1 }
}

fn grid(findings: &mut LayoutFindings, lines: &Lines) {
    let sizes = lines.body().map(|line| (line.page, line.size() * MM_PER_PT));
    findings.length("5.2.2", message!("layout-height-of-a-character-2"), SIZE_3 * MM_PER_PT, sizes);
}

pub(super) fn lines_of_pages(findings: &mut LayoutFindings, lines: &Lines) {
    let pages = lines.body().map(|line| line.page).max().unwrap_or(0);
    let per_page = (1..=pages).map(|page| {
        let mut baselines: Vec<i32> =
            lines.body().filter(|l| l.page == page).map(|l| (l.baseline() * 10.0) as i32).collect();
        baselines.dedup_by(|a, b| (*a - *b).abs() < 3);
        (page, message!("layout-lines", count = baselines.len()), baselines.len() <= 22)
    });
    findings.fact("5.2.3", message!("layout-lines-on-a-page"), message!("layout-at-most"), per_page);
    let off_grid = lines.body().filter(|line| line.page > 1).map(|line| {
        let at = line.grid_line(TOP);
        (line.page, LINE + (at - at.round()) * LINE)
    });
    findings.length("5.2.3", message!("layout-lines-on-the-grid-of-pitch"), LINE, off_grid);
}

fn cells(findings: &mut LayoutFindings, lines: &Lines) {
    let cells = lines.body().filter(|line| line.right() > RIGHT - CELL).flat_map(|line| {
        let is_han = |c: char| crate::layout::line_break::marks::is_han(c);
        let pairs = line.letters.windows(2).filter(move |pair| is_han(pair[0].c) && is_han(pair[1].c));
        pairs.map(move |pair| (line.page, pair[1].x.0 - pair[0].x.0)).take(1)
    });
    let mut advances: Vec<(usize, f32)> = cells.collect();
    advances.sort_by(|a, b| a.1.total_cmp(&b.1));
    let middle = advances.get(advances.len() / 2).copied();
    findings.length("5.2.3", message!("layout-width-of-a-cell-median"), CELL, middle);
    // Marks may take half a cell each, and so may Latin letters and digits.
    let cells = |c: char| {
        use crate::layout::line_break::marks::{is_closing, is_opening};
        if c.is_ascii() || is_opening(c) || is_closing(c) { 0.5 } else { 1.0 }
    };
    let count = |line: &ReadLine| line.letters.iter().map(|letter| cells(letter.c)).sum::<f32>();
    let counts = lines
        .body()
        .map(|line| (line.page, message!("layout-characters", count = count(line)), count(line) < 30.0));
    findings.fact("5.2.3", message!("layout-characters-on-a-line"), message!("layout-cells"), counts);
}

pub(super) fn page_numbers(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    let numbers: Vec<(&ReadLine, usize)> =
        lines.all.iter().filter_map(|line| Some((line, number_of(line)?))).collect();
    let right_page =
        |(line, number): &(&ReadLine, usize)| (line.page, format!("{number}"), *number == line.page);
    findings.fact(
        "7.5",
        message!("layout-number-of-the-page"),
        message!("layout-as-counted"),
        numbers.iter().map(right_page),
    );
    // A blank page before 版记 and its own bear no number.
    let blank = sheets.len() >= 2 && lines.all.iter().all(|l| l.page != sheets.len() - 1 || is_draft_mark(l));
    let due = if blank { sheets.len() - 2 } else { sheets.len() };
    let pages = (1..=sheets.len()).map(|page| {
        let has = numbers.iter().any(|(line, _)| line.page == page);
        (
            page,
            if has { message!("layout-numbered") } else { message!("layout-without-number") },
            has == (page <= due),
        )
    });
    findings.fact(
        "7.5",
        message!("layout-pages-with-a-number"),
        message!("layout-all-but-a-blank-page-and"),
        pages,
    );
    let sizes = numbers.iter().map(|(line, _)| (line.page, line.size() * MM_PER_PT));
    findings.length("7.5", message!("layout-height-of-a-character-3"), SIZE_4 * MM_PER_PT, sizes);
    let dashes = numbers.iter().filter_map(|(line, _)| {
        let (top, bottom) = line.letters[0].ink?;
        Some((line.page, (top + bottom) / 2.0 - BOTTOM))
    });
    findings.length("7.5", message!("layout-below-the-type-area"), 7.0, dashes);
    let em = SIZE_4 * MM_PER_PT;
    let odd = numbers
        .iter()
        .filter(|(line, _)| line.page % 2 == 1)
        .map(|(line, _)| (line.page, RIGHT - line.right()));
    findings.length("7.5", "单页码居右空一字", em, odd);
    let even = numbers
        .iter()
        .filter(|(line, _)| line.page % 2 == 0)
        .map(|(line, _)| (line.page, line.left() - LEFT));
    findings.length("7.5", "双页码居左空一字", em, even);
}

pub(super) fn is_draft_mark(line: &ReadLine) -> bool {
    line.text == "送审稿" || line.text == "DRAFT"
}

/// Clause 8: the head of a turned page is on the left of the sheet, at the binding edge of an odd
/// page and the fore-edge of an even one.
pub(super) fn turned(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    let turned = sheets.iter().zip(1..).filter(|(sheet, _)| sheet.turned != 0);
    let heads = turned.clone().map(|(sheet, page)| {
        (page, message!("layout-clockwise", degrees = sheet.turned), sheet.turned == 90)
    });
    findings.fact(
        "8",
        message!("layout-head-at-the-left-of-the"),
        message!("layout-clockwise-to-read"),
        heads,
    );
    let tops = turned.clone().filter_map(|(sheet, page)| {
        let top = wide_rules(sheet).map(|rule| rule.from.1).fold(f32::MAX, f32::min);
        let has_label = lines.all.iter().any(|line| line.page == page && line.turned && line.is_size(SIZE_3));
        // A table that goes on has a line above it that says so.
        let goes_on = lines.all.iter().any(|line| {
            line.page == page && (line.text.ends_with("（续表）") || line.text.ends_with("(continued)"))
        });
        (!has_label && !goes_on && top < f32::MAX).then_some((page, top))
    });
    findings.length("8", message!("layout-turned-table-at-the-edge-of"), LEFT, tops);
    let middles = turned
        .flat_map(|(sheet, page)| wide_rules(sheet).map(move |rule| (page, (rule.from.0 + rule.to.0) / 2.0)));
    findings.length(
        "8",
        message!("layout-turned-table-in-the-middle-of"),
        297.0 - TOP - 225.0 / 2.0,
        middles,
    );
}

/// The rules of a table that fills the turned page.
fn wide_rules(sheet: &ReadPage) -> impl Iterator<Item = &Stroke> {
    let is_wide = |s: &&Stroke| (s.from.1 - s.to.1).abs() < 0.01 && (s.to.0 - s.from.0).abs() > 200.0;
    sheet.strokes.iter().filter(is_wide)
}
