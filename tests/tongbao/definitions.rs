//! The language of definitions: the preset means what the kernels count, clauses are refused with their
//! place, and the program shows what each rule says.

use std::collections::BTreeMap;

use tongbao::config::settings::{DivisionLevel, OnMissing, Relation};
use tongbao::config::{self, preset, tried_preset};
use tongbao::indicator::record_flags::{APPLIES, OUTCOMES};
use tongbao::indicator::record_reading::Reader;
use tongbao::register::batch::{Day, RegisterBatch, TextColumn};
use tongbao::register::field::Field;
use tongbao::rule::definitions::Definitions;
use tongbao::rule::evaluate::RecordView;
use tongbao::rule::parse;
use tongbao::rule::tree::FieldId;
use tongbao::rule::value::{FieldValue, RecordFrame, ValueReader};
use tongbao::rule::words::SentenceLanguage;

use crate::laws;
use crate::support::naive::Record;
use crate::support::{defects, setting};

const DEMO: &str = include_str!("../../config/tongbao.toml");
const CUT_OFF: u32 = 20_160_620;

/// The outcomes of the five built-in relations by the rules, and whether marital status applies.
fn by_rules(
    definitions: &Definitions,
    record: &tongbao::register::batch::Record<'_>,
    reader: &ValueReader,
) -> (Vec<u32>, bool) {
    let document = record.value(TextColumn::DocumentType);
    let values: Vec<FieldValue<'_>> = Field::ALL
        .iter()
        .map(|field| {
            let raw = record.value(TextColumn::Field(*field));
            reader.read(definitions, FieldId(field.index() as u8), raw, document)
        })
        .collect();
    let frame = RecordFrame { unit: None, registered_on: Day::Missing, cut_off: CUT_OFF };
    let view = RecordView { definitions, values: &values, frame };
    let outcomes =
        Relation::ALL.map(|relation| view.outcome(definitions.relation(relation.key()).unwrap()) as u32);
    (outcomes.to_vec(), view.applies(FieldId(Field::MaritalStatus.index() as u8)))
}

/// Compares rules and kernels on every record of a batch; how often each outcome came is added up.
fn compare(batch: &RegisterBatch, level: DivisionLevel, seen: &mut [[u64; 4]; 5]) {
    let mut indicators = laws::indicators(OnMissing::Fail, &Relation::ALL);
    indicators.accuracy.household_level = level;
    let mut definitions = preset(level).unwrap();
    for field in Field::ALL {
        definitions.fields[field.index()].placeholders = indicators.completeness.placeholders[&field].clone();
    }
    let kernel = Reader::new(&indicators);
    let reader = ValueReader::new(indicators.time_zone.clone());
    for record in batch.records() {
        let (observation, _) = kernel.read(&record);
        let counted = observation.at(CUT_OFF).0;
        let outcomes: Vec<u32> =
            Relation::ALL.iter().map(|one| counted >> (OUTCOMES + 2 * one.index() as u32) & 3).collect();
        let (ruled, applies) = by_rules(&definitions, &record, &reader);
        let values: Vec<_> = Field::ALL
            .iter()
            .map(|field| record.value(TextColumn::Field(*field)).map(String::from_utf8_lossy))
            .collect();
        assert_eq!(ruled, outcomes, "{values:?}");
        assert_eq!(applies, counted >> APPLIES & 1 == 1, "{values:?}");
        for (counts, outcome) in seen.iter_mut().zip(outcomes) {
            counts[outcome as usize] += 1;
        }
    }
}

