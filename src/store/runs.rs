//! Runs 期次: immutable once recorded, together with their tallies, documents and mails.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use super::outbox::{self, NewDelivery};
use super::{Store, StoreError, tallies};
use crate::ranking::results::Snapshot;
use crate::register::unit::{Unit, Units};
use crate::schedule::period::Period;

/// A run about to be recorded.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    pub report: &'a str,
    pub kind: &'a str,
    pub slot: Option<Timestamp>,
    pub period: Period,
    /// Reasons to hold it; empty = done.
    pub held: &'a [String],
    pub number: Option<&'a str>,
    pub round: u32,
    pub against: Option<i64>,
    pub snapshot: &'a Snapshot,
    pub records: u64,
    pub figures: &'a serde_json::Value,
    pub provenance: &'a Provenance,
    pub documents: &'a [StoredFile],
    pub deliveries: &'a [NewDelivery],
}

/// A rendered document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// What a run was made with, so that a dispute can be settled years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    pub version: String,
    pub configuration: String,
    pub templates: String,
    /// Font file and its SHA-256.
    pub fonts: BTreeMap<String, String>,
}

/// A recorded run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    pub id: i64,
    pub report: String,
    pub kind: String,
    pub slot: Option<String>,
    pub from: String,
    pub to: String,
    pub state: String,
    pub held: Vec<String>,
    pub number: Option<String>,
    pub round: i64,
    pub against: Option<i64>,
    pub pulled_at: String,
    pub recorded_at: String,
    pub records: i64,
}

/// The unit list and baselines as they were pulled.
#[derive(Serialize, Deserialize)]
struct StoredUnits {
    units: Vec<StoredUnit>,
    baseline: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
struct StoredUnit {
    code: String,
    name: String,
    kind: String,
    parent: Option<String>,
}

const COLUMNS: &str = "id, report, kind, slot, period_from, period_to, state, held, number, round, against, \
                       pulled_at, recorded_at, records";

impl Store {
    /// Records a run with its tallies, documents and mails in one transaction: either all of it is
    /// there afterwards, or nothing. A slot can be recorded once.
    pub async fn record(&self, new: &NewRun<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let mut digests = Vec::new();
        for file in new.documents {
            digests.push(self.archive.put(&file.bytes)?);
        }
        let mut messages = Vec::new();
        for delivery in new.deliveries {
            messages.push(self.archive.put(&delivery.bytes)?);
        }
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let run = match insert_run(&mut transaction, new, now).await {
            Err(StoreError::Database(sqlx::Error::Database(e))) if e.is_unique_violation() => {
                drop(transaction);
                return Err(self.slot_taken(new).await?);
            }
            other => other?,
        };
        tallies::insert(&mut transaction, run, &new.snapshot.units, &new.snapshot.tally).await?;
        for (file, digest) in new.documents.iter().zip(&digests) {
            sqlx::query("INSERT INTO document (run, name, content_type, sha256) VALUES (?, ?, ?, ?)")
                .bind(run)
                .bind(&file.name)
                .bind(&file.content_type)
                .bind(digest)
                .execute(&mut *transaction)
                .await?;
        }
        for (delivery, digest) in new.deliveries.iter().zip(&messages) {
            outbox::insert(&mut transaction, run, delivery, digest, now).await?;
        }
        transaction.commit().await?;
        Ok(run)
    }

    async fn slot_taken(&self, new: &NewRun<'_>) -> Result<StoreError, StoreError> {
        let slot = new.slot.map(|slot| slot.to_string()).unwrap_or_default();
        let run: i64 = sqlx::query("SELECT id FROM run WHERE report = ? AND slot = ?")
            .bind(new.report)
            .bind(&slot)
            .fetch_one(&self.pool)
            .await?
            .get(0);
        Ok(StoreError::SlotTaken { report: new.report.to_owned(), slot, run })
    }

