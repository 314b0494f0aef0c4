//! Units by other ways to write them: a code that a spreadsheet has made a number, the name, the name with
//! another word for its kind, and the office's own aliases.

use std::collections::BTreeMap;

use super::nothing::is_word_for_nothing;
use super::text::{half_width, is_blank_char};
use super::unit::Unit;

/// Words behind the name of a village or community, and its kind; longer ones first.
const KINDS: [(&str, &str); 12] = [
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
}

impl UnitNames {
    /// Adds the names of a unit.
    pub(super) fn add_unit(&mut self, unit: &Unit, position: u32) {
        self.add_name(&unit.name, &unit.kind, position);
        // The list itself may have codes that a spreadsheet has made numbers.
        self.add(plain(&unit.code), Kinship::Alias, position);
    }

    /// Adds a name and how else it is written.
    pub(super) fn add_name(&mut self, name: &str, kind: &str, position: u32) {
        let name = plain(name);
        let (stem, own_kind) = parted(&name);
        let kind = own_kind.or_else(|| KINDS.iter().map(|(_, kind)| *kind).find(|known| *known == kind));
        if let Some(kind) = kind {
            self.add(of_kind(stem, kind), Kinship::Kind, position);
            // 廖村 is also written 廖村村委会.
            self.add(of_kind(&name, kind), Kinship::Kind, position);
        }
        self.add(stem.to_owned(), Kinship::Stem, position);
        self.add(name, Kinship::Name, position);
    }

    pub(super) fn add_alias(&mut self, alias: &str, position: u32) {
        self.add(plain(alias), Kinship::Alias, position);
    }

    fn add(&mut self, spelling: String, kinship: Kinship, position: u32) {
        if spelling.is_empty() {
            return;
        }
        let (known, units) = self.units.entry(spelling).or_insert((kinship, Vec::new()));
        if kinship < *known {
            (*known, *units) = (kinship, Vec::new());
        }
        if kinship == *known && !units.contains(&position) {
            units.push(position);
        }
    }

    /// The only unit that a spelling means.
    pub(super) fn position(&self, text: &str) -> Option<u32> {
        let text = plain(text);
        let (stem, kind) = parted(&text);
        let exact = self.units.get(&text);
        let by_kind = || self.units.get(&of_kind(stem, kind?));
        match exact.or_else(by_kind) {
            Some((_, units)) => Some(*units.first()?).filter(|_| units.len() == 1),
            None => None,
        }
    }

    /// Names that several units share, so that they mean none of them.
    pub(super) fn shared(&self) -> impl Iterator<Item = (&str, &[u32])> {
        let is_shared = |kinship: &Kinship, units: &[u32]| *kinship <= Kinship::Name && units.len() > 1;
        self.units
            .iter()
            .filter(move |(_, (kinship, units))| is_shared(kinship, units))
            .map(|(name, (_, units))| (name.as_str(), units.as_slice()))
    }

    /// Every spelling with the units that it means, in one order.
    pub(super) fn spellings(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.units.iter().map(|(name, (_, units))| (name.as_str(), units.as_slice()))
    }
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

/// A code or name in half-width characters, without blanks, invisible characters, and the marks with which
/// cells are kept from being read as numbers. A code that has become a number (`440118001201.0`) is whole
/// again.
pub fn plain(text: &str) -> String {
    const QUOTES: &str = "'\"=‘’“”`";
    let kept = |c: &char| !is_blank_char(*c) && !QUOTES.contains(*c);
    let text: String = text.chars().map(half_width).filter(kept).collect();
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
