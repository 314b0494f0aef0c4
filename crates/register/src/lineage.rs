//! The codes that one division has had: a number keeps the code of its first day, a household place is
//! written with the name of today.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::division::{TABLE, bare, share_a_province};

/// Names that have been exchanged for others: province, name once, name since.
const RENAMED: &str = include_str!("renamed.tsv");

/// Codes by the name under which a division is known now, and its names by its code.
struct Lineages {
    codes: HashMap<&'static str, Vec<u32>>,
    names: HashMap<u32, Vec<&'static str>>,
}

static LINEAGES: LazyLock<Lineages> = LazyLock::new(|| {
    let mut lineages = Lineages { codes: HashMap::new(), names: HashMap::new() };
    let mut renamed: HashMap<(u32, &str), Vec<&str>> = HashMap::new();
    for line in RENAMED.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split('\t');
        let (Some(province), Some(once), Some(since)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        if let Ok(province) = province.parse() {
            renamed.entry((province, once)).or_default().push(bare(since));
        }
    }
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let Some((code, labels)) = line.split_once('\t') else { continue };
        let Ok(code) = code.parse::<u32>() else { continue };
        for label in labels.split('/') {
            let since = renamed.get(&(code / 10_000, label)).into_iter().flatten().copied();
            for name in std::iter::once(bare(label)).chain(since) {
                lineages.codes.entry(name).or_default().push(code);
                lineages.names.entry(code).or_default().push(name);
            }
        }
    }
    lineages
});

/// The codes that the division of a code has had before and since; none for an unknown code.
pub(super) fn of(code: u32) -> impl Iterator<Item = u32> {
    let names = LINEAGES.names.get(&code).into_iter().flatten();
    let others = names.filter_map(|name| LINEAGES.codes.get(name)).flatten().copied();
    others.filter(move |other| is_same(code, *other))
}

/// Whether two codes of one name may be the same division. A city is no county, and districts of two cities
/// are two, where both cities have the codes of today.
fn is_same(one: u32, other: u32) -> bool {
    let is_city = |code: u32| code.is_multiple_of(100);
    let is_district = |code: u32| code % 100 <= 20 && code / 100 % 100 <= 20;
    let is_one_province = one / 10_000 == other / 10_000;
    let are_apart = is_one_province && is_district(one) && is_district(other) && one / 100 != other / 100;
    is_city(one) == is_city(other) && share_a_province(one, other) && !are_apart
}
