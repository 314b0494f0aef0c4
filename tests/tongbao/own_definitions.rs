//! An office's own fields and relations: counted from every source alike, printed, stored and compared.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::date;
use serde_json::Value;
use sqlx::Row;
use tongbao::config;
use tongbao::config::settings::{DatabaseUrl, Indicator, Settings};
use tongbao::pipeline::{Engine, ReleaseDecision, Request};
use tongbao::ranking::results::Results;
use tongbao::report::json;
use tongbao::schedule::period::Period;
use tongbao::source::sample::{SamplePlan, fill};

use crate::sources::{block, sqlite};
use crate::support::office::{Office, execute};
use crate::support::{defects, exports, servers, setting};

pub const PLAN: SamplePlan = SamplePlan {
    persons: 2_000,
    defects: 0.0,
    seed: 11,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: tongbao::source::sample::SampleKind::Persons,
};

/// The list as it is written out.
pub const LISTED: &str = r#"[lists.relation]
label = { zh = "与户主关系代码", en = "Relation to head" }
codes = { "02" = "户主", "10" = "配偶", "20" = "子" }
open = true
groups = { spouse = ["10"] }
"#;

/// Four relations and three fields of the office's own, in place of the built-in relations.
const OWN: &str = r#"
[lists.relation]
label = { zh = "与户主关系代码", en = "Relation to head" }
codes = { "02" = "户主", "10" = "配偶", "20" = "子" }
open = true
groups = { spouse = ["10"] }
[fields.relation_to_head]
label = { zh = "与户主关系", en = "Relation to head of household" }
column = "relation"
type = "code"
list = "relation"
required = true
[fields.arrived_on]
label = { zh = "来本地日期", en = "Date of arrival" }
type = "date"
required = true
[fields.area]
label = { zh = "建筑面积", en = "Floor area" }
type = "number"
applies = ["relation_to_head in relation"]
required = true
[fields.has_lease]
label = { zh = "是否签订合同", en = "Lease signed" }
type = "yes_no"
[relations.spouse_married]
label = { zh = "配偶与婚姻状况", en = "Spouse and marital status" }
if = ["relation_to_head in relation.spouse"]
check = ["marital_status in marital.married"]
[relations.in_order]
label = { zh = "日期先后", en = "Dates in order" }
check = ["arrived_on <= registered_on"]
[relations.space]
label = { zh = "建筑面积", en = "Floor area" }
when = ["area is filled"]
check = ["area between 10 and 200", "has_lease = yes or area >= 20"]
"#;

pub fn with_own(text: &str) -> String {
    let relations = r#"
[indicators.accuracy]
relations = ["id_sex", "spouse_married", "in_order", "space"]
"#;
    format!("{text}\n{relations}\n{OWN}")
}

/// What the columns of a record hold, by its number. Blank where there is no value.
fn values(id: i64) -> [&'static str; 4] {
    let pick = |list: &[&'static str], step: i64| list[((id * step + id / 7) % list.len() as i64) as usize];
    [
        pick(&["02", "配偶", "10", "子", "77", "", "不详", "户主"], 3),
        pick(
            &[
                "2016-05-01",
                "2017-01-01",
                "",
                "2016/5/1",
                "20160501",
                "不是日期",
                "待核实",
                "2016-04-30 08:00:00",
            ],
            5,
        ),
        pick(&["85", "9.99", "", "15", "15.5", "200", "200.01", "大", "-", "1,000"], 7),
        pick(&["是", "否", "1", "0", "无", "", "也许"], 11),
    ]
}

/// Adds the columns with their values to a register.
pub fn add_columns(url: &str, ids: &[i64]) {
    let text = |value: &str| match value {
        "" => "NULL".to_owned(),
        value => format!("'{value}'"),
    };
    let columns = ["relation", "arrived_on", "area", "has_lease"];
    let add: String =
        columns.map(|name| format!("ALTER TABLE person ADD COLUMN {name} VARCHAR(40);")).concat();
    let fill = |id: &i64| {
        let [relation, arrived, area, lease] = values(*id).map(text);
        format!(
            "UPDATE person SET relation = {relation}, arrived_on = {arrived}, area = {area}, has_lease = {lease} WHERE id = {id};"
        )
    };
    let run = |sql: &str| match url.strip_prefix("sqlite:") {
        Some(path) => execute(std::path::Path::new(path), sql),
        None => servers::execute(url, sql),
    };
    run(&add);
    // The servers' own programs take no longer commands.
    ids.chunks(500).for_each(|ids| run(&ids.iter().map(fill).collect::<String>()));
}

/// Number, marital status, registration time, ID number and sex of every record, as they are stored.
pub fn stored(url: &str) -> Vec<(i64, String, String)> {
    let path = url.strip_prefix("sqlite:").unwrap().to_owned();
    block(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let sql =
            "SELECT id, COALESCE(marital_status, ''), COALESCE(CAST(registered_at AS TEXT), '') FROM person";
        let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
    })
}

