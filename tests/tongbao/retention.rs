//! What is kept, and what is not: attachments once, texts and counts for a time, everything else for ever.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::date;
use tongbao::pipeline::{ReleaseDecision, Request, RunError};
use tongbao::store::restore::restore;
use tongbao::store::{Store, StoreError};

use crate::daemon::only;
use crate::support::office::{DAY, HOUR, Office, execute, live, lost};

const LEADER: &str = "leader@example.test";

/// Bytes and number of the files below a folder.
fn size(folder: &Path) -> (u64, usize) {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let each = entries.map(|entry| match entry.path().is_dir() {
        true => size(&entry.path()),
        false => (entry.metadata().unwrap().len(), 1),
    });
    each.fold((0, 0), |(bytes, files), (more, further)| (bytes + more, files + further))
}

async fn problems(store: &Store, office: &Office) -> Vec<String> {
    let found = store.verification(None, office.now()).await.unwrap();
    found.problems.into_iter().map(|problem| format!("{}: {}", problem.part, problem.text)).collect()
}

#[tokio::test]
async fn an_attachment_that_goes_to_many_is_stored_once() {
    let members: String = (1..=20)
        .map(|number| format!("    {{ name = \"村{number}\", email = \"v{number}@example.test\" }},\n"))
        .collect();
    let office = Office::new("2016-06-13T00:30:00Z", |text| {
        only("0 9 * * Mon")(text).replace(
            "[recipients.leading_group]\nmembers = [\n",
            &format!("[recipients.leading_group]\nmembers = [\n{members}"),
        )
    });
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, HOUR).await;
    let sent = office.mails();
    assert_eq!(sent.len(), 23);
    let archive = office.state().join("archive");
    let (bytes, files) = size(&archive);
    let together: usize = sent.iter().map(|mail| mail.bytes.len()).sum();
    assert!(bytes * 5 < together as u64, "{bytes} bytes for mails of {together}");
    let documents = office.store().await.documents(1).await.unwrap();
    // The PDF in the mails is the document; beside it are the pictures that all mails show.
    assert!(files <= sent.len() + documents.len() + 3, "{files} files");
    let store = office.store().await;
    let stored: BTreeSet<Vec<u8>> = store
        .deliveries(None)
        .await
        .unwrap()
        .iter()
        .map(|mail| store.archive.get(&mail.sha256).unwrap())
        .collect();
    assert_eq!(stored, sent.into_iter().map(|mail| mail.bytes).collect(), "to the byte");
    assert_eq!(problems(&store, &office).await, [""; 0]);
    // A backup is no larger, and what comes out of it is the same.
    for name in ["copy.tar", "copy"] {
        let copy = office.dir.path().join(name);
        store.backup(&copy, office.now()).await.unwrap();
        let to = office.dir.path().join(format!("from-{name}"));
        let restored = restore(&copy, &to, office.now()).await.unwrap();
        assert_eq!(restored.missing, [""; 0]);
        assert_eq!(size(&to.join("archive")), (bytes, files), "{name}");
    }
    // A part that is lost or changed is named with every mail that it belongs to.
    let pdf = documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap();
    let digest = tongbao::digest::sha256(&pdf.bytes);
    std::fs::write(archive.join(&digest[..2]).join(&digest[2..]), b"other").unwrap();
    let found = problems(&store, &office).await;
    let [problem] = found.as_slice() else { panic!("named once: {found:?}") };
    assert_eq!(problem.matches("mail ").count(), 23, "{problem}");
    assert!(problem.contains(&digest) && problem.contains("run 1: "), "{problem}");
}

