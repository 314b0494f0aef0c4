//! XML of Excel 2003 (SpreadsheetML).

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::workbook::PendingCell;
use super::child::{Out, Stop};
use super::grid::{SparseSheet, tell};
use super::markup;

pub(crate) fn read(bytes: &[u8], out: &mut Out) -> Result<(), Stop> {
    let text = markup::text(bytes).ok_or_else(Stop::contradiction)?;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut book = XmlSpreadsheet::default();
    loop {
        match reader.read_event().map_err(|_| Stop::contradiction())? {
            Event::Start(tag) => book.begin(&tag)?,
            Event::End(tag) => book.end(tag.local_name().as_ref())?,
            Event::Text(text) => book.text(&text.xml10_content()),
            Event::CData(text) => book.text(&text.xml10_content()),
            Event::GeneralRef(reference) => book.text(&resolved(&reference)?),
            Event::Eof => break,
            _ => {}
        }
    }
    match book.grids.is_empty() {
        true => Err(Stop::contradiction()),
        false => tell(book.grids, out),
    }
}

/// The character that an entity stands for.
pub(crate) fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, Stop> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| Stop::contradiction())? {
        return Ok(c.to_string());
    }
    let name: &str = reference;
    let text = quick_xml::escape::resolve_predefined_entity(name).ok_or_else(Stop::contradiction)?;
    Ok(text.to_owned())
}

/// The value of an attribute, whatever its prefix.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes().flatten();
    let attribute = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

#[derive(Default)]
struct XmlSpreadsheet {
    grids: Vec<SparseSheet>,
    /// The next row and column.
    row: u32,
    column: u32,
    cell: Option<XmlCell>,
    /// Whether the text of a value is being read, or of the state of a sheet.
    in_data: bool,
    in_visible: bool,
}

#[derive(Default)]
struct XmlCell {
    kind: String,
    text: String,
    has_formula: bool,
    down: u32,
    across: u32,
}

impl XmlSpreadsheet {
    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        let number = |name: &str| attribute(tag, name).and_then(|text| text.parse::<u32>().ok());
        match tag.local_name().as_ref() {
            "Worksheet" => {
                self.grids.push(SparseSheet::named(attribute(tag, "Name").unwrap_or_default()));
                (self.row, self.column) = (0, 0);
            }
            "Row" => {
                if let Some(index) = number("Index") {
                    self.row = index.max(1) - 1;
                }
                self.column = 0;
            }
            "Cell" => {
                if let Some(index) = number("Index") {
                    self.column = index.max(1) - 1;
                }
                self.cell = Some(XmlCell {
                    has_formula: attribute(tag, "Formula").is_some(),
                    down: number("MergeDown").unwrap_or(0),
                    across: number("MergeAcross").unwrap_or(0),
                    ..XmlCell::default()
                });
            }
            "Data" => {
                self.in_data = true;
                if let Some(cell) = &mut self.cell {
                    cell.kind = attribute(tag, "Type").unwrap_or_default();
                }
            }
            "Visible" => self.in_visible = true,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        match (&mut self.cell, self.grids.last_mut()) {
            (Some(cell), _) if self.in_data => cell.text.push_str(text),
            (_, Some(grid)) if self.in_visible => grid.is_hidden |= text.contains("Hidden"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Stop> {
        match name {
            "Row" => self.row = self.row.saturating_add(1),
            "Data" => self.in_data = false,
            "Visible" => self.in_visible = false,
            "Cell" => {
                let (Some(cell), Some(grid)) = (self.cell.take(), self.grids.last_mut()) else {
                    return Ok(());
                };
                grid.merge(self.row, self.column, self.row.saturating_add(cell.down));
                let across = cell.across;
                grid.set(self.row, self.column, value(cell))?;
                self.column = self.column.saturating_add(1).saturating_add(across);
            }
            _ => {}
        }
        Ok(())
    }
}

fn value(cell: XmlCell) -> PendingCell<'static> {
    match (cell.kind.as_str(), cell.text) {
        ("Error", _) => PendingCell::Failed,
        (_, text) if text.is_empty() => match cell.has_formula && cell.kind.is_empty() {
            true => PendingCell::Uncalculated,
            false => PendingCell::Empty,
        },
        ("Number", text) => text.trim().parse().map_or(PendingCell::Text(text.clone()), PendingCell::Number),
        // 1990-01-04T00:00:00.000
        ("DateTime", text) => {
            let text = text.trim_end_matches(".000");
            PendingCell::Text(text.strip_suffix("T00:00:00").unwrap_or(text).replace('T', " "))
        }
        (_, text) => PendingCell::Text(text),
    }
}
