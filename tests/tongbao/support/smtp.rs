//! A real mail server (aiosmtpd) on a free loopback port, stopped when dropped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::certificates::Certificate;
use tempfile::TempDir;
use tongbao::config::settings::{Secret, Smtp, SmtpSecurity, Uncertain};

const PYTHON: &str = "/usr/bin/python3";
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tongbao/support");

pub struct MailServer {
    process: Child,
    port: u16,
    pub folder: TempDir,
}

impl MailServer {
    /// `mode`: plain, auth, starttls or tls; the last two present a certificate of their own.
    pub fn start(mode: &str) -> MailServer {
        let folder = TempDir::new().unwrap();
        if mode == "starttls" {
            make_certificate(folder.path());
        }
        MailServer::start_in(folder, mode)
    }

    /// With a certificate that is at hand.
    pub fn presenting(certificate: &Certificate, mode: &str) -> MailServer {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("cert.pem"), &certificate.chain).unwrap();
        std::fs::write(folder.path().join("key.pem"), &certificate.key).unwrap();
        MailServer::start_in(folder, mode)
    }

    fn start_in(folder: TempDir, mode: &str) -> MailServer {
        let mut process = Command::new(PYTHON)
            .arg(format!("{SCRIPTS}/smtp_server.py"))
            .args([folder.path().as_os_str(), mode.as_ref()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        MailServer { process, port: line.trim().parse().expect("the mail server prints its port"), folder }
    }

    pub fn settings(&self) -> Smtp {
        Smtp {
            host: "127.0.0.1".into(),
            port: self.port,
            security: SmtpSecurity::None,
            from: "bulletin@example.test".into(),
            username: None,
            password: None,
            password_file: None,
            authorities: None,
            helo: None,
            timeout: Duration::from_secs(20),
            final_timeout: Duration::from_secs(20),
            give_up_after: jiff::SignedDuration::from_hours(48),
            uncertain: Uncertain::Hold,
        }
    }

    pub fn login(&self, password: &str) -> Smtp {
        Smtp { username: Some("office".into()), password: Some(Secret::new(password)), ..self.settings() }
    }

    /// Envelope and content of the mails received, in order.
    pub fn received(&self) -> Vec<(serde_json::Value, serde_json::Value)> {
        let path = |number: usize, kind: &str| self.folder.path().join(format!("{number}.{kind}"));
        (1..)
            .take_while(|number| path(*number, "json").exists())
            .map(|number| {
                let envelope = std::fs::read(path(number, "json")).unwrap();
                (serde_json::from_slice(&envelope).unwrap(), read_mail(&path(number, "eml")))
            })
            .collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What Python's mail parser finds in a file.
pub fn read_mail(path: &Path) -> serde_json::Value {
    let output = Command::new(PYTHON).arg(format!("{SCRIPTS}/read_mail.py")).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn make_certificate(folder: &Path) {
    let status = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success());
}