pub fn figures(settings: Settings) -> Value {
    let engine = Engine::for_figures(settings).unwrap();
    let now = "2016-07-20T01:00:00Z".parse().unwrap();
    let period = Period::new(date(2016, 6, 6), date(2016, 7, 10)).unwrap();
    let snapshot = block(engine.pull(period.to, now, |_| {})).unwrap();
    let results = Results::new(&snapshot, period, engine.rules(), None);
    json::figures(&results, &engine.settings.indicators)
}

pub fn settings(text: &str) -> Settings {
    config::parse("test.toml", text, &BTreeMap::new()).unwrap().settings
}

/// The outcome by hand: 0 not applicable, 1 missing, 2 fail, 3 pass.
fn naive(id: i64, marital: &str, registered: &str) -> [u32; 3] {
    let [relation, arrived, area, lease] = values(id);
    let marital_state = match marital.trim() {
        "20" | "21" | "22" | "23" | "已婚" | "初婚" | "再婚" | "复婚" | "有配偶" => 3,
        "10" | "30" | "40" | "未婚" | "丧偶" | "离婚" | "离异" | "离婚未再婚" => 2,
        // Only children have none, to whom it does not apply.
        "" => 0,
        _ => 2,
    };
    let spouse = match relation {
        "" | "不详" => 1,
        "配偶" | "10" => marital_state,
        _ => 3,
    };
    let order = match arrived {
        "不是日期" => 2,
        _ if registered.trim().is_empty() && matches!(arrived, "" | "待核实") => 1,
        "" | "待核实" => {
            if readable(registered) {
                1
            } else {
                2
            }
        }
        _ if registered.trim().is_empty() => 1,
        _ if !readable(registered) => 2,
        "2017-01-01" => 2,
        _ => 3,
    };
    let signed = match lease {
        "是" | "1" => Some(true),
        "否" | "0" | "无" => Some(false),
        _ => None,
    };
    // A value that is filled but none of its type fails in the stage that reads it.
    let space = match area {
        "" | "-" => 0,
        "大" => 2,
        _ if lease == "也许" => 2,
        text => {
            let area: f64 = text.replace(',', "").parse().unwrap();
            match ((10.0..=200.0).contains(&area), area >= 20.0, signed) {
                (false, ..) | (true, false, Some(false)) => 2,
                (true, true, _) | (true, false, Some(true)) => 3,
                (true, false, None) => 1,
            }
        }
    };
    [spouse, order, space]
}

fn readable(registered: &str) -> bool {
    registered.trim().starts_with("201")
}

/// Id, marital status and time of registration as they are stored.
pub type StoredRecord = (i64, String, String);

/// A register in SQLite with the own columns, a folder for the state, the records, and their ids.
pub fn register() -> (String, PathBuf, Vec<StoredRecord>, Vec<i64>) {
    let lite = sqlite();
    let dir = tempfile::tempdir().unwrap().keep();
    block(fill(&DatabaseUrl::new(&lite), &PLAN, |_| {})).unwrap();
    let records = stored(&lite);
    let ids: Vec<i64> = records.iter().map(|(id, ..)| *id).collect();
    add_columns(&lite, &ids);
    (lite, dir, records, ids)
}

