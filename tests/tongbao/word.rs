//! The document for Word and WPS, as python-docx reads it, beside the PDF of the same run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use jiff::civil::date;
use serde_json::{Value, json};
use tongbao::config;
use tongbao::config::settings::Settings;
use tongbao::pipeline::{Engine, Request};
use tongbao::store::runs::StoredFile;

use crate::support::office::{Office, execute, pdf_text};
use crate::support::setting;
use crate::support::smtp::read_mail;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tongbao/support/read_word.py");
const NOW: &str = "2016-07-01T01:00:00Z";

/// The demo's configuration, with the document for Word attached.
fn with_word(text: String) -> String {
    text.replace("\nkind = \"", "\nattach = [\"pdf\", \"docx\"]\nkind = \"")
}

fn settings(dir: &Path, edit: impl Fn(String) -> String) -> Settings {
    let url = format!("sqlite:{}", dir.join("register.db").display());
    if !dir.join("register.db").exists() {
        setting::sample(dir, 2_000);
    }
    let text = edit(with_word(setting::configuration(&url, dir)));
    config::parse("test.toml", &text, &BTreeMap::new()).unwrap().settings
}

/// PDF and Word document of a report.
fn documents(settings: Settings, report: &str, number: Option<&str>) -> (Vec<u8>, Vec<u8>) {
    let engine = Engine::new(settings).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = Request {
        report: report.into(),
        from: Some(date(2016, 5, 25)),
        to: Some(date(2016, 6, 30)),
        number: number.map(str::to_owned),
        dry_run: true,
        ..Request::default()
    };
    let outcome = runtime.block_on(engine.run(None, &request, NOW.parse().unwrap(), |_| {})).unwrap();
    (bytes(&outcome.documents, ".pdf"), bytes(&outcome.documents, ".docx"))
}

fn bytes(files: &[StoredFile], ending: &str) -> Vec<u8> {
    let file = files.iter().find(|file| file.name.ends_with(ending));
    file.unwrap_or_else(|| panic!("no {ending}")).bytes.clone()
}

/// What python-docx finds in a document.
fn read(docx: &[u8]) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("document.docx");
    std::fs::write(&path, docx).unwrap();
    let output = Command::new("/usr/bin/python3").arg(SCRIPT).arg(&path).output().unwrap();
    assert!(
        output.status.success(),
        "{}; run: scripts/setup.sh test",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The text of a PDF without its page numbers, which stand between the lines of a paragraph.
fn printed(pdf: &[u8]) -> String {
    let mut text = pdf_text(pdf);
    for page in 1..100 {
        text = text.replace(&format!("—{page}—"), "");
    }
    text
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Texts of the paragraphs of a style.
fn of_style<'a>(word: &'a Value, style: &str) -> Vec<&'a str> {
    array(&word["paragraphs"]).iter().filter(|p| p["style"] == style).map(|p| text(&p["text"])).collect()
}

const NUMBERS: [(&str, &str); 3] = [("weekly", "3"), ("ranking", "60"), ("acceptance", "61")];

#[test]
fn headings_text_and_tables_are_those_of_the_pdf() {
    let dir = tempfile::tempdir().unwrap();
    for (report, number) in NUMBERS {
        let (pdf, docx) = documents(settings(dir.path(), |text| text), report, Some(number));
        let (printed, word) = (printed(&pdf), read(&docx));
        let headings: Vec<&str> = array(&word["headings"]).iter().map(|h| text(&h["text"])).collect();
        assert!(headings.len() > 3 && headings[0].starts_with("一、"), "{headings:?}");
        for heading in headings {
            assert!(printed.contains(&without_blanks(heading)), "{report}: {heading}");
        }
        for paragraph in of_style(&word, "Body Text") {
            assert!(printed.contains(&without_blanks(paragraph)), "{report}: {paragraph}");
        }
        let mut rows = 0;
        for table in array(&word["tables"]) {
            for row in array(table).iter().skip(1) {
                let cells: Vec<&str> = array(&row["cells"]).iter().map(text).collect();
                // A cell that is wrapped has its lines between those of others in the PDF's text.
                if cells.iter().any(|cell| cell.chars().count() > 12) {
                    continue;
                }
                let line = without_blanks(&cells.concat());
                assert!(printed.contains(&line), "{report}: {cells:?}");
                rows += 1;
            }
        }
        assert!(rows > 37, "{report}: {rows}");
    }
}

