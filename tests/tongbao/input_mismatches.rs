//! Lists that do not fit one another: each is told with its count, its place and what to do, from files
//! and from a database, and figures that mean nothing are held.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::files::{block, says};
use crate::support::defects::{self, UNITS, VECTORS};
use crate::support::exports::{self, Lists};
use crate::support::registers;
use crate::support::setting::{self, stderr, stdout, tongbao};

const PEOPLE: usize = 60;
const ROSTER: usize = 8;
/// A unit code that no list has.
const NOWHERE: &str = "999999999999";

/// A register, its units, and a roster of distinct persons.
fn lists() -> Lists {
    let mut lists = Lists::of(&defects::records(7, PEOPLE), &[]);
    lists.people.iter_mut().enumerate().for_each(|(i, row)| {
        row[1] = Some(UNITS[i % 5].to_owned());
        // Words that nobody understands hold a run, and these tests are of lists.
        (row[3], row[9]) = (Some("男".to_owned()), Some("未婚".to_owned()));
    });
    let entry = |i: usize| vec![Some(UNITS[i % 5].to_owned()), Some(VECTORS[i].to_owned())];
    lists.roster = (0..ROSTER).map(entry).collect();
    lists
}

/// A folder with the lists as files or in SQLite, and a configuration without mail server.
struct Place {
    dir: tempfile::TempDir,
    text: String,
}

impl Place {
    /// The lists in both kinds of source.
    fn both(lists: &Lists) -> [Place; 2] {
        [Place::of_files(lists), Place::of_sqlite(lists)]
    }

    fn of_files(lists: &Lists) -> Place {
        let dir = tempfile::tempdir().unwrap();
        exports::write_csv(dir.path(), lists, ',', |text| text.as_bytes().to_vec());
        let text = exports::configuration(dir.path(), "csv", dir.path());
        Place { dir, text }.written(|text| text)
    }

    fn of_sqlite(lists: &Lists) -> Place {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("register.db").display());
        let mut statements = vec![registers::create(&url, "person", registers::TEXTS, "")];
        statements.extend(registers::lists(&url, &[]));
        statements.extend(registers::insert("roster", lists.roster.iter().cloned()));
        statements.extend(registers::insert("person", lists.people.iter().cloned()));
        block(registers::execute(&url, &statements));
        let text = setting::configuration(&url, dir.path());
        Place { dir, text }.written(|text| text)
    }

    fn written(mut self, edit: impl Fn(String) -> String) -> Place {
        let (before, rest) = self.text.split_once("[smtp]").unwrap_or((&self.text, ""));
        let after = rest.split_once("[state]").map_or(String::new(), |(_, after)| format!("[state]{after}"));
        self.text = edit(format!("{before}{after}"));
        setting::write(self.dir.path(), &self.text);
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        tongbao(self.dir.path(), &[&["--config", "tongbao.toml"], arguments].concat())
    }

    /// What `check` prints, and its exit code.
    fn check(&self) -> (String, i32) {
        let output = self.run(&["-q", "check"]);
        (stdout(&output), output.status.code().unwrap())
    }

    fn rates(&self) -> (Value, String) {
        let output = self.run(&["--format", "json", "rates", "--to", "2016-07-07"]);
        assert!(output.status.success(), "{}", stderr(&output));
        (serde_json::from_slice(&output.stdout).unwrap(), stderr(&output))
    }

    fn weekly(&self) -> Output {
        self.run(&["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"])
    }
}

/// Coverage has no denominator, `rates` warns, and `run` holds the report for `reason`.
fn assert_held(place: &Place, message: &str, reason: &str) {
    let (figures, warned) = place.rates();
    let coverage = &figures["totals"]["coverage"];
    assert!(coverage["rate"].is_null() && coverage["denominator"] == 0, "{coverage}");
    assert!(figures["units"].as_array().unwrap().iter().all(|unit| unit["rank"].is_null()));
    says(&warned, &["warning: ", message]);
    assert_run_held(place, message, reason);
}

/// The run is held for the reason, and `check` fails with the message.
fn assert_run_held(place: &Place, message: &str, reason: &str) {
    let output = place.weekly();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    says(&stderr(&output), &["warning: ", message]);
    says(&stdout(&output), &["held: ", reason]);
    let (told, code) = place.check();
    assert_eq!(code, 2, "{told}");
    says(&told, &["error    ", message]);
}

