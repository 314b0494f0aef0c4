//! Recording a run and deciding on a held one: each in one transaction, all of it or nothing.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use super::archive::ArchivedMail;
use super::audit::{self, AuditAction};
use super::findings;
use super::input_files::{self, Input};
use super::named_columns::named_columns;
use super::outbox::{self, NewDelivery};
use super::requests::{self, RequestClaim};
use super::runs::{Provenance, StoredFile, stored_units};
use super::slots::Claim;
use super::states::{RunState, StateChange};
use super::stored_words::listed as words;
use super::verification::document_key;
use super::{Store, StoreError, corrections, retention, slot_changes, tallies};
use tongbao_base::digest::sha256;
use tongbao_base::schedule::number::Number;
use tongbao_base::schedule::period::Period;
use tongbao_figures::indicator::correction::CorrectionLists;
use tongbao_figures::ranking::acceptance::AcceptanceVerdict;
use tongbao_figures::ranking::snapshot::Snapshot;
use tongbao_host::fault;

/// Of a held run, or of one that an earlier version released without a number.
const APPROVE: StateChange<RunState> = RunState::Approved.after(&[RunState::Held, RunState::Done]);
const REJECT: StateChange<RunState> = RunState::Rejected.after(&[RunState::Held]);

/// A run about to be recorded.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// The number of the run where it has to be known before, from [`Store::next_run`].
    pub id: Option<i64>,
    /// Its name in the configuration.
    pub report: &'a str,
    /// Template folder of its kind: `bulletin`, or one of the office's own.
    pub kind: &'a str,
    /// The slot it fills; `None` = ad hoc.
    pub claim: Option<&'a Claim>,
    /// What it reports on.
    pub period: Period,
    /// Reasons to hold it; empty = done.
    pub held: &'a [String],
    /// Of a held run a proposal, which another may still be given.
    pub number: Option<&'a Number>,
    /// Which round 轮次 its cut-off is, from 1.
    pub round: u32,
    /// Whether a person has said which round it is.
    pub round_given: bool,
    /// The run that it is compared with.
    pub against: Option<i64>,
    /// Whether a person has said what it is compared with.
    pub against_given: bool,
    /// The instant it was due, as printed when it comes late.
    pub late_since: Option<&'a str>,
    /// 验收结论; of every report, though only an acceptance prints it.
    pub verdict: AcceptanceVerdict,
    /// Whether nothing is mailed even after its release.
    pub no_send: bool,
    /// The request it fills, which ends in the same transaction.
    pub asked: Option<RequestClaim>,
    /// Whose tallies are stored with it.
    pub snapshot: &'a Snapshot,
    /// The correction list of each unit.
    pub corrections: &'a CorrectionLists,
    /// The files it was made from.
    pub inputs: &'a [Input],
    /// Records that were read, those registered after the cut-off included.
    pub records: u64,
    /// The figures as JSON, whose digest the audit log holds.
    pub figures: &'a serde_json::Value,
    /// What it was made with.
    pub provenance: &'a Provenance,
    /// Of a held run drafts.
    pub documents: &'a [StoredFile],
    /// Mails that leave after the commit.
    pub deliveries: &'a [NewDelivery],
}

/// The release of a held run: its number, final documents and mails.
#[derive(Debug, Clone)]
pub struct Release<'a> {
    /// The held run.
    pub run: i64,
    /// Under which number it is released; `None` where its kind carries none.
    pub number: Option<&'a Number>,
    /// As in the audit log.
    pub by: &'a str,
    /// What it is compared with, the round that it is, and its figures, as they are at its release: runs
    /// may have been released since it was made.
    pub against: Option<i64>,
    /// Which round 轮次 its cut-off is, from 1.
    pub round: u32,
    /// Whether a person has said which round it is.
    pub round_given: bool,
    /// Permits the release after that of a later run of the same schedule.
    pub out_of_order: bool,
    /// The figures as JSON, whose digest the audit log holds.
    pub figures: &'a serde_json::Value,
    /// The final documents; the drafts stay on record.
    pub documents: &'a [StoredFile],
    /// Mails that leave after the commit.
    pub deliveries: &'a [NewDelivery],
}

impl Store {
    /// Records a run with its tallies, documents and mails in one transaction: either all of it is
    /// there afterwards, or nothing. A slot can be filled once, and only under the lease in force.
    pub async fn record(&self, new: &NewRun<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let files = self.archive_all(new.documents, new.deliveries)?;
        let recorded = self.record_archived(new, &files, now).await;
        if recorded.is_err() {
            // A failure here only leaves files that nothing names.
            let _ = self.forget(&files).await;
        }
        recorded
    }

