//! Pages to PDF bytes: printpdf's low-level path.

use std::collections::{BTreeMap, BTreeSet};
use tongbao_message::Worded;

use jiff::Timestamp;
use printpdf::{
    Codepoint, Color, CurTransMat, DictItem, FontId, Greyscale, Line, LineDashPattern, LinePoint, Mm, Op,
    PaintMode, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Polygon, PolygonRing, Pt,
    Rgb, TextItem, TextMatrix, WindingOrder,
};

use super::finish::finish;
use super::fonts::FontSet;
use super::subset::{Subset, SubsetError, subset};
use super::tagged;
use tongbao_report::layout::compose::compose;
use tongbao_report::layout::metrics::{Glyph, MissingGlyph};
use tongbao_report::layout::page::{Colour, MM_PER_PT, PAGE, Page, PageItem, Pages};
use tongbao_report::layout::structure::StructureElement;
use tongbao_report::report::document::Document;

/// Names the program in the file.
pub const PRODUCER: &str = concat!("Tongbao ", env!("CARGO_PKG_VERSION"));

/// A document that cannot be printed.
#[derive(Debug, thiserror::Error, Worded)]
pub enum PdfError {
    /// No font has the character.
    #[message(transparent)]
    Glyph(#[from] MissingGlyph),
    /// A font cannot be cut down to the glyphs in use.
    #[message(transparent)]
    Font(#[from] SubsetError),
    /// Memory or disk refused.
    Write(#[from] std::io::Error),
    /// What printpdf wrote cannot be read again.
    Finish(#[from] lopdf::Error),
}

/// Properties of the file.
#[derive(Debug, Clone)]
pub struct PdfProperties {
    /// As the document has it, on one line.
    pub title: String,
    /// 发文机关.
    pub author: String,
    /// BCP 47: `zh-CN`.
    pub language: String,
    /// When the run was recorded, so that a reprint has the same bytes.
    pub created: Timestamp,
}

/// Sets and writes a document. The same document, fonts and properties give the same bytes.
pub fn pdf(document: &Document, fonts: &FontSet, properties: &PdfProperties) -> Result<Vec<u8>, PdfError> {
    print(&compose(document, fonts)?, fonts, properties)
}

/// Writes pages that are set already.
pub fn print(pages: &Pages, fonts: &FontSet, properties: &PdfProperties) -> Result<Vec<u8>, PdfError> {
    let mut pdf = PdfDocument::new(&properties.title);
    let subsets = subsets(pages, fonts)?;
    for (face, subset) in &subsets {
        pdf.resources.fonts.map.insert(font_id(*face), PdfFont::new(subset.font.clone()));
    }
    pdf.pages = pages.pages.iter().map(|sheet| page(sheet, &pages.elements, &subsets)).collect();
    let options = PdfSaveOptions { optimize: false, ..PdfSaveOptions::default() };
    let mut file = pdf.to_lopdf_document(&options, &mut Vec::new());
    finish(&mut file, pages, properties)?;
    let mut bytes = Vec::new();
    file.save_modern(&mut bytes)?;
    Ok(bytes)
}

/// The fonts of a document, by number of the face.
type Subsets = BTreeMap<u16, Subset>;

fn subsets(pages: &Pages, fonts: &FontSet) -> Result<Subsets, SubsetError> {
    let mut used: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
    for item in pages.pages.iter().flat_map(|page| page.items.iter().chain(&page.outside)) {
        if let PageItem::Text { glyphs, .. } = item {
            glyphs.iter().for_each(|(_, glyph, _)| {
                used.entry(glyph.face).or_default().insert(glyph.id);
            });
        }
    }
    let cut = |(number, glyphs): (u16, BTreeSet<u16>)| {
        // Glyphs come from the faces of this set alone.
        let face = fonts.faces.get(usize::from(number))?;
        Some(subset(face, &glyphs, &font_id(number).0).map(|subset| (number, subset)))
    };
    used.into_iter().filter_map(cut).collect()
}

/// Fixed names, because random ones would change the bytes. They also become the tags that mark a
/// subset, six capitals (ISO 32000-1, 9.6.4).
fn font_id(face: u16) -> FontId {
    let letter = |n: u16| char::from(b'A' + (n % 26) as u8);
    FontId(format!("TBAA{}{}", letter(face / 26), letter(face)))
}

pub(super) fn is_turned(page: &Page) -> bool {
    page.width > page.height
}

fn page(page: &Page, elements: &[StructureElement], subsets: &Subsets) -> PdfPage {
    let (width, height) = PAGE;
    let mut ops = Vec::new();
    if is_turned(page) {
        // The long edge of what is read is along the binding edge of the sheet.
        let matrix = CurTransMat::Raw([0.0, 1.0, -1.0, 0.0, width / MM_PER_PT, 0.0]);
        ops.push(Op::SaveGraphicsState);
        ops.push(Op::SetTransformationMatrix { matrix });
        tagged_items(&mut ops, page, elements, width, subsets);
        ops.push(Op::RestoreGraphicsState);
    } else {
        tagged_items(&mut ops, page, elements, height, subsets);
    }
    artifact(&mut ops, &page.outside, height, subsets);
    PdfPage::new(Mm(width), Mm(height), ops)
}

/// The items of a page, each stretch within the mark of its element.
fn tagged_items(
    ops: &mut Vec<Op>,
    page: &Page,
    elements: &[StructureElement],
    height: f32,
    subsets: &Subsets,
) {
    let mut number = 0;
    for (element, items) in tagged::runs(page, elements) {
        let Some(element) = element else {
            artifact(ops, items, height, subsets);
            continue;
        };
        let properties = BTreeMap::from([("MCID".to_owned(), DictItem::Int(number))]);
        number += 1;
        ops.push(Op::BeginMarkedContentWithProperties {
            tag: tagged::name(elements[element].tag),
            properties: DictItem::Dict { map: properties },
        });
        items.iter().for_each(|part| item(ops, part, height, subsets));
        ops.push(Op::EndMarkedContent);
    }
}

/// Decoration: rules, shades, page numbers, repeated heads.
fn artifact(ops: &mut Vec<Op>, items: &[PageItem], height: f32, subsets: &Subsets) {
    if items.is_empty() {
        return;
    }
    ops.push(Op::BeginMarkedContent { tag: "Artifact".into() });
    items.iter().for_each(|part| item(ops, part, height, subsets));
    ops.push(Op::EndMarkedContent);
}

fn item(ops: &mut Vec<Op>, item: &PageItem, height: f32, subsets: &Subsets) {
    match item {
        PageItem::Text { baseline, size, glyphs, colour } => {
            text(ops, height - baseline, *size, glyphs, *colour, subsets);
        }
        PageItem::Line { from, to, width, colour, dash } => {
            ops.push(Op::SetOutlineColor { col: color(*colour) });
            ops.push(Op::SetOutlineThickness { pt: Pt(width / MM_PER_PT) });
            ops.push(Op::SetLineDashPattern { dash: pattern(*dash) });
            ops.push(Op::DrawLine { line: line(*from, *to, height) });
        }
        PageItem::Fill { x, y, width, height: high, colour } => {
            ops.push(Op::SetFillColor { col: color(*colour) });
            ops.push(Op::DrawPolygon { polygon: filled(*x, height - y - high, *width, *high) });
        }
    }
}

/// A glyph at its place on a line, `x` in mm.
type PlacedGlyph = (char, Glyph, f32);

/// One text section; each glyph at its place, which printpdf joins into one string a face.
fn text(ops: &mut Vec<Op>, y: f32, size: f32, glyphs: &[PlacedGlyph], colour: Colour, subsets: &Subsets) {
    ops.push(Op::StartTextSection);
    ops.push(Op::SetFillColor { col: color(colour) });
    let mut face = None;
    let is_spread = is_spread(glyphs, size);
    let mut rest = glyphs;
    while !rest.is_empty() {
        let count = if is_spread { rest.len() } else { overlapping(rest, size) };
        let (run, later) = rest.split_at(count);
        if run.len() > 1 {
            ops.push(Op::BeginMarkedContentWithProperties {
                tag: "Span".into(),
                properties: actual_text(run),
            });
        }
        run.iter().for_each(|placed| glyph(ops, placed, y, size, &mut face, subsets));
        if run.len() > 1 {
            ops.push(Op::EndMarkedContent);
        }
        rest = later;
    }
    ops.push(Op::EndTextSection);
}

fn glyph(
    ops: &mut Vec<Op>,
    (c, glyph, x): &PlacedGlyph,
    y: f32,
    size: f32,
    face: &mut Option<u16>,
    subsets: &Subsets,
) {
    if *face != Some(glyph.face) {
        *face = Some(glyph.face);
        let font = PdfFontHandle::External(font_id(glyph.face));
        ops.push(Op::SetFont { font, size: Pt(size) });
    }
    let is_stretched = glyph.stretch != 1.0;
    if is_stretched {
        ops.push(Op::SetHorizontalScaling { percent: glyph.stretch * 100.0 });
    }
    let place = TextMatrix::Translate(Pt(x / MM_PER_PT), Pt(y / MM_PER_PT));
    ops.push(Op::SetTextMatrix { matrix: place });
    let id = subsets.get(&glyph.face).and_then(|subset| subset.glyphs.get(&glyph.id)).copied();
    let code = Codepoint::with_cid(id.unwrap_or(0), 0.0, c.to_string());
    ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(vec![code])] });
    if is_stretched {
        ops.push(Op::SetHorizontalScaling { percent: 100.0 });
    }
}

/// Where the next glyph would stand if nothing moved it.
fn end((_, glyph, x): &PlacedGlyph, size: f32) -> f32 {
    x + glyph.width() * size * MM_PER_PT
}

/// Whether a gap is so wide that readers would take it for a blank that is not there.
fn is_spread(glyphs: &[PlacedGlyph], size: f32) -> bool {
    let gap = |pair: &[PlacedGlyph]| pair[1].2 - end(&pair[0], size);
    glyphs.windows(2).any(|pair| gap(pair) > 0.1 * size * MM_PER_PT)
}

/// How many glyphs from the start run into each other: marks set closer than their own width.
fn overlapping(glyphs: &[PlacedGlyph], size: f32) -> usize {
    let runs_into = |pair: &[PlacedGlyph]| pair[1].2 < end(&pair[0], size) - 0.1 * size * MM_PER_PT;
    1 + glyphs.windows(2).take_while(|pair| runs_into(pair)).count()
}

/// The text of glyphs that overlap, given as a whole (ISO 32000-1, 14.9.4): readers would otherwise
/// take the second mark for the start of another line.
fn actual_text(run: &[PlacedGlyph]) -> DictItem {
    let text: String = run.iter().map(|(c, _, _)| c).collect();
    DictItem::Dict { map: BTreeMap::from([("ActualText".to_owned(), DictItem::Bytes(utf_16(&text)))]) }
}

fn color(colour: Colour) -> Color {
    match colour {
        Colour::Black => Color::Greyscale(Greyscale { percent: 0.0, icc_profile: None }),
        Colour::Grey(light) => Color::Greyscale(Greyscale { percent: light, icc_profile: None }),
        Colour::Red => Color::Rgb(Rgb { r: 0.85, g: 0.0, b: 0.0, icc_profile: None }),
    }
}

fn pattern(dash: Option<(i64, i64)>) -> LineDashPattern {
    match dash {
        Some((on, off)) => {
            LineDashPattern { offset: 0.0, pattern: [on as f32, off as f32].into_iter().collect() }
        }
        None => LineDashPattern::default(),
    }
}

fn point(x: f32, y: f32) -> LinePoint {
    LinePoint { p: Point { x: Pt(x / MM_PER_PT), y: Pt(y / MM_PER_PT) }, bezier: false }
}

fn line(from: (f32, f32), to: (f32, f32), height: f32) -> Line {
    let points = vec![point(from.0, height - from.1), point(to.0, height - to.1)];
    Line { points, is_closed: false }
}

fn filled(x: f32, y: f32, width: f32, height: f32) -> Polygon {
    let points = vec![point(x, y), point(x + width, y), point(x + width, y + height), point(x, y + height)];
    Polygon {
        rings: vec![PolygonRing { points }],
        mode: PaintMode::Fill,
        winding_order: WindingOrder::NonZero,
    }
}

/// UTF-16 with byte order mark, as PDF text strings hold Chinese.
pub(super) fn utf_16(text: &str) -> Vec<u8> {
    [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}
