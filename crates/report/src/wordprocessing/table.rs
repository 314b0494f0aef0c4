//! Tables with the columns, the type and the row heights that they have on the page. The head is repeated
//! on every page, no row is divided, and the last row does not stand alone.

use super::columns;
use super::measures::{eighths, twips};
use super::paragraph::{NO_BREAK_HYPHEN, WordParagraph, run};
use super::picture::Pictures;
use super::styles;
use super::xml::{XmlElement, element, value};
use crate::layout::compose::title;
use crate::layout::line_break::marks::is_han;
use crate::layout::metrics::Metrics;
use crate::layout::page::{MM_PER_PT, TableForm};
use crate::layout::table::{LONGEST_NAME, course};
use crate::report::document::{Align, Cell, Row, Table};

/// Outer and inner rules, in mm.
const OUTER: f32 = 0.35;
const INNER: f32 = 0.15;
/// What is taken off paddings and pictures, in mm, for fonts that are a hair wider or higher.
const SPARE: f32 = 0.4;

/// Caption, table and note.
pub(super) fn write(
    table: &Table,
    form: &TableForm,
    pictures: &mut Pictures,
    metrics: &dyn Metrics,
) -> Vec<XmlElement> {
    let form = &columns::roomy(table, form);
    let mut out = Vec::new();
    if let Some(caption) = &table.caption {
        out.push(WordParagraph::of(styles::CAPTION).text(caption).build());
    }
    let mut cells = WordCells { table, form, pictures, metrics, scale: course::scale(table) };
    let rows = table.rows.len();
    let has_note = table.note.is_some();
    let body: Vec<XmlElement> = (table.rows.iter().enumerate())
        .map(|(i, row)| {
            let is_last = i + 1 == rows;
            let keep = if is_last { has_note } else { form.is_whole || row.leads || i + 2 == rows };
            cells.row(row, keep)
        })
        .collect();
    let head = cells.head();
    out.push(frame(table, form).child(head).children(body));
    // Two tables without a paragraph between them would become one.
    match &table.note {
        Some(note) => out.push(WordParagraph::of(styles::TABLE_NOTE).text(note).build()),
        None => out.push(super::paragraph::lowest().build()),
    }
    out
}

/// The table without its rows.
fn frame(table: &Table, form: &TableForm) -> XmlElement {
    let width: i64 = form.columns.iter().map(|(width, _)| twips(*width)).sum();
    let mut properties = element("w:tblPr")
        .child(element("w:tblW").with("w:w", width).with("w:type", "dxa"))
        .child(value("w:jc", "center"))
        .child(borders())
        .child(element("w:tblLayout").with("w:type", "fixed"))
        .child(margins(form));
    if let Some(caption) = &table.caption {
        properties = properties.child(value("w:tblCaption", caption));
    }
    element("w:tbl").child(properties).child(grid(form.columns.iter().map(|(width, _)| *width)))
}

fn grid(widths: impl Iterator<Item = f32>) -> XmlElement {
    element("w:tblGrid").children(widths.map(|width| element("w:gridCol").with("w:w", twips(width))))
}

fn borders() -> XmlElement {
    let rule = |name, mm| {
        value(name, "single").with("w:sz", eighths(mm)).with("w:space", 0).with("w:color", "000000")
    };
    let outer = ["w:top", "w:left", "w:bottom", "w:right"].map(|name| rule(name, OUTER));
    let inner = ["w:insideH", "w:insideV"].map(|name| rule(name, INNER));
    element("w:tblBorders").children(outer).children(inner)
}

fn margins(form: &TableForm) -> XmlElement {
    let side = |name, mm| element(name).with("w:w", twips(mm)).with("w:type", "dxa");
    element("w:tblCellMar")
        .child(side("w:top", form.blank / 2.0))
        .child(side("w:left", padding(form)))
        .child(side("w:bottom", form.blank / 2.0))
        .child(side("w:right", padding(form)))
}

/// A little less than on the page: an office's fonts may be a hair wider, and a name that fits exactly would
/// be divided.
fn padding(form: &TableForm) -> f32 {
    (form.padding - SPARE).max(0.0)
}

/// What the cells of a table are made from.
struct WordCells<'a> {
    table: &'a Table,
    form: &'a TableForm,
    pictures: &'a mut Pictures,
    metrics: &'a dyn Metrics,
    /// Lowest and highest value of the small lines.
    scale: (f64, f64),
}

