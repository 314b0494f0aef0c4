//! Several rosters: each compared with the register, and all together, against a naive computation.

use std::sync::Arc;

use fastrand::Rng;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tongbao::config::settings::{Indicators, OnMissing, Relation, RosterName, Rosters};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::tally::{Matches, Tally};
use tongbao::indicator::tallying::{Tallier, finish};
use tongbao::pipeline::{ReleaseDecision, Request};
use tongbao::register::batch::days_since_epoch;

use crate::laws::{CUT_OFF, batch, indicators, units};
use crate::support::defects::{self, Roster, UNITS};
use crate::support::law::cases;
use crate::support::naive::{self, Reconciled, Record};
use crate::support::{office, setting};

pub fn rules(rosters: usize, measured: Option<usize>) -> Indicators {
    let mut rules = indicators(OnMissing::Fail, &Relation::ALL[..4]);
    let name = |i: usize| RosterName { name: format!("r{i}"), label: format!("名册{i}") };
    rules.coverage.rosters = Rosters { named: (0..rosters).map(name).collect(), measured };
    rules
}

/// Rosters that overlap, contradict one another in their units, and have every defect.
pub fn rosters(seed: u64, records: &[Record], count: usize) -> Vec<Roster> {
    let mut rng = Rng::with_seed(seed);
    let whole = defects::roster(seed, records);
    let mut one = |_| {
        let mut list: Roster = whole.iter().filter(|_| rng.u8(..3) > 0).cloned().collect();
        for (unit, _) in &mut list {
            if rng.u8(..5) == 0 {
                *unit = [UNITS[rng.usize(..UNITS.len())], "elsewhere"][rng.usize(..2)].to_owned();
            }
        }
        list
    };
    (0..count).map(&mut one).collect()
}

/// The tally of a register over several connections.
fn tally(records: &[Record], rosters: &[Roster], rules: &Indicators, talliers: usize) -> Tally {
    let units = Arc::new(units());
    let mut all: Vec<Tallier> =
        (0..talliers).map(|_| Tallier::new(units.clone(), rules, CUT_OFF, None)).collect();
    for (i, roster) in rosters.iter().enumerate() {
        for (unit, id) in roster {
            all[i % talliers].add_roster(i, Some(unit.as_bytes()), id.as_deref().map(str::as_bytes));
        }
    }
    for (i, part) in records.chunks(300).enumerate() {
        all[i % talliers].add(&batch(part)).unwrap();
    }
    finish(all).unwrap()
}

/// What the tally says of a list, in the words of the naive computation.
fn said(matches: &Matches, counts: &Counts) -> Reconciled {
    Reconciled {
        listed: matches.listed,
        both: matches.found,
        own: matches.found_own,
        only_register: counts.persons - matches.known,
    }
}

pub fn compare(tally: &Tally, records: &[Record], rosters: &[Roster], to: Date) {
    let expected = naive::reconciled(records, rosters, &UNITS, to);
    assert_eq!(tally.matches.len(), expected.len());
    let positions = UNITS.iter().enumerate().map(|(i, code)| (Some(i as u32), *code)).chain([(None, "")]);
    for (position, code) in positions {
        let counts = tally.until(position, days_since_epoch(to));
        let matches = tally.matches_until(position, days_since_epoch(to));
        for (list, matches) in matches.iter().enumerate() {
            let naive = expected[list].get(code).cloned().unwrap_or_default();
            assert_eq!(said(matches, &counts), naive, "list {list}, unit {code:?} on {to}");
        }
    }
}

#[test]
fn a_naive_computation_agrees_on_every_roster_and_on_all_together() {
    for count in 1..=4 {
        let records = defects::records(60 + count as u64, 3_000);
        let rosters = rosters(70 + count as u64, &records, count);
        let tally = tally(&records, &rosters, &rules(count, None), 1);
        for to in [date(2016, 5, 25), date(2016, 6, 10), CUT_OFF] {
            compare(&tally, &records, &rosters, to);
        }
        let union = tally.matches.last().unwrap();
        let unknown = |cell: &tongbao::indicator::tally::Bucket| cell.unit.is_none();
        assert!(union.iter().any(|(cell, matches)| unknown(cell) && matches.listed > 0));
    }
}

