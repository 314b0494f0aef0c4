//! What protects the ways to databases and mail servers.

use crate::Secret;

/// How the way to a database is protected. By default the certificate and its name are verified
/// wherever the way leaves this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Authorities trusted in addition to those of the system, as PEM.
    pub authorities: Option<String>,
    /// The program's own certificate and its key, as PEM.
    pub identity: Option<(String, Secret)>,
    /// Hosts off this machine that may be spoken to without TLS.
    pub plain_text_hosts: Vec<String>,
}

impl Tls {
    /// Whether the way to `host` must be encrypted and the server verified. On this machine it need not,
    /// unless certificates are configured.
    pub fn is_demanded(&self, host: &str) -> bool {
        let is_configured = self.authorities.is_some() || self.identity.is_some();
        let is_free = is_loopback(host) || self.plain_text_hosts.iter().any(|named| same(named, host));
        is_configured || !is_free
    }
}

/// Whether a host name or address means this machine.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    same(bare, "localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Host names do not distinguish capitals.
pub fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_the_named_host_may_go_without() {
        let named = Tls { plain_text_hosts: vec!["db.lan".into()], ..Tls::default() };
        for free in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "db.lan", "DB.lan"] {
            assert!(!named.is_demanded(free), "{free}");
        }
        for far in ["localhost.evil.test", "127.0.0.1.evil.test", "db.lan.evil", "10.0.0.1", "", "127.1"] {
            assert!(named.is_demanded(far), "{far}");
        }
        let own = Tls { authorities: Some("pem".into()), ..named };
        assert!(own.is_demanded("localhost") && own.is_demanded("db.lan"));
    }
}
