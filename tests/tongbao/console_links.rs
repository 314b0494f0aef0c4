//! What leads from a mail and a missed slot to the right page, and a decision to its end.

use jiff::SignedDuration;
use tongbao::access::role::Role;

use crate::support::browser::value_of;
use crate::support::office::work;
use crate::support::site::{PASSWORD, Site, signed_off};
use crate::support::smtp::read_mail;

const URL: &str = "https://tongbao.example.test";

/// Text and HTML of the mails so far, as a recipient reads them.
fn texts(site: &Site) -> Vec<String> {
    let path = site.office.dir.path().join("mail.eml");
    let read = |sent: tongbao::delivery::transport::HandedOver| {
        std::fs::write(&path, &sent.bytes).unwrap();
        let read = read_mail(&path);
        format!("{}\n{}", read["text"].as_str().unwrap(), read["html"].as_str().unwrap())
    };
    site.office.mails().into_iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mails_name_the_page_that_they_are_about() {
    let edit = |text: String| {
        format!("{}\n[console]\nlisten = \"127.0.0.1:8470\"\nurl = \"{URL}\"\n", signed_off(text))
    };
    let mut site = Site::new(edit).await;
    let drafts = texts(&site);
    assert!(!drafts.is_empty());
    for draft in &drafts {
        assert_eq!(draft.matches(&format!("{URL}/runs/1")).count(), 2, "{draft}");
    }
    let mut leader = site.signed_in("leader");
    let digest = value_of(&leader.get("/runs/1/sign").text(), "digest").unwrap();
    assert_eq!(leader.post("/runs/1/approve", &[("digest", &digest)]).code, 303);
    work(&mut site.daemon).await;
    let reports = &texts(&site)[drafts.len()..];
    assert_eq!(reports.len(), 3);
    for report in reports {
        assert_eq!(report.matches(&format!("{URL}/runs/1")).count(), 2, "{report}");
        assert!(!report.contains("token") && !report.contains("签发或退回"), "{report}");
    }
    // Without an address of the console nothing is named.
    let site = Site::new(|text| text).await;
    let plain = texts(&site);
    assert!(!plain.is_empty() && plain.iter().all(|text| !text.contains("/runs/")));
}

/// A slot that was left out is made up for by a request of its own period.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slot_without_a_run_is_made_up_for() {
    let mut site = Site::new(|text| text).await;
    let mut clerk = site.signed_in("clerk");
    assert!(!clerk.get("/schedule").text().contains("补出本期"));
    assert_eq!(clerk.post("/schedule/weekly/pause", &[]).code, 303);
    site.office.hand.advance(SignedDuration::from_hours(7 * 24));
    work(&mut site.daemon).await;
    let mut clerk = site.signed_in("clerk");
    let page = clerk.get("/schedule").text().replace("&#38;", "&");
    let link = page.split("<a class=\"button quiet\" href=\"/requests?report=weekly&").nth(1);
    let link = link.unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap();
    assert_eq!(link, "from=2016-06-13&to=2016-06-19&record_only=");
    let confirm = clerk.get(&format!("/requests?report=weekly&{link}")).text();
    assert!(confirm.contains("确认申请"), "{confirm}");
    let [report, from, to, only] =
        ["report", "from", "to", "record_only"].map(|name| (name, value_of(&confirm, name).unwrap()));
    let fields = [&report, &from, &to, &only].map(|(name, value)| (*name, value.as_str()));
    assert_eq!(clerk.post("/requests", &fields).code, 303);
    work(&mut site.daemon).await;
    let run = site.office.runs().await.pop().unwrap();
    assert_eq!((run.state.key(), run.from.as_str(), run.to.as_str()), ("held", "2016-06-13", "2016-06-19"));
    // Whoever may not ask for a run is not led there.
    assert!(!site.signed_in("leader").get("/schedule").text().contains("补出本期"));
}

/// However many drafts wait, the first page names them all, and makes again no more than it can keep.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_drafts_that_wait_are_all_named() {
    let mut site = Site::new(|text| text).await;
    let mut clerk = site.signed_in("clerk");
    for day in 1..=7 {
        let from = format!("2016-06-0{day}");
        let fields =
            [("report", "weekly"), ("from", from.as_str()), ("to", "2016-06-12"), ("record_only", "1")];
        assert_eq!(clerk.post("/requests", &fields).code, 303);
        work(&mut site.daemon).await;
    }
    let page = site.signed_in("leader").get("/").text();
    for run in 2..=8 {
        assert!(page.contains(&format!("/runs/{run}/sign")), "{run}: {page}");
    }
    // Four of them and the last one that was issued.
    assert_eq!(page.matches("<caption>").count(), 5, "{page}");
}

/// What is to be finished goes on when nobody waits any more, as a sign-off does when its telephone is gone; other
/// work ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_finished_goes_on_alone() {
    use tokio::sync::oneshot::channel;
    for goes_on in [true, false] {
        let ((begun, has_begun), (go, may_go), (done, is_done)) = (channel(), channel::<()>(), channel());
        let work = async move {
            begun.send(()).unwrap();
            may_go.await.unwrap();
            done.send(()).unwrap();
        };
        let waiting: std::pin::Pin<Box<dyn Future<Output = _> + Send>> = match goes_on {
            true => Box::pin(tongbao::work::finish(work)),
            false => Box::pin(tongbao::work::spawn(work)),
        };
        tokio::select! {
            _ = waiting => panic!("it waits to be let go"),
            started = has_begun => started.unwrap(),
        }
        // Nobody waits from here on. What has ended takes no word any more.
        match goes_on {
            true => {
                go.send(()).unwrap();
                is_done.await.unwrap();
            }
            false => assert!(is_done.await.is_err()),
        }
    }
}

