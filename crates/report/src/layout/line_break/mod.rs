//! Line breaking and justification of Chinese text by own tables (GB/T 15834-2011, clause 5.1).
//!
//! `marks` says what may stand where, `cells` how wide it is, `fit` chooses the ends of the lines
//! of a whole paragraph, and this file places the glyphs.

pub mod bound;
mod cells;
mod fit;
pub mod marks;

use super::metrics::{Glyph, Metrics, MissingGlyph, TypeRole};
use cells::{CharacterCell, cells};
use fit::{Fill, Fitting};

/// Beyond this many em a place, a line stays short: it has too little to stretch.
const MOST_STRETCH: f32 = 0.6;

/// A character with its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Char {
    /// One Unicode scalar value.
    pub c: char,
    /// Which typeface it is set in.
    pub role: TypeRole,
}

/// A glyph placed on a line, `x` in mm from the start of the measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GlyphOnLine {
    /// The character that the glyph is for.
    pub c: char,
    /// Which glyph of which face.
    pub glyph: Glyph,
    /// Left edge of its advance.
    pub x: f32,
}

/// A set line and its width in mm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SetLine {
    /// From left to right.
    pub glyphs: Vec<GlyphOnLine>,
    /// From the left edge of the first glyph to the right edge of the last.
    pub width: f32,
}

/// How the lines of a paragraph are placed in the measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// Both edges straight; the last line left.
    Justified,
    /// Chinese in cells, ended at a mark where there is one.
    Left,
    /// Left, with lines as long as they can be: words of letters.
    Ragged,
    /// Each line in the middle.
    Center,
    /// Right edge straight.
    Right,
}

/// How a paragraph is set, lengths in mm.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Width of a full-width character.
    pub em: f32,
    /// Length of a full line.
    pub measure: f32,
    /// Blank before the first line.
    pub indent: f32,
    /// How the lines are placed in it.
    pub alignment: Alignment,
}

impl Setting {
    /// Lines without indent.
    pub fn flush(em: f32, measure: f32, alignment: Alignment) -> Setting {
        Setting { em, measure, indent: 0.0, alignment }
    }
}

/// Sets a paragraph. No line begins or ends with a forbidden mark, none is wider than the measure,
/// and every character is set once. `place` names the paragraph should a glyph be missing.
pub fn set(
    chars: &[Char],
    setting: Setting,
    metrics: &dyn Metrics,
    place: &str,
) -> Result<Vec<SetLine>, MissingGlyph> {
    set_hanging(chars, setting, 0.0, metrics, place)
}

/// Sets a paragraph whose later lines begin `hang` mm in.
pub fn set_hanging(
    chars: &[Char],
    setting: Setting,
    hang: f32,
    metrics: &dyn Metrics,
    place: &str,
) -> Result<Vec<SetLine>, MissingGlyph> {
    let cells = cells(chars, metrics, place)?;
    let fitting = Fitting::new(&cells, setting.alignment);
    let room = |indent: f32| (setting.measure - indent) / setting.em;
    let mut lines = Vec::new();
    let mut start = 0;
    for end in fitting.ends((room(setting.indent), room(hang))) {
        let indent = if start == 0 { setting.indent } else { hang };
        let fill = fitting.fill(start, end, room(indent));
        lines.push(place_line(&cells[start..end], indent, setting, fill, end == cells.len()));
        start = end;
    }
    Ok(lines)
}

/// The width of a text on one line, in em.
pub fn width(chars: &[Char], metrics: &dyn Metrics, place: &str) -> Result<f32, MissingGlyph> {
    let cells = cells(chars, metrics, place)?;
    let last_gap = cells.last().map_or(0.0, |last| last.gap);
    Ok(cells.iter().map(|cell| cell.width + cell.gap).sum::<f32>() - last_gap)
}

fn place_line(cells: &[CharacterCell], indent: f32, setting: Setting, fill: Fill, is_last: bool) -> SetLine {
    let mut cells = cells.to_vec();
    let mut stretch = 0.0;
    if fill.blank < 0.0 {
        narrow(&mut cells, fill);
    } else if setting.alignment == Alignment::Justified && !is_last && fill.stretch() <= MOST_STRETCH {
        stretch = fill.stretch();
    }
    let blank = fill.blank.max(0.0) * setting.em;
    let start = indent
        + match setting.alignment {
            Alignment::Center => blank / 2.0,
            Alignment::Right => blank,
            Alignment::Justified | Alignment::Left | Alignment::Ragged => 0.0,
        };
    let mut line = SetLine::default();
    let mut x = start;
    let count = cells.len();
    for (i, cell) in cells.iter().enumerate() {
        line.glyphs.push(GlyphOnLine { c: cell.c, glyph: cell.glyph, x: x - cell.shift * setting.em });
        // A blank after the last word takes no room.
        if i + 1 < count || cell.c != ' ' {
            x += cell.width * setting.em;
        }
        if i + 1 < count {
            x += (cell.gap + if cell.stretches { stretch } else { 0.0 }) * setting.em;
        }
    }
    line.width = x - start;
    line
}

