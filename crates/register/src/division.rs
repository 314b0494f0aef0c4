//! Administrative divisions (GB/T 2260): which division a household place names.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::lineage;
use super::nothing::MARKS;
use super::text::{is_blank_char, lossy, trim, trim_text};
use super::traditional::simplified;

/// Past and present codes with their names, one code a line.
pub(super) const TABLE: &str = include_str!("divisions.tsv");

/// Province by its first two characters, with the short name that is dropped before reading on.
pub const PROVINCES: [(&str, u32); 34] = [
    ("北京", 11),
    ("天津", 12),
    ("河北", 13),
    ("山西", 14),
    ("内蒙古", 15),
    ("辽宁", 21),
    ("吉林", 22),
    ("黑龙江", 23),
    ("上海", 31),
    ("江苏", 32),
    ("浙江", 33),
    ("安徽", 34),
    ("福建", 35),
    ("江西", 36),
    ("山东", 37),
    ("河南", 41),
    ("湖北", 42),
    ("湖南", 43),
    ("广东", 44),
    ("广西", 45),
    ("海南", 46),
    ("重庆", 50),
    ("四川", 51),
    ("贵州", 52),
    ("云南", 53),
    ("西藏", 54),
    ("陕西", 61),
    ("甘肃", 62),
    ("青海", 63),
    ("宁夏", 64),
    ("新疆", 65),
    ("台湾", 71),
    ("香港", 81),
    ("澳门", 82),
];

/// How provinces are also called.
pub const ALSO: [(&str, u32); 1] = [("内蒙", 15)];

/// Divisions that have changed provinces since there are ID numbers, first and last code, and the province
/// that they are in now: 海南 left 广东 in 1988, 重庆 with 涪陵, 万县 and 黔江 left 四川 in 1997. The codes of
/// 涪陵市 of 1995 to 1997 were given to 眉山 in 2000, so they may be in either province.
pub const MOVED: [(u32, u32, u32); 12] = [
    (442_100, 442_299, 46),
    (510_200, 510_299, 50),
    (511_200, 511_299, 50),
    (511_400, 511_403, 50),
    (511_421, 511_423, 50),
    (511_481, 511_481, 50),
    (512_200, 512_201, 50),
    (512_221, 512_229, 50),
    (512_300, 512_302, 50),
    (512_321, 512_330, 50),
    (513_500, 513_599, 50),
    (519_005, 519_007, 50),
];

/// The province that a division has moved to.
fn moved_to(division: u32) -> Option<u32> {
    MOVED.iter().find(|(first, last, _)| (*first..=*last).contains(&division)).map(|(.., province)| *province)
}

/// Whether divisions of these two provinces may be the same under an older and a newer code.
pub fn have_exchanged(one: u32, other: u32) -> bool {
    MOVED.iter().any(|(first, _, now)| {
        let then = first / 10_000;
        (then, *now) == (one, other) || (*now, then) == (one, other)
    })
}

/// The provinces that a division is or was in.
fn provinces_of(division: u32) -> impl Iterator<Item = u32> {
    std::iter::once(division / 10_000).chain(moved_to(division))
}

/// Codes of 涪陵市 that were given to 眉山: of these alone it is not known which province they are in.
const GIVEN_TO_MEISHAN: RangeInclusive<u32> = 511_400..=511_499;
/// Codes that 万县 and 涪陵 have had after 绵阳 and 内江.
const TAKEN_FROM_OTHERS: RangeInclusive<u32> = 512_200..=512_399;

/// The provinces that a place may be in which had these codes: those that it has left are none of them. A code that two
/// divisions have had says little of a place that has others.
fn provinces_now(codes: &[u32]) -> BTreeSet<u32> {
    let mut out = BTreeSet::new();
    for code in codes {
        let province = code / 10_000;
        let mut of_province = codes.iter().filter(|code| **code / 10_000 == province);
        let has_left = of_province.all(|code| moved_to(*code).is_some());
        let is_shared = GIVEN_TO_MEISHAN.contains(code) || TAKEN_FROM_OTHERS.contains(code);
        match moved_to(*code) {
            Some(now) if has_left || !is_shared => drop(out.insert(now)),
            Some(_) => {}
            None => drop(out.insert(province)),
        }
        if has_left && GIVEN_TO_MEISHAN.contains(code) {
            out.insert(province);
        }
    }
    out
}

