//! Which table is the register, which lists the units, which is the roster.

use std::collections::HashSet;

use super::columns::{ColumnChoice, identity_of, of_register, of_units};
use super::known_units::KnownUnits;
use super::names::{InferredRole, TableRole, table_fits};
use super::places;
use super::shapes::{is_nearly_unique, percent};
use super::{Confidence, SurveyedTable};
use tongbao_register::unit_names::plain;

/// A table in its role, with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMatch {
    /// Position among the surveyed tables.
    pub table: usize,
    /// How sure the role is.
    pub confidence: Confidence,
    /// Its columns in their roles.
    pub columns: Vec<ColumnChoice>,
    /// Other tables that could be meant.
    pub rivals: Vec<usize>,
}

impl TableMatch {
    /// The column of a role.
    pub fn column(&self, role: InferredRole) -> Option<&ColumnChoice> {
        self.columns.iter().find(|choice| choice.role == role)
    }

    /// How many fields have a column.
    pub fn fields(&self) -> usize {
        let is_field = |role| matches!(role, InferredRole::Field(_) | InferredRole::Preset(_));
        self.columns.iter().filter(|choice| is_field(choice.role)).count()
    }
}

/// What a person has said already: which tables may be meant. `None` = any that fits.
#[derive(Debug, Clone, Default)]
pub struct NamedTables {
    /// Positions of the tables that may be the register.
    pub register: Option<Vec<usize>>,
    /// The same for the unit list.
    pub units: Option<Vec<usize>>,
    /// The same for the roster.
    pub roster: Option<Vec<usize>>,
    /// What the register lists; `None` = persons.
    pub preset: Option<&'static str>,
}

impl NamedTables {
    /// Whether a table has been named as something else than the register.
    fn is_taken(&self, table: usize) -> bool {
        [&self.units, &self.roster].into_iter().flatten().any(|tables| tables.contains(&table))
    }
}

/// The database as far as it explains itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InferredTable {
    /// `None` = no table looks like one.
    pub register: Option<TableMatch>,
    /// `None` = no table looks like one.
    pub units: Option<TableMatch>,
    /// `None` = no table looks like one.
    pub roster: Option<TableMatch>,
    /// The list of head counts that coverage is measured against instead of a roster; left to the caller.
    pub baseline: Option<TableMatch>,
    /// Tables whose place (the name of a file or sheet, a title) names the unit of their rows.
    pub named_by_place: Vec<usize>,
    /// What the register lists; `None` = persons.
    pub preset: Option<&'static str>,
}

/// So many fields make a table a register.
pub const LEAST_FIELDS: usize = 4;

/// Guesses the parts of a campaign's database.
pub fn guess(tables: &[SurveyedTable], named: &NamedTables) -> InferredTable {
    let Some(mut register) = register(tables, named) else { return InferredTable::default() };
    let units = units(tables, &register, named.units.as_deref(), identity_of(named.preset));
    if let Some(codes) = units.as_ref().and_then(|units| codes(tables, units)) {
        register.columns = of_register(&tables[register.table], named.preset, Some(&codes));
    }
    let preset = named.preset;
    let mut guess = InferredTable { register: Some(register), units, preset, ..InferredTable::default() };
    guess.roster = roster(tables, &guess, named.roster.as_deref());
    guess
}

/// The units of the guessed list, for [`super::columns`].
pub fn known_units(tables: &[SurveyedTable], guess: &InferredTable) -> Option<KnownUnits> {
    codes(tables, guess.units.as_ref()?)
}

/// The sampled units of a list.
fn codes(tables: &[SurveyedTable], units: &TableMatch) -> Option<KnownUnits> {
    let code = units.column(InferredRole::UnitCode)?.column;
    let name = units.column(InferredRole::UnitName).map_or(code, |name| name.column);
    let table = &tables[units.table];
    let rows = table.values(code).zip(table.values(name));
    let rows = rows.filter_map(|(code, name)| Some((code?, name.or(code)?)));
    Some(KnownUnits::new(rows))
}

