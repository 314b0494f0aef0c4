//! What a reader with a pocket calculator finds: every printed sum and difference holds, whatever the
//! campaign; and nobody is praised or left out without a reason.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::civil::{Date, date};
use num_rational::Ratio;
use tongbao::config::settings::{CoverageMethod, Deduction, Indicator, Settings, Target, Veto, Weights};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::tally::{Bucket, Tally};
use tongbao::ranking::results::{Results, Rules};
use tongbao::ranking::snapshot::Snapshot;
use tongbao::register::batch::days_since_epoch;
use tongbao::register::unit::{Unit, Units};
use tongbao::report::compose::compose;
use tongbao::report::document::Table;
use tongbao::report::model::{Composition, Issue};
use tongbao::report::series::{self, Series, Sources};
use tongbao::schedule::period::Period;

use crate::support::figures::counts_of;
use crate::support::setting;

const EARLIER: Period = Period { from: date(2016, 6, 6), to: date(2016, 6, 12) };
const NOW: Period = Period { from: date(2016, 6, 13), to: date(2016, 6, 19) };

fn settings() -> Settings {
    setting::settings("sqlite:x.db", &std::env::temp_dir())
}

/// A unit of a made-up campaign: roster or baseline, and the records of two weeks.
#[derive(Clone)]
struct Village {
    kind: &'static str,
    expected: u64,
    weeks: [Counts; 2],
}

fn village(kind: &'static str, expected: u64, records: u64, complete: u64) -> Village {
    Village { kind, expected, weeks: [counts_of([records, complete, complete]), Counts::default()] }
}

fn snapshot(villages: &[Village], method: CoverageMethod) -> Snapshot {
    let unit = |(i, village): (usize, &Village)| Unit {
        code: format!("44011800{i:04}"),
        name: format!("第{i}{}", village.kind),
        kind: village.kind.into(),
        parent: None,
    };
    let units: Vec<Unit> = villages.iter().enumerate().map(unit).collect();
    let mut tally = Tally::default();
    let mut baseline = BTreeMap::new();
    for ((i, village), unit) in (0..).zip(villages).zip(&units) {
        let at = |day: Option<Date>| Bucket { unit: Some(i), day: day.map(days_since_epoch) };
        if method == CoverageMethod::Roster {
            tally.add(at(None), &Counts { roster: village.expected, ..Counts::default() });
        } else {
            baseline.insert(unit.code.clone(), village.expected);
        }
        tally.add(at(Some(EARLIER.from)), &village.weeks[0]);
        tally.add(at(Some(NOW.from)), &village.weeks[1]);
    }
    let pulled_at = jiff::Timestamp::UNIX_EPOCH;
    Snapshot { units: Units::new(units).unwrap(), tally, baseline, pulled_at }
}

/// Both periods of a campaign, the second compared with the first.
fn results(settings: &Settings, villages: &[Village]) -> [Results; 2] {
    let snapshot = snapshot(villages, settings.indicators.coverage.method);
    let rules =
        Rules { indicators: &settings.indicators, scoring: &settings.scoring, ranking: &settings.ranking };
    let earlier = Results::new(&snapshot, EARLIER, rules, None);
    let now = Results::new(&snapshot, NOW, rules, Some(&earlier));
    [earlier, now]
}

/// A table as the weekly report of these settings has it.
pub fn table(settings: &Settings, results: &Results, name: &str) -> Table {
    take(&mut tables(settings, results), name)
}

fn take(tables: &mut BTreeMap<String, Series>, name: &str) -> Table {
    match tables.remove(name) {
        Some(Series::Table(table)) => table,
        other => panic!("{name}: {other:?}"),
    }
}

fn tables(settings: &Settings, results: &Results) -> BTreeMap<String, Series> {
    let sources = Sources {
        results,
        indicators: &settings.indicators,
        scoring: &settings.scoring,
        ranking: &settings.ranking,
        trend: &[],
        is_round: false,
        language: settings.reports["weekly"].language,
    };
    series::all(sources)
}

fn composition(settings: &Settings, report: &str, results: &Results) -> Composition {
    let issue = Issue { date: NOW.to, round: 1, ..Issue::default() };
    compose(settings, &settings.reports[report], results, &[], &issue)
}

/// Hundredths of a printed figure; `None` for — and texts.
fn hundredths(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches('%');
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, digits.trim_start_matches('+')),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "00"));
    Some(sign * (whole.parse::<i64>().ok()? * 100 + rest.parse::<i64>().ok()?))
}

fn column(table: &Table, head: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.head == head)
}

/// The figure in a row below a head.
fn figure(table: &Table, row: usize, head: &str) -> Option<i64> {
    hundredths(&table.rows[row].cells[column(table, head)?].text)
}

fn random_village(rng: &mut Rng) -> Village {
    let mut week = || {
        let records = rng.u64(0..40);
        counts_of([records, rng.u64(0..=records), rng.u64(0..=records)])
    };
    let weeks = [week(), week()];
    let all = weeks[0].records + weeks[1].records;
    let kind = if rng.bool() { "村" } else { "社区" };
    Village { kind, expected: all + rng.u64(0..30), weeks }
}