pub(super) fn share_a_province(one: u32, other: u32) -> bool {
    provinces_of(one).any(|province| provinces_of(other).any(|known| known == province))
}

/// Lower divisions whose names begin like another province.
pub const NOT_A_PROVINCE: [&str; 3] = ["海南藏族自治州", "海南区", "河南蒙古族自治县"];

const PROVINCE_SUFFIXES: [&str; 8] =
    ["特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "维吾尔族自治区", "自治区", "省", "市"];

/// The divisions a place may name: codes whose first `digits` digits are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DivisionPrefix {
    codes: Vec<u32>,
    /// The province that the place is said to be in.
    province: Option<u32>,
    /// 2 = province, 4 = city, 6 = county.
    digits: u32,
}

impl DivisionPrefix {
    /// Whether the six-digit `division` is in this place, compared over the first `digits` digits
    /// (2, 4 or 6), under any of its codes. `None` when the place is not known that closely.
    pub fn contains(&self, division: u32, digits: u32) -> Option<bool> {
        if digits > self.digits {
            return None;
        }
        let scale = 10u32.pow(6 - digits);
        let is_here = |division: u32| self.codes.iter().any(|code| code / scale == division / scale);
        Some(match digits {
            2 => {
                let provinces = self.provinces();
                provinces_of(division).any(|province| provinces.contains(&province))
            }
            _ => is_here(division) || lineage::of(division).any(is_here),
        })
    }

    /// The provinces that the place may be in: the one that it names, and the one that it has moved to since.
    fn provinces(&self) -> BTreeSet<u32> {
        let Some(named) = self.province else { return provinces_now(&self.codes) };
        let codes: Vec<u32> = self.codes.iter().copied().filter(|code| code / 10_000 == named).collect();
        provinces_now(&codes).into_iter().chain([named]).collect()
    }

    /// Whether two places may be in the same division, compared over the first `digits` digits. `None` when
    /// one of them is not known that closely.
    pub fn agrees(&self, other: &DivisionPrefix, digits: u32) -> Option<bool> {
        let any = match digits {
            2 => !self.provinces().is_disjoint(&other.provinces()),
            _ => self.codes.iter().any(|code| other.contains(*code, digits) == Some(true)),
        };
        (digits <= self.digits && digits <= other.digits).then_some(any)
    }
}

/// Whether a filled place is in the division of a number, compared over the first `digits` digits; `None`
/// where the place names nothing that can be compared that closely.
pub fn lies_in(text: &[u8], division: u32, digits: u32) -> Option<bool> {
    match digits {
        2 => in_province(text, division),
        _ => place(&lossy(text))?.contains(division, digits),
    }
}

/// Reads a household place: a division code, or an address that begins with the names of its
/// divisions (the province may be left out), in simplified or traditional characters. `None` if it names no division.
pub fn place(text: &str) -> Option<DivisionPrefix> {
    let found = written_place(text);
    if found.as_ref().is_some_and(|place| place.digits == 6) {
        return found;
    }
    match simplified(text) {
        Cow::Owned(other) => written_place(&other).or(found),
        Cow::Borrowed(_) => found,
    }
}

/// The same of the characters as they are.
fn written_place(text: &str) -> Option<DivisionPrefix> {
    let text = without_country(text);
    if text.as_bytes().first()?.is_ascii_digit() {
        return coded(text);
    }
    let Some((province, rest)) = province(text) else { return named(text, None) };
    let whole = DivisionPrefix { codes: vec![province * 10_000], province: Some(province), digits: 2 };
    Some(named(rest, Some(province)).unwrap_or(whole))
}