/// Every state that a value can have, with every other.
#[test]
fn the_preset_is_what_the_kernels_count_in_every_state() {
    let ids = [
        None,
        Some("E12345678"),
        Some("440118190001010001"),
        Some("440118199902290011"),
        Some("44011819000101000X"),
        Some("440183198402290018"),
        Some("440125194910010025"),
        Some("440118200101010011"),
        Some("440118200101010070"),
        Some("810000199901010014"),
        Some("944840199912310028"),
        Some("440125491001001"),
    ];
    let births = [
        None,
        Some("不是日期"),
        Some("1900-01-01"),
        Some("1984-02-29"),
        Some("1949-10-01"),
        Some("2001-01-01"),
        Some("2001-06-20"),
        Some("2001-06-21"),
        Some("1998-06-20"),
        Some("1998-06-21"),
        Some("1996-06-20"),
        Some("1996-06-21"),
        Some("1994-06-20"),
        Some("1994-06-21"),
        Some("2020-01-01"),
    ];
    let sexes = [None, Some("男"), Some("f"), Some("第三")];
    let maritals = [None, Some("10"), Some("已婚"), Some("丧偶"), Some("99x")];
    let written =
        ["汉族", "壮族", "8", "+008", "97", "族", "08 壮族", "壮（08）", "01-汉族", "108 壮族", "08 张三"];
    let ethnicities: Vec<Option<&str>> = std::iter::once(None).chain(written.map(Some)).collect();
    let places = [None, Some("广东省广州市增城区"), Some("湖南"), Some("某地")];
    let some = |text: Option<&str>| text.map(str::to_owned);
    let mut seen = [[0; 4]; 5];
    let mut states = 0;
    for id in ids {
        let mut records = Vec::new();
        for birth in births {
            for sex in sexes {
                for marital in maritals {
                    for &ethnicity in &ethnicities {
                        for household in places {
                            records.push(Record {
                                id: some(id),
                                birth: some(birth),
                                sex: some(sex),
                                marital: some(marital),
                                ethnicity: some(ethnicity),
                                household: some(household),
                                ..Record::default()
                            });
                        }
                    }
                }
            }
        }
        states += records.len();
        compare(&laws::batch(&records), DivisionLevel::Province, &mut seen);
    }
    assert_eq!(states, 12 * 15 * 4 * 5 * 12 * 4);
    // Each relation comes out in each way that it has.
    for (relation, counts) in Relation::ALL.iter().zip(seen) {
        let has_missing = counts.iter().filter(|count| **count > 0).count();
        assert_eq!(has_missing, 4, "{relation:?} {counts:?}");
    }
}

#[test]
fn the_preset_is_what_the_kernels_count_on_defective_records() {
    let mut seen = [[0; 4]; 5];
    for seed in 0..20 {
        let records = defects::records(seed, 400);
        for level in [DivisionLevel::Province, DivisionLevel::City, DivisionLevel::County] {
            compare(&laws::batch(&records), level, &mut seen);
        }
    }
    assert!(seen.iter().all(|counts| counts[2] > 0 && counts[3] > 0), "{seen:?}");
}

#[test]
fn the_preset_has_the_labels_of_the_documents() {
    use tongbao::config::settings::ReportLanguage;
    use tongbao::report::words::Words;
    // Its examples are tried here, and not at every load.
    let definitions = tried_preset().unwrap();
    let (zh, en) = (Words::of(ReportLanguage::Chinese), Words::of(ReportLanguage::English));
    for field in Field::ALL {
        let defined = &definitions.fields[field.index()];
        assert_eq!(defined.key, field.key());
        assert_eq!(
            (defined.label.zh.as_str(), defined.label.en.as_str()),
            (zh.field(field), en.field(field))
        );
    }
    for relation in Relation::ALL {
        let defined = definitions.relation(relation.key()).unwrap();
        let labels = (defined.label.zh.as_str(), defined.label.en.as_str());
        assert_eq!(labels, (zh.relation(relation), en.relation(relation)));
    }
}