fn random_rules(rng: &mut Rng, settings: &mut Settings) {
    let coverage = Ratio::new(rng.u64(0..=10_000), 100);
    let completeness = Ratio::new(rng.u64(0..=(Ratio::from_integer(100) - coverage).to_integer() * 4), 4);
    let accuracy = Ratio::from_integer(100) - coverage - completeness;
    settings.scoring.weights = Weights { coverage, completeness, accuracy };
    let mut target = || Target(Ratio::new(rng.u64(1..=1_000), 1_000));
    settings.indicators.coverage.target = target();
    settings.indicators.completeness.target = target();
    settings.indicators.accuracy.target = target();
    let below = target();
    settings.scoring.vetoes = match rng.u8(..4) {
        0 => vec![Veto { indicator: Indicator::Accuracy, below, reason: "过低".into() }],
        _ => Vec::new(),
    };
    let deduction = |unit: String, rng: &mut Rng| Deduction {
        unit,
        points: Ratio::new(rng.u64(1..400), [1, 2, 8, 100][rng.usize(..4)]),
        reason: "迟报".into(),
    };
    let count = rng.usize(..3);
    settings.scoring.deductions =
        (0..count).map(|_| deduction(format!("44011800{:04}", rng.u64(..4)), rng)).collect();
}

#[test]
fn printed_sums_and_differences_hold_in_ten_thousand_campaigns() {
    let mut rng = Rng::with_seed(15);
    let mut settings = settings();
    let mut compared = 0;
    for campaign in 0..10_000 {
        random_rules(&mut rng, &mut settings);
        let villages: Vec<Village> = (0..rng.usize(1..6)).map(|_| random_village(&mut rng)).collect();
        let [earlier, now] = results(&settings, &villages);
        let place = |what: &str, row: usize| format!("campaign {campaign}, {what}, row {row}");
        let mut all = tables(&settings, &now);
        let scores = take(&mut all, "scores");
        let mut last = i64::MAX;
        for row in 0..scores.rows.len() {
            let Some(total) = figure(&scores, row, "得分") else { continue };
            let parts =
                ["覆盖率得分", "完整率得分", "准确率得分"].map(|head| figure(&scores, row, head).unwrap());
            let sum = parts.iter().sum::<i64>() - figure(&scores, row, "扣分").unwrap_or(0);
            let is_vetoed = scores.rows[row].cells.iter().any(|cell| cell.text.contains("一票否决"));
            if !is_vetoed {
                assert_eq!(total, sum.max(0), "{}", place("scores", row));
            }
            // A better rank never has a smaller score.
            assert!(total <= last, "{}", place("order of scores", row));
            last = total;
        }
        for (name, heads) in [
            ("progress", &["应登记", "已覆盖"][..]),
            ("unit_fields", &["记录数", "姓名", "户口性质"]),
            ("unit_relations", &["记录数", "全部相符"]),
        ] {
            let table = all[name].clone();
            let Series::Table(table) = table else { panic!("{name}") };
            let total = table.rows.len() - 1;
            for head in heads {
                let sum: i64 = (0..total).map(|row| figure(&table, row, head).unwrap()).sum();
                assert_eq!(figure(&table, total, head).unwrap(), sum, "{} {head}", place(name, total));
            }
        }
        let indicators = take(&mut all, "indicators");
        for row in 0..3 {
            let [now, before, change] =
                ["本期", "上期", "变化（百分点）"].map(|head| figure(&indicators, row, head));
            if let (Some(now), Some(before)) = (now, before) {
                assert_eq!(change, Some(now - before), "{}", place("indicators", row));
                compared += 1;
            }
        }
        let (was, is) = (table(&settings, &earlier, "progress"), take(&mut all, "progress"));
        for row in 0..is.rows.len() {
            let [now, before] = [&is, &was].map(|table| figure(table, row, "覆盖率"));
            if let (Some(now), Some(before)) = (now, before) {
                assert_eq!(figure(&is, row, "较上期"), Some(now - before), "{}", place("progress", row));
            }
        }
    }
    assert!(compared > 20_000, "{compared}");
}

#[test]
fn parts_of_a_score_add_up_where_each_rounded_alone_would_not() {
    // 40 × 953/1001, 30 × 845/1000/0.85, 30: 38.08, 29.82, 30.00 in all 97.90.
    let settings = settings();
    let mut village = village("村", 1001, 953, 0);
    village.weeks[0].complete = 805;
    village.weeks[0].accurate = 900;
    let [_, now] = results(&settings, &[village]);
    let scores = table(&settings, &now, "scores");
    let sum: i64 =
        ["覆盖率得分", "完整率得分", "准确率得分"].iter().map(|head| figure(&scores, 0, head).unwrap()).sum();
    assert_eq!(figure(&scores, 0, "得分"), Some(sum));
}

