//! How the register of an incremental source was read, recorded with the run.

use serde::{Deserialize, Serialize};

/// Whether a pull of an incremental source read the changes alone. `show --format json` prints it as
/// `{"read": "changes"}` or `{"read": "everything", "reason": "..."}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "read", content = "reason", rename_all = "snake_case")]
pub enum PullMode {
    /// The cache of the pull before held the rest.
    #[error("only the changes since the last pull")]
    Changes,
    /// The cache could not be used.
    #[error("everything, because {0}")]
    Everything(FullPullReason),
}

/// Why an incremental pull reads everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FullPullReason {
    /// No cache fits, or there is none.
    #[error("there is no earlier pull with these definitions, units, columns and key")]
    NothingKept,
    /// Ages move on in the cache, never back.
    #[error("the cut-off day is before that of the last pull")]
    EarlierCutOff,
    /// What own definitions make of a day is not kept.
    #[error("own definitions read the cut-off day, and it is another than that of the last pull")]
    OtherCutOff,
    /// What one record is to another is not kept.
    #[error("a relation in use compares records with one another")]
    ComparesRecords,
    /// No record has a time of change, or the cache holds no watermark.
    #[error("the times of change do not show which records changed")]
    NoTimes,
    /// Reading everything is quicker, or a key names no single record.
    #[error("more than an eighth of the register has changed, or two records share a key")]
    TooMuchChanged,
    /// Counts of the database and of the cache differ.
    #[error("records were added or removed that updated_at does not show")]
    UntimedChanges,
    /// A digest does not fit, or the disk is full.
    #[error("the cache of the last pull is damaged, or there is no room for it")]
    Damaged,
}
