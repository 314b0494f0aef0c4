//! `init` is sure only where it may be: what it is not sure of is told, and never decides a figure.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::servers;
use crate::support::setting::{self, stderr, stdout, tongbao};

fn sqlite(dir: &Path, sql: &str) {
    let script =
        "import sqlite3, sys; c = sqlite3.connect('register.db'); c.executescript(sys.argv[1]); c.commit()";
    let done = Command::new("/usr/bin/python3").current_dir(dir).args(["-c", script, sql]).output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
}

/// Runs `init` on a sample that some SQL has changed; the configuration and what was said.
fn made(sql: &str, more: &[&str]) -> (tempfile::TempDir, String, Output) {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 2_000);
    sqlite(dir.path(), sql);
    let given = ["init", "--yes", "--name", "专项活动", "--issuer", "荔城街道办事处", "--url", &url];
    let output = tongbao(dir.path(), &[&given, more].concat());
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    (dir, text, output)
}

#[test]
fn a_copy_or_view_of_the_register_is_no_roster() {
    for copy in [
        "CREATE TABLE person_bak AS SELECT * FROM person WHERE id < 1500",
        "CREATE VIEW v_在册 AS SELECT id_number AS 身份证号, village_code AS 村居代码, name AS 姓名, sex AS 性别,
            birth_date AS 出生日期, ethnicity AS 民族, residence_address AS 现住址 FROM person",
    ] {
        let (_dir, text, output) = made(&format!("DROP TABLE roster; {copy};"), &[]);
        assert!(!text.contains("[source.roster]") && text.contains("method = \"baseline\""), "{text}");
        assert!(text.contains("table = \"person\""), "{text}");
        assert!(stderr(&output).contains("is no roster: it looks like a copy or view"), "{}", stderr(&output));
    }
    // The true one is found next to a copy, whatever it is called.
    let (_dir, text, _) =
        made("CREATE TABLE person_bak AS SELECT * FROM person; ALTER TABLE roster RENAME TO 'Order';", &[]);
    assert!(text.contains("[source.roster]\ntable = \"Order\""), "{text}");
    // Who names the copy is warned, by `init` and by `check`.
    let (dir, text, output) =
        made("CREATE TABLE person_bak AS SELECT * FROM person WHERE id < 1500;", &["--roster", "person_bak"]);
    assert!(text.contains("table = \"person_bak\""), "{text}");
    assert!(stderr(&output).contains("would be measured against itself"), "{}", stderr(&output));
    let checked = tongbao(dir.path(), &["check"]);
    assert!(stdout(&checked).contains("every roster person is in the register"), "{}", stdout(&checked));
}

#[test]
fn codes_that_a_standard_calls_unknown_are_not_mapped() {
    // Most of those without a known sex are men by their ID numbers.
    let sql = "UPDATE person SET sex = '0' WHERE id % 40 = 0 AND CAST(substr(id_number, 17, 1) AS INTEGER) % 2 = 1;
               UPDATE person SET sex = '9' WHERE id % 40 = 1 AND CAST(substr(id_number, 17, 1) AS INTEGER) % 2 = 0;";
    let (_dir, text, _) = made(sql, &[]);
    assert!(text.lines().any(|line| line.starts_with("sex = \"sex\"")), "{text}");
}

#[test]
fn a_street_is_not_ranked_among_its_villages() {
    let sql = "INSERT INTO unit (code, name, kind, parent) VALUES ('440118001', '荔城街道', '街道', NULL);
               UPDATE unit SET parent = '440118001' WHERE code <> '440118001';";
    let (dir, text, _) = made(sql, &[]);
    assert!(text.contains("level = [\"村\", \"社区\"]"), "{text}");
    std::fs::write(dir.path().join("flat.toml"), text.replace("level = ", "# level = ")).unwrap();
    let checked = tongbao(dir.path(), &["--config", "flat.toml", "check"]);
    assert!(stdout(&checked).contains("units on 2 levels are ranked together"), "{}", stdout(&checked));
}

