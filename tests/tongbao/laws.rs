//! Laws of the figures: splitting and order do not matter, and a naive computation agrees.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use num_rational::Ratio;
use proptest::prelude::*;
use tongbao::config::settings::{
    Accuracy, Completeness, CountedPersons, Coverage, CoverageMethod, DivisionLevel, Indicators, OnInvalid,
    OnMissing, Relation, Target,
};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::persons::{Spill, SpillLimit};
use tongbao::indicator::tally::Tally;
use tongbao::indicator::tallying::{Tallier, finish};
use tongbao::register::batch::{BatchBuilder, RegisterBatch, TextColumn, days_since_epoch};
use tongbao::register::field::Field;
use tongbao::register::unit::{Unit, Units};

use crate::support::defects::{self, UNITS};
use crate::support::law::{cases, rng};
use crate::support::naive::{self, Record, Totals};
use crate::support::setting;

pub const CUT_OFF: Date = date(2016, 6, 20);

pub fn indicators(on_missing: OnMissing, relations: &[Relation]) -> Indicators {
    let configured = setting::settings("sqlite:x.db", std::path::Path::new("/nowhere")).indicators;
    Indicators {
        subject: None,
        own: Vec::new(),
        unit_kinds: Default::default(),
        exceptions: None,
        counted_records: Default::default(),
        time_zone: configured.time_zone,
        definitions: configured.definitions,
        coverage: Coverage {
            method: CoverageMethod::Roster,
            target: Target(Ratio::new(1, 1)),
            rosters: Default::default(),
        },
        completeness: Completeness {
            counted: CountedPersons::Records,
            fields: Field::ALL.to_vec(),
            target: Target(Ratio::new(17, 20)),
            placeholders: configured.completeness.placeholders,
        },
        accuracy: Accuracy {
            relations: relations.to_vec(),
            on_missing,
            on_invalid: OnInvalid::Fail,
            household_level: DivisionLevel::Province,
            target: Target(Ratio::new(43, 50)),
        },
    }
}

/// The villages of the defects, one beside the other.
pub fn units() -> Units {
    let unit = |code: &&str| Unit {
        code: (*code).into(),
        name: format!("{code}村"),
        kind: "村".into(),
        parent: None,
    };
    Units::new(UNITS.iter().map(unit).collect()).unwrap()
}

pub fn batch(records: &[Record]) -> RegisterBatch {
    let mut builder = BatchBuilder::new(records.len());
    for (i, r) in records.iter().enumerate() {
        builder.push_text(TextColumn::Key, Some(&i.to_string()));
        builder.push_text(TextColumn::Unit, r.unit.as_deref());
        builder.push_text(TextColumn::DocumentType, r.document_type.as_deref());
        let values = [
            &r.name,
            &r.sex,
            &r.residence,
            &r.household,
            &r.id,
            &r.birth,
            &r.ethnicity,
            &r.marital,
            &r.hukou,
        ];
        for (field, value) in Field::ALL.into_iter().zip(values) {
            builder.push_text(TextColumn::Field(field), value.as_deref());
        }
        builder.push_registered_on(r.day);
    }
    builder.finish()
}

pub fn tally(
    records: &[Record],
    roster: &[(String, Option<String>)],
    sizes: &[usize],
    rules: &Indicators,
) -> Tally {
    let mut tallier = Tallier::new(Arc::new(units()), rules, CUT_OFF, None);
    for (unit, id) in roster {
        tallier.add_roster(0, Some(unit.as_bytes()), id.as_deref().map(str::as_bytes));
    }
    let (mut rest, mut sizes) = (records, sizes.iter().cycle());
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
        tallier.add(&batch(now)).unwrap();
        rest = later;
    }
    finish(vec![tallier]).unwrap()
}

/// What the program counts for one unit, in the words of the naive computation.
fn in_naive_words(c: &Counts) -> Totals {
    Totals {
        records: c.records,
        complete: c.complete,
        cells_filled: c.cells(&Field::ALL).numerator,
        cells_applicable: c.cells(&Field::ALL).denominator,
        filled: std::array::from_fn(|at| c.filled[at]),
        judged: c.judged,
        accurate: c.accurate,
        relation_judged: std::array::from_fn(|at| c.relation_judged[at]),
        relation_passed: std::array::from_fn(|at| c.relation_passed[at]),
        duplicates: c.duplicates,
        persons: c.persons,
        without_id: c.without_id,
        roster: c.roster,
        covered: c.covered,
        matched_elsewhere: c.covered - c.covered_own,
    }
}

