//! What became of the mails of a command, for a terminal and as JSON.

use serde_json::{Value, json};
use tongbao_message::{Message, message};

use super::Context;
use crate::delivery::dispatch::Summary;
use crate::pipeline::DispatchSummary;

/// What went wrong, each on a line of its own.
pub(super) fn note_problems(context: &Context, sent: &DispatchSummary) {
    sent.problems.iter().for_each(|problem| context.note(message!("error", problem)));
}

pub(super) fn line(summary: &Summary) -> Message {
    let Summary { sent, refused, waiting, uncertain } = summary;
    message!("mails-sent-refused-waiting-uncertain", sent, refused, waiting, uncertain)
}

/// What becomes of mails that wait; nothing where none does.
pub(super) fn hint(summary: &Summary) -> Option<Message> {
    (summary.waiting > 0).then(|| message!("what-waits-is-sent-by-the-daemon"))
}

pub(super) fn as_json(summary: &Summary) -> Value {
    let Summary { sent, refused, waiting, uncertain } = summary;
    json!({ "sent": sent, "refused": refused, "waiting": waiting, "uncertain": uncertain })
}
