//! Made-up results in every shape that real ones take: what templates are tried on before anything
//! is printed. The first has every optional part and no empty list.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::compose::compose;
use super::model::{
    Composition, DecisionModel, FastestModel, GapModel, HonouredModel, HonoursModel, Issue, LastAgainModel,
    Model, NextModel, PaceModel, RosterModel, TiedModel, WaitingModel,
};
use super::rechecks::{RechecksModel, WrongFieldModel};
use super::series::TrendPoint;
use super::wording;
use tongbao_base::schedule::period::Period;
use tongbao_config::settings::{CoverageMethod, Report, Settings};
use tongbao_figures::indicator::counters::Counters;
use tongbao_figures::indicator::counts::Counts;
use tongbao_figures::indicator::record_findings::RecordFindings;
use tongbao_figures::indicator::tally::{Bucket, Matches, Tally};
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_figures::ranking::snapshot::Snapshot;
use tongbao_register::batch::days_since_epoch;
use tongbao_register::unit::{Unit, Units};
use tongbao_rule::definitions::Definitions;

/// The periods of the sample: an earlier one and this one.
const EARLIER: Period = Period { from: date(2016, 6, 6), to: date(2016, 6, 12) };
const NOW: Period = Period { from: date(2016, 6, 13), to: date(2016, 6, 19) };

/// How complete the sample's records are.
#[derive(Clone, Copy, PartialEq)]
enum Quality {
    /// Some units reach every target, some do not.
    Mixed,
    /// All do.
    Perfect,
    /// Nothing can be judged: there are no denominators.
    Unknown,
}

/// The compositions of a report for made-up results: full, accepted, and with hardly anything.
pub fn compositions(settings: &Settings, report: &Report) -> Vec<Composition> {
    let mut full = composition(settings, report, Quality::Mixed, true);
    let campaign = &mut full.model.campaign;
    let or_name =
        |text: &Option<String>| Some(text.clone().unwrap_or_else(|| settings.campaign.name.clone()));
    (campaign.basis, campaign.phase) = (or_name(&campaign.basis), or_name(&campaign.phase));
    campaign.assessment.get_or_insert_with(|| settings.campaign.name.clone());
    if campaign.copy_to.is_empty() {
        campaign.copy_to.push(settings.campaign.issuer.clone());
    }
    if full.model.rosters.is_empty() {
        let (name, label) = ("roster".to_owned(), settings.campaign.issuer.clone());
        let rate = wording::NO_RATE.to_owned();
        let (listed, both, only_roster, only_register) = (0, 0, 0, 0);
        full.model.rosters =
            vec![RosterModel { name, label, listed, both, only_roster, only_register, rate }];
    }
    full.model.report.late_since.get_or_insert_with(|| settings.campaign.name.clone());
    let waiting =
        WaitingModel { run: 1, report: report.name.clone(), period: full.model.period.text.clone() };
    let next_number = Some(full.model.report.date.clone());
    full.model.report.decision =
        Some(DecisionModel { run: 2, next_number, needs_number: true, waiting: vec![waiting] });
    full.model.report.link = Some(full.model.campaign.name.clone());
    fill_lists(&mut full.model);
    let others = [(Quality::Perfect, true), (Quality::Mixed, false), (Quality::Unknown, false)];
    let others = others.map(|(quality, compared)| composition(settings, report, quality, compared));
    std::iter::once(full).chain(others).collect()
}

