//! Environment overrides: `TONGBAO__SMTP__PASSWORD` sets `smtp.password`. So does a systemd credential
//! of that name, a file `smtp.password` in `$CREDENTIALS_DIRECTORY`.

use std::collections::BTreeMap;
use tongbao_message::{Message, message};

use super::node::{Node, NodeValue, ValueOrigin};
use super::{ConfigDocument, DocumentShape};

const PREFIX: &str = "TONGBAO__";

/// One value from outside the file.
pub(crate) struct Override {
    /// What it is called outside.
    name: String,
    path: Vec<String>,
    text: String,
}

/// The overriding variables, in the order of their names.
pub(crate) fn variables(environment: &BTreeMap<String, String>) -> Vec<Override> {
    let own = environment.iter().filter_map(|(name, text)| Some((name, name.strip_prefix(PREFIX)?, text)));
    own.map(|(name, path, text)| Override {
        name: name.clone(),
        path: path.split("__").map(str::to_lowercase).collect(),
        text: text.clone(),
    })
    .collect()
}

/// The secrets that systemd hands to a service (`LoadCredential=smtp.password:FILE`). Only files that are
/// called like a secret key are read.
pub(crate) fn credentials(
    environment: &BTreeMap<String, String>,
    shape: &DocumentShape,
) -> Result<Vec<Override>, Message> {
    let Some(dir) = environment.get("CREDENTIALS_DIRECTORY") else { return Ok(Vec::new()) };
    let failed = |error| message!("cannot-read-the-credentials-in", dir, error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path: Vec<String> = name.split('.').map(str::to_lowercase).collect();
        if shape.is_secret(&path) {
            let text = std::fs::read_to_string(entry.path()).map_err(failed)?;
            let text = text.trim_end_matches(['\r', '\n']).to_owned();
            found.push(Override { name: format!("$CREDENTIALS_DIRECTORY/{name}"), path, text });
        }
    }
    Ok(found)
}

impl ConfigDocument<'_> {
    /// Puts values from outside in the place of those of the file. Fails where a path leads through
    /// something that is no section.
    pub(crate) fn apply(&mut self, overrides: &[Override]) -> Result<(), Message> {
        overrides.iter().try_for_each(|one| put(&mut self.root, one))
    }
}

fn put(root: &mut Node, one: &Override) -> Result<(), Message> {
    let origin = ValueOrigin::Override(one.name.clone());
    let Some((last, parents)) = one.path.split_last() else { return Ok(()) };
    let mut place = root;
    for key in parents {
        let section =
            || Node { key: origin.clone(), origin: origin.clone(), value: NodeValue::Section(Vec::new()) };
        place = entry(place, key, section).ok_or_else(|| is_no_section(one))?;
    }
    let node = |value| Node { key: origin.clone(), origin: origin.clone(), value };
    let present =
        entry(place, last, || node(NodeValue::Untyped(String::new()))).ok_or_else(|| is_no_section(one))?;
    // Text stays text where the file has text: a column called 1 is no number.
    let is_text = matches!(present.value, NodeValue::Text(_));
    *present =
        node(if is_text { NodeValue::Text(one.text.clone()) } else { NodeValue::Untyped(one.text.clone()) });
    Ok(())
}

/// The entry of a section, made where there is none; `None` where this is no section.
fn entry<'n>(place: &'n mut Node, key: &str, make: impl FnOnce() -> Node) -> Option<&'n mut Node> {
    let NodeValue::Section(entries) = &mut place.value else { return None };
    let at = entries.iter().position(|(known, _)| known == key).unwrap_or(entries.len());
    if at == entries.len() {
        entries.push((key.to_owned(), make()));
    }
    entries.get_mut(at).map(|(_, node)| node)
}

fn is_no_section(one: &Override) -> Message {
    message!("placed", place = one.name, problem = message!("sets-a-key-below-a-value"), shown = "")
}
