//! Templates as an office changes them: in another language, in a folder of its own, with mistakes.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};

use calamine::{Data, Reader, Xlsx};

use crate::support::setting::{self, configuration, sample, stderr, stdout, tongbao};

const WEEK: [&str; 4] = ["--from", "2016-06-06", "--to", "2016-06-12"];

fn workplace(persons: u64) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let url = sample(dir.path(), persons);
    let text = configuration(&url, dir.path());
    setting::write(dir.path(), &text);
    (dir, text)
}

/// A dry run of a report with everything a person looks at, written to `out`.
fn preview(dir: &Path, report: &str) -> Output {
    let mut arguments = vec!["--config", "tongbao.toml", "-q", "run", report, "--dry-run", "--preview"];
    arguments.extend(["--out", "out"].iter().chain(&WEEK));
    tongbao(dir, &arguments)
}

/// The only file below `out` whose name ends so.
fn written(dir: &Path, ending: &str) -> Vec<u8> {
    let entries = std::fs::read_dir(dir.join("out")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    assert_eq!(found.len(), 1, "{ending}: {found:?}");
    std::fs::read(found.remove(0)).unwrap()
}

fn text(dir: &Path, ending: &str) -> String {
    String::from_utf8(written(dir, ending)).unwrap()
}

fn pdf_text(dir: &Path) -> String {
    let path = dir.join("read.pdf");
    std::fs::write(&path, written(dir, ".pdf")).unwrap();
    let output = Command::new("pdftotext").arg(path).arg("-").output().expect("run: scripts/setup.sh test");
    String::from_utf8(output.stdout).unwrap()
}

fn workbook_text(dir: &Path) -> String {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(written(dir, ".xlsx"))).unwrap();
    let mut out = book.sheet_names().join("\n");
    for (_, range) in book.worksheets() {
        for (_, _, cell) in range.used_cells() {
            if let Data::String(text) = cell {
                out.push('\n');
                out.push_str(text);
            }
        }
    }
    out
}

