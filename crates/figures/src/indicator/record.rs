//! What the values of one record mean: the reading that every indicator shares.

use std::ops::RangeInclusive;

use tongbao_register::coded_word::word_beside_code;
use tongbao_register::date::DateNumber;
use tongbao_register::id_number::{self, CitizenId, Reading, Sex};
use tongbao_register::text::trim;

/// A value as far as it can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadValue<T> {
    /// Not filled: NULL, blank or a placeholder.
    Missing,
    /// Filled, but not a value of its kind.
    Invalid,
    /// A value of its kind.
    Known(T),
}

impl<T: Copy> ReadValue<T> {
    /// The value, if it is one.
    pub fn known(self) -> Option<T> {
        match self {
            ReadValue::Known(value) => Some(value),
            ReadValue::Missing | ReadValue::Invalid => None,
        }
    }

    /// Reads a filled, trimmed text with `read`.
    pub fn of(filled: Option<&[u8]>, read: impl FnOnce(&[u8]) -> Option<T>) -> ReadValue<T> {
        match filled {
            None => ReadValue::Missing,
            Some(text) => read(text).map_or(ReadValue::Invalid, ReadValue::Known),
        }
    }
}

/// Marital status as far as the relation with age needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marital {
    /// 未婚
    NeverMarried,
    /// Married, divorced or widowed.
    EverMarried,
}

/// Words for a sex: 男 女, GB/T 2261.1 codes 1 and 2, or the English words. ASCII case is ignored.
pub const SEXES: [(&str, Sex); 12] = [
    ("男", Sex::Male),
    ("女", Sex::Female),
    ("1", Sex::Male),
    ("2", Sex::Female),
    ("男性", Sex::Male),
    ("女性", Sex::Female),
    ("１", Sex::Male),
    ("２", Sex::Female),
    ("M", Sex::Male),
    ("F", Sex::Female),
    ("male", Sex::Male),
    ("female", Sex::Female),
];

/// Words for a marital status: GB/T 2261.2 codes and the usual ones.
pub const MARITALS: [(&str, Marital); 22] = [
    ("20", Marital::EverMarried),
    ("10", Marital::NeverMarried),
    ("已婚", Marital::EverMarried),
    ("未婚", Marital::NeverMarried),
    ("21", Marital::EverMarried),
    ("22", Marital::EverMarried),
    ("23", Marital::EverMarried),
    ("30", Marital::EverMarried),
    ("40", Marital::EverMarried),
    ("初婚", Marital::EverMarried),
    ("再婚", Marital::EverMarried),
    ("复婚", Marital::EverMarried),
    ("有配偶", Marital::EverMarried),
    ("丧偶", Marital::EverMarried),
    ("离婚", Marital::EverMarried),
    ("离异", Marital::EverMarried),
    ("离婚未再婚", Marital::EverMarried),
    ("復婚", Marital::EverMarried),
    ("喪偶", Marital::EverMarried),
    ("離婚", Marital::EverMarried),
    ("離異", Marital::EverMarried),
    ("離婚未再婚", Marital::EverMarried),
];

/// The 55 minorities of GB/T 3304, without 族.
pub const MINORITIES: [&str; 55] = [
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

/// Those of them that are written otherwise in traditional characters.
pub const TRADITIONAL_MINORITIES: [&str; 23] = [
    "維吾爾",
    "壯",
    "佈依",
    "朝鮮",
    "滿",
    "瑤",
    "哈薩克",
    "東鄉",
    "納西",
    "景頗",
    "柯爾克孜",
    "達斡爾",
    "錫伯",
    "烏孜別克",
    "烏茲別克",
    "俄羅斯",
    "鄂溫克",
    "塔塔爾",
    "獨龍",
    "鄂倫春",
    "門巴",
    "基諾",
    "土傢",
];

/// Codes of the minorities in GB/T 3304; 01 is 汉.
pub const MINORITY_CODES: RangeInclusive<u8> = 2..=56;

/// Reads a trimmed sex.
pub fn sex(text: &[u8]) -> Option<Sex> {
    SEXES.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(text)).map(|(_, sex)| *sex)
}

/// Reads a trimmed marital status.
pub fn marital(text: &[u8]) -> Option<Marital> {
    MARITALS.iter().find(|(word, _)| word.as_bytes() == text).map(|(_, marital)| *marital)
}

/// Every way to write a minority, without 族.
pub fn minorities() -> impl Iterator<Item = &'static str> {
    MINORITIES.into_iter().chain(TRADITIONAL_MINORITIES)
}

