//! Rows among records that are none: totals, repeated headings and the feet of forms, as exports have them and
//! as they reach databases with a bulk load.

use super::text::{is_trimmed_char, lossy};

/// Digits that no cell of a total has, but every ID number.
pub const ID_DIGITS: usize = 14;
/// Longest text that begins with a word for a total, and that ends with one after the name of a unit.
pub const LONGEST_TOTAL: usize = 12;
/// Longest text that ends with a word for a total, after the name of a unit (`荔城村合计`), in characters.
pub const LONGEST_NAMED_TOTAL: usize = 24;
/// Words for a total.
pub const TOTALS: [&str; 5] = ["合计", "小计", "总计", "共计", "累计"];
/// What is counted in `共21人`.
pub const COUNTED: [char; 4] = ['人', '户', '条', '名'];
/// Opening brackets after which a total is explained.
pub const BRACKETS: [char; 2] = ['(', '（'];
/// Colons that may follow a word for a total.
pub const COLONS: [char; 2] = [':', '：'];
/// Headings that a column of names repeats on every page.
pub const NAME_HEADINGS: [&str; 2] = ["姓名", "*姓名"];

/// Beginnings of a row that nothing but the foot of a form has.
pub const SIGNATURES: [&str; 26] = [
    "填表人",
    "制表人",
    "填报人",
    "审核人",
    "复核人",
    "经办人",
    "统计人",
    "填表日期",
    "填报日期",
    "制表日期",
    "填表时间",
    "填报时间",
    "制表时间",
    "打印时间",
    "打印日期",
    "填报单位",
    "制表单位",
    "填表单位",
    "单位负责人",
    "导出人",
    "导出时间",
    "导出日期",
    "查询人",
    "查询时间",
    "生成时间",
    "统计时间",
];

/// Whether a row of a table is no record: it has no ID number, and a unit or field says that it is a total, or the
/// name that it is a heading or the foot of a form.
pub fn is_no_record<'a>(
    id_number: &[u8],
    name: &[u8],
    unit_and_fields: impl IntoIterator<Item = &'a [u8]>,
) -> bool {
    if is_id_like(id_number) {
        return false;
    }
    let name = squeezed(name);
    NAME_HEADINGS.contains(&name.as_str())
        || SIGNATURES.iter().any(|word| name.starts_with(word))
        || unit_and_fields.into_iter().any(is_total_value)
}

/// Whether an entry of a list of units, persons or head counts is a total.
pub fn is_no_entry<'a>(id_number: &[u8], names: impl IntoIterator<Item = &'a [u8]>) -> bool {
    !is_id_like(id_number) && names.into_iter().any(is_total_value)
}

/// Whether a value has as many digits as only ID numbers have.
pub fn is_id_like(value: &[u8]) -> bool {
    value.iter().filter(|byte| byte.is_ascii_digit()).count() >= ID_DIGITS
}

fn is_total_value(value: &[u8]) -> bool {
    // Codes, dates and numbers are most values, and every word for a total is Chinese.
    !value.is_ascii() && is_total(&squeezed(value))
}

/// The text without its blanks and the marks of its cell.
fn squeezed(value: &[u8]) -> String {
    lossy(value).chars().filter(|c| !is_trimmed_char(*c)).collect()
}

/// Whether a text without blanks is a total: `合计`, `荔湖村小计`, `总计：`, `本页合计（人）`, `共21人`.
pub fn is_total(text: &str) -> bool {
    let text = text.trim_end_matches(COLONS);
    let counted = text.strip_prefix('共').and_then(|rest| rest.strip_suffix(COUNTED));
    let is_counted = counted.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let bare = text.split(BRACKETS).next().unwrap_or_default().trim_end_matches(COLONS);
    let is_within = |longest: usize| text.chars().count() <= longest;
    let begins = || TOTALS.iter().any(|word| text.starts_with(word)) && is_within(LONGEST_TOTAL);
    let ends = || TOTALS.iter().any(|word| bare.ends_with(word)) && is_within(LONGEST_NAMED_TOTAL);
    is_counted || begins() || ends()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(id_number: &str, name: &str, others: &[&str]) -> bool {
        let values = others.iter().map(|text| text.as_bytes());
        is_no_record(id_number.as_bytes(), name.as_bytes(), values)
    }

    #[test]
    fn totals_headings_and_feet_are_no_records() {
        for (id_number, name, others) in [
            ("", "", ["合计", ""]),
            ("21", "小 计", ["小 计", "荔湖村"]),
            ("", "", ["荔湖村小计", "21人"]),
            ("", "", ["荔城街道荔湖村村民委员会小计：", ""]),
            ("818", "", ["本页合计（人）：", ""]),
            ("", "", ["共21人", ""]),
            ("身份证号", "姓名", ["姓名", "村居"]),
            ("", "填表人：张三", ["填表人：张三", ""]),
        ] {
            assert!(judged(id_number, name, &others), "{name} {others:?}");
        }
    }

    #[test]
    fn poor_records_stay() {
        for (id_number, name, others) in [
            ("440118199001010013", "王小计", ["王小计", "荔湖村"]),
            ("440118199001010013", "", ["合计", ""]),
            ("", "张三", ["张三", "荔湖村"]),
            ("", "", ["", ""]),
            ("4401181990", "", ["荔湖村", "累计大厦荔湖路中一百二十三号附楼"]),
        ] {
            assert!(!judged(id_number, name, &others), "{name} {others:?}");
        }
    }
}
