//! The tree keeps its promise: imports run downwards, and each outside crate has its folder.

use std::path::{Path, PathBuf};

const EFFECTS: [&str; 9] =
    ["source", "store", "render", "delivery", "cli", "daemon", "pipeline", "web_server", "console"];

/// Folder, and the folders of ours that it may import besides itself. `config` stands for its
/// settings, which are plain data.
const PURE: [(&str, &[&str]); 11] = [
    // Every folder words what it says.
    ("message", &[]),
    ("access", &[]),
    ("register", &[]),
    ("rule", &["register"]),
    ("schedule", &[]),
    ("indicator", &["register", "rule", "config", "digest"]),
    ("ranking", &["indicator", "register", "rule", "schedule", "config"]),
    ("report", &["ranking", "indicator", "register", "rule", "schedule", "config"]),
    ("layout", &["report", "one_line"]),
    ("inference", &["register", "indicator"]),
    ("wordprocessing", &["layout", "report"]),
];

/// What every effect folder may import besides itself: sources, store, render and delivery know nothing
/// of one another, the pipeline joins them, the daemon drives the pipeline, and only the command line
/// knows both.
const EFFECTFUL: [(&str, &[&str]); 11] = [
    // Runs in the compiler, and reads the texts there.
    ("message-macros", &[]),
    ("config", &["access", "register", "rule", "indicator", "schedule"]),
    ("source", &["config", "register", "rule", "indicator", "inference"]),
    ("store", &["access", "register", "indicator", "ranking", "schedule"]),
    ("web_server", &[]),
    ("render", &["config", "layout", "report", "wordprocessing"]),
    ("delivery", &["config"]),
    (
        "pipeline",
        &[
            "config",
            "register",
            "rule",
            "indicator",
            "ranking",
            "schedule",
            "report",
            "layout",
            "source",
            "store",
            "render",
            "delivery",
        ],
    ),
    ("daemon", &["config", "schedule", "report", "store", "delivery", "pipeline", "web_server"]),
    // It looks at the daemon and never steers it: what people ask for goes through the store.
    (
        "console",
        &[
            "access",
            "config",
            "indicator",
            "ranking",
            "report",
            "layout",
            "store",
            "pipeline",
            "daemon",
            "web_server",
        ],
    ),
    (
        "cli",
        &[
            "access",
            "config",
            "register",
            "rule",
            "indicator",
            "ranking",
            "schedule",
            "report",
            "layout",
            "inference",
            "source",
            "store",
            "render",
            "delivery",
            "pipeline",
            "daemon",
            "console",
            "web_server",
        ],
    ),
];

/// Single files that effect folders share; they know none of the folders but `schedule`.
const SHARED: [&str; 13] = [
    "account",
    "clock",
    "digest",
    "fault",
    "harmless",
    "memory",
    "one_line",
    "password",
    "random",
    "second_factor",
    "tls",
    "whole_file",
    "work",
];

/// Outside crate, and the folders that may name it.
const CRATES: [(&str, &[&str]); 17] = [
    ("fluent_syntax", &["message", "message-macros"]),
    ("axum", &["web_server", "console", "daemon"]),
    ("hyper", &["web_server"]),
    ("tower_http", &["console"]),
    ("askama", &["console"]),
    ("argon2", &["password"]),
    ("totp_rs", &["second_factor"]),
    ("qrcodegen", &["second_factor"]),
    ("polars", &["register", "indicator", "source"]),
    ("sqlx", &["source", "store"]),
    ("odbc_api", &["source"]),
    ("tera", &["render"]),
    ("printpdf", &["render"]),
    ("fontdb", &["render"]),
    ("lopdf", &["render"]),
    ("lettre", &["delivery"]),
    ("clap", &["cli"]),
];

/// Crates that hold several folders or files, each with a rule of its own; the others are one area each.
const PARTED: [&str; 4] = ["base", "host", "figures", "report"];

