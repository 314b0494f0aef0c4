//! Paths of a configuration. Relative ones start at the folder of the configuration file, wherever the
//! program is run.

use std::path::{Path, PathBuf};

/// Parameters of database addresses that name files.
const FILES_OF_ADDRESSES: [&str; 8] =
    ["sslrootcert", "ssl-root-cert", "sslca", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key"];

/// An address that is a path: its kind (`sqlite:`, `file:`), the path as it is written, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileAddress<'a> {
    kind: &'a str,
    /// As it is written, absolute or not.
    pub path: &'a str,
    rest: &'a str,
}

impl<'a> FileAddress<'a> {
    /// `None` for other kinds of addresses, and for a database in memory.
    pub fn parse(address: &'a str) -> Option<FileAddress<'a>> {
        let kind = ["sqlite:", "file:"].into_iter().find(|kind| address.starts_with(kind))?;
        let (kind, rest) = address.split_at(kind.len());
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        // A file's name may hold a question mark, as a pattern does.
        let end = if kind == "sqlite:" { rest.find('?').unwrap_or(rest.len()) } else { rest.len() };
        let (path, rest) = rest.split_at(end);
        (path != ":memory:" && !path.is_empty()).then_some(FileAddress { kind, path, rest })
    }

    /// The same address with another path, which is not written as an address yet.
    pub fn with(self, path: &Path) -> String {
        let path = path.to_string_lossy();
        let path = if self.kind == "sqlite:" { encoded(&path) } else { path.into_owned() };
        [self.kind, &path, self.rest].concat()
    }

    /// The address as it is from another folder on.
    fn from(self, folder: &Path) -> String {
        let path = folder.join("").to_string_lossy().into_owned();
        let path = if self.kind == "sqlite:" { encoded(&path) } else { path };
        [self.kind, &path, self.path, self.rest].concat()
    }
}

/// An address as it is when its paths start at a folder.
pub(super) fn address_from(address: &str, folder: &Path) -> String {
    if folder == Path::new("") {
        return address.to_owned();
    }
    if let Some(file) = FileAddress::parse(address) {
        let is_relative = Path::new(file.path).is_relative();
        return if is_relative { file.from(folder) } else { address.to_owned() };
    }
    let Some((place, parameters)) = address.split_once('?').filter(|_| address.contains("://")) else {
        return address.to_owned();
    };
    let parameters = parameters.split('&').map(|parameter| match parameter.split_once('=') {
        Some((key, file)) if FILES_OF_ADDRESSES.contains(&key) && is_relative(file) => {
            format!("{key}={}{file}", encoded(&folder.join("").to_string_lossy()))
        }
        _ => parameter.to_owned(),
    });
    format!("{place}?{}", parameters.collect::<Vec<_>>().join("&"))
}

fn is_relative(file: &str) -> bool {
    !file.is_empty() && !file.starts_with('/') && !file.to_ascii_lowercase().starts_with("%2f")
}

/// As an address writes it.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let write = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(write).collect()
}

/// A path as a configuration in `folder` is to name it: relative where it is below the folder, whole
/// elsewhere. Both start where the program runs.
pub fn named_from(folder: &Path, path: &Path) -> PathBuf {
    let whole = |path: &Path| {
        let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let parent = parent.canonicalize().or_else(|_| std::path::absolute(parent)).ok()?;
        Some(path.file_name().map_or(parent.clone(), |name| parent.join(name)))
    };
    let Some(path_there) = whole(path) else { return path.to_owned() };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).unwrap_or_default();
    path_there.strip_prefix(&folder).map(Path::to_owned).unwrap_or(path_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_start_at_the_folder() {
        for (address, expected) in [
            ("sqlite:register.db", "sqlite:/etc/%E5%8A%9E%3F/register.db"),
            ("sqlite://a/register.db?mode=ro", "sqlite:/etc/%E5%8A%9E%3F/a/register.db?mode=ro"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("sqlite:///srv/register.db", "sqlite:///srv/register.db"),
            ("file:drop/register-?.csv", "file:/etc/办?/drop/register-?.csv"),
            ("file:/srv/a.csv", "file:/srv/a.csv"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            (
                "postgres://u@h/d?sslrootcert=ca.pem&sslmode=verify-full",
                "postgres://u@h/d?sslrootcert=/etc/%E5%8A%9E%3F/ca.pem&sslmode=verify-full",
            ),
            ("mysql://u@h/d?ssl-ca=%2Fsrv%2Fca.pem", "mysql://u@h/d?ssl-ca=%2Fsrv%2Fca.pem"),
            ("odbc:DSN=a?sslkey=b", "odbc:DSN=a?sslkey=b"),
        ] {
            assert_eq!(address_from(address, Path::new("/etc/办?")), expected);
            assert_eq!(address_from(address, Path::new("")), address);
        }
    }
}
