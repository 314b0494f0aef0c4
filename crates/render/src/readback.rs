//! Reads a PDF of ours back: letters and strokes with their places, from the content streams alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tongbao_message::Worded;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object};
use printpdf::ToUnicodeCMap;
use ttf_parser::{Face, GlyphId, OutlineBuilder, Rect, cff};

use tongbao_report::layout::inspection::{Letter, ReadPage, Stroke};
use tongbao_report::layout::page::MM_PER_PT;

/// A file that cannot be measured.
#[derive(Debug, thiserror::Error, Worded)]
pub enum ReadbackError {
    /// What the library says.
    Pdf(#[from] lopdf::Error),
    /// A font that this program never writes.
    Font {
        /// Counted from 1.
        page: u32,
        /// The font's name on the page.
        font: String,
    },
    /// It lacks this program's mark.
    Foreign,
}

/// Reads all pages.
pub fn sheets(bytes: &[u8]) -> Result<Vec<ReadPage>, ReadbackError> {
    Ok(read(bytes)?.0)
}

/// Reads all pages, and the language of the document, `zh` where it names none.
pub fn read(bytes: &[u8]) -> Result<(Vec<ReadPage>, String), ReadbackError> {
    let file = Document::load_mem(bytes)?;
    let language = file.catalog()?.get(b"Lang").and_then(Object::as_str).unwrap_or(b"zh");
    let language = String::from_utf8_lossy(language).into_owned();
    let mut fonts = BTreeMap::new();
    let mut out = Vec::new();
    for (page, id) in file.get_pages() {
        let dictionary = file.get_dictionary(id)?;
        let (width, height) = media_box(&file, dictionary)?;
        let turned = dictionary.get(b"Rotate").and_then(Object::as_i64).unwrap_or(0).rem_euclid(360);
        for (name, font) in file.get_page_fonts(id)? {
            if let Entry::Vacant(place) = fonts.entry(name) {
                let font = Font::read(&file, font).ok_or_else(|| ReadbackError::Font {
                    page,
                    font: String::from_utf8_lossy(place.key()).into_owned(),
                })?;
                place.insert(font);
            }
        }
        let content = Content::decode(&file.get_page_content(id))?;
        let mut reader = PageReader::new(&fonts, (width, height), turned);
        content.operations.iter().for_each(|operation| reader.operation(operation));
        out.push(reader.sheet);
    }
    if out.is_empty() || fonts.is_empty() {
        return Err(ReadbackError::Foreign);
    }
    Ok((out, language))
}

fn media_box(file: &Document, page: &Dictionary) -> Result<(f32, f32), ReadbackError> {
    let corners = file.dereference(page.get(b"MediaBox")?)?.1.as_array()?;
    let at = |i: usize| corners.get(i).and_then(|n| n.as_float().ok()).unwrap_or(0.0);
    Ok((at(2) - at(0), at(3) - at(1)))
}

/// An embedded font as far as placing and reading its characters needs it.
struct Font {
    name: String,
    unicode: ToUnicodeCMap,
    /// Advances in thousandths of an em.
    widths: BTreeMap<u16, f32>,
    program: Option<Vec<u8>>,
}

impl Font {
    fn read(file: &Document, font: &Dictionary) -> Option<Font> {
        let name = String::from_utf8_lossy(font.get(b"BaseFont").ok()?.as_name().ok()?).into_owned();
        let descendants = file.dereference(font.get(b"DescendantFonts").ok()?).ok()?.1.as_array().ok()?;
        let descendant = file.dereference(descendants.first()?).ok()?.1.as_dict().ok()?;
        let unicode = file.dereference(font.get(b"ToUnicode").ok()?).ok()?.1.as_stream().ok()?;
        let unicode = unicode.get_plain_content().ok()?;
        let widths = widths(file.dereference(descendant.get(b"W").ok()?).ok()?.1.as_array().ok()?);
        let program = program(file, descendant);
        let unicode = ToUnicodeCMap::parse(&String::from_utf8_lossy(&unicode)).ok()?;
        Some(Font { name, unicode, widths, program })
    }

