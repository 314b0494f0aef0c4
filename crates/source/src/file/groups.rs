//! Tables of persons that are parts of one list: a sheet, a file or a folder per village, an export per week.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use glob::Pattern;

use super::place_name::{folder_name, stem};
use crate::survey::{RegisterSurvey, TableOrigin};
use tongbao_config::settings::{DatabaseUrl, Dataset, FileForm, Take};
use tongbao_figures::inference::SurveyedTable;
use tongbao_figures::inference::columns::{PERSON, of_persons};
use tongbao_figures::inference::names::{InferredRole, fit};
use tongbao_figures::inference::shapes::share;
use tongbao_register::field::Field;
use tongbao_register::unit_names::KINDS;

/// Share of columns, in per cent, that parts of one list have in common.
const ALIKE: usize = 80;
/// Below so many shared persons, in per cent, parts are different villages; above, exports of one list.
const APART: usize = 20;
const SAME: usize = 60;
/// Share of the persons of all other parts, in per cent, that a part has which is the whole list.
const WHOLE: usize = 95;
/// Fewer persons may be in two parts by chance.
const FEWEST: usize = 5;
/// Rows kept of all parts together.
const SAMPLE: usize = 5_000;

/// One part of a list: what may name its unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Name of the file.
    pub file: String,
    /// Name of the folder that the file is in.
    pub folder: String,
    /// Name of the sheet; blank where the file has none.
    pub sheet: String,
    /// The rows above the header; blank where there are none.
    pub title: String,
}

/// A part of a list without a column that most parts have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingHeading {
    /// File and sheet.
    pub place: String,
    /// The heading that is missing in it.
    pub heading: String,
    /// The heading of the part that means the same.
    pub near: Option<String>,
}

/// A table with where it is.
struct GroupPart {
    /// Its place among all tables; that of the first part of a list.
    at: usize,
    table: SurveyedTable,
    origin: TableOrigin,
}

/// Puts together what belongs together.
pub(crate) fn gather(survey: RegisterSurvey) -> RegisterSurvey {
    let mut parts: Vec<GroupPart> = {
        let parts = survey.tables.into_iter().zip(survey.places).enumerate();
        parts.map(|(at, (table, origin))| GroupPart { at, table, origin }).collect()
    };
    parts = together(parts, |part| path(part).to_owned(), sheets);
    // Sheets of several files, one list a file.
    let alone = alone(&parts);
    let folder = |part: &GroupPart| match alone.contains(path(part)) {
        true => Path::new(path(part)).parent().unwrap_or(Path::new("")).display().to_string(),
        false => by_itself(part),
    };
    parts = together(parts, folder, files);
    let above = |part: &GroupPart| match alone.contains(path(part)) || path(part).contains('*') {
        true => above(part),
        false => by_itself(part),
    };
    parts = together(parts, above, folders);
    parts.sort_by_key(|part| part.at);
    let mut out = RegisterSurvey { unread: survey.unread, ..RegisterSurvey::default() };
    for GroupPart { table, origin, .. } in parts {
        out.tables.push(table);
        out.places.push(origin);
    }
    name_by_files(&mut out);
    out
}

/// Names tables that share their name, as sheets do that nobody has named (`Sheet1`), by their files too.
fn name_by_files(survey: &mut RegisterSurvey) {
    let names: Vec<String> = survey.tables.iter().map(|table| table.name.to_lowercase()).collect();
    for (at, (table, place)) in survey.tables.iter_mut().zip(&survey.places).enumerate() {
        let is_shared = names.iter().filter(|name| **name == names[at]).count() > 1;
        if let Some(path) = place.url.file().filter(|_| is_shared) {
            table.name = format!("{}[{}]", stem(path), table.name);
        }
    }
}

