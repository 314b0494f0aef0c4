//! A mail in the archive: its text, and in the place of each large attachment the name of the file that holds it,
//! so that a document that goes to many recipients is stored once. Put together, it is the mail to the byte.

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD, Engine as _};

/// First line of a file that is put together from others.
const HEAD: &[u8] = b"tongbao message 1\n";

/// Smaller attachments stay where they are.
const LARGE: usize = 4 * 1024;

/// Characters of a line of base64 in a mail (RFC 2045, section 6.8).
const LINE: usize = 76;

/// A mail in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As it stands in the mail.
    Text(Vec<u8>),
    /// What stands there in base64.
    Attachment(Vec<u8>),
}

/// Takes the large attachments out of a mail. What cannot be put together again to the byte stays text.
pub(super) fn split(message: &[u8]) -> Vec<Piece> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for block in blocks(message) {
        let Some(bytes) = decode(&message[block.clone()]) else { continue };
        pieces.push(Piece::Text(message[from..block.start].to_vec()));
        pieces.push(Piece::Attachment(bytes));
        from = block.end;
    }
    pieces.push(Piece::Text(message[from..].to_vec()));
    pieces
}

/// Lines of base64 one after the other, each full but for the last, without the end of the last line.
fn blocks(message: &[u8]) -> Vec<Range<usize>> {
    let (mut out, mut at, mut begin) = (Vec::new(), 0, None);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        let is_encoded = text.len() < line.len()
            && (1..=LINE).contains(&text.len())
            && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
        if is_encoded && text.len() == LINE {
            begin.get_or_insert(at);
        } else if let Some(begin) = begin.take() {
            // The last line may be full too: then its end is before this line.
            let end = if is_encoded { at + text.len() } else { at - 2 };
            out.push(begin..end);
        }
        at += line.len();
    }
    out.retain(|block: &Range<usize>| block.len() >= LARGE);
    out
}

/// `None` if it is not what [`encode`] makes of the result.
fn decode(block: &[u8]) -> Option<Vec<u8>> {
    let letters: Vec<u8> = block.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    BASE64_STANDARD.decode(letters).ok().filter(|bytes| encode(bytes) == block)
}

/// Base64 in lines, without the end of the last one.
fn encode(bytes: &[u8]) -> Vec<u8> {
    let text = BASE64_STANDARD.encode(bytes).into_bytes();
    text.chunks(LINE).collect::<Vec<_>>().join(b"\r\n".as_slice())
}

/// The file that stands for a mail; `attachments` are the names of the files with its attachments, in order.
pub(super) fn written(pieces: &[Piece], attachments: &[String]) -> Vec<u8> {
    let (mut out, mut names) = (HEAD.to_vec(), attachments.iter());
    for piece in pieces {
        match (piece, names.as_slice()) {
            (Piece::Attachment(_), [_, ..]) => {
                let name = names.next().map(String::as_str).unwrap_or_default();
                out.extend_from_slice(format!("attachment {name}\n").as_bytes());
            }
            (Piece::Text(text) | Piece::Attachment(text), _) => {
                out.extend_from_slice(format!("text {}\n", text.len()).as_bytes());
                out.extend_from_slice(text);
            }
        }
    }
    out
}

/// A file of the archive that stands for a mail, as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WrittenPart<'a> {
    Text(&'a [u8]),
    /// The name of a file.
    Attachment(&'a str),
}

/// Reads a file that stands for a mail; `None` if it is none.
pub(super) fn read(file: &[u8]) -> Option<Vec<WrittenPart<'_>>> {
    let (mut rest, mut out) = (file.strip_prefix(HEAD)?, Vec::new());
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = (std::str::from_utf8(&rest[..end]).ok()?, &rest[end + 1..]);
        rest = match line.split_once(' ')? {
            ("text", length) => {
                let (text, after) = after.split_at_checked(length.parse().ok()?)?;
                out.push(WrittenPart::Text(text));
                after
            }
            ("attachment", name) => {
                out.push(WrittenPart::Attachment(name));
                after
            }
            _ => return None,
        };
    }
    Some(out)
}

/// The mail that a file stands for. `get` finds the attachments; `None` if one is missing.
pub(super) fn put_together(
    written: &[WrittenPart<'_>],
    mut get: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for piece in written {
        match piece {
            WrittenPart::Text(text) => out.extend_from_slice(text),
            WrittenPart::Attachment(name) => out.extend(encode(&get(name)?)),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roundtrip(message: &[u8]) -> usize {
        let pieces = split(message);
        let attachments: Vec<&Vec<u8>> = pieces
            .iter()
            .filter_map(|piece| if let Piece::Attachment(bytes) = piece { Some(bytes) } else { None })
            .collect();
        let names: Vec<String> = (0..attachments.len()).map(|number| number.to_string()).collect();
        let file = written(&pieces, &names);
        let read = read(&file).unwrap();
        let get = |name: &str| attachments.get(name.parse::<usize>().ok()?).map(|bytes| bytes.to_vec());
        assert_eq!(put_together(&read, get).unwrap(), message);
        attachments.len()
    }

    fn mail(attachments: &[Vec<u8>]) -> Vec<u8> {
        let mut out = b"Subject: x\r\n\r\n--b\r\n".to_vec();
        for bytes in attachments {
            out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
            out.extend(encode(bytes));
            out.extend_from_slice(b"\r\n--b\r\n");
        }
        out
    }

    #[test]
    fn a_mail_comes_back_to_the_byte() {
        let bytes = |length: usize| -> Vec<u8> { (0..length).map(|i| (i * 7 + i / 256) as u8).collect() };
        // Ends of every length, full last lines too.
        for length in 4_000..4_120 {
            assert_eq!(roundtrip(&mail(&[bytes(length), bytes(10), bytes(50_000)])), 2, "{length}");
        }
        for odd in [b"".as_slice(), b"x", b"\r\n", b"tongbao message 1\n", &[b'A'; 100_000]] {
            assert_eq!(roundtrip(odd), 0);
        }
        // What another encoder wrote is left alone: bits that no byte holds, short lines, ends without CR.
        let good = mail(&[bytes(9_001)]);
        assert_eq!(roundtrip(&good), 1);
        let text = String::from_utf8(good).unwrap();
        let position = text.find("==\r\n--b").or(text.find("=\r\n--b")).unwrap();
        let mut odd = text.clone();
        odd.replace_range(position - 1..position, "/");
        assert_eq!(roundtrip(odd.as_bytes()), 0);
        assert_eq!(roundtrip(text.replace("\r\n", "\n").as_bytes()), 0);
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        for wrong in
            [b"".as_slice(), b"From: x\r\n", b"tongbao message 1\ntext 9\nx", b"tongbao message 1\nother 1\n"]
        {
            assert_eq!(read(wrong), None);
        }
    }
}
