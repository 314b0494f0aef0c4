//! Line breaking and justification of Chinese text by own tables (GB/T 15834-2011, clause 5.1).

use super::metrics::{Glyph, Metrics, MissingGlyph, Role};

/// Marks that must not begin a line.
const NOT_FIRST: &str = "。，、；：？！”’）〕】》〉」』·－～/%‰℃,.;:?!)]}％—…";
/// Marks that must not end a line.
const NOT_LAST: &str = "“‘（〔【《〈「『№￥([{";
/// Marks whose right half is blank.
const CLOSING: &str = "。，、；：？！”’）〕】》〉」』";
/// Marks whose left half is blank.
const OPENING: &str = "“‘（〔【《〈「『";
/// Words for what is counted: they stay with their number.
const COUNTED: &str = "年月日时分秒个条人户名位岁元项期号轮次第周页份千万亿";
/// A gap wider than a tenth of an em reads as a blank when the text is taken out of the PDF.
const MOST_STRETCH: f32 = 0.09;

/// A character with its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Char {
    pub c: char,
    pub role: Role,
}

/// A glyph placed on a line, `x` in mm from the start of the measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    pub c: char,
    pub glyph: Glyph,
    pub x: f32,
}

/// A set line and its width in mm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    pub glyphs: Vec<Placed>,
    pub width: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// Both edges straight; the last line left.
    Justified,
    Left,
    Center,
    Right,
}

/// How a paragraph is set, lengths in mm.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Width of a full-width character.
    pub em: f32,
    pub measure: f32,
    /// Blank before the first line.
    pub indent: f32,
    pub alignment: Alignment,
}

/// A character with its width in em and its ink's shift to the left.
#[derive(Debug, Clone, Copy)]
struct Cell {
    c: char,
    glyph: Glyph,
    width: f32,
    shift: f32,
}

/// Sets a paragraph. No line begins or ends with a forbidden mark, none is wider than the measure,
/// and every character is set once. `place` names the paragraph should a glyph be missing.
pub fn set(
    chars: &[Char],
    setting: Setting,
    metrics: &dyn Metrics,
    place: &str,
) -> Result<Vec<Line>, MissingGlyph> {
    let cells = cells(chars, metrics, place)?;
    let mut lines = Vec::new();
    let mut start = 0;
    while start < cells.len() {
        let indent = if lines.is_empty() { setting.indent } else { 0.0 };
        let room = (setting.measure - indent) / setting.em;
        let end = start + fitting(&cells[start..], room);
        lines.push(place_line(&cells[start..end], indent, setting, end == cells.len()));
        start = end;
    }
    Ok(lines)
}

/// The width of a text on one line, in em.
pub fn width(chars: &[Char], metrics: &dyn Metrics, place: &str) -> Result<f32, MissingGlyph> {
    Ok(line_width(&cells(chars, metrics, place)?))
}

fn cells(chars: &[Char], metrics: &dyn Metrics, place: &str) -> Result<Vec<Cell>, MissingGlyph> {
    let glyph = |c: &Char| {
        metrics.glyph(c.role, c.c).ok_or_else(|| MissingGlyph { character: c.c, place: place.to_owned() })
    };
    let mut out = Vec::with_capacity(chars.len());
    for (i, char) in chars.iter().enumerate() {
        let next = chars.get(i + 1).map(|next| next.c);
        let before = i.checked_sub(1).map(|i| chars[i].c);
        out.push(cell(char.c, glyph(char)?, before, next));
    }
    Ok(out)
}

/// Full-width characters take a whole cell whatever their font says; of two adjacent marks the blank
/// half between them is taken out, so that they take one and a half cells together.
fn cell(c: char, glyph: Glyph, before: Option<char>, next: Option<char>) -> Cell {
    if !is_full_width(c) {
        return Cell { c, glyph, width: glyph.advance, shift: 0.0 };
    }
    let is_mark = |c: char| CLOSING.contains(c) || OPENING.contains(c);
    let centred = -(1.0 - glyph.advance) / 2.0;
    if CLOSING.contains(c) && next.is_some_and(is_mark) {
        return Cell { c, glyph, width: 0.5, shift: 0.0 };
    }
    if OPENING.contains(c) && before.is_some_and(|b| OPENING.contains(b)) {
        return Cell { c, glyph, width: 0.5, shift: 0.5 };
    }
    Cell { c, glyph, width: 1.0, shift: centred }
}

