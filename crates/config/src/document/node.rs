//! A TOML file as a tree of values, each with the place it comes from.

use std::ops::Range;
use tongbao_message::{Message, message};

use toml::de::{DeTable, DeValue};

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ValueOrigin {
    /// Bytes of the file.
    File(Range<usize>),
    /// `TONGBAO__SMTP__PORT`, or the name of a credential.
    Override(String),
}

/// A value and where it stands. It has no `Debug`: it may hold a secret.
#[derive(Clone)]
pub(super) struct Node {
    /// Where its key stands; of an item of a list, where the value stands.
    pub(super) key: ValueOrigin,
    pub(super) origin: ValueOrigin,
    pub(super) value: NodeValue,
}

#[derive(Clone)]
pub(super) enum NodeValue {
    Text(String),
    /// Text of the environment, which is a number or a list where the key asks for one.
    Untyped(String),
    /// `None` does not fit into 64 bits.
    Integer(Option<i64>),
    Decimal(f64),
    Boolean(bool),
    Date(String),
    List(Vec<Node>),
    /// In the order of the file.
    Section(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn of(key: ValueOrigin, value: &toml::Spanned<DeValue<'_>>) -> Node {
        let origin = match &key {
            ValueOrigin::File(_) => ValueOrigin::File(value.span()),
            ValueOrigin::Override(_) => key.clone(),
        };
        Node { value: NodeValue::of(value.get_ref(), &origin), key, origin }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        match &self.value {
            NodeValue::Section(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            NodeValue::List(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        }
    }
}

impl NodeValue {
    fn of(value: &DeValue<'_>, origin: &ValueOrigin) -> NodeValue {
        match value {
            DeValue::String(text) => NodeValue::Text(text.to_string()),
            DeValue::Integer(number) => {
                NodeValue::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok())
            }
            DeValue::Float(number) => {
                number.as_str().parse().map_or(NodeValue::Integer(None), NodeValue::Decimal)
            }
            DeValue::Boolean(value) => NodeValue::Boolean(*value),
            DeValue::Datetime(date) => NodeValue::Date(date.to_string()),
            DeValue::Array(items) => {
                let place = |span| match origin {
                    ValueOrigin::File(_) => ValueOrigin::File(span),
                    ValueOrigin::Override(_) => origin.clone(),
                };
                NodeValue::List(items.iter().map(|item| Node::of(place(item.span()), item)).collect())
            }
            DeValue::Table(table) => NodeValue::section(table, origin),
        }
    }

    /// The entries of a table; those of an override have its origin.
    pub(super) fn section(table: &DeTable<'_>, origin: &ValueOrigin) -> NodeValue {
        let entry =
            |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
                let place = match origin {
                    ValueOrigin::File(_) => ValueOrigin::File(key.span()),
                    ValueOrigin::Override(_) => origin.clone(),
                };
                (key.get_ref().to_string(), Node::of(place, value))
            };
        let mut entries: Vec<(String, Node)> = table.iter().map(entry).collect();
        entries.sort_by_key(|(_, node)| match &node.key {
            ValueOrigin::File(span) => span.start,
            ValueOrigin::Override(_) => usize::MAX,
        });
        NodeValue::Section(entries)
    }

    /// What it is, in words of the file.
    pub(super) fn kind(&self) -> Message {
        match self {
            NodeValue::Text(_) | NodeValue::Untyped(_) => message!("text"),
            NodeValue::Integer(_) => message!("a-whole-number"),
            NodeValue::Decimal(_) => message!("a-decimal-number"),
            NodeValue::Boolean(_) => message!("true-or-false"),
            NodeValue::Date(_) => message!("a-date"),
            NodeValue::List(_) => message!("a-list"),
            NodeValue::Section(_) => message!("a-section"),
        }
    }

    /// What a text of the environment is where nothing says what is wanted: a number, a list or the like
    /// if it can be read so, otherwise text.
    pub(super) fn guessed(text: &str, origin: &ValueOrigin) -> NodeValue {
        match DeValue::parse(text) {
            Ok(value) if !matches!(value.get_ref(), DeValue::String(_)) => {
                NodeValue::of(value.get_ref(), origin)
            }
            _ => NodeValue::Text(text.to_owned()),
        }
    }
}
