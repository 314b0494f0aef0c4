//! All figures of one run: what every document, table and mail is made of.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::acceptance::{self, Verdict};
use super::movement::Movement;
use super::rank::{Candidate, Unranked, rank};
use super::score::{Score, score};
use crate::config::settings::{CoverageMethod, Indicators, Ranking, Scoring};
use crate::indicator::figures::Figures;
use crate::indicator::tally::{Counts, Findings, Tally};
use crate::register::batch::days_since_epoch;
use crate::register::unit::{Unit, Units};
use crate::schedule::period::Period;

/// What was pulled, frozen: everything later is a function of this and the settings.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub units: Units,
    pub tally: Tally,
    /// Expected head counts by unit code (coverage method `baseline`).
    pub baseline: BTreeMap<String, u64>,
    pub pulled_at: Timestamp,
}

impl Snapshot {
    /// The cumulative figures of the unit at a position, records registered up to `to`.
    pub fn figures(&self, position: usize, to: i32, indicators: &Indicators) -> Figures {
        let counts = self.tally.until(Some(position as u32), to);
        let baseline = match indicators.coverage.method {
            CoverageMethod::Baseline => self.baseline.get(&self.units.list()[position].code).copied(),
            CoverageMethod::Roster => None,
        };
        Figures::new(counts, indicators, baseline)
    }

    /// The cumulative figures of all units together.
    pub fn totals(&self, to: i32, indicators: &Indicators) -> Figures {
        let units: Vec<Figures> = (0..self.units.len()).map(|i| self.figures(i, to, indicators)).collect();
        Figures::total(units.iter(), indicators)
    }
}

/// The rules that turn a snapshot into results.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub indicators: &'a Indicators,
    pub scoring: &'a Scoring,
    pub ranking: &'a Ranking,
}

/// The figures of a run.
#[derive(Debug, Clone)]
pub struct Results {
    pub period: Period,
    pub pulled_at: Timestamp,
    pub totals: Figures,
    /// Counts of records registered within the period.
    pub in_period: Counts,
    /// In the order of their codes.
    pub units: Vec<UnitResult>,
    pub unknown_unit_records: u64,
    pub duplicates: u64,
    pub findings: Findings,
    pub verdict: Verdict,
    /// The compared run, where there is one.
    pub compared: Option<Compared>,
}

/// What the compared run said, as far as it is printed.
#[derive(Debug, Clone)]
pub struct Compared {
    pub period: Period,
    pub totals: Figures,
}

/// One unit's figures and places.
#[derive(Debug, Clone)]
pub struct UnitResult {
    pub unit: Unit,
    pub figures: Figures,
    pub in_period: Counts,
    pub score: Option<Score>,
    pub rank: Option<u32>,
    pub rank_in_group: Option<u32>,
    pub unranked: Option<Unranked>,
    /// Change of `rank_in_group` against the compared run.
    pub movement: Movement,
    pub passed: Option<bool>,
    /// Figures and rank in group in the compared run, if the unit was there.
    pub before: Option<Before>,
}

#[derive(Debug, Clone, Copy)]
pub struct Before {
    pub figures: Figures,
    pub rank_in_group: Option<u32>,
}

impl Results {
    /// Computes everything for the period; cumulative figures count records up to its last day.
    pub fn new(snapshot: &Snapshot, period: Period, rules: Rules, before: Option<&Results>) -> Results {
        let (from, to) = (days_since_epoch(period.from), days_since_epoch(period.to));
        let mut units: Vec<UnitResult> = snapshot
            .units
            .list()
            .iter()
            .enumerate()
            .map(|(i, unit)| {
                let in_period = snapshot.tally.between(Some(i as u32), from, to);
                unit_result(unit, snapshot.figures(i, to, rules.indicators), in_period, rules)
            })
            .collect();
        place(&mut units, rules.ranking);
        if let Some(before) = before {
            compare(&mut units, before);
        }
        let totals = Figures::total(units.iter().map(|u| &u.figures), rules.indicators);
        let in_period = units.iter().fold(Counts::default(), |mut sum, unit| {
            sum += unit.in_period;
            sum
        });
        let unknown = snapshot.tally.until(None, to);
        let verdict = acceptance::verdict(&totals, units.iter().map(|u| &u.figures), rules.indicators);
        Results {
            period,
            pulled_at: snapshot.pulled_at,
            totals,
            in_period,
            units,
            unknown_unit_records: unknown.records,
            duplicates: totals.counts.duplicates + unknown.duplicates,
            findings: snapshot.tally.findings,
            verdict,
            compared: before.map(|b| Compared { period: b.period, totals: b.totals }),
        }
    }