#[test]
fn own_definitions_are_counted_from_every_source_alike() {
    let (lite, dir, records, ids) = register();
    let counted = figures(settings(&with_own(&setting::configuration(&lite, &dir))));
    let totals = &counted["totals"];
    let all = records.len() as u64;
    assert_eq!(totals["records"], all);
    // Every record has exactly one outcome in each relation.
    for (at, key) in ["spouse_married", "in_order", "space"].into_iter().enumerate() {
        let mut counts = [0u64; 4];
        for (id, marital, registered) in &records {
            counts[naive(*id, marital, registered)[at] as usize] += 1;
        }
        assert_eq!(counts.iter().sum::<u64>(), all);
        let relation = &totals["relations"][key];
        assert_eq!(relation["numerator"], counts[3], "{key} {counts:?}");
        assert_eq!(relation["denominator"], all - counts[0], "{key} {counts:?}");
    }
    // Fields: filled, and the records that they apply to.
    let filled =
        |at: usize, blank: &[&str]| ids.iter().filter(|id| !blank.contains(&values(**id)[at])).count();
    assert_eq!(totals["fields"]["relation_to_head"]["numerator"], filled(0, &["", "不详"]));
    assert_eq!(totals["fields"]["arrived_on"]["numerator"], filled(1, &["", "待核实"]));
    let listed = |id: i64| !matches!(values(id)[0], "77");
    assert_eq!(totals["fields"]["area"]["denominator"], ids.iter().filter(|id| listed(**id)).count());
    let filled_area = ids.iter().filter(|id| listed(**id) && !matches!(values(**id)[2], "" | "-"));
    assert_eq!(totals["fields"]["area"]["numerator"], filled_area.count());
    assert!(totals["fields"].get("has_lease").is_none(), "not required, so not counted");
    assert_eq!(totals["fields"].as_object().unwrap().len(), 12);

    // The same from other databases, by several connections, and from files.
    for url in [servers::postgres(), servers::mariadb()] {
        block(fill(&DatabaseUrl::new(&url), &PLAN, |_| {})).unwrap();
        add_columns(&url, &ids);
        let text = with_own(&setting::configuration(&url, &dir));
        assert_eq!(figures(settings(&text)), counted, "{}", DatabaseUrl::new(&url));
    }
}

#[test]
fn own_definitions_are_counted_from_files() {
    let dir = tempfile::tempdir().unwrap();
    let records = defects::records(3, 600);
    let mut lists = exports::Lists::of(&records, &[]);
    exports::write_csv(dir.path(), &lists, ',', |text| text.as_bytes().to_vec());
    for (id, row) in lists.people.iter_mut().enumerate() {
        row[1] = Some(defects::UNITS[0].to_owned());
        row[exports::REGISTERED_AT] = Some("2016-06-01 08:00:00".to_owned());
        row.extend(values(id as i64).map(|text| Some(text.to_owned())));
    }
    let columns = [&exports::PERSON[..], &["relation", "arrived_on", "area", "has_lease"]].concat();
    let text = exports::csv(&columns, &lists.people, ',');
    std::fs::write(dir.path().join("person.csv"), text).unwrap();
    let text = with_own(&exports::configuration(dir.path(), "csv", dir.path()));
    let totals = figures(settings(&text))["totals"].clone();
    let count = |at: usize, wanted: u32| {
        (0..600).filter(|id| naive(*id, "", "2016-06-01")[at] == wanted).count() as u64
    };
    assert_eq!(totals["records"], 600);
    for (at, key) in [(1, "in_order"), (2, "space")] {
        assert_eq!(totals["relations"][key]["numerator"], count(at, 3), "{key}");
        assert_eq!(totals["relations"][key]["denominator"], 600 - count(at, 0), "{key}");
    }
}

#[test]
fn what_does_not_count_own_definitions_refuses_them() {
    let dir = tempfile::tempdir().unwrap();
    let text = with_own(&setting::configuration("postgres://office@localhost/x", dir.path()));
    let refused = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        config::parse("test.toml", &changed, &BTreeMap::new()).unwrap_err().to_string()
    };
    let message = refused("\"space\"", "\"spce\"");
    assert!(message.contains("did you mean space?"), "{message}");
    // Drafts that nothing counts are no obstacle.
    let drafts = format!(
        "{}\n{}",
        setting::configuration("sqlite:x.db", dir.path()),
        OWN.replace("required = true", "")
    );
    let drafts = drafts.replacen(
        "url = \"sqlite:x.db\"",
        "url = \"postgres://office@localhost/x\"\ncompute = \"database\"",
        1,
    );
    assert!(!config::parse("test.toml", &drafts, &BTreeMap::new()).unwrap().settings.indicators.has_own());
}

fn request() -> Request {
    Request {
        report: "weekly".into(),
        from: Some(date(2016, 6, 4)),
        to: Some(date(2016, 7, 7)),
        ..Request::default()
    }
}