#[test]
fn a_roster_is_no_unit_list_where_that_is_empty() {
    let (_dir, text, output) = made("DELETE FROM unit", &[]);
    assert!(text.contains("[source.units]\nquery = 'SELECT DISTINCT"), "{text}");
    assert!(text.contains("[source.roster]\ntable = \"roster\""), "{text}");
    assert!(stderr(&output).contains("unit has no row; if it is the unit list"), "{}", stderr(&output));
}

#[test]
fn codes_of_kinds_and_lacking_columns_are_told() {
    let sql = "UPDATE unit SET kind = CASE kind WHEN '村' THEN '1' WHEN '社区' THEN '2' ELSE kind END;
               ALTER TABLE person RENAME COLUMN birth_date TO bdate;
               UPDATE person SET bdate = 'x' || id;
               ALTER TABLE person RENAME COLUMN bdate TO 出生日期;";
    let (_dir, text, output) = made(sql, &[]);
    assert!(text.contains("codes = { \"1\" = \"村\", \"2\" = \"社区\" }"), "{text}");
    // Kept for what it is called, so that the run is held and nobody looks for it in vain.
    assert!(
        stdout(&output).contains("出生日期           unsure    by its name, 0% of the values fit"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_configuration_without_a_schedule_says_so() {
    let (dir, _, _) = made("SELECT 1", &[]);
    sqlite(dir.path(), "DELETE FROM unit");
    for command in [&["next"][..], &["pause", "weekly"], &["resume", "weekly"]] {
        let output = tongbao(dir.path(), command);
        assert!(stderr(&output).contains("no report has a schedule"), "{command:?}: {}", stderr(&output));
    }
    let checked = stdout(&tongbao(dir.path(), &["check"]));
    assert!(checked.contains("source.units is empty") && !checked.contains("0 units"), "{checked}");
}

#[test]
fn answers_are_not_lost_and_the_file_is_found() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 200);
    let mut asked = Command::new(env!("CARGO_BIN_EXE_tongbao"))
        .current_dir(dir.path())
        .args(["init", "--url", &url])
        .env_remove("TONGBAO_CONFIG")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let answers = "\n\n\n\n专项活动\n\n荔城街道办事处\n\n\n";
    asked.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("  tongbao check\n"), "{}", stdout(&output));
    let checked = tongbao(dir.path(), &["check", "--quick"]);
    assert!(checked.status.success(), "{}", stdout(&checked));
}

/// What a person names is taken, and what its values say of it is said.
#[test]
fn a_column_that_does_not_fit_is_not_sure_because_a_person_names_it() {
    let named = [("birth_date", "document_type"), ("unit", "updated_at"), ("registered_at", "village_code")];
    let flags = named.map(|(key, column)| format!("{key}={column}"));
    let more: Vec<&str> = flags.iter().flat_map(|flag| ["--column", flag]).collect();
    let (_dir, text, output) = made("", &more);
    for (key, column) in named {
        assert!(text.contains(&format!("{key} = \"{column}\"")), "{text}");
        let told = stdout(&output);
        let line = told.lines().find(|line| line.starts_with(&format!("  {key} "))).unwrap();
        assert!(line.contains("unsure") && line.contains("as you name it"), "{line}");
        let warning = format!("person: hardly a value of {column} ");
        assert!(stderr(&output).contains(&warning), "{}", stderr(&output));
    }
    let (.., output) = made("", &["--column", "birth_date=birth_date"]);
    assert!(!stderr(&output).contains("hardly a value"), "{}", stderr(&output));
}

#[test]
fn a_view_has_more_rows_than_its_sample() {
    let (.., output) = made("CREATE VIEW v_all AS SELECT * FROM person", &[]);
    let told = stdout(&output);
    let line = told.lines().find(|line| line.starts_with("v_all ")).unwrap();
    assert!(line.contains(" 1000+ "), "{line}");
}

