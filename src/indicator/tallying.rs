//! From record batches to a tally: the definitions applied to columns, then summed by polars.

use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::*;

use super::accuracy::{Facts, Judgement, Relations};
use super::completeness::Filled;
use super::coverage::{PersonKey, Persons};
use super::record::{self, Value};
use super::tally::{Cell, Counts, Findings, Tally};
use crate::config::settings::{Indicators, Relation};
use crate::register::batch::{DOCUMENT_TYPE, REGISTERED_ON, RegisterBatch, UNIT};
use crate::register::field::Field;
use crate::register::id_number::{Reading, normalize};
use crate::register::unit::Units;

/// Stands for an unknown unit or a missing day in the grouping key.
const NONE: u32 = u32::MAX;
const GROUP: &str = "group";

/// Applies the definitions to batches, one after another, and keeps nothing of them but counts and
/// the numbers of persons met.
pub struct Tallier {
    units: Arc<Units>,
    filled: Filled,
    relations: Relations,
    cut_off: Date,
    persons: Persons,
    tally: Tally,
}

impl Tallier {
    /// Ages are taken on `cut_off`, the last day of the period.
    pub fn new(units: Arc<Units>, indicators: &Indicators, cut_off: Date) -> Tallier {
        Tallier {
            units,
            filled: Filled::new(&indicators.completeness),
            relations: Relations::new(&indicators.accuracy, cut_off),
            cut_off,
            persons: Persons::default(),
            tally: Tally::default(),
        }
    }

    /// Adds a roster entry; the whole roster comes before the first batch. A placeholder is no number.
    pub fn add_roster(&mut self, unit: Option<&str>, id_number: Option<&str>) {
        let unit = unit.and_then(|code| self.units.position(code));
        self.persons.add_roster(unit, self.filled.filled(Field::IdNumber, id_number));
    }

    /// Adds a batch of records. Fails only if the batch lacks a column of its contract.
    pub fn add(&mut self, batch: &RegisterBatch) -> PolarsResult<()> {
        let texts = Texts::of(&batch.frame)?;
        let days = batch.frame.column(REGISTERED_ON)?.i32()?;
        let mut marks = Marks::with_capacity(batch.frame.height());
        for (row, day) in days.iter().enumerate() {
            let cell = Cell { unit: texts.unit(row).and_then(|code| self.units.position(code)), day };
            self.read_record(&texts, row, cell, &mut marks);
        }
        self.tally.findings.invalid_registered_at += batch.invalid_registered_at;
        self.tally.findings += marks.findings;
        sum_by_cell(marks, &mut self.tally)
    }

    /// All counts so far, persons and coverage included.
    pub fn finish(mut self) -> Tally {
        self.tally.merge(self.persons.finish());
        self.tally
    }

    fn read_record(&mut self, texts: &Texts, row: usize, cell: Cell, marks: &mut Marks) {
        let value = |field: Field| self.filled.filled(field, texts.field(field, row));
        let values = Field::ALL.map(value);
        let at = |field: Field| values[field.index()];
        let number = normalize(at(Field::IdNumber).unwrap_or_default());
        let id = record::id_reading(&number, texts.document_type(row));
        let birth = record::birth_date(at(Field::BirthDate));
        let marital_applies = record::marital_applies(birth, id, self.cut_off);
        let facts = Facts {
            id,
            birth,
            sex: Value::of(at(Field::Sex), record::sex),
            marital: Value::of(at(Field::MaritalStatus), record::marital),
            marital_applies,
            minority: at(Field::Ethnicity).is_some_and(record::is_minority),
            household_place: at(Field::HouseholdPlace),
        };
        let key = (!number.is_empty()).then(|| PersonKey::of(&number));
        self.persons.add_record(cell, key.as_ref());
        marks.findings.invalid_birth_dates += u64::from(birth == Value::Invalid);
        marks.findings.invalid_id_numbers += u64::from(id == Value::Known(Reading::Malformed));
        marks.push(cell, values.map(|v| v.is_some()), marital_applies, self.relations.judge(&facts));
    }
}

/// The text columns of a batch.
struct Texts<'a> {
    unit: &'a StringChunked,
    document_type: &'a StringChunked,
    fields: Vec<&'a StringChunked>,
}

impl<'a> Texts<'a> {
    fn of(frame: &'a DataFrame) -> PolarsResult<Texts<'a>> {
        Ok(Texts {
            unit: frame.column(UNIT)?.str()?,
            document_type: frame.column(DOCUMENT_TYPE)?.str()?,
            fields: Field::ALL.iter().map(|f| frame.column(f.key())?.str()).collect::<PolarsResult<_>>()?,
        })
    }

    fn unit(&self, row: usize) -> Option<&'a str> {
        self.unit.get(row)
    }

    fn document_type(&self, row: usize) -> Option<&'a str> {
        self.document_type.get(row)
    }

    fn field(&self, field: Field, row: usize) -> Option<&'a str> {
        self.fields[field.index()].get(row)
    }
}

