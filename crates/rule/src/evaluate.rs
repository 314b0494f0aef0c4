//! How a relation turns out for one record: three-valued logic inside a stage, four outcomes between them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::definitions::{Definitions, Demand, RelationDefinition};
use super::sets::{SetMembers, SetPart};
use super::tree::{Attribute, Clause, ClausePart, CodeSet, FieldId, Literal, ONE, Operand, ValueState};
use super::value::{FieldValue, KnownValue, RecordFrame};
use tongbao_register::batch::Day;
use tongbao_register::batch::date_from_days;
use tongbao_register::date::{DateNumber, from_number, number_of};
use tongbao_register::division;
use tongbao_register::id_number::{Holder, Sex};
use tongbao_register::text::{lossy, trim};

/// How a relation turns out for one record. The numbers are those of packed patterns and of generated
/// statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum RelationOutcome {
    /// The relation does not judge the record.
    NotApplicable = 0,
    /// A value that it needs is blank, or names nothing that can be compared.
    Missing = 1,
    /// The check does not hold.
    Fail = 2,
    /// The check holds, or the record does not meet the premise.
    Pass = 3,
}

impl RelationOutcome {
    /// In the order of their numbers.
    pub const ALL: [RelationOutcome; 4] = [
        RelationOutcome::NotApplicable,
        RelationOutcome::Missing,
        RelationOutcome::Fail,
        RelationOutcome::Pass,
    ];

    /// Pass if the values agree, otherwise fail.
    pub fn of(agrees: bool) -> RelationOutcome {
        if agrees { RelationOutcome::Pass } else { RelationOutcome::Fail }
    }
}

/// Whether a clause holds. `And` is the least of its operands, `or` the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Known not to hold.
    False,
    /// A value that would decide is missing.
    Unknown,
    /// Known to hold.
    True,
}

/// What reading the operands of a stage came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OperandStates {
    pub(super) is_foreign: bool,
    pub(super) is_invalid: bool,
}

/// What an unknown truth hangs on.
#[derive(Debug, Clone, Copy, Default)]
struct Blanks {
    /// Fields that are blank, one bit each.
    fields: u64,
    /// Something else: no unit, no day, a place that names no division.
    others: bool,
}

/// Which part of a relation decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidingStage {
    /// The clauses that say which records are judged.
    When,
    /// The clauses without which a record passes.
    Premise,
    /// The check, also of a relation over several records.
    Check,
    /// The check of the case at this position.
    Case(usize),
    /// The conditions of the cases.
    Cases,
}

/// An outcome with the clauses that came to it.
pub(super) struct Decided<'r> {
    pub(super) outcome: RelationOutcome,
    pub(super) stage: DecidingStage,
    pub(super) clauses: &'r [Clause],
}

impl Blanks {
    fn is_empty(self) -> bool {
        self.fields == 0 && !self.others
    }

    fn add_if_unknown(&mut self, truth: Truth, own: Blanks) {
        if truth == Truth::Unknown {
            self.fields |= own.fields;
            self.others |= own.others;
        }
    }
}

/// What a record is to a relation over several when it is the only one.
fn alone(part: SetPart, demand: &Demand) -> RelationOutcome {
    match part {
        SetPart::Decided(outcome) => outcome,
        SetPart::Member { is_counted, .. } => {
            let mut members = SetMembers::default();
            members.add(is_counted);
            members.outcome(demand)
        }
    }
}

/// One record with its values read.
pub struct RecordView<'a> {
    /// What `values` are read by.
    pub definitions: &'a Definitions,
    /// By field; one that nothing reads may be [`FieldValue::Missing`].
    pub values: &'a [FieldValue<'a>],
    /// What the record says besides its fields.
    pub frame: RecordFrame<'a>,
}

impl<'a> RecordView<'a> {
    /// The outcome of a relation.
    pub fn outcome(&self, relation: &RelationDefinition) -> RelationOutcome {
        self.decide(relation).outcome
    }

