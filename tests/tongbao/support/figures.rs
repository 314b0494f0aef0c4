//! Counts made up for what is printed of them.

use fastrand::Rng;
use tongbao::indicator::counters::{Counters, OwnWidth};
use tongbao::indicator::counts::Counts;

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
        applicable: Counters::same(records, 9),
        filled: Counters::same(complete, 9),
        relation_judged: Counters::same(records, 5),
        relation_passed: Counters::same(accurate, 5),
        ..Counts::default()
    }
}

/// Counts below a limit, in half of the cases also of own definitions.
pub fn counts(rng: &mut Rng, below: u64) -> Counts {
    let built_in = std::array::from_fn(|_| rng.u64(..below));
    let width = match rng.bool() {
        true => OwnWidth { fields: rng.usize(..=55), relations: rng.usize(..=64) },
        false => OwnWidth::default(),
    };
    let own = std::iter::repeat_with(|| rng.u64(..below));
    Counts::of_built_in(built_in).with_own(width, own).unwrap()
}
