//! The pages against GB/T 9704-2012: measured with MuPDF and poppler, and with the program's own check.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use proptest::prelude::*;
use tongbao::layout::line_break::{Alignment, Char, Setting, marks, set};
use tongbao::layout::metrics::TypeRole;
use tongbao::render::fonts::FontSet;

use crate::support::documents::{digests, documents};
use crate::support::law::{cases, rng};
use crate::support::paragraphs::paragraph;
use crate::support::process::child;
use crate::support::setting;
use crate::support::trace::{Rule, Text, red_ink, trace};

const ORDER: [&str; 3] = ["weekly=第3期", "ranking=荔街〔2016〕60号", "acceptance=荔街〔2016〕71号"];

/// Rule, expected mm, measured mm.
type Row = (String, f64, f64);

fn near(rows: &[Row]) {
    let table: Vec<String> = rows
        .iter()
        .map(|(rule, expected, measured)| format!("{rule:<44} {expected:>8.2} {measured:>8.2}"))
        .collect();
    println!("{}", table.join("\n"));
    for (rule, expected, measured) in rows {
        assert!((expected - measured).abs() <= 0.5, "{rule}: {expected} expected\n{}", table.join("\n"));
    }
}

const EM_3: f64 = 16.0 * 25.4 / 72.0;
const EM_4: f64 = 14.0 * 25.4 / 72.0;
const CELL: f64 = 156.0 / 28.0;
const LINE: f64 = 225.0 / 22.0;

/// Upper and lower edge of a line's characters.
fn top(text: &Text) -> f64 {
    text.y - 0.88 * text.size * 25.4 / 72.0
}

fn bottom(text: &Text) -> f64 {
    text.y + 0.12 * text.size * 25.4 / 72.0
}

fn find<'a>(texts: &'a [Text], what: &str, is: impl Fn(&&Text) -> bool) -> &'a Text {
    texts.iter().find(is).unwrap_or_else(|| panic!("no {what}"))
}

#[test]
fn all_documents_keep_the_measures_of_the_standard() {
    let dir = tempfile::tempdir().unwrap();
    let mut turned = 0;
    for path in documents(dir.path(), &ORDER) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        println!("{name}: rule, expected mm, measured mm");
        let (texts, rules) = trace(&path);
        let mut rows = Vec::new();
        head(&mut rows, &path, &texts, &rules, name == "weekly");
        body(&mut rows, &texts);
        turned += attachments(&mut rows, &texts, &rules);
        foot(&mut rows, &texts, &rules);
        near(&rows);
    }
    assert!(turned > 0, "a turned page");
}

fn head(rows: &mut Vec<Row>, path: &Path, texts: &[Text], rules: &[Rule], is_brief: bool) {
    let mut row = |rule: &str, expected, measured| rows.push((rule.to_owned(), expected, measured));
    let red = rules.iter().find(|rule| rule.red).expect("a red rule");
    let mark = find(texts, "mark", |text| text.red);
    let ink = red_ink(path);
    row("7.2.4 mark: middle", 106.0, mark.middle());
    row("7.2.7 red rule: left end", 28.0, red.from.0);
    row("7.2.7 red rule: width", 156.0, red.to.0 - red.from.0);
    let title = find(texts, "title", |text| (text.size - 22.0).abs() < 0.1);
    row("7.3.1 title: middle", 106.0, title.middle());
    let addressee = find(texts, "addressee", |text| text.text.ends_with('：') && text.left() < 40.0);
    row("7.3.2 addressee: left edge", 28.0, addressee.left());
    let above = texts.iter().rfind(|text| text.page == 1 && text.y < addressee.y - 1.0).unwrap();
    let lower = above.y - 0.38 * above.size * 25.4 / 72.0 + 1.1 * LINE / 2.0;
    let upper = addressee.y - 0.38 * EM_3 - LINE / 2.0;
    row("7.3.2 addressee: one blank line below the title", LINE, upper - lower);
    if is_brief {
        return;
    }
    let number = find(texts, "number", |text| text.text.starts_with("荔街〔") && text.page == 1);
    row("7.2.4 mark: top of its ink below the type area", 35.0, ink[0].0 - 37.0);
    row("7.2.5 number: middle", 106.0, number.middle());
    let mark_lower = ink[0].0 + mark.size * 25.4 / 72.0;
    row(
        "7.2.5 number: two blank lines below the mark",
        2.0 * LINE,
        top(number) - (LINE - EM_3) / 2.0 - mark_lower,
    );
    row("7.2.7 red rule: below the number", 4.0, red.from.1 - bottom(number));
    let title_upper = top(title) - (1.1 * LINE - 22.0 * 25.4 / 72.0) / 2.0;
    row("7.3.1 title: two blank lines below the rule", 2.0 * LINE, title_upper - red.from.1);
    let red_lines: Vec<_> = ink.iter().filter(|(from, to)| to - from < 2.0 && *from > 100.0).collect();
    row("7.2.7 red rule: its ink", red.from.1, (red_lines[0].0 + red_lines[0].1) / 2.0);
}

