//! The first bulletin in the browser: from exported files to figures, pages and a configuration, without a value of the
//! lists on a page or a byte of them on a disk.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tongbao::access::role::Role;

use crate::office_exports::{figures, made, truth};
use crate::support::browser::{Answer, Browser, value_of};
use crate::support::site::{Site, signed_off};

/// A part of an upload, the name of a file, and its bytes.
pub type List = (&'static str, &'static str, Vec<u8>);

pub fn lists() -> Vec<List> {
    let read = |name: &str| std::fs::read(made().join("named").join(name)).unwrap();
    vec![
        ("register", "人口信息.csv", read("人口信息.csv")),
        ("units", "单位.csv", read("单位.csv")),
        ("roster", "比对名册.csv", read("比对名册.csv")),
    ]
}

pub fn upload(browser: &mut Browser, lists: &[List]) -> Answer {
    let token = browser.get("/first").token();
    browser.upload("/first", &[("token", &token)], lists)
}

/// The page of the first bulletin, once nothing is under way any more.
pub fn settled(browser: &mut Browser) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = browser.get("/first");
        assert_eq!(answer.code, 200, "{}", answer.text());
        if !answer.text().contains("data-watch") {
            return answer.text();
        }
        assert!(Instant::now() < end, "{}", answer.text());
        std::thread::yield_now();
    }
}

/// Every field of a form as a browser would send it, by name.
pub fn form(page: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for part in page.split("<select id=\"").skip(1) {
        let (name, rest) = part.split_once('"').unwrap();
        let options = rest.split("</select>").next().unwrap();
        let chosen = options.split("<option value=\"").find(|option| option.contains(" selected"));
        let value = chosen.map_or("", |option| option.split('"').next().unwrap());
        out.push((name.to_owned(), value.to_owned()));
    }
    for name in ["token", "id", "name", "issuer", "from", "to"] {
        out.push((name.to_owned(), value_of(page, name).unwrap()));
    }
    out
}

pub fn send(browser: &mut Browser, fields: &[(String, String)], what: &str) -> Answer {
    let token = fields.iter().find(|(name, _)| name == "token").unwrap().1.clone();
    let others = fields.iter().filter(|(name, _)| name != "token");
    let mut fields: Vec<(&str, &str)> = others.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("do", what));
    browser.post_with("/first/mapping", &token, &fields)
}

/// Texts of the register that no page and no file may hold.
fn persons() -> Vec<String> {
    let text = std::fs::read_to_string(made().join("named/人口信息.csv")).unwrap();
    let mut out = Vec::new();
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        out.extend([columns[2], columns[6], columns[4]].map(str::to_owned));
    }
    // A name of two characters may be a word.
    out.retain(|text| text.chars().count() >= 3);
    assert!(out.len() > 300);
    out
}

fn holds_persons(text: &str) -> Option<String> {
    persons().into_iter().find(|person| text.contains(person))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => out.extend(files(&path)),
            false => out.push(path),
        }
    }
    out
}

