//! Parts of clauses as SQL: whether each is true, false or not known.

use super::super::super::{Inexpressible, province};
use super::super::every;
use super::super::field::{KNOWN, MISSING, has_form};
use super::operand::is_fixed;
use super::{FALSE, PatternWords, TRUE, UNKNOWN};
use tongbao_rule::definitions::ValueType;
use tongbao_rule::tree::{ClausePart, CodeSet, Comparator, DivisionDigits, Operand, ValueState};

impl PatternWords<'_> {
    pub(super) fn part(&self, part: &ClausePart) -> Result<String, Inexpressible> {
        if let ClausePart::Has { operand, state } = part {
            let missing = format!("{} = {MISSING}", self.operand(operand).state);
            let (blank, filled) = match state {
                ValueState::Filled => (FALSE, TRUE),
                ValueState::Blank => (TRUE, FALSE),
                ValueState::Valid => (UNKNOWN, TRUE),
            };
            return Ok(format!("CASE WHEN {missing} THEN {blank} ELSE {filled} END"));
        }
        let operands = part.operands().filter(|operand| !is_fixed(operand));
        let known = every(operands.map(|operand| format!("{} = {KNOWN}", self.operand(operand).state)));
        let holds = self.holds(part)?;
        Ok(format!(
            "CASE WHEN {known} THEN CASE WHEN {holds} THEN {TRUE} ELSE {FALSE} END ELSE {UNKNOWN} END"
        ))
    }

    /// The condition that a part holds for known operands.
    fn holds(&self, part: &ClausePart) -> Result<String, Inexpressible> {
        let d = self.bound.d;
        Ok(match part {
            ClausePart::Compare { left, comparison, right } => self.compare(left, *comparison, right),
            ClausePart::Between { operand, low, high } => {
                let [value, low, high] = [operand, low, high].map(|operand| self.operand(operand).value);
                format!("({value} >= {low} AND {value} <= {high})")
            }
            ClausePart::Among { operand, set, is_negated } => {
                let among = self.among(&self.operand(operand).value, set);
                if *is_negated { format!("NOT ({among})") } else { among }
            }
            ClausePart::Has { .. } => "TRUE".to_owned(),
            ClausePart::StartsWith { operand, prefix } => {
                let [text, prefix] = [operand, prefix].map(|operand| self.operand(operand).value);
                format!("left({text}, char_length({prefix})) = {prefix}")
            }
            ClausePart::HasForm { operand, form } => has_form(d, &self.operand(operand).value, form),
            ClausePart::SameDivision { left, right, level, is_negated } => {
                let same = self.same_division(left, right, *level);
                if *is_negated { format!("NOT ({same})") } else { same }
            }
        })
    }

    fn compare(&self, left: &Operand, comparison: Comparator, right: &Operand) -> String {
        let [one, other] = [left, right].map(|operand| self.operand(operand));
        let sign = if comparison == Comparator::NotEqual { "<>" } else { comparison.sign() };
        let plain = format!("{} {sign} {}", one.value, other.value);
        if !matches!(self.type_of(left), ValueType::Code(_)) || is_fixed(left) || is_fixed(right) {
            return plain;
        }
        // Values that an open list does not have are the same where their texts are.
        let same =
            format!("({0} = {1} AND ({0} >= 0 OR {2} = {3}))", one.value, other.value, one.text, other.text);
        if comparison == Comparator::NotEqual { format!("NOT {same}") } else { same }
    }

    fn among(&self, value: &str, set: &CodeSet) -> String {
        let numbers = |codes: &[usize]| match codes.is_empty() {
            true => "FALSE".to_owned(),
            false => {
                format!("{value} IN ({})", codes.iter().map(usize::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        match set {
            CodeSet::List(_) => format!("{value} >= 0"),
            CodeSet::Group { list, group } => numbers(&self.definitions.lists[*list].groups[*group].members),
            CodeSet::Codes { codes, .. } => numbers(codes),
            CodeSet::Texts(texts) => {
                format!("{value} IN ({})", self.bound.d.texts(texts.iter().map(String::as_str)))
            }
        }
    }

    /// Whether two known divisions, of which at most one is a place, are the same.
    fn same_division(&self, left: &Operand, right: &Operand, level: DivisionDigits) -> String {
        match (self.type_of(left), self.type_of(right)) {
            (ValueType::Place, _) => self.in_province(left, right),
            (_, ValueType::Place) => self.in_province(right, left),
            _ => {
                let [one, other] = [left, right].map(|operand| self.division(operand));
                format!("left({one}, {digits}) = left({other}, {digits})", digits = level.digits())
            }
        }
    }

    fn in_province(&self, place: &Operand, number: &Operand) -> String {
        let province = province::province(self.bound.d, &self.operand(place).value);
        format!("CASE WHEN {province} = left({}, 2) THEN TRUE ELSE FALSE END", self.division(number))
    }

    /// Six digits of the division that a known number names.
    pub(super) fn division(&self, operand: &Operand) -> String {
        let value = self.operand(operand).value;
        match self.type_of(operand) {
            ValueType::Uscc => format!("substr({value}, 3, 6)"),
            _ => format!("left({value}, 6)"),
        }
    }
}
