//! Words the results: from exact figures to the report model.

use jiff::civil::Date;

use super::model::{
    CampaignModel, Composition, IndicatorModel, Issue, KindModel, Model, PeriodModel, QualityModel,
    ReportModel, ShareModel, UnitModel, VerdictModel,
};
use super::series::{self, Sources, TrendPoint, ranked_fields, relation_rate};
use super::wording;
use crate::config::settings::{HeadStyle, Indicator, Indicators, Relation, Report, ReportKind, Settings};
use crate::indicator::definition::definitions;
use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use crate::ranking::acceptance::Verdict;
use crate::ranking::movement::Movement;
use crate::ranking::results::{Results, UnitResult};
use crate::register::field::Field;
use crate::schedule::period::Period;

/// Words the results for one report.
pub fn compose(
    settings: &Settings,
    report: &Report,
    results: &Results,
    trend: &[TrendPoint],
    issue: &Issue,
) -> Composition {
    let indicators = &settings.indicators;
    let series = series::all(Sources { results, indicators, scoring: &settings.scoring, trend });
    let unit = |u: &UnitResult| unit_model(u, indicators);
    let names = |passed: Option<bool>| -> Vec<String> {
        let list = results.units.iter().filter(|u| u.passed == passed);
        list.map(|u| u.unit.name.clone()).collect()
    };
    let (first, last) = ends(&results.ranked(None), |u| u.rank, indicators);
    let model = Model {
        campaign: campaign(settings, results),
        report: report_model(report, issue),
        period: period_model(results.period),
        pulled_at: wording::instant(results.pulled_at, &settings.campaign.time_zone),
        records: results.totals.counts.records,
        new_records: results.in_period.records,
        indicators: Indicator::ALL.map(|i| indicator_model(i, results, indicators)).into(),
        compared: results.compared.as_ref().map(|c| period_model(c.period)),
        unit_count: results.units.len(),
        met: names(Some(true)),
        unmet: names(Some(false)),
        unjudged: names(None),
        first,
        last,
        kinds: results.kinds().into_iter().map(|kind| kind_model(kind, results, indicators)).collect(),
        units: results.units.iter().map(unit).collect(),
        risers: movers(results, indicators, |m| if let Movement::Up(n) = m { Some(n) } else { None }),
        fallers: movers(results, indicators, |m| if let Movement::Down(n) = m { Some(n) } else { None }),
        fields: field_models(&results.totals),
        relations: relation_models(&results.totals, indicators),
        quality: quality(results),
        weights: Indicator::ALL
            .map(|i| (i.key(), wording::weight(settings.scoring.weights.of(i))))
            .into_iter()
            .collect(),
        definitions: definitions(indicators),
        verdict: verdict(results.verdict, report, results.period.to),
        trend_points: trend.len(),
        series_names: series.keys().cloned().collect(),
    };
    Composition { model, series }
}

fn campaign(settings: &Settings, results: &Results) -> CampaignModel {
    let campaign = &settings.campaign;
    let cut_off = results.period.to;
    let phase = campaign.phases.iter().find(|phase| (phase.from..=phase.to).contains(&cut_off));
    CampaignModel {
        name: campaign.name.clone(),
        issuer: campaign.issuer.clone(),
        basis: campaign.basis.clone(),
        addressee: campaign.addressee.clone(),
        copy_to: campaign.copy_to.clone(),
        phase: phase.map(|phase| phase.name.clone()),
        last_day: campaign.phases.last().is_some_and(|phase| phase.to <= cut_off),
    }
}

fn report_model(report: &Report, issue: &Issue) -> ReportModel {
    let kind = match &report.kind {
        ReportKind::Bulletin => "bulletin",
        ReportKind::Ranking => "ranking",
        ReportKind::Acceptance => "acceptance",
        ReportKind::Own(folder) => folder,
    };
    ReportModel {
        name: report.name.clone(),
        kind: kind.to_owned(),
        brief: report.head == HeadStyle::Brief,
        number: issue.number.clone(),
        date: wording::date(issue.date),
        draft: issue.is_draft(),
        held: issue.held.clone(),
        late_since: issue.late_since.clone(),
        round: issue.round,
    }
}

fn period_model(period: Period) -> PeriodModel {
    PeriodModel {
        text: wording::period(period),
        from: wording::date(period.from),
        to: wording::date(period.to),
        year: period.to.year(),
    }
}

fn indicator_model(indicator: Indicator, results: &Results, indicators: &Indicators) -> IndicatorModel {
    let (rate, target) = (results.totals.rate(indicator), indicators.target(indicator));
    let before = results.compared.as_ref().map(|c| c.totals.rate(indicator));
    let change = before.and_then(|before| wording::point_change(rate, before));
    IndicatorModel {
        key: indicator.key(),
        label: indicator.label(),
        numerator: rate.numerator,
        denominator: rate.denominator,
        rate: wording::percent(rate, Some(target)),
        target: wording::target_percent(target),
        met: rate.meets(target),
        change: wording::change_in_words(change),
        points: change.map_or(wording::NO_RATE.to_owned(), wording::points),
    }
}

