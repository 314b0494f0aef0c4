//! Clauses and relations as SQL, over the columns that fields are bound to. The truth of a clause is 0 (false),
//! 1 (unknown) or 2 (true).

use super::super::columns::RecordColumns;
use super::super::{Inexpressible, id_number, province};
use super::field::{FOREIGN, FieldColumns, INVALID, KNOWN, MISSING, has_form};
use super::{any, every, outcome};
use tongbao_register::date::DateNumber;
use tongbao_rule::definitions::{Definitions, Demand, RelationDefinition, ValueType};
use tongbao_rule::evaluate::RelationOutcome;
use tongbao_rule::parse::type_of;
use tongbao_rule::tree::{
    Attribute, Clause, ClausePart, CodeSet, Comparator, DivisionDigits, FieldId, Literal, ONE, Operand,
    ValueState,
};

const FALSE: u8 = 0;
pub(super) const UNKNOWN: u8 = 1;
pub(super) const TRUE: u8 = 2;

/// Writes clauses over bound columns.
pub(super) struct PatternWords<'a> {
    pub bound: &'a RecordColumns,
    pub definitions: &'a Definitions,
    pub columns: &'a [Option<FieldColumns>],
    pub cut_off: DateNumber,
}

/// An operand: its state and value, neither ever NULL.
struct OperandSql {
    state: String,
    value: String,
    /// What codes and numbers are compared by besides; the value for other types.
    text: String,
    /// Condition: missing for want of something that applies to the record.
    lacks: String,
}

/// Which operands of a clause stand in the way of judging it.
struct Obstacles {
    foreign: Vec<String>,
    invalid: Vec<String>,
}

