//! The charts.

use num_traits::ToPrimitive;

use super::{Sources, group_name};
use crate::report::chart::{
    Bars, Chart, ChartBar, ChartLine, ChartValue, Heat, HeatRow, Multiples, Panel, Scale, Trend,
};
use crate::report::wording;
use crate::report::words::fill;
use tongbao_config::settings::{Indicator, Target};
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::ranking::unit_result::UnitResult;

/// Scores of a kind of unit, or of all, by rank.
pub(super) fn bars(from: Sources, kind: Option<&str>) -> Chart {
    let words = &from.words().charts;
    let bars: Vec<ChartBar> = from
        .results
        .ranked(kind)
        .into_iter()
        .filter_map(|u| {
            let score = &u.score.as_ref()?.total;
            let size = wording::score_hundredths(score).to_f64()? / 100.0;
            Some(ChartBar {
                label: u.full_name.clone(),
                value: ChartValue { size, printed: wording::score(score) },
                marked: u.passed != Some(true),
            })
        })
        .collect();
    let name = kind.map_or(words.all_units.into(), |kind| group_name(Some(kind), from.results, from.words()));
    let is_open = |u: &&UnitResult| u.score.is_some() && u.passed.is_none();
    let has_open = from.results.ranked(kind).iter().any(is_open);
    let marked = if has_open { words.not_passed_or_open } else { words.not_passed };
    Chart::Bars(Bars {
        title: fill(words.scores, &[&name]),
        min: origin(&bars, |tens| tens.to_string()),
        bars,
        max: 100.0,
        target: Some(ChartValue { size: 100.0, printed: words.full_marks.to_owned() }),
        key: [words.passed.to_owned(), marked.to_owned()],
    })
}

/// Where the scale of bars begins: 0, or, where that would make all look alike, the tens below the
/// lowest with at least a bar's worth of room.
fn origin(bars: &[ChartBar], printed: impl Fn(u64) -> String) -> ChartValue {
    let lowest = bars.iter().map(|bar| bar.value.size).fold(f64::MAX, f64::min);
    let tens = if bars.is_empty() || lowest < 55.0 { 0 } else { ((lowest - 5.0) / 10.0) as u64 * 10 };
    ChartValue { size: tens as f64, printed: if tens == 0 { String::new() } else { printed(tens) } }
}

/// One headline rate of a kind of unit, or of all, highest first, against its target.
pub(super) fn rate_bars(from: Sources, indicator: Indicator, kind: Option<&str>) -> Chart {
    let words = from.words();
    // A chart of all units has one line at the general target; each bar is judged by its own.
    let target = from.indicators.target_of(indicator, kind);
    let units = from.results.assessed().filter(|u| kind.is_none_or(|kind| u.unit.kind == kind));
    let mut units: Vec<_> = units.filter_map(|u| Some((u, u.figures.rate(indicator).value()?))).collect();
    units.sort_by_key(|(_, rate)| std::cmp::Reverse(*rate));
    let bars: Vec<ChartBar> = units
        .into_iter()
        .filter_map(|(u, _)| {
            let rate = u.figures.rate(indicator);
            let value = rate_value(rate, Some(u.target(indicator, from.indicators)))?;
            let marked = u.meets(indicator, from.indicators) != Some(true);
            Some(ChartBar { label: u.full_name.clone(), value, marked })
        })
        .collect();
    let most = bars.iter().map(|bar| bar.value.size).fold(100.0, f64::max);
    let group =
        kind.map_or(words.charts.all_units.into(), |kind| group_name(Some(kind), from.results, words));
    let missed = if most > 100.0 { words.charts.missed_or_open } else { words.charts.missed };
    Chart::Bars(Bars {
        title: format!("{group} {}", words.name(indicator, from.indicators)),
        min: origin(&bars, |tens| format!("{tens}%")),
        bars,
        max: (most / 10.0).ceil() * 10.0,
        target: Some(target_value(target, words.heads.target)),
        key: [words.charts.reached.to_owned(), missed.to_owned()],
    })
}

