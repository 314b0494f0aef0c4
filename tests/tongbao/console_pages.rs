//! The console's pages in real browsers, each page for each role that may open it, at the width of a telephone and of a
//! desktop: no rule of WCAG 2 A and AA is broken, nothing hangs over the edge, every picture is drawn, every button is
//! large enough, nothing is asked of another server, and no script fails. Without scripts the pages are there too.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tongbao::access::role::Role;
use tongbao::console::routes::routes;

use crate::first_bulletin::{form, lists, send, settled, upload};
use crate::support::chromium::{self, Chromium};
use crate::support::office::{self, Office, work};
use crate::support::setting;
use crate::support::site::{PASSWORD, Site, signed_off};

/// Routes whose answers are no pages.
const FILES: [&str; 8] = [
    "/static/{name}",
    "/runs/{id}/pages/{page}",
    "/runs/{id}/charts/{chart}",
    "/runs/{id}/documents/{digest}",
    "/units/{code}/charts/{chart}",
    "/units/{code}/files/{name}",
    "/first/pages/{page}",
    "/first/files/{name}",
];

/// What else a page shows when it is asked for something.
const ASKED: [(&str, &str); 10] = [
    ("/runs", "?report=weekly&state=waiting&year=2016"),
    ("/runs", "?report=weekly&state=rejected&year="),
    ("/league", "?report=weekly&kind=x"),
    ("/requests", "?report=weekly&from=2016-06-01&to=2016-06-12&record_only="),
    ("/requests", "?report=weekly&from=2016-06-12&to=2016-06-01&record_only="),
    ("/mails", "?state=dead"),
    ("/check-file", "?digest=x"),
    ("/check-file", "?digest=0000000000000000000000000000000000000000000000000000000000000000"),
    ("/units/{code}", "?run=2"),
    ("/audit", "?before=3"),
];

/// Who visits which pages of a site.
struct Visits {
    base: String,
    /// Put in front of the names of pictures.
    label: &'static str,
    visitors: Vec<Value>,
}

impl Visits {
    fn of(site: &Site, label: &'static str) -> Visits {
        Visits { base: format!("http://{}", site.door.address), label, visitors: Vec::new() }
    }

    fn add(&mut self, name: &str, paths: Vec<String>) {
        let (base, label) = (&self.base, self.label);
        let visitor =
            json!({ "base": base, "label": label, "name": name, "password": PASSWORD, "paths": paths });
        self.visitors.push(visitor);
    }

    fn add_without_scripts(&mut self, name: &str, paths: Vec<String>) {
        self.add(name, paths);
        if let Some(last) = self.visitors.last_mut() {
            last["script"] = json!(false);
            last["label"] = json!(format!("{}plain-", self.label));
        }
    }
}

/// Every page that a role may open, with something in its places; `asks`: also with what else it may be asked for.
fn pages_of(role: Role, asks: bool, fill: impl Fn(&str) -> String) -> Vec<String> {
    let mut paths = BTreeSet::new();
    for route in routes() {
        let is_page = route.method == "GET" && !FILES.contains(&route.path);
        if !is_page || !route.right.is_some_and(|right| role.may(right)) {
            continue;
        }
        paths.insert(fill(route.path));
        let asked = ASKED.iter().filter(|(path, _)| *path == route.path && asks);
        paths.extend(asked.map(|(path, query)| format!("{}{query}", fill(path))));
    }
    // What is not there, and what the role may not open.
    paths.extend(["/nothing/here".to_owned(), "/runs/999".to_owned()]);
    let refused = routes().into_iter().find(|route| route.right.is_some_and(|right| !role.may(right)));
    paths.extend(refused.map(|route| fill(route.path)));
    paths.into_iter().collect()
}

/// The same pages in English: the first address changes the language.
fn in_english(mut paths: Vec<String>) -> Vec<String> {
    for path in &mut paths {
        let sign = if path.contains('?') { '&' } else { '?' };
        *path = format!("{path}{sign}lang=en");
    }
    paths
}

/// A new office whose first draft waits, with lists that were dropped onto the page and a person who has not chosen a
/// password yet.
async fn new_office() -> (Site, Visits) {
    let site = Site::new(signed_off).await;
    for (name, is_made) in [("mapping", false), ("made", true)] {
        site.add(name, Role::Clerk).await;
        let mut clerk = site.signed_in(name);
        assert_eq!(upload(&mut clerk, &lists()).code, 303);
        let page = settled(&mut clerk);
        if is_made {
            assert_eq!(send(&mut clerk, &form(&page), "make").code, 303);
            settled(&mut clerk);
        }
    }
    let mut visits = Visits::of(&site, "new-");
    visits.visitors.push(json!({ "base": visits.base, "paths": ["/sign-in", "/sign-in?lang=en"] }));
    for name in ["mapping", "made"] {
        let paths = ["/first", "/first?step=mapping", "/first?lang=en", "/first?step=mapping"];
        visits.add(name, paths.map(str::to_owned).into());
    }
    let fill = |path: &str| crate::console::filled(path);
    for role in [Role::Leader, Role::Clerk, Role::Unit] {
        visits.add(role.key(), pages_of(role, false, fill));
    }
    visits.add_without_scripts("leader", pages_of(Role::Leader, false, fill));
    (site, visits)
}

