//! Score, rank, movement, acceptance and the printed digits, against slow second computations.

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use proptest::prelude::*;
use tongbao::config::settings::{
    Accuracy, Completeness, CountedPersons, Coverage, CoverageMethod, Deduction, DivisionLevel, Indicator,
    Indicators, OnInvalid, OnMissing, RankKey, Ranking, Relation, ReportLanguage, Scoring, Target, Veto,
    Weights,
};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::figures::Figures;
use tongbao::indicator::rate::Rate;
use tongbao::ranking::acceptance::{AcceptanceVerdict, verdict};
use tongbao::ranking::movement::Movement;
use tongbao::ranking::rank::{Candidate, Unranked, rank};
use tongbao::ranking::score::score;
use tongbao::register::field::Field;
use tongbao::report::wording;

use crate::support::law::cases;

fn target(n: u64, d: u64) -> Target {
    Target(Ratio::new(n, d))
}

fn indicators() -> Indicators {
    Indicators {
        subject: None,
        own: Vec::new(),
        unit_kinds: Default::default(),
        exceptions: None,
        counted_records: Default::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        definitions: Default::default(),
        coverage: Coverage {
            method: CoverageMethod::Roster,
            target: target(1, 1),
            rosters: Default::default(),
        },
        completeness: Completeness {
            counted: CountedPersons::Records,
            fields: Field::ALL.to_vec(),
            target: target(17, 20),
            placeholders: Default::default(),
        },
        accuracy: Accuracy {
            relations: vec![Relation::IdSex],
            on_missing: OnMissing::Fail,
            on_invalid: OnInvalid::Fail,
            household_level: DivisionLevel::Province,
            target: target(43, 50),
        },
    }
}

fn scoring() -> Scoring {
    let points = Ratio::from_integer;
    let weights = Weights { coverage: points(40), completeness: points(30), accuracy: points(30) };
    Scoring { weights, vetoes: Vec::new(), deductions: Vec::new() }
}

fn ranking() -> Ranking {
    let order = [Indicator::Coverage, Indicator::Accuracy, Indicator::Completeness].map(RankKey::Rate);
    Ranking {
        by_kind: true,
        order: [RankKey::Score].into_iter().chain(order).collect(),
        min_records: 1,
        level: None,
        except: Vec::new(),
    }
}

/// Figures of a unit with `records` records.
fn figures(covered: (u64, u64), complete: u64, accurate: u64, records: u64) -> Figures {
    let counts = Counts {
        records,
        complete,
        judged: records,
        accurate,
        covered: covered.0,
        covered_own: covered.0,
        roster: covered.1,
        ..Counts::default()
    };
    Figures::new(counts, &indicators(), None)
}

fn total(figures: &Figures, scoring: &Scoring) -> Option<String> {
    score("U1", None, figures, &indicators(), scoring).map(|score| wording::score(&score.total))
}

#[test]
fn scores_are_weighted_and_capped_at_the_target() {
    let of = |f: Figures| total(&f, &scoring());
    assert_eq!(of(figures((100, 100), 85, 86, 100)).as_deref(), Some("100.00"));
    assert_eq!(
        of(figures((100, 100), 100, 100, 100)).as_deref(),
        Some("100.00"),
        "over the target gains nothing"
    );
    // 40 × 0.9 + 30 × 0.425/0.85 + 30 × 0.43/0.86
    assert_eq!(of(figures((900, 1000), 425, 430, 1000)).as_deref(), Some("66.00"));
    assert_eq!(of(figures((0, 0), 85, 86, 100)), None, "no roster, no score");
}

#[test]
fn vetoes_and_deductions_are_applied_and_kept() {
    let mut scoring = scoring();
    scoring.deductions =
        vec![Deduction { unit: "U1".into(), points: Ratio::new(5, 2), reason: "迟报".into() }];
    let unit = figures((100, 100), 100, 100, 100);
    assert_eq!(total(&unit, &scoring).as_deref(), Some("97.50"));
    assert_eq!(
        score("U2", None, &unit, &indicators(), &scoring).map(|s| wording::score(&s.total)).as_deref(),
        Some("100.00")
    );
    scoring.vetoes =
        vec![Veto { indicator: Indicator::Coverage, below: target(1, 2), reason: "过低".into() }];
    let low = score("U1", None, &figures((49, 100), 100, 100, 100), &indicators(), &scoring).unwrap();
    assert_eq!(
        (wording::score(&low.total).as_str(), low.vetoes.as_slice()),
        ("0.00", &["过低".to_owned()][..])
    );
    assert_eq!(total(&figures((50, 100), 100, 100, 100), &scoring).as_deref(), Some("77.50"));
}

fn places(list: &[(Figures, &str)]) -> Vec<Result<(u32, u32), Unranked>> {
    let scores: Vec<Option<BigRational>> =
        list.iter().map(|(f, _)| score("", None, f, &indicators(), &scoring()).map(|s| s.total)).collect();
    let candidates: Vec<Candidate> = list
        .iter()
        .zip(&scores)
        .map(|((figures, kind), score)| Candidate { kind, figures, score: score.as_ref() })
        .collect();
    rank(&candidates, &ranking()).into_iter().map(|r| r.map(|r| (r.overall, r.in_group))).collect()
}

