//! The definitions once more, row by row and as slowly as they read: no polars, no kernels, no code
//! of the program but its types. What the fast path counts must equal this.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tongbao::config::settings::OnMissing;

/// A record as strings, in the order of the nine fields.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub unit: Option<String>,
    pub day: Option<Date>,
    pub document_type: Option<String>,
    pub name: Option<String>,
    pub sex: Option<String>,
    pub residence: Option<String>,
    pub household: Option<String>,
    pub id: Option<String>,
    pub birth: Option<String>,
    pub ethnicity: Option<String>,
    pub marital: Option<String>,
    pub hukou: Option<String>,
}

/// Counts of one unit up to a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub records: u64,
    pub complete: u64,
    pub cells_filled: u64,
    pub cells_applicable: u64,
    pub filled: [u64; 9],
    pub judged: u64,
    pub accurate: u64,
    pub relation_judged: [u64; 5],
    pub relation_passed: [u64; 5],
    pub duplicates: u64,
    pub persons: u64,
    pub without_id: u64,
    pub roster: u64,
    pub covered: u64,
    pub matched_elsewhere: u64,
}

/// Words for nothing, as the documentation lists them, in lower case.
const WORDS: &str = "无 不详 未知 未说明 空 暂无 待补 待补充 待核实 待核 待核查 待查 待查实 待定 待完善 待采集 待录入 待填 \
     未填 未填写 未录入 未登记 未采集 未提供 未核实 不明 不清楚 不知道 不祥 空白 没有 缺 缺失 （空） 無 无数据 空值 暂缺 没填 漏填 未查明 未掌握 未采 待采 待登记 待确认 查无 拒绝提供 \
     null (null) <null> [null] {null} \\n nil none undefined nan nat <na> n/a #n/a #null! #value! #ref! #name? \
     #num! #div/0! (空) (blank) n.a. tbd unknown";

/// What cannot be seen, besides white space.
fn is_invisible(c: char) -> bool {
    let code = c as u32;
    c.is_ascii_control()
        || [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x2800, 0x3164, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0]
            .contains(&code)
        || [(0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F)]
            .iter()
            .any(|(first, last)| (first..=last).contains(&&code))
}

/// The marks that keep a cell of a spreadsheet what it is.
fn is_cell_mark(c: char) -> bool {
    "'\"=`´‘’“”＂＇＝".contains(c)
}

/// A value without what is around it and no part of it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) || is_cell_mark(c))
}

/// The value of a field by its position among the nine, if it is filled.
fn filled(field: usize, value: &Option<String>) -> Option<String> {
    let text = trimmed(value.as_ref()?).to_string();
    let codes: &[&str] = match field {
        ETHNICITY => &["0", "00", "90", "99"],
        HUKOU => &["0", "00"],
        _ => &["0", "00", "9", "90", "99"],
    };
    let word = WORDS.split_whitespace().any(|word| word == text.to_lowercase());
    let says_something = text.chars().any(|c| c.is_alphanumeric());
    let zero_date = field == BIRTH && text.starts_with('0') && text.chars().all(|c| "0-/.: T".contains(c));
    (says_something && !word && !codes.contains(&text.as_str()) && !zero_date).then_some(text)
}

const SEX: usize = 1;
const HOUSEHOLD: usize = 3;
const ID: usize = 4;
const BIRTH: usize = 5;
const ETHNICITY: usize = 6;
const MARITAL: usize = 7;
const HUKOU: usize = 8;

pub fn number(value: &Option<String>) -> Option<String> {
    let text = filled(ID, value)?;
    let mut out = String::new();
    for c in text.chars() {
        let c = match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            'Ａ'..='Ｚ' => char::from(b'A' + (c as u32 - 'Ａ' as u32) as u8),
            'ａ'..='ｚ' => char::from(b'A' + (c as u32 - 'ａ' as u32) as u8),
            'Ⅹ' | 'ⅹ' | 'Х' | 'х' | '×' => 'X',
            other => other.to_ascii_uppercase(),
        };
        if !c.is_whitespace() && !is_invisible(c) && !is_cell_mark(c) && !"-－—–‐".contains(c) {
            out.push(c);
        }
    }
    (!out.is_empty()).then_some(out)
}

pub fn check_character(digits: &str) -> char {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    "10X98765432".chars().nth((sum % 11) as usize).unwrap()
}

/// The 18 characters of a well-formed number.
pub fn well_formed(number: &str) -> Option<String> {
    let mut number = number.to_string();
    if number.len() == 15 && number.chars().all(|c| c.is_ascii_digit()) {
        let century = if &number[12..] >= "996" { "18" } else { "19" };
        number.insert_str(6, century);
        number.push(check_character(&number));
    }
    if number.len() != 18 || !number[..17].chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let date: Option<Date> =
        format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]).parse().ok();
    let year: u32 = number[6..10].parse().unwrap();
    (date.is_some() && (1800..2200).contains(&year) && number.ends_with(check_character(&number[..17])))
        .then_some(number)
}

