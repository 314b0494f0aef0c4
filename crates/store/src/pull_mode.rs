//! How the register of an incremental source was read, recorded with the run.

use serde::{Deserialize, Serialize};

/// Whether a pull of an incremental source read the changes alone. `show --format json` prints it as
/// `{"read": "changes"}` or `{"read": "everything", "reason": "..."}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "read", content = "reason", rename_all = "snake_case")]
pub enum PullMode {
    #[error("only the changes since the last pull")]
    Changes,
    #[error("everything, because {0}")]
    Everything(FullPullReason),
}

/// Why an incremental pull reads everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FullPullReason {
    #[error("there is no earlier pull with these definitions, units, columns and key")]
    NothingKept,
    #[error("the cut-off day is before that of the last pull")]
    EarlierCutOff,
    #[error("own definitions read the cut-off day, and it is another than that of the last pull")]
    OtherCutOff,
    #[error("proven exceptions are applied to every record")]
    ProvenExceptions,
    #[error("a relation in use compares records with one another")]
    ComparesRecords,
    #[error("the times of change do not show which records changed")]
    NoTimes,
    #[error("more than an eighth of the register has changed, or two records share a key")]
    TooMuchChanged,
    #[error("records were added or removed that updated_at does not show")]
    UntimedChanges,
    #[error("the cache of the last pull is damaged, or there is no room for it")]
    Damaged,
}
