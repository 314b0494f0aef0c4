//! How the register of an incremental source was read, recorded with the run.

use serde::{Deserialize, Serialize};
use tongbao_message::Worded;

/// Whether a pull of an incremental source read the changes alone. `show --format json` prints it as
/// `{"read": "changes"}` or `{"read": "everything", "reason": "..."}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, Worded)]
#[serde(tag = "read", content = "reason", rename_all = "snake_case")]
pub enum PullMode {
    /// The cache of the pull before held the rest.
    Changes,
    /// The cache could not be used.
    Everything(FullPullReason),
}

/// Why an incremental pull reads everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, Worded)]
#[serde(rename_all = "snake_case")]
pub enum FullPullReason {
    /// No cache fits, or there is none.
    NothingKept,
    /// Ages move on in the cache, never back.
    EarlierCutOff,
    /// What own definitions make of a day is not kept.
    OtherCutOff,
    /// Which records they name is not kept.
    ProvenExceptions,
    /// Something was wrong in single units that only reading everything finds.
    FoundInUnits,
    /// What one record is to another is not kept.
    ComparesRecords,
    /// No record has a time of change, or the cache holds no watermark.
    NoTimes,
    /// Reading everything is quicker, or a key names no single record.
    TooMuchChanged,
    /// Counts of the database and of the cache differ.
    UntimedChanges,
    /// A digest does not fit, or the disk is full.
    Damaged,
}
