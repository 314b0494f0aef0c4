//! Digests of what stands in the database, for the audit log: whatever decides anything enters one.
//!
//! NULL and 0 do not, so that columns that a later version adds change no digest of an earlier one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Row, SqliteConnection, TypeInfo, ValueRef};

use super::StoreError;
use super::slots::SlotKey;
use super::states::{MailState, SlotState};
use tongbao_base::digest::sha256;

/// What the log has of a run.
pub(super) const RUN_FACTS: [&str; 5] =
    ["record", "counts", "correction lists", "list of files", "list of amendments"];

/// Columns of a mail that never change.
const MAIL: [&str; 8] = ["id", "run", "kind", "unit", "name", "address", "message_id", "sha256"];

/// Further columns of a mail at rest.
const MAIL_AT_REST: [&str; 4] = ["state", "answer", "changed_at", "pruned_at"];

const SLOT: [&str; 5] = ["schedule", "nominal", "zone", "due", "state"];

/// Further columns of a slot that is no longer open.
const SLOT_AT_REST: [&str; 4] = ["reason", "attempts", "run", "changed_at"];

/// What a comparison of all rows of a kind calls their names.
pub(super) const SUBJECT_NAME: &str = "subject_name";

const SCHEDULE: [&str; 5] = ["name", "rule", "since", "paused_at", "paused_by"];

/// The subject under which the log has a slot.
pub(super) fn slot_subject(key: &SlotKey) -> String {
    format!("slot {} {} {}", key.schedule, key.nominal, key.zone)
}

/// What the log says of a subject as it stands now; `null` where there is none.
pub(super) async fn facts(connection: &mut SqliteConnection, subject: &str) -> Result<Value, StoreError> {
    let Some((kind, name)) = subject.split_once(' ') else { return Ok(Value::Null) };
    let row = match kind {
        "run" => sqlx::query("SELECT * FROM run WHERE id = ?").bind(name.parse::<i64>().ok()),
        "mail" => sqlx::query("SELECT * FROM outbox WHERE id = ?").bind(name.parse::<i64>().ok()),
        "schedule" => sqlx::query("SELECT * FROM schedule WHERE name = ?").bind(name),
        "list" => sqlx::query("SELECT * FROM recheck_list WHERE id = ?").bind(name.parse::<i64>().ok()),
        "recheck" => sqlx::query("SELECT * FROM recheck WHERE id = ?").bind(name.parse::<i64>().ok()),
        "person" => sqlx::query("SELECT * FROM person WHERE name = ?").bind(name),
        // Neither a local time nor the name of a zone has a blank in it.
        "slot" => {
            let mut parts = name.rsplitn(3, ' ');
            let (zone, nominal, schedule) = (parts.next(), parts.next(), parts.next());
            sqlx::query("SELECT * FROM slot WHERE schedule = ? AND nominal = ? AND zone = ?")
                .bind(schedule)
                .bind(nominal)
                .bind(zone)
        }
        _ => return Ok(Value::Null),
    };
    let Some(row) = row.fetch_optional(&mut *connection).await? else { return Ok(Value::Null) };
    let digest = of_row(kind, &row);
    match kind {
        "run" => of_run(connection, row.try_get("id")?, digest).await,
        _ => Ok(json!(digest)),
    }
}

/// The digest of a row, as [`facts`] has it for everything but runs.
pub(super) fn of_row(kind: &str, row: &SqliteRow) -> String {
    let all = values(row);
    let pick = |names: &[&[&str]]| {
        let names = names.iter().copied().flatten();
        names.filter_map(|name| Some(((*name).to_owned(), all.get(*name)?.clone()))).collect::<Map<_, _>>()
    };
    let state = all.get("state").and_then(Value::as_str).unwrap_or_default();
    let picked = match kind {
        "mail" if is_at_rest(state) => pick(&[&MAIL, &MAIL_AT_REST]),
        "mail" => pick(&[&MAIL]),
        "slot" if state == SlotState::Open.key() => pick(&[&SLOT]),
        "slot" => pick(&[&SLOT, &SLOT_AT_REST]),
        "schedule" => pick(&[&SCHEDULE]),
        // The name that a comparison gives a row in addition to its columns is none of them.
        _ => all.into_iter().filter(|(name, _)| name != SUBJECT_NAME).collect(),
    };
    sha256(Value::Object(picked).to_string().as_bytes())
}

/// A mail whose attempts no longer come and go.
fn is_at_rest(state: &str) -> bool {
    MailState::of_key(state).is_some_and(|state| !state.is_waiting())
}

/// The digests of a run: of its row, and of what else it was recorded with.
async fn of_run(connection: &mut SqliteConnection, run: i64, row: String) -> Result<Value, StoreError> {
    let mut facts = json!({ "record": row });
    for (name, sql) in [
        ("counts", "SELECT json_array(unit, day, hex(counts)) FROM tally WHERE run = ? ORDER BY unit, day"),
        ("correction lists", "SELECT json_array(unit, list) FROM correction WHERE run = ? ORDER BY unit"),
        ("list of files", "SELECT json_array(name, sha256) FROM input WHERE run = ? ORDER BY name"),
    ] {
        let texts: Vec<String> = sqlx::query_scalar(sql).bind(run).fetch_all(&mut *connection).await?;
        facts[name] = json!(sha256(texts.join("\n").as_bytes()));
    }
    // Runs without amendments have none in their digests either: earlier versions knew of none.
    let sql = "SELECT json_array(section, before, text, amended_by, amended_at) FROM amendment WHERE run = ? ORDER BY id";
    let texts: Vec<String> = sqlx::query_scalar(sql).bind(run).fetch_all(&mut *connection).await?;
    if !texts.is_empty() {
        facts["list of amendments"] = json!(sha256(texts.join("\n").as_bytes()));
    }
    Ok(facts)
}

/// The columns of a row by name, in their order, without NULL and 0.
fn values(row: &SqliteRow) -> BTreeMap<String, Value> {
    let value = |i: usize| -> Option<Value> {
        let raw = row.try_get_raw(i).ok()?;
        if raw.is_null() {
            return None;
        }
        Some(match raw.type_info().name() {
            "INTEGER" | "BOOLEAN" => json!(row.try_get_unchecked::<i64, _>(i).ok().filter(|n| *n != 0)?),
            "REAL" => json!(row.try_get_unchecked::<f64, _>(i).ok()?),
            "BLOB" => json!(row.try_get_unchecked::<Vec<u8>, _>(i).ok()?),
            _ => json!(row.try_get_unchecked::<String, _>(i).ok()?),
        })
    };
    let columns = row.columns().iter().enumerate();
    columns.filter_map(|(i, column)| Some((column.name().to_owned(), value(i)?))).collect()
}