/// Whether the place is in the province of `division`; reads no further than it must.
pub fn in_province(text: &[u8], division: u32) -> Option<bool> {
    let text = trim(text);
    match named_province(text) {
        Some(province) if province == division / 10_000 => Some(true),
        Some(province) if !have_exchanged(province, division / 10_000) => Some(false),
        _ => place(&lossy(text))?.contains(division, 2),
    }
}

/// The place without the country and the marks in front: `中国湖南省`, `【湖南】衡阳`.
fn without_country(text: &str) -> &str {
    let is_mark = |c: char| is_blank_char(c) || MARKS.contains(c);
    let text = trim_text(text).trim_start_matches(is_mark);
    let country = ["中华人民共和国", "中国"].iter().find_map(|name| text.strip_prefix(name));
    country.map_or(text, |rest| rest.trim_start_matches(is_mark))
}

/// The province that the text begins with. Two characters distinguish all names, so that one
/// comparison of six bytes finds it.
fn named_province(text: &[u8]) -> Option<u32> {
    static HEADS: LazyLock<[(u64, usize); 34]> =
        LazyLock::new(|| std::array::from_fn(|i| (head(PROVINCES[i].0.as_bytes()).unwrap_or(0), i)));
    let head = head(text)?;
    let (_, at) = HEADS.iter().find(|(known, _)| *known == head)?;
    let (name, code) = PROVINCES[*at];
    let begins = |name: &str| text.starts_with(name.as_bytes());
    let is_named = begins(name) || ALSO.iter().any(|(other, _)| begins(other));
    (is_named && !NOT_A_PROVINCE.iter().any(|other| begins(other))).then_some(code)
}

/// The first six bytes as one number.
fn head(text: &[u8]) -> Option<u64> {
    let six = text.first_chunk::<6>()?;
    Some(six.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

fn coded(text: &str) -> Option<DivisionPrefix> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let digits = if length >= 6 { 6 } else { length };
    let code: u32 = text[..digits].parse().ok()?;
    match digits {
        2 | 4 | 6 => {
            let codes = vec![code * 10u32.pow(6 - digits as u32)];
            Some(DivisionPrefix { codes, province: None, digits: digits as u32 })
        }
        _ => None,
    }
}

fn province(text: &str) -> Option<(u32, &str)> {
    let (name, code) = PROVINCES.iter().chain(&ALSO).find(|(name, _)| text.starts_with(name))?;
    if NOT_A_PROVINCE.iter().any(|other| text.starts_with(other)) {
        return None;
    }
    let rest = &text[name.len()..];
    let suffix = PROVINCE_SUFFIXES.iter().find(|suffix| rest.starts_with(**suffix));
    let rest = &rest[suffix.map_or(0, |s| s.len())..];
    Some((*code, rest.trim_start_matches(|c| is_blank_char(c) || MARKS.contains(c))))
}

/// Peoples that autonomous divisions are named after.
const PEOPLES: [&str; 35] = [
    "满族",
    "蒙古族",
    "蒙古",
    "回族",
    "朝鲜族",
    "畲族",
    "土家族",
    "苗族",
    "侗族",
    "瑶族",
    "壮族",
    "各族",
    "仫佬族",
    "毛南族",
    "黎族",
    "羌族",
    "彝族",
    "藏族",
    "布依族",
    "水族",
    "仡佬族",
    "哈尼族",
    "傣族",
    "拉祜族",
    "佤族",
    "布朗族",
    "纳西族",
    "傈僳族",
    "独龙族",
    "怒族",
    "白族",
    "普米族",
    "裕固族",
    "撒拉族",
    "土族",
];

/// Cities and counties by name, and by name without its last character(s) (市 县 区 地区).
struct Names {
    cities: HashMap<&'static str, Vec<u32>>,
    counties: HashMap<&'static str, Vec<u32>>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { cities: HashMap::new(), counties: HashMap::new() };
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let Some((code, labels)) = line.split_once('\t') else { continue };
        let Ok(code) = code.parse::<u32>() else { continue };
        if code % 10_000 == 0 {
            continue;
        }
        let map = if code % 100 == 0 { &mut names.cities } else { &mut names.counties };
        for label in labels.split('/') {
            let (stem, bare) = (stem(label), bare(label));
            map.entry(stem).or_default().push(code);
            if bare != stem {
                map.entry(bare).or_default().push(code);
            }
        }
    }
    names
});

