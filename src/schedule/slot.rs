//! Slots 计划时刻: due instants of a schedule, in the campaign's zone.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// One due instant: the nominal local time, and the instant it falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub instant: Timestamp,
    pub nominal: DateTime,
}

/// Parses a five-field cron expression.
pub fn pattern(expression: &str) -> Result<Cron, String> {
    if expression.split_whitespace().count() != 5 {
        return Err(format!(
            "\"{expression}\" needs five fields: minute hour day month weekday, e.g. \"0 9 * * Mon\""
        ));
    }
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(expression)
        .map_err(|error| format!("\"{expression}\" is no schedule: {error}"))
}

/// The first `count` slots after an instant. Nominal times are found on the calendar alone and then
/// placed in the zone: a time that a gap skips falls on the first valid instant after the gap, and
/// one that occurs twice counts once, the first time. `active` bounds the nominal days.
pub fn slots_after(
    pattern: &Cron,
    zone: &TimeZone,
    after: Timestamp,
    active: Option<(Date, Date)>,
    count: usize,
) -> Vec<Slot> {
    // A gap moves a time forward by at most a day, so the search begins two days earlier.
    let local = after.to_zoned(zone.clone()).datetime();
    let mut search = local.checked_sub(2.days()).unwrap_or(local);
    if let Some((from, _)) = active {
        let eve = from.to_datetime(jiff::civil::Time::midnight());
        search = search.max(eve.checked_sub(1.second()).unwrap_or(eve));
    }
    let mut out: Vec<Slot> = Vec::new();
    while out.len() < count {
        let Some(nominal) = next_nominal(pattern, search) else { break };
        if active.is_some_and(|(_, to)| nominal.date() > to) {
            break;
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

/// The slots after `after` up to and including `until`.
pub fn slots_between(
    pattern: &Cron,
    zone: &TimeZone,
    after: Timestamp,
    until: Timestamp,
    active: Option<(Date, Date)>,
) -> Vec<Slot> {
    let mut out: Vec<Slot> = Vec::new();
    let mut from = after;
    while let Some(slot) = slots_after(pattern, zone, from, active, 1).pop() {
        if slot.instant > until {
            break;
        }
        from = slot.instant;
        out.push(slot);
    }
    out
}

/// The next matching time on the calendar, without any zone: computed in UTC, which has no gaps.
fn next_nominal(pattern: &Cron, after: DateTime) -> Option<DateTime> {
    let zoned = after.to_zoned(TimeZone::UTC).ok()?;
    pattern.find_next_occurrence(&zoned, false).ok().map(|next| next.datetime())
}

/// The instant of a nominal time.
fn place(nominal: DateTime, zone: &TimeZone) -> Option<Timestamp> {
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
    use super::*;
    use jiff::civil::{date, datetime};

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn nominals(expression: &str, zone: &TimeZone, after: &str, count: usize) -> Vec<String> {
        let slots = slots_after(&pattern(expression).unwrap(), zone, after.parse().unwrap(), None, count);
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
        let autumn = slots_after(
            &pattern("30 2 * * *").unwrap(),
            &berlin,
            "2016-10-29T12:00:00Z".parse().unwrap(),
            None,
            2,
        );
        assert_eq!(autumn[0].instant.to_string(), "2016-10-30T00:30:00Z");
        assert_eq!(autumn[1].nominal, datetime(2016, 10, 31, 2, 30, 0, 0));
    }

    #[test]
    fn only_active_days_fire() {
        let active = Some((date(2016, 6, 4), date(2016, 6, 30)));
        let all = slots_between(
            &pattern("0 9 * * Mon").unwrap(),
            &zone("Asia/Shanghai"),
            "2016-01-01T00:00:00Z".parse().unwrap(),
            "2016-12-31T00:00:00Z".parse().unwrap(),
            active,
        );
        let days: Vec<i8> = all.iter().map(|slot| slot.nominal.day()).collect();
        assert_eq!(days, [6, 13, 20, 27]);
    }

    #[test]
    fn six_fields_are_refused() {
        assert!(pattern("0 0 9 * * Mon").unwrap_err().contains("five fields"));
        assert!(pattern("61 9 * * *").is_err());
    }
}
