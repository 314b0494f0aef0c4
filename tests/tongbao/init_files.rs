//! `init` on files of every kind and with several rosters: the configuration that it writes reads the same
//! figures as one made by hand.

use std::path::Path;
use std::process::{Command, Output};

use parquet::basic::Compression;
use serde_json::Value;

use crate::support::exports::{self, Lists, PERSON, ROSTER, Rows, UNIT};
use crate::support::setting::{self, stderr, stdout, tongbao};

/// The sample register as its CSV files hold it.
fn sample(dir: &Path) -> Lists {
    let to = format!("file:{}", dir.display());
    std::fs::create_dir(dir).unwrap();
    let made = tongbao(dir, &["-q", "sample", "--persons", "1500", "--defects", "0.1", "--to", &to]);
    assert!(made.status.success(), "{}", stderr(&made));
    Lists {
        people: rows(&dir.join("person.csv"), &PERSON),
        units: rows(&dir.join("unit.csv"), &UNIT),
        roster: rows(&dir.join("roster.csv"), &ROSTER),
    }
}

fn rows(path: &Path, columns: &[&str]) -> Rows {
    let script = "import csv, json, sys
rows = csv.DictReader(open(sys.argv[1], encoding='utf-8', newline=''))
print(json.dumps([[row[c] or None for c in sys.argv[2:]] for row in rows]))";
    let read =
        Command::new("/usr/bin/python3").args(["-c", script]).arg(path).args(columns).output().unwrap();
    serde_json::from_slice(&read.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&read)))
}

fn rates(dir: &Path, file: &str) -> Value {
    let period = ["--from", "2016-06-06", "--to", "2016-06-12"];
    let arguments = [&["--config", file, "--format", "json", "rates"], &period[..]].concat();
    let output = tongbao(dir, &arguments);
    let mut figures: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    figures["pulled_at"] = Value::Null;
    figures
}

fn init(dir: &Path, more: &[&str]) -> Output {
    let given =
        ["init", "--yes", "--force", "--name", "专项活动", "--issuer", "荔城街道办事处", "--out", "own.toml"];
    tongbao(dir, &[&given, more].concat())
}

/// Makes a configuration, which must be sound, and gives its text and its figures.
fn made(dir: &Path, more: &[&str]) -> (String, Value) {
    let output = init(dir, more);
    assert!(output.status.success(), "{more:?}: {}{}", stdout(&output), stderr(&output));
    assert!(!stdout(&output).contains("warning"), "{}", stdout(&output));
    let text = std::fs::read_to_string(dir.join("own.toml")).unwrap();
    let checked = tongbao(dir, &["--config", "own.toml", "check"]);
    assert!(checked.status.success(), "{more:?}: {}\n{text}", stdout(&checked));
    (text, rates(dir, "own.toml"))
}

/// The figures of a configuration made by hand.
fn expected(dir: &Path) -> Value {
    setting::write(dir, &exports::configuration(dir, "csv", dir));
    rates(dir, "tongbao.toml")
}

