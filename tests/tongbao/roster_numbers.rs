//! Numbers of the roster that are none: a person with one is looked for in vain, and the village pays for it.

use proptest::prelude::*;
use tongbao::config::settings::Relation;
use tongbao::indicator::record_findings::RecordFindings;

use crate::laws::{indicators, tally};
use crate::lost_values::{changed, held, in_each_database, is_held_for, pull};
use crate::support::law::cases;
use crate::support::{defects, naive, setting};
use tongbao::config::settings::OnMissing;

/// What an entry of the roster counts as: nothing, cut, malformed.
const NUMBERS: [(&str, [u64; 2]); 14] = [
    // Well formed, of eighteen characters and of fifteen, and in other spellings.
    ("440118199001050010", [0, 0]),
    ("440118900105001", [0, 0]),
    ("４４０１１８１９９００１０５００１０", [0, 0]),
    // A passport and a card of Hong Kong.
    ("E12345678", [0, 0]),
    ("A123456(7)", [0, 0]),
    // A check character, a day and a length that are wrong; a name, a telephone, a word.
    ("440118199001050012", [0, 1]),
    ("440118199002300019", [0, 1]),
    ("44011819900105001", [0, 1]),
    ("张三", [0, 1]),
    ("13800138000", [0, 1]),
    ("SAME AS ABOVE", [0, 1]),
    // What programs leave.
    ("440118199001050000", [1, 0]),
    ("4.40118E+17", [1, 0]),
    ("440118********0011", [1, 0]),
];

fn roster_faults(found: &RecordFindings) -> [u64; 2] {
    [found.roster_cut_ids, found.roster_malformed_ids]
}

#[test]
fn every_way_of_reading_counts_wrong_numbers_of_the_roster_alike() {
    in_each_database(2_031, 61, |register| {
        let url = &register.url;
        let before = pull(&register.settings);
        let rows = NUMBERS.iter().flat_map(|(number, _)| [number; 3]);
        let insert = |number| format!("INSERT INTO roster VALUES ('440118001001', '{number}')");
        register.change(&rows.map(insert).collect::<Vec<_>>());
        let added = NUMBERS.iter().fold([0, 0], |sum, (_, of)| [0, 1].map(|at| sum[at] + 3 * of[at]));
        let known = roster_faults(&before.findings);
        let expected = pull(&register.settings);
        assert_eq!(roster_faults(&expected.findings), [0, 1].map(|at| known[at] + added[at]), "{url}");
        for (way, settings) in register.ways() {
            let tally = pull(&settings);
            assert_eq!(tally, expected, "{way} {url}");
            let by_unit = |tally: &tongbao::indicator::tally::Tally| {
                let units = tally.unread.source.by_unit.iter();
                let units = units.map(|(code, (found, _))| (code.clone(), roster_faults(found)));
                units.filter(|(_, faults)| *faults != [0, 0]).collect::<Vec<_>>()
            };
            assert_eq!(by_unit(&tally), by_unit(&expected), "{way} {url}");
            let of_unit = by_unit(&tally).into_iter().find(|(code, _)| code == "440118001001");
            assert!(of_unit.is_some_and(|(_, faults)| faults[1] >= added[1]), "{way} {url}");
        }
        // They are corrected, and are counted no more.
        register.change(&["DELETE FROM roster WHERE unit = '440118001001'".to_owned()]);
        let expected = pull(&register.settings);
        assert!(roster_faults(&expected.findings)[1] < known[1] + added[1]);
        for (way, settings) in register.ways() {
            assert_eq!(pull(&settings), expected, "{way} {url}");
        }
    });
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn wrong_numbers_are_those_of_a_naive_reading((records, roster) in defects::registers(300)) {
        let rules = indicators(OnMissing::Fail, &Relation::ALL[..4]);
        let found = roster_faults(&tally(&records, &roster, &[64], &rules).findings);
        let is_wrong = |(_, id): &&(String, Option<String>)| {
            naive::number(id).is_some_and(|number| naive::is_malformed(&number))
        };
        prop_assert_eq!(found[0] + found[1], roster.iter().filter(is_wrong).count() as u64);
    }
}

#[test]
fn a_roster_with_names_for_numbers_or_many_slips_is_held() {
    const REASON: &str = "比对名册中公民身份号码不符合编码规则";
    let slip = "UPDATE roster SET id_number = substr(id_number, 1, 17) || \
                CASE substr(id_number, 18) WHEN '1' THEN '2' ELSE '1' END WHERE rowid % 10 = 0";
    for sql in ["UPDATE roster SET id_number = '张' || rowid", slip] {
        let (_dir, settings) = changed(600, sql);
        is_held_for(&settings, REASON);
        let mut off = settings;
        off.guards.max_malformed_roster_ids = None;
        assert!(!held(&off).iter().any(|text| text.contains(REASON)), "{sql}");
    }
    is_held_for(
        &changed(600, "UPDATE roster SET id_number = NULL WHERE rowid % 8 = 0").1,
        "比对名册中没有公民身份号码的",
    );
    // Other documents are no slips, and few slips are a warning alone.
    for sql in [
        "UPDATE roster SET id_number = 'E1234' || (1000 + rowid) WHERE rowid % 10 = 0",
        &slip.replace("% 10", "% 100"),
    ] {
        assert_eq!(held(&changed(600, sql).1), [""; 0], "{sql}");
    }
}

#[test]
fn a_roster_with_the_names_of_one_village_is_held_and_the_village_is_named() {
    let smallest = "(SELECT unit FROM roster GROUP BY 1 ORDER BY COUNT(*) LIMIT 1)";
    let (_dir, settings) =
        changed(6_000, &format!("UPDATE roster SET id_number = '张' || rowid WHERE unit = {smallest}"));
    let all = held(&settings);
    assert!(
        all.iter().any(|text| text.contains("在比对名册中的条目，公民身份号码不符合编码规则的占比超过限值")),
        "{all:?}"
    );
    assert!(!all.iter().any(|text| text.contains("比对名册中公民身份号码不符合编码规则的")), "{all:?}");
}

#[test]
fn check_and_rates_name_wrong_numbers() {
    let (dir, _) = changed(300, "UPDATE roster SET id_number = '张' || rowid WHERE rowid <= 3");
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    let text = setting::configuration(&url, dir.path());
    setting::write(dir.path(), &text);
    for command in ["check", "rates"] {
        let output = setting::tongbao(dir.path(), &["--lang", "en", command]);
        let text = setting::stdout(&output) + &setting::stderr(&output);
        assert!(text.contains("3 numbers of the roster are not valid"), "{command}: {text}");
        assert!(!text.contains('张'), "{command}: {text}");
    }
}
