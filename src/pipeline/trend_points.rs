//! Points of the trend: stored runs of the series, or the register's own registration days.

use jiff::ToSpan;
use jiff::civil::Date;

use super::earlier_runs::EarlierRuns;
use super::{Engine, RunError};
use crate::config::settings::Report;
use crate::config::settings::ReportLanguage;
use crate::ranking::results::{Results, Snapshot};
use crate::ranking::successors::earlier_by_unit;
use crate::register::batch::days_since_epoch;
use crate::report::series::TrendPoint;
use crate::report::wording;

/// Most points on a chart.
const POINTS: usize = 12;

/// The series' stored runs and this one. While fewer than two are stored, the weeks of this pull by
/// registration day, so that the first bulletin shows a course too; a day that a stored run ends on has the
/// figures of that run, which are printed as those of the last period.
pub(super) async fn points(
    engine: &Engine,
    earlier: &EarlierRuns<'_>,
    report: &Report,
    snapshot: &Snapshot,
    results: &Results,
) -> Result<Vec<TrendPoint>, RunError> {
    let mut out: Vec<(Date, TrendPoint)> = Vec::new();
    for at in (0..earlier.runs().len().min(POINTS - 1)).rev() {
        if let Some(before) = earlier.results(at).await? {
            out.push((before.period.to, restated(before, snapshot, engine, report.language)));
        }
    }
    out.push((results.period.to, point(results, report.language)));
    let days = match out.len() {
        0..=2 => by_registration_day(engine, report, snapshot, results.period.to, &out),
        _ => out,
    };
    Ok(days.into_iter().map(|(_, point)| point).collect())
}

fn point(results: &Results, language: ReportLanguage) -> TrendPoint {
    let units = results.units.iter().map(|u| (u.unit.code.clone(), u.figures));
    TrendPoint {
        label: wording::month_and_day(results.period.to, language),
        figures: results.totals,
        units: units.collect(),
    }
}

/// An earlier point with the units of today, those that have ended under their successors.
fn restated(before: &Results, now: &Snapshot, engine: &Engine, language: ReportLanguage) -> TrendPoint {
    let earlier_by_unit = earlier_by_unit(before, &now.units, &engine.settings.indicators);
    let units = earlier_by_unit.into_iter().map(|(code, before)| (code, before.figures)).collect();
    TrendPoint { units, ..point(before, language) }
}

fn by_registration_day(
    engine: &Engine,
    report: &Report,
    snapshot: &Snapshot,
    to: Date,
    stored: &[(Date, TrendPoint)],
) -> Vec<(Date, TrendPoint)> {
    let start = engine.settings.campaign.phases.first().map(|phase| phase.from);
    let mut days = vec![to];
    while days.len() < POINTS {
        let Ok(week_before) = days[days.len() - 1].checked_sub(7.days()) else { break };
        if start.is_none_or(|start| week_before < start) {
            break;
        }
        days.push(week_before);
    }
    days.extend(stored.iter().map(|(day, _)| *day));
    days.sort();
    days.dedup();
    let of_day = |day: Date| {
        let (cut_off, indicators) = (days_since_epoch(day), &engine.settings.indicators);
        let figures = snapshot.figures(cut_off, indicators);
        let units = snapshot.units.list().iter().map(|unit| unit.code.clone()).zip(figures);
        TrendPoint {
            label: wording::month_and_day(day, report.language),
            figures: snapshot.totals(cut_off, indicators),
            units: units.collect(),
        }
    };
    let point = |day: Date| {
        let known = stored.iter().find(|(known, _)| *known == day).map(|(_, point)| point.clone());
        (day, known.unwrap_or_else(|| of_day(day)))
    };
    let first = days.len().saturating_sub(POINTS);
    days.into_iter().skip(first).map(point).collect()
}
