//! No secret shows up, wherever and however wrongly it is written. Which keys are secret the types say;
//! the tests ask them, so a new key is covered by having the type.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::Index;
use tongbao::config;

use crate::support::servers;
use crate::support::setting::{stderr, tongbao};

const DEMO: &str = include_str!("../../config/tongbao.toml");

/// How a secret is written into the file at a key; `{k}` is the key, `{m}` the key misspelt, `{s}` the secret.
const WRITTEN: [&str; 31] = [
    "{k} = {s}",
    "{k} = '{s}",
    "{k} = \"{s}",
    "{k} = \"\"\"{s}",
    "{k} = \"\"\"\n{s}\n= {s} =\n",
    "{k} = \"\"\"\n{s}\n\"\"\" x",
    "{k} = [\"{s}\"]",
    "{k} = [\n\"{s}\",\n1",
    "{k} = { a = \"{s}\" }",
    "{k} = { \"{s}\" = 1 }",
    "{k} = \"{s}\" \"{s}\"",
    "{k} = \"{s}\", port = 25",
    "{k} = \"{s}\"\n{k} = \"{s}\"",
    "{k}.x = \"{s}\"",
    "{k} \"{s}\"",
    "{k}: {s}",
    "{k} =\n\"{s}\"",
    "{m} = \"{s}\"",
    "{m} = {s}",
    "{m} = [\"{s}\"]",
    "{k} = \"{s}\"\nnonsense = 1",
    "{k} = \"{s}\"\ntimeout = 1",
    "nonsense = { {k} = \"{s}\" }",
    "{k} = \"postgres://u:{s}@127.0.0.1:1/d?x\"",
    "{k} = \"postgress://u:{s}@127.0.0.1:1/d\"",
    "{k} = \"mysql:u:{s}@127.0.0.1:1/d\"",
    "{k} = \"odbc:DSN=a;PWD={s};Server=x\"",
    "{k} = \"odbc:{s}\"",
    "{k} = \"{s}\"",
    "{k} = \"{s}\"\n{k}_file = \"{s}\"",
    "{k}_file = \"postgres://u:{s}@127.0.0.1:1/d\"",
];

/// A key that holds a secret, as section and name.
fn keys() -> Vec<(String, String)> {
    let split = |path: &str| {
        let path = path.replace('*', "x");
        path.rsplit_once('.').map(|(section, key)| (section.to_owned(), key.to_owned()))
    };
    config::secret_keys().iter().filter_map(|path| split(path)).collect()
}

/// A name with two letters swapped or one left out.
fn misspelt(key: &str, at: usize) -> String {
    let mut letters: Vec<char> = key.chars().collect();
    let at = at % (letters.len() - 1);
    match at % 2 {
        0 => letters.swap(at, at + 1),
        _ => drop(letters.remove(at)),
    }
    letters.into_iter().collect()
}

/// The demo's configuration with lines in a section of it, in the place of a key of that name.
fn with(section: &str, key: &str, lines: &str) -> String {
    let head = format!("[{section}]");
    let (mut out, mut inside, mut found) = (String::new(), false, false);
    for line in DEMO.lines() {
        if line.starts_with('[') {
            inside = line == head;
        }
        if inside && line.starts_with(&format!("{key} =")) {
            continue;
        }
        out.push_str(&format!("{line}\n"));
        if line == head {
            found = true;
            out.push_str(&format!("{lines}\n"));
        }
    }
    if !found {
        out.push_str(&format!("\n{head}\n{lines}\n"));
    }
    out
}

fn filled(form: &str, key: &str, misspelt: &str, secret: &str) -> String {
    form.replace("{k}", key).replace("{m}", misspelt).replace("{s}", secret)
}

/// What the program says of a configuration, in every form it has in memory.
fn said(text: &str, environment: &BTreeMap<String, String>) -> String {
    match config::parse("test.toml", text, environment) {
        Ok(loaded) => format!("{loaded:?} {:#?} {}", loaded.settings, loaded.settings.hash),
        Err(error) => format!("{error} {error:?}"),
    }
}