/// Gives the lists that are made of all files of a pattern the pattern that the office named: new files of
/// the kind are meant too.
pub(crate) fn named_by(mut survey: RegisterSurvey, pattern: &str, files: &[String]) -> RegisterSurvey {
    for place in &mut survey.places {
        let members: BTreeSet<String> = place.members().into_iter().map(|member| member.file).collect();
        let all: BTreeSet<String> = files.iter().map(|file| stem(file)).collect();
        if members == all {
            place.url = DatabaseUrl::new(format!("file:{pattern}"));
        }
    }
    survey
}

/// The address, dataset and choice that read a list.
type ListPlace = (DatabaseUrl, Dataset, Take);

/// Joins the tables of persons with the same key and the same columns, where there is a place that means them all.
fn together(
    parts: Vec<GroupPart>,
    key: impl Fn(&GroupPart) -> String,
    place: impl Fn(&[GroupPart], &[&GroupPart]) -> Option<ListPlace>,
) -> Vec<GroupPart> {
    let (mut groups, mut out): (Vec<(String, Vec<GroupPart>)>, Vec<GroupPart>) = (Vec::new(), Vec::new());
    for part in parts {
        if !lists_persons(&part.table) {
            out.push(part);
            continue;
        }
        let key = key(&part);
        let group = groups.iter_mut().find(|(k, group)| *k == key && alike(&group[0].table, &part.table));
        match group {
            Some((_, group)) => group.push(part),
            None => groups.push((key, vec![part])),
        }
    }
    for (key, group) in groups {
        // Beside a single list, those who have left are a list of their own.
        let gone = group.iter().filter(|part| lists_the_gone(part)).count();
        if group.len() - gone < 2 || !is_one_list(&group) {
            out.extend(group);
            continue;
        }
        let neighbours: Vec<&GroupPart> = out.iter().filter(|part| path(part).starts_with(&key)).collect();
        match place(&group, &neighbours) {
            Some(place) => out.push(joined(group, place)),
            None => out.extend(group),
        }
    }
    out
}

/// The files with one list each.
fn alone(parts: &[GroupPart]) -> BTreeSet<String> {
    let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
    parts
        .iter()
        .filter(|part| lists_persons(&part.table))
        .for_each(|part| *lists.entry(path(part)).or_default() += 1);
    lists.into_iter().filter(|(_, count)| *count == 1).map(|(path, _)| path.to_owned()).collect()
}

/// The key of a part that belongs to no other: one of several lists in a file.
fn by_itself(part: &GroupPart) -> String {
    format!("{}[{}]", path(part), part.at)
}

/// The folder above that of a part: of a list that is the newest of several exports there is one in each folder.
fn above(part: &GroupPart) -> String {
    let is_newest = part.origin.notes.members.len() > 1 && part.origin.form.take == Take::Newest;
    let is_file = part.origin.url.file().is_some_and(|path| !path.contains('*'));
    match Path::new(path(part)).parent().and_then(Path::parent) {
        Some(above) if is_file || !is_newest => above.display().to_string(),
        _ => path(part).to_owned(),
    }
}

fn path(part: &GroupPart) -> &str {
    part.origin.url.file().unwrap_or_default()
}

fn lists_persons(table: &SurveyedTable) -> bool {
    let role = InferredRole::Field(Field::IdNumber);
    let is_id =
        |at: usize| fit(&table.columns[at], role) >= 60 || share(table, at, role).is_some_and(|s| s >= 60);
    table.columns.len() >= 2 && (0..table.columns.len()).any(is_id)
}

/// Fields that a register has; lists with fewer may be rosters of several offices, and are one only where
/// their names name villages.
const FIELDS: usize = 4;

fn is_one_list(group: &[GroupPart]) -> bool {
    let fields =
        of_persons(&group[0].table, None).iter().filter(|c| matches!(c.role, InferredRole::Field(_))).count();
    let labels = group.iter().flat_map(|part| part.origin.members());
    let named = labels.filter(|member| {
        let label = format!("{} {}", member.file, member.sheet);
        KINDS.iter().any(|(ending, _)| label.contains(ending))
    });
    fields >= FIELDS || named.count() * 2 > group.len()
}

