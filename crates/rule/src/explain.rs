//! Which clause decided a relation, for the person who wrote it.

use super::definitions::RelationDefinition;
use super::evaluate::{DecidingStage, RecordView, RelationOutcome, Truth};
use super::tree::Clause;

/// An outcome with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// How the relation turned out.
    pub outcome: RelationOutcome,
    /// Where the outcome was decided.
    pub stage: DecidingStage,
    /// The first clause that led to the outcome, in canonical form; none where no single one did.
    pub clause: Option<String>,
    /// Whether a value was filled but not one of its type.
    pub is_invalid: bool,
}

impl RecordView<'_> {
    /// How a relation turns out, and why.
    pub fn explain(&self, relation: &RelationDefinition) -> Explanation {
        let decision = self.decide(relation);
        let clauses: Vec<&Clause> = match decision.stage {
            DecidingStage::Cases => relation.demand.clauses().collect(),
            _ => decision.clauses.iter().collect(),
        };
        let seen = self.seen(clauses.iter().copied());
        let decides = |clause: &&&Clause| {
            let own = self.seen([**clause]);
            match (seen.is_foreign, seen.is_invalid, decision.outcome) {
                (true, ..) => own.is_foreign,
                (false, true, _) => own.is_invalid,
                (_, _, RelationOutcome::Pass) if decision.stage != DecidingStage::Premise => false,
                (_, _, RelationOutcome::Missing) => self.clause(clause) == Truth::Unknown,
                (_, _, RelationOutcome::NotApplicable) => self.clause(clause) != Truth::True,
                _ => self.clause(clause) == Truth::False,
            }
        };
        let clause = clauses.iter().find(decides).map(|clause| self.definitions.print(clause));
        let is_invalid = seen.is_invalid && !seen.is_foreign;
        Explanation { outcome: decision.outcome, stage: decision.stage, clause, is_invalid }
    }
}

impl RelationOutcome {
    /// The name in examples and JSON.
    pub fn key(self) -> &'static str {
        match self {
            RelationOutcome::NotApplicable => "not_applicable",
            RelationOutcome::Missing => "missing",
            RelationOutcome::Fail => "fail",
            RelationOutcome::Pass => "pass",
        }
    }
}
