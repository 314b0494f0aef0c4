//! What was pulled, and the figures that it comes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::indicator::exceptions::ExceptionCounts;
use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use crate::indicator::tally::{Matches, Tally};
use tongbao_config::settings::{CoverageMethod, Indicators, Rosters};
use tongbao_register::unit::Units;

/// What was pulled, frozen: everything later is a function of this and the settings.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The unit list of the cut-off day.
    pub units: Units,
    /// All counts, by unit and day.
    pub tally: Tally,
    /// Expected head counts by unit code (coverage method `baseline`).
    pub baseline: BTreeMap<String, u64>,
    /// 提取时刻.
    pub pulled_at: Timestamp,
}

impl Snapshot {
    /// The cumulative figures of each unit with everything below it, by position; records registered
    /// up to `to`. A baseline of a unit's own stands for all below it too.
    pub fn figures(&self, to: i32, indicators: &Indicators) -> Vec<Arc<Figures>> {
        let own = |i: u32| Arc::new(Figures::new(self.tally.until(Some(i), to), indicators, None));
        let mut figures: Vec<Arc<Figures>> = (0..self.units.len() as u32).map(own).collect();
        let close = |i: u32, figures: &mut Arc<Figures>| {
            let figures = Arc::make_mut(figures);
            let baseline = match indicators.coverage.method {
                CoverageMethod::Baseline => self.baseline.get(&self.units.list()[i as usize].code).copied(),
                CoverageMethod::Roster | CoverageMethod::None => None,
            };
            let coverage = baseline.map(|expected| Rate::new(figures.counts.persons, expected));
            *figures = Figures {
                coverage: coverage.unwrap_or(figures.coverage),
                ..Figures::new(figures.counts.clone(), indicators, None)
            };
        };
        self.units.roll_up(&mut figures, close, |sum, below| {
            let sum = Arc::make_mut(sum);
            sum.counts += &below.counts;
            sum.coverage = sum.coverage.with(below.coverage);
        });
        figures
    }

    /// What the comparison with each named roster comes to, each unit with everything below it; empty
    /// where the tally was made for other rosters.
    pub(super) fn matches(&self, to: i32, rosters: &Rosters) -> Vec<Vec<Matches>> {
        let is_alike = self.tally.matches.len() == rosters.reconciled();
        let own = |i: u32| if is_alike { self.tally.matches_until(Some(i), to) } else { Vec::new() };
        let mut matches: Vec<Vec<Matches>> = (0..self.units.len() as u32).map(own).collect();
        self.units.roll_up(
            &mut matches,
            |_, _| (),
            |sum, below| sum.iter_mut().zip(below).for_each(|(sum, below)| *sum += *below),
        );
        matches
    }

    /// Records that pass by proven exceptions alone, each unit with everything below it.
    pub(super) fn exceptions(&self, to: i32) -> Vec<ExceptionCounts> {
        let own = |i: u32| self.tally.exceptions_until(Some(i), to);
        let mut counts: Vec<ExceptionCounts> = (0..self.units.len() as u32).map(own).collect();
        self.units.roll_up(&mut counts, |_, _| (), |sum, below| *sum += below);
        counts
    }

    /// Records registered in the period, each unit with everything below it.
    pub(super) fn new_records(&self, from: i32, to: i32) -> Vec<u64> {
        let own = |i: u32| self.tally.records_between(Some(i), from, to);
        let mut records: Vec<u64> = (0..self.units.len() as u32).map(own).collect();
        self.units.roll_up(&mut records, |_, _| (), |sum, below| *sum += *below);
        records
    }

    /// The cumulative figures of all units together.
    pub fn totals(&self, to: i32, indicators: &Indicators) -> Figures {
        self.sum_of_roots(&self.figures(to, indicators))
    }

    /// What stands at the top of the tree holds everything, and nothing twice.
    pub(super) fn sum_of_roots(&self, figures: &[Arc<Figures>]) -> Figures {
        let roots = self.units.from_above().filter(|i| self.units.parent(*i).is_none());
        Figures::total(roots.map(|i| &*figures[i as usize]))
    }
}
