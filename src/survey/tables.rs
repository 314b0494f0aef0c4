//! Which table is the register, which lists the units, which is the roster.

use std::collections::HashSet;

use super::columns::{Choice, of_persons, of_units};
use super::names::{Role, TableRole, table_fits};
use super::shapes::{is_unique, percent};
use super::{Sureness, Table};
use crate::register::field::Field;

/// A table in its role, with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub table: usize,
    pub sureness: Sureness,
    pub columns: Vec<Choice>,
    /// Other tables that could be meant.
    pub rivals: Vec<usize>,
}

impl Found {
    /// The column of a role.
    pub fn column(&self, role: Role) -> Option<&Choice> {
        self.columns.iter().find(|choice| choice.role == role)
    }

    /// How many of the nine fields have a column.
    pub fn fields(&self) -> usize {
        Field::ALL.iter().filter(|field| self.column(Role::Field(**field)).is_some()).count()
    }
}

/// What a person has said already: which tables may be meant. `None` = any that fits.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub register: Option<Vec<usize>>,
    pub units: Option<Vec<usize>>,
    pub roster: Option<Vec<usize>>,
}

impl Named {
    /// Whether a table has been named as something else than the register.
    fn is_taken(&self, table: usize) -> bool {
        [&self.units, &self.roster].into_iter().flatten().any(|tables| tables.contains(&table))
    }
}

/// The database as far as it explains itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    pub register: Option<Found>,
    pub units: Option<Found>,
    pub roster: Option<Found>,
}

/// So many of the nine fields make a table of persons.
const PERSON_FIELDS: usize = 4;

/// Guesses the parts of a campaign's database.
pub fn guess(tables: &[Table], named: &Named) -> Guess {
    let Some(mut register) = register(tables, named) else { return Guess::default() };
    let units = units(tables, &register, named.units.as_deref());
    if let Some(codes) = units.as_ref().and_then(|units| codes(tables, units)) {
        register.columns = of_persons(&tables[register.table], Some(&codes));
    }
    let mut guess = Guess { register: Some(register), units, roster: None };
    guess.roster = roster(tables, &guess, named.roster.as_deref());
    guess
}

/// The sampled codes of a unit list.
fn codes<'a>(tables: &'a [Table], units: &Found) -> Option<HashSet<&'a str>> {
    let column = units.column(Role::UnitCode)?.column;
    Some(tables[units.table].filled(column).collect())
}

/// The candidates in order; the first is the answer, and those nearly as good are its rivals.
fn best(tables: &[Table], mut candidates: Vec<(u32, Found)>, named: Option<&[usize]>) -> Option<Found> {
    if let Some(named) = named {
        candidates.retain(|(_, found)| named.contains(&found.table));
    }
    candidates.sort_by_key(|(points, found)| {
        let rows = tables[found.table].rows.unwrap_or(tables[found.table].sample.len() as u64);
        (std::cmp::Reverse((*points, rows)), found.table)
    });
    let mut candidates = candidates.into_iter();
    let (points, mut found) = candidates.next()?;
    found.rivals =
        candidates.filter(|(other, _)| other + 40 > points).map(|(_, found)| found.table).collect();
    found.sureness = match (named, found.rivals.is_empty()) {
        (Some([_]), _) | (_, true) => Sureness::Sure,
        (_, false) => Sureness::Unsure,
    };
    Some(found)
}

fn found(table: usize, columns: Vec<Choice>) -> Found {
    Found { table, sureness: Sureness::Unsure, columns, rivals: Vec::new() }
}

fn register(tables: &[Table], named: &Named) -> Option<Found> {
    let meant = named.register.as_deref();
    let candidate = |(at, table): (usize, &Table)| {
        if named.is_taken(at) {
            return None;
        }
        let found = found(at, of_persons(table, None));
        let is_enough = meant.is_some()
            || (found.fields() >= PERSON_FIELDS && found.column(Role::Field(Field::IdNumber)).is_some());
        let hint = 30 * u32::from(table_fits(&table.name, TableRole::Register));
        let against = 60 * u32::from(table_fits(&table.name, TableRole::Roster));
        let points = (found.fields() as u32 * 100 + hint).saturating_sub(against);
        is_enough.then_some((points, found))
    };
    best(tables, tables.iter().enumerate().filter_map(candidate).collect(), meant)
}

