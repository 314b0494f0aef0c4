//! The configuration: every wrong value is named with its place and its remedy.

use std::collections::{BTreeMap, BTreeSet};

use tongbao::config::{self, ConfigError};

const DEMO: &str = include_str!("../../config/tongbao.toml");
const EXAMPLE: &str = include_str!("../../config/tongbao.example.toml");

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

fn problem(text: &str) -> String {
    match config::parse("test.toml", text, &none()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("the configuration should be refused"),
    }
}

fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}")) + 1
}

/// The demo's configuration with one change; the message must name the changed line.
fn refused(from: &str, to: &str, expected: &[&str]) {
    assert!(DEMO.contains(from), "{from}");
    let text = DEMO.replacen(from, to, 1);
    let message = problem(&text);
    let line = line_of(&text, to.lines().next().unwrap());
    assert!(message.contains(&format!("test.toml:{line}:")), "line {line} not in: {message}");
    expected.iter().for_each(|part| assert!(message.contains(part), "{part} not in: {message}"));
}

#[test]
fn both_files_are_valid() {
    let demo = config::parse("tongbao.toml", DEMO, &none()).unwrap();
    assert!(demo.warnings.is_empty(), "{:?}", demo.warnings);
    config::parse("tongbao.example.toml", EXAMPLE, &none()).unwrap();
}

#[test]
fn unknown_keys_are_reported_with_everything_else() {
    let own = r#"
[relations.order]
chek = ["x"]
check = ["birth_date <= registered"]
[ranking]
ordr = []
min_record = 2
[scoring.weights]
coverage = 50
"#;
    let text = format!("{DEMO}\n{own}");
    let message = problem(&text);
    for (part, expected) in [
        ("chek =", "did you mean `check`?"),
        ("check = [\"birth_date <= registered\"]", "registered_on"),
        ("ordr =", "did you mean `order`?"),
        ("min_record =", "did you mean `min_records`?"),
        ("[scoring.weights]", "add up to"),
    ] {
        let place = format!("{}:", line_of(&text, part));
        let is_it = |problem: &str| problem.starts_with(&place) && problem.contains(expected);
        assert!(message.split("test.toml:").any(is_it), "{part}: {message}");
    }
    // So are names that the environment gets wrong.
    let wrong = [("TONGBAO__RANKING__ODER", "x"), ("TONGBAO__SMTP__PROT", "25")];
    let environment = wrong.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let message = config::parse("test.toml", DEMO, &environment).unwrap_err().to_string();
    assert!(wrong.iter().all(|(name, _)| message.contains(name)), "{message}");
}

#[test]
fn the_example_has_every_key() {
    let schema = config::json_schema();
    let mut keys = BTreeSet::new();
    collect(&schema, &mut keys);
    assert!(keys.len() > 60, "{keys:?}");
    for key in keys {
        assert!(EXAMPLE.contains(&key), "{key} is missing in the example");
    }
}

/// Editors show these texts beside what is typed.
#[test]
fn every_key_is_described() {
    let mut bare = Vec::new();
    undescribed(&config::json_schema(), "", &mut bare);
    assert!(bare.is_empty(), "{bare:?}");
}

/// A choice that editors offer says what it means, and no text of theirs names a type of the program.
#[test]
fn every_choice_is_described() {
    let schema = config::json_schema();
    let (mut choices, mut bare) = (0, Vec::new());
    undescribed_choices(&schema, &mut choices, &mut bare);
    assert!(choices > 60 && bare.is_empty(), "{choices}: {bare:?}");
    let text = schema.to_string();
    assert!(!text.contains("[`") && !text.contains("::"), "a link that only rustdoc follows");
}

/// Choices without a description: alone, or several as one list.
fn undescribed_choices(value: &serde_json::Value, choices: &mut usize, bare: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            *choices += usize::from(map.contains_key("const"));
            if map.contains_key("enum") || map.contains_key("const") && !map.contains_key("description") {
                bare.push(value.to_string());
            }
            map.values().for_each(|inner| undescribed_choices(inner, choices, bare));
        }
        serde_json::Value::Array(list) => {
            list.iter().for_each(|inner| undescribed_choices(inner, choices, bare));
        }
        _ => {}
    }
}

