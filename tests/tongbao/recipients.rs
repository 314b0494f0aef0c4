//! Recipients from a list: a CSV file as an office exports it, or a table beside the register.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::setting::{self, configuration, sample, stderr, stdout, tongbao};
use crate::support::smtp::MailServer;

const OFFICE: &str = "members = [{ name = \"领导小组办公室\", email = \"office@example.test\" }]";
const WEEK: [&str; 6] = ["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"];

/// The demo's office with a list instead of its member, and a mail server.
fn workplace(list: &str, allowed: &str) -> (tempfile::TempDir, MailServer) {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    let text = configuration(&sample(dir.path(), 300), dir.path());
    assert!(text.contains(OFFICE));
    let port = format!("port = {}\nallowed_domains = {allowed}", server.settings().port);
    setting::write(
        dir.path(),
        &text.replace(OFFICE, &format!("members_from = {list}")).replace("port = 25", &port),
    );
    (dir, server)
}

fn run(dir: &Path, arguments: &[&str]) -> std::process::Output {
    tongbao(dir, &[&["--config", "tongbao.toml"], arguments].concat())
}

fn addresses(server: &MailServer) -> BTreeSet<String> {
    let to = |envelope: &serde_json::Value| envelope["to"][0].as_str().unwrap().to_owned();
    server.received().iter().map(|(envelope, _)| to(envelope)).collect()
}

const LEADERS: [&str; 2] = ["deputy@example.test", "leader@example.test"];

#[test]
fn a_csv_file_of_recipients_gets_the_bulletin() {
    let (dir, server) = workplace(
        "{ url = \"file:recipients.csv\", name = \"姓名\", email = \"邮箱\", unit = \"村代码\" }",
        "[]",
    );
    let rows = "姓名,邮箱,村代码\n甲村文书,a@example.test,440118001201\n甲村文书,a@example.test,440118001202\n\
                ,,\n乙村文书, b@example.test ,\n";
    let (gb18030, ..) = encoding_rs::GB18030.encode(rows);
    std::fs::write(dir.path().join("recipients.csv"), gb18030).unwrap();
    let sent = run(dir.path(), &WEEK);
    assert!(sent.status.success(), "{}", stderr(&sent));
    let expected: BTreeSet<String> =
        LEADERS.iter().chain(&["a@example.test", "b@example.test"]).map(|to| (*to).to_owned()).collect();
    assert_eq!(addresses(&server), expected);
}

#[test]
fn a_table_of_recipients_gets_the_bulletin() {
    let (dir, server) = workplace("{ table = \"recipient\", unit = \"\" }", "[]");
    crate::support::office::execute(
        &dir.path().join("register.db"),
        "CREATE TABLE recipient (name TEXT, email TEXT); INSERT INTO recipient VALUES ('文书', 'c@example.test')",
    );
    let sent = run(dir.path(), &WEEK);
    assert!(sent.status.success(), "{}", stderr(&sent));
    assert!(addresses(&server).contains("c@example.test"), "{:?}", addresses(&server));
}

#[test]
fn a_list_that_cannot_be_written_to_is_named_with_its_row() {
    for (rows, allowed, expected) in [
        (
            "甲,a@example.test,\n乙,nobody,\n",
            "[]",
            "recipients.office.members_from: row 2: \"nobody\" is no e-mail address",
        ),
        ("甲,a@else.test,\n", "[\"example.test\"]", "row 1: a@else.test is outside smtp.allowed_domains"),
    ] {
        let (dir, server) = workplace("{ url = \"file:recipients.csv\" }", allowed);
        std::fs::write(dir.path().join("recipients.csv"), format!("name,email,unit\n{rows}")).unwrap();
        for arguments in [&WEEK[..], &["check", "--quick"]] {
            let refused = run(dir.path(), arguments);
            assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
            let said = format!("{}{}", stdout(&refused), stderr(&refused));
            assert!(said.contains(expected), "{said}");
        }
        assert!(server.received().is_empty(), "a list is wholly right, or nothing leaves");
    }
}
