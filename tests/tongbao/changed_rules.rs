//! Rules that change between two issues: what the later one says of the earlier is what that one printed, or nothing.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde_json::Value;
use tongbao::config::{
    self,
    settings::{Indicator, Settings},
};
use tongbao::indicator::figures::Figures;
use tongbao::pipeline::{ReleaseDecision, Request, RunError, RunOutcome};

use crate::support::office::{MINUTE, Office, pdf_text};
use crate::support::setting;

const JUNE: [Date; 2] = [date(2016, 6, 5), date(2016, 6, 12)];

fn office() -> Office {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 3_000);
    Office::on(dir, &url, "2016-07-08T01:00:00Z", |text| text)
}

async fn ranking(office: &Office, to: Date, number: &str) -> RunOutcome {
    office.hand.advance(MINUTE);
    let request = Request {
        report: "ranking".into(),
        from: Some(date(2016, 5, 25)),
        to: Some(to),
        number: Some(number.into()),
        ..Request::default()
    };
    office.engine().run(Some(&office.store().await), &request, office.now(), |_| {}).await.unwrap()
}

fn text(outcome: &RunOutcome) -> String {
    let pdf = outcome.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap();
    pdf_text(&pdf.bytes).split_whitespace().collect()
}

/// A figure of each unit, by code.
async fn of_units(office: &Office, run: i64, figure: &str) -> BTreeMap<String, Option<i64>> {
    let (figures, _): (Value, _) = office.store().await.details(run).await.unwrap();
    let units = figures["units"].as_array().unwrap().iter();
    units.map(|unit| (unit["code"].as_str().unwrap().to_owned(), unit[figure].as_i64())).collect()
}

#[tokio::test]
async fn ranks_are_compared_under_the_same_rules_alone() {
    let mut office = office();
    ranking(&office, JUNE[0], "60").await;
    let plain = text(&ranking(&office, JUNE[1], "61").await);
    assert!(!plain.contains("规则变更"), "{plain}");
    let moved = of_units(&office, 2, "movement").await;
    let [printed, now] =
        [of_units(&office, 1, "rank_in_group").await, of_units(&office, 2, "rank_in_group").await];
    assert!(moved.values().any(|places| places.is_some_and(|places| places != 0)), "{moved:?}");
    for (code, places) in moved {
        let expected = printed[&code].zip(now[&code]).map(|(then, now)| then - now);
        assert_eq!(places, expected, "{code}");
    }
    office.text.push_str("\n[ranking]\norder = [\"completeness\", \"accuracy\", \"score\"]\n");
    let later = ranking(&office, date(2016, 6, 19), "62").await;
    assert!(later.held.is_empty(), "{:?}", later.held);
    assert!(of_units(&office, 3, "movement").await.values().all(Option::is_none));
    let changed = text(&later);
    assert!(changed.contains("上次通报（5月25日至6月12日）以后，得分和名次所依据的"), "{changed}");
    assert!(changed.contains("名次升降不与上期比较") && !changed.contains("上期名次"), "{changed}");
    // The rates are the same, and are compared.
    assert!(changed.contains("比上期") && !changed.contains("口径变更"), "{changed}");
    // Under the new rules the next issue moves again.
    ranking(&office, date(2016, 6, 26), "63").await;
    assert!(of_units(&office, 4, "movement").await.values().any(Option::is_some));
}

#[tokio::test]
async fn rates_are_compared_by_their_own_definitions() {
    let mut office = office();
    office.text.push_str("\n[guards]\nmax_rate_drop = \"1%\"\n");
    ranking(&office, JUNE[0], "60").await;
    office.text.push_str("\n[indicators.accuracy]\ntarget = \"80%\"\nrelations = [\"id_birth_date\"]\n");
    let narrow = ranking(&office, JUNE[1], "61").await;
    assert_eq!(narrow.held, ["准确率的口径与上期不同或本期新增，未与上期比较，须经核对"]);
    let narrow_text = text(&narrow);
    // What was counted otherwise stands as it was printed then, next to what is counted now.
    for part in [
        "与上期（5月25日至6月5日）口径不同或本期新增、不与上期比较的指标：准确率。",
        "上期准确率的口径：分子为全部逻辑关系均相符的记录数。逻辑关系共4项：",
        "上期身份号码与性别的口径：",
        "目标80%，口径变更，不作比较",
        "得分和名次不与上次比较",
    ] {
        assert!(narrow_text.contains(part), "{part}: {narrow_text}");
    }
    assert!(!narrow_text.contains("上期完整率的口径") && narrow_text.contains("比上期"), "{narrow_text}");
    assert!(of_units(&office, 2, "movement").await.values().all(Option::is_none));
    assert!(narrow.results.is_compared(Indicator::Coverage));
    assert!(!narrow.results.is_compared(Indicator::Accuracy));
    // With all relations again accuracy is lower by far, which no guard compares.
    let target = "target = \"80%\"\nrelations = [\"id_birth_date\"]";
    let all = ["id_birth_date", "id_sex", "age_marital", "id_household_place", "id_valid"];
    office.text = office.text.replace(target, &format!("target = \"80%\"\nrelations = {all:?}"));
    let store = office.store().await;
    let run = store.run(2).await.unwrap();
    let decision = ReleaseDecision { by: "主任".into(), ..ReleaseDecision::default() };
    office.engine().approve(&store, &run, &decision, office.now()).await.unwrap();
    let wide = ranking(&office, date(2016, 6, 19), "62").await;
    assert_eq!(wide.held, narrow.held);
    let accuracy = |outcome: &RunOutcome| outcome.results.totals.accuracy.value().unwrap();
    assert!(accuracy(&wide) + num_rational::Ratio::new(1, 100) < accuracy(&narrow));
    // The trend has the rates of each run that mean the same: all of coverage, and of accuracy the last.
    let run = store.run(3).await.unwrap();
    let trend = office.engine().remade(&store, &run).await.unwrap().trend;
    let has = |rate: fn(&Figures) -> u64| trend.iter().map(|at| rate(&at.figures) > 0).collect::<Vec<_>>();
    assert_eq!(has(|figures| figures.coverage.denominator), [true; 3]);
    assert_eq!(has(|figures| figures.completeness.denominator), [true; 3]);
    assert_eq!(has(|figures| figures.accuracy.denominator), [false, false, true]);
    store.close().await;
}