/// The table whose codes the register uses; its name and the names of its columns come second.
fn units(tables: &[Table], register: &Found, named: Option<&[usize]>) -> Option<Found> {
    let persons = &tables[register.table];
    let candidate = |(at, table): (usize, &Table)| {
        if at == register.table || named.is_none() && table.rows.is_some_and(|rows| rows > 200_000) {
            return None;
        }
        let (inclusion, code) = used_codes(table, persons)?;
        let mut columns = of_units(table);
        let evident = columns.iter().find(|c| c.role == Role::UnitCode && c.column == code).copied();
        columns.retain(|choice| choice.role != Role::UnitCode && choice.column != code);
        columns.insert(0, evident.unwrap_or_else(|| used(code, inclusion)));
        let found = found(at, columns);
        let hint = 30 * u32::from(table_fits(&table.name, TableRole::Units));
        let has_name = 50 * u32::from(found.column(Role::UnitName).is_some());
        (inclusion >= 60 || named.is_some()).then_some((inclusion + hint + has_name, found))
    };
    best(tables, tables.iter().enumerate().filter_map(candidate).collect(), named)
}

/// A code column known by its use alone.
fn used(column: usize, inclusion: u32) -> Choice {
    let evidence = super::Evidence { name: 0, values: None, agrees: Some(inclusion) };
    Choice { role: Role::UnitCode, column, evidence, sureness: Sureness::Likely, rival: None }
}

/// The column whose values cover those of some column of the register best, and how well. A column
/// that numbers rows covers small numbers by chance, so longer codes and named columns win ties.
fn used_codes(units: &Table, persons: &Table) -> Option<(u32, usize)> {
    let mut best: Option<((u32, u32), usize)> = None;
    for code in (0..units.columns.len()).filter(|column| is_unique(units, *column)) {
        let codes: HashSet<&str> = units.filled(code).collect();
        let named = super::names::fit(&units.columns[code], Role::UnitCode);
        for column in 0..persons.columns.len() {
            let filled = persons.filled(column).count();
            let distinct: HashSet<&str> = persons.filled(column).collect();
            let as_unit = super::names::fit(&persons.columns[column], Role::Unit);
            // A value that is the same everywhere is covered by chance, unless it is called a unit.
            if filled == 0 || (distinct.len() < 2 && codes.len() > 1 && as_unit < 60) {
                continue;
            }
            let included =
                percent(persons.filled(column).filter(|text| codes.contains(text)).count(), filled);
            let length = codes.iter().map(|code| code.len()).max().unwrap_or(0) as u32;
            let rank = (included, named + as_unit + length.min(20));
            if best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, code));
            }
        }
    }
    best.map(|((included, _), code)| (included, code))
}

/// The roster beside a register and its units, the best of the tables that may be meant.
pub fn roster(tables: &[Table], guess: &Guess, named: Option<&[usize]>) -> Option<Found> {
    let codes = guess.units.as_ref().and_then(|units| codes(tables, units));
    let others = [&guess.register, &guess.units].map(|found| found.as_ref().map(|found| found.table));
    let candidate = |(at, table): (usize, &Table)| {
        if others.contains(&Some(at)) {
            return None;
        }
        let mut columns = of_persons(table, codes.as_ref());
        columns.retain(|choice| matches!(choice.role, Role::Field(Field::IdNumber) | Role::Unit));
        let found = found(at, columns);
        let id = found.column(Role::Field(Field::IdNumber))?;
        let unit = found.column(Role::Unit)?;
        let hint = 100 * u32::from(table_fits(&table.name, TableRole::Roster));
        Some((hint + id.evidence.points() + unit.evidence.points(), found))
    };
    best(tables, tables.iter().enumerate().filter_map(candidate).collect(), named)
}