/// The name without its kind and the peoples it is named after, so that 丰宁县 and 丰宁满族自治县 are the same
/// place too.
pub(super) fn bare(label: &str) -> &str {
    let kinds = ["自治县", "自治旗", "自治州"];
    let Some(mut name) = kinds.iter().find_map(|kind| label.strip_suffix(kind)) else { return stem(label) };
    while let Some(shorter) = PEOPLES.iter().find_map(|people| name.strip_suffix(people)) {
        name = shorter;
    }
    if name.chars().count() >= 2 { name } else { stem(label) }
}

/// The name without its kind, so that 增城县, 增城市 and 增城区 are the same place.
fn stem(label: &str) -> &str {
    let stem = ["地区", "市", "县", "区"].iter().find_map(|kind| label.strip_suffix(kind)).unwrap_or(label);
    if stem.chars().count() >= 2 { stem } else { label }
}

fn named(text: &str, province: Option<u32>) -> Option<DivisionPrefix> {
    let within = |code: &u32| province.is_none_or(|p| provinces_of(*code).any(|known| known == p));
    // What is called a county or a district is one, also where a city has its name: 涪陵区, 九江县.
    let is_county = |rest: &str| {
        let name = &text[..text.len() - rest.len()];
        let counties = || longest(&NAMES.counties, text, within);
        name.ends_with(['县', '区'])
            && !name.ends_with("地区")
            && counties().is_some_and(|(_, after)| after.len() <= rest.len())
    };
    let city = longest(&NAMES.cities, text, within).filter(|(_, rest)| !is_county(rest));
    let rest = city.as_ref().map_or(text, |(_, rest)| rest);
    let county = longest(&NAMES.counties, rest, |code| {
        within(code) && city.as_ref().is_none_or(|(cities, _)| in_same_province(cities, *code))
    });
    match (county, city) {
        (Some((codes, _)), city) => {
            // Several cities of a province may have a district of one name.
            let is_there = |code: &&u32| {
                city.iter().any(|(cities, _)| cities.iter().any(|city| city / 100 == *code / 100))
            };
            let there: Vec<u32> = codes.iter().filter(is_there).copied().collect();
            Some(DivisionPrefix { codes: if there.is_empty() { codes } else { there }, province, digits: 6 })
        }
        (None, Some((codes, _))) => Some(DivisionPrefix { codes, province, digits: 4 }),
        (None, None) => None,
    }
}

fn in_same_province(cities: &[u32], county: u32) -> bool {
    cities.iter().any(|city| share_a_province(*city, county))
}

