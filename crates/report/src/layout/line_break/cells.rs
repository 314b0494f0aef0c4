//! Characters with their widths: a full-width character takes a whole cell whatever its font says.

use super::Char;
use super::bound::bound_blanks;
use super::marks::{has_blank_half, is_closing, is_full_width, is_han, is_latin, is_opening};
use crate::layout::metrics::{Glyph, Metrics, MissingGlyph};

/// Blank between a Chinese character and a Latin letter or digit, in em. Text taken out of a PDF
/// gets a space where a gap is wider than a tenth of an em; this one stays below.
pub(super) const LATIN_GAP: f32 = 0.09;

/// A character with its width in em.
#[derive(Debug, Clone, Copy)]
pub(super) struct CharacterCell {
    pub c: char,
    pub glyph: Glyph,
    pub width: f32,
    /// How far the glyph's origin is left of the cell.
    pub shift: f32,
    /// Blank after the cell, if another follows on the line.
    pub gap: f32,
    /// Whether the gap after the cell may be widened: words and numbers are not stretched inside.
    pub stretches: bool,
    /// How much of the cell is blank and may be taken out.
    pub spare: f32,
    /// Whether it is a blank that no line ends in.
    pub is_bound: bool,
}

/// The cells of a text. `place` names the text should a glyph be missing.
pub(super) fn cells(
    chars: &[Char],
    metrics: &dyn Metrics,
    place: &str,
) -> Result<Vec<CharacterCell>, MissingGlyph> {
    let mut out = Vec::with_capacity(chars.len());
    let bound = bound_blanks(&chars.iter().map(|char| char.c).collect::<Vec<_>>());
    for (i, char) in chars.iter().enumerate() {
        let glyph = metrics
            .glyph(char.role, char.c)
            .ok_or_else(|| MissingGlyph { character: char.c, place: place.to_owned() })?;
        let next = chars.get(i + 1).map(|next| next.c);
        let before = i.checked_sub(1).map(|i| chars[i].c);
        let mut cell = CharacterCell {
            c: char.c,
            glyph,
            width: glyph.advance,
            shift: 0.0,
            gap: next.map_or(0.0, |next| natural_gap(char.c, next)),
            stretches: next.is_some_and(|next| !(char.c.is_ascii_graphic() && next.is_ascii_graphic())),
            spare: 0.0,
            is_bound: bound[i],
        };
        if is_full_width(char.c) {
            full_width(&mut cell, before, next, metrics);
        }
        out.push(cell);
    }
    Ok(out)
}

fn natural_gap(a: char, b: char) -> f32 {
    if is_han(a) && is_latin(b) || is_latin(a) && is_han(b) { LATIN_GAP } else { 0.0 }
}

/// Of two adjacent marks the blank half between them is taken out, so that they take one and a half
/// cells together. A glyph that is narrower than its cell stands where a full-width one has its ink;
/// a dash is drawn out to the whole cell, so that two of them join.
fn full_width(cell: &mut CharacterCell, before: Option<char>, next: Option<char>, metrics: &dyn Metrics) {
    let lacking = 1.0 - cell.glyph.advance;
    (cell.width, cell.shift) = (1.0, -lacking / 2.0);
    if has_blank_half(cell.c) {
        cell.spare = 0.5;
        cell.shift = if is_opening(cell.c) { -lacking } else { 0.0 };
    }
    if cell.c == '—' && lacking > 0.01 {
        let (left, right) =
            metrics.ink(cell.glyph).map_or((0.0, cell.glyph.advance), |ink| (ink.left, ink.right));
        cell.glyph.stretch = 1.0 / (right - left).max(0.1);
        cell.shift = left * cell.glyph.stretch;
    }
    if is_closing(cell.c) && next.is_some_and(has_blank_half) {
        (cell.width, cell.spare) = (0.5, 0.0);
    } else if is_opening(cell.c) && before.is_some_and(is_opening) {
        (cell.width, cell.spare) = (0.5, 0.0);
        cell.shift += 0.5;
    }
}
