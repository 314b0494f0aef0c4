//! What closes the text: the list of attachments, issuer and date.

use crate::layout::line_break::{Alignment, Setting, set_hanging, width};
use crate::layout::metrics::{MissingGlyph, TypeRole};
use crate::layout::page::{CELL, Canvas, LEFT, LINE, SIZE_3, SetParagraph, Type, WIDTH};
use crate::report::document::PageHead;
use crate::report::words::fill;

fn style() -> Type {
    Type::new(TypeRole::FangSong, SIZE_3)
}

/// A line of 附件说明 with its indents in characters: of its first line and of the others.
type AttachmentLine = (String, (f32, f32));

/// Entries of 附件说明 with their indents in characters: later lines begin below the first number,
/// and a name that runs over its line goes on below its own first character (clause 7.3.4).
fn entries(canvas: &Canvas, head: &PageHead) -> Result<Vec<AttachmentLine>, MissingGlyph> {
    let several = head.attachments.len() > 1;
    let mut out = Vec::new();
    for (i, name) in head.attachments.iter().enumerate() {
        let label = if i == 0 { head.words.attachments_of(head.attachments.len()) } else { "" };
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
pub(super) fn height(canvas: &Canvas, head: &PageHead) -> Result<f32, MissingGlyph> {
    let mut lines = 0;
    for (text, (indent, hang)) in entries(canvas, head)? {
        let setting = Setting { indent: indent * CELL, ..Setting::flush(CELL, WIDTH, Alignment::Justified) };
        let chars = style().chars(&text);
        lines += set_hanging(&chars, setting, hang * CELL, canvas.metrics, "list of attachments")?.len();
    }
    let blank = usize::from(!head.attachments.is_empty());
    Ok((lines + blank) as f32 * LINE + signature_height(head))
}

/// 附件说明: one blank line below the text, indent 2, names without end marks (clause 7.3.4).
pub(super) fn attachment_list(canvas: &mut Canvas, head: &PageHead) -> Result<(), MissingGlyph> {
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
        canvas.paragraph(SetParagraph { chars, style: style(), indent, keep: 0.0, place })?;
    }
    Ok(())
}

/// Blank lines above the issuer. A seal of 42 mm has its upper edge within a line of the text, and
/// issuer and date a little below its middle (clause 7.3.5.1).
fn blank_lines(head: &PageHead) -> usize {
    if head.seal { 2 } else { 1 }
}

/// Issuers and date. Without a seal (clause 7.3.5.2) the issuer stands 2 characters in from the right
/// and the date begins 2 characters right of the issuer; if the date is the longer, it stands 2
/// characters in and the issuer moves left. With a seal (7.3.5.1) the date stands 4 characters in, and
/// the issuer is centred above it.
pub(super) fn signature(canvas: &mut Canvas, head: &PageHead) -> Result<(), MissingGlyph> {
    let em = style().em();
    let measure =
        |text: &str| width(&style().chars(text), canvas.metrics, "signature").map(|width| width * em);
    let date = measure(&head.date)?;
    let issuers = issuers(head);
    let widths = issuers.iter().map(|issuer| measure(issuer)).collect::<Result<Vec<_>, _>>()?;
    let widest = widths.iter().copied().fold(0.0, f32::max);
    let right = LEFT + WIDTH;
    let (x, date_x) = match (head.seal, date > widest) {
        (true, _) => {
            // The pair moves left as a whole where the longer issuer would leave the type area.
            let middle = (right - 4.0 * em - date / 2.0).min(right - widest / 2.0);
            (middle - widest / 2.0, middle - date / 2.0)
        }
        (false, true) => (right - date - 4.0 * em, right - date - 2.0 * em),
        (false, false) => {
            let x = (right - 2.0 * em - widest).max(LEFT);
            (x, x + 2.0 * em)
        }
    };
    canvas.to_grid();
    canvas.need(signature_height(head));
    canvas.y += blank_lines(head) as f32 * LINE;
    for (issuer, width) in issuers.iter().zip(&widths) {
        let x = if head.seal { x + (widest - width) / 2.0 } else { x }.max(LEFT);
        canvas.text(issuer, style(), (x, right - x + 0.05), (canvas.y, LINE), Alignment::Left)?;
        canvas.y += LINE;
    }
    let date_x = date_x.max(LEFT);
    canvas.text(&head.date, style(), (date_x, right - date_x), (canvas.y, LINE), Alignment::Left)?;
    canvas.y += LINE;
    if let Some(remark) = &head.remark {
        // 附注, two characters in on the line below the date (clause 7.3.6).
        let words = fill(head.words.remark, &[remark]);
        canvas.text(
            &words,
            style(),
            (LEFT + 2.0 * em, WIDTH - 2.0 * em),
            (canvas.y, LINE),
            Alignment::Left,
        )?;
        canvas.y += LINE;
    } else if head.seal {
        // The seal reaches below the date.
        canvas.y += LINE / 2.0;
    }
    Ok(())
}

/// From the end of the text to that of the date or what stands below it.
fn signature_height(head: &PageHead) -> f32 {
    let below = match (&head.remark, head.seal) {
        (Some(_), _) => 1.0,
        (None, true) => 0.5,
        (None, false) => 0.0,
    };
    (blank_lines(head) + issuers(head).len() + 1) as f32 * LINE + below * LINE
}

/// The issuers line by line; a name that is wider than the page is broken by sense.
fn issuers(head: &PageHead) -> Vec<String> {
    const MOST: usize = 26;
    let names = std::iter::once(&head.signatory).chain(&head.co_issuers);
    let lines = names.flat_map(|name| match name.chars().count() {
        0..=MOST => vec![name.clone()],
        _ => super::title::lines(name, MOST as f32),
    });
    lines.collect()
}