    /// The same for one unit alone: its figures are the totals, and its places stay those among all.
    pub fn only(&self, code: &str) -> Option<Results> {
        let unit = self.units.iter().find(|unit| unit.unit.code == code)?;
        let compared = self.compared.as_ref().zip(unit.before);
        Some(Results {
            totals: unit.figures,
            in_period: unit.in_period,
            units: vec![unit.clone()],
            unknown_unit_records: 0,
            duplicates: unit.figures.counts.duplicates,
            findings: Findings::default(),
            verdict: match unit.passed {
                Some(true) => Verdict::Accepted,
                Some(false) => Verdict::Rectify,
                None => Verdict::CannotBeJudged,
            },
            compared: compared.map(|(all, own)| Compared { period: all.period, totals: own.figures }),
            ..*self
        })
    }

    /// Records of all units and of none.
    pub fn all_records(&self) -> u64 {
        self.totals.counts.records + self.unknown_unit_records
    }

    /// Units by rank in group, then the unranked, each by code. `kind` picks one group.
    pub fn ranked(&self, kind: Option<&str>) -> Vec<&UnitResult> {
        let mut list: Vec<&UnitResult> =
            self.units.iter().filter(|u| kind.is_none_or(|kind| u.unit.kind == kind)).collect();
        list.sort_by_key(|u| {
            let rank = if kind.is_some() { u.rank_in_group } else { u.rank };
            (rank.is_none(), rank)
        });
        list
    }

    /// The kinds of unit, in the order in which they first occur by code.
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        for unit in &self.units {
            if !kinds.contains(&unit.unit.kind.as_str()) {
                kinds.push(&unit.unit.kind);
            }
        }
        kinds
    }
}

fn unit_result(unit: &Unit, figures: Figures, in_period: Counts, rules: Rules) -> UnitResult {
    UnitResult {
        unit: unit.clone(),
        figures,
        in_period,
        score: score(&unit.code, &figures, rules.indicators, rules.scoring),
        rank: None,
        rank_in_group: None,
        unranked: None,
        movement: Movement::None,
        passed: figures.passed(rules.indicators),
        before: None,
    }
}

fn place(units: &mut [UnitResult], ranking: &Ranking) {
    let candidates: Vec<Candidate> = units
        .iter()
        .map(|u| Candidate {
            kind: &u.unit.kind,
            figures: &u.figures,
            score: u.score.as_ref().map(|score| &score.total),
        })
        .collect();
    let places = rank(&candidates, ranking);
    for (unit, place) in units.iter_mut().zip(places) {
        match place {
            Ok(ranks) => (unit.rank, unit.rank_in_group) = (Some(ranks.overall), Some(ranks.in_group)),
            Err(reason) => unit.unranked = Some(reason),
        }
    }
}

fn compare(units: &mut [UnitResult], before: &Results) {
    let by_code: HashMap<&str, &UnitResult> =
        before.units.iter().map(|u| (u.unit.code.as_str(), u)).collect();
    for unit in units {
        let old = by_code.get(unit.unit.code.as_str());
        let old_rank = old.and_then(|old| old.rank_in_group);
        unit.movement = Movement::between(unit.rank_in_group, Some(old_rank));
        unit.before = old.map(|old| Before { figures: old.figures, rank_in_group: old.rank_in_group });
    }
}
