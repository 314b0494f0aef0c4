//! What an office may say of a relation or a rate besides what it asks: hints, blanks, invalid values, unit of count.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::Value;
use tongbao::config;
use tongbao::config::settings::{ReportLanguage, Settings};
use tongbao::pipeline::Engine;
use tongbao::ranking::results::Results;
use tongbao::report::definitions::definitions;
use tongbao::report::series::Series;
use tongbao::report::{json, sample};
use tongbao::schedule::period::Period;

use crate::own_definitions::{register, settings, with_own};
use crate::sources::block;
use crate::support::setting;

/// Figures as JSON and the definitions in both languages.
fn counted(settings: Settings) -> (Value, [BTreeMap<String, String>; 2]) {
    let engine = Engine::for_figures(settings).unwrap();
    let period = Period::new(date(2016, 6, 6), date(2016, 7, 10)).unwrap();
    let now = "2016-07-20T01:00:00Z".parse().unwrap();
    let snapshot = block(engine.pull(period.to, now, |_| {})).unwrap();
    let results = Results::new(&snapshot, period, engine.rules(), None);
    let printed = [ReportLanguage::Chinese, ReportLanguage::English].map(|language| {
        let all = definitions(engine.rules(), &results, language).into_iter();
        all.map(|definition| (definition.term, definition.text)).collect()
    });
    (json::figures(&results, &engine.settings.indicators), printed)
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// The definitions with one relation as a hint.
fn with_hint(text: &str) -> String {
    let text = with_own(text);
    let text = replaced(&text, "\"in_order\", ", "");
    replaced(
        &text,
        "check = [\"arrived_on <= registered_on\"]",
        "check = [\"arrived_on <= registered_on\"]\ncounts = false",
    )
}

#[test]
fn a_hint_is_counted_and_printed_and_part_of_no_rate() {
    let (url, dir, ..) = register();
    let base = setting::configuration(&url, &dir);
    let (all, _) = counted(settings(&with_own(&base)));
    let without = replaced(&with_own(&base), "\"in_order\", ", "");
    let (without, _) = counted(settings(&without));
    let (hinted, [zh, en]) = counted(settings(&with_hint(&base)));
    let totals = |figures: &Value, key: &str| figures["totals"][key].clone();
    assert_eq!(hinted["totals"]["hints"]["in_order"], all["totals"]["relations"]["in_order"]);
    assert_ne!(totals(&hinted, "accuracy"), totals(&all, "accuracy"));
    for key in ["accuracy", "relations"] {
        assert_eq!(totals(&hinted, key), totals(&without, key), "{key}");
    }
    assert!(without["totals"].get("hints").is_none());
    assert_eq!(zh["日期先后（核实项）"], "来本地日期不晚于登记日期。只供核实，不计入任何率。");
    assert!(
        en["Dates in order (for verification)"].ends_with("For verification alone, part of no rate."),
        "{en:?}"
    );
    assert!(zh["准确率"].contains("逻辑关系共3项"), "{zh:?}");
}

#[test]
fn tables_list_hints_after_the_relations_that_count() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(&with_hint(&setting::configuration("sqlite:x.db", dir.path())));
    for composition in sample::compositions(&settings, &settings.reports["weekly"]) {
        let table = |name: &str| match composition.series.get(name) {
            Some(Series::Table(table)) => table.clone(),
            _ => panic!("no {name}"),
        };
        let relations = table("relations");
        assert_eq!(relations.rows.last().unwrap().cells[0].text, "日期先后（核实项）");
        assert_eq!(relations.note.as_deref(), Some("注：核实项不计入任何率。"));
        let units = table("unit_relations");
        let heads: Vec<&str> =
            units.columns.iter().rev().take(2).map(|column| column.head.as_str()).collect();
        assert_eq!(heads, ["日期先后（核实项）", "全部相符"]);
        assert!(units.note.as_deref().unwrap().ends_with("；核实项不计入任何率。"), "{:?}", units.note);
    }
}

