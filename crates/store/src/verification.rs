//! Compares the state with its audit log, and the archive with what both of them name.

use std::collections::{BTreeMap, BTreeSet};
use tongbao_message::{Message, Worded, foreign, message};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sqlx::Row;

use super::audit::{self, AuditAction, AuditEntry};
use super::named_columns::named_columns;
use super::row_comparison::{last_facts, misplaced_seals};
use super::states::{MailState, RunState};
use super::{Store, StoreError, counter, rows};
use tongbao_base::digest::sha256;

/// So often a state is looked at that changes meanwhile.
const TRIES: usize = 10;

/// What a verification has looked at, and what is wrong.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verification {
    /// Number of entries in the log.
    pub entries: usize,
    /// Hash of the last one, to be noted elsewhere.
    pub head: Option<String>,
    /// Runs compared with their entries.
    pub runs: usize,
    /// Mails compared with their entries.
    pub mails: usize,
    /// Slots compared with their entries.
    pub slots: usize,
    /// Schedules compared with their entries.
    pub schedules: usize,
    /// Accounts of the console.
    pub people: usize,
    /// Samples of re-checks.
    pub rechecks: usize,
    /// Files of the archive that the state names.
    pub files: usize,
    /// Empty = all is as it was recorded.
    pub problems: Vec<VerificationProblem>,
}

/// Something that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerificationProblem {
    /// `audit log`, `state`, `runs`, `mails`, `slots`, `schedules`, `people`, `rechecks` or `archive`.
    pub part: &'static str,
    /// What is wrong, where, and what it may mean.
    pub text: Message,
}

impl Store {
    /// Walks the audit log and compares everything that decides anything, and the archive, with it. `noted` is
    /// a head that somebody has noted before and that must be among the entries. What a daemon changes meanwhile is no
    /// difference: then everything is looked at again.
    pub async fn verification(
        &self,
        noted: Option<&str>,
        now: Timestamp,
    ) -> Result<Verification, StoreError> {
        let mut tries = 0;
        loop {
            let before = counter::inside(&mut *self.pool.acquire().await?).await?;
            let found = self.compare_all(noted, now).await?;
            let after = counter::inside(&mut *self.pool.acquire().await?).await?;
            tries += 1;
            if found.is_sound() || before == after || tries == TRIES {
                return Ok(found);
            }
        }
    }

    async fn compare_all(&self, noted: Option<&str>, now: Timestamp) -> Result<Verification, StoreError> {
        let entries = self.audit().await?;
        let mut out = Verification {
            entries: entries.len(),
            head: entries.last().map(|entry| entry.hash.clone()),
            ..Verification::default()
        };
        out.add("audit log", audit::broken(&entries));
        let head = self.audit_head().await?;
        if head != out.head {
            let text = match &out.head {
                Some(_) => message!("the-last-entries-are-missing-the"),
                None => message!("all-entries-are-missing"),
            };
            out.add("audit log", [text]);
        }
        if let Some(noted) = noted.filter(|noted| !entries.iter().any(|entry| entry.hash == **noted)) {
            let restored = entries.iter().rev().find(|entry| entry.action() == Some(AuditAction::Restore));
            let restored = restored
                .map(|entry| message!("the-state-was-restored-from-a", at = entry.at, entry = entry.seq));
            out.add("audit log", [message!("the-noted-head-is-in-no", noted, restored)]);
        }
        out.add("audit log", misplaced_seals(&entries));
        self.compare_state(&mut out).await?;
        self.compare_runs(&entries, &mut out).await?;
        self.compare_mails(&entries, &mut out).await?;
        for (part, kind, sql) in [
            (
                "slots",
                "slot",
                "SELECT schedule || ' ' || nominal || ' ' || zone AS subject_name, * FROM slot ORDER BY due",
            ),
            ("schedules", "schedule", "SELECT name AS subject_name, * FROM schedule ORDER BY name"),
            ("people", "person", "SELECT name AS subject_name, * FROM person ORDER BY name"),
            ("rechecks", "recheck", "SELECT CAST(id AS TEXT) AS subject_name, * FROM recheck ORDER BY id"),
            ("rechecks", "list", "SELECT CAST(id AS TEXT) AS subject_name, * FROM recheck_list ORDER BY id"),
        ] {
            let count = self.compare_rows(&entries, (part, kind, sql), &mut out).await?;
            match kind {
                "slot" => out.slots = count,
                "schedule" => out.schedules = count,
                "person" => out.people = count,
                "recheck" => out.rechecks = count,
                // Lists are counted by the samples that were drawn from them.
                _ => {}
            }
        }
        self.look_ahead(now, &mut out).await?;
        self.compare_archive(&mut out).await?;
        Ok(out)
    }