/// Ways to count: what a blank does to a relation, and the relations that are judged.
const WAYS: [(OnMissing, &[usize]); 3] =
    [(OnMissing::Fail, &[0, 1, 2, 3]), (OnMissing::Skip, &[0, 1, 2, 3, 4]), (OnMissing::Skip, &[0, 1])];

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_naive_computation_agrees_on_every_kind_of_defect(
        (records, roster) in defects::registers(900),
        (on_missing, used) in prop::sample::select(&WAYS[..]),
        size in 1_usize..1_000,
    ) {
        let relations: Vec<Relation> = used.iter().map(|&i| Relation::ALL[i]).collect();
        let tally = tally(&records, &roster, &[size], &indicators(on_missing, &relations));
        for to in [date(2016, 5, 24), date(2016, 5, 25), date(2016, 6, 10), CUT_OFF] {
            // Ages are taken at the cut-off of the pull, so only that day is compared whole.
            let expected = naive::totals(&records, &roster, &UNITS, used, on_missing, to);
            compare(&tally, &expected, to, to == CUT_OFF);
        }
    }

    #[test]
    fn any_split_into_batches_gives_the_same_tally(
        (records, roster) in defects::registers(900),
        sizes in prop::collection::vec(1_usize..400, 1..6),
    ) {
        let rules = indicators(OnMissing::Fail, &Relation::ALL[..4]);
        let whole = tally(&records, &roster, &[records.len()], &rules);
        prop_assert_eq!(tally(&records, &roster, &sizes, &rules), whole);
    }

    #[test]
    fn row_order_is_irrelevant(
        (mut records, mut roster) in defects::registers(900),
        mut rng in rng(),
    ) {
        let rules = indicators(OnMissing::Skip, &Relation::ALL);
        let first = tally(&records, &roster, &[512], &rules);
        rng.shuffle(&mut records);
        rng.shuffle(&mut roster);
        prop_assert_eq!(tally(&records, &roster, &[512], &rules), first);
    }

    #[test]
    fn merging_tallies_is_commutative_and_associative(
        registers in prop::collection::vec(defects::registers(200), 3),
    ) {
        let rules = indicators(OnMissing::Fail, &Relation::ALL[..4]);
        let parts: Vec<Tally> =
            registers.iter().map(|(records, roster)| tally(records, roster, &[100], &rules)).collect();
        let merged = |order: [usize; 3]| {
            let mut sum = Tally::default();
            for i in order {
                sum.merge(parts[i].clone());
            }
            sum
        };
        prop_assert_eq!(merged([0, 1, 2]), merged([2, 0, 1]));
        let mut right = parts[1].clone();
        right.merge(parts[2].clone());
        let mut left = parts[0].clone();
        left.merge(right);
        prop_assert_eq!(left, merged([0, 1, 2]));
    }
}

pub fn compare(tally: &Tally, expected: &BTreeMap<String, Totals>, to: Date, whole: bool) {
    let positions = UNITS.iter().enumerate().map(|(i, code)| (Some(i as u32), *code)).chain([(None, "")]);
    for (position, code) in positions {
        let counted = in_naive_words(&tally.until(position, days_since_epoch(to)));
        let expected = expected.get(code).cloned().unwrap_or_default();
        if whole {
            assert_eq!(counted, expected, "unit {code:?} on {to}");
        } else {
            let persons = |t: &Totals| {
                (t.records, t.persons, t.duplicates, t.without_id, t.roster, t.covered, t.matched_elsewhere)
            };
            assert_eq!(persons(&counted), persons(&expected), "unit {code:?} on {to}");
        }
    }
}

#[test]
fn the_defects_are_all_there() {
    let records = defects::records(2016, 10_000);
    let roster = defects::roster(52, &records);
    let found = tally(&records, &roster, &[4096], &indicators(OnMissing::Fail, &Relation::ALL)).findings;
    assert!(found.invalid_birth_dates > 100, "{found:?}");
    assert!(found.invalid_id_numbers > 100, "{found:?}");
    assert!(found.roster_without_id > 100 && found.roster_duplicates > 100, "{found:?}");
    assert!(found.roster_unknown_unit > 100, "{found:?}");
}

/// Keeps in memory what a tally sets aside.
#[derive(Default)]
struct Aside(BTreeMap<usize, Vec<u8>>);

impl Spill for Aside {
    fn write(&mut self, partition: usize, entries: &[u8]) -> std::io::Result<()> {
        self.0.entry(partition).or_default().extend_from_slice(entries);
        Ok(())
    }

    fn read(&mut self, partition: usize) -> std::io::Result<Vec<u8>> {
        Ok(self.0.remove(&partition).unwrap_or_default())
    }
}

#[test]
fn shared_talliers_that_set_persons_aside_give_the_same_tally() {
    let rules = indicators(OnMissing::Fail, &Relation::ALL[..4]);
    let records = defects::records(27, 20_000);
    let roster = defects::roster(28, &records);
    let whole = tally(&records, &roster, &[records.len()], &rules);
    for (count, bytes) in [(1, 1), (2, 1 << 20), (3, 2 << 20)] {
        let mut talliers: Vec<Tallier> = (0..count)
            .map(|_| {
                let limit = SpillLimit { bytes, spill: Box::new(Aside::default()) };
                Tallier::new(Arc::new(units()), &rules, CUT_OFF, Some(limit))
            })
            .collect();
        for (i, (unit, id)) in roster.iter().enumerate() {
            talliers[i % count].add_roster(0, Some(unit.as_bytes()), id.as_deref().map(str::as_bytes));
        }
        for (i, part) in records.chunks(700).enumerate() {
            talliers[(i + 1) % count].add(&batch(part)).unwrap();
        }
        assert_eq!(finish(talliers).unwrap(), whole, "{count} talliers, {bytes} bytes each");
    }
}
