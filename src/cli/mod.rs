//! Commands: one file each. Everything a person reads besides results goes to stderr.

mod amend;
mod backup;
mod check;
mod colour;
mod columns;
mod complete;
mod daemon;
mod decide;
mod demo;
mod failure;
mod help;
mod init;
mod language;
mod layout;
mod league;
mod log;
mod numbers;
mod outbox;
mod pause;
mod people;
mod progress;
mod rates;
mod recheck;
mod rules;
mod run;
mod runs;
mod sample;
mod sent;
mod serve;
mod show;
mod verify;
mod wrong_usage;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongbao_message::{Message, Worded, message};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::clock::Clock;
use crate::config::{self, ConfigError, Loaded, settings};
use crate::harmless::harmless;
use crate::memory;
use crate::pipeline::{Engine, add_listed};
use crate::store::Store;
use colour::Colours;
use failure::CommandFailure;
use language::{CommandLanguage, Spoken};

pub use init::reader as first_reader;

/// The configuration that is read where none is named.
const DEFAULT_CONFIG: &str = "config/tongbao.toml";

/// Heading of the options that every command has; they stand below its own.
const GLOBAL: &str = "Global options";

/// Scheduled reports and rankings for register campaigns.
#[derive(Debug, Parser)]
#[command(name = "tongbao", version)]
struct Arguments {
    /// Configuration file.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 901, value_name = "FILE", env = "TONGBAO_CONFIG")]
    config: Option<PathBuf>,
    /// How results are printed on stdout.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 902, value_enum, default_value = "text")]
    format: OutputFormat,
    /// How the log is written on stderr.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 906, value_enum, default_value = "text", env = "TONGBAO_LOG_FORMAT")]
    log_format: OutputFormat,
    /// More on stderr; twice for everything.
    #[arg(short, long, global = true, help_heading = GLOBAL, display_order = 904, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Only errors on stderr.
    #[arg(short, long, global = true, help_heading = GLOBAL, display_order = 905)]
    quiet: bool,
    /// Language of messages; default: $TONGBAO_LANG, else that of the locale.
    #[arg(long, global = true, help_heading = GLOBAL, display_order = 903, value_enum)]
    lang: Option<CommandLanguage>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Looks at a database or files, guesses what is what, and writes the configuration.
    Init(Box<init::InitArguments>),
    /// The whole job on a sample register, without any server.
    Demo(demo::DemoArguments),
    /// One report now.
    Run(run::RunArguments),
    /// The figures alone.
    Rates(rates::RatesArguments),
    /// The definitions in words: fields, lists and relations.
    Rules(rules::RulesArguments),
    /// Runs due reports until SIGTERM.
    Daemon,
    /// The coming slots.
    Next(daemon::NextArguments),
    /// Recorded runs or slots, newest first.
    Runs(runs::ListArguments),
    /// One run with figures and deliveries.
    Show(show::ShowArguments),
    /// A run's documents again, byte for byte.
    Reprint(runs::ReprintArguments),
    /// Releases a held run, with its number, and sends it.
    Approve(decide::ApproveArguments),
    /// Replaces sections of a held run by the office's own words; figures and tables stay.
    Amend(amend::AmendArguments),
    /// Closes a held run without releasing it.
    Reject(decide::RejectArguments),
    /// The register of document numbers, the next free ones, and what waits for one.
    Numbers(numbers::NumbersArguments),
    /// Samples that a person looks at (抽查), and what was found in them.
    Recheck(recheck::RecheckArguments),
    /// Deliveries and their state.
    Outbox(outbox::OutboxArguments),
    /// Lets a schedule rest.
    Pause(pause::PauseArguments),
    /// Lets a paused schedule go on.
    Resume(pause::PauseArguments),
    /// Accounts of the web console.
    People(people::PeopleArguments),
    /// A copy of the state, also while the daemon runs.
    Backup(backup::BackupArguments),
    /// Rebuilds the state from a copy; nothing is sent again automatically.
    Restore(backup::RestoreArguments),
    /// Looks whether anything on record has been changed, and lists the audit log.
    Verify(verify::VerifyArguments),
    /// Tells line by line what is right, wrong, and what to do.
    Check(check::CheckArguments),
    /// Fills a database with a synthetic register.
    Sample(sample::SampleArguments),
    /// JSON Schema of the configuration.
    Schema,
    /// Shell completions, which know the configured reports and the recorded runs.
    Completions {
        /// The shell that they are for.
        shell: clap_complete::Shell,
    },
    /// Manual page.
    Man,
}

