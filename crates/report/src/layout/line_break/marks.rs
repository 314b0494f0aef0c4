//! What may stand where: the marks of GB/T 15834-2011, and the runs that are never divided.

/// Marks that must not begin a line.
pub fn is_not_first(c: char) -> bool {
    is_closing(c)
        || matches!(c, '·' | '－' | '～' | '/' | '%' | '‰' | '℃' | '％' | '—' | '…')
        || matches!(c, ',' | '.' | ';' | ':' | '?' | '!' | ')' | ']' | '}')
}

/// Marks that must not end a line.
pub fn is_not_last(c: char) -> bool {
    is_opening(c) || matches!(c, '№' | '￥' | '(' | '[' | '{')
}

/// Marks whose right half is blank.
pub fn is_closing(c: char) -> bool {
    matches!(
        c,
        '。' | '，'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '”'
            | '’'
            | '）'
            | '〕'
            | '】'
            | '》'
            | '〉'
            | '」'
            | '』'
    )
}

/// Marks whose left half is blank.
pub fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '（' | '〔' | '【' | '《' | '〈' | '「' | '『')
}

/// Words for what is counted: they stay with their number.
fn is_counted(c: char) -> bool {
    matches!(
        c,
        '年' | '月'
            | '日'
            | '时'
            | '分'
            | '秒'
            | '个'
            | '条'
            | '人'
            | '户'
            | '名'
            | '位'
            | '岁'
            | '元'
            | '项'
            | '期'
            | '号'
            | '轮'
            | '次'
            | '第'
            | '周'
            | '页'
            | '份'
            | '千'
            | '万'
            | '亿'
    )
}

/// What words, numbers and addresses are made of.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '%' | '-' | '+' | ':' | '_' | '@' | '#' | '&' | '=')
}

fn is_straight_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

/// Whether a line may end after `a` when `b` follows.
pub fn may_break(a: char, b: char) -> bool {
    if is_not_first(b) || is_not_last(a) || b == '〔' || b == ' ' || is_word(a) && is_word(b) {
        return false;
    }
    // Which end of a quotation a straight mark is, only the blank outside it tells; one within a word is neither.
    if is_straight_quote(a) || is_straight_quote(b) && a != ' ' {
        return false;
    }
    let ends_number = a.is_ascii_digit() || a == '%' || a == '.';
    // A number stays with what it counts, with 第 before it and with the year in 〔2016〕.
    !(ends_number && is_counted(b) || (a == '第' || a == '〕') && b.is_ascii_digit())
}

/// Whether an undividable run may be divided here if there is no other way: never so that a line
/// begins or ends with a forbidden mark.
pub fn may_force(a: char, b: char) -> bool {
    !is_not_first(b) && !is_not_last(a)
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
    is_closing(c) || is_opening(c)
}
