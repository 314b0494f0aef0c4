//! What one record adds to its cell, in one number; equal records are counted together.

use super::counts::Counts;
use super::own_pattern::OwnPattern;
use super::rate::Rate;
use super::record_findings::RecordFindings;
use super::unstated_sex::UnstatedSexes;
use tongbao_config::settings::{Indicators, Relation};
use tongbao_register::field::Field;
use tongbao_rule::evaluate::RelationOutcome;

/// A record's part in the figures at one cut-off, packed. Kernels and generated statements both end
/// here, so that from here on there is one computation for all.
///
/// From the lowest bit: filled × 9, marital status applies, outcome of each relation (2 bits each,
/// by [`Relation::index`]), invalid birth date, malformed ID number, number cut by a spreadsheet, sex and marital
/// status not understood, a code for "not stated" as the sex of a man or a woman, and whether the row is no record at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordFlags(pub u32);

/// The bit that says that marital status applies.
pub const APPLIES: u32 = 9;
/// The lowest bit of the outcomes.
pub const OUTCOMES: u32 = 10;
/// The birth date is filled but no date.
pub const INVALID_BIRTH: u32 = OUTCOMES + 2 * Relation::ALL.len() as u32;
/// The ID number is malformed.
pub const MALFORMED: u32 = INVALID_BIRTH + 1;
/// The ID number has lost digits in a spreadsheet.
pub const CUT: u32 = MALFORMED + 1;
/// The sex is filled but not understood.
pub const INVALID_SEX: u32 = CUT + 1;
/// The marital status is filled but not understood.
pub const INVALID_MARITAL: u32 = INVALID_SEX + 1;
/// The sex is a code for "not stated", and the ID number is that of a man.
pub const UNSTATED_MAN: u32 = INVALID_MARITAL + 1;
/// The same of a woman.
pub const UNSTATED_WOMAN: u32 = UNSTATED_MAN + 1;
/// A total or heading among the records, which counts for nothing; no other bit is set.
pub const NO_RECORD: u32 = UNSTATED_WOMAN + 1;
/// Bits in use.
pub const BITS: u32 = NO_RECORD + 1;

impl RecordFlags {
    /// `filled` has one bit per field, in the order of [`Field::ALL`].
    pub fn new(filled: u32, marital_applies: bool) -> RecordFlags {
        RecordFlags(filled | u32::from(marital_applies) << APPLIES)
    }

    /// With the outcome of a relation, which must not have been set before.
    pub fn with(self, relation: Relation, outcome: RelationOutcome) -> RecordFlags {
        RecordFlags(self.0 | (outcome as u32) << (OUTCOMES + 2 * relation.index() as u32))
    }

    /// What becomes of it when the person reaches an age that decides: marital status applies from
    /// then on, or a marriage that came too early no longer did.
    pub fn aged(self) -> RecordFlags {
        let at = OUTCOMES + 2 * Relation::AgeMarital.index() as u32;
        let outcome = match (self.bit(APPLIES), self.outcome(Relation::AgeMarital)) {
            (false, RelationOutcome::NotApplicable) => RelationOutcome::Missing,
            (true, RelationOutcome::Fail) => RelationOutcome::Pass,
            (_, outcome) => outcome,
        };
        RecordFlags(self.0 & !(3 << at) | 1 << APPLIES | (outcome as u32) << at)
    }

    /// With what was not understood: birth date, ID number (malformed, cut), sex, marital status, an unstated sex of a
    /// man or a woman.
    pub fn with_findings(self, found: [bool; 7]) -> RecordFlags {
        let bits = (INVALID_BIRTH..).zip(found);
        RecordFlags(bits.fold(self.0, |sum, (at, is_set)| sum | u32::from(is_set) << at))
    }

    /// Of a row that is no record.
    pub fn no_record() -> RecordFlags {
        RecordFlags(1 << NO_RECORD)
    }

    /// Whether the row is a total or a heading.
    pub fn is_no_record(self) -> bool {
        self.bit(NO_RECORD)
    }