/// Gives every list an element and every optional part a value, so that each name can be looked up.
fn fill_lists(model: &mut Model) {
    let Some(mut unit) = model.units.first().cloned() else { return };
    unit.previous_records.get_or_insert(1);
    unit.next = Some(NextModel { rank: 1, persons: 1 });
    unit.failing.push(unit.name.clone());
    model.units[0] = unit.clone();
    let tied =
        || TiedModel { rank: 1, count: 9, score: wording::NO_RATE.to_owned(), silent: true, passed: true };
    for named in model.kinds.iter_mut().map(|kind| &mut kind.named).chain([&mut model.named]) {
        named.praised_tied.get_or_insert_with(tied);
        named.commended_tied.get_or_insert_with(tied);
        named.crowd_tied.get_or_insert_with(tied);
        named.lagging_tied.get_or_insert_with(tied);
        named.lowest_tied.get_or_insert_with(tied);
    }
    model.first_tied.get_or_insert_with(tied);
    model.last_tied.get_or_insert_with(tied);
    for kind in &mut model.kinds {
        kind.first_tied.get_or_insert_with(tied);
        kind.last_tied.get_or_insert_with(tied);
    }
    let group = model.kinds.first_mut();
    let mut lists = vec![
        &mut model.risers,
        &mut model.fallers,
        &mut model.first,
        &mut model.last,
        &mut model.exceeding,
        &mut model.silenced,
        &mut model.commended,
        &mut model.reminded,
        &mut model.named.praised,
        &mut model.named.lagging,
        &mut model.named.lowest,
    ];
    if let Some(group) = group {
        lists.extend([&mut group.first, &mut group.last, &mut group.risers, &mut group.fallers]);
        lists.extend([&mut group.named.praised, &mut group.named.lagging, &mut group.named.lowest]);
    }
    for list in lists {
        if list.is_empty() {
            list.push(unit.clone());
        }
    }
    for list in [
        &mut model.met,
        &mut model.unmet,
        &mut model.unverified,
        &mut model.unjudged,
        &mut model.silent,
        &mut model.nothing,
        &mut model.exceeding_failed,
        &mut model.rectified,
        &mut model.not_rectified,
        &mut model.not_judged_again,
        &mut model.fallen_back,
    ] {
        if list.is_empty() {
            list.push(unit.name.clone());
        }
    }
    model.gap.get_or_insert_with(|| GapModel {
        missing: 1,
        overall: 1,
        holders: vec![unit.clone()],
        share: wording::NO_RATE.to_owned(),
    });
    let risen = || HonouredModel { unit: unit.clone(), rise: wording::NO_RATE.to_owned() };
    model.honours.get_or_insert_with(|| HonoursModel {
        fastest: vec![risen()],
        fastest_groups: vec![FastestModel { name: String::new(), units: vec![risen()] }],
        first_met: vec![unit.clone()],
        last_again: vec![LastAgainModel { unit: unit.clone(), times: 2 }],
        has_others: true,
        ..HonoursModel::default()
    });
    let estimated = Some(wording::NO_RATE.to_owned());
    let fields = vec![WrongFieldModel { label: wording::NO_RATE.to_owned(), records: 1 }];
    let rechecks = RechecksModel {
        units: wording::NO_RATE.to_owned(),
        checked: 2,
        wrong: 1,
        unchecked: 1,
        fields,
        estimated,
    };
    model.rechecks.get_or_insert(rechecks);
    model.pace.get_or_insert_with(|| PaceModel {
        stands_still: false,
        per_day: String::new(),
        last_day: String::new(),
        days_left: 1,
        is_limited: true,
        projected: String::new(),
        will_meet: false,
        needed_per_day: 1,
    });
}

fn composition(settings: &Settings, report: &Report, quality: Quality, is_compared: bool) -> Composition {
    let rules =
        Rules { indicators: &settings.indicators, scoring: &settings.scoring, ranking: &settings.ranking };
    let now = snapshot(settings, quality, NOW.to);
    let before = is_compared.then(|| Results::new(&now, EARLIER, rules, None));
    let results = Results::new(&now, NOW, rules, before.as_ref());
    let language = report.language;
    let issue = Issue {
        date: NOW.to,
        number: is_compared.then(|| wording::date(NOW.to, language)),
        round: if is_compared { 2 } else { 1 },
        held: if is_compared { vec![wording::period(NOW, language)] } else { Vec::new() },
        late_since: is_compared.then(|| wording::date(EARLIER.to, language)),
    };
    let points = before.iter().chain([&results]).map(|results| TrendPoint {
        label: wording::month_and_day(results.period.to, language),
        is_recounted: !is_compared,
        figures: results.totals.clone(),
        units: results.units.iter().map(|u| (u.unit.code.clone(), u.figures.clone())).collect(),
    });
    let trend: Vec<TrendPoint> = points.collect();
    compose(settings, report, &results, &trend, &issue)
}

