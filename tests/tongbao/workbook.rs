//! The workbook of a real run, as openpyxl reads it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::setting::{self, configuration, sample, stderr, tongbao};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tongbao/support/read_workbook.py");

/// The sheets of a report's workbook, and the figures of the same run.
fn workbook(dir: &Path, report: &str) -> (Vec<Value>, Value) {
    let week = ["--from", "2016-06-06", "--to", "2016-06-12"];
    let mut arguments = vec!["--config", "tongbao.toml", "-q", "run", report, "--dry-run", "--out", "out"];
    arguments.extend(week);
    let output = tongbao(dir, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut files = std::fs::read_dir(dir.join("out")).unwrap().map(|entry| entry.unwrap().path());
    let path = files.find(|path| path.extension().is_some_and(|e| e == "xlsx")).unwrap();
    let read = Command::new("/usr/bin/python3").arg(SCRIPT).arg(path).output().unwrap();
    assert!(read.status.success(), "{}; run: scripts/setup.sh test", String::from_utf8_lossy(&read.stderr));
    let mut arguments = vec!["--config", "tongbao.toml", "-q", "--format", "json", "rates"];
    arguments.extend(week);
    let rates = tongbao(dir, &arguments);
    let sheets: Vec<Value> = serde_json::from_slice(&read.stdout).unwrap();
    (sheets, serde_json::from_slice(&rates.stdout).unwrap())
}

fn sheet<'a>(sheets: &'a [Value], part: &str) -> &'a Value {
    let found = sheets.iter().find(|sheet| sheet["name"].as_str().unwrap().contains(part));
    found.unwrap_or_else(|| panic!("no sheet {part}"))
}

fn cell(sheet: &Value, row: usize, column: usize) -> &Value {
    &sheet["cells"][row][column]
}

/// The row of a unit on a sheet whose second column names it.
fn row_of(sheet: &Value, name: &str) -> usize {
    let rows = sheet["cells"].as_array().unwrap();
    rows.iter().position(|row| row[1]["value"] == name).unwrap_or_else(|| panic!("no row {name}"))
}

#[test]
fn sheets_are_set_up_for_reading_and_for_a4() {
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &configuration(&sample(dir.path(), 1_500), dir.path()));
    let (sheets, figures) = workbook(dir.path(), "weekly");
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "一、总体进度",
            "附件1 各单位进度表",
            "附件2 各单位字段缺失情况表",
            "附件3 口径说明",
            "计算依据",
            "规则原文"
        ]
    );
    let rows = sheet(&sheets, "规则原文")["cells"].as_array().unwrap();
    let texts: Vec<&str> = rows
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .filter_map(|cell| cell["value"].as_str())
        .collect();
    for text in [
        "check = [\"birth_date = id_number.birth_date\"]",
        "on_missing = \"fail\"",
        "applies = [\"age(born) >= 15\"]",
        "first_of = [\"birth_date\", \"id_number.birth_date\"]",
    ] {
        assert!(texts.iter().any(|cell| cell.contains(text)), "{text}: {texts:?}");
    }
    let written =
        |kind: &str, key: &str| figures["definitions"][kind][key].as_str().unwrap().trim_end().to_owned();
    for (kind, key) in [("relations", "id_sex"), ("rates", "accuracy"), ("fields", "marital_status")] {
        assert!(texts.contains(&&*written(kind, key)), "{key}: {texts:?}");
    }
    for sheet in &sheets {
        assert_eq!(sheet["paper"].to_string(), "9", "A4: {}", sheet["name"]);
        // One page wide and one high is the default and not written.
        assert_eq!(sheet["fit"], json!([true, null, null]), "{}", sheet["name"]);
        assert_eq!(sheet["repeated"], "$1:$2", "{}", sheet["name"]);
        assert_eq!(sheet["footer"], json!(["&A", "&P / &N"]), "{}", sheet["name"]);
        let cells = sheet["cells"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        // Formulas are the program's own: sums and shares, never a text of the register.
        let formulas = cells.clone().filter(|cell| cell["type"] == "f");
        let known = |text: &str| ["=SUM(", "=IF(", "=ROUND("].iter().any(|start| text.starts_with(start));
        assert!(formulas.clone().all(|cell| known(cell["value"].as_str().unwrap())), "{}", sheet["name"]);
    }
    let progress = sheet(&sheets, "进度表");
    // Upright, as far as 9 points allow, for 37 rows have no room on a landscape page.
    assert_eq!((&progress["freeze"], &progress["orientation"]), (&json!("C3"), &json!("portrait")));
    assert_eq!(sheet(&sheets, "缺失情况")["orientation"], "portrait");
    let definitions = sheet(&sheets, "口径说明");
    assert_eq!(cell(definitions, 2, 1)["wrap"], true, "long texts are wrapped");
    // As many rows as units, and the total.
    let units = figures["units"].as_array().unwrap();
    assert_eq!(row_of(progress, "合计"), 2 + units.len());
}

