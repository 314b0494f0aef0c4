//! Words the results: from exact figures to the report model.

use jiff::civil::Date;

use super::definitions::{RulesModel, definitions};
use super::model::{
    CampaignModel, Composition, IndicatorModel, Issue, KindModel, MeterModel, Model, PeriodModel,
    QualityModel, ReportModel, RosterModel, ShareModel, TrendModel, UnitModel, VerdictModel,
};
use super::series::reconciliation::{List, Reconciled, lists};
use super::series::{self, Sources, TrendPoint, ranked_fields, relation_rate};
use super::wording;
use super::words::Words;
use crate::config::settings::{HeadStyle, Indicator, Indicators, Language, Relation, Report, Settings};
use crate::indicator::figures::Figures;
use crate::indicator::rate::{Rate, Target};
use crate::indicator::tally::Matches;
use crate::ranking::acceptance::Verdict;
use crate::ranking::movement::Movement;
use crate::ranking::results::{Results, Rules, UnitResult};
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
    let language = report.language;
    let say = Say { indicators, language, words: Words::of(language) };
    let Settings { scoring, ranking, .. } = settings;
    let rules = Rules { indicators, scoring, ranking };
    let series = series::all(Sources { results, indicators, scoring, ranking, trend, language });
    let names = |passed: Option<bool>| -> Vec<String> {
        let list = results.assessed().filter(|u| u.passed == passed);
        list.map(|u| u.unit.name.clone()).collect()
    };
    let (first, last) = ends(&results.ranked(None), |u| u.rank, say);
    let model = Model {
        campaign: campaign(settings, results),
        report: report_model(report, issue),
        period: period_model(results.period, language),
        pulled_at: wording::instant(results.pulled_at, &settings.campaign.time_zone, language),
        records: results.totals.counts.records,
        new_records: results.in_period.records,
        indicators: Indicator::ALL.map(|i| indicator_model(i, results, say)).into(),
        compared: results.compared.as_ref().map(|c| period_model(c.period, language)),
        unit_count: results.assessed().count(),
        met: names(Some(true)),
        unmet: names(Some(false)),
        unjudged: names(None),
        first,
        last,
        kinds: series::groups(results, ranking)
            .into_iter()
            .map(|kind| kind_model(kind, results, say))
            .collect(),
        units: results.units.iter().map(|u| unit_model(u, say)).collect(),
        risers: movers(results, say, |m| if let Movement::Up(n) = m { Some(n) } else { None }),
        fallers: movers(results, say, |m| if let Movement::Down(n) = m { Some(n) } else { None }),
        fields: field_models(&results.totals, say),
        relations: relation_models(&results.totals, say),
        quality: quality(results),
        rosters: roster_models(results, say),
        weights: Indicator::ALL
            .map(|i| (i.key(), wording::weight(settings.scoring.weights.of(i))))
            .into_iter()
            .collect(),
        definitions: definitions(rules, results, language),
        rules: RulesModel::new(rules, results, language),
        verdict: verdict(results.verdict, report, results.period.to, say.words),
        trend: trend.iter().map(|point| trend_model(point, indicators)).collect(),
        trend_points: trend.len(),
        series_names: series.keys().cloned().collect(),
    };
    Composition { model, series }
}

/// How everything is said: by which definitions, and in which words.
#[derive(Clone, Copy)]
struct Say<'a> {
    indicators: &'a Indicators,
    language: Language,
    words: &'static Words,
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
    ReportModel {
        name: report.name.clone(),
        kind: report.kind.folder().to_owned(),
        language: Words::of(report.language).tag,
        brief: report.head == HeadStyle::Brief,
        number: issue.number.clone(),
        date: wording::date(issue.date, report.language),
        draft: issue.is_draft(),
        held: issue.held.clone(),
        late_since: issue.late_since.clone().filter(|_| report.prints_lateness),
        round: issue.round,
        decision: None,
    }
}

fn period_model(period: Period, language: Language) -> PeriodModel {
    PeriodModel {
        text: wording::period(period, language),
        from: wording::date(period.from, language),
        to: wording::date(period.to, language),
        year: period.to.year(),
    }
}

fn indicator_model(indicator: Indicator, results: &Results, say: Say) -> IndicatorModel {
    let (rate, target) = (results.totals.rate(indicator), say.indicators.target(indicator));
    let before = results.compared.as_ref().map(|c| c.totals.rate(indicator));
    let change = before.and_then(|before| wording::point_change(rate, before));
    IndicatorModel {
        key: indicator.key(),
        label: say.words.indicator(indicator),
        short: say.words.short_indicators[indicator as usize],
        numerator: rate.numerator,
        denominator: rate.denominator,
        rate: wording::percent(rate, Some(target)),
        target: wording::target_percent(target),
        met: rate.meets(target),
        change: wording::change_in_words(change, say.language),
        points: change.map_or(wording::NO_RATE.to_owned(), wording::points),
        meter: meter(rate, target),
    }
}

/// A bar from 0 to 100 % in hundredths of its length. A rate below its target never looks as if it
/// reached it, nor one above as if it missed.
fn meter(rate: Rate, target: Target) -> MeterModel {
    let share = |rate: Rate| wording::share(rate.numerator as f64, rate.denominator as f64);
    let mark = share(Rate::new(*target.0.numer(), *target.0.denom()));
    let reached = match rate.meets(target) {
        Some(true) => share(rate).max(mark),
        Some(false) => share(rate).min(mark.saturating_sub(1)),
        None => 0,
    };
    let lacking = if rate.meets(target) == Some(false) { mark - reached } else { 0 };
    MeterModel { reached, lacking, rest: 100 - reached - lacking, target: mark }
}

