//! Relations over several records: values that must not repeat, groups with so many records of a kind, and values that
//! stand in a list, against a naive count, for any order, any split of the register and any room in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use jiff::civil::date;

use tongbao::config;
use tongbao::config::settings::{Indicators, Relation};
use tongbao::indicator::persons::{Spill, SpillLimit};
use tongbao::indicator::tally::Tally;
use tongbao::indicator::tallying::{Tallier, finish};
use tongbao::register::batch::{BatchBuilder, Day, RegisterBatch, TextColumn, days_since_epoch};
use tongbao::register::field::Field;
use tongbao::register::unit::{Unit, Units};

use crate::support::setting::{stderr, stdout, tongbao};

const RULES: &str = r#"
[register]
noun = "房屋"
counter = "套"
identity = "code"

[source.references.codes]
label = "编码底册"
url = "file:codes.csv"
column = "编码"

[lists.role]
codes = { "1" = "户主", "2" = "配偶" }
groups = { head = ["1"] }

[fields.code]
label = "编码"

[fields.household]
label = "户号"

[fields.role]
label = "身份"
type = "code"
list = "role"

[relations.once]
label = "编码不重复"
unique = ["code"]

[relations.one_head]
label = "一户一户主"
group = "household"
where = ["role in role.head"]
exactly = 1

[relations.some_spouse]
label = "每户有配偶"
when = ["code is filled"]
group = "household"
where = ["role = \"配偶\""]
at_least = 1

[relations.listed]
label = "编码在底册中"
listed = "code"
in = "codes"
"#;

/// What the list of codes has: other spellings, blanks, and one that no record has.
const LISTED: [&str; 6] = ["ａ－1", "E-5", "无", "", "Q-1", "E-5"];

fn indicators() -> Indicators {
    let text = format!(
        "[campaign]\nname = \"n\"\nissuer = \"i\"\n[source]\nurl = \"file:x.csv\"\n[source.register]\nunit = \"u\"\n\
         [source.units]\nurl = \"file:u.csv\"\n[source.baseline]\n[indicators.coverage]\nmethod = \"baseline\"\n{RULES}"
    );
    config::parse("t.toml", &text, &BTreeMap::new()).unwrap().settings.indicators
}

#[derive(Clone)]
struct Row {
    unit: usize,
    day: Option<i8>,
    code: Option<&'static str>,
    household: Option<&'static str>,
    role: Option<&'static str>,
}

const CODES: [Option<&str>; 12] = [
    Some("A-1"),
    Some("ａ-1"),
    Some(" A－1"),
    Some("A1"),
    Some("B-2"),
    Some("C-3"),
    Some("D-4"),
    Some("E-5"),
    Some("F-6"),
    Some("无"),
    Some(""),
    None,
];
const HOUSEHOLDS: [Option<&str>; 6] = [Some("1"), Some("2"), Some("3"), Some("４"), Some("4"), None];
const ROLES: [Option<&str>; 6] = [Some("户主"), Some("1"), Some("配偶"), Some("2"), Some("见备注"), None];
/// Days of June 2016 after this one are after the cut-off.
const CUT_OFF: i8 = 20;

fn row(rng: &mut Rng) -> Row {
    Row {
        unit: rng.usize(..2),
        day: if rng.u8(..8) == 0 { None } else { Some(rng.i8(1..26)) },
        code: CODES[rng.usize(..CODES.len())],
        household: HOUSEHOLDS[rng.usize(..HOUSEHOLDS.len())],
        role: ROLES[rng.usize(..ROLES.len())],
    }
}

/// What the naive count makes of a text: `None` = blank.
fn plain(text: Option<&str>) -> Option<String> {
    let text: String = text?
        .chars()
        .map(|c| match c {
            'ａ' => 'A',
            '－' => '-',
            '４' => '4',
            other => other,
        })
        .filter(|c| *c != ' ')
        .collect();
    (!text.is_empty() && text != "无").then_some(text)
}

fn is_due(row: &Row) -> bool {
    row.day.is_none_or(|day| day <= CUT_OFF)
}

