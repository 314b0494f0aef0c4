//! What the survey found, for a person and for a program.

use serde_json::{Value, json};
use tongbao_message::{Message, message};

use super::super::columns::columns;
use super::super::language::CommandLanguage;
use super::preset::field_key;
use super::tables::NamedRoster;
use crate::inference::codes::{self, DoubtfulCode};
use crate::inference::columns::{ColumnChoice, MissingRole, lacking, parts_of_place, roles_of};
use crate::inference::names::{InferredRole, TableRole, table_fits};
use crate::inference::tables::{InferredTable, LEAST_FIELDS, TableMatch, copies, without_units};
use crate::inference::validity::{CountingMark, counting_marks};
use crate::inference::{Confidence, Evidence, SurveyedTable};
use crate::register::field::Field;
use crate::register::id_number::Sex;
use crate::report::document::Align::{Left, Right};
use crate::source::survey::{LackingHeading, RegisterSurvey, SAMPLE};

/// The key of a role in the configuration.
pub(super) fn key(role: InferredRole) -> &'static str {
    match role {
        InferredRole::Preset(_) => field_key(role),
        _ => role.key().strip_prefix("unit_").unwrap_or(role.key()),
    }
}

pub(super) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Sure => "sure",
        Confidence::Likely => "likely",
        Confidence::Unsure => "unsure",
    }
}

/// Why a column was chosen.
pub(super) fn why(language: CommandLanguage, evidence: Evidence) -> String {
    let mut reasons = Vec::new();
    if evidence.by_hand {
        reasons.push(language.say(message!("as-you-name-it")));
    } else if evidence.name >= 60 {
        reasons.push(language.say(message!("by-its-name")));
    }
    if let Some(share) = evidence.values {
        reasons.push(language.say(message!("of-the-values-fit", share)));
    }
    if let Some(share) = evidence.agrees {
        reasons.push(language.say(message!("agree-with-other-columns", share)));
    }
    reasons.join(if language == CommandLanguage::Chinese { "，" } else { ", " })
}

/// All guesses in columns: what, where, how sure, why.
pub(super) fn guesses(
    language: CommandLanguage,
    tables: &[SurveyedTable],
    guess: &InferredTable,
    rosters: &[NamedRoster],
) -> String {
    let mut rows = Vec::new();
    let mut parts =
        vec![(message!("register"), guess.register.as_ref()), (message!("units-2"), guess.units.as_ref())];
    parts.extend(rosters.iter().map(|roster| (message!("roster"), Some(&roster.found))));
    match &guess.baseline {
        Some(found) => parts.push((message!("baseline"), Some(found))),
        None if rosters.is_empty() => parts.push((message!("roster"), None)),
        None => {}
    }
    for (part, found) in parts {
        let Some(found) = found else {
            rows.push(
                [language.say(&part), language.say(message!("none-found")), String::new(), String::new()]
                    .into(),
            );
            continue;
        };
        rows.push(table_row(language, &part, found, tables));
        for choice in &found.columns {
            rows.push(column_row(language, choice, &tables[found.table]));
        }
        if part == message!("register") {
            let by_place = guess.named_by_place.contains(&found.table);
            let roles = roles_of(guess.preset);
            rows.extend(lacking_rows(language, found, &tables[found.table], &roles, by_place));
        }
    }
    let rows: Vec<Vec<String>> = rows;
    let heads =
        [message!("head-key"), message!("table-or-column"), message!("head-sureness"), message!("head-why")]
            .map(|head| (head, Left));
    format!("{}\n{}", tables_seen(language, tables), columns(language, &heads, &rows))
}

/// The keys that no column was found for, with the reason where a column is called so.
fn lacking_rows(
    language: CommandLanguage,
    found: &TableMatch,
    table: &SurveyedTable,
    roles: &[InferredRole],
    by_place: bool,
) -> Vec<Vec<String>> {
    const OPTIONAL: [InferredRole; 2] = [InferredRole::UpdatedAt, InferredRole::DocumentType];
    let lacking = lacking(table, &found.columns, roles).into_iter();
    let row = |lacking: MissingRole| {
        let reason = match lacking.near {
            _ if lacking.role == InferredRole::Unit && by_place => {
                message!("named-by-the-file-the-sheet")
            }
            Some((column, share)) => message!("column-fits", column = table.columns[column], share),
            None => Message::default(),
        };
        vec![
            format!("  {}", key(lacking.role)),
            language.say(message!("none")),
            String::new(),
            language.say(&reason),
        ]
    };
    lacking.filter(|lacking| lacking.near.is_some() || !OPTIONAL.contains(&lacking.role)).map(row).collect()
}

