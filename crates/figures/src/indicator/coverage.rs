//! Coverage 覆盖率: distinct persons by ID number, and the roster persons found among them.

use std::sync::mpsc::sync_channel;
use std::thread;

use super::bucket_numbers::Places;
use super::counts::Counts;
use super::packed_cells::PersonCounts;
use super::persons::{NO_UNIT, PARTITIONS, ROSTER, Shard, citizens, list_of, texts};
use super::record_findings::RecordFindings;
use super::tally::{Bucket, Matches, Tally};
use tongbao_config::settings::Rosters;
use tongbao_register::unit::Units;

/// Persons, duplicates and coverage by cell, over all parts of a register.
pub struct PersonsByPlace<'a> {
    counter: Counter<'a>,
}

/// Counts the persons of all parts of a register.
pub fn count<'a>(
    mut parts: Vec<Shard>,
    units: &'a Units,
    rosters: &'a Rosters,
) -> std::io::Result<PersonsByPlace<'a>> {
    let mut places = parts.first_mut().map(|part| std::mem::take(&mut part.places)).unwrap_or_default();
    // The common numbers of the places of each part; those of the first are its own.
    let mut maps = vec![None];
    for part in parts.iter().skip(1) {
        maps.push(Some(part.places.cells().map(|cell| places.index(cell)).collect::<Vec<u32>>()));
    }
    let mut counter = Counter::new(units, rosters, places);
    let global = |part: usize, at: u32| match &maps[part] {
        Some(map) if at & ROSTER == 0 => map[at as usize],
        _ => at,
    };
    let mut citizens_of = |partition| -> std::io::Result<Vec<(u64, u32)>> {
        let mut entries = Vec::new();
        for (i, part) in parts.iter_mut().enumerate() {
            for block in part.persons.take(partition)? {
                entries.extend(citizens(&block).map(|(number, at)| (number, global(i, at))));
            }
        }
        entries.sort_unstable();
        Ok(entries)
    };
    // One thread sorts while the other counts.
    thread::scope(|scope| {
        let (sender, sorted) = sync_channel(1);
        // Nobody takes a partition any more after a failure.
        scope.spawn(move || {
            (0..PARTITIONS).try_for_each(|partition| sender.send(citizens_of(partition)).ok())
        });
        sorted.into_iter().try_for_each(|entries| entries.map(|entries| counter.persons(&entries)))
    })?;
    for partition in PARTITIONS..2 * PARTITIONS {
        let mut blocks: Vec<(usize, Vec<u8>)> = Vec::new();
        for (i, part) in parts.iter_mut().enumerate() {
            blocks.extend(part.persons.take(partition)?.into_iter().map(|block| (i, block)));
        }
        let all = blocks.iter().flat_map(|(i, block)| texts(block).map(|(text, at)| (text, global(*i, at))));
        let mut all: Vec<(&[u8], u32)> = all.collect();
        all.sort_unstable();
        counter.persons(&all);
    }
    counter.findings.roster_without_id = parts.iter().map(|part| part.persons.roster_without_id).sum();
    Ok(PersonsByPlace { counter })
}

impl PersonsByPlace<'_> {
    /// The common places of all parts.
    pub fn places(&self) -> &Places {
        &self.counter.places
    }

    /// What is counted of persons at a place.
    pub fn at(&self, place: u32) -> PersonCounts {
        self.counter.counts_at(place as usize)
    }

    /// Adds what is not counted by cell and day.
    pub fn finish(self, tally: &mut Tally) {
        self.counter.add_lists(tally);
    }
}

/// What is counted of the records of persons at one place; fewer than 2^32.
#[derive(Debug, Clone, Copy, Default)]
struct RecordsOfPersons {
    persons: u32,
    duplicates: u32,
}

/// [`Matches`] of one place; fewer than 2^32.
#[derive(Debug, Clone, Copy, Default)]
struct MatchesOfPersons {
    listed: u32,
    found: u32,
    found_own: u32,
    known: u32,
}

impl From<MatchesOfPersons> for Matches {
    fn from(counts: MatchesOfPersons) -> Matches {
        let MatchesOfPersons { listed, found, found_own, known } = counts;
        Matches::from_array([listed, found, found_own, known].map(u64::from))
    }
}

/// The registered records of a person and where the first of them is, with one roster's unit.
#[derive(Clone, Copy)]
struct Listing<'a, K> {
    records: &'a [(K, u32)],
    first: Option<Bucket>,
    unit: Option<u32>,
}

struct Counter<'a> {
    units: &'a Units,
    rosters: &'a Rosters,
    places: Places,
    seen: Vec<RecordsOfPersons>,
    /// By list and place.
    matches: Vec<Vec<MatchesOfPersons>>,
    findings: RecordFindings,
}

