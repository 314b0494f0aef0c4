//! The report model: what templates can name. Every value is worded and rounded already.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::series::{self, Series, Sources, TrendPoint, ranked_fields, relation_rate};
use super::wording;
use crate::config::settings::{HeadStyle, Indicator, Indicators, Report, ReportKind, Settings};
use crate::indicator::definition::{Definition, definitions};
use crate::indicator::figures::Figures;
use crate::ranking::acceptance::Verdict;
use crate::ranking::movement::Movement;
use crate::ranking::results::{Results, UnitResult};

/// How a document is issued: what the figures do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// 成文日期.
    pub date: Date,
    /// 发文字号 or 期号, given by a person or counted by the store; without one it is a draft.
    pub number: Option<String>,
    /// 第几轮 of an acceptance.
    pub round: u32,
    /// Why this is only a draft although it has a number, e.g. a guard held it.
    pub held: Vec<String>,
    /// The instant it was due, if it comes late.
    pub late_since: Option<String>,
}

impl Issue {
    /// 送审稿: without a number, or held back.
    pub fn is_draft(&self) -> bool {
        self.number.is_none() || !self.held.is_empty()
    }
}

/// The whole model.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    pub campaign: CampaignModel,
    pub report: ReportModel,
    pub period: PeriodModel,
    /// 提取时刻 in the campaign's zone.
    pub pulled_at: String,
    pub records: u64,
    pub new_records: u64,
    /// Coverage, completeness, accuracy of all units together.
    pub indicators: Vec<IndicatorModel>,
    pub compared: Option<PeriodModel>,
    pub unit_count: usize,
    pub met: Vec<String>,
    pub unmet: Vec<String>,
    pub unjudged: Vec<String>,
    /// First and last three of all units, with rank and score.
    pub first: Vec<UnitModel>,
    pub last: Vec<UnitModel>,
    pub kinds: Vec<KindModel>,
    pub units: Vec<UnitModel>,
    pub risers: Vec<UnitModel>,
    pub fallers: Vec<UnitModel>,
    /// Fields, those missing most often first.
    pub fields: Vec<ShareModel>,
    /// Relations, those failed most often first.
    pub relations: Vec<ShareModel>,
    pub quality: QualityModel,
    pub weights: BTreeMap<&'static str, String>,
    pub definitions: Vec<Definition>,
    pub verdict: VerdictModel,
    pub trend_points: usize,
    /// Names that ```` ```table ```` and ```` ```chart ```` blocks can place.
    pub series_names: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct CampaignModel {
    pub name: String,
    pub issuer: String,
    pub basis: Option<String>,
    pub addressee: String,
    pub copy_to: Vec<String>,
    /// The phase of the cut-off day.
    pub phase: Option<String>,
    pub last_day: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct ReportModel {
    pub name: String,
    pub kind: String,
    /// 简报 head instead of 公文 head.
    pub brief: bool,
    pub number: Option<String>,
    pub date: String,
    pub draft: bool,
    pub held: Vec<String>,
    pub late_since: Option<String>,
    pub round: u32,
}

#[derive(Debug, Clone, Serialize)]
pub struct PeriodModel {
    pub text: String,
    pub from: String,
    pub to: String,
    pub year: i16,
}

#[derive(Debug, Clone, Serialize)]
pub struct IndicatorModel {
    pub key: &'static str,
    pub label: &'static str,
    pub numerator: u64,
    pub denominator: u64,
    pub rate: String,
    pub target: String,
    pub met: Option<bool>,
    /// `上升1.25个百分点`; `无可比数` without a compared run.
    pub change: String,
    /// `+1.25`, or — .
    pub points: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct UnitModel {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub records: u64,
    pub rank: Option<u32>,
    pub rank_in_group: Option<u32>,
    pub previous_rank: Option<u32>,
    pub movement: String,
    /// Places gained or lost, without sign.
    pub places: u64,
    pub score: String,
    pub coverage: String,
    pub completeness: String,
    pub accuracy: String,
    pub passed: Option<bool>,
    /// What it fails, in words.
    pub failures: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct KindModel {
    pub name: String,
    pub count: usize,
    pub first: Vec<UnitModel>,
    pub last: Vec<UnitModel>,
}

/// A part that misses or fails, of a whole.
#[derive(Debug, Clone, Serialize)]
pub struct ShareModel {
    pub key: &'static str,
    pub label: &'static str,
    pub of: u64,
    pub missing: u64,
    pub rate: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct QualityModel {
    pub duplicates: u64,
    pub unknown_unit_records: u64,
    pub matched_elsewhere: u64,
    pub without_id: u64,
    pub invalid_id_numbers: u64,
    pub invalid_birth_dates: u64,
    pub invalid_registered_at: u64,
    pub roster_without_id: u64,
    pub roster_duplicates: u64,
    pub roster_unknown_unit: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct VerdictModel {
    /// `accepted`, `rectify` or `cannot_be_judged`.
    pub key: &'static str,
    pub text: &'static str,
    /// 整改时限.
    pub deadline: String,
}

/// Everything a document is composed from: the model for templates, and the series they may place.
#[derive(Debug, Clone)]
pub struct Composition {
    pub model: Model,
    pub series: BTreeMap<String, Series>,
}

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

fn period_model(period: crate::schedule::period::Period) -> PeriodModel {
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
    let share = |(field, rate): (crate::register::field::Field, crate::indicator::rate::Rate)| ShareModel {
        key: field.key(),
        label: field.label(),
        of: rate.denominator,
        missing: rate.denominator - rate.numerator,
        rate: wording::percent(rate, None),
    };
    ranked_fields(totals).into_iter().map(share).collect()
}

fn relation_models(totals: &Figures, indicators: &Indicators) -> Vec<ShareModel> {
    let share = |relation: &crate::config::settings::Relation| {
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
    let (key, text) = match verdict {
        Verdict::Accepted => ("accepted", "通过验收"),
        Verdict::Rectify => ("rectify", "限期整改"),
        Verdict::CannotBeJudged => ("cannot_be_judged", "无法判定"),
    };
    let days = jiff::Span::new().days(i64::from(report.rectify_within_days));
    let deadline = cut_off.checked_add(days).unwrap_or(cut_off);
    VerdictModel { key, text, deadline: wording::date(deadline) }
}