/// What a person should know before the guesses are taken.
pub(crate) fn remarks(seen: &RegisterSurvey, guess: &InferredTable, rosters: &[NamedRoster]) -> Vec<Message> {
    let mut out = Vec::new();
    let is_empty =
        |table: &&SurveyedTable| table.sample.is_empty() && table_fits(&table.name, TableRole::Units);
    if guess.units.is_none() {
        let empty = seen.tables.iter().filter(is_empty);
        out.extend(empty.map(|table| message!("the-unit-list-may-be-empty", name = table.name)));
    }
    let used = [&guess.register, &guess.units].into_iter().flatten().chain(rosters.iter().map(|r| &r.found));
    for found in used {
        let (name, doubled) = (&seen.tables[found.table].name, &seen.places[found.table].notes.doubled);
        if !doubled.is_empty() {
            out.push(message!("more-than-one-column-is-called", name, columns = doubled.join(", ")));
        }
    }
    for found in [&guess.register].into_iter().flatten().chain(rosters.iter().map(|r| &r.found)) {
        out.extend(damaged(&seen.tables[found.table], found));
        let table = &seen.tables[found.table];
        let is_used = |lacking: &&LackingHeading| {
            found.columns.iter().any(|c| table.columns[c.column].eq_ignore_ascii_case(&lacking.heading))
        };
        let lacking = seen.places[found.table].notes.lacking.iter().filter(is_used);
        out.extend(lacking.map(other_heading));
        let gone = &seen.places[found.table].notes.gone;
        if !gone.is_empty() {
            out.push(message!(
                "may-list-those-who-count-no-more",
                name = table.name,
                parts = gone.join(", ")
            ));
        }
        let is_register = guess.register.as_ref().is_some_and(|register| register.table == found.table);
        let marks = counting_marks(table, &found.columns);
        out.extend(marks.iter().filter_map(|mark| mark_remark(table, mark, is_register)));
        if is_register && guess.preset.is_none() {
            let id = found.column(InferredRole::Field(Field::IdNumber)).map(|choice| choice.column);
            out.extend(found.columns.iter().filter_map(|choice| doubtful_code(table, choice, id)));
        }
        let parts = parts_of_place(table, &found.columns);
        if let [first, others @ ..] = parts.as_slice() {
            let (name, column) = (&table.name, &table.columns[*first]);
            let others: Vec<&str> = others.iter().map(|at| table.columns[*at].as_str()).collect();
            out.push(message!("the-household-place-is-in-parts", name, column, others = others.join(", ")));
        }
    }
    if let Some(found) = &guess.baseline {
        let name = &seen.tables[found.table].name;
        out.push(message!("is-a-list-of-head-counts-and-is-used", name));
    }
    if let Some(found) = guess.register.as_ref().filter(|_| guess.preset.is_none())
        && found.fields() < LEAST_FIELDS
    {
        let (name, count) = (&seen.tables[found.table].name, found.fields());
        out.push(message!("has-hardly-a-field-is-it-a-roster", name, count));
    }
    for roster in rosters.iter().filter(|roster| roster.is_copy) {
        let name = &seen.tables[roster.found.table].name;
        out.push(message!("looks-like-a-copy-or-view", name));
    }
    let copies: Vec<&str> = copies(&seen.tables, guess)
        .into_iter()
        .filter(|at| !rosters.iter().any(|roster| roster.found.table == *at))
        .map(|at| seen.tables[at].name.as_str())
        .collect();
    if rosters.is_empty() && !copies.is_empty() {
        out.push(message!("is-no-roster-it-looks-like", name = copies.join(", ")));
    }
    let has_counts = guess.baseline.is_some()
        || guess.units.as_ref().is_some_and(|units| units.column(InferredRole::Persons).is_some());
    if rosters.is_empty() && copies.is_empty() && !has_counts {
        out.push(message!("nothing-to-measure-coverage-against"));
        let names = without_units(&seen.tables, guess).into_iter().map(|at| seen.tables[at].name.as_str());
        out.extend(names.map(|name| message!("has-numbers-and-names-no-units", name)));
    }
    out
}

/// A mark that a person should look at; only those of the register are written.
fn mark_remark(table: &SurveyedTable, mark: &CountingMark, is_register: bool) -> Option<Message> {
    let (name, of) = (&table.name, table.sample.len());
    let (column, excluded, is_clear) = match mark {
        CountingMark::Only { column, excluded, .. } => (column, *excluded, true),
        CountingMark::LeftAt { column, excluded } => (column, *excluded, true),
        CountingMark::Unclear { column } => (column, 0, false),
    };
    let column = &table.columns[*column];
    match (is_clear, is_register, excluded) {
        (true, _, 0) => None,
        (true, true, _) => Some(message!("some-records-are-left-out", name, column, excluded, of)),
        (true, false, _) => Some(message!("entries-of-a-list-may-count-no-more", name, column)),
        (false, true, _) => Some(message!("may-say-which-records-count-no-more", name, column)),
        (false, false, _) => Some(message!("entries-of-a-list-may-count-no-more", name, column)),
    }
}

/// A code of a column that counts as blank and may mean something.
pub(super) fn doubtful_code(
    table: &SurveyedTable,
    choice: &ColumnChoice,
    id_number: Option<usize>,
) -> Option<Message> {
    let InferredRole::Field(field) = choice.role else { return None };
    let column = &table.columns[choice.column];
    Some(match codes::doubtful(table, field, choice.column, id_number)? {
        DoubtfulCode::OfOneSex(Sex::Male, holders, all) => {
            message!("unsure-code-of-men", column, holders, all)
        }
        DoubtfulCode::OfOneSex(Sex::Female, holders, all) => {
            message!("unsure-code-of-women", column, holders, all)
        }
        DoubtfulCode::Zero(zeros, of) => message!("unsure-code-of-zero", column, zeros, of),
    })
}

