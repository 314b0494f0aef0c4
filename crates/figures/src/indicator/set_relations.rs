//! Relations over several records, counted in bounded memory: what each record adds waits in partitions by its key,
//! and in the end one partition after another is sorted and decided. So the order of arrival cannot matter.

use std::collections::BTreeMap;

use super::persons::SpillLimit;
use tongbao_rule::definitions::{Definitions, Demand};
use tongbao_rule::evaluate::{RelationOutcome, Truth};
use tongbao_rule::sets::SetMembers;

/// Keys are spread over this many partitions.
const PARTITIONS: usize = 64;

/// Stands for the number of a record where a list has an entry; records stay below it.
const ENTRY: u32 = u32::MAX;

/// What one record, or one entry of a list, adds to one relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetMember {
    /// Position among the office's own relations.
    pub relation: u8,
    /// Whether it is of the kind that a group counts.
    pub is_counted: Truth,
    /// Equal for records that belong together.
    pub key: Vec<u8>,
}

/// The members of all relations over several records, of one part of a register.
pub struct SetCollector {
    partitions: Vec<Vec<u8>>,
    held: usize,
    limit: Option<SpillLimit>,
    failure: Option<std::io::Error>,
}

/// A member as it waits: relation, key, the record's number, and whether its kind is counted.
type WaitingMember<'a> = (u8, &'a [u8], u32, u8);

impl SetCollector {
    /// Without a limit all members are kept in memory.
    pub fn new(limit: Option<SpillLimit>) -> SetCollector {
        SetCollector { partitions: vec![Vec::new(); PARTITIONS], held: 0, limit, failure: None }
    }

    /// Adds what the record of this number is to a relation.
    pub fn add(&mut self, record: u32, member: &SetMember) {
        let hash = member.key.iter().fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        let partition = &mut self.partitions[(hash >> 32) as usize % PARTITIONS];
        let before = partition.len();
        // No key is longer than a record, of at most 64 MiB.
        partition.extend((member.key.len() as u32).to_le_bytes());
        partition.extend(record.to_le_bytes());
        partition.extend([member.relation, member.is_counted as u8]);
        partition.extend(&member.key);
        self.held += partition.len() - before;
        if self.limit.as_ref().is_some_and(|limit| self.held > limit.bytes) {
            self.move_out();
        }
    }

    /// Adds an entry of a list, which has no outcome of its own.
    pub fn add_entry(&mut self, entry: &SetMember) {
        self.add(ENTRY, entry);
    }

    fn move_out(&mut self) {
        let Some(limit) = &mut self.limit else { return };
        for (at, partition) in self.partitions.iter_mut().enumerate() {
            let members = std::mem::take(partition);
            if !members.is_empty()
                && let Err(error) = limit.spill.write(at, &members)
            {
                self.failure.get_or_insert(error);
            }
        }
        self.held = 0;
    }

    fn take(&mut self, partition: usize) -> std::io::Result<Vec<u8>> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let mut members = std::mem::take(&mut self.partitions[partition]);
        if let Some(limit) = &mut self.limit {
            members.extend(limit.spill.read(partition)?);
        }
        Ok(members)
    }
}

fn members(mut block: &[u8]) -> impl Iterator<Item = WaitingMember<'_>> {
    std::iter::from_fn(move || {
        let (length, rest) = block.split_first_chunk::<4>()?;
        let (record, rest) = rest.split_first_chunk::<4>()?;
        let ([relation, is_counted], rest) = rest.split_first_chunk::<2>()?;
        let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        block = rest;
        Some((*relation, key, u32::from_le_bytes(*record), *is_counted))
    })
}

/// Decides all relations over the parts of a register. `each` receives the part, the record's number in it, the
/// relation, the key and the outcome of every member.
pub fn decide(
    parts: &mut [SetCollector],
    definitions: &Definitions,
    mut each: impl FnMut(usize, u32, u8, &[u8], RelationOutcome),
) -> std::io::Result<()> {
    for partition in 0..PARTITIONS {
        let blocks: Vec<Vec<u8>> =
            parts.iter_mut().map(|part| part.take(partition)).collect::<std::io::Result<_>>()?;
        let all = blocks.iter().enumerate();
        let mut all: Vec<(WaitingMember<'_>, usize)> =
            all.flat_map(|(at, block)| members(block).map(move |member| (member, at))).collect();
        all.sort_unstable();
        for set in all.chunk_by(|((a, a_key, ..), _), ((b, b_key, ..), _)| (a, a_key) == (b, b_key)) {
            let mut counts = SetMembers::default();
            set.iter().for_each(|((.., is_counted), _)| counts.add(truth(*is_counted)));
            let Some(((relation, key, ..), _)) = set.first() else { continue };
            let outcome = counts.outcome(demand(definitions, *relation));
            let records = set.iter().filter(|((_, _, record, _), _)| *record != ENTRY);
            records.for_each(|((_, _, record, _), part)| each(*part, *record, *relation, key, outcome));
        }
    }
    Ok(())
}

fn demand(definitions: &Definitions, relation: u8) -> &Demand {
    &definitions.own_relations()[usize::from(relation)].demand
}

fn truth(number: u8) -> Truth {
    match number {
        0 => Truth::False,
        1 => Truth::Unknown,
        _ => Truth::True,
    }
}

/// The outcomes that are no pass, by relation and key: what a second reading of the register needs to name the
/// records. Only sets with a fault are kept.
#[derive(Debug, Clone, Default)]
pub struct SetFaults(BTreeMap<(u8, Vec<u8>), RelationOutcome>);

impl SetFaults {
    /// Decides every group, one partition after another.
    pub fn of(collector: SetCollector, definitions: &Definitions) -> std::io::Result<SetFaults> {
        let mut faults = BTreeMap::new();
        decide(&mut [collector], definitions, |_, _, relation, key, outcome| {
            if outcome != RelationOutcome::Pass {
                faults.insert((relation, key.to_vec()), outcome);
            }
        })?;
        Ok(SetFaults(faults))
    }

    /// The outcome of a record that is this member of a relation.
    pub fn outcome(&self, member: SetMember) -> RelationOutcome {
        self.0.get(&(member.relation, member.key)).copied().unwrap_or(RelationOutcome::Pass)
    }
}
