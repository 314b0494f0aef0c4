//! What every crate shares and what depends on nothing: digests, harmless texts, schedules, roles. Pure.

pub mod access;
pub mod digest;
pub mod harmless;
pub mod one_line;
pub mod schedule;

tongbao_message::catalogue!();
