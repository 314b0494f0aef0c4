//! Lists as clerks keep them: sheets that nobody sees, cells merged over several persons, villages that have not sent
//! theirs, a street among its villages, and words that fill a column.

use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::lost_values::changed;
use crate::support::setting::{self, stderr, stdout, tongbao};

const HEADINGS: [&str; 11] = [
    "编号",
    "姓名",
    "性别",
    "公民身份号码",
    "出生日期",
    "民族",
    "婚姻状况",
    "户口性质",
    "户籍地址",
    "现居住地址",
    "登记时间",
];

/// The number of a woman who was born in 1980, by her sequence.
fn number(at: u32) -> String {
    let first = format!("44011819800101{:03}", at * 2);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{first}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// Records below a heading, from the sequence `first` on.
fn records(sheet: &mut Worksheet, first: u32, count: u32) {
    for (at, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string(0, at as u16, *heading).unwrap();
    }
    for row in 0..count {
        let at = first + row;
        let values = [
            &format!("R{at}"),
            "张三",
            "女",
            &number(at),
            "1980-01-01",
            "汉族",
            "已婚",
            "农业",
            "广东省广州市增城区",
            &format!("富强路{at}号"),
            "2016-06-08 10:00:00",
        ];
        for (column, value) in values.into_iter().enumerate() {
            sheet.write_string(row + 1, column as u16, value).unwrap();
        }
    }
}

const VILLAGES: [(&str, &str); 3] =
    [("440118001201", "荔湖村"), ("440118001202", "东山村"), ("440118001001", "和平社区")];

/// Writes the unit list, a roster of no consequence and a configuration; `register` are its lines of the source.
fn office(dir: &Path, register: &str, unit: &str) {
    let units: String = VILLAGES.iter().map(|(code, name)| format!("{code},{name},村\n")).collect();
    std::fs::write(dir.join("unit.csv"), format!("code,name,kind\n{units}")).unwrap();
    let roster = format!("unit,id_number\n440118001201,{}\n", number(1));
    std::fs::write(dir.join("roster.csv"), roster).unwrap();
    let fields = ["name", "sex", "id_number", "birth_date", "ethnicity", "marital_status", "hukou_type"];
    let columns = HEADINGS[1..8].iter().zip(fields);
    let columns: String = columns.map(|(column, field)| format!("{field} = \"{column}\"\n")).collect();
    let text = format!(
        "[campaign]\nname = \"专项活动\"\nissuer = \"荔城街道办事处\"\ntime_zone = \"Asia/Shanghai\"\n\
         [source]\n{register}[source.register]\nkey = \"编号\"\nunit = \"{unit}\"\nregistered_at = \"登记时间\"\n\
         [source.register.fields]\n{columns}household_place = \"户籍地址\"\nresidence_address = \"现居住地址\"\n\
         [source.units]\nurl = \"file:unit.csv\"\ncode = \"code\"\nname = \"name\"\nkind = \"kind\"\nparent = \"\"\n\
         [source.roster]\nurl = \"file:roster.csv\"\nunit = \"unit\"\nid_number = \"id_number\"\n\
         [reports.weekly]\nkind = \"bulletin\"\nperiod = \"previous_week\"\nto = []\n[state]\ndir = \"state\"\n"
    );
    setting::write(dir, &text);
}

const WEEK: [&str; 4] = ["--from", "2016-06-06", "--to", "2016-06-12"];

/// Exit code and all that is said of the figures, or of a run that is not recorded.
fn said(dir: &Path, command: &[&str]) -> (Option<i32>, String) {
    let output = tongbao(dir, &[&["--config", "tongbao.toml"], command, &WEEK[..]].concat());
    (output.status.code(), stdout(&output) + &stderr(&output))
}

#[test]
fn a_hidden_sheet_with_records_is_a_question() {
    let dir = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    for (at, (_, village)) in VILLAGES.iter().enumerate() {
        let sheet = book.add_worksheet().set_name(*village).unwrap();
        records(sheet, at as u32 * 30, 30);
        sheet.set_hidden(at == 1);
    }
    book.add_worksheet().set_name("说明").unwrap().set_hidden(true).write_string(0, 0, "填写说明").unwrap();
    book.save(dir.path().join("台账.xlsx")).unwrap();
    let all = "url = \"file:台账.xlsx\"\nfiles.unit = \"sheet_name\"\n";
    let one = "url = \"file:台账.xlsx\"\nfiles.unit = \"sheet_name\"\nfiles.except_sheets = [\"和平社区\"]\n";
    let of_sheets = |lines: &str, sheet: &str| {
        office(dir.path(), lines, "");
        let path = dir.path().join("tongbao.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let table = format!("[source.register]\n{sheet}");
        std::fs::write(&path, text.replacen("[source.register]\n", &table, 1)).unwrap();
        said(dir.path(), &["rates"])
    };
    // Of all sheets, and where one is shown and none is named.
    for (lines, sheet) in [(all, "table = \"*\"\n"), (one, "")] {
        let (code, text) = of_sheets(lines, sheet);
        assert!(code == Some(1) && text.contains("the hidden sheets 东山村 have records"), "{text}");
        assert!(!text.contains("说明"), "{text}");
    }
    // Who names a sheet, or leaves the hidden one out, has answered; the village without a list holds the run.
    let (code, text) = of_sheets(all, "table = \"荔湖村\"\n");
    assert!(code == Some(0), "{text}");
    let left = all.to_owned() + "files.except_sheets = [\"东山村\"]\n";
    let (code, text) = of_sheets(&left, "table = \"*\"\n");
    assert!(code == Some(0) && text.contains("东山村: no record, while each unit has"), "{text}");
    let (code, text) = said(dir.path(), &["run", "weekly", "--dry-run"]);
    assert!(code == Some(3) && text.contains("东山村没有任何记录，请补齐缺报的名单"), "{text}");
    let path = dir.path().join("tongbao.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "[guards]\nhold_missing_lists = false\n").unwrap();
    let (_, text) = said(dir.path(), &["run", "weekly", "--dry-run"]);
    assert!(!text.contains("请补齐缺报的名单"), "{text}");
}

#[test]
fn numbers_in_merged_cells_and_hidden_rows_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    records(sheet, 0, 40);
    sheet.write_string(0, 11, "村居").unwrap();
    sheet.merge_range(1, 11, 40, 11, "荔湖村", &Format::new()).unwrap();
    sheet.merge_range(5, 3, 7, 3, &number(4), &Format::new()).unwrap();
    // One below the last record is hidden by hand, a filter hides all women.
    sheet.set_row_hidden(60).unwrap();
    sheet.autofilter(0, 0, 40, 11).unwrap();
    sheet.filter_column(2, &rust_xlsxwriter::FilterCondition::new().add_list_filter("男")).unwrap();
    book.save(dir.path().join("台账.xlsx")).unwrap();
    office(dir.path(), "url = \"file:台账.xlsx\"\n", "村居");
    let (code, text) = said(dir.path(), &["rates"]);
    let line = "2 rows of source.register have the ID number of a merged cell";
    assert!(code == Some(0) && text.contains(line), "{text}");
    let checked = tongbao(dir.path(), &["--config", "tongbao.toml", "check"]);
    let text = stdout(&checked);
    assert!(
        text.contains(line) && text.contains("rows with cells are hidden (by a filter or by hand): 40;"),
        "{text}"
    );
    let figures = tongbao(dir.path(), &[&["--format", "json", "rates"], &WEEK[..]].concat());
    let figures: serde_json::Value = serde_json::from_slice(&figures.stdout).unwrap();
    assert_eq!((&figures["totals"]["records"], &figures["duplicates"]), (&40.into(), &2.into()));
}

#[test]
fn a_second_heading_in_another_order_is_refused_by_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    records(sheet, 0, 20);
    for (at, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string(21, at as u16, *heading).unwrap();
    }
    book.save(dir.path().join("荔湖村.xlsx")).unwrap();
    let lines = "url = \"file:荔湖村.xlsx\"\nfiles.unit = \"file_name\"\n";
    office(dir.path(), lines, "");
    assert_eq!(said(dir.path(), &["rates"]).0, Some(0), "the same order is a repeated heading");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    records(sheet, 0, 20);
    for (at, heading) in HEADINGS.iter().rev().enumerate() {
        sheet.write_string(21, at as u16, *heading).unwrap();
    }
    book.save(dir.path().join("荔湖村.xlsx")).unwrap();
    let (code, text) = said(dir.path(), &["rates"]);
    assert!(
        code == Some(1) && text.contains("line 22 names columns of source.register in another order"),
        "{text}"
    );
}

const FLAT: &str = "ALTER TABLE unit DROP COLUMN kind; ALTER TABLE unit DROP COLUMN parent;
    INSERT INTO unit (code, name) VALUES ('440118001', '荔城街道');
    UPDATE person SET village_code = '440118001' WHERE id % 20 = 0;
    UPDATE roster SET unit = '440118001' WHERE substr(id_number, 17, 1) = '7'";

#[test]
fn a_street_in_a_list_of_codes_and_names_is_not_ranked() {
    let (dir, _) = changed(2_000, FLAT);
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    let start = ["init", "--yes", "--name", "x", "--issuer", "荔城街道办事处", "--url", &url];
    let output = tongbao(dir.path(), &start);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    assert!(text.contains("except = [\"荔城街道\"]"), "{text}");
    let ranks = || {
        let output = tongbao(dir.path(), &[&["--format", "json", "rates"], &WEEK[..]].concat());
        let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let units = figures["units"].as_array().unwrap().clone();
        let street = units.iter().find(|unit| unit["code"] == "440118001").unwrap().clone();
        (street["rank"].is_null(), stderr(&output))
    };
    let warning = "荔城街道: ranked among units that are parts of it";
    let (is_unranked, said_of_it) = ranks();
    assert!(is_unranked && !said_of_it.contains(warning), "{said_of_it}");
    // By hand: it is ranked, reported by every command, and holds the run until the office has decided.
    let by_hand = text.replacen("except = ", "# except = ", 1);
    setting::write(dir.path(), &by_hand);
    let (is_unranked, said_of_it) = ranks();
    assert!(!is_unranked && said_of_it.contains(warning), "{said_of_it}");
    let (code, text) = said(dir.path(), &["run", "weekly", "--dry-run"]);
    assert!(code == Some(3) && text.contains("荔城街道是其他参加排名单位的上级"), "{text}");
    let checked = tongbao(dir.path(), &["--config", "tongbao.toml", "check"]);
    assert!(stdout(&checked).contains(warning), "{}", stdout(&checked));
    setting::write(dir.path(), &format!("{by_hand}\n[guards]\nhold_ranked_parents = false\n"));
    let (_, text) = said(dir.path(), &["run", "weekly", "--dry-run"]);
    assert!(!text.contains("荔城街道是其他参加排名单位的上级"), "{text}");
    // A name that no unit has leaves nobody out.
    setting::write(dir.path(), &by_hand.replacen("# except = [\"荔城街道\"]", "except = [\"荔城街\"]", 1));
    let checked = tongbao(dir.path(), &["--config", "tongbao.toml", "check"]);
    assert!(stdout(&checked).contains("no such unit in source.units: 荔城街"), "{}", stdout(&checked));
}

#[test]
fn words_that_fill_a_column_are_reported_until_they_are_blank() {
    let filled = "UPDATE person SET residence_address = 'xxxx' WHERE id % 9 = 0;
        UPDATE person SET household_place = '同上' WHERE id % 50 = 1;
        UPDATE person SET residence_address = '工业园3号宿舍' WHERE id % 3 = 1";
    let (dir, settings) = changed(900, filled);
    let text = setting::configuration(settings.source.url.expose(), dir.path());
    setting::write(dir.path(), &text);
    let (_, said_of_it) = said(dir.path(), &["rates"]);
    for part in ["\"xxxx\"", "\"同上\"", "\"字字字#字字字\"", "also_blank.residence_address"] {
        assert!(said_of_it.contains(part), "{part}: {said_of_it}");
    }
    assert!(!said_of_it.contains("工业园"), "{said_of_it}");
    let blank = "[indicators.completeness.also_blank]\nresidence_address = [\"XXXX\"]\n";
    setting::write(dir.path(), &format!("{text}\n{blank}"));
    let (_, said_of_it) = said(dir.path(), &["rates"]);
    assert!(!said_of_it.contains("xxxx") && said_of_it.contains("\"同上\""), "{said_of_it}");
}

#[test]
fn a_roster_that_has_lost_persons_holds_the_run() {
    let (dir, settings) = changed(900, "UPDATE person SET name = name");
    let text = setting::configuration(settings.source.url.expose(), dir.path());
    setting::write(dir.path(), &text);
    let run = |from: &str, to: &str| {
        let output =
            tongbao(dir.path(), &["--lang", "zh", "run", "weekly", "--from", from, "--to", to, "--no-send"]);
        stdout(&output) + &stderr(&output)
    };
    let first = run("2016-06-06", "2016-06-12");
    assert!(!first.contains("比对名册由"), "{first}");
    crate::support::office::execute(
        &dir.path().join("register.db"),
        "DELETE FROM roster WHERE rowid % 2 = 0",
    );
    let second = run("2016-06-13", "2016-06-19");
    assert!(second.contains("比对名册由"), "{second}");
}
