//! A clause as tokens. Full-width signs and quotation marks mean the same as ASCII ones.

use super::tree::ONE;
use tongbao_message::{Message, message};
use tongbao_register::date::{DateNumber, date_exists, iso_number};
use tongbao_register::text::half_width;

/// What is wrong with a clause, and where: bytes from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseError {
    /// Byte offset from the beginning of the clause.
    pub at: usize,
    /// What is wrong and what to write instead, in lower case.
    pub message: Message,
}

impl ClauseError {
    pub(super) fn new(at: usize, message: impl Into<Message>) -> ClauseError {
        ClauseError { at, message: message.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClauseToken {
    /// A name or a word of the language.
    Name(String),
    Text(String),
    /// In ten-thousandths.
    Number(i64),
    Date(DateNumber),
    /// A comparison or a mark.
    Sign(&'static str),
}

/// A token with the byte at which it begins.
pub(super) type RuleToken = (usize, ClauseToken);

/// Signs of other languages, with those that mean the same here.
const MISTAKEN: [(&str, &str); 4] = [("==", "="), ("=>", ">="), ("=<", "<="), ("<>", "!=")];

const SIGNS: [&str; 13] = ["<=", ">=", "!=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "*"];

/// Splits a clause into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<RuleToken>, ClauseError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(&text[at..], first).map_err(|message| ClauseError::new(at, message))?;
        out.push((at, token));
        at += length;
    }
    Ok(out)
}

fn token(rest: &str, first: char) -> Result<(ClauseToken, usize), Message> {
    if let Some(close) = closing_quote(first) {
        let inner = &rest[first.len_utf8()..];
        let end = inner.find(close).ok_or(message!("the-quotation-mark-is-not-closed"))?;
        let length = first.len_utf8() + end + inner[end..].chars().next().map_or(0, char::len_utf8);
        return Ok((ClauseToken::Text(inner[..end].to_owned()), length));
    }
    if half_width(first).is_ascii_digit() || first == '-' {
        let length: usize = rest
            .chars()
            .take_while(|c| matches!(half_width(*c), '0'..='9' | '.' | '-'))
            .map(char::len_utf8)
            .sum();
        let plain: String = rest[..length].chars().map(half_width).collect();
        return Ok((number_or_date(&plain)?, length));
    }
    if is_name(first) {
        let length: usize = rest.chars().take_while(|c| is_name(*c)).map(char::len_utf8).sum();
        return Ok((ClauseToken::Name(rest[..length].to_owned()), length));
    }
    if let Some((written, meant)) = MISTAKEN.into_iter().find(|(written, _)| rest.starts_with(written)) {
        return Err(message!("is-written-otherwise", written, meant));
    }
    sign(rest).ok_or_else(|| message!("has-no-meaning-here", first))
}

fn is_name(c: char) -> bool {
    // Full-width digits and letters are read as plain ones only inside values.
    c == '_' || c.is_alphanumeric()
}

/// Quotation marks that open a text, with those that close it; the first of these is the usual one.
pub(super) const QUOTATION_MARKS: [(char, &[char]); 8] = [
    ('"', &['"', '＂']),
    ('\'', &['\'']),
    ('“', &['”', '“']),
    ('‘', &['’', '‘']),
    ('「', &['」']),
    ('＂', &['"', '＂']),
    ('”', &['”', '“']),
    ('’', &['’', '‘']),
];

fn closing_quote(open: char) -> Option<&'static [char]> {
    QUOTATION_MARKS.iter().find(|(first, _)| *first == open).map(|(_, closing)| *closing)
}

fn sign(rest: &str) -> Option<(ClauseToken, usize)> {
    let first = rest.chars().next()?;
    let of = |sign: &'static str| Some((ClauseToken::Sign(sign), first.len_utf8()));
    match first {
        '≤' | '≦' => return of("<="),
        '≥' | '≧' => return of(">="),
        '≠' => return of("!="),
        '、' => return of(","),
        '×' => return of("*"),
        '【' => return of("["),
        '】' => return of("]"),
        _ => {}
    }
    // Two characters at most, each of them half or full width.
    let plain: Vec<(char, usize)> = rest.chars().take(2).map(|c| (half_width(c), c.len_utf8())).collect();
    let found = SIGNS.iter().find(|sign| {
        let mut characters = sign.chars();
        plain.iter().map(|(c, _)| *c).take(sign.len()).eq(characters.by_ref())
    })?;
    Some((ClauseToken::Sign(found), plain.iter().take(found.len()).map(|(_, length)| length).sum()))
}

fn number_or_date(plain: &str) -> Result<ClauseToken, Message> {
    if let Some(date) = iso_number(plain.as_bytes()) {
        return match date_exists(date) {
            true => Ok(ClauseToken::Date(date)),
            false => Err(message!("the-calendar-has-no", plain)),
        };
    }
    let is_number = plain.bytes().all(|byte| byte.is_ascii_digit());
    decimal(plain).map(ClauseToken::Number).ok_or_else(|| match is_number {
        true => message!("is-above-the-largest-number", plain, most = i64::MAX / ONE),
        false => message!("is-neither-a-number-of-at", plain),
    })
}

/// A decimal number of at most four decimals in ten-thousandths.
pub fn decimal(text: &str) -> Option<i64> {
    let (digits, is_negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // Zeros after the fourth decimal say nothing.
    let fraction = if fraction.len() > 4 { fraction.trim_end_matches('0') } else { fraction };
    if !is_number(whole)
        || !(fraction.is_empty() && digits.contains('.') || is_number(fraction))
        || fraction.len() > 4
    {
        return None;
    }
    let padded: i64 = format!("{fraction:0<4}").parse().ok()?;
    let value = whole.parse::<i64>().ok()?.checked_mul(ONE)?.checked_add(padded)?;
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_signs_are_the_same() {
        let plain =
            |text: &str| tokens(text).unwrap().into_iter().map(|(_, token)| token).collect::<Vec<_>>();
        assert_eq!(plain("甲 ≥ 乙"), plain("甲 >= 乙"));
        assert_eq!(plain("甲＞＝５"), plain("甲 >= 5"));
        assert_eq!(plain("性别 ＝ “男”"), plain("性别 = \"男\""));
        assert_eq!(plain("周岁（出生日期）"), plain("周岁(出生日期)"));
        assert_eq!(plain("a<=2016-06-30")[2], ClauseToken::Date(20_160_630));
    }

    #[test]
    fn decimals_are_exact() {
        for (text, value) in
            [("5", 50_000), ("-0.25", -2_500), ("3.14150", 31_415), ("0.0001", 1), ("2.0", 20_000)]
        {
            assert_eq!(decimal(text), Some(value), "{text}");
        }
        for text in ["", "-", "1.23456", "1e3", "1,000", ".5", "99999999999999999999", "1.2.3"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        assert_eq!(tokens("a = 2016-02-30").unwrap_err().at, 4);
        assert_eq!(tokens("甲 # 乙").unwrap_err().at, 4);
        assert_eq!(tokens("a = \"x").unwrap_err().at, 4);
    }
}
