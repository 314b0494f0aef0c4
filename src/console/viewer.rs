//! The very pages of a run as pictures, so that a telephone needs neither viewer nor font.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::ask::{Ask, PageFrame, page};
use super::problem::ErrorPage;
use super::run::{DocumentLine, documents};
use super::runs::{RunRow, row};
use crate::access::right::Right;

#[derive(Template)]
#[template(path = "viewer.html")]
struct ViewerPage {
    f: PageFrame,
    row: RunRow,
    /// Numbers of the pages; empty if they cannot be proved to be those of the archive.
    pages: Vec<usize>,
    digest: String,
    documents: Vec<DocumentLine>,
    is_draft: bool,
    may_decide: bool,
}

pub(super) async fn pages(ask: Ask, Path(id): Path<i64>) -> Result<Response, ErrorPage> {
    let run = ask.configured_run(id).await?;
    let shown = ask.console.pages(&run).await?;
    page(&ViewerPage {
        f: ask.frame(row(&ask, &run).title),
        row: row(&ask, &run),
        pages: (1..=shown.pages.len()).collect(),
        digest: shown.digest.clone(),
        documents: documents(&ask, &run).await?,
        is_draft: !run.is_issued(),
        may_decide: run.is_waiting() && ask.may(Right::Decide),
    })
}

/// `3.svg`: the third page.
pub(super) async fn page_image(
    ask: Ask,
    Path((id, name)): Path<(i64, String)>,
) -> Result<Response, ErrorPage> {
    let run = ask.configured_run(id).await?;
    let shown = ask.console.pages(&run).await?;
    page_of(&shown.pages, &name)
}

/// `3.svg`: the third of some pages.
pub(super) fn page_of(pages: &[String], name: &str) -> Result<Response, ErrorPage> {
    let number: Option<usize> = name.strip_suffix(".svg").and_then(|number| number.parse().ok());
    let drawn = number.and_then(|number| number.checked_sub(1)).and_then(|at| pages.get(at));
    let drawn = drawn.cloned().ok_or_else(ErrorPage::not_found)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}
