//! A document as blocks: what the templates produce and `layout` sets.

use super::chart::Chart;
use super::words::PageWords;

/// A whole document, ready to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// 版头 and what belongs to it; 版记 as well.
    pub head: PageHead,
    /// The body up to the first [`Block::Attachment`], then the attachments.
    pub blocks: Vec<Block>,
}

/// What surrounds the body: head, signature and foot of the official page (GB/T 9704-2012, clause 7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageHead {
    /// 发文机关标志, e.g. 荔城街道办事处文件, or the name of the 简报.
    pub mark: String,
    /// 简报 head (mark, 第N期, issuer and date on one line) instead of the 公文 head.
    pub brief: bool,
    /// 发文字号 (`荔街〔2016〕52号`) or 期号 (`第3期`). None for a draft: numbers are never invented.
    pub number: Option<String>,
    /// The label of a document that is the annex 附件 of another, `荔街〔2016〕61号附件`: set without issuer
    /// mark, signature and 版记 (GB/T 9704-2012, 7.3.7).
    pub annex: Option<String>,
    /// Title; `\n` marks the places where it may be broken by sense.
    pub title: String,
    /// 主送机关 without the colon.
    pub addressee: Option<String>,
    /// Names of the attachments for 附件说明, in order.
    pub attachments: Vec<String>,
    /// 发文机关署名.
    pub signatory: String,
    /// 成文日期, e.g. `2016年6月13日`.
    pub date: String,
    /// 抄送 without the end mark.
    pub copy_to: Option<String>,
    /// 印发机关 and 印发日期 of 版记; `None` prints no 版记.
    pub printed_by: Option<String>,
    /// 签发人, on the line of the number of an upward report.
    pub signer: Option<String>,
    /// 份号, 密级 and 紧急程度, from the top, at the upper left corner of the type area.
    pub corner: Vec<String>,
    /// 附注, in brackets below the date.
    pub remark: Option<String>,
    /// Further issuers, which sign below the first.
    pub co_issuers: Vec<String>,
    /// Leaves room for a seal over issuer and date.
    pub seal: bool,
    /// Marked 送审稿 on every page.
    pub draft: bool,
    /// BCP 47 language of the text.
    pub language: String,
    /// What the page prints beyond the document.
    pub words: &'static PageWords,
}

/// One block of the body.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Level 1 一、 2 （一） 3 1. 4 （1）; the number is part of the text.
    Heading {
        /// From 1 to 4.
        level: u8,
        /// With its number.
        text: Vec<TextSpan>,
    },
    /// Indented by two characters when it is set.
    Paragraph(Vec<TextSpan>),
    /// With caption and notes.
    Table(Table),
    /// Drawn at the width of the text.
    Chart(Chart),
    /// Starts 附件 on a new page: label (`附件1`) and title. `turned` sets it on a landscape page; a table that is too wide for an
    /// upright one does so without it.
    Attachment {
        /// `附件`, with its number where there are several.
        label: String,
        /// Printed in the third line of its first page.
        title: String,
        /// Whether its pages are wider than high.
        turned: bool,
    },
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSpan {
    /// Without line breaks.
    pub text: String,
    /// How all of it looks.
    pub style: Style,
}

/// A typeface within the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// 仿宋
    #[default]
    Plain,
    /// 黑体
    Strong,
    /// 楷体
    Emphasis,
}

/// A table whose head is repeated on every page it runs over.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Printed above the table.
    pub caption: Option<String>,
    /// From left to right.
    pub columns: Vec<Column>,
    /// Without the head.
    pub rows: Vec<Row>,
    /// Printed small below the table.
    pub note: Option<String>,
    /// The clause of the note that explains the small lines, for outputs that have none.
    pub line_note: Option<String>,
    /// By column, what its rates must reach, where they have a target; may be shorter than `columns`.
    pub targets: Vec<Option<f64>>,
    /// The column of the units' names, where the rows are units.
    pub unit: Option<usize>,
}

