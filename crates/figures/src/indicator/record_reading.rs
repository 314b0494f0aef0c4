//! What one record says, in one number: the reading of its values under the definitions, apart from
//! its unit, its day and the date that ages are taken on.

use std::borrow::Cow;

use super::accuracy::{self, AgeMarital, MARITAL_AGE, marriage_age};
use super::completeness::FilledTest;
use super::identity::{IdentityFault, IdentityReader, is_cut_identity};
use super::own_pattern::OwnPattern;
use super::record::{self, Marital, ReadValue, well_formed};
use super::record_flags::{self, RecordFlags};
use tongbao_config::settings::{DivisionLevel, Indicators, Relation};
use tongbao_register::batch::{Day, Record, TextColumn};
use tongbao_register::date::DateNumber;
use tongbao_register::day_reader::{DayForm, DayReader};
use tongbao_register::field::Field;
use tongbao_register::id_number::{Reading, Sex, is_spoilt, normalize};
use tongbao_register::no_record;
use tongbao_rule::evaluate::RelationOutcome;

/// A record's reading, packed. It says nothing of who the person is but the birth date, and holds
/// for any cut-off: [`RecordReading::at`] takes the ages.
///
/// From the lowest bit: filled × 9, outcomes of the four ID relations (2 bits each, in the order of
/// `ID_RELATIONS`), marital status (2), sex (2), birth date (2), minority, malformed number, number
/// cut by a spreadsheet, code for "not stated" as the sex of a man and of a woman, row that is no record, then the date
/// that tells the age + 1 as `YYYYMMDD` (0 = unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordReading(pub u64);

/// A record as it was read: all that the figures need of it, whatever the cut-off. `number` is its
/// normalized ID number, blank where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRecord<'a> {
    /// As the source has it.
    pub key: &'a [u8],
    /// As the record writes it, trimmed; blank where it has none.
    pub unit: &'a [u8],
    /// Day of registration.
    pub day: Day,
    /// What its values say, packed.
    pub reading: RecordReading,
    /// Normalized; blank where there is none.
    pub number: &'a [u8],
    /// What it counts for under own definitions at the cut-off; `None` where none is in use.
    pub own: Option<OwnPattern>,
}

impl<'a> ReadRecord<'a> {
    /// A record with what [`Reader::read`] and the reader of own definitions made of it.
    pub fn of(
        record: &Record<'a>,
        reading: RecordReading,
        number: &'a [u8],
        own: Option<OwnPattern>,
    ) -> ReadRecord<'a> {
        let value = |column| record.value(column).unwrap_or_default();
        let (key, unit) = (value(TextColumn::Key), value(TextColumn::Unit));
        ReadRecord { key, unit, day: record.day, reading, number, own }
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
const CUT: u32 = MALFORMED + 1;
const UNSTATED_MAN: u32 = CUT + 1;
const UNSTATED_WOMAN: u32 = UNSTATED_MAN + 1;
const NO_RECORD: u32 = UNSTATED_WOMAN + 1;
const BORN: u32 = NO_RECORD + 1;
/// The lower bit of each value that is read in two.
const LOWER: u64 = 1 << MARITAL | 1 << SEX | 1 << BIRTH;

/// Reads records under the definitions in use.
#[derive(Debug, Clone)]
pub struct Reader {
    filled: FilledTest,
    days: DayReader,
    level: DivisionLevel,
    /// Looking places up is the most expensive reading, and not every office uses it.
    reads_places: bool,
    /// Where the register does not list persons, whose fields are then not read.
    identity: Option<IdentityReader>,
}

impl Reader {
    /// Reads placeholders, zone and own definitions once.
    pub fn new(indicators: &Indicators) -> Reader {
        Reader {
            filled: FilledTest::new(&indicators.completeness),
            days: DayReader::new(indicators.time_zone.clone(), DayForm::Written),
            level: indicators.accuracy.household_level,
            reads_places: indicators.counted_relations().contains(&Relation::IdHouseholdPlace),
            identity: IdentityReader::new(indicators),
        }
    }