/// The longest name of `map` that `text` begins with and that has a code to `keep`; its codes, and
/// the text after it and its kind.
fn longest<'a>(
    map: &HashMap<&'static str, Vec<u32>>,
    text: &'a str,
    keep: impl Fn(&u32) -> bool,
) -> Option<(Vec<u32>, &'a str)> {
    let ends: Vec<usize> = text.char_indices().skip(2).map(|(i, _)| i).take(12).collect();
    let whole = (text.chars().count() <= 14).then_some(text.len());
    ends.into_iter().chain(whole).rev().find_map(|end| {
        let codes: Vec<u32> = map.get(&text[..end])?.iter().copied().filter(|code| keep(code)).collect();
        let rest = &text[end..];
        let kind = ["地区", "市", "县", "区"].iter().find(|kind| rest.starts_with(**kind));
        (!codes.is_empty()).then(|| (codes, &rest[kind.map_or(0, |k| k.len())..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provinces_are_read_from_codes_and_names() {
        for (text, division, expected) in [
            ("广东省广州市增城区荔城街道", 440_183, Some(true)),
            ("广东", 440_118, Some(true)),
            ("湖南省衡阳市", 440_118, Some(false)),
            ("广西壮族自治区桂林市", 450_300, Some(true)),
            ("内蒙古自治区赤峰市", 150_400, Some(true)),
            ("海南藏族自治州共和县", 632_521, Some(true)),
            ("河南蒙古族自治县", 632_324, Some(true)),
            ("440118", 440_125, Some(true)),
            ("增城区荔城街道", 440_118, Some(true)),
            ("衡阳市衡南县", 440_118, Some(false)),
            ("本地", 440_118, None),
            ("", 440_118, None),
        ] {
            assert_eq!(in_province(text.as_bytes(), division), expected, "{text}");
            assert_eq!(place(text).and_then(|p| p.contains(division, 2)), expected, "{text}");
        }
    }

    #[test]
    fn counties_keep_their_identity_under_changed_codes() {
        let zengcheng = place("广东省广州市增城区").expect("a county");
        for code in [440_118, 440_183, 440_125] {
            assert_eq!(zengcheng.contains(code, 6), Some(true), "{code}");
        }
        assert_eq!(zengcheng.contains(440_105, 6), Some(false));
        assert_eq!(zengcheng.contains(440_105, 4), Some(true));
        assert_eq!(place("广东省").and_then(|p| p.contains(440_118, 4)), None);
    }

    #[test]
    fn renamed_and_recoded_counties_agree_with_their_successors() {
        for (text, division, digits, expected) in [
            ("陕西省西安市鄠邑区", 610_125, 6, true),
            ("陕西省西安市户县", 610_118, 6, true),
            ("610118", 610_125, 6, true),
            ("安徽省淮南市寿县", 342_422, 6, true),
            ("安徽省淮南市寿县", 341_521, 4, true),
            ("安徽省淮南市", 341_521, 4, true),
            ("340422", 341_521, 6, true),
            ("440118", 440_125, 6, true),
            ("广东省广州市增城区", 449_017, 6, true),
            ("河北省承德市丰宁满族自治县", 132_627, 6, true),
            ("河北省丰宁县", 130_826, 6, true),
            ("上海市浦东新区", 310_225, 6, true),
            ("四川省成都市郫都区", 510_124, 6, true),
            ("四川省成都市简阳市", 512_081, 4, true),
            ("云南省普洱市", 532_721, 4, true),
            ("海南省五指山市", 460_001, 6, true),
            ("重庆市九龙坡区", 510_213, 6, true),
            ("重庆市巴南区", 510_222, 6, true),
            ("重庆市巴南区", 500_113, 6, true),
            ("重庆市万州区", 511_203, 6, true),
            ("重庆市涪陵区", 511_403, 6, true),
            ("重庆市涪陵区", 512_301, 6, true),
            ("重庆市黔江区", 513_523, 6, true),
            ("江西省九江县", 360_421, 6, true),
            ("江西省九江县", 360_403, 6, false),
            ("江西省九江市", 360_421, 4, true),
            ("广东省梅县", 441_421, 6, true),
            // A city that became a district when its prefecture took its name.
            ("山西省忻州市忻府区", 142_201, 6, true),
            ("山西省忻州市忻府区", 142_201, 4, true),
            ("广西百色市右江区", 452_601, 6, true),
            ("云南省曲靖市麒麟区", 532_201, 6, true),
            ("江苏省无锡市惠山区", 320_222, 6, true),
            ("江苏省无锡市梁溪区", 320_222, 6, false),
            ("湖南省衡阳市珠晖区", 430_402, 6, true),
            ("山西省太原市小店区", 140_211, 6, false),
            // Districts of one name in several cities are several.
            ("河北省石家庄市桥西区", 130_104, 6, true),
            ("河北省石家庄市桥西区", 130_503, 6, false),
            ("130104", 130_703, 6, false),
            ("江苏省南京市鼓楼区", 320_302, 6, false),
            ("陕西省西安市户县", 610_124, 6, false),
            ("安徽省六安市", 340_403, 4, false),
            ("广东省广州市增城区", 440_105, 6, false),
        ] {
            let place = place(text).expect("a place");
            assert_eq!(place.contains(division, digits), Some(expected), "{text} {division}");
        }
    }

    #[test]
    fn divisions_that_changed_provinces_agree_with_their_successors() {
        for (text, division, expected) in [
            ("重庆市江北区", 510_213, Some(true)),
            ("重庆市", 512_221, Some(true)),
            ("重庆市", 513_521, Some(true)),
            ("重庆市云阳县", 511_224, Some(true)),
            ("重庆市涪陵区", 511_402, Some(true)),
            ("四川省眉山市东坡区", 511_402, Some(true)),
            ("四川省眉山市丹棱县", 511_424, Some(true)),
            ("重庆市", 511_424, Some(false)),
            ("重庆市江津区", 519_007, Some(true)),
            ("重庆市", 519_004, Some(false)),
            ("四川省重庆市江北区", 510_213, Some(true)),
            ("四川省重庆市江北区", 500_105, Some(true)),
            ("510213", 500_107, Some(true)),
            ("500107", 510_213, Some(true)),
            ("四川省成都市", 510_213, Some(true)),
            ("四川省成都市", 500_107, Some(false)),
            ("重庆市", 510_107, Some(false)),
            ("重庆市", 512_232, Some(false)),
            ("四川省", 500_107, Some(false)),
            // Of the numbers of Sichuan those alone whose divisions have left it.
            ("重庆市江北区", 510_107, Some(false)),
            ("重庆市江北区观音桥街道", 511_322, Some(false)),
            ("江北区观音桥街道", 510_107, Some(false)),
            ("重庆市垫江县", 513_701, Some(false)),
            ("重庆市垫江县", 511_421, Some(true)),
            ("重庆市万州区", 511_202, Some(true)),
            ("重庆市黔江区", 513_521, Some(true)),
            ("510213", 510_107, Some(false)),
            ("四川省江油市", 500_101, Some(false)),
            ("江油市", 510_781, Some(true)),
            ("江油市", 500_101, Some(false)),
            ("四川省万县市", 500_101, Some(true)),
            ("四川省仁寿县", 500_231, Some(false)),
            ("东坡区", 511_424, Some(true)),
            ("海南省文昌市", 440_118, Some(false)),
            ("文昌市", 440_118, Some(false)),
            ("文昌市", 442_122, Some(true)),
            ("海南省海口市", 442_101, Some(true)),
            ("海南省文昌市", 442_122, Some(true)),
            ("广东省海南行政区海口市", 460_100, Some(true)),
            ("海南省海口市", 440_118, Some(false)),
            ("广东省广州市", 460_100, Some(false)),
            ("中国湖南省衡阳市", 430_400, Some(true)),
            ("中华人民共和国 湖南省", 430_400, Some(true)),
            ("【湖南】衡阳", 430_400, Some(true)),
            ("内蒙赤峰", 150_400, Some(true)),
            ("内蒙赤峰", 430_400, Some(false)),
        ] {
            assert_eq!(in_province(text.as_bytes(), division), expected, "{text} {division}");
        }
        let county = place("重庆市九龙坡区").expect("a county");
        assert_eq!(county.contains(510_213, 6), Some(true));
        assert_eq!(county.contains(510_212, 6), Some(false));
    }

    #[test]
    fn any_text_is_read_without_a_crash() {
        for text in ["12", "123", "1234567", "市", "广", "广东省广", "٣٣", "１２", "朝阳区"] {
            let _ = place(text);
        }
    }
}
