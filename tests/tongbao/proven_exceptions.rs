//! Proven exceptions 佐证: what they change, counted by hand, and that nothing hides them.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::{Value, json};
use tongbao::config;
use tongbao::config::settings::DatabaseUrl;
use tongbao::pipeline::{Engine, Request};
use tongbao::ranking::remark::bending;
use tongbao::ranking::results::Results;
use tongbao::report::json;
use tongbao::report::series::{Sources, listing};
use tongbao::schedule::period::Period;
use tongbao::source::sample::{SampleKind, SamplePlan, fill};

use crate::sources::block;
use crate::support::office::{Office, execute, pdf_text};
use crate::support::{servers, setting};

/// Two rules over built-in fields that many records fail, one of them over several records.
const RULES: &str = r#"
[relations.named]
label = { zh = "姓名两字", en = "Name of two" }
check = ["length(name) = 2"]
[relations.one_home]
label = { zh = "住址不重复", en = "Home once" }
unique = ["hukou_type"]
[indicators.accuracy]
relations = ["id_sex", "named"]
[indicators.own.homes]
label = { zh = "住址唯一率", en = "Homes once" }
of = "relations"
relations = ["one_home"]
target = "1%"
"#;

fn rules(by: &str, more: &str) -> String {
    format!(
        "{RULES}\n[source.exceptions]\n{by}\n{more}\nreasons = {{ \"1\" = \"号码变更\", \"02\" = \"户籍更正\" }}\n"
    )
}

/// The list as a table of the register's database.
fn list(office: &Office, rows: &[(&str, &str, &str, &str)]) {
    let values: Vec<String> = rows
        .iter()
        .map(|(of, relation, reason, until)| format!("('{of}','{relation}','{reason}','{until}')"))
        .collect();
    let insert = match values.is_empty() {
        true => String::new(),
        false => format!("INSERT INTO exceptions VALUES {};", values.join(",")),
    };
    let sql = format!(
        "DROP TABLE IF EXISTS exceptions; CREATE TABLE exceptions (record TEXT, relation TEXT, reason TEXT, until TEXT); {insert}"
    );
    execute(&office.dir.path().join("register.db"), &sql);
}

fn office(by: &str) -> Office {
    let office =
        Office::larger("2016-07-08T01:00:00Z", |text| format!("{text}\n{}", rules(by, "until = \"until\"")));
    // Names of three characters fail, names of two pass; one record has none.
    execute(
        &office.dir.path().join("register.db"),
        "UPDATE person SET name = CASE id % 3 WHERE 0 THEN '王小明' ELSE '李四' END;"
            .replace("WHERE 0", "WHEN 0")
            .as_str(),
    );
    execute(
        &office.dir.path().join("register.db"),
        "UPDATE person SET registered_at = '2016-06-10 08:00:00', document_type = NULL;",
    );
    list(&office, &[]);
    office
}

fn pulled(office: &Office) -> (Value, Vec<String>, Results) {
    let engine = office.engine();
    let period = Period::new(date(2016, 6, 4), date(2016, 7, 7)).unwrap();
    let snapshot = block(engine.pull(period.to, office.now(), |_| {})).unwrap();
    let results = Results::new(&snapshot, period, engine.rules(), None);
    let figures = json::figures(&results, &engine.settings.indicators);
    (
        figures,
        bending(&snapshot, &engine.settings.indicators)
            .into_iter()
            .map(|remark| remark.text.to_string())
            .collect(),
        results,
    )
}

/// Ids of records whose names have three characters, and of others.
fn ids(office: &Office) -> (Vec<String>, Vec<String>) {
    let url = format!("sqlite:{}", office.dir.path().join("register.db").display());
    let all: Vec<i64> = crate::own_definitions::stored(&url).into_iter().map(|(id, ..)| id).collect();
    let text = |keep: bool| all.iter().filter(|id| (*id % 3 == 0) == keep).map(i64::to_string).collect();
    (text(true), text(false))
}

