//! How many values of records and rosters were not understood.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::unstated_sex::UnstatedSexes;

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
