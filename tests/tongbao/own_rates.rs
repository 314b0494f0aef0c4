//! Rates of the office's own wherever a built-in rate stands, and targets and points of kinds of units.

use std::collections::BTreeMap;

use jiff::civil::date;
use num_rational::Ratio;
use tongbao::config;
use tongbao::config::settings::{Indicator, RankKey};
use tongbao::indicator::rate::Rate;
use tongbao::pipeline::{Request, RunOutcome};
use tongbao::report::chart::Chart;
use tongbao::report::series::Series;
use tongbao::report::{json, sample};

use crate::sources::block;
use crate::support::office::{Office, execute, pdf_text};
use crate::support::setting;
use crate::support::site::Site;

/// Two rates over built-in fields and relations, which decide ranks and vetoes.
const RATES: &str = r#"
[indicators.own.numbers]
label = { zh = "号码相符率", en = "Numbers in agreement" }
of = "relations"
relations = ["id_sex", "id_birth_date"]
target = "90%"
weight = 10
[indicators.own.homes]
label = { zh = "住址填报率", en = "Homes filled" }
of = "fields"
fields = ["residence_address", "household_place"]
target = "80%"
weight = 10
[scoring.weights]
coverage = 30
completeness = 25
accuracy = 25
[[scoring.veto]]
indicator = "homes"
below = "99.9%"
reason = "住址填报过低"
[ranking]
order = ["numbers", "score"]
"#;

/// What communities have instead.
const KINDS: &str = r#"
[unit_kinds."社区"]
targets = { coverage = "1%", completeness = "1%", accuracy = "1%", numbers = "1%", homes = "1%" }
weights = { coverage = 20, numbers = 20 }
"#;

const OWN: [Indicator; 2] = [Indicator::Own(0), Indicator::Own(1)];

fn office(text: &'static str) -> Office {
    let office = Office::new("2016-07-08T01:00:00Z", |config| format!("{config}\n{text}"));
    // One unit is of another kind than the others.
    execute(
        &office.dir.path().join("register.db"),
        "UPDATE unit SET kind = '村'; UPDATE unit SET kind = '社区' WHERE code = (SELECT MAX(code) FROM unit);",
    );
    office
}

pub fn run(office: &Office, report: &str) -> RunOutcome {
    run_until(office, report, date(2016, 7, 7))
}

fn run_until(office: &Office, report: &str, to: jiff::civil::Date) -> RunOutcome {
    let request =
        Request { report: report.into(), from: Some(date(2016, 6, 4)), to: Some(to), ..Request::default() };
    block(async {
        let store = office.store().await;
        let outcome = office.engine().run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
        store.close().await;
        outcome
    })
}

pub fn text_of(outcome: &RunOutcome) -> String {
    pdf_text(&outcome.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes)
}

