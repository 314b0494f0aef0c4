//! Charts and small lines as pictures. A high chart is cut between its rows into strips that follow each
//! other without a gap: a page may end between two of them, and no half page stays blank before it.

use super::measures::{emu, twips};
use super::paragraph::WordParagraph;
use super::styles;
use super::xml::{XmlElement, element};
use crate::layout::page::{MM_PER_PT, Page, PageItem};

/// A chart of at most this height is one picture, in mm.
const WHOLE: f32 = 90.0;
/// The least height of a strip.
const STRIP: f32 = 40.0;
/// Blank above and below a chart.
const GAP: f32 = 3.0;

const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const PICTURE: &str = "http://schemas.openxmlformats.org/drawingml/2006/picture";

/// The pictures of a document, each once.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    pub(super) drawings: Vec<Page>,
    /// Every place of a picture has a number of its own.
    places: usize,
}

impl Pictures {
    /// A run that shows a drawing in its own size.
    pub(super) fn run(&mut self, drawing: Page, description: &str) -> XmlElement {
        self.places += 1;
        let (width, height) = (emu(drawing.width), emu(drawing.height));
        let known = self.drawings.iter().position(|known| *known == drawing);
        let at = known.unwrap_or_else(|| {
            self.drawings.push(drawing);
            self.drawings.len() - 1
        });
        let extent = |name| element(name).with("cx", width).with("cy", height);
        let name = format!("Picture {}", self.places);
        let fill = element("pic:blipFill")
            .child(element("a:blip").with("r:embed", relationship(at)))
            .child(element("a:stretch").child(element("a:fillRect")));
        let shape = element("pic:spPr")
            .child(element("a:xfrm").child(element("a:off").with("x", 0).with("y", 0)).child(extent("a:ext")))
            .child(element("a:prstGeom").with("prst", "rect").child(element("a:avLst")));
        let about = |tag| element(tag).with("id", self.places).with("name", &name).with("descr", description);
        let picture = element("pic:pic")
            .with("xmlns:pic", PICTURE)
            .child(element("pic:nvPicPr").child(about("pic:cNvPr")).child(element("pic:cNvPicPr")))
            .child(fill)
            .child(shape);
        let graphic = element("a:graphic")
            .with("xmlns:a", DRAWING)
            .child(element("a:graphicData").with("uri", PICTURE).child(picture));
        let mut inline = element("wp:inline");
        for side in ["distT", "distB", "distL", "distR"] {
            inline = inline.with(side, 0);
        }
        let inline = inline.child(extent("wp:extent")).child(about("wp:docPr")).child(graphic);
        element("w:r").child(element("w:drawing").child(inline))
    }

    /// The paragraphs of a chart; its description is what a screen reader says.
    pub(super) fn chart(&mut self, drawing: &Page, description: &str) -> Vec<XmlElement> {
        let strips = strips(drawing);
        let last = strips.len().saturating_sub(1);
        let paragraph = |(i, strip): (usize, Page)| {
            // The title does not stand alone, nor does what closes the chart.
            let keep = last > 0 && (i == 0 || i + 1 == last);
            let description =
                if i == 0 { description.to_owned() } else { format!("{description} ({})", i + 1) };
            let blank = |is_edge| if is_edge { twips(GAP) } else { 0 };
            let paragraph = WordParagraph::of(styles::FIGURE).keep_next(keep);
            let paragraph = paragraph.before(blank(i == 0)).after(blank(i == last));
            paragraph.run(self.run(strip, &description)).build()
        };
        strips.into_iter().enumerate().map(paragraph).collect()
    }
}

/// The relationship of a picture.
pub(super) fn relationship(at: usize) -> String {
    format!("rIdImage{}", at + 1)
}

/// A drawing in strips that are cut where no text stands.
fn strips(drawing: &Page) -> Vec<Page> {
    if drawing.height <= WHOLE {
        return vec![drawing.clone()];
    }
    let gaps = gaps(drawing);
    let (mut out, mut top) = (Vec::new(), 0.0);
    while drawing.height - top > 2.0 * STRIP {
        let Some(cut) = gaps.iter().copied().find(|gap| *gap >= top + STRIP) else { break };
        if drawing.height - cut < STRIP / 2.0 {
            break;
        }
        out.push(slice(drawing, top, cut));
        top = cut;
    }
    out.push(slice(drawing, top, drawing.height));
    out
}

/// Heights between the lines of text of a drawing, from the top.
fn gaps(drawing: &Page) -> Vec<f32> {
    let band = |item: &PageItem| match item {
        PageItem::Text { baseline, size, .. } => {
            let em = size * MM_PER_PT;
            Some((baseline - em, baseline + 0.3 * em))
        }
        _ => None,
    };
    let mut bands: Vec<(f32, f32)> = drawing.items.iter().filter_map(band).collect();
    bands.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut out, mut end) = (Vec::new(), f32::MAX);
    for (top, bottom) in bands {
        if top > end {
            out.push((end + top) / 2.0);
        }
        end = if end == f32::MAX { bottom } else { end.max(bottom) };
    }
    out
}

/// What of a drawing is between two heights.
fn slice(drawing: &Page, top: f32, bottom: f32) -> Page {
    let inside = |y: f32| y.clamp(top, bottom) - top;
    let cut = |item: &PageItem| match item.clone() {
        PageItem::Text { baseline, size, glyphs, colour } => (baseline > top && baseline <= bottom)
            .then_some(PageItem::Text { baseline: baseline - top, size, glyphs, colour }),
        PageItem::Line { from, to, width, colour, dash } => {
            let is_inside = from.1.max(to.1) >= top && from.1.min(to.1) <= bottom;
            let place = |(x, y): (f32, f32)| (x, inside(y));
            is_inside.then(|| PageItem::Line { from: place(from), to: place(to), width, colour, dash })
        }
        PageItem::Fill { x, y, width, height, colour } => {
            let (from, to) = (inside(y), inside(y + height));
            (to > from).then_some(PageItem::Fill { x, y: from, width, height: to - from, colour })
        }
    };
    Page {
        width: drawing.width,
        height: bottom - top,
        items: drawing.items.iter().filter_map(cut).collect(),
        ..Page::default()
    }
}
