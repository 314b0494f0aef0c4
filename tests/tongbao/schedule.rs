//! Slots over all zones: gaps, repeated hours, and the Chinese summer time of 1986 to 1991.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use tongbao::schedule::plan::Plan;
use tongbao::schedule::rule::ScheduleRule;
use tongbao::schedule::slot::Slot;

use crate::support::law::cases;

fn plan<'a>(rule: &'a ScheduleRule, zone: &'a TimeZone) -> Plan<'a> {
    Plan { rule, zone, active: None, campaign_end: None, last_round: None, since: None }
}

fn daily(zone: &TimeZone, expression: &str, year: i16, count: usize) -> Vec<Slot> {
    let start = date(year, 1, 1).at(0, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
    plan(&ScheduleRule::parse(expression).unwrap(), zone).after(start, count)
}

/// Every nominal time once, on an instant that reads as that time, or as the end of its gap.
fn check(zone: &TimeZone, name: &str, slots: &[Slot]) {
    for pair in slots.windows(2) {
        assert!(pair[0].instant < pair[1].instant, "{name}: {pair:?}");
        assert!(pair[0].nominal < pair[1].nominal, "{name}: {pair:?}");
    }
    for slot in slots {
        let local = slot.instant.to_zoned(zone.clone()).datetime();
        assert!(local >= slot.nominal, "{name}: {slot:?} reads as {local}");
        if local != slot.nominal {
            let before = (slot.instant - 1.second()).to_zoned(zone.clone()).datetime();
            assert!(before < slot.nominal, "{name}: {slot:?} is the end of its gap, not {local}");
        } else {
            let hour_before = (slot.instant - 1.hour()).to_zoned(zone.clone()).datetime();
            assert!(hour_before < slot.nominal, "{name}: {slot:?} is the first of a repeated hour");
        }
    }
}

/// Around every transition of every zone from 1970 to 2050, where alone anything can go wrong.
#[test]
fn all_zones_have_every_slot_once() {
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    assert!(zones.len() > 400, "{}", zones.len());
    let rule = ScheduleRule::parse("*/30 * * * *").unwrap();
    let start = date(1970, 1, 1).at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let end = date(2050, 1, 1).at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let mut transitions = 0;
    for name in &zones {
        let Ok(zone) = TimeZone::get(name) else { continue };
        let changes = zone.following(start).map(|change| change.timestamp());
        for at in changes.take_while(|at| *at < end).collect::<Vec<_>>() {
            let slots = plan(&rule, &zone).between(at - 3.hours(), at + 3.hours());
            check(&zone, name, &slots);
            assert_no_time_is_missing(&zone, name, &slots, at);
            transitions += 1;
        }
    }
    assert!(transitions > 20_000, "{transitions}");
}

/// Every half hour that the clock on the wall shows for the first time has its slot.
fn assert_no_time_is_missing(zone: &TimeZone, name: &str, slots: &[Slot], at: Timestamp) {
    let mut shown: Vec<_> = (-179..=180)
        .map(|minute| (at + minute.minutes()).to_zoned(zone.clone()).datetime())
        .filter(|local| local.minute() % 30 == 0 && local.second() == 0)
        .collect();
    shown.sort();
    shown.dedup();
    for local in shown {
        let earliest = zone.to_ambiguous_timestamp(local).earlier().unwrap();
        let is_first_here = earliest > at - 3.hours();
        let has_slot = slots.iter().any(|slot| slot.nominal == local);
        let instant_is_taken = slots.iter().any(|slot| slot.instant == earliest);
        assert!(!is_first_here || has_slot || instant_is_taken, "{name}: {local} around {at}");
    }
}

#[test]
fn chinese_summer_time_is_known() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    for year in 1985..=1992 {
        for expression in ["0 0 * * *", "30 0 * * *", "30 2 * * *", "0 9 * * Mon"] {
            let slots = daily(&zone, expression, year, 366);
            check(&zone, "Asia/Shanghai", &slots);
        }
    }
    let slots = daily(&zone, "30 2 * * *", 1986, 366);
    let shifted: Vec<_> =
        slots.iter().filter(|s| s.instant.to_zoned(zone.clone()).datetime() != s.nominal).collect();
    assert_eq!(shifted.len(), 1, "the gap of 4 May 1986: {shifted:?}");
    assert_eq!(shifted[0].nominal.date(), date(1986, 5, 4));
}

proptest! {
    #![proptest_config(cases(50))]

    #[test]
    fn ranges_can_be_cut_anywhere(seconds in 0_i64..366 * 86_400) {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let rule = ScheduleRule::parse("30 2 * * *").unwrap();
        let plan = plan(&rule, &zone);
        let (from, until): (Timestamp, Timestamp) =
            ("2016-01-01T00:00:00Z".parse().unwrap(), "2017-01-01T00:00:00Z".parse().unwrap());
        let whole = plan.between(from, until);
        prop_assert_eq!(whole.len(), 366);
        let cut = Timestamp::from_second(from.as_second() + seconds).unwrap();
        let mut parts = plan.between(from, cut);
        parts.extend(plan.between(cut, until));
        prop_assert_eq!(parts, whole, "cut at {}", cut);
    }
}
