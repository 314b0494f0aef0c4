//! Sentences that name a cause, a number or a group: each says what is so of whom it names, and of nobody else.

use tongbao::report::document::Table;

use super::*;
use crate::printed::table;

const NONE: [[u64; 3]; 2] = [[0; 3]; 2];
const GOOD: [[u64; 3]; 2] = [[60; 3], [40; 3]];

fn village(i: usize, expected: u64, weeks: [[u64; 3]; 2]) -> Made {
    made(&format!("{i:03}"), &format!("第{i}村"), "村", None, expected, weeks)
}

fn baseline() -> Settings {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    settings
}

fn vetoed_below_half() -> Settings {
    let mut settings = settings();
    settings.scoring.vetoes = vec![Veto {
        indicator: Indicator::Coverage,
        below: Target(num_rational::Ratio::new(1, 2)),
        reason: "覆盖率低于50%".into(),
    }];
    settings
}

fn note(settings: &Settings, list: &[Made], name: &str) -> String {
    let [_, now] = results(settings, list);
    table(settings, &now, name).note.unwrap_or_default()
}

fn rule(settings: &Settings, list: &[Made], term: &str) -> String {
    let [_, now] = results(settings, list);
    let rules = table(settings, &now, "definitions");
    let row = rules.rows.iter().find(|row| row.cells[0].text == term);
    row.map_or(String::new(), |row| row.cells[1].text.clone())
}

fn page(settings: &Settings, report: &str, list: &[Made], code: &str) -> Document {
    unit_page(settings, report, &results(settings, list), code)
}

/// One without records of which somebody is expected, one of which nobody is, and one with records alone.
#[test]
fn no_records_and_no_base_are_two_things() {
    let list = [
        village(0, 100, GOOD),
        village(1, 100, [[50; 3], [10; 3]]),
        village(2, 100, NONE),
        village(3, 0, NONE),
        village(4, 0, [[30; 3], [10; 3]]),
    ];
    for (settings, lacks) in [(settings(), "不在比对名册内"), (baseline(), "没有应登记底数")] {
        let bulletin = said(&settings, "weekly", &list);
        let both =
            format!("第2村截至6月19日没有登记记录。第3村截至6月19日没有登记记录，也{lacks}，无法判定。");
        assert!(bulletin.contains(&both), "{bulletin}");
        assert!(bulletin.contains(&format!("2个单位（第3村、第4村）{lacks}，尚不能判定")), "{bulletin}");
        let acceptance = said(&settings, "acceptance", &list);
        assert!(
            acceptance.contains("第2村截至6月19日没有登记记录，计0分。第3村截至6月19日没有登记记录，也"),
            "{acceptance}"
        );
        let ranking = note(&settings, &list, "ranking 村");
        assert!(ranking.contains(&format!("第3村没有登记记录，也{lacks}，不参加排名")), "{ranking}");
        assert!(ranking.contains(&format!("第4村{lacks}，不参加排名")), "{ranking}");
        let outcome = note(&settings, &list, "results");
        assert!(outcome.contains(&format!("第3村没有登记记录，也{lacks}，无法判定")), "{outcome}");
        let score = rule(&settings, &list, "综合得分");
        let rules = "应登记数大于0而没有登记记录的单位计0分，排在其他单位之后。其他单位应计分的指标无法计算的，不计分，不参加排名。";
        assert!(score.contains(rules), "{score}");
    }
    let bulletin = said(&english(&settings()), "weekly", &list);
    let both = "No records as at 19 June: 第2村. No records as at 19 June and no roster entries, cannot be judged: 第3村.";
    assert!(bulletin.contains(both), "{bulletin}");
}

#[test]
fn too_few_records_are_said_with_the_least_number() {
    let mut settings = settings();
    settings.ranking.min_records = 20;
    let list = [village(0, 100, GOOD), village(1, 100, [[5; 3], [3; 3]])];
    let ranking = note(&settings, &list, "ranking 村");
    assert!(ranking.contains("第1村登记记录不足20条，不参加排名"), "{ranking}");
}

/// Every item is missing as often, and none is more often than the others.
#[test]
fn items_that_are_missing_as_often_are_named_together() {
    let list = [village(0, 100, [[60, 40, 60], [40, 30, 40]])];
    for (settings, sentence, heading) in [
        (
            settings(),
            "姓名、性别、现居住地址、户籍所在地、公民身份号码、出生日期、民族、婚姻状况、户口性质各缺失30条，填写率均为70.00%。",
            "缺失较多",
        ),
        (english(&settings()), "Marital status and Hukou type: 30 blank each, 70.00% filled", "most often"),
    ] {
        let bulletin = said(&settings, "weekly", &list);
        assert!(bulletin.contains(sentence) && !bulletin.contains(heading), "{bulletin}");
    }
    let acceptance = said(&settings(), "acceptance", &list);
    assert!(acceptance.contains("户口性质各缺失30条"), "{acceptance}");
}

