//! Databases and files: read only, in one snapshot, streamed in batches. Never writes to the register.
//!
//! Values travel in the form the database keeps them in where that is known, and as text otherwise;
//! the definitions read them the same way whatever the database. `sample` alone writes, into a database made for trials.

mod address;
mod change_counts;
mod charset;
mod connection;
mod copy_binary;
mod engine;
#[allow(
    missing_docs,
    reason = "the message of a variant says what happened, and its fields are the values of that message"
)]
mod error;
mod file;
#[cfg(feature = "odbc")]
mod odbc;
mod opening;
mod opening_sqlite;
mod push_down;
mod recipients;
mod record_filter;
mod record_keys;
mod register;
pub mod sample;
mod shards;
mod source_handle;
mod sqlite_memory;
mod sqlite_rows;
mod statements;
pub mod survey;
mod watermark;

tongbao_message::catalogue!();

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tongbao_message::{Message, message};

use jiff::civil::Date;
use tokio::time::Instant;

pub use change_counts::ChangeCounts;
pub use charset::garbled_columns;
pub use connection::COUNT_REMOTELY;
pub use copy_binary::{CopyDecoder, CopyRow};
pub use error::SourceError;
pub use file::{DropFolder, FileError, MergedNumbers, OpenFiles};
pub use file::{READER_COMMAND, read_for_parent};
pub use recipients::recipients;
pub use record_filter::ExcludedRecords;
pub use shards::RegisterPart;
use source_handle::SourceHandle;
use tongbao_base::harmless;
use tongbao_config::settings::{
    self, BaselineSource, CodeListSource, CodeRow, DatabaseUrl, Dataset, ExceptionsSource, FileForm,
    IdentifiedBy, Located, ReadCodeLists, RosterSource, UnitsSource,
};
use tongbao_host::work;
use tongbao_register::batch::RegisterBatch;
use tongbao_register::day_reader::{DayForm, DayReader, DayReading};
use tongbao_register::head_count::head_count;
use tongbao_register::no_record::{is_id_like, is_no_entry};
use tongbao_register::nothing::is_nothing;
use tongbao_register::succession::ListedUnit;
use tongbao_register::text::{lossy, shape, trim};
use tongbao_register::unit::Unit;
/// Identifiers in the quotes of a database.
pub mod quoted {
    pub use super::statements::{quote as name, quote_table as table};
}
pub use sqlite_memory::wipe as wipe_sqlite;
use statements::EachRow;
pub use statements::RequestedColumn;

/// An open pull: one read-only snapshot of the register's database, one deadline. Lists that lie
/// elsewhere have a snapshot of their own, opened when they are first asked for.
pub struct Source<'a> {
    settings: &'a settings::SourceSettings,
    place: SourceHandle,
    others: Vec<(DatabaseUrl, FileForm, SourceHandle)>,
    /// Code and name of every unit, once the list has been read: names of files may name them.
    named: Option<Arc<Vec<(String, String)>>>,
    left_out: ListTotals,
    merged_numbers: MergedNumbers,
    /// The day of the figures, once it is known.
    day: Option<Date>,
    excluded: ExcludedRecords,
    deadline: Instant,
}

