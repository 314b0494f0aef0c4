//! The console's pages in a browser, at the width of a telephone and of a desktop: nothing hangs over the edge, every
//! picture is drawn, every field has its label, every button is large enough, no text is too pale, nothing is asked of
//! another server, and no script fails. Without scripts the pages are there too.

use std::process::Command;

use serde_json::{Value, json};
use tongbao::access::role::Role;

use crate::first_bulletin::{form, lists, send, settled, upload};
use crate::support::site::{PASSWORD, Site, signed_off};

/// Pages by role; run 1 is a draft that waits.
const PAGES: [(&str, &[&str]); 5] = [
    (
        "leader",
        &["/", "/runs", "/runs/1", "/runs/1/pages", "/runs/1/sign", "/runs/1/compare", "/help", "/me"],
    ),
    (
        "clerk",
        &[
            "/",
            "/mails",
            "/mails/1",
            "/recipients",
            "/schedule",
            "/schedule/weekly/pause",
            "/requests",
            "/requests?report=weekly&from=2016-06-01&to=2016-06-12&record_only=",
            "/check-file?digest=0000000000000000000000000000000000000000000000000000000000000000",
            "/runs/1/mails/dead",
        ],
    ),
    ("unit", &["/", "/league", "/nothing/here"]),
    ("operator", &["/first", "/status", "/people", "/people/clerk", "/me/password", "/me/second-factor"]),
    ("auditor", &["/", "/audit", "/runs"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_usable_on_a_telephone_and_on_a_desktop() {
    let site = Site::new(signed_off).await;
    // One person looks at the columns of lists, another at the bulletin that was made of them.
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
    let visitor = |name: &str, paths: &[&str], script: bool| json!({ "name": name, "password": PASSWORD, "paths": paths, "script": script });
    let mut plan = vec![json!({ "paths": ["/sign-in"] })];
    plan.extend(PAGES.map(|(name, paths)| visitor(name, paths, true)));
    plan.push(visitor("leader", &["/", "/runs/1/sign"], false));
    plan.extend(["mapping", "made"].map(|name| visitor(name, &["/first", "/first?lang=en"], true)));
    let english: Vec<String> = PAGES[0].1.iter().map(|path| format!("{path}?lang=en")).collect();
    plan.push(visitor("leader", &english.iter().map(String::as_str).collect::<Vec<_>>(), true));
    let file = site.office.dir.path().join("plan.json");
    std::fs::write(&file, json!(plan).to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tongbao/support/pages.js");
    let base = format!("http://{}", site.door.address);
    let visited = tokio::task::spawn_blocking(move || {
        let mut node = Command::new("node");
        node.args([script, "/usr/bin/chromium", &base]).arg(&file);
        node.output().expect("node is there after: scripts/setup.sh test")
    });
    let visited = visited.await.unwrap();
    let (out, problem) = (String::from_utf8_lossy(&visited.stdout), String::from_utf8_lossy(&visited.stderr));
    assert!(visited.status.success(), "{problem}\n{out}");
    let pages: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected: usize = plan.iter().map(|visitor| visitor["paths"].as_array().unwrap().len()).sum();
    assert_eq!(pages.len(), 2 * expected, "{out}");
    let is_fine = |page: &&Value| page["wrong"] == json!({}) && page["noticed"] == json!([]);
    let wrong: Vec<&Value> = pages.iter().filter(|page| !is_fine(page)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
