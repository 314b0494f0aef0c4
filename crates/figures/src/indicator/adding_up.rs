//! What talliers that shared a register have counted, added up.

use std::sync::Arc;

use super::bucket_counts::BucketCounts;
use super::cell_builder::CellBuilder;
use super::coverage::{self, PersonsByPlace};
use super::distinct_values::DistinctValues;
use super::record_findings::RecordFindings;
use super::record_flags::RecordEvaluator;
use super::sorted_groups::SortedGroups;
use super::tally::Tally;
use super::tallying::{Counted, Pattern, Tallier, TallyError};
use super::waiting_sets;

/// Cells for which it is worth the time to give back what is no longer needed.
const MANY: usize = 1 << 18;

/// All counts of the talliers that shared a register, persons and coverage included.
pub fn finish(talliers: Vec<Tallier>) -> Result<Tally, TallyError> {
    finish_releasing(talliers, || ())
}

/// The same; `release` gives freed memory back to the system before persons, and then many cells, take more.
pub fn finish_releasing(mut talliers: Vec<Tallier>, release: impl Fn()) -> Result<Tally, TallyError> {
    waiting_sets::decide(talliers.iter_mut().filter_map(Tallier::waiting))?;
    let mut tally = Tally::default();
    let Some(first) = talliers.first() else { return Ok(tally) };
    let (units, rosters, evaluator) = first.rules();
    let (mut records, mut shards) = (RecordsByCell::default(), Vec::new());
    for tallier in talliers {
        let Counted { tally: counted, parts, kinds, shard } = tallier.counted()?;
        tally.merge(counted);
        records.add(parts, kinds);
        shards.push(shard);
    }
    if shards.iter().any(|shard| shard.places.len() > MANY) {
        release();
    }
    let persons = coverage::count(shards, &units, &rosters)?;
    if persons.places().len() > MANY {
        release();
    }
    let (cells, findings) = records.cells(&evaluator, &persons);
    tally.findings += findings;
    tally.cells.merge(cells);
    persons.finish(&mut tally);
    Ok(tally)
}

/// The records of all talliers.
#[derive(Default)]
struct RecordsByCell {
    /// What records count for.
    patterns: DistinctValues<Pattern>,
    /// Groups, with the numbers of the patterns that their kinds are.
    parts: Vec<(SortedGroups, Arc<[u32]>)>,
}

impl RecordsByCell {
    fn add(&mut self, parts: Vec<SortedGroups>, kinds: Vec<Pattern>) {
        let kinds: Arc<[u32]> = kinds.into_iter().map(|pattern| self.patterns.number(pattern)).collect();
        self.parts.extend(parts.into_iter().map(|part| (part, kinds.clone())));
    }

    /// The cells of records and persons, and what was found wrong with the records.
    fn cells(
        self,
        evaluator: &RecordEvaluator,
        persons: &PersonsByPlace<'_>,
    ) -> (BucketCounts, RecordFindings) {
        let patterns = &self.patterns;
        let counts_of = |kind: u32| {
            let (flags, own) = patterns.get(kind);
            evaluator.counts(flags, own, 1)
        };
        let mut records_of = vec![0; patterns.len()];
        let order = persons.places().order();
        let mut builder = CellBuilder::new(patterns.len(), counts_of);
        let parts = self.parts.into_iter().map(|(groups, kinds)| {
            groups
                .into_groups()
                .map(move |(cell, kind, times)| (cell, kinds[kind as usize], times))
                .peekable()
        });
        let mut parts: Vec<_> = parts.collect();
        let mut here = Vec::new();
        for (place, cell) in order.cells() {
            let key = cell.key();
            here.clear();
            for part in &mut parts {
                while let Some((_, kind, times)) = part.next_if(|(of, ..)| *of == key) {
                    here.push((kind, times));
                    records_of[kind as usize] += times;
                }
            }
            sum_up(&mut here);
            builder.push(cell, &here, persons.at(place));
        }
        let mut findings = RecordFindings::default();
        patterns
            .iter()
            .zip(records_of)
            .for_each(|((flags, own), records)| findings += flags.findings(*own, records));
        (builder.finish(), findings)
    }
}

/// Adds up records of one kind.
fn sum_up(records: &mut Vec<(u32, u64)>) {
    records.sort_unstable();
    records.dedup_by(|next, sum| {
        let is_same = next.0 == sum.0;
        sum.1 += if is_same { next.1 } else { 0 };
        is_same
    });
}
