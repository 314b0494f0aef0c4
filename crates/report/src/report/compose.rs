//! Words the results: from exact figures to the report model.

use jiff::civil::Date;

use super::counted::{counted, counts, had_records, unjudged_reason, verdicts};
use super::definitions::{RulesModel, definitions};
use super::insight;
use super::model::{
    CampaignModel, Composition, GapModel, IndicatorModel, Issue, KindModel, MeterModel, Model, PeriodModel,
    RatesModel, ReportModel, RosterModel, ShareModel, TrendModel, UnitModel, VerdictModel,
};
use super::praise::PraiseBar;
use super::quality::quality;
use super::series::reconciliation::{List, Reconciled, lists};
use super::series::{self, Sources, TrendPoint, ranked_fields, relation_rate};
use super::units::{Wording, ends, group_model, models_of, named_model, names_of, own_rates, unit_model};
use super::wording;
use super::words::{SubjectModel, Words, fill, of_subject};
use tongbao_base::schedule::period::Period;
use tongbao_base::schedule::plan::rectify_until;
use tongbao_config::settings::{
    CoverageMethod, HeadStyle, Indicator, Indicators, Relation, Report, ReportKind, ReportLanguage, Settings,
    Target,
};
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::indicator::tally::Matches;
use tongbao_figures::ranking::acceptance::AcceptanceVerdict;
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_figures::ranking::unit_result::UnitResult;
use tongbao_register::field::Field;