    /// Whether a slot has its run.
    pub async fn slot_is_recorded(&self, report: &str, slot: Timestamp) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) FROM run WHERE report = ? AND slot = ?")
            .bind(report)
            .bind(slot.to_string())
            .fetch_one(&self.pool)
            .await?;
        Ok(row.get::<i64, _>(0) > 0)
    }

    /// The last slot that a report has a run for.
    pub async fn last_slot(&self, report: &str) -> Result<Option<Timestamp>, StoreError> {
        let row =
            sqlx::query("SELECT id, slot FROM run WHERE report = ? AND slot IS NOT NULL ORDER BY slot DESC")
                .bind(report)
                .fetch_optional(&self.pool)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let slot: String = row.get(1);
        slot.parse().map(Some).map_err(|_| StoreError::Unreadable { run: row.get(0), what: "a slot" })
    }

    /// The latest runs, newest first.
    pub async fn runs(&self, limit: i64) -> Result<Vec<Run>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM run ORDER BY id DESC LIMIT ?");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(read_run).collect())
    }

    /// One run.
    pub async fn run(&self, id: i64) -> Result<Run, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE id = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_run).ok_or(StoreError::NoSuchRun(id))
    }

    /// Released scheduled runs of a report that end before `to`, newest first: what a run is
    /// compared with, and the points of a trend. Ad hoc runs never enter the series.
    pub async fn series(&self, report: &str, before: Date, limit: i64) -> Result<Vec<Run>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM run WHERE report = ? AND slot IS NOT NULL AND period_to < ? \
             AND state IN ('done', 'approved') ORDER BY period_to DESC, id DESC LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(report)
            .bind(before.to_string())
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(read_run).collect())
    }

    /// How many released scheduled runs a report has whose period ends in the year.
    pub async fn issued_in(&self, report: &str, year: i16) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) FROM run WHERE report = ? AND slot IS NOT NULL AND state IN ('done', 'approved') \
             AND substr(period_to, 1, 4) = ?",
        )
        .bind(report)
        .bind(format!("{year:04}"))
        .fetch_one(&self.pool)
        .await?;
        Ok(row.get(0))
    }

    /// What a run was computed from.
    pub async fn snapshot(&self, id: i64) -> Result<Snapshot, StoreError> {
        let row = sqlx::query("SELECT units, findings, pulled_at FROM run WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(StoreError::NoSuchRun(id))?;
        let unreadable = |what| StoreError::Unreadable { run: id, what };
        let stored: StoredUnits = json(&row, 0).ok_or(unreadable("units"))?;
        let list = stored.units.into_iter().map(|u| Unit {
            code: u.code,
            name: u.name,
            kind: u.kind,
            parent: u.parent,
        });
        let units = Units::new(list.collect()).map_err(|_| unreadable("units"))?;
        let mut tally = self.tally(id, &units).await?;
        tally.findings = json(&row, 1).ok_or(unreadable("findings"))?;
        let pulled_at = row.get::<String, _>(2).parse().map_err(|_| unreadable("pull instant"))?;
        Ok(Snapshot { units, tally, baseline: stored.baseline, pulled_at })
    }

    /// The printed figures and the provenance of a run.
    pub async fn details(&self, id: i64) -> Result<(serde_json::Value, Provenance), StoreError> {
        let row = sqlx::query("SELECT figures, provenance FROM run WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(StoreError::NoSuchRun(id))?;
        let figures = json(&row, 0).ok_or(StoreError::Unreadable { run: id, what: "figures" })?;
        let provenance = json(&row, 1).ok_or(StoreError::Unreadable { run: id, what: "provenance" })?;
        Ok((figures, provenance))
    }

    /// The documents of a run, byte for byte as they were issued.
    pub async fn documents(&self, id: i64) -> Result<Vec<StoredFile>, StoreError> {
        let rows = sqlx::query("SELECT name, content_type, sha256 FROM document WHERE run = ? ORDER BY name")
            .bind(id)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let bytes = self.archive.get(row.get(2))?;
                Ok(StoredFile { name: row.get(0), content_type: row.get(1), bytes })
            })
            .collect()
    }
}

async fn insert_run(
    connection: &mut sqlx::SqliteConnection,
    new: &NewRun<'_>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let state = if new.held.is_empty() { "done" } else { "held" };
    let result = sqlx::query(
        "INSERT INTO run (report, kind, slot, period_from, period_to, state, held, number, round, against, \
         pulled_at, recorded_at, records, units, findings, figures, provenance) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.report)
    .bind(new.kind)
    .bind(new.slot.map(|slot| slot.to_string()))
    .bind(new.period.from.to_string())
    .bind(new.period.to.to_string())
    .bind(state)
    .bind(serde_json::json!(new.held).to_string())
    .bind(new.number)
    .bind(i64::from(new.round))
    .bind(new.against)
    .bind(new.snapshot.pulled_at.to_string())
    .bind(now.to_string())
    .bind(new.records as i64)
    .bind(stored_units(new.snapshot).to_string())
    .bind(serde_json::json!(new.snapshot.tally.findings).to_string())
    .bind(new.figures.to_string())
    .bind(serde_json::json!(new.provenance).to_string())
    .execute(connection)
    .await?;
    Ok(result.last_insert_rowid())
}

fn stored_units(snapshot: &Snapshot) -> serde_json::Value {
    let units = snapshot.units.list().iter().map(|unit| StoredUnit {
        code: unit.code.clone(),
        name: unit.name.clone(),
        kind: unit.kind.clone(),
        parent: unit.parent.clone(),
    });
    serde_json::json!(StoredUnits { units: units.collect(), baseline: snapshot.baseline.clone() })
}

fn json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: usize) -> Option<T> {
    serde_json::from_str(row.get(column)).ok()
}

fn read_run(row: &SqliteRow) -> Run {
    Run {
        id: row.get(0),
        report: row.get(1),
        kind: row.get(2),
        slot: row.get(3),
        from: row.get(4),
        to: row.get(5),
        state: row.get(6),
        held: json(row, 7).unwrap_or_default(),
        number: row.get(8),
        round: row.get(9),
        against: row.get(10),
        pulled_at: row.get(11),
        recorded_at: row.get(12),
        records: row.get(13),
    }
}