#[test]
fn who_is_above_its_base_and_fails_otherwise_is_not_said_to_be_open() {
    let settings = baseline();
    let list = [
        village(0, 40, [[30; 3], [30; 3]]),
        village(1, 40, [[30, 10, 30], [30, 10, 30]]),
        village(2, 60, [[30; 3], [30; 3]]),
        village(3, 60, [[30; 3], [30; 3]]),
    ];
    let ranking = note(&settings, &list, "ranking 村");
    assert!(
        ranking.contains(
            "第0村登记人数高于应登记底数，待核实；第1村登记人数高于应登记底数，覆盖率待核实，因其他指标未达标列为未达标"
        ),
        "{ranking}"
    );
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("其中第1村另有指标未达标，计入未达标单位。"), "{bulletin}");
    let ranking = said(&settings, "ranking", &list);
    assert!(ranking.contains("覆盖率120.00%，目标100%，高于底数，待核实"), "{ranking}");
    let ranking = said(&english(&settings), "ranking", &list);
    assert!(ranking.contains("120.00%, target 100%, above the baseline, to be verified"), "{ranking}");
}

/// All were under the veto a week ago, and none is now: then the rates decided, now the points, and no one rate is the
/// reason.
#[test]
fn a_veto_that_all_have_lost_moved_nobody() {
    let list = [
        village(0, 100, [[40; 3], [20; 3]]),
        village(1, 100, [[30; 3], [50; 3]]),
        village(2, 100, [[20; 3], [35; 3]]),
    ];
    let ranking = said(&vetoed_below_half(), "ranking", &list);
    assert!(ranking.contains("第1村（上升1位）"), "{ranking}");
    assert!(!ranking.contains("一票否决情形已消除"), "{ranking}");
    // Here the first had none, and is passed by one that has lost it.
    let list = [village(0, 100, [[60; 3], [1; 3]]), village(1, 100, [[30; 3], [50; 3]])];
    let ranking = said(&vetoed_below_half(), "ranking", &list);
    assert!(ranking.contains("第1村（上升1位，一票否决情形已消除）"), "{ranking}");
}

#[test]
fn nobody_below_a_target_is_commended() {
    let list: Vec<Made> = (0..6).map(|i| village(i, 100, [[60 - i as u64; 3], [30; 3]])).collect();
    for (settings, commended) in [(settings(), "通报表扬"), (english(&settings()), "Commended")] {
        let ranking = said(&settings, "ranking", &list);
        assert!(!ranking.contains(commended), "{ranking}");
    }
    let bulletin = said(&settings(), "weekly", &list);
    assert!(bulletin.contains("第1名第0村（"), "places stay named: {bulletin}");
    let passed: Vec<Made> = list
        .into_iter()
        .enumerate()
        .map(|(i, unit)| if i == 0 { village(0, 100, GOOD) } else { unit })
        .collect();
    let ranking = said(&settings(), "ranking", &passed);
    assert!(
        ranking.contains("对三项指标全部达标且名次居前的第0村（第1名，100.00分）予以通报表扬。"),
        "{ranking}"
    );
}

#[test]
fn a_first_place_that_more_than_a_third_share_has_its_word() {
    let list: Vec<Made> =
        (0..20).map(|i| village(i, 100, if i < 9 { GOOD } else { [[50 - i as u64; 3], [9; 3]] })).collect();
    let ranking = said(&settings(), "ranking", &list);
    let sentence = "并列第1名的9个单位（100.00分，名单见排名榜）三项指标全部达标，超过参加排名单位的三分之一，不分别表扬。";
    assert!(ranking.contains(sentence) && !ranking.contains("通报表扬"), "{ranking}");
    let bulletin = said(&settings(), "weekly", &list);
    assert!(bulletin.contains("并列第1名的9个单位（100.00分）"), "{bulletin}");
    let bulletin = said(&english(&settings()), "weekly", &list);
    assert!(bulletin.contains("No. 1, shared by 9 units (100.00)"), "{bulletin}");
}

#[test]
fn one_place_is_not_much() {
    let list = [village(0, 100, [[60; 3], [5; 3]]), village(1, 100, [[50; 3], [30; 3]])];
    let ranking = said(&settings(), "ranking", &list);
    assert!(ranking.contains("名次上升的有第1村（上升1位") && !ranking.contains("较多"), "{ranking}");
    let ranking = said(&english(&settings()), "ranking", &list);
    assert!(ranking.contains("Against the last ranking, gains: 第1村 (up 1"), "{ranking}");
    assert!(!ranking.contains("largest"), "{ranking}");
}

