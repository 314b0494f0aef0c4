//! Words and digits of the documents: the only place that rounds.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{Signed, ToPrimitive, Zero};

use tongbao_base::schedule::period::Period;
use tongbao_config::settings::{ReportLanguage, Target};
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::score::Score;

/// Printed where there is no rate.
pub const NO_RATE: &str = "—";

/// How many of `all` things a sentence names one by one: every one of few, the first three of many.
pub fn named_of(all: usize) -> usize {
    const FEW: usize = 6;
    const OF_MANY: usize = 3;
    if all > FEW { OF_MANY } else { all }
}

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
        // The largest ten-thousandth that is truly below the target.
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
    let [n, d] = [*target.0.numer(), *target.0.denom()].map(u128::from);
    // Half up; a target is at most 1, which leaves room for its numerator in millionths.
    let millionths = (n * 2_000_000 + d) / (2 * d);
    trim_zeros(&format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)).to_owned()
}

/// Difference of two rates in hundredths of a percentage point: that of the two printed figures, so
/// that a reader who subtracts them gets it.
pub fn point_change(now: Rate, before: Rate, target: Option<Target>) -> Option<i64> {
    let printed = |rate| i64::try_from(ten_thousandths(rate, target)?).ok();
    Some(printed(now)? - printed(before)?)
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
pub fn change_in_words(hundredths: Option<i64>, language: ReportLanguage) -> String {
    let size = hundredths.map(|change| points(change.abs()).trim_start_matches('+').to_owned());
    let size = size.unwrap_or_default();
    match (language, hundredths.map(i64::signum)) {
        (ReportLanguage::Chinese, None) => "无可比数".to_owned(),
        (ReportLanguage::Chinese, Some(0)) => "持平".to_owned(),
        (ReportLanguage::Chinese, Some(1)) => format!("上升{size}个百分点"),
        (ReportLanguage::Chinese, Some(_)) => format!("下降{size}个百分点"),
        (ReportLanguage::English, None) => "not comparable".to_owned(),
        (ReportLanguage::English, Some(0)) => "unchanged".to_owned(),
        (ReportLanguage::English, Some(1)) => format!("up {size} percentage points"),
        (ReportLanguage::English, Some(_)) => format!("down {size} percentage points"),
    }
}

/// The same as a clause of its own: `比上期上升1.25个百分点`, `与上期持平`; of a round `比上一轮…`.
pub fn comparison(hundredths: Option<i64>, is_round: bool, language: ReportLanguage) -> String {
    let change = change_in_words(hundredths, language);
    let before = if is_round { "上一轮" } else { "上期" };
    match (language, hundredths) {
        (ReportLanguage::Chinese, None) => format!("{before}无可比数"),
        (ReportLanguage::Chinese, Some(0)) => format!("与{before}{change}"),
        (ReportLanguage::Chinese, Some(_)) => format!("比{before}{change}"),
        (ReportLanguage::English, _) => change,
    }
}

/// What is said of a rate that was defined otherwise in the run before, or not at all.
pub fn changed(is_new: bool, language: ReportLanguage) -> &'static str {
    match (language, is_new) {
        (ReportLanguage::Chinese, false) => "口径变更，不作比较",
        (ReportLanguage::Chinese, true) => "本期新增，不作比较",
        (ReportLanguage::English, false) => "not compared, for its definition has changed",
        (ReportLanguage::English, true) => "not compared, for it is new",
    }
}

/// Hundredths of a score, half up; less than full marks never print as `100.00`.
pub fn score_hundredths(score: &BigRational) -> u64 {
    let hundred = BigRational::from_integer(BigInt::from(100));
    let rounded = round(&(score * BigInt::from(100))).to_u64().unwrap_or(0);
    if *score < hundred { rounded.min(9_999) } else { rounded }
}

/// A score as it is printed, in hundredths of a point. The parts less the deductions are the total,
/// unless a veto or the floor of 0 sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedScore {
    /// Of each weighted indicator, in the order of the weights.
    pub parts: Vec<u64>,
    /// In the order of the score's deductions.
    pub deductions: Vec<u64>,
    /// The score.
    pub total: u64,
}

impl PrintedScore {
    /// Rounds the total, which ranks, and gives the parts the digits that add up to it: each is one
    /// of the two hundredths around its exact value, and the largest remainders are rounded up first.
    pub fn of(score: &Score) -> PrintedScore {
        let total = score_hundredths(&score.total);
        let deductions: Vec<u64> =
            score.deductions.iter().map(|(points, _)| score_hundredths(points)).collect();
        let taken: u64 = deductions.iter().sum();
        let sum: BigRational = score.parts.iter().map(|part| part.reduced()).sum();
        let is_plain = score.vetoes.is_empty() && !(score.total.is_zero() && taken > 0);
        let due = if is_plain { total + taken } else { score_hundredths(&sum) };
        PrintedScore { parts: apportion(&score.parts, due), deductions, total }
    }

