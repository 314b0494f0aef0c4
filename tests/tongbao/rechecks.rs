//! Re-checks 抽查: drawn alike by everybody, returned whole, and printed with their exact interval.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::civil::date;
use tongbao::digest::sha256;
use tongbao::pipeline::{Request, UnitKeys};
use tongbao::ranking::results::Results;
use tongbao::report::compose::compose;
use tongbao::report::model::Issue;
use tongbao::report::rechecks::{self, RecheckedUnit};
use tongbao::schedule::period::Period;

use crate::own_definitions::stored;
use crate::sources::block;
use crate::support::office::{Office, execute, pdf_text};
use crate::support::setting::{self, stderr, stdout, tongbao};

const UNIT: &str = "440118001001";
const SEED: &str = "骰子 4 2 6";

fn office() -> Office {
    Office::larger("2016-07-08T01:00:00Z", |text| text)
}

/// Keys of the records of a unit, as the database has them.
fn keys(office: &Office) -> Vec<String> {
    let url = format!("sqlite:{}", office.dir.path().join("register.db").display());
    execute(
        &office.dir.path().join("register.db"),
        "UPDATE person SET registered_at = '2016-06-10 08:00:00';",
    );
    stored(&url).into_iter().map(|(id, ..)| id.to_string()).collect()
}

#[test]
fn the_smallest_tickets_are_drawn_whatever_the_order() {
    let office = office();
    let all = keys(&office);
    // Everybody registered in one unit, so that its keys are known.
    execute(&office.dir.path().join("register.db"), &format!("UPDATE person SET village_code = '{UNIT}';"));
    let draw = |size: usize, seed: &str| {
        let units = block(office.engine().record_keys(&[UNIT.into()], date(2016, 7, 7))).unwrap();
        assert_eq!((units.len(), units[0].keys.count()), (1, all.len() as u64));
        units[0].keys.draw(seed, size)
    };
    // By hand: printf 'SEED,KEY' | sha256sum.
    let mut by_hand: Vec<(String, &String)> =
        all.iter().map(|key| (sha256(format!("{SEED},{key}").as_bytes()), key)).collect();
    by_hand.sort();
    let expected: Vec<String> = by_hand.iter().take(20).map(|(_, key)| (*key).clone()).collect();
    assert_eq!(draw(20, SEED), expected);
    assert_eq!(draw(10, SEED), expected[..10], "a larger sample holds the smaller one");
    assert_ne!(draw(20, "骰子 4 2 5"), expected);
    let more = draw(10_000, SEED);
    assert_eq!(more.len(), all.len(), "there are no more records than there are");
    // The order of the rows makes no difference.
    let register = office.dir.path().join("register.db");
    execute(
        &register,
        "CREATE TABLE turned AS SELECT * FROM person ORDER BY id DESC; DROP TABLE person; ALTER TABLE turned RENAME TO person;",
    );
    assert_eq!(draw(20, SEED), expected);
}

#[test]
fn what_is_registered_later_or_elsewhere_is_not_drawn() {
    let office = office();
    keys(&office);
    let register = office.dir.path().join("register.db");
    execute(&register, "UPDATE person SET registered_at = '2016-07-20 08:00:00' WHERE id % 2 = 0;");
    let units = block(office.engine().record_keys(&[], date(2016, 7, 7))).unwrap();
    assert_eq!(units.len(), 3, "every unit that is judged");
    let odd = |key: &String| key.parse::<i64>().unwrap() % 2 == 1;
    let drawn = |unit: &UnitKeys| unit.keys.draw(SEED, 10_000);
    assert!(units.iter().all(|unit| unit.keys.count() > 0 && drawn(unit).iter().all(odd)));
    execute(
        &register,
        "UPDATE person SET id = NULL WHERE id = (SELECT MIN(id) FROM person WHERE id % 2 = 1);",
    );
    let unknown = block(office.engine().record_keys(&["1".into()], date(2016, 7, 7)));
    assert!(unknown.unwrap_err().to_string().contains("there is no unit 1"));
}