impl Table {
    /// The table with the units' codes before their names, for outputs that are looked up by code.
    /// Unchanged where no row has one, or where there is such a column already.
    pub fn with_codes(&self, head: &str) -> Table {
        let Some(at) = self.unit.filter(|_| self.rows.iter().any(|row| row.code.is_some())) else {
            return self.clone();
        };
        if self.columns.iter().any(|column| column.head == head) {
            return self.clone();
        }
        let mut out = self.clone();
        out.unit = Some(at + 1);
        out.columns.insert(at, Column { head: head.to_owned(), align: Align::Left });
        if at < out.targets.len() {
            out.targets.insert(at, None);
        }
        for row in &mut out.rows {
            row.cells.insert(at.min(row.cells.len()), Cell::text(row.code.clone().unwrap_or_default()));
            row.cells.iter_mut().filter_map(|cell| cell.formula.as_mut()).for_each(|f| f.shift(at));
        }
        out
    }
}

/// How a value follows from others of its table, for a workbook. It gives the printed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// The sum of the column above.
    ColumnSum,
    /// A share of two columns, rounded as rates are printed.
    Ratio {
        /// Position of the column.
        numerator: usize,
        /// Position of the column.
        denominator: usize,
        /// What the share must reach, if it has a target.
        target: Option<RatioTarget>,
    },
    /// Columns of the same row, added and taken.
    RowSum {
        /// Positions of columns that are added.
        plus: Vec<usize>,
        /// Positions of columns that are taken away.
        minus: Vec<usize>,
    },
}

/// What a rate must reach, and the most that is printed of one that does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioTarget {
    /// A share of 1.
    pub target: f64,
    /// The largest printed share that is below the target.
    pub most_below: f64,
}

impl Formula {
    /// Moves what it refers to by one column from `at` on.
    fn shift(&mut self, at: usize) {
        let moved = |column: &mut usize| *column += usize::from(*column >= at);
        match self {
            Formula::ColumnSum => {}
            Formula::Ratio { numerator, denominator, .. } => {
                moved(numerator);
                moved(denominator);
            }
            Formula::RowSum { plus, minus } => plus.iter_mut().chain(minus).for_each(moved),
        }
    }
}

/// The head of a column and how its cells lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As printed; U+2028 where a line may end.
    pub head: String,
    /// Of cells and head.
    pub align: Align,
}

/// Where a text is in its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Short words and marks.
    Center,
    /// Numbers, digit below digit.
    Right,
}

/// One line of a table, or several where its texts are long.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// One for each column.
    pub cells: Vec<Cell>,
    /// Sums and averages, set in 黑体.
    pub total: bool,
    /// A unit with others below it: set in 黑体, on the page of the row after it.
    pub leads: bool,
    /// The code of the unit that the row is.
    pub code: Option<String>,
}

/// A printed value, and the same value as a number for the workbook.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// As it is printed.
    pub text: String,
    /// `None` where the text is no number.
    pub number: Option<PrintedNumber>,
    /// Whether it reaches its target: colours the workbook cell, marks the printed one.
    pub met: Option<bool>,
    /// How many steps it is set in below the cell above: the depth of a unit in the tree.
    pub indent: u32,
    /// A small line over the periods instead of text, oldest value first, shares of 1.
    pub course: Vec<Option<f64>>,
    /// How it follows from others of its table.
    pub formula: Option<Formula>,
}

impl Cell {
    /// A cell of text alone.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// The same cell, set in by so many steps.
    pub fn set_in(self, indent: u32) -> Cell {
        Cell { indent, ..self }
    }
}

/// A number as printed: it has exactly the digits of the text, so that all outputs agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PrintedNumber {
    /// A whole number.
    Count(u64),
    /// A share with four decimals, 0.8499 for 84.99 %.
    Percent(f64),
    /// A target as a share of 1, as many decimals as it has.
    Target(f64),
    /// A difference of shares in percentage points with two decimals.
    Points(f64),
    /// A score with two decimals.
    Score(f64),
}
