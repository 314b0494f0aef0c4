//! Bursting: what a recipient who answers for one unit gets in addition to the report: the unit's own page,
//! and its correction list.

use jiff::Timestamp;

use super::{Engine, RunError, run_documents};
use crate::config::settings::{Report, ReportKind, Settings};
use crate::delivery::message::File;
use crate::indicator::correction::{CorrectionList, CorrectionLists};
use crate::ranking::results::Results;
use crate::render::pdf::pdf;
use crate::render::workbook::{self, Sheet, workbook};
use crate::report::compose::compose;
use crate::report::correction;
use crate::report::document::Document;
use crate::report::model::{Composition, Issue};
use crate::report::series::TrendPoint;
use crate::report::words::Words;

/// The report that a unit's own page is, as far as its templates go.
pub fn own_page(report: &Report) -> Report {
    Report { kind: ReportKind::Own("unit".to_owned()), ..report.clone() }
}

/// Codes of the units that recipients of a report answer for, each once.
pub fn listed(settings: &Settings, report: &Report) -> Vec<String> {
    let members = super::mail::members(settings, &report.to);
    let mut codes: Vec<String> =
        members.into_iter().flat_map(|member| member.units).map(str::to_owned).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// What the own parts are made from.
pub(super) struct ExtractParts<'a> {
    pub engine: &'a Engine,
    pub report: &'a Report,
    pub results: &'a Results,
    pub trend: &'a [TrendPoint],
    pub issue: &'a Issue,
    pub corrections: &'a CorrectionLists,
    pub now: Timestamp,
}

impl ExtractParts<'_> {
    /// What the page and the mail of a unit are made from; `None` for a unit the register does not have:
    /// `tongbao check` tells.
    pub(super) fn own(&self, code: &str) -> Result<Option<Own>, RunError> {
        let Some(results) = self.results.only(code) else {
            tracing::warn!(unit = code, "a recipient answers for a unit that the register does not have");
            return Ok(None);
        };
        self.compose(code, results).map(Some)
    }

    /// The own page and the correction list of a unit.
    pub(super) fn files(&self, code: &str, own: &Own) -> Result<Vec<File>, RunError> {
        let mut files = vec![self.page(own)?];
        // A list of nothing would only ask what it is for.
        if let Some(list) = self.corrections.get(code).filter(|list| !list.is_empty()) {
            files.push(self.list(&own.results, list)?);
        }
        Ok(files)
    }

    fn compose(&self, code: &str, results: Results) -> Result<Own, RunError> {
        let ExtractParts { engine, issue, .. } = self;
        let report = own_page(self.report);
        let trend: Vec<TrendPoint> =
            self.trend.iter().filter_map(|point| own_point(point, &results)).collect();
        let mut composition = compose(&engine.settings, &report, &results, &trend, issue);
        composition.model.corrections = self.corrections.get(code).map_or(0, CorrectionList::len);
        let document = engine.templates.document(&report, &composition)?;
        Ok(Own { report, results, composition, document })
    }

    fn page(&self, own: &Own) -> Result<File, RunError> {
        let ExtractParts { engine, now, .. } = self;
        let Own { document, results, .. } = own;
        let properties = engine.pdf_properties(document, *now);
        let words = Words::of(self.report.language);
        Ok(File {
            name: run_documents::clean_name(&format!("{}.pdf", file_name(results, words.corrections.page))),
            content_type: run_documents::PDF.to_owned(),
            bytes: pdf(document, engine.fonts()?, &properties)?,
        })
    }

    fn list(&self, results: &Results, list: &CorrectionList) -> Result<File, RunError> {
        let settings = &self.engine.settings;
        let words = Words::of(self.report.language);
        let title = format!("{} {}", name(results), words.corrections.list);
        let sheet = Sheet {
            name: words.corrections.list.to_owned(),
            title: title.clone(),
            table: correction::table(list, &settings.indicators, self.report.language),
            notes: vec![words.corrections.notice.to_owned()],
        };
        let properties = workbook::WorkbookProperties {
            title,
            author: settings.campaign.issuer.clone(),
            created: self.now,
            font: words.files.font,
        };
        Ok(File {
            name: run_documents::clean_name(&format!("{}.xlsx", file_name(results, words.corrections.list))),
            content_type: run_documents::XLSX.to_owned(),
            bytes: workbook(&[sheet], &properties)?,
        })
    }
}

/// What the page and the mail of one unit are made from.
pub(super) struct Own {
    /// The report as its templates see it.
    pub report: Report,
    /// Of the unit alone.
    pub results: Results,
    pub composition: Composition,
    pub document: Document,
}

/// Unit, what it is, and the period, so that one week's file does not replace another's.
fn file_name(results: &Results, what: &str) -> String {
    format!("{}_{what}_{}_{}", name(results), results.period.from, results.period.to)
}

fn name(results: &Results) -> &str {
    results.units.first().map_or("", |unit| unit.full_name.as_str())
}

/// A point of the trend as the unit alone sees it.
pub(super) fn own_point(point: &TrendPoint, results: &Results) -> Option<TrendPoint> {
    let code = &results.units.first()?.unit.code;
    let figures = point.units.get(code)?;
    let units = [(code.clone(), figures.clone())].into();
    let (label, figures) = (point.label.clone(), figures.as_ref().clone());
    Some(TrendPoint { label, is_recounted: point.is_recounted, figures, units })
}