#[test]
fn files_of_every_kind_give_the_figures_of_a_configuration_made_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let lists = sample(&dir.path().join("csv"));
    let expected = expected(&dir.path().join("csv"));
    let (text, figures) = made(dir.path(), &["--url", "file:csv"]);
    assert_eq!(figures, expected, "{text}");
    assert!(
        text.contains("url = \"file:csv/person.csv\"") && text.contains("url = \"file:csv/unit.csv\""),
        "{text}"
    );

    exports::write_workbook(&dir.path().join("text.xlsx"), &lists, exports::as_text);
    exports::write_workbook(&dir.path().join("typed.xlsx"), &lists, exports::as_typed);
    for book in ["file:text.xlsx", "file:typed.xlsx", "file:t*xt.xlsx"] {
        let (text, figures) = made(dir.path(), &["--url", book]);
        assert_eq!(figures, expected, "{book}: {text}");
        assert!(text.contains("table = \"person\"") && text.contains("table = \"roster\""), "{text}");
    }
    let packed = dir.path().join("packed");
    std::fs::create_dir(&packed).unwrap();
    exports::write_parquet(&packed, &lists, Compression::SNAPPY);
    assert_eq!(made(dir.path(), &["--url", "file:packed"]).1, expected);

    // A drop folder for the register, and the other lists elsewhere.
    let drop = dir.path().join("drop");
    std::fs::create_dir(&drop).unwrap();
    std::fs::copy(dir.path().join("csv/person.csv"), drop.join("register-20160613.csv")).unwrap();
    let elsewhere = ["--units", "file:packed/unit.parquet", "--roster", "file:text.xlsx"];
    let (text, figures) =
        made(dir.path(), &[&["--url", "file:drop/register-*.csv"], &elsewhere[..]].concat());
    assert_eq!(figures, expected, "{text}");
    assert!(text.contains("url = \"file:drop/register-*.csv\""), "{text}");
}

/// Below a title, with names of the office's own, and without some of the columns.
#[test]
fn foreign_headers_and_lacking_columns_are_understood() {
    let dir = tempfile::tempdir().unwrap();
    let mut lists = sample(&dir.path().join("csv"));
    let hukou = PERSON.iter().position(|name| *name == "hukou_type").unwrap();
    lists.people.iter_mut().for_each(|row| row[hukou] = None);
    let blank = dir.path().join("blank");
    std::fs::create_dir(&blank).unwrap();
    exports::write_csv(&blank, &lists, ',', |text| text.as_bytes().to_vec());
    let mut expected = expected(&blank);
    let names = [
        "序号",
        "所属村居",
        "姓名",
        "性别",
        "现居住地址",
        "户籍地址",
        "身份证号码",
        "出生日期",
        "民族",
        "婚姻状况",
        "",
        "证件类型",
        "登记时间",
        "更新时间",
    ];
    let kept: Vec<usize> = (1..names.len()).filter(|at| !names[*at].is_empty()).collect();
    let choose = |row: &Vec<Option<String>>| kept.iter().map(|at| row[*at].clone()).collect();
    let people: Rows = lists.people.iter().map(choose).collect();
    let head: Vec<&str> = kept.iter().map(|at| names[*at]).collect();
    let title = format!("流动人口登记表{}\r\n", ";".repeat(head.len() - 1));
    let text = title + &exports::csv(&head, &people, ';');
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    std::fs::write(dir.path().join("登记表.csv"), bytes).unwrap();
    let units: Rows = lists.units.iter().map(|row| row[..2].to_vec()).collect();
    std::fs::write(dir.path().join("村居.csv"), exports::csv(&["代码", "名称"], &units, ',')).unwrap();
    let more = ["--units", "file:村居.csv", "--roster", "file:csv/roster.csv"];
    let (text, mut figures) = made(dir.path(), &[&["--url", "file:登记表.csv"], &more[..]].concat());
    let checked = tongbao(dir.path(), &["--config", "own.toml", "--lang", "zh", "check"]);
    let found = "登记表.csv: CSV，GB18030，分隔符\";\"，12列，";
    assert!(
        stdout(&checked).contains(found) && stdout(&checked).contains("标题在第2行"),
        "{}",
        stdout(&checked)
    );
    for line in ["key = \"\"", "hukou_type = \"\"", "kind = \"\"", "unit = \"所属村居\""] {
        assert!(text.lines().any(|own| own.starts_with(line)), "{line}: {text}");
    }
    assert!(text.contains("no column was found for hukou_type, key"), "{text}");
    // Without kinds there is one group, and no unit says which it is.
    for figures in [&mut figures, &mut expected] {
        for unit in figures["units"].as_array_mut().unwrap() {
            ["kind", "parent", "level", "rank", "rank_in_group", "score", "movement"]
                .iter()
                .for_each(|key| unit[*key] = Value::Null);
        }
    }
    assert_eq!(figures["totals"], expected["totals"], "{text}");
    let shape = |figures: &Value| -> Vec<(Value, Value)> {
        let units = figures["units"].as_array().unwrap().iter();
        units.map(|unit| (unit["code"].clone(), unit["records"].clone())).collect()
    };
    let (mut own, mut theirs) = (shape(&figures), shape(&expected));
    own.sort_by_key(|pair| pair.0.to_string());
    theirs.sort_by_key(|pair| pair.0.to_string());
    assert_eq!(own, theirs);
}

