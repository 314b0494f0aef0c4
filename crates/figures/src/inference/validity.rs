//! Columns that say of a record whether it still counts. Nobody can guess what their codes mean, but a register whose
//! deleted or moved persons all count gives a wrong figure without a word.

use std::collections::HashSet;

use super::SurveyedTable;
use super::columns::ColumnChoice;

/// What such columns are called, in small letters without marks.
const NAMES: [&str; 50] = [
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
    "zxbz",
    "zxbs",
    "zxzt",
    "sfzx",
    "注销标志",
    "注销标识",
    "注销状态",
    "是否注销",
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
    "sfqc",
    "qcbz",
    "迁出标志",
    "是否迁出",
    "sflk",
    "离开标志",
    "是否离开",
    "rkzt",
    "ryzt",
    "人口状态",
    "人员状态",
    "登记状态",
    "recordstatus",
    "status",
    "state",
    "zt",
    "状态",
];
/// What the days are called on which a record ended; blank while it counts.
const DAYS: [&str; 16] = [
    "离开日期",
    "离开时间",
    "离开日",
    "注销日期",
    "注销时间",
    "迁出日期",
    "迁出时间",
    "离穗日期",
    "删除时间",
    "lkrq",
    "lksj",
    "zxrq",
    "zxsj",
    "qcrq",
    "deletedat",
    "leavedate",
];
/// More kinds of values are no marks.
const MOST_KINDS: usize = 12;

/// The columns of a table that may say so, and have more than one value, blank counted as one.
pub fn validity_columns(table: &SurveyedTable, chosen: &[ColumnChoice]) -> Vec<usize> {
    let is_free = |column: &usize| !chosen.iter().any(|choice| choice.column == *column);
    let name = |column: usize| -> String {
        table.columns[column].chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
    };
    let is_named = |column: &usize| NAMES.contains(&name(*column).as_str());
    let is_of_days = |column: &usize| {
        let filled = table.filled(*column).count();
        DAYS.contains(&name(*column).as_str()) && filled > 0 && filled < table.sample.len()
    };
    let divides = |column: &usize| {
        let kinds = table.values(*column).collect::<HashSet<_>>().len();
        (2..=MOST_KINDS).contains(&kinds)
    };
    (0..table.columns.len())
        .filter(|at| is_free(at) && (is_named(at) && divides(at) || is_of_days(at)))
        .collect()
}
