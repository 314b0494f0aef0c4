//! Which units stand above others, where a list does not say so: the street at the top of its villages.

use std::collections::HashSet;

use super::unit_names::{KINDS, plain, town};

/// Digits of a county's code; shorter codes are an office's own, and 1 does not stand above 10.
const COUNTY: usize = 6;
/// Digits of the codes of province, city, county, street, village and group (GB/T 2260, GB/T 10114).
const LEVELS: [usize; 6] = [2, 4, COUNTY, 9, 12, 15];

/// Whether each unit, of which code and name are given, stands above another one: its code is the beginning of that one's
/// (`440118001`, also as `440118001000`), or it is a street or town, or what the office is named after, in a list of
/// villages.
pub fn stand_above(units: &[(&str, &str)], office: &str) -> Vec<bool> {
    let stems: Vec<String> = units.iter().map(|(code, _)| stem(&plain(code))).collect();
    let beginnings = |stem: &str| LEVELS.into_iter().filter(|end| *end < stem.len()).collect::<Vec<_>>();
    let above: HashSet<&str> = stems
        .iter()
        .filter(|stem| stem.len() >= COUNTY && stem.bytes().all(|c| c.is_ascii_digit()))
        .flat_map(|stem| beginnings(stem).into_iter().filter_map(|end| stem.get(..end)))
        .collect();
    let office = plain(office);
    let is_top = |name: &String| {
        let is_division = name.ends_with(['区', '县', '市']) && office.starts_with(name);
        town(name).is_some() || is_division || (!name.is_empty() && *name == office)
    };
    let names: Vec<String> = units.iter().map(|(_, name)| plain(name)).collect();
    let tops: Vec<bool> = names.iter().map(is_top).collect();
    let villages = names.iter().filter(|name| has_ending(name)).count();
    let by_name = tops.iter().filter(|is_top| **is_top).count() < villages;
    let is_above = |(stem, is_top): (&String, bool)| above.contains(stem.as_str()) || by_name && is_top;
    stems.iter().zip(tops).map(is_above).collect()
}

/// Whether a name is that of a village or community.
pub fn is_village(name: &str) -> bool {
    has_ending(&plain(name))
}

fn has_ending(plain_name: &str) -> bool {
    KINDS.iter().any(|(ending, _)| plain_name.ends_with(ending))
}

/// A code without the zeros that fill it up: `440118001000` is `440118001`.
fn stem(code: &str) -> String {
    let used = code.trim_end_matches('0').len();
    let end = LEVELS.into_iter().find(|end| *end >= used).unwrap_or(code.len());
    code.get(..end).unwrap_or(code).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above<'a>(units: &[(&'a str, &'a str)], office: &str) -> Vec<&'a str> {
        let is_above = stand_above(units, office);
        units.iter().zip(is_above).filter(|(_, is_above)| *is_above).map(|((_, name), _)| *name).collect()
    }

    #[test]
    fn a_street_stands_above_its_villages() {
        let villages = [("440118001201", "荔湖村"), ("440118001202", "桥东村"), ("440118001001", "桥北社区")];
        for top in [
            ("440118001", "荔城街道"),
            ("440118001000", "荔城街道办事处"),
            ("440118001000", "本级"),
            ("440118", "增城区"),
            ("999", "荔城街道"),
            ("荔城街", "荔城街道办"),
            ("1", "增城区"),
        ] {
            let units = [&[top][..], &villages].concat();
            assert_eq!(above(&units, "增城区流管办"), [top.1], "{top:?}");
        }
        assert_eq!(above(&villages, "荔城街道办事处"), [""; 0]);
    }

    #[test]
    fn units_of_one_level_stand_side_by_side() {
        let towns = [("440118001", "荔城街道"), ("440118100", "新塘镇"), ("440118002", "增江街道")];
        assert_eq!(above(&towns, "增城区流管办"), [""; 0]);
        let numbered = [("1", "荔湖村"), ("10", "桥东村"), ("100", "桥北社区")];
        assert_eq!(above(&numbered, "荔城街道办事处"), [""; 0]);
        let named = [("桥东村", "桥东村"), ("桥东村一组", "桥东村一组"), ("富强小区", "富强小区")];
        assert_eq!(above(&named, "荔城街道办事处"), [""; 0]);
        let groups =
            [("440118001201", "荔湖村"), ("440118001201001", "荔湖一组"), ("440118001202", "桥东村")];
        assert_eq!(above(&groups, ""), ["荔湖村"]);
    }
}
