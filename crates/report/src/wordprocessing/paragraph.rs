//! Paragraphs and runs: a style, what a single paragraph has besides it, and text.

use super::measures::{half_points, twips};
use super::styles::{self, StyleId};
use super::xml::{XmlElement, element, value};
use crate::layout::line_break::bound::with_no_break;
use crate::report::document::{Style, TextSpan};

/// A paragraph under construction. What is not set comes from its style.
#[derive(Debug, Clone, Default)]
pub(super) struct WordParagraph {
    style: Option<StyleId>,
    keep_next: bool,
    page_break: bool,
    frame: Option<XmlElement>,
    /// Level from 0, and list.
    number: Option<(u8, u32)>,
    border: Option<XmlElement>,
    fill: Option<&'static str>,
    /// Position in twips, and kind.
    tabs: Vec<(i64, &'static str)>,
    spacing: Spacing,
    indent: Option<XmlElement>,
    align: Option<&'static str>,
    section: Option<XmlElement>,
    runs: Vec<XmlElement>,
}

impl WordParagraph {
    pub(super) fn of(style: StyleId) -> WordParagraph {
        WordParagraph { style: Some(style), ..WordParagraph::default() }
    }

    pub(super) fn keep_next(self, keep_next: bool) -> WordParagraph {
        WordParagraph { keep_next, ..self }
    }

    /// On a new page.
    pub(super) fn page_break(self, page_break: bool) -> WordParagraph {
        WordParagraph { page_break, ..self }
    }

    pub(super) fn number(self, number: Option<(u8, u32)>) -> WordParagraph {
        WordParagraph { number, ..self }
    }

    /// Part of a frame: paragraphs with the same one follow each other in it.
    pub(super) fn frame(self, frame: XmlElement) -> WordParagraph {
        WordParagraph { frame: Some(frame), ..self }
    }

    pub(super) fn border(self, border: XmlElement) -> WordParagraph {
        WordParagraph { border: Some(border), ..self }
    }

    /// The colour of the whole paragraph's ground.
    pub(super) fn fill(self, colour: &'static str) -> WordParagraph {
        WordParagraph { fill: Some(colour), ..self }
    }

    pub(super) fn tab(mut self, mm: f32, kind: &'static str) -> WordParagraph {
        self.tabs.push((twips(mm), kind));
        self
    }

    /// Exact height of the lines, in twips.
    pub(super) fn line(mut self, line: i64) -> WordParagraph {
        self.spacing.line = Some(line);
        self
    }

    /// Blank before the paragraph, in twips.
    pub(super) fn before(mut self, before: i64) -> WordParagraph {
        self.spacing.before = Some(before).filter(|before| *before != 0);
        self
    }

    /// Blank after the paragraph, in twips.
    pub(super) fn after(mut self, after: i64) -> WordParagraph {
        self.spacing.after = Some(after).filter(|after| *after != 0);
        self
    }

    /// Indents from the left and right in mm.
    pub(super) fn sides(self, left: f32, right: f32) -> WordParagraph {
        let indent = element("w:ind").with("w:left", twips(left)).with("w:right", twips(right));
        WordParagraph { indent: Some(indent), ..self }
    }

    /// The first line begins so many characters in.
    pub(super) fn first_line(self, characters: u32) -> WordParagraph {
        WordParagraph { indent: Some(styles::first_line(characters)), ..self }
    }

    /// The first line begins at `first`, the others at `rest`; all end `right` before the edge, in mm.
    pub(super) fn hanging(self, first: f32, rest: f32, right: f32) -> WordParagraph {
        let indent = element("w:ind")
            .with("w:left", twips(rest))
            .with("w:right", twips(right))
            .with("w:hanging", twips(rest - first));
        WordParagraph { indent: Some(indent), ..self }
    }

    pub(super) fn align(self, align: &'static str) -> WordParagraph {
        WordParagraph { align: Some(align), ..self }
    }

    /// Ends a section: its properties stand with its last paragraph.
    pub(super) fn section(self, section: XmlElement) -> WordParagraph {
        WordParagraph { section: Some(section), ..self }
    }

    pub(super) fn run(mut self, run: XmlElement) -> WordParagraph {
        self.runs.push(run);
        self
    }

