//! Rules that change between two issues: what the later one says of the earlier is what that one printed, or nothing.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde_json::Value;
use tongbao::pipeline::{Request, RunOutcome};

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
async fn the_ranks_of_the_last_issue_are_those_that_it_printed() {
    let mut office = office();
    ranking(&office, JUNE[0], "60").await;
    let plain = text(&ranking(&office, JUNE[1], "61").await);
    assert!(!plain.contains("规则变更"), "{plain}");
    office.text.push_str("\n[ranking]\norder = [\"completeness\", \"accuracy\", \"score\"]\n");
    let later = ranking(&office, date(2016, 6, 19), "62").await;
    assert!(later.held.is_empty(), "{:?}", later.held);
    let [printed, now] =
        [of_units(&office, 2, "rank_in_group").await, of_units(&office, 3, "rank_in_group").await];
    let moved = of_units(&office, 3, "movement").await;
    assert!(moved.values().any(|places| places.is_some_and(|places| places != 0)), "{moved:?}");
    for (code, places) in moved {
        let expected = printed[&code].zip(now[&code]).map(|(then, now)| then - now);
        assert_eq!(places, expected, "{code}");
    }
    let changed = text(&later);
    assert!(
        changed.contains("上次通报（5月25日至6月12日）以后，目标值、权重或排名规则有变更。"),
        "{changed}"
    );
}

#[tokio::test]
async fn counts_of_another_meaning_are_not_compared() {
    let mut office = office();
    ranking(&office, JUNE[0], "60").await;
    office.text.push_str("\n[indicators.accuracy]\ntarget = \"80%\"\n");
    let same = ranking(&office, JUNE[1], "61").await;
    assert!(same.results.compared.is_some(), "a target does not change what is counted");
    office.text =
        office.text.replace("target = \"80%\"", "target = \"80%\"\nrelations = [\"id_birth_date\"]");
    let other = ranking(&office, date(2016, 6, 19), "62").await;
    assert!(other.results.compared.is_none());
    assert_eq!(other.held, ["口径与上期不同，未与上期比较，须经核对"]);
    let text = text(&other);
    assert!(text.contains("口径变更") && !text.contains("比上期"), "{text}");
    // What was counted otherwise stands as it was printed then.
    let then = "上期准确率的口径：分子为全部逻辑关系均相符的记录数。逻辑关系共4项：";
    assert!(text.contains(then), "{text}");
    assert!(text.contains("上期身份号码与性别的口径：") && !text.contains("上期完整率的口径"), "{text}");
}
