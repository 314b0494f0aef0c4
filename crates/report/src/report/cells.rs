//! Table cells: the printed text and the same digits as a number, side by side.

use super::document::{Cell, PrintedNumber};
use super::wording;
use super::words::Words;
use tongbao_config::settings::Target;
use tongbao_figures::indicator::rate::Rate;

/// A whole number.
pub fn count(value: u64) -> Cell {
    Cell { number: Some(PrintedNumber::Count(value)), ..Cell::text(value.to_string()) }
}

/// A rate, coloured by its target where it has one.
pub fn rate(rate: Rate, target: Option<Target>) -> Cell {
    let number = wording::ten_thousandths(rate, target).map(|t| PrintedNumber::Percent(t as f64 / 10_000.0));
    let met = target.and_then(|target| rate.judged(target));
    Cell { number, met, ..Cell::text(wording::percent(rate, target)) }
}

/// A target, as many places as it has.
pub fn target(target: Target) -> Cell {
    Cell {
        number: Some(PrintedNumber::Target(target.share())),
        ..Cell::text(wording::target_percent(target))
    }
}

/// A difference in percentage points.
pub fn change(hundredths: Option<i64>) -> Cell {
    match hundredths {
        Some(change) => {
            let number = Some(PrintedNumber::Points(change as f64 / 100.0));
            Cell { number, ..Cell::text(wording::points(change)) }
        }
        None => Cell::text(wording::NO_RATE),
    }
}

/// Hundredths of a point, or — for a unit without a score.
pub fn points(hundredths: Option<u64>) -> Cell {
    match hundredths {
        Some(points) => {
            let number = Some(PrintedNumber::Score(points as f64 / 100.0));
            Cell { number, ..Cell::text(wording::hundredths(points)) }
        }
        None => Cell::text(wording::NO_RATE),
    }
}

/// A rank, or — for an unranked unit.
pub fn rank(rank: Option<u32>) -> Cell {
    rank.map_or_else(|| Cell::text(wording::NO_RATE), |rank| count(u64::from(rank)))
}

/// 达标, 未达标, 待核实 where a denominator is in doubt, or — where there is none.
pub fn met(met: Option<bool>, is_in_doubt: bool, words: &Words) -> Cell {
    let text = match met {
        Some(true) => words.met,
        Some(false) => words.not_met,
        None if is_in_doubt => words.unverified,
        None => wording::NO_RATE,
    };
    Cell { met, ..Cell::text(text) }
}