/// Rows of each list that are totals and no entries, as they are found: a list is read after the pull has begun.
#[derive(Debug, Clone, Default)]
pub struct ListTotals(Arc<Mutex<BTreeMap<(&'static str, usize), u64>>>);

impl ListTotals {
    /// Notes the totals of a list, the `position`th of its kind.
    fn note(&self, part: &'static str, position: usize, totals: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((part, position), totals);
    }

    /// The lists that had some, and how many.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().filter(|(_, totals)| **totals > 0).map(|((part, _), totals)| (*part, *totals)).collect()
    }
}

impl<'a> Source<'a> {
    /// What is left out of the lists; also what will be found.
    pub fn left_out(&self) -> ListTotals {
        self.left_out.clone()
    }

    /// Rows with an ID number of a row above; also those that will be found.
    pub fn merged_numbers(&self) -> MergedNumbers {
        self.merged_numbers.clone()
    }

    /// Connects and opens the snapshot that all following reads share.
    pub async fn open(settings: &'a settings::SourceSettings) -> Result<Source<'a>, SourceError> {
        Source::open_new(settings, &BTreeMap::new()).await
    }

    /// The same, but without the dropped files whose contents (by SHA-256) have been used.
    pub async fn open_new(
        settings: &'a settings::SourceSettings,
        used: &BTreeMap<String, i64>,
    ) -> Result<Source<'a>, SourceError> {
        let deadline = Instant::now() + settings.timeout;
        let mut place = connect(&settings.url, &settings.files, used, deadline).await?;
        let merged_numbers = MergedNumbers::default();
        place.note_merged(&merged_numbers);
        Ok(Source {
            settings,
            place,
            others: Vec::new(),
            named: None,
            left_out: ListTotals::default(),
            merged_numbers,
            day: None,
            excluded: ExcludedRecords::default(),
            deadline,
        })
    }

    /// Path and SHA-256 of every file that the lists are read from. Opens the places of all of them.
    pub async fn inputs(&mut self) -> Result<BTreeMap<String, String>, SourceError> {
        let settings = self.settings;
        let register = settings.located_register();
        let mut lists: Vec<(Option<&str>, &Located)> = vec![(None, &register), (None, &settings.units.from)];
        if let Some(BaselineSource::Dataset { from, .. }) = &settings.baseline {
            lists.push((None, &**from));
        }
        lists.extend(settings.exceptions.iter().map(|list| (None, &list.from)));
        lists.extend(settings.references.iter().map(|list| (None, &list.from)));
        lists.extend(settings.code_lists.iter().map(|list| (None, &list.from)));
        lists.extend(settings.rosters.iter().map(|roster| (roster.name.as_deref(), &roster.from)));
        let mut out = BTreeMap::new();
        for (roster, from) in lists {
            let place = self.place(from).await.map_err(|error| error.of_roster(roster))?;
            if let SourceHandle::Files(files) = place {
                out.extend(files.inputs().map(|(path, hash)| (path.to_owned(), hash.to_owned())));
            }
        }
        Ok(out)
    }

    /// Where a dataset is, opened.
    async fn place(&mut self, from: &Located) -> Result<&mut SourceHandle, SourceError> {
        let (url, form) = (from.url.as_ref().unwrap_or(&self.settings.url), &from.files);
        if *url == self.settings.url && *form == self.settings.files {
            return Ok(&mut self.place);
        }
        let at = match self.others.iter().position(|(known, as_form, _)| known == url && as_form == form) {
            Some(at) => at,
            None => {
                let mut place = connect(url, form, &BTreeMap::new(), self.deadline).await?;
                place.know_units(self.named.as_ref());
                place.note_merged(&self.merged_numbers);
                self.others.push((url.clone(), form.clone(), place));
                self.others.len() - 1
            }
        };
        Ok(&mut self.others[at].2)
    }

    /// The unit list.
    pub async fn units(&mut self) -> Result<Vec<ListedUnit>, SourceError> {
        let source = &self.settings.units;
        let listed = source.columns();
        let days = DayReader::new(self.settings.time_zone.clone(), DayForm::Written);
        let mut units = Vec::new();
        let (mut unnamed, mut totals) = (0u64, 0u64);
        self.rows("source.units", &source.from, &columns(source), &mut |values| {
            let mut values = values.iter();
            let cells = listed.map(|column| {
                let value = column.and_then(|_| *values.next()?)?;
                (!is_nothing(value)).then(|| lossy(trim(value)).into_owned())
            });
            let named = cells.iter().take(2).flatten().map(String::as_bytes);
            if is_no_entry(b"", named) {
                totals += 1;
                return Ok(());
            }
            match listed_unit(cells, &days)? {
                // What is no UTF-8 has become U+FFFD by now.
                Some(listed) if listed.unit.name.contains(char::REPLACEMENT_CHARACTER) => {
                    return Err(SourceError::UnitCharset { unit: listed.unit.code });
                }
                Some(mut listed) => {
                    if let Some(word) = source.kind_codes.get(&listed.unit.kind) {
                        listed.unit.kind.clone_from(word);
                    }
                    units.push(listed);
                }
                None => unnamed += 1,
            }
            Ok(())
        })
        .await?;
        self.left_out.note("source.units", 0, totals);
        if unnamed > 0 {
            return Err(SourceError::BlankUnitCodes { count: unnamed });
        }
        let named = units.iter().map(|listed| (listed.unit.code.clone(), listed.unit.name.clone()));
        self.named = Some(Arc::new(named.collect()));
        let places = std::iter::once(&mut self.place).chain(self.others.iter_mut().map(|(.., place)| place));
        places.for_each(|place| place.know_units(self.named.as_ref()));
        Ok(units)
    }

    /// Streams the rosters one after another: position, unit code and ID number of each entry. Nothing
    /// without a roster.
    pub async fn rosters(
        &mut self,
        mut each: impl FnMut(usize, Option<&[u8]>, Option<&[u8]>) + Send,
    ) -> Result<(), SourceError> {
        for (position, roster) in self.settings.rosters.iter().enumerate() {
            let mut totals = 0;
            let mut row = |values: &[Option<&[u8]>]| {
                let [unit, number] = [0, 1].map(|at| values[at].unwrap_or_default());
                match is_no_entry(number, [unit, number]) {
                    true => totals += 1,
                    false => each(position, values[0], values[1]),
                }
                Ok(())
            };
            let read = self.rows(roster.part(), &roster.from, &asked(roster), &mut row).await;
            read.map_err(|error| error.of_roster(roster.name.as_deref()))?;
            self.left_out.note(roster.part(), position, totals);
        }
        Ok(())
    }

    /// Streams the entries of the lists that relations look values up in, each with the name of its list.
    pub async fn references(
        &mut self,
        mut each: impl FnMut(&str, Option<&[u8]>) + Send,
    ) -> Result<(), SourceError> {
        for list in &self.settings.references {
            let mut row = |values: &[Option<&[u8]>]| {
                each(&list.name, values[0]);
                Ok(())
            };
            self.rows(REFERENCES, &list.from, &[RequestedColumn::text(&list.column)], &mut row).await?;
        }
        Ok(())
    }

    /// The rows of the code lists that do not stand in the configuration.
    pub async fn code_lists(&mut self) -> Result<ReadCodeLists, SourceError> {
        let mut out = ReadCodeLists::new();
        for list in &self.settings.code_lists {
            let mut rows = Vec::new();
            let mut row = |values: &[Option<&[u8]>]| {
                let mut values =
                    values.iter().map(|value| lossy(trim(value.unwrap_or_default())).into_owned());
                let code = values.next().unwrap_or_default();
                let word = if list.word.is_some() { values.next().unwrap_or_default() } else { code.clone() };
                rows.push(CodeRow { code, word, group: values.next().unwrap_or_default() });
                Ok(())
            };
            self.rows(CODE_LISTS, &list.from, &code_list_columns(list), &mut row).await?;
            out.insert(list.name.clone(), rows);
        }
        Ok(out)
    }

    /// Streams the proven exceptions: key or number of the record, relation, reason, last day. Nothing without a list.
    pub async fn exceptions(
        &mut self,
        mut each: impl FnMut([Option<&[u8]>; 4]) + Send,
    ) -> Result<(), SourceError> {
        let Some(list) = &self.settings.exceptions else { return Ok(()) };
        let mut row = |values: &[Option<&[u8]>]| {
            each([values[0], values[1], values[2], values.get(3).copied().flatten()]);
            Ok(())
        };
        self.rows(EXCEPTIONS, &list.from, &exception_columns(list), &mut row).await
    }

    /// Expected head counts as they are listed, by the code or name of their units.
    pub async fn baseline(&mut self) -> Result<Vec<(String, u64)>, SourceError> {
        let (from, unit, persons) = match &self.settings.baseline {
            None => return Ok(Vec::new()),
            Some(BaselineSource::Inline(counts)) => return Ok(counts.clone().into_iter().collect()),
            Some(BaselineSource::Dataset { from, unit, persons }) => (from, unit, persons),
        };
        let (mut out, mut totals) = (Vec::new(), 0);
        self.rows(
            "source.baseline",
            from,
            &[RequestedColumn::unit(unit), RequestedColumn::text(persons)],
            &mut |values| {
                let code = lossy(trim(values[0].unwrap_or_default())).into_owned();
                if is_no_entry(b"", [code.as_bytes()]) {
                    totals += 1;
                    return Ok(());
                }
                let written = values[1].unwrap_or_default();
                if is_id_like(written) {
                    return Err(SourceError::NotHeadCounts { column: persons.clone() });
                }
                let (column, unit) = (persons.clone(), code.clone());
                let count = head_count(written).ok_or_else(|| SourceError::NotAWholeNumber {
                    column,
                    unit,
                    value: shape(&lossy(trim(written)), "人"),
                })?;
                out.push((code, count));
                Ok(())
            },
        )
        .await?;
        self.left_out.note("source.baseline", 0, totals);
        Ok(out)
    }

    /// Streams the register in batches of `batch_rows`.
    pub async fn register(
        self,
        zone: &jiff::tz::TimeZone,
        each: impl FnMut(RegisterBatch) -> Result<(), SourceError> + Send,
    ) -> Result<(), SourceError> {
        self.part(None).read(zone, each).await
    }

    /// What the register's database is, and what it does not enforce; `None` for files and ODBC.
    pub fn engine(&self) -> Option<(String, Vec<Message>)> {
        match &self.place {
            SourceHandle::Database(connection) => {
                let engine = connection.engine();
                Some((engine.to_string(), engine.shortcomings()))
            }
            _ => None,
        }
    }

    /// About how many records the register has, for the progress bar; `None` where it would cost.
    pub async fn estimate(&mut self) -> Option<u64> {
        let Source { settings, place, deadline, .. } = self;
        place.estimate(&settings.register.dataset, *deadline, &settings.url).await
    }

    /// Checks that every configured column is there, part by part, and tells what was found.
    pub async fn check(&mut self) -> Vec<(&'static str, Result<Message, SourceError>)> {
        let settings = self.settings;
        // Names of files are checked against it; a list that cannot be read is told below.
        let _ = self.units().await;
        let register = register::targets(&settings.register, true);
        let updated_at = settings.register.updated_at.as_deref().map(RequestedColumn::text);
        let filter = self.filter();
        let marks = filter.iter().flat_map(|filter| filter.columns());
        let register = register
            .into_iter()
            .map(|(target, name)| target.asked(name, &settings.register))
            .chain(updated_at)
            .chain(marks);
        let (people, units) = (settings.located_register(), &settings.units);
        let mut parts: Vec<(&'static str, &Located, Vec<RequestedColumn<'_>>)> = vec![
            ("source.register", &people, register.collect()),
            ("source.units", &units.from, columns(units)),
        ];
        if let Some(BaselineSource::Dataset { from, unit, persons }) = &settings.baseline {
            parts.push((
                "source.baseline",
                &**from,
                vec![RequestedColumn::unit(unit), RequestedColumn::text(persons)],
            ));
        }
        let mut out = Vec::new();
        for (part, from, asked) in parts {
            out.push((part, self.check_part(part, from, &asked).await));
        }
        if let Some(list) = &settings.exceptions {
            let asked = exception_columns(list);
            out.push((EXCEPTIONS, self.check_part(EXCEPTIONS, &list.from, &asked).await));
        }
        for list in &settings.references {
            let asked = [RequestedColumn::text(&list.column)];
            out.push((REFERENCES, self.check_part(REFERENCES, &list.from, &asked).await));
        }
        for list in &settings.code_lists {
            let checked = self.check_part(CODE_LISTS, &list.from, &code_list_columns(list)).await;
            out.push((CODE_LISTS, checked));
        }
        for roster in &settings.rosters {
            let checked = self.check_part(roster.part(), &roster.from, &asked(roster)).await;
            out.push((roster.part(), checked.map_err(|error| error.of_roster(roster.name.as_deref()))));
        }
        out
    }

    /// The lists, and their tables, of which the server shows this account only some rows (PostgreSQL's row-level
    /// security): nothing in what arrives says so.
    pub async fn partly_shown(&mut self) -> Vec<(&'static str, String)> {
        let settings = self.settings;
        let people = settings.located_register();
        let lists = [("source.register", &people), ("source.units", &settings.units.from)].into_iter();
        let rosters = settings.rosters.iter().map(|roster| (roster.part(), &roster.from));
        let references = settings.references.iter().map(|list| (REFERENCES, &list.from));
        let code_lists = settings.code_lists.iter().map(|list| (CODE_LISTS, &list.from));
        let mut out = Vec::new();
        for (part, from) in lists.chain(rosters).chain(references).chain(code_lists) {
            let (deadline, url) = (self.deadline, from.url.as_ref().unwrap_or(&settings.url));
            let Dataset::Table(table) = &from.dataset else { continue };
            let Ok(SourceHandle::Database(connection)) = self.place(from).await else { continue };
            if within(deadline, url, connection.shows_some_rows(table)).await.unwrap_or_default() {
                out.push((part, table.clone()));
            }
        }
        out
    }

    async fn check_part(
        &mut self,
        part: &'static str,
        from: &Located,
        asked: &[RequestedColumn<'_>],
    ) -> Result<Message, SourceError> {
        let (deadline, url) = (self.deadline, from.url.as_ref().unwrap_or(&self.settings.url));
        let place = self.place(from).await?;
        within(deadline, url, place.check(part, &from.dataset, asked, deadline)).await
    }

    /// Streams a dataset's columns as text, one call a row.
    async fn rows(
        &mut self,
        part: &'static str,
        from: &Located,
        asked: &[RequestedColumn<'_>],
        each: &mut EachRow<'_>,
    ) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, from.url.as_ref().unwrap_or(&self.settings.url));
        let place = self.place(from).await?;
        within(deadline, url, place.rows(part, &from.dataset, asked, deadline, each)).await
    }
}

/// The columns of the unit list, in the order in which they are read.
fn columns(units: &UnitsSource) -> Vec<RequestedColumn<'_>> {
    units.columns().into_iter().flatten().map(RequestedColumn::text).collect()
}

