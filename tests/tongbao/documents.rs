//! Documents as a reader has them: read back by poppler and qpdf, and by calamine.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use calamine::{Data, Reader, Xlsx};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use tongbao::config::settings::{DatabaseUrl, Settings};
use tongbao::pipeline::{Engine, Request, RunOutcome};
use tongbao::register::batch::TextColumn;
use tongbao::register::field::Field;
use tongbao::render::fonts::FontSet;
use tongbao::render::pdf::{PdfError, PdfProperties, pdf};
use tongbao::report::document::{
    Align, Block, Cell, Column, Document, PageHead, Row, Style, Table, TextSpan,
};
use tongbao::report::json;

use crate::support::law::{cases, rng};
use crate::support::paragraphs::paragraph;
use crate::support::setting;

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn noon() -> Timestamp {
    "2016-06-13T01:00:00Z".parse().unwrap()
}

fn fonts() -> FontSet {
    let dir = tempfile::tempdir().unwrap();
    FontSet::load(&setting::settings("sqlite:x.db", dir.path()).fonts).expect("fonts: run scripts/setup.sh")
}

fn properties() -> PdfProperties {
    PdfProperties {
        title: "通报".into(), author: "街道办".into(), language: "zh-CN".into(), created: noon()
    }
}

fn plain(text: &str) -> Block {
    Block::Paragraph(vec![TextSpan { text: text.into(), style: Style::Plain }])
}

fn document(blocks: Vec<Block>) -> Document {
    let head = PageHead {
        mark: "荔城街道办事处文件".into(),
        number: Some("荔街〔2016〕52号".into()),
        title: "关于登记质量情况的通报".into(),
        addressee: Some("各村、社区".into()),
        signatory: "荔城街道办事处".into(),
        date: "2016年6月13日".into(),
        copy_to: Some("领导小组".into()),
        printed_by: Some("荔城街道办事处".into()),
        language: "zh-CN".into(),
        ..PageHead::default()
    };
    Document { head, blocks }
}

fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("document.pdf");
    std::fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn output(program: &str, arguments: &[&str], path: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(path).arg("-").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; run: scripts/setup.sh test"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a PDF without blanks and page numbers.
fn text_of(bytes: &[u8]) -> String {
    let (_dir, path) = written(bytes);
    let text = output("pdftotext", &["-raw"], &path);
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{c}').collect()
}

/// The lines of a PDF's text, as poppler puts them together.
fn lines_of(bytes: &[u8]) -> Vec<String> {
    let (_dir, path) = written(bytes);
    output("pdftotext", &[], &path).lines().map(str::to_owned).collect()
}

/// Words with their boxes in mm: (text, x, y of the top, page).
fn words(bytes: &[u8]) -> Vec<(String, f64, f64, usize)> {
    let (_dir, path) = written(bytes);
    let html = output("pdftotext", &["-bbox"], &path);
    let mut page = 0;
    let mut out = Vec::new();
    for line in html.lines() {
        page += usize::from(line.contains("<page "));
        let value = |name: &str| -> Option<f64> {
            let rest = line.split_once(&format!("{name}=\""))?.1;
            Some(rest.split('"').next()?.parse::<f64>().ok()? * 25.4 / 72.0)
        };
        if let (true, Some(x), Some(y)) = (line.contains("<word "), value("xMin"), value("yMin")) {
            let text = line.split_once('>').unwrap().1.split('<').next().unwrap();
            out.push((text.to_owned(), x, y, page));
        }
    }
    out
}

#[test]
fn text_reads_back_as_it_was_written() {
    let paragraphs = [
        "根据《关于开展专项活动的通知》（荔街〔2016〕52号）要求，现将截至2016年6月12日的情况（16899/46529），通报如下。",
        "完整率84.99%，比上期上升1.39个百分点；“人户分离”——重点是租住人员……须逐户核查（见附件）。",
        "单鉷、堃、𠮷野家、㙍、龙·马，English words 1,234.50 too.",
    ];
    let bytes = pdf(&document(paragraphs.map(plain).into()), &fonts(), &properties()).unwrap();
    let text = text_of(&bytes);
    for paragraph in paragraphs {
        let expected: String = paragraph.chars().filter(|c| !c.is_whitespace()).collect();
        // The first paragraph may run over a page, where a page number stands between.
        let found = text.contains(&expected) || text.replace("—1—", "").contains(&expected);
        assert!(found, "{paragraph}\nnot in\n{text}");
    }
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn random_paragraphs_read_back_whole_and_in_order(count in 1_usize..100, mut rng in rng()) {
        let texts: Vec<String> = (0..count).map(|_| paragraph(&mut rng)).collect();
        let paragraphs = texts.iter().map(|t| plain(t)).collect();
        let bytes = pdf(&document(paragraphs), &fonts(), &properties()).unwrap();
        let (_dir, path) = written(&bytes);
        let is_page_number = |line: &&str| line.starts_with("— ") && line.ends_with(" —");
        let text = output("pdftotext", &["-raw"], &path).replace('\u{c}', "");
        let text: String = text.lines().filter(|line| !is_page_number(line)).collect();
        // Not even a blank is added where a line was stretched.
        prop_assert!(text.contains(&texts.concat()), "{}\nnot in\n{}", texts.concat(), text);
    }
}

#[test]
fn no_reader_sees_a_line_begin_with_a_mark() {
    let text = "覆盖率93.81%（43649/46529），目标100%；“人户分离”、《通知》、（见附件）。完整率".repeat(12);
    let bytes = pdf(&document(vec![plain(&text)]), &fonts(), &properties()).unwrap();
    let lines = lines_of(&bytes);
    let whole: String = lines.concat().replace('\u{c}', "");
    assert!(
        whole.contains(&text)
            || whole.replace("—1—送审稿", "").contains(&text)
            || whole.replace("—1—", "").contains(&text),
        "{lines:#?}"
    );
    for line in &lines {
        assert!(!line.starts_with(|c| "，。、；：）》”".contains(c)), "{line}");
    }
}

#[test]
fn the_page_keeps_the_measures_of_the_standard() {
    let bytes = pdf(&document(vec![plain("正文。")]), &fonts(), &properties()).unwrap();
    let words = words(&bytes);
    let at = |start: &str| {
        let found = words.iter().find(|w| w.0.starts_with(start));
        found.unwrap_or_else(|| panic!("{start} in {words:?}")).clone()
    };
    // GB/T 9704-2012: the text begins 28 mm from the left edge, paragraphs two characters in.
    assert!((at("各村").1 - 28.0).abs() < 0.5, "{:?}", at("各村"));
    assert!((at("正文").1 - (28.0 + 2.0 * 156.0 / 28.0)).abs() < 0.5, "{:?}", at("正文"));
    // The number is centred on the type area; its centre is at 28 + 78 mm.
    let number = at("荔街");
    assert!(number.1 > 28.0 + 40.0 && number.1 < 106.0, "{number:?}");
    // The page number stands at the right on odd pages, on the last page at the left.
    let numbers: Vec<_> = words.iter().filter(|w| w.0 == "1" || w.0 == "—1—" || w.0 == "—").collect();
    assert!(numbers.iter().any(|w| w.3 == 1 && w.1 > 150.0 && w.2 > 262.0), "{words:?}");
    assert!(numbers.iter().any(|w| w.3 == 2 && w.1 < 60.0 && w.2 > 262.0), "{words:?}");
    assert!(words.iter().any(|w| w.3 == 2 && w.0.starts_with("抄送")), "版记 stands on the last even page");
}

#[test]
fn files_are_clean_small_and_the_same_every_time() {
    let fonts = fonts();
    let document = document(vec![plain(&"登记核查，逐户上门。".repeat(60))]);
    let first = pdf(&document, &fonts, &properties()).unwrap();
    let (_dir, path) = written(&first);
    let check = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    assert!(first.len() < 150_000, "{} bytes", first.len());
    let other = std::thread::spawn(move || {
        let fonts = self::fonts();
        pdf(&document, &fonts, &properties()).unwrap()
    });
    assert_eq!(first, other.join().unwrap());
    let fonts = Command::new("pdffonts").arg(&path).output().unwrap();
    let fonts = String::from_utf8(fonts.stdout).unwrap();
    assert!(fonts.lines().count() > 3, "{fonts}");
    for line in fonts.lines().skip(2) {
        assert!(line.contains(" yes "), "embedded: {line}");
    }
}

#[test]
fn a_missing_glyph_is_an_error_with_its_place() {
    let error = pdf(&document(vec![plain("好\u{E123}")]), &fonts(), &properties()).unwrap_err();
    let PdfError::Glyph(glyph) = &error else { panic!("{error}") };
    assert_eq!(glyph.character, '\u{E123}');
    assert!(error.to_string().contains("U+E123") && error.to_string().contains("paragraph"), "{error}");
}

fn table(rows: usize, name: &str) -> Table {
    let column = |head: &str, align| Column { head: head.into(), align };
    let row = |i: usize| Row {
        cells: vec![Cell::text(i.to_string()), Cell::text(format!("{name}{i}")), Cell::text("84.99%")],
        ..Row::default()
    };
    Table {
        columns: vec![
            column("序号", Align::Center),
            column("单位", Align::Left),
            column("覆盖率", Align::Right),
        ],
        rows: (1..=rows).map(row).collect(),
        ..Table::default()
    }
}

#[test]
fn tables_of_any_length_repeat_their_heads() {
    let fonts = fonts();
    let long = "某某街道办事处第十二工业园区外来务工人员集中居住管理服务中心社区".repeat(2);
    for (rows, name) in [(0, "村"), (3, "村"), (37, "村"), (400, "村"), (40, long.as_str())] {
        let bytes = pdf(&document(vec![Block::Table(table(rows, name))]), &fonts, &properties()).unwrap();
        let words = words(&bytes);
        let pages = words.iter().map(|w| w.3).max().unwrap();
        for page in 1..pages {
            let on_page = |text: &str| words.iter().any(|w| w.3 == page && w.0.contains(text));
            assert!(!on_page("84.99%") || on_page("覆盖率"), "page {page} of {rows} rows has its head");
        }
        let text = text_of(&bytes);
        assert_eq!(text.matches("84.99%").count(), rows);
        // A table does not go on for a row or two.
        let on = |page: usize| words.iter().filter(|w| w.3 == page && w.0.contains("84.99%")).count();
        let last = (1..=pages).rev().map(on).find(|rows| *rows > 0).unwrap_or(0);
        assert!(last >= rows.min(5) || name == long, "{last} of {rows} rows on the last page");
        // Nothing stands outside the type area.
        assert!(words.iter().all(|w| w.1 >= 27.5 && w.1 < 184.5), "{rows} rows");
    }
}

/// The last line of a text does not stand alone above the list of annexes, issuer and date.
#[test]
fn the_closing_line_stands_with_the_text_before_it() {
    let fonts = fonts();
    let head = document(Vec::new()).head;
    let head = tongbao::report::document::PageHead { attachments: vec!["一".into(), "二".into()], ..head };
    for lines in 1..30 {
        let mut blocks: Vec<Block> = (1..lines).map(|_| plain("一行文字。")).collect();
        blocks.extend([plain(&"四五行文字，".repeat(18)), plain("特此通报。")]);
        let bytes = pdf(&Document { head: head.clone(), blocks }, &fonts, &properties()).unwrap();
        let (_dir, path) = written(&bytes);
        let text = output("pdftotext", &["-layout"], &path);
        let alone = text.split('\u{c}').any(|page| page.trim_start().starts_with("特此通报"));
        assert!(!alone, "{lines} lines: {text}");
    }
}

fn engine(persons: u64) -> (tempfile::TempDir, Engine) {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), persons);
    let settings: Settings = setting::settings(&url, dir.path());
    (dir, Engine::new(settings).unwrap())
}

