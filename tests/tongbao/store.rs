//! The state: what is recorded is all there, comes back as it was, and nothing is recorded twice.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use tongbao::indicator::bucket_counts::BucketCounts;
use tongbao::indicator::correction::{CorrectionList, CorrectionLists};
use tongbao::indicator::record_findings::RecordFindings;
use tongbao::indicator::tally::{Bucket, Tally};
use tongbao::ranking::acceptance::AcceptanceVerdict;
use tongbao::ranking::snapshot::Snapshot;
use tongbao::register::unit::{Unit, Units};
use tongbao::schedule::period::Period;
use tongbao::schedule::slot::Slot;
use tongbao::store::archive::Archive;
use tongbao::store::claims::Claimant;
use tongbao::store::commit::NewRun;
use tongbao::store::outbox::{Attempted, NewDelivery, Purpose};
use tongbao::store::runs::{Provenance, StoredFile};
use tongbao::store::slots::{Claim, SlotKey};
use tongbao::store::states::{MailState, RunState, SlotState};
use tongbao::store::{Store, StoreError};

use crate::support::figures;

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn snapshot(rng: &mut fastrand::Rng) -> Snapshot {
    let unit = |i: u32| Unit {
        code: format!("44011800100{i}"),
        name: format!("第{i}村"),
        kind: "村".into(),
        parent: None,
    };
    let mut tally = Tally {
        cells: BucketCounts::default(),
        findings: RecordFindings { invalid_birth_dates: 7, ..RecordFindings::default() },
        ..Tally::default()
    };
    for _ in 0..50 {
        let unit = rng.bool().then(|| rng.u32(0..5));
        let day = rng.bool().then(|| rng.i32(16_000..17_000));
        tally.add(Bucket { unit, day }, &figures::counts(rng, 1 << 40));
    }
    Snapshot {
        units: Units::new((0..5).map(unit).collect()).unwrap(),
        tally,
        baseline: BTreeMap::from([("440118001000".to_owned(), 1280)]),
        pulled_at: instant("2016-06-13T01:00:00Z"),
    }
}

struct Made {
    claim: Option<Claim>,
    corrections: CorrectionLists,
    snapshot: Snapshot,
    provenance: Provenance,
    documents: Vec<StoredFile>,
    deliveries: Vec<NewDelivery>,
    figures: serde_json::Value,
}

fn made(seed: u64) -> Made {
    let delivery = |i: u64| NewDelivery {
        purpose: Purpose::Report,
        unit: None,
        name: "组长".into(),
        address: format!("{i}@example.test"),
        message_id: format!("<{seed}.{i}@example.test>"),
        bytes: format!("mail {i}").into_bytes(),
    };
    Made {
        claim: None,
        corrections: CorrectionLists::from([("440118001000".to_owned(), CorrectionList::default())]),
        snapshot: snapshot(&mut fastrand::Rng::with_seed(seed)),
        provenance: Provenance {
            pull: None,
            definitions: Some(tongbao::store::runs::StoredDefinitions {
                digest: "d".into(),
                text: "relation x".into(),
            }),
            version: "0.1.0".into(),
            configuration: "c".into(),
            templates: "t".into(),
            fonts: BTreeMap::new(),
            deciding: Some("{}".into()),
        },
        documents: vec![StoredFile {
            name: "通报.pdf".into(),
            content_type: "application/pdf".into(),
            bytes: vec![1, 2, 3],
        }],
        deliveries: (0..3).map(delivery).collect(),
        figures: serde_json::json!({ "totals": {} }),
    }
}

/// The right to fill a slot of the weekly report.
fn claim(slot: &str) -> Claim {
    let instant = instant(slot);
    let slot = Slot { instant, nominal: instant.to_zoned(jiff::tz::TimeZone::UTC).datetime() };
    Claim { key: SlotKey::new("weekly", &slot, "UTC"), slot, token: None }
}

fn new_run<'a>(made: &'a mut Made, slot: Option<&str>, to: i8) -> NewRun<'a> {
    made.claim = slot.map(claim);
    NewRun {
        asked: None,
        id: None,
        report: "weekly",
        kind: "bulletin",
        claim: made.claim.as_ref(),
        period: Period { from: date(2016, 6, 1), to: date(2016, 6, to) },
        held: &[],
        number: None,
        round: 1,
        round_given: false,
        against: None,
        against_given: false,
        late_since: None,
        verdict: AcceptanceVerdict::Rectify,
        no_send: false,
        snapshot: &made.snapshot,
        corrections: &made.corrections,
        inputs: &[],
        records: 12,
        figures: &made.figures,
        provenance: &made.provenance,
        documents: &made.documents,
        deliveries: &made.deliveries,
    }
}