impl<'a> Counter<'a> {
    fn new(units: &'a Units, rosters: &'a Rosters, places: Places) -> Counter<'a> {
        let matches = vec![Vec::new(); rosters.lists()];
        Counter { units, rosters, places, seen: Vec::new(), matches, findings: RecordFindings::default() }
    }

    fn matches_at(&mut self, list: usize, cell: Bucket) -> &mut MatchesOfPersons {
        let place = self.places.index(cell) as usize;
        let matches = &mut self.matches[list];
        if matches.len() <= place {
            matches.resize(self.places.len(), MatchesOfPersons::default());
        }
        &mut matches[place]
    }

    fn at(&mut self, place: u32) -> &mut RecordsOfPersons {
        let place = place as usize;
        if self.seen.len() <= place {
            self.seen.resize(self.places.len().max(place + 1), RecordsOfPersons::default());
        }
        &mut self.seen[place]
    }

    /// Counts the persons of one partition, which holds all entries of each of them in their order: those of rosters
    /// come after the records of their person.
    fn persons<K: PartialEq>(&mut self, entries: &[(K, u32)]) {
        for person in entries.chunk_by(|a, b| a.0 == b.0) {
            if let [(_, place)] = person
                && place & ROSTER == 0
            {
                self.at(*place).persons += 1;
                continue;
            }
            let records = person.iter().take_while(|(_, at)| at & ROSTER == 0).count();
            self.person(&person[..records], &person[records..]);
        }
    }

    /// The record with the earliest day, then the lowest unit, is the person's own; all others are
    /// duplicates. A person that a roster lists under two units belongs to the lower code; one that
    /// several rosters list belongs, for all of them together, to the unit of the first of them, those
    /// that name an unknown unit last.
    fn person<K>(&mut self, records: &[(K, u32)], roster: &[(K, u32)]) {
        let first =
            records.iter().map(|(_, place)| *place).min_by_key(|place| order(&self.places.cell(*place)));
        records.iter().for_each(|(_, place)| self.at(*place).duplicates += 1);
        if let Some(place) = first {
            let seen = self.at(place);
            (seen.persons, seen.duplicates) = (seen.persons + 1, seen.duplicates - 1);
        }
        let first = first.map(|place| self.places.cell(place));
        // The first that knows the unit: an unknown one comes behind all others.
        let mut of_all: Option<(bool, Option<u32>)> = None;
        for entries in roster.chunk_by(|a, b| list_of(a.1) == list_of(b.1)) {
            let Some((_, at)) = entries.iter().min_by_key(|(_, at)| *at) else { continue };
            let unit = Some(at & NO_UNIT).filter(|unit| *unit != NO_UNIT);
            self.findings.roster_duplicates += entries.len() as u64 - 1;
            self.findings.roster_unknown_unit += u64::from(unit.is_none());
            self.listed(list_of(*at), Listing { records, first, unit });
            if of_all.is_none_or(|(is_known, _)| !is_known && unit.is_some()) {
                of_all = Some((unit.is_some(), unit));
            }
        }
        let together = self.rosters.lists() - 1;
        if let (Some((_, unit)), true) = (of_all, together > 0) {
            self.listed(together, Listing { records, first, unit });
        }
    }

    /// Counts a person whom a list names.
    fn listed<K>(&mut self, list: usize, listing: Listing<'_, K>) {
        let Listing { records, first, unit } = listing;
        self.matches_at(list, Bucket { unit, day: None }).listed += 1;
        let Some(first) = first else { return };
        self.matches_at(list, Bucket { unit, day: first.day }).found += 1;
        self.matches_at(list, first).known += 1;
        let own = records.iter().map(|(_, place)| self.places.cell(*place));
        if let Some(own) = own.filter(|cell| self.is_own(cell.unit, unit)).min_by_key(order) {
            self.matches_at(list, Bucket { unit, day: own.day }).found_own += 1;
        }
    }

    /// Whether a record of `unit` is with the unit that the roster names: there, or below it.
    fn is_own(&self, unit: Option<u32>, listed: Option<u32>) -> bool {
        match (unit, listed) {
            (Some(unit), Some(listed)) => self.units.is_within(unit, listed),
            (unit, listed) => unit == listed,
        }
    }

    fn matches_of(&self, list: usize, place: usize) -> Matches {
        self.matches[list].get(place).copied().unwrap_or_default().into()
    }

    fn counts_at(&self, place: usize) -> PersonCounts {
        let seen = self.seen.get(place).copied().unwrap_or_default();
        let Matches { listed, found, found_own, .. } = self.matches_of(self.rosters.measured(), place);
        PersonCounts {
            persons: u64::from(seen.persons),
            duplicates: u64::from(seen.duplicates),
            roster: listed,
            covered: found,
            covered_own: found_own,
        }
    }

    /// Adds the findings and the comparisons with single lists.
    fn add_lists(&self, tally: &mut Tally) {
        tally.findings += self.findings.clone();
        tally.matches.resize_with(self.rosters.reconciled(), Default::default);
        for list in 0..self.rosters.reconciled() {
            for (place, cell) in self.places.cells().enumerate() {
                let matches = self.matches_of(list, place);
                if matches != Matches::default() {
                    tally.add_matches(list, cell, matches);
                }
            }
        }
    }

    fn finish(self, tally: &mut Tally) {
        self.add_lists(tally);
        let order = self.places.order();
        let counts = order.cells().map(|(place, cell)| (cell, self.counts_at(place as usize).counts()));
        tally.cells.merge(counts.filter(|(_, counts)| *counts != Counts::default()).collect());
    }
}

/// Counts persons one by one, by the same rules, where somebody knows all that each of them has. Only
/// for one roster without a name.
pub struct Credits<'a>(Counter<'a>);

impl<'a> Credits<'a> {
    /// Nothing is counted yet.
    pub fn new(units: &'a Units, roster: &'a Rosters) -> Credits<'a> {
        Credits(Counter::new(units, roster, Places::default()))
    }

    /// A person with the cells of all records and the units of all roster entries.
    pub fn add(&mut self, records: &[Bucket], roster: &[Option<u32>]) {
        let counter = &mut self.0;
        let records: Vec<((), u32)> = records.iter().map(|cell| ((), counter.places.index(*cell))).collect();
        let roster: Vec<((), u32)> =
            roster.iter().map(|unit| ((), ROSTER | unit.unwrap_or(NO_UNIT))).collect();
        counter.person(&records, &roster);
    }

    /// Adds the counts to a tally.
    pub fn finish(self, tally: &mut Tally) {
        self.0.finish(tally);
    }
}

/// No day comes before every day, an unknown unit after every unit.
fn order(cell: &Bucket) -> (Option<i32>, u32) {
    (cell.day, cell.unit.unwrap_or(u32::MAX))
}