#[test]
fn figures_change_with_the_register_in_both() {
    let dir = tempfile::tempdir().unwrap();
    let figure = |dir: &Path| {
        let word = read(&documents(settings(dir, |text| text), "ranking", Some("60")).1);
        array(&word["tables"])[0].to_string()
    };
    let before = figure(dir.path());
    execute(&dir.path().join("register.db"), "UPDATE person SET ethnicity = NULL WHERE id % 3 = 0");
    assert_ne!(before, figure(dir.path()));
}

/// GB/T 9704-2012: type area, 22 lines, fonts, red head, numbers outside, 版记.
#[test]
fn the_page_is_the_official_one() {
    let dir = tempfile::tempdir().unwrap();
    let word = read(&documents(settings(dir.path(), |text| text), "ranking", Some("60")).1);
    for section in array(&word["sections"]) {
        assert_eq!(section["mm"], json!([210.0, 297.0, 37.0, 26.0, 35.0, 28.0]));
        let pitch: f64 = text(&section["grid"]).parse().unwrap();
        assert_eq!((225.0 / 25.4 * 1440.0 / pitch).floor(), 22.0);
        assert_eq!(
            (&section["odd"], &section["even"]),
            (&json!([["—  PAGE 1 —", 2]]), &json!([["—  PAGE 1 —", 0]]))
        );
        assert_eq!(section["header"], json!([]), "no mark of a draft");
    }
    assert_eq!(word["even_and_odd"], true);
    for (style, font, points) in [
        ("发文机关标志", "方正小标宋简体", 16.0),
        ("Title", "方正小标宋简体", 22.0),
        ("Heading 1", "黑体", 16.0),
        ("Heading 2", "楷体_GB2312", 16.0),
        ("Heading 3", "仿宋_GB2312", 16.0),
        ("Body Text", "仿宋_GB2312", 16.0),
        ("附件标识", "黑体", 16.0),
        ("版记", "仿宋_GB2312", 14.0),
        ("Footer", "宋体", 14.0),
    ] {
        let found = &word["styles"][style];
        assert_eq!((text(&found["font"]), found["points"].as_f64().unwrap()), (font, points), "{style}");
    }
    assert_eq!(of_style(&word, "发文机关标志"), ["荔城街道办事处文件"]);
    assert_eq!(of_style(&word, "发文字号"), ["荔街〔2016〕60号"]);
    assert_eq!(of_style(&word, "Salutation"), ["各村、社区，各有关部门："]);
    assert_eq!(of_style(&word, "Signature"), ["荔城街道办事处"]);
    assert_eq!(of_style(&word, "Date"), ["2016年7月1日"]);
    let labels = of_style(&word, "附件标识");
    assert_eq!(of_style(&word, "附件标题").len(), labels.len());
    assert_eq!(labels.first(), Some(&"附件1"));
    let framed = array(&word["framed"]).iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>();
    assert_eq!(framed, ["抄送：专项活动领导小组组长、副组长、成员。", "荔城街道办事处\t2016年7月1日印发"]);
}

