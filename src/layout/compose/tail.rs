//! What closes the text: the list of attachments, issuer and date.

use crate::layout::line_break::{Alignment, Setting, set_hanging, width};
use crate::layout::metrics::{MissingGlyph, Role};
use crate::layout::page::{CELL, Canvas, LEFT, LINE, Paragraph, SIZE_3, Type, WIDTH};
use crate::report::document::Head;

fn style() -> Type {
    Type::new(Role::FangSong, SIZE_3)
}

/// A line of 附件说明 with its indents in characters: of its first line and of the others.
type Entry = (String, (f32, f32));

/// Entries of 附件说明 with their indents in characters: later lines begin below the first number,
/// and a name that runs over its line goes on below its own first character (clause 7.3.4).
fn entries(canvas: &Canvas, head: &Head) -> Result<Vec<Entry>, MissingGlyph> {
    let several = head.attachments.len() > 1;
    let mut out = Vec::new();
    for (i, name) in head.attachments.iter().enumerate() {
        let label = if i == 0 { head.words.attachments } else { "" };
        let number = if several { format!("{}. ", i + 1) } else { String::new() };
        let first = if i == 0 { 2.0 } else { 5.0 };
        let before = format!("{label}{number}");
        let hang = first + width(&style().chars(&before), canvas.metrics, "list of attachments")?;
        out.push((format!("{before}{name}"), (first, hang)));
    }
    Ok(out)
}

/// Height of everything from the end of the text to the date. None of it may stand on a page without
/// text.
pub(super) fn height(canvas: &Canvas, head: &Head) -> Result<f32, MissingGlyph> {
    let mut lines = 3;
    for (text, (indent, hang)) in entries(canvas, head)? {
        let setting = Setting { indent: indent * CELL, ..Setting::flush(CELL, WIDTH, Alignment::Justified) };
        let chars = style().chars(&text);
        lines += set_hanging(&chars, setting, hang * CELL, canvas.metrics, "list of attachments")?.len();
    }
    let blank = usize::from(!head.attachments.is_empty());
    Ok((lines + blank) as f32 * LINE)
}

/// 附件说明: one blank line below the text, indent 2, names without end marks (clause 7.3.4).
pub(super) fn attachment_list(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    if head.attachments.is_empty() {
        return Ok(());
    }
    canvas.to_grid();
    let whole = height(canvas, head)?;
    canvas.need(whole);
    if !canvas.at_top() {
        canvas.y += LINE;
    }
    for (text, indent) in entries(canvas, head)? {
        let chars = style().chars(&text);
        let place = "list of attachments";
        canvas.paragraph(Paragraph { chars, style: style(), indent, keep: 0.0, place })?;
    }
    Ok(())
}

/// Issuer and date without a seal (clause 7.3.5.2): the issuer 2 characters in from the right, the
/// date beginning 2 characters right of the issuer; if the date is the longer, it stands 2
/// characters in and the issuer moves left.
pub(super) fn signature(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    let em = style().em();
    let measure =
        |text: &str| width(&style().chars(text), canvas.metrics, "signature").map(|width| width * em);
    let (issuer, date) = (measure(&head.signatory)?, measure(&head.date)?);
    let right = LEFT + WIDTH - 2.0 * em;
    let x = if date > issuer { right - date - 2.0 * em } else { right - issuer }.max(LEFT);
    canvas.to_grid();
    canvas.need(3.0 * LINE);
    canvas.y += LINE;
    let left = |x: f32| (x, LEFT + WIDTH - x);
    canvas.text(&head.signatory, style(), left(x), (canvas.y, LINE), Alignment::Left)?;
    canvas.text(&head.date, style(), left(x + 2.0 * em), (canvas.y + LINE, LINE), Alignment::Left)?;
    canvas.y += 2.0 * LINE;
    Ok(())
}
