//! Font files by role, with glyph fallback. Parsed once a process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{OnceLock, PoisonError, RwLock};
use tongbao_message::Worded;

use memmap2::Mmap;
use ttf_parser::GlyphId;

use super::font_files::FontFiles;
use tongbao_base::digest::sha256;
use tongbao_config::settings::FontSettings;
use tongbao_report::layout::metrics::{Glyph, Ink, Metrics, TypeRole};

/// Fonts that cannot be used.
#[derive(Debug, thiserror::Error, Worded)]
pub enum FontError {
    /// Nothing in the list of a role is on this machine.
    Missing {
        /// The Chinese name of the typeface: 仿宋.
        role: &'static str,
        /// The key of `[fonts]`.
        key: &'static str,
        /// The files and families that were looked for, joined by commas.
        names: String,
        /// The folders that were searched.
        folders: String,
    },
    /// The file's name.
    Unreadable(String),
}

/// A face of a font file, mapped when its first glyph is asked for: of 50 MB the few pages are read that
/// have the glyphs, and all processes share them.
pub struct Face {
    /// File or family, as `[fonts]` names it.
    pub name: String,
    path: PathBuf,
    index: usize,
    /// The file, if it is known to parse.
    program: OnceLock<Option<Mmap>>,
    sha256: OnceLock<String>,
}

impl Face {
    /// The file and the number of the face in it, or `None` if it cannot be read as a font.
    pub(super) fn file(&self) -> Option<(&[u8], usize)> {
        self.program().map(|program| (program, self.index))
    }

    /// The tables of the face, or `None` if it cannot be read as a font. Parsing takes microseconds:
    /// tables are found, not decoded.
    pub(super) fn tables(&self) -> Option<ttf_parser::Face<'_>> {
        let (bytes, index) = self.file()?;
        ttf_parser::Face::parse(bytes, u32::try_from(index).ok()?).ok()
    }

    /// The PostScript name that the font gives itself.
    pub fn postscript_name(&self) -> Option<String> {
        let names = self.tables()?.names();
        let is_named = |name: &ttf_parser::name::Name| name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME;
        names.into_iter().filter(is_named).find_map(|name| name.to_string())
    }

    fn program(&self) -> Option<&[u8]> {
        let read = || {
            let file = File::open(&self.path).ok()?;
            // SAFETY: nobody may shorten the file while it is mapped. Font files are replaced by new files, not written
            // over (dpkg, install(1)); every program that draws text maps them. A page that is gone all the same ends the
            // process, which loses nothing.
            let bytes = unsafe { Mmap::map(&file) }.ok()?;
            ttf_parser::Face::parse(&bytes, u32::try_from(self.index).ok()?).ok()?;
            Some(bytes)
        };
        self.program.get_or_init(read).as_deref()
    }

    /// The digest of the file, taken once: a daemon records it with every run.
    fn digest(&self) -> Result<&str, FontError> {
        let program = self.program().ok_or_else(|| self.unreadable())?;
        Ok(self.sha256.get_or_init(|| sha256(program)))
    }

    fn unreadable(&self) -> FontError {
        FontError::Unreadable(self.path.display().to_string())
    }

    /// The face's glyph for a character.
    fn glyph(&self, number: u16, c: char) -> Option<Glyph> {
        let tables = self.tables()?;
        let id = tables.glyph_index(c).filter(|id| id.0 != 0)?;
        let advance = f32::from(tables.glyph_hor_advance(id)?) / f32::from(tables.units_per_em());
        Some(Glyph { face: number, id: id.0, advance, stretch: 1.0 })
    }
}

/// All faces, and for each role the order in which they are asked.
pub struct FontSet {
    /// A [`Glyph`]'s `face` is a position in it.
    pub faces: Vec<Face>,
    orders: BTreeMap<TypeRole, Vec<u16>>,
    /// What has been looked up: a page asks for the same few hundred characters again and again.
    known: RwLock<HashMap<(TypeRole, char), Option<Glyph>>>,
}

