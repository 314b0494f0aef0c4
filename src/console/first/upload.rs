//! Taking an upload: the form's token first, then files straight into memory, within limits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;

use super::held::HeldUploads;
use super::{KEPT, PARTS};
use crate::console::Console;
use crate::console::ask::Ask;
use crate::console::form::Fields;
use crate::console::guard;
use crate::console::multipart::{FormPiece, FormReader, Malformed};
use crate::console::problem::ErrorPage;
use crate::work;

/// Most bytes of one upload: a register of half a million persons as CSV.
const MOST_BYTES: u64 = 64 << 20;

/// Most files of one upload.
const MOST_FILES: usize = 100;

/// Most bytes of a field that is no file.
const LONGEST_FIELD: usize = 4096;

/// An upload takes longer than a page.
pub(in crate::console) const WITHIN: Duration = Duration::from_secs(5 * 60);

/// The lists of a request that was let through.
#[derive(Clone)]
pub(in crate::console) struct Upload(Arc<Mutex<Option<HeldUploads>>>);

impl Upload {
    /// The lists, once.
    pub(super) fn take(&self) -> Option<HeldUploads> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take()
    }
}

impl FromRequestParts<Console> for Upload {
    type Rejection = ErrorPage;

    /// The guard has read it, if the form had files.
    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Upload, ErrorPage> {
        parts.extensions.remove::<Upload>().ok_or_else(ErrorPage::bad_form)
    }
}

/// Reads a form with files for somebody who may send it.
pub(in crate::console) async fn read(
    headers: &HeaderMap,
    body: Body,
    boundary: &str,
    ask: &Ask,
) -> Result<(Fields, Upload), ErrorPage> {
    ask.console.forget_old().await;
    if !ask.console.0.drafts.has_room(ask.person()?.id) {
        return Err(too_many());
    }
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MOST_BYTES + guard::LONGEST_FORM as u64) {
        return Err(too_large());
    }
    let (mut reader, mut form) = (FormReader::new(boundary), Form::new(&ask.token));
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ErrorPage::bad_form())?;
        // Memory that runs short makes it wait.
        let done = work::block(move || {
            let fed = reader.feed(&chunk, &mut |piece| form.take(piece));
            (reader, form, fed)
        });
        let fed;
        (reader, form, fed) = done.await;
        fed?;
    }
    reader.end().map_err(|_| ErrorPage::bad_form())?;
    form.end()
}

/// What has been read of a form.
struct Form {
    /// What its token has to be.
    token: String,
    is_known: bool,
    fields: Vec<(String, String)>,
    held: Option<HeldUploads>,
    bytes: u64,
    at: At,
}

/// Where the piece that comes next belongs.
enum At {
    Nowhere,
    Field(String, Vec<u8>),
    File,
    /// A place for a file that was left empty.
    Blank,
}

impl Form {
    fn new(token: &str) -> Form {
        let token = token.to_owned();
        Form { token, is_known: false, fields: Vec::new(), held: None, bytes: 0, at: At::Nowhere }
    }

    fn take(&mut self, piece: FormPiece<'_>) -> Result<(), ErrorPage> {
        match piece {
            FormPiece::Begin(part) => self.begin(&part.name, part.file.as_deref()),
            FormPiece::Data(bytes) => self.add(bytes),
            FormPiece::End => self.close(),
        }
    }

    fn begin(&mut self, name: &str, file: Option<&str>) -> Result<(), ErrorPage> {
        self.at = match file {
            None => At::Field(name.to_owned(), Vec::new()),
            Some("") => At::Blank,
            Some(file) => {
                // Nothing is kept of a form that comes from elsewhere.
                if !self.is_known {
                    return Err(ErrorPage::stale_form());
                }
                let part = PARTS.into_iter().find(|part| *part == name).ok_or_else(ErrorPage::bad_form)?;
                let held = match &mut self.held {
                    Some(held) => held,
                    none => none.insert(HeldUploads::new().map_err(no_memory)?),
                };
                if held.lines().len() >= MOST_FILES {
                    return Err(too_large());
                }
                held.begin(part, file).map_err(no_memory)?;
                At::File
            }
        };
        Ok(())
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), ErrorPage> {
        match &mut self.at {
            At::Nowhere => return Err(ErrorPage::bad_form()),
            At::Blank => {}
            At::Field(_, value) => {
                value.extend_from_slice(bytes);
                if value.len() > LONGEST_FIELD {
                    return Err(ErrorPage::bad_form());
                }
            }
            At::File => {
                self.bytes += bytes.len() as u64;
                if self.bytes > MOST_BYTES {
                    return Err(too_large());
                }
                if let Some(held) = &mut self.held {
                    held.write(bytes).map_err(no_memory)?;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ErrorPage> {
        let At::Field(name, value) = std::mem::replace(&mut self.at, At::Nowhere) else { return Ok(()) };
        let value = String::from_utf8(value).map_err(|_| ErrorPage::bad_form())?;
        match name == "token" && !self.is_known {
            true => {
                guard::must_be_own(&value, &self.token)?;
                self.is_known = true;
            }
            false => self.fields.push((name, value)),
        }
        Ok(())
    }

    fn end(self) -> Result<(Fields, Upload), ErrorPage> {
        if !self.is_known {
            return Err(ErrorPage::stale_form());
        }
        let is_filled =
            self.held.as_ref().is_some_and(|held| held.lines().iter().any(|line| line.part == PARTS[0]));
        if !is_filled {
            return Err(ErrorPage::refused("请选择登记数据文件。", "Choose the file of the register.")
                .with_link("/first".into(), "返回", "Back"));
        }
        Ok((Fields::read(self.fields)?, Upload(Arc::new(Mutex::new(self.held)))))
    }
}

impl From<Malformed> for ErrorPage {
    fn from(_: Malformed) -> ErrorPage {
        ErrorPage::bad_form()
    }
}

fn too_large() -> ErrorPage {
    let most = MOST_BYTES >> 20;
    ErrorPage::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("文件过大：一次最多 {most} MB、{MOST_FILES} 个文件。更大的登记库请管理员用 tongbao init 建立。"),
        format!("The files are too large: {most} MB and {MOST_FILES} files at most. For a larger register ask an operator to use tongbao init."),
    )
    .with_link("/first".into(), "返回", "Back")
}

pub(super) fn too_many() -> ErrorPage {
    let minutes = KEPT.as_secs() / 60;
    ErrorPage::conflict(
        format!("已有其他人正在使用。名单最多保留 {minutes} 分钟，请稍后再试。"),
        format!("Others are at it now. Lists are kept for {minutes} minutes at most; try again later."),
    )
    .with_link("/first".into(), "返回", "Back")
}

fn no_memory(problem: std::io::Error) -> ErrorPage {
    tracing::warn!("an upload cannot be kept in memory: {problem}");
    ErrorPage::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "服务器内存不足或不可用，未保存任何文件。请将此情况告知管理员。",
        "The server has no memory for it; nothing was kept. Ask an operator to look at the log.",
    )
    .with_link("/first".into(), "返回", "Back")
}
