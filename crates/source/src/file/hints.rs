//! What a form says of how it is filled in, in rows among the records: an example, which fields must be filled, the
//! numbers of the columns.

use tongbao_register::no_record::{BRACKETS, COLONS};

/// Words that stand before an example, where its number would be, or beside its name in brackets.
const EXAMPLES: [&str; 11] =
    ["例", "示例", "样例", "范例", "举例", "例子", "示范", "填写示例", "填报示例", "填表示例", "填写样例"];
/// What a column asks for.
const HINTS: [&str; 15] = [
    "必填",
    "选填",
    "非必填",
    "必填项",
    "选填项",
    "非必填项",
    "可选",
    "可不填",
    "可为空",
    "自动生成",
    "系统生成",
    "无需填写",
    "不用填写",
    "下拉选择",
    "文本格式",
];
/// Such cells in one row: a single one may be a value.
const FEWEST_HINTS: usize = 2;
/// Fewer numbers in a row may be values of a record.
const FEWEST_NUMBERS: usize = 4;
/// The columns of a statistical form before those that are numbered.
const STEMS: &str = "甲乙丙丁戊己庚辛壬癸";
const CLOSING: [char; 2] = [')', '）'];

/// Whether the first cell of a row, or the name in it, says that it is an example, without blanks: `例`, `示例1`, `例：张三`,
/// `张三（示例）`.
pub(crate) fn is_example(text: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_digit() || BRACKETS.contains(&c) || CLOSING.contains(&c);
    let bare = text.trim_matches(|c| is_mark(c) || COLONS.contains(&c));
    let is_word = |word: &str| EXAMPLES.contains(&word);
    let is_numbered = |word: &str| is_word(word.trim_end_matches(|c: char| c.is_ascii_digit()));
    let before = || text.split_once(COLONS).is_some_and(|(word, _)| is_numbered(word));
    let beside = || {
        let inner = text.strip_suffix(CLOSING).and_then(|text| text.rsplit_once(BRACKETS));
        inner.is_some_and(|(_, word)| is_word(word))
    };
    is_word(bare) || before() || beside()
}

/// Whether the filled cells of a row say of the columns what must be filled, or number them.
pub(crate) fn is_hint(words: &[String]) -> bool {
    let hints = words.iter().filter(|word| HINTS.contains(&word.as_str())).count();
    hints >= FEWEST_HINTS || numbers_columns(words)
}

/// Whether cells count the columns: `1 2 3 4`, `甲 乙 1 2 3`, `(1) (2) (3) (4)`.
fn numbers_columns(words: &[String]) -> bool {
    let mut stems = STEMS.chars();
    let is_stem = |word: &&String| stems.next().is_some_and(|stem| **word == stem.to_string());
    let named = words.iter().take_while(is_stem).count();
    let is_number = |(at, word): (usize, &String)| {
        let bare = word.trim_start_matches(BRACKETS).trim_end_matches(CLOSING);
        bare.parse() == Ok(at + 1)
    };
    words.len() >= FEWEST_NUMBERS && words[named..].iter().enumerate().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(words: &[&str]) -> bool {
        is_hint(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn examples_and_hints_are_known() {
        for text in ["例", "示例", "示例1", "（例）", "例：张三", "示例:张三", "张三（示例）", "例1：张三"]
        {
            assert!(is_example(text), "{text}");
        }
        for words in [
            &["必填", "必填", "18位"][..],
            &["1", "2", "3", "4", "5"],
            &["甲", "乙", "1", "2"],
            &["甲", "乙", "丙", "丁", "戊"],
            &["(1)", "（2）", "(3)", "(4)"],
        ] {
            assert!(hint(words), "{words:?}");
        }
    }

    #[test]
    fn what_people_and_houses_are_called_is_no_hint() {
        for text in ["", "1", "张三", "例玉华", "张示例", "张三（户主）", "案例"] {
            assert!(!is_example(text), "{text}");
        }
        for words in
            [&["必填", "张三"][..], &["1", "2", "3"], &["1", "2", "3", "5"], &["2", "3", "4", "5"], &[]]
        {
            assert!(!hint(words), "{words:?}");
        }
    }
}