fn unit_model(u: &UnitResult, indicators: &Indicators) -> UnitModel {
    let rate = |i: Indicator| wording::percent(u.figures.rate(i), Some(indicators.target(i)));
    UnitModel {
        code: u.unit.code.clone(),
        name: u.unit.name.clone(),
        kind: u.unit.kind.clone(),
        records: u.figures.counts.records,
        rank: u.rank,
        rank_in_group: u.rank_in_group,
        previous_rank: u.before.and_then(|before| before.rank_in_group),
        movement: wording::movement(u.movement),
        places: u.movement.places().unwrap_or(0).unsigned_abs(),
        score: u.score.as_ref().map_or(wording::NO_RATE.to_owned(), |s| wording::score(&s.total)),
        coverage: rate(Indicator::Coverage),
        completeness: rate(Indicator::Completeness),
        accuracy: rate(Indicator::Accuracy),
        passed: u.passed,
        failures: series::failures(u, indicators),
    }
}

fn kind_model(kind: &str, results: &Results, indicators: &Indicators) -> KindModel {
    let list = results.ranked(Some(kind));
    let (first, last) = ends(&list, |u| u.rank_in_group, indicators);
    KindModel { name: kind.to_owned(), count: list.len(), first, last }
}

/// The first three places and the last three ranked units. Who shares a named place is named too,
/// and nobody is named at both ends.
fn ends(
    ranked: &[&UnitResult],
    rank: impl Fn(&UnitResult) -> Option<u32>,
    indicators: &Indicators,
) -> (Vec<UnitModel>, Vec<UnitModel>) {
    let placed: Vec<&UnitResult> = ranked.iter().copied().filter(|u| rank(u).is_some()).collect();
    let third_last = placed.len().checked_sub(3).and_then(|i| rank(placed[i]));
    let is_first = |u: &UnitResult| rank(u).is_some_and(|place| place <= 3);
    let is_last = |u: &UnitResult| third_last.is_none_or(|least| rank(u) >= Some(least)) && !is_first(u);
    let models = |keep: &dyn Fn(&UnitResult) -> bool| -> Vec<UnitModel> {
        placed.iter().filter(|u| keep(u)).map(|u| unit_model(u, indicators)).collect()
    };
    (models(&is_first), models(&is_last))
}

/// The units that moved most, up to five.
fn movers(
    results: &Results,
    indicators: &Indicators,
    places: impl Fn(Movement) -> Option<u32>,
) -> Vec<UnitModel> {
    let mut list: Vec<&UnitResult> = results.units.iter().filter(|u| places(u.movement).is_some()).collect();
    list.sort_by_key(|u| std::cmp::Reverse(places(u.movement)));
    list.into_iter().take(5).map(|u| unit_model(u, indicators)).collect()
}

fn field_models(totals: &Figures) -> Vec<ShareModel> {
    let share = |(field, rate): (Field, Rate)| ShareModel {
        key: field.key(),
        label: field.label(),
        of: rate.denominator,
        missing: rate.denominator - rate.numerator,
        rate: wording::percent(rate, None),
    };
    ranked_fields(totals).into_iter().map(share).collect()
}

fn relation_models(totals: &Figures, indicators: &Indicators) -> Vec<ShareModel> {
    let share = |relation: &Relation| {
        let rate = relation_rate(totals, *relation);
        ShareModel {
            key: relation.key(),
            label: relation.label(),
            of: rate.denominator,
            missing: rate.denominator - rate.numerator,
            rate: wording::percent(rate, None),
        }
    };
    let mut list: Vec<ShareModel> = indicators.accuracy.relations.iter().map(share).collect();
    list.sort_by_key(|share| std::cmp::Reverse(share.missing));
    list
}

fn quality(results: &Results) -> QualityModel {
    QualityModel {
        duplicates: results.duplicates,
        unknown_unit_records: results.unknown_unit_records,
        matched_elsewhere: results.totals.matched_elsewhere(),
        without_id: results.totals.counts.without_id,
        invalid_id_numbers: results.findings.invalid_id_numbers,
        invalid_birth_dates: results.findings.invalid_birth_dates,
        invalid_registered_at: results.findings.invalid_registered_at,
        roster_without_id: results.findings.roster_without_id,
        roster_duplicates: results.findings.roster_duplicates,
        roster_unknown_unit: results.findings.roster_unknown_unit,
    }
}

fn verdict(verdict: Verdict, report: &Report, cut_off: Date) -> VerdictModel {
    let text = match verdict {
        Verdict::Accepted => "通过验收",
        Verdict::Rectify => "限期整改",
        Verdict::CannotBeJudged => "无法判定",
    };
    let days = jiff::Span::new().days(i64::from(report.rectify_within_days));
    let deadline = cut_off.checked_add(days).unwrap_or(cut_off);
    VerdictModel { key: verdict.key(), text, deadline: wording::date(deadline) }
}
