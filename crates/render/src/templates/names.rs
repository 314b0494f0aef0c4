//! Whether every variable and field that a template names exists: at start, in branches that no
//! sample takes too. Filters, tests, functions and blocks are checked by Tera when it compiles.

use std::collections::BTreeMap;
use tongbao_message::{Message, message};

use serde_json::{Map, Value};

use super::expression::{comprehension_names, is_guarded, is_variable, parts};
use super::files::TemplateFiles;
use super::lexer::{TagTokens, TemplateToken, Token, tags};
use tongbao_config::key_positions::{line_and_column, nearest};

/// What is known of a value.
#[derive(Debug, Clone, Copy)]
enum ValueShape<'a> {
    /// Anything may be in it.
    Any,
    Of(&'a Value),
}

/// What names stand for, innermost last.
type Scopes<'a> = Vec<BTreeMap<&'a str, ValueShape<'a>>>;

/// A name that nothing stands behind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownName {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub problem: Message,
}

/// Filters that give a list of the same elements.
const KEEPING: [&str; 3] = ["reverse", "sort", "unique"];

/// Checks a template and all it includes or extends. `model` is a full sample: every optional part is
/// there and no list is empty.
pub(super) fn check(
    files: &TemplateFiles,
    name: &str,
    model: &Map<String, Value>,
) -> Result<(), UnknownName> {
    let scopes = vec![model.iter().map(|(key, value)| (key.as_str(), ValueShape::Of(value))).collect()];
    let mut checker = Checker { files, file: ("", ""), scopes, blocks: BTreeMap::new(), is_component: false };
    checker.check_file(name)
}

/// Name and text of a file.
type TemplateFile<'a> = (&'a str, &'a str);

struct Checker<'a> {
    files: &'a TemplateFiles,
    file: TemplateFile<'a>,
    scopes: Scopes<'a>,
    /// What stands in the blocks of a parent instead of its own: it is rendered there.
    blocks: BTreeMap<&'a str, (TemplateFile<'a>, Vec<TagTokens<'a>>)>,
    /// Components have arguments of their own, which Tera checks.
    is_component: bool,
}

impl<'a> Checker<'a> {
    fn check_file(&mut self, name: &str) -> Result<(), UnknownName> {
        let Some((name, text)) = self.files.get_key_value(name) else { return Ok(()) };
        let (outer, depth) = (std::mem::replace(&mut self.file, (name, text)), self.scopes.len());
        let all = tags(text);
        let parent = all.iter().find_map(|tag| match tag.statement() {
            Some(("extends", [(_, Token::Text(parent)), ..])) => Some(*parent),
            _ => None,
        });
        match parent {
            None => self.tags(&all)?,
            Some(parent) => {
                let outside = self.take_blocks(all);
                self.tags(&outside)?;
                self.check_file(parent)?;
            }
        }
        self.file = outer;
        self.scopes.truncate(depth);
        Ok(())
    }

