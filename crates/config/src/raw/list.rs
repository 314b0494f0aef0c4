//! Lists other than the register: where each is, and what it is called there. The keys for that are the same
//! in all of them, next to the columns of each.

use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::source::RawFiles;
use crate::SecretFile;
use crate::settings::DatabaseUrl;

/// A section that names a list and its columns, in one level of keys.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RawListSection<C> {
    /// Where the list is.
    #[serde(flatten)]
    pub location: RawLocation,
    /// What its columns are called.
    #[serde(flatten)]
    pub columns: C,
}

/// Where a list is, and its table or query there.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct RawLocation {
    /// Address of the list, e.g. `file:units.xlsx`, if it is not where the register is.
    pub url: Option<DatabaseUrl>,
    /// File that holds that address.
    pub url_file: Option<SecretFile>,
    /// How files at that address are read.
    #[serde(default)]
    pub files: RawFiles,
    /// Table or view of the list.
    pub table: Option<String>,
    /// Own SELECT instead of a table.
    pub query: Option<String>,
}

/// The columns of a list.
pub trait RawColumns {
    /// All keys of the section, those of [`RawLocation`] included; made by `list_keys`.
    const KEYS: &'static [&'static str];
}

/// The keys of a list with columns of these names.
macro_rules! list_keys {
    ($($own:literal),*) => { &["url", "url_file", "files", "table", "query", $($own),*] };
}
pub(super) use list_keys;

impl RawLocation {
    const KEYS: &'static [&'static str] = list_keys!();

    pub(super) fn has(key: &str) -> bool {
        RawLocation::KEYS.contains(&key)
    }

    /// Takes the value of a key that it [has](RawLocation::has).
    pub(super) fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            "url" => self.url = Some(entries.next_value()?),
            "url_file" => self.url_file = Some(entries.next_value()?),
            "files" => self.files = entries.next_value()?,
            "table" => self.table = Some(entries.next_value()?),
            "query" => self.query = Some(entries.next_value()?),
            other => return Err(A::Error::unknown_field(other, RawLocation::KEYS)),
        }
        Ok(())
    }
}

/// Serde's own `flatten` would accept unknown keys and forget where a value stands.
impl<'de, C: RawColumns + Deserialize<'de>> Deserialize<'de> for RawListSection<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawListSection<C>, D::Error> {
        deserializer.deserialize_struct("list", C::KEYS, ListSection(PhantomData))
    }
}

struct ListSection<C>(PhantomData<C>);

impl<'de, C: RawColumns + Deserialize<'de>> Visitor<'de> for ListSection<C> {
    type Value = RawListSection<C>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<RawListSection<C>, A::Error> {
        let mut location = RawLocation::default();
        let rest = ListColumns { entries, location: &mut location, known: C::KEYS };
        let columns = C::deserialize(MapAccessDeserializer::new(rest))?;
        Ok(RawListSection { location, columns })
    }
}

/// The entries of a section without those of the location, which are taken on the way.
struct ListColumns<'a, A> {
    entries: A,
    location: &'a mut RawLocation,
    known: &'static [&'static str],
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ListColumns<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.entries.next_key_seed(ListKey(self.known))? {
            if !RawLocation::has(key) {
                let key: StrDeserializer<'_, A::Error> = key.into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            self.location.take(key, &mut self.entries)?;
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.entries.next_value_seed(seed)
    }
}

/// One of the known keys. It is judged while it is read, so that an unknown one is reported at its place.
struct ListKey(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for ListKey {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for ListKey {
    type Value = &'static str;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<&'static str, E> {
        self.0.iter().copied().find(|known| *known == key).ok_or_else(|| E::unknown_field(key, self.0))
    }
}
