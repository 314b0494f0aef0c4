//! Ranking 排名: equal all through share a rank, `1, 2, 2, 4`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use tongbao_config::settings::{RankKey, Ranking};

/// What the ranking needs of one unit.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Units of one kind are a group.
    pub kind: &'a str,
    /// Its rates, those of all units below it included.
    pub figures: &'a Figures,
    /// `None` where it cannot be computed.
    pub score: Option<&'a BigRational>,
}

/// A unit's places: among all units, and among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranks {
    /// Among all units, from 1.
    pub overall: u32,
    /// Among the units of its kind, from 1.
    pub in_group: u32,
}

/// Why a unit is listed without a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unranked {
    /// It has no record, and nobody is expected of it.
    Nothing,
    /// Fewer records than `min_records`.
    TooFewRecords,
    /// A rate that the score or the order needs has no denominator.
    NoDenominator,
}

/// Ranks the candidates by the configured keys, higher first; units that have registered nobody come
/// last. The answer has their order.
pub fn rank(candidates: &[Candidate], ranking: &Ranking) -> Vec<Result<Ranks, Unranked>> {
    let mut out: Vec<Result<Ranks, Unranked>> =
        candidates.iter().map(|c| eligible(c, ranking).map(|()| Ranks { overall: 0, in_group: 0 })).collect();
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&i| out[i].is_ok()).collect();
    let compared: Vec<ComparableScore> = candidates.iter().map(ComparableScore::new).collect();
    order.sort_by(|&a, &b| better_first(&compared[a], &compared[b], &ranking.order));
    let same =
        |a: usize, b: usize| better_first(&compared[a], &compared[b], &ranking.order) == Ordering::Equal;
    for (i, place) in places(&order, same) {
        if let Ok(ranks) = &mut out[i] {
            ranks.overall = place;
            ranks.in_group = place;
        }
    }
    if ranking.by_kind {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &i in &order {
            groups.entry(candidates[i].kind).or_default().push(i);
        }
        for (i, place) in groups.values().flat_map(|group| places(group, same)) {
            if let Ok(ranks) = &mut out[i] {
                ranks.in_group = place;
            }
        }
    }
    out
}

/// The place of each member of a sorted list; equals share the place of the first of them.
fn places(sorted: &[usize], same: impl Fn(usize, usize) -> bool) -> Vec<(usize, u32)> {
    let mut place = 0;
    let mut out = Vec::with_capacity(sorted.len());
    for (position, &i) in sorted.iter().enumerate() {
        if position == 0 || !same(sorted[position - 1], i) {
            place = position as u32 + 1;
        }
        out.push((i, place));
    }
    out
}

fn eligible(candidate: &Candidate, ranking: &Ranking) -> Result<(), Unranked> {
    if candidate.figures.is_silent() {
        return Ok(());
    }
    if candidate.figures.has_nothing() {
        return Err(Unranked::Nothing);
    }
    if candidate.figures.counts.records < ranking.min_records {
        return Err(Unranked::TooFewRecords);
    }
    let known = ranking.order.iter().all(|key| match key {
        RankKey::Score => candidate.score.is_some(),
        RankKey::Rate(indicator) => candidate.figures.rate(*indicator).denominator > 0,
    });
    if known { Ok(()) } else { Err(Unranked::NoDenominator) }
}

/// A candidate with its score in a form that compares fast and exactly: the whole part of 2^64 times
/// the score, and the score itself where those are equal.
struct ComparableScore<'a> {
    figures: &'a Figures,
    score: Option<(u128, &'a BigRational)>,
}

impl<'a> ComparableScore<'a> {
    fn new(candidate: &Candidate<'a>) -> ComparableScore<'a> {
        // A score is from 0 to 100.
        let whole = |score: &BigRational| ((score.numer() << 64u32) / score.denom()).to_u128();
        let score = candidate.score.map(|score| (whole(score).unwrap_or_default(), score));
        ComparableScore { figures: candidate.figures, score }
    }
}

fn better_first(a: &ComparableScore, b: &ComparableScore, order: &[RankKey]) -> Ordering {
    let compare = |key: &RankKey| match key {
        RankKey::Score => b.score.cmp(&a.score),
        RankKey::Rate(indicator) => {
            compare_rates(capped(b.figures.rate(*indicator)), capped(a.figures.rate(*indicator)))
        }
    };
    // Rates without a denominator compare with nothing, so units without records are a class of their own.
    let silent = a.figures.is_silent().cmp(&b.figures.is_silent());
    silent.then_with(|| order.iter().map(compare).find(|o| *o != Ordering::Equal).unwrap_or(Ordering::Equal))
}

/// More than all is in doubt, and no better than all.
fn capped(rate: Rate) -> Rate {
    Rate { numerator: rate.numerator.min(rate.denominator), ..rate }
}

/// Compares by cross multiplication; both denominators are positive.
fn compare_rates(a: Rate, b: Rate) -> Ordering {
    let left = u128::from(a.numerator) * u128::from(b.denominator);
    let right = u128::from(b.numerator) * u128::from(a.denominator);
    left.cmp(&right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_compare_as_their_fractions_do() {
        let mut rng = fastrand::Rng::with_seed(31);
        let (counts, none) = (Default::default(), Rate::default());
        let figures =
            Figures { counts, coverage: none, completeness: none, accuracy: none, own: Default::default() };
        let mut random = || {
            // Many are equal, and many differ by less than the whole parts can tell.
            let denominator = [3, 7, 1 << 40, (1 << 62) - 57, (1 << 62) - 59][rng.usize(..5)];
            let numerator = denominator * rng.u64(0..3) + rng.u64(0..3);
            BigRational::new_raw(numerator.into(), denominator.into())
        };
        let order = [RankKey::Score];
        for _ in 0..50_000 {
            let (a, b) = (random(), random());
            let of =
                |score| ComparableScore::new(&Candidate { kind: "", figures: &figures, score: Some(score) });
            assert_eq!(better_first(&of(&a), &of(&b), &order), b.cmp(&a), "{a} {b}");
        }
    }
}
