//! The charts.

use super::Sources;
use crate::config::settings::Indicator;
use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use crate::ranking::results::Results;
use crate::report::document::{Bar, Chart, Line};
use crate::report::wording;
use num_traits::ToPrimitive;

pub(super) fn bars(results: &Results, kind: Option<&str>) -> Chart {
    let bars = results.ranked(kind).into_iter().filter_map(|u| {
        let score = &u.score.as_ref()?.total;
        Some(Bar {
            label: u.unit.name.clone(),
            value: wording::score_hundredths(score).to_f64()? / 100.0,
            printed: wording::score(score),
            marked: u.passed == Some(false),
        })
    });
    let title = format!("{}综合得分", kind.unwrap_or("各单位"));
    Chart::Bars { title, bars: bars.collect(), max: 100.0, target: Some((100.0, "满分100".to_owned())) }
}

pub(super) fn trend(from: Sources) -> Chart {
    let point = |figures: &Figures, indicator: Indicator| {
        let target = Some(from.indicators.target(indicator));
        let t = wording::ten_thousandths(figures.rate(indicator), target)?;
        Some((t as f64 / 100.0, wording::percent(figures.rate(indicator), target)))
    };
    let lines: Vec<Line> = Indicator::ALL
        .map(|indicator| Line {
            name: indicator.label().to_owned(),
            values: from.trend.iter().map(|p| point(&p.figures, indicator)).collect(),
            target: wording::ten_thousandths(
                Rate::new(
                    *from.indicators.target(indicator).0.numer(),
                    *from.indicators.target(indicator).0.denom(),
                ),
                None,
            )
            .map(|t| t as f64 / 100.0),
        })
        .into();
    let least = lines.iter().flat_map(|l| l.values.iter().flatten()).map(|v| v.0).fold(100.0, f64::min);
    let most = lines.iter().flat_map(|l| l.values.iter().flatten()).map(|v| v.0).fold(100.0, f64::max);
    Chart::Trend {
        title: "三项指标变化".to_owned(),
        periods: from.trend.iter().map(|p| p.label.clone()).collect(),
        lines,
        // Whole tens below the least value, so that the axis has round marks.
        min: (least / 10.0).floor() * 10.0,
        max: (most / 10.0).ceil() * 10.0,
    }
}
