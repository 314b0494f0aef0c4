//! TLS on the way to a mail server. The certificate and its name are always verified.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::failure::Cause;
use tongbao_config::settings::Smtp;
use tongbao_host::tls;
use tongbao_message::{Message, message};

/// Encrypts a connection. The authorities are those of the system and the configured ones.
pub(super) async fn encrypt(smtp: &Smtp, stream: TcpStream) -> Result<Box<TlsStream<TcpStream>>, Cause> {
    let (config, name) = settings(smtp).map_err(Cause::Tls)?;
    let encrypted = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    encrypted.map(Box::new).map_err(|error| match tls::reason(&error, "smtp") {
        Some(reason) => Cause::Tls(reason),
        None => Cause::of_io(&error),
    })
}

fn settings(smtp: &Smtp) -> Result<(ClientConfig, ServerName<'static>), Message> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| Message::text(error.to_string()))?;
    let roots = authorities(smtp.authorities.as_deref())?;
    // An address may stand in brackets, as in a URL.
    let bare = smtp.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|_| message!("no-server-name"))?;
    Ok((config.with_root_certificates(roots).with_no_client_auth(), name))
}

/// Offices run authorities of their own, which are trusted in addition to those of the system.
fn authorities(own: Option<&str>) -> Result<RootCertStore, Message> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in CertificateDer::pem_slice_iter(own.unwrap_or_default().as_bytes()) {
        let certificate = certificate.map_err(|error| message!("authorities-unreadable", error))?;
        store.add(certificate).map_err(|error| message!("no-authority", error))?;
    }
    Ok(store)
}
