//! `init`: looks at a database or files nobody has described, says what it seems to be, and writes the
//! configuration. Values are looked at and forgotten: none is printed or written.

mod ask;
mod draft;
mod lists;
mod places;
mod preset;
mod print;
mod tables;
mod uploaded;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongbao_message::{Worded, message};

use jiff::civil::Date;
use serde_json::json;

use super::failure::CommandFailure;
use super::{Context, day, print_json};
use crate::config;
use crate::config::settings::{DatabaseUrl, Tls};
use crate::inference::columns::{named_column, roles_of};
use crate::inference::head_counts::head_counts;
use crate::inference::known_units::KnownUnits;
use crate::inference::names::InferredRole;
use crate::inference::tables::{InferredTable, TableMatch, guess, known_units};
use crate::inference::{SurveyedTable, levels};
use crate::source::Source;
use crate::source::survey::{RegisterSurvey, survey};
use crate::whole_file;
use ask::Asker;
use draft::ConfigDraft;
use tables::{NamedRoster, no_register};
pub use uploaded::reader;

/// Where the configuration is written, and looked for by the other commands.
pub(super) const OUT: &str = "tongbao.toml";

#[derive(Debug, clap::Args)]
pub(super) struct InitArguments {
    /// Where the register is: sqlite:FILE, postgres://user@host/db, mysql://user@host/db,
    /// odbc:CONNECTION STRING, file:PATH, or file:FOLDER to look at all files in it.
    #[arg(long, env = "TONGBAO__SOURCE__URL", hide_env_values = true)]
    url: Option<String>,
    /// Authorities that the database's certificate may come from, as PEM, in addition to those of the system.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Host off this machine that may be spoken to without verified TLS.
    #[arg(long, value_name = "HOST")]
    allow_plain_text: Option<String>,
    /// What the register lists.
    #[arg(long, value_name = "NAME", default_value = "population", value_parser = preset::NAMES)]
    preset: String,
    /// Table of the register, where the guess is wrong; of files the sheet, or the name without its ending.
    #[arg(long, value_name = "TABLE")]
    register: Option<String>,
    /// Table of the units, or file:PATH.
    #[arg(long, value_name = "TABLE")]
    units: Option<String>,
    /// Table of a roster that coverage is measured against, or file:PATH; may be repeated. LABEL is the
    /// name that documents print.
    #[arg(long = "roster", value_name = "[LABEL=]TABLE")]
    rosters: Vec<String>,
    /// Table of the head count of each unit, or file:PATH, that coverage is measured against instead of a roster.
    #[arg(long, value_name = "TABLE", conflicts_with = "rosters")]
    baseline: Option<String>,
    /// A column of the register, where the guess is wrong; may be repeated. An empty COLUMN says that
    /// the register has no such column.
    #[arg(long = "column", value_name = "KEY=COLUMN")]
    columns: Vec<String>,
    /// Name of the campaign.
    #[arg(long)]
    name: Option<String>,
    /// The office that signs, 发文机关.
    #[arg(long)]
    issuer: Option<String>,
    /// First day of the campaign.
    #[arg(long, value_name = "DAY", value_parser = day, requires = "to_day")]
    from: Option<Date>,
    /// Last day of the campaign.
    #[arg(long = "to", id = "to_day", value_name = "DAY", value_parser = day, requires = "from")]
    to_day: Option<Date>,
    /// Mail server.
    #[arg(long, value_name = "HOST[:PORT]")]
    smtp: Option<String>,
    /// Sender of the mails.
    #[arg(long, value_name = "NAME <ADDRESS>")]
    sender: Option<String>,
    /// Recipient of the reports, 领导小组; may be repeated.
    #[arg(long = "recipient", value_name = "NAME <ADDRESS>")]
    recipients: Vec<String>,
    /// Ask nothing: take the flags and the guesses.
    #[arg(long, short)]
    yes: bool,
    /// Where the configuration is written.
    #[arg(long, value_name = "FILE", default_value = OUT)]
    out: PathBuf,
    /// Write over a file that is there already.
    #[arg(long)]
    force: bool,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &InitArguments,
) -> Result<ExitCode, CommandFailure> {
    free(&arguments.out, arguments.force)?;
    let mut asker = Asker::new(context.language, arguments.yes);
    let url = DatabaseUrl::new(asker.required(
        message!("where-the-register-is-sqlite-file"),
        arguments.url.clone(),
        "--url",
    )?);
    let url = url.protected_by(protection(arguments)?);
    let mut seen = survey(&url).await?;
    let (register, units) = (arguments.register.as_deref(), arguments.units.as_deref());
    let (mut named, wanted) = tables::named(&mut seen, &url, register, units, &arguments.rosters).await?;
    named.preset = preset::named(&arguments.preset);
    for (table, reason) in &seen.unread {
        context.note(message!("warning-table-is-left-out", table, reason));
    }
    let mut guess = guess(&seen.tables, &named);
    places::name_units(&mut seen, &mut guess, &named);
    let codes = known_units(&seen.tables, &guess);
    let register = guess.register.as_mut().ok_or_else(|| no_register(&seen.tables, named.preset))?;
    for change in &arguments.columns {
        change_column(register, &seen.tables[register.table], guess.preset, codes.as_ref(), change)?;
    }
    let mut rosters = match wanted.is_empty() {
        true => guess
            .roster
            .take()
            .map(|found| NamedRoster { label: None, found, is_copy: false })
            .into_iter()
            .collect(),
        false => {
            wanted.into_iter().map(|one| one.find(&seen.tables, &guess)).collect::<Result<Vec<_>, _>>()?
        }
    };
    guess.baseline = match &arguments.baseline {
        Some(text) => Some(tables::head_counts_named(&mut seen, &url, &guess, text).await?),
        None if rosters.is_empty() => head_counts(&seen.tables, &guess, None),
        None => None,
    };
    if arguments.baseline.is_some() {
        rosters.clear();
    }
    if !context.is_json() {
        context.say(print::guesses(context.language, &seen.tables, &guess, &rosters))?;
        for remark in print::remarks(&seen, &guess, &rosters) {
            context.note(message!("warning", problem = remark));
        }
    }
    ask_for_columns(context, &mut asker, &mut guess, &seen.tables)?;
    ask_for_rosters((context, &url), &mut asker, &guess, &mut seen, &mut rosters).await?;
    tables::must_have(&guess, &seen.tables, url.file().is_some())?;
    let kinds = ask_for_kinds(&mut asker, &guess, &seen.tables)?;
    let draft = ConfigDraft {
        language: context.language,
        secret_file: has_password(&url).then(|| arguments.out.with_extension("url")),
        folder: arguments.out.parent().map(Path::to_owned).unwrap_or_default(),
        places: &seen.places,
        tables: &seen.tables,
        ca_file: arguments.ca_file.as_deref().map(Path::new),
        allow_plain_text: arguments.allow_plain_text.as_deref(),
        guess: &guess,
        rosters: &rosters,
        kinds,
        name: asker.required(message!("name-of-the-campaign"), arguments.name.clone(), "--name")?,
        issuer: asker.required(message!("office-that-signs"), arguments.issuer.clone(), "--issuer")?,
        days: arguments.from.zip(arguments.to_day),
        mail: mail(&mut asker, arguments)?,
        recipients: recipients(&mut asker, arguments)?,
    };
    finish(context, arguments, &draft).await
}

