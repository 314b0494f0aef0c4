//! Forms of texts: a small, closed pattern language that means the same everywhere.
//!
//! A form describes a whole value: characters, classes `[0-9A-Z]`, repetition `{4}`, `{2,5}`, `?`, `+`, `*`,
//! and alternatives joined by `|`. A backslash makes the next character plain. Nothing else has a meaning,
//! and what usually has one elsewhere (`.`, `(`, `^`, `$`, `\d`) is refused.

use tongbao_message::{Message, message};

/// Most characters of a value that are compared; longer ones have no form.
const LONGEST: usize = 512;
/// Most characters whose places are bits of one number, with the place after the last.
const SHORT: usize = 63;
/// Fewest characters that leave a choice: the digits but for one.
const FEWEST_TO_CHOOSE_FROM: u32 = 9;
/// Most times that an item is repeated in a generated pattern.
const MOST_REPEATED: usize = 255;

/// A pattern with the text it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueForm {
    text: String,
    alternatives: Vec<Vec<FormItem>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FormItem {
    /// First and last character of each range.
    ranges: Vec<(char, char)>,
    least: usize,
    most: usize,
}

impl FormItem {
    fn is_choice_of_few(&self) -> bool {
        let taken = |(first, last): &(char, char)| u32::from(*last) - u32::from(*first) + 1;
        let count: u32 = self.ranges.iter().map(taken).sum();
        let is_mark = |(first, last): &(char, char)| first == last && !first.is_alphanumeric();
        count < FEWEST_TO_CHOOSE_FROM && !self.ranges.iter().all(is_mark)
    }
}

/// A piece of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormPart<'a> {
    /// These characters.
    Fixed(String),
    /// Characters of one class.
    Class {
        /// First and last character of each range.
        ranges: &'a [(char, char)],
        /// How many characters at least.
        least: usize,
        /// How many at most; `None` is any number.
        most: Option<usize>,
    },
}

impl ValueForm {
    /// Reads a pattern; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<ValueForm, Message> {
        let mut rest = text.chars().peekable();
        let (mut alternatives, mut items) = (Vec::new(), Vec::new());
        while let Some(c) = rest.next() {
            let ranges = match c {
                '|' => {
                    alternatives.push(std::mem::take(&mut items));
                    continue;
                }
                '[' => class(&mut rest)?,
                '\\' => match rest.next() {
                    Some(c) if !c.is_ascii_alphanumeric() => vec![(c, c)],
                    _ => return Err(message!("a-backslash-stands-before-a-mark").to_owned()),
                },
                '.' | '(' | ')' | '^' | '$' | ']' | '{' | '}' | '?' | '+' | '*' => {
                    return Err(message!("has-no-meaning-here-write-for", c));
                }
                c => vec![(c, c)],
            };
            let (least, most) = repetition(&mut rest)?;
            items.push(FormItem { ranges, least, most });
        }
        alternatives.push(items);
        if alternatives.iter().any(Vec::is_empty) {
            return Err(message!("an-alternative-is-empty").to_owned());
        }
        Ok(ValueForm { text: text.to_owned(), alternatives })
    }

    /// Most characters of a value that has a form.
    pub const LONGEST: usize = LONGEST;

    /// Whether the form leaves little choice of a letter, a digit or a Chinese character. Marks between them may be
    /// fixed.
    pub fn chooses(&self) -> bool {
        self.alternatives.iter().flatten().any(|item| item.most > 0 && item.is_choice_of_few())
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What each alternative is made of, in order.
    pub fn alternatives(&self) -> impl ExactSizeIterator<Item = Vec<FormPart<'_>>> {
        self.alternatives.iter().map(|items| parts(items))
    }

    /// The form as a pattern of a regular expression for whole values of at most [`ValueForm::LONGEST`]
    /// characters. `escaped` writes a character that may have a meaning, inside and outside of classes; no
    /// repetition is above 255, which is the most that PostgreSQL takes.
    pub fn pattern(&self, escaped: impl Fn(char) -> String) -> String {
        let written = |c: char| if c.is_alphanumeric() { c.to_string() } else { escaped(c) };
        let range = |(first, last): &(char, char)| match first == last {
            true => written(*first),
            false => format!("{}-{}", written(*first), written(*last)),
        };
        let item = |item: &FormItem| {
            let class = format!("[{}]", item.ranges.iter().map(range).collect::<String>());
            let (mut least, mut most, mut out) = (item.least, item.most, String::new());
            while most > MOST_REPEATED {
                let first = least.min(MOST_REPEATED);
                out.push_str(&format!("{class}{{{first},{MOST_REPEATED}}}"));
                (least, most) = (least - first, most - MOST_REPEATED);
            }
            format!("{out}{class}{{{least},{most}}}")
        };
        let alternative = |items: &Vec<FormItem>| items.iter().map(item).collect::<String>();
        let all: Vec<String> = self.alternatives.iter().map(alternative).collect();
        format!("^(?:{})$", all.join("|"))
    }

    /// Whether the whole value has the form.
    pub fn matches(&self, value: &str) -> bool {
        let mut short = ['\0'; SHORT];
        let count = value.chars().zip(&mut short).map(|(c, place)| *place = c).count();
        if value.chars().nth(count).is_none() {
            return self.alternatives.iter().any(|items| reach_end_of_short(items, &short[..count]));
        }
        let characters: Vec<char> = value.chars().take(LONGEST + 1).collect();
        characters.len() <= LONGEST && self.alternatives.iter().any(|items| reach_end(items, &characters))
    }
}

