//! `people`: accounts of the console.

use std::process::ExitCode;
use tongbao_message::{Worded, message};

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::columns::{columns, local_text};
use super::failure::CommandFailure;
use super::{Context, print, print_json};
use crate::access::lifetime::ONE_TIME;
use crate::access::name::{account_name, proxy_name};
use crate::access::role::Role;
use crate::password;
use crate::pipeline::RunError;
use crate::random;
use crate::report::document::Align::Left;
use crate::store::Store;
use crate::store::people::{NewPerson, Person};

#[derive(Debug, clap::Args)]
pub(super) struct PeopleArguments {
    #[command(subcommand)]
    command: Option<PeopleAction>,
}

#[derive(Debug, Subcommand)]
enum PeopleAction {
    /// Adds an account and prints its one-time password.
    Add {
        /// Letters of any script, digits and . _ -
        name: String,
        /// What the person is for the office.
        #[arg(long, value_enum)]
        role: RoleName,
        /// Code of the unit that the role unit answers for.
        #[arg(long, value_name = "CODE", required_if_eq("role", "unit"))]
        unit: Option<String>,
        /// The proxy in front of the console signs the person in (console.proxy.user_header).
        #[arg(long)]
        proxy: bool,
    },
    /// All accounts.
    List,
    /// Gives an account a new one-time password and ends its sessions.
    Reset {
        /// Name of the account.
        name: String,
    },
    /// Ends the sessions of an account and lets it in no more.
    Disable {
        /// Name of the account.
        name: String,
    },
    /// Lets a disabled account in again.
    Enable {
        /// Name of the account.
        name: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Signs off or rejects drafts.
    Leader,
    /// Circulates the reports and follows the mails.
    Clerk,
    /// Answers for one unit and those below it.
    Unit,
    /// Keeps the program and the accounts.
    Operator,
    /// Reads the audit log and verifies it.
    Auditor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Role {
        match name {
            RoleName::Leader => Role::Leader,
            RoleName::Clerk => Role::Clerk,
            RoleName::Unit => Role::Unit,
            RoleName::Operator => Role::Operator,
            RoleName::Auditor => Role::Auditor,
        }
    }
}

pub(super) async fn execute(
    context: &Context,
    arguments: &PeopleArguments,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let now = context.clock.now();
    let dir = &settings.state_dir;
    match arguments.command.as_ref().unwrap_or(&PeopleAction::List) {
        PeopleAction::List => {
            let store = context.read(dir).await?;
            let people = store.people().await?;
            store.close().await;
            list(context, &people, &settings.campaign.time_zone)
        }
        PeopleAction::Add { name, role, unit, proxy } => {
            let name = if *proxy { proxy_name(name) } else { account_name(name) };
            let name = name.map_err(CommandFailure::Usage)?;
            let role = Role::from(*role);
            if role != Role::Unit && unit.is_some() {
                return Err(CommandFailure::Usage(message!("unit-belongs-to-the-role-unit")));
            }
            let store = Store::open(dir).await?;
            if let Some(unit) = unit {
                note_unknown_unit(context, &store, unit).await?;
            }
            let password = add(&store, &name, role, unit.as_deref(), now).await?;
            store.close().await;
            one_time(context, &name, &password)
        }
        PeopleAction::Reset { name } => {
            let store = Store::open(dir).await?;
            let password = random::one_time_password().map_err(failed)?;
            let hash = password::hash(&password).map_err(failed)?;
            store.set_password(name, &hash, Some(now + ONE_TIME), None, now).await?;
            store.close().await;
            one_time(context, name, &password)
        }
        PeopleAction::Disable { name } => disable(context, dir, name, true).await,
        PeopleAction::Enable { name } => disable(context, dir, name, false).await,
    }
}

/// Says so where the last run has no such unit: the account would see nothing. The unit may be one of the next run.
async fn note_unknown_unit(context: &Context, store: &Store, code: &str) -> Result<(), CommandFailure> {
    let Some(run) = store.runs(1).await?.into_iter().find(|run| !run.is_pruned) else { return Ok(()) };
    let units = store.snapshot(run.id).await?.units;
    if units.own_position(code).is_none() {
        let unknown = RunError::no_such_unit(code, &units);
        context.note(message!("warning-account-sees-nothing", run = run.id, unknown));
    }
    Ok(())
}

/// Adds an account and returns its one-time password.
pub(super) async fn add(
    store: &Store,
    name: &str,
    role: Role,
    unit: Option<&str>,
    now: Timestamp,
) -> Result<String, CommandFailure> {
    let password = random::one_time_password().map_err(failed)?;
    let hash = password::hash(&password).map_err(failed)?;
    let new = NewPerson { name, role, unit, password: &hash, one_time_until: now + ONE_TIME };
    store.add_person(&new, now).await?;
    Ok(password)
}

fn failed(problem: std::io::Error) -> CommandFailure {
    CommandFailure::Failed(problem.message())
}

fn one_time(context: &Context, name: &str, password: &str) -> Result<ExitCode, CommandFailure> {
    if context.is_json() {
        return print_json(&json!({ "name": name, "one_time_password": password }));
    }
    context.say_line(message!("one-time-password-of", name, password))?;
    context.say_line(message!("one-time-password-is-good-for"))?;
    Ok(ExitCode::SUCCESS)
}

async fn disable(
    context: &Context,
    dir: &std::path::Path,
    name: &str,
    disabled: bool,
) -> Result<ExitCode, CommandFailure> {
    let store = Store::open(dir).await?;
    store.disable_person(name, disabled, context.clock.now()).await?;
    store.close().await;
    if context.is_json() {
        return print_json(&json!({ "name": name, "disabled": disabled }));
    }
    let language = context.language;
    print(&match disabled {
        true => language.line(message!("account-is-disabled-and-signed-out", name)),
        false => language.line(message!("account-may-sign-in-again", name)),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn list(context: &Context, people: &[Person], zone: &jiff::tz::TimeZone) -> Result<ExitCode, CommandFailure> {
    if context.is_json() {
        let people = people.iter().map(|person| {
            json!({
                "name": person.name,
                "role": person.role.key(),
                "unit": person.unit,
                "disabled": person.disabled_at.is_some(),
                "has_chosen_a_password": person.one_time_until.is_none(),
                "created_at": person.created_at,
            })
        });
        return print_json(&people.collect::<Vec<_>>());
    }
    if people.is_empty() {
        context.note(message!("there-are-no-accounts-yet-add"));
    }
    let row = |person: &Person| {
        let state = match (&person.disabled_at, person.one_time_until) {
            (Some(_), _) => message!("disabled"),
            (None, Some(_)) => message!("one-time-password"),
            (None, None) => message!("in-use"),
        };
        vec![
            person.name.clone(),
            person.role.key().to_owned(),
            person.unit.clone().unwrap_or("-".to_owned()),
            context.language.say(state),
            local_text(&person.created_at, zone),
        ]
    };
    let heads = [
        (message!("head-account"), Left),
        (message!("head-role"), Left),
        (message!("head-unit"), Left),
        (message!("head-state"), Left),
        (message!("head-added"), Left),
    ];
    print(&columns(context.language, &heads, &people.iter().map(row).collect::<Vec<_>>()))?;
    Ok(ExitCode::SUCCESS)
}