/// Dates in the forms that the generator writes; instants are days in China.
fn date(text: &str) -> Option<Date> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.in_tz("Asia/Shanghai").unwrap().date());
    }
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    if let Ok(serial) = visible.trim_end_matches(".0").parse::<i64>()
        && (10_000..70_000).contains(&serial)
    {
        return Some(jiff::civil::date(1899, 12, 30) + jiff::Span::new().days(serial));
    }
    let plain: String = visible
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '/' | '.' | '年' | '月' => '-',
            other => other,
        })
        .filter(|c| *c != '日')
        .collect();
    let plain = plain.split([' ', 'T']).next().unwrap();
    let digits = plain.chars().all(|c| c.is_ascii_digit());
    let parts: Vec<&str> = if digits && [8, 12, 14].contains(&plain.len()) {
        vec![&plain[..4], &plain[4..6], &plain[6..8]]
    } else if plain.len() == 11 && plain.is_ascii() && plain.as_bytes()[2] == b'-' {
        // 05-Jan-1990
        return Date::strptime("%d-%b-%Y", plain).ok();
    } else {
        plain.split('-').collect()
    };
    let [y, m, d] = parts[..] else { return None };
    if y.len() != 4 {
        return None;
    }
    Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).ok()
}

fn years(birth: Date, day: Date) -> i32 {
    let mut years = i32::from(day.year()) - i32::from(birth.year());
    if (day.month(), day.day()) < (birth.month(), birth.day()) {
        years -= 1;
    }
    years
}

enum Kind {
    Good(String),
    Bad,
    Other,
}

/// Whether a number is meant to be a citizen's and is none.
pub fn is_malformed(number: &str) -> bool {
    matches!(kind(number, &None), Kind::Bad)
}

fn kind(number: &str, document_type: &Option<String>) -> Kind {
    if let Some(number) = well_formed(number) {
        return Kind::Good(number);
    }
    let typed = document_type.clone().unwrap_or_default();
    if typed.trim().is_empty() {
        // The last digit of a card of Hong Kong stands in brackets.
        if number.ends_with(')') && number.len() == 10 && number.starts_with(|c: char| c.is_ascii_uppercase())
        {
            return Kind::Other;
        }
        let letters: String = number.chars().take_while(|c| c.is_ascii_uppercase()).collect();
        let rest = &number[letters.len()..];
        let digits = rest.chars().all(|c| c.is_ascii_digit());
        let other = digits
            && ((1..=2).contains(&letters.len()) && (7..=10).contains(&rest.len())
                || letters.len() == 3 && rest.len() == 12);
        if other { Kind::Other } else { Kind::Bad }
    } else if typed.contains("居民身份证") {
        Kind::Bad
    } else {
        Kind::Other
    }
}

/// `Some(true)` pass, `Some(false)` fail, `None` missing; outer `None` = not applicable.
type Verdict = Option<Option<bool>>;

/// A province with the first digits of its numbers, older ones included.
const PROVINCES: [(&str, &[&str]); 8] = [
    ("广东", &["44"]),
    ("湖南", &["43"]),
    ("广西", &["45"]),
    ("四川", &["51"]),
    ("江西", &["36"]),
    ("贵州", &["52"]),
    ("重庆", &["50", "5102", "5135"]),
    ("海南", &["46", "4421", "4422"]),
];

