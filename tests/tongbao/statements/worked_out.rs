//! What a reader works out from one paper with a pocket calculator, or by looking at its other tables.

use super::*;

use crate::printed::table;
use tongbao::report::rechecks::{self, RecheckedUnit};

const GOOD: [[u64; 3]; 2] = [[60; 3], [40; 3]];
const NONE: [[u64; 3]; 2] = [[0; 3]; 2];

fn unit(code: &str, kind: &str, expected: u64, weeks: [[u64; 3]; 2]) -> Made {
    made(code, &format!("第{code}{kind}"), kind, None, expected, weeks)
}

fn baseline() -> Settings {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    settings
}

/// Two villages and two communities with two groups each, which have no records of their own.
fn tree(weeks: impl Fn(usize) -> [[u64; 3]; 2]) -> Vec<Made> {
    let mut list = Vec::new();
    for i in 0..8_usize {
        let (code, kind) = (format!("1{i}"), if i.is_multiple_of(2) { "社区" } else { "村" });
        list.push(unit(&code, kind, 0, NONE));
        for group in 0..2 {
            let below = format!("{code}{group}");
            list.push(made(&below, &format!("{group}组"), "组", Some(&code), 100, weeks(i)));
        }
    }
    list
}

/// 400 of 1,000 covered, 10 above a base of 100 and the 50 of a unit without a base not among them.
#[test]
fn a_unit_without_a_base_takes_nothing_from_the_projection() {
    let list = [
        unit("1", "村", 900, [[220; 3], [70; 3]]),
        unit("2", "村", 100, [[110; 3], [0; 3]]),
        unit("3", "村", 0, [[50; 3], [0; 3]]),
    ];
    let bulletin = said(&baseline(), "weekly", &list);
    // 390 and 18 times 10 of 1,000.
    let expected = "按各单位上期以来的进度推算（各单位以应登记数为限），今后18天日均新增覆盖10人，到2016年7月7日覆盖率约为57.00%；\
                    要如期达到目标，日均须新增覆盖34人。";
    assert!(bulletin.contains(expected), "{bulletin}");
    // Where no unit comes to its end before the day, nothing limits it.
    let bulletin = said(&baseline(), "weekly", &list[..1]);
    assert!(bulletin.contains("进度推算，今后18天日均新增覆盖10人，"), "{bulletin}");
}

/// One person in a long time is no pace that could be printed.
#[test]
fn a_pace_of_nothing_is_not_printed() {
    let settings = settings();
    let mut list = vec![unit("1", "村", 100, [[99; 3], [1; 3]])];
    list.push(unit("2", "村", 900, [[90; 3], [0; 3]]));
    let bulletin = said(&settings, "weekly", &list);
    let expected = "进度推算（各单位以应登记数为限），到2016年7月7日覆盖率约为19.00%；";
    assert!(bulletin.contains(expected), "{bulletin}");
    let bulletin = said(&english(&settings), "weekly", &list);
    assert!(
        bulletin.contains("(none above what is expected of it) coverage would be about 19.00%"),
        "{bulletin}"
    );
}

/// The score sheet has the place among all units, which changes here, beside that in the group, which does not.
#[test]
fn places_that_stay_in_the_group_are_said_to_do_that() {
    let list = [
        unit("1", "社区", 100, [[50; 3], [0; 3]]),
        unit("2", "村", 100, [[40; 3], [30; 3]]),
        unit("3", "村", 100, [[20; 3], [10; 3]]),
    ];
    for (settings, expected) in [
        (settings(), "与上期相比，各单位在同类单位中的名次没有变化。"),
        (english(&settings()), "no unit has changed its place in its group."),
    ] {
        let ranking = said(&settings, "ranking", &list);
        assert!(ranking.contains(expected), "{ranking}");
    }
    let mut settings = settings();
    settings.ranking.by_kind = false;
    let ranking = said(&settings, "ranking", &list[1..]);
    assert!(ranking.contains("与上期相比，各单位名次没有变化。"), "{ranking}");
}

