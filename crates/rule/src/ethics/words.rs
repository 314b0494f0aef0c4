//! Words that no definition may speak of, however they are written.

use crate::definitions::PersonValue;
use tongbao_register::text::{half_width, is_trimmed_char};
use tongbao_register::traditional::simplified;

/// Words that a definition must not speak of, one a line: health, pregnancy, birth and contraception, religion,
/// politics. `*` = any ending; Chinese words are found anywhere in a name, but not where they are part of a harmless
/// one (`-` before it).
const REFUSED: &str = include_str!("refused_words.txt");
/// Words of fields that are sensitive whatever the configuration says of them.
const SENSITIVE: [&str; 5] = ["民族", "族别", "ethnic*", "nationality", "minzu"];

/// Words of columns of names of persons, and of their numbers; Latin ones stand at the end of a name.
const NAMES: [&str; 5] = ["姓名", "xingming", "hzxm", "fullname", "personname"];
const NUMBERS: [&str; 12] = [
    "身份证号",
    "身份证件号",
    "身份号码",
    "公民身份",
    "sfzh",
    "sfzhm",
    "gmsfhm",
    "zjhm",
    "idcard",
    "idcardno",
    "idnumber",
    "citizenid",
];

/// The word of the published list that a name or text has, if it has one. Figures and foreign letters that look like the
/// letters of a word are these.
pub fn refused_word(name: &str) -> Option<&'static str> {
    let written: Vec<WrittenName> = readings(name).iter().map(|name| WrittenName::new(name)).collect();
    let mut words = listed().filter(|line| !line.starts_with('-'));
    words.find(|word| written.iter().any(|name| name.speaks_of(word)))
}

/// What the values of a column with this name are of persons, if they are.
pub fn of_persons(name: &str) -> Option<PersonValue> {
    let WrittenName { words, joined } = WrittenName::new(name);
    let is_one = |word: &&str| if word.is_ascii() { joined.ends_with(*word) } else { joined.contains(*word) };
    // 是否有身份证 asks whether there is one.
    let is_card = joined.ends_with("身份证") && !joined.contains("有");
    if is_card || matches!(joined.as_str(), "证件号" | "证件号码") || NUMBERS.iter().any(is_one) {
        return Some(PersonValue::Number);
    }
    let is_name = words.split('_').next_back() == Some("xm") || NAMES.iter().any(is_one);
    is_name.then_some(PersonValue::Name)
}

/// Whether a field of this name is sensitive.
pub fn is_sensitive(name: &str) -> bool {
    let name = WrittenName::new(name);
    SENSITIVE.iter().any(|word| name.speaks_of(word))
}

fn listed() -> impl Iterator<Item = &'static str> {
    REFUSED.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A text as it is written and, where it has figures or signs in place of letters, as it may be meant.
fn readings(text: &str) -> Vec<String> {
    let meant =
        |one: char| text.chars().map(|c| if c == '1' { one } else { letter_of_sign(c) }).collect::<String>();
    let mut all = vec![text.to_owned()];
    if text.contains(|c: char| c.is_ascii_alphabetic()) && text.contains(['0', '1', '3', '@']) {
        all.extend([meant('l'), meant('i')]);
    }
    all
}

fn letter_of_sign(c: char) -> char {
    match c {
        '0' => 'o',
        '3' => 'e',
        '@' => 'a',
        c => c,
    }
}

/// The usual character that a rare or foreign one looks like.
fn look_alike(c: char) -> char {
    const PAIRS: &str = "аaеeоoрpсcхxуyіiѕsјjкkмmтtвbнhАAЕEОOРPСCХXУYІIЅSЈJКKМMТTВBНH\
                         αaοoνvρpιiτtκkεeυuχxβbηnΑAΟOΝNΡPΙIΤTΚKΕEΥYΧXΒBΗHΜM㝖孕";
    let mut pairs = PAIRS.chars();
    while let (Some(other), Some(usual)) = (pairs.next(), pairs.next()) {
        if other == c {
            return usual;
        }
    }
    c
}

/// A name in the spellings in which words are looked for.
struct WrittenName {
    /// Words in lower case with `_` around them: `health_status` of `healthStatus`.
    words: String,
    /// The same without anything between the words, in simplified characters.
    joined: String,
}

