//! Civil dates as numbers, and the days of instants in a zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::batch::days_since_epoch;

/// A date as one number, `YYYYMMDD`. Two of them compare as their dates do, and `b - a >= n * 10_000`
/// says that at `b` at least `n` whole years have passed since `a` (29 February passes on 1 March).
pub type DateNumber = u32;

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

/// Days from 1 March of the year 0 to 1970-01-01.
const EPOCH: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const CYCLE: i64 = 146_097;

/// The day, since 1970-01-01, of a date of the years 0 to 9999; `None` where the calendar has no such date. Years begin
/// in March here, so that the leap day is the last.
pub fn days_of_number(number: DateNumber) -> Option<i64> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    if year > 9_999 || !date_exists(number) {
        return None;
    }
    let (month, year) =
        if month > 2 { (month - 3, i64::from(year)) } else { (month + 9, i64::from(year) - 1) };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = i64::from((153 * month + 2) / 5 + day - 1);
    Some(cycle * CYCLE + year * 365 + year / 4 - year / 100 + of_year - EPOCH)
}

/// The date of a day since 1970-01-01, if it has a number: from the year 0 to 9999.
pub fn number_of_days(days: i32) -> Option<DateNumber> {
    let day = i64::from(days) + EPOCH;
    let (cycle, of_cycle) = (day.div_euclid(CYCLE), day.rem_euclid(CYCLE));
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (year, date) = (year + cycle * 400, of_year - (153 * month + 2) / 5 + 1);
    let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
    (0..=9_999).contains(&year).then(|| (year * 10_000 + month * 100 + date) as DateNumber)
}

/// Reads `1990-01-02` alone, the common form, without looking further; whether the calendar has the date
/// is not said.
pub fn iso_number(text: &[u8]) -> Option<DateNumber> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0')))
}

/// The date of `YYYY-MM-DD` and a time of day that says nothing of a zone, as databases write it.
pub fn plain_time_number(text: &[u8]) -> Option<DateNumber> {
    let (day, time) = text.split_at_checked(10)?;
    is_plain_time(time).then(|| iso_number(day)).flatten()
}

/// Whether what stands after a date is a time of day of digits, colons and points.
pub fn is_plain_time(rest: &[u8]) -> bool {
    matches!(rest, [b' ' | b'T', time @ ..] if time.iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')))
}

/// Whether a trimmed value is MySQL's date for "none": zeros and separators alone.
pub fn is_zero_date(text: &[u8]) -> bool {
    text.first() == Some(&b'0')
        && text.iter().all(|b| matches!(b, b'0' | b'-' | b'/' | b'.' | b':' | b' ' | b'T'))
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
    /// Days of the zone; nothing is looked up yet.
    pub fn new(zone: TimeZone) -> ZoneDays {
        ZoneDays { zone, span: (0, 0), day: 0 }
    }

    /// The zone whose days these are.
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

/// The date of a number, if the calendar has it.
pub fn from_number(number: DateNumber) -> Option<Date> {
    Date::new((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_dates_are_dates() {
        let mut rng = fastrand::Rng::with_seed(10);
        for _ in 0..50_000 {
            let number = rng.u32(0..9999) * 10_000 + rng.u32(0..14) * 100 + rng.u32(0..33);
            let (y, m, d) = (number / 10_000, number / 100 % 100, number % 100);
            let written = format!("{y:04}-{m:02}-{d:02}");
            assert_eq!(iso_number(written.as_bytes()), Some(number), "{written}");
            assert_eq!(date_exists(number), Date::new(y as i16, m as i8, d as i8).is_ok(), "{written}");
            assert_eq!(
                date_exists(number),
                from_number(number).is_some_and(|date| number_of(date) == number)
            );
        }
        assert_eq!(plain_time_number(b"1990-01-02 08:00:00.5"), Some(19_900_102));
        for text in ["1990-01-02 08:00:00Z", "1990-01-02 08:00:00+08", "1990-01-02x", "1990-1-2 08:00"] {
            assert_eq!(plain_time_number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn days_and_numbers_are_those_of_the_calendar() {
        let (mut day, last) = (Date::new(0, 1, 1).unwrap(), Date::new(9_999, 12, 31).unwrap());
        let mut days = days_since_epoch(day);
        while day < last {
            assert_eq!(
                (number_of_days(days), days_of_number(number_of(day))),
                (Some(number_of(day)), Some(i64::from(days)))
            );
            (day, days) = (day.tomorrow().unwrap(), days + 1);
        }
        assert_eq!(days_since_epoch(last), days);
        for days in [days_since_epoch(Date::new(0, 1, 1).unwrap()) - 1, days + 1, i32::MIN, i32::MAX] {
            assert_eq!(number_of_days(days), None, "{days}");
        }
        for number in [0, 20_160_230, 20_150_229, 100_000_101, u32::MAX] {
            assert_eq!(days_of_number(number), None, "{number}");
        }
    }

    #[test]
    fn zero_dates_are_none() {
        for text in ["0000-00-00", "0000-00-00 00:00:00", "00000000", "0000-00-00T00:00:00.0"] {
            assert!(is_zero_date(text.as_bytes()), "{text}");
        }
        for text in ["", "-", "0000-00-01", "2000-00-00", "0001-01-01"] {
            assert!(!is_zero_date(text.as_bytes()), "{text}");
        }
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
}