/// Eight units of two kinds; the even ones register late, so that places change between the periods.
fn snapshot(settings: &Settings, quality: Quality, last: Date) -> Snapshot {
    let unit = |i: u64| Unit {
        code: format!("{:012}", 440_118_001_200 + i),
        name: format!("{}{}", ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"][i as usize], kind(i)),
        kind: kind(i).to_owned(),
        parent: None,
    };
    let units: Vec<Unit> = (0..8).map(unit).collect();
    let mut tally = Tally::default();
    let early = days_since_epoch(EARLIER.from);
    for i in 0..8_u32 {
        let rank = u64::from(i);
        let late = 20 + 60 * (rank % 2) + rank;
        let day = |day| Bucket { unit: Some(i), day: Some(day) };
        tally.add(Bucket { unit: Some(i), day: None }, &roster(quality));
        for list in 0..settings.indicators.coverage.rosters.reconciled() {
            let registered = 120 - rank;
            let all = Matches { listed: 120, found: registered, found_own: registered, known: 0 };
            tally.add_matches(list, Bucket { unit: Some(i), day: None }, all);
        }
        let counts = |records, wrong| counts(&settings.indicators.definitions, quality, records, wrong);
        tally.add(day(early), &counts(120 - late, rank));
        tally.add(day(days_since_epoch(last)), &counts(late, 7 - rank));
    }
    tally.findings = match quality {
        Quality::Mixed => RecordFindings {
            invalid_registered_at: 1,
            invalid_birth_dates: 2,
            invalid_id_numbers: 3,
            roster_without_id: 4,
            roster_duplicates: 5,
            roster_unknown_unit: 6,
            cut_id_numbers: 1,
            roster_cut_ids: 1,
            roster_malformed_ids: 1,
            invalid_sexes: 1,
            invalid_marital_statuses: 1,
            no_records: 1,
            ..RecordFindings::default()
        },
        Quality::Perfect | Quality::Unknown => RecordFindings::default(),
    };
    let is_baseline = settings.indicators.coverage.method == CoverageMethod::Baseline;
    let expected = units.iter().map(|unit| (unit.code.clone(), 120));
    let baseline = match quality {
        Quality::Unknown => BTreeMap::new(),
        _ if is_baseline => expected.collect(),
        _ => BTreeMap::new(),
    };
    let pulled_at = jiff::Timestamp::UNIX_EPOCH;
    Snapshot { units: Units::new(units).unwrap_or_default(), tally, baseline, pulled_at }
}

fn kind(i: u64) -> &'static str {
    if i < 4 { "村" } else { "社区" }
}

fn roster(quality: Quality) -> Counts {
    match quality {
        Quality::Unknown => Counts::default(),
        Quality::Mixed | Quality::Perfect => Counts { roster: 120, ..Counts::default() },
    }
}

/// So many records, of which some are wrong.
fn counts(definitions: &Definitions, quality: Quality, records: u64, wrong: u64) -> Counts {
    let (fields, relations) = (definitions.fields.len(), definitions.relations.len());
    let wrong = if quality == Quality::Perfect { 0 } else { wrong.min(records) };
    let right = records - wrong;
    let is_judged = quality != Quality::Unknown;
    Counts {
        records,
        complete: right,
        judged: if is_judged { records } else { 0 },
        accurate: if is_judged { right } else { 0 },
        persons: right,
        duplicates: wrong,
        without_id: wrong,
        roster: 0,
        covered: if is_judged { right } else { 0 },
        covered_own: if is_judged { right - right.min(wrong) } else { 0 },
        applicable: Counters::same(records, fields),
        filled: Counters::same(right, fields),
        relation_judged: Counters::same(records, relations),
        relation_passed: Counters::same(right, relations),
    }
}