    /// All deductions together.
    pub fn deducted(&self) -> u64 {
        self.deductions.iter().sum()
    }
}

/// Hundredths of the parts that add up to `due`.
fn apportion(parts: &[BigRational], due: u64) -> Vec<u64> {
    let scaled: Vec<BigRational> = parts.iter().map(|part| part * BigInt::from(100)).collect();
    let floor = |part: &BigRational| part.floor().to_integer().to_u64().unwrap_or(0);
    let mut out: Vec<u64> = scaled.iter().map(floor).collect();
    let remainder = |i: usize| &scaled[i] - scaled[i].floor();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(remainder(i)));
    for &i in order.iter().cycle().take(parts.len() * 100) {
        if out.iter().sum::<u64>() >= due {
            break;
        }
        out[i] += 1;
    }
    for &i in order.iter().rev().cycle().take(parts.len() * 100) {
        if out.iter().sum::<u64>() <= due {
            break;
        }
        out[i] = out[i].saturating_sub(1);
    }
    out
}

/// Hundredths as a decimal with two places, `87.53`.
pub fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// A score with two places, `87.53`.
pub fn score(score: &BigRational) -> String {
    hundredths(score_hundredths(score))
}

/// Configured points without needless zeros, `40`, `2.5`.
pub fn weight(points: Ratio<u64>) -> String {
    trim_zeros(&decimal(&big(points), 2)).to_owned()
}

/// `▲2`, `▼1`, `—` for the same place, `新` for a unit that was not ranked before.
pub fn movement(movement: Movement, language: ReportLanguage) -> String {
    match (movement, language) {
        (Movement::Up(places), _) => format!("▲{places}"),
        (Movement::Down(places), _) => format!("▼{places}"),
        (Movement::Same | Movement::None, _) => "—".to_owned(),
        (Movement::New, ReportLanguage::Chinese) => "新".to_owned(),
        (Movement::New, ReportLanguage::English) => "new".to_owned(),
    }
}

/// `2016年6月13日`, Arabic digits without leading zeros (GB/T 9704-2012, 7.3.5.4); `13 June 2016`.
pub fn date(day: Date, language: ReportLanguage) -> String {
    match language {
        ReportLanguage::Chinese => format!("{}年{}", day.year(), month_and_day(day, language)),
        ReportLanguage::English => format!("{} {}", month_and_day(day, language), day.year()),
    }
}

/// `6月13日`, `13 June`.
pub fn month_and_day(day: Date, language: ReportLanguage) -> String {
    match language {
        ReportLanguage::Chinese => format!("{}月{}日", day.month(), day.day()),
        ReportLanguage::English => day.strftime("%-d %B").to_string(),
    }
}

/// `6月6日至6月12日`, with the year where it changes within the period.
pub fn period(period: Period, language: ReportLanguage) -> String {
    let (from, to) = (period.from, period.to);
    let word = |day: Date| match from.year() == to.year() {
        true => month_and_day(day, language),
        false => date(day, language),
    };
    match (from == to, language) {
        (true, _) => word(from),
        (false, ReportLanguage::Chinese) => format!("{}至{}", word(from), word(to)),
        (false, ReportLanguage::English) => format!("{} to {}", word(from), word(to)),
    }
}

/// `2016年6月13日9时05分` in the campaign's zone, `9时` on the hour; `13 June 2016, 9:05`.
pub fn instant(instant: Timestamp, zone: &TimeZone, language: ReportLanguage) -> String {
    let local = instant.to_zoned(zone.clone());
    let day = date(local.date(), language);
    match language {
        ReportLanguage::Chinese if local.minute() == 0 => format!("{day}{}时", local.hour()),
        ReportLanguage::Chinese => format!("{day}{}时{:02}分", local.hour(), local.minute()),
        ReportLanguage::English => format!("{day}, {}:{:02}", local.hour(), local.minute()),
    }
}

