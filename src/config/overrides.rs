//! Environment overrides: `TONGBAO__SMTP__PASSWORD` sets `smtp.password`.

use std::collections::BTreeMap;

use toml::{Table, Value};

const PREFIX: &str = "TONGBAO__";

/// The overriding variables as path and text, in the order of their names.
pub fn collect(environment: &BTreeMap<String, String>) -> Vec<(Vec<String>, String)> {
    environment
        .iter()
        .filter_map(|(name, value)| {
            let path = name.strip_prefix(PREFIX)?;
            Some((path.split("__").map(str::to_lowercase).collect(), value.clone()))
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
        let value = value(place.get(last), text);
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
