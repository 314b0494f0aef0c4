//! Runs 期次: immutable once recorded, together with their tallies, documents and mails.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, FromRow, Row};

use super::findings;
use super::named_columns::named_columns;
use super::pull_mode::PullMode;
use super::states::RunState;
use super::stored_words::listed;
use super::{Store, StoreError};
use tongbao_base::schedule::period::Period;
use tongbao_figures::ranking::acceptance::AcceptanceVerdict;
use tongbao_figures::ranking::snapshot::Snapshot;
use tongbao_register::succession::Succession;
use tongbao_register::unit::{Unit, Units};

/// A rendered document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// File name, as it is attached.
    pub name: String,
    /// As in the mail: `application/pdf`.
    pub content_type: String,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// What is on record of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedFile {
    /// File name, as it is attached.
    pub name: String,
    /// Name of the file in the archive.
    pub sha256: String,
    /// `None` if the archive has lost it or holds something else under its name.
    pub bytes: Option<usize>,
    /// Whether it was made before the release.
    pub draft: bool,
}

/// What a run was made with, so that a dispute can be settled years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the effective configuration without its secrets.
    pub configuration: String,
    /// SHA-256 over all templates, built-in and own.
    pub templates: String,
    /// Font file and its SHA-256.
    pub fonts: BTreeMap<String, String>,
    /// The definitions in use, where the office has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definitions: Option<StoredDefinitions>,
    /// The sections of the configuration that decided figures and ranks, as JSON; `None` in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deciding: Option<String>,
    /// How the register was read, where the source is incremental.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullMode>,
}

/// Own definitions that a run was made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDefinitions {
    /// SHA-256 of the text. Figures of runs with another one are not compared.
    pub digest: String,
    /// Fields, lists and relations in canonical form.
    pub text: String,
}

/// A recorded run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// 期次: number of the run, from 1.
    pub id: i64,
    /// Name of the report in the configuration.
    pub report: String,
    /// Template folder of its kind: `bulletin`, or one of the office's own.
    pub kind: String,
    /// Key of the slot it fills; `None` = ad hoc.
    pub slot: Option<String>,
    /// The slot's local time.
    pub nominal: Option<String>,
    /// First day of the period, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of the period, the cut-off, `YYYY-MM-DD`.
    pub to: String,
    /// Whether it may be circulated.
    pub state: RunState,
    /// Why it was held, a sentence each.
    pub held: Vec<String>,
    /// 发文字号 or 期号 that it carries, or that is proposed while it is held.
    pub number: Option<String>,
    /// Which round 轮次 its cut-off is, from 1.
    pub round: i64,
    /// Whether a person has said which round it is.
    #[serde(skip)]
    pub round_given: bool,
    /// The run that it is compared with.
    pub against: Option<i64>,
    /// Whether a person has said what it is compared with.
    #[serde(skip)]
    pub against_given: bool,
    /// 提取时刻, RFC 3339, UTC.
    pub pulled_at: String,
    /// RFC 3339, UTC.
    pub recorded_at: String,
    /// Records that were read, those registered after the cut-off included.
    pub records: i64,
    /// When it was due, as printed, if it came late.
    pub late_since: Option<String>,
    /// 验收结论; `None` of runs recorded before verdicts were.
    #[serde(serialize_with = "verdict_as_text")]
    pub verdict: Option<AcceptanceVerdict>,
    /// Whether nothing is mailed even after its release.
    #[serde(skip)]
    pub no_send: bool,
    /// Who released or rejected it, as in the audit log; `None` where nobody had to.
    pub decided_by: Option<String>,
    /// RFC 3339, UTC.
    pub decided_at: Option<String>,
    /// Why it was rejected.
    pub why: Option<String>,
    /// Its counts are no longer kept: nothing can be compared with it.
    #[serde(skip)]
    pub is_pruned: bool,
}

/// A run as completions at the prompt show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHint {
    /// 期次: number of the run.
    pub id: i64,
    /// Name of the report in the configuration.
    pub report: String,
    /// First day of the period, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of the period, `YYYY-MM-DD`.
    pub to: String,
    /// Whether it may be circulated.
    pub state: RunState,
}