fn body(rows: &mut Vec<Row>, texts: &[Text]) {
    let attachments = find(texts, "附件1", |text| text.text == "附件1").page;
    let lines =
        || texts.iter().filter(|t| (t.size - 16.0).abs() < 0.05 && t.page < attachments && t.y < 262.0);
    for text in lines().filter(|text| text.page > 1) {
        let line = (text.y - 0.38 * EM_3 - 37.0) / LINE - 0.5;
        rows.push((
            format!("5.2.3 line {} of page {}", line.round() + 1.0, text.page),
            0.0,
            (line - line.round()) * LINE,
        ));
    }
    let full = lines().find(|text| text.text.chars().count() == 28 && text.text.chars().all(marks::is_han));
    if let Some(full) = full {
        rows.push(("5.2.3 28 characters: width of a cell".into(), CELL, full.edges[1] - full.edges[0]));
    }
    let heading = |start: &str| lines().find(|text| text.text.starts_with(start));
    let first = heading("一、").expect("a heading");
    rows.push(("7.3.3 first heading: two characters in".into(), 2.0 * CELL, first.left() - 28.0));
    assert!(first.font.contains("Sans"), "一、 in 黑体: {}", first.font);
    if let Some(second) = heading("（一）") {
        assert!(second.font.contains("Kai"), "（一） in 楷体: {}", second.font);
    }
    let list = lines().find(|text| text.text.starts_with("附件：1. ")).expect("附件说明");
    rows.push(("7.3.4 附件说明: two characters in".into(), 2.0 * CELL, list.left() - 28.0));
    let later = lines().find(|text| text.text.starts_with("2. ")).unwrap();
    rows.push(("7.3.4 附件说明: second number below the first".into(), list.edges[3], later.left()));
    let before = lines().rfind(|text| text.page == list.page && text.y < list.y - 1.0);
    // Below a table the list stands lower.
    if let Some(gap) = before.map(|before| list.y - before.y).filter(|gap| *gap < 2.5 * LINE) {
        rows.push(("7.3.4 附件说明: one blank line below the text".into(), 2.0 * LINE, gap));
    }
    let tail: Vec<&Text> = lines().filter(|t| t.page == list.page && t.y > list.y).collect();
    let [.., issuer, date] = tail.as_slice() else { panic!("no signature") };
    assert!(date.text.ends_with('日'), "{}", date.text);
    rows.push((
        "7.3.5.2 date: two characters right of the issuer".into(),
        2.0 * CELL,
        date.left() - issuer.left(),
    ));
    rows.push(("7.3.5.2 date: on the next line".into(), LINE, date.y - issuer.y));
    let wider = if date.advance > issuer.advance { date } else { issuer };
    rows.push(("7.3.5.2 signature: two characters from the right".into(), 2.0 * CELL, 184.0 - wider.right()));
    let last = tail[tail.len() - 3];
    rows.push(("7.3.5.2 signature: one blank line above".into(), 2.0 * LINE, issuer.y - last.y));
}

/// Measures the attachments; how many of them are turned.
fn attachments(rows: &mut Vec<Row>, texts: &[Text], rules: &[Rule]) -> usize {
    let labels = texts.iter().filter(|text| text.text.starts_with("附件") && text.text.chars().count() == 3);
    let (mut turned, mut tables) = (0, 0);
    for label in labels.filter(|label| label.font.contains("Sans")) {
        let title = texts.iter().find(|t| t.page == label.page && (t.size - 22.0).abs() < 0.1).unwrap();
        // A page that is read turned begins 35 mm from its left edge and 28 mm from its top edge.
        let is_turned = title.middle() > 120.0;
        let (left, upper, middle) = if is_turned { (35.0, 28.0, 147.5) } else { (28.0, 37.0, 106.0) };
        turned += usize::from(is_turned);
        let page = label.page;
        let centre = |text: &Text| text.y - 0.38 * text.size * 25.4 / 72.0;
        rows.push((format!("7.3.7 label of page {page}: left edge"), left, label.left()));
        rows.push((format!("7.3.7 label of page {page}: first line"), upper + LINE / 2.0, centre(label)));
        rows.push((format!("7.3.7 title of page {page}: third line"), upper + 2.5 * LINE, centre(title)));
        rows.push((format!("7.3.7 title of page {page}: middle"), middle, title.middle()));
        // An attachment may hold a chart alone, which has no rules of a table.
        let table = rules.iter().find(|r| r.page == page && (r.to.0 - r.from.0) > 140.0);
        let Some(table) = table else { continue };
        tables += 1;
        rows.push((format!("8 table of page {page}: left edge"), left, table.from.0));
        rows.push((format!("8 table of page {page}: right edge"), 2.0 * middle - left, table.to.0));
    }
    assert!(tables > 2, "tables");
    turned
}

