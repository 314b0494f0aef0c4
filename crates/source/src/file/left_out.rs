//! Rows of a file that are no records: repeated headings, totals, signatures, empty forms. They are left
//! out, counted, and listed by their lines.

use std::collections::BTreeMap;
use tongbao_message::{Message, message};

use super::hints::{is_example, is_hint};
use super::table::{FileCell, is_blank, name, places};
use crate::statements::{ColumnRole, RequestedColumn};
use tongbao_register::no_record::{self, BRACKETS, COLONS, SIGNATURES, is_total};

/// Why a row is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NoRecord {
    Heading,
    Total,
    Signature,
    /// One text alone in a wide row, where no person's name is.
    Caption,
    /// What a form says of how it is filled in: an example, `必填`, the numbers of the columns.
    Hint,
    /// None of the nine fields is filled.
    Blank,
}

impl NoRecord {
    fn words(self) -> Message {
        match self {
            NoRecord::Heading => message!("repeated-headings"),
            NoRecord::Total => message!("totals"),
            NoRecord::Signature => message!("signatures-and-notes"),
            NoRecord::Caption => message!("captions"),
            NoRecord::Hint => message!("examples-and-hints"),
            NoRecord::Blank => message!("empty-rows"),
        }
    }
}

/// From this number on a spreadsheet's number may have been an ID number.
const ID_NUMBER: f64 = 1e13;
/// Columns of a list so wide that one text alone in a row is no record of it.
const WIDE: usize = 4;
/// Beginnings of the foot of a form, where a colon or a bracket follows.
const NOTES: [&str; 13] = [
    "制表",
    "审核",
    "复核",
    "负责人",
    "联系人",
    "联系电话",
    "电话",
    "备注",
    "注",
    "说明",
    "日期",
    "盖章",
    "单位",
];

/// What is known of a list when its rows are judged.
pub(crate) struct ListHead<'a> {
    pub asked: &'a [RequestedColumn<'a>],
    /// For each asked column its place, unless the file has none.
    pub columns: &'a [Option<usize>],
    /// Rows above the records, the heading last, as [`words`] gives them.
    pub above: &'a [Vec<String>],
}

impl ListHead<'_> {
    /// Why a row with some value is no record; `None` = it is one.
    pub(crate) fn judge(&self, row: &[FileCell<'_>]) -> Option<NoRecord> {
        let cell = |at: &Option<usize>| at.and_then(|at| row.get(at)).copied().unwrap_or(FileCell::Empty);
        let asked = || self.asked.iter().zip(self.columns).map(move |(asked, at)| (asked, cell(at)));
        let own = words(row);
        let is_name = |role| role == ColumnRole::Name;
        // An example may well have the number of a citizen.
        if own.first().is_some_and(|first| is_example(first))
            || asked().any(|(asked, cell)| is_name(asked.role) && is_example(&name(&cell)))
        {
            return Some(NoRecord::Hint);
        }
        if asked().any(|(asked, cell)| asked.role == ColumnRole::IdNumber && is_id_like(&cell)) {
            return None;
        }
        if is_hint(&own) {
            return Some(NoRecord::Hint);
        }
        let is_named = asked().filter(|(asked, cell)| {
            !asked.is_nothing()
                && name(cell).eq_ignore_ascii_case(&name(&FileCell::Text(asked.name.as_bytes())))
        });
        if self.above.contains(&own) || is_named.count() >= 2 {
            return Some(NoRecord::Heading);
        }
        let first = own.first().map(String::as_str).unwrap_or_default();
        let is_told = |role| {
            matches!(role, ColumnRole::Unit | ColumnRole::Name | ColumnRole::BirthDate | ColumnRole::Field)
        };
        if is_total(first) || asked().any(|(asked, cell)| is_told(asked.role) && is_total(&name(&cell))) {
            return Some(NoRecord::Total);
        }
        if is_signature(first) {
            return Some(NoRecord::Signature);
        }
        let is_field = |role| {
            matches!(
                role,
                ColumnRole::IdNumber | ColumnRole::Name | ColumnRole::BirthDate | ColumnRole::Field
            )
        };
        let has_fields = self.asked.iter().any(|asked| asked.role == ColumnRole::Name);
        let is_empty = |cell: &FileCell<'_>| is_blank(cell) && *cell != FileCell::Uncalculated;
        if has_fields && asked().all(|(asked, cell)| !is_field(asked.role) || is_empty(&cell)) {
            return Some(NoRecord::Blank);
        }
        let stands_for_name = asked().any(|(asked, cell)| is_name(asked.role) && !is_blank(&cell));
        let is_alone = own.len() == 1 && self.columns.iter().flatten().count() >= WIDE;
        (is_alone && stands_for_name && !is_persons_name(first)).then_some(NoRecord::Caption)
    }
}

