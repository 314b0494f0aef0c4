//! Records with every kind of defect, from a seed.

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::naive::{Record, check_character};

/// Codes of the units that exist.
pub const UNITS: [&str; 5] = ["440118001001", "440118001002", "440118001003", "440118001201", "440118001202"];

/// All ID test vectors of the domain, good and bad.
pub const VECTORS: [&str; 14] = [
    "44011819000101000X",
    "440183198402290018",
    "440125194910010025",
    "440118200101010011",
    "440118200101010070",
    "810000199901010014",
    "944840199912310028",
    "440125491001001",
    "440125194910010017",
    "440118190001010001",
    "440118199902290011",
    "4.40118E+17",
    "440118199001010000",
    "4401181990O1010019",
];

fn pick<'a>(rng: &mut Rng, list: &[&'a str]) -> &'a str {
    list[rng.usize(..list.len())]
}

fn some(text: impl Into<String>) -> Option<String> {
    Some(text.into())
}

/// A well-formed number for the given birth date and sex.
fn id_number(rng: &mut Rng, division: &str, birth: Date, male: bool) -> String {
    let sequence = rng.u32(0..500) * 2 + u32::from(male);
    let digits = format!("{division}{}{sequence:03}", birth.strftime("%Y%m%d"));
    format!("{digits}{}", check_character(&digits))
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(c as u32 - 0x20 + 0xFF00).unwrap()).collect()
}

fn written_number(rng: &mut Rng, id: &str) -> Option<String> {
    match rng.u8(0..30) {
        0 => None,
        1 => some(pick(rng, &["", "  ", "\u{3000}", "无", "暂无", "null", "--"])),
        2 => some(full_width(id)),
        3 => some(id.to_lowercase()),
        4 => some(format!(" {} {}-{} ", &id[..6], &id[6..14], &id[14..])),
        5 => some(id.replace('X', ["Х", "×"][rng.usize(..2)])),
        12 => some(format!("'{id}")),
        13 => some(format!("=\"{id}\"")),
        14 => some(format!("\u{202D}{id}\u{202C}")),
        15 => some(format!("{id}\n")),
        6..=8 => some(pick(rng, &VECTORS)),
        9 => some(pick(
            rng,
            &["E12345678", "H1234567890", "ABC440112345678", "12345678", "护照遗失", "A123456(7)"],
        )),
        10 => some(format!("{}{}", &id[..6], &id[8..17])),
        11 => some(&id[..17]),
        _ => some(id),
    }
}

fn written_birth(rng: &mut Rng, birth: Date) -> Option<String> {
    let form = match rng.u8(0..24) {
        0 => return None,
        1 => {
            return some(pick(
                rng,
                &[
                    "",
                    "不详",
                    "　",
                    "1990-02-30",
                    "19901301",
                    "一九九〇年",
                    "0000-00-00",
                    "1985-06",
                    "13-6月-16",
                    "\u{2060}",
                ],
            ));
        }
        2 => "%Y%m%d",
        3 => "%Y/%-m/%-d",
        4 => "%Y.%m.%d",
        5 => "%Y年%-m月%-d日",
        6 => "%Y-%m-%d 00:00:00",
        7 => return some(full_width(&birth.strftime("%Y%m%d").to_string())),
        8 => return some((birth + 1.day()).to_string()),
        9 => "%Y%m%d083000",
        10 => "%Y%m%d0830",
        11 => "%Y-%m-%dT00:30:00+08:00",
        12 => "%d-%b-%Y",
        13 => return some(format!("{birth}\u{200B}")),
        16 => return some(format!("{birth}\n")),
        14 => {
            let serial = birth.duration_since(date(1899, 12, 30)).as_hours() / 24;
            return some(format!("{serial}{}", ["", ".0"][rng.usize(..2)]));
        }
        15 => "%y-%m-%d",
        _ => "%Y-%m-%d",
    };
    some(birth.strftime(form).to_string())
}

fn or_blank(rng: &mut Rng, one_in: u8, value: &str) -> Option<String> {
    match rng.u8(0..one_in * 2) {
        0 => None,
        2 => some(format!("{value}\n")),
        1 => some(pick(
            rng,
            &[
                "",
                " ",
                "\u{3000}",
                "无",
                "不详",
                "未知",
                "NULL",
                "n/a",
                "-",
                "—",
                "/",
                "0",
                "9",
                "90",
                "\u{200B}",
                "(null)",
                "NaN",
                "#N/A",
                "----",
                "？？",
                "待核实",
                "未填",
            ],
        )),
        _ => some(value),
    }
}

