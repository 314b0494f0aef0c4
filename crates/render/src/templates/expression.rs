//! What the tokens of an expression are: variables with their paths, and what is none.

use super::lexer::{TemplateToken, Token};

const KEYWORDS: [&str; 14] =
    ["and", "or", "not", "is", "in", "if", "else", "for", "true", "false", "True", "False", "none", "None"];
/// The parts of a path with their offsets, and the index after it: `a.b`, `a["b"]`, `a[0]` (an
/// element, given as ""). An index that has to be computed ends the path.
pub(super) fn parts<'a>(tokens: &[TemplateToken<'a>], i: usize) -> (Vec<(usize, &'a str)>, usize) {
    let mut out = Vec::new();
    let Some((offset, Token::Name(first))) = tokens.get(i) else { return (out, i + 1) };
    out.push((*offset, *first));
    let mut at = i + 1;
    loop {
        match tokens.get(at..).unwrap_or_default() {
            [(_, Token::Mark("." | "?.")), (offset, Token::Name(part)), ..] => {
                out.push((*offset, *part));
                at += 2;
            }
            [(_, Token::Mark(".")), (offset, Token::Number), ..] => {
                out.push((*offset, ""));
                at += 2;
            }
            [(_, Token::Mark("[")), (offset, inner), (_, Token::Mark("]")), ..] => {
                match inner {
                    Token::Text(part) => out.push((*offset, *part)),
                    Token::Number => out.push((*offset, "")),
                    _ => return (out, at),
                }
                at += 3;
            }
            _ => return (out, at),
        }
    }
}

/// A name that is neither keyword, field, filter, test, function nor the name of an argument.
pub(super) fn is_variable(tokens: &[TemplateToken], i: usize) -> bool {
    let (_, Token::Name(name)) = tokens[i] else { return false };
    let token = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map(|(_, token)| *token);
    let (before, next) = (token(i.checked_sub(1)), token(Some(i + 1)));
    let is_test = before == Some(Token::Name("is"))
        || (before == Some(Token::Name("not")) && token(i.checked_sub(2)) == Some(Token::Name("is")));
    !KEYWORDS.contains(&name)
        && !is_test
        && !matches!(before, Some(Token::Mark("." | "?." | "|")))
        && !matches!(next, Some(Token::Mark("(" | "=")))
}

/// `x | default(…)`, `x is defined` and `x is undefined` ask for what may be missing.
pub(super) fn is_guarded(rest: &[TemplateToken]) -> bool {
    match rest {
        [(_, Token::Mark("|")), (_, Token::Name("default")), ..] => true,
        [(_, Token::Name("is")), (_, Token::Name("not")), (_, Token::Name(test)), ..]
        | [(_, Token::Name("is")), (_, Token::Name(test)), ..] => ["defined", "undefined"].contains(test),
        _ => false,
    }
}

/// The variables of `[x for x in list]`.
pub(super) fn comprehension_names<'a>(tokens: &[TemplateToken<'a>]) -> Vec<Token<'a>> {
    let mut out = Vec::new();
    for pair in tokens.windows(2) {
        if pair[0].1 == Token::Name("for") {
            out.push(pair[1].1);
        }
    }
    out
}
