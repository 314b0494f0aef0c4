//! What stands below the text: 版记, page numbers, and the mark of a draft.

use super::measures::{emu, twips};
use super::package::{is_chinese, root};
use super::paragraph::WordParagraph;
use super::section::Sheets;
use super::styles;
use super::xml::{XmlElement, element};
use crate::layout::line_break::width;
use crate::layout::metrics::{Metrics, MissingGlyph, TypeRole};
use crate::layout::page::{Imprint, LEFT, MM_PER_PT, Pages, SIZE_4, TURNED, Type, WIDTH};
use crate::report::document::PageHead;
use crate::report::words::fill;

/// One character of 四号, by which page numbers and 版记 are set in.
const CHARACTER: f32 = SIZE_4 * MM_PER_PT;
const SHAPE: &str = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape";

/// Where 版记 stands; `None` for a document without it.
pub(super) fn place(head: &PageHead, pages: &Pages) -> Option<Imprint> {
    (head.printed_by.is_some() && head.annex.is_none()).then_some(pages.imprint)
}

/// The section that 版记 needs for itself, on an even page.
pub(super) fn sheets(place: Imprint) -> Option<Sheets> {
    match place {
        Imprint::BelowText => None,
        Imprint::NextPage => Some(Sheets::Imprint { is_numbered: true }),
        Imprint::Alone => Some(Sheets::Imprint { is_numbered: false }),
    }
}

/// 版记 in a frame that is at the foot of the type area, whatever the text above it does, and grows
/// upwards: 抄送 and 印发 between rules of 0.35, 0.25 and 0.35 mm (clause 7.4).
pub(super) fn imprint(head: &PageHead, metrics: &dyn Metrics) -> Result<Vec<XmlElement>, MissingGlyph> {
    let frame = element("w:framePr")
        .with("w:w", twips(WIDTH))
        .with("w:wrap", "around")
        .with("w:vAnchor", "margin")
        .with("w:hAnchor", "margin")
        .with("w:xAlign", "left")
        .with("w:yAlign", "bottom");
    // Rules are black lines as low as they are: borders of a paragraph that is set in would be as short as it,
    // and LibreOffice makes no frame of paragraphs with different borders.
    let rule = |mm| WordParagraph::of(styles::LOWEST).line(twips(mm)).fill("000000");
    let mut out = vec![rule(0.35)];
    if let Some(copies) = &head.copy_to {
        let text = fill(head.words.copy_to, &[copies]);
        let paragraph = WordParagraph::of(styles::IMPRINT).align(if is_chinese(&head.language) {
            "both"
        } else {
            "left"
        });
        out.push(paragraph.hanging(CHARACTER, 4.0 * CHARACTER, CHARACTER).text(&text));
        out.push(rule(0.25));
    }
    out.extend(printed(head, metrics)?);
    out.push(rule(0.35));
    Ok(out.into_iter().map(|paragraph| paragraph.frame(frame.clone()).build()).collect())
}

/// Who has it printed, and when: on one line where there is room.
fn printed(head: &PageHead, metrics: &dyn Metrics) -> Result<Vec<WordParagraph>, MissingGlyph> {
    let (issuer, date) =
        (head.printed_by.as_deref().unwrap_or_default(), fill(head.words.printed, &[&head.date]));
    let style = Type::new(TypeRole::FangSong, SIZE_4);
    let measure = |text: &str| width(&style.chars(text), metrics, "foot").map(|ems| ems * style.em());
    let paragraph = || WordParagraph::of(styles::IMPRINT).sides(CHARACTER, CHARACTER);
    Ok(match measure(issuer)? + measure(&date)? + CHARACTER <= WIDTH - 2.0 * CHARACTER {
        true => vec![paragraph().tab(WIDTH - CHARACTER, "right").text(&format!("{issuer}\t{date}"))],
        false => vec![paragraph().text(issuer), paragraph().align("right").text(&date)],
    })
}

