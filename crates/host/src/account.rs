//! Who runs this process, as the audit log names it: an account of this machine.

use nix::unistd::{Uid, User};

/// Value of `/proc/self/loginuid` where nobody has logged in.
const NOBODY: u32 = u32::MAX;

/// The account, and the person who became it where that is another one: `tongbao (zhang)` after
/// `sudo -u tongbao`. The kernel's record of the login goes before the word of the environment.
#[expect(clippy::disallowed_methods, reason = "sudo says there who has called it")]
pub fn name() -> String {
    let login = std::fs::read_to_string("/proc/self/loginuid").ok();
    let login = login.and_then(|text| text.trim().parse().ok()).filter(|uid| *uid != NOBODY);
    let person = login.map(|uid| called(Uid::from_raw(uid))).or_else(|| std::env::var("SUDO_USER").ok());
    let own = called(Uid::current());
    match person.map(|name| plain(&name)).filter(|name| !name.is_empty() && *name != own) {
        Some(person) => format!("{own} ({person})"),
        None => own,
    }
}

/// The number of the account that runs this process.
pub fn uid() -> u32 {
    Uid::current().as_raw()
}

/// The name of an account by its number.
pub fn name_of(uid: u32) -> String {
    called(Uid::from_raw(uid))
}

/// The name by the machine's name service, which knows local accounts and those of a directory (LDAP,
/// Active Directory) alike; the number where it knows none.
fn called(uid: Uid) -> String {
    let name = User::from_uid(uid).ok().flatten().map(|user| plain(&user.name));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("uid {uid}"))
}

/// Only what names of accounts are made of.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || "._-@\\ ".contains(*c)).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_number() {
        assert_eq!(called(Uid::from_raw(0)), "root");
        assert_eq!(called(Uid::from_raw(4_200_000_042)), "uid 4200000042");
        assert_eq!(plain("zhang\r\nroot"), "zhangroot");
    }
}