/// Keys without a description. The nine fields are the keys of maps that have one.
fn undescribed(value: &serde_json::Value, path: &str, bare: &mut Vec<String>) {
    let is_of_fields = path.ends_with("/fields") || path.ends_with("/placeholders");
    if let Some(properties) = value.get("properties").and_then(|p| p.as_object()).filter(|_| !is_of_fields) {
        let lacks = |property: &serde_json::Value| property.get("description").is_none();
        bare.extend(properties.iter().filter(|(_, p)| lacks(p)).map(|(key, _)| format!("{path}/{key}")));
    }
    match value {
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(key, inner)| undescribed(inner, &format!("{path}/{key}"), bare));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| undescribed(inner, path, bare)),
        _ => {}
    }
}

fn collect(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    if let Some(properties) = value.get("properties").and_then(|p| p.as_object()) {
        keys.extend(properties.keys().cloned());
    }
    match value {
        serde_json::Value::Object(map) => map.values().for_each(|inner| collect(inner, keys)),
        serde_json::Value::Array(list) => list.iter().for_each(|inner| collect(inner, keys)),
        _ => {}
    }
}

#[test]
fn a_misspelt_key_anywhere_is_found_and_corrected() {
    let mut tried = 0;
    for (number, line) in DEMO.lines().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        let key = key.trim();
        // Names of reports and groups are free, and a key must be long enough to be misspelt.
        if key.len() < 4 || line.starts_with([' ', '#']) || key == "reports" {
            continue;
        }
        let wrong = format!("{}x{}", &key[..2], &key[2..]);
        let text: Vec<String> = DEMO
            .lines()
            .enumerate()
            .map(|(i, l)| if i == number { l.replacen(key, &wrong, 1) } else { l.to_owned() })
            .collect();
        let message = problem(&text.join("\n"));
        assert!(message.contains(&format!("test.toml:{}:", number + 1)), "{wrong}: {message}");
        assert!(message.contains(&format!("did you mean `{key}`?")), "{wrong}: {message}");
        tried += 1;
    }
    assert!(tried > 25, "{tried}");
}

#[test]
fn each_contradiction_has_its_message() {
    let with = |extra: &str| problem(&format!("{DEMO}\n{extra}\n"));
    let cases = [
        ("[indicators.coverage]\ntarget = \"101%\"", &["indicators.coverage.target", "at most 100%"][..]),
        ("[indicators.accuracy]\ntarget = \"0%\"", &["above 0%"]),
        ("[indicators.accuracy]\ntarget = \"viel\"", &["no percentage"]),
        ("[indicators.accuracy]\nrelations = [\"id_sex\", \"id_sex\"]", &["id_sex is listed twice"]),
        (
            "[indicators.accuracy]\nrelations = [\"id_sec\"]",
            &["there is no relation id_sec; did you mean id_sex?"],
        ),
        ("[indicators.coverage]\nmethod = \"baseline\"", &["needs [source.baseline]"]),
        ("[scoring.weights]\ncoverage = 50", &["add up to 110"]),
        ("[ranking]\norder = [\"score\", \"score\"]", &["each once"]),
        ("[guards]\nmax_rate_drop = \"15\\u0025\\u0025\"", &["no percentage"]),
        (
            "[reports.x]\nkind = \"bulletin\"\nto = [\"leading_grup\"]",
            &["no recipient group", "did you mean \"leading_group\"?"],
        ),
        ("[reports.x]\nkind = \"bulletin\"\nschedule = \"0 0 9 * * Mon\"", &["five fields"]),
        ("[reports.x]\nkind = \"bulletin\"\nactive = { from = 2016-07-01, to = 2016-06-01 }", &["is after"]),
        ("[reports.x]\nkind = \"../secret\"", &["own template folder"]),
        ("[recipients.x]\nmembers = [{ name = \"甲\", email = \"kein\" }]", &["no e-mail address"]),
        // Keys that take several forms say which, and nothing of how the program keeps them.
        (
            "[source.baseline]\n\"440118001201\" = \"many\"",
            &["source.baseline.440118001201: must be a whole number, 0 or more, not text"],
        ),
        ("[scoring.weights]\ncoverage = 40.5", &["is points: whole (40)"]),
        ("[ranking]\nlevel = { depth = 2 }", &["is a depth (2)"]),
        (
            "[reports.x]\nkind = \"bulletin\"\nactive = { from = 1, to = 2 }",
            &["must be a date: 2016-06-30, not a whole number"],
        ),
    ];
    for (extra, expected) in cases {
        let message = with(extra);
        expected.iter().for_each(|part| assert!(message.contains(part), "{extra}: {message}"));
        let path_line = line_of(&format!("{DEMO}\n{extra}\n"), extra.lines().next().unwrap());
        let lines: Vec<usize> = (path_line..path_line + 4).collect();
        let named = lines.iter().any(|line| message.contains(&format!("test.toml:{line}:")));
        assert!(named, "{extra} stands on line {path_line}: {message}");
    }
}

