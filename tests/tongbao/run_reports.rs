//! What `run` and `rates` report of lists that reach the program in another form than the office believes: texts of
//! another character set, tables shown in part, rows that are totals, lists in the place of others. A run says so,
//! and is held above the limit, on every path.

use tongbao::config::settings::{Compute, Level, Secret, Settings};
use tongbao::indicator::unread::SourceFindings;
use tongbao::register::garbled::Garbled;
use tongbao::source::sample::{SampleKind, SamplePlan};

use crate::lost_values::{changed, held, is_held_for, pull};
use crate::rights::of_user;
use crate::sources::{block, filled_by};
use crate::support::{defects, registers, servers, setting};

const PERIOD: [&str; 4] = ["--from", "2016-06-06", "--to", "2016-06-12"];

fn found(settings: &Settings) -> SourceFindings {
    *pull(settings).unread.source
}

fn followed(settings: &Settings) -> Settings {
    let mut followed = settings.clone();
    followed.source.incremental = Some(Secret::new("thirty-two characters of the tests"));
    followed
}

/// What a command prints on both streams, and its exit code.
fn told(settings: &Settings, arguments: &[&str]) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &setting::configuration(settings.source.url.expose(), dir.path()));
    let output = setting::tongbao(dir.path(), &[&["--config", "tongbao.toml"], arguments].concat());
    (output.status.code(), setting::stdout(&output) + &setting::stderr(&output))
}

fn run() -> Vec<&'static str> {
    [&["run", "weekly"], &PERIOD[..]].concat()
}

/// 湖南省衡阳市 as an old program on Windows writes it.
const GBK: &str = "CAST(X'BAFEC4CFCAA1BAE2D1F4CAD0' AS TEXT)";

#[test]
fn bytes_of_another_character_set_are_reported_and_hold_the_run() {
    let (_dir, settings) =
        changed(2_000, &format!("UPDATE person SET household_place = {GBK} WHERE id % 8 = 0"));
    for settings in [&settings, &followed(&settings), &followed(&settings)] {
        let found = found(settings).garbled;
        assert!(found.len() == 1 && found[0].how == Garbled::Gbk, "{found:?}");
        assert_eq!(found[0].column, "household_place");
        assert!(found[0].count * 9 > found[0].of && found[0].of > 300, "{found:?}");
        is_held_for(settings, "“household_place”列有");
    }
    let (code, text) = told(&settings, &run());
    assert!(code == Some(3) && text.contains("column \"household_place\": "), "{text}");
    let (code, text) = told(&settings, &[&["rates"], &PERIOD[..]].concat());
    assert!(
        code == Some(0) && text.contains("GBK in the place of UTF-8") && text.contains("iconv"),
        "{text}"
    );
    let (_, text) = told(&settings, &["check"]);
    assert!(text.contains("warning  character set: column \"household_place\""), "{text}");
    let mut free = settings.clone();
    free.guards.max_misread_texts = None;
    assert_eq!(held(&free), [""; 0]);
    // A few are named, and do not hold.
    let few = format!("UPDATE person SET household_place = {GBK} WHERE id IN (3, 5)");
    let (_dir, settings) = changed(2_000, &few);
    assert_eq!((found(&settings).garbled.len(), held(&settings)), (1, Vec::new()));
}

/// Half of a village's export: little among all records, much for the village's rank. All records are looked at.
#[test]
fn a_village_whose_texts_were_misread_holds_the_run() {
    for text in [GBK, "'ºþÄÏÊ¡'", "'婀栧崡鐪佽　'"] {
        let half = format!(
            "UPDATE person SET household_place = {text} WHERE village_code = '440118001211' AND id % 2 = 0"
        );
        let (_dir, settings) = changed(40_000, &half);
        is_held_for(&settings, "太平村的记录中，字符集不对的文本");
        let mut free = settings.clone();
        free.guards.max_misread_texts = None;
        assert_eq!(held(&free), [""; 0]);
        let found = found(&settings);
        assert!(found.garbled_units.len() == 1 && found.garbled_units[0].1 > 100, "{found:?}");
        assert_eq!(found.garbled_units[0].1, found.garbled[0].count, "{found:?}");
    }
}

