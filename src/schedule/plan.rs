//! All that decides when one report is due.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::rule::Rule;
use super::slot::{self, Slot};

/// The rule of a report with everything it depends on.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    pub rule: &'a Rule,
    pub zone: &'a TimeZone,
    /// Ranges of nominal days that fire, both ends included, in order; `None` = all days.
    pub active: Option<&'a [(Date, Date)]>,
    /// Last day of the campaign; a `campaign_end` rule without one is never due.
    pub campaign_end: Option<Date>,
    /// The last released acceptance of the series.
    pub last_round: Option<Round>,
}

/// One acceptance round 验收轮次, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    pub cut_off: Date,
    pub accepted: bool,
    /// 整改时限 in days after the cut-off.
    pub rectify_within_days: u16,
}

impl Plan<'_> {
    /// The first `count` slots after an instant.
    pub fn after(&self, after: Timestamp, count: usize) -> Vec<Slot> {
        match self.rule {
            Rule::Cron { pattern, .. } => slot::slots_after(pattern, self.zone, after, self.active, count),
            Rule::CampaignEnd(_) => {
                let next = self.round_due().filter(|slot| slot.instant > after && count > 0);
                next.into_iter().collect()
            }
        }
    }

    /// The slots after `after` up to and including `until`.
    ///
    /// A further round is due even if it lies before `after`: the round it follows may have been
    /// released late. Whoever records slots by their key records it once all the same.
    pub fn between(&self, after: Timestamp, until: Timestamp) -> Vec<Slot> {
        match self.rule {
            Rule::Cron { pattern, .. } => slot::slots_between(pattern, self.zone, after, until, self.active),
            Rule::CampaignEnd(_) => {
                let follows = self.last_round.is_some();
                let due = |slot: &Slot| slot.instant <= until && (follows || slot.instant > after);
                self.round_due().filter(due).into_iter().collect()
            }
        }
    }

    /// The next round of an acceptance: the day after the campaign, then the day after each deadline.
    fn round_due(&self) -> Option<Slot> {
        let Rule::CampaignEnd(time) = self.rule else { return None };
        let eve = match self.last_round {
            Some(Round { accepted: true, .. }) => return None,
            Some(round) => round.cut_off.checked_add(i64::from(round.rectify_within_days).days()).ok()?,
            None => self.campaign_end?,
        };
        let nominal = eve.tomorrow().ok()?.to_datetime(*time);
        slot::place(nominal, self.zone).map(|instant| Slot { instant, nominal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn due(last_round: Option<Round>, until: &str) -> Vec<String> {
        let rule = Rule::parse("campaign_end 09:00").unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let campaign_end = Some(date(2016, 7, 7));
        let plan = Plan { rule: &rule, zone: &zone, active: None, campaign_end, last_round };
        let slots = plan.between("2016-07-01T00:00:00Z".parse().unwrap(), until.parse().unwrap());
        slots.iter().map(|slot| slot.nominal.to_string()).collect()
    }

    #[test]
    fn acceptance_happens_once_and_again_after_each_deadline_until_accepted() {
        assert_eq!(due(None, "2016-07-07T23:00:00Z"), Vec::<String>::new());
        assert_eq!(due(None, "2016-07-08T01:00:00Z"), ["2016-07-08T09:00:00"]);
        let round = |accepted| Round { cut_off: date(2016, 7, 7), accepted, rectify_within_days: 15 };
        assert_eq!(due(Some(round(false)), "2016-07-22T23:00:00Z"), Vec::<String>::new());
        assert_eq!(due(Some(round(false)), "2016-08-30T00:00:00Z"), ["2016-07-23T09:00:00"]);
        assert_eq!(due(Some(round(true)), "2017-01-01T00:00:00Z"), Vec::<String>::new());
    }
}