    /// What an entry of a roster is compared by: its normalized ID number or other identity, blank where it has
    /// none.
    pub fn listed<'a>(&self, raw: Option<&'a [u8]>) -> Cow<'a, [u8]> {
        match &self.identity {
            Some(identity) => identity.normalized(raw),
            None => normalize(self.filled.filled(Field::IdNumber, raw).unwrap_or_default()),
        }
    }

    /// What is wrong with what an entry of a roster is compared by: `normalized` is what [`Reader::listed`] made of `raw`.
    pub fn listed_fault(&self, raw: Option<&[u8]>, normalized: &[u8]) -> Option<IdentityFault> {
        match &self.identity {
            Some(identity) => identity.fault(raw, normalized),
            None => IdentityFault::of_number(normalized),
        }
    }

    /// Reads one record; its normalized ID number (blank = none) tells who the person is, or another identity
    /// which of the listed things it is. A total or heading among the records is nobody.
    pub fn read<'a>(&self, record: &Record<'a>) -> (RecordReading, Cow<'a, [u8]>) {
        if let Some(identity) = &self.identity {
            let known = identity.of(record);
            let names = [identity.written(record), record.value(TextColumn::Unit)];
            if no_record::is_no_entry(&[], names.into_iter().flatten()) {
                return (RecordReading(1 << NO_RECORD), Cow::Borrowed(&[]));
            }
            let filled = u64::from(!known.is_empty()) << Field::IdNumber.index();
            return (RecordReading(filled | u64::from(is_cut_identity(&known)) << CUT), known);
        }
        if is_no_record(record) {
            return (RecordReading(1 << NO_RECORD), Cow::Borrowed(&[]));
        }
        let values = Field::ALL.map(|f| self.filled.filled(f, record.value(TextColumn::Field(f))));
        let at = |field: Field| values[field.index()];
        let number = normalize(at(Field::IdNumber).unwrap_or_default());
        let id = record::id_reading(&number, record.value(TextColumn::DocumentType));
        let birth = ReadValue::of(at(Field::BirthDate), |text| self.days.number(text));
        let sex = ReadValue::of(at(Field::Sex), record::sex);
        let household = match self.reads_places {
            true => accuracy::id_household_place(id, at(Field::HouseholdPlace), self.level),
            false => RelationOutcome::NotApplicable,
        };
        let outcomes = [
            accuracy::id_birth_date(id, birth),
            accuracy::id_sex(id, sex),
            household,
            accuracy::id_valid(id),
        ];
        let marital = ReadValue::of(at(Field::MaritalStatus), record::marital);
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
        if id == ReadValue::Known(Reading::Malformed) {
            bits |= 1 << MALFORMED | u64::from(is_spoilt(&number)) << CUT;
        }
        if sex == ReadValue::Missing
            && let Some(id) = well_formed(id)
            && self.filled.is_sex_code(record.value(TextColumn::Field(Field::Sex)))
        {
            bits |= 1 << if id.sex() == Sex::Male { UNSTATED_MAN } else { UNSTATED_WOMAN };
        }
        // The birth date field decides, then the date inside the number.
        let born = birth.known().or_else(|| well_formed(id).map(|id| id.birth_number()));
        bits |= born.map_or(0, |born| u64::from(born) + 1) << BORN;
        (RecordReading(bits), number)
    }
}

fn is_no_record(record: &Record<'_>) -> bool {
    let value = |column| record.value(column).unwrap_or_default();
    let field = |field| value(TextColumn::Field(field));
    let all = Field::ALL.into_iter().map(field).chain([value(TextColumn::Unit)]);
    no_record::is_no_record(field(Field::IdNumber), field(Field::Name), all)
}