/// A slip of the year puts a record behind every cut-off, where no figure has it.
#[test]
fn registrations_that_are_yet_to_come_hold_the_run() {
    let late = "UPDATE person SET registered_at = replace(registered_at, '2016', '2061') WHERE id % 9 = 0";
    let (_dir, settings) = changed(2_000, late);
    for settings in [&settings, &followed(&settings), &followed(&settings)] {
        assert!(found(settings).future_registrations > 150);
        is_held_for(settings, "登记时间在读取两个月以后的记录");
    }
    for arguments in [&run(), &[&["rates"], &PERIOD[..]].concat(), &vec!["check"]] {
        let (code, text) = told(&settings, arguments);
        assert!(text.contains("registration times lie two months or more after this pull"), "{text}");
        assert!(code == Some(3) || arguments[0] != "run", "{text}");
    }
    let (_dir, settings) = changed(2_000, &late.replace("id % 9 = 0", "id IN (3, 5)"));
    assert_eq!((found(&settings).future_registrations, held(&settings)), (2, Vec::new()));
}

/// A slip of the year to the other side: the record counts, but in no period of the campaign.
#[test]
fn registrations_older_than_any_register_hold_the_run() {
    let early = "UPDATE person SET registered_at = replace(registered_at, '2016', '0216') WHERE id % 9 = 0";
    let (_dir, settings) = changed(2_000, early);
    for settings in [&settings, &followed(&settings), &followed(&settings)] {
        assert!(found(settings).ancient_registrations > 150);
        is_held_for(settings, "登记时间早于1949年的记录");
    }
    for arguments in [&run(), &[&["rates"], &PERIOD[..]].concat(), &vec!["check"]] {
        let (code, text) = told(&settings, arguments);
        assert!(text.contains("registration times lie before 1949"), "{text}");
        assert!(code == Some(3) || arguments[0] != "run", "{text}");
    }
    let (_dir, settings) = changed(2_000, &early.replace("id % 9 = 0", "id IN (3, 5)"));
    assert_eq!((found(&settings).ancient_registrations, held(&settings)), (2, Vec::new()));
    // What programs write for no day is none.
    let none = "UPDATE person SET registered_at = '1900-01-01 00:00:00' WHERE id % 9 = 0";
    let (_dir, settings) = changed(2_000, none);
    assert_eq!((found(&settings).ancient_registrations, held(&settings)), (0, Vec::new()));
}

/// A list that was read twice, and a village that the register writes otherwise: little among all records, but the village
/// would be last without one.
#[test]
fn lists_read_twice_and_misspelt_villages_hold_the_run() {
    let again = "INSERT INTO person SELECT id + 100000, village_code, name, sex, residence_address, household_place, \
                 id_number, birth_date, ethnicity, marital_status, hukou_type, document_type, registered_at, updated_at \
                 FROM person WHERE id % 2 = 0";
    let (_dir, settings) = changed(2_000, again);
    for settings in [&settings, &followed(&settings)] {
        is_held_for(settings, "与其他记录号码相同的记录");
    }
    let (_, text) = told(&settings, &[&["rates"], &PERIOD[..]].concat());
    assert!(text.contains("records have the number of another record"), "{text}");
    // One village alone: little among all records, and twice as many for the village.
    let (_dir, settings) = changed(2_000, &again.replace("id % 2 = 0", "village_code = '440118001211'"));
    for settings in [&settings, &followed(&settings)] {
        is_held_for(settings, "太平村的记录中，与其他记录号码相同的占比超过限值");
    }
    let (_, text) = told(&settings, &[&["rates"], &PERIOD[..]].concat());
    assert!(text.contains("has the number of another record in 太平村 "), "{text}");
    let (_dir, settings) =
        changed(2_000, "UPDATE person SET village_code = '罗岗背村' WHERE village_code = '440118001207'");
    for settings in [&settings, &followed(&settings)] {
        is_held_for(settings, "罗冈背村 ≈ 罗岗背村");
    }
    let mut free = settings.clone();
    free.guards.max_unknown_units = None;
    assert_eq!(held(&free), [""; 0]);
}