/// Whom the proxy in front has signed in comes in without a password, as an account of that proxy alone, and signs off
/// with one. Nobody else is believed, and nothing but one plain name.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_believed_proxy_signs_people_in() {
    let edit = |networks: &str, text: String| {
        let campaigns = "campaigns = [{ name = \"另一项活动\", url = \"https://other.example.test\" }]";
        format!(
            "{}\n[console]\n{campaigns}\n[console.proxy]\nnetworks = [\"{networks}\"]\nuser_header = \"X-Remote-User\"\n",
            signed_off(text)
        )
    };
    let site = Site::new(|text| edit("127.0.0.1", text)).await;
    site.add("proxy:wang", Role::Leader).await;
    let by = |names: &[&str]| {
        let mut browser = site.browser();
        browser.headers = names.iter().map(|name| ("X-Remote-User".to_owned(), (*name).to_owned())).collect();
        browser
    };
    let mut wang = by(&["wang"]);
    let arrived = wang.get("/runs/1");
    assert_eq!((arrived.code, arrived.header("location")), (303, Some("/runs/1")), "{}", arrived.text());
    assert!(wang.get("/").text().contains("https://other.example.test/"));
    assert!(wang.get("/runs/1").text().contains("proxy:wang"));
    for names in [&["wang", "li"][..], &[""], &["(null)"], &["proxy:wang"], &["wang li"], &["王\u{301}"]] {
        assert_eq!(by(names).get("/").code, 401, "{names:?}");
    }
    // No account of this office, and none is made; nor is one of its own let in by a header.
    let people = site.store().await.people().await.unwrap().len();
    for name in ["li", "leader"] {
        assert_eq!(by(&[name]).get("/").code, 403, "{name}");
    }
    assert_eq!(site.store().await.people().await.unwrap().len(), people);
    // The session is worth nothing without the proxy's word, or with another.
    for headers in [Vec::new(), vec![("X-Remote-User".to_owned(), "li".to_owned())]] {
        let mut other = wang.clone();
        other.headers = headers;
        assert!([401, 403].contains(&other.get("/me").code));
    }
    assert_eq!(site.browser().sign_in("proxy:wang", PASSWORD).code, 401);
    // A sign-off asks for the password: the proxy has not given it.
    let digest = value_of(&wang.get("/runs/1/sign").text(), "digest").unwrap();
    assert_eq!(wang.post("/runs/1/approve", &[("digest", &digest)]).code, 422);
    assert_eq!(wang.post("/runs/1/approve", &[("digest", &digest), ("password", PASSWORD)]).code, 303);
    let run = site.office.runs().await.remove(0);
    assert_eq!((run.state.key(), run.decided_by.as_deref()), ("approved", Some("proxy:wang")));
    // A proxy of another network is nobody.
    let site = Site::new(|text| edit("10.0.0.0/8", text)).await;
    site.add("proxy:wang", Role::Leader).await;
    let mut browser = site.browser();
    browser.headers = vec![("X-Remote-User".to_owned(), "wang".to_owned())];
    assert_eq!(browser.get("/").code, 401);
}

/// What a server answers over TLS to a client that trusts one authority; blank if it is not trusted.
fn over_tls(site: &Site, authority: &std::path::Path) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let address = site.door.address.to_string();
    let mut client = Command::new("openssl");
    client.args([
        "s_client",
        "-quiet",
        "-verify_return_error",
        "-servername",
        "localhost",
        "-connect",
        &address,
    ]);
    client.arg("-CAfile").arg(authority).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut client = client.spawn().unwrap();
    let request = format!(
        "GET /sign-in HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n",
        site.door.address.port()
    );
    let _ = client.stdin.as_mut().unwrap().write_all(request.as_bytes());
    String::from_utf8_lossy(&client.wait_with_output().unwrap().stdout).into_owned()
}

/// The console speaks TLS itself, with the certificate that is there now; a damaged one does not end it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tls_of_its_own_follows_its_files() {
    use crate::support::certificates::Authority;
    let dir = tempfile::tempdir().unwrap();
    let (chain, key) = (dir.path().join("console.pem"), dir.path().join("console.key"));
    let [first, second] = ["one", "two"].map(Authority::new);
    let trusts = [("one.ca", &first), ("two.ca", &second)].map(|(name, authority)| {
        let path = dir.path().join(name);
        std::fs::write(&path, authority.pem()).unwrap();
        path
    });
    let install = |authority: &Authority| {
        let issued = authority.issue("localhost", "DNS:localhost", 30);
        std::fs::write(&chain, issued.chain).unwrap();
        std::fs::write(&key, issued.key).unwrap();
    };
    install(&first);
    let edit = |text: String| {
        format!("{text}\n[console]\ncert_file = \"{}\"\nkey_file = \"{}\"\n", chain.display(), key.display())
    };
    let site = Site::new(edit).await;
    let shown = over_tls(&site, &trusts[0]);
    assert!(shown.starts_with("HTTP/1.1 200") && shown.contains("__Host-tongbao-form="), "{shown}");
    assert!(shown.contains("strict-transport-security"), "{shown}");
    assert_eq!(over_tls(&site, &trusts[1]), "");
    // Plain HTTP gets nothing.
    assert_eq!(site.browser().get("/sign-in").code, 0);
    install(&second);
    assert!(over_tls(&site, &trusts[1]).starts_with("HTTP/1.1 200"));
    assert_eq!(over_tls(&site, &trusts[0]), "");
    std::fs::write(&chain, "no certificate").unwrap();
    assert!(over_tls(&site, &trusts[1]).starts_with("HTTP/1.1 200"));
}
