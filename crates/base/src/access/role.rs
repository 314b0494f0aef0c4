//! Roles: named sets of rights.

/// What a person is for the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// 签发人: decides on drafts.
    Leader,
    /// 经办: circulates the reports and follows the mails.
    Clerk,
    /// 村、社区: answers for one unit and those below it.
    Unit,
    /// 管理员: keeps the program running and the accounts.
    Operator,
    /// 审计: reads the log and verifies it.
    Auditor,
}

impl Role {
    /// Every role once.
    pub const ALL: [Role; 5] = [Role::Leader, Role::Clerk, Role::Unit, Role::Operator, Role::Auditor];

    /// The word in configuration, database and commands.
    pub fn key(self) -> &'static str {
        match self {
            Role::Leader => "leader",
            Role::Clerk => "clerk",
            Role::Unit => "unit",
            Role::Operator => "operator",
            Role::Auditor => "auditor",
        }
    }

    /// The role of a word; `None` if it is no role.
    pub fn parse(key: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.key() == key)
    }
}
