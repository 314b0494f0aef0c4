//! Certificates made by openssl, good ones and bad ones.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a server or a client presents.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub chain: String,
    pub key: String,
    /// The certificate of its issuer.
    pub authority: String,
}

/// An office's own authority.
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let folder = TempDir::new().unwrap();
        openssl(
            folder.path(),
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days"],
            &["30", "-subj", &format!("/CN={name}"), "-keyout", "ca.key", "-out", "ca.pem"],
        );
        Authority { folder }
    }

    /// Its own certificate, as `ca_file` names it.
    pub fn pem(&self) -> String {
        read(self.folder.path(), "ca.pem")
    }

    /// A certificate for a name (`DNS:localhost`), valid for some days from now; below 0 it has expired.
    pub fn issue(&self, common_name: &str, alternative: &str, days: i32) -> Certificate {
        let dir = self.folder.path();
        openssl(
            dir,
            &["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"],
            &["leaf.key", "-subj", &format!("/CN={common_name}"), "-out", "leaf.csr"],
        );
        let extensions = format!("basicConstraints=critical,CA:FALSE\nsubjectAltName={alternative}\n");
        std::fs::write(dir.join("extensions"), extensions).unwrap();
        openssl(
            dir,
            &["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
            &["-days", &days.to_string(), "-extfile", "extensions", "-out", "leaf.pem"],
        );
        Certificate { chain: read(dir, "leaf.pem"), key: read(dir, "leaf.key"), authority: self.pem() }
    }
}

fn openssl(dir: &Path, first: &[&str], rest: &[&str]) {
    let made =
        Command::new("openssl").current_dir(dir).args(first).args(rest).stderr(Stdio::piped()).output();
    let made = made.unwrap_or_else(|error| panic!("openssl: {error}; run: scripts/setup.sh test"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn read(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap()
}
