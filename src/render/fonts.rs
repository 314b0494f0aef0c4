//! Font files by role, with glyph fallback. Parsed once a process.

use std::collections::BTreeMap;

use printpdf::ParsedFont;

use super::font_files::Files;
use crate::config::settings::Fonts;
use crate::digest::sha256;
use crate::layout::metrics::{Glyph, Ink, Metrics, Role};

/// Fonts that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    #[error(
        "no font for {role}: neither file nor family {names} found below {folders}; run scripts/setup.sh or set [fonts] {key}"
    )]
    Missing { role: &'static str, key: &'static str, names: String, folders: String },
    #[error("font {0} cannot be read; it must be an OpenType or TrueType file")]
    Unreadable(String),
}

/// A parsed face.
pub struct Face {
    pub name: String,
    pub font: ParsedFont,
    units_per_em: f32,
    pub sha256: String,
}

/// All faces, and for each role the order in which they are asked.
pub struct FontSet {
    pub faces: Vec<Face>,
    orders: BTreeMap<Role, Vec<u16>>,
}

const ROLES: [(Role, &str, &str); 5] = [
    (Role::FangSong, "仿宋", "fang_song"),
    (Role::SmallTitle, "小标宋", "small_title"),
    (Role::Hei, "黑体", "hei"),
    (Role::Kai, "楷体", "kai"),
    (Role::Song, "宋体", "song"),
];

impl FontSet {
    /// Finds and parses the configured fonts. Each role needs at least one of its own.
    pub fn load(fonts: &Fonts) -> Result<FontSet, FontError> {
        let files = Files::find(fonts);
        let mut set = FontSet { faces: Vec::new(), orders: BTreeMap::new() };
        let mut fallback = Vec::new();
        for name in &fonts.fallback {
            fallback.extend(set.face(name, &files)?);
        }
        for (role, label, key) in ROLES {
            let names = names_of(fonts, role);
            let mut order = Vec::new();
            for name in names {
                order.extend(set.face(name, &files)?);
            }
            if order.is_empty() {
                return Err(FontError::Missing {
                    role: label,
                    key,
                    names: names.join(", "),
                    folders: fonts
                        .folders
                        .iter()
                        .map(|f| f.display().to_string())
                        .collect::<Vec<_>>()
                        .join(", "),
                });
            }
            order.extend(fallback.iter().filter(|face| !order.contains(face)).copied().collect::<Vec<_>>());
            set.orders.insert(role, order);
        }
        Ok(set)
    }

    /// Parses a face unless it is there already; `None` if there is no such font.
    fn face(&mut self, name: &str, files: &Files) -> Result<Option<u16>, FontError> {
        if let Some(known) = self.faces.iter().position(|face| face.name == name) {
            return Ok(Some(known as u16));
        }
        let Some((path, index)) = files.of(name) else { return Ok(None) };
        let unreadable = || FontError::Unreadable(path.display().to_string());
        let bytes = std::fs::read(path).map_err(|_| unreadable())?;
        let font = ParsedFont::from_bytes(&bytes, index, &mut Vec::new()).ok_or_else(unreadable)?;
        let units_per_em = f32::from(font.font_metrics.units_per_em.max(1));
        self.faces.push(Face { name: name.to_owned(), font, units_per_em, sha256: sha256(&bytes) });
        Ok(Some(self.faces.len() as u16 - 1))
    }

    /// File and digest of every face, for the record of a run.
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.faces.iter().map(|face| (face.name.clone(), face.sha256.clone())).collect()
    }
}

impl Metrics for FontSet {
    fn glyph(&self, role: Role, c: char) -> Option<Glyph> {
        let order = self.orders.get(&role)?;
        order.iter().find_map(|&face| {
            let font = &self.faces[usize::from(face)];
            let id = font.font.lookup_glyph_index(u32::from(c)).filter(|id| *id != 0)?;
            let advance = f32::from(font.font.get_horizontal_advance(id)) / font.units_per_em;
            Some(Glyph { face, id, advance, stretch: 1.0 })
        })
    }

    fn ink(&self, glyph: Glyph) -> Option<Ink> {
        let face = self.faces.get(usize::from(glyph.face))?;
        let outline = face.font.get_or_decode_glyph(glyph.id)?;
        let bounds = &outline.bounding_box;
        let em = |units: i16| f32::from(units) / face.units_per_em;
        (bounds.max_x > bounds.min_x).then(|| Ink {
            left: em(bounds.min_x),
            right: em(bounds.max_x),
            top: em(bounds.max_y),
            bottom: em(bounds.min_y),
        })
    }
}

fn names_of(fonts: &Fonts, role: Role) -> &[String] {
    match role {
        Role::FangSong => &fonts.fang_song,
        Role::SmallTitle => &fonts.small_title,
        Role::Hei => &fonts.hei,
        Role::Kai => &fonts.kai,
        Role::Song => &fonts.song,
    }
}
