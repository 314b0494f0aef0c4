//! TLS of a server: TLS 1.2 and 1.3, with a certificate and a key that are read again when their files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tracing::{info, warn};

/// What a server shows its clients.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    held: Mutex<HeldCertificate>,
}

#[derive(Debug)]
struct HeldCertificate {
    stamp: CertificateStamp,
    config: Arc<ServerConfig>,
}

/// Size and time of the last change of both files; `None` of one that is not there.
type CertificateStamp = [Option<(u64, SystemTime)>; 2];

impl Certificate {
    /// Reads a chain and its key, both as PEM. The error says what is wrong with which file.
    pub fn read(chain: &Path, key: &Path) -> Result<Certificate, String> {
        let held = Mutex::new(HeldCertificate { stamp: stamp(chain, key), config: config(chain, key)? });
        Ok(Certificate { chain: chain.to_owned(), key: key.to_owned(), held })
    }

    /// What the next client is shown: the files as they are now, or as they last were in order. Reads files.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        let now = stamp(&self.chain, &self.key);
        let mut held = self.held.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if now != held.stamp {
            // Said once for each change, not for each client.
            held.stamp = now;
            match config(&self.chain, &self.key) {
                Ok(config) => {
                    info!("the server's certificate was read again");
                    held.config = config;
                }
                Err(problem) => warn!("the certificate from before stays in use: {problem}"),
            }
        }
        held.config.clone()
    }
}

fn stamp(chain: &Path, key: &Path) -> CertificateStamp {
    [chain, key].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    })
}

fn config(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let wrong = |path: &Path, problem: &dyn std::fmt::Display| format!("{}: {problem}", path.display());
    let certificates = CertificateDer::pem_file_iter(chain).map_err(|problem| wrong(chain, &problem))?;
    let certificates: Result<Vec<_>, _> = certificates.collect();
    let certificates = certificates.map_err(|problem| wrong(chain, &problem))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|problem| wrong(key, &problem))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|problem| problem.to_string())?;
    let config = builder.with_no_client_auth().with_single_cert(certificates, private);
    config.map(Arc::new).map_err(|problem| wrong(chain, &problem))
}
