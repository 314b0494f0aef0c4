//! What ended a command, and the exit code it leaves with (design, section 5).

use jiff::tz::TimeZone;
use tongbao_message::{Message, Worded, message};

use super::columns::local_text;
use crate::config::ConfigError;
use crate::pipeline::RunError;
use crate::source::SourceError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error, Worded)]
pub(super) enum CommandFailure {
    #[message(transparent)]
    Config(#[from] ConfigError),
    #[message(transparent)]
    Run(#[from] RunError),
    #[message(transparent)]
    Usage(Message),
    #[message(transparent)]
    Failed(Message),
    /// The reader of stdout went away: it has seen enough, and nobody needs a message.
    Closed,
}

impl From<StoreError> for CommandFailure {
    fn from(error: StoreError) -> CommandFailure {
        CommandFailure::Run(error.into())
    }
}

impl From<SourceError> for CommandFailure {
    fn from(error: SourceError) -> CommandFailure {
        CommandFailure::Run(error.into())
    }
}

impl CommandFailure {
    pub(super) fn stdout(error: std::io::Error) -> CommandFailure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return CommandFailure::Closed;
        }
        CommandFailure::Failed(message!("stdout-failed", error))
    }

    /// The same with its instants on the campaign's clock.
    pub(super) fn at_local_time(self, zone: &TimeZone) -> CommandFailure {
        match self {
            CommandFailure::Run(RunError::Store(StoreError::NotHeld { run, state, by, at })) => {
                let at = at.map(|at| local_text(&at, zone));
                CommandFailure::Run(RunError::Store(StoreError::NotHeld { run, state, by, at }))
            }
            other => other,
        }
    }

    /// 0 closed pipe, 1 failed, 2 wrong usage or configuration, 3 held, 75 try again later.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            CommandFailure::Closed => 0,
            CommandFailure::Config(_) | CommandFailure::Usage(_) => 2,
            CommandFailure::Failed(_) => 1,
            CommandFailure::Run(error) => of_run(error),
        }
    }
}

fn of_run(error: &RunError) -> u8 {
    match error {
        RunError::Source(error) if error.is_unavailable() => 75,
        RunError::Source(
            SourceError::MissingTable { .. }
            | SourceError::MissingColumn { .. }
            | SourceError::Query { .. }
            | SourceError::NoSuchFile { .. }
            | SourceError::Recipient { .. }
            | SourceError::Address(_),
        )
        | RunError::Template(_)
        | RunError::NoSuchReport { .. }
        | RunError::Reversed { .. }
        | RunError::Future { .. }
        | RunError::OutsideCampaign { .. }
        | RunError::NothingFinished { .. }
        | RunError::NumberNeeded { .. }
        | RunError::NoNumberYet { .. }
        | RunError::Number(_)
        | RunError::DefinitionsChanged { .. }
        | RunError::OtherDefinitions { .. }
        | RunError::Store(
            StoreError::NoSuchRun(_)
            | StoreError::NoSuchDelivery(_)
            | StoreError::NotHeld { .. }
            | StoreError::DeliveryState { .. }
            | StoreError::NumberTaken { .. }
            | StoreError::NoSuchPerson(_)
            | StoreError::PersonExists(_),
        ) => 2,
        _ => 1,
    }
}
