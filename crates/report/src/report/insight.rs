//! What the figures mean, computed and never guessed: where the gap is, what a change of place comes
//! from, what the next place takes, and where the pace leads.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::model::{NextModel, PaceModel};
use super::units::names_of;
use super::wording;
use super::words::{Words, fill, of_subject};
use tongbao_config::settings::{Indicator, Indicators, ReportLanguage, Scoring, Settings, Target};
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::results::Results;
use tongbao_figures::ranking::score::Score;
use tongbao_figures::ranking::unit_result::UnitResult;

/// Persons expected of a unit and not found.
pub fn missing(unit: &UnitResult) -> u64 {
    lacking(unit.figures.coverage)
}

/// What a rate lacks to 100 %, in persons or records.
pub fn lacking(rate: Rate) -> u64 {
    rate.denominator.saturating_sub(rate.numerator)
}

/// The units that together hold at least half of what is missing, up to five; of units that lack as many all are named
/// or none.
pub struct Gap<'a> {
    /// Persons missing in the assessed units, each with all below it; what one has too many does not
    /// help another.
    pub missing: u64,
    /// Most first; nobody where too many lack most.
    pub holders: Vec<&'a UnitResult>,
    /// What the holders miss of the whole.
    pub share: Rate,
}

/// `None` where nobody is missing, or where the list would say nothing: each of so few units counts.
pub fn gap(results: &Results) -> Option<Gap<'_>> {
    const MOST: usize = 5;
    let mut units: Vec<&UnitResult> = results.outermost().filter(|u| missing(u) > 0).collect();
    let all: u64 = units.iter().map(|u| missing(u)).sum();
    if units.len() < 4 {
        return None;
    }
    units.sort_by(|a, b| missing(b).cmp(&missing(a)).then(a.unit.code.cmp(&b.unit.code)));
    let mut held = 0;
    let mut holders = Vec::new();
    for alike in units.chunk_by(|a, b| missing(a) == missing(b)) {
        if holders.len() + alike.len() > MOST || held * 2 >= all {
            break;
        }
        held += alike.iter().map(|unit| missing(unit)).sum::<u64>();
        holders.extend_from_slice(alike);
    }
    Some(Gap { missing: all, holders, share: Rate::new(held, all) })
}

/// Names of the units that missed a target in the compared run: those that meet all now, those that still miss one,
/// and those that cannot be judged now or have to be verified.
pub fn rectified(results: &Results) -> [Vec<String>; 3] {
    let failed = |u: &UnitResult| had_passed(u) == Some(false);
    [Some(true), Some(false), None].map(|passed| names_of(results, |u| failed(u) && u.passed == passed))
}

/// Names of the units that met every target in the compared run and miss one now.
pub fn fallen_back(results: &Results) -> Vec<String> {
    names_of(results, |u| had_passed(u) == Some(true) && u.passed == Some(false))
}

/// Whether a unit met every target in the compared run; `None` where it could not be judged or is not compared.
pub fn had_passed(unit: &UnitResult) -> Option<bool> {
    unit.before.as_ref()?.passed
}

/// The indicator whose points changed most in the direction of the unit's movement, with the persons
/// or records that it is counted from; that others were faster, if its own points moved the other way or no indicator
/// explains it. Of a unit that had no records then, or has none now, there is nothing else to say.
pub fn reason(unit: &UnitResult, indicators: &Indicators, scoring: &Scoring, words: &Words) -> String {
    let (Some(before), Some(now)) = (&unit.before, &unit.score) else { return String::new() };
    let is_up = match unit.movement {
        Movement::Up(_) => true,
        Movement::Down(_) => false,
        Movement::Same | Movement::New | Movement::None => return String::new(),
    };
    let Some(earlier) = unit.score_of(&before.figures, indicators, scoring) else {
        return String::new();
    };
    let records = [&before.figures, &unit.figures].map(|figures| figures.counts.records.to_string());
    let records = records.each_ref().map(String::as_str);
    let is_cause = unit.moved_by_zero;
    match (before.figures.is_silent(), unit.figures.is_silent()) {
        (true, false) if is_up && is_cause => return fill(words.reasons.more_records, &records),
        (false, true) if !is_up && is_cause => return fill(words.reasons.fewer_records, &records),
        _ => {}
    }
    match (now.vetoes.last(), earlier.vetoes.is_empty()) {
        // Without points then and now, the order of the rates decides.
        (Some(_), false) => return String::new(),
        (Some(why), true) if !is_up && is_cause => return fill(words.veto, &[why]),
        (None, false) if is_up && is_cause => return words.reasons.veto_lifted.to_owned(),
        // Where all it was compared with had no points either, rates decided once and points the other time: no one
        // rate is the reason.
        (Some(_), true) | (None, false) => return String::new(),
        (None, true) => {}
    }
    let (gained, lost) = (now.total > earlier.total, now.total < earlier.total);
    // A unit that gained points and fell, or lost points and rose, did so by what others did.
    let by_others = || match is_up {
        true if now.total <= earlier.total => words.reasons.others_slower.to_owned(),
        // Points are taken from what is compared here in both runs alike, but perhaps from one of those printed.
        false if now.total >= earlier.total && now.deductions.is_empty() => {
            words.reasons.others_faster.to_owned()
        }
        _ => String::new(),
    };
    if is_up && lost || !is_up && gained {
        return by_others();
    }
    let gain = |indicator: &Indicator| {
        let i = indicator.index();
        let gain = &now.parts[i] - &earlier.parts[i];
        if is_up { gain } else { -gain }
    };
    let most = indicators.all().into_iter().max_by_key(gain);
    let Some(indicator) = most.filter(|i| gain(i) > BigRational::from_integer(0.into())) else {
        return by_others();
    };
    let target = Some(unit.target(indicator, indicators));
    let (was, is) = (before.figures.rate(indicator), unit.figures.rate(indicator));
    let [from, to] = [was, is].map(|rate| wording::percent(rate, target));
    let name = words.name(indicator, indicators);
    match (was.denominator, is.denominator) {
        (0, _) => return fill(words.reasons.begun, &[name, &to]),
        (_, 0) => return fill(words.reasons.ended, &[name, &from]),
        _ => {}
    }
    let change = fill(if is_up { words.reasons.rose } else { words.reasons.fell }, &[name, &from, &to]);
    let [many, few] = [was, is].map(lacking);
    if many == few {
        return change;
    }
    let counted = if many > few { words.reasons.fewer } else { words.reasons.more };
    // What a rate of the office's own lacks has no common name.
    let Some(what) = words.reasons.missing.get(indicator.index()) else { return change };
    let what = of_subject(what, indicators, words.language);
    format!("{change}{}", fill(counted, &[&what, &many.to_string(), &few.to_string()]))
}

