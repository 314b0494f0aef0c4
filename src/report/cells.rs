//! Table cells: the printed text and the same digits as a number, side by side.

use num_rational::BigRational;

use super::document::{Cell, Number};
use super::wording;
use super::words::Words;
use crate::indicator::rate::{Rate, Target};

/// A whole number.
pub fn count(value: u64) -> Cell {
    Cell { text: value.to_string(), number: Some(Number::Count(value)), met: None }
}

/// A rate, coloured by its target where it has one.
pub fn rate(rate: Rate, target: Option<Target>) -> Cell {
    let number = wording::ten_thousandths(rate, target).map(|t| Number::Percent(t as f64 / 10_000.0));
    Cell { text: wording::percent(rate, target), number, met: target.and_then(|target| rate.meets(target)) }
}

/// A difference in percentage points.
pub fn change(hundredths: Option<i64>) -> Cell {
    match hundredths {
        Some(change) => Cell {
            text: wording::points(change),
            number: Some(Number::Points(change as f64 / 100.0)),
            met: None,
        },
        None => Cell::text(wording::NO_RATE),
    }
}

/// A score, or — for a unit without one.
pub fn score(score: Option<&BigRational>) -> Cell {
    match score {
        Some(score) => Cell {
            text: wording::score(score),
            number: Some(Number::Score(wording::score_hundredths(score) as f64 / 100.0)),
            met: None,
        },
        None => Cell::text(wording::NO_RATE),
    }
}

/// A rank, or — for an unranked unit.
pub fn rank(rank: Option<u32>) -> Cell {
    rank.map_or_else(|| Cell::text(wording::NO_RATE), |rank| count(u64::from(rank)))
}

/// 达标, 未达标, or — where it cannot be judged.
pub fn met(met: Option<bool>, words: &Words) -> Cell {
    let text = match met {
        Some(true) => words.met,
        Some(false) => words.not_met,
        None => wording::NO_RATE,
    };
    Cell { text: text.to_owned(), number: None, met }
}
