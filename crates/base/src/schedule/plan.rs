//! All that decides when one report is due.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::rule::ScheduleRule;
use super::slot::{self, Slot};

/// The rule of a report with everything it depends on.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// When the report is due.
    pub rule: &'a ScheduleRule,
    /// The campaign's zone: cron fields and days are local times of it.
    pub zone: &'a TimeZone,
    /// Ranges of nominal days that fire, both ends included, in order; `None` = all days.
    pub active: Option<&'a [(Date, Date)]>,
    /// Last day of the campaign; a `campaign_end` rule without one is never due.
    pub campaign_end: Option<Date>,
    /// How the last acceptance round ended; `None` before the first.
    pub last_round: Option<Round>,
    /// The schedule was first looked at then: a first round before that is not due.
    pub since: Option<Timestamp>,
}

/// How the last acceptance round 验收轮次 ended, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// The campaign is accepted: no further round is due.
    Accepted,
    /// It is under way, or held for a decision.
    Pending,
    /// It was released with this 整改时限; the next one is due on the day after.
    Rectify(Date),
    /// Nothing was released: rejected, given up or left out on this day. It stays due from the next day on.
    LeftOut(Date),
}

/// The last day of 整改时限: so many days after the cut-off, or after the day before the release if that
/// came later. Nobody can rectify what he has not been told of.
pub fn rectify_until(cut_off: Date, issued: Date, days: u16) -> Date {
    let from = issued.yesterday().map_or(cut_off, |eve| cut_off.max(eve));
    from.checked_add(i64::from(days).days()).unwrap_or(from)
}

impl Plan<'_> {
    /// The first `count` slots after an instant.
    pub fn after(&self, after: Timestamp, count: usize) -> Vec<Slot> {
        match self.rule {
            ScheduleRule::Cron { pattern, .. } => {
                slot::slots(pattern, self.zone, after, self.active).take(count).collect()
            }
            ScheduleRule::CampaignEnd(_) => {
                let next = self.round_due().filter(|slot| slot.instant > after && count > 0);
                next.into_iter().collect()
            }
        }
    }

    /// The slots after `after` up to and including `until`.
    ///
    /// An acceptance round is due even if it is before `after`: the round it follows may have been
    /// released late, or the campaign shortened. Slots are recorded once, by their key.
    pub fn between(&self, after: Timestamp, until: Timestamp) -> Vec<Slot> {
        match self.rule {
            ScheduleRule::Cron { pattern, .. } => slot::slots(pattern, self.zone, after, self.active)
                .take_while(|slot| slot.instant <= until)
                .collect(),
            ScheduleRule::CampaignEnd(_) => {
                let due = |slot: &Slot| slot.instant <= until;
                self.round_due().filter(due).into_iter().collect()
            }
        }
    }

    /// Whether more than `count` slots are after `after` up to and including `until`. None beyond is looked for:
    /// ten thousand slots of a monthly report take eight centuries.
    pub fn has_more_than(&self, count: usize, after: Timestamp, until: Timestamp) -> bool {
        let ScheduleRule::Cron { pattern, .. } = self.rule else { return false };
        let slots = slot::slots(pattern, self.zone, after, self.active);
        slots.take_while(|slot| slot.instant <= until).nth(count).is_some()
    }

    /// The next round of an acceptance: the day after the campaign, then the day after each deadline.
    fn round_due(&self) -> Option<Slot> {
        let ScheduleRule::CampaignEnd(time) = self.rule else { return None };
        let eve = match self.last_round {
            Some(Round::Accepted | Round::Pending) => return None,
            Some(Round::Rectify(eve) | Round::LeftOut(eve)) => eve,
            None => self.campaign_end?,
        };
        let nominal = eve.tomorrow().ok()?.to_datetime(*time);
        let instant = slot::place(nominal, self.zone)?;
        let is_past = self.last_round.is_none() && self.since.is_some_and(|since| instant <= since);
        (!is_past).then_some(Slot { instant, nominal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn due(last_round: Option<Round>, since: &str, until: &str) -> Vec<String> {
        let rule = ScheduleRule::parse("campaign_end 09:00").unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let (campaign_end, since) = (Some(date(2016, 7, 7)), since.parse().ok());
        let plan = Plan { rule: &rule, zone: &zone, active: None, campaign_end, last_round, since };
        let slots = plan.between("2016-08-01T00:00:00Z".parse().unwrap(), until.parse().unwrap());
        slots.iter().map(|slot| slot.nominal.to_string()).collect()
    }

    #[test]
    fn acceptance_happens_once_and_again_after_each_deadline_until_accepted() {
        let none = Vec::<String>::new();
        let since = "2016-07-01T00:00:00Z";
        assert_eq!(due(None, since, "2016-07-07T23:00:00Z"), none);
        assert_eq!(due(None, since, "2016-07-08T01:00:00Z"), ["2016-07-08T09:00:00"]);
        assert_eq!(due(None, "2016-07-08T02:00:00Z", "2016-12-08T01:00:00Z"), none, "a new schedule");
        let rectify = Some(Round::Rectify(date(2016, 7, 22)));
        assert_eq!(due(rectify, since, "2016-07-22T23:00:00Z"), none);
        assert_eq!(due(rectify, since, "2016-08-30T00:00:00Z"), ["2016-07-23T09:00:00"]);
        for closed in [Round::Accepted, Round::Pending] {
            assert_eq!(due(Some(closed), since, "2017-01-01T00:00:00Z"), none);
        }
    }

    #[test]
    fn slots_are_counted_up_to_an_instant() {
        let rule = ScheduleRule::parse("0 9 * * *").unwrap();
        let zone = TimeZone::UTC;
        let plan = Plan {
            rule: &rule,
            zone: &zone,
            active: None,
            campaign_end: None,
            last_round: None,
            since: None,
        };
        let (after, until) =
            ("2016-06-01T09:00:00Z".parse().unwrap(), "2016-06-04T09:00:00Z".parse().unwrap());
        assert!(plan.has_more_than(2, after, until));
        assert!(!plan.has_more_than(3, after, until));
    }

    #[test]
    fn a_round_that_came_to_nothing_stays_due() {
        let left_out = Some(Round::LeftOut(date(2016, 8, 2)));
        assert_eq!(due(left_out, "", "2016-08-04T00:00:00Z"), ["2016-08-03T09:00:00"]);
    }

    #[test]
    fn time_to_rectify_counts_from_the_release() {
        assert_eq!(rectify_until(date(2016, 7, 7), date(2016, 7, 8), 15), date(2016, 7, 22));
        assert_eq!(rectify_until(date(2016, 7, 7), date(2016, 7, 30), 15), date(2016, 8, 13));
        assert_eq!(rectify_until(date(2016, 7, 7), date(2016, 7, 1), 15), date(2016, 7, 22));
    }
}
