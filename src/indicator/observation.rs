//! What one record says, in one number: the reading of its values under the definitions, apart from
//! its unit, its day and the date that ages are taken on.

use std::borrow::Cow;

use super::accuracy::{self, AgeMarital, MARITAL_AGE, Outcome};
use super::completeness::Filled;
use super::contribution::Contribution;
use super::record::{self, Marital, Value, well_formed};
use crate::config::settings::{DivisionLevel, Indicators, Relation};
use crate::register::batch::{Day, Record, TextColumn};
use crate::register::date::{DateNumber, date_number};
use crate::register::field::Field;
use crate::register::id_number::{Reading, Sex, normalize};

/// A record's reading, packed. It says nothing of who the person is but the birth date, and holds
/// for any cut-off: [`Observation::at`] takes the ages.
///
/// From the lowest bit: filled × 9, outcomes of the four ID relations (2 bits each, in the order of
/// [`ID_RELATIONS`]), marital status (2), sex (2), birth date (2), minority, malformed number, then
/// the date that tells the age + 1 as `YYYYMMDD` (0 = unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Observation(pub u64);

/// A record as it was read: all that the figures need of it, whatever the cut-off. `number` is its
/// normalized ID number, blank where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRecord<'a> {
    pub key: &'a [u8],
    pub unit: &'a [u8],
    pub day: Day,
    pub observation: Observation,
    pub number: &'a [u8],
}

impl<'a> ReadRecord<'a> {
    /// A record with what [`Reader::read`] made of it.
    pub fn of(record: &Record<'a>, observation: Observation, number: &'a [u8]) -> ReadRecord<'a> {
        let value = |column| record.value(column).unwrap_or_default();
        let (key, unit) = (value(TextColumn::Key), value(TextColumn::Unit));
        ReadRecord { key, unit, day: record.day, observation, number }
    }
}

/// The relations of which an observation holds the outcome.
const ID_RELATIONS: [Relation; 4] =
    [Relation::IdBirthDate, Relation::IdSex, Relation::IdHouseholdPlace, Relation::IdValid];

const OUTCOMES: u32 = 9;
const MARITAL: u32 = OUTCOMES + 8;
const SEX: u32 = MARITAL + 2;
const BIRTH: u32 = SEX + 2;
const MINORITY: u32 = BIRTH + 2;
const MALFORMED: u32 = MINORITY + 1;
const BORN: u32 = MALFORMED + 1;

/// Reads records under the definitions in use.
#[derive(Debug, Clone)]
pub struct Reader {
    filled: Filled,
    level: DivisionLevel,
    /// Looking places up is the dearest reading of all, and not every office uses it.
    reads_places: bool,
}

impl Reader {
    pub fn new(indicators: &Indicators) -> Reader {
        Reader {
            filled: Filled::new(&indicators.completeness),
            level: indicators.accuracy.household_level,
            reads_places: indicators.accuracy.relations.contains(&Relation::IdHouseholdPlace),
        }
    }

    /// Whether a value is filled.
    pub fn filled(&self) -> &Filled {
        &self.filled
    }

    /// Reads one record; its normalized ID number (blank = none) tells who the person is.
    pub fn read<'a>(&self, record: &Record<'a>) -> (Observation, Cow<'a, [u8]>) {
        let values = Field::ALL.map(|f| self.filled.filled(f, record.value(TextColumn::Field(f))));
        let at = |field: Field| values[field.index()];
        let number = normalize(at(Field::IdNumber).unwrap_or_default());
        let id = record::id_reading(&number, record.value(TextColumn::DocumentType));
        let birth = Value::of(at(Field::BirthDate), date_number);
        let sex = Value::of(at(Field::Sex), record::sex);
        let household = match self.reads_places {
            true => accuracy::id_household_place(id, at(Field::HouseholdPlace), self.level),
            false => Outcome::NotApplicable,
        };
        let outcomes = [
            accuracy::id_birth_date(id, birth),
            accuracy::id_sex(id, sex),
            household,
            accuracy::id_valid(id),
        ];
        let marital = Value::of(at(Field::MaritalStatus), record::marital);
        let minority = at(Field::Ethnicity).is_some_and(record::is_minority);
        let mut bits = 0u64;
        for (i, value) in values.iter().enumerate() {
            bits |= u64::from(value.is_some()) << i;
        }
        for (i, outcome) in outcomes.into_iter().enumerate() {
            bits |= (outcome as u64) << (OUTCOMES + 2 * i as u32);
        }
        bits |= two(marital, |m| m == Marital::EverMarried) << MARITAL;
        bits |= two(sex, |s| s == Sex::Female) << SEX;
        bits |= two(birth, |_| false) << BIRTH;
        bits |= u64::from(minority) << MINORITY;
        bits |= u64::from(id == Value::Known(Reading::Malformed)) << MALFORMED;
        // The birth date field decides, then the date inside the number.
        let born = birth.known().or_else(|| well_formed(id).map(|id| id.birth_number()));
        bits |= born.map_or(0, |born| u64::from(born) + 1) << BORN;
        (Observation(bits), number)
    }
}

/// Missing 0, invalid 1, known 2 or 3.
fn two<T: Copy>(value: Value<T>, is_second: impl FnOnce(T) -> bool) -> u64 {
    match value {
        Value::Missing => 0,
        Value::Invalid => 1,
        Value::Known(value) => 2 + u64::from(is_second(value)),
    }
}

impl Observation {
    fn field(self, at: u32) -> u64 {
        self.0 >> at & 3
    }

    fn value<T>(self, at: u32, first: T, second: T) -> Value<T> {
        match self.field(at) {
            0 => Value::Missing,
            1 => Value::Invalid,
            2 => Value::Known(first),
            _ => Value::Known(second),
        }
    }

    /// What the record counts as when ages are taken on `cut_off`. A person whose age is unknown is
    /// not excused from the marital status.
    pub fn at(self, cut_off: DateNumber) -> Contribution {
        let born = (self.0 >> BORN).checked_sub(1).map(|born| born as DateNumber);
        let applies = born.is_none_or(|born| record::is_aged(born, MARITAL_AGE, cut_off));
        let birth = born.unwrap_or_default();
        let age_marital = AgeMarital {
            marital: self.value(MARITAL, Marital::NeverMarried, Marital::EverMarried),
            birth: self.value(BIRTH, birth, birth),
            sex: self.value(SEX, Sex::Male, Sex::Female),
            minority: self.0 >> MINORITY & 1 == 1,
        };
        let mut contribution = Contribution::new(self.0 as u32 & 0x1FF, applies)
            .with(Relation::AgeMarital, age_marital.outcome(applies, cut_off));
        for (i, relation) in ID_RELATIONS.into_iter().enumerate() {
            let outcome = Outcome::ALL[self.field(OUTCOMES + 2 * i as u32) as usize];
            contribution = contribution.with(relation, outcome);
        }
        contribution.with_findings(self.field(BIRTH) == 1, self.0 >> MALFORMED & 1 == 1)
    }
}
