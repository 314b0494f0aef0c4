//! The nine fields that completeness is measured over.

use serde::{Deserialize, Serialize};

/// One of the nine fields the campaign requires of every record.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    Sex,
    ResidenceAddress,
    HouseholdPlace,
    IdNumber,
    BirthDate,
    Ethnicity,
    MaritalStatus,
    HukouType,
}

impl Field {
    /// All nine, in the order in which the documents list them.
    pub const ALL: [Field; 9] = [
        Field::Name,
        Field::Sex,
        Field::ResidenceAddress,
        Field::HouseholdPlace,
        Field::IdNumber,
        Field::BirthDate,
        Field::Ethnicity,
        Field::MaritalStatus,
        Field::HukouType,
    ];

    /// The name used in configuration, JSON and record batches.
    pub fn key(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Sex => "sex",
            Field::ResidenceAddress => "residence_address",
            Field::HouseholdPlace => "household_place",
            Field::IdNumber => "id_number",
            Field::BirthDate => "birth_date",
            Field::Ethnicity => "ethnicity",
            Field::MaritalStatus => "marital_status",
            Field::HukouType => "hukou_type",
        }
    }

    /// Position in [`Field::ALL`], used to index per-field counters.
    pub fn index(self) -> usize {
        self as usize
    }
}
