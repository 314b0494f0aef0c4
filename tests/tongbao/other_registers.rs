//! Registers that list something else than persons: what `init --preset` makes of exports, what its configuration
//! counts, and that no sentence of its documents speaks of persons.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::office::pdf_text;
use crate::support::servers;
use crate::support::setting::{stderr, stdout, tongbao};

const HEADS: &str = "序号,所属村居,房屋编码,房屋坐落,房东姓名,房东身份证号,联系电话,房屋用途,建筑面积,出租状态,居住人数,起租日期,登记时间";
const LANDLORD: &str = "44011819000101000X";

/// A house in order: columns from the code on.
fn house(code: &str) -> [String; 10] {
    [code, "和平路1号", "张伟", LANDLORD, "13800000000", "居住", "80", "出租", "3", "2016-05-01"]
        .map(str::to_owned)
}

/// Twelve houses with one thing each that a careless reader would count wrong.
fn houses() -> Vec<[String; 10]> {
    let mut houses: Vec<[String; 10]> = [
        "A-1-12",
        "A-11-2",
        "a-1-12",
        "Ａ－2",
        "",
        "B-5",
        "B-6",
        "B-7",
        "B-8",
        "B-9",
        "B-10",
        "440125491001001",
    ]
    .into_iter()
    .map(house)
    .collect();
    houses[5][3] = "440118190001010001".to_owned();
    for (at, tenants) in [(6, "2"), (7, "0")] {
        houses[at][7] = "空置".to_owned();
        houses[at][8] = tenants.to_owned();
        houses[at][9] = String::new();
    }
    houses[8][6] = "10".to_owned();
    houses[9][1] = "暂无".to_owned();
    houses[10][7] = String::new();
    houses
}

/// Exports of an office: its own headings, and lists beside the register.
pub fn exports(dir: &Path) {
    let rows = houses().into_iter().enumerate().map(|(at, house)| {
        format!("{},4401180012{:02},{},2016-06-{:02} 09:00:00\n", at + 1, at % 3 + 1, house.join(","), at + 1)
    });
    // The totals at the foot count for nothing, neither as a house nor beside the records that relations compare.
    let totals = [("合计", ""), ("", "合计"), ("合计", "12")];
    let totals = totals.map(|(unit, code)| format!(",{unit},{code},,,,,,,,,,\n"));
    let rows = rows.chain(totals);
    let files = [
        ("出租房屋登记.csv", format!("{HEADS}\n{}", rows.collect::<String>())),
        (
            "单位表.csv",
            "代码,名称,类别\n440118001201,白水村,村\n440118001202,大塘基村,村\n440118001203,东湖社区,社区\n"
                .to_owned(),
        ),
        (
            "比对底册.csv",
            "单位代码,房屋编码\n440118001201,A-1-12\n440118001202,A-11-2\n440118001201,A-2\n440118001202,a－2\n\
             440118001203,Z-9\n440118001203,\n440118001203,440125194910010017\n"
                .to_owned(),
        ),
    ];
    std::fs::create_dir(dir.join("lists")).unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(dir.join("lists").join(name), text).unwrap());
}

fn init(dir: &Path, preset: &str, url: &str) {
    let given = ["--yes", "--name", "出租房屋登记专项活动", "--issuer", "荔城街道办事处"];
    let days = ["--from", "2016-05-25", "--to", "2016-07-07", "--out", "own.toml"];
    let all = [&["init", "--url", url, "--preset", preset], &given[..], &days].concat();
    let made = tongbao(dir, &all);
    assert!(made.status.success(), "{}{}", stdout(&made), stderr(&made));
    assert!(!stdout(&made).contains("warning"), "{}", stdout(&made));
}

