//! What a reader could refute with the same paper, the calendar or a calculator.

use tongbao::config::settings::{KindRules, Measure, OwnIndicator};
use tongbao::indicator::exceptions::ExceptionCounts;

use super::*;
use crate::printed::table;

fn villages() -> Vec<Made> {
    campaign(12, |i| format!("第{i}"))
}

/// The text of a report on results that were made by hand.
fn text_of(settings: &Settings, report: &str, results: &Results) -> String {
    let number = Some("荔街〔2016〕61号".to_owned());
    let issue = Issue { date: NOW.to, number, round: 2, ..Issue::default() };
    let report = &settings.reports[report];
    text(&TEMPLATES.document(report, &compose(settings, report, results, &[], &issue)).unwrap())
}

#[test]
fn findings_of_records_after_the_cut_off_are_not_said_of_those_before_it() {
    let settings = settings();
    let list = villages();
    let results = |later: u64| {
        let mut snapshot = snapshot(&settings, &list);
        snapshot.tally.findings.invalid_id_numbers = 7;
        snapshot.tally.findings.invalid_birth_dates = 2;
        let day = Some(days_since_epoch(NOW.to) + 1);
        snapshot.tally.add(Bucket { unit: Some(0), day }, counts_of([later; 3]));
        Results::new(&snapshot, NOW, rules(&settings), None)
    };
    for report in ["weekly", "acceptance"] {
        let all = results(0);
        let plain = text_of(&settings, report, &all);
        assert!(plain.contains("身份号码残缺或校验不符的7条；出生日期不成立的2条"), "{plain}");
        let more = text_of(&settings, report, &results(30));
        let count = all.records_read + 30;
        let expected = format!(
            "提取的全部{count}条记录（含截止日后登记的30条）中，身份号码残缺或校验不符的7条、出生日期不成立的2条"
        );
        assert!(more.contains(&expected), "{expected}: {more}");
        let more = text_of(&english(&settings), report, &results(30));
        let expected =
            format!("in all {count} records taken, 30 of which were registered after the cut-off, ");
        // Below a heading of its own it begins the sentence.
        assert!(more.to_lowercase().contains(&expected), "{expected}: {more}");
    }
}

#[test]
fn what_an_acceptance_will_judge_is_due_before_the_campaign_ends() {
    let mut settings = settings();
    settings.reports.values_mut().for_each(|report| report.rectify_within_days = 30);
    let both = results(&settings, &villages());
    let ranking = text(&document(&settings, "ranking", &both));
    assert!(ranking.contains("于2016年7月7日前"), "{ranking}");
    assert!(text(&document(&english(&settings), "ranking", &both)).contains("before 7 July 2016"));
    // After the acceptance there is time for what it found.
    let acceptance = text(&document(&settings, "acceptance", &both));
    assert!(acceptance.contains("于2016年7月19日前完成整改"), "{acceptance}");
}

#[test]
fn the_last_bulletin_of_a_campaign_promises_no_other() {
    let mut settings = settings();
    let said = |settings: &Settings| said(settings, "weekly", &villages());
    assert!(said(&settings).contains("于下期通报前完成更正。"));
    settings.campaign.phases.iter_mut().for_each(|phase| phase.to = NOW.to);
    let last = said(&settings);
    assert!(last.contains("于2016年7月4日前完成更正。") && !last.contains("下期"), "{last}");
    let last = said(&english(&settings));
    assert!(last.contains("before 4 July 2016.") && !last.contains("next bulletin"), "{last}");
}

#[test]
fn the_compared_day_is_named_where_it_is_first_spoken_of() {
    let settings = settings();
    let both = results(&settings, &villages());
    for (report, words, compared, earlier) in [
        ("weekly", "上期", "上期（截至2016年6月12日）比较", "last period (as at 12 June 2016)"),
        ("ranking", "上期", "上期（截至2016年6月12日）比较", "last ranking (as at 12 June 2016)"),
        ("acceptance", "上一轮", "上一轮截至2016年6月12日。", "last round was as at 12 June 2016."),
    ] {
        let said = text(&document(&settings, report, &both));
        assert_eq!(said.find(words), said.find(compared), "{said}");
        let said = text(&document(&english(&settings), report, &both));
        assert!(said.contains(earlier), "{said}");
        let first = text_of(&settings, report, &both[0]);
        assert!(!first.contains(words), "nothing is compared: {first}");
    }
}

#[test]
fn an_acceptance_with_proof_does_not_claim_that_nothing_was_adjusted() {
    let settings = settings();
    let [_, mut now] = results(&settings, &villages());
    let plain = text_of(&settings, "acceptance", &now);
    assert!(plain.contains("由计算机按统一口径计算，未作人工调整，"), "{plain}");
    now.exceptions = ExceptionCounts::of_rows(3, vec![(0, "1".into(), 3)]).unwrap();
    let proved = text_of(&settings, "acceptance", &now);
    assert!(proved.contains("计算，除凭佐证计为相符的记录外未作人工调整，"), "{proved}");
    let proved = text_of(&english(&settings), "acceptance", &now);
    assert!(proved.contains("not adjusted by hand, but for the records that count by proof."), "{proved}");
}

