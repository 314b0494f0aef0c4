//! Whole documents of made-up campaigns: what one of them says, a reader cannot refute with the same
//! paper, and every page keeps the standard.

mod doubtful;
mod exact;
mod levels;
mod many_rates;
mod matrix;
mod pages;
mod places;
mod points;
mod same_paper;
mod worked_out;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::{Date, date};
use tongbao::config::settings::{
    CoverageMethod, Honours, Indicator, Report, ReportKind, ReportLanguage, Settings, Target, Veto,
};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::tally::{Bucket, Tally};
use tongbao::layout::inspection::{inspect, inspect_alphabetic};
use tongbao::layout::page::Pages;
use tongbao::ranking::results::{Results, Rules};
use tongbao::ranking::snapshot::Snapshot;
use tongbao::register::batch::days_since_epoch;
use tongbao::register::unit::{Unit, Units};
use tongbao::render::fonts::FontSet;
use tongbao::render::pdf::{PdfProperties, pdf};
use tongbao::render::readback::sheets;
use tongbao::render::summary::SummaryForms;
use tongbao::render::templates::Templates;
use tongbao::report::chart::Chart;
use tongbao::report::compose::compose;
use tongbao::report::document::{Block, Document};
use tongbao::report::honours::honours;
use tongbao::report::model::{Issue, UnitModel};
use tongbao::report::series::TrendPoint;
use tongbao::schedule::period::Period;

use crate::support::figures::counts_of;
use crate::support::setting;

const BEFORE: Date = date(2016, 6, 5);
const EARLIER: Period = Period { from: date(2016, 6, 6), to: date(2016, 6, 12) };
const NOW: Period = Period { from: date(2016, 6, 13), to: date(2016, 6, 19) };
/// Units, and the most pages that their bulletin may have, in any language.
const BULLETIN_PAGES: [(usize, usize); 4] = [(3, 5), (10, 8), (37, 10), (120, 18)];
/// When the register was read: the morning after.
const PULLED_AT: &str = "2016-06-20T08:30:00+08:00";

/// A unit: code, name, kind, the one above, persons expected, and what it has by each of the two weeks.
struct Made {
    unit: Unit,
    expected: u64,
    weeks: [Counts; 2],
}

fn made(
    code: &str,
    name: &str,
    kind: &str,
    parent: Option<&str>,
    expected: u64,
    weeks: [[u64; 3]; 2],
) -> Made {
    let unit = Unit {
        code: code.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        parent: parent.map(str::to_owned),
    };
    Made { unit, expected, weeks: weeks.map(counts_of) }
}

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::load(Path::new("/nowhere")).unwrap());

fn settings() -> Settings {
    setting::settings("sqlite:x.db", Path::new("/nowhere"))
}

/// The same with every report in English.
fn english(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    settings.reports.values_mut().for_each(|report| report.language = ReportLanguage::English);
    settings
}

/// Both weeks, the second compared with the first.
fn results(settings: &Settings, list: &[Made]) -> [Results; 2] {
    let earlier = Results::new(&snapshot(settings, list), EARLIER, rules(settings), None);
    let now = against(settings, list, &earlier);
    [earlier, now]
}

/// The second week of a register, compared with what was reported before.
fn against(settings: &Settings, list: &[Made], earlier: &Results) -> Results {
    Results::new(&snapshot(settings, list), NOW, rules(settings), Some(earlier))
}

fn rules(settings: &Settings) -> Rules<'_> {
    Rules { indicators: &settings.indicators, scoring: &settings.scoring, ranking: &settings.ranking }
}

fn snapshot(settings: &Settings, list: &[Made]) -> Snapshot {
    let units = Units::new(list.iter().map(|made| made.unit.clone()).collect()).unwrap();
    let (mut tally, mut baseline) = (Tally::default(), BTreeMap::new());
    for made in list {
        let unit = units.position(&made.unit.code);
        let mut add = |day: Option<i32>, counts: &Counts| tally.add(Bucket { unit, day }, counts);
        match settings.indicators.coverage.method {
            CoverageMethod::Roster => add(None, &Counts { roster: made.expected, ..Counts::default() }),
            CoverageMethod::Baseline => drop(baseline.insert(made.unit.code.clone(), made.expected)),
            CoverageMethod::None => {}
        }
        for (period, counts) in [EARLIER, NOW].into_iter().zip(&made.weeks) {
            add(Some(days_since_epoch(period.from)), counts);
        }
    }
    Snapshot { units, tally, baseline, pulled_at: PULLED_AT.parse().unwrap() }
}