/// Passed and judged records of the four relations at one unit, counted by comparing each with each.
fn naive(rows: &[Row], unit: usize) -> [(u64, u64); 4] {
    let mut out = [(0, 0); 4];
    let listed: Vec<String> = LISTED.iter().filter_map(|text| plain(Some(text))).collect();
    let due: Vec<&Row> = rows.iter().filter(|row| is_due(row)).collect();
    let with = |household: &str| -> Vec<Option<&str>> {
        let same = |row: &&&Row| plain(row.household).as_deref() == Some(household);
        due.iter().filter(same).map(|row| row.role).collect()
    };
    for row in due.iter().filter(|row| row.unit == unit) {
        let code = plain(row.code);
        let repeats = due.iter().filter(|other| code.is_some() && plain(other.code) == code).count();
        let once = repeats == 1;
        let household = plain(row.household);
        let roles = household.as_deref().map(with).unwrap_or_default();
        let of = |words: [&str; 2]| roles.iter().flatten().filter(|role| words.contains(role)).count();
        let unknown = roles.iter().filter(|role| role.is_none()).count();
        let one_head = of(["户主", "1"]) == 1 && unknown == 0;
        let is_listed = code.as_ref().is_some_and(|code| listed.contains(code));
        out[3] = (out[3].0 + u64::from(is_listed), out[3].1 + 1);
        out[0] = (out[0].0 + u64::from(once), out[0].1 + 1);
        out[1] = (out[1].0 + u64::from(one_head), out[1].1 + 1);
        // Only records with a code belong, and only those are judged.
        if code.is_some() {
            let same = |other: &&&Row| plain(other.household) == household && plain(other.code).is_some();
            let spouses = due.iter().filter(same).filter(|other| matches!(other.role, Some("配偶" | "2")));
            let passes = household.is_some() && spouses.count() >= 1;
            out[2] = (out[2].0 + u64::from(passes), out[2].1 + 1);
        }
    }
    out
}

fn batch(rows: &[Row]) -> RegisterBatch {
    let mut builder = BatchBuilder::with_own(rows.len().max(1), 3);
    for row in rows {
        builder.push_bytes(TextColumn::Unit, Some(["v1", "v2"][row.unit].as_bytes()));
        for (at, value) in [row.code, row.household, row.role].into_iter().enumerate() {
            builder.push_bytes(TextColumn::Field(Field::Own(at as u8)), value.map(str::as_bytes));
        }
        let day = row.day.map(|day| Day::Known(days_since_epoch(date(2016, 6, day))));
        builder.end_record(day.unwrap_or(Day::Missing));
    }
    builder.finish()
}

/// Room elsewhere, in memory.
#[derive(Default)]
struct Elsewhere(BTreeMap<usize, Vec<u8>>);

impl Spill for Elsewhere {
    fn write(&mut self, partition: usize, entries: &[u8]) -> std::io::Result<()> {
        self.0.entry(partition).or_default().extend(entries);
        Ok(())
    }

    fn read(&mut self, partition: usize) -> std::io::Result<Vec<u8>> {
        Ok(self.0.remove(&partition).unwrap_or_default())
    }
}

fn tally(rows: &[Row], indicators: &Indicators, units: &Arc<Units>, parts: usize, room: usize) -> Tally {
    let cut_off = date(2016, 6, CUT_OFF);
    let mut talliers: Vec<Tallier> = (0..parts)
        .map(|_| {
            let limit = SpillLimit { bytes: room, spill: Box::new(Elsewhere::default()) };
            Tallier::new(units.clone(), indicators, cut_off, None).with_set_limit(limit)
        })
        .collect();
    LISTED.iter().for_each(|code| talliers[0].add_entry("codes", Some(code.as_bytes())));
    for (at, rows) in rows.chunks(7).enumerate() {
        talliers[at % parts].add(&batch(rows)).unwrap();
    }
    finish(talliers).unwrap()
}

