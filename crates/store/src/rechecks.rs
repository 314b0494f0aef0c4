//! Re-checks 抽查: samples that were drawn, and what people found in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::audit::{self, AuditAction};
use super::named_columns::named_columns;
use super::{Store, StoreError};

/// A sample of a unit, with its result where that is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recheck {
    /// Number of the sample.
    pub id: i64,
    /// Code.
    pub unit: String,
    /// 1 = the first sample of the unit.
    pub number: i64,
    /// Last registration day of the records.
    pub cut_off: String,
    /// With it and the same register the same records are drawn again.
    pub seed: String,
    /// Records that it was drawn from.
    pub population: i64,
    /// Records drawn.
    pub size: i64,
    /// Digest of their keys.
    pub keys: String,
    /// As in the audit log.
    pub drawn_by: String,
    /// RFC 3339, UTC.
    pub drawn_at: String,
    /// Records found wrong, those that could not be checked included; `None` until the result is recorded.
    pub wrong: Option<i64>,
    /// Records that could not be checked; `None` until the result is recorded.
    pub unchecked: Option<i64>,
    /// As JSON: see [`Recheck::wrong_fields`]. `None` where no field was named.
    #[serde(serialize_with = "unpacked")]
    pub fields: Option<String>,
    /// The list that was on record before the seed was known.
    pub list: Option<i64>,
    /// As in the audit log.
    pub recorded_by: Option<String>,
    /// RFC 3339, UTC.
    pub recorded_at: Option<String>,
}

named_columns! {
    Recheck {
        id, unit, number, cut_off, seed, population, size, keys, drawn_by, drawn_at, wrong, unchecked, fields, list,
        recorded_by, recorded_at
    }
}

impl Recheck {
    /// Records by key of the field that was found wrong in them.
    pub fn wrong_fields(&self) -> BTreeMap<String, u64> {
        let fields = self.fields.as_deref().and_then(|text| serde_json::from_str(text).ok());
        fields.unwrap_or_default()
    }
}

/// JSON as a value of JSON instead of a text.
fn unpacked<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let value: Option<serde_json::Value> = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
    value.serialize(serializer)
}

/// A sample about to be recorded.
#[derive(Debug, Clone)]
pub struct NewRecheck {
    /// Code.
    pub unit: String,
    /// Last registration day of the records.
    pub cut_off: Date,
    /// With it and the same register the same records are drawn again.
    pub seed: String,
    /// Records that it is drawn from.
    pub population: u64,
    /// Records drawn.
    pub size: u64,
    /// Digest of their keys.
    pub keys: String,
    /// The list that was on record before the seed was known.
    pub list: Option<i64>,
}

/// What was found in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecheckResult {
    /// Number of the sample.
    pub id: i64,
    /// Those that could not be checked included.
    pub wrong: u64,
    /// Those that could not be checked.
    pub unchecked: u64,
    /// Records by wrong field.
    pub fields: BTreeMap<String, u64>,
}

const COLUMNS: &str = "id, unit, number, cut_off, seed, population, size, keys, drawn_by, drawn_at, wrong, unchecked, \
                       fields, list, recorded_by, recorded_at";

impl Store {
    /// Records samples that were drawn together; returns them in the same order.
    pub async fn draw_rechecks(
        &self,
        samples: &[NewRecheck],
        now: Timestamp,
    ) -> Result<Vec<Recheck>, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut ids = Vec::new();
        for sample in samples {
            let sql = "INSERT INTO recheck (unit, number, cut_off, seed, population, size, keys, drawn_by, drawn_at, list) \
                       SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM recheck WHERE unit = ?1";
            let done = sqlx::query(sql)
                .bind(&sample.unit)
                .bind(sample.cut_off.to_string())
                .bind(&sample.seed)
                .bind(sample.population as i64)
                .bind(sample.size as i64)
                .bind(&sample.keys)
                .bind(&*self.actor)
                .bind(now.to_string())
                .bind(sample.list)
                .execute(&mut *transaction)
                .await?;
            let id = done.last_insert_rowid();
            let detail =
                json!({ "unit": sample.unit, "keys": sample.keys, "size": sample.size, "list": sample.list });
            let subject = format!("recheck {id}");
            audit::append(&mut transaction, &self.actor, AuditAction::Draw, subject, detail, now).await?;
            ids.push(id);
        }
        self.commit(transaction).await?;
        let mut drawn = Vec::new();
        for id in ids {
            drawn.push(self.recheck(id).await?.ok_or(StoreError::NoSuchRecheck(id))?);
        }
        Ok(drawn)
    }

    /// Records what was found, of all samples or of none. Fails where a result is on record already.
    pub async fn record_rechecks(
        &self,
        results: &[RecheckResult],
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for RecheckResult { id, wrong, unchecked, fields } in results {
            let sql = "UPDATE recheck SET wrong = ?, unchecked = ?, fields = ?, recorded_by = ?, recorded_at = ? \
                       WHERE id = ? AND recorded_at IS NULL";
            let done = sqlx::query(sql)
                .bind(*wrong as i64)
                .bind(*unchecked as i64)
                .bind((!fields.is_empty()).then(|| json!(fields).to_string()))
                .bind(by)
                .bind(now.to_string())
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            if done.rows_affected() == 0 {
                return Err(StoreError::RecheckRecorded(*id));
            }
            let detail = json!({ "wrong": wrong, "unchecked": unchecked, "fields": fields });
            let subject = format!("recheck {id}");
            audit::append(&mut transaction, &self.actor, AuditAction::Recheck, subject, detail, now).await?;
        }
        self.commit(transaction).await
    }

    /// A sample by its number.
    pub async fn recheck(&self, id: i64) -> Result<Option<Recheck>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM recheck WHERE id = ?");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&self.pool).await?)
    }

    /// All samples, the latest first.
    pub async fn rechecks(&self) -> Result<Vec<Recheck>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM recheck ORDER BY id DESC");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await?)
    }

    /// Of each unit the latest sample of records up to a day whose result was on record at an instant: what a document
    /// of that instant says, whenever it is made.
    pub async fn rechecks_at(&self, last_day: Date, at: Timestamp) -> Result<Vec<Recheck>, StoreError> {
        let all = self.rechecks().await?.into_iter().filter(|sample| {
            let recorded: Option<Timestamp> = sample.recorded_at.as_ref().and_then(|at| at.parse().ok());
            let cut_off: Option<Date> = sample.cut_off.parse().ok();
            recorded.is_some_and(|recorded| recorded <= at) && cut_off.is_some_and(|day| day <= last_day)
        });
        let mut latest: Vec<Recheck> = Vec::new();
        for sample in all {
            if latest.iter().all(|known| known.unit != sample.unit) {
                latest.push(sample);
            }
        }
        latest.sort_by(|a, b| a.unit.cmp(&b.unit));
        Ok(latest)
    }
}
