//! Values as bytes: sources deliver UTF-8, but a bad byte in one value must not end a run, so that
//! nothing here insists on it.

use std::borrow::Cow;

/// Without leading and trailing white space (Unicode's `White_Space`, as `str::trim` takes it; the
/// full-width blank is one of them).
pub fn trim(mut bytes: &[u8]) -> &[u8] {
    while let Some(length) = leading_space(bytes) {
        bytes = &bytes[length..];
    }
    while let Some(length) = trailing_space(bytes) {
        bytes = &bytes[..bytes.len() - length];
    }
    bytes
}

fn leading_space(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [b' ' | b'\t'..=b'\r', ..] => Some(1),
        [0xC2, 0x85 | 0xA0, ..] => Some(2),
        [a @ 0xE1..=0xE3, b, c, ..] if is_wide_space([a, b, c]) => Some(3),
        _ => None,
    }
}

fn trailing_space(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [.., b' ' | b'\t'..=b'\r'] => Some(1),
        [.., 0xC2, 0x85 | 0xA0] => Some(2),
        [.., a @ 0xE1..=0xE3, b, c] if is_wide_space([a, b, c]) => Some(3),
        _ => None,
    }
}

/// U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000 in UTF-8.
fn is_wide_space(bytes: [u8; 3]) -> bool {
    matches!(
        bytes,
        [0xE1, 0x9A, 0x80]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF]
            | [0xE2, 0x81, 0x9F]
            | [0xE3, 0x80, 0x80]
    )
}

/// The value as text; bytes that are none become replacement characters.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_what_str_trims() {
        let mut rng = fastrand::Rng::with_seed(8);
        let spaces: Vec<char> =
            (0..=0xFFFFu32).filter_map(char::from_u32).filter(|c| c.is_whitespace()).collect();
        assert_eq!(spaces.len(), 25);
        for _ in 0..20_000 {
            let text: String = (0..rng.usize(0..8))
                .map(|_| match rng.u8(0..3) {
                    0 => rng.char('一'..'龥'),
                    1 => rng.char('\0'..'\u{3001}'),
                    _ => spaces[rng.usize(..spaces.len())],
                })
                .collect();
            assert_eq!(trim(text.as_bytes()), text.trim().as_bytes(), "{text:?}");
        }
    }
}
