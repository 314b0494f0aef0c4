//! Lists that do not fit one another at all, so that what comes of them means nothing.

use super::results::Snapshot;
use crate::indicator::tally::Counts;
use tongbao_config::settings::{Coverage, CoverageMethod, RosterName};

/// Why figures cannot be judged, with the place to mend. It tells counts and never what a row holds:
/// the wrong column may be one of names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error(
        "none of {records} records has a unit code that source.units has: no unit has figures; correct source.register.unit or the unit list"
    )]
    Records { records: u64 },
    #[error("the roster is empty: coverage cannot be judged; correct [source.roster]")]
    EmptyRoster,
    #[error(
        "none of {entries} roster entries has an ID number: coverage cannot be judged; correct source.roster.id_number"
    )]
    RosterWithoutIds { entries: u64 },
    /// One of several rosters, or the only one if it has a name.
    #[error(
        "roster {name} has no entry with an ID number: coverage cannot be judged; correct id_number in [source.rosters.{name}]"
    )]
    NamedRoster { name: String, label: String },
    #[error(
        "none of {persons} roster persons has a unit code that source.units has: coverage cannot be judged; correct the roster's unit in [source] or the unit list"
    )]
    RosterUnits { persons: u64 },
    #[error(
        "none of {units} units of the baseline is in source.units: coverage cannot be judged; correct [source.baseline] or the unit list"
    )]
    Baseline { units: usize },
}

impl Misfit {
    /// A named roster without any person that could be looked for.
    pub fn of_roster(RosterName { name, label }: &RosterName) -> Misfit {
        Misfit::NamedRoster { name: name.clone(), label: label.clone() }
    }
}

impl Snapshot {
    /// What makes the figures meaningless; nothing where some entries only are wrong.
    pub fn misfits(&self, coverage: &Coverage) -> Vec<Misfit> {
        let mut out = Vec::new();
        let (mut all, mut unknown) = (Counts::default(), Counts::default());
        for (cell, counts) in self.tally.cells.iter() {
            all += counts;
            if cell.unit.is_none() {
                unknown += counts;
            }
        }
        if all.records > 0 && unknown.records == all.records {
            out.push(Misfit::Records { records: all.records });
        }
        match coverage.method {
            CoverageMethod::Roster if all.roster == 0 => out.extend(self.without_persons(coverage)),
            CoverageMethod::Roster if unknown.roster == all.roster => {
                out.push(Misfit::RosterUnits { persons: all.roster });
            }
            CoverageMethod::Baseline
                if !self.baseline.is_empty() && self.unknown_baselines() == self.baseline.len() =>
            {
                out.push(Misfit::Baseline { units: self.baseline.len() });
            }
            _ => {}
        }
        out
    }

    /// Units of the baseline that the unit list does not have.
    pub fn unknown_baselines(&self) -> usize {
        self.baseline.keys().filter(|code| self.units.own_position(code).is_none()).count()
    }

    /// Positions of the named rosters without any person that could be looked for.
    pub fn rosters_without_persons(&self, coverage: &Coverage) -> Vec<usize> {
        let listed = |list: usize| -> u64 {
            self.tally.matches.get(list).into_iter().flat_map(|cells| cells.values()).map(|m| m.listed).sum()
        };
        (0..coverage.rosters.named.len()).filter(|list| listed(*list) == 0).collect()
    }

    /// Why the list that coverage is measured against has nobody in it.
    fn without_persons(&self, coverage: &Coverage) -> Vec<Misfit> {
        let (rosters, found) = (&coverage.rosters, &self.tally.findings);
        let entries = found.roster_without_id + found.roster_duplicates;
        match (rosters.named.is_empty(), entries) {
            (true, 0) => vec![Misfit::EmptyRoster],
            (true, entries) => vec![Misfit::RosterWithoutIds { entries }],
            (false, _) => {
                let measured = |list: &usize| rosters.measured.is_none_or(|measured| measured == *list);
                let lists = self.rosters_without_persons(coverage).into_iter().filter(measured);
                lists.map(|list| Misfit::of_roster(&rosters.named[list])).collect()
            }
        }
    }
}
