//! What closes the text: the list of attachments, issuer and date.

use super::measures::line;
use super::paragraph::WordParagraph;
use super::styles;
use super::xml::XmlElement;
use crate::layout::compose::title;
use crate::layout::line_break::width;
use crate::layout::metrics::{Metrics, MissingGlyph, TypeRole};
use crate::layout::page::{CELL, SIZE_3, Type};
use crate::report::document::PageHead;
use crate::report::words::fill;

/// A name that is wider is broken by sense, in characters.
const MOST: usize = 26;

/// Width of a text on one line, in mm.
fn measure(text: &str, metrics: &dyn Metrics) -> Result<f32, MissingGlyph> {
    let style = Type::new(TypeRole::FangSong, SIZE_3);
    Ok(width(&style.chars(text), metrics, "signature")? * style.em())
}

/// 附件说明, issuer and date, all on the page of the text's end.
pub(super) fn write(head: &PageHead, metrics: &dyn Metrics) -> Result<Vec<XmlElement>, MissingGlyph> {
    let mut out = attachments(head, metrics)?;
    out.extend(signature(head, metrics)?);
    Ok(out)
}

/// One blank line below the text, indent 2, later lines below the first character of a name (clause 7.3.4).
fn attachments(head: &PageHead, metrics: &dyn Metrics) -> Result<Vec<XmlElement>, MissingGlyph> {
    let several = head.attachments.len() > 1;
    let entry = |(i, name): (usize, &String)| {
        let label = if i == 0 { head.words.attachments_of(head.attachments.len()) } else { "" };
        let number = if several { format!("{}. ", i + 1) } else { String::new() };
        let first = if i == 0 { 2.0 } else { 5.0 } * CELL;
        let before = format!("{label}{number}");
        let rest = first + measure(&before, metrics)?;
        let paragraph = WordParagraph::of(styles::ATTACHMENT_LIST).keep_next(true);
        let paragraph = if i == 0 { paragraph.before(line()) } else { paragraph };
        Ok(paragraph.hanging(first, rest, 0.0).text(&format!("{before}{name}")).build())
    };
    head.attachments.iter().enumerate().map(entry).collect()
}

/// Without a seal the issuer stands 2 characters in and the date begins 2 characters right of it, or the
/// date stands 2 characters in where it is the longer; with a seal the date stands 4 characters in, and the
/// issuer is centred above it (clauses 7.3.5.1 and 7.3.5.2).
fn signature(head: &PageHead, metrics: &dyn Metrics) -> Result<Vec<XmlElement>, MissingGlyph> {
    let date = measure(&head.date, metrics)?;
    let lines: Vec<String> = std::iter::once(&head.signatory)
        .chain(&head.co_issuers)
        .flat_map(|name| match name.chars().count() {
            0..=MOST => vec![name.clone()],
            _ => title::lines(name, MOST as f32),
        })
        .collect();
    let widths = lines.iter().map(|text| measure(text, metrics)).collect::<Result<Vec<_>, _>>()?;
    let widest = widths.iter().copied().fold(0.0, f32::max);
    // The right edge of what stands flush left together, and of the date, from the right.
    let (issuer_edge, date_edge) = match date > widest {
        true => (date + 4.0 * CELL - widest, 2.0 * CELL),
        false => (2.0 * CELL, widest - date),
    };
    let blank = if head.seal { 2 } else { 1 };
    let mut out = Vec::new();
    for (i, (text, width)) in lines.iter().zip(&widths).enumerate() {
        let right = match head.seal {
            true => 4.0 * CELL + (date - width) / 2.0,
            false => issuer_edge + widest - width,
        };
        let paragraph = WordParagraph::of(styles::SIGNATURE).sides(0.0, right.max(0.0));
        let paragraph = if i == 0 { paragraph.before(blank * line()) } else { paragraph };
        out.push(paragraph.text(text).build());
    }
    let right = if head.seal { 4.0 * CELL } else { date_edge };
    let date = WordParagraph::of(styles::DATE).keep_next(head.remark.is_some()).sides(0.0, right.max(0.0));
    out.push(date.text(&head.date).build());
    if let Some(remark) = &head.remark {
        let words = fill(head.words.remark, &[remark]);
        out.push(WordParagraph::of(styles::REMARK).sides(2.0 * CELL, 0.0).text(&words).build());
    }
    Ok(out)
}
