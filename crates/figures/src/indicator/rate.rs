//! A rate is two counts until it is printed.

use num_rational::Ratio;

use tongbao_config::settings::Target;

/// Numerator over denominator, exact. With denominator 0 there is no rate, and documents print `—`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Rate {
    /// What counts.
    pub numerator: u64,
    /// What could have counted.
    pub denominator: u64,
}

impl Rate {
    /// Never reduced: 2/4 stays 2/4, so that counts are printed as they were counted.
    pub fn new(numerator: u64, denominator: u64) -> Rate {
        Rate { numerator, denominator }
    }

    /// The exact value, `None` when the denominator is 0.
    pub fn value(self) -> Option<Ratio<u64>> {
        (self.denominator != 0).then(|| Ratio::new(self.numerator, self.denominator))
    }

    /// Both together. A unit without a denominator does not lend its numerator to units that have one.
    pub fn with(self, other: Rate) -> Rate {
        match (self.denominator, other.denominator) {
            (0, 0) => Rate::new(self.numerator + other.numerator, 0),
            (_, 0) => self,
            (0, _) => other,
            (a, b) => Rate::new(self.numerator + other.numerator, a + b),
        }
    }

    /// Whether the rate reaches `target`, compared by integers; `None` when there is no rate.
    pub fn meets(self, target: Target) -> Option<bool> {
        let (n, d) = (u128::from(self.numerator), u128::from(self.denominator));
        let (tn, td) = (u128::from(*target.0.numer()), u128::from(*target.0.denom()));
        (d != 0).then(|| n * td >= tn * d)
    }

    /// Whether more were counted than were expected, so that the denominator has to be verified.
    pub fn is_in_doubt(self) -> bool {
        self.denominator != 0 && self.numerator > self.denominator
    }

    /// Whether a document may say that the target is met: `None` when there is no rate, and when it is in doubt.
    pub fn judged(self, target: Target) -> Option<bool> {
        self.meets(target).filter(|_| !self.is_in_doubt())
    }
}
