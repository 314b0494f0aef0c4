//! Tests of the delivery.

use std::io::Cursor;
use std::time::Duration;

use calamine::{Data, Reader, Xlsx};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tongbao::config::settings::{Recipient, Smtp, SmtpSecurity};
use tongbao::delivery::dispatch::{Dispatch, MailOutcome, Summary};
use tongbao::delivery::failure::{SendError, SmtpStep};
use tongbao::delivery::message::{
    File, InlinePicture, Mail, MessageError, mailbox, message_id, recipient_mailbox, thread_id,
};
use tongbao::delivery::permit::Permit;
use tongbao::delivery::transport::{Envelope, Memory, SmtpClient, Transport};
use tongbao::render::csv::csv;
use tongbao::render::workbook::{Sheet, WorkbookProperties, workbook};
use tongbao::report::document::{Align, Cell, Column, PrintedNumber, Row, Table};

use crate::support::smtp::{MailServer, read_mail};

const PDF_NAME: &str = "荔城街道2016年流动人口服务管理专项活动第3期进度通报（6月6日至6月12日）㙍玥.pdf";

fn mail(to: &str) -> Mail {
    let from = mailbox("荔城街道计生办 <bulletin@example.test>").unwrap();
    let recipient = Recipient { name: "领导小组组长".into(), email: to.into(), unit: None };
    let file =
        |name: &str, kind: &str, bytes: Vec<u8>| File { name: name.into(), content_type: kind.into(), bytes };
    Mail {
        message_id: message_id("campaign", "run-1", to, &from),
        thread: thread_id("campaign", "weekly", &from),
        from,
        to: recipient_mailbox(&recipient).unwrap(),
        subject: "关于2016年流动人口服务管理专项活动进度的通报（第3期）：覆盖率、完整率、准确率及各村、社区排名情况".into(),
        text: "各村、社区：\n.一行以点开头\n覆盖率 84.99%\n".into(),
        html: format!("<p>各村、社区：{}</p>\n<p>.</p>\n", "长行".repeat(2000)),
        pictures: Vec::new(),
        attachments: vec![
            file(PDF_NAME, "application/pdf", (0..100_000u32).map(|n| (n % 251) as u8).collect()),
            file("rates.csv", "text/csv", b"a,b\r\n.\r\n1,2\n".to_vec()),
        ],
        date: "2016-06-13T01:00:00Z".parse().unwrap(),
    }
}

fn smtp(settings: Smtp) -> Transport {
    Transport::Smtp(SmtpClient::new(settings))
}

async fn deliver(transport: &Transport, recipients: &[&str]) -> Vec<MailOutcome> {
    let permit = Permit::unlimited();
    let mut dispatch = Dispatch::new(transport, &permit);
    let mut outcomes = Vec::new();
    for to in recipients {
        let bytes = mail(to).to_bytes().unwrap();
        let envelope = Envelope { from: "bulletin@example.test", to, size: bytes.len() };
        outcomes.push(match dispatch.open(envelope).await {
            Ok(ready) => dispatch.hand_over(ready, &bytes).await,
            Err(outcome) => outcome,
        });
    }
    transport.close().await;
    outcomes
}

fn error(outcome: &MailOutcome) -> &SendError {
    match outcome {
        MailOutcome::Failed(error) => error,
        other => panic!("should have failed: {other:?}"),
    }
}

/// Text as read, whatever ends its lines.
fn lines(text: &serde_json::Value) -> String {
    text.as_str().unwrap().trim_end().replace("\r\n", "\n")
}

fn assert_reads_as(read: &serde_json::Value, mail: &Mail) {
    assert_eq!(read["subject"], mail.subject);
    assert_eq!(read["from"], serde_json::json!(["荔城街道计生办", mail.sender()]));
    assert_eq!(read["to"], serde_json::json!(["领导小组组长", mail.recipient()]));
    assert_eq!(read["id"], mail.message_id);
    assert_eq!(read["date"], "2016-06-13T01:00:00+00:00");
    assert_eq!(lines(&read["text"]), mail.text.trim_end());
    assert_eq!(lines(&read["html"]), mail.html.trim_end());
    assert_eq!(read["defects"], serde_json::json!([]));
    assert!(read["longest_line"].as_u64().unwrap() <= 78);
    for (file, found) in mail.attachments.iter().zip(read["files"].as_array().unwrap()) {
        let digest: String = Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found["name"], file.name);
        assert_eq!(found["old_name"], file.name);
        assert_eq!(found["type"], file.content_type);
        assert_eq!(found["sha256"], digest);
    }
    assert_eq!(read["files"].as_array().unwrap().len(), mail.attachments.len());
}

