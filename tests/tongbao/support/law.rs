//! Laws are tried on fresh cases of each run; one that fails shrinks to a small one and is printed.

use proptest::prelude::*;

/// So many cases of a law.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

/// A generator of its own for things that are drawn as a whole. They shrink with the sizes beside it.
pub fn rng() -> impl Strategy<Value = fastrand::Rng> {
    any::<u64>().no_shrink().prop_map(fastrand::Rng::with_seed)
}