/// Tables of at most so many units share an annex.
const SMALL: usize = 8;

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
    let Settings { scoring, ranking, .. } = settings;
    let rules = Rules { indicators, scoring, ranking };
    let say = Wording::new(results, rules, language);
    let is_round = is_of(settings, report, ReportKind::Acceptance);
    let series = series::all(Sources { results, indicators, scoring, ranking, trend, is_round, language });
    let names = |passed: Option<bool>| names_of(results, |u| u.passed == passed && !u.is_unverified());
    let (first, last) = ends(&results.ranked_together(), |u| u.rank, say);
    let campaign = campaign(settings, report, results);
    let bar = PraiseBar::new(results, indicators, &settings.scoring, campaign.last_day);
    let grouped = results.are_grouped();
    let kinds: Vec<KindModel> = series::groups(results, ranking)
        .into_iter()
        .map(|kind| group_model(kind, results, &bar, say))
        .collect();
    let all = [group_model(None, results, &bar, say)];
    let groups = if grouped { kinds.as_slice() } else { &all };
    let fields = field_models(&results.totals, say);
    let most = most_missing(&fields, say.words, |a, b| (a.missing, &a.rate) == (b.missing, &b.rate));
    let missing_by_count = most_missing(&fields, say.words, |a, b| a.missing == b.missing);
    let relations = relation_models(&results.totals, say);
    let [rectified, not_rectified, not_judged_again] = insight::rectified(results);
    let had_failed = |u: &UnitResult| insight::had_passed(u) == Some(false);
    let unverified_again = results.assessed().filter(|u| had_failed(u) && u.is_unverified()).count();
    let risers: Vec<UnitModel> = groups.iter().flat_map(|group| group.risers.clone()).collect();
    let fallers: Vec<UnitModel> = groups.iter().flat_map(|group| group.fallers.clone()).collect();
    let indicator_models: Vec<IndicatorModel> =
        indicators.all().into_iter().map(|i| indicator_model(i, results, is_round, say)).collect();
    let model = Model {
        campaign,
        report: report_model(settings, report, issue, is_round),
        period: period_model(results.period, language),
        subject: SubjectModel::new(indicators, language),
        pulled_at: wording::instant(results.pulled_at, &settings.campaign.time_zone, language),
        records: results.totals.counts.records,
        new_records: results.new_records,
        rates: RatesModel::new(&indicator_models),
        indicators: indicator_models,
        compared: results.compared.as_ref().map(|c| period_model(c.period, language)),
        compares_ranks: results.compares_ranks(),
        unit_count: results.assessed().count(),
        counts: counts(results, say, insight::had_passed),
        verdicts: verdicts(results, say),
        judged: results.judges_totals,
        met: names(Some(true)),
        unmet: names(Some(false)),
        unverified: names_of(results, UnitResult::is_unverified),
        unjudged: names(None),
        small: results.assessed().count() <= SMALL,
        has_exceptions: !results.exceptions.is_empty(),
        has_hints: has_hints(results, indicators),
        grouped,
        nested: results.are_nested(),
        all_rates: say.words.all_rates_of(indicators),
        failing_indicators: indicators
            .all()
            .into_iter()
            .filter(|i| results.totals.rate(*i).meets(results.target(*i, indicators)) == Some(false))
            .map(|i| say.words.name(i, indicators).to_owned())
            .collect(),
        corrections: 0,
        first: first.units,
        first_tied: first.tied,
        last: last.units,
        last_tied: last.tied,
        named: named_model(&bar.named(&results.ranked_together(), |u| u.rank), |u| u.rank, say),
        silent: names_of(results, |u| u.figures.is_silent()),
        nothing: names_of(results, |u| u.figures.has_nothing()),
        no_base: say.words.no_base(indicators).unwrap_or_default(),
        unjudged_reason: unjudged_reason(results, say),
        by_roster: indicators.coverage.method == CoverageMethod::Roster,
        is_uncovered: is_short(results, Indicator::Coverage),
        lacks_base: indicators.measures(Indicator::Coverage) && results.totals.coverage.denominator == 0,
        silenced: models_of(results, say, |u| u.figures.is_silent() && had_records(u)),
        exceeding: models_of(results, say, |u| u.figures.exceeds_expected()),
        exceeding_failed: names_of(results, |u| u.figures.exceeds_expected() && !u.is_unverified()),
        gap: insight::gap(results).map(|gap| GapModel {
            missing: gap.missing,
            overall: insight::lacking(results.totals.coverage),
            share: wording::percent(gap.share, None),
            holders: gap.holders.into_iter().map(|u| unit_model(u, say)).collect(),
        }),
        honours: None,
        pace: insight::pace(settings, results, language),
        rectified,
        not_rectified,
        unverified_again,
        unjudged_again: not_judged_again.len() - unverified_again,
        not_judged_again,
        identity_is_listed: identity_is_listed(indicators),
        fallen_back: insight::fallen_back(results),
        commended: groups.iter().flat_map(|group| group.named.commended.clone()).collect(),
        reminded: groups.iter().flat_map(|group| group.named.lowest.clone()).collect(),
        risen: results.units.iter().filter(|u| matches!(u.movement, Movement::Up(_))).count(),
        fallen: results.units.iter().filter(|u| matches!(u.movement, Movement::Down(_))).count(),
        risers_reason: common_reason(&risers),
        fallers_reason: common_reason(&fallers),
        risers,
        fallers,
        kinds,
        units: results.units.iter().map(|u| unit_model(u, say)).collect(),
        has_other_fields: fields.iter().filter(|field| field.missing > 0).count()
            > most.iter().map(|f| f.count).sum(),
        missing_fields: most,
        missing_by_count,
        fields,
        failed_relations: relations.iter().filter(|relation| relation.missing > 0).cloned().collect(),
        relations,
        quality: quality(results, say),
        rosters: roster_models(results, say),
        weights: indicators
            .all()
            .into_iter()
            .map(|i| {
                let weight = indicators.weight_of(scoring, i, results.totals_kind.as_deref());
                (indicators.indicator_key(i).to_owned(), wording::weight(weight))
            })
            .collect(),
        definitions: definitions(rules, results, language),
        rules: RulesModel::new(rules, results, language),
        verdict: verdict(settings, results, report, issue.date),
        trend: trend.iter().map(|point| trend_model(point, results, say)).collect(),
        trend_points: shown_points(trend, indicators),
        trend_title: say.words.trend_title(trend, indicators),
        rechecks: None,
        series_names: series.keys().cloned().collect(),
    };
    Composition { model, series }
}

/// Whether what tells one record's subject from another's is a required item of every record.
fn identity_is_listed(indicators: &Indicators) -> bool {
    let identity = indicators.subject.as_ref().map_or(Field::IdNumber, |subject| subject.identity);
    let is_always_asked = match identity {
        Field::Own(_) => indicators.definitions.fields[identity.index()].applies.is_empty(),
        _ => true,
    };
    is_always_asked && indicators.fields().contains(&identity)
}

/// Points of the course that have a rate; none where all rates were 0 all the time, which is no course.
fn shown_points(trend: &[TrendPoint], indicators: &Indicators) -> usize {
    let has = |point: &TrendPoint, is_shown: fn(Rate) -> bool| {
        indicators.all().iter().any(|i| is_shown(point.figures.rate(*i)))
    };
    if !trend.iter().any(|point| has(point, |rate| rate.denominator > 0 && rate.numerator > 0)) {
        return 0;
    }
    trend.iter().filter(|point| has(point, |rate| rate.value().is_some())).count()
}