fn trend_model(point: &TrendPoint, indicators: &Indicators) -> TrendModel {
    let rate = |i: Indicator| wording::percent(point.figures.rate(i), Some(indicators.target(i)));
    TrendModel {
        label: point.label.clone(),
        coverage: rate(Indicator::Coverage),
        completeness: rate(Indicator::Completeness),
        accuracy: rate(Indicator::Accuracy),
    }
}

fn unit_model(u: &UnitResult, say: Say) -> UnitModel {
    let rate = |i: Indicator| wording::percent(u.figures.rate(i), Some(say.indicators.target(i)));
    UnitModel {
        code: u.unit.code.clone(),
        name: u.unit.name.clone(),
        kind: u.unit.kind.clone(),
        level: u.level,
        assessed: u.is_assessed,
        records: u.figures.counts.records,
        rank: u.rank,
        rank_in_group: u.rank_in_group,
        previous_rank: u.before.and_then(|before| before.rank_in_group),
        movement: wording::movement(u.movement, say.language),
        places: u.movement.places().unwrap_or(0).unsigned_abs(),
        score: u.score.as_ref().map_or(wording::NO_RATE.to_owned(), |s| wording::score(&s.total)),
        coverage: rate(Indicator::Coverage),
        completeness: rate(Indicator::Completeness),
        accuracy: rate(Indicator::Accuracy),
        passed: u.passed,
        failures: series::failures(u, say.indicators, say.words),
    }
}

fn kind_model(kind: Option<&str>, results: &Results, say: Say) -> KindModel {
    let list = results.ranked(kind);
    let (first, last) = ends(&list, |u| u.rank_in_group, say);
    let name = series::group_name(kind, results, say.words).to_owned();
    KindModel { name, count: list.len(), first, last }
}

/// The first three places and the last three ranked units. Who shares a named place is named too,
/// and nobody is named at both ends.
fn ends(
    ranked: &[&UnitResult],
    rank: impl Fn(&UnitResult) -> Option<u32>,
    say: Say,
) -> (Vec<UnitModel>, Vec<UnitModel>) {
    let placed: Vec<&UnitResult> = ranked.iter().copied().filter(|u| rank(u).is_some()).collect();
    let third_last = placed.len().checked_sub(3).and_then(|i| rank(placed[i]));
    let is_first = |u: &UnitResult| rank(u).is_some_and(|place| place <= 3);
    let is_last = |u: &UnitResult| third_last.is_none_or(|least| rank(u) >= Some(least)) && !is_first(u);
    let models = |keep: &dyn Fn(&UnitResult) -> bool| -> Vec<UnitModel> {
        placed.iter().filter(|u| keep(u)).map(|u| unit_model(u, say)).collect()
    };
    (models(&is_first), models(&is_last))
}

/// The units that moved most, up to five.
fn movers(results: &Results, say: Say, places: impl Fn(Movement) -> Option<u32>) -> Vec<UnitModel> {
    let mut list: Vec<&UnitResult> = results.units.iter().filter(|u| places(u.movement).is_some()).collect();
    list.sort_by_key(|u| std::cmp::Reverse(places(u.movement)));
    list.into_iter().take(5).map(|u| unit_model(u, say)).collect()
}

fn field_models(totals: &Figures, say: Say) -> Vec<ShareModel> {
    let share = |(field, rate): (Field, Rate)| ShareModel {
        key: field.key(),
        label: say.words.field(field),
        of: rate.denominator,
        missing: rate.denominator - rate.numerator,
        rate: wording::percent(rate, None),
    };
    ranked_fields(totals).into_iter().map(share).collect()
}

fn relation_models(totals: &Figures, say: Say) -> Vec<ShareModel> {
    let share = |relation: &Relation| {
        let rate = relation_rate(totals, *relation);
        ShareModel {
            key: relation.key(),
            label: say.words.relation(*relation),
            of: rate.denominator,
            missing: rate.denominator - rate.numerator,
            rate: wording::percent(rate, None),
        }
    };
    let mut list: Vec<ShareModel> = say.indicators.accuracy.relations.iter().map(share).collect();
    list.sort_by_key(|share| std::cmp::Reverse(share.missing));
    list
}

fn roster_models(results: &Results, say: Say) -> Vec<RosterModel> {
    let lists = lists(&say.indicators.coverage.rosters, results, say.words);
    let model = |(list, matches): (List, &Matches)| {
        let reconciled = Reconciled::new(*matches, results.totals.counts);
        RosterModel {
            name: list.name,
            label: list.label,
            listed: reconciled.listed,
            both: reconciled.both,
            only_roster: reconciled.only_roster,
            only_register: reconciled.only_register,
            rate: wording::percent(reconciled.rate(), None),
        }
    };
    lists.into_iter().zip(&results.matches).map(model).collect()
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

fn verdict(verdict: Verdict, report: &Report, cut_off: Date, words: &'static Words) -> VerdictModel {
    let text = match verdict {
        Verdict::Accepted => words.accepted,
        Verdict::Rectify => words.rectify,
        Verdict::CannotBeJudged => words.cannot_be_judged,
    };
    let days = jiff::Span::new().days(i64::from(report.rectify_within_days));
    let deadline = cut_off.checked_add(days).unwrap_or(cut_off);
    VerdictModel { key: verdict.key(), text, deadline: wording::date(deadline, report.language) }
}
