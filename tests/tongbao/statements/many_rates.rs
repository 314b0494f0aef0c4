//! Offices with many definitions of their own: sentences stay short, and say of hints, proofs and numbers what holds.

use std::collections::BTreeMap;

use tongbao::config::settings::{Measure, OwnIndicator};
use tongbao::indicator::exceptions::ExceptionCounts;
use tongbao::register::field::Field;
use tongbao::report::model::Composition;

use super::*;
use crate::printed::table;

fn villages() -> Vec<Made> {
    campaign(12, |i| format!("第{i}"))
}

/// The configuration with definitions of the office's own.
fn with(own: &str) -> Settings {
    let text = setting::configuration("sqlite:x.db", Path::new("/nowhere"));
    let text = format!("{text}\n{own}");
    tongbao::config::parse("office.toml", &text, &BTreeMap::new()).unwrap().settings
}

/// Six rates besides the three: two whose target everybody meets, and four whose target nobody does.
fn nine_rates() -> Settings {
    let mut settings = settings();
    for (i, name) in ["甲率", "乙率", "丙率", "丁率", "戊率", "己率"].into_iter().enumerate() {
        settings.indicators.own.push(OwnIndicator {
            key: name.into(),
            label: tongbao::rule::definitions::Label { zh: name.into(), en: name.into() },
            counted: None,
            measure: Measure::Fields(vec![Field::Ethnicity]),
            target: Target(num_rational::Ratio::new(if i < 2 { 1 } else { 100 }, 100)),
            weight: num_rational::Ratio::from_integer(0),
        });
    }
    settings
}

fn composition(settings: &Settings, report: &str, results: &Results) -> Composition {
    let issue = Issue { date: NOW.to, round: 2, ..Issue::default() };
    compose(settings, &settings.reports[report], results, &[], &issue)
}

#[test]
fn of_many_rates_sentences_name_three_and_count_the_others() {
    let settings = nine_rates();
    for report in ["weekly", "ranking", "acceptance"] {
        let both = results(&settings, &villages());
        let paper = document(&settings, report, &both);
        let said = text(&paper);
        assert!(said.contains("其余6项指标中，已达标2项，未达标4项，见下表。"), "{report}: {said}");
        let listed = paper.blocks.iter().take_while(|block| !matches!(block, Block::Attachment { .. }));
        let mut listed = listed.filter_map(|block| match block {
            Block::Table(table) => Some(table.rows.len()),
            _ => None,
        });
        assert!(listed.any(|rows| rows == 9), "{report}: all rates stand in a table");
        let said = text(&document(&english(&settings), report, &both));
        let others = "Of the 6 other targets 2 are met and 4 are not; see the table below.";
        assert!(said.contains(others), "{report}: {said}");
    }
    let [_, now] = results(&settings, &villages());
    let bulletin = said(&settings, "weekly", &villages());
    assert!(bulletin.contains("覆盖率、完整率、准确率等7项指标尚未达到目标"), "{bulletin}");
    assert!(!bulletin.contains("己率"), "{bulletin}");
    let subject = |settings: &Settings| {
        let mail = TEMPLATES.mail(&settings.reports["weekly"], "题", &composition(settings, "weekly", &now));
        mail.unwrap().subject
    };
    let chinese = subject(&settings);
    assert!(chinese.ends_with("✗ 等9项，其中未达标7项") && !chinese.contains("甲率"), "{chinese}");
    let other = subject(&english(&settings));
    assert!(other.ends_with("✗ and 6 more; 7 of 9 targets missed"), "{other}");
}

#[test]
fn few_rates_are_all_named() {
    let mut settings = nine_rates();
    settings.indicators.own.truncate(3);
    let bulletin = said(&settings, "weekly", &villages());
    assert!(bulletin.contains("丙率") && !bulletin.contains("其余"), "{bulletin}");
    let [_, now] = results(&settings, &villages());
    let mail = TEMPLATES.mail(&settings.reports["weekly"], "题", &composition(&settings, "weekly", &now));
    let subject = mail.unwrap().subject;
    assert!(subject.contains("丙率") && !subject.contains('等'), "{subject}");
}

/// Fields of dates, so many.
fn dates(count: u8) -> String {
    let one = |i: u8| {
        format!(
            "[fields.day{i}]\nlabel = {{ zh = \"日期{i}\", en = \"Day {i}\" }}\ntype = \"date\"\nrequired = true\n"
        )
    };
    (0..count).map(one).collect()
}

#[test]
fn values_of_no_type_are_said_of_few_fields_one_by_one_and_of_many_in_short() {
    let few = "内容不合类型、格式或代码表的日期2共12条、日期1共11条、日期0共10条".replace('共', "");
    let many = "内容不合类型、格式或代码表的有8个项目，最多的为日期7共17条、日期6共16条、日期5共15条"
        .replace('共', "");
    for (fields, chinese, other) in [
        (3, few, "their item: Day 2 12, Day 1 11 and Day 0 10"),
        (8, many, "their item in 8 items, most of all Day 7 17, Day 6 16 and Day 5 15"),
    ] {
        let settings = with(&dates(fields));
        let mut snapshot = snapshot(&settings, &villages());
        snapshot.tally.findings.invalid_values = (0..fields).map(|at| (at, 10 + u64::from(at))).collect();
        let found = |snapshot: &Snapshot, settings: &Settings| {
            let results = Results::new(snapshot, NOW, rules(settings), None);
            composition(settings, "acceptance", &results).model.quality.found.join("；")
        };
        assert!(found(&snapshot, &settings).contains(&chinese), "{}", found(&snapshot, &settings));
        let words = found(&snapshot, &english(&settings));
        assert!(words.contains(other), "{words}");
        // Next to other findings, and where the register goes on after the cut-off.
        snapshot.tally.findings.invalid_birth_dates = 2;
        let day = Some(days_since_epoch(NOW.to) + 1);
        snapshot.tally.add(Bucket { unit: Some(0), day }, &counts_of([30; 3]));
        let said = found(&snapshot, &settings);
        assert!(said.contains(&format!("中，出生日期不成立的2条，{chinese}")), "{said}");
    }
}

