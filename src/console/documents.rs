//! Documents of a run, byte for byte as they are archived.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::ask::Ask;
use super::problem::ErrorPage;
use super::words::encoded;
use crate::access::right::Right;
use crate::work;

/// The document of a digest, if the run lists it. No path is ever made from what was asked for.
pub(super) async fn document(
    ask: Ask,
    Path((id, digest)): Path<(i64, String)>,
) -> Result<Response, ErrorPage> {
    let run = ask.run(id).await?;
    let documents = ask.console.store.document_rows(run.id).await?;
    let document = documents.into_iter().find(|document| document.sha256 == digest);
    let document = document.filter(|document| !document.draft || ask.may(Right::ReadDrafts));
    let document = document.ok_or_else(ErrorPage::not_found)?;
    let archive = ask.console.store.archive.clone();
    let bytes = work::block(move || archive.get(&document.sha256)).await?;
    info!(person = ask.person()?.name, run = id, "a document was fetched");
    file(&document.name, &document.content_type, bytes)
}

/// A file to be kept under its name.
pub(super) fn file(name: &str, content_type: &str, bytes: Vec<u8>) -> Result<Response, ErrorPage> {
    let mut response = bytes.into_response();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|problem| ErrorPage::inside(&problem));
    let encoded = encoded(name);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, value(content_type)?);
    headers.insert(header::CONTENT_DISPOSITION, value(&format!("attachment; filename*=UTF-8''{encoded}"))?);
    Ok(response)
}
