//! What is wrong with the list of one unit, in pulls that read changes alone: it holds the run as long as it is there.

use tongbao::indicator::unread::SourceFindings;

use crate::lost_values::{FollowedRegister, in_each_database, pull};
use crate::support::defects::UNITS;

/// What is said of single units.
fn of_units(found: &SourceFindings) -> String {
    let SourceFindings { by_unit, misspelt_units, garbled_units, .. } = found;
    format!("{by_unit:?} {misspelt_units:?} {garbled_units:?}")
}

#[track_caller]
fn assert_alike(register: &FollowedRegister, when: &str) -> String {
    let expected = pull(&register.settings);
    let found = of_units(&expected.unread.source);
    for (way, settings) in register.ways().into_iter().filter(|(way, _)| *way == "incremental") {
        let tally = pull(&settings);
        assert_eq!(tally, expected, "{when}, {way}, {}", register.url);
        assert_eq!(of_units(&tally.unread.source), found, "{when}, {way}, {}", register.url);
    }
    found
}

#[test]
fn what_changes_bring_into_a_unit_is_found_in_each_pull_after_them() {
    in_each_database(2_041, 71, |register| {
        let clean = assert_alike(&register, "before");
        let unit = UNITS[1];
        // 张大山 in UTF-8, read as Latin-1; a letter for a digit in the name of the village.
        let (garbled, slip) = ("name = 'å¼\u{a0}å¤§å\u{b1}\u{b1}'", "4401180O1002村");
        let own = format!("village_code = '{unit}'");
        for (hour, (what, change, back)) in (10..).step_by(2).zip([
            ("cut numbers", "id_number = '440118199001050000'", "id_number = '440118199001050010'"),
            ("birth dates", "birth_date = '不晓得'", "birth_date = '1990-01-05'"),
            ("words", "sex = 'x-男'", "sex = '1'"),
            ("another character set", garbled, "name = '张三'"),
            ("a slip", &format!("village_code = '{slip}'"), &own),
        ]) {
            let set = |values: &str, hour: u32, of: &str| {
                register.change(&[format!(
                    "UPDATE person SET {values}, updated_at = '2016-07-07 {hour}:00:00' WHERE {of}"
                )]);
            };
            set(change, hour, &own);
            let found = assert_alike(&register, what);
            assert_ne!(found, clean, "{what}");
            assert_eq!(assert_alike(&register, &format!("{what}, nothing new")), found, "{what}");
            let of = if what == "a slip" { format!("village_code = '{slip}'") } else { own.clone() };
            set(back, hour + 1, &of);
            assert_alike(&register, &format!("{what}, corrected"));
        }
    });
}