/// What the program says, where the database counts: how values look is not known there.
fn without_shapes(text: &str) -> String {
    let line = |line: &str| match (line.find(" ("), line.find(" × "), line.find("), which")) {
        (Some(from), Some(times), Some(to)) if from < times && times < to => {
            format!("{}{}\n", &line[..from], &line[to + 1..])
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn rates(dir: &Path) -> Value {
    let output = tongbao(dir, &["--config", "own.toml", "--format", "json", "rates", "--to", "2016-07-07"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)))
}

fn counts(rate: &Value) -> Value {
    json!([rate["numerator"], rate["denominator"]])
}

#[test]
fn a_list_of_houses_is_counted_by_its_own_fields_and_codes() {
    let dir = tempfile::tempdir().unwrap();
    exports(dir.path());
    init(dir.path(), "house", "file:lists");
    let figures = rates(dir.path());
    let totals = &figures["totals"];
    // A-1-12 and A-11-2 are two houses, a-1-12 and Ａ－2 known ones; the number of 15 digits is not read as a
    // person's, who would be the one that the roster lists with 18.
    assert_eq!(counts(&totals["coverage"]), json!([3, 5]), "{figures:#}");
    assert_eq!(figures["duplicates"], 1);
    // Without a code, an address, a state.
    assert_eq!(counts(&totals["completeness"]), json!([9, 12]));
    let fields: Vec<&String> = totals["fields"].as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), 10, "{fields:?}");
    assert!(!fields.iter().any(|key| *key == "id_number" || *key == "marital_status"));
    // A vacant house has no date of letting, which is no lack.
    assert_eq!(counts(&totals["fields"]["let_on"]), json!([10, 10]));
    // Two records share a code, one has none.
    assert_eq!(counts(&totals["relations"]["identity_once"]), json!([9, 12]));
    assert_eq!(counts(&totals["relations"]["landlord_number"]), json!([11, 12]));
    assert_eq!(counts(&totals["relations"]["state_tenants"]), json!([10, 12]));
    assert_eq!(counts(&totals["relations"]["area_tenants"]), json!([11, 12]));
}

#[test]
fn its_documents_speak_of_houses() {
    let dir = tempfile::tempdir().unwrap();
    exports(dir.path());
    init(dir.path(), "house", "file:lists");
    for (report, person) in [("weekly", "人员"), ("ranking", "人员"), ("acceptance", "名册人员")] {
        let out = dir.path().join(report);
        let to = out.display().to_string();
        let arguments =
            ["--config", "own.toml", "run", report, "--to", "2016-07-07", "--dry-run", "--out", &to];
        let made = tongbao(dir.path(), &arguments);
        // One of the seven entries of its roster has no code, for which the run is held.
        assert_eq!(made.status.code(), Some(3), "{}{}", stdout(&made), stderr(&made));
        assert!(stdout(&made).contains("比对名册中没有房屋编码的1条（共7条）"), "{}", stdout(&made));
        let files = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        let pdf = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "pdf")).unwrap();
        let text: String = pdf_text(&std::fs::read(pdf).unwrap()).split_whitespace().collect();
        for word in [
            "应登记5套，已覆盖3套",
            "按房屋编码在出租房屋信息库",
            "房屋编码不重复",
            "面积不小于承租人数的5倍",
            "房东公民身份号码位数、校验码正确且所含日期存在（GB11643）",
        ] {
            assert!(text.contains(word), "{report}: {word}: {text}");
        }
        for word in
            [person, "人口", "婚姻", "户口性质", "人未覆盖", "按公民身份号码", "居民居住证", "号码有效。"]
        {
            assert!(!text.contains(word), "{report}: {word}: {text}");
        }
    }
}