const HINT: &str = r#"
[relations.named_twice]
label = { zh = "姓名与性别", en = "Name and sex" }
check = ["name is filled"]
counts = false
"#;

#[test]
fn what_a_hint_finds_need_not_be_corrected() {
    let settings = with(HINT);
    let hint = settings.indicators.hints().next().unwrap();
    let mut list = villages();
    for failed in [0, 1] {
        for week in list.iter_mut().flat_map(|unit| &mut unit.weeks) {
            week.relation_judged[hint.index()] = week.records;
            week.relation_passed[hint.index()] = week.records.saturating_sub(failed);
        }
        let bulletin = said(&settings, "weekly", &list);
        assert_eq!(bulletin.contains("核实项核实无误的不必更正"), failed > 0, "{bulletin}");
        let [_, now] = results(&settings, &list);
        let own = now.only(&list[0].unit.code).unwrap();
        let report =
            Report { kind: ReportKind::Own("unit".to_owned()), ..settings.reports["weekly"].clone() };
        let issue = Issue { date: NOW.to, round: 2, ..Issue::default() };
        let mut composition = compose(&settings, &report, &own, &[], &issue);
        composition.model.corrections = 5;
        let mail = TEMPLATES.mail(&report, "题", &composition).unwrap();
        let page = text(&TEMPLATES.document(&report, &composition).unwrap());
        let asked = if failed > 0 { "需要更正或核实的记录" } else { "需要更正的记录" };
        for said in [&mail.text, &mail.html, &page] {
            assert!(said.contains(asked), "{said}");
        }
        assert_eq!(mail.subject.contains("需更正或核实5条"), failed > 0, "{}", mail.subject);
    }
}

/// The text of a term of 口径说明; blank without one.
fn definition(settings: &Settings, term: &str) -> String {
    let [_, now] = results(settings, &villages());
    let rows = table(settings, &now, "definitions").rows;
    let row = rows.into_iter().find(|row| row.cells[0].text == term);
    row.map(|row| row.cells[1].text.clone()).unwrap_or_default()
}

#[test]
fn what_id_numbers_do_to_relations_is_said_where_a_relation_reads_them() {
    let of_relations = "涉及身份号码的各项关系均判为不符";
    assert!(definition(&settings(), "公民身份号码").contains(of_relations));
    const NAMED: &str = "[relations.named]\nlabel = \"姓名\"\ncheck = [\"name is filled\"]\n";
    const ONCE: &str = "[relations.once]\nlabel = \"号码唯一\"\nunique = [\"id_number\"]\n";
    for (own, relations, is_read) in [(NAMED, "named", false), (ONCE, "once", true)] {
        let settings = with(&format!("{own}[indicators.accuracy]\nrelations = [\"{relations}\"]\n"));
        let said = definition(&settings, "公民身份号码");
        assert_eq!(said.contains(of_relations), is_read, "{said}");
        // Persons are compared by it in any case.
        assert_eq!(said.contains("按原号码比对，另行列出条数"), !is_read, "{said}");
        assert!(said.contains("15位号码升为18位"), "{said}");
    }
}

#[test]
fn a_blank_value_in_a_relation_outside_accuracy_is_explained() {
    const OWN: &str =
        "[relations.named]\nlabel = \"姓名\"\ncheck = [\"length(name) >= 2 or sex = \\\"男\\\"\"]\n";
    let term = "自定义逻辑关系的判定";
    let accurate = with(&format!("{OWN}[indicators.accuracy]\nrelations = [\"named\"]\n"));
    assert!(!definition(&accurate, term).contains("所需项目未填的"), "accuracy says it");
    let rate = "[indicators.own.named]\nlabel = \"姓名率\"\nof = \"relations\"\nrelations = [\"named\"]\ntarget = \"90%\"\n";
    for (more, expected) in [
        ("", "所需项目未填的为不符。"),
        ("[indicators.accuracy]\non_missing = \"skip\"\n", "所需项目未填的不判。"),
    ] {
        let settings = with(&format!("{OWN}{rate}{more}"));
        assert!(definition(&settings, term).ends_with(expected), "{}", definition(&settings, term));
    }
}

#[test]
fn mails_print_what_counts_by_proof_in_both_forms() {
    let settings = settings();
    let [_, mut now] = results(&settings, &villages());
    now.exceptions = ExceptionCounts::of_rows(7, vec![(0, "1".into(), 7)]).unwrap();
    for (settings, expected) in [(settings.clone(), "含佐证7条"), (english(&settings), "7 by proof")] {
        let mail = TEMPLATES.mail(&settings.reports["weekly"], "题", &composition(&settings, "weekly", &now));
        let mail = mail.unwrap();
        assert!(mail.text.contains(expected) && mail.html.contains(expected), "{}", mail.html);
    }
}
