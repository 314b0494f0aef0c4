//! Date and number of what a run issues.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Decision, Engine, Request, RunError};
use crate::config::settings::{HeadStyle, Report};
use crate::report::model::Issue;
use crate::report::wording;
use crate::report::words::{Words, fill};
use crate::schedule::period::Period;
use crate::store::Store;
use crate::store::runs::Run;

impl Engine {
    /// Date and number. Scheduled 简报 count their issues by themselves; 公文 take the number that a
    /// person gives, and are drafts without one.
    pub(super) async fn issue(
        &self,
        store: Option<&Store>,
        report: &Report,
        request: &Request,
        period: Period,
        held: &[String],
        now: Timestamp,
    ) -> Result<Issue, RunError> {
        let mut number = request.number.clone();
        // A held run gets its number when it is released, so that a rejected one leaves no gap.
        if let (None, HeadStyle::Brief, Some(store), Some(_), true) =
            (&number, report.head, store, &request.claim, held.is_empty())
        {
            number = Some(self.next_issue(store, report, period).await?);
        }
        let round = match store {
            Some(store) => {
                store.series(&report.name, period.to.tomorrow().unwrap_or(period.to), 1_000).await?.len()
            }
            None => 0,
        };
        let late = self.settings.daemon.overdue_after;
        let late_since = request.claim.as_ref().filter(|claim| now.duration_since(claim.slot.instant) > late);
        Ok(Issue {
            date: self.today(now),
            number,
            round: round as u32 + 1,
            held: held.to_vec(),
            late_since: late_since.map(|claim| {
                wording::instant(claim.slot.instant, &self.settings.campaign.time_zone, report.language)
            }),
        })
    }

    /// 第N期 of the year the period ends in.
    async fn next_issue(&self, store: &Store, report: &Report, period: Period) -> Result<String, RunError> {
        let issued = store.issued_in(&report.name, period.to.year()).await?;
        Ok(fill(Words::of(report.language).issue, &[&(issued + 1).to_string()]))
    }

    pub(super) fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.settings.campaign.time_zone.clone()).date()
    }

    /// The number under which a held run is released.
    pub(super) async fn released_number(
        &self,
        store: &Store,
        report: &Report,
        run: &Run,
        decision: &Decision,
    ) -> Result<Option<String>, RunError> {
        match (&decision.number, &run.number, report.head) {
            (Some(number), _, _) | (None, Some(number), _) => Ok(Some(number.clone())),
            (None, None, HeadStyle::Brief) => Ok(Some(self.next_issue(store, report, run.period()?).await?)),
            (None, None, HeadStyle::Official) => Err(RunError::NumberNeeded { run: run.id }),
        }
    }
}
