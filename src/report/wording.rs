//! Words and digits of the documents: the only place that rounds.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{Signed, ToPrimitive, Zero};

use crate::indicator::rate::{Rate, Target};
use crate::ranking::movement::Movement;
use crate::schedule::period::Period;

/// Printed where there is no rate.
pub const NO_RATE: &str = "—";

/// Ten-thousandths of a rate, half up; below its target it never becomes the target or more, and
/// 10,000 means exactly all. `None` without a denominator.
pub fn ten_thousandths(rate: Rate, target: Option<Target>) -> Option<u64> {
    if rate.denominator == 0 {
        return None;
    }
    let (n, d) = (u128::from(rate.numerator), u128::from(rate.denominator));
    let mut rounded = (n * 20_000 + d) / (2 * d);
    if n < d {
        rounded = rounded.min(9_999);
    }
    if let Some(target) = target.filter(|target| rate.meets(*target) == Some(false)) {
        let (tn, td) = (u128::from(*target.0.numer()), u128::from(*target.0.denom()));
        // The largest ten-thousandth that lies truly below the target.
        rounded = rounded.min((tn * 10_000).div_ceil(td).saturating_sub(1));
    }
    u64::try_from(rounded).ok()
}

/// A rate as a decimal fraction with four places, `0.8499`.
pub fn fraction(rate: Rate, target: Option<Target>) -> Option<String> {
    ten_thousandths(rate, target).map(|t| format!("{}.{:04}", t / 10_000, t % 10_000))
}

/// A rate in percent with two places, `84.99%`, or [`NO_RATE`].
pub fn percent(rate: Rate, target: Option<Target>) -> String {
    match ten_thousandths(rate, target) {
        Some(t) => format!("{}.{:02}%", t / 100, t % 100),
        None => NO_RATE.to_owned(),
    }
}

/// A target in percent with as many places as it has, up to two: `85%`, `85.5%`.
pub fn target_percent(target: Target) -> String {
    let text = decimal(&(big(target.0) * BigInt::from(100)), 2);
    format!("{}%", trim_zeros(&text))
}

/// A target as a decimal fraction without needless zeros, `0.85`; 100 % is `1`.
pub fn target_fraction(target: Target) -> String {
    trim_zeros(&decimal(&big(target.0), 6)).to_owned()
}

/// Difference of two rates in hundredths of a percentage point, half away from zero, computed from
/// the exact rates.
pub fn point_change(now: Rate, before: Rate) -> Option<i64> {
    let difference = big(now.value()?) - big(before.value()?);
    round(&(difference * BigInt::from(10_000))).to_i64()
}

