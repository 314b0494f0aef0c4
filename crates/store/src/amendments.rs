//! Sections of held runs that an office has worded itself: every version is kept.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, FromRow, Row};

use super::audit::{self, AuditAction};
use super::commit::{insert_files, listed};
use super::runs::StoredFile;
use super::states::RunState;
use super::{Store, StoreError};
use tongbao_base::digest::sha256;

/// A section's new words, as they are recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amendment {
    /// Title of the section without its number; blank for the opening.
    pub section: String,
    /// What stood there until then.
    pub before: String,
    /// `None` = the program's own words again.
    pub text: Option<String>,
    /// As in the audit log.
    pub by: String,
    /// RFC 3339, UTC.
    pub at: String,
}

/// The amendments in force, by section: the last of each, unless it took the program's own words again.
pub fn in_force(history: &[Amendment]) -> Vec<&Amendment> {
    let is_last = |at: usize| !history[at + 1..].iter().any(|later| later.section == history[at].section);
    let last = history.iter().enumerate().filter(|(at, _)| is_last(*at)).map(|(_, amendment)| amendment);
    last.filter(|amendment| amendment.text.is_some()).collect()
}

impl Store {
    /// All amendments of a run, the oldest first.
    pub async fn amendments(&self, run: i64) -> Result<Vec<Amendment>, StoreError> {
        let sql =
            "SELECT section, before, text, amended_by, amended_at FROM amendment WHERE run = ? ORDER BY id";
        Ok(sqlx::query_as(sql).bind(run).fetch_all(&self.pool).await?)
    }

    /// Records an amendment of a held run with the drafts that it makes, in place of the earlier drafts. Fails where
    /// the run is no longer held.
    pub async fn amend(
        &self,
        run: i64,
        new: &Amendment,
        drafts: &[StoredFile],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let files = self.archive_all(drafts, &[])?;
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let state = sqlx::query_scalar("SELECT state FROM run WHERE id = ?").bind(run);
        if state.fetch_optional(&mut *transaction).await? != Some(RunState::Held) {
            drop(transaction);
            return Err(self.no_longer_held(run).await?);
        }
        self.must_be_archived(&files, drafts, &[])?;
        let sql = "INSERT INTO amendment (run, section, before, text, amended_by, amended_at) VALUES (?, ?, ?, ?, ?, ?)";
        sqlx::query(sql)
            .bind(run)
            .bind(&new.section)
            .bind(&new.before)
            .bind(&new.text)
            .bind(&new.by)
            .bind(&new.at)
            .execute(&mut *transaction)
            .await?;
        let earlier = sqlx::query("DELETE FROM document WHERE run = ? AND draft = 1").bind(run);
        earlier.execute(&mut *transaction).await?;
        insert_files(&mut transaction, &self.actor, run, drafts, &[], &files, true, now).await?;
        let detail = json!({
            "section": sha256(new.section.as_bytes()),
            "before": sha256(new.before.as_bytes()),
            "after": new.text.as_ref().map(|text| sha256(text.as_bytes())),
            "documents": listed(drafts, &files, true),
        });
        audit::append(&mut transaction, &self.actor, AuditAction::Amend, format!("run {run}"), detail, now)
            .await?;
        self.commit(transaction).await
    }
}

impl FromRow<'_, SqliteRow> for Amendment {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Amendment> {
        Ok(Amendment {
            section: row.try_get("section")?,
            before: row.try_get("before")?,
            text: row.try_get("text")?,
            by: row.try_get("amended_by")?,
            at: row.try_get("amended_at")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_each_section_are_in_force() {
        let amendment = |section: &str, text: Option<&str>| Amendment {
            section: section.into(),
            before: String::new(),
            text: text.map(str::to_owned),
            by: "王主任".into(),
            at: String::new(),
        };
        let history = [
            amendment("要求", Some("甲")),
            amendment("总体", Some("乙")),
            amendment("要求", Some("丙")),
            amendment("总体", None),
        ];
        assert_eq!(in_force(&history), [&history[2]]);
    }
}
