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
            "附件3 各单位字段填写率",
            "附件4 口径说明"
        ]
    );
    for sheet in &sheets {
        assert_eq!(sheet["paper"].to_string(), "9", "A4: {}", sheet["name"]);
        // One page wide is the default and not written.
        assert_eq!(sheet["fit"], json!([true, null, 0]), "{}", sheet["name"]);
        assert_eq!(sheet["repeated"], "$1:$2", "{}", sheet["name"]);
        assert_eq!(sheet["footer"], json!(["&A", "&P / &N"]), "{}", sheet["name"]);
        let cells = sheet["cells"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        assert!(cells.clone().all(|cell| cell["type"] != "f"), "no formulas: {}", sheet["name"]);
    }
    let progress = sheet(&sheets, "进度表");
    assert_eq!((&progress["freeze"], &progress["orientation"]), (&json!("C3"), &json!("portrait")));
    assert_eq!(sheet(&sheets, "填写率")["orientation"], "landscape");
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
    for (column, indicator) in [(4, "coverage"), (5, "completeness"), (6, "accuracy")] {
        let letter = ["A", "B", "C", "D", "E", "F", "G"][column];
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
            let value = found["value"].as_f64().unwrap();
            assert_eq!(value, rate.parse::<f64>().unwrap());
            // What the rule says is what the exact counts say.
            let met = value >= target.parse::<f64>().unwrap();
            assert_eq!(unit[indicator]["met"], met, "{unit}");
        }
    }
}
