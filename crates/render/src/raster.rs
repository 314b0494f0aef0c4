//! Positioned items as a grey PNG: mail programs on telephones and in offices show PNG in its place,
//! and hardly one shows SVG.

use std::io::Write;

use ab_glyph_rasterizer::{Rasterizer, point};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use ttf_parser::OutlineBuilder;

use super::fonts::FontSet;
use tongbao_report::layout::metrics::Glyph;
use tongbao_report::layout::page::{Colour, MM_PER_PT, Page, PageItem};

/// CSS pixels of a millimetre.
const PIXELS_PER_MM: f32 = 96.0 / 25.4;

/// Draws a page or a drawing in shades of grey, with `scale` pixels a CSS pixel (96 to the inch).
pub fn png(page: &Page, fonts: &FontSet, scale: f32) -> std::io::Result<Vec<u8>> {
    let unit = scale * PIXELS_PER_MM;
    let (width, height) = ((page.width * unit).ceil() as usize, (page.height * unit).ceil() as usize);
    let mut picture = Picture { width, height, pixels: vec![255; width * height], unit };
    for item in &page.items {
        picture.draw(item, fonts);
    }
    encode(&picture)
}

struct Picture {
    width: usize,
    height: usize,
    /// Rows from the top, 0 black to 255 white.
    pixels: Vec<u8>,
    /// Pixels of a millimetre.
    unit: f32,
}

impl Picture {
    fn draw(&mut self, item: &PageItem, fonts: &FontSet) {
        match item {
            PageItem::Text { baseline, size, glyphs, colour } => {
                for (_, glyph, x) in glyphs {
                    self.glyph(*glyph, (*x, *baseline), size * MM_PER_PT, *colour, fonts);
                }
            }
            PageItem::Line { from, to, width, colour, dash } => {
                for (from, to) in dashes(*from, *to, *dash) {
                    self.polygon(&stroke(from, to, *width), *colour);
                }
            }
            PageItem::Fill { x, y, width, height, colour } => {
                let (right, bottom) = (x + width, y + height);
                self.polygon(&[(*x, *y), (right, *y), (right, bottom), (*x, bottom)], *colour);
            }
        }
    }

    fn glyph(&mut self, glyph: Glyph, (x, y): (f32, f32), em: f32, colour: Colour, fonts: &FontSet) {
        let mut outline = Outline { segments: Vec::new(), start: (0.0, 0.0), at: (0.0, 0.0) };
        let Some(units) = fonts.outline(glyph, &mut outline) else { return };
        let scale = em / units;
        let place = |(px, py): (f32, f32)| (x + px * scale * glyph.stretch, y - py * scale);
        let segments = outline.segments.into_iter().map(|segment| segment.map(place)).collect::<Vec<_>>();
        self.fill(&segments, colour);
    }

    fn polygon(&mut self, points: &[(f32, f32)], colour: Colour) {
        let next = points.iter().cycle().skip(1);
        // A straight side is a curve whose control points are on its ends.
        let sides = points.iter().zip(next).map(|(a, b)| [*a, *a, *b, *b]);
        self.fill(&sides.collect::<Vec<_>>(), colour);
    }

    /// Fills closed outlines of cubic curves, given in millimetres.
    fn fill(&mut self, segments: &[[(f32, f32); 4]], colour: Colour) {
        let points = || segments.iter().flatten();
        let ends = |of: fn(&(f32, f32)) -> f32| {
            points().map(of).fold((f32::MAX, f32::MIN), |(least, most), v| (least.min(v), most.max(v)))
        };
        let ((left, right), (top, bottom)) = (ends(|p| p.0), ends(|p| p.1));
        if segments.is_empty() || right < left {
            return;
        }
        let pixel = |mm: f32| (mm * self.unit).max(0.0);
        let (x0, y0) = (pixel(left).floor() as usize, pixel(top).floor() as usize);
        let (x1, y1) = (pixel(right).ceil() as usize + 1, pixel(bottom).ceil() as usize + 1);
        let mut shape = Rasterizer::new(x1.saturating_sub(x0).max(1), y1.saturating_sub(y0).max(1));
        let place = |(x, y): (f32, f32)| point(x * self.unit - x0 as f32, y * self.unit - y0 as f32);
        for segment in segments {
            let [a, b, c, d] = segment.map(place);
            let is_straight = a == b && c == d;
            if is_straight { shape.draw_line(a, d) } else { shape.draw_cubic(a, b, c, d) }
        }
        let ink = shade(colour);
        shape.for_each_pixel_2d(|x, y, cover| {
            let (x, y) = (x as usize + x0, y as usize + y0);
            if x < self.width && y < self.height {
                let under = &mut self.pixels[y * self.width + x];
                let cover = cover.clamp(0.0, 1.0);
                *under = (ink * cover + f32::from(*under) * (1.0 - cover)).round() as u8;
            }
        });
    }
}

