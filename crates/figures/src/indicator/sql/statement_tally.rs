//! The rows of the statement as a tally.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::dialect::SEPARATOR;
use super::own::SqlPattern;
use super::{person_groups, rosters};
use crate::indicator::accuracy::agrees_at;
use crate::indicator::counts::Counts;
use crate::indicator::identity::IdentityFault;
use crate::indicator::own::OwnReader;
use crate::indicator::own_pattern::OwnPattern;
use crate::indicator::record_flags::{BITS, RecordEvaluator, RecordFlags};
use crate::indicator::record_reading::Reader;
use crate::indicator::tally::{Bucket, Matches, Tally};
use tongbao_config::settings::{DivisionLevel, Indicators, Relation, Rosters};
use tongbao_register::batch::{BatchBuilder, Day, TextColumn};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::field::Field;
use tongbao_register::text::{lossy, trim};
use tongbao_register::unit::Units;
use tongbao_rule::definitions::PRESET_FIELDS;
use tongbao_rule::evaluate::RelationOutcome;

/// Columns of the statement's rows, all of them text: kind, unit, day, contribution, numbers of the own pattern, place,
/// division, occurrence of the person, count.
pub const COLUMNS: usize = 9;

/// Stands for a missing day: before every day.
pub(super) const NO_DAY: i32 = i32::MIN;

/// Set beside a contribution whose registration time is filled but no day.
pub(super) const INVALID_DAY: u32 = 1 << BITS;

/// Turns the rows of the statement into a tally.
pub struct StatementTally<'a> {
    units: &'a Units,
    reader: Reader,
    own: Option<OwnReader>,
    /// Own fields of a record, and those of them that come home with it.
    own_fields: (usize, Vec<u8>),
    /// Outcomes of relations over several records, which the database decides also of records that come home whole.
    set_outcomes: OwnPattern,
    own_pattern: SqlPattern,
    cut_off: DateNumber,
    evaluator: RecordEvaluator,
    level: DivisionLevel,
    rosters: &'a Rosters,
    /// Rows of each roster that are totals.
    roster_totals: BTreeMap<usize, u64>,
    /// Records of persons without the own ones, where the rows say neither of a record.
    further: BTreeMap<Bucket, i64>,
    tally: Tally,
}