/// Source files with the area (a crate, or a folder or file of a parted one) they belong to, and the path
/// from the tree's root without `crates` and `src`. Test modules do not count.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let mut folders = vec![root.join("src"), root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let parts: Vec<&str> =
                    path.strip_prefix(root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
                let parts: Vec<&str> =
                    parts.into_iter().filter(|part| !["src", "crates"].contains(part)).collect();
                let is_parted = PARTED.contains(&parts[0]) && parts.len() > 1;
                let area = parts[usize::from(is_parted)].trim_end_matches(".rs").to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                out.push((area, parts.iter().collect(), code));
            }
        }
    }
    assert!(out.len() > 50);
    out
}

/// The areas that code imports: names after `crate::` in parted crates and the program, and after
/// `tongbao_…::`; comments left out.
fn imported(area: &str, path: &Path, code: &str) -> Vec<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let name = |rest: &str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned();
    let names = |rest: &str| match rest.strip_prefix('{').and_then(|list| list.split_once('}')) {
        Some((list, _)) => list.split(',').map(|part| name(part.trim())).collect(),
        None => vec![name(rest)],
    };
    let first = path.iter().next().unwrap().to_str().unwrap();
    // In a crate of one area `crate::` is the area itself.
    let is_whole = first == area && !["cli", "console", "daemon", "web_server", "pipeline"].contains(&area);
    let mut out = Vec::new();
    for line in lines {
        if !is_whole {
            out.extend(line.split("crate::").skip(1).flat_map(names));
        }
        for rest in line.split("tongbao_").skip(1) {
            match rest.split_once("::") {
                Some((of, rest)) if PARTED.contains(&of) => out.extend(names(rest)),
                Some((of, _)) if of.bytes().all(|byte| byte.is_ascii_lowercase()) => out.push(of.to_owned()),
                _ => {}
            }
        }
    }
    out
}

#[test]
fn pure_folders_import_downwards_only() {
    for (area, path, code) in sources() {
        let Some((_, allowed)) = PURE.iter().find(|(name, _)| *name == area) else { continue };
        for name in imported(&area, &path, &code) {
            let fine = name == area || name == "message" || allowed.contains(&name.as_str());
            assert!(fine, "{} imports {name}", path.display());
            assert!(!EFFECTS.contains(&name.as_str()), "{} imports the effect {name}", path.display());
        }
        for effect in ["std::fs", "std::net", "std::env", "std::process", "tokio::", "Timestamp::now"] {
            assert!(!code.contains(effect), "{} uses {effect}", path.display());
        }
    }
}

#[test]
fn effect_folders_know_only_what_they_need() {
    let mut seen = std::collections::BTreeSet::new();
    for (area, path, code) in sources() {
        let Some((_, allowed)) = EFFECTFUL.iter().find(|(name, _)| *name == area) else { continue };
        for name in imported(&area, &path, &code) {
            let is_shared = ["message", "TEXTS"].contains(&name.as_str()) || SHARED.contains(&name.as_str());
            let is_fine = name == area || allowed.contains(&name.as_str()) || is_shared;
            assert!(is_fine, "{} imports {name}", path.display());
        }
        seen.insert(area);
    }
    assert_eq!(seen.len(), EFFECTFUL.len(), "every folder has a rule");
    let ruled: Vec<&str> = PURE.iter().chain(&EFFECTFUL).map(|(name, _)| *name).collect();
    for (area, path, _) in sources() {
        assert!(
            ruled.contains(&area.as_str())
                || SHARED.contains(&area.as_str())
                || ["lib", "main"].contains(&area.as_str()),
            "{}",
            path.display()
        );
    }
}

/// `make check` runs where nothing is installed.
#[test]
fn what_make_check_runs_needs_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let makefile = std::fs::read_to_string(root.join("Makefile")).unwrap();
    let checked = makefile.lines().find_map(|line| line.strip_prefix("CHECKED = ")).unwrap();
    for name in checked.split_whitespace() {
        let text = std::fs::read_to_string(root.join(format!("tests/tongbao/{name}.rs"))).unwrap();
        // Written apart, so that this file does not hold what it looks for.
        for (folder, part) in
            [("support", "servers"), ("support", "smtp"), ("support", "office"), ("Command", "new(")]
        {
            assert!(!text.contains(&format!("{folder}::{part}")), "{name} needs {folder}::{part}");
        }
    }
}

