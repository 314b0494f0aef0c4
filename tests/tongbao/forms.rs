//! Forms of files: each gives the figures of the same register in SQLite.

use std::path::{Path, PathBuf};

use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataWriter};
use parquet::file::reader::{FileReader, SerializedFileReader};
use tongbao::config::settings::DatabaseUrl;
use tongbao::source::sample::{SamplePlan, fill};

use crate::files::{block, figures, gb18030, in_csv, lists, parse, problem, says, sqlite, utf8};
use crate::support::{archive, exports, setting};

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn csv_gives_the_same_json_in_every_encoding_and_with_every_delimiter() {
    let lists = lists(2016, 1_500);
    let expected = sqlite(&lists);
    assert!(expected["totals"]["records"].as_u64().unwrap() > 500);
    assert_eq!(figures(in_csv(&lists, ',', utf8)).unwrap(), expected);
    assert_eq!(figures(in_csv(&lists, ';', |text| utf8(&format!("\u{feff}{text}")))).unwrap(), expected);
    assert_eq!(figures(in_csv(&lists, '\t', gb18030)).unwrap(), expected);
    assert_eq!(figures(in_csv(&lists, ',', utf16)).unwrap(), expected);
    let big_endian = |text: &str| -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
    };
    assert_eq!(figures(in_csv(&lists, ',', big_endian)).unwrap(), expected);
    let mut settings = in_csv(&lists, '|', utf8);
    settings.source.files.delimiter = Some(b'|');
    for from in [&mut settings.source.units.from, &mut settings.source.rosters[0].from] {
        from.files.delimiter = Some(b'|');
    }
    assert_eq!(figures(settings).unwrap(), expected);
}

#[test]
fn workbooks_give_the_same_json_with_texts_and_with_dates_and_numbers() {
    let lists = lists(17, 800);
    let expected = sqlite(&lists);
    for cell in [exports::as_text as exports::Cell, exports::as_typed] {
        let dir = exports::folder();
        let book = dir.join("export.xlsx");
        exports::write_workbook(&book, &lists, cell);
        let settings = setting::settings(&format!("file:{}", book.display()), &dir);
        assert_eq!(figures(settings).unwrap(), expected);
    }
}

/// What a spreadsheet has damaged is malformed: not blank, and never guessed.
#[test]
fn id_numbers_kept_as_numbers_count_as_malformed() {
    let mut lists = lists(5, 400);
    let book = exports::folder().join("export.xlsx");
    let damage = |sheet: &mut rust_xlsxwriter::Worksheet, row, column, place: usize, text: &str| {
        let number = text.parse::<f64>().ok().filter(|n| *n > 1e14 && place == exports::ID_NUMBER);
        match number {
            Some(number) => sheet.write_number(row, column, number).map(|_| ()).unwrap(),
            None => exports::as_text(sheet, row, column, place, text),
        }
    };
    exports::write_workbook(&book, &lists, damage);
    let mut damaged = 0;
    let people = lists.people.iter_mut().map(|row| &mut row[exports::ID_NUMBER]);
    for id in people.chain(lists.roster.iter_mut().map(|row| &mut row[1])) {
        let number = id.as_deref().and_then(|text| text.parse::<f64>().ok());
        if let Some(number) = number.filter(|number| *number > 1e14) {
            damaged += 1;
            let text = format!("{number:.5E}");
            let (mantissa, power) = text.split_once('E').unwrap();
            *id = Some(format!("{}E+{power}", mantissa.trim_end_matches('0').trim_end_matches('.')));
        }
    }
    assert!(damaged > 100);
    let settings = setting::settings(&format!("file:{}", book.display()), &exports::folder());
    assert_eq!(figures(settings).unwrap(), sqlite(&lists));
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tongbao/fixtures/export")
}

/// The figures of a folder's lists in files of their own.
fn of_files(folder: &Path, extension: &str) -> serde_json::Value {
    figures(parse(&exports::configuration(folder, extension, &exports::folder()))).unwrap()
}

/// One with a password (written by msoffcrypto), and others that are not what they seem.
#[test]
fn workbooks_that_cannot_be_read_are_told_by_what_they_are() {
    let dir = exports::folder();
    // The program itself reads them in a process of its own.
    let refused = |path: &Path| {
        setting::write(&dir, &setting::configuration(&format!("file:{}", path.display()), &dir));
        let output = setting::tongbao(&dir, &["--config", "tongbao.toml", "rates"]);
        assert_eq!(output.status.code(), Some(1), "{}", setting::stderr(&output));
        setting::stderr(&output)
    };
    let locked = fixtures().join("password.xlsx");
    says(&refused(&locked), &["password.xlsx has a password", "take the password away"]);
    let old = dir.join("export.xls");
    std::fs::write(&old, [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 600]].concat())
        .unwrap();
    says(&refused(&old), &["export.xls is damaged or no workbook (.xls)", "save it again"]);
    std::fs::write(&old, [9, 4, 6, 0, 0, 0, 16, 0, 0, 0]).unwrap();
    says(&refused(&old), &["export.xls is a workbook of a program older than Excel 97"]);
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let open = archive::pack([("mimetype", kind.as_bytes()), ("content.xml", b"<x/>")].into_iter());
    std::fs::write(dir.join("export.xlsx"), open).unwrap();
    says(&refused(&dir.join("export.xlsx")), &["export.xlsx is damaged or no workbook (.ods)"]);
}