    /// Keeps the blocks of a child for its parent, unless a child of its own has replaced them, and
    /// gives back what stands outside.
    fn take_blocks(&mut self, all: Vec<TagTokens<'a>>) -> Vec<TagTokens<'a>> {
        let mut outside = Vec::new();
        let mut rest = all.into_iter().peekable();
        while let Some(tag) = rest.next() {
            let Some(name) = tag.block() else {
                outside.push(tag);
                continue;
            };
            let (mut inside, mut depth) = (Vec::new(), 1);
            for tag in rest.by_ref() {
                depth += i32::from(tag.block().is_some()) - i32::from(tag.word() == "endblock");
                if depth == 0 {
                    break;
                }
                inside.push(tag);
            }
            self.blocks.entry(name).or_insert((self.file, inside));
        }
        outside
    }

    fn tags(&mut self, all: &[TagTokens<'a>]) -> Result<(), UnknownName> {
        for tag in all {
            match tag.block().and_then(|name| self.blocks.get(name).cloned()) {
                Some((file, inside)) => {
                    let outer = std::mem::replace(&mut self.file, file);
                    self.tags(&inside)?;
                    self.file = outer;
                }
                None => self.tag(tag)?,
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: &TagTokens<'a>) -> Result<(), UnknownName> {
        let (word, rest) = tag.statement().unwrap_or(("", &tag.tokens));
        match word {
            "component" => self.is_component = true,
            "endcomponent" => self.is_component = false,
            _ if self.is_component => {}
            "for" => self.start_loop(rest)?,
            "endfor" => drop(self.scopes.pop()),
            "set" | "set_global" => self.set(rest)?,
            "include" => {
                if let Some((_, Token::Text(other))) = rest.first() {
                    self.check_file(other)?;
                }
            }
            "if" | "elif" => self.expression(rest)?,
            "" => self.expression(rest)?,
            _ => {}
        }
        Ok(())
    }

    /// `for x in list` and `for key, value in map`.
    fn start_loop(&mut self, tokens: &[TemplateToken<'a>]) -> Result<(), UnknownName> {
        let at = tokens.iter().position(|(_, token)| *token == Token::Name("in")).unwrap_or(0);
        let (names, list) = (&tokens[..at], tokens.get(at + 1..).unwrap_or_default());
        self.expression(list)?;
        let element = match (names.len(), self.whole(list)) {
            (1, Some(ValueShape::Of(Value::Array(values)))) => {
                values.first().map_or(ValueShape::Any, ValueShape::Of)
            }
            _ => ValueShape::Any,
        };
        let mut scope = BTreeMap::from([("loop", ValueShape::Any)]);
        scope.extend(names.iter().filter_map(|(_, token)| match token {
            Token::Name(name) => Some((*name, element)),
            _ => None,
        }));
        self.scopes.push(scope);
        Ok(())
    }

    fn set(&mut self, tokens: &[TemplateToken<'a>]) -> Result<(), UnknownName> {
        let Some((_, Token::Name(name))) = tokens.first() else { return Ok(()) };
        let value = tokens.get(2..).unwrap_or_default();
        self.expression(value)?;
        let shape = self.whole(value).unwrap_or(ValueShape::Any);
        // What is set in a branch is known after it too: Tera's own scopes are loops alone.
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, shape);
        }
        Ok(())
    }

    /// The shape of tokens that are one path, perhaps with filters that keep its elements.
    fn whole(&self, tokens: &[TemplateToken<'a>]) -> Option<ValueShape<'a>> {
        let (shape, used) = self.path(tokens, 0).ok()?;
        let mut rest = tokens.get(used..)?;
        while let [(_, Token::Mark("|")), (_, Token::Name(filter)), ..] = rest {
            if !KEEPING.contains(filter) {
                return None;
            }
            rest = &rest[2..];
            if let Some((_, Token::Mark("("))) = rest.first() {
                let close = rest.iter().position(|(_, token)| *token == Token::Mark(")"))?;
                rest = &rest[close + 1..];
            }
        }
        rest.iter().all(|(_, token)| *token == Token::Mark("-")).then_some(shape)
    }

    /// Checks every variable of an expression.
    fn expression(&mut self, tokens: &[TemplateToken<'a>]) -> Result<(), UnknownName> {
        if matches!(tokens, [(_, Token::Mark("<")), (_, Token::Name(_)), ..]) {
            return Ok(());
        }
        let own = comprehension_names(tokens);
        let mut i = 0;
        while i < tokens.len() {
            if is_variable(tokens, i) && !own.contains(&tokens[i].1) {
                let (_, used) = match self.path(tokens, i) {
                    Err((used, _)) if is_guarded(&tokens[used..]) => (ValueShape::Any, used),
                    Err((_, unknown)) => return Err(unknown),
                    Ok(found) => found,
                };
                i = used;
            } else {
                i += 1;
            }
        }
        Ok(())
    }

    /// Follows the path that begins at `i`; its shape, or what is unknown, with the index after it.
    fn path(
        &self,
        tokens: &[TemplateToken<'a>],
        i: usize,
    ) -> Result<(ValueShape<'a>, usize), (usize, UnknownName)> {
        let (parts, end) = parts(tokens, i);
        let mut parts = parts.into_iter();
        let Some((offset, first)) = parts.next() else { return Ok((ValueShape::Any, i + 1)) };
        let known = self.scopes.iter().rev().find_map(|scope| scope.get(first));
        let Some(mut shape) = known.copied() else {
            return Err((end, self.unknown_variable(offset, first)));
        };
        let mut so_far = first.to_owned();
        for (offset, part) in parts {
            let ValueShape::Of(value) = shape else { return Ok((ValueShape::Any, end)) };
            shape = match (value, part) {
                (Value::Null, _) => ValueShape::Any,
                (Value::Array(values), "") => values.first().map_or(ValueShape::Any, ValueShape::Of),
                (_, "") => ValueShape::Any,
                (Value::Object(fields), _) => match fields.get(part) {
                    Some(value) => ValueShape::Of(value),
                    None => return Err((end, self.unknown_field(offset, part, &so_far, fields))),
                },
                _ => {
                    let problem = message!("has-no-fields-so-it-has", so_far, part);
                    return Err((end, self.unknown(offset, problem)));
                }
            };
            so_far = format!("{so_far}.{part}");
        }
        Ok((shape, end))
    }

    fn unknown_variable(&self, offset: usize, name: &str) -> UnknownName {
        let mut known: Vec<&str> = self.scopes.iter().flat_map(|scope| scope.keys().copied()).collect();
        known.sort_unstable();
        known.dedup();
        let problem = message!(
            "there-is-no-variable-known-here",
            name,
            meant = meant(name, &known),
            known = known.join(", ")
        );
        self.unknown(offset, problem)
    }

    fn unknown_field(&self, offset: usize, name: &str, of: &str, fields: &Map<String, Value>) -> UnknownName {
        let known: Vec<&str> = fields.keys().map(String::as_str).collect();
        let problem =
            message!("has-no-field-it-has", of, name, meant = meant(name, &known), known = known.join(", "));
        self.unknown(offset, problem)
    }

    fn unknown(&self, offset: usize, problem: Message) -> UnknownName {
        let (line, column) = line_and_column(self.file.1, offset);
        UnknownName { file: self.file.0.to_owned(), line, column, problem }
    }
}

fn meant(name: &str, known: &[&str]) -> Option<Message> {
    nearest(name, known.iter().copied()).map(|meant| message!("did-you-mean", meant))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(text: &str) -> Option<UnknownName> {
        let model = json!({
            "title": "t", "period": { "from": "a", "to": "b" },
            "units": [{ "name": "n", "rank": 1 }], "basis": null, "weights": { "coverage": "40" },
        });
        let files = TemplateFiles::from([
            ("t".to_owned(), text.to_owned()),
            ("part".to_owned(), "{{ u.name }}{{ u.nam }}".to_owned()),
            ("base".to_owned(), "{% for u in units %}{% block each %}{% endblock %}{% endfor %}".to_owned()),
            ("middle".to_owned(), "{% extends \"base\" %}{% block each %}{{ u.a }}{% endblock %}".to_owned()),
        ]);
        check(&files, "t", model.as_object().unwrap()).err()
    }

    proptest::proptest! {
        /// Whatever Tera makes of it, the check comes to an end and does not panic.
        #[test]
        fn any_text_can_be_checked(parts in proptest::collection::vec(0..TEXTS.len(), 0..24)) {
            problem(&parts.into_iter().map(|i| TEXTS[i]).collect::<String>());
        }
    }

    const TEXTS: [&str; 24] = [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        " for ",
        " in ",
        "endfor",
        "set ",
        "units",
        ".",
        "name",
        "[",
        "0",
        "]",
        "|",
        "\"",
        "block b",
        "endblock",
        "extends \"base\"",
        "-",
        "raw",
        "通",
    ];

    #[test]
    fn valid_names_pass() {
        for text in [
            "{{ title }}{{ period.to }}{{ period['from'] }}{{ weights.coverage }}",
            "{% for u in units | sort(attribute=\"rank\") | reverse %}{{ loop.index }} {{ u.name }}{% endfor %}",
            "{{ units[0].name }}{{ units | length + 1 }}{{ basis.anything }}",
            "{% set x = period %}{{ x.to }}{% set y %}z{% endset %}{{ y }}",
            "{{ nothing | default(value=\"—\") }}{% if nothing is not defined %}a{% endif %}",
            "{{ [u.name for u in units] | join(sep=\", \") }}{{ range(end=3) | length }}",
            "{% if not title == \"period.x\" and 2 in [1, 2] %}{{- title -}}{% endif %}",
            "{% for k, v in weights %}{{ k }}{{ v }}{% endfor %}{# {{ nothing }} #}",
            "{% extends \"base\" %}{% block each %}{{ u.name }}{% endblock %}",
            "{% extends \"middle\" %}{% block each %}{{ u.name }}{% endblock %}",
        ] {
            assert_eq!(problem(text), None, "{text}");
        }
    }

    #[test]
    fn wrong_names_are_found_with_their_place_in_any_branch() {
        for (text, line, column, part) in [
            ("a\n{{ titel }}", 2, 4, "did you mean `title`?"),
            ("{% if false %}{{ period.too }}{% endif %}", 1, 25, "it has: from, to"),
            ("{% for u in units %}{{ u.nam }}{% endfor %}", 1, 26, "did you mean `name`?"),
            ("{% for u in unit %}{% endfor %}", 1, 13, "there is no variable `unit`"),
            ("{% for u in units %}{% endfor %}{{ u.name }}", 1, 36, "there is no variable `u`"),
            ("{{ title.x }}", 1, 10, "has no fields"),
            ("{% if title is string and periode %}{% endif %}", 1, 27, "did you mean `period`?"),
            ("{{ title | replace(from=\"a\", to=tittle) }}", 1, 33, "did you mean `title`?"),
            ("{% set x = units[0] %}{{ x.rang }}", 1, 28, "did you mean `rank`?"),
            ("{% extends \"base\" %}{% block each %}{{ u.nam }}{% endblock %}", 1, 42, "`name`?"),
        ] {
            let found = problem(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.line, found.column), (line, column), "{text}: {found:?}");
            assert!(found.problem.to_string().contains(part), "{text}: {found:?}");
        }
        let found = problem("{% for u in units %}{% include \"part\" %}{% endfor %}").unwrap();
        assert_eq!((found.file.as_str(), found.column), ("part", 18));
    }
}
