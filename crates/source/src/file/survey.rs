//! Looking at files that nobody has described: the tables in them, their columns and the first rows.

use std::path::Path;

use tokio::time::Instant;

use super::content::FileFormat;
use super::error::FileError;
use super::folder::{self, Address};
use super::groups::{LackingHeading, Member};
use super::left_out::is_foot;
use super::place_name::stem;
use super::table::{
    DEEPEST_HEADER, FileCell, Rows, is_blank, may_be_shown, name, written, written_since_1904,
};
use super::workbook::Workbook;
use super::{OpenFiles, Picked, csv, parquet};
use crate::SourceError;
use crate::statements::{ColumnRole, RequestedColumn};
use crate::survey::filled;
use tongbao_config::settings::Dataset;
use tongbao_figures::inference::{SurveyedTable, names};
use tongbao_register::field::Field;

/// How messages name what is read.
const PART: &str = "init";

type SurveyedRow = Vec<Option<String>>;

/// What reads a table, what its file says of it, and the table as far as it could be looked at.
type LookedAt = (Dataset, FileNotes, Result<SurveyedTable, SourceError>);

/// What a file says of a table besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileNotes {
    /// The rows above the header.
    pub title: String,
    /// Headings that stand over more than one column, none of which can be named.
    pub doubled: Vec<String>,
    /// The parts of a list that is put together from several files or sheets.
    pub members: Vec<Member>,
    /// Parts that lack a heading which most of the others have.
    pub lacking: Vec<LackingHeading>,
    /// Parts that may list persons who count no more, by their names.
    pub gone: Vec<String>,
    /// Whether the parts share so many persons that they may be exports of one list.
    pub is_unsure: bool,
}

/// The addresses below `file:` that one means: itself, the files of a pattern, or those of a folder and of the
/// folders in it, in the order of their names.
pub(crate) fn addresses(address: &str) -> Result<Vec<String>, FileError> {
    let failed = |reason| FileError::Read { path: address.to_owned(), reason };
    let files = match Address::parse(address) {
        _ if Path::new(address).is_dir() => folder::all(Path::new(address)).map_err(failed)?,
        Ok(parsed) if parsed.is_folder() => parsed.dropped(),
        _ => return Ok(vec![address.to_owned()]),
    };
    let mut paths: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    paths.sort();
    match paths.is_empty() {
        true => Err(FileError::NoMatch { pattern: address.to_owned() }),
        false => Ok(paths),
    }
}

impl OpenFiles {
    /// Every table of the file with the dataset that reads it and what stands in its first `limit` rows.
    pub fn survey(&self, limit: usize, deadline: Instant) -> Result<Vec<LookedAt>, SourceError> {
        let Some(file) = self.files.first() else { return Ok(Vec::new()) };
        let called = stem(&file.path);
        let read = |sampler: &mut Sampler| match file.survey.format {
            FileFormat::Parquet => sampler.parquet(&file.path, deadline),
            FileFormat::Delimited(form) => csv::read(&file.path, form, deadline, sampler),
            FileFormat::Workbook | FileFormat::Foreign(_) => Ok(true),
        };
        if !file.survey.format.is_book() {
            let (notes, table) = sample(file, &called, limit, read);
            return Ok(vec![(Dataset::Only, notes, table)]);
        }
        let mut book = Workbook::open(&file.path, &file.survey, deadline)?;
        let mut seen = Vec::new();
        for (at, sheet) in book.sheets().to_vec().into_iter().enumerate() {
            if sheet.is_hidden {
                continue;
            }
            let (notes, table) = sample(file, &sheet.name, limit, |sampler| book.read(at, deadline, sampler));
            // A sheet without rows is no table.
            if !matches!(&table, Err(SourceError::File(error)) if matches!(**error, FileError::NoHeader { .. }))
            {
                seen.push((Dataset::Table(sheet.name), notes, table));
            }
        }
        Ok(seen)
    }
}

