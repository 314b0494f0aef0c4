//! Checks the web console.

use std::net::SocketAddr;
use std::path::PathBuf;
use tongbao_message::{Message, message};

use super::Check;
use crate::exact_values;
use crate::raw::console::{RawConsole, RawOtherCampaign, RawUnitsSee};
use crate::settings::{ConsoleSettings, Network};
use tongbao_base::access::lifetime::Lifetime;
use tongbao_base::access::role::Role;

/// Fewest characters that a password may be asked for (OWASP ASVS 5.0, 6.2.1).
const LEAST_PASSWORD: usize = 8;

pub(super) fn console(raw: &RawConsole, check: &mut Check) -> Option<ConsoleSettings> {
    let mut span = |key: &str, text: &str| check.keep(&format!("console.{key}"), exact_values::span(text));
    let (idle, longest) = (span("idle", &raw.idle), span("longest", &raw.longest));
    let confirm_after = span("confirm_after", &raw.confirm_after);
    let listen = check.keep("console.listen", listen(raw));
    let campaign = |other: &RawOtherCampaign| match (other.name.trim(), url(&other.url)?) {
        ("", _) | (_, None) => Err(message!("each-campaign-needs-its-name-and").to_owned()),
        (name, Some(url)) => Ok((name.to_owned(), url)),
    };
    let campaigns = raw.campaigns.iter().map(campaign).collect::<Result<Vec<_>, Message>>();
    let campaigns = check.keep("console.campaigns", campaigns);
    let url = check.keep("console.url", url(&raw.url));
    let tls = tls(raw, check);
    if let (Some(Some(listen)), true) = (listen, raw.allow_plain_text)
        && !listen.ip().is_loopback()
        && raw.cert_file.is_none()
    {
        check.warn("console.allow_plain_text", message!("passwords-and-documents-can-be-read"));
    }
    if !(LEAST_PASSWORD..=tongbao_base::access::password::LONGEST).contains(&raw.password_min) {
        check.fail("console.password_min", message!("a-password-has-to-characters-at"));
    }
    let role =
        |text: &String| Role::parse(text).ok_or_else(|| message!("is-no-role-write-leader-clerk", text));
    let roles: Result<Vec<Role>, Message> = raw.second_factor.iter().map(role).collect();
    let second_factor = check.keep("console.second_factor", roles);
    let network =
        |text: &String| Network::parse(text).ok_or_else(|| message!("is-no-address-or-network-write", text));
    let networks: Result<Vec<Network>, Message> = raw.proxy.networks.iter().map(network).collect();
    let proxies = check.keep("console.proxy.networks", networks);
    let proxy_user = check.keep("console.proxy.user_header", user_header(raw));
    Some(ConsoleSettings {
        campaigns: campaigns?,
        listen: listen?,
        tls: tls?,
        url: url?,
        lifetime: Lifetime { idle: idle?, longest: longest? },
        confirm_after: confirm_after?,
        password_min: raw.password_min,
        four_eyes: raw.four_eyes,
        second_factor: second_factor?,
        units_see_league: raw.units_see == RawUnitsSee::League,
        proxies: proxies?,
        proxy_user: proxy_user?,
    })
}

/// The files of TLS: both or neither, and an address that says so.
fn tls(raw: &RawConsole, check: &mut Check) -> Option<Option<(PathBuf, PathBuf)>> {
    match (&raw.cert_file, &raw.key_file) {
        (None, None) => Some(None),
        (Some(_), Some(_)) if raw.url.trim().to_ascii_lowercase().starts_with("http://") => {
            check.fail("console.url", message!("the-console-speaks-tls-by-cert-file"));
            None
        }
        (Some(chain), Some(key)) => {
            let (chain, key) = (check.path("console.cert_file", chain), check.path("console.key_file", key));
            Some(Some((chain, key)))
        }
        _ => {
            check.fail("console.cert_file", message!("cert-file-and-key-file-belong-together-name"));
            None
        }
    }
}

fn listen(raw: &RawConsole) -> Result<Option<SocketAddr>, Message> {
    let text = raw.listen.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() || raw.allow_plain_text || raw.cert_file.is_some() => {
            Ok(Some(address))
        }
        Ok(address) => Err(message!("can-be-reached-from-outside-where", address, port = address.port())),
        Err(_) => Err(message!("is-no-address-write-it-as", text)),
    }
}

/// Headers that mean something else, or that a browser sets.
const OTHER_HEADERS: [&str; 8] = [
    "authorization",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "origin",
    "user-agent",
    "x-forwarded-for",
];

fn user_header(raw: &RawConsole) -> Result<Option<String>, Message> {
    let name = raw.proxy.user_header.trim().to_ascii_lowercase();
    if name.is_empty() {
        return Ok(None);
    }
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_plain || OTHER_HEADERS.contains(&name.as_str()) {
        return Err(message!("is-no-header-of-its-own", name));
    }
    if raw.proxy.networks.is_empty() {
        return Err(message!("anybody-could-name-anyone-say-in").to_owned());
    }
    Ok(Some(name))
}

/// Scheme and host alone: the console has no folder of its own.
fn url(text: &str) -> Result<Option<String>, Message> {
    let text = text.trim().trim_end_matches('/');
    if text.is_empty() {
        return Ok(None);
    }
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_host = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    match host {
        Some(host) if is_host(host) => Ok(Some(text.to_ascii_lowercase())),
        _ => Err(message!("is-no-address-of-a-site", text)),
    }
}
