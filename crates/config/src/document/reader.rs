//! The one deserializer of all that is read from TOML, file and environment alike, so that each structure
//! is compiled once.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use tongbao_message::message;

use super::node::{Node, NodeValue};
use super::problem::ConfigProblem;

impl Node {
    fn visit<'de, V: Visitor<'de>>(&self, value: &NodeValue, visitor: V) -> Result<V::Value, ConfigProblem> {
        let result = match value {
            NodeValue::Text(text) | NodeValue::Untyped(text) => visitor.visit_str(text),
            NodeValue::Date(date) => {
                visitor.visit_newtype_struct(StrDeserializer::<ConfigProblem>::new(date))
            }
            NodeValue::Integer(Some(number)) => visitor.visit_i64(*number),
            NodeValue::Integer(None) => Err(ConfigProblem::new(message!("is-too-large-a-number"))),
            NodeValue::Decimal(number) => visitor.visit_f64(*number),
            NodeValue::Boolean(value) => visitor.visit_bool(*value),
            NodeValue::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            NodeValue::Section(entries) => {
                visitor.visit_map(NodeEntries { rest: entries.iter(), value: None })
            }
        };
        result.map_err(|problem| problem.at(&self.origin))
    }

    /// The value, or what a text of the environment can be read as.
    fn guessed(&self) -> NodeValue {
        match &self.value {
            NodeValue::Untyped(text) => NodeValue::guessed(text, &self.origin),
            value => value.clone(),
        }
    }
}

impl<'de> Deserializer<'de> for &Node {
    type Error = ConfigProblem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigProblem> {
        match &self.value {
            NodeValue::Untyped(_) => self.visit(&self.guessed(), visitor),
            value => self.visit(value, visitor),
        }
    }

    /// Text of the environment stays text here: a password of digits is no number.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigProblem> {
        self.visit(&self.value, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigProblem> {
        self.visit(&self.value, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigProblem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConfigProblem> {
        match &self.value {
            // Secrets are such types, and in the environment all secrets are texts.
            NodeValue::Untyped(text) => visitor.visit_newtype_struct(StrDeserializer::new(text)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    /// Keys have names: values in a list are not taken in the order of the keys.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigProblem> {
        match self.guessed() {
            NodeValue::List(_) => {
                Err(ConfigProblem::new(message!("must-be-a-section-of-keys")).at(&self.origin))
            }
            value => self.visit(&value, visitor),
        }
    }

    /// Choices are texts.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigProblem> {
        let result = match &self.value {
            NodeValue::Text(text) | NodeValue::Untyped(text) => {
                visitor.visit_enum(StrDeserializer::<ConfigProblem>::new(text))
            }
            other => Err(ConfigProblem::new(message!(
                "must-be-one-of-not",
                choices = known.join(", "),
                found = other.kind()
            ))),
        };
        result.map_err(|problem| problem.at(&self.origin))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'a>(std::iter::Enumerate<std::slice::Iter<'a, Node>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ConfigProblem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConfigProblem> {
        let Some((at, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(item).map(Some).map_err(|problem| problem.at(&item.origin).below(&at.to_string()))
    }
}

struct NodeEntries<'a> {
    rest: std::slice::Iter<'a, (String, Node)>,
    /// The entry whose key has been read.
    value: Option<&'a (String, Node)>,
}

impl<'de> MapAccess<'de> for NodeEntries<'_> {
    type Error = ConfigProblem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ConfigProblem> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(entry);
        let key: StrDeserializer<'_, ConfigProblem> = entry.0.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|problem| problem.at(&entry.1.key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ConfigProblem> {
        let Some((key, node)) = self.value.take() else {
            return Err(ConfigProblem::new(message!("a-value-was-asked-for-before")));
        };
        seed.deserialize(node).map_err(|problem| problem.at(&node.origin).below(key))
    }
}