/// A list that a person names is looked for where the survey does not look, and a right that is missing is named.
#[test]
fn a_roster_that_is_named_is_read_or_the_reason_is_given() {
    let given = |url: &str, roster: &str| {
        let dir = tempfile::tempdir().unwrap();
        let given = ["init", "--yes", "--name", "专项活动", "--issuer", "荔城街道办事处", "--url", url];
        let output = tongbao(dir.path(), &[&given[..], &["--roster", roster]].concat());
        (output.status.code(), stderr(&output), std::fs::read_to_string(dir.path().join("tongbao.toml")))
    };
    let url = servers::postgres();
    let dir = tempfile::tempdir().unwrap();
    for url in [&url, &servers::mariadb()] {
        let filled = tongbao(dir.path(), &["-q", "sample", "--persons", "500", "--to", url]);
        assert!(filled.status.success(), "{}", stderr(&filled));
    }
    let name = url.rsplit('/').next().unwrap();
    let clerk = format!("clerk_{name}");
    servers::execute(
        &url,
        &format!(
            "CREATE ROLE {clerk} LOGIN PASSWORD 's3cret-words'; GRANT SELECT ON person, unit TO {clerk}"
        ),
    );
    let (code, told, _) = given(&url.replace("tester:", &format!("{clerk}:")), "roster");
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("roster: the database denies reading: permission denied"), "{told}");
    let (code, told, _) = given(&url, "rooster");
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("there is no table \"rooster\"; did you mean \"roster\"?"), "{told}");
    // In another database of the same server.
    let (home, other) = (servers::mariadb(), servers::mariadb());
    let filled = tongbao(dir.path(), &["-q", "sample", "--persons", "500", "--to", &home]);
    assert!(filled.status.success(), "{}", stderr(&filled));
    let (from, to) = (home.rsplit('/').next().unwrap(), other.rsplit('/').next().unwrap());
    servers::execute(&home, &format!("RENAME TABLE {from}.roster TO {to}.mingce"));
    let (code, told, text) = given(&home, &format!("{to}.mingce"));
    assert_eq!(code, Some(0), "{told}");
    assert!(text.unwrap().contains(&format!("table = \"{to}.mingce\"")));
}

/// Registers keep those who were deleted or moved away, and mark them.
#[test]
fn clear_marks_of_records_that_count_no_more_are_written_and_others_named() {
    let sql = "ALTER TABLE person ADD COLUMN DEL_FLAG TEXT; UPDATE person SET DEL_FLAG = CASE WHEN id % 9 THEN '0' ELSE '1' END;
               ALTER TABLE person ADD COLUMN 注销标志 TEXT; UPDATE person SET 注销标志 = '0';";
    let (_dir, text, output) = made(sql, &[]);
    let told = stderr(&output);
    assert!(told.contains("person: column DEL_FLAG says that 222 of the 2000 records"), "{told}");
    assert!(!told.contains("注销标志"), "one value leaves nobody out yet: {told}");
    assert!(text.contains("only = { \"DEL_FLAG\" = [\"0\"], \"注销标志\" = [\"0\"] }"), "{text}");
    let sql = "ALTER TABLE person ADD COLUMN status TEXT; UPDATE person SET status = CASE WHEN id % 9 THEN '1' ELSE '3' END;";
    let (_dir, text, output) = made(sql, &[]);
    let told = stderr(&output);
    assert!(told.contains("person: column status may say which records count no more"), "{told}");
    assert!(!text.contains("only = "), "codes of a state say nothing: {text}");
}

