//! Messages and their transport.
//!
//! [`message`] turns a mail into bytes, [`transport`] hands bytes over for one recipient at a time,
//! [`dispatch`] goes through a list of them. The bytes are made once and kept, so that whatever is
//! sent again is the same mail with the same Message-ID.

pub mod backoff;
pub mod dispatch;
pub mod failure;
mod header;
pub mod message;
pub mod permit;
pub mod refusal;
mod smtp;
pub mod transport;
pub mod trial_server;
