//! The text: head, blocks, tail, attachments and 版记, in sections.

use super::foot;
use super::measures::{line, twips};
use super::numbering::Numbers;
use super::package::is_chinese;
use super::paragraph::{WordParagraph, lowest};
use super::picture::Pictures;
use super::section::{self, Sheets};
use super::xml::{XmlElement, element};
use super::{head, styles, table, tail};
use crate::layout::chart;
use crate::layout::compose::title;
use crate::layout::metrics::{Metrics, MissingGlyph};
use crate::layout::page::{Imprint, LINE, MM_PER_PT, Pages, SIZE_2, TURNED, TableForm, WIDTH};
use crate::layout::table::parts::in_parts;
use crate::report::document::{Block, Document, TextSpan};

/// The text with what it refers to.
pub(super) struct WordBody {
    pub(super) element: XmlElement,
    pub(super) pictures: Pictures,
    pub(super) lists: u32,
}

pub(super) fn write(
    document: &Document,
    pages: &Pages,
    metrics: &dyn Metrics,
) -> Result<WordBody, MissingGlyph> {
    let document = &*in_parts(document, metrics);
    let head = &document.head;
    let mut writer = BodyWriter {
        document,
        metrics,
        tables: pages.tables.iter(),
        turned: pages.turned.iter(),
        pictures: Pictures::default(),
        numbers: Numbers::new(is_chinese(&head.language)),
        sheets: Sheets::Upright,
        out: head::write(head, metrics)?,
    };
    let body = document.blocks.iter().position(|block| matches!(block, Block::Attachment { .. }));
    let (body, attachments) = document.blocks.split_at(body.unwrap_or(document.blocks.len()));
    let has_tail = head.annex.is_none();
    writer.blocks(body, has_tail)?;
    if has_tail {
        writer.out.extend(tail::write(head, metrics)?);
    }
    writer.blocks(attachments, false)?;
    writer.end(foot::place(head, pages))
}

struct BodyWriter<'a> {
    document: &'a Document,
    metrics: &'a dyn Metrics,
    /// The forms of the tables to come.
    tables: std::slice::Iter<'a, TableForm>,
    /// Whether the attachments to come are turned.
    turned: std::slice::Iter<'a, bool>,
    pictures: Pictures,
    numbers: Numbers,
    sheets: Sheets,
    out: Vec<XmlElement>,
}

