//! What a person looks at before a report is issued: the mail as it would be sent, and the charts.

use super::mail_body::body;
use super::{Engine, Rendered, RunError};
use crate::config::settings::Report;
use crate::layout::chart;
use crate::render::pdf::PdfError;
use crate::render::svg::svg;
use crate::report::document::Block;
use crate::store::runs::StoredFile;

/// Width of the charts' SVG in mm: that of the type area.
const WIDTH: f32 = 156.0;

/// The mail as `NAME_mail.html` with its pictures beside it and as `NAME_mail.txt`, and every chart
/// of the document as SVG.
pub(super) fn files(engine: &Engine, report: &Report, made: &Rendered) -> Result<Vec<StoredFile>, RunError> {
    let file = |name: String, content_type: &str, bytes| StoredFile {
        name,
        content_type: content_type.to_owned(),
        bytes,
    };
    let name = &made.name;
    let picture = |number: usize| format!("{name}_mail{number}.png");
    let body = body(engine, report, &made.composition, &made.title, picture)?;
    let text = format!("{}\n\n{}", body.subject, body.text);
    let mut out = vec![
        file(format!("{name}_mail.html"), "text/html", body.html.into_bytes()),
        file(format!("{name}_mail.txt"), "text/plain", text.into_bytes()),
    ];
    for (number, bytes) in (1..).zip(body.pictures) {
        out.push(file(picture(number), "image/png", bytes));
    }
    let charts = made.document.blocks.iter().filter_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        _ => None,
    });
    for (number, model) in (1..).zip(charts) {
        let drawing = chart::drawing(model, engine.fonts()?, WIDTH).map_err(PdfError::from)?;
        let text = svg(&drawing, engine.fonts()?, chart::title(model));
        out.push(file(format!("{name}_chart{number}.svg"), "image/svg+xml", text.into_bytes()));
    }
    Ok(out)
}
