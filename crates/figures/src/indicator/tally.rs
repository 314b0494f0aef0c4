//! Tallies: additive counts per (unit, registration day).

use std::collections::BTreeMap;
use std::ops::{AddAssign, RangeInclusive};

use super::bucket_counts::BucketCounts;
use super::counters::{Counters, OwnWidth};
use super::exceptions::ExceptionCounts;
use super::rate::Rate;
use super::unread::Unread;
use super::unstated_sex::UnstatedSexes;
use tongbao_config::settings::Relation;
use tongbao_register::field::Field;
use tongbao_rule::definitions::{PRESET_FIELDS, PRESET_RELATIONS};

/// Number of counters of no single field or relation.
const GENERAL_COUNTERS: usize = 10;
/// Number of counters of the built-in definitions, the width of a tally that is stored without own ones.
pub const BUILT_IN_COUNTERS: usize = GENERAL_COUNTERS + 2 * PRESET_FIELDS + 2 * PRESET_RELATIONS;

/// Everything that is counted for one unit on one registration day. All of it adds up.
///
/// Records are counted under the unit written in the register, roster persons under the unit of the
/// roster and on the first day on which a record with their number was registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows of the register that are records.
    pub records: u64,
    /// Records with all applicable fields filled.
    pub complete: u64,
    /// Records that at least one relation of accuracy judges; all where none of them may leave a record unjudged.
    pub judged: u64,
    /// Judged records that pass all relations.
    pub accurate: u64,
    /// Distinct persons by normalized ID number, credited to their first record.
    pub persons: u64,
    /// Further records with a number that is in the register already.
    pub duplicates: u64,
    /// Records without any ID number.
    pub without_id: u64,
    /// Distinct persons of the roster. They have no registration day.
    pub roster: u64,
    /// Roster persons found in the register.
    pub covered: u64,
    /// Roster persons found under their own unit or one below it.
    pub covered_own: u64,
    /// Per field, the records to which it applies.
    pub applicable: Counters<PRESET_FIELDS>,
    /// Per field, the applicable records in which it is filled.
    pub filled: Counters<PRESET_FIELDS>,
    /// Per relation, the records it is judged on.
    pub relation_judged: Counters<PRESET_RELATIONS>,
    /// Per relation, the judged records that pass.
    pub relation_passed: Counters<PRESET_RELATIONS>,
}

impl Counts {
    /// The counters that are of no single field or relation, in the order in which they are stored.
    fn general(&self) -> [u64; GENERAL_COUNTERS] {
        let Counts { records, complete, judged, accurate, .. } = *self;
        let Counts { persons, duplicates, without_id, roster, covered, covered_own, .. } = *self;
        [records, complete, judged, accurate, persons, duplicates, without_id, roster, covered, covered_own]
    }

    fn general_mut(&mut self) -> [&mut u64; GENERAL_COUNTERS] {
        let Counts { records, complete, judged, accurate, persons, duplicates, .. } = self;
        let Counts { without_id, roster, covered, covered_own, .. } = self;
        [records, complete, judged, accurate, persons, duplicates, without_id, roster, covered, covered_own]
    }

    /// The counters of the built-in definitions in the order in which they are stored.
    pub fn built_in(&self) -> [u64; BUILT_IN_COUNTERS] {
        let mut out = [0; BUILT_IN_COUNTERS];
        let parts: [&[u64]; 5] = [
            &self.general(),
            &self.applicable.built_in,
            &self.filled.built_in,
            &self.relation_judged.built_in,
            &self.relation_passed.built_in,
        ];
        out.iter_mut().zip(parts.into_iter().flatten()).for_each(|(place, count)| *place = *count);
        out
    }

    /// The inverse of [`Counts::built_in`].
    pub fn of_built_in(counters: [u64; BUILT_IN_COUNTERS]) -> Counts {
        let mut counts = Counts::default();
        let mut counters = counters.into_iter();
        counts.general_mut().into_iter().zip(counters.by_ref()).for_each(|(place, count)| *place = count);
        let parts: [&mut [u64]; 4] = [
            &mut counts.applicable.built_in,
            &mut counts.filled.built_in,
            &mut counts.relation_judged.built_in,
            &mut counts.relation_passed.built_in,
        ];
        parts.into_iter().flatten().zip(counters).for_each(|(place, count)| *place = count);
        counts
    }

