//! All figures of one run: what every document, table and mail is made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::acceptance::{self, AcceptanceVerdict};
use super::comparable::Comparable;
use super::places::{compare, name_fully, outermost, place, rank_in_groups_alone, rank_levels_apart};
use super::snapshot::Snapshot;
use super::successors::earlier_by_unit;
use super::unit_result::{TreePosition, UnitResult, kinds_of, unit_result};
use super::zeroes::mark_zeroes;
use crate::indicator::exceptions::ExceptionCounts;
use crate::indicator::figures::Figures;
use crate::indicator::record_findings::RecordFindings;
use crate::indicator::tally::{Bucket, Matches};
use tongbao_base::schedule::period::Period;
use tongbao_config::settings::{Indicator, Indicators, Ranking, Scoring, Target};
use tongbao_register::batch::days_since_epoch;
use tongbao_register::succession::Succession;

/// The run before, where rates were defined otherwise there.
#[derive(Debug, Clone)]
pub struct ChangedDefinitions {
    /// Its period.
    pub period: Period,
    /// The rates in use that are not compared with it: with another definition, or new.
    pub rates: Vec<Indicator>,
    /// What it counted; `None` where that cannot be read any more.
    pub indicators: Option<Arc<Indicators>>,
}

impl ChangedDefinitions {
    /// Whether a rate in use was not counted then, as far as that is known.
    pub fn is_new(&self, rate: Indicator, in_use: &Indicators) -> bool {
        let key = in_use.indicator_key(rate);
        let is_other = |then: &Indicators| then.all().into_iter().all(|old| then.indicator_key(old) != key);
        self.indicators.as_deref().is_some_and(is_other)
    }
}

/// The rules that turn a snapshot into results.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// What is counted, and the targets.
    pub indicators: &'a Indicators,
    /// How rates become a score.
    pub scoring: &'a Scoring,
    /// How scores become ranks.
    pub ranking: &'a Ranking,
}

/// The figures of a run.
#[derive(Debug, Clone)]
pub struct Results {
    /// What the report is about; its last day is the cut-off.
    pub period: Period,
    /// 提取时刻.
    pub pulled_at: Timestamp,
    /// Of all units together; records with an unknown unit are not among them.
    pub totals: Figures,
    /// The kind of unit whose targets the totals must reach; `None` = the general ones, as of all units together.
    pub totals_kind: Option<String>,
    /// Records registered within the period.
    pub new_records: u64,
    /// The comparison with each named roster, and after several with all of them together.
    pub matches: Vec<Matches>,
    /// Records that pass by proven exceptions alone.
    pub exceptions: ExceptionCounts,
    /// Each before those below it; units with the same one above in the order of their codes.
    pub units: Vec<UnitResult>,
    /// Units that have ended before the cut-off.
    pub successions: Vec<Succession>,
    /// Records whose unit the list does not have.
    pub unknown_unit_records: u64,
    /// All records that were read, those registered after the cut-off included: what the findings are of.
    pub records_read: u64,
    /// Distinct persons of the roster, those with an unknown unit included.
    pub roster_persons: u64,
    /// Further records with an ID number that is in the register already, those with an unknown unit included.
    pub duplicates: u64,
    /// What was found wrong with values.
    pub findings: RecordFindings,
    /// Whether all targets are met by all units together and by each one.
    pub verdict: AcceptanceVerdict,
    /// The compared run, where there is one.
    pub compared: Option<ComparedRun>,
    /// The run before, where it has rates that were defined otherwise; without any other it is not compared at all.
    pub changed: Option<ChangedDefinitions>,
    /// What of an earlier run can be compared.
    pub comparable: Comparable,
    /// Whether the totals are measured against targets: not those of a page of a unit below the level that is judged.
    pub judges_totals: bool,
    is_grouped: bool,
    is_nested: bool,
    /// Whether the kind of a unit is its depth in the tree, because none has another.
    pub kinds_are_levels: bool,
}

/// What the compared run said, as far as it is printed.
#[derive(Debug, Clone)]
pub struct ComparedRun {
    /// Its reporting period.
    pub period: Period,
    /// Its figures of all units together.
    pub totals: Figures,
    /// What of it can be compared.
    pub comparable: Comparable,
}

