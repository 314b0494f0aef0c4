//! One reading of the files of an address: every file, and of workbooks the sheets that are meant.

use std::hash::{DefaultHasher, Hash, Hasher};
use tongbao_message::{Message, message};

use glob::Pattern;
use tokio::time::Instant;

use super::content::{FileFormat, FileSurvey};
use super::error::FileError;
use super::place_name::{TablePlace, UnitInList};
use super::table::{Extent, FileCell, FileTable, Rows, is_blank, name, places};
use super::workbook::{SheetCells, Workbook};
use super::{FileFinding, OpenFiles, Picked, csv, parquet};
use crate::SourceError;
use crate::error::meant_of;
use crate::statements::{ColumnRole, EachRow, RequestedColumn};
use tongbao_config::settings::UnitFrom;

/// What is read, and what has been found so far.
pub(crate) struct FileReading<'a> {
    files: &'a OpenFiles,
    part: &'static str,
    /// The sheet, or a pattern of sheets; `None` = the only one.
    sheet: Option<&'a str>,
    asked: &'a [RequestedColumn<'a>],
    deadline: Instant,
    found: Vec<Message>,
    /// Digest and place of each table with rows.
    seen: Vec<(u64, String)>,
}

impl<'a> FileReading<'a> {
    pub(crate) fn new(
        files: &'a OpenFiles,
        part: &'static str,
        sheet: Option<&'a str>,
        asked: &'a [RequestedColumn<'a>],
        deadline: Instant,
    ) -> FileReading<'a> {
        FileReading { files, part, sheet, asked, deadline, found: Vec::new(), seen: Vec::new() }
    }

    /// Streams the asked columns of all tables, one call a row.
    pub(crate) fn rows(mut self, each: &mut EachRow<'_>) -> Result<FileFinding, SourceError> {
        let files = self.files;
        for file in &files.files {
            match &file.copy_of {
                Some(first) if self.counts_for_same_unit(first, &file.path)? => {
                    self.found.push(message!("table-is-a-copy", place = file.path, first));
                }
                Some(first) => {
                    let (first, second) = (first.clone(), file.path.clone());
                    return Err(FileError::SameRows { first, second }.into());
                }
                None => self.file(file, each)?,
            }
            file.chosen.verify()?;
        }
        self.found.extend(files.notes.iter().cloned());
        Ok(FileFinding(self.found))
    }

    /// Whether a copy means the same: not so where its name would give the rows to another unit.
    fn counts_for_same_unit(&self, first: &str, second: &str) -> Result<bool, FileError> {
        let is_of_path = matches!(self.files.form.unit, Some(UnitFrom::FileName | UnitFrom::FolderName));
        if !is_of_path || !self.wants_unit() {
            return Ok(true);
        }
        let place = self.place(None);
        Ok(place.code(first, &[])? == place.code(second, &[])?)
    }

    fn wants_unit(&self) -> bool {
        self.asked.iter().any(|asked| asked.role == ColumnRole::Unit && asked.is_nothing())
    }

    fn place<'s>(&'s self, sheet: Option<&'s str>) -> TablePlace<'s> {
        let units = self.files.units.as_ref().map(|units| units.as_slice() as &[UnitInList]);
        let has_several = self.files.files.len() > 1 || self.sheet.is_some_and(is_pattern);
        TablePlace { from: self.files.form.unit, sheet, units, is_one_of_many: has_several }
    }

    fn late(&self) -> SourceError {
        SourceError::TimedOut { url: self.files.shown.clone() }
    }

    fn file(&mut self, file: &Picked, each: &mut EachRow<'_>) -> Result<(), SourceError> {
        let path = file.path.as_str();
        let extent = match file.survey.format {
            FileFormat::Workbook | FileFormat::Foreign(_) => return self.book(file, each),
            FileFormat::Parquet => {
                let unit = if self.wants_unit() { self.place(None).code(path, &[])? } else { None };
                let (asked, mut digest) = (self.asked, DefaultHasher::new());
                let mut filled = |values: &[Option<&[u8]>]| {
                    let is_unit = |at: usize| asked[at].role == ColumnRole::Unit && asked[at].is_nothing();
                    let own =
                        |at: usize| if is_unit(at) { unit.as_deref().map(str::as_bytes) } else { values[at] };
                    values.hash(&mut digest);
                    let values: Vec<Option<&[u8]>> = (0..values.len()).map(own).collect();
                    each(&values)
                };
                let read = parquet::read(path, self.part, self.asked, self.deadline, &mut filled)?;
                Extent { unit: unit.clone(), digest: digest.finish(), ..read.ok_or_else(|| self.late())? }
            }
            FileFormat::Delimited(form) => {
                let mut table = FileTable::new(path, self.part, self.asked, each, self.place(None));
                if !csv::read(path, form, self.deadline, &mut table)? {
                    return Err(self.late());
                }
                // Only a sheet may be no list.
                let Some(extent) = table.finish()? else { return Ok(()) };
                extent
            }
        };
        self.note(path.to_owned(), &file.survey, &extent)
    }

    /// Reads the sheets that are meant.
    fn book(&mut self, file: &Picked, each: &mut EachRow<'_>) -> Result<(), SourceError> {
        let path = file.path.as_str();
        let mut book = Workbook::open(path, &file.survey, self.deadline)?;
        let pattern = self.sheet.filter(|sheet| is_pattern(sheet));
        let meant = match pattern {
            Some(pattern) => self.matching(path, &book, pattern)?,
            None => vec![self.single(path, &book)?],
        };
        let mut read = 0;
        let mut skipped = Vec::new();
        for at in &meant {
            let sheet = book.sheets()[*at].name.clone();
            let place = self.place(Some(&sheet));
            let shown = if pattern.is_some() { format!("{path}[{sheet}]") } else { path.to_owned() };
            let mut table = FileTable::new(&shown, self.part, self.asked, each, place);
            if pattern.is_some() {
                table = table.or_no_list();
            }
            if !book.read(*at, self.deadline, &mut table)? {
                return Err(self.late());
            }
            match table.finish()? {
                Some(extent) => {
                    read += 1;
                    self.note(shown, &file.survey, &extent)?;
                }
                None => skipped.push(sheet),
            }
        }
        if let (Some(pattern), 0) = (pattern, read) {
            let (path, part, pattern) = (path.to_owned(), self.part, pattern.to_owned());
            let known = names(&book).join(", ");
            return Err(FileError::NoSheet { path, part, pattern, known }.into());
        }
        let hidden = file.survey.hidden_rows;
        if hidden > 0 {
            self.found.push(message!("hidden-rows-are-read", place = path, count = hidden));
        }
        if !skipped.is_empty() {
            self.found.push(message!("sheets-that-are-no-list", place = path, names = skipped.join(", ")));
        }
        self.others(file, book, &meant)
    }

    /// Sheets with the same columns that were not read. One that no configuration chose is a question, and so is a hidden
    /// one: nobody who opens the workbook sees that its records do not count.
    fn others(&mut self, file: &Picked, mut book: Workbook, meant: &[usize]) -> Result<(), SourceError> {
        let path = file.path.as_str();
        let pattern = self.sheet.filter(|sheet| is_pattern(sheet)).and_then(|sheet| Pattern::new(sheet).ok());
        let sheets = book.sheets().to_vec();
        let is_asked = |sheet: &SheetCells| match &pattern {
            Some(pattern) => sheet.is_hidden && pattern.matches(&sheet.name),
            None => true,
        };
        let is_open = |(at, sheet): &(usize, &SheetCells)| {
            !meant.contains(at) && is_asked(sheet) && !self.files.form.except_sheets.contains(&sheet.name)
        };
        let open: Vec<(usize, &SheetCells)> = sheets.iter().enumerate().filter(is_open).collect();
        // Another process tells its sheets once, in their order.
        if !open.is_empty() && meant != [0] && matches!(file.survey.format, FileFormat::Foreign(_)) {
            book = Workbook::open(path, &file.survey, self.deadline)?;
        }
        let (mut shown, mut hidden) = (Vec::new(), Vec::new());
        for (at, sheet) in open {
            let mut probe = Probe::new(self.asked);
            if !book.read(at, self.deadline, &mut probe)? {
                return Err(self.late());
            }
            if probe.has_records {
                if sheet.is_hidden { &mut hidden } else { &mut shown }.push(sheet.name.as_str());
            }
        }
        let is_chosen = self.sheet.is_some() && pattern.is_none();
        let (part, owned) = (self.part, path.to_owned());
        match (&shown[..], &hidden[..]) {
            ([], []) => Ok(()),
            (shown, hidden) if is_chosen => {
                let others = [shown, hidden].concat().join(", ");
                self.found.push(message!("sheets-not-read", place = path, names = others));
                Ok(())
            }
            ([], hidden) => {
                Err(FileError::HiddenSheets { path: owned, part, sheets: hidden.join(", ") }.into())
            }
            (shown, _) => {
                let first = meant.first().map(|at| sheets[*at].name.clone()).unwrap_or_default();
                Err(FileError::SeveralSheets { path: owned, part, first, others: shown.join(", ") }.into())
            }
        }
    }

    /// The places of the sheets that a pattern means: those that are shown and that no other list names.
    fn matching(&self, path: &str, book: &Workbook, pattern: &str) -> Result<Vec<usize>, FileError> {
        let missing = || self.missing(path, book, pattern);
        let glob = Pattern::new(pattern).map_err(|_| missing())?;
        let is_meant =
            |sheet: &str| glob.matches(sheet) && !self.files.form.except_sheets.iter().any(|o| o == sheet);
        let sheets = book.sheets().iter().enumerate();
        let meant = sheets.filter(|(_, sheet)| !sheet.is_hidden && is_meant(&sheet.name));
        let meant: Vec<usize> = meant.map(|(at, _)| at).collect();
        if meant.is_empty() { Err(missing()) } else { Ok(meant) }
    }

    fn single(&self, path: &str, book: &Workbook) -> Result<usize, FileError> {
        let Some(sheet) = self.sheet else { return book.first() };
        let at = book.sheets().iter().position(|known| known.name == sheet);
        at.ok_or_else(|| self.missing(path, book, sheet))
    }

    fn missing(&self, path: &str, book: &Workbook, sheet: &str) -> FileError {
        let names = names(book);
        FileError::MissingSheet {
            path: path.to_owned(),
            part: self.part,
            sheet: sheet.to_owned(),
            meant: meant_of(sheet, names.iter().copied()),
            known: names.join(", "),
        }
    }

    /// Notes what was found in a table. The same rows twice are a mistake of the person who put them there.
    fn note(&mut self, place: String, survey: &FileSurvey, extent: &Extent) -> Result<(), SourceError> {
        let Extent { columns, rows, header, left_out, unit, failed, merged_numbers, digest } = extent;
        let is_many = self.files.files.len() > 1 || self.sheet.is_some_and(is_pattern);
        if is_many && *rows > 0 {
            if let Some((_, first)) = self.seen.iter().find(|(known, _)| known == digest) {
                return Err(FileError::SameRows { first: first.clone(), second: place }.into());
            }
            self.seen.push((*digest, place.clone()));
        }
        let FileSurvey { format, sha256, .. } = survey;
        let counts_for = unit.as_ref().map(|unit| format!("→{unit}")).unwrap_or_default();
        let (at, sha256) = (format!("{place}{counts_for}"), format!("{}…", &sha256[..12]));
        self.found.push(match header {
            0 | 1 => message!("table-found", place = at, format, columns, rows, sha256),
            line => message!("table-found-with-header", place = at, format, columns, rows, line, sha256),
        });
        for message in left_out.messages() {
            tracing::debug!("{place}: {message}");
            self.found.push(message!("table-note", place, note = message));
        }
        if *merged_numbers > 0 {
            self.files.merged_numbers.note((self.part, place.clone()), *merged_numbers);
        }
        if *failed > 0 {
            self.found.push(message!("cells-failed", place, failed));
        }
        Ok(())
    }
}

