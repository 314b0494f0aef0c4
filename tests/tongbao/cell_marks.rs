//! The marks with which spreadsheets keep a cell what it is (`'1`, `="1"`, `‘汉族`) are no part of a value, in every field and
//! on every way into the figures.

use std::collections::BTreeMap;

use tongbao::config;
use tongbao::config::settings::Settings;
use tongbao::indicator::tally::Tally;
use tongbao::register::field::Field;

use crate::lost_values::{FollowedRegister, in_each_database, pull};
use crate::support::exports::PERSON;
use crate::support::setting;

/// Writes marks around the values of a column in some of the records; who follows the register reads these again.
fn marked(url: &str, table: &str, column: &str, marks: [&str; 2], some: &str) -> String {
    let [before, after] = marks.map(|mark| mark.replace('\'', "''"));
    let value = match url.starts_with("mysql") {
        true => format!("concat('{before}', {column}, '{after}')"),
        false => format!("'{before}' || {column} || '{after}'"),
    };
    let time = if table == "person" { ", updated_at = '2016-07-07 12:00:00'" } else { "" };
    format!("UPDATE {table} SET {column} = {value}{time} WHERE {some}")
}

const MARKS: [[&str; 2]; 6] =
    [["'", ""], ["=\"", "\""], ["‘", "’"], ["’", ""], ["＝＂", "＂"], ["\u{202D}'", "\u{202C}"]];

fn mark_all(register: &FollowedRegister) {
    // Neither its key nor its times.
    for (at, column) in PERSON[1..12].iter().enumerate() {
        let marks = MARKS[at % MARKS.len()];
        register.change(&[marked(&register.url, "person", column, marks, &format!("id % 5 = {}", at % 5))]);
    }
    for column in ["unit", "id_number"] {
        let some = "id_number LIKE '%3%'";
        register.change(&[marked(&register.url, "roster", column, MARKS[1], some)]);
    }
    register.change(&[marked(&register.url, "unit", "code", MARKS[0], "code LIKE '%1'")]);
}

#[test]
fn marked_values_are_those_without_marks() {
    let same = |tally: &Tally, expected: &Tally, what: &str| {
        assert_eq!(tally.findings, expected.findings, "{what}");
        assert_eq!(tally.cells, expected.cells, "{what}");
    };
    in_each_database(2_045, 57, |register| {
        let expected = pull(&register.settings);
        assert!(expected.findings.invalid_sexes > 0 && expected.total().covered > 0);
        mark_all(&register);
        for (way, settings) in register.ways() {
            same(&pull(&settings), &expected, &format!("{way} {}", register.url));
        }
    });
}

#[test]
fn marks_of_records_and_codes_of_a_map_are_compared_without_them() {
    in_each_database(2_046, 58, |register| {
        let of_men = |settings: &Settings| {
            let mut settings = settings.clone();
            settings.source.register.only =
                [("sex".to_owned(), vec!["1".to_owned(), "男".to_owned()])].into();
            pull(&settings)
        };
        let expected: Vec<Tally> = register.ways().iter().map(|(_, settings)| of_men(settings)).collect();
        let records = |tally: &Tally| tally.total().records;
        assert!(records(&expected[0]) > 0 && records(&expected[0]) < records(&pull(&register.settings)));
        register.change(&[marked(&register.url, "person", "sex", MARKS[0], "sex IN ('1', '男')")]);
        for ((way, settings), expected) in register.ways().iter().zip(&expected) {
            assert_eq!(records(&of_men(settings)), records(expected), "{way} {}", register.url);
        }
    });
}

/// A map may name a code as its file shows it.
#[test]
fn a_code_map_may_have_the_marks_of_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 100);
    let text = setting::configuration(&url, dir.path());
    let codes = |text: &str| {
        let settings = config::parse("test.toml", text, &BTreeMap::new()).unwrap().settings;
        settings.source.register.fields[&Field::Sex].codes.clone()
    };
    assert_eq!(codes(&text.replacen("codes = { \"1\" =", "codes = { \"'1\" =", 1)), codes(&text));
}
