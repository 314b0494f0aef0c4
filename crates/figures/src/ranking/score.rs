//! Score 综合得分: weighted points out of 100, exact until printed.

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::Zero;

use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use tongbao_config::settings::{Indicator, Indicators, Scoring, Target};

/// A unit's score and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Out of 100, after deductions and veto, never below 0.
    pub total: BigRational,
    /// Points of each rate, by [`Indicator::index`]; none of one that is not measured.
    pub parts: Vec<BigRational>,
    /// Points taken, with the reason.
    pub deductions: Vec<(BigRational, String)>,
    /// Reasons of the vetoes that set the score to 0.
    pub vetoes: Vec<String>,
}

/// The score of the unit with this code and kind: `weight × min(rate / target, 1)` per indicator, less the
/// configured deductions, 0 under a veto. A unit that has registered nobody earns no points; otherwise
/// `None` when a weighted rate has no denominator. Without a kind the general targets and weights apply.
pub fn score(
    code: &str,
    kind: Option<&str>,
    figures: &Figures,
    indicators: &Indicators,
    scoring: &Scoring,
) -> Option<Score> {
    let mut parts = vec![Points::NONE; Indicator::ALL.len() + indicators.own.len()];
    for indicator in indicators.all() {
        let weight = indicators.weight_of(scoring, indicator, kind);
        if !weight.is_zero() && !figures.is_silent() {
            parts[indicator.index()] =
                Points::of(weight, figures.rate(indicator), indicators.target_of(indicator, kind))?;
        }
    }
    let deductions: Vec<(BigRational, String)> = scoring
        .deductions
        .iter()
        .filter(|deduction| deduction.unit == code)
        .map(|deduction| (big(deduction.points), deduction.reason.clone()))
        .collect();
    let vetoes: Vec<String> = scoring
        .vetoes
        .iter()
        .filter(|veto| figures.rate(veto.indicator).meets(veto.below) == Some(false))
        .map(|veto| veto.reason.clone())
        .collect();
    let total = match (deductions.as_slice(), vetoes.is_empty()) {
        (_, false) => BigRational::zero(),
        ([], true) => sum(&parts),
        (taken, true) => {
            taken.iter().fold(sum(&parts), |sum, (points, _)| sum - points).max(BigRational::zero())
        }
    };
    Some(Score { total, parts: parts.into_iter().map(Points::into_big).collect(), deductions, vetoes })
}

/// Points as a fraction that need not be in lowest terms: of thousands of units, reducing each is
/// what would take the time.
#[derive(Clone, Copy)]
struct Points {
    numerator: u128,
    denominator: u128,
}

impl Points {
    const NONE: Points = Points { numerator: 0, denominator: 1 };

    /// `weight × min(rate / target, 1)`; `None` without a denominator.
    fn of(weight: Ratio<u64>, rate: Rate, target: Target) -> Option<Points> {
        let [n, d] = [rate.numerator, rate.denominator].map(u128::from);
        let [wn, wd, tn, td] =
            [*weight.numer(), *weight.denom(), *target.0.numer(), *target.0.denom()].map(u128::from);
        if rate.meets(target)? {
            return Some(Points { numerator: wn, denominator: wd });
        }
        // Weights up to 100 and targets up to 1 have at most eight digits, counts at most twenty: below
        // 10^36, which fits.
        Some(Points { numerator: wn * n * td, denominator: wd * d * tn })
    }

    fn into_big(self) -> BigRational {
        BigRational::new_raw(self.numerator.into(), self.denominator.into())
    }

    /// The sum, if it fits.
    fn plus(self, other: Points) -> Option<Points> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Some(Points { numerator: left.checked_add(right)?, denominator })
    }
}

fn sum(parts: &[Points]) -> BigRational {
    let small = parts.iter().try_fold(Points::NONE, |sum, part| sum.plus(*part));
    match small {
        Some(sum) => sum.into_big(),
        None => parts.iter().map(|part| part.into_big().reduced()).sum(),
    }
}

fn big(ratio: Ratio<u64>) -> BigRational {
    BigRational::new(BigInt::from(*ratio.numer()), BigInt::from(*ratio.denom()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_those_of_plain_fractions_whatever_their_size() {
        let mut rng = fastrand::Rng::with_seed(41);
        for _ in 0..20_000 {
            let size = [10, 1_000, 1 << 40, u64::MAX][rng.usize(..4)];
            let mut part = || {
                let denominator = rng.u64(1..size);
                let rate = Rate::new(rng.u64(0..=denominator), denominator);
                let target = Target(Ratio::new(rng.u64(1..=100_000_000), 100_000_000));
                let weight = Ratio::new(rng.u64(0..=100_000_000), 1_000_000);
                let plain = big(rate.value().unwrap()) / big(target.0);
                let plain = big(weight) * plain.min(BigRational::from_integer(1.into()));
                (Points::of(weight, rate, target).unwrap(), plain)
            };
            let [a, b, c] = [part(), part(), part()];
            assert_eq!(a.0.into_big(), a.1);
            assert_eq!(sum(&[a.0, b.0, c.0]), a.1 + b.1 + c.1);
        }
    }
}