/// Characters that take a cell of the grid.
pub fn is_full_width(c: char) -> bool {
    matches!(u32::from(c),
        0x2014 | 0x2018..=0x201D | 0x2026 | 0x00B7 | 0x2103 | 0x2116 | 0x2160..=0x216B | 0x2190..=0x2193
        | 0x25A0..=0x25FF | 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F
        | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFF)
}

/// How many cells go on a line: up to the last permitted break that fits. A run that is wider than
/// the line is broken where it must be.
fn fitting(cells: &[Cell], room: f32) -> usize {
    let (mut used, mut best, mut most) = (0.0, 0, 0);
    for (i, cell) in cells.iter().enumerate() {
        // A closing mark at the end of a line may take half a cell, but not together with a mark
        // before it that is narrowed already.
        let after_narrow = i.checked_sub(1).is_some_and(|before| is_narrowed(&cells[before]));
        let at_end = if CLOSING.contains(cell.c) && !after_narrow { cell.width.min(0.5) } else { cell.width };
        if used + at_end > room + 1e-3 {
            break;
        }
        used += cell.width;
        most = i + 1;
        if cells.get(i + 1).is_none_or(|next| may_break(cell.c, next.c)) {
            best = i + 1;
        }
        if used > room + 1e-3 {
            break;
        }
    }
    if best > 0 { best } else { forced(cells, most.max(1)) }
}

/// A break inside an unbreakable run, as near to its end as the marks allow.
fn forced(cells: &[Cell], most: usize) -> usize {
    let permitted = |end: &usize| {
        let (last, next) = (cells[*end - 1].c, cells.get(*end).map(|cell| cell.c));
        !NOT_LAST.contains(last) && next.is_none_or(|next| !NOT_FIRST.contains(next))
    };
    (1..=most).rev().find(permitted).unwrap_or(most)
}

/// Whether a line may end after `a` when `b` follows.
pub fn may_break(a: char, b: char) -> bool {
    if NOT_FIRST.contains(b) || NOT_LAST.contains(a) || b == '〔' || b == ' ' {
        return false;
    }
    let word = |c: char| c.is_ascii_alphanumeric() || "./%-+:_@#&=".contains(c);
    let number = |c: char| c.is_ascii_digit() || c == '%' || c == '.';
    if word(a) && word(b) {
        return false;
    }
    // A number stays with what it counts, with 第 before it and with the year in 〔2016〕.
    !(number(a) && COUNTED.contains(b) || (a == '第' || a == '〕') && b.is_ascii_digit())
}

fn line_width(cells: &[Cell]) -> f32 {
    cells.iter().map(|cell| cell.width).sum()
}

fn place_line(cells: &[Cell], indent: f32, setting: Setting, is_last: bool) -> Line {
    let mut cells = cells.to_vec();
    let room = (setting.measure - indent) / setting.em;
    narrow_end(&mut cells, is_last);
    let blank = room - line_width(&cells);
    let gaps: Vec<bool> = cells.windows(2).map(|pair| is_gap(pair[0].c, pair[1].c)).collect();
    let count = gaps.iter().filter(|gap| **gap).count();
    let stretch = match setting.alignment {
        Alignment::Justified if !is_last && count > 0 => (blank / count as f32).clamp(0.0, MOST_STRETCH),
        Alignment::Justified if blank < 0.0 && count > 0 => blank / count as f32,
        _ => 0.0,
    };
    let start = indent
        + match setting.alignment {
            Alignment::Center => blank.max(0.0) / 2.0 * setting.em,
            Alignment::Right => blank.max(0.0) * setting.em,
            Alignment::Justified | Alignment::Left => 0.0,
        };
    let mut line = Line::default();
    let mut x = start;
    for (i, cell) in cells.iter().enumerate() {
        line.glyphs.push(Placed { c: cell.c, glyph: cell.glyph, x: x - cell.shift * setting.em });
        x += cell.width * setting.em;
        if gaps.get(i) == Some(&true) {
            x += stretch * setting.em;
        }
    }
    line.width = x - start;
    line
}

/// Half a cell is enough for a mark at the end of a line; the rest is spread over the gaps. Of two
/// marks it is the last that is narrowed there: nothing follows it, so no glyph runs into another and
/// the text reads back whole.
fn narrow_end(cells: &mut [Cell], is_last: bool) {
    let [.., before, last] = cells else { return };
    if !CLOSING.contains(last.c) || last.width <= 0.5 {
        return;
    }
    if is_narrowed(before) {
        before.width = 1.0;
        last.width = 0.5;
    } else if !is_last {
        last.width = 0.5;
    }
}