fn rate_value(rate: Rate, target: Option<Target>) -> Option<ChartValue> {
    let size = wording::ten_thousandths(rate, target)? as f64 / 100.0;
    Some(ChartValue { size, printed: wording::percent(rate, target) })
}

fn target_value(target: Target, label: &str) -> ChartValue {
    let rate = Rate::new(*target.0.numer(), *target.0.denom());
    let size = wording::ten_thousandths(rate, None).unwrap_or(0) as f64 / 100.0;
    let printed = wording::target_percent(target);
    ChartValue { size, printed: if label.is_empty() { printed } else { format!("{label} {printed}") } }
}

/// The rates of all units together over the periods.
pub(super) fn trend(from: Sources) -> Chart {
    let words = from.words();
    let kind = from.results.totals_kind.as_deref();
    let all = from.indicators.all().into_iter();
    let mut lines: Vec<ChartLine> = all
        .map(|indicator| ChartLine {
            name: words.name(indicator, from.indicators).to_owned(),
            values: from.trend.iter().map(|point| value(from, &point.figures, indicator, kind)).collect(),
            target: target_value(from.target(indicator), ""),
            plot: 0,
        })
        .collect();
    part(&mut lines);
    let plots = lines.iter().map(|line| line.plot).max().map_or(0, |last| last + 1);
    let of = |plot: usize| {
        let lines = lines.iter().filter(move |line| line.plot == plot);
        lines.flat_map(|line| line.values.iter().flatten().chain([&line.target])).map(|value| value.size)
    };
    let title = words.trend_title(from.trend, from.indicators);
    Chart::Trend(Trend {
        continued: fill(words.charts.continued, &[&title]),
        title,
        periods: from.trend.iter().map(|point| point.label.clone()).collect(),
        scales: (0..plots).map(|plot| scale(of(plot), words.charts.scale_from)).collect(),
        target_head: words.heads.target.to_owned(),
        lines,
    })
}

/// Gives lines that are together the upper plot, where another is so far below them that one scale would
/// flatten them into one.
fn part(lines: &mut [ChartLine]) {
    /// Lines within so many points can be distinguished on a scale of their own, and others so far below them not.
    const TOGETHER: f64 = 20.0;
    let least =
        |line: &ChartLine| line.values.iter().flatten().map(|value| value.size).fold(f64::MAX, f64::min);
    let highest = lines.iter().flat_map(|line| line.values.iter().flatten()).map(|value| value.size);
    let upper = highest.fold(0.0, f64::max) - TOGETHER;
    let is_upper = |line: &ChartLine| least(line) >= upper;
    let has_points = lines.iter().any(|line| line.values.iter().flatten().count() > 1);
    let is_apart = lines.iter().any(|line| least(line) < upper - TOGETHER);
    if has_points && is_apart && lines.iter().filter(|line| is_upper(line)).count() > 1 {
        lines.iter_mut().filter(|line| !is_upper(line)).for_each(|line| line.plot = 1);
    }
}

fn value(from: Sources, figures: &Figures, indicator: Indicator, kind: Option<&str>) -> Option<ChartValue> {
    rate_value(figures.rate(indicator), Some(from.indicators.target_of(indicator, kind)))
}

/// Whole tens around the values and 100, or fives where they are close, with at most six marks.
fn scale(values: impl Iterator<Item = f64>, note: &str) -> Scale {
    let (least, most) = values.fold((100.0, 100.0), |(a, b): (f64, f64), v| (a.min(v), b.max(v)));
    let unit = if most - least <= 25.0 { 5 } else { 10 };
    let (first, last) = ((least / unit as f64).floor() as u64, (most / unit as f64).ceil() as u64);
    let first = first.min(last.saturating_sub(1));
    let step = (last - first).div_ceil(5).max(1);
    // Whole steps, so that the marks are at equal distances; down to 0 at most.
    let first = last.saturating_sub((last - first).div_ceil(step) * step);
    let last = first + (last - first).div_ceil(step) * step;
    let marks: Vec<String> =
        (first..=last).step_by(step as usize).map(|mark| format!("{}%", mark * unit)).collect();
    Scale {
        min: (first * unit) as f64,
        max: (last * unit) as f64,
        note: if first == 0 { String::new() } else { fill(note, &[&marks[0]]) },
        marks,
    }
}