    async fn record_archived(
        &self,
        new: &NewRun<'_>,
        files: &Digests,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        fault::reach("archived");
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let run = match insert_run(&mut transaction, new, now).await {
            Err(error) => return Err(self.taken(error, transaction, new).await),
            Ok(run) => run,
        };
        if let Some(claim) = new.claim
            && !slot_changes::fill(&mut transaction, &self.actor, claim, run, now).await?
        {
            drop(transaction);
            return Err(self.slot_taken(claim).await?);
        }
        if let Some(claim) = new.asked {
            requests::fill(&mut transaction, claim, run, now).await?;
        }
        let has_own = new.provenance.definitions.is_some();
        tallies::insert(&mut transaction, run, &new.snapshot.units, &new.snapshot.tally, has_own).await?;
        corrections::insert(&mut transaction, run, new.corrections).await?;
        input_files::insert(&mut transaction, run, new.inputs).await?;
        insert_files(
            &mut transaction,
            &self.actor,
            run,
            new.documents,
            new.deliveries,
            files,
            !new.held.is_empty(),
            now,
        )
        .await?;
        let (action, detail) = recorded_action(new, files);
        audit::append(&mut transaction, &self.actor, action, format!("run {run}"), detail, now).await?;
        self.must_be_archived(files, new.documents, new.deliveries)?;
        self.commit(transaction).await?;
        fault::reach("enqueued");
        Ok(run)
    }

    /// Releases a held run: its final documents and mails are added to the drafts.
    pub async fn approve(&self, release: &Release<'_>, now: Timestamp) -> Result<(), StoreError> {
        let files = self.archive_all(release.documents, release.deliveries)?;
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        if !decide(&mut transaction, release.run, APPROVE, release.by, None, now).await? {
            drop(transaction);
            return Err(self.no_longer_held(release.run).await?);
        }
        if let Some(overtaken) = overtaken(&mut transaction, release.run, now).await?
            && !release.out_of_order
        {
            return Err(overtaken);
        }
        let sql = "UPDATE run SET number = ?, number_scope = ?, number_serial = ?, against = ?, round = ?, \
                   round_given = ?, figures = ? WHERE id = ?";
        let numbered = sqlx::query(sql)
            .bind(release.number.map(|number| &number.text))
            .bind(release.number.map(|number| &number.scope))
            .bind(release.number.map(|number| number.serial))
            .bind(release.against)
            .bind(i64::from(release.round))
            .bind(release.round_given)
            .bind(release.figures.to_string())
            .bind(release.run)
            .execute(&mut *transaction)
            .await;
        if let Err(error) = numbered {
            drop(transaction);
            return Err(self.number_taken(error, release.number).await);
        }
        // What was released without a number was a draft.
        let drafts = sqlx::query("UPDATE document SET draft = 1 WHERE run = ?").bind(release.run);
        drafts.execute(&mut *transaction).await?;
        insert_files(
            &mut transaction,
            &self.actor,
            release.run,
            release.documents,
            release.deliveries,
            &files,
            false,
            now,
        )
        .await?;
        let detail = json!({ "number": release.number.map(|number| &number.text),
                    "figures": sha256(release.figures.to_string().as_bytes()),
                    "documents": listed(release.documents, &files, false) });
        let subject = format!("run {}", release.run);
        audit::append(&mut transaction, &self.actor, AuditAction::Approve, subject, detail, now).await?;
        self.must_be_archived(&files, release.documents, release.deliveries)?;
        self.commit(transaction).await
    }

    /// Closes a held run without releasing it; the drafts stay on record.
    pub async fn reject(&self, run: i64, by: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        if !decide(&mut transaction, run, REJECT, by, Some(why), now).await? {
            drop(transaction);
            return Err(self.no_longer_held(run).await?);
        }
        let detail = json!({ "why": sha256(why.as_bytes()) });
        audit::append(&mut transaction, &self.actor, AuditAction::Reject, format!("run {run}"), detail, now)
            .await?;
        self.commit(transaction).await
    }

