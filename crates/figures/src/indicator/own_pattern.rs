//! What a record counts for under the office's own definitions, in few bits.

use std::ops::BitOr;

use serde::{Deserialize, Serialize};

use tongbao_rule::evaluate::RelationOutcome;
use tongbao_rule::kernel::{CHUNK, FieldPlanes, OutcomePlanes, transpose};

/// Positions of a pattern.
const POSITIONS: usize = 128;
/// Positions of a word.
const A_WORD: usize = u64::BITS as usize / 2;
/// The position of the first relation; those of fields come before it.
const RELATIONS: usize = POSITIONS / 2;

/// What a record counts for under own definitions at one cut-off: two bits a position, the lowest first. Those of a field
/// that applies are [`BLANK`], [`INVALID`] or [`KNOWN`], those of a relation its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "StoredPattern")]
pub struct OwnPattern([u64; WORDS]);

/// Numbers of a pattern.
pub const WORDS: usize = POSITIONS / A_WORD;

/// A field applies to the record and is not filled.
pub const BLANK: u64 = 2;
/// It applies, and is filled with what is no value of its type.
pub const INVALID: u64 = 1;
/// It applies, and has a value.
pub const KNOWN: u64 = 3;

impl OwnPattern {
    /// A pattern of its numbers.
    pub fn of_words(words: [u64; WORDS]) -> OwnPattern {
        OwnPattern(words)
    }

    /// Its numbers.
    pub fn words(self) -> [u64; WORDS] {
        self.0
    }

    /// Whether it has no bit.
    pub fn is_empty(&self) -> bool {
        *self == OwnPattern::default()
    }

    fn at(self, position: usize) -> u64 {
        self.0[position / A_WORD] >> (2 * (position % A_WORD)) & 3
    }

    fn set(&mut self, position: usize, bits: u64) {
        self.0[position / A_WORD] |= bits << (2 * (position % A_WORD));
    }

    /// Whether a field applies and is filled.
    pub fn is_filled(self, field: u8) -> bool {
        matches!(self.at(usize::from(field)), INVALID | KNOWN)
    }

    /// Whether a field applies to the record.
    pub fn applies(self, field: u8) -> bool {
        self.at(usize::from(field)) != 0
    }

    /// The fields that apply and are filled with what is no value of their type.
    pub fn invalid_fields(self) -> impl Iterator<Item = u8> {
        let last = if self.has_invalid() { RELATIONS } else { 0 };
        (0..last).filter(move |at| self.at(*at) == INVALID).map(|at| at as u8)
    }

    /// Whether any field is.
    pub fn has_invalid(self) -> bool {
        const LOW: u64 = u64::MAX / 3;
        self.0[..RELATIONS / A_WORD].iter().any(|word| word & !(word >> 1) & LOW != 0)
    }

    /// With what is to be said of a field: nothing, [`BLANK`], [`INVALID`] or [`KNOWN`].
    pub fn with_field(mut self, field: u8, bits: u64) -> OwnPattern {
        self.set(usize::from(field), bits);
        self
    }

    /// With the outcome of a relation, which must not have been set before.
    pub fn with(mut self, relation: u8, outcome: RelationOutcome) -> OwnPattern {
        self.set(RELATIONS + usize::from(relation), outcome as u64);
        self
    }

    /// Passing a relation, whatever its outcome was.
    pub fn passing(self, relation: u8) -> OwnPattern {
        self.with(relation, RelationOutcome::Pass)
    }

    /// The outcome of an own relation.
    pub fn outcome(self, relation: u8) -> RelationOutcome {
        RelationOutcome::ALL[self.at(RELATIONS + usize::from(relation)) as usize]
    }

    /// With the bits of another where a mask has any.
    pub fn with_bits_of(self, other: OwnPattern, mask: OwnPattern) -> OwnPattern {
        let word = |at: usize| self.0[at] & !mask.0[at] | other.0[at] & mask.0[at];
        OwnPattern(std::array::from_fn(word))
    }
}

/// All bits that either has.
impl BitOr for OwnPattern {
    type Output = OwnPattern;

    fn bitor(self, other: OwnPattern) -> OwnPattern {
        OwnPattern(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }
}

/// The patterns of a chunk of records as they are computed: a number for each bit of a pattern, with a bit a record.
pub(super) struct PatternPlanes([[u64; CHUNK]; WORDS]);

impl PatternPlanes {
    /// No record has any bit yet.
    pub(super) fn new() -> PatternPlanes {
        PatternPlanes([[0; CHUNK]; WORDS])
    }

