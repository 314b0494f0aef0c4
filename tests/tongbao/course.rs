//! The course of the rates: released figures, or weeks of one pull, never both.

use tongbao::pipeline::Request;
use tongbao::report::chart::{Chart, Trend};
use tongbao::report::model::Composition;
use tongbao::report::series::Series;

use crate::support::office::{Office, execute};

fn course(composition: &Composition) -> &Trend {
    match &composition.series["trend"] {
        Series::Chart(Chart::Trend(trend)) => trend,
        other => panic!("{other:?}"),
    }
}

fn printed(trend: &Trend, line: usize) -> Vec<&str> {
    let values = trend.lines[line].values.iter().flatten();
    values.map(|value| value.printed.as_str()).collect()
}

/// Records that are entered later with an earlier day of registration raise the weeks that are counted again above
/// what was released.
#[tokio::test]
async fn a_course_never_mixes_released_figures_with_weeks_counted_again() {
    let office = Office::new("2016-06-20T02:00:00Z", |text| text);
    let (engine, store) = (office.engine(), office.store().await);
    let register = office.dir.path().join("register.db");
    let run = async |from: &str, to: &str| {
        let period = (Some(from.parse().unwrap()), Some(to.parse().unwrap()));
        let request = Request {
            report: "weekly".into(),
            from: period.0,
            to: period.1,
            no_send: true,
            ..Request::default()
        };
        let outcome = engine.run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
        let run = store.run(outcome.run.unwrap()).await.unwrap();
        engine.remade(&store, &run).await.unwrap().composition
    };
    let take =
        "CREATE TABLE later AS SELECT * FROM person WHERE id % 2 = 0; DELETE FROM person WHERE id % 2 = 0";
    execute(&register, take);
    let first = run("2016-06-06", "2016-06-12").await;
    let weeks = course(&first);
    assert_eq!(weeks.title, "三项指标变化（按登记日期计算）");
    assert_eq!(weeks.periods, ["5月29日", "6月5日", "6月12日"]);
    assert_eq!(printed(weeks, 0).last(), Some(&first.model.indicators[0].rate.as_str()));
    execute(&register, "INSERT INTO person SELECT * FROM later");
    let second = run("2016-06-13", "2016-06-19").await;
    let released = course(&second);
    assert_eq!(released.title, "三项指标变化（历次通报数据）");
    assert_eq!(released.periods, ["6月12日", "6月19日"]);
    for (line, (then, now)) in first.model.indicators.iter().zip(&second.model.indicators).enumerate() {
        assert_eq!(printed(released, line), [&then.rate, &now.rate], "{}", then.label);
    }
    // Two points say no more than the table beside them: no chart is placed before the third.
    assert_eq!(second.model.trend_points, 2);
}
