//! The guides: every command that they show is run, in the order in which a reader meets it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::init::{DROP, PINYIN};
use crate::support::servers;
use crate::support::setting::{self, configuration, stderr, stdout, tongbao};
use crate::support::smtp::MailServer;

/// Blocks that need root, systemd or the network. They are not run, so each is named here with its page
/// and first line.
const NOT_RUN: [(&str, &str); 17] = [
    ("docs/console.md", "tongbao demo --serve"),
    ("docs/zh/console.md", "tongbao demo --serve"),
    (
        "CONTRIBUTING.md",
        "make check                                   # format, lints, docs, and the tests that need no server: minutes",
    ),
    ("README.md", "make demo    # the whole job on a sample register of 50,000 persons in 37 units"),
    ("README.zh.md", "make demo    # 用 37 个单位、5 万人的样例库完整做一遍"),
    (
        "docs/quick-start.md",
        "make build                                             # fonts, then the program; the first time takes minutes",
    ),
    (
        "docs/zh/quick-start.md",
        "make build                                             # 先装字体再编译；第一次要几分钟",
    ),
    ("docs/operations.md", "install -m 755 target/release/tongbao /usr/bin/tongbao"),
    ("docs/operations.md", "install -m 644 packaging/tongbao@.service /etc/systemd/system/tongbao@.service"),
    (
        "docs/zh/operations.md",
        "install -m 644 packaging/tongbao@.service /etc/systemd/system/tongbao@.service",
    ),
    ("docs/operations.md", "alias tb='sudo -u tongbao TONGBAO_CONFIG=/etc/tongbao/tongbao.toml tongbao'"),
    (
        "docs/operations.md",
        "systemd-run --pipe --wait --uid=tongbao -p LoadCredential=smtp.password:/etc/tongbao/smtp-password \\",
    ),
    ("docs/operations.md", "systemctl stop tongbao"),
    ("docs/zh/operations.md", "install -m 755 target/release/tongbao /usr/bin/tongbao"),
    ("docs/zh/operations.md", "alias tb='sudo -u tongbao TONGBAO_CONFIG=/etc/tongbao/tongbao.toml tongbao'"),
    (
        "docs/zh/operations.md",
        "systemd-run --pipe --wait --uid=tongbao -p LoadCredential=smtp.password:/etc/tongbao/smtp-password \\",
    ),
    ("docs/zh/operations.md", "systemctl stop tongbao"),
];

/// A fenced block of shell commands.
struct Block {
    /// What follows `sh` after the fence.
    kind: String,
    line: usize,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages that show commands, from the root of the tree.
fn pages() -> Vec<String> {
    let mut pages = ["README.md", "README.zh.md", "CONTRIBUTING.md"].map(str::to_owned).to_vec();
    for folder in ["docs", "docs/zh"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                pages.push(format!("{folder}/{name}"));
            }
        }
    }
    pages.sort();
    pages
}

