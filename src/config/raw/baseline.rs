//! 应登记底数, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::source::{RawFiles, default_unit};
use crate::config::SecretFile;
use crate::config::settings::DatabaseUrl;

/// 应登记底数: a table, or head counts by unit code.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum RawBaseline {
    /// Also a section without any key.
    Inline(BTreeMap<String, u64>),
    Dataset(Box<RawBaselineDataset>),
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBaselineDataset {
    /// Where the table lies, if not with the register.
    pub url: Option<DatabaseUrl>,
    /// File that holds that address.
    pub url_file: Option<SecretFile>,
    /// How files at that address are read.
    #[serde(default)]
    pub files: RawFiles,
    /// Table or view of the head counts.
    pub table: Option<String>,
    /// Own SELECT instead of a table.
    pub query: Option<String>,
    /// Column of the unit code.
    #[serde(default = "default_unit")]
    pub unit: String,
    /// Column of the expected head count, a whole number.
    #[serde(default = "default_persons")]
    pub persons: String,
}

fn default_persons() -> String {
    "persons".into()
}

const KEYS: &[&str] = &["url", "url_file", "files", "table", "query", "unit", "persons"];

impl<'de> Deserialize<'de> for RawBaseline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawBaseline, D::Error> {
        deserializer.deserialize_map(Section)
    }
}

struct Section;

impl<'de> Visitor<'de> for Section {
    type Value = RawBaseline;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<RawBaseline, A::Error> {
        let (mut counts, mut is_list) = (BTreeMap::new(), false);
        let mut list = RawBaselineDataset {
            url: None,
            url_file: None,
            files: RawFiles::default(),
            table: None,
            query: None,
            unit: default_unit(),
            persons: default_persons(),
        };
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                "url" => list.url = Some(entries.next_value()?),
                "url_file" => list.url_file = Some(entries.next_value()?),
                "files" => list.files = entries.next_value()?,
                "table" => list.table = Some(entries.next_value()?),
                "query" => list.query = Some(entries.next_value()?),
                "unit" => list.unit = entries.next_value()?,
                "persons" => list.persons = entries.next_value()?,
                code if is_misspelt(code) => return Err(A::Error::unknown_field(code, KEYS)),
                _ => drop(counts.insert(key.clone(), entries.next_value()?)),
            }
            is_list |= KEYS.contains(&key.as_str());
        }
        match (is_list, counts.is_empty()) {
            (true, false) => Err(A::Error::custom(
                "give either head counts by unit code, or a list with table, query or url, not both",
            )),
            (true, true) => Ok(RawBaseline::Dataset(Box::new(list))),
            (false, _) => Ok(RawBaseline::Inline(counts)),
        }
    }
}

/// Codes of units have digits or capitals; what is written like a key was meant as one.
fn is_misspelt(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}
