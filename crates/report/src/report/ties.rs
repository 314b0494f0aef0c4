//! How far a text names the units at an end of a list: who shares a place is named too, or the place is named with
//! the number of those who share it.

use tongbao_figures::ranking::unit_result::UnitResult;

/// A text names at most so many units one by one for the sake of a shared place.
pub(super) const LISTED: usize = 8;

/// What a text says of one end of a list.
#[derive(Debug, Clone, Default)]
pub struct End<'a> {
    /// Whole places, in the order of the list.
    pub units: Vec<&'a UnitResult>,
    /// The place after them, towards the middle, where more share it than a text can list.
    pub tied: Vec<&'a UnitResult>,
}

impl End<'_> {
    pub(super) fn reversed(mut self) -> Self {
        self.units.reverse();
        self.tied.reverse();
        self
    }
}

/// The first places with about `most` units, for a shared place up to `listed`, and never more than `allowed`. Of a
/// shared place only those whom `keep` takes are named; of one that is too long to be listed, all are meant or none.
pub(super) fn end_of_list<'t, 'a: 't>(
    ties: impl Iterator<Item = &'t [&'a UnitResult]>,
    (most, listed): (usize, usize),
    allowed: usize,
    keep: impl Fn(&UnitResult) -> bool,
) -> End<'a> {
    let mut end = End::default();
    let mut counted = 0;
    for tie in ties {
        if counted >= most || counted + tie.len() > allowed {
            break;
        }
        counted += tie.len();
        let kept: Vec<&UnitResult> = tie.iter().copied().filter(|unit| keep(unit)).collect();
        if counted <= most.max(listed) {
            end.units.extend(kept);
        } else if kept.len() == tie.len() {
            end.tied = kept;
            break;
        } else {
            break;
        }
    }
    end
}

/// The first ties that have at most `most` members together.
pub(super) fn whole_ties<'t, 'a: 't>(
    ties: impl Iterator<Item = &'t [&'a UnitResult]>,
    most: usize,
) -> Vec<&'a UnitResult> {
    let mut out: Vec<&UnitResult> = Vec::new();
    for tie in ties {
        if out.len() + tie.len() > most {
            break;
        }
        out.extend(tie);
    }
    out
}