/// The `sh` blocks of a page. A fence is closed by one as long, so that longer ones can hold others.
fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    // The length of the open fence, and whether it holds shell commands.
    let mut open: Option<(usize, bool)> = None;
    for (at, line) in text.lines().enumerate() {
        let length = line.bytes().take_while(|b| *b == b'`').count();
        let info = &line[length..];
        match open {
            None if length >= 3 => {
                let kind = info.strip_prefix("sh").filter(|rest| rest.is_empty() || rest.starts_with(' '));
                open = Some((length, kind.is_some()));
                if let Some(kind) = kind {
                    blocks.push(Block { kind: kind.trim().to_owned(), line: at + 1, text: String::new() });
                }
            }
            Some((fence, _)) if length >= fence && info.is_empty() => open = None,
            Some((_, true)) => {
                let text = &mut blocks.last_mut().unwrap().text;
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    assert!(open.is_none(), "{page}: a fence is not closed");
    blocks
}

/// A place in which a page's commands work, as a reader would have it.
struct Place {
    dir: tempfile::TempDir,
    server: MailServer,
    /// Words of the pages that stand for something of the reader's own.
    own: Vec<(&'static str, String)>,
}

impl Place {
    /// An empty folder with the program on the path, and a mail server.
    fn empty() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tongbao"), bin.join("tongbao")).unwrap();
        let server = MailServer::start("plain");
        let own = vec![("2525", server.settings().port.to_string()), ("/srv/backup/", String::new())];
        Place { dir, server, own }
    }

    /// Beside it a register with its configuration, named by the environment as the pages say.
    fn with_register() -> Place {
        let place = Place::empty();
        let url = setting::sample(place.dir.path(), 1_500);
        let text = configuration(&url, place.dir.path());
        let port = format!("port = {}", place.server.settings().port);
        setting::write(place.dir.path(), &text.replace("port = 25", &port));
        place
    }

    /// Beside that two runs and a backup.
    fn with_runs(sign_off: bool) -> Place {
        let place = Place::with_register();
        let file = place.dir.path().join("tongbao.toml");
        if sign_off {
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(&file, text.replace("kind = \"ranking\"", "kind = \"ranking\"\nsign_off = true"))
                .unwrap();
        }
        for (from, to) in [("2016-06-06", "2016-06-12"), ("2016-06-13", "2016-06-19")] {
            let report = if sign_off { "ranking" } else { "weekly" };
            let ran = tongbao(
                place.dir.path(),
                &["--config", "tongbao.toml", "run", report, "--from", from, "--to", to],
            );
            assert_eq!(ran.status.code(), Some(if sign_off { 3 } else { 0 }), "{}", stderr(&ran));
        }
        place
    }

    /// Runs a page from top to bottom.
    fn run(&self, page: &str) {
        let mut script = "set -e\nbeside=\ntrap 'test -z \"$beside\" || kill $beside' EXIT\n".to_owned();
        for block in blocks(page).iter().filter(|block| block.kind != "system") {
            script.push_str(&format!("echo '--- {page}:{}' >&2\n", block.line));
            match block.kind.as_str() {
                "" => script.push_str(&block.text),
                // It runs until it is told to stop, and then ends well.
                "daemon" => script.push_str(&format!(
                    "{} 2>daemon.log &\npid=$!\n\
                     for i in $(seq 600); do grep -q 'fills the slots now' daemon.log && break; sleep 0.1; done\n\
                     kill -TERM $pid; wait $pid || {{ cat daemon.log >&2; exit 1; }}\n",
                    block.text.trim()
                )),
                // It runs beside the rest, and is ready when it says so.
                "background" => script.push_str(&format!(
                    "mkfifo beside\n{} > beside &\nbeside=$!\nexec 3< beside\nread -r said <&3\n",
                    block.text.trim()
                )),
                other => panic!("{page}:{}: nobody knows how to run a block of kind {other}", block.line),
            }
        }
        for (word, own) in &self.own {
            script = script.replace(word, own);
        }
        let dir = self.dir.path();
        let path = format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap());
        let done = Command::new("sh")
            .current_dir(dir)
            .args(["-c", &script])
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("USER", "clerk")
            .env("TONGBAO_CONFIG", "tongbao.toml")
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{page} ends with {}:\n{}\n{}",
            done.status,
            stdout(&done),
            stderr(&done)
        );
    }

    fn has(&self, file: &str) -> PathBuf {
        let path = self.dir.path().join(file);
        assert!(path.exists(), "{file} is missing");
        path
    }
}

#[test]
fn what_is_not_run_is_listed() {
    let mut found = Vec::new();
    let mut run = 0;
    for page in pages() {
        for block in blocks(&page) {
            match block.kind.as_str() {
                "system" => {
                    found.push((page.clone(), block.text.lines().next().unwrap_or_default().to_owned()))
                }
                _ => run += 1,
            }
        }
    }
    let mut listed: Vec<(String, String)> =
        NOT_RUN.iter().map(|(p, l)| ((*p).to_owned(), (*l).to_owned())).collect();
    listed.sort();
    found.sort();
    assert_eq!(found, listed);
    assert!(run > 40, "{run}");
}

/// Both languages show the same commands, so that neither falls behind.
#[test]
fn both_languages_show_the_same_commands() {
    let commands = |page: &str| -> Vec<String> {
        let text: String = blocks(page).into_iter().map(|block| block.text).collect();
        // Clauses of a relation may be written in either language.
        let clause = |line: &str| {
            ["when = ", "if = ", "check = "].into_iter().find(|key| line.starts_with(key)).map(str::to_owned)
        };
        let plain = |line: &str| line.split("  #").next().unwrap_or_default().trim().to_owned();
        let bare = |line: &str| clause(line).unwrap_or_else(|| plain(line));
        text.lines().map(bare).filter(|line| !line.is_empty()).collect()
    };
    for page in pages().iter().filter(|page| page.starts_with("docs/") && !page.starts_with("docs/zh/")) {
        let chinese = page.replacen("docs/", "docs/zh/", 1);
        if !ENGLISH_ONLY.iter().any(|name| page.ends_with(name)) {
            assert_eq!(commands(page), commands(&chinese), "{page}");
        }
    }
    assert_eq!(commands("README.md").len(), commands("README.zh.md").len());
}

