//! `outbox`: deliveries and their state; a person sends one again or cancels it.

use std::process::ExitCode;
use tongbao_message::{Worded, message};

use clap::builder::PossibleValuesParser;
use clap_complete::engine::ArgValueCandidates;
use jiff::tz::TimeZone;
use serde_json::json;

use super::columns::{columns, local, local_text};
use super::complete;
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::run::{delivered, dispatch};
use super::{Context, print, print_json, sent};
use crate::config::settings::{Campaign, Settings};
use crate::pipeline::{DispatchSummary, Engine};
use crate::report::document::Align::{Left, Right};
use crate::store::Store;
use crate::store::outbox::Delivery;
use crate::store::states::MailState;

#[derive(Debug, clap::Args)]
pub(super) struct OutboxArguments {
    #[command(subcommand)]
    action: Option<OutboxAction>,
    /// Only mails of this run.
    #[arg(long, global = true, value_name = "RUN", value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    run: Option<i64>,
    /// Only mails in this state.
    #[arg(long, global = true, value_parser = states())]
    state: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum OutboxAction {
    /// Deliveries and their state.
    List,
    /// Sends what waits now, also where no daemon runs; with --run the mails of that run alone.
    Send,
    /// Sends a delivery again with the same bytes: the daemon does within a minute.
    Retry {
        /// Number of the delivery.
        #[arg(required_unless_present = "dead")]
        id: Option<i64>,
        /// All dead deliveries, or with --run those of one run.
        #[arg(long, conflicts_with = "id")]
        dead: bool,
    },
    /// Cancels a delivery that has not left for certain.
    Cancel {
        /// Number of the delivery.
        id: i64,
    },
}

/// The words for the states of a mail.
fn states() -> PossibleValuesParser {
    MailState::keys().collect::<Vec<_>>().into()
}

pub(super) async fn execute(
    context: &Context,
    arguments: &OutboxArguments,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let store = match arguments.action {
        None | Some(OutboxAction::List) => context.read(&settings.state_dir).await?,
        Some(_) => context.look(&settings.state_dir).await?,
    };
    let now = context.clock.now();
    match arguments.action {
        None | Some(OutboxAction::List) => list(context, arguments, &store, &settings.campaign).await,
        Some(OutboxAction::Send) => send(context, arguments, settings, &store).await,
        Some(OutboxAction::Retry { id: Some(id), .. }) => {
            store.retry_delivery(id, now).await?;
            let said = say(context, id, MailState::Pending)?;
            leaves_by(context, true)?;
            Ok(said)
        }
        Some(OutboxAction::Retry { id: None, .. }) => {
            let ids = store.retry_dead(arguments.run, now).await?;
            if context.is_json() {
                return print_json(&json!({ "ids": ids, "state": MailState::Pending }));
            }
            context.say_line(message!("deliveries-set-to-pending", count = ids.len()))?;
            leaves_by(context, !ids.is_empty())?;
            Ok(ExitCode::SUCCESS)
        }
        Some(OutboxAction::Cancel { id }) => {
            store.cancel_delivery(id, &message!("cancelled-by-a-person"), now).await?;
            say(context, id, MailState::Cancelled)
        }
    }
}

/// Sends every mail that waits, without the pause after an earlier failure: a person asks for it.
async fn send(
    context: &Context,
    arguments: &OutboxArguments,
    settings: Settings,
    store: &Store,
) -> Result<ExitCode, CommandFailure> {
    if settings.smtp.is_none() {
        let problem = message!("there-is-no-smtp-in-the");
        return Err(CommandFailure::Usage(problem.to_owned()));
    }
    let engine = Engine::for_figures(settings)?;
    let sent = match store.send_now(arguments.run, context.clock.now()).await? {
        0 => DispatchSummary::default(),
        _ => dispatch(context, &engine, store, arguments.run).await?,
    };
    sent::note_problems(context, &sent);
    if context.is_json() {
        print_json(&sent::as_json(&sent.summary))?;
    } else {
        context.say_line(sent::line(&sent.summary))?;
    }
    Ok(delivered(&sent))
}

fn say(context: &Context, id: i64, state: MailState) -> Result<ExitCode, CommandFailure> {
    if context.is_json() {
        return print_json(&json!({ "id": id, "state": state }));
    }
    context.say_line(message!("delivery-is", id, state))?;
    Ok(ExitCode::SUCCESS)
}

/// What sends the mails that wait now.
fn leaves_by(context: &Context, any_wait: bool) -> Result<(), CommandFailure> {
    match any_wait && !context.is_json() {
        true => Ok(context.say_line(message!("what-waits-is-sent-by-the-daemon"))?),
        false => Ok(()),
    }
}

async fn list(
    context: &Context,
    arguments: &OutboxArguments,
    store: &Store,
    campaign: &Campaign,
) -> Result<ExitCode, CommandFailure> {
    let mut deliveries = store.deliveries(arguments.run).await?;
    deliveries.retain(|mail| arguments.state.as_ref().is_none_or(|state| *state == mail.state.key()));
    if context.is_json() {
        return print_json(&json!(deliveries));
    }
    if deliveries.is_empty() {
        let of_these = arguments.run.is_some() || arguments.state.is_some();
        context.note(if of_these {
            message!("no-mail-is-like-that")
        } else {
            message!("the-outbox-is-empty")
        });
        return Ok(ExitCode::SUCCESS);
    }
    let times = message!("next-or-last", zone = campaign.time_zone_name);
    let heads = [
        (message!("head-mail"), Right),
        (message!("head-for"), Left),
        (message!("head-kind"), Left),
        (message!("head-state"), Left),
        (message!("head-to"), Left),
        (message!("head-tries"), Right),
        (times, Left),
        (message!("head-answer"), Left),
    ];
    print(&columns(
        context.language,
        &heads,
        &deliveries.iter().map(|mail| row(context.language, mail, &campaign.time_zone)).collect::<Vec<_>>(),
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn row(language: CommandLanguage, mail: &Delivery, zone: &TimeZone) -> Vec<String> {
    let at = match mail.state {
        MailState::Pending => local(mail.try_at, zone),
        _ => local_text(&mail.changed_at, zone),
    };
    vec![
        mail.id.to_string(),
        mail.run.map_or("-".to_owned(), |run| format!("{} {run}", language.say(message!("run")))),
        language.say(mail.kind.message()),
        language.say(mail.state.message()),
        mail.address.clone(),
        mail.attempts.to_string(),
        at,
        mail.answer.as_ref().map(|answer| language.say(answer)).unwrap_or_default(),
    ]
}
