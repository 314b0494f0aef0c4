//! What the pieces of a page are to a reader who hears it: headings, paragraphs, tables, pictures
//! (ISO 32000-1, 14.8). What is in no element is decoration.

/// A kind of element, named as the standard names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// The title, and headings below it: level from 1.
    Heading(u8),
    /// `P`
    Paragraph,
    /// `Table`
    Table,
    /// `Caption`
    Caption,
    /// `TR`
    Row,
    /// `TH`
    Head,
    /// `TD`
    Cell,
    /// `Figure`, with a text instead of the picture.
    Figure,
}

/// An element of a document, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructureElement {
    /// What it is.
    pub tag: Tag,
    /// The element that holds it, by its place in the list.
    pub parent: Option<usize>,
    /// What is said instead of a picture.
    pub alternative: Option<String>,
}

/// From which item on the items of a page belong to an element, or to none.
pub type Mark = (usize, Option<usize>);
