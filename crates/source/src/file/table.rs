//! From the rows of a file to the columns that are asked for.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::error::FileError;
use super::left_out::{LeftOut, ListHead, words};
use super::place_name::TablePlace;
use crate::SourceError;
use crate::error::meant_of;
use crate::statements::{ColumnRole, EachRow, RequestedColumn};
use tongbao_register::day_reader::day_since_1904;
use tongbao_register::id_number::{CitizenId, normalize};
use tongbao_register::text::{lossy, trim, whole};

/// A header may stand below titles, but not deeper than this.
pub(super) const DEEPEST_HEADER: usize = 10;

/// The value of a cell as its file keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum FileCell<'a> {
    Empty,
    Text(&'a [u8]),
    /// A number with the precision of a spreadsheet.
    Number(f64),
    /// The same in a workbook whose days count from 1904, as those of old Macs do.
    Number1904(f64),
    /// A formula whose value no program has calculated yet.
    Uncalculated,
    /// A formula whose value is an error, `#N/A` for example.
    Failed,
}

/// What takes the rows of a file, one after another.
pub(super) trait Rows {
    /// Columns of the header, once it has been found.
    fn width(&self) -> Option<usize>;

    /// Says of a column of the next row that its value is that of a merged cell which began above.
    fn filled_down(&mut self, _column: usize) -> Result<(), SourceError> {
        Ok(())
    }

    /// Takes the next row. Rows without any value are no records.
    fn row(&mut self, line: u64, cells: &[FileCell<'_>]) -> Result<(), SourceError>;

    /// Whether no further row is wanted.
    fn is_done(&self) -> bool {
        false
    }
}

/// Finds the header row, and hands on the asked columns of all records below it.
pub(crate) struct FileTable<'a, 'b> {
    pub path: &'a str,
    pub part: &'static str,
    pub asked: &'a [RequestedColumn<'a>],
    pub each: &'a mut EachRow<'b>,
    place: TablePlace<'a>,
    header: Option<HeaderRow>,
    /// The row that is most like a header, if none has been found.
    best: Option<HeaderCandidate>,
    seen: usize,
    rows: u64,
    left_out: LeftOut,
    /// Rows before the header, as words.
    above: Vec<Vec<String>>,
    /// Whether a sheet of several that is no list is passed over.
    may_lack_header: bool,
    /// Whether a row without header holds the ID number of a citizen.
    has_persons: bool,
    /// Asked cells with formulas that were never calculated: the first line, how many, and the column.
    uncalculated: Option<(u64, u64, String)>,
    failed: u64,
    /// Rows whose ID number is that of a merged cell which began above.
    merged_numbers: u64,
    digest: DefaultHasher,
}

struct HeaderRow {
    /// For each asked column its place, unless the file has none.
    columns: Vec<Option<usize>>,
    width: usize,
    line: u64,
    /// The rows above the records as words, the header last.
    above: Vec<Vec<String>>,
    /// The code of the unit that the file's place names, where no column does.
    unit: Option<String>,
}

struct HeaderCandidate {
    line: u64,
    names: Vec<String>,
    found: usize,
}

/// What a table was found to have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extent {
    pub columns: usize,
    pub rows: u64,
    /// The line that names the columns.
    pub header: u64,
    pub left_out: LeftOut,
    /// The code of the unit that all rows count for, where no column names it.
    pub unit: Option<String>,
    /// Cells of the asked columns whose formula gave an error.
    pub failed: u64,
    /// Rows whose ID number is that of a merged cell which began above.
    pub merged_numbers: u64,
    /// The same for tables of the same rows.
    pub digest: u64,
}

impl Rows for FileTable<'_, '_> {
    fn width(&self) -> Option<usize> {
        self.header.as_ref().map(|header| header.width)
    }

    fn filled_down(&mut self, column: usize) -> Result<(), SourceError> {
        let Some(header) = &self.header else { return Ok(()) };
        let mut places = header.columns.iter().zip(self.asked);
        let is_number = places.any(|(at, asked)| *at == Some(column) && asked.role == ColumnRole::IdNumber);
        self.merged_numbers += u64::from(is_number);
        Ok(())
    }

