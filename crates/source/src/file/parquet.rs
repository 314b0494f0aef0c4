//! Parquet, row by row, of the asked columns alone.

use std::fs::File;
use std::sync::Arc;

use parquet::basic::{CompressionCodec, LogicalType, TimeUnit};
use parquet::column::page::Page;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use tokio::time::Instant;

use super::containment::{contained, contradiction};
use super::error::FileError;
use super::table::{Extent, FileCell, missing, places, written};
use crate::SourceError;
use crate::statements::{EachRow, RequestedColumn};

/// How messages name what is read.
const FORMAT: &str = "Parquet";
/// Rows between two looks at the clock.
const ROWS: u64 = 4_096;

/// Streams the asked columns. `Ok(None)` = out of time.
pub(super) fn read(
    path: &str,
    part: &'static str,
    asked: &[RequestedColumn<'_>],
    deadline: Instant,
    each: &mut EachRow<'_>,
) -> Result<Option<Extent>, SourceError> {
    let reader = open(path)?;
    let columns = ReadColumns::choose(path, part, reader.metadata().file_metadata().schema(), asked)?;
    if let Some(compression) = unread(reader.metadata(), &columns) {
        return Err(FileError::Compression { path: path.to_owned(), compression }.into());
    }
    contained(path, FORMAT, || sound_dictionaries(&reader, &columns))?;
    let mut rows = 0u64;
    let mut all = contained(path, FORMAT, || reader.get_row_iter(Some(columns.projection.clone())))?;
    while let Some(row) = contained(path, FORMAT, || all.next().transpose())? {
        let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        let texts: Vec<Option<String>> = columns
            .order
            .iter()
            .zip(asked)
            .map(|(at, asked)| at.and_then(|at| text(fields.get(at)?, columns.times[at], *asked)))
            .collect();
        let values: Vec<Option<&[u8]>> =
            texts.iter().map(|text| text.as_deref().map(str::as_bytes)).collect();
        each(&values)?;
        rows += 1;
        if rows.is_multiple_of(ROWS) && Instant::now() > deadline {
            return Ok(None);
        }
    }
    Ok(Some(Extent { columns: columns.width, rows, ..Extent::default() }))
}

/// The names of the columns that hold one value a row.
pub(super) fn names(path: &str) -> Result<Vec<String>, FileError> {
    let reader = open(path)?;
    let fields = reader.metadata().file_metadata().schema().get_fields();
    Ok(fields.iter().filter(|field| field.is_primitive()).map(|field| field.name().to_owned()).collect())
}

fn open(path: &str) -> Result<SerializedFileReader<File>, FileError> {
    let file = File::open(path).map_err(|reason| FileError::Read { path: path.to_owned(), reason })?;
    contained(path, FORMAT, || SerializedFileReader::new(file))
}

/// Looks whether the dictionaries of the asked columns can hold as many values as they claim: the reader
/// makes room for all of them first, and a process that asks for more memory than there is ends.
fn sound_dictionaries(
    reader: &SerializedFileReader<File>,
    columns: &ReadColumns,
) -> Result<(), ParquetError> {
    for at in 0..reader.num_row_groups() {
        let group = reader.get_row_group(at)?;
        for (place, _) in columns.chunks(group.metadata()) {
            let first = group.get_column_page_reader(place)?.get_next_page()?;
            if let Some(Page::DictionaryPage { buf, num_values, .. }) = first
                && num_values as usize > buf.len()
            {
                return Err(ParquetError::General(contradiction().to_string()));
            }
        }
    }
    Ok(())
}

/// A compression of the asked columns that is not read. Told before the first row, by its name.
fn unread(metadata: &ParquetMetaData, columns: &ReadColumns) -> Option<&'static str> {
    let chunks = metadata.row_groups().iter().flat_map(|group| columns.chunks(group));
    chunks.map(|(_, chunk)| chunk.compression_codec()).find_map(|codec| match codec {
        CompressionCodec::BROTLI => Some("Brotli"),
        CompressionCodec::LZO => Some("LZO"),
        _ => None,
    })
}

/// Which columns are read, in the file's order.
struct ReadColumns {
    projection: Type,
    /// For each asked column its place among those that are read, unless the file has none.
    order: Vec<Option<usize>>,
    times: Vec<Time>,
    width: usize,
}