#[test]
fn changed_lines_are_named() {
    refused(
        "time_zone = \"Asia/Shanghai\"",
        "time_zone = \"Asia/Shanghia\"",
        &["did you mean \"Asia/Shanghai\"?"],
    );
    refused(
        "from = 2016-06-04, to = 2016-06-30 },\n",
        "from = 2016-06-03, to = 2016-06-30 },\n",
        &["全面清理", "宣传发动", "overlap"],
    );
    refused(
        "url = \"sqlite:../demo/register.db\"",
        "url = \"oracle://x\"",
        &["sqlite:, postgres://, mysql://, file: or odbc:"],
    );
    refused("security = \"none\"", "security = \"ssl\"", &["unknown value", "starttls"]);
    refused(
        "port = 25",
        "port = \"25\"",
        &["smtp.port: must be a whole number from 0 to 65535, not text", "\n    port = \"25\""],
    );
    refused("port = 25", "port = 70000", &["must be a whole number from 0 to 65535"]);
    refused(
        "table = \"unit\"",
        "table = [\"unit\"]",
        &["source.units.table: must be text in quotation marks, not a list"],
    );
    refused(
        "members = [{ name = \"领导小组办公室\"",
        "members = [[1], { name = \"x\"",
        &["recipients.office.members.0: must be a section of keys, not a list"],
    );
}

#[test]
fn plain_text_mail_off_loopback_must_be_allowed_by_name() {
    let text = DEMO.replace("127.0.0.1", "mail.example.test");
    let message = problem(&text);
    let line = line_of(&text, "security = ");
    assert!(message.contains(&format!("test.toml:{line}:")) && message.contains("plain text"), "{message}");
    let allowed = text
        .replace("security = \"none\"", "security = \"none\"\nallow_plain_text = [\"mail.example.test\"]");
    config::parse("test.toml", &allowed, &none()).unwrap();
}

#[test]
fn all_problems_are_told_at_once() {
    let text = DEMO.replacen("name = \"name\"\n", "", 1).replace("Asia/Shanghai", "Nowhere");
    let message = problem(&text);
    assert!(message.contains("no column for name") && message.contains("no time zone"), "{message}");
}

#[test]
fn the_environment_overrides_and_is_checked_too() {
    let with = |name: &str, value: &str| {
        config::parse("test.toml", DEMO, &BTreeMap::from([(name.to_owned(), value.to_owned())]))
    };
    let loaded = with("TONGBAO__SMTP__PORT", "2525").unwrap();
    assert_eq!(loaded.settings.smtp.unwrap().port, 2525);
    let loaded = with("TONGBAO__SOURCE__URL", "postgres://a:hidden@h/d").unwrap();
    assert_eq!(loaded.settings.source.url.expose(), "postgres://a:hidden@h/d");
    let ConfigError::Invalid(problems) = with("TONGBAO__SMTP__PROT", "1").unwrap_err() else { panic!() };
    assert!(problems[0].to_string().contains("did you mean `port`?"), "{problems:?}");
    assert!(with("OTHER__SMTP__PROT", "1").is_ok());
}

#[test]
fn secrets_show_nowhere_and_change_no_hash() {
    let with = |password: &str| {
        let text =
            DEMO.replace("[state]", &format!("username = \"u\"\npassword = \"{password}\"\n\n[state]"));
        config::parse("test.toml", &text, &none()).unwrap().settings
    };
    let (first, second) = (with("alpha-secret"), with("beta-secret"));
    assert!(!format!("{first:?}").contains("alpha-secret"));
    assert_eq!(first.hash, second.hash, "a password changes no figure");
    let other =
        config::parse("test.toml", &DEMO.replace("荔城街道办事处", "新城街道办事处"), &none()).unwrap();
    assert_ne!(first.hash, other.settings.hash);
}

