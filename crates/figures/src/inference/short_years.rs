//! Columns of days whose years have two digits. Which century they are of is never guessed: the ID numbers beside
//! birth dates show it, and times of registration are of our time.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::SurveyedTable;
use super::names::InferredRole;
use super::shapes::{BY_ORDER, citizen, day, percent};
use tongbao_register::day_reader::{DayForm, DayStyle};
use tongbao_register::field::Field;

/// The first year of which a register of our time has entries.
const REGISTERS: i16 = 1985;
/// Records that show a century.
const ENOUGH: usize = 10;
/// So many of the days, in per cent, must agree with the ID numbers; some records are wrong.
const AGREEING: u32 = 80;
/// So many of the times, in per cent, must be read.
const READ: u32 = 90;

/// How a column of such days is to be read, and the share of its values, in per cent, that this reads; `None` where
/// its years have four digits, or nothing shows their century and order.
pub fn short_years(
    table: &SurveyedTable,
    column: usize,
    role: InferredRole,
    id_number: Option<usize>,
) -> Option<(DayStyle, u32)> {
    let filled = table.filled(column).count();
    let is_whole = |text: &&str| BY_ORDER.iter().any(|form| day(text, *form).is_some());
    if filled < ENOUGH || table.filled(column).filter(is_whole).count() * 2 > filled {
        return None;
    }
    let style = match role {
        InferredRole::Field(Field::BirthDate) => of_births(table, column, id_number?)?,
        _ => of_times(table, column)?,
    };
    let read = table.filled(column).filter(|text| day(text, style).is_some()).count();
    Some((style, percent(read, filled)))
}

/// The ID numbers say in which year everybody was born.
fn of_births(table: &SurveyedTable, column: usize, id_number: usize) -> Option<DayStyle> {
    let born = |number: Option<&str>| citizen(number?)?.birth_date();
    let pairs: Vec<(&str, Date)> = table
        .values(column)
        .zip(table.values(id_number))
        .filter_map(|(text, number)| Some((text?, born(number)?)))
        .collect();
    let (least, most) = (pairs.iter().map(|p| p.1.year()).min()?, pairs.iter().map(|p| p.1.year()).max()?);
    // Older and younger persons than those of the sample may come, so there is room on either side.
    let room = 99 - (most - least);
    let first_year = (room >= 0).then_some(least - room / 2)?;
    let agrees = |form: &&DayForm| {
        let style = DayStyle { form: **form, first_year: Some(first_year) };
        let agreeing = pairs.iter().filter(|(text, born)| day(text, style) == Some(*born)).count();
        pairs.len() >= ENOUGH && percent(agreeing, pairs.len()) >= AGREEING
    };
    BY_ORDER.iter().find(agrees).map(|form| DayStyle { form: *form, first_year: Some(first_year) })
}

/// Entries of a register are of few years, so that the right order of day, month and year gives the fewest. Where
/// two orders give as few, they must give the same days.
fn of_times(table: &SurveyedTable, column: usize) -> Option<DayStyle> {
    let filled = table.filled(column).count();
    let read = |form: DayForm| {
        let style = DayStyle { form, first_year: Some(REGISTERS) };
        let days: Vec<Date> = table.filled(column).filter_map(|text| day(text, style)).collect();
        let years: BTreeSet<i16> = days.iter().map(|day| day.year()).collect();
        (percent(days.len(), filled) >= READ).then_some((years.len(), days, style))
    };
    let all: Vec<_> = BY_ORDER.into_iter().filter_map(read).collect();
    let fewest = all.iter().map(|(years, ..)| *years).min()?;
    let mut best = all.iter().filter(|(years, ..)| *years == fewest);
    let (_, days, style) = best.next()?;
    best.all(|(_, others, _)| others == days).then_some(*style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Vec<[String; 2]>) -> SurveyedTable {
        let sample = rows.into_iter().map(|row| row.map(Some).to_vec()).collect();
        SurveyedTable { name: "t".into(), rows: None, columns: vec!["a".into(), "b".into()], sample }
    }

    fn births(write: impl Fn(&Date) -> String) -> Option<(DayForm, i16)> {
        let person = |i: i16| {
            let born = Date::new(1931 + i * 2, (i % 12 + 1) as i8, (i % 28 + 1) as i8).unwrap();
            let digits = format!("440118{}001", born.strftime("%Y%m%d"));
            let check = (0..=10).map(|x| if x == 10 { 'X' } else { (b'0' + x) as char });
            let number = check.map(|x| format!("{digits}{x}")).find(|number| citizen(number).is_some());
            [write(&born), number.unwrap()]
        };
        let found = short_years(
            &table((0..40).map(person).collect()),
            0,
            InferredRole::Field(Field::BirthDate),
            Some(1),
        );
        found.map(|(style, share)| {
            assert_eq!(share, 100);
            (style.form, style.first_year.unwrap())
        })
    }

    #[test]
    fn the_id_numbers_show_the_century_of_births() {
        assert_eq!(births(|day| day.strftime("%y-%m-%d").to_string()), Some((DayForm::Written, 1921)));
        assert_eq!(births(|day| day.strftime("%d/%m/%y").to_string()), Some((DayForm::DayFirst, 1921)));
        assert_eq!(births(|day| day.strftime("%m/%d/%y").to_string()), Some((DayForm::MonthFirst, 1921)));
        assert_eq!(births(|day| day.strftime("%d-%-m月-%y").to_string()), Some((DayForm::Written, 1921)));
        assert_eq!(births(|day| day.strftime("%Y-%m-%d").to_string()), None);
        assert_eq!(births(|day| day.strftime("%y-01-01").to_string()), None);
    }

    #[test]
    fn registers_are_of_our_time() {
        let times = |write: &dyn Fn(i8) -> String| {
            let rows = (1..=28).map(|day| [write(day), String::new()]).collect();
            short_years(&table(rows), 0, InferredRole::RegisteredAt, None).map(|(style, _)| style.form)
        };
        assert_eq!(times(&|day| format!("16-06-{day:02} 09:05")), Some(DayForm::Written));
        assert_eq!(times(&|day| format!("{day:02}/06/16")), Some(DayForm::DayFirst));
        assert_eq!(times(&|day| format!("06/{day:02}/16")), Some(DayForm::MonthFirst));
        assert_eq!(times(&|day| format!("{day:02}-6月 -16 09.05.00.000000 上午")), Some(DayForm::Written));
        // The sixth of June or of some other month: nobody knows.
        assert_eq!(times(&|day| format!("{:02}/{:02}/16", day % 12 + 1, (day + 5) % 12 + 1)), None);
        assert_eq!(times(&|day| format!("2016-06-{day:02}")), None);
    }
}
