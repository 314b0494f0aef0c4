//! Relations tried on the records of a file. No value of a record is printed.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;
use tongbao_message::message;

use serde_json::json;
use tokio::time::Instant;

use super::super::columns::columns;
use super::super::failure::CommandFailure;
use super::super::language::CommandLanguage;
use super::super::{Context, print, print_json};
use super::TestArguments;
use super::list::{is_used, label};
use crate::config::settings::{FileForm, Settings};
use crate::register::batch::{Day, days_since_epoch};
use crate::register::date::number_of;
use crate::register::day_reader::{DayReader, DayReading, DayStyle};
use crate::register::field::Field;
use crate::report::document::Align::{Left, Right};
use crate::rule::definitions::{Definitions, Demand, RelationDefinition};
use crate::rule::evaluate::{DecidingStage, RecordView, RelationOutcome, Truth};
use crate::rule::explain::Explanation;
use crate::rule::parse::unknown;
use crate::rule::sets::{SetMembers, SetPart};
use crate::rule::tree::FieldId;
use crate::rule::value::{FieldValue, RecordFrame, ValueReader};
use crate::source::{OpenFiles, Source};

/// Most records of a file that are tried.
const MOST_RECORDS: usize = 100_000;
/// Time for reading them.
const DEADLINE: Duration = Duration::from_secs(60);

/// What a column of the file is.
enum Meaning {
    Field { field: FieldId, codes: BTreeMap<String, String> },
    DocumentType,
    Unit,
    RegisteredOn(DayReader),
}

pub(super) async fn execute(
    context: &Context,
    settings: &Settings,
    arguments: &TestArguments,
) -> Result<ExitCode, CommandFailure> {
    let definitions = &*settings.indicators.definitions;
    let relations = chosen(settings, definitions, &arguments.relation)?;
    let files = OpenFiles::open(&arguments.file, &FileForm::default(), &BTreeMap::new()).await?;
    let mut tables = files.survey(MOST_RECORDS, Instant::now() + DEADLINE)?;
    if tables.is_empty() {
        return Err(CommandFailure::Failed(message!("has-no-table", file = arguments.file)));
    }
    let table = tables.remove(0).2?;
    let meanings: Vec<Option<Meaning>> =
        table.columns.iter().map(|column| meaning(settings, definitions, column)).collect();
    for (column, _) in table.columns.iter().zip(&meanings).filter(|(_, meaning)| meaning.is_none()) {
        context.warn(&[message!("column-is-no-field-and-is", column)]);
    }
    if !meanings.iter().any(|meaning| matches!(meaning, Some(Meaning::Field { .. }))) {
        return Err(CommandFailure::Usage(message!("no-column-of-the-file-is")));
    }
    let today = context.clock.now().to_zoned(settings.campaign.time_zone.clone()).date();
    let frame = RecordFrame {
        unit: None,
        registered_on: Day::Missing,
        cut_off: number_of(arguments.on.unwrap_or(today)),
    };
    let reader = ValueReader::new(settings.campaign.time_zone.clone());
    let mut rows = Vec::new();
    let mut sets = SetTrial::default();
    for row in &table.sample {
        let (row, parts) = tried(definitions, &relations, &meanings, row, frame, &reader);
        sets.add(rows.len(), parts);
        rows.push(row);
    }
    if relations.iter().any(|relation| matches!(relation.demand, Demand::Listed { .. })) {
        let mut source = Source::open(&settings.source).await?;
        source
            .references(|list, entry| sets.add_entry(definitions, &relations, (list, entry), &reader))
            .await?;
    }
    sets.decide(&relations, &mut rows);
    match context.is_json() {
        true => print_rows_json(&relations, &rows),
        false => print_rows(context, &relations, &rows),
    }
}

/// The relations that are asked for: by default those in use and all of the office's own.
fn chosen<'a>(
    settings: &Settings,
    definitions: &'a Definitions,
    wanted: &[String],
) -> Result<Vec<&'a RelationDefinition>, CommandFailure> {
    if wanted.is_empty() {
        let own = definitions.own_relations();
        let is_own = |relation: &RelationDefinition| own.iter().any(|own| own.key == relation.key);
        let relations = definitions.named_relations().iter();
        return Ok(relations.filter(|one| is_own(one) || is_used(settings, one)).collect());
    }
    let find = |key: &String| {
        definitions.relation(key).ok_or_else(|| {
            let names = definitions.named_relations().iter().map(|relation| relation.key.as_str());
            CommandFailure::Usage(unknown(message!("relation"), key, names))
        })
    };
    wanted.iter().map(find).collect()
}

