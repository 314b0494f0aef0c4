//! Slots over all zones: gaps, repeated hours, and the Chinese summer time of 1986 to 1991.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tongbao::schedule::slot::{Slot, pattern, slots_after, slots_between};

fn daily(zone: &TimeZone, expression: &str, year: i16, count: usize) -> Vec<Slot> {
    let start = date(year, 1, 1).at(0, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
    slots_after(&pattern(expression).unwrap(), zone, start, None, count)
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

#[test]
fn all_zones_have_every_slot_once() {
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    assert!(zones.len() > 400, "{}", zones.len());
    let mut rng = fastrand::Rng::with_seed(1986);
    for name in &zones {
        let Ok(zone) = TimeZone::get(name) else { continue };
        // A year each, drawn over 1970 to 2050; the whole range in every zone takes minutes.
        let year = rng.i16(1970..2050);
        check(&zone, name, &daily(&zone, "30 2 * * *", year, 366));
        check(&zone, name, &daily(&zone, "0 0 * * *", year, 366));
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

#[test]
fn ranges_can_be_cut_anywhere() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let cron = pattern("30 2 * * *").unwrap();
    let (from, until): (Timestamp, Timestamp) =
        ("2016-01-01T00:00:00Z".parse().unwrap(), "2017-01-01T00:00:00Z".parse().unwrap());
    let whole = slots_between(&cron, &zone, from, until, None);
    assert_eq!(whole.len(), 366);
    let mut rng = fastrand::Rng::with_seed(3);
    for _ in 0..50 {
        let cut = Timestamp::from_second(rng.i64(from.as_second()..until.as_second())).unwrap();
        let mut parts = slots_between(&cron, &zone, from, cut, None);
        parts.extend(slots_between(&cron, &zone, cut, until, None));
        assert_eq!(parts, whole, "cut at {cut}");
    }
}