/// Three released runs: a week in which nothing changed, and both weeks.
fn trend([earlier, now]: [&Results; 2]) -> [TrendPoint; 3] {
    let point = |day: Date, results: &Results| TrendPoint {
        label: day.to_string(),
        is_recounted: false,
        figures: results.totals.clone(),
        units: results.units.iter().map(|unit| (unit.unit.code.clone(), unit.figures.clone())).collect(),
    };
    [point(BEFORE, earlier), point(EARLIER.to, earlier), point(NOW.to, now)]
}

/// A document of a report with a number, in the second round.
fn document(settings: &Settings, report: &str, [earlier, now]: &[Results; 2]) -> Document {
    let trend = trend([earlier, now]);
    let number = if report == "weekly" { "第2期" } else { "荔街〔2016〕61号" };
    let issue = Issue { date: NOW.to, number: Some(number.into()), round: 2, ..Issue::default() };
    let report = &settings.reports[report];
    TEMPLATES.document(report, &compose(settings, report, now, &trend, &issue)).unwrap()
}

/// The page of a report that goes to one unit, in the second round.
fn unit_page(settings: &Settings, report: &str, [earlier, now]: &[Results; 2], code: &str) -> Document {
    let templates = Templates::load(Path::new("/nowhere")).unwrap();
    let kind = ReportKind::Own("unit".to_owned());
    let report = Report { kind, ..settings.reports[report].clone() };
    let (earlier, now) = (earlier.only(code).unwrap(), now.only(code).unwrap());
    let trend = trend([&earlier, &now]);
    let issue = Issue { date: NOW.to, round: 2, ..Issue::default() };
    templates.document(&report, &compose(settings, &report, &now, &trend, &issue)).unwrap()
}

/// 领导摘要 of the bulletin with its pages, in the form that is printed.
fn summary(settings: &Settings, now: &Results) -> (Document, Pages) {
    let kind = ReportKind::Own("summary".to_owned());
    let report = Report { kind, ..settings.reports["weekly"].clone() };
    let issue = Issue { date: NOW.to, number: Some("第2期".into()), round: 1, ..Issue::default() };
    let composition = compose(settings, &report, now, &[], &issue);
    SummaryForms::new(&TEMPLATES, &report, &composition).unwrap().on_one_page(&*FONTS).unwrap()
}

/// The text of a document up to its annexes, paragraph by paragraph.
fn text(document: &Document) -> String {
    let is_text = |block: &&Block| !matches!(block, Block::Attachment { .. });
    let lines = document.blocks.iter().take_while(is_text).filter_map(|block| match block {
        Block::Heading { text, .. } | Block::Paragraph(text) => {
            Some(text.iter().map(|span| span.text.as_str()).collect::<String>() + "\n")
        }
        _ => None,
    });
    lines.collect()
}

fn said(settings: &Settings, report: &str, list: &[Made]) -> String {
    text(&document(settings, report, &results(settings, list)))
}

static FONTS: LazyLock<FontSet> = LazyLock::new(|| FontSet::load(&settings().fonts).unwrap());

fn written(document: &Document) -> Vec<u8> {
    let properties = PdfProperties {
        title: "题".into(),
        author: "者".into(),
        language: document.head.language.clone(),
        created: jiff::Timestamp::UNIX_EPOCH,
    };
    pdf(document, &FONTS, &properties).unwrap()
}

/// Villages and communities of every quality.
fn campaign(units: usize, name: impl Fn(usize) -> String) -> Vec<Made> {
    let one = |i: usize| {
        let (expected, n) = (60 + (i as u64 * 37) % 90, i as u64);
        let records = expected * (40 + n * 7 % 45) / 100;
        let good = records * (70 + n * 11 % 30) / 100;
        let weeks = [[records / 2, good / 2, good / 2], [records - records / 2, good - good / 2, good / 2]];
        let kind = if i.is_multiple_of(3) { "社区" } else { "村" };
        made(&format!("4401180{i:05}"), &format!("{}{kind}", name(i)), kind, None, expected, weeks)
    };
    (0..units).map(one).collect()
}

