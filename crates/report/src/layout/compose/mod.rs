//! A document on its pages: head, title, body, signature, attachments, foot and page numbers.

mod foot;
mod head;
pub mod mark;
mod tail;
pub mod title;

use super::line_break::{Alignment, Char};
use super::metrics::{Metrics, MissingGlyph, TypeRole};
use super::page::{CELL, Canvas, LINE, Pages, SIZE_2, SIZE_3, SIZE_4, SetParagraph, TURNED, Type, UPRIGHT};
use super::structure::Tag;
use super::table::parts::in_parts;
use super::{chart, table};
use crate::report::document::{Block, Document, Style, TextSpan};

/// Above the list of attachments a last page with at most so much text, in mm, may be spared.
const SPARED: f32 = 5.0 * LINE;

/// Sets the whole document. The only thing that can go wrong is a character that no font has. Where little text runs
/// over to the page of the signature, the tables in the text are smaller if that saves a page.
pub fn compose(document: &Document, metrics: &dyn Metrics) -> Result<Pages, MissingGlyph> {
    let document = &*in_parts(document, metrics);
    let (pages, over) = set_document(document, metrics, false)?;
    if !over.is_some_and(|over| over <= SPARED) {
        return Ok(pages);
    }
    let (tight, _) = set_document(document, metrics, true)?;
    Ok(if tight.pages.len() < pages.pages.len() { tight } else { pages })
}

/// The document with tables of the usual or of the smallest size in its text; and how much of the text, in mm, stands
/// on the page of the signature, if that is not the first one and there are tables to be smaller.
fn set_document(
    document: &Document,
    metrics: &dyn Metrics,
    is_tight: bool,
) -> Result<(Pages, Option<f32>), MissingGlyph> {
    let mut canvas = Canvas::new(metrics);
    let head = &document.head;
    canvas.words = head.words;
    canvas.is_compact = head.annex.is_some() || is_tight;
    canvas.begin(Tag::Paragraph);
    match &head.annex {
        Some(label) => head::annex(&mut canvas, label)?,
        None => head::mark(&mut canvas, head)?,
    }
    canvas.end();
    head::title(&mut canvas, head)?;
    let body = document.blocks.iter().position(|b| matches!(b, Block::Attachment { .. }));
    let (body, attachments) = document.blocks.split_at(body.unwrap_or(document.blocks.len()));
    let mut over = None;
    let numbered = match head.annex {
        Some(_) => {
            blocks(&mut canvas, body, 0.0)?;
            blocks(&mut canvas, attachments, 0.0)?;
            canvas.out.pages.len()
        }
        None => {
            let tail = tail::height(&canvas, head)?;
            blocks(&mut canvas, body, tail)?;
            let has_tables = body.iter().any(|block| matches!(block, Block::Table(_)));
            over = Some(canvas.y - canvas.area.top).filter(|_| has_tables && canvas.out.pages.len() > 1);
            canvas.begin(Tag::Paragraph);
            tail::attachment_list(&mut canvas, head)?;
            canvas.end();
            canvas.begin(Tag::Paragraph);
            tail::signature(&mut canvas, head)?;
            canvas.end();
            canvas.foot = foot::closing(&canvas, head)?;
            canvas.is_compact = false;
            blocks(&mut canvas, attachments, 0.0)?;
            canvas.begin(Tag::Paragraph);
            let numbered = foot::foot(&mut canvas, head)?;
            canvas.end();
            numbered
        }
    };
    foot::page_numbers(&mut canvas, numbered)?;
    if head.draft {
        foot::draft_marks(&mut canvas, head.words.draft)?;
    }
    Ok((canvas.out, over))
}

