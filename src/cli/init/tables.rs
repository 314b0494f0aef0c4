//! The tables that a person names, by flags or answers: those of the survey, or files elsewhere.

use super::super::failure::CommandFailure;
use super::preset::must_be_known;
use crate::config::key_positions::nearest;
use crate::config::settings::DatabaseUrl;
use crate::inference::SurveyedTable;
use crate::inference::head_counts::head_counts;
use crate::inference::names::{self, InferredRole};
use crate::inference::tables::{InferredTable, NamedTables, TableMatch, copies, roster};
use crate::source::SourceError;
use crate::source::survey::{RegisterSurvey, survey, survey_table};
use tongbao_message::{Message, Worded, message};

/// A roster with the name that documents print, where one was given.
pub(super) struct NamedRoster {
    pub label: Option<String>,
    pub found: TableMatch,
    /// Whether it looks like a copy of the register, which measures itself then.
    pub is_copy: bool,
}

/// A roster as a person names it: `TABLE` or `file:PATH`, or one of them behind `LABEL=`.
pub(super) struct WantedRoster {
    label: Option<String>,
    text: String,
    meant: Vec<usize>,
}

/// The tables that are meant by a name, or those in a file, which is looked at now. A table of the database at `url` need
/// not have been listed.
pub(super) async fn meant(
    seen: &mut RegisterSurvey,
    url: &DatabaseUrl,
    text: &str,
) -> Result<Vec<usize>, CommandFailure> {
    let from = seen.tables.len();
    if text.starts_with("file:") {
        seen.extend(survey(&DatabaseUrl::new(text)).await?);
        return Ok((from..seen.tables.len()).collect());
    }
    let is_meant = |at: &usize| seen.tables[*at].name.eq_ignore_ascii_case(text);
    let found: Vec<usize> = (0..from).filter(is_meant).collect();
    if found.is_empty() && url.file().is_none() {
        seen.extend(survey_table(url, text).await.map_err(|error| unreadable(text, error))?);
        return Ok(vec![from]);
    }
    if found.is_empty() {
        let (known, names) = (list(&seen.tables), seen.tables.iter().map(|table| table.name.as_str()));
        let meant = nearest(text, names).map(|name| message!("did-you-mean-name", name)).message();
        return Err(CommandFailure::Usage(message!("there-is-no-table-tables", text, meant, known)));
    }
    Ok(found)
}

/// Why a table that a person names cannot be looked at.
fn unreadable(text: &str, error: SourceError) -> CommandFailure {
    match error {
        SourceError::MissingTable { meant, known, .. } => {
            CommandFailure::Usage(message!("there-is-no-table-tables", text, meant, known))
        }
        error if error.is_unavailable() => error.into(),
        error => CommandFailure::Usage(message!("named-problem", name = text, problem = error)),
    }
}

/// The roster that a text names. A table may have the sign of equality in its own name.
pub(super) async fn wanted(
    seen: &mut RegisterSurvey,
    url: &DatabaseUrl,
    text: &str,
) -> Result<WantedRoster, CommandFailure> {
    let is_whole = text.starts_with("file:") || seen.tables.iter().any(|table| table.name == text);
    let (label, text) = match text.split_once('=').filter(|_| !is_whole) {
        Some((label, text)) => (Some(label.trim().to_owned()), text.trim()),
        None => (None, text.trim()),
    };
    let meant = meant(seen, url, text).await?;
    Ok(WantedRoster { label: label.filter(|label| !label.is_empty()), text: text.to_owned(), meant })
}

/// What the flags name, for the guess.
pub(super) async fn named(
    seen: &mut RegisterSurvey,
    url: &DatabaseUrl,
    register: Option<&str>,
    units: Option<&str>,
    rosters: &[String],
) -> Result<(NamedTables, Vec<WantedRoster>), CommandFailure> {
    let mut named = NamedTables::default();
    if let Some(text) = register {
        named.register = Some(meant(seen, url, text).await?);
    }
    if let Some(text) = units {
        named.units = Some(meant(seen, url, text).await?);
    }
    let mut all = Vec::new();
    for text in rosters {
        all.push(wanted(seen, url, text).await?);
    }
    if !all.is_empty() {
        named.roster = Some(all.iter().flat_map(|wanted| wanted.meant.clone()).collect());
    }
    Ok((named, all))
}

