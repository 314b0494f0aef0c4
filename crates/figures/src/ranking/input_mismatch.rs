//! Lists that do not fit one another at all, so that what comes of them means nothing.

use super::snapshot::Snapshot;
use tongbao_config::settings::{Coverage, CoverageMethod, RosterName};
use tongbao_message::Worded;

/// Why figures cannot be judged, with the place to correct. It tells counts and never what a row holds:
/// the wrong column may be one of names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum InputMismatch {
    /// No record belongs to a unit of the list.
    Records {
        /// All records of the register.
        records: u64,
    },
    /// The roster has no row.
    EmptyRoster,
    /// The column of ID numbers is the wrong one.
    RosterWithoutIds {
        /// Rows of the roster.
        entries: u64,
    },
    /// One of several rosters, or the only one if it has a name.
    NamedRoster {
        /// Key of the roster in the configuration.
        name: String,
        /// The roster as it is printed.
        label: String,
    },
    /// One of several rosters has other units than the unit list.
    NamedRosterUnits {
        /// Key of the roster in the configuration.
        name: String,
        /// The roster as it is printed.
        label: String,
        /// Distinct persons in it.
        persons: u64,
    },
    /// Nobody of one of several rosters is in a register that is not empty either.
    NamedRosterUnmatched {
        /// Key of the roster in the configuration.
        name: String,
        /// The roster as it is printed.
        label: String,
        /// Distinct persons in it.
        persons: u64,
    },
    /// The only roster has other units than the unit list.
    RosterUnits {
        /// Distinct persons in it.
        persons: u64,
    },
    /// Nobody of a roster is in a register that is not empty either: the column of numbers may be another one.
    RosterUnmatched {
        /// Distinct persons in the roster.
        persons: u64,
    },
    /// The baseline has no row.
    EmptyBaseline,
    /// The baseline has other units than the unit list.
    Baseline {
        /// Units in the baseline.
        units: usize,
    },
}

/// So many persons of a roster, and of a register, do not miss one another by chance. Fewer than the units of a street:
/// a list of head counts has a row for each of them.
const MANY: u64 = 20;

impl Snapshot {
    /// What makes the figures meaningless; nothing where some entries only are wrong.
    pub fn input_mismatches(&self, coverage: &Coverage) -> Vec<InputMismatch> {
        let mut out = Vec::new();
        let (all, unknown) = (self.tally.total(), self.tally.of_unit(None));
        if all.records > 0 && unknown.records == all.records {
            out.push(InputMismatch::Records { records: all.records });
        }
        match coverage.method {
            CoverageMethod::Roster if !coverage.rosters.named.is_empty() => {
                out.extend(self.unfit_rosters(&coverage.rosters.named, all.persons));
            }
            CoverageMethod::Roster if all.roster == 0 => out.push(self.without_persons()),
            CoverageMethod::Roster if unknown.roster == all.roster => {
                out.push(InputMismatch::RosterUnits { persons: all.roster });
            }
            CoverageMethod::Roster if all.covered == 0 && all.roster.min(all.persons) >= MANY => {
                out.push(InputMismatch::RosterUnmatched { persons: all.roster });
            }
            CoverageMethod::Baseline if self.baseline.is_empty() => out.push(InputMismatch::EmptyBaseline),
            CoverageMethod::Baseline if self.unknown_baselines() == self.baseline.len() => {
                out.push(InputMismatch::Baseline { units: self.baseline.len() });
            }
            _ => {}
        }
        out
    }

    /// Units of the baseline that the unit list does not have.
    fn unknown_baselines(&self) -> usize {
        self.baseline.keys().filter(|code| self.units.own_position(code).is_none()).count()
    }

    /// Named rosters without any person that could be looked for, or without any in a unit. The documents show each
    /// of them, so that each has to fit, whichever coverage is measured against.
    fn unfit_rosters<'a>(
        &'a self,
        named: &'a [RosterName],
        registered: u64,
    ) -> impl Iterator<Item = InputMismatch> + 'a {
        named.iter().enumerate().filter_map(move |(list, roster)| {
            let RosterName { name, label } = roster.clone();
            let (mut listed, mut unknown, mut found) = (0, 0, 0);
            for (cell, matches) in self.tally.matches.get(list).into_iter().flatten() {
                listed += matches.listed;
                found += matches.found;
                unknown += if cell.unit.is_none() { matches.listed } else { 0 };
            }
            match listed {
                0 => Some(InputMismatch::NamedRoster { name, label }),
                persons if unknown == persons => {
                    Some(InputMismatch::NamedRosterUnits { name, label, persons })
                }
                persons if found == 0 && persons.min(registered) >= MANY => {
                    Some(InputMismatch::NamedRosterUnmatched { name, label, persons })
                }
                _ => None,
            }
        })
    }

    /// Why the only list that coverage is measured against has nobody in it.
    fn without_persons(&self) -> InputMismatch {
        let found = &self.tally.findings;
        match found.roster_without_id + found.roster_duplicates {
            0 => InputMismatch::EmptyRoster,
            entries => InputMismatch::RosterWithoutIds { entries },
        }
    }
}
