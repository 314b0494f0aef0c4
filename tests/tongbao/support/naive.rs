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

const PLACEHOLDERS: [&str; 17] = [
    "无",
    "不详",
    "未知",
    "未说明",
    "空",
    "暂无",
    "待补",
    "-",
    "—",
    "/",
    "0",
    "9",
    "90",
    "NULL",
    "N/A",
    "none",
    "null",
];

fn filled(value: &Option<String>) -> Option<String> {
    let text = value.as_ref()?.trim_matches(|c: char| c.is_whitespace()).to_string();
    let blank = text.is_empty() || PLACEHOLDERS.iter().any(|p| p.to_lowercase() == text.to_lowercase());
    (!blank).then_some(text)
}

pub fn number(value: &Option<String>) -> Option<String> {
    let text = filled(value)?;
    let mut out = String::new();
    for c in text.chars() {
        let c = match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            'Ａ'..='Ｚ' => char::from(b'A' + (c as u32 - 'Ａ' as u32) as u8),
            'ａ'..='ｚ' => char::from(b'A' + (c as u32 - 'ａ' as u32) as u8),
            'Ⅹ' | 'ⅹ' | 'Х' | 'х' => 'X',
            other => other.to_ascii_uppercase(),
        };
        if !c.is_whitespace() && !"-－—–‐".contains(c) {
            out.push(c);
        }
    }
    (!out.is_empty()).then_some(out)
}

fn check_character(digits: &str) -> char {
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

/// Dates in the forms that the generator writes.
fn date(text: &str) -> Option<Date> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '/' | '.' | '年' | '月' => '-',
            other => other,
        })
        .filter(|c| *c != '日')
        .collect();
    let plain = plain.split([' ', 'T']).next().unwrap();
    let parts: Vec<&str> = if plain.len() == 8 && plain.chars().all(|c| c.is_ascii_digit()) {
        vec![&plain[..4], &plain[4..6], &plain[6..]]
    } else {
        plain.split('-').collect()
    };
    let [y, m, d] = parts[..] else { return None };
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

fn kind(number: &str, document_type: &Option<String>) -> Kind {
    if let Some(number) = well_formed(number) {
        return Kind::Good(number);
    }
    let typed = document_type.clone().unwrap_or_default();
    if typed.trim().is_empty() {
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

const PROVINCES: [(&str, &str); 6] =
    [("广东", "44"), ("湖南", "43"), ("广西", "45"), ("四川", "51"), ("江西", "36"), ("贵州", "52")];

fn relations(r: &Record, cut_off: Date, applies: bool) -> [Verdict; 5] {
    let id = number(&r.id).map(|n| kind(&n, &r.document_type));
    let birth = filled(&r.birth).map(|t| date(&t));
    let sex = filled(&r.sex).map(|t| match t.as_str() {
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
    let married = filled(&r.marital).map(|t| match t.as_str() {
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
                let minority = matches!(filled(&r.ethnicity).as_deref(), Some("壮族" | "瑶族" | "08"));
                let least = if male { 22 } else { 20 } - if minority { 2 } else { 0 };
                Some(Some(years(b, cut_off) >= least))
            }
        },
    };
    let place_verdict = on_number(&|n| {
        if n.starts_with('9') || ["810000", "820000", "830000"].contains(&&n[..6]) {
            return None;
        }
        let Some(place) = filled(&r.household) else { return Some(None) };
        let province = PROVINCES.iter().find(|(name, _)| place.starts_with(name));
        Some(province.map(|(_, code)| n.starts_with(code)))
    });
    let valid = on_number(&|_| Some(Some(true)));
    [birth_verdict, sex_verdict, age_verdict, place_verdict, valid]
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
    let home = |unit: &Option<String>| -> String {
        let code = unit.clone().unwrap_or_default().trim().to_string();
        if units.contains(&code.as_str()) { code } else { String::new() }
    };
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
    let birth = filled(&r.birth).and_then(|t| date(&t)).or_else(|| {
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
        let is_filled = if i == 4 { number(value).is_some() } else { filled(value).is_some() };
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

/// Compares every roster with the records up to `to`, and behind several all of them together, person
/// by person; by list and unit code (`""` = unknown).
pub fn reconciled(
    records: &[Record],
    rosters: &[Vec<(String, Option<String>)>],
    units: &[&str],
    to: Date,
) -> Vec<BTreeMap<String, Reconciled>> {
    let home = |unit: &str| {
        let code = unit.trim().to_string();
        if units.contains(&code.as_str()) { code } else { String::new() }
    };
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