/// What a command needs.
struct Context {
    config: PathBuf,
    /// Whether somebody named that file.
    is_named: bool,
    format: OutputFormat,
    quiet: bool,
    language: CommandLanguage,
    /// Whether somebody asked for that language, rather than the locale.
    language_is_chosen: bool,
    clock: Clock,
}

impl Context {
    /// Loads the configuration and prints its warnings.
    fn load(&self) -> Result<Loaded, CommandFailure> {
        let loaded = self.loaded()?;
        self.warn(&loaded.warnings);
        Ok(loaded)
    }

    /// Loads the configuration. Where none is named and none is there, says where it was looked for.
    fn loaded(&self) -> Result<Loaded, CommandFailure> {
        match config::load(&self.config, &environment()) {
            Err(ConfigError::Read { source, .. })
                if !self.is_named && source.kind() == std::io::ErrorKind::NotFound =>
            {
                Err(CommandFailure::Usage(nowhere()))
            }
            loaded => Ok(loaded?),
        }
    }

    /// The engine with everybody it may write to.
    async fn engine(&self) -> Result<Engine, CommandFailure> {
        let mut settings = self.load()?.settings;
        add_listed(&mut settings).await?;
        Ok(Engine::new(settings)?)
    }

    /// The language of tables that documents print too: the campaign's, unless one was asked for.
    fn table_language(&self, campaign: settings::ReportLanguage) -> settings::ReportLanguage {
        match (self.language_is_chosen, self.language) {
            (false, _) => campaign,
            (true, CommandLanguage::Chinese) => settings::ReportLanguage::Chinese,
            (true, CommandLanguage::English) => settings::ReportLanguage::English,
        }
    }

    /// The state, for a command that records nothing: none is made, and its absence is told.
    async fn look(&self, dir: &Path) -> Result<Store, CommandFailure> {
        self.note_missing(dir);
        Ok(Store::look(dir).await?)
    }

    /// The same for a command that only lists: also of a state that cannot be written.
    async fn read(&self, dir: &Path) -> Result<Store, CommandFailure> {
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

    fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    /// Writes a result for a person to stdout, in the person's language.
    fn say(&self, text: impl Spoken) -> Result<(), CommandFailure> {
        print(&self.language.say(text))
    }

    /// The same of a line of its own.
    fn say_line(&self, text: impl Spoken) -> Result<(), CommandFailure> {
        print(&self.language.line(text))
    }

    /// Writes warnings to stderr, unless nobody wants to hear them.
    fn warn(&self, warnings: &[impl Worded]) {
        if !self.quiet {
            warnings.iter().for_each(|warning| self.note(message!("warning", problem = warning)));
        }
    }

    /// Writes a message to stderr, in the person's language.
    fn note(&self, text: impl Spoken) {
        let english = text.spoken(CommandLanguage::English);
        let level = ["error", "warning"].into_iter().find(|level| english.starts_with(&format!("{level}: ")));
        // What others wrote is made harmless before the colours come.
        complain(&Colours::stderr().message(level, &harmless(&self.language.say(text))));
    }
}

/// The environment's variables. What is no UTF-8 in a name or value is replaced, so that a value of ours
/// is refused like any other that is wrong.
#[expect(clippy::disallowed_methods, reason = "here the environment enters")]
fn environment() -> BTreeMap<String, String> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}

/// Time for work that was cut off to let go of what it holds.
const CUT_OFF: std::time::Duration = std::time::Duration::from_secs(2);

/// Where the configuration is when nobody says: where an installation has it, or where `init` writes it.
fn default_config() -> PathBuf {
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

/// Parses the arguments, runs the command and returns its exit code.
pub fn main() -> ExitCode {
    memory::seal();
    crate::source::wipe_sqlite();
    let mut words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if words.next().as_deref() == Some(crate::source::READER_COMMAND) {
        return crate::source::read_for_parent(words);
    }
    let environment = environment();
    tongbao_message::register(&language::CATALOGUES);
    let language = CommandLanguage::choose(help::asked(std::env::args_os()), &environment);
    complete::answer(|| help::command(Arguments::command(), language));
    let arguments: Arguments = help::parse(language);
    log::start(arguments.verbose, arguments.quiet, arguments.log_format == OutputFormat::Json);
    let context = Context {
        is_named: arguments.config.is_some(),
        config: arguments.config.unwrap_or_else(default_config),
        format: arguments.format,
        quiet: arguments.quiet,
        language,
        language_is_chosen: arguments.lang.is_some() || environment.contains_key("TONGBAO_LANG"),
        clock: Clock::System,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&language.say(message!("error-cannot-start", error)));
            return ExitCode::from(1);
        }
    };
    let code = match runtime.block_on(execute(&context, arguments.command)) {
        Ok(code) => code,
        Err(CommandFailure::Closed) => ExitCode::from(CommandFailure::Closed.exit_code()),
        Err(failure) => {
            context.note(message!("error", problem = failure));
            ExitCode::from(failure.exit_code())
        }
    };
    // Work that was cut off may be in the midst of a page; nobody waits for its end.
    runtime.shutdown_timeout(CUT_OFF);
    code
}

