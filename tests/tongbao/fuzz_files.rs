//! Files may hold anything too: no bytes make a reader panic, and of a text every record is either read,
//! as a simple reader of whole files reads it, or the file is refused.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use parquet::basic::Compression;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tokio::time::Instant;
use tongbao::config::settings::{Dataset, Encoding, FileForm, Take};
use tongbao::register::text::trim_text;
use tongbao::source::{OpenFiles, RequestedColumn, SourceError};

use crate::files::{gb18030, lists};
use crate::forms::fixtures;
use crate::fuzz::fuzz;
use crate::support::{archive, exports};

/// The values of the asked columns, row by row.
type Rows = Vec<Vec<Option<Vec<u8>>>>;

const ASKED: [&str; 2] = ["unit", "id_number"];
/// Rows of the archives.
const ROWS: usize = 12;

/// What the program reads of a file.
fn read(path: &Path, form: &FileForm, asked: &[&str]) -> Result<Rows, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asked: Vec<RequestedColumn<'_>> = asked.iter().map(|name| RequestedColumn::id_number(name)).collect();
    runtime.block_on(async {
        let files = OpenFiles::open(path.to_str().unwrap(), form, &BTreeMap::new()).await?;
        let mut rows = Rows::new();
        let mut each = |values: &[Option<&[u8]>]| {
            rows.push(values.iter().map(|value| value.map(<[u8]>::to_vec)).collect());
            Ok(())
        };
        let late = Instant::now() + Duration::from_secs(60);
        files.rows("source.roster", &Dataset::Only, &asked, late, &mut each)?;
        Ok(rows)
    })
}

fn form(encoding: Option<Encoding>, delimiter: Option<u8>) -> FileForm {
    FileForm { take: Take::Newest, encoding, delimiter, ..FileForm::default() }
}

/// Every error names the file.
fn assert_named(error: &SourceError, name: &str) {
    let message = error.to_string();
    assert!(message.contains(name), "{message}");
}

/// Records of a text as RFC 4180 has them, a quotation mark within an unquoted field being text like any
/// other; `None` where one is left open.
fn records(text: &str, delimiter: char) -> Option<Vec<Vec<String>>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut begun, mut plain) = (false, false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted => (quoted, plain) = (false, true),
            _ if quoted => field.push(c),
            '"' if !plain => quoted = true,
            '\r' | '\n' if !begun => continue,
            '\r' | '\n' => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
                (begun, plain) = (false, false);
                continue;
            }
            c if c == delimiter => {
                record.push(std::mem::take(&mut field));
                plain = false;
            }
            c => {
                field.push(c);
                plain = true;
            }
        }
        begun = true;
    }
    if begun {
        record.push(field);
        records.push(record);
    }
    (!quoted).then_some(records)
}

/// The values below the first row that has all asked columns; `None` where the file must be refused.
fn expected(text: &str, delimiter: char) -> Option<Rows> {
    let text = text.trim_start_matches(['\r', '\n']);
    let records = records(text.strip_prefix('\u{feff}').unwrap_or(text), delimiter)?;
    let is_blank = |record: &Vec<String>| record.iter().all(|field| trim_text(field).is_empty());
    let name = |field: &String| -> String {
        field.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').collect()
    };
    let mut header: Option<(usize, Vec<usize>)> = None;
    let (mut rows, mut above) = (Rows::new(), 0);
    for record in records {
        let Some((width, columns)) = &header else {
            if is_blank(&record) {
                continue;
            }
            let names: Vec<String> = record.iter().map(name).collect();
            let places = ASKED.map(|asked| {
                let is_same = |at: &usize| names[*at].eq_ignore_ascii_case(asked);
                (0..names.len()).filter(is_same).collect::<Vec<_>>()
            });
            if places.iter().all(|places| !places.is_empty()) {
                let only: Option<Vec<usize>> =
                    places.iter().map(|places| (places.len() == 1).then_some(places[0])).collect();
                header = Some((record.len(), only?));
            } else {
                above += 1;
                if above == 10 {
                    return None;
                }
            }
            continue;
        };
        let surplus = record.get(*width..);
        let fits = match surplus {
            Some(surplus) => surplus.iter().all(String::is_empty),
            None => record.iter().all(String::is_empty),
        };
        if !fits {
            return None;
        }
        // Both columns at other places: what follows would be read wrongly.
        let is_elsewhere = |(asked, at): (&&str, &usize)| {
            let mut named =
                record.iter().map(name).enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(asked));
            named.clone().count() > 0 && named.all(|(place, _)| place != *at)
        };
        if ASKED.iter().zip(columns).all(is_elsewhere) {
            return None;
        }
        if !is_blank(&record) {
            rows.push(columns.iter().map(|at| Some(record[*at].clone().into_bytes())).collect());
        }
    }
    header.is_some().then_some(rows)
}

