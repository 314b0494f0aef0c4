//! Charts of a run as drawings, in the documents' own fonts.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::ask::Ask;
use super::problem::ErrorPage;
use crate::report::series::Series;
use crate::work;

/// Widths in mm: of a desktop, and of a telephone, where the same type is larger in proportion.
pub(super) const WIDE: f32 = 156.0;
pub(super) const NARROW: f32 = 88.0;

/// `NAME.svg`, or `NAME-narrow.svg` for a telephone.
pub(super) async fn chart(ask: Ask, Path((id, name)): Path<(i64, String)>) -> Result<Response, ErrorPage> {
    let run = ask.configured_run(id).await?;
    let name = name.strip_suffix(".svg").ok_or_else(ErrorPage::not_found)?;
    let (name, width) = match name.strip_suffix("-narrow") {
        Some(name) => (name, NARROW),
        None => (name, WIDE),
    };
    let remade = ask.console.remade(&run).await?;
    let Some(Series::Chart(model)) = remade.composition.series.get(&name.replace('~', " ")) else {
        return Err(ErrorPage::not_found());
    };
    let (engine, model) = (ask.console.engine.clone(), model.clone());
    let drawn = work::block(move || engine.chart(&model, width)).await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}
