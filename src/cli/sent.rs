//! What became of the mails of a command, for a terminal and as JSON.

use serde_json::{Value, json};

use super::Context;
use crate::delivery::dispatch::Summary;
use crate::pipeline::DispatchSummary;

/// What went wrong, each on a line of its own.
pub(super) fn note_problems(context: &Context, sent: &DispatchSummary) {
    sent.problems.iter().for_each(|problem| context.note(&format!("error: {problem}")));
}

pub(super) fn line(summary: &Summary) -> String {
    let Summary { sent, refused, waiting, uncertain } = summary;
    format!("mails: {sent} sent, {refused} refused, {waiting} waiting, {uncertain} uncertain\n")
}

/// What becomes of mails that wait; nothing where none does.
pub(super) fn hint(summary: &Summary) -> String {
    match summary.waiting {
        0 => String::new(),
        _ => "what waits is sent by the daemon, or now with: tongbao outbox send\n".to_owned(),
    }
}

pub(super) fn as_json(summary: &Summary) -> Value {
    let Summary { sent, refused, waiting, uncertain } = summary;
    json!({ "sent": sent, "refused": refused, "waiting": waiting, "uncertain": uncertain })
}