#[test]
fn a_reason_that_some_share_is_given_once() {
    let of = |i: usize, before: u64, more: u64| village(i, 100, [[before; 3], [more; 3]]);
    // The first two are passed by what the last two gain, the third loses accuracy besides.
    let mut list = vec![of(0, 70, 0), of(1, 60, 0), of(2, 55, 0), of(3, 30, 60), of(4, 20, 75)];
    list[2].weeks = [[55, 55, 55], [0, 0, 0]].map(counts_of);
    list[2].weeks[1].judged = 30;
    list[2].weeks[1].records = 30;
    let ranking = said(&settings(), "ranking", &list);
    assert_eq!(ranking.matches("本单位得分未降，其他单位进步更快").count(), 1, "{ranking}");
    assert!(
        ranking.contains("第0村（下降2位）、第1村（下降2位），原因均为本单位得分未降，其他单位进步更快；"),
        "{ranking}"
    );
}

#[test]
fn the_page_of_a_unit_that_cannot_be_judged_asks_for_what_is_needed() {
    let list = [village(0, 100, GOOD), village(1, 0, NONE), village(2, 0, [[30; 3], [10; 3]])];
    for (settings, first, second) in [
        (
            settings(),
            "比对名册中没有你单位的人员，也没有登记记录，请于下期通报前核实：名册有遗漏的，报送补列；有应登记人员的，予以登记。",
            "比对名册中没有你单位的人员，请于下期通报前核实：名册有遗漏的，报送补列。",
        ),
        (
            baseline(),
            "没有你单位的应登记底数，也没有登记记录，请于下期通报前核实：报送应登记底数；有应登记人员的，予以登记。",
            "没有你单位的应登记底数，请于下期通报前核实：报送应登记底数。",
        ),
        (
            english(&settings()),
            "The roster has no entries of your unit, and there are no records. Please check this before",
            "The roster has no entries of your unit. Please check this before",
        ),
    ] {
        for (code, asked) in [("001", first), ("002", second)] {
            let text = text(&page(&settings, "weekly", &list, code));
            assert!(text.contains(asked), "{asked}: {text}");
        }
    }
}

#[test]
fn a_course_of_zeros_is_no_picture() {
    let list = [village(0, 100, GOOD), village(1, 100, NONE)];
    let has_chart = |code: &str| {
        let page = page(&settings(), "weekly", &list, code);
        page.blocks.iter().any(|block| matches!(block, Block::Chart(_)))
    };
    assert!(has_chart("000") && !has_chart("001"));
}

#[test]
fn records_without_a_number_are_counted_among_the_corrections() {
    let settings = settings();
    let mut list = vec![village(0, 100, [[60, 55, 60], [20; 3]])];
    list[0].weeks[0].without_id = 1;
    let results = results(&settings, &list)[1].only("000").unwrap();
    let of = |language| {
        let kind = ReportKind::Own("unit".to_owned());
        let report = Report { kind, language, ..settings.reports["weekly"].clone() };
        let issue = Issue { date: NOW.to, round: 1, ..Issue::default() };
        let mut composition = compose(&settings, &report, &results, &[], &issue);
        composition.model.corrections = 5;
        text(&TEMPLATES.document(&report, &composition).unwrap())
    };
    let page = of(ReportLanguage::Chinese);
    assert!(page.contains("需要更正的记录5条（其中没有公民身份号码的1条），见随附的差错清单"), "{page}");
    let page = of(ReportLanguage::English);
    assert!(
        page.contains(
            "The correction list has 5 records, 1 of them without an ID number, to be corrected before"
        ),
        "{page}"
    );
}

/// Villages with groups below them: no sum of both.
fn tree() -> Vec<Made> {
    let mut list = Vec::new();
    for i in 0..3 {
        let code = format!("1{i}");
        list.push(made(&code, &format!("第{i}村"), "村", None, 0, NONE));
        for group in 0..4_u64 {
            let weeks = [[50; 3], [if i == 0 { 50 } else { 10 + group }; 3]];
            list.push(made(&format!("{code}{group}"), &format!("{group}组"), "组", Some(&code), 100, weeks));
        }
    }
    list
}

#[test]
fn villages_and_their_groups_are_counted_apart() {
    let settings = settings();
    let bulletin = said(&settings, "weekly", &tree());
    assert!(
        bulletin.contains(
            "全街3个村中，三项指标全部达标的1个，未达标的2个；12个组中，三项指标全部达标的4个，未达标的8个。"
        ),
        "{bulletin}"
    );
    assert!(bulletin.contains("2个村、8个组有指标未达标"), "{bulletin}");
    let acceptance = said(&settings, "acceptance", &tree());
    assert!(acceptance.contains("验收范围为全街3个村、12个组截至"), "{acceptance}");
    for sum in ["15个单位", "10个单位", "5个单位"] {
        assert!(!bulletin.contains(sum) && !acceptance.contains(sum), "{sum}: {bulletin}{acceptance}");
    }
    let bulletin = said(&english(&settings), "weekly", &tree());
    assert!(
        bulletin.contains(
            "Of 3 村, 1 meets all three targets and 2 miss a target; of 12 组, 4 meet all three targets and 8 miss"
        ),
        "{bulletin}"
    );
}

