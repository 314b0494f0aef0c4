//! The audit log: who did what, and when. Entries are only ever added, in the transaction that does the
//! thing itself, and each carries the hash of the one before.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use tongbao_message::{Message, message};

use super::named_columns::named_columns;
use super::stored_words::stored;
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
    /// RFC 3339, UTC.
    pub at: String,
    /// Account of the operating system, `daemon`, or `console/NAME`.
    pub who: String,
    /// The word of an [`AuditAction`], as it stands in the database: a change of it is found by the hash.
    pub what: String,
    /// `run 3`, `mail 5`, `schedule weekly`, `person NAME`, `upload ID`, `recheck 2`, `list 4`, `state`.
    pub subject: String,
    /// JSON: hashes and numbers, never persons.
    pub detail: String,
    /// Hash of the entry before.
    pub previous: String,
    /// SHA-256 in hexadecimal, see [`AuditEntry::hash_at`].
    pub hash: String,
}

named_columns! { AuditEntry { seq, at, who, what, subject, detail, previous, hash } }

impl AuditEntry {
    /// What has happened; `None` if the word for it has been changed.
    pub fn action(&self) -> Option<AuditAction> {
        AuditAction::of_key(&self.what)
    }

    /// The hash it should have at a place of the log: SHA-256 over all its parts as a JSON array, which
    /// keeps them apart whatever they hold.
    pub fn hash_at(&self, seq: i64) -> String {
        let parts = json!([self.previous, seq, self.at, self.who, self.what, self.subject, self.detail]);
        sha256(parts.to_string().as_bytes())
    }
}

stored! {
    /// What has happened to a run, a mail, a slot, a schedule or the state.
    AuditAction {
        /// The log begins. What an earlier version has recorded is sealed right after it.
        Begin = "begin",
        /// What an earlier version recorded gets its digests.
        Seal = "seal",
        /// A schedule is looked at under a rule.
        Watch = "watch",
        /// A slot has fallen due.
        Due = "due",
        /// A slot gets its run.
        Fill = "fill",
        /// A slot is skipped; the reason is on record with it.
        LeaveOut = "leave_out",
        /// A slot is given up after its time.
        Expire = "expire",
        /// A slot that was decided under a wrong clock falls due again.
        Reopen = "reopen",
        /// A mail is committed to the outbox.
        Queue = "queue",
        /// A run is recorded and released as it was made.
        Run = "run",
        /// A run is recorded and waits for a person.
        Hold = "hold",
        /// A person words a section of a held run.
        Amend = "amend",
        /// A person releases a held run.
        Approve = "approve",
        /// A person refuses a held run.
        Reject = "reject",
        /// The mail server took a mail.
        Send = "send",
        /// A mail is dead: refused for good, or its time ran out.
        GiveUp = "give_up",
        /// A mail may or may not have been delivered.
        Doubt = "doubt",
        /// A person has a mail sent again.
        Retry = "retry",
        /// A person takes a mail out of the queue.
        Cancel = "cancel",
        /// A person pauses a schedule.
        Pause = "pause",
        /// A person resumes a schedule.
        Resume = "resume",
        /// What is no longer needed of a mail or a run has been removed.
        Prune = "prune",
        /// The state is put together from a backup.
        Restore = "restore",
        /// An account of the console is made.
        AddPerson = "add_person",
        /// Its password, role or state is changed.
        ChangePerson = "change_person",
        /// A person asks for a run.
        Ask = "ask",
        /// A person takes back what was asked for.
        Withdraw = "withdraw",
        /// Lists are uploaded for a first bulletin.
        Upload = "upload",
        /// A configuration is written of what they are.
        Configure = "configure",
        /// Uploaded lists are taken out of memory.
        DeleteUpload = "delete_upload",
        /// The digest of the record keys of a unit is put on record, before the seed of a re-check is known.
        Announce = "announce",
        /// A sample is drawn for a re-check.
        Draw = "draw",
        /// What was found in it is recorded.
        Recheck = "recheck",
    }
}

/// Adds an entry, within the transaction that does what it records and after all of it: the entry holds a digest
/// of its subject as it stands then. SQLite lets one transaction write at a time, so the entry before stays the
/// last one.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    who: &str,
    action: AuditAction,
    subject: String,
    mut detail: Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    if subject != STATE {
        detail["is"] = rows::facts(&mut *connection, &subject).await?;
    }
    let last = sqlx::query_as("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
    let last: Option<(i64, String)> = last.fetch_optional(&mut *connection).await?;
    let (seq, previous) = last.unwrap_or_else(|| (0, BEGINNING.to_owned()));
    let mut entry = AuditEntry {
        seq: seq + 1,
        at: now.to_string(),
        who: who.to_owned(),
        what: action.key().to_owned(),
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
    let subjects = sqlx::query_scalar(
        "SELECT 'run ' || id FROM run UNION ALL SELECT 'mail ' || id FROM outbox
         UNION ALL SELECT 'schedule ' || name FROM schedule
         UNION ALL SELECT 'slot ' || schedule || ' ' || nominal || ' ' || zone FROM slot",
    );
    let subjects: Vec<String> = subjects.fetch_all(&mut *connection).await?;
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
               EXISTS (SELECT 1 FROM audit WHERE what = ?) OR \
               (EXISTS (SELECT 1 FROM note WHERE name = 'audit_head') AND NOT EXISTS (SELECT 1 FROM audit))";
    Ok(sqlx::query_scalar(sql).bind(AuditAction::Begin).fetch_one(connection).await?)
}

/// The same for several mails that share a fate.
pub(super) async fn append_mails(
    connection: &mut SqliteConnection,
    who: &str,
    action: AuditAction,
    mails: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    for id in mails {
        let mail = sqlx::query_as("SELECT run, sha256 FROM outbox WHERE id = ?").bind(id);
        let (run, sha256): (Option<i64>, String) = mail.fetch_one(&mut *connection).await?;
        let detail = json!({ "run": run, "sha256": sha256 });
        append(&mut *connection, who, action, format!("mail {id}"), detail, now).await?;
    }
    Ok(())
}

impl Store {
    /// All entries, the oldest first, as they stand in the database.
    pub async fn audit(&self) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT seq, at, who, what, subject, detail, previous, hash FROM audit ORDER BY seq";
        Ok(sqlx::query_as(sql).fetch_all(&self.pool).await?)
    }

    /// The hash that the last entry should have; `None` before the first one.
    pub(super) async fn audit_head(&self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT text FROM note WHERE name = ?").bind(HEAD);
        Ok(query.fetch_optional(&self.pool).await?)
    }
}

/// What is wrong with a chain of entries, each named by its place; nothing if it is whole.
pub fn broken(entries: &[AuditEntry]) -> Vec<Message> {
    let mut problems = Vec::new();
    let (mut next, mut previous, mut is_sound) = (1, BEGINNING, true);
    for entry in entries {
        let seq = entry.seq;
        let follows = entry.previous == previous;
        if seq > next {
            let last = seq - 1;
            problems.push(match last == next {
                true => message!("entry-is-missing", next),
                false => message!("entries-to-are-missing", next, last),
            });
        }
        let fits = entry.hash == entry.hash_at(seq);
        if !fits {
            let elsewhere = (1..=entries.len() as i64 + 1).find(|place| entry.hash == entry.hash_at(*place));
            problems.push(match elsewhere {
                Some(place) => message!("entry-stands-in-place", place, seq),
                None => message!("entry-has-been-changed", seq),
            });
        } else if seq == next && is_sound && !follows {
            problems.push(message!("entry-does-not-follow-entry-it", seq, before = seq - 1));
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
