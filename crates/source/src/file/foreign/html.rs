//! Tables of web pages, which many systems hand out as .xls.

use super::super::workbook::PendingCell;
use super::child::{Out, Stop};
use super::grid::{SparseSheet, tell};
use super::markup;

/// Most rows and columns that a cell may claim to cover.
const MOST_SPAN: u32 = 1 << 14;

pub(crate) fn read(bytes: &[u8], out: &mut Out) -> Result<(), Stop> {
    let text = markup::text(bytes).ok_or_else(Stop::contradiction)?;
    let mut page = HtmlPage::default();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        page.text(&rest[..at]);
        rest = page.tag(&rest[at..])?;
    }
    page.text(rest);
    while !page.open.is_empty() {
        page.close_table()?;
    }
    let mut grids: Vec<SparseSheet> = page.done.into_iter().filter(|grid| !grid.is_empty()).collect();
    for (at, grid) in grids.iter_mut().enumerate() {
        grid.name = format!("table {}", at + 1);
    }
    tell(grids, out)
}

/// A page as far as it has been read: tables may stand in cells of others.
#[derive(Default)]
struct HtmlPage {
    open: Vec<Open>,
    /// In the order of their beginnings.
    done: Vec<SparseSheet>,
}

struct Open {
    grid: SparseSheet,
    /// Its place among the tables.
    place: usize,
    row: Option<u32>,
    column: u32,
    /// Last row that a cell of each column reaches down to.
    taken: Vec<u32>,
    cell: Option<HtmlCell>,
}

struct HtmlCell {
    column: u32,
    text: String,
}

impl HtmlPage {
    fn text(&mut self, text: &str) {
        if let Some(cell) = self.open.last_mut().and_then(|open| open.cell.as_mut()) {
            unescape(text, &mut cell.text);
        }
    }

    /// Takes the tag at the beginning of the text and gives what follows it.
    fn tag<'a>(&mut self, text: &'a str) -> Result<&'a str, Stop> {
        if let Some(comment) = text.strip_prefix("<!--") {
            return Ok(comment.split_once("-->").map_or("", |(_, rest)| rest));
        }
        let Some(end) = end_of_tag(text) else {
            self.text(text);
            return Ok("");
        };
        let (tag, rest) = (&text[1..end], &text[end + 1..]);
        let name_end = tag.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(tag.len());
        let name = tag[..name_end].trim_end_matches('/').to_ascii_lowercase();
        match name.as_str() {
            "script" | "style" => {
                let close = format!("</{name}");
                let at = rest.to_ascii_lowercase().find(&close);
                return Ok(at.map_or("", |at| &rest[at..]));
            }
            "table" => {
                let place = self.done.len();
                self.done.push(SparseSheet::default());
                let grid = SparseSheet::default();
                self.open.push(Open { grid, place, row: None, column: 0, taken: Vec::new(), cell: None });
            }
            "/table" => self.close_table()?,
            "tr" => self.begin_row()?,
            "/tr" => self.end_cell()?,
            "td" | "th" => self.begin_cell(tag)?,
            "/td" | "/th" => self.end_cell()?,
            "br" | "p" | "/p" | "div" => self.text("\n"),
            _ => {}
        }
        Ok(rest)
    }

    fn close_table(&mut self) -> Result<(), Stop> {
        self.end_cell()?;
        if let Some(open) = self.open.pop() {
            self.done[open.place] = open.grid;
        }
        Ok(())
    }

    fn begin_row(&mut self) -> Result<(), Stop> {
        self.end_cell()?;
        if let Some(open) = self.open.last_mut() {
            open.row = Some(open.row.map_or(0, |row| row + 1));
            open.column = 0;
        }
        Ok(())
    }

    fn begin_cell(&mut self, tag: &str) -> Result<(), Stop> {
        self.end_cell()?;
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let row = *open.row.get_or_insert(0);
        while open.taken.get(open.column as usize).is_some_and(|end| *end > row) {
            open.column += 1;
        }
        let (down, across) = (span(tag, "rowspan"), span(tag, "colspan"));
        let (column, next) = (open.column, open.column + across);
        if next > MOST_SPAN {
            return Err(Stop::contradiction());
        }
        open.taken.resize(open.taken.len().max(next as usize), 0);
        open.taken[column as usize..next as usize].fill(row + down);
        open.grid.merge(row, column, row + down - 1);
        open.cell = Some(HtmlCell { column, text: String::new() });
        open.column = next;
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Stop> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let (Some(cell), Some(row)) = (open.cell.take(), open.row) else { return Ok(()) };
        let text = cell.text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}');
        if text.is_empty() {
            return Ok(());
        }
        open.grid.set(row, cell.column, PendingCell::Text(text.to_owned()))
    }
}

/// Where the tag at the beginning of a text ends; a `>` in quotes does not end it.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('>', None) => return Some(at),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    // A quotation mark may be left open.
    text.find('>')
}

/// How many rows or columns a cell covers.
fn span(tag: &str, name: &str) -> u32 {
    let lower = tag.to_ascii_lowercase();
    let value = lower.split(name).nth(1).and_then(|rest| rest.trim_start().strip_prefix('='));
    let digits: String = value
        .unwrap_or_default()
        .trim_start_matches([' ', '"', '\''])
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(1).clamp(1, MOST_SPAN)
}

/// Adds a text without its entities. Line breaks of the source are blanks.
fn unescape(text: &str, out: &mut String) {
    if text == "\n" {
        out.push('\n');
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain(&rest[..at], out);
        rest = &rest[at + 1..];
        let entity = rest.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, after)| Some((character(name)?, after))) {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => out.push('&'),
        }
    }
    plain(rest, out);
}

/// White space of the source is one blank, as a page shows it.
fn plain(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            ' ' | '\t' | '\r' | '\n' if out.is_empty() || out.ends_with([' ', '\n']) => {}
            ' ' | '\t' | '\r' | '\n' => out.push(' '),
            c => out.push(c),
        }
    }
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "nbsp" => Some('\u{a0}'),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "middot" => Some('·'),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
