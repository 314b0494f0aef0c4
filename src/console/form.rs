//! Forms: few fields, each once, each known.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;

use super::Console;
use super::problem::ErrorPage;

/// Most fields of a form.
const MOST_FIELDS: usize = 100;

/// Longest text of a field, in bytes.
const LONGEST_FIELD: usize = 4096;

/// The fields of a form, but for its token, which the guard has compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Refuses forms that hold a field twice, or too many or too long ones.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Fields, ErrorPage> {
        let is_long = pairs.iter().any(|(name, value)| name.len() + value.len() > LONGEST_FIELD);
        let mut names: Vec<&String> = pairs.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let is_twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        if is_long || is_twice || pairs.len() > MOST_FIELDS {
            return Err(ErrorPage::bad_form());
        }
        Ok(Fields(pairs))
    }

    /// Takes a field out; blank where the form has none.
    pub(super) fn take(&mut self, name: &str) -> String {
        let at = self.0.iter().position(|(known, _)| known == name);
        at.map(|at| self.0.swap_remove(at).1).unwrap_or_default()
    }

    /// Takes a field of one line out: without blanks around it, `None` if it is blank. Control characters are refused.
    pub(super) fn line(&mut self, name: &str) -> Result<Option<String>, ErrorPage> {
        let text = self.take(name);
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(ErrorPage::bad_form());
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// Refuses a form with fields that nobody asked for.
    pub(super) fn end(self) -> Result<(), ErrorPage> {
        if self.0.is_empty() { Ok(()) } else { Err(ErrorPage::bad_form()) }
    }
}

impl FromRequestParts<Console> for Fields {
    type Rejection = Response;

    /// The guard has read them.
    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Fields, Response> {
        parts.extensions.remove::<Fields>().ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

/// The query of an address, read like a form.
pub(super) fn query(text: Option<&str>) -> Result<Fields, ErrorPage> {
    let uri = format!("/?{}", text.unwrap_or_default());
    let uri = uri.parse().map_err(|_| ErrorPage::bad_form())?;
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri);
    Fields::read(pairs.map_err(|_| ErrorPage::bad_form())?.0)
}

/// A number of a form or a query; blank is none.
pub(super) fn number<T: FromStr>(text: &str) -> Result<Option<T>, ErrorPage> {
    match text.is_empty() {
        true => Ok(None),
        false => text.parse().map(Some).map_err(|_| ErrorPage::bad_form()),
    }
}

/// A day as people and date fields write it.
pub(super) fn day(text: &str) -> Result<Date, ErrorPage> {
    let wrong = || ErrorPage::refused("日期请写成 2016-06-30 的样子。", "Write a day as 2016-06-30.");
    text.trim().parse().map_err(|_| wrong())
}
