//! Files as sources: where the lists may be, and the message of every damage.

use std::collections::BTreeMap;

use tongbao::config;
use tongbao::config::settings::{DatabaseUrl, Settings};
use tongbao::pipeline::{Engine, RunError};
use tongbao::ranking::results::Results;
use tongbao::report::json;
use tongbao::schedule::period::Period;
use tongbao::source::SourceError;

use crate::laws::CUT_OFF;
use crate::support::exports::{self, Lists};
use crate::support::{defects, registers, setting};

pub fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

pub fn parse(text: &str) -> Settings {
    config::parse("test.toml", text, &BTreeMap::new()).unwrap().settings
}

pub fn figures(settings: Settings) -> Result<serde_json::Value, RunError> {
    let engine = Engine::new(settings)?;
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    let snapshot = block(engine.pull(CUT_OFF, now, |_| {}))?;
    let period = Period::new(CUT_OFF, CUT_OFF).unwrap();
    let results = Results::new(&snapshot, period, engine.rules(), None);
    Ok(json::figures(&results, &engine.settings.indicators))
}

/// What a file's source says of it.
pub fn problem(settings: Settings) -> String {
    match figures(settings) {
        Err(RunError::Source(error)) => error.to_string(),
        other => panic!("expected a source error, got {:?}", other.map(|_| "figures")),
    }
}

/// Lists with every defect, and some of an export's own.
pub fn lists(seed: u64, count: usize) -> Lists {
    let mut records = defects::records(seed, count);
    let roster = defects::roster(seed + 1, &records);
    for (i, record) in records.iter_mut().enumerate().filter(|(i, _)| i % 7 == 0) {
        record.residence = Some(format!("荔城街道\"某\"路{i}号,\r\n3栋;\t2楼"));
    }
    Lists::of(&records, &roster)
}

/// The same lists in SQLite.
pub fn sqlite(lists: &Lists) -> serde_json::Value {
    let dir = exports::folder();
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let mut statements = vec![registers::create(&url, "person", registers::TEXTS, "")];
    statements.extend(registers::lists(&url, &[]));
    statements.extend(registers::insert("roster", lists.roster.iter().cloned()));
    statements.extend(registers::insert("person", lists.people.iter().cloned()));
    block(registers::execute(&url, &statements));
    figures(setting::settings(&url, &dir)).unwrap()
}

pub fn in_csv(lists: &Lists, delimiter: char, encode: impl Fn(&str) -> Vec<u8>) -> Settings {
    let dir = exports::folder();
    exports::write_csv(&dir, lists, delimiter, encode);
    parse(&exports::configuration(&dir, "csv", &dir))
}

pub fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

pub fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

/// Lists in different places, a header below a title, and other names for the files than for tables.
#[test]
fn lists_may_lie_in_files_beside_a_database() {
    let lists = lists(9, 300);
    let expected = sqlite(&lists);
    let dir = exports::folder();
    exports::write_csv(&dir, &lists, ',', |text| gb18030(&format!("登记表,,\r\n\r\n{text}")));
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let mut statements = vec![registers::create(&url, "person", registers::TEXTS, "")];
    statements.extend(registers::insert("person", lists.people.iter().cloned()));
    block(registers::execute(&url, &statements));
    let mut settings = parse(&exports::configuration(&dir, "csv", &dir));
    settings.source.url = DatabaseUrl::new(url);
    settings.source.register.dataset = config::settings::Dataset::Table("person".into());
    assert_eq!(figures(settings).unwrap(), expected);
}

/// Writes a register of its own beside good lists, and says what is wrong with it.
fn spoilt(bytes: impl AsRef<[u8]>) -> String {
    let dir = exports::folder();
    exports::write_csv(&dir, &lists(3, 50), ',', utf8);
    std::fs::write(dir.join("person.csv"), bytes).unwrap();
    problem(parse(&exports::configuration(&dir, "csv", &dir)))
}

