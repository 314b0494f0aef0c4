//! The console over HTTP: signing in, decisions, mails, and what every answer carries.

use jiff::SignedDuration;
use tongbao::access::role::Role;
use tongbao::console::routes::routes;

use crate::support::browser::{Answer, Browser, sent, value_of};
use crate::support::office::{self, work};
use crate::support::site::{PASSWORD, Site, signed_off};

/// The only run of a site: a draft that waits, where the office signs off.
const RUN: i64 = 1;

/// A path of a route with something in its places.
pub fn filled(path: &str) -> String {
    let path =
        path.replace("/schedule/{name}", "/schedule/weekly").replace("/people/{name}", "/people/clerk");
    path.replace("{id}", &RUN.to_string())
        .replace("{page}", "1.svg")
        .replace("/files/{name}", "/files/page.pdf")
        .replace("{chart}", "trend.svg")
        .replace("{digest}", &"0".repeat(64))
        .replace("{code}", "440118001001")
        .replace("{name}", "console.css")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_gets_in_without_signing_in() {
    let site = Site::new(signed_off).await;
    for route in routes() {
        let (path, mut browser) = (filled(route.path), site.browser());
        let answer = match route.method {
            "GET" => browser.get(&path),
            _ => browser.post_raw(&path, "token=x"),
        };
        match (route.right, route.method) {
            (Some(_), _) => assert_eq!(answer.code, 401, "{} {path}", route.method),
            (None, "GET") => assert!([200, 404].contains(&answer.code), "{path}: {}", answer.code),
            (None, _) => assert_eq!(answer.code, 403, "{path}"),
        }
        // A page that asks somebody to sign in shows nothing of what it protects.
        assert!(!answer.text().contains("荔城第"), "{path}");
    }
    assert_eq!(site.browser().get("/nothing/here").code, 404);
}

/// Every route for every role is as the one table says, for pages and for actions.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_table_of_rights_decides_every_route() {
    let site = Site::new(signed_off).await;
    let refused = "您的角色没有这项权限";
    for role in Role::ALL {
        let mut browser = site.signed_in(role.key());
        let token = browser.get("/me").token();
        for route in routes() {
            // Signing out ends what the others need.
            let Some(right) = route.right.filter(|_| route.path != "/sign-out") else { continue };
            let path = filled(route.path);
            let answer = match route.method {
                "GET" => browser.get(&path),
                // Refused by what it lacks, if the role may do it at all: nothing changes.
                _ => browser.post_with(&path, &token, &[("unknown", "1")]),
            };
            let is_refused = answer.code == 403 && answer.text().contains(refused);
            assert_eq!(is_refused, !role.may(right), "{role:?} {} {path}: {}", route.method, answer.code);
            assert!(answer.code < 500, "{role:?} {} {path}: {}", route.method, answer.text());
        }
    }
    let runs = site.office.runs().await;
    assert!(runs.iter().all(|run| run.state.key() == "held"), "{runs:?}");
}

