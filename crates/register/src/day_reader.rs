//! Which day a value means: the one reader of birth dates, registration times and validity days, for
//! every source. What `init` recognises is what this reads.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chinese_numerals::in_digits;
use super::date::{
    DateNumber, date_exists, from_number, is_zero_date, iso_number, number_of, plain_time_number,
};
use super::day_text::{self, EARLIEST, LATEST};
use super::nothing::is_word_for_nothing;
use super::text::{lossy, shape, trim};

/// How a column writes its days where the values themselves do not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayForm {
    /// As people and programs write them: year first, or with the name of the month; numbers of a
    /// spreadsheet count from 1900.
    #[default]
    Written,
    /// `13/6/2016`.
    DayFirst,
    /// `6/13/2016`.
    MonthFirst,
    /// Seconds since 1970-01-01 in UTC.
    UnixSeconds,
    /// Milliseconds since 1970-01-01 in UTC.
    UnixMilliseconds,
    /// Numbers of a spreadsheet that count from 1904, as on old Macs.
    #[serde(rename = "serial_1904")]
    Serial1904,
}

impl DayForm {
    /// Every form with its name in the configuration.
    pub const NAMES: [(&'static str, DayForm); 6] = [
        ("written", DayForm::Written),
        ("day_first", DayForm::DayFirst),
        ("month_first", DayForm::MonthFirst),
        ("unix_seconds", DayForm::UnixSeconds),
        ("unix_milliseconds", DayForm::UnixMilliseconds),
        ("serial_1904", DayForm::Serial1904),
    ];
}

/// How a column writes its days, where its values do not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayStyle {
    /// The form of its values.
    pub form: DayForm,
    /// Years of two digits are those of the hundred years that begin with this one; `None` = they are not read,
    /// for nothing says which century is meant.
    pub first_year: Option<i16>,
}

impl From<DayForm> for DayStyle {
    fn from(form: DayForm) -> DayStyle {
        DayStyle { form, first_year: None }
    }
}

impl DayStyle {
    /// The year that two digits stand for.
    pub(super) fn whole_year(self, digits: i16) -> Option<i16> {
        self.first_year.map(|first| first + (digits - first).rem_euclid(100))
    }
}

/// What a value says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayReading {
    /// Blank, a word for nothing, or MySQL's zero date.
    Blank,
    /// A day that the calendar has.
    Day(Date),
    /// Filled, but not understood.
    Unreadable,
}

/// Reads the days of one column.
#[derive(Debug, Clone)]
pub struct DayReader {
    zone: TimeZone,
    style: DayStyle,
}

impl DayReader {
    /// Instants become days of `zone`.
    pub fn new(zone: TimeZone, style: impl Into<DayStyle>) -> DayReader {
        DayReader { zone, style: style.into() }
    }

    /// Reads a value as its source wrote it.
    pub fn read(&self, value: &[u8]) -> DayReading {
        let text = trim(value);
        if let Some(number) = self.number(text) {
            return from_number(number).map_or(DayReading::Unreadable, DayReading::Day);
        }
        match text.is_empty() || is_zero_date(text) || is_word_for_nothing(text) {
            true => DayReading::Blank,
            false => DayReading::Unreadable,
        }
    }

    /// The date of a trimmed value as a number; `None` where it is no existing date. The common forms are
    /// read first, without an allocation.
    pub fn number(&self, text: &[u8]) -> Option<DateNumber> {
        if self.style.form == DayForm::Written {
            let common = iso_number(text).or_else(|| plain_time_number(text)).or_else(|| compact(text));
            if let Some(number) = common {
                return date_exists(number).then_some(number);
            }
            // Every form has a digit or is in Chinese numerals; placeholders and words mostly have none.
            let has_digit = || text.iter().any(|b| b.is_ascii_digit() || *b == 0xEF);
            if !has_digit() && !text.windows(YEAR.len()).any(|part| part == YEAR) {
                return None;
            }
        }
        self.slow(&lossy(text)).filter(|date| date.year() > 0).map(number_of)
    }

    fn slow(&self, text: &str) -> Option<Date> {
        let text = day_text::plain(text);
        match decimal(&text) {
            Some((whole, fraction)) => self.counted(whole, fraction),
            None => {
                let text = in_digits(&text).unwrap_or(text);
                day_text::read(&text, &self.zone, self.style)
            }
        }
    }