/// Written by pyarrow: dates, instants in UTC, whole numbers and dictionaries, compressed with Snappy;
/// the CSV files beside it have the same content as text.
#[test]
fn parquet_gives_the_same_json_as_text() {
    let text = of_files(&fixtures(), "csv");
    assert!(text["totals"]["records"].as_u64().unwrap() > 100);
    assert_eq!(of_files(&fixtures(), "parquet"), text);
    let dir = exports::folder();
    let whole = std::fs::read(fixtures().join("person.parquet")).unwrap();
    exports::write_csv(&dir, &lists(3, 50), ',', utf8);
    let damaged = exports::configuration(&dir, "csv", &dir).replace("person.csv", "person.parquet");
    std::fs::write(dir.join("person.parquet"), &whole[..whole.len() / 2]).unwrap();
    says(&problem(parse(&damaged)), &["person.parquet is damaged or no Parquet"]);
    std::fs::write(dir.join("person.parquet"), &whole).unwrap();
    let other = damaged.replace("unit = \"village_code\"", "unit = \"vilage_code\"");
    says(&problem(parse(&other)), &["\"vilage_code\"; did you mean \"village_code\"?"]);
}

#[test]
fn parquet_gives_the_same_json_with_every_compression() {
    let lists = lists(41, 700);
    let expected = sqlite(&lists);
    let compressions = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ];
    for compression in compressions {
        let dir = exports::folder();
        exports::write_parquet(&dir, &lists, compression);
        let settings = parse(&exports::configuration(&dir, "parquet", &dir));
        assert_eq!(figures(settings).unwrap(), expected, "{compression}");
    }
}

/// Rewrites the footer of a Parquet file, with another name for the compression of a column.
fn rename_compression(path: &Path, column: &str, compression: Compression) {
    let bytes = std::fs::read(path).unwrap();
    let metadata = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap().metadata().clone();
    let (length, _) = bytes[bytes.len() - 8..].split_first_chunk::<4>().unwrap();
    let mut out = bytes[..bytes.len() - 8 - u32::from_le_bytes(*length) as usize].to_vec();
    let groups = metadata.row_groups().iter().map(|group| {
        let rename = |chunk: &ColumnChunkMetaData| match chunk.column_path().string() == column {
            true => chunk.clone().into_builder().set_compression(compression).build().unwrap(),
            false => chunk.clone(),
        };
        let columns = group.columns().iter().map(rename).collect();
        group.clone().into_builder().set_column_metadata(columns).build().unwrap()
    });
    let metadata = ParquetMetaData::new(metadata.file_metadata().clone(), groups.collect());
    ParquetMetaDataWriter::new(&mut out, &metadata).finish().unwrap();
    std::fs::write(path, out).unwrap();
}

#[test]
fn an_unread_compression_of_parquet_is_named() {
    let lists = lists(3, 50);
    for (compression, name) in
        [(Compression::BROTLI(Default::default()), "Brotli"), (Compression::LZO, "LZO")]
    {
        let dir = exports::folder();
        exports::write_parquet(&dir, &lists, Compression::SNAPPY);
        let settings = parse(&exports::configuration(&dir, "parquet", &dir));
        // A column that nobody reads may be packed as it likes.
        rename_compression(&dir.join("person.parquet"), "updated_at", compression);
        assert_eq!(figures(settings.clone()).unwrap(), sqlite(&lists));
        rename_compression(&dir.join("person.parquet"), "id_number", compression);
        let message = problem(settings);
        says(&message, &["person.parquet is compressed with", name, "Snappy, zstd, gzip or LZ4"]);
    }
}

#[test]
fn a_sample_is_the_same_in_files_and_never_overwritten() {
    let dir = exports::folder();
    let plan = SamplePlan { persons: 1_000, defects: 0.3, ..SamplePlan::default() };
    let url = DatabaseUrl::new(format!("sqlite:{}", dir.join("register.db").display()));
    block(fill(&url, &plan, |_| {})).unwrap();
    let folder = DatabaseUrl::new(format!("file:{}", dir.display()));
    block(fill(&folder, &plan, |_| {})).unwrap();
    let expected = figures(setting::settings(url.expose(), &dir)).unwrap();
    assert_eq!(figures(parse(&exports::configuration(&dir, "csv", &dir))).unwrap(), expected);
    let again = block(fill(&folder, &plan, |_| {})).unwrap_err().to_string();
    says(&again, &["unit.csv cannot be written", "exists"]);
}