/// Takes out what is too much: the blank half of the mark at the end, and then of all gaps and marks
/// an equal share.
fn narrow(cells: &mut [CharacterCell], fill: Fill) {
    let Some(last) = cells.len().checked_sub(1) else { return };
    let end = fill.end.min(-fill.blank);
    cells[last].width -= end;
    let share = ((-fill.blank - end) / (fill.gap + fill.spare).max(1e-6)).clamp(0.0, 1.0);
    for cell in &mut cells[..last] {
        let taken = cell.spare * share;
        cell.width -= taken;
        cell.gap -= cell.gap * share;
        if marks::is_opening(cell.c) {
            cell.shift += taken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::marks::{is_full_width, is_not_first, is_not_last, may_break};
    use super::*;
    use crate::layout::metrics::Ink;

    struct Plain;

    impl Metrics for Plain {
        fn glyph(&self, _: TypeRole, c: char) -> Option<Glyph> {
            let advance = if is_full_width(c) { 1.0 } else { 0.5 };
            (c != '\u{10FFFF}').then_some(Glyph { face: 0, id: 1, advance, stretch: 1.0 })
        }
    }

    fn chars(text: &str) -> Vec<Char> {
        text.chars().map(|c| Char { c, role: TypeRole::FangSong }).collect()
    }

    fn setting(em: f32, measure: f32) -> Setting {
        Setting { indent: 2.0 * em, ..Setting::flush(em, measure, Alignment::Justified) }
    }

    fn lines(text: &str, cells: f32) -> Vec<String> {
        let set = set(&chars(text), setting(1.0, cells), &Plain, "test").unwrap();
        set.iter().map(|line| line.glyphs.iter().map(|g| g.c).collect()).collect()
    }

    const PIECES: [&str; 32] = [
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
        "（16899/46529）",
        "乡",
        "（荔街〔2016〕52号）",
    ];

    fn paragraph(rng: &mut fastrand::Rng) -> String {
        (0..rng.usize(1..60)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
    }

    #[test]
    fn ten_thousand_paragraphs_obey_the_rules() {
        let mut rng = fastrand::Rng::with_seed(15834);
        for i in 0..10_000 {
            let text = paragraph(&mut rng);
            let measure = rng.usize(16..30) as f32;
            let alignment = [Alignment::Justified, Alignment::Left, Alignment::Center][i % 3];
            let (setting, hang) = (Setting { alignment, ..setting(1.0, measure) }, (i % 2) as f32);
            let set = set_hanging(&chars(&text), setting, hang, &Plain, "test").unwrap();
            let back: String = set.iter().flat_map(|line| line.glyphs.iter().map(|g| g.c)).collect();
            assert_eq!(back, text, "no character is lost or doubled");
            for (i, line) in set.iter().enumerate() {
                let indent = if i == 0 { setting.indent } else { hang };
                let first = line.glyphs[0].x;
                assert!(first >= indent - 0.51, "{first} < {indent}: {text}");
                assert!(line.width <= measure - indent + 0.01, "{} > {measure}: {text}", line.width);
            }
            check_breaks(&set, &text);
        }
    }

    /// No line begins or ends with a forbidden mark, and nothing that belongs together is divided.
    /// These texts always leave a way to obey.
    fn check_breaks(set: &[SetLine], text: &str) {
        for pair in set.windows(2) {
            let (last, first) = (pair[0].glyphs.last().unwrap().c, pair[1].glyphs[0].c);
            assert!(!is_not_first(first), "line begins with {first}: {text}");
            assert!(!is_not_last(last), "line ends with {last}: {text}");
            let has_way = pair[0].glyphs.windows(2).any(|p| may_break(p[0].c, p[1].c));
            assert!(!has_way || may_break(last, first), "divided between {last} and {first}: {text}");
        }
    }

    #[test]
    fn justified_lines_fill_the_measure() {
        let mut rng = fastrand::Rng::with_seed(9704);
        let (mut full, mut all) = (0, 0);
        for _ in 0..1_000 {
            let text = paragraph(&mut rng);
            let lines = set(&chars(&text), setting(1.0, 28.0), &Plain, "test").unwrap();
            for (i, line) in lines.iter().enumerate().take(lines.len() - 1) {
                let room = if i == 0 { 26.0 } else { 28.0 };
                // A mark at the end may leave its blank half out.
                full += usize::from((room - line.width).abs() < 0.02);
                all += 1;
            }
        }
        // Only where long runs leave hardly a place to stretch.
        assert!(all - full < all / 100, "{} of {all} lines end short", all - full);
    }

    #[test]
    fn a_last_line_is_no_single_character() {
        let text = format!("{}登", "登记核查逐户上门".repeat(6));
        let lines = lines(&text, 23.5);
        assert!(lines.last().unwrap().chars().count() > 1, "{lines:?}");
    }

    #[test]
    fn dashes_narrower_than_their_cell_are_drawn_out() {
        struct Narrow;
        impl Metrics for Narrow {
            fn glyph(&self, _: TypeRole, _: char) -> Option<Glyph> {
                Some(Glyph { face: 0, id: 1, advance: 0.9, stretch: 1.0 })
            }
            fn ink(&self, _: Glyph) -> Option<Ink> {
                Some(Ink { left: 0.05, right: 0.85, top: 0.4, bottom: 0.3 })
            }
        }
        let line = &set(&chars("——·"), Setting::flush(1.0, 9.0, Alignment::Left), &Narrow, "").unwrap()[0];
        let ink = |g: &GlyphOnLine| (g.x + 0.05 * g.glyph.stretch, g.x + 0.85 * g.glyph.stretch);
        assert!((ink(&line.glyphs[0]).0).abs() < 1e-4);
        assert!((ink(&line.glyphs[0]).1 - ink(&line.glyphs[1]).0).abs() < 1e-4, "two dashes join");
        assert!((line.glyphs[2].x - 2.05).abs() < 1e-4, "other signs stand in the middle of their cell");
        assert_eq!(line.width, 3.0);
    }

    #[test]
    fn numbers_stay_with_what_they_count() {
        assert_eq!(lines("截至今天全街共有12345人登记", 12.0), ["截至今天全街共有", "12345人登记"]);
        assert_eq!(lines("覆盖率为全街道的84.99%。以上", 12.0), ["覆盖率为全街道的", "84.99%。以上"]);
    }

    #[test]
    fn straight_quotation_marks_stay_with_what_they_quote() {
        let text = "for sex also \"unknown\", \"none\" and \"-\" in the unit's list";
        for measure in 6..30 {
            for line in lines(text, measure as f32) {
                assert!(
                    !line.starts_with("\",") && !line.starts_with("\" ") && !line.starts_with('\''),
                    "{line}"
                );
                assert!(!line.trim_end().ends_with(" \""), "{line}");
            }
        }
    }

    #[test]
    fn letters_keep_numbers_and_names_whole() {
        let text = "No. 1 of 37 units is 雁塔社区 (89.20) as at 23 May 2016; see annex 2";
        for measure in 12..34 {
            let setting = Setting::flush(1.0, measure as f32, Alignment::Ragged);
            let set = set(&chars(text), setting, &Plain, "test").unwrap();
            let lines: Vec<String> =
                set.iter().map(|line| line.glyphs.iter().map(|g| g.c).collect()).collect();
            for kept in ["No. 1", "37 units", "雁塔社区", "23 May 2016", "annex 2"] {
                assert!(lines.iter().any(|line| line.contains(kept)), "{kept}: {lines:?}");
            }
        }
    }

    #[test]
    fn adjacent_marks_take_one_and_a_half_cells() {
        let width = |text: &str| width(&chars(text), &Plain, "test").unwrap();
        assert_eq!(width("》，"), 1.5);
        assert_eq!(width("（《"), 1.5);
        assert_eq!(width("字，字"), 3.0);
        assert!((width("字A字") - 2.5 - 2.0 * 0.09).abs() < 1e-4, "Latin stands a little apart");
    }

    #[test]
    fn a_missing_glyph_names_character_and_place() {
        let error = set(&chars("好\u{10FFFF}"), setting(1.0, 9.0), &Plain, "title").unwrap_err();
        assert!(error.to_string().contains("U+10FFFF") && error.to_string().contains("title"), "{error}");
    }
}
