//! Mail servers as they are: the three digits of a reply decide, whatever their text, and what a server sends is
//! bounded and harmless.

use std::sync::atomic::Ordering;

use tongbao::config::settings::{Secret, Smtp, SmtpSecurity};
use tongbao::delivery::dispatch::{Dispatch, MailOutcome};
use tongbao::delivery::failure::{Cause, SendError, SmtpStep};
use tongbao::delivery::permit::Permit;
use tongbao::delivery::transport::{Envelope, SmtpClient, Transport};

use crate::support::raw_smtp::{ENDLESS, RawServer};

const TEXT: &[u8] = b"Subject: x\r\n\r\n.a line with a dot\r\nend\r\n";
/// 邮件已接收 in GBK.
const GBK: &[u8] = b"\xd3\xca\xbc\xfe\xd2\xd1\xbd\xd3\xca\xd5";

async fn send(smtp: Smtp) -> MailOutcome {
    send_to(smtp, &["a@example.test"]).await.remove(0)
}

async fn send_to(smtp: Smtp, recipients: &[&str]) -> Vec<MailOutcome> {
    let (transport, permit) = (Transport::Smtp(SmtpClient::new(smtp)), Permit::unlimited());
    let mut outcomes = Vec::new();
    for to in recipients {
        let mut dispatch = Dispatch::new(&transport, &permit);
        let envelope = Envelope { from: "bulletin@example.test", to, size: TEXT.len() };
        outcomes.push(match dispatch.open(envelope).await {
            Ok(ready) => dispatch.hand_over(ready, TEXT).await,
            Err(outcome) => outcome,
        });
    }
    transport.close().await;
    outcomes
}

fn failed(outcome: MailOutcome) -> SendError {
    match outcome {
        MailOutcome::Failed(error) => error,
        other => panic!("should have failed: {other:?}"),
    }
}

fn leaked(parts: &[&[u8]]) -> &'static [u8] {
    Box::leak(parts.concat().into_boxed_slice())
}

#[tokio::test]
async fn the_three_digits_decide_at_every_step() {
    let gbk = |code: &str| leaked(&[code.as_bytes(), b" ", GBK, b"\r\n"]);
    let long = |code: &str| leaked(&[code.as_bytes(), b" ", &[b'x'; 100_000], b"\r\n"]);
    let steps =
        [("", "220"), ("EHLO", "250"), ("MAIL", "250"), ("RCPT", "250"), ("DATA", "354"), (".", "250")];
    for (step, code) in steps {
        let forms = [
            gbk(code),
            leaked(&[code.as_bytes(), b"\r\n"]),
            leaked(&[code.as_bytes(), b" \r\n"]),
            leaked(&[code.as_bytes(), b" lines end so\n"]),
            leaked(&[code.as_bytes(), b"\n"]),
            leaked(&[code.as_bytes(), b"-one\n", code.as_bytes(), b"-\r\n", code.as_bytes(), b"\r\n"]),
            leaked(&[code.as_bytes(), b"\tno blank\r\n"]),
            long(code),
        ];
        for form in forms {
            let server = RawServer::odd(move |line| {
                line.starts_with(step).then_some(form).filter(|_| {
                    // The greeting is the empty line alone.
                    !step.is_empty() || line.is_empty()
                })
            });
            let outcome = send(server.settings()).await;
            assert!(matches!(outcome, MailOutcome::Sent(_)), "{step} {form:?}: {outcome:?}");
            assert_eq!(server.mails(), [TEXT], "{step}: dots are doubled on the way alone");
        }
    }
    for odd in [b"260 ok\r\n".as_slice(), b"299 ok\r\n", b"200\r\n", b"251 will forward\r\n"] {
        let server = RawServer::odd(move |line| (line == ".").then_some(odd));
        assert!(matches!(send(server.settings()).await, MailOutcome::Sent(_)), "{odd:?}");
    }
}

#[tokio::test]
async fn refusals_count_by_their_first_digit_and_are_shown_in_words() {
    for (at, answer, step, is_final, words) in [
        ("RCPT", leaked(&[b"550 ", GBK, b"\r\n"]), SmtpStep::Rcpt, true, "550 (邮件已接收)"),
        ("RCPT", b"550\n".as_slice(), SmtpStep::Rcpt, true, "550"),
        ("RCPT", leaked(&[b"450 4.7.1 ", GBK, b"\n"]), SmtpStep::Rcpt, false, "450 4.7.1 (邮件已接收)"),
        (".", leaked(&[b"554 ", GBK, b"\r\n"]), SmtpStep::FinalAnswer, true, "554 (邮件已接收)"),
        (".", b"452 4.3.1 <a@example.test> later\r\n", SmtpStep::FinalAnswer, false, "452 4.3.1 (later)"),
        (".", b"599\r\n", SmtpStep::FinalAnswer, true, "599"),
    ] {
        let server = RawServer::odd(move |line| line.starts_with(at).then_some(answer));
        let error = failed(send(server.settings()).await);
        assert_eq!(matches!(error, SendError::Permanent(_)), is_final, "{error}");
        assert_eq!(matches!(error, SendError::Temporary(_)), !is_final, "{error}");
        assert_eq!(error.failure().unwrap().step, step);
        assert!(error.to_string().contains(&format!("answered {words} at")), "{error}");
    }
    for odd in [b"354 go on\r\n".as_slice(), b"120 wait\r\n", b"999 what\r\n", b"ok\r\n", b"\r\n", b"25\r\n"]
    {
        let server = RawServer::odd(move |line| (line == ".").then_some(odd));
        let error = failed(send(server.settings()).await);
        assert!(matches!(error, SendError::Uncertain(_)), "{odd:?}: {error}");
    }
}