/// The candidates in order; the first is the answer, and those nearly as good are its rivals.
fn best(
    tables: &[SurveyedTable],
    mut candidates: Vec<(u32, TableMatch)>,
    named: Option<&[usize]>,
) -> Option<TableMatch> {
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
    found.confidence = match (named, found.rivals.is_empty()) {
        (Some([_]), _) | (_, true) => Confidence::Sure,
        (_, false) => Confidence::Unsure,
    };
    Some(found)
}

fn found(table: usize, columns: Vec<ColumnChoice>) -> TableMatch {
    TableMatch { table, confidence: Confidence::Unsure, columns, rivals: Vec::new() }
}

fn register(tables: &[SurveyedTable], named: &NamedTables) -> Option<TableMatch> {
    let meant = named.register.as_deref();
    let candidate = |(at, table): (usize, &SurveyedTable)| {
        if named.is_taken(at) {
            return None;
        }
        let found = found(at, of_register(table, named.preset, None));
        let is_enough = meant.is_some()
            || (found.fields() >= LEAST_FIELDS && found.column(identity_of(named.preset)).is_some());
        // 出租 in a name speaks for a roster of persons, and for a register of houses.
        let fits = |role| named.preset.is_none() && table_fits(&table.name, role);
        let hint = 30 * u32::from(fits(TableRole::Register));
        let against = 60 * u32::from(fits(TableRole::Roster));
        let against = against + 25 * u32::from(is_backup(&table.name));
        let points = (found.fields() as u32 * 100 + hint).saturating_sub(against);
        is_enough.then_some((points, found))
    };
    best(tables, tables.iter().enumerate().filter_map(candidate).collect(), meant)
}

/// Whether a table says by its name that it is not the one in use.
fn is_backup(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "bak", "copy", "old", "tmp", "temp", "备份", "副本", "历史", "hist", "离开", "注销", "迁出", "死亡",
        "作废",
    ];
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// The table whose codes the register uses; its name and the names of its columns come second.
fn units(
    tables: &[SurveyedTable],
    register: &TableMatch,
    named: Option<&[usize]>,
    identity: InferredRole,
) -> Option<TableMatch> {
    let persons = &tables[register.table];
    // What says who somebody is names no unit: a roster has these values too, and is no unit list.
    let identities =
        register.columns.iter().filter(|choice| [InferredRole::Key, identity].contains(&choice.role));
    let identities: Vec<usize> = identities.map(|choice| choice.column).collect();
    let candidate = |(at, table): (usize, &SurveyedTable)| {
        if at == register.table || named.is_none() && table.rows.is_some_and(|rows| rows > 200_000) {
            return None;
        }
        let (inclusion, code) = used_codes(table, persons, &identities)?;
        let mut columns = of_units(table);
        // A register may name its units; the list's own codes stay their codes.
        let has =
            |role, fits: &dyn Fn(&ColumnChoice) -> bool| columns.iter().any(|c| c.role == role && fits(c));
        let is_named = has(InferredRole::UnitName, &|choice| choice.column == code)
            && has(InferredRole::UnitCode, &|choice| choice.evidence.name >= 60);
        let code = match columns.iter().find(|choice| choice.role == InferredRole::UnitCode) {
            Some(own) if is_named => own.column,
            _ => code,
        };
        let evident = columns.iter().find(|c| c.role == InferredRole::UnitCode && c.column == code).copied();
        columns.retain(|choice| choice.role != InferredRole::UnitCode && choice.column != code);
        columns.insert(0, evident.unwrap_or_else(|| used(code, inclusion)));
        let found = found(at, columns);
        let hint = 30 * u32::from(table_fits(&table.name, TableRole::Units));
        let has_name = 50 * u32::from(found.column(InferredRole::UnitName).is_some());
        (inclusion >= 60 || named.is_some()).then_some((inclusion + hint + has_name, found))
    };
    best(tables, tables.iter().enumerate().filter_map(candidate).collect(), named)
}