    /// The outcome of a relation, and which stage came to it.
    pub(super) fn decide<'r>(&self, relation: &'r RelationDefinition) -> Decided<'r> {
        use RelationOutcome::{Fail, NotApplicable, Pass};
        if let Some(part) = self.set_part(relation) {
            return Decided {
                outcome: alone(part, &relation.demand),
                stage: DecidingStage::Check,
                clauses: &[],
            };
        }
        for (stage, clauses, if_false) in [
            (DecidingStage::When, &relation.when, NotApplicable),
            (DecidingStage::Premise, &relation.premise, Pass),
        ] {
            let decided = |outcome| Decided { outcome, stage, clauses };
            let mut blanks = Blanks::default();
            match self.stage(clauses, relation.of_invalid(), &mut blanks) {
                Err(outcome) => return decided(outcome),
                Ok(Truth::False) => return decided(if_false),
                Ok(Truth::Unknown) => return decided(self.missing(blanks)),
                Ok(Truth::True) => {}
            }
        }
        let mut blanks = Blanks::default();
        let (stage, check) = match &relation.demand {
            Demand::Check(check) => (DecidingStage::Check, check),
            // Decided above.
            Demand::Unique(_) | Demand::Group { .. } | Demand::Listed { .. } => {
                return Decided { outcome: NotApplicable, stage: DecidingStage::Check, clauses: &[] };
            }
            Demand::Cases(cases) => {
                let undecided = |outcome| Decided { outcome, stage: DecidingStage::Cases, clauses: &[] };
                if let Err(outcome) = decided_by(self.seen(relation.demand.clauses()), relation.of_invalid())
                {
                    return undecided(outcome);
                }
                let taken = cases.iter().position(|case| self.all(&case.when, &mut blanks) == Truth::True);
                match taken {
                    Some(at) => (DecidingStage::Case(at), &cases[at].check),
                    None if blanks.is_empty() => return undecided(Pass),
                    None => return undecided(self.missing(blanks)),
                }
            }
        };
        let mut blanks = Blanks::default();
        let outcome = match self.stage(check, relation.of_invalid(), &mut blanks) {
            Err(outcome) => outcome,
            Ok(Truth::False) => Fail,
            Ok(Truth::Unknown) => self.missing(blanks),
            Ok(Truth::True) => Pass,
        };
        Decided { outcome, stage, clauses: check }
    }

    /// The outcome of a record that the scope of a relation leaves out, or may leave out; `None` within it.
    pub(super) fn outside(&self, relation: &RelationDefinition) -> Option<RelationOutcome> {
        let mut blanks = Blanks::default();
        match self.stage(&relation.when, relation.of_invalid(), &mut blanks) {
            Err(outcome) => Some(outcome),
            Ok(Truth::False) => Some(RelationOutcome::NotApplicable),
            Ok(Truth::Unknown) => Some(self.missing(blanks)),
            Ok(Truth::True) => None,
        }
    }

    /// Whether all clauses hold; a value that is none of its type, or foreign, meets nothing.
    pub(super) fn holds(&self, clauses: &[Clause]) -> Truth {
        self.stage(clauses, RelationOutcome::Fail, &mut Blanks::default()).unwrap_or(Truth::False)
    }

    /// Whether a field applies to the record; one of which that is not known does.
    pub fn applies(&self, field: FieldId) -> bool {
        let clauses = &self.definitions.fields[field.index()].applies;
        let mut blanks = Blanks::default();
        !matches!(self.stage(clauses, RelationOutcome::Fail, &mut blanks), Ok(Truth::False))
    }

    /// A blank field that does not apply is no lack.
    fn missing(&self, blanks: Blanks) -> RelationOutcome {
        let mut fields = (0..self.definitions.fields.len() as u8).map(FieldId);
        let is_needed = blanks.is_empty()
            || blanks.others
            || fields.any(|field| blanks.fields & field.bit() != 0 && self.applies(field));
        if is_needed { RelationOutcome::Missing } else { RelationOutcome::NotApplicable }
    }

    fn stage(
        &self,
        clauses: &[Clause],
        of_invalid: RelationOutcome,
        blanks: &mut Blanks,
    ) -> Result<Truth, RelationOutcome> {
        decided_by(self.seen(clauses), of_invalid)?;
        Ok(self.all(clauses, blanks))
    }

    /// What the operands of these clauses are, whichever of them decides.
    pub(super) fn seen<'c>(&self, clauses: impl IntoIterator<Item = &'c Clause>) -> OperandStates {
        let mut seen = OperandStates::default();
        for part in clauses.into_iter().flat_map(|clause| &clause.parts) {
            if matches!(part, ClausePart::Has { state: ValueState::Filled | ValueState::Blank, .. }) {
                continue;
            }
            for operand in part.operands() {
                match self.operand(operand, &mut Blanks::default()) {
                    FieldValue::Foreign => seen.is_foreign = true,
                    FieldValue::Invalid => seen.is_invalid = true,
                    FieldValue::Known(KnownValue::Citizen(id))
                        if matches!(part, ClausePart::SameDivision { .. })
                            && id.holder() != Holder::Citizen =>
                    {
                        seen.is_foreign = true;
                    }
                    FieldValue::Missing | FieldValue::Known(_) => {}
                }
            }
        }
        seen
    }

    /// The blanks count only where the whole is unknown because of them.
    fn all(&self, clauses: &[Clause], blanks: &mut Blanks) -> Truth {
        let mut own = Blanks::default();
        let truth =
            clauses.iter().map(|clause| self.clause_on(clause, &mut own)).min().unwrap_or(Truth::True);
        blanks.add_if_unknown(truth, own);
        truth
    }

    /// The truth of one clause.
    pub fn clause(&self, clause: &Clause) -> Truth {
        self.clause_on(clause, &mut Blanks::default())
    }

    fn clause_on(&self, clause: &Clause, blanks: &mut Blanks) -> Truth {
        let mut own = Blanks::default();
        let truth = clause.parts.iter().map(|part| self.part(part, &mut own)).max().unwrap_or(Truth::True);
        blanks.add_if_unknown(truth, own);
        truth
    }

    fn part(&self, part: &ClausePart, blanks: &mut Blanks) -> Truth {
        let found = match part {
            ClausePart::Has { operand, state } => return self.has(operand, *state, blanks),
            ClausePart::SameDivision { left, right, level, is_negated } => {
                let sides = (self.operand(left, blanks), self.operand(right, blanks));
                let (FieldValue::Known(left), FieldValue::Known(right)) = sides else {
                    return Truth::Unknown;
                };
                match same_division(&left, &right, level.digits()) {
                    Some(agrees) => Some(agrees != *is_negated),
                    None => {
                        blanks.others = true;
                        None
                    }
                }
            }
            ClausePart::Compare { left, comparison, right } => {
                let (left, right) = (self.operand(left, blanks), self.operand(right, blanks));
                order(&left, &right).map(|order| comparison.holds(order))
            }
            ClausePart::Between { operand, low, high } => {
                let value = self.operand(operand, blanks);
                let low = order(&value, &self.operand(low, blanks));
                let high = order(&value, &self.operand(high, blanks));
                low.zip(high).map(|(low, high)| low.is_ge() && high.is_le())
            }
            ClausePart::Among { operand, set, is_negated } => match self.operand(operand, blanks) {
                FieldValue::Known(value) => Some(self.is_among(&value, set) != *is_negated),
                _ => None,
            },
            ClausePart::StartsWith { operand, prefix } => {
                match (self.operand(operand, blanks), self.operand(prefix, blanks)) {
                    (
                        FieldValue::Known(KnownValue::Text(text)),
                        FieldValue::Known(KnownValue::Text(prefix)),
                    ) => Some(text.starts_with(prefix.as_ref())),
                    _ => None,
                }
            }
            ClausePart::HasForm { operand, form } => match self.operand(operand, blanks) {
                FieldValue::Known(KnownValue::Text(text)) => Some(form.matches(&text)),
                _ => None,
            },
        };
        match found {
            Some(true) => Truth::True,
            Some(false) => Truth::False,
            None => Truth::Unknown,
        }
    }

    fn has(&self, operand: &Operand, state: ValueState, blanks: &mut Blanks) -> Truth {
        let mut own = Blanks::default();
        let is_missing = self.operand(operand, &mut own) == FieldValue::Missing;
        match state {
            ValueState::Filled => {
                if is_missing {
                    Truth::False
                } else {
                    Truth::True
                }
            }
            ValueState::Blank => {
                if is_missing {
                    Truth::True
                } else {
                    Truth::False
                }
            }
            ValueState::Valid if is_missing => {
                blanks.add_if_unknown(Truth::Unknown, own);
                Truth::Unknown
            }
            ValueState::Valid => Truth::True,
        }
    }

    fn is_among(&self, value: &KnownValue<'_>, set: &CodeSet) -> bool {
        match (set, value) {
            (CodeSet::List(_), KnownValue::Code { code, .. }) => code.is_some(),
            (CodeSet::Group { list, group }, KnownValue::Code { code: Some(code), .. }) => {
                self.definitions.lists[*list].groups[*group].members.binary_search(code).is_ok()
            }
            (CodeSet::Codes { codes, .. }, KnownValue::Code { code: Some(code), .. }) => codes.contains(code),
            (CodeSet::Texts(texts), KnownValue::Text(text)) => {
                texts.iter().any(|known| known == text.as_ref())
            }
            _ => false,
        }
    }

    fn operand<'v>(&'v self, operand: &'v Operand, blanks: &mut Blanks) -> FieldValue<'v> {
        match operand {
            Operand::Field(field) => self.field(*field, blanks),
            Operand::Attribute(field, attribute) => match self.field(*field, blanks) {
                FieldValue::Known(value) => part_of(&value, *attribute, self.definitions),
                other => other,
            },
            Operand::Derived(at) => self.derived(*at, blanks),
            Operand::Unit => match self.frame.unit.map(trim).filter(|unit| !unit.is_empty()) {
                Some(unit) => FieldValue::Known(KnownValue::Text(lossy(unit))),
                None => absent(blanks),
            },
            Operand::RegisteredOn => match self.frame.registered_on {
                Day::Known(day) => match date_from_days(day) {
                    Some(date) => FieldValue::Known(KnownValue::Date(number_of(date))),
                    None => FieldValue::Invalid,
                },
                Day::Missing => absent(blanks),
                Day::Invalid => FieldValue::Invalid,
            },
            Operand::CutOff => FieldValue::Known(KnownValue::Date(self.frame.cut_off)),
            Operand::Literal(literal) => FieldValue::Known(self.literal(literal)),
            Operand::Age { of, on } => self.dates(of, on, blanks, |of, on| Some(years(of, on))),
            Operand::Months { of, on } => self.dates(of, on, blanks, |of, on| Some(months(of, on))),
            Operand::Days { from, to } => self.dates(from, to, blanks, days),
            Operand::Length(of) => match self.operand(of, blanks) {
                FieldValue::Known(KnownValue::Text(text)) => {
                    FieldValue::Known(KnownValue::Number(text.chars().count() as i64 * ONE))
                }
                other => other,
            },
            Operand::Rest { of, skipped } => match self.operand(of, blanks) {
                FieldValue::Known(KnownValue::Text(text)) => {
                    FieldValue::Known(KnownValue::Text(Cow::Owned(text.chars().skip(*skipped).collect())))
                }
                other => other,
            },
            Operand::Times { factor, of } => match self.operand(of, blanks) {
                FieldValue::Known(KnownValue::Number(number)) => {
                    let product = i128::from(*factor) * i128::from(number) / i128::from(ONE);
                    let is_whole = i128::from(*factor) * i128::from(number) % i128::from(ONE) == 0;
                    match i64::try_from(product) {
                        Ok(product) if is_whole => FieldValue::Known(KnownValue::Number(product)),
                        _ => FieldValue::Invalid,
                    }
                }
                other => other,
            },
        }
    }

    fn field(&self, field: FieldId, blanks: &mut Blanks) -> FieldValue<'a> {
        let value = self.values[field.index()].clone();
        if value == FieldValue::Missing {
            blanks.fields |= field.bit();
        }
        value
    }

    /// The first known source; else what the worst of them is.
    fn derived(&self, at: usize, blanks: &mut Blanks) -> FieldValue<'_> {
        let mut own = Blanks::default();
        let sources: Vec<FieldValue<'_>> = self.definitions.values[at]
            .first_of
            .iter()
            .map(|source| self.operand(source, &mut own))
            .collect();
        let known = sources.iter().find(|value| matches!(value, FieldValue::Known(_)));
        let worst =
            [FieldValue::Invalid, FieldValue::Foreign].into_iter().find(|state| sources.contains(state));
        match (known, worst) {
            (Some(known), _) => known.clone(),
            (None, Some(worst)) => worst,
            (None, None) => {
                blanks.add_if_unknown(Truth::Unknown, own);
                FieldValue::Missing
            }
        }
    }

    fn literal<'v>(&self, literal: &'v Literal) -> KnownValue<'v> {
        match literal {
            Literal::Date(date) => KnownValue::Date(*date),
            Literal::Number(number) => KnownValue::Number(*number),
            Literal::Text(text) => KnownValue::Text(Cow::Borrowed(text)),
            Literal::Code { code, .. } => KnownValue::Code { code: Some(*code), text: Cow::Borrowed("") },
            Literal::Truth(is_yes) => KnownValue::Truth(*is_yes),
        }
    }

    /// A number from two dates; where one of them is not known, the worse of the two states.
    fn dates(
        &self,
        one: &Operand,
        other: &Operand,
        blanks: &mut Blanks,
        of: impl FnOnce(DateNumber, DateNumber) -> Option<i64>,
    ) -> FieldValue<'static> {
        match (self.operand(one, blanks), self.operand(other, blanks)) {
            (FieldValue::Known(KnownValue::Date(one)), FieldValue::Known(KnownValue::Date(other))) => {
                of(one, other).map_or(FieldValue::Invalid, |n| FieldValue::Known(KnownValue::Number(n * ONE)))
            }
            (FieldValue::Foreign, _) | (_, FieldValue::Foreign) => FieldValue::Foreign,
            (FieldValue::Missing, FieldValue::Missing | FieldValue::Known(_))
            | (FieldValue::Known(_), FieldValue::Missing) => FieldValue::Missing,
            _ => FieldValue::Invalid,
        }
    }
}

