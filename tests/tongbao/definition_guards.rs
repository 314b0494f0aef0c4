//! What definitions must not become, by whatever way it is tried; and clauses that cannot do what they are for.

use std::collections::BTreeMap;

use tongbao::config;
use tongbao::rule::definitions::Definitions;
use tongbao::rule::parse;

const DEMO: &str = include_str!("../../config/tongbao.toml");

/// The definitions of the demo's office with these, and the warnings.
fn loaded(own: &str) -> Result<(Definitions, Vec<String>), String> {
    let text = format!("{DEMO}\n{own}");
    let loaded = config::parse("test.toml", &text, &BTreeMap::new()).map_err(|error| error.to_string())?;
    let warnings = loaded.warnings.iter().map(ToString::to_string).collect();
    Ok(((*loaded.settings.indicators.definitions).clone(), warnings))
}

fn refused(own: &str, expected: &str) {
    match loaded(own) {
        Ok(_) => panic!("{own}: not refused"),
        Err(message) => assert!(message.contains(expected), "{own}: {message}"),
    }
}

#[test]
fn no_name_label_value_or_reason_speaks_of_what_the_program_is_not_for() {
    let field = "[fields.k]\nlabel = \"类别\"\ncolumn = \"lb\"\n";
    let of = |rest: &str| format!("{field}{rest}");
    for own in [
        "[fields.k]\nlabel = \"健 康\"\n".to_owned(),
        "[fields.k]\nlabel = \"絕育措施\"\n".to_owned(),
        "[fields.k]\ncolumn = \"isPregnant\"\n".to_owned(),
        "[fields.k]\ncolumn = \"zzmm\"\n".to_owned(),
        "[fields.k]\ntype = \"form\"\nform = \"怀孕|未孕\"\n".to_owned(),
        "[lists.k]\ncodes = { \"1\" = \"怀孕\", \"2\" = \"未怀孕\", \"9\" = \"其他\" }\n".to_owned(),
        "[lists.k]\nlabel = \"孕情\"\ncodes = { \"1\" = \"甲\" }\n".to_owned(),
        "[lists.k]\ncodes = { \"1\" = \"甲\" }\ngroups = { pregnant = [\"1\"] }\n".to_owned(),
        "[values.religion]\nfirst_of = [\"name\"]\n".to_owned(),
        of("[relations.s]\ncheck = ['k != \"怀孕\"']\n"),
        of("[relations.s]\ncheck = ['k has form \"怀孕|未孕\"']\n"),
        of("[relations.s]\nlabel = \"孕情已采集\"\ncheck = [\"k is filled\"]\n"),
        of("[relations.s]\ncheck = [\"k is filled\"]\nnote = \"未采集孕情的计为不符\"\n"),
        of("[indicators.own.r]\nlabel = \"孕检率\"\nof = \"fields\"\nfields = [\"k\"]\ntarget = \"90%\"\n"),
        "[source.exceptions]\nurl = \"file:e.csv\"\nkey = \"r\"\nreasons = { \"1\" = \"怀孕\" }\n".to_owned(),
        "[source.register.only]\n\"健康状况\" = [\"1\"]\n".to_owned(),
    ] {
        refused(&own, "measures the quality of a register");
    }
    let column = DEMO.replace("hukou_type = \"hukou_type\"", "hukou_type = \"政治面貌\"");
    let message = config::parse("test.toml", &column, &BTreeMap::new()).unwrap_err().to_string();
    assert!(message.contains("source.register.fields.hukou_type"), "{message}");
    // A list of trades may have a church among others.
    let trades = "[lists.trade]\ncodes = { \"1\" = \"餐饮\", \"2\" = \"建材\", \"3\" = \"物流\", \"4\" = \"服装\", \"5\" = \"宗教组织\" }\n";
    assert!(loaded(trades).is_ok());
}