/// Sets blocks in order; `tail` is the height in mm of what follows the last one on its page.
fn blocks(canvas: &mut Canvas, blocks: &[Block], tail: f32) -> Result<(), MissingGlyph> {
    let document_is_compact = canvas.is_compact;
    for (i, block) in blocks.iter().enumerate() {
        let rest = &blocks[i + 1..];
        canvas.closing = canvas.foot.filter(|_| rest.is_empty());
        match block {
            Block::Heading { level, text } => {
                // What follows is measured from where the heading will stand.
                canvas.to_grid();
                let keep = least(canvas, rest, tail, LINE)?;
                heading(canvas, *level, text, keep)?;
            }
            Block::Paragraph(spans) => {
                paragraph(canvas, spans, rest, tail).map_err(|missing| around(missing, spans))?;
            }
            Block::Table(block) => table::table(canvas, block, if rest.is_empty() { tail } else { 0.0 })?,
            Block::Chart(block) => chart::chart(canvas, block)?,
            Block::Attachment { label, title, turned } => {
                let turned = *turned || is_wide(canvas, rest)?;
                canvas.is_compact = document_is_compact || has_several_tables(rest);
                canvas.out.turned.push(turned);
                attachment(canvas, label, title, turned)?;
            }
        }
    }
    Ok(())
}

/// The blocks of the attachment that begins here.
fn of_attachment(rest: &[Block]) -> impl Iterator<Item = &Block> {
    rest.iter().take_while(|block| !matches!(block, Block::Attachment { .. }))
}

/// Whether several small tables share the attachment that begins here: they take little room from the start, for the
/// first does not know what the others need.
fn has_several_tables(rest: &[Block]) -> bool {
    const SMALL: usize = 10;
    let tables = of_attachment(rest).filter_map(|block| match block {
        Block::Table(table) => Some(table.rows.len()),
        _ => None,
    });
    let rows: Vec<usize> = tables.collect();
    rows.iter().filter(|rows| **rows <= SMALL).count() > 1
}

/// Whether a table of the attachment that begins here needs turned pages.
fn is_wide(canvas: &Canvas, rest: &[Block]) -> Result<bool, MissingGlyph> {
    for block in of_attachment(rest) {
        if let Block::Table(block) = block
            && table::needs_turn(canvas, block)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What of the following blocks has to stand on the page of their heading; `used` is the height in mm
/// of what stands between the canvas's place and them.
fn least(canvas: &Canvas, rest: &[Block], tail: f32, used: f32) -> Result<f32, MissingGlyph> {
    Ok(match rest {
        [Block::Heading { .. }, rest @ ..] => LINE + least(canvas, rest, tail, used + LINE)?,
        [Block::Paragraph(spans), rest @ ..] => match lines(canvas, spans)? {
            // A paragraph of up to three lines is not divided; of a longer one two lines are enough.
            lines @ 0..=3 => {
                let height = lines as f32 * LINE;
                height + after(canvas, spans, rest, tail, used + height)?
            }
            _ => 2.0 * LINE,
        },
        [Block::Table(table), rest @ ..] => {
            let keep = if rest.is_empty() { tail } else { 0.0 };
            let mut place = canvas.ahead(used);
            place.closing = canvas.foot.filter(|_| rest.is_empty());
            table::beginning(&place, table, keep)?
        }
        [Block::Chart(chart), ..] => chart::beginning(canvas, chart)?,
        [] | [Block::Attachment { .. }, ..] => 0.0,
    })
}

/// The height of what has to stand on the page of a paragraph's last line: the end of the document, alone or below
/// a last line such as 特此通报, or the start of a table or chart that a short paragraph leads to.
fn after(
    canvas: &Canvas,
    spans: &[TextSpan],
    rest: &[Block],
    tail: f32,
    used: f32,
) -> Result<f32, MissingGlyph> {
    Ok(match rest {
        [] => tail,
        [Block::Paragraph(last)] if tail > 0.0 && lines(canvas, last)? == 1 => LINE + tail,
        [Block::Table(_) | Block::Chart(_), ..] if lines(canvas, spans)? <= 3 => {
            least(canvas, rest, tail, used)?
        }
        _ => 0.0,
    })
}

fn paragraph(canvas: &mut Canvas, spans: &[TextSpan], rest: &[Block], tail: f32) -> Result<(), MissingGlyph> {
    let height = lines(canvas, spans)? as f32 * LINE;
    let keep = after(canvas, spans, rest, tail, height)?;
    let place = excerpt(spans);
    canvas.begin(Tag::Paragraph);
    canvas.paragraph(SetParagraph { keep, ..text(spans, &place) })?;
    canvas.end();
    Ok(())
}

/// The same lack, with the words around the character in the place of the beginning of its paragraph: it may be
/// one name among many.
fn around(missing: MissingGlyph, spans: &[TextSpan]) -> MissingGlyph {
    let text: Vec<char> = spans.iter().flat_map(|span| span.text.chars()).collect();
    let Some(at) = text.iter().position(|c| *c == missing.character) else { return missing };
    let shown: String = text[at.saturating_sub(8)..text.len().min(at + 8)].iter().collect();
    let place = missing.place.replace(&excerpt(spans), &format!("paragraph \"…{shown}…\""));
    missing.at(place)
}

/// How many lines a paragraph has.
fn lines(canvas: &Canvas, spans: &[TextSpan]) -> Result<usize, MissingGlyph> {
    let lines = canvas.lines(&text(spans, &excerpt(spans)));
    Ok(lines.map_err(|missing| around(missing, spans))?.len())
}

/// A paragraph of text, two characters in.
fn text<'a>(spans: &[TextSpan], place: &'a str) -> SetParagraph<'a> {
    let style = Type::new(TypeRole::FangSong, SIZE_3);
    SetParagraph { chars: chars(spans, TypeRole::FangSong), style, indent: (2.0, 0.0), keep: 0.0, place }
}

