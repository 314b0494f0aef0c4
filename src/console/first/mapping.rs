//! The form that shows what each column is taken for, and what a person changes in it.

use jiff::civil::Date;

use super::drafts::DraftState;
use super::{Answers, PARTS, SeenLists, TableChoice, words};
use crate::config::settings::ReportLanguage;
use crate::console::form::{Fields, day, number};
use crate::console::problem::ErrorPage;

/// A list in the form.
pub(super) struct PartView {
    pub heading: &'static str,
    /// Name of the field that picks its table.
    pub field: String,
    pub tables: Vec<MappingChoice>,
    pub is_unsure: bool,
    pub names_unit: bool,
    pub roles: Vec<RoleView>,
}

/// A role in the form.
pub(super) struct RoleView {
    pub field: String,
    pub label: &'static str,
    pub columns: Vec<MappingChoice>,
    pub confidence: &'static str,
    pub class: &'static str,
    pub why: String,
}

/// An entry of a list to choose from.
pub(super) struct MappingChoice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// The lists as the form shows them.
pub(super) fn views(language: ReportLanguage, seen: &SeenLists) -> Vec<PartView> {
    let view = |(part, shown): (usize, &super::SeenPart)| {
        let tables = seen.tables.iter().enumerate().map(|(at, table)| MappingChoice {
            value: at.to_string(),
            label: format!("{} ({} × {})", table.name, table.rows, table.columns.len()),
            is_chosen: shown.table == Some(at),
        });
        let columns = shown.table.map(|at| seen.tables[at].columns.as_slice()).unwrap_or_default();
        let role = |role: &super::SeenRole| {
            let (mut confidence, mut class) = words::confidence(language, role.confidence);
            if role.column.is_none()
                && (words::is_optional(role.key) || (role.key == "unit" && shown.names_unit))
            {
                (confidence, class) = ("", "");
            }
            let column = |(at, name): (usize, &String)| MappingChoice {
                value: at.to_string(),
                label: name.clone(),
                is_chosen: role.column == Some(at),
            };
            RoleView {
                field: field(part, role.key),
                label: words::role(language, part, role.key),
                columns: columns.iter().enumerate().map(column).collect(),
                confidence,
                class,
                why: role.why.clone(),
            }
        };
        PartView {
            heading: words::part(language, part),
            field: format!("table.{part}"),
            tables: tables.collect(),
            is_unsure: shown.confidence == "unsure",
            names_unit: shown.names_unit,
            roles: shown.roles.iter().map(role).collect(),
        }
    };
    seen.parts.iter().enumerate().map(view).collect()
}

fn field(part: usize, key: &str) -> String {
    format!("column.{part}.{key}")
}

/// The answers of a form: those from before, with what a person has changed. What was left as it was shown stays a
/// guess with its own reason.
pub(super) fn answers(fields: &mut Fields, state: &DraftState) -> Result<Answers, ErrorPage> {
    let (seen, before) = (&state.seen, &state.answers);
    let mut answers = before.clone();
    for part in 0..PARTS.len() {
        let shown = seen.parts.get(part).and_then(|shown| shown.table);
        let picked = number(&fields.take(&format!("table.{part}")))?;
        let is_same = picked == shown;
        if !is_same {
            answers.tables[part] = picked.map_or(TableChoice::Nothing, TableChoice::Table);
            answers.columns.retain(|(of, ..)| *of != part);
        }
        for role in seen.parts.get(part).into_iter().flat_map(|shown| &shown.roles) {
            let column = number(&fields.take(&field(part, role.key)))?;
            if is_same && column != role.column {
                answers.columns.retain(|(of, key, _)| (*of, key.as_str()) != (part, role.key));
                answers.columns.push((part, role.key.to_owned(), column));
            }
        }
    }
    answers.kinds.clear();
    for (at, code) in seen.kinds.iter().enumerate() {
        let word = fields.line(&format!("kind.{at}"))?;
        answers.kinds.extend(word.map(|word| (code.clone(), word)));
    }
    answers.name = fields.line("name")?.unwrap_or_default();
    answers.issuer = fields.line("issuer")?.unwrap_or_default();
    answers.days = days(fields.line("from")?, fields.line("to")?)?;
    Ok(answers)
}

/// First and last day, both or neither.
fn days(from: Option<String>, to: Option<String>) -> Result<Option<(Date, Date)>, ErrorPage> {
    match (from, to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) => {
            let (from, to) = (day(&from).map_err(back)?, day(&to).map_err(back)?);
            match from <= to {
                true => Ok(Some((from, to))),
                false => Err(back(ErrorPage::reversed())),
            }
        }
        _ => Err(back(ErrorPage::refused(
            "请写全活动的起止日期。",
            "Give both the first and the last day of the campaign.",
        ))),
    }
}

/// A problem that leads back to the form.
pub(super) fn back(problem: ErrorPage) -> ErrorPage {
    problem.with_link("/first?step=mapping".into(), "返回", "Back")
}
