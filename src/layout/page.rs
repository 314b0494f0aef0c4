//! The official page, GB/T 9704-2012: measures in mm, and pages of positioned items.

use super::line_break::{Alignment, Char, Line, Setting, set};
use super::metrics::{Glyph, Metrics, MissingGlyph, Role};

/// A4 (clause 5.1).
pub const PAGE: (f32, f32) = (210.0, 297.0);
/// Type area 版心 (clause 5.2.1): top margin 37, binding margin 28, 156 × 225.
pub const TOP: f32 = 37.0;
pub const LEFT: f32 = 28.0;
pub const WIDTH: f32 = 156.0;
pub const HEIGHT: f32 = 225.0;
/// 22 lines of 28 characters (clause 5.2.3).
pub const LINE: f32 = HEIGHT / 22.0;
pub const CELL: f32 = WIDTH / 28.0;

/// 二号, 三号, 四号, 小四 and 五号 in points.
pub const SIZE_2: f32 = 22.0;
pub const SIZE_3: f32 = 16.0;
pub const SIZE_4: f32 = 14.0;
pub const SIZE_SMALL_4: f32 = 12.0;
pub const SIZE_5: f32 = 10.5;

/// Millimetres of a point.
pub const MM_PER_PT: f32 = 25.4 / 72.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colour {
    Black,
    /// 发文机关标志 and its rule.
    Red,
    /// A shade of grey, 0 black to 1 white.
    Grey(f32),
}

/// Something at its place; `y` runs from the top edge of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Text { baseline: f32, size: f32, glyphs: Vec<(char, Glyph, f32)>, colour: Colour },
    Line { from: (f32, f32), to: (f32, f32), width: f32, colour: Colour, dash: Option<(i64, i64)> },
    Fill { x: f32, y: f32, width: f32, height: f32, colour: Colour },
}

/// One page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub width: f32,
    pub height: f32,
    pub items: Vec<Item>,
}

/// An entry of the outline: level from 0, title, page from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    pub level: u8,
    pub title: String,
    pub page: usize,
}

/// A whole set document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pages {
    pub pages: Vec<Page>,
    pub bookmarks: Vec<Bookmark>,
}

/// The area that is filled with text on one kind of page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub page: (f32, f32),
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

/// The upright page.
pub const UPRIGHT: Area = Area { page: PAGE, left: LEFT, top: TOP, width: WIDTH, height: HEIGHT };
/// The turned page: the type area on its side, its head at the binding edge.
pub const TURNED: Area = Area { page: (PAGE.1, PAGE.0), left: 35.0, top: 28.0, width: HEIGHT, height: WIDTH };

/// How a piece of text looks.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    pub role: Role,
    /// Points.
    pub size: f32,
    pub colour: Colour,
}

impl Type {
    pub fn new(role: Role, size: f32) -> Type {
        Type { role, size, colour: Colour::Black }
    }

    /// Width of a full-width character in mm; the text of the page keeps to its grid of 28 cells.
    pub fn em(self) -> f32 {
        if self.size == SIZE_3 { CELL } else { self.size * MM_PER_PT }
    }

    pub fn chars(self, text: &str) -> Vec<Char> {
        text.chars().map(|c| Char { c, role: self.role }).collect()
    }
}

/// Pages as they are filled, from top to bottom.
pub struct Canvas<'a> {
    pub metrics: &'a dyn Metrics,
    pub out: Pages,
    pub area: Area,
    /// Where the next line begins, in mm from the top edge of the page.
    pub y: f32,
}

impl<'a> Canvas<'a> {
    /// An empty document with its first page.
    pub fn new(metrics: &'a dyn Metrics) -> Canvas<'a> {
        let mut canvas = Canvas { metrics, out: Pages::default(), area: UPRIGHT, y: TOP };
        canvas.new_page(UPRIGHT);
        canvas
    }

    pub fn new_page(&mut self, area: Area) {
        let (width, height) = area.page;
        self.out.pages.push(Page { width, height, items: Vec::new() });
        self.area = area;
        self.y = area.top;
    }

    /// The lower edge of the type area.
    pub fn bottom(&self) -> f32 {
        self.area.top + self.area.height
    }

    pub fn room(&self) -> f32 {
        self.bottom() - self.y
    }

    /// Whether nothing stands on the page below its head yet.
    pub fn at_top(&self) -> bool {
        self.y <= self.area.top + 0.01
    }

    /// Turns to a new page unless `height` fits on this one.
    pub fn need(&mut self, height: f32) {
        if height > self.room() + 0.01 && !self.at_top() {
            self.new_page(self.area);
        }
    }

    pub fn push(&mut self, item: Item) {
        if let Some(page) = self.out.pages.last_mut() {
            page.items.push(item);
        }
    }

    pub fn bookmark(&mut self, level: u8, title: &str) {
        let page = self.out.pages.len() - 1;
        self.out.bookmarks.push(Bookmark { level, title: title.to_owned(), page });
    }

    /// Puts a set line at `x`, its characters centred in a band of `height` that begins at `y`.
    pub fn put(&mut self, line: &Line, x: f32, y: f32, height: f32, style: Type) {
        // The em box of Chinese type reaches 0.88 above and 0.12 below the baseline.
        let baseline = y + height / 2.0 + 0.38 * style.size * MM_PER_PT;
        let glyphs = line.glyphs.iter().map(|g| (g.c, g.glyph, x + g.x)).collect();
        self.push(Item::Text { baseline, size: style.size, glyphs, colour: style.colour });
    }

    /// Sets one line of text, aligned within a width, in a band that begins at `y`.
    pub fn text(
        &mut self,
        text: &str,
        style: Type,
        (x, width): (f32, f32),
        (y, height): (f32, f32),
        alignment: Alignment,
    ) -> Result<(), MissingGlyph> {
        let setting = Setting { em: style.em(), measure: width, indent: 0.0, alignment };
        let lines = set(&style.chars(text), setting, self.metrics, text)?;
        for (i, line) in lines.iter().enumerate() {
            self.put(line, x, y + i as f32 * height, height, style);
        }
        Ok(())
    }

    /// Sets a paragraph on the line grid, over pages as needed.
    pub fn paragraph(
        &mut self,
        chars: &[Char],
        style: Type,
        indent: f32,
        place: &str,
    ) -> Result<(), MissingGlyph> {
        let setting =
            Setting { em: style.em(), measure: self.area.width, indent, alignment: Alignment::Justified };
        for line in set(chars, setting, self.metrics, place)? {
            self.need(LINE);
            self.put(&line, self.area.left, self.y, LINE, style);
            self.y += LINE;
        }
        Ok(())
    }

    /// A horizontal rule over a width.
    pub fn rule(&mut self, x: f32, y: f32, length: f32, width: f32, colour: Colour) {
        self.push(Item::Line { from: (x, y), to: (x + length, y), width, colour, dash: None });
    }
}