/// Whole hundredths of a scale for the length of a bar, 0 to 100: geometry, never printed.
pub fn share(part: f64, whole: f64) -> u32 {
    if whole > 0.0 { (part / whole * 100.0).round().clamp(0.0, 100.0) as u32 } else { 0 }
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

/// A number with what it counts in English, of which the plural is given: "1 record", "3 records".
pub fn counted(n: u64, plural: &str) -> String {
    if n != 1 {
        return format!("{n} {plural}");
    }
    let singular = match plural {
        "people" => "person".to_owned(),
        _ => match (plural.strip_suffix("ies"), plural.strip_suffix("sses")) {
            (Some(stem), _) => format!("{stem}y"),
            (_, Some(stem)) => format!("{stem}ss"),
            _ => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
        },
    };
    format!("1 {singular}")
}

/// 一 to 九十九, as headings count.
pub fn chinese_number(n: u64) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (n / 10 % 10, n % 10);
    match (n, tens) {
        (0 | 100.., _) => n.to_string(),
        (_, 0) => DIGITS[ones as usize].to_owned(),
        (_, 1) => format!("十{}", DIGITS[ones as usize]),
        _ => format!("{}十{}", DIGITS[tens as usize], DIGITS[ones as usize]),
    }
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
    fn changes_are_those_of_the_printed_figures() {
        let change = |a: (u64, u64), b: (u64, u64)| {
            point_change(Rate::new(a.0, a.1), Rate::new(b.0, b.1), target(85, 100))
        };
        // 84.99 % and 84.51 %.
        assert_eq!(change((84_994, 100_000), (84_506, 100_000)), Some(48));
        // 84.99 %, not 85.00 %, for the target is missed; and 84.00 %.
        assert_eq!(change((84_996, 100_000), (84_000, 100_000)), Some(99));
        assert_eq!(change((1, 3), (1, 3)), Some(0));
        assert_eq!(change((1, 3), (0, 0)), None);
        assert_eq!(points(125), "+1.25");
        assert_eq!(points(-40), "-0.40");
        assert_eq!(change_in_words(Some(-40), ReportLanguage::Chinese), "下降0.40个百分点");
        assert_eq!(change_in_words(Some(125), ReportLanguage::English), "up 1.25 percentage points");
        assert_eq!(comparison(Some(-40), false, ReportLanguage::Chinese), "比上期下降0.40个百分点");
        assert_eq!(comparison(Some(0), false, ReportLanguage::Chinese), "与上期持平");
        assert_eq!(comparison(None, false, ReportLanguage::Chinese), "上期无可比数");
        assert_eq!(comparison(Some(-40), true, ReportLanguage::Chinese), "比上一轮下降0.40个百分点");
        assert_eq!(comparison(None, true, ReportLanguage::Chinese), "上一轮无可比数");
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

    fn wording_of_nine(language: ReportLanguage) -> String {
        instant("2016-06-13T09:00:00Z".parse().unwrap(), &TimeZone::UTC, language)
    }

    #[test]
    fn days_are_worded_in_both_languages() {
        let day = |y, m, d| jiff::civil::date(y, m, d);
        let of = |from, to, language| period(Period { from, to }, language);
        let june = (day(2016, 6, 6), day(2016, 6, 12));
        assert_eq!(of(june.0, june.1, ReportLanguage::Chinese), "6月6日至6月12日");
        assert_eq!(of(june.0, june.1, ReportLanguage::English), "6 June to 12 June");
        let turn = (day(2015, 12, 28), day(2016, 1, 3));
        assert_eq!(of(turn.0, turn.1, ReportLanguage::English), "28 December 2015 to 3 January 2016");
        assert_eq!(of(june.0, june.0, ReportLanguage::Chinese), "6月6日");
        let instant = |language| instant("2016-06-13T01:05:00Z".parse().unwrap(), &TimeZone::UTC, language);
        assert_eq!(instant(ReportLanguage::Chinese), "2016年6月13日1时05分");
        assert_eq!(instant(ReportLanguage::English), "13 June 2016, 1:05");
        let nine = wording_of_nine(ReportLanguage::Chinese);
        assert_eq!(nine, "2016年6月13日9时");
    }

    #[test]
    fn one_is_singular() {
        let printed = ["records", "rented houses", "entries", "addresses", "people"].map(|of| counted(1, of));
        assert_eq!(printed, ["1 record", "1 rented house", "1 entry", "1 address", "1 person"]);
        assert_eq!(counted(0, "records"), "0 records");
    }

    #[test]
    fn scores_below_full_marks_stay_below() {
        let of = |n: i64, d: i64| score(&BigRational::new(n.into(), d.into()));
        assert_eq!(of(99_999, 1000), "99.99");
        assert_eq!(of(100, 1), "100.00");
        assert_eq!(of(87_525, 1000), "87.53");
    }
}
