//! Tables of the documents as HTML.

use std::fmt;

use askama::Template;

use super::words::pick;
use crate::config::settings::ReportLanguage;
use crate::report::document::{Align, Cell, Table};

/// A table of a document for a page. Its template escapes every text, so it is put into pages as it is.
#[derive(Template)]
#[template(path = "table.html")]
pub(super) struct TableView<'a> {
    table: &'a Table,
    caption: String,
    /// Texts for those who do not see colours.
    missed: &'static str,
    /// Where the units of its rows lead; blank leads nowhere.
    units: String,
}

impl askama::filters::HtmlSafe for TableView<'_> {}

impl<'a> TableView<'a> {
    /// `caption` names it where the table has no caption of its own.
    pub(super) fn new(table: &'a Table, caption: &str, language: ReportLanguage) -> TableView<'a> {
        let caption = table.caption.clone().unwrap_or_else(|| caption.to_owned());
        TableView {
            table, caption, missed: pick(language, "未达标", "target missed"), units: String::new()
        }
    }

    /// Leads from each unit to its page.
    pub(super) fn with_units(self, run: i64) -> TableView<'a> {
        TableView { units: format!("?run={run}"), ..self }
    }

    fn align(&self, column: &usize) -> &'static str {
        match self.table.columns.get(*column).map(|column| column.align) {
            Some(Align::Right) => "right",
            Some(Align::Center) => "center",
            _ => "left",
        }
    }

    fn is_unit(&self, column: &usize) -> bool {
        !self.units.is_empty() && self.table.unit == Some(*column)
    }
}

/// The small line of a cell as points of a polyline in a box of 60 × 16; `None` without two values.
fn line(cell: &Cell) -> Option<String> {
    let values: Vec<(usize, f64)> =
        cell.course.iter().enumerate().filter_map(|(i, value)| value.map(|value| (i, value))).collect();
    if values.len() < 2 {
        return None;
    }
    let (low, high) =
        values.iter().fold((f64::MAX, f64::MIN), |(low, high), (_, v)| (low.min(*v), high.max(*v)));
    let (span, last) = ((high - low).max(1e-9), (cell.course.len() - 1).max(1) as f64);
    let point = |(i, value): &(usize, f64)| {
        format!("{:.1},{:.1}", 2.0 + 56.0 * *i as f64 / last, 14.0 - 12.0 * (value - low) / span)
    };
    Some(values.iter().map(point).collect::<Vec<_>>().join(" "))
}

/// How far a cell is set in, as a class.
fn indent(cell: &Cell) -> String {
    format!("in{}", cell.indent.min(4))
}

/// Fills the gap between a value and a page that shows it.
impl fmt::Debug for TableView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TableView")
    }
}