    pub(super) fn text(self, text: &str) -> WordParagraph {
        self.run(run(text, &[]))
    }

    pub(super) fn spans(mut self, spans: &[TextSpan]) -> WordParagraph {
        for span in spans {
            let style: &[XmlElement] = match span.style {
                Style::Plain => &[],
                Style::Strong => &[value("w:rStyle", styles::STRONG)],
                Style::Emphasis => &[value("w:rStyle", styles::EMPHASIS)],
            };
            self.runs.push(run(&with_no_break(&span.text), style));
        }
        self
    }

    pub(super) fn build(self) -> XmlElement {
        let mut properties = element("w:pPr");
        let mut add = |part: Option<XmlElement>| {
            if let Some(part) = part {
                properties = std::mem::replace(&mut properties, element("w:pPr")).child(part);
            }
        };
        // In the order of the schema.
        add(self.style.map(|style| value("w:pStyle", style)));
        add(self.keep_next.then(|| element("w:keepNext")));
        add(self.page_break.then(|| element("w:pageBreakBefore")));
        add(self.frame);
        add(self.number.map(|(level, list)| {
            element("w:numPr").child(value("w:ilvl", level)).child(value("w:numId", list))
        }));
        add(self.border);
        add(self.fill.map(|fill| value("w:shd", "clear").with("w:color", "auto").with("w:fill", fill)));
        let tab = |(at, kind): &(i64, &'static str)| value("w:tab", *kind).with("w:pos", *at);
        add((!self.tabs.is_empty()).then(|| element("w:tabs").children(self.tabs.iter().map(tab))));
        add(self.spacing.build());
        add(self.indent);
        add(self.align.map(|align| value("w:jc", align)));
        add(self.section);
        let paragraph = element("w:p");
        let paragraph = if properties.is_empty() { paragraph } else { paragraph.child(properties) };
        paragraph.children(self.runs)
    }
}

/// What of a paragraph's vertical measures differs from its style, in twips.
#[derive(Debug, Clone, Copy, Default)]
struct Spacing {
    before: Option<i64>,
    after: Option<i64>,
    line: Option<i64>,
}

impl Spacing {
    fn build(self) -> Option<XmlElement> {
        let Spacing { before, after, line } = self;
        let given = [("w:before", before), ("w:after", after), ("w:line", line)];
        let mut out = element("w:spacing");
        for (name, twips) in given {
            out = twips.into_iter().fold(out, |out, twips| out.with(name, twips));
        }
        let out = if line.is_some() { out.with("w:lineRule", "exact") } else { out };
        (before.is_some() || after.is_some() || line.is_some()).then_some(out)
    }
}

/// Spacing with an exact height of lines, in twips.
pub(super) fn spacing(before: i64, after: i64, line: i64) -> XmlElement {
    element("w:spacing")
        .with("w:before", before)
        .with("w:after", after)
        .with("w:line", line)
        .with("w:lineRule", "exact")
}

/// Stands for a hyphen or minus that no line may end at.
pub(super) const NO_BREAK_HYPHEN: char = '\u{2011}';

/// A run of text. A line break in the text is one on the page.
pub(super) fn run(text: &str, properties: &[XmlElement]) -> XmlElement {
    let mut run = element("w:r");
    if !properties.is_empty() {
        run = run.child(element("w:rPr").children(properties.iter().cloned()));
    }
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            run = run.child(element("w:br"));
        }
        for (j, part) in line.split('\t').enumerate() {
            if j > 0 {
                run = run.child(element("w:tab"));
            }
            for (k, piece) in part.split(NO_BREAK_HYPHEN).enumerate() {
                if k > 0 {
                    run = run.child(element("w:noBreakHyphen"));
                }
                if !piece.is_empty() {
                    run = run.child(element("w:t").with("xml:space", "preserve").text(piece));
                }
            }
        }
    }
    run
}

/// Size of type in points, for runs that differ from their style.
pub(super) fn size(points: f32) -> [XmlElement; 2] {
    [value("w:sz", half_points(points)), value("w:szCs", half_points(points))]
}

/// Nothing but the end of a section or the anchor of 版记: as low as a paragraph can be.
pub(super) fn lowest() -> WordParagraph {
    WordParagraph::of(styles::LOWEST)
}