    /// Whether a field is filled, applicable or not.
    pub fn is_filled(self, field: Field) -> bool {
        self.bit(field.index() as u32)
    }

    fn bit(self, at: u32) -> bool {
        self.0 >> at & 1 == 1
    }

    /// Passing a relation, whatever its outcome was.
    pub fn passing(self, relation: Relation) -> RecordFlags {
        RecordFlags(self.0 | (RelationOutcome::Pass as u32) << (OUTCOMES + 2 * relation.index() as u32))
    }

    /// Whether a value that a built-in relation reads is filled but not one of its type.
    fn reads_invalid(self, relation: Relation) -> bool {
        let marks: &[u32] = match relation {
            Relation::IdBirthDate => &[MALFORMED, INVALID_BIRTH],
            Relation::IdSex => &[MALFORMED, INVALID_SEX],
            Relation::AgeMarital => &[INVALID_MARITAL, INVALID_BIRTH, INVALID_SEX],
            Relation::IdHouseholdPlace | Relation::IdValid => &[MALFORMED],
            Relation::Own(_) => &[],
        };
        marks.iter().any(|at| self.bit(*at))
    }

    /// The outcome of a built-in relation.
    pub fn outcome(self, relation: Relation) -> RelationOutcome {
        RelationOutcome::ALL[(self.0 >> (OUTCOMES + 2 * relation.index() as u32) & 3) as usize]
    }
}

/// Judges contributions by the fields and relations in use.
#[derive(Debug, Clone)]
pub struct RecordEvaluator {
    /// Counted fields; so many of them, the first, belong to completeness.
    fields: Vec<Field>,
    complete: usize,
    /// Counted relations; so many of them, the first, belong to accuracy.
    relations: Vec<CountedRelation>,
    accurate: usize,
    /// Those that correction lists name.
    corrected: Vec<Relation>,
    /// Whether accuracy is divided by all records.
    judges_all_records: bool,
}

/// A relation with what becomes of records that it cannot decide.
#[derive(Debug, Clone, Copy)]
struct CountedRelation {
    relation: Relation,
    fails_on_missing: bool,
    skips_invalid: bool,
}

impl CountedRelation {
    /// The outcome for such a record. Where invalid values are skipped, an own relation has come to it by itself; a
    /// built-in one fails them, and the marks of the record say why.
    fn outcome(&self, flags: RecordFlags, own: OwnPattern) -> RelationOutcome {
        match (self.relation, self.skips_invalid) {
            (Relation::Own(at), _) => own.outcome(at),
            (built_in, true)
                if flags.outcome(built_in) == RelationOutcome::Fail && flags.reads_invalid(built_in) =>
            {
                RelationOutcome::NotApplicable
            }
            (built_in, _) => flags.outcome(built_in),
        }
    }
}

impl RecordEvaluator {
    /// Reads the relations and fields in use once.
    pub fn new(indicators: &Indicators) -> RecordEvaluator {
        let counted = |relation| CountedRelation {
            relation,
            fails_on_missing: indicators.fails_on_missing(relation),
            skips_invalid: indicators.skips_invalid(relation),
        };
        RecordEvaluator {
            fields: indicators.counted_fields(),
            complete: indicators.fields().len(),
            relations: indicators.counted_relations().into_iter().map(counted).collect(),
            accurate: indicators.accuracy.relations.len(),
            corrected: indicators.corrected_relations(),
            judges_all_records: indicators.judges_all_records(),
        }
    }