    fn row(&mut self, line: u64, cells: &[FileCell<'_>]) -> Result<(), SourceError> {
        if cells.iter().all(is_blank) {
            return Ok(());
        }
        let Some(header) = &self.header else { return self.head(line, cells) };
        let head = ListHead { asked: self.asked, columns: &header.columns, above: &header.above };
        if head.is_moved(cells) {
            let (path, part, header) = (self.path.to_owned(), self.part, header.line);
            return Err(FileError::MovedHeading { path, part, line, header }.into());
        }
        if let Some(why) = head.judge(cells) {
            self.left_out.add(why, line);
            return Ok(());
        }
        let cell = |at: &Option<usize>| at.and_then(|at| cells.get(at)).copied().unwrap_or(FileCell::Empty);
        let cells: Vec<FileCell<'_>> = header.columns.iter().map(cell).collect();
        self.formulas(line, &cells);
        self.record(&cells)
    }
}

impl<'a, 'b> FileTable<'a, 'b> {
    pub(super) fn new(
        path: &'a str,
        part: &'static str,
        asked: &'a [RequestedColumn<'a>],
        each: &'a mut EachRow<'b>,
        place: TablePlace<'a>,
    ) -> FileTable<'a, 'b> {
        FileTable {
            path,
            part,
            asked,
            each,
            place,
            header: None,
            best: None,
            seen: 0,
            rows: 0,
            left_out: LeftOut::default(),
            above: Vec::new(),
            may_lack_header: false,
            has_persons: false,
            uncalculated: None,
            failed: 0,
            merged_numbers: 0,
            digest: DefaultHasher::new(),
        }
    }

    /// The same, for one of several sheets: one without the columns is passed over if it lists no persons.
    pub(crate) fn or_no_list(self) -> FileTable<'a, 'b> {
        FileTable { may_lack_header: true, ..self }
    }