#[tokio::test]
async fn nothing_is_compared_where_every_rate_has_changed() {
    let mut office = office();
    ranking(&office, JUNE[0], "60").await;
    office.text.push_str(
        "\n[indicators.accuracy]\nrelations = [\"id_sex\"]\n[indicators.completeness]\ncounted = \"cells\"\n\
         [indicators.coverage]\nmethod = \"baseline\"\n[source.baseline]\n\"440118001001\" = 100\n",
    );
    let other = ranking(&office, JUNE[1], "61").await;
    assert!(other.results.compared.is_none());
    let changed: &str = "覆盖率、完整率、准确率的口径与上期不同或本期新增，未与上期比较，须经核对";
    assert!(other.held.iter().any(|reason| reason == changed), "{:?}", other.held);
    let text = text(&other);
    assert!(text.contains("口径变更") && !text.contains("比上期"), "{text}");
    // Asked for by a person it is refused.
    let request = Request { report: "ranking".into(), against: Some(1), ..Request::default() };
    let store = office.store().await;
    let refused = office.engine().run(Some(&store), &request, office.now(), |_| {}).await.map(|_| ());
    assert!(matches!(refused, Err(RunError::OtherDefinitions { .. })), "{refused:?}");
    store.close().await;
}

#[tokio::test]
async fn in_english_too_a_changed_rate_is_named_and_not_compared() {
    let mut office = office();
    office.text = office.text.replace("kind = \"ranking\"", "kind = \"ranking\"\nlanguage = \"en\"");
    ranking(&office, JUNE[0], "60").await;
    office.text.push_str("\n[indicators.accuracy]\nrelations = [\"id_birth_date\"]\n");
    let other = ranking(&office, JUNE[1], "61").await;
    let held = "defined otherwise than in the run before, or new, and not compared with it: accuracy; check the figures";
    assert!(other.held.iter().any(|reason| reason.eq_ignore_ascii_case(held)), "{:?}", other.held);
    let text = text(&other);
    for part in ["notcompared,foritsdefinitionhaschanged", "Changeofdefinitions", "ranksarenotcompared"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Two rosters, the first by its name the second, and a list that a relation looks values up in.
fn lists_of_then(text: &str) -> String {
    const RELATION: &str = r#"
[source.references.estates]
url = "file:estates.csv"
[relations.on_the_list]
label = { zh = "小区在册", en = "Estate listed" }
listed = "residence_address"
in = "estates"
[indicators.accuracy]
relations = ["on_the_list", "id_sex"]
[indicators.coverage]
roster = "police"
"#;
    let text = text.replace("[source.roster]", "[source.rosters.police]\nlabel = \"公安\"");
    let other = "[source.rosters.centre]\nlabel = \"出管中心\"\nurl = \"file:centre.csv\"";
    text.replace("[reports.weekly]", &format!("{other}\n{RELATION}\n[reports.weekly]"))
}

#[test]
fn rules_of_a_run_hold_without_the_lists_of_then() {
    let parsed = |text: &str| config::parse("tongbao.toml", text, &BTreeMap::new()).unwrap().settings;
    let now = parsed(include_str!("../../config/tongbao.toml"));
    let then = parsed(&lists_of_then(include_str!("../../config/tongbao.toml")));
    let other_order = lists_of_then(include_str!("../../config/tongbao.toml"))
        .replace("rosters.police]", "rosters.first]")
        .replace("rosters.centre]", "rosters.police]")
        .replace("rosters.first]", "rosters.centre]");
    let names = |settings: &Settings| {
        let named = settings.indicators.coverage.rosters.named.iter();
        named.map(|roster| roster.label.clone()).collect::<Vec<_>>()
    };
    // Stored comparisons are by position: names in another order would be those of other rosters.
    assert_eq!(names(&then), ["公安", "出管中心"]);
    for today in [&now, &then, &parsed(&other_order)] {
        let again = today.under(&then.deciding).unwrap();
        assert_eq!(names(&again), names(&then));
        assert_eq!(again.indicators.coverage.rosters.measured, Some(0));
        assert_eq!(again.indicators.definitions, then.indicators.definitions);
        assert_eq!(again.deciding, then.deciding);
    }
    assert!(then.under(&now.deciding).unwrap().deciding == now.deciding);
}