    /// The counts of `times` records with the same contribution. Where no relation of accuracy may leave a record
    /// unjudged, every record is judged; else only those that at least one of them judges.
    pub fn counts(&self, contribution: RecordFlags, own: OwnPattern, times: u64) -> Counts {
        if contribution.is_no_record() {
            return Counts::default();
        }
        let applies = |field| match field {
            Field::MaritalStatus => contribution.bit(APPLIES),
            Field::Own(at) => own.applies(at),
            _ => true,
        };
        let is_filled = |field| match field {
            Field::Own(at) => own.is_filled(at),
            built_in => contribution.is_filled(built_in),
        };
        let complete = self.fields[..self.complete].iter().all(|field| is_filled(*field) || !applies(*field));
        let once = |yes: bool| if yes { times } else { 0 };
        let without_id = once(!contribution.is_filled(Field::IdNumber));
        let mut counts = Counts { records: times, complete: once(complete), without_id, ..Counts::default() };
        for &field in &self.fields {
            counts.applicable[field.index()] = once(applies(field));
            counts.filled[field.index()] = once(applies(field) && is_filled(field));
        }
        let (mut judged, mut passed) = (0, 0);
        for (at, counted) in self.relations.iter().enumerate() {
            let (is_judged, passes) = match counted.outcome(contribution, own) {
                RelationOutcome::Pass => (true, true),
                RelationOutcome::Fail => (true, false),
                RelationOutcome::Missing => (counted.fails_on_missing, false),
                RelationOutcome::NotApplicable => (false, false),
            };
            let relation = counted.relation;
            if at < self.accurate {
                judged += u32::from(is_judged);
                passed += u32::from(passes);
            }
            counts.relation_judged[relation.index()] = once(is_judged);
            counts.relation_passed[relation.index()] = once(passes);
        }
        let record_judged = self.judges_all_records || judged > 0;
        counts.judged = once(record_judged);
        counts.accurate = once(record_judged && judged == passed);
        counts
    }
}

impl RecordEvaluator {
    /// The outcome of a counted relation for such a record; one that is not counted does not judge it.
    pub fn outcome(&self, relation: Relation, flags: RecordFlags, own: OwnPattern) -> RelationOutcome {
        let counted = self.relations.iter().find(|counted| counted.relation == relation);
        counted.map_or(RelationOutcome::NotApplicable, |counted| counted.outcome(flags, own))
    }

    /// What has to be corrected in such a record: applicable fields that a rate counts and that are not filled, and
    /// relations that it is judged by and fails.
    pub fn defects(&self, contribution: RecordFlags, own: OwnPattern) -> (Vec<Field>, Vec<Relation>) {
        let counts = self.counts(contribution, own, 1);
        let is_short = |rate: Rate| rate.denominator > rate.numerator;
        let lacks = |field: &Field| is_short(counts.field(*field));
        let fails = |relation: &Relation| is_short(counts.relation(*relation));
        let relations = self.corrected.iter().copied().filter(fails).collect();
        (self.fields.iter().copied().filter(lacks).collect(), relations)
    }
}

impl RecordFlags {
    /// Whether anything was found wrong with such a record.
    pub fn has_findings(self) -> bool {
        let all = (INVALID_BIRTH..NO_RECORD).fold(0, |all, at| all | 1 << at);
        self.0 & all != 0
    }

    /// The codes for "not stated" among the sexes of `times` such records.
    fn unstated_sexes(self, times: u64) -> UnstatedSexes {
        let of = |at: u32| if self.bit(at) { times } else { 0 };
        UnstatedSexes { men: of(UNSTATED_MAN), women: of(UNSTATED_WOMAN) }
    }

    /// What was found wrong with `times` such records.
    pub fn findings(self, own: OwnPattern, times: u64) -> RecordFindings {
        let invalid = own.invalid_fields().map(|field| (field, times));
        let of = |at: u32| if self.bit(at) { times } else { 0 };
        RecordFindings {
            invalid_birth_dates: of(INVALID_BIRTH),
            invalid_id_numbers: of(MALFORMED),
            cut_id_numbers: of(CUT),
            invalid_sexes: of(INVALID_SEX),
            invalid_marital_statuses: of(INVALID_MARITAL),
            invalid_values: invalid.collect(),
            unstated_sexes: self.unstated_sexes(times),
            no_records: of(NO_RECORD),
            ..RecordFindings::default()
        }
    }
}