fn run(engine: &Engine, report: &str) -> RunOutcome {
    let request = Request {
        report: report.into(),
        from: Some(date(2016, 6, 6)),
        to: Some(date(2016, 6, 12)),
        dry_run: true,
        ..Request::default()
    };
    block(engine.run(None, &request, noon(), |_| {})).unwrap()
}

fn bytes_of<'a>(outcome: &'a RunOutcome, extension: &str) -> &'a [u8] {
    &outcome.documents.iter().find(|file| file.name.ends_with(extension)).unwrap().bytes
}

#[test]
fn the_figures_are_the_same_in_pdf_workbook_and_json() {
    let (_dir, engine) = engine(4_000);
    let outcome = run(&engine, "weekly");
    let text = text_of(bytes_of(&outcome, ".pdf"));
    let json = json::figures(&outcome.results, &engine.settings.indicators);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes_of(&outcome, ".xlsx").to_vec())).unwrap();
    let sheet = workbook.sheet_names().iter().find(|name| name.contains("进度表")).unwrap().clone();
    let rows: Vec<Vec<Data>> =
        workbook.worksheet_range(&sheet).unwrap().rows().map(<[Data]>::to_vec).collect();
    for unit in json["units"].as_array().unwrap() {
        let name = unit["name"].as_str().unwrap();
        let row = rows.iter().find(|row| row.contains(&Data::String(name.to_owned()))).unwrap();
        let mut line = name.to_owned();
        line += &format!("{}{}", unit["coverage"]["denominator"], unit["coverage"]["numerator"]);
        if json["totals"]["matched_elsewhere"] != 0 {
            line += &unit["matched_elsewhere"].to_string();
        }
        for indicator in ["coverage", "completeness", "accuracy"] {
            let rate = unit[indicator]["rate"].as_str().unwrap();
            let (whole, places) = rate.split_once('.').unwrap();
            let percent =
                format!("{}.{}%", format!("{whole}{}", &places[..2]).trim_start_matches('0'), &places[2..]);
            line += &if percent.starts_with('.') { format!("0{percent}") } else { percent };
            let value: f64 = rate.parse().unwrap();
            assert!(row.contains(&Data::Float(value)), "{name} {indicator} {value} in {row:?}");
        }
        assert!(text.contains(&line), "{line} not in the pdf");
    }
    let duplicates = json["duplicates"].as_u64().unwrap();
    assert!(text.contains(&format!("身份号码重复，多出的记录{duplicates}条")));
}

