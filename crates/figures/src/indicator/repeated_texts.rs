//! Texts that many records share: words that fill a column and say nothing, which no list of such words has.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::unread::RepeatedText;
use tongbao_register::division::place;
use tongbao_register::field::Field;
use tongbao_register::nothing::{is_filler, is_nothing};
use tongbao_register::text::{lossy, shape, trim};

/// Different texts that are kept.
const MOST: usize = 1 << 14;
/// Fewer are slips.
const FEW: u64 = 5;
/// One name in so many is more than families share; of addresses a dormitory has more.
const NAMES: u64 = 50;
const ADDRESSES: u64 = 5;

/// Texts by their field and digest.
#[derive(Debug, Clone, Default)]
pub(super) struct RepeatedTexts(HashMap<(Field, u64), CountedText>);

#[derive(Debug, Clone)]
struct CountedText {
    count: u64,
    /// Whether it can be no person's, so that it may be shown.
    is_filler: bool,
    shown: String,
}

impl RepeatedTexts {
    /// Counts a text of a name or an address. A household place that names a division is one that many share.
    pub(super) fn add(&mut self, field: Field, value: &[u8]) {
        if !matches!(field, Field::Name | Field::ResidenceAddress | Field::HouseholdPlace) {
            return;
        }
        let text = trim(value);
        let mut digest = DefaultHasher::new();
        text.hash(&mut digest);
        let key = (field, digest.finish());
        if let Some(known) = self.0.get_mut(&key) {
            known.count += 1;
        } else if self.0.len() < MOST && !is_nothing(text) {
            let text = lossy(text);
            let is_filler = is_filler(&text);
            if field != Field::HouseholdPlace || is_filler || place(&text).is_none() {
                let shown = if is_filler { text.into_owned() } else { shape(&text, "") };
                self.0.insert(key, CountedText { count: 1, is_filler, shown });
            }
        }
    }

    /// Those that more records share than persons do, of the texts of each field that were looked at.
    pub(super) fn fillers(&self, looked_at: impl Fn(Field) -> u64) -> Vec<RepeatedText> {
        let mut out: Vec<RepeatedText> = self
            .0
            .iter()
            .filter(|((field, _), text)| text.count >= FEW && text.stands_out(*field, looked_at(*field)))
            .map(|((field, _), text)| RepeatedText {
                field: *field,
                shown: text.shown.clone(),
                count: text.count,
                of: looked_at(*field),
            })
            .collect();
        out.sort_by(|a, b| (b.count, a.field.index(), &a.shown).cmp(&(a.count, b.field.index(), &b.shown)));
        out
    }

    pub(super) fn merge(&mut self, other: RepeatedTexts) {
        for (key, text) in other.0 {
            if let Some(known) = self.0.get_mut(&key) {
                known.count += text.count;
            } else if self.0.len() < MOST {
                self.0.insert(key, text);
            }
        }
    }
}

impl CountedText {
    /// Whether so many records share it that it may say nothing.
    fn stands_out(&self, field: Field, looked_at: u64) -> bool {
        let share = if field == Field::Name { NAMES } else { ADDRESSES };
        self.is_filler || self.count > FEW && self.count * share >= looked_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_many_share_are_listed_and_no_address_is_shown() {
        let mut texts = RepeatedTexts::default();
        for at in 0..100 {
            texts.add(Field::ResidenceAddress, format!("富强路{at}号").as_bytes());
            texts.add(Field::Name, format!("张{}", char::from_u32(0x4e00 + at).unwrap()).as_bytes());
            texts.add(Field::HouseholdPlace, "湖南省衡阳市".as_bytes());
        }
        for filler in ["xxxx", "同上", "'111"] {
            (0..6).for_each(|_| texts.add(Field::ResidenceAddress, filler.as_bytes()));
        }
        (0..40).for_each(|_| texts.add(Field::ResidenceAddress, "工业园3号宿舍".as_bytes()));
        (0..9).for_each(|_| texts.add(Field::Name, "王小明".as_bytes()));
        (0..4).for_each(|_| texts.add(Field::HouseholdPlace, "略".as_bytes()));
        (0..9).for_each(|_| texts.add(Field::HouseholdPlace, "无".as_bytes()));
        let found = texts.fillers(|_| 160);
        let shown: Vec<(&str, u64)> = found.iter().map(|text| (text.shown.as_str(), text.count)).collect();
        assert_eq!(shown, [("字字字#字字字", 40), ("字字字", 9), ("111", 6), ("xxxx", 6), ("同上", 6)]);
    }
}
