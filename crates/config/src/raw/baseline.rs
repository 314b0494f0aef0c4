//! 应登记底数, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::list::{RawColumns, RawListSection, RawLocation, list_keys};
use super::source::default_unit;

/// 应登记底数: a table, or head counts by unit code.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum RawBaseline {
    /// Also a section without any key.
    Inline(BTreeMap<String, u64>),
    /// A list with a row for each unit.
    Dataset(Box<RawBaselineList>),
}

/// The list of expected head counts and its columns, as written.
pub type RawBaselineList = RawListSection<RawBaselineColumns>;

/// The columns of the list of expected head counts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBaselineColumns {
    /// Column of the unit code.
    #[serde(default = "default_unit")]
    pub unit: String,
    /// Column of the expected head count, a whole number.
    #[serde(default = "default_persons")]
    pub persons: String,
}

impl RawColumns for RawBaselineColumns {
    const KEYS: &'static [&'static str] = list_keys!["unit", "persons"];
}

fn default_persons() -> String {
    "persons".into()
}

impl<'de> Deserialize<'de> for RawBaseline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawBaseline, D::Error> {
        deserializer.deserialize_map(BaselineSection)
    }
}

struct BaselineSection;

impl<'de> Visitor<'de> for BaselineSection {
    type Value = RawBaseline;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<RawBaseline, A::Error> {
        let (mut counts, mut is_list) = (BTreeMap::new(), false);
        let mut location = RawLocation::default();
        let mut columns = RawBaselineColumns { unit: default_unit(), persons: default_persons() };
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                known if RawLocation::has(known) => location.take(known, &mut entries)?,
                "unit" => columns.unit = entries.next_value()?,
                "persons" => columns.persons = entries.next_value()?,
                code if is_misspelt(code) => {
                    return Err(A::Error::unknown_field(code, RawBaselineColumns::KEYS));
                }
                _ => drop(counts.insert(key.clone(), entries.next_value()?)),
            }
            is_list |= RawBaselineColumns::KEYS.contains(&key.as_str());
        }
        match (is_list, counts.is_empty()) {
            (true, false) => Err(A::Error::custom(
                "give either head counts by unit code, or a list with table, query or url, not both",
            )),
            (true, true) => Ok(RawBaseline::Dataset(Box::new(RawListSection { location, columns }))),
            (false, _) => Ok(RawBaseline::Inline(counts)),
        }
    }
}

/// Codes of units have digits or capitals; what is written like a key was meant as one.
fn is_misspelt(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}