fn foot(rows: &mut Vec<Row>, texts: &[Text], rules: &[Rule]) {
    let mut row = |rule: String, expected, measured| rows.push((rule, expected, measured));
    let last = texts.iter().map(|text| text.page).max().unwrap();
    assert_eq!(last % 2, 0, "版记 on an even page");
    let copy = find(texts, "抄送", |text| text.text.starts_with("抄送："));
    let printed = find(texts, "印发", |text| text.text.ends_with("印发"));
    assert_eq!((copy.page, printed.page), (last, last));
    let of_foot: Vec<&Rule> = rules
        .iter()
        .filter(|r| r.page == last && r.to.0 - r.from.0 > 155.0 && r.to.1 > top(copy) - 3.0)
        .collect();
    let [first, inner, end] = of_foot.as_slice() else { panic!("{of_foot:?}") };
    row("7.4.1 版记: lowest rule".into(), 262.0, end.to.1);
    for (rule, weight) in [(first, 0.35), (inner, 0.25), (end, 0.35)] {
        assert!((rule.weight - weight).abs() < 0.01, "{rule:?}");
        row("7.4.1 版记: rule's width".into(), 156.0, rule.to.0 - rule.from.0);
    }
    row("7.4.2 抄送: one character in".into(), EM_4, copy.left() - 28.0);
    row("7.4.3 印发: one character in".into(), EM_4, 184.0 - printed.right());
    for text in texts.iter().filter(|text| text.text.starts_with("— ") && text.text.ends_with(" —")) {
        let page = text.page;
        assert_eq!(text.text, format!("— {page} —"));
        // A page that is read turned has its number at the foot of the sheet all the same: on the left
        // of what is read, from top to bottom.
        let is_turned = texts.iter().any(|t| t.page == page && t.right() > 190.0);
        let (left, baseline) = if is_turned { (text.y, 297.0 - text.left()) } else { (text.left(), text.y) };
        // The dash of this font lies 0.3 em above the baseline.
        row(format!("7.5 dash of page {page} below the type area"), 7.0, baseline - 0.3 * EM_4 - 262.0);
        if page % 2 == 1 {
            row(format!("7.5 number of page {page}: from the right"), EM_4, 184.0 - left - text.advance);
        } else {
            row(format!("7.5 number of page {page}: from the left"), EM_4, left - 28.0);
        }
    }
}