fn absent<'v>(blanks: &mut Blanks) -> FieldValue<'v> {
    blanks.others = true;
    FieldValue::Missing
}

fn decided_by(seen: OperandStates, of_invalid: RelationOutcome) -> Result<(), RelationOutcome> {
    match seen {
        OperandStates { is_foreign: true, .. } => Err(RelationOutcome::NotApplicable),
        OperandStates { is_invalid: true, .. } => Err(of_invalid),
        _ => Ok(()),
    }
}

fn part_of<'v>(value: &KnownValue<'v>, attribute: Attribute, definitions: &Definitions) -> FieldValue<'v> {
    let text = |text: String| FieldValue::Known(KnownValue::Text(Cow::Owned(text)));
    match (value, attribute) {
        (KnownValue::Citizen(id), Attribute::BirthDate) => {
            FieldValue::Known(KnownValue::Date(id.birth_number()))
        }
        (KnownValue::Citizen(id), Attribute::Sex) => {
            let word = if id.sex() == Sex::Male { "男" } else { "女" };
            let code =
                definitions.lists.iter().find(|list| list.key == "sex").and_then(|list| list.position(word));
            FieldValue::Known(KnownValue::Code { code, text: Cow::Borrowed(word) })
        }
        (KnownValue::Citizen(id), Attribute::Division) => text(format!("{:06}", id.division())),
        (KnownValue::Citizen(id), Attribute::Text) => text(id.text()),
        (KnownValue::Uscc(code), Attribute::Division) => text(format!("{:06}", code.division())),
        (KnownValue::Uscc(code), Attribute::Text) => text(code.text().to_owned()),
        _ => FieldValue::Invalid,
    }
}