/// The latest runs of a state folder, newest first. Nothing is made, changed or waited for: where the state
/// cannot be read just so there are none.
pub async fn glance(dir: &Path, count: i64) -> Vec<RunHint> {
    let path = dir.join(super::DATABASE);
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::ZERO);
    let Ok(mut connection) = options.connect().await else { return Vec::new() };
    let sql = "SELECT id, report, period_from, period_to, state FROM run ORDER BY id DESC LIMIT ?";
    sqlx::query_as(sql).bind(count).fetch_all(&mut connection).await.unwrap_or_default()
}

impl Run {
    /// Released documents may be circulated; held and rejected runs have drafts only.
    pub fn is_released(&self) -> bool {
        self.state.is_released()
    }

    /// Every target was met: no further round of an acceptance follows.
    pub fn is_accepted(&self) -> bool {
        self.verdict == Some(AcceptanceVerdict::Accepted)
    }

    /// A held run, or one that an earlier version released as a draft for want of a number.
    pub fn is_waiting(&self) -> bool {
        self.state == RunState::Held || (self.state == RunState::Done && self.number.is_none())
    }

    /// Whether it has gone out: released, and nothing is left to decide.
    pub fn is_issued(&self) -> bool {
        self.is_released() && !self.is_waiting()
    }

    /// Distinguishes this run from every other of its report.
    pub fn identity(&self) -> &str {
        self.slot.as_deref().unwrap_or(&self.recorded_at)
    }

    /// The reporting period.
    pub fn period(&self) -> Result<Period, StoreError> {
        let unreadable = || StoreError::Unreadable { run: self.id, what: "a period" };
        let from = self.from.parse().map_err(|_| unreadable())?;
        let to = self.to.parse().map_err(|_| unreadable())?;
        Ok(Period { from, to })
    }
}

/// The unit list and baselines as they were pulled.
#[derive(Serialize, Deserialize)]
struct StoredUnits {
    units: Vec<StoredUnit>,
    baseline: BTreeMap<String, u64>,
    /// Runs from before units could end have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    successions: Vec<StoredSuccession>,
}

#[derive(Serialize, Deserialize)]
struct StoredSuccession {
    code: String,
    name: String,
    until: String,
    successor: Option<String>,
}

impl StoredSuccession {
    fn of(succession: &Succession) -> StoredSuccession {
        let Succession { code, name, until, successor } = succession.clone();
        StoredSuccession { code, name, until: until.to_string(), successor }
    }

    fn read(self) -> Option<Succession> {
        let StoredSuccession { code, name, until, successor } = self;
        Some(Succession { code, name, until: until.parse().ok()?, successor })
    }
}

#[derive(Serialize, Deserialize)]
struct StoredUnit {
    code: String,
    name: String,
    kind: String,
    parent: Option<String>,
}

pub(super) const COLUMNS: &str = "id, report, kind, slot, period_from, period_to, state, held, number, round, against, \
                       pulled_at, recorded_at, records, nominal, late_since, verdict, no_send, decided_by, \
                       decided_at, why, round_given, against_given, pruned_at";

impl Store {
    /// The latest runs, newest first.
    pub async fn runs(&self, limit: i64) -> Result<Vec<Run>, StoreError> {
        self.runs_of(None, limit).await
    }

