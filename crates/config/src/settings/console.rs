//! The web console.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use jiff::SignedDuration;

use tongbao_base::access::lifetime::Lifetime;
use tongbao_base::access::role::Role;

/// Where the console is served, who gets in, and for how long.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// `None` = no console.
    pub listen: Option<SocketAddr>,
    /// Address that people type, without a slash at its end; `None` = http on `listen`.
    pub url: Option<String>,
    /// Files of the certificate and its key; `None` = plain HTTP, with a proxy in front or on this machine alone.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// How long a session lasts, used and unused.
    pub lifetime: Lifetime,
    /// The password is asked for again before a sign-off when it was last given so long ago.
    pub confirm_after: SignedDuration,
    /// Fewest characters of a password.
    pub password_min: usize,
    /// The person who asked for a run does not sign it off.
    pub four_eyes: bool,
    /// Roles that need a second factor.
    pub second_factor: Vec<Role>,
    /// Units see the league table and all released documents, not only their own page.
    pub units_see_league: bool,
    /// Name and address of the consoles of other campaigns.
    pub campaigns: Vec<(String, String)>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Network>,
    /// The header in which they name who has signed in; `None` = people sign in here.
    pub proxy_user: Option<String>,
}

impl ConsoleSettings {
    /// The address of a page as mails name it; `None` where people reach no console.
    pub fn link(&self, path: &str) -> Option<String> {
        let url = self.listen.and(self.url.as_deref())?;
        Some(format!("{url}{path}"))
    }

    /// Whether browsers reach it by https, be it from a proxy.
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Whether an address belongs to a proxy that is believed.
    pub fn is_proxy(&self, ip: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(ip))
    }
}

/// A network of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Any address of the network; bits after the leading ones do not matter.
    pub address: IpAddr,
    /// Leading bits that are the same in all of it.
    pub bits: u8,
}

impl Network {
    /// `10.1.0.0/16`, or one address.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Network { address, bits })
    }

    /// Whether the address belongs to the network; an IPv4 address mapped into IPv6 counts as what it is.
    pub fn contains(self, address: IpAddr) -> bool {
        // The leading bits of both, at the right end.
        let leading = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        let ((own, width), (other, other_width)) = (leading(self.address), leading(address.to_canonical()));
        let shift = width - u32::from(self.bits);
        width == other_width && (shift == 128 || own >> shift == other >> shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses_alone() {
        let is_in = |network: &str, address: &str| {
            Network::parse(network).unwrap().contains(address.parse().unwrap())
        };
        assert!(is_in("10.1.0.0/16", "10.1.255.3") && !is_in("10.1.0.0/16", "10.2.0.1"));
        assert!(is_in("127.0.0.1", "127.0.0.1") && !is_in("127.0.0.1", "127.0.0.2"));
        assert!(is_in("0.0.0.0/0", "8.8.8.8") && !is_in("0.0.0.0/0", "::1") && is_in("::/0", "::1"));
        assert!(is_in("127.0.0.1", "::ffff:127.0.0.1") && is_in("fd00::/8", "fd12::9"));
        for odd in ["", "10.1", "10.1.0.0/33", "10.1.0.0/x", "host"] {
            assert_eq!(Network::parse(odd), None, "{odd}");
        }
    }
}
