//! Civil dates in the forms that registers hold them in.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Reads `1990-01-01`, `19900101`, `1990/1/1`, `1990.1.1`, `1990年1月1日`, in half- or full-width
/// digits, with or without a time behind. `None` where the text is no existing date.
pub fn parse_date(text: &str) -> Option<Date> {
    iso(text.as_bytes()).or_else(|| free(text))
}

/// The day of a time in the campaign's zone: `None` for a blank one, `Err` for one that is filled but
/// not understood. A time with an offset (`2016-06-06T01:00:00Z`) is converted, one without is local;
/// nine to eleven digits are Unix seconds, thirteen Unix milliseconds, eight a date.
pub fn parse_day(text: &str, zone: &TimeZone) -> Result<Option<Date>, NotADay> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(date) = iso(text.as_bytes()) {
        return Ok(Some(date));
    }
    let local = |instant: Timestamp| Ok(Some(instant.to_zoned(zone.clone()).date()));
    if text.len() > 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let number: i64 = text.parse().map_err(|_| NotADay)?;
        return match text.len() {
            9..=11 => local(Timestamp::from_second(number).map_err(|_| NotADay)?),
            13 => local(Timestamp::from_millisecond(number).map_err(|_| NotADay)?),
            _ => Err(NotADay),
        };
    }
    if has_offset(text) {
        return match text.parse::<Timestamp>() {
            Ok(instant) => local(instant),
            Err(_) => Err(NotADay),
        };
    }
    parse_date(text).map(Some).ok_or(NotADay)
}

/// A registration time that is filled but not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADay;

/// `Z`, `+08`, `+08:00` after a time of day.
fn has_offset(text: &str) -> bool {
    let Some((_, time)) = text.split_once(':') else { return false };
    time.ends_with(['Z', 'z']) || time.contains(['+', '-'])
}

/// The common form, read without looking further.
fn iso(text: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0'));
    from_number(number)
}

fn free(text: &str) -> Option<Date> {
    let plain: String = text.trim().chars().map(half_width).collect();
    let end = plain.find([' ', 'T', 't']).unwrap_or(plain.len());
    let (day, time) = plain.split_at(end);
    if !time.chars().all(|c| c.is_ascii_digit() || " Tt:.,+-Zz".contains(c)) {
        return None;
    }
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return from_number(day.parse().ok()?);
    }
    let parts: Vec<&str> = day.strip_suffix('日').unwrap_or(day).split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts[..] else { return None };
    let number = |text: &str, most: usize| -> Option<i16> {
        let digits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    if year.len() != 4 {
        return None;
    }
    Date::new(number(year, 4)?, number(month, 2)? as i8, number(day, 2)? as i8).ok()
}

fn from_number(number: u32) -> Option<Date> {
    Date::new((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8).ok()
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | '－' | '／' | '．' | '：' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn reads_dates_in_several_forms() {
        for text in [
            "1990-01-02",
            "19900102",
            "1990/1/2",
            "1990.01.02",
            "1990年1月2日",
            "１９９０年１月２日",
            "1990-01-02 00:00:00",
            "1990-01-02T08:30:00",
            " 1990-1-2 ",
        ] {
            assert_eq!(parse_date(text), Some(date(1990, 1, 2)), "{text}");
        }
        for text in [
            "",
            "1990-02-30",
            "19901301",
            "1990",
            "1990-01",
            "90-01-02",
            "一九九〇年",
            "1990-01-02 张",
            "0000-00-00",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_days_of_the_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        for (text, day) in [
            ("2016-06-06", 6),
            ("2016-06-06 23:30:00", 6),
            ("2016-06-06T16:30:00Z", 7),
            ("2016-06-06 16:30:00+00", 7),
            ("2016-06-06 16:30:00.123456+00:00", 7),
            ("1465230600", 7),
            ("1465230600000", 7),
            ("20160607", 7),
        ] {
            assert_eq!(parse_day(text, &zone), Ok(Some(date(2016, 6, day))), "{text}");
        }
        assert_eq!(parse_day("  ", &zone), Ok(None));
        for text in ["昨天", "2016-13-01", "123456789012", "2016-06-06T25:00:00Z"] {
            assert_eq!(parse_day(text, &zone), Err(NotADay), "{text}");
        }
    }
}