/// A migration that is not listed would never run.
#[test]
fn every_migration_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/store/src");
    let text = std::fs::read_to_string(root.join("lib.rs")).unwrap();
    for file in std::fs::read_dir(root.join("migrations")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let (number, rest) = name.split_once('_').unwrap();
        let (number, title) = (number.trim_start_matches('0'), rest.trim_end_matches(".sql"));
        let line = format!("({number}, \"{title}\", include_str!(\"migrations/{name}\")),");
        assert!(text.contains(&line), "crates/store/src/lib.rs has no line {line}");
    }
}

/// The border of pure and effect is the compiler's: what a crate does not depend on, it cannot use.
#[test]
fn pure_crates_depend_on_nothing_that_touches_the_world() {
    const EFFECTS: [&str; 14] = [
        "tongbao-host",
        "tongbao-source",
        "tongbao-store",
        "tongbao-render",
        "tongbao-delivery",
        "tokio",
        "sqlx",
        "nix",
        "ring",
        "fastrand",
        "rustls",
        "lettre",
        "fontdb",
        "tempfile",
    ];
    for name in ["message", "base", "register", "rule", "config", "figures", "report"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("crates/{name}/Cargo.toml"));
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for effect in EFFECTS {
            assert!(!dependencies.contains_key(effect), "crates/{name} depends on {effect}");
        }
    }
}

/// Private words that a newcomer had to learn; what they are called now is in the table at the end of docs/architecture.md.
const PRIVATE: [&str; 10] =
    ["whoever", "anew", "knock", "knocked", "dearest", "heirs", "mend", "mends", "mended", "untold"];

#[test]
fn no_private_word_is_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages
        .chain(["README.md", "CONTRIBUTING.md", "config/tongbao.example.toml"].map(|name| root.join(name)));
    let pages = pages.filter(|path| path.is_file() && !path.ends_with("docs/architecture.md"));
    let is_text = |path: &PathBuf| path.extension().is_some_and(|end| end == "md" || end == "toml");
    let pages = pages.filter(is_text).map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()));
    for (path, text) in sources().into_iter().map(|(_, path, code)| (path, code)).chain(pages) {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        let found = words.find(|word| PRIVATE.contains(&word.to_ascii_lowercase().as_str()));
        assert!(found.is_none(), "{}: {found:?}", path.display());
    }
}

/// One name, one meaning: a reader who has met a type knows it everywhere.
#[test]
fn a_type_name_occurs_once() {
    let mut homes = std::collections::BTreeMap::<String, PathBuf>::new();
    for (_, path, code) in sources() {
        for line in code.lines() {
            let inner = line.starts_with([' ', '\t']);
            let line = line.trim_start();
            let line = line.strip_prefix("pub").map_or(line, |rest| match rest.strip_prefix('(') {
                Some(rest) => rest.split_once(") ").map_or(rest, |(_, rest)| rest),
                None => rest.trim_start(),
            });
            let Some((kind, rest)) = line.split_once(' ') else { continue };
            // A `type` inside a block belongs to a trait.
            if !["struct", "enum", "trait"].contains(&kind) && (kind != "type" || inner) {
                continue;
            }
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if let Some(home) = homes.insert(name.clone(), path.clone()) {
                panic!("{name} is a type of {} and of {}", home.display(), path.display());
            }
        }
    }
    assert!(homes.len() > 500, "{}", homes.len());
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

/// Signs of file access, waits and other programs, all of which block.
const BLOCKING: [&str; 9] = [
    "fs::",
    "File::",
    "OpenOptions",
    ".exists()",
    ".is_file()",
    ".is_dir()",
    ".recv_timeout(",
    "thread::sleep",
    "Command::new",
];

/// Async code that may block: it has the program's first thread to itself, or is started by `work::spawn`.
const MAY_BLOCK: [&str; 6] = [
    "cli/",
    "store/lib.rs",
    "store/backup.rs",
    "store/restore.rs",
    "source/opening_sqlite.rs",
    "source/sample/",
];

/// What blocks would stop the daemon's loop, the health page and all that the runtime's few threads drive.
/// A lint of methods does not know whether code is async, so its text is looked at.
#[test]
fn async_code_does_not_block() {
    let mut bodies = 0;
    for (_, path, code) in sources() {
        let name = path.display().to_string();
        if MAY_BLOCK.iter().any(|allowed| name.starts_with(allowed)) {
            continue;
        }
        for body in async_bodies(&without_texts(&code)) {
            bodies += 1;
            for sign in BLOCKING {
                assert!(
                    !body.contains(sign),
                    "{name}: {sign} in async code; use tongbao_host::work:\n{body}"
                );
            }
        }
    }
    assert!(bodies > 100, "{bodies}");
}

/// Bodies of async functions and blocks, without what they give to `work::block`.
fn async_bodies(code: &str) -> Vec<String> {
    let starts = ["async fn ", "async {", "async move {"].iter().flat_map(|start| code.match_indices(start));
    let body = |(at, _): (usize, &str)| {
        let open = at + code[at..].find('{').unwrap();
        let mut body = code[open..open + balanced(&code[open..], '{', '}')].to_owned();
        while let Some(at) = body.find("work::block(") {
            let open = at + "work::block".len();
            let end = open + balanced(&body[open..], '(', ')');
            body.replace_range(at..end, "");
        }
        body
    };
    starts.map(body).collect()
}

/// Length of the part up to the bracket that closes the one it begins with.
fn balanced(code: &str, open: char, close: char) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        depth += i32::from(c == open) - i32::from(c == close);
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    code.len()
}