/// What a column is, by the key or label of a field or by its name in the register.
fn meaning(settings: &Settings, definitions: &Definitions, column: &str) -> Option<Meaning> {
    let register = &settings.source.register;
    for field in Field::ALL {
        let mapped = register.fields.get(&field).filter(|mapped| mapped.column == column);
        if let Some(mapped) = mapped {
            let field = FieldId(field.index() as u8);
            return Some(Meaning::Field { field, codes: mapped.codes.clone() });
        }
    }
    let is_called = |at: usize| {
        let field = &definitions.fields[at];
        [&field.key, &field.label.zh, &field.label.en].into_iter().any(|name| name == column)
            || at >= Field::ALL.len() && field.column == column
    };
    let all = definitions.fields.len();
    if let Some(at) = (all - definitions.named_fields().len()..all).find(|at| is_called(*at)) {
        // What the register's codes mean, whatever the file calls the column.
        let codes = register.fields.get(&Field::at(at)).map(|mapped| mapped.codes.clone());
        return Some(Meaning::Field { field: FieldId(at as u8), codes: codes.unwrap_or_default() });
    }
    let registered_on =
        |form| Meaning::RegisteredOn(DayReader::new(settings.campaign.time_zone.clone(), form));
    match column {
        "unit" | "所属单位" => Some(Meaning::Unit),
        "registered_on" | "registered_at" | "登记日期" => Some(registered_on(DayStyle::default())),
        "document_type" | "证件类型" => Some(Meaning::DocumentType),
        _ if register.unit == column => Some(Meaning::Unit),
        _ if register.document_type.as_deref() == Some(column) => Some(Meaning::DocumentType),
        _ if register.registered_at.as_deref() == Some(column) => {
            Some(registered_on(register.registered_form))
        }
        _ => None,
    }
}

fn tried(
    definitions: &Definitions,
    relations: &[&RelationDefinition],
    meanings: &[Option<Meaning>],
    row: &[Option<String>],
    mut frame: RecordFrame<'_>,
    reader: &ValueReader,
) -> (Vec<Explanation>, Vec<Option<SetPart>>) {
    let mut raw: Vec<Option<&str>> = vec![None; definitions.fields.len()];
    let (mut document, mut unit) = (None, None);
    for (meaning, value) in meanings.iter().zip(row) {
        let value = value.as_deref();
        match meaning {
            Some(Meaning::Field { field, codes }) => {
                raw[field.index()] = value.map(|text| codes.get(text).map_or(text, String::as_str));
            }
            Some(Meaning::DocumentType) => document = value,
            Some(Meaning::Unit) => unit = value,
            Some(Meaning::RegisteredOn(days)) => {
                frame.registered_on = match days.read(value.unwrap_or_default().as_bytes()) {
                    DayReading::Blank => Day::Missing,
                    DayReading::Day(date) => Day::Known(days_since_epoch(date)),
                    DayReading::Unreadable => Day::Invalid,
                };
            }
            None => {}
        }
    }
    let document = document.map(str::as_bytes);
    let values: Vec<FieldValue<'_>> = raw
        .iter()
        .enumerate()
        .map(|(at, text)| reader.read(definitions, FieldId(at as u8), text.map(str::as_bytes), document))
        .collect();
    let frame = RecordFrame { unit: unit.map(str::as_bytes), ..frame };
    let view = RecordView { definitions, values: &values, frame };
    relations.iter().map(|relation| (view.explain(relation), view.set_part(relation))).unzip()
}

/// Relations over several records, tried on all records of the file together.
#[derive(Default)]
struct SetTrial {
    /// By position of the relation and key: the records and what they come to.
    sets: BTreeMap<(usize, Vec<u8>), (Vec<usize>, SetMembers)>,
}

impl SetTrial {
    fn add(&mut self, row: usize, parts: Vec<Option<SetPart>>) {
        for (at, part) in parts.into_iter().enumerate() {
            let Some(SetPart::Member { key, is_counted }) = part else { continue };
            let (rows, members) = self.sets.entry((at, key)).or_default();
            rows.push(row);
            members.add(is_counted);
        }
    }

    /// Counts an entry of a list for the records that have its value.
    fn add_entry(
        &mut self,
        definitions: &Definitions,
        relations: &[&RelationDefinition],
        (list, entry): (&str, Option<&[u8]>),
        reader: &ValueReader,
    ) {
        for (at, relation) in relations.iter().enumerate() {
            let Demand::Listed { list: of, .. } = &relation.demand else { continue };
            if definitions.references[*of].key != list {
                continue;
            }
            let key = relation.entry_key(definitions, reader, entry);
            if let Some((_, members)) = key.and_then(|key| self.sets.get_mut(&(at, key))) {
                members.add(Truth::True);
            }
        }
    }

