//! What was not understood, as far as it may be shown: units by value, days by their shape, words that many
//! records share. For messages alone: it is no part of the figures and is never stored.

use std::collections::BTreeMap;

use super::own_pattern::OwnPattern;
use super::record_findings::RecordFindings;
use super::record_flags::RecordFlags;
use super::record_reading::RecordReading;
use super::text_sample::TextSample;
use tongbao_register::batch::{Record, TextColumn};
use tongbao_register::day_reader::day_shape;
use tongbao_register::field::Field;
use tongbao_register::garbled::GarbledColumn;
use tongbao_register::id_number::Fault;
use tongbao_register::text::{lossy, shape, trim};
use tongbao_register::unit_names::is_blank_unit;

/// Different values of one kind that are kept; the rest is only counted.
const MOST: usize = 400;

/// ValueCounts with how often each occurs, up to `MOST` of them.
#[derive(Debug, Clone, Default)]
pub struct ValueCounts {
    /// How often each value occurs.
    pub counts: BTreeMap<String, u64>,
    /// Occurrences of values that found no room.
    pub others: u64,
}

impl ValueCounts {
    /// Counts a value; once there is no more room, new values go to `others`.
    pub fn add(&mut self, value: &str, times: u64) {
        let has_room = self.counts.len() < MOST;
        match self.counts.get_mut(value) {
            Some(count) => *count += times,
            None if has_room => drop(self.counts.insert(value.to_owned(), times)),
            None => self.others += times,
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: ValueCounts) {
        other.counts.iter().for_each(|(value, times)| self.add(value, *times));
        self.others += other.others;
    }

    /// All occurrences, those without room included.
    pub fn total(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.others
    }

    /// The values, the most frequent first.
    pub fn by_frequency(&self) -> Vec<(&str, u64)> {
        let mut values: Vec<(&str, u64)> = self.counts.iter().map(|(v, n)| (v.as_str(), *n)).collect();
        values.sort_by_key(|(value, times)| (std::cmp::Reverse(*times), *value));
        values
    }

    /// Whether few values are shared by many records, so that none of them says who somebody is.
    fn are_shared(&self) -> bool {
        self.others == 0 && self.counts.len() <= 20 && self.total() >= 3 * self.counts.len() as u64
    }

    /// Words as they are where many records share them, and by their shapes otherwise.
    pub fn words(&self) -> ValueCounts {
        if self.are_shared() && self.counts.keys().all(|word| word.chars().count() <= 12) {
            return self.clone();
        }
        self.shapes()
    }

    /// Units as they are where they look like units, and by their shapes otherwise: the wrong column may
    /// be one of names or numbers of persons.
    pub fn units(&self) -> ValueCounts {
        let is_shown = self.are_shared() || self.counts.keys().all(|value| looks_like_unit(value));
        if is_shown { self.clone() } else { self.shapes() }
    }

    fn shapes(&self) -> ValueCounts {
        let mut shapes = ValueCounts { others: self.others, ..ValueCounts::default() };
        self.counts.iter().for_each(|(value, times)| shapes.add(&shape(value, ""), *times));
        shapes
    }
}

/// A code shorter than the number of a person or a telephone, or a name that ends like a unit's.
fn looks_like_unit(value: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["村", "社区", "委会", "居委", "村委", "街道", "镇", "乡", "街", "办", "所", "组"];
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let is_telephone = digits == 11 && value.starts_with('1');
    let is_code = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    match is_code {
        true => digits < 15 && !is_telephone,
        false => digits < 7 && ENDINGS.iter().any(|ending| value.ends_with(ending)),
    }
}

/// What is wrong with the lists as wholes.
#[derive(Debug, Clone, Default)]
pub struct SourceFindings {
    /// Columns of the register whose texts were read in another character set.
    pub garbled: Vec<GarbledColumn>,
    /// Records with such a text by the code of their unit, and all of that unit.
    pub garbled_units: Vec<(String, u64, u64)>,
    /// Units of which there is no record, with a value that is like them and no unit, and its records.
    pub misspelt_units: Vec<(String, String, u64)>,
    /// Records whose registration is yet to come, so that no figure of today has them: slips in the year.
    pub future_registrations: u64,
    /// Records whose registration is older than any register on a computer: slips in the year too.
    pub ancient_registrations: u64,
    /// Lists, and their tables, of which the server shows only some rows.
    pub partly_shown: Vec<(&'static str, String)>,
    /// Lists besides the register with rows that are totals, and how many.
    pub totals: Vec<(&'static str, u64)>,
    /// Records that do not count, by the column that says so and its values; days of leaving have a blank one.
    pub excluded: Vec<(String, ValueCounts)>,
    /// What was found wrong with the records and the roster entries of a unit, by its code, and all its records; of
    /// incremental pulls the records that were read.
    pub by_unit: BTreeMap<String, (RecordFindings, u64)>,
    /// Fields with a 0 that no standard has and that counts as blank, such values and all that were looked at.
    pub zeros: Vec<(Field, u64, u64)>,
    /// Kinds of `ranking.level` that no unit is of.
    pub kinds_without_units: Vec<String>,
    /// Units that are ranked among others that they stand above by their code or name.
    pub ranked_parents: Vec<String>,
    /// Units without a record where files or sheets stand for units, one each.
    pub missing_lists: Vec<String>,
    /// Texts that so many records share that they may say nothing.
    pub fillers: Vec<RepeatedText>,
    /// What is wrong with the expected head counts.
    pub head_counts: HeadCountFindings,
    /// Lists with ID numbers in merged cells, and how many rows have one from a row above.
    pub merged_numbers: Vec<(&'static str, u64)>,
}

/// What is wrong with the expected head counts.
#[derive(Debug, Clone, Default)]
pub struct HeadCountFindings {
    /// Units with several of them, which were added.
    pub repeated: Vec<String>,
    /// Persons of those whose unit the list does not have, by what stands for the unit.
    pub unknown: ValueCounts,
    /// Persons of all.
    pub persons: u64,
}

/// A text of a field that many records share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedText {
    /// The field.
    pub field: Field,
    /// The text where it can be no person's, or else its shape.
    pub shown: String,
    /// Such texts.
    pub count: u64,
    /// Texts that were looked at.
    pub of: u64,
}

/// What was not understood in a pull.
#[derive(Debug, Clone, Default)]
pub struct Unread {
    /// Units of records that the unit list does not have.
    pub units: ValueCounts,
    /// Records without a unit.
    pub blank_units: u64,
    /// The same of the rosters.
    pub roster_units: ValueCounts,
    /// Roster entries without a unit.
    pub roster_blank_units: u64,
    /// Shapes of registration times.
    pub times: ValueCounts,
    /// Shapes of birth dates.
    pub birth_dates: ValueCounts,
    /// Shapes of values of own fields that are none of their type, by the position of the field.
    pub own_values: BTreeMap<u8, ValueCounts>,
    /// Words for a sex that are not understood and that many records share.
    pub sexes: ValueCounts,
    /// The same of marital status.
    pub marital_statuses: ValueCounts,
    /// Codes for "not stated" as sexes, beside ID numbers that state them.
    pub sex_codes: ValueCounts,
    /// What was found wrong with the records and the roster entries of each unit, by its position.
    pub by_unit: BTreeMap<u32, RecordFindings>,
    /// Malformed ID numbers by what is wrong with them.
    pub id_faults: BTreeMap<Fault, u64>,
    /// Texts that were looked at for another character set.
    pub texts: TextSample,
    /// What is wrong with the lists as wholes; known once all have been read.
    pub source: Box<SourceFindings>,
}

/// What messages may show is no part of a tally: two that count the same are the same.
impl PartialEq for Unread {
    fn eq(&self, _: &Unread) -> bool {
        true
    }
}

impl Eq for Unread {}

impl Unread {
    /// Notes the unit of records that means no unit of the list.
    pub fn unit(&mut self, value: &[u8], times: u64) {
        match unit_value(value) {
            Some(value) => self.units.add(&value, times),
            None => self.blank_units += times,
        }
    }

    /// Notes the unit of a roster entry that means no unit of the list.
    pub fn roster_unit(&mut self, value: &[u8]) {
        match unit_value(value) {
            Some(value) => self.roster_units.add(&value, 1),
            None => self.roster_blank_units += 1,
        }
    }

    /// Notes what is not understood in a record of the unit.
    pub fn notice(
        &mut self,
        record: &Record<'_>,
        (reading, number): (RecordReading, &[u8]),
        unit: impl FnOnce() -> Option<u32>,
    ) {
        if self.texts.record(record)
            && let Some(unit) = unit()
        {
            self.texts.in_unit(unit);
        }
        if !reading.is_understood() {
            self.record(record, reading, number);
        }
    }

    /// Notes what the reading of a record did not understand.
    #[cold]
    pub fn record(&mut self, record: &Record<'_>, reading: RecordReading, number: &[u8]) {
        let value = |field| record.value(TextColumn::Field(field)).unwrap_or_default();
        let [birth, sex, marital, malformed] = reading.not_understood();
        if birth {
            self.birth_dates.add(&day_shape(value(Field::BirthDate)), 1);
        }
        if sex {
            self.sexes.add(&lossy(trim(value(Field::Sex))), 1);
        }
        if marital {
            self.marital_statuses.add(&lossy(trim(value(Field::MaritalStatus))), 1);
        }
        if reading.has_unstated_sex() {
            self.sex_codes.add(&lossy(trim(value(Field::Sex))), 1);
        }
        if malformed {
            *self.id_faults.entry(Fault::of(number)).or_default() += 1;
        }
    }

    /// Notes what was found wrong with `times` records of a unit.
    pub fn of_unit(&mut self, unit: Option<u32>, flags: RecordFlags, own: OwnPattern, times: u64) {
        if let Some(unit) = unit.filter(|_| flags.has_findings() || own.has_invalid()) {
            *self.by_unit.entry(unit).or_default() += flags.findings(own, times);
        }
    }

    /// Notes what was found wrong with entries of the roster in a unit.
    pub fn of_roster(&mut self, unit: Option<u32>, found: RecordFindings) {
        if let Some(unit) = unit {
            *self.by_unit.entry(unit).or_default() += found;
        }
    }

    /// Takes away what was found wrong in units; `None` if it is no part of this.
    pub fn without_units(&mut self, other: &Unread) -> Option<()> {
        for (unit, found) in &other.by_unit {
            let left = self.by_unit.get(unit).cloned().unwrap_or_default().without(found.clone())?;
            match left == RecordFindings::default() {
                true => self.by_unit.remove(unit),
                false => self.by_unit.insert(*unit, left),
            };
        }
        Some(())
    }

    /// Adds what another part of the register left.
    pub fn merge(&mut self, other: Unread) {
        self.units.merge(other.units);
        self.blank_units += other.blank_units;
        self.roster_units.merge(other.roster_units);
        self.roster_blank_units += other.roster_blank_units;
        self.times.merge(other.times);
        self.birth_dates.merge(other.birth_dates);
        other
            .own_values
            .into_iter()
            .for_each(|(field, shapes)| self.own_values.entry(field).or_default().merge(shapes));
        self.sexes.merge(other.sexes);
        self.marital_statuses.merge(other.marital_statuses);
        self.sex_codes.merge(other.sex_codes);
        other.by_unit.into_iter().for_each(|(unit, found)| *self.by_unit.entry(unit).or_default() += found);
        self.texts.merge(other.texts);
        self.source.garbled.extend(other.source.garbled);
        self.source.garbled_units.extend(other.source.garbled_units);
        self.source.misspelt_units.extend(other.source.misspelt_units);
        self.source.future_registrations += other.source.future_registrations;
        self.source.ancient_registrations += other.source.ancient_registrations;
        self.source.partly_shown.extend(other.source.partly_shown);
        self.source.totals.extend(other.source.totals);
        self.source.excluded.extend(other.source.excluded);
        self.source.by_unit.extend(other.source.by_unit);
        self.source.zeros.extend(other.source.zeros);
        self.source.kinds_without_units.extend(other.source.kinds_without_units);
        self.source.ranked_parents.extend(other.source.ranked_parents);
        self.source.missing_lists.extend(other.source.missing_lists);
        self.source.fillers.extend(other.source.fillers);
        self.source.merged_numbers.extend(other.source.merged_numbers);
        other
            .id_faults
            .into_iter()
            .for_each(|(fault, times)| *self.id_faults.entry(fault).or_default() += times);
    }
}

/// A unit's value as it is shown; `None` where it is blank.
fn unit_value(value: &[u8]) -> Option<String> {
    let text = lossy(trim(value));
    (!is_blank_unit(&text)).then(|| text.chars().take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(all: &[(&str, u64)]) -> ValueCounts {
        let mut values = ValueCounts::default();
        all.iter().for_each(|(value, times)| values.add(value, *times));
        values
    }

    #[test]
    fn persons_are_never_shown() {
        let shown = |values: ValueCounts| values.counts.into_keys().collect::<Vec<_>>();
        let units = |all: &[(&str, u64)]| shown(values(all).units());
        assert_eq!(units(&[("440118001299", 1), ("荔湖村委会", 1)]), ["440118001299", "荔湖村委会"]);
        assert_eq!(units(&[("张三", 1), ("李四", 1)]), ["字字"]);
        assert_eq!(units(&[("440118199001050010", 1)]), ["##################"]);
        assert_eq!(units(&[("13800138000", 1), ("荔湖村", 1)]), ["###########", "字字字"]);
        assert_eq!(units(&[("荔湖", 120), ("桥东", 80)]), ["桥东", "荔湖"]);
        let words = |all: &[(&str, u64)]| shown(values(all).words());
        assert_eq!(words(&[("1-男", 50), ("2-女", 45)]), ["1-男", "2-女"]);
        assert_eq!(words(&[("张三", 1), ("李四光", 1)]), ["字字", "字字字"]);
        let many: Vec<(String, u64)> = (0..600).map(|i| (format!("名{i}"), 1)).collect();
        let many: Vec<(&str, u64)> = many.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        let many = values(&many);
        assert_eq!((many.counts.len(), many.others, many.total()), (MOST, 200, 600));
    }
}
