//! Bits of many records in one number: each question has a number, each record a bit in it.

/// Records that are read at a time: as many as a number has bits.
pub const CHUNK: usize = u64::BITS as usize;

/// A number with the bits of those of the first `count` records for which something holds.
pub(super) fn plane(count: usize, holds: impl Fn(usize) -> bool) -> u64 {
    // With a known number of turns the compiler computes several at once.
    if count == CHUNK { bits::<true>(CHUNK, holds) } else { bits::<false>(count, holds) }
}

#[inline(always)]
fn bits<const IS_WHOLE: bool>(count: usize, holds: impl Fn(usize) -> bool) -> u64 {
    let count = if IS_WHOLE { CHUNK } else { count };
    (0..count).fold(0, |bits, at| bits | u64::from(holds(at)) << at)
}

/// The bits of the first `count` records.
pub fn first(count: usize) -> u64 {
    u64::MAX.checked_shr((CHUNK - count.min(CHUNK)) as u32).unwrap_or(0)
}

/// The positions of the bits of a number, ascending.
pub fn positions(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (at < u64::BITS).then_some(at as usize)
    })
}

/// Makes columns of rows: bit `r` of number `c` becomes what bit `c` of number `r` was.
pub fn transpose(rows: &mut [u64; CHUNK]) {
    // Blocks of half the size are exchanged within each block, down to single bits.
    let (mut half, mut low) = (CHUNK / 2, u64::MAX >> (CHUNK / 2));
    while half > 0 {
        let mut at = 0;
        while at < CHUNK {
            let exchanged = (rows[at] >> half ^ rows[at + half]) & low;
            rows[at] ^= exchanged << half;
            rows[at + half] ^= exchanged;
            at = (at + half + 1) & !half;
        }
        half /= 2;
        low ^= low << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 29
        };
        let rows: [u64; CHUNK] = std::array::from_fn(|_| next());
        let mut columns = rows;
        transpose(&mut columns);
        for (r, row) in rows.iter().enumerate() {
            for (c, column) in columns.iter().enumerate() {
                assert_eq!(row >> c & 1, column >> r & 1, "{r} {c}");
            }
        }
    }

    #[test]
    fn every_record_has_its_bit() {
        for count in [0, 1, 7, 63, 64] {
            let odd = plane(count, |at| at % 2 == 1);
            assert_eq!(
                positions(odd).collect::<Vec<_>>(),
                (0..count).filter(|at| at % 2 == 1).collect::<Vec<_>>()
            );
        }
    }
}
