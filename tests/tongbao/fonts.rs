//! Fonts by file and by family, rare characters, and characters that no font has.

use std::path::Path;
use std::process::Command;

use sqlx::Connection;
use tongbao::config::settings::FontSettings;
use tongbao::layout::metrics::{Metrics, TypeRole};
use tongbao::render::fonts::{FontError, FontSet};

use crate::support::setting;

fn configured() -> FontSettings {
    let dir = tempfile::tempdir().unwrap();
    setting::settings("sqlite:x.db", dir.path()).fonts
}

fn name_of(fonts: &FontSet, role: TypeRole, c: char) -> String {
    let face = fonts.glyph(role, c).expect("a glyph").face;
    fonts.faces[usize::from(face)].postscript_name().unwrap_or_default()
}

#[test]
fn fonts_are_found_by_family_and_weight() {
    let family = |name: &str| vec![name.to_owned()];
    let fonts = FontSettings {
        fang_song: family("Noto Serif CJK SC"),
        small_title: family("Noto Serif CJK SC Bold"),
        hei: family("NotoSansCJKsc-Bold"),
        ..configured()
    };
    let fonts = FontSet::load(&fonts).unwrap();
    assert_eq!(name_of(&fonts, TypeRole::FangSong, '文'), "NotoSerifCJKsc-Regular");
    assert_eq!(name_of(&fonts, TypeRole::SmallTitle, '文'), "NotoSerifCJKsc-Bold");
    assert_eq!(name_of(&fonts, TypeRole::Hei, '文'), "NotoSansCJKsc-Bold");
    let none = FontSettings { kai: family("No Such Family"), ..configured() };
    let Err(error @ FontError::Missing { .. }) = FontSet::load(&none).map(|_| ()) else { panic!("found") };
    assert!(error.to_string().contains("No Such Family") && error.to_string().contains("kai"), "{error}");
}

#[test]
fn the_first_font_of_a_role_that_has_a_character_prints_it() {
    let fonts = FontSet::load(&configured()).unwrap();
    assert_eq!(name_of(&fonts, TypeRole::FangSong, '文'), "FandolFang-Regular");
    for c in "鉷㙍堃𠮷".chars() {
        for role in [TypeRole::FangSong, TypeRole::SmallTitle, TypeRole::Hei, TypeRole::Kai, TypeRole::Song] {
            assert!(fonts.glyph(role, c).is_some(), "{c} in {role:?}");
        }
        assert!(name_of(&fonts, TypeRole::FangSong, c).starts_with("NotoSerifCJK"));
    }
}

/// Renames the first unit of a sample register.
fn rename(dir: &Path, name: &str) {
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let work = async {
        let mut database = sqlx::SqliteConnection::connect(&url).await?;
        let query = "UPDATE unit SET name = ? WHERE code = (SELECT min(code) FROM unit)";
        sqlx::query(query).bind(name).execute(&mut database).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(work).unwrap().rows_affected(), 1);
}

#[test]
fn rare_names_print_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 500);
    rename(dir.path(), "𠮷野家㙍堃鉷村");
    setting::write(dir.path(), &setting::configuration(&url, dir.path()));
    let arguments = ["-q", "--config", "tongbao.toml", "run", "weekly", "--to", "2016-06-12", "--dry-run"];
    let output = setting::tongbao(dir.path(), &arguments);
    assert!(output.status.success(), "{}", setting::stderr(&output));
    let files = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let pdf = files.into_iter().find(|path| path.extension().is_some_and(|e| e == "pdf")).unwrap();
    let text = Command::new("pdftotext").arg(pdf).arg("-").output().unwrap().stdout;
    assert!(String::from_utf8(text).unwrap().contains("𠮷野家㙍堃鉷村"));
}

#[test]
fn a_character_that_no_font_has_stops_the_run_before_anything_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 500);
    rename(dir.path(), "新\u{E123}村");
    setting::write(dir.path(), &setting::configuration(&url, dir.path()));
    let run = ["-q", "--config", "tongbao.toml", "run", "weekly", "--to", "2016-06-12"];
    let output = setting::tongbao(dir.path(), &run);
    let message = setting::stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("U+E123") && message.contains("新\u{E123}村"), "{message}");
    let runs = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "--format", "json", "runs"]);
    assert_eq!(setting::stdout(&runs).split_whitespace().collect::<String>(), "[]");

    let check = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "check"]);
    let lines = setting::stdout(&check);
    let line =
        lines.lines().find(|line| line.contains("glyphs of unit names")).expect("a line on unit names");
    assert!(line.starts_with("error") && line.contains("U+E123"), "{line}");
}