#[test]
fn coverage_is_that_of_the_measured_list() {
    let records = defects::records(81, 2_000);
    let rosters = rosters(82, &records, 3);
    for measured in [None, Some(0), Some(2)] {
        let tally = tally(&records, &rosters, &rules(3, measured), 1);
        for unit in (0..UNITS.len() as u32).map(Some).chain([None]) {
            let (counts, matches) = (tally.until(unit, i32::MAX), tally.matches_until(unit, i32::MAX));
            let Matches { listed, found, found_own, .. } = matches[measured.unwrap_or(3)];
            assert_eq!((counts.roster, counts.covered, counts.covered_own), (listed, found, found_own));
        }
    }
}

#[test]
fn one_named_roster_is_counted_as_one_without_a_name() {
    let records = defects::records(83, 2_000);
    let rosters = rosters(84, &records, 1);
    let unnamed = tally(&records, &rosters, &rules(0, None), 1);
    let named = tally(&records, &rosters, &rules(1, None), 1);
    assert_eq!((&named.cells, named.findings), (&unnamed.cells, unnamed.findings));
    assert!(unnamed.matches.is_empty() && named.matches.len() == 1);
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn splits_orders_and_merges_change_nothing(
        (mut records, _) in defects::registers(600),
        others in prop::collection::vec(defects::registers(150), 2),
        seed in any::<u64>(),
    ) {
        let mut rosters = rosters(seed, &records, 3);
        let rules = rules(3, None);
        let whole = tally(&records, &rosters, &rules, 1);
        for talliers in 2..5 {
            prop_assert_eq!(&tally(&records, &rosters, &rules, talliers), &whole, "{} connections", talliers);
        }
        let mut parts: Vec<Tally> =
            others.iter().map(|(records, _)| tally(records, &rosters, &rules, 1)).collect();
        parts.push(whole.clone());
        let merged = |order: [usize; 3]| {
            order.into_iter().fold(Tally::default(), |mut sum, i| {
                sum.merge(parts[i].clone());
                sum
            })
        };
        prop_assert_eq!(merged([0, 1, 2]), merged([2, 0, 1]));
        let mut rng = Rng::with_seed(seed);
        rng.shuffle(&mut records);
        rosters.iter_mut().for_each(|roster| rng.shuffle(roster));
        prop_assert_eq!(tally(&records, &rosters, &rules, 1), whole);
    }
}

#[test]
fn the_first_roster_that_knows_the_unit_decides_for_all_together() {
    let id = Some("440118200101010011".to_owned());
    let record = Record { unit: Some(UNITS[4].into()), id: id.clone(), ..Record::default() };
    let together = |units: [&str; 3]| {
        let rosters: Vec<Roster> = units.map(|unit| vec![(unit.to_owned(), id.clone())]).into();
        let tally = tally(std::slice::from_ref(&record), &rosters, &rules(3, None), 1);
        let at = tally.matches[3].iter().find(|(_, matches)| matches.found == 1).unwrap().0;
        at.unit.map(|unit| UNITS[unit as usize])
    };
    assert_eq!(together([UNITS[2], UNITS[1], UNITS[0]]), Some(UNITS[2]));
    assert_eq!(together(["?", UNITS[1], UNITS[0]]), Some(UNITS[1]));
    assert_eq!(together(["?", "?", "?"]), None);
}

/// The demo's office with three rosters of which each lacks somebody.
fn office_with_rosters(edit: impl Fn(String) -> String) -> office::Office {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1_200);
    office::execute(
        &dir.path().join("register.db"),
        "CREATE TABLE rental AS SELECT unit, id_number FROM roster WHERE rowid % 3 > 0;
         CREATE TABLE centre AS SELECT unit, id_number FROM roster WHERE rowid % 4 > 0;
         CREATE TABLE police AS SELECT unit AS code, id_number AS sfzh FROM roster WHERE rowid % 5 = 0;",
    );
    office::Office::on(dir, &url, "2016-07-08T01:00:00Z", |text| {
        let named = "[source.rosters.rental]\nlabel = \"出租办\"\ntable = \"rental\"\n\
                     [source.rosters.centre]\nlabel = \"出管中心\"\ntable = \"centre\"\n\
                     [source.rosters.police]\nlabel = \"派出所\"\ntable = \"police\"\nunit = \"code\"\nid_number = \"sfzh\"\n";
        edit(text.replace("[source.roster]\ntable = \"roster\"\n", named))
    })
}

