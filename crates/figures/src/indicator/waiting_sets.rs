//! Records that wait for relations over several records.

use std::sync::Arc;

use polars::prelude::PlHashMap;

use super::set_relations::{self, SetCollector, SetMember};
use super::tallying::TallyError;
use tongbao_config::settings::Indicators;
use tongbao_rule::definitions::Definitions;

/// Records that wait until relations over several records are decided: twelve bytes each.
pub(super) struct WaitingSets {
    definitions: Arc<Definitions>,
    pub(super) collector: SetCollector,
    /// Place and number of the pattern.
    pub(super) records: Vec<u64>,
    /// Outcomes by relation, 2 bits each.
    pub(super) outcomes: Vec<u32>,
    /// Key and number of the records with proven exceptions.
    pub(super) proved: PlHashMap<u32, Identity>,
}

/// Key and number of a record.
pub(super) type Identity = (Vec<u8>, Vec<u8>);

impl WaitingSets {
    /// Nothing waits yet.
    pub(super) fn new(indicators: &Indicators) -> WaitingSets {
        let definitions = indicators.definitions.clone();
        WaitingSets {
            definitions,
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

/// Decides the relations, of all talliers together.
pub(super) fn decide<'a>(waiting: impl Iterator<Item = &'a mut WaitingSets>) -> Result<(), TallyError> {
    let mut waiting: Vec<&mut WaitingSets> = waiting.collect();
    let Some(first) = waiting.first() else { return Ok(()) };
    let definitions = first.definitions.clone();
    let mut collectors = Vec::new();
    for sets in &mut waiting {
        sets.outcomes = vec![0; sets.records.len()];
        collectors.push(std::mem::replace(&mut sets.collector, SetCollector::new(None)));
    }
    set_relations::decide(&mut collectors, &definitions, |part, record, relation, _, outcome| {
        waiting[part].outcomes[record as usize] |= (outcome as u32) << (2 * u32::from(relation));
    })?;
    Ok(())
}
