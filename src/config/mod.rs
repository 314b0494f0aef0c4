//! Configuration: raw TOML is validated once into [`settings::Settings`].

pub mod locate;
pub mod overrides;
pub mod raw;
pub mod settings;
mod validate;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use raw::RawConfig;
use settings::Settings;
pub use values::{address_is_valid, mailbox, name_is_valid};

/// The file cannot be used. The problems name file, line and column where they have one.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration {path}: {source}; name another with --config or $TONGBAO_CONFIG")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

/// Settings with what is worth a second look.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub settings: Settings,
    pub warnings: Vec<String>,
}

/// Reads, overrides and validates the configuration. `environment` holds the process's variables;
/// those that begin with `TONGBAO__` override keys. All problems of a kind are reported together.
pub fn load(path: &Path, environment: &BTreeMap<String, String>) -> Result<Loaded, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    parse(&path.display().to_string(), &text, environment)
}

/// [`load`] for a text that is at hand; `file` names it in messages.
pub fn parse(file: &str, text: &str, environment: &BTreeMap<String, String>) -> Result<Loaded, ConfigError> {
    let raw = deserialize(file, text, environment)?;
    let place = Place { file, text };
    validate::settings(&raw, &place).map_err(ConfigError::Invalid)
}

/// JSON Schema of the file, with the descriptions of all keys.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(RawConfig).to_value()
}

fn deserialize(
    file: &str,
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Result<RawConfig, ConfigError> {
    let place = Place { file, text };
    let mut overrides = overrides::collect(environment);
    // What the environment says outright goes before the credentials.
    let credentials = overrides::credentials(environment);
    overrides.splice(0..0, credentials.map_err(|problem| ConfigError::Invalid(vec![problem]))?);
    match toml::from_str::<RawConfig>(text) {
        Ok(raw) if overrides.is_empty() => Ok(raw),
        // A key that is missing in the file may come from the environment.
        Err(error) if overrides.is_empty() || !error.message().contains("missing field") => {
            Err(ConfigError::Invalid(vec![place.of_error(&error)]))
        }
        _ => {
            let mut table: toml::Table =
                toml::from_str(text).map_err(|error| ConfigError::Invalid(vec![place.of_error(&error)]))?;
            overrides::apply(&mut table, &overrides)
                .map_err(|problem| ConfigError::Invalid(vec![problem]))?;
            table.try_into::<RawConfig>().map_err(|error| {
                let message = without_values(&locate::reword(error.message()));
                ConfigError::Invalid(vec![format!("{file} with the TONGBAO__ variables: {message}")])
            })
        }
    }
}

/// Words a problem with its place in the file.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn of_error(&self, error: &toml::de::Error) -> String {
        let mut message = locate::reword(error.message());
        if error.span().is_none_or(|span| self.is_secret(span.start, &message)) {
            message = without_values(&message);
        }
        match error.span() {
            Some(span) => self.at(span.start, &message),
            None => format!("{}: {message}", self.file),
        }
    }

    fn of_path(&self, path: &str, message: &str) -> String {
        match locate::span(self.text, path) {
            Some(span) => self.at(span.start, &format!("{path}: {message}")),
            None => format!("{}: {path}: {message}", self.file),
        }
    }

    /// Where the value at a path begins, if the file has it.
    fn offset(&self, path: &[&str]) -> Option<usize> {
        locate::exact(self.text, path).map(|span| span.start)
    }

    fn at(&self, offset: usize, message: &str) -> String {
        let (line, column) = locate::line_and_column(self.text, offset);
        let source = self.line(line);
        let hidden = source.is_empty() || self.is_secret(offset, message);
        let shown = if hidden { String::new() } else { format!("\n    {source}") };
        format!("{}:{line}:{column}: {message}{shown}", self.file)
    }

    fn line(&self, line: usize) -> &str {
        self.text.lines().nth(line - 1).unwrap_or_default().trim()
    }

    /// A line is shown to be found at once, but never one that may hold a secret: of a key that is
    /// called so, or meant so, or stands among such keys, or with an address.
    fn is_secret(&self, offset: usize, message: &str) -> bool {
        let line = self.line(locate::line_and_column(self.text, offset).0);
        let keys = line.split(['=', '{', ',', '.']).map(|part| part.trim().trim_matches(['"', '\'']));
        ["password", "url", "://"].iter().any(|word| line.contains(word) || message.contains(word))
            || keys.into_iter().any(|key| locate::nearest(key, ["password", "url"]).is_some())
            // A line of its own may go on with a text that began above.
            || !(line.contains('=') || line.starts_with('['))
    }
}

/// serde quotes the value that it did not expect, as `12345` or "text"; a secret must not be shown so.
fn without_values(message: &str) -> String {
    match message.split_once("invalid type: ").or_else(|| message.split_once("invalid value: ")) {
        Some((start, rest)) => {
            let expected = rest.rsplit_once(", expected ").map_or("something else", |(_, expected)| expected);
            format!("{start}a value of the wrong type, expected {expected}")
        }
        None => message.to_owned(),
    }
}
