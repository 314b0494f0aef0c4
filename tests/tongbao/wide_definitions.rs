//! Forty fields, thirty-five relations and twelve rates of an office's own: what is counted of files, and that every
//! document has all of it.

use std::collections::BTreeMap;

use fastrand::Rng;
use tongbao::config;
use tongbao::config::settings::Settings;
use tongbao::indicator::correction::Correction;
use tongbao::indicator::figures::Figures;
use tongbao::indicator::own_pattern::{BLANK, KNOWN, OwnPattern};
use tongbao::indicator::rate::Rate;
use tongbao::pipeline::{Engine, Request};
use tongbao::register::field::Field;
use tongbao::rule::evaluate::RelationOutcome;

use crate::laws::CUT_OFF;
use crate::own_statements::{exported, number, persons, total};
use crate::sources::block;
use crate::support::office::pdf_text;
use crate::support::own::{self, Means, Oracle, Person, Relation, definitions, relations};

const RELATIONS: usize = 35;
const RATES: usize = 12;
/// Own fields by position that the rates count: an original and a copy of each type that can be written wrongly.
const COUNTED: [usize; 8] = [1, 2, 4, 7, 8, 6, 24, 39];

/// What a rate counts: every third of them fields, the next their values, the last relations.
#[derive(Debug)]
enum Counted {
    Filled(Vec<usize>),
    Valid(Vec<usize>),
    Passed(Vec<usize>),
}

fn rates() -> Vec<Counted> {
    let fields = |at: usize| [0, 3].map(|step| own::own().nth(COUNTED[(at + step) % 8]).unwrap()).to_vec();
    let rate = |at: usize| match at % 3 {
        0 => Counted::Filled(fields(at)),
        1 => Counted::Valid(fields(at)),
        _ => Counted::Passed([at, RELATIONS - at].to_vec()),
    };
    (0..RATES).map(rate).collect()
}

impl Counted {
    fn written(&self, at: usize) -> String {
        let list = |names: Vec<String>| {
            names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
        };
        let fields =
            |fields: &[usize]| format!("fields = [{}]", list(fields.iter().map(|f| own::name(*f)).collect()));
        let (of, what) = match self {
            Counted::Filled(of) => ("fields", fields(of)),
            Counted::Valid(of) => ("valid", fields(of)),
            Counted::Passed(of) => {
                let names = of.iter().map(|relation| format!("rule_{relation}")).collect();
                ("relations", format!("relations = [{}]", list(names)))
            }
        };
        format!(
            "[indicators.own.rate_{at}]\nlabel = {{ zh = \"指标{at}号\", en = \"Rate {at}.\" }}\nof = \"{of}\"\n{what}\ntarget = \"50%\"\nweight = 1\n"
        )
    }

