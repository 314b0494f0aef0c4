//! Operands as SQL: the state and the value of each.

use super::super::field::{FOREIGN, INVALID, KNOWN, MISSING, digits_number};
use super::super::{any, every};
use super::{OperandSql, PatternWords};
use tongbao_rule::definitions::ValueType;
use tongbao_rule::parse::type_of;
use tongbao_rule::tree::{Attribute, FieldId, Literal, ONE, Operand};

impl PatternWords<'_> {
    pub(super) fn type_of(&self, operand: &Operand) -> ValueType {
        type_of(operand, self.definitions)
    }

    pub(super) fn operand(&self, operand: &Operand) -> OperandSql {
        let d = self.bound.d;
        match operand {
            Operand::Field(field) => self.field(*field),
            Operand::Attribute(field, attribute) => self.attribute(*field, *attribute),
            Operand::Derived(at) => self.derived(*at),
            Operand::Unit => {
                let unit = d.trim(&self.bound.unit);
                let state = format!("CASE WHEN {unit} <> '' THEN {KNOWN} ELSE {MISSING} END");
                let value = format!("CASE WHEN {unit} <> '' THEN {unit} ELSE '' END");
                required(state, value)
            }
            Operand::RegisteredOn => {
                let state = format!(
                    "CASE WHEN {} IS NOT NULL THEN {KNOWN} WHEN {} THEN {INVALID} ELSE {MISSING} END",
                    self.bound.day, self.bound.invalid_day
                );
                let number = d.wide(&self.bound.day_number);
                required(state, format!("CASE WHEN {} IS NOT NULL THEN {number} ELSE 0 END", self.bound.day))
            }
            Operand::CutOff => fixed(self.cut_off.to_string()),
            Operand::Literal(literal) => fixed(match literal {
                Literal::Date(date) => date.to_string(),
                Literal::Number(number) => d.whole(*number),
                Literal::Text(text) => d.text(text),
                Literal::Code { code, .. } => code.to_string(),
                Literal::Truth(is_yes) => u8::from(*is_yes).to_string(),
            }),
            Operand::Age { of, on } => self.dates(of, on, |of, on| {
                // Whole years, rounded down also where they are negative.
                let span = format!("({on} - {of} + {SHIFT})");
                format!("({} - {})", d.quotient(&span, 10_000), SHIFT / 10_000)
            }),
            Operand::Months { of, on } => self.dates(of, on, |of, on| {
                let month = |date: &str| {
                    format!("({} * 12 + {} % 100)", d.quotient(date, 10_000), d.quotient(date, 100))
                };
                format!(
                    "({} - {} - CASE WHEN {on} % 100 < {of} % 100 THEN 1 ELSE 0 END)",
                    month(on),
                    month(of)
                )
            }),
            Operand::Days { from, to } => self.dates(from, to, |from, to| {
                let day = |date: &str| day_number(&|value: &str, by| d.quotient(value, by), date);
                format!("({} - {})", day(to), day(from))
            }),
            Operand::Length(of) => {
                let of = self.operand(of);
                let value = format!("char_length({}) * {}", of.value, d.whole(ONE));
                OperandSql { value: format!("({value})"), ..of }
            }
            Operand::Rest { of, skipped } => {
                let of = self.operand(of);
                OperandSql { value: format!("substr({}, {})", of.value, skipped + 1), ..of }
            }
            Operand::Times { factor, of } => {
                let of = self.operand(of);
                let product = d.product(&of.value, *factor);
                let is_exact = format!(
                    "({product} % {ONE} = 0 AND {product} BETWEEN -{limit} AND {limit})",
                    limit = i128::from(i64::MAX) * i128::from(ONE)
                );
                let state = format!(
                    "CASE WHEN {0} = {KNOWN} THEN CASE WHEN {is_exact} THEN {KNOWN} ELSE {INVALID} END ELSE {0} END",
                    of.state
                );
                OperandSql { state, value: format!("({product} / {ONE})"), ..of }
            }
        }
    }

    pub(super) fn field(&self, field: FieldId) -> OperandSql {
        match &self.columns[field.index()] {
            Some(columns) => {
                let missing = format!("{} = {MISSING}", columns.state);
                let lacks = match &columns.applies {
                    Some(applies) => format!("({missing} AND {applies} = 1)"),
                    None => missing,
                };
                OperandSql {
                    state: columns.state.clone(),
                    value: columns.value.clone(),
                    text: columns.text.clone(),
                    lacks,
                }
            }
            // Every field that a relation in use reads is bound.
            None => required(MISSING.to_string(), "''".to_owned()),
        }
    }

    fn attribute(&self, field: FieldId, attribute: Attribute) -> OperandSql {
        let of = self.field(field);
        let is_uscc = self.definitions.fields[field.index()].value_type == ValueType::Uscc;
        let known = |value: String, nothing: &str| {
            format!("CASE WHEN {} = {KNOWN} THEN {value} ELSE {nothing} END", of.state)
        };
        let value = match (attribute, is_uscc) {
            (Attribute::BirthDate, _) => {
                let digits = format!("substr({}, 7, 8)", of.value);
                known(self.bound.d.wide(&digits_number(&digits, 8)), "0")
            }
            (Attribute::Sex, _) => {
                let list = self.definitions.lists.iter().find(|list| list.key == "sex");
                let position = |word: &str| {
                    list.and_then(|list| list.position(word)).map_or("-1".to_owned(), |at| at.to_string())
                };
                let by_sex = |male: &str, female: &str| {
                    let odd = format!("substr({}, 17, 1) IN ('1', '3', '5', '7', '9')", of.value);
                    format!("CASE WHEN {odd} THEN {male} ELSE {female} END")
                };
                let code = known(by_sex(&position("男"), &position("女")), "-1");
                return OperandSql { value: code, text: known(by_sex("'男'", "'女'"), "''"), ..of };
            }
            (Attribute::Division, true) => format!("substr({}, 3, 6)", of.value),
            (Attribute::Division, false) => format!("left({}, 6)", of.value),
            (Attribute::Text, true) => of.value.clone(),
            (Attribute::Text, false) => of.text.clone(),
        };
        let text = value.clone();
        OperandSql { value, text, ..of }
    }

    /// The first known source; else what the worst of them is.
    fn derived(&self, at: usize) -> OperandSql {
        let sources: Vec<OperandSql> =
            self.definitions.values[at].first_of.iter().map(|source| self.operand(source)).collect();
        let in_state = |state: u8| any(sources.iter().map(|source| format!("{} = {state}", source.state)));
        let first = |of: &dyn Fn(&OperandSql) -> String| {
            let arms: String = sources
                .iter()
                .map(|source| format!("WHEN {} = {KNOWN} THEN {} ", source.state, of(source)))
                .collect();
            // Where none is known, any of them stands for a value that nothing compares.
            format!("CASE {arms}ELSE {} END", sources.first().map_or("''".to_owned(), of))
        };
        let all_missing = every(sources.iter().map(|source| format!("{} = {MISSING}", source.state)));
        OperandSql {
            state: format!(
                "CASE WHEN {} THEN {KNOWN} WHEN {} THEN {INVALID} WHEN {} THEN {FOREIGN} ELSE {MISSING} END",
                in_state(KNOWN),
                in_state(INVALID),
                in_state(FOREIGN)
            ),
            value: first(&|source| source.value.clone()),
            text: first(&|source| source.text.clone()),
            lacks: every([all_missing, any(sources.iter().map(|source| source.lacks.clone()))]),
        }
    }

    /// A number of whole units between two dates.
    fn dates(&self, one: &Operand, other: &Operand, span: impl FnOnce(&str, &str) -> String) -> OperandSql {
        let (one, other) = (self.operand(one), self.operand(other));
        let (a, b) = (&one.state, &other.state);
        let state = format!(
            "CASE WHEN {a} = {KNOWN} AND {b} = {KNOWN} THEN {KNOWN} WHEN {a} = {FOREIGN} OR {b} = {FOREIGN} THEN {FOREIGN} \
             WHEN {a} = {INVALID} OR {b} = {INVALID} THEN {INVALID} ELSE {MISSING} END"
        );
        let value = format!("({} * {})", span(&one.value, &other.value), self.bound.d.whole(ONE));
        OperandSql { state, text: value.clone(), value, lacks: any([one.lacks, other.lacks]) }
    }
}