/// What reaches a database as characters already, in each of its forms and in the order of the export.
#[test]
fn misread_texts_are_found_in_files_and_databases_wherever_they_stand() {
    for (text, how) in [
        ("æ¹\u{8D}å\u{8D}\u{97}ç\u{9C}\u{81}", Garbled::Utf8AsLatin1),
        ("ºþÄÏÊ¡", Garbled::GbkAsLatin1),
        ("婀栧崡鐪佽　", Garbled::Utf8AsGbk),
        ("湖\u{FFFD}省", Garbled::Replaced),
    ] {
        let (_dir, settings) =
            changed(2_000, &format!("UPDATE person SET residence_address = '{text}' WHERE id % 3 = 0"));
        let found = found(&settings).garbled;
        assert!(found.len() == 1 && found[0].how == how, "{text} {found:?}");
        is_held_for(&settings, "“residence_address”列有");
    }
    // The last village of a long register, whose export alone was spoilt.
    let (_dir, settings) = changed(40_000, "UPDATE person SET residence_address = 'ºþÄÏÊ¡' WHERE id > 18500");
    let found = found(&settings).garbled;
    assert!(found.len() == 1 && found[0].count >= 10, "{found:?}");
    let dir = tempfile::tempdir().unwrap();
    let made = setting::tongbao(dir.path(), &["-q", "sample", "--persons", "2000", "--to", "file:lists"]);
    assert!(made.status.success());
    let path = dir.path().join("lists/person.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.lines().next().unwrap().split(',').position(|name| name == "household_place").unwrap();
    let spoilt = |text: &str| {
        let (bytes, _, _) = encoding_rs::GBK.encode(text);
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned()
    };
    let line = |line: &str| {
        let fields = line.split(',').enumerate();
        let fields = fields.map(|(i, text)| if i == at { spoilt(text) } else { text.to_owned() });
        fields.collect::<Vec<_>>().join(",") + "\n"
    };
    std::fs::write(&path, text.lines().map(line).collect::<String>()).unwrap();
    let lists = ["--units", "file:lists/unit.csv", "--roster", "file:lists/roster.csv"];
    let start = ["init", "--yes", "--name", "x", "--issuer", "y", "--url", "file:lists/person.csv"];
    assert!(setting::tongbao(dir.path(), &[&start[..], &lists[..]].concat()).status.success());
    let output = setting::tongbao(dir.path(), &run());
    let text = setting::stdout(&output) + &setting::stderr(&output);
    assert!(output.status.code() == Some(3) && text.contains("GBK that was taken for Latin-1"), "{text}");
}

#[test]
fn what_the_database_counts_is_looked_at_too() {
    let url = servers::mariadb();
    let mut settings = filled(&url);
    settings.source.compute = Compute::Database;
    assert!(found(&settings).garbled.is_empty());
    servers::execute(
        &url,
        "ALTER TABLE person ADD raw VARBINARY(600); UPDATE person SET raw = CONVERT(household_place USING gbk); \
         ALTER TABLE person DROP household_place, CHANGE raw household_place VARCHAR(300) CHARACTER SET latin1",
    );
    let found = found(&settings).garbled;
    assert!(found.len() == 1 && found[0].how == Garbled::GbkAsLatin1, "{found:?}");
    is_held_for(&settings, "“household_place”列有");
}

fn filled(url: &str) -> Settings {
    let days = |month, day| jiff::civil::date(2016, month, day);
    let (from, to) = (days(5, 25), days(7, 7));
    let plan = SamplePlan { persons: 2_000, defects: 0.1, seed: 3, from, to, kind: SampleKind::Persons };
    filled_by(url, &plan)
}

#[test]
fn a_table_that_is_shown_in_part_is_reported_and_holds_the_run() {
    let url = servers::postgres();
    let settings = filled(&url);
    servers::execute(
        &url,
        "CREATE ROLE clerk_part LOGIN PASSWORD 's3cret-words'; GRANT SELECT ON person, unit, roster TO clerk_part; \
         ALTER TABLE roster ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY own_part ON roster FOR SELECT TO clerk_part USING (left(unit, 2) <> '99')",
    );
    let clerk = of_user(&settings, "clerk_part");
    let mut counted = clerk.clone();
    counted.source.compute = Compute::Database;
    for clerk in [&clerk, &followed(&clerk), &counted] {
        assert_eq!(found(clerk).partly_shown, [("source.roster", "roster".to_owned())]);
        is_held_for(clerk, "表“roster”的一部分行");
        let mut meant = clerk.clone();
        meant.guards.hold_partial_rows = false;
        assert_eq!(held(&meant), [""; 0]);
    }
    assert!(found(&settings).partly_shown.is_empty());
    let line = "the server shows this account only some rows of table \"roster\"";
    let (code, text) = told(&clerk, &run());
    assert!(code == Some(3) && text.contains(&format!("warning: {line}")), "{text}");
    let (_, text) = told(&clerk, &["-q", "check", "--quick"]);
    assert!(text.contains(&format!("warning  source.roster: {line}")), "{text}");
}

/// Rows of a roster that a spreadsheet has added up, also where the database counts.
#[test]
fn totals_of_a_roster_are_reported_whoever_counts() {
    let records = defects::records(2_017, 300);
    let roster = defects::roster(53, &records);
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, registers::TEXTS)));
        let state = tempfile::tempdir().unwrap();
        let settings = setting::settings(&url, state.path());
        let mut counted = settings.clone();
        counted.source.compute = Compute::Database;
        assert!(found(&counted).totals.is_empty());
        let totals =
            "INSERT INTO roster (unit, id_number) VALUES ('合计', '8人'), ('小计', NULL), (NULL, '总计：')";
        servers::execute(&url, totals);
        for settings in [&settings, &counted] {
            assert_eq!(found(settings).totals, [("source.roster", 3)], "{url}");
        }
        let (_, text) = told(&settings, &[&["rates"], &PERIOD[..]].concat());
        assert!(text.contains("3 rows of source.roster are totals"), "{text}");
    }
}

