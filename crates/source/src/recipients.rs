//! Lists of recipients that are in a file or a table.

use super::statements::RequestedColumn;
use super::{Source, SourceError};
use tongbao_config::mailbox;
use tongbao_config::settings::{self, Recipient, RecipientList};
use tongbao_message::message;
use tongbao_register::text::{lossy, trim};

/// Reads the list of a group from where it is. `settings` says where the register is, and how long
/// reading may take. Blank rows are passed over; a row that cannot be written to is an error with its number.
pub async fn recipients(
    settings: &settings::SourceSettings,
    group: &str,
    list: &RecipientList,
) -> Result<Vec<Recipient>, SourceError> {
    // Only the place of the list is opened, not that of the register.
    let url = list.from.url.clone().unwrap_or_else(|| settings.url.clone());
    let place = settings::SourceSettings { url, files: list.from.files.clone(), ..settings.clone() };
    let mut source = Source::open(&place).await?;
    let asked: Vec<RequestedColumn<'_>> = list.columns().map(RequestedColumn::text).collect();
    let (mut members, mut row): (Vec<Recipient>, u64) = (Vec::new(), 0);
    let mut take = |values: &[Option<&[u8]>]| {
        row += 1;
        let text =
            |at: usize| lossy(trim(values.get(at).copied().flatten().unwrap_or_default())).into_owned();
        let (name, email, unit) = (text(0), text(1), Some(text(2)).filter(|code| !code.is_empty()));
        if name.is_empty() && email.is_empty() && unit.is_none() {
            return Ok(());
        }
        let wrong = |problem| SourceError::Recipient { group: group.to_owned(), row, problem };
        let (_, email) = mailbox(&email).map_err(wrong)?;
        if name.chars().any(char::is_control) {
            return Err(wrong(message!("name-has-control-character")));
        }
        if !list.allows(&email) {
            return Err(wrong(message!("outside-allowed-domains", email)));
        }
        let member = Recipient { name, email, unit };
        if !members.contains(&member) {
            members.push(member);
        }
        Ok(())
    };
    source.rows("recipients", &list.from, &asked, &mut take).await?;
    Ok(members)
}
