//! Relations compiled for many records: every operand is read once a record, states are bits of one number, and clauses
//! are tests of positions.
//!
//! [`super::evaluate`] says what a relation means and also which clause decided; here the same comes out faster, or
//! nothing at all: what has no form here, and the few records that hang on more than states and numbers (a blank field
//! that may not apply, bytes that are no text), are left to it.

mod field_cache;
mod operands;
mod part_test;

use super::definitions::{Definitions, Demand, RelationDefinition};
use super::evaluate::{RelationOutcome, Truth};
use super::tree::{Clause, ClausePart, FieldId, Operand, ValueState};
use super::value::{RecordFrame, ValueReader};
pub use field_cache::FieldCache;
pub use operands::OperandValues;
use operands::{Operands, RecordSource};
use part_test::PartTest;

/// The relations of an office, compiled, and the fields that are counted.
#[derive(Debug, Clone)]
pub struct RelationKernel {
    operands: Operands,
    /// By the position that the caller gave them; `None` where a relation has no form here.
    relations: Vec<Option<CompiledRelation>>,
    /// Counted fields with their operands and, where they do not apply to all, the conditions.
    fields: Vec<Option<(usize, Option<CompiledStage>)>>,
}

#[derive(Debug, Clone)]
struct CompiledRelation {
    when: CompiledStage,
    premise: CompiledStage,
    demand: CompiledDemand,
    /// Operands that it reads.
    reads: u64,
    /// Whether a missing value is missing whatever the record is: no field that it reads has conditions of its own.
    is_plainly_missing: bool,
}

#[derive(Debug, Clone)]
enum CompiledDemand {
    Check(CompiledStage),
    /// Operands of all cases, and each with its conditions and its check.
    Cases(u64, Vec<(CompiledStage, CompiledStage)>),
}

/// Clauses that must all hold.
#[derive(Debug, Clone, Default)]
struct CompiledStage {
    /// Operands that decide where they are foreign or invalid.
    watched: u64,
    /// Parts joined by `or`.
    clauses: Vec<Vec<PartTest>>,
}

/// What a record says besides its fields, and how a field is found in it.
pub struct KernelRecord<'v, R: Fn(FieldId) -> Option<&'v [u8]>> {
    /// The raw value of a field.
    pub raw: R,
    /// As the record writes it.
    pub document_type: Option<&'v [u8]>,
    /// Unit, day and cut-off.
    pub frame: RecordFrame<'v>,
}

impl RelationKernel {
    /// Compiles relations that read one record, and counted fields, in this order.
    pub fn new<'d>(
        definitions: &Definitions,
        fields: impl Iterator<Item = FieldId>,
        relations: impl Iterator<Item = &'d RelationDefinition>,
    ) -> RelationKernel {
        let mut operands = Operands::default();
        let fields = fields
            .map(|field| {
                let at = operands.position(&Operand::Field(field), definitions)?;
                let conditions = &definitions.fields[field.index()].applies;
                match conditions.is_empty() {
                    true => Some((at, None)),
                    false => {
                        Some((at, Some(CompiledStage::compile(conditions, definitions, &mut operands)?)))
                    }
                }
            })
            .collect();
        let relations = relations
            .map(|relation| CompiledRelation::compile(relation, definitions, &mut operands))
            .collect();
        RelationKernel { operands, relations, fields }
    }

    /// Reads a record.
    pub fn read<'v, R: Fn(FieldId) -> Option<&'v [u8]>>(
        &'v self,
        definitions: &Definitions,
        values: &ValueReader,
        record: KernelRecord<'v, R>,
        cache: &mut FieldCache,
    ) -> OperandValues<'v> {
        let KernelRecord { raw, document_type, frame } = record;
        self.operands.read(&RecordSource { definitions, values, raw, document_type, frame }, cache)
    }

    /// Whether the field at a position is filled, and whether it applies to the record. `None` where the kernel does not
    /// say.
    pub fn field(&self, at: usize, values: &OperandValues<'_>) -> Option<(bool, bool)> {
        let (operand, conditions) = self.fields.get(at)?.as_ref()?;
        let is_filled = values.missing >> operand & 1 == 0;
        let applies = match conditions {
            None => true,
            Some(stage) if stage.watched & values.open != 0 => return None,
            Some(stage) => !matches!(stage.decide(values), Ok(Truth::False)),
        };
        Some((is_filled, applies))
    }

    /// The outcome of the relation at a position; `None` where the kernel does not say.
    pub fn outcome(&self, at: usize, values: &OperandValues<'_>) -> Option<RelationOutcome> {
        let relation = self.relations.get(at)?.as_ref()?;
        match relation.reads & values.open {
            0 => relation.outcome(values),
            _ => None,
        }
    }
}

