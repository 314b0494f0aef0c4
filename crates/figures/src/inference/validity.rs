//! Columns that say of a record whether it still counts. A register whose deleted or moved persons all count gives a wrong
//! figure without a word; but what a code means is taken from its values alone where these leave no doubt.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::SurveyedTable;
use super::columns::ColumnChoice;
use tongbao_register::day_reader::{DayForm, DayReader, DayReading};
use tongbao_register::text::whole;

/// Marks of records that are gone, in small letters without punctuation: 1 or 是 means gone.
const GONE: [&str; 52] = [
    "del",
    "delstate",
    "removed",
    "isremoved",
    "invalid",
    "cancelled",
    "canceled",
    "cancelflag",
    "iscancel",
    "iscancelled",
    "zhuxiao",
    "scbs",
    "scflag",
    "movedout",
    "logoutflag",
    "islogout",
    "islogoff",
    "logoff",
    "delflag",
    "delstatus",
    "isdel",
    "isdelete",
    "isdeleted",
    "deleted",
    "deleteflag",
    "scbz",
    "scbj",
    "sfsc",
    "删除标志",
    "删除标记",
    "删除标识",
    "是否删除",
    "是否已删除",
    "zxbz",
    "zxbs",
    "zxzt",
    "sfzx",
    "注销标志",
    "注销标识",
    "注销状态",
    "是否注销",
    "是否已注销",
    "sfqc",
    "qcbz",
    "迁出标志",
    "是否迁出",
    "sflk",
    "离开标志",
    "是否离开",
    "是否已离开",
    "是否搬离",
    "是否作废",
];
/// Marks of records that count: 1 or 是 means so.
const VALID: [&str; 15] = [
    "active",
    "valid",
    "yxbs",
    "是否在册",
    "isvalid",
    "validflag",
    "isactive",
    "enabled",
    "sfyx",
    "yxbz",
    "yxx",
    "有效标志",
    "有效标识",
    "是否有效",
    "有效性",
];
/// Columns whose words may say so, and whose codes say nothing.
const STATES: [&str; 16] = [
    "sjzt",
    "jlzt",
    "flag",
    "数据状态",
    "rkzt",
    "ryzt",
    "人口状态",
    "人员状态",
    "登记状态",
    "记录状态",
    "居住状态",
    "recordstatus",
    "status",
    "state",
    "zt",
    "状态",
];
/// What the days are called on which a record ended; blank while it counts.
const DAYS: [&str; 26] = [
    "deletetime",
    "deltime",
    "canceltime",
    "canceldate",
    "leavetime",
    "logouttime",
    "logoutdate",
    "likairiqi",
    "离开日期",
    "离开时间",
    "离开日",
    "注销日期",
    "注销时间",
    "迁出日期",
    "迁出时间",
    "搬离日期",
    "离穗日期",
    "删除时间",
    "删除日期",
    "lkrq",
    "lksj",
    "zxrq",
    "zxsj",
    "qcrq",
    "deletedat",
    "leavedate",
];
const YES: [&str; 7] = ["1", "是", "y", "yes", "t", "true", "有"];
const NO: [&str; 7] = ["0", "否", "n", "no", "f", "false", "无"];
/// Words for a record that counts, whatever the column.
const PRESENT: [&str; 16] = [
    "正常",
    "有效",
    "在住",
    "现住",
    "常住",
    "居住中",
    "在册",
    "在用",
    "存续",
    "在业",
    "存在",
    "未删除",
    "未注销",
    "未离开",
    "未迁出",
    "未搬离",
];
/// Words for one that does not.
const ABSENT: [&str; 21] = [
    "删除",
    "已删除",
    "注销",
    "已注销",
    "离开",
    "已离开",
    "迁出",
    "已迁出",
    "搬离",
    "已搬离",
    "搬走",
    "已搬走",
    "离穗",
    "已离穗",
    "作废",
    "已作废",
    "失效",
    "无效",
    "死亡",
    "销户",
    "已销户",
];
/// More kinds of values are no marks.
const MOST_KINDS: usize = 12;

/// What a column seems to say of whether a record counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountingMark {
    /// Name and values agree: a record counts under these values; a blank one stands for no value.
    Only {
        /// Position in the table.
        column: usize,
        /// As the column has them.
        values: Vec<String>,
        /// Sampled records that do not count.
        excluded: usize,
    },
    /// Days, all of them readable, on which records ended.
    LeftAt {
        /// Position in the table.
        column: usize,
        /// Sampled records with such a day.
        excluded: usize,
    },
    /// It may say so, and a person must know.
    Unclear {
        /// Position in the table.
        column: usize,
    },
}

/// The marks among the columns that are read for nothing else, in the order of the table.
pub fn counting_marks(table: &SurveyedTable, chosen: &[ColumnChoice]) -> Vec<CountingMark> {
    let is_free = |column: &usize| !chosen.iter().any(|choice| choice.column == *column);
    let mut has_days = false;
    let mut out = Vec::new();
    for column in (0..table.columns.len()).filter(is_free) {
        let mark = match mark(table, column) {
            // There is one day on which a record ends.
            Some(CountingMark::LeftAt { column, excluded }) if has_days => {
                (excluded > 0).then_some(CountingMark::Unclear { column })
            }
            mark => mark,
        };
        has_days |= matches!(mark, Some(CountingMark::LeftAt { .. }));
        out.extend(mark);
    }
    out
}

