//! The one type that decides what may be shown. A key whose type is [`Secret`] is kept out of every
//! message, table, log and debug output, whatever its value looks like.

use std::borrow::Cow;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tongbao_message::{Message, message};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A password, a key, or an address that may hold one. `Debug` and `Serialize` never show the text, and
/// no error of reading repeats what stood in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// From then on only [`Secret::expose`] shows the text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for the driver or server that needs it. Never print what this returns.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        deserializer.deserialize_newtype_struct("Secret", SecretText)
    }
}

/// Accepts text and refuses everything else in words of its own, so that no reader quotes the value.
struct SecretText;

const NEEDS_TEXT: &str = "must be text in quotation marks";

impl<'de> Visitor<'de> for SecretText {
    type Value = Secret;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text in quotation marks")
    }

    /// Whatever stands there comes to this visitor, so that the reader has nothing to complain about.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Secret, D::Error> {
        value.deserialize_any(SecretText)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret(text))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom(NEEDS_TEXT))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(NEEDS_TEXT))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(NEEDS_TEXT))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(NEEDS_TEXT))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Secret, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Err(serde::de::Error::custom(NEEDS_TEXT))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Secret, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(serde::de::Error::custom(NEEDS_TEXT))
    }
}

/// The name of a file that holds a secret. It is kept out of messages as the secret itself is, because
/// people write the one where the other belongs; only the name of a file that exists is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretFile(Secret);

impl SecretFile {
    /// The file is not opened.
    pub fn new(path: &Path) -> SecretFile {
        SecretFile(Secret::new(path.to_string_lossy()))
    }

    /// For opening the file; messages must not print it.
    pub fn path(&self) -> &Path {
        Path::new(self.0.expose())
    }

    /// What the file holds, without the line end.
    pub fn read(&self) -> Result<Secret, Message> {
        let text = std::fs::read_to_string(self.path()).map_err(|error| match self.path().exists() {
            true => message!("cannot-read", file = self.path().display(), error),
            false => message!("names-no-file-that-exists-give"),
        })?;
        Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
    }

    /// Changes when the file is written or replaced; `None` while it is away.
    pub fn mark(&self) -> Option<(u64, i64, i64)> {
        let file = self.path().metadata().ok()?;
        Some((file.ino(), file.mtime(), file.mtime_nsec()))
    }
}

impl std::fmt::Debug for SecretFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for SecretFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SecretFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretFile, D::Error> {
        Secret::deserialize(deserializer).map(SecretFile)
    }
}

/// `writeOnly` is what JSON Schema calls a value that is taken and never given back.
pub(super) const MARK: &str = "writeOnly";

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", MARK: true })
    }
}

/// Gives a type that is written as a [`Secret`] the schema of one.
macro_rules! schema_of_secret {
    ($type:ty) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <crate::Secret as schemars::JsonSchema>::schema_name()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <crate::Secret as schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}
pub(super) use schema_of_secret;

schema_of_secret!(SecretFile);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_nowhere() {
        let secret = Secret::new("MARKED");
        assert_eq!(format!("{secret:?}"), "(secret)");
        assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    (secret),\n)");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "null");
        for wrong in ["424242", "4.5", "true", "[\"MARKED\"]", "{\"MARKED\": \"MARKED\"}", "null"] {
            let problem = serde_json::from_str::<Secret>(wrong).unwrap_err().to_string();
            assert!(!problem.contains("MARKED") && !problem.contains("424242"), "{problem}");
        }
    }
}