#[test]
fn tables_repeat_their_heads_and_divide_no_row() {
    let dir = tempfile::tempdir().unwrap();
    let word = read(&documents(settings(dir.path(), |text| text), "weekly", Some("3")).1);
    let tables = array(&word["tables"]);
    assert!(tables.len() >= 4);
    for table in tables {
        let rows = array(table);
        let repeated: Vec<bool> = rows.iter().map(|row| row["repeated"].as_bool().unwrap()).collect();
        assert!(repeated[0] && repeated[1..].iter().all(|is_head| !is_head));
        assert!(rows.iter().all(|row| row["whole"] == true));
        for row in rows {
            for (cell, is_unwrapped) in array(&row["cells"]).iter().zip(array(&row["unwrapped"])) {
                let is_number = text(cell).parse::<f64>().is_ok() || text(cell).ends_with('%');
                assert!(!is_number || is_unwrapped == true, "{row}");
            }
            let minus = array(&row["cells"]).iter().filter(|cell| text(cell).starts_with('-')).count();
            assert_eq!(row["hyphens"], minus, "{row}");
        }
        // The last row has company, and the head never stands alone.
        assert!(rows[0]["keeps"] == true && rows[rows.len() - 2]["keeps"] == true);
    }
    // The small lines of coverage are pictures, one a unit.
    let lines: u64 = tables
        .iter()
        .flat_map(array)
        .flat_map(|row| array(&row["pictures"]))
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(lines, 38, "with that of all together");
    let pictures = array(&word["pictures"]);
    let charts: Vec<&Value> = pictures.iter().filter(|p| p["mm"][0].as_f64().unwrap() == 156.0).collect();
    assert_eq!(charts.len(), 1);
    assert_eq!(charts[0]["description"], "三项指标变化（按登记日期计算）");
}

#[test]
fn the_same_input_gives_the_same_bytes_and_names_no_person() {
    let dir = tempfile::tempdir().unwrap();
    let docx = || documents(settings(dir.path(), |text| text), "weekly", Some("3")).1;
    let first = docx();
    assert_eq!(first, docx());
    let word = read(&first);
    assert_eq!(word["times"], json!([[1980, 1, 1, 0, 0, 0]]));
    let properties = &word["properties"];
    assert_eq!(properties["author"], "荔城街道办事处");
    assert_eq!(properties["last_modified_by"], "荔城街道办事处");
    assert_eq!(properties["subject"], "第3期");
    assert!(text(&properties["title"]).contains("进度通报"));
    assert!(text(&properties["created"]).starts_with("2016-07-01 01:00:00"));
}

/// Every mark of the head, a turned table, a draft, 版记 of a long issuer.
#[test]
fn what_an_office_may_configure_is_there_too() {
    let dir = tempfile::tempdir().unwrap();
    let templates = dir.path().join("templates/acceptance");
    std::fs::create_dir_all(&templates).unwrap();
    let template = include_str!("../../report_templates/acceptance/document.md.tera");
    let turned = template.replace("字段缺失情况表\n\n```", "字段缺失情况表 {.turned}\n\n```");
    assert_ne!(template, turned);
    std::fs::write(templates.join("document.md.tera"), turned).unwrap();
    let edit = |text: String| {
        let marks = "kind = \"acceptance\"\nform = \"report\"\nsigner = \"王某某\"\nsecrecy = \"秘密\"\nurgency = \"特急\"\ncopy_number = \"000001\"\nremark = \"联系人：办公室\"";
        text.replace("kind = \"acceptance\"", marks)
            .replace("[campaign]", "[campaign]\nsignature = \"seal\"\nco_issuers = [\"荔城派出所\"]")
    };
    let settings = Settings { templates_dir: dir.path().join("templates"), ..settings(dir.path(), edit) };
    let word = read(&documents(settings, "acceptance", Some("60")).1);
    assert_eq!(of_style(&word, "份号密级紧急程度"), ["000001", "秘密", "特急"]);
    assert_eq!(of_style(&word, "发文字号"), ["\t荔街〔2016〕60号\t签发人：王某某"]);
    assert_eq!(of_style(&word, "Signature"), ["荔城街道办事处", "荔城派出所"]);
    assert_eq!(of_style(&word, "附注"), ["（联系人：办公室）"]);
    let marks = array(&array(&word["tables"])[0]);
    assert_eq!(marks[0]["cells"], json!(["荔城街道办事处", "文件"]));
    let widths: Vec<f64> = array(&word["sections"]).iter().map(|s| s["mm"][0].as_f64().unwrap()).collect();
    assert!(widths.windows(2).any(|pair| pair == [210.0, 297.0]), "{widths:?}");
    assert!(widths.windows(2).any(|pair| pair == [297.0, 210.0]), "{widths:?}");
    let turned = array(&word["sections"]).iter().find(|s| s["mm"][0] == 297.0).unwrap();
    // The type area on its side, and the number where the upright sheets have it.
    assert_eq!(turned["mm"], json!([297.0, 210.0, 28.0, 37.0, 26.0, 35.0]));
    assert_eq!(turned["rotated"], json!([1, 1]));
}

