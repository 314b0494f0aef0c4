//! `init` on databases with foreign names: the figures must come out as under the names we know.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::servers;
use crate::support::setting::{self, configuration, stderr, stdout, tongbao};

/// Pinyin initials; sex as letters; columns and a table that look like others.
const INITIALS: &str = "
    CREATE TABLE t_ldrk AS SELECT id AS rybh, name AS xm, 'x' || id AS bz, name AS hz_xm,
        CASE sex WHEN '1' THEN 'A' WHEN '2' THEN 'B' ELSE sex END AS xb,
        id_number AS zjhm, CAST(13800000000 + id AS TEXT) AS sfzh, birth_date AS csrq, ethnicity AS mzdm,
        marital_status AS hyzk, hukou_type AS hkxz, household_place AS hjdz, residence_address AS xzdz,
        document_type AS zjlx, village_code AS cwhdm, registered_at AS djsj, updated_at AS gxsj FROM person;
    CREATE TABLE d_cwh AS SELECT code AS dm, name AS mc, kind AS lx, parent AS sjdm FROM unit;
    CREATE TABLE czw_mc AS SELECT unit AS cwhdm, id_number AS sfzh FROM roster;
    CREATE TABLE d_hyzk AS SELECT DISTINCT marital_status AS dm, hukou_type AS mc FROM person
        WHERE marital_status IS NOT NULL AND hukou_type IS NOT NULL GROUP BY 1;
    CREATE TABLE log AS SELECT id, registered_at AS createtime FROM person;";

/// Chinese names in a schema of their own, and a column called birth date that is none.
const CHINESE: &str = "
    CREATE SCHEMA rkk;
    CREATE TABLE rkk.流动人口 AS SELECT id AS 编号, name AS 姓名, sex AS 性别, id_number AS 公民身份证号码,
        registered_at::date AS 出生日期, birth_date AS 日期一, ethnicity AS 民族, marital_status AS 婚姻状况,
        hukou_type AS 户口性质, household_place AS 户籍所在地, residence_address AS 现居住地址,
        document_type AS 证件种类, village_code AS 所属村居, registered_at AS 登记时间, name AS 户主姓名 FROM person;
    CREATE TABLE rkk.村居 AS SELECT code AS 代码, name AS 名称, kind AS 类别, parent AS 上级代码 FROM unit;
    CREATE TABLE rkk.出租屋名册 AS SELECT unit AS 所属村居, id_number AS 身份证号 FROM roster";

/// Full pinyin and nothing telling at all.
pub const PINYIN: &str = "
    CREATE TABLE renyuan AS SELECT id AS f1, name AS xingming, sex AS f3, id_number AS f4, birth_date AS f5,
        ethnicity AS minzu, marital_status AS hunyinzhuangkuang, hukou_type AS hukouxingzhi,
        household_place AS hujisuozaidi, residence_address AS xianjuzhudizhi, document_type AS zhengjianleixing,
        village_code AS f12, registered_at AS dengjishijian FROM person;
    CREATE TABLE jigou AS SELECT code AS bianma, name AS mingcheng, kind AS leixing, parent AS shangji FROM unit;
    CREATE TABLE mingce AS SELECT unit AS danwei, id_number AS shenfenzhenghaoma FROM roster";

pub const DROP: &str = "DROP TABLE person; DROP TABLE unit; DROP TABLE roster";

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", stdout(output), stderr(output)))
}

fn rates(dir: &Path, file: &str) -> Value {
    let period = ["--from", "2016-06-06", "--to", "2016-06-12"];
    let mut arguments = vec!["--config", file, "--format", "json", "rates"];
    arguments.extend(period);
    let mut figures = json(&tongbao(dir, &arguments));
    figures["pulled_at"] = Value::Null;
    figures
}

fn sqlite(url: &str, sql: &str) {
    let path = url.strip_prefix("sqlite:").unwrap();
    let script =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()";
    let done = Command::new("/usr/bin/python3").args(["-c", script, path, sql]).output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
}