#[tokio::test]
async fn a_server_receives_every_mail_as_it_was_made() {
    let server = MailServer::start("plain");
    let outcomes = deliver(&smtp(server.settings()), &["a@example.test", "b@example.test"]).await;
    assert!(Summary::of(&outcomes).is_complete(), "{outcomes:?}");
    let received = server.received();
    assert_eq!(received.len(), 2);
    for ((note, read), to) in received.iter().zip(["a@example.test", "b@example.test"]) {
        assert_eq!(note["to"], serde_json::json!([to]));
        assert_eq!(note["from"], "bulletin@example.test");
        assert_reads_as(read, &mail(to));
    }
    assert_eq!(received[0].0["peer"], received[1].0["peer"], "one connection serves both");
}

#[test]
fn pictures_belong_to_the_html_and_are_no_attachments() {
    let picture = |id: &str, bytes: &[u8]| InlinePicture {
        id: id.into(),
        file: File { name: "chart1.png".into(), content_type: "image/png".into(), bytes: bytes.into() },
    };
    let mut mail = mail("a@example.test");
    mail.html = "<p><img src=\"cid:chart1.abc@example.test\"></p>".into();
    mail.pictures = vec![picture("chart1.abc@example.test", b"\x89PNG"), picture("b@c", b"two")];
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.eml");
    std::fs::write(&path, mail.to_bytes().unwrap()).unwrap();
    let read = crate::support::smtp::read_mail(&path);
    assert_reads_as(&read, &mail);
    assert_eq!(read["related"], serde_json::json!([["text/html", "image/png", "image/png"]]));
    assert_eq!(read["pictures"][0]["id"], "<chart1.abc@example.test>");
    assert_eq!(read["pictures"][0]["sha256"], tongbao::digest::sha256(b"\x89PNG"));
    mail.pictures[0].id = "a\r\nBcc: x".into();
    assert!(mail.to_bytes().is_err(), "headers cannot be injected");
}

#[tokio::test]
async fn a_refused_recipient_costs_the_others_nothing() {
    let server = MailServer::start("plain");
    let recipients = ["refuse5@example.test", "a@example.test", "refuse4@example.test", "b@example.test"];
    let outcomes = deliver(&smtp(server.settings()), &recipients).await;
    assert!(matches!(error(&outcomes[0]), SendError::Permanent(_)));
    assert!(matches!(error(&outcomes[2]), SendError::Temporary(_)));
    assert_eq!(Summary::of(&outcomes), Summary { sent: 2, refused: 1, waiting: 1, uncertain: 0 });
    assert_eq!(server.received().len(), 2);
    let text = error(&outcomes[0]).to_string();
    assert!(text.contains("550 5.1.1") && text.contains("RCPT TO") && !text.contains('@'), "{text}");
}

#[tokio::test]
async fn a_silent_server_stops_the_queue() {
    let server = MailServer::start("plain");
    let settings = Smtp { timeout: Duration::from_millis(1500), ..server.settings() };
    let outcomes = deliver(&smtp(settings), &["silent@example.test", "a@example.test"]).await;
    assert!(error(&outcomes[0]).is_unavailable());
    assert_eq!(error(&outcomes[0]).failure().unwrap().step, SmtpStep::Rcpt);
    assert!(matches!(outcomes[1], MailOutcome::Unsent(_)));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn an_answer_lost_after_the_final_dot_is_uncertain_and_the_next_mail_goes_on() {
    let server = MailServer::start("plain");
    let outcomes = deliver(&smtp(server.settings()), &["lost@example.test", "a@example.test"]).await;
    assert!(matches!(error(&outcomes[0]), SendError::Uncertain(_)), "{outcomes:?}");
    assert!(matches!(outcomes[1], MailOutcome::Sent(_)));
}

#[tokio::test]
async fn an_unreachable_server_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = MailServer::start("plain");
    let outcomes = deliver(&smtp(Smtp { port: free, ..server.settings() }), &["a@example.test"]).await;
    assert!(error(&outcomes[0]).is_unavailable(), "{outcomes:?}");
    assert_eq!(error(&outcomes[0]).failure().unwrap().step, SmtpStep::Connect);
}

