//! The documents of a run: PDF, Word document, workbook, CSV.

use jiff::Timestamp;

use super::{Engine, RunError};
use crate::config::settings::{Attachment, Report, ReportKind, ReportLanguage};
use crate::layout::compose::compose;
use crate::one_line::one_line;
use crate::render::csv::csv;
use crate::render::docx::docx;
use crate::render::pdf::{self, PdfError};
use crate::render::summary::SummaryForms;
use crate::render::workbook::{self, Sheet, workbook};
use crate::report::chart::Chart;
use crate::report::document::{Block, Document, Table};
use crate::report::model::{Composition, Issue};
use crate::report::number::printed;
use crate::report::series::Series;
use crate::report::words::{Words, fill};
use crate::schedule::period::Period;
use crate::store::runs::StoredFile;

pub(super) const PDF: &str = "application/pdf";
pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(super) const CSV: &str = "text/csv";

impl Engine {
    /// What a PDF says of itself.
    pub(super) fn pdf_properties(&self, document: &Document, created: Timestamp) -> pdf::PdfProperties {
        pdf::PdfProperties {
            title: one_line(&document.head.title),
            author: self.settings.campaign.issuer.clone(),
            language: document.head.language.clone(),
            created,
        }
    }
}

/// Renders the documents under a name without extension.
pub(super) fn render(
    engine: &Engine,
    report: &Report,
    composition: &Composition,
    document: &Document,
    name: &str,
    now: Timestamp,
) -> Result<Vec<StoredFile>, RunError> {
    let properties = engine.pdf_properties(document, now);
    let file = |extension: &str, content_type: &str, bytes| StoredFile {
        name: format!("{name}.{extension}"),
        content_type: content_type.to_owned(),
        bytes,
    };
    let fonts = engine.fonts()?;
    let pages = compose(document, fonts).map_err(PdfError::from)?;
    let mut out = vec![file("pdf", PDF, pdf::print(&pages, fonts, &properties)?)];
    if report.attach.contains(&Attachment::Docx) {
        out.push(file("docx", DOCX, docx(document, &pages, fonts, &properties)?));
    }
    if report.attach.contains(&Attachment::Summary) {
        let bytes = summary(engine, report, composition, &properties)?;
        out.push(StoredFile { name: summary_name(report, name), content_type: PDF.to_owned(), bytes });
    }
    let sheets = sheets(document, composition, Words::of(report.language));
    let properties = workbook::WorkbookProperties {
        title: properties.title,
        author: properties.author,
        created: now,
        font: Words::of(report.language).files.font,
    };
    out.push(file("xlsx", XLSX, workbook(&sheets, &properties)?));
    let table = match report.kind {
        ReportKind::Ranking => "scores",
        ReportKind::Acceptance => "results",
        ReportKind::Bulletin | ReportKind::Own(_) => "progress",
    };
    if report.attach.contains(&Attachment::Csv)
        && let Some(Series::Table(table)) = composition.series.get(table)
    {
        let words = Words::of(report.language);
        out.push(file("csv", CSV, csv(&without_lines(table, words).with_codes(words.heads.code))));
    }
    Ok(out)
}

/// The report that 领导摘要 is, as far as its templates go.
pub(super) fn summary_page(report: &Report) -> Report {
    Report { kind: ReportKind::Own("summary".to_owned()), ..report.clone() }
}

/// 领导摘要, on one page.
fn summary(
    engine: &Engine,
    report: &Report,
    composition: &Composition,
    properties: &pdf::PdfProperties,
) -> Result<Vec<u8>, RunError> {
    let fonts = engine.fonts()?;
    let forms = SummaryForms::new(&engine.templates, &summary_page(report), composition)?;
    let (document, pages) = forms.on_one_page(fonts).map_err(PdfError::from)?;
    let title = one_line(&document.head.title);
    Ok(pdf::print(&pages, fonts, &pdf::PdfProperties { title, ..properties.clone() })?)
}

fn summary_name(report: &Report, name: &str) -> String {
    clean_name(&format!("{}_{name}.pdf", Words::of(report.language).files.summary))
}

/// Whether a file is the one-page summary 领导摘要.
pub(super) fn is_summary(report: &Report, name: &str) -> bool {
    name.starts_with(&format!("{}_", Words::of(report.language).files.summary))
}

