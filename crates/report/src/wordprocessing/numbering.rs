//! Numbers of headings 一、（一）1.（1） as a list of the program, so that headings that are added, moved or
//! struck count on by themselves. A heading whose number is not the next one keeps it as text.

use super::styles::{HEADINGS, first_line};
use super::xml::{XmlElement, element, value};
use crate::report::wording::chinese_number;

/// Counts the headings of a document as Word will.
#[derive(Debug)]
pub(super) struct Numbers {
    is_chinese: bool,
    /// The last number of each level.
    counts: [u32; 4],
    /// Lists from 1; each counts from its beginning.
    list: u32,
}

impl Numbers {
    pub(super) fn new(is_chinese: bool) -> Numbers {
        Numbers { is_chinese, counts: [0; 4], list: 1 }
    }

    /// How many lists there are.
    pub(super) fn lists(&self) -> u32 {
        self.list
    }

    /// Begins again: an attachment has numbers of its own.
    pub(super) fn restart(&mut self) {
        if self.counts != [0; 4] {
            self.list += 1;
            self.counts = [0; 4];
        }
    }

    /// The list of a heading of a level from 0, and its text without the number; `None` where the number is
    /// not the one that the list would print.
    pub(super) fn next<'a>(&mut self, level: usize, text: &'a str) -> Option<(u32, &'a str)> {
        let number = self.counts.get(level)? + 1;
        let rest = text.strip_prefix(&prefix(self.is_chinese, level, number))?;
        // A level whose upper ones have no number yet would print theirs as 0.
        if rest.trim().is_empty() {
            return None;
        }
        self.counts[level] = number;
        self.counts[level + 1..].fill(0);
        Some((self.list, rest))
    }
}

/// The number as it stands before a heading.
fn prefix(is_chinese: bool, level: usize, number: u32) -> String {
    match (is_chinese, level) {
        (true, 0) => format!("{}、", chinese_number(number.into())),
        (true, 1) => format!("（{}）", chinese_number(number.into())),
        (_, 0 | 2) => format!("{number}. "),
        (true, _) => format!("（{number}）"),
        (false, _) => format!("({number}) "),
    }
}

/// What the list prints, and what follows it.
fn pattern(is_chinese: bool, level: usize) -> (&'static str, &'static str, &'static str) {
    const CHINESE: &str = "chineseCountingThousand";
    match (is_chinese, level) {
        (true, 0) => (CHINESE, "%1、", "nothing"),
        (true, 1) => (CHINESE, "（%2）", "nothing"),
        (true, 2) => ("decimal", "%3.", "space"),
        (true, _) => ("decimal", "（%4）", "nothing"),
        (false, 0) => ("decimal", "%1.", "space"),
        (false, 1) => ("decimal", "(%2)", "space"),
        (false, 2) => ("decimal", "%3.", "space"),
        (false, _) => ("decimal", "(%4)", "space"),
    }
}

/// The lists of a document. The first belongs to the heading styles.
pub(super) fn part(is_chinese: bool, lists: u32) -> XmlElement {
    let lists = 1..=lists;
    let definitions = lists.clone().map(|list| {
        element("w:abstractNum")
            .with("w:abstractNumId", list)
            .child(value("w:multiLevelType", "multilevel"))
            .children((0..HEADINGS.len()).map(|at| level(is_chinese, at, list == 1)))
    });
    let uses = lists
        .clone()
        .map(|list| element("w:num").with("w:numId", list).child(value("w:abstractNumId", list)));
    super::package::root("w:numbering").children(definitions).children(uses)
}

fn level(is_chinese: bool, at: usize, is_styled: bool) -> XmlElement {
    let (format, text, suffix) = pattern(is_chinese, at);
    let mut level =
        element("w:lvl").with("w:ilvl", at).child(value("w:start", 1)).child(value("w:numFmt", format));
    if is_styled {
        level = level.child(value("w:pStyle", HEADINGS[at]));
    }
    level
        .child(value("w:suff", suffix))
        .child(value("w:lvlText", text))
        .child(value("w:lvlJc", "left"))
        .child(element("w:pPr").child(first_line(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_number_is_the_lists() {
        let mut numbers = Numbers::new(true);
        assert_eq!(numbers.next(0, "一、总体"), Some((1, "总体")));
        assert_eq!(numbers.next(1, "（一）甲"), Some((1, "甲")));
        assert_eq!(numbers.next(1, "（三）乙"), None, "a gap is the author's");
        assert_eq!(numbers.next(0, "二、各单位"), Some((1, "各单位")));
        assert_eq!(numbers.next(1, "（一）丙"), Some((1, "丙")), "counts again below the next heading");
        assert_eq!(numbers.next(2, "1. 丁"), Some((1, "丁")));
        assert_eq!(numbers.next(0, "总体"), None);
        numbers.restart();
        assert_eq!(numbers.next(0, "一、附件"), Some((2, "附件")));
        assert_eq!(
            (numbers.lists(), chinese_number(10), chinese_number(21)),
            (2, "十".into(), "二十一".into())
        );
    }

    #[test]
    fn english_headings_have_decimal_numbers() {
        let mut numbers = Numbers::new(false);
        assert_eq!(numbers.next(0, "1. Overall"), Some((1, "Overall")));
        assert_eq!(numbers.next(1, "Highest scores"), None);
        assert_eq!(numbers.next(0, "2. Units"), Some((1, "Units")));
    }
}