/// The least number of further persons covered that lifts the unit above the one before it.
pub fn next_place(unit: &UnitResult, indicators: &Indicators, scoring: &Scoring) -> Option<NextModel> {
    let (rank, ahead) = unit.ahead.as_ref()?;
    let lacking = missing(unit);
    let is_enough = |persons: u64| {
        let mut figures = unit.figures.as_ref().clone();
        figures.coverage.numerator += persons;
        let now: Option<Score> = unit.score_of(&figures, indicators, scoring);
        now.is_some_and(|now| now.total > *ahead)
    };
    if unit.figures.is_silent() || !is_enough(lacking) {
        return None;
    }
    let (mut low, mut high) = (0, lacking);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if is_enough(middle) { high = middle } else { low = middle }
    }
    Some(NextModel { rank: *rank, persons: high })
}

/// Where coverage is on the last day of the campaign if each unit goes on as since the compared run: one that has
/// everybody gains no more, and one that stood still stays where it is. What a unit has above its base makes up for
/// nobody of another. Coverage is what the printed pace leads to, as a reader multiplies it.
pub fn pace(settings: &Settings, results: &Results, language: ReportLanguage) -> Option<PaceModel> {
    let compared = results.compared.as_ref()?;
    let last = settings.campaign.phases.last()?.to;
    let days = |from: jiff::civil::Date, to| u64::try_from(from.until(to).ok()?.get_days()).ok();
    let passed = days(compared.period.to, results.period.to).filter(|days| *days > 0)?;
    let left = days(results.period.to, last).filter(|days| *days > 0)?;
    let (now, before) = (results.totals.coverage, compared.totals.coverage);
    let target = results.target(Indicator::Coverage, &settings.indicators);
    if now.meets(target) != Some(false) || now.denominator != before.denominator {
        return None;
    }
    let gained = now.numerator.checked_sub(before.numerator)?;
    let further: u64 = results.outermost().map(|unit| further(unit, left, passed)).sum();
    let unlimited: u64 = results.outermost().map(|unit| covered_since(unit) * left).sum();
    let surplus: u64 = results.outermost().map(|unit| surplus(unit.figures.coverage)).sum();
    let covered = now.numerator.saturating_sub(surplus);
    let exact = Rate::new(covered * passed + further, now.denominator * passed);
    let needed = due(target, now.denominator)?.saturating_sub(covered).div_ceil(left);
    let (tenths, whole) = (further * 10, passed * left);
    let will_meet = exact.meets(target) == Some(true);
    // At what is printed the target is met if it will be, and not otherwise.
    let per_day = if will_meet { tenths.div_ceil(whole) } else { tenths / whole };
    let reached = (covered * 10 + per_day * left).min(now.denominator * 10);
    let projected = Rate::new(reached, now.denominator * 10);
    Some(PaceModel {
        stands_still: gained == 0,
        per_day: wording::weight(num_rational::Ratio::new(per_day, 10)),
        last_day: wording::date(last, language),
        days_left: left,
        is_limited: surplus > 0 || unlimited > further,
        projected: wording::percent(projected, Some(target)),
        will_meet,
        needed_per_day: needed,
    })
}

/// Persons that meet a target of so many.
fn due(target: Target, denominator: u64) -> Option<u64> {
    let share = BigRational::new(BigInt::from(*target.0.numer()), BigInt::from(*target.0.denom()));
    (share * BigInt::from(denominator)).ceil().to_integer().to_u64()
}

/// Persons above the base of a unit; none where it has no base, because the totals do not count them.
fn surplus(coverage: Rate) -> u64 {
    if coverage.denominator == 0 { 0 } else { coverage.numerator.saturating_sub(coverage.denominator) }
}

/// Persons that a unit covers in further `left` days at its pace of the last `passed`, at most those it lacks; times
/// `passed`, so that nothing is rounded.
fn further(unit: &UnitResult, left: u64, passed: u64) -> u64 {
    (covered_since(unit) * left).min(missing(unit) * passed)
}

/// Persons that a unit has covered since the compared run.
fn covered_since(unit: &UnitResult) -> u64 {
    let before = unit.before.as_ref().map_or(0, |before| before.figures.coverage.numerator);
    unit.figures.coverage.numerator.saturating_sub(before)
}
