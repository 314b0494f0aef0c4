//! Setting and writing documents: a bulletin of five pages, in one process with the fonts parsed once.
//!
//! With the Python of an environment that has Typst in `TONGBAO_BENCH_PYTHON`, Typst sets the same
//! content in the same fonts right after it, and the ratio is printed. `benches/documents.sh` does so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use criterion::Criterion;
use jiff::civil::date;
use tongbao::config;
use tongbao::config::settings::{DatabaseUrl, Settings};
use tongbao::layout::compose::compose as set_pages;
use tongbao::pipeline::{Engine, Request};
use tongbao::render::fonts::FontSet;
use tongbao::render::pdf::{PdfProperties, pdf};
use tongbao::report::compose::compose;
use tongbao::report::document::{Block, Document, TextSpan};
use tongbao::report::model::Issue;
use tongbao::source::sample::{self, SamplePlan};

const COUNT: usize = 100;

fn settings(dir: &Path) -> Settings {
    let text = include_str!("../config/tongbao.toml");
    let mut settings = config::parse("tongbao.toml", text, &Default::default()).unwrap().settings;
    settings.source.url = DatabaseUrl::new(format!("sqlite:{}", dir.join("register.db").display()));
    settings.state_dir = dir.join("state");
    settings
}

/// The weekly bulletin of a sample register: its text, the progress of twenty units, the definitions.
fn bulletin(engine: &Engine) -> Document {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let settings = &engine.settings;
    runtime
        .block_on(sample::fill(
            &settings.source.url,
            &SamplePlan { persons: 5_000, ..SamplePlan::default() },
            |_| {},
        ))
        .unwrap();
    let request = Request {
        report: "weekly".into(),
        from: Some(date(2016, 6, 6)),
        to: Some(date(2016, 6, 12)),
        dry_run: true,
        ..Request::default()
    };
    let now = "2016-06-13T01:00:00Z".parse().unwrap();
    let outcome = runtime.block_on(engine.run(None, &request, now, |_| {})).unwrap();
    let issue = Issue {
        date: date(2016, 6, 13),
        number: Some("第2期".into()),
        round: 1,
        held: Vec::new(),
        late_since: None,
    };
    let report = &settings.reports["weekly"];
    let composition = compose(settings, report, &outcome.results, &[], &issue);
    let mut document = engine.templates.document(report, &composition).unwrap();
    shorten(&mut document);
    document
}

/// Leaves out the charts and the attachments that are wide or nothing but a chart, and all but twenty
/// rows of the progress: five pages.
fn shorten(document: &mut Document) {
    document.blocks.retain(|block| !matches!(block, Block::Chart(_)));
    let mut kept: Vec<Block> = Vec::new();
    for block in std::mem::take(&mut document.blocks) {
        match (&block, kept.last()) {
            (Block::Attachment { .. }, Some(Block::Attachment { .. })) => *kept.last_mut().unwrap() = block,
            (Block::Table(_), Some(Block::Attachment { turned: true, .. })) => drop(kept.pop()),
            _ => kept.push(block),
        }
    }
    document.blocks = kept;
    for block in &mut document.blocks {
        if let Block::Table(table) = block {
            table.rows.truncate(20);
        }
    }
}

fn properties() -> PdfProperties {
    PdfProperties {
        title: "进度通报".into(),
        author: "荔城街道办事处".into(),
        language: "zh-CN".into(),
        created: "2016-06-13T01:00:00Z".parse().unwrap(),
    }
}

