//! Forms with files (multipart/form-data, RFC 7578), read piece by piece: a part is never whole in memory here.

/// Longest head of a part in bytes.
const LONGEST_HEAD: usize = 4096;

/// Longest boundary (RFC 2046).
const LONGEST_BOUNDARY: usize = 70;

/// What is read next.
#[derive(Debug, PartialEq, Eq)]
enum ReadStage {
    /// Before the first part: skipped.
    Preamble,
    /// After a boundary: a further part, or the end.
    Boundary,
    Head,
    Body,
    End,
}

/// The name of a part, and of its file if it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub name: String,
    pub file: Option<String>,
}

/// A piece of a form, in order: each part begins, has data, and ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FormPiece<'a> {
    Begin(Part),
    Data(&'a [u8]),
    End,
}

/// The form contradicts its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads a form from chunks of any size.
pub(super) struct FormReader {
    /// What stands before every boundary but the first, and the boundary.
    delimiter: Vec<u8>,
    /// What has come and is not yet understood: at most a head or a delimiter, besides the last chunk.
    rest: Vec<u8>,
    stage: ReadStage,
}

/// The boundary that a `Content-Type` names; `None` if it is no form with files.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameter(parameters, "boundary")?;
    let is_fine =
        (1..=LONGEST_BOUNDARY).contains(&value.len()) && value.bytes().all(|b| (32..127).contains(&b));
    is_fine.then_some(value)
}

impl FormReader {
    pub(super) fn new(boundary: &str) -> FormReader {
        // The first boundary has no line before it, so one is made up.
        FormReader {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            rest: b"\r\n".to_vec(),
            stage: ReadStage::Preamble,
        }
    }

    /// Takes a chunk and gives what it completes to `each`, whose error ends the reading.
    pub(super) fn feed<E: From<Malformed>>(
        &mut self,
        chunk: &[u8],
        each: &mut impl FnMut(FormPiece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.rest.extend_from_slice(chunk);
        while self.step(each)? {}
        Ok(())
    }

    /// Fails if the form has not come to its end.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.stage == ReadStage::End { Ok(()) } else { Err(Malformed) }
    }

