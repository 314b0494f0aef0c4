//! Which column of a table plays which role.

use super::known_units::KnownUnits;
use super::names::{self, InferredRole};
use super::shapes::{citizen, day, distinct, order, percent, share};
use super::short_years::short_years;
use super::{Confidence, Evidence, SurveyedTable, codes};
use tongbao_register::day_reader::DayForm;
use tongbao_register::division;
use tongbao_register::field::Field;
use tongbao_register::id_number::{is_cut_by_spreadsheet, normalize};

/// A column for a role, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnChoice {
    /// What the column is taken for.
    pub role: InferredRole,
    /// Position in the table.
    pub column: usize,
    /// What speaks for it.
    pub evidence: Evidence,
    /// How sure that is.
    pub confidence: Confidence,
    /// The column that fits next best, if it fits nearly as well.
    pub rival: Option<usize>,
}

/// Roles of a table of persons, those that others are judged by first.
pub const PERSON: [InferredRole; 14] = [
    InferredRole::Field(Field::IdNumber),
    InferredRole::Field(Field::Name),
    InferredRole::Field(Field::Sex),
    InferredRole::Field(Field::BirthDate),
    InferredRole::Field(Field::Ethnicity),
    InferredRole::Field(Field::MaritalStatus),
    InferredRole::Field(Field::HukouType),
    InferredRole::Field(Field::HouseholdPlace),
    InferredRole::Field(Field::ResidenceAddress),
    InferredRole::DocumentType,
    InferredRole::Unit,
    InferredRole::RegisteredAt,
    InferredRole::UpdatedAt,
    InferredRole::Key,
];

/// Roles of a unit list.
pub const UNIT: [InferredRole; 5] = [
    InferredRole::UnitCode,
    InferredRole::UnitName,
    InferredRole::UnitKind,
    InferredRole::UnitParent,
    InferredRole::Persons,
];

/// Below so many points a column is not proposed.
const ENOUGH_POINTS: u32 = 30;
/// A column of which so many values, in per cent, name units of the list names the unit, whatever it is called.
const ALL_UNITS: u32 = 80;
/// From this fit on a column is called what its role is.
const NAMED: u32 = 60;
/// From this fit on a column has a usual name of its role.
const USUAL: u32 = 80;
/// From so many fields on a table lists persons.
const FIELDS_OF_PERSONS: usize = 3;
/// Records that two columns must share before their agreement says anything.
const COMPARABLE: usize = 10;

/// The columns of a table of persons. `known_units` are those of the unit list, where it
/// is known.
pub fn of_persons(table: &SurveyedTable, known_units: Option<&KnownUnits>) -> Vec<ColumnChoice> {
    let id = choose(table, &[InferredRole::Field(Field::IdNumber)], None, known_units);
    let id_number = id.first().map(|choice| choice.column);
    let mut chosen = choose(table, &PERSON, id_number, known_units);
    for role in [InferredRole::Field(Field::BirthDate), InferredRole::RegisteredAt] {
        chosen.extend(unreadable(table, &chosen, role));
    }
    // Spoilt numbers differ from each other as keys do.
    let others: Vec<ColumnChoice> =
        chosen.iter().filter(|choice| choice.role != InferredRole::Key).copied().collect();
    if let Some(damaged) = damaged_numbers(table, &others) {
        chosen.retain(|choice| choice.column != damaged.column);
        chosen.push(damaged);
    }
    // Of a place in parts the province is filled for all, and decides the relation.
    let province = parts_of_place(table, &chosen).first().copied();
    let role = InferredRole::Field(Field::HouseholdPlace);
    if let (Some(column), Some(place)) = (province, chosen.iter_mut().find(|choice| choice.role == role)) {
        let evidence = weigh(table, column, role, id_number, known_units).unwrap_or(place.evidence);
        *place = ColumnChoice { column, evidence, confidence: Confidence::Unsure, ..*place };
    }
    let fields = chosen.iter().filter(|choice| matches!(choice.role, InferredRole::Field(_))).count();
    if fields >= FIELDS_OF_PERSONS {
        for field in Field::ALL {
            chosen.extend(called_so(table, &chosen, InferredRole::Field(field)));
        }
    }
    chosen.sort_by_key(|choice| PERSON.iter().position(|role| *role == choice.role));
    chosen
}