impl<'a> StatementTally<'a> {
    /// Ages are taken on `cut_off`.
    pub fn new(units: &'a Units, indicators: &'a Indicators, cut_off: Date) -> StatementTally<'a> {
        let (reader, cut_off) = (Reader::new(indicators), number_of(cut_off));
        let evaluator = RecordEvaluator::new(indicators);
        let (level, rosters) = (indicators.accuracy.household_level, &indicators.coverage.rosters);
        let mut tally = Tally::default();
        tally.matches.resize_with(rosters.reconciled(), BTreeMap::new);
        let (own, read) = (OwnReader::new(indicators, cut_off), indicators.read_by_own());
        let count = indicators.definitions.own_fields().len();
        let is_read = |own: &u8| read >> (PRESET_FIELDS + usize::from(*own)) & 1 == 1;
        let own_fields = (count, (0..count as u8).filter(is_read).collect());
        let relations = indicators.definitions.own_relations().iter().enumerate();
        let set_outcomes = relations
            .filter(|(_, relation)| relation.is_of_sets())
            .fold(OwnPattern::default(), |all, (at, _)| all.passing(at as u8));
        let roster_totals = BTreeMap::new();
        StatementTally {
            units,
            reader,
            own,
            own_fields,
            set_outcomes,
            own_pattern: SqlPattern::new(indicators),
            cut_off,
            evaluator,
            level,
            rosters,
            roster_totals,
            further: BTreeMap::new(),
            tally,
        }
    }

    /// Adds a row; `None` if it is none of the statement's.
    pub fn add(&mut self, row: &[Option<&[u8]>]) -> Option<()> {
        let [kind, unit, day, contribution, own, place, division, occurrence, times] = *row else {
            return None;
        };
        let text = |value: Option<&[u8]>| value.map(|value| lossy(value).into_owned());
        let day = match text(day) {
            Some(day) => Some(day.parse::<i32>().ok()?),
            None => None,
        };
        // Sums of no rows are NULL.
        let times: u64 = text(times).map_or(Some(0), |times| times.parse().ok())?;
        if kind? == b"records" {
            let written = unit.unwrap_or_default();
            let unit = self.units.position(&lossy(trim(written)));
            let packed: u32 = text(contribution)?.parse().ok()?;
            if unit.is_none() && !RecordFlags(packed).is_no_record() {
                self.tally.unread.unit(written, times);
            }
            let cell = Bucket { unit, day };
            match occurrence {
                Some(b"1") => self.persons(b"persons", cell, times)?,
                Some(b"2") => self.persons(b"duplicates", cell, times)?,
                Some(b"3") => *self.further.entry(cell).or_default() += i64::try_from(times).ok()?,
                _ => {}
            }
            let place = place.zip(text(division));
            let own =
                text(own).map_or(Some(OwnPattern::default()), |numbers| self.own_pattern.read(&numbers));
            let read = (packed, own?);
            return self.records(cell, written, read, place, times);
        }
        // Units of persons are their positions, and one that is not in the list is beyond them.
        let home = match text(unit) {
            Some(home) => Some(home.parse::<u32>().ok()?),
            None => None,
        };
        let cell = Bucket { unit: home.filter(|home| (*home as usize) < self.units.len()), day };
        let list = match text(contribution) {
            Some(list) => Some(list.parse().ok()?),
            None => None,
        };
        match list {
            Some(list) if kind == Some(b"found") => {
                let own = match text(place) {
                    Some(own) => Some(own.parse::<i32>().ok()?),
                    None => None,
                };
                let own = own.map(|day| Bucket { day: (day != NO_DAY).then_some(day), ..cell });
                self.found(list, cell, own, times)
            }
            Some(list) if kind? == rosters::ROSTER_TOTALS.as_bytes() => {
                self.roster_totals.insert(list, times);
                Some(())
            }
            Some(list) => self.matches(kind?, list, cell, times),
            None => self.persons(kind?, cell, times),
        }
    }

    fn records(
        &mut self,
        cell: Bucket,
        unit: &[u8],
        (packed, mut own): (u32, OwnPattern),
        place: Option<(&[u8], String)>,
        times: u64,
    ) -> Option<()> {
        let mut contribution = RecordFlags(packed & (INVALID_DAY - 1));
        if let Some((values, "")) = place.as_ref().map(|(place, division)| (*place, division.as_str())) {
            let day = match (cell.day, packed & INVALID_DAY) {
                (Some(day), _) => Day::Known(day),
                (None, 0) => Day::Missing,
                (None, _) => Day::Invalid,
            };
            let (flags, read) = self.read(values, unit, day);
            contribution = flags;
            own = read.with_bits_of(own, self.set_outcomes);
        } else if let Some((place, division)) = place.filter(|_| !contribution.is_no_record()) {
            let agrees = agrees_at(place, division.parse().ok()?, self.level);
            let outcome = agrees.map_or(RelationOutcome::Missing, RelationOutcome::of);
            contribution = contribution.with(Relation::IdHouseholdPlace, outcome);
        }
        self.tally.add(cell, &self.evaluator.counts(contribution, own, times));
        self.tally.findings += contribution.findings(own, times);
        self.tally.unread.of_unit(cell.unit, contribution, own, times);
        if packed & INVALID_DAY != 0 && !contribution.is_no_record() {
            self.tally.findings.invalid_registered_at += times;
        }
        Some(())
    }

    /// Reads a record that came home whole.
    fn read(&mut self, values: &[u8], unit: &[u8], day: Day) -> (RecordFlags, OwnPattern) {
        let mut values = values.split(|byte| *byte == SEPARATOR as u8);
        let (count, own) = &self.own_fields;
        let mut builder = BatchBuilder::with_own(1, *count);
        let columns = Field::ALL.into_iter().map(TextColumn::Field).chain([TextColumn::DocumentType]);
        let own = own.iter().map(|own| TextColumn::Field(Field::Own(*own)));
        columns.chain(own).for_each(|column| builder.push_bytes(column, values.next()));
        builder.push_bytes(TextColumn::Unit, Some(unit));
        builder.end_record(day);
        let batch = builder.finish();
        let Some(record) = batch.records().next() else {
            return (RecordFlags(0), OwnPattern::default());
        };
        let (reading, number) = self.reader.read(&record);
        if !reading.is_understood() {
            self.tally.unread.record(&record, reading, &number);
        }
        let own = self.own.as_mut().map(|own| own.pattern(&record)).unwrap_or_default();
        (reading.at(self.cut_off), own)
    }

    fn persons(&mut self, kind: &[u8], cell: Bucket, times: u64) -> Option<()> {
        let mut counts = Counts::default();
        match kind {
            b"persons" => counts.persons = times,
            b"duplicates" => counts.duplicates = times,
            kind if kind == person_groups::OWN_RECORDS.as_bytes() => {
                counts.persons = times;
                *self.further.entry(cell).or_default() -= i64::try_from(times).ok()?;
            }
            b"roster_duplicates" => self.tally.findings.roster_duplicates += times,
            b"roster_without_id" => self.tally.findings.roster_without_id += times,
            b"roster_cut_ids" => {
                self.tally.add_roster_fault(cell.unit, IdentityFault::Spoilt.findings(times))
            }
            b"roster_malformed_ids" => {
                self.tally.add_roster_fault(cell.unit, IdentityFault::Malformed.findings(times))
            }
            _ => return None,
        }
        if counts != Counts::default() {
            self.tally.add(cell, &counts);
        }
        Some(())
    }

    /// What the comparison with a list came to.
    fn matches(&mut self, kind: &[u8], list: usize, cell: Bucket, times: u64) -> Option<()> {
        let mut matches = Matches::default();
        match kind {
            b"roster" => matches.listed = times,
            b"known" => matches.known = times,
            _ => return None,
        }
        self.add_matches(list, cell, matches);
        Some(())
    }

    /// Persons of a list who were found, with the cell of their first record under their own unit.
    fn found(&mut self, list: usize, cell: Bucket, own: Option<Bucket>, times: u64) -> Option<()> {
        self.add_matches(list, cell, Matches { found: times, ..Matches::default() });
        if let Some(own) = own {
            self.add_matches(list, own, Matches { found_own: times, ..Matches::default() });
        }
        Some(())
    }

    fn add_matches(&mut self, list: usize, cell: Bucket, matches: Matches) {
        // All together are no roster of their own.
        let is_roster = list < self.rosters.named.len().max(1);
        if is_roster && cell.unit.is_none() {
            self.tally.findings.roster_unknown_unit += matches.listed;
        }
        let mut counts = Counts::default();
        counts.cover(matches);
        if list == self.rosters.measured() && counts != Counts::default() {
            self.tally.add(cell, &counts);
        }
        if list < self.rosters.reconciled() {
            self.tally.add_matches(list, cell, matches);
        }
    }

    /// Rows of the rosters that are totals, by the position of the roster.
    pub fn roster_totals(&self) -> &BTreeMap<usize, u64> {
        &self.roster_totals
    }

    /// The tally of all rows that were added.
    pub fn finish(mut self) -> Tally {
        for (cell, further) in self.further {
            let duplicates = u64::try_from(further).unwrap_or_default();
            self.tally.add(cell, &Counts { duplicates, ..Counts::default() });
        }
        self.tally
    }
}
