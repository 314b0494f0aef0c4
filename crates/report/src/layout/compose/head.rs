//! The first page above its text: issuer mark, number, red rule, title and addressee.

use super::mark;
use crate::layout::line_break::{Alignment, Char, Setting, set, width};
use crate::layout::metrics::{MissingGlyph, TypeRole};
use crate::layout::page::{
    CELL, Canvas, Colour, LEFT, LINE, MM_PER_PT, SIZE_2, SIZE_3, SetParagraph, TOP, Type, WIDTH,
};
use crate::layout::structure::Tag;
use crate::report::document::PageHead;
use crate::report::words::fill;
use tongbao_base::one_line::one_line;

/// Pitch of the title's lines.
const TITLE_LINE: f32 = 1.1 * LINE;

/// 发文机关标志 (clause 7.2.4), number and red rule (7.2.5, 7.2.7), or the head of a 简报.
pub(super) fn mark(canvas: &mut Canvas, head: &PageHead) -> Result<(), MissingGlyph> {
    corner(canvas, head)?;
    let top = TOP + if head.brief { 10.0 } else { 35.0 };
    let mut y = mark::draw(canvas, head, top)?;
    if head.brief {
        let text = Type::new(TypeRole::FangSong, SIZE_3);
        if let Some(number) = &head.number {
            canvas.text(number, text, (LEFT, WIDTH), (y + LINE * 0.5, LINE), Alignment::Center)?;
        }
        y += LINE * 1.7;
        y = issuer_and_date(canvas, head, y)?;
    } else {
        // Two blank lines below the mark.
        y += 2.0 * LINE;
        number(canvas, head, y)?;
    }
    // 4 mm below the characters of the line.
    y += (LINE + SIZE_3 * MM_PER_PT) / 2.0 + 4.0;
    canvas.rule(LEFT, y, WIDTH, 0.6, Colour::Red);
    canvas.y = y;
    Ok(())
}

/// The label of an annex in place of a head, in 黑体 on the first line; its title stands on the third
/// (clause 7.3.7).
pub(super) fn annex(canvas: &mut Canvas, label: &str) -> Result<(), MissingGlyph> {
    let style = Type::new(TypeRole::Hei, SIZE_3);
    canvas.text(label, style, (LEFT, WIDTH), (canvas.y, LINE), Alignment::Left)?;
    canvas.y += LINE;
    Ok(())
}

/// The number, centred; on a report upward it stands one character in from the left, and 签发人 one
/// character in from the right, the name in 楷体 (clauses 7.2.5 and 7.2.6).
fn number(canvas: &mut Canvas, head: &PageHead, y: f32) -> Result<(), MissingGlyph> {
    let text = Type::new(TypeRole::FangSong, SIZE_3);
    let Some(signer) = &head.signer else {
        let number = head.number.as_deref().unwrap_or_default();
        return canvas.text(number, text, (LEFT, WIDTH), (y, LINE), Alignment::Center);
    };
    let sides = (LEFT + CELL, WIDTH - 2.0 * CELL);
    canvas.text(head.number.as_deref().unwrap_or_default(), text, sides, (y, LINE), Alignment::Left)?;
    let name = Type::new(TypeRole::Kai, SIZE_3);
    let chars: Vec<Char> = text.chars(head.words.signer).into_iter().chain(name.chars(signer)).collect();
    let setting = Setting::flush(CELL, sides.1, Alignment::Right);
    for line in set(&chars, setting, canvas.metrics, "签发人")? {
        canvas.put(&line, sides.0, y, LINE, text);
    }
    Ok(())
}

/// 份号, 密级 and 紧急程度 from the top line down at the left edge (clauses 7.2.1 to 7.2.3).
fn corner(canvas: &mut Canvas, head: &PageHead) -> Result<(), MissingGlyph> {
    for (i, text) in head.corner.iter().enumerate() {
        let is_number = text.bytes().all(|b| b.is_ascii_digit());
        let role = if is_number { TypeRole::FangSong } else { TypeRole::Hei };
        let band = (TOP + i as f32 * LINE, LINE);
        canvas.text(text, Type::new(role, SIZE_3), (LEFT, WIDTH), band, Alignment::Left)?;
    }
    Ok(())
}

/// Issuer and date of a 简报 on one line; a long issuer has as many lines of its own as it needs.
fn issuer_and_date(canvas: &mut Canvas, head: &PageHead, mut y: f32) -> Result<f32, MissingGlyph> {
    let text = Type::new(TypeRole::FangSong, SIZE_3);
    let sides = (LEFT + CELL, WIDTH - 2.0 * CELL);
    let measure = |words: &str| width(&text.chars(words), canvas.metrics, "issuer and date");
    let date = measure(&head.date)? * text.em();
    let room = sides.1 - date - 2.0 * CELL;
    let lines = super::title::set_by_sense(canvas, &head.signatory, text, room, "issuer")?;
    for line in &lines {
        canvas.put(line, sides.0, y, LINE, text);
        y += LINE;
    }
    y -= LINE;
    canvas.text(&head.date, text, sides, (y, LINE), Alignment::Right)?;
    Ok(y)
}

/// Title two lines below the rule (clause 7.3.1), addressee one line below it (7.3.2). A line in
/// brackets below the title is set as its note, in 楷体.
pub(super) fn title(canvas: &mut Canvas, head: &PageHead) -> Result<(), MissingGlyph> {
    canvas.y += if head.brief || head.annex.is_some() { LINE } else { 2.0 * LINE };
    canvas.bookmark(0, &one_line(&head.title));
    canvas.begin(Tag::Heading(1));
    for (i, line) in super::title::joined(&head.title).iter().enumerate() {
        let is_note = i > 0 && line.starts_with('（') && line.ends_with('）');
        let style =
            if is_note { Type::new(TypeRole::Kai, SIZE_3) } else { Type::new(TypeRole::SmallTitle, SIZE_2) };
        for part in super::title::lines(line, WIDTH / style.em()) {
            canvas.text(&part, style, (LEFT, WIDTH), (canvas.y, TITLE_LINE), Alignment::Center)?;
            canvas.y += TITLE_LINE;
        }
    }
    canvas.end();
    canvas.y += LINE;
    canvas.grid = canvas.y;
    if let Some(addressee) = &head.addressee {
        canvas.begin(Tag::Paragraph);
        let style = Type::new(TypeRole::FangSong, SIZE_3);
        let chars = style.chars(&fill(head.words.addressee, &[addressee]));
        canvas.paragraph(SetParagraph { chars, style, indent: (0.0, 0.0), keep: 0.0, place: "addressee" })?;
        canvas.end();
    }
    Ok(())
}
