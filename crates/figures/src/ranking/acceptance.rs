//! Acceptance 验收: whether every target is met, overall and per unit.

/// The verdict on the campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptanceVerdict {
    /// 通过验收
    Accepted,
    /// 限期整改
    Rectify,
    /// 无法判定: nothing is failed, and a denominator is missing or in doubt.
    CannotBeJudged,
}

impl AcceptanceVerdict {
    const ALL: [AcceptanceVerdict; 3] =
        [AcceptanceVerdict::Accepted, AcceptanceVerdict::Rectify, AcceptanceVerdict::CannotBeJudged];

    /// What a word stands for.
    pub fn of_key(word: &str) -> Option<AcceptanceVerdict> {
        AcceptanceVerdict::ALL.into_iter().find(|verdict| verdict.key() == word)
    }

    /// As it is stored and named in templates.
    pub fn key(self) -> &'static str {
        match self {
            AcceptanceVerdict::Accepted => "accepted",
            AcceptanceVerdict::Rectify => "rectify",
            AcceptanceVerdict::CannotBeJudged => "cannot_be_judged",
        }
    }
}

/// Judges totals and units together by whether each passes: failed anywhere means rectify, a denominator that is
/// missing or in doubt leaves the campaign unjudged, and only targets met everywhere are accepted.
pub fn verdict(all: impl Iterator<Item = Option<bool>>) -> AcceptanceVerdict {
    all.fold(AcceptanceVerdict::Accepted, |so_far, passed| match (so_far, passed) {
        (AcceptanceVerdict::Rectify, _) | (_, Some(false)) => AcceptanceVerdict::Rectify,
        (AcceptanceVerdict::CannotBeJudged, _) | (_, None) => AcceptanceVerdict::CannotBeJudged,
        (AcceptanceVerdict::Accepted, Some(true)) => AcceptanceVerdict::Accepted,
    })
}