#[test]
fn units_of_one_name_are_told_apart_and_nobody_is_missed_twice() {
    let settings = settings();
    let mut list = Vec::new();
    for (code, village) in
        [("1", "荔湖村"), ("2", "桃园村"), ("3", "三联村"), ("4", "西瓜岭村"), ("5", "廖村")]
    {
        list.push(made(code, village, "村", None, 0, [[0; 3]; 2]));
        for (below, group) in [("1", "一组"), ("2", "二组")] {
            let code_below = format!("{code}{below}");
            let n = 10 + code.parse::<u64>().unwrap() * 5;
            let weeks = [[n, n, n - 2], [n / 3, n / 3, n / 4]];
            list.push(made(&code_below, group, "组", Some(code), 100, weeks));
        }
    }
    list.push(made("59", "河边组", "组", Some("5"), 100, [[50, 40, 40], [40, 40, 40]]));
    let results = results(&settings, &list);
    let [_, now] = &results;
    let covered = now.totals.coverage;
    let bulletin = text(&document(&settings, "weekly", &results));
    let missing = covered.denominator - covered.numerator;
    assert!(bulletin.contains(&format!("尚有{missing}人未覆盖。")), "{bulletin}");
    let paper = document(&settings, "ranking", &results);
    let ranking = text(&paper);
    for name in ["荔湖村一组", "廖村河边组"] {
        assert!(format!("{paper:?}").contains(name), "{name} in {paper:?}");
    }
    assert!(!ranking.contains("、一组") && !ranking.contains("为一组"), "{ranking}");
}

#[test]
fn what_is_above_its_baseline_does_not_make_up_for_others() {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    let mut list = campaign(6, |i| format!("第{i}"));
    list[0].expected = 20;
    let ranking = said(&settings, "ranking", &list);
    assert!(ranking.contains("登记人数高于应登记底数，应核实底数和重复登记"), "{ranking}");
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("高于底数的单位不与其他单位相抵"), "{bulletin}");
}

#[test]
fn a_reason_is_one_that_the_figures_bear_out() {
    let mut settings = settings();
    settings.scoring.vetoes = vec![Veto {
        indicator: Indicator::Coverage,
        below: Target(num_rational::Ratio::new(1, 2)),
        reason: "覆盖率低于50%".into(),
    }];
    let of = |name: &str, weeks| made(name, name, "村", None, 100, weeks);
    let list = [
        of("甲村", [[60, 60, 60], [30, 30, 30]]),
        // Out of the veto.
        of("乙村", [[30, 30, 30], [30, 30, 30]]),
        // The share rises, the count of inaccurate records does not change.
        of("丙村", [[60, 60, 50], [39, 39, 39]]),
        // Under the veto both times, with fewer accurate records: no points decide between these two.
        of("丁村", [[20, 20, 20], [10, 10, 0]]),
        of("戊村", [[20, 20, 10], [15, 15, 15]]),
        of("己村", [[55, 50, 54], [1, 1, 1]]),
    ];
    let ranking = said(&settings, "ranking", &list);
    assert!(!ranking.contains("由10减至10") && !ranking.contains("变为"), "{ranking}");
    assert!(ranking.contains("乙村（上升") && ranking.contains("一票否决情形已消除"), "{ranking}");
    let fell = ranking.split("丁村（下降").nth(1).unwrap();
    assert!(!fell.split('）').next().unwrap().contains("准确率"), "{ranking}");
    let notes: Vec<String> = document(&settings, "ranking", &results(&settings, &list))
        .blocks
        .iter()
        .filter_map(|block| if let Block::Table(table) = block { table.note.clone() } else { None })
        .collect();
    assert!(notes.iter().any(|note| note.contains("戊村、丁村一票否决，计0分：覆盖率低于50%")), "{notes:?}");
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("（0.00分，一票否决：覆盖率低于50%）"), "{bulletin}");
}

#[test]
fn an_empty_register_is_said_to_be_empty() {
    let mut settings = settings();
    let list =
        [made("1", "甲村", "村", None, 100, [[0; 3]; 2]), made("2", "乙村", "村", None, 90, [[0; 3]; 2])];
    let bulletin = said(&settings, "weekly", &list);
    for expected in [
        "各单位截至6月19日没有登记记录。",
        "完整率—（目标85%），没有登记记录，无法判定",
        "没有登记记录，数据质量无从评判。",
    ] {
        assert!(bulletin.contains(expected), "{expected}: {bulletin}");
    }
    settings.reports.values_mut().for_each(|report| report.language = ReportLanguage::English);
    let bulletin = said(&settings, "weekly", &list);
    for expected in
        ["No unit has records as at 19 June.", "no records, cannot be judged", "no records whose quality"]
    {
        assert!(bulletin.contains(expected), "{expected}: {bulletin}");
    }
}