/// An office whose register has the columns.
fn office(edit: impl Fn(String) -> String) -> Office {
    let office = Office::new("2016-07-08T01:00:00Z", edit);
    let url = format!("sqlite:{}", office.dir.path().join("register.db").display());
    let ids: Vec<i64> = stored(&url).into_iter().map(|(id, ..)| id).collect();
    add_columns(&url, &ids);
    office
}

#[test]
fn own_definitions_are_printed_stored_and_never_compared_with_others() {
    let mut office = office(|text| text);
    let now = office.now();
    // A run under the built-in definitions.
    let before = block(async {
        let store = office.store().await;
        office.engine().run(Some(&store), &request(), now, |_| {}).await.unwrap()
    });
    assert!(before.held.is_empty(), "{:?}", before.held);
    office.text =
        with_own(&office.text).replace("kind = \"bulletin\"", "kind = \"bulletin\"\nsign_off = true");
    let week = Request { to: Some(date(2016, 7, 8)), future: true, ..request() };
    block(async {
        let store = office.store().await;
        let engine = office.engine();
        // The first run under own definitions is held, says why, and is not compared.
        let first = engine.run(Some(&store), &week, now, |_| {}).await.unwrap();
        assert!(first.held.iter().any(|reason| reason.contains("口径与上期不同")), "{:?}", first.held);
        let id = first.run.unwrap();
        let run = store.run(id).await.unwrap();
        // Coverage means the same, and is compared; what the own definitions have changed is not.
        assert_eq!(run.against, before.run);
        assert!(first.results.is_compared(Indicator::Coverage));
        assert!(!first.results.is_compared(Indicator::Completeness));
        let pdf = &first.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes;
        let text: String = crate::support::office::pdf_text(pdf).split_whitespace().collect();
        for part in [
            "与户主关系",
            "来本地日期",
            "日期先后",
            "来本地日期不晚于登记日期",
            "口径变更",
            "项目共12项",
            "建筑面积仅适用于",
        ] {
            assert!(text.contains(part), "{part}");
        }
        // Stored with its definitions, it gives the same figures again.
        let (figures, provenance) = store.details(id).await.unwrap();
        assert!(provenance.definitions.unwrap().text.contains("arrived_on <= registered_on"));
        let again = engine.results_of(&store, &run).await.unwrap();
        assert_eq!(json::figures(&again, &engine.settings.indicators), figures);
        let decision = ReleaseDecision { by: "主任".into(), no_send: true, ..ReleaseDecision::default() };
        let released = engine.approve(&store, &run, &decision, now).await.unwrap();
        assert!(released.held.is_empty());
        store.close().await;
    });
    // The run of before is as it was, byte for byte.
    block(async {
        let store = office.store().await;
        let documents = store.documents(before.run.unwrap()).await.unwrap();
        let mut made = before.documents.clone();
        made.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(documents, made);
        store.close().await;
    });
    // With another rule the held run of before is released under the one that it was made by.
    let changed = office.text.replace("area between 10 and 200", "area between 11 and 200");
    assert_ne!(changed, office.text);
    block(async {
        let store = office.store().await;
        let tomorrow = now + jiff::SignedDuration::from_hours(24);
        let later = Request { to: Some(date(2016, 7, 9)), future: true, ..request() };
        let held = office.engine().run(Some(&store), &later, tomorrow, |_| {}).await.unwrap();
        let run = store.run(held.run.unwrap()).await.unwrap();
        assert!(run.against.is_some(), "the definitions are the same again");
        office.text = changed;
        let decision = ReleaseDecision { by: "主任".into(), no_send: true, ..ReleaseDecision::default() };
        let figures = store.details(run.id).await.unwrap().0;
        let released = office.engine().approve(&store, &run, &decision, tomorrow).await.unwrap();
        assert_eq!(store.details(run.id).await.unwrap().0, figures);
        let pdf = &released.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes;
        let text: String = crate::support::office::pdf_text(pdf).split_whitespace().collect();
        assert!(text.contains("建筑面积介于10与200之间"), "{text}");
        assert!(!text.contains("介于11与"), "{text}");
        store.close().await;
    });
}

