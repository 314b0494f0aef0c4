//! Texts of the configuration as exact values.

use std::time::Duration;
use tongbao_message::{Message, message};

use jiff::civil::Date;
use num_rational::Ratio;

use super::raw::RawDate;
use super::raw::definitions::RawPoints;

/// `85%`, `85.5 %` or `0.85` as an exact fraction.
pub(super) fn percentage(text: &str) -> Result<Ratio<u64>, Message> {
    let wrong = || message!("is-no-percentage-write-it-as", text);
    match text.trim().strip_suffix(['%', '％']) {
        Some(number) => decimal(number.trim()).map(|n| n / 100).ok_or_else(wrong),
        None => decimal(text.trim()).ok_or_else(wrong),
    }
}

/// A guard's limit; blank switches it off.
pub(super) fn limit(text: &str) -> Result<Option<Ratio<u64>>, Message> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    percentage(text).map(Some)
}

/// Points, exact.
pub(super) fn points(raw: &RawPoints) -> Result<Ratio<u64>, Message> {
    match raw {
        RawPoints::Whole(n) => Ok(Ratio::from_integer(*n)),
        RawPoints::Decimal(text) => {
            decimal(text.trim()).ok_or_else(|| message!("is-no-number-of-points-write", text))
        }
    }
}

/// A non-negative decimal with at most six digits before and after the point.
fn decimal(text: &str) -> Option<Ratio<u64>> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(places) {
        return None;
    }
    let numerator: u64 = format!("{whole}{places}").parse().ok()?;
    Some(Ratio::new(numerator, 10u64.pow(places.len() as u32)))
}

/// `30s`, `10m`, `1h`, `14d`, `500ms`.
pub(super) fn duration(text: &str) -> Result<Duration, Message> {
    let wrong = || message!("is-no-duration-write-it-as", text);
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let duration = match text[digits..].trim() {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" | "min" => Duration::from_secs(number.saturating_mul(60)),
        "h" => Duration::from_secs(number.saturating_mul(3600)),
        "d" => Duration::from_secs(number.saturating_mul(86_400)),
        _ => return Err(wrong()),
    };
    match duration {
        Duration::ZERO => Err(message!("is-no-time-at-all", text)),
        // Instants that are counted with stay within the calendar.
        _ if duration > LONGEST => Err(too_long(text)),
        _ => Ok(duration),
    }
}

/// Longest time that can be configured: ten years.
const LONGEST: Duration = Duration::from_secs(3_660 * 86_400);

fn too_long(text: &str) -> Message {
    message!("is-too-long-a-time-ten", text)
}

/// The same, to be counted with instants.
pub(super) fn span(text: &str) -> Result<jiff::SignedDuration, Message> {
    let duration = duration(text)?;
    jiff::SignedDuration::try_from(duration).map_err(|_| too_long(text))
}

/// A day without time.
pub(super) fn day(raw: &RawDate) -> Result<Date, Message> {
    let RawDate(text) = raw;
    text.trim().parse().map_err(|_| message!("is-no-date-write-it-as", text))
}

/// `name <address>` or a bare address; returns name and address. The name may stand in quotes.
pub fn mailbox(text: &str) -> Result<(String, String), Message> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address.trim()),
        None => ("", text.trim()),
    };
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
    name_is_valid(name)?;
    address_is_valid(address)?;
    Ok((name.to_owned(), address.to_owned()))
}

/// The one judge of addresses, for configuration and sending: `local@domain` in ASCII, as every server takes it
/// (RFC 5321, section 4.1.2, without quoted names and address literals).
pub fn address_is_valid(address: &str) -> Result<(), Message> {
    let is_valid = address.rsplit_once('@').is_some_and(|(local, domain)| {
        let atom = |part: &str| !part.is_empty() && part.bytes().all(is_atom);
        address.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && is_domain(domain)
    });
    if is_valid { Ok(()) } else { Err(message!("is-no-e-mail-address", text = address.escape_debug())) }
}

/// Letters, digits and signs of a name (RFC 5322, section 3.2.3).
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Labels of letters, digits and inner hyphens.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// A name that a mail header can carry on one line.
pub fn name_is_valid(name: &str) -> Result<(), Message> {
    // U+2028 and U+2029 break lines too, for some readers.
    match name.chars().find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        Some(c) => Err(message!("name-has-control-character", code = format!("U+{:04X}", u32::from(c)))),
        None => Ok(()),
    }
}

/// A name for EHLO: a host name, or an address in brackets.
pub(super) fn host_name(text: &str) -> Result<String, Message> {
    let text = text.trim();
    let literal = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_address = literal.is_some_and(|inner| {
        inner.strip_prefix("IPv6:").unwrap_or(inner).parse::<std::net::IpAddr>().is_ok()
    });
    if is_address || is_domain(text) {
        return Ok(text.to_owned());
    }
    Err(message!("is-no-host-name-write-it", text = text.escape_debug()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact() {
        assert_eq!(percentage("85%"), Ok(Ratio::new(17, 20)));
        assert_eq!(percentage(" 85.5 % "), Ok(Ratio::new(171, 200)));
        assert_eq!(percentage("0.85"), Ok(Ratio::new(17, 20)));
        for wrong in ["", "%", "-1%", "1e2%", "八成", "85%%", "1.2345678%"] {
            assert!(percentage(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_and_addresses() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert!(duration("10").is_err() && duration("0s").is_err() && duration("m").is_err());
        assert_eq!(mailbox("街道办 <a@b.test>"), Ok(("街道办".into(), "a@b.test".into())));
        for wrong in ["a", "a@", "@b", "a b@c", "a@b\r\nBcc: x@y", "a@b@c", "a\u{2028}b <a@b.test>"] {
            assert!(mailbox(wrong).is_err(), "{wrong}");
        }
        for wrong in
            ["a..b@example.test", "a@-x.test", "a@x..test", ".a@x.test", "a.@x.test", "a@x-.test", "a@x_y"]
        {
            assert!(address_is_valid(wrong).is_err(), "{wrong}");
        }
        assert!(address_is_valid(&format!("{}@x.test", "a".repeat(65))).is_err());
        assert!(address_is_valid("o'neil+x_1@mail-2.example.test").is_ok());
    }

    #[test]
    fn absurd_times_are_errors() {
        for wrong in ["99999999999h", "18446744073709551615d", "3661d"] {
            assert!(duration(wrong).is_err() && span(wrong).is_err(), "{wrong}");
        }
        assert!(span("3659d").is_ok());
    }

    #[test]
    fn names_in_a_greeting() {
        for right in ["office.example.test", "vm", "[192.0.2.1]", "[IPv6:2001:db8::1]"] {
            assert!(host_name(right).is_ok(), "{right}");
        }
        for wrong in ["", "a b", "x\r\nMAIL", "[300.1.1.1]", "-x"] {
            assert!(host_name(wrong).is_err(), "{wrong}");
        }
    }
}
