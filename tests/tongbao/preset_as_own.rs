//! The embedded preset is the definition of the built-in relations: an office that writes the same text under other
//! names gets the same outcomes, on every path.

use std::collections::BTreeMap;

use fastrand::Rng;
use tongbao::config;
use tongbao::config::settings::{Compute, OnMissing, Relation, Settings};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::Engine;
use tongbao::rule::POPULATION;

use crate::incremental;
use crate::laws::{CUT_OFF, compare};
use crate::own_statements::{outcomes, total};
use crate::sources::block;
use crate::support::defects::{self, UNITS};
use crate::support::naive::{self, Record};
use crate::support::registers::{self, TEXTS};
use crate::support::{exports, servers, setting};

/// A condition that holds for every record: a relation that asks word for word what another does is refused.
const ALWAYS: &str = "\"name is filled or name is blank\"";

/// The relations of the preset under names of an office's own.
fn copied() -> String {
    let relations = &POPULATION[POPULATION.find("[relations.").unwrap()..];
    let relations = relations
        .replace("[relations.", "[relations.own_")
        .lines()
        .map(|line| match line.strip_prefix("label = { zh = \"") {
            Some(label) => format!("label = {{ zh = \"本单位{}\n", label.replace("en = \"", "en = \"Own ")),
            None => format!("{line}\n"),
        })
        .collect::<String>();
    relations
        .split("\n[")
        .map(|relation| match relation.contains("\nwhen = [") {
            true => relation.replacen("\nwhen = [", &format!("\nwhen = [{ALWAYS}, "), 1),
            false => relation.replacen("\nlabel", &format!("\nwhen = [{ALWAYS}]\nlabel"), 1),
        })
        .collect::<Vec<_>>()
        .join("\n[")
}

/// The examples say what an invalid value does where it fails.
fn without_examples(relations: &str) -> String {
    let lines = relations.split("examples = [").enumerate();
    let rest = lines.map(|(at, part)| match at {
        0 => part,
        _ => part.split_once("\n]\n").map_or("", |(_, rest)| rest),
    });
    rest.collect()
}

/// Both the built-in relations and their copies decide accuracy.
fn both(base: &str, on_missing: OnMissing) -> Settings {
    both_with(base, on_missing, "fail")
}

/// The same with what becomes of invalid values.
fn both_with(base: &str, on_missing: OnMissing, on_invalid: &str) -> Settings {
    let on_missing = if on_missing == OnMissing::Fail { "fail" } else { "skip" };
    let names: Vec<String> = Relation::ALL
        .iter()
        .flat_map(|relation| [format!("\"{}\"", relation.key()), format!("\"own_{}\"", relation.key())])
        .collect();
    let text = format!(
        "{base}\n[indicators.accuracy]\nrelations = [{}]\non_missing = \"{on_missing}\"\non_invalid = \"{on_invalid}\"\n{}",
        names.join(", "),
        if on_invalid == "skip" { without_examples(&copied()) } else { copied() }
    );
    config::parse("test.toml", &text, &BTreeMap::new())
        .unwrap_or_else(|problems| panic!("{problems}"))
        .settings
}

fn pull(mut settings: Settings, compute: Compute) -> Tally {
    settings.source.compute = compute;
    let engine = Engine::new(settings).unwrap();
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    block(engine.pull(CUT_OFF, now, |_| {})).unwrap().tally
}

/// The copies have the outcomes of the built-in relations in every unit on every day.
fn assert_copies_agree(tally: &Tally, what: &str) {
    for (cell, counts) in tally.cells.iter() {
        for (at, relation) in Relation::ALL.iter().enumerate() {
            let of = |at: usize| (counts.relation_judged[at], counts.relation_passed[at]);
            assert_eq!(of(at), of(5 + at), "{what} {cell:?} {relation:?}");
        }
    }
}