async fn execute(context: &Context, command: Command) -> Result<ExitCode, CommandFailure> {
    // Each command is a future of its own on the heap: together they would be one as large as the largest.
    match command {
        Command::Init(arguments) => Box::pin(init::execute(context, &arguments)).await,
        Command::Demo(arguments) => Box::pin(demo::execute(context, &arguments)).await,
        Command::Run(arguments) => Box::pin(run::execute(context, &arguments)).await,
        Command::Rates(arguments) => Box::pin(rates::execute(context, &arguments)).await,
        Command::Rules(arguments) => Box::pin(rules::execute(context, &arguments)).await,
        Command::Daemon => Box::pin(daemon::execute(context)).await,
        Command::Next(arguments) => Box::pin(daemon::next(context, &arguments)).await,
        Command::Runs(arguments) => Box::pin(runs::list(context, &arguments)).await,
        Command::Show(arguments) => Box::pin(show::execute(context, &arguments)).await,
        Command::Reprint(arguments) => Box::pin(runs::reprint(context, &arguments)).await,
        Command::Approve(arguments) => Box::pin(decide::approve(context, &arguments)).await,
        Command::Amend(arguments) => Box::pin(amend::execute(context, &arguments)).await,
        Command::Reject(arguments) => Box::pin(decide::reject(context, &arguments)).await,
        Command::Numbers(arguments) => Box::pin(numbers::execute(context, &arguments)).await,
        Command::Recheck(arguments) => Box::pin(recheck::execute(context, &arguments)).await,
        Command::Outbox(arguments) => Box::pin(outbox::execute(context, &arguments)).await,
        Command::Pause(arguments) => Box::pin(pause::execute(context, &arguments, true)).await,
        Command::Resume(arguments) => Box::pin(pause::execute(context, &arguments, false)).await,
        Command::People(arguments) => Box::pin(people::execute(context, &arguments)).await,
        Command::Backup(arguments) => Box::pin(backup::backup(context, &arguments)).await,
        Command::Restore(arguments) => Box::pin(backup::restore(context, &arguments)).await,
        Command::Verify(arguments) => Box::pin(verify::execute(context, &arguments)).await,
        Command::Check(arguments) => Box::pin(check::execute(context, &arguments)).await,
        Command::Sample(arguments) => Box::pin(sample::execute(context, &arguments)).await,
        Command::Schema => print_json(&config::json_schema()),
        Command::Completions { shell } => print_bytes(&complete::script(shell)?),
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(CommandFailure::stdout)?;
            print_bytes(&page)
        }
    }
}

fn print_json(value: &impl serde::Serialize) -> Result<ExitCode, CommandFailure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from);
    written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).map_err(CommandFailure::stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// A day that is written in another form.
#[derive(Debug, thiserror::Error, Worded)]
struct DayError;

/// What is no number of a run.
#[derive(Debug, thiserror::Error, Worded)]
struct RunNumberError;

/// The number of a run on the command line.
fn run_number(text: &str) -> Result<i64, RunNumberError> {
    text.trim().parse().map_err(|_| RunNumberError)
}

/// A day of the command line.
fn day(text: &str) -> Result<jiff::civil::Date, DayError> {
    text.parse().map_err(|_| DayError)
}

/// Writes to stdout. Texts may come from databases and mail servers: nothing in them reaches a terminal as a
/// command.
fn print(text: &str) -> Result<(), CommandFailure> {
    print_raw(&harmless(text))
}

/// The same for a format that another program reads.
fn print_raw(text: &str) -> Result<(), CommandFailure> {
    print_bytes(text.as_bytes()).map(|_| ())
}

fn print_bytes(bytes: &[u8]) -> Result<ExitCode, CommandFailure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(CommandFailure::stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a line to stderr. Where nobody can read it, the work goes on and the exit code tells.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