fn shade(colour: Colour) -> f32 {
    match colour {
        Colour::Black => 0.0,
        Colour::Grey(light) => light.clamp(0.0, 1.0) * 255.0,
        // As bright as the red is (Rec. 709).
        Colour::Red => 46.0,
    }
}

/// The four corners of a straight line of a width.
fn stroke(from: (f32, f32), to: (f32, f32), width: f32) -> [(f32, f32); 4] {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(f32::EPSILON);
    let (nx, ny) = (-dy / length * width / 2.0, dx / length * width / 2.0);
    [(from.0 + nx, from.1 + ny), (to.0 + nx, to.1 + ny), (to.0 - nx, to.1 - ny), (from.0 - nx, from.1 - ny)]
}

type Segment = ((f32, f32), (f32, f32));

/// The strokes of a dashed line; its pattern is given in points.
fn dashes(from: (f32, f32), to: (f32, f32), dash: Option<(i64, i64)>) -> Vec<Segment> {
    let Some((on, off)) = dash.filter(|(on, off)| *on > 0 && *off > 0) else { return vec![(from, to)] };
    let (on, off) = (on as f32 * MM_PER_PT, off as f32 * MM_PER_PT);
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let at = |along: f32| {
        let share = (along / length).min(1.0);
        (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
    };
    let count = (length / (on + off)).ceil() as usize;
    (0..count).map(|i| i as f32 * (on + off)).map(|start| (at(start), at(start + on))).collect()
}

/// Collects the outline of a glyph as cubic curves, each contour closed.
struct Outline {
    segments: Vec<[(f32, f32); 4]>,
    start: (f32, f32),
    at: (f32, f32),
}

impl Outline {
    fn push(&mut self, b: (f32, f32), c: (f32, f32), to: (f32, f32)) {
        self.segments.push([self.at, b, c, to]);
        self.at = to;
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.close();
        (self.start, self.at) = ((x, y), (x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push(self.at, (x, y), (x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        // Two thirds of the way to the control point make the same curve as a cubic.
        let toward =
            |from: (f32, f32)| (from.0 + (x1 - from.0) * 2.0 / 3.0, from.1 + (y1 - from.1) * 2.0 / 3.0);
        self.push(toward(self.at), toward((x, y)), (x, y));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.push((x1, y1), (x2, y2), (x, y));
    }

    fn close(&mut self) {
        if self.at != self.start {
            self.push(self.at, self.start, self.start);
        }
    }
}

/// A grey PNG of 8 bits (ISO/IEC 15948): signature, header, one stream of rows, end.
fn encode(picture: &Picture) -> std::io::Result<Vec<u8>> {
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in picture.pixels.chunks(picture.width.max(1)) {
        // Filter 0: a chart is plain areas, which compress well as they are.
        rows.write_all(&[0])?;
        rows.write_all(row)?;
    }
    let mut header = Vec::new();
    header.extend((picture.width as u32).to_be_bytes());
    header.extend((picture.height as u32).to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, *b"IHDR", &header);
    chunk(&mut out, *b"IDAT", &rows.finish()?);
    chunk(&mut out, *b"IEND", &[]);
    Ok(out)
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let mut check = flate2::Crc::new();
    check.update(&name);
    check.update(data);
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(name);
    out.extend(data);
    out.extend(check.sum().to_be_bytes());
}