/// How the values of a column of times are to be taken.
#[derive(Clone, Copy)]
struct Time {
    /// Whether they are instants, and not local times.
    is_instant: bool,
    is_nanos: bool,
}

impl ReadColumns {
    fn choose(
        path: &str,
        part: &'static str,
        schema: &Type,
        asked: &[RequestedColumn<'_>],
    ) -> Result<ReadColumns, FileError> {
        let fields = schema.get_fields();
        let names: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
        let mut wanted = Vec::new();
        for column in asked {
            match places(&names, column.name)[..] {
                _ if column.is_nothing() => wanted.push(None),
                [place] => wanted.push(Some(place)),
                [] => return Err(missing(path.to_owned(), part, 0, asked, &names)),
                _ => {
                    let (path, column) = (path.to_owned(), column.name.to_owned());
                    return Err(FileError::RepeatedColumn { path, part, column });
                }
            }
        }
        let mut read: Vec<usize> = wanted.iter().copied().flatten().collect();
        read.sort_unstable();
        read.dedup();
        let chosen: Vec<Arc<Type>> = read.iter().map(|at| fields[*at].clone()).collect();
        let times = chosen.iter().map(|field| time(field)).collect();
        let projection =
            contained(path, FORMAT, || Type::group_type_builder(schema.name()).with_fields(chosen).build())?;
        let place = |at: &Option<usize>| read.iter().position(|read| Some(*read) == *at);
        let order = wanted.iter().map(place).collect();
        Ok(ReadColumns { projection, order, times, width: names.len() })
    }

    /// Those of a row group, each with its place in it.
    fn chunks<'a>(
        &self,
        group: &'a RowGroupMetaData,
    ) -> impl Iterator<Item = (usize, &'a ColumnChunkMetaData)> {
        let is_read = |name: &String| self.projection.get_fields().iter().any(|field| field.name() == name);
        let chunks = group.columns().iter().enumerate();
        chunks.filter(move |(_, chunk)| chunk.column_path().parts().first().is_some_and(is_read))
    }
}

fn time(field: &Type) -> Time {
    match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(time)) => {
            Time { is_instant: time.is_adjusted_to_u_t_c, is_nanos: matches!(time.unit, TimeUnit::NANOS) }
        }
        // Files from before the logical types count in UTC.
        _ => Time { is_instant: is_old_timestamp(field), is_nanos: false },
    }
}

fn is_old_timestamp(field: &Type) -> bool {
    use parquet::basic::ConvertedType::{TIMESTAMP_MICROS, TIMESTAMP_MILLIS};
    matches!(field.get_basic_info().converted_type(), TIMESTAMP_MICROS | TIMESTAMP_MILLIS)
}

/// A value as text. Whole numbers are exact; those with a fraction have a spreadsheet's precision.
fn text(field: &Field, time: Time, asked: RequestedColumn<'_>) -> Option<String> {
    match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        Field::Bytes(bytes) => Some(String::from_utf8_lossy(bytes.data()).into_owned()),
        Field::Date(days) => Some(match tongbao_register::batch::date_from_days(*days) {
            Some(date) => date.to_string(),
            // Such a value is filled, but no date.
            None => "infinity".to_owned(),
        }),
        Field::TimestampMillis(millis) => Some(instant(millis.checked_mul(1_000), time)),
        Field::TimestampMicros(micros) => Some(instant(Some(*micros), time)),
        Field::Long(nanos) if time.is_nanos => Some(instant(Some(nanos.div_euclid(1_000)), time)),
        Field::Float(number) => written(FileCell::Number(f64::from(*number)), asked.role),
        Field::Double(number) => written(FileCell::Number(*number), asked.role),
        other => Some(other.to_string()),
    }
}

/// Microseconds since 1970 as a time, with the mark of UTC where it is an instant.
fn instant(micros: Option<i64>, time: Time) -> String {
    let Some(instant) = micros.and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok()) else {
        return "infinity".to_owned();
    };
    let local = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let mark = if time.is_instant { "Z" } else { "" };
    format!("{}{mark}", local.strftime("%Y-%m-%d %H:%M:%S"))
}
