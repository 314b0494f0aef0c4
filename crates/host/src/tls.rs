//! Why a TLS connection was not trusted, in words an operator can act on. What is trusted is decided by
//! rustls; nothing here weakens it.

use std::error::Error;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as Tls};

/// The reason and the remedy, if `error` or one of its causes is an error of rustls. `section` is the
/// part of the configuration that has `ca_file`.
pub fn reason(error: &(dyn Error + 'static), section: &str) -> Option<String> {
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

fn words(error: &Tls, section: &str) -> String {
    match error {
        Tls::InvalidCertificate(problem) => of_certificate(problem, section),
        Tls::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::HandshakeFailure,
        ) => format!(
            "the server refuses this program's own certificate ({error}); databases take one from \
             [{section}] client_cert_file and client_key_file"
        ),
        _ => format!("no TLS connection comes about ({error}); is this the TLS port of the right server?"),
    }
}

fn of_certificate(problem: &CertificateError, section: &str) -> String {
    match problem {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate has expired on {}; renew it on the server", day(*not_after))
        }
        CertificateError::Expired => "its certificate has expired; renew it on the server".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "its certificate is valid only from {} on; is the clock of this machine right?",
            day(*not_before)
        ),
        CertificateError::NotValidYet => {
            "its certificate is not valid yet; is the clock of this machine right?".to_owned()
        }
        CertificateError::UnknownIssuer => format!(
            "no authority that this machine trusts has issued its certificate; name the file of the office's \
             own authority in [{section}] ca_file"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "its certificate is for another name ({problem}); write the host as the certificate has it, or \
             have the certificate issued for this name"
        ),
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own (CA:TRUE), which no server may present; have a certificate issued \
             for the server (basicConstraints CA:FALSE), and name the authority's file in ca_file"
                .to_owned()
        }
        CertificateError::Revoked => "its certificate has been revoked; renew it on the server".to_owned(),
        other => format!("its certificate is refused ({other}); have a new one issued"),
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