#[test]
fn a_draft_says_so_on_every_page() {
    let dir = tempfile::tempdir().unwrap();
    let word = read(&documents(settings(dir.path(), |text| text), "ranking", None).1);
    for section in array(&word["sections"]) {
        assert_eq!(section["header"], json!(["送审稿"]));
    }
}

#[test]
fn english_documents_have_their_own_type() {
    let dir = tempfile::tempdir().unwrap();
    let edit = |text: String| text.replace("[campaign]", "[campaign]\nlanguage = \"en\"");
    let (pdf, docx) = documents(settings(dir.path(), edit), "weekly", Some("3"));
    let (printed, word) = (printed(&pdf), read(&docx));
    let headings: Vec<&str> = array(&word["headings"]).iter().map(|h| text(&h["text"])).collect();
    assert_eq!(headings[0], "1. Overall progress");
    assert!(headings.iter().all(|heading| printed.contains(&without_blanks(heading))), "{headings:?}");
    assert_eq!(word["properties"]["language"], "en");
    assert!(array(&word["paragraphs"]).iter().any(|p| p["style"] == "Attachment label"));
}

/// Names that mean something in XML, and a chart that is higher than a page.
#[test]
fn odd_names_and_long_charts_are_whole() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), |text| text);
    let sql = "UPDATE unit SET name = '<甲>&\"乙\"村' WHERE code = (SELECT MIN(code) FROM unit);
               UPDATE unit SET kind = '村'; DELETE FROM unit WHERE code IN (SELECT code FROM unit ORDER BY code DESC LIMIT 8);";
    execute(&dir.path().join("register.db"), sql);
    let word = read(&documents(settings, "ranking", Some("60")).1);
    assert!(word["tables"].to_string().contains("<甲>&\\\"乙\\\"村"));
    let strips: Vec<f64> = array(&word["pictures"])
        .iter()
        .filter(|picture| picture["mm"][0].as_f64().unwrap() == 156.0)
        .map(|picture| picture["mm"][1].as_f64().unwrap())
        .collect();
    assert!(strips.len() > 2 && strips.iter().all(|height| *height < 90.0), "{strips:?}");
}