#[test]
fn a_unit_without_a_list_is_expected_to_have_no_number_of_persons() {
    let list = [
        made("1", "甲村", "村", None, 100, [[50; 3], [10; 3]]),
        made("2", "乙村", "村", None, 0, [[0; 3]; 2]),
    ];
    let document = document(&settings(), "weekly", &results(&settings(), &list));
    let mut tables = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    let progress = tables.rfind(|table| table.columns.iter().any(|column| column.head == "应登记"));
    let row = progress.unwrap().rows.iter().find(|row| row.cells[0].text == "乙村").unwrap();
    let shown: Vec<&str> = row.cells[1..4].iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(shown, ["—"; 3], "{row:?}");
}

#[test]
fn a_reason_that_all_share_is_given_once() {
    let of = |name: &str, before: u64, more: u64| made(name, name, "村", None, 100, [[before; 3], [more; 3]]);
    let list = [of("甲村", 60, 0), of("乙村", 55, 0), of("丙村", 30, 60), of("丁村", 20, 75)];
    let ranking = said(&settings(), "ranking", &list);
    let reason = "本单位得分未降，其他单位进步更快";
    assert_eq!(ranking.matches(reason).count(), 1, "{ranking}");
    assert!(ranking.contains("（下降2位），原因均为本单位"), "{ranking}");
    // Of units that rose for reasons of their own, each has its own.
    assert_eq!(ranking.matches("覆盖率由").count(), 2, "{ranking}");
}

#[test]
fn rates_that_lie_far_apart_have_scales_of_their_own() {
    let trend = |weeks: [[u64; 3]; 2]| {
        let list = [made("1", "甲村", "村", None, 100, weeks), made("2", "乙村", "村", None, 100, weeks)];
        let document = document(&settings(), "weekly", &results(&settings(), &list));
        let mut charts = document.blocks.into_iter().filter_map(|block| match block {
            Block::Chart(Chart::Trend(trend)) => Some(trend),
            _ => None,
        });
        charts.next_back().unwrap()
    };
    let apart = trend([[20, 18, 19], [20, 19, 19]]);
    assert_eq!(apart.lines.iter().map(|line| line.plot).collect::<Vec<_>>(), [1, 0, 0]);
    let [upper, lower] = apart.scales.as_slice() else { panic!("{:?}", apart.scales) };
    assert_eq!((upper.min, upper.max, upper.note.as_str()), (85.0, 100.0, "纵轴自85%起"));
    assert_eq!((lower.min, lower.max, lower.note.as_str()), (20.0, 100.0, "纵轴自20%起"));
    let near = trend([[80, 70, 72], [10, 10, 10]]);
    assert_eq!(near.scales.len(), 1, "{near:?}");
    assert_eq!((near.scales[0].min, near.scales[0].note.as_str()), (80.0, "纵轴自80%起"));
}

#[test]
fn english_documents_keep_what_the_standard_says_of_any_page() {
    let mut settings = settings();
    settings.campaign.issuer = "Licheng Sub-district Office".to_owned();
    settings.campaign.name = "2016 Migrant Population Campaign".to_owned();
    settings.reports.values_mut().for_each(|report| report.language = ReportLanguage::English);
    let dir = tempfile::tempdir().unwrap();
    for units in [3, 37] {
        let results = results(&settings, &campaign(units, |i| format!("第{i}")));
        for report in ["weekly", "ranking", "acceptance"] {
            let bytes = written(&document(&settings, report, &results));
            let findings = inspect_alphabetic(&sheets(&bytes).unwrap());
            let broken: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
            assert!(broken.is_empty(), "{report} of {units}: {broken:#?}");
            assert!(findings.len() > 20, "{findings:?}");
            let file = dir.path().join("english.pdf");
            std::fs::write(&file, &bytes).unwrap();
            let file = file.to_str().unwrap();
            let output = setting::tongbao(dir.path(), &["--format", "json", "check", "--layout", file]);
            let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!((output.status.code(), &answer["language"]), (Some(0), &"en".into()), "{answer:#}");
        }
    }
}

