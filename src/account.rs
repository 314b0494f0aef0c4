//! Who runs this process, as the audit log names it: an account of this machine.

use std::os::unix::fs::MetadataExt;

/// Value of `/proc/self/loginuid` where nobody has logged in.
const NOBODY: u32 = u32::MAX;

/// The account, and who is behind it where that is another one: `tongbao (zhang)` after `sudo -u tongbao`.
/// The kernel's record of the login goes before the word of the environment.
#[expect(clippy::disallowed_methods, reason = "sudo says there who has called it")]
pub fn name() -> String {
    let accounts = accounts();
    let own = uid();
    let login = std::fs::read_to_string("/proc/self/loginuid").ok();
    let login = login.and_then(|text| text.trim().parse().ok()).filter(|uid| *uid != NOBODY);
    let behind = login.map(|uid| named(&accounts, uid)).or_else(|| std::env::var("SUDO_USER").ok());
    let own = named(&accounts, own);
    match behind.map(|name| plain(&name)).filter(|name| !name.is_empty() && *name != own) {
        Some(behind) => format!("{own} ({behind})"),
        None => own,
    }
}

/// The number of the account that runs this process.
pub fn uid() -> u32 {
    std::fs::metadata("/proc/self").map_or(NOBODY, |process| process.uid())
}

/// The name of an account, or `uid N`.
pub fn called(uid: u32) -> String {
    named(&accounts(), uid)
}

fn accounts() -> String {
    std::fs::read_to_string("/etc/passwd").unwrap_or_default()
}

fn named(accounts: &str, uid: u32) -> String {
    let of = |line: &str| {
        let mut parts = line.split(':');
        let (name, number) = (parts.next()?, parts.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    };
    accounts.lines().find_map(of).unwrap_or_else(|| format!("uid {uid}"))
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
        let accounts = "root:x:0:0:root:/root:/bin/sh\ntongbao:x:997:997::/var/lib/tongbao:/sbin/nologin\n";
        assert_eq!(named(accounts, 997), "tongbao");
        assert_eq!(named(accounts, 42), "uid 42");
        assert_eq!(plain("zhang\r\nroot"), "zhangroot");
    }
}