/// The roles of a register's columns; `preset` names what it lists, `None` = persons.
pub fn roles_of(preset: Option<&str>) -> Vec<InferredRole> {
    let Some(preset) = preset else { return PERSON.to_vec() };
    let others = [InferredRole::Unit, InferredRole::RegisteredAt, InferredRole::UpdatedAt, InferredRole::Key];
    InferredRole::of_preset(preset).chain(others).collect()
}

/// The role of what distinguishes one listed thing from another.
pub fn identity_of(preset: Option<&str>) -> InferredRole {
    let named = preset.and_then(|preset| InferredRole::of_preset(preset).next());
    named.unwrap_or(InferredRole::Field(Field::IdNumber))
}

/// The columns of a register of what `preset` names.
pub fn of_register(
    table: &SurveyedTable,
    preset: Option<&str>,
    known_units: Option<&KnownUnits>,
) -> Vec<ColumnChoice> {
    match preset {
        Some(_) => choose(table, &roles_of(preset), None, known_units),
        None => of_persons(table, known_units),
    }
}

/// A column of days that its name leaves no doubt of, though its values are in no known form. Left out, its
/// records would count as blank or as before the period; named, they are counted as unreadable and hold the
/// run.
fn unreadable(table: &SurveyedTable, chosen: &[ColumnChoice], role: InferredRole) -> Option<ColumnChoice> {
    let lacking = lacking(table, chosen, &[role]);
    let (column, values) = lacking.first()?.near?;
    let name = names::fit(&table.columns[column], role);
    // Values that say nothing of days are no days.
    let has_days = |text: &str| {
        let digits = text.split(|c: char| !c.is_numeric()).filter(|part| !part.is_empty());
        text.contains(['年', '月']) || digits.clone().count() >= 2 || digits.map(str::len).sum::<usize>() >= 5
    };
    let id = chosen.iter().find(|choice| choice.role == InferredRole::Field(Field::IdNumber));
    if let Some((_, values)) = short_years(table, column, role, id.map(|choice| choice.column)) {
        let evidence = Evidence { name, values: Some(values), ..Evidence::default() };
        return Some(ColumnChoice { role, column, evidence, confidence: Confidence::Likely, rival: None });
    }
    let days = table.filled(column).filter(|text| has_days(text)).count();
    let is_meant = name >= USUAL && days * 2 > table.filled(column).count();
    let evidence = Evidence { name, values: Some(values), ..Evidence::default() };
    is_meant.then_some(ColumnChoice { role, column, evidence, confidence: Confidence::Unsure, rival: None })
}

/// A column called like the ID number whose values were numbers once: cut by a spreadsheet, masked, or short of
/// digits. Left out, its records would have no number at all, and nothing would hold the run.
fn damaged_numbers(table: &SurveyedTable, chosen: &[ColumnChoice]) -> Option<ColumnChoice> {
    let role = InferredRole::Field(Field::IdNumber);
    let (column, values) = lacking(table, chosen, &[role]).first()?.near?;
    let name = names::fit(&table.columns[column], role);
    let filled = table.filled(column).count();
    let numbers = table.filled(column).filter(|text| was_number(text)).count();
    let evidence = Evidence { name, values: Some(values), ..Evidence::default() };
    (name >= USUAL && numbers > 0 && numbers * 2 >= filled).then_some(ColumnChoice {
        role,
        column,
        evidence,
        confidence: Confidence::Unsure,
        rival: None,
    })
}