/// Marital status is missing as often as others, of fewer records.
#[test]
fn an_acceptance_names_items_that_are_missing_as_often_together() {
    let mut list = [unit("1", "村", 100, [[60, 50, 60], [40, 30, 40]])];
    let now = &mut list[0].weeks[1];
    (now.applicable[7], now.filled[7]) = (now.applicable[7] - 5, now.filled[7] - 5);
    (now.filled[8], now.filled[0]) = (now.filled[8] - 1, now.filled[0] + 1);
    let acceptance = said(&settings(), "acceptance", &list);
    let expected = "户口性质缺失21条，婚姻状况、性别、现居住地址、户籍所在地、公民身份号码、出生日期、民族各缺失20条（其他项目";
    assert!(acceptance.contains(expected), "{acceptance}");
    let bulletin = said(&settings(), "weekly", &list);
    assert!(
        bulletin.contains("；性别、现居住地址、户籍所在地、公民身份号码、出生日期、民族各缺失20条，"),
        "{bulletin}"
    );
    assert!(bulletin.contains("婚姻状况缺失20条，填写率78.95%；"), "{bulletin}");
}

#[test]
fn units_that_cannot_be_judged_lack_what_is_said() {
    let settings = settings();
    let of = |weeks: [[[u64; 3]; 2]; 2]| {
        let [a, b] = weeks;
        [unit("1", "村", 100, GOOD), unit("2", "村", 0, a), unit("3", "村", 0, b)]
    };
    for (weeks, expected) in [
        ([GOOD, GOOD], "2个单位（第2村、第3村）不在比对名册内，尚不能判定"),
        ([GOOD, NONE], "2个单位（第2村、第3村）不在比对名册内，尚不能判定"),
        ([NONE, NONE], "2个单位（第2村、第3村）不在比对名册内，也没有登记记录，尚不能判定"),
    ] {
        for report in ["weekly", "acceptance"] {
            let paper = said(&settings, report, &of(weeks));
            assert!(paper.contains(expected), "{report}, {expected}: {paper}");
        }
    }
    let acceptance = said(&english(&settings), "acceptance", &of([GOOD, NONE]));
    assert!(
        acceptance.contains("2 units have no roster entries and cannot be judged: 第2村 and 第3村."),
        "{acceptance}"
    );
}

/// Five lack 100 altogether; one has 60 too many, and 40 are missing in the whole.
#[test]
fn the_summary_says_what_a_share_is_of() {
    let mut list: Vec<Made> =
        (1..6).map(|i| unit(&i.to_string(), "村", 50 + i, [[20; 3], [10 + i; 3]])).collect();
    list.push(unit("7", "村", 40, [[50; 3], [50; 3]]));
    let [_, now] = results(&baseline(), &list);
    let text_of = |settings: &Settings| {
        let kind = ReportKind::Own("summary".to_owned());
        let report = Report { kind, ..settings.reports["weekly"].clone() };
        let composition = compose(settings, &report, &now, &[], &Issue::default());
        text(&TEMPLATES.document(&report, &composition).unwrap())
    };
    let summary = text_of(&baseline());
    assert!(
        summary.contains("尚缺40人") && summary.contains("合计占各单位未覆盖人数之和（100人）的"),
        "{summary}"
    );
    let summary = text_of(&english(&baseline()));
    assert!(summary.contains(" of the 100 persons missing, counted unit by unit."), "{summary}");
}

#[test]
fn the_levels_of_a_tree_are_named_from_the_top() {
    let settings = settings();
    let list = tree(|i| [[30 + i as u64; 3], [20; 3]]);
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("全街4个社区、4个村、16个组中，尚无单位三项指标全部达标。"), "{bulletin}");
    let bulletin = said(&english(&settings), "weekly", &list);
    assert!(bulletin.contains("Of 4 社区, 4 村 and 16 组, none meets all three targets yet."), "{bulletin}");
    let acceptance = said(&settings, "acceptance", &list);
    assert!(acceptance.contains("覆盖率未达标的有4个社区、4个村、16个组，"), "{acceptance}");
}

/// Communities and villages are ranked apart: neither list is that of all.
#[test]
fn the_summary_of_a_tree_has_both_ends_of_each_kind() {
    let [_, now] = results(&settings(), &tree(|i| [[30 + i as u64; 3], [20; 3]]));
    let ends = table(&settings(), &now, "ends");
    let rows: Vec<Vec<&str>> =
        ends.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect();
    assert_eq!(ends.columns[0].head, "类别");
    let expected = [
        ["社区", "1", "第16社区", "82.40", "3", "第12社区", "80.80"],
        ["社区", "2", "第14社区", "81.60", "4", "第10社区", "80.00"],
        ["村", "1", "第17村", "82.80", "3", "第13村", "81.20"],
        ["村", "2", "第15村", "82.00", "4", "第11村", "80.40"],
    ];
    assert_eq!(rows, expected, "{ends:?}");
    assert_eq!(table(&settings(), &now, "ends 2").rows.len(), 2);
}