#[tokio::test]
async fn a_wrong_password_stops_the_queue_and_is_never_shown() {
    let server = MailServer::start("auth");
    assert!(matches!(
        deliver(&smtp(server.login("right")), &["a@example.test"]).await[0],
        MailOutcome::Sent(_)
    ));
    for settings in [server.login("hunter2"), server.settings()] {
        let transport = smtp(settings);
        let outcomes = deliver(&transport, &["a@example.test", "b@example.test"]).await;
        assert!(error(&outcomes[0]).stops_queue() && !error(&outcomes[0]).is_unavailable(), "{outcomes:?}");
        assert!(matches!(outcomes[1], MailOutcome::Unsent(_)));
        assert!(!format!("{outcomes:?} {transport:?} {}", error(&outcomes[0])).contains("hunter2"));
    }
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn starttls_is_demanded_and_only_a_trusted_certificate_accepted() {
    let server = MailServer::start("starttls");
    let settings = Smtp { security: SmtpSecurity::StartTls, ..server.settings() };
    let distrusting = deliver(&smtp(settings.clone()), &["a@example.test"]).await;
    assert_eq!(error(&distrusting[0]).failure().unwrap().step, SmtpStep::StartTls);
    assert!(!error(&distrusting[0]).is_unavailable(), "{distrusting:?}");
    let pem = std::fs::read_to_string(server.folder.path().join("cert.pem")).unwrap();
    let trusting = smtp(Smtp { authorities: Some(pem), ..settings.clone() });
    let outcomes = deliver(&trusting, &["a@example.test"]).await;
    assert!(matches!(outcomes[0], MailOutcome::Sent(_)), "{outcomes:?}");
    assert_eq!(server.received()[0].0["tls"], true);
    let plain = MailServer::start("plain");
    let stripped =
        deliver(&smtp(Smtp { port: plain.settings().port, ..settings }), &["a@example.test"]).await;
    assert!(error(&stripped[0]).stops_queue() && plain.received().is_empty());
}

#[tokio::test]
async fn a_folder_keeps_each_mail_once() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Directory(folder.path().join("out"));
    for _ in 0..2 {
        deliver(&transport, &["a@example.test", "b@example.test"]).await;
    }
    let files: Vec<_> =
        std::fs::read_dir(folder.path().join("out")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    let first = files.iter().find(|path| path.to_string_lossy().contains("a@example.test")).unwrap();
    assert!(first.extension().is_some_and(|extension| extension == "eml"));
    assert_reads_as(&read_mail(first), &mail("a@example.test"));
}

#[tokio::test]
async fn memory_keeps_what_was_handed_over() {
    let transport = Transport::Memory(Memory::default());
    deliver(&transport, &["a@example.test"]).await;
    let Transport::Memory(memory) = &transport else { unreachable!() };
    assert_eq!(memory.sent.lock().unwrap()[0].bytes, mail("a@example.test").to_bytes().unwrap());
}

#[test]
fn headers_cannot_be_injected() {
    let refused = |change: fn(&mut Mail)| {
        let mut mail = mail("a@example.test");
        change(&mut mail);
        mail.to_bytes().unwrap_err()
    };
    assert!(matches!(
        refused(|mail| mail.subject.push_str("\r\nBcc: x@y.test")),
        MessageError::ControlCharacter(_)
    ));
    assert!(matches!(
        refused(|mail| mail.from.name = Some("a\nb".into())),
        MessageError::ControlCharacter(_)
    ));
    assert!(matches!(refused(|mail| mail.message_id.push('\n')), MessageError::ControlCharacter(_)));
    assert!(matches!(refused(|mail| mail.attachments[0].name.push('\n')), MessageError::ControlCharacter(_)));
    assert!(matches!(refused(|mail| mail.attachments[0].name.push('"')), MessageError::FileName(1)));
    assert!(matches!(
        refused(|mail| mail.attachments[1].content_type = "x".into()),
        MessageError::ContentType(2)
    ));
    for text in ["a@b.test\r\nDATA", "a@b.test, c@d.test", "<a@b.test> c", "", "a@例子.test"] {
        assert!(mailbox(text).is_err(), "{text:?}");
    }
}

#[test]
fn mails_say_that_a_program_sent_them_and_refer_to_one_thread() {
    let text = |mail: &Mail| String::from_utf8(mail.to_bytes().unwrap()).unwrap();
    let references = |text: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix("References: "));
        line.expect("a thread").to_owned()
    };
    let (one, other) = (text(&mail("a@example.test")), text(&mail("b@example.test")));
    for line in ["\r\nAuto-Submitted: auto-generated\r\n", "\r\nX-Auto-Response-Suppress: All\r\n"] {
        assert!(one.contains(line), "{line}");
    }
    assert_eq!(references(&one), references(&other));
    let from = mailbox("bulletin@example.test").unwrap();
    let threads =
        [("c", "weekly"), ("c", "ranking"), ("d", "weekly")].map(|(c, kind)| thread_id(c, kind, &from));
    assert!(
        threads[0] != threads[1] && threads[0] != threads[2] && threads[0].starts_with("<tongbao.thread.")
    );
    // Two campaigns with a report of the same name at the same time: a mail system that knows the first would
    // otherwise leave out the second.
    let ids = [("c", "weekly/1"), ("d", "weekly/1"), ("c", "weekly/1")]
        .map(|(campaign, run)| message_id(campaign, run, "a@example.test", &from));
    assert!(ids[0] != ids[1] && ids[0] == ids[2]);
}

