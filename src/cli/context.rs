//! What a command needs: the configuration, the clock, and where and how it says what it has to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tongbao_message::{Message, Worded, message};

use super::OutputFormat;
use super::colour::Colours;
use super::failure::CommandFailure;
use super::init;
use super::language::{CommandLanguage, Spoken};
use super::output::{complain, print};
use crate::clock::Clock;
use crate::config::settings::{ReadCodeLists, Settings};
use crate::config::{self, ConfigError, Loaded, settings};
use crate::harmless::harmless;
use crate::pipeline::{Engine, add_listed, read_code_lists};
use crate::store::Store;

/// The configuration that is read where none is named.
const DEFAULT_CONFIG: &str = "config/tongbao.toml";

/// What a command needs.
pub(super) struct Context {
    pub(super) config: PathBuf,
    /// Whether somebody named that file.
    pub(super) is_named: bool,
    pub(super) format: OutputFormat,
    pub(super) quiet: bool,
    pub(super) language: CommandLanguage,
    /// Whether somebody asked for that language, rather than the locale.
    pub(super) language_is_chosen: bool,
    pub(super) clock: Clock,
}

impl Context {
    /// Loads the configuration and prints its warnings.
    pub(super) fn load(&self) -> Result<Loaded, CommandFailure> {
        let loaded = self.loaded()?;
        self.warn(&loaded.warnings);
        Ok(loaded)
    }

    /// Loads the configuration. Where none is named and none is there, says where it was looked for.
    pub(super) fn loaded(&self) -> Result<Loaded, CommandFailure> {
        match config::load(&self.config, &environment()) {
            Err(ConfigError::Read { source, .. })
                if !self.is_named && source.kind() == std::io::ErrorKind::NotFound =>
            {
                Err(CommandFailure::Usage(nowhere()))
            }
            loaded => Ok(loaded?),
        }
    }

    /// The configuration with the code lists of its sources, for a command that counts or shows definitions.
    pub(super) async fn load_counting(&self) -> Result<Settings, CommandFailure> {
        let loaded = self.loaded()?;
        let loaded = match &loaded.settings.code_lists {
            Some(_) => loaded,
            None => self.with_code_lists(&read_code_lists(&loaded.settings).await?)?,
        };
        self.warn(&loaded.warnings);
        Ok(loaded.settings)
    }

    /// The configuration with these rows in its code lists.
    pub(super) fn with_code_lists(&self, read: &ReadCodeLists) -> Result<Loaded, CommandFailure> {
        Ok(config::load_with_code_lists(&self.config, &environment(), read)?)
    }

    /// The engine with everybody it may write to.
    pub(super) async fn engine(&self) -> Result<Engine, CommandFailure> {
        let mut settings = self.load_counting().await?;
        add_listed(&mut settings).await?;
        Ok(Engine::new(settings)?)
    }

    /// The language of tables that documents print too: the campaign's, unless one was asked for.
    pub(super) fn table_language(&self, campaign: settings::ReportLanguage) -> settings::ReportLanguage {
        match (self.language_is_chosen, self.language) {
            (false, _) => campaign,
            (true, CommandLanguage::Chinese) => settings::ReportLanguage::Chinese,
            (true, CommandLanguage::English) => settings::ReportLanguage::English,
        }
    }

    /// The state, for a command that records nothing: none is made, and its absence is told.
    pub(super) async fn look(&self, dir: &Path) -> Result<Store, CommandFailure> {
        self.note_missing(dir);
        Ok(Store::look(dir).await?)
    }

    /// The same for a command that only lists: also of a state that cannot be written.
    pub(super) async fn read(&self, dir: &Path) -> Result<Store, CommandFailure> {
        self.note_missing(dir);
        Ok(match Store::exists(dir) {
            true => Store::open_to_read(dir).await?,
            false => Store::look(dir).await?,
        })
    }

    fn note_missing(&self, dir: &Path) {
        if !Store::exists(dir) && !self.quiet {
            let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
            let dir = dir.display();
            self.note(message!("there-is-no-state-in-yet", dir));
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    /// Writes a result for a person to stdout, in the person's language.
    pub(super) fn say(&self, text: impl Spoken) -> Result<(), CommandFailure> {
        print(&self.language.say(text))
    }

    /// The same of a line of its own.
    pub(super) fn say_line(&self, text: impl Spoken) -> Result<(), CommandFailure> {
        print(&self.language.line(text))
    }

    /// Writes warnings to stderr, unless nobody wants to hear them.
    pub(super) fn warn(&self, warnings: &[impl Worded]) {
        if !self.quiet {
            warnings.iter().for_each(|warning| self.note(message!("warning", problem = warning)));
        }
    }

    /// Writes a message to stderr, in the person's language.
    pub(super) fn note(&self, text: impl Spoken) {
        let english = text.spoken(CommandLanguage::English);
        let level = ["error", "warning"].into_iter().find(|level| english.starts_with(&format!("{level}: ")));
        // What others wrote is made harmless before the colours come.
        complain(&Colours::stderr().message(level, &harmless(&self.language.say(text))));
    }
}

/// The environment's variables. What is no UTF-8 in a name or value is replaced, so that a value of ours
/// is refused like any other that is wrong.
#[expect(clippy::disallowed_methods, reason = "here the environment enters")]
pub(super) fn environment() -> BTreeMap<String, String> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}

/// Where the configuration is when nobody says: where an installation has it, or where `init` writes it.
pub(super) fn default_config() -> PathBuf {
    let [installed, made] = [DEFAULT_CONFIG, init::OUT].map(PathBuf::from);
    if !installed.exists() && made.exists() { made } else { installed }
}

/// What to do where no configuration is found: a folder above may have one.
fn nowhere() -> Message {
    let here = std::env::current_dir().unwrap_or_default();
    let above =
        |dir: &Path| [init::OUT, DEFAULT_CONFIG].map(|name| dir.join(name)).into_iter().find(|f| f.exists());
    let found = here.ancestors().skip(1).find_map(above);
    let shown = here.display();
    let made = init::OUT;
    match found.map(|found| found.display().to_string()) {
        Some(found) => {
            message!("no-configuration-here-but", default = DEFAULT_CONFIG, made, shown, found)
        }
        None => message!("no-configuration-here", default = DEFAULT_CONFIG, made, shown),
    }
}
