//! Reads a returned list: every record that was drawn, and what was found in it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Duration;
use tongbao_message::message;

use serde_json::json;
use tokio::time::Instant;

use super::super::failure::CommandFailure;
use super::super::language::CommandLanguage;
use super::super::{Context, print_json};
use super::{KEY, RECHECK, RESULT, RecordArguments, WRONG_FIELDS};
use crate::config::settings::{FileForm, Indicators, ReportLanguage};
use crate::indicator::recheck::digest_of_keys;
use crate::inference::SurveyedTable;
use crate::pipeline::Engine;
use crate::register::field::Field;
use crate::register::nearest::nearest;
use crate::report::rechecks::{error_rate, interval};
use crate::source::OpenFiles;
use crate::store::Store;
use crate::store::rechecks::RecheckResult;

/// Most rows of a list.
const MOST_ROWS: usize = 1_000_000;
const DEADLINE: Duration = Duration::from_secs(60);

/// Words for what was found; ASCII case is ignored.
const RIGHT: [&str; 8] = ["right", "对", "正确", "无误", "相符", "√", "✓", "1"];
const WRONG: [&str; 9] = ["wrong", "错", "错误", "有误", "不符", "×", "✗", "x", "0"];
const UNCHECKED: [&str; 4] = ["unchecked", "无法核实", "未核实", "查无此人"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CheckedAs {
    Right,
    Wrong,
    Unchecked,
}

/// What a list has of one sample.
#[derive(Debug, Default)]
struct ReturnedSample {
    keys: Vec<String>,
    wrong: u64,
    unchecked: u64,
    /// Records without a result, or with a word that says none.
    open: u64,
    /// Wrong records by key of the field.
    fields: BTreeMap<String, u64>,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &RecordArguments,
) -> Result<ExitCode, CommandFailure> {
    let engine = Engine::for_figures(context.load()?.settings)?;
    let path = arguments.file.display().to_string();
    let by = arguments.by.trim();
    if by.is_empty() {
        return Err(CommandFailure::Usage(message!("by-names-who-checked").to_owned()));
    }
    let files = OpenFiles::open(&path, &FileForm::default(), &BTreeMap::new()).await?;
    let mut tables = files.survey(MOST_ROWS, Instant::now() + DEADLINE)?;
    if tables.is_empty() {
        return Err(CommandFailure::Failed(message!("has-no-table-2", path)));
    }
    let names = FieldNames::new(&engine.settings.indicators);
    let returned = returned(&path, &tables.remove(0).2?, &names)?;
    let store = Store::open(&engine.settings.state_dir).await?;
    let results = compared(&store, &returned).await;
    let recorded = match results {
        Ok(results) => store.record_rechecks(&results, by, context.clock.now()).await.map_err(Into::into),
        Err(failure) => Err(failure),
    };
    let after = store.rechecks().await;
    store.close().await;
    recorded?;
    let mut done = after?;
    done.retain(|recheck| returned.contains_key(&recheck.id));
    done.reverse();
    if context.is_json() {
        return print_json(&json!({ "rechecks": done }));
    }
    for one in &done {
        let (wrong, size) = (one.wrong.unwrap_or_default().unsigned_abs(), one.size.unsigned_abs());
        let (id, unit, rate) = (one.id, &one.unit, error_rate(wrong, size));
        let interval = interval(wrong, size).unwrap_or_default();
        context.say_line(message!(
            "recheck-of-unit-of-records-are",
            id,
            unit,
            wrong,
            size,
            rate,
            interval
        ))?;
        let fields = one.wrong_fields();
        if !fields.is_empty() {
            let listed = names.listed(&fields, context.language);
            context.say_line(message!("of-these-by-wrong-field", fields = listed))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The fields of a record: key, Chinese and English label of each.
struct FieldNames(Vec<[String; 3]>);

impl FieldNames {
    fn new(indicators: &Indicators) -> FieldNames {
        let built_in = if indicators.subject.is_none() { &Field::ALL[..] } else { &[] };
        let own = (0..indicators.definitions.own_fields().len()).map(|at| Field::Own(at as u8));
        let names = |field: Field| {
            let label = |language| indicators.field_label(field, language).to_owned();
            let labels = [ReportLanguage::Chinese, ReportLanguage::English].map(label);
            let [zh, en] = labels;
            [indicators.field_key(field).to_owned(), zh, en]
        };
        FieldNames(built_in.iter().copied().chain(own).map(names).collect())
    }

    /// The keys of the fields that a cell names, each once.
    fn read(&self, path: &str, cell: &str) -> Result<BTreeSet<&str>, CommandFailure> {
        let named = cell.split(['、', '，', ',', ';', '；']).map(str::trim).filter(|name| !name.is_empty());
        named.map(|name| self.key(path, name)).collect()
    }

    fn key(&self, path: &str, name: &str) -> Result<&str, CommandFailure> {
        let is_called = |names: &&[String; 3]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        if let Some([key, ..]) = self.0.iter().find(is_called) {
            return Ok(key);
        }
        let all = || self.0.iter().flatten().map(String::as_str);
        let near = nearest(name, all()).or(all().next()).unwrap_or_default().to_owned();
        Err(CommandFailure::Failed(message!("names-no-field-of-the-register", path, name, near)))
    }

    /// Records by field, in the order of the definitions.
    fn listed(&self, records: &BTreeMap<String, u64>, language: CommandLanguage) -> String {
        let counted = |[key, zh, en]: &[String; 3]| {
            let label = if language == CommandLanguage::Chinese { zh } else { en };
            Some(format!("{label} {}", records.get(key)?))
        };
        let comma = if language == CommandLanguage::Chinese { "、" } else { ", " };
        self.0.iter().filter_map(counted).collect::<Vec<_>>().join(comma)
    }
}

/// The samples of a list by number.
fn returned(
    path: &str,
    table: &SurveyedTable,
    names: &FieldNames,
) -> Result<BTreeMap<i64, ReturnedSample>, CommandFailure> {
    let position =
        |names: [&'static str; 2]| table.columns.iter().position(|column| names.contains(&column.trim()));
    let column = |names: [&'static str; 2]| {
        let [chinese, english] = names;
        position(names).ok_or_else(|| {
            CommandFailure::Failed(message!("has-no-column-return-the-list", path, english, chinese))
        })
    };
    // Lists of before have no such column.
    let wrong_fields = position(WRONG_FIELDS);
    let [recheck, key, result] = [column(RECHECK)?, column(KEY)?, column(RESULT)?];
    let mut out: BTreeMap<i64, ReturnedSample> = BTreeMap::new();
    for row in &table.sample {
        let cell = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default().trim();
        let (Ok(id), written) = (cell(recheck).parse(), cell(key)) else {
            return Err(CommandFailure::Failed(message!("has-a-row-without-the-number", path)));
        };
        let sample = out.entry(id).or_default();
        sample.keys.push(written.to_owned());
        let (verdict, fields) = (checked_as(cell(result)), names.read(path, wrong_fields.map_or("", cell))?);
        // A blank result is named as such.
        if !fields.is_empty() && matches!(verdict, Some(CheckedAs::Right | CheckedAs::Unchecked)) {
            return Err(CommandFailure::Failed(message!("names-wrong-fields-of-a-record", path, id)));
        }
        for field in fields {
            *sample.fields.entry(field.to_owned()).or_default() += 1;
        }
        match verdict {
            Some(CheckedAs::Right) => {}
            Some(CheckedAs::Wrong) => sample.wrong += 1,
            // A person who cannot be found is no proof that the record is right.
            Some(CheckedAs::Unchecked) => {
                (sample.wrong, sample.unchecked) = (sample.wrong + 1, sample.unchecked + 1)
            }
            None => sample.open += 1,
        }
    }
    Ok(out)
}

fn checked_as(text: &str) -> Option<CheckedAs> {
    let is_one = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match () {
        () if is_one(&RIGHT) => Some(CheckedAs::Right),
        () if is_one(&WRONG) => Some(CheckedAs::Wrong),
        () if is_one(&UNCHECKED) => Some(CheckedAs::Unchecked),
        () => None,
    }
}

/// What is to be recorded, if each list holds exactly the records that were drawn, all with a result.
async fn compared(
    store: &Store,
    returned: &BTreeMap<i64, ReturnedSample>,
) -> Result<Vec<RecheckResult>, CommandFailure> {
    let mut out = Vec::new();
    for (id, sample) in returned {
        let ReturnedSample { keys, wrong, unchecked, open, fields } = sample;
        let Some(drawn) = store.recheck(*id).await? else {
            return Err(CommandFailure::Failed(message!("there-is-no-re-check-list", id)));
        };
        let is_whole =
            keys.len() as i64 == drawn.size && digest_of_keys(keys.iter().map(String::as_str)) == drawn.keys;
        if !is_whole {
            return Err(CommandFailure::Failed(message!(
                "the-records-of-re-check-are",
                id,
                rows = keys.len(),
                size = drawn.size
            )));
        }
        if *open > 0 {
            return Err(CommandFailure::Failed(message!("records-of-re-check-have-no", open, id)));
        }
        out.push(RecheckResult { id: *id, wrong: *wrong, unchecked: *unchecked, fields: fields.clone() });
    }
    if out.is_empty() {
        return Err(CommandFailure::Failed(message!("the-list-has-no-row").to_owned()));
    }
    Ok(out)
}
