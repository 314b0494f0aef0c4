//! Whether others on this machine can read a secret, or put another in its place.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tongbao_message::message;

use super::CheckFindings;

/// Keys whose value is a secret or may hold one, and with `_file` after them name a file that does.
const SECRETS: [&str; 4] = ["password", "url", "incremental_key", "client_key"];

/// Permissions of everybody but owner and group.
const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;

/// Looks at the configuration file, if it holds secrets, and at the files that hold them in its place.
pub(super) fn judge(config: &Path, findings: &mut CheckFindings) {
    let Ok(text) = std::fs::read_to_string(config) else { return };
    let Ok(table) = toml::from_str::<toml::Table>(&text) else { return };
    let mut files = Vec::new();
    let has_secret = look(&table, &mut files);
    // Relative paths start at the folder of the configuration.
    let folder = config.parent().unwrap_or(Path::new(""));
    let mut files: Vec<PathBuf> = files.into_iter().map(|file| folder.join(file)).collect();
    files.extend(has_secret.then(|| config.to_owned()));
    for file in files {
        let Ok(metadata) = file.metadata() else { continue };
        let (path, mode) = (file.display(), metadata.permissions().mode());
        if mode & OTHERS_READ != 0 {
            let text = message!("every-account-can-read-which-holds", path);
            findings.warning(message!("secrets"), text);
        } else if mode & OTHERS_WRITE != 0 {
            let text = message!("every-account-can-write-which-holds", path);
            findings.warning(message!("secrets"), text);
        }
    }
}

/// Whether a secret stands in the table itself; files that hold one are added.
fn look(table: &toml::Table, files: &mut Vec<PathBuf>) -> bool {
    let mut found = false;
    for (key, value) in table {
        match value {
            toml::Value::Table(table) => found |= look(table, files),
            toml::Value::String(text) if SECRETS.iter().any(|secret| key == secret) => {
                found |= is_secret(key, text)
            }
            // Certificates are public.
            toml::Value::String(text)
                if key.strip_suffix("_file").is_some_and(|key| SECRETS.contains(&key)) =>
            {
                files.push(PathBuf::from(text));
            }
            _ => {}
        }
    }
    found
}

/// Of addresses only those with a password: `postgres://user:password@host/db`, `odbc:...;PWD=...`.
fn is_secret(key: &str, text: &str) -> bool {
    let authority = text.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    key != "url" || user.contains(':') || text.to_ascii_lowercase().contains("pwd=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_keys_are_secret_and_those_of_certificates_are_not() {
        let text = "[smtp]\npassword_file = 'p'\n[source]\nurl_file = 'u'\nca_file = 'a'\n\
                    client_cert_file = 'c'\nclient_key_file = 'k'\nincremental_key_file = 'i'\n";
        let mut files = Vec::new();
        assert!(!look(&toml::from_str(text).unwrap(), &mut files));
        files.sort();
        assert_eq!(files, ["i", "k", "p", "u"].map(PathBuf::from));
    }

    #[test]
    fn addresses_are_secret_if_they_have_a_password() {
        for (text, expected) in [
            ("sqlite:register.db", false),
            ("postgres://user@host/db", false),
            ("postgres://user:word@host/db", true),
            ("odbc:DSN=x;PWD=y", true),
        ] {
            assert_eq!(is_secret("url", text), expected, "{text}");
        }
        assert!(is_secret("password", "x"));
    }
}