    /// Removes from the archive what a failed attempt has put there and nothing names. While the database is
    /// locked nobody can begin to name it.
    async fn forget(&self, files: &Digests) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        for digest in files.all() {
            if !retention::is_named(&mut transaction, digest).await? {
                self.archive.remove(digest)?;
            }
        }
        Ok(())
    }

    /// Files of the same content may have been taken away by another since: nobody does while the database is
    /// locked.
    pub(super) fn must_be_archived(
        &self,
        files: &Digests,
        documents: &[StoredFile],
        deliveries: &[NewDelivery],
    ) -> Result<(), StoreError> {
        if !files.all().all(|digest| self.archive.has(digest)) {
            self.archive_all(documents, deliveries)?;
        }
        Ok(())
    }

    pub(super) fn archive_all(
        &self,
        documents: &[StoredFile],
        deliveries: &[NewDelivery],
    ) -> Result<Digests, StoreError> {
        let mut digests = Digests::default();
        for file in documents {
            digests.documents.push(self.archive.put(&file.bytes)?);
        }
        for delivery in deliveries {
            digests.messages.push(self.archive.put_message(&delivery.bytes)?);
        }
        Ok(digests)
    }

    /// A unique key that is there already means that another run has the slot or the number.
    async fn taken(
        &self,
        error: StoreError,
        transaction: sqlx::Transaction<'_, sqlx::Sqlite>,
        new: &NewRun<'_>,
    ) -> StoreError {
        match error {
            StoreError::Database(sqlx::Error::Database(e)) if e.is_unique_violation() => {
                drop(transaction);
                // SQLite names the columns: "UNIQUE constraint failed: run.report, run.slot".
                let is_of = |column: &str| e.message().contains(column);
                match new.claim {
                    _ if is_of("run.id") => StoreError::RunTaken,
                    Some(claim) if is_of("run.slot") => {
                        self.slot_taken(claim).await.unwrap_or_else(|error| error)
                    }
                    _ => self.number_taken(sqlx::Error::Database(e), new.number).await,
                }
            }
            other => other,
        }
    }

    async fn slot_taken(&self, claim: &Claim) -> Result<StoreError, StoreError> {
        let row = sqlx::query_scalar("SELECT run FROM slot WHERE schedule = ? AND nominal = ? AND zone = ?")
            .bind(&claim.key.schedule)
            .bind(&claim.key.nominal)
            .bind(&claim.key.zone)
            .fetch_optional(&self.pool)
            .await?;
        let run: Option<i64> = row.flatten();
        let (schedule, nominal) = (claim.key.schedule.clone(), claim.key.nominal.clone());
        Ok(StoreError::SlotTaken { report: schedule, slot: nominal, run })
    }

    /// The number that the next run gets, unless another is recorded before it.
    pub async fn next_run(&self) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) + 1 FROM run");
        Ok(query.fetch_one(&self.pool).await?)
    }

    /// A number that is there already, with the run that has it.
    async fn number_taken(&self, error: sqlx::Error, number: Option<&Number>) -> StoreError {
        match (&error, number) {
            (sqlx::Error::Database(e), Some(number)) if e.is_unique_violation() => {
                let run = self.number_holder(number).await.ok().flatten();
                StoreError::NumberTaken { number: number.text.clone(), run }
            }
            _ => error.into(),
        }
    }

    pub(super) async fn no_longer_held(&self, run: i64) -> Result<StoreError, StoreError> {
        Ok(StoreError::not_held(&self.run(run).await?))
    }
}

/// Digests of what has been put into the archive, in the order given.
#[derive(Debug, Default)]
pub(super) struct Digests {
    documents: Vec<String>,
    messages: Vec<ArchivedMail>,
}

impl Digests {
    fn all(&self) -> impl Iterator<Item = &String> {
        let parts =
            self.messages.iter().flat_map(|message| std::iter::once(&message.digest).chain(&message.parts));
        self.documents.iter().chain(parts)
    }
}

/// What the audit log says of a new run: hashes of all that is printed.
fn recorded_action(new: &NewRun<'_>, files: &Digests) -> (AuditAction, Value) {
    let is_held = !new.held.is_empty();
    let detail = json!({
        "report": new.report,
        "from": new.period.from.to_string(),
        "to": new.period.to.to_string(),
        "number": new.number.map(|number| &number.text),
        "figures": sha256(new.figures.to_string().as_bytes()),
        "documents": listed(new.documents, files, is_held),
    });
    (if is_held { AuditAction::Hold } else { AuditAction::Run }, detail)
}

/// Documents by name with their hashes.
pub(super) fn listed(documents: &[StoredFile], files: &Digests, draft: bool) -> Value {
    let names = documents.iter().map(|file| document_key(&file.name, draft));
    names.zip(files.documents.iter().map(|digest| json!(digest))).collect::<serde_json::Map<_, _>>().into()
}

