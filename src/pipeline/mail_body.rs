//! Subject and body of a report's mail, with the charts as pictures.

use super::{Engine, RunError};
use crate::config::settings::Report;
use crate::delivery::message::{File, InlinePicture};
use crate::layout::chart;
use crate::render::pdf::PdfError;
use crate::render::raster::png;
use crate::render::templates::CHART;
use crate::report::model::Composition;
use crate::report::series::Series;

/// Width of a chart in a mail, in mm: that of a telephone.
const CHART_WIDTH: f32 = 88.0;
/// Pixels of a chart's picture for one CSS pixel: sharp on a telephone.
const SCALE: f32 = 2.5;

/// Subject and body of a report's mail, with the pictures that the HTML shows.
#[derive(Debug, Clone)]
pub(super) struct MailBody {
    pub subject: String,
    /// Pictures stand as `src="` and the address that was given them.
    pub html: String,
    pub text: String,
    /// PNG, in the order in which the HTML first shows them.
    pub pictures: Vec<Vec<u8>>,
}

/// Renders the mail; `address` says where the HTML finds each picture, counted from 1.
pub(super) fn body(
    engine: &Engine,
    report: &Report,
    composition: &Composition,
    title: &str,
    address: impl Fn(usize) -> String,
) -> Result<MailBody, RunError> {
    let mail = engine.templates.mail(report, title, composition)?;
    let mut html = mail.html;
    let mut pictures = Vec::new();
    for (i, name) in mail.charts.iter().enumerate() {
        let Some(Series::Chart(model)) = composition.series.get(name) else { continue };
        let drawing = chart::drawing(model, engine.fonts()?, CHART_WIDTH).map_err(PdfError::from)?;
        pictures.push(png(&drawing, engine.fonts()?, SCALE).map_err(RunError::Picture)?);
        html = html.replace(&format!("{CHART}{name}\""), &format!("src=\"{}\"", address(i + 1)));
    }
    Ok(MailBody { subject: mail.subject, html, text: mail.text, pictures })
}

/// The pictures as parts of a mail, under the ids by which its HTML names them.
pub(super) fn pictures(body: &MailBody, id: impl Fn(usize) -> String) -> Vec<InlinePicture> {
    let file = |number: usize, bytes: &[u8]| File {
        name: format!("chart{number}.png"),
        content_type: "image/png".to_owned(),
        bytes: bytes.to_vec(),
    };
    let numbered = (1..).zip(&body.pictures);
    numbered.map(|(number, bytes)| InlinePicture { id: id(number), file: file(number, bytes) }).collect()
}