/// Whether a value is a number of persons that has been damaged, or a well-formed one.
fn was_number(text: &str) -> bool {
    let number = normalize(text.as_bytes());
    let digits = number.iter().filter(|byte| byte.is_ascii_digit() || **byte == b'X').count();
    is_cut_by_spreadsheet(&number) || digits >= 8 && digits * 10 >= number.len() * 8
}

/// A column that is called exactly what a field usually is, though its values say nothing of it. Left out, the
/// field would be blank in every record without a word; named, the values are counted as what they are.
fn called_so(table: &SurveyedTable, chosen: &[ColumnChoice], role: InferredRole) -> Option<ColumnChoice> {
    let (column, values) = lacking(table, chosen, &[role]).first()?.near?;
    let name = names::fit(&table.columns[column], role);
    let evidence = Evidence { name, values: Some(values), ..Evidence::default() };
    (name == 100).then_some(ColumnChoice {
        role,
        column,
        evidence,
        confidence: Confidence::Unsure,
        rival: None,
    })
}

/// The columns that hold the parts of a household place, province first, where the place that was chosen is one of them:
/// 户籍省, 户籍市, 户籍县.
pub fn parts_of_place(table: &SurveyedTable, chosen: &[ColumnChoice]) -> Vec<usize> {
    const LEVELS: [&[&str]; 3] =
        [&["省", "省份", "省级"], &["市", "城市", "地市"], &["县", "区", "区县", "县区"]];
    let role = InferredRole::Field(Field::HouseholdPlace);
    let Some(place) = chosen.iter().find(|choice| choice.role == role) else { return Vec::new() };
    let parted = |name: &str| {
        let ends = |level: &usize| {
            let stems = LEVELS[*level].iter().filter_map(|word| name.strip_suffix(word)).map(str::to_owned);
            stems.max_by_key(|stem| std::cmp::Reverse(stem.len()))
        };
        (0..LEVELS.len()).find_map(|level| Some((level, ends(&level)?)))
    };
    let Some((_, stem)) = parted(&table.columns[place.column]) else { return Vec::new() };
    let parts = (0..table.columns.len()).filter_map(|at| {
        let (level, own) = parted(&table.columns[at])?;
        (own == stem).then_some((level, at))
    });
    let mut parts: Vec<(usize, usize)> = parts.collect();
    parts.sort_unstable();
    if parts.len() > 1 { parts.into_iter().map(|(_, at)| at).collect() } else { Vec::new() }
}

/// A column that a person names for a role, and what its values say of that: `chosen` are the columns of the other
/// roles, `known_units` as in [`of_persons`]. One whose values speak against it is not sure all the same.
pub fn named_column(
    table: &SurveyedTable,
    chosen: &[ColumnChoice],
    (role, column): (InferredRole, usize),
    known_units: Option<&KnownUnits>,
) -> ColumnChoice {
    let id_role = InferredRole::Field(Field::IdNumber);
    let id = chosen.iter().find(|choice| choice.role == id_role).map(|choice| choice.column);
    let values = share(table, column, role);
    let agrees = agreement(table, column, role, id, known_units);
    let confidence = match agrees.or(values) {
        Some(..30) => Confidence::Unsure,
        Some(30..60) => Confidence::Likely,
        Some(60..) | None => Confidence::Sure,
    };
    let evidence = Evidence { by_hand: true, name: names::fit(&table.columns[column], role), values, agrees };
    ColumnChoice { role, column, evidence, confidence, rival: None }
}

/// The columns of a unit list.
pub fn of_units(table: &SurveyedTable) -> Vec<ColumnChoice> {
    choose(table, &UNIT, None, None)
}

/// A role that no column has, and the column that is named so, with the share of its values that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingRole {
    /// What no column is taken for.
    pub role: InferredRole,
    /// The column and the share, in percent; `None` where no free column is named so.
    pub near: Option<(usize, u32)>,
}

