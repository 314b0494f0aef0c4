//! Which unit a text names, for texts that say more than its name: `荔湖村流动人口登记表（6月）`.

use super::levels::ABOVE;
use tongbao_register::unit_names::KINDS;

/// The units that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedUnits<'a> {
    /// No unit of the list.
    None,
    /// The code of the one.
    One(&'a str),
    /// The names of several.
    Several(Vec<&'a str>),
}

/// What may stand before the name of a village without a break: `荔城街道荔湖村`, `登记表荔湖村`.
const BEFORE: [char; 12] = ['道', '镇', '乡', '区', '县', '市', '办', '表', '册', '口', '员', '单'];

/// The unit that a text names by its name, by its name with another ending (村委会 for 村), or by its
/// code; a name within a longer name does not count. What is not sure is not found.
pub fn find<'a>(units: impl Iterator<Item = (&'a str, &'a str)> + Clone, text: &str) -> NamedUnits<'a> {
    // 荔城街道荔湖村 is the village, and a list of a whole street has no unit of its own.
    let units = units.filter(|(_, name)| !ABOVE.iter().any(|ending| name.ends_with(ending)));
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let named: Vec<(usize, &str, &str)> = units
        .clone()
        .filter_map(|(code, name)| {
            let length = parts.iter().filter_map(|part| fit(part, text, code, name)).max()?;
            Some((length, code, name))
        })
        .collect();
    // 东村 within 桥东村 is not meant.
    let is_within = |name: &str| named.iter().any(|(_, _, other)| *other != name && other.contains(name));
    let meant: Vec<_> = named.iter().filter(|(_, _, name)| !is_within(name)).collect();
    match meant[..] {
        [] => NamedUnits::None,
        // A second name that does not stand alone makes the text unclear all the same.
        [(_, _, one)] if units.clone().any(|(_, name)| text.contains(name) && !one.contains(name)) => {
            let names = units.map(|(_, name)| name).filter(|name| text.contains(name) || name == one);
            NamedUnits::Several(names.collect())
        }
        [(_, code, _)] => NamedUnits::One(code),
        _ => NamedUnits::Several(meant.iter().map(|(_, _, name)| *name).collect()),
    }
}

/// How many characters of a part of a text name a unit.
fn fit(part: &str, text: &str, code: &str, name: &str) -> Option<usize> {
    if part == code || (code.len() >= 6 && part.contains(code)) || text.trim() == code || text.trim() == name
    {
        return Some(code.len().max(name.len()));
    }
    let part = part.trim_matches(|c: char| c.is_ascii_digit());
    let (stem, endings) = variants(name)?;
    let full = endings.iter().map(|ending| format!("{stem}{ending}"));
    let starts = full.filter(|full| {
        let mut places = part.match_indices(full.as_str());
        places.any(|(at, _)| part[..at].chars().next_back().is_none_or(|c| BEFORE.contains(&c) || !is_han(c)))
    });
    let longest = starts.map(|full| full.len()).max();
    longest.or_else(|| (part == stem).then_some(stem.len()))
}

fn is_han(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic()
}

/// A name without the ending of its kind, and the endings that villages (or communities) have.
fn variants(name: &str) -> Option<(&str, Vec<&'static str>)> {
    let kind = KINDS.iter().find(|(ending, _)| name.ends_with(ending));
    let Some((ending, kind)) = kind else { return (name.chars().count() >= 2).then(|| (name, vec![""])) };
    let stem = name.strip_suffix(ending).filter(|stem| stem.chars().count() >= 1)?;
    let endings = KINDS.iter().filter(|(_, other)| other == kind).map(|(ending, _)| *ending);
    Some((stem, endings.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: [(&str, &str); 6] = [
        ("440118001", "荔城街道"),
        ("440118001201", "荔湖村"),
        ("440118001202", "东村"),
        ("440118001203", "桥东村"),
        ("440118001001", "桥东社区"),
        ("05", "综治办"),
    ];

    fn found(text: &str) -> NamedUnits<'static> {
        find(UNITS.into_iter(), text)
    }

    #[test]
    fn names_are_found_in_what_goes_with_them() {
        for text in [
            "荔湖村",
            "register-荔湖村",
            "1.荔湖村",
            "03荔湖村2016",
            "荔湖村流动人口登记表（6月）",
            "荔城街道荔湖村村委会",
            "流动人口登记表（荔湖村）",
            "荔湖",
            "荔湖村委会",
            "440118001201",
            "x440118001201_0612",
            "登记表荔湖村",
        ] {
            assert_eq!(found(text), NamedUnits::One("440118001201"), "{text}");
        }
        assert_eq!(found("桥东社区居委会名单"), NamedUnits::One("440118001001"));
        assert_eq!(found("桥东村"), NamedUnits::One("440118001203"));
        assert_eq!(found("综治办"), NamedUnits::One("05"));
    }

    #[test]
    fn what_is_not_sure_is_not_found() {
        for text in ["Sheet1", "荔城街道登记表", "西东村", "荔湖小区", "2016年05月", ""] {
            assert_eq!(found(text), NamedUnits::None, "{text}");
        }
        for text in ["荔湖村与桥东社区", "荔湖村、桥东社区", "桥东"] {
            assert!(matches!(found(text), NamedUnits::Several(_)), "{text}");
        }
    }
}