/// Missing 0, invalid 1, known 2 or 3.
fn two<T: Copy>(value: ReadValue<T>, is_second: impl FnOnce(T) -> bool) -> u64 {
    match value {
        ReadValue::Missing => 0,
        ReadValue::Invalid => 1,
        ReadValue::Known(value) => 2 + u64::from(is_second(value)),
    }
}

impl RecordReading {
    fn field(self, at: u32) -> u64 {
        self.0 >> at & 3
    }

    fn value<T>(self, at: u32, first: T, second: T) -> ReadValue<T> {
        match self.field(at) {
            0 => ReadValue::Missing,
            1 => ReadValue::Invalid,
            2 => ReadValue::Known(first),
            _ => ReadValue::Known(second),
        }
    }

    /// Whether the row is a total or heading, which counts for nothing.
    pub fn is_no_record(self) -> bool {
        self.0 >> NO_RECORD & 1 == 1
    }

    /// Whether all that is filled was understood.
    pub fn is_understood(self) -> bool {
        // Invalid is 1: the lower bit of two alone.
        let others = 1 << MALFORMED | 1 << UNSTATED_MAN | 1 << UNSTATED_WOMAN;
        self.0 & LOWER & !(self.0 >> 1) == 0 && self.0 & others == 0
    }

    /// What was not understood: birth date, sex, marital status, ID number.
    pub fn not_understood(self) -> [bool; 4] {
        let [birth, sex, marital] = [BIRTH, SEX, MARITAL].map(|at| self.field(at) == 1);
        [birth, sex, marital, self.0 >> MALFORMED & 1 == 1]
    }

    /// Whether the sex is a code for "not stated", though the ID number states one.
    pub fn has_unstated_sex(self) -> bool {
        self.0 >> UNSTATED_MAN & 3 > 0
    }

    /// The date that tells the age.
    fn born(self) -> Option<DateNumber> {
        (self.0 >> BORN).checked_sub(1).map(|born| born as DateNumber)
    }

    /// The age from which a married person passes, where birth date and sex are known.
    fn marriage_age(self) -> Option<u32> {
        let sex = self.value(SEX, Sex::Male, Sex::Female).known()?;
        let is_married = self.field(MARITAL) == 3 && self.field(BIRTH) >= 2;
        is_married.then(|| marriage_age(sex, self.0 >> MINORITY & 1 == 1))
    }

    /// What the record counts as on `cut_off`, and what will become of it.
    pub fn age_schedule(self, cut_off: DateNumber) -> AgeSchedule {
        let contribution = self.at(cut_off);
        let Some(born) = self.born() else { return AgeSchedule { contribution, next: 0, years: 0 } };
        let years = self.marriage_age().map_or(0, |age| age - MARITAL_AGE);
        let youth = AgeSchedule { contribution, next: born + MARITAL_AGE * YEAR, years };
        let next = if years > 0 { youth.next + years * YEAR } else { 0 };
        match (youth.next > cut_off, next > cut_off) {
            (true, _) => youth,
            (false, true) => AgeSchedule { contribution, next, years: 0 },
            (false, false) => AgeSchedule { contribution, next: 0, years: 0 },
        }
    }

    /// What the record counts as when ages are taken on `cut_off`. A person whose age is unknown is
    /// not excused from the marital status.
    pub fn at(self, cut_off: DateNumber) -> RecordFlags {
        if self.is_no_record() {
            return RecordFlags::no_record();
        }
        let born = self.born();
        let applies = born.is_none_or(|born| record::is_aged(born, MARITAL_AGE, cut_off));
        let birth = born.unwrap_or_default();
        let age_marital = AgeMarital {
            marital: self.value(MARITAL, Marital::NeverMarried, Marital::EverMarried),
            birth: self.value(BIRTH, birth, birth),
            sex: self.value(SEX, Sex::Male, Sex::Female),
            minority: self.0 >> MINORITY & 1 == 1,
        };
        let mut contribution = RecordFlags::new(self.0 as u32 & 0x1FF, applies)
            .with(Relation::AgeMarital, age_marital.outcome(applies, cut_off));
        for (i, relation) in ID_RELATIONS.into_iter().enumerate() {
            let outcome = RelationOutcome::ALL[self.field(OUTCOMES + 2 * i as u32) as usize];
            contribution = contribution.with(relation, outcome);
        }
        let bit = |at: u32| self.0 >> at & 1 == 1;
        let [sex, marital, birth] = [SEX, MARITAL, BIRTH].map(|at| self.field(at) == 1);
        let [man, woman] = [UNSTATED_MAN, UNSTATED_WOMAN].map(bit);
        contribution.with_findings([birth, bit(MALFORMED), bit(CUT), sex, marital, man, woman])
    }
}

