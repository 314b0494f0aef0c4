//! Villages and the groups below them are counted apart in every sentence: a village holds what its groups have.

use super::*;

const BEFORE_AND_NOW: [[u64; 3]; 2] = [[40; 3], [10; 3]];
const NONE: [[u64; 3]; 2] = [[0; 3]; 2];

/// Eight villages with four groups each; `weeks` of a village and a group by their numbers.
fn tree(expected: u64, weeks: impl Fn(usize, usize) -> [[u64; 3]; 2]) -> Vec<Made> {
    let mut list = Vec::new();
    for village in 0..8 {
        let code = format!("1{village}");
        list.push(made(&code, &format!("第{village}村"), "村", None, 0, NONE));
        for group in 0..4 {
            let below = format!("{code}{group}");
            list.push(made(
                &below,
                &format!("{group}组"),
                "组",
                Some(&code),
                expected,
                weeks(village, group),
            ));
        }
    }
    list
}

/// The same with baselines of 40 in each group, and the sum of them in each village.
fn with_baseline(weeks: impl Fn(usize, usize) -> [[u64; 3]; 2]) -> Vec<Made> {
    let mut list = tree(40, weeks);
    let villages = list.iter_mut().filter(|made| made.unit.parent.is_none());
    villages.for_each(|village| village.expected = 160);
    list
}

fn of(settings: &Settings, report: &str, results: &[Results; 2]) -> String {
    text(&document(settings, report, results))
}

#[test]
fn units_that_lost_their_records_are_counted_by_kind() {
    let settings = settings();
    let [earlier, _] = results(&settings, &tree(100, |_, _| BEFORE_AND_NOW));
    let gone = |village, _| if village < 4 { NONE } else { BEFORE_AND_NOW };
    let both = [earlier.clone(), against(&settings, &tree(100, gone), &earlier)];
    let bulletin = of(&settings, "weekly", &both);
    assert!(
        bulletin
            .contains("4个村、16个组截至6月19日没有登记记录，见附件1注。其中4个村、16个组上期有登记记录。"),
        "{bulletin}"
    );
    let [_, now] = &both;
    let summary = text(&summary(&settings, now).0);
    assert!(summary.contains("截至6月19日没有登记记录的有4个村、16个组。"), "{summary}");
    let settings = english(&settings);
    let bulletin = of(&settings, "weekly", &both);
    assert!(bulletin.contains(" 4 村 and 16 组 of them had records in the last period."), "{bulletin}");
    let summary = text(&super::summary(&settings, now).0);
    assert!(summary.contains("; 4 村 and 16 组 have no records as at 19 June."), "{summary}");
}

#[test]
fn who_was_put_right_is_counted_by_kind() {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    let met = [[30; 3], [10; 3]];
    let over = |village, group| if (village, group) == (0, 0) { [[30; 3], [15; 3]] } else { met };
    let both = results(&settings, &with_baseline(over));
    let acceptance = of(&settings, "acceptance", &both);
    for expected in [
        "上一轮未达标的8个村、32个组中，7个村、31个组经整改已经达标，1个村、1个组待核实，",
        "1个村、1个组登记人数高于应登记底数，尚待核实，本轮验收结论",
    ] {
        assert!(acceptance.contains(expected), "{expected}: {acceptance}");
    }
    // Back below the targets, village and group.
    let worse = |village, group| if (village, group) == (1, 1) { [[30, 10, 10], [10, 0, 0]] } else { met };
    let [earlier, _] = results(&settings, &with_baseline(|_, _| [[40; 3], [0; 3]]));
    let both = [earlier.clone(), against(&settings, &with_baseline(worse), &earlier)];
    let acceptance = of(&settings, "acceptance", &both);
    assert!(acceptance.contains("上一轮已达标、本轮未达标的1个村、1个组：第1村、第1村1组。"), "{acceptance}");
    let acceptance = of(&english(&settings), "acceptance", &results(&settings, &with_baseline(over)));
    assert!(acceptance.contains("1 村 and 1 组 must be verified"), "{acceptance}");
}