#[test]
fn a_sensitive_field_singles_nobody_out_by_another_way() {
    // The marriageable age of the preset, in other numbers.
    let cases = |first: &str, check: u32, rest: &str, other: u32| {
        format!(
            "[relations.s]\ncases = [{{ when = [\"{first}\"], check = [\"age(birth_date) >= {check}\"] }}, \
             {{ when = [{rest}], check = [\"age(birth_date) >= {other}\"] }}]\n"
        )
    };
    let minorities = "ethnicity in ethnic.minorities";
    assert!(loaded(&cases(minorities, 18, "", 20)).is_ok());
    for own in [
        // More is asked of some, all others are asked more, one people is chosen, nobody else is asked.
        cases(minorities, 200, "", 0),
        cases("ethnicity in ethnic.majority", 0, "", 200),
        cases("ethnicity not in ethnic.minorities", 0, "", 200),
        cases("ethnicity in ['03']", 0, "", 200),
        cases("ethnicity = '回'", 0, "", 200),
        cases(minorities, 200, "\"name is blank\"", 200),
        "[fields.x]\nlabel = \"类别\"\ncolumn = \"ETHNICITY \"\n[relations.s]\ncheck = ['x != \"a\"']\n"
            .to_owned(),
    ] {
        refused(&own, "is sensitive");
    }
    refused("[indicators.completeness.also_blank]\nethnicity = [\"回族\"]\n", "must not count as blank");
    refused("[fields.x]\ncolumn = \"minzu\"\nplaceholders = [\"03\"]\n", "must not count as blank");
    refused(
        "[lists.e]\ncodes = { \"01\" = \"汉族\", \"02\" = \"蒙古族\" }\n[fields.x]\ncolumn = \"minzu\"\ntype = \"code\"\nlist = \"e\"\n",
        "leaves out 回",
    );
    refused(
        "[lists.e]\nopen = true\ncodes = { \"01\" = \"汉族\", \"02\" = \"蒙古族\" }\n[fields.x]\ncolumn = \"minzu\"\ntype = \"code\"\nlist = \"e\"\n",
        "leaves out 回",
    );
    refused(
        "[fields.x]\ncolumn = \"minzu\"\ntype = \"form\"\nform = \"汉族\"\n",
        "a sensitive field has no form",
    );
    // Most databases read a column in whatever letters it is asked for.
    for column in ["ethnicity", "Ethnicity", "ETHNICITY"] {
        let own = format!("[source.register.only]\n{column} = [\"汉族\"]\n");
        refused(&own, "must not decide which records count");
    }
    let coded = DEMO.replace("ethnicity = \"ethnicity\"", "ethnicity = \"mz_dm\"");
    let of = |url: &str| {
        let text = coded.replace("sqlite:../demo/register.db", url);
        let own = "[source.register.only]\nMZ_DM = [\"01\"]\n";
        config::parse("test.toml", &format!("{text}\n{own}"), &BTreeMap::new()).map_err(|e| e.to_string())
    };
    for url in ["sqlite:../demo/register.db", "mysql://office@localhost/x"] {
        assert!(of(url).unwrap_err().contains("must not decide which records count"), "{url}");
    }
    // PostgreSQL would read another column.
    assert!(of("postgres://office@localhost/x").is_ok());
    // A field of the office's own that is sensitive because it says that it is.
    let own = "[fields.community]\nlabel = \"群体\"\ncolumn = \"qt\"\nsensitive = true\n";
    refused(&format!("{own}[source.register.only]\nQT = [\"1\"]\n"), "must not decide which records count");
    // Names and numbers pick single persons, also as fields of the office's own.
    refused("[source.register.only]\nNAME = [\"张三\"]\n", "names single persons");
    refused("[source.register.only]\nid_number = [\"1\"]\n", "names single persons");
    let own = "[fields.holder]\nlabel = \"户主证件\"\ncolumn = \"hz\"\ntype = \"citizen_id\"\n";
    refused(&format!("{own}[source.register.only]\nhz = [\"1\"]\n"), "names single persons");
    // Under another column name of the register the field is the same.
    let renamed = DEMO.replace("ethnicity = \"ethnicity\"", "ethnicity = \"mz\"");
    let own = "[fields.x]\nlabel = \"类别\"\ncolumn = \"mz\"\n[relations.s]\ncheck = ['x != \"a\"']\n";
    let message = config::parse("test.toml", &format!("{renamed}\n{own}"), &BTreeMap::new()).unwrap_err();
    assert!(message.to_string().contains("x is sensitive"), "{message}");
}

