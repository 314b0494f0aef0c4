//! Relative paths of a configuration start at its folder, wherever the program is run.

use std::path::Path;

use serde_json::Value;

use crate::support::setting::{stderr, stdout, tongbao};

/// Figures of a configuration, as they come out in a folder.
fn rates(dir: &Path, file: &str) -> Value {
    let arguments =
        ["--config", file, "--format", "json", "rates", "--from", "2016-06-06", "--to", "2016-06-12"];
    let output = tongbao(dir, &arguments);
    let mut figures: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(&output), stderr(&output)));
    figures["pulled_at"] = Value::Null;
    figures
}

fn succeed(dir: &Path, arguments: &[&str]) -> String {
    let output = tongbao(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

fn refused(dir: &Path, arguments: &[&str]) -> String {
    let output = tongbao(dir, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    stdout(&output) + &stderr(&output)
}

/// An office's folder `office` with exports in it, and `elsewhere` beside it.
fn office() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["office", "elsewhere"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    succeed(dir.path(), &["-q", "sample", "--persons", "300", "--to", "file:office/export"]);
    succeed(dir.path(), &["-q", "sample", "--persons", "300", "--to", "sqlite:office/register.db"]);
    dir
}

const NAMES: [&str; 5] = ["init", "--yes", "--name=专项活动", "--issuer=荔城街道办事处", "--out"];

#[test]
fn init_writes_paths_that_are_right_in_any_folder() {
    let dir = office();
    let text = |file: &str| std::fs::read_to_string(dir.path().join(file)).unwrap();
    let init = |from: &str, out: &str, url: &str| {
        let arguments: Vec<&str> = NAMES.into_iter().chain([out, "--url", url]).collect();
        succeed(&dir.path().join(from), &arguments);
    };
    init("elsewhere", "../office/base.toml", "sqlite:../office/register.db");
    assert!(
        text("office/base.toml").contains("url = \"sqlite:register.db\""),
        "{}",
        text("office/base.toml")
    );
    init("", "office/files.toml", "file:office/export");
    for line in ["file:export/person.csv", "file:export/unit.csv", "file:export/roster.csv"] {
        assert!(text("office/files.toml").contains(&format!("url = \"{line}\"")), "{line}");
    }
    init("office", "drop.toml", "file:export/*.csv");
    // What is not below the configuration is named whole.
    init("office", "../elsewhere/far.toml", "sqlite:register.db");
    let whole = dir.path().canonicalize().unwrap().join("office/register.db");
    assert!(text("elsewhere/far.toml").contains(&format!("\"sqlite:{}\"", whole.display())));

    let expected = rates(&dir.path().join("office"), "base.toml");
    assert!(expected["totals"]["records"].as_u64().unwrap() > 100, "{}", expected["totals"]);
    for file in ["office/base.toml", "office/files.toml", "office/drop.toml", "elsewhere/far.toml"] {
        for (from, file) in [("", file.to_owned()), ("elsewhere", format!("../{file}"))] {
            assert_eq!(rates(&dir.path().join(from), &file)["totals"], expected["totals"], "{from} {file}");
        }
    }
}

#[test]
fn every_path_starts_at_the_configuration() {
    let dir = office();
    let (office, elsewhere) = (dir.path().join("office"), dir.path().join("elsewhere"));
    let arguments: Vec<&str> =
        NAMES.into_iter().chain(["tongbao.toml", "--url", "sqlite:register.db"]).collect();
    succeed(&office, &arguments);
    let file = office.join("tongbao.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let roster = text.find("[source.roster]").unwrap();
    let text = format!(
        "{}url_file = \"roster.url\"\n{}\n{}",
        &text[..roster + 16],
        text[roster + 16..].replace("table = \"roster\"\n", ""),
        r#"
[templates]
dir = "words"

[fonts]
folders = ["fonts", "/usr/share/fonts"]

[recipients.villages]
members_from = { url = "file:people.csv" }

[smtp]
host = "127.0.0.1"
security = "none"
from = "a@example.test"
username = "clerk"
password_file = "word"
"#
    );
    std::fs::write(&file, text.replace("to = []", "to = [\"villages\"]")).unwrap();
    std::fs::write(office.join("roster.url"), "file:export/roster.csv\n").unwrap();
    std::fs::write(office.join("people.csv"), "name,email,unit\n村,v@example.test,440118001201\n").unwrap();
    std::fs::write(office.join("word"), "secret").unwrap();
    let cache = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let cache = cache.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"));
    std::os::unix::fs::symlink(cache.join("tongbao/fonts"), office.join("fonts")).unwrap();
    std::fs::create_dir_all(office.join("words/bulletin")).unwrap();
    let template = include_str!("../../report_templates/bulletin/document.md.tera");
    let template = template.replacen("\n+++\n", "\n+++\n\n这是本街道自己的模板。\n", 1);
    std::fs::write(office.join("words/bulletin/document.md.tera"), template).unwrap();

    let run = ["--config", "../office/tongbao.toml", "run", "weekly", "--from", "2016-06-06"];
    let run: Vec<&str> =
        run.into_iter().chain(["--to", "2016-06-12", "--no-send", "--out", "pages"]).collect();
    succeed(&elsewhere, &run);
    // Paths of the command line start where one stands, the state beside the configuration.
    assert!(elsewhere.join("pages").is_dir() && !elsewhere.join("state").exists());
    assert!(office.join("state/tongbao.db").is_file() && !office.join("pages").exists());
    let pages: Vec<_> =
        std::fs::read_dir(elsewhere.join("pages")).unwrap().map(|e| e.unwrap().path()).collect();
    let pdf = pages.iter().find(|path| path.extension().is_some_and(|end| end == "pdf")).unwrap();
    let words = std::process::Command::new("pdftotext").args([pdf.to_str().unwrap(), "-"]).output().unwrap();
    assert!(String::from_utf8_lossy(&words.stdout).replace('\n', "").contains("这是本街道自己的模板"));
    // A secret that all may read is found from everywhere.
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(office.join("word"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let checked = tongbao(&elsewhere, &["--config", "../office/tongbao.toml", "check", "--offline"]);
    assert!(stdout(&checked).contains("office/word, which holds a secret"), "{}", stdout(&checked));
}

#[test]
fn what_relative_paths_once_meant_is_named_and_not_replaced() {
    let dir = office();
    let office = dir.path().join("office");
    let arguments: Vec<&str> =
        NAMES.into_iter().chain(["tongbao.toml", "--url", "sqlite:register.db"]).collect();
    succeed(&office, &arguments);
    std::fs::create_dir(office.join("config")).unwrap();
    std::fs::rename(office.join("tongbao.toml"), office.join("config/tongbao.toml")).unwrap();
    std::fs::create_dir(office.join("state")).unwrap();
    std::fs::create_dir(office.join("report_templates")).unwrap();
    let answer = refused(&office, &["runs"]);
    for part in [
        "config/tongbao.toml:",
        "state.dir: there is no config/state, but there is ",
        "office/state; relative paths start at the folder of the configuration",
        "source.url: there is no config/register.db",
    ] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    assert!(!office.join("config/state").exists());
    let chinese = refused(&office, &["--lang", "zh", "runs"]);
    assert!(chinese.contains("没有 config/state") && !chinese.contains("there is no"), "{chinese}");
    // With the state made and the register moved nothing is left to say but that own templates are not used.
    std::fs::create_dir(office.join("config/state")).unwrap();
    std::fs::rename(office.join("register.db"), office.join("config/register.db")).unwrap();
    let output = tongbao(&office, &["runs"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("office/report_templates is not used"), "{}", stderr(&output));
}