fn relations(r: &Record, cut_off: Date, applies: bool) -> [Verdict; 5] {
    let id = number(&r.id).map(|n| kind(&n, &r.document_type));
    let birth = filled(BIRTH, &r.birth).map(|t| date(&t));
    let sex = filled(SEX, &r.sex).map(|t| match t.as_str() {
        "男" => Some(true),
        "女" => Some(false),
        _ => None,
    });
    let on_number = |judge: &dyn Fn(&str) -> Verdict| match &id {
        None => Some(None),
        Some(Kind::Bad) => Some(Some(false)),
        Some(Kind::Other) => None,
        Some(Kind::Good(n)) => judge(n),
    };
    let birth_verdict = on_number(&|n| match birth {
        None => Some(None),
        Some(date) => Some(Some(date.is_some_and(|d| d.strftime("%Y%m%d").to_string() == n[6..14]))),
    });
    let sex_verdict = on_number(&|n| match sex {
        None => Some(None),
        Some(sex) => {
            let odd = n[16..17].parse::<u32>().unwrap() % 2 == 1;
            Some(Some(sex == Some(odd)))
        }
    });
    let married = filled(MARITAL, &r.marital).map(|t| match t.as_str() {
        "未婚" => Some(false),
        "已婚" | "初婚" | "再婚" | "复婚" | "丧偶" | "离婚" => Some(true),
        _ => None,
    });
    let age_verdict = match married {
        None if applies => Some(None),
        None => None,
        Some(None) => Some(Some(false)),
        Some(Some(false)) => Some(Some(true)),
        Some(Some(true)) => match (birth, sex) {
            (Some(None), _) | (_, Some(None)) => Some(Some(false)),
            (None, _) | (_, None) => Some(None),
            (Some(Some(b)), Some(Some(male))) => {
                const MINORITIES: [&str; 6] = ["壮族", "瑶族", "08", "9", "08 壮族", "瑶族（13）"];
                let ethnicity = filled(ETHNICITY, &r.ethnicity);
                let minority = ethnicity.is_some_and(|text| MINORITIES.contains(&text.as_str()));
                let least = if male { 22 } else { 20 } - if minority { 2 } else { 0 };
                Some(Some(years(b, cut_off) >= least))
            }
        },
    };
    let place_verdict = on_number(&|n| {
        if n.starts_with('9') || ["810000", "820000", "830000"].contains(&&n[..6]) {
            return None;
        }
        let Some(place) = filled(HOUSEHOLD, &r.household) else { return Some(None) };
        let place = place.trim_start_matches("中国").trim_start_matches('【');
        let province = PROVINCES.iter().find(|(name, _)| place.starts_with(name));
        Some(province.map(|(_, codes)| codes.iter().any(|code| n.starts_with(code))))
    });
    let valid = on_number(&|_| Some(Some(true)));
    [birth_verdict, sex_verdict, age_verdict, place_verdict, valid]
}

/// The code of the unit that a value names, by code, by name (the code and 村) or by a variant of the name.
fn unit_of(written: &str, units: &[&str]) -> String {
    let kept = |c: &char| !c.is_whitespace() && !is_invisible(*c) && !is_cell_mark(*c);
    let mut plain: String = written.chars().filter(kept).collect();
    for ending in [".0", "村民委员会", "村委会", "村"] {
        plain = plain.strip_suffix(ending).unwrap_or(&plain).to_string();
    }
    if units.contains(&plain.as_str()) { plain } else { String::new() }
}

/// Counts everything for each unit code of `units` (and `""` for unknown codes) up to `to`.
pub fn totals(
    records: &[Record],
    roster: &[(String, Option<String>)],
    units: &[&str],
    used: &[usize],
    on_missing: OnMissing,
    to: Date,
) -> BTreeMap<String, Totals> {
    let home = |unit: &Option<String>| -> String { unit_of(&unit.clone().unwrap_or_default(), units) };
    let mut out: BTreeMap<String, Totals> = BTreeMap::new();
    let counted: Vec<&Record> = records.iter().filter(|r| r.day.is_none_or(|day| day <= to)).collect();
    for r in &counted {
        let t = out.entry(home(&r.unit)).or_default();
        count_fields(r, to, t);
        count_relations(r, to, used, on_missing, t);
    }
    count_persons(&counted, &home, &mut out);
    count_roster(&counted, roster, &home, &mut out);
    out
}

fn marital_applies(r: &Record, to: Date) -> bool {
    let birth = filled(BIRTH, &r.birth).and_then(|t| date(&t)).or_else(|| {
        let n = well_formed(&number(&r.id)?)?;
        format!("{}-{}-{}", &n[6..10], &n[10..12], &n[12..14]).parse().ok()
    });
    birth.is_none_or(|b| years(b, to) >= 15)
}

fn count_fields(r: &Record, to: Date, t: &mut Totals) {
    let fields =
        [&r.name, &r.sex, &r.residence, &r.household, &r.id, &r.birth, &r.ethnicity, &r.marital, &r.hukou];
    t.records += 1;
    let mut complete = true;
    for (i, value) in fields.into_iter().enumerate() {
        let applies = i != 7 || marital_applies(r, to);
        let is_filled = if i == 4 { number(value).is_some() } else { filled(i, value).is_some() };
        t.cells_applicable += u64::from(applies);
        t.cells_filled += u64::from(applies && is_filled);
        t.filled[i] += u64::from(applies && is_filled);
        complete &= is_filled || !applies;
    }
    t.complete += u64::from(complete);
}

fn count_relations(r: &Record, to: Date, used: &[usize], on_missing: OnMissing, t: &mut Totals) {
    let verdicts = relations(r, to, marital_applies(r, to));
    let mut judged = 0;
    let mut passed = 0;
    for &i in used {
        let verdict = match (verdicts[i], on_missing) {
            (None, _) | (Some(None), OnMissing::Skip) => continue,
            (Some(None), OnMissing::Fail) => false,
            (Some(Some(v)), _) => v,
        };
        judged += 1;
        passed += u64::from(verdict);
        t.relation_judged[i] += 1;
        t.relation_passed[i] += u64::from(verdict);
    }
    let is_judged = on_missing == OnMissing::Fail || judged > 0;
    t.judged += u64::from(is_judged);
    t.accurate += u64::from(is_judged && judged == passed);
}

