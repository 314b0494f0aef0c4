//! Relations compiled for many records: a chunk of them is read column by column, each operand and each part of a clause
//! once, and what holds for which record are bits of one number. So clauses and stages are a few operations for all
//! records of the chunk, and reading the values is what takes time.
//!
//! [`super::evaluate`] says what a relation means and also which clause decided; here the same comes out faster, or
//! nothing at all: what has no form here, and the few records that hang on more than states and numbers (a blank field
//! that may not apply, bytes that are no text), are left to it.

mod columns;
mod field_cache;
mod operands;
mod part_test;
mod planes;

use super::definitions::{Definitions, Demand, RelationDefinition};
use super::tree::{Clause, FieldId, Operand};
use columns::OperandColumns;
pub use columns::RecordChunk;
use operands::{OperandSet, Operands};
use part_test::{PartTest, TruthPlanes};
pub use planes::{CHUNK, first, positions, transpose};

/// The relations of an office, compiled, and the fields that are counted.
#[derive(Debug, Clone)]
pub struct RelationKernel {
    operands: Operands,
    /// Each once, however many clauses have it.
    parts: Vec<PartTest>,
    /// By the position that the caller gave them; `None` where a relation has no form here.
    relations: Vec<Option<CompiledRelation>>,
    /// Counted fields with their operands and, where they do not apply to all, the conditions.
    fields: Vec<Option<(usize, Option<CompiledStage>)>>,
}

/// What the kernel found of a chunk of records; room that serves one chunk after another.
#[derive(Debug, Clone)]
pub struct KernelValues {
    columns: OperandColumns,
    /// By part.
    truths: Vec<TruthPlanes>,
}

#[derive(Debug, Clone)]
struct CompiledRelation {
    when: CompiledStage,
    premise: CompiledStage,
    demand: CompiledDemand,
    /// Operands that it reads.
    reads: OperandSet,
    /// Whether a missing value is missing whatever the record is: no field that it reads has conditions of its own.
    is_plainly_missing: bool,
    /// Records that fail by an invalid value: all, or none.
    failing_invalid: u64,
}

#[derive(Debug, Clone)]
enum CompiledDemand {
    Check(CompiledStage),
    /// Operands of all cases, and each with its conditions and its check.
    Cases(OperandSet, Vec<(CompiledStage, CompiledStage)>),
}

/// Clauses that must all hold.
#[derive(Debug, Clone, Default)]
struct CompiledStage {
    /// Operands that decide where they are foreign or invalid.
    watched: OperandSet,
    /// Operands that it reads.
    reads: OperandSet,
    /// Positions of parts that are joined by `or`.
    clauses: Vec<Vec<usize>>,
}

/// A counted field in a chunk, one bit a record.
#[derive(Debug, Clone, Copy)]
pub struct FieldPlanes {
    /// Records with a value.
    pub filled: u64,
    /// Records that the field applies to.
    pub applies: u64,
    /// Records of which the kernel does not say.
    pub open: u64,
}

/// The outcomes of a relation in a chunk, one bit a record; a record without any is one that the relation does not
/// judge.
#[derive(Debug, Clone, Copy, Default)]
pub struct OutcomePlanes {
    /// Records that lack a value.
    pub missing: u64,
    /// Records that fail.
    pub fail: u64,
    /// Records that pass.
    pub pass: u64,
    /// Records of which the kernel does not say, in none of the other planes.
    pub open: u64,
}