/// The roles that none of the chosen columns has.
pub fn lacking(table: &SurveyedTable, chosen: &[ColumnChoice], roles: &[InferredRole]) -> Vec<MissingRole> {
    let is_free = |column: &usize| !chosen.iter().any(|choice| choice.column == *column);
    let near = |role: InferredRole| {
        let named =
            (0..table.columns.len()).filter(is_free).map(|at| (names::fit(&table.columns[at], role), at));
        let (_, column) =
            named.filter(|(fit, _)| *fit >= NAMED).max_by_key(|(fit, at)| (*fit, std::cmp::Reverse(*at)))?;
        Some((column, share(table, column, role).unwrap_or(0)))
    };
    let lacking = roles.iter().filter(|role| !chosen.iter().any(|choice| choice.role == **role));
    lacking.map(|role| MissingRole { role: *role, near: near(*role) }).collect()
}

/// The best columns for some roles; no column plays two.
fn choose(
    table: &SurveyedTable,
    roles: &[InferredRole],
    id_number: Option<usize>,
    known_units: Option<&KnownUnits>,
) -> Vec<ColumnChoice> {
    let mut all = Vec::new();
    for role in roles {
        for column in 0..table.columns.len() {
            if let Some(evidence) = weigh(table, column, *role, id_number, known_units) {
                all.push((evidence.points(), *role, column, evidence));
            }
        }
    }
    // The order of the columns breaks ties, so that the same database gives the same answer.
    all.sort_by_key(|(points, role, column, _)| (std::cmp::Reverse(*points), *column, *role));
    let mut chosen = Vec::<ColumnChoice>::new();
    for (_, role, column, evidence) in &all {
        if chosen.iter().any(|choice| choice.role == *role || choice.column == *column) {
            continue;
        }
        chosen.push(ColumnChoice {
            role: *role,
            column: *column,
            evidence: *evidence,
            confidence: Confidence::Unsure,
            rival: None,
        });
    }
    for i in 0..chosen.len() {
        let ColumnChoice { role, column, evidence, .. } = chosen[i];
        let free = |c: usize| c != column && !chosen.iter().any(|other| other.column == c);
        let rival = all.iter().find(|(_, r, c, _)| *r == role && free(*c));
        let confidence = evidence.confidence(rival.map(|(points, ..)| *points));
        let rival = rival.filter(|(points, ..)| points + 10 > evidence.points()).map(|(_, _, c, _)| *c);
        chosen[i] = ColumnChoice { confidence, rival, ..chosen[i] };
    }
    chosen.sort_by_key(|choice| roles.iter().position(|role| *role == choice.role));
    chosen
}

/// What speaks for a column in a role; `None` where nothing does, or the values speak against it.
fn weigh(
    table: &SurveyedTable,
    column: usize,
    role: InferredRole,
    id_number: Option<usize>,
    known_units: Option<&KnownUnits>,
) -> Option<Evidence> {
    let name = names::fit(&table.columns[column], role);
    let values = share(table, column, role);
    let agrees = agreement(table, column, role, id_number, known_units);
    if values.is_some_and(|values| contradicts(table, column, role, values)) || agrees.is_some_and(|a| a < 30)
    {
        return None;
    }
    let evidence = Evidence { name, values, agrees, by_hand: false };
    let named = name >= 60;
    // The code of a village begins like the ID numbers of those who were born there.
    let is_place = role == InferredRole::Field(Field::HouseholdPlace);
    let units = || agreement(table, column, InferredRole::Unit, id_number, known_units);
    if is_place && !named && units().is_some_and(|units| units >= ALL_UNITS) {
        return None;
    }
    (evidence.points() >= ENOUGH_POINTS && (named || stands_alone(table, column, role, evidence)))
        .then_some(evidence)
}

/// Values that cannot be those of the role, whatever the column is called.
fn contradicts(table: &SurveyedTable, column: usize, role: InferredRole, values: u32) -> bool {
    match role {
        // Any list of codes will do: the program only asks whether they are filled.
        InferredRole::Field(Field::Ethnicity | Field::HukouType | Field::MaritalStatus)
        | InferredRole::DocumentType => {
            distinct(table, column) > 70 || (values < 30 && table.filled(column).any(|text| text.len() > 24))
        }
        InferredRole::Field(Field::Sex) => distinct(table, column) > 12,
        InferredRole::UnitKind => distinct(table, column) > 20,
        InferredRole::Unit => values < 30 && distinct(table, column) * 2 > table.filled(column).count(),
        InferredRole::Key | InferredRole::UnitCode if !super::shapes::is_unique(table, column) => true,
        _ => values < 30,
    }
}