fn mark(table: &SurveyedTable, column: usize) -> Option<CountingMark> {
    let letters = table.columns[column].chars().filter(|c| c.is_alphanumeric());
    let name = letters.collect::<String>().to_lowercase();
    let name = name.as_str();
    if DAYS.contains(&name) {
        return days(table, column);
    }
    let kind = [&GONE[..], &VALID, &STATES].iter().position(|names| names.contains(&name))?;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    // 1.0 of a column of numbers is 1.
    let values =
        table.values(column).map(|value| value.map_or("", |value| &value[..whole(value.as_bytes()).len()]));
    values.for_each(|value| *kinds.entry(value).or_default() += 1);
    let means = |value: &str| {
        let value = value.to_lowercase();
        let value = value.as_str();
        let is_among = |words: &[&str]| words.contains(&value);
        match kind {
            _ if is_among(&PRESENT) => Some(true),
            _ if is_among(&ABSENT) => Some(false),
            // Programs that set no flag leave it blank; some write 2 for deleted.
            0 if is_among(&NO) || value.is_empty() => Some(true),
            0 if is_among(&YES) || value == "2" => Some(false),
            1 if is_among(&YES) => Some(true),
            1 if is_among(&NO) => Some(false),
            _ => None,
        }
    };
    let meant: Option<Vec<(&str, usize, bool)>> =
        kinds.iter().map(|(value, times)| Some((*value, *times, means(value)?))).collect();
    let Some(meant) = meant else {
        return (2..=MOST_KINDS).contains(&kinds.len()).then_some(CountingMark::Unclear { column });
    };
    let excluded = meant.iter().filter(|(.., counts)| !counts).map(|(_, times, _)| times).sum::<usize>();
    // A column that is blank throughout says nothing yet.
    if meant.iter().all(|(value, ..)| value.is_empty()) {
        return None;
    }
    if excluded * 2 > table.sample.len() {
        return Some(CountingMark::Unclear { column });
    }
    let values = meant.iter().filter(|(.., counts)| *counts).map(|(value, ..)| (*value).to_owned());
    Some(CountingMark::Only { column, values: values.collect(), excluded })
}

/// Days of leaving; those of everybody, and what is no day, are a question.
fn days(table: &SurveyedTable, column: usize) -> Option<CountingMark> {
    let days = DayReader::new(TimeZone::UTC, DayForm::Written);
    let (mut excluded, mut is_read) = (0, true);
    for value in table.filled(column) {
        match days.read(value.as_bytes()) {
            DayReading::Blank => {}
            DayReading::Day(_) => excluded += 1,
            DayReading::Unreadable => is_read = false,
        }
    }
    match is_read && excluded * 2 <= table.sample.len() {
        true => Some(CountingMark::LeftAt { column, excluded }),
        false => Some(CountingMark::Unclear { column }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, values: &[&str]) -> Option<CountingMark> {
        let sample =
            values.iter().map(|value| vec![(!value.is_empty()).then(|| (*value).to_owned())]).collect();
        let table = SurveyedTable { name: "t".into(), rows: None, columns: vec![name.to_owned()], sample };
        counting_marks(&table, &[]).pop()
    }

    #[test]
    fn marks_are_taken_where_name_and_values_agree() {
        let only = |name: &str, values: &[&str], counting: &[&str], excluded: usize| {
            let values_of = counting.iter().map(|value| (*value).to_owned()).collect();
            let expected = CountingMark::Only { column: 0, values: values_of, excluded };
            assert_eq!(of(name, values), Some(expected), "{name}");
        };
        only("DEL_FLAG", &["0", "0", "1", "0"], &["0"], 1);
        only("del_flag", &["0", "0", "2", ""], &["", "0"], 1);
        only("是否注销", &["否", "否", "是"], &["否"], 1);
        only("is_deleted", &["false", "true", "false"], &["false"], 1);
        only("注销标志", &["0", "0"], &["0"], 0);
        only("是否有效", &["1", "1", "0"], &["1"], 1);
        only("人员状态", &["在住", "已离开", "正常", "在住"], &["在住", "正常"], 1);
        for (name, values) in [
            ("status", &["1", "2", "1"][..]),
            ("状态", &["在住", "其他", "在住"]),
            ("是否有效", &["1", "", "1"]),
            ("del_flag", &["1", "1", "0"]),
            ("del_flag", &["A", "B"]),
            ("离开日期", &["去年", "", ""]),
            ("离开日期", &["2016-06-01", "2016-06-02", ""]),
        ] {
            assert_eq!(of(name, values), Some(CountingMark::Unclear { column: 0 }), "{name}");
        }
        for (name, values) in [("del_flag", &["", ""][..]), ("status", &["1", "1"]), ("备注", &["0", "1"])]
        {
            assert_eq!(of(name, values), None, "{name}");
        }
        assert_eq!(
            of("离开日期", &["", "2016/6/1", ""]),
            Some(CountingMark::LeftAt { column: 0, excluded: 1 })
        );
        assert_eq!(of("deleted_at", &["", ""]), Some(CountingMark::LeftAt { column: 0, excluded: 0 }));
    }
}
