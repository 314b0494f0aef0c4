//! Date, number and round of what a run issues.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::earlier_runs::EarlierRuns;
use super::plan::RunPlan;
use super::{Engine, ReleaseDecision, Request, RunError};
use crate::config::settings::{HeadStyle, Report, ReportKind, Settings};
use crate::report::model::Issue;
use crate::report::number::{Number, NumberError, Numbering};
use crate::report::wording;
use crate::report::words::{Words, fill};
use crate::schedule::period::Period;
use crate::store::runs::Run;
use crate::store::{Store, StoreError};

/// What stands for the next number where a person gives one.
const NEXT: &str = "next";

/// How a run is issued, and the number it takes.
pub(super) struct Numbered {
    pub issue: Issue,
    pub number: Option<Number>,
}

/// The round that a run is taken for.
pub(super) struct CountedRound {
    pub number: u32,
    /// Cut-offs of earlier rounds of which nobody knows whether they were issued, and that no later round has
    /// settled.
    pub unknown: Vec<Date>,
}

impl Engine {
    /// Date, number and round of a run. A 简报 counts its issues; a 公文 takes the number that a person gives
    /// and is held without one, unless it is a dry run.
    pub(super) async fn issue(
        &self,
        earlier: &EarlierRuns<'_>,
        plan: &RunPlan<'_>,
        mut held: Vec<String>,
    ) -> Result<Numbered, RunError> {
        let (store, RunPlan { report, request, period, now }) = (earlier.store, *plan);
        let date = self.today(now);
        let round = self.round(earlier, report, request.round, period).await?;
        held.extend(unknown_issues(report, request, &round));
        let number = match (&request.number, store, report.head) {
            (Some(text), _, _) => Some(self.free_number(store, report, text, date).await?),
            // A held run gets its number when it is released, so that a rejected one leaves no gap.
            (None, Some(store), HeadStyle::Brief) if held.is_empty() && !request.dry_run => {
                self.next_number(store, report, date).await?
            }
            (None, _, _) => None,
        };
        if number.is_none() && report.head == HeadStyle::Official && !request.dry_run {
            held.push(Words::of(report.language).held.no_number.to_owned());
        }
        let late = self.settings.daemon.overdue_after;
        let late_since = request.claim.as_ref().filter(|claim| now.duration_since(claim.slot.instant) > late);
        let issue = Issue {
            date,
            number: number.as_ref().map(|number| number.text.clone()),
            round: round.number,
            held,
            late_since: late_since.map(|claim| {
                wording::instant(claim.slot.instant, &self.settings.campaign.time_zone, report.language)
            }),
        };
        Ok(Numbered { issue, number })
    }

    /// The number that a person gives, checked: well formed, of the year of issue, and free.
    pub(super) async fn free_number(
        &self,
        store: Option<&Store>,
        report: &Report,
        text: &str,
        date: Date,
    ) -> Result<Number, RunError> {
        if let (NEXT, Some(store)) = (text.trim(), store) {
            let next = self.next_number(store, report, date).await?;
            return next.ok_or_else(|| RunError::NoNumberYet { year: date.year() });
        }
        let number = self.numbering(report, date).read(text)?;
        match store {
            Some(store) => match store.number_holder(&number).await? {
                Some(run) => Err(StoreError::NumberTaken { number: number.text, run: Some(run) }.into()),
                None => Ok(number),
            },
            None => Ok(number),
        }
    }

    /// Why the first issue of a report may be none: one of its kind that is no longer configured has been issued, so
    /// that it may only have been renamed. Numbers would begin again, and nothing would be compared.
    pub(super) async fn other_name(
        &self,
        store: &Store,
        report: &Report,
    ) -> Result<Option<String>, RunError> {
        let Some(run) = perhaps_renamed(&self.settings, store, report).await? else { return Ok(None) };
        let words = Words::of(report.language);
        let number = run.number.as_deref().unwrap_or(&run.to);
        Ok(Some(fill(words.held.other_name, &[&run.report, number, &run.id.to_string()])))
    }

