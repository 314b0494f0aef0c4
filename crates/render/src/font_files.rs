//! Where the fonts are: configured names are file names or family names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fontdb::{Database, FaceInfo, Source, Weight};

use tongbao_config::settings::FontSettings;

/// How deep below a font folder files are looked for.
const DEPTH: u8 = 4;

/// The files of the configured names, each with the number of its face.
pub(super) struct FontFiles(BTreeMap<String, (PathBuf, usize)>);

impl FontFiles {
    /// Looks all names up, as files first. The first folder that has one wins, subfolders included;
    /// only if a name is no file are the families read out of the fonts.
    pub(super) fn find(fonts: &FontSettings) -> FontFiles {
        let lists =
            [&fonts.fang_song, &fonts.small_title, &fonts.hei, &fonts.kai, &fonts.song, &fonts.fallback];
        let names: Vec<&String> = lists.into_iter().flatten().collect();
        let mut wanted: Vec<&str> = names.iter().map(|name| split(name).0).collect();
        let mut files = BTreeMap::new();
        for folder in &fonts.folders {
            search(folder, &mut wanted, &mut files, DEPTH);
        }
        let mut found = BTreeMap::new();
        let mut families: Option<Database> = None;
        for name in names {
            let (file, index) = split(name);
            let path = Some(PathBuf::from(file)).filter(|path| path.is_absolute() && path.is_file());
            let place = path.or_else(|| files.get(file).cloned()).map(|path| (path, index));
            let place = place.or_else(|| face(families.get_or_insert_with(|| read(fonts)), name));
            found.extend(place.map(|place| (name.clone(), place)));
        }
        FontFiles(found)
    }

    /// File and face of a configured name.
    pub(super) fn of(&self, name: &str) -> Option<(&Path, usize)> {
        self.0.get(name).map(|(path, index)| (path.as_path(), *index))
    }
}

fn read(fonts: &FontSettings) -> Database {
    let mut database = Database::new();
    fonts.folders.iter().for_each(|folder| database.load_fonts_dir(folder));
    database
}

/// The face of a family (`仿宋_GB2312`, `Noto Serif CJK SC`, `Noto Serif CJK SC Bold`) or of a
/// PostScript name; of several the upright one nearest to the weight, then the first file by name.
fn face(database: &Database, name: &str) -> Option<(PathBuf, usize)> {
    let (family, weight) = match name.strip_suffix(" Bold") {
        Some(family) => (family, Weight::BOLD),
        None => (name, Weight::NORMAL),
    };
    let is_named = |face: &&FaceInfo| {
        face.post_script_name == name
            || face.families.iter().any(|(known, _)| known == family || known == name)
    };
    let order = |face: &&FaceInfo| {
        let slanted = face.style != fontdb::Style::Normal;
        (slanted, face.weight.0.abs_diff(weight.0), file_of(face), face.index)
    };
    let best = database.faces().filter(is_named).min_by_key(order)?;
    Some((file_of(best)?, best.index as usize))
}

fn file_of(face: &FaceInfo) -> Option<PathBuf> {
    match &face.source {
        Source::File(path) | Source::SharedFile(path, _) => Some(path.clone()),
        Source::Binary(_) => None,
    }
}

/// `NotoSerifCJK-Bold.ttc#2` is face 2 of the collection.
fn split(name: &str) -> (&str, usize) {
    match name.rsplit_once('#') {
        Some((file, index)) => index.parse().map_or((name, 0), |index| (file, index)),
        None => (name, 0),
    }
}

fn search(folder: &Path, wanted: &mut Vec<&str>, found: &mut BTreeMap<String, PathBuf>, depth: u8) {
    if wanted.is_empty() || depth == 0 {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| path.is_dir());
    for path in files {
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
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
