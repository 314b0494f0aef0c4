//! Glyph outlines, for SVG and for pictures.

use ttf_parser::{GlyphId, OutlineBuilder};

use super::fonts::FontSet;
use tongbao_report::layout::metrics::Glyph;

impl FontSet {
    /// Draws the outline of a glyph in the units of its face, `y` upwards, and returns how many of
    /// them an em has. Blank glyphs draw nothing.
    pub(super) fn outline(&self, glyph: Glyph, builder: &mut dyn OutlineBuilder) -> Option<f32> {
        let face = self.faces.get(usize::from(glyph.face))?.tables()?;
        face.outline_glyph(GlyphId(glyph.id), builder);
        Some(f32::from(face.units_per_em()))
    }
}