#[test]
fn a_run_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    block(async {
        let mut made = made(1);
        let store = Store::open(dir.path()).await.unwrap();
        let id = store
            .record(&new_run(&mut made, Some("2016-06-13T01:00:00Z"), 12), instant("2016-06-13T01:00:05Z"))
            .await
            .unwrap();
        store.close().await;
        let store = Store::open(dir.path()).await.unwrap();
        let back = store.snapshot(id).await.unwrap();
        assert_eq!(back.tally, made.snapshot.tally);
        assert_eq!(back.baseline, made.snapshot.baseline);
        assert_eq!(back.units.list(), made.snapshot.units.list());
        assert_eq!(store.corrections(id).await.unwrap(), made.corrections);
        assert_eq!(store.documents(id).await.unwrap(), made.documents);
        assert_eq!(store.pending(Some(id)).await.unwrap().len(), 3);
        assert_eq!(store.details(id).await.unwrap(), (made.figures, made.provenance));
    });
}

#[test]
fn a_slot_is_recorded_once_and_nothing_of_the_second_try_remains() {
    let dir = tempfile::tempdir().unwrap();
    block(async {
        let store = Store::open(dir.path()).await.unwrap();
        let (mut first, mut second) = (made(1), made(2));
        let slot = Some("2016-06-13T01:00:00Z");
        let now = instant("2016-06-13T01:00:05Z");
        let id = store.record(&new_run(&mut first, slot, 12), now).await.unwrap();
        match store.record(&new_run(&mut second, slot, 12), now).await {
            Err(StoreError::SlotTaken { run, .. }) => assert_eq!(run, Some(id)),
            other => panic!("{other:?}"),
        }
        assert_eq!(store.runs(10).await.unwrap().len(), 1);
        assert_eq!(store.deliveries(None).await.unwrap().len(), 3);
        // Ad hoc runs have no slot and never collide.
        store.record(&new_run(&mut second, None, 12), now).await.unwrap();
        store.record(&new_run(&mut made(3), None, 12), now).await.unwrap();
    });
}

#[test]
fn two_recorders_of_one_slot_make_one_run() {
    let dir = tempfile::tempdir().unwrap();
    block(async {
        let (first, second) =
            (Store::open(dir.path()).await.unwrap(), Store::open(dir.path()).await.unwrap());
        let (a, b) = (made(1), made(2));
        let now = instant("2016-06-13T01:00:05Z");
        for day in 1..=20 {
            let slot = format!("2016-06-{day:02}T01:00:00Z");
            let mut mails = [made(100 + day as u64), made(200 + day as u64)];
            mails[0].snapshot = a.snapshot.clone();
            mails[1].snapshot = b.snapshot.clone();
            let [left, right] = &mut mails;
            let (left, right) = (new_run(left, Some(&slot), 12), new_run(right, Some(&slot), 12));
            let (left, right) = tokio::join!(first.record(&left, now), second.record(&right, now));
            assert_eq!(left.is_ok() as u8 + right.is_ok() as u8, 1, "{left:?} {right:?}");
        }
        assert_eq!(first.runs(100).await.unwrap().len(), 20);
    });
}

#[test]
fn released_runs_make_the_series_by_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    block(async {
        let store = Store::open(dir.path()).await.unwrap();
        let now = instant("2016-06-20T01:00:05Z");
        let held = ["本件须经签发".to_owned()];
        let runs = [
            (Some("2016-06-06T01:00:00Z"), 5, false),
            (None, 10, false),
            (Some("2016-06-13T01:00:00Z"), 12, true),
            // The same cut-off again: the later one stands for it.
            (None, 10, false),
            (None, 19, false),
        ];
        for (i, (slot, to, is_held)) in runs.into_iter().enumerate() {
            let mut made = made(i as u64);
            let mut new = new_run(&mut made, slot, to);
            new.held = if is_held { &held } else { &[] };
            store.record(&new, now).await.unwrap();
        }
        let series = store.series("weekly", date(2016, 6, 19), 10).await.unwrap();
        assert_eq!(series.iter().map(|run| run.id).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(store.series("weekly", jiff::civil::Date::MAX, 1).await.unwrap()[0].id, 5);
    });
}