/// The items, with neighbours that leave no choice as one text.
fn parts(items: &[FormItem]) -> Vec<FormPart<'_>> {
    let mut parts = Vec::new();
    for FormItem { ranges, least, most } in items {
        let fixed = match ranges.as_slice() {
            [(first, last)] if first == last && least == most => Some(first.to_string().repeat(*least)),
            _ => None,
        };
        match (fixed, parts.last_mut()) {
            (Some(text), Some(FormPart::Fixed(before))) => before.push_str(&text),
            (Some(text), _) => parts.push(FormPart::Fixed(text)),
            (None, _) => {
                let most = (*most < LONGEST).then_some(*most);
                parts.push(FormPart::Class { ranges, least: *least, most });
            }
        }
    }
    parts
}

/// As [`reach_end`], where the places are bits of one number.
fn reach_end_of_short(items: &[FormItem], characters: &[char]) -> bool {
    let mut reached = 1u64;
    for item in items {
        let takes = |c: char| item.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
        let mut next = 0;
        while reached != 0 {
            let start = reached.trailing_zeros() as usize;
            reached &= reached - 1;
            let run = characters[start..].iter().take(item.most).take_while(|c| takes(**c)).count();
            (item.least..=run).for_each(|length| next |= 1 << (start + length));
        }
        reached = next;
    }
    reached >> characters.len() & 1 == 1
}

/// Whether the items can take all characters: the places that can be reached are followed item by item, so
/// that no value takes long.
fn reach_end(items: &[FormItem], characters: &[char]) -> bool {
    let mut reached = vec![false; characters.len() + 1];
    reached[0] = true;
    for item in items {
        let takes = |c: char| item.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
        let mut next = vec![false; characters.len() + 1];
        for start in (0..reached.len()).filter(|at| reached[*at]) {
            let run = characters[start..].iter().take(item.most).take_while(|c| takes(**c)).count();
            (item.least..=run).for_each(|length| next[start + length] = true);
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn class(rest: &mut Characters<'_>) -> Result<Vec<(char, char)>, Message> {
    let mut ranges = Vec::new();
    loop {
        let first = match rest.next() {
            None => return Err(message!("a-class-is-not-closed-by").to_owned()),
            Some(']') if ranges.is_empty() => return Err(message!("a-class-is-empty").to_owned()),
            Some(']') => return Ok(ranges),
            Some('^') if ranges.is_empty() => {
                return Err(message!("a-class-names-the-characters-it").to_owned());
            }
            Some('\\') => rest.next().ok_or(message!("a-class-is-not-closed-by"))?,
            Some(c) => c,
        };
        let mut ahead = rest.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) if last != ']' => {
                let last = if last == '\\' {
                    ahead.next().ok_or(message!("a-class-is-not-closed-by"))?
                } else {
                    last
                };
                *rest = ahead;
                last
            }
            _ => first,
        };
        if last < first {
            return Err(message!("the-range-runs-backwards", first, last));
        }
        ranges.push((first, last));
    }
}

fn repetition(rest: &mut Characters<'_>) -> Result<(usize, usize), Message> {
    let (least, most) = match rest.peek() {
        Some('?') => (0, 1),
        Some('+') => (1, LONGEST),
        Some('*') => (0, LONGEST),
        Some('{') => {
            rest.next();
            let mut is_closed = false;
            let ends = |c: &char| {
                is_closed = *c == '}';
                !is_closed
            };
            let inner: String = rest.by_ref().take_while(ends).collect();
            let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
            let number = |text: &str| text.trim().parse::<usize>().ok().filter(|n| *n <= LONGEST);
            return match (number(least), number(most)) {
                (Some(least), Some(most)) if is_closed && least <= most && most > 0 => Ok((least, most)),
                _ => Err(message!("a-repetition-has-one-number-or").to_owned()),
            };
        }
        _ => return Ok((1, 1)),
    };
    rest.next();
    Ok((least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_describe_whole_values() {
        for (form, yes, no) in [
            ("[0-9]{6}", "440118", "4401180"),
            ("[A-Z]{1,2}[0-9]{7,10}", "E12345678", "E123"),
            ("G[0-9]{3}[0-9X]|L[0-9]+", "L1", "G12"),
            ("[0-9]*0", "1000", "1001"),
            ("粤[A-Z]-?[0-9]{5}", "粤A12345", "粤A-1234"),
            ("[-0-9]{3}\\.", "-1-.", "-1-x"),
            ("[+-\\-]{2}", "+,", "+\\"),
        ] {
            let form = ValueForm::parse(form).unwrap();
            assert!(form.matches(yes), "{} {yes}", form.text());
            assert!(!form.matches(no), "{} {no}", form.text());
        }
    }

    #[test]
    fn short_and_long_values_are_compared_alike() {
        // A fixed sequence that looks like none.
        let mut state = 7u64;
        let mut below = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        for form in ["[0-9]{6}", "[A-Z]{1,2}[0-9]{2,70}|粤+", "[0-9]*0[0-9]?", "a?b?[ab]{0,62}"] {
            let form = ValueForm::parse(form).unwrap();
            for _ in 0..2_000 {
                let pool = ["0", "1", "粤", "a", "b", "A"];
                let most = pool[below(6) as usize];
                let length = below(70);
                let value: String =
                    (0..length).map(|_| if below(8) > 0 { most } else { pool[below(6) as usize] }).collect();
                let characters: Vec<char> = value.chars().collect();
                let slow = form.alternatives.iter().any(|items| reach_end(items, &characters));
                assert_eq!(form.matches(&value), slow, "{} {value}", form.text());
            }
        }
    }

    #[test]
    fn what_other_languages_read_differently_is_refused() {
        for text in
            ["\\d{3}", "a.b", "(ab)+", "^a$", "[^a]", "a{2,1}", "a{", "a{2", "a||b", "", "[a", "[z-a]"]
        {
            assert!(ValueForm::parse(text).is_err(), "{text}");
        }
    }
}