/// Samples of each kind in files and in a database give the same figures.
#[test]
fn each_preset_has_a_sample_that_init_understands() {
    for preset in ["house", "enterprise", "household"] {
        let dir = tempfile::tempdir().unwrap();
        let mut all = Vec::new();
        for url in ["file:lists", "sqlite:register.db"] {
            let made = tongbao(
                dir.path(),
                &["-q", "sample", "--preset", preset, "--records", "700", "--defects", "0.3", "--to", url],
            );
            assert!(made.status.success(), "{}", stderr(&made));
            init(dir.path(), preset, url);
            let checked = tongbao(dir.path(), &["--config", "own.toml", "check"]);
            assert!(checked.status.success(), "{}", stdout(&checked));
            let rules = stdout(&tongbao(dir.path(), &["--config", "own.toml", "rules"]));
            assert!(!rules.contains("marital_status") && !rules.contains("id_sex"), "{rules}");
            let mut figures = rates(dir.path());
            figures["pulled_at"] = Value::Null;
            all.push(figures);
            std::fs::remove_file(dir.path().join("own.toml")).unwrap();
        }
        assert_eq!(all[0], all[1], "{preset}");
        let totals = &all[0]["totals"];
        assert_eq!(totals["records"], 700);
        for rate in ["coverage", "completeness", "accuracy"] {
            let [part, whole] = ["numerator", "denominator"].map(|key| totals[rate][key].as_u64().unwrap());
            assert!(part > whole / 2 && part < whole, "{preset} {rate}: {part}/{whole}");
        }
    }
}

#[test]
fn what_does_not_belong_to_such_a_register_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    exports(dir.path());
    init(dir.path(), "house", "file:lists");
    let text = std::fs::read_to_string(dir.path().join("own.toml")).unwrap();
    let cases = [
        ("identity = \"house_code\"", "identity = \"house_cod\"", "did you mean house_code?"),
        (
            "[source.register]",
            "[source.register.fields]\nname = \"房东姓名\"\n\n[source.register]",
            "[register]",
        ),
        ("noun = { zh = \"出租房屋\"", "noun = { zh = \"孕妇\"", "speaks of"),
        ("check = [\"landlord_id is valid\"]", "check = [\"id_number is valid\"]", "no field id_number"),
        ("[ranking]", "[indicators.accuracy]\nrelations = [\"id_sex\"]\n\n[ranking]", "no relation id_sex"),
    ];
    for (from, to, problem) in cases {
        let text = format!("{text}\n[ranking]\nmin_records = 1\n");
        assert!(text.contains(from), "{from}: {text}");
        std::fs::write(dir.path().join("wrong.toml"), text.replacen(from, to, 1)).unwrap();
        let output = tongbao(dir.path(), &["--config", "wrong.toml", "check", "--offline"]);
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert!(!output.status.success() && said.contains(problem), "{to}: {said}");
    }
}

