//! What ended a command, and the exit code it leaves with (design, section 5).

use jiff::tz::TimeZone;

use super::columns::local_text;
use crate::config::ConfigError;
use crate::pipeline::RunError;
use crate::source::SourceError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Failed(String),
    /// The reader of stdout went away: it has seen enough, and nobody needs a message.
    #[error("the reader of the output went away")]
    Closed,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Run(error.into())
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        Failure::Run(error.into())
    }
}

impl Failure {
    pub(super) fn stdout(error: std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Failure::Closed;
        }
        Failure::Failed(format!("cannot write to stdout: {error}"))
    }

    /// The same with its instants on the campaign's clock.
    pub(super) fn at_local_time(self, zone: &TimeZone) -> Failure {
        match self {
            Failure::Run(RunError::Store(StoreError::NotHeld { run, state, by, at })) => {
                let at = at.map(|at| local_text(&at, zone));
                Failure::Run(RunError::Store(StoreError::NotHeld { run, state, by, at }))
            }
            other => other,
        }
    }

    /// 0 closed pipe, 1 failed, 2 wrong usage or configuration, 3 held, 75 try again later.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Failure::Closed => 0,
            Failure::Config(_) | Failure::Usage(_) => 2,
            Failure::Failed(_) => 1,
            Failure::Run(error) => of_run(error),
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