#[test]
fn no_relation_names_a_person() {
    let list = "[source.references.p]\nurl = \"file:p.csv\"\ncolumn = \"n\"\n";
    for field in ["name", "id_number", "x"] {
        let own = "[fields.x]\nlabel = \"某项\"\ncolumn = \"id_number\"\n";
        refused(&format!("{own}{list}[relations.s]\nlisted = \"{field}\"\nin = \"p\"\n"), "of a person");
    }
    for check in [
        "name != '张'",
        "rest(name, 1) = '三'",
        "name has form '张[一-龥]'",
        "id_number.text starts with '440118'",
        "rest(id_number.text, 6) = '199001010011'",
        "id_number.text has form '[0-9]{16}1[0-9X]'",
        "id_number.text != '440118199001010011'",
        "id_number.text not in ['440118199001010011']",
        "id_number.text starts with '44011819900101'",
        "id_number.text has form '440118199001010011'",
        "name not in ['张三']",
        "name starts with '张三'",
    ] {
        refused(&format!("[relations.s]\ncheck = [\"{check}\"]\n"), "names single persons");
    }
    for check in [
        "id_number.division starts with '440118'",
        "id_number.birth_date >= 1900-01-01",
        "id_number.text has form '[0-9]{17}[0-9X]'",
        "length(name) >= 2",
        "name has form '[一-龥]{2,20}·?[一-龥]*'",
        "name is filled",
        "id_number.text != name",
    ] {
        let own = format!("[relations.s]\ncheck = [\"{check}\"]\n");
        assert!(loaded(&own).is_ok(), "{check}: {:?}", loaded(&own).err());
    }
}

#[test]
fn no_definition_is_for_one_person_or_one_people() {
    let read = "[relations.s]\ncheck = [\"x is filled\"]\n";
    let field = |column: &str, rest: &str| {
        format!("[fields.x]\nlabel = \"某项\"\ncolumn = \"{column}\"\n{rest}\n{read}")
    };
    let list = "[lists.l]\ncodes = { \"440118199001010011\" = \"甲\" }\n";
    for (own, expected) in [
        (field("id_number", "type = \"form\"\nform = \"440118199001010011\""), "names single persons"),
        (field("sfzh", "type = \"form\"\nform = \"4401181990[0-9]{8}\""), "names single persons"),
        (list.to_owned() + &field("房东身份证", "type = \"code\"\nlist = \"l\""), "names single persons"),
        (list.to_owned() + &field("xm", "type = \"code\"\nlist = \"l\""), "names single persons"),
        (
            field("sfzh", "type = \"text\"\nplaceholders = [\"440118199001010011\"]"),
            "name or number of a person",
        ),
        (field("户主姓名", "placeholders = [\"张三伟\"]"), "name or number of a person"),
        ("[indicators.completeness.also_blank]\nname = [\"张三伟\"]\n".into(), "name or number of a person"),
        (field("dh", "applies = [\"name starts with '买'\"]"), "names single persons"),
        (field("dh", "") + "when = [\"x = '13800138000'\"]\n", "eleven digits"),
        (field("dh", "") + "when = [\"x in ['13800138000']\"]\n", "eleven digits"),
        (field("dh", "") + "when = [\"x has form '13800138000'\"]\n", "eleven digits"),
        ("[source.register.only]\nhz_sfzh = [\"x\"]\n".into(), "names single persons"),
        ("[source.register.only]\nzh = [\"440118199001010011\"]\n".into(), "names single persons"),
        ("[source.register.only]\nid = [\"17\"]\n".into(), "key of single records"),
        (
            "[lists.e]\ncodes = { \"01\" = \"汉族\" }\n".to_owned()
                + &field("minzu", "type = \"code\"\nlist = \"e\""),
            "leaves out",
        ),
    ] {
        refused(&own, expected);
    }
    for own in [
        field(
            "户主姓名",
            "placeholders = [\"无\", \"未办证\", \"匿名\", \"某某\", \"---\", \"人户分离人员\"]",
        ),
        field("是否有身份证", "type = \"yes_no\""),
        field("dh", "") + "when = [\"x starts with '440118001001'\"]\n",
    ] {
        assert!(loaded(&own).is_ok(), "{own}: {:?}", loaded(&own).err());
    }
    for (code, word) in [("壮族", "未说明"), ("08", "不详"), ("壮族", "维吾尔族"), ("壮族", "甲")]
    {
        let map = format!("ethnicity = {{ column = \"ethnicity\", codes = {{ \"{code}\" = \"{word}\" }} }}");
        let text = DEMO.replace("ethnicity = \"ethnicity\"", &map);
        let message = config::parse("test.toml", &text, &BTreeMap::new()).unwrap_err().to_string();
        assert!(message.contains("another people or a word for nothing"), "{map}: {message}");
    }
    let map = "name = { column = \"name\", codes = { \"张三伟\" = \"无\" } }";
    let text = DEMO.replacen("name = \"name\"", map, 1);
    let message = config::parse("test.toml", &text, &BTreeMap::new()).unwrap_err().to_string();
    assert!(message.contains("names single persons"), "{message}");
}

