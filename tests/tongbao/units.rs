//! The unit tree and its successions: every level adds up, and a merger is nothing but other codes.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tongbao::config::settings::{CoverageMethod, Indicators, Level, Settings};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::figures::Figures;
use tongbao::indicator::rate::Rate;
use tongbao::indicator::tally::{Bucket, Tally};
use tongbao::indicator::tallying::{Tallier, finish};
use tongbao::pipeline::{Engine, ReleaseDecision, Request};
use tongbao::ranking::movement::Movement;
use tongbao::ranking::results::{Results, Rules};
use tongbao::ranking::snapshot::Snapshot;
use tongbao::ranking::unit_result::UnitResult;
use tongbao::register::succession::ListedUnit;
use tongbao::register::unit::{Unit, Units};
use tongbao::report::{canonical, json, json_stream};
use tongbao::schedule::period::Period;

use crate::laws::{CUT_OFF, batch};
use crate::support::defects::{self, UNITS};
use crate::support::law::{cases, rng};
use crate::support::naive::Record;
use crate::support::{figures, office, setting};

const PERIOD: Period = Period { from: date(2016, 6, 13), to: CUT_OFF };
const SOME_DAY: i32 = 16_960;

fn settings() -> Settings {
    setting::settings("sqlite:x.db", &tempfile::tempdir().unwrap().keep())
}

fn results(snapshot: &Snapshot, settings: &Settings, before: Option<&Results>) -> Results {
    let Settings { indicators, scoring, ranking, .. } = settings;
    Results::new(snapshot, PERIOD, Rules { indicators, scoring, ranking }, before)
}

fn snapshot(units: Units, tally: Tally) -> Snapshot {
    Snapshot { units, tally, baseline: BTreeMap::new(), pulled_at: jiff::Timestamp::UNIX_EPOCH }
}

fn unit(code: &str, parent: Option<&str>, kind: &str) -> Unit {
    let parent = parent.map(str::to_owned);
    Unit { code: code.into(), name: format!("{code}{kind}"), kind: kind.into(), parent }
}

/// Units of which each stands at the top or below one listed before, in any order.
fn random_tree(rng: &mut Rng, count: usize) -> Vec<Unit> {
    let mut codes: Vec<String> = (100..100 + count).map(|i| i.to_string()).collect();
    rng.shuffle(&mut codes);
    let parent = |rng: &mut Rng, i: usize| (i > 0 && rng.u8(..4) > 0).then(|| codes[rng.usize(..i)].clone());
    let kinds = ["街道", "村", "社区", "组"];
    let mut list: Vec<Unit> = (0..count)
        .map(|i| unit(&codes[i], parent(rng, i).as_deref(), kinds[rng.usize(..kinds.len())]))
        .collect();
    rng.shuffle(&mut list);
    list
}

/// Counts by code and day, some of them before and some after the cut-off.
fn random_counts(rng: &mut Rng, list: &[Unit]) -> BTreeMap<(String, Option<i32>), Counts> {
    let mut out = BTreeMap::new();
    for unit in list {
        for _ in 0..rng.usize(..4) {
            let day = [None, Some(SOME_DAY + rng.i32(-30..60))][rng.usize(..2)];
            let mut counts = figures::counts(rng, 50);
            counts.covered = counts.covered.min(counts.roster);
            counts.covered_own = counts.covered_own.min(counts.covered);
            out.insert((unit.code.clone(), day), counts);
        }
    }
    out
}

fn tally_of(units: &Units, counts: &BTreeMap<(String, Option<i32>), Counts>) -> Tally {
    let mut tally = Tally::default();
    for ((code, day), counts) in counts {
        tally.add(Bucket { unit: units.position(code), day: *day }, counts);
    }
    tally
}

/// Whether `code` is `above` or is below it, by the parents as they are written.
fn lies_within(list: &[Unit], code: &str, above: &str) -> bool {
    let parent = |code: &str| list.iter().find(|unit| unit.code == code).and_then(|u| u.parent.clone());
    let mut at = Some(code.to_owned());
    while let Some(code) = at {
        if code == above {
            return true;
        }
        at = parent(&code);
    }
    false
}

fn sum<'a>(counts: impl Iterator<Item = &'a Counts>) -> Counts {
    counts.fold(Counts::default(), |mut sum, counts| {
        sum += counts;
        sum
    })
}

