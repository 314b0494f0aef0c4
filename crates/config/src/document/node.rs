//! A TOML file as a tree of values, each with the place it comes from.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Bytes of the file.
    File(Range<usize>),
    /// `TONGBAO__SMTP__PORT`, or the name of a credential.
    Override(String),
}

/// A value and where it stands. It has no `Debug`: it may hold a secret.
#[derive(Clone)]
pub(super) struct Node {
    /// Where its key stands; of an item of a list, where the value stands.
    pub(super) key: Origin,
    pub(super) origin: Origin,
    pub(super) value: Value,
}

#[derive(Clone)]
pub(super) enum Value {
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
    pub(super) fn of(key: Origin, value: &toml::Spanned<DeValue<'_>>) -> Node {
        let origin = match &key {
            Origin::File(_) => Origin::File(value.span()),
            Origin::Override(_) => key.clone(),
        };
        Node { value: Value::of(value.get_ref(), &origin), key, origin }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Section(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            Value::List(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        }
    }
}

impl Value {
    fn of(value: &DeValue<'_>, origin: &Origin) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok())
            }
            DeValue::Float(number) => number.as_str().parse().map_or(Value::Integer(None), Value::Decimal),
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(items) => {
                let place = |span| match origin {
                    Origin::File(_) => Origin::File(span),
                    Origin::Override(_) => origin.clone(),
                };
                Value::List(items.iter().map(|item| Node::of(place(item.span()), item)).collect())
            }
            DeValue::Table(table) => Value::section(table, origin),
        }
    }

    /// The entries of a table; those of an override have its origin.
    pub(super) fn section(table: &DeTable<'_>, origin: &Origin) -> Value {
        let entry =
            |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
                let place = match origin {
                    Origin::File(_) => Origin::File(key.span()),
                    Origin::Override(_) => origin.clone(),
                };
                (key.get_ref().to_string(), Node::of(place, value))
            };
        let mut entries: Vec<(String, Node)> = table.iter().map(entry).collect();
        entries.sort_by_key(|(_, node)| match &node.key {
            Origin::File(span) => span.start,
            Origin::Override(_) => usize::MAX,
        });
        Value::Section(entries)
    }

    /// What it is, in words of the file.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) | Value::Untyped(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Decimal(_) => "a decimal number",
            Value::Boolean(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Section(_) => "a section",
        }
    }

    /// What a text of the environment is where nothing says what is wanted: a number, a list or the like
    /// if it can be read so, otherwise text.
    pub(super) fn guessed(text: &str, origin: &Origin) -> Value {
        match DeValue::parse(text) {
            Ok(value) if !matches!(value.get_ref(), DeValue::String(_)) => Value::of(value.get_ref(), origin),
            _ => Value::Text(text.to_owned()),
        }
    }
}
