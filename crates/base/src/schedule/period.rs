//! Reporting periods: whole days in the campaign's zone, both ends included.

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One phase of the campaign, both days included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// As the office calls it: 宣传发动.
    pub name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// How a report finds its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodRule {
    /// Monday to Sunday of the week before.
    PreviousWeek,
    /// From the first day of the campaign (of the year, if there are no phases) to yesterday or the last day of
    /// the campaign.
    CampaignToDate,
    /// The whole calendar month before.
    PreviousMonth,
    /// From the day after the period of the schedule's last report to yesterday.
    SinceLast,
}

/// A reporting period; `from` is not after `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Period {
    /// `None` if the days are reversed.
    pub fn new(from: Date, to: Date) -> Option<Period> {
        (from <= to).then_some(Period { from, to })
    }

    /// Whether the day is within it.
    pub fn contains(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// The period a rule names on the day a report is due. It ends before that day, so that only
    /// finished days are reported. Outside the campaign a campaign-to-date period ends with it.
    ///
    /// `last_to` is the last day of the schedule's previous report. `None` when there is no finished
    /// day to report yet.
    pub fn of(rule: PeriodRule, due: Date, phases: &[Phase], last_to: Option<Date>) -> Option<Period> {
        let yesterday = due.checked_sub(1.day()).ok()?;
        let start = phases.first().map(|phase| phase.from);
        let end = phases.last().map(|phase| phase.to);
        match rule {
            PeriodRule::PreviousWeek => {
                let monday = due.checked_sub(i64::from(due.weekday().to_monday_zero_offset()).days()).ok()?;
                Period::new(monday.checked_sub(7.days()).ok()?, monday.checked_sub(1.day()).ok()?)
            }
            PeriodRule::PreviousMonth => {
                let last = due.first_of_month().checked_sub(1.day()).ok()?;
                Period::new(last.first_of_month(), last)
            }
            PeriodRule::CampaignToDate => {
                let to = end.map_or(yesterday, |end| yesterday.min(end));
                Period::new(start.unwrap_or(to.first_of_year()), to)
            }
            PeriodRule::SinceLast => {
                let from = match last_to {
                    Some(last) => last.checked_add(1.day()).ok()?,
                    None => start.unwrap_or(yesterday.first_of_year()),
                };
                Period::new(from, yesterday)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn phases() -> Vec<Phase> {
        vec![Phase { name: "全面清理".into(), from: date(2016, 5, 25), to: date(2016, 7, 7) }]
    }

    #[test]
    fn weeks_run_from_monday_to_sunday() {
        for day in 13..=19 {
            let week = Period::of(PeriodRule::PreviousWeek, date(2016, 6, day), &[], None);
            assert_eq!(week, Period::new(date(2016, 6, 6), date(2016, 6, 12)));
        }
    }

    #[test]
    fn campaign_periods_end_with_the_campaign() {
        let of = |due| Period::of(PeriodRule::CampaignToDate, due, &phases(), None);
        assert_eq!(of(date(2016, 6, 13)), Period::new(date(2016, 5, 25), date(2016, 6, 12)));
        assert_eq!(of(date(2016, 12, 1)), Period::new(date(2016, 5, 25), date(2016, 7, 7)));
        assert_eq!(of(date(2016, 5, 25)), None, "no day of the campaign is over yet");
    }

    #[test]
    fn months_and_since_last() {
        let month = Period::of(PeriodRule::PreviousMonth, date(2016, 3, 31), &[], None);
        assert_eq!(month, Period::new(date(2016, 2, 1), date(2016, 2, 29)));
        let since = |last| Period::of(PeriodRule::SinceLast, date(2016, 6, 20), &phases(), last);
        assert_eq!(since(Some(date(2016, 6, 12))), Period::new(date(2016, 6, 13), date(2016, 6, 19)));
        assert_eq!(since(None), Period::new(date(2016, 5, 25), date(2016, 6, 19)));
        assert_eq!(since(Some(date(2016, 6, 19))), None);
    }
}
