//! Font files by role, with glyph fallback. Parsed once a process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use printpdf::ParsedFont;

use crate::config::settings::Fonts;
use crate::digest::sha256;
use crate::layout::metrics::{Glyph, Metrics, Role};

/// Fonts that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    #[error(
        "no font for {role}: {names} not found below {folders}; run scripts/setup.sh or set [fonts] {key}"
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
        let files = find(fonts);
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

    /// Parses a face unless it is there already; `None` if there is no such file.
    fn face(&mut self, name: &str, files: &BTreeMap<String, PathBuf>) -> Result<Option<u16>, FontError> {
        if let Some(known) = self.faces.iter().position(|face| face.name == name) {
            return Ok(Some(known as u16));
        }
        let (file, index) = split(name);
        let path =
            if Path::new(file).is_absolute() { Some(PathBuf::from(file)) } else { files.get(file).cloned() };
        let Some(path) = path.filter(|path| path.is_file()) else { return Ok(None) };
        let unreadable = || FontError::Unreadable(path.display().to_string());
        let bytes = std::fs::read(&path).map_err(|_| unreadable())?;
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
            Some(Glyph { face, id, advance })
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

/// `NotoSerifCJK-Bold.ttc#2` is face 2 of the collection.
fn split(name: &str) -> (&str, usize) {
    match name.rsplit_once('#') {
        Some((file, index)) => index.parse().map_or((name, 0), |index| (file, index)),
        None => (name, 0),
    }
}

/// The files of the configured names: the first folder that has one wins, subfolders included.
fn find(fonts: &Fonts) -> BTreeMap<String, PathBuf> {
    let lists = [&fonts.fang_song, &fonts.small_title, &fonts.hei, &fonts.kai, &fonts.song, &fonts.fallback];
    let mut wanted: Vec<&str> = lists.iter().flat_map(|list| list.iter()).map(|name| split(name).0).collect();
    let mut found = BTreeMap::new();
    for folder in &fonts.folders {
        search(folder, &mut wanted, &mut found, 4);
    }
    found
}

fn search(folder: &Path, wanted: &mut Vec<&str>, found: &mut BTreeMap<String, PathBuf>, depth: u8) {
    if wanted.is_empty() || depth == 0 {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut folders = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            folders.push(path);
        } else if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && wanted.contains(&name)
        {
            wanted.retain(|other| *other != name);
            found.insert(name.to_owned(), path);
        }
    }
    for folder in folders {
        search(&folder, wanted, found, depth - 1);
    }
}