/// A roster by name is one in every spelling that the figures read.
#[test]
fn a_roster_may_name_its_units_as_the_figures_read_them() {
    for (village, community) in [
        ("|| '村民委员会'", "|| '居委会'"),
        ("|| '民委员会'", "|| '居民委员会'"),
        ("|| '委'", "|| '居委'"),
        ("|| '委会'", "|| '居民委员会'"),
    ] {
        let name = format!(
            "(SELECT CASE WHEN name LIKE '%社区' THEN '荔城街道' || name {community} ELSE name {village} END \
             FROM unit WHERE unit.code = roster.unit)"
        );
        let sql = format!(
            "UPDATE roster SET unit = {name} WHERE unit IN (SELECT code FROM unit WHERE name LIKE '%村' OR name LIKE '%社区')"
        );
        let (dir, text, output) = made(&sql, &["--roster", "roster"]);
        assert!(text.contains("[source.roster]\ntable = \"roster\""), "{text}{}", stderr(&output));
        let (plain, ..) = made("SELECT 1", &["--roster", "roster"]);
        let figures = |dir: &Path| {
            stdout(&tongbao(dir, &["rates", "--csv", "--from", "2016-06-06", "--to", "2016-06-12"]))
        };
        assert_eq!(figures(dir.path()), figures(plain.path()), "{village}");
    }
}

/// The codes of villages begin like the numbers of those who were born there, and are no household places all the same.
#[test]
fn a_roster_of_locals_names_its_units_under_any_heading() {
    for heading in ["村", "所在村", "村名", "cun"] {
        let sql = format!(
            "DELETE FROM roster WHERE id_number NOT LIKE '44%'; ALTER TABLE roster RENAME COLUMN unit TO {heading};"
        );
        let (_, text, output) = made(&sql, &[]);
        let expected = format!("unit = \"{heading}\"");
        assert!(text.contains("table = \"roster\"") && text.contains(&expected), "{text}{}", stderr(&output));
    }
}

/// A register that never had one of the nine fields is measured by the others as soon as the office says so.
#[test]
fn a_field_without_a_column_is_left_out_of_completeness_by_one_line() {
    let (dir, text, _) = made("ALTER TABLE person DROP COLUMN hukou_type", &[]);
    let rates = || {
        let arguments = ["--format", "json", "rates", "--from", "2016-06-06", "--to", "2016-07-07"];
        let output = tongbao(dir.path(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let figures: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        figures["totals"]["completeness"]["numerator"].as_u64().unwrap()
    };
    assert_eq!(rates(), 0, "it counts as blank, and holds the run, until somebody says what is meant");
    let on = text.replace("# [indicators.completeness]\n# fields", "[indicators.completeness]\nfields");
    assert!(on != text, "{text}");
    std::fs::write(dir.path().join("tongbao.toml"), on).unwrap();
    assert!(rates() > 1_000);
}

/// What a list lacks to be a roster is named, and one whose numbers a spreadsheet has spoilt is one all the same.
#[test]
fn what_a_roster_lacks_is_named() {
    let (_dir, text, output) = made("UPDATE roster SET unit = NULL WHERE rowid % 40 > 0;", &[]);
    assert!(!text.contains("[source.roster]"), "{text}");
    assert!(
        stderr(&output).contains("roster lists ID numbers, but no column of it names a unit"),
        "{}",
        stderr(&output)
    );
    let spoilt =
        "UPDATE roster SET id_number = substr(id_number, 1, 15) || '000' WHERE length(id_number) = 18;";
    let (dir, text, _) = made(spoilt, &[]);
    assert!(text.contains("[source.roster]\ntable = \"roster\""), "{text}");
    let run = ["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12", "--no-send"];
    assert_eq!(tongbao(dir.path(), &run).status.code(), Some(3));
    // A unit that is listed twice is named when the list is read.
    let twice = "CREATE TABLE list AS SELECT * FROM unit UNION ALL SELECT * FROM unit WHERE code = '440118001201'; \
                 DROP TABLE unit;";
    let (dir, text, _) = made(twice, &[]);
    assert!(text.contains("table = \"list\""), "{text}");
    let output = tongbao(dir.path(), &["rates"]);
    assert!(!output.status.success() && stderr(&output).contains("440118001201"), "{}", stderr(&output));
}
