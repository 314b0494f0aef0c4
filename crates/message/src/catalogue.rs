//! The texts of one crate in both languages.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
use fluent_syntax::parser;
use fluent_syntax::unicode::unescape_unicode_to_string;

/// The languages that every message is worded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Of logs, JSON and `Display`.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

/// The texts of one crate, parsed when the first of them is needed. Equal to another of the same area.
pub struct Catalogue {
    area: &'static str,
    english: Texts,
    chinese: Texts,
}

impl Catalogue {
    /// What [`catalogue!`](crate::catalogue) calls: the crate's name and the contents of its files.
    pub const fn new(area: &'static str, english: &'static str, chinese: &'static str) -> Catalogue {
        Catalogue { area, english: Texts::new(english), chinese: Texts::new(chinese) }
    }

    /// The crate that the texts belong to.
    pub fn area(&self) -> &'static str {
        self.area
    }

    /// The text of an id; `None` if the language has no such id, which the macros rule out for ids in code.
    pub(crate) fn text(&self, language: Language, id: &str) -> Option<&Text> {
        self.texts(language).parsed().get(id)
    }

    /// The id whose English is exactly this text and takes no argument.
    pub(crate) fn id_of(&self, english: &str) -> Option<&str> {
        self.english.ids.get_or_init(|| self.english.by_text()).get(english).map(String::as_str)
    }

    /// All ids with the names of their arguments.
    pub fn ids(&self, language: Language) -> BTreeMap<&str, Vec<&str>> {
        self.texts(language).parsed().iter().map(|(id, text)| (id.as_str(), text.names())).collect()
    }

    fn texts(&self, language: Language) -> &Texts {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.area)
    }
}

impl PartialEq for Catalogue {
    fn eq(&self, other: &Catalogue) -> bool {
        self.area == other.area
    }
}

impl Eq for Catalogue {}

struct Texts {
    source: &'static str,
    parsed: OnceLock<HashMap<String, Text>>,
    ids: OnceLock<HashMap<String, String>>,
}

impl Texts {
    const fn new(source: &'static str) -> Texts {
        Texts { source, parsed: OnceLock::new(), ids: OnceLock::new() }
    }

    fn parsed(&self) -> &HashMap<String, Text> {
        self.parsed.get_or_init(|| parse(self.source))
    }

    fn by_text(&self) -> HashMap<String, String> {
        let whole = |(id, text): (&String, &Text)| Some((text.without_values()?, id.clone()));
        let mut all: Vec<(String, String)> = self.parsed().iter().filter_map(whole).collect();
        // Of several ids with one text the first is meant, whatever the order in memory.
        all.sort_unstable_by(|one, other| other.cmp(one));
        all.into_iter().collect()
    }
}

/// A text with places for values.
#[derive(Debug, PartialEq)]
pub(crate) struct Text(Vec<TextPart>);

#[derive(Debug, PartialEq)]
enum TextPart {
    Words(String),
    Value(String),
}

impl Text {
    /// Appends the text with the values that `value` gives; one without a value keeps its name in braces.
    pub(crate) fn write<'a>(
        &self,
        value: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>,
        out: &mut String,
    ) {
        for part in &self.0 {
            match part {
                TextPart::Words(words) => out.push_str(words),
                TextPart::Value(name) => match value(name) {
                    Some(value) => out.push_str(&value),
                    None => out.push_str(&format!("{{{name}}}")),
                },
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for part in &self.0 {
            if let TextPart::Value(name) = part {
                names.push(name.as_str());
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    fn without_values(&self) -> Option<String> {
        let words = |part: &TextPart| match part {
            TextPart::Words(words) => Some(words.clone()),
            TextPart::Value(_) => None,
        };
        self.0.iter().map(words).collect()
    }
}

/// Messages of a file in Fluent's syntax. Only texts and variables are used; the macros refuse what is not read
/// here, so that nothing is left out in silence.
fn parse(source: &str) -> HashMap<String, Text> {
    let resource = match parser::parse_runtime(source) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let message = |entry: Entry<&str>| match entry {
        Entry::Message(message) => {
            let parts = message.value?.elements.into_iter().filter_map(part).collect();
            Some((message.id.name.to_owned(), Text(parts)))
        }
        _ => None,
    };
    resource.body.into_iter().filter_map(message).collect()
}

fn part(element: PatternElement<&str>) -> Option<TextPart> {
    match element {
        PatternElement::TextElement { value } => Some(TextPart::Words(value.to_owned())),
        PatternElement::Placeable { expression: Expression::Inline(expression) } => match expression {
            InlineExpression::VariableReference { id } => Some(TextPart::Value(id.name.to_owned())),
            InlineExpression::StringLiteral { value } => {
                Some(TextPart::Words(unescape_unicode_to_string(value).into_owned()))
            }
            _ => None,
        },
        PatternElement::Placeable { .. } => None,
    }
}