#[tokio::test]
async fn nothing_of_an_answer_reaches_a_terminal_as_a_command() {
    let answer = b"250 ok \x1b]0;title\x07\x9b31m \xe2\x80\xae <a@example.test> q1\r\n";
    let server = RawServer::odd(move |line| (line == ".").then_some(answer.as_slice()));
    let MailOutcome::Sent(receipt) = send(server.settings()).await else { panic!() };
    assert!(!receipt.detail.contains(char::is_control) && !receipt.detail.contains('@'), "{receipt:?}");
    assert!(receipt.detail.starts_with("250 ok") && receipt.detail.ends_with("q1"), "{receipt:?}");
    let refusal = b"550 5.1.1 \x1b[2J\x1b[Hall is well\r\n";
    let server = RawServer::odd(move |line| line.starts_with("RCPT").then_some(refusal.as_slice()));
    let text = failed(send(server.settings()).await).to_string();
    assert!(text.contains("all is well") && !text.contains(char::is_control), "{text}");
}

#[tokio::test]
async fn an_answer_without_end_is_bounded() {
    for step in ["", "EHLO", "RCPT", "."] {
        // A line without end that has its code is read for it; one without is no SMTP.
        let code = if step.is_empty() { "220" } else { "250" };
        for (start, is_code) in [(code, true), ("", false)] {
            let piece = leaked(&[start.as_bytes(), &[b' '; 60_000], ENDLESS]);
            let server = RawServer::odd(move |line| {
                (line.starts_with(step) && (!step.is_empty() || line.is_empty())).then_some(piece)
            });
            let outcome = send(server.settings()).await;
            match (step, is_code) {
                (".", true) => assert!(matches!(outcome, MailOutcome::Sent(_)), "{outcome:?}"),
                (".", false) => assert!(matches!(failed(outcome), SendError::Uncertain(_))),
                _ => assert!(failed(outcome).stops_queue(), "nothing is asked on such a connection"),
            }
            assert!(server.written.load(Ordering::SeqCst) < 100_000_000, "{step}: read on and on");
            assert_eq!(server.mails().len(), usize::from(step == "."));
        }
    }
    let lines = leaked(&[b"250-more\r\n", ENDLESS]);
    let server = RawServer::odd(move |line| line.starts_with("EHLO").then_some(lines));
    assert!(failed(send(server.settings()).await).stops_queue());
    assert!(server.written.load(Ordering::SeqCst) < 100_000_000);
}

#[tokio::test]
async fn an_answer_before_its_question_is_not_taken_for_one() {
    // The second 250 would stand for the answer to the final dot.
    let early = b"354 go\r\n250 queued\r\n".as_slice();
    let server = RawServer::odd(move |line| (line == "DATA").then_some(early));
    let error = failed(send(server.settings()).await);
    assert!(error.stops_queue(), "{error}");
    assert!(server.mails().is_empty(), "no dot was sent");
    let farewell = b"250 ok\r\n421 4.4.2 timeout\r\n".as_slice();
    let server = RawServer::odd(move |line| line.starts_with("RCPT").then_some(farewell));
    let error = failed(send(server.settings()).await);
    assert!(error.is_unavailable() && error.to_string().contains("421 4.4.2"), "{error}");
}

#[tokio::test]
async fn plain_text_after_starttls_ends_the_connection() {
    let forged =
        b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 FORGED\r\n";
    let server = RawServer::odd(move |line| match line.split(' ').next() {
        Some("EHLO") => Some(b"250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n".as_slice()),
        Some("STARTTLS") => Some(forged.as_slice()),
        _ => None,
    });
    let settings = Smtp {
        security: SmtpSecurity::StartTls,
        username: Some("office".into()),
        password: Some(Secret::new("hunter2")),
        ..server.settings()
    };
    let error = failed(send(settings).await);
    let failure = error.failure().unwrap();
    assert_eq!((&failure.cause, failure.step), (&Cause::Injected, SmtpStep::StartTls));
    assert!(error.stops_queue() && !error.is_unavailable());
    assert_eq!(server.seen(), ["EHLO office.example.test", "STARTTLS"], "nothing further is said");
}