impl BodyWriter<'_> {
    /// Writes blocks in order; `is_signed` where issuer and date follow the last one.
    fn blocks(&mut self, blocks: &[Block], is_signed: bool) -> Result<(), MissingGlyph> {
        for (i, block) in blocks.iter().enumerate() {
            let next = blocks.get(i + 1);
            let is_beside = |block: Option<&Block>| matches!(block, Some(Block::Table(_) | Block::Chart(_)));
            let around = Around {
                before: is_beside(i.checked_sub(1).and_then(|before| blocks.get(before))),
                after: is_beside(next),
            };
            match block {
                Block::Heading { level, text } => self.heading(*level, text, around),
                Block::Paragraph(spans) => {
                    let keep = match next {
                        None => is_signed,
                        // The last line, such as 特此通报, does not stand alone above the signature.
                        Some(last @ Block::Paragraph(_)) if i + 2 == blocks.len() => {
                            is_signed && is_line(last)
                        }
                        Some(next) => leads_to(spans, next),
                    };
                    let paragraph = around.on(WordParagraph::of(styles::BODY)).keep_next(keep);
                    self.out.push(paragraph.spans(spans).build());
                }
                Block::Table(block) => self.table(block),
                Block::Chart(block) => {
                    let width = if self.sheets == Sheets::Turned { TURNED.width } else { WIDTH };
                    let drawing = chart::drawing(block, self.metrics, width)?;
                    self.out.extend(self.pictures.chart(&drawing, chart::title(block)));
                }
                Block::Attachment { label, title, turned } => {
                    let turned = self.turned.next().copied().unwrap_or(*turned);
                    self.attachment(label, title, turned);
                }
            }
        }
        Ok(())
    }

    fn heading(&mut self, level: u8, spans: &[TextSpan], around: Around) {
        let at = usize::from(level.clamp(1, 4) - 1);
        let text: String = spans.iter().map(|span| span.text.as_str()).collect();
        let mut paragraph = around.on(WordParagraph::of(styles::HEADINGS[at]));
        paragraph = match self.numbers.next(at, &text) {
            // The first list is the style's own.
            Some((1, rest)) => paragraph.text(rest),
            Some((list, rest)) => paragraph.number(Some((at as u8, list))).text(rest),
            // Without its number a heading loses the indent that stands with the list.
            None => paragraph.number(Some((at as u8, 0))).first_line(2).spans(spans),
        };
        self.out.push(paragraph.build());
    }

    fn table(&mut self, block: &crate::report::document::Table) {
        if block.columns.is_empty() {
            return;
        }
        let Some(form) = self.tables.next() else { return };
        self.out.extend(table::write(block, form, &mut self.pictures, self.metrics));
    }

    /// A new page, label on the first line, title on the third (clause 7.3.7).
    fn attachment(&mut self, label: &str, title: &str, turned: bool) {
        let sheets = if turned { Sheets::Turned } else { Sheets::Upright };
        let is_new_section = sheets != self.sheets;
        if is_new_section {
            self.end_section(sheets);
        }
        self.numbers.restart();
        let mark = WordParagraph::of(styles::ATTACHMENT).page_break(!is_new_section);
        self.out.push(mark.text(label).build());
        let width = if turned { TURNED.width } else { WIDTH };
        let lines = title::lines(title, width / (SIZE_2 * MM_PER_PT)).join("\n");
        let heading = WordParagraph::of(styles::ATTACHMENT_TITLE).before(line()).after(twips(LINE / 2.0));
        self.out.push(heading.text(&lines).build());
    }

    fn end_section(&mut self, next: Sheets) {
        let properties = section::properties(self.sheets, self.document.head.draft);
        self.out.push(lowest().section(properties).build());
        self.sheets = next;
    }

    /// 版记 and the properties of the last section, which stand by themselves.
    fn end(mut self, place: Option<Imprint>) -> Result<WordBody, MissingGlyph> {
        let head = &self.document.head;
        if let Some(place) = place {
            if let Some(sheets) = foot::sheets(place) {
                self.end_section(sheets);
            }
            self.out.extend(foot::imprint(head, self.metrics)?);
            self.out.push(lowest().build());
        }
        let last = section::properties(self.sheets, head.draft);
        let element = element("w:body").children(self.out).child(last);
        Ok(WordBody { element, pictures: self.pictures, lists: self.numbers.lists() })
    }
}

/// Whether a table or chart stands before or after a paragraph, which then keeps its distance.
#[derive(Debug, Clone, Copy)]
struct Around {
    before: bool,
    after: bool,
}

impl Around {
    fn on(self, paragraph: WordParagraph) -> WordParagraph {
        const DISTANCE: f32 = 1.5;
        let distance = |is_there| if is_there { twips(DISTANCE) } else { 0 };
        paragraph.before(distance(self.before)).after(distance(self.after))
    }
}

/// Whether a paragraph is at most one line.
fn is_line(block: &Block) -> bool {
    const CHARACTERS: usize = 26;
    let Block::Paragraph(spans) = block else { return false };
    spans.iter().map(|span| span.text.chars().count()).sum::<usize>() <= CHARACTERS
}

/// Whether a paragraph is so short that it only announces the table or chart after it.
fn leads_to(spans: &[TextSpan], next: &Block) -> bool {
    const SHORT: usize = 84;
    let length: usize = spans.iter().map(|span| span.text.chars().count()).sum();
    matches!(next, Block::Table(_) | Block::Chart(_)) && length <= SHORT
}
