//! Rights, and the one table that says which role has which. It decides what a page shows and what a request does.

use super::role::Role;
use Role::{Auditor, Clerk, Leader, Operator, Unit};

/// Something that a signed-in person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Read released runs, the league table and the archive.
    ReadReleased,
    /// Read held and rejected drafts.
    ReadDrafts,
    /// Sign off or reject a draft.
    Decide,
    /// Ask for a run, and withdraw the request.
    AskForRun,
    /// Upload lists and make a first bulletin and a configuration of them.
    FirstBulletin,
    /// See mails, addresses and recipients in clear.
    ReadMails,
    /// Send mails again or cancel them.
    ChangeMails,
    /// See when what runs.
    ReadSchedule,
    /// Pause and resume schedules.
    ChangeSchedule,
    /// The own unit's page and correction list.
    OwnUnit,
    /// The state of daemon, queue and clock.
    ReadStatus,
    /// Look at accounts and sessions of others.
    ReadPeople,
    /// Add, reset and disable accounts, end sessions of others.
    ChangePeople,
    /// Read the audit log.
    ReadAudit,
    /// Verify the audit log.
    Verify,
    /// Own password, second factor and sessions, and the help page.
    OwnAccount,
}

impl Right {
    /// Every right once.
    pub const ALL: [Right; 16] = [
        Right::ReadReleased,
        Right::ReadDrafts,
        Right::Decide,
        Right::AskForRun,
        Right::FirstBulletin,
        Right::ReadMails,
        Right::ChangeMails,
        Right::ReadSchedule,
        Right::ChangeSchedule,
        Right::OwnUnit,
        Right::ReadStatus,
        Right::ReadPeople,
        Right::ChangePeople,
        Right::ReadAudit,
        Right::Verify,
        Right::OwnAccount,
    ];

    /// The row of the table: every role that has this right.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Right::ReadReleased | Right::OwnAccount => &Role::ALL,
            Right::ReadDrafts => &[Leader, Clerk],
            Right::Decide => &[Leader],
            Right::AskForRun
            | Right::FirstBulletin
            | Right::ReadMails
            | Right::ChangeMails
            | Right::ChangeSchedule => &[Clerk, Operator],
            Right::ReadSchedule => &[Leader, Clerk, Operator],
            Right::OwnUnit => &[Unit],
            Right::ReadStatus | Right::ChangePeople => &[Operator],
            Right::ReadPeople | Right::ReadAudit => &[Operator, Auditor],
            Right::Verify => &[Auditor],
        }
    }
}

impl Role {
    /// Whether the role has the right.
    pub fn may(self, right: Right) -> bool {
        right.roles().contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who may change something may also look at it.
    #[test]
    fn no_role_changes_what_it_cannot_read() {
        for (change, read) in [
            (Right::Decide, Right::ReadDrafts),
            (Right::ChangeMails, Right::ReadMails),
            (Right::ChangeSchedule, Right::ReadSchedule),
            (Right::ChangePeople, Right::ReadPeople),
            (Right::Verify, Right::ReadAudit),
        ] {
            for role in Role::ALL {
                assert!(!role.may(change) || role.may(read), "{role:?}: {change:?} without {read:?}");
            }
        }
    }

    /// Administrator, auditor and signer are three persons (三员).
    #[test]
    fn the_three_offices_are_apart() {
        assert!(
            !Operator.may(Right::Decide) && !Operator.may(Right::Verify) && !Operator.may(Right::ReadDrafts)
        );
        assert!(!Auditor.may(Right::Decide) && !Auditor.may(Right::ChangePeople));
        assert!(!Leader.may(Right::ChangePeople) && !Leader.may(Right::AskForRun));
        for right in Right::ALL {
            assert!(!right.roles().is_empty(), "{right:?}");
            assert!(right.roles() != [Unit] || right == Right::OwnUnit);
        }
    }
}