#[tokio::test]
async fn it_is_attached_archived_and_reprinted() {
    let office = Office::new("2016-07-08T01:00:00Z", with_word);
    let request = Request {
        report: "ranking".into(),
        from: Some(date(2016, 5, 25)),
        to: Some(date(2016, 6, 30)),
        number: Some("60".into()),
        ..Request::default()
    };
    let store = office.store().await;
    let outcome = office.engine().run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    let made = bytes(&outcome.documents, ".docx");
    assert_eq!(bytes(&store.documents(outcome.run.unwrap()).await.unwrap(), ".docx"), made);
    let delivery = &office.deliveries().await[0];
    let path = office.dir.path().join("mail.eml");
    std::fs::write(&path, store.archive.get(&delivery.sha256).unwrap()).unwrap();
    let mail = read_mail(&path);
    let files: Vec<&str> = array(&mail["files"]).iter().map(|file| text(&file["name"])).collect();
    assert!(files[0].ends_with(".pdf") && files[1].ends_with(".docx"), "{files:?}");
    assert_eq!(
        mail["files"][1]["type"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    );
    assert_eq!(mail["files"][1]["sha256"], tongbao::digest::sha256(&made));
}

/// LibreOffice, where it is installed, sets the same pages. It is too large to be asked for.
#[test]
fn libreoffice_sets_as_many_pages() {
    let Ok(version) = Command::new("soffice").arg("--version").output() else { return };
    assert!(version.status.success());
    let dir = tempfile::tempdir().unwrap();
    let (pdf, docx) = documents(settings(dir.path(), |text| text), "ranking", Some("60"));
    std::fs::write(dir.path().join("word.docx"), docx).unwrap();
    let converted = Command::new("soffice")
        .args(["--headless", "--convert-to", "pdf", "word.docx"])
        .current_dir(dir.path())
        .env("HOME", dir.path())
        .output()
        .unwrap();
    assert!(converted.status.success());
    std::fs::write(dir.path().join("ours.pdf"), pdf).unwrap();
    let count = |name: &str| {
        let output = Command::new("pdfinfo").arg(dir.path().join(name)).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
        line.trim().parse::<usize>().unwrap()
    };
    let (ours, theirs) = (count("ours.pdf"), count("word.pdf"));
    // Without the office's fonts a page may end a line earlier.
    assert!(theirs.abs_diff(ours) <= 2, "{theirs} and {ours}");
    let text = pdf_text(&std::fs::read(dir.path().join("word.pdf")).unwrap());
    assert!(text.contains("荔街〔2016〕60号") && text.contains("2016年7月1日印发"), "{text}");
    // With whatever font the machine has, no line ends within a figure or before its percent sign.
    let lines = Command::new("pdftotext").args(["-layout", "word.pdf", "-"]).current_dir(dir.path()).output();
    let lines = String::from_utf8(lines.unwrap().stdout).unwrap();
    let body: Vec<&str> = lines.split("附件：").next().unwrap().lines().map(str::trim).collect();
    let ends_within = |pair: &&[&str]| {
        pair[0].ends_with(|c: char| c.is_ascii_digit() || c == '.')
            && pair[1].starts_with(|c: char| c.is_ascii_digit() || ".%".contains(c))
    };
    let divided: Vec<_> = body.windows(2).filter(ends_within).collect();
    assert!(body.len() > 20 && divided.is_empty(), "{divided:?}");
}

/// Also on a machine without the office's fonts no number of a table is divided.
#[test]
fn libreoffice_divides_no_number() {
    let Ok(version) = Command::new("soffice").arg("--version").output() else { return };
    assert!(version.status.success());
    let dir = tempfile::tempdir().unwrap();
    for (report, number) in NUMBERS {
        let docx = documents(settings(dir.path(), |text| text), report, Some(number)).1;
        std::fs::write(dir.path().join("word.docx"), &docx).unwrap();
        let run = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).current_dir(dir.path()).env("HOME", dir.path());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        run("soffice", &["--headless", "--convert-to", "pdf", "word.docx"]);
        let text = run("pdftotext", &["-layout", "word.pdf", "-"]);
        let printed: BTreeSet<&str> = text.split_whitespace().collect();
        let tables = read(&docx)["tables"].clone();
        let rows = array(&tables).iter().flat_map(array);
        let cells: Vec<&str> = rows.flat_map(|row| array(&row["cells"])).map(text_of_number).collect();
        let divided: Vec<_> =
            cells.iter().filter(|cell| !cell.is_empty() && !printed.contains(**cell)).collect();
        assert!(divided.is_empty(), "{report}: {divided:?}");
    }
}

/// A number with decimals or a sign, which a narrow column would divide; blank for anything else.
fn text_of_number(cell: &Value) -> &str {
    let text = text(cell);
    let is_number = text.trim_end_matches('%').parse::<f64>().is_ok() && text.contains('.');
    // A minus stands as a hyphen that no line ends after.
    if is_number && !text.starts_with('-') { text } else { "" }
}
