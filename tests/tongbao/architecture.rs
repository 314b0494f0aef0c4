//! The tree keeps its promise: imports run downwards, and each outside crate has its folder.

use std::path::{Path, PathBuf};

const EFFECTS: [&str; 7] = ["source", "store", "render", "delivery", "cli", "daemon", "pipeline"];

/// Folder, and the folders of ours that it may import besides itself. `config` stands for its
/// settings, which are plain data.
const PURE: [(&str, &[&str]); 6] = [
    ("register", &[]),
    ("schedule", &[]),
    ("indicator", &["register", "config"]),
    ("ranking", &["indicator", "register", "schedule", "config"]),
    ("report", &["ranking", "indicator", "register", "schedule", "config"]),
    ("layout", &["report"]),
];

/// Outside crate, and the folders that may name it.
const CRATES: [(&str, &[&str]); 9] = [
    ("polars", &["register", "indicator", "source"]),
    ("sqlx", &["source", "store"]),
    ("tera", &["render"]),
    ("printpdf", &["render"]),
    ("fontdb", &["render"]),
    ("lopdf", &["render"]),
    ("lettre", &["delivery"]),
    ("clap", &["cli"]),
    ("tokio_cron_scheduler", &["daemon"]),
];

/// Source files with the folder (or file) of the top level they belong to. Test modules do not count.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
                let area = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                out.push((area, path, code));
            }
        }
    }
    assert!(out.len() > 50);
    out
}

/// The top-level names after `crate::` in code, comments left out.
fn imported(code: &str) -> Vec<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let name = |rest: &str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned();
    lines.flat_map(|line| line.split("crate::").skip(1).map(name).collect::<Vec<_>>()).collect()
}

#[test]
fn pure_folders_import_downwards_only() {
    for (area, path, code) in sources() {
        let Some((_, allowed)) = PURE.iter().find(|(name, _)| *name == area) else { continue };
        for name in imported(&code) {
            let fine = name == area || allowed.contains(&name.as_str());
            assert!(fine, "{} imports {name}", path.display());
            assert!(!EFFECTS.contains(&name.as_str()), "{} imports the effect {name}", path.display());
        }
        for effect in ["std::fs", "std::net", "std::env", "std::process", "tokio::", "Timestamp::now"] {
            assert!(!code.contains(effect), "{} uses {effect}", path.display());
        }
    }
}

#[test]
fn outside_crates_stay_in_their_folders() {
    for (area, path, code) in sources() {
        for (name, allowed) in CRATES {
            let used = code.contains(&format!("{name}::")) && !code.contains(&format!("_{name}::"));
            assert!(!used || allowed.contains(&area.as_str()), "{} uses {name}", path.display());
        }
    }
}
