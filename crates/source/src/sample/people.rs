//! Invented villages and persons, with every kind of defect.

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::SamplePlan;

/// A unit of the sample.
pub(super) struct Village {
    pub code: String,
    pub name: String,
    pub kind: &'static str,
    pub persons: u64,
    /// Times the average defect rate.
    pub(super) care: f64,
    /// Share of its persons that the roster lists but the register lacks; 0 in the model units,
    /// whose ID numbers are all in order too.
    pub(super) missed: f64,
}

impl Village {
    pub(super) fn row(&self) -> Vec<Option<String>> {
        vec![some(&self.code), some(&self.name), some(self.kind), some("440118001")]
    }
}

/// A person's register row, and what the roster says.
pub(super) struct SamplePerson {
    pub row: Vec<Option<String>>,
    pub roster: Vec<Vec<Option<String>>>,
}

const COMMUNITIES: [&str; 20] = [
    "荔枝园",
    "东湖",
    "西桥",
    "南苑",
    "北门",
    "挂绿",
    "富鹏",
    "光明",
    "和平",
    "新城",
    "府前",
    "夏街",
    "城东",
    "金竹",
    "景泰",
    "园圃",
    "菊泉",
    "凤凰",
    "雁塔",
    "沙园",
];
const VILLAGES: [&str; 17] = [
    "白水",
    "石滩尾",
    "大塘基",
    "上莲塘",
    "下莲塘",
    "龙角",
    "罗冈背",
    "三联",
    "廖村尾",
    "五一",
    "太平",
    "桥头",
    "棠厦",
    "明星",
    "城丰",
    "西瓜岭",
    "庆东",
];
pub(super) const SURNAMES: [&str; 20] = [
    "陈", "李", "张", "黄", "何", "罗", "梁", "林", "刘", "吴", "王", "周", "朱", "赖", "钟", "温", "郭",
    "廖", "单", "欧阳",
];
pub(super) const GIVEN: [&str; 24] = [
    "志强", "秀英", "建国", "丽", "伟", "芳", "军", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟", "涛",
    "明", "超", "霞", "平", "鉷", "堃", "一诺", "子轩",
];
/// Province digits, county digits and address of household places; the first is the commonest.
const PLACES: [(&str, &str); 8] = [
    ("440118", "广东省广州市增城区荔城街道"),
    ("440183", "广东省增城市荔城镇"),
    ("441322", "广东省惠州市博罗县"),
    ("430422", "湖南省衡阳市衡南县"),
    ("450325", "广西壮族自治区桂林市兴安县"),
    ("513021", "四川省达州市达川区"),
    ("360730", "江西省赣州市宁都县"),
    ("522427", "贵州省毕节市威宁彝族回族苗族自治县"),
];

pub(super) fn some(text: impl Into<String>) -> Option<String> {
    Some(text.into())
}

pub(super) fn pick<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.usize(..list.len())]
}