/// Names of units and their kinds, and the values that count as blank: data, in any language.
fn names(dir: &Path) -> BTreeSet<String> {
    let output = tongbao(dir, &["--config", "tongbao.toml", "-q", "--format", "json", "rates"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut out: BTreeSet<String> = tongbao::register::nothing::OF_OFFICES.map(str::to_owned).into();
    for unit in figures["units"].as_array().unwrap() {
        out.extend(["name", "kind"].map(|key| unit[key].as_str().unwrap().to_owned()));
    }
    out
}

/// A text without page numbers and draft marks: a name may go on after them.
fn without_page_marks(text: &str) -> String {
    let text = text.replace('\u{c}', "\n");
    let is_mark = |line: &str| line == "DRAFT" || (line.starts_with('—') && line.ends_with('—'));
    text.lines().filter(|line| !is_mark(line.trim())).collect::<Vec<_>>().join("\n")
}

/// What is left of a text without the names.
fn chinese_left(text: &str, names: &BTreeSet<String>) -> String {
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut longest_first: Vec<&String> = names.iter().collect();
    longest_first.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in longest_first {
        text = text.replace(name.as_str(), "");
    }
    text.chars().filter(|c| ('\u{2E80}'..='\u{FFEF}').contains(c)).collect()
}

fn english(text: &str) -> String {
    let start = text.find("[source]").unwrap();
    let campaign = r#"[campaign]
name = "Register campaign 2016"
issuer = "Licheng Sub-district Office"
addressee = "All villages and communities"
copy_to = ["Leading group"]
basis = "Notice 52 of 2016"
language = "en"
time_zone = "Asia/Shanghai"
phases = [{ name = "All", from = 2016-05-25, to = 2016-07-07 }]

"#;
    format!("{campaign}{}", &text[start..])
}

#[test]
fn english_reports_have_nothing_chinese_but_names() {
    let (dir, chinese) = workplace(2_000);
    setting::write(dir.path(), &english(&chinese));
    let names = names(dir.path());
    let expected = [
        ("weekly", ["Progress bulletin", "Definitions", "DRAFT"], "Progress 6 June to 12 June: coverage"),
        ("ranking", ["Ranking by register quality", "Score sheet", "12 June 2016"], "Ranking as at 12 June"),
        ("acceptance", ["Acceptance results", "Signatures", "Conclusion"], "Acceptance, round 1: to be"),
    ];
    for (report, parts, subject) in expected {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        let output = preview(dir.path(), report);
        assert!(output.status.success(), "{report}: {}", stderr(&output));
        let pdf = pdf_text(dir.path());
        let (html, mail) = (text(dir.path(), "_mail.html"), text(dir.path(), "_mail.txt"));
        // Rules are printed as they are written there, with the values that they compare with.
        let workbook = workbook_text(dir.path()).replace(['男', '女'], "");
        for (what, text) in [("pdf", &pdf), ("workbook", &workbook), ("html", &html), ("mail", &mail)] {
            assert_eq!(chinese_left(&without_page_marks(text), &names), "", "{report} {what}");
        }
        let one_line: String = pdf.split_whitespace().collect();
        for part in parts {
            assert!(one_line.contains(&part.replace(' ', "")), "{report}: {part} not in {one_line}");
        }
        assert!(mail.contains(subject), "{report}: {mail}");
        assert!(html.contains("<html lang=\"en\">"));
    }
    // One report in another language than the campaign's.
    let mixed = chinese.replace("kind = \"ranking\"", "kind = \"ranking\"\nlanguage = \"en\"");
    setting::write(dir.path(), &mixed);
    let _ = std::fs::remove_dir_all(dir.path().join("out"));
    assert!(preview(dir.path(), "ranking").status.success());
    assert!(text(dir.path(), "_mail.txt").contains("Ranking as at 12 June 2016"));
}

/// Puts a file into the own template folder `notice`.
fn put(dir: &Path, name: &str, text: &str) {
    let folder = dir.join("own/notice");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

fn document(body: &str) -> String {
    format!(
        "+++\nmark = \"{{{{ campaign.issuer }}}}文件\"\ntitle = \"数据质量\\n提示\"\nsignatory = \"办\"\ndate = \"{{{{ report.date }}}}\"\n+++\n\n{body}\n"
    )
}

fn own(text: &str) -> String {
    format!("{text}\n[templates]\ndir = \"own\"\n\n[reports.notice]\nkind = \"notice\"\n")
}

/// The numbers of a text with their signs and per cent signs.
fn numbers(text: &str) -> BTreeSet<String> {
    let part = |c: char| c.is_ascii_digit() || ".%▲▼".contains(c);
    let words = text.split(|c| !part(c)).map(|word| word.trim_matches('.'));
    words.filter(|word| word.contains(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// What a reader of the HTML sees or hears: its text, and the texts of its pictures.
fn seen(html: &str) -> String {
    let body = &html[html.find("<body").unwrap()..];
    let mut out = String::new();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        if let Some((_, alt)) = tag.split_once("alt=\"") {
            out.push_str(alt);
        }
        out.push(' ');
        out.push_str(text);
    }
    out
}

#[test]
fn the_plain_text_of_a_mail_says_what_its_html_says() {
    let (dir, _) = workplace(2_000);
    for report in ["weekly", "ranking", "acceptance"] {
        let _ = std::fs::remove_dir_all(dir.path().join("out"));
        assert!(preview(dir.path(), report).status.success());
        let (html, mail) = (text(dir.path(), "_mail.html"), text(dir.path(), "_mail.txt"));
        let (subject, plain) = mail.split_once('\n').unwrap();
        assert!(numbers(&seen(&html)).len() > 20, "{html}");
        assert_eq!(numbers(&seen(&html)), numbers(plain), "{report}");
        for name in names(dir.path()) {
            assert_eq!(seen(&html).contains(&name), plain.contains(&name), "{report}: {name}");
        }
        assert!((15..=70).contains(&subject.chars().count()), "{subject}");
        assert!(html.contains("_mail1.png"), "the trend is shown");
    }
}

#[test]
fn an_own_folder_needs_its_document_alone() {
    let (dir, text_) = workplace(600);
    setting::write(dir.path(), &own(&text_));
    put(
        dir.path(),
        "document.md.tera",
        &document("登记{{ records }}条。\n\n```table ranking 村\n```\n\n```chart coverage 社区\n```"),
    );
    let output = preview(dir.path(), "notice");
    assert!(output.status.success(), "{}", stderr(&output));
    let mail = text(dir.path(), "_mail.txt");
    assert!(mail.starts_with("【送审稿】数据质量提示（截至2016年6月12日）"), "{mail}");
    assert!(mail.contains("覆盖率") && text(dir.path(), "_mail.html").contains("_mail1.png"));
    assert!(pdf_text(dir.path()).contains("社区 覆盖率"), "the chart's title is on the page");
    assert!(text(dir.path(), "_chart1.svg").starts_with("<svg "));
    assert!(stdout(&output).contains("_chart1.svg"), "the paths are printed: {}", stdout(&output));
    // Its own mail, with another chart.
    put(dir.path(), "email_subject.tera", "提示：{{ period.text }}");
    put(dir.path(), "email_body.html.tera", "<p>{{ campaign.name }}<img src=\"chart:bars\"></p>");
    let _ = std::fs::remove_dir_all(dir.path().join("out"));
    assert!(preview(dir.path(), "notice").status.success());
    assert!(text(dir.path(), "_mail.txt").starts_with("提示：6月6日至6月12日\n"));
    assert!(text(dir.path(), "_mail.html").contains("_mail1.png\"></p>"));
    assert!(written(dir.path(), "_mail1.png").starts_with(b"\x89PNG\r\n\x1a\n"));
}

#[test]
fn mistakes_are_found_before_anything_is_read() {
    let (dir, text) = workplace(100);
    setting::write(dir.path(), &own(&text.replace("register.db", "missing.db")));
    let fine = document("好");
    for (file, wrong, expected) in [
        ("document.md.tera", document("{% if false %}{{ period.too }}{% endif %}"), "document.md.tera:8:25: `period` has no field `too`, did you mean `to`?; it has: text, from, to, cut_off, year"),
        ("document.md.tera", document("{{ recods }}"), "document.md.tera:8:4: there is no variable `recods`, did you mean `records`?"),
        ("document.md.tera", document("{{ records | sum }}"), "document.md.tera:8:"),
        ("document.md.tera", document("{% for u in units %}{{ u.name }}"), "document.md.tera:9:"),
        ("document.md.tera", document("```table progres\n```"), "there is no table named \"progres\""),
        ("document.md.tera", document("![x](y.png)"), "an image cannot be set"),
        ("document.md.tera", fine.replace("signatory", "signatry"), "unknown field `signatry`"),
        ("document.md.tera", document("{{ get_env(name=\"HOME\") }}"), "unknown function `get_env`; known: range, super, throw"),
        ("document.md.tera", document("{% include \"../tongbao.toml\" %}"), "unknown template `../tongbao.toml`"),
        ("email_subject.tera", "{{ titel }}".into(), "email_subject.tera:1:4"),
        ("email_body.html.tera", "<img src=\"chart:trent\">".into(), "there is no chart named \"trent\"; known: accuracy"),
        ("email_body.txt.tera", "{% for a in range(end=100000) %}{% for b in range(end=1000) %}{{ title }}{% endfor %}{% endfor %}".into(), "writes more than 16 MiB"),
    ] {
        put(dir.path(), "document.md.tera", &fine);
        put(dir.path(), file, &wrong);
        let output = preview(dir.path(), "notice");
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{expected}\nnot in\n{}", stderr(&output));
        let checked = tongbao(dir.path(), &["--config", "tongbao.toml", "check", "--offline"]);
        assert!(stdout(&checked).contains(expected), "{expected}\nnot in\n{}", stdout(&checked));
        std::fs::remove_file(dir.path().join("own/notice").join(file)).unwrap();
    }
    let _ = std::fs::remove_file(dir.path().join("own/notice/document.md.tera"));
    let output = preview(dir.path(), "notice");
    assert!(
        stderr(&output).contains("template folder \"notice\" has no document.md.tera below own"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn names_can_be_no_markup_anywhere() {
    let (dir, text_) = workplace(300);
    let evil = "<b>&\"'*_[x](y)`{{ 1 }}#";
    let text_ = text_.replace("name = \"2016年流动人口服务管理专项活动\"", &format!("name = '''{evil}'''"));
    setting::write(dir.path(), &text_);
    let output = preview(dir.path(), "weekly");
    assert!(output.status.success(), "{}", stderr(&output));
    let html = text(dir.path(), "_mail.html");
    assert!(html.contains("&lt;b&gt;&amp;&quot;&#39;*_[x](y)`{{ 1 }}#"), "{html}");
    assert!(pdf_text(dir.path()).split_whitespace().collect::<String>().contains("<b>&\"'*_[x](y)`{{1}}#"));
}