#[test]
fn a_column_that_is_not_there_takes_its_relations_along() {
    let dir = tempfile::tempdir().unwrap();
    exports(dir.path());
    let path = dir.path().join("lists/出租房屋登记.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("建筑面积", "备注", 1)).unwrap();
    init(dir.path(), "house", "file:lists");
    let text = std::fs::read_to_string(dir.path().join("own.toml")).unwrap();
    assert!(!text.contains("[fields.area]") && !text.contains("area_tenants"), "{text}");
    assert_eq!(rates(dir.path())["totals"]["fields"].as_object().unwrap().len(), 9);
}

/// A register in a database, with values that are compared in another form than they are written.
struct HardRegister {
    preset: &'static str,
    identity: &'static str,
    /// An identity, the same in two other spellings, and one that only looks alike.
    spellings: [&'static str; 4],
    /// What else is hard in it: values in rare forms, and such as are none.
    values: &'static [(&'static str, &'static str)],
}

const HARD_REGISTERS: [HardRegister; 3] = [
    HardRegister {
        preset: "house",
        identity: "house_code",
        spellings: ["a-1-12", "Ａ－１－12", "=\"ａ-1-12\"", "A-11-2"],
        values: &[
            ("landlord_id", "440118 19000101000x"),
            ("area", "1,200"),
            ("let_on", "2016年6月1日"),
            ("tenants", "３"),
            ("state", "空 置"),
        ],
    },
    HardRegister {
        preset: "enterprise",
        identity: "uscc",
        spellings: [
            "91350100M000100Y43",
            "９１350100m000100ｙ43",
            "91350100 M000100 Y43",
            "91350100M000100Y44",
        ],
        values: &[
            ("state", "注销"),
            ("founded_on", "June 9, 2016"),
            ("founded_on", "2009-02-30"),
            ("closed_on", "20160601"),
            ("phone", "０２０－82712345"),
            ("uscc", "440118000012345"),
        ],
    },
    HardRegister {
        preset: "household",
        identity: "household_no",
        spellings: ["H-0001", "ｈ－0001", "h -0001", "H-00011"],
        values: &[
            ("members", "１２"),
            ("members", "0.5"),
            ("moved_in_on", "9-6月-2016"),
            ("kind", "集体"),
            ("head_id", "４４0118 19000101000x"),
            ("head_id", "440118900101001"),
        ],
    },
];

impl HardRegister {
    /// Three records share an identity, two have none, one is damaged by a spreadsheet, and two rows are totals.
    fn statements(&self) -> Vec<String> {
        let HardRegister { preset: table, identity, spellings: [first, second, third, other], values } = self;
        let set = |column: &str, value: &str, id: usize| {
            format!("UPDATE {table} SET {column} = {value} WHERE id = {id}")
        };
        let written = [first, second, third, other, &"暂无", &"4.40118E+17", &"合计"].into_iter().enumerate();
        let mut out: Vec<String> =
            written.map(|(at, text)| set(identity, &format!("'{text}'"), at + 1)).collect();
        out.push(set("village_code", "'小计'", 8));
        out.push(set(identity, "NULL", 9));
        out.extend(
            values.iter().enumerate().map(|(at, (column, text))| set(column, &format!("'{text}'"), 20 + at)),
        );
        // The roster writes an identity in its own way too.
        out.push(format!(
            "UPDATE roster SET {identity} = '{second}' WHERE {identity} IN \
             (SELECT code FROM (SELECT min({identity}) AS code FROM roster) AS first)"
        ));
        out.push(format!(
            "UPDATE roster SET {identity} = '{other}' WHERE {identity} IN \
             (SELECT code FROM (SELECT max({identity}) AS code FROM roster) AS last)"
        ));
        out
    }
}

#[test]
fn databases_count_other_registers_as_the_program_does() {
    for (register, url) in HARD_REGISTERS
        .iter()
        .flat_map(|register| [servers::postgres(), servers::mariadb()].map(|url| (register, url)))
    {
        let preset = register.preset;
        let what = format!("{preset}, {}", &url[..5]);
        let dir = tempfile::tempdir().unwrap();
        let sample = ["-q", "sample", "--preset", preset, "--records", "400", "--to", &url];
        let filled = tongbao(dir.path(), &sample);
        assert!(filled.status.success(), "{}", stderr(&filled));
        init(dir.path(), preset, &url);
        register.statements().iter().for_each(|sql| servers::execute(&url, sql));
        let text = std::fs::read_to_string(dir.path().join("own.toml")).unwrap();
        let mut counted = rates(dir.path());
        let wrong_codes = || stderr(&tongbao(dir.path(), &["--config", "own.toml", "rates"]));
        let wrong_in_program = wrong_codes();
        assert_eq!(
            preset == "enterprise",
            wrong_in_program.contains("1 numbers of the roster are not valid")
        );
        let in_database = text.replacen("[source]\n", "[source]\ncompute = \"database\"\n", 1);
        assert_ne!(in_database, text);
        std::fs::write(dir.path().join("own.toml"), in_database).unwrap();
        let mut database = rates(dir.path());
        assert_eq!(wrong_codes(), without_shapes(&wrong_in_program), "{what}");
        for figures in [&mut counted, &mut database] {
            figures.as_object_mut().unwrap().remove("pulled_at");
        }
        assert_eq!(database, counted, "{what}");
        let totals = &counted["totals"];
        assert_eq!(totals["records"], 398, "{what}");
        assert_eq!(counted["duplicates"], 2, "{what}");
        let [once, all] = ["numerator", "denominator"]
            .map(|part| totals["relations"]["identity_once"][part].as_u64().unwrap());
        assert!(all == 398 && once > 300 && once <= 398 - 2 - 3, "{what}: {once} of {all}");
    }
}
