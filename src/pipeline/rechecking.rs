//! Samples for a re-check 抽查, drawn from the register in one reading.

use std::sync::Arc;

use jiff::civil::Date;

use super::{Engine, RunError};
use crate::indicator::recheck::{SampleDrawer, digest_of_keys};
use crate::register::unit::Units;
use crate::source::{Source, SourceError};

/// The sample of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnSample {
    /// Code of the unit.
    pub code: String,
    /// Name of the unit.
    pub name: String,
    /// Records that it is drawn from.
    pub population: u64,
    /// Record keys, in the order in which they were drawn.
    pub keys: Vec<String>,
}

impl DrawnSample {
    /// What the returned list is known by.
    pub fn digest(&self) -> String {
        digest_of_keys(self.keys.iter().map(String::as_str))
    }
}

impl Engine {
    /// Draws `size` records of each of some units, or of every unit that is judged. Nothing of it is kept here.
    pub async fn draw_samples(
        &self,
        wanted: &[String],
        cut_off: Date,
        (seed, size): (&str, usize),
    ) -> Result<Vec<DrawnSample>, RunError> {
        let mut source = Source::open(&self.settings.source).await?;
        let listed = source.units().await?;
        let units = Units::at(listed, cut_off)
            .and_then(|units| units.with_aliases(&self.settings.source.units.aliases))
            .map_err(SourceError::Units)?;
        let units = Arc::new(units);
        let of = self.sampled_units(&units, wanted)?;
        let indicators = &self.settings.indicators;
        let mut drawer = SampleDrawer::new(units.clone(), indicators, cut_off, &of, (seed, size));
        source.keyed(&self.settings.campaign.time_zone, |batch| drawer.add(batch)).await?;
        if drawer.without_key > 0 {
            return Err(RunError::RecordsWithoutKey { records: drawer.without_key });
        }
        let mut samples = drawer.finish();
        let sample = |unit: &u32| {
            let drawn = samples.remove(unit)?;
            let unit = &units.list()[*unit as usize];
            Some(DrawnSample {
                code: unit.code.clone(),
                name: unit.name.clone(),
                population: drawn.population,
                keys: drawn.keys().into_iter().map(str::to_owned).collect(),
            })
        };
        Ok(of.iter().filter_map(sample).collect())
    }

    /// Positions of the units with these codes, each once, or of all that are judged.
    fn sampled_units(&self, units: &Units, wanted: &[String]) -> Result<Vec<u32>, RunError> {
        if wanted.is_empty() {
            let is_judged =
                |i: &u32| self.settings.ranking.assesses(&units.list()[*i as usize], units.level(*i));
            return Ok(units.from_above().filter(is_judged).collect());
        }
        let mut out = Vec::new();
        for code in wanted {
            let unit = units.own_position(code).ok_or_else(|| RunError::NoSuchUnit { code: code.clone() })?;
            if !out.contains(&unit) {
                out.push(unit);
            }
        }
        Ok(out)
    }
}