    /// Own fields and own relations up to the last that counts.
    pub fn own_width(&self) -> OwnWidth {
        OwnWidth {
            fields: self.applicable.own_width().max(self.filled.own_width()),
            relations: self.relation_judged.own_width().max(self.relation_passed.own_width()),
        }
    }

    /// The counters of so many own fields and relations in the order in which they are stored.
    pub fn own(&self, OwnWidth { fields, relations }: OwnWidth) -> impl Iterator<Item = u64> {
        let fields = self.applicable.own(fields).chain(self.filled.own(fields));
        fields.chain(self.relation_judged.own(relations)).chain(self.relation_passed.own(relations))
    }

    /// The same counts with own counters, in the order in which they are stored; `None` if there are too few.
    pub fn with_own(
        mut self,
        OwnWidth { fields, relations }: OwnWidth,
        mut counters: impl Iterator<Item = u64>,
    ) -> Option<Counts> {
        let mut take = |width| {
            let own: Vec<u64> = counters.by_ref().take(width).collect();
            (own.len() == width).then_some(own)
        };
        self.applicable.own = take(fields)?;
        self.filled.own = take(fields)?;
        self.relation_judged.own = take(relations)?;
        self.relation_passed.own = take(relations)?;
        Some(self)
    }

    /// Adds the same counts so many times.
    pub fn add_times(&mut self, other: &Counts, times: u64) {
        let general = self.general_mut().into_iter().zip(other.general());
        general.for_each(|(sum, more)| *sum += more * times);
        self.applicable.add_times(&other.applicable, times);
        self.filled.add_times(&other.filled, times);
        self.relation_judged.add_times(&other.relation_judged, times);
        self.relation_passed.add_times(&other.relation_passed, times);
    }

    /// Takes over how far the register covers the list that coverage is measured against.
    pub fn cover(&mut self, matches: Matches) {
        self.roster += matches.listed;
        self.covered += matches.found;
        self.covered_own += matches.found_own;
    }

    /// Filled / applicable records of one field.
    pub fn field(&self, field: Field) -> Rate {
        Rate::new(self.filled[field.index()], self.applicable[field.index()])
    }

    /// Records with all applicable fields filled / records.
    pub fn completeness_records(&self) -> Rate {
        Rate::new(self.complete, self.records)
    }

    /// Filled cells / applicable cells of these fields.
    pub fn cells(&self, fields: &[Field]) -> Rate {
        fields.iter().map(|field| self.field(*field)).fold(Rate::default(), Rate::with)
    }

    /// Passed / judged records of one relation.
    pub fn relation(&self, relation: Relation) -> Rate {
        let at = relation.index();
        Rate::new(self.relation_passed[at], self.relation_judged[at])
    }

    /// 准确率: accurate / judged records.
    pub fn accuracy(&self) -> Rate {
        Rate::new(self.accurate, self.judged)
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        self.add_times(other, 1);
    }
}

impl Counts {
    /// The counts without others that are part of them; `None` if they are not.
    pub fn without(&self, other: &Counts) -> Option<Counts> {
        let mut left = self.built_in();
        for (count, less) in left.iter_mut().zip(other.built_in()) {
            *count = count.checked_sub(less)?;
        }
        let mut left = Counts::of_built_in(left);
        left.applicable.own = self.applicable.own_without(&other.applicable)?;
        left.filled.own = self.filled.own_without(&other.filled)?;
        left.relation_judged.own = self.relation_judged.own_without(&other.relation_judged)?;
        left.relation_passed.own = self.relation_passed.own_without(&other.relation_passed)?;
        Some(left)
    }
}

/// Where counts belong: a unit's position in `Units` (`None` = the code is unknown) and a
/// registration day (`None` = the record has none, and counts as before every period).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// Position in the unit list of the cut-off day.
    pub unit: Option<u32>,
    /// Days since 1970-01-01, in the campaign's zone.
    pub day: Option<i32>,
}