#[test]
fn own_rates_decide_places_and_vetoes() {
    let office = office(RATES);
    let outcome = run(&office, "weekly");
    let settings = office.engine().settings.clone();
    assert_eq!(settings.ranking.order, [RankKey::Rate(OWN[0]), RankKey::Score]);
    let units: Vec<_> = outcome.results.assessed().collect();
    let share = |rate: Rate| Ratio::new(rate.numerator, rate.denominator);
    for unit in &units {
        let own = share(unit.figures.rate(OWN[0]));
        let better = units.iter().filter(|other| share(other.figures.rate(OWN[0])) > own).count();
        assert_eq!(unit.rank, Some(better as u32 + 1), "{}", unit.unit.code);
        let homes = unit.figures.rate(OWN[1]);
        let is_below = homes.numerator * 1000 < homes.denominator * 999;
        let score = unit.score.as_ref().unwrap();
        assert_eq!(!score.vetoes.is_empty(), is_below, "{}", unit.unit.code);
    }
    assert!(units.iter().any(|unit| !unit.score.as_ref().unwrap().vetoes.is_empty()), "the sample has gaps");
    let text = text_of(&outcome);
    for part in ["依次比较号码相符率、综合得分", "住址填报率低于99.9%（住址填报过低）", "五项指标变化"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn own_rates_stand_in_trends() {
    let office = office(RATES);
    let settings = office.engine().settings.clone();
    for composition in sample::compositions(&settings, &settings.reports["weekly"]) {
        let Some(Series::Chart(Chart::Trend(trend))) = composition.series.get("trend") else {
            panic!("no trend")
        };
        let names: Vec<&str> = trend.lines.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["覆盖率", "完整率", "准确率", "号码相符率", "住址填报率"]);
        assert_eq!(trend.lines[4].target.printed, "80%");
        let Some(Series::Chart(Chart::Multiples(units))) = composition.series.get("unit_trends") else {
            panic!("no trends of units")
        };
        assert_eq!(units.names, names);
        assert!(units.panels.iter().all(|panel| panel.lines.len() == 5));
        for point in &composition.model.trend {
            let own: Vec<&str> = point.own_rates.iter().map(|own| own.key.as_str()).collect();
            assert_eq!(own, ["numbers", "homes"]);
        }
    }
}

#[test]
fn a_kind_of_unit_has_its_own_targets_and_points() {
    let general = run(&office(RATES), "acceptance");
    let office = office(const_text());
    let outcome = run(&office, "acceptance");
    let indicators = &office.engine().settings.indicators.clone();
    let scoring = &office.engine().settings.scoring.clone();
    assert_eq!(outcome.results.totals, general.results.totals, "no rate is another");
    let mut judged = [0, 0];
    for (unit, before) in outcome.results.assessed().zip(general.results.assessed()) {
        let is_community = unit.unit.kind == "社区";
        judged[usize::from(is_community)] += 1;
        let target = |i: Indicator| if is_community { Ratio::new(1, 100) } else { indicators.target(i).0 };
        let met = |i: &Indicator| {
            let rate = unit.figures.rate(*i);
            Ratio::new(rate.numerator, rate.denominator) >= target(*i)
        };
        assert_eq!(unit.passed, Some(indicators.all().iter().all(met)), "{}", unit.unit.code);
        // Points by hand; without the vetoes, which count for every kind.
        let weights = if is_community { [20, 25, 25, 20, 10] } else { [30, 25, 25, 10, 10] };
        let parts = &unit.score.as_ref().unwrap().parts;
        for ((part, i), weight) in parts.iter().zip(indicators.all()).zip(weights) {
            let rate = unit.figures.rate(i);
            let share = Ratio::new(rate.numerator, rate.denominator) / target(i);
            let points = share.min(Ratio::from_integer(1)) * weight;
            let points = num_rational::BigRational::new((*points.numer()).into(), (*points.denom()).into());
            assert_eq!(*part, points, "{} {i:?}", unit.unit.code);
            assert_eq!(indicators.weight_of(scoring, i, Some(&unit.unit.kind)), Ratio::from_integer(weight));
        }
        if !is_community {
            assert_eq!((unit.passed, &unit.score), (before.passed, &before.score));
        }
    }
    assert!(judged[0] > 0 && judged[1] > 0, "{judged:?}");
    // Everywhere the target that the unit is judged by is printed, and the totals keep the general one.
    let figures = json::figures(&outcome.results, indicators);
    assert_eq!(figures["totals"]["coverage"]["target"], "1");
    for unit in figures["units"].as_array().unwrap() {
        let expected = if unit["kind"] == "社区" { "0.01" } else { "0.9" };
        assert_eq!(unit["own_indicators"]["numbers"]["target"], expected, "{unit}");
    }
    let text = text_of(&outcome);
    let text: String = text.split_whitespace().collect();
    // The targets stand in the text and among the definitions, the points, of which only others are named, there alone.
    for (part, times) in [
        ("社区的目标值：覆盖率1%、完整率1%", 2),
        ("社区的权重：覆盖率20分、号码相符率20分，其余同上。", 1),
        ("另作全部单位的总排名，各单位得分按其类别的目标值和权重计算。", 1),
    ] {
        assert_eq!(text.matches(part).count(), times, "{part}: {text}");
    }
    // The page of a unit is judged as the unit is.
    let community = outcome.results.assessed().find(|unit| unit.unit.kind == "社区").unwrap();
    let own = outcome.results.only(&community.unit.code).unwrap();
    assert_eq!(own.totals_passed(indicators), Some(true));
    assert_eq!(own.target(Indicator::Coverage, indicators).0, Ratio::new(1, 100));
}

fn const_text() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| format!("{RATES}{KINDS}"))
}

#[test]
fn names_of_rates_and_kinds_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("{}\n{}", setting::configuration("sqlite:x.db", dir.path()), const_text());
    for (from, to, message) in [
        ("order = [\"numbers\", \"score\"]", "order = [\"numbrs\"]", "did you mean numbers?"),
        ("order = [\"numbers\", \"score\"]", "order = [\"numbers\", \"numbers\"]", "each once"),
        ("indicator = \"homes\"", "indicator = \"home\"", "did you mean homes?"),
        ("targets = { coverage", "targets = { coverag", "did you mean coverage?"),
        ("weights = { coverage = 20", "weights = { coverage = 21", "the weights of 社区 add up to 101"),
        ("numbers = \"1%\"", "numbers = \"101%\"", "a target is above 0% and at most 100%"),
        ("[indicators.own.homes]", "[indicators.own.score]", "score is the name of a built-in rate"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let said = config::parse("test.toml", &changed, &BTreeMap::new()).unwrap_err().to_string();
        assert!(said.contains(message), "{said}");
        assert!(said.contains("test.toml:"), "{said}");
    }
}

