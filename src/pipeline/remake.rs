//! A recorded run made again from its stored tallies: figures, charts and pages, as of the instant it was issued.

use jiff::Timestamp;

use super::mail::members;
use super::recomputed::{Recomputed, RunRules, issued_at};
use super::unit_extracts::{ExtractParts, own_page, own_point};
use super::{Engine, RunError, WordedReport, run_documents};
use crate::config::settings::{Recipient, Report};
use crate::delivery::message::File;
use crate::layout::chart;
use crate::layout::compose::compose as set_pages;
use crate::layout::page::Pages;
use crate::one_line::one_line;
use crate::ranking::results::Results;
use crate::render::pdf::{self, PdfError};
use crate::render::svg::svg;
use crate::report::chart::Chart;
use crate::report::compose::compose;
use crate::report::document::Document;
use crate::report::model::{Composition, Issue};
use crate::report::series::TrendPoint;
use crate::store::Store;
use crate::store::amendments::in_force;
use crate::store::runs::{Run, StoredFile};

/// A run made again.
pub struct Remade {
    /// All figures, computed by the rules that it was made by; where these are not known any more, by those in use now.
    pub results: Results,
    /// The model and the series that its templates see.
    pub composition: Composition,
    /// The document as it was issued, with amended sections.
    pub document: Document,
    /// Points of the trend up to this run.
    pub trend: Vec<TrendPoint>,
    /// Whether these rules give the figures that were printed.
    pub agrees: bool,
    pub(super) rules: RunRules,
    pub(super) issue: Issue,
    pub(super) issued_at: Timestamp,
}

impl Remade {
    /// The title of its document in one line.
    pub fn title(&self) -> String {
        one_line(&self.document.head.title)
    }

    /// The program under the rules of the run.
    pub fn engine<'a>(&'a self, in_use: &'a Engine) -> &'a Engine {
        self.rules.engine().unwrap_or(in_use)
    }
}

/// The PDF that a run makes today. If it is that of the archive, its pages are those of the archive.
pub struct Printed {
    pages: Pages,
    title: String,
    pub pdf: Vec<u8>,
}

impl Engine {
    /// Makes a run again as it was issued, or drafted if it was not released, under the rules that it was made by.
    pub async fn remade(&self, store: &Store, run: &Run) -> Result<Remade, RunError> {
        let rules = self.rules_of(store, run).await?;
        let remade = rules.engine().unwrap_or(self).remade_by_own_rules(store, run).await?;
        Ok(Remade { rules, ..remade })
    }

    async fn remade_by_own_rules(&self, store: &Store, run: &Run) -> Result<Remade, RunError> {
        let recomputed = self.recomputed(store, run).await?;
        let issued_at = issued_at(run)?;
        let issue = self.issue_of(run, issued_at);
        let history = store.amendments(run.id).await?;
        let amendments = in_force(&history);
        let WordedReport { composition, document, trend } =
            self.word(recomputed.context(&issue, issued_at, &amendments)).await?;
        let Recomputed { results, agrees, .. } = recomputed;
        let rules = RunRules::InUse;
        Ok(Remade { results, composition, document, trend, agrees, rules, issue, issued_at })
    }

    /// What a run says of one unit and those below it; `None` if it has no such unit.
    pub fn own(&self, report: &Report, remade: &Remade, code: &str) -> Option<Composition> {
        let results = remade.results.only(code)?;
        let trend: Vec<TrendPoint> =
            remade.trend.iter().filter_map(|point| own_point(point, &results)).collect();
        Some(compose(&remade.engine(self).settings, &own_page(report), &results, &trend, &remade.issue))
    }

    /// The own page and the correction list of a unit as files, made again from a run.
    pub async fn own_files(
        &self,
        store: &Store,
        run: &Run,
        remade: &Remade,
        code: &str,
    ) -> Result<Vec<StoredFile>, RunError> {
        let report = self.report(&run.report)?;
        let corrections = store.corrections(run.id).await?;
        let Remade { results, trend, issue, issued_at, .. } = remade;
        let parts = ExtractParts {
            engine: remade.engine(self),
            report,
            results,
            trend,
            issue,
            corrections: &corrections,
            now: *issued_at,
        };
        let files = match parts.own(code)? {
            Some(own) => parts.files(code, &own)?,
            None => Vec::new(),
        };
        let files = files.into_iter();
        Ok(files.map(|File { name, content_type, bytes }| StoredFile { name, content_type, bytes }).collect())
    }

    /// The document of a run set and printed. Fonts are read and glyphs are set: it takes a while.
    pub fn printed(&self, remade: &Remade) -> Result<Printed, RunError> {
        let fonts = self.fonts()?;
        let pages = set_pages(&remade.document, fonts).map_err(PdfError::from)?;
        let properties = self.pdf_properties(&remade.document, remade.issued_at);
        Ok(Printed { pdf: pdf::print(&pages, fonts, &properties)?, pages, title: properties.title })
    }

    /// The very pages of a PDF as SVG, in order.
    pub fn images(&self, printed: &Printed) -> Result<Vec<String>, RunError> {
        let fonts = self.fonts()?;
        Ok(printed.pages.pages.iter().map(|page| svg(page, fonts, &printed.title)).collect())
    }

    /// A chart as SVG of a width in mm.
    pub fn chart(&self, model: &Chart, width: f32) -> Result<String, RunError> {
        let drawing = chart::drawing(model, self.fonts()?, width).map_err(PdfError::from)?;
        Ok(svg(&drawing, self.fonts()?, chart::title(model)))
    }

    /// Who gets a report, each address once.
    pub fn recipients(&self, report: &Report) -> Vec<&Recipient> {
        members(&self.settings, &report.to).into_iter().map(|member| member.recipient).collect()
    }

    /// Whether a document of a run is its one-page summary.
    pub fn is_summary(&self, run: &Run, name: &str) -> bool {
        self.report_of(run).is_some_and(|report| run_documents::is_summary(report, name))
    }

    /// The report of a run, if it is still configured.
    pub fn report_of(&self, run: &Run) -> Option<&Report> {
        self.settings.reports.get(&run.report)
    }
}
