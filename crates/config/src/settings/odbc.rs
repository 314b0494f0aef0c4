//! Connection strings of ODBC, as far as needed to show them without their secrets.

use tongbao_message::{Message, message};

/// What to do about an address of ODBC where the program is built without.
pub fn not_built_in() -> Message {
    message!("not-built-in")
}

/// Attributes that say where a database is.
const SHOWN: [&str; 6] = ["dsn", "driver", "server", "host", "port", "database"];
/// Attributes that are no secret, but nobody needs to see.
const PASSED_OVER: [&str; 2] = ["uid", "user"];
/// Parts of the names of attributes that hold secrets.
const SECRET: [&str; 4] = ["pwd", "pass", "secret", "token"];

/// `KEY=VALUE;KEY={VALUE}`, as ODBC defines it.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionString<'a>(pub &'a str);

impl<'a> ConnectionString<'a> {
    /// Where the database is. `None` where that cannot be separated from a secret.
    ///
    /// Nothing after the first attribute of unknown meaning is shown: it may be the rest of a password
    /// that holds a semicolon.
    pub fn shown(self) -> Option<String> {
        let mut out: Vec<(String, String)> = Vec::new();
        for (key, value) in self.attributes()? {
            let name = key.to_ascii_lowercase();
            if SHOWN.contains(&name.as_str()) {
                let is_doubtful =
                    unbraced(value).contains(|c: char| c.is_control() || "[]{}()?*=!@".contains(c));
                if is_doubtful || out.iter().any(|(known, _)| *known == name) {
                    return None;
                }
                out.push((name, format!("{key}={value}")));
            } else if !PASSED_OVER.contains(&name.as_str()) {
                break;
            }
        }
        let shown: Vec<String> = out.into_iter().map(|(_, shown)| shown).collect();
        (!shown.is_empty()).then(|| shown.join(";"))
    }

    /// The values that must never be shown, as they are written and as they are meant. Those of one or
    /// two characters stand in any text by chance.
    pub fn secrets(self) -> Vec<String> {
        let is_secret = |key: &str| SECRET.iter().any(|part| key.to_ascii_lowercase().contains(part));
        let secrets = self.attributes().into_iter().flatten().filter(|(key, _)| is_secret(key));
        let values =
            secrets.flat_map(|(_, value)| [unbraced(value).to_owned(), unbraced(value).replace("}}", "}")]);
        values.filter(|value| value.chars().count() > 2).collect()
    }

    /// Keys and values as they are written, braces included. `None` where the grammar is broken.
    fn attributes(self) -> Option<Vec<(&'a str, &'a str)>> {
        let mut out = Vec::new();
        let mut rest = self.0.trim_start_matches([';', ' ']);
        while !rest.is_empty() {
            let (key, behind) = rest.split_once('=')?;
            let is_key = |c: char| c.is_ascii_alphanumeric() || "_- ".contains(c);
            if key.trim().is_empty() || !key.chars().all(is_key) {
                return None;
            }
            let behind = behind.trim_start();
            let length = if behind.starts_with('{') {
                braced(behind)?
            } else {
                behind.find(';').unwrap_or(behind.len())
            };
            let (value, behind) = behind.split_at(length);
            let behind = behind.trim_start();
            if !(behind.is_empty() || behind.starts_with(';')) {
                return None;
            }
            out.push((key.trim(), value.trim_end()));
            rest = behind.trim_start_matches([';', ' ']);
        }
        Some(out)
    }
}

/// Length of a value in braces, at the beginning of a text; a doubled brace does not close it.
fn braced(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].find('}')? + 1;
        match text[at..].strip_prefix('}') {
            Some(_) => at += 1,
            None => return Some(at),
        }
    }
}

fn unbraced(value: &str) -> &str {
    value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use crate::settings::DatabaseUrl;

    #[test]
    fn only_what_tells_the_place_is_shown() {
        for (url, shown) in [
            ("odbc:DSN=people", "odbc:DSN=people"),
            (
                "odbc:Driver={DM8 ODBC DRIVER};Server=db.lan;Port=5236;Uid=office;Pwd=SECRET;Database=SECRET",
                "odbc:Driver={DM8 ODBC DRIVER};Server=db.lan;Port=5236",
            ),
            ("odbc: driver = {a b} ; UID=u; host = db.lan,1433 ;", "odbc:driver={a b};host=db.lan,1433"),
            ("odbc:driver={a}}b};host=db.lan", "odbc:…"),
            ("odbc:DSN=people;PWD={SEC;Server=RET};Server=x", "odbc:DSN=people"),
            ("odbc:DSN=people;PWD=SEC;Server=RET", "odbc:DSN=people"),
            ("odbc:DSN=people;PWD={SEC}RET};Server=x", "odbc:…"),
            ("odbc:DSN=people;PWD={SECRET", "odbc:…"),
            ("odbc:DSN=people;PWD=SEC;RET", "odbc:…"),
            ("odbc:Server=people;Server=SECRET", "odbc:…"),
            ("odbc:Server=office:SECRET@db.lan", "odbc:…"),
            ("odbc:DSN=people PWD=SECRET", "odbc:…"),
            ("odbc:DSN={people;PWD=SECRET}", "odbc:…"),
            ("odbc:DSN=people\nPWD:SECRET", "odbc:…"),
            ("odbc:PWD=SECRET;DSN=people", "odbc:…"),
            ("odbc:SECRET", "odbc:…"),
            ("odbc:", "odbc:…"),
        ] {
            assert_eq!(DatabaseUrl::new(url).to_string(), shown);
            assert_eq!(format!("{:?}", DatabaseUrl::new(url)), shown);
        }
    }
}
