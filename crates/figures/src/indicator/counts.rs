//! What is counted for one unit on one day.

use std::ops::AddAssign;

use super::counters::{Counters, OwnWidth};
use super::rate::Rate;
use super::tally::Matches;
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

#[cfg(test)]
impl Counts {
    /// Counts of built-in definitions and, in half of the cases, of some own ones.
    pub(super) fn random(
        rng: &mut fastrand::Rng,
        mut count: impl FnMut(&mut fastrand::Rng) -> u64,
    ) -> Counts {
        let built_in = std::array::from_fn(|_| count(rng));
        let most = if rng.bool() { 0 } else { 50 };
        let width = OwnWidth { fields: rng.usize(..=most), relations: rng.usize(..=most) };
        Counts::of_built_in(built_in).with_own(width, std::iter::repeat_with(|| count(rng))).unwrap()
    }
}
