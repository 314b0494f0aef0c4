//! Columns of terminal cells in the operator's language, and instants as an operator reads them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tongbao_message::message;
use unicode_width::UnicodeWidthStr;

use super::colour::Colours;
use super::language::{CommandLanguage, Spoken};
use crate::harmless::harmless;
use crate::report::document::Align;

/// Rows below their heads, which alone are put into the language; Chinese characters take two cells.
pub(super) fn columns<T: AsRef<str>>(
    language: CommandLanguage,
    heads: &[(impl Spoken, Align)],
    rows: &[Vec<T>],
) -> String {
    let said: Vec<String> = heads.iter().map(|(head, _)| language.say(head)).collect();
    let heads: Vec<(&str, Align)> = said.iter().map(String::as_str).zip(heads.iter().map(|h| h.1)).collect();
    let width = |i: usize| {
        let cells = rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.as_ref().width());
        cells.chain([heads[i].0.width()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |texts: Vec<&str>| -> String {
        let cells = texts.iter().zip(&heads).zip(&widths);
        let cells: Vec<String> = cells.map(|((text, (_, align)), width)| pad(text, *width, *align)).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let mut out = line(heads.iter().map(|(head, _)| *head).collect());
    for row in rows {
        out.push_str(&line(row.iter().map(AsRef::as_ref).collect()));
    }
    out
}

/// One fact a line, its name in front, padded to `width` cells.
pub(super) fn facts(language: CommandLanguage, width: usize, facts: &[(impl Spoken, String)]) -> String {
    let line =
        |(name, text): &(_, String)| format!("{}{text}\n", pad(&language.say(name), width, Align::Left));
    facts.iter().map(line).collect()
}

/// What was looked at, how it is, and what is to be done.
/// Made harmless here, because the colours of the level would not outlive it: print it raw.
pub(super) fn finding(
    language: CommandLanguage,
    level: &str,
    what: impl Spoken,
    text: impl Spoken,
) -> String {
    let colon = if language == CommandLanguage::Chinese { "：" } else { ": " };
    // What is said of several files stands line by line.
    let said = harmless(&language.say(text)).replace('\n', &format!("\n{}", " ".repeat(11)));
    let text = if said.is_empty() { String::new() } else { format!("{colon}{said}") };
    // Padded before it is painted: colours take no cells.
    let shown = Colours::stdout().paint(level, &pad(&language.say(level), 9, Align::Left));
    format!("{shown}{}{text}\n", harmless(&language.say(what)))
}

fn pad(text: &str, width: usize, align: Align) -> String {
    let blank = width.saturating_sub(text.width());
    match align {
        Align::Right => format!("{}{text}", " ".repeat(blank)),
        Align::Left => format!("{text}{}", " ".repeat(blank)),
        Align::Center => format!("{}{text}{}", " ".repeat(blank / 2), " ".repeat(blank - blank / 2)),
    }
}

/// A period by its first and last day.
pub(super) fn period(language: CommandLanguage, from: &str, to: &str) -> String {
    format!("{from} {} {to}", language.say(message!("word-to")))
}

/// An instant on the campaign's clock.
pub(super) fn local(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The same of an instant that is stored as text.
pub(super) fn local_text(instant: &str, zone: &TimeZone) -> String {
    instant.parse().map_or_else(|_| instant.to_owned(), |instant| local(instant, zone))
}

/// A local time as it is stored, without its seconds.
pub(super) fn nominal(text: &str) -> String {
    let text = text.replace('T', " ");
    text.strip_suffix(":00").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let heads = [("unit", Align::Left), ("n", Align::Right)];
        let text =
            columns(CommandLanguage::English, &heads, &[vec!["村", "1"], vec!["a longer name", "1200"]]);
        assert_eq!(text, "unit              n\n村                1\na longer name  1200\n");
    }

    #[test]
    fn nominal_times_keep_seconds_that_say_something() {
        assert_eq!(nominal("2016-06-13T09:00:00"), "2016-06-13 09:00");
        assert_eq!(nominal("2016-06-13T09:00:30"), "2016-06-13 09:00:30");
    }
}