/// Own definitions that use every type and every comparison.
const OWN: &str = r#"
[lists.relation]
label = { zh = "与户主关系代码", en = "Relation to head" }
codes = { "02" = "户主", "10" = "配偶", "11" = "夫", "12" = "妻", "20" = "子", "30" = "女" }
open = true
groups = { head = ["02"], spouse = ["10", "11", "12"] }
[fields.relation_to_head]
label = { zh = "与户主关系", en = "Relation to head of household" }
type = "code"
list = "relation"
[fields.arrived_on]
label = { zh = "来本地日期", en = "Date of arrival" }
type = "date"
[fields.area]
label = { zh = "建筑面积", en = "Floor area" }
type = "number"
[fields.persons]
label = { zh = "居住人数", en = "Residents" }
type = "number"
[fields.has_lease]
label = { zh = "是否签订合同", en = "Lease signed" }
type = "yes_no"
[fields.house_code]
label = { zh = "房屋编码", en = "House code" }
type = "form"
form = "[0-9]{12}-[0-9]{3}"
[fields.landlord_code]
label = { zh = "信用代码", en = "Credit code" }
type = "uscc"
[relations.spouse_married]
label = { zh = "配偶与婚姻状况", en = "Spouse and marital status" }
if = ["与户主关系 属于 relation.spouse"]
check = ["婚姻状况 属于 marital.married"]
examples = [
    { relation_to_head = "妻", marital_status = "20", is = "pass" },
    { relation_to_head = "10", marital_status = "10", is = "fail" },
    { relation_to_head = "户主", marital_status = "10", is = "pass" },
    { relation_to_head = "10", is = "missing" },
]
[relations.in_order]
label = { zh = "日期先后", en = "Dates in order" }
check = ["arrived_on >= birth_date", "来本地日期 ≤ 登记日期"]
examples = [{ arrived_on = "2016-06-01", birth_date = "1990-01-01", registered_on = "2016-06-02", is = "pass" }]
[relations.in_time]
label = { zh = "登记及时", en = "Registered in time" }
when = ["arrived_on is filled"]
check = ["days(arrived_on, registered_on) between 0 and 3"]
examples = [
    { arrived_on = "2016-06-01", registered_on = "2016-06-05", is = "fail" },
    { registered_on = "2016-06-05", is = "not_applicable" },
]
[relations.space]
label = { zh = "面积与人数", en = "Area and residents" }
check = ["area >= 5 * persons or has_lease = no"]
examples = [{ area = "30", persons = "6", has_lease = "是", is = "pass" }, { area = "29.5", persons = "6", has_lease = "有", is = "fail" }]
[relations.house]
label = { zh = "房屋编码与单位", en = "House and unit" }
check = ["house_code starts with unit", "length(house_code) = 16", 'rest(house_code, 13) has form "[0-9]+"', "not same_division(household_place, residence_address, county)"]
[relations.landlord]
label = { zh = "房东", en = "Landlord" }
check = ['landlord_code.division = "440118"', 'relation_to_head not in ["02", "子"]', "months(arrived_on) < 120", "age(arrived_on, registered_on) != 1"]
"#;

