//! The one header that lettre does not write: Content-Type with a file name.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use lettre::message::header::{Header, HeaderName, HeaderValue};

/// Longest encoded word, RFC 2047, section 2.
const ENCODED_WORD: usize = 75;
const PREFIX: &str = "=?utf-8?B?";
const SUFFIX: &str = "?=";

/// `Content-Type: TYPE; name="..."` with the name in encoded words (RFC 2047).
///
/// RFC 2047 does not allow encoded words inside quotes, yet QQ Mail, Foxmail and older Outlook read
/// the name there and not the RFC 2231 form of Content-Disposition, which newer readers prefer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedContentType {
    content_type: String,
    name: String,
}

impl NamedContentType {
    /// Both are free of control characters; the caller has checked it.
    pub(super) fn new(content_type: &str, name: &str) -> NamedContentType {
        NamedContentType { content_type: content_type.to_string(), name: name.to_string() }
    }

    fn value(&self) -> String {
        if self.name.is_ascii() && self.name.len() <= 60 {
            return format!("{};\r\n name=\"{}\"", self.content_type, self.name);
        }
        format!("{};\r\n name=\"{}\"", self.content_type, encoded_words(&self.name).join("\r\n "))
    }
}

impl Header for NamedContentType {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Type")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Err("this header is only written".into())
    }

    fn display(&self) -> HeaderValue {
        let value = self.value();
        HeaderValue::dangerous_new_pre_encoded(Self::name(), value.clone(), value)
    }
}

/// Cuts at character borders, as each word must be whole characters (RFC 2047, section 5).
fn encoded_words(text: &str) -> Vec<String> {
    // The first word shares its line with ` name="`, the last one carries the closing quote.
    let room = (ENCODED_WORD - PREFIX.len() - SUFFIX.len() - " name=\"".len()) / 4 * 3;
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        match pieces.last_mut() {
            Some(piece) if piece.len() + character.len_utf8() <= room => piece.push(character),
            _ => pieces.push(character.to_string()),
        }
    }
    pieces
        .iter()
        .map(|piece| format!("{PREFIX}{}{SUFFIX}", BASE64_STANDARD.encode(piece.as_bytes())))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_stay_below_the_recommended_78(name in "\\PC{1,120}") {
            let value = format!("Content-Type: {}", NamedContentType::new("application/pdf", &name).value());
            prop_assert!(value.is_ascii());
            prop_assert!(value.split("\r\n").all(|line| line.len() <= 78));
        }
    }
}