/// Code without its comments and the contents of its literals, which may hold brackets.
fn without_texts(code: &str) -> String {
    let (mut out, mut rest) = (String::new(), code);
    while let Some(c) = rest.chars().next() {
        let bracket =
            ["'{'", "'}'", "'('", "')'", "'\"'", "'\\\"'"].iter().find(|text| rest.starts_with(**text));
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(bracket) = bracket {
            rest = &rest[bracket.len()..];
        } else if c == '"' {
            let (_, length) = literal(&rest[1..]);
            rest = &rest[1 + length..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// A literal's text, and its length in the code with the closing quote.
fn literal(code: &str) -> (String, usize) {
    let mut out = String::new();
    let mut chars = code.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, at + 1),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('\n') => while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {},
                Some('n') => out.push('\n'),
                Some(c) => out.push(c),
                None => break,
            },
            c => out.push(c),
        }
    }
    (out, code.len())
}

/// The console opens no connection of its own: text that people type never becomes an address.
#[test]
fn the_console_connects_to_nobody() {
    for (_, path, code) in sources().into_iter().filter(|(area, ..)| area == "console") {
        for sign in ["TcpStream", "lookup_host", "::connect(", "UdpSocket", "ToSocketAddrs", "transport"] {
            assert!(!code.contains(sign), "{}: {sign}", path.display());
        }
    }
}

/// Scripts and styles run in the browsers that offices have: Chromium 78 and later.
#[test]
fn pages_stay_below_what_old_browsers_know() {
    let console = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console");
    let script = std::fs::read_to_string(console.join("static/console.js")).unwrap();
    for sign in ["=>", "?.", "??", "let ", "const ", "`", "async ", "class ", "replaceAll", "..."] {
        assert!(!script.contains(sign), "console.js: {sign}");
    }
    assert!(script.len() < 5_000, "{}", script.len());
    let style = std::fs::read_to_string(console.join("static/console.css")).unwrap();
    let rules: String = style.split("*/").map(|part| part.split("/*").next().unwrap()).collect();
    for sign in [
        ":is(",
        ":where(",
        ":focus-visible",
        ":has(",
        "aspect-ratio",
        "color-scheme",
        "inset:",
        "@layer",
        " gap:",
    ] {
        assert!(!rules.contains(sign), "console.css: {sign}");
    }
    for page in std::fs::read_dir(console.join("pages")).unwrap() {
        let path = page.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for sign in [
            " style=",
            "<style",
            " onclick",
            " onload",
            " onerror",
            "<script>",
            "javascript:",
            "|safe",
            "href=\"http",
            "src=\"http",
        ] {
            assert!(!text.contains(sign), "{}: {sign}", path.display());
        }
        let posts = text.matches("method=\"post\"").count();
        assert_eq!(
            posts,
            text.matches("name=\"token\"").count(),
            "{}: a form without its token",
            path.display()
        );
    }
}