impl Results {
    /// Computes everything for the period; cumulative figures count records up to its last day.
    pub fn new(snapshot: &Snapshot, period: Period, rules: Rules, before: Option<&Results>) -> Results {
        let (from, to) = (days_since_epoch(period.from), days_since_epoch(period.to));
        let list = &snapshot.units;
        let figures = snapshot.figures(to, rules.indicators);
        let new_records = snapshot.new_records(from, to);
        let matches = snapshot.matches(to, &rules.indicators.coverage.rosters);
        let exceptions = snapshot.exceptions(to);
        let totals = snapshot.sum_of_roots(&figures);
        let unit = |i: u32| {
            let at = i as usize;
            let (unit, level) = (&list.list()[at], list.level(i));
            let is_assessed = rules.ranking.assesses(unit, level);
            let matches = matches[at].clone();
            UnitResult {
                matches,
                exceptions: exceptions[at].clone(),
                new_records: new_records[at],
                ..unit_result(unit, figures[at].clone(), TreePosition { level, is_assessed }, rules)
            }
        };
        let mut units: Vec<UnitResult> = list.from_above().map(unit).collect();
        let kinds_are_levels = rules.ranking.by_kind && rank_levels_apart(&mut units);
        name_fully(&mut units);
        place(&mut units, rules.ranking);
        if let Some(before) = before {
            compare(&mut units, earlier_by_unit(before, list), before.comparable, rules.indicators);
            mark_zeroes(&mut units, rules);
        }
        let roots = units.iter().filter(|unit| unit.level == 1);
        let (mut new_records, mut matches) = (0, Vec::new());
        let mut exceptions = ExceptionCounts::default();
        for root in roots {
            exceptions += &root.exceptions;
            new_records += root.new_records;
            matches.resize(root.matches.len(), Matches::default());
            matches.iter_mut().zip(&root.matches).for_each(|(sum, root)| *sum += *root);
        }
        let unknown = snapshot.tally.until(None, to);
        let assessed = units.iter().filter(|unit| unit.is_assessed);
        let passed = std::iter::once(totals.passed(rules.indicators, None));
        let kinds: BTreeSet<&str> = assessed.clone().map(|unit| unit.unit.kind.as_str()).collect();
        let is_grouped = rules.ranking.by_kind && kinds.len() > 1;
        let is_nested = is_grouped && outermost(&units).count() < assessed.clone().count();
        if is_nested {
            rank_in_groups_alone(&mut units);
        }
        let assessed = units.iter().filter(|unit| unit.is_assessed);
        let verdict = acceptance::verdict(passed.chain(assessed.map(|unit| unit.passed)));
        Results {
            period,
            pulled_at: snapshot.pulled_at,
            totals_kind: None,
            new_records,
            matches,
            exceptions,
            units,
            successions: list.successions().to_vec(),
            unknown_unit_records: unknown.records,
            records_read: snapshot.tally.cells.records(Bucket::ALL),
            roster_persons: totals.counts.roster + unknown.roster,
            duplicates: totals.counts.duplicates + unknown.duplicates,
            totals,
            findings: snapshot.tally.findings.clone(),
            verdict,
            compared: before.map(|b| ComparedRun {
                period: b.period,
                totals: b.totals.clone(),
                comparable: b.comparable,
            }),
            changed: None,
            comparable: Comparable::WHOLLY,
            judges_totals: true,
            is_grouped,
            is_nested,
            kinds_are_levels,
        }
    }