/// A run that was held by a version that refused less is released with what it was made under.
#[test]
fn a_held_run_is_released_under_definitions_that_are_refused_now() {
    let mut office = office(|text| with_own(&text));
    office.text = office.text.replace("kind = \"bulletin\"", "kind = \"bulletin\"\nsign_off = true");
    let now = office.now();
    let id = block(async {
        let store = office.store().await;
        let held = office.engine().run(Some(&store), &request(), now, |_| {}).await.unwrap();
        store.close().await;
        held.run.unwrap()
    });
    // As an earlier version could have recorded it: a word of health, and a choice by a sensitive field.
    for (text, other) in [
        ("日期先后", "怀孕日期先后"),
        (r#"[\"area is filled\"]"#, r#"[\"area is filled\",\"ethnicity in [“汉”]\"]"#),
    ] {
        let sql = format!("UPDATE run SET provenance = replace(provenance, '{text}', '{other}')");
        execute(&office.state().join("tongbao.db"), &sql);
    }
    let refused = office.text.replace("日期先后", "怀孕日期先后");
    let error = config::parse("test.toml", &refused, &BTreeMap::new()).unwrap_err().to_string();
    assert!(error.contains("measures the quality of a register"), "{error}");
    // The configuration has another rule meanwhile.
    office.text = office.text.replace("area between 10 and 200", "area between 11 and 200");
    block(async {
        let store = office.store().await;
        let (figures, provenance) = store.details(id).await.unwrap();
        let deciding = provenance.deciding.unwrap();
        assert!(deciding.contains("怀孕日期先后") && deciding.contains("ethnicity in"), "{deciding}");
        let run = store.run(id).await.unwrap();
        let decision = ReleaseDecision { by: "主任".into(), no_send: true, ..ReleaseDecision::default() };
        let released = office.engine().approve(&store, &run, &decision, now).await.unwrap();
        assert_eq!(store.details(id).await.unwrap().0, figures);
        let pdf = &released.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes;
        let text: String = crate::support::office::pdf_text(pdf).split_whitespace().collect();
        assert!(text.contains("怀孕日期先后") && text.contains("介于10与200之间"), "{text}");
        store.close().await;
    });
}

#[test]
fn correction_lists_name_own_fields_and_relations() {
    let office = office(|text| with_own(&text));
    let engine = office.engine();
    let period = Period::new(date(2016, 6, 4), date(2016, 7, 7)).unwrap();
    let snapshot = block(engine.pull(period.to, office.now(), |_| {})).unwrap();
    let units: Vec<String> = snapshot.units.list().iter().map(|unit| unit.code.clone()).collect();
    let indicators = &engine.settings.indicators;
    let mut lister = tongbao::indicator::correction::Lister::new(
        std::sync::Arc::new(snapshot.units.clone()),
        indicators,
        period.to,
        engine.settings.corrections,
        &units,
        None,
    );
    block(async {
        let mut source = tongbao::source::Source::open(&engine.settings.source).await.unwrap();
        source.keyed(&engine.settings.campaign.time_zone, |batch| lister.add(batch)).await.unwrap();
    });
    let lists = lister.finish();
    let list = lists.values().find(|list| !list.is_empty()).unwrap();
    // Stored and read again as text.
    let list: tongbao::indicator::correction::CorrectionList =
        serde_json::from_value(serde_json::to_value(list).unwrap()).unwrap();
    let table = tongbao::report::correction::table(&list, indicators, engine.settings.campaign.language);
    let text = format!("{:?}", table.rows);
    for label in ["与户主关系", "来本地日期", "日期先后"] {
        assert!(text.contains(label), "{label}");
    }
    assert!(!text.contains("不是日期") && !text.contains("440118"), "values of records are not listed");
}

/// Three rates of the office's own, with their points.
const RATES: &str = r#"
[indicators.own.timely]
label = { zh = "及时率", en = "Timeliness" }
of = "relations"
relations = ["in_order"]
target = "95%"
weight = 10
[indicators.own.tidy]
label = { zh = "规范率", en = "Conformity" }
of = "valid"
fields = ["arrived_on", "area"]
target = "90%"
weight = 5
[indicators.own.leases]
label = { zh = "合同填报率", en = "Leases filled" }
of = "fields"
fields = ["has_lease", "arrived_on"]
target = "50%"
weight = "2.5"
[scoring.weights]
coverage = 30
completeness = 25
accuracy = "27.5"
"#;

fn with_rates(text: &str) -> String {
    // One relation is judged for its rate alone.
    with_own(text).replace("\"spouse_married\", \"in_order\", \"space\"", "\"spouse_married\", \"space\"")
        + RATES
}

#[test]
fn own_rates_are_sums_over_fields_and_relations() {
    let (lite, dir, records, ids) = register();
    let counted = figures(settings(&with_rates(&setting::configuration(&lite, &dir))));
    let own = &counted["totals"]["own_indicators"];
    let outcome = |wanted: u32| records.iter().filter(|(id, m, r)| naive(*id, m, r)[1] == wanted).count();
    assert_eq!(own["timely"]["numerator"], outcome(3));
    assert_eq!(own["timely"]["denominator"], ids.len() - outcome(0));
    assert_eq!(own["timely"]["met"], false);
    let count = |at: usize, is: &dyn Fn(&str) -> bool| ids.iter().filter(|id| is(values(**id)[at])).count();
    let filled =
        count(1, &|text| !matches!(text, "" | "待核实")) + count(2, &|text| !matches!(text, "" | "-"));
    let invalid = count(1, &|text| text == "不是日期") + count(2, &|text| text == "大");
    assert_eq!(own["tidy"]["denominator"], filled);
    assert_eq!(own["tidy"]["numerator"], filled - invalid);
    let leases = count(3, &|text| !text.is_empty()) + count(1, &|text| !matches!(text, "" | "待核实"));
    assert_eq!(own["leases"]["numerator"], leases);
    assert_eq!(own["leases"]["denominator"], 2 * ids.len());
    // What is counted for a rate alone is no part of the three rates.
    assert!(counted["totals"]["relations"].get("in_order").is_none());
    let without =
        figures(settings(&with_own(&setting::configuration(&lite, &dir)).replace("\"in_order\", ", "")));
    for key in ["completeness", "completeness_cells", "accuracy", "fields", "relations"] {
        assert_eq!(counted["totals"][key], without["totals"][key], "{key}");
    }
    // The database counts the same.
    let url = servers::postgres();
    block(fill(&DatabaseUrl::new(&url), &PLAN, |_| {})).unwrap();
    add_columns(&url, &ids);
    let mut database = settings(&with_rates(&setting::configuration(&url, &dir)));
    database.source.compute = tongbao::config::settings::Compute::Database;
    assert_eq!(figures(database), counted);
}

#[test]
fn own_rates_stand_in_documents_scores_and_verdicts() {
    let office = office(|text| {
        with_rates(&text).replace("kind = \"bulletin\"", "kind = \"bulletin\"\nsign_off = true")
    });
    let now = office.now();
    for report in ["weekly", "acceptance"] {
        let engine = office.engine();
        let asked = Request { report: report.into(), ..request() };
        let outcome = block(engine.run(None, &asked, now, |_| {})).unwrap();
        let pdf = &outcome.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes;
        let text: String = crate::support::office::pdf_text(pdf).split_whitespace().collect();
        for part in [
            "及时率",
            "规范率",
            "合同填报率",
            "及时率10分",
            "参与判定的记录中相符的所占比例",
            "来本地日期不晚于登记日期",
            "来本地日期为存在的日期。建筑面积为数字。",
        ] {
            assert!(text.contains(part), "{report}: {part}");
        }
        assert!(!text.contains("三项指标全部达标") && (text.contains("六项指标")), "{report}");
        let results = &outcome.results;
        for unit in results.units.iter().filter_map(|unit| unit.score.as_ref()) {
            assert_eq!(unit.parts.len(), 6);
        }
        let failed = |unit: &&tongbao::ranking::unit_result::UnitResult| unit.passed == Some(false);
        assert!(results.units.iter().any(|unit| failed(&unit)), "a rate of the office's own fails units");
    }
}

#[test]
fn own_rates_that_say_nothing_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text = with_rates(&setting::configuration("postgres://office@localhost/x", dir.path()));
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        config::parse("test.toml", &changed, &BTreeMap::new()).unwrap_err().to_string()
    };
    for (from, to, message) in [
        ("weight = 10", "weight = 11", "the weights add up to 101, not to 100"),
        ("fields = [\"arrived_on\", \"area\"]", "fields = [\"arived_on\"]", "did you mean arrived_on?"),
        ("relations = [\"in_order\"]", "relations = []", "needs at least one relation"),
        ("fields = [\"has_lease\", \"arrived_on\"]", "fields = []", "needs at least one field"),
        ("[indicators.own.tidy]", "[indicators.own.coverage]", "coverage is the name of a built-in rate"),
        ("target = \"95%\"", "target = \"0%\"", "a target is above 0%"),
    ] {
        let said = refused(from, to);
        assert!(said.contains(message), "{said}");
    }
}