#[test]
fn json_of_many_units_is_made_in_parts_as_in_one_piece() {
    let (settings, mut rng) = (settings(), Rng::with_seed(71));
    for count in [0, 1, 64, 65, 300] {
        let mut list = random_tree(&mut rng, count);
        if let Some(first) = list.first_mut() {
            first.name = "\n  \"units\": [".to_owned();
        }
        let counts = random_counts(&mut rng, &list);
        let units = Units::new(list).unwrap();
        let tally = tally_of(&units, &counts);
        let results = results(&snapshot(units, tally), &settings, None);
        let mut written = Vec::new();
        json_stream::write(&mut written, &results, &settings.indicators).unwrap();
        let mut whole = json::figures(&results, &settings.indicators);
        whole["definitions"] = canonical::json(&settings.indicators);
        let whole = serde_json::to_string_pretty(&whole).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), whole, "{count} units");
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_unit_of_a_random_tree_is_the_sum_of_its_leaves(count in 1_usize..40, mut rng in rng()) {
        let settings = settings();
        let cut_off = tongbao::register::batch::days_since_epoch(CUT_OFF);
        let mut list = random_tree(&mut rng, count);
        let counts = random_counts(&mut rng, &list);
        let of = |list: &[Unit]| {
            let units = Units::new(list.to_vec()).unwrap();
            let tally = tally_of(&units, &counts);
            results(&snapshot(units, tally), &settings, None)
        };
        let whole = of(&list);
        let counted = counts.iter().filter(|((_, day), _)| day.is_none_or(|day| day <= cut_off));
        let counted: Vec<_> = counted.collect();
        for u in &whole.units {
            let below = counted.iter().filter(|((code, _), _)| lies_within(&list, code, &u.unit.code));
            assert_eq!(u.figures.counts, sum(below.map(|(_, counts)| *counts)), "{}", u.unit.code);
        }
        let all = sum(counted.iter().map(|(_, counts)| *counts));
        assert_eq!(whole.totals.counts, all, "no record is lost and none counts twice");
        assert_eq!(whole.totals.coverage, Rate::new(all.covered, all.roster));
        // The depth of each is told by its own chain, and a unit below comes after it.
        for (i, u) in whole.units.iter().enumerate() {
            let above = whole.units.iter().filter(|a| lies_within(&list, &u.unit.code, &a.unit.code));
            assert_eq!(above.clone().count() as u32, u.level);
            let first = |a: &UnitResult| whole.units.iter().position(|b| b.unit.code == a.unit.code);
            assert!(above.into_iter().all(|a| first(a) <= Some(i)));
        }
        rng.shuffle(&mut list);
        assert_eq!(said(&of(&list)), said(&whole), "the order of the unit list is irrelevant");
    }
}

/// Code, figures, new records and places of a unit.
type Said = (String, Arc<Figures>, u64, [Option<u32>; 2]);

/// What results say of each unit, in order.
fn said(results: &Results) -> Vec<Said> {
    let line =
        |u: &UnitResult| (u.unit.code.clone(), u.figures.clone(), u.new_records, [u.rank, u.rank_in_group]);
    results.units.iter().map(line).collect()
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_level_is_ranked_as_if_it_were_the_whole_list(
        count in 1_usize..40,
        depth in prop::option::of(1_u32..4),
        mut rng in rng(),
    ) {
        let mut settings = settings();
        let list = random_tree(&mut rng, count);
        let units = Units::new(list.clone()).unwrap();
        let tally = tally_of(&units, &random_counts(&mut rng, &list));
        let level = depth.map_or_else(|| Level::Kinds(vec!["村".into(), "社区".into()]), Level::Depth);
        settings.ranking.level = Some(level.clone());
        let whole = results(&snapshot(units.clone(), tally), &settings, None);
        let is_meant = |u: &&UnitResult| match &level {
            Level::Depth(depth) => u.level == *depth,
            Level::Kinds(kinds) => kinds.contains(&u.unit.kind),
        };
        let meant: Vec<&UnitResult> = whole.units.iter().filter(is_meant).collect();
        assert!(whole.units.iter().all(|u| u.is_assessed == is_meant(&u)));
        assert!(whole.units.iter().filter(|u| !u.is_assessed).all(|u| u.rank.is_none() && u.score.is_none()));
        // The same figures as the counts of a flat list, ranked without any level.
        let flat = meant.iter().map(|u| Unit { parent: None, ..u.unit.clone() });
        let Ok(flat) = Units::new(flat.collect()) else { panic!() };
        let mut tally = Tally::default();
        for u in &meant {
            tally.add(Bucket { unit: flat.position(&u.unit.code), day: None }, &u.figures.counts);
        }
        settings.ranking.level = None;
        let alone = results(&snapshot(flat, tally), &settings, None);
        // Who stands above others is not ranked with them.
        let is_nested = whole.are_nested();
        let places = |u: &UnitResult| {
            let rank = if is_nested { u.rank_in_group } else { u.rank };
            (u.unit.code.clone(), rank, u.rank_in_group, u.score.clone())
        };
        let mut expected: Vec<_> = alone.units.iter().map(places).collect();
        let mut ranked: Vec<_> = meant.into_iter().map(places).collect();
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        ranked.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(ranked, expected);
    }
}