/// Whether the trimmed text names one of the 55 minorities, by name or code.
pub fn is_minority(text: &[u8]) -> bool {
    // Nearly every record says 汉, so that answer comes first.
    if matches!(text, [0xE6, 0xB1, 0x89, ..] | b"01" | b"1") {
        return false;
    }
    if let Some(code) = std::str::from_utf8(text).ok().and_then(|text| text.parse::<u8>().ok()) {
        return MINORITY_CODES.contains(&code);
    }
    let name = text.strip_suffix("族".as_bytes()).unwrap_or(text);
    let is_one = |name: &[u8]| minorities().any(|minority| minority.as_bytes() == name);
    is_one(name)
        || name.iter().any(u8::is_ascii_digit)
            && std::str::from_utf8(text).is_ok_and(|text| is_one(ethnicity_name(text).as_bytes()))
}

/// The name of an ethnicity without 族, and without its code before or after it: `08 壮族`, `壮族(08)`.
pub fn ethnicity_name(text: &str) -> &str {
    let name = word_beside_code(text);
    name.strip_suffix('族').unwrap_or(name)
}

/// Whether a trimmed text is an ethnicity, by name or code.
pub fn is_ethnicity(text: &str) -> bool {
    let name = ethnicity_name(text);
    let is_code = |code: u8| (1..=58).contains(&code) || code >= 97;
    matches!(name, "汉" | "漢" | "其他" | "穿青人" | "外国血统中国籍人士")
        || minorities().any(|minority| minority == name)
        || text.len() <= 2 && text.parse().is_ok_and(is_code)
}

/// The ID number of a record. `normalized` is blank where nothing is filled, `document_type` as
/// written.
pub fn id_reading(normalized: &[u8], document_type: Option<&[u8]>) -> ReadValue<Reading> {
    if normalized.is_empty() {
        return ReadValue::Missing;
    }
    // Most numbers are well formed, whatever the document is called.
    if let Some(id) = CitizenId::parse(normalized) {
        return ReadValue::Known(Reading::WellFormed(id));
    }
    let citizen = document_type.and_then(|text| id_number::is_citizen_document(trim(text)));
    ReadValue::Known(id_number::read(normalized, citizen))
}

/// The well-formed number of a record, if it has one.
pub fn well_formed(id: ReadValue<Reading>) -> Option<CitizenId> {
    match id {
        ReadValue::Known(Reading::WellFormed(id)) => Some(id),
        _ => None,
    }
}

/// Whether a person born on `born` is at least `years` old on `day`; a birthday on 29 February is
/// reached on 1 March.
pub fn is_aged(born: DateNumber, years: u32, day: DateNumber) -> bool {
    born + years * 10_000 <= day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_turns_on_the_birthday() {
        assert!(!is_aged(20_010_612, 15, 20_160_611));
        assert!(is_aged(20_010_612, 15, 20_160_612));
        assert!(!is_aged(20_000_229, 15, 20_150_228));
        assert!(is_aged(20_000_229, 15, 20_150_301));
    }

    #[test]
    fn minorities_are_known_beside_their_codes() {
        for text in
            ["08 壮族", "08-壮族", "08壮", "8.壮族", "08|壮族", "08 - 壮族", "壮族(08)", "壮族（08）", "壮08"]
        {
            assert!(is_minority(text.as_bytes()) && is_ethnicity(text), "{text}");
        }
        for text in ["01 汉族", "汉族(01)", "01", "汉", "其他", "97", "97 其他"] {
            assert!(!is_minority(text.as_bytes()) && is_ethnicity(text), "{text}");
        }
        for text in ["108 壮族", "壮族(108)", "08 张三", "壮族人", "-壮族", "壮族)", "60", "08", "张三"]
        {
            let is_code = text == "08";
            assert_eq!((is_minority(text.as_bytes()), is_ethnicity(text)), (is_code, is_code), "{text}");
        }
    }

    #[test]
    fn minorities_are_known_by_name_and_code() {
        for text in ["壮", "壮族", "08", "8", "56", "基诺族"] {
            assert!(is_minority(text.as_bytes()), "{text}");
        }
        for text in ["汉", "汉族", "01", "97", "其他", "x", ""] {
            assert!(!is_minority(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn no_minority_begins_like_the_majority() {
        assert!(MINORITIES.iter().all(|name| !name.starts_with('汉')));
    }
}