/// Whether the bytes are taken for something else than a table of text.
fn is_other_form(bytes: &[u8]) -> bool {
    let begins = |mark: &[u8]| bytes.starts_with(mark);
    let start: Vec<u8> = bytes.iter().filter(|b| b.is_ascii() && !b.is_ascii_whitespace()).copied().collect();
    let is_tag = start.starts_with(b"<");
    begins(b"PAR1") || begins(b"PK\x03") || begins(b"PK\x05") || begins(&[0xD0, 0xCF, 0x11, 0xE0]) || is_tag
}

#[test]
fn delimited_text() {
    let lists = lists(3, 12);
    let texts = [',', ';', '\t'].map(|delimiter| exports::csv(&exports::ROSTER, &lists.roster, delimiter));
    let mut corpus: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    corpus.push(gb18030(&format!("登记表\r\n\r\n{}", texts[0])));
    corpus.push(texts[1].encode_utf16().flat_map(u16::to_le_bytes).collect());
    corpus.push(b"\xef\xbb\xbfUnit ,\"id_\r\nnumber\",x\n1,\"a\"\"b\",\n,,\n2,\"c\nd\",e,,\n".to_vec());
    let words = [
        ",",
        ";",
        "\t",
        "\"",
        "\"\"",
        "\r\n",
        "\n",
        "\r",
        ",,",
        "unit",
        "id_number",
        "\u{feff}",
        "\u{1e}",
        "\u{3000}",
        "\n\u{1e}\n",
        "x\n",
    ];
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roster.csv");
    fuzz("delimited text", corpus, &words, |input| {
        std::fs::write(&path, input).unwrap();
        let delimiter = [b',', b';', b'\t', b'|'][input.len() % 4];
        let utf8 = std::str::from_utf8(input).ok();
        for encoding in [None, Some(Encoding::Utf8), Some(Encoding::Utf16Le), Some(Encoding::Gb18030)] {
            let read = read(&path, &form(encoding, Some(delimiter)), &ASKED);
            if let Err(error) = &read {
                assert_named(error, "roster.csv");
            }
            let text = match (encoding, utf8) {
                (Some(Encoding::Utf8), text) => text,
                // Zero bytes are told to be UTF-16, and a byte-order mark decides.
                (None, Some(text)) if !input.contains(&0) => Some(text),
                _ => None,
            };
            let is_told = text.is_some() && !is_other_form(input) && !input.is_empty();
            let text = text.unwrap_or_default();
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            if is_told {
                let expected = expected(text, char::from(delimiter));
                assert_eq!(read.as_ref().ok(), expected.as_ref(), "{encoding:?}: {:?}", read.as_ref().err());
            }
        }
        // Detected, it is the same or refused, and never a panic.
        if let Err(error) = read(&path, &form(None, None), &ASKED) {
            assert_named(&error, "roster.csv");
        }
    });
}

