//! Who shares a place, and who has no records: named whole, or counted, on every paper alike.

use tongbao::report::document::Table;

use super::*;
use crate::printed::table;

const GOOD: [[u64; 3]; 2] = [[60, 58, 58], [40, 40, 40]];
const NONE: [[u64; 3]; 2] = [[0; 3]; 2];

/// `counts` units of each quality, in their order; the others differ.
fn villages(first: usize, others: usize, silent: usize) -> Vec<Made> {
    let of = |i: usize, weeks| made(&format!("{i:03}"), &format!("第{i}村"), "村", None, 100, weeks);
    let worse = |i: usize| [[40 - i as u64, 20, 20], [5, 3, 3]];
    let last = first + others;
    let good = (0..first).map(|i| of(i, GOOD));
    let between = (first..last).map(|i| of(i, worse(i - first)));
    good.chain(between).chain((last..last + silent).map(|i| of(i, NONE))).collect()
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect()
}

fn notes(document: &Document) -> String {
    let note = |block: &Block| if let Block::Table(table) = block { table.note.clone() } else { None };
    document.blocks.iter().filter_map(note).collect()
}

#[test]
fn a_place_that_four_share_is_praised_whole() {
    let settings = settings();
    let ranking = said(&settings, "ranking", &villages(4, 9, 0));
    assert_eq!(ranking.matches("村（并列第1名，").count(), 4, "{ranking}");
    // Half of all are no reason for praise.
    let ranking = said(&settings, "ranking", &villages(7, 6, 0));
    assert!(!ranking.contains("通报表扬"), "{ranking}");
}

#[test]
fn an_area_without_a_name_leaves_ranks_and_gaps_without_one() {
    let mut settings = settings();
    settings.campaign.area.clear();
    let bulletin = said(&settings, "weekly", &villages(4, 9, 0));
    for expected in ["\n并列第1名第0村（", "\n第11名第6村（", "\n13个单位中，"] {
        assert!(bulletin.contains(expected), "{expected}: {bulletin}");
    }
}

#[test]
fn a_place_that_many_share_is_counted_and_none_of_it_is_left_out() {
    let settings = settings();
    let list = villages(12, 15, 10);
    let ranking = said(&settings, "ranking", &list);
    for expected in [
        "居前的：并列第1名的12个单位（",
        "居后的：并列第28名的10个单位（0.00分，截至6月19日没有登记记录）。",
        "对三项指标全部达标且名次居前的并列第1名的12个单位（",
        "名单见附件1）予以通报表扬。",
        "并列末位的有10个单位（0.00分，截至6月19日没有登记记录，名单见附件1）。",
    ] {
        assert!(ranking.contains(expected), "{expected}: {ranking}");
    }
    let bulletin = said(&settings, "weekly", &list);
    assert!(bulletin.contains("全街并列第1名的12个单位（"), "{bulletin}");
    assert!(bulletin.contains("全街并列第28名的10个单位（0.00分，截至6月19日没有登记记录）。"), "{bulletin}");
    let settings = english(&settings);
    let ranking = said(&settings, "ranking", &list);
    for expected in [
        "First: No. 1, shared by 12 units (",
        "Last: No. 28, shared by 10 units (0.00, no records as at 19 June).",
        "Commended for meeting all three targets in a leading place: the 12 units that share No. 1 (",
        "Last: the 10 units that share the last place (0.00, no records as at 19 June; see annex 1).",
    ] {
        assert!(ranking.contains(expected), "{expected}: {ranking}");
    }
}