fn loaded(own: &str) -> Result<Definitions, String> {
    let text = format!("{DEMO}\n{own}");
    match config::parse("test.toml", &text, &BTreeMap::new()) {
        Ok(loaded) => Ok((*loaded.settings.indicators.definitions).clone()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn printing_a_clause_and_reading_it_gives_the_same() {
    let definitions = loaded(OWN).unwrap();
    let mut clauses = 0;
    for relation in &definitions.relations {
        for clause in relation.clauses() {
            let text = definitions.print(clause);
            assert_eq!(parse::clause(&text, &definitions).as_ref(), Ok(clause), "{text}");
            clauses += 1;
        }
        for language in [SentenceLanguage::Chinese, SentenceLanguage::English] {
            let sentence = definitions.sentence(relation, language);
            assert!(sentence.chars().count() > 8 && !sentence.contains("{}"), "{sentence}");
        }
    }
    assert!(clauses > 25, "{clauses}");
}

#[test]
fn rules_are_printed_in_words() {
    let definitions = loaded(OWN).unwrap();
    let words = |key: &str| {
        let relation = definitions.relation(key).unwrap();
        (
            definitions.sentence(relation, SentenceLanguage::Chinese),
            definitions.sentence(relation, SentenceLanguage::English),
        )
    };
    let (zh, en) = words("spouse_married");
    assert_eq!(zh, "与户主关系为配偶、夫、妻的，婚姻状况为已婚。");
    assert_eq!(
        en,
        "Where the relation to head of household is 配偶, 夫 or 妻, the marital status is married."
    );
    let (zh, en) = words("id_birth_date");
    assert_eq!(
        zh,
        "出生日期与公民身份号码所含出生日期一致。（先要求公民身份号码位数、校验码正确且所含日期存在（GB 11643）：已填而不合的按无效处理，未填的按未填处理，其他证件不判。）"
    );
    assert_eq!(
        en,
        "The birth date is the same as the birth date in the ID number. (Required first: the ID number has the right length and check character \
         and an existing date (GB 11643); what is filled otherwise is invalid, what is blank counts as missing; other documents are not judged.)"
    );
    // A rule that says that a value is valid if it is valid says nothing.
    for (field, rule_zh, rule_en) in [
        (
            "type = \"uscc\"",
            "为18位，不含字母I、O、S、V、Z，第3至8位为数字，校验码正确（GB 32100）。",
            "has 18 characters, none of them I, O, S, V or Z, digits in places 3 to 8 and the right check character (GB 32100).",
        ),
        (
            "type = \"form\"\nform = \"[0-9+\\\\-]{7,20}\"",
            "为7至20位，只含数字、“+”、“-”。",
            "has 7 to 20 characters, all of them digits or \"+\" or \"-\".",
        ),
        (
            "type = \"form\"\nform = \"A[0-9]{3}|B\"",
            "由“A”和3位数字依次组成，或者为“B”。",
            "consists, in this order, of \"A\" and 3 digits, or is \"B\".",
        ),
        (
            "type = \"form\"\nform = '粤[A-Z]-?[0-9]{4,5}[0-9X]+'",
            "由“粤”、1位大写字母、可有可无的1位“-”、4至5位数字和不少于1位数字或“X”依次组成。",
            "consists, in this order, of \"粤\", one capital letter, at most one \"-\", 4 to 5 digits and at least 1 \
             digits or \"X\".",
        ),
        (
            "type = \"code\"\nlist = \"kind\"\n[lists.kind]\ncodes = { \"1\" = \"出租屋\", \"2\" = \"自建房\" }",
            "为出租屋、自建房。",
            "is 出租屋 or 自建房.",
        ),
        ("type = \"date\"", "为存在的日期。", "is an existing date."),
    ] {
        let own = format!(
            "[fields.mark]\nlabel = {{ zh = \"某项\", en = \"Mark\" }}\n{field}\n[relations.mark_valid]\ncheck = [\"mark is valid\"]\n"
        );
        let definitions = loaded(&own).unwrap();
        let relation = definitions.relation("mark_valid").unwrap();
        assert_eq!(definitions.sentence(relation, SentenceLanguage::Chinese), format!("某项{rule_zh}"));
        let english = definitions.sentence(relation, SentenceLanguage::English);
        assert!(english.ends_with(rule_en), "{english}");
    }
    let (zh, _) = words("in_time");
    assert_eq!(zh, "来本地日期至登记日期的天数介于0与3之间（含）。（仅判来本地日期已填的记录）");
    let (zh, _) = words("age_marital");
    assert!(
        zh.starts_with(
            "婚姻状况为已婚、离婚、丧偶的：民族为少数民族，且性别为男的，按出生日期至截止日已满20周岁；"
        ),
        "{zh}"
    );
}

/// Own definitions with one wrong line: the message has the line, the column of the wrong part, and what to do.
fn refused(own: &str, wrong: &str, part: &str, expected: &str) {
    let message = loaded(own).unwrap_err();
    let text = format!("{DEMO}\n{own}");
    let line = text.lines().position(|line| line == wrong).unwrap_or_else(|| panic!("{wrong}"));
    let column = wrong[..wrong.find(part).unwrap()].chars().count() + 1;
    let place = format!("test.toml:{}:{column}: ", line + 1);
    assert!(message.contains(&place) && message.contains(expected), "{place} {expected}\n{message}");
}

#[test]
fn a_wrong_clause_is_named_with_its_place() {
    for (wrong, part, expected) in [
        (r#"check = ["marital_status >= 20"]"#, "20\"", "a text or code is written in quotation marks"),
        (r#"check = ["maritl_status in marital.ever"]"#, "maritl", "did you mean marital_status?"),
        (r#"check = ["marital_status in marital.evr"]"#, "evr", "did you mean ever?"),
        (r#"check = ['marital_status = "已昏"']"#, "\"已昏", "the list marital has no code 已昏"),
        (
            r#"check = ["birth_date = id_number"]"#,
            "birth_date",
            "it cannot be compared with a citizen ID number",
        ),
        (r#"check = ["birth_date >= 2016-02-30"]"#, "2016", "the calendar has no 2016-02-30"),
        (r#"check = ["birth_date is filled or"]"#, "\"]", "a value is missing here"),
        (
            r#"check = ["household_place = residence_address"]"#,
            "household",
            "compare places with same_division",
        ),
        (r#"check = ["出生日期 晚于 截止日"]"#, "晚于", "a comparison is missing here"),
        (r#"check = ["性别 = “男” 并且 民族 已填"]"#, "并且", "the clause should end here"),
        (r#"check = ["sex is filled and name is filled"]"#, "and", "and joins no clauses"),
        (r#"check = ["birth_date between 2016-01-01 and 2015-01-01"]"#, "2016", "nothing is between"),
        (r#"check = ["sex < id_number.sex"]"#, "sex <", "it has no order"),
        (r#"check = ["name has form \"a.b\""]"#, "\"name", "has no meaning here"),
    ] {
        refused(&format!("[relations.mine]\n{wrong}\n"), wrong, part, expected);
    }
}

#[test]
fn a_wrong_definition_is_named() {
    for (own, expected) in [
        ("[relations.mine]\nlabel = \"x\"\n", "needs either check"),
        ("[relations.id_sex]\ncheck = [\"name is filled\"]\n", "is built in"),
        (
            "[relations.mine]\ncheck = [\"sex = id_number.sex\"]\nwhen = [\"id_number is valid\"]\n",
            "asks the same as id_sex",
        ),
        ("[fields.Area]\ntype = \"number\"\n", "small letters"),
        ("[fields.area]\ntype = \"code\"\n", "has list"),
        ("[fields.area]\ntype = \"code\"\nlist = \"maritl\"\n", "did you mean marital?"),
        ("[fields.area]\nlabel = \"婚姻状况\"\n", "is the label of marital_status already"),
        ("[fields.age]\n", "is a word of the language"),
        ("[lists.a]\ncodes = { \"1\" = \"甲\", \"2\" = \"甲\" }\n", "stands for two codes"),
        ("[lists.a]\ncodes = { \"1\" = \"甲\" }\ngroups = { x = [\"3\"] }\n", "the list has no code 3"),
        (
            "[relations.mine]\ncheck = [\"name is filled\"]\nexamples = [{ name = \"甲\", is = \"fail\" }]\n",
            "the example turns out pass",
        ),
        (
            "[relations.mine]\ncheck = [\"age(birth_date) >= 1\"]\nexamples = [{ birth_date = \"1990-01-01\", is = \"pass\" }]\n",
            "add cut_off",
        ),
        (
            "[relations.mine]\ncheck = [\"name is filled\"]\nexamples = [{ nam = \"甲\", is = \"pass\" }]\n",
            "did you mean name?",
        ),
    ] {
        let message = loaded(own).unwrap_err();
        assert!(message.contains(expected), "{own}\n{message}");
    }
}

#[test]
fn what_the_program_is_not_for_is_refused() {
    for field in [
        "[fields.x]\nlabel = \"避孕措施\"\n",
        "[fields.pregnancy]\n",
        "[fields.x]\ncolumn = \"zzmm_政治面貌\"\n",
    ] {
        let message = loaded(field).unwrap_err();
        assert!(message.contains("measures the quality of a register"), "{message}");
    }
    for relation in [
        "check = ['ethnicity = \"汉\"']",
        "check = [\"ethnicity not in ethnic.minorities\"]",
        "when = [\"ethnicity in ethnic.minorities\"]\ncheck = [\"name is blank\"]",
        "if = [\"ethnicity in ethnic.minorities\"]\ncheck = [\"name is blank\"]",
        "cases = [{ when = [\"ethnicity in ethnic.minorities\"], check = [\"name is blank\"] }, { check = [\"name is filled\"] }]",
    ] {
        let message = loaded(&format!("[relations.mine]\n{relation}\n")).unwrap_err();
        assert!(message.contains("ethnicity is sensitive"), "{relation}: {message}");
    }
    // Another column of the same meaning is sensitive too, and its validity may be asked for.
    let own = "[lists.e]\ncodes = { \"1\" = \"甲\", \"2\" = \"乙\" }\n[fields.x]\ncolumn = \"minzu\"\ntype = \"code\"\nlist = \"e\"\n";
    assert!(loaded(&format!("{own}[relations.mine]\ncheck = [\"x is valid\"]\n")).is_ok());
    assert!(loaded(&format!("{own}[relations.mine]\ncheck = [\"x in e\"]\n")).is_ok());
    assert!(loaded(&format!("{own}[relations.mine]\ncheck = ['x = \"甲\"']\n")).is_err());
}

#[test]
fn the_program_lists_rules_and_tries_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = setting::write(dir.path(), &format!("{DEMO}\n{OWN}"));
    let config = path.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let all: Vec<&str> = ["--config", config].iter().chain(arguments).copied().collect();
        setting::tongbao(dir.path(), &all)
    };
    let shown = setting::stdout(&run(&["--lang", "zh", "rules"]));
    assert!(shown.contains("与户主关系为配偶、夫、妻的，婚姻状况为已婚。"), "{shown}");
    let shown = run(&["--format", "json", "rules", "--all"]);
    let json: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(json["relations"].as_array().unwrap().len(), 5 + 6);
    assert_eq!(json["digest"].as_str().unwrap().len(), 64);

    let file = dir.path().join("trial.csv");
    std::fs::write(
        &file,
        "公民身份号码,出生日期,性别,与户主关系,婚姻状况,备注\n\
         440118200101010011,2001-01-01,男,妻,20,x\n440118200101010011,2001-01-02,女,户主,10,y\n",
    )
    .unwrap();
    let tried = run(&[
        "--format",
        "json",
        "rules",
        "test",
        "trial.csv",
        "--on",
        "2016-06-20",
        "--relation",
        "id_birth_date",
        "--relation",
        "spouse_married",
    ]);
    assert!(setting::stderr(&tried).contains("备注"), "{}", setting::stderr(&tried));
    let json: serde_json::Value = serde_json::from_slice(&tried.stdout).unwrap();
    let outcome = |record: usize, relation: usize| json["records"][record]["outcomes"][relation].clone();
    assert_eq!(outcome(0, 0)["outcome"], "pass");
    assert_eq!(outcome(1, 0)["outcome"], "fail");
    assert_eq!(outcome(1, 0)["clause"], "birth_date = id_number.birth_date");
    assert_eq!(outcome(0, 1)["outcome"], "pass");
    assert_eq!(outcome(1, 1)["stage"], "if");
    assert_eq!(json["relations"][0]["fail"], 1);
    // Values of records are not printed.
    let text = setting::stdout(&run(&["rules", "test", "trial.csv"]));
    assert!(
        !text.contains("440118200101010011") && text.contains("birth_date = id_number.birth_date"),
        "{text}"
    );
    let wrong = run(&["rules", "test", "trial.csv", "--relation", "id_sx"]);
    assert!(setting::stderr(&wrong).contains("did you mean id_sex?"), "{}", setting::stderr(&wrong));
}

#[test]
fn codes_of_the_register_mean_the_same_whatever_a_trial_calls_the_column() {
    let dir = tempfile::tempdir().unwrap();
    let coded = DEMO.replace("\"1\" = \"男\"", "\"7\" = \"男\"");
    assert_ne!(coded, DEMO);
    let path = setting::write(dir.path(), &coded);
    for name in ["sex", "性别", "Sex"] {
        std::fs::write(dir.path().join("trial.csv"), format!("id_number,{name}\n440118200101010011,7\n"))
            .unwrap();
        let arguments = ["--format", "json", "rules", "test", "trial.csv", "--relation", "id_sex"];
        let all = [&["--config", path.to_str().unwrap()], &arguments[..]].concat();
        let tried = setting::tongbao(dir.path(), &all);
        let json: serde_json::Value = serde_json::from_slice(&tried.stdout).unwrap();
        assert_eq!(json["records"][0]["outcomes"][0]["outcome"], "pass", "{name}");
    }
}

#[test]
fn a_trial_calls_unit_and_day_as_clauses_do() {
    let dir = tempfile::tempdir().unwrap();
    let own =
        "[relations.of_the_unit]\nwhen = [\"所属单位 开头为 '4401'\"]\ncheck = [\"登记日期 ≤ 2016-06-30\"]\n";
    let path = setting::write(dir.path(), &format!("{DEMO}\n{own}"));
    for header in ["性别,所属单位,登记日期", "sex,unit,registered_on"] {
        std::fs::write(
            dir.path().join("trial.csv"),
            format!("{header}\n男,440118001001,2016-06-01\n男,440118001001,2016-07-01\n男,4501,2016-07-01\n"),
        )
        .unwrap();
        let arguments = ["--format", "json", "rules", "test", "trial.csv", "--relation", "of_the_unit"];
        let tried =
            setting::tongbao(dir.path(), &[&["--config", path.to_str().unwrap()], &arguments[..]].concat());
        assert_eq!(setting::stderr(&tried), "");
        let json: serde_json::Value = serde_json::from_slice(&tried.stdout).unwrap();
        let outcome = |record: usize| json["records"][record]["outcomes"][0]["outcome"].clone();
        assert_eq!([0, 1, 2].map(outcome), ["pass", "fail", "not_applicable"]);
    }
}
