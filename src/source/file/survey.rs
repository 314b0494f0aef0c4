//! Looking at files that nobody has described: the tables in them, their columns and the first rows.

use std::path::Path;

use tokio::time::Instant;

use super::content::Format;
use super::error::FileError;
use super::table::{Cell, DEEPEST_HEADER, Rows, is_blank, may_be_shown, name, written};
use super::{Files, Picked, csv, folder, parquet, workbook};
use crate::config::settings::Dataset;
use crate::source::SourceError;
use crate::source::select::{Asked, Role};
use crate::source::survey::filled;
use crate::survey::Table;

/// How messages name what is read.
const PART: &str = "survey";

type Row = Vec<Option<String>>;

/// What reads a table, and the table as far as it could be looked at.
type Seen = (Dataset, Result<Table, SourceError>);

/// The addresses below `file:` that one means: itself, or the files of a folder, in the order of their
/// names.
pub(crate) fn addresses(address: &str) -> Result<Vec<String>, FileError> {
    if !Path::new(address).is_dir() {
        return Ok(vec![address.to_owned()]);
    }
    let files = folder::finished(Path::new(address));
    let files = files.map_err(|reason| FileError::Read { path: address.to_owned(), reason })?;
    Ok(files.iter().map(|path| path.display().to_string()).collect())
}

impl Files {
    /// Every table of the files with the dataset that reads it and what stands in its first `limit` rows.
    /// Of several files behind one address the first speaks for all.
    pub fn survey(&self, limit: usize, deadline: Instant) -> Result<Vec<Seen>, SourceError> {
        let Some(file) = self.files.first() else { return Ok(Vec::new()) };
        let stem = Path::new(&file.path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if file.survey.format != Format::Workbook {
            return Ok(vec![(Dataset::Only, sample(file, None, &stem, limit, deadline))]);
        }
        let sheets = workbook::sheets(&file.path)?.into_iter().map(|sheet| {
            let table = sample(file, Some(&sheet), &sheet, limit, deadline);
            (Dataset::Table(sheet), table)
        });
        // A sheet without rows is no table.
        let is_table = |table: &Result<Table, SourceError>| match table {
            Err(SourceError::File(error)) => !matches!(**error, FileError::NoHeader { .. }),
            _ => true,
        };
        Ok(sheets.filter(|(_, table)| is_table(table)).collect())
    }
}

/// What has been read when the time is over is enough.
fn sample(
    file: &Picked,
    sheet: Option<&str>,
    called: &str,
    limit: usize,
    deadline: Instant,
) -> Result<Table, SourceError> {
    let mut sampler = Sampler { limit, ..Sampler::default() };
    let is_whole = match file.survey.format {
        Format::Parquet => sampler.parquet(&file.path, deadline)?,
        Format::Delimited(form) => csv::read(&file.path, form, deadline, &mut sampler)?,
        Format::Workbook => workbook::read(&file.path, sheet, deadline, &mut sampler)?,
    };
    file.chosen.verify()?;
    let rows = is_whole.then_some(sampler.rows);
    let path = file.path.clone();
    let (columns, sample) = sampler.finish().ok_or(FileError::NoHeader { path, part: PART })?;
    Ok(Table { name: called.to_owned(), rows, columns, sample })
}

/// Finds the row that names the columns without knowing the names, and keeps some of those below.
#[derive(Default)]
struct Sampler {
    limit: usize,
    /// Rows among which the header is looked for, until it has been found.
    first: Vec<Row>,
    header: Option<Row>,
    sample: Vec<Row>,
    rows: u64,
}

impl Rows for Sampler {
    fn part(&self) -> &'static str {
        PART
    }

    fn width(&self) -> Option<usize> {
        self.header.as_ref().map(Vec::len)
    }

    fn row(&mut self, _line: u64, cells: &[Cell<'_>]) -> Result<(), SourceError> {
        if cells.iter().all(is_blank) {
            return Ok(());
        }
        let is_settled = self.header.is_some();
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
            self.settle();
        }
        Ok(())
    }
}

impl Sampler {
    fn keep(&mut self, row: Row) {
        self.rows += 1;
        if self.sample.len() < self.limit {
            self.sample.push(row);
        }
    }

    /// The header is the first of the rows with most values: titles above it are narrower, and records
    /// below it are no wider. Rows that hold values of a record are none.
    fn settle(&mut self) {
        let mut first = std::mem::take(&mut self.first);
        let names = |row: &Row| row.iter().flatten().cloned().collect::<Vec<_>>();
        let filled =
            |row: &Row| Some(names(row)).filter(|names| may_be_shown(names)).map(|names| names.len());
        let most = first.iter().filter_map(filled).max();
        let Some(at) = first.iter().position(|row| most.is_some() && filled(row) == most) else { return };
        let records = first.split_off(at + 1);
        self.header = first.pop();
        records.into_iter().for_each(|row| self.keep(row));
    }

    /// Reads all columns of a Parquet file.
    fn parquet(&mut self, path: &str, deadline: Instant) -> Result<bool, SourceError> {
        let names = parquet::names(path)?;
        let asked: Vec<Asked<'_>> = names.iter().map(|name| Asked::text(name)).collect();
        let mut each = |values: &[Option<&[u8]>]| {
            let cells: Vec<Cell<'_>> = values.iter().map(|v| v.map_or(Cell::Empty, Cell::Text)).collect();
            self.row(0, &cells)
        };
        let header: Vec<Option<&[u8]>> = names.iter().map(|name| Some(name.as_bytes())).collect();
        each(&header)?;
        Ok(parquet::read(path, PART, &asked, deadline, &mut each)?.is_some())
    }

    /// Names of the columns that have one of their own, and their values.
    fn finish(mut self) -> Option<(Vec<String>, Vec<Row>)> {
        self.settle();
        let header = self.header?;
        let names: Vec<String> = header
            .iter()
            .map(|text| name(&Cell::Text(text.as_deref().unwrap_or_default().as_bytes())))
            .collect();
        let is_own = |at: &usize| {
            let same = names.iter().filter(|name| name.eq_ignore_ascii_case(&names[*at]));
            !names[*at].is_empty() && same.count() == 1
        };
        let kept: Vec<usize> = (0..names.len()).filter(is_own).collect();
        let values = |row: &Row| kept.iter().map(|at| row.get(*at).cloned().flatten()).collect();
        let sample = self.sample.iter().map(values).collect();
        Some((kept.iter().map(|at| names[*at].clone()).collect(), sample))
    }
}

fn text(cell: &Cell<'_>) -> Option<String> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => filled(text),
        Cell::Number(_) => written(*cell, Role::Text).filter(|text| !text.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(rows: &[&[&str]]) -> (Vec<String>, Vec<Row>) {
        let mut sampler = Sampler { limit: 2, ..Sampler::default() };
        for row in rows {
            let cells: Vec<Cell<'_>> = row.iter().map(|text| Cell::Text(text.as_bytes())).collect();
            sampler.row(0, &cells).unwrap();
        }
        sampler.finish().unwrap()
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
            sampler.row(0, &[Cell::Text("甲".as_bytes()), Cell::Text(b"110101199003070038")]).unwrap();
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