#[test]
fn every_place_that_is_printed_or_read_is_looked_at() {
    let field = "[fields.k]\nlabel = \"类别\"\ncolumn = \"lb\"\n";
    for own in [
        "[[scoring.veto]]\nindicator = \"coverage\"\nbelow = \"10%\"\nreason = \"孕检未完成\"\n".to_owned(),
        "[lists.k]\ncodes = { \"1\" = \"甲\" }\naliases = { \"甲\" = [\"佛教\"] }\n".into(),
        "[lists.k]\ncodes = { \"huaiyun\" = \"甲\" }\n".into(),
        "[lists.k]\ncodes = { \"1\" = \"甲\" }\nsuffix = \"教徒\"\n".into(),
        format!("{field}placeholders = [\"未孕\"]\n"),
        "[indicators.completeness.also_blank]\nsex = [\"孕妇\"]\n".into(),
        format!("{field}applies = [\"hukou_type = '信佛'\"]\n"),
        format!(
            "{field}[relations.s]\ncheck = [\"k is filled\"]\nexamples = [{{ k = \"住院\", is = \"pass\" }}]\n"
        ),
    ] {
        refused(&own, "measures the quality of a register");
    }
    for (written, instead) in [
        ("codes = { \"1\" = \"男\"", "codes = { \"1\" = \"孕\""),
        ("[source.register]", "[source.register]\nleft_at = \"孕检日期\""),
        ("[campaign]\nname = \"", "[campaign]\nname = \"孕情"),
    ] {
        assert!(DEMO.contains(written), "{written}");
        let text = DEMO.replacen(written, instead, 1);
        let message = config::parse("test.toml", &text, &BTreeMap::new()).unwrap_err().to_string();
        assert!(message.contains("measures the quality of a register"), "{instead}: {message}");
    }
}

#[test]
fn a_field_that_is_always_valid_is_warned_of_among_others() {
    let own = "[fields.k]\nlabel = \"类别\"\ncolumn = \"lb\"\n[fields.area]\nlabel = \"面积\"\ncolumn = \"mj\"\n\
               type = \"number\"\n[indicators.own.v]\nlabel = \"甲率\"\nof = \"valid\"\nfields = [\"area\", \"k\"]\ntarget = \"90%\"\n";
    let (_, warnings) = loaded(own).unwrap();
    let named: Vec<&String> = warnings.iter().filter(|warning| warning.contains("raises the rate")).collect();
    assert!(matches!(named[..], [one] if one.contains("k is of type text")), "{warnings:?}");
}

