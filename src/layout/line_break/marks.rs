//! What may stand where: the marks of GB/T 15834-2011, and the runs that are never divided.

/// Marks that must not begin a line.
pub const NOT_FIRST: &str = "。，、；：？！”’）〕】》〉」』·－～/%‰℃,.;:?!)]}％—…";
/// Marks that must not end a line.
pub const NOT_LAST: &str = "“‘（〔【《〈「『№￥([{";
/// Marks whose right half is blank.
pub const CLOSING: &str = "。，、；：？！”’）〕】》〉」』";
/// Marks whose left half is blank.
pub const OPENING: &str = "“‘（〔【《〈「『";
/// Words for what is counted: they stay with their number.
const COUNTED: &str = "年月日时分秒个条人户名位岁元项期号轮次第周页份千万亿";

/// Whether a line may end after `a` when `b` follows.
pub fn may_break(a: char, b: char) -> bool {
    if NOT_FIRST.contains(b) || NOT_LAST.contains(a) || b == '〔' || b == ' ' {
        return false;
    }
    let word = |c: char| c.is_ascii_alphanumeric() || "./%-+:_@#&=".contains(c);
    let number = |c: char| c.is_ascii_digit() || c == '%' || c == '.';
    if word(a) && word(b) {
        return false;
    }
    // A number stays with what it counts, with 第 before it and with the year in 〔2016〕.
    !(number(a) && COUNTED.contains(b) || (a == '第' || a == '〕') && b.is_ascii_digit())
}

/// Whether an undividable run may be divided here if there is no other way: never so that a line
/// begins or ends with a forbidden mark.
pub fn may_force(a: char, b: char) -> bool {
    !NOT_FIRST.contains(b) && !NOT_LAST.contains(a)
}

/// Characters that take a cell of the grid.
pub fn is_full_width(c: char) -> bool {
    matches!(u32::from(c),
        0x2014 | 0x2018..=0x201D | 0x2026 | 0x00B7 | 0x2103 | 0x2116 | 0x2160..=0x216B | 0x2190..=0x2193
        | 0x25A0..=0x25FF | 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F
        | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFF)
}

/// Letters and digits of narrow width, which stand a little apart from Chinese characters.
pub fn is_latin(c: char) -> bool {
    c.is_alphanumeric() && !is_full_width(c) || c == '%' || c == '‰'
}

/// Chinese characters, marks not among them.
pub fn is_han(c: char) -> bool {
    is_full_width(c) && c.is_alphabetic()
}

/// A mark whose blank half can be taken out.
pub fn has_blank_half(c: char) -> bool {
    CLOSING.contains(c) || OPENING.contains(c)
}
