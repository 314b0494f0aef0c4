//! Units by other ways to write them: a code that a spreadsheet has made a number, the name, the name with
//! another word for its kind, and the office's own aliases.

use std::collections::BTreeMap;

use super::nothing::is_word_for_nothing;
use super::text::{half_width, is_trimmed_char};
use super::traditional::simple;
use super::unit::Unit;

/// Words after the name of a village or community, and its kind; longer ones first.
pub const KINDS: [(&str, &str); 12] = [
    ("社区居民委员会", "社区"),
    ("社区居委会", "社区"),
    ("村民委员会", "村"),
    ("居民委员会", "社区"),
    ("社区居委", "社区"),
    ("村委会", "村"),
    ("行政村", "村"),
    ("居委会", "社区"),
    ("村委", "村"),
    ("居委", "社区"),
    ("社区", "社区"),
    ("村", "村"),
];

/// How well a spelling means a unit; the lower, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kinship {
    Alias,
    Name,
    /// The name with another word for the same kind.
    Kind,
    /// The name without its kind.
    Stem,
}

/// Spellings in their plain form, and the units that they mean.
#[derive(Debug, Clone, Default)]
pub(super) struct UnitNames {
    units: BTreeMap<String, (Kinship, Vec<u32>)>,
    /// The same after the name of the unit above: 荔城街道荔湖村.
    below: BTreeMap<String, (Kinship, Vec<u32>)>,
    /// The name of the street or town that a unit is in, without the word for it.
    towns: BTreeMap<u32, String>,
    /// Whether codes, names and aliases alone are kept, and not how else a name is written.
    is_as_listed: bool,
}

impl UnitNames {
    /// Takes codes, names and aliases alone: all that decides which names units share.
    pub(super) fn as_listed() -> UnitNames {
        UnitNames { is_as_listed: true, ..UnitNames::default() }
    }

    /// Puts a unit that has none above it in the list into the street or town of an office: 荔城街道荔湖村 is that unit then,
    /// and 新塘镇荔湖村 another one.
    pub(super) fn add_town(&mut self, unit: &Unit, town: &Town, position: u32) {
        if self.is_as_listed {
            return;
        }
        self.towns.insert(position, town.name.clone());
        for (spelling, kinship) in written(&plain(&unit.name), &unit.kind) {
            add(&mut self.below, town.whole.clone() + &spelling, kinship, position);
        }
    }

    /// Adds the names of a unit, which may follow that of the unit above.
    pub(super) fn add_unit(&mut self, unit: &Unit, above: Option<&str>, position: u32) {
        self.add_name(&unit.name, &unit.kind, position);
        // The list itself may have codes that a spreadsheet has made numbers.
        add(&mut self.units, plain(&unit.code), Kinship::Alias, position);
        if self.is_as_listed {
            return;
        }
        let above_name = above.map(plain);
        let town = above_name.as_deref().and_then(|name| town(name).or_else(|| name.strip_suffix('街')));
        if let Some(town) = town {
            self.towns.insert(position, town.to_owned());
        }
        if let Some(above) = above.map(plain).filter(|above| !above.is_empty()) {
            for (spelling, kinship) in written(&plain(&unit.name), &unit.kind) {
                add(&mut self.below, above.clone() + &spelling, kinship, position);
            }
        }
    }

    /// Adds a name and how else it is written.
    pub(super) fn add_name(&mut self, name: &str, kind: &str, position: u32) {
        if self.is_as_listed {
            return add(&mut self.units, plain(name), Kinship::Name, position);
        }
        for (spelling, kinship) in written(&plain(name), kind) {
            add(&mut self.units, spelling, kinship, position);
        }
    }

    pub(super) fn add_alias(&mut self, alias: &str, position: u32) {
        add(&mut self.units, plain(alias), Kinship::Alias, position);
    }

    /// The only unit that a text means: as one spelling, as code and name in one, or as a name behind the
    /// names of the divisions above.
    pub(super) fn position(&self, text: &str) -> Option<u32> {
        let text = plain(text);
        one(&self.units, &text).or_else(|| self.of_parts(&text)).or_else(|| self.below_divisions(&text))
    }

    /// `440118001201-荔湖村`, `荔湖村(440118001201)`: parts that mean one unit, and none with digits that
    /// means nothing.
    fn of_parts(&self, text: &str) -> Option<u32> {
        let parts = parts(text);
        let mut meant = None;
        for part in parts.iter().filter(|_| parts.len() > 1) {
            let is_whole = self.units.get(*part).is_none_or(|(kinship, _)| *kinship < Kinship::Stem);
            match one(&self.units, part).filter(|_| is_whole) {
                Some(unit) if meant.is_none_or(|known| known == unit) => meant = Some(unit),
                Some(_) => return None,
                None if part.chars().any(char::is_numeric) => return None,
                None => {}
            }
        }
        // 新塘镇/荔湖村 is another village than ours in 荔城街道.
        let own = meant.and_then(|unit| self.towns.get(&unit));
        let others = parts.iter().filter(|part| one(&self.units, part) != meant);
        let is_elsewhere =
            own.is_some_and(|own| others.filter_map(|part| town(part)).any(|town| town != own));
        meant.filter(|_| !is_elsewhere)
    }

