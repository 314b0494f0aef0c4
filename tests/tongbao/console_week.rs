//! A whole week on a telephone, by what people see and press: the draft is read and signed with a number, a mail that
//! was refused is sent again, a village fetches its list, a range is asked for, and a fall in rank is explained.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::browser::value_of;
use crate::support::chromium;
use crate::support::office::{self, Office, work};
use crate::support::setting;
use crate::support::site::{PASSWORD, Site};

/// A story that people live through on the pages of a site; its steps with what came of them.
async fn followed(site: &Site, name: &str, story: Value) -> Vec<Value> {
    let base = format!("http://{}", site.door.address);
    let pictures = std::env::var("TONGBAO_PICTURES").ok();
    let plan =
        json!({ "base": base, "password": PASSWORD, "name": name, "pictures": pictures, "story": story });
    let steps = tokio::task::spawn_blocking(|| chromium::current().runs("story.js", plan)).await.unwrap();
    assert!(steps.iter().all(|step| step["noticed"] == json!([])), "{steps:#?}");
    steps
}

/// An office whose weekly bulletin carries a document number; the one of the first week is out.
async fn second_week() -> Site {
    let official = |text: String| {
        text.replacen("kind = \"bulletin\"", "kind = \"bulletin\"\nsign_off = true\nhead = \"official\"", 1)
    };
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 1500);
    let mut site = Site::on(Office::on(dir, &url, "2016-06-13T00:59:30Z", official)).await;
    let mut leader = site.signed_in("leader");
    let digest = value_of(&leader.get("/runs/1/sign").text(), "digest").unwrap();
    let signed = leader.post("/runs/1/approve", &[("digest", &digest), ("number", "荔街〔2016〕60号")]);
    assert_eq!(signed.code, 303, "{}", signed.text());
    work(&mut site.daemon).await;
    // Records of some villages get worse.
    let register = site.office.dir.path().join("register.db");
    office::execute(
        &register,
        "UPDATE person SET marital_status = '' WHERE village_code LIKE '%3';
         UPDATE person SET ethnicity = '' WHERE id IN (SELECT min(id) FROM person WHERE village_code = '440118001001')",
    );
    site.office.refuse("deputy@example.test", Some(office::unknown()));
    site.office.hand.advance(SignedDuration::from_hours(7 * 24));
    work(&mut site.daemon).await;
    site
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_week_is_followed_on_a_telephone() {
    let mut site = second_week().await;
    let signs = json!([
        { "as": "leader" },
        { "see": "待签发" },
        { "press": "看全文" },
        { "see": "逐字节一致" },
        { "press": "签发或退回" },
        { "fill": { "number": "荔街〔2016〕61号" } },
        { "press": "确认签发" },
        { "see": "荔街〔2016〕61号" },
        { "see": "等待发送" },
    ]);
    followed(&site, "sign", signs).await;
    work(&mut site.daemon).await;
    let sends_again = json!([
        { "as": "clerk" },
        { "see": "1 封邮件被拒收" },
        { "press": "逐封处理" },
        { "press": "处理" },
        { "see": "550" },
        { "press": "再次发送" },
        { "see": "等待发送" },
    ]);
    followed(&site, "again", sends_again).await;
    site.office.refuse("deputy@example.test", None);
    work(&mut site.daemon).await;
    let asks = json!([
        { "as": "clerk" },
        { "menu": "通报" },
        { "press": "进度通报" },
        { "see": "荔街〔2016〕61号" },
        { "press": "逐封查看" },
        { "see": "deputy@example.test" },
        { "menu": "申请" },
        { "fill": { "from": "2016-06-01", "to": "2016-06-12" } },
        { "press": "下一步：核对" },
        { "see": "6月1日至6月12日" },
        { "press": "确认申请" },
        { "see": "等待处理" },
    ]);
    followed(&site, "ask", asks).await;
    let mails = site.office.deliveries().await;
    let reports = mails.iter().filter(|mail| mail.kind.key() == "report" && mail.run == Some(2));
    assert!(reports.clone().count() == 3 && reports.into_iter().all(|mail| mail.state.key() == "sent"));
    work(&mut site.daemon).await;
    let rest = json!([
        { "as": "unit" },
        { "see": "荔街〔2016〕61号" },
        { "see": "综合得分" },
        { "fetch": "下载差错清单" },
        { "as": "leader" },
        { "see": "依申请编制" },
        { "menu": "通报" },
        { "press": "进度通报" },
        { "menu": "排名" },
        { "press": "荔街〔2016〕61号" },
        { "press": "升降原因" },
        { "see": "▼" },
        { "see": "完整率由" },
    ]);
    let steps = followed(&site, "rest", rest).await;
    let list = steps.iter().find(|step| step["fetch"].is_string()).unwrap();
    assert_eq!(list["result"]["status"], 200, "{list}");
    assert!(list["result"]["kind"].as_str().unwrap().contains("spreadsheet"), "{list}");
}