#[test]
fn all_three_documents_have_their_sections() {
    let (_dir, engine) = engine(2_000);
    let sections = [
        (
            "weekly",
            &[
                "一、总体进度",
                "二、各单位进度",
                "三、数据质量",
                "四、存在问题",
                "五、下一步要求",
                "特此通报。",
                "附件3",
            ][..],
        ),
        ("ranking", &["一、总体情况", "社区排名", "村排名", "三、提醒", "四、要求", "特此通报。", "附件3"]),
        (
            "acceptance",
            &[
                "现将验收情况通报如下。",
                "一、验收范围和方法",
                "二、总体结果",
                "三、各单位结果",
                "四、存在问题",
                "五、验收结论",
                "特此通报。",
                "附件4",
            ],
        ),
    ];
    for (report, titles) in sections {
        let outcome = run(&engine, report);
        let text = text_of(bytes_of(&outcome, ".pdf"));
        // A file is called what its title calls it.
        let kind = [("weekly", "进度通报"), ("ranking", "排名通报"), ("acceptance", "验收通报")];
        let kind = kind.into_iter().find(|(name, _)| *name == report).unwrap().1;
        assert!(
            outcome.documents.iter().all(|file| file.name.contains(kind)),
            "{:?}",
            outcome.documents[0].name
        );
        titles.iter().for_each(|title| assert!(text.contains(title), "{report}: {title}"));
        assert!(text.contains("送审稿"), "a document without number is a draft");
        assert!(text.contains("截至2016年6月12日"), "{report} names its cut-off");
    }
}

#[test]
fn no_person_leaves_the_database() {
    let (dir, engine) = engine(300);
    let all = block(async {
        let mut names: Vec<String> = Vec::new();
        let source = tongbao::source::Source::open(&engine.settings.source).await.unwrap();
        let zone = engine.settings.campaign.time_zone.clone();
        source
            .register(&zone, |batch| {
                for field in [Field::IdNumber, Field::ResidenceAddress] {
                    let values = batch.records().filter_map(|r| r.value(TextColumn::Field(field)));
                    let values = values.map(|value| String::from_utf8(value.to_vec()).unwrap());
                    names.extend(values.filter(|value| value.trim().chars().count() > 6));
                }
                Ok(())
            })
            .await
            .unwrap();
        names
    });
    assert!(all.len() > 400);
    for report in ["weekly", "ranking", "acceptance"] {
        let text = text_of(bytes_of(&run(&engine, report), ".pdf"));
        assert!(all.iter().all(|value| !text.contains(value.as_str())), "{report}");
    }
    drop(dir);
    assert_eq!(DatabaseUrl::new("postgres://u:secret@h/db").to_string(), "postgres://u@h/db");
}

#[test]
fn readers_for_the_blind_find_headings_tables_and_pictures() {
    let (_dir, engine) = engine(2_000);
    let outcome = run(&engine, "weekly");
    let (_written, path) = written(bytes_of(&outcome, ".pdf"));
    let info = |arguments: &[&str]| {
        let output = Command::new("pdfinfo").args(arguments).arg(&path).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(info(&[]).lines().any(|line| line.split_whitespace().eq(["Tagged:", "yes"])));
    let tree = info(&["-struct"]);
    let count =
        |tag: &str| tree.lines().filter(|line| line.trim().split([' ', ':']).next() == Some(tag)).count();
    // The title; five sections and three annexes; the sections below them.
    assert_eq!((count("H1"), count("H2")), (1, 8), "{tree}");
    assert!(count("H3") >= 4, "{tree}");
    // Indicators, progress, blank items, definitions; a head is read once however often it is printed.
    assert_eq!((count("Table"), count("Figure")), (4, 1), "{tree}");
    let units = outcome.results.units.len();
    assert!(count("TR") > 2 * (units + 2) && count("TH") < 40, "{} {}", count("TR"), count("TH"));
    assert!(tree.contains("Scope"), "{tree}");
}