    /// A number: digits of a date, days of a spreadsheet, or Unix time where the column says so.
    fn counted(&self, whole: &str, fraction: &str) -> Option<Date> {
        let is_whole = fraction.bytes().all(|b| b == b'0');
        let number: i64 = whole.parse().ok()?;
        let instant = match self.style.form {
            DayForm::UnixSeconds => Timestamp::from_second(number).ok()?,
            DayForm::UnixMilliseconds => Timestamp::from_millisecond(number).ok()?,
            DayForm::Serial1904 if number < 100_000 => return day_since_1904(number),
            // `900105`; what has lost its first zero cannot be told from the number of a spreadsheet.
            _ if self.style.first_year.is_some() && matches!(whole.len(), 5 | 6) => {
                let digits = Some(whole).filter(|whole| is_whole && whole.len() == 6)?;
                return day_text::short(digits, self.style);
            }
            _ if whole.len() == 5 => return serial(date(1899, 12, 30), number),
            _ if is_whole || whole.len() == 14 => {
                return compact(whole.as_bytes()).and_then(from_number);
            }
            _ => return None,
        };
        Some(instant.to_zoned(self.zone.clone()).date())
    }
}

/// The day of a number that counts from 1904, as in workbooks of old Macs; `None` unless it is one of our time.
pub fn day_since_1904(days: i64) -> Option<Date> {
    serial(date(1904, 1, 1), days)
}

/// The day that a spreadsheet writes as a number, if it is one of our time.
fn serial(origin: Date, days: i64) -> Option<Date> {
    let day = origin.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    (1900..=2099).contains(&day.year()).then_some(day)
}

/// The sign after the year of a date in Chinese numerals.
const YEAR: &[u8] = "年".as_bytes();

/// The date of 8 digits, or of 10, 12, 14 or 17 with hour, minute, second and milliseconds after it. The
/// longer ones are read only where every part can be what it stands for, so that a count of seconds is
/// none.
fn compact(text: &[u8]) -> Option<DateNumber> {
    if !matches!(text.len(), 8 | 10 | 12 | 14 | 17) || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0'));
    let (day, time) = text.split_at(8);
    let day = number(day);
    let most = [24, 59, 60];
    let fits = time.chunks_exact(2).zip(most).all(|(part, most)| number(part) <= most);
    let is_usual = (EARLIEST as u32..=LATEST as u32).contains(&(day / 10_000));
    (time.is_empty() || (fits && is_usual)).then_some(day)
}

/// Digits before and after a point; a sign belongs to the whole ones.
fn decimal(text: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (!digits.is_empty() && all(digits) && all(fraction)).then_some((whole, fraction))
}

