//! Runs before and after a change of rules, in mails and in the console: what is compared is said of each rate, and each
//! run is shown by the rules that it was made by.

use jiff::civil::{Date, date};
use serde_json::Value;
use tongbao::pipeline::{ReleaseDecision, Request, RunOutcome};
use tongbao::report::series::Series;

use crate::support::office::{MINUTE, Office, pdf_text};
use crate::support::setting;
use crate::support::site::Site;

const CHANGE: &str = r#"
[indicators.accuracy]
relations = ["id_birth_date"]
[ranking]
order = ["completeness", "score"]
"#;

async fn bulletin(office: &Office, from: Date, to: Date) -> RunOutcome {
    office.hand.advance(MINUTE);
    let request = Request { report: "weekly".into(), from: Some(from), to: Some(to), ..Request::default() };
    let store = office.store().await;
    let outcome = office.engine().run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    let run = store.run(outcome.run.unwrap()).await.unwrap();
    if run.is_waiting() {
        let decision = ReleaseDecision { by: "主任".into(), ..ReleaseDecision::default() };
        office.engine().approve(&store, &run, &decision, office.now()).await.unwrap();
    }
    store.close().await;
    outcome
}

/// Two bulletins with a change of rules between them.
async fn two_weeks() -> (Office, RunOutcome) {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 3_000);
    let mut office = Office::on(dir, &url, "2016-06-13T00:30:00Z", |text| text);
    let first = bulletin(&office, date(2016, 5, 30), date(2016, 6, 5)).await;
    office.text.push_str(CHANGE);
    bulletin(&office, date(2016, 6, 6), date(2016, 6, 12)).await;
    (office, first)
}

#[tokio::test]
async fn a_run_is_made_again_by_the_rules_that_it_was_made_by() {
    let (office, first) = two_weeks().await;
    let (engine, store) = (office.engine(), office.store().await);
    let run = store.run(1).await.unwrap();
    let remade = engine.remade(&store, &run).await.unwrap();
    assert!(remade.agrees);
    assert_eq!(remade.results.totals.accuracy, first.results.totals.accuracy);
    let printed = engine.printed(&remade).unwrap().pdf;
    let issued = first.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap();
    assert_eq!(pdf_text(&printed), pdf_text(&issued.bytes));
    // So is the page of a unit.
    let code = first.results.assessed().next().unwrap().unit.code.clone();
    let own = engine.own(&engine.settings.reports["weekly"], &remade, &code).unwrap();
    let Some(Series::Table(relations)) = own.series.get("relations") else { panic!("no relations") };
    assert_eq!(relations.rows.len(), 4, "{relations:?}");
    let run = store.run(2).await.unwrap();
    assert!(engine.remade(&store, &run).await.unwrap().agrees);
    store.close().await;
}

#[tokio::test]
async fn mails_say_of_each_rate_whether_it_is_compared() {
    let (office, _) = two_weeks().await;
    let (engine, store) = (office.engine(), office.store().await);
    let run = store.run(2).await.unwrap();
    let remade = engine.remade(&store, &run).await.unwrap();
    let report = &engine.settings.reports["weekly"];
    let mail = engine.templates.mail(report, "题", &remade.composition).unwrap();
    for said in [&mail.text, &mail.html] {
        assert_eq!(said.matches("口径变更，不作比较").count(), 1, "{said}");
        assert_eq!(said.matches("，比上期").count(), 2, "{said}");
        assert!(said.contains("名次不与上期比较"), "{said}");
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_console_shows_each_run_by_its_own_rules() {
    let (office, _) = two_weeks().await;
    let store = office.store().await;
    let (figures, _): (Value, _) = store.details(1).await.unwrap();
    store.close().await;
    let site = Site::on(office).await;
    let mut reader = site.signed_in("auditor");
    // The figures of the first run stand there, and its places are those that it printed.
    let page = reader.get("/runs/1").text();
    assert!(page.contains("总体进度") && !page.contains("页面不再重算"), "{page}");
    let league = reader.get("/league?run=1").text();
    let first = figures["units"].as_array().unwrap().iter().find(|unit| unit["rank_in_group"] == 1).unwrap();
    let score = first["score"].as_str().unwrap();
    assert!(league.contains(score), "{score}: {league}");
    let moved = reader.get("/runs/2/compare").text();
    assert!(
        moved.contains("名次不与上期比较，按本期名次排列") && !moved.contains("按升降位次排列"),
        "{moved}"
    );
    assert!(!moved.contains("— → "), "no rank and no rate of then that means another thing: {moved}");
}

/// What is new is not called changed, and what has another name alone neither.
#[tokio::test]
async fn a_new_rate_and_a_new_name_are_no_change_of_a_definition() {
    const OWN: &str = r#"
[relations.named]
label = { zh = "姓名已填", en = "Named" }
check = ["name is filled"]
[indicators.accuracy]
relations = ["id_birth_date", "named"]
"#;
    const RATE: &str = r#"
[indicators.own.homes]
label = { zh = "住址完整率", en = "Homes" }
of = "fields"
fields = ["residence_address"]
target = "90%"
"#;
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 3_000);
    let mut office = Office::on(dir, &url, "2016-06-13T00:30:00Z", |text| format!("{text}{OWN}"));
    bulletin(&office, date(2016, 5, 30), date(2016, 6, 5)).await;
    office.text = office.text.replace("姓名已填", "姓名栏已填") + RATE;
    let second = bulletin(&office, date(2016, 6, 6), date(2016, 6, 12)).await;
    let pdf = second.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap();
    let text: String = pdf_text(&pdf.bytes).split_whitespace().collect();
    for part in
        ["（目标90%），已达标，本期新增，不作比较", "住址完整率本期新增，不作比较", "本期新增：住址完整率。"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in ["口径变更，不作比较", "上期姓名已填的口径", "上期准确率的口径", "本期新增：姓名栏已填"]
    {
        assert!(!text.contains(part), "{part}: {text}");
    }
}
