//! The official page, GB/T 9704-2012: measures in mm, and pages of positioned items.

use super::line_break::{Alignment, Char, SetLine, Setting, set, set_hanging};
use super::metrics::{Glyph, Metrics, MissingGlyph, TypeRole};
use super::structure::{Mark, StructureElement, Tag};

/// A4 (clause 5.1).
pub const PAGE: (f32, f32) = (210.0, 297.0);
/// Type area 版心 (clause 5.2.1): top margin 37, binding margin 28, 156 × 225.
pub const TOP: f32 = 37.0;
/// Left margin 订口 of an upright page (clause 5.2.2).
pub const LEFT: f32 = 28.0;
/// Width of the type area 版心 (clause 5.2.2).
pub const WIDTH: f32 = 156.0;
/// Height of the type area 版心 (clause 5.2.2).
pub const HEIGHT: f32 = 225.0;
/// 22 lines of 28 characters (clause 5.2.3).
pub const LINE: f32 = HEIGHT / 22.0;
/// Width of a character in a line of 28 (clause 5.2.3).
pub const CELL: f32 = WIDTH / 28.0;

/// 二号, in points.
pub const SIZE_2: f32 = 22.0;
/// 三号, in points.
pub const SIZE_3: f32 = 16.0;
/// 四号, in points.
pub const SIZE_4: f32 = 14.0;
/// 小四, in points.
pub const SIZE_SMALL_4: f32 = 12.0;
/// 五号, in points.
pub const SIZE_5: f32 = 10.5;
/// 小五, the smallest type on a page.
pub const SIZE_SMALL_5: f32 = 9.0;

/// Millimetres of a point.
pub const MM_PER_PT: f32 = 25.4 / 72.0;

/// What an item is printed in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colour {
    /// Everything else.
    Black,
    /// 发文机关标志 and its rule.
    Red,
    /// A shade of grey, 0 black to 1 white.
    Grey(f32),
}

/// Something at its place; `y` runs from the top edge of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum PageItem {
    /// Glyphs with `x` from the left edge of the page.
    Text {
        /// From the top edge of the page.
        baseline: f32,
        /// Points.
        size: f32,
        /// Character, glyph and left edge of its advance.
        glyphs: Vec<(char, Glyph, f32)>,
        /// Of all glyphs.
        colour: Colour,
    },
    /// A straight stroke.
    Line {
        /// One end, from the left and the top edge.
        from: (f32, f32),
        /// The other end.
        to: (f32, f32),
        /// Thickness.
        width: f32,
        /// Of the stroke.
        colour: Colour,
        /// Lengths of dash and gap, as PDF takes them; `None` = solid.
        dash: Option<(i64, i64)>,
    },
    /// A filled rectangle.
    Fill {
        /// Left edge.
        x: f32,
        /// Upper edge.
        y: f32,
        /// To the right.
        width: f32,
        /// Downwards.
        height: f32,
        /// Of the area.
        colour: Colour,
    },
}

/// One sheet, A4 upright. A turned page is the same sheet with its contents a quarter turn to the left:
/// the head of its table then is at the binding edge of an odd page and at the fore-edge of an even
/// one (clause 8).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Width and height in mm as the page is read: a page that is wider than high is a turned sheet.
    pub width: f32,
    /// Height in mm as the page is read.
    pub height: f32,
    /// Placed as the page is read: on a turned page `x` runs along the sheet's long edge.
    pub items: Vec<PageItem>,
    /// Which element the items are of; those outside it are decoration.
    pub marks: Vec<Mark>,
    /// Placed on the upright sheet whether the page is turned or not: the page number.
    pub outside: Vec<PageItem>,
}

impl Page {
    /// The items to come are of this element.
    pub fn mark(&mut self, element: Option<usize>) {
        if self.marks.last().and_then(|(_, of)| *of) != element {
            self.marks.push((self.items.len(), element));
        }
    }
}

/// An entry of the outline: level from 0, title, page from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// 0 = outermost.
    pub level: u8,
    /// As the heading is printed.
    pub title: String,
    /// Position in [`Pages::pages`].
    pub page: usize,
}

