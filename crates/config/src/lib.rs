//! Configuration: raw TOML is validated once into [`Settings`].

mod document;
pub mod earlier;
mod exact_values;
pub mod key_positions;
mod paths;
pub mod raw;
mod schema;
mod secret;
pub mod settings;
mod unknown_address;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use document::{ConfigDocument, DocumentShape};
pub use exact_values::{address_is_valid, mailbox, name_is_valid};
pub use paths::{FileAddress, named_from};
use raw::RawConfig;
pub use schema::{json_schema, json_schema_of};
pub use secret::{Secret, SecretFile};
use settings::{ReadCodeLists, Settings};
use tongbao_message::{Message, Worded, catalogue};
pub use unknown_address::unknown_kind;
pub use validate::{preset, tried_preset};

catalogue!();

/// The file cannot be used. The problems name file, line and column where they have one.
#[derive(Debug, thiserror::Error, Worded)]
pub enum ConfigError {
    /// The file cannot be opened or is not UTF-8.
    Read {
        /// As it was looked for.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// One line a problem, all of them.
    #[message(problems = Message::joined(_0.iter().map(Worded::message), "\n"))]
    Invalid(Vec<Message>),
}

/// Settings with what is worth a second look.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Safe to run with.
    pub settings: Settings,
    /// One line each, for a person to read.
    pub warnings: Vec<Message>,
}

/// Reads, overrides and validates the configuration. `environment` holds the process's variables;
/// those that begin with `TONGBAO__` override keys. All problems are reported together, unless a value cannot be read.
pub fn load(path: &Path, environment: &BTreeMap<String, String>) -> Result<Loaded, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    parse(&path.display().to_string(), &text, environment)
}

/// The same with the rows of the lists that `[source.lists]` names, as the sources have them now. [`load`] reads no
/// source, so that what it gives counts nothing where there are such lists.
pub fn load_with_code_lists(
    path: &Path,
    environment: &BTreeMap<String, String>,
    code_lists: &ReadCodeLists,
) -> Result<Loaded, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    parsed(&path.display().to_string(), &text, environment, Some(code_lists))
}

/// What the file looks like; it takes longer to describe than a file takes to read.
static SHAPE: LazyLock<DocumentShape> = LazyLock::new(DocumentShape::of::<RawConfig>);

/// [`load`] for a text that is at hand; `file` names it in messages, and relative paths start at its folder.
pub fn parse(file: &str, text: &str, environment: &BTreeMap<String, String>) -> Result<Loaded, ConfigError> {
    parsed(file, text, environment, None)
}

fn parsed(
    file: &str,
    text: &str,
    environment: &BTreeMap<String, String>,
    code_lists: Option<&ReadCodeLists>,
) -> Result<Loaded, ConfigError> {
    let invalid = |problem| ConfigError::Invalid(vec![problem]);
    let shape = &*SHAPE;
    // What the environment says outright goes before the credentials.
    let mut overrides = document::credentials(environment, shape).map_err(invalid)?;
    overrides.extend(document::variables(environment));
    let mut document = ConfigDocument::parse(file, text, Some(shape)).map_err(invalid)?;
    document.apply(&overrides).map_err(invalid)?;
    let (raw, mut problems) = document.read::<RawConfig>();
    let checked = raw.map(|raw| validate::settings(&raw, &document, code_lists));
    match checked {
        Some(Ok(loaded)) if problems.is_empty() => return Ok(loaded),
        Some(Err(further)) => problems.extend(further),
        Some(Ok(_)) | None => {}
    }
    Err(ConfigError::Invalid(problems))
}

/// Paths of the keys that hold secrets, such as `smtp.password`; `*` stands for a name that the office
/// chooses. Their type alone makes them so.
pub fn secret_keys() -> BTreeSet<String> {
    SHAPE.secrets()
}
