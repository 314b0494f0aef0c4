//! Offices that know nobody who is expected: neither roster nor head counts, and therefore no coverage anywhere.

use num_rational::Ratio;
use tongbao::config;
use tongbao::config::settings::Indicator;
use tongbao::indicator::rate::Rate;
use tongbao::ranking::unit_result::UnitResult;
use tongbao::report::json;

use crate::own_rates::{run, text_of};
use crate::support::office::{Office, execute};
use crate::support::setting::{self, stderr, stdout, tongbao};

const POINTS: &str = "[scoring.weights]\ncoverage = 0\ncompleteness = 40\naccuracy = 60\n";

/// The demo's configuration without its roster.
fn without_roster(config: &str) -> String {
    let text = config.replace("[source.roster]\ntable = \"roster\"\n", "");
    assert_ne!(text, config);
    format!("{text}\n[indicators.coverage]\nmethod = \"none\"\n")
}

fn office(language: &str) -> Office {
    let campaign = format!("[campaign]\nlanguage = \"{language}\"\n");
    let office = Office::new("2016-07-08T01:00:00Z", |config| {
        let text = without_roster(&config).replacen("[campaign]\n", &campaign, 1);
        assert!(text.contains(&campaign));
        format!("{text}{POINTS}")
    });
    // One of its villages has no record at all.
    execute(
        &office.dir.path().join("register.db"),
        "DROP TABLE roster; DELETE FROM person WHERE village_code = (SELECT MAX(code) FROM unit)",
    );
    office
}

/// `weight × min(rate / target, 1)`.
fn points(rate: Rate, weight: u64, target: Ratio<u64>) -> Ratio<u64> {
    let share = Ratio::new(rate.numerator, rate.denominator) / target;
    Ratio::from_integer(weight) * share.min(Ratio::from_integer(1))
}

#[test]
fn units_are_ranked_by_the_other_rates_alone() {
    let office = office("zh-CN");
    let outcome = run(&office, "weekly");
    assert_eq!(outcome.held, [""; 0]);
    let indicators = office.engine().settings.indicators.clone();
    let targets = [Indicator::Completeness, Indicator::Accuracy].map(|i| indicators.target(i).0);
    let score = |figures: &tongbao::indicator::figures::Figures| {
        points(figures.completeness, 40, targets[0]) + points(figures.accuracy, 60, targets[1])
    };
    let (judged, empty): (Vec<&UnitResult>, Vec<&UnitResult>) =
        outcome.results.assessed().partition(|unit| unit.figures.counts.records > 0);
    assert!(!empty.is_empty() && judged.len() > 1);
    let is_unjudged =
        |unit: &&UnitResult| unit.rank.is_none() && unit.score.is_none() && unit.passed.is_none();
    assert!(empty.iter().all(is_unjudged));
    for unit in &judged {
        let own = score(&unit.figures);
        let total = unit.score.as_ref().unwrap().total.reduced();
        assert_eq!(
            (total.numer().to_string(), total.denom().to_string()),
            (own.numer().to_string(), own.denom().to_string())
        );
        // Equal points are decided by accuracy, then completeness.
        let key = |figures: &tongbao::indicator::figures::Figures| {
            let of = |rate: Rate| Ratio::new(rate.numerator, rate.denominator);
            (score(figures), of(figures.accuracy), of(figures.completeness))
        };
        let better = judged.iter().filter(|other| key(&other.figures) > key(&unit.figures)).count();
        assert_eq!(unit.rank, Some(better as u32 + 1), "{}", unit.unit.code);
    }
    let text = serde_json::to_string(&json::figures(&outcome.results, &indicators)).unwrap();
    assert!(!text.contains("\"coverage\"") && text.contains("\"accuracy\""), "{text}");
}

#[test]
fn no_document_speaks_of_coverage() {
    for (language, foreign, expected) in [
        ("zh-CN", ["覆盖", "名册", "底数"], "两项指标"),
        ("en", ["overage", "oster", "aseline"], "twotargets"),
    ] {
        let office = office(language);
        for report in ["weekly", "ranking", "acceptance"] {
            let outcome = run(&office, report);
            let text = text_of(&outcome);
            for word in foreign {
                let at = text
                    .find(word)
                    .map(|at| text[at.saturating_sub(60)..].chars().take(60).collect::<String>());
                assert_eq!(at, None, "{language} {report}: {word}");
            }
            assert!(report != "weekly" || text.contains(expected), "{language}: {text}");
            for file in outcome.documents.iter().filter(|file| file.name.ends_with(".docx")) {
                assert!(!file.bytes.is_empty());
            }
        }
    }
}

#[test]
fn figures_and_checks_have_no_coverage() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 600);
    let text = without_roster(&setting::configuration(&url, dir.path()));
    setting::write(dir.path(), &format!("{text}{POINTS}"));
    let command = |arguments: &[&str]| {
        let output = tongbao(dir.path(), &[&["--lang", "en"], arguments].concat());
        assert!(arguments == ["check"] || output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    };
    let checked = command(&["check"]);
    assert!(checked.contains("coverage is not measured"), "{checked}");
    for arguments in [&["rates"][..], &["rates", "--csv"]] {
        let text = command(arguments);
        assert!(!text.to_lowercase().contains("cover") && text.contains("100"), "{arguments:?}: {text}");
    }
}

#[test]
fn what_would_need_coverage_is_refused() {
    let text = setting::configuration("sqlite:x.db", std::path::Path::new("/nowhere"));
    let said = |text: &str| match config::parse("test.toml", text, &Default::default()) {
        Ok(_) => String::new(),
        Err(problem) => problem.to_string(),
    };
    let none = without_roster(&text);
    assert_eq!(said(&format!("{none}{POINTS}")), "");
    assert!(said(&none).contains("give its points to the other rates"), "{}", said(&none));
    let with_roster = format!("{text}\n[indicators.coverage]\nmethod = \"none\"\n{POINTS}");
    assert!(said(&with_roster).contains("there is a roster or baseline under [source]"));
    for (further, place) in [
        ("[ranking]\norder = [\"coverage\", \"score\"]\n", "ranking.order"),
        ("[[scoring.veto]]\nindicator = \"coverage\"\nbelow = \"50%\"\nreason = \"x\"\n", "scoring.veto"),
        ("[unit_kinds.\"村\"]\ntargets = { coverage = \"90%\" }\n", "unit_kinds"),
    ] {
        let problem = said(&format!("{none}{POINTS}{further}"));
        assert!(problem.contains(place), "{further}: {problem}");
        assert!(
            problem.contains("coverage is not measured") && problem.contains("leave it out"),
            "{problem}"
        );
    }
}
