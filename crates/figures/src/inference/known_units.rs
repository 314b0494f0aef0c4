//! The units of a list that was found, as the figures read them.

use std::collections::HashSet;

use tongbao_register::unit::{Unit, Units};
use tongbao_register::unit_names::plain;

/// Units that values of other tables are compared with.
#[derive(Debug, Clone, Default)]
pub struct KnownUnits(Units);

impl KnownUnits {
    /// Units by code and name; of rows with the same code the first counts.
    pub fn new<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> KnownUnits {
        let mut codes = HashSet::new();
        let unit = |(code, name): (&str, &str)| Unit {
            code: code.to_owned(),
            name: name.to_owned(),
            kind: String::new(),
            parent: None,
        };
        let rows = rows.filter(|(code, _)| codes.insert(*code)).map(unit);
        // Codes that differ, and no unit above another: such a list is always one.
        KnownUnits(Units::new(rows.collect()).unwrap_or_default())
    }

    /// Whether a value is one of the units in any spelling that the figures read. What stands before the name of a village
    /// may be the street, which a list need not have.
    pub fn has(&self, text: &str) -> bool {
        const ABOVE: [char; 6] = ['道', '镇', '乡', '区', '县', '市'];
        let text = plain(text);
        let is_below = || {
            let ends = text.char_indices().filter(|(_, c)| ABOVE.contains(c));
            let mut starts = ends.map(|(at, c)| at + c.len_utf8());
            starts.any(|start| self.0.position(&text[start..]).is_some())
        };
        self.0.position(&text).is_some() || is_below()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_as_the_figures_read_them() {
        let rows = [("440118001201", "荔湖村"), ("440118001202", "桥东社区"), ("16", "16"), ("06", "06")];
        let units = KnownUnits::new(rows.into_iter());
        for text in [
            "440118001201.0",
            "440118001201-荔湖村",
            "荔 湖 村",
            "荔城街道荔湖村",
            "16",
            "荔湖村村民委员会",
            "荔湖村民委员会",
            "荔湖行政村",
            "荔城街道荔湖村村委会",
            "荔湖村委",
            "桥东社区居民委员会",
            "桥东居委",
            "橋東社區",
        ] {
            assert!(units.has(text), "{text}");
        }
        for text in ["2016-06-16", "桥荔湖村", "荔湖村1号", "440118001203", "区", ""] {
            assert!(!units.has(text), "{text}");
        }
    }
}
