//! The first page above its text: issuer mark, number, red rule, title and addressee.

use crate::layout::line_break::{Alignment, width};
use crate::layout::line_break::{Setting, set};
use crate::layout::metrics::{MissingGlyph, Role};
use crate::layout::page::{
    CELL, Canvas, Colour, LEFT, LINE, MM_PER_PT, Paragraph, SIZE_2, SIZE_3, TOP, Type, WIDTH, text_item,
};
use crate::report::document::Head;
use crate::report::words::fill;

/// The largest issuer mark, in points.
const LARGEST_MARK: f32 = 48.0;
/// Pitch of the title's lines.
const TITLE_LINE: f32 = 1.1 * LINE;

/// 发文机关标志 (clause 7.2.4), number and red rule (7.2.5, 7.2.7), or the head of a 简报.
pub(super) fn mark(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    let top = TOP + if head.brief { 10.0 } else { 35.0 };
    let mut y = draw_mark(canvas, &head.mark, top)?;
    let text = Type::new(Role::FangSong, SIZE_3);
    if head.brief {
        if let Some(number) = &head.number {
            canvas.text(number, text, (LEFT, WIDTH), (y + LINE * 0.5, LINE), Alignment::Center)?;
        }
        y += LINE * 1.7;
        let sides = (LEFT + CELL, WIDTH - 2.0 * CELL);
        canvas.text(&head.signatory, text, sides, (y, LINE), Alignment::Left)?;
        canvas.text(&head.date, text, sides, (y, LINE), Alignment::Right)?;
    } else {
        // Two blank lines below the mark.
        y += 2.0 * LINE;
        if let Some(number) = &head.number {
            canvas.text(number, text, (LEFT, WIDTH), (y, LINE), Alignment::Center)?;
        }
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
    let style = Type::new(Role::Hei, SIZE_3);
    canvas.text(label, style, (LEFT, WIDTH), (canvas.y, LINE), Alignment::Left)?;
    canvas.y += LINE;
    Ok(())
}

/// Draws the mark with the upper edge of its ink at `top`, where a ruler measures it; returns its
/// lower edge. It fills the type area at most.
fn draw_mark(canvas: &mut Canvas, mark: &str, top: f32) -> Result<f32, MissingGlyph> {
    let unit = Type::new(Role::SmallTitle, 1.0);
    let place = |lack: MissingGlyph| lack.at("issuer mark".to_owned());
    let ems = width(&unit.chars(mark), canvas.metrics, "").map_err(place)?;
    let size = (WIDTH * 0.94 / ems.max(1.0) / MM_PER_PT).min(LARGEST_MARK);
    let style = Type { role: Role::SmallTitle, size, colour: Colour::Red };
    let setting = Setting::flush(style.em(), WIDTH, Alignment::Center);
    for line in set(&style.chars(mark), setting, canvas.metrics, "").map_err(place)? {
        let inks = line.glyphs.iter().filter_map(|placed| canvas.metrics.ink(placed.glyph));
        let highest = inks.map(|ink| ink.top).fold(f32::NAN, f32::max);
        let height = if highest.is_nan() { 0.88 } else { highest } * size * MM_PER_PT;
        canvas.push(text_item(&line, LEFT, top + height, style));
    }
    Ok(top + size * MM_PER_PT)
}

/// Title two lines below the rule (clause 7.3.1), addressee one line below it (7.3.2). A line in
/// brackets below the title is set as its note, in 楷体.
pub(super) fn title(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    canvas.y += if head.brief || head.annex.is_some() { LINE } else { 2.0 * LINE };
    canvas.bookmark(0, &head.title.replace('\n', ""));
    for (i, line) in head.title.lines().enumerate() {
        let is_note = i > 0 && line.starts_with('（') && line.ends_with('）');
        let style = if is_note { Type::new(Role::Kai, SIZE_3) } else { Type::new(Role::SmallTitle, SIZE_2) };
        for part in super::title::lines(line, WIDTH / style.em()) {
            canvas.text(&part, style, (LEFT, WIDTH), (canvas.y, TITLE_LINE), Alignment::Center)?;
            canvas.y += TITLE_LINE;
        }
    }
    canvas.y += LINE;
    canvas.grid = canvas.y;
    if let Some(addressee) = &head.addressee {
        let style = Type::new(Role::FangSong, SIZE_3);
        let chars = style.chars(&fill(head.words.addressee, &[addressee]));
        canvas.paragraph(Paragraph { chars, style, indent: (0.0, 0.0), keep: 0.0, place: "addressee" })?;
    }
    Ok(())
}