/// Where the lists that relations look values up in stand in the configuration.
const REFERENCES: &str = "source.references";

/// Where code lists stand in the configuration that are read from a source.
const CODE_LISTS: &str = "source.lists";

/// The columns of a code list, in the order in which they are read.
fn code_list_columns(list: &CodeListSource) -> Vec<RequestedColumn<'_>> {
    [Some(&list.code), list.word.as_ref(), list.group.as_ref()]
        .into_iter()
        .flatten()
        .map(|column| RequestedColumn::text(column))
        .collect()
}

/// Where the list of proven exceptions stands in the configuration.
const EXCEPTIONS: &str = "source.exceptions";

/// The columns of the list of proven exceptions, in the order in which they are read.
fn exception_columns(list: &ExceptionsSource) -> Vec<RequestedColumn<'_>> {
    let identity = match list.by {
        IdentifiedBy::Key => RequestedColumn::text(&list.identity),
        IdentifiedBy::IdNumber => RequestedColumn::id_number(&list.identity),
    };
    let further = [Some(&list.relation), Some(&list.reason), list.until.as_ref()];
    let further = further.into_iter().flatten().map(|column| RequestedColumn::text(column));
    std::iter::once(identity).chain(further).collect()
}

fn asked(roster: &RosterSource) -> [RequestedColumn<'_>; 2] {
    [RequestedColumn::unit(&roster.unit), RequestedColumn::id_number(&roster.id_number)]
}