#[test]
fn rates_are_numbers_coloured_against_their_targets() {
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &configuration(&sample(dir.path(), 1_500), dir.path()));
    let (sheets, figures) = workbook(dir.path(), "weekly");
    let progress = sheet(&sheets, "进度表");
    let heads = progress["cells"][1].as_array().unwrap();
    for (head, indicator) in [("覆盖率", "coverage"), ("完整率", "completeness"), ("准确率", "accuracy")]
    {
        let column = heads.iter().position(|cell| cell["value"] == head).unwrap();
        let letter = char::from(b'A' + column as u8);
        let last = 3 + figures["units"].as_array().unwrap().len();
        let rules = progress["rules"].as_array().unwrap();
        let of_column: Vec<&Value> =
            rules.iter().filter(|rule| rule["area"] == format!("{letter}3:{letter}{last}")).collect();
        assert_eq!(of_column.len(), 2, "{rules:?}");
        let target = figures["totals"][indicator]["target"].as_str().unwrap();
        let formula = |sign: &str| json!([format!("AND(ISNUMBER({letter}3),{letter}3{sign}{target})")]);
        assert!(of_column.iter().any(|rule| rule["formula"] == formula(">=")), "{of_column:?}");
        assert!(of_column.iter().any(|rule| rule["formula"] == formula("<")), "{of_column:?}");
        for unit in figures["units"].as_array().unwrap() {
            let row = row_of(progress, unit["name"].as_str().unwrap());
            let found = cell(progress, row, column);
            let Some(rate) = unit[indicator]["rate"].as_str() else {
                assert_eq!(found["value"], "—");
                continue;
            };
            assert_eq!(found["format"], "0.00%");
            let value = found["cached"].as_f64().unwrap();
            assert_eq!(value, rate.parse::<f64>().unwrap());
            // What the rule says is what the exact counts say.
            let met = value >= target.parse::<f64>().unwrap();
            assert_eq!(unit[indicator]["met"], met, "{unit}");
        }
    }
}

/// Codes to look up, filters, sums that follow a corrected figure, and targets that are numbers.
#[test]
fn tables_can_be_filtered_looked_up_and_recalculated() {
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &configuration(&sample(dir.path(), 1_500), dir.path()));
    let (sheets, figures) = workbook(dir.path(), "weekly");
    let progress = sheet(&sheets, "进度表");
    let units = figures["units"].as_array().unwrap();
    let (first, total) = (2, 2 + units.len());
    let heads: Vec<&str> =
        progress["cells"][1].as_array().unwrap().iter().map(|cell| cell["value"].as_str().unwrap()).collect();
    assert_eq!(heads[..4], ["代码", "单位", "应登记", "已覆盖"]);
    assert!(heads.contains(&"得分") && heads.contains(&"排名"), "{heads:?}");
    let last = char::from(b'A' + heads.len() as u8 - 1);
    assert_eq!(progress["filter"], format!("A2:{last}{total}"));
    assert_eq!(cell(progress, first, 0)["value"], units[0]["code"]);
    assert_eq!(cell(progress, total, 2)["value"], format!("=SUM(C3:C{total})"));
    assert_eq!(cell(progress, total, 2)["cached"], figures["totals"]["coverage"]["denominator"]);
    let coverage = heads.iter().position(|head| *head == "覆盖率").unwrap();
    let formula = cell(progress, first, coverage)["value"].as_str().unwrap().to_owned();
    assert!(formula.contains("D3/C3") && formula.contains("0.9999"), "{formula}");
    // Every rate with the counts that it is made of.
    let counts = sheet(&sheets, "计算依据");
    for (at, indicator) in ["coverage", "completeness", "accuracy"].into_iter().enumerate() {
        let [numerator, denominator, rate] = [2, 3, 4].map(|column| cell(counts, first, column + 3 * at));
        assert_eq!(numerator["value"], units[0][indicator]["numerator"], "{indicator}");
        assert_eq!(denominator["value"], units[0][indicator]["denominator"], "{indicator}");
        assert_eq!(rate["cached"].as_f64(), units[0][indicator]["rate"].as_str().map(|r| r.parse().unwrap()));
        let is_formula = rate["value"].as_str().is_some_and(|value| value.starts_with("=IF("));
        assert_eq!(is_formula, units[0][indicator]["rate"].is_string(), "{indicator}: {rate}");
    }
    let overall = sheet(&sheets, "总体进度");
    assert_eq!((&cell(overall, 2, 1)["value"], &cell(overall, 3, 1)["value"]), (&json!(1), &json!(0.85)));
    let definitions = sheet(&sheets, "口径说明");
    let heights = definitions["heights"].as_object().unwrap();
    assert!(heights["3"].as_f64().unwrap() > 30.0, "wrapped texts are not cut off: {heights:?}");
}