impl ListHead<'_> {
    /// Whether a row that is nobody's names columns where the heading has others: what follows would be read wrongly.
    pub(crate) fn is_moved(&self, row: &[FileCell<'_>]) -> bool {
        if row.iter().any(is_id_like) || self.above.contains(&words(row)) {
            return false;
        }
        let names: Vec<String> = row.iter().map(name).collect();
        let is_elsewhere = |(asked, at): &(&RequestedColumn<'_>, &Option<usize>)| {
            let found = places(&names, asked.name);
            !asked.is_nothing() && at.is_some_and(|at| !found.is_empty() && !found.contains(&at))
        };
        self.asked.iter().zip(self.columns).filter(is_elsewhere).count() >= 2
    }
}

/// The same for a list whose columns are not known yet.
pub(crate) fn is_foot(row: &[FileCell<'_>]) -> bool {
    let words = words(row);
    let Some(first) = words.first() else { return false };
    let is_none = || is_total(first) || is_signature(first) || is_hint(&words);
    is_example(first) || !row.iter().any(is_id_like) && is_none()
}

/// The filled cells of a row, without white space.
pub(crate) fn words(row: &[FileCell<'_>]) -> Vec<String> {
    row.iter().filter(|cell| !is_blank(cell)).map(name).collect()
}

fn is_id_like(cell: &FileCell<'_>) -> bool {
    match cell {
        FileCell::Text(text) => no_record::is_id_like(text),
        FileCell::Number(number) | FileCell::Number1904(number) => number.abs() >= ID_NUMBER,
        FileCell::Empty | FileCell::Uncalculated | FileCell::Failed => false,
    }
}

fn is_signature(text: &str) -> bool {
    let is_page =
        text.ends_with('页') && text.starts_with(['第', '共']) && text.chars().any(|c| c.is_ascii_digit());
    let follows = |word: &&str| {
        text.strip_prefix(*word).is_some_and(|rest| rest.starts_with(COLONS) || rest.starts_with(BRACKETS))
    };
    is_page
        || is_count(text)
        || SIGNATURES.iter().any(|word| text.starts_with(word))
        || NOTES.iter().any(follows)
}

/// How many rows a program says that it wrote, without blanks: `(1174行受影响)`, `1174rowsselected.`.
fn is_count(text: &str) -> bool {
    const COUNTS: [&str; 11] = [
        "行受影响",
        "行记录受影响",
        "rowsaffected",
        "rowaffected",
        "rowsselected",
        "rowselected",
        "rowsinsetsec",
        "已选择行",
        "共条记录",
        "条记录",
        "共计条记录",
    ];
    let is_mark = |c: char| c.is_ascii_digit() || c.is_ascii_punctuation() || "（），。：".contains(c);
    let words: String = text.chars().filter(|c| !is_mark(*c)).collect();
    let in_brackets = text.starts_with(BRACKETS) && ["行", "rows", "row"].contains(&words.as_str());
    text.contains(|c: char| c.is_ascii_digit())
        && (in_brackets || COUNTS.contains(&words.to_lowercase().as_str()))
}

/// Two to four characters, or longer ones with the point of transcribed names; no village.
fn is_persons_name(text: &str) -> bool {
    let length = text.chars().count();
    let is_place = ["村", "社区", "居委会", "村委会", "组", "队"].iter().any(|end| text.ends_with(end));
    (2..=4).contains(&length) && !is_place || text.contains('·')
}

/// Lines that are listed of each kind.
const LISTED: usize = 5;

/// The rows of one table that were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LeftOut(BTreeMap<NoRecord, (u64, Vec<u64>)>);

impl LeftOut {
    pub(crate) fn add(&mut self, why: NoRecord, line: u64) {
        let (count, lines) = self.0.entry(why).or_default();
        *count += 1;
        if lines.len() < LISTED {
            lines.push(line);
        }
    }
}

impl LeftOut {
    /// One message a kind.
    pub(crate) fn messages(&self) -> impl Iterator<Item = Message> {
        self.0.iter().map(|(why, (count, lines))| {
            let more = if *count > lines.len() as u64 { ", …" } else { "" };
            let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
            message!("left-out", count, what = why.words(), lines = format!("{}{more}", lines.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: [RequestedColumn<'static>; 5] = [
        RequestedColumn { name: "序号", role: ColumnRole::Text },
        RequestedColumn { name: "村居", role: ColumnRole::Unit },
        RequestedColumn { name: "姓名", role: ColumnRole::Name },
        RequestedColumn { name: "身份证号", role: ColumnRole::IdNumber },
        RequestedColumn { name: "住址", role: ColumnRole::Field },
    ];

    fn judged(row: [&str; 5]) -> Option<NoRecord> {
        let cells =
            row.map(|text| if text.is_empty() { FileCell::Empty } else { FileCell::Text(text.as_bytes()) });
        let columns: Vec<Option<usize>> = (0..5).map(Some).collect();
        let above = [vec!["荔城街道登记表".to_owned()]];
        ListHead { asked: &ASKED, columns: &columns, above: &above }.judge(&cells)
    }

    #[test]
    fn feet_and_headings_are_no_records() {
        for row in [
            ["合计", "", "", "", ""],
            ["", "荔湖村小计", "21人", "", ""],
            ["12", "荔湖村", "小 计", "21", ""],
            ["本页合计（人）", "", "", "30", ""],
            ["共21人", "", "", "", ""],
        ] {
            assert_eq!(judged(row), Some(NoRecord::Total), "{row:?}");
        }
        for row in [
            ["填表人：张三", "", "审核：李四", "", ""],
            ["注：", "", "", "", ""],
            ["第3页", "共9页", "", "", ""],
            ["(1174 行受影响)", "", "", "", ""],
            ["(1174 rows affected)", "", "", "", ""],
            ["(12 rows)", "", "", "", ""],
            ["1,174 rows selected.", "", "", "", ""],
            ["已选择 1174 行。", "", "", "", ""],
            ["共1174条记录", "", "", "", ""],
            ["导出时间：2016-06-13 10:02:11", "", "", "", ""],
        ] {
            assert_eq!(judged(row), Some(NoRecord::Signature), "{row:?}");
        }
        assert_eq!(judged(["序 号", "村居", "姓名", "身份证号", "住址"]), Some(NoRecord::Heading));
        assert_eq!(judged(["荔城街道登记表", "", "", "", ""]), Some(NoRecord::Heading));
        assert_eq!(judged(["", "", "一、荔湖村", "", ""]), Some(NoRecord::Caption));
        assert_eq!(judged(["7", "荔湖村", "", "", ""]), Some(NoRecord::Blank));
        for row in [
            ["例", "荔湖村", "张三", "440118199001010013", "荔湖路1号"],
            ["1", "荔湖村", "例：张三", "440118199001010013", "荔湖路1号"],
            ["", "荔湖村", "张三（示例）", "440118199001010013", ""],
            ["1", "2", "3", "4", "5"],
            ["", "必填", "必填", "18位", "选填"],
        ] {
            assert_eq!(judged(row), Some(NoRecord::Hint), "{row:?}");
        }
    }

    #[test]
    fn poor_records_stay() {
        for row in [
            ["7", "荔湖村", "王小计", "440118199001010013", ""],
            ["7", "荔湖村", "张三", "", ""],
            ["", "", "张三", "", ""],
            ["7", "荔湖村", "", "4401181990", ""],
            ["7", "荔湖村", "", "", "荔湖路1号"],
        ] {
            assert_eq!(judged(row), None, "{row:?}");
        }
    }

    #[test]
    fn lines_are_listed_and_counted() {
        let mut out = LeftOut::default();
        (1..8).for_each(|line| out.add(NoRecord::Total, line));
        out.add(NoRecord::Signature, 9);
        let messages: Vec<String> = out.messages().map(|message| message.to_string()).collect();
        assert_eq!(
            messages,
            ["left out: 7 totals (line 1, 2, 3, 4, 5, …)", "left out: 1 signatures and notes (line 9)"]
        );
    }
}