impl WordCells<'_> {
    fn head(&mut self) -> XmlElement {
        let cells = self.table.columns.iter().enumerate().map(|(i, column)| {
            let paragraph =
                WordParagraph::of(styles::table_text(self.form.size)).keep_next(true).align("center");
            self.cell(i, paragraph.run(strong(&self.by_sense(i, &column.head))), false)
        });
        let cells: Vec<XmlElement> = cells.collect();
        self.frame(true).children(cells)
    }

    fn row(&mut self, row: &Row, keep: bool) -> XmlElement {
        let mut out = self.frame(false);
        for i in 0..self.table.columns.len() {
            let cell = row.cells.get(i).cloned().unwrap_or_default();
            let paragraph = match cell.course.is_empty() {
                true => self.text(i, &cell, row.total || row.leads),
                false => self.line(i, &cell),
            };
            out = out.child(self.cell(i, paragraph.keep_next(keep), cell.number.is_some()));
        }
        out
    }

    /// A row without its cells.
    fn frame(&self, is_head: bool) -> XmlElement {
        let height = twips(self.form.pitch + self.form.blank);
        let mut properties = element("w:trPr")
            .child(element("w:cantSplit"))
            .child(value("w:trHeight", height).with("w:hRule", "atLeast"));
        if is_head {
            properties = properties.child(element("w:tblHeader"));
        }
        element("w:tr").child(properties)
    }

    /// A number keeps to one line, also in a font with wider digits: it may use the blanks beside it.
    fn cell(&self, column: usize, paragraph: WordParagraph, is_number: bool) -> XmlElement {
        let width = self.form.columns.get(column).map_or(0.0, |(width, _)| *width);
        let mut properties =
            element("w:tcPr").child(element("w:tcW").with("w:w", twips(width)).with("w:type", "dxa"));
        if is_number {
            let side = |name| element(name).with("w:w", 0).with("w:type", "dxa");
            let sides = element("w:tcMar").child(side("w:left")).child(side("w:right"));
            properties = properties.child(element("w:noWrap")).child(sides);
        }
        let properties = properties.child(value("w:vAlign", "center"));
        element("w:tc").child(properties).child(paragraph.build())
    }

    /// Numbers and names keep a common edge; the column of them is centred below its head.
    fn text(&self, column: usize, cell: &Cell, is_bold: bool) -> WordParagraph {
        let (width, widest) = self.form.columns.get(column).copied().unwrap_or_default();
        let room = width - 2.0 * padding(self.form);
        let aside = ((room - widest) / 2.0).max(0.0);
        // A number has no blank of the cell's own beside it.
        let beside = if cell.number.is_some() { padding(self.form) } else { 0.0 };
        let indent = cell.indent as f32 * self.form.size * MM_PER_PT;
        let paragraph = WordParagraph::of(styles::table_text(self.form.size));
        let paragraph = match self.table.columns[column].align {
            // A cell that reads like a paragraph is set like one.
            Align::Left if widest > 2.0 * room => paragraph.sides(indent, 0.0).align("both"),
            Align::Left => paragraph.sides(aside + indent, 0.0),
            Align::Center => paragraph.align("center"),
            // No more blank than leaves the widest number its line in any font.
            Align::Right => {
                let spare = (width - columns::widest_number(self.table, self.form, column)).max(0.0);
                paragraph.sides(0.0, (aside + beside).min(spare)).align("right")
            }
        };
        paragraph.run(match (cell.number, is_bold) {
            (Some(_), _) => number(&cell.text, is_bold),
            (None, true) => strong(&self.by_sense(column, &cell.text)),
            (None, false) => run(&self.by_sense(column, &cell.text), &[]),
        })
    }

    /// A Chinese head, term or name that needs several lines is divided between words, as on the page: a program for
    /// texts divides it anywhere.
    fn by_sense(&self, column: usize, text: &str) -> String {
        let width = self.form.columns.get(column).map_or(0.0, |(width, _)| *width);
        let room = (width - 2.0 * padding(self.form)) / (self.form.size * MM_PER_PT);
        let count = text.chars().count();
        let is_name = count <= LONGEST_NAME && text.chars().all(is_han);
        if !is_name || count as f32 <= room || room < 2.0 {
            return text.to_owned();
        }
        title::lines_by_sense(text, room).join("\n")
    }

    /// The small line of a cell as a picture.
    fn line(&mut self, column: usize, cell: &Cell) -> WordParagraph {
        let width = self.form.columns.get(column).map_or(0.0, |(width, _)| *width) - 2.0 * self.form.padding;
        let size = (width, self.form.pitch - SPARE);
        let drawing = course::drawing(&cell.course, self.scale, size, self.metrics);
        let described = &self.table.columns[column].head;
        WordParagraph::of(styles::TABLE_FIGURE).run(self.pictures.run(drawing, described))
    }
}

/// A number that no line ends within, in digits as wide as those of 仿宋 that any machine has: what stands for 仿宋
/// on one without it may be a quarter wider.
fn number(text: &str, is_bold: bool) -> XmlElement {
    let mut properties = vec![styles::digits()];
    if is_bold {
        properties.insert(0, value("w:rStyle", styles::STRONG));
        properties.push(element("w:b"));
    }
    run(&text.replace('-', &NO_BREAK_HYPHEN.to_string()), &properties)
}

/// Text in 黑体.
fn strong(text: &str) -> XmlElement {
    run(text, &[value("w:rStyle", styles::STRONG)])
}

/// Cells side by side without rules, with widths in mm; each with the properties that it has besides.
pub(super) fn invisible(
    widths: &[f32],
    rows: impl IntoIterator<Item = Vec<(XmlElement, XmlElement)>>,
) -> XmlElement {
    let properties = element("w:tblPr")
        .child(
            element("w:tblW")
                .with("w:w", widths.iter().map(|mm| twips(*mm)).sum::<i64>())
                .with("w:type", "dxa"),
        )
        .child(value("w:jc", "center"))
        .child(element("w:tblLayout").with("w:type", "fixed"))
        .child(no_margins());
    let row = |cells: Vec<(XmlElement, XmlElement)>| {
        let cell = |(properties, paragraph): (XmlElement, XmlElement), width: f32| {
            let width = element("w:tcW").with("w:w", twips(width)).with("w:type", "dxa");
            element("w:tc")
                .child(properties.before(width).child(value("w:vAlign", "center")))
                .child(paragraph)
        };
        element("w:tr").children(cells.into_iter().zip(widths).map(|(parts, width)| cell(parts, *width)))
    };
    element("w:tbl").child(properties).child(grid(widths.iter().copied())).children(rows.into_iter().map(row))
}

fn no_margins() -> XmlElement {
    let side = |name| element(name).with("w:w", 0).with("w:type", "dxa");
    element("w:tblCellMar").child(side("w:left")).child(side("w:right"))
}
