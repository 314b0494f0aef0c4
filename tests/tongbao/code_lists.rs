//! Code lists whose codes, words and groups stand in a table or a file: they mean what the same list means in the
//! configuration, and what they hold when a run is made is what it counts by.

use std::path::Path;

use jiff::ToSpan;
use jiff::civil::date;
use serde_json::Value;
use tongbao::config::settings::{Compute, DatabaseUrl, Settings};
use tongbao::pipeline::{Engine, Request, RunError, read_code_lists};

use crate::own_definitions::{LISTED, add_columns, figures, register, settings, with_own};
use crate::sources::block;
use crate::support::office::{Office, execute};
use crate::support::servers;
use crate::support::setting::{self, stderr, stdout, tongbao};

/// The list of own definitions as a table, one code a row; the last code belongs to two groups.
const TABLE: &str = "CREATE TABLE relation_code (code VARCHAR(10), name VARCHAR(20), class VARCHAR(20));\
    INSERT INTO relation_code VALUES ('02', '户主', NULL), ('10', '配偶', 'spouse'), ('20', '子', NULL);";
const CSV: &str = "code,name,class\n02,户主,\n 10 ,配偶,spouse\n20,子,\n";

/// Own definitions with their list in a source.
fn elsewhere(text: &str, location: &str) -> String {
    let list =
        "[lists.relation]\nlabel = { zh = \"与户主关系代码\", en = \"Relation to head\" }\nopen = true\n";
    let source = format!("[source.lists.relation]\n{location}\nword = \"name\"\ngroup = \"class\"\n");
    let text = with_own(text);
    assert!(text.contains(LISTED));
    text.replace(LISTED, &format!("{source}{list}"))
}

fn read(settings: &Settings) -> Settings {
    settings.with_code_lists(block(read_code_lists(settings)).unwrap()).unwrap()
}

#[test]
fn lists_of_tables_and_files_count_as_those_of_the_configuration() {
    let (lite, dir, _, ids) = register();
    let written = settings(&with_own(&setting::configuration(&lite, &dir)));
    let counted = figures(written.clone());
    let path = lite.strip_prefix("sqlite:").unwrap();
    execute(Path::new(path), TABLE);
    let file = dir.join("relation.csv");
    std::fs::write(&file, CSV).unwrap();
    let in_file = format!("url = \"file:{}\"", file.display());
    for location in ["table = \"relation_code\"", &in_file] {
        let unread = settings(&elsewhere(&setting::configuration(&lite, &dir), location));
        assert!(unread.code_lists.is_none());
        let refused = block(Engine::for_figures(unread.clone()).unwrap().pull(
            date(2016, 7, 7),
            "2016-07-08T01:00:00Z".parse().unwrap(),
            |_| {},
        ));
        assert!(matches!(refused.map(|_| ()), Err(RunError::UnreadCodeLists)));
        let settings = read(&unread);
        assert_eq!(settings.indicators.definitions, written.indicators.definitions, "{location}");
        assert_eq!(figures(settings), counted, "{location}");
    }
    for url in [servers::postgres(), servers::mariadb()] {
        block(tongbao::source::sample::fill(&DatabaseUrl::new(&url), &crate::own_definitions::PLAN, |_| {}))
            .unwrap();
        add_columns(&url, &ids);
        servers::execute(&url, TABLE);
        let text = elsewhere(&setting::configuration(&url, &dir), "table = \"relation_code\"");
        let mut settings = read(&settings(&text));
        for compute in [Compute::Engine, Compute::Database] {
            settings.source.compute = compute;
            assert_eq!(figures(settings.clone()), counted, "{} {compute:?}", &url[..5]);
        }
    }
}

/// A daemon reads the lists again with every run: the rosters have to stay in the order in which they are read.
#[test]
fn rosters_keep_their_order_when_lists_are_read_again() {
    let (lite, dir, _, _) = register();
    let file = dir.join("relation.csv");
    std::fs::write(&file, CSV).unwrap();
    let location = format!("url = \"file:{}\"", file.display());
    let text = elsewhere(&setting::configuration(&lite, &dir), &location);
    let text = text.replace("[source.roster]", "[source.rosters.police]");
    let second = "[source.rosters.centre]\nurl = \"file:centre.csv\"\n[reports.weekly]";
    let again = read(&settings(&text.replace("[reports.weekly]", second)));
    let names = again.indicators.coverage.rosters.named.iter().map(|roster| roster.name.as_str());
    assert!(names.eq(["police", "centre"]));
    let sources = again.source.rosters.iter().map(|roster| roster.name.as_deref());
    assert!(sources.eq([Some("police"), Some("centre")]));
}

