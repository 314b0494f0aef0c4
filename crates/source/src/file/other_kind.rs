//! Files that hold no table which is read here, recognised so that the message says what they are and what to do.

use tongbao_message::Worded;

/// What a file is instead of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Worded)]
pub enum OtherKind {
    Json,
    FlatOpenDocument,
    Xml,
    Pdf,
    Document,
    Picture,
    SqlScript,
    DrawnTable,
    Sqlite,
    Access,
}

const START: [(&[u8], OtherKind); 8] = [
    (b"%PDF-", OtherKind::Pdf),
    (b"{\\rtf", OtherKind::Document),
    (b"\x89PNG", OtherKind::Picture),
    (b"\xFF\xD8\xFF", OtherKind::Picture),
    (b"GIF8", OtherKind::Picture),
    (b"SQLite format 3\0", OtherKind::Sqlite),
    (b"\0\x01\0\0Standard Jet DB", OtherKind::Access),
    (b"\0\x01\0\0Standard ACE DB", OtherKind::Access),
];

/// First bytes of archives that are no workbooks: gzip, 7z, RAR, xz, bzip2.
const ARCHIVES: [&[u8]; 5] = [b"\x1F\x8B", b"7z\xBC\xAF", b"Rar!", b"\xFD7zXZ", b"BZh"];

/// Whether a file begins as an archive does.
pub(super) fn is_archive(head: &[u8]) -> bool {
    ARCHIVES.iter().any(|start| head.starts_with(start))
}

impl OtherKind {
    /// What a file that begins so is, if it is no table.
    pub(super) fn of(head: &[u8]) -> Option<OtherKind> {
        if let Some((_, kind)) = START.iter().find(|(start, _)| head.starts_with(start)) {
            return Some(*kind);
        }
        // The ASCII of the text, also of UTF-16; line breaks stay.
        let plain =
            head.iter().filter(|byte| byte.is_ascii_graphic() || matches!(byte, b'\n' | b' ')).take(8_192);
        let text: String = plain.map(|byte| char::from(*byte)).collect();
        let text = text.trim_start();
        Self::of_markup(text).or_else(|| is_script(text).then_some(OtherKind::SqlScript)).or_else(|| {
            let is_drawn = text.starts_with("+-") || text.lines().nth(1).is_some_and(is_ruled);
            is_drawn.then_some(OtherKind::DrawnTable)
        })
    }

    fn of_markup(text: &str) -> Option<OtherKind> {
        let after = |sign: char| text.strip_prefix(sign).map(str::trim_start);
        // A header may be written in brackets, so what is in them decides.
        if after('{').is_some_and(|rest| rest.starts_with('"'))
            || after('[').is_some_and(|r| r.starts_with('{'))
        {
            return Some(OtherKind::Json);
        }
        if !text.starts_with("<?xml") && !text.starts_with("<office:") {
            return None;
        }
        let is_flat = text.contains("opendocument.spreadsheet") || text.contains("<office:document");
        Some(if is_flat { OtherKind::FlatOpenDocument } else { OtherKind::Xml })
    }

    /// What an archive is, by the names of what it holds.
    pub(super) fn of_parts(names: &[String]) -> Option<OtherKind> {
        let is_document = |name: &String| name == "word/document.xml" || name == "ppt/presentation.xml";
        names.iter().any(is_document).then_some(OtherKind::Document)
    }
}

fn is_script(text: &str) -> bool {
    const STATEMENTS: [&str; 5] =
        ["insert into ", "create table ", "drop table ", "begin transaction", "copy "];
    text.lines().take(100).any(|line| {
        let line = line.trim_start().to_ascii_lowercase();
        STATEMENTS.iter().any(|statement| line.starts_with(statement))
    })
}

/// A line of dashes below a header, in groups as wide as the columns.
fn is_ruled(line: &str) -> bool {
    let line = line.trim();
    let groups = line.split([' ', '+']).filter(|group| group.len() > 1).count();
    groups > 1 && line.chars().all(|c| matches!(c, '-' | ' ' | '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_recognised() {
        let utf16: Vec<u8> = "[ {\"姓名\": 1} ]".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(OtherKind::of(&utf16), Some(OtherKind::Json));
        for (text, kind) in [
            ("[\n {\"a\": 1}]", Some(OtherKind::Json)),
            ("{\"a\": 1}\n{\"a\": 2}", Some(OtherKind::Json)),
            ("\u{feff}{ \"rows\": [] }", Some(OtherKind::Json)),
            ("[姓名],[性别]\n王,男\n", None),
            ("{姓名},{性别}\n王,男\n", None),
            ("<?xml version=\"1.0\"?>\n<persons><p/></persons>", Some(OtherKind::Xml)),
            (
                "<?xml version=\"1.0\"?>\n<office:document office:version=\"1.3\">",
                Some(OtherKind::FlatOpenDocument),
            ),
            ("%PDF-1.4", Some(OtherKind::Pdf)),
            ("{\\rtf1", Some(OtherKind::Document)),
            ("-- dump\nINSERT INTO `person` VALUES (1);\n", Some(OtherKind::SqlScript)),
            ("name       code\n---------- ----------\nx          1\n", Some(OtherKind::DrawnTable)),
            (" name | code\n------+------\n x    | 1\n", Some(OtherKind::DrawnTable)),
            ("+------+------+\n| name | code |\n", Some(OtherKind::DrawnTable)),
            ("name,code\n-,-\nx,1\n", None),
            ("name\tcode\n--\t--\n", None),
            ("copy,insert into\n1,2\n", None),
            ("", None),
        ] {
            assert_eq!(OtherKind::of(text.as_bytes()), kind, "{text}");
        }
        assert!(is_archive(b"Rar!\x1a\x07") && !is_archive(b"name,code"));
    }
}