/// Columns that are taken by their names, or because a person says so, though their values speak against it.
pub(super) fn damaged(table: &SurveyedTable, found: &TableMatch) -> Vec<Message> {
    let is_odd = |choice: &&ColumnChoice| {
        let Evidence { by_hand, name, values, agrees } = choice.evidence;
        let is_of_values = matches!(
            choice.role,
            InferredRole::Field(_) | InferredRole::RegisteredAt | InferredRole::UpdatedAt
        );
        let is_unknown_unit = choice.role == InferredRole::Unit && agrees.is_some_and(|share| share < 30);
        // Codes that agree with the ID numbers get a map.
        let is_bad = values.is_some_and(|share| share < 30) && agrees.is_none_or(|share| share < 70);
        (by_hand || name >= 60) && (is_of_values && is_bad || is_unknown_unit)
    };
    let told = |choice: &ColumnChoice| {
        let (name, column, key) = (&table.name, &table.columns[choice.column], key(choice.role));
        match choice.role {
            InferredRole::Field(Field::IdNumber) => message!("hardly-a-value-of-is-a", name, column),
            InferredRole::Unit => message!("hardly-a-value-of-is-a-unit", name, column, key),
            _ => message!("hardly-a-value-of-looks-like", name, column, key),
        }
    };
    found.columns.iter().filter(is_odd).map(told).collect()
}

/// A part of a list that has another heading than the others for one column.
fn other_heading(lacking: &LackingHeading) -> Message {
    let LackingHeading { place, heading, near } = lacking;
    match near {
        Some(near) => message!("has-no-column-as-the-other", place, heading, near),
        None => message!("has-no-column-as-the-other-parts", place, heading),
    }
}

fn tables_seen(language: CommandLanguage, tables: &[SurveyedTable]) -> String {
    let rows: Vec<Vec<String>> = tables
        .iter()
        .map(|table| {
            let seen = table.sample.len();
            let rows = match table.rows {
                Some(rows) => rows.to_string(),
                // The sample ends before such a table does.
                None if seen >= SAMPLE => format!("{seen}+"),
                None => seen.to_string(),
            };
            vec![table.name.clone(), rows, table.columns.len().to_string()]
        })
        .collect();
    columns(
        language,
        &[(message!("head-table"), Left), (message!("rows-about"), Right), (message!("head-columns"), Right)],
        &rows,
    )
}

fn table_row(
    language: CommandLanguage,
    part: &Message,
    found: &TableMatch,
    tables: &[SurveyedTable],
) -> Vec<String> {
    let others: Vec<&str> = found.rivals.iter().map(|at| tables[*at].name.as_str()).collect();
    let note = match others.is_empty() {
        true => String::new(),
        false => language.say(message!("also-possible-2", names = others.join(", "))),
    };
    vec![
        language.say(part),
        tables[found.table].name.clone(),
        language.say(confidence(found.confidence)),
        note,
    ]
}

fn column_row(language: CommandLanguage, choice: &ColumnChoice, table: &SurveyedTable) -> Vec<String> {
    let mut reasons = why(language, choice.evidence);
    if let Some(rival) = choice.rival {
        let name = &table.columns[rival];
        reasons.push_str(&format!("; {}", language.say(message!("also-possible", name))));
    }
    let key = format!("  {}", key(choice.role));
    vec![key, table.columns[choice.column].clone(), language.say(confidence(choice.confidence)), reasons]
}

/// The same for a program.
pub(super) fn as_json(tables: &[SurveyedTable], guess: &InferredTable, rosters: &[NamedRoster]) -> Value {
    let part = |found: Option<&TableMatch>| {
        let Some(found) = found else { return Value::Null };
        let table = &tables[found.table];
        let columns = found.columns.iter().map(|choice| {
            let value = json!({
                "column": table.columns[choice.column],
                "sureness": confidence(choice.confidence),
                "name_fits": choice.evidence.name,
                "values_fit": choice.evidence.values,
                "agrees": choice.evidence.agrees,
                "also_possible": choice.rival.map(|rival| table.columns[rival].as_str()),
            });
            (key(choice.role).to_owned(), value)
        });
        json!({
            "table": table.name,
            "sureness": confidence(found.confidence),
            "also_possible": found.rivals.iter().map(|at| tables[*at].name.as_str()).collect::<Vec<_>>(),
            "columns": columns.collect::<serde_json::Map<_, _>>(),
        })
    };
    json!({
        "register": part(guess.register.as_ref()),
        "units": part(guess.units.as_ref()),
        "baseline": part(guess.baseline.as_ref()),
        "rosters": rosters.iter().map(|roster| part(Some(&roster.found))).collect::<Vec<_>>(),
    })
}
