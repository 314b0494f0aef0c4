//! Clauses and relations as SQL, over the columns that fields are bound to. The truth of a clause is 0 (false),
//! 1 (unknown) or 2 (true).

mod operand;
mod part;

use super::super::columns::RecordColumns;
use super::super::{Inexpressible, id_number, province};
use super::field::{FOREIGN, FieldColumns, INVALID, KNOWN, MISSING};
use super::{any, every, outcome};
use operand::is_fixed;
use tongbao_register::date::DateNumber;
use tongbao_rule::definitions::{Definitions, Demand, RelationDefinition, ValueType};
use tongbao_rule::evaluate::RelationOutcome;
use tongbao_rule::parse::type_of;
use tongbao_rule::tree::{Clause, ClausePart, DivisionDigits, FieldId, ValueState};

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
        let of_invalid = relation.of_invalid();
        let demand = match &relation.demand {
            Demand::Check(check) => {
                self.stage(check, [RelationOutcome::Fail, of_invalid], &outcome(pass).to_string())?
            }
            Demand::Cases(_) => self.cases(relation)?,
            // Decided by all records of a key together.
            Demand::Unique(_) | Demand::Group { .. } | Demand::Listed { .. } => {
                return Err(Inexpressible::Sets(relation.key.clone()));
            }
        };
        let premise = self.stage(&relation.premise, [pass, of_invalid], &demand)?;
        self.stage(&relation.when, [not_applicable, of_invalid], &premise)
    }

    /// What a stage decides: the outcomes where it is false and where a value is invalid, `then` where it is true.
    pub(super) fn stage(
        &self,
        clauses: &[Clause],
        [if_false, of_invalid]: [RelationOutcome; 2],
        then: &str,
    ) -> Result<String, Inexpressible> {
        if clauses.is_empty() {
            return Ok(then.to_owned());
        }
        Ok(format!(
            "CASE {decided}ELSE CASE {truth} WHEN {FALSE} THEN {no} WHEN {UNKNOWN} THEN {unknown} ELSE {then} END END",
            decided = self.decided(clauses, of_invalid),
            truth = self.all(clauses)?,
            no = outcome(if_false),
            unknown = self.missing(&self.lack(clauses)?),
        ))
    }

    /// What fields that are not known decide, `then` where all are known.
    pub(super) fn unless_unread(
        &self,
        fields: &[FieldId],
        of_invalid: RelationOutcome,
        then: &str,
    ) -> String {
        let all: Vec<OperandSql> = fields.iter().map(|field| self.field(*field)).collect();
        let in_state = |state: u8| any(all.iter().map(|field| format!("{} = {state}", field.state)));
        format!(
            "CASE WHEN {} THEN {} WHEN {} THEN {} WHEN {} THEN {} ELSE {then} END",
            in_state(FOREIGN),
            outcome(RelationOutcome::NotApplicable),
            in_state(INVALID),
            outcome(of_invalid),
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
    fn decided<'c>(
        &self,
        clauses: impl IntoIterator<Item = &'c Clause>,
        of_invalid: RelationOutcome,
    ) -> String {
        let obstacles = self.obstacles(clauses);
        format!(
            "WHEN {} THEN {} WHEN {} THEN {} ",
            any(obstacles.foreign),
            outcome(RelationOutcome::NotApplicable),
            any(obstacles.invalid),
            outcome(of_invalid),
        )
    }

    fn missing(&self, lack: &str) -> String {
        let (missing, none) = (outcome(RelationOutcome::Missing), outcome(RelationOutcome::NotApplicable));
        format!("CASE WHEN {lack} THEN {missing} ELSE {none} END")
    }

    fn cases(&self, relation: &RelationDefinition) -> Result<String, Inexpressible> {
        let Demand::Cases(cases) = &relation.demand else { return Ok(String::new()) };
        let outcomes = [RelationOutcome::Fail, relation.of_invalid()];
        let (mut arms, mut truths, mut lacks) = (String::new(), Vec::new(), Vec::new());
        for case in cases {
            let truth = self.all(&case.when)?;
            let check = self.stage(&case.check, outcomes, &outcome(RelationOutcome::Pass).to_string())?;
            arms.push_str(&format!("WHEN {truth} = {TRUE} THEN {check} "));
            lacks.push(every([format!("{truth} = {UNKNOWN}"), self.lack(&case.when)?]));
            truths.push(format!("{truth} = {UNKNOWN}"));
        }
        Ok(format!(
            "CASE {}{arms}WHEN {} THEN {} ELSE {} END",
            self.decided(relation.demand.clauses(), relation.of_invalid()),
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
            // Whether a value is filled is never unknown.
            let unknown = clause.parts.iter().filter(|part| {
                !matches!(part, ClausePart::Has { state: ValueState::Filled | ValueState::Blank, .. })
            });
            let own = unknown.flat_map(ClausePart::operands).map(|operand| self.operand(operand).lacks);
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
