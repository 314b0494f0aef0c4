//! What is wrong with a pull as a whole, as its tally, its units and its texts show.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::Engine;
use crate::config::settings::Settings;
use crate::indicator::tally::Tally;
use crate::indicator::text_sample::TextSample;
use crate::indicator::unread::{HeadCountFindings, RepeatedText, SourceFindings};
use crate::ranking::remark::misspelt_units;
use crate::register::batch::days_since_epoch;
use crate::register::field::Field;
use crate::register::nothing::placeholders;
use crate::register::text::shape;
use crate::register::unit::Units;
use crate::source::garbled_columns;

impl Engine {
    /// All but what the lists alone know as they are read.
    pub(super) fn source_findings(
        &self,
        tally: &Tally,
        units: &Units,
        texts: &TextSample,
        now: Timestamp,
    ) -> SourceFindings {
        let garbled = garbled_columns(&self.settings.source, texts);
        let zeros = self.zeros(texts);
        let records = records_by_unit(tally);
        let code = |position: &u32| units.list().get(*position as usize).map(|unit| unit.code.clone());
        let by_unit = tally.unread.texts.units().iter();
        let all = |position| records.get(position).copied().unwrap_or_default();
        let garbled_units = by_unit.filter_map(|(at, count)| Some((code(at)?, *count, all(at)))).collect();
        let found = tally.unread.by_unit.iter();
        let by_unit = found.filter_map(|(at, found)| Some((code(at)?, (found.clone(), all(at))))).collect();
        let future_registrations = yet_to_come(tally, now);
        let ancient_registrations = ancient(tally);
        let has_records = |at: usize| u32::try_from(at).is_ok_and(|at| records.contains_key(&at));
        let misspelt_units = misspelt_units(tally, units);
        let kinds_without_units = self.settings.ranking.kinds_without_units(units);
        let ranked_parents = self.settings.ranking.ranked_above_others(units, &self.settings.campaign.issuer);
        let missing_lists = self.missing_lists(units, has_records);
        let fillers = self.fillers(texts);
        SourceFindings {
            garbled,
            garbled_units,
            misspelt_units,
            future_registrations,
            ancient_registrations,
            by_unit,
            zeros,
            kinds_without_units,
            ranked_parents,
            missing_lists,
            fillers,
            ..SourceFindings::default()
        }
    }

    /// Values of 0 that count as blank and have no meaning in the configuration, by field: such values, and those that were
    /// looked at.
    fn zeros(&self, texts: &TextSample) -> Vec<(Field, u64, u64)> {
        const CODES: [&str; 2] = ["0", "00"];
        let Settings { indicators, source, .. } = &self.settings;
        let has_meaning = |field: Field| {
            let column = source.register.fields.get(&field);
            column.is_some_and(|column| CODES.iter().any(|code| column.codes.contains_key(*code)))
        };
        let is_blank = |field| indicators.completeness.of(field).any(|text| CODES.contains(&text));
        let is_read = |field| indicators.counted_fields().contains(&field);
        let is_meant = |field: Field| is_read(field) && is_blank(field) && !has_meaning(field);
        texts.zeros().filter(|(field, ..)| is_meant(*field)).collect()
    }

    /// Units that are ranked and have no record, where the files or sheets of the register stand for units, one each: the
    /// list of such a unit has not come, and it would be last for that.
    fn missing_lists(&self, units: &Units, has_records: impl Fn(usize) -> bool) -> Vec<String> {
        let Settings { source, ranking, .. } = &self.settings;
        if source.files.unit.is_none() {
            return Vec::new();
        }
        let units = units.from_above().map(|at| (at, &units.list()[at as usize], units.level(at)));
        let ranked = units.filter(|(_, unit, level)| ranking.assesses(unit, *level));
        ranked.filter(|(at, ..)| !has_records(*at as usize)).map(|(_, unit, _)| unit.name.clone()).collect()
    }

    /// Texts that many records share, but for those that the configuration takes for blank ones.
    fn fillers(&self, texts: &TextSample) -> Vec<RepeatedText> {
        let completeness = &self.settings.indicators.completeness;
        let is_blank = |text: &RepeatedText| {
            let usual = placeholders(text.field);
            let mut own = completeness.of(text.field).filter(|word| !usual.contains(word));
            own.any(|word| word.eq_ignore_ascii_case(&text.shown) || shape(word, "") == text.shown)
        };
        let is_read = |text: &RepeatedText| self.settings.indicators.counted_fields().contains(&text.field);
        texts.repeated().into_iter().filter(|text| is_read(text) && !is_blank(text)).collect()
    }
}

/// Units with several head counts, and the persons of those that no unit of the list has.
pub(super) fn head_count_findings(counts: &BTreeMap<String, (u64, u64)>, units: &Units) -> HeadCountFindings {
    let mut found = HeadCountFindings::default();
    for (code, (persons, rows)) in counts {
        found.persons += persons;
        match units.own_position(code) {
            Some(at) if *rows > 1 => found.repeated.push(units.list()[at as usize].name.clone()),
            Some(_) => {}
            None => found.unknown.add(code, *persons),
        }
    }
    found
}

/// The records of each unit that has some, by its position, whenever they were registered.
fn records_by_unit(tally: &Tally) -> BTreeMap<u32, u64> {
    let units = tally.cells.units().into_iter().map(|unit| (unit, tally.records_of(Some(unit))));
    units.filter(|(_, records)| *records > 0).collect()
}

/// Days between a pull and a registration that is surely yet to come. Nearer ones may be days that were planned.
const AHEAD: i32 = 60;

/// Records whose registration is far beyond the pull: a slip of the year takes them out of all figures.
fn yet_to_come(tally: &Tally, now: Timestamp) -> u64 {
    let last = days_since_epoch(now.to_zoned(TimeZone::UTC).date()) + AHEAD;
    let is_late = |day: Option<i32>| day.is_some_and(|day| day > last);
    tally.cells.sum_where(|cell| is_late(cell.day)).records
}

/// Before this year nobody registered by computer.
const FIRST_YEAR: i16 = 1949;
/// Days that programs write for no day at all: those that stand for zero in .NET, Access and Excel, and SQL Server.
const ZERO_DAYS: [Date; 3] = [date(1, 1, 1), date(1899, 12, 30), date(1900, 1, 1)];

/// Records whose registration is older than registers are: a slip such as 0216 takes them out of their period.
fn ancient(tally: &Tally) -> u64 {
    let first = days_since_epoch(date(FIRST_YEAR, 1, 1));
    let zero = ZERO_DAYS.map(days_since_epoch);
    let is_slip = |day: Option<i32>| day.is_some_and(|day| day < first && !zero.contains(&day));
    tally.cells.sum_where(|cell| is_slip(cell.day)).records
}
