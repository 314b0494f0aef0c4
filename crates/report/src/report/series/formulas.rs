//! Formulas of tables for the workbook. One is set only where it gives the printed value.

use crate::report::document::{Formula, PrintedNumber, RatioTarget, Row, Table};
use tongbao_config::settings::Target;

/// Sums of whole columns in the rows of totals, unless rows are below each other.
pub(super) fn sums(table: &mut Table) {
    let is_flat = table.rows.iter().all(|row| row.cells.iter().all(|cell| cell.indent == 0));
    let Some(last) = table.rows.len().checked_sub(1).filter(|last| is_flat && table.rows[*last].total) else {
        return;
    };
    for column in 0..table.columns.len() {
        let above: Option<u64> = table.rows[..last].iter().map(|row| count(row, column)).sum();
        if above.is_some() && above == count(&table.rows[last], column) {
            table.rows[last].cells[column].formula = Some(Formula::ColumnSum);
        }
    }
}

fn count(row: &Row, column: usize) -> Option<u64> {
    match row.cells.get(column)?.number? {
        PrintedNumber::Count(count) => Some(count),
        _ => None,
    }
}

/// Rates in `column` as the share of two columns of counts, each with the target of its row.
pub(super) fn ratios(
    table: &mut Table,
    column: usize,
    (numerator, denominator): (usize, usize),
    target_of_row: impl Fn(usize) -> Option<Target>,
) {
    let limit = |Target(target): Target| {
        let (n, d) = (u128::from(*target.numer()), u128::from(*target.denom()));
        let most = (n * 10_000).div_ceil(d).saturating_sub(1);
        RatioTarget { target: n as f64 / d as f64, most_below: most as f64 / 10_000.0 }
    };
    for (at, row) in table.rows.iter_mut().enumerate() {
        if count(row, numerator).is_some() && count(row, denominator).is_some_and(|of| of > 0) {
            let target = target_of_row(at).map(limit);
            row.cells[column].formula = Some(Formula::Ratio { numerator, denominator, target });
        }
    }
}
