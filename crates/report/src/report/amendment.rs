//! Sections of a document that an office words itself. Text is replaced; figures, tables, charts and
//! everything else stay as they were computed.

use std::ops::Range;
use tongbao_message::Worded;

use jiff::civil::Date;

use super::document::{Block, Document, TextSpan};
use tongbao_register::id_number::CitizenId;
use tongbao_register::text::half_width;

/// The longest text of a section, in characters: some ten pages.
const LONGEST: usize = 10_000;
/// An ID number has 15 or 18 characters; nothing that an office writes has so many digits in a row.
const ID_DIGITS: usize = 15;
/// What may part the digits of a number without ending it.
const SEPARATORS: [char; 20] = [
    ' ', '\t', '\u{a0}', '-', '‐', '‑', '–', '—', '_', '·', '*', '\\', '`', '\u{200b}', '\u{200c}',
    '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}',
];

/// A heading of the first level with what follows it, or the opening before the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmendedSection {
    /// As printed before the title: 五 or 5; `0` for the opening.
    pub number: String,
    /// The heading without its number; blank for the opening. It names the section also where numbers move.
    pub title: String,
    /// Paragraphs and lower headings, one a line.
    pub text: String,
    /// What stays when the text is replaced.
    pub tables: usize,
    /// Charts in it, which stay as well.
    pub charts: usize,
}

/// A text that cannot stand in a document, or a section that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum AmendmentError {
    /// No heading of the first level has this number or title.
    NoSection {
        /// What was asked for.
        name: String,
        /// Numbers and titles of all sections, joined.
        known: String,
    },
    /// The title alone does not say which section.
    Ambiguous {
        /// What was asked for.
        name: String,
        /// Numbers and titles of all sections, joined.
        known: String,
    },
    /// Nothing but blanks.
    Blank,
    /// A section that nobody would read.
    #[message(longest = LONGEST)]
    Long {
        /// How many there are.
        characters: usize,
    },
    /// Digits that have the form of an ID number.
    IdNumber {
        /// Counted from 1.
        line: usize,
    },
    /// A character that no font has.
    Control {
        /// Counted from 1.
        line: usize,
    },
}

/// The sections of the text, in order; attachments are not among them.
pub fn sections(document: &Document) -> Vec<AmendedSection> {
    ranges(document).into_iter().map(|range| section(&document.blocks[range])).collect()
}

/// The section of a name: its number, its title, or both as printed.
pub fn find<'a>(sections: &'a [AmendedSection], name: &str) -> Result<&'a AmendedSection, AmendmentError> {
    let wanted = compact(name);
    let is_meant = |section: &&AmendedSection| {
        let both = [
            format!("{}、{}", section.number, section.title),
            format!("{}. {}", section.number, section.title),
        ];
        let names = [section.number.clone(), section.title.clone()];
        names.iter().chain(&both).any(|name| !name.is_empty() && compact(name) == wanted)
    };
    let found: Vec<&AmendedSection> = sections.iter().filter(is_meant).collect();
    let known = || sections.iter().map(AmendedSection::label).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [section] => Ok(section),
        [] => Err(AmendmentError::NoSection { name: name.to_owned(), known: known() }),
        _ => Err(AmendmentError::Ambiguous { name: name.to_owned(), known: known() }),
    }
}

impl AmendedSection {
    /// Number and title as a person reads them.
    pub fn label(&self) -> String {
        format!("{} {}", self.number, self.title).trim().to_owned()
    }
}

/// Puts paragraphs in the place of a section's text; its tables and charts follow them in their order. `false`
/// where the document has no such section.
pub fn replace(document: &mut Document, title: &str, paragraphs: &[Block]) -> bool {
    let mut ranges = ranges(document).into_iter();
    let Some(range) = ranges.find(|range| section(&document.blocks[range.clone()]).title == title) else {
        return false;
    };
    let stays = |block: &&Block| matches!(block, Block::Table(_) | Block::Chart(_));
    let blocks = &document.blocks[range.clone()];
    let heading = blocks.first().filter(|block| is_start(block)).cloned();
    let kept: Vec<Block> = blocks.iter().filter(stays).cloned().collect();
    let new = heading.into_iter().chain(paragraphs.iter().cloned()).chain(kept);
    document.blocks.splice(range, new.collect::<Vec<_>>());
    true
}