/// A server that does not answer at all is given up sooner than a long pull.
async fn connect(
    url: &DatabaseUrl,
    form: &FileForm,
    used: &BTreeMap<String, i64>,
    deadline: Instant,
) -> Result<SourceHandle, SourceError> {
    let first = deadline.min(Instant::now() + Duration::from_secs(30));
    let known = url.clone();
    let url = &work::block(move || known.current()).await;
    let opened = within(first, url, SourceHandle::open(url, form, used)).await;
    match opened {
        // Not the pull was too slow, so a longer limit would not help.
        Err(SourceError::TimedOut { url }) if first < deadline => {
            Err(SourceError::Unavailable { url, reason: message!("no-answer-in-time") })
        }
        opened => opened,
    }
}

/// A unit from its cells, in the order of [`settings::UnitsSource::columns`]; `None` without a code.
fn listed_unit(cells: [Option<String>; 7], days: &DayReader) -> Result<Option<ListedUnit>, SourceError> {
    let [code, name, kind, parent, valid_from, valid_to, successor] = cells;
    let Some(code) = code else { return Ok(None) };
    let day = |column: &'static str, text: Option<String>| match days
        .read(text.as_deref().unwrap_or_default().as_bytes())
    {
        DayReading::Blank => Ok(None),
        DayReading::Day(day) => Ok(Some(day)),
        DayReading::Unreadable => Err(SourceError::UnitDay { column, unit: code.clone() }),
    };
    let (valid_from, valid_to) = (day("valid_from", valid_from)?, day("valid_to", valid_to)?);
    // A line break in a name has no glyph, and would cost everybody the document.
    let name = name.map(|name| harmless::name(&name)).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| code.clone());
    let unit = Unit { code, name, kind: kind.unwrap_or_default(), parent };
    Ok(Some(ListedUnit { unit, valid_from, valid_to, successor }))
}

/// A database that stops answering must not hold the run.
async fn within<T>(
    deadline: Instant,
    url: &settings::DatabaseUrl,
    work: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    tokio::time::timeout_at(deadline, work)
        .await
        .unwrap_or_else(|_| Err(SourceError::TimedOut { url: url.to_string() }))
}
