//! What a file is, from its bytes and not from its name.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use tongbao_message::{Message, Worded, foreign, message};

use encoding_rs::DecoderResult;
use sha2::{Digest, Sha256};

use super::archive;
use super::error::FileError;
use super::foreign::Kind;
use super::other_kind::{OtherKind, is_archive};
use tongbao_base::digest::hex;
use tongbao_config::settings::{Encoding, FileForm};

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
    Delimited(Delimited),
    /// .xlsx.
    Workbook,
    /// What a process of its own reads.
    Foreign(Kind),
    Parquet,
}

impl FileFormat {
    /// Whether it has sheets.
    pub(crate) fn is_book(self) -> bool {
        matches!(self, FileFormat::Workbook | FileFormat::Foreign(_))
    }
}

/// A table of text lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delimited {
    pub encoding: Encoding,
    pub delimiter: u8,
}

impl Worded for FileFormat {
    fn message(&self) -> Message {
        match self {
            FileFormat::Workbook => message!("format-workbook"),
            FileFormat::Foreign(kind) => foreign(&crate::TEXTS, kind.name()),
            FileFormat::Parquet => message!("format-parquet"),
            FileFormat::Delimited(Delimited { encoding, delimiter }) => {
                let delimiter = match delimiter {
                    b'\t' => message!("format-tab"),
                    other => Message::text(format!("\"{}\"", char::from(*other))),
                };
                message!("format-csv", encoding = encoding.name(), delimiter)
            }
        }
    }
}

/// What is known of a file before its rows are read.
#[derive(Debug, Clone)]
pub(super) struct FileSurvey {
    pub format: FileFormat,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// Whether a sheet of a workbook may have merged cells.
    pub has_merged: bool,
    /// Rows of a workbook's sheets that have cells and are hidden.
    pub hidden_rows: u64,
}

/// Bytes that tell the delimiter.
const HEAD: usize = 64 << 10;