/// Changes to the guesses, one by one, until there is none.
fn ask_for_columns(
    context: &Context,
    asker: &mut Asker,
    guess: &mut InferredTable,
    tables: &[SurveyedTable],
) -> Result<(), CommandFailure> {
    let (preset, codes) = (guess.preset, known_units(tables, guess));
    let Some(register) = &mut guess.register else { return Ok(()) };
    while let Some(change) = asker.change()? {
        match change_column(register, &tables[register.table], preset, codes.as_ref(), &change) {
            Ok(()) => {
                context.note(message!("word-changed"));
                let warnings = print::damaged(&tables[register.table], register);
                warnings.into_iter().for_each(|warning| context.note(message!("warning", problem = warning)));
            }
            Err(failure) => context.note(failure.to_string()),
        }
    }
    Ok(())
}

/// What the codes of kinds mean, where the names of the units do not tell.
fn ask_for_kinds(
    asker: &mut Asker,
    guess: &InferredTable,
    tables: &[SurveyedTable],
) -> Result<BTreeMap<String, String>, CommandFailure> {
    let Some(units) = &guess.units else { return Ok(BTreeMap::new()) };
    let (mut known, unknown) = levels::kinds(&tables[units.table], units);
    for code in unknown {
        let question = message!("what-kind-of-unit-is-as", code);
        known.extend(asker.optional(question, None)?.map(|word| (code, word)));
    }
    Ok(known)
}