#[test]
fn who_shares_a_place_is_said_to_share_it() {
    let settings = settings();
    let same = [[50, 48, 48], [20, 20, 20]];
    let worse = [[30, 20, 20], [10, 5, 5]];
    let list: Vec<Made> = (0..9)
        .map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 100, if i < 7 { same } else { worse }))
        .collect();
    let ranking = said(&settings, "ranking", &list);
    assert!(ranking.contains("并列末位的为第7村、第8村（均为59.86分，"), "{ranking}");
    assert_eq!(ranking.matches("末位").count(), 1, "{ranking}");
    assert!(said(&settings, "weekly", &list).contains("全街并列第8名第7村"), "{ranking}");
    // Scores that are alike are no picture, and one group needs no number.
    let one = document(&settings, "ranking", &results(&settings, &list[..7]));
    assert!(!one.blocks.iter().any(|block| matches!(block, Block::Chart(_))));
    assert!(!text(&one).contains("（一）"), "{}", text(&one));
}

#[test]
fn nothing_is_demanded_that_nobody_lacks() {
    let settings = settings();
    let perfect: Vec<Made> = (0..10)
        .map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 40, [[30; 3], [10; 3]]))
        .collect();
    let bulletin = said(&settings, "weekly", &perfect);
    assert!(bulletin.contains("登记记录未见项目缺失和逻辑不符。"), "{bulletin}");
    for never in ["未发现", "补齐", "逐条核对", "其他情况", "存在问题\n未"] {
        assert!(!bulletin.contains(never), "{never} in {bulletin}");
    }
    let acceptance = said(&settings, "acceptance", &perfect);
    assert!(acceptance.contains("五、验收结论") && !acceptance.contains("存在问题"), "{acceptance}");
    assert!(acceptance.contains("10个单位经整改已全部达标"), "{acceptance}");
    let ranking = said(&settings, "ranking", &perfect);
    assert!(!ranking.contains("补登漏登") && !ranking.contains("名次下降的单位"), "{ranking}");
    // A unit without roster is named in the conclusion too.
    let mut list = campaign(9, |i| format!("第{i}"));
    list[3] = made("449", "空村", "村", None, 0, [[0; 3]; 2]);
    let acceptance = said(&settings, "acceptance", &list);
    assert!(
        acceptance.contains("另有1个单位（空村）不在比对名册内，也没有登记记录，尚不能判定，本轮验收结论"),
        "{acceptance}"
    );
    assert!(said(&settings, "weekly", &list).contains("与上期") || !acceptance.contains("比上期持平"));
}

/// Every kind of document for every number of units, with short and very long names, keeps the
/// standard by the program's own check, and the bulletin keeps to its pages.
#[test]
fn documents_of_any_size_keep_the_standard_and_their_pages() {
    let mut settings = settings();
    let short = |i: usize| format!("第{i}");
    let long = |i: usize| format!("第{i}来穗人员服务管理出租屋网格化综合治理联合示范");
    let names: [&dyn Fn(usize) -> String; 2] = [&short, &long];
    for (units, most) in BULLETIN_PAGES {
        for (name, is_long) in names.iter().zip([false, true]) {
            if is_long && units == 120 {
                continue;
            }
            settings.campaign.issuer = match is_long {
                true => "广州市增城区荔城街道来穗人员和出租屋服务管理领导小组办公室".to_owned(),
                false => "荔城街道办事处".to_owned(),
            };
            let results = results(&settings, &campaign(units, name));
            for report in ["weekly", "ranking", "acceptance"] {
                let sheets = sheets(&written(&document(&settings, report, &results))).unwrap();
                let broken: Vec<_> = inspect(&sheets).into_iter().filter(|finding| !finding.ok).collect();
                assert!(broken.is_empty(), "{report} of {units}, long {is_long}: {broken:#?}");
                if report == "weekly" && !is_long {
                    assert!(sheets.len() <= most, "{} pages for {units} units", sheets.len());
                }
            }
        }
    }
}