    /// Counts asked cells whose formulas have no value.
    fn formulas(&mut self, line: u64, cells: &[FileCell<'_>]) {
        for (cell, asked) in cells.iter().zip(self.asked) {
            match cell {
                FileCell::Uncalculated => {
                    self.uncalculated.get_or_insert_with(|| (line, 0, asked.name.to_owned())).1 += 1;
                }
                FileCell::Failed => self.failed += 1,
                FileCell::Empty | FileCell::Text(_) | FileCell::Number(_) | FileCell::Number1904(_) => {}
            }
        }
    }

    /// Hands on the asked columns of a record, in the places that the header gives them.
    fn record(&mut self, cells: &[FileCell<'_>]) -> Result<(), SourceError> {
        let mut numbers: Vec<Option<String>> = Vec::new();
        if cells.iter().any(|cell| matches!(cell, FileCell::Number(_) | FileCell::Number1904(_))) {
            numbers = cells.iter().zip(self.asked).map(|(cell, asked)| written(*cell, asked.role)).collect();
        }
        let unit = self.header.as_ref().and_then(|header| header.unit.as_deref()).map(str::as_bytes);
        let values: Vec<Option<&[u8]>> = cells
            .iter()
            .zip(self.asked)
            .enumerate()
            .map(|(at, (cell, asked))| match cell {
                _ if asked.role == ColumnRole::Unit && asked.is_nothing() => unit,
                FileCell::Empty | FileCell::Uncalculated | FileCell::Failed => None,
                FileCell::Text(text) if asked.role == ColumnRole::Field => Some(whole(text)),
                FileCell::Text(text) => Some(*text),
                FileCell::Number(_) | FileCell::Number1904(_) => {
                    numbers.get(at).and_then(|text| text.as_deref()).map(str::as_bytes)
                }
            })
            .collect();
        self.rows += 1;
        if self.place.is_one_of_many {
            let columns = self.asked.iter().zip(&values).filter(|(asked, _)| !asked.is_nothing());
            columns.for_each(|(_, value)| value.hash(&mut self.digest));
        }
        (self.each)(&values)
    }

    /// Looks whether a row is the header.
    fn head(&mut self, line: u64, cells: &[FileCell<'_>]) -> Result<(), SourceError> {
        let names: Vec<String> = cells.iter().map(name).collect();
        let places: Vec<Vec<usize>> = self.asked.iter().map(|asked| places(&names, asked.name)).collect();
        let is_there =
            |(places, asked): (&Vec<usize>, &RequestedColumn<'_>)| !places.is_empty() || asked.is_nothing();
        let found = places.iter().zip(self.asked).filter(|pair| is_there(*pair)).count();
        self.above.push(words(cells));
        if found == self.asked.len() {
            let mut columns = Vec::new();
            for (places, asked) in places.iter().zip(self.asked) {
                columns.push(match places[..] {
                    _ if asked.is_nothing() => None,
                    [place] => Some(place),
                    _ => {
                        let (path, column) = (self.path.to_owned(), asked.name.to_owned());
                        return Err(FileError::RepeatedColumn { path, part: self.part, column }.into());
                    }
                });
            }
            let above = std::mem::take(&mut self.above);
            let wants_unit =
                self.asked.iter().any(|asked| asked.role == ColumnRole::Unit && asked.is_nothing());
            let unit = if wants_unit { self.place.code(self.path, &above)? } else { None };
            self.header = Some(HeaderRow { columns, width: cells.len(), line, above, unit });
            return Ok(());
        }
        if may_be_shown(&names) && self.best.as_ref().is_none_or(|best| found > best.found) {
            self.best = Some(HeaderCandidate { line, names, found });
        }
        self.has_persons |= cells.iter().any(is_citizen);
        self.seen += 1;
        match self.seen == DEEPEST_HEADER && !self.may_lack_header {
            true => Err(self.headless().into()),
            false => Ok(()),
        }
    }

    /// Ends the table; a file without header has said nothing. `None` = a sheet that is no list.
    pub(crate) fn finish(self) -> Result<Option<Extent>, FileError> {
        let Some(header) = &self.header else {
            let is_no_list = self.may_lack_header && !self.has_persons && !self.has_most_columns();
            return if is_no_list { Ok(None) } else { Err(self.headless()) };
        };
        if let Some((line, count, column)) = self.uncalculated {
            let (path, part) = (self.path.to_owned(), self.part);
            return Err(FileError::Uncalculated { path, part, line, count, column });
        }
        Ok(Some(Extent {
            columns: header.width,
            rows: self.rows,
            header: header.line,
            left_out: self.left_out,
            unit: header.unit.clone(),
            failed: self.failed,
            merged_numbers: self.merged_numbers,
            digest: self.digest.finish(),
        }))
    }

    /// Whether some row names more than half of the asked columns: a list with another heading, not another table.
    fn has_most_columns(&self) -> bool {
        let nothing = self.asked.iter().filter(|asked| asked.is_nothing()).count();
        let found = self.best.as_ref().map_or(0, |best| best.found.saturating_sub(nothing));
        found * 2 > self.asked.len() - nothing
    }

    fn headless(&self) -> FileError {
        let (path, part) = (self.path.to_owned(), self.part);
        let Some(best) = &self.best else { return FileError::NoHeader { path, part } };
        missing(path, part, best.line, self.asked, &best.names)
    }
}

/// The first asked column that a header lacks, with the nearest name.
pub(super) fn missing(
    path: String,
    part: &'static str,
    line: u64,
    asked: &[RequestedColumn<'_>],
    names: &[String],
) -> FileError {
    let lacking = asked.iter().find(|asked| !asked.is_nothing() && places(names, asked.name).is_empty());
    let column = lacking.map_or("", |asked| asked.name).to_owned();
    let known: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let meant = meant_of(&column, known.iter().copied());
    FileError::MissingColumn { path, part, line, column, meant, known: known.join(", ") }
}

/// Digits in one cell that no name of a column has, but numbers of persons, units and days do.
const DIGITS: usize = 6;

/// Whether a row may be the names of columns and not the values of a record. Names are shown in messages,
/// values never.
pub(super) fn may_be_shown(row: &[String]) -> bool {
    let digits = |text: &String| text.chars().filter(|c| c.is_numeric()).count();
    row.iter().all(|text| digits(text) < DIGITS)
}

/// Whether a cell has no value, now or as far as the file tells.
pub(crate) fn is_blank(cell: &FileCell<'_>) -> bool {
    match cell {
        FileCell::Empty | FileCell::Uncalculated | FileCell::Failed => true,
        FileCell::Text(text) => trim(text).is_empty(),
        FileCell::Number(_) | FileCell::Number1904(_) => false,
    }
}

/// Whether a cell holds the well-formed ID number of a citizen.
fn is_citizen(cell: &FileCell<'_>) -> bool {
    let FileCell::Text(text) = cell else { return false };
    CitizenId::parse(&normalize(text)).is_some()
}

/// A column's name as it is compared and shown: headers are broken over lines and padded.
pub(super) fn name(cell: &FileCell<'_>) -> String {
    match cell {
        FileCell::Empty | FileCell::Uncalculated | FileCell::Failed => String::new(),
        FileCell::Text(text) => {
            lossy(text).chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').collect()
        }
        FileCell::Number(number) | FileCell::Number1904(number) => number.to_string(),
    }
}

/// Where a header has a name.
pub(super) fn places(names: &[String], asked: &str) -> Vec<usize> {
    let asked = name(&FileCell::Text(asked.as_bytes()));
    let is_same = |(_, name): &(usize, &String)| name.eq_ignore_ascii_case(&asked);
    names.iter().enumerate().filter(is_same).map(|(at, _)| at).collect()
}

/// Digits that a spreadsheet shows before it turns to powers of ten.
const SHOWN: f64 = 1e11;

/// A number as text. One in a column of ID numbers has lost digits that nobody can give back, so it is
/// written as the spreadsheet shows it, and the definitions count it as malformed.
pub(super) fn written(cell: FileCell<'_>, role: ColumnRole) -> Option<String> {
    let (number, day) = match cell {
        FileCell::Number(number) => (number, None),
        FileCell::Number1904(number) => (number, written_since_1904(number)),
        _ => return None,
    };
    Some(match role {
        ColumnRole::IdNumber if number.abs() >= SHOWN => powers_of_ten(number),
        ColumnRole::BirthDate | ColumnRole::Time => day.unwrap_or_else(|| number.to_string()),
        _ => number.to_string(),
    })
}

/// The day of a number in a workbook that counts from 1904, with its time cut off.
pub(super) fn written_since_1904(number: f64) -> Option<String> {
    let days = (number >= 0.0).then_some(number as i64)?;
    day_since_1904(days).map(|day| day.to_string())
}

/// Six digits and a power of ten, e.g. `4.40118E+17`.
fn powers_of_ten(number: f64) -> String {
    let text = format!("{number:.5E}");
    let (mantissa, power) = text.split_once('E').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}E+{power}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_identity_are_written_as_damaged() {
        let id = |number| written(FileCell::Number(number), ColumnRole::IdNumber).unwrap();
        assert_eq!(id(440_118_199_001_010_013.0), "4.40118E+17");
        assert_eq!(id(440_000_000_000_000.0), "4.4E+14");
        assert_eq!(id(12_345_678.0), "12345678");
        assert_eq!(written(FileCell::Number(440_118_001_201.0), ColumnRole::Text).unwrap(), "440118001201");
        assert_eq!(written(FileCell::Number(1.5), ColumnRole::Text).unwrap(), "1.5");
        let old = |number, role| written(FileCell::Number1904(number), role).unwrap();
        assert_eq!(old(41_068.4, ColumnRole::Time), "2016-06-09");
        assert_eq!(old(31_415.0, ColumnRole::BirthDate), "1990-01-04");
        assert_eq!(old(31_415.0, ColumnRole::Field), "31415");
        assert_eq!(old(20_160_606.0, ColumnRole::Time), "20160606");
    }

    #[test]
    fn the_header_may_stand_below_a_title_and_be_broken() {
        let asked = [RequestedColumn::text("单位"), RequestedColumn::id_number("公民身份号码")];
        let mut out = Vec::new();
        let mut each = |values: &[Option<&[u8]>]| {
            out.push(values.iter().map(|v| v.map(<[u8]>::to_vec)).collect::<Vec<_>>());
            Ok(())
        };
        let mut table = FileTable::new("x.csv", "source.roster", &asked, &mut each, TablePlace::default());
        let text = |text: &'static str| FileCell::Text(text.as_bytes());
        table.row(1, &[text("登记表"), FileCell::Empty]).unwrap();
        table.row(2, &[text("公民身份\n号码"), text(" 单位 ")]).unwrap();
        table.row(3, &[FileCell::Empty, text("　")]).unwrap();
        table.row(4, &[text("1"), text("a")]).unwrap();
        let extent = table.finish().unwrap().unwrap();
        assert_eq!((extent.rows, extent.header, extent.columns), (1, 2, 2));
        assert_eq!(out, vec![vec![Some(b"a".to_vec()), Some(b"1".to_vec())]]);
    }
}
