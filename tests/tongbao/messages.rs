//! The texts in `messages/`. That both languages have the same ids and arguments, and that each message of the code
//! gives exactly these, is checked where the code is compiled; here is what no compiler sees.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tongbao_message::{Catalogue, Language, Message};

fn catalogues() -> Vec<&'static Catalogue> {
    vec![
        &tongbao_message::TEXTS,
        &tongbao::TEXTS,
        &tongbao::config::TEXTS,
        &tongbao::delivery::TEXTS,
        &tongbao::register::TEXTS,
        &tongbao::render::TEXTS,
        &tongbao::rule::TEXTS,
        &tongbao::source::TEXTS,
        &tongbao::store::TEXTS,
    ]
}

/// The code of an area.
fn code(area: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = if area == "program" { root.join("src") } else { root.join("crates").join(area).join("src") };
    let (mut out, mut folders) = (String::new(), vec![home]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                out.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    out
}

/// `NotHeld` as `not-held`.
fn kebab(name: &str) -> String {
    let hyphen = |(at, c): (usize, char)| match c.is_uppercase() && at > 0 {
        true => vec!['-', c.to_ascii_lowercase()],
        false => vec![c.to_ascii_lowercase()],
    };
    name.chars().enumerate().flat_map(hyphen).collect()
}

/// Ids that the derive makes of an area's types begin with these.
fn types(code: &str) -> BTreeSet<String> {
    let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let named =
        words.windows(2).filter(|pair| ["enum", "struct"].contains(&pair[0])).map(|pair| kebab(pair[1]));
    // Enums that stand as words in the database are declared by a macro.
    let stored = ["run-state", "slot-state", "mail-state", "purpose", "request-state", "audit-action"];
    named.chain(stored.map(str::to_owned)).collect()
}

/// What other libraries say, word for word, and the help, which stands in the code next to what it describes; that
/// none of it is missing is a test of `help`.
const FOREIGN: [&str; 6] = ["syntax-", "os-", "kind-", "integer-", "float-", "help-"];

#[test]
fn no_text_is_left_that_nobody_says() {
    for catalogue in catalogues() {
        let code = code(catalogue.area());
        let types = types(&code);
        let english = catalogue.ids(Language::English);
        assert!(!english.is_empty(), "{}", catalogue.area());
        for id in english.keys() {
            let text = Message::known(catalogue, id).to_string();
            let is_said = code.contains(&format!("\"{id}\""))
                || types.iter().any(|name| id == name || id.starts_with(&format!("{name}-")))
                || FOREIGN.iter().any(|start| id.starts_with(start))
                || code.contains(text.trim())
                || code.contains(&text.replace('"', "\\\""));
            assert!(is_said, "messages/*/{}: nobody says {id}", catalogue.area());
        }
    }
}

#[test]
fn both_languages_have_the_same_ids_and_arguments() {
    let mut count = 0;
    for catalogue in catalogues() {
        let (english, chinese) = (catalogue.ids(Language::English), catalogue.ids(Language::Chinese));
        assert_eq!(english, chinese, "{}", catalogue.area());
        count += english.len();
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn a_stored_message_is_worded_in_either_language() {
    tongbao_message::register(&[&tongbao::store::TEXTS]);
    let message = tongbao::store::decided(
        tongbao::store::states::RunState::Rejected,
        Some("王主任"),
        Some("2016-06-20 09:00"),
    );
    let read = Message::from_stored(&message.to_stored());
    assert_eq!(read, message);
    assert_eq!(read.worded(Language::English), "rejected by 王主任 on 2016-06-20 09:00");
    assert_eq!(read.worded(Language::Chinese), "由王主任于2016-06-20 09:00退回");
    // What was stored before messages had ids, and ids that this version does not have, are their text.
    assert_eq!(Message::from_stored("数据有误").worded(Language::Chinese), "数据有误");
    let other = r#"{"area":"store","id":"of-another-version","text":"it is so"}"#;
    assert_eq!(Message::from_stored(other).worded(Language::Chinese), "it is so");
    let nested = Message::joined([message, Message::text("x")], "; ");
    assert_eq!(Message::from_stored(&nested.to_stored()), nested);
}

#[test]
fn a_message_within_a_message_follows_its_language() {
    let error = tongbao::store::StoreError::Archive {
        path: "a/b".into(),
        source: std::io::Error::from_raw_os_error(28),
    };
    let message = tongbao_message::Worded::message(&error);
    assert_eq!(
        message.worded(Language::English),
        "the archive cannot write a/b: No space left on device (os error 28); free some space or make it writable"
    );
    assert_eq!(message.worded(Language::Chinese), "档案无法写入a/b：磁盘已满；请腾出空间或使其可写");
    assert_eq!(message.id(), Some("store-error-archive"));
}