/// `— 1 —`, odd right, even left, one character in (clause 7.5).
fn number(is_odd: bool) -> XmlElement {
    let field = |kind| element("w:r").child(element("w:fldChar").with("w:fldCharType", kind));
    let code = element("w:instrText").with("xml:space", "preserve").text(" PAGE ");
    let paragraph = WordParagraph::of(styles::FOOTER);
    let paragraph = match is_odd {
        true => paragraph.sides(0.0, CHARACTER).align("right"),
        false => paragraph.sides(CHARACTER, 0.0).align("left"),
    };
    paragraph
        .text("— ")
        .run(field("begin"))
        .run(element("w:r").child(code))
        .run(field("separate"))
        .text("1")
        .run(field("end"))
        .text(" —")
        .build()
}

pub(super) fn page_number(is_odd: bool) -> XmlElement {
    root("w:ftr").child(number(is_odd))
}

pub(super) fn no_page_number() -> XmlElement {
    root("w:ftr").child(WordParagraph::of(styles::FOOTER).build())
}

pub(super) fn draft_mark(text: &str) -> XmlElement {
    root("w:hdr").child(WordParagraph::of(styles::HEADER).text(text).build())
}

/// The number of a turned sheet stands where the upright ones have it (clause 8): in the margin at the left
/// of what is read, a quarter turn to the right.
pub(super) fn turned_page_number(is_odd: bool) -> XmlElement {
    /// Width of the box around the number; its dash is 7 mm outside the type area.
    const BOX: f32 = 6.0;
    let (left, top) = (TURNED.left - 7.0 - BOX / 2.0, LEFT);
    let place = |name, mm| {
        element(name).with("relativeFrom", "page").child(element("wp:posOffset").text(&emu(mm).to_string()))
    };
    let extent = |name| element(name).with("cx", emu(BOX)).with("cy", emu(WIDTH));
    let mut anchor = element("wp:anchor");
    for (name, is) in [
        ("distT", 0),
        ("distB", 0),
        ("distL", 0),
        ("distR", 0),
        ("simplePos", 0),
        ("relativeHeight", 1),
        ("behindDoc", 0),
        ("locked", 0),
        ("layoutInCell", 1),
        ("allowOverlap", 1),
    ] {
        anchor = anchor.with(name, is);
    }
    let id = if is_odd { 9001 } else { 9002 };
    let anchor = anchor
        .child(element("wp:simplePos").with("x", 0).with("y", 0))
        .child(place("wp:positionH", left))
        .child(place("wp:positionV", top))
        .child(extent("wp:extent"))
        .child(element("wp:wrapNone"))
        .child(element("wp:docPr").with("id", id).with("name", "Page number"))
        .child(element("wp:cNvGraphicFramePr"))
        .child(shape(extent("a:ext"), number(is_odd)));
    let choice = element("mc:Choice").with("Requires", "wps").child(element("w:drawing").child(anchor));
    let run = element("w:r").child(element("mc:AlternateContent").child(choice));
    root("w:ftr").child(WordParagraph::of(styles::FOOTER).run(run).build())
}

/// A box without frame whose text runs from top to bottom.
fn shape(extent: XmlElement, text: XmlElement) -> XmlElement {
    let form = element("wps:spPr")
        .child(element("a:xfrm").child(element("a:off").with("x", 0).with("y", 0)).child(extent))
        .child(element("a:prstGeom").with("prst", "rect").child(element("a:avLst")))
        .child(element("a:noFill"))
        .child(element("a:ln").child(element("a:noFill")));
    let mut body = element("wps:bodyPr").with("vert", "vert");
    for side in ["lIns", "tIns", "rIns", "bIns"] {
        body = body.with(side, 0);
    }
    let shape = element("wps:wsp")
        .child(element("wps:cNvSpPr").with("txBox", 1))
        .child(form)
        .child(element("wps:txbx").child(element("w:txbxContent").child(text)))
        .child(body);
    element("a:graphic")
        .with("xmlns:a", "http://schemas.openxmlformats.org/drawingml/2006/main")
        .child(element("a:graphicData").with("uri", SHAPE).child(shape))
}