/// A campaign in its third week: villages that have risen and fallen, mails that were refused or got lost, a slot that
/// was left out, and requests in every state. `speaks_english`: its pages are looked at in English too.
async fn campaign(speaks_english: bool) -> (Site, Visits) {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1500);
    let mut site = Site::on(Office::on(dir, &url, "2016-06-13T00:59:30Z", |text| text)).await;
    let register = site.office.dir.path().join("register.db");
    let worse = "UPDATE person SET marital_status = '', household_place = '' WHERE village_code LIKE '%3' AND id % 2 = 0;
                 UPDATE person SET ethnicity = '汉' WHERE village_code LIKE '%7'";
    office::execute(&register, worse);
    site.office.refuse("deputy@example.test", Some(office::unknown()));
    site.office.refuse("office@example.test", Some(office::lost()));
    site.office.hand.advance(SignedDuration::from_hours(7 * 24));
    work(&mut site.daemon).await;
    assert_eq!(site.office.runs().await.len(), 2);
    let mut clerk = site.signed_in("clerk");
    let ask = |clerk: &mut crate::support::browser::Browser, from: &str| {
        let fields = [("report", "weekly"), ("from", from), ("to", "2016-06-12"), ("record_only", "")];
        assert_eq!(clerk.post("/requests", &fields).code, 303);
    };
    ask(&mut clerk, "2016-06-01");
    ask(&mut clerk, "2016-06-02");
    assert_eq!(clerk.post("/requests/2/withdraw", &[]).code, 303);
    work(&mut site.daemon).await;
    assert_eq!(clerk.post("/schedule/weekly/pause", &[]).code, 303);
    site.office.hand.advance(SignedDuration::from_hours(7 * 24));
    work(&mut site.daemon).await;
    // One that nobody has taken up yet.
    ask(&mut site.signed_in("clerk"), "2016-06-03");
    // It had no records in the first week.
    let reason = site.signed_in("unit").get("/").text();
    assert!(reason.contains("登记记录由0条增至") && !reason.contains("由—"), "{reason}");
    let mails = site.office.deliveries().await;
    let dead = mails.iter().find(|mail| mail.state.key() == "dead").unwrap().id;
    let issued = site.store().await.document_rows(2).await.unwrap()[0].sha256.clone();
    let mut visits = Visits::of(&site, "week-");
    for role in Role::ALL {
        let fill = |path: &str| {
            let path = path.replace("/mails/{id}", &format!("/mails/{dead}"));
            // The draft that was asked for is signed; all else is of the second week.
            let path = path.replace("/runs/{id}/sign", "/runs/3/sign").replace("/runs/{id}", "/runs/2");
            crate::console::filled(&path)
        };
        let mut paths = pages_of(role, role == Role::Clerk, fill);
        if role == Role::Clerk {
            paths.extend(["/requests/2", "/requests/3", "/mails?run=2", "/runs/3"].map(str::to_owned));
        }
        if role == Role::Unit {
            paths.push(format!("/check-file?digest={issued}"));
        }
        visits.add(role.key(), paths.clone());
        if speaks_english {
            visits.label = "week-en-";
            visits.add(role.key(), in_english(paths));
            // English takes more room: what fits a telephone fits a desktop.
            if let Some(last) = visits.visitors.last_mut() {
                last["widths"] = json!([360]);
            }
            visits.label = "week-";
        }
    }
    (site, visits)
}

/// Everything that is wrong with the pages of both sites in a browser. `is_current`: English and the rules of WCAG are
/// looked at too; these read what is written and drawn, which is the same in every browser.
async fn swept(browser: Chromium, is_current: bool) -> Vec<Value> {
    let ((_one, new), (_other, week)) = (new_office().await, campaign(is_current).await);
    let visitors = [new.visitors, week.visitors].concat();
    let visits = |visitor: &Value| {
        visitor["widths"].as_array().map_or(2, Vec::len) * visitor["paths"].as_array().unwrap().len()
    };
    let expected: usize = visitors.iter().map(visits).sum();
    let pictures = std::env::var("TONGBAO_PICTURES").ok();
    let axe = is_current.then(chromium::axe);
    let plan = json!({ "axe": axe, "widths": [360, 1280], "pictures": pictures, "visitors": visitors });
    let pages = tokio::task::spawn_blocking(move || browser.runs("sweep.js", plan)).await.unwrap();
    assert_eq!(pages.len(), expected);
    let is_fine = |page: &Value| page["wrong"] == json!({}) && page["noticed"] == json!([]);
    pages.into_iter().filter(|page| !is_fine(page)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_usable_on_a_telephone_and_on_a_desktop() {
    let wrong = swept(chromium::current(), true).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_usable_in_the_oldest_browser() {
    let Some(browser) = chromium::oldest() else { return };
    let wrong = swept(browser, false).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}
