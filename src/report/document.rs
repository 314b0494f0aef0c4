//! A document as blocks: what the templates produce and `layout` sets.

use super::chart::Chart;
use super::words::Page;

/// A whole document, ready to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub head: Head,
    /// The body up to the first [`Block::Attachment`], then the attachments.
    pub blocks: Vec<Block>,
}

/// What surrounds the body: head, signature and foot of the official page (GB/T 9704-2012, clause 7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
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
    /// Marked 送审稿 on every page.
    pub draft: bool,
    /// BCP 47 language of the text.
    pub language: String,
    /// What the page prints by itself.
    pub words: &'static Page,
}

/// One block of the body.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Level 1 一、 2 （一） 3 1. 4 （1）; the number is part of the text.
    Heading {
        level: u8,
        text: Vec<Span>,
    },
    Paragraph(Vec<Span>),
    Table(Table),
    Chart(Chart),
    /// Starts 附件 on a new page: label (`附件1`) and title. `turned` sets it on a landscape page.
    Attachment {
        label: String,
        title: String,
        turned: bool,
    },
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

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
    pub caption: Option<String>,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Printed small below the table.
    pub note: Option<String>,
    /// By column, what its rates must reach, where they have a target; may be shorter than `columns`.
    pub targets: Vec<Option<f64>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub head: String,
    pub align: Align,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Center,
    Right,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Sums and averages, set in 黑体.
    pub total: bool,
}

/// A printed value, and the same value as a number for the workbook.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    pub text: String,
    pub number: Option<Number>,
    /// Whether it reaches its target: colours the workbook cell, marks the printed one.
    pub met: Option<bool>,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), number: None, met: None }
    }
}

/// A number as printed: it has exactly the digits of the text, so that all outputs agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Count(u64),
    /// A share with four decimals, 0.8499 for 84.99 %.
    Percent(f64),
    /// A difference of shares in percentage points with two decimals.
    Points(f64),
    /// A score with two decimals.
    Score(f64),
}
