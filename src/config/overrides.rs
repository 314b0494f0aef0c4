//! Environment overrides: `TONGBAO__SMTP__PASSWORD` sets `smtp.password`. So does a systemd credential
//! of that name, a file `smtp.password` in `$CREDENTIALS_DIRECTORY`.

use std::collections::BTreeMap;

use toml::{Table, Value};

const PREFIX: &str = "TONGBAO__";

/// Whether a key's value may be or hold a secret.
fn is_secret(key: &str) -> bool {
    ["url", "password"].contains(&key)
}

/// The secrets that systemd hands to a service (`LoadCredential=smtp.password:FILE`), as path and text.
pub fn credentials(environment: &BTreeMap<String, String>) -> Result<Vec<(Vec<String>, String)>, String> {
    let Some(dir) = environment.get("CREDENTIALS_DIRECTORY") else { return Ok(Vec::new()) };
    let failed = |error| format!("cannot read the credentials in {dir}: {error}");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.rsplit_once('.').is_some_and(|(_, key)| is_secret(key)) {
            let text = std::fs::read_to_string(entry.path()).map_err(failed)?;
            found.push((split(&name, "."), text.trim_end_matches(['\r', '\n']).to_owned()));
        }
    }
    Ok(found)
}

fn split(key: &str, at: &str) -> Vec<String> {
    key.split(at).map(str::to_lowercase).collect()
}

/// The overriding variables as path and text, in the order of their names.
pub fn collect(environment: &BTreeMap<String, String>) -> Vec<(Vec<String>, String)> {
    environment
        .iter()
        .filter_map(|(name, value)| {
            let path = name.strip_prefix(PREFIX)?;
            Some((split(path, "__"), value.clone()))
        })
        .collect()
}

/// Puts the values into the table. A value is read as TOML where it is one (number, boolean,
/// array) and as text otherwise. Fails where a path leads through something that is no table.
pub fn apply(table: &mut Table, overrides: &[(Vec<String>, String)]) -> Result<(), String> {
    for (path, text) in overrides {
        let Some((last, parents)) = path.split_last() else { continue };
        let mut place = &mut *table;
        for key in parents {
            let entry = place.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
            place = entry.as_table_mut().ok_or_else(|| {
                format!("{PREFIX}{}: `{key}` is a value, not a section", path.join("__").to_uppercase())
            })?;
        }
        let value = match is_secret(last) {
            true => Value::String(text.clone()),
            false => value(place.get(last), text),
        };
        place.insert(last.clone(), value);
    }
    Ok(())
}

/// A text stays text where the file has text: a password of digits is no number.
fn value(present: Option<&Value>, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    if matches!(present, Some(Value::String(_))) {
        return as_text();
    }
    match toml::from_str::<Table>(&format!("v = {text}")) {
        Ok(mut parsed) => match parsed.remove("v") {
            Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Array(_) | Value::Datetime(_))) => {
                value
            }
            _ => as_text(),
        },
        Err(_) => as_text(),
    }
}
