//! What became of the mails of a command, for a terminal and as JSON.

use serde_json::{Value, json};
use tongbao_message::{Message, message};

use super::Context;
use crate::config::settings::Settings;
use crate::delivery::dispatch::Summary;
use crate::pipeline::DispatchSummary;
use crate::store::{Store, StoreError};

/// What went wrong, each on a line of its own.
pub(super) fn note_problems(context: &Context, sent: &DispatchSummary) {
    sent.problems.iter().for_each(|problem| context.note(message!("error", problem)));
}

pub(super) fn line(summary: &Summary) -> Message {
    let Summary { sent, refused, waiting, uncertain } = summary;
    message!("mails-sent-refused-waiting-uncertain", sent, refused, waiting, uncertain)
}

/// What becomes of mails that wait, of this run or of others; nothing where none does.
pub(super) fn hint(summary: &Summary, of_others: usize) -> Option<Message> {
    match (summary.waiting, of_others) {
        (0, 0) => None,
        (_, 0) => Some(message!("what-waits-is-sent-by-the-daemon")),
        (_, _) => Some(message!("mails-of-other-runs-wait", count = of_others)),
    }
}

/// How many mails of other runs wait for a mail server that there is.
pub(super) async fn waiting_of_others(
    settings: &Settings,
    store: &Store,
    run: Option<i64>,
) -> Result<usize, StoreError> {
    if settings.smtp.is_none() {
        return Ok(0);
    }
    Ok(store.pending(None).await?.iter().filter(|mail| mail.run != run).count())
}

pub(super) fn as_json(summary: &Summary) -> Value {
    let Summary { sent, refused, waiting, uncertain } = summary;
    json!({ "sent": sent, "refused": refused, "waiting": waiting, "uncertain": uncertain })
}
