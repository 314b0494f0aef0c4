//! What the audit log says of lists that people upload to the console. The lists themselves are never stored.

use jiff::Timestamp;
use serde_json::Value;

use super::audit::{self, AuditAction};
use super::{Store, StoreError};

/// What happens to uploaded lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadStep {
    /// Lists were uploaded and are held in memory.
    Taken,
    /// A configuration was written of what they are.
    Configured,
    /// They were taken out of memory.
    Deleted,
}

impl Store {
    /// Notes a step of an upload, with numbers and digests and never a name or value of its lists.
    pub async fn note_upload(
        &self,
        id: &str,
        step: UploadStep,
        detail: Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let action = match step {
            UploadStep::Taken => AuditAction::Upload,
            UploadStep::Configured => AuditAction::Configure,
            UploadStep::Deleted => AuditAction::DeleteUpload,
        };
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        audit::append(&mut transaction, &self.actor, action, format!("upload {id}"), detail, now).await?;
        self.commit(transaction).await
    }
}
