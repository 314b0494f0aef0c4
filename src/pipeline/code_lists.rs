//! Code lists whose codes stand in a table or a file.

use std::borrow::Cow;

use super::{Engine, RunError};
use crate::config::settings::{ReadCodeLists, Settings};
use crate::source::{Source, SourceError};

/// What `[source.lists]` holds now; nothing where it names no list.
pub async fn read_code_lists(settings: &Settings) -> Result<ReadCodeLists, SourceError> {
    match settings.source.code_lists.is_empty() {
        true => Ok(ReadCodeLists::new()),
        false => Source::open(&settings.source).await?.code_lists().await,
    }
}

impl Engine {
    /// The engine with the code lists as they are now: a daemon that was started weeks ago must not count by the codes of
    /// then.
    pub(super) async fn with_current_code_lists(&self) -> Result<Cow<'_, Engine>, RunError> {
        let read = read_code_lists(&self.settings).await?;
        if self.settings.code_lists.as_ref() == Some(&read) {
            return Ok(Cow::Borrowed(self));
        }
        let settings =
            self.settings.with_code_lists(read).map_err(|problem| RunError::CodeLists { problem })?;
        Ok(Cow::Owned(Engine { settings, ..self.clone() }))
    }

    /// Fails where nobody has read the code lists, so that nothing can be counted by them.
    pub(super) fn has_code_lists(&self) -> Result<(), RunError> {
        self.settings.code_lists.as_ref().map(|_| ()).ok_or(RunError::UnreadCodeLists)
    }
}