/// A draft is there for those alone who may read drafts; for all others it is as if there were none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn drafts_are_hidden_from_those_who_may_not_read_them() {
    let site = Site::new(signed_off).await;
    let digest = site.store().await.document_rows(RUN).await.unwrap()[0].sha256.clone();
    let paths = [
        format!("/runs/{RUN}"),
        format!("/runs/{RUN}/pages"),
        format!("/runs/{RUN}/pages/1.svg"),
        format!("/runs/{RUN}/charts/trend.svg"),
        format!("/runs/{RUN}/documents/{digest}"),
        format!("/league?run={RUN}"),
    ];
    for (role, code) in [("leader", 200), ("clerk", 200), ("unit", 404), ("operator", 404), ("auditor", 404)]
    {
        let mut browser = site.signed_in(role);
        let shown = |answer: &Answer| answer.text().split("<main").nth(1).map(str::to_owned);
        let missing = shown(&browser.get("/runs/999"));
        for path in &paths {
            let answer = browser.get(path);
            assert_eq!(answer.code, code, "{role} {path}");
            // Nobody learns whether there is something.
            assert!(code == 200 || shown(&answer) == missing, "{role} {path}");
        }
        assert_eq!(browser.get("/runs").text().contains(&format!("/runs/{RUN}\"")), code == 200, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_are_found_by_what_a_run_lists_and_by_nothing_else() {
    let site = Site::new(signed_off).await;
    let mut browser = site.signed_in("leader");
    let mail = site.office.deliveries().await[0].sha256.clone();
    for odd in ["..", "..%2f..%2ftongbao.db", "%2e%2e%2ftongbao.db", "0", &mail, &"a".repeat(64)] {
        let answer = browser.get(&format!("/runs/{RUN}/documents/{odd}"));
        assert_eq!(answer.code, 404, "{odd}");
    }
    for odd in ["0.svg", "99.svg", "-1.svg", "x.svg", "1", "1.png"] {
        assert_eq!(browser.get(&format!("/runs/{RUN}/pages/{odd}")).code, 404, "{odd}");
    }
    for odd in ["/runs/x", "/runs/99999999999999999999", "/runs/1/charts/nothing.svg", "/mails/0"] {
        let code = browser.get(odd).code;
        assert!([400, 403, 404].contains(&code), "{odd}: {code}");
    }
}

/// A form that did not come from a page of the session changes nothing, no matter who sends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forms_from_elsewhere_change_nothing() {
    let site = Site::new(signed_off).await;
    let before = site.dump();
    let other = site.signed_in("leader").get("/me").token();
    for role in Role::ALL {
        let mut browser = site.signed_in(role.key());
        let own = browser.get("/me").token();
        assert!(own.len() == 64 && own != other);
        for route in routes().into_iter().filter(|route| route.method == "POST") {
            let path = filled(route.path);
            let mut codes =
                vec![browser.post_raw(&path, "").code, browser.post_with(&path, &other, &[]).code];
            for header in
                [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.test"), ("Origin", "null")]
            {
                browser.headers = vec![(header.0.to_owned(), header.1.to_owned())];
                codes.push(browser.post_with(&path, &own, &[]).code);
            }
            browser.headers.clear();
            assert!(codes.iter().all(|code| *code == 403), "{role:?} {path}: {codes:?}");
        }
        assert_eq!(browser.get("/me").code, 200, "{role:?} is still signed in");
    }
    assert_eq!(site.dump(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn odd_forms_are_refused_whole() {
    let site = Site::new(signed_off).await;
    let before = site.dump();
    let mut browser = site.signed_in("operator");
    let token = browser.get("/me").token();
    let add = "/people";
    let twice = format!("token={token}&name=a&name=b&role=clerk&unit=&password=");
    let role = |role: &str| format!("token={token}&name=eve&role={role}&unit=&password=");
    let long = format!("token={token}&name={}&role=clerk&unit=&password=", "x".repeat(5000));
    for body in
        [twice, role("root"), role("operator&admin=1"), role("unit"), long, format!("token={token}&%00=1")]
    {
        let code = browser.post_raw(add, &body).code;
        assert!([400, 422].contains(&code), "{code}: {}", &body[..body.len().min(120)]);
    }
    assert_eq!(browser.post_raw(add, &format!("token={token}&name={}", "x".repeat(70_000))).code, 413);
    for name in ["a/b", "a b", "<img src=x>", "a%0d%0aSet-Cookie: x", ""] {
        let fields = [("name", name), ("role", "clerk"), ("unit", ""), ("password", "")];
        assert_eq!(browser.post_with(add, &token, &fields).code, 422, "{name}");
    }
    assert_eq!(site.dump(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guessers_learn_nothing_and_wait() {
    let site = Site::new(signed_off).await;
    site.store().await.disable_person("auditor", true, site.office.now()).await.unwrap();
    let mut browser = site.browser();
    let shown = |answer: &Answer, name: &str| {
        let token = answer.token();
        answer.text().replace(name, "NAME").replace(&token, "TOKEN")
    };
    let wrong = browser.sign_in("leader", "wrong");
    let unknown = browser.sign_in("nobody", "wrong");
    let disabled = browser.sign_in("auditor", PASSWORD);
    assert_eq!([wrong.code, unknown.code, disabled.code], [401; 3]);
    assert_eq!(shown(&wrong, "leader"), shown(&unknown, "nobody"));
    assert_eq!(shown(&wrong, "leader"), shown(&disabled, "auditor"));
    for _ in 0..4 {
        assert_eq!(browser.sign_in("leader", "wrong").code, 401);
    }
    // The right password does not help any more, until a minute has passed; the clerk is not concerned.
    assert_eq!(browser.sign_in("leader", PASSWORD).code, 429);
    assert_eq!(site.browser().sign_in("clerk", PASSWORD).code, 303);
    site.office.hand.advance(SignedDuration::from_secs(61));
    assert_eq!(browser.sign_in("leader", PASSWORD).code, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_end_in_time_and_on_demand() {
    let site = Site::new(signed_off).await;
    let code = |browser: &mut Browser| browser.get("/me").code;
    let (mut one, mut two) = (site.signed_in("clerk"), site.signed_in("clerk"));
    // A cookie that somebody was given before is worth nothing, nor is another's form.
    let mut fixed = site.browser();
    fixed.cookies.insert("tongbao".into(), "a".repeat(64));
    assert_eq!(code(&mut fixed), 401);
    assert_eq!(fixed.sign_in("clerk", PASSWORD).code, 303);
    assert!(fixed.cookies["tongbao"] != "a".repeat(64));
    one.post("/me/sessions/end", &[]);
    assert_eq!((code(&mut one), code(&mut two), code(&mut fixed)), (200, 401, 401));
    let old = one.clone();
    assert_eq!(one.post("/sign-out", &[]).code, 303);
    assert_eq!(code(&mut old.clone()), 401, "a copied cookie ends with its session");
    // Idle for too long; and after the longest time however busy.
    let mut idle = site.signed_in("clerk");
    site.office.hand.advance(SignedDuration::from_mins(31));
    assert_eq!(code(&mut idle), 401);
    let mut busy = site.signed_in("clerk");
    for minutes in (0..12 * 60).step_by(20) {
        assert_eq!(code(&mut busy), 200, "after {minutes} minutes");
        site.office.hand.advance(SignedDuration::from_mins(20));
    }
    assert_eq!(code(&mut busy), 401);
    // Disabling ends them at once.
    let mut clerk = site.signed_in("clerk");
    let answer = site.signed_in("operator").post("/people/clerk/disable", &[("password", "")]);
    assert_eq!(answer.code, 303, "{}", answer.text());
    assert_eq!((code(&mut clerk), clerk.sign_in("clerk", PASSWORD).code), (401, 401));
    // Nothing that opens a session is in the database.
    let held = format!("{:?}", site.dump());
    assert!(!held.contains(&busy.cookies["tongbao"]) && !held.contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_one_time_password_opens_nothing_but_the_choice_of_another() {
    let site = Site::new(signed_off).await;
    let mut operator = site.signed_in("operator");
    let fields = [("name", "王晓明"), ("role", "clerk"), ("unit", ""), ("password", "")];
    let added = operator.post("/people", &fields);
    let page = added.text();
    let one_time = page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!((added.code, one_time.len()), (200, 19));
    let mut browser = site.browser();
    assert_eq!(browser.sign_in("王晓明", &one_time).header("location"), Some("/me/password"));
    for path in ["/", "/runs", "/mails"] {
        let answer = browser.get(path);
        let is_own = path == "/";
        assert!(is_own || answer.header("location") == Some("/me/password"), "{path}: {}", answer.code);
    }
    let set =
        |old: &str, new: &str| [("old", old.to_owned()), ("new", new.to_owned()), ("again", new.to_owned())];
    let mut choose = |old: &str, new: &str| {
        let fields = set(old, new);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/me/password", &fields).code
    };
    assert_eq!(choose(&one_time, "short"), 422);
    assert_eq!(choose(&one_time, "password123456"), 422);
    assert_eq!(choose("wrong", "three blind mice run"), 422);
    assert_eq!(choose(&one_time, "three blind mice run"), 303);
    assert_eq!(browser.get("/mails").code, 200);
    assert_eq!(site.browser().sign_in("王晓明", &one_time).code, 401, "it is used up");
    // One that nobody has used in a day is worth nothing.
    let page = site.signed_in("operator").post("/people/clerk/reset", &[("password", "")]).text();
    let late = page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    site.office.hand.advance(SignedDuration::from_hours(25));
    assert_eq!(site.browser().sign_in("clerk", &late).code, 401);
    // All of it is in the audit log, which is sound.
    let store = site.store().await;
    assert_eq!(store.verification(None, site.office.now()).await.unwrap().problems, []);
    let log = store.audit().await.unwrap();
    let is_logged =
        |what: &str| log.iter().any(|entry| entry.what == what && entry.who == "console/operator");
    assert!(is_logged("add_person") && is_logged("change_person"));
    office::execute(
        &site.office.state().join("tongbao.db"),
        "UPDATE person SET role = 'operator' WHERE name = 'unit'",
    );
    let found = store.verification(None, site.office.now()).await.unwrap();
    assert_eq!(found.problems[0].text, "person unit has been changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_leader_signs_the_pages_that_were_shown() {
    // The summary comes before the document, by its name.
    let edit = |text: String| {
        let text = text.replace("name = \"2016年", "name = \"黄埔区2016年");
        signed_off(text).replacen(
            "[reports.weekly]\n",
            "[reports.weekly]\nattach = [\"summary\", \"pdf\"]\n",
            1,
        )
    };
    let mut site = Site::new(edit).await;
    let mut leader = site.signed_in("leader");
    assert!(leader.get("/").text().contains(&format!("/runs/{RUN}/sign")));
    let pages = leader.get(&format!("/runs/{RUN}/pages")).text();
    assert!(pages.contains("逐字节一致") && pages.contains("/pages/2.svg"), "{pages}");
    let drawn = leader.get(&format!("/runs/{RUN}/pages/1.svg"));
    assert_eq!(drawn.header("content-type"), Some("image/svg+xml"));
    assert!(
        drawn.bytes.starts_with(b"<svg")
            && drawn.header("content-security-policy").unwrap().ends_with("sandbox")
    );
    let form = leader.get(&format!("/runs/{RUN}/sign"));
    let digest = value_of(&form.text(), "digest").unwrap();
    let approve = format!("/runs/{RUN}/approve");
    // Another draft than the one that was shown, or no password when it was given long ago: nothing happens.
    assert_eq!(leader.post(&approve, &[("digest", &"0".repeat(64))]).code, 409);
    site.office.hand.advance(SignedDuration::from_mins(16));
    assert_eq!(leader.post(&approve, &[("digest", &digest)]).code, 422);
    assert_eq!(leader.post(&approve, &[("digest", &digest), ("password", "wrong")]).code, 422);
    assert_eq!(site.office.runs().await[0].state.key(), "held");
    let old = leader.cookies["tongbao"].clone();
    // What is refused after the password was right does not end the session.
    let odd = leader.post(&approve, &[("digest", &digest), ("password", PASSWORD), ("number", "x")]);
    assert_eq!(odd.code, 422, "{}", odd.text());
    assert_eq!(leader.get("/").code, 200);
    let signed = leader.post(&approve, &[("digest", &digest)]);
    assert_eq!(signed.code, 303, "{}", signed.text());
    assert!(leader.cookies["tongbao"] != old, "the password gives another cookie");
    let run = site.office.runs().await.remove(0);
    assert_eq!((run.state.key(), run.decided_by.as_deref()), ("approved", Some("leader")));
    work(&mut site.daemon).await;
    let reports = site.office.deliveries().await.into_iter().filter(|mail| mail.kind.key() == "report");
    assert!(reports.clone().count() == 3 && reports.into_iter().all(|mail| mail.state.key() == "sent"));
    // The page is that of the issued document now, and a second decision comes too late.
    assert!(leader.get(&format!("/runs/{RUN}/pages")).text().contains("归档的正式文件"));
    let late = leader.post(&approve, &[("digest", &digest)]);
    assert!(late.code == 409 && late.text().contains("leader"), "{}", late.text());
    let log = site.store().await.audit().await.unwrap();
    assert!(log.iter().any(|entry| entry.what == "approve" && entry.who == "console/leader"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rejected_draft_goes_to_nobody() {
    let mut site = Site::new(signed_off).await;
    let mut leader = site.signed_in("leader");
    let digest = value_of(&leader.get(&format!("/runs/{RUN}/sign")).text(), "digest").unwrap();
    let reject = format!("/runs/{RUN}/reject");
    assert_eq!(leader.post(&reject, &[("digest", &digest), ("why", "  ")]).code, 422);
    let why = "<script>alert(1)</script> 三联村的数字要再核对";
    assert_eq!(leader.post(&reject, &[("digest", &digest), ("why", why)]).code, 303);
    work(&mut site.daemon).await;
    assert!(site.office.deliveries().await.iter().all(|mail| mail.kind.key() != "report"));
    let page = site.signed_in("clerk").get(&format!("/runs/{RUN}")).text();
    assert!(page.contains("三联村的数字要再核对") && !page.contains("<script>alert"), "{page}");
}

/// Two leaders at one moment: one decides, the other is told who has.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_leaders_one_decides() {
    let mut site = Site::new(signed_off).await;
    site.add("second", Role::Leader).await;
    // Both have the draft before them.
    let leaders = ["leader", "second"].map(|name| {
        let mut browser = site.signed_in(name);
        let digest = value_of(&browser.get(&format!("/runs/{RUN}/sign")).text(), "digest").unwrap();
        (browser, digest)
    });
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let leaders = leaders.map(|(mut browser, digest)| {
            scope.spawn(move || browser.post(&format!("/runs/{RUN}/approve"), &[("digest", &digest)]))
        });
        leaders.into_iter().map(|leader| leader.join().unwrap()).collect()
    });
    let mut codes: Vec<u16> = answers.iter().map(|answer| answer.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [303, 409]);
    work(&mut site.daemon).await;
    assert_eq!(site.office.deliveries().await.iter().filter(|mail| mail.kind.key() == "report").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_clerk_follows_every_mail() {
    let mut site = Site::new(|text| text).await;
    site.office.refuse("deputy@example.test", Some(office::unknown()));
    site.office.refuse("office@example.test", Some(office::lost()));
    // The run of nine has been sent before; its mails are made to leave once more, and two of them fail.
    let store = site.store().await;
    for mail in site.office.deliveries().await {
        if mail.state.key() == "sent" {
            let sql = format!("UPDATE outbox SET state = 'cancelled' WHERE id = {}", mail.id);
            office::execute(&site.office.state().join("tongbao.db"), &sql);
            store.retry_delivery(mail.id, site.office.now()).await.unwrap();
        }
    }
    work(&mut site.daemon).await;
    let of = |mails: Vec<tongbao::store::outbox::Delivery>, state: &str| {
        mails
            .into_iter()
            .find(|mail| mail.state.key() == state && mail.kind.key() == "report")
            .map(|mail| mail.id)
    };
    let dead = of(site.office.deliveries().await, "dead").unwrap();
    let unclear = of(site.office.deliveries().await, "uncertain").unwrap();
    let mut clerk = site.signed_in("clerk");
    let home = clerk.get("/").text();
    assert!(home.contains("1 封邮件被拒收") && home.contains("封邮件结果不明"), "{home}");
    let page = clerk.get(&format!("/mails/{dead}")).text();
    assert!(page.contains("550") && page.contains("deputy@example.test"), "{page}");
    assert!(clerk.get(&format!("/mails/{unclear}")).text().contains("可能已经送达"));
    assert_eq!(clerk.post(&format!("/mails/{unclear}/cancel"), &[("why", "电话确认已收到")]).code, 303);
    site.office.refuse("deputy@example.test", None);
    assert!(clerk.get("/runs/1/mails/dead").text().contains("deputy@example.test"));
    assert_eq!(clerk.post("/runs/1/mails/dead", &[]).code, 303);
    work(&mut site.daemon).await;
    assert_eq!(store.delivery(dead).await.unwrap().state.key(), "sent");
    assert_eq!(store.delivery(unclear).await.unwrap().state.key(), "cancelled");
    // What has been sent for certain is not sent again.
    assert_eq!(clerk.post(&format!("/mails/{dead}/retry"), &[]).code, 409);
    assert_eq!(clerk.post("/schedule/weekly/pause", &[]).code, 303);
    assert!(clerk.get("/schedule").text().contains(" clerk。"));
    assert_eq!(clerk.post("/schedule/weekly/resume", &[]).code, 303);
    assert_eq!(clerk.post("/schedule/nothing/pause", &[]).code, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_carries_its_headers_and_no_persons() {
    let site = Site::new(|text| text).await;
    let ids = persons(&format!("sqlite:{}", site.office.dir.path().join("register.db").display()));
    assert!(ids.len() > 5, "{}", ids.len());
    for role in Role::ALL {
        let mut browser = site.signed_in(role.key());
        for route in routes().into_iter().filter(|route| route.method == "GET") {
            let path = filled(route.path);
            let answer = browser.get(&path);
            let header =
                |name: &str| answer.header(name).unwrap_or_else(|| panic!("{path}: {name}")).to_owned();
            let policy = header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
                "{path}: {policy}"
            );
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "same-origin");
            assert_eq!(header("x-frame-options"), "DENY");
            assert!(header("cache-control") == "no-store" || path.starts_with("/static/"), "{path}");
            assert!(
                answer.header("access-control-allow-origin").is_none() && answer.header("server").is_none()
            );
            let text = answer.text();
            for odd in [" style=", " onclick=", " onload=", " onerror=", "<style", "<script>", "javascript:"]
            {
                assert!(!text.contains(odd), "{path}: {odd}");
            }
            assert!(!ids.iter().any(|id| text.contains(id)), "{role:?} {path} shows a person");
        }
    }
}

/// ID numbers and names of a register.
fn persons(url: &str) -> std::collections::BTreeSet<String> {
    use sqlx::{Connection, Row};
    let url = url.to_owned();
    std::thread::spawn(move || {
        let read = async move {
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            let sql = "SELECT id_number FROM person WHERE length(id_number) > 10";
            sqlx::query(sql).fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect()
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(read)
    })
    .join()
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_hosts_and_odd_requests_are_refused() {
    let site = Site::new(|text| text).await;
    let mut browser = site.browser();
    browser.host = "evil.test".into();
    let answer = browser.get("/sign-in");
    assert_eq!(answer.code, 421);
    assert!(!answer.text().contains("evil"));
    let ask = |text: &str| {
        let text = text.replace("HOST", &site.door.address.to_string());
        sent(site.door.address, text.as_bytes()).code
    };
    assert_eq!(ask("TRACE /sign-in HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"), 405);
    assert_eq!(ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 421);
    let both = "POST /sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    assert!(ask(&format!("{both}0\r\n\r\n")) >= 400);
    let lengths = "POST /sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabcdef";
    assert_eq!(ask(lengths), 400);
    // A forwarded address that no proxy of the office has written does not dodge the throttle.
    for number in 0..6 {
        browser = site.browser();
        browser.headers = vec![("X-Forwarded-For".into(), format!("203.0.113.{number}"))];
        browser.sign_in("leader", "wrong");
    }
    assert_eq!(browser.sign_in("leader", PASSWORD).code, 429);
}

/// Behind https, cookies are for this host alone, and browsers come back by https.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_https_cookies_are_secure() {
    let edit = |text: String| {
        format!(
            "{text}\n[console]\nurl = \"https://tongbao.example.test\"\n[console.proxy]\nnetworks = [\"127.0.0.1\"]\n"
        )
    };
    let site = Site::new(edit).await;
    let mut browser = site.browser();
    browser.host = "tongbao.example.test".into();
    browser.headers = vec![("X-Forwarded-For".into(), "198.51.100.7, 203.0.113.9".into())];
    let answer = browser.sign_in("clerk", PASSWORD);
    let cookie =
        answer.headers.iter().find(|(name, value)| name == "set-cookie" && value.contains("__Host-tongbao="));
    let cookie = &cookie.unwrap().1;
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
    // The proxy has seen the last address; what stands before it anybody may have written.
    let page = browser.get("/me").text();
    assert!(page.contains("203.0.113.9") && !page.contains("198.51.100.7"), "{page}");
}

/// Names with tags in them stay names, wherever they are shown.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tags_in_names_are_text() {
    let evil = "\"><img src=x onerror=alert(1)>";
    let edit = |text: String| {
        text.replace("领导小组副组长", "副组长<img src=x onerror=alert(1)>")
            .replace("荔城街道办事处\"", "办事处<img src=x onerror=alert(1)>\"")
    };
    let site = Site::new(edit).await;
    let sql = format!("UPDATE unit SET name = name || '{}'", evil.replace('\'', "''"));
    office::execute(&site.office.dir.path().join("register.db"), &sql);
    let mut clerk = site.signed_in("clerk");
    for route in routes().into_iter().filter(|route| route.method == "GET") {
        let path = filled(route.path);
        assert!(!clerk.get(&path).text().contains("<img src=x"), "{path}");
        assert!(
            !clerk
                .get(&format!("{path}?lang=en&x={}", "%22%3E%3Cimg%20src=x%3E"))
                .text()
                .contains("<img src=x")
        );
    }
    let next = site.browser().get("/sign-in?next=%22%3E%3Cimg%20src=x%3E").text();
    assert!(!next.contains("<img src=x"));
    let away = site.browser().get("/sign-in?next=//evil.test").text();
    assert_eq!(value_of(&away, "next").as_deref(), Some("/"));
}

/// Clients that never finish asking make room for those that do.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slow_clients_do_not_keep_others_out() {
    let mut site = Site::new(|text| text).await;
    let mut leader = site.signed_in("leader");
    let mut slow = Vec::new();
    for _ in 0..500 {
        use std::io::Write;
        let mut stream = std::net::TcpStream::connect(site.door.address).unwrap();
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ");
        slow.push(stream);
    }
    for _ in 0..20 {
        assert_eq!(leader.get("/runs").code, 200);
    }
    // The daemon's loop goes on: the report of the next week is made and sent.
    site.office.hand.advance(SignedDuration::from_hours(7 * 24));
    work(&mut site.daemon).await;
    assert_eq!(site.office.runs().await.len(), 2);
    assert!(site.office.deliveries().await.iter().all(|mail| mail.state.key() == "sent"));
    assert_eq!(slow.len(), 500);
}

/// What is asked for becomes a frozen draft, once, and goes out only after somebody else has signed it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_becomes_a_draft_that_a_leader_releases() {
    let edit = |text: String| format!("{text}\n[console]\nfour_eyes = true\n");
    let mut site = Site::new(edit).await;
    let mut clerk = site.signed_in("clerk");
    let asked = "report=weekly&from=2016-06-01&to=2016-06-12&record_only=";
    let confirm = clerk.get(&format!("/requests?{asked}")).text();
    assert!(confirm.contains("6月1日") && confirm.contains("3 个收件人"), "{confirm}");
    for (from, to) in
        [("2016-06-12", "2016-06-01"), ("2016-06-01", "2016-06-30"), ("2011-01-01", "2011-01-02"), ("x", "y")]
    {
        let answer =
            clerk.post("/requests", &[("report", "weekly"), ("from", from), ("to", to), ("record_only", "")]);
        assert_eq!(answer.code, 422, "{from} {to}: {}", answer.text());
    }
    let fields = [("report", "weekly"), ("from", "2016-06-01"), ("to", "2016-06-12"), ("record_only", "")];
    assert_eq!(clerk.post("/requests", &fields).header("location"), Some("/requests/1"));
    let waits = clerk.get("/requests/1").text();
    assert!(
        waits.contains("等待处理")
            && waits.contains("data-watch")
            && waits.contains("http-equiv=\"refresh\"")
    );
    let mails = site.office.deliveries().await.len();
    work(&mut site.daemon).await;
    let page = clerk.get("/requests/1").text();
    assert!(
        page.contains("已编成送审稿") && page.contains("/runs/2\"") && !page.contains("data-watch"),
        "{page}"
    );
    let run = site.office.runs().await.remove(1);
    assert_eq!((run.state.key(), run.from.as_str(), run.slot), ("held", "2016-06-01", None));
    assert_eq!(site.office.deliveries().await.len(), mails, "nobody is mailed before it is signed off");
    assert_eq!(clerk.post("/requests/1/withdraw", &[]).code, 409);
    let mut leader = site.signed_in("leader");
    let digest = value_of(&leader.get("/runs/2/sign").text(), "digest").unwrap();
    let signed = leader.post("/runs/2/approve", &[("digest", &digest)]);
    assert_eq!(signed.code, 303, "{}", signed.text());
    work(&mut site.daemon).await;
    let sent = site
        .office
        .deliveries()
        .await
        .into_iter()
        .filter(|mail| mail.run == Some(2) && mail.state.key() == "sent");
    assert_eq!(sent.count(), 3);
    assert_eq!(site.store().await.verification(None, site.office.now()).await.unwrap().problems, []);
    // One that is withdrawn in time is never made; one of a foreign report is refused.
    assert_eq!(clerk.post("/requests", &fields).code, 303);
    assert_eq!(clerk.post("/requests/2/withdraw", &[]).code, 303);
    work(&mut site.daemon).await;
    assert_eq!(site.office.runs().await.len(), 2);
    let unknown = [("report", "nothing"), ("from", "2016-06-01"), ("to", "2016-06-12"), ("record_only", "")];
    assert_eq!(clerk.post("/requests", &unknown).code, 404);
}

/// The person who asked for a run does not sign it off, where the office wants two persons.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_signs_off_what_they_have_asked_for() {
    let edit = |text: String| format!("{text}\n[console]\nfour_eyes = true\n");
    let mut site = Site::new(edit).await;
    let fields = [("report", "weekly"), ("from", "2016-06-01"), ("to", "2016-06-12"), ("record_only", "1")];
    assert_eq!(site.signed_in("clerk").post("/requests", &fields).code, 303);
    work(&mut site.daemon).await;
    // The clerk has become the leader since.
    let sql = "UPDATE request SET asked_by = 'console/leader'";
    office::execute(&site.office.state().join("tongbao.db"), sql);
    let mut leader = site.signed_in("leader");
    let page = leader.get("/runs/2/sign").text();
    assert!(page.contains("双人原则") && !page.contains("/approve"), "{page}");
    let digest = site.store().await.document_rows(2).await.unwrap();
    let digest =
        digest.iter().find(|document| document.content_type == "application/pdf").unwrap().sha256.clone();
    assert_eq!(leader.post("/runs/2/approve", &[("digest", &digest)]).code, 409);
    assert_eq!(site.office.runs().await[1].state.key(), "held");
}

/// A daemon that has lost the lease while it fills a request records nothing; the next one fills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_is_filled_once_whoever_dies() {
    use tongbao::pipeline::Request;
    use tongbao::store::requests::{NewRequest, RequestClaim};
    let mut site = Site::new(|text| text).await;
    let (store, now) = (site.store().await, site.office.now());
    let new = NewRequest { report: "weekly", from: "2016-06-01", to: "2016-06-12", record_only: false };
    let id = store.ask_for_run(&new, now).await.unwrap();
    let token = site.daemon.token().unwrap();
    assert_eq!(store.take_request(token, now).await.unwrap().unwrap().id, id);
    assert_eq!(store.take_request(token, now).await.unwrap(), None, "it is under way");
    // That daemon is gone, and another has taken over, when the run is recorded.
    office::execute(
        &site.office.state().join("tongbao.db"),
        "UPDATE lease SET token = token + 1, expires_at = 0",
    );
    let request = Request {
        report: "weekly".into(),
        from: Some("2016-06-01".parse().unwrap()),
        to: Some("2016-06-12".parse().unwrap()),
        hold: Some("asked for".into()),
        asked: Some(RequestClaim { id, token }),
        ..Request::default()
    };
    let late = site.office.engine().run(Some(&store), &request, now, |_| {}).await;
    assert!(late.is_err(), "{late:?}");
    assert_eq!(site.office.runs().await.len(), 1);
    site.office.hand.advance(SignedDuration::from_mins(5));
    work(&mut site.daemon).await;
    let request = store.request(id).await.unwrap();
    assert_eq!((request.state.key(), request.run), ("done", Some(2)), "{request:?}");
    assert_eq!(site.office.runs().await.len(), 2);
}

/// A unit has its own page and its own list, and nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_unit_gets_its_own_list_alone() {
    let mut site = Site::new(|text| text).await;
    let register = site.office.dir.path().join("register.db");
    let blank = "UPDATE person SET village_code = '440118001001', ethnicity = ''
                 WHERE id IN (SELECT id FROM person ORDER BY registered_at LIMIT 3)";
    office::execute(&register, blank);
    // The list is kept of units that somebody answers for when the run is made.
    let fields = [("report", "weekly"), ("from", "2016-06-01"), ("to", "2016-06-12"), ("record_only", "")];
    assert_eq!(site.signed_in("clerk").post("/requests", &fields).code, 303);
    work(&mut site.daemon).await;
    let mut leader = site.signed_in("leader");
    let digest = value_of(&leader.get("/runs/2/sign").text(), "digest").unwrap();
    assert_eq!(leader.post("/runs/2/approve", &[("digest", &digest)]).code, 303);
    let snapshot = site.store().await.snapshot(2).await.unwrap();
    let codes: Vec<String> = snapshot.units.list().iter().map(|unit| unit.code.clone()).collect();
    let own = site.unit.clone();
    let foreign = codes.iter().find(|code| **code != own).unwrap().clone();
    assert!(codes.contains(&own), "{codes:?}");
    let mut unit = site.signed_in("unit");
    let home = unit.get("/").text();
    let link = format!("/units/{own}/files/corrections.xlsx");
    assert!(home.contains("各项指标") && home.contains(&link), "{home}");
    // The first run was made before anybody answered for the unit.
    let first = unit.get(&format!("/units/{own}?run=1")).text();
    assert!(first.contains("没有本单位的差错清单") && !first.contains(&link), "{first}");
    let list = unit.get(&format!("/units/{own}/files/corrections.xlsx?run=2"));
    assert!(list.code == 200 && list.bytes.starts_with(b"PK"), "{}", list.text());
    assert!(unit.get(&format!("/units/{own}/files/page.pdf?run=2")).bytes.starts_with(b"%PDF"));
    for name in ["corrections.xlsx", "page.pdf", "x"] {
        assert_eq!(unit.get(&format!("/units/{foreign}/files/{name}?run=2")).code, 404, "{name}");
    }
    assert_eq!(unit.get(&format!("/units/{own}/files/..%2f..%2ftongbao.db?run=2")).code, 404);
    // Others see the unit's figures, not its list.
    for role in ["leader", "clerk", "operator", "auditor"] {
        let mut browser = site.signed_in(role);
        assert_eq!(browser.get(&format!("/units/{own}?run=2")).code, 200, "{role}");
        assert_eq!(browser.get(&format!("/units/{own}/files/corrections.xlsx?run=2")).code, 403, "{role}");
    }
    assert!(unit.get(&format!("/units/{foreign}?run=2")).text().contains("各项指标"));
    assert!(unit.get(&format!("/units/{own}/charts/trend.svg?run=2")).bytes.starts_with(b"<svg"));
    assert!(unit.get("/runs/2/compare").code == 200);
    // A file is ours by its digest alone.
    let issued = site.store().await.document_rows(2).await.unwrap();
    let issued = issued.iter().find(|document| !document.draft).unwrap().sha256.clone();
    assert!(unit.get(&format!("/check-file?digest={issued}")).text().contains("逐字节一致"));
    assert!(
        unit.get(&format!("/check-file?digest={digest}")).text().contains("没有印发过"),
        "a draft is not shown to a unit"
    );
    assert!(unit.get(&format!("/check-file?digest={}", "0".repeat(64))).text().contains("没有印发过"));
}

/// Units that may see no more than their own page see no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn units_may_be_kept_to_their_own_page() {
    let site = Site::new(|text| format!("{text}\n[console]\nunits_see = \"own\"\n")).await;
    let snapshot = site.store().await.snapshot(1).await.unwrap();
    let foreign =
        snapshot.units.list().iter().map(|unit| &unit.code).find(|code| **code != site.unit).unwrap().clone();
    let digest = site.store().await.document_rows(1).await.unwrap()[0].sha256.clone();
    let mut unit = site.signed_in("unit");
    for path in [
        "/runs".to_owned(),
        "/league".to_owned(),
        "/runs/1".to_owned(),
        "/runs/1/pages".to_owned(),
        "/runs/1/compare".to_owned(),
        format!("/runs/1/documents/{digest}"),
        format!("/units/{foreign}"),
        format!("/units/{foreign}/charts/trend.svg"),
    ] {
        assert_eq!(unit.get(&path).code, 404, "{path}");
    }
    assert!(!unit.get(&format!("/check-file?digest={digest}")).text().contains("逐字节一致"));
    assert_eq!(unit.get(&format!("/units/{}", site.unit)).code, 200);
    assert!(unit.get("/").text().contains("各项指标"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_unit_without_points_is_shown_with_the_reason() {
    let site = Site::new(|text| text).await;
    let mut clerk = site.signed_in("clerk");
    for path in ["/league".to_owned(), format!("/units/{}", site.unit)] {
        let page = clerk.get(&path).text();
        assert!(page.contains(">没有登记记录<"), "{path}: {page}");
    }
}

/// The code that an app shows for a secret in hexadecimal.
fn code(secret: &str, at: jiff::Timestamp) -> String {
    let bytes: Vec<u8> =
        (0..20).map(|i| u8::from_str_radix(&secret[2 * i..2 * i + 2], 16).unwrap()).collect();
    let bytes: [u8; 20] = bytes.try_into().unwrap();
    let totp = totp_rs::Builder::new().with_secret(bytes).build().unwrap();
    totp.generate(at.as_second() as u64).to_string()
}

/// A role that needs a second factor opens nothing before it is set up, and each code opens one session.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_factor_is_asked_for_and_used_once() {
    let site = Site::new(|text| format!("{text}\n[console]\nsecond_factor = [\"operator\"]\n")).await;
    let mut operator = site.signed_in("operator");
    for path in ["/", "/people", "/status", "/help"] {
        let to = operator.get(path).header("location").map(str::to_owned);
        assert!([Some("/me/second-factor"), Some("/")].contains(&to.as_deref()), "{path}: {to:?}");
    }
    let page = operator.get("/me/second-factor");
    let (secret, token) = (value_of(&page.text(), "secret").unwrap(), page.token());
    let mut set = |code: &str, password: &str| {
        let fields = [("secret", secret.as_str()), ("code", code), ("password", password)];
        operator.post_with("/me/second-factor", &token, &fields).code
    };
    let now = || site.office.now();
    assert_eq!(set("000000", PASSWORD), 422);
    assert_eq!(set(&code(&secret, now()), "wrong"), 422);
    assert_eq!(set(&code(&secret, now()), PASSWORD), 303);
    assert_eq!(operator.get("/status").code, 200);
    let sign_in = |code: &str| {
        let mut browser = site.browser();
        let token = browser.get("/sign-in").token();
        let fields = [("name", "operator"), ("password", PASSWORD), ("next", "/"), ("code", code)];
        browser.post_with("/sign-in", &token, &fields).code
    };
    // Neither without a code, nor with the one that was used to set it up, nor with one of long ago.
    assert_eq!(sign_in(""), 401);
    assert_eq!(sign_in(&code(&secret, now())), 401);
    let old = code(&secret, now());
    site.office.hand.advance(SignedDuration::from_mins(3));
    assert_eq!(sign_in(&old), 401);
    assert_eq!(sign_in(&code(&secret, now())), 303);
    assert_eq!(sign_in(&code(&secret, now())), 401, "a code opens one session");
    // It is in no answer and in the database of this office alone; roles without it are not asked.
    assert!(!site.signed_in("auditor").get("/people/operator").text().contains(&secret));
    assert_eq!(site.signed_in("clerk").get("/").code, 200);
    assert_eq!(site.store().await.verification(None, now()).await.unwrap().problems, []);
}
