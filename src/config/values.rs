//! Texts of the configuration as exact values.

use std::time::Duration;

use jiff::civil::Date;
use num_rational::Ratio;

use super::raw::RawDate;
use super::raw::definitions::RawPoints;

/// `85%`, `85.5 %` or `0.85` as an exact fraction.
pub(super) fn percentage(text: &str) -> Result<Ratio<u64>, String> {
    let wrong = || format!("\"{text}\" is no percentage; write it as \"85%\"");
    match text.trim().strip_suffix(['%', '％']) {
        Some(number) => decimal(number.trim()).map(|n| n / 100).ok_or_else(wrong),
        None => decimal(text.trim()).ok_or_else(wrong),
    }
}

/// A guard's limit; blank switches it off.
pub(super) fn limit(text: &str) -> Result<Option<Ratio<u64>>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    percentage(text).map(Some)
}

/// Points, exact.
pub(super) fn points(raw: &RawPoints) -> Result<Ratio<u64>, String> {
    match raw {
        RawPoints::Whole(n) => Ok(Ratio::from_integer(*n)),
        RawPoints::Decimal(text) => decimal(text.trim())
            .ok_or_else(|| format!("\"{text}\" is no number of points; write 2 or \"2.5\"")),
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
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is no duration; write it as \"30s\", \"10m\" or \"1h\"");
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
    if duration.is_zero() { Err(format!("\"{text}\" is no time at all")) } else { Ok(duration) }
}

/// The same, to be counted with instants.
pub(super) fn span(text: &str) -> Result<jiff::SignedDuration, String> {
    let duration = duration(text)?;
    jiff::SignedDuration::try_from(duration).map_err(|_| format!("\"{text}\" is too long a time"))
}

/// A day without time.
pub(super) fn day(raw: &RawDate) -> Result<Date, String> {
    let RawDate(text) = raw;
    text.trim().parse().map_err(|_| format!("\"{text}\" is no date; write it as 2016-06-30"))
}

/// `name <address>` or a bare address; returns name and address.
pub fn mailbox(text: &str) -> Result<(String, String), String> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address.trim()),
        None => ("", text.trim()),
    };
    if name.chars().any(char::is_control) {
        return Err(format!("\"{}\" has a control character", name.escape_debug()));
    }
    address_is_valid(address)?;
    Ok((name.to_owned(), address.to_owned()))
}

/// A plain check: one @, a domain, no blanks or control characters (RFC 5321, 4.1.2, ASCII only).
pub(super) fn address_is_valid(address: &str) -> Result<(), String> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && part.bytes().all(|b| b.is_ascii_graphic() && !b"()<>[]:;,\\\"@".contains(&b))
    };
    match address.rsplit_once('@') {
        Some((local, domain)) if plain(local) && plain(domain) => Ok(()),
        _ => Err(format!("\"{}\" is no e-mail address", address.escape_debug())),
    }
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
        for wrong in ["a", "a@", "@b", "a b@c", "a@b\r\nBcc: x@y", "a@b@c"] {
            assert!(mailbox(wrong).is_err(), "{wrong}");
        }
    }
}