fn good() -> String {
    exports::csv(&exports::PERSON, &people(3, 52), ',')
}

/// Persons none of whose values ends in a line break.
fn people(seed: u64, count: usize) -> exports::Rows {
    let mut people = lists(seed, count).people;
    for value in people.iter_mut().flatten().flatten() {
        value.truncate(value.trim_end_matches('\n').len());
    }
    people
}

#[track_caller]
pub fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "\"{message}\" lacks \"{part}\"");
    }
}

#[test]
fn half_a_record_is_refused_by_its_line() {
    let good = good();
    let line = good.trim_end().lines().count();
    // Cut within an unquoted value, within a quoted one, and within the last column.
    let last = good.trim_end().rfind('\n').unwrap();
    says(
        &spoilt(&good[..last + 12]),
        &["person.csv", "ends in the middle of the record", &format!("line {line}")],
    );
    let quoted = good.trim_end().rfind('"').unwrap();
    says(&spoilt(&good[..quoted]), &["ends in the middle of the record", &format!("line {line}")]);
    let endless = exports::PERSON.join(",") + "\r\n\"" + &"x,\n".repeat(1 << 20);
    says(&spoilt(endless), &["line 2 does not end", "quotation mark"]);
    // Empty fields take no room in a record, but each has its place.
    let wide = exports::PERSON.join(",") + "\r\n" + &",".repeat(1 << 20);
    says(&spoilt(wide), &["line 2 has more than 16384 fields"]);
}

#[test]
fn unequal_fields_are_refused_by_their_line() {
    let lines: Vec<String> = exports::csv(&exports::PERSON, &people(4, 3), ',')
        .replace("\r\n3栋;\t2楼", "")
        .lines()
        .map(str::to_owned)
        .collect();
    let mut more = lines.clone();
    more[2] += ",surplus";
    says(
        &spoilt(more.join("\n")),
        &["person.csv: line 3 has 15 fields, the header has 14", "quotation marks"],
    );
    let mut fewer = lines.clone();
    fewer[1] = "1,2".into();
    says(&spoilt(fewer.join("\n") + "\n"), &["line 2 has 2 fields"]);
    // Blank lines and blank surplus fields are no fault.
    let mut blank = lines;
    blank[2] += ",,";
    blank.insert(2, ",,,".into());
    let dir = exports::folder();
    exports::write_csv(&dir, &lists(4, 3), ',', utf8);
    let expected = figures(parse(&exports::configuration(&dir, "csv", &dir))).unwrap();
    std::fs::write(dir.join("person.csv"), blank.join("\n\n") + "\n\n").unwrap();
    let read = figures(parse(&exports::configuration(&dir, "csv", &dir))).unwrap();
    assert_eq!(read["totals"]["records"], expected["totals"]["records"]);
}

#[test]
fn a_wrong_encoding_is_told() {
    let good = good();
    let mut broken = gb18030(&good);
    let at = broken.len() - 40;
    broken[at] = 0xFF;
    says(&spoilt(&broken), &["person.csv: line ", "GB18030", "set the key encoding"]);
    says(&spoilt(b"i\0d\0,\0"), &["zero bytes", "utf-16"]);
    let dir = exports::folder();
    exports::write_csv(&dir, &lists(3, 50), ',', utf8);
    let mut settings = parse(&exports::configuration(&dir, "csv", &dir));
    settings.source.files.encoding = Some(config::settings::Encoding::Gb18030);
    says(&problem(settings.clone()), &["person.csv is UTF-8, not GB18030"]);
    exports::write_csv(&dir, &lists(3, 50), ',', gb18030);
    settings.source.files.encoding = Some(config::settings::Encoding::Utf8);
    says(&problem(settings), &["no UTF-8", "line ", "encoding"]);
}