/// A difference in percentage points with sign, `+1.25`, `-0.40`, `0.00`.
pub fn points(hundredths: i64) -> String {
    let sign = match hundredths {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// A difference in words: `上升1.25个百分点`, `下降0.40个百分点`, `持平`.
pub fn change_in_words(hundredths: Option<i64>) -> String {
    let Some(change) = hundredths else { return "无可比数".to_owned() };
    let size = points(change.abs());
    let size = size.trim_start_matches('+');
    match change {
        0 => "持平".to_owned(),
        1.. => format!("上升{size}个百分点"),
        _ => format!("下降{size}个百分点"),
    }
}

/// Hundredths of a score, half up; less than full marks never print as `100.00`.
pub fn score_hundredths(score: &BigRational) -> u64 {
    let hundred = BigRational::from_integer(BigInt::from(100));
    let rounded = round(&(score * BigInt::from(100))).to_u64().unwrap_or(0);
    if *score < hundred { rounded.min(9_999) } else { rounded }
}

/// A score with two places, `87.53`.
pub fn score(score: &BigRational) -> String {
    let hundredths = score_hundredths(score);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Configured points without needless zeros, `40`, `2.5`.
pub fn weight(points: Ratio<u64>) -> String {
    trim_zeros(&decimal(&big(points), 2)).to_owned()
}

/// `▲2`, `▼1`, `—` for the same place, `新` for a unit that was not ranked before.
pub fn movement(movement: Movement) -> String {
    match movement {
        Movement::Up(places) => format!("▲{places}"),
        Movement::Down(places) => format!("▼{places}"),
        Movement::Same | Movement::None => "—".to_owned(),
        Movement::New => "新".to_owned(),
    }
}

/// `2016年6月13日`, Arabic digits without leading zeros (GB/T 9704-2012, 7.3.5.4).
pub fn date(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// `6月6日至6月12日`, with the year where it changes within the period.
pub fn period(period: Period) -> String {
    let (from, to) = (period.from, period.to);
    let short = |day: Date| format!("{}月{}日", day.month(), day.day());
    match (from == to, from.year() == to.year()) {
        (true, _) => short(from),
        (false, true) => format!("{}至{}", short(from), short(to)),
        (false, false) => format!("{}至{}", date(from), date(to)),
    }
}

/// `2016年6月13日9时05分` in the campaign's zone.
pub fn instant(instant: Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned(zone.clone());
    format!("{}{}时{:02}分", date(local.date()), local.hour(), local.minute())
}

/// Names joined by 、, or 无 for none.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    if names.is_empty() {
        return "无".to_owned();
    }
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("、")
}

fn big(ratio: Ratio<u64>) -> BigRational {
    BigRational::new(BigInt::from(*ratio.numer()), BigInt::from(*ratio.denom()))
}

/// Nearest integer, half away from zero.
fn round(value: &BigRational) -> BigInt {
    value.round().to_integer()
}

/// A non-negative value with a fixed number of decimals.
fn decimal(value: &BigRational, places: u32) -> String {
    let scale = BigInt::from(10u64.pow(places));
    let scaled = round(&(value * &scale));
    debug_assert!(!scaled.is_negative());
    if places == 0 || scale.is_zero() {
        return scaled.to_string();
    }
    let (whole, rest) = (&scaled / &scale, &scaled % &scale);
    format!("{whole}.{:0>width$}", rest.to_string(), width = places as usize)
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(n: u64, d: u64) -> Option<Target> {
        Some(Target(Ratio::new(n, d)))
    }

    #[test]
    fn rates_round_half_up_but_never_over_a_target_they_miss() {
        for (n, d, t, printed) in [
            (84_996, 100_000, target(85, 100), "84.99%"),
            (84_996, 100_000, None, "85.00%"),
            (85_000, 100_000, target(85, 100), "85.00%"),
            (85_005, 100_000, target(85, 100), "85.01%"),
            (99_999, 100_000, target(1, 1), "99.99%"),
            (99_999, 100_000, None, "99.99%"),
            (1, 1, target(1, 1), "100.00%"),
            (103, 100, target(1, 1), "103.00%"),
            (0, 7, target(1, 1), "0.00%"),
            (0, 0, target(1, 1), "—"),
        ] {
            assert_eq!(percent(Rate::new(n, d), t), printed, "{n}/{d}");
        }
    }

    #[test]
    fn changes_are_taken_from_exact_rates() {
        let change = |a: (u64, u64), b: (u64, u64)| point_change(Rate::new(a.0, a.1), Rate::new(b.0, b.1));
        assert_eq!(change((84_994, 100_000), (84_506, 100_000)), Some(49));
        assert_eq!(change((1, 3), (1, 3)), Some(0));
        assert_eq!(change((1, 3), (0, 0)), None);
        assert_eq!(points(125), "+1.25");
        assert_eq!(points(-40), "-0.40");
        assert_eq!(change_in_words(Some(-40)), "下降0.40个百分点");
    }

    #[test]
    fn targets_print_as_configured() {
        for (n, d, percent, fraction) in
            [(1, 1, "100%", "1"), (17, 20, "85%", "0.85"), (171, 200, "85.5%", "0.855")]
        {
            assert_eq!(target_percent(Target(Ratio::new(n, d))), percent);
            assert_eq!(target_fraction(Target(Ratio::new(n, d))), fraction);
        }
    }

    #[test]
    fn scores_below_full_marks_stay_below() {
        let of = |n: i64, d: i64| score(&BigRational::new(n.into(), d.into()));
        assert_eq!(of(99_999, 1000), "99.99");
        assert_eq!(of(100, 1), "100.00");
        assert_eq!(of(87_525, 1000), "87.53");
    }
}
