//! A report for a look: made from the register as it is, and neither recorded nor sent.

use jiff::Timestamp;

use super::numbering::Numbered;
use super::plan::RunPlan;
use super::recomputed::RunRules;
use super::{Computed, Engine, Progress, Remade, Request, RunContext, RunError, WordedReport};
use crate::ranking::snapshot::Snapshot;
use crate::report::words::Words;

impl Engine {
    /// Reads the register for the period that a report has today by its rule.
    pub async fn first_pull(
        &self,
        report: &str,
        now: Timestamp,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Snapshot, RunError> {
        let period = self.period(self.report(report)?, &Request::default(), now, None).await?;
        self.pull(period.to, now, progress).await
    }

    /// The report that such a reading gives, always as a draft.
    pub async fn first_report(
        &self,
        report: &str,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Remade, RunError> {
        let (report, request) = (self.report(report)?, Request { dry_run: true, ..Request::default() });
        let period = self.period(report, &request, now, None).await?;
        let earlier = self.earlier_runs(None, &report.name, period).await?;
        let plan = RunPlan { report, request: &request, period, now };
        let Computed { results, reasons: mut held, .. } = self.compute(&plan, snapshot, &earlier).await?;
        let unsigned = Words::of(report.language).held.sign_off;
        if !held.iter().any(|reason| reason == unsigned) {
            held.push(unsigned.to_owned());
        }
        let Numbered { issue, .. } = self.issue(&earlier, &plan, held).await?;
        let context = RunContext {
            report,
            snapshot,
            results: &results,
            earlier: &earlier,
            issue: &issue,
            at: now,
            amendments: &[],
        };
        let WordedReport { composition, document, trend } = self.word(context).await?;
        Ok(Remade {
            results,
            composition,
            document,
            trend,
            agrees: true,
            rules: RunRules::InUse,
            issue,
            issued_at: now,
        })
    }
}
