//! 领导摘要, which belongs on one page.

use tongbao_config::settings::Report;
use tongbao_report::layout::compose::compose;
use tongbao_report::layout::metrics::{Metrics, MissingGlyph};
use tongbao_report::layout::page::Pages;
use tongbao_report::report::document::{Block, Document};
use tongbao_report::report::model::{Composition, Model};
use tongbao_report::report::series::Series;

use crate::templates::{TemplateError, Templates};

/// The table of the first and last places, and the same with ever fewer rows.
const ENDS: [&str; 4] = ["ends", "ends 4", "ends 3", "ends 2"];

/// The forms of a summary.
pub struct SummaryForms {
    fullest: Document,
    /// Ever shorter: the table of the first and last places has fewer rows; then the text does not name the units that
    /// lack most; at last the table is left out.
    shorter: Vec<Document>,
}

impl SummaryForms {
    /// Renders them; `report` is the summary's own.
    pub fn new(
        templates: &Templates,
        report: &Report,
        composition: &Composition,
    ) -> Result<SummaryForms, TemplateError> {
        let fullest = templates.document(report, composition)?;
        let model = Model { gap: None, ..composition.model.clone() };
        let brief = Composition { model, series: composition.series.clone() };
        let brief = templates.document(report, &brief)?;
        let with = |document: &Document, ends: Option<&str>| with_ends(document, composition, ends);
        let mut shorter: Vec<Document> = ENDS[1..].iter().map(|ends| with(&fullest, Some(ends))).collect();
        shorter.extend(ENDS.iter().map(|ends| with(&brief, Some(ends))));
        shorter.extend([with(&fullest, None), with(&brief, None)]);
        Ok(SummaryForms { fullest, shorter })
    }

    /// The first form that has one page, or else the shortest, with its pages.
    pub fn on_one_page(self, metrics: &dyn Metrics) -> Result<(Document, Pages), MissingGlyph> {
        let mut pages = compose(&self.fullest, metrics)?;
        let mut document = self.fullest;
        for shorter in self.shorter {
            if pages.pages.len() <= 1 {
                break;
            }
            pages = compose(&shorter, metrics)?;
            document = shorter;
        }
        Ok((document, pages))
    }
}

/// The document with another table of the first and last places, or without one.
fn with_ends(document: &Document, composition: &Composition, ends: Option<&str>) -> Document {
    let table = |name: &str| match composition.series.get(name) {
        Some(Series::Table(table)) => Some(Block::Table(table.clone())),
        _ => None,
    };
    let mut document = document.clone();
    let place = table(ENDS[0]).and_then(|whole| document.blocks.iter().position(|block| *block == whole));
    if let Some(at) = place {
        match ends.and_then(table) {
            Some(shorter) => document.blocks[at] = shorter,
            None => drop(document.blocks.remove(at)),
        }
    }
    document
}