#[test]
fn any_order_split_and_room_gives_the_naive_count() {
    let indicators = indicators();
    let unit = |code: &str| Unit { code: code.into(), name: code.into(), kind: "村".into(), parent: None };
    let units = Arc::new(Units::new(vec![unit("v1"), unit("v2")]).unwrap());
    let mut rng = Rng::with_seed(5);
    let mut failed = [0; 4];
    for case in 0..120 {
        let mut rows: Vec<Row> = (0..rng.usize(0..40)).map(|_| row(&mut rng)).collect();
        let expected = [naive(&rows, 0), naive(&rows, 1)];
        for (parts, room) in [(1, usize::MAX), (2, 40), (3, 0)] {
            rng.shuffle(&mut rows);
            let tally = tally(&rows, &indicators, &units, parts, room);
            for (unit, expected) in expected.iter().enumerate() {
                let counts = tally.until(Some(unit as u32), days_since_epoch(date(2016, 6, CUT_OFF)));
                for (at, (passed, judged)) in expected.iter().enumerate() {
                    let rate = counts.relation(Relation::Own(at as u8));
                    assert_eq!((rate.numerator, rate.denominator), (*passed, *judged), "{case} {parts} {at}");
                    failed[at] += judged - passed;
                }
            }
        }
    }
    assert!(failed.iter().all(|count| *count > 300), "{failed:?}");
}

const FILE: &str = "编码,户号,身份,单位\nA-1,1,户主,v1\nａ－1,1,配偶,v1\nB-2,2,户主,v1\nC-3,2,1,v1\n,3,,v1\n";

fn office(dir: &std::path::Path, more: &str) {
    std::fs::write(dir.join("list.csv"), FILE).unwrap();
    std::fs::write(dir.join("codes.csv"), format!("编码\n{}\n", LISTED.join("\n"))).unwrap();
    std::fs::write(dir.join("unit.csv"), "code,name,kind,parent\nv1,白水村,村,\n").unwrap();
    let text = format!(
        "[campaign]\nname = \"专项活动\"\nissuer = \"街道办\"\n[source]\nurl = \"file:list.csv\"\n[source.register]\n\
         key = \"编码\"\nunit = \"单位\"\n[source.units]\nurl = \"file:unit.csv\"\n[source.baseline]\nv1 = 4\n\
         [indicators.coverage]\nmethod = \"baseline\"\n{RULES}{more}"
    );
    let text = text.replace("[fields.code]\n", "[fields.code]\ncolumn = \"编码\"\n");
    let text = text.replace("[fields.household]\n", "[fields.household]\ncolumn = \"户号\"\n");
    let text = text.replace("[fields.role]\n", "[fields.role]\ncolumn = \"身份\"\n");
    std::fs::write(dir.join("tongbao.toml"), text).unwrap();
}

#[test]
fn they_are_said_in_words_and_tried_on_a_file() {
    let dir = tempfile::tempdir().unwrap();
    office(dir.path(), "");
    let config = ["--config", "tongbao.toml"];
    let run = |more: &[&str]| tongbao(dir.path(), &[&config, more].concat());
    let rules = stdout(&run(&["--format", "json", "rules"]));
    for sentence in [
        "编码不重复，重复的各条记录均判为不符。",
        "户号相同的记录中，身份为户主的恰有1条。",
        "编码列于“编码底册”。",
        "among the records with the same",
    ] {
        assert!(rules.to_lowercase().contains(sentence), "{sentence}: {rules}");
    }
    let tried = run(&["--format", "json", "rules", "test", "list.csv"]);
    let tried: serde_json::Value = serde_json::from_slice(&tried.stdout).unwrap();
    let outcomes = |relation: usize| -> Vec<&str> {
        let records = tried["records"].as_array().unwrap().iter();
        records.map(|record| record["outcomes"][relation]["outcome"].as_str().unwrap()).collect()
    };
    assert_eq!(outcomes(0), ["fail", "fail", "pass", "pass", "missing"]);
    assert_eq!(outcomes(1), ["pass", "pass", "fail", "fail", "missing"]);
    assert_eq!(outcomes(2), ["pass", "pass", "fail", "fail", "not_applicable"]);
    assert_eq!(outcomes(3), ["pass", "pass", "fail", "fail", "missing"]);
    let rates = run(&["--format", "json", "rates"]);
    let rates: serde_json::Value = serde_json::from_slice(&rates.stdout).unwrap();
    let counts = |key: &str| {
        let rate = &rates["totals"]["relations"][key];
        [&rate["numerator"], &rate["denominator"]].map(|count| count.as_u64().unwrap())
    };
    let all = ["once", "one_head", "some_spouse", "listed"].map(counts);
    assert_eq!(all, [[2, 5], [2, 5], [2, 4], [2, 5]]);
}