/// The fields that are missing most often, three or more: those that are missing as often as the third are named with
/// it, and those that are alike together.
fn most_missing(
    fields: &[ShareModel],
    words: &Words,
    is_alike: impl Fn(&ShareModel, &ShareModel) -> bool,
) -> Vec<ShareModel> {
    const NAMED: usize = 3;
    const LISTED: usize = 12;
    let least = fields.get(NAMED - 1).map_or(1, |third| third.missing.max(1));
    let named: Vec<&ShareModel> = fields.iter().filter(|field| field.missing >= least).collect();
    let together = |alike: &[&ShareModel]| {
        let labels: Vec<&str> = alike.iter().map(|field| field.label.as_str()).collect();
        let label = match labels.len() {
            ..=LISTED => words.list(&labels),
            many => fill(words.items, &[&many.to_string()]),
        };
        ShareModel { label, count: alike.len(), ..alike[0].clone() }
    };
    named.chunk_by(|a, b| is_alike(a, b)).map(together).collect()
}

/// The reason that several units have in common, said once.
fn common_reason(units: &[UnitModel]) -> String {
    match units {
        [first, others @ ..] if !others.is_empty() && others.iter().all(|u| u.reason == first.reason) => {
            first.reason.clone()
        }
        _ => String::new(),
    }
}

fn campaign(settings: &Settings, report: &Report, results: &Results) -> CampaignModel {
    let (campaign, words) = (&settings.campaign, Words::of(report.language));
    let closing = if report.marks.upward { words.formulas.reported } else { words.formulas.circulated };
    let cut_off = results.period.to;
    let phase = campaign.phases.iter().find(|phase| (phase.from..=phase.to).contains(&cut_off));
    CampaignModel {
        name: campaign.name.clone(),
        title: campaign.title.clone(),
        issuer: campaign.issuer.clone(),
        basis: campaign.basis.clone(),
        addressee: campaign.addressee.clone(),
        copy_to: campaign.copy_to.clone(),
        area: campaign.area.clone(),
        leading_group: campaign
            .leading_group
            .clone()
            .unwrap_or_else(|| fill(words.formulas.leading_group, &[&campaign.name])),
        register_name: campaign.register_name.clone().unwrap_or_else(|| {
            of_subject(words.formulas.register, &settings.indicators, report.language).into_owned()
        }),
        assessment: campaign.assessment.clone(),
        closing: campaign.closing.clone().unwrap_or_else(|| closing.to_owned()),
        co_issuers: campaign.co_issuers.clone(),
        seal: campaign.seal,
        phase: phase.map(|phase| phase.name.clone()),
        last_day: campaign.phases.last().is_some_and(|phase| phase.to <= cut_off),
    }
}

fn report_model(settings: &Settings, report: &Report, issue: &Issue, is_round: bool) -> ReportModel {
    let (of, words) = (settings.reports.get(&report.name).unwrap_or(report), Words::of(report.language));
    ReportModel {
        name: report.name.clone(),
        kind: report.kind.folder().to_owned(),
        document: words.files.document(of).to_owned(),
        language: words.tag,
        brief: report.head == HeadStyle::Brief,
        number: issue.number.as_deref().map(|number| super::number::printed(number, report.language)),
        date: wording::date(issue.date, report.language),
        draft: issue.is_draft(),
        held: issue.held.clone(),
        late_since: issue.late_since.clone().filter(|_| report.prints_lateness),
        round: issue.round,
        decision: None,
        link: None,
        upward: report.marks.upward,
        is_round,
        is_bulletin: is_of(settings, report, ReportKind::Bulletin),
    }
}

fn period_model(period: Period, language: ReportLanguage) -> PeriodModel {
    PeriodModel {
        text: wording::period(period, language),
        from: wording::date(period.from, language),
        to: wording::date(period.to, language),
        cut_off: wording::month_and_day(period.to, language),
        year: period.to.year(),
    }
}