#[test]
fn what_is_not_judged_has_no_verdict() {
    let mut settings = settings();
    settings.ranking.level = Some(tongbao::config::settings::Level::Kinds(vec!["村".into()]));
    let [earlier, now] = results(&settings, &tree());
    let verdicts = |table: &Table, name: &str| -> Vec<String> {
        let rows = table.rows.iter().filter(|row| row.cells.iter().any(|cell| cell.text == name));
        rows.map(|row| row.cells.last().map_or(String::new(), |cell| cell.text.clone())).collect()
    };
    for name in ["progress", "results"] {
        let table = table(&settings, &now, name);
        assert_eq!(verdicts(&table, "1组"), ["", "", ""], "{table:?}");
        assert_eq!(verdicts(&table, "第1村"), ["未达标"], "{table:?}");
        let row = table.rows.iter().find(|row| row.cells.iter().any(|cell| cell.text == "1组")).unwrap();
        assert!(row.cells.iter().all(|cell| cell.met.is_none()), "{row:?}");
    }
    let own = unit_page(&settings, "weekly", &[earlier, now], "111");
    let own_text = text(&own);
    assert!(own_text.contains("你单位不单独评判是否达标。") && !own_text.contains("未达标"), "{own_text}");
    assert!(!format!("{own:?}").contains("是否达标\""), "{own:?}");
}

#[test]
fn an_acceptance_names_the_few_that_fail() {
    let mut list: Vec<Made> = (0..15).map(|i| village(i, 120, GOOD)).collect();
    list[4].weeks = [[60, 20, 60], [40, 10, 40]].map(counts_of);
    list[7] = village(7, 0, NONE);
    let acceptance = said(&settings(), "acceptance", &list);
    assert!(
        acceptance.contains(
            "各单位中，覆盖率未达标的14个，完整率未达标的1个（第4村），各项均无法判定的1个（第7村），见附件1。"
        ),
        "{acceptance}"
    );
    let acceptance = said(&english(&settings()), "acceptance", &list);
    assert!(
        acceptance.contains("Coverage 14; Completeness 1 (第4村); 1 cannot be judged (第7村)."),
        "{acceptance}"
    );
    // Of the few that are listed only the sort that occurs is named.
    let mut few: Vec<Made> = (0..5).map(|i| village(i, 100, GOOD)).collect();
    few[1] = village(1, 100, [[60; 3], [20; 3]]);
    few[3] = village(3, 0, NONE);
    let acceptance = said(&settings(), "acceptance", &few);
    assert!(acceptance.contains("下列单位尚有指标未达标或者无法判定："), "{acceptance}");
}

/// 40.571… a day, printed as 40.5, for 18 days on top of 1,164 of 3,200.
#[test]
fn a_projection_is_that_of_the_printed_pace() {
    let list = [village(0, 3200, [[880; 3], [284; 3]])];
    let bulletin = said(&settings(), "weekly", &list);
    assert!(bulletin.contains("日均新增覆盖40.5人，到2016年7月7日覆盖率约为59.16%"), "{bulletin}");
}

/// So many a day for so many days is what the sentence says of the target, on a pocket calculator too.
#[test]
fn the_pace_and_its_end_agree() {
    let settings = settings();
    let mut seen = [false; 2];
    for gained in 1..45 {
        let of = |i: u64| {
            let weeks = [[30; 3], [gained.min(40 + 9 * i); 3]];
            made(&i.to_string(), &format!("第{i}村"), "村", None, 97 + i, weeks)
        };
        let list: Vec<Made> = (0..5).map(of).collect();
        let [_, now] = results(&settings, &list);
        let issue = Issue { date: NOW.to, ..Issue::default() };
        let pace = compose(&settings, &settings.reports["weekly"], &now, &[], &issue).model.pace.unwrap();
        let tenths: u64 = (pace.per_day.parse::<f64>().unwrap() * 10.0).round() as u64;
        let missing = now.totals.coverage.denominator - now.totals.coverage.numerator;
        assert_eq!(tenths * pace.days_left >= missing * 10, pace.will_meet, "{gained}: {pace:?}");
        seen[usize::from(pace.will_meet)] = true;
    }
    assert_eq!(seen, [true; 2]);
}
