//! Slots 计划时刻: due instants of a schedule, in the campaign's zone.

use croner::Cron;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// One due instant: the nominal local time, and the instant it falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// When the slot is due. A local time that the clocks skip or repeat has one instant all the same.
    pub instant: Timestamp,
    /// The local time that the rule names. It identifies the slot.
    pub nominal: DateTime,
}

/// All slots after an instant, in order. Nominal times are found on the calendar alone and then
/// placed in the zone: a time that a gap skips falls on the first valid instant after the gap, and
/// one that occurs twice counts once, the first time. `active` holds the ranges of nominal days that
/// fire, in order.
pub fn slots<'a>(
    pattern: &'a Cron,
    zone: &'a TimeZone,
    after: Timestamp,
    active: Option<&'a [(Date, Date)]>,
) -> impl Iterator<Item = Slot> + 'a {
    let mut search = search_start(zone, after);
    let mut latest = after;
    std::iter::from_fn(move || {
        loop {
            let nominal = next_nominal(pattern, search)?;
            search = nominal;
            if let Some(ranges) = active {
                let day = next_active(ranges, nominal.date())?;
                if day > nominal.date() {
                    let eve = day.to_datetime(jiff::civil::Time::midnight());
                    search = eve.checked_sub(1.second()).unwrap_or(eve);
                    continue;
                }
            }
            // Two nominal times within one gap fall on the same instant: that is one slot.
            if let Some(instant) = place(nominal, zone).filter(|instant| *instant > latest) {
                latest = instant;
                return Some(Slot { instant, nominal });
            }
        }
    })
}

/// Where the search on the calendar begins. A gap moves a time forward, and a clock set back lets
/// local time run twice, by a day at most; so near such a transition it begins two days earlier.
fn search_start(zone: &TimeZone, after: Timestamp) -> DateTime {
    let local = after.to_zoned(zone.clone()).datetime();
    let recent = zone.preceding(after).next().map(|transition| transition.timestamp());
    let span = jiff::SignedDuration::from_hours(72);
    let margin = match recent {
        Some(at) if after.duration_since(at) < span => 2.days(),
        _ => 1.minute(),
    };
    local.checked_sub(margin).unwrap_or(local)
}

/// The first active day from `day` on.
fn next_active(ranges: &[(Date, Date)], day: Date) -> Option<Date> {
    ranges.iter().find(|(_, to)| day <= *to).map(|(from, _)| day.max(*from))
}

/// The next matching time on the calendar, without any zone: computed in UTC, which has no gaps.
fn next_nominal(pattern: &Cron, after: DateTime) -> Option<DateTime> {
    let zoned = after.to_zoned(TimeZone::UTC).ok()?;
    pattern.find_next_occurrence(&zoned, false).ok().map(|next| next.datetime())
}

/// The instant of a nominal time.
pub(super) fn place(nominal: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(nominal);
    match ambiguous.offset() {
        jiff::tz::AmbiguousOffset::Unambiguous { .. } | jiff::tz::AmbiguousOffset::Fold { .. } => {
            ambiguous.earlier().ok()
        }
        // The first instant after the gap is the transition itself.
        jiff::tz::AmbiguousOffset::Gap { .. } => {
            let before = ambiguous.earlier().ok()?;
            zone.following(before.checked_sub(1.second()).ok()?).next().map(|next| next.timestamp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::ScheduleRule;
    use super::*;
    use jiff::civil::{date, datetime};

    fn cron(expression: &str) -> Cron {
        match ScheduleRule::parse(expression).unwrap() {
            ScheduleRule::Cron { pattern, .. } => *pattern,
            ScheduleRule::CampaignEnd(_) => unreachable!(),
        }
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn nominals(expression: &str, zone: &TimeZone, after: &str, count: usize) -> Vec<String> {
        let pattern = cron(expression);
        let slots = slots(&pattern, zone, after.parse().unwrap(), None).take(count);
        slots.map(|slot| slot.instant.to_zoned(zone.clone()).datetime().to_string()).collect()
    }

    #[test]
    fn mondays_at_nine() {
        let found = nominals("0 9 * * Mon", &zone("Asia/Shanghai"), "2016-06-06T01:00:00Z", 2);
        assert_eq!(found, ["2016-06-13T09:00:00", "2016-06-20T09:00:00"]);
    }

    #[test]
    fn a_gap_moves_to_its_end_and_a_repeated_hour_counts_once() {
        let berlin = zone("Europe/Berlin");
        let spring = nominals("30 2 * * *", &berlin, "2016-03-26T12:00:00Z", 2);
        assert_eq!(spring, ["2016-03-27T03:00:00", "2016-03-28T02:30:00"]);
        let pattern = cron("30 2 * * *");
        let autumn = slots(&pattern, &berlin, "2016-10-29T12:00:00Z".parse().unwrap(), None);
        let autumn: Vec<Slot> = autumn.take(2).collect();
        assert_eq!(autumn[0].instant.to_string(), "2016-10-30T00:30:00Z");
        assert_eq!(autumn[1].nominal, datetime(2016, 10, 31, 2, 30, 0, 0));
    }

    #[test]
    fn only_active_days_fire() {
        let active = [(date(2016, 6, 4), date(2016, 6, 15)), (date(2016, 6, 20), date(2016, 6, 30))];
        let (pattern, zone) = (cron("0 9 * * Mon"), zone("Asia/Shanghai"));
        let all = slots(&pattern, &zone, "2016-01-01T00:00:00Z".parse().unwrap(), Some(&active));
        let days: Vec<i8> = all.map(|slot| slot.nominal.day()).collect();
        assert_eq!(days, [6, 13, 20, 27]);
    }
}