#[test]
fn a_missing_column_is_told_with_the_nearest() {
    let message = spoilt(good().replacen("village_code", "vilage_code", 1));
    says(&message, &["person.csv", "\"village_code\"; did you mean \"vilage_code\"?", "line 1"]);
    says(&spoilt(good().replacen("updated_at", "sex", 1)), &["two columns are named \"sex\""]);
    says(&spoilt(""), &["is empty"]);
    says(&spoilt("<html><table>"), &["web page"]);
}

#[test]
fn a_damaged_workbook_is_told() {
    let dir = exports::folder();
    let book = dir.join("export.xlsx");
    exports::write_workbook(&book, &lists(3, 200), exports::as_text);
    let whole = std::fs::read(&book).unwrap();
    let settings = setting::settings(&format!("file:{}", book.display()), &dir);
    for damage in [&whole[..whole.len() / 2], &whole[..100]] {
        std::fs::write(&book, damage).unwrap();
        says(&problem(settings.clone()), &["export.xlsx is damaged", "save it again"]);
    }
    // A byte changed anywhere is an error or has no part in the figures; it is never a crash.
    let expected = {
        std::fs::write(&book, &whole).unwrap();
        figures(settings.clone()).unwrap()
    };
    let mut refused = 0;
    // One byte of each hundredth, another in each run.
    for step in 0..100 {
        let mut bytes = whole.clone();
        let at = fastrand::usize(step * whole.len() / 100..(step + 1) * whole.len() / 100);
        bytes[at] ^= 0x5A;
        std::fs::write(&book, bytes).unwrap();
        match figures(settings.clone()) {
            Ok(read) => assert_eq!(read, expected, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 50, "{refused}");
    std::fs::write(&book, &whole).unwrap();
    let mut other = settings;
    other.source.register.dataset = config::settings::Dataset::Table("persom".into());
    says(&problem(other), &["sheet \"persom\"", "did you mean \"person\"?", "person, unit, roster"]);
}

#[test]
fn lists_without_place_are_configuration_errors() {
    let dir = exports::folder();
    let text = exports::configuration(&dir, "csv", &dir);
    let refused = |text: &str| match config::parse("test.toml", text, &BTreeMap::new()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("expected an error"),
    };
    let unit = format!("url = \"file:{}\"", dir.join("unit.csv").display());
    says(&refused(&text.replace(&unit, "")), &["source.units", "another file", "url"]);
    says(
        &refused(&text.replace("[source]\n", "[source]\nincremental = true\n")),
        &["source.incremental", "file"],
    );
    says(&refused(&text.replace("[source]\n", "[source]\ncompute = \"database\"\n")), &["source.compute"]);
    says(&refused(&text.replace("[source]\n", "[source]\nfiles.delimiter = \"ab\"\n")), &["delimiter"]);
    says(&refused(&text.replace("[source]\n", "[source]\nfiles.encoding = \"latin1\"\n")), &["gb18030"]);
}

#[test]
fn check_tells_what_it_found() {
    let dir = exports::folder();
    exports::write_csv(&dir, &lists(3, 50), ';', gb18030);
    let path = setting::write(&dir, &exports::configuration(&dir, "csv", &dir));
    let output = setting::tongbao(&dir, &["--config", path.to_str().unwrap(), "check"]);
    let told = setting::stdout(&output);
    says(
        &told,
        &["person.csv: CSV, GB18030, delimiter \";\", 14 columns, 50 rows", "unit.csv: CSV", "roster.csv"],
    );
}

#[test]
fn a_file_that_is_away_or_growing_can_be_tried_again() {
    let dir = exports::folder();
    let text = exports::configuration(&dir, "csv", &dir);
    says(&problem(parse(&text)), &["person.csv cannot be read"]);
    let settings = parse(&text.replace("person.csv", "person-*.csv"));
    match figures(settings) {
        Err(RunError::Source(error @ SourceError::File(_))) => assert!(error.is_unavailable(), "{error}"),
        other => panic!("{:?}", other.map(|_| "figures")),
    }
}
