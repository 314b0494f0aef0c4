//! A TOML document that can be read into structures: from a file, with the overrides of the environment,
//! and with a place for every problem.

mod hidden;
mod node;
mod overrides;
mod problem;
mod reader;

use std::ops::Range;
use std::path::{Path, PathBuf};
use tongbao_message::{Message, Worded, foreign, message};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use super::key_positions;
pub(super) use hidden::DocumentShape;
use node::{Node, NodeValue, ValueOrigin};
pub(super) use overrides::{credentials, variables};
use problem::ConfigProblem;

/// The text of a file, what stands in it, and what the environment changed.
pub(super) struct ConfigDocument<'a> {
    /// Its name in messages.
    file: &'a str,
    text: &'a str,
    root: Node,
    /// Which keys are secret; without it no line is shown.
    shape: Option<&'a DocumentShape>,
}

impl<'a> ConfigDocument<'a> {
    /// Fails where the text is no TOML, in words that name the place and repeat no value.
    pub(super) fn parse(
        file: &'a str,
        text: &'a str,
        shape: Option<&'a DocumentShape>,
    ) -> Result<ConfigDocument<'a>, Message> {
        let table = DeTable::parse(text).map_err(|error| {
            let problem = syntax(error.message());
            match error.span() {
                Some(span) => {
                    let key = shape.and_then(|shape| shape.key_of(line(text, span.start)));
                    let shown = key.map(|key| format!("\n    {key} = …")).unwrap_or_default();
                    message!("placed", place = place(file, text, span.start), problem, shown)
                }
                None => message!("placed", place = file, problem, shown = ""),
            }
        })?;
        let origin = ValueOrigin::File(table.span());
        let root = Node {
            value: NodeValue::section(table.get_ref(), &origin),
            key: ValueOrigin::File(0..0),
            origin,
        };
        Ok(ConfigDocument { file, text, root, shape })
    }

    /// The folder of the file; "" = the one the program runs in.
    pub(super) fn folder(&self) -> PathBuf {
        Path::new(self.file).parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The values as a structure, as far as they can be read without the keys that it does not have, and what is wrong:
    /// each unknown key, and the first of other problems, with their places.
    pub(super) fn read<T: DeserializeOwned>(&self) -> (Option<T>, Vec<Message>) {
        let (mut root, mut problems) = (self.root.clone(), Vec::new());
        loop {
            let problem = match T::deserialize(&root) {
                Ok(read) => return (Some(read), problems),
                Err(problem) => problem,
            };
            problems.push(self.worded(&problem));
            if !without_unknown(&mut root, &problem) {
                return (None, problems);
            }
        }
    }

    fn worded(&self, problem: &ConfigProblem) -> Message {
        match &problem.origin {
            Some(ValueOrigin::File(span)) => self.at(span.start, problem),
            Some(ValueOrigin::Override(name)) => message!("placed", place = name, problem, shown = ""),
            None => message!("placed", place = self.file, problem, shown = ""),
        }
    }

    /// A problem with the value at a path such as `reports.weekly.to`, or of the deepest section on the
    /// way where the path ends early.
    pub(super) fn of_path(&self, path: &str, problem: Message) -> Message {
        let (mut node, mut found) = (&self.root, false);
        for part in path.split('.') {
            let Some(child) = node.child(part) else { break };
            (node, found) = (child, true);
        }
        match &node.key {
            ValueOrigin::File(span) if found => {
                self.at(span.start, &message!("placed", place = path, problem, shown = ""))
            }
            ValueOrigin::Override(name) => {
                message!("placed", place = format!("{name}: {path}"), problem, shown = "")
            }
            ValueOrigin::File(_) => {
                message!("placed", place = format!("{}: {path}", self.file), problem, shown = "")
            }
        }
    }

    /// A problem with a part of the text at this path, `offset` bytes from its beginning; a mark below the
    /// line shows the place.
    pub(super) fn of_text(&self, path: &str, offset: usize, problem: Message) -> Message {
        let node = path.split('.').try_fold(&self.root, |node, part| node.child(part));
        let (Some(Node { origin: ValueOrigin::File(span), value: NodeValue::Text(value), .. }), Some(_)) =
            (node, self.shape)
        else {
            return self.of_path(path, problem);
        };
        let written = &self.text[span.clone()];
        let quotes = [3, 1].into_iter().find(|quotes| {
            written.len() >= 2 * quotes && written.get(*quotes..written.len() - quotes) == Some(value)
        });
        // Where the file escapes characters the places differ, and the text's beginning is named.
        let Some(quotes) = quotes else { return self.of_path(path, problem) };
        let at = span.start + quotes + offset.min(value.len());
        let shown = self.excerpt(at).map(|line| {
            let start = line_range(self.text, at).start;
            let start = start + self.text[start..].find(line).unwrap_or_default();
            let before = self.text.get(start..at).unwrap_or_default();
            let blank: String = before.chars().map(|c| if c.is_ascii() { " " } else { "　" }).collect();
            format!("\n    {line}\n    {blank}^")
        });
        let place = format!("{}: {path}", place(self.file, self.text, at));
        message!("placed", place, problem, shown = shown.unwrap_or_default())
    }

    fn at(&self, offset: usize, problem: &impl Worded) -> Message {
        let shown = self.excerpt(offset).map(|line| format!("\n    {line}")).unwrap_or_default();
        message!("placed", place = place(self.file, self.text, offset), problem, shown)
    }

    /// The line of a place, to be found at once; nothing where it holds a value that is or may be secret.
    fn excerpt(&self, offset: usize) -> Option<&str> {
        let range = line_range(self.text, offset);
        let is_hidden = self.shape?.hidden(&self.root).iter().any(|secret| touch(secret, &range));
        let line = self.text[range].trim();
        (!is_hidden && !line.is_empty()).then_some(line)
    }
}

/// Takes the unknown key of a problem out of a section; whether there was one.
fn without_unknown(node: &mut Node, problem: &ConfigProblem) -> bool {
    let (Some(unknown), Some(origin)) = (&problem.unknown_key, &problem.origin) else { return false };
    let is_section = node.origin == *origin;
    match &mut node.value {
        NodeValue::Section(entries) => {
            // The place of the problem is that of the key, or of the section that has it.
            let is_it =
                |(key, child): &(String, Node)| key == unknown && (is_section || child.key == *origin);
            match entries.iter().position(is_it) {
                Some(at) => {
                    entries.remove(at);
                    true
                }
                None => entries.iter_mut().any(|(_, child)| without_unknown(child, problem)),
            }
        }
        NodeValue::List(items) => items.iter_mut().any(|item| without_unknown(item, problem)),
        _ => false,
    }
}

/// What the reader of TOML says, sentence by sentence.
fn syntax(text: &str) -> Message {
    let said = |text: &str| foreign(&crate::TEXTS, text);
    let text = text.trim_end().replace('\n', ", ");
    match text.split_once(", expected ") {
        Some((problem, what)) => message!("syntax-expected", problem = said(problem), what = said(what)),
        None => said(&text),
    }
}

fn place(file: &str, text: &str, offset: usize) -> String {
    let (line, column) = key_positions::line_and_column(text, offset);
    format!("{file}:{line}:{column}")
}

fn line_range(text: &str, offset: usize) -> Range<usize> {
    let offset = text.floor_char_boundary(offset);
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    start..end
}

fn line(text: &str, offset: usize) -> &str {
    &text[line_range(text, offset)]
}

fn touch(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start <= other.end && other.start <= one.end
}