#[test]
fn a_kind_that_no_unit_has_is_no_silent_mistake() {
    let office = office(const_text());
    execute(&office.dir.path().join("register.db"), "UPDATE unit SET kind = '村';");
    let pulled = block(office.engine().pull(date(2016, 7, 7), office.now(), |_| {}));
    let said = pulled.map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("no unit is of kind 社区") && said.contains("has 村"), "{said}");
}

#[test]
fn a_field_that_is_counted_for_an_own_rate_alone_may_not_be_lost_in_silence() {
    let text = r#"
[fields.lease]
label = { zh = "租赁合同", en = "Lease" }
type = "text"
[indicators.own.leases]
label = { zh = "合同填报率", en = "Leases filled" }
of = "fields"
fields = ["lease"]
target = "50%"
"#;
    let office = Office::larger("2016-07-08T01:00:00Z", |config| format!("{config}\n{text}"));
    let register = office.dir.path().join("register.db");
    execute(&register, "ALTER TABLE person ADD COLUMN lease TEXT; UPDATE person SET lease = '有';");
    assert!(run_until(&office, "weekly", date(2016, 6, 30)).held.is_empty());
    execute(&register, "UPDATE person SET lease = NULL;");
    office.hand.advance(jiff::SignedDuration::from_hours(1));
    let held = run(&office, "weekly").held;
    assert!(held.iter().any(|reason| reason.contains("租赁合同")), "{held:?}");
    assert!(held.iter().any(|reason| reason.contains("合同填报率")), "{held:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_console_shows_own_rates_of_each_unit() {
    let site = Site::new(|text| format!("{text}\n{RATES}")).await;
    let mut browser = site.signed_in("leader");
    for path in ["/league", "/units/440118001001"] {
        let page = browser.get(path);
        assert_eq!(page.code, 200, "{path}");
        for rate in ["号码相符率", "住址填报率"] {
            assert!(page.text().contains(rate), "{path}: {rate}");
        }
    }
}

#[test]
fn show_lists_own_rates_after_the_three() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 600);
    let text = setting::configuration(&url, dir.path());
    let path = setting::write(dir.path(), &format!("{text}\n{RATES}"));
    let run = |arguments: &[&str]| {
        let all: Vec<&str> = ["--config", path.to_str().unwrap()].iter().chain(arguments).copied().collect();
        setting::stdout(&setting::tongbao(dir.path(), &all))
    };
    run(&["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12", "--no-send"]);
    let shown = run(&["show", "1"]);
    let rates: Vec<&str> = shown
        .lines()
        .skip_while(|line| !line.starts_with("RATE"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| line.split("  ").next().unwrap_or_default())
        .collect();
    assert_eq!(rates.len(), 5, "{shown}");
    assert!(rates.contains(&"Numbers in agreement") && rates.contains(&"Homes filled"), "{rates:?}");
    assert!(run(&["--lang", "zh", "show", "1"]).contains("住址填报率"));
}