/// The office's configuration as a file, and a list drawn from the command line.
fn drawn(office: &Office, name: &str) -> String {
    setting::write(office.dir.path(), &office.text);
    let out = office.dir.path().join(name);
    let arguments = [
        "--config",
        "tongbao.toml",
        "--lang",
        "en",
        "recheck",
        "draw",
        "--size",
        "8",
        "--unit",
        UNIT,
        "--seed",
        SEED,
    ];
    let arguments = [&arguments[..], &["--to", "2016-07-07", "--out", name]].concat();
    let output = tongbao(office.dir.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains(SEED) && stdout(&output).lines().count() == 2, "{}", stdout(&output));
    let mode = std::fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the list is for one reader");
    if name.ends_with(".csv") { std::fs::read_to_string(out).unwrap() } else { String::new() }
}

fn record(dir: &Path, name: &str) -> std::process::Output {
    tongbao(dir, &["--config", "tongbao.toml", "--lang", "en", "recheck", "record", name, "--by", "李检查"])
}

/// The list with what stands in its last columns, by number of the row.
fn filled(list: &str, result: impl Fn(usize) -> &'static str) -> String {
    let mut lines = list.lines();
    let head = lines.next().unwrap().to_owned();
    let rows = lines.enumerate().map(|(at, line)| format!("{line}{}", result(at)));
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\r\n")
}

#[test]
fn a_list_is_drawn_returned_and_printed() {
    let mut office = office();
    office.text = office.text.replace("kind = \"acceptance\"", "kind = \"acceptance\"\nsign_off = true");
    let dir = office.dir.path().to_owned();
    let list = drawn(&office, "list.csv");
    assert_eq!(list.lines().count(), 9, "{list}");
    assert!(
        list.trim_start_matches('\u{feff}').starts_with("recheck,unit,unit_name,key,wrong_fields,result"),
        "{list}"
    );
    // Keys, and nothing else of a person.
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let ids: Vec<String> = stored(&url).into_iter().map(|(id, ..)| id.to_string()).collect();
    for line in list.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells[0], cells[1], &cells[4..]), ("1", UNIT, &["", ""][..]), "{line}");
        assert!(ids.iter().any(|id| id == cells[3]), "{line}");
    }
    let again =
        tongbao(&dir, &["--config", "tongbao.toml", "recheck", "draw", "--size", "8", "--out", "list.csv"]);
    assert_eq!(again.status.code(), Some(2), "a list that may hold results is not overwritten");
    // Not yet all found, another key, a row too few: nothing is recorded.
    for (name, text, message) in [
        ("open.csv", list.clone(), "have no result"),
        (
            "other.csv",
            filled(&list.replacen(&format!(",{}", key_of(&list, 1)), ",999999", 1), |_| "right"),
            "not those that were drawn",
        ),
        (
            "short.csv",
            filled(list.trim_end().rsplit_once('\n').unwrap().0.trim_end(), |_| "right"),
            "7 of 8 rows",
        ),
        ("none.csv", list.replace(",result", ",remark"), "no column result"),
        ("field.csv", with_fields(&list, "right", "姓氏"), "names 姓氏, which is no field"),
        ("both.csv", with_fields(&list, "right", "姓名"), "whose result is not wrong"),
        ("unknown.csv", filled(&list.replace("\n1,", "\n7,"), |_| "right"), "there is no re-check 7"),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
        let output = record(&dir, name);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(stderr(&output).contains(message), "{name}: {}", stderr(&output));
    }
    // Two are wrong, one could not be checked; the words may be Chinese and the rows in another order.
    let words = |at: usize| ["wrong", "错", "无法核实", "right", "对", "√", "1", "正确"][at];
    let fields = |at: usize| ["\"姓名, birth_date\"", "ID number；姓名"].get(at).copied().unwrap_or_default();
    let with_fields = |(at, line): (usize, &str)| match at {
        0 => line.to_owned(),
        _ => format!("{}{},{}", line.strip_suffix(',').unwrap(), fields(at - 1), words(at - 1)),
    };
    let mut lines: Vec<String> = list.lines().enumerate().map(with_fields).collect();
    lines[1..].reverse();
    std::fs::write(dir.join("list.csv"), lines.join("\n")).unwrap();
    let output = record(&dir, "list.csv");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("3 of 8 records are wrong, 37.50% (95% interval 8.52%–75.52%)"),
        "{}",
        stdout(&output)
    );
    assert!(
        stdout(&output).contains("\nof these by wrong field: Name 2, ID number 1, Birth date 1\n"),
        "{}",
        stdout(&output)
    );
    let twice = record(&dir, "list.csv");
    assert!(stderr(&twice).contains("is on record already"), "{}", stderr(&twice));
    let listed = stdout(&tongbao(&dir, &["--config", "tongbao.toml", "--lang", "en", "recheck"]));
    assert!(listed.contains("8.52%–75.52%"), "{listed}");
    prints(&office);
    let verified = tongbao(&dir, &["--config", "tongbao.toml", "verify"]);
    assert!(verified.status.success(), "{}{}", stdout(&verified), stderr(&verified));
    execute(&dir.join("state/tongbao.db"), "UPDATE recheck SET wrong = 0;");
    let verified = tongbao(&dir, &["--config", "tongbao.toml", "--lang", "en", "verify"]);
    assert!(
        !verified.status.success() && stdout(&verified).contains("recheck 1 has been changed"),
        "{}",
        stdout(&verified)
    );
}