fn person(id: &Option<String>) -> Option<String> {
    let n = number(id)?;
    Some(well_formed(&n).unwrap_or(n))
}

fn count_persons(
    records: &[&Record],
    home: &dyn Fn(&Option<String>) -> String,
    out: &mut BTreeMap<String, Totals>,
) {
    // Sorted by day, then unit with unknown units last: the first is the person's record.
    let mut by_person: BTreeMap<String, Vec<(Option<Date>, bool, String)>> = BTreeMap::new();
    for r in records {
        let unit = home(&r.unit);
        match person(&r.id) {
            None => out.entry(unit).or_default().without_id += 1,
            Some(key) => by_person.entry(key).or_default().push((r.day, unit.is_empty(), unit)),
        }
    }
    for mut places in by_person.into_values() {
        places.sort();
        for (i, (_, _, unit)) in places.into_iter().enumerate() {
            let t = out.entry(unit).or_default();
            if i == 0 { t.persons += 1 } else { t.duplicates += 1 }
        }
    }
}

fn count_roster(
    records: &[&Record],
    roster: &[(String, Option<String>)],
    home: &dyn Fn(&Option<String>) -> String,
    out: &mut BTreeMap<String, Totals>,
) {
    let mut registered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for r in records {
        if let Some(key) = person(&r.id) {
            registered.entry(key).or_default().insert(home(&r.unit));
        }
    }
    let mut listed: BTreeMap<String, BTreeSet<(bool, String)>> = BTreeMap::new();
    for (unit, id) in roster {
        let raw = id.clone().filter(|id| !id.trim().is_empty());
        if let Some(key) = raw.and_then(|id| person(&Some(id))) {
            let unit = home(&Some(unit.clone()));
            listed.entry(key).or_default().insert((unit.is_empty(), unit));
        }
    }
    for (key, units) in listed {
        let unit = units.into_iter().next().unwrap().1;
        let t = out.entry(unit.clone()).or_default();
        t.roster += 1;
        if let Some(places) = registered.get(&key) {
            t.covered += 1;
            t.matched_elsewhere += u64::from(!places.contains(&unit));
        }
    }
}

/// What the comparison of one list with the register comes to at one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    pub listed: u64,
    pub both: u64,
    pub own: u64,
    pub only_register: u64,
}

/// Compares every roster with the records up to `to`, and after several all of them together, person
/// by person; by list and unit code (`""` = unknown).
pub fn reconciled(
    records: &[Record],
    rosters: &[Vec<(String, Option<String>)>],
    units: &[&str],
    to: Date,
) -> Vec<BTreeMap<String, Reconciled>> {
    let home = |unit: &str| unit_of(unit, units);
    // Where each person is registered: day, unit with unknown ones last.
    let mut registered: BTreeMap<String, BTreeSet<(Option<Date>, bool, String)>> = BTreeMap::new();
    for r in records.iter().filter(|r| r.day.is_none_or(|day| day <= to)) {
        let unit = home(r.unit.as_deref().unwrap_or_default());
        if let Some(key) = person(&r.id) {
            registered.entry(key).or_default().insert((r.day, unit.is_empty(), unit));
        }
    }
    // Which unit each list names for a person: of several the lowest code, of several rosters the first.
    let mut lists: Vec<BTreeMap<String, String>> = Vec::new();
    for roster in rosters {
        let mut list: BTreeMap<String, String> = BTreeMap::new();
        for (unit, id) in roster {
            let Some(key) = person(id) else { continue };
            let unit = home(unit);
            let named = list.entry(key).or_insert(unit.clone());
            if named.is_empty() || (!unit.is_empty() && unit < *named) {
                *named = unit;
            }
        }
        lists.push(list);
    }
    if lists.len() > 1 {
        let mut union: BTreeMap<String, String> = BTreeMap::new();
        for (key, unit) in lists.iter().flatten() {
            let named = union.entry(key.clone()).or_default();
            if named.is_empty() {
                named.clone_from(unit);
            }
        }
        lists.push(union);
    }
    let compare = |list: &BTreeMap<String, String>| {
        let mut out: BTreeMap<String, Reconciled> = BTreeMap::new();
        for (key, unit) in list {
            let t = out.entry(unit.clone()).or_default();
            t.listed += 1;
            if let Some(places) = registered.get(key) {
                t.both += 1;
                t.own += u64::from(places.iter().any(|(_, _, at)| at == unit));
            }
        }
        for (key, places) in &registered {
            if !list.contains_key(key) {
                out.entry(places.first().unwrap().2.clone()).or_default().only_register += 1;
            }
        }
        out
    };
    lists.iter().map(compare).collect()
}
