//! Why a TLS connection was not trusted, in words an operator can act on. What is trusted is decided by
//! rustls; nothing here weakens it.

use std::error::Error;
use tongbao_message::{Message, message};

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as Tls};

/// The reason and the remedy, if `error` or one of its causes is an error of rustls. `section` is the
/// part of the configuration that has `ca_file`.
pub fn reason(error: &(dyn Error + 'static), section: &str) -> Option<Message> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = as_tls(error) {
            return Some(words(tls, section));
        }
        next = error.source();
    }
    None
}

/// An I/O error hides what it wraps from `source`.
fn as_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Tls> {
    let wrapped = || error.downcast_ref::<std::io::Error>()?.get_ref()?.downcast_ref::<Tls>();
    error.downcast_ref::<Tls>().or_else(wrapped)
}

fn words(error: &Tls, section: &str) -> Message {
    match error {
        Tls::InvalidCertificate(problem) => of_certificate(problem, section),
        Tls::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::HandshakeFailure,
        ) => message!("own-certificate-refused", error, section),
        _ => message!("no-tls-connection", error),
    }
}

fn of_certificate(problem: &CertificateError, section: &str) -> Message {
    match problem {
        CertificateError::ExpiredContext { not_after, .. } => {
            message!("certificate-expired-on", day = day(*not_after))
        }
        CertificateError::Expired => message!("certificate-expired"),
        CertificateError::NotValidYetContext { not_before, .. } => {
            message!("certificate-valid-from", day = day(*not_before))
        }
        CertificateError::NotValidYet => message!("certificate-not-valid-yet"),
        CertificateError::UnknownIssuer => message!("unknown-issuer", section),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            message!("certificate-for-another-name", problem)
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            message!("certificate-of-an-authority")
        }
        CertificateError::Revoked => message!("certificate-revoked"),
        other => message!("certificate-refused", other),
    }
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_behind_io_errors() {
        let expired = Tls::InvalidCertificate(CertificateError::ExpiredContext {
            time: UnixTime::since_unix_epoch(std::time::Duration::from_secs(2_000_000_000)),
            not_after: UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_465_776_000)),
        });
        let io = std::io::Error::new(std::io::ErrorKind::InvalidData, expired);
        assert_eq!(
            reason(&io, "source").unwrap(),
            "its certificate has expired on 2016-06-13; renew it on the server"
        );
        assert_eq!(reason(&std::io::Error::other("disk"), "source"), None);
    }
}