/// `check` warns, and the run is made.
fn assert_warned(place: &Place, message: &str) {
    let (told, code) = place.check();
    assert_eq!(code, 0, "{told}");
    says(&told, &["warning  ", message]);
    let output = place.weekly();
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn lists_that_fit_are_no_news() {
    for place in Place::both(&lists()) {
        let (told, code) = place.check();
        assert!(code == 0 && !told.contains("unit code that") && !told.contains("no ID number"), "{told}");
        let (figures, warned) = place.rates();
        assert_eq!(figures["totals"]["coverage"]["denominator"], ROSTER);
        assert!(!warned.contains("judged") && !warned.contains("unit code"), "{warned}");
        assert!(place.weekly().status.success());
    }
}

#[test]
fn a_roster_without_numbers_is_held() {
    let mut all = lists();
    all.roster.iter_mut().enumerate().for_each(|(i, row)| row[1] = (i % 2 == 0).then(|| " ".to_owned()));
    for place in Place::both(&all) {
        let message = format!(
            "none of {ROSTER} roster entries has an ID number: coverage cannot be judged; correct source.roster.id_number"
        );
        assert_held(&place, &message, &format!("比对名册{ROSTER}条均无公民身份号码"));
    }
    let mut some = lists();
    some.roster.iter_mut().take(3).for_each(|row| row[1] = None);
    for place in Place::both(&some) {
        let message = "3 roster entries have no ID number and are left out; correct source.roster.id_number";
        says(&place.check().0, &["warning  ", message]);
        let output = place.weekly();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        says(&stdout(&output), &["held: ", "没有公民身份号码的3条"]);
    }
    let mut none = lists();
    none.roster.clear();
    for place in Place::both(&none) {
        assert_held(&place, "the roster is empty: coverage cannot be judged", "比对名册为空");
    }
}

/// Several rosters: the documents show each of them, so that each has to fit, whichever is the measure.
#[test]
fn one_of_several_rosters_that_does_not_fit_is_named_and_held() {
    let several = |row: &str, measure: &str| {
        let place = Place::of_files(&lists());
        let centre = place.dir.path().join("centre.csv");
        std::fs::write(&centre, format!("unit,id_number\n{row}\n")).unwrap();
        place.written(|text| {
            let text = text.replace("[source.roster]", "[source.rosters.rental]");
            let other =
                format!("[source.rosters.centre]\nlabel = \"出管中心\"\nurl = \"file:{}\"", centre.display());
            text.replace("[reports.weekly]", &format!("{other}\n{measure}\n[reports.weekly]"))
        })
    };
    let without = "roster centre has no entry with an ID number: coverage cannot be judged; correct id_number in [source.rosters.centre]";
    let elsewhere = "none of 1 persons of roster centre has a unit code that source.units has: coverage cannot be judged; correct unit in [source.rosters.centre] or the unit list";
    let (no_number, other_unit) = (format!("{},", UNITS[0]), "999999999999,440118199001050010");
    for (row, message, reason) in [
        (no_number.as_str(), without, "比对名册“出管中心”没有带公民身份号码的条目"),
        ("", without, "比对名册“出管中心”没有带公民身份号码的条目"),
        (other_unit, elsewhere, "比对名册“出管中心”1人的单位代码均不在单位表中"),
    ] {
        assert_run_held(&several(row, ""), message, reason);
    }
    let measured = several(&no_number, "[indicators.coverage]\nroster = \"centre\"");
    assert_held(&measured, without, "比对名册“出管中心”没有带公民身份号码的条目");
}

#[test]
fn a_roster_without_the_column_is_told_with_those_it_has() {
    for place in Place::both(&lists()) {
        let place = place
            .written(|text| text.replace("[source.roster]\n", "[source.roster]\nid_number = \"id_numbr\"\n"));
        let (told, code) = place.check();
        assert_eq!(code, 2, "{told}");
        says(&told, &["source.roster", "\"id_numbr\"; did you mean \"id_number\"?", "unit, id_number"]);
        let output = place.weekly();
        assert!(!output.status.success());
        says(&stderr(&output), &["source.roster", "\"id_numbr\"; did you mean \"id_number\"?"]);
    }
}

#[test]
fn unit_codes_that_do_not_exist_are_counted() {
    let nowhere = || Some(NOWHERE.to_owned());
    let mut all = lists();
    all.roster.iter_mut().for_each(|row| row[0] = nowhere());
    for place in Place::both(&all) {
        let message = format!("none of {ROSTER} roster persons has a unit code that source.units has");
        assert_held(&place, &message, &format!("比对名册{ROSTER}人的单位代码均不在单位表中"));
    }
    let mut some = lists();
    some.roster.iter_mut().take(2).for_each(|row| row[0] = nowhere());
    some.people.iter_mut().take(2).for_each(|row| row[1] = nowhere());
    for place in Place::both(&some) {
        let (told, code) = place.check();
        assert_eq!(code, 0, "{told}");
        says(&told, &["warning  ", "2 roster persons have a unit code that source.units does not have"]);
        let output = place.weekly();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        says(&stdout(&output), &["held: ", "比对名册中单位不明的2人"]);
        says(&told, &[&format!("2 of {PEOPLE} records have a unit code that source.units does not have")]);
        assert_eq!(place.rates().0["totals"]["coverage"]["denominator"], ROSTER - 2);
    }
    let mut register = lists();
    register.people.iter_mut().for_each(|row| row[1] = nowhere());
    for place in Place::both(&register) {
        let message = format!("none of {PEOPLE} records has a unit code that source.units has");
        let (told, code) = place.check();
        assert_eq!(code, 2, "{told}");
        says(&told, &["error    unit codes: ", &message, "correct source.register.unit"]);
        says(&place.rates().1, &["warning: ", &message]);
        let output = place.weekly();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        says(&stdout(&output), &["held: 单位代码不明的记录"]);
    }
}

/// The configuration with a baseline instead of the roster, from a list of its own.
fn with_baseline(place: Place, rows: &[(&str, &str)]) -> Place {
    let is_file = place.text.contains("url = \"file:");
    let source = if is_file {
        let lines: String = rows.iter().map(|(unit, persons)| format!("{unit},{persons}\n")).collect();
        std::fs::write(place.dir.path().join("baseline.csv"), format!("unit,persons\n{lines}")).unwrap();
        format!("url = \"file:{}\"", place.dir.path().join("baseline.csv").display())
    } else {
        let url = format!("sqlite:{}", place.dir.path().join("register.db").display());
        let mut statements = vec!["CREATE TABLE baseline (unit TEXT, persons TEXT)".to_owned()];
        let row =
            |(unit, persons): &(&str, &str)| vec![Some((*unit).to_owned()), Some((*persons).to_owned())];
        statements.extend(registers::insert("baseline", rows.iter().map(row)));
        block(registers::execute(&url, &statements));
        "table = \"baseline\"".to_owned()
    };
    place.written(|text| {
        let (before, rest) = text.split_once("[source.roster]").unwrap();
        let (_, after) = rest.split_once("[reports.weekly]").unwrap();
        format!(
            "{before}[source.baseline]\n{source}\n[indicators.coverage]\nmethod = \"baseline\"\n[reports.weekly]{after}"
        )
    })
}

#[test]
fn a_baseline_that_is_empty_or_of_unknown_units_is_held() {
    for place in Place::both(&lists()) {
        let place = with_baseline(place, &[]);
        assert_held(&place, "the baseline is empty: coverage cannot be judged", "应登记底数为空");
    }
    for place in Place::both(&lists()) {
        let place = with_baseline(place, &[(NOWHERE, "12"), ("1", "9")]);
        let message = "none of 2 units of the baseline is in source.units: coverage cannot be judged";
        assert_held(&place, message, "应登记底数2个单位的代码均不在单位表中");
    }
    for place in Place::both(&lists()) {
        let place = with_baseline(place, &[(NOWHERE, "1"), (UNITS[0], "15"), (UNITS[1], "15")]);
        assert_warned(
            &place,
            &format!("1 persons of the baseline belong to units that are not in the list: {NOWHERE} 1"),
        );
        assert_eq!(place.rates().0["totals"]["coverage"]["denominator"], 30);
    }
}

#[test]
fn head_counts_that_stand_twice_or_for_nobody_are_held() {
    let counts = [
        ([(UNITS[0], "15"), (UNITS[0], "15"), (UNITS[1], "15")], "several rows in the baseline", "不止一行"),
        (
            [(NOWHERE, "12"), (UNITS[0], "15"), (UNITS[1], "15")],
            "12 persons of the baseline",
            "单位不明的12人",
        ),
    ];
    for (counts, message, reason) in counts {
        for place in Place::both(&lists()) {
            let place = with_baseline(place, &counts);
            says(&place.rates().1, &["warning: ", message]);
            let output = place.weekly();
            assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
            says(&stdout(&output), &["held: ", reason]);
            says(&place.check().0, &["warning  ", message]);
        }
    }
}

/// A query of one's own that answers with too few columns, for each of the lists.
#[test]
fn a_query_with_too_few_columns_is_told_with_those_it_has() {
    for (table, query, part, column) in [
        ("person", "SELECT id, village_code FROM person", "source.register", "\"name\""),
        ("unit", "SELECT code FROM unit", "source.units", "\"name\""),
        ("roster", "SELECT unit FROM roster", "source.roster", "\"id_number\""),
    ] {
        let place = Place::of_sqlite(&lists()).written(|text| {
            text.replacen(&format!("table = \"{table}\""), &format!("query = \"{query}\""), 1)
        });
        let (told, code) = place.check();
        assert_eq!(code, 2, "{told}");
        let known = query.strip_prefix("SELECT ").unwrap().split(" FROM").next().unwrap();
        says(&told, &["error    ", part, column, &format!("columns: {known}")]);
        let output = place.weekly();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        says(&stderr(&output), &[part, column, &format!("columns: {known}")]);
    }
}

/// Lines with fewer fields than the header, in each of the files.
#[test]
fn a_line_with_too_few_fields_is_told_by_its_number() {
    for name in ["person", "unit", "roster"] {
        let place = Place::of_files(&lists());
        cut_line(&place.dir.path().join(format!("{name}.csv")));
        let (told, code) = place.check();
        assert_eq!(code, 2, "{told}");
        says(&told, &["error    ", &format!("{name}.csv: line "), " has 1 fields, the header has "]);
        let output = place.weekly();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        says(&stderr(&output), &[&format!("{name}.csv: line "), " has 1 fields"]);
    }
}

/// Puts a line of one field before the last.
fn cut_line(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let at = text.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(path, format!("{}x\r\n{}", &text[..at], &text[at..])).unwrap();
}

#[test]
fn units_without_records_and_without_names_are_listed() {
    let mut silent = lists();
    silent.people.retain(|row| row[1].as_deref() != Some(UNITS[3]));
    for place in Place::both(&silent) {
        let told = place.check().0;
        let name = format!("{}村", UNITS[3]);
        says(&told, &["warning  units without records: 1 of ", &format!("units have no record ({name})")]);
    }
    let mut nameless = lists();
    nameless.units[2][1] = None;
    let place = Place::of_sqlite(&lists());
    let url = format!("sqlite:{}", place.dir.path().join("register.db").display());
    let sql = format!("UPDATE unit SET name = ' ' WHERE code = '{}'", UNITS[2]);
    block(registers::execute(&url, &[sql]));
    for place in [Place::of_files(&nameless), place] {
        let message = format!("1 units have no name, and documents print their codes ({})", UNITS[2]);
        says(&place.check().0, &["warning  unit names: ", &message]);
    }
    let told = Place::of_sqlite(&lists()).check().0;
    assert!(!told.contains("without records") && !told.contains("no name"), "{told}");
}

/// Rows that a spreadsheet has added up, in a database.
#[test]
fn totals_of_the_lists_are_no_secret_of_the_log() {
    let place = Place::of_sqlite(&lists());
    let url = format!("sqlite:{}", place.dir.path().join("register.db").display());
    let totals = [
        "INSERT INTO unit (code, name) VALUES ('合计', '5个村')".to_owned(),
        "INSERT INTO roster (unit, id_number) VALUES ('合计', '8人'), ('小计', '')".to_owned(),
    ];
    block(registers::execute(&url, &totals));
    let told = place.check().0;
    says(
        &told,
        &["source.units: 1 rows of source.units are totals", "source.roster: 2 rows of source.roster are"],
    );
    let place = with_baseline(Place::of_sqlite(&lists()), &[(UNITS[0], "15"), ("合计", "15")]);
    says(&place.check().0, &["source.baseline: 1 rows of source.baseline are totals"]);
}