fn is_narrowed(cell: &Cell) -> bool {
    CLOSING.contains(cell.c) && cell.width == 0.5
}

/// Words and numbers are not stretched inside.
fn is_gap(a: char, b: char) -> bool {
    let narrow = |c: char| c.is_ascii_graphic();
    !(narrow(a) && narrow(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl Metrics for Plain {
        fn glyph(&self, _: Role, c: char) -> Option<Glyph> {
            let advance = if is_full_width(c) { 1.0 } else { 0.5 };
            (c != '\u{10FFFF}').then_some(Glyph { face: 0, id: 1, advance })
        }
    }

    fn chars(text: &str) -> Vec<Char> {
        text.chars().map(|c| Char { c, role: Role::FangSong }).collect()
    }

    fn setting(em: f32, measure: f32) -> Setting {
        Setting { em, measure, indent: 2.0 * em, alignment: Alignment::Justified }
    }

    fn lines(text: &str, cells: f32) -> Vec<String> {
        let set = set(&chars(text), setting(1.0, cells), &Plain, "test").unwrap();
        set.iter().map(|line| line.glyphs.iter().map(|g| g.c).collect()).collect()
    }

    fn paragraph(rng: &mut fastrand::Rng) -> String {
        let pieces = [
            "登记",
            "核查",
            "各村",
            "，",
            "。",
            "；",
            "“",
            "”",
            "（",
            "）",
            "《",
            "》",
            "——",
            "……",
            "84.99%",
            "2016年6月12日",
            "〔2016〕52号",
            "GB/T 9704",
            "PDF",
            "1,234",
            "、",
            "？！",
            "·",
            "人口信息库",
            "第3期",
            "：",
            "№",
            "鉷",
            "12345人",
        ];
        (0..rng.usize(1..60)).map(|_| pieces[rng.usize(..pieces.len())]).collect()
    }

    #[test]
    fn ten_thousand_paragraphs_obey_the_rules() {
        let mut rng = fastrand::Rng::with_seed(15834);
        for _ in 0..10_000 {
            let text = paragraph(&mut rng);
            let measure = rng.usize(14..30) as f32;
            let set = set(&chars(&text), setting(1.0, measure), &Plain, "test").unwrap();
            let back: String = set.iter().flat_map(|line| line.glyphs.iter().map(|g| g.c)).collect();
            assert_eq!(back, text, "no character is lost or doubled");
            for (i, line) in set.iter().enumerate() {
                let indent = if i == 0 { 2.0 } else { 0.0 };
                assert!(line.width <= measure - indent + 0.01, "{} > {measure}: {text}", line.width);
            }
            check_edges(&set, &text);
        }
    }

    /// Marks at the edges are forbidden wherever a permitted break was possible; a text that is
    /// nothing but such marks has none.
    fn check_edges(set: &[Line], text: &str) {
        for pair in set.windows(2) {
            let (last, first) = (pair[0].glyphs.last().unwrap().c, pair[1].glyphs[0].c);
            let possible = pair[0].glyphs.windows(2).any(|p| may_break(p[0].c, p[1].c));
            if possible {
                assert!(!NOT_FIRST.contains(first), "line begins with {first}: {text}");
                assert!(!NOT_LAST.contains(last), "line ends with {last}: {text}");
            }
        }
    }

    #[test]
    fn numbers_stay_with_what_they_count() {
        assert_eq!(lines("截至今天全街共有12345人登记", 12.0), ["截至今天全街共有", "12345人登记"]);
        assert_eq!(lines("覆盖率为全街道的84.99%。以上", 12.0), ["覆盖率为全街道的", "84.99%。以上"]);
    }

    #[test]
    fn adjacent_marks_take_one_and_a_half_cells() {
        let width = |text: &str| width(&chars(text), &Plain, "test").unwrap();
        assert_eq!(width("》，"), 1.5);
        assert_eq!(width("（《"), 1.5);
        assert_eq!(width("字，字"), 3.0);
    }

    #[test]
    fn a_missing_glyph_names_character_and_place() {
        let error = set(&chars("好\u{10FFFF}"), setting(1.0, 9.0), &Plain, "title").unwrap_err();
        assert!(error.to_string().contains("U+10FFFF") && error.to_string().contains("title"), "{error}");
    }
}
