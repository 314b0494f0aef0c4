//! Accuracy 准确率: the logical relations (逻辑关系) between the fields of one record.

use super::record::{Marital, ReadValue, is_aged, well_formed};
use tongbao_config::settings::DivisionLevel;
use tongbao_register::date::DateNumber;
use tongbao_register::division;
use tongbao_register::id_number::{CitizenId, Holder, Reading, Sex};
use tongbao_register::text::lossy;
use tongbao_rule::evaluate::RelationOutcome;

/// Marital status applies from this age on.
pub const MARITAL_AGE: u32 = 15;

/// Least age of a person who is or was married (Marriage Law 2001, art. 6; two years lower for
/// ethnic minorities, art. 50).
pub fn marriage_age(sex: Sex, minority: bool) -> u32 {
    let base = if sex == Sex::Male { 22 } else { 20 };
    if minority { base - 2 } else { base }
}

/// The number is well formed.
pub fn id_valid(id: ReadValue<Reading>) -> RelationOutcome {
    on_number(id, |_| RelationOutcome::Pass)
}

/// The date inside the number is the birth date.
pub fn id_birth_date(id: ReadValue<Reading>, birth: ReadValue<DateNumber>) -> RelationOutcome {
    on_number(id, |id| match birth {
        ReadValue::Missing => RelationOutcome::Missing,
        ReadValue::Invalid => RelationOutcome::Fail,
        ReadValue::Known(birth) => RelationOutcome::of(id.birth_number() == birth),
    })
}

/// The parity of the 17th digit is the sex.
pub fn id_sex(id: ReadValue<Reading>, sex: ReadValue<Sex>) -> RelationOutcome {
    on_number(id, |id| match sex {
        ReadValue::Missing => RelationOutcome::Missing,
        ReadValue::Invalid => RelationOutcome::Fail,
        ReadValue::Known(sex) => RelationOutcome::of(id.sex() == sex),
    })
}

/// The division of the number is that of the filled household place, as closely as `level` asks.
pub fn id_household_place(
    id: ReadValue<Reading>,
    place: Option<&[u8]>,
    level: DivisionLevel,
) -> RelationOutcome {
    on_number(id, |id| {
        if id.holder() != Holder::Citizen {
            return RelationOutcome::NotApplicable;
        }
        let agrees = place.and_then(|place| agrees_at(place, id.division(), level));
        agrees.map_or(RelationOutcome::Missing, RelationOutcome::of)
    })
}

/// Whether a filled household place is in the division of a number, compared as closely as `level`
/// asks; `None` where the place names nothing that can be compared.
pub fn agrees_at(place: &[u8], division: u32, level: DivisionLevel) -> Option<bool> {
    let digits = match level {
        DivisionLevel::Province => return division::in_province(place, division),
        DivisionLevel::City => 4,
        DivisionLevel::County => 6,
    };
    division::place(&lossy(place))?.contains(division, digits)
}

/// What the relation of age and marital status reads.
#[derive(Debug, Clone, Copy)]
pub struct AgeMarital {
    /// Marital status.
    pub marital: ReadValue<Marital>,
    /// Birth date as recorded, not the one inside the ID number.
    pub birth: ReadValue<DateNumber>,
    /// Sex as recorded.
    pub sex: ReadValue<Sex>,
    /// Whether the person belongs to a minority 少数民族, for whom the age of marriage may be lower.
    pub minority: bool,
}

impl AgeMarital {
    /// A married, divorced or widowed person is old enough on `cut_off`. `applies` tells whether
    /// marital status applies to the person's age.
    pub fn outcome(&self, applies: bool, cut_off: DateNumber) -> RelationOutcome {
        match self.marital {
            ReadValue::Missing if applies => return RelationOutcome::Missing,
            ReadValue::Missing => return RelationOutcome::NotApplicable,
            ReadValue::Invalid => return RelationOutcome::Fail,
            ReadValue::Known(Marital::NeverMarried) => return RelationOutcome::Pass,
            ReadValue::Known(Marital::EverMarried) => {}
        }
        match (self.birth, self.sex) {
            (ReadValue::Invalid, _) | (_, ReadValue::Invalid) => RelationOutcome::Fail,
            (ReadValue::Missing, _) | (_, ReadValue::Missing) => RelationOutcome::Missing,
            (ReadValue::Known(birth), ReadValue::Known(sex)) => {
                RelationOutcome::of(is_aged(birth, marriage_age(sex, self.minority), cut_off))
            }
        }
    }
}

/// Every relation of the ID number fails on a malformed one and does not apply to other documents.
fn on_number(id: ReadValue<Reading>, relation: impl FnOnce(CitizenId) -> RelationOutcome) -> RelationOutcome {
    match (id, well_formed(id)) {
        (_, Some(id)) => relation(id),
        (ReadValue::Missing, None) => RelationOutcome::Missing,
        (ReadValue::Known(Reading::OtherDocument), None) => RelationOutcome::NotApplicable,
        (ReadValue::Known(_) | ReadValue::Invalid, None) => RelationOutcome::Fail,
    }
}