fn main() {
    let dir = std::env::temp_dir().join(format!("tongbao-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let settings = settings(&dir);
    let engine = Engine::new(settings).unwrap();
    let start = processor();
    let fonts = engine.fonts().unwrap();
    println!("fonts: parsed in {:.0} ms, {} MB", processor() - start, memory());
    let mut document = bulletin(&engine);
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("layout of a bulletin", |b| b.iter(|| set_pages(&document, fonts).unwrap()));
    criterion.bench_function("layout and pdf of a bulletin", |b| {
        b.iter(|| pdf(&document, fonts, &properties()).unwrap())
    });
    criterion.final_summary();
    let ours = hundred(&mut document, fonts);
    peer(&dir, &document, ours);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// A hundred different bulletins, one after the other; returns ms of the processor for one.
fn hundred(document: &mut Document, fonts: &FontSet) -> f64 {
    let (mut bytes, start, before) = (0, Instant::now(), processor());
    for i in 0..COUNT {
        document.head.number = Some(format!("第{}期", i + 1));
        bytes = pdf(document, fonts, &properties()).unwrap().len();
    }
    let each = (processor() - before) / COUNT as f64;
    let wall = start.elapsed().as_secs_f64() * 1000.0 / COUNT as f64;
    let pages = set_pages(document, fonts).unwrap().pages.len();
    println!(
        "{COUNT} bulletins of {pages} pages: {each:.1} ms of the processor ({wall:.1} ms of the clock) and {} kB each, peak {} MB",
        bytes / 1000,
        memory()
    );
    each
}

/// Time the processor has spent on this process, in ms: other work on the machine does not count.
fn processor() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = status.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time in hundredths of a second (proc(5)).
    (ticks(11) + ticks(12)) * 10.0
}

/// Peak of the process's memory in MB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kb| kb.parse().ok()).unwrap_or(0_u64)
        / 1024
}

/// Typst on the same content.
fn peer(dir: &Path, document: &Document, ours: f64) {
    let Ok(python) = std::env::var("TONGBAO_BENCH_PYTHON") else {
        println!("Typst: not measured; run benches/documents.sh");
        return;
    };
    let source = dir.join("bulletin.typ");
    std::fs::write(&source, typst(document)).unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/typst_peer.py");
    let output = Command::new(python).arg(script).arg(&source).arg(COUNT.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let theirs: f64 = text.split(' ').next().and_then(|ms| ms.parse().ok()).unwrap();
    println!("Typst {text}: ratio {:.2} (ours to Typst's)", ours / theirs);
}

fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect()
}

fn words(spans: &[TextSpan]) -> String {
    spans.iter().map(|span| escaped(&span.text)).collect()
}

/// The document in Typst's language, with the measures of the official page. NUMBER is replaced by the
/// script, so that every one is another document.
fn typst(document: &Document) -> String {
    let head = &document.head;
    let mut out = String::from(
        "#set page(width: 210mm, height: 297mm, margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), numbering: \"— 1 —\")\n\
         #set text(font: \"FandolFang R\", size: 16pt, lang: \"zh\", region: \"cn\")\n\
         #set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 13pt)\n\
         #show heading: set text(font: \"Noto Sans CJK SC\", size: 16pt)\n",
    );
    let big = |text: &str, size: u32, colour: &str| {
        format!(
            "#align(center, text(font: \"Noto Serif CJK SC\", weight: \"bold\", size: {size}pt, fill: {colour})[{}])\n",
            escaped(text)
        )
    };
    out += &big(&head.mark, 44, "red");
    out += "#align(center)[NUMBER]\n#line(length: 100%, stroke: 0.6mm + red)\n";
    head.title.lines().for_each(|line| out += &big(line, 22, "black"));
    for block in &document.blocks {
        match block {
            Block::Heading { text, .. } => out += &format!("\n= {}\n", words(text)),
            Block::Paragraph(spans) => out += &format!("\n{}\n", words(spans)),
            Block::Attachment { label, title, .. } => {
                out += &format!("#pagebreak()\n{}\n", escaped(label));
                out += &big(title, 22, "black");
            }
            Block::Table(table) => {
                let heads = table.columns.iter().map(|column| column.head.as_str());
                let cells = table.rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.text.as_str()));
                let cells: Vec<String> =
                    heads.chain(cells).map(|text| format!("[{}]", escaped(text))).collect();
                let (count, cells) = (table.columns.len(), cells.join(", "));
                out += &format!("#text(size: 12pt, table(columns: {count}, {cells}))\n");
            }
            Block::Chart(_) => {}
        }
    }
    out += &format!("\n{}\n\n{}\n", escaped(&head.signatory), escaped(&head.date));
    out
}