impl Bucket {
    /// All of them.
    pub const ALL: RangeInclusive<Bucket> =
        Bucket { unit: None, day: None }..=Bucket { unit: Some(u32::MAX - 1), day: Some(i32::MAX) };
}

/// Counts by unit and day, and what was found wrong on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// The counts.
    pub cells: BucketCounts,
    /// How many values were not understood, of all records.
    pub findings: RecordFindings,
    /// By named roster, and after several all of them together; empty where no roster has a name.
    pub matches: Vec<BTreeMap<Bucket, Matches>>,
    /// Records that pass by proven exceptions alone; empty where there are none.
    pub exceptions: BTreeMap<Bucket, ExceptionCounts>,
    /// What messages can show of what was not understood.
    pub unread: Unread,
}

/// What the comparison of a roster with the register comes to. All of it adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matches {
    /// Distinct persons of the roster, at its unit. They have no registration day.
    pub listed: u64,
    /// Those of them who are in the register, at the roster's unit and their first registration day.
    pub found: u64,
    /// Those of them who are there under the roster's unit or one below it.
    pub found_own: u64,
    /// Distinct persons of the register who are in the roster, at their own first record.
    pub known: u64,
}

/// Number of counters in [`Matches`].
pub const MATCHES: usize = 4;

impl Matches {
    /// The counters in the order in which they are stored.
    pub fn to_array(self) -> [u64; MATCHES] {
        [self.listed, self.found, self.found_own, self.known]
    }

    /// The inverse of [`Matches::to_array`].
    pub fn from_array([listed, found, found_own, known]: [u64; MATCHES]) -> Matches {
        Matches { listed, found, found_own, known }
    }
}

impl AddAssign for Matches {
    fn add_assign(&mut self, other: Matches) {
        self.listed += other.listed;
        self.found += other.found;
        self.found_own += other.found_own;
        self.known += other.known;
    }
}

/// Bad records are data: they are counted here and reported, never dropped in silence.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct RecordFindings {
    /// Registration times that were filled but not understood.
    pub invalid_registered_at: u64,
    /// Birth dates that were filled but are no date.
    pub invalid_birth_dates: u64,
    /// Citizen ID numbers that are malformed or have a wrong check character.
    pub invalid_id_numbers: u64,
    /// Roster entries without an ID number, which cannot be compared.
    pub roster_without_id: u64,
    /// Roster entries that repeat a person listed before.
    pub roster_duplicates: u64,
    /// Roster persons whose unit is unknown.
    pub roster_unknown_unit: u64,
    /// Malformed ID numbers whose last digits a spreadsheet has lost.
    #[serde(default)]
    pub cut_id_numbers: u64,
    /// The same of roster entries.
    #[serde(default)]
    pub roster_cut_ids: u64,
    /// Identities of roster entries that are none of their kind and lost nothing to a program: a wrong check character, a name
    /// in their column. Such an entry may be looked for in vain.
    #[serde(default)]
    pub roster_malformed_ids: u64,
    /// Sexes that were filled but not understood.
    #[serde(default)]
    pub invalid_sexes: u64,
    /// Marital statuses that were filled but not understood.
    #[serde(default)]
    pub invalid_marital_statuses: u64,
    /// Values of own fields that apply and are none of the field's type, by the position of the own field; of each there is one at least.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "as_pairs")]
    pub invalid_values: BTreeMap<u8, u64>,
    /// Codes for "not stated" as sexes, beside ID numbers that state them.
    #[serde(default, skip_serializing_if = "UnstatedSexes::is_none")]
    pub unstated_sexes: UnstatedSexes,
    /// Rows of the register that are no records: totals, headings, feet of forms. They count for nothing.
    #[serde(default)]
    pub no_records: u64,
    /// Rows of the list of proven exceptions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub exceptions: u64,
    /// Those without a usable record, relation or reason.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unusable_exceptions: u64,
    /// Those whose last day is over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ended_exceptions: u64,
}