/// A code column known by its use alone.
fn used(column: usize, inclusion: u32) -> ColumnChoice {
    let evidence = super::Evidence { agrees: Some(inclusion), ..super::Evidence::default() };
    ColumnChoice {
        role: InferredRole::UnitCode,
        column,
        evidence,
        confidence: Confidence::Likely,
        rival: None,
    }
}

/// The column whose values cover those of some column of the register best, and how well. A column
/// that numbers rows covers small numbers by chance, so longer codes and named columns win ties. `identities` are the columns
/// of the register that say who somebody is.
fn used_codes(units: &SurveyedTable, persons: &SurveyedTable, identities: &[usize]) -> Option<(u32, usize)> {
    let mut best: Option<((u32, u32), usize)> = None;
    for code in (0..units.columns.len()).filter(|column| is_nearly_unique(units, *column)) {
        // Registers write names with other endings too: 荔湖村委会 for 荔湖村.
        let codes = KnownUnits::new(units.filled(code).map(|text| (text, text)));
        let named = super::names::fit(&units.columns[code], InferredRole::UnitCode);
        for column in (0..persons.columns.len()).filter(|column| !identities.contains(column)) {
            let filled = persons.filled(column).count();
            let distinct: HashSet<&str> = persons.filled(column).collect();
            let as_unit = super::names::fit(&persons.columns[column], InferredRole::Unit);
            // A value that is the same everywhere is covered by chance, unless it is called a unit.
            if filled == 0 || (distinct.len() < 2 && units.filled(code).nth(1).is_some() && as_unit < 60) {
                continue;
            }
            let included = percent(persons.filled(column).filter(|text| codes.has(text)).count(), filled);
            let length = units.filled(code).map(|code| plain(code).len()).max().unwrap_or(0) as u32;
            let rank = (included, named + as_unit + length.min(20));
            if best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, code));
            }
        }
    }
    best.map(|((included, _), code)| (included, code))
}

/// The roster beside a register and its units, the best of the tables that may be meant. A copy, view or
/// backup of the register is none unless a person names it: the register would be measured against itself.
pub fn roster(
    tables: &[SurveyedTable],
    guess: &InferredTable,
    named: Option<&[usize]>,
) -> Option<TableMatch> {
    let codes = known_units(tables, guess);
    let others = [&guess.register, &guess.units].map(|found| found.as_ref().map(|found| found.table));
    let candidate = |(at, table): (usize, &SurveyedTable)| {
        if others.contains(&Some(at)) || named.is_none() && is_copy(tables, guess, at) {
            return None;
        }
        let identity = identity_of(guess.preset);
        let all = of_register(table, guess.preset, codes.as_ref());
        let fields = found(at, all.clone()).fields();
        let mut columns = all;
        columns.retain(|choice| choice.role == identity || choice.role == InferredRole::Unit);
        let found = found(at, columns);
        let id = found.column(identity)?;
        let by_place = guess.named_by_place.contains(&at).then_some(PLACE_POINTS);
        let unit = found.column(InferredRole::Unit).map(|choice| choice.evidence.points()).or(by_place)?;
        let hint = 100 * u32::from(table_fits(&table.name, TableRole::Roster));
        // A list of the register's kind is more likely a register.
        let against = 20 * fields as u32;
        Some(((hint + id.evidence.points() + unit).saturating_sub(against), found))
    };
    best(tables, tables.iter().enumerate().filter_map(candidate).collect(), named)
}

/// Tables with what a roster needs, but for a column that names the units.
pub fn without_units(tables: &[SurveyedTable], guess: &InferredTable) -> Vec<usize> {
    let codes = known_units(tables, guess);
    let used = [&guess.register, &guess.units, &guess.baseline];
    let is_used = |at: usize| used.into_iter().flatten().any(|found| found.table == at);
    let lacks = |at: &usize| {
        let columns = of_register(&tables[*at], guess.preset, codes.as_ref());
        let has = |role| columns.iter().any(|choice| choice.role == role);
        has(identity_of(guess.preset)) && !has(InferredRole::Unit) && !guess.named_by_place.contains(at)
    };
    (0..tables.len()).filter(|at| !is_used(*at) && !is_copy(tables, guess, *at)).filter(lacks).collect()
}