#[tokio::test]
async fn documents_workbook_and_json_reconcile_and_stored_runs_do_too() {
    let office = office_with_rosters(|text| {
        text.replace("period = \"previous_week\"", "period = \"previous_week\"\nsign_off = true")
    });
    let (engine, store) = (office.engine(), office.store().await);
    let labels: Vec<&str> =
        engine.settings.indicators.coverage.rosters.named.iter().map(|r| r.label.as_str()).collect();
    assert_eq!(labels, ["出租办", "出管中心", "派出所"], "the order of the file");
    let request = Request { report: "weekly".into(), to: Some(CUT_OFF), ..Request::default() };
    let made = engine.run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    let document = |extension: &str| {
        let file = made.documents.iter().find(|file| file.name.ends_with(extension)).unwrap();
        file.bytes.clone()
    };
    let text = office::pdf_text(&document(".pdf"));
    for words in
        ["核对情况表", "口径说明", "两者均有", "各名册合计（去重）", "名册核对", "与比对名册核对的结果如下"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = tongbao::report::json::figures(&made.results, &engine.settings.indicators);
    let totals = &json["totals"];
    let union = &totals["reconciliation"]["union"];
    assert_eq!(union["coverage"], totals["coverage"], "all together are what coverage is");
    let count = |value: &serde_json::Value, key: &str| value[key].as_u64().unwrap();
    for name in ["rental", "centre", "police", "union"] {
        let list = &totals["reconciliation"][name];
        for key in ["listed", "both", "only_roster", "only_register"] {
            let units = json["units"].as_array().unwrap().iter();
            let sum: u64 = units.map(|unit| count(&unit["reconciliation"][name], key)).sum();
            assert_eq!(sum, count(list, key), "{name} {key}");
        }
        assert_eq!(count(list, "listed"), count(list, "both") + count(list, "only_roster"));
        assert!(count(union, "listed") >= count(list, "listed"));
        assert!(text.contains(&count(list, "both").to_string()), "{name}: {list}");
    }
    assert_eq!(
        count(union, "both") + count(union, "only_register"),
        made.results.totals.counts.persons,
        "every person of the register is in one of them or in none"
    );
    let path = office.dir.path().join("book.xlsx");
    std::fs::write(&path, document(".xlsx")).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    let sheets = calamine::Reader::sheet_names(&book);
    assert!(sheets.iter().filter(|name| name.contains("核对情况表")).count() == 4, "{sheets:?}");
    assert!(calamine::Reader::worksheets(&mut book).len() == sheets.len());

    let run = store.run(made.run.unwrap()).await.unwrap();
    let snapshot = store.snapshot(run.id).await.unwrap();
    let fresh = engine.pull(CUT_OFF, office.now(), |_| {}).await.unwrap();
    assert_eq!(snapshot.tally, fresh.tally, "as it was counted");
    let decision = ReleaseDecision { by: "组长".into(), no_send: true, ..ReleaseDecision::default() };
    let released = engine.approve(&store, &run, &decision, office.now()).await.unwrap();
    let pdf = released.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap();
    assert!(office::pdf_text(&pdf.bytes).contains("核对情况表"));
}

fn refused(edit: impl Fn(String) -> String) -> String {
    let office = office_with_rosters(edit);
    let parsed = tongbao::config::parse("office.toml", &office.text, &Default::default());
    parsed.unwrap_err().to_string()
}

#[test]
fn what_is_wrong_with_rosters_is_said_with_a_remedy() {
    let both = refused(|text| text.replace("[source.units]", "[source.roster]\n[source.units]"));
    assert!(both.contains("either [source.roster] or [source.rosters.NAME]"), "{both}");
    let twice = refused(|text| text.replace("出管中心", "出租办"));
    assert!(twice.contains("each roster needs a label of its own"), "{twice}");
    let unknown = refused(|text| text + "\n[indicators.coverage]\nroster = \"rentel\"\n");
    assert!(
        unknown.contains("no [source.rosters.rentel]; named rosters: rental, centre, police"),
        "{unknown}"
    );
    let followed = refused(|text| text.replace("[source.register]", "incremental = true\n[source.register]"));
    assert!(followed.contains("follows one roster without a name; use [source.roster]"), "{followed}");
    let table = refused(|text| text.replace("table = \"centre\"", ""));
    assert!(table.contains("source.rosters.centre") && table.contains("needs a table or a query"), "{table}");

    let office = office_with_rosters(|text| text.replace("id_number = \"sfzh\"", "id_number = \"sfz\""));
    setting::write(office.dir.path(), &office.text);
    let run = |command: &str| setting::tongbao(office.dir.path(), &["--config", "tongbao.toml", command]);
    let problem = setting::stderr(&run("rates"));
    let expected = "roster police: source.rosters: there is no column \"sfz\"; did you mean \"sfzh\"?";
    assert!(problem.contains(expected), "{problem}");
    assert!(setting::stdout(&run("check")).contains(expected));
}