fn names(table: &SurveyedTable) -> BTreeSet<String> {
    table.columns.iter().map(|column| column.to_lowercase()).collect()
}

fn alike(a: &SurveyedTable, b: &SurveyedTable) -> bool {
    let (a, b) = (names(a), names(b));
    a.intersection(&b).count() * 100 >= a.union(&b).count() * ALIKE
}

/// All sheets of a workbook that their names have nothing against.
fn sheets(group: &[GroupPart], _: &[&GroupPart]) -> Option<ListPlace> {
    // Later states of one list: the largest is chosen among them, and the others are named.
    if shared(group) > SAME || has_whole(group) {
        return None;
    }
    Some((group[0].origin.url.clone(), Dataset::Table("*".to_owned()), Take::Newest))
}

/// Files of a folder, by a pattern that leaves most of the others out.
fn files(group: &[GroupPart], neighbours: &[&GroupPart]) -> Option<ListPlace> {
    let name = |path: &str| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> = group.iter().map(|part| name(path(part))).collect();
    let others: Vec<String> = neighbours.iter().map(|part| name(path(part))).collect();
    let folder = Path::new(path(&group[0])).parent().unwrap_or(Path::new(""));
    let pattern = folder.join(pattern(&names, &others)).display().to_string();
    let datasets: BTreeSet<String> = group.iter().map(|part| format!("{:?}", part.origin.dataset)).collect();
    let dataset = match &group[0].origin.dataset {
        Dataset::Table(sheet) if datasets.len() > 1 || sheet == "*" => Dataset::Table("*".to_owned()),
        other => other.clone(),
    };
    let take = if shared(group) > SAME { Take::Newest } else { Take::All };
    if take == Take::All && has_whole(group) {
        return None;
    }
    Some((DatabaseUrl::new(format!("file:{pattern}")), dataset, take))
}

/// Files of the same kind, one or more in each of several folders. Exports of the same persons are one list where each
/// is one file, the newest.
fn folders(group: &[GroupPart], _: &[&GroupPart]) -> Option<ListPlace> {
    let (url, dataset, take) = files(group, &[])?;
    if take == Take::Newest && group.iter().any(|part| path(part).contains('*')) {
        return None;
    }
    let (path, above) = (url.file().unwrap_or_default(), Path::new(path(&group[0])).parent());
    let above = above.and_then(Path::parent).unwrap_or(Path::new(""));
    let name = Path::new(path).file_name().unwrap_or_default();
    Some((DatabaseUrl::new(format!("file:{}", above.join("*").join(name).display())), dataset, take))
}

/// A pattern that means the names and as few others as can be. New files of the kind are meant too.
fn pattern(names: &[String], others: &[String]) -> String {
    let ends: BTreeSet<&str> =
        names.iter().map(|name| name.rsplit_once('.').map_or("", |(_, end)| end)).collect();
    let end = match ends.iter().next() {
        Some(end) if ends.len() == 1 => format!(".{end}"),
        Some(_) if ends.iter().all(|end| end.starts_with("xls")) => ".xls*".to_owned(),
        _ => String::new(),
    };
    let stems: Vec<String> = names.iter().map(|name| stem(name)).collect();
    let is_border = |c: char| matches!(c, '-' | '_' | ' ' | '.' | '(' | ')' | '（' | '）');
    let prefix = common(stems.iter().map(|stem| stem.chars().collect::<Vec<_>>()));
    let prefix: String =
        prefix[..prefix.iter().rposition(|c| is_border(*c)).map_or(0, |at| at + 1)].iter().collect();
    let suffix: String =
        common(stems.iter().map(|stem| stem.chars().rev().collect::<Vec<_>>())).iter().rev().collect();
    let escaped = |text: &str| Pattern::escape(text);
    let candidates = [
        format!("*{end}"),
        format!("{}*{end}", escaped(&prefix)),
        format!("*{}{end}", escaped(if suffix.chars().count() >= 3 { &suffix } else { "" })),
    ];
    let meant = |text: &String| {
        let pattern = Pattern::new(text).ok();
        others.iter().filter(|name| pattern.as_ref().is_none_or(|pattern| pattern.matches(name))).count()
    };
    candidates.iter().min_by_key(|text| meant(text)).cloned().unwrap_or_default()
}