/// A whole set document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pages {
    /// Every page, blank ones included.
    pub pages: Vec<Page>,
    /// In reading order.
    pub bookmarks: Vec<Bookmark>,
    /// Of each attachment, whether it stands on turned pages: as asked for, or because a table of it needs them.
    pub turned: Vec<bool>,
    /// The tables in their order, as they were fitted: other writers of the document take the same columns.
    pub tables: Vec<TableForm>,
    /// Where 版记 stands.
    pub imprint: Imprint,
    /// In reading order.
    pub elements: Vec<StructureElement>,
}

/// Where 版记 stands: on the page that the text ends on, on the next one, or after a blank page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Imprint {
    /// On the page that the text ends on.
    #[default]
    BelowText,
    /// On the next page, which is even.
    NextPage,
    /// On an even page after a blank one; neither is numbered.
    Alone,
}

/// The measures that a table was set with.
#[derive(Debug, Clone, PartialEq)]
pub struct TableForm {
    /// Points.
    pub size: f32,
    /// From one line of a cell to the next, and the blank above and below its lines together, in mm.
    pub pitch: f32,
    /// Blank above and below the lines of a cell together, in mm.
    pub blank: f32,
    /// Width of each column and of its widest text, in mm.
    pub columns: Vec<(f32, f32)>,
    /// Blank on each side of a cell's text, in mm.
    pub padding: f32,
    /// Whether it is kept whole: a small table is not divided over pages.
    pub is_whole: bool,
}

/// The area that is filled with text on one kind of page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Width and height of the page as it is read.
    pub page: (f32, f32),
    /// From the left edge of the page.
    pub left: f32,
    /// From the top edge of the page.
    pub top: f32,
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

/// The upright page.
pub const UPRIGHT: Area = Area { page: PAGE, left: LEFT, top: TOP, width: WIDTH, height: HEIGHT };
/// The turned page: the same type area on its side.
pub const TURNED: Area =
    Area { page: (PAGE.1, PAGE.0), left: PAGE.1 - TOP - HEIGHT, top: LEFT, width: HEIGHT, height: WIDTH };

impl Area {
    /// Whether the sheet is turned to be read.
    pub fn is_turned(self) -> bool {
        self.page.0 > self.page.1
    }
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    /// Which typeface.
    pub role: TypeRole,
    /// Points.
    pub size: f32,
    /// Of the glyphs.
    pub colour: Colour,
}

impl Type {
    /// Black text.
    pub fn new(role: TypeRole, size: f32) -> Type {
        Type { role, size, colour: Colour::Black }
    }

    /// Width of a full-width character in mm; the text of the page keeps to its grid of 28 cells.
    pub fn em(self) -> f32 {
        if self.size == SIZE_3 { CELL } else { self.size * MM_PER_PT }
    }

    /// The characters of a text in this typeface.
    pub fn chars(self, text: &str) -> Vec<Char> {
        text.chars().map(|c| Char { c, role: self.role }).collect()
    }
}

/// A paragraph with all that decides its lines and where they may be parted.
pub struct SetParagraph<'a> {
    /// The whole text, without line breaks.
    pub chars: Vec<Char>,
    /// How it looks.
    pub style: Type,
    /// Blank before the first line and before the others, in characters.
    pub indent: (f32, f32),
    /// Height in mm of what must stand on the same page as the last line.
    pub keep: f32,
    /// Names the paragraph should a glyph be missing.
    pub place: &'a str,
}