/// The note below a list says of each unit without records what its place is.
#[test]
fn a_list_says_which_places_units_without_records_have() {
    let settings = settings();
    let note = |settings: &Settings, list: &[Made]| {
        let [_, now] = results(settings, list);
        ["ranking 村", "scores"].map(|name| table(settings, &now, name).note.unwrap())
    };
    let (all, two, one) = (villages(0, 0, 12), villages(3, 3, 2), villages(3, 3, 1));
    for (settings, list, expected) in [
        (settings.clone(), &all, "注：所列单位截至6月19日没有登记记录，计0分，名次相同。"),
        (settings.clone(), &two, "注：第6村、第7村截至6月19日没有登记记录，计0分，并列末位。"),
        (settings.clone(), &one, "注：第6村截至6月19日没有登记记录，计0分，排在末位。"),
        (
            english(&settings),
            &all,
            "Note: all units listed: no records as at 19 June, therefore 0 points and the same place.",
        ),
        (
            english(&settings),
            &two,
            "Note: 第6村 and 第7村: no records as at 19 June, therefore 0 points and the last place, shared.",
        ),
    ] {
        for note in note(&settings, list) {
            assert_eq!(note, expected);
        }
    }
    // Communities without records beside villages with some: they share a place among themselves.
    let mut list = villages(3, 3, 0);
    let community = |code: &str| made(code, &format!("{code}社区"), "社区", None, 100, NONE);
    list.extend(["甲", "乙"].map(community));
    let [_, now] = results(&settings, &list);
    let note = table(&settings, &now, "ranking 社区").note.unwrap();
    assert_eq!(note, "注：所列单位截至6月19日没有登记记录，计0分，名次相同。");
    let note = table(&settings, &now, "scores").note.unwrap();
    assert!(note.contains("社区截至6月19日没有登记记录，计0分，并列末位"), "{note}");
}

#[test]
fn where_all_share_one_place_none_of_them_is_last() {
    let settings = settings();
    let list = villages(0, 0, 37);
    for (settings, label, last) in [
        (settings.clone(), "名次相同的：并列第1名的37个单位（0.00分", "居后的"),
        (english(&settings), "All equal: No. 1, shared by 37 units (0.00", "Last: No. 1"),
    ] {
        let ranking = said(&settings, "ranking", &list);
        assert!(ranking.contains(label) && !ranking.contains(last), "{ranking}");
    }
}

/// Nine villages pass the two in front of them alike: too many to be named, but they have moved.
#[test]
fn places_that_many_gain_alike_are_no_standstill() {
    let settings = settings();
    let of = |i: usize, weeks| made(&format!("{i:03}"), &format!("第{i}村"), "村", None, 60, weeks);
    let list: Vec<Made> =
        (0..11).map(|i| of(i, if i < 2 { [[60; 3], [0; 3]] } else { [[30; 3], [30; 3]] })).collect();
    for (settings, moved, still) in [
        (settings.clone(), "名次上升的单位9个，见排名榜。", "名次没有变化"),
        (english(&settings), "9 units gained places; see the ranking above.", "no unit has changed"),
    ] {
        let ranking = said(&settings, "ranking", &list);
        assert!(ranking.contains(moved) && !ranking.contains(still), "{ranking}");
    }
}

#[test]
fn the_summary_cuts_no_tie() {
    let settings = settings();
    let [_, now] = results(&settings, &villages(2, 3, 7));
    let ends = table(&settings, &now, "ends");
    let shown = rows(&ends);
    let names: Vec<[&str; 4]> = shown.iter().map(|row| [row[0], row[1], row[3], row[4]]).collect();
    assert_eq!(names[0][..2], ["1", "第0村"]);
    assert_eq!(names[1][..2], ["1", "第1村"]);
    assert_eq!(names[4][..2], ["5", "第2村"]);
    // Seven share the last place: one row says so.
    assert_eq!(names[0][2..], ["6", "7个单位并列"]);
    assert_eq!(names[1][2..], ["", ""]);
    let shorter = table(&settings, &now, "ends 3");
    assert_eq!(shorter.rows.len(), 3, "{shorter:?}");
    // All equal: one place, and no last one.
    let [_, now] = results(&settings, &villages(9, 0, 0));
    assert_eq!(rows(&table(&settings, &now, "ends")), [["1", "9个单位并列", "100.00"]]);
}