/// Maps as lists of pairs: within a flattened structure, keys that are numbers are not read again.
mod as_pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<u8, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<u8, u64>, D::Error> {
        Ok(Vec::<(u8, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Counts without others that are part of them; `None` if they are not.
fn counts_without(mut counts: BTreeMap<u8, u64>, other: &BTreeMap<u8, u64>) -> Option<BTreeMap<u8, u64>> {
    for (own, less) in other {
        let count = counts.get_mut(own)?;
        *count = count.checked_sub(*less)?;
    }
    counts.retain(|_, count| *count > 0);
    Some(counts)
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl RecordFindings {
    /// Values of an own field that are none of its type.
    pub fn invalid_values_of(&self, own: u8) -> u64 {
        self.invalid_values.get(&own).copied().unwrap_or_default()
    }

    /// Whether so many records have the number of another one because a spreadsheet has cut their numbers: who lives in one
    /// division and was born on one day has one number then.
    pub fn explain(&self, duplicates: u64) -> bool {
        self.cut_id_numbers * 2 > duplicates
    }
}

impl AddAssign for RecordFindings {
    fn add_assign(&mut self, other: RecordFindings) {
        self.invalid_registered_at += other.invalid_registered_at;
        self.invalid_birth_dates += other.invalid_birth_dates;
        self.invalid_id_numbers += other.invalid_id_numbers;
        self.roster_without_id += other.roster_without_id;
        self.roster_duplicates += other.roster_duplicates;
        self.roster_unknown_unit += other.roster_unknown_unit;
        self.cut_id_numbers += other.cut_id_numbers;
        self.roster_cut_ids += other.roster_cut_ids;
        self.roster_malformed_ids += other.roster_malformed_ids;
        self.invalid_sexes += other.invalid_sexes;
        self.invalid_marital_statuses += other.invalid_marital_statuses;
        let values = other.invalid_values.into_iter().filter(|(_, count)| *count > 0);
        values.for_each(|(own, count)| *self.invalid_values.entry(own).or_default() += count);
        self.unstated_sexes += other.unstated_sexes;
        self.no_records += other.no_records;
        self.exceptions += other.exceptions;
        self.unusable_exceptions += other.unusable_exceptions;
        self.ended_exceptions += other.ended_exceptions;
    }
}

impl RecordFindings {
    /// The findings without others that are part of them; `None` if they are not.
    pub fn without(self, other: RecordFindings) -> Option<RecordFindings> {
        Some(RecordFindings {
            invalid_registered_at: self.invalid_registered_at.checked_sub(other.invalid_registered_at)?,
            invalid_birth_dates: self.invalid_birth_dates.checked_sub(other.invalid_birth_dates)?,
            invalid_id_numbers: self.invalid_id_numbers.checked_sub(other.invalid_id_numbers)?,
            roster_without_id: self.roster_without_id.checked_sub(other.roster_without_id)?,
            roster_duplicates: self.roster_duplicates.checked_sub(other.roster_duplicates)?,
            roster_unknown_unit: self.roster_unknown_unit.checked_sub(other.roster_unknown_unit)?,
            cut_id_numbers: self.cut_id_numbers.checked_sub(other.cut_id_numbers)?,
            roster_cut_ids: self.roster_cut_ids.checked_sub(other.roster_cut_ids)?,
            roster_malformed_ids: self.roster_malformed_ids.checked_sub(other.roster_malformed_ids)?,
            invalid_sexes: self.invalid_sexes.checked_sub(other.invalid_sexes)?,
            invalid_marital_statuses: self
                .invalid_marital_statuses
                .checked_sub(other.invalid_marital_statuses)?,
            invalid_values: counts_without(self.invalid_values, &other.invalid_values)?,
            unstated_sexes: self.unstated_sexes.without(other.unstated_sexes)?,
            no_records: self.no_records.checked_sub(other.no_records)?,
            exceptions: self.exceptions.checked_sub(other.exceptions)?,
            unusable_exceptions: self.unusable_exceptions.checked_sub(other.unusable_exceptions)?,
            ended_exceptions: self.ended_exceptions.checked_sub(other.ended_exceptions)?,
        })
    }
}

impl Tally {
    /// Takes another tally away, the inverse of [`Tally::merge`]; `None` if it is no part of this one.
    pub fn without(mut self, other: &Tally) -> Option<Tally> {
        self.findings = self.findings.without(other.findings.clone())?;
        self.cells = self.cells.without(&other.cells)?;
        self.unread.without_units(&other.unread)?;
        Some(self)
    }

    /// Adds counts to one cell; none make no cell.
    pub fn add(&mut self, cell: Bucket, counts: &Counts) {
        if *counts != Counts::default() {
            self.cells.add(cell, counts);
        }
    }

    /// Adds what is wrong with entries of the roster in a unit; `None` = unknown.
    pub fn add_roster_fault(&mut self, unit: Option<u32>, found: RecordFindings) {
        self.findings += found.clone();
        self.unread.of_roster(unit, found);
    }

    /// Adds another tally; the order of merging does not matter.
    pub fn merge(&mut self, other: Tally) {
        self.findings += other.findings;
        self.unread.merge(other.unread);
        for (list, matches) in other.matches.into_iter().enumerate() {
            matches.into_iter().for_each(|(cell, matches)| self.add_matches(list, cell, matches));
        }
        other.exceptions.iter().for_each(|(cell, counts)| self.add_exceptions(*cell, counts));
        self.cells.merge(other.cells);
    }

    /// Adds records that pass by proven exceptions alone.
    pub fn add_exceptions(&mut self, cell: Bucket, counts: &ExceptionCounts) {
        if !counts.is_empty() {
            *self.exceptions.entry(cell).or_default() += counts;
        }
    }

    /// Records of one unit up to and including `to` that pass by proven exceptions alone.
    pub fn exceptions_until(&self, unit: Option<u32>, to: i32) -> ExceptionCounts {
        let range = Bucket { unit, day: None }..=Bucket { unit, day: Some(to) };
        self.exceptions.range(range).fold(ExceptionCounts::default(), |mut sum, (_, counts)| {
            sum += counts;
            sum
        })
    }

    /// Adds what the comparison with one list came to in a cell.
    pub fn add_matches(&mut self, list: usize, cell: Bucket, matches: Matches) {
        if self.matches.len() <= list {
            self.matches.resize_with(list + 1, BTreeMap::new);
        }
        *self.matches[list].entry(cell).or_default() += matches;
    }

    /// The comparison with each list over the cells of one unit up to and including `to`.
    pub fn matches_until(&self, unit: Option<u32>, to: i32) -> Vec<Matches> {
        let range = Bucket { unit, day: None }..=Bucket { unit, day: Some(to) };
        let of = |list: &BTreeMap<Bucket, Matches>| {
            list.range(range.clone()).fold(Matches::default(), |mut sum, (_, matches)| {
                sum += *matches;
                sum
            })
        };
        self.matches.iter().map(of).collect()
    }

    /// The sum over the cells of one unit up to and including `to`; cells without a day count always.
    pub fn until(&self, unit: Option<u32>, to: i32) -> Counts {
        let range = Bucket { unit, day: None }..=Bucket { unit, day: Some(to) };
        self.cells.sum(range)
    }

    /// The sum over all cells of one unit.
    pub fn of_unit(&self, unit: Option<u32>) -> Counts {
        self.until(unit, i32::MAX)
    }

    /// Records of one unit, whenever they were registered.
    pub fn records_of(&self, unit: Option<u32>) -> u64 {
        self.cells.records(Bucket { unit, day: None }..=Bucket { unit, day: Some(i32::MAX) })
    }

    /// Records of one unit that repeat a person, whenever they were registered.
    pub fn duplicates_of(&self, unit: Option<u32>) -> u64 {
        self.cells.duplicates(Bucket { unit, day: None }..=Bucket { unit, day: Some(i32::MAX) })
    }

    /// The sum over all cells.
    pub fn total(&self) -> Counts {
        self.cells.sum_where(|_| true)
    }

    /// Records in the cells of one unit from `from` to `to`, both included.
    pub fn records_between(&self, unit: Option<u32>, from: i32, to: i32) -> u64 {
        if from > to {
            return 0;
        }
        let range = Bucket { unit, day: Some(from) }..=Bucket { unit, day: Some(to) };
        self.cells.records(range)
    }
}