const ROLES: [(TypeRole, &str, &str); 5] = [
    (TypeRole::FangSong, "仿宋", "fang_song"),
    (TypeRole::SmallTitle, "小标宋", "small_title"),
    (TypeRole::Hei, "黑体", "hei"),
    (TypeRole::Kai, "楷体", "kai"),
    (TypeRole::Song, "宋体", "song"),
];

impl FontSet {
    /// Finds and parses the configured fonts. Each role needs at least one of its own.
    pub fn load(fonts: &FontSettings) -> Result<FontSet, FontError> {
        let files = FontFiles::find(fonts);
        let mut set =
            FontSet { faces: Vec::new(), orders: BTreeMap::new(), known: RwLock::new(HashMap::new()) };
        let fallback: Vec<u16> = fonts.fallback.iter().filter_map(|name| set.face(name, &files)).collect();
        for (role, label, key) in ROLES {
            let names = names_of(fonts, role);
            let mut order: Vec<u16> = names.iter().filter_map(|name| set.face(name, &files)).collect();
            let Some(first) = order.first() else {
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
            };
            let first = &set.faces[usize::from(*first)];
            first.program().ok_or_else(|| first.unreadable())?;
            order.extend(fallback.iter().filter(|face| !order.contains(face)).copied().collect::<Vec<_>>());
            set.orders.insert(role, order);
        }
        Ok(set)
    }

    /// The number of a face, added unless it is there already; `None` if there is no such font.
    fn face(&mut self, name: &str, files: &FontFiles) -> Option<u16> {
        if let Some(known) = self.faces.iter().position(|face| face.name == name) {
            return Some(known as u16);
        }
        let (path, index) = files.of(name)?;
        let (name, path) = (name.to_owned(), path.to_owned());
        self.faces.push(Face { name, path, index, program: OnceLock::new(), sha256: OnceLock::new() });
        Some(self.faces.len() as u16 - 1)
    }

    /// File and digest of every face that a glyph was taken from so far, for the record of a run: faces that
    /// nothing was drawn with change no page.
    pub fn digests(&self) -> Result<BTreeMap<String, String>, FontError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let used: BTreeSet<u16> = known.values().flatten().map(|glyph| glyph.face).collect();
        let faces = used.into_iter().map(|face| &self.faces[usize::from(face)]);
        faces.map(|face| Ok((face.name.clone(), face.digest()?.to_owned()))).collect()
    }

    fn look_up(&self, role: TypeRole, c: char) -> Option<Glyph> {
        let order = self.orders.get(&role)?;
        order.iter().find_map(|&number| self.faces[usize::from(number)].glyph(number, c))
    }
}

impl Metrics for FontSet {
    fn glyph(&self, role: TypeRole, c: char) -> Option<Glyph> {
        // What a panic elsewhere left over is whole: entries are put in at once.
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&(role, c)).copied();
        known.unwrap_or_else(|| {
            let found = self.look_up(role, c);
            self.known.write().unwrap_or_else(PoisonError::into_inner).insert((role, c), found);
            found
        })
    }

    fn ink(&self, glyph: Glyph) -> Option<Ink> {
        let tables = self.faces.get(usize::from(glyph.face))?.tables()?;
        let bounds = tables.glyph_bounding_box(GlyphId(glyph.id))?;
        let em = |units: i16| f32::from(units) / f32::from(tables.units_per_em());
        (bounds.x_max > bounds.x_min).then(|| Ink {
            left: em(bounds.x_min),
            right: em(bounds.x_max),
            top: em(bounds.y_max),
            bottom: em(bounds.y_min),
        })
    }
}

fn names_of(fonts: &FontSettings, role: TypeRole) -> &[String] {
    match role {
        TypeRole::FangSong => &fonts.fang_song,
        TypeRole::SmallTitle => &fonts.small_title,
        TypeRole::Hei => &fonts.hei,
        TypeRole::Kai => &fonts.kai,
        TypeRole::Song => &fonts.song,
    }
}
