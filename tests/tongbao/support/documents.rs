//! The documents of one engine on a sample register.

use std::path::{Path, PathBuf};

use jiff::civil::date;
use tongbao::config::settings::Settings;
use tongbao::digest::sha256;
use tongbao::pipeline::{Engine, Request};

use super::setting;

/// Writes the PDF of each report to a folder. `REPORT=NUMBER` prints a document number.
pub fn documents(dir: &Path, reports: &[&str]) -> Vec<PathBuf> {
    let url = setting::sample(dir, 3_000);
    // An office may turn a wide table.
    let turned = include_str!("../../../report_templates/acceptance/document.md.tera");
    let turned = turned.replace("各单位逻辑关系情况表\n\n```", "各单位逻辑关系情况表 {.turned}\n\n```");
    let templates_dir = dir.join("templates");
    std::fs::create_dir_all(templates_dir.join("acceptance")).unwrap();
    std::fs::write(templates_dir.join("acceptance/document.md.tera"), turned).unwrap();
    let settings = Settings { templates_dir, ..setting::settings(&url, dir) };
    let engine = Engine::new(settings).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let print = |text: &&str| {
        let (report, number) = text.split_once('=').unwrap();
        let request = Request {
            report: report.into(),
            from: Some(date(2016, 6, 6)),
            to: Some(date(2016, 6, 30)),
            number: Some(number.into()),
            dry_run: true,
            ..Request::default()
        };
        let now = "2016-07-01T01:00:00Z".parse().unwrap();
        let outcome = runtime.block_on(engine.run(None, &request, now, |_| {})).unwrap();
        let file = outcome.documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap();
        let path = dir.join(format!("{report}.pdf"));
        std::fs::write(&path, &file.bytes).unwrap();
        path
    };
    reports.iter().map(print).collect()
}

/// SHA-256 of each, by name of the report.
pub fn digests(dir: &Path, reports: &[&str]) -> Vec<String> {
    let mut paths = documents(dir, reports);
    paths.sort();
    paths.iter().map(|path| sha256(&std::fs::read(path).unwrap())).collect()
}
