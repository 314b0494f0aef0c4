//! Values as bytes: sources deliver UTF-8, but a bad byte in one value must not end a run, so that
//! nothing here insists on it.

use std::borrow::Cow;

/// Characters that show nothing, other than white space: control characters, joiners, direction marks, byte
/// order marks, fillers. They come with text copied from web pages, chats and PDFs. First and last of
/// each range.
pub const INVISIBLE: [(char, char); 15] = [
    ('\u{0}', '\u{8}'),
    ('\u{E}', '\u{1F}'),
    ('\u{7F}', '\u{7F}'),
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE0E}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
];

/// Whether a character is white space or shows nothing at all.
pub fn is_blank_char(c: char) -> bool {
    c.is_whitespace() || INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Whether a character is a mark with which a cell is kept from becoming a number or a day, and no part of its value: `'1`,
/// `="1"`, `‘汉族`.
pub fn is_cell_mark(c: char) -> bool {
    matches!(c, '\'' | '"' | '=' | '`' | '´' | '‘' | '’' | '“' | '”' | '＇' | '＂' | '＝')
}

/// Whether a character around a value is no part of it: it is blank (see [`is_blank_char`]) or a mark of the cell (see
/// [`is_cell_mark`]).
pub fn is_trimmed_char(c: char) -> bool {
    is_blank_char(c) || is_cell_mark(c)
}

/// All characters that are trimmed, but for NUL, which no database has in a text.
pub fn trimmed_characters() -> impl Iterator<Item = char> {
    ('\u{1}'..='\u{FFFF}').filter(|c| is_trimmed_char(*c))
}

/// Without leading and trailing characters that are no part of the value (see [`is_trimmed_char`]).
#[inline]
pub fn trim(mut bytes: &[u8]) -> &[u8] {
    while let Some(length) = leading_blank(bytes) {
        bytes = &bytes[length..];
    }
    while let Some(length) = trailing_blank(bytes) {
        bytes = &bytes[..bytes.len() - length];
    }
    bytes
}

/// A code that a program has made a number, without its decimals: `20.0` is 20.
pub fn whole(text: &[u8]) -> &[u8] {
    if text.last() != Some(&b'0') {
        return text;
    }
    let Some(point) = text.iter().position(|byte| *byte == b'.') else { return text };
    let (digits, decimals) = text.split_at(point);
    let is_code = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let is_whole = decimals.len() > 1 && decimals[1..].iter().all(|byte| *byte == b'0');
    if is_code && is_whole { digits } else { text }
}

/// The same of a text.
pub fn trim_text(text: &str) -> &str {
    text.trim_matches(is_trimmed_char)
}

#[inline]
fn leading_blank(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [0..=b' ' | 0x7F | b'\'' | b'"' | b'=' | b'`', ..] => Some(1),
        [a @ (0xC2 | 0xCD | 0xD8), b, ..] if is_trimmed_pair(a, b) => Some(2),
        // Most characters of Chinese texts begin with E4 to E9, and are not looked at any further.
        [a @ (0xE1..=0xE3 | 0xEF), b, c, ..] if is_trimmed_triple([a, b, c]) => Some(3),
        _ => None,
    }
}

#[inline]
fn trailing_blank(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [.., 0..=b' ' | 0x7F | b'\'' | b'"' | b'=' | b'`'] => Some(1),
        [.., a @ (0xC2 | 0xCD | 0xD8), b] if is_trimmed_pair(a, b) => Some(2),
        [.., a @ (0xE1..=0xE3 | 0xEF), b, c] if is_trimmed_triple([a, b, c]) => Some(3),
        _ => None,
    }
}

fn is_trimmed_pair(a: u8, b: u8) -> bool {
    matches!((a, b), (0xC2, 0x85 | 0xA0 | 0xAD | 0xB4) | (0xCD, 0x8F) | (0xD8, 0x9C))
}

fn is_trimmed_triple(bytes: [u8; 3]) -> bool {
    std::str::from_utf8(&bytes).is_ok_and(|text| text.chars().all(is_trimmed_char))
}

