//! Addresses of database servers: the driver's options, with TLS demanded wherever the way leaves this
//! machine. The drivers' own default (`prefer`) would take any certificate, or none.

use crate::error::meant_of;
use std::str::FromStr;
use tongbao_message::message;

use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::SourceError;
use tongbao_config::settings::DatabaseUrl;

const POSTGRES: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

const MYSQL: [&str; 14] = [
    "sslmode",
    "ssl-mode",
    "sslca",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "charset",
    "collation",
    "statement-cache-capacity",
    "socket",
    "timezone",
    "time-zone",
];

/// Options of a PostgreSQL address.
pub(super) fn postgres(url: &DatabaseUrl) -> Result<PgConnectOptions, SourceError> {
    known_parameters(url, &POSTGRES)?;
    let options = PgConnectOptions::from_str(url.expose()).map_err(|error| malformed(url, &error))?;
    // Poolers such as PgBouncer refuse a parameter that they do not know, and no value travels as a float.
    // Statements that are kept by name would be looked for in another process of the pooler's.
    let options = options.extra_float_digits(None).statement_cache_capacity(0);
    let mut options = options.disable_statement_logging();
    if options.get_socket().is_none() && url.tls().is_demanded(options.get_host()) {
        match options.get_ssl_mode() {
            PgSslMode::Prefer | PgSslMode::VerifyFull => options = options.ssl_mode(PgSslMode::VerifyFull),
            _ => return Err(unverified(url, options.get_host(), "verify-full")),
        }
    }
    if let Some(authorities) = &url.tls().authorities {
        options = options.ssl_root_cert_from_pem(authorities.clone().into_bytes());
    }
    if let Some((certificate, key)) = &url.tls().identity {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key.expose());
    }
    Ok(options)
}

/// Options of a MySQL or MariaDB address.
pub(super) fn mysql(url: &DatabaseUrl) -> Result<MySqlConnectOptions, SourceError> {
    known_parameters(url, &MYSQL)?;
    let options = MySqlConnectOptions::from_str(url.expose()).map_err(|error| malformed(url, &error))?;
    let mut options = options.disable_statement_logging();
    if options.get_socket().is_none() && url.tls().is_demanded(options.get_host()) {
        match options.get_ssl_mode() {
            MySqlSslMode::Preferred | MySqlSslMode::VerifyIdentity => {
                options = options.ssl_mode(MySqlSslMode::VerifyIdentity);
            }
            _ => return Err(unverified(url, options.get_host(), "VERIFY_IDENTITY")),
        }
    }
    if let Some(authorities) = &url.tls().authorities {
        options = options.ssl_ca_from_pem(authorities.clone().into_bytes());
    }
    if let Some((certificate, key)) = &url.tls().identity {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key.expose());
    }
    Ok(options)
}

/// The drivers pass over what they do not know, or log it with its value, which may be a secret.
fn known_parameters(url: &DatabaseUrl, known: &[&str]) -> Result<(), SourceError> {
    if !url.is_plain() {
        return Err(malformed(url, &"its parts cannot be told from one another"));
    }
    let text = url.expose().split('#').next().unwrap_or_default();
    let Some((_, query)) = text.split_once('?') else { return Ok(()) };
    let keys = query.split('&').filter(|pair| !pair.is_empty());
    for key in keys.map(|pair| pair.split('=').next().unwrap_or_default()) {
        if !known.contains(&key) && !key.starts_with("options[") {
            return Err(SourceError::Address(message!(
                "unknown-parameter",
                url,
                name = key.escape_debug(),
                meant = meant_of(key, known.iter().copied()),
                known = known.join(", ")
            )));
        }
    }
    Ok(())
}

fn malformed(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> SourceError {
    SourceError::Address(message!("no-address", url, error))
}

fn unverified(url: &DatabaseUrl, host: &str, full: &str) -> SourceError {
    SourceError::Address(message!("unverified", url, host, full))
}
