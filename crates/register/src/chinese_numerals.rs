//! Dates in Chinese numerals: `二〇一六年六月九日`.

/// The same date in digits, with what follows it; `None` unless year, month and day are all there and the
/// year has its four digits.
pub(super) fn in_digits(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, rest) = rest.split_once(['日', '号'])?;
    let year = positional(year.trim()).filter(|digits| digits.len() == 4)?;
    Some(format!("{year}年{}月{}日{rest}", number(month.trim())?, number(day.trim())?))
}

/// Digits written one by one: `一九九〇`, `〇六`.
fn positional(text: &str) -> Option<String> {
    let digits: Option<String> =
        text.chars().map(|c| digit(c).and_then(|n| char::from_digit(n, 10))).collect();
    digits.filter(|digits| !digits.is_empty())
}

/// A month or a day: `六`, `十二`, `二十九`, `〇六`, or in digits.
fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) || !text.contains('十') {
        let digits = if text.is_ascii() { text.to_owned() } else { positional(text)? };
        return digits.parse().ok().filter(|_| digits.len() <= 2);
    }
    let (tens, ones) = text.split_once('十')?;
    let part = |text: &str, none: u32| {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Some(none),
            (Some(c), None) => digit(c).filter(|n| *n > 0),
            _ => None,
        }
    };
    Some(part(tens, 1)? * 10 + part(ones, 0)?)
}

fn digit(c: char) -> Option<u32> {
    const DIGITS: &str = "〇一二三四五六七八九";
    let zeros = ['零', '○'];
    if zeros.contains(&c) { Some(0) } else { DIGITS.chars().position(|known| known == c).map(|at| at as u32) }
}