    /// The number after the highest given. `None` for a 公文 as long as none is on record: then only the
    /// office knows what it has given by hand.
    pub async fn next_number(
        &self,
        store: &Store,
        report: &Report,
        date: Date,
    ) -> Result<Option<Number>, RunError> {
        let numbering = self.numbering(report, date);
        let Some(scope) = numbering.scope() else { return Ok(None) };
        let next = match (store.highest_serial(&scope).await?, report.head) {
            (None, HeadStyle::Official) => return Ok(None),
            (highest, _) => highest.unwrap_or(0).saturating_add(1),
        };
        Ok(numbering.of(next))
    }

    fn numbering<'a>(&'a self, report: &'a Report, date: Date) -> Numbering<'a> {
        Numbering { report, prefix: self.settings.campaign.number_prefix.as_deref(), year: date.year() }
    }

    /// Which round 轮次 a period is: as a person says, else one more than the distinct earlier cut-offs since
    /// the last round that a person has said. A round of which a restored state does not know whether it was
    /// issued counts too: a number that is left out does less harm than one that is given twice.
    pub(super) async fn round(
        &self,
        earlier: &EarlierRuns<'_>,
        report: &Report,
        given: Option<u32>,
        period: Period,
    ) -> Result<CountedRound, RunError> {
        let (None, Some(store)) = (given, earlier.store) else {
            return Ok(CountedRound { number: given.unwrap_or(1), unknown: Vec::new() });
        };
        let earlier: Vec<&Run> = earlier.runs().collect();
        let since = earlier.iter().position(|run| run.round_given);
        let (last_given, counted) = match since {
            Some(position) => (earlier[position].round as usize, &earlier[..position]),
            None => (0, earlier.as_slice()),
        };
        let after = since.map(|position| earlier[position].period()).transpose()?.map(|period| period.to);
        let mut cut_offs: BTreeSet<Date> = BTreeSet::new();
        for run in counted {
            cut_offs.insert(run.period()?.to);
        }
        let latest = cut_offs.last().copied().or(after);
        let mut unknown = store.unknown_cut_offs(&report.name).await?;
        unknown.retain(|day| *day < period.to && after.is_none_or(|after| *day > after));
        cut_offs.extend(&unknown);
        unknown.retain(|day| latest.is_none_or(|latest| *day > latest));
        Ok(CountedRound { number: (last_given + cut_offs.len()) as u32 + 1, unknown })
    }

    /// The number under which a run is released that waits for a person.
    pub(super) async fn released_number(
        &self,
        store: &Store,
        report: &Report,
        run: &Run,
        decision: &ReleaseDecision,
        date: Date,
    ) -> Result<Option<Number>, RunError> {
        if let Some(text) = decision.number.as_ref().or(run.number.as_ref()) {
            return Ok(Some(self.free_number(Some(store), report, text, date).await?));
        }
        let next = self.next_number(store, report, date).await?;
        match report.head {
            HeadStyle::Brief => Ok(next),
            HeadStyle::Official => {
                let example = self.numbering(report, date).shortest();
                Err(RunError::NumberNeeded { run: run.id, next: next.map(|next| next.text), example })
            }
        }
    }
}

/// Why a run waits for a person whose round, number or comparison may be wrong: nobody knows whether those before it
/// were issued. The number of a 公文 is given by a person in any case.
fn unknown_issues(report: &Report, request: &Request, round: &CountedRound) -> Option<String> {
    let last = round.unknown.last().filter(|_| !request.dry_run)?;
    let words = Words::of(report.language);
    if report.kind == ReportKind::Acceptance {
        let days: Vec<String> =
            round.unknown.iter().map(|day| wording::date(*day, report.language)).collect();
        let days = words.list(&days);
        return Some(fill(words.held.unknown_rounds, &[&days, &round.number.to_string()]));
    }
    let is_counted = report.head == HeadStyle::Brief && request.number.is_none();
    is_counted.then(|| fill(words.held.unknown_issues, &[&wording::date(*last, report.language)]))
}

/// The last run of a report that is no longer configured and may be this one under an earlier name.
pub async fn perhaps_renamed(
    settings: &Settings,
    store: &Store,
    report: &Report,
) -> Result<Option<Run>, StoreError> {
    if !store.runs_of(Some(&report.name), 1).await?.is_empty() {
        return Ok(None);
    }
    let latest = store.latest_released(report.kind.folder()).await?;
    Ok(latest.into_iter().find(|run| !settings.reports.contains_key(&run.report)))
}

impl From<NumberError> for RunError {
    fn from(error: NumberError) -> RunError {
        RunError::Number(error)
    }
}
