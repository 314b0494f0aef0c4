//! What a reader stumbles over on any page, whatever the standard says of it: texts over each other,
//! a heading alone at the foot, type too small to read, an empty page.

use super::body::{is_kind, level};
use super::lines::{Lines, ReadLine, number_of};
use super::{BOTTOM, LEFT, LayoutFindings, ReadPage, TOP};
use tongbao_message::message;

/// The smallest type that is read without a glass: 小五.
const SMALLEST: f32 = 9.0;
/// The area in which contents stand, as the page is read.
const TURNED: (f32, f32) = (LEFT, LEFT + 156.0);

pub(super) fn inspect(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    on_any_page(findings, sheets, lines, is_heading);
}

/// `is_heading` says which lines are headings.
pub(super) fn on_any_page(
    findings: &mut LayoutFindings,
    sheets: &[ReadPage],
    lines: &Lines,
    is_heading: fn(&ReadLine) -> bool,
) {
    overlaps(findings, lines);
    orphans(findings, sheets, lines, is_heading);
    let sizes = lines.all.iter().map(|line| {
        let shown = format!("{:.1} pt: {}", line.size(), line.text.chars().take(12).collect::<String>());
        (line.page, shown, line.size() > SMALLEST - 0.05)
    });
    findings.fact("page", message!("layout-type-size"), message!("layout-pt-at-least"), sizes);
    empty(findings, sheets, lines);
}

/// Upper and lower edge of the ink of a line.
fn ink(line: &ReadLine) -> Option<(f32, f32)> {
    let inks = line.letters.iter().filter_map(|letter| letter.ink);
    inks.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// By how much two lines of a page are over each other, across and down, if they do.
fn shared(a: &ReadLine, b: &ReadLine) -> Option<(f32, f32)> {
    let (ink_a, ink_b) = (ink(a)?, ink(b)?);
    let across = a.ink_right().min(b.ink_right()) - a.left().max(b.left());
    let down = ink_a.1.min(ink_b.1) - ink_a.0.max(ink_b.0);
    (across > 0.8 && down > 0.5).then_some((across, down))
}

fn overlaps(findings: &mut LayoutFindings, lines: &Lines) {
    let mut places = Vec::new();
    for page in lines.all.chunk_by(|a, b| a.page == b.page) {
        for (i, a) in page.iter().enumerate() {
            // Lines come by their baselines: one that is far below overlaps no more.
            let near = page[i + 1..].iter().take_while(|b| b.baseline() - a.baseline() < 20.0);
            let over = near.filter(|b| a.turned == b.turned).find(|b| shared(a, b).is_some());
            let shown = over
                .map_or(message!("layout-apart"), |b| message!("layout-over", one = a.text, other = b.text));
            places.push((a.page, shown, over.is_none()));
        }
    }
    findings.fact("page", message!("layout-texts-over-each-other"), message!("layout-apart"), places);
}

/// `一、` and `（一）` in 黑体 or 楷体.
fn is_heading(line: &ReadLine) -> bool {
    let (hei, kai) = (is_kind(line.font(), "黑体"), is_kind(line.font(), "楷体"));
    !line.turned
        && line.is_size(super::SIZE_3)
        && level(line).is_some()
        && (hei, kai) != (Some(false), Some(false))
}

/// Headings in the type area with nothing below them on their page.
fn orphans(
    findings: &mut LayoutFindings,
    sheets: &[ReadPage],
    lines: &Lines,
    is_heading: fn(&ReadLine) -> bool,
) {
    let places = lines.all.iter().filter(|line| is_heading(line)).map(|line| {
        let is_below = |baseline: f32| baseline > line.baseline() + 1.0 && baseline < BOTTOM + 1.0;
        let text = lines.all.iter().any(|l| l.page == line.page && !is_heading(l) && is_below(l.baseline()));
        let stroke = sheets[line.page - 1].strokes.iter().any(|s| is_below(s.from.1));
        (line.page, line.text.clone(), text || stroke)
    });
    findings.fact(
        "page",
        message!("layout-heading-with-what-it-heads"),
        message!("layout-on-one-page"),
        places,
    );
}

fn empty(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    let content = |page: usize| {
        lines.all.iter().any(|line| {
            let area = if line.turned { TURNED } else { (TOP, BOTTOM + 1.0) };
            line.page == page && line.baseline() > area.0 && line.baseline() < area.1
        })
    };
    // The page before 版记 may be blank so that it falls on an even page (7.5); it bears no number.
    let is_numbered =
        |page: usize| lines.all.iter().any(|line| line.page == page && number_of(line).is_some());
    let places = (1..=sheets.len()).map(|page| {
        let is_full = content(page) || !is_numbered(page);
        (page, if is_full { message!("layout-text") } else { message!("layout-nothing") }, is_full)
    });
    findings.fact("page", message!("layout-numbered-pages-have-contents"), message!("layout-text"), places);
}
