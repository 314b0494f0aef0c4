//! Succession: units that are renamed, merged or dissolved on a day, and where their records count.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::unit::{Unit, UnitError};

/// A row of the unit list with the days on which it holds, the first and the last included; open where
/// there is none. The same code may stand in several rows, each with its own days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUnit {
    /// The unit as it is while the row holds.
    pub unit: Unit,
    /// First day; `None` = it has always been there.
    pub valid_from: Option<Date>,
    /// Last day; `None` = it goes on.
    pub valid_to: Option<Date>,
    /// Code of the unit that its records count for when it has ended.
    pub successor: Option<String>,
}

/// What has become of a unit that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// Code of the unit that has ended.
    pub code: String,
    /// Its name on its last day.
    pub name: String,
    /// Its last day.
    pub until: Date,
    /// Code of the valid unit that its records count for, all steps followed; `None` = they count as
    /// records with an unknown unit.
    pub successor: Option<String>,
}

/// The units that are valid on `day`, and what has become of those that have ended by then.
pub(super) fn resolve(list: Vec<ListedUnit>, day: Date) -> Result<(Vec<Unit>, Vec<Succession>), UnitError> {
    check(&list)?;
    let is_valid = |row: &ListedUnit| {
        row.valid_from.is_none_or(|from| from <= day) && row.valid_to.is_none_or(|to| day <= to)
    };
    let known: BTreeSet<&str> = list.iter().map(|row| row.unit.code.as_str()).collect();
    let valid: BTreeSet<&str> =
        list.iter().filter(|row| is_valid(row)).map(|r| r.unit.code.as_str()).collect();
    // Of a code in several rows the one that ended last names its successor.
    let mut ended: BTreeMap<&str, &ListedUnit> = BTreeMap::new();
    for row in list.iter().filter(|row| row.valid_to.is_some_and(|to| to < day)) {
        let last = ended.entry(&row.unit.code).or_insert(row);
        if last.valid_to < row.valid_to {
            *last = row;
        }
    }
    let mut successions = Vec::new();
    for (code, row) in &ended {
        let Some(until) = row.valid_to else { continue };
        let successor = successor_of(code, &valid, &known, &ended)?;
        let (code, name) = ((*code).to_owned(), row.unit.name.clone());
        successions.push(Succession { code, name, until, successor });
    }
    let valid: Vec<Unit> = list.iter().filter(|row| is_valid(row)).map(|row| row.unit.clone()).collect();
    if valid.is_empty() && !list.is_empty() {
        return Err(UnitError::NoneValid(day));
    }
    Ok((valid, successions))
}

fn check(list: &[ListedUnit]) -> Result<(), UnitError> {
    for ListedUnit { unit, valid_from, valid_to, successor } in list {
        if matches!((valid_from, valid_to), (Some(from), Some(to)) if from > to) {
            return Err(UnitError::Reversed(unit.code.clone()));
        }
        if successor.is_some() && valid_to.is_none() {
            return Err(UnitError::NoEnd(unit.code.clone()));
        }
    }
    Ok(())
}

/// The valid unit at the end of a chain of successors; `None` where the chain ends before one.
fn successor_of(
    code: &str,
    valid: &BTreeSet<&str>,
    known: &BTreeSet<&str>,
    ended: &BTreeMap<&str, &ListedUnit>,
) -> Result<Option<String>, UnitError> {
    let mut chain = vec![code];
    let mut at = code;
    while !valid.contains(at) {
        let Some(next) = ended.get(at).and_then(|row| row.successor.as_deref()) else { return Ok(None) };
        if !known.contains(next) {
            return Err(UnitError::UnknownSuccessor { code: at.to_owned(), successor: next.to_owned() });
        }
        if chain.contains(&next) {
            return Err(UnitError::SuccessionCircle(chain.into_iter().map(str::to_owned).collect()));
        }
        chain.push(next);
        at = next;
    }
    Ok(Some(at.to_owned()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::unit::Units;

    fn row(code: &str, name: &str, days: [Option<Date>; 2], successor: Option<&str>) -> ListedUnit {
        let unit = Unit { code: code.into(), name: name.into(), kind: "村".into(), parent: None };
        let successor = successor.map(str::to_owned);
        ListedUnit { unit, valid_from: days[0], valid_to: days[1], successor }
    }

    const JUNE: Date = date(2016, 6, 30);
    const JULY: Date = date(2016, 7, 1);

    #[test]
    fn a_unit_counts_for_the_end_of_its_chain_from_the_day_after_its_last() {
        let list = vec![
            row("a", "甲村", [None, Some(JUNE)], Some("b")),
            row("b", "乙村", [None, Some(JULY)], Some("c")),
            row("c", "丙村", [Some(JULY), None], None),
            row("d", "丁村", [None, Some(JUNE)], None),
        ];
        let on = |day| Units::at(list.clone(), day).unwrap();
        let code =
            |units: &Units, code: &str| units.position(code).map(|i| units.list()[i as usize].code.clone());
        let june = on(JUNE);
        assert_eq!(june.len(), 3, "c is not valid yet");
        assert_eq!([code(&june, "a"), code(&june, "c")], [Some("a".into()), None]);
        let july = on(JULY);
        assert_eq!(code(&july, "a").as_deref(), Some("b"));
        let later = on(date(2016, 7, 2));
        assert_eq!([code(&later, "a"), code(&later, "b")], [Some("c".into()), Some("c".into())]);
        assert_eq!(code(&later, "d"), None, "without successor its records belong to no unit");
        assert_eq!(later.successions().len(), 3);
    }

    #[test]
    fn a_code_may_change_its_name() {
        let list =
            vec![row("a", "新村", [Some(JULY), None], None), row("a", "旧村", [None, Some(JUNE)], None)];
        let units = Units::at(list.clone(), JULY).unwrap();
        assert_eq!(units.list()[0].name, "新村");
        let expected =
            Succession { code: "a".into(), name: "旧村".into(), until: JUNE, successor: Some("a".into()) };
        assert_eq!(units.successions(), [expected]);
        assert_eq!(Units::at(list, JUNE).unwrap().list()[0].name, "旧村");
    }

    #[test]
    fn lists_that_contradict_themselves_are_refused() {
        let on_july = |list: Vec<ListedUnit>| Units::at(list, JULY).unwrap_err();
        let end = [None, Some(JUNE)];
        let circle =
            vec![row("a", "", end, Some("b")), row("b", "", end, Some("a")), row("c", "", [None; 2], None)];
        assert_eq!(on_july(circle), UnitError::SuccessionCircle(vec!["a".into(), "b".into()]));
        let unknown = vec![row("a", "", end, Some("x"))];
        let expected = UnitError::UnknownSuccessor { code: "a".into(), successor: "x".into() };
        assert_eq!(on_july(unknown), expected);
        assert_eq!(on_july(vec![row("a", "", [None; 2], Some("b"))]), UnitError::NoEnd("a".into()));
        assert_eq!(
            on_july(vec![row("a", "", [Some(JULY), Some(JUNE)], None)]),
            UnitError::Reversed("a".into())
        );
        assert_eq!(on_july(vec![row("a", "", end, None)]), UnitError::NoneValid(JULY));
        let overlap = vec![row("a", "", [None, Some(JULY)], None), row("a", "", [Some(JULY), None], None)];
        assert_eq!(on_july(overlap), UnitError::Repeated("a".into()));
    }
}
