//! Codes that count as "not stated" and may mean something: a sex of 0 whose holders are women by their ID numbers, and
//! values of 0 that no standard has.

use tongbao::config::settings::Settings;
use tongbao::indicator::unstated_sex::UnstatedSexes;
use tongbao::register::field::Field;

use crate::lost_values::{changed, held, in_each_database, is_held_for, pull};
use crate::support::setting;

/// 0 for women and 1 for men as the ID numbers say, but for one record in twenty.
const ZERO_FOR_WOMEN: &str = "UPDATE person SET sex = CASE WHEN (substr(id_number, 17, 1) IN \
     ('1', '3', '5', '7', '9')) <> (id % 20 = 0) THEN '1' ELSE '0' END";

fn with_codes(settings: &Settings, field: Field, codes: &[(&str, &str)]) -> Settings {
    let mut settings = settings.clone();
    let column = settings.source.register.fields.get_mut(&field).unwrap();
    column.codes = codes.iter().map(|(code, word)| ((*code).to_owned(), (*word).to_owned())).collect();
    settings
}

#[test]
fn a_code_for_unknown_that_means_a_sex_holds_the_run() {
    let (_dir, settings) = changed(300, ZERO_FOR_WOMEN);
    is_held_for(&settings, "女性，该代码可能另有含义");
    // The office says what it means, or that it means nothing.
    for word in ["女", "未说明"] {
        assert_eq!(held(&with_codes(&settings, Field::Sex, &[("0", word)])), [""; 0], "{word}");
    }
    let mut off = settings;
    off.guards.max_unknown_words = None;
    assert_eq!(held(&off), [""; 0]);
    let other_way_round = ZERO_FOR_WOMEN.replace("'1' ELSE '0'", "'0' ELSE '2'");
    is_held_for(&changed(300, &other_way_round).1, "男性，该代码可能另有含义");
}

#[test]
fn persons_of_unknown_sex_hold_nothing() {
    let (_dir, settings) = changed(300, "UPDATE person SET sex = '0' WHERE id % 3 = 0");
    assert_eq!(held(&settings), [""; 0]);
    let few = format!("{ZERO_FOR_WOMEN} WHERE id < 12");
    assert_eq!(held(&changed(300, &few).1), [""; 0]);
}

#[test]
fn the_list_of_one_village_with_such_a_code_holds_the_run() {
    let village = "(SELECT village_code FROM person GROUP BY village_code ORDER BY COUNT(*) DESC LIMIT 1)";
    let unknown = "UPDATE person SET sex = '0' WHERE id % 3 = 0";
    let (_dir, settings) =
        changed(6_000, &format!("{unknown}; {ZERO_FOR_WOMEN} WHERE village_code = {village}"));
    is_held_for(&settings, "几乎都是同一性别");
}

#[test]
fn every_way_of_reading_finds_such_codes() {
    in_each_database(2_019, 54, |register| {
        let url = &register.url;
        let sexes = ["0", "9", "00", " 0 ", "'0"].map(|sex| sex.replace('\'', "''"));
        let changes = sexes.iter().enumerate().map(|(at, sex)| {
            format!(
                "UPDATE person SET sex = '{sex}', hukou_type = '0', updated_at = '2016-07-07 10:00:00' \
                 WHERE id % 10 = {at} AND substr(id_number, 17, 1) IN ('0', '2', '4', '6', '8')"
            )
        });
        register.change(&changes.collect::<Vec<_>>());
        let expected = pull(&register.settings);
        assert!(expected.findings.unstated_sexes.women > 20, "{:?}", expected.findings);
        for (way, settings) in register.ways() {
            let tally = pull(&settings);
            assert_eq!(tally, expected, "{way} {url}");
            let zeros = |field| tally.unread.source.zeros.iter().any(|(of, ..)| *of == field);
            assert!(zeros(Field::HukouType), "{way} {url}");
            let units = &tally.unread.source.by_unit;
            let sum = units.values().fold(UnstatedSexes::default(), |mut sum, (found, _)| {
                sum += found.unstated_sexes;
                sum
            });
            assert!(sum.women > 20 && sum.women <= expected.findings.unstated_sexes.women);
            assert_eq!(*units, expected.unread.source.by_unit, "{way} {url}");
        }
    });
}

#[test]
fn values_of_zero_that_no_standard_has_hold_the_run() {
    for (field, column, label) in [
        (Field::HukouType, "hukou_type", "户口性质填写“0”"),
        (Field::MaritalStatus, "marital_status", "婚姻状况填写“0”"),
        (Field::Ethnicity, "ethnicity", "民族填写“0”"),
    ] {
        let (_dir, settings) = changed(300, &format!("UPDATE person SET {column} = '0' WHERE id % 4 = 0"));
        is_held_for(&settings, label);
        let said = with_codes(&settings, field, &[("0", "未说明")]);
        assert!(!held(&said).iter().any(|text| text.contains("填写“0”")), "{column}");
    }
    let (_dir, settings) = changed(300, "UPDATE person SET hukou_type = '0' WHERE id IN (5, 6)");
    assert_eq!(held(&settings), [""; 0]);
}

#[test]
fn check_and_init_name_such_codes() {
    let (dir, _) =
        changed(300, &format!("{ZERO_FOR_WOMEN}; UPDATE person SET hukou_type = '0' WHERE id % 4 = 0"));
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    let run = |arguments: &[&str]| {
        let output = setting::tongbao(dir.path(), arguments);
        setting::stdout(&output) + &setting::stderr(&output)
    };
    let told = run(&["init", "--yes", "--force", "--name", "x", "--issuer", "y", "--url", &url]);
    assert!(told.contains("values of sex are a code such as 0"), "{told}");
    assert!(told.contains("values of hukou_type are 0"), "{told}");
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    assert!(text.contains("# unsure: ") && text.contains("codes = { \"0\" = \"女\" }"), "{text}");
    for command in [&["check"][..], &["rates"]] {
        let told = run(&[&["--config", "tongbao.toml"], command].concat());
        assert!(told.contains("a code for \"not stated\" as their sex (0 ×"), "{told}");
        assert!(told.contains("values of hukou_type that were looked at are 0"), "{told}");
    }
}

/// One spoilt list is lost among all records, and would put its village last.
#[test]
fn the_spoilt_list_of_one_village_holds_the_run() {
    let village = "(SELECT village_code FROM person GROUP BY village_code ORDER BY COUNT(*) DESC LIMIT 1)";
    for (change, reason) in [
        ("id_number = substr(id_number, 1, 15) || '000'", "公民身份号码被电子表格截断或被遮盖的占比"),
        ("birth_date = '不晓得'", "出生日期无法辨认的占比"),
        ("sex = '1-男'", "性别无法辨认的占比"),
        ("marital_status = '未婚未育'", "婚姻状况无法辨认的占比"),
    ] {
        let one_in_five = format!("UPDATE person SET {change} WHERE village_code = {village} AND id % 5 = 0");
        let (_dir, settings) = changed(12_000, &one_in_five);
        is_held_for(&settings, reason);
        let few = format!("UPDATE person SET {change} WHERE village_code = {village} AND id % 200 = 0");
        assert_eq!(held(&changed(12_000, &few).1), [""; 0], "{change}");
    }
}