#[test]
fn a_unit_with_repeated_records_has_something_to_correct() {
    let settings = settings();
    let mut list = vec![
        made("1", "甲村", "村", None, 100, [[60; 3], [40; 3]]),
        made("2", "乙村", "村", None, 100, [[60; 3], [30; 3]]),
    ];
    let page = |list: &[Made], settings: &Settings| {
        text(&unit_page(settings, "weekly", &results(settings, list), "1"))
    };
    assert!(page(&list, &settings).contains("没有需要更正的记录。"));
    list[0].weeks[1].duplicates = 3;
    let repeated = page(&list, &settings);
    assert!(
        repeated.contains("公民身份号码重复，多出的记录3条，请核实。") && !repeated.contains("没有需要更正"),
        "{repeated}"
    );
    let repeated = page(&list, &english(&settings));
    assert!(
        repeated.contains("Surplus records that repeat an ID number: 3")
            && !repeated.contains("no records to be"),
        "{repeated}"
    );
}

#[test]
fn the_summary_asks_for_what_is_lacking_alone() {
    let settings = settings();
    let kind = ReportKind::Own("summary".to_owned());
    let report = Report { kind, ..settings.reports["ranking"].clone() };
    let said = |list: &[Made]| {
        let [_, now] = results(&settings, list);
        let issue = Issue { date: NOW.to, round: 1, ..Issue::default() };
        text(&TEMPLATES.document(&report, &compose(&settings, &report, &now, &[], &issue)).unwrap())
    };
    let of = |weeks| ["甲村", "乙村"].map(|name| made(name, name, "村", None, 100, weeks));
    let covered = said(&of([[60, 30, 60], [40, 30, 40]]));
    assert!(covered.contains("前补齐缺失项目。") && !covered.contains("漏登"), "{covered}");
    let complete = said(&of([[30; 3], [40; 3]]));
    assert!(complete.contains("前补登漏登人员。"), "{complete}");
}

#[test]
fn the_shares_of_items_and_relations_say_what_they_are_of() {
    let settings = settings();
    let [_, now] = results(&settings, &villages());
    let rules = table(&settings, &now, "definitions");
    let of = |term: &str| {
        let row = rules.rows.iter().find(|row| row.cells[0].text == term).unwrap();
        row.cells[1].text.as_str()
    };
    assert!(of("完整率").contains("单项填写率的分母为适用该项的记录数"), "{rules:?}");
    assert!(of("准确率").contains("单项相符率的分母为应判该项关系的记录数"), "{rules:?}");
}

#[test]
fn tables_that_would_divide_a_name_or_a_figure_are_turned() {
    let settings = settings();
    let turned_with = |settings: &Settings, name: &dyn Fn(usize) -> String, report: &str| -> Vec<bool> {
        let paper = document(settings, report, &results(settings, &campaign(37, name)));
        tongbao::layout::compose::compose(&paper, &*FONTS).unwrap().turned
    };
    let turned = |name: &dyn Fn(usize) -> String, report: &str| turned_with(&settings, name, report);
    let long = |i: usize| format!("第{i}来穗人员服务管理出租屋网格化综合治理联合示范");
    let short = |i: usize| format!("第{i}");
    assert_eq!(turned(&long, "weekly"), [true, true, false]);
    assert_eq!(turned(&short, "weekly"), [false; 3]);
    assert_eq!(turned(&long, "ranking"), [false, true, true, false]);
    assert_eq!(turned(&long, "acceptance"), [false, true, true, true, false, false]);
    // So are those with a column too many.
    let mut wide = settings.clone();
    for name in ["住址填报率", "民族填报率", "姓名填报率"] {
        let measure = Measure::Fields(vec![tongbao::register::field::Field::Ethnicity]);
        let label = tongbao::rule::definitions::Label { zh: name.into(), en: name.into() };
        let target = wide.indicators.completeness.target;
        let weight = num_rational::Ratio::from_integer(0);
        wide.indicators.own.push(OwnIndicator {
            key: name.into(),
            label,
            counted: None,
            measure,
            target,
            weight,
        });
    }
    assert_eq!(turned_with(&wide, &short, "weekly"), [true, false, false]);
}