    /// The latest runs of one report, or of all, newest first.
    pub async fn runs_of(&self, report: Option<&str>, limit: i64) -> Result<Vec<Run>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM run WHERE ?1 IS NULL OR report = ?1 ORDER BY id DESC LIMIT ?2");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(report).bind(limit);
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// The run of this number; [`StoreError::NoSuchRun`] if there is none.
    pub async fn run(&self, id: i64) -> Result<Run, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE id = ?");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id);
        query.fetch_optional(&self.pool).await?.ok_or(StoreError::NoSuchRun(id))
    }

    /// Those of some ids that there are, in no order.
    pub async fn runs_among(&self, ids: &[i64]) -> Result<Vec<Run>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE id IN (SELECT value FROM json_each(?))");
        let ids = serde_json::Value::from(ids).to_string();
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&self.pool).await?)
    }

    /// The series of a report before a day: its released runs by cut-off, newest first, whether they were
    /// scheduled or asked for. Of several with one cut-off the last recorded stands for it.
    pub async fn series(&self, report: &str, before: Date, limit: i64) -> Result<Vec<Run>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM run WHERE id IN (SELECT MAX(id) FROM run WHERE report = ? AND period_to < ? \
             AND state IN ({}) GROUP BY period_to) ORDER BY period_to DESC LIMIT ?",
            listed(RunState::RELEASED)
        );
        let query =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(report).bind(before.to_string()).bind(limit);
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// The last released run of each report of a kind, newest first.
    pub async fn latest_released(&self, kind: &str) -> Result<Vec<Run>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM run WHERE id IN (SELECT MAX(id) FROM run WHERE kind = ? \
             AND state IN ({}) GROUP BY report) ORDER BY id DESC",
            listed(RunState::RELEASED)
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(kind).fetch_all(&self.pool).await?)
    }

    /// The runs in a state, oldest first.
    pub(super) async fn runs_in(&self, state: RunState) -> Result<Vec<Run>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE state = ? ORDER BY id");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(state).fetch_all(&self.pool).await?)
    }

    /// The last day that the scheduled runs of a report cover before `before`. Held runs count: what they
    /// cover is not reported twice.
    pub async fn reported_until(&self, report: &str, before: Date) -> Result<Option<Date>, StoreError> {
        let sql = "SELECT MAX(period_to) FROM run WHERE report = ? AND slot IS NOT NULL AND period_to < ? \
                   AND state <> ?";
        let query = sqlx::query_scalar(sql).bind(report).bind(before.to_string()).bind(RunState::Rejected);
        let last: Option<String> = query.fetch_one(&self.pool).await?;
        Ok(last.and_then(|day| day.parse().ok()))
    }

    /// What a run was computed from.
    pub async fn snapshot(&self, id: i64) -> Result<Snapshot, StoreError> {
        let sql = "SELECT units, findings, pulled_at, pruned_at IS NOT NULL AS is_pruned, provenance \
                   FROM run WHERE id = ?";
        let found: Option<StoredSnapshot> = sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await?;
        let found = found.ok_or(StoreError::NoSuchRun(id))?;
        if found.is_pruned {
            return Err(StoreError::RunPruned(id));
        }
        let unreadable = |what| StoreError::Unreadable { run: id, what };
        let stored: StoredUnits = json(&found.units).ok_or(unreadable("units"))?;
        let list = stored.units.into_iter().map(|u| Unit {
            code: u.code,
            name: u.name,
            kind: u.kind,
            parent: u.parent,
        });
        let successions = stored.successions.into_iter().map(StoredSuccession::read);
        let successions = successions.collect::<Option<_>>().ok_or(unreadable("units"))?;
        let units = Units::restored(list.collect(), successions).map_err(|_| unreadable("units"))?;
        let provenance: Provenance = json(&found.provenance).ok_or(unreadable("provenance"))?;
        let mut tally = self.tally(id, &units, provenance.definitions.is_some()).await?;
        findings::read(&found.findings, &units, &mut tally).ok_or(unreadable("findings"))?;
        let pulled_at = found.pulled_at.parse().map_err(|_| unreadable("pull instant"))?;
        Ok(Snapshot { units, tally, baseline: stored.baseline, pulled_at })
    }

    /// The printed figures and the provenance of a run.
    pub async fn details(&self, id: i64) -> Result<(serde_json::Value, Provenance), StoreError> {
        let query = sqlx::query_as("SELECT figures, provenance FROM run WHERE id = ?").bind(id);
        let found: Option<(String, String)> = query.fetch_optional(&self.pool).await?;
        let (figures, provenance) = found.ok_or(StoreError::NoSuchRun(id))?;
        let figures = json(&figures).ok_or(StoreError::Unreadable { run: id, what: "figures" })?;
        let provenance = json(&provenance).ok_or(StoreError::Unreadable { run: id, what: "provenance" })?;
        Ok((figures, provenance))
    }

    /// What a run was made from and under.
    pub async fn provenance(&self, id: i64) -> Result<Provenance, StoreError> {
        let query = sqlx::query_scalar("SELECT provenance FROM run WHERE id = ?").bind(id);
        let text: Option<String> = query.fetch_optional(&self.pool).await?;
        json(&text.ok_or(StoreError::NoSuchRun(id))?)
            .ok_or(StoreError::Unreadable { run: id, what: "provenance" })
    }

    /// The documents of a run, byte for byte as they were issued; of a run that is not released, its
    /// drafts.
    pub async fn documents(&self, id: i64) -> Result<Vec<StoredFile>, StoreError> {
        let draft = !self.run(id).await?.is_released();
        let sql = "SELECT name, content_type, sha256 FROM document WHERE run = ? AND draft = ? ORDER BY name";
        let rows: Vec<(String, String, String)> =
            sqlx::query_as(sql).bind(id).bind(draft).fetch_all(&self.pool).await?;
        let stored = |(name, content_type, sha256): (String, String, String)| {
            Ok(StoredFile { name, content_type, bytes: self.archive.get(&sha256)? })
        };
        rows.into_iter().map(stored).collect()
    }

    /// What is on record of a run's documents, drafts too, and whether the archive still has them.
    pub async fn listed_documents(&self, id: i64) -> Result<Vec<ListedFile>, StoreError> {
        let sql = "SELECT name, sha256, draft FROM document WHERE run = ? ORDER BY draft, name";
        let rows: Vec<(String, String, bool)> = sqlx::query_as(sql).bind(id).fetch_all(&self.pool).await?;
        let listed = |(name, sha256, draft): (String, String, bool)| {
            let bytes = self.archive.get(&sha256).ok().map(|bytes| bytes.len());
            ListedFile { name, sha256, bytes, draft }
        };
        Ok(rows.into_iter().map(listed).collect())
    }
}