/// Reads a file once and tells what it is.
pub(super) fn survey(path: &str, form: &FileForm) -> Result<FileSurvey, FileError> {
    let failed = |reason| FileError::Read { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(failed)?;
    let mut head = Vec::new();
    (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
    if head.is_empty() {
        return Err(FileError::Empty { path: path.to_owned() });
    }
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut hasher = Hashing { from: BufReader::new(file), hasher: Sha256::new() };
    let mut format = match head.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => FileFormat::Parquet,
        [b'P', b'K', 3 | 5, ..] => FileFormat::Workbook,
        head => match Kind::of(head, path) {
            Some(kind) => FileFormat::Foreign(kind),
            None => {
                must_be_table(path, head)?;
                delimited(path, head, form, &mut hasher)?
            }
        },
    };
    std::io::copy(&mut hasher, &mut std::io::sink()).map_err(failed)?;
    let (mut has_merged, mut hidden_rows) = (false, 0);
    if format == FileFormat::Workbook {
        let archive = archive::verify(path)?;
        (has_merged, hidden_rows) = (archive.has_merged, archive.hidden_rows);
        format = archive.kind.map_or(format, FileFormat::Foreign);
    }
    Ok(FileSurvey { format, sha256: hex(&hasher.hasher.finalize()), has_merged, hidden_rows })
}

/// Refuses what is no table of text by what it is, before its bytes make some other message.
fn must_be_table(path: &str, head: &[u8]) -> Result<(), FileError> {
    if is_archive(head) {
        return Err(FileError::Archive { path: path.to_owned() });
    }
    match OtherKind::of(head) {
        Some(kind) => Err(FileError::OtherKind { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Hashes whatever is read through it.
struct Hashing {
    from: BufReader<File>,
    hasher: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

fn delimited(path: &str, head: &[u8], form: &FileForm, whole: &mut Hashing) -> Result<FileFormat, FileError> {
    let encoding = encoding(path, head, form.encoding, whole)?;
    let delimiter = form.delimiter.unwrap_or_else(|| delimiter(&decoder(encoding).decode_head(head)));
    Ok(FileFormat::Delimited(Delimited { encoding, delimiter }))
}

/// The configured encoding, else that of the byte-order mark, else UTF-8 if all bytes are, else
/// GB18030.
fn encoding(
    path: &str,
    head: &[u8],
    configured: Option<Encoding>,
    whole: &mut Hashing,
) -> Result<Encoding, FileError> {
    let mark = match head {
        [0xEF, 0xBB, 0xBF, ..] => Some(Encoding::Utf8),
        [0xFF, 0xFE, ..] => Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => Some(Encoding::Utf16Be),
        _ => None,
    };
    let failed = |reason| FileError::Read { path: path.to_owned(), reason };
    let wrong = |line, encoding: Encoding, remedy| FileError::Encoding {
        path: path.to_owned(),
        line,
        encoding: encoding.name(),
        remedy,
    };
    match (configured, mark) {
        (Some(asked), Some(mark)) if asked.name() != mark.name() => Err(FileError::OtherEncoding {
            path: path.to_owned(),
            found: mark.name(),
            encoding: asked.name(),
        }),
        (Some(Encoding::Gb18030), None) if is_surely_utf8(path).map_err(failed)? => {
            let (found, encoding) = (Encoding::Utf8.name(), Encoding::Gb18030.name());
            Err(FileError::OtherEncoding { path: path.to_owned(), found, encoding })
        }
        (Some(asked), mark) => {
            let asked = mark.unwrap_or(asked);
            let read = scan(asked, whole).map_err(failed)?;
            if let Some(line) = read.wrong {
                return Err(wrong(line, asked, message!("set-encoding")));
            }
            Ok(asked)
        }
        (None, Some(mark)) => {
            let read = scan(mark, whole).map_err(failed)?;
            match read.wrong {
                Some(line) => Err(wrong(line, mark, message!("says-byte-order-mark"))),
                None => Ok(mark),
            }
        }
        (None, None) if head.contains(&0) => {
            let remedy = message!("zero-bytes");
            Err(wrong(1, Encoding::Utf8, remedy))
        }
        (None, None) => {
            let utf8 = scan(Encoding::Utf8, whole).map_err(failed)?;
            let Some(damaged) = utf8.wrong else { return Ok(Encoding::Utf8) };
            // What another encoding would make of the rest is no text, even if all its bytes meant something.
            if utf8.wide >= NO_ACCIDENT {
                let remedy = message!("utf8-up-to-there");
                return Err(wrong(damaged, Encoding::Utf8, remedy));
            }
            let mut file = File::open(path).map_err(failed)?;
            match scan(Encoding::Gb18030, &mut file).map_err(failed)?.wrong {
                None if is_rather_big5(head) => Err(FileError::Big5 { path: path.to_owned() }),
                None => Ok(Encoding::Gb18030),
                Some(line) if line < damaged => {
                    Err(wrong(damaged, Encoding::Utf8, message!("damaged-bytes")))
                }
                Some(line) => Err(wrong(line, Encoding::Gb18030, message!("neither-utf8-nor-gb18030"))),
            }
        }
    }
}

/// Characters that lists of persons are full of, in both scripts.
const FREQUENT: &str = "的省市县縣区區村街道路号號姓名性别別出生日期民族汉漢男女年月单位單址证證件";

/// Whether the beginning of a text says more in Big5 than in GB18030. Nearly all bytes of the one mean
/// something in the other.
fn is_rather_big5(head: &[u8]) -> bool {
    let frequent = |encoding: &'static encoding_rs::Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(head);
        text.chars().filter(|c| FREQUENT.contains(*c)).count()
    };
    frequent(encoding_rs::BIG5) > 2 * frequent(encoding_rs::GB18030) + 4
}

/// What a whole file is like in an encoding.
struct Scan {
    /// The line of the first bytes that mean nothing.
    wrong: Option<u64>,
    /// Bytes of text that are no ASCII.
    wide: usize,
}

/// So many bytes of Chinese that make sense as UTF-8 are no accident.
const NO_ACCIDENT: usize = 60;

fn is_surely_utf8(path: &str) -> std::io::Result<bool> {
    let read = scan(Encoding::Utf8, &mut File::open(path)?)?;
    Ok(read.wrong.is_none() && read.wide >= NO_ACCIDENT)
}

/// Decodes everything and keeps nothing.
fn scan(encoding: Encoding, from: &mut impl Read) -> std::io::Result<Scan> {
    let mut decoder = decoder(encoding);
    let (mut buffer, mut line, mut wide) = (vec![0u8; 64 << 10], 1u64, 0);
    loop {
        let read = from.read(&mut buffer)?;
        let decoded = decoder.decode(&buffer[..read], read == 0);
        let text = match decoded {
            Ok(text) | Err(text) => text,
        };
        line += text.iter().filter(|byte| **byte == b'\n').count() as u64;
        wide += text.iter().filter(|byte| !byte.is_ascii()).count();
        match decoded {
            Err(_) => return Ok(Scan { wrong: Some(line), wide }),
            Ok(_) if read == 0 => return Ok(Scan { wrong: None, wide }),
            Ok(_) => {}
        }
    }
}

/// A decoder that takes a byte-order mark for what it is.
pub(super) fn decoder(encoding: Encoding) -> Decoder {
    let encoding = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
        Encoding::Gb18030 => encoding_rs::GB18030,
    };
    Decoder { decoder: encoding.new_decoder_with_bom_removal(), text: Vec::new() }
}

/// Turns bytes into UTF-8 piece by piece.
pub(super) struct Decoder {
    decoder: encoding_rs::Decoder,
    text: Vec<u8>,
}

impl Decoder {
    /// The text of the next bytes; `Err` with the text before the first bytes that mean nothing.
    pub(super) fn decode(&mut self, bytes: &[u8], is_last: bool) -> Result<&[u8], &[u8]> {
        // What a piece can become at most; a length that overflows cannot have been read.
        let room = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0);
        self.text.resize(room, 0);
        let (result, _, written) =
            self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, is_last);
        match result {
            DecoderResult::InputEmpty => Ok(&self.text[..written]),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => Err(&self.text[..written]),
        }
    }

    /// The beginning of a text, whatever it is.
    fn decode_head(&mut self, head: &[u8]) -> String {
        let mut text = String::with_capacity(head.len() * 3 + 16);
        // What does not fit is not looked at; bad bytes are told by the scan.
        let _ = self.decoder.decode_to_string(head, &mut text, false);
        text
    }
}

/// The mark that the first lines have most of, outside quotation marks.
fn delimiter(head: &str) -> u8 {
    let mut quoted = false;
    let (mut counts, mut lines) = ([0usize; 4], 0);
    for c in head.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\n' => lines += 1,
            ',' => counts[0] += 1,
            ';' => counts[1] += 1,
            '\t' => counts[2] += 1,
            // Of bulk exports: bcp, psql, unload.
            '|' => counts[3] += 1,
            _ => {}
        }
        if lines == 10 {
            break;
        }
    }
    // The comma wins where there is nothing to tell by.
    let best = (0..4).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    [b',', b';', b'\t', b'|'][best]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big5_is_told_from_gb18030() {
        let text = "單位代碼,姓名,性別,出生日期\n440118001201,王小明,男,廣東省廣州市\n";
        assert!(is_rather_big5(&encoding_rs::BIG5.encode(text).0));
        assert!(!is_rather_big5(&encoding_rs::GB18030.encode(text).0));
        let text = "单位代码,姓名,性别,出生日期\n440118001201,王小明,男,广东省广州市\n";
        assert!(!is_rather_big5(&encoding_rs::GB18030.encode(text).0));
    }

    #[test]
    fn the_delimiter_is_what_the_lines_have_most_of() {
        assert_eq!(delimiter("a,b;c,d\n"), b',');
        assert_eq!(delimiter("title\n\"a,b,c,d\";x;y\n"), b';');
        assert_eq!(delimiter("a\tb, c\td\n"), b'\t');
        assert_eq!(delimiter("a|b, c|d\n"), b'|');
        assert_eq!(delimiter("one column\n"), b',');
    }
}