    /// What the records have of a field that is counted.
    pub(super) fn set_field(&mut self, field: u8, found: FieldPlanes) {
        let FieldPlanes { filled, invalid, applies, open } = found;
        let applies = applies & !open;
        self.set(usize::from(field), filled & applies, applies & !invalid);
    }

    /// The records in which a field that is read alone has no value of its type.
    pub(super) fn set_invalid(&mut self, field: u8, found: FieldPlanes) {
        self.set(usize::from(field), found.invalid & found.applies & !found.open, 0);
    }

    /// The records with each outcome of a relation.
    pub(super) fn set_relation(&mut self, relation: u8, outcomes: OutcomePlanes) {
        let OutcomePlanes { missing, fail, pass, .. } = outcomes;
        self.set(RELATIONS + usize::from(relation), missing | pass, fail | pass);
    }

    fn set(&mut self, position: usize, low: u64, high: u64) {
        let (word, at) = (position / A_WORD, 2 * (position % A_WORD));
        self.0[word][at] = low;
        self.0[word][at + 1] = high;
    }

    /// The patterns of the records by their positions; those without a bit in `counted` have none.
    pub(super) fn patterns(mut self, counted: u64) -> [OwnPattern; CHUNK] {
        // An office with few definitions has bits in one number or two.
        for word in self.0.iter_mut().filter(|word| word.iter().any(|plane| *plane != 0)) {
            word.iter_mut().for_each(|plane| *plane &= counted);
            transpose(word);
        }
        std::array::from_fn(|at| OwnPattern(std::array::from_fn(|word| self.0[word][at])))
    }
}

/// A pattern as it is stored; before there were more, of sixteen fields and sixteen relations in one number.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredPattern {
    Words([u64; WORDS]),
    OfSixteen(u64),
}

impl From<StoredPattern> for OwnPattern {
    fn from(stored: StoredPattern) -> OwnPattern {
        let bits = match stored {
            StoredPattern::Words(words) => return OwnPattern(words),
            StoredPattern::OfSixteen(bits) => bits,
        };
        let mut pattern = OwnPattern::default();
        for at in 0..16 {
            // Their bits stood apart: those of filled fields, then those of fields that apply.
            let field = match (bits >> at & 1, bits >> (16 + at) & 1) {
                (_, 0) => 0,
                (0, _) => BLANK,
                _ => KNOWN,
            };
            pattern.set(at, field);
            pattern.set(RELATIONS + at, bits >> (32 + 2 * at) & 3);
        }
        pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_sixteen_is_read_as_it_was_written() {
        let bits = 1 << 15 | 1 << 16 | 2 << 62 | 1 << 32;
        let expected = OwnPattern::default()
            .with_field(0, BLANK)
            .with(15, RelationOutcome::Fail)
            .with(0, RelationOutcome::Missing);
        assert_eq!(OwnPattern::from(StoredPattern::OfSixteen(bits)), expected);
    }

    #[test]
    fn planes_are_the_patterns_of_their_records() {
        let mut planes = PatternPlanes::new();
        planes.set_field(54, FieldPlanes { filled: 0b011, invalid: 0b010, applies: 0b111, open: 0 });
        planes.set_field(0, FieldPlanes { filled: 0b100, invalid: 0b100, applies: 0b100, open: 0 });
        let outcomes = OutcomePlanes { missing: 0b010, fail: 0b001, pass: 0b100, open: 0 };
        planes.set_relation(63, outcomes);
        planes.set_relation(31, outcomes);
        let patterns = planes.patterns(0b101);
        let first = OwnPattern::default().with_field(54, KNOWN);
        assert_eq!(patterns[0], first.with(63, RelationOutcome::Fail).with(31, RelationOutcome::Fail));
        assert_eq!(patterns[1], OwnPattern::default(), "it does not count");
        assert!(patterns[2].applies(54) && !patterns[2].is_filled(54) && patterns[2].is_filled(0));
        assert!(patterns[2].invalid_fields().eq([0]) && !patterns[0].has_invalid());
        assert_eq!(
            [63, 31, 5].map(|at| patterns[2].outcome(at)),
            [RelationOutcome::Pass, RelationOutcome::Pass, RelationOutcome::NotApplicable]
        );
    }
}