    /// Understands one thing more; false if more bytes are needed for that.
    fn step<E: From<Malformed>>(
        &mut self,
        each: &mut impl FnMut(FormPiece<'_>) -> Result<(), E>,
    ) -> Result<bool, E> {
        match self.stage {
            ReadStage::Preamble | ReadStage::Body => {
                let is_body = self.stage == ReadStage::Body;
                let found = find(&self.rest, &self.delimiter);
                // The beginning of a delimiter may stand at the end.
                let data = found.unwrap_or(self.rest.len().saturating_sub(self.delimiter.len() - 1));
                if is_body && data > 0 {
                    each(FormPiece::Data(&self.rest[..data]))?;
                }
                if found.is_some() && is_body {
                    each(FormPiece::End)?;
                }
                self.rest.drain(..data + found.map_or(0, |_| self.delimiter.len()));
                if found.is_some() {
                    self.stage = ReadStage::Boundary;
                }
                Ok(found.is_some())
            }
            ReadStage::Boundary => match self.rest.get(..2) {
                None => Ok(false),
                Some(b"--") => {
                    self.stage = ReadStage::End;
                    Ok(true)
                }
                Some(b"\r\n") => {
                    // Its line end stays: a head without lines begins with the blank line.
                    self.stage = ReadStage::Head;
                    Ok(true)
                }
                Some(_) => Err(Malformed.into()),
            },
            ReadStage::Head => match find(&self.rest, b"\r\n\r\n") {
                Some(end) if end <= LONGEST_HEAD => {
                    let part = part(&self.rest[..end]).ok_or(Malformed)?;
                    self.rest.drain(..end + 4);
                    self.stage = ReadStage::Body;
                    each(FormPiece::Begin(part))?;
                    Ok(true)
                }
                None if self.rest.len() <= LONGEST_HEAD => Ok(false),
                _ => Err(Malformed.into()),
            },
            ReadStage::End => {
                self.rest.clear();
                Ok(false)
            }
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|b| *b == first) {
        if text[from + at..].starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The names of a part, by its head; `None` if it has none.
fn part(head: &[u8]) -> Option<Part> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then(|| value.trim())
    })?;
    let (kind, parameters) = line.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    Some(Part { name: parameter(parameters, "name")?, file: parameter(parameters, "filename") })
}

/// A parameter of a header, quoted or not.
fn parameter(text: &str, wanted: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let (name, after) = rest.trim_start_matches([' ', '\t', ';']).split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

/// A value up to its closing quote, and what follows. Backslashes are those of Windows paths, but before a quote.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((value, &text[at + 1..])),
            '\\' if matches!(signs.peek(), Some((_, '"'))) && text[at + 2..].contains('"') => {
                value.push('"');
                signs.next();
            }
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = Vec<(String, Option<String>, Vec<u8>)>;

    fn read(body: &[u8], chunk: usize) -> Result<Read, Malformed> {
        let (mut reader, mut out, mut is_open) = (FormReader::new("xYz"), Read::new(), false);
        for chunk in body.chunks(chunk) {
            reader.feed::<Malformed>(chunk, &mut |piece| {
                match piece {
                    FormPiece::Begin(part) => {
                        assert!(!is_open);
                        is_open = true;
                        out.push((part.name, part.file, Vec::new()));
                    }
                    FormPiece::Data(bytes) => out.last_mut().ok_or(Malformed)?.2.extend_from_slice(bytes),
                    FormPiece::End => is_open = false,
                }
                Ok(())
            })?;
        }
        reader.end()?;
        assert!(!is_open);
        Ok(out)
    }

    const FORM: &[u8] = b"preamble\r\n--xYz\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n--xYz\r\n\
        Content-Disposition: form-data; name=\"register\"; filename=\"C:\\\\x\\\\\xe5\x90\x8d.csv\"\r\nContent-Type: text/csv\r\n\r\n\
        a,b\r\n--xY\r\n\r\n--xYzz\r\n--xYz\r\ncontent-disposition: FORM-DATA; filename=\"\"; name=units\r\n\r\n\r\n--xYz--\r\nepilogue";

    #[test]
    fn parts_are_the_same_however_they_arrive() {
        // "--xYzz" is a boundary with something after it, which no browser writes.
        assert_eq!(read(FORM, 7), Err(Malformed));
        let form = String::from_utf8(FORM.to_vec()).unwrap().replace("--xYzz", "--xY-");
        let whole = read(form.as_bytes(), usize::MAX).unwrap();
        assert_eq!(whole[0], ("token".into(), None, b"abc".to_vec()));
        assert_eq!(whole[1].1.as_deref(), Some("C:\\\\x\\\\名.csv"));
        assert_eq!(whole[1].2, b"a,b\r\n--xY\r\n\r\n--xY-");
        assert_eq!(whole[2], ("units".into(), Some(String::new()), Vec::new()));
        for chunk in 1..form.len() {
            assert_eq!(read(form.as_bytes(), chunk).unwrap(), whole, "{chunk}");
        }
    }

    #[test]
    fn what_is_cut_off_or_has_no_name_is_no_form() {
        let form = String::from_utf8(FORM.to_vec()).unwrap().replace("--xYzz", "--xY-");
        let end = form.find("--xYz--").unwrap();
        for length in (0..end + 7).step_by(3) {
            assert_eq!(read(&form.as_bytes()[..length], 5), Err(Malformed), "{length}");
        }
        for odd in [
            "--xYz\r\n\r\nabc\r\n--xYz--",
            "--xYz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nabc\r\n--xYz--",
            "--xYz\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nabc\r\n--xYz--",
            "--xYz\r\nContent-Disposition: form-data; name=\"a\r\n\r\nabc\r\n--xYz--",
            "",
        ] {
            assert_eq!(read(odd.as_bytes(), 3), Err(Malformed), "{odd}");
        }
        let long = format!(
            "--xYz\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\nabc\r\n--xYz--",
            "x".repeat(5000)
        );
        assert_eq!(read(long.as_bytes(), 100), Err(Malformed));
    }

    #[test]
    fn the_boundary_is_that_of_the_header() {
        assert_eq!(
            boundary("multipart/form-data; boundary=----WebKitFormBoundaryA1").as_deref(),
            Some("----WebKitFormBoundaryA1")
        );
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"").as_deref(), Some("a b"));
        for odd in [
            "multipart/form-data",
            "multipart/mixed; boundary=a",
            "multipart/form-data; boundary=",
            "text/plain",
        ] {
            assert_eq!(boundary(odd), None, "{odd}");
        }
        assert_eq!(boundary(&format!("multipart/form-data; boundary={}", "a".repeat(71))), None);
    }
}