/// Pages as they are filled, from top to bottom.
pub struct Canvas<'a> {
    /// Glyphs and their widths.
    pub metrics: &'a dyn Metrics,
    /// All pages so far; the last one is being filled.
    pub out: Pages,
    /// Where text goes on this page.
    pub area: Area,
    /// Where the next line begins, in mm from the top edge of the page.
    pub y: f32,
    /// Where the line grid of this page begins.
    pub grid: f32,
    /// The heading or attachment that is being set, for messages.
    pub section: String,
    /// 附件 that is being set, as its first line has it; blank in the text.
    pub label: String,
    /// The element that is being set, by its place in the list.
    pub element: Option<usize>,
    /// What the page prints around the text.
    pub words: &'static crate::report::words::PageWords,
    /// 版记 of the document, once its attachments are set.
    pub foot: Option<Closing>,
    /// The same, while the last block before it is set.
    pub closing: Option<Closing>,
    /// Whether tables take little room from the start: a unit's page or a summary is for one sheet of paper.
    pub is_compact: bool,
}

/// What closes the document after its last block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closing {
    /// In mm.
    pub height: f32,
    /// Whether it stands on an even page.
    pub on_even: bool,
}

impl Closing {
    /// How many pages the document has when its last block ends on page `page`, with so much room left.
    pub fn pages(self, page: usize, room: f32) -> usize {
        let is_free = room > self.height + LINE / 2.0;
        match (self.on_even, page.is_multiple_of(2)) {
            (false, _) | (true, true) if is_free => page,
            (false, _) | (true, false) => page + 1,
            (true, true) => page + 2,
        }
    }
}

impl<'a> Canvas<'a> {
    /// An empty document with its first page.
    pub fn new(metrics: &'a dyn Metrics) -> Canvas<'a> {
        let out = Pages::default();
        let mut canvas = Canvas {
            metrics,
            out,
            area: UPRIGHT,
            y: TOP,
            grid: TOP,
            section: "head".to_owned(),
            label: String::new(),
            element: None,
            words: Default::default(),
            foot: None,
            closing: None,
            is_compact: false,
        };
        canvas.new_page(UPRIGHT);
        canvas
    }

    /// A canvas for measuring what would stand `height` mm further down on this page.
    pub fn ahead(&self, height: f32) -> Canvas<'a> {
        Canvas {
            out: Pages { pages: vec![Page::default(); self.out.pages.len()], ..Pages::default() },
            section: self.section.clone(),
            label: self.label.clone(),
            y: self.y + height,
            ..*self
        }
    }

    /// Begins a page whose text goes into this area.
    pub fn new_page(&mut self, area: Area) {
        let (width, height) = area.page;
        self.out.pages.push(Page { width, height, ..Page::default() });
        self.area = area;
        self.y = area.top;
        self.grid = area.top;
    }

    /// The lower edge of the type area.
    pub fn bottom(&self) -> f32 {
        self.area.top + self.area.height
    }

    /// Height that is left on the page, in mm.
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

    /// Moves down to the next line of the grid, so that text stands on it again after a table or a
    /// chart (clause 5.2.3).
    pub fn to_grid(&mut self) {
        self.y = self.grid + ((self.y - self.grid) / LINE - 0.01).ceil() * LINE;
    }

    /// Places an item on the page that is being filled, as part of the element that is being set.
    pub fn push(&mut self, item: PageItem) {
        let element = self.element;
        if let Some(page) = self.out.pages.last_mut() {
            page.mark(element);
            page.items.push(item);
        }
    }

    /// Begins an element within the one that is being set; ended by [`Canvas::end`].
    pub fn begin(&mut self, tag: Tag) {
        self.out.elements.push(StructureElement { tag, parent: self.element, alternative: None });
        self.element = Some(self.out.elements.len() - 1);
    }

    /// A picture, with what is said instead of it.
    pub fn begin_figure(&mut self, alternative: String) {
        self.begin(Tag::Figure);
        if let Some(figure) = self.out.elements.last_mut() {
            figure.alternative = Some(alternative);
        }
    }

    /// Ends the innermost element.
    pub fn end(&mut self) {
        self.element = self.element.and_then(|element| self.out.elements[element].parent);
    }

    /// Adds an entry that leads to the page that is being filled.
    pub fn bookmark(&mut self, level: u8, title: &str) {
        let page = self.out.pages.len() - 1;
        self.section = title.to_owned();
        self.out.bookmarks.push(Bookmark { level, title: title.to_owned(), page });
    }