#[test]
fn equals_share_a_place_and_the_next_is_skipped() {
    let a = figures((100, 100), 90, 90, 100);
    let b = figures((95, 100), 90, 90, 100);
    let same_as_b = figures((190, 200), 180, 180, 200);
    let d = figures((90, 100), 90, 90, 100);
    let list = [(d, "村"), (b, "村"), (a, "村"), (same_as_b, "村")];
    assert_eq!(places(&list), [Ok((4, 4)), Ok((2, 2)), Ok((1, 1)), Ok((2, 2))]);
}

#[test]
fn groups_are_ranked_apart_and_ties_in_score_are_broken_by_rates() {
    // Both have full marks; the better accuracy decides, however small the difference.
    let a = figures((100, 100), 90_000, 90_001, 100_000);
    let b = figures((100, 100), 90_000, 90_000, 100_000);
    let c = figures((80, 100), 90, 90, 100);
    assert_eq!(places(&[(b, "社区"), (c, "村"), (a, "社区")]), [Ok((2, 2)), Ok((3, 1)), Ok((1, 1))]);
}

#[test]
fn units_without_data_are_unranked_with_the_reason() {
    let list = [
        (figures((0, 10), 0, 0, 0), "村"),
        (figures((0, 0), 9, 9, 10), "村"),
        (figures((9, 10), 9, 9, 10), "村"),
    ];
    // Who registers nobody although persons are expected of it is last, not left out.
    assert_eq!(places(&list), [Ok((2, 2)), Err(Unranked::NoDenominator), Ok((1, 1))]);
    let unknown = [(figures((0, 0), 0, 0, 0), "村"), (figures((9, 10), 9, 9, 10), "村")];
    assert_eq!(places(&unknown), [Err(Unranked::Nothing), Ok((1, 1))]);
}

/// A unit's figures and kind.
fn ranked_unit() -> impl Strategy<Value = (Figures, &'static str)> {
    let counts = (0_u64..5, 1_u64..6, 0_u64..6, 0_u64..6);
    (counts, prop::sample::select(vec!["村", "社区"])).prop_map(
        |((covered, records, complete, accurate), kind)| {
            (figures((covered, 4), complete.min(records), accurate.min(records), records), kind)
        },
    )
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn ranks_agree_with_counting_who_is_better(list in prop::collection::vec(ranked_unit(), 1..12)) {
        let key = |f: &Figures| {
            let exact = |r: Rate| BigRational::new(BigInt::from(r.numerator), BigInt::from(r.denominator));
            let s = score("", None, f, &indicators(), &scoring()).unwrap().total;
            (s, exact(f.coverage), exact(f.accuracy), exact(f.completeness))
        };
        for ((figures, kind), place) in list.iter().zip(places(&list)) {
            let better = |other: &&(Figures, &str)| key(&other.0) > key(figures);
            let overall = list.iter().filter(better).count() as u32 + 1;
            let in_group = list.iter().filter(|other| other.1 == *kind).filter(better).count() as u32 + 1;
            prop_assert_eq!(place, Ok((overall, in_group)));
        }
    }
}

#[test]
fn movement_compares_places() {
    let between = Movement::between;
    assert_eq!(between(Some(1), Some(Some(3))), Movement::Up(2));
    assert_eq!(between(Some(3), Some(Some(1))), Movement::Down(2));
    assert_eq!(between(Some(3), Some(Some(3))), Movement::Same);
    assert_eq!(between(Some(3), Some(None)), Movement::New);
    assert_eq!((between(Some(3), None), between(None, Some(Some(3)))), (Movement::None, Movement::None));
    let printed = [Movement::Up(2), Movement::Down(1), Movement::Same, Movement::New]
        .map(|movement| wording::movement(movement, ReportLanguage::Chinese));
    assert_eq!(printed, ["▲2", "▼1", "—", "新"]);
}

#[test]
fn acceptance_needs_every_target_everywhere() {
    let good = figures((10, 10), 9, 9, 10);
    let bad = figures((9, 10), 9, 9, 10);
    let unknown = figures((0, 0), 9, 9, 10);
    let judge = |total: &Figures, units: &[Figures]| {
        verdict(std::iter::once(total).chain(units).map(|figures| figures.passed(&indicators(), None)))
    };
    assert_eq!(judge(&good, &[good.clone(), good.clone()]), AcceptanceVerdict::Accepted);
    assert_eq!(
        judge(&good, &[good.clone(), bad.clone()]),
        AcceptanceVerdict::Rectify,
        "the total alone is not enough"
    );
    assert_eq!(judge(&bad, std::slice::from_ref(&good)), AcceptanceVerdict::Rectify);
    assert_eq!(judge(&good, &[good.clone(), unknown.clone()]), AcceptanceVerdict::CannotBeJudged);
    assert_eq!(judge(&good, &[unknown, bad]), AcceptanceVerdict::Rectify, "what is failed is failed");
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn printed_rates_never_hide_a_missed_target(
        (n, d) in (1_u64..1_000_000).prop_flat_map(|d| (0..=d, Just(d))),
        of_ten_thousand in 1_u64..=10_000,
    ) {
        let (rate, target) = (Rate::new(n, d), target(of_ten_thousand, 10_000));
        let printed = wording::ten_thousandths(rate, Some(target)).unwrap();
        let reads_as_met = target.0 <= Ratio::new(printed, 10_000);
        prop_assert_eq!(Some(reads_as_met), rate.meets(target), "against {:?} prints {}", target, printed);
        let off = (printed as f64 / 10_000.0 - n as f64 / d as f64).abs();
        prop_assert!(off < 0.000_1, "prints {}", printed);
        prop_assert_eq!(printed == 10_000, n == d);
    }
}