/// What has been read when the time is over is enough.
fn sample(
    file: &Picked,
    called: &str,
    limit: usize,
    read: impl FnOnce(&mut Sampler) -> Result<bool, SourceError>,
) -> (FileNotes, Result<SurveyedTable, SourceError>) {
    let mut sampler = Sampler { limit, ..Sampler::default() };
    let is_whole = read(&mut sampler).and_then(|is_whole| {
        file.chosen.verify()?;
        Ok(is_whole)
    });
    let is_whole = match is_whole {
        Ok(is_whole) => is_whole,
        Err(error) => return (FileNotes::default(), Err(error)),
    };
    let (path, found) = (file.path.clone(), sampler.finish());
    let Some((notes, columns, rows, sample)) = found else {
        return (FileNotes::default(), Err(FileError::NoHeader { path, part: PART }.into()));
    };
    let rows = is_whole.then_some(rows);
    (notes, Ok(SurveyedTable { name: called.to_owned(), rows, columns, sample }))
}

/// Finds the row that names the columns without knowing the names, and keeps some of those below.
#[derive(Default)]
struct Sampler {
    limit: usize,
    /// Rows among which the header is looked for, until it has been found.
    first: Vec<SurveyedRow>,
    header: Option<SurveyedRow>,
    sample: Vec<SurveyedRow>,
    rows: u64,
    title: String,
    /// Whether numbers that are days count from 1904.
    is_1904: bool,
}

impl Rows for Sampler {
    fn width(&self) -> Option<usize> {
        self.header.as_ref().map(Vec::len)
    }

    fn row(&mut self, _line: u64, cells: &[FileCell<'_>]) -> Result<(), SourceError> {
        let is_settled = self.header.is_some();
        self.is_1904 |= cells.iter().any(|cell| matches!(cell, FileCell::Number1904(_)));
        if cells.iter().all(is_blank) || is_settled && is_foot(cells) {
            return Ok(());
        }
        if is_settled && self.sample.len() >= self.limit {
            self.rows += 1;
            return Ok(());
        }
        let row = cells.iter().map(text).collect();
        match is_settled {
            true => self.keep(row),
            false => self.first.push(row),
        }
        if self.first.len() == DEEPEST_HEADER {
            self.find_header();
        }
        Ok(())
    }
}

impl Sampler {
    fn keep(&mut self, row: SurveyedRow) {
        self.rows += 1;
        if self.sample.len() < self.limit {
            self.sample.push(row);
        }
    }

    /// The header is the first of the rows with most values: titles above it are narrower, and records
    /// below it are no wider. Rows that hold values of a record are none.
    fn find_header(&mut self) {
        let mut first = std::mem::take(&mut self.first);
        let names = |row: &SurveyedRow| row.iter().flatten().cloned().collect::<Vec<_>>();
        let filled =
            |row: &SurveyedRow| Some(names(row)).filter(|names| may_be_shown(names)).map(|names| names.len());
        let most = first.iter().filter_map(filled).max();
        let Some(at) = first.iter().position(|row| most.is_some() && filled(row) == most) else { return };
        let records = first.split_off(at + 1);
        self.header = first.pop();
        self.title = first.iter().flatten().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let records: Vec<SurveyedRow> =
            records.into_iter().filter(|row| !is_foot(&row.iter().map(cell).collect::<Vec<_>>())).collect();
        records.into_iter().for_each(|row| self.keep(row));
    }

    /// Reads all columns of a Parquet file.
    fn parquet(&mut self, path: &str, deadline: Instant) -> Result<bool, SourceError> {
        let names = parquet::names(path)?;
        let asked: Vec<RequestedColumn<'_>> = names.iter().map(|name| RequestedColumn::text(name)).collect();
        let mut each = |values: &[Option<&[u8]>]| {
            let cells: Vec<FileCell<'_>> =
                values.iter().map(|v| v.map_or(FileCell::Empty, FileCell::Text)).collect();
            self.row(0, &cells)
        };
        let header: Vec<Option<&[u8]>> = names.iter().map(|name| Some(name.as_bytes())).collect();
        each(&header)?;
        Ok(parquet::read(path, PART, &asked, deadline, &mut each)?.is_some())
    }