/// Further rosters, one by one, until there is none.
async fn ask_for_rosters(
    (context, url): (&Context, &DatabaseUrl),
    asker: &mut Asker,
    guess: &InferredTable,
    seen: &mut RegisterSurvey,
    rosters: &mut Vec<NamedRoster>,
) -> Result<(), CommandFailure> {
    while let Some(text) = asker.roster()? {
        let found = match tables::wanted(seen, url, &text).await {
            Ok(wanted) => wanted.find(&seen.tables, guess),
            Err(failure) => Err(failure),
        };
        match found {
            Ok(roster) => {
                context.note(message!("added", table = seen.tables[roster.found.table].name));
                rosters.push(roster);
            }
            Err(failure) => context.note(failure.to_string()),
        }
    }
    Ok(())
}

/// Writes the file and looks once more at the database through it.
async fn finish(
    context: &Context,
    arguments: &InitArguments,
    draft: &ConfigDraft<'_>,
) -> Result<ExitCode, CommandFailure> {
    let (out, text) = (&arguments.out, draft.text());
    if let Some(file) = &draft.secret_file {
        write(file, draft.home().expose(), arguments.force)?;
    }
    let environment = BTreeMap::new();
    let loaded = config::parse(&out.display().to_string(), &text, &environment)?;
    write(out, &text, arguments.force)?;
    let mut wrong = Vec::new();
    let mut source = Source::open(&loaded.settings.source).await?;
    for (part, result) in source.check().await {
        wrong.extend(result.err().map(|problem| message!("part-problem", part, problem)));
    }
    wrong.extend(source.units().await.err().map(|error| error.message()));
    let file = out.display();
    if context.is_json() {
        return print_json(&json!({
            "file": file.to_string(),
            "guesses": print::as_json(draft.tables, draft.guess, draft.rosters),
            "problems": wrong,
        }));
    }
    let language = context.language;
    let mut said = language.line(message!("wrote-2", file));
    for problem in wrong.iter().chain(&loaded.warnings) {
        said.push_str(&language.line(message!("warning", problem)));
    }
    said.push_str(&language.line(message!("look-through-its-comments-then")));
    // The file that commands look for needs no name.
    let config = if *out == super::default_config() {
        String::new()
    } else {
        ["--config ", &file.to_string(), " "].concat()
    };
    said.push_str(&format!("  tongbao {config}check\n  tongbao {config}rates\n"));
    super::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// What protects the way to the database.
fn protection(arguments: &InitArguments) -> Result<Tls, CommandFailure> {
    let read = |file: &String| {
        std::fs::read_to_string(file)
            .map_err(|error| CommandFailure::Usage(message!("cannot-read", file, error)))
    };
    let authorities = arguments.ca_file.as_ref().map(read).transpose()?;
    let plain_text_hosts = arguments.allow_plain_text.iter().cloned().collect();
    Ok(Tls { authorities, plain_text_hosts, ..Tls::default() })
}

/// Nothing is overwritten by chance.
fn free(path: &Path, force: bool) -> Result<(), CommandFailure> {
    match path.exists() && !force {
        true => {
            Err(CommandFailure::Usage(message!("is-there-already-name-another-file", path = path.display())))
        }
        false => Ok(()),
    }
}

/// Writes a file that its owner alone can read, also where the file was open to others: it may hold
/// addresses and passwords.
fn write(path: &Path, text: &str, force: bool) -> Result<(), CommandFailure> {
    free(path, force)?;
    whole_file::write(path, text.as_bytes(), 0o600).map_err(|error| {
        CommandFailure::Failed(message!("cannot-write-name-another-file-with", path = path.display(), error))
    })
}

fn has_password(url: &DatabaseUrl) -> bool {
    if url.odbc().is_some() {
        return url.to_string() != url.expose();
    }
    let account = url.expose().split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    account.is_some_and(|(account, _)| account.contains(':'))
}

/// A person's word on a column, as `KEY=COLUMN`.
fn change_column(
    register: &mut TableMatch,
    table: &SurveyedTable,
    preset: Option<&str>,
    known_units: Option<&KnownUnits>,
    change: &str,
) -> Result<(), CommandFailure> {
    let (key, name) = change
        .split_once('=')
        .ok_or_else(|| CommandFailure::Usage(message!("is-no-key-column-write-it", change)))?;
    let (key, name) = (key.trim(), name.trim());
    let roles = roles_of(preset);
    let role = roles.iter().copied().find(|role| print::key(*role) == key).ok_or_else(|| {
        let known: Vec<&str> = roles.iter().map(|role| print::key(*role)).collect();
        CommandFailure::Usage(message!("there-is-no-key-known", key, known = known.join(", ")))
    })?;
    if name.is_empty() {
        take_column(register, table, role, None, None);
        return Ok(());
    }
    let column =
        table.columns.iter().position(|column| column.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let known = table.columns.join(", ");
            CommandFailure::Usage(message!("has-no-column-columns", table = table.name, name, known))
        })?;
    take_column(register, table, role, Some(column), known_units);
    Ok(())
}