#[test]
fn what_is_not_written_as_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (more, problem) in [
        ("[relations.x]\nunique = [\"cod\"]\n", "did you mean code?"),
        (
            "[relations.x]\nunique = [\"code\"]\ncheck = [\"code is filled\"]\n",
            "compares records with one another",
        ),
        ("[relations.x]\ngroup = \"household\"\nexactly = 1\n", "group needs where"),
        (
            "[relations.x]\ngroup = \"household\"\nwhere = [\"role is filled\"]\n",
            "exactly = 1 or at_least = 1",
        ),
        ("[relations.x]\nlisted = \"code\"\nin = \"codez\"\n", "did you mean codes?"),
        ("[relations.x]\nlisted = \"code\"\n", "listed names a field"),
        ("[relations.x]\nlisted = \"code\"\nin = \"codes\"\ngroup = \"role\"\n", "listed names a field"),
        (
            "[fields.head_id]\nlabel = \"户主号码\"\ntype = \"citizen_id\"\n[relations.x]\nlisted = \"head_id\"\nin = \"codes\"\n",
            "number of a person",
        ),
        ("[fields.nation]\nlabel = \"民族\"\n[relations.x]\nunique = [\"nation\"]\n", "sensitive"),
    ] {
        office(dir.path(), more);
        let output = tongbao(dir.path(), &["--config", "tongbao.toml", "check", "--offline"]);
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert!(!output.status.success() && said.contains(problem), "{more}: {said}");
    }
}

#[test]
fn correction_lists_name_the_records_of_a_set() {
    let dir = tempfile::tempdir().unwrap();
    office(dir.path(), "");
    let environment = BTreeMap::new();
    let path = dir.path().join("tongbao.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let settings = config::parse(&path.display().to_string(), &text, &environment).unwrap().settings;
    let listed = ["v1".to_owned()];
    let lists = crate::sources::block(async {
        let mut source = tongbao::source::Source::open(&settings.source).await.unwrap();
        let units = Arc::new(Units::at(source.units().await.unwrap(), date(2016, 7, 7)).unwrap());
        let mut lister = tongbao::indicator::correction::Lister::new(
            units,
            &settings.indicators,
            date(2016, 7, 7),
            settings.corrections,
            &listed,
            None,
        );
        assert!(lister.reads_twice());
        let zone = &settings.campaign.time_zone;
        source.references(|list, entry| lister.add_entry(list, entry)).await.unwrap();
        source.keyed(zone, |batch| lister.gather(batch)).await.unwrap();
        lister.decide(&settings.indicators.definitions).unwrap();
        source.keyed(zone, |batch| lister.add(batch)).await.unwrap();
        lister.finish()
    });
    let keys: Vec<&str> = lists["v1"].records.iter().map(|record| record.key.as_str()).collect();
    assert_eq!(keys, ["A-1", "ａ－1", "B-2", "C-3", ""]);
}

#[test]
fn check_says_that_incremental_pulls_save_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let filled = tongbao(
        dir.path(),
        &["-q", "sample", "--preset", "house", "--records", "60", "--to", "sqlite:register.db"],
    );
    assert!(filled.status.success(), "{}", stderr(&filled));
    let given = ["--yes", "--name", "专项活动", "--issuer", "街道办", "--out", "tongbao.toml"];
    let all = [&["init", "--url", "sqlite:register.db", "--preset", "house"], &given[..]].concat();
    assert!(tongbao(dir.path(), &all).status.success());
    let path = dir.path().join("tongbao.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let secret = "incremental = true\nincremental_key = \"a secret of this test, 32 characters\"\n";
    let text = text.replacen("[source]\n", &format!("[source]\n{secret}"), 1);
    let text = text.replacen("[source.register]\n", "[source.register]\nupdated_at = \"registered_at\"\n", 1);
    std::fs::write(&path, text).unwrap();
    let output = tongbao(dir.path(), &["--lang", "en", "--config", "tongbao.toml", "check"]);
    let told = stdout(&output);
    let line =
        told.lines().find(|line| line.contains("source.incremental")).unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains("relations.identity_once: every pull reads everything"), "{line}");
}
