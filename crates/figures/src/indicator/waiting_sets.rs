//! Records that wait for relations over several records.

use std::sync::Arc;

use polars::prelude::PlHashMap;

use super::own_pattern::OwnPattern;
use super::set_relations::{self, SetCollector, SetMember};
use super::tallying::TallyError;
use tongbao_config::settings::Indicators;
use tongbao_rule::definitions::Definitions;
use tongbao_rule::evaluate::RelationOutcome;

/// Outcomes in one number.
const A_NUMBER: usize = u32::BITS as usize / 2;

/// Records that wait until relations over several records are decided: eight bytes each, and two bits for each relation.
pub(super) struct WaitingSets {
    definitions: Arc<Definitions>,
    /// Positions of the relations over several records among the office's own.
    relations: Vec<u8>,
    pub(super) collector: SetCollector,
    /// Place and number of the pattern.
    pub(super) records: Vec<u64>,
    /// Numbers with the outcomes of the relations, 2 bits each; as many for each record as it takes.
    outcomes: Vec<u32>,
    /// Key and number of the records with proven exceptions.
    pub(super) proved: PlHashMap<u32, Identity>,
}

/// Key and number of a record.
pub(super) type Identity = (Vec<u8>, Vec<u8>);

impl WaitingSets {
    /// Nothing waits yet.
    pub(super) fn new(indicators: &Indicators) -> WaitingSets {
        let definitions = indicators.definitions.clone();
        let relations = (0..).zip(definitions.own_relations());
        let relations = relations.filter(|(_, relation)| relation.is_of_sets()).map(|(at, _)| at).collect();
        WaitingSets {
            definitions,
            relations,
            collector: SetCollector::new(None),
            records: Vec::new(),
            outcomes: Vec::new(),
            proved: PlHashMap::default(),
        }
    }

    /// Adds a record with what the relations compare of it.
    pub(super) fn add(&mut self, record: u64, members: &[SetMember], proved: Option<Identity>) {
        // Records stay below 2^32.
        let at = self.records.len() as u32;
        self.records.push(record);
        self.proved.extend(proved.map(|identity| (at, identity)));
        members.iter().for_each(|member| self.collector.add(at, member));
    }
}

impl WaitingSets {
    /// Numbers of a record's outcomes.
    fn numbers(&self) -> usize {
        self.relations.len().div_ceil(A_NUMBER)
    }

    fn set_outcome(&mut self, record: u32, relation: u8, outcome: RelationOutcome) {
        let Ok(at) = self.relations.binary_search(&relation) else { return };
        let number = record as usize * self.numbers() + at / A_NUMBER;
        self.outcomes[number] |= (outcome as u32) << (2 * (at % A_NUMBER));
    }

    /// The records, each with the outcomes that it waited for.
    pub(super) fn decided(&self) -> impl Iterator<Item = (u64, OwnPattern)> {
        // There are relations over several records, or nothing waits.
        let outcomes = self.outcomes.chunks(self.numbers().max(1));
        let pattern = |outcomes: &[u32]| {
            let outcome = |at: usize| {
                RelationOutcome::ALL[(outcomes[at / A_NUMBER] >> (2 * (at % A_NUMBER)) & 3) as usize]
            };
            let relations = self.relations.iter().enumerate();
            relations
                .fold(OwnPattern::default(), |pattern, (at, relation)| pattern.with(*relation, outcome(at)))
        };
        self.records.iter().copied().zip(outcomes.map(pattern))
    }
}

/// Decides the relations, of all talliers together.
pub(super) fn decide<'a>(waiting: impl Iterator<Item = &'a mut WaitingSets>) -> Result<(), TallyError> {
    let mut waiting: Vec<&mut WaitingSets> = waiting.collect();
    let Some(first) = waiting.first() else { return Ok(()) };
    let definitions = first.definitions.clone();
    let mut collectors = Vec::new();
    for sets in &mut waiting {
        sets.outcomes = vec![0; sets.records.len() * sets.numbers()];
        collectors.push(std::mem::replace(&mut sets.collector, SetCollector::new(None)));
    }
    set_relations::decide(&mut collectors, &definitions, |part, record, relation, _, outcome| {
        waiting[part].set_outcome(record, relation, outcome);
    })?;
    Ok(())
}