#[test]
fn no_rate_names_a_hint() {
    let dir = tempfile::tempdir().unwrap();
    let text = with_hint(&setting::configuration("sqlite:x.db", dir.path()));
    let refused = |text: &str| config::parse("test.toml", text, &BTreeMap::new()).unwrap_err().to_string();
    let named = replaced(&text, "\"spouse_married\",", "\"spouse_married\", \"in_order\",");
    let message = "in_order is a hint (counts = false)";
    assert!(refused(&named).contains(message), "{}", refused(&named));
    let rate = format!(
        "{text}\n[indicators.own.timely]\nof = \"relations\"\nrelations = [\"in_order\"]\ntarget = \"95%\"\n"
    );
    assert!(refused(&rate).contains(message), "{}", refused(&rate));
}

#[test]
fn a_relation_treats_blanks_in_its_own_way() {
    let (url, dir, ..) = register();
    let base = with_own(&setting::configuration(&url, &dir));
    let check = "check = [\"arrived_on <= registered_on\"]";
    let skipping = replaced(&base, check, &format!("{check}\non_missing = \"skip\""));
    let (failed, [plain, _]) = counted(settings(&base));
    let (skipped, [zh, en]) = counted(settings(&skipping));
    let count = |figures: &Value, relation: &str, of: &str| {
        figures["totals"]["relations"][relation][of].as_u64().unwrap()
    };
    let [all, fewer] = [&failed, &skipped].map(|figures| count(figures, "in_order", "denominator"));
    assert!(fewer < all, "{fewer} {all}");
    for (relation, of) in [("in_order", "numerator"), ("space", "denominator"), ("id_sex", "denominator")] {
        assert_eq!(count(&failed, relation, of), count(&skipped, relation, of), "{relation}");
    }
    assert!(plain["准确率"].contains("判为不符。分母为全部记录数。"), "{plain:?}");
    assert!(zh["日期先后"].ends_with("所需项目未填的，该项关系不判。"), "{zh:?}");
    let accuracy = "有的关系对未填另有规定，见该项。分母为至少可判一项关系的记录数。";
    assert!(zh["准确率"].contains(accuracy), "{zh:?}");
    assert!(en["Dates in order"].ends_with("Not judged where an item it needs is blank."), "{en:?}");
    assert!(en["Accuracy"].contains("Divided by the records with at least one relation judged."), "{en:?}");
}

#[test]
fn the_definitions_say_what_becomes_of_invalid_values() {
    let (url, dir, ..) = register();
    let base = with_own(&setting::configuration(&url, &dir));
    let accuracy = "[indicators.accuracy]\n";
    let of = |on_missing: &str, on_invalid: &str| {
        let lines = format!("{accuracy}on_missing = \"{on_missing}\"\non_invalid = \"{on_invalid}\"\n");
        counted(settings(&replaced(&base, accuracy, &lines)))
    };
    let (failed, [zh, en]) = of("fail", "fail");
    assert!(zh["准确率"].contains("所需项目未填或无法辨认的，判为不符。分母为全部记录数。"), "{zh:?}");
    assert!(zh["公民身份号码"].contains("涉及身份号码的各项关系均判为不符。"), "{zh:?}");
    assert!(en["ID number"].contains("fails every relation with ID numbers. Passports"), "{en:?}");
    let (skipped, [zh, en]) = of("fail", "skip");
    for (term, part) in [
        ("准确率", "填写而无法辨认的，该项关系不判，但要求内容有效的关系仍判为不符。分母为至少可判"),
        ("自定义逻辑关系的判定", "不是该类型的值（如日期、代码）的不判"),
        ("公民身份号码", "涉及身份号码的各项关系均不判，但要求号码有效的仍判为不符。"),
    ] {
        assert!(zh[term].contains(part), "{part} {zh:?}");
    }
    assert!(en["Accuracy"].contains("not judged where an item is filled but unreadable"), "{en:?}");
    let (_, [zh, _]) = of("skip", "skip");
    assert!(zh["准确率"].contains("所需项目未填或无法辨认的，以及户籍所在地"), "{zh:?}");
    // Dates that are none: judged as wrong, or not at all.
    let rate = |figures: &Value, of: &str| figures["totals"]["relations"]["in_order"][of].as_u64().unwrap();
    assert!(rate(&skipped, "denominator") < rate(&failed, "denominator"));
    assert_eq!(rate(&skipped, "numerator"), rate(&failed, "numerator"));
}

