//! Messages and their transport.
//!
//! [`message`] turns a mail into bytes, [`transport`] hands bytes over for one recipient at a time,
//! [`dispatch`] goes through a list of them. The bytes are made once and kept, so that whatever is
//! sent again is the same mail with the same Message-ID.

pub mod backoff;
pub mod dispatch;
#[allow(
    missing_docs,
    reason = "the message of a variant says what happened, and its fields are the values of that message"
)]
pub mod failure;
mod header;
pub mod message;
pub mod permit;
pub mod refusal;
mod smtp;
pub mod transport;
pub mod trial_server;

tongbao_message::catalogue!();