/// One record; about half have at least one defect.
pub fn record(rng: &mut Rng) -> Record {
    let birth = date(1930, 1, 1) + i64::from(rng.u32(0..31_500)).days();
    let male = rng.bool();
    let (place, code) = [
        ("广东省广州市增城区", "440118"),
        ("湖南省衡阳市", "430118"),
        ("广西壮族自治区", "450118"),
        ("本地人", "440118"),
        ("重庆市江北区", "510213"),
        ("重庆市", "513523"),
        ("海南省海口市", "442101"),
        ("中国湖南省", "430118"),
        ("【广东】增城", "440118"),
    ][rng.usize(..9)];
    let id = id_number(rng, code, birth, male);
    let household = if rng.u8(0..20) == 0 { "四川省成都市" } else { place };
    let sex = if rng.u8(0..20) == 0 {
        "男女"
    } else if male ^ (rng.u8(0..20) == 0) {
        "男"
    } else {
        "女"
    };
    let marital = pick(rng, &["未婚", "已婚", "初婚", "离婚", "丧偶", "其它"]);
    let ethnicity =
        pick(rng, &["汉族", "汉", "01", "壮族", "瑶族", "08", "9", "08 壮族", "瑶族（13）", "01 汉族"]);
    Record {
        unit: match rng.u8(0..40) {
            0 => None,
            1 => some("999999999999"),
            2 => some(format!(" {} ", UNITS[0])),
            3 => some(format!("{}.0", UNITS[1])),
            4 => some(format!("{}村", UNITS[2])),
            5 => some(format!("{}村委会", UNITS[3])),
            6 => some(format!("\u{FEFF}'{}", UNITS[4])),
            7 => some("—"),
            _ => some(pick(rng, &UNITS)),
        },
        day: (rng.u8(0..25) > 0).then(|| date(2016, 5, 25) + i64::from(rng.u32(0..44)).days()),
        document_type: match rng.u8(0..12) {
            0 => some("护照"),
            1 => some("居民身份证"),
            2 => some(" "),
            _ => None,
        },
        name: or_blank(rng, 20, "某某"),
        sex: or_blank(rng, 20, sex),
        residence: or_blank(rng, 20, "荔城街道某路1号"),
        household: or_blank(rng, 20, household),
        id: written_number(rng, &id),
        birth: written_birth(rng, birth),
        ethnicity: or_blank(rng, 20, ethnicity),
        marital: or_blank(rng, 20, marital),
        hukou: or_blank(rng, 20, "农业家庭"),
    }
}

/// Records with repeated persons among them.
pub fn records(seed: u64, count: usize) -> Vec<Record> {
    let mut rng = Rng::with_seed(seed);
    let mut out: Vec<Record> = Vec::with_capacity(count);
    for _ in 0..count {
        let new = another(&mut rng, &out);
        out.push(new);
    }
    out
}

/// One more record, one time in twenty of a person who is there already.
fn another(rng: &mut Rng, before: &[Record]) -> Record {
    let mut new = record(rng);
    if !before.is_empty() && rng.u8(0..20) == 0 {
        new.id = before[rng.usize(..before.len())].id.clone();
    }
    new
}

/// Unit and ID number of each line.
pub type Roster = Vec<(String, Option<String>)>;

/// A roster that lists most of the persons, some twice, some without number, some unknown.
pub fn roster(seed: u64, records: &[Record]) -> Roster {
    let mut rng = Rng::with_seed(seed);
    records.iter().flat_map(|record| lines(&mut rng, record)).collect()
}

/// What a roster has of one record, and of others that the register lacks.
fn lines(rng: &mut Rng, record: &Record) -> Roster {
    let mut out = Vec::new();
    if rng.u8(0..3) > 0 {
        let unit = if rng.u8(0..10) == 0 {
            UNITS[rng.usize(..5)].to_owned()
        } else {
            record.unit.clone().unwrap_or_default()
        };
        out.push((unit, record.id.clone()));
    }
    if rng.u8(0..20) == 0 {
        let birth = date(1950, 1, 1) + i64::from(rng.u32(0..20_000)).days();
        out.push((UNITS[rng.usize(..5)].to_owned(), Some(id_number(rng, "430118", birth, true))));
    }
    if rng.u8(0..50) == 0 {
        out.push((UNITS[0].to_owned(), None));
    }
    out
}

/// A register and its roster, from one seed a record: what fails shrinks to the few records it needs.
pub fn registers(at_most: usize) -> impl Strategy<Value = (Vec<Record>, Roster)> {
    prop::collection::vec(any::<u64>(), 1..=at_most).prop_map(|seeds| {
        let (mut records, mut roster) = (Vec::with_capacity(seeds.len()), Vec::new());
        for seed in seeds {
            let mut rng = Rng::with_seed(seed);
            let new = another(&mut rng, &records);
            roster.extend(lines(&mut rng, &new));
            records.push(new);
        }
        (records, roster)
    })
}
