//! Coverage 覆盖率: distinct persons by ID number, and the roster persons found among them.

use polars::prelude::PlHashMap;

use super::tally::{Cell, Counts, Tally};
use crate::register::id_number::{CitizenId, normalize};

/// No registration day: earlier than every day.
const NO_DAY: i32 = i32::MIN;
/// A unit code that is not in the unit list: after every unit.
const NO_UNIT: u32 = u32::MAX;

/// A person by number: the packed digits of a well-formed number, or the normalized text of
/// anything else, so that a damaged number still finds its equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PersonKey<'a> {
    Citizen(CitizenId),
    Text(&'a str),
}

impl<'a> PersonKey<'a> {
    /// The key of a normalized, non-blank number.
    pub fn of(normalized: &'a str) -> PersonKey<'a> {
        CitizenId::parse(normalized).map_or(PersonKey::Text(normalized), PersonKey::Citizen)
    }
}

/// A record of a person: where and when. Ordered by day, then unit; the least is the person's own
/// record and all others are duplicates, whatever order they arrive in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    day: i32,
    unit: u32,
}

impl Place {
    fn of(cell: Cell) -> Place {
        Place { day: cell.day.unwrap_or(NO_DAY), unit: cell.unit.unwrap_or(NO_UNIT) }
    }

    fn cell(self) -> Cell {
        Cell {
            unit: (self.unit != NO_UNIT).then_some(self.unit),
            day: (self.day != NO_DAY).then_some(self.day),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Person {
    /// Unit of the roster, if the person is on it.
    roster: Option<u32>,
    first: Option<Place>,
    /// First day on which a record stood under the roster's unit.
    first_own: Option<i32>,
}

/// All persons met so far, of roster and register.
#[derive(Debug, Clone, Default)]
pub struct Persons {
    citizens: PlHashMap<u64, Person>,
    others: PlHashMap<Box<str>, Person>,
    tally: Tally,
}

impl Persons {
    /// Adds a roster entry: its unit's position and its number as written. The whole roster comes
    /// before the first record.
    pub fn add_roster(&mut self, unit: Option<u32>, id_number: Option<&str>) {
        let normalized = normalize(id_number.unwrap_or_default());
        if normalized.is_empty() {
            self.tally.findings.roster_without_id += 1;
            return;
        }
        let unit = unit.unwrap_or(NO_UNIT);
        let person = self.person(&PersonKey::of(&normalized));
        let repeated = person.roster.is_some();
        // Listed under two units: the person belongs to the lower code, whatever comes first.
        person.roster = Some(person.roster.map_or(unit, |other| other.min(unit)));
        self.tally.findings.roster_duplicates += u64::from(repeated);
    }

    /// Adds a record with its normalized number (blank = none).
    pub fn add_record(&mut self, cell: Cell, key: Option<&PersonKey>) {
        let Some(key) = key else {
            self.tally.add(cell, Counts { without_id: 1, ..Counts::default() });
            return;
        };
        let place = Place::of(cell);
        let person = self.person(key);
        if person.roster == Some(place.unit) {
            person.first_own = Some(person.first_own.map_or(place.day, |day| day.min(place.day)));
        }
        if let Some(first) = person.first {
            person.first = Some(first.min(place));
            let repeated = first.max(place).cell();
            self.tally.add(repeated, Counts { duplicates: 1, ..Counts::default() });
        } else {
            person.first = Some(place);
        }
    }

    fn person(&mut self, key: &PersonKey) -> &mut Person {
        match key {
            PersonKey::Citizen(id) => self.citizens.entry(id.packed()).or_default(),
            PersonKey::Text(text) => self.others.entry((*text).into()).or_default(),
        }
    }

    /// The counts of persons, duplicates and coverage by cell.
    pub fn finish(self) -> Tally {
        let mut tally = self.tally;
        let mut seen: PlHashMap<Cell, Counts> = PlHashMap::default();
        for person in self.citizens.values().chain(self.others.values()) {
            if let Some(first) = person.first {
                seen.entry(first.cell()).or_default().persons += 1;
            }
            let Some(unit) = person.roster else { continue };
            let cell = |day: i32| Place { day, unit }.cell();
            seen.entry(cell(NO_DAY)).or_default().roster += 1;
            tally.findings.roster_unknown_unit += u64::from(unit == NO_UNIT);
            if let Some(first) = person.first {
                seen.entry(cell(first.day)).or_default().covered += 1;
            }
            if let Some(day) = person.first_own {
                seen.entry(cell(day)).or_default().covered_own += 1;
            }
        }
        for (cell, counts) in seen {
            tally.add(cell, counts);
        }
        tally
    }
}
