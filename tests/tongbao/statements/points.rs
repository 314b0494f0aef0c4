//! Points that are taken or refused: said wherever a score stands that a reader works out from its rates.

use num_rational::Ratio;
use tongbao::config::settings::Deduction;

use super::*;
use crate::printed::table;

fn village(i: usize, weeks: [[u64; 3]; 2]) -> Made {
    made(&i.to_string(), &format!("第{i}村"), "村", None, 100, weeks)
}

fn deducting(units: &[&str]) -> Settings {
    let mut settings = settings();
    let deduction = |unit: &&str| Deduction {
        unit: (*unit).to_owned(),
        points: Ratio::new(3, 2),
        reason: "迟报两次".into(),
    };
    settings.scoring.deductions = units.iter().map(deduction).collect();
    settings
}

#[test]
fn a_deduction_stands_below_each_table_of_scores_and_on_the_units_page() {
    let list: Vec<Made> = (0..5).map(|i| village(i, [[40, 38, 38 - i as u64], [20; 3]])).collect();
    let settings = deducting(&["1", "3"]);
    let both = results(&settings, &list);
    for name in ["progress", "results"] {
        let note = table(&settings, &both[1], name).note.unwrap_or_default();
        assert!(note.contains("第1村、第3村扣1.50分：迟报两次"), "{name}: {note}");
    }
    // Of those that a summary names, here two at each end.
    let note = table(&settings, &both[1], "ends").note.unwrap_or_default();
    assert!(note.contains("第1村、第3村扣1.50分：迟报两次"), "{note}");
    // 考核得分表 has a column for it.
    let note = table(&settings, &both[1], "scores").note.unwrap_or_default();
    assert!(!note.contains("迟报"), "{note}");
    let page = text(&unit_page(&settings, "weekly", &both, "3"));
    assert!(page.contains("分（扣1.50分：迟报两次），在"), "{page}");
    let english = english(&settings);
    let note = table(&english, &both[1], "results").note.unwrap_or_default();
    assert!(note.contains("第1村 and 第3村: 1.50 points taken: 迟报两次"), "{note}");
}

#[test]
fn a_vetoed_unit_reads_the_reason_beside_its_points() {
    let mut settings = deducting(&["0"]);
    settings.scoring.vetoes = vec![Veto {
        indicator: Indicator::Coverage,
        below: Target(Ratio::new(1, 2)),
        reason: "覆盖率低于50%".into(),
    }];
    let list: Vec<Made> = (0..4).map(|i| village(i, [[20; 3], [if i == 0 { 10 } else { 40 }; 3]])).collect();
    let both = results(&settings, &list);
    let page = text(&unit_page(&settings, "weekly", &both, "0"));
    assert!(page.contains("综合得分0.00分（一票否决：覆盖率低于50%），"), "{page}");
    // Nothing is taken from no points.
    let note = table(&settings, &both[1], "results").note.unwrap_or_default();
    assert!(note.contains("一票否决") && !note.contains("迟报"), "{note}");
}

/// 第0村 falls although its rates rise: whether by others or by a deduction since, two papers may say differently.
#[test]
fn a_fall_after_a_deduction_is_not_explained_by_others() {
    let weeks = |i: usize| if i == 0 { [[60; 3], [5; 3]] } else { [[30 + i as u64; 3], [50; 3]] };
    let list: Vec<Made> = (0..5).map(|i| village(i, weeks(i))).collect();
    let faster = "其他单位进步更快";
    let ranking = said(&settings(), "ranking", &list);
    assert!(ranking.contains(faster), "{ranking}");
    let ranking = said(&deducting(&["0"]), "ranking", &list);
    assert!(ranking.contains("第0村（下降") && !ranking.contains(faster), "{ranking}");
}

/// In one kind two lead, in the other three of four share the first place: both are said.
#[test]
fn a_kind_whose_first_place_many_share_is_not_left_out() {
    let mut list = Vec::new();
    for i in 0..8_usize {
        let (code, kind) = (format!("1{i}"), if i < 4 { "社区" } else { "村" });
        list.push(made(&code, &format!("第{i}{kind}"), kind, None, 0, [[0; 3]; 2]));
        let weeks = if (1..4).contains(&i) { [[60; 3], [40; 3]] } else { [[40 + 5 * i as u64; 3], [9; 3]] };
        list.push(made(&format!("{code}0"), "1组", "组", Some(&code), 100, weeks));
    }
    let bulletin = said(&settings(), "weekly", &list);
    assert!(bulletin.contains("社区并列第1名的3个单位（100.00分）；村第1名第7村（"), "{bulletin}");
    let bulletin = said(&english(&settings()), "weekly", &list);
    assert!(bulletin.contains("社区: No. 1, shared by 3 units (100.00); 村: No. 1 第7村"), "{bulletin}");
}

#[test]
fn a_mail_says_why_a_unit_has_no_points() {
    let mut list: Vec<Made> = (0..4).map(|i| village(i, [[40 - i as u64; 3], [20; 3]])).collect();
    list.push(village(4, [[0; 3]; 2]));
    let settings = deducting(&["1"]);
    for (settings, expected) in [
        (settings.clone(), ["（扣1.50分：迟报两次）", "5. 第4村 0.00 —（没有登记记录）"]),
        (english(&settings), ["(1.50 points taken: 迟报两次)", "5. 第4村 0.00 — (no records)"]),
    ] {
        let [earlier, now] = results(&settings, &list);
        let report = &settings.reports["ranking"];
        let composition = compose(&settings, report, &now, &trend([&earlier, &now]), &Issue::default());
        let mail = TEMPLATES.mail(report, "题", &composition).unwrap();
        assert!(mail.text.contains(expected[1]), "{}", mail.text);
        let reason = expected[0].trim_matches(['(', ')', '（', '）']);
        assert!(mail.text.contains(expected[0]) && mail.html.contains(reason), "{}", mail.text);
    }
}

/// One of four communities and one of four villages have nobody: each is the last of its kind, and alone so.
#[test]
fn the_last_place_of_a_kind_is_not_shared_with_another_kind() {
    let mut list = Vec::new();
    for i in 0..8_usize {
        let (code, kind) = (format!("1{i}"), if i < 4 { "社区" } else { "村" });
        list.push(made(&code, &format!("第{i}{kind}"), kind, None, 0, [[0; 3]; 2]));
        let n = if i % 4 == 3 { 0 } else { 40 + i as u64 };
        list.push(made(&format!("{code}0"), "1组", "组", Some(&code), 100, [[n; 3], [0; 3]]));
    }
    let settings = settings();
    let [_, now] = results(&settings, &list);
    for name in ["progress", "scores"] {
        let note = table(&settings, &now, name).note.unwrap_or_default();
        for unit in ["第3社区", "第7村"] {
            assert!(
                note.contains(&format!("{unit}截至6月19日没有登记记录，计0分，排在末位")),
                "{name}: {note}"
            );
        }
    }
}