const GIVEN: [&str; 6] = ["init", "--yes", "--name", "专项活动", "--issuer", "荔城街道办事处"];

fn init(dir: &Path, url: &str, more: &[&str]) -> std::process::Output {
    let mut arguments = GIVEN.to_vec();
    arguments.extend(["--url", url]);
    arguments.extend(more);
    tongbao(dir, &arguments)
}

/// Renames everything in a sample database, and compares the figures before and after.
fn same_figures(url: &str, rename: impl FnOnce(&str)) -> (tempfile::TempDir, Value) {
    let dir = tempfile::tempdir().unwrap();
    let url = if url == "sqlite" {
        format!("sqlite:{}", dir.path().join("r.db").display())
    } else {
        url.to_owned()
    };
    let made = tongbao(dir.path(), &["-q", "sample", "--persons", "2000", "--defects", "0.1", "--to", &url]);
    assert!(made.status.success(), "{}", stderr(&made));
    setting::write(dir.path(), &configuration(&url, dir.path()));
    let before = rates(dir.path(), "tongbao.toml");
    rename(&url);
    let made = init(dir.path(), &url, &["--out", "own.toml"]);
    assert!(made.status.success(), "{}{}", stdout(&made), stderr(&made));
    let text = std::fs::read_to_string(dir.path().join("own.toml")).unwrap();
    assert_eq!(rates(dir.path(), "own.toml"), before, "{text}");
    let checked = tongbao(dir.path(), &["--config", "own.toml", "check"]);
    assert!(checked.status.success(), "{}", stdout(&checked));
    let told = json(&init(dir.path(), &url, &["--out", "other.toml", "--format", "json"]));
    assert_eq!(told["problems"], serde_json::json!([]));
    (dir, told["guesses"].clone())
}

#[test]
fn pinyin_initials_and_misleading_names_in_sqlite() {
    let (_dir, guesses) = same_figures("sqlite", |url| {
        sqlite(url, INITIALS);
        sqlite(url, DROP);
    });
    let register = &guesses["register"];
    assert_eq!(register["table"], "t_ldrk");
    assert_eq!(
        register["columns"]["id_number"]["column"], "zjhm",
        "sfzh holds telephone numbers: {register}"
    );
    assert_eq!(register["columns"]["sex"]["sureness"], "sure");
    assert_eq!(guesses["units"]["table"], "d_cwh");
    assert_eq!(guesses["rosters"][0]["table"], "czw_mc");
}

#[test]
fn chinese_names_in_another_schema_of_postgresql() {
    let url = servers::postgres();
    let (dir, guesses) = same_figures(&url, |url| {
        servers::execute(url, CHINESE);
        servers::execute(url, DROP);
    });
    let columns = &guesses["register"]["columns"];
    assert_eq!(columns["birth_date"]["column"], "日期一", "the ID numbers decide: {columns}");
    assert_eq!(columns["birth_date"]["sureness"], "likely", "a name that says nothing is not sure");
    // The password is in a file of its own, readable by the owner alone.
    let text = std::fs::read_to_string(dir.path().join("own.toml")).unwrap();
    assert!(text.contains("url_file") && !text.contains("s3cret-words"), "{text}");
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(dir.path().join("own.url")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn full_pinyin_and_bare_numbers_in_mariadb() {
    let url = servers::mariadb();
    let (_dir, guesses) = same_figures(&url, |url| {
        servers::execute(url, PINYIN);
        servers::execute(url, DROP);
    });
    let columns = &guesses["register"]["columns"];
    for (key, column) in
        [("key", "f1"), ("sex", "f3"), ("id_number", "f4"), ("birth_date", "f5"), ("unit", "f12")]
    {
        assert_eq!(columns[key]["column"], column, "{columns}");
    }
}

/// No name, no ID number, no address of the register may be shown or written.
#[test]
fn nothing_personal_is_printed_or_written() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 400);
    let text = init(dir.path(), &url, &[]);
    let as_json = init(dir.path(), &url, &["--format", "json", "--out", "b.toml", "-vv"]);
    let file = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    let all = [stdout(&text), stderr(&text), stdout(&as_json), stderr(&as_json), file].concat();
    let script = "import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute('SELECT name, id_number, residence_address, household_place FROM person'):
    for value in row:
        if value and len(value.strip()) > 1: print(value.strip())";
    let path = url.strip_prefix("sqlite:").unwrap();
    let values = Command::new("/usr/bin/python3").args(["-c", script, path]).output().unwrap();
    let values: std::collections::BTreeSet<String> =
        stdout(&values).lines().filter(|v| v.chars().count() > 1).map(str::to_owned).collect();
    assert!(values.len() > 500);
    // Placeholders and words of the file itself are no persons.
    let harmless = ["无", "不详", "未知", "暂无", "待补", "未说明", "NULL", "N/A", "none"];
    for value in values.iter().filter(|value| !harmless.contains(&value.as_str())) {
        assert!(!all.contains(value.as_str()), "a value of the register was shown");
    }
}