/// Whether a document is attached to the report's mails.
pub(super) fn is_attached(report: &Report, file: &StoredFile) -> bool {
    let is_summary = is_summary(report, &file.name);
    report.attach.iter().any(|attachment| match attachment {
        Attachment::Pdf => file.content_type == PDF && !is_summary,
        Attachment::Summary => file.content_type == PDF && is_summary,
        Attachment::Docx => file.content_type == DOCX,
        Attachment::Xlsx => file.content_type == XLSX,
        Attachment::Csv => file.content_type == CSV,
    })
}

/// What the documents are called: campaign, kind, number and period, and whether it is a draft. A long
/// campaign name is cut, for a file name has 255 bytes.
pub(super) fn file_name(campaign: &str, report: &Report, issue: &Issue, period: Period) -> String {
    const LONGEST: usize = 120;
    let files = &Words::of(report.language).files;
    let kind = files.document(report);
    let draft = if issue.is_draft() { files.draft } else { "" };
    let number = issue.number.as_ref().filter(|_| !issue.is_draft());
    let number = number.map(|number| format!("_{}", printed(number, report.language))).unwrap_or_default();
    let blank = if report.language == ReportLanguage::Chinese { "" } else { " " };
    let campaign = prefix(campaign, LONGEST);
    let name = format!("{campaign}{blank}{kind}{draft}{number}_{}_{}", period.from, period.to);
    clean_name(&name)
}

/// Longest file name in bytes, with its ending: file systems take 255.
const LONGEST_NAME: usize = 200;

/// The longest beginning of a text that has at most `bytes` bytes.
fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A file name that every system takes: one that is too long is cut before its ending.
pub(super) fn clean_name(name: &str) -> String {
    let is_odd = |c: char| c.is_control() || "/\\:*?\"<>|\u{2028}\u{2029}".contains(c);
    let clean: String = name.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    if clean.len() <= LONGEST_NAME {
        return clean;
    }
    let (stem, ending) = cut_off(&clean, '.', 5);
    // What follows the last underscore says what the file is; the long part stands before it.
    let (long, kind) = cut_off(stem, '_', 60);
    let mut room = LONGEST_NAME.saturating_sub(kind.len() + ending.len() + '…'.len_utf8()).min(long.len());
    while !long.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}…{kind}{ending}", &long[..room])
}

/// A text before its last part, and that part with its sign, if it is short enough.
fn cut_off(text: &str, sign: char, at_most: usize) -> (&str, &str) {
    match text.rfind(sign) {
        Some(at) if text.len() - at <= at_most => text.split_at(at),
        _ => (text, ""),
    }
}

/// A sheet for each table of the document, in its order; the attachments give their names. The last ones have
/// the counts of which the rates are made, and the definitions as they are written.
fn sheets(document: &Document, composition: &Composition, words: &Words) -> Vec<Sheet> {
    let mut heading = words.files.body.to_owned();
    let mut out: Vec<Sheet> = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Attachment { label, title, .. } => heading = format!("{label} {title}"),
            Block::Heading { text, .. } => {
                heading = text.iter().map(|span| span.text.as_str()).collect();
            }
            Block::Table(table) => out.push(sheet(&heading, table, composition, words)),
            // A chart's figures are a table of their own where it prints more than its neighbours.
            Block::Chart(Chart::Heat(_)) => {
                if let Some(Series::Table(table)) = composition.series.get("unit_field_rates") {
                    out.push(sheet(&heading, table, composition, words));
                }
            }
            Block::Paragraph(_) | Block::Chart(_) => {}
        }
    }
    let further = [("unit_counts", words.files.counts), ("rules", words.files.rules)];
    let has_tables = !out.is_empty();
    for (name, heading) in further.into_iter().filter(|_| has_tables) {
        if let Some(Series::Table(table)) = composition.series.get(name) {
            out.push(sheet(heading, table, composition, words));
        }
    }
    if out.is_empty() {
        out.push(sheet(words.files.body, &Table::default(), composition, words));
    }
    out
}