/// 一、黑体 （一）楷体 1. and （1）仿宋 (clause 7.3.3). A heading is not left alone at the foot.
fn heading(canvas: &mut Canvas, level: u8, text: &[TextSpan], keep: f32) -> Result<(), MissingGlyph> {
    let (role, size) = match level {
        1 => (TypeRole::Hei, SIZE_3),
        // The letters of 楷体 are too light for a heading, and those of 小标宋 look larger than the level above.
        2 if canvas.words.is_alphabetic => (TypeRole::Hei, SIZE_4),
        2 => (TypeRole::Kai, SIZE_3),
        _ => (TypeRole::FangSong, SIZE_3),
    };
    let title: String = text.iter().map(|span| span.text.as_str()).collect();
    let style = Type::new(role, size);
    canvas.to_grid();
    canvas.need(LINE + keep);
    canvas.bookmark(level.min(4), &title);
    canvas.begin(Tag::Heading(level + 1));
    canvas.paragraph(SetParagraph {
        chars: chars(text, role),
        style,
        indent: (2.0 * CELL / style.em(), 0.0),
        keep,
        place: "heading",
    })?;
    canvas.end();
    Ok(())
}

fn chars(spans: &[TextSpan], plain: TypeRole) -> Vec<Char> {
    let role = |style: Style| match style {
        Style::Plain => plain,
        Style::Strong => TypeRole::Hei,
        Style::Emphasis => TypeRole::Kai,
    };
    spans.iter().flat_map(|s| s.text.chars().map(move |c| Char { c, role: role(s.style) })).collect()
}

fn excerpt(spans: &[TextSpan]) -> String {
    let text: String = spans.iter().flat_map(|span| span.text.chars()).take(12).collect();
    format!("paragraph \"{text}…\"")
}

/// 附件: new page, label on the first line in 黑体, title on the third line (clause 7.3.7).
fn attachment(canvas: &mut Canvas, label: &str, title: &str, turned: bool) -> Result<(), MissingGlyph> {
    canvas.new_page(if turned { TURNED } else { UPRIGHT });
    let across = (canvas.area.left, canvas.area.width);
    canvas.bookmark(0, &format!("{label} {title}"));
    canvas.label = label.to_owned();
    canvas.begin(Tag::Heading(2));
    canvas.text(label, Type::new(TypeRole::Hei, SIZE_3), across, (canvas.y, LINE), Alignment::Left)?;
    canvas.y += 2.0 * LINE;
    let style = Type::new(TypeRole::SmallTitle, SIZE_2);
    for line in title::lines(title, across.1 / style.em()) {
        canvas.text(&line, style, across, (canvas.y, LINE), Alignment::Center)?;
        canvas.y += LINE;
    }
    canvas.end();
    canvas.y += LINE / 2.0;
    Ok(())
}