#[test]
fn the_red_and_black_list_names_whom_the_rules_name() {
    let mut settings = settings();
    settings.honours.fastest = 1;
    settings.honours.first_met = true;
    settings.honours.last_in_a_row = 2;
    let list = [
        // Meets every target now for the first time.
        made("1", "甲村", "村", None, 100, [[60, 60, 60], [40, 40, 40]]),
        // Met all before and still does.
        made("2", "乙村", "村", None, 100, [[100, 100, 100], [0, 0, 0]]),
        made("3", "丙村", "村", None, 100, [[10, 10, 10], [70, 70, 70]]),
        // Last both times.
        made("4", "丁村", "村", None, 100, [[5, 1, 1], [5, 1, 1]]),
        made("5", "东社区", "社区", None, 100, [[50, 50, 50], [9, 9, 9]]),
        made("6", "西社区", "社区", None, 100, [[40, 40, 40], [40, 40, 40]]),
    ];
    let [earlier, now] = results(&settings, &list);
    let rules =
        Rules { indicators: &settings.indicators, scoring: &settings.scoring, ranking: &settings.ranking };
    let of = |earlier: &[Results], settings: &Settings| {
        honours(&now, earlier, rules, &settings.honours, ReportLanguage::Chinese)
    };
    let named = of(std::slice::from_ref(&earlier), &settings).unwrap();
    let names = |list: &[UnitModel]| list.iter().map(|unit| unit.name.clone()).collect::<Vec<_>>();
    // 丙村 rose from 64 to 92 points, 西社区 from 76 to 92: each is the first of its group.
    let fastest: Vec<_> = named.fastest.iter().map(|f| (f.unit.name.as_str(), f.rise.as_str())).collect();
    assert_eq!(fastest, [("丙村", "28.00"), ("西社区", "16.00")]);
    assert_eq!(names(&named.first_met), ["甲村"]);
    // 西社区 was last of its group before, 东社区 is now.
    let again: Vec<_> = named.last_again.iter().map(|last| (last.unit.name.as_str(), last.times)).collect();
    assert_eq!(again, [("丁村", 2)]);
    assert!(!named.has_others);
    // Three times running need three runs, and without earlier ones nothing is a first time.
    settings.honours.last_in_a_row = 3;
    assert!(of(std::slice::from_ref(&earlier), &settings).unwrap().last_again.is_empty());
    let alone = of(&[], &settings).unwrap();
    assert!(alone.first_met.is_empty() && alone.last_again.is_empty());
    settings.honours = Honours::default();
    assert!(of(&[earlier], &settings).is_none());
}

/// Whoever reads the sentence counts after it: what it says has to come true, and nobody is left out.
#[test]
fn units_without_rank_are_not_counted_and_nobody_alike_is_left_out() {
    let of = |name: &str, before: u64, more: u64| made(name, name, "村", None, 100, [[before; 3], [more; 3]]);
    let list = [
        of("甲村", 90, 0),
        of("乙村", 80, 0),
        of("丙村", 70, 0),
        of("丁村", 60, 0),
        of("戊村", 50, 0),
        of("己村", 40, 59),
        made("庚村", "庚村", "村", None, 0, [[0; 3], [0; 3]]),
    ];
    let settings = settings();
    let now = results(&settings, &list);
    let issue = Issue { date: NOW.to, round: 2, ..Issue::default() };
    let model = compose(&settings, &settings.reports["ranking"], &now[1], &[], &issue).model;
    let names = |units: &[UnitModel]| units.iter().map(|unit| unit.name.clone()).collect::<Vec<_>>();
    let ranked = now[1].assessed().filter(|unit| unit.rank.is_some()).count();
    assert_eq!((ranked, model.kinds[0].count), (6, 6));
    // Five fell by one place each: more than three, so all of them are named.
    assert_eq!(names(&model.fallers), ["甲村", "乙村", "丙村", "丁村", "戊村"]);
}