fn indicator_model(indicator: Indicator, results: &Results, is_round: bool, say: Wording) -> IndicatorModel {
    let (rate, target) = (results.totals.rate(indicator), results.target(indicator, say.indicators));
    let before = results.compared.as_ref().map(|c| c.totals.rate(indicator));
    let change = before.and_then(|before| wording::point_change(rate, before, Some(target)));
    let changed = results.changed.as_ref().filter(|changed| changed.rates.contains(&indicator));
    let [change_in_words, versus] = match changed {
        Some(changed) => {
            let is_new = changed.is_new(indicator, say.indicators);
            [(); 2].map(|()| wording::changed(is_new, say.language).to_owned())
        }
        None => [
            wording::change_in_words(change, say.language),
            wording::comparison(change, is_round, say.language),
        ],
    };
    let label = say.words.name(indicator, say.indicators).to_owned();
    let is_failing = |unit: &UnitResult| unit.meets(indicator, say.indicators) == Some(false);
    let failing = names_of(results, is_failing);
    IndicatorModel {
        proved: results.exceptions.of_rate(indicator, say.indicators),
        counted: say.indicators.counted_as(indicator, say.language).map(str::to_owned),
        key: say.indicators.indicator_key(indicator).to_owned(),
        short: say.words.short_indicators.get(indicator.index()).map_or(label.clone(), |s| (*s).to_owned()),
        label,
        numerator: rate.numerator,
        denominator: rate.denominator,
        missing: insight::lacking(rate),
        is_short: is_short(results, indicator),
        failing_units: failing.len(),
        failing_count: counted(results, say, is_failing),
        failing,
        rate: wording::percent(rate, Some(target)),
        target: wording::target_percent(target),
        met: rate.judged(target).filter(|_| results.judges_totals),
        unverified: rate.is_in_doubt(),
        change: change_in_words,
        versus,
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

/// Whether a unit lacks anything of a rate.
fn is_short(results: &Results, indicator: Indicator) -> bool {
    results.outermost().any(|unit| insight::lacking(unit.figures.rate(indicator)) > 0)
}

fn trend_model(point: &TrendPoint, results: &Results, say: Wording) -> TrendModel {
    let target = |i: Indicator| Some(results.target(i, say.indicators));
    let rate = |i: Indicator| wording::percent(point.figures.rate(i), target(i));
    TrendModel {
        label: point.label.clone(),
        coverage: say.measured(Indicator::Coverage, rate),
        completeness: rate(Indicator::Completeness),
        accuracy: rate(Indicator::Accuracy),
        own_rates: own_rates(say, rate),
    }
}

fn field_models(totals: &Figures, say: Wording) -> Vec<ShareModel> {
    let share = |(field, rate): (Field, Rate)| ShareModel {
        key: say.indicators.field_key(field).to_owned(),
        label: say.indicators.field_label(field, say.language).to_owned(),
        of: rate.denominator,
        missing: rate.denominator - rate.numerator,
        rate: wording::percent(rate, None),
        count: 1,
    };
    ranked_fields(totals, say.indicators).into_iter().map(share).collect()
}

fn relation_models(totals: &Figures, say: Wording) -> Vec<ShareModel> {
    let share = |relation: &Relation| {
        let rate = relation_rate(totals, *relation);
        ShareModel {
            key: say.indicators.relation_key(*relation).to_owned(),
            label: say.words.relation_name(*relation, say.indicators).into_owned(),
            of: rate.denominator,
            missing: rate.denominator - rate.numerator,
            rate: wording::percent(rate, None),
            count: 1,
        }
    };
    let mut list: Vec<ShareModel> = say.indicators.listed_relations().iter().map(share).collect();
    list.sort_by_key(|share| std::cmp::Reverse(share.missing));
    list
}

/// Whether any record does not pass a hint.
fn has_hints(results: &Results, indicators: &Indicators) -> bool {
    let counts = &results.totals.counts;
    indicators.hints().map(|hint| counts.relation(hint)).any(|rate| rate.denominator > rate.numerator)
}

fn roster_models(results: &Results, say: Wording) -> Vec<RosterModel> {
    let lists = lists(&say.indicators.coverage.rosters, results, say.words);
    let model = |(list, matches): (List, &Matches)| {
        let reconciled = Reconciled::new(*matches, &results.totals.counts);
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

/// Whether a report is of a kind, or the page of such a one that goes to a unit, or its summary.
fn is_of(settings: &Settings, report: &Report, kind: ReportKind) -> bool {
    report.kind == kind || settings.reports.get(&report.name).is_some_and(|of| of.kind == kind)
}

fn verdict(settings: &Settings, results: &Results, report: &Report, issued: Date) -> VerdictModel {
    let (verdict, cut_off, words) = (results.verdict, results.period.to, Words::of(report.language));
    let text = match verdict {
        AcceptanceVerdict::Accepted => words.accepted,
        AcceptanceVerdict::Rectify => words.rectify,
        AcceptanceVerdict::CannotBeJudged => words.cannot_be_judged,
    };
    let is_of = |kind| is_of(settings, report, kind);
    let until = rectify_until(cut_off, issued, report.rectify_within_days);
    // What an acceptance will judge has to be done before the campaign ends.
    let last = settings.campaign.phases.last().map(|phase| phase.to);
    let is_to_come = |last: &Date| !is_of(ReportKind::Acceptance) && *last > issued;
    let until = last.filter(is_to_come).map_or(until, |last| until.min(last));
    let deadline = wording::date(until, report.language);
    // After the last day of the campaign no further bulletin is sure to come.
    let has_next = is_of(ReportKind::Bulletin) && last.is_none_or(|last| last > cut_off);
    let due = if has_next { words.formulas.next_bulletin.to_owned() } else { deadline.clone() };
    VerdictModel { key: verdict.key(), text, deadline, due }
}
