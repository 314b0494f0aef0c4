//! Rates of all units together, and of one unit or period.

use serde::Serialize;

use super::super::wording::named_of;

/// A rate of all units together.
#[derive(Debug, Clone, Serialize)]
pub struct IndicatorModel {
    /// Records in the numerator by proven exceptions alone.
    pub proved: u64,
    /// What one count stands for, as it is printed after a number: 户; `None` = a record.
    pub counted: Option<String>,
    /// Name in the configuration: `coverage`.
    pub key: String,
    /// Name as printed: 覆盖率.
    pub label: String,
    /// Short enough for a subject line.
    pub short: String,
    /// What counts.
    pub numerator: u64,
    /// What could have counted; 0 = there is no rate.
    pub denominator: u64,
    /// What is lacking to 100 %.
    pub missing: u64,
    /// Whether any unit lacks something to 100 %: what others have too many fills no gap.
    pub is_short: bool,
    /// Units that miss it.
    pub failing_units: usize,
    /// The same in words, and their names.
    pub failing_count: String,
    /// Names of these units.
    pub failing: Vec<String>,
    /// In percent with two places; — without a denominator.
    pub rate: String,
    /// In percent.
    pub target: String,
    /// `None` without a denominator.
    pub met: Option<bool>,
    /// More were counted than were expected: it cannot be judged before the baseline is verified.
    pub unverified: bool,
    /// `上升1.25个百分点`; `无可比数` without a compared run; that the definition has changed.
    pub change: String,
    /// The same as a clause: 比上期上升1.25个百分点, 与上期持平.
    pub versus: String,
    /// `+1.25`, or — .
    pub points: String,
    /// The rate as a bar.
    pub meter: MeterModel,
}

/// How many of the rates sentences name, and how the others stand, which tables list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RatesModel {
    /// Of [`Model::indicators`](super::Model::indicators) the first so many are named: all of few, three of many.
    pub named: usize,
    /// Rates that are not named.
    pub others: usize,
    /// Those of them that are met.
    pub others_met: usize,
    /// Those of them that are missed.
    pub others_missed: usize,
    /// Those of them that cannot be judged.
    pub others_open: usize,
    /// Of all rates those that are missed.
    pub missed: usize,
}

impl RatesModel {
    /// For the rates of a document.
    pub fn new(indicators: &[IndicatorModel]) -> RatesModel {
        let named = named_of(indicators.len());
        let (_, others) = indicators.split_at(named);
        let count = |of: &[IndicatorModel], met| of.iter().filter(|rate| rate.met == met).count();
        RatesModel {
            named,
            others: others.len(),
            others_met: count(others, Some(true)),
            others_missed: count(others, Some(false)),
            others_open: count(others, None),
            missed: count(indicators, Some(false)),
        }
    }
}

/// The lengths of a bar against its target in hundredths of a scale from 0 to 100 %; together 100.
/// Geometry alone: the printed values stand in [`IndicatorModel`].
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MeterModel {
    /// The rate, kept on its side of the target.
    pub reached: u32,
    /// What is lacking to the target, 0 when it is met.
    pub lacking: u32,
    /// What is left.
    pub rest: u32,
    /// Where the target is.
    pub target: u32,
}

/// One point of the trend.
#[derive(Debug, Clone, Serialize)]
pub struct TrendModel {
    /// Period of the point.
    pub label: String,
    /// In percent, or —.
    pub coverage: String,
    /// In percent, or —.
    pub completeness: String,
    /// In percent, or —.
    pub accuracy: String,
    /// Rates of the office's own.
    pub own_rates: Vec<OwnRateModel>,
}

/// A rate of the office's own in a list of units or periods.
#[derive(Debug, Clone, Serialize)]
pub struct OwnRateModel {
    /// The name in the configuration.
    pub key: String,
    /// The name in the language of the report.
    pub label: String,
    /// In percent, or —.
    pub rate: String,
}

/// A part that misses or fails, of a whole.
#[derive(Debug, Clone, Serialize)]
pub struct ShareModel {
    /// Name of the field or relation in the configuration.
    pub key: String,
    /// As printed.
    pub label: String,
    /// The whole.
    pub of: u64,
    /// The part that misses or fails.
    pub missing: u64,
    /// The other part in percent.
    pub rate: String,
    /// How many items it stands for: those that are missing as often are named together.
    pub count: usize,
}