#[tokio::test]
async fn offers_are_read_in_any_case() {
    let server = RawServer::odd(|line| match line.split(' ').next() {
        Some("EHLO") => Some(b"250-mail\r\n250 starttls\r\n".as_slice()),
        Some("STARTTLS") => Some(b"454 4.7.0 not now\r\n".as_slice()),
        _ => None,
    });
    let error = failed(send(Smtp { security: SmtpSecurity::StartTls, ..server.settings() }).await);
    assert!(error.to_string().contains("454 4.7.0") && error.is_unavailable(), "{error}");
}

fn login(server: &RawServer) -> Smtp {
    Smtp { username: Some("office".into()), password: Some(Secret::new("right")), ..server.settings() }
}

#[tokio::test]
async fn logins_that_servers_offer_in_old_ways() {
    let by_turns = |line: &str| match line {
        line if line.starts_with("EHLO") => Some(b"250-mail\r\n250 auth=login\r\n".as_slice()),
        "AUTH LOGIN" => Some(b"334 VXNlcm5hbWU6\r\n".as_slice()),
        "b2ZmaWNl" => Some(b"334 UGFzc3dvcmQ6\r\n".as_slice()),
        "cmlnaHQ=" => Some(b"235 2.7.0 ok\r\n".as_slice()),
        _ => None,
    };
    let server = RawServer::odd(by_turns);
    assert!(matches!(send(login(&server)).await, MailOutcome::Sent(_)), "{:?}", server.seen());
    let in_two = |line: &str| match line {
        line if line.starts_with("EHLO") => Some(b"250-mail\r\n250 AUTH plain\r\n".as_slice()),
        line if line.starts_with("AUTH PLAIN") => Some(b"334 \r\n".as_slice()),
        "AG9mZmljZQByaWdodA==" => Some(b"235 ok\r\n".as_slice()),
        _ => None,
    };
    assert!(matches!(send(login(&RawServer::odd(in_two))).await, MailOutcome::Sent(_)));
    let other = RawServer::odd(|line| {
        line.starts_with("EHLO").then_some(b"250-mail\r\n250 AUTH CRAM-MD5 GSSAPI\r\n".as_slice())
    });
    let error = failed(send(login(&other)).await);
    assert!(error.to_string().contains("it offers AUTH CRAM-MD5 GSSAPI"), "{error}");
    assert!(
        error.to_string().contains("PLAIN or LOGIN") && !error.to_string().contains("password"),
        "{error}"
    );
}

#[tokio::test]
async fn the_greeting_can_be_set_and_old_servers_are_greeted_the_old_way() {
    let old =
        RawServer::odd(|line| line.starts_with("EHLO").then_some(b"502 unknown command\r\n".as_slice()));
    assert!(matches!(send(old.settings()).await, MailOutcome::Sent(_)));
    assert_eq!(old.seen()[..2], ["EHLO office.example.test", "HELO office.example.test"]);
    let strict = RawServer::odd(|line| {
        line[..line.len().min(4)].ends_with("LO").then_some(b"501 bad name\r\n".as_slice())
    });
    let error = failed(send(strict.settings()).await);
    assert!(error.stops_queue() && !error.is_unavailable(), "{error}");
    assert!(error.to_string().contains("smtp.helo") && error.to_string().contains("bad name"), "{error}");
    let host = RawServer::odd(|_| None);
    send(Smtp { helo: None, ..host.settings() }).await;
    let name =
        String::from_utf8(std::process::Command::new("uname").arg("-n").output().unwrap().stdout).unwrap();
    assert_eq!(host.seen()[0], format!("EHLO {}", name.trim()));
}

#[tokio::test]
async fn a_mail_that_the_server_does_not_take_is_not_sent_in_vain() {
    let small =
        RawServer::odd(|line| line.starts_with("EHLO").then_some(b"250-mail\r\n250 size 10\r\n".as_slice()));
    let error = failed(send(small.settings()).await);
    let text = error.to_string();
    assert!(text.contains(&format!("has {} bytes", TEXT.len())) && text.contains("takes 10"), "{text}");
    assert!(text.contains("attach less"), "{text}");
    assert!(!small.seen().iter().any(|line| line.starts_with("MAIL")), "{:?}", small.seen());
    let large = RawServer::odd(|line| {
        line.starts_with("EHLO").then_some(b"250-mail\r\n250 SIZE 1000000\r\n".as_slice())
    });
    assert!(matches!(send(large.settings()).await, MailOutcome::Sent(_)));
    assert!(large.seen().contains(&format!("MAIL FROM:<bulletin@example.test> SIZE={}", TEXT.len())));
}

#[tokio::test]
async fn a_connection_serves_on_after_a_refusal() {
    let server = RawServer::odd(|line| line.contains("b@").then_some(b"550 5.1.1 unknown\r\n".as_slice()));
    let outcomes = send_to(server.settings(), &["a@example.test", "b@example.test", "c@example.test"]).await;
    assert!(
        matches!(outcomes[..], [MailOutcome::Sent(_), MailOutcome::Failed(_), MailOutcome::Sent(_)]),
        "{outcomes:?}"
    );
    assert_eq!(server.seen().iter().filter(|line| line.starts_with("EHLO")).count(), 1);
}
