//! Ways that leave this machine are encrypted and the server is verified, unless a host is named that
//! may go without. The servers of these tests have a name that only a private `/etc/hosts` knows.

use std::path::Path;
use std::process::{Command, Output};

use tongbao::config::settings::{Smtp, SmtpSecurity};
use tongbao::delivery::failure::{SendError, SmtpStep};
use tongbao::delivery::transport::{SmtpClient, Transport};

use crate::support::certificates::{Authority, Certificate};
use crate::support::servers::{self, TlsServer};
use crate::support::setting::{configuration, stderr, tongbao, write};
use crate::support::smtp::MailServer;

const FAR: &str = "db.office.test";

struct Office {
    authority: Authority,
    good: Certificate,
    wrong_name: Certificate,
    expired: Certificate,
    foreign: Certificate,
}

impl Office {
    fn new() -> Office {
        let authority = Authority::new("office authority");
        let foreign = Authority::new("somebody").issue("db", "DNS:db.office.test", 5);
        let names = "DNS:db.office.test,DNS:localhost,IP:127.0.0.1";
        Office {
            good: authority.issue("db", names, 5),
            wrong_name: authority.issue("db", "DNS:db.example.test", 5),
            expired: authority.issue("db", names, -1),
            foreign,
            authority,
        }
    }
}

/// `rates` on a database with further keys of `[source]`.
fn rates(dir: &Path, url: &str, keys: &str) -> Output {
    let text = configuration(url, dir).replace("[source]\n", &format!("[source]\n{keys}\n"));
    write(dir, &text);
    std::fs::write(dir.join("hosts"), format!("127.0.0.1 localhost {FAR}\n")).unwrap();
    let inside = format!(
        "mount --bind {0}/hosts /etc/hosts && cd {0} && exec {1} --config tongbao.toml rates --to 2016-06-12",
        dir.display(),
        env!("CARGO_BIN_EXE_tongbao")
    );
    Command::new("unshare").args(["-rm", "sh", "-c", &inside]).env_remove("TONGBAO_CONFIG").output().unwrap()
}

fn refused(output: &Output, code: i32, words: &[&str]) {
    let error = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{error}");
    for word in words {
        assert!(error.contains(word), "no {word:?} in: {error}");
    }
    assert!(!error.contains("s3cret"), "{error}");
}

fn accepted(output: &Output) {
    assert!(output.status.success(), "{}", stderr(output));
}

/// Fills the database of an address that needs no certificate.
fn fill(dir: &Path, url: &str) {
    let made = tongbao(dir, &["-q", "sample", "--persons", "500", "--to", url]);
    assert!(made.status.success(), "{}", stderr(&made));
}

fn every_certificate_is_judged(server: &TlsServer, office: &Office, user: &str, database: &str) {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("ca.pem"), office.authority.pem()).unwrap();
    let (far, ours) = (server.url(user, FAR, database), "ca_file = \"ca.pem\"");

    accepted(&rates(dir, &far, ours));
    accepted(&rates(dir, &server.url(user, "127.0.0.1", database), ours));
    let unknown = rates(dir, &far, "");
    refused(&unknown, 1, &["no authority that this machine trusts", "[source] ca_file"]);
    let weak: &[&str] = match far.starts_with("mysql") {
        true => &["disabled", "required", "verify_ca"],
        false => &["disable", "allow", "require", "verify-ca"],
    };
    for mode in weak {
        let weaker = rates(dir, &format!("{far}?sslmode={mode}"), ours);
        refused(&weaker, 2, &["unverified", "allow_plain_text = [\"db.office.test\"]"]);
    }
    accepted(&rates(dir, &far, "allow_plain_text = [\"db.office.test\"]"));
    let elsewhere = rates(dir, &far, "allow_plain_text = [\"another.test\"]");
    refused(&elsewhere, 1, &["no authority that this machine trusts"]);

    server.present(&office.wrong_name);
    refused(&rates(dir, &far, ours), 1, &["for another name", "db.example.test"]);
    server.present(&office.expired);
    refused(&rates(dir, &far, ours), 1, &["has expired", "renew it on the server"]);
    server.present(&office.foreign);
    refused(&rates(dir, &far, ours), 1, &["no authority that this machine trusts"]);

    server.present(&office.good);
    accepted(&rates(dir, &far, ours));
    let wrong = rates(dir, &far.replace("s3cret-words", "wr0ng-words"), ours);
    refused(&wrong, 1, &["refuses user name or password", "source.url_file"]);
    assert!(!stderr(&wrong).contains("wr0ng-words"));
}

#[test]
fn postgres_is_verified_off_this_machine() {
    let office = Office::new();
    let server = TlsServer::postgres(&office.good);
    server.execute("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 's3cret-words'");
    fill(tempfile::tempdir().unwrap().path(), &server.url("tester", "127.0.0.1", "postgres"));
    // The server takes this account over TLS alone: whatever is accepted was encrypted.
    every_certificate_is_judged(&server, &office, "guarded", "postgres");
}