/// Makes spans of dates positive, so that a quotient rounds down.
const SHIFT: i64 = 100_000_000;

/// Days since a fixed day, of a date as the number `YYYYMMDD` (the Julian day by integers).
fn day_number(quotient: &dyn Fn(&str, i64) -> String, date: &str) -> String {
    let (year, month, day) =
        (quotient(date, 10_000), format!("({} % 100)", quotient(date, 100)), format!("({date} % 100)"));
    let before_march = format!("(CASE WHEN {month} < 3 THEN 1 ELSE 0 END)");
    let year = format!("({year} + 4800 - {before_march})");
    let month = format!("({month} + 12 * {before_march} - 3)");
    let months = quotient(&format!("153 * {month} + 2"), 5);
    let leap = format!("{} - {} + {}", quotient(&year, 4), quotient(&year, 100), quotient(&year, 400));
    format!("({day} + {months} + 365 * {year} + {leap})")
}

/// An operand that is missing only for want of something that every record needs.
fn required(state: String, value: String) -> OperandSql {
    let lacks = format!("{state} = {MISSING}");
    OperandSql { state, text: value.clone(), value, lacks }
}

fn fixed(value: String) -> OperandSql {
    OperandSql { state: KNOWN.to_string(), text: value.clone(), value, lacks: "FALSE".to_owned() }
}

pub(super) fn is_fixed(operand: &Operand) -> bool {
    matches!(operand, Operand::Literal(_) | Operand::CutOff)
}
