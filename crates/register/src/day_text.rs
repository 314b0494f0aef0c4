//! Days as people and programs write them, read token by token: the slow path of
//! [`super::day_reader::DayReader`].

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::date::{from_number, is_plain_time};
use super::day_reader::{DayForm, DayStyle};
use super::text::{INVISIBLE, half_width};

/// Years between which numbers without separators are taken for dates.
pub(super) const EARLIEST: i16 = 1800;
pub(super) const LATEST: i16 = 2199;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONG_WEEKDAYS: [&str; 9] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tues", "thurs"];
/// Words for a part of the day, and whether its hours are those after noon.
const DAY_PARTS: [(&str, bool); 10] = [
    ("上午", false),
    ("下午", true),
    ("凌晨", false),
    ("早上", false),
    ("早晨", false),
    ("清晨", false),
    ("中午", true),
    ("傍晚", true),
    ("晚上", true),
    ("晚间", true),
];

/// The value in half-width characters, without what cannot be seen, and without the marks that keep a
/// spreadsheet from reading it.
pub(super) fn plain(text: &str) -> String {
    let is_seen = |c: &char| !INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(c));
    let blank = |c: char| if c.is_whitespace() { ' ' } else { half_width(c) };
    let text: String = text.chars().filter(is_seen).map(blank).collect();
    text.trim_start_matches(['\'', '=', '"', ' ']).trim_end_matches(['"', ' ']).to_owned()
}

/// Reads a day out of a text that [`plain`] has made; `None` unless every part of it is understood.
pub(super) fn read(text: &str, zone: &TimeZone, style: DayStyle) -> Option<Date> {
    let mut rest = Rest(text);
    rest.weekday();
    let mut date = rest.date(style)?;
    // What follows a date in digits, colons and points is its time, whatever it says.
    if is_plain_time(rest.0.as_bytes()) && !matches!(date, PartialDate::Yearless { .. }) {
        return date.whole();
    }
    let time = rest.time_of_day(&mut date)?;
    let day = date.whole()?;
    match time.zone {
        None => Some(day),
        Some(from) => from.day(day, time.clock, zone),
    }
}

/// The date of six digits, two of them its year.
pub(super) fn short(digits: &str, style: DayStyle) -> Option<Date> {
    let part = |at: usize| digits.get(at..at + 2)?.parse::<i16>().ok();
    let (first, second, third) = (part(0)?, part(2)?, part(4)?);
    let (year, month, day) = match style.form {
        DayForm::DayFirst => (third, second, first),
        DayForm::MonthFirst => (third, first, second),
        _ => (first, second, third),
    };
    Date::new(style.whole_year(year)?, month as i8, day as i8).ok()
}

/// A date as far as it has been read.
enum PartialDate {
    Whole(Date),
    /// The year comes last: `Thu Jun 09 09:05:00 CST 2016`.
    Yearless {
        month: i8,
        day: i8,
    },
}

impl PartialDate {
    fn whole(&self) -> Option<Date> {
        match self {
            PartialDate::Whole(date) => Some(*date),
            PartialDate::Yearless { .. } => None,
        }
    }
}

/// What follows a date.
#[derive(Default)]
struct TimeOfDay {
    clock: Option<Time>,
    is_afternoon: Option<bool>,
    zone: Option<WrittenZone>,
}

/// What zone a time says it is of.
enum WrittenZone {
    Offset(i32),
    /// Letters that mean different zones in different countries (CST).
    Named(String),
}

impl WrittenZone {
    /// The day in the campaign's zone. A date without a time is the day as it is written.
    fn day(&self, date: Date, clock: Option<Time>, zone: &TimeZone) -> Option<Date> {
        match (self, clock.map(|clock| DateTime::from_parts(date, clock))) {
            (WrittenZone::Offset(_), None) => Some(date),
            (WrittenZone::Named(_), None) => None,
            (WrittenZone::Offset(seconds), Some(written)) => {
                let instant = Offset::from_seconds(*seconds).ok()?.to_timestamp(written).ok()?;
                Some(instant.to_zoned(zone.clone()).date())
            }
            (WrittenZone::Named(name), Some(written)) => {
                let instant: Timestamp = written.to_zoned(zone.clone()).ok()?.timestamp();
                (zone.to_offset_info(instant).abbreviation() == name).then_some(date)
            }
        }
    }
}