    /// Upper and lower edge of a glyph's ink, in em above the baseline. The codes are the font's own
    /// numbers of glyphs, or in a bare CFF the identifiers of its charset (ISO 32000-1, 9.7.4.2).
    fn ink(&self, code: u16) -> Option<(f32, f32)> {
        let program = self.program.as_deref()?;
        let (bounds, em) = match Face::parse(program, 0) {
            Ok(face) => (face.glyph_bounding_box(GlyphId(code))?, f32::from(face.units_per_em())),
            Err(_) => bare_ink(&cff::Table::parse(program)?, code)?,
        };
        (bounds.y_max > bounds.y_min).then(|| (f32::from(bounds.y_max) / em, f32::from(bounds.y_min) / em))
    }
}

fn bare_ink(table: &cff::Table, code: u16) -> Option<(Rect, f32)> {
    let glyph = (0..table.number_of_glyphs()).map(GlyphId).find(|id| table.glyph_cid(*id) == Some(code))?;
    let bounds = table.outline(glyph, &mut NoOutline).ok()?;
    Some((bounds, 1.0 / table.matrix().sx))
}

/// Outlines whose box alone is asked for.
struct NoOutline;

impl OutlineBuilder for NoOutline {
    fn move_to(&mut self, _: f32, _: f32) {}
    fn line_to(&mut self, _: f32, _: f32) {}
    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
    fn close(&mut self) {}
}

fn program(file: &Document, descendant: &Dictionary) -> Option<Vec<u8>> {
    let descriptor = file.dereference(descendant.get(b"FontDescriptor").ok()?).ok()?.1.as_dict().ok()?;
    let stream = descriptor.get(b"FontFile3").or_else(|_| descriptor.get(b"FontFile2")).ok()?;
    file.dereference(stream).ok()?.1.as_stream().ok()?.get_plain_content().ok()
}

/// `code [w w …]` and `first last w` (ISO 32000-1, 9.7.4.3).
fn widths(array: &[Object]) -> BTreeMap<u16, f32> {
    let mut out = BTreeMap::new();
    let mut rest = array;
    while let [first, second, later @ ..] = rest {
        let Ok(code) = first.as_i64() else { break };
        if let Ok(list) = second.as_array() {
            for (i, width) in list.iter().enumerate() {
                out.insert(code as u16 + i as u16, width.as_float().unwrap_or(1000.0));
            }
            rest = later;
        } else {
            let width = later.first().and_then(|w| w.as_float().ok()).unwrap_or(1000.0);
            (code..=second.as_i64().unwrap_or(code)).for_each(|code| {
                out.insert(code as u16, width);
            });
            rest = later.get(1..).unwrap_or_default();
        }
    }
    out
}

/// Affine matrix `[a b c d e f]`.
type Matrix = [f32; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `a`, then `b`.
fn then(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

#[derive(Clone, Copy)]
struct GraphicsState {
    matrix: Matrix,
    fill_red: bool,
    stroke_red: bool,
    line_width: f32,
    scale: f32,
}

struct PageReader<'a> {
    fonts: &'a BTreeMap<Vec<u8>, Font>,
    page: (f32, f32),
    sheet: ReadPage,
    state: GraphicsState,
    saved: Vec<GraphicsState>,
    text: Matrix,
    font: Option<(&'a Font, f32)>,
    path: Vec<(f32, f32)>,
}

impl<'a> PageReader<'a> {
    fn new(fonts: &'a BTreeMap<Vec<u8>, Font>, page: (f32, f32), turned: i64) -> PageReader<'a> {
        let size = (page.0 * MM_PER_PT, page.1 * MM_PER_PT);
        let state = GraphicsState {
            matrix: IDENTITY,
            fill_red: false,
            stroke_red: false,
            line_width: 1.0,
            scale: 1.0,
        };
        PageReader {
            fonts,
            page,
            sheet: ReadPage { size, turned, ..ReadPage::default() },
            state,
            saved: Vec::new(),
            text: IDENTITY,
            font: None,
            path: Vec::new(),
        }
    }

    fn operation(&mut self, operation: &Operation) {
        let numbers: Vec<f32> = operation.operands.iter().filter_map(|o| o.as_float().ok()).collect();
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("q", _) => self.saved.push(self.state),
            ("Q", _) => self.state = self.saved.pop().unwrap_or(self.state),
            ("cm", &[a, b, c, d, e, f]) => self.state.matrix = then([a, b, c, d, e, f], self.state.matrix),
            ("w", &[width]) => self.state.line_width = width,
            ("g", _) => self.state.fill_red = false,
            ("G", _) => self.state.stroke_red = false,
            ("rg", &[r, g, b]) => self.state.fill_red = is_red(r, g, b),
            ("RG", &[r, g, b]) => self.state.stroke_red = is_red(r, g, b),
            ("m", &[x, y]) => self.path = vec![(x, y)],
            ("l", &[x, y]) => self.path.push((x, y)),
            ("S", _) => self.stroke(),
            ("BT", _) => self.text = IDENTITY,
            ("Tm", &[a, b, c, d, e, f]) => self.text = [a, b, c, d, e, f],
            ("Tz", &[percent]) => self.state.scale = percent / 100.0,
            ("Tf", &[size]) => {
                let name =
                    operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
                self.font = self.fonts.get(name).map(|font| (font, size));
            }
            ("Tj" | "TJ", _) => operation.operands.iter().for_each(|operand| self.show(operand)),
            _ => {}
        }
    }

    /// A place in mm, `y` from the top; on a turned page as it is read, unless it stands upright.
    fn place(&self, (x, y): (f32, f32), upright: bool) -> (f32, f32) {
        let (x, y) = (x * MM_PER_PT, y * MM_PER_PT);
        match (self.sheet.turned, upright) {
            (90, false) => (y, x),
            (270, false) => (self.sheet.size.1 - y, self.sheet.size.0 - x),
            _ => (x, self.page.1 * MM_PER_PT - y),
        }
    }

    fn stroke(&mut self) {
        let at = |&(x, y): &(f32, f32)| {
            let moved = then([1.0, 0.0, 0.0, 1.0, x, y], self.state.matrix);
            (moved[4], moved[5])
        };
        if let [from, to] = self.path.as_slice() {
            let upright = self.state.matrix[0].abs() > 0.5;
            let (a, b) = (self.place(at(from), upright), self.place(at(to), upright));
            let (from, to) = if a.0 <= b.0 { (a, b) } else { (b, a) };
            let width = self.state.line_width * MM_PER_PT;
            self.sheet.strokes.push(Stroke { from, to, width, red: self.state.stroke_red });
        }
    }

    fn show(&mut self, operand: &Object) {
        match operand {
            Object::Array(parts) => parts.iter().for_each(|part| self.show(part)),
            Object::String(bytes, _) => {
                for pair in bytes.chunks_exact(2) {
                    self.letter(u16::from_be_bytes([pair[0], pair[1]]));
                }
            }
            number => {
                if let (Ok(kern), Some((_, size))) = (number.as_float(), self.font) {
                    self.advance(-kern / 1000.0 * size * self.state.scale);
                }
            }
        }
    }

    fn advance(&mut self, by: f32) {
        self.text = then([1.0, 0.0, 0.0, 1.0, by, 0.0], self.text);
    }

    fn letter(&mut self, code: u16) {
        let Some((font, size)) = self.font else { return };
        let width = font.widths.get(&code).copied().unwrap_or(1000.0) / 1000.0 * size * self.state.scale;
        let start = then(self.text, self.state.matrix);
        self.advance(width);
        let end = then(self.text, self.state.matrix);
        let upright = start[0].abs() > 0.5;
        let (from, to) = (self.place((start[4], start[5]), upright), self.place((end[4], end[5]), upright));
        let c = font.unicode.lookup_string(u32::from(code)).and_then(|text| text.chars().next());
        let scale = (start[0] * start[0] + start[1] * start[1]).sqrt();
        let edge = |above: f32| from.1 - above * size * scale * MM_PER_PT;
        self.sheet.letters.push(Letter {
            c: c.unwrap_or('\u{FFFD}'),
            x: (from.0, to.0),
            baseline: from.1,
            ink: font.ink(code).map(|(top, bottom)| (edge(top), edge(bottom))),
            size: size * scale,
            font: font.name.clone(),
            red: self.state.fill_red,
            upright: upright || self.sheet.turned == 0,
        });
    }
}

fn is_red(r: f32, g: f32, b: f32) -> bool {
    r > 0.5 && g < 0.3 && b < 0.3
}
