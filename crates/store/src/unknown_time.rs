//! Up to which instant a restored state does not know what has happened: slots up to it are left out, all after it are
//! filled.
//!
//! That instant is the one of the restore by the clock of that day, and either that clock was ahead or a later one is
//! behind. The first is taken for true where no daemon has ever believed a clock that had come so far, and where the
//! clock comes back to the time from before a leap. Else nothing is filled again until the clock has run on before the
//! restore for [`SETTLED_AFTER`]: what was sent stays sent, and a restore under a wrong clock silences a week at most.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use super::audit::{self, AuditAction};
use super::lease::check_fencing_token;
use super::rows::slot_subject;
use super::slots::SlotKey;
use super::{Store, StoreError};
use tongbao_base::schedule::catch_up::Skip;

/// Name of the note that holds the instant.
const NOTE: &str = "restored_at";

/// What the note has after the instant once a daemon has believed a clock that had reached it.
const REACHED: &str = "reached";

/// A clock that has run on so long before the instant of the restore is right.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The instant of the last restore, and what is known of the clock that dated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RestoreMark {
    at: Timestamp,
    /// A daemon has believed a clock that had reached it.
    is_reached: bool,
    /// Since when the believed clock has been before it, by that clock.
    before_since: Option<Timestamp>,
}

impl RestoreMark {
    fn new(at: Timestamp) -> RestoreMark {
        RestoreMark { at, is_reached: false, before_since: None }
    }

    /// Up to three words; earlier versions have noted the instant alone.
    fn read(text: &str) -> Option<RestoreMark> {
        let mut words = text.split(' ');
        let at = words.next()?.parse().ok()?;
        let is_reached = words.next() == Some(REACHED);
        let before_since = words.next().and_then(|since| since.parse().ok());
        Some(RestoreMark { at, is_reached, before_since })
    }

    fn text(self) -> String {
        match (self.is_reached, self.before_since) {
            (false, _) => self.at.to_string(),
            (true, None) => format!("{} {REACHED}", self.at),
            (true, Some(since)) => format!("{} {REACHED} {since}", self.at),
        }
    }

    /// The mark after a look at a clock that is believed. `was_ahead`: the clock until now has proved to be wrong.
    fn looked_at(self, now: Timestamp, was_ahead: bool) -> RestoreMark {
        if now >= self.at {
            return RestoreMark { is_reached: true, before_since: None, ..self };
        }
        let since = self.before_since.map_or(now, |since| since.min(now));
        match self.is_reached && !was_ahead {
            false => RestoreMark::new(now),
            true if now.duration_since(since) >= SETTLED_AFTER => RestoreMark { at: since, ..self },
            true => RestoreMark { before_since: Some(since), ..self },
        }
    }
}

impl Store {
    /// The instant up to which nobody knows whether slots were filled, by a clock that is believed; `None` in a state
    /// that was never restored.
    pub async fn unknown_until(&self, now: Timestamp, token: i64) -> Result<Option<Timestamp>, StoreError> {
        let Some(mark) = read(&mut *self.pool.acquire().await?).await? else { return Ok(None) };
        if mark.looked_at(now, false) == mark {
            return Ok(Some(mark.at));
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, token).await?;
        let mark = look(&mut transaction, now, false).await?;
        for subject in forget_later(&mut transaction, now, mark).await? {
            let detail = serde_json::json!({});
            audit::append(&mut transaction, &self.actor, AuditAction::Reopen, subject, detail, now).await?;
        }
        self.commit(transaction).await?;
        Ok(mark)
    }
}

/// Notes a restore.
pub(super) async fn note(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), StoreError> {
    write(connection, RestoreMark::new(now)).await
}

/// Looks at the mark by a clock that is believed, within a transaction that changes slots; returns its instant.
pub(super) async fn look(
    connection: &mut SqliteConnection,
    now: Timestamp,
    was_ahead: bool,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(mark) = read(connection).await? else { return Ok(None) };
    let seen = mark.looked_at(now, was_ahead);
    if seen != mark {
        write(connection, seen).await?;
    }
    Ok(Some(seen.at))
}

/// Forgets slots that were left out as unknown and are still to come: those after the instant that is now believed.
/// Returns their subjects.
pub(super) async fn forget_later(
    connection: &mut SqliteConnection,
    now: Timestamp,
    until: Option<Timestamp>,
) -> Result<Vec<String>, StoreError> {
    let sql = "DELETE FROM slot WHERE reason = ? AND due > ? RETURNING schedule, nominal, zone";
    let later = until.map_or(now, |until| until.max(now));
    let query = sqlx::query_as::<_, SlotKey>(sql).bind(Skip::Restored.key()).bind(later.as_millisecond());
    Ok(query.fetch_all(connection).await?.iter().map(slot_subject).collect())
}

async fn read(connection: &mut SqliteConnection) -> Result<Option<RestoreMark>, StoreError> {
    let query = sqlx::query_scalar::<_, String>("SELECT text FROM note WHERE name = ?").bind(NOTE);
    let text = query.fetch_optional(connection).await?;
    Ok(text.and_then(|text| RestoreMark::read(&text)))
}

async fn write(connection: &mut SqliteConnection, mark: RestoreMark) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO note (name, text) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = ?2")
        .bind(NOTE)
        .bind(mark.text())
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    #[test]
    fn the_instant_moves_back_only_where_the_clock_that_dated_it_was_wrong() {
        let at: Timestamp = "2016-10-20T12:00:00Z".parse().unwrap();
        let mark = RestoreMark::new(at);
        assert_eq!(mark.looked_at(at - DAY, false).at, at - DAY, "no daemon has seen that clock");
        let reached = mark.looked_at(at + DAY, false);
        assert_eq!((reached.at, reached.is_reached), (at, true));
        // A clock that is set back wrongly, and right again.
        let before = reached.looked_at(at - DAY * 4, false);
        assert_eq!(before.at, at);
        assert_eq!(before.looked_at(at + DAY, false), reached);
        // One that comes back to the time before a leap, and one that stays.
        assert_eq!(before.looked_at(at - DAY * 4, true).at, at - DAY * 4);
        let later = before.looked_at(at - DAY * 10, false).looked_at(at - DAY * 4, false);
        assert_eq!(later.at, at, "not a week yet");
        assert_eq!(later.looked_at(at - DAY * 3, false).at, at - DAY * 10, "unknown until it was set");
    }

    #[test]
    fn earlier_versions_noted_the_instant_alone() {
        let at: Timestamp = "2016-10-20T12:00:00Z".parse().unwrap();
        let new = RestoreMark::new(at);
        assert_eq!((RestoreMark::read("2016-10-20T12:00:00Z"), new.text()), (Some(new), at.to_string()));
        let reached = RestoreMark { is_reached: true, ..new };
        for mark in [reached, RestoreMark { before_since: Some(at - DAY), ..reached }] {
            assert_eq!(RestoreMark::read(&mark.text()), Some(mark));
        }
        assert_eq!(RestoreMark::read("soon"), None);
    }
}
