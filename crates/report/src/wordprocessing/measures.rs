//! Units of WordprocessingML, and the line grid of the official page in them.

use crate::layout::page::{CELL, LINE, SIZE_3};

/// Twentieths of a point, from mm.
pub(super) fn twips(mm: f32) -> i64 {
    (mm / 25.4 * 1440.0).round() as i64
}

/// Twentieths of a point, from points.
pub(super) fn twips_of(points: f32) -> i64 {
    (points * 20.0).round() as i64
}

/// Sizes of type are given in half points.
pub(super) fn half_points(points: f32) -> i64 {
    (points * 2.0).round() as i64
}

/// Widths of rules are given in eighths of a point, from mm.
pub(super) fn eighths(mm: f32) -> i64 {
    (mm / 25.4 * 576.0).round().max(2.0) as i64
}

/// Drawings are measured in units of which a millimetre has 36,000.
pub(super) fn emu(mm: f32) -> i64 {
    (mm * 36_000.0).round() as i64
}

/// The pitch of the page's 22 lines, rounded down so that all of them fit.
pub(super) fn line() -> i64 {
    (LINE / 25.4 * 1440.0).floor() as i64
}

/// The difference between the page's 28 cells and the type's own width, in twips, rounded down so that all
/// of them fit.
pub(super) fn cell_space() -> i64 {
    ((CELL / 25.4 * 72.0 - SIZE_3) * 20.0).floor() as i64
}