#[test]
fn a_list_of_head_counts_is_no_roster_and_a_roster_no_head_counts() {
    let counts = "CREATE TABLE counts AS SELECT code AS unit, 30 + rowid AS id_number FROM unit";
    let (dir, settings) = changed(2_000, counts);
    let mut as_roster = settings.clone();
    as_roster.source.rosters[0].from.dataset = tongbao::config::settings::Dataset::Table("counts".into());
    is_held_for(&as_roster, "均不在登记库中");
    let text = setting::configuration(settings.source.url.expose(), dir.path());
    let baseline = "[indicators.coverage]\nmethod = \"baseline\"\n\n[source.baseline]\nunit = \"unit\"\npersons = \"id_number\"\n";
    let text = text.replace("[source.roster]\n", baseline);
    setting::write(dir.path(), &text);
    let output = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "rates"]);
    let told = setting::stderr(&output);
    assert!(!output.status.success() && told.contains("this is a list of persons"), "{told}\n{text}");
}

/// The marriageable age depends on the ethnicity, which other systems write with its code.
#[test]
fn ethnicities_with_their_codes_are_read_alike_everywhere() {
    let records = defects::records(2_019, 600);
    for url in [servers::postgres(), servers::mariadb()] {
        let mut statements = registers::tables(&url, &records, &[], registers::TEXTS);
        let young = "birth_date = '1997-01-02', id_number = NULL, sex = '女', marital_status = '已婚'";
        statements.push(format!("UPDATE person SET {young}, ethnicity = '壮族' WHERE id < 300"));
        block(registers::execute(&url, &statements));
        let dir = tempfile::tempdir().unwrap();
        let mut settings = setting::settings(&url, dir.path());
        settings.source.rosters.clear();
        let mut counted = settings.clone();
        counted.source.compute = Compute::Database;
        let expected = pull(&settings);
        for (word, is_same) in [
            ("08 壮族", true),
            ("08-壮", true),
            ("壮族(08)", true),
            ("壮族（08）", true),
            ("8.壮族", true),
            ("08 汉族", false),
            ("108 壮族", false),
        ] {
            let sql = format!("UPDATE person SET ethnicity = '{word}' WHERE id < 300");
            block(registers::execute(&url, &[sql]));
            let (here, there) = (pull(&settings), pull(&counted));
            assert_eq!(here.cells, there.cells, "{word} {url}");
            assert_eq!(here.cells == expected.cells, is_same, "{word} {url}");
        }
    }
    let (_dir, settings) = changed(300, "UPDATE person SET ethnicity = '广西人' WHERE id % 3 = 0");
    let (_, text) = told(&settings, &[&["rates"], &PERIOD[..]].concat());
    assert!(text.contains("ethnicities of the records looked at are not understood (广西人 × "), "{text}");
}