/// What was found for each record: its group, and one truth value per counter.
struct Marks {
    groups: Vec<u64>,
    /// One column per counter of [`Counts`] that is summed over records.
    columns: Vec<Vec<bool>>,
    findings: Findings,
}

/// Columns of [`Marks`]: complete, judged, accurate, then filled × 9, marital applies, then judged
/// and passed per relation. Records and the other applicable counts are the size of the group.
const COMPLETE: usize = 0;
const JUDGED: usize = 1;
const ACCURATE: usize = 2;
const FILLED: usize = 3;
const MARITAL_APPLIES: usize = FILLED + 9;
const RELATION_JUDGED: usize = MARITAL_APPLIES + 1;
const RELATION_PASSED: usize = RELATION_JUDGED + 5;
const RECORDS: usize = RELATION_PASSED + 5;
const COLUMNS: usize = RECORDS + 1;

impl Marks {
    fn with_capacity(rows: usize) -> Marks {
        Marks {
            groups: Vec::with_capacity(rows),
            columns: (0..COLUMNS).map(|_| Vec::with_capacity(rows)).collect(),
            findings: Findings::default(),
        }
    }

    fn push(&mut self, cell: Cell, filled: [bool; 9], marital_applies: bool, verdict: Judgement) {
        self.groups.push(group_of(cell));
        let marital = Field::MaritalStatus.index();
        let mut complete = true;
        for (i, is_filled) in filled.into_iter().enumerate() {
            let applies = i != marital || marital_applies;
            complete &= is_filled || !applies;
            self.columns[FILLED + i].push(is_filled && applies);
        }
        self.columns[COMPLETE].push(complete);
        self.columns[JUDGED].push(verdict.record_judged);
        self.columns[ACCURATE].push(verdict.record_passed);
        self.columns[MARITAL_APPLIES].push(marital_applies);
        for i in 0..Relation::ALL.len() {
            self.columns[RELATION_JUDGED + i].push(verdict.judged >> i & 1 == 1);
            self.columns[RELATION_PASSED + i].push(verdict.passed >> i & 1 == 1);
        }
        self.columns[RECORDS].push(true);
    }

    fn into_frame(self) -> PolarsResult<DataFrame> {
        let rows = self.groups.len();
        let group = UInt64Chunked::from_vec(GROUP.into(), self.groups).into_series();
        let marks = self
            .columns
            .into_iter()
            .enumerate()
            .map(|(i, column)| BooleanChunked::from_slice(column_name(i), &column).into_series().into());
        DataFrame::new(rows, std::iter::once(group.into()).chain(marks).collect())
    }
}

fn column_name(index: usize) -> PlSmallStr {
    format!("{index}").into()
}

/// One number for a cell, so that polars groups by a single integer column.
fn group_of(cell: Cell) -> u64 {
    let day = cell.day.map_or(NONE, |day| (day as u32) ^ 0x8000_0000);
    u64::from(cell.unit.unwrap_or(NONE)) << 32 | u64::from(day)
}

fn cell_of(group: u64) -> Cell {
    let (unit, day) = ((group >> 32) as u32, group as u32);
    Cell { unit: (unit != NONE).then_some(unit), day: (day != NONE).then_some((day ^ 0x8000_0000) as i32) }
}

// The lazy engine would sum the same groups at several times the build time of the whole program.
#[allow(deprecated)]
fn sum_by_cell(marks: Marks, tally: &mut Tally) -> PolarsResult<()> {
    let frame = marks.into_frame()?;
    if frame.height() == 0 {
        return Ok(());
    }
    let sums = frame.group_by([GROUP])?.sum()?;
    let groups = sums.column(GROUP)?.u64()?;
    let columns: Vec<UInt64Chunked> = sums
        .columns()
        .iter()
        .skip(1)
        .map(|column| Ok(column.cast(&DataType::UInt64)?.u64()?.clone()))
        .collect::<PolarsResult<_>>()?;
    for (row, group) in groups.iter().enumerate() {
        let count = |index: usize| columns[index].get(row).unwrap_or(0);
        tally.add(cell_of(group.unwrap_or(u64::MAX)), counts_of(count));
    }
    Ok(())
}

fn counts_of(count: impl Fn(usize) -> u64) -> Counts {
    let mut counts = Counts {
        records: count(RECORDS),
        complete: count(COMPLETE),
        judged: count(JUDGED),
        accurate: count(ACCURATE),
        ..Counts::default()
    };
    counts.applicable = [count(RECORDS); 9];
    counts.applicable[Field::MaritalStatus.index()] = count(MARITAL_APPLIES);
    counts.filled = std::array::from_fn(|i| count(FILLED + i));
    counts.relation_judged = std::array::from_fn(|i| count(RELATION_JUDGED + i));
    counts.relation_passed = std::array::from_fn(|i| count(RELATION_PASSED + i));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_their_cells() {
        for unit in [None, Some(0), Some(24_999)] {
            for day in [None, Some(0), Some(-1), Some(16_960), Some(i32::MIN)] {
                assert_eq!(cell_of(group_of(Cell { unit, day })), Cell { unit, day });
            }
        }
    }
}
