//! Which values of a document may not be shown: those at keys whose type is `Secret`, and those at keys
//! that do not exist, which may be misspelt secrets.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::node::{Node, NodeValue, ValueOrigin};
use crate::secret;

/// The structure of a document as its types describe it.
pub(crate) struct DocumentShape {
    schema: Json,
}

impl DocumentShape {
    pub(crate) fn of<T: schemars::JsonSchema>() -> DocumentShape {
        DocumentShape { schema: schemars::schema_for!(T).to_value() }
    }

    /// Paths of the secret keys; `*` stands for a name that the office chooses.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect(&self.schema, &mut Vec::new(), &mut found);
        found
    }

    fn collect(&self, schema: &Json, path: &mut Vec<String>, found: &mut BTreeSet<String>) {
        for schema in self.alternatives(schema) {
            if is_secret(schema) {
                found.insert(path.join("."));
            }
            let named = properties(schema).into_iter().flatten().map(|(key, below)| (key.as_str(), below));
            let free = schema.get("additionalProperties").into_iter().chain(schema.get("items"));
            for (key, below) in named.chain(free.map(|below| ("*", below))) {
                path.push(key.to_owned());
                self.collect(below, path, found);
                path.pop();
            }
        }
    }

    /// Whether a path leads to a secret key.
    pub(crate) fn is_secret(&self, path: &[String]) -> bool {
        let fits = |pattern: &str| {
            let parts: Vec<&str> = pattern.split('.').collect();
            parts.len() == path.len() && parts.iter().zip(path).all(|(p, key)| *p == "*" || p == key)
        };
        self.secrets().iter().any(|pattern| fits(pattern))
    }

    /// The key of a line `key = …`, if it is one of the known keys.
    pub(super) fn key_of<'a>(&self, line: &'a str) -> Option<&'a str> {
        let key = line.split_once('=')?.0.trim();
        self.has_key(&self.schema, key).then_some(key)
    }

    fn has_key(&self, schema: &Json, key: &str) -> bool {
        match schema {
            Json::Object(map) => {
                let own = map.get("properties").is_some_and(|keys| keys.get(key).is_some());
                own || map.values().any(|below| self.has_key(below, key))
            }
            Json::Array(list) => list.iter().any(|below| self.has_key(below, key)),
            _ => false,
        }
    }

    /// Bytes of the file that are or may be secret.
    pub(super) fn hidden(&self, root: &Node) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        self.hide(root, &self.schema, &mut out);
        out
    }

    fn hide(&self, node: &Node, schema: &Json, out: &mut Vec<Range<usize>>) {
        let schemas = self.alternatives(schema);
        if schemas.iter().any(|schema| is_secret(schema)) {
            return cover(node, out);
        }
        match &node.value {
            NodeValue::Section(entries) => {
                // Where some keys have names, a free one may be one of them misspelt.
                let is_named = schemas.iter().any(|schema| properties(schema).is_some());
                for (key, child) in entries {
                    let known: Vec<&Json> =
                        schemas.iter().filter_map(|schema| below(schema, key, is_named)).collect();
                    known.iter().for_each(|schema| self.hide(child, schema, out));
                    if known.is_empty() {
                        cover(child, out);
                    }
                }
            }
            NodeValue::List(items) => {
                for schema in schemas.iter().filter_map(|schema| schema.get("items")) {
                    items.iter().for_each(|item| self.hide(item, schema, out));
                }
            }
            // A value where a section should stand may be a part of it.
            _ if schemas.iter().any(|schema| properties(schema).is_some()) => cover(node, out),
            _ => {}
        }
    }

    /// The schema, or those it refers to.
    fn alternatives<'s>(&'s self, schema: &'s Json) -> Vec<&'s Json> {
        let reference = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix('#'));
        let referred = reference.and_then(|path| self.schema.pointer(path));
        let listed =
            ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let others: Vec<&Json> = referred.into_iter().chain(listed).collect();
        match others.is_empty() {
            true => vec![schema],
            false => others.into_iter().flat_map(|other| self.alternatives(other)).collect(),
        }
    }
}

fn is_secret(schema: &Json) -> bool {
    schema.get(secret::MARK) == Some(&Json::Bool(true))
}

fn properties(schema: &Json) -> Option<&Map<String, Json>> {
    schema.get("properties")?.as_object()
}

/// The schema of a key of a section; of one without a name only where no key has any.
fn below<'s>(schema: &'s Json, key: &str, is_named: bool) -> Option<&'s Json> {
    let named = properties(schema).and_then(|keys| keys.get(key));
    let free = || schema.get("additionalProperties").filter(|free| free.is_object() && !is_named);
    named.or_else(free)
}

/// The whole of a value, with all that stands in it.
fn cover(node: &Node, out: &mut Vec<Range<usize>>) {
    if let ValueOrigin::File(span) = &node.origin {
        out.push(span.clone());
    }
    match &node.value {
        NodeValue::Section(entries) => entries.iter().for_each(|(_, child)| cover(child, out)),
        NodeValue::List(items) => items.iter().for_each(|child| cover(child, out)),
        _ => {}
    }
}