/// The value as text; bytes that are none become replacement characters.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A full-width digit, letter or mark as its half-width form; anything else stays.
pub fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A text as it is compared with others: full-width characters to ASCII, letters to upper case, blanks and the
/// marks with which a cell is kept from becoming a number (`'…`, `="…"`) removed. Hyphens stay: 1-12 and 11-2 are
/// two houses.
pub fn comparable(text: &[u8]) -> Vec<u8> {
    let text = lossy(text);
    let kept = text.chars().map(half_width).filter(|c| !is_trimmed_char(*c));
    kept.map(|c| c.to_ascii_uppercase()).collect::<String>().into_bytes()
}

/// How a value looks, without saying what it is: digits as #, which no day has, ASCII letters as A, other characters that
/// `kept` does not name as 字; cut where it gets long.
pub fn shape(text: &str, kept: &str) -> String {
    const LONGEST: usize = 32;
    let masked = |c: char| match half_width(c) {
        c if c.is_numeric() => '#',
        c if c.is_ascii_alphabetic() => 'A',
        c if is_blank_char(c) => ' ',
        c if c.is_ascii_punctuation() || kept.contains(c) => c,
        _ => '字',
    };
    let mut shape: String = text.chars().take(LONGEST).map(masked).collect();
    if text.chars().nth(LONGEST).is_some() {
        shape.push('…');
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_were_made_numbers_are_whole_again() {
        for (text, code) in
            [("20.0", "20"), ("440118.00", "440118"), ("20.5", "20.5"), ("20.", "20."), (".0", ".0")]
        {
            assert_eq!(whole(text.as_bytes()), code.as_bytes());
        }
        assert_eq!(whole("平安路1.0号".as_bytes()), "平安路1.0号".as_bytes());
    }

    #[test]
    fn trims_what_shows_nothing() {
        let mut rng = fastrand::Rng::with_seed(8);
        let blanks: Vec<char> =
            (0..=0xFFFFu32).filter_map(char::from_u32).filter(|c| is_trimmed_char(*c)).collect();
        assert!(blanks.iter().filter(|c| c.is_whitespace()).count() == 25 && blanks.len() > 90);
        for _ in 0..20_000 {
            let text: String = (0..rng.usize(0..8))
                .map(|_| match rng.u8(0..3) {
                    0 => rng.char('一'..'龥'),
                    1 => rng.char('\0'..'\u{FFFF}'),
                    _ => blanks[rng.usize(..blanks.len())],
                })
                .collect();
            assert_eq!(trim(text.as_bytes()), trim_text(&text).as_bytes(), "{text:?}");
        }
        for blank in [
            "\u{200B}",
            "\u{FEFF}\u{2060}",
            "\u{202D}\u{202C}",
            "\0",
            "\u{3164}",
            "\u{34F}",
            "\u{FE0F}",
            "\u{FFA0}",
        ] {
            assert_eq!(trim(blank.as_bytes()), b"", "{blank:?}");
        }
    }

    #[test]
    fn trims_the_marks_that_keep_a_cell_what_it_is() {
        for text in ["'1", "’1", "‘1’", "=\"1\"", "＇1", "＝＂1＂", "\u{202D}'1", " ' 1", "`1´", "\"1\""]
        {
            assert_eq!(trim(text.as_bytes()), b"1", "{text:?}");
        }
        assert_eq!(trim("'汉族".as_bytes()), "汉族".as_bytes());
        for text in ["-1", "(1)", "#1", "1-2", "富强路'1'号"] {
            assert_eq!(trim(text.as_bytes()), text.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn shapes_hold_nothing_of_the_value() {
        assert_eq!(shape("2016/6/9 上午9:05", "上午"), "####/#/# 上午#:##");
        assert_eq!(shape("张三 Zhang４", ""), "字字 AAAAA#");
        assert_eq!(shape(&"1".repeat(40), ""), format!("{}…", "#".repeat(32)));
    }
}