    /// Numerator and denominator, record by record.
    fn of(&self, oracles: &[Oracle<'_>], relations: &[Relation]) -> Rate {
        let mut rate = Rate::default();
        let mut count = |counts: bool, of: bool| {
            rate.numerator += u64::from(counts && of);
            rate.denominator += u64::from(of);
        };
        for oracle in oracles {
            match self {
                Counted::Filled(fields) => fields
                    .iter()
                    .map(|field| oracle.field(*field))
                    .for_each(|(filled, applies)| count(filled, applies)),
                Counted::Valid(fields) => {
                    let means = fields.iter().map(|field| &oracle.person.means[*field]);
                    means.for_each(|means| {
                        count(*means != Means::Invalid, !matches!(means, Means::Missing | Means::Foreign))
                    });
                }
                // What is missing fails.
                Counted::Passed(of) => of
                    .iter()
                    .map(|at| oracle.outcome(&relations[*at]))
                    .for_each(|outcome| count(outcome == 3, outcome > 0)),
            }
        }
        rate
    }
}

fn configured(base: &str, relations: &[Relation]) -> Settings {
    let names: Vec<String> = relations.iter().map(|relation| format!("\"{}\"", relation.key)).collect();
    let relations: String = relations.iter().map(Relation::written).collect();
    let rates: String = rates().iter().enumerate().map(|(at, rate)| rate.written(at)).collect();
    let text = format!(
        "{base}\n[scoring.weights]\ncoverage = 40\ncompleteness = 24\naccuracy = 24\n[indicators.accuracy]\nrelations = [{}]\n{}\n{relations}\n{rates}",
        names.join(", "),
        definitions()
    );
    config::parse("test.toml", &text, &BTreeMap::new())
        .unwrap_or_else(|problems| panic!("{problems}"))
        .settings
}

fn setting(rng: &mut Rng, count: usize) -> (Settings, Vec<Person>, Vec<Relation>) {
    let (records, people) = persons(rng, count);
    let mut relations = relations(rng, RELATIONS);
    // All of them count, and what is missing fails.
    relations.iter_mut().for_each(|relation| (relation.is_hint, relation.fails_on_missing) = (false, None));
    (configured(&exported(&records, &people), &relations), people, relations)
}

#[test]
fn forty_fields_thirty_five_relations_and_twelve_rates_are_counted_record_by_record() {
    let (settings, people, relations) = setting(&mut Rng::with_seed(71), 900);
    let engine = Engine::new(settings).unwrap();
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    let pulled = block(engine.pull(CUT_OFF, now, |_| {})).unwrap();
    let figures = Figures::new(total(&pulled.tally), &engine.settings.indicators, None);
    let oracles: Vec<Oracle<'_>> =
        people.iter().map(|person| Oracle { person, cut_off: number(CUT_OFF) }).collect();
    for (at, rate) in rates().iter().enumerate() {
        let expected = rate.of(&oracles, &relations);
        assert!(expected.numerator > 0 && expected.numerator < expected.denominator, "{rate:?} {expected:?}");
        assert_eq!(figures.own[at], expected, "{rate:?}");
    }
    for (at, field) in own::own().enumerate().skip(12) {
        let of = oracles.iter().map(|oracle| oracle.field(field));
        let expected = Rate::new(of.filter(|(filled, _)| *filled).count() as u64, figures.counts.records);
        assert_eq!(figures.counts.field(Field::Own(at as u8)), expected, "{}", own::name(field));
    }
    let passes =
        |oracle: &&Oracle<'_>| relations.iter().all(|relation| matches!(oracle.outcome(relation), 0 | 3));
    assert_eq!(figures.counts.accurate, oracles.iter().filter(passes).count() as u64);
}

#[test]
fn every_document_has_all_of_many_definitions() {
    let (settings, ..) = setting(&mut Rng::with_seed(72), 400);
    let engine = Engine::new(settings).unwrap();
    for report in ["weekly", "ranking", "acceptance"] {
        let request = Request { report: report.into(), from: None, to: Some(CUT_OFF), ..Request::default() };
        let now = "2016-07-08T01:00:00Z".parse().unwrap();
        let outcome = block(engine.run(None, &request, now, |_| {})).unwrap();
        let text =
            pdf_text(&outcome.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes);
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        for name in (0..RATES).map(|at| format!("指标{at}号")).chain((0..28).map(|at| format!("副本{at}号")))
        {
            assert!(text.contains(&name), "{report}: {name}");
        }
    }
}

#[test]
fn a_list_of_before_is_read() {
    let read = |own: &str| -> Correction {
        let text = format!("{{\"key\":\"7\",\"masked_id\":null,\"contribution\":511{own}}}");
        serde_json::from_str(&text).unwrap()
    };
    // The first two fields apply, the second is filled, the third relation failed.
    let of_sixteen = read(&format!(",\"own\":{}", 1_u64 << 1 | 3 << 16 | 2 << 36));
    let expected =
        OwnPattern::default().with_field(1, KNOWN).with_field(0, BLANK).with(2, RelationOutcome::Fail);
    assert_eq!(of_sixteen.own, expected);
    assert!(read("").own.is_empty());
    let wide =
        Correction { own: expected.with(63, RelationOutcome::Pass).with_field(54, KNOWN), ..of_sixteen };
    let written = serde_json::to_string(&wide).unwrap();
    assert_eq!(serde_json::from_str::<Correction>(&written).unwrap(), wide);
}