#[test]
fn a_baseline_of_a_unit_stands_for_all_below_it() {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    let list = vec![
        unit("a", None, "村"),
        unit("a1", Some("a"), "组"),
        unit("a2", Some("a"), "组"),
        unit("b", None, "村"),
        unit("b1", Some("b"), "组"),
        unit("b2", Some("b"), "组"),
    ];
    let units = Units::new(list).unwrap();
    let mut tally = Tally::default();
    for i in 0..6 {
        let counts = Counts { records: 10, persons: 10, ..Counts::default() };
        tally.add(Bucket { unit: Some(i), day: None }, &counts);
    }
    let baseline = [("a".to_owned(), 40), ("a1".to_owned(), 12), ("b1".to_owned(), 20)].into();
    let whole = results(&Snapshot { baseline, ..snapshot(units, tally) }, &settings, None);
    let coverage = |code: &str| whole.units.iter().find(|u| u.unit.code == code).unwrap().figures.coverage;
    assert_eq!(coverage("a"), Rate::new(30, 40), "its own, for the whole village");
    assert_eq!(coverage("a1"), Rate::new(10, 12));
    assert_eq!(coverage("a2"), Rate::new(10, 0), "its persons are shown, and count for nobody");
    assert_eq!(coverage("b"), Rate::new(10, 20), "those below that have one");
    assert_eq!(whole.totals.coverage, Rate::new(40, 60));
}

fn tally_of_register(
    units: Units,
    records: &[Record],
    roster: &[(String, Option<String>)],
    rules: &Indicators,
) -> Tally {
    let mut tallier = Tallier::new(Arc::new(units), rules, CUT_OFF, None);
    for (unit, id) in roster {
        tallier.add_roster(0, Some(unit.as_bytes()), id.as_deref().map(str::as_bytes));
    }
    tallier.add(&batch(records)).unwrap();
    finish(vec![tallier]).unwrap()
}

fn listed(code: &str, end: Option<(Date, &str)>) -> ListedUnit {
    let successor = end.map(|(_, code)| code.to_owned());
    let unit = unit(code, None, "村");
    ListedUnit { unit, valid_from: None, valid_to: end.map(|(day, _)| day), successor }
}

#[test]
fn a_merger_equals_the_same_register_with_codes_replaced_beforehand() {
    let rules = settings().indicators;
    let end = |day| Some((day, UNITS[1]));
    let list = vec![
        // Two steps for the first; the last ends after the cut-off and goes on.
        listed(UNITS[0], Some((date(2016, 5, 1), UNITS[2]))),
        listed(UNITS[1], None),
        listed(UNITS[2], end(date(2016, 6, 19))),
        listed(UNITS[3], None),
        listed(UNITS[4], end(CUT_OFF)),
    ];
    // Some records name their unit by name or with marks around its code.
    let heir = |code: &str| match UNITS.iter().position(|unit| code.contains(unit)) {
        Some(0 | 2) => UNITS[1].to_owned(),
        _ => code.to_owned(),
    };
    for seed in 0..4 {
        let records = defects::records(seed, 2_000);
        let roster = defects::roster(seed + 50, &records);
        let merged = Units::at(list.clone(), CUT_OFF).unwrap();
        assert_eq!(merged.len(), 3);
        let left = Units::new(merged.list().to_vec()).unwrap();
        let mut replaced = records.clone();
        for record in &mut replaced {
            record.unit = record.unit.take().map(|code| heir(&code));
        }
        let new_roster: Vec<_> = roster.iter().map(|(unit, id)| (heir(unit), id.clone())).collect();
        let by_date = tally_of_register(merged, &records, &roster, &rules);
        let beforehand = tally_of_register(left, &replaced, &new_roster, &rules);
        assert_eq!(by_date, beforehand);
        let ended = |record: &&Record| {
            record
                .unit
                .as_deref()
                .is_some_and(|code| [UNITS[0], UNITS[2]].iter().any(|unit| code.contains(unit)))
        };
        assert!(records.iter().filter(ended).count() > 400, "there is something to merge");
    }
}

