//! OpenDocument sheets (.ods).

use std::collections::HashSet;
use std::io::{BufReader, Cursor};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::super::workbook::PendingCell;
use super::child::{Out, Stop};
use super::grid::{SparseSheet, tell};
use super::xml_spreadsheet::{attribute, resolved};

pub(crate) fn read(bytes: &[u8], out: &mut Out) -> Result<(), Stop> {
    let wrong = |_| Stop::contradiction();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let content = archive.by_name("content.xml").map_err(wrong)?;
    let mut reader = Reader::from_reader(BufReader::new(content));
    reader.config_mut().expand_empty_elements = true;
    let (mut book, mut buffer) = (OpenDocument::default(), Vec::new());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| Stop::contradiction())? {
            Event::Start(tag) => book.begin(&tag),
            Event::End(tag) => book.end(tag.local_name().as_ref())?,
            Event::Text(text) => book.text(&text.xml10_content()),
            Event::GeneralRef(reference) => book.text(&resolved(&reference)?),
            Event::Eof => break,
            _ => {}
        }
    }
    match book.grids.is_empty() {
        // An encrypted document has content that is no XML.
        true => Err(Stop::contradiction()),
        false => tell(book.grids, out),
    }
}

#[derive(Default)]
struct OpenDocument {
    grids: Vec<SparseSheet>,
    /// Styles of tables that are not shown, and the style that is being read.
    hidden: HashSet<String>,
    style: String,
    row: u32,
    rows: u32,
    column: u32,
    cell: Option<OpenDocumentCell>,
    /// Depth within a note, whose text is no value.
    note: u32,
    in_text: u32,
}

#[derive(Default)]
struct OpenDocumentCell {
    kind: String,
    value: Option<String>,
    text: String,
    paragraphs: u32,
    has_formula: bool,
    columns: u32,
    down: u32,
}

impl OpenDocument {
    fn begin(&mut self, tag: &BytesStart<'_>) {
        let number = |name: &str| attribute(tag, name).and_then(|text| text.parse::<u32>().ok()).unwrap_or(1);
        match tag.local_name().as_ref() {
            "style" => self.style = attribute(tag, "name").unwrap_or_default(),
            "table-properties" if attribute(tag, "display").as_deref() == Some("false") => {
                self.hidden.insert(self.style.clone());
            }
            "table" => {
                let mut grid = SparseSheet::named(attribute(tag, "name").unwrap_or_default());
                grid.is_hidden =
                    attribute(tag, "style-name").is_some_and(|style| self.hidden.contains(&style));
                self.grids.push(grid);
                self.row = 0;
            }
            "table-row" => {
                self.rows = number("number-rows-repeated");
                self.column = 0;
            }
            "table-cell" | "covered-table-cell" => {
                let value = ["value", "date-value", "time-value", "boolean-value", "string-value"];
                self.cell = Some(OpenDocumentCell {
                    kind: kind(tag),
                    value: value.iter().find_map(|name| attribute(tag, name)),
                    has_formula: attribute(tag, "formula").is_some(),
                    columns: number("number-columns-repeated"),
                    down: number("number-rows-spanned").max(1) - 1,
                    ..OpenDocumentCell::default()
                });
            }
            "annotation" => self.note += 1,
            "p" if self.note == 0 => {
                self.in_text += 1;
                if let Some(cell) = &mut self.cell {
                    if cell.paragraphs > 0 {
                        cell.text.push('\n');
                    }
                    cell.paragraphs += 1;
                }
            }
            "s" => {
                let blanks = attribute(tag, "c").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
                self.text(&" ".repeat(blanks.min(1_000)));
            }
            "tab" => self.text("\t"),
            "line-break" => self.text("\n"),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.cell.as_mut().filter(|_| self.in_text > 0 && self.note == 0) {
            cell.text.push_str(text);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Stop> {
        let Some(grid) = self.grids.last_mut() else { return Ok(()) };
        match name {
            "annotation" => self.note = self.note.saturating_sub(1),
            "p" if self.note == 0 => self.in_text = self.in_text.saturating_sub(1),
            "table-cell" | "covered-table-cell" => {
                let Some(cell) = self.cell.take() else { return Ok(()) };
                let (columns, down) = (cell.columns, cell.down);
                grid.merge(self.row, self.column, self.row.saturating_add(down));
                let value = value(cell);
                if value != PendingCell::Empty {
                    for at in 0..columns {
                        grid.set(self.row, self.column.saturating_add(at), value.clone())?;
                    }
                }
                self.column = self.column.saturating_add(columns);
            }
            "table-row" => {
                grid.repeat(self.row, self.rows)?;
                self.row = self.row.saturating_add(self.rows);
            }
            _ => {}
        }
        Ok(())
    }
}

/// What LibreOffice says of a value beside the standard (an error) comes first.
fn kind(tag: &BytesStart<'_>) -> String {
    let kinds = tag.attributes().flatten().filter(|a| a.key.local_name().as_ref() == "value-type");
    let kinds: Vec<String> =
        kinds.filter_map(|a| Some(a.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())).collect();
    let error = kinds.iter().find(|kind| *kind == "error");
    error.or(kinds.first()).cloned().unwrap_or_default()
}

fn value(cell: OpenDocumentCell) -> PendingCell<'static> {
    let OpenDocumentCell { kind, value, text, has_formula, .. } = cell;
    let filled = |text: String| if text.is_empty() { PendingCell::Empty } else { PendingCell::Text(text) };
    match (kind.as_str(), value) {
        ("error", _) => PendingCell::Failed,
        ("float" | "percentage" | "currency", Some(value)) => {
            value.parse().map_or(PendingCell::Failed, PendingCell::Number)
        }
        // 1990-01-04T00:00:00
        ("date", Some(value)) => {
            PendingCell::Text(value.strip_suffix("T00:00:00").unwrap_or(&value).replace('T', " "))
        }
        ("string", value) => filled(value.unwrap_or(text)),
        ("", None) if has_formula && text.is_empty() => PendingCell::Uncalculated,
        (_, value) => filled(value.unwrap_or(text)),
    }
}