impl PatternWords<'_> {
    /// 1 where these conditions are not known to be false, else 0.
    pub(super) fn applies(&self, clauses: &[Clause]) -> Result<String, Inexpressible> {
        let obstacles = self.obstacles(clauses);
        let is_decided = any(obstacles.foreign.into_iter().chain(obstacles.invalid));
        let truth = self.all(clauses)?;
        Ok(format!("CASE WHEN {is_decided} THEN 1 WHEN {truth} = {FALSE} THEN 0 ELSE 1 END"))
    }

    /// The outcome of a relation, 0 to 3.
    pub(super) fn outcome(&self, relation: &RelationDefinition) -> Result<String, Inexpressible> {
        let (not_applicable, pass) = (RelationOutcome::NotApplicable, RelationOutcome::Pass);
        let demand = match &relation.demand {
            Demand::Check(check) => self.stage(check, RelationOutcome::Fail, &outcome(pass).to_string())?,
            Demand::Cases(_) => self.cases(&relation.demand)?,
            // Decided by all records of a key together.
            Demand::Unique(_) | Demand::Group { .. } => {
                return Err(Inexpressible::Sets(relation.key.clone()));
            }
        };
        let premise = self.stage(&relation.premise, pass, &demand)?;
        self.stage(&relation.when, not_applicable, &premise)
    }

    /// What a stage decides, `then` where it is true.
    pub(super) fn stage(
        &self,
        clauses: &[Clause],
        if_false: RelationOutcome,
        then: &str,
    ) -> Result<String, Inexpressible> {
        if clauses.is_empty() {
            return Ok(then.to_owned());
        }
        Ok(format!(
            "CASE {decided}ELSE CASE {truth} WHEN {FALSE} THEN {no} WHEN {UNKNOWN} THEN {unknown} ELSE {then} END END",
            decided = self.decided(clauses),
            truth = self.all(clauses)?,
            no = outcome(if_false),
            unknown = self.missing(&self.lack(clauses)?),
        ))
    }

    /// What fields that are not known decide, `then` where all are known.
    pub(super) fn unless_unread(&self, fields: &[FieldId], then: &str) -> String {
        let all: Vec<OperandSql> = fields.iter().map(|field| self.field(*field)).collect();
        let in_state = |state: u8| any(all.iter().map(|field| format!("{} = {state}", field.state)));
        format!(
            "CASE WHEN {} THEN {} WHEN {} THEN {} WHEN {} THEN {} ELSE {then} END",
            in_state(FOREIGN),
            outcome(RelationOutcome::NotApplicable),
            in_state(INVALID),
            outcome(RelationOutcome::Fail),
            in_state(MISSING),
            self.missing(&any(all.iter().map(|field| field.lacks.clone()))),
        )
    }

    /// The truth of all clauses, 0 where an operand is foreign or invalid.
    pub(super) fn truth_of_known(&self, clauses: &[Clause]) -> Result<String, Inexpressible> {
        let obstacles = self.obstacles(clauses);
        let is_decided = any(obstacles.foreign.into_iter().chain(obstacles.invalid));
        Ok(format!("CASE WHEN {is_decided} THEN {FALSE} ELSE {} END", self.all(clauses)?))
    }

    /// Arms of what foreign and invalid operands decide.
    fn decided<'c>(&self, clauses: impl IntoIterator<Item = &'c Clause>) -> String {
        let obstacles = self.obstacles(clauses);
        format!(
            "WHEN {} THEN {} WHEN {} THEN {} ",
            any(obstacles.foreign),
            outcome(RelationOutcome::NotApplicable),
            any(obstacles.invalid),
            outcome(RelationOutcome::Fail),
        )
    }

    fn missing(&self, lack: &str) -> String {
        let (missing, none) = (outcome(RelationOutcome::Missing), outcome(RelationOutcome::NotApplicable));
        format!("CASE WHEN {lack} THEN {missing} ELSE {none} END")
    }

    fn cases(&self, demand: &Demand) -> Result<String, Inexpressible> {
        let Demand::Cases(cases) = demand else { return Ok(String::new()) };
        let (mut arms, mut truths, mut lacks) = (String::new(), Vec::new(), Vec::new());
        for case in cases {
            let truth = self.all(&case.when)?;
            let check =
                self.stage(&case.check, RelationOutcome::Fail, &outcome(RelationOutcome::Pass).to_string())?;
            arms.push_str(&format!("WHEN {truth} = {TRUE} THEN {check} "));
            lacks.push(every([format!("{truth} = {UNKNOWN}"), self.lack(&case.when)?]));
            truths.push(format!("{truth} = {UNKNOWN}"));
        }
        Ok(format!(
            "CASE {}{arms}WHEN {} THEN {} ELSE {} END",
            self.decided(demand.clauses()),
            any(truths),
            self.missing(&any(lacks)),
            outcome(RelationOutcome::Pass),
        ))
    }

    /// The least truth of all clauses.
    fn all(&self, clauses: &[Clause]) -> Result<String, Inexpressible> {
        let all: Result<Vec<String>, Inexpressible> =
            clauses.iter().map(|clause| self.clause(clause)).collect();
        Ok(extreme("least", all?, TRUE))
    }

    fn clause(&self, clause: &Clause) -> Result<String, Inexpressible> {
        let parts: Result<Vec<String>, Inexpressible> =
            clause.parts.iter().map(|part| self.part(part)).collect();
        Ok(extreme("greatest", parts?, TRUE))
    }

    /// The condition that the unknown clauses hang on something that applies to the record.
    fn lack(&self, clauses: &[Clause]) -> Result<String, Inexpressible> {
        let mut lacks = Vec::new();
        for clause in clauses {
            let own =
                clause.parts.iter().flat_map(ClausePart::operands).map(|operand| self.operand(operand).lacks);
            lacks.push(every([format!("{} = {UNKNOWN}", self.clause(clause)?), any(own)]));
        }
        Ok(any(lacks))
    }

    fn obstacles<'c>(&self, clauses: impl IntoIterator<Item = &'c Clause>) -> Obstacles {
        let mut obstacles = Obstacles { foreign: Vec::new(), invalid: Vec::new() };
        for part in clauses.into_iter().flat_map(|clause| &clause.parts) {
            if matches!(part, ClausePart::Has { state: ValueState::Filled | ValueState::Blank, .. }) {
                continue;
            }
            for operand in part.operands().filter(|operand| !is_fixed(operand)) {
                let sql = self.operand(operand);
                obstacles.foreign.push(format!("{} = {FOREIGN}", sql.state));
                obstacles.invalid.push(format!("{} = {INVALID}", sql.state));
                if matches!(part, ClausePart::SameDivision { .. })
                    && self.type_of(operand) == ValueType::CitizenId
                {
                    obstacles.foreign.push(format!(
                        "({} = {KNOWN} AND ({}))",
                        sql.state,
                        id_number::not_a_citizen(&sql.value)
                    ));
                }
            }
        }
        obstacles
    }

    fn part(&self, part: &ClausePart) -> Result<String, Inexpressible> {
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
    fn division(&self, operand: &Operand) -> String {
        let value = self.operand(operand).value;
        match self.type_of(operand) {
            ValueType::Uscc => format!("substr({value}, 3, 6)"),
            _ => format!("left({value}, 6)"),
        }
    }

    /// Conditions under which the table of divisions decides, which only the program has.
    pub(super) fn unread<'c>(&self, clauses: impl Iterator<Item = &'c Clause>) -> Vec<String> {
        let mut out = Vec::new();
        for part in clauses.flat_map(|clause| &clause.parts) {
            let ClausePart::SameDivision { left, right, .. } = part else { continue };
            let (place, number) = match (self.type_of(left), self.type_of(right)) {
                (ValueType::Place, _) => (left, right),
                (_, ValueType::Place) => (right, left),
                _ => continue,
            };
            let (place, state) = (self.operand(place), self.operand(number).state);
            let province = province::province(self.bound.d, &place.value);
            let is_open = province::is_unread(self.bound.d, &province, &self.division(number));
            out.push(format!("({} = {KNOWN} AND {state} = {KNOWN} AND {is_open})", place.state));
        }
        out
    }

    fn type_of(&self, operand: &Operand) -> ValueType {
        type_of(operand, self.definitions)
    }

    fn operand(&self, operand: &Operand) -> OperandSql {
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

    fn field(&self, field: FieldId) -> OperandSql {
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
                known(self.bound.d.wide(&super::field::digits_number(&digits, 8)), "0")
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

fn is_fixed(operand: &Operand) -> bool {
    matches!(operand, Operand::Literal(_) | Operand::CutOff)
}

fn extreme(function: &str, mut truths: Vec<String>, of_none: u8) -> String {
    match truths.len() {
        0 => of_none.to_string(),
        1 => truths.remove(0),
        _ => format!("{function}({})", truths.join(", ")),
    }
}

/// Refuses a clause that compares places more closely than by province: the table of divisions decides there.
pub(super) fn check_places(
    definitions: &Definitions,
    key: &str,
    clause: &Clause,
) -> Result<(), Inexpressible> {
    for part in &clause.parts {
        let ClausePart::SameDivision { left, right, level, .. } = part else { continue };
        let places =
            [left, right].iter().filter(|operand| type_of(operand, definitions) == ValueType::Place).count();
        if places == 2 || places == 1 && *level != DivisionDigits::Province {
            return Err(Inexpressible::Places(key.to_owned()));
        }
    }
    Ok(())
}
