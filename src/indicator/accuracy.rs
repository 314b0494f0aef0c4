//! Accuracy 准确率: the logical relations (逻辑关系) between the fields of one record.

use jiff::civil::Date;

use super::record::{Marital, Value, age, well_formed};
use crate::config::settings::{Accuracy, DivisionLevel, OnMissing, Relation};
use crate::register::division;
use crate::register::id_number::{CitizenId, Holder, Reading, Sex};

/// What a record says, as far as the relations read it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub id: Value<Reading>,
    pub birth: Value<Date>,
    pub sex: Value<Sex>,
    pub marital: Value<Marital>,
    /// Whether marital status applies to the person's age.
    pub marital_applies: bool,
    pub minority: bool,
    /// Filled household place.
    pub household_place: Option<&'a str>,
}

/// How one relation turns out for one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    Fail,
    /// A field the relation needs is blank, or names nothing that can be compared.
    Missing,
    /// The relation does not apply to the record's document or age.
    NotApplicable,
}

/// The relations in use.
#[derive(Debug, Clone)]
pub struct Relations {
    relations: Vec<Relation>,
    on_missing: OnMissing,
    level: DivisionLevel,
    cut_off: Date,
}

/// One bit per [`Relation::index`], and the verdict on the whole record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judgement {
    pub judged: u8,
    pub passed: u8,
    pub record_judged: bool,
    pub record_passed: bool,
}

impl Relations {
    pub fn new(accuracy: &Accuracy, cut_off: Date) -> Relations {
        Relations {
            relations: accuracy.relations.clone(),
            on_missing: accuracy.on_missing,
            level: accuracy.household_level,
            cut_off,
        }
    }

    /// Judges one record by all relations in use. Under `on_missing = "fail"` every record is
    /// judged; under `"skip"` only those that at least one relation can judge.
    pub fn judge(&self, facts: &Facts) -> Judgement {
        let mut verdict = Judgement::default();
        for &relation in &self.relations {
            let bit = 1u8 << relation.index();
            match (self.outcome(relation, facts), self.on_missing) {
                (Outcome::Pass, _) => {
                    verdict.judged |= bit;
                    verdict.passed |= bit;
                }
                (Outcome::Fail, _) | (Outcome::Missing, OnMissing::Fail) => verdict.judged |= bit,
                (Outcome::Missing, OnMissing::Skip) | (Outcome::NotApplicable, _) => {}
            }
        }
        verdict.record_judged = self.on_missing == OnMissing::Fail || verdict.judged != 0;
        verdict.record_passed = verdict.record_judged && verdict.judged == verdict.passed;
        verdict
    }

    /// The outcome of one relation.
    pub fn outcome(&self, relation: Relation, facts: &Facts) -> Outcome {
        match relation {
            Relation::AgeMarital => self.age_marital(facts),
            Relation::IdValid => on_number(facts, |_| Outcome::Pass),
            Relation::IdBirthDate => on_number(facts, |id| match facts.birth {
                Value::Missing => Outcome::Missing,
                Value::Invalid => Outcome::Fail,
                Value::Known(birth) => verdict(id.birth_date() == Some(birth)),
            }),
            Relation::IdSex => on_number(facts, |id| match facts.sex {
                Value::Missing => Outcome::Missing,
                Value::Invalid => Outcome::Fail,
                Value::Known(sex) => verdict(id.sex() == sex),
            }),
            Relation::IdHouseholdPlace => on_number(facts, |id| self.household(id, facts)),
        }
    }

    /// A married, divorced or widowed person is at least 22 (male) or 20 (female) at the cut-off,
    /// ethnic minorities two years lower (Marriage Law 2001, art. 6 and 50).
    fn age_marital(&self, facts: &Facts) -> Outcome {
        match facts.marital {
            Value::Missing if facts.marital_applies => return Outcome::Missing,
            Value::Missing => return Outcome::NotApplicable,
            Value::Invalid => return Outcome::Fail,
            Value::Known(Marital::NeverMarried) => return Outcome::Pass,
            Value::Known(Marital::EverMarried) => {}
        }
        match (facts.birth, facts.sex) {
            (Value::Invalid, _) | (_, Value::Invalid) => Outcome::Fail,
            (Value::Missing, _) | (_, Value::Missing) => Outcome::Missing,
            (Value::Known(birth), Value::Known(sex)) => {
                let base = if sex == Sex::Male { 22 } else { 20 };
                let least = if facts.minority { base - 2 } else { base };
                verdict(age(birth, self.cut_off) >= least)
            }
        }
    }

    fn household(&self, id: CitizenId, facts: &Facts) -> Outcome {
        if id.holder() != Holder::Citizen {
            return Outcome::NotApplicable;
        }
        let Some(place) = facts.household_place else { return Outcome::Missing };
        let agrees = match self.level {
            DivisionLevel::Province => division::in_province(place, id.division()),
            DivisionLevel::City => division::place(place).and_then(|p| p.contains(id.division(), 4)),
            DivisionLevel::County => division::place(place).and_then(|p| p.contains(id.division(), 6)),
        };
        agrees.map_or(Outcome::Missing, verdict)
    }
}

fn verdict(agrees: bool) -> Outcome {
    if agrees { Outcome::Pass } else { Outcome::Fail }
}

/// Every relation of the ID number fails on a malformed one and does not apply to other documents.
fn on_number(facts: &Facts, relation: impl FnOnce(CitizenId) -> Outcome) -> Outcome {
    match (facts.id, well_formed(facts.id)) {
        (_, Some(id)) => relation(id),
        (Value::Missing, None) => Outcome::Missing,
        (Value::Known(Reading::OtherDocument), None) => Outcome::NotApplicable,
        (Value::Known(_) | Value::Invalid, None) => Outcome::Fail,
    }
}