/// What a place that names the unit counts beside a column that does.
const PLACE_POINTS: u32 = 60;
/// Share of the register's columns, in per cent, that another table names alike, and of another table's
/// persons that are in the register, from which on it is a copy.
const SAME_COLUMNS: u32 = 80;
const SAME_PERSONS: u32 = 98;

/// Tables that look like copies, views or backups of the register.
pub fn copies(tables: &[SurveyedTable], guess: &InferredTable) -> Vec<usize> {
    (0..tables.len()).filter(|at| is_copy(tables, guess, *at)).collect()
}

fn is_copy(tables: &[SurveyedTable], guess: &InferredTable, at: usize) -> bool {
    let Some(register) = guess.register.as_ref().filter(|register| register.table != at) else {
        return false;
    };
    let (own, table) = (&tables[register.table], &tables[at]);
    let columns = register.columns.iter().map(|choice| own.columns[choice.column].as_str());
    let has = |name: &str| table.columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let all = columns.clone().count();
    let same = percent(columns.filter(|name| has(name)).count(), all);
    let theirs = of_register(table, guess.preset, None);
    let shared = || shared_identities(own, register, table, &theirs, identity_of(guess.preset));
    let fields = found(at, theirs.clone()).fields();
    fields >= LEAST_FIELDS && (same >= SAME_COLUMNS || shared() >= SAME_PERSONS)
}

/// Share of the persons or things in a table's sample, in per cent, that the sample of the register has too.
fn shared_identities(
    own: &SurveyedTable,
    register: &TableMatch,
    table: &SurveyedTable,
    columns: &[ColumnChoice],
    identity: InferredRole,
) -> u32 {
    let id = |columns: &[ColumnChoice]| {
        columns.iter().find(|choice| choice.role == identity).map(|choice| choice.column)
    };
    let (Some(ours), Some(theirs)) = (id(&register.columns), id(columns)) else { return 0 };
    let known: HashSet<&str> = own.filled(ours).collect();
    let filled = table.filled(theirs).count();
    let shared = table.filled(theirs).filter(|number| known.contains(number)).count();
    if filled > 0 { percent(shared, filled) } else { 0 }
}

/// The unit list that texts (names of files or sheets, titles) name best, where no column of the register
/// does, and the share of the texts, in per cent, that name one unit each.
pub fn units_by_names(
    tables: &[SurveyedTable],
    texts: &[&str],
    named: Option<&[usize]>,
) -> Option<(TableMatch, u32)> {
    let candidates = tables.iter().enumerate().filter(|(at, _)| named.is_none_or(|named| named.contains(at)));
    let judged = candidates.filter_map(|(at, table)| {
        let columns = of_units(table);
        let found = found(at, columns);
        let (code, name) = (
            found.column(InferredRole::UnitCode)?.column,
            found.column(InferredRole::UnitName).map(|c| c.column),
        );
        let rows: Vec<(&str, &str)> = table
            .values(code)
            .zip(table.values(name.unwrap_or(code)))
            .filter_map(|(code, name)| Some((code?, name.unwrap_or(code?))))
            .collect();
        let one =
            |text: &&&str| matches!(places::find(rows.iter().copied(), text), places::NamedUnits::One(_));
        Some((percent(texts.iter().filter(one).count(), texts.len()), found))
    });
    let (share, mut found) = judged.max_by_key(|(share, found)| (*share, std::cmp::Reverse(found.table)))?;
    found.confidence = if share == 100 { Confidence::Sure } else { Confidence::Unsure };
    (share > 0).then_some((found, share))
}