impl WrittenName {
    fn new(name: &str) -> WrittenName {
        let mut words = String::new();
        let mut is_after_small = false;
        for c in name.chars().map(half_width).map(look_alike).filter(|c| !is_unseen(*c)) {
            if is_after_small && c.is_ascii_uppercase() || !c.is_alphanumeric() {
                words.push('_');
            }
            is_after_small = c.is_ascii_lowercase();
            words.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
        let joined: String = words.chars().filter(|c| *c != '_').collect();
        WrittenName { words, joined: simplified(&joined).into_owned() }
    }

    fn speaks_of(&self, word: &str) -> bool {
        if !word.is_ascii() {
            return self.has_chinese(&simplified(word));
        }
        let (stem, is_open) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
        let stem_joined = stem.replace('_', "");
        // Words that are torn apart: `h.i.v`.
        let is_whole = self.joined.strip_prefix(&stem_joined).is_some_and(|rest| is_open || rest.is_empty());
        is_whole || [stem, &stem_joined].into_iter().any(|stem| self.has_word(stem, is_open))
    }

    fn has_word(&self, stem: &str, is_open: bool) -> bool {
        let words = &self.words;
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        words.match_indices(stem).any(|(at, _)| {
            let is_start = !is_letter(words[..at].chars().next_back());
            is_start && (is_open || !is_letter(words[at + stem.len()..].chars().next()))
        })
    }

    fn has_chinese(&self, word: &str) -> bool {
        let harmless = || listed().filter_map(|line| line.strip_prefix('-'));
        self.joined.match_indices(word).any(|(at, _)| {
            let covers = |other: &str| {
                let mut found = self.joined.match_indices(other);
                found.any(|(from, _)| from <= at && at + word.len() <= from + other.len())
            };
            !harmless().any(covers)
        })
    }
}

/// Whether a character shows nothing: U+200B and the like. Blanks part words.
fn is_unseen(c: char) -> bool {
    is_trimmed_char(c) && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_health_and_belief_are_refused() {
        for name in [
            "pregnancy_status",
            "孕检日期",
            "Birth control",
            "birth_control",
            "health",
            "hiv",
            "HIV_result",
            "宗教信仰",
            "政治面貌",
            "是否党员",
            "是否HIV",
            "疾病史",
            "vaccinated",
            "religion",
            "blood_type",
        ] {
            assert!(refused_word(name).is_some(), "{name}");
        }
        for name in [
            "birth_date",
            "出生日期",
            "arrived_on",
            "third_party",
            "house_type",
            "婚姻状况",
            "教育程度",
            "name",
            "rent",
            "parity_check",
            "来本地日期",
            "hive",
            "healer",
            "房屋用途",
        ] {
            assert_eq!(refused_word(name), None, "{name}");
        }
        assert!(is_sensitive("民族") && is_sensitive("ethnicity") && !is_sensitive("国籍"));
    }

    #[test]
    fn other_spellings_are_the_same_words() {
        for name in [
            "健 康",
            "健·康",
            "健\u{200B}康",
            "懷孕",
            "節育",
            "絕育措施",
            "計生",
            "黨員",
            "宗敎",
            "信訪",
            "ｈｅａｌｔｈ",
            "healthStatus",
            "healthstatus",
            "isPregnant",
            "hasHIV",
            "bloodType",
            "partyMember",
            "vac-cine",
            "h.i.v",
            "zongjiao",
            "zzmm",
            "zongjiao_dm",
            "huaiyun",
            "妊娠",
            "独生子女",
            "准生证号",
            "穆斯林",
            "艾滋",
            "hea1th",
            "Hеalth",
            "rel1gion",
            "pregn@nt",
            "㝖情",
            "B超",
            "住院天数",
            "信佛",
        ] {
            assert!(refused_word(name).is_some(), "{name}");
        }
        assert!(is_sensitive("ｍｉｎｚｕ") && is_sensitive("民　族") && is_sensitive("ethnicGroup"));
    }

    #[test]
    fn columns_of_persons_are_known_by_their_names() {
        for name in ["户主证件号", "是否有身份证", "unit_name", "id_type", "idcard_kind", "编号"]
        {
            assert_eq!(of_persons(name), None, "{name}");
        }
        for name in ["姓名", "户主 姓名", "xm", "hz_xm"] {
            assert_eq!(of_persons(name), Some(PersonValue::Name), "{name}");
        }
        for name in
            ["身份证", "房东身份证", "身份证号码", "公民身份号码", "SFZH", "hz_sfzh", "ID_Number", "证件号"]
        {
            assert_eq!(of_persons(name), Some(PersonValue::Number), "{name}");
        }
    }

    #[test]
    fn words_that_only_meet_are_no_words() {
        for name in [
            "安全生产检查日期",
            "生产次数",
            "本月经营收入",
            "物流产值",
            "统计生成时间",
            "经营主体检查",
            "诚信教育",
            "街道教育",
            "标准生产",
            "学生子女",
            "设计生产能力",
            "jiezhang",
            "canjia_shebao",
            "微信访问量",
            "网上访问量",
            "网上环境",
            "ph_iv",
            "随迁子女数",
            "hukou_type",
            "jzdz",
            "xinfang",
            "jieyu",
            "居住院落",
            "入住院校",
            "教会议室",
            "DB超时",
            "诚信佛山",
            "退回教师",
            "集团员工",
            "行政审批",
            "财政审计",
            "民政审核",
            "选民宿",
            "已育苗",
            "教育龄段",
            "学生孩子",
            "礼拜天",
            "体育",
            "house1",
            "line_01",
        ] {
            assert_eq!(refused_word(name), None, "{name}");
        }
        assert!(refused_word("诚信教徒").is_some());
    }
}