/// How an unreadable day looks, for a message.
pub fn day_shape(value: &[u8]) -> String {
    const WORDS: &str = "年月日号时點点分秒上下午周星期礼拜一二三四五六七八九十零〇早晚凌晨中";
    shape(&lossy(trim(value)), WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(form: DayForm) -> DayReader {
        DayReader::new(TimeZone::get("Asia/Shanghai").unwrap(), form)
    }

    #[test]
    fn the_usual_forms_are_read() {
        let reader = reader(DayForm::Written);
        for text in [
            "2016-06-09",
            "20160609",
            "2016/6/9",
            "2016.06.09",
            "2016年6月9日",
            "2016年06月09",
            "2016 年 6 月 9 日",
            "２０１６年６月９日",
            "２０１６－０６－０９",
            " 2016-6-9 ",
            "2016-06-09 08:30:00",
            "2016-06-09T08:30:00.123",
            "2016060909",
            "201606090905",
            "20160609090500",
            "20160609090500123",
            "20160609.0",
            "20160609090500.0",
            "20160609090500.250",
            "20160609 090500",
            "20160609T090500",
            "20160609 09:05",
            "42530",
            "42530.0",
            "42530.395833",
            "2016/6/9 上午9:05",
            "2016/6/9 上午 9:05:00",
            "2016-06-09 下午3时5分",
            "2016年6月9日 下午3点05分30秒",
            "2016年6月9日9时",
            "2016年6月9日星期四",
            "2016-06-09 周四 09:05",
            "2016-06-09（星期四）",
            "星期四 2016-06-09",
            "2016/6/9 9:05:00 AM",
            "2016/6/9 9:05:00 p.m.",
            "9-Jun-2016",
            "09-JUN-2016 09:05:00",
            "9 June 2016",
            "June 9, 2016",
            "Thursday, June 9, 2016 9:05 AM",
            "9-6月-2016",
            "09-6月 -2016 09.05.00",
            "2016-Jun-09",
            "2016-06-09\u{200B}",
            "\u{FEFF}2016-06-09",
            "2016\u{2060}-06-09",
            "'2016-06-09",
            "=\"2016-06-09\"",
            "2016-06-09 09:05:00:000",
            "2016-06-09 24:00:00",
            "2016-6月-9",
            "2016-6月-09 09:05",
            "二〇一六年六月九日",
            "二零一六年六月九日",
            "二○一六年〇六月〇九日 上午9:05",
            "二〇一六年六月九号星期四",
            "二〇一六年6月9日",
            "　二〇一六年　六月　九日",
        ] {
            assert_eq!(reader.read(text.as_bytes()), DayReading::Day(date(2016, 6, 9)), "{text}");
        }
    }

    #[test]
    fn instants_are_days_of_the_zone() {
        let reader = reader(DayForm::Written);
        for (text, day) in [
            ("2016-06-08T16:30:00Z", date(2016, 6, 9)),
            ("2016-06-08 16:30:00+00", date(2016, 6, 9)),
            ("2016-06-08 16:30:00 +0000", date(2016, 6, 9)),
            ("2016-06-08 16:30:00.123456+00:00", date(2016, 6, 9)),
            ("2016-06-08 16:30:00 UTC", date(2016, 6, 9)),
            ("2016-06-09T00:30:00+08:00[Asia/Shanghai]", date(2016, 6, 9)),
            ("Wed, 08 Jun 2016 16:30:00 GMT", date(2016, 6, 9)),
            ("Thu Jun 09 00:30:00 CST 2016", date(2016, 6, 9)),
            ("Thu Jun 09 2016 00:30:00 GMT+0800 (中国标准时间)", date(2016, 6, 9)),
            ("2016-06-08 04:30:00 PM +0000", date(2016, 6, 9)),
            ("2016-06-09+08:00", date(2016, 6, 9)),
            ("1990-01-04T16:00:00Z", date(1990, 1, 5)),
            // Summer time: midnight in China was 15:00 in Greenwich.
            ("1989-06-04T15:00Z", date(1989, 6, 5)),
            ("1989-06-04T14:59:59Z", date(1989, 6, 4)),
            ("1991-09-14T15:30:00Z", date(1991, 9, 15)),
            ("1991-09-15T15:30:00Z", date(1991, 9, 15)),
        ] {
            assert_eq!(reader.read(text.as_bytes()), DayReading::Day(day), "{text}");
        }
    }

    #[test]
    fn years_of_two_digits_are_read_where_their_century_is_named() {
        let style = |form, first_year| DayStyle { form, first_year: Some(first_year) };
        let day = |style, text: &str| {
            DayReader::new(TimeZone::get("Asia/Shanghai").unwrap(), style).read(text.as_bytes())
        };
        for (form, text) in [
            (DayForm::Written, "90-01-05"),
            (DayForm::Written, "90/1/5"),
            (DayForm::Written, "90.01.05"),
            (DayForm::Written, "90年1月5日"),
            (DayForm::Written, "900105"),
            (DayForm::Written, "90-01-05 09:05:00"),
            (DayForm::Written, "5-1月-90"),
            (DayForm::Written, "05-1月 -90 09.05.00"),
            (DayForm::Written, "5-Jan-90"),
            (DayForm::Written, "1990-01-05"),
            (DayForm::Written, "19900105"),
            (DayForm::DayFirst, "05/01/90"),
            (DayForm::DayFirst, "050190"),
            (DayForm::DayFirst, "5/1/1990"),
            (DayForm::MonthFirst, "1/5/90"),
            (DayForm::MonthFirst, "010590"),
        ] {
            assert_eq!(day(style(form, 1930), text), DayReading::Day(date(1990, 1, 5)), "{text}");
        }
        for (first_year, text, expected) in [
            (1930, "30-01-05", date(1930, 1, 5)),
            (1930, "29-01-05", date(2029, 1, 5)),
            (1917, "16-06-09", date(2016, 6, 9)),
            (2000, "90-01-05", date(2090, 1, 5)),
            (1900, "16-06-09", date(1916, 6, 9)),
        ] {
            let read = day(style(DayForm::Written, first_year), text);
            assert_eq!(read, DayReading::Day(expected), "{first_year} {text}");
        }
        for text in ["九〇年一月五日", "5/1/90", "50105", "9013", "90-13-05", "900231", "90-1"] {
            assert_eq!(day(style(DayForm::Written, 1930), text), DayReading::Unreadable, "{text}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        let reader = reader(DayForm::Written);
        for text in [
            "16-06-09",
            "90-01-05",
            "13-6月-16",
            "13-Jun-16",
            "6/9/2016",
            "1/5/1990",
            "1465230600",
            "1465230600000",
            "1990",
            "1990-01",
            "1990-02-30",
            "19901301",
            "123456789012",
            "2016-13-01",
            "昨天",
            "1990-01-02 张",
            "一九九〇年",
            "九〇年一月五日",
            "一六年六月九日",
            "16年6月9日",
            "90年1月5日",
            "16-6月-09",
            "9-6月-16 09:05",
            "13-6月 -16 09.05.00",
            "6月9日",
            "6月9日 16",
            "六月九日",
            "June 9, 16",
            "9 Jun 16",
            "Jun 9 16",
            "160609",
            "二〇一六年六月",
            "二〇一六年闰六月九日",
            "二〇一六年十三月九日",
            "二〇一六年六月三十一日",
            "农历二〇一六年六月九日",
            "二〇一六年六月九日前后",
            "2016-06-06T25:00:00Z",
            "2016-06-09 09:05 XYZ",
            "2016-06-09 2016-06-10",
            "infinity",
            "2.01606E+13",
            "4253",
            "99999",
            "-42530",
            "0001-01-01 BC",
        ] {
            assert_eq!(reader.read(text.as_bytes()), DayReading::Unreadable, "{text}");
        }
        for text in
            ["", " ", "\u{3000}", "\u{200B}", "0000-00-00", "0000-00-00 00:00:00", "NULL", "\\N", "无"]
        {
            assert_eq!(reader.read(text.as_bytes()), DayReading::Blank, "{text:?}");
        }
        assert_eq!(reader.read(&[0xFF, 0x31]), DayReading::Unreadable);
    }

    #[test]
    fn a_column_says_what_its_values_do_not() {
        for (form, text, day) in [
            (DayForm::UnixSeconds, "1465230600", date(2016, 6, 7)),
            (DayForm::UnixSeconds, "1465230600.25", date(2016, 6, 7)),
            (DayForm::UnixSeconds, "-1", date(1970, 1, 1)),
            (DayForm::UnixMilliseconds, "1465230600000", date(2016, 6, 7)),
            (DayForm::Serial1904, "41068", date(2016, 6, 9)),
            (DayForm::DayFirst, "13/6/2016", date(2016, 6, 13)),
            (DayForm::DayFirst, "05-01-1990 09:00", date(1990, 1, 5)),
            (DayForm::MonthFirst, "6/13/2016 9:05:00 AM", date(2016, 6, 13)),
            (DayForm::MonthFirst, "2016-06-13", date(2016, 6, 13)),
        ] {
            assert_eq!(reader(form).read(text.as_bytes()), DayReading::Day(day), "{text}");
        }
        for form in [DayForm::DayFirst, DayForm::MonthFirst] {
            for text in ["13/6/16", "6/9/16", "16/6/9", "05-01-90", "13-6月-16", "16年6月9日"] {
                assert_eq!(
                    reader(form).read(text.as_bytes()),
                    DayReading::Unreadable,
                    "{text}: no year is guessed"
                );
            }
        }
        assert_eq!(reader(DayForm::DayFirst).read(b"6/13/2016"), DayReading::Unreadable);
        assert_eq!(reader(DayForm::UnixSeconds).read(b"99999999999999"), DayReading::Unreadable);
    }
}