#[test]
fn mariadb_is_verified_off_this_machine() {
    let office = Office::new();
    let server = TlsServer::mariadb(&office.good);
    server.execute(
        "CREATE DATABASE people CHARACTER SET utf8mb4; \
         CREATE USER guarded@'%' IDENTIFIED BY 's3cret-words' REQUIRE SSL; GRANT ALL ON people.* TO guarded@'%'",
    );
    fill(tempfile::tempdir().unwrap().path(), &server.url("tester", "127.0.0.1", "people"));
    every_certificate_is_judged(&server, &office, "guarded", "people");
}

#[test]
fn a_server_that_wants_certificates_gets_the_programs_own() {
    let office = Office::new();
    let server = TlsServer::postgres(&office.good);
    server.execute("CREATE ROLE carded LOGIN SUPERUSER");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fill(dir, &server.url("tester", "127.0.0.1", "postgres"));
    let own = office.authority.issue("carded", "DNS:carded", 5);
    for (name, text) in [("ca.pem", office.authority.pem()), ("own.pem", own.chain), ("own.key", own.key)] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    let url = server.url("carded", FAR, "postgres");
    let keys = "ca_file = \"ca.pem\"\nclient_cert_file = \"own.pem\"\nclient_key_file = \"own.key\"";
    accepted(&rates(dir, &url, keys));
    let without = rates(dir, &url, "ca_file = \"ca.pem\"");
    assert!(!without.status.success());
    refused(
        &rates(dir, &url, "ca_file = \"ca.pem\"\nclient_cert_file = \"own.pem\""),
        2,
        &["belong together"],
    );
    refused(&rates(dir, &url, "ca_file = \"own.key\""), 2, &["ca_file", "holds no certificate"]);
    refused(&rates(dir, &url, "ca_file = \"missing.pem\""), 2, &["ca_file", "cannot read missing.pem"]);
}

#[test]
fn a_server_without_tls_gets_nothing_from_afar() {
    let dir = tempfile::tempdir().unwrap();
    for near in [servers::postgres(), servers::mariadb()] {
        fill(dir.path(), &near);
        let far = near.replace("127.0.0.1", FAR);
        // Later versions of MariaDB make themselves a certificate, which nobody has reason to trust.
        let refusal = rates(dir.path(), &far, "");
        assert_eq!(refusal.status.code(), Some(1));
        let known = ["offers no TLS", "no authority that this machine trusts"];
        assert!(known.iter().any(|word| stderr(&refusal).contains(word)), "{}", stderr(&refusal));
        accepted(&rates(dir.path(), &far, "allow_plain_text = [\"db.office.test\"]"));
    }
    let typo = rates(dir.path(), "postgres://u@127.0.0.1/db?sslmod=verify-full&passwd=MARKED", "");
    refused(&typo, 2, &["unknown parameter \"sslmod\"", "did you mean \"sslmode\"?"]);
    assert!(!stderr(&typo).contains("MARKED"));
}

async fn check(settings: Smtp) -> Result<(), SendError> {
    Transport::Smtp(SmtpClient::new(settings)).check().await
}

#[tokio::test]
async fn mail_servers_are_verified_with_starttls_and_with_tls() {
    let office = Office::new();
    let ours = Some(office.authority.pem());
    for (mode, security, step) in [
        ("starttls", SmtpSecurity::StartTls, SmtpStep::StartTls),
        ("tls", SmtpSecurity::Tls, SmtpStep::Connect),
    ] {
        let server = MailServer::presenting(&office.good, mode);
        let settings = Smtp { security, authorities: ours.clone(), ..server.settings() };
        assert_eq!(check(settings.clone()).await, Ok(()), "{mode}");
        assert_eq!(check(Smtp { host: "localhost".into(), ..settings.clone() }).await, Ok(()), "{mode}");
        let unknown = check(Smtp { authorities: None, ..settings }).await.unwrap_err();
        assert!(unknown.to_string().contains("[smtp] ca_file"), "{unknown}");

        let bad = [
            (&office.wrong_name, "for another name"),
            (&office.expired, "has expired"),
            (&office.foreign, "no authority that this machine trusts"),
        ];
        for (certificate, words) in bad {
            let server = MailServer::presenting(certificate, mode);
            let settings = Smtp { security, authorities: ours.clone(), ..server.settings() };
            let error = check(settings).await.unwrap_err();
            assert!(error.to_string().contains(words), "{mode}: {error}");
            assert_eq!(error.failure().unwrap().step, step, "{mode}");
            assert!(error.stops_queue() && !error.is_unavailable(), "{mode}: {error}");
        }
    }
}
