//! What is compiled in has a licence that offices may use, comes from the package registry alone, and is
//! the same as yesterday: the parts of deny.toml that need no further program.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

const DENY: &str = include_str!("../../deny.toml");

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether an SPDX expression (with OR, AND, WITH and brackets; `/` is an old OR) is met by the licences allowed.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = text.split_whitespace().peekable();
    let met = either(&mut words, allowed);
    assert!(words.next().is_none(), "{expression}");
    met
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> bool {
    let mut met = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> bool {
    let word = words.next().unwrap_or_default();
    if word == "(" {
        let met = either(words, allowed);
        assert_eq!(words.next(), Some(")"));
        return met;
    }
    let exception = words.next_if_eq(&"WITH").and_then(|_| words.next());
    let whole = exception.map_or(word.to_owned(), |exception| format!("{word} WITH {exception}"));
    allowed.contains(whole.as_str())
}

#[test]
fn expressions_are_judged_as_spdx_means_them() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0"]);
    for good in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(GPL-3.0 OR MIT) AND Apache-2.0"] {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "MIT WITH x", "(MIT OR GPL-3.0) AND GPL-3.0", ""] {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}

#[test]
fn licences_and_sources_are_those_that_deny_toml_allows() {
    let deny: toml::Table = toml::from_str(DENY).unwrap();
    let allowed: BTreeSet<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let banned: BTreeSet<&str> =
        deny["bans"]["deny"].as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap()).collect();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let mut used = BTreeSet::new();
    assert!(packages.len() > 200);
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(
            is_allowed(licence, &allowed),
            "{name} is licensed as {licence:?}; see [licenses] in deny.toml"
        );
        assert!(!banned.contains(name), "{name} is banned in deny.toml");
        let source = package["source"].as_str();
        let is_registry = source.is_some_and(|source| source.starts_with("registry+"));
        let is_ours = source.is_none() && (name == "tongbao" || name.starts_with("tongbao-"));
        assert!(is_registry || is_ours, "{name} comes from {source:?}");
        used.extend(allowed.iter().filter(|allowed| licence.contains(**allowed)));
    }
    assert_eq!(used, allowed, "deny.toml allows no more than is used");
}

/// Crates with the features they are compiled with, for the given kinds of dependencies.
fn compiled(edges: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--features", "odbc", "--locked", "--offline", "--prefix", "none"])
        .args(["--format", "{p} {f}", "--target", "x86_64-unknown-linux-gnu", "--edges", edges])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// The crates of the tests ask for no feature that the program does not have: otherwise everything above such a crate,
/// polars among it, would be compiled twice.
#[test]
fn features_are_one() {
    let (program, tests) = (compiled("normal,build"), compiled("normal,build,dev"));
    let twice: Vec<&String> = program.difference(&tests).collect();
    assert!(twice.is_empty(), "with other features in the tests: {twice:#?}");
    assert!(program.len() > 300 && tests.len() > program.len());
}
