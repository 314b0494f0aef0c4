//! Plan: what a run is to report, decided before anything is read. Every period is decided here.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Engine, Request, RunError, unit_extracts};
use crate::config::settings::Report;
use crate::schedule::period::Period;
use crate::schedule::rule::ScheduleRule;
use crate::store::{Store, StoreError};

/// A run before it has read anything.
#[derive(Clone, Copy)]
pub(super) struct RunPlan<'a> {
    pub report: &'a Report,
    pub request: &'a Request,
    pub period: Period,
    pub now: Timestamp,
}

impl Engine {
    pub(super) async fn plan<'a>(
        &'a self,
        store: Option<&Store>,
        request: &'a Request,
        now: Timestamp,
    ) -> Result<RunPlan<'a>, RunError> {
        let report = self.report(&request.report)?;
        let period = self.period(report, request, now, store).await?;
        self.must_be_meant(request, period, now)?;
        Ok(RunPlan { report, request, period, now })
    }

    /// Codes of the units whose correction lists a run makes: those that recipients of the report answer for, and
    /// those that people answer for who get theirs in the console.
    pub(super) async fn listed(
        &self,
        store: Option<&Store>,
        report: &Report,
    ) -> Result<Vec<String>, RunError> {
        let mut listed = unit_extracts::listed(&self.settings, report);
        if let Some(store) = store {
            listed.extend(store.units_of_people().await?);
            listed.sort();
            listed.dedup();
        }
        Ok(listed)
    }

    /// The day that an instant is in the campaign's zone.
    pub fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.settings.campaign.time_zone.clone()).date()
    }

    /// The period that somebody asks for: in order, finished and within the campaign.
    pub fn asked_period(&self, from: Date, to: Date, now: Timestamp) -> Result<Period, RunError> {
        let period = Period::new(from, to).ok_or(RunError::Reversed { from, to })?;
        self.must_be_meant(&Request::default(), period, now)?;
        Ok(period)
    }

    /// The period that a report has by its rule at an instant.
    pub async fn usual_period(
        &self,
        store: &Store,
        report: &Report,
        now: Timestamp,
    ) -> Result<Period, RunError> {
        self.period(report, &Request::default(), now, Some(store)).await
    }

    /// The period that a slot of a day reports on; `None` where nothing has ended by then. A round of rectification
    /// counts up to its deadline, which is after the campaign.
    pub async fn period_of_slot(
        &self,
        store: &Store,
        report: &Report,
        due: Date,
    ) -> Result<Option<Period>, StoreError> {
        let phases = &self.settings.campaign.phases;
        if let Some(ScheduleRule::CampaignEnd(_)) = report.schedule {
            let days = phases.first().zip(due.yesterday().ok());
            return Ok(days.and_then(|(first, to)| Period::new(first.from, to)));
        }
        let last_to = store.reported_until(&report.name, due).await?;
        Ok(Period::of(report.period, due, phases, last_to))
    }

    /// The period asked for, or the one the report's rule names. After the campaign its last period
    /// is meant, not an empty one of today.
    pub(super) async fn period(
        &self,
        report: &Report,
        request: &Request,
        now: Timestamp,
        store: Option<&Store>,
    ) -> Result<Period, RunError> {
        let phases = &self.settings.campaign.phases;
        let today = self.today(now);
        let due = phases.last().and_then(|last| last.to.tomorrow().ok()).map_or(today, |end| today.min(end));
        let (from, to) = match (request.from, request.to) {
            (Some(from), Some(to)) => (from, to),
            (Some(from), None) => (from, due.yesterday().unwrap_or(due)),
            (None, Some(to)) => (phases.first().map_or(to.first_of_year(), |first| first.from.min(to)), to),
            (None, None) => {
                let last_to = match store {
                    Some(store) => store.reported_until(&report.name, due).await?,
                    None => None,
                };
                return Period::of(report.period, due, phases, last_to)
                    .ok_or_else(|| RunError::NothingFinished { report: report.name.clone() });
            }
        };
        Period::new(from, to).ok_or(RunError::Reversed { from, to })
    }

    /// Refuses a period that is asked for by mistake: one that has not ended, or that is outside the campaign.
    fn must_be_meant(&self, request: &Request, period: Period, now: Timestamp) -> Result<(), RunError> {
        if request.future || request.claim.is_some() {
            return Ok(());
        }
        let today = self.today(now);
        if period.to > today {
            return Err(RunError::Future { to: period.to, today });
        }
        let phases = &self.settings.campaign.phases;
        match (phases.first(), phases.last()) {
            (Some(first), Some(last)) if period.to < first.from || period.from > last.to => {
                let (from, to) = (period.from, period.to);
                Err(RunError::OutsideCampaign { from, to, first: first.from, last: last.to })
            }
            _ => Ok(()),
        }
    }
}