#[test]
fn outcomes_of_deliveries_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    block(async {
        let store = Store::open(dir.path()).await.unwrap();
        let mut made = made(1);
        let now = instant("2016-06-13T01:00:05Z");
        let run = store.record(&new_run(&mut made, None, 12), now).await.unwrap();
        let presence = store.announce().unwrap();
        let me = Claimant { id: presence.id(), token: None };
        for (id, outcome) in [(1, Attempted::Sent), (2, Attempted::Dead)] {
            assert_eq!(store.claim(me, Some(run), now).await.unwrap().unwrap().id, id);
            assert!(store.hand_over(id, me).await.unwrap());
            store.attempted(id, me, outcome, &"answer".into(), now).await.unwrap();
        }
        let states: Vec<&str> =
            store.deliveries(Some(run)).await.unwrap().into_iter().map(|d| d.state.key()).collect();
        assert_eq!(states, ["sent", "dead", "pending"]);
        assert_eq!(store.pending(None).await.unwrap().len(), 1);
    });
}

#[test]
fn a_changed_archive_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    block(async {
        let store = Store::open(dir.path()).await.unwrap();
        let digest = store.archive.put(b"bytes").unwrap();
        assert_eq!(store.archive.get(&digest).unwrap(), b"bytes");
        std::fs::write(dir.path().join("archive").join(&digest[..2]).join(&digest[2..]), b"other").unwrap();
        assert!(matches!(store.archive.get(&digest), Err(StoreError::Damaged(_))));
    });
}

/// Programs that begin at once on a folder without a state, as threads and as processes: one makes it.
#[test]
fn many_begin_one_state() {
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        std::thread::scope(|scope| {
            let opening = || block(Store::open(&state)).map(|store| block(store.close()));
            let openings: Vec<_> = (0..6).map(|_| scope.spawn(opening)).collect();
            openings.into_iter().for_each(|opening| opening.join().unwrap().unwrap());
        });
        assert_eq!(left_over(&state), Vec::<String>::new());
    }
}

/// What a program that was killed in the midst of the beginning has left is no state, and cleared away.
#[test]
fn a_state_that_was_half_made_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(".00ff.999999999.partial"), "half").unwrap();
    std::fs::write(dir.path().join(".00ff.999999999.partial-journal"), "half").unwrap();
    block(async { Store::open(dir.path()).await.unwrap().close().await });
    assert_eq!(left_over(dir.path()), Vec::<String>::new());
}

/// Documents with equal bytes, archived at once: each writer has a partial file of its own.
#[test]
fn equal_bytes_are_archived_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..40 {
        let (archive, bytes) = (Archive::new(dir.path().to_owned()), vec![round; 200_000]);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..6).map(|_| scope.spawn(|| archive.put(&bytes))).collect();
            writers.into_iter().for_each(|writer| drop(writer.join().unwrap().unwrap()));
        });
    }
    assert_eq!(Archive::new(dir.path().to_owned()).digests().unwrap().len(), 40);
    for folder in std::fs::read_dir(dir.path()).unwrap() {
        assert_eq!(left_over(&folder.unwrap().path()), Vec::<String>::new());
    }
}

/// Names of partial files in a folder.
fn left_over(dir: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("partial")).collect()
}

/// The operations guide lists, in both languages, which state may follow which.
#[test]
fn the_guide_lists_the_changes_of_states_that_happen() {
    fn lines<S: Copy>(
        what: &str,
        all: &[S],
        next: fn(S) -> &'static [S],
        key: fn(S) -> &'static str,
    ) -> Vec<String> {
        let of = |state: &S| {
            let next: Vec<&str> = next(*state).iter().map(|next| key(*next)).collect();
            (!next.is_empty()).then(|| format!("{what:4} {:10} -> {}", key(*state), next.join(", ")))
        };
        all.iter().filter_map(of).collect()
    }
    let mut expected = lines("mail", MailState::ALL, MailState::may_become, MailState::key);
    expected.extend(lines("slot", SlotState::ALL, SlotState::may_become, SlotState::key));
    expected.extend(lines("run", RunState::ALL, RunState::may_become, RunState::key));
    for guide in ["docs/operations.md", "docs/zh/operations.md"] {
        let text = std::fs::read_to_string(guide).unwrap();
        let (_, block) = text.split_once("\nmail pending ").unwrap();
        let (block, _) = block.split_once("\n```").unwrap();
        let mut listed: Vec<String> = format!("mail pending {block}").lines().map(str::to_owned).collect();
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{guide}");
    }
}