#[test]
fn an_acceptance_says_why_a_unit_has_no_points() {
    let settings = settings();
    let list = villages(3, 3, 1);
    let paper = document(&settings, "acceptance", &results(&settings, &list));
    assert!(text(&paper).contains("第6村截至6月19日没有登记记录，计0分。"), "{}", text(&paper));
    assert!(notes(&paper).contains("注：第6村截至6月19日没有登记记录，计0分。"), "{}", notes(&paper));
    let definitions = paper.blocks.iter().rev().find_map(|block| match block {
        Block::Table(table) if table.columns[0].head == "项目" => Some(format!("{table:?}")),
        _ => None,
    });
    assert!(definitions.unwrap().contains("应登记数大于0而没有登记记录的单位计0分，"));
    let settings = english(&settings);
    let paper = document(&settings, "acceptance", &results(&settings, &list));
    assert!(
        text(&paper).contains("No records as at 19 June, therefore 0 points: 第6村."),
        "{}",
        text(&paper)
    );
    assert!(
        notes(&paper).contains("第6村: no records as at 19 June, therefore 0 points."),
        "{}",
        notes(&paper)
    );
}

/// Persons of its roster whom others have registered are covered, though the unit has no records.
#[test]
fn a_silent_unit_is_said_to_be_covered_by_others() {
    let settings = settings();
    let mut list = villages(3, 3, 1);
    list[6].weeks[0] = Counts { covered: 12, ..Counts::default() };
    let results = results(&settings, &list);
    let ranking = notes(&document(&settings, "ranking", &results));
    assert!(
        ranking.contains("第6村截至6月19日没有登记记录（已覆盖的人员登记在其他单位名下），计0分"),
        "{ranking}"
    );
    // Two without records, of which one is covered by others, share no place: only the last one is said to be last.
    list.push(made("007", "第7村", "村", None, 100, NONE));
    let both = notes(&document(&settings, "ranking", &super::results(&settings, &list)));
    assert!(both.contains("第7村截至6月19日没有登记记录，计0分，排在末位；第6村截至6月19日没有登记记录（已覆盖的人员登记在其他单位名下），计0分。"), "{both}");
    let page = text(&unit_page(&settings, "weekly", &results, "006"));
    assert!(page.contains("你单位截至6月19日没有登记记录。") && !page.contains("末位"), "{page}");
    assert!(page.contains("已覆盖12人（均登记在其他单位名下），尚有88人未覆盖。"), "{page}");
}