#[test]
fn a_proved_record_passes_and_is_counted_by_relation_reason_and_unit() {
    let office = office("key = \"record\"");
    let (failing, passing) = ids(&office);
    let (before, none, _) = pulled(&office);
    let none = none.join("\n");
    assert!(!none.contains("proven exceptions") && before["totals"].get("exceptions").is_none(), "{none}");
    list(
        &office,
        &[
            (&failing[0], "named", "1", ""),
            (&failing[1], "姓名两字", "02", "2016-07-07"),
            (&failing[2], " Name of two ", "1", "2099-01-01"),
            // These change nothing: ended, passing already, unknown in one part or another, twice.
            (&failing[3], "named", "1", "2016-07-06"),
            (&passing[0], "named", "1", ""),
            (&failing[4], "nmaed", "1", ""),
            (&failing[4], "named", "3", ""),
            (&failing[4], "named", "1", "不详的日子"),
            ("", "named", "1", ""),
            ("999999", "named", "1", ""),
            (&failing[0], "named", "02", ""),
        ],
    );
    let (after, remarks, results) = pulled(&office);
    let (was, is) = (&before["totals"], &after["totals"]);
    let count = |of: &Value, part: &str| of[part].as_u64().unwrap();
    let [named_was, named_is] = [was, is].map(|totals| &totals["relations"]["named"]);
    assert_eq!(count(named_is, "numerator"), count(named_was, "numerator") + 3);
    assert_eq!(named_is["denominator"], named_was["denominator"]);
    assert_eq!(is["exceptions"]["relations"], json!({ "named": { "1": 2, "02": 1 } }));
    let gained = count(&is["accuracy"], "numerator") - count(&was["accuracy"], "numerator");
    assert_eq!(is["exceptions"]["accurate"], gained);
    for key in ["coverage", "completeness", "fields", "records"] {
        assert_eq!(was[key], is[key], "{key}");
    }
    assert_eq!(was["relations"]["id_sex"], is["relations"]["id_sex"]);
    // The units add up to all.
    let units: u64 = results.assessed().map(|unit| unit.exceptions.accurate).sum();
    assert_eq!(units, gained);
    // So does the column of the spreadsheet, all units last.
    let settings = office.engine().settings.clone();
    let sheet = listing::spreadsheet(Sources {
        results: &results,
        indicators: &settings.indicators,
        scoring: &settings.scoring,
        ranking: &settings.ranking,
        trend: &[],
        is_round: false,
        language: settings.campaign.language,
    });
    assert_eq!(sheet.columns.last().unwrap().head, "准确率其中佐证");
    let column: Vec<u64> =
        sheet.rows.iter().map(|row| row.cells.last().unwrap().text.parse().unwrap()).collect();
    let (total, of_units) = column.split_last().unwrap();
    assert_eq!((*total, of_units.iter().sum()), (gained, gained));
    assert!(sheet.rows.iter().all(|row| row.cells.len() == sheet.columns.len()));
    let remarks = remarks.join("\n");
    assert!(remarks.contains("4 of 11 proven exceptions are not used"), "{remarks}");
    assert!(remarks.contains("3 of 11 proven exceptions change nothing"), "{remarks}");
}

#[test]
fn numbers_name_records_too_and_relations_over_several_records_are_excepted() {
    let office = office("id_number = \"record\"");
    let register = office.dir.path().join("register.db");
    let (_, passing) = ids(&office);
    let number = "440118199001010012";
    execute(
        &register,
        &format!("UPDATE person SET id_number = '{number}', hukou_type = '10' WHERE id = {};", passing[0]),
    );
    let (before, ..) = pulled(&office);
    // Written with blanks and a small x, as lists are.
    list(
        &office,
        &[("4401 1819 9001 0100 12", "one_home", "1", ""), ("440118199001010012", "named", "1", "")],
    );
    let (after, ..) = pulled(&office);
    let of = |figures: &Value| figures["totals"]["own_indicators"]["homes"]["numerator"].as_u64().unwrap();
    assert_eq!(of(&after), of(&before) + 1);
    assert_eq!(
        after["totals"]["exceptions"],
        json!({ "accurate": 0, "relations": { "one_home": { "1": 1 } } })
    );
    assert_eq!(before["totals"]["accuracy"], after["totals"]["accuracy"]);
}