#[test]
fn a_person_below_the_roster_s_unit_is_found_with_it() {
    let rules = settings().indicators;
    let units = || {
        let list = [("v", None), ("v1", Some("v")), ("w", None)];
        Units::new(list.map(|(code, parent)| unit(code, parent, "村")).into()).unwrap()
    };
    let id = "440118200101010011";
    let found = |record: &str, roster: &str| {
        let record = Record { unit: Some(record.into()), id: Some(id.into()), ..Record::default() };
        let roster = [(roster.to_owned(), Some(id.to_owned()))];
        let tally = tally_of_register(units(), &[record], &roster, &rules);
        let counts = tally.until(units().position(&roster[0].0), SOME_DAY);
        (counts.roster, counts.covered, counts.covered_own)
    };
    assert_eq!(found("v1", "v"), (1, 1, 1), "a dormitory below the village");
    assert_eq!(found("v", "v"), (1, 1, 1));
    assert_eq!(found("v", "v1"), (1, 1, 0), "above is elsewhere");
    assert_eq!(found("w", "v"), (1, 1, 0));
}

/// A run with so many complete records of 100 in each unit.
fn run(units: Units, complete: &[(&str, u64)], before: Option<&Results>) -> Results {
    let mut tally = Tally::default();
    for (code, complete) in complete {
        let counts = Counts {
            records: 100,
            complete: *complete,
            judged: 100,
            accurate: *complete,
            roster: 100,
            covered: *complete,
            covered_own: *complete,
            ..Counts::default()
        };
        tally.add(Bucket { unit: units.position(code), day: None }, &counts);
    }
    results(&snapshot(units, tally), &settings(), before)
}

#[test]
fn a_renamed_unit_keeps_its_place_and_a_merged_one_is_compared_with_all_it_was() {
    let flat =
        |codes: &[&str]| Units::new(codes.iter().map(|code| unit(code, None, "村")).collect()).unwrap();
    let before = run(flat(&["a", "b", "c", "d"]), &[("a", 10), ("b", 20), ("c", 30), ("d", 40)], None);
    let ended = Some(date(2016, 6, 1));
    let row = |code: &str, to: Option<Date>, successor: Option<&str>| ListedUnit {
        valid_to: to,
        successor: successor.map(str::to_owned),
        ..listed(code, None)
    };
    // a is renamed to x; b and c are merged into y; d takes nobody over.
    let list = vec![
        row("a", ended, Some("x")),
        row("b", ended, Some("y")),
        row("c", ended, Some("y")),
        row("d", None, None),
        row("x", None, None),
        row("y", None, None),
    ];
    let units = Units::at(list, CUT_OFF).unwrap();
    let now = run(units, &[("x", 90), ("b", 20), ("c", 30), ("d", 40)], Some(&before));
    let of = |code: &str| now.units.iter().find(|u| u.unit.code == code).unwrap();
    assert_eq!((of("x").rank_in_group, of("x").movement), (Some(1), Movement::Up(3)));
    assert_eq!(of("x").before.as_ref().unwrap().figures.completeness, Rate::new(10, 100));
    assert_eq!(of("y").movement, Movement::New, "there was no such place");
    assert_eq!(of("y").before.as_ref().unwrap().figures.completeness, Rate::new(50, 200));
    assert_eq!(of("y").figures.completeness, Rate::new(50, 200));
    assert_eq!(of("d").movement, Movement::Down(1));
    assert_eq!(now.totals.counts.records, before.totals.counts.records);
}

#[test]
fn units_above_and_below_that_become_one_are_not_compared_twice() {
    let list = vec![unit("a", None, "村"), unit("a1", Some("a"), "组"), unit("b", None, "村")];
    let before = run(Units::new(list).unwrap(), &[("a", 10), ("a1", 20), ("b", 30)], None);
    let end = Some((date(2016, 6, 1), "a"));
    let list = vec![listed("a", None), listed("a1", end), listed("b", None)];
    let now = run(Units::at(list, CUT_OFF).unwrap(), &[("a", 10), ("a1", 20), ("b", 30)], Some(&before));
    assert_eq!(now.units[0].before.as_ref().unwrap().figures, before.units[0].figures);
    assert_eq!(now.units[0].figures.counts, before.units[0].figures.counts);
}