#[test]
fn a_page_of_an_acceptance_speaks_of_rounds() {
    let settings = settings();
    let results = results(&settings, &villages(3, 4, 0));
    let page = unit_page(&settings, "acceptance", &results, "005");
    let heads = page.blocks.iter().find_map(|block| match block {
        Block::Table(table) => Some(table.columns.iter().map(|c| c.head.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    assert!(heads.unwrap().contains(&"上一轮".to_owned()));
    assert!(!format!("{page:?}").contains("上期") && !format!("{page:?}").contains("本期"), "{page:?}");
    let page = unit_page(&settings, "weekly", &results, "005");
    assert!(text(&page).contains("上期第") && text(&page).contains("本期新增"), "{}", text(&page));
}

#[test]
fn a_unit_without_data_has_no_empty_chart() {
    let settings = settings();
    let mut list = villages(3, 4, 0);
    list.push(made("900", "空村", "村", None, 0, NONE));
    let results = results(&settings, &list);
    let has_chart = |code: &str| {
        let page = unit_page(&settings, "weekly", &results, code);
        page.blocks.iter().any(|block| matches!(block, Block::Chart(_)))
    };
    assert!(has_chart("001") && !has_chart("900"));
}

/// What is the same of all that share the last place is said once.
#[test]
fn the_last_place_is_described_once() {
    let settings = settings();
    let list = villages(3, 3, 0);
    let mut list: Vec<Made> = list.into_iter().take(4).collect();
    for i in 4..7 {
        list.push(made(&format!("00{i}"), &format!("第{i}村"), "村", None, 100, [[10, 5, 5], [0; 3]]));
    }
    let ranking = said(&settings, "ranking", &list);
    let expected = "并列末位的为第4村、第5村、第6村（均为39.09分，覆盖率10.00%、完整率50.00%、准确率50.00%，均未达标）。";
    assert!(ranking.contains(expected), "{ranking}");
    let ranking = said(&english(&settings), "ranking", &list);
    let expected = "Last: 第4村, 第5村 and 第6村 (39.09 each; below target: Coverage 10.00%, Completeness 50.00% and \
                    Accuracy 50.00%).";
    assert!(ranking.contains(expected), "{ranking}");
}

/// A unit is asked for what it lacks, and for nothing else.
#[test]
fn a_page_asks_for_what_is_wrong_alone() {
    let settings = settings();
    let of = |code: &str, weeks| made(code, &format!("{code}村"), "村", None, 100, weeks);
    let list =
        [of("1", [[40, 30, 40], [5; 3]]), of("2", [[40, 40, 30], [5; 3]]), of("3", [[40, 30, 30], [5; 3]])];
    for (settings, expected) in [
        (
            settings.clone(),
            [
                "缺失项目见后，请于下期通报前补齐。",
                "不符记录见后，请于下期通报前更正。",
                "缺失项目和不符记录见后，请于下期通报前补齐更正。",
            ],
        ),
        (
            english(&settings),
            [
                "Please fill what is blank, as listed",
                "Please correct what does not agree, as",
                "blank and correct what",
            ],
        ),
    ] {
        let both = results(&settings, &list);
        for (code, expected) in ["1", "2", "3"].into_iter().zip(expected) {
            let page = text(&unit_page(&settings, "weekly", &both, code));
            assert!(page.contains(expected), "{expected}: {page}");
        }
    }
}

#[test]
fn risers_are_named_by_kind() {
    let settings = settings();
    let of = |code: &str, kind: &str, before: u64, more: u64| {
        made(code, &format!("{code}{kind}"), kind, None, 100, [[before; 3], [more; 3]])
    };
    let list = [
        of("甲", "村", 60, 0),
        of("乙", "村", 20, 60),
        of("丙", "社区", 50, 0),
        of("丁", "社区", 10, 70),
        of("戊", "社区", 5, 1),
    ];
    let ranking = said(&settings, "ranking", &list);
    assert!(ranking.contains("，社区中名次上升的有丁社区（上升1位"), "{ranking}");
    assert!(ranking.contains("；村中名次上升的有乙村（上升1位"), "{ranking}");
    let ranking = said(&english(&settings), "ranking", &list);
    assert!(ranking.contains("gains of 社区: 丁社区 (up 1"), "{ranking}");
}

/// A unit whose records are gone has had some, and one that registers after the cut-off may have some by now.
#[test]
fn who_has_no_records_now_may_have_had_some() {
    let settings = settings();
    let mut list = villages(3, 4, 0);
    let [earlier, _] = results(&settings, &list);
    list[2].weeks = NONE.map(counts_of);
    list[6].weeks = NONE.map(counts_of);
    let now = against(&settings, &list, &earlier);
    let results = [earlier, now];
    let bulletin = text(&document(&settings, "weekly", &results));
    assert!(
        bulletin.contains(
            "第2村、第6村截至6月19日没有登记记录。第2村上期有登记记录60条，第6村上期有登记记录37条。"
        ),
        "{bulletin}"
    );
    let ranking = text(&document(&settings, "ranking", &results));
    assert!(ranking.contains("登记记录由60条减至0条"), "{ranking}");
    let acceptance = text(&document(&settings, "acceptance", &results));
    assert!(acceptance.contains("第2村上一轮有登记记录60条"), "{acceptance}");
    let page = text(&unit_page(&settings, "weekly", &results, "002"));
    assert!(page.contains("你单位截至6月19日没有登记记录（上期有60条）"), "{page}");
    let ranking = text(&document(&english(&settings), "ranking", &results));
    assert!(ranking.contains("its records fell from 60 to 0"), "{ranking}");
}