fn sheet(heading: &str, table: &Table, composition: &Composition, words: &Words) -> Sheet {
    let model = &composition.model;
    let notes = vec![fill(words.files.as_of, &[&model.period.to, &model.pulled_at])];
    // Of several tables below one heading the caption says which it is; a tab has 31 characters.
    let (name, title) = match &table.caption {
        Some(caption) => (format!("{caption} {heading}"), format!("{heading} {caption}")),
        None => (heading.to_owned(), heading.to_owned()),
    };
    Sheet { name, title, table: without_lines(table, words).with_codes(words.heads.code), notes }
}

/// A sheet has no small lines: their column is left out, and what the note says of it.
fn without_lines(table: &Table, words: &Words) -> Table {
    let mut out = table.clone();
    if let (Some(note), Some(clause)) = (&mut out.note, out.line_note.take()) {
        for clause in [format!("{}{clause}", words.semicolon), format!("{clause}{}", words.semicolon), clause]
        {
            *note = note.replace(&clause, "");
        }
        out.note = out.note.filter(|note| *note != fill(words.notes.note, &[""]));
    }
    let is_line =
        |i: usize| table.rows.iter().any(|row| row.cells.get(i).is_some_and(|c| !c.course.is_empty()));
    for column in (0..table.columns.len()).rev().filter(|i| is_line(*i)) {
        out.columns.remove(column);
        if column < out.targets.len() {
            out.targets.remove(column);
        }
        out.rows.iter_mut().for_each(|row| drop(row.cells.remove(column)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Align, Cell, Column, Row};

    #[test]
    fn a_sheet_says_nothing_of_lines_that_it_does_not_have() {
        let words = Words::of(ReportLanguage::Chinese);
        let of = |note: &str| {
            let column = |head: &str| Column { head: head.to_owned(), align: Align::Left };
            let line = Cell { course: vec![Some(0.5)], ..Cell::default() };
            let table = Table {
                columns: vec![column("单位"), column("走势")],
                rows: vec![Row { cells: vec![Cell::text("甲村"), line], ..Row::default() }],
                note: Some(note.to_owned()),
                line_note: Some("走势为变化".to_owned()),
                ..Table::default()
            };
            let sheet = without_lines(&table, words);
            assert_eq!((sheet.columns.len(), sheet.rows[0].cells.len()), (1, 1));
            sheet.note
        };
        assert_eq!(of("注：甲；走势为变化；乙。").as_deref(), Some("注：甲；乙。"));
        assert_eq!(of("注：走势为变化；乙。").as_deref(), Some("注：乙。"));
        assert_eq!(of("注：走势为变化。"), None);
    }

    #[test]
    fn a_file_name_has_the_number_in_the_language_of_its_report() {
        let text = include_str!("../../config/tongbao.toml");
        let settings = crate::config::parse("demo", text, &Default::default()).unwrap().settings;
        let day = jiff::civil::date(2016, 6, 30);
        let issue = Issue { number: Some("荔街〔2016〕61号".into()), ..Issue::default() };
        let name = |language, campaign| {
            let report = Report { language, ..settings.reports["ranking"].clone() };
            file_name(campaign, &report, &issue, Period { from: day, to: day })
        };
        assert_eq!(
            name(ReportLanguage::Chinese, "专项活动"),
            "专项活动排名通报_荔街〔2016〕61号_2016-06-30_2016-06-30"
        );
        assert_eq!(
            name(ReportLanguage::English, "Campaign"),
            "Campaign ranking circular_荔街 [2016] No. 61_2016-06-30_2016-06-30"
        );
    }

    #[test]
    fn long_names_keep_what_they_are_of() {
        let long = format!("{}_差错清单.xlsx", "村".repeat(190));
        let name = clean_name(&long);
        assert!(
            name.len() <= LONGEST_NAME && name.starts_with("村村") && name.ends_with("…_差错清单.xlsx"),
            "{name}"
        );
        assert_eq!(clean_name("a/b\u{2028}c.pdf"), "a_b_c.pdf");
        assert_eq!(clean_name("荔城_本单位页.pdf"), "荔城_本单位页.pdf");
        for odd in [".".repeat(300), "_".repeat(300), format!("a.{}", "b".repeat(300)), "𠮷".repeat(100)] {
            assert!(clean_name(&odd).len() <= LONGEST_NAME);
        }
    }
}