proptest! {
    #[test]
    fn the_same_mail_gives_the_same_legal_bytes(subject in "\\PC{0,300}", name in "[^\\p{C}/\\\\\"]{1,80}", text in "\\PC{0,2000}") {
        let mut mail = mail("a@example.test");
        mail.subject = subject;
        mail.attachments[0].name = name;
        mail.text = text;
        if let Ok(bytes) = mail.to_bytes() {
            prop_assert_eq!(&bytes, &mail.clone().to_bytes().unwrap());
            prop_assert!(bytes.is_ascii());
            prop_assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
        }
    }
}

fn cell(text: &str, number: Option<PrintedNumber>) -> Cell {
    Cell { number, met: number.map(|_| false), ..Cell::text(text) }
}

fn sheet(name: &str) -> Sheet {
    let column = |head: &str| Column { head: head.into(), align: Align::Center };
    let row = |cells| Row { cells, ..Row::default() };
    let table = Table {
        columns: ["单位", "已登记", "覆盖率", "较上期", "得分"].map(column).into(),
        rows: vec![
            row(vec![
                cell("=HYPERLINK(\"x\")", None),
                cell("12,345", Some(PrintedNumber::Count(12345))),
                cell("84.99%", Some(PrintedNumber::Percent(0.8499))),
                cell("-0.35", Some(PrintedNumber::Points(-0.35))),
                cell("98.76", Some(PrintedNumber::Score(98.76))),
            ]),
            row(["+1号村", "-村", "@村", "—", "a,\"b\""].map(|text| cell(text, None)).into()),
        ],
        ..Table::default()
    };
    Sheet { name: name.into(), title: "进度表".into(), table, notes: vec!["=1+1".into()] }
}

fn properties() -> WorkbookProperties {
    let created = "2016-06-13T01:00:00Z".parse().unwrap();
    WorkbookProperties {
        title: "进度通报".into(), author: "荔城街道办事处".into(), created, font: "宋体"
    }
}

#[test]
fn a_workbook_reads_back_as_printed() {
    let bytes = workbook(&[sheet("a/b"), sheet("A b"), sheet("")], &properties()).unwrap();
    assert_eq!(bytes, workbook(&[sheet("a/b"), sheet("A b"), sheet("")], &properties()).unwrap());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["a b", "A b(2)", "Sheet"]);
    let range = book.worksheet_range("a b").unwrap();
    let at = |row, column| range.get_value((row, column)).cloned().unwrap();
    assert_eq!(at(0, 0), Data::String("进度表".into()));
    assert_eq!(at(2, 0), Data::String("=HYPERLINK(\"x\")".into()));
    for (column, number) in [(1, 12345.0), (2, 0.8499), (3, -0.35), (4, 98.76)] {
        assert_eq!(at(2, column), Data::Float(number));
    }
    assert_eq!(at(5, 0), Data::String("=1+1".into()));
    assert!(book.worksheet_formula("a b").unwrap().cells().all(|(_, _, formula)| formula.is_empty()));
}

#[test]
fn csv_guards_texts_and_leaves_numbers() {
    let text = String::from_utf8(csv(&sheet("a").table)).unwrap();
    let expected = "\u{feff}单位,已登记,覆盖率,较上期,得分\r\n\
        \"'=HYPERLINK(\"\"x\"\")\",\"12,345\",84.99%,-0.35,98.76\r\n\
        '+1号村,'-村,'@村,,\"a,\"\"b\"\"\"\r\n";
    assert_eq!(text, expected);
}

proptest! {
    #[test]
    fn any_sheet_names_give_a_workbook(names in prop::collection::vec("\\PC{0,40}", 1..5)) {
        let sheets: Vec<Sheet> = names.iter().map(|name| sheet(name)).collect();
        let book: Xlsx<_> = Xlsx::new(Cursor::new(workbook(&sheets, &properties()).unwrap())).unwrap();
        prop_assert_eq!(book.sheet_names().len(), names.len());
    }
}
