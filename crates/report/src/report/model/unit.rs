//! Units, their groups, and what they lack to the next place.

use serde::Serialize;

use super::{NamedModel, OwnRateModel, TiedModel};

/// A unit's figures, those of all units below it included.
#[derive(Debug, Clone, Serialize)]
pub struct UnitModel {
    /// As in the unit list.
    pub code: String,
    /// In full, where units are called alike.
    pub name: String,
    /// 村, 社区.
    pub kind: String,
    /// How deep it is in the tree: 1 has nothing above it.
    pub level: u32,
    /// Whether it is ranked and judged.
    pub assessed: bool,
    /// Whether it is of the level that is judged; on its own page it is assessed all the same.
    pub judged: bool,
    /// Up to the cut-off.
    pub records: u64,
    /// Its records in the compared run.
    pub previous_records: Option<u64>,
    /// Among all units; `None` = unranked.
    pub rank: Option<u32>,
    /// Among the units of its kind.
    pub rank_in_group: Option<u32>,
    /// How many units of its kind have a rank: that of one alone says nothing.
    pub group_size: usize,
    /// Its rank in the group in the compared run.
    pub previous_rank: Option<u32>,
    /// Whether it shared that place.
    pub previous_tied: bool,
    /// Whether another unit has the same rank, or the same rank in the group.
    pub tied: bool,
    /// Whether another unit of its kind has the same rank in the group.
    pub tied_in_group: bool,
    /// Change of `rank_in_group` as printed: ▲2.
    pub movement: String,
    /// Places gained or lost, without sign.
    pub places: u64,
    /// Points with two places; — without a score.
    pub score: String,
    /// In percent, or —.
    pub coverage: String,
    /// In percent, or —.
    pub completeness: String,
    /// In percent, or —.
    pub accuracy: String,
    /// Rates of the office's own.
    pub own_rates: Vec<OwnRateModel>,
    /// Whether it meets every target; `None` = it cannot be judged.
    pub passed: Option<bool>,
    /// It misses no target, but has more persons than expected.
    pub unverified: bool,
    /// What it fails, in words.
    pub failures: String,
    /// The rates that miss their targets, each with its indicator: 覆盖率91.67%.
    pub failing: Vec<String>,
    /// Reasons of vetoes, in words; blank without one.
    pub vetoed: String,
    /// What its score does not say by itself: no records, vetoes, deductions; blank otherwise.
    pub remarks: String,
    /// Persons expected and found, under whichever unit.
    pub covered: u64,
    /// Persons expected and not found.
    pub missing: u64,
    /// It has no record although persons are expected of it.
    pub silent: bool,
    /// Which indicator cost it places, or won them, in words; blank where nothing is compared.
    pub reason: String,
    /// How many further persons would lift it one place, all else unchanged.
    pub next: Option<NextModel>,
}

/// Numbers of units in words: 12个单位, or 3个村、9个组 where units stand above others.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CountsModel {
    /// All that are ranked and judged.
    pub units: String,
    /// As many as [`super::Model::unmet`] has.
    pub unmet: String,
    /// As many as [`super::Model::unverified`] has.
    pub unverified: String,
    /// As many as [`super::Model::unjudged`] has.
    pub unjudged: String,
    /// As many as [`super::Model::silent`] has.
    pub silent: String,
    /// As many as [`super::Model::nothing`] has.
    pub nothing: String,
    /// As many as [`super::Model::silenced`] has.
    pub silenced: String,
    /// As many as [`super::Model::silent`] and [`super::Model::nothing`] have.
    pub without_records: String,
    /// As many as [`super::Model::exceeding`] has.
    pub exceeding: String,
    /// As many as [`super::Model::exceeding_failed`] has.
    pub exceeding_failed: String,
    /// Those that missed a target in the compared run.
    pub failed_before: String,
    /// As many as [`super::Model::rectified`] has.
    pub rectified: String,
    /// As many as [`super::Model::not_rectified`] has.
    pub not_rectified: String,
    /// As many as [`super::Model::unverified_again`] says.
    pub unverified_again: String,
    /// As many as [`super::Model::unjudged_again`] says.
    pub unjudged_again: String,
    /// As many as [`super::Model::fallen_back`] has.
    pub fallen_back: String,
    /// As many as [`super::Model::risen`] says.
    pub risen: String,
    /// As many as [`super::Model::fallen`] says.
    pub fallen: String,
}

/// How many units of a group meet every target, and how many do not; the parts are all its units.
#[derive(Debug, Clone, Serialize)]
pub struct GroupVerdictModel {
    /// 37个单位, 8个村.
    pub units: String,
    /// How many they are.
    pub count: usize,
    /// They meet every target.
    pub met: usize,
    /// They miss one.
    pub unmet: usize,
    /// They are to be verified.
    pub unverified: usize,
    /// They cannot be judged.
    pub unjudged: usize,
}

/// Units that moved for one reason.
#[derive(Debug, Clone, Serialize)]
pub struct MovedModel {
    /// Those that moved most first.
    pub units: Vec<UnitModel>,
    /// Why, in words; blank where nothing can be said.
    pub reason: String,
}

/// What one place more would take.
#[derive(Debug, Clone, Serialize)]
pub struct NextModel {
    /// The place above.
    pub rank: u32,
    /// Further persons covered.
    pub persons: u64,
}

/// A group of units that are ranked among themselves.
#[derive(Debug, Clone, Serialize)]
pub struct KindModel {
    /// The kind (村), or the words for all units.
    pub name: String,
    /// Units that have a rank.
    pub count: usize,
    /// Whether a chart of the scores says more than the table.
    pub bars: bool,
    /// All that have a rank, where they are too few to have ends; else none.
    pub all: Vec<UnitModel>,
    /// About three units at each end, whole places; who shares a place is named too.
    pub first: Vec<UnitModel>,
    /// The place after `first`, where too many share it to be named.
    pub first_tied: Option<TiedModel>,
    /// The units at the end, the last one last.
    pub last: Vec<UnitModel>,
    /// The place before `last`, where too many share it to be named.
    pub last_tied: Option<TiedModel>,
    /// Whom the text praises and reminds in this group.
    pub named: NamedModel,
    /// Those that gained most places, up to three.
    pub risers: Vec<UnitModel>,
    /// Those that lost most places, up to three.
    pub fallers: Vec<UnitModel>,
    /// Whether more units rose than are named.
    pub more_rose: bool,
    /// Whether more units fell than are named.
    pub more_fell: bool,
    /// The risers by reason.
    pub rises: Vec<MovedModel>,
    /// The fallers by reason.
    pub falls: Vec<MovedModel>,
}