/// Reads mutated parts of an archive within it, and mutated archives; the first byte says which.
fn fuzz_archive(name: &str, path: &Path, words: &[&str], whole: &[u8]) {
    let parts: Vec<(String, Vec<u8>)> = archive::unpack(whole);
    let repacked = |change: Option<(usize, &[u8])>| {
        let content = |at: usize| match change {
            Some((changed, content)) if changed == at => content,
            _ => parts[at].1.as_slice(),
        };
        archive::pack((0..parts.len()).map(|at| (parts[at].0.as_str(), content(at))))
    };
    std::fs::write(path, repacked(None)).unwrap();
    assert_eq!(read(path, &form(None, None), &ASKED).unwrap().len(), ROWS, "the archive is whole");
    let mut corpus: Vec<Vec<u8>> = parts
        .iter()
        .enumerate()
        .map(|(at, (_, content))| [&[at as u8], content.as_slice()].concat())
        .collect();
    corpus.push([&[0xFF], whole].concat());
    fuzz(name, corpus, words, |input| {
        let Some((part, content)) = input.split_first() else { return };
        let bytes = match usize::from(*part) {
            0xFF => content.to_vec(),
            part => repacked(Some((part % parts.len(), content))),
        };
        std::fs::write(path, bytes).unwrap();
        match read(path, &form(None, None), &ASKED) {
            Ok(rows) => assert!(rows.iter().all(|row| row.len() == ASKED.len())),
            Err(error) => assert_named(&error, path.file_name().unwrap().to_str().unwrap()),
        }
    });
}

const SHEET_WORDS: [&str; 16] = [
    "<c r=\"XFD1048576\" t=\"s\"><v>",
    "</v></c>",
    "<row r=\"99999999\">",
    "t=\"s\"",
    "t=\"d\"",
    "t=\"e\"",
    "s=\"4294967295\"",
    "-1",
    "1e308",
    "18446744073709551616",
    "&#0;",
    "<![CDATA[",
    "<!--",
    "<si><t>",
    "<mergeCell ref=\"A1:XFD1048576\"/>",
    "xml:space=\"preserve\"",
];

/// A workbook with [`ROWS`] rows.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (name, at) in ASKED.iter().zip(0..) {
        sheet.write_string(0, at, *name).unwrap();
    }
    for row in 1..=ROWS as u32 {
        sheet.write_number(row, 0, 440_118_001_001.0 + f64::from(row)).unwrap();
        sheet.write_string(row, 1, format!("44011819900101{row:04}")).unwrap();
        let date = ExcelDateTime::from_ymd(2016, 6, row as u8).unwrap();
        sheet.write_with_format(row, 2, &date, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn workbooks() {
    let dir = tempfile::tempdir().unwrap();
    fuzz_archive("workbook", &dir.path().join("roster.xlsx"), &SHEET_WORDS, &workbook());
}

/// A row as wide as such a cell says would take forty gigabytes.
#[test]
fn a_cell_beyond_the_last_column_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roster.xlsx");
    let parts = archive::unpack(&workbook());
    for column in ["XFE", "ZZZZZZ"] {
        let moved = parts.iter().map(|(name, part)| {
            if !name.ends_with("sheet1.xml") {
                return (name.as_str(), part.clone());
            }
            let text = String::from_utf8(part.clone()).unwrap();
            assert!(text.contains("r=\"B2\""));
            (name.as_str(), text.replace("r=\"B2\"", &format!("r=\"{column}2\"")).into_bytes())
        });
        let moved: Vec<(&str, Vec<u8>)> = moved.collect();
        let whole = archive::pack(moved.iter().map(|(name, part)| (*name, part.as_slice())));
        std::fs::write(&path, whole).unwrap();
        let error = read(&path, &form(None, None), &ASKED).unwrap_err().to_string();
        assert!(error.contains("beyond XFD"), "{error}");
    }
}

#[test]
fn parquet_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut corpus = vec![std::fs::read(fixtures().join("roster.parquet")).unwrap()];
    let mut lists = lists(3, 12);
    lists.roster.truncate(ROWS);
    for compression in [Compression::UNCOMPRESSED, Compression::ZSTD(Default::default()), Compression::LZ4] {
        exports::write_parquet(dir.path(), &lists, compression);
        corpus.push(std::fs::read(dir.path().join("roster.parquet")).unwrap());
    }
    let path = dir.path().join("roster.parquet");
    fuzz("Parquet", corpus, &["PAR1", "\0\0\0\0", "\x15", "\x19\x2c", "\u{7f}\u{7f}", "unit"], |input| {
        std::fs::write(&path, input).unwrap();
        match read(&path, &form(None, None), &ASKED) {
            Ok(rows) => assert!(rows.iter().all(|row| row.len() == ASKED.len())),
            Err(error) => assert_named(&error, "roster.parquet"),
        }
    });
}
