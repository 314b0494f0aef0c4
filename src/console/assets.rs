//! Style and script of all pages, each under a name with its digest, so that browsers may keep it for ever.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::digest::sha256;

const STYLE: &str = include_str!("static/console.css");
const SCRIPT: &str = include_str!("static/console.js");

/// Paths of style and script.
pub(super) static PATHS: LazyLock<[String; 2]> = LazyLock::new(|| {
    let path = |text: &str, ending: &str| format!("/static/{}.{ending}", &sha256(text.as_bytes())[..16]);
    [path(STYLE, "css"), path(SCRIPT, "js")]
});

/// The file of a name; `None` if there is none.
pub(super) fn file(name: &str) -> Option<Response> {
    let [style, script] = &*PATHS;
    let is = |path: &str| path.strip_prefix("/static/") == Some(name);
    let (text, kind) = match () {
        () if is(style) => (STYLE, "text/css; charset=utf-8"),
        () if is(script) => (SCRIPT, "text/javascript; charset=utf-8"),
        () => return None,
    };
    let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    Some(response)
}