fn names(list: &[tongbao::report::model::UnitModel]) -> Vec<&str> {
    list.iter().map(|unit| unit.name.as_str()).collect()
}

#[test]
fn only_units_with_a_reason_are_praised() {
    let mut settings = settings();
    // The campaign has ended: only those that passed.
    settings.campaign.phases.truncate(1);
    settings.campaign.phases[0].to = EARLIER.to;
    let passes = village("村", 100, 100, 100);
    let fails = village("村", 100, 50, 20);
    let of = |settings: &Settings, villages: &[Village]| {
        let [_, now] = results(settings, villages);
        composition(settings, "ranking", &now)
    };
    let nobody = of(&settings, &[fails.clone(), fails.clone(), fails.clone()]);
    assert_eq!(nobody.model.commended.len(), 0, "all tied, all failing");
    assert_eq!(nobody.model.reminded.len(), 0, "no last place among equals");
    let worse = village("村", 100, 40, 10);
    let some = of(&settings, &[passes.clone(), fails.clone(), fails.clone(), worse.clone()]);
    assert_eq!(names(&some.model.commended), ["第0村"]);
    assert_eq!(names(&some.model.reminded), ["第3村"]);
    let small = of(&settings, &[passes.clone(), fails.clone()]);
    assert_eq!(small.model.commended.len(), 0, "half of two is more than a third");
    // While it runs, the leader in score and coverage is named, and still not commended below a target.
    settings.campaign.phases[0].to = date(2016, 7, 7);
    let leads = village("村", 100, 80, 20);
    let running = of(&settings, &[leads, fails.clone(), worse.clone()]);
    assert_eq!(names(&running.model.named.praised), ["第0村"]);
    assert!(running.model.commended.is_empty(), "{:?}", names(&running.model.commended));
    settings.scoring.vetoes =
        vec![Veto {
            indicator: Indicator::Coverage, below: Target(Ratio::new(1, 1)), reason: "过低".into()
        }];
    let vetoed = of(&settings, &[fails.clone(), fails.clone(), fails]);
    assert_eq!(vetoed.model.commended.len() + vetoed.model.named.praised.len(), 0);
}

#[test]
fn who_registers_nobody_is_last_by_name() {
    let settings = settings();
    let villages = [village("村", 60, 0, 0), village("村", 100, 40, 10), village("村", 50, 45, 45)];
    let [_, now] = results(&settings, &villages);
    let ranks: Vec<_> = now.units.iter().map(|unit| unit.rank).collect();
    assert_eq!(ranks, [Some(3), Some(2), Some(1)]);
    let composition = composition(&settings, "ranking", &now);
    assert_eq!(composition.model.silent, ["第0村"]);
    let note = table(&settings, &now, "ranking 村").note.unwrap();
    assert!(note.contains("第0村截至6月19日没有登记记录"), "{note}");
}

#[test]
fn more_than_expected_asks_for_a_look_at_the_baseline() {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    let villages = [
        village("村", 60, 83, 83),
        village("村", 100, 90, 85),
        village("村", 50, 10, 9),
        village("村", 0, 5, 5),
    ];
    let mut snapshot_villages = villages.to_vec();
    let [_, now] = results(&settings, &snapshot_villages);
    let composition = composition(&settings, "ranking", &now);
    assert_eq!(names(&composition.model.exceeding), ["第0村"]);
    assert!(!names(&composition.model.commended).contains(&"第0村"));
    let progress = table(&settings, &now, "progress");
    assert!(progress.note.unwrap().contains("第0村登记人数高于应登记底数"));
    // The registered persons of a unit without baseline are shown, and said to be outside the total.
    assert_eq!(figure(&table(&settings, &now, "progress"), 3, "已覆盖"), Some(500));
    snapshot_villages.truncate(3);
    let [_, now] = results(&settings, &snapshot_villages);
    assert!(!table(&settings, &now, "progress").note.unwrap_or_default().contains("不计入合计"));
}

#[test]
fn the_gap_the_reason_and_the_next_place_are_computed() {
    let settings = settings();
    let mut villages = vec![village("村", 1000, 400, 400), village("村", 100, 90, 90)];
    villages.extend([village("村", 100, 80, 80), village("村", 100, 95, 95), village("村", 100, 99, 99)]);
    let [_, now] = results(&settings, &villages);
    let composition = composition(&settings, "ranking", &now);
    let gap = composition.model.gap.unwrap();
    // 600 of 600 + 10 + 20 + 5 + 1.
    assert_eq!((gap.missing, names(&gap.holders)), (636, vec!["第0村"]));
    assert_eq!(gap.share, "94.34%");
    // 第3村 is second; 5 more would give it full marks, and 5 are needed to pass 99 of 100.
    let third = composition.model.units.iter().find(|unit| unit.name == "第3村").unwrap();
    assert_eq!(third.next.as_ref().map(|next| (next.rank, next.persons)), Some((1, 5)));
}