/// The order of two known values of one type; of what has no order, equal or not.
fn order(left: &FieldValue<'_>, right: &FieldValue<'_>) -> Option<Ordering> {
    let (FieldValue::Known(left), FieldValue::Known(right)) = (left, right) else { return None };
    let unequal = |is_equal: bool| if is_equal { Ordering::Equal } else { Ordering::Less };
    Some(match (left, right) {
        (KnownValue::Date(left), KnownValue::Date(right)) => left.cmp(right),
        (KnownValue::Number(left), KnownValue::Number(right)) => left.cmp(right),
        (KnownValue::Code { code: None, text }, KnownValue::Code { code: None, text: other }) => {
            unequal(text.eq_ignore_ascii_case(other))
        }
        (KnownValue::Code { code, .. }, KnownValue::Code { code: other, .. }) => unequal(code == other),
        (left, right) => unequal(left == right),
    })
}

fn same_division(left: &KnownValue<'_>, right: &KnownValue<'_>, digits: u32) -> Option<bool> {
    let code = |value: &KnownValue<'_>| match value {
        KnownValue::Citizen(id) => Some(id.division()),
        KnownValue::Uscc(code) => Some(code.division()),
        _ => None,
    };
    match (left, right) {
        (KnownValue::Place(one), KnownValue::Place(other)) => {
            division::place(&lossy(one))?.agrees(&division::place(&lossy(other))?, digits)
        }
        (KnownValue::Place(place), other) | (other, KnownValue::Place(place)) => {
            division::lies_in(place, code(other)?, digits)
        }
        (left, right) => {
            let scale = 10u32.pow(6 - digits);
            Some(code(left)? / scale == code(right)? / scale)
        }
    }
}

/// Whole years; a birthday on 29 February is reached on 1 March.
pub(super) fn years(of: DateNumber, on: DateNumber) -> i64 {
    (i64::from(on) - i64::from(of)).div_euclid(10_000)
}

pub(super) fn months(of: DateNumber, on: DateNumber) -> i64 {
    let month = |date: DateNumber| i64::from(date / 10_000) * 12 + i64::from(date / 100 % 100);
    month(on) - month(of) - i64::from(on % 100 < of % 100)
}

pub(super) fn days(from: DateNumber, to: DateNumber) -> Option<i64> {
    let span = from_number(to)?.duration_since(from_number(from)?);
    Some(span.as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_counted_in_whole_units() {
        assert_eq!(years(20_000_229, 20_150_228), 14);
        assert_eq!(years(20_000_229, 20_150_301), 15);
        assert_eq!(years(20_160_101, 20_150_101), -1);
        assert_eq!(months(20_160_131, 20_160_229), 0);
        assert_eq!(months(20_160_115, 20_170_115), 12);
        assert_eq!(days(20_160_228, 20_160_301), Some(2));
        assert_eq!(days(20_160_301, 20_160_228), Some(-2));
    }
}
