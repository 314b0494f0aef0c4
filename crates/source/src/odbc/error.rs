//! What drivers report, in words an operator can act on.

use odbc_api::handles::Record;
use odbc_api::{Error, environment};

use super::super::SourceError;
use super::super::error::{of_pooler, passing};
use tongbao_config::settings::DatabaseUrl;
use tongbao_message::{Message, foreign};

/// What a driver or the driver manager reports: SQLSTATE and message.
#[derive(Debug, Clone)]
pub(super) struct DriverError {
    state: String,
    message: String,
}

impl DriverError {
    pub(super) fn new(message: impl Into<String>) -> DriverError {
        DriverError { state: String::new(), message: message.into() }
    }

    fn of(record: &Record) -> DriverError {
        let state = String::from_utf8_lossy(&record.state.0).into_owned();
        let message = String::from_utf16_lossy(&record.message);
        DriverError { state, message: unlabelled(message.trim_end_matches(['\0', '\n', ' '])).to_owned() }
    }

    pub(super) fn is_missing_table(&self) -> bool {
        ["42S02", "S0002", "42P01", "3F000"].contains(&self.state.as_str())
            || self.message.contains("no such table")
    }

    /// The same as an error of a source. Messages of data exceptions (SQLSTATE class 22) may quote a
    /// value, so only their code is passed on.
    pub(super) fn into_source_error(self, url: &DatabaseUrl) -> SourceError {
        let DriverError { state, message } = self;
        let reason = without(message, url);
        let shown = url.to_string();
        match state.as_str() {
            "28000" | "28P01" => SourceError::Login { url: shown },
            // Some drivers file it under the failures of the way there.
            _ if reason.contains("authentication failed") => SourceError::Login { url: shown },
            "IM002" | "IM003" | "IM004" | "IM012" => no_driver(shown, reason),
            _ if reason.contains("Can't open lib") => no_driver(shown, reason),
            "42501" => SourceError::denied(reason),
            "57014" => SourceError::TimedOut { url: shown },
            "HYT00" | "HYT01" => SourceError::Unavailable { url: shown, reason: Message::text(reason) },
            // Poolers end everything with it; a driver may put it in the place of a reason of its own.
            "08P01" => match of_pooler(&reason, &shown) {
                SourceError::Database(reason) => {
                    SourceError::Unavailable { url: shown, reason: Message::text(reason) }
                }
                known => known,
            },
            way if way.starts_with("08") => {
                SourceError::Unavailable { url: shown, reason: Message::text(reason) }
            }
            data if data.starts_with("22") => SourceError::Database(format!("data exception {data}")),
            state => passing(state, None, &shown, &reason).unwrap_or(SourceError::Database(reason)),
        }
    }

    /// The reason alone, where it is known what failed.
    pub(super) fn reason(self, url: &DatabaseUrl) -> String {
        match self.state.starts_with("22") {
            true => format!("data exception {}", self.state),
            false => without(self.message, url),
        }
    }
}

impl From<Error> for DriverError {
    fn from(error: Error) -> DriverError {
        match &error {
            Error::Diagnostics { record, .. }
            | Error::UnsupportedOdbcApiVersion(record)
            | Error::InvalidRowArraySize { record, .. }
            | Error::UnableToRepresentNull(record)
            | Error::OracleOdbcDriverDoesNotSupport64Bit(record) => DriverError::of(record),
            Error::NoDiagnostics { function } => {
                DriverError::new(format!("{function} fails without a reason"))
            }
            _ => DriverError::new(error.to_string()),
        }
    }
}

/// A message without the names of those who passed it on, as in `[unixODBC][Driver]message`.
fn unlabelled(message: &str) -> &str {
    let mut rest = message;
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|text| text.split_once(']')) {
        rest = behind.trim_start();
    }
    if rest.is_empty() { message } else { rest }
}

/// Drivers may quote the connection string.
fn without(message: String, url: &DatabaseUrl) -> String {
    let secrets = url.odbc().map(|connection| connection.secrets()).unwrap_or_default();
    let message = secrets.iter().fold(message, |message, secret| message.replace(secret.as_str(), "…"));
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn no_driver(url: String, reason: String) -> SourceError {
    let list = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let environment = environment().ok();
    let sources = environment.and_then(|e| e.data_sources().ok()).unwrap_or_default();
    let drivers = environment.and_then(|e| e.drivers().ok()).unwrap_or_default();
    SourceError::NoDriver {
        url,
        reason: foreign(&crate::TEXTS, &reason),
        sources: list(sources.into_iter().map(|source| source.server_name).collect()),
        drivers: list(drivers.into_iter().map(|driver| driver.description).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(state: &str, message: &str) -> SourceError {
        let url = DatabaseUrl::new("odbc:DSN=people;UID=office;PWD={SEC}}RET};Token=T0KEN");
        DriverError { state: state.to_owned(), message: message.to_owned() }.into_source_error(&url)
    }

    #[test]
    fn states_become_what_an_operator_can_act_on() {
        assert!(matches!(classified("28000", "x"), SourceError::Login { .. }));
        assert!(matches!(classified("08001", "password authentication failed"), SourceError::Login { .. }));
        assert!(matches!(classified("42501", "x"), SourceError::Denied { .. }));
        for state in ["08001", "08S01", "HYT00", "HYT01", "57P01"] {
            assert!(classified(state, "x").is_unavailable(), "{state}");
        }
        assert!(!classified("HY000", "x").is_unavailable());
    }

    #[test]
    fn neither_secrets_nor_values_are_passed_on() {
        let shown = classified("HY000", "cannot use PWD={SEC}}RET}: SEC}RET, T0KEN").to_string();
        assert!(!shown.contains("RET") && !shown.contains("T0KEN"), "{shown}");
        assert_eq!(
            classified("22018", "no number: 440118").to_string(),
            "the database failed: data exception 22018"
        );
    }

    #[test]
    fn labels_are_taken_off() {
        assert_eq!(unlabelled("[unixODBC][Driver Manager]it fails"), "it fails");
        assert_eq!(unlabelled("[unixODBC]"), "[unixODBC]");
        assert_eq!(unlabelled("it [really] fails"), "it [really] fails");
    }
}