/// Pages that the tests below run.
const RUN: [&str; 10] = [
    "console.md",
    "other-registers.md",
    "own-relations.md",
    "quick-start.md",
    "own-database.md",
    "files.md",
    "definitions.md",
    "templates.md",
    "operations.md",
    "recovery.md",
];

/// Written for engineers, in English alone.
const ENGLISH_ONLY: [&str; 1] = ["architecture.md"];

/// The list of what protects the console names tests that there are.
#[test]
fn the_proofs_of_the_console_exist() {
    let [(words, _), (chinese, _)] = ["docs/console-security.md", "docs/zh/console-security.md"].map(names);
    let proofs: Vec<(&str, &str)> = words.iter().filter_map(|word| word.split_once("::")).collect();
    let in_chinese: Vec<(&str, &str)> = chinese.iter().filter_map(|word| word.split_once("::")).collect();
    assert_eq!(in_chinese, proofs);
    for (area, test) in &proofs {
        let text = std::fs::read_to_string(root().join(format!("tests/tongbao/{area}.rs"))).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{area}::{test}");
    }
    assert!(proofs.len() > 20, "{}", proofs.len());
}

/// Both threat models have the same rows and points, and name tests that there are.
#[test]
fn the_threat_models_say_the_same_and_name_real_tests() {
    let text = |page: &str| std::fs::read_to_string(root().join(page)).unwrap();
    let (english, chinese) = (text("docs/threat-model.md"), text("docs/zh/threat-model.md"));
    let areas = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
        let last = |row: &str| row.trim_end_matches(" |").rsplit(" | ").next().unwrap().to_owned();
        rows.map(|row| last(row).split('`').skip(1).step_by(2).collect::<Vec<_>>().join(" ")).collect()
    };
    assert!(areas(&english).len() > 20);
    assert_eq!(areas(&english), areas(&chinese));
    for area in areas(&english).iter().flat_map(|areas| areas.split(' ')) {
        assert!(root().join(format!("tests/tongbao/{area}.rs")).is_file(), "{area}");
    }
    for start in ["| ", "- **", "## ", "1. ", "7. "] {
        let count = |text: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(count(&english), count(&chinese), "{start}");
    }
}

/// Folders of the tree; what a page names below them has to be there.
const FOLDERS: [&str; 9] = [
    "src/",
    "crates/",
    "tests/",
    "config/",
    "docs/",
    "packaging/",
    "scripts/",
    "report_templates/",
    "benches/",
];

/// Words between `…` outside blocks, and the targets of links.
fn names(page: &str) -> (Vec<String>, Vec<String>) {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let (mut words, mut links, mut open) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            open = !open;
        } else if !open {
            words.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            links.extend(targets.map(|(target, _)| target.split('#').next().unwrap().to_owned()));
        }
    }
    links.retain(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"));
    (words, links)
}

