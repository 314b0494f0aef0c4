//! PostgreSQL's binary COPY format, decoded across chunks of any size.
//!
//! The stream is a signature, flags and a header extension, then rows of (field count, fields), each
//! field a length (-1 = NULL) and its bytes, then a field count of -1 (PostgreSQL 15 manual, COPY,
//! "Binary Format").

use super::SourceError;

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
const HEADER: usize = SIGNATURE.len() + 4 + 4;

/// A row of the stream: its bytes, and where the values are in them.
pub struct CopyRow<'a> {
    /// The bytes of all values; lengths stand between them.
    pub data: &'a [u8],
    /// Where each value is in them, in the order of the statement.
    pub fields: &'a [CopyField],
}

/// Where a value is in its row.
#[derive(Debug, Clone, Copy)]
pub struct CopyField {
    pub start: usize,
    /// `None` = NULL.
    length: Option<u32>,
}

impl<'a> CopyRow<'a> {
    /// The bytes of a value.
    pub fn value(&self, field: CopyField) -> Option<&'a [u8]> {
        // The decoder has seen the value whole.
        field.length.and_then(|length| self.data.get(field.start..field.start + length as usize))
    }
}

/// Decodes rows. Chunks need not end where rows end.
pub struct CopyDecoder {
    columns: usize,
    fields: Vec<CopyField>,
    rest: Vec<u8>,
    started: bool,
    ended: bool,
}

impl CopyDecoder {
    /// Expects rows of this many fields; any other number is an error.
    pub fn new(columns: usize) -> CopyDecoder {
        let fields = Vec::with_capacity(columns);
        CopyDecoder { columns, fields, rest: Vec::new(), started: false, ended: false }
    }

    /// Takes a chunk and passes every row on that it completes.
    pub fn push(
        &mut self,
        chunk: &[u8],
        mut each: impl FnMut(&CopyRow<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        // Usually a chunk is a whole row and nothing is left over: then nothing is copied.
        if self.rest.is_empty() {
            let used = self.rows(chunk, &mut each)?;
            self.rest.extend_from_slice(&chunk[used..]);
            return Ok(());
        }
        let mut data = std::mem::take(&mut self.rest);
        data.extend_from_slice(chunk);
        let used = self.rows(&data, &mut each)?;
        data.drain(..used);
        self.rest = data;
        Ok(())
    }

    /// Fails if the stream stopped before its end mark.
    pub fn finish(self) -> Result<(), SourceError> {
        if self.ended && self.rest.is_empty() {
            Ok(())
        } else {
            Err(SourceError::Damaged("the copy stream ended early"))
        }
    }

    fn rows(
        &mut self,
        data: &[u8],
        each: &mut impl FnMut(&CopyRow<'_>) -> Result<(), SourceError>,
    ) -> Result<usize, SourceError> {
        let mut at = 0;
        if !self.started {
            let Some(length) = header(data)? else { return Ok(0) };
            (self.started, at) = (true, length);
        }
        loop {
            if self.ended {
                return if at == data.len() {
                    Ok(at)
                } else {
                    Err(SourceError::Damaged("data after the end mark"))
                };
            }
            let Some(length) = self.row(&data[at..])? else { return Ok(at) };
            if !self.ended {
                each(&CopyRow { data: &data[at..at + length], fields: &self.fields })?;
            }
            at += length;
        }
    }

    /// Finds the values of one row and returns its length; `None` while it is incomplete.
    fn row(&mut self, data: &[u8]) -> Result<Option<usize>, SourceError> {
        self.fields.clear();
        let Some(count) = data.first_chunk::<2>() else { return Ok(None) };
        let count = i16::from_be_bytes(*count);
        if count == -1 {
            self.ended = true;
            return Ok(Some(2));
        }
        if usize::try_from(count) != Ok(self.columns) {
            return Err(SourceError::Damaged("a row has another number of columns"));
        }
        let mut at = 2;
        for _ in 0..self.columns {
            let Some(length) = data.get(at..).and_then(|d| d.first_chunk::<4>()) else { return Ok(None) };
            at += 4;
            let length = match i32::from_be_bytes(*length) {
                -1 => None,
                length => Some(u32::try_from(length).map_err(|_| SourceError::Damaged("a negative length"))?),
            };
            self.fields.push(CopyField { start: at, length });
            at += length.unwrap_or(0) as usize;
            if at > data.len() {
                return Ok(None);
            }
        }
        Ok(Some(at))
    }
}

fn header(data: &[u8]) -> Result<Option<usize>, SourceError> {
    let known = data.len().min(SIGNATURE.len());
    if data[..known] != SIGNATURE[..known] {
        return Err(SourceError::Damaged("no copy signature"));
    }
    let Some(extension) = data.get(HEADER - 4..).and_then(|d| d.first_chunk::<4>()) else { return Ok(None) };
    let length = HEADER.saturating_add(u32::from_be_bytes(*extension) as usize);
    Ok((data.len() >= length).then_some(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = Vec<Vec<Option<String>>>;

    fn encode(rows: &Rows) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        out.extend([0; 8]);
        for row in rows {
            out.extend((row.len() as i16).to_be_bytes());
            for value in row {
                match value {
                    Some(text) => {
                        out.extend((text.len() as i32).to_be_bytes());
                        out.extend(text.as_bytes());
                    }
                    None => out.extend((-1i32).to_be_bytes()),
                }
            }
        }
        out.extend((-1i16).to_be_bytes());
        out
    }

    fn decode(chunks: impl Iterator<Item = Vec<u8>>) -> Result<Rows, SourceError> {
        let mut rows = Rows::new();
        let mut decoder = CopyDecoder::new(3);
        for chunk in chunks {
            decoder.push(&chunk, |row| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                rows.push(row.fields.iter().map(|field| row.value(*field).map(text)).collect());
                Ok(())
            })?;
        }
        decoder.finish()?;
        Ok(rows)
    }

    fn random_rows(rng: &mut fastrand::Rng) -> Rows {
        let value = |rng: &mut fastrand::Rng| {
            (rng.u8(0..4) > 0).then(|| (0..rng.usize(0..9)).map(|_| rng.char('一'..'龥')).collect())
        };
        (0..rng.usize(0..20)).map(|_| (0..3).map(|_| value(rng)).collect()).collect()
    }

    #[test]
    fn chunks_may_end_anywhere() {
        let mut rng = fastrand::Rng::with_seed(6);
        for _ in 0..500 {
            let rows = random_rows(&mut rng);
            let mut data = encode(&rows);
            let mut chunks = Vec::new();
            while !data.is_empty() {
                let rest = data.split_off(rng.usize(1..=data.len().min(40)));
                chunks.push(std::mem::replace(&mut data, rest));
            }
            assert_eq!(decode(chunks.into_iter()).unwrap(), rows);
        }
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let mut rng = fastrand::Rng::with_seed(7);
        let whole = encode(&random_rows(&mut rng));
        for end in 0..whole.len() {
            assert!(decode(std::iter::once(whole[..end].to_vec())).is_err());
        }
        for _ in 0..20_000 {
            let mut data = whole.clone();
            for _ in 0..rng.usize(1..4) {
                let at = rng.usize(..data.len());
                data[at] = rng.u8(..);
            }
            let _ = decode(std::iter::once(data));
        }
    }
}