/// Whether the values alone are enough, when the name says nothing.
fn stands_alone(table: &SurveyedTable, column: usize, role: InferredRole, evidence: Evidence) -> bool {
    let values = evidence.values.unwrap_or(0);
    let agrees = evidence.agrees.unwrap_or(0);
    let kinds = distinct(table, column);
    match role {
        InferredRole::Field(Field::IdNumber) => values >= 60,
        InferredRole::Field(Field::Sex | Field::BirthDate) => agrees >= 70,
        InferredRole::Field(Field::HouseholdPlace) => values >= 60 && agrees >= 60,
        InferredRole::Field(Field::Ethnicity) => values >= 80 && kinds >= 2,
        InferredRole::Field(Field::MaritalStatus | Field::HukouType) => values >= 80 && kinds >= 3,
        InferredRole::Field(Field::ResidenceAddress | Field::Name) => values >= 80,
        InferredRole::DocumentType => values >= 90,
        InferredRole::RegisteredAt => values >= 90,
        InferredRole::Unit => agrees >= ALL_UNITS,
        InferredRole::Key => values == 100 && citizen_share(table, column) < 30,
        InferredRole::UnitCode => values >= 90,
        InferredRole::UnitName => values >= 60 && kinds * 2 > table.sample.len(),
        InferredRole::UnitKind => values >= 80,
        InferredRole::Preset(_)
        | InferredRole::Field(Field::Own(_))
        | InferredRole::UpdatedAt
        | InferredRole::UnitParent
        | InferredRole::Persons => false,
    }
}

fn citizen_share(table: &SurveyedTable, column: usize) -> u32 {
    share(table, column, InferredRole::Field(Field::IdNumber)).unwrap_or(0)
}

/// Share of the records, in per cent, in which the value agrees with the ID number or the unit list.
fn agreement(
    table: &SurveyedTable,
    column: usize,
    role: InferredRole,
    id_number: Option<usize>,
    known_units: Option<&KnownUnits>,
) -> Option<u32> {
    match (role, id_number, known_units) {
        (InferredRole::Field(Field::Sex), Some(id), _) if id != column => {
            codes::sex_agrees(table, column, id)
        }
        (InferredRole::Field(Field::BirthDate), Some(id), _) if id != column => {
            let form = order(table, column).unwrap_or(DayForm::Written);
            with_numbers(table, column, id, |text, id| Some(day(text, form)? == id.birth_date()?))
        }
        (InferredRole::Field(Field::HouseholdPlace), Some(id), _) if id != column => {
            with_numbers(table, column, id, |text, id| division::in_province(text.as_bytes(), id.division()))
        }
        (InferredRole::Unit, _, Some(codes)) => {
            let filled = table.filled(column).count();
            let known = table.filled(column).filter(|text| codes.has(text)).count();
            (filled > 0).then(|| percent(known, filled))
        }
        _ => None,
    }
}

/// Share of the comparable records in which a value agrees with the ID number.
fn with_numbers(
    table: &SurveyedTable,
    column: usize,
    id_number: usize,
    agrees: impl Fn(&str, tongbao_register::id_number::CitizenId) -> Option<bool>,
) -> Option<u32> {
    let pairs = table.values(column).zip(table.values(id_number));
    let judged: Vec<bool> = pairs.filter_map(|(text, number)| agrees(text?, citizen(number?)?)).collect();
    let agreeing = judged.iter().filter(|agrees| **agrees).count();
    (judged.len() >= COMPARABLE).then(|| percent(agreeing, judged.len()))
}
