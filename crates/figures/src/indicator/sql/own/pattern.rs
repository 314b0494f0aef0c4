//! The pattern of a record as whole numbers of a database, which are positive up to 62 bits.

use super::super::Dialect;
use crate::indicator::own::OwnInUse;
use crate::indicator::own_pattern::OwnPattern;
use tongbao_config::settings::Indicators;
use tongbao_rule::evaluate::RelationOutcome;

/// Fields and relations in one number, two bits each.
const A_NUMBER: usize = 31;

/// Columns of the numbers: as many as all own fields and relations take that there can be.
pub(in super::super) const NAMES: [&str; 4] = ["own", "own_2", "own_3", "own_4"];

/// Expressions of two bits each as numbers.
pub(super) fn of_bits(d: Dialect, bits: &[String]) -> Vec<String> {
    let term = |(at, bits): (usize, &String)| format!("({bits}) * {}", d.whole(1 << (2 * at)));
    let number = |bits: &[String]| bits.iter().enumerate().map(term).collect::<Vec<_>>().join(" + ");
    bits.chunks(A_NUMBER).map(number).collect()
}

/// The numbers among some columns as one text.
pub(in super::super) fn numbers(d: Dialect, columns: &[&str]) -> String {
    let own = columns.iter().filter(|column| NAMES.contains(column)).map(|column| d.as_text(column));
    let numbers: Vec<String> = own.collect();
    match &numbers[..] {
        [] => "NULL".to_owned(),
        [only] => only.clone(),
        several => {
            let parts: Vec<&str> = several.iter().flat_map(|number| ["','", number]).skip(1).collect();
            d.concat(&parts)
        }
    }
}

/// Reads the numbers of a record.
pub(in super::super) struct SqlPattern {
    in_use: OwnInUse,
}

impl SqlPattern {
    pub(in super::super) fn new(indicators: &Indicators) -> SqlPattern {
        SqlPattern { in_use: OwnInUse::of(indicators) }
    }

    /// The pattern that the text of [`numbers`] stands for; `None` if it is none.
    pub(in super::super) fn read(&self, text: &str) -> Option<OwnPattern> {
        let numbers: Vec<u64> = text.split(',').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let bits = |at: usize| Some(numbers.get(at / A_NUMBER)? >> (2 * (at % A_NUMBER)) & 3);
        let mut pattern = OwnPattern::default();
        let mut count = 0;
        for (at, field) in self.in_use.fields().enumerate() {
            pattern = pattern.with_field(field, bits(at)?);
            count = at + 1;
        }
        for (at, relation) in (count..).zip(&self.in_use.relations) {
            pattern = pattern.with(*relation, RelationOutcome::ALL[bits(at)? as usize]);
        }
        Some(pattern)
    }
}
