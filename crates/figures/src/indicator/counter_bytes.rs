//! Counters as bytes: most are nought or one, and take one byte each.

use super::counters::OwnWidth;
use super::counts::{BUILT_IN_COUNTERS, Counts};

/// Appends the counters of a cell: the built-in ones, how many own fields and relations count, and theirs.
pub fn encode(out: &mut Vec<u8>, counts: &Counts) {
    let width = counts.own_width();
    let widths = [width.fields as u64, width.relations as u64];
    counts.built_in().into_iter().chain(widths).chain(counts.own(width)).for_each(|count| varint(out, count));
}

/// Takes what [`encode`] wrote off the front; `None` if it is cut.
pub fn decode(rest: &mut &[u8]) -> Option<Counts> {
    let mut built_in = [0; BUILT_IN_COUNTERS];
    for count in &mut built_in {
        *count = taken(rest)?;
    }
    let width = OwnWidth { fields: taken(rest)? as usize, relations: taken(rest)? as usize };
    Counts::of_built_in(built_in).with_own(width, std::iter::from_fn(|| taken(rest)))
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
pub fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number off the front; `None` if it is cut.
pub fn taken(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
