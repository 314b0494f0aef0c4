//! Decides which missed slots are filled late, and what happens to slots that overlap.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slot::Slot;

/// A slot observed within this time after it was due was not missed.
pub const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// Which missed slots are made up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Only the latest missed slot, and none if a slot on time is due as well.
    Latest,
    /// Each one that is recent enough, up to a limit.
    All,
    /// None.
    Skip,
}

/// How a schedule makes up for missed slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatchUpPolicy {
    /// Which of the missed slots are filled late.
    pub catch_up: CatchUp,
    /// With [`CatchUp::All`]: at most this many, the latest ones.
    pub at_most: usize,
    /// Slots missed longer ago are not made up for.
    pub within: SignedDuration,
}

/// What happens to a slot that falls due while the one before is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is left out.
    Skip,
    /// It waits; a further one takes its place.
    QueueOne,
}

/// Why a slot is left out, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// A later slot makes up for it.
    Superseded,
    /// It was missed longer ago than the window.
    TooOld,
    /// The schedule does not make up for missed slots.
    Missed,
    /// The schedule is paused.
    Paused,
    /// The slot before is still open.
    Overlap,
    /// The schedule has another rule now.
    Changed,
    /// The report is no longer scheduled.
    Removed,
    /// It fell due after the copy was made from which the state was restored.
    Restored,
    /// There is no finished day to report on.
    NothingToReport,
}

impl Skip {
    /// The sentence that is stored with the slot and shown.
    pub fn key(self) -> &'static str {
        match self {
            Skip::Superseded => "a later slot makes up for it",
            Skip::TooOld => "missed longer ago than catch_up_within",
            Skip::Missed => "missed, and catch_up = \"skip\"",
            Skip::Paused => "the schedule was paused",
            Skip::Overlap => "the slot before was still open",
            Skip::Changed => "the schedule was changed",
            Skip::Removed => "the report is no longer scheduled",
            Skip::Restored => "restored from a copy: it may have been filled since",
            Skip::NothingToReport => "there was no finished day to report on",
        }
    }
}

/// A newly due slot, and why it is left out; `None` = it is filled.
pub type SlotDecision = (Slot, Option<Skip>);

/// Decides on newly due slots in their order. Slots on time are always filled.
pub fn decide(slots: &[Slot], now: Timestamp, missed: CatchUpPolicy) -> Vec<SlotDecision> {
    let on_time = |slot: &Slot| now.duration_since(slot.instant) <= GRACE;
    let too_old = |slot: &Slot| now.duration_since(slot.instant) > missed.within;
    // Slots come in order, so the missed ones are the first.
    let missed_count = slots.iter().take_while(|slot| !on_time(slot)).count();
    let made_up_for = match (missed.catch_up, slots.len() > missed_count) {
        (CatchUp::Skip, _) | (CatchUp::Latest, true) => 0,
        (CatchUp::Latest, false) => 1,
        (CatchUp::All, _) => missed.at_most,
    };
    let first_filled = missed_count.saturating_sub(made_up_for);
    let decision = |(i, slot): (usize, &Slot)| {
        let skip = match () {
            () if i >= missed_count => None,
            () if missed.catch_up == CatchUp::Skip => Some(Skip::Missed),
            () if too_old(slot) => Some(Skip::TooOld),
            () if i < first_filled => Some(Skip::Superseded),
            () => None,
        };
        (*slot, skip)
    };
    slots.iter().enumerate().map(decision).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: i64 = 7 * 86_400;

    /// Weekly slots, the last one due `ago` seconds before now.
    fn filled(count: i64, ago: i64, catch_up: CatchUp) -> Vec<i64> {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let slot = |i: i64| {
            let instant = Timestamp::from_second(now.as_second() - ago - (count - 1 - i) * WEEK).unwrap();
            Slot { instant, nominal: instant.to_zoned(jiff::tz::TimeZone::UTC).datetime() }
        };
        let slots: Vec<Slot> = (0..count).map(slot).collect();
        let missed = CatchUpPolicy { catch_up, at_most: 3, within: SignedDuration::from_hours(24 * 60) };
        let decisions = decide(&slots, now, missed);
        assert_eq!(decisions.len(), slots.len(), "every slot is decided on");
        let filled = decisions.iter().enumerate().filter(|(_, (_, skip))| skip.is_none());
        filled.map(|(i, _)| count - 1 - i as i64).collect()
    }

    #[test]
    fn missed_slots_by_policy() {
        for missed in [0, 1, 5, 200] {
            let late = 3_600;
            assert_eq!(filled(missed, late, CatchUp::Latest).len(), missed.min(1) as usize);
            let all: Vec<i64> = (0..missed.min(3)).rev().collect();
            assert_eq!(filled(missed, late, CatchUp::All), all);
            assert_eq!(filled(missed, late, CatchUp::Skip), Vec::<i64>::new());
        }
    }

    #[test]
    fn a_slot_on_time_is_filled_and_stands_for_the_missed_ones() {
        assert_eq!(filled(5, 10, CatchUp::Latest), [0]);
        assert_eq!(filled(5, 10, CatchUp::Skip), [0]);
        assert_eq!(filled(5, 10, CatchUp::All), [3, 2, 1, 0]);
    }

    #[test]
    fn slots_beyond_the_window_stay_missed() {
        assert_eq!(filled(3, 59 * 86_400, CatchUp::All), [0]);
        assert_eq!(filled(3, 61 * 86_400, CatchUp::All), Vec::<i64>::new());
        assert_eq!(filled(3, 61 * 86_400, CatchUp::Latest), Vec::<i64>::new());
    }
}