/// A folder with the demo's register, the list as a file, and a configuration; its answer to a command.
fn answer(dir: &Path, csv: &str, edit: impl Fn(String) -> String, command: &[&str]) -> (Option<i32>, String) {
    std::fs::write(dir.join("relation.csv"), csv).unwrap();
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let text = elsewhere(&setting::configuration(&url, dir), "url = \"file:relation.csv\"");
    setting::write(dir, &edit(text));
    let given = ["--config", "tongbao.toml", "--lang", "en"];
    let output = tongbao(dir, &[&given[..], command].concat());
    (output.status.code(), format!("{}{}", stdout(&output), stderr(&output)))
}

#[test]
fn what_a_list_lacks_is_said_at_its_place() {
    let dir = tempfile::tempdir().unwrap();
    setting::sample(dir.path(), 60);
    let same = |text: String| text;
    let rules = |csv: &str, edit: &dyn Fn(String) -> String| answer(dir.path(), csv, edit, &["rules"]);
    let (code, said) = rules(CSV, &same);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("配偶"), "{said}");
    let (code, said) = rules("code,name,class\n02,户主,\n", &same);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("tongbao.toml:") && said.contains("spouse"), "{said}");
    for (csv, problem) in [
        ("code,name,class\n10,配偶,spouse\n10,夫妻,\n", "two words"),
        ("code,name,class\n", "has no codes"),
        ("code,class\n10,spouse\n", "name"),
    ] {
        let (code, said) = rules(csv, &same);
        assert!(code != Some(0) && said.contains(problem), "{csv}: {said}");
    }
    let twice = |text: String| text.replace("open = true\n", "open = true\ncodes = { \"30\" = \"女\" }\n");
    let (code, said) = rules(CSV, &twice);
    assert!(code == Some(2) && said.contains("keep one of them"), "{said}");
    // A code that the list has not is as wrong as in a list that is written out.
    let unknown =
        |text: String| text.replace("relation_to_head in relation.spouse", "relation_to_head = '11'");
    let (code, said) = rules(CSV, &unknown);
    assert!(code == Some(2) && said.contains("tongbao.toml:") && said.contains("11"), "{said}");
    let (code, said) = answer(dir.path(), "code,name,class\n10,配偶,spouse\n,空,\n", same, &["rules"]);
    assert!(code == Some(0) && said.contains("1 rows without a code"), "{said}");
    // Commands that count nothing look at no list.
    std::fs::remove_file(dir.path().join("relation.csv")).unwrap();
    let output = tongbao(dir.path(), &["--config", "tongbao.toml", "next"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_run_counts_by_the_list_of_its_day() {
    let (mut office, ids) = office_with_columns();
    let register = office.dir.path().join("register.db");
    execute(&register, TABLE);
    assert!(!ids.is_empty());
    office.text = elsewhere(&office.text, "table = \"relation_code\"");
    let request = |day: i8| Request {
        report: "weekly".into(),
        from: Some(date(2016, 6, 4)),
        to: Some(date(2016, 7, day)),
        future: true,
        ..Request::default()
    };
    let spouses = |definitions: &str| -> Value {
        let all: Value = serde_json::from_str(definitions).unwrap();
        all["lists"]["relation"]["groups"]["spouse"].clone()
    };
    block(async {
        let store = office.store().await;
        // One engine, as a daemon has it for weeks.
        let engine = office.engine();
        let mut groups = Vec::new();
        for (day, change) in
            [(7, ""), (8, "UPDATE relation_code SET class = 'spouse' WHERE code = '20';"), (9, "")]
        {
            if !change.is_empty() {
                execute(&register, change);
            }
            let outcome =
                engine.run(Some(&store), &request(day), office.now() + day.hours(), |_| {}).await.unwrap();
            let (_, provenance) = store.details(outcome.run.unwrap()).await.unwrap();
            groups.push(spouses(&provenance.deciding.unwrap()));
            let is_held = outcome.held.iter().any(|reason| reason.contains("口径与上期不同"));
            assert_eq!(is_held, day >= 8, "{day} {:?}", outcome.held);
        }
        assert_eq!(
            groups,
            [r#"["10"]"#, r#"["10","20"]"#, r#"["10","20"]"#]
                .map(|text| serde_json::from_str::<Value>(text).unwrap())
        );
        store.close().await;
    });
}

fn office_with_columns() -> (Office, Vec<i64>) {
    let office = Office::new("2016-07-08T01:00:00Z", |text| text);
    let url = format!("sqlite:{}", office.dir.path().join("register.db").display());
    let ids: Vec<i64> = crate::own_definitions::stored(&url).into_iter().map(|(id, ..)| id).collect();
    add_columns(&url, &ids);
    (office, ids)
}
