//! Score 综合得分: weighted points out of 100, exact until printed.

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Zero};

use crate::config::settings::{Indicator, Indicators, Scoring, Weights};
use crate::indicator::figures::Figures;
use crate::indicator::rate::{Rate, Target};

/// A unit's score and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Out of 100, after deductions and veto, never below 0.
    pub total: BigRational,
    /// Points of coverage, completeness and accuracy.
    pub parts: [BigRational; 3],
    /// Points taken, with the reason.
    pub deductions: Vec<(BigRational, String)>,
    /// Reasons of the vetoes that set the score to 0.
    pub vetoes: Vec<String>,
}

/// The score of the unit with this code: `weight × min(rate / target, 1)` per indicator, less the
/// configured deductions, 0 under a veto. `None` when a weighted rate has no denominator.
pub fn score(code: &str, figures: &Figures, indicators: &Indicators, scoring: &Scoring) -> Option<Score> {
    let mut parts = [BigRational::zero(), BigRational::zero(), BigRational::zero()];
    for (part, indicator) in parts.iter_mut().zip(Indicator::ALL) {
        let weight = scoring.weights.of(indicator);
        if !weight.is_zero() {
            *part = points(weight, figures.rate(indicator), indicators.target(indicator))?;
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
    let sum: BigRational = parts.iter().sum();
    let taken: BigRational = deductions.iter().map(|(points, _)| points).sum();
    let total = if vetoes.is_empty() { (sum - taken).max(BigRational::zero()) } else { BigRational::zero() };
    Some(Score { total, parts, deductions, vetoes })
}

fn points(weight: Ratio<u64>, rate: Rate, target: Target) -> Option<BigRational> {
    let reached = big(rate.value()?) / big(target.0);
    Some(big(weight) * reached.min(BigRational::one()))
}

fn big(ratio: Ratio<u64>) -> BigRational {
    BigRational::new(BigInt::from(*ratio.numer()), BigInt::from(*ratio.denom()))
}

impl Weights {
    /// The points an indicator is worth.
    pub fn of(&self, indicator: Indicator) -> Ratio<u64> {
        match indicator {
            Indicator::Coverage => self.coverage,
            Indicator::Completeness => self.completeness,
            Indicator::Accuracy => self.accuracy,
        }
    }
}
