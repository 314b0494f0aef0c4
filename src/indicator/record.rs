//! What the values of one record mean: the reading that every indicator shares.

use jiff::civil::Date;

use crate::register::date::parse_date;
use crate::register::id_number::{self, CitizenId, Reading, Sex};

/// A value as far as it can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<T> {
    /// Not filled: NULL, blank or a placeholder.
    Missing,
    /// Filled, but not a value of its kind.
    Invalid,
    Known(T),
}

impl<T: Copy> Value<T> {
    /// The value, if it is one.
    pub fn known(self) -> Option<T> {
        match self {
            Value::Known(value) => Some(value),
            Value::Missing | Value::Invalid => None,
        }
    }

    /// Reads a filled text with `read`.
    pub fn of(filled: Option<&str>, read: impl FnOnce(&str) -> Option<T>) -> Value<T> {
        match filled {
            None => Value::Missing,
            Some(text) => read(text.trim()).map_or(Value::Invalid, Value::Known),
        }
    }
}

/// Marital status as far as the relation with age needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marital {
    NeverMarried,
    /// Married, divorced or widowed.
    EverMarried,
}

/// Reads a sex: 男 女, GB/T 2261.1 codes 1 and 2, or the English words.
pub fn sex(text: &str) -> Option<Sex> {
    match text {
        "男" | "男性" | "1" | "１" | "M" | "m" => Some(Sex::Male),
        "女" | "女性" | "2" | "２" | "F" | "f" => Some(Sex::Female),
        _ if text.eq_ignore_ascii_case("male") => Some(Sex::Male),
        _ if text.eq_ignore_ascii_case("female") => Some(Sex::Female),
        _ => None,
    }
}

/// Reads a marital status: GB/T 2261.2 codes and the usual words.
pub fn marital(text: &str) -> Option<Marital> {
    match text {
        "10" | "未婚" => Some(Marital::NeverMarried),
        "20" | "21" | "22" | "23" | "30" | "40" => Some(Marital::EverMarried),
        "已婚" | "初婚" | "再婚" | "复婚" | "有配偶" => Some(Marital::EverMarried),
        "丧偶" | "离婚" | "离异" | "离婚未再婚" => Some(Marital::EverMarried),
        _ => None,
    }
}

/// Whether the text names one of the 55 minorities of GB/T 3304, by name or code.
pub fn is_minority(text: &str) -> bool {
    const MINORITIES: [&str; 55] = [
        "蒙古",
        "回",
        "藏",
        "维吾尔",
        "苗",
        "彝",
        "壮",
        "布依",
        "朝鲜",
        "满",
        "侗",
        "瑶",
        "白",
        "土家",
        "哈尼",
        "哈萨克",
        "傣",
        "黎",
        "傈僳",
        "佤",
        "畲",
        "高山",
        "拉祜",
        "水",
        "东乡",
        "纳西",
        "景颇",
        "柯尔克孜",
        "土",
        "达斡尔",
        "仫佬",
        "羌",
        "布朗",
        "撒拉",
        "毛南",
        "仡佬",
        "锡伯",
        "阿昌",
        "普米",
        "塔吉克",
        "怒",
        "乌孜别克",
        "俄罗斯",
        "鄂温克",
        "德昂",
        "保安",
        "裕固",
        "京",
        "塔塔尔",
        "独龙",
        "鄂伦春",
        "赫哲",
        "门巴",
        "珞巴",
        "基诺",
    ];
    // Nearly every record says 汉, so that answer comes first.
    if matches!(text, "汉族" | "汉" | "01" | "1") {
        return false;
    }
    if let Ok(code) = text.parse::<u8>() {
        return (2..=56).contains(&code);
    }
    let name = text.strip_suffix('族').unwrap_or(text);
    MINORITIES.contains(&name)
}

/// Whole years of age on `day`; a birthday on 29 February is reached on 1 March.
pub fn age(birth: Date, day: Date) -> i16 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    day.year() - birth.year() - i16::from(before_birthday)
}

/// The ID number of a record. `normalized` is blank where nothing is filled.
pub fn id_reading(normalized: &str, document_type: Option<&str>) -> Value<Reading> {
    if normalized.is_empty() {
        return Value::Missing;
    }
    let citizen = document_type.and_then(id_number::is_citizen_document);
    Value::Known(id_number::read(normalized, citizen))
}

/// The well-formed number of a record, if it has one.
pub fn well_formed(id: Value<Reading>) -> Option<CitizenId> {
    match id {
        Value::Known(Reading::WellFormed(id)) => Some(id),
        _ => None,
    }
}

/// The birth date of a record as filled.
pub fn birth_date(filled: Option<&str>) -> Value<Date> {
    Value::of(filled, parse_date)
}

/// Whether marital status applies: not under age 15 at the cut-off. The birth date field decides,
/// then the date inside the ID number; a person whose age is unknown is not excused.
pub fn marital_applies(birth: Value<Date>, id: Value<Reading>, cut_off: Date) -> bool {
    let known = birth.known().or_else(|| well_formed(id)?.birth_date());
    known.is_none_or(|birth| age(birth, cut_off) >= 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn age_turns_on_the_birthday() {
        assert_eq!(age(date(2001, 6, 12), date(2016, 6, 11)), 14);
        assert_eq!(age(date(2001, 6, 12), date(2016, 6, 12)), 15);
        assert_eq!(age(date(2000, 2, 29), date(2015, 2, 28)), 14);
        assert_eq!(age(date(2000, 2, 29), date(2015, 3, 1)), 15);
    }

    #[test]
    fn minorities_are_known_by_name_and_code() {
        for text in ["壮", "壮族", "08", "8", "56", "基诺族"] {
            assert!(is_minority(text), "{text}");
        }
        for text in ["汉", "汉族", "01", "97", "其他", "x", ""] {
            assert!(!is_minority(text), "{text}");
        }
    }
}