/// How often each outcome came, from a pull that fails what is missing and one that skips it: together all records.
fn partition([failed, skipped]: &[Counts; 2], what: &str) {
    for (at, relation) in Relation::ALL.iter().enumerate() {
        let copy = outcomes(failed, skipped, at);
        assert_eq!(copy.iter().sum::<u64>(), failed.records, "{what} {relation:?}");
        assert!(copy[2] > 0 && copy[3] > 0, "{what} {relation:?} {copy:?}");
        let counts = (skipped.relation_judged[at], skipped.relation_passed[at]);
        assert_eq!(counts, (copy[2] + copy[3], copy[3]), "{what} {relation:?}");
    }
}

#[test]
fn the_presets_text_counts_what_the_built_in_relations_count() {
    let records = defects::records(77, 1_500);
    let roster = defects::roster(78, &records);
    let mut counted = Vec::new();
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
        let base = setting::configuration(&url, &tempfile::tempdir().unwrap().keep());
        for compute in [Compute::Engine, Compute::Database] {
            let what = format!("{} {compute:?}", &url[..5]);
            let totals = [OnMissing::Fail, OnMissing::Skip].map(|on_missing| {
                let tally = pull(both(&base, on_missing), compute);
                assert_copies_agree(&tally, &what);
                let expected =
                    naive::totals(&records, &roster, &UNITS, &[0, 1, 2, 3, 4], on_missing, CUT_OFF);
                compare(&tally, &expected, CUT_OFF, true);
                total(&tally)
            });
            partition(&totals, &what);
            // Where invalid values are skipped, fewer are judged and as many pass, but of validity itself.
            let skipping = pull(both_with(&base, OnMissing::Fail, "skip"), compute);
            assert_copies_agree(&skipping, &format!("{what}, skipping"));
            let skipped = total(&skipping);
            for (at, relation) in Relation::ALL.iter().enumerate() {
                let fewer = totals[0].relation_judged[at] - skipped.relation_judged[at];
                assert_eq!(skipped.relation_passed[at], totals[0].relation_passed[at], "{what} {relation:?}");
                assert_eq!(fewer > 0, *relation != Relation::IdValid, "{what} {relation:?} {fewer}");
            }
            counted.push(totals);
        }
    }
    assert!(counted.windows(2).all(|two| two[0] == two[1]), "every path counts the same");
}

#[test]
fn files_and_changes_count_the_presets_text_alike() {
    let records = defects::records(79, 900);
    let dir = tempfile::tempdir().unwrap();
    let lists = exports::Lists::of(&records, &[]);
    exports::write_csv(dir.path(), &lists, ',', |text| text.as_bytes().to_vec());
    let base = exports::configuration(dir.path(), "csv", dir.path());
    assert_copies_agree(&pull(both(&base, OnMissing::Skip), Compute::Engine), "files");

    let url = servers::postgres();
    block(registers::execute(&url, &registers::tables(&url, &records, &[], TEXTS)));
    let base = setting::configuration(&url, &tempfile::tempdir().unwrap().keep());
    let settings = both(&base, OnMissing::Skip);
    let mut rng = Rng::with_seed(80);
    for turn in 0..3 {
        let (kept, _) = incremental::pull(&settings, true, CUT_OFF);
        let (full, _) = incremental::pull(&settings, false, CUT_OFF);
        assert_eq!(kept, full, "turn {turn}");
        assert_copies_agree(&kept, &format!("turn {turn}"));
        let changed: Vec<Record> = defects::records(rng.u64(..), 30);
        let at = format!("2016-06-{:02} 08:00:00", 10 + turn);
        let rows = changed.iter().map(|record| (rng.usize(..900), record));
        let statements = rows.flat_map(|(key, record)| {
            let insert = registers::insert("person", std::iter::once(registers::row(key, record, &at)));
            [format!("DELETE FROM person WHERE id = {key}")].into_iter().chain(insert)
        });
        block(registers::execute(&url, &statements.collect::<Vec<_>>()));
    }
}