    /// The same for one unit with what is below it: its figures are the totals, and its places stay
    /// those among all.
    pub fn only(&self, code: &str) -> Option<Results> {
        let at = self.units.iter().position(|unit| unit.unit.code == code)?;
        let unit = UnitResult { is_assessed: true, ..self.units[at].clone() };
        let below = self.units[at + 1..].iter().take_while(|below| below.level > unit.level);
        let below = below.map(|below| UnitResult { is_assessed: false, ..below.clone() });
        let compared = self.compared.as_ref().zip(unit.before.as_ref());
        Some(Results {
            totals: unit.figures.as_ref().clone(),
            totals_kind: Some(unit.unit.kind.clone()),
            new_records: unit.new_records,
            matches: unit.matches.clone(),
            exceptions: unit.exceptions.clone(),
            units: std::iter::once(unit.clone()).chain(below).collect(),
            successions: self.successions.clone(),
            unknown_unit_records: 0,
            records_read: unit.figures.counts.records,
            roster_persons: unit.figures.counts.roster,
            duplicates: unit.figures.counts.duplicates,
            findings: RecordFindings::default(),
            verdict: match unit.passed {
                Some(true) => AcceptanceVerdict::Accepted,
                Some(false) => AcceptanceVerdict::Rectify,
                None => AcceptanceVerdict::CannotBeJudged,
            },
            judges_totals: unit.is_judged,
            compared: compared
                .map(|(all, own)| ComparedRun { totals: own.figures.as_ref().clone(), ..all.clone() }),
            changed: self.changed.clone(),
            ..*self
        })
    }

    /// Whether a rate is compared with the run before.
    pub fn is_compared(&self, indicator: Indicator) -> bool {
        self.compared.is_some() && !self.is_changed(indicator)
    }

    /// Whether a rate was defined otherwise in the run before, or not at all.
    pub fn is_changed(&self, indicator: Indicator) -> bool {
        self.changed.as_ref().is_some_and(|changed| changed.rates.contains(&indicator))
    }

    /// Whether ranks are compared with those of the run before.
    pub fn compares_ranks(&self) -> bool {
        self.compared.as_ref().is_some_and(|before| before.comparable.ranks)
    }

    /// The target that the totals must reach.
    pub fn target(&self, indicator: Indicator, indicators: &Indicators) -> Target {
        indicators.target_of(indicator, self.totals_kind.as_deref())
    }

    /// Whether the totals meet all their targets.
    pub fn totals_passed(&self, indicators: &Indicators) -> Option<bool> {
        self.totals.passed(indicators, self.totals_kind.as_deref())
    }

    /// Records of all units and of none.
    pub fn all_records(&self) -> u64 {
        self.totals.counts.records + self.unknown_unit_records
    }

    /// The units that are ranked and judged.
    pub fn assessed(&self) -> impl Iterator<Item = &UnitResult> {
        self.units.iter().filter(|unit| unit.is_assessed)
    }

    /// The assessed units that no other assessed unit is above: together they hold each person once.
    pub fn outermost(&self) -> impl Iterator<Item = &UnitResult> {
        outermost(&self.units)
    }

    /// The kinds of the units that are ranked together and hold each person once; `None` = all units. Where some stand
    /// above others, who is above holds what is below it and is not ranked with it: then each kind of the topmost.
    pub fn topmost_kinds(&self) -> Vec<Option<&str>> {
        if !self.is_nested {
            return vec![None];
        }
        let is_topmost = |kind: &&str| self.outermost().any(|unit| unit.unit.kind == *kind);
        self.kinds().into_iter().filter(is_topmost).map(Some).collect()
    }

    /// Assessed units in the order of their places among all, or among those of the first of [`Self::topmost_kinds`].
    pub fn ranked_together(&self) -> Vec<&UnitResult> {
        self.ranked(self.topmost_kinds().first().copied().flatten())
    }

    /// Whether assessed units stand above others, so that each kind is ranked by itself alone.
    pub fn are_nested(&self) -> bool {
        self.is_nested
    }

    /// Assessed units by rank in group, then the unranked, each by code. `kind` picks one group.
    pub fn ranked(&self, kind: Option<&str>) -> Vec<&UnitResult> {
        let mut list: Vec<&UnitResult> =
            self.assessed().filter(|u| kind.is_none_or(|kind| u.unit.kind == kind)).collect();
        list.sort_by_key(|u| {
            let rank = if kind.is_some() { u.rank_in_group } else { u.rank };
            (rank.is_none(), rank, &u.unit.code)
        });
        list
    }

    /// Whether units are ranked in groups, so that there are two ranks to tell apart.
    pub fn are_grouped(&self) -> bool {
        self.is_grouped
    }

    /// The kinds of assessed units; see [`kinds_of`].
    pub fn kinds(&self) -> Vec<&str> {
        kinds_of(self.assessed())
    }
}