/// Takes a column for a role, or none, because a person says so. No column plays two roles.
fn take_column(
    found: &mut TableMatch,
    table: &SurveyedTable,
    role: InferredRole,
    column: Option<usize>,
    known_units: Option<&KnownUnits>,
) {
    found.columns.retain(|choice| choice.role != role && Some(choice.column) != column);
    if let Some(column) = column {
        found.columns.push(named_column(table, &found.columns, (role, column), known_units));
    }
}

/// Mail server, port and sender.
pub(super) struct MailAnswers {
    host: String,
    port: u16,
    sender: String,
}

fn mail(asker: &mut Asker, arguments: &InitArguments) -> Result<Option<MailAnswers>, CommandFailure> {
    let server = asker.optional(message!("mail-server-as-host-or-host"), arguments.smtp.clone())?;
    let Some(server) = server else { return Ok(None) };
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) => {
            let port =
                port.parse().map_err(|_| CommandFailure::Usage(message!("has-no-port-that-is-a", server)))?;
            (host.to_owned(), port)
        }
        None => (server, 25),
    };
    let sender =
        asker.required(message!("sender-of-the-mails-as-name"), arguments.sender.clone(), "--sender")?;
    Ok(Some(MailAnswers { host, port, sender }))
}

fn recipients(asker: &mut Asker, arguments: &InitArguments) -> Result<Vec<(String, String)>, CommandFailure> {
    let mut texts = arguments.recipients.clone();
    if texts.is_empty() {
        texts.extend(asker.optional(message!("recipient-of-the-reports-as-name"), None)?);
    }
    let parse = |text: &String| {
        let (name, address) = config::mailbox(text).map_err(CommandFailure::Usage)?;
        Ok((if name.is_empty() { address.clone() } else { name }, address))
    };
    texts.iter().map(parse).collect()
}