#[test]
fn definitions_that_undo_themselves_or_are_printed_alike_are_refused() {
    let field = "[fields.k]\nlabel = \"类别\"\ncolumn = \"lb\"\n";
    let of = |rest: &str| format!("{field}{rest}");
    let rate = |key: &str, label: &str| {
        format!(
            "[indicators.own.{key}]\nlabel = {label}\nof = \"fields\"\nfields = [\"k\"]\ntarget = \"90%\"\n"
        )
    };
    let relation = |key: &str, label: &str| {
        format!("[relations.{key}]\nlabel = {label}\ncheck = [\"length(k) > {}\"]\n", key.len())
    };
    for (own, expected) in [
        (
            of(&(rate("a", "\"甲率\"") + &rate("b", "{ zh = \"甲率\", en = \"B\" }"))),
            "甲率 is the label of a already",
        ),
        (of(&rate("a", "\"准确率\"")), "准确率 is the label of accuracy already"),
        (of(&rate("a", "{ zh = \"甲\", en = \"Accuracy\" }")), "Accuracy is the label of accuracy already"),
        (of(&(relation("a", "\"规则\"") + &relation("bb", "\"规则\""))), "规则 is the label of a already"),
        (of(&relation("a", "\"身份号码有效性\"")), "is the label of id_valid already"),
        (
            of("[indicators.own.v]\nlabel = \"甲率\"\nof = \"valid\"\nfields = [\"k\"]\ntarget = \"90%\"\n"),
            "no invalid value",
        ),
        (of(&relation("a", "\"规\\n则\"")), "U+000A"),
        (of(&relation("a", "\"规\\u202e则\"")), "U+202E"),
        (of(&relation("a", "\"😀规则\"")), "U+1F600"),
        (of(&(relation("a", "\"规则\"") + "note = \"附\\u0007注\"\n")), "U+0007"),
        (
            of("[relations.a]\nlabel = \"规则\"\ncheck = [\"k starts with ''\"]\n"),
            "every text begins with nothing",
        ),
        (of("[relations.a]\nlabel = \"规则\"\nunique = [\"k\", \"k\"]\n"), "k is listed twice"),
        (of("applies = [\"k is filled\"]\n"), "k applies by its own values"),
        (
            of("applies = [\"l is filled\"]\n[fields.l]\nlabel = \"别类\"\napplies = [\"k is filled\"]\n"),
            "k applies by its own values",
        ),
        (
            "[lists.k]\nnumbered = true\ncodes = { \"1\" = \"甲\", \"01\" = \"乙\" }\n".into(),
            "01 and 1 are one number",
        ),
        ("[lists.k]\ncodes = { \"1\" = \"\" }\n".into(), "a word that is empty"),
        ("[[scoring.veto]]\nindicator = \"coverage\"\nbelow = \"10%\"\nreason = \" \"\n".into(), "is empty"),
    ] {
        refused(&own, expected);
    }
    let rare = of(&relation("a", "\"𠮷村（甲）—“乙”★\""));
    assert!(loaded(&rare).is_ok(), "{:?}", loaded(&rare).err());
}

#[test]
fn what_is_written_as_in_other_languages_is_put_right() {
    let relation = |clause: &str| {
        format!(
            "[fields.k]\nlabel = \"租金\"\ntype = \"number\"\n[relations.a]\nlabel = \"规则\"\ncheck = [\"{clause}\"]\n"
        )
    };
    for (clause, expected) in [
        ("k == 5", "== is written = here"),
        ("k => 5", "=> is written >= here"),
        ("k <> 5", "<> is written != here"),
        ("k is not blank", "write is filled for is not blank"),
        ("k > 5 AND k < 9", "and joins no clauses"),
        ("k > 5 OR k < 3", "OR is written or here"),
        ("k > 99999999999999999999", "is above the largest number, 922337203685477"),
    ] {
        refused(&relation(clause), expected);
    }
    let listed = "[fields.k]\nlabel = \"租金\"\n[relations.a]\nlisted = \"k\"\nin = \"房屋\"\n";
    refused(listed, "lists are in [source.references.NAME], and there is none");
    let other = format!("{listed}[source.references.p]\nurl = \"file:p.csv\"\ncolumn = \"n\"\n");
    refused(&other, "there is no list of [source.references] 房屋; known: p");
    let own = "[fields.k]\n[indicators.own.a]\nlabel = \"甲率\"\nof = \"fields\"\nfields = [\"k\"]\ntarget = \"90\"\n";
    refused(own, "write \"90%\"");
}

