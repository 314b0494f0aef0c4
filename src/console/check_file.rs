//! 是否本处文件: whether a file is one that was issued here, by its digest.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::form::query;
use super::problem::ErrorPage;
use super::runs::{RunRow, row};
use crate::access::right::Right;

#[derive(Template)]
#[template(path = "check_file.html")]
struct CheckPage {
    f: PageFrame,
    digest: String,
    is_digest: bool,
    found: Vec<(RunRow, String, bool)>,
}

pub(super) async fn check(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    let mut query = query(uri.query())?;
    let digest = query.take("digest").trim().to_ascii_lowercase();
    query.end()?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
    let mut found = Vec::new();
    if is_digest {
        for document in ask.console.store.documents_of_digest(&digest).await? {
            // A draft is nothing that was issued, and for most people not there at all.
            if document.draft && !ask.may(Right::ReadDrafts) {
                continue;
            }
            if let Ok(run) = ask.run(document.run).await {
                found.push((row(&ask, &run), document.name, document.draft));
            }
        }
    }
    page(&CheckPage { f: ask.frame(ask.say("核对文件", "Check a file")), digest, is_digest, found })
}