/// All strings of the code.
fn code() -> String {
    let (mut out, mut folders) = (String::new(), vec![root().join("src"), root().join("crates")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                out.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    out
}

/// Every file that a page names is there: those of the tree as files, those of the state in the code
/// that writes them.
#[test]
fn every_file_that_a_page_names_exists() {
    let (code, mut tried) = (code(), 0);
    for page in pages() {
        let (words, links) = names(&page);
        for link in links {
            let target = root().join(&page).parent().unwrap().join(&link);
            assert!(target.exists(), "{page} links to {link}, which does not exist");
            tried += 1;
        }
        for word in words.iter().filter(|word| !word.contains(['*', ' ', '…', '<', '{'])) {
            // What the guides make in their own folder has no such name.
            if FOLDERS.iter().any(|folder| word.starts_with(folder)) && word != "config/tongbao.toml" {
                assert!(root().join(word).exists(), "{page} names {word}, which does not exist");
                tried += 1;
            }
            if let Some(name) = word.strip_prefix("state/").or(word.starts_with("register.").then_some(word))
            {
                let name = name.split('/').next().unwrap();
                let is_column = ["key", "unit", "fields", "updated_at", "registered_at", "table", "db"];
                if is_column.iter().any(|key| name.starts_with(&format!("register.{key}"))) {
                    continue;
                }
                assert!(code.contains(&format!("\"{name}\"")), "{page} names {word}, which nothing writes");
                tried += 1;
            }
        }
    }
    assert!(tried > 40, "{tried}");
}

/// Every page of the tree is run by one of the tests below.
#[test]
fn no_page_is_left_out() {
    let known = |page: &String| {
        let name = page.rsplit('/').next().unwrap();
        name.starts_with("README")
            || RUN.contains(&name)
            || blocks(page).iter().all(|block| block.kind == "system")
    };
    let unknown: Vec<String> = pages().into_iter().filter(|page| !known(page)).collect();
    assert!(unknown.is_empty(), "add them to the tests of the guides: {unknown:?}");
}

fn both(page: &str, place: impl Fn() -> Place) -> [Place; 2] {
    [format!("docs/{page}"), format!("docs/zh/{page}")].map(|page| {
        let place = place();
        place.run(&page);
        place
    })
}

#[test]
fn the_quick_start_works() {
    let place = || {
        let mut place = Place::empty();
        // The guide's own mail server, on a port that is free here.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        place.own.insert(0, ("2525", free.to_string()));
        place.own.push(("demo --mail", format!("demo --mail --port {free}")));
        place
    };
    for place in both("quick-start.md", place) {
        let mails: Vec<_> = std::fs::read_dir(place.has("trial/mails")).unwrap().collect();
        assert_eq!(mails.len(), 1, "one bulletin to one recipient");
        let mail = mails.into_iter().next().unwrap().unwrap();
        assert!(mail.file_name().to_string_lossy().starts_with("leader@example.test-"), "{mail:?}");
        assert!(std::fs::read_to_string(mail.path()).unwrap().contains("application/pdf"));
        place.has("rates.csv");
        place.has("draft");
    }
}

#[test]
fn ones_own_database_works() {
    let place = || {
        let mut place = Place::empty();
        let url = servers::postgres();
        let made = tongbao(place.dir.path(), &["-q", "sample", "--persons", "1500", "--to", &url]);
        assert!(made.status.success(), "{}", stderr(&made));
        servers::execute(&url, PINYIN);
        servers::execute(&url, DROP);
        place.own.push(("postgres://reader:secret@db.example.test/population", url));
        place
    };
    for place in both("own-database.md", place) {
        let text = std::fs::read_to_string(place.has("tongbao.toml")).unwrap();
        assert!(text.starts_with("#:schema") && text.contains("xianjuzhudizhi"), "{text}");
        place.has("tongbao.schema.json");
    }
}

#[test]
fn exported_files_work() {
    for place in both("files.md", Place::empty) {
        let text = std::fs::read_to_string(place.has("trial.toml")).unwrap();
        assert!(text.contains("trial/register.csv") || text.contains("trial/person.csv"), "{text}");
    }
}

#[test]
fn definitions_and_templates_work() {
    both("definitions.md", Place::with_register);
    both("own-relations.md", Place::with_register);
    for place in both("other-registers.md", Place::empty) {
        assert!(std::fs::read_dir(place.has("houses-draft")).unwrap().count() >= 2);
    }
    for place in both("templates.md", Place::with_register) {
        assert!(std::fs::read_dir(place.has("draft")).unwrap().count() >= 3);
    }
}

#[test]
fn recovery_works() {
    for place in both("recovery.md", || Place::with_runs(false)) {
        place.has("run-1.json");
        assert!(std::fs::read_dir(place.has("again")).unwrap().count() >= 2);
    }
}

#[test]
fn the_accounts_of_the_console_work() {
    for place in both("console.md", Place::with_register) {
        place.has("state/tongbao.db");
    }
}

#[test]
fn operations_and_readme_work() {
    // The pages call the program by the alias that they define.
    let place = || {
        let place = Place::with_runs(true);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tongbao"), place.dir.path().join("bin/tb")).unwrap();
        place
    };
    both("operations.md", place);
    for page in ["README.md", "README.zh.md"] {
        Place::with_register().run(page);
    }
}
