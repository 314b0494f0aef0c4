//! Words for nothing: what people, spreadsheets and databases write where there is no value.

use super::field::Field;
use super::text::{is_blank_char, trim};

/// What programs write: databases, their exports, spreadsheets whose formula failed, Python and R.
pub const OF_PROGRAMS: [&str; 31] = [
    "NULL",
    "(NULL)",
    "<NULL>",
    "[NULL]",
    "{NULL}",
    "\\N",
    "nil",
    "none",
    "undefined",
    "NaN",
    "NaT",
    "<NA>",
    "NA",
    "N/A",
    "#N/A",
    "#NULL!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#DIV/0!",
    "(空)",
    "(blank)",
    "N.A.",
    "TBD",
    "unknown",
    "&nbsp;",
    "#REF",
    "#SPILL!",
    "ＮＵＬＬ",
    "Ｎ／Ａ",
];

/// What people in offices write.
pub const OF_OFFICES: [&str; 52] = [
    "无",
    "不详",
    "未知",
    "未说明",
    "空",
    "暂无",
    "待补",
    "待补充",
    "待核实",
    "待核",
    "待核查",
    "待查",
    "待查实",
    "待定",
    "待完善",
    "待采集",
    "待录入",
    "待填",
    "未填",
    "未填写",
    "未录入",
    "未登记",
    "未采集",
    "未提供",
    "未核实",
    "不明",
    "不清楚",
    "不知道",
    "不祥",
    "空白",
    "没有",
    "缺",
    "缺失",
    "（空）",
    "無",
    "无数据",
    "空值",
    "暂缺",
    "没填",
    "漏填",
    "未查明",
    "未掌握",
    "未采",
    "待采",
    "待登记",
    "待确认",
    "查无",
    "拒绝提供",
    "无。",
    "不详。",
    "無資料",
    "没有填",
];

/// Marks that say nothing where a value consists of nothing else: `-`, `----`, `？？`, `/`, `***`.
pub const MARKS: &str = "!\"#$%&'()*+,-./:;<=>?@\\^_`{|}~[]\
     ！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠＼＾＿｀｛｜｝～［］\
     、。〃《》「」『』【】〔〕—–―‐…·‘’“”￥※□○";

/// Codes that mean "not stated" in a field. A code that stands for something there is none: 9 is 布依族
/// where the zero of 09 was lost, 90 is 其他 among the kinds of household registration.
fn codes(field: Field) -> &'static [&'static str] {
    match field {
        Field::Ethnicity => &["0", "00", "90", "99"],
        Field::HukouType => &["0", "00"],
        _ => &["0", "00", "9", "90", "99"],
    }
}

/// The values of a field that count as not filled, unless the configuration has a list of its own.
pub fn placeholders(field: Field) -> Vec<&'static str> {
    OF_OFFICES.into_iter().chain(OF_PROGRAMS).chain(codes(field).iter().copied()).collect()
}

/// Whether a trimmed value of no field in particular (a time, a unit) is a word for nothing.
pub fn is_word_for_nothing(trimmed: &[u8]) -> bool {
    let is_word = |text: &[u8]| {
        OF_PROGRAMS.iter().chain(&OF_OFFICES).any(|word| word.as_bytes().eq_ignore_ascii_case(text))
    };
    is_marks_alone(trimmed)
        || is_word(trimmed)
        || within_marks(trimmed).is_some_and(|text| text.is_empty() || is_word(text))
}

/// Whether a trimmed value is made of marks alone.
pub fn is_marks_alone(trimmed: &[u8]) -> bool {
    begins_with_mark(trimmed)
        && std::str::from_utf8(trimmed).is_ok_and(|text| text.chars().all(|c| MARKS.contains(c)))
}

/// What stands between the marks of a trimmed value that begins with one: the 无 of `'无`, `="无"` and `（无）`. With
/// such marks spreadsheets and people keep a value what it is, so that a word for nothing stays one. Empty where
/// nothing is left; `None` where the value begins with no mark.
#[inline]
pub fn within_marks(trimmed: &[u8]) -> Option<&[u8]> {
    if !begins_with_mark(trimmed) {
        return None;
    }
    let text = std::str::from_utf8(trimmed).ok()?;
    Some(text.trim_matches(|c| MARKS.contains(c) || is_blank_char(c)).as_bytes())
}

/// Nearly all values begin with a digit, a letter or a Chinese character, and are looked at no further.
#[inline]
fn begins_with_mark(trimmed: &[u8]) -> bool {
    match trimmed.first() {
        None | Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0xE4..=0xE9) => false,
        Some(_) => std::str::from_utf8(trimmed)
            .is_ok_and(|text| text.chars().next().is_some_and(|first| MARKS.contains(first))),
    }
}

/// What people write so that a cell is not empty, and what may mean something in a list of their own.
const FILLERS: [&str; 12] =
    ["同上", "同前", "同左", "略", "省略", "测试", "test", "某某", "无名", "无名氏", "见附件", "见备注"];

/// Whether a text that counts as filled can be no person's name or address: it repeats one character, or is a known word
/// of those who had none.
pub fn is_filler(text: &str) -> bool {
    let mut characters = text.chars();
    let repeats = characters
        .next()
        .is_some_and(|first| text.len() > first.len_utf8() && characters.all(|c| c == first));
    repeats && text.is_ascii() || FILLERS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a value is blank, or a word for nothing.
pub fn is_nothing(value: &[u8]) -> bool {
    let trimmed = trim(value);
    trimmed.is_empty() || is_word_for_nothing(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_words_say_nothing() {
        for text in [
            "-",
            "----",
            "？？",
            "——",
            "/",
            "***",
            "…",
            "(null)",
            "NaN",
            "\\N",
            "#N/A",
            "待核实",
            " 未填 ",
            "无。",
        ] {
            assert!(is_nothing(text.as_bytes()), "{text}");
        }
        for text in ["'无", "=\"无\"", "（无）", "‘待核实’", "-无-", "'N/A", "' 无 '", "(#N/A)", "- -"]
        {
            assert!(is_nothing(text.as_bytes()), "{text}");
        }
        for text in ["-1", "A-1", "张*", "荔湖村", "0", "(1)", "待业", "'荔湖村", "（无名）"] {
            assert!(!is_nothing(text.as_bytes()), "{text}");
        }
        assert!(!MARKS.contains(char::is_alphanumeric));
    }

    #[test]
    fn a_code_that_stands_for_something_is_filled() {
        let is_blank = |field, code| placeholders(field).contains(&code);
        assert!(is_blank(Field::Sex, "9") && is_blank(Field::MaritalStatus, "90"));
        assert!(!is_blank(Field::Ethnicity, "9") && !is_blank(Field::HukouType, "90"));
    }
}
