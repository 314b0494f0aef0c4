//! A configuration for tests, and the program run as a user runs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tongbao::config;
use tongbao::config::settings::Settings;

/// The demo's configuration on another database, with its state in `dir`.
pub fn configuration(url: &str, dir: &Path) -> String {
    let text = include_str!("../../../config/tongbao.toml");
    text.replace("sqlite:../demo/register.db", url)
        .replace("dir = \"../state\"", &format!("dir = \"{}\"", dir.join("state").display()))
}

/// The configuration with bulletins and mails of one sentence, for what makes hundreds of them and looks at none.
pub fn with_short_bulletins(dir: &Path, text: &str) -> String {
    let folder = dir.join("short");
    let front =
        "+++\nmark = \"通报\"\ntitle = \"通报\"\nsignatory = \"办\"\ndate = \"{{ report.date }}\"\n+++\n\n";
    let sentence = "{{ period.text }}登记{{ records }}条。";
    std::fs::create_dir_all(folder.join("bulletin")).unwrap();
    for (name, text) in [
        ("document.md.tera", format!("{front}{sentence}\n")),
        ("email_body.html.tera", format!("<p>{sentence}</p>")),
    ] {
        std::fs::write(folder.join("bulletin").join(name), text).unwrap();
    }
    format!("{text}\n[templates]\ndir = \"{}\"\n", folder.display())
}

pub fn settings(url: &str, dir: &Path) -> Settings {
    config::parse("test.toml", &configuration(url, dir), &BTreeMap::new()).unwrap().settings
}

/// Writes a configuration file and returns its path.
pub fn write(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("tongbao.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The program under test, as cargo names it to tests or beside what cargo does not tell.
pub fn program() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().unwrap().with_file_name("tongbao");
    option_env!("CARGO_BIN_EXE_tongbao").map_or_else(beside, PathBuf::from)
}

/// Runs the program; the answer holds its exit code and both streams.
pub fn tongbao(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.current_dir(dir).args(arguments).env_remove("TONGBAO_CONFIG");
    command.output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Makes a sample register and returns its address.
pub fn sample(dir: &Path, persons: u64) -> String {
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let made = tongbao(dir, &["-q", "sample", "--persons", &persons.to_string(), "--to", &url]);
    assert!(made.status.success(), "{}", stderr(&made));
    url
}