#[test]
fn several_rosters_are_named_by_flags_or_answers() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1_000);
    let script = "import sqlite3, sys; c = sqlite3.connect('register.db'); c.executescript(sys.argv[1])";
    let split = "CREATE TABLE rental AS SELECT * FROM roster WHERE rowid % 2 = 0; \
                 CREATE TABLE centre AS SELECT * FROM roster WHERE rowid % 2 = 1; DROP TABLE roster;";
    let done = Command::new("/usr/bin/python3").current_dir(dir.path()).args(["-c", script, split]).output();
    assert!(done.unwrap().status.success());
    let police = "单位;身份证号\r\n440118001201;110101199003070038\r\n".to_owned();
    std::fs::write(dir.path().join("police.csv"), police.repeat(9)).unwrap();
    let flags = ["--roster", "出租办=rental", "--roster", "centre", "--roster", "派出所=file:police.csv"];
    let (text, figures) = made(dir.path(), &[&["--url", &url], &flags[..]].concat());
    for line in
        ["label = \"出租办\"", "label = \"centre\"", "label = \"派出所\"", "url = \"file:police.csv\""]
    {
        assert!(text.lines().any(|own| own == line), "{line}: {text}");
    }
    let rosters = figures["totals"]["reconciliation"].as_object().unwrap();
    assert_eq!(rosters.len(), 4, "three and all together: {rosters:?}");
    assert_eq!(rosters["roster_3"]["listed"], 1, "{rosters:?}");

    // The same by answers; a wrong one is told and asked again.
    use std::io::Write;
    let mut asked = Command::new(setting::program())
        .current_dir(dir.path())
        .args(["init", "--force", "--out", "asked.toml", "--url", &url, "--roster", "出租办=rental"])
        .env_remove("TONGBAO_CONFIG")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let answers = "\nnowhere\nunit\ncentre\n派出所=file:police.csv\n\n专项活动\n荔城街道办事处\n\n\n";
    asked.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    for told in ["there is no table \"nowhere\"", "unit is no roster", "added centre", "added police"] {
        assert!(stderr(&output).contains(told), "{told}: {}", stderr(&output));
    }
    assert_eq!(rates(dir.path(), "asked.toml"), figures);
}

#[test]
fn nothing_of_a_person_leaves_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let lists = sample(&dir.path().join("csv"));
    let shown = init(dir.path(), &["--url", "file:csv"]);
    let as_json = init(dir.path(), &["--url", "file:csv", "--format", "json", "-vv"]);
    let written = std::fs::read_to_string(dir.path().join("own.toml")).unwrap();
    // Without a header the first person must not be taken for one.
    let bare = dir.path().join("bare");
    std::fs::create_dir(&bare).unwrap();
    exports::write_csv(&bare, &lists, ',', |text| text.split_once("\r\n").unwrap().1.as_bytes().to_vec());
    let headless = init(dir.path(), &["--url", "file:bare"]);
    assert!(stderr(&headless).contains("has no header row"), "{}", stderr(&headless));
    setting::write(dir.path(), &exports::configuration(&bare, "csv", dir.path()));
    let checked = tongbao(dir.path(), &["--config", "tongbao.toml", "check"]);
    assert!(stdout(&checked).contains("has no header row"), "{}", stdout(&checked));
    let outputs = [shown, as_json, headless, checked];
    let all = outputs.map(|output| stdout(&output) + &stderr(&output)).concat() + &written;
    let secret = ["name", "id_number", "residence_address", "household_place"]
        .map(|name| PERSON.iter().position(|column| *column == name).unwrap());
    let values = lists.people.iter().flat_map(|row| secret.map(|at| row[at].clone())).flatten();
    let values: std::collections::BTreeSet<String> =
        values.map(|value| value.trim().to_owned()).filter(|value| value.chars().count() > 1).collect();
    assert!(values.len() > 500);
    let harmless = ["不详", "未知", "暂无", "待补", "未说明", "NULL", "N/A", "none"];
    for value in values.iter().filter(|value| !harmless.contains(&value.as_str())) {
        assert!(!all.contains(value.as_str()), "a value of the register was shown");
    }
}

