//! Slots 计划时刻: due instants of a schedule, in the campaign's zone.

use croner::Cron;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// One due instant: the nominal local time, and the instant it falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    pub instant: Timestamp,
    pub nominal: DateTime,
}

/// The first `count` slots after an instant. Nominal times are found on the calendar alone and then
/// placed in the zone: a time that a gap skips falls on the first valid instant after the gap, and
/// one that occurs twice counts once, the first time. `active` holds the ranges of nominal days that
/// fire, in order.
pub fn slots_after(
    pattern: &Cron,
    zone: &TimeZone,
    after: Timestamp,
    active: Option<&[(Date, Date)]>,
    count: usize,
) -> Vec<Slot> {
    let mut search = search_start(zone, after);
    let mut out: Vec<Slot> = Vec::new();
    while out.len() < count {
        let Some(nominal) = next_nominal(pattern, search) else { break };
        match active.map(|ranges| next_active(ranges, nominal.date())) {
            None => {}
            Some(None) => break,
            Some(Some(day)) if day > nominal.date() => {
                let eve = day.to_datetime(jiff::civil::Time::midnight());
                search = eve.checked_sub(1.second()).unwrap_or(eve);
                continue;
            }
            Some(Some(_)) => {}
        }
        search = nominal;
        let Some(instant) = place(nominal, zone) else { continue };
        // Two nominal times within one gap fall on the same instant: that is one slot.
        let new = out.last().is_none_or(|last| last.instant < instant);
        if instant > after && new {
            out.push(Slot { instant, nominal });
        }
    }
    out
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

/// The slots after `after` up to and including `until`.
pub fn slots_between(
    pattern: &Cron,
    zone: &TimeZone,
    after: Timestamp,
    until: Timestamp,
    active: Option<&[(Date, Date)]>,
) -> Vec<Slot> {
    let mut out: Vec<Slot> = Vec::new();
    let mut from = after;
    loop {
        // One is asked for at first, because mostly none is due.
        let count = if out.is_empty() { 1 } else { 256 };
        let found = slots_after(pattern, zone, from, active, count);
        let due = found.iter().take_while(|slot| slot.instant <= until).count();
        out.extend(&found[..due]);
        match found.last() {
            Some(last) if due == found.len() => from = last.instant,
            _ => return out,
        }
    }
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
    use super::super::rule::Rule;
    use super::*;
    use jiff::civil::{date, datetime};

    fn cron(expression: &str) -> Cron {
        match Rule::parse(expression).unwrap() {
            Rule::Cron { pattern, .. } => *pattern,
            Rule::CampaignEnd(_) => unreachable!(),
        }
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn nominals(expression: &str, zone: &TimeZone, after: &str, count: usize) -> Vec<String> {
        let slots = slots_after(&cron(expression), zone, after.parse().unwrap(), None, count);
        slots.iter().map(|slot| slot.instant.to_zoned(zone.clone()).datetime().to_string()).collect()
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
        let autumn =
            slots_after(&cron("30 2 * * *"), &berlin, "2016-10-29T12:00:00Z".parse().unwrap(), None, 2);
        assert_eq!(autumn[0].instant.to_string(), "2016-10-30T00:30:00Z");
        assert_eq!(autumn[1].nominal, datetime(2016, 10, 31, 2, 30, 0, 0));
    }

    #[test]
    fn only_active_days_fire() {
        let active = [(date(2016, 6, 4), date(2016, 6, 15)), (date(2016, 6, 20), date(2016, 6, 30))];
        let all = slots_between(
            &cron("0 9 * * Mon"),
            &zone("Asia/Shanghai"),
            "2016-01-01T00:00:00Z".parse().unwrap(),
            "2016-12-31T00:00:00Z".parse().unwrap(),
            Some(&active),
        );
        let days: Vec<i8> = all.iter().map(|slot| slot.nominal.day()).collect();
        assert_eq!(days, [6, 13, 20, 27]);
    }
}
