//! Units with more persons than their baseline: not passed and not failed, named apart on every paper.

use tongbao::report::document::Table;

use super::*;
use crate::printed::table;

const PERFECT: [[u64; 3]; 2] = [[30; 3], [30; 3]];

fn baseline() -> Settings {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    settings
}

/// So many villages, each with 60 records; those of `over` have a baseline of 40.
fn villages(count: usize, over: &[usize], weeks: [[u64; 3]; 2]) -> Vec<Made> {
    let one = |i: usize| {
        let expected = if over.contains(&i) { 40 } else { 60 };
        made(&format!("{i:03}"), &format!("第{i}村"), "村", None, expected, weeks)
    };
    (0..count).map(one).collect()
}

fn named<'t>(table: &'t Table, name: &str) -> Vec<&'t str> {
    let row = table.rows.iter().find(|row| row.cells.iter().any(|cell| cell.text == name));
    row.unwrap().cells.iter().map(|cell| cell.text.as_str()).collect()
}

#[test]
fn a_unit_above_its_baseline_is_neither_passed_nor_failed() {
    let settings = baseline();
    let results = results(&settings, &villages(10, &[3], PERFECT));
    let paper = document(&settings, "acceptance", &results);
    let acceptance = text(&paper);
    for expected in [
        "10个单位中，三项指标全部达标的9个，待核实的1个，汇总情况见附件1。",
        "第3村覆盖率150.00%，登记人数高于应登记底数，应核实底数和重复登记，核实前不列为达标。",
        "下列单位登记人数高于应登记底数，待核实：",
        "1个单位登记人数高于应登记底数，尚待核实，本轮验收结论：无法判定。有关单位应核实底数和重复登记后再行验收。",
    ] {
        assert!(acceptance.contains(expected), "{expected}: {acceptance}");
    }
    // In the first of both weeks none had passed: nine have been put right, the tenth is open.
    assert!(acceptance.contains("未达标的10个单位中，9个经整改已经达标，1个待核实，"), "{acceptance}");
    let [_, now] = &results;
    assert_eq!(named(&table(&settings, now, "results"), "第3村").last(), Some(&"待核实"));
    assert_eq!(
        named(&table(&settings, now, "failing"), "第3村"),
        ["1", "第3村", "覆盖率150.00%（高于底数，待核实）"]
    );
    let rate = |unit: &str| {
        let results = table(&settings, now, "results");
        let row = results.rows.iter().find(|row| row.cells[1].text == unit).unwrap();
        row.cells[2].met
    };
    assert_eq!((rate("第3村"), rate("第4村")), (None, Some(true)), "nothing in doubt is coloured as met");
    let page = text(&unit_page(&settings, "acceptance", &results, "003"));
    assert!(page.contains("登记人数高于应登记底数，核实底数和重复登记后再判定是否达标。"), "{page}");
    assert!(!page.contains("均已达标") && !page.contains("缺少底数"), "{page}");
}

#[test]
fn one_that_misses_another_target_has_failed_all_the_same() {
    let settings = baseline();
    let mut list = villages(10, &[3, 5], PERFECT);
    list[5].weeks = [[30, 10, 30], [30, 10, 30]].map(counts_of);
    let bulletin = said(&settings, "weekly", &list);
    for expected in [
        "10个单位中，三项指标全部达标的8个，未达标的1个，待核实的1个。",
        "1个单位有指标未达标（第5村），详见附件1。另有1个单位登记人数高于应登记底数，待核实后判定。",
        "未达标单位要查明原因，加快进度。登记人数高于底数的单位要核实底数和重复登记。",
    ] {
        assert!(bulletin.contains(expected), "{expected}: {bulletin}");
    }
    let acceptance = said(&settings, "acceptance", &list);
    // The one that misses a target is above its baseline too.
    for expected in [
        "1个单位有指标未达标，另有1个单位登记人数高于应登记底数，尚待核实，本轮验收结论",
        "登记人数高于应登记底数的单位要同时核实底数和重复登记。",
    ] {
        assert!(acceptance.contains(expected), "{expected}: {acceptance}");
    }
}

#[test]
fn the_total_of_doubtful_parts_is_in_doubt() {
    let settings = baseline();
    let list = villages(9, &[0, 1, 2, 3, 4, 5, 6, 7, 8], PERFECT);
    let results = results(&settings, &list);
    for report in ["weekly", "acceptance"] {
        let paper = text(&document(&settings, report, &results));
        assert!(paper.contains("覆盖率150.00%（目标100%），高于底数，待核实"), "{report}: {paper}");
    }
    let headline = table(&settings, &results[1], "indicators");
    assert_eq!(named(&headline, "覆盖率").last(), Some(&"待核实"));
}