/// A rate whose definition is the same goes on, whatever becomes of the one before it.
#[test]
fn own_rates_are_compared_one_by_one() {
    let mut office = office(const_text());
    let first = run_until(&office, "weekly", date(2016, 6, 30));
    assert!(first.held.is_empty(), "{:?}", first.held);
    office.hand.advance(jiff::SignedDuration::from_hours(1));
    office.text = office.text.replace(r#"["id_sex", "id_birth_date"]"#, r#"["id_sex"]"#);
    let second = run(&office, "weekly");
    let [before, now] = [&first, &second].map(|outcome| &outcome.results);
    let compared = &now.compared.as_ref().unwrap().totals;
    assert_eq!(compared.rate(OWN[0]), Rate::default());
    assert_eq!(compared.rate(OWN[1]), before.totals.rate(OWN[1]));
    assert!(before.totals.rate(OWN[1]).denominator > 0);
    for (unit, then) in now.units.iter().zip(&before.units) {
        assert_eq!(unit.before.as_ref().unwrap().figures.rate(OWN[1]), then.figures.rate(OWN[1]));
    }
    let text = text_of(&second).replace(char::is_whitespace, "");
    assert!(text.contains("号码相符率口径变更，不作比较"), "{text}");
    assert!(!text.contains("上期无可比数"), "{text}");
}

/// A relation of a rate alone is looked at as one of accuracy is; that all values of a field are valid is no mistake.
#[test]
fn check_looks_at_the_relations_of_own_rates() {
    let text = r#"
[relations.never_wrong]
label = { zh = "总是相符", en = "Never wrong" }
check = ["sex is filled or sex is blank"]
[relations.never_asked]
label = { zh = "从不判定", en = "Never asked" }
when = ["sex is filled", "sex is blank"]
check = ["name is filled"]
[indicators.own.rules]
label = { zh = "两项相符率", en = "Two rules" }
of = "relations"
relations = ["never_wrong", "never_asked"]
target = "90%"
[indicators.own.tidy]
label = { zh = "规范率", en = "Conformity" }
of = "valid"
fields = ["sex"]
target = "90%"
"#;
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 600);
    let path = setting::write(dir.path(), &format!("{}\n{text}", setting::configuration(&url, dir.path())));
    let said = setting::stdout(&setting::tongbao(dir.path(), &["--config", path.to_str().unwrap(), "check"]));
    let line = |start: &str| said.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(line("warning  never_wrong").contains("fails none of"), "{said}");
    assert!(line("warning  never_asked").contains("judges no record"), "{said}");
    assert!(line("ok       valid.sex").contains("records pass"), "{said}");
}

/// A date that cannot be read fails its relation, and a column of them is more likely written in another way: it is counted,
/// named, printed, and held in all or in one unit, unless a relation asks just that.
#[test]
fn values_that_are_none_of_an_own_field_are_no_silent_failures() {
    const FIELD: &str = r#"
[fields.arrived_on]
label = { zh = "来本地日期", en = "Arrival" }
column = "arrived"
type = "date"
[relations.in_order]
label = { zh = "日期先后", en = "Order of dates" }
check = ["arrived_on <= registered_on"]
[indicators.accuracy]
relations = ["in_order"]
"#;
    const ASKED: &str = r#"
[indicators.own.tidy]
label = { zh = "规范率", en = "Conformity" }
of = "valid"
fields = ["arrived_on"]
target = "10%"
"#;
    const ONE: &str =
        "village_code = (SELECT MIN(code) FROM unit WHERE code IN (SELECT village_code FROM person))";
    for (text, spoilt, is_held) in [
        (String::from(FIELD), "1 = 0", false),
        (String::from(FIELD), ONE, true),
        (String::from(FIELD), "id % 2 = 0", true),
        (format!("{FIELD}{ASKED}"), "id % 2 = 0", false),
    ] {
        let office = Office::larger("2016-07-08T01:00:00Z", |config| format!("{config}\n{text}"));
        let register = office.dir.path().join("register.db");
        execute(
            &register,
            &format!(
                "ALTER TABLE person ADD COLUMN arrived TEXT; UPDATE person SET arrived = '2016-01-05';
                 UPDATE person SET arrived = '约2016-01' WHERE {spoilt};"
            ),
        );
        let outcome = run(&office, "weekly");
        let reasons = outcome.held.join("\n");
        assert_eq!(reasons.contains("来本地日期不合类型"), is_held, "{spoilt}: {reasons}");
        let pulled = block(office.engine().pull(date(2016, 7, 7), office.now(), |_| {})).unwrap();
        let counted = block(async {
            let url = format!("sqlite:{}", register.display());
            let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
            let sql = format!("SELECT COUNT(*) FROM person WHERE {spoilt}");
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap();
            pool.close().await;
            count as u64
        });
        assert_eq!(pulled.tally.findings.invalid_values_of(0), counted, "{spoilt}");
        let is_said = outcome.remarks.iter().any(|remark| remark.to_string().contains("arrived_on"));
        assert_eq!(is_said, counted > 0 && !text.contains("tidy"), "{spoilt}");
        let remarks: String = outcome.remarks.iter().map(ToString::to_string).collect();
        assert_eq!(remarks.contains(&format!("(字####-## × {counted})")), is_said, "{remarks}");
        assert!(!remarks.contains('约'), "how a value looks, never the value: {remarks}");
        let printed = text_of(&outcome).replace(char::is_whitespace, "");
        assert_eq!(
            printed.contains(&format!("内容不合类型、格式或代码表的来本地日期{counted}条")),
            counted > 0,
            "{spoilt}"
        );
    }
}