    /// Puts a set line at `x`, its characters centred in a band of `height` that begins at `y`.
    pub fn put(&mut self, line: &SetLine, x: f32, y: f32, height: f32, style: Type) {
        self.push(text_item(line, x, centred(y, height, style.size), style));
    }

    /// Sets text on one line or more, aligned within a width, in bands that begin at `y`.
    pub fn text(
        &mut self,
        text: &str,
        style: Type,
        (x, width): (f32, f32),
        (y, height): (f32, f32),
        alignment: Alignment,
    ) -> Result<(), MissingGlyph> {
        let setting = Setting::flush(style.em(), width, alignment);
        let place = || format!("{}, \"{text}\"", self.section);
        let lines = set(&style.chars(text), setting, self.metrics, text).map_err(|lack| lack.at(place()))?;
        for (i, line) in lines.iter().enumerate() {
            self.put(line, x, y + i as f32 * height, height, style);
        }
        Ok(())
    }

    /// How running text is aligned. Without hyphenation, letters would leave rivers of white in justified lines.
    pub fn running(&self) -> Alignment {
        if self.words.is_alphabetic { Alignment::Ragged } else { Alignment::Justified }
    }

    /// The lines of a paragraph.
    pub fn lines(&self, paragraph: &SetParagraph) -> Result<Vec<SetLine>, MissingGlyph> {
        let SetParagraph { chars, style, indent, place, .. } = paragraph;
        let setting = Setting {
            em: style.em(),
            measure: self.area.width,
            indent: indent.0 * style.em(),
            alignment: self.running(),
        };
        let place = |lack: MissingGlyph| lack.at(format!("{}, {place}", self.section));
        set_hanging(chars, setting, indent.1 * style.em(), self.metrics, "").map_err(place)
    }

    /// Sets a paragraph on the line grid, over pages as needed. Neither its first nor its last line
    /// stands alone on a page.
    pub fn paragraph(&mut self, paragraph: SetParagraph) -> Result<(), MissingGlyph> {
        let SetParagraph { style, keep, .. } = paragraph;
        let lines = self.lines(&paragraph)?;
        let mut rest = lines.as_slice();
        self.to_grid();
        while !rest.is_empty() {
            let here = rest.split_at(self.lines_here(rest.len(), keep));
            for line in here.0 {
                self.put(line, self.area.left, self.y, LINE, style);
                self.y += LINE;
            }
            rest = here.1;
            if !rest.is_empty() {
                self.new_page(self.area);
            }
        }
        Ok(())
    }

    /// How many of a paragraph's lines go on this page.
    fn lines_here(&self, lines: usize, keep: f32) -> usize {
        let fitting = ((self.room() + 0.01) / LINE).max(0.0) as usize;
        let with_rest = ((self.room() - keep + 0.01) / LINE).max(0.0) as usize;
        if lines <= with_rest || self.at_top() && lines <= 3 {
            return lines;
        }
        let most = fitting.min(lines.saturating_sub(2));
        match (self.at_top(), most) {
            (true, _) => most.max(1),
            (false, 0 | 1) => 0,
            (false, _) => most,
        }
    }

    /// A horizontal rule over a width.
    pub fn rule(&mut self, x: f32, y: f32, length: f32, width: f32, colour: Colour) {
        self.push(PageItem::Line { from: (x, y), to: (x + length, y), width, colour, dash: None });
    }
}

/// The baseline of characters centred in a band: the em box of Chinese type reaches 0.88 above and
/// 0.12 below it.
pub fn centred(y: f32, height: f32, size: f32) -> f32 {
    y + height / 2.0 + 0.38 * size * MM_PER_PT
}

/// A set line that begins at `x`.
pub fn text_item(line: &SetLine, x: f32, baseline: f32, style: Type) -> PageItem {
    let glyphs = line.glyphs.iter().map(|placed| (placed.c, placed.glyph, x + placed.x)).collect();
    PageItem::Text { baseline, size: style.size, glyphs, colour: style.colour }
}
