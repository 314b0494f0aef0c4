//! Movement 变化 against the compared run.

/// How a unit's place changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// ▲ places gained.
    Up(u32),
    /// ▼ places lost.
    Down(u32),
    /// The same place.
    Same,
    /// The unit was not ranked in the compared run.
    New,
    /// Nothing to compare: no compared run or one of other rules, or no rank now.
    None,
}

impl Movement {
    /// Compares the rank now with the rank in the compared run (`None` where ranks are not compared, inner
    /// `None` when the unit had no rank there).
    pub fn between(now: Option<u32>, before: Option<Option<u32>>) -> Movement {
        match (now, before) {
            (Some(now), Some(Some(before))) if now < before => Movement::Up(before - now),
            (Some(now), Some(Some(before))) if now > before => Movement::Down(now - before),
            (Some(_), Some(Some(_))) => Movement::Same,
            (Some(_), Some(None)) => Movement::New,
            (None, _) | (_, None) => Movement::None,
        }
    }

    /// Places gained, negative when lost; `None` for a new unit or without comparison.
    pub fn places(self) -> Option<i64> {
        match self {
            Movement::Up(n) => Some(i64::from(n)),
            Movement::Down(n) => Some(-i64::from(n)),
            Movement::Same => Some(0),
            Movement::New | Movement::None => None,
        }
    }
}
