//! The rates of one unit, or of all units together, as exact counts.

use super::counts::Counts;
use super::rate::Rate;
use tongbao_config::settings::{CountedPersons, CoverageMethod, Indicator, Indicators, Measure, Relation};

/// Counts with the rates that the definitions in use make of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// What the rates are made of.
    pub counts: Counts,
    /// 覆盖率
    pub coverage: Rate,
    /// 完整率
    pub completeness: Rate,
    /// 准确率
    pub accuracy: Rate,
    /// Rates of the office's own by position.
    pub own: Vec<Rate>,
}

impl Figures {
    /// `baseline` is the expected head count, used by the coverage method of that name alone.
    pub fn new(counts: Counts, indicators: &Indicators, baseline: Option<u64>) -> Figures {
        let coverage = match (indicators.coverage.method, baseline) {
            (CoverageMethod::Roster, _) => Rate::new(counts.covered, counts.roster),
            (CoverageMethod::Baseline, Some(expected)) => Rate::new(counts.persons, expected),
            (CoverageMethod::Baseline, None) => Rate::new(counts.persons, 0),
            (CoverageMethod::None, _) => Rate::default(),
        };
        let completeness = match indicators.completeness.counted {
            CountedPersons::Records => counts.completeness_records(),
            CountedPersons::Cells => counts.cells(&indicators.fields()),
        };
        let own = indicators.own.iter().map(|own| measured(&counts, &own.measure)).collect();
        Figures { coverage, completeness, accuracy: counts.accuracy(), own, counts }
    }

    /// The figures of several units together. Coverage sums the units that have a denominator, so
    /// that a unit without baseline does not lend its persons to the others.
    pub fn total<'a>(units: impl Iterator<Item = &'a Figures>) -> Figures {
        units.fold(Figures::default(), |mut sum, unit| {
            sum.counts += &unit.counts;
            sum.coverage = sum.coverage.with(unit.coverage);
            sum.completeness = sum.completeness.with(unit.completeness);
            sum.accuracy = sum.accuracy.with(unit.accuracy);
            sum.own.resize(sum.own.len().max(unit.own.len()), Rate::default());
            sum.own.iter_mut().zip(&unit.own).for_each(|(sum, own)| *sum = sum.with(*own));
            sum
        })
    }

    /// Whether persons are expected of the unit and it has no record at all.
    pub fn is_silent(&self) -> bool {
        self.counts.records == 0 && self.coverage.denominator > 0
    }

    /// Whether it has no record, and nobody is expected of it: there is nothing to judge it by.
    pub fn has_nothing(&self) -> bool {
        self.counts.records == 0 && self.coverage.denominator == 0
    }

    /// More persons than were expected: the baseline is too low, or persons are registered twice.
    pub fn exceeds_expected(&self) -> bool {
        self.coverage.is_in_doubt()
    }

    /// The rate of an indicator; 0 / 0 for an own one that is not defined.
    pub fn rate(&self, indicator: Indicator) -> Rate {
        match indicator {
            Indicator::Coverage => self.coverage,
            Indicator::Completeness => self.completeness,
            Indicator::Accuracy => self.accuracy,
            Indicator::Own(at) => self.own.get(usize::from(at)).copied().unwrap_or_default(),
        }
    }

    /// Whether all targets are met, those of units of `kind` or, without one, of all units together; `None` when none is
    /// failed and a denominator is missing or in doubt.
    pub fn passed(&self, indicators: &Indicators, kind: Option<&str>) -> Option<bool> {
        let all = indicators.all().into_iter();
        let met: Vec<Option<bool>> =
            all.map(|i| self.rate(i).judged(indicators.target_of(i, kind))).collect();
        if met.contains(&Some(false)) {
            return Some(false);
        }
        (!met.contains(&None)).then_some(true)
    }

    /// Roster persons found under another unit than their own.
    pub fn matched_elsewhere(&self) -> u64 {
        self.counts.covered - self.counts.covered_own
    }
}

fn measured(counts: &Counts, measure: &Measure) -> Rate {
    let sum = |relations: &mut dyn Iterator<Item = Relation>| {
        relations.map(|relation| counts.relation(relation)).fold(Rate::default(), Rate::with)
    };
    match measure {
        Measure::Fields(fields) => counts.cells(fields),
        Measure::Valid(fields) => sum(&mut fields.iter().map(|(_, relation)| *relation)),
        Measure::Relations(relations) => sum(&mut relations.iter().copied()),
    }
}