#[test]
fn what_is_missing_is_written_as_missing() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1_000);
    sqlite(
        &url,
        "ALTER TABLE person DROP COLUMN hukou_type; DROP TABLE roster; DROP TABLE unit;
         CREATE TABLE village AS SELECT DISTINCT village_code AS bm, '第' || substr(village_code, -3) || '村' AS mc
            FROM person WHERE village_code IS NOT NULL AND trim(village_code) <> ''",
    );
    let made = init(dir.path(), &url, &[]);
    assert!(made.status.success(), "{}{}", stdout(&made), stderr(&made));
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    for part in ["no column was found for hukou_type", "method = \"baseline\"", "THEN '村'"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let figures = rates(dir.path(), "tongbao.toml");
    assert_eq!(figures["totals"]["fields"]["hukou_type"]["numerator"], 0, "blank until a column is named");
    assert!(figures["totals"]["coverage"]["rate"].is_null());
    assert!(figures["units"].as_array().unwrap().iter().all(|unit| unit["kind"] == "村"));
}

#[test]
fn answers_and_flags_correct_the_guesses_and_nothing_is_overwritten() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 300);
    let mut asked = Command::new(setting::program())
        .current_dir(dir.path())
        .args(["init", "--lang", "zh"])
        .env_remove("TONGBAO_CONFIG")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let answers = format!(
        "{url}\nupdated_at=\nsex=nothing\n\n\n专项活动\n荔城街道办事处\n127.0.0.1:2525\n计生办 <a@example.test>\n组长 <b@example.test>\n"
    );
    asked.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("信息库的地址") && stdout(&output).contains("有把握"),
        "{}",
        stderr(&output)
    );
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    assert!(!text.contains("updated_at =") && text.contains("port = 2525"), "{text}");
    assert!(text.contains("b@example.test") && text.contains("\nschedule = "), "{text}");
    let again = init(dir.path(), &url, &[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    assert_eq!(std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap(), text);
    for (more, expected) in [
        (&["--force", "--column", "sex=nothing"][..], "has no column \"nothing\""),
        (&["--force", "--column", "sx=sex"], "there is no key \"sx\""),
        (&["--force", "--register", "persons"], "there is no table \"persons\""),
        (&["--force", "--column", "unit="], "--column unit=COLUMN"),
    ] {
        let output = init(dir.path(), &url, more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    let missing = tongbao(dir.path(), &["init", "--yes", "--url", "sqlite:nowhere.db", "--out", "x.toml"]);
    assert_eq!(missing.status.code(), Some(2), "{}", stderr(&missing));
}

#[cfg(not(feature = "odbc"))]
#[test]
fn odbc_has_to_be_built_in() {
    let dir = tempfile::tempdir().unwrap();
    let output = setting::tongbao(dir.path(), &["init", "--yes", "--url", "odbc:DSN=population;PWD=MARKED"]);
    let said = setting::stderr(&output);
    assert!(!output.status.success() && said.contains("--features odbc"), "{said}");
    assert!(!said.contains("MARKED"), "{said}");
}
