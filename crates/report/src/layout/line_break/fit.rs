//! Where the lines of a paragraph end: the breaks that keep all lines nearest to their natural width.

use super::Alignment;
use super::cells::CharacterCell;
use super::marks::{is_closing, is_han, may_break, may_force};

/// A stretch of this many em between characters costs 1.
const UNIT_STRETCH: f32 = 0.1;
/// 单字不成行: cost of a last line with a single character.
const LONELY: f32 = 2.0;
/// Cost of dividing a run that is never divided, and of a forbidden mark at the edge of a line.
const FORCED: f32 = 1e3;
const FORBIDDEN: f32 = 1e6;

/// What has to be known of a stretch of cells to see how it fills a line, as sums from the start.
#[derive(Clone, Copy, Default)]
struct StretchSums {
    /// Cells with the gaps after them.
    width: f32,
    spare: f32,
    gap: f32,
    stretching: u32,
}

/// How a line of cells fills its room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fill {
    /// What is left of the room, negative if marks must give way.
    pub blank: f32,
    /// Natural gaps between Chinese and Latin.
    pub gap: f32,
    /// Places that may be stretched.
    pub stretching: u32,
    /// Blank halves of marks inside the line.
    pub spare: f32,
    /// Blank half of the mark at its end.
    pub end: f32,
}

impl Fill {
    /// Whether marks and gaps have enough blank to give.
    fn is_possible(self) -> bool {
        self.blank + self.end + self.gap + self.spare >= -1e-3
    }

    /// Em that each place is stretched by.
    pub(super) fn stretch(self) -> f32 {
        if self.blank <= 0.0 || self.stretching == 0 { 0.0 } else { self.blank / self.stretching as f32 }
    }
}

pub(super) struct Fitting<'a> {
    cells: &'a [CharacterCell],
    sums: Vec<StretchSums>,
    /// Whether a line may end before this cell; also at the end of all.
    breaks: Vec<bool>,
    alignment: Alignment,
}

impl<'a> Fitting<'a> {
    pub(super) fn new(cells: &'a [CharacterCell], alignment: Alignment) -> Fitting<'a> {
        let mut sums = Vec::with_capacity(cells.len() + 1);
        let mut sum = StretchSums::default();
        sums.push(sum);
        for cell in cells {
            sum.width += cell.width + cell.gap;
            sum.spare += cell.spare;
            sum.gap += cell.gap;
            sum.stretching += u32::from(cell.stretches);
            sums.push(sum);
        }
        let mut breaks = vec![true; cells.len() + 1];
        for (at, pair) in cells.windows(2).enumerate() {
            breaks[at + 1] = may_end(&pair[0], &pair[1], alignment);
        }
        Fitting { cells, sums, breaks, alignment }
    }

    /// How the cells `from..to` fill `room`, in em.
    pub(super) fn fill(&self, from: usize, to: usize, room: f32) -> Fill {
        let (a, b, last) = (self.sums[from], self.sums[to], self.cells[to - 1]);
        let blank_end = if last.c == ' ' { last.width } else { 0.0 };
        let closing = is_closing(last.c);
        Fill {
            blank: room - (b.width - a.width - last.gap - blank_end),
            gap: b.gap - a.gap - last.gap,
            stretching: b.stretching - a.stretching - u32::from(last.stretches),
            spare: b.spare - a.spare - last.spare,
            end: if closing { last.width - 0.5 } else { 0.0 }.max(0.0),
        }
    }

    /// Ends of the lines. `room` tells the room of the first line and of the others, in em.
    pub(super) fn ends(&self, room: (f32, f32)) -> Vec<usize> {
        let count = self.cells.len();
        if count == 0 || self.fill(0, count, room.0).blank >= -1e-3 {
            return if count == 0 { Vec::new() } else { vec![count] };
        }
        // The best way to each break: cost, and the break before it.
        let mut best: Vec<Option<(f32, usize)>> = vec![None; count + 1];
        best[0] = Some((0.0, 0));
        for from in 0..count {
            let Some((cost, _)) = best[from] else { continue };
            let room = if from == 0 { room.0 } else { room.1 };
            for (to, more) in self.candidates(from, room) {
                let total = cost + more;
                if best[to].is_none_or(|(other, _)| total < other) {
                    best[to] = Some((total, from));
                }
            }
        }
        let mut ends = vec![count];
        while let Some((_, from)) = best[ends[ends.len() - 1]].filter(|(_, from)| *from > 0) {
            ends.push(from);
        }
        ends.reverse();
        ends
    }

    /// The ends that a line from `from` can have, each with its cost.
    fn candidates(&self, from: usize, room: f32) -> Vec<(usize, f32)> {
        let (mut permitted, mut forced) = (Vec::new(), Vec::new());
        for to in from + 1..=self.cells.len() {
            let fill = self.fill(from, to, room);
            if !fill.is_possible() && to > from + 1 {
                // A blank after a word takes no room at the end of a line, nor does a mark's half.
                if fill.blank < -2.0 { break } else { continue }
            }
            let ends = if self.breaks[to] { &mut permitted } else { &mut forced };
            ends.push((to, self.cost(from, to, fill)));
        }
        if permitted.is_empty() {
            let edge = |to: usize| {
                let fine = self.cells.get(to).is_none_or(|next| may_force(self.cells[to - 1].c, next.c));
                if fine { FORCED } else { FORBIDDEN }
            };
            permitted.extend(forced.into_iter().map(|(to, cost)| (to, cost + edge(to))));
        }
        permitted
    }

    fn cost(&self, from: usize, to: usize, fill: Fill) -> f32 {
        let is_last = to == self.cells.len();
        let lonely = if is_last && from > 0 && self.sums[to].width - self.sums[from].width < 2.1 {
            LONELY
        } else {
            0.0
        };
        if fill.blank < 0.0 {
            let inner = (-fill.blank - fill.end).max(0.0) / (fill.gap + fill.spare).max(0.01);
            // Taking out half of what is blank looks as bad as stretching by a tenth of an em.
            return 0.01 + 4.0 * inner * inner + lonely;
        }
        match self.alignment {
            Alignment::Justified | Alignment::Left | Alignment::Ragged if is_last => lonely,
            Alignment::Justified => (fill.blank / (fill.stretching.max(1) as f32 * UNIT_STRETCH)).powi(2),
            // Ragged lines are rather ended at a mark.
            Alignment::Left => {
                let at_mark = is_closing(self.cells[to - 1].c);
                (fill.blank / 12.0).powi(2) + if at_mark { 0.0 } else { 0.6 }
            }
            Alignment::Ragged | Alignment::Center | Alignment::Right => (fill.blank / 4.0).powi(2) + lonely,
        }
    }
}

/// Whether a line may end with the cell `last` where `next` follows. Among words of letters Chinese characters are
/// names, which stay whole.
fn may_end(last: &CharacterCell, next: &CharacterCell, alignment: Alignment) -> bool {
    let is_name = alignment == Alignment::Ragged && is_han(last.c) && is_han(next.c);
    !last.is_bound && !is_name && may_break(last.c, next.c)
}