#[allow(clippy::too_many_arguments)]
pub(super) async fn insert_files(
    connection: &mut SqliteConnection,
    who: &str,
    run: i64,
    documents: &[StoredFile],
    deliveries: &[NewDelivery],
    digests: &Digests,
    draft: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (file, digest) in documents.iter().zip(&digests.documents) {
        sqlx::query("INSERT INTO document (run, name, content_type, sha256, draft) VALUES (?, ?, ?, ?, ?)")
            .bind(run)
            .bind(&file.name)
            .bind(&file.content_type)
            .bind(digest)
            .bind(draft)
            .execute(&mut *connection)
            .await?;
    }
    for (delivery, message) in deliveries.iter().zip(&digests.messages) {
        outbox::insert(connection, who, Some(run), delivery, message, now).await?;
    }
    Ok(())
}

/// True if the run waited for a decision until now: it was held, or is to be released and has no number.
async fn decide(
    connection: &mut SqliteConnection,
    run: i64,
    change: StateChange<RunState>,
    by: &str,
    why: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(change.sql(
        "UPDATE run SET {to}, decided_by = ?1, decided_at = ?2, why = ?3 WHERE id = ?4 AND {from} \
         AND (number IS NULL OR state <> ?5)",
    ))
    .bind(by)
    .bind(now.to_string())
    .bind(why)
    .bind(run)
    .bind(RunState::Done)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A later run of the same schedule that is released already.
struct Later {
    to: String,
    later: i64,
    later_to: String,
    number: String,
}

named_columns! { Later { to, later, later_to, number } }

/// The refusal to release a scheduled run after a later one of its schedule: numbers and comparisons would run
/// backwards. What was asked for by hand may be about any time, and what a wrong clock has released about days
/// to come bars nothing.
async fn overtaken(
    connection: &mut SqliteConnection,
    run: i64,
    now: Timestamp,
) -> Result<Option<StoreError>, StoreError> {
    // Whatever the zone: its day is at most one earlier than that of UTC.
    let latest = now.to_zoned(TimeZone::UTC).date().saturating_add(1.day());
    let sql = format!(
        "SELECT run.period_to AS \"to\", later.id AS later, later.period_to AS later_to,
             COALESCE(later.number, '') AS number FROM run
         JOIN run AS later ON later.report = run.report AND later.period_to > run.period_to
         WHERE run.id = ? AND run.slot IS NOT NULL AND later.slot IS NOT NULL
             AND later.state IN ({}) AND later.period_to <= ?
         ORDER BY later.period_to DESC, later.id DESC LIMIT 1",
        words(RunState::RELEASED)
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run).bind(latest.to_string());
    let found: Option<Later> = query.fetch_optional(connection).await?;
    let refusal =
        |Later { to, later, later_to, number }| StoreError::Overtaken { run, to, later, later_to, number };
    Ok(found.map(refusal))
}

async fn insert_run(
    connection: &mut SqliteConnection,
    new: &NewRun<'_>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let state = if new.held.is_empty() { RunState::Done } else { RunState::Held };
    let given = new.number.filter(|_| new.held.is_empty());
    let result = sqlx::query(
        "INSERT INTO run (id, report, kind, slot, nominal, period_from, period_to, state, held, number, \
         number_scope, number_serial, round, round_given, against, against_given, late_since, verdict, no_send, pulled_at, \
         recorded_at, records, units, findings, figures, provenance) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.id)
    .bind(new.report)
    .bind(new.kind)
    .bind(new.claim.map(|claim| claim.slot.instant.to_string()))
    .bind(new.claim.map(|claim| claim.key.nominal.clone()))
    .bind(new.period.from.to_string())
    .bind(new.period.to.to_string())
    .bind(state)
    .bind(serde_json::json!(new.held).to_string())
    .bind(new.number.map(|number| &number.text))
    .bind(given.map(|number| &number.scope))
    .bind(given.map(|number| number.serial))
    .bind(i64::from(new.round))
    .bind(new.round_given)
    .bind(new.against)
    .bind(new.against_given)
    .bind(new.late_since)
    .bind(new.verdict.key())
    .bind(new.no_send)
    .bind(new.snapshot.pulled_at.to_string())
    .bind(now.to_string())
    .bind(new.records as i64)
    .bind(stored_units(new.snapshot).to_string())
    .bind(findings::written(new.snapshot))
    .bind(new.figures.to_string())
    .bind(serde_json::json!(new.provenance).to_string())
    .execute(connection)
    .await?;
    Ok(result.last_insert_rowid())
}