    /// `广东省广州市增城区荔城街道荔湖村委会`, where the list says that the village belongs to that street.
    fn below_divisions(&self, text: &str) -> Option<u32> {
        // 增城区/荔城街道/荔湖村
        let text: String = text.chars().filter(|c| !matches!(c, '/' | '\\' | '>' | '|')).collect();
        let ends =
            text.char_indices().filter(|(_, c)| "省市区县".contains(*c)).map(|(at, c)| at + c.len_utf8());
        let behind = |start: usize| text[start..].trim_start_matches(|c: char| !c.is_alphanumeric());
        std::iter::once(0).chain(ends).find_map(|start| one(&self.below, behind(start)))
    }

    /// Names that several units share, so that they mean none of them.
    pub(super) fn into_shared(self) -> impl Iterator<Item = (String, Vec<u32>)> {
        let is_shared = |kinship: Kinship, units: &[u32]| kinship <= Kinship::Name && units.len() > 1;
        let shared = self.units.into_iter().filter(move |(_, (kinship, units))| is_shared(*kinship, units));
        shared.map(|(name, (_, units))| (name, units))
    }

    /// Every spelling with the units that it means, in one order.
    pub(super) fn spellings(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.units.iter().map(|(name, (_, units))| (name.as_str(), units.as_slice()))
    }
}

fn add(known: &mut BTreeMap<String, (Kinship, Vec<u32>)>, spelling: String, kinship: Kinship, position: u32) {
    if spelling.is_empty() {
        return;
    }
    let (best, units) = known.entry(spelling).or_insert((kinship, Vec::new()));
    if kinship < *best {
        (*best, *units) = (kinship, Vec::new());
    }
    if kinship == *best && !units.contains(&position) {
        units.push(position);
    }
}

/// A plain name and how else it is written.
fn written(name: &str, kind: &str) -> Vec<(String, Kinship)> {
    let (stem, own_kind) = parted(name);
    let kind = own_kind.or_else(|| KINDS.iter().map(|(_, kind)| *kind).find(|known| *known == kind));
    // 廖村 is also written 廖村村委会.
    let of_kinds = kind.into_iter().flat_map(|kind| [of_kind(stem, kind), of_kind(name, kind)]);
    let of_kinds = of_kinds.map(|spelling| (spelling, Kinship::Kind));
    of_kinds.chain([(stem.to_owned(), Kinship::Stem), (name.to_owned(), Kinship::Name)]).collect()
}

/// The only unit of a plain spelling, or of the same with another word for its kind.
fn one(known: &BTreeMap<String, (Kinship, Vec<u32>)>, text: &str) -> Option<u32> {
    let (stem, kind) = parted(text);
    let (_, units) = known.get(text).or_else(|| known.get(&of_kind(stem, kind?)))?;
    units.first().copied().filter(|_| units.len() == 1)
}

/// A street, town or township.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Town {
    /// With the word for it: 荔城街道.
    whole: String,
    /// Without: 荔城.
    name: String,
}

impl Town {
    /// The one that an office is the office of: 荔城街道办事处, 增城市派潭镇人民政府. `None` for offices of districts, and for
    /// what says nothing.
    pub fn of_office(office: &str) -> Option<Town> {
        const OFFICES: [&str; 4] = ["办事处", "人民政府", "政府", "办"];
        let office = plain(office);
        let whole = OFFICES.iter().find_map(|word| office.strip_suffix(word)).unwrap_or(&office);
        let name = town(whole)?.to_owned();
        let word = whole.strip_suffix(|c| c == '道' || c == '镇' || c == '乡').map(|_| whole)?;
        let start = word.find(&name)?;
        Some(Town { whole: word[start..].to_owned(), name })
    }
}

/// The name of a street, town or township without the word for it; `None` for anything else.
pub(super) fn town(text: &str) -> Option<&str> {
    const WORDS: [&str; 7] = ["街道办事处", "镇人民政府", "街道办", "办事处", "街道", "镇", "乡"];
    let name = WORDS.iter().find_map(|word| text.strip_suffix(word))?;
    // What stands before it may be the divisions above: 增城区荔城街道.
    let start = name
        .rfind(['省', '市', '区', '县'])
        .and_then(|at| name[at..].chars().next().map(|c| at + c.len_utf8()));
    Some(&name[start.unwrap_or(0)..]).filter(|name| !name.is_empty())
}

/// The parts of a plain text: what marks divide, and a long number and the letters next to it.
pub fn parts(text: &str) -> Vec<&str> {
    /// Shorter ones belong to a name: 十三1队.
    const CODE: usize = 6;
    let divided = text.split(|c: char| !c.is_alphanumeric() && c != '·').filter(|part| !part.is_empty());
    let mut out = Vec::new();
    for part in divided {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let behind = part.bytes().rev().take_while(u8::is_ascii_digit).count();
        let at = match () {
            () if digits >= CODE => digits,
            () if behind >= CODE => part.len() - behind,
            () => 0,
        };
        out.extend([&part[..at], &part[at..]].into_iter().filter(|part| !part.is_empty()));
    }
    out
}

