//! Positioned items as SVG: what stands on the page in the PDF stands on the screen, in the
//! document's own fonts. Glyphs are drawn as outlines, because a reader's machine has not these fonts.
//! Writing to a text cannot fail, so the results of `write!` are dropped.

use std::collections::BTreeMap;
use std::fmt::Write;

use ttf_parser::OutlineBuilder;

use super::fonts::FontSet;
use tongbao_report::layout::metrics::Glyph;
use tongbao_report::layout::page::{Colour, MM_PER_PT, Page, PageItem};

/// Writes a page or a drawing. `title` is what a screen reader says.
pub fn svg(page: &Page, fonts: &FontSet, title: &str) -> String {
    let (width, height) = (number(page.width), number(page.height));
    let mut body = String::new();
    let mut outlines = BTreeMap::new();
    for item in &page.items {
        write_item(&mut body, item, fonts, &mut outlines);
    }
    let defs: String = outlines.into_values().collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{}</title><defs>{defs}</defs>\
         <path fill=\"#fff\" d=\"M0 0H{width}V{height}H0Z\"/>{body}</svg>\n",
        escaped(title)
    )
}

/// The outlines in use by face and glyph.
type Outlines = BTreeMap<(u16, u16), String>;

fn write_item(out: &mut String, item: &PageItem, fonts: &FontSet, outlines: &mut Outlines) {
    match item {
        PageItem::Text { baseline, size, glyphs, colour } => {
            let _ = write!(out, "<g fill=\"{}\">", hex(*colour));
            for (_, glyph, x) in glyphs {
                write_glyph(out, *glyph, (*x, *baseline), size * MM_PER_PT, fonts, outlines);
            }
            out.push_str("</g>");
        }
        PageItem::Line { from, to, width, colour, dash } => {
            let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
            let _ = write!(
                out,
                "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" d=\"M{x1} {y1}L{x2} {y2}\"",
                hex(*colour),
                number(*width)
            );
            if let Some((on, off)) = dash {
                // Dashes are given in points.
                let _ = write!(
                    out,
                    " stroke-dasharray=\"{} {}\"",
                    number(*on as f32 * MM_PER_PT),
                    number(*off as f32 * MM_PER_PT)
                );
            }
            out.push_str("/>");
        }
        PageItem::Fill { x, y, width, height, colour } => {
            let (x, y, width, height) = (number(*x), number(*y), number(*width), number(*height));
            let _ =
                write!(out, "<path fill=\"{}\" d=\"M{x} {y}h{width}v{height}h-{width}z\"/>", hex(*colour));
        }
    }
}

/// A glyph at its place; each outline is written once, in the units of its face.
fn write_glyph(
    out: &mut String,
    glyph: Glyph,
    (x, y): (f32, f32),
    em: f32,
    fonts: &FontSet,
    outlines: &mut Outlines,
) {
    let id = format!("g{}-{}", glyph.face, glyph.id);
    let mut path = Path(String::new());
    let Some(units) = fonts.outline(glyph, &mut path).filter(|_| !path.0.is_empty()) else { return };
    outlines.entry((glyph.face, glyph.id)).or_insert_with(|| format!("<path id=\"{id}\" d=\"{}\"/>", path.0));
    let (across, up) = (em / units * glyph.stretch, em / units);
    let (x, y) = (number(x), number(y));
    let _ = write!(out, "<use href=\"#{id}\" transform=\"matrix({across:.6} 0 0 -{up:.6} {x} {y})\"/>");
}

/// Path data in whole units: a thousandth of an em is finer than any screen.
struct Path(String);

impl Path {
    fn push(&mut self, command: char, points: &[(f32, f32)]) {
        self.0.push(command);
        for (i, (x, y)) in points.iter().enumerate() {
            let blank = if i == 0 { "" } else { " " };
            let _ = write!(self.0, "{blank}{x:.0} {y:.0}");
        }
    }
}

impl OutlineBuilder for Path {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.push('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.push('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.0.push('Z');
    }
}

fn hex(colour: Colour) -> String {
    match colour {
        Colour::Black => "#000".to_owned(),
        Colour::Red => "#d90000".to_owned(),
        Colour::Grey(light) => {
            let value = (light.clamp(0.0, 1.0) * 255.0).round() as u8;
            format!("#{value:02x}{value:02x}{value:02x}")
        }
    }
}

/// Thousandths of a millimetre are enough; without needless zeros.
fn number(value: f32) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
