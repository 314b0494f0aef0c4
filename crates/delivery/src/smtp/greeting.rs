//! How this program introduces itself, and what the server offers then (RFC 5321, section 4.1.1.1).

use super::reply::Reply;

/// What a server has offered in its answer to EHLO.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) starttls: bool,
    /// Names of the ways to log in, in capitals.
    pub(super) auth: Vec<String>,
    /// Largest mail in bytes, if it says so.
    pub(super) size: Option<u64>,
}

impl Offers {
    /// Keywords do not distinguish capitals; the first line is the server's name. `AUTH=` is the form of old
    /// servers.
    pub(super) fn read(reply: &Reply) -> Offers {
        let mut offers = Offers::default();
        for line in reply.lines.iter().skip(1) {
            let line = String::from_utf8_lossy(line).to_ascii_uppercase().replace("AUTH=", "AUTH ");
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                // 0: no limit that is known in advance (RFC 1870, section 3).
                Some("SIZE") => offers.size = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0),
                _ => {}
            }
        }
        offers
    }

    pub(super) fn has_auth(&self, name: &str) -> bool {
        self.auth.iter().any(|offered| offered == name)
    }
}

/// The name in EHLO: the configured one, else this machine's.
pub(super) fn own_name(configured: Option<&str>) -> String {
    let machine = nix::sys::utsname::uname();
    let machine = machine.as_ref().map(|names| names.nodename().to_string_lossy()).unwrap_or_default();
    let name = configured.unwrap_or(&machine).trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    // A machine without a usable name introduces itself by an address literal.
    if name.is_empty() || !name.chars().all(is_name) { "[127.0.0.1]".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_whatever_their_case() {
        let lines = ["mail.example.test", "starttls", "size 1000", "auth=login", "AUTH plain CRAM-MD5"];
        let reply = Reply { code: 250, lines: lines.iter().map(|line| line.as_bytes().to_vec()).collect() };
        let offers = Offers::read(&reply);
        assert!(offers.starttls && offers.has_auth("LOGIN") && offers.has_auth("PLAIN"));
        assert_eq!(offers.auth, ["LOGIN", "PLAIN", "CRAM-MD5"]);
        assert_eq!(offers.size, Some(1000));
        let named_so = Reply { code: 250, lines: vec![b"STARTTLS".to_vec(), b"SIZE 0".to_vec()] };
        assert_eq!(Offers::read(&named_so), Offers::default(), "the first line is a name");
    }

    #[test]
    fn the_name_is_the_machines_or_the_configured_one() {
        let name = own_name(None);
        assert!(!name.is_empty() && !name.contains(char::is_whitespace));
        assert_eq!(own_name(Some("office.example.test")), "office.example.test");
        assert_eq!(own_name(Some("a b")), "[127.0.0.1]");
    }
}