pub(super) fn stored_units(snapshot: &Snapshot) -> serde_json::Value {
    let units = snapshot.units.list().iter().map(|unit| StoredUnit {
        code: unit.code.clone(),
        name: unit.name.clone(),
        kind: unit.kind.clone(),
        parent: unit.parent.clone(),
    });
    serde_json::json!(StoredUnits {
        units: units.collect(),
        baseline: snapshot.baseline.clone(),
        successions: snapshot.units.successions().iter().map(StoredSuccession::of).collect(),
    })
}

/// What a snapshot is made of again.
struct StoredSnapshot {
    units: String,
    findings: String,
    pulled_at: String,
    is_pruned: bool,
    provenance: String,
}

named_columns! { StoredSnapshot { units, findings, pulled_at, is_pruned, provenance } }

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn verdict_as_text<S: serde::Serializer>(
    verdict: &Option<AcceptanceVerdict>,
    to: S,
) -> Result<S::Ok, S::Error> {
    verdict.map(AcceptanceVerdict::key).serialize(to)
}

fn read_verdict(word: &str) -> sqlx::Result<AcceptanceVerdict> {
    let unknown = || sqlx::Error::Decode(format!("\"{word}\" is no verdict").into());
    AcceptanceVerdict::of_key(word).ok_or_else(unknown)
}

impl FromRow<'_, SqliteRow> for Run {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Run> {
        let held: String = row.try_get("held")?;
        Ok(Run {
            id: row.try_get("id")?,
            report: row.try_get("report")?,
            kind: row.try_get("kind")?,
            slot: row.try_get("slot")?,
            nominal: row.try_get("nominal")?,
            from: row.try_get("period_from")?,
            to: row.try_get("period_to")?,
            state: row.try_get("state")?,
            held: serde_json::from_str(&held).unwrap_or_default(),
            number: row.try_get("number")?,
            round: row.try_get("round")?,
            round_given: row.try_get("round_given")?,
            against: row.try_get("against")?,
            against_given: row.try_get("against_given")?,
            pulled_at: row.try_get("pulled_at")?,
            recorded_at: row.try_get("recorded_at")?,
            records: row.try_get("records")?,
            late_since: row.try_get("late_since")?,
            verdict: row.try_get::<Option<&str>, _>("verdict")?.map(read_verdict).transpose()?,
            no_send: row.try_get("no_send")?,
            decided_by: row.try_get("decided_by")?,
            decided_at: row.try_get("decided_at")?,
            why: row.try_get("why")?,
            is_pruned: row.try_get::<Option<i64>, _>("pruned_at")?.is_some(),
        })
    }
}

impl FromRow<'_, SqliteRow> for RunHint {
    fn from_row(row: &SqliteRow) -> sqlx::Result<RunHint> {
        Ok(RunHint {
            id: row.try_get("id")?,
            report: row.try_get("report")?,
            from: row.try_get("period_from")?,
            to: row.try_get("period_to")?,
            state: row.try_get("state")?,
        })
    }
}
