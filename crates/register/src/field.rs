//! The fields that completeness is measured over: nine built-in ones, and the office's own.

use serde::{Deserialize, Serialize};

/// One of the nine fields the campaign requires of every record, or a field of the office's own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 姓名
    Name,
    /// 性别, codes of GB/T 2261.1 or words
    Sex,
    /// 现居住地址
    ResidenceAddress,
    /// 户籍所在地, an address or a division code
    HouseholdPlace,
    /// 公民身份证号码, GB 11643
    IdNumber,
    /// 出生日期
    BirthDate,
    /// 民族, codes of GB/T 3304 or words
    Ethnicity,
    /// 婚姻状况, codes of GB/T 2261.2 or words
    MaritalStatus,
    /// 户口性质
    HukouType,
    /// By its position among the office's own.
    #[serde(skip)]
    Own(u8),
}

/// Built-in fields.
const BUILT_IN: u8 = 9;

impl Field {
    /// The built-in nine, in the order in which the documents list them.
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

    /// The name of a built-in field in configuration and JSON; those of own fields are in the definitions.
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
            Field::Own(_) => "own",
        }
    }

    /// The field at a position among all; the inverse of [`Field::index`].
    pub fn at(index: usize) -> Field {
        let own = || Field::Own(index.saturating_sub(usize::from(BUILT_IN)) as u8);
        Field::ALL.get(index).copied().unwrap_or_else(own)
    }

    /// Position among all fields, the built-in ones first; used to index per-field counters.
    #[inline]
    pub fn index(self) -> usize {
        match self {
            Field::Name => 0,
            Field::Sex => 1,
            Field::ResidenceAddress => 2,
            Field::HouseholdPlace => 3,
            Field::IdNumber => 4,
            Field::BirthDate => 5,
            Field::Ethnicity => 6,
            Field::MaritalStatus => 7,
            Field::HukouType => 8,
            Field::Own(at) => usize::from(BUILT_IN + at),
        }
    }
}
