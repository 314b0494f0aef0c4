//! Which table says how many persons each unit should have registered.

use super::columns::{ColumnChoice, identity_of, of_register};
use super::names::{InferredRole, fit};
use super::shapes::{percent, share};
use super::tables::{InferredTable, TableMatch, known_units};
use super::{Confidence, Evidence, SurveyedTable};

/// A name that says what a column is.
const NAMED: u32 = 60;
/// Share of values, in per cent, that must fit: a total below the units is no unit.
const FITTING: u32 = 80;

/// The list of head counts beside a register and its units, the best of the tables that may be meant. A list of
/// persons is none, and where no person names the table its column of numbers has to be called so.
pub fn head_counts(
    tables: &[SurveyedTable],
    guess: &InferredTable,
    named: Option<&[usize]>,
) -> Option<TableMatch> {
    let codes = known_units(tables, guess)?;
    let taken = [&guess.register, &guess.units].map(|found| found.as_ref().map(|found| found.table));
    let candidate = |at: usize| {
        if taken.contains(&Some(at)) {
            return None;
        }
        let table = &tables[at];
        let identity = identity_of(guess.preset);
        if of_register(table, guess.preset, None).iter().any(|choice| choice.role == identity) {
            return None;
        }
        let unit = |column: usize| {
            let filled = table.filled(column).count();
            let known = table.filled(column).filter(|text| codes.has(text)).count();
            let agrees = percent(known, filled);
            let name = fit(&table.columns[column], InferredRole::Unit);
            let evidence = Evidence { name, agrees: Some(agrees), ..Evidence::default() };
            (agrees >= FITTING).then_some(choice(InferredRole::Unit, column, evidence))
        };
        let all = 0..table.columns.len();
        let unit = all.clone().filter_map(unit).max_by_key(|choice| choice.evidence.agrees)?;
        let counts = |column: usize| {
            let values = share(table, column, InferredRole::Persons).filter(|share| *share >= FITTING)?;
            let name = fit(&table.columns[column], InferredRole::Persons);
            let evidence = Evidence { name, values: Some(values), ..Evidence::default() };
            Some(choice(InferredRole::Persons, column, evidence))
        };
        let counts: Vec<ColumnChoice> =
            all.filter(|column| *column != unit.column).filter_map(counts).collect();
        let by_name = counts.iter().filter(|choice| choice.evidence.name >= NAMED);
        let persons = match (by_name.max_by_key(|choice| choice.evidence.name), &counts[..], named) {
            (Some(choice), ..) => *choice,
            (None, [only], Some(_)) => *only,
            _ => return None,
        };
        let (confidence, rivals) = (persons.confidence, Vec::new());
        Some(TableMatch { table: at, confidence, columns: vec![unit, persons], rivals })
    };
    let meant = (0..tables.len()).filter(|at| named.is_none_or(|named| named.contains(at)));
    // Of equally good ones the first, so that the same database gives the same answer.
    meant.filter_map(candidate).max_by_key(|found| (found.confidence, std::cmp::Reverse(found.table)))
}

fn choice(role: InferredRole, column: usize, evidence: Evidence) -> ColumnChoice {
    let confidence = if evidence.name >= NAMED { Confidence::Sure } else { Confidence::Likely };
    ColumnChoice { role, column, evidence, confidence, rival: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::tables::{NamedTables, guess};

    fn table(name: &str, columns: &[&str], rows: Vec<Vec<String>>) -> SurveyedTable {
        SurveyedTable {
            name: name.to_owned(),
            rows: Some(rows.len() as u64),
            columns: columns.iter().map(|text| (*text).to_owned()).collect(),
            sample: rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect(),
        }
    }

    /// A register of three villages and its unit list, with a list of the office beside them.
    fn with(list: SurveyedTable) -> (Vec<SurveyedTable>, InferredTable) {
        let person = |i: usize| {
            let (village, day) = (i % 12, i % 28 + 1);
            ["张三", "男", "荔湖村1号", "湖南省衡阳市", "", "", "汉族", "未婚"]
                .map(str::to_owned)
                .into_iter()
                .chain([format!("1990-01-{day:02}"), format!("4401180012{village:02}")])
                .collect()
        };
        let register = table(
            "person",
            &[
                "姓名",
                "性别",
                "现居住地址",
                "户籍所在地",
                "身份证号",
                "户口性质",
                "民族",
                "婚姻状况",
                "出生日期",
                "所属村",
            ],
            (0..60).map(person).collect(),
        );
        let unit = |i: usize| vec![format!("4401180012{i:02}"), format!("第{i}村")];
        let units = table("unit", &["代码", "名称"], (0..12).map(unit).collect());
        let tables = vec![register, units, list];
        let named = NamedTables { register: Some(vec![0]), ..NamedTables::default() };
        let guess = guess(&tables, &named);
        assert_eq!(
            (guess.register.as_ref().map(|found| found.table), guess.units.as_ref().map(|f| f.table)),
            (Some(0), Some(1))
        );
        (tables, guess)
    }

    #[test]
    fn a_number_for_each_village_is_a_list_of_head_counts() {
        let rows = |names: bool| {
            (0..12)
                .map(|i| {
                    vec![
                        if names { format!("第{i}村") } else { format!("4401180012{i:02}") },
                        if names { (1_000 + i).to_string() } else { format!("1,{i:03}.00") },
                    ]
                })
                .collect()
        };
        for (names, head, is_sure) in
            [(true, "应登记人数", true), (false, "底数", true), (true, "合计数", false)]
        {
            let (tables, guess) = with(table("list", &["村（社区）", head], rows(names)));
            let found = head_counts(&tables, &guess, None);
            assert_eq!(found.is_some(), is_sure, "{head}");
            let named = head_counts(&tables, &guess, Some(&[2])).unwrap();
            assert_eq!(
                named.columns.iter().map(|choice| choice.column).collect::<Vec<_>>(),
                [0, 1],
                "{head}"
            );
        }
    }

    #[test]
    fn a_list_of_persons_is_none() {
        let rows = (0..12).map(|i| vec![format!("第{i}村"), format!("44011819900105{i:02}1X")]).collect();
        let (tables, guess) = with(table("list", &["所属村", "身份证号"], rows));
        assert_eq!(head_counts(&tables, &guess, Some(&[2])), None);
    }
}
