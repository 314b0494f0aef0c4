//! Counts made up for what is printed of them.

use tongbao::indicator::tally::Counts;

/// So many records, of which so many are complete, and so many accurate, each of another person of the roster.
pub fn counts_of([records, complete, accurate]: [u64; 3]) -> Counts {
    Counts {
        records,
        complete,
        judged: records,
        accurate,
        persons: records,
        covered: records,
        covered_own: records,
        applicable: first(9, records),
        filled: first(9, complete),
        relation_judged: first(5, records),
        relation_passed: first(5, accurate),
        ..Counts::default()
    }
}

/// The counts of the built-in fields or relations, which come before an office's own.
fn first<const N: usize>(many: usize, count: u64) -> [u64; N] {
    std::array::from_fn(|at| if at < many { count } else { 0 })
}