/// The demo's office with groups under every village and a dormitory under one of the groups.
fn office_with_groups() -> office::Office {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1_500);
    office::execute(
        &dir.path().join("register.db"),
        "ALTER TABLE unit ADD COLUMN valid_from TEXT; ALTER TABLE unit ADD COLUMN valid_to TEXT;
         ALTER TABLE unit ADD COLUMN successor TEXT;
         INSERT INTO unit SELECT code || '-' || n, name || '第' || n || '组', '组', code, NULL, NULL, NULL
           FROM unit, (SELECT 1 AS n UNION SELECT 2) WHERE kind = '村';
         INSERT INTO unit SELECT code || '-A', '宏达制衣厂员工宿舍', '宿舍', code, NULL, NULL, NULL
           FROM unit WHERE kind = '组' ORDER BY code LIMIT 1;
         UPDATE person SET village_code = village_code || '-' || (1 + rowid % 2) WHERE rowid % 3 > 0
           AND village_code IN (SELECT code FROM unit WHERE kind = '村');
         UPDATE person SET village_code = village_code || '-A' WHERE rowid % 5 = 0
           AND village_code || '-A' IN (SELECT code FROM unit);",
    );
    office::Office::on(dir, &url, "2016-07-08T01:00:00Z", |text| {
        let columns = "valid_from = \"valid_from\"\nvalid_to = \"valid_to\"\nsuccessor = \"successor\"\n";
        text.replace("[source.units]\n", &format!("[source.units]\n{columns}"))
            + "\n[ranking]\nlevel = [\"村\", \"社区\"]\n"
    })
}

async fn pull(engine: &Engine) -> Snapshot {
    engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {}).await.unwrap()
}

#[tokio::test]
async fn groups_below_the_villages_change_nothing_of_their_ranking() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1_500);
    let flat = office::Office::on(dir, &url, "2016-07-08T01:00:00Z", |text| text);
    let deep = office_with_groups();
    let of = async |office: &office::Office| {
        let engine = office.engine();
        results(&pull(&engine).await, &engine.settings, None)
    };
    let (flat, deep) = (of(&flat).await, of(&deep).await);
    let levels: Vec<u32> = deep.units.iter().map(|u| u.level).collect();
    assert!(levels.contains(&3) && deep.units.len() > 60, "{levels:?}");
    assert_eq!(deep.kinds(), flat.kinds());
    assert_eq!(deep.totals, flat.totals);
    let assessed: Vec<&UnitResult> = deep.assessed().collect();
    assert_eq!(assessed.len(), flat.units.len());
    for (deep, flat) in assessed.iter().zip(&flat.units) {
        assert_eq!(deep.unit, flat.unit);
        assert_eq!(
            (&deep.figures, deep.rank, deep.rank_in_group),
            (&flat.figures, flat.rank, flat.rank_in_group)
        );
    }
    assert_eq!(deep.verdict, flat.verdict);
}