/// What has not been read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, characters: &[char]) {
        self.0 = self.0.trim_start_matches(characters);
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take_any(&mut self, characters: &[char]) -> Option<char> {
        let first = self.0.chars().next().filter(|c| characters.contains(c))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }

    /// What `test` holds for, from here on.
    fn run(&self, test: fn(&char) -> bool) -> &'a str {
        let end = self.0.char_indices().find(|(_, c)| !test(c)).map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }

    /// A number of `least` to `most` digits, with its digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let digits = self.run(char::is_ascii_digit);
        let fits = (least..=most).contains(&digits.len());
        self.0 = if fits { &self.0[digits.len()..] } else { self.0 };
        fits.then_some(digits)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<i16> {
        self.digits(least, most)?.parse().ok()
    }

    /// The position of a word that stands here in one of the lists.
    fn word(&mut self, lists: &[&[&str]]) -> Option<usize> {
        let word = self.run(char::is_ascii_alphabetic);
        let at = lists.iter().find_map(|list| list.iter().position(|known| known.eq_ignore_ascii_case(word)));
        if at.is_some() {
            self.0 = &self.0[word.len()..];
        }
        at
    }

    fn weekday(&mut self) -> bool {
        let before = self.0;
        if self.word(&[&WEEKDAYS, &LONG_WEEKDAYS]).is_some() {
            self.skip(&['.', ',', ' ']);
            return true;
        }
        let is_named = self.take("星期") || self.take("周") || self.take("礼拜");
        if is_named && self.take_any(&['一', '二', '三', '四', '五', '六', '日', '天']).is_some() {
            self.skip(&[',', ' ']);
            return true;
        }
        self.0 = before;
        false
    }

    fn month_name(&mut self) -> Option<i8> {
        if let Some(at) = self.word(&[&MONTHS, &LONG_MONTHS]) {
            self.take(".");
            return Some(at as i8 + 1);
        }
        let before = self.0;
        let month = self.number(1, 2).filter(|_| self.take("月"));
        if month.is_none() {
            self.0 = before;
        }
        month.map(|month| month as i8)
    }

    fn date(&mut self, style: DayStyle) -> Option<PartialDate> {
        let digits = self.run(char::is_ascii_digit);
        match digits.len() {
            0 => self.month_first(),
            1 | 2 => {
                let (before, found) = (self.0, self.day_first(style));
                if found.is_some() || style.form != DayForm::Written {
                    return found;
                }
                self.0 = before;
                self.year_first(style)
            }
            4 => self.year_first(style),
            8 => {
                self.0 = &self.0[8..];
                from_number(digits.parse().ok()?).map(PartialDate::Whole)
            }
            _ => None,
        }
    }

    /// A year of four digits, or of two where the column says which century they are of.
    fn year(&mut self, style: DayStyle) -> Option<i16> {
        let whole = self.number(4, 4);
        whole.or_else(|| self.number(2, 2).and_then(|digits| style.whole_year(digits)))
    }

    /// `2016-6-9`, `2016年6月9日`, `2016-Jun-09`.
    fn year_first(&mut self, style: DayStyle) -> Option<PartialDate> {
        let year = self.year(style)?;
        self.skip(&[' ']);
        self.take_any(&['-', '/', '.', '年', '月'])?;
        self.skip(&[' ']);
        let month = match self.run(char::is_ascii_digit) {
            "" => self.month_name()?,
            _ => self.number(1, 2)? as i8,
        };
        self.skip(&[' ']);
        if self.take_any(&['-', '/', '.', '年', '月'])? == '月' {
            // `2016-6月-09`
            self.take("-");
        }
        self.skip(&[' ']);
        let day = self.number(1, 2)? as i8;
        let before = self.0;
        self.skip(&[' ']);
        if self.take_any(&['日', '号']).is_none() {
            self.0 = before;
        }
        Date::new(year, month, day).ok().map(PartialDate::Whole)
    }

    /// `9-Jun-2016`, `9-6月-2016`; `9/6/2016` only where the column says which comes first.
    fn day_first(&mut self, style: DayStyle) -> Option<PartialDate> {
        const BETWEEN: &[char] = &['-', '/', '.', ' ', ','];
        let first = self.number(1, 2)? as i8;
        self.skip(BETWEEN);
        let (day, month) = match (self.month_name(), style.form) {
            (Some(month), _) => (first, month),
            (None, DayForm::DayFirst) => (first, self.number(1, 2)? as i8),
            (None, DayForm::MonthFirst) => (self.number(1, 2)? as i8, first),
            (None, _) => return None,
        };
        self.skip(BETWEEN);
        let year = self.year(style)?;
        Date::new(year, month, day).ok().map(PartialDate::Whole)
    }

    /// `June 9, 2016`, and `Jun 09` whose year comes last.
    fn month_first(&mut self) -> Option<PartialDate> {
        let month = self.month_name()?;
        self.skip(&[' ', '-']);
        let day = self.number(1, 2)? as i8;
        let before = self.0;
        self.skip(&[' ', ',', '-']);
        match self.number(4, 4) {
            Some(year) => Date::new(year, month, day).ok().map(PartialDate::Whole),
            None => {
                self.0 = before;
                Some(PartialDate::Yearless { month, day })
            }
        }
    }

    /// Reads all that follows a date, each part once; the year too where it is still lacking.
    fn time_of_day(&mut self, date: &mut PartialDate) -> Option<TimeOfDay> {
        let mut time = TimeOfDay::default();
        loop {
            self.skip(&[' ', ',']);
            if self.0.is_empty() {
                break;
            }
            if self.weekday() || self.remark(time.zone.is_some()) {
                continue;
            }
            if let Some(is_afternoon) = self.day_part() {
                time.is_afternoon = Some(is_afternoon).filter(|_| time.is_afternoon.is_none());
                time.is_afternoon?;
                continue;
            }
            if let (PartialDate::Yearless { month, day }, 4) = (&*date, self.run(char::is_ascii_digit).len())
            {
                let year = self.number(4, 4)?;
                *date = PartialDate::Whole(Date::new(year, *month, *day).ok()?);
                continue;
            }
            if time.zone.is_none()
                && let Some(zone) = self.zone()
            {
                time.zone = Some(zone);
                continue;
            }
            if time.clock.is_some() {
                return None;
            }
            self.take("T");
            self.take("t");
            time.clock = Some(self.clock()?);
        }
        time.clock = match (time.clock, time.is_afternoon) {
            (Some(clock), Some(is_afternoon)) => Some(half_day(clock, is_afternoon)?),
            (clock, _) => clock,
        };
        Some(time)
    }

    /// A weekday in brackets, or the name of a zone after its offset.
    fn remark(&mut self, has_zone: bool) -> bool {
        let before = self.0;
        if self.take("[") || self.take("(") {
            let is_weekday = self.weekday();
            let inside = self.run(|c| !matches!(*c, ')' | ']'));
            self.0 = &self.0[inside.len()..];
            if (has_zone || (is_weekday && inside.is_empty())) && self.take_any(&[')', ']']).is_some() {
                return true;
            }
        }
        self.0 = before;
        false
    }

    fn day_part(&mut self) -> Option<bool> {
        if let Some((_, is_afternoon)) = DAY_PARTS.iter().find(|(word, _)| self.take(word)) {
            return Some(*is_afternoon);
        }
        for (words, is_afternoon) in
            [(["a.m.", "A.M.", "am", "AM"], false), (["p.m.", "P.M.", "pm", "PM"], true)]
        {
            if words.iter().any(|word| self.take(word)) {
                return Some(is_afternoon);
            }
        }
        None
    }

    /// `Z`, `+08:00`, `GMT+0800`, `CST`.
    fn zone(&mut self) -> Option<WrittenZone> {
        let before = self.0;
        let name = self.run(char::is_ascii_alphabetic);
        let is_greenwich = ["z", "utc", "gmt"].iter().any(|known| known.eq_ignore_ascii_case(name));
        let is_named = (2..=5).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase());
        if is_greenwich || is_named {
            self.0 = &self.0[name.len()..];
        }
        if name.is_empty() || is_greenwich {
            match self.offset() {
                Some(offset) => return Some(WrittenZone::Offset(offset)),
                None if is_greenwich => return Some(WrittenZone::Offset(0)),
                None => {}
            }
        } else if is_named {
            return Some(WrittenZone::Named(name.to_owned()));
        }
        self.0 = before;
        None
    }

    /// Seconds east of Greenwich.
    fn offset(&mut self) -> Option<i32> {
        let sign = if self.take("+") {
            1
        } else if self.take("-") {
            -1
        } else {
            return None;
        };
        let digits = self.run(char::is_ascii_digit);
        let (hours, minutes) = match digits.len() {
            1 | 2 => (i32::from(self.number(1, 2)?), 0),
            4 => {
                let both = i32::from(self.number(4, 4)?);
                (both / 100, both % 100)
            }
            _ => return None,
        };
        let minutes =
            if digits.len() < 3 && self.take(":") { i32::from(self.number(2, 2)?) } else { minutes };
        (hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
    }

    /// `9:05`, `9:05:00.25`, `9时5分`, `090500`.
    fn clock(&mut self) -> Option<Time> {
        let digits = self.run(char::is_ascii_digit);
        if matches!(digits.len(), 4 | 6) {
            self.0 = &self.0[digits.len()..];
            let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse().ok());
            return time(part(0)?, part(2)?, part(4)?);
        }
        let hour = self.number(1, 2)?;
        let (mut minute, mut second) = (0, 0);
        let mark = self.take_any(&[':', '.', '时', '點', '点'])?;
        self.take("整");
        if let Some(found) = self.number(1, 2) {
            minute = found;
            if self.take_any(&[':', '.', '分']).is_some()
                && let Some(found) = self.number(1, 2)
            {
                second = found;
                if self.take_any(&[':', '.', ',', '秒']).is_some() {
                    self.digits(1, 9);
                }
            }
        } else if mark == ':' || mark == '.' {
            return None;
        }
        time(hour, minute, second)
    }
}

fn time(hour: i16, minute: i16, second: i16) -> Option<Time> {
    // The midnight that ends a day belongs to it, and so does a leap second.
    let (hour, minute, second) = match (hour, minute, second) {
        (24, 0, 0) => (23, 59, 59),
        (hour, minute, 60) => (hour, minute, 59),
        other => other,
    };
    Time::new(hour as i8, minute as i8, second as i8, 0).ok()
}

/// A time on the 24-hour clock; one that is written on it already stays.
fn half_day(clock: Time, is_afternoon: bool) -> Option<Time> {
    let hour = match (clock.hour(), is_afternoon) {
        (12, false) => 0,
        (hour @ 1..=11, true) => hour + 12,
        (hour, _) => hour,
    };
    Time::new(hour, clock.minute(), clock.second(), 0).ok()
}