fn common(mut texts: impl Iterator<Item = Vec<char>>) -> Vec<char> {
    let mut out = texts.next().unwrap_or_default();
    for text in texts {
        let same = out.iter().zip(&text).take_while(|(a, b)| a == b).count();
        out.truncate(same);
    }
    out
}

/// Whether a part lists those who count no more, as its name says: 已离开, 注销人员.
fn lists_the_gone(part: &GroupPart) -> bool {
    const WORDS: [&str; 10] =
        ["离开", "注销", "迁出", "迁走", "搬走", "死亡", "删除", "作废", "销户", "回收站"];
    let member = part.origin.members().into_iter().next().unwrap_or_default();
    WORDS.iter().any(|word| member.sheet.contains(word) || member.file.contains(word))
}

/// Whether one of the parts has the persons of all others, as a sheet 汇总 has.
fn has_whole(group: &[GroupPart]) -> bool {
    let lists: Vec<BTreeSet<String>> = group.iter().map(persons).collect();
    let Some(largest) = (0..lists.len()).max_by_key(|at| lists[*at].len()) else { return false };
    let others: BTreeSet<&String> =
        lists.iter().enumerate().filter(|(at, _)| *at != largest).flat_map(|(_, list)| list).collect();
    let within = others.iter().filter(|person| lists[largest].contains(**person)).count();
    others.len() >= FEWEST && within * 100 >= others.len() * WHOLE
}

/// The ID numbers of a part, as far as they were sampled.
fn persons(part: &GroupPart) -> BTreeSet<String> {
    let role = InferredRole::Field(Field::IdNumber);
    let columns = 0..part.table.columns.len();
    let best = columns.max_by_key(|at| (share(&part.table, *at, role), fit(&part.table.columns[*at], role)));
    best.map(|at| part.table.filled(at).map(str::to_owned).collect()).unwrap_or_default()
}

/// Share of the persons, in per cent, that were in a part before theirs. Exact copies say nothing.
fn shared(group: &[GroupPart]) -> usize {
    let mut lists: Vec<BTreeSet<String>> = group.iter().map(persons).collect();
    lists.sort();
    lists.dedup();
    let (mut known, mut all, mut again) = (BTreeSet::new(), 0, 0);
    for (at, list) in lists.into_iter().enumerate() {
        if at > 0 {
            all += list.len();
            again += list.intersection(&known).count();
        }
        known.extend(list);
    }
    again * 100 / all.max(1)
}

/// The columns of a list: those that at least half of its parts have. A column of the others that means the same has
/// another heading there, see [`lacking`].
fn columns_of(group: &[GroupPart]) -> Vec<String> {
    let is_usual = |column: &String| group.iter().filter(|part| has(part, column)).count() * 2 >= group.len();
    let mut columns: Vec<String> = Vec::new();
    for column in group.iter().flat_map(|part| &part.table.columns).filter(|column| is_usual(column)) {
        if !columns.iter().any(|known| known.eq_ignore_ascii_case(column)) {
            columns.push(column.clone());
        }
    }
    columns
}

fn has(part: &GroupPart, column: &str) -> bool {
    part.table.columns.iter().any(|other| other.eq_ignore_ascii_case(column))
}

/// What the parts lack of the columns.
fn lacking(group: &[GroupPart], columns: &[String]) -> Vec<LackingHeading> {
    let meaning = |column: &str| PERSON.into_iter().find(|role| fit(column, *role) >= 60);
    let mut out = Vec::new();
    for part in group {
        for heading in columns.iter().filter(|column| !has(part, column)) {
            let own = part.table.columns.iter().filter(|other| !columns.contains(other));
            let near = meaning(heading).and_then(|role| own.clone().find(|other| fit(other, role) >= 60));
            let member = part.origin.members().into_iter().next().unwrap_or_default();
            let place = match member.sheet.as_str() {
                "" => path(part).to_owned(),
                sheet => format!("{}[{sheet}]", path(part)),
            };
            out.push(LackingHeading { place, heading: heading.clone(), near: near.cloned() });
        }
    }
    out
}

