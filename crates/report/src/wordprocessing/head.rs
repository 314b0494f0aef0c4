//! The first page above its text: issuer mark, number, red rule, title and addressee.

use super::measures::{eighths, line, twips};
use super::paragraph::{WordParagraph, run, size};
use super::styles::{self, RED, mark_line};
use super::table::invisible;
use super::xml::{XmlElement, element, value};
use crate::layout::compose::mark::{self, FILE, PITCH};
use crate::layout::compose::title;
use crate::layout::metrics::{Metrics, MissingGlyph};
use crate::layout::page::{CELL, LINE, MM_PER_PT, SIZE_2, WIDTH};
use crate::report::document::PageHead;
use crate::report::words::fill;

/// From the upper edge of the type area to the ink of the mark (GB/T 9704-2012, 7.2.4).
const MARK: f32 = 35.0;
const BRIEF_MARK: f32 = 10.0;
/// An exact line has its type in the middle: so much of an em is blank above the ink of a mark.
const ABOVE_INK: f32 = 0.15;

/// Everything above the text.
pub(super) fn write(head: &PageHead, metrics: &dyn Metrics) -> Result<Vec<XmlElement>, MissingGlyph> {
    let mut out = Vec::new();
    match &head.annex {
        Some(label) => out.push(WordParagraph::of(styles::ATTACHMENT).text(label).build()),
        None => mark(head, metrics, &mut out)?,
    }
    title(head, &mut out);
    if let Some(addressee) = &head.addressee {
        let text = fill(head.words.addressee, &[addressee]);
        out.push(WordParagraph::of(styles::ADDRESSEE).before(line()).text(&text).build());
    }
    Ok(out)
}

fn mark(head: &PageHead, metrics: &dyn Metrics, out: &mut Vec<XmlElement>) -> Result<(), MissingGlyph> {
    out.extend(head.corner.iter().map(|text| corner(text)));
    let top = if head.brief { BRIEF_MARK } else { MARK } - head.corner.len() as f32 * LINE;
    match head.mark.strip_suffix(FILE) {
        Some(issuer) if !head.co_issuers.is_empty() => joint(issuer, &head.co_issuers, top, metrics, out)?,
        _ => {
            let (lines, points) = mark::form(&head.mark, metrics)?;
            let before = twips((top - ABOVE_INK * points * MM_PER_PT).max(0.0));
            let paragraph = WordParagraph::of(styles::MARK).before(before).line(mark_line(points, PITCH));
            out.push(paragraph.run(run(&lines.join("\n"), &size(points))).build());
        }
    }
    if head.brief {
        brief_lines(head, out)
    } else {
        number_line(head, out)
    }
    Ok(())
}

/// 份号 in the text's type, 密级 and 紧急程度 in 黑体.
fn corner(text: &str) -> XmlElement {
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    let style: &[XmlElement] = if is_number { &[] } else { &[value("w:rStyle", styles::STRONG)] };
    WordParagraph::of(styles::CORNER).run(run(text, style)).build()
}

/// Several issuers, spread to one width, and 文件 in the middle beside them.
fn joint(
    issuer: &str,
    others: &[String],
    top: f32,
    metrics: &dyn Metrics,
    out: &mut Vec<XmlElement>,
) -> Result<(), MissingGlyph> {
    let names: Vec<&str> = std::iter::once(issuer).chain(others.iter().map(String::as_str)).collect();
    let form = mark::joint_form(&names, metrics)?;
    let em = form.size * MM_PER_PT;
    let widths = [(form.longest + 0.2) * em, (form.beside + 0.3) * em];
    let line = mark_line(form.size, PITCH);
    let cell = |text: &str, align| {
        let paragraph = WordParagraph::of(styles::MARK).line(line).align(align);
        paragraph.run(run(text, &size(form.size))).build()
    };
    let rows = names.iter().enumerate().map(|(i, name)| {
        let merged = if i == 0 { value("w:vMerge", "restart") } else { element("w:vMerge") };
        let beside = if i == 0 { FILE } else { "" };
        vec![
            (element("w:tcPr"), cell(name, "distribute")),
            (element("w:tcPr").child(merged), cell(beside, "right")),
        ]
    });
    // A table has no blank above it of its own.
    let above = twips((top - ABOVE_INK * em).max(1.0));
    out.push(WordParagraph::of(styles::LOWEST).line(above).build());
    out.push(invisible(&widths, rows));
    Ok(())
}

/// The number two lines below the mark; on a report upward it stands one character in from the left, and
/// 签发人 one from the right (clauses 7.2.5 and 7.2.6). The red rule is the paragraph's own.
fn number_line(head: &PageHead, out: &mut Vec<XmlElement>) {
    let number = head.number.as_deref().unwrap_or_default();
    let paragraph = WordParagraph::of(styles::NUMBER).before(2 * line());
    let paragraph = match &head.signer {
        None => paragraph.text(number),
        Some(signer) => {
            let words = format!("\t{number}\t{}", head.words.signer);
            let name = run(signer, &[value("w:rStyle", styles::HEAD_NAME)]);
            sides(paragraph.align("left")).text(&words).run(name)
        }
    };
    out.push(ruled(paragraph).build());
}

/// Number, issuer and date of a 简报.
fn brief_lines(head: &PageHead, out: &mut Vec<XmlElement>) {
    if let Some(number) = &head.number {
        out.push(WordParagraph::of(styles::NUMBER).before(line() / 2).text(number).build());
    }
    let words = format!("\t{}\t{}", head.signatory, head.date);
    let paragraph = WordParagraph::of(styles::NUMBER).before(line() / 5).align("left");
    out.push(ruled(sides(paragraph).text(&words)).build());
}

/// Tab stops one character in from both sides.
fn sides(paragraph: WordParagraph) -> WordParagraph {
    paragraph.tab(CELL, "left").tab(WIDTH - CELL, "right")
}

/// The red rule 4 mm below the characters of a line (clause 7.2.7).
fn ruled(paragraph: WordParagraph) -> WordParagraph {
    const RULE: f32 = 0.6;
    const BELOW: i64 = 5;
    let rule =
        value("w:bottom", "single").with("w:sz", eighths(RULE)).with("w:space", BELOW).with("w:color", RED);
    paragraph.border(element("w:pBdr").child(rule))
}

/// Title two lines below the rule (clause 7.3.1), each of its lines whole words; one in brackets below it
/// is its note.
fn title(head: &PageHead, out: &mut Vec<XmlElement>) {
    let before = if head.brief || head.annex.is_some() { line() } else { 2 * line() };
    let joined = title::joined(&head.title);
    let is_note = |(i, text): &(usize, &String)| *i > 0 && text.starts_with('（') && text.ends_with('）');
    let room = WIDTH / (SIZE_2 * MM_PER_PT);
    let (notes, lines): (Vec<_>, Vec<_>) = joined.iter().enumerate().partition(is_note);
    let lines: Vec<String> = lines.into_iter().flat_map(|(_, text)| title::lines(text, room)).collect();
    out.push(WordParagraph::of(styles::TITLE).before(before).text(&lines.join("\n")).build());
    out.extend(notes.into_iter().map(|(_, text)| WordParagraph::of(styles::SUBTITLE).text(text).build()));
}