#[test]
fn the_summary_lists_nobody_in_doubt_first_and_nobody_who_passed_last() {
    let settings = baseline();
    let mut list = villages(12, &[0, 1], PERFECT);
    for (i, unit) in list.iter_mut().enumerate().skip(10) {
        let n = 30 - i as u64;
        unit.weeks = [[n; 3], [n; 3]].map(counts_of);
    }
    let [_, now] = results(&settings, &list);
    let ends = table(&settings, &now, "ends");
    let names = |column: usize| -> Vec<&str> {
        let cells = ends.rows.iter().map(|row| row.cells[column].text.as_str());
        cells.filter(|name| !name.is_empty()).collect()
    };
    assert_eq!(names(1), ["8个单位并列"], "{ends:?}");
    assert_eq!(names(4), ["第10村", "第11村"], "{ends:?}");
    let note = ends.note.as_deref().unwrap();
    assert_eq!(note, "注：第0村、第1村登记人数高于应登记底数，待核实，未列为居前单位。");
    // Who has passed is not said to lag, however many others have passed too.
    let [_, now] = results(&settings, &villages(12, &[], PERFECT));
    let ends = table(&settings, &now, "ends");
    assert_eq!(ends.columns.len(), 3, "{ends:?}");
}

#[test]
fn a_list_that_begins_with_a_later_place_says_why() {
    let settings = baseline();
    let mut list = villages(12, &[0, 1], PERFECT);
    for (i, unit) in list.iter_mut().enumerate().skip(2) {
        let n = 30 - i as u64;
        unit.weeks = [[n; 3], [n; 3]].map(counts_of);
    }
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("全街第3名第2村"), "{bulletin}");
    assert!(bulletin.contains("核实前不列为达标，也不列入居前单位。"), "{bulletin}");
    // Two are commended, which these are kept from.
    for unit in &mut list[2..4] {
        unit.weeks = PERFECT.map(counts_of);
    }
    let ranking = said(&settings, "ranking", &list);
    assert!(ranking.contains("核实前不列为达标，也不予表扬。"), "{ranking}");
}

/// What a unit is kept from until it is verified is said only where somebody has it.
#[test]
fn nobody_is_kept_from_praise_that_nobody_gets() {
    let settings = baseline();
    let list = villages(9, &[0, 1], [[30, 10, 10], [30, 5, 5]]);
    for (settings, ranking_says, bulletin_says) in [
        (settings.clone(), ["核实前不列为达标。", "不予表扬"], ["核实前不列为达标。", "列入居前"]),
        (
            english(&settings),
            ["not counted as meeting the targets.", "nor commended"],
            ["not counted as meeting the targets.", "nor listed"],
        ),
    ] {
        for (report, [expected, idle]) in [("ranking", ranking_says), ("weekly", bulletin_says)] {
            let paper = said(&settings, report, &list);
            assert!(paper.contains(expected) && !paper.contains(idle), "{report}: {paper}");
        }
    }
    // Nobody leads: the summary's note does not speak of leading.
    let over: Vec<usize> = (0..9).collect();
    let [_, now] = results(&settings, &villages(9, &over, PERFECT));
    let note = table(&settings, &now, "ends").note.unwrap();
    assert!(note.ends_with("待核实。"), "{note}");
}

#[test]
fn more_than_all_is_no_better_place_than_all() {
    let settings = baseline();
    let [_, now] = results(&settings, &villages(9, &[3], PERFECT));
    assert!(now.assessed().all(|unit| unit.rank == Some(1)), "150 % is no lead over 100 %");
}

#[test]
fn english_papers_say_the_same() {
    let settings = english(&baseline());
    let acceptance = said(&settings, "acceptance", &villages(10, &[3], PERFECT));
    for expected in [
        "Of 10 units, 9 meet all three targets and 1 must be verified; see annex 1.",
        "More persons than expected: 第3村 (150.00%). The baseline and repeated records must be verified; until then \
         this unit is not counted as meeting the targets.",
        "One unit has more persons than expected and must be verified. Result of this round: cannot be judged.",
    ] {
        assert!(acceptance.contains(expected), "{expected}: {acceptance}");
    }
    let ranking = said(&settings, "ranking", &villages(10, &[], [[20, 15, 15], [10, 5, 5]]));
    let asked = "register what is missing, fill what is blank and correct what does not agree before";
    assert!(ranking.contains(asked), "{ranking}");
}
