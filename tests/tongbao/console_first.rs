//! The first bulletin in real browsers: files that are dropped onto the page, and the bar of a long pull.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tongbao::config::settings::ReportLanguage;
use tongbao::console::first::{Answers, Lists, MadeBulletin, Reporting, SeenLists, UploadReader, Working};
use tongbao::pipeline::Progress;
use tongbao_message::Message;

use crate::first_bulletin::upload;
use crate::office_exports::made;
use crate::support::chromium::{self, Chromium};
use crate::support::site::{PASSWORD, Site, signed_off};

/// Files that a clerk has exported are dropped onto the page; minutes later there is a bulletin and a configuration.
async fn journey(browser: Chromium) {
    let site = Site::new(signed_off).await;
    let drop = json!({
        "register": made().join("workbook/台账.xlsx"),
        "units": made().join("lists/单位.csv"),
        "roster": made().join("lists/名册.csv"),
    });
    let base = format!("http://{}", site.door.address);
    let plan = json!({ "base": base, "name": "clerk", "password": PASSWORD, "drop": drop });
    let steps = tokio::task::spawn_blocking(move || browser.runs("first.js", plan)).await.unwrap();
    let step =
        |name: &str| steps.iter().find(|line| line["step"] == name).unwrap_or_else(|| panic!("{steps:?}"));
    let taken: Vec<&str> = steps.iter().filter_map(|line| line["taken"].as_str()).collect();
    assert_eq!(taken.len(), 3);
    assert!(["台账.xlsx", "单位.csv", "名册.csv"].iter().all(|name| taken.contains(name)), "{taken:?}");
    assert!(step("mapping")["columns"].as_u64().unwrap() > 10, "{steps:?}");
    let result = step("made");
    assert!(
        result["text"].as_str().unwrap().contains("覆盖率") && result["pages"].as_u64().unwrap() > 2,
        "{result}"
    );
    assert!(step("written")["text"].as_str().unwrap().contains("名单已删除"), "{steps:?}");
    assert_eq!(step("end")["noticed"], json!([]));
    let folder = site.office.state().join("first-bulletin");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dropped_files_become_a_bulletin() {
    journey(chromium::current()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dropped_files_become_a_bulletin_in_the_oldest_browser() {
    if let Some(browser) = chromium::oldest() {
        journey(browser).await;
    }
}

/// Lists of a thousand records, whose pull goes on when it is let.
struct Slow(Arc<Semaphore>);

impl UploadReader for Slow {
    fn look(&self, _: PathBuf, _: ReportLanguage) -> Working<Arc<dyn Lists>> {
        let lists: Arc<dyn Lists> = Arc::new(Slow(self.0.clone()));
        Box::pin(async move { Ok(lists) })
    }
}

impl Lists for Slow {
    fn seen(&self, _: &Answers) -> Result<SeenLists, Message> {
        Ok(SeenLists::default())
    }

    fn make(&self, _: &Answers, _: Timestamp, mut progress: Reporting) -> Working<MadeBulletin> {
        let may_go_on = self.0.clone();
        Box::pin(async move {
            progress(Progress::Expected(Some(1000)));
            for read in [400, 350] {
                progress(Progress::Read(read));
                may_go_on.acquire().await.unwrap().forget();
            }
            let (configuration, findings) = (String::new(), Vec::new());
            Ok(MadeBulletin { configuration, findings, bulletin: Err("the pull is over".into()) })
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_pull_shows_how_far_it_has_come() {
    let mut site = Site::new(signed_off).await;
    let may_go_on = Arc::new(Semaphore::new(0));
    site.read_lists_by(Arc::new(Slow(may_go_on.clone()))).await;
    let mut clerk = site.signed_in("clerk");
    assert_eq!(upload(&mut clerk, &[("register", "x.csv", "a,b\n1,2\n".into())]).code, 303);
    let page = crate::first_bulletin::settled(&mut clerk);
    let fields = crate::first_bulletin::form(&page);
    assert_eq!(crate::first_bulletin::send(&mut clerk, &fields, "make").code, 303);
    let base = format!("http://{}", site.door.address);
    let plan = json!({ "base": base, "name": "clerk", "password": PASSWORD, "watch": true });
    let followed = tokio::task::spawn_blocking(move || {
        let mut lines: Vec<Value> = Vec::new();
        chromium::current().follows("first.js", plan, |line| {
            // The page has shown it; the pull may go on.
            if line["step"] == "bar" {
                may_go_on.add_permits(1);
            }
            lines.push(line);
        });
        lines
    });
    let lines = followed.await.unwrap();
    let bars: Vec<&Value> = lines.iter().filter(|line| line["step"] == "bar").collect();
    let shown: Vec<f64> = bars.iter().map(|line| line["value"].as_f64().unwrap()).collect();
    assert_eq!(shown, [400.0, 750.0], "{lines:?}");
    assert!(bars[0]["text"].as_str().unwrap().contains("400 / 1000"), "{lines:?}");
    // The bar has grown in the page that was there.
    assert!(bars.iter().all(|line| line["isSame"] == true), "{lines:?}");
    let over = lines.iter().find(|line| line["step"] == "over").unwrap();
    assert!(over["text"].as_str().unwrap().contains("the pull is over"), "{over}");
    assert_eq!(lines.last().unwrap()["noticed"], json!([]));
}
