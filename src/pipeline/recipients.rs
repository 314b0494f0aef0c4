//! Groups of recipients whose members are in a file or a table.

use crate::config::settings::Settings;
use crate::source::{self, SourceError};

/// Adds the members of all lists to their groups. A list that cannot be read is an error: a bulletin that
/// leaves out half of its recipients in silence would be worse than one that waits.
pub async fn add_listed(settings: &mut Settings) -> Result<(), SourceError> {
    for (group, list) in &settings.recipient_lists {
        let listed = source::recipients(&settings.source, group, list).await?;
        let members = settings.recipients.entry(group.clone()).or_default();
        for member in listed {
            if !members.contains(&member) {
                members.push(member);
            }
        }
    }
    Ok(())
}
