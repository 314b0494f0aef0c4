//! Civil dates in the forms that registers hold them in.

use jiff::civil::Date;

/// Reads `1990-01-01`, `19900101`, `1990/1/1`, `1990.1.1`, `1990年1月1日`, in half- or full-width
/// digits, with or without a time behind. `None` where the text is no existing date.
pub fn parse_date(text: &str) -> Option<Date> {
    iso(text.as_bytes()).or_else(|| free(text))
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
