//! Both languages of the first bulletin's pages.

use crate::config::settings::ReportLanguage;
use crate::console::words::pick;

/// What a list is called.
pub(super) fn part(language: ReportLanguage, part: usize) -> &'static str {
    let (chinese, english) = match part {
        0 => ("登记数据", "Register"),
        1 => ("单位名单", "List of units"),
        _ => ("应登记名册", "Roster"),
    };
    pick(language, chinese, english)
}

/// What a column is wanted for.
pub(super) fn role(language: ReportLanguage, part: usize, key: &str) -> &'static str {
    let (chinese, english) = match (part, key) {
        (_, "id_number") => ("公民身份号码", "ID number"),
        (0, "name") => ("姓名", "name of the person"),
        (_, "sex") => ("性别", "sex"),
        (_, "birth_date") => ("出生日期", "date of birth"),
        (_, "ethnicity") => ("民族", "ethnicity"),
        (_, "marital_status") => ("婚姻状况", "marital status"),
        (_, "hukou_type") => ("户口性质", "kind of household registration"),
        (_, "household_place") => ("户籍地", "place of household registration"),
        (_, "residence_address") => ("现居住地址", "address of residence"),
        (_, "document_type") => ("证件类型", "kind of document"),
        (_, "unit") => ("所属单位（村、社区）", "unit of the person"),
        (_, "registered_at") => ("登记时间", "time of registration"),
        (_, "updated_at") => ("更新时间", "time of the last change"),
        (_, "key") => ("记录编号", "number of the record"),
        (_, "code") => ("单位代码", "code of the unit"),
        (_, "name") => ("单位名称", "name of the unit"),
        (_, "kind") => ("单位类别", "kind of the unit"),
        (_, "parent") => ("上级单位", "unit above it"),
        (_, "persons") => ("应登记人数", "persons expected"),
        _ => ("其他", "other"),
    };
    pick(language, chinese, english)
}

/// Whether the figures do without a column for it, and nothing need be said of its lack.
pub(super) fn is_optional(key: &str) -> bool {
    ["updated_at", "document_type", "key", "kind", "parent", "persons"].contains(&key)
}

/// How sure a column is, and the class that colours it.
pub(super) fn confidence(language: ReportLanguage, confidence: &str) -> (&'static str, &'static str) {
    let (chinese, english, class) = match confidence {
        "sure" => ("确定", "sure", "good"),
        "likely" => ("较确定", "likely", "good"),
        "unsure" => ("请核对", "please check", "wait"),
        _ => ("未找到", "none found", "wait"),
    };
    (pick(language, chinese, english), class)
}

/// A finding's level, and the class that colours it.
pub(super) fn level(language: ReportLanguage, level: &str) -> (&'static str, &'static str) {
    let (chinese, english, class) = match level {
        "ok" => ("正常", "fine", "good"),
        "warning" => ("注意", "warning", "wait"),
        _ => ("错误", "error", "bad"),
    };
    (pick(language, chinese, english), class)
}
