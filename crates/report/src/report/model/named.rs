//! Units that a text names.

use serde::Serialize;

use super::UnitModel;

/// Units that a text names with a reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NamedModel {
    /// First places with a reason to name them; see [`crate::report::praise`].
    pub praised: Vec<UnitModel>,
    /// The place after `praised`, where too many share it to be named.
    pub praised_tied: Option<TiedModel>,
    /// Those of `praised` that meet every target: they alone are commended.
    pub commended: Vec<UnitModel>,
    /// `praised_tied`, where all of them do.
    pub commended_tied: Option<TiedModel>,
    /// The first place, where more than a third of the units share it, but not all: too many to be commended.
    pub crowd_tied: Option<TiedModel>,
    /// Last places that have not met every target.
    pub lagging: Vec<UnitModel>,
    /// The place before `lagging`, where too many share it to be named.
    pub lagging_tied: Option<TiedModel>,
    /// The last place.
    pub lowest: Vec<UnitModel>,
    /// The last place, where too many share it to be named.
    pub lowest_tied: Option<TiedModel>,
    /// Whether the units of [`Self::lowest`] are several of which the same is said.
    pub lowest_alike: bool,
}

/// Units at one end of a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndModel {
    /// Those that are named.
    pub units: Vec<UnitModel>,
    /// The place that too many share; `None` = every unit is named.
    pub tied: Option<TiedModel>,
}

/// A place that more units share than a text can name.
#[derive(Debug, Clone, Serialize)]
pub struct TiedModel {
    /// The place.
    pub rank: u32,
    /// How many share it.
    pub count: usize,
    /// The score they have, as printed.
    pub score: String,
    /// Whether none of them has a record.
    pub silent: bool,
    /// Whether all of them meet every target.
    pub passed: bool,
}

/// The units that hold most of what is missing.
#[derive(Debug, Clone, Serialize)]
pub struct GapModel {
    /// Added up unit by unit; [`Self::overall`] is what all units together lack, where those above their
    /// baseline make up for others.
    pub missing: u64,
    /// What all units together lack.
    pub overall: u64,
    /// Those that lack most, the largest first; empty where too many lack as many.
    pub holders: Vec<UnitModel>,
    /// What they hold of it together.
    pub share: String,
}

/// 红黑榜: whom the office's rules name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HonoursModel {
    /// Of each group, those whose score rose most since the compared run.
    pub fastest: Vec<HonouredModel>,
    /// The same by group.
    pub fastest_groups: Vec<FastestModel>,
    /// Whether the units named of each group rose alike: then no other rose more than any of them.
    pub fastest_alike: bool,
    /// Whether others rose as much that are last, have lost places or are above their baselines.
    pub has_others: bool,
    /// Those that meet all targets for the first time.
    pub first_met: Vec<UnitModel>,
    /// How many they are, in words.
    pub first_met_count: String,
    /// Those that have been last again and again, and what follows for them.
    pub last_again: Vec<LastAgainModel>,
    /// What follows for those that were last again.
    pub action: String,
}

/// The units of a group whose score rose most.
#[derive(Debug, Clone, Serialize)]
pub struct FastestModel {
    /// What the group is called.
    pub name: String,
    /// Those that rose most first.
    pub units: Vec<HonouredModel>,
}

/// A unit that was last once more.
#[derive(Debug, Clone, Serialize)]
pub struct LastAgainModel {
    /// With its figures as everywhere else in the model.
    pub unit: UnitModel,
    /// How many released runs of the report it has been last in, running, with this one.
    pub times: usize,
}

/// A unit whose score rose.
#[derive(Debug, Clone, Serialize)]
pub struct HonouredModel {
    /// With its figures as everywhere else in the model.
    pub unit: UnitModel,
    /// By how many points the score rose.
    pub rise: String,
}

/// A straight line of each unit from the compared run through this one to the last day.
#[derive(Debug, Clone, Serialize)]
pub struct PaceModel {
    /// Whether nobody has been covered since the compared run.
    pub stands_still: bool,
    /// Persons that the units cover a day until the last day, each at its own pace and no more than it lacks.
    pub per_day: String,
    /// Last day of the campaign, as printed.
    pub last_day: String,
    /// From the cut-off to the last day.
    pub days_left: u64,
    /// Whether a unit has everybody before the last day, or more already: it counts as having everybody.
    pub is_limited: bool,
    /// Coverage on the last day, at the printed number a day.
    pub projected: String,
    /// Whether that meets the target.
    pub will_meet: bool,
    /// Persons a day that would meet it.
    pub needed_per_day: u64,
}
