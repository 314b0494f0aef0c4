//! The small line of a cell: the course of a rate over the periods.

use crate::layout::metrics::Metrics;
use crate::layout::page::{Area, Canvas, Colour, Page, PageItem};
use crate::report::document::Table;

/// Least height of the scale, as a share of 1: noise must not look like a leap.
const LEAST: f64 = 0.05;

/// Lowest and highest value of all lines of a table, so that they compare.
pub fn scale(table: &Table) -> (f64, f64) {
    let all =
        table.rows.iter().flat_map(|row| row.cells.iter().flat_map(|cell| cell.course.iter().flatten()));
    let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    if low > high { (0.0, 1.0) } else { (low, high.max(low + LEAST)) }
}

/// The small line alone, on a sheet of a width and height in mm.
pub fn drawing(
    course: &[Option<f64>],
    scale: (f64, f64),
    (width, height): (f32, f32),
    metrics: &dyn Metrics,
) -> Page {
    let mut sheet = Canvas::new(metrics);
    sheet.new_page(Area { page: (width, height), left: 0.0, top: 0.0, width, height });
    draw(&mut sheet, course, scale, (0.0, 0.0), (width, height));
    sheet.out.pages.pop().unwrap_or_default()
}

/// Draws the values as a line from left to right, with a dot at the last.
pub(super) fn draw(
    canvas: &mut Canvas,
    course: &[Option<f64>],
    (low, high): (f64, f64),
    (left, top): (f32, f32),
    (width, height): (f32, f32),
) {
    const MARGIN: f32 = 1.2;
    // In a high row the line keeps the height that it has in the others.
    const HIGHEST: f32 = 8.0;
    let (top, height) = (top + (height - HIGHEST).max(0.0) / 2.0, height.min(HIGHEST));
    let steps = course.len().saturating_sub(1).max(1) as f32;
    let place = |(i, value): (usize, &Option<f64>)| {
        let share = ((*value)? - low) / (high - low);
        let y = top + height - MARGIN - share as f32 * (height - 2.0 * MARGIN);
        Some((left + width * i as f32 / steps, y))
    };
    let places: Vec<Option<(f32, f32)>> = course.iter().enumerate().map(place).collect();
    for pair in places.windows(2) {
        if let [Some(from), Some(to)] = *pair {
            canvas.push(PageItem::Line { from, to, width: 0.3, colour: Colour::Black, dash: None });
        }
    }
    if let Some(Some((x, y))) = places.last() {
        const DOT: f32 = 0.9;
        let (x, y) = (x - DOT / 2.0, y - DOT / 2.0);
        canvas.push(PageItem::Fill { x, y, width: DOT, height: DOT, colour: Colour::Black });
    }
}