#[test]
fn samples_of_a_village_and_its_groups_are_no_sum_of_units() {
    let settings = settings();
    let [_, now] = results(&settings, &tree(|_| GOOD));
    let report = &settings.reports["acceptance"];
    let of = |codes: &[&str]| {
        let one = |code: &&str| RecheckedUnit {
            unit: (*code).to_owned(),
            cut_off: NOW.to,
            number: 1,
            seed: "1".to_owned(),
            population: 100,
            checked: 10,
            wrong: 0,
            unchecked: 0,
            fields: BTreeMap::new(),
            is_announced: true,
        };
        let mut composition = compose(&settings, report, &now, &[], &Issue::default());
        let all: Vec<RecheckedUnit> = codes.iter().map(one).collect();
        rechecks::add(&mut composition, &all, &now, (&settings.indicators, report.language));
        text(&TEMPLATES.document(report, &composition).unwrap())
    };
    let acceptance = of(&["11", "110", "111"]);
    assert!(acceptance.contains("对1个村、2个组抽查30条记录，"), "{acceptance}");
}

/// The first of one is also the last; of two that are all there are, neither leads a list.
#[test]
fn a_unit_alone_has_no_place() {
    let list = [
        unit("1", "社区", 100, [[50; 3], [10; 3]]),
        unit("2", "村", 100, [[60; 3], [20; 3]]),
        unit("3", "村", 100, [[30; 3], [10; 3]]),
    ];
    for (settings, alone, of_two) in [
        (settings(), "在社区中排第1名", "在村中排第2名"),
        (english(&settings()), "in the group 社区", "place 2 in the group 村"),
    ] {
        let both = results(&settings, &list);
        let page = text(&unit_page(&settings, "weekly", &both, "1"));
        assert!(!page.contains(alone), "{page}");
        let page = text(&unit_page(&settings, "weekly", &both, "3"));
        assert!(page.contains(of_two), "{page}");
    }
}

/// One above its base does not lead, and is last no more than the last one leads.
#[test]
fn a_mail_lists_a_short_group_whole_and_in_its_order() {
    let list = [
        unit("1", "社区", 100, [[50; 3], [10; 3]]),
        unit("2", "村", 100, [[90, 40, 40], [20, 10, 10]]),
        unit("3", "村", 100, [[30, 10, 10], [20, 10, 10]]),
        unit("4", "村", 100, [[10, 5, 5], [10, 5, 5]]),
    ];
    for (settings, subject, listed) in [
        (
            baseline(),
            "排名通报（截至2016年6月19日）村末位第4村",
            "社区排名（共1个）\n1. 第1社区 84.00 —\n\n村排名（共3个）\n1. 第2村",
        ),
        (english(&baseline()), "as at 19 June 2016: 村 last 第4村", "村: all 3 by score\n1. 第2村"),
    ] {
        let [earlier, now] = results(&settings, &list);
        let report = &settings.reports["ranking"];
        let composition = compose(&settings, report, &now, &trend([&earlier, &now]), &Issue::default());
        let mail = TEMPLATES.mail(report, "题", &composition).unwrap();
        assert!(mail.subject.ends_with(subject), "{}", mail.subject);
        assert!(mail.text.contains(listed), "{}", mail.text);
        assert!(!mail.text.contains("未列为居前单位") && !mail.text.contains("not listed"), "{}", mail.text);
    }
}

/// The reminder names nobody of two as last, and neither does the list beside it.
#[test]
fn of_two_units_nobody_is_last_in_a_row() {
    let mut settings = settings();
    settings.honours.last_in_a_row = 2;
    let rules = rules(&settings);
    let mut list = vec![
        unit("1", "社区", 100, [[50; 3], [10; 3]]),
        unit("2", "社区", 100, [[30; 3], [10; 3]]),
        unit("3", "村", 100, [[90; 3], [5; 3]]),
    ];
    let again = |list: &[Made]| {
        let [earlier, now] = results(&settings, list);
        honours(&now, &[earlier], rules, &settings.honours, ReportLanguage::Chinese)
    };
    assert!(again(&list).is_none());
    list.push(unit("4", "社区", 100, [[20; 3], [10; 3]]));
    let named = again(&list).unwrap().last_again;
    assert_eq!(named.iter().map(|last| last.unit.name.as_str()).collect::<Vec<_>>(), ["第4社区"]);
}