/// Letters that nothing else holds, in company that breaks quotation marks, keys and addresses.
fn secrets() -> impl Strategy<Value = (String, String)> {
    let core = prop_oneof!["[A-Z][a-zA-Z0-9]{15,20}", "[1-9][0-9]{16,24}", "[1-9][0-9]{15}"];
    let company = prop_oneof![Just(String::new()), "[=#@/?:;{}\\[\\],. ]{1,3}", "[\"'\\\\\n]", "[é中！]"];
    (company.clone(), core, company)
        .prop_map(|(before, core, after)| (format!("{before}{core}{after}"), core))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_about_the_file_repeats_a_secret(
        (secret, core) in secrets(), key in any::<Index>(), form in any::<Index>(), slip in any::<usize>()
    ) {
        let keys = keys();
        let (section, key) = key.get(&keys);
        let lines = filled(form.get::<&str>(&WRITTEN), key, &misspelt(key, slip), &secret);
        let text = with(section, key, &lines);
        let said = said(&text, &BTreeMap::new());
        prop_assert!(!said.contains(&core), "[{section}]\n{lines}\n---\n{said}");
    }

    #[test]
    fn no_message_about_a_misspelt_section_repeats_a_secret(
        (secret, core) in secrets(), key in any::<Index>(), slip in any::<usize>()
    ) {
        let keys = keys();
        let (section, key) = key.get(&keys);
        for head in [format!("[{}]", misspelt(section, slip)), format!("[{section}"), format!("[[{section}]]")] {
            let text = format!("{DEMO}\n{head}\n{key} = \"{secret}\"\n");
            let said = said(&text, &BTreeMap::new());
            prop_assert!(!said.contains(&core), "{head} {key}\n---\n{said}");
        }
        let (above, name) = section.rsplit_once('.').unwrap_or(("", section));
        for line in [
            format!("{name} = \"{secret}\""),
            format!("{name} = {{ {key} = \"{secret}\", nonsense = 1 }}"),
            format!("{name} = {{ nonsense = 1, {key} = [\"{secret}\"] }}"),
        ] {
            let text = match above {
                "" => format!("{line}\n{}", DEMO.replace(&format!("[{section}]"), "[other]")),
                above => with(above, name, &line),
            };
            let said = said(&text, &BTreeMap::new());
            prop_assert!(!said.contains(&core), "{line}\n---\n{said}");
        }
    }

    #[test]
    fn no_message_about_the_environment_repeats_a_secret(
        (secret, core) in secrets(), key in any::<Index>(), slip in any::<usize>(), broken in any::<bool>()
    ) {
        let keys = keys();
        let (section, key) = key.get(&keys);
        let path = format!("{section}.{key}").to_uppercase().replace('.', "__");
        let wrong = format!("{section}.{}", misspelt(key, slip)).to_uppercase().replace('.', "__");
        let section = section.to_uppercase().replace('.', "__");
        let text = if broken { DEMO.replace("[campaign]", "[campaigns]") } else { DEMO.to_owned() };
        for (name, value) in [
            (path.clone(), secret.clone()),
            (path.clone(), format!("[\"{secret}\"]")),
            (path.clone(), format!("{{ a = \"{secret}\" }}")),
            (path.clone(), format!("postgres://u:{secret}@127.0.0.1:1/d")),
            (format!("{path}_FILE"), secret.clone()),
            (format!("{path}__X"), secret.clone()),
            (wrong, secret.clone()),
            (section, secret),
        ] {
            let environment = BTreeMap::from([(format!("TONGBAO__{name}"), value)]);
            let said = said(&text, &environment);
            prop_assert!(!said.contains(&core), "{name}\n---\n{said}");
        }
    }

    #[test]
    fn no_message_about_a_credential_repeats_it(
        (secret, core) in secrets(), key in any::<Index>(), slip in any::<usize>(), broken in any::<bool>()
    ) {
        let dir = tempfile::tempdir().unwrap();
        let keys = keys();
        let (section, key) = key.get(&keys);
        let text = if broken { DEMO.replace("[campaign]", "[campaigns]") } else { DEMO.to_owned() };
        for name in [key.clone(), format!("{key}.x"), misspelt(key, slip)] {
            std::fs::write(dir.path().join(format!("{section}.{name}")), &secret).unwrap();
        }
        let folder = ("CREDENTIALS_DIRECTORY".to_owned(), dir.path().display().to_string());
        let said = said(&text, &BTreeMap::from([folder]));
        prop_assert!(!said.contains(&core), "{section}.{key}\n---\n{said}");
    }
}