    async fn compare_runs(&self, entries: &[AuditEntry], out: &mut Verification) -> Result<(), StoreError> {
        let logged = by_subject(entries, "run ");
        let facts = last_facts(entries, "run");
        let runs = sqlx::query_as("SELECT id, state, number, figures, why FROM run ORDER BY id");
        let runs: Vec<VerifiedRun> = runs.fetch_all(&self.pool).await?;
        out.runs = runs.len();
        let mut present = BTreeSet::new();
        for run in runs {
            let id = run.id;
            present.insert(id);
            let Some(entries) = logged.get(&id) else {
                out.add("runs", [message!("run-is-not-in-the-audit", id)]);
                continue;
            };
            let id_text = id.to_string();
            let differing = self.differing_facts(id, facts.get(&id_text)).await?;
            // Of a run that is older than the log only what was sealed is known.
            let is_recording = |action| [AuditAction::Run, AuditAction::Hold].contains(&action);
            if !entries.iter().any(|entry| entry.action().is_some_and(is_recording)) {
                out.add(
                    "runs",
                    differing.iter().map(|what| {
                        message!("run-the-has-been-changed", id, what = foreign(&crate::TEXTS, what))
                    }),
                );
                continue;
            }
            let mut logged = LoggedRun::default();
            entries.iter().for_each(|entry| logged.follow(entry));
            let is = LoggedRun {
                state: run.state,
                number: run.number,
                figures: sha256(run.figures.as_bytes()),
                why: run.why.map(|why| sha256(why.as_bytes())),
                documents: self.recorded_documents(id).await?,
            };
            let named: Vec<Message> = logged.differences(&is).collect();
            // What is known better is said better.
            let rest = differing.iter().filter(|what| **what != "record" || named.is_empty());
            let rest = rest
                .map(|what| message!("run-the-has-been-changed", id, what = foreign(&crate::TEXTS, what)));
            out.add("runs", named.iter().map(|what| message!("run-has-been-changed", id, what)).chain(rest));
        }
        let gone = logged.keys().filter(|id| !present.contains(id));
        out.add("runs", gone.map(|id| message!("run-is-in-the-audit-log", id)));
        Ok(())
    }

    async fn recorded_documents(&self, run: i64) -> Result<BTreeMap<String, String>, StoreError> {
        let sql = "SELECT name, sha256, draft FROM document WHERE run = ?";
        let rows: Vec<(String, String, bool)> = sqlx::query_as(sql).bind(run).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(name, digest, draft)| (document_key(&name, draft), digest)).collect())
    }

    async fn compare_mails(&self, entries: &[AuditEntry], out: &mut Verification) -> Result<(), StoreError> {
        let logged = by_subject(entries, "mail ");
        let facts = last_facts(entries, "mail");
        let rows = sqlx::query("SELECT * FROM outbox ORDER BY id").fetch_all(&self.pool).await?;
        out.mails = rows.len();
        let mut present = BTreeSet::new();
        for row in rows {
            let (id, state): (i64, String) = (row.try_get("id")?, row.try_get("state")?);
            let digest: String = row.try_get("sha256")?;
            present.insert(id);
            let entries = logged.get(&id).map(Vec::as_slice).unwrap_or_default();
            let was_sent = entries.iter().any(|entry| entry.action() == Some(AuditAction::Send));
            let is_sealed = entries.iter().any(|entry| entry.action() == Some(AuditAction::Seal));
            let before = out.problems.len();
            if state == MailState::Sent.key() && !was_sent && !is_sealed {
                out.add("mails", [message!("mail-counts-as-sent-but-the", id)]);
            }
            if state != MailState::Sent.key() && was_sent {
                out.add(
                    "mails",
                    [message!(
                        "mail-was-sent-but-counts-as",
                        id,
                        state = MailState::of_key(&state)
                            .map_or_else(|| Message::text(state.as_str()), |state| state.message())
                    )],
                );
            }
            if entries
                .iter()
                .any(|entry| detail(entry)["sha256"].as_str().is_some_and(|logged| logged != digest))
            {
                out.add("mails", [message!("mail-the-message-has-been-exchanged", id)]);
            }
            let is = facts.get(&id.to_string()).and_then(Value::as_str);
            if out.problems.len() == before && is != Some(&rows::of_row("mail", &row)) {
                let text = match is {
                    Some(_) => message!("mail-has-been-changed", id),
                    None => message!("mail-is-not-in-the-audit", id),
                };
                out.add("mails", [text]);
            }
        }
        let gone = logged.keys().filter(|id| !present.contains(id));
        out.add("mails", gone.map(|id| message!("mail-is-in-the-audit-log", id)));
        Ok(())
    }

    /// Every file that the state names is there and has the content that its name says.
    async fn compare_archive(&self, out: &mut Verification) -> Result<(), StoreError> {
        let rows = sqlx::query_as(
            "SELECT sha256, 'run ' || run || ': ' || name FROM document
             UNION ALL SELECT sha256, 'mail ' || id FROM outbox WHERE pruned_at IS NULL ORDER BY 1",
        );
        let mut names = BTreeMap::<String, Vec<String>>::new();
        let rows: Vec<(String, String)> = rows.fetch_all(&self.pool).await?;
        for (digest, name) in rows {
            names.entry(digest).or_default().push(name);
        }
        out.files = names.len();
        // A damaged attachment is named once, with all mails that it belongs to.
        let mut damaged = BTreeMap::<String, BTreeSet<String>>::new();
        for (digest, names) in names.into_iter().filter(|(digest, _)| self.archive.get(digest).is_err()) {
            let attachments = self.archive.damaged_attachments(&digest);
            let files = if attachments.is_empty() { vec![digest] } else { attachments };
            files.into_iter().for_each(|file| damaged.entry(file).or_default().extend(names.iter().cloned()));
        }
        for (digest, names) in damaged {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let text = match self.archive.has(&digest) {
                true => message!("is-not-what-was-recorded", digest, names),
                false => message!("is-missing", digest, names),
            };
            out.add("archive", [text]);
        }
        Ok(())
    }
}