pub(super) fn chance(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

/// 20 communities and 17 villages of very different size and care.
pub(super) fn villages(plan: &SamplePlan) -> Vec<Village> {
    let mut rng = Rng::with_seed(plan.seed);
    let communities = COMMUNITIES.iter().enumerate().map(|(i, name)| (i + 1, format!("{name}社区"), "社区"));
    let villages = VILLAGES.iter().enumerate().map(|(i, name)| (i + 201, format!("{name}村"), "村"));
    let mut out: Vec<Village> = communities
        .chain(villages)
        .map(|(number, name, kind)| Village {
            code: format!("440118001{number:03}"),
            name,
            kind,
            persons: rng.u64(400..=2_600),
            care: 0.25 + 1.5 * rng.f64() * rng.f64() * 2.0,
            missed: if rng.u8(0..5) == 0 { 0.0 } else { rng.f64() * 0.08 },
        })
        .collect();
    share_out(&mut out, plan.persons);
    out
}

/// Scales the sizes so that they add up to the wanted number.
fn share_out(villages: &mut [Village], persons: u64) {
    let weights: u128 = villages.iter().map(|v| u128::from(v.persons)).sum();
    let (mut left, mut weight_left) = (u128::from(persons), weights);
    for village in villages {
        let weight = u128::from(village.persons);
        let share = left * weight / weight_left;
        (left, weight_left) = (left - share, weight_left - weight);
        village.persons = share as u64;
    }
}

/// One person of a village, with the register row and the roster entries.
pub(super) fn person(
    rng: &mut Rng,
    id: u64,
    at: usize,
    villages: &[Village],
    plan: &SamplePlan,
) -> SamplePerson {
    let village = &villages[at];
    let male = rng.bool();
    let birth = date(1932, 1, 1) + i64::from(rng.u32(0..30_500)).days();
    let place = if rng.u8(0..10) < 6 { PLACES[rng.usize(..2)] } else { pick(rng, &PLACES) };
    let number = id_number(place.0, birth, male, id);
    let mut row = clean_row(rng, village, male, birth, place.1, &number, plan);
    let roster = roster(rng, at, villages, &number);
    if chance(rng, plan.defects * village.care) {
        spoil(rng, &mut row, birth, &number, village.missed == 0.0);
    }
    if rng.u32(0..2_000) == 0 {
        row[0] = some("440118009999");
    }
    let mut whole = vec![some(id.to_string())];
    whole.extend(row);
    SamplePerson { row: whole, roster }
}

/// Columns from village_code on.
fn clean_row(
    rng: &mut Rng,
    village: &Village,
    male: bool,
    birth: Date,
    place: &str,
    number: &str,
    plan: &SamplePlan,
) -> Vec<Option<String>> {
    let age = plan.to.year() - birth.year();
    let least = if male { 24 } else { 22 };
    let marital = match age {
        ..15 if rng.bool() => None,
        _ if age < least => some("10"),
        _ => some(pick(rng, &["20", "21", "22", "20", "20", "10", "30", "40"])),
    };
    let street = pick(rng, &["和平路", "府佑路", "荔城大道", "民生路", "新桥路"]);
    let days = plan.to.since(plan.from).map(|span| span.get_days()).unwrap_or(0);
    // Most register in the middle of the campaign.
    let offset = (rng.u32(0..=days as u32) + rng.u32(0..=days as u32)) / 2;
    let day = plan.from + i64::from(offset).days();
    let time = format!("{day} {:02}:{:02}:00", rng.u8(8..18), rng.u8(0..60));
    let surname = pick(rng, &SURNAMES);
    let ethnicity =
        if rng.u8(0..25) == 0 { pick(rng, &["壮族", "瑶族", "土家族", "苗族"]) } else { "汉族" };
    vec![
        some(&village.code),
        some(format!("{surname}{}", pick(rng, &GIVEN))),
        some(if male { "1" } else { "2" }),
        some(format!("{}{street}{}号{}房", village.name, rng.u16(1..200), rng.u16(101..999))),
        some(place),
        some(number),
        some(birth.to_string()),
        some(ethnicity),
        marital,
        some(pick(rng, &["10", "20", "11", "12"])),
        some("居民身份证"),
        some(time.clone()),
        some(time),
    ]
}

/// The roster lists most of the village, some under another unit, and persons the register lacks.
fn roster(rng: &mut Rng, at: usize, villages: &[Village], number: &str) -> Vec<Vec<Option<String>>> {
    let village = &villages[at];
    let mut out = Vec::new();
    if rng.u8(0..100) < 90 {
        let home = if rng.u8(0..100) == 0 { &villages[rng.usize(..villages.len())] } else { village };
        out.push(vec![some(&home.code), some(number)]);
    }
    if chance(rng, village.missed) {
        let birth = date(1950, 1, 1) + i64::from(rng.u32(0..20_000)).days();
        let missing = id_number("452123", birth, rng.bool(), rng.u64(0..400));
        out.push(vec![some(&village.code), some(missing)]);
    }
    out
}

/// A well-formed number (GB 11643); the sequence spreads persons of one day.
pub(super) fn id_number(county: &str, birth: Date, male: bool, salt: u64) -> String {
    let sequence = (salt % 498) * 2 + u64::from(male);
    let digits = format!("{county}{}{sequence:03}", birth.strftime("%Y%m%d"));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{digits}{}", char::from(check))
}

// Positions in a row from village_code on.
const NAME: usize = 1;
const SEX: usize = 2;
const HOUSEHOLD: usize = 4;
const ID: usize = 5;
const BIRTH: usize = 6;
const MARITAL: usize = 8;
const HUKOU: usize = 9;
const DOCUMENT: usize = 10;
const REGISTERED: usize = 11;

/// One defect, or now and then two.
fn spoil(rng: &mut Rng, row: &mut [Option<String>], birth: Date, number: &str, keeps_number: bool) {
    let clean = row[ID].clone();
    for _ in 0..rng.usize(1..=2) {
        match rng.u8(0..12) {
            0..=4 => blank(rng, row),
            5..=6 => spoil_number(rng, row, number),
            7 => spoil_birth(rng, row, birth),
            8 => row[SEX] = some(pick(rng, &["1", "2", "0", "9"])),
            9 => row[HOUSEHOLD] = some(pick(rng, &["四川省成都市", "河南省周口市", "本地"])),
            10 => row[MARITAL] = some(pick(rng, &["90", "40", "20"])),
            _ => other_document(rng, row),
        }
    }
    if rng.u8(0..15) == 0 {
        row[REGISTERED] = None;
    }
    if keeps_number {
        row[ID] = clean;
    }
}

fn blank(rng: &mut Rng, row: &mut [Option<String>]) {
    let column = pick(rng, &[NAME, 3, HOUSEHOLD, ID, BIRTH, 7, 7, MARITAL, MARITAL, HUKOU, HUKOU, 3]);
    row[column] = match rng.u8(0..4) {
        0 => None,
        1 => some(""),
        2 => some("\u{3000}"),
        _ => some(pick(rng, &["无", "不详", "未知", "0", "9", "90", "-", "/", "待补", "NULL"])),
    };
}

fn spoil_number(rng: &mut Rng, row: &mut [Option<String>], number: &str) {
    row[ID] = match rng.u8(0..9) {
        0 => some(full_width(number)),
        1 => some(number.to_lowercase()),
        2 => some(format!(" {} {} {}", &number[..6], &number[6..14], &number[14..])),
        3 => some(format!("{}{}", &number[..6], &number[8..17])),
        4 => some(wrong_check(number)),
        5 => some("4.40118E+17"),
        6 => some(&number[..17]),
        7 => some("810000199901010014"),
        _ => some("944840199912310028"),
    };
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect()
}

fn wrong_check(number: &str) -> String {
    let wrong = if number.ends_with('1') { '2' } else { '1' };
    format!("{}{wrong}", &number[..17])
}

fn spoil_birth(rng: &mut Rng, row: &mut [Option<String>], birth: Date) {
    let form = match rng.u8(0..7) {
        0 => return row[BIRTH] = some("1990-02-30"),
        1 => return row[BIRTH] = some((birth + 1.day()).to_string()),
        2 => "%Y%m%d",
        3 => "%Y/%-m/%-d",
        4 => "%Y.%m.%d",
        5 => "%Y年%-m月%-d日",
        _ => "%Y-%m-%d 00:00:00",
    };
    row[BIRTH] = some(birth.strftime(form).to_string());
}

fn other_document(rng: &mut Rng, row: &mut [Option<String>]) {
    row[DOCUMENT] = some(pick(rng, &["普通护照", "港澳居民来往内地通行证"]));
    row[ID] = some(format!("{}{:08}", pick(rng, &["E", "H", "M"]), rng.u32(1..99_999_999)));
}