/// The list as one table, with rows of each part.
fn joined(group: Vec<GroupPart>, (url, dataset, take): ListPlace) -> GroupPart {
    let overlap = shared(&group);
    let columns = columns_of(&group);
    let each = (SAMPLE / group.len()).max(50);
    let mut sample = Vec::new();
    for part in &group {
        let place = |column: &String| part.table.columns.iter().position(|c| c.eq_ignore_ascii_case(column));
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        let row = |row: &Vec<Option<String>>| -> Vec<Option<String>> {
            places.iter().map(|at| at.and_then(|at| row.get(at)).cloned().flatten()).collect()
        };
        sample.extend(part.table.sample.iter().take(each).map(row));
    }
    let rows = group.iter().map(|part| part.table.rows).sum();
    let mut notes = group[0].origin.notes.clone();
    notes.is_unsure = take == Take::All && overlap > APART;
    notes.lacking.extend(lacking(&group, &columns));
    let gone = group.iter().filter(|part| lists_the_gone(part)).flat_map(|part| part.origin.members());
    notes.gone =
        gone.map(|member| if member.sheet.is_empty() { member.file } else { member.sheet }).collect();
    notes.members = group.iter().flat_map(|part| part.origin.members()).collect();
    // A pattern alone says little without its ending.
    let called = |path: &str| match stem(path) {
        pattern if pattern == "*" => {
            Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
        }
        name => name,
    };
    let name = url.file().map(called).unwrap_or_default();
    let form = FileForm { take, ..FileForm::default() };
    let origin = TableOrigin { url, dataset, notes, form };
    GroupPart { at: group[0].at, table: SurveyedTable { name, rows, columns, sample }, origin }
}

impl TableOrigin {
    /// The parts of the list, or the table itself.
    pub fn members(&self) -> Vec<Member> {
        if !self.notes.members.is_empty() {
            return self.notes.members.clone();
        }
        let sheet = match &self.dataset {
            Dataset::Table(sheet) => sheet.clone(),
            Dataset::Only | Dataset::Query(_) => String::new(),
        };
        let path = self.url.file().unwrap_or_default();
        let (file, folder) = (stem(path), folder_name(path));
        vec![Member { file, folder, sheet, title: self.notes.title.clone() }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_the_kind_and_leave_others_out() {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let of = |names: &[&str], others: &[&str]| pattern(&texts(names), &texts(others));
        assert_eq!(of(&["register-荔湖村.csv", "register-桥东村.csv"], &["unit.csv"]), "register-*.csv");
        assert_eq!(of(&["荔湖村.xlsx", "荔枝村.xlsx"], &[]), "*.xlsx");
        assert_eq!(of(&["荔湖村登记表.xls", "桥东登记表.xls"], &["单位.xls"]), "*登记表.xls");
        assert_eq!(of(&["a.xls", "b.xlsx"], &[]), "*.xls*");
    }

    #[test]
    fn sheets_of_one_name_are_named_by_their_files() {
        let mut survey = RegisterSurvey::default();
        for (file, sheet) in [("a/人口.xlsx", "Sheet1"), ("a/名册.xlsx", "sheet1"), ("a/村居.xlsx", "村居")]
        {
            let table =
                SurveyedTable { name: sheet.into(), rows: None, columns: Vec::new(), sample: Vec::new() };
            survey.add(table, DatabaseUrl::new(format!("file:{file}")), Dataset::Table(sheet.into()));
        }
        name_by_files(&mut survey);
        let names: Vec<&str> = survey.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["人口[Sheet1]", "名册[sheet1]", "村居"]);
    }
}