/// No 0 may be taken for a number of persons where there is no list of them.
#[test]
fn an_expectation_that_nobody_knows_is_no_zero() {
    let (_dir, settings) = changed(300, "DELETE FROM roster");
    let (code, text) = told(&settings, &[&["rates", "--format", "text"], &PERIOD[..]].concat());
    let total = text.lines().find(|line| line.contains("合计") || line.contains("全街")).unwrap_or_default();
    assert!(code == Some(0) && text.contains("the roster is empty"), "{text}");
    let dashes = total.split_whitespace().filter(|cell| *cell == "—").count();
    assert!(dashes >= 3 && !total.split_whitespace().any(|cell| cell == "0"), "{total}: {text}");
    let (_, csv) = told(&settings, &[&["rates", "--csv"], &PERIOD[..]].concat());
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut lines = csv.lines().map(cells).filter(|cells| cells.len() > 6);
    let head = lines.next().unwrap();
    let expected = head.iter().position(|name| name == "应登记").unwrap();
    assert!(lines.all(|cells| cells[expected].is_empty() && cells[expected + 1].is_empty()), "{csv}");
}

/// The mails of a run whose server is away wait, and the run says how they leave.
#[test]
fn a_run_whose_mails_wait_names_the_command_that_sends_them() {
    let (_dir, settings) = changed(300, "UPDATE person SET name = name");
    let dir = tempfile::tempdir().unwrap();
    let text = setting::configuration(settings.source.url.expose(), dir.path());
    let port = servers::free_port();
    let (before, after) = text.split_once("[smtp]").unwrap();
    let after = after.split_once("\n[").map_or("", |(_, after)| after);
    let smtp = format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"x <x@example.test>\"\n\n["
    );
    setting::write(dir.path(), &format!("{before}{smtp}{after}"));
    let arguments = [&["--config", "tongbao.toml"], &run()[..]].concat();
    let output = setting::tongbao(dir.path(), &arguments);
    let text = setting::stdout(&output);
    assert_eq!(output.status.code(), Some(75), "{text}{}", setting::stderr(&output));
    assert!(text.contains("or now with: tongbao outbox send"), "{text}");
}

/// A kind that is misspelt is answered with the one that is meant, and a kind of unit with those that are there.
#[test]
fn a_misspelt_kind_names_the_nearest() {
    let (_dir, settings) = changed(300, "UPDATE person SET name = name");
    let dir = tempfile::tempdir().unwrap();
    let text = setting::configuration(settings.source.url.expose(), dir.path());
    setting::write(dir.path(), &text.replacen("kind = \"bulletin\"", "kind = \"bulletn\"", 1));
    let output = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "check", "--offline"]);
    let told = setting::stdout(&output) + &setting::stderr(&output);
    assert!(!output.status.success() && told.contains("did you mean") && told.contains("bulletin"), "{told}");
    let kinds = "[unit_kinds.\"社区居\"]\ntargets = { coverage = \"90%\" }\n";
    setting::write(dir.path(), &format!("{text}\n{kinds}"));
    let output = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "rates"]);
    let told = setting::stdout(&output) + &setting::stderr(&output);
    assert!(!output.status.success() && told.contains("did you mean \"社区\""), "{told}");
}