#[test]
fn the_red_list_is_true_of_whom_it_names() {
    let mut settings = settings();
    settings.honours.fastest = 1;
    let of = |name: &str, kind: &str, before: u64, more: u64| {
        made(name, name, kind, None, 100, [[before; 3], [more; 3]])
    };
    // 丁村 rose most and is last all the same; 乙村 rose, and lost its place to 丙村.
    let list = [
        of("甲村", "村", 90, 1),
        of("乙村", "村", 60, 5),
        of("丙村", "村", 59, 9),
        of("丁村", "村", 10, 30),
        of("东社区", "社区", 50, 9),
        of("西社区", "社区", 40, 40),
    ];
    let now = results(&settings, &list);
    let honours =
        honours(&now[1], &[], rules(&settings), &settings.honours, ReportLanguage::Chinese).unwrap();
    let names: Vec<&str> = honours.fastest.iter().map(|f| f.unit.name.as_str()).collect();
    assert_eq!((names, honours.has_others), (vec!["西社区", "丙村"], true));
    for (language, sentence) in [
        (
            ReportLanguage::Chinese,
            "除末位、名次下降和底数待核实的单位外，综合得分比上期提高最多的，村为丙村（提高3.60分），社区为西社区（提高16.00分）。",
        ),
        (
            ReportLanguage::English,
            "Largest gains in score, last places, units that have lost places and units above their baseline aside: \
             among 村, 丙村 (3.60); among 社区, 西社区 (16.00).",
        ),
    ] {
        let report = Report { language, ..settings.reports["weekly"].clone() };
        let issue = Issue { date: NOW.to, number: Some("第2期".into()), round: 1, ..Issue::default() };
        let mut composition = compose(&settings, &report, &now[1], &[], &issue);
        composition.model.honours = Some(honours.clone());
        let paper = TEMPLATES.document(&report, &composition).unwrap();
        let bulletin = text(&paper);
        assert!(bulletin.contains(sentence), "{bulletin}");
        // A red list alone is no red and black one; without a further heading the section has none.
        assert!(!bulletin.contains("黑榜") && !bulletin.contains("lack list"), "{bulletin}");
    }
}

/// Of several in a kind only the first rose most.
#[test]
fn two_of_a_kind_did_not_both_rise_most() {
    let mut settings = settings();
    let of = |name: &str, kind: &str, before: u64, more: u64| {
        made(name, name, kind, None, 100, [[before; 3], [more; 3]])
    };
    let list = [
        of("甲村", "村", 40, 50),
        of("乙村", "村", 30, 40),
        of("丙村", "村", 20, 1),
        of("东社区", "社区", 50, 20),
        of("西社区", "社区", 40, 1),
    ];
    let [earlier, now] = results(&settings, &list);
    for (most, expected) in [
        (1, "综合得分比上期提高最多的，村为甲村（提高20.00分），社区为东社区（提高8.00分）。"),
        (
            2,
            "综合得分比上期提高较多的，村为甲村（提高20.00分）、乙村（提高16.00分），社区为东社区（提高8.00分）。",
        ),
    ] {
        settings.honours.fastest = most;
        let report = &settings.reports["weekly"];
        let named = honours(
            &now,
            std::slice::from_ref(&earlier),
            rules(&settings),
            &settings.honours,
            report.language,
        );
        let mut composition =
            compose(&settings, report, &now, &[], &Issue { date: NOW.to, ..Issue::default() });
        composition.model.honours = named;
        let bulletin = text(&TEMPLATES.document(report, &composition).unwrap());
        assert!(bulletin.contains(expected), "{bulletin}");
    }
}

#[test]
fn a_section_with_one_part_does_not_count_its_parts() {
    let mut settings = settings();
    settings.reports.values_mut().for_each(|report| report.language = ReportLanguage::Chinese);
    // All equal: nobody leads or lags, and only the gap is left to be named.
    let list: Vec<Made> = (0..9)
        .map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 100, [[40; 3], [20; 3]]))
        .collect();
    let bulletin = said(&settings, "weekly", &list);
    assert!(!bulletin.contains("（一）") && bulletin.contains("尚有360人未覆盖"), "{bulletin}");
    // Nothing is wrong: no section of problems.
    let perfect: Vec<Made> = (0..9)
        .map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 60, [[40; 3], [20; 3]]))
        .collect();
    let bulletin = said(&settings, "weekly", &perfect);
    assert!(!bulletin.contains("存在问题") && bulletin.contains("四、下一步要求"), "{bulletin}");
    // Who cannot be judged is named beside those that fail.
    let mut list = campaign(9, |i| format!("第{i}"));
    list[3] = made("449", "空村", "村", None, 0, [[0; 3]; 2]);
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("1个单位（空村）不在比对名册内，也没有登记记录，尚不能判定。"), "{bulletin}");
}