fn names(book: &Workbook) -> Vec<&str> {
    book.sheets().iter().map(|sheet| sheet.name.as_str()).collect()
}

/// No spreadsheet program lets the name of a sheet have these characters.
pub(crate) fn is_pattern(sheet: &str) -> bool {
    sheet.contains(['*', '?'])
}

/// Looks whether a sheet has the asked columns, and a row below them.
struct Probe<'a> {
    asked: &'a [RequestedColumn<'a>],
    seen: usize,
    has_header: bool,
    has_records: bool,
}

impl Probe<'_> {
    fn new<'a>(asked: &'a [RequestedColumn<'a>]) -> Probe<'a> {
        Probe { asked, seen: 0, has_header: false, has_records: false }
    }
}

impl Rows for Probe<'_> {
    fn width(&self) -> Option<usize> {
        None
    }

    fn row(&mut self, _line: u64, cells: &[FileCell<'_>]) -> Result<(), SourceError> {
        if cells.iter().all(is_blank) {
            return Ok(());
        }
        self.has_records |= self.has_header;
        let names: Vec<String> = cells.iter().map(name).collect();
        let has = |asked: &RequestedColumn<'_>| asked.is_nothing() || !places(&names, asked.name).is_empty();
        self.has_header |= self.asked.iter().all(has);
        self.seen += 1;
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.has_records || !self.has_header && self.seen >= super::table::DEEPEST_HEADER
    }
}
