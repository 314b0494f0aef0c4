//! How a sheet of a workbook is printed: which way its paper lies, and on how many pages.

/// What an upright A4 page holds between the margins at full size: half-width characters across and points down.
const UPRIGHT: SheetSize = SheetSize { width: 97.0, height: 720.0 };
/// The same of a landscape page.
const ACROSS: SheetSize = SheetSize { width: 143.0, height: 478.0 };
/// Type of 11 points is not made smaller than 9 for fewer pages; only what is too wide for any page is.
const LEAST: f64 = 9.0 / 11.0;

/// Half-width characters across and points down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SheetSize {
    pub width: f64,
    pub height: f64,
}

/// The way that a sheet lies, and the pages that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SheetFit {
    pub is_landscape: bool,
    /// Pages down that the print is fitted to.
    pub pages: u16,
}

impl SheetFit {
    /// The fewest pages in readable type, upright rather than across. `repeated` is the height of the rows that stand
    /// at the head of each page, and part of the sheet's height.
    pub(crate) fn of(sheet: SheetSize, repeated: f64) -> SheetFit {
        let way = |is_landscape, page: SheetSize| {
            let scale = page.width / sheet.width;
            let pages = pages(sheet, repeated, page, scale.min(LEAST));
            (scale >= LEAST, SheetFit { is_landscape, pages })
        };
        match (way(false, UPRIGHT), way(true, ACROSS)) {
            ((true, upright), (_, across)) if upright.pages <= across.pages => upright,
            (_, (_, across)) => across,
        }
    }
}

fn pages(sheet: SheetSize, repeated: f64, page: SheetSize, scale: f64) -> u16 {
    let room = page.height / scale - repeated;
    if room <= 0.0 {
        return u16::MAX;
    }
    ((sheet.height - repeated) / room).ceil().clamp(1.0, f64::from(u16::MAX)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(width: f64, height: f64) -> (bool, u16) {
        let fit = SheetFit::of(SheetSize { width, height }, 45.0);
        (fit.is_landscape, fit.pages)
    }

    #[test]
    fn a_sheet_takes_the_fewest_pages_in_readable_type() {
        // A list of 37 units: a little too wide or too high for an upright page, and shrunk to it.
        assert_eq!(fit(105.0, 640.0), (false, 1));
        assert_eq!(fit(90.0, 800.0), (false, 1));
        // Too wide for it in 9 points: it is landscape, on one page if its rows allow.
        assert_eq!(fit(130.0, 470.0), (true, 1));
        assert_eq!(fit(130.0, 560.0), (true, 1));
        // Many rows need their pages.
        assert_eq!(fit(80.0, 6_000.0), (false, 8));
        // What fits no page in 9 points is landscape, as small as it must be.
        assert_eq!(fit(300.0, 400.0), (true, 1));
    }
}
