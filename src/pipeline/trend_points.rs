//! Points of the trend: stored runs of the series, or the register's own registration days.

use jiff::ToSpan;
use jiff::civil::Date;

use super::earlier_runs::EarlierRuns;
use super::{Engine, RunError};
use crate::config::settings::Report;
use crate::config::settings::ReportLanguage;
use crate::ranking::results::Results;
use crate::ranking::snapshot::Snapshot;
use crate::ranking::successors::earlier_by_unit;
use crate::register::batch::days_since_epoch;
use crate::report::series::TrendPoint;
use crate::report::wording;

/// Most points on a chart.
const POINTS: usize = 12;

/// The series' released runs and this one, all as they were reported. Before the first of them, the weeks of this
/// pull by registration day, so that the first bulletin shows a course too. Never both: records that are entered
/// later raise the weeks that are counted again above what was released, and the course would seem to fall.
pub(super) async fn points(
    engine: &Engine,
    earlier: &EarlierRuns<'_>,
    report: &Report,
    snapshot: &Snapshot,
    results: &Results,
) -> Result<Vec<TrendPoint>, RunError> {
    let mut out: Vec<TrendPoint> = Vec::new();
    for at in (0..earlier.runs().len().min(POINTS - 1)).rev() {
        if let Some(before) = earlier.results(at).await? {
            out.push(restated(before, snapshot, report.language));
        }
    }
    if out.is_empty() {
        return Ok(by_registration_day(engine, report, snapshot, results.period.to));
    }
    out.push(point(results, report.language));
    Ok(out)
}

fn point(results: &Results, language: ReportLanguage) -> TrendPoint {
    let units = results.units.iter().map(|u| (u.unit.code.clone(), u.figures.clone()));
    TrendPoint {
        label: wording::month_and_day(results.period.to, language),
        is_recounted: false,
        figures: results.totals.clone(),
        units: units.collect(),
    }
}

/// An earlier point with the units of today, those that have ended under their successors.
fn restated(before: &Results, now: &Snapshot, language: ReportLanguage) -> TrendPoint {
    let earlier_by_unit = earlier_by_unit(before, &now.units);
    let units = earlier_by_unit.into_iter().map(|(code, before)| (code, before.figures)).collect();
    TrendPoint { units, ..point(before, language) }
}

fn by_registration_day(engine: &Engine, report: &Report, snapshot: &Snapshot, to: Date) -> Vec<TrendPoint> {
    let start = engine.settings.campaign.phases.first().map(|phase| phase.from);
    let mut days = vec![to];
    while days.len() < POINTS {
        let Ok(week_before) = days[days.len() - 1].checked_sub(7.days()) else { break };
        if start.is_none_or(|start| week_before < start) {
            break;
        }
        days.push(week_before);
    }
    let of_day = |day: Date| {
        let (cut_off, indicators) = (days_since_epoch(day), &engine.settings.indicators);
        let figures = snapshot.figures(cut_off, indicators);
        let units = snapshot.units.list().iter().map(|unit| unit.code.clone()).zip(figures);
        TrendPoint {
            label: wording::month_and_day(day, report.language),
            is_recounted: true,
            figures: snapshot.totals(cut_off, indicators),
            units: units.collect(),
        }
    };
    days.into_iter().rev().map(of_day).collect()
}