#[test]
fn what_cannot_be_understood_is_told_with_its_remedy() {
    let dir = tempfile::tempdir().unwrap();
    sample(&dir.path().join("csv"));
    std::fs::write(dir.path().join("csv/broken.csv"), "a,b\r\n1,2\r\n1,2,3\r\n".repeat(20)).unwrap();
    let warned = init(dir.path(), &["--url", "file:csv"]);
    assert!(warned.status.success(), "{}", stderr(&warned));
    assert!(stderr(&warned).contains("csv/broken.csv is left out"), "{}", stderr(&warned));
    for (more, code, expected) in [
        (&["--url", "file:csv/person.csv"][..], 2, "give it with --units file:PATH"),
        (&["--url", "file:csv/person.csv", "--units", "file:nowhere.csv"], 1, "nowhere.csv"),
        (&["--url", "file:csv", "--roster", "file:csv/unit.csv"], 2, "file:csv/unit.csv is no roster"),
        (
            &["--url", "file:csv", "--register", "roster.csv"],
            2,
            "there is no table \"roster.csv\"; tables: person, roster",
        ),
        (&["--url", "file:csv/unit.csv"], 2, "no table looks like a register of persons"),
    ] {
        let output = init(dir.path(), more);
        assert!(stderr(&output).contains(expected), "{more:?}: {}", stderr(&output));
        assert_eq!(output.status.code(), Some(code), "{more:?}");
    }
    // A database has no blank columns.
    let url = setting::sample(dir.path(), 50);
    let text = setting::configuration(&url, dir.path()).replace("name = \"name\"", "name = \"\"");
    setting::write(dir.path(), &text);
    let checked = tongbao(dir.path(), &["--config", "tongbao.toml", "check", "--offline"]);
    assert!(
        stdout(&checked).contains("fields.name: is blank; a database needs a column"),
        "{}",
        stdout(&checked)
    );
}

/// What is no table is refused by what it is.
#[test]
fn other_kinds_of_files_are_refused_by_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let mut document = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for part in ["[Content_Types].xml", "word/document.xml"] {
        document.start_file(part, zip::write::SimpleFileOptions::default()).unwrap();
    }
    let document = document.finish().unwrap().into_inner();
    for (name, bytes, english, chinese) in [
        ("list.json", "[{\"姓名\": \"王\"}]".as_bytes(), "it is JSON; save the list as CSV", "是 JSON 文件"),
        ("list.csv", b"%PDF-1.7\n", "it is a PDF document", "是 PDF 文件"),
        (
            "list.rpt",
            b"name       code\r\n---------- ----------\r\nx          1\r\n",
            "its columns are set with blanks and lines",
            "各列用空格和横线排版",
        ),
        ("list.xlsx", &document, "it is a document and no spreadsheet", "是文档，不是电子表格"),
        ("list.gz", b"\x1F\x8B\x08", "is an archive and no workbook; unpack it", "是压缩包，不是工作簿"),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        let url = format!("file:{name}");
        for (language, expected) in [("en", english), ("zh", chinese)] {
            let output = init(dir.path(), &["--lang", language, "--url", &url]);
            assert!(!output.status.success() && stderr(&output).contains(expected), "{}", stderr(&output));
        }
    }
}