impl Verification {
    pub(super) fn add(&mut self, part: &'static str, texts: impl IntoIterator<Item = Message>) {
        self.problems.extend(texts.into_iter().map(|text| VerificationProblem { part, text }));
    }

    /// Nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Entries by the number after `kind` in their subject.
fn by_subject<'a>(entries: &'a [AuditEntry], kind: &str) -> BTreeMap<i64, Vec<&'a AuditEntry>> {
    let mut out = BTreeMap::<i64, Vec<&AuditEntry>>::new();
    for entry in entries {
        if let Some(id) = entry.subject.strip_prefix(kind).and_then(|id| id.parse().ok()) {
            out.entry(id).or_default().push(entry);
        }
    }
    out
}

pub(super) fn detail(entry: &AuditEntry) -> Value {
    serde_json::from_str(&entry.detail).unwrap_or_default()
}

/// What the audit log puts before the name of a draft.
const DRAFT: &str = "draft ";

/// A draft may have the name of the document that is released later.
pub(super) fn document_key(name: &str, draft: bool) -> String {
    if draft { format!("{DRAFT}{name}") } else { name.to_owned() }
}

/// What the log says more of than whether it is the same. The state stands as it is: it may have been changed to
/// none of the known ones.
struct VerifiedRun {
    id: i64,
    state: String,
    number: Option<String>,
    figures: String,
    why: Option<String>,
}

named_columns! { VerifiedRun { id, state, number, figures, why } }

/// A run as its entries in the log describe it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LoggedRun {
    state: String,
    number: Option<String>,
    /// SHA-256 of the printed figures.
    figures: String,
    /// SHA-256 of the reason for a rejection.
    why: Option<String>,
    documents: BTreeMap<String, String>,
}

impl LoggedRun {
    fn follow(&mut self, entry: &AuditEntry) {
        let detail = detail(entry);
        let text = |key: &str| detail[key].as_str().map(str::to_owned);
        let Some(action) = entry.action() else { return };
        match action {
            AuditAction::Run | AuditAction::Hold => {
                let state = if action == AuditAction::Run { RunState::Done } else { RunState::Held };
                self.state = state.to_string();
                self.figures = text("figures").unwrap_or_default();
                self.number = text("number");
            }
            AuditAction::Approve => {
                if self.state == RunState::Done.key() {
                    // Released without a number by an earlier version: those were drafts.
                    let drafts = std::mem::take(&mut self.documents).into_iter();
                    self.documents =
                        drafts.map(|(name, digest)| (document_key(&name, true), digest)).collect();
                }
                self.state = RunState::Approved.to_string();
                self.number = text("number");
                // Entries of earlier versions do not repeat the figures.
                self.figures = text("figures").unwrap_or(std::mem::take(&mut self.figures));
            }
            // New drafts are in the place of the earlier ones.
            AuditAction::Amend => self.documents.retain(|name, _| !name.starts_with(DRAFT)),
            AuditAction::Reject => {
                self.state = RunState::Rejected.to_string();
                self.why = text("why");
            }
            _ => {}
        }
        if let Some(documents) = detail["documents"].as_object() {
            let digest = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            self.documents.extend(documents.iter().map(|(name, value)| (name.clone(), digest(value))));
        }
    }

    fn differences(&self, is: &LoggedRun) -> impl Iterator<Item = Message> + use<> {
        let parts = [
            (message!("the-state"), self.state == is.state),
            (message!("the-number"), self.number == is.number),
            (message!("the-record-of-its-figures"), self.figures == is.figures),
            (message!("the-reason"), self.why == is.why),
            (message!("the-list-of-its-documents"), self.documents == is.documents),
        ];
        parts.into_iter().filter(|(_, same)| !same).map(|(what, _)| what)
    }
}