#[test]
fn every_unit_below_a_target_is_asked() {
    let mut settings = settings();
    let list = campaign(12, |i| format!("第{i}"));
    assert!(said(&settings, "ranking", &list).contains("未达标单位要对照附件查找差距，于"));
    assert!(said(&settings, "weekly", &list).contains("未达标单位要查明原因，加快进度。"));
    settings.reports.values_mut().for_each(|report| report.language = ReportLanguage::English);
    assert!(said(&settings, "ranking", &list).contains("Units below a target should find the gaps"));
}

#[test]
fn a_long_list_of_rectification_is_an_annex() {
    let settings = settings();
    let of = |units: usize| {
        document(&settings, "acceptance", &results(&settings, &campaign(units, |i| format!("第{i}"))))
    };
    let has_annex = |paper: &Document| paper.head.attachments.contains(&"整改前后情况表".to_owned());
    let (short, long) = (of(12), of(13));
    assert_eq!((has_annex(&short), has_annex(&long)), (false, true));
    assert!(text(&long).contains("整改前后情况见附件4。"), "{}", text(&long));
    assert_eq!(long.head.attachments.len(), 6);
}

/// Villages and their groups, in a list that says of none of them what it is.
#[test]
fn levels_that_have_no_name_are_ranked_apart() {
    let settings = settings();
    let mut list = Vec::new();
    for village in 0..4 {
        let code = format!("1{village}");
        list.push(made(&code, &format!("第{village}村"), "", None, 0, [[0; 3]; 2]));
        for group in 0..3_u64 {
            let n = 10 + village * 5 + group;
            let weeks = [[n, n, n], [n / 3, n / 3, n / 4]];
            list.push(made(&format!("{code}{group}"), &format!("{group}组"), "", Some(&code), 100, weeks));
        }
    }
    let results = results(&settings, &list);
    let ranking = text(&document(&settings, "ranking", &results));
    for expected in [
        "（一）第1级单位排名",
        "（二）第2级单位排名",
        "第1级单位、第2级单位分别排名",
        "第1级单位末位为第0村（",
    ] {
        assert!(ranking.contains(expected), "{expected}: {ranking}");
    }
    let ranks: Vec<_> = results[1].ranked(Some("1")).iter().map(|unit| unit.rank_in_group).collect();
    assert_eq!(ranks, [Some(1), Some(2), Some(3), Some(4)]);
    // Who stands above others holds their records: there is no ranking of all.
    let bulletin = document(&settings, "weekly", &results);
    assert!(text(&bulletin).contains("第1级单位第1名第3村（"), "{}", text(&bulletin));
    assert!(text(&bulletin).contains("；第2级单位第1名第3村2组（"), "{}", text(&bulletin));
    assert!(!format!("{bulletin:?}").contains("总排名") && !ranking.contains("总排名"));
    let ends = crate::printed::table(&settings, &results[1], "ends");
    let names: Vec<&str> = ends.rows.iter().map(|row| row.cells[1].text.as_str()).collect();
    assert_eq!(names, ["第3村", "第2村"]);
    let page = text(&unit_page(&settings, "weekly", &results, "13"));
    assert!(page.contains("在第1级单位中排第1名"), "{page}");
    let mut english = settings;
    english.reports.values_mut().for_each(|report| report.language = ReportLanguage::English);
    assert!(
        said(&english, "ranking", &list)
            .contains("are ranked separately: units of level 1 and units of level 2.")
    );
}

#[test]
fn who_shares_the_last_place_without_records_is_named_once() {
    let settings = settings();
    let mut list = campaign(12, |i| format!("第{i}"));
    list[1].weeks = [[0; 3]; 2].map(counts_of);
    list[2].weeks = [[0; 3]; 2].map(counts_of);
    let ranking = said(&settings, "ranking", &list);
    assert!(
        ranking.contains("并列末位的为第1村、第2村（均为0.00分，截至6月19日没有登记记录）。"),
        "{ranking}"
    );
    // All without records share the first place, which is no last one; nothing was gained, so nothing is projected.
    let none: Vec<Made> =
        (0..9).map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 50, [[0; 3]; 2])).collect();
    let paper = document(&settings, "weekly", &results(&settings, &none));
    assert!(!format!("{paper:?}").contains("排在末位"), "{paper:?}");
    let expected = "上期以来已覆盖人数没有增加；要如期达到目标，今后18天日均须新增覆盖25人。";
    assert!(text(&paper).contains(expected), "{}", text(&paper));
}