/// A kind that is misspelt in `ranking.level` would drop its units out of the ranking.
#[test]
fn a_kind_that_no_unit_is_of_holds_the_run() {
    let (_dir, mut settings) = changed(300, "UPDATE person SET name = name");
    for (kinds, is_held) in [(["村", "社区"], false), (["村", "社区居"], true)] {
        settings.ranking.level = Some(Level::Kinds(kinds.map(str::to_owned).to_vec()));
        let reasons = held(&settings);
        assert_eq!(
            reasons.iter().any(|reason| reason.contains("没有类型为“社区居”的单位")),
            is_held,
            "{reasons:?}"
        );
    }
    assert_eq!(found(&settings).kinds_without_units, ["社区居"]);
}

/// Query tools end a file with how many rows they wrote.
#[test]
fn what_a_program_writes_below_a_list_is_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let made = setting::tongbao(dir.path(), &["-q", "sample", "--persons", "1500", "--to", "file:lists"]);
    assert!(made.status.success());
    let lists = ["--units", "file:lists/unit.csv", "--roster", "file:lists/roster.csv"];
    let start = ["init", "--yes", "--name", "x", "--issuer", "y", "--url", "file:lists/person.csv"];
    assert!(setting::tongbao(dir.path(), &[&start[..], &lists[..]].concat()).status.success());
    let figures = || {
        let output = setting::tongbao(dir.path(), &[&["--format", "json", "rates"], &PERIOD[..]].concat());
        let mut figures: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", setting::stderr(&output)));
        figures["pulled_at"] = serde_json::Value::Null;
        figures
    };
    let expected = figures();
    let path = dir.path().join("lists/person.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    for foot in [
        "(1174 行受影响)\n",
        "\n(1174 rows affected)\n",
        "1174 rows selected.",
        "共1174条记录\n导出时间：2016-06-13\n",
    ] {
        std::fs::write(&path, format!("{text}{foot}")).unwrap();
        assert_eq!(figures(), expected, "{foot}");
    }
    for cut in ["440118001201\n", "9,440118001201,王\n", "1174\n"] {
        std::fs::write(&path, format!("{text}{cut}")).unwrap();
        let output = setting::tongbao(dir.path(), &["rates"]);
        assert!(!output.status.success() && setting::stderr(&output).contains("the header has"), "{cut}");
    }
}