/// Lists of a name that this process holds in memory.
fn held(name: &str) -> Vec<PathBuf> {
    let own = format!("tongbao-lists-{}-", std::process::id());
    let all = std::fs::read_dir("/dev/shm").unwrap().map(|entry| entry.unwrap());
    let all = all.filter(|entry| entry.file_name().to_string_lossy().starts_with(&own));
    all.map(|entry| entry.path().join("roster").join(name)).filter(|path| path.exists()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exported_files_become_a_bulletin_and_a_configuration() {
    let site = Site::new(signed_off).await;
    let mut clerk = site.signed_in("clerk");
    let answer = upload(&mut clerk, &lists());
    assert_eq!((answer.code, answer.header("location")), (303, Some("/first")), "{}", answer.text());
    let mapping = settled(&mut clerk);
    for shown in ["人口信息", "比对名册", "公民身份号码", "户籍所在地", "所属村居", "确定"]
    {
        assert!(mapping.contains(shown), "{shown}: {mapping}");
    }
    assert_eq!(holds_persons(&mapping), None);
    let answer = send(&mut clerk, &form(&mapping), "make");
    assert_eq!((answer.code, answer.header("location")), (303, Some("/first")), "{}", answer.text());
    let result = settled(&mut clerk);
    assert!(result.contains("送审稿") && result.contains("覆盖率"), "{result}");
    assert_eq!(holds_persons(&result), None);
    let page = clerk.get("/first/pages/1.svg");
    assert_eq!((page.code, page.header("content-type")), (200, Some("image/svg+xml")));
    assert!(clerk.get("/first/files/bulletin.pdf").bytes.starts_with(b"%PDF"));
    for odd in
        ["/first/pages/0.svg", "/first/pages/99.svg", "/first/files/register.csv", "/first/files/..%2fx"]
    {
        assert_eq!(clerk.get(odd).code, 404, "{odd}");
    }

    // The configuration gives the true figures once the exports stand next to it.
    let configuration = clerk.get("/first/files/tongbao.toml").bytes;
    let office = tempfile::tempdir().unwrap();
    std::fs::write(office.path().join("tongbao.toml"), &configuration).unwrap();
    for (part, name, bytes) in lists() {
        std::fs::create_dir(office.path().join(part)).unwrap();
        std::fs::write(office.path().join(part).join(name), bytes).unwrap();
    }
    assert_eq!(figures(office.path()), truth(), "{}", String::from_utf8_lossy(&configuration));

    // Another person sees nothing of it; what is on disk holds nobody.
    let mut operator = site.signed_in("operator");
    assert!(operator.get("/first").text().contains("data-upload"));
    assert_eq!(operator.get("/first/pages/1.svg").code, 404);
    assert_eq!(operator.get("/first/files/tongbao.toml").code, 404);
    for path in files(&site.office.state()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert_eq!(holds_persons(&text), None, "{}", path.display());
    }

    // Written, the lists are gone and the result is still there; the mapping is not.
    let answer = clerk.post("/first/finish", &[("id", &value_of(&result, "id").unwrap())]);
    assert_eq!(answer.code, 303, "{}", answer.text());
    let written = files(&site.office.state().join("first-bulletin"));
    assert_eq!(std::fs::read(&written[0]).unwrap(), configuration);
    let after = clerk.get("/first?step=mapping").text();
    assert!(after.contains("名单已删除") && after.contains("/first/pages/1.svg"), "{after}");
    assert_eq!(send(&mut clerk, &form(&mapping), "make").code, 409);
    let entries = site.store().await.list_audit(None).await.unwrap().rows;
    let of_upload: Vec<(&str, &str)> = entries
        .iter()
        .filter(|entry| entry.subject.starts_with("upload "))
        .map(|entry| (entry.what.as_str(), entry.who.as_str()))
        .collect();
    let by = "console/clerk";
    assert_eq!(of_upload, [("delete_upload", by), ("configure", by), ("upload", by)]);
    assert!(site.store().await.verification(None, site.office.now()).await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_person_corrects_what_a_column_is_taken_for() {
    let site = Site::new(signed_off).await;
    let mut clerk = site.signed_in("clerk");
    assert_eq!(upload(&mut clerk, &lists()).code, 303);
    let mapping = settled(&mut clerk);
    let set = |fields: &mut Vec<(String, String)>, name: &str, value: &str| {
        fields.iter_mut().find(|(known, _)| known == name).unwrap().1 = value.to_owned();
    };
    // Without the column of units nothing can be made, and the page says why.
    let mut fields = form(&mapping);
    let unit = fields.iter().find(|(name, _)| name == "column.0.unit").unwrap().1.clone();
    set(&mut fields, "column.0.unit", "");
    set(&mut fields, "name", "试编");
    let answer = send(&mut clerk, &fields, "make");
    assert_eq!(answer.code, 422, "{}", answer.text());
    let shown = clerk.get("/first?step=mapping").text();
    assert!(
        shown.contains("value=\"试编\"") && shown.contains("登记数据中没有写明所属单位的列；请选择该列"),
        "{shown}"
    );
    // Put back, and sex said to be nowhere: every record lacks it then.
    let mut fields = form(&shown);
    set(&mut fields, "column.0.unit", &unit);
    set(&mut fields, "column.0.sex", "");
    assert_eq!(send(&mut clerk, &fields, "make").code, 303);
    let result = settled(&mut clerk);
    assert!(result.contains("条记录中都是空的"), "{result}");
    let text = clerk.get("/first/files/tongbao.toml").text();
    assert!(text.contains("name = \"试编\"") && text.contains("\nsex = \"\""), "{text}");
    // A register that is none.
    assert_eq!(upload(&mut clerk, &[("register", "x.csv", "甲,乙\n1,2\n".into())]).code, 303);
    let page = settled(&mut clerk);
    assert!(page.contains("没有像登记数据的名单"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uploads_are_bounded_and_end_in_time() {
    let site = Site::new(signed_off).await;
    let before = site.dump();
    let mut clerk = site.signed_in("clerk");
    let token = clerk.get("/first").token();
    let list = |part: &'static str| (part, "x.csv", b"a,b\n1,2\n".to_vec());
    // A form from elsewhere, one without its token in front, one without a register, one with a strange part.
    type Fields<'a> = &'a [(&'a str, &'a str)];
    let odd: [(Fields, List, u16); 4] = [
        (&[("token", "0")], list("register"), 403),
        (&[], list("register"), 403),
        (&[("token", &token)], list("units"), 422),
        (&[("token", &token)], list("passwd"), 400),
    ];
    for (fields, list, code) in odd {
        assert_eq!(clerk.upload("/first", fields, &[list]).code, code);
    }
    let many: Vec<List> = (0..101).map(|_| list("register")).collect();
    assert_eq!(clerk.upload("/first", &[("token", &token)], &many).code, 413);
    let large = ("register", "x.csv", vec![b'x'; (64 << 20) + 1]);
    assert_eq!(clerk.upload("/first", &[("token", &token)], &[large]).code, 413);
    assert_eq!(clerk.upload("/me/password", &[("token", &token)], &[list("register")]).code, 400);
    assert_eq!(site.dump(), before, "nothing was taken");

    // Three people at once, and a fourth who waits; an own upload takes the place of the one before.
    for name in ["b", "c", "d"] {
        site.add(name, Role::Clerk).await;
    }
    // Other tests of this process hold lists too.
    let mut lists = lists();
    lists[2].1 = "bounded.csv";
    assert_eq!(upload(&mut clerk, &lists).code, 303);
    assert_eq!(upload(&mut clerk, &lists).code, 303);
    for (name, code) in [("b", 303), ("c", 303), ("d", 409)] {
        assert_eq!(upload(&mut site.signed_in(name), &lists).code, code, "{name}");
    }
    assert_eq!(held(lists[2].1).len(), 3);
    settled(&mut clerk);
    // After an hour all are gone, no matter who asks first.
    site.office.hand.advance(SignedDuration::from_mins(61));
    let mut later = site.signed_in("operator");
    assert!(later.get("/first").text().contains("data-upload"));
    assert!(site.signed_in("clerk").get("/first").text().contains("data-upload"));
    assert_eq!(held(lists[2].1), Vec::<PathBuf>::new());
    let entries = site.store().await.list_audit(None).await.unwrap().rows;
    let count = |what: &str| entries.iter().filter(|entry| entry.what == what).count();
    assert_eq!((count("upload"), count("delete_upload")), (4, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_of_houses_becomes_a_bulletin_of_houses() {
    let dir = tempfile::tempdir().unwrap();
    crate::other_registers::exports(dir.path());
    let read = |name: &str| std::fs::read(dir.path().join("lists").join(name)).unwrap();
    let lists: Vec<List> = vec![
        ("register", "出租房屋登记.csv", read("出租房屋登记.csv")),
        ("units", "单位表.csv", read("单位表.csv")),
        ("roster", "比对底册.csv", read("比对底册.csv")),
    ];
    let site = Site::new(signed_off).await;
    let mut clerk = site.signed_in("clerk");
    assert_eq!(upload(&mut clerk, &lists).code, 303);
    let mut fields = form(&settled(&mut clerk));
    fields.iter_mut().find(|(name, _)| name == "preset").unwrap().1 = "house".to_owned();
    assert_eq!(send(&mut clerk, &fields, "look").code, 303);
    let mapping = settled(&mut clerk);
    for shown in ["房屋编码", "房东姓名", "建筑面积", "起租日期", "<option value=\"house\" selected>"]
    {
        assert!(mapping.contains(shown), "{shown}: {mapping}");
    }
    assert!(!mapping.contains("婚姻状况") && !mapping.contains("张伟"), "{mapping}");
    let fields = form(&mapping);
    let column = |name: &str| fields.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    assert_eq!(
        (column("column.0.house_code"), column("column.2.house_code")),
        (Some("2"), Some("1")),
        "{fields:?}"
    );
    assert_eq!(send(&mut clerk, &fields, "make").code, 303);
    let made = settled(&mut clerk);
    assert!(made.contains("覆盖率") && made.contains("白水村"), "{made}");
    assert!(!made.contains("张伟") && !made.contains("和平路"), "{made}");
    // An odd choice is refused, and nothing is lost.
    let mut odd = fields.clone();
    odd.iter_mut().find(|(name, _)| name == "preset").unwrap().1 = "patients".to_owned();
    assert_eq!(send(&mut clerk, &odd, "look").code, 422);
}
