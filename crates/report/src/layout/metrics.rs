//! What layout needs to know of fonts, filled in by `render::fonts`.

use tongbao_message::Worded;

/// The roles of type on an official page (GB/T 9704-2012, clause 5.2.2 and 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TypeRole {
    /// 仿宋, the text.
    FangSong,
    /// 小标宋, title and issuer mark.
    SmallTitle,
    /// 黑体, first headings and 附件.
    Hei,
    /// 楷体, second headings.
    Kai,
    /// 宋体, page numbers.
    Song,
}

/// A glyph of a face, found for a character in a role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// Position of the face in the font set.
    pub face: u16,
    /// Glyph id in that face.
    pub id: u16,
    /// Advance in em.
    pub advance: f32,
    /// Horizontal scale it is drawn with, 1 for nearly all.
    pub stretch: f32,
}

impl Glyph {
    /// Advance as drawn, in em.
    pub fn width(self) -> f32 {
        self.advance * self.stretch
    }
}

/// The box of a glyph's ink in em: from the left of its advance, and above the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// From the start of the advance to the ink.
    pub left: f32,
    /// From the start of the advance to the end of the ink.
    pub right: f32,
    /// Above the baseline.
    pub top: f32,
    /// Above the baseline; negative below it.
    pub bottom: f32,
}

/// Looks glyphs up.
pub trait Metrics {
    /// `None` when no font of the role nor of the fallback has the character.
    fn glyph(&self, role: TypeRole, c: char) -> Option<Glyph>;
    /// `None` for a glyph without ink, and where outlines are not known.
    fn ink(&self, _: Glyph) -> Option<Ink> {
        None
    }
}

/// A character that no font has, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
#[message(code = format!("{:04X}", u32::from(*character)))]
pub struct MissingGlyph {
    /// The character without a glyph.
    pub character: char,
    /// Heading, table or attachment that has it.
    pub place: String,
}

impl MissingGlyph {
    /// The same lack, with the place told better.
    pub fn at(self, place: String) -> MissingGlyph {
        MissingGlyph { place, ..self }
    }
}