#[test]
fn the_check_of_the_program_agrees_and_sees_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    for path in documents(dir.path(), &ORDER) {
        let file = path.to_str().unwrap();
        let output = setting::tongbao(dir.path(), &["--format", "json", "check", "--layout", file]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(output.status.success(), "{answer:#}");
        assert!(answer["rules"].as_array().unwrap().len() > 50);

        // The same pages moved by 2 mm, as a wrong printer margin would.
        let mut file = lopdf::Document::load(&path).unwrap();
        for (_, page) in file.get_pages() {
            let mut content = b"1 0 0 1 0 -5.67 cm\n".to_vec();
            content.extend(file.get_page_content(page));
            file.change_page_content(page, content).unwrap();
        }
        let moved = dir.path().join("moved.pdf");
        file.save(&moved).unwrap();
        let output = setting::tongbao(dir.path(), &["check", "--layout", moved.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        let table = setting::stdout(&output);
        let broken: Vec<&str> = table.lines().filter(|line| line.starts_with("broken")).collect();
        for clause in ["5.2.3", "7.4.1", "7.5"] {
            assert!(broken.iter().any(|line| line.contains(clause)), "{clause}: {table}");
        }
    }
}

#[test]
fn the_check_says_what_it_cannot_measure() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("no.pdf"), "no pdf").unwrap();
    let output = setting::tongbao(dir.path(), &["check", "--layout", "no.pdf"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(setting::stderr(&output).contains("not a readable pdf"), "{}", setting::stderr(&output));
    let output = setting::tongbao(dir.path(), &["check", "--layout", "absent.pdf"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(setting::stderr(&output).contains("absent.pdf"), "{}", setting::stderr(&output));
}

#[test]
fn any_process_in_any_order_writes_the_same_bytes() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = child().arg("digests").arg(other.path()).args(ORDER.iter().rev()).output().unwrap();
    assert!(output.status.success(), "{}", setting::stderr(&output));
    assert_eq!(setting::stdout(&output).trim(), digests(dir.path(), &ORDER).join(" "));
}

#[test]
fn every_reader_opens_them_clean() {
    let dir = tempfile::tempdir().unwrap();
    for path in documents(dir.path(), &ORDER) {
        let commands: [(&str, &[&str], bool); 4] = [
            ("qpdf", &["--check"], false),
            ("mutool", &["trace"], false),
            ("pdftotext", &["-q"], true),
            ("pdfinfo", &[], false),
        ];
        for (program, arguments, to_stdout) in commands {
            let mut command = Command::new(program);
            command.args(arguments).arg(&path).args(to_stdout.then_some("-"));
            let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() && complaint.is_empty(), "{program}: {complaint}");
        }
        let information = Command::new("pdfinfo").arg(&path).output().unwrap();
        let information = String::from_utf8_lossy(&information.stdout).into_owned();
        for wanted in ["Title:           ", "Author:          荔城街道办事处", "PDF version:     1.7", "A4"]
        {
            assert!(information.contains(wanted), "{wanted} in {information}");
        }
        archive_form(&path);
    }
}

/// What PDF/A-2u asks for beyond a clean file (ISO 19005-2): XMP that names the part and says the same
/// as the information dictionary, an output intent with its profile, every font embedded with a map
/// to Unicode, no encryption, no scripts.
fn archive_form(path: &Path) {
    let file = lopdf::Document::load(path).unwrap();
    let catalog = file.catalog().unwrap();
    let metadata = catalog.get(b"Metadata").unwrap().as_reference().unwrap();
    let metadata = file.get_object(metadata).unwrap().as_stream().unwrap();
    let xmp = String::from_utf8(metadata.content.clone()).unwrap();
    for wanted in ["<pdfaid:part>2<", "<pdfaid:conformance>U<", "荔城街道办事处", "2016-07-01T01:00:00Z"]
    {
        assert!(xmp.contains(wanted), "{wanted} in {xmp}");
    }
    let intents = catalog.get(b"OutputIntents").unwrap().as_array().unwrap();
    let profile = intents[0].as_dict().unwrap().get(b"DestOutputProfile").unwrap().as_reference().unwrap();
    let profile = file.get_object(profile).unwrap().as_stream().unwrap().get_plain_content().unwrap();
    assert_eq!(
        (&profile[36..40], profile.len()),
        (&b"acsp"[..], u32::from_be_bytes(profile[..4].try_into().unwrap()) as usize)
    );
    assert!(file.trailer.get(b"ID").is_ok() && file.trailer.get(b"Encrypt").is_err());
    let fonts = Command::new("pdffonts").arg(path).output().unwrap();
    for line in String::from_utf8_lossy(&fonts.stdout).lines().skip(2) {
        assert!(line.contains(" yes yes yes "), "embedded, subset, with Unicode: {line}");
    }
}

/// The fonts of the demo, read once.
fn fonts() -> &'static FontSet {
    static FONTS: LazyLock<FontSet> = LazyLock::new(|| {
        FontSet::load(&setting::settings("sqlite:x.db", Path::new("/nowhere")).fonts).unwrap()
    });
    &FONTS
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn lines_in_the_real_fonts_obey_the_rules(mut rng in rng()) {
        let text = paragraph(&mut rng);
        let chars: Vec<Char> = text.chars().map(|c| Char { c, role: TypeRole::FangSong }).collect();
        let em = 156.0 / 28.0;
        let setting = Setting { indent: 2.0 * em, ..Setting::flush(em, 156.0, Alignment::Justified) };
        let lines = set(&chars, setting, fonts(), "test").unwrap();
        let back: String = lines.iter().flat_map(|line| line.glyphs.iter().map(|placed| placed.c)).collect();
        prop_assert_eq!(&back, &text);
        for (i, line) in lines.iter().enumerate() {
            let room = 156.0 - if i == 0 { 2.0 * em } else { 0.0 };
            prop_assert!(line.width <= room + 0.05, "{} > {}: {}", line.width, room, text);
            let (first, last) = (line.glyphs[0].c, line.glyphs.last().unwrap().c);
            prop_assert!(i == 0 || !marks::is_not_first(first), "begins with {}: {}", first, text);
            prop_assert!(i + 1 == lines.len() || !marks::is_not_last(last), "ends with {}: {}", last, text);
        }
    }
}
