//! The audit log: who did what, and when. Entries are only ever added, in the transaction that does the
//! thing itself, and each carries the hash of the one before.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError, counter, rows};
use tongbao_base::digest::sha256;

/// What the first entry has in the place of a hash before it.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The subject of entries about the state as a whole.
pub(super) const STATE: &str = "state";

/// Name of the note that repeats the last entry's hash: entries missing at the end are found by it.
const HEAD: &str = "audit_head";

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// From 1, without gaps.
    pub seq: i64,
    pub at: String,
    /// Account of the operating system, `daemon`, or `console/NAME`.
    pub who: String,
    pub what: String,
    /// `run 3`, `mail 5`, `schedule weekly`, `person NAME`, `upload ID`, `state`.
    pub subject: String,
    /// JSON: hashes and numbers, never persons.
    pub detail: String,
    pub previous: String,
    pub hash: String,
}

impl AuditEntry {
    /// The hash it should have at a place of the log: SHA-256 over all its parts as a JSON array, which
    /// keeps them apart whatever they hold.
    pub fn hash_at(&self, seq: i64) -> String {
        let parts = json!([self.previous, seq, self.at, self.who, self.what, self.subject, self.detail]);
        sha256(parts.to_string().as_bytes())
    }
}

/// What has happened to a run, a mail, a slot, a schedule or the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// The log begins. What an earlier version has recorded is sealed right after it.
    Begin,
    Seal,
    /// A schedule is looked at under a rule.
    Watch,
    /// A slot has fallen due.
    Due,
    Fill,
    LeaveOut,
    Expire,
    /// A slot that was decided under a wrong clock falls due again.
    Reopen,
    Queue,
    Run,
    Hold,
    Amend,
    Approve,
    Reject,
    Send,
    GiveUp,
    Doubt,
    Retry,
    Cancel,
    Pause,
    Resume,
    /// What is no longer needed of a mail or a run has been removed.
    Prune,
    Restore,
    /// An account of the console is made.
    AddPerson,
    /// Its password, role or state is changed.
    ChangePerson,
    /// A person asks for a run.
    Ask,
    Withdraw,
    /// Lists are uploaded for a first bulletin.
    Upload,
    /// A configuration is written of what they are.
    Configure,
    DeleteUpload,
}

impl AuditAction {
    pub fn key(self) -> &'static str {
        match self {
            AuditAction::Begin => "begin",
            AuditAction::Seal => "seal",
            AuditAction::Watch => "watch",
            AuditAction::Due => "due",
            AuditAction::Fill => "fill",
            AuditAction::LeaveOut => "leave_out",
            AuditAction::Expire => "expire",
            AuditAction::Reopen => "reopen",
            AuditAction::Queue => "queue",
            AuditAction::Run => "run",
            AuditAction::Hold => "hold",
            AuditAction::Amend => "amend",
            AuditAction::Approve => "approve",
            AuditAction::Reject => "reject",
            AuditAction::Send => "send",
            AuditAction::GiveUp => "give_up",
            AuditAction::Doubt => "doubt",
            AuditAction::Retry => "retry",
            AuditAction::Cancel => "cancel",
            AuditAction::Pause => "pause",
            AuditAction::Resume => "resume",
            AuditAction::Prune => "prune",
            AuditAction::Restore => "restore",
            AuditAction::AddPerson => "add_person",
            AuditAction::ChangePerson => "change_person",
            AuditAction::Ask => "ask",
            AuditAction::Withdraw => "withdraw",
            AuditAction::Upload => "upload",
            AuditAction::Configure => "configure",
            AuditAction::DeleteUpload => "delete_upload",
        }
    }
}

/// Adds an entry, within the transaction that does what it tells and after all of it: the entry holds a digest
/// of its subject as it stands then. SQLite lets one transaction write at a time, so the entry before stays the
/// last one.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    who: &str,
    deed: AuditAction,
    subject: String,
    mut detail: Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    if subject != STATE {
        detail["is"] = rows::facts(&mut *connection, &subject).await?;
    }
    let last = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
    let last = last.fetch_optional(&mut *connection).await?;
    let (seq, previous) = last.map_or((0, BEGINNING.to_owned()), |row| (row.get(0), row.get(1)));
    let mut entry = AuditEntry {
        seq: seq + 1,
        at: now.to_string(),
        who: who.to_owned(),
        what: deed.key().to_owned(),
        subject,
        detail: detail.to_string(),
        previous,
        hash: String::new(),
    };
    entry.hash = entry.hash_at(entry.seq);
    sqlx::query("INSERT INTO audit (seq, at, who, what, subject, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(entry.seq)
        .bind(&entry.at)
        .bind(&entry.who)
        .bind(&entry.what)
        .bind(&entry.subject)
        .bind(&entry.detail)
        .bind(&entry.previous)
        .bind(&entry.hash)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO note (name, text) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = ?2")
        .bind(HEAD)
        .bind(&entry.hash)
        .execute(&mut *connection)
        .await?;
    counter::advance(connection).await
}

/// The first entry of a log, and one for everything that an earlier version has recorded without: nothing is
/// exempt from the log for its age.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
    who: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    if has_begun(connection).await? {
        return Ok(());
    }
    sqlx::query("INSERT INTO note (name, text) VALUES ('audit_begun', '1')")
        .execute(&mut *connection)
        .await?;
    let subjects = sqlx::query(
        "SELECT 'run ' || id FROM run UNION ALL SELECT 'mail ' || id FROM outbox
         UNION ALL SELECT 'schedule ' || name FROM schedule
         UNION ALL SELECT 'slot ' || schedule || ' ' || nominal || ' ' || zone FROM slot",
    );
    let subjects: Vec<String> =
        subjects.fetch_all(&mut *connection).await?.iter().map(|row| row.get(0)).collect();
    let detail = json!({ "sealed": subjects.len() });
    append(connection, who, AuditAction::Begin, STATE.to_owned(), detail, now).await?;
    for subject in subjects {
        append(connection, who, AuditAction::Seal, subject, json!({}), now).await?;
    }
    Ok(())
}