/// A number for each village is found without being named, and with it coverage is measured.
#[test]
fn init_finds_head_counts_where_there_is_no_roster() {
    let dir = tempfile::tempdir().unwrap();
    let made = setting::tongbao(dir.path(), &["-q", "sample", "--persons", "1500", "--to", "file:lists"]);
    assert!(made.status.success());
    let lists = dir.path().join("lists");
    let units = std::fs::read_to_string(lists.join("unit.csv")).unwrap();
    let names = units.lines().skip(1).filter_map(|line| line.split(',').nth(1));
    let mut counts = "应登记人数一览表,,\n序号,村（社区）名称,应登记人数\n".to_owned();
    for (at, name) in names.clone().enumerate() {
        counts.push_str(&format!("{},{name},{}\n", at + 1, 40 + at));
    }
    counts.push_str("合计,,2000\n");
    std::fs::rename(lists.join("roster.csv"), dir.path().join("名册.csv")).unwrap();
    std::fs::write(dir.path().join("底数.csv"), counts).unwrap();
    let start =
        ["init", "--yes", "--force", "--name", "x", "--issuer", "y", "--url", "file:lists/person.csv"];
    let init = |more: &[&str]| {
        let output =
            setting::tongbao(dir.path(), &[&start[..], &["--units", "file:lists/unit.csv"], more].concat());
        (output.status.success(), setting::stdout(&output) + &setting::stderr(&output))
    };
    let (is_done, told) = init(&["--roster", "file:底数.csv"]);
    assert!(!is_done && told.contains("is a list of head counts") && told.contains("--baseline"), "{told}");
    let (is_done, told) = init(&["--baseline", "file:名册.csv"]);
    assert!(!is_done && told.contains("lists persons and no head counts"), "{told}");
    let (is_done, told) = init(&["--baseline", "file:底数.csv"]);
    assert!(is_done && told.contains("coverage is measured against it"), "{told}");
    let output = setting::tongbao(dir.path(), &[&["--format", "json", "rates"], &PERIOD[..]].concat());
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected: Vec<u64> = (0..names.count() as u64).map(|at| 40 + at).collect();
    let units = figures["units"].as_array().unwrap().iter();
    let read: Vec<u64> = units.map(|unit| unit["coverage"]["denominator"].as_u64().unwrap()).collect();
    assert!(expected.iter().all(|count| read.contains(count)), "{read:?}");
    // Without a flag, where the folder has no roster.
    std::fs::rename(dir.path().join("底数.csv"), lists.join("底数.csv")).unwrap();
    let folder = ["init", "--yes", "--force", "--name", "x", "--issuer", "y", "--url", "file:lists"];
    let output = setting::tongbao(dir.path(), &folder);
    let told = setting::stdout(&output) + &setting::stderr(&output);
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    assert!(
        text.contains("[source.baseline]\n") && text.contains("persons = \"应登记人数\""),
        "{told}\n{text}"
    );
}

/// A workbook whose cells were merged, saved as text.
#[test]
fn init_names_cells_that_were_merged_before_a_list_became_text() {
    let dir = tempfile::tempdir().unwrap();
    let made = setting::tongbao(dir.path(), &["-q", "sample", "--persons", "1500", "--to", "file:lists"]);
    assert!(made.status.success());
    let path = dir.path().join("lists/person.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.lines().next().unwrap().split(',').position(|name| name == "village_code").unwrap();
    let mut lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let records = &mut lines[1..];
    records.sort_by_key(|line| line[at].to_owned());
    let mut before = "";
    for line in records {
        let unit = std::mem::replace(&mut before, line[at]);
        if unit == line[at] {
            line[at] = "";
        }
    }
    let text: String = lines.iter().map(|line| line.join(",") + "\n").collect();
    std::fs::write(&path, text).unwrap();
    let start = ["init", "--yes", "--name", "x", "--issuer", "y", "--url", "file:lists/person.csv"];
    let output = setting::tongbao(dir.path(), &[&start[..], &["--units", "file:lists/unit.csv"]].concat());
    let told = setting::stderr(&output);
    assert!(!output.status.success() && told.contains("cells were merged"), "{told}");
}

/// A register that writes 村委会 where the unit list has 村 is of that unit list all the same.
#[test]
fn init_knows_a_unit_list_by_names_with_other_endings() {
    let names = "CREATE TABLE villages AS SELECT code AS bm, name AS mc, kind AS lb FROM unit; DROP TABLE unit; \
                 UPDATE person SET village_code = (SELECT CASE WHEN mc LIKE '%村' THEN mc || '委会' \
                 WHEN mc LIKE '%社区' THEN mc || '居委会' ELSE mc END FROM villages WHERE bm = village_code)";
    let (dir, settings) = changed(1_500, names);
    let url = settings.source.url.expose();
    let start = ["init", "--yes", "--force", "--name", "x", "--issuer", "y", "--url", url];
    let output = setting::tongbao(dir.path(), &start);
    let told = setting::stdout(&output) + &setting::stderr(&output);
    assert!(output.status.success() && told.contains("villages"), "{told}");
    let output = setting::tongbao(dir.path(), &[&["--format", "json", "rates"], &PERIOD[..]].concat());
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let unknown = figures["unknown_unit_records"].as_u64().unwrap();
    assert!(unknown < 10, "{unknown}: {}", setting::stderr(&output));
}