#[test]
fn documents_print_what_counts_by_proof_and_stored_runs_keep_it() {
    let mut office = office("key = \"record\"");
    office.text = office.text.replace("kind = \"acceptance\"", "kind = \"acceptance\"\nsign_off = true");
    let (failing, _) = ids(&office);
    list(&office, &[(&failing[0], "named", "1", ""), (&failing[1], "named", "02", "")]);
    let (figures, ..) = pulled(&office);
    let accurate = figures["totals"]["exceptions"]["accurate"].as_u64().unwrap();
    assert!(accurate > 0, "{figures}");
    let request = Request {
        report: "acceptance".into(),
        from: Some(date(2016, 5, 25)),
        to: Some(date(2016, 7, 7)),
        ..Request::default()
    };
    block(async {
        let store = office.store().await;
        let engine = office.engine();
        let outcome = engine.run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
        let text = |documents: &[tongbao::store::runs::StoredFile]| -> String {
            let pdf = &documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes;
            pdf_text(pdf).split_whitespace().collect()
        };
        let said = text(&outcome.documents);
        for part in [
            format!("（含佐证{accurate}条，目标"),
            "姓名两字2条（户籍更正1条、号码变更1条）".to_owned(),
            format!("准确率的分子含佐证{accurate}条"),
            "准确率的分子所含佐证：".to_owned(),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        // The list is gone, and the stored run still says it.
        list(&office, &[]);
        let run = store.run(outcome.run.unwrap()).await.unwrap();
        let again = engine.results_of(&store, &run).await.unwrap();
        assert_eq!(
            json::figures(&again, &engine.settings.indicators)["totals"]["exceptions"],
            figures["totals"]["exceptions"]
        );
        let remade = engine.remade(&store, &run).await.unwrap();
        let again: String = pdf_text(&engine.printed(&remade).unwrap().pdf).split_whitespace().collect();
        assert_eq!(again, said);
        store.close().await;
    });
}

#[test]
fn every_way_of_reading_gives_the_same_or_says_no() {
    const PLAN: SamplePlan = SamplePlan {
        persons: 900,
        defects: 0.2,
        seed: 5,
        from: date(2016, 5, 25),
        to: date(2016, 7, 7),
        kind: SampleKind::Persons,
    };
    let dir = tempfile::tempdir().unwrap();
    let rows: String =
        (1..60).map(|id| format!("{id},{},1\n", if id % 2 == 0 { "named" } else { "id_sex" })).collect();
    std::fs::write(dir.path().join("proof.csv"), format!("record,relation,reason\n{rows}")).unwrap();
    let by = format!("url = \"file:{}\"\nkey = \"record\"", dir.path().join("proof.csv").display());
    let mut all = Vec::new();
    let lite = format!("sqlite:{}", dir.path().join("register.db").display());
    for url in [lite, servers::postgres(), servers::mariadb()] {
        block(fill(&DatabaseUrl::new(&url), &PLAN, |_| {})).unwrap();
        let text = format!("{}\n{}", setting::configuration(&url, dir.path()), rules(&by, ""));
        let key = "incremental = true\nincremental_key = \"a secret of at least 32 characters.\"\n[source.register]";
        for text in [text.clone(), text.replacen("[source.register]", key, 1)] {
            // Twice: an incremental pull must not forget the list the second time.
            for _ in 0..2 {
                let settings = config::parse("test.toml", &text, &BTreeMap::new()).unwrap().settings;
                let engine = Engine::for_figures(settings).unwrap();
                let period = Period::new(date(2016, 6, 4), date(2016, 7, 7)).unwrap();
                let now = "2016-07-20T01:00:00Z".parse().unwrap();
                let snapshot = block(engine.pull(period.to, now, |_| {})).unwrap();
                let results = Results::new(&snapshot, period, engine.rules(), None);
                let mut figures = json::figures(&results, &engine.settings.indicators);
                figures["pulled_at"] = Value::Null;
                all.push(figures);
            }
        }
        let counted = text.replacen("[source.register]", "compute = \"database\"\n[source.register]", 1);
        let refused = config::parse("test.toml", &counted, &BTreeMap::new()).unwrap_err().to_string();
        assert!(refused.contains("applied record by record by the program"), "{refused}");
    }
    assert!(all[0]["totals"]["exceptions"]["relations"]["named"]["1"].as_u64() > Some(0), "{}", all[0]);
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_list_without_columns_or_reasons_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text =
        format!("{}\n{}", setting::configuration("sqlite:x.db", dir.path()), rules("key = \"record\"", ""));
    for (from, to, message) in [
        ("key = \"record\"", "", "key or id_number, one of them"),
        ("key = \"record\"", "key = \"a\"\nid_number = \"b\"", "key or id_number, one of them"),
        ("{ \"1\" = \"号码变更\", \"02\" = \"户籍更正\" }", "{}", "name the reasons that may be given"),
        ("key = \"record\"", "key = \"record\"\nresaon = \"x\"", "did you mean"),
    ] {
        assert!(text.contains(from), "{from}");
        let said = config::parse("test.toml", &text.replacen(from, to, 1), &BTreeMap::new()).unwrap_err();
        assert!(said.to_string().contains(message), "{said}");
    }
}

#[test]
fn a_list_of_many_rows_is_looked_up_as_one_of_few() {
    let office = office("key = \"record\"");
    let (failing, _) = ids(&office);
    let row = (failing[0].as_str(), "named", "1", "");
    list(&office, &[row]);
    let (mut few, ..) = pulled(&office);
    list(&office, &[row]);
    let many = "WITH RECURSIVE more (id) AS (SELECT 1000000 UNION ALL SELECT id + 1 FROM more WHERE id < 1149999) \
                INSERT INTO exceptions SELECT id, 'named', '02', '' FROM more;";
    execute(&office.dir.path().join("register.db"), many);
    let engine = office.engine();
    let snapshot = block(engine.pull(date(2016, 7, 7), office.now(), |_| {})).unwrap();
    assert_eq!(snapshot.tally.findings.exceptions, 150_001);
    assert_eq!(snapshot.tally.findings.unusable_exceptions, 0);
    let (mut figures, ..) = pulled(&office);
    for one in [&mut few, &mut figures] {
        one.as_object_mut().unwrap().remove("pulled_at");
    }
    assert_eq!(figures, few);
}