/// Whether the log has its beginning. One that was taken away is not made again: that would seal whatever
/// stands there now.
pub(super) async fn has_begun(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM note WHERE name = 'audit_begun') OR \
               EXISTS (SELECT 1 FROM audit WHERE what = 'begin') OR \
               (EXISTS (SELECT 1 FROM note WHERE name = 'audit_head') AND NOT EXISTS (SELECT 1 FROM audit))";
    Ok(sqlx::query(sql).fetch_one(connection).await?.get(0))
}

/// The same for several mails that share a fate.
pub(super) async fn append_mails(
    connection: &mut SqliteConnection,
    who: &str,
    deed: AuditAction,
    mails: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    for id in mails {
        let row = sqlx::query("SELECT run, sha256 FROM outbox WHERE id = ?").bind(id);
        let row = row.fetch_one(&mut *connection).await?;
        let detail = json!({ "run": row.get::<Option<i64>, _>(0), "sha256": row.get::<String, _>(1) });
        append(&mut *connection, who, deed, format!("mail {id}"), detail, now).await?;
    }
    Ok(())
}

impl Store {
    /// All entries, the oldest first, as they stand in the database.
    pub async fn audit(&self) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT seq, at, who, what, subject, detail, previous, hash FROM audit ORDER BY seq";
        Ok(sqlx::query(sql).fetch_all(&self.pool).await?.iter().map(read).collect())
    }

    /// The hash that the last entry should have; `None` before the first one.
    pub(super) async fn audit_head(&self) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT text FROM note WHERE name = ?").bind(HEAD);
        Ok(row.fetch_optional(&self.pool).await?.map(|row| row.get(0)))
    }
}

pub(super) fn read(row: &SqliteRow) -> AuditEntry {
    AuditEntry {
        seq: row.get(0),
        at: row.get(1),
        who: row.get(2),
        what: row.get(3),
        subject: row.get(4),
        detail: row.get(5),
        previous: row.get(6),
        hash: row.get(7),
    }
}

/// What is wrong with a chain of entries, each named by its place; nothing if it is whole.
pub fn broken(entries: &[AuditEntry]) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut next, mut previous, mut is_sound) = (1, BEGINNING, true);
    for entry in entries {
        let seq = entry.seq;
        let follows = entry.previous == previous;
        if seq > next {
            let last = seq - 1;
            problems.push(match last == next {
                true => format!("entry {next} is missing"),
                false => format!("entries {next} to {last} are missing"),
            });
        }
        let fits = entry.hash == entry.hash_at(seq);
        if !fits {
            let elsewhere = (1..=entries.len() as i64 + 1).find(|place| entry.hash == entry.hash_at(*place));
            problems.push(match elsewhere {
                Some(place) => format!("entry {place} stands in place {seq}"),
                None => format!("entry {seq} has been changed"),
            });
        } else if seq == next && is_sound && !follows {
            problems.push(format!("entry {seq} does not follow entry {}: it has been put there", seq - 1));
        }
        (next, previous, is_sound) = (seq + 1, &entry.hash, fits);
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<AuditEntry> {
        let mut entries: Vec<AuditEntry> = Vec::new();
        for seq in 1..=length {
            let previous = entries.last().map_or(BEGINNING.to_owned(), |entry| entry.hash.clone());
            let mut entry = AuditEntry {
                seq,
                at: format!("2016-06-13T01:00:{seq:02}Z"),
                who: "daemon".into(),
                what: "send".into(),
                subject: format!("mail {seq}"),
                detail: "{}".into(),
                previous,
                hash: String::new(),
            };
            entry.hash = entry.hash_at(seq);
            entries.push(entry);
        }
        entries
    }

    #[test]
    fn whole_chains_are_sound_and_every_damage_is_named() {
        assert!(broken(&[]).is_empty() && broken(&chain(9)).is_empty());
        for seq in 1..=9usize {
            let mut changed = chain(9);
            changed[seq - 1].who = "somebody".into();
            assert_eq!(broken(&changed), [format!("entry {seq} has been changed")]);

            let mut removed = chain(9);
            removed.remove(seq - 1);
            let expected: &[String] = if seq < 9 { &[format!("entry {seq} is missing")] } else { &[] };
            assert_eq!(broken(&removed), expected, "the end is told by the head");

            let mut forged = chain(9);
            forged[seq - 1].who = "somebody".into();
            forged[seq - 1].hash = forged[seq - 1].hash_at(seq as i64);
            let found = broken(&forged);
            let expected: &[String] = if seq < 9 {
                &[format!("entry {0} does not follow entry {seq}: it has been put there", seq + 1)]
            } else {
                &[]
            };
            assert_eq!(found, expected);
        }
        let mut swapped = chain(9);
        (swapped[3].seq, swapped[6].seq) = (7, 4);
        swapped.swap(3, 6);
        assert_eq!(broken(&swapped), ["entry 7 stands in place 4", "entry 4 stands in place 7"]);
        let mut closed_up = chain(9);
        closed_up.remove(4);
        closed_up[4..].iter_mut().for_each(|entry| entry.seq -= 1);
        assert_eq!(broken(&closed_up)[0], "entry 6 stands in place 5");
    }
}