/// The list with one result in all rows and wrong fields in the first.
fn with_fields(list: &str, result: &str, fields: &str) -> String {
    let mut lines: Vec<String> = list
        .lines()
        .map(|line| line.strip_suffix(',').map_or(line.into(), |line| format!("{line},{result}")))
        .collect();
    lines[1] = lines[1].replace(&format!(",,{result}"), &format!(",{fields},{result}"));
    lines.join("\n")
}

fn key_of(list: &str, row: usize) -> &str {
    list.lines().nth(row).unwrap().split(',').nth(3).unwrap()
}

/// The acceptance report has the result, and its draft is the same when it is made again.
fn prints(office: &Office) {
    // The program has recorded by the real clock, the office's own stands in 2016.
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let request = Request {
        report: "acceptance".into(),
        from: Some(date(2016, 5, 25)),
        to: Some(date(2016, 7, 7)),
        ..Request::default()
    };
    block(async {
        let store = office.store().await;
        let engine = office.engine();
        let outcome = engine.run(Some(&store), &request, now, |_| {}).await.unwrap();
        let pdf = &outcome.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes;
        let text: String = pdf_text(pdf).split_whitespace().collect();
        for part in [
            "抽查结果",
            "截止日",
            "记录数为截止日的记录数；多次抽查的，列最近一次",
            "对1个单位抽查8条记录，差错3条（其中无法核实1条），差错项目为姓名2条、公民身份号码1条、出生日期1条（一条可有多项）",
            "其中1个单位记录编号的摘要值未在种子产生前登记",
            "37.50%",
            "8.52%–75.52%",
            "“骰子426”",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let run = store.run(outcome.run.unwrap()).await.unwrap();
        let remade = engine.remade(&store, &run).await.unwrap();
        let again = engine.printed(&remade).unwrap().pdf;
        let again: String = pdf_text(&again).split_whitespace().collect();
        assert_eq!(again, text);
        // What was not on record yet is not in a document of that time.
        let earlier: jiff::Timestamp = "2016-07-08T02:00:00Z".parse().unwrap();
        assert!(store.rechecks_at(date(2016, 7, 7), earlier).await.unwrap().is_empty());
        assert!(store.rechecks_at(date(2016, 7, 6), now).await.unwrap().is_empty(), "its records are later");
        store.close().await;
    });
}

#[test]
fn shares_of_units_are_weighted_by_their_records() {
    let office = office();
    let engine = office.engine();
    let period = Period::new(date(2016, 5, 25), date(2016, 7, 7)).unwrap();
    let snapshot = block(engine.pull(period.to, office.now(), |_| {})).unwrap();
    let results = Results::new(&snapshot, period, engine.rules(), None);
    let report = &engine.settings.reports["acceptance"];
    let estimated = |samples: &[(u64, u64, u64)]| {
        let units = results.units.iter().map(|unit| unit.unit.code.clone());
        let all: Vec<RecheckedUnit> = units
            .zip(samples)
            .map(|(unit, (population, checked, wrong))| RecheckedUnit {
                unit,
                cut_off: period.to,
                number: 1,
                seed: SEED.to_owned(),
                population: *population,
                checked: *checked,
                wrong: *wrong,
                unchecked: 0,
                fields: BTreeMap::new(),
                is_announced: true,
            })
            .collect();
        let mut composition = compose(&engine.settings, report, &results, &[], &Issue::default());
        rechecks::add(&mut composition, &all, &results, (&engine.settings.indicators, report.language));
        composition.model.rechecks.unwrap().estimated
    };
    // 100 × 1/10 and 300 × 2/10 are 70 of 400; of all drawn together 3 of 20 would be too few.
    assert_eq!(estimated(&[(100, 10, 1), (300, 10, 2)]).as_deref(), Some("17.50%"));
    assert_eq!(estimated(&[(1_000_000, 10, 0), (10, 10, 1)]).as_deref(), Some("0.01%"), "not none");
    assert_eq!(estimated(&[(100, 10, 1)]), None, "one unit is no stratum");
}

#[test]
fn a_workbook_is_drawn_too_and_keeps_long_keys() {
    let office = office();
    drawn(&office, "list.xlsx");
    let output = record(office.dir.path(), "list.xlsx");
    assert!(stderr(&output).contains("8 records of re-check 1 have no result"), "{}", stderr(&output));
}

/// What `recheck announce` and `recheck draw` print of one unit, with the exit code.
fn recheck(dir: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let given = ["--config", "tongbao.toml", "--lang", "en", "--format", "json", "recheck"];
    let output = tongbao(dir, &[&given[..], more, &["--unit", UNIT, "--to", "2016-07-07"]].concat());
    (output.status.code(), stdout(&output), stderr(&output))
}

#[test]
fn the_records_are_on_record_before_the_seed() {
    let office = office();
    let all = keys(&office);
    let dir = office.dir.path();
    let register = dir.join("register.db");
    execute(&register, &format!("UPDATE person SET village_code = '{UNIT}';"));
    setting::write(dir, &office.text);
    let (code, announced, error) = recheck(dir, &["announce"]);
    assert_eq!(code, Some(0), "{error}");
    let announced: serde_json::Value = serde_json::from_str(&announced).unwrap();
    // By hand: LC_ALL=C sort KEYS | sha256sum.
    let mut sorted = all.clone();
    sorted.sort();
    let by_hand = sha256(sorted.iter().map(|key| format!("{key}\n")).collect::<String>().as_bytes());
    assert_eq!(announced["lists"][0]["keys"], by_hand);
    assert_eq!(announced["lists"][0]["population"], all.len());

    let draw =
        |name: &str, seed: &[&str]| recheck(dir, &[&["draw", "--size", "5", "--out", name], seed].concat());
    let list = |drawn: &str| {
        serde_json::from_str::<serde_json::Value>(drawn).unwrap()["rechecks"][0]["list"].clone()
    };
    let (code, drawn, error) = draw("a.csv", &["--seed", SEED]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert_eq!(list(&drawn), announced["lists"][0]["id"]);
    // A random seed comes after a list of its own.
    let (code, drawn, error) = draw("b.csv", &[]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert_ne!(list(&drawn), announced["lists"][0]["id"]);
    assert!(list(&drawn).is_number());
    // A record less, and the seed may have been what chose it.
    execute(&register, "DELETE FROM person WHERE id = (SELECT MIN(id) FROM person);");
    let (code, _, error) = draw("c.csv", &["--seed", SEED]);
    assert_eq!(code, Some(1));
    assert!(error.contains("no longer those whose digest is on record"), "{error}");
    assert!(!dir.join("c.csv").exists());
    let verified = |dir: &Path| tongbao(dir, &["--config", "tongbao.toml", "--lang", "en", "verify"]);
    assert!(verified(dir).status.success());
    execute(&dir.join("state/tongbao.db"), "UPDATE recheck_list SET keys = 'another' WHERE id = 1;");
    let output = verified(dir);
    assert!(
        !output.status.success() && stdout(&output).contains("list of records 1 has been changed"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_size_is_proposed_for_a_precision() {
    let office = office();
    setting::write(office.dir.path(), &office.text);
    let size = |more: &[&str]| {
        let given = ["--config", "tongbao.toml", "--lang", "en", "--format", "json", "recheck", "size"];
        let output = tongbao(office.dir.path(), &[&given[..], more].concat());
        (output.status.code(), format!("{}{}", stdout(&output), stderr(&output)))
    };
    let (code, proposed) = size(&[]);
    assert_eq!(code, Some(0), "{proposed}");
    // Computed with exact sums elsewhere: 204 records would not do.
    let expected = serde_json::json!({ "size": 205, "errors": 21, "interval": ["6.45%", "15.24%"] });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&proposed).unwrap(), expected);
    for (more, problem) in [
        (["--precision", "0.5%"], "finer than 1%"),
        (["--expecting", "60%"], "no percentage up to 50"),
        (["--precision", "5.123%"], "at most two decimals"),
    ] {
        let (code, said) = size(&more);
        assert!(code == Some(2) && said.contains(problem), "{said}");
    }
}
