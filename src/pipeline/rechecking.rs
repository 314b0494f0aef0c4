//! The record keys of units for a re-check 抽查, gathered from the register in one reading.

use std::sync::Arc;

use jiff::civil::Date;

use super::{Engine, RunError};
use crate::indicator::recheck::{KeyGatherer, RecordKeys};
use crate::register::unit::Units;
use crate::source::{Source, SourceError};

/// The records that a sample of a unit is drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitKeys {
    /// Code of the unit.
    pub code: String,
    /// Name of the unit.
    pub name: String,
    /// Keys of its records.
    pub keys: RecordKeys,
}

impl Engine {
    /// The keys of the records of some units, or of every unit that is judged. Nothing of them is kept here.
    pub async fn record_keys(&self, wanted: &[String], cut_off: Date) -> Result<Vec<UnitKeys>, RunError> {
        let mut source = Source::open(&self.settings.source).await?;
        source.count_on(cut_off);
        let listed = source.units().await?;
        let units = Units::at(listed, cut_off)
            .and_then(|units| units.with_aliases(&self.settings.source.units.aliases))
            .map_err(SourceError::Units)?;
        let units = Arc::new(units);
        let of = self.sampled_units(&units, wanted)?;
        let mut gatherer = KeyGatherer::new(units.clone(), &self.settings.indicators, cut_off, &of);
        source.keyed(&self.settings.campaign.time_zone, |batch| gatherer.add(batch)).await?;
        if gatherer.without_key > 0 {
            return Err(RunError::RecordsWithoutKey { records: gatherer.without_key });
        }
        let mut keys = gatherer.finish();
        let of_unit = |unit: &u32| {
            let keys = keys.remove(unit)?;
            let unit = &units.list()[*unit as usize];
            Some(UnitKeys { code: unit.code.clone(), name: unit.name.clone(), keys })
        };
        Ok(of.iter().filter_map(of_unit).collect())
    }

    /// Positions of the units with these codes or names, each once, or of all that are judged.
    fn sampled_units(&self, units: &Units, wanted: &[String]) -> Result<Vec<u32>, RunError> {
        if wanted.is_empty() {
            let is_judged =
                |i: &u32| self.settings.ranking.assesses(&units.list()[*i as usize], units.level(*i));
            return Ok(units.from_above().filter(is_judged).collect());
        }
        let mut out = Vec::new();
        for code in wanted {
            let unit = units.named(code).ok_or_else(|| RunError::no_such_unit(code, units))?;
            if !out.contains(&unit) {
                out.push(unit);
            }
        }
        Ok(out)
    }
}
