//! A sex that is written as a code for "not stated", beside an ID number that states it.
//!
//! `0` and `9` say so in GB/T 2261.1, and many programs write 0 for one of the sexes. Of persons whose sex is unknown
//! some are men and some are women; where nearly all are of one sex, the code means it.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use tongbao_register::id_number::Sex;

/// Records with such a code, by what their ID numbers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnstatedSexes {
    /// Those of men.
    pub men: u64,
    /// Those of women.
    pub women: u64,
}

impl UnstatedSexes {
    /// Whether no record has such a code.
    pub fn is_none(&self) -> bool {
        *self == UnstatedSexes::default()
    }

    /// Records with such a code.
    pub fn all(self) -> u64 {
        self.men + self.women
    }

    /// The sex that the code stands for, and how many of its holders have that sex: four in five or more, and more than
    /// chance explains (one time in 300 among persons whose sex is unknown). `None` where it may well say "unknown".
    pub fn meant(self) -> Option<(Sex, u64)> {
        let (most, sex) = match self.men > self.women {
            true => (self.men, Sex::Male),
            false => (self.women, Sex::Female),
        };
        let all = u128::from(self.all());
        let ahead = u128::from(self.men.abs_diff(self.women));
        let is_clear = u128::from(most) * 5 >= all * 4 && ahead * ahead >= 9 * all && all > 0;
        is_clear.then_some((sex, most))
    }

    /// What is left without others that are part of these; `None` if they are not.
    pub fn without(self, other: UnstatedSexes) -> Option<UnstatedSexes> {
        let (men, women) = (self.men.checked_sub(other.men)?, self.women.checked_sub(other.women)?);
        Some(UnstatedSexes { men, women })
    }
}

impl AddAssign for UnstatedSexes {
    fn add_assign(&mut self, other: UnstatedSexes) {
        self.men += other.men;
        self.women += other.women;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_one_sex_is_told_from_one_of_unknown_persons() {
        for (men, women, meant) in [
            (0, 0, None),
            (0, 8, None),
            (0, 9, Some((Sex::Female, 9))),
            (9, 0, Some((Sex::Male, 9))),
            (1, 10, None),
            (5, 95, Some((Sex::Female, 95))),
            (20, 80, Some((Sex::Female, 80))),
            (25, 75, None),
            (600, 400, None),
            (3, 17, Some((Sex::Female, 17))),
            (4, 16, None),
        ] {
            assert_eq!(UnstatedSexes { men, women }.meant(), meant, "{men} {women}");
        }
    }
}