/// Refuses a text that is blank, too long, or holds what no document may.
pub fn check(text: &str) -> Result<(), AmendmentError> {
    let characters = text.chars().filter(|c| !c.is_whitespace()).count();
    if characters == 0 {
        return Err(AmendmentError::Blank);
    }
    if characters > LONGEST {
        return Err(AmendmentError::Long { characters });
    }
    for (line, text) in (1..).zip(text.lines()) {
        // Marks that turn the direction of writing hide what stands there.
        let is_odd = |c: char| {
            c.is_control() && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if text.contains(is_odd) {
            return Err(AmendmentError::Control { line });
        }
        if may_hold_id_number(text) {
            return Err(AmendmentError::IdNumber { line });
        }
    }
    Ok(())
}

/// Whether a line may hold an ID number: so many digits in a row, or parted by blanks, hyphens or marks without
/// width and with a day of birth in its place.
fn may_hold_id_number(line: &str) -> bool {
    let chars: Vec<char> = line.chars().map(half_width).collect();
    let rows = |is_part: fn(&char) -> bool| {
        chars.split(move |c| !is_part(c)).map(<[char]>::to_vec).collect::<Vec<_>>()
    };
    if rows(char::is_ascii_digit).iter().any(|row| row.len() >= ID_DIGITS) {
        return true;
    }
    let is_joined = |c: &char| c.is_ascii_digit() || matches!(c, 'x' | 'X') || SEPARATORS.contains(c);
    rows(is_joined).iter().any(|row| {
        let digits: Vec<u8> =
            row.iter().filter(|c| !SEPARATORS.contains(c)).map(|c| c.to_ascii_uppercase() as u8).collect();
        digits.windows(18).any(has_birth_day)
            || (digits.len() == ID_DIGITS && CitizenId::parse(&digits).is_some())
    })
}

/// Whether eighteen characters have a day in the place where an ID number has the day of birth.
fn has_birth_day(number: &[u8]) -> bool {
    let part = |range: Range<usize>| std::str::from_utf8(number.get(range)?).ok()?.parse::<i16>().ok();
    let (Some(year), Some(month), Some(day)) = (part(6..10), part(10..12), part(12..14)) else {
        return false;
    };
    (1900..2100).contains(&year)
        && number[..17].iter().all(u8::is_ascii_digit)
        && Date::new(year, month as i8, day as i8).is_ok()
}

/// The places of the sections in the text; an opening without blocks is none.
fn ranges(document: &Document) -> Vec<Range<usize>> {
    let is_attachment = |block: &Block| matches!(block, Block::Attachment { .. });
    let end = document.blocks.iter().position(is_attachment).unwrap_or(document.blocks.len());
    let starts = (0..end).filter(|at| is_start(&document.blocks[*at]));
    let mut edges: Vec<usize> = std::iter::once(0).chain(starts).chain([end]).collect();
    edges.dedup();
    edges.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn is_start(block: &Block) -> bool {
    matches!(block, Block::Heading { level: 1, .. })
}

fn section(blocks: &[Block]) -> AmendedSection {
    let heading = match blocks.first() {
        Some(Block::Heading { level: 1, text }) => words(text),
        _ => String::new(),
    };
    let (number, title) = numbered(&heading);
    let line = |block: &Block| match block {
        Block::Heading { level: 2.., text } | Block::Paragraph(text) => Some(words(text)),
        _ => None,
    };
    let count = |is: fn(&Block) -> bool| blocks.iter().filter(|block| is(block)).count();
    AmendedSection {
        number: if heading.is_empty() { "0".to_owned() } else { number.to_owned() },
        title: title.to_owned(),
        text: blocks.iter().filter_map(line).collect::<Vec<_>>().join("\n"),
        tables: count(|block| matches!(block, Block::Table(_))),
        charts: count(|block| matches!(block, Block::Chart(_))),
    }
}

/// A heading's number and the rest: 五、要求 or 5. Next steps.
fn numbered(heading: &str) -> (&str, &str) {
    const CHINESE: &str = "一二三四五六七八九十";
    let parted = |sign: char, is_digit: fn(char) -> bool| {
        let (number, rest) = heading.split_once(sign)?;
        let is_number = !number.is_empty() && number.chars().all(is_digit);
        is_number.then(|| (number, rest.trim()))
    };
    parted('、', |c| CHINESE.contains(c))
        .or_else(|| parted('.', |c| c.is_ascii_digit()))
        .unwrap_or(("", heading))
}

fn words(spans: &[TextSpan]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

fn compact(name: &str) -> String {
    name.chars().map(half_width).filter(|c| !c.is_whitespace() && !"、.".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{PageHead, Style, Table};

    fn text(text: &str) -> Vec<TextSpan> {
        vec![TextSpan { text: text.into(), style: Style::Plain }]
    }

    fn document() -> Document {
        let heading = |level, words: &str| Block::Heading { level, text: text(words) };
        let blocks = vec![
            Block::Paragraph(text("开头。")),
            heading(1, "一、总体"),
            heading(2, "（一）甲"),
            Block::Paragraph(text("旧话。")),
            Block::Table(Table::default()),
            Block::Paragraph(text("旧话二。")),
            heading(1, "二、要求"),
            Block::Paragraph(text("照办。")),
            Block::Attachment { label: "附件1".into(), title: "表".into(), turned: false },
            heading(1, "一、附件里的"),
        ];
        Document { head: PageHead::default(), blocks }
    }

    #[test]
    fn sections_are_named_by_number_title_or_both() {
        let sections = sections(&document());
        let labels: Vec<String> = sections.iter().map(AmendedSection::label).collect();
        assert_eq!(labels, ["0", "一 总体", "二 要求"], "attachments are no sections");
        for name in ["二", "要求", "二、要求", " 二、要求 "] {
            assert_eq!(find(&sections, name).unwrap().text, "照办。", "{name}");
        }
        assert!(
            matches!(find(&sections, "三"), Err(AmendmentError::NoSection { known, .. }) if known == "0, 一 总体, 二 要求")
        );
        assert_eq!((sections[1].tables, sections[1].text.as_str()), (1, "（一）甲\n旧话。\n旧话二。"));
    }

    #[test]
    fn text_is_replaced_and_tables_stay() {
        let mut amended = document();
        let new = [Block::Paragraph(text("新话。"))];
        assert!(replace(&mut amended, "总体", &new));
        assert_eq!(
            amended.blocks[1..4],
            [document().blocks[1].clone(), new[0].clone(), Block::Table(Table::default())]
        );
        assert_eq!(amended.blocks[4..], document().blocks[6..], "nothing else is touched");
        assert!(replace(&mut amended, "", &new));
        assert_eq!(amended.blocks[0], new[0], "the opening");
        assert!(!replace(&mut amended, "没有", &new));
    }

    #[test]
    fn id_numbers_are_refused_however_they_are_written() {
        for line in [
            "44011819000101000X",
            "身份证440118 19900101 0011。",
            "４４０１１８１９９００１０１００１１",
            "440118-1990-0101-0011",
            "440125491001001",
            "440118*19900101*0011",
            "4401181990\u{200b}01010011",
        ] {
            assert_eq!(check(&format!("好。\n{line}")), Err(AmendmentError::IdNumber { line: 2 }), "{line}");
        }
        for fine in [
            "覆盖率89.65%，16670/18595",
            "电话13800000000",
            "440118001201至440118001220",
            "2016年6月30日，2016年7月7日",
            "2016-05-25 2016-06-30",
            "18595 16670 1925 89",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        assert_eq!(check(" \u{3000}\n"), Err(AmendmentError::Blank));
        assert_eq!(check("a\u{202e}b"), Err(AmendmentError::Control { line: 1 }));
    }
}
