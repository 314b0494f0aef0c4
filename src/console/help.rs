//! What the figures mean, and what each state of a report and a mail means.

use askama::Template;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page, see};
use super::league::latest;
use super::problem::ErrorPage;
use super::run::tables;
use super::table::TableView;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    f: PageFrame,
    definitions: Vec<TableView<'a>>,
}

pub(super) async fn help(ask: Ask) -> Result<Response, ErrorPage> {
    if let Some(path) = ask.console.first_step(ask.person()?) {
        return Ok(see(path));
    }
    // The definitions are those of the last report that was issued.
    let remade = match latest(&ask, "").await? {
        Some(run) => ask.console.remade_if_kept(&run).await?,
        None => None,
    };
    let definitions = remade.iter().flat_map(|remade| tables(&ask, remade, &["definitions"])).collect();
    page(&HelpPage { f: ask.frame(ask.say("说明", "Help")), definitions })
}