#[test]
fn every_key_that_holds_a_secret_is_known() {
    let keys = config::secret_keys();
    for key in [
        "source.url",
        "source.url_file",
        "source.incremental_key",
        "source.incremental_key_file",
        "source.client_key_file",
        "source.units.url",
        "source.roster.url",
        "source.rosters.*.url",
        "source.baseline.url",
        "smtp.password",
        "smtp.password_file",
    ] {
        assert!(keys.contains(key), "{key} is missing in {keys:?}");
    }
    // Whatever is called so must have the type.
    fn named(schema: &serde_json::Value, out: &mut Vec<String>) {
        if let Some(keys) = schema.get("properties").and_then(|keys| keys.as_object()) {
            let words = ["password", "secret", "token", "url", "_key"];
            // The console's own address, those of other campaigns (name and url, nothing else), and the length of
            // its passwords are no secrets.
            let is_console = keys.contains_key("password_min");
            let is_campaign = keys.keys().eq(["name", "url"]);
            let is_public = |key: &str| {
                is_console && key == "password_min" || (is_console || is_campaign) && key == "url"
            };
            let open = keys.iter().filter(|(key, schema)| {
                words.iter().any(|word| key.contains(word))
                    && !schema.to_string().contains("writeOnly")
                    && !is_public(key)
            });
            out.extend(open.map(|(key, _)| key.clone()));
        }
        match schema {
            serde_json::Value::Object(map) => map.values().for_each(|below| named(below, out)),
            serde_json::Value::Array(list) => list.iter().for_each(|below| named(below, out)),
            _ => {}
        }
    }
    let mut open = Vec::new();
    named(&config::json_schema(), &mut open);
    assert!(open.is_empty(), "these keys need the type Secret: {open:?}");
}

/// The program itself, in both languages and with its most talkative log.
#[test]
fn no_command_repeats_a_secret_that_is_written_wrong() {
    const SECRET: &str = "Zq7MARKEDx0Secret";
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], variable: Option<(&str, &str)>| {
        for language in ["en", "zh"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_tongbao"));
            command.current_dir(dir.path()).args(["--config", "tongbao.toml", "-vv", "--lang", language]);
            command.args(arguments).env("TONGBAO_LOG", "trace").envs(variable);
            let output = command.output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(!said.contains("MARKED"), "{arguments:?} {variable:?}: {said}");
        }
    };
    for (section, key) in keys() {
        for form in
            ["{k} = {s}", "{m} = \"{s}\"", "{k} = \"{s}\"", "{k} = \"postgres://u:{s}@127.0.0.1:1/d\""]
        {
            let lines = filled(form, &key, &misspelt(&key, 2), SECRET);
            std::fs::write(dir.path().join("tongbao.toml"), with(&section, &key, &lines)).unwrap();
            run(&["check", "--quick"], None);
        }
    }
    std::fs::write(dir.path().join("tongbao.toml"), DEMO).unwrap();
    for (name, value) in [("TONGBAO__SMTP__PASWORD", SECRET), ("TONGBAO__SOURCE__INCREMENTAL_KEY__X", SECRET)]
    {
        for command in ["rates", "next", "runs"] {
            run(&[command], Some((name, value)));
        }
    }
    for url in [format!("postgres://u:{SECRET}@h/d"), format!("odbc:DSN=x;PWD={SECRET}")] {
        run(&["sample", "--persons", "1", &url], None);
        run(&["check", &url], None);
        run(&["sample", &format!("--too={url}")], None);
    }
    for url in [SECRET.to_owned(), format!("postgress://u:{SECRET}@h/d"), format!("odbc:{SECRET}")] {
        run(&["sample", "--persons", "1", "--to", &url], None);
        run(&["init", "--yes", "--url", &url], None);
        run(&["init", "--yes"], Some(("TONGBAO__SOURCE__URL", &url)));
    }
}

#[test]
fn init_writes_for_the_owner_alone_also_over_open_files() {
    let dir = tempfile::tempdir().unwrap();
    let url = servers::postgres();
    let made = tongbao(dir.path(), &["-q", "sample", "--persons", "300", "--to", &url]);
    assert!(made.status.success(), "{}", stderr(&made));
    let files = ["tongbao.toml", "tongbao.url"].map(|name| dir.path().join(name));
    for file in &files {
        std::fs::write(file, "old\n").unwrap();
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let output = tongbao(
        dir.path(),
        &["init", "--yes", "--force", "--name", "专项活动", "--issuer", "荔城街道办事处", "--url", &url],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    for file in &files {
        assert_ne!(std::fs::read_to_string(file).unwrap(), "old\n");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    assert!(
        std::fs::read_to_string(&files[1]).unwrap().contains("s3cret-words"),
        "the password is in the file"
    );
}
