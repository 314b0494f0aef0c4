//! The tags of a template as tokens with their places: as much of Tera's grammar as it takes to find
//! the names in use. What is no valid template, Tera has refused before.

/// A token inside a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Number,
    Mark(&'a str),
}

/// A token with its byte offset in the file.
pub(super) type TemplateToken<'a> = (usize, Token<'a>);

/// One `{{ … }}` or `{% … %}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TagTokens<'a> {
    pub is_statement: bool,
    pub tokens: Vec<TemplateToken<'a>>,
}

impl<'a> TagTokens<'a> {
    /// The word that a statement begins with, and what follows it; marks of white space control are
    /// no part of it.
    pub(super) fn statement(&self) -> Option<(&'a str, &[TemplateToken<'a>])> {
        let tokens = match self.tokens.as_slice() {
            [(_, Token::Mark("-")), rest @ ..] => rest,
            all => all,
        };
        match tokens {
            [(_, Token::Name(word)), rest @ ..] if self.is_statement => Some((word, rest)),
            _ => None,
        }
    }

    pub(super) fn word(&self) -> &'a str {
        self.statement().map_or("", |(word, _)| word)
    }

    /// The name of the block that begins here.
    pub(super) fn block(&self) -> Option<&'a str> {
        match self.statement() {
            Some(("block", [(_, Token::Name(name)), ..])) => Some(name),
            _ => None,
        }
    }
}

/// All tags in their order; comments and raw text left out.
pub(super) fn tags(text: &str) -> Vec<TagTokens<'_>> {
    let mut out: Vec<TagTokens> = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|found| at + found) {
        let rest = &text[open..];
        if rest.starts_with("{#") {
            at = rest.find("#}").map_or(text.len(), |end| open + end + 2);
        } else if rest.starts_with("{{") || rest.starts_with("{%") {
            let is_statement = rest.starts_with("{%");
            let (tokens, end) = inside(text, open + 2, if is_statement { "%}" } else { "}}" });
            let is_raw = is_statement && tokens.first().is_some_and(|(_, t)| *t == Token::Name("raw"));
            at = if is_raw { end_of_raw(text, end) } else { end };
            out.push(TagTokens { is_statement, tokens });
        } else {
            at = open + 1;
        }
    }
    out
}

fn end_of_raw(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    rest.find("endraw")
        .and_then(|at| rest[at..].find("%}").map(|end| from + at + end + 2))
        .unwrap_or(text.len())
}

/// The tokens from `at` to the closing delimiter, and the offset after it.
fn inside<'a>(text: &'a str, mut at: usize, close: &str) -> (Vec<TemplateToken<'a>>, usize) {
    let mut tokens = Vec::new();
    let mut braces = 0_u32;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if braces == 0 && rest.starts_with(close) {
            return (tokens, at + 2);
        }
        let (token, length) = token(rest, c);
        match token {
            Some(Token::Mark("{")) => braces += 1,
            Some(Token::Mark("}")) => braces = braces.saturating_sub(1),
            _ => {}
        }
        tokens.extend(token.map(|token| (at, token)));
        at += length;
    }
    (tokens, text.len())
}

/// The token that `rest` begins with, `None` for blanks, and its length in bytes.
fn token(rest: &str, c: char) -> (Option<Token<'_>>, usize) {
    let run = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
    match c {
        _ if c.is_whitespace() => (None, c.len_utf8()),
        '"' | '\'' | '`' => {
            let end = rest[1..].find(c).map_or(rest.len(), |end| end + 2);
            (Some(Token::Text(rest[1..end].trim_end_matches(c))), end)
        }
        _ if c.is_ascii_digit() => (Some(Token::Number), run(|c| c.is_ascii_digit() || c == '_')),
        _ if c.is_alphabetic() || c == '_' => {
            let length = run(|c| c.is_alphanumeric() || c == '_');
            (Some(Token::Name(&rest[..length])), length)
        }
        _ => {
            let two =
                ["==", "!=", ">=", "<=", "?.", "//", "**"].into_iter().find(|two| rest.starts_with(two));
            let length = two.map_or(c.len_utf8(), str::len);
            (Some(Token::Mark(&rest[..length])), length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_tags_with_their_tokens() {
        let text = "a {# {{ no }} #}{{ x.y | f(k=\"}}\") }}{% raw %}{{ z }}{% endraw %}{%- if n >= 2 -%}";
        let tags = tags(text);
        let names = |tag: &TagTokens| -> Vec<String> {
            tag.tokens.iter().map(|(_, token)| format!("{token:?}")).collect()
        };
        assert_eq!(tags.len(), 3);
        assert_eq!(names(&tags[0])[..3], ["Name(\"x\")", "Mark(\".\")", "Name(\"y\")"]);
        assert!(names(&tags[0]).contains(&"Text(\"}}\")".to_owned()));
        assert!(tags[2].is_statement && names(&tags[2]).contains(&"Mark(\">=\")".to_owned()));
        let (offset, _) = tags[0].tokens[0];
        assert_eq!(&text[offset..=offset], "x");
    }
}