#[test]
fn recipients_outside_the_allowed_domains_are_an_error() {
    let with = |domains: &str| DEMO.replace("[smtp]\n", &format!("[smtp]\nallowed_domains = {domains}\n"));
    let problem = problem(&with("[\"other.test\", \"xample.test\"]"));
    assert!(
        problem.contains("@example.test is outside smtp.allowed_domains (other.test, xample.test)"),
        "{problem}"
    );
    for fine in ["[]", "[\"other.test\", \"EXAMPLE.test\"]"] {
        config::parse("test.toml", &with(fine), &BTreeMap::new()).unwrap();
    }
}

#[test]
fn no_message_repeats_a_secret() {
    // A baseline by unit code takes numbers, but `url` is no unit code.
    let list = format!("{DEMO}\n[source.baseline]\nurl = 424242\n");
    assert!(problem(&list).contains("source.baseline.url: must be text in quotation marks"));
    let hide = |text: &str, environment: &[(&str, &str)]| {
        let environment = environment.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let problem = match config::parse("test.toml", text, &environment.collect()) {
            Err(problem) => problem.to_string(),
            Ok(loaded) => format!("{loaded:?}"),
        };
        assert!(!problem.contains("MARKED") && !problem.contains("424242"), "{problem}");
    };
    let smtp = |line: &str| DEMO.replace("[smtp]\n", &format!("[smtp]\n{line}\n"));
    for line in [
        "password = 424242",
        "password = [\"MARKED\"]",
        "pasword = \"MARKED\"",
        "pass = \"MARKED\"",
        "password = \"MARKED",
        "password = \"\"\"MARKED\nMARKED 424242\n",
        "host = \"MARKED\", password = \"MARKED\"",
        "username = \"a\"\npassword = \"MARKED\"\npassword_file = \"b\"",
    ] {
        hide(&smtp(line), &[]);
    }
    for url in [
        "url = 424242",
        "url = \"postgress://a:MARKED@b/c\"",
        "ulr = \"postgres://a:MARKED@b/c\"",
        "url = \"x:MARKED\" x",
        "url = \"odbc:DSN=people;PWD=MARKED\"\nconnections = 2",
    ] {
        hide(&DEMO.replace("url = \"sqlite:../demo/register.db\"", url), &[]);
    }
    hide(&DEMO.replace("[campaign]", "[campaigns]"), &[("TONGBAO__SMTP__PASSWORD", "MARKED")]);
    hide(DEMO, &[("TONGBAO__SMTP__PASSWORD__X", "MARKED")]);
    hide(DEMO, &[("TONGBAO__SMTP__USERNAME", "[424242]"), ("TONGBAO__SMTP__PASSWORD", "424242")]);
}

#[test]
fn secrets_come_from_files_the_environment_and_credentials() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("smtp.password"), "424242\n").unwrap();
    std::fs::write(dir.path().join("source.url"), "postgres://u:MARKED@127.0.0.1/db\n").unwrap();
    let text = DEMO.replace("[smtp]\n", "[smtp]\nusername = \"office\"\n");
    let folder = ("CREDENTIALS_DIRECTORY".to_owned(), dir.path().display().to_string());
    let mut environment = BTreeMap::from([folder]);
    let settings = config::parse("test.toml", &text, &environment).unwrap().settings;
    assert_eq!(settings.smtp.as_ref().unwrap().password.as_ref().unwrap().expose(), "424242");
    assert_eq!(settings.source.url.expose(), "postgres://u:MARKED@127.0.0.1/db");
    let debug = format!("{settings:?}");
    assert!(!debug.contains("424242") && !debug.contains("MARKED"), "{debug}");
    environment.insert("TONGBAO__SMTP__PASSWORD".into(), "31415926".into());
    let settings = config::parse("test.toml", &text, &environment).unwrap().settings;
    assert_eq!(settings.smtp.unwrap().password.unwrap().expose(), "31415926");
}

#[cfg(not(feature = "odbc"))]
#[test]
fn odbc_has_to_be_built_in() {
    let text = DEMO.replace("sqlite:../demo/register.db", "odbc:DSN=population;PWD=MARKED");
    let problems = config::parse("test.toml", &text, &BTreeMap::new()).map(|_| ()).unwrap_err().to_string();
    assert!(problems.contains("source.url") && problems.contains("--features odbc"), "{problems}");
    assert!(!problems.contains("MARKED"), "{problems}");
}
