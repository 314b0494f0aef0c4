//! Sections: upright and turned sheets with the type area of the official page, their headers and footers.

use super::measures::{line, twips};
use super::xml::{XmlElement, element, value};
use crate::layout::page::{Area, PAGE, TURNED, UPRIGHT};

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sheets {
    Upright,
    Turned,
    /// 版记 on a sheet of its own: the next even page, without a number where a blank page is before it
    /// (GB/T 9704-2012, 7.5).
    Imprint {
        is_numbered: bool,
    },
}

/// A header or footer, with the id of its relationship.
pub(super) const ODD: &str = "rIdFooterOdd";
pub(super) const EVEN: &str = "rIdFooterEven";
pub(super) const TURNED_ODD: &str = "rIdFooterTurnedOdd";
pub(super) const TURNED_EVEN: &str = "rIdFooterTurnedEven";
pub(super) const BLANK: &str = "rIdFooterBlank";
pub(super) const DRAFT: &str = "rIdHeaderDraft";

/// From the edge of the sheet to the foot of the page number: its dash then lies 7 mm below the type area.
const FOOTER: f32 = 24.9;
/// From the upper edge of the type area up to the foot of the mark of a draft.
const ABOVE: f32 = 14.8;

/// The properties of a section.
pub(super) fn properties(sheets: Sheets, is_draft: bool) -> XmlElement {
    let mut out = element("w:sectPr");
    if is_draft {
        for kind in ["default", "even"] {
            out = out.child(element("w:headerReference").with("w:type", kind).with("r:id", DRAFT));
        }
    }
    let (odd, even) = match sheets {
        Sheets::Upright | Sheets::Imprint { is_numbered: true } => (ODD, EVEN),
        Sheets::Turned => (TURNED_ODD, TURNED_EVEN),
        Sheets::Imprint { is_numbered: false } => (BLANK, BLANK),
    };
    for (kind, id) in [("default", odd), ("even", even)] {
        out = out.child(element("w:footerReference").with("w:type", kind).with("r:id", id));
    }
    let kind = if matches!(sheets, Sheets::Imprint { .. }) { "evenPage" } else { "nextPage" };
    let area = if sheets == Sheets::Turned { TURNED } else { UPRIGHT };
    // Lines alone: programs differ in what they make of a grid of characters, so the 28 cells of a line are
    // kept by the spacing of the text.
    let grid = element("w:docGrid").with("w:type", "lines").with("w:linePitch", line());
    out.child(value("w:type", kind)).child(size(area)).child(margins(area)).child(grid)
}

fn size(area: Area) -> XmlElement {
    let (width, height) = area.page;
    let size = element("w:pgSz").with("w:w", twips(width)).with("w:h", twips(height));
    if area.page == PAGE { size } else { size.with("w:orient", "landscape") }
}

fn margins(area: Area) -> XmlElement {
    let (width, height) = area.page;
    element("w:pgMar")
        .with("w:top", twips(area.top))
        .with("w:right", twips(width - area.left - area.width))
        .with("w:bottom", twips(height - area.top - area.height))
        .with("w:left", twips(area.left))
        .with("w:header", twips(area.top - ABOVE))
        .with("w:footer", twips(FOOTER))
        .with("w:gutter", 0)
}
