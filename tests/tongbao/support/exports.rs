//! Generated records as the files that offices export.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use super::defects::UNITS;
use super::naive::Record;
use super::registers::row;

pub type Rows = Vec<Vec<Option<String>>>;

pub const PERSON: [&str; 14] = [
    "id",
    "village_code",
    "name",
    "sex",
    "residence_address",
    "household_place",
    "id_number",
    "birth_date",
    "ethnicity",
    "marital_status",
    "hukou_type",
    "document_type",
    "registered_at",
    "updated_at",
];
pub const UNIT: [&str; 4] = ["code", "name", "kind", "parent"];
pub const ROSTER: [&str; 2] = ["unit", "id_number"];

/// Column of the ID number, the birth date and the registration time.
pub const ID_NUMBER: usize = 6;
pub const BIRTH_DATE: usize = 7;
pub const REGISTERED_AT: usize = 12;

/// The three lists, as the databases of the other tests hold them.
pub struct Lists {
    pub people: Rows,
    pub units: Rows,
    pub roster: Rows,
}

impl Lists {
    pub fn of(records: &[Record], roster: &[(String, Option<String>)]) -> Lists {
        let people = records.iter().enumerate().map(|(i, r)| row(i, r, "2016-06-01 08:00:00")).collect();
        let some = |text: &str| Some(text.to_owned());
        let unit = |code: &&str| vec![some(code), Some(format!("{code}村")), some("村"), None];
        let roster = roster.iter().map(|(unit, id)| vec![Some(unit.clone()), id.clone()]).collect();
        Lists { people, units: UNITS.iter().map(unit).collect(), roster }
    }

    /// Each list with its name and its columns.
    pub fn all(&self) -> [(&'static str, &'static [&'static str], &Rows); 3] {
        [("person", &PERSON, &self.people), ("unit", &UNIT, &self.units), ("roster", &ROSTER, &self.roster)]
    }
}

/// A list as text lines; every other value stands in quotation marks.
pub fn csv(columns: &[&str], rows: &Rows, delimiter: char) -> String {
    let mut out = columns.join(&delimiter.to_string()) + "\r\n";
    for (i, row) in rows.iter().enumerate() {
        let field = |(j, value): (usize, &Option<String>)| {
            let text = value.as_deref().unwrap_or_default();
            let must = text.contains([delimiter, '"', '\n', '\r']);
            match must || (i + j) % 2 == 0 {
                true => format!("\"{}\"", text.replace('"', "\"\"")),
                false => text.to_owned(),
            }
        };
        let fields: Vec<String> = row.iter().enumerate().map(field).collect();
        out += &fields.join(&delimiter.to_string());
        out += "\r\n";
    }
    out
}

/// Writes each list as a file of its own; `encode` turns text into bytes.
pub fn write_csv(dir: &Path, lists: &Lists, delimiter: char, encode: impl Fn(&str) -> Vec<u8>) {
    for (name, columns, rows) in lists.all() {
        std::fs::write(dir.join(format!("{name}.csv")), encode(&csv(columns, rows, delimiter))).unwrap();
    }
}

/// How a value goes into a cell: row, column, which column of the register it is, text.
pub type Cell = fn(&mut Worksheet, u32, u16, usize, &str);

/// Writes one workbook with a sheet for each list.
pub fn write_workbook(path: &Path, lists: &Lists, cell: Cell) {
    let mut book = Workbook::new();
    for (name, columns, rows) in lists.all() {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (column, name) in columns.iter().enumerate() {
            sheet.write_string(0, column as u16, *name).unwrap();
        }
        for (i, row) in rows.iter().enumerate() {
            for (column, value) in row.iter().enumerate() {
                if let Some(text) = value.as_deref().filter(|text| !text.is_empty()) {
                    let place = match (name, column) {
                        ("person", column) => column,
                        ("roster", 1) => ID_NUMBER,
                        _ => usize::MAX,
                    };
                    cell(sheet, i as u32 + 1, column as u16, place, text);
                }
            }
        }
    }
    book.save(path).unwrap();
}

/// Every value as text.
pub fn as_text(sheet: &mut Worksheet, row: u32, column: u16, _place: usize, text: &str) {
    sheet.write_string(row, column, text).unwrap();
}

/// Dates, times and whole numbers as what they are; ID numbers as text.
pub fn as_typed(sheet: &mut Worksheet, row: u32, column: u16, place: usize, text: &str) {
    let date = |format: &str| Format::new().set_num_format(format);
    let is_date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    if place == BIRTH_DATE && is_date {
        let value = ExcelDateTime::parse_from_str(text).unwrap();
        sheet.write_datetime_with_format(row, column, value, &date("yyyy-mm-dd")).unwrap();
    } else if place == REGISTERED_AT {
        let value = ExcelDateTime::parse_from_str(text).unwrap();
        sheet.write_datetime_with_format(row, column, value, &date("yyyy/m/d h:mm")).unwrap();
    } else if place != ID_NUMBER && !text.starts_with('0') && text.parse::<u64>().is_ok() {
        sheet.write_number(row, column, text.parse::<f64>().unwrap()).unwrap();
    } else {
        sheet.write_string(row, column, text).unwrap();
    }
}

/// Rows of a row group: enough lists have several.
const GROUP: usize = 200;

/// Writes each list as a Parquet file of its own, every value as text.
pub fn write_parquet(dir: &Path, lists: &Lists, compression: Compression) {
    for (name, columns, rows) in lists.all() {
        let file = File::create(dir.join(format!("{name}.parquet"))).unwrap();
        let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
        let mut writer = SerializedFileWriter::new(file, schema(columns), properties).unwrap();
        for rows in rows.chunks(GROUP) {
            let mut group = writer.next_row_group().unwrap();
            for column in 0..columns.len() {
                let values = || rows.iter().map(|row| row[column].as_deref());
                let filled: Vec<ByteArray> =
                    values().flatten().map(|text| ByteArray::from(text.as_bytes().to_vec())).collect();
                let levels: Vec<i16> = values().map(|value| i16::from(value.is_some())).collect();
                let mut column = group.next_column().unwrap().unwrap();
                column.typed::<ByteArrayType>().write_batch(&filled, Some(&levels), None).unwrap();
                column.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.close().unwrap();
    }
}

fn schema(columns: &[&str]) -> TypePtr {
    let text = |name: &&str| {
        let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String));
        Arc::new(text.build().unwrap())
    };
    let fields = columns.iter().map(text).collect();
    Arc::new(Type::group_type_builder("export").with_fields(fields).build().unwrap())
}

/// The configuration for lists in files of their own.
pub fn configuration(dir: &Path, extension: &str, state: &Path) -> String {
    let file = |name: &str| format!("file:{}", dir.join(format!("{name}.{extension}")).display());
    super::setting::configuration(&file("person"), state)
        .replace("table = \"person\"\n", "")
        .replace("table = \"unit\"", &format!("url = \"{}\"", file("unit")))
        .replace("table = \"roster\"", &format!("url = \"{}\"", file("roster")))
}

pub fn folder() -> PathBuf {
    tempfile::tempdir().unwrap().keep()
}
