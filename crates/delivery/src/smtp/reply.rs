//! One reply of a mail server (RFC 5321, section 4.2). Its three digits decide; the words are for people.

use crate::failure::{BadReply, Cause};
use tongbao_base::harmless;

/// So much of a line is kept; the rest is read and forgotten.
pub(super) const KEPT: usize = 1_000;

/// Longest text that is kept for people, in characters.
const SHOWN: usize = 160;

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// What follows the code, line by line, as the server wrote it.
    pub(super) lines: Vec<Vec<u8>>,
}

/// One line of a reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ReplyLine<'a> {
    pub(super) code: u16,
    /// False when further lines follow.
    pub(super) is_last: bool,
    pub(super) text: &'a [u8],
}

impl ReplyLine<'_> {
    /// Reads a line without its end. `None` if it does not begin with three digits, and no more.
    pub(super) fn read(line: &[u8]) -> Option<ReplyLine<'_>> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (digits, rest) = line.split_at_checked(3)?;
        // A fourth digit makes it another number, and no code.
        if !digits.iter().all(u8::is_ascii_digit) || rest.first().is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        let text = rest.strip_prefix(b"-").or(rest.strip_prefix(b" ")).unwrap_or(rest);
        Some(ReplyLine { code, is_last: rest.first() != Some(&b'-'), text })
    }
}

impl Reply {
    /// First digit: 2 done, 3 go on, 4 later, 5 refused.
    pub(super) fn class(&self) -> u16 {
        self.code / 100
    }

    /// The first line's words, fit to be shown.
    pub(super) fn text(&self) -> String {
        self.lines.first().map(|line| words(line)).unwrap_or_default()
    }
}

/// A reply that was not hoped for, as the cause of a failure.
pub(super) fn answered(reply: &Reply) -> Cause {
    Cause::Answer(BadReply::new(reply.code, &reply.text()))
}

/// Words as people read them: in UTF-8 or else as servers here write them (GB 18030), on one line, without
/// addresses, which are personal data.
pub(super) fn words(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        // A line cut at its limit may end within a character.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
    };
    let line = harmless::one_line(&text);
    let kept: Vec<&str> = line.split(' ').filter(|word| !word.contains('@')).collect();
    kept.join(" ").chars().take(SHOWN).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_digits_decide() {
        let read =
            |text: &'static [u8]| ReplyLine::read(text).map(|line| (line.code, line.is_last, line.text));
        assert_eq!(read(b"250 ok\r"), Some((250, true, b"ok".as_slice())));
        assert_eq!(read(b"250"), Some((250, true, b"".as_slice())));
        assert_eq!(read(b"250-SIZE 5\r"), Some((250, false, b"SIZE 5".as_slice())));
        assert_eq!(read(b"299 odd"), Some((299, true, b"odd".as_slice())));
        assert_eq!(read(b"250\xd3\xca\xbc\xfe"), Some((250, true, b"\xd3\xca\xbc\xfe".as_slice())));
        for wrong in [b"".as_slice(), b"25", b"ok", b" 250 ok", b"2x0 ok", b"2222", b"HTTP/1.1 400"] {
            assert_eq!(ReplyLine::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn words_are_for_people_and_harm_nothing() {
        let (gbk, _, _) = encoding_rs::GB18030.encode("邮件已接收");
        assert_eq!(words(&gbk), "邮件已接收");
        assert_eq!(words("队列 42".as_bytes()), "队列 42");
        assert_eq!(words("队列".as_bytes().split_last().unwrap().1), "队", "cut within a character");
        assert_eq!(words(b"ok \x1b]0;title\x07 <leader@example.test>: queued"), "ok ]0;title queued");
        assert_eq!(words(&[b'a'; 900]).len(), SHOWN);
    }
}