#[test]
fn records_that_cannot_be_judged_are_not_said_to_be_missing() {
    let settings = settings();
    let mut list: Vec<Made> =
        ["甲村", "乙村"].map(|name| made(name, name, "村", None, 100, [[50; 3]; 2])).into();
    let unjudged = |week: &mut Counts| (week.judged, week.accurate) = (0, 0);
    list.iter_mut().flat_map(|unit| &mut unit.weeks).for_each(unjudged);
    for report in ["weekly", "acceptance"] {
        let said = said(&settings, report, &list);
        assert!(said.contains("准确率—（目标86%），没有可判定的记录，无法判定"), "{said}");
    }
    let page = text(&unit_page(&settings, "weekly", &results(&settings, &list), "甲村"));
    assert!(page.contains("尚不能判定是否达标：准确率无法判定（没有可判定的记录）。"), "{page}");
    let page = text(&unit_page(&english(&settings), "weekly", &results(&settings, &list), "甲村"));
    assert!(
        page.contains("cannot all be judged yet: Accuracy cannot be judged (no records to judge)."),
        "{page}"
    );
}

#[test]
fn targets_and_points_of_a_kind_stand_beside_those_of_all() {
    let mut settings = settings();
    let target = |percent| Target(num_rational::Ratio::new(percent, 100));
    let rules = KindRules { targets: [(Indicator::Coverage, target(95))].into(), weights: BTreeMap::new() };
    settings.indicators.unit_kinds.insert("社区".into(), rules);
    for report in ["weekly", "ranking", "acceptance"] {
        let said = said(&settings, report, &villages());
        assert!(said.contains("社区的目标值：覆盖率95%。"), "{report}: {said}");
        let said = self::said(&english(&settings), report, &villages());
        assert!(said.contains("Targets of 社区: Coverage 95%."), "{report}: {said}");
    }
}

#[test]
fn of_units_that_lack_as_many_all_are_named_or_none() {
    let settings = settings();
    let of = |lacking: &[u64]| {
        let unit = |(i, lacking): (usize, &u64)| {
            let had = 100 - lacking;
            made(&format!("{i}"), &format!("第{i}村"), "村", None, 100, [[had; 3], [0; 3]])
        };
        said(&settings, "weekly", &lacking.iter().enumerate().map(unit).collect::<Vec<_>>())
    };
    let alike = of(&[50; 12]);
    assert!(
        !alike.contains("合计占") && alike.contains("尚无单位三项指标全部达标。全街尚有600人未覆盖。"),
        "{alike}"
    );
    let two = of(&[40, 40, 5, 5, 5, 5]);
    assert!(two.contains("第0村40人、第1村40人，上述2个单位合计占80.00%。"), "{two}");
    let cut = of(&[30, 20, 20, 20, 20, 20, 20]);
    assert!(cut.contains("第0村30人，占20.00%。"), "{cut}");
}

#[test]
fn a_shared_place_reads_well_on_the_page_of_a_unit() {
    let settings = settings();
    let list: Vec<Made> =
        (0..4).map(|i| made(&format!("{i}"), &format!("第{i}村"), "村", None, 100, [[20; 3]; 2])).collect();
    let page = text(&unit_page(&settings, "weekly", &results(&settings, &list), "1"));
    assert!(page.contains("在全部单位中并列第1名"), "{page}");
}

/// Two villages: the first gains coverage and loses a little accuracy, the second passes it.
fn passed() -> Vec<Made> {
    let of = |code: &str, weeks| made(code, &format!("第{code}村"), "村", None, 100, weeks);
    vec![of("001", [[40, 40, 32], [20, 20, 14]]), of("002", [[30; 3], [60; 3]])]
}

#[test]
fn a_unit_that_gained_points_did_not_fall_by_a_rate_of_its_own() {
    let settings = settings();
    for (settings, expected) in [
        (settings.clone(), "第001村（下降1位，本单位得分未降，其他单位进步更快）"),
        (english(&settings), "others gained more"),
    ] {
        let ranking = said(&settings, "ranking", &passed());
        assert!(ranking.contains(expected), "{ranking}");
        assert!(!ranking.contains("80.00%"), "the accuracy cost no place: {ranking}");
    }
}

#[test]
fn units_with_everybody_make_up_for_none_that_stands_still() {
    let settings = settings();
    let of = |code: &str, weeks| made(code, &format!("第{code}村"), "村", None, 60, weeks);
    let list = [of("001", [[10; 3], [50; 3]]), of("002", [[10; 3], [0; 3]])];
    let bulletin = said(&settings, "weekly", &list);
    // 60 and 10 of 120, whatever the first goes on to do.
    assert!(bulletin.contains("覆盖率约为58.33%"), "{bulletin}");
}

#[test]
fn records_of_the_whole_campaign_are_not_new_in_a_ranking() {
    let settings = settings();
    let results = results(&settings, &passed());
    let page = |report: &str| text(&unit_page(&settings, report, &results, "001"));
    assert!(page("weekly").contains("本期新增20条"), "{}", page("weekly"));
    assert!(!page("ranking").contains("新增"), "{}", page("ranking"));
    // Fourteen records fail a relation.
    assert!(!page("weekly").contains("没有需要更正的记录"), "{}", page("weekly"));
}