#[test]
fn rules_are_listed_and_tried_with_their_attributes() {
    let dir = tempfile::tempdir().unwrap();
    let text = with_hint(&setting::configuration("sqlite:x.db", dir.path()));
    let text = replaced(&text, "counts = false", "counts = false\non_missing = \"skip\"");
    let text = replaced(&text, "[indicators.accuracy]\n", "[indicators.accuracy]\non_invalid = \"skip\"\n");
    let path = setting::write(dir.path(), &text);
    let run = |arguments: &[&str]| {
        let all: Vec<&str> = ["--config", path.to_str().unwrap()].iter().chain(arguments).copied().collect();
        setting::stdout(&setting::tongbao(dir.path(), &all))
    };
    let listed = run(&["--lang", "zh", "rules"]);
    for part in
        ["所需项目未填的，该项关系不判。只供核实，不计入任何率。", "counts = false", "on_missing = \"skip\""]
    {
        assert!(listed.contains(part), "{part} {listed}");
    }
    let json: Value = serde_json::from_str(&run(&["--format", "json", "rules"])).unwrap();
    let relations = json["relations"].as_array().unwrap();
    let hint = relations.iter().find(|relation| relation["key"] == "in_order").unwrap();
    assert_eq!(
        [&hint["counts"], &hint["on_missing"], &hint["in_use"]],
        [&false.into(), &Value::from("skip"), &true.into()]
    );
    std::fs::write(
        dir.path().join("trial.csv"),
        "来本地日期,登记日期\n不是日期,2016-06-01\n2016-07-01,2016-06-01\n",
    )
    .unwrap();
    let tried = run(&["--format", "json", "rules", "test", "trial.csv", "--relation", "in_order"]);
    let json: Value = serde_json::from_str(&tried).unwrap();
    let outcomes = |at: usize| &json["records"][at]["outcomes"][0];
    assert_eq!(
        [&outcomes(0)["outcome"], &outcomes(0)["invalid"]],
        [&Value::from("not_applicable"), &true.into()]
    );
    assert_eq!(outcomes(1)["outcome"], "fail");
}

#[test]
fn an_attribute_changes_the_digest_of_definitions_and_its_absence_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let text = with_own(&setting::configuration("sqlite:x.db", dir.path()));
    let digest = |text: &str| settings(text).indicators.own_text().unwrap();
    let plain = digest(&text);
    assert!(["counts", "on_missing", "invalid"].iter().all(|word| !plain.contains(word)), "{plain}");
    let check = "check = [\"arrived_on <= registered_on\"]";
    let skip_missing = replaced(&text, check, &format!("{check}\non_missing = \"skip\""));
    let skip_invalid =
        replaced(&text, "[indicators.accuracy]\n", "[indicators.accuracy]\non_invalid = \"skip\"\n");
    for changed in
        [&skip_missing, &skip_invalid, &with_hint(&setting::configuration("sqlite:x.db", dir.path()))]
    {
        assert_ne!(digest(changed), plain);
    }
}

#[test]
fn a_rate_prints_what_it_counts() {
    let (url, dir, ..) = register();
    let rate = "[indicators.own.homes]\nlabel = { zh = \"住址填报率\", en = \"Homes filled\" }\nof = \"fields\"\n\
                counted = { zh = \"户\", en = \"households\" }\nfields = [\"residence_address\"]\ntarget = \"80%\"\n";
    let text = format!("{}\n{rate}", setting::configuration(&url, &dir));
    let (_, [zh, en]) = counted(settings(&text));
    assert!(zh["住址填报率"].ends_with("计数单位为户。"), "{zh:?}");
    assert!(en["Homes filled"].trim_end().ends_with("Counted in households."), "{en:?}");
    let settings = settings(&text);
    for composition in sample::compositions(&settings, &settings.reports["weekly"]) {
        let Some(Series::Table(counts)) = composition.series.get("unit_counts") else { panic!("no counts") };
        let heads: Vec<&str> = counts.columns.iter().map(|column| column.head.as_str()).collect();
        for head in ["住址填报率分子（户）", "住址填报率分母（户）", "完整率分子"] {
            assert!(heads.contains(&head), "{head} {heads:?}");
        }
        let own = composition.model.indicators.last().unwrap();
        assert_eq!(own.counted.as_deref(), Some("户"));
    }
    let refused = replaced(&text, "counted = { zh = \"户\"", "counted = { zh = \" \"");
    let message = config::parse("test.toml", &refused, &BTreeMap::new()).unwrap_err().to_string();
    assert!(message.contains("is empty"), "{message}");
}