    /// Notes, names of the columns that have one of their own, how many rows there are, and values of some.
    fn finish(mut self) -> Option<(FileNotes, Vec<String>, u64, Vec<SurveyedRow>)> {
        self.find_header();
        let header = self.header?;
        let names: Vec<String> = header
            .iter()
            .map(|text| name(&FileCell::Text(text.as_deref().unwrap_or_default().as_bytes())))
            .collect();
        let same = |at: usize| names.iter().filter(|name| name.eq_ignore_ascii_case(&names[at])).count();
        let named = || (0..names.len()).filter(|at| !names[*at].is_empty());
        let kept: Vec<usize> = named().filter(|at| same(*at) == 1).collect();
        let mut doubled: Vec<String> =
            named().filter(|at| same(*at) > 1).map(|at| names[at].clone()).collect();
        doubled.sort();
        doubled.dedup();
        let value = |at: usize, text: String| match self.is_1904 && may_be_days(&names[at]) {
            true => text.parse().ok().and_then(written_since_1904).unwrap_or(text),
            false => text,
        };
        let values = |row: &SurveyedRow| {
            kept.iter().map(|at| row.get(*at).cloned().flatten().map(|text| value(*at, text))).collect()
        };
        let sample = self.sample.iter().map(values).collect();
        let notes = FileNotes { title: self.title, doubled, ..FileNotes::default() };
        Some((notes, kept.iter().map(|at| names[*at].clone()).collect(), self.rows, sample))
    }
}

/// Whether a column of this name may hold days, which the figures then read as such.
fn may_be_days(name: &str) -> bool {
    let roles = [names::InferredRole::Field(Field::BirthDate), names::InferredRole::RegisteredAt];
    roles.into_iter().any(|role| names::fit(name, role) >= 60)
}

fn cell(value: &Option<String>) -> FileCell<'_> {
    value.as_ref().map_or(FileCell::Empty, |text| FileCell::Text(text.as_bytes()))
}

fn text(cell: &FileCell<'_>) -> Option<String> {
    match cell {
        FileCell::Empty | FileCell::Uncalculated | FileCell::Failed => None,
        FileCell::Text(text) => filled(text),
        FileCell::Number(_) | FileCell::Number1904(_) => {
            written(*cell, ColumnRole::Text).filter(|text| !text.is_empty())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(rows: &[&[&str]]) -> (Vec<String>, Vec<SurveyedRow>) {
        let mut sampler = Sampler { limit: 2, ..Sampler::default() };
        for row in rows {
            let cells: Vec<FileCell<'_>> = row.iter().map(|text| FileCell::Text(text.as_bytes())).collect();
            sampler.row(0, &cells).unwrap();
        }
        let (_, names, _, sample) = sampler.finish().unwrap();
        (names, sample)
    }

    #[test]
    fn titles_and_columns_without_a_name_of_their_own_are_passed_over() {
        let (names, sample) = sampled(&[
            &["登记表", "", "", "", ""],
            &["姓 名", "备注", "备注", "性别", ""],
            &["甲", "x", "y", "1", ""],
            &["乙", "", "", "", ""],
            &["丙", "", "", "2", ""],
        ]);
        assert_eq!(names, ["姓名", "性别"]);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(sample, [vec![some("甲"), some("1")], vec![some("乙"), None]]);
    }

    #[test]
    fn a_record_is_no_header() {
        let mut sampler = Sampler { limit: 2, ..Sampler::default() };
        for _ in 0..20 {
            sampler
                .row(0, &[FileCell::Text("甲".as_bytes()), FileCell::Text(b"110101199003070038")])
                .unwrap();
        }
        assert!(sampler.finish().is_none());
    }

    #[test]
    fn a_long_file_has_its_header_in_the_first_rows() {
        let rows: Vec<Vec<&str>> =
            std::iter::once(vec!["a", "b"]).chain((0..40).map(|_| vec!["1", "2"])).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let (names, sample) = sampled(&rows);
        assert_eq!((names, sample.len()), (vec!["a".to_owned(), "b".to_owned()], 2));
    }
}