impl CompiledRelation {
    fn compile(
        relation: &RelationDefinition,
        definitions: &Definitions,
        operands: &mut Operands,
    ) -> Option<CompiledRelation> {
        let mut stage = |clauses: &[Clause]| CompiledStage::compile(clauses, definitions, operands);
        let (when, premise) = (stage(&relation.when)?, stage(&relation.premise)?);
        let demand = match &relation.demand {
            Demand::Check(check) => CompiledDemand::Check(stage(check)?),
            Demand::Cases(cases) => {
                let cases: Option<Vec<(CompiledStage, CompiledStage)>> =
                    cases.iter().map(|case| Some((stage(&case.when)?, stage(&case.check)?))).collect();
                let cases = cases?;
                let watched = cases.iter().fold(0, |all, (when, check)| all | when.watched | check.watched);
                CompiledDemand::Cases(watched, cases)
            }
            Demand::Unique(_) | Demand::Group { .. } | Demand::Listed { .. } => return None,
        };
        let (mut reads, mut has_conditions) = (0, false);
        for operand in relation.clauses().flat_map(|clause| &clause.parts).flat_map(ClausePart::operands) {
            reads |= 1 << operands.position(operand, definitions)?;
            operand.walk(&mut |operand| {
                if let Operand::Field(field) | Operand::Attribute(field, _) = operand {
                    has_conditions |= !definitions.fields[field.index()].applies.is_empty();
                }
            });
        }
        Some(CompiledRelation { when, premise, demand, reads, is_plainly_missing: !has_conditions })
    }

    fn outcome(&self, values: &OperandValues<'_>) -> Option<RelationOutcome> {
        use RelationOutcome::{Fail, NotApplicable, Pass};
        for (stage, if_false) in [(&self.when, NotApplicable), (&self.premise, Pass)] {
            match stage.decide(values) {
                Err(outcome) => return Some(outcome),
                Ok(Truth::False) => return Some(if_false),
                Ok(Truth::Unknown) => return self.missing(),
                Ok(Truth::True) => {}
            }
        }
        let check = match &self.demand {
            CompiledDemand::Check(check) => check,
            CompiledDemand::Cases(watched, cases) => {
                if let Err(outcome) = obstacles(*watched, values) {
                    return Some(outcome);
                }
                let mut is_open = false;
                let taken = cases.iter().find(|(when, _)| {
                    let truth = when.truth(values);
                    is_open |= truth == Truth::Unknown;
                    truth == Truth::True
                });
                match taken {
                    Some((_, check)) => check,
                    None if is_open => return self.missing(),
                    None => return Some(Pass),
                }
            }
        };
        match check.decide(values) {
            Err(outcome) => Some(outcome),
            Ok(Truth::False) => Some(Fail),
            Ok(Truth::Unknown) => self.missing(),
            Ok(Truth::True) => Some(Pass),
        }
    }

    fn missing(&self) -> Option<RelationOutcome> {
        self.is_plainly_missing.then_some(RelationOutcome::Missing)
    }
}

/// What foreign and invalid operands decide.
fn obstacles(watched: u64, values: &OperandValues<'_>) -> Result<(), RelationOutcome> {
    match (watched & values.foreign, watched & values.invalid) {
        (0, 0) => Ok(()),
        (0, _) => Err(RelationOutcome::Fail),
        _ => Err(RelationOutcome::NotApplicable),
    }
}

impl CompiledStage {
    fn compile(
        clauses: &[Clause],
        definitions: &Definitions,
        operands: &mut Operands,
    ) -> Option<CompiledStage> {
        let mut stage = CompiledStage::default();
        for clause in clauses {
            let mut parts = Vec::new();
            for part in &clause.parts {
                parts.push(PartTest::compile(part, definitions, operands)?);
                let asks_state =
                    matches!(part, ClausePart::Has { state: ValueState::Filled | ValueState::Blank, .. });
                if !asks_state {
                    for operand in part.operands() {
                        stage.watched |= 1 << operands.position(operand, definitions)?;
                    }
                }
            }
            stage.clauses.push(parts);
        }
        Some(stage)
    }

    fn decide(&self, values: &OperandValues<'_>) -> Result<Truth, RelationOutcome> {
        obstacles(self.watched, values)?;
        Ok(self.truth(values))
    }

    /// The least truth of the clauses, of each the greatest of its parts.
    fn truth(&self, values: &OperandValues<'_>) -> Truth {
        let clause =
            |parts: &Vec<PartTest>| parts.iter().map(|part| part.truth(values)).max().unwrap_or(Truth::True);
        self.clauses.iter().map(clause).min().unwrap_or(Truth::True)
    }
}
