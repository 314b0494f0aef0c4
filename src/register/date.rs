//! Civil dates in the forms that registers hold them in.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::batch::days_since_epoch;
use super::text::{lossy, trim};

/// Reads `1990-01-01`, `19900101`, `1990/1/1`, `1990.1.1`, `1990年1月1日`, in half- or full-width
/// digits, with or without a time behind. `None` where the text is no existing date.
pub fn parse_date(text: &str) -> Option<Date> {
    iso(text.as_bytes()).or_else(|| free(text))
}

/// A date as one number, `YYYYMMDD`. Two of them compare as their dates do, and `b - a >= n * 10_000`
/// says that at `b` at least `n` whole years have passed since `a` (29 February passes on 1 March).
pub type DateNumber = u32;

/// Reads what [`parse_date`] reads, from trimmed bytes.
pub fn date_number(text: &[u8]) -> Option<DateNumber> {
    if let Some(number) = iso_number(text) {
        return date_exists(number).then_some(number);
    }
    free(&lossy(text)).map(number_of)
}

/// The number of a date; years are those of four digits.
pub fn number_of(date: Date) -> DateNumber {
    date.year().unsigned_abs() as u32 * 10_000 + date.month() as u32 * 100 + date.day() as u32
}

/// Whether the calendar has the date.
pub fn date_exists(number: DateNumber) -> bool {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// The day of a time in the campaign's zone: `None` for a blank one, `Err` for one that is filled but
/// not understood. A time with an offset (`2016-06-06T01:00:00Z`) is converted, one without is local;
/// nine to eleven digits are Unix seconds, thirteen Unix milliseconds, eight a date.
pub fn parse_day(text: &[u8], zone: &TimeZone) -> Result<Option<Date>, NotADay> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(date) = iso(text).or_else(|| plain_time(text)) {
        return Ok(Some(date));
    }
    let text: &str = &lossy(text);
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
    iso_number(text).and_then(from_number)
}

fn iso_number(text: &[u8]) -> Option<DateNumber> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0')))
}

/// `YYYY-MM-DD` with a time of day behind that says nothing of a zone, as databases write it.
fn plain_time(text: &[u8]) -> Option<Date> {
    let (day, time) = text.split_at_checked(10)?;
    let plain = matches!(time.first(), Some(b' ' | b'T'))
        && time[1..].iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    plain.then(|| iso(day)).flatten()
}

/// Days of instants in a zone. Registers are full of neighbouring instants, so the day found last is
/// tried first.
#[derive(Debug, Clone)]
pub struct ZoneDays {
    zone: TimeZone,
    /// First second of the day found last, and of the next.
    span: (i64, i64),
    day: i32,
}

impl ZoneDays {
    pub fn new(zone: TimeZone) -> ZoneDays {
        ZoneDays { zone, span: (0, 0), day: 0 }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The day, since 1970-01-01, of an instant in seconds of Unix time; `None` beyond the calendar.
    pub fn day(&mut self, second: i64) -> Option<i32> {
        if !(self.span.0..self.span.1).contains(&second) {
            let date = Timestamp::from_second(second).ok()?.to_zoned(self.zone.clone()).date();
            let start = |date: Date| Some(date.to_zoned(self.zone.clone()).ok()?.timestamp().as_second());
            self.span = (start(date)?, start(date.tomorrow().ok()?)?);
            self.day = days_since_epoch(date);
        }
        Some(self.day)
    }
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
    fn numbers_of_dates_are_dates() {
        let mut rng = fastrand::Rng::with_seed(10);
        for _ in 0..50_000 {
            let number = rng.u32(0..9999) * 10_000 + rng.u32(0..14) * 100 + rng.u32(0..33);
            let (y, m, d) = (number / 10_000, number / 100 % 100, number % 100);
            let written = format!("{y:04}-{m:02}-{d:02}");
            assert_eq!(date_number(written.as_bytes()), parse_date(&written).map(number_of), "{written}");
            assert_eq!(date_exists(number), Date::new(y as i16, m as i8, d as i8).is_ok(), "{written}");
        }
        for text in ["1990/1/2", "19900102", "1990年1月2日", "1990-01-02 08:00:00"] {
            assert_eq!(date_number(text.as_bytes()), Some(19_900_102), "{text}");
        }
        assert_eq!(date_number(b"1990-02-30"), None);
        assert_eq!(date_number(&[0xFF, 0x31]), None);
    }

    #[test]
    fn instants_find_their_day_again() {
        let mut rng = fastrand::Rng::with_seed(11);
        for name in ["Asia/Shanghai", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia"] {
            let zone = TimeZone::get(name).unwrap();
            let mut days = ZoneDays::new(zone.clone());
            let mut second = 1_300_000_000i64;
            for _ in 0..20_000 {
                second += rng.i64(-30_000..40_000);
                let date = Timestamp::from_second(second).unwrap().to_zoned(zone.clone()).date();
                assert_eq!(days.day(second), Some(days_since_epoch(date)), "{name} {second}");
            }
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
            assert_eq!(parse_day(text.as_bytes(), &zone), Ok(Some(date(2016, 6, day))), "{text}");
        }
        assert_eq!(parse_day(b"  ", &zone), Ok(None));
        for text in ["昨天", "2016-13-01", "123456789012", "2016-06-06T25:00:00Z"] {
            assert_eq!(parse_day(text.as_bytes(), &zone), Err(NotADay), "{text}");
        }
    }
}