    fn decide(self, relations: &[&RelationDefinition], rows: &mut [Vec<Explanation>]) {
        for ((at, _), (members, counts)) in self.sets {
            let outcome = counts.outcome(&relations[at].demand);
            members.into_iter().for_each(|row| rows[row][at].outcome = outcome);
        }
    }
}

fn count(rows: &[Vec<Explanation>], at: usize, outcome: RelationOutcome) -> usize {
    rows.iter().filter(|row| row[at].outcome == outcome).count()
}

fn stage(stage: DecidingStage) -> String {
    match stage {
        DecidingStage::When => "when".to_owned(),
        DecidingStage::Premise => "if".to_owned(),
        DecidingStage::Check => "check".to_owned(),
        DecidingStage::Case(at) => format!("cases[{}].check", at + 1),
        DecidingStage::Cases => "cases".to_owned(),
    }
}

fn print_rows_json(
    relations: &[&RelationDefinition],
    rows: &[Vec<Explanation>],
) -> Result<ExitCode, CommandFailure> {
    let outcome = |(relation, found): (&&RelationDefinition, &Explanation)| {
        json!({
            "relation": relation.key,
            "outcome": found.outcome.key(),
            "stage": stage(found.stage),
            "clause": found.clause,
            "invalid": found.is_invalid,
        })
    };
    let records: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let outcomes: Vec<_> = relations.iter().zip(row).map(outcome).collect();
            json!({ "record": at + 1, "outcomes": outcomes })
        })
        .collect();
    let totals: Vec<_> = relations
        .iter()
        .enumerate()
        .map(|(at, relation)| {
            let counts = RelationOutcome::ALL.map(|outcome| count(rows, at, outcome));
            let [not_applicable, missing, fail, pass] = counts;
            json!({ "relation": relation.key, "pass": pass, "fail": fail, "missing": missing, "not_applicable": not_applicable })
        })
        .collect();
    print_json(&json!({ "records": records, "relations": totals }))
}

fn print_rows(
    context: &Context,
    relations: &[&RelationDefinition],
    rows: &[Vec<Explanation>],
) -> Result<ExitCode, CommandFailure> {
    let language = context.language;
    let heads = [
        (message!("head-record"), Right),
        (message!("head-relation"), Left),
        (message!("head-outcome"), Left),
        (message!("decided-by"), Left),
    ];
    let mut lines = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        for (relation, found) in relations.iter().zip(row) {
            let number = (at + 1).to_string();
            let name = label(language, &relation.label).to_owned();
            lines.push(vec![number, name, outcome_word(language, found.outcome), reason(language, found)]);
        }
    }
    print(&columns(language, &heads, &lines))?;
    let heads = [
        (message!("head-relation"), Left),
        (message!("head-pass"), Right),
        (message!("head-fail"), Right),
        (message!("head-missing"), Right),
        (message!("not-applicable"), Right),
    ];
    let total = |(at, relation): (usize, &&RelationDefinition)| {
        let counts = [
            RelationOutcome::Pass,
            RelationOutcome::Fail,
            RelationOutcome::Missing,
            RelationOutcome::NotApplicable,
        ];
        let numbers = counts.map(|outcome| count(rows, at, outcome).to_string());
        std::iter::once(label(language, &relation.label).to_owned()).chain(numbers).collect()
    };
    let totals: Vec<Vec<String>> = relations.iter().enumerate().map(total).collect();
    print(&format!("\n{}", columns(language, &heads, &totals)))?;
    Ok(ExitCode::SUCCESS)
}

fn outcome_word(language: CommandLanguage, outcome: RelationOutcome) -> String {
    language.say(match outcome {
        RelationOutcome::NotApplicable => message!("not-applicable-2"),
        RelationOutcome::Missing => message!("missing"),
        RelationOutcome::Fail => message!("fail"),
        RelationOutcome::Pass => message!("pass"),
    })
}

fn reason(language: CommandLanguage, found: &Explanation) -> String {
    let Some(clause) = &found.clause else { return stage(found.stage) };
    let invalid = if found.is_invalid {
        format!(" ({})", language.say(message!("not-a-value-of-its-type")))
    } else {
        String::new()
    };
    format!("{}: {clause}{invalid}", stage(found.stage))
}