const DOUBTFUL: &str = r#"
[fields.area]
label = { zh = "建筑面积", en = "Floor area" }
type = "number"
[fields.unread]
label = { zh = "无人读", en = "Unread" }
[relations.never]
label = "甲"
when = ["area > 100"]
check = ["area < 50"]
[relations.follows]
label = "乙"
check = ["area > 50", "area > 100"]
[relations.twice]
label = "丙"
check = ["marital_status in marital.married", "marital_status in marital.ever"]
[relations.apart]
label = "丁"
if = ["marital_status in marital.married"]
check = ["marital_status in marital.never"]
[relations.when_blank]
label = "戊"
cases = [{ when = ["area is blank"], check = ["area > 1"] }]
[relations.sound]
label = "己"
when = ["area is filled"]
check = ["area > 1", "area between 1 and 900", "marital_status in marital.ever or area = 5", "age(birth_date) >= 16"]
"#;

#[test]
fn clauses_that_cannot_do_what_they_are_for_are_named() {
    let (_, warnings) = loaded(DOUBTFUL).unwrap();
    for (place, expected) in [
        ("relations.never.check.0", "area < 50 and area > 100 never hold together"),
        ("relations.follows.check.0", "area > 50 follows from area > 100"),
        (
            "relations.twice.check.1",
            "marital_status in marital.ever follows from marital_status in marital.married",
        ),
        ("relations.apart.check.0", "never hold together"),
        ("relations.when_blank.cases.0.check.0", "area > 1 and area is blank never hold together"),
        ("fields.unread", "no relation and no rate reads this field"),
    ] {
        let named = warnings.iter().find(|warning| warning.contains(place));
        assert!(named.is_some_and(|warning| warning.contains(expected)), "{place}: {warnings:?}");
    }
    let sound =
        warnings.iter().filter(|warning| warning.contains(".sound") || warning.contains("fields.area"));
    assert_eq!(sound.count(), 0, "{warnings:?}");
}

#[test]
fn texts_with_quotation_marks_are_printed_so_that_they_read_the_same() {
    let (definitions, _) = loaded("[fields.note]\n").unwrap();
    for text in ["\"甲＂乙\"", "'a\"b'", "“a'b\"c”", "「a'b\"c”d」", "‘”\"’"] {
        for clause in [format!("note = {text}"), format!("note not in [{text}, 'x']")] {
            let Ok(read) = parse::clause(&clause, &definitions) else { continue };
            let printed = definitions.print(&read);
            assert_eq!(parse::clause(&printed, &definitions).as_ref(), Ok(&read), "{clause}: {printed}");
        }
    }
    let quoted = parse::clause("note = “a'b\"c”", &definitions).unwrap();
    assert_eq!(definitions.print(&quoted), "note = “a'b\"c”");
}

#[test]
fn the_schema_of_an_office_has_its_names() {
    let own = "[fields.area]\ntype = \"number\"\n[relations.s]\ncheck = [\"area > 1\"]\n\
               [indicators.own.tidy]\nof = \"valid\"\nfields = [\"area\"]\ntarget = \"90%\"\n";
    let loaded = config::parse("test.toml", &format!("{DEMO}\n{own}"), &BTreeMap::new()).unwrap();
    let schema = config::json_schema_of(&loaded.settings.indicators);
    let names = |place: &str| {
        let list = schema["$defs"].pointer(place).and_then(|names| names.as_array()).unwrap();
        list.iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(names("/RawOwnIndicator/properties/fields/items/enum").contains(&"area".to_owned()));
    assert_eq!(names("/RawAccuracy/properties/relations/items/enum").last().unwrap(), "s");
    assert!(names("/RawFieldDefinition/properties/list/enum").contains(&"marital".to_owned()));
    assert_eq!(names("/RawVeto/properties/indicator/enum").last().unwrap(), "tidy");
    assert_eq!(names("/RawRanking/properties/order/items/enum")[0], "score");
    assert!(
        names("/RawRelationDefinition/properties/examples/items/propertyNames/enum")
            .contains(&"is".to_owned())
    );
    // Every place is one of the schema of any office: nothing is put where nothing was.
    let plain = config::json_schema();
    for place in [
        "/RawRelationDefinition/properties/in",
        "/RawSubject/properties/identity",
        "/RawRelationCase/properties/when",
    ] {
        assert!(
            plain["$defs"].pointer(place).is_some_and(|property| property["description"].is_string()),
            "{place}"
        );
    }
}