/// The rates of each unit over the periods, small and on one scale.
pub(super) fn multiples(from: Sources) -> Chart {
    let words = from.words();
    let course = |u: &UnitResult, indicator: Indicator| -> Vec<Option<ChartValue>> {
        let point = |figures: &Figures| value(from, figures, indicator, Some(&u.unit.kind));
        from.trend.iter().map(|p| p.units.get(&u.unit.code).and_then(|figures| point(figures))).collect()
    };
    let panels: Vec<Panel> = from
        .results
        .assessed()
        .map(|u| Panel {
            title: u.full_name.clone(),
            lines: from.indicators.all().into_iter().map(|i| course(u, i)).collect(),
        })
        .collect();
    let label = |point: Option<&super::TrendPoint>| point.map_or(String::new(), |p| p.label.clone());
    let all = panels.iter().flat_map(|panel| panel.lines.iter().flatten().flatten());
    let title = words.unit_trends_title(from.trend, from.indicators);
    Chart::Multiples(Multiples {
        continued: fill(words.charts.continued, &[&title]),
        title,
        span: [label(from.trend.first()), label(from.trend.last())],
        names: from.indicators.all().into_iter().map(|i| words.name(i, from.indicators).to_owned()).collect(),
        scale: scale(all.map(|value| value.size), words.charts.scale_from),
        panels,
    })
}

/// Units × fields: shares filled, shaded by what is missing against the worst of all.
pub(super) fn heat(from: Sources) -> Chart {
    let words = from.words();
    let missing = |rate: Rate| match rate.denominator {
        0 => 0.0,
        all => (all - rate.numerator) as f64 / all as f64,
    };
    let fields = from.indicators.fields();
    let of_unit = |u: &UnitResult| {
        let rates: Vec<f64> = fields.iter().map(|field| missing(u.figures.counts.field(*field))).collect();
        rates
    };
    let rates = from.results.assessed().flat_map(of_unit);
    // Below one in a hundred nothing is dark: noise must not look like trouble.
    let worst = rates.fold(0.01, f64::max);
    let cell = |rate: Rate| {
        let size = missing(rate) / worst;
        rate.value().map(|_| ChartValue { size, printed: wording::percent(rate, None) })
    };
    let rows = from.results.assessed().map(|u| HeatRow {
        label: u.full_name.clone(),
        cells: fields.iter().map(|field| cell(u.figures.counts.field(*field))).collect(),
    });
    Chart::Heat(Heat {
        title: words.charts.fields.to_owned(),
        columns: fields
            .iter()
            .map(|field| from.indicators.field_label(*field, from.language).to_owned())
            .collect(),
        rows: rows.collect(),
        key: words.charts.fields_key.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_hold_their_values_and_have_even_marks() {
        for values in
            [vec![], vec![93.81, 84.99], vec![0.0], vec![100.0], vec![103.0, 12.0], vec![250.0, 49.9]]
        {
            let scale = scale(values.iter().copied(), "");
            assert!(values.iter().all(|v| (scale.min..=scale.max).contains(v)), "{values:?} {scale:?}");
            assert!(scale.max > scale.min && (2..=7).contains(&scale.marks.len()), "{values:?} {scale:?}");
            assert_eq!(scale.marks.last(), Some(&format!("{}%", scale.max)));
            assert_eq!(scale.marks.first(), Some(&format!("{}%", scale.min)));
        }
    }
}