/// A held run of the office with groups, in which the oldest village has just taken over another.
#[tokio::test]
async fn pages_lists_and_stored_runs_follow_the_tree() {
    let office = office_with_groups();
    office::execute(
        &office.dir.path().join("register.db"),
        "INSERT INTO unit SELECT '440118001299', '旧寨村', '村', parent, NULL, '2016-06-10', MIN(code)
           FROM unit WHERE kind = '村';
         UPDATE person SET village_code = '440118001299' WHERE id % 2 = 0
           AND village_code = (SELECT MIN(code) FROM unit WHERE kind = '村');
         UPDATE person SET ethnicity = NULL WHERE id % 5 < 2
           AND village_code LIKE (SELECT MIN(code) FROM unit WHERE kind = '村') || '%';
         UPDATE person SET ethnicity = NULL WHERE village_code = '440118001299';",
    );
    let engine = office.engine();
    let village = results(&pull(&engine).await, &engine.settings, None);
    let village = village.units.iter().find(|u| u.unit.kind == "村").unwrap().clone();
    let old = "email = \"office@example.test\"";
    let text = office.text.replacen(old, &format!("{old}, unit = \"{}\"", village.unit.code), 1);
    let text = text.replace("period = \"previous_week\"", "period = \"previous_week\"\nsign_off = true");
    let office = office::Office { text, ..office };
    let (engine, store) = (office.engine(), office.store().await);
    let request = Request { report: "weekly".into(), to: Some(CUT_OFF), ..Request::default() };
    let made = engine.run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    let text =
        office::pdf_text(&made.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes);
    assert!(text.contains("旧寨村截至2016年6月10日撤销，其记录计入"), "{text}");
    assert!(text.contains("上级单位的各项数据含其全部下级单位"), "{text}");
    assert!(
        text.contains("个社区") && !text.contains("全街37个单位中"),
        "those of the level, not all {}",
        made.results.units.len()
    );
    assert!(text.contains("宏达制衣厂员工宿舍"), "those below are listed too");

    let id = made.run.unwrap();
    let lists = store.corrections(id).await.unwrap();
    let list = &lists[&village.unit.code];
    let evaluator = tongbao::indicator::record_flags::RecordEvaluator::new(&engine.settings.indicators);
    let lacks = |r: &&tongbao::indicator::correction::Correction| {
        !evaluator.defects(r.contribution(), r.own).0.is_empty()
    };
    let counts = &village.figures.counts;
    assert_eq!(list.records.iter().filter(lacks).count() as u64, counts.records - counts.complete);
    let table = tongbao::report::correction::table(
        list,
        &engine.settings.indicators,
        engine.settings.campaign.language,
    );
    assert_eq!(table.columns.last().unwrap().head, "单位");
    let below = list.records.iter().filter(|record| record.unit.is_some()).count();
    assert!(below > 0 && below < list.records.len(), "{below} of {}", list.records.len());
    let own = pull(&engine).await;
    let own = own.tally.until(own.units.position(&village.unit.code), SOME_DAY);
    assert!(own.records < counts.records, "some of them lie below");

    let stored = engine.results_of(&store, &store.run(id).await.unwrap()).await.unwrap();
    assert_eq!(said(&stored), said(&made.results));
    assert_eq!(stored.successions, made.results.successions);
    let decision = ReleaseDecision { by: "组长".into(), no_send: true, ..ReleaseDecision::default() };
    let released =
        engine.approve(&store, &store.run(id).await.unwrap(), &decision, office.now()).await.unwrap();
    assert_eq!(released.documents.len(), made.documents.len());

    let only = made.results.only(&village.unit.code).unwrap();
    let codes: Vec<&str> = only.units.iter().map(|u| u.unit.code.as_str()).collect();
    assert!(codes.len() >= 3 && codes.iter().all(|code| code.starts_with(&village.unit.code)), "{codes:?}");
    assert_eq!((&only.totals, only.assessed().count()), (&*village.figures, 1));
}

#[test]
fn what_is_wrong_with_the_unit_list_is_said_with_a_remedy() {
    let office = office_with_groups();
    let said = |sql: &'static str, edit: &dyn Fn(String) -> String| {
        office::execute(&office.dir.path().join("register.db"), sql);
        setting::write(office.dir.path(), &edit(office.text.clone()));
        let run = |arguments: &[&str]| {
            setting::tongbao(office.dir.path(), &[&["--config", "tongbao.toml"], arguments].concat())
        };
        let (rates, check) = (run(&["rates"]), run(&["check"]));
        assert!(rates.status.code() == Some(1) && !check.status.success());
        let said = setting::stderr(&rates);
        let problem = said.trim().trim_start_matches("error: ").lines().next().unwrap().to_owned();
        assert!(setting::stdout(&check).contains(&problem), "check says so too: {}", setting::stdout(&check));
        problem
    };
    let as_it_is = |text: String| text;
    let level = |text: String| text.replace("level = [\"村\", \"社区\"]", "level = \"行政村\"");
    let problem = said("SELECT 1", &level);
    assert!(problem.contains("ranking.level") && problem.contains("宿舍, 村, 社区, 组"), "{problem}");
    let sql = "UPDATE unit SET valid_to = '2016-13-01' WHERE code = '440118001201'";
    let problem = said(sql, &as_it_is);
    assert!(problem.contains("valid_to of unit 440118001201 is no date"), "{problem}");
    let sql =
        "UPDATE unit SET valid_to = '2016-06-01', successor = '4401180012O2' WHERE code = '440118001201'";
    let problem = said(sql, &as_it_is);
    assert!(problem.contains("4401180012O2, which is not in the list"), "{problem}");
    let sql = "UPDATE unit SET valid_to = NULL, successor = NULL, parent = code || '-1' WHERE code = '440118001201';
               INSERT INTO unit VALUES ('440118001201-1', '', '组', '440118001201', NULL, NULL, NULL)
                 ON CONFLICT DO NOTHING";
    let problem = said(sql, &as_it_is);
    assert!(problem.contains("are above one another in a circle"), "{problem}");
}
