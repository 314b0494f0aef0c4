//! Units by what records write, each text looked up once.

use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::Arc;

use polars::prelude::PlHashMap;

use tongbao_register::text::{lossy, trim};
use tongbao_register::unit::Units;

/// Spellings of units that are remembered; a register has few, a wrong column many.
const KNOWN: usize = 1 << 16;

/// The positions of the units that were looked up.
pub(super) struct UnitLookup {
    units: Arc<Units>,
    /// The short text read last: neighbours often share their unit.
    last: Option<(ShortText, Found)>,
    /// Codes and most names are short: the table holds them itself, in twenty bytes each, where many units miss the
    /// processor's caches.
    short: PlHashMap<ShortText, Found>,
    long: PlHashMap<Vec<u8>, Option<u32>>,
}

impl UnitLookup {
    /// Nothing is known yet.
    pub(super) fn new(units: Arc<Units>) -> UnitLookup {
        UnitLookup { units, last: None, short: PlHashMap::default(), long: PlHashMap::default() }
    }

    /// The position of the unit with this code or name as written.
    pub(super) fn position(&mut self, written: &[u8]) -> Option<u32> {
        let Some(text) = ShortText::of(written) else { return self.long(written) };
        if let Some((last, found)) = self.last
            && last == text
        {
            return found.position();
        }
        let found = self.short.get(&text).copied().unwrap_or_else(|| {
            let found = Found::new(position(&self.units, written));
            if self.short.len() < KNOWN {
                self.short.insert(text, found);
            }
            found
        });
        self.last = Some((text, found));
        found.position()
    }

    fn long(&mut self, written: &[u8]) -> Option<u32> {
        if let Some(found) = self.long.get(written) {
            return *found;
        }
        let found = position(&self.units, written);
        if self.long.len() < KNOWN {
            self.long.insert(written.to_vec(), found);
        }
        found
    }
}

/// The position of the unit with this code or name as written.
pub fn position(units: &Units, written: &[u8]) -> Option<u32> {
    units.position(&lossy(trim(written)))
}

/// A position in four bytes, or none.
#[derive(Clone, Copy)]
struct Found(Option<NonZeroU32>);

impl Found {
    fn new(position: Option<u32>) -> Found {
        Found(position.and_then(|position| NonZeroU32::new(position + 1)))
    }

    fn position(self) -> Option<u32> {
        self.0.map(|found| found.get() - 1)
    }
}

/// A text of at most fifteen bytes, with its length in the last one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ShortText([u8; 16]);

impl ShortText {
    fn of(text: &[u8]) -> Option<ShortText> {
        let mut bytes = [0; 16];
        bytes[..15].get_mut(..text.len())?.copy_from_slice(text);
        bytes[15] = text.len() as u8;
        Some(ShortText(bytes))
    }
}

impl Hash for ShortText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        u128::from_le_bytes(self.0).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongbao_register::unit::Unit;

    #[test]
    fn every_text_is_found_as_without_memory() {
        let unit = |code: String, name: &str| Unit {
            code,
            name: name.to_owned(),
            kind: "村".to_owned(),
            parent: None,
        };
        let list = (0..90).map(|at| unit(format!("4401180012{at:02}"), "荔湖村")).collect();
        let units = Arc::new(Units::new(list).unwrap());
        let mut lookup = UnitLookup::new(units.clone());
        let mut rng = fastrand::Rng::with_seed(15);
        for _ in 0..20_000 {
            let code = format!("4401180012{:02}", rng.u32(..100));
            let written = match rng.u32(..6) {
                0 => code[..rng.usize(..=code.len())].to_owned(),
                1 => code + "\0",
                2 => format!("{code}-荔湖村民委员会"),
                3 => format!(" {code} "),
                _ => code,
            };
            assert_eq!(
                lookup.position(written.as_bytes()),
                position(&units, written.as_bytes()),
                "{written:?}"
            );
        }
    }
}
