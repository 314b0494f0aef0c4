//! Measures a set document against GB/T 9704-2012: what was read back from a PDF, rule by rule, each
//! with the measure that the standard expects and the one that was found.
//!
//! The numbers are the standard's own, written down here once more: a wrong constant in [`super::page`]
//! is a finding, not a new standard.

mod alphabetic;
mod body;
mod foot;
mod head;
mod lines;
mod reader;
mod sheet;

use serde::Serialize;
use tongbao_message::{Message, Worded};

use lines::Lines;

/// Greatest deviation in mm.
const TOLERANCE: f32 = 0.5;
/// Type area, line and cell of clause 5.2 in mm, and the size of 三号 in mm.
const TOP: f32 = 37.0;
const LEFT: f32 = 28.0;
const RIGHT: f32 = 28.0 + 156.0;
const BOTTOM: f32 = 37.0 + 225.0;
const MIDDLE: f32 = 28.0 + 78.0;
const LINE: f32 = 225.0 / 22.0;
const CELL: f32 = 156.0 / 28.0;
const SIZE_3: f32 = 16.0;
const SIZE_4: f32 = 14.0;
const SIZE_2: f32 = 22.0;
const MM_PER_PT: f32 = 25.4 / 72.0;

/// A character on a page. On a turned page, places are those of the page as it is read, except for
/// what stands upright on the sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The character, as text extraction gives it.
    pub c: char,
    /// Left edge and right edge of the advance in mm from the left edge of the page.
    pub x: (f32, f32),
    /// Baseline in mm from the top edge.
    pub baseline: f32,
    /// Upper and lower edge of the ink in mm from the top edge.
    pub ink: Option<(f32, f32)>,
    /// Points.
    pub size: f32,
    /// PostScript name of the font.
    pub font: String,
    /// Whether it is printed in red: 发文机关标志.
    pub red: bool,
    /// Upright on the sheet: false for the contents of a turned page.
    pub upright: bool,
}

/// A straight stroke, mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// One end, from the left and the top edge.
    pub from: (f32, f32),
    /// The other end.
    pub to: (f32, f32),
    /// Thickness.
    pub width: f32,
    /// Whether it is printed in red: the rule of the head.
    pub red: bool,
}

/// One page as it was read back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadPage {
    /// Width and height of the sheet in mm, upright.
    pub size: (f32, f32),
    /// Degrees clockwise by which the sheet is turned to be read.
    pub turned: i64,
    /// In the order of the content stream.
    pub letters: Vec<Letter>,
    /// In the order of the content stream.
    pub strokes: Vec<Stroke>,
}

/// A measure that is expected or found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LayoutMeasure {
    /// In mm.
    Length(f32),
    /// What has no length: a font, a colour, a text.
    Words(Message),
}

/// What one rule found. Where it concerns many places, the worst of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayoutFinding {
    /// Clause of GB/T 9704-2012, or `page` for what any reader would stumble over.
    pub clause: &'static str,
    /// What is measured, in a few English words.
    pub rule: Message,
    /// Page of the place, counted from 1.
    pub page: usize,
    /// Lengths in mm.
    pub expected: LayoutMeasure,
    /// What was found.
    pub measured: LayoutMeasure,
    /// Whether it is within the tolerance of the clause.
    pub ok: bool,
}

/// Measures a document. Rules whose subject it does not have (no attachments, no turned page) give no
/// finding.
pub fn inspect(sheets: &[ReadPage]) -> Vec<LayoutFinding> {
    let lines = Lines::of(sheets);
    let mut findings = LayoutFindings::default();
    sheet::inspect(&mut findings, sheets, &lines);
    head::inspect(&mut findings, sheets, &lines);
    body::inspect(&mut findings, &lines);
    foot::inspect(&mut findings, sheets, &lines);
    reader::inspect(&mut findings, sheets, &lines);
    findings.0
}

/// Measures a document in a language of letters. The standard is one of Chinese documents: what it says of
/// characters, fonts, wording and the parts of the head is left out, and its sheet, type area, page numbers,
/// rules and turned pages are measured, beside what any reader would stumble over.
pub fn inspect_alphabetic(sheets: &[ReadPage]) -> Vec<LayoutFinding> {
    let mut findings = LayoutFindings::default();
    alphabetic::inspect(&mut findings, sheets, &Lines::of(sheets));
    findings.0
}

#[derive(Default)]
struct LayoutFindings(Vec<LayoutFinding>);

impl LayoutFindings {
    /// A length that is expected at all places given as (page, measured); the worst is reported.
    fn length(
        &mut self,
        clause: &'static str,
        rule: impl Into<Message>,
        expected: f32,
        places: impl IntoIterator<Item = (usize, f32)>,
    ) {
        let off = |measured: f32| (measured - expected).abs();
        let worst = places.into_iter().max_by(|a, b| off(a.1).total_cmp(&off(b.1)));
        let Some((page, measured)) = worst else { return };
        let ok = off(measured) <= TOLERANCE;
        let round = |mm: f32| LayoutMeasure::Length((mm * 100.0).round() / 100.0);
        let (expected, measured) = (round(expected), round(measured));
        self.0.push(LayoutFinding { clause, rule: rule.into(), page, expected, measured, ok });
    }

    /// Something that is either as it should be or not; the first place that is not is reported.
    fn fact<S: Into<Message>>(
        &mut self,
        clause: &'static str,
        rule: impl Into<Message>,
        expected: impl Into<Message>,
        places: impl IntoIterator<Item = (usize, S, bool)>,
    ) {
        let mut shown: Option<(usize, Message, bool)> = None;
        for (page, measured, ok) in places {
            if shown.as_ref().is_none_or(|shown| shown.2 && !ok) {
                shown = Some((page, measured.into(), ok));
            }
        }
        let Some((page, measured, ok)) = shown else { return };
        let (expected, measured) = (LayoutMeasure::Words(expected.into()), LayoutMeasure::Words(measured));
        self.0.push(LayoutFinding { clause, rule: rule.into(), page, expected, measured, ok });
    }
}

impl Worded for LayoutMeasure {
    fn message(&self) -> Message {
        match self {
            LayoutMeasure::Length(_) => Message::text(self.to_string()),
            LayoutMeasure::Words(words) => words.clone(),
        }
    }
}

impl std::fmt::Display for LayoutMeasure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LayoutMeasure::Length(mm) => write!(f, "{mm:.2} mm"),
            LayoutMeasure::Words(words) => words.fmt(f),
        }
    }
}