/// The name without the word for its kind, and the kind.
fn parted(name: &str) -> (&str, Option<&'static str>) {
    let parted = KINDS.iter().find_map(|(word, kind)| {
        let stem = name.strip_suffix(word).filter(|stem| !stem.is_empty())?;
        Some((stem, Some(*kind)))
    });
    parted.unwrap_or((name, None))
}

/// Kept apart from every name by a character that [`plain`] removes.
fn of_kind(stem: &str, kind: &str) -> String {
    format!("{stem} {kind}")
}

/// A code or name in half-width and simplified characters, without blanks, invisible characters, and the marks with which
/// cells are kept from being read as numbers. A code that has become a number (`440118001201.0`) is whole
/// again.
pub fn plain(text: &str) -> String {
    let text: String = text.chars().map(half_width).filter(|c| !is_trimmed_char(*c)).map(simple).collect();
    match text.split_once('.') {
        Some((digits, zeros))
            if digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.is_empty()
                && !zeros.is_empty()
                && zeros.bytes().all(|b| b == b'0') =>
        {
            digits.to_owned()
        }
        _ => text,
    }
}

/// Whether the value of a unit column names no unit at all.
pub fn is_blank_unit(text: &str) -> bool {
    let plain = plain(text);
    plain.is_empty() || is_word_for_nothing(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_names_its_street() {
        for (office, town) in [
            ("荔城街道办事处", Some(("荔城街道", "荔城"))),
            ("广州市增城区荔城街道办事处", Some(("荔城街道", "荔城"))),
            ("增城市派潭镇人民政府", Some(("派潭镇", "派潭"))),
            ("荔城街道", Some(("荔城街道", "荔城"))),
            ("增城区流动人口服务管理办公室", None),
            ("新乡市公安局", None),
            ("y", None),
            ("", None),
        ] {
            let town = town.map(|(whole, name)| Town { whole: whole.into(), name: name.into() });
            assert_eq!(Town::of_office(office), town, "{office}");
        }
        let mut names = UnitNames::default();
        let unit =
            Unit { code: "440118001201".into(), name: "荔湖村".into(), kind: String::new(), parent: None };
        names.add_unit(&unit, None, 0);
        names.add_town(&unit, &Town::of_office("荔城街道办事处").unwrap(), 0);
        for text in
            ["荔城街道荔湖村", "增城区荔城街道荔湖村村委会", "荔城街道/荔湖村", "荔城街/荔湖村", "荔湖村"]
        {
            assert_eq!(names.position(text), Some(0), "{text}");
        }
        for text in ["新塘镇荔湖村", "新塘镇/荔湖村", "新塘镇 > 荔湖村"] {
            assert_eq!(names.position(text), None, "{text}");
        }
    }

    #[test]
    fn code_and_name_in_one_mean_the_unit_and_nothing_else_does() {
        let mut names = UnitNames::default();
        let units = [("440118001", "荔城街道"), ("440118001201", "荔湖村"), ("440118001202", "桥东社区")];
        for (at, (code, name)) in units.into_iter().enumerate() {
            let unit = Unit {
                code: code.into(),
                name: name.into(),
                kind: String::new(),
                parent: (at > 0).then(|| "440118001".into()),
            };
            names.add_unit(&unit, (at > 0).then_some("荔城街道"), at as u32);
        }
        for (text, unit) in [
            ("440118001201-荔湖村", Some(1)),
            ("荔湖村（440118001201）", Some(1)),
            ("440118001202 桥东社区居委会", Some(2)),
            ("广东省/广州市/增城区/荔城街道荔湖村", Some(1)),
            ("增城区荔城街道桥东社区居民委员会", Some(2)),
            ("荔城街道荔湖村", Some(1)),
            ("橋東社區", Some(2)),
            ("增城區荔城街道橋東社區居委會", Some(2)),
            ("增城区/荔城街道/荔湖村", Some(1)),
            ("荔城街/荔湖村", Some(1)),
            ("荔城街道办事处/荔湖村委会", Some(1)),
            ("增城区荔城街道/荔湖村", Some(1)),
            ("荔城街道 > 桥东社区居委会", Some(2)),
            // Another village of that name, two units, a group of the village, a divided code.
            ("新塘镇荔湖村", None),
            ("新塘镇/荔湖村", None),
            ("广州市 > 增城区 > 新塘镇 > 荔湖村", None),
            ("440118001201（新塘镇）", None),
            ("荔湖村、桥东社区", None),
            ("荔湖村-3组", None),
            ("440118-001-201", None),
            ("440118001201-桥东社区", None),
            ("440118001299-荔湖村", None),
        ] {
            assert_eq!(names.position(text), unit, "{text}");
        }
    }
}