impl WantedRoster {
    /// The roster, if the table has the columns of one.
    pub(super) fn find(
        self,
        tables: &[SurveyedTable],
        guess: &InferredTable,
    ) -> Result<NamedRoster, CommandFailure> {
        let WantedRoster { label, text, meant } = self;
        match roster(tables, guess, Some(&meant)) {
            Some(found) => {
                let is_copy = copies(tables, guess).contains(&found.table);
                Ok(NamedRoster { label, found, is_copy })
            }
            None if head_counts(tables, guess, Some(&meant)).is_some() => {
                Err(CommandFailure::Usage(message!("is-a-list-of-head-counts", text)))
            }
            None => Err(CommandFailure::Usage(message!("is-no-roster-it-needs-a", text))),
        }
    }
}

/// The list of head counts that a text names.
pub(super) async fn head_counts_named(
    seen: &mut RegisterSurvey,
    url: &DatabaseUrl,
    guess: &InferredTable,
    text: &str,
) -> Result<TableMatch, CommandFailure> {
    let meant = meant(seen, url, text.trim()).await?;
    head_counts(&seen.tables, guess, Some(&meant)).ok_or_else(|| {
        CommandFailure::Usage(match roster(&seen.tables, guess, Some(&meant)) {
            Some(_) => message!("is-a-list-of-persons-and-no", text),
            None => message!("is-no-list-of-head-counts", text),
        })
    })
}

/// What the figures cannot do without.
pub(super) fn must_have(
    guess: &InferredTable,
    tables: &[SurveyedTable],
    is_file: bool,
) -> Result<(), CommandFailure> {
    let Some(register) = &guess.register else { return Err(no_register(tables, guess.preset)) };
    // A database can be asked for the codes in use, a file cannot, and no name of a file is known for that of a unit.
    if is_file && guess.units.is_none() {
        return Err(CommandFailure::Usage(message!("no-unit-list-was-found-make")));
    }
    if register.column(InferredRole::Unit).is_none() && !guess.named_by_place.contains(&register.table) {
        return Err(CommandFailure::Usage(without_unit(&tables[register.table])));
    }
    must_be_known(guess, &tables[register.table].name)?;
    Ok(())
}

/// Why no column of a register names the units. In a text file cells that were merged keep their value in the first
/// row alone.
fn without_unit(table: &SurveyedTable) -> Message {
    const NAMED: u32 = 60;
    let name = &table.name;
    let is_sparse = |column: &usize| {
        names::fit(&table.columns[*column], InferredRole::Unit) >= NAMED
            && table.filled(*column).next().is_some()
            && table.filled(*column).count() * 2 < table.sample.len()
    };
    match (0..table.columns.len()).find(is_sparse) {
        Some(column) => {
            let column = &table.columns[column];
            message!("column-holds-the-unit-in-few-rows", name, column)
        }
        None => message!("no-column-of-seems-to-hold-the", table = name),
    }
}

pub(super) fn no_register(tables: &[SurveyedTable], preset: Option<&str>) -> CommandFailure {
    let known = list(tables);
    if let Some(preset) = preset {
        return CommandFailure::Usage(message!("no-table-looks-like-the-register", preset, known));
    }
    // What is not divided into columns cannot look like anything.
    if let Some(table) = tables.iter().find(|table| table.columns.len() == 1 && table.sample.len() > 1) {
        return CommandFailure::Usage(message!("no-table-looks-like-a-register", name = table.name, known));
    }
    if tables.is_empty() {
        return CommandFailure::Usage(message!("there-is-no-table-that-can"));
    }
    CommandFailure::Usage(message!("no-table-looks-like-a-register-of", known))
}

fn list(tables: &[SurveyedTable]) -> String {
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