/// A year between two dates written as `YYYYMMDD`.
const YEAR: u32 = 10_000;

/// A record's contribution on one day, and how it goes on as the person grows older: all that later
/// days need to know, without the birth date of anybody whose age decides nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeSchedule {
    /// What the record counts for on that day.
    pub contribution: RecordFlags,
    /// The day from which the contribution is another one, as `YYYYMMDD`; 0 = it stays.
    next: DateNumber,
    /// Years from the age of marital status to that of marriage, while both are ahead; 0 = none.
    years: u32,
}

impl AgeSchedule {
    /// The day from which the contribution is another one, if there will be one.
    pub fn next(self) -> Option<DateNumber> {
        (self.next != 0).then_some(self.next)
    }

    /// The standing on a later day.
    pub fn at(mut self, cut_off: DateNumber) -> AgeSchedule {
        while self.next != 0 && self.next <= cut_off {
            self.contribution = self.contribution.aged();
            self.next = if self.years > 0 { self.next + self.years * YEAR } else { 0 };
            self.years = 0;
        }
        self
    }

    /// The standing as one number, and back.
    pub fn pack(self) -> u64 {
        u64::from(self.next) << 32
            | u64::from(self.years) << record_flags::BITS
            | u64::from(self.contribution.0)
    }

    /// The inverse of [`AgeSchedule::pack`].
    pub fn unpack(packed: u64) -> AgeSchedule {
        let low = packed as u32;
        AgeSchedule {
            contribution: RecordFlags(low & ((1 << record_flags::BITS) - 1)),
            next: (packed >> 32) as DateNumber,
            years: low >> record_flags::BITS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any reading that a record can have: a known birth date is a date that tells the age.
    fn random(rng: &mut fastrand::Rng) -> RecordReading {
        let date = u64::from(rng.u32(1_930..2_030) * YEAR + rng.u32(1..13) * 100 + rng.u32(1..30));
        let birth = rng.u64(0..3);
        let born = if birth == 2 || rng.bool() { date + 1 } else { 0 };
        let low = rng.u64(..) & ((1 << NO_RECORD) - 1) & !(3 << BIRTH);
        RecordReading(low | birth << BIRTH | born << BORN)
    }

    #[test]
    fn a_standing_grows_older_as_the_record_does() {
        let mut rng = fastrand::Rng::with_seed(11);
        let mut changed = 0;
        for _ in 0..200_000 {
            let reading = random(&mut rng);
            let mut day = || rng.u32(1_990..2_060) * YEAR + rng.u32(1..13) * 100 + rng.u32(1..32);
            let (a, b) = (day(), day());
            let (early, late) = (a.min(b), a.max(b));
            let age_schedule = reading.age_schedule(early);
            assert_eq!(age_schedule.contribution, reading.at(early));
            assert_eq!(AgeSchedule::unpack(age_schedule.pack()), age_schedule);
            assert_eq!(age_schedule.at(late), reading.age_schedule(late), "{reading:?} {early} {late}");
            let waits = age_schedule.next().is_none_or(|next| late < next);
            assert!(!waits || reading.at(late) == age_schedule.contribution);
            changed += u32::from(reading.at(late) != reading.at(early));
        }
        assert!(changed > 10_000);
    }
}