impl RelationKernel {
    /// Compiles relations that read one record, and counted fields, in this order.
    pub fn new<'d>(
        definitions: &Definitions,
        fields: impl Iterator<Item = FieldId>,
        relations: impl Iterator<Item = &'d RelationDefinition>,
    ) -> RelationKernel {
        let mut out = RelationKernel {
            operands: Operands::default(),
            parts: Vec::new(),
            relations: Vec::new(),
            fields: Vec::new(),
        };
        for field in fields {
            let conditions = &definitions.fields[field.index()].applies;
            let at = out.operands.position(&Operand::Field(field), definitions);
            let field = at.and_then(|at| match conditions.is_empty() {
                true => Some((at, None)),
                false => Some((at, Some(out.stage(conditions, definitions)?))),
            });
            out.fields.push(field);
        }
        for relation in relations {
            let relation = out.relation(relation, definitions);
            out.relations.push(relation);
        }
        out
    }

    /// Room for chunks of records.
    pub fn values(&self, definitions: &Definitions) -> KernelValues {
        KernelValues {
            columns: OperandColumns::new(&self.operands, definitions),
            truths: vec![TruthPlanes::default(); self.parts.len()],
        }
    }

    /// Reads a chunk of records.
    pub fn read(&self, chunk: &RecordChunk<'_, '_>, values: &mut KernelValues) {
        let KernelValues { columns, truths } = values;
        columns.read(&self.operands, chunk);
        for (part, truth) in self.parts.iter().zip(truths) {
            *truth = part.truth(&self.operands, columns, chunk.records);
        }
    }

    /// The field at a position.
    pub fn field(&self, at: usize, values: &KernelValues) -> FieldPlanes {
        let Some((operand, conditions)) = &self.fields[at] else {
            return FieldPlanes { filled: 0, applies: 0, open: u64::MAX };
        };
        let filled = !values.columns.states[*operand].missing;
        let Some(stage) = conditions else { return FieldPlanes { filled, applies: u64::MAX, open: 0 } };
        let undecided = values.columns.any(stage.watched, |states| states.foreign | states.invalid);
        let applies = undecided | !stage.truth(values).fails;
        FieldPlanes { filled, applies, open: values.columns.any(stage.reads, |states| states.open) }
    }

    /// The outcomes of the relation at a position.
    pub fn outcomes(&self, at: usize, values: &KernelValues) -> OutcomePlanes {
        match &self.relations[at] {
            Some(relation) => relation.outcomes(values),
            None => OutcomePlanes { open: u64::MAX, ..OutcomePlanes::default() },
        }
    }

    fn relation(
        &mut self,
        relation: &RelationDefinition,
        definitions: &Definitions,
    ) -> Option<CompiledRelation> {
        let (when, premise) =
            (self.stage(&relation.when, definitions)?, self.stage(&relation.premise, definitions)?);
        let mut reads = when.reads | premise.reads;
        let demand = match &relation.demand {
            Demand::Check(check) => {
                let check = self.stage(check, definitions)?;
                reads |= check.reads;
                CompiledDemand::Check(check)
            }
            Demand::Cases(cases) => {
                let (mut watched, mut compiled) = (0, Vec::new());
                for case in cases {
                    let (when, check) =
                        (self.stage(&case.when, definitions)?, self.stage(&case.check, definitions)?);
                    watched |= when.watched | check.watched;
                    reads |= when.reads | check.reads;
                    compiled.push((when, check));
                }
                CompiledDemand::Cases(watched, compiled)
            }
            Demand::Unique(_) | Demand::Group { .. } | Demand::Listed { .. } => return None,
        };
        let fields = definitions.read_by(relation.clauses());
        let is_plainly_missing = positions(fields).all(|field| definitions.fields[field].applies.is_empty());
        let failing_invalid = if relation.skips_invalid { 0 } else { u64::MAX };
        Some(CompiledRelation { when, premise, demand, reads, is_plainly_missing, failing_invalid })
    }

    fn stage(&mut self, clauses: &[Clause], definitions: &Definitions) -> Option<CompiledStage> {
        let mut stage = CompiledStage::default();
        for clause in clauses {
            let mut parts = Vec::new();
            for part in &clause.parts {
                let part = PartTest::compile(part, definitions, &mut self.operands)?;
                stage.watched |= part.watched();
                stage.reads |= part.reads();
                let known = self.parts.iter().position(|known| *known == part);
                parts.push(known.unwrap_or(self.parts.len()));
                if known.is_none() {
                    self.parts.push(part);
                }
            }
            stage.clauses.push(parts);
        }
        Some(stage)
    }
}

impl CompiledRelation {
    fn outcomes(&self, values: &KernelValues) -> OutcomePlanes {
        let (mut out, failing) = (OutcomePlanes::default(), self.failing_invalid);
        let mut left = u64::MAX;
        for (stage, passes_if_false) in [(&self.when, false), (&self.premise, true)] {
            left = out.decide_obstacles(stage.watched, left, failing, values);
            let truth = stage.truth(values);
            out.pass |= if passes_if_false { left & truth.fails } else { 0 };
            out.missing |= left & truth.unknown();
            left &= truth.holds;
        }
        match &self.demand {
            CompiledDemand::Check(check) => out.decide(check, left, failing, values),
            CompiledDemand::Cases(watched, cases) => {
                left = out.decide_obstacles(*watched, left, failing, values);
                let mut unknown = 0;
                for (when, check) in cases {
                    let truth = when.truth(values);
                    out.decide(check, left & truth.holds, failing, values);
                    left &= !truth.holds;
                    unknown |= truth.unknown();
                }
                out.missing |= left & unknown;
                out.pass |= left & !unknown;
            }
        }
        let hanging = if self.is_plainly_missing { 0 } else { out.missing };
        let open = hanging | values.columns.any(self.reads, |states| states.open);
        OutcomePlanes { missing: out.missing & !open, fail: out.fail & !open, pass: out.pass & !open, open }
    }
}

impl OutcomePlanes {
    /// Decides records with a foreign or an invalid operand, of which `failing` fail; the rest is left.
    fn decide_obstacles(&mut self, watched: OperandSet, of: u64, failing: u64, values: &KernelValues) -> u64 {
        let foreign = values.columns.any(watched, |states| states.foreign);
        let invalid = values.columns.any(watched, |states| states.invalid);
        self.fail |= of & invalid & !foreign & failing;
        of & !foreign & !invalid
    }

    /// Decides records by a check.
    fn decide(&mut self, check: &CompiledStage, of: u64, failing: u64, values: &KernelValues) {
        let of = self.decide_obstacles(check.watched, of, failing, values);
        let truth = check.truth(values);
        self.pass |= of & truth.holds;
        self.fail |= of & truth.fails;
        self.missing |= of & truth.unknown();
    }
}

impl CompiledStage {
    /// A stage holds where all clauses do, a clause where one of its parts does.
    fn truth(&self, values: &KernelValues) -> TruthPlanes {
        self.clauses.iter().fold(TruthPlanes::TRUE, |stage, parts| {
            let nothing = TruthPlanes { holds: 0, fails: u64::MAX };
            let clause = parts.iter().map(|part| values.truths[*part]).fold(nothing, |clause, part| {
                TruthPlanes { holds: clause.holds | part.holds, fails: clause.fails & part.fails }
            });
            TruthPlanes { holds: stage.holds & clause.holds, fails: stage.fails | clause.fails }
        })
    }
}