#[tokio::test]
async fn texts_and_counts_go_after_their_time_and_nothing_else_does() {
    let office = Office::new("2016-06-13T00:30:00Z", |text| {
        only("0 9 * * Mon")(text)
            .replace("kind = \"bulletin\"\n", "kind = \"bulletin\"\nsign_off = true\n")
            .replace("[state]\n", "[state]\nkeep_details = \"90d\"\n")
    });
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 14 + HOUR, HOUR * 6).await;
    let (store, engine) = (office.store().await, office.engine());
    let decision = ReleaseDecision { by: "王主任".into(), ..ReleaseDecision::default() };
    store.reject(1, "王主任", "名册未更新", office.now()).await.unwrap();
    office.refuse(LEADER, Some(lost()));
    engine.approve(&store, &store.run(2).await.unwrap(), &decision, office.now()).await.unwrap();
    live(&office, &mut daemon, HOUR, HOUR).await;
    let before = (store.numbers(None).await.unwrap(), store.documents(2).await.unwrap());
    daemon.end().await;
    // Nothing further is due, so what grows is nothing.
    let mut quiet = office;
    quiet.text = quiet.text.replace("schedule = \"0 9 * * Mon\"\n", "");
    let mut daemon = quiet.daemon().await;
    live(&quiet, &mut daemon, DAY * 80, DAY).await;
    assert!(store.snapshot(1).await.is_ok(), "not yet");
    live(&quiet, &mut daemon, DAY * 20, DAY).await;
    // What is pruned once a day is pruned beside everything else.
    daemon.drain().await.unwrap();
    live(&quiet, &mut daemon, DAY, DAY).await;
    daemon.drain().await.unwrap();
    assert!(matches!(store.snapshot(1).await, Err(StoreError::RunPruned(1))), "rejected, and long ago");
    for run in [2, 3] {
        assert!(store.snapshot(run).await.is_ok(), "run {run} is released as the latest, or held");
    }
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for mail in store.deliveries(None).await.unwrap() {
        let is_there = store.archive.get(&mail.sha256).is_ok();
        (if is_there { &mut kept } else { &mut gone }).push((
            mail.kind.key(),
            mail.address,
            mail.state.key(),
            mail.id,
        ));
    }
    assert!(gone.iter().all(|(_, _, state, _)| *state == "sent") && gone.len() >= 3, "{gone:?}");
    assert!(
        matches!(kept.as_slice(), [(kind, address, state, _)] if (*kind, address.as_str(), *state) == ("report", LEADER, "uncertain")),
        "a mail that waits for a person keeps its text: {kept:?}"
    );
    let cancelled = store.retry_delivery(gone[0].3, quiet.now()).await;
    assert!(matches!(cancelled, Err(StoreError::MailPruned(_))), "{cancelled:?}");
    assert_eq!((store.numbers(None).await.unwrap(), store.documents(2).await.unwrap()), before);
    assert_eq!(problems(&store, &quiet).await, [""; 0], "the log has an entry for all that was removed");
    let files = size(&quiet.state().join("archive")).1;
    let named = store.listed_documents(1).await.unwrap().len()
        + store.listed_documents(2).await.unwrap().len()
        + store.listed_documents(3).await.unwrap().len();
    assert!(files <= named + 1 + 4, "{files} files for {named} documents and a mail with its pictures");
    // What is held can be released still, and what is gone cannot be compared with.
    quiet.refuse(LEADER, None);
    engine.approve(&store, &store.run(3).await.unwrap(), &decision, quiet.now()).await.unwrap();
    let request = tongbao::pipeline::Request {
        report: "weekly".into(),
        against: Some(1),
        dry_run: true,
        ..Default::default()
    };
    let compared = engine.run(Some(&store), &request, quiet.now(), |_| {}).await;
    assert!(matches!(compared, Err(RunError::Store(StoreError::RunPruned(1)))), "{compared:?}");
}

/// Of the released runs the latest keep their counts, whatever their age.
#[tokio::test]
async fn the_latest_runs_of_a_report_keep_their_counts() {
    let office = Office::new("2016-06-13T00:30:00Z", only("0 9 * * Mon"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, HOUR).await;
    let store = office.store().await;
    let (token, later) = (daemon.token().unwrap(), office.now() + DAY * 1_000);
    assert_eq!(store.prune(office.now(), token, later).await.unwrap().runs, 0);
    // Sixty later ones.
    let copies = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
        INSERT INTO run SELECT 100 + n, report, kind, NULL, period_from, date(period_to, '+' || n || ' days'), state, held,
            number, round, against, pulled_at, recorded_at, records, units, findings, figures, provenance, nominal,
            late_since, verdict, no_send, decided_by, decided_at, why, NULL, NULL, round_given, against_given, NULL
        FROM run, n WHERE id = 1";
    execute(&office.state().join("tongbao.db"), copies);
    let stale = store.prune(office.now(), token + 1, later).await;
    assert!(matches!(stale, Err(StoreError::LeaseLost)), "{stale:?}");
    let mut runs = 0;
    loop {
        let pruned = store.prune(office.now() + HOUR, token, later).await.unwrap();
        if pruned == Default::default() {
            break;
        }
        runs += pruned.runs;
    }
    assert_eq!(runs, 1);
    assert!(matches!(store.snapshot(1).await, Err(StoreError::RunPruned(1))));
    // A run whose nearest earlier one has lost its counts goes on without comparison, as the first one does.
    let request = Request {
        report: "weekly".into(),
        from: Some(date(2016, 5, 25)),
        to: Some(date(2016, 6, 13)),
        ..Request::default()
    };
    let outcome = office.engine().run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    assert!(outcome.held.is_empty() && outcome.results.compared.is_none(), "{:?}", outcome.held);
}

/// What the daemon removes while a backup or a verification reads it is neither damage nor missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn backups_and_verifications_beside_a_daemon_that_prunes_are_whole() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let (start, days) = (office.now(), 12);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * days, HOUR).await;
    daemon.end().await;
    let (store, now) = (office.store().await, office.now());
    let presence = store.announce().unwrap();
    let lease = store.acquire_lease(&presence, office.clock.uptime(), DAY).await.unwrap().unwrap();
    let pruning = {
        let store = store.clone();
        tokio::spawn(async move {
            let mut mails = 0;
            for day in 1..=days {
                mails += store.prune(start + DAY * day, lease.token, now).await.unwrap().mails;
            }
            mails
        })
    };
    for number in 0.. {
        let is_last = pruning.is_finished();
        assert_eq!(problems(&store, &office).await, Vec::<String>::new());
        let copy = office.dir.path().join(format!("copy{number}.tar"));
        store.backup(&copy, now).await.unwrap();
        let restored = restore(&copy, &office.dir.path().join(format!("state{number}")), now).await.unwrap();
        assert_eq!(restored.missing, Vec::<String>::new());
        if is_last {
            break;
        }
    }
    assert!(pruning.await.unwrap() > 20);
}
