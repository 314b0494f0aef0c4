//! Relations that compare records, as windows over the records of one key: what [`tongbao_rule::sets`] does one by one.

use super::super::layer::{Layer, Layers};
use super::super::value::SqlFieldValue;
use super::super::{Dialect, Inexpressible, SqlColumn, SqlReference};
use super::clause::{PatternWords, TRUE, UNKNOWN};
use super::field::has_form;
use super::outcome;
use tongbao_register::batch::days_since_epoch;
use tongbao_register::date::from_number;
use tongbao_rule::definitions::{Demand, RelationDefinition, ValueType};
use tongbao_rule::evaluate::RelationOutcome;
use tongbao_rule::sets::GroupCount;
use tongbao_rule::tree::{Clause, ClausePart, FieldId, Operand};

/// Stands for the outcome of a record that takes part.
const MEMBER: u8 = 9;

/// Columns of one relation.
pub(super) struct SetColumns {
    /// Position of the relation.
    own: u8,
    /// The outcome, or [`MEMBER`].
    decided: String,
    /// Equal for records that belong together, NULL for those that take no part.
    key: String,
    /// The truth that a record is of the kind that a group counts.
    counted: String,
}

impl PatternWords<'_> {
    /// Binds what one record is to a relation over several, in the layer at hand.
    pub(super) fn bind_set(
        &self,
        layer: &mut Layer,
        own: u8,
        relation: &RelationDefinition,
    ) -> Result<SetColumns, Inexpressible> {
        if self.hangs_on_rare_forms(relation) {
            return Err(Inexpressible::Sets(relation.key.clone()));
        }
        let fields = relation.set_fields();
        let of_invalid = relation.of_invalid();
        let inner = self.unless_unread(fields, of_invalid, &MEMBER.to_string());
        let decided = self.stage(&relation.when, [RelationOutcome::NotApplicable, of_invalid], &inner)?;
        let none = outcome(RelationOutcome::NotApplicable);
        let due = match from_number(self.cut_off) {
            Some(cut_off) => format!("{} > {}", self.bound.day, days_since_epoch(cut_off)),
            None => "FALSE".to_owned(),
        };
        let decided = format!(
            "CASE WHEN {is_none} THEN {none} WHEN ({decided}) < {MEMBER} THEN {decided} WHEN {due} THEN {none} \
             ELSE {MEMBER} END",
            is_none = self.bound.is_no_record
        );
        let counted = match &relation.demand {
            Demand::Group { filter, .. } => self.truth_of_known(filter)?,
            _ => TRUE.to_string(),
        };
        let key = self.key(fields);
        Ok(SetColumns {
            own,
            decided: layer.bind(&format!("d{own}"), decided),
            key: layer.bind(&format!("k{own}"), key),
            counted: layer.bind(&format!("q{own}"), counted),
        })
    }

    /// Whether a value that only the program reads could decide.
    fn hangs_on_rare_forms(&self, relation: &RelationDefinition) -> bool {
        let mut fields: Vec<FieldId> = relation.set_fields().to_vec();
        for operand in
            relation.clauses().flat_map(|clause: &Clause| &clause.parts).flat_map(ClausePart::operands)
        {
            operand.walk(&mut |operand| match operand {
                Operand::Field(field) | Operand::Attribute(field, _) => fields.push(*field),
                Operand::Derived(_) => {
                    fields.push(FieldId(tongbao_register::field::Field::BirthDate.index() as u8))
                }
                _ => {}
            });
        }
        let type_of = |field: &FieldId| self.definitions.fields[field.index()].value_type;
        fields.iter().any(|field| matches!(type_of(field), ValueType::Date | ValueType::Number))
    }

    /// The known values of a record, each with its length, so that none runs into the next.
    fn key(&self, fields: &[FieldId]) -> String {
        let d = self.bound.d;
        let value = |field: &FieldId| {
            let Some(columns) = &self.columns[field.index()] else { return "''".to_owned() };
            match self.definitions.fields[field.index()].value_type {
                ValueType::Code(_) => format!(
                    "CASE WHEN {0} >= 0 THEN {1} ELSE {2} END",
                    columns.value,
                    d.concat(&["'#'", &columns.value]),
                    d.comparable(&columns.text)
                ),
                ValueType::Text | ValueType::Formed | ValueType::Place => d.comparable(&columns.value),
                ValueType::YesNo => d.concat(&["''", &columns.value]),
                ValueType::CitizenId | ValueType::Uscc | ValueType::Date | ValueType::Number => {
                    columns.value.clone()
                }
            }
        };
        let parts: Vec<String> = fields.iter().map(value).map(|value| with_length(d, &value)).collect();
        match &parts[..] {
            [only] => only.clone(),
            _ => d.concat(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
        }
    }
}

/// A list with the column of the register that is looked up in it.
pub(super) struct LookedUp {
    own: u8,
    /// Keys of the entries that are values of the field.
    entries: String,
}

/// The column that is 1 where a relation finds the value in its list. Columns of fields have other letters: the same number is
/// that of a field and that of a relation.
fn found(own: u8) -> String {
    format!("l{own}")
}

impl LookedUp {
    /// The register with a column more: a join, because databases look into a long list for each record otherwise.
    pub(super) fn beside(self, register: Layers) -> Layers {
        let LookedUp { own, entries } = self;
        let join = format!(" LEFT JOIN ({entries}) AS looked ON looked.entry = layer.k{own}");
        register.joined(found(own), "looked.found".to_owned(), join)
    }
}

impl PatternWords<'_> {
    /// The list of a relation that looks values up: texts of this database.
    pub(super) fn looked_up(
        &self,
        own: u8,
        relation: &RelationDefinition,
        references: &[Option<SqlReference>],
    ) -> Result<Option<LookedUp>, Inexpressible> {
        let Demand::Listed { field, list } = &relation.demand else { return Ok(None) };
        let (d, field) = (self.bound.d, &self.definitions.fields[field.index()]);
        let is_text = matches!(field.value_type, ValueType::Text | ValueType::Place | ValueType::Formed);
        let Some(SqlReference { table, column }) = references.get(*list).and_then(Option::as_ref) else {
            return Err(Inexpressible::Listed(relation.key.clone()));
        };
        if !is_text {
            return Err(Inexpressible::Listed(relation.key.clone()));
        }
        let text = SqlColumn::Text(d.trim(column));
        let value = SqlFieldValue::new(d, field.value_type, text, &field.placeholders);
        let form = field.form.as_ref().map_or("TRUE".to_owned(), |form| has_form(d, value.text(), form));
        let entry = with_length(d, &d.comparable(value.text()));
        let condition = format!("{column} IS NOT NULL AND {} AND {form}", value.filled);
        let table = d.from(table, &format!("{entry}{condition}"));
        let entries = format!("SELECT DISTINCT {entry} AS entry, 1 AS found FROM {table} WHERE {condition}");
        Ok(Some(LookedUp { own, entries }))
    }
}

/// A value with its length, so that none runs into the next.
fn with_length(d: Dialect, value: &str) -> String {
    d.concat(&[&format!("char_length({value})"), "':'", value])
}

impl SetColumns {
    /// The outcome, over all records with the same key.
    pub(super) fn outcome(&self, d: Dialect, demand: &Demand) -> String {
        let SetColumns { own, decided, key, counted } = self;
        let [missing, fail, pass] =
            [RelationOutcome::Missing, RelationOutcome::Fail, RelationOutcome::Pass].map(outcome);
        let member = format!("CASE WHEN {decided} = {MEMBER} THEN {key} END");
        let of = |truth: u8| {
            format!(
                "sum(CASE WHEN {counted} = {truth} THEN 1 ELSE 0 END) OVER (PARTITION BY {})",
                d.by_bytes(&member)
            )
        };
        let met_or_open = |is_met: String, is_open: String| {
            format!("CASE WHEN {is_met} THEN {pass} WHEN {is_open} THEN {missing} ELSE {fail} END")
        };
        let (sure, perhaps) = (of(TRUE), of(UNKNOWN));
        let by_members = match demand {
            Demand::Group { count: GroupCount::Exactly(n), .. } => met_or_open(
                format!("{sure} = {n} AND {perhaps} = 0"),
                format!("{sure} <= {n} AND {n} <= {sure} + {perhaps}"),
            ),
            Demand::Group { count: GroupCount::AtLeast(n), .. } => {
                met_or_open(format!("{sure} >= {n}"), format!("{n} <= {sure} + {perhaps}"))
            }
            Demand::Listed { .. } => format!("CASE WHEN {} = 1 THEN {pass} ELSE {fail} END", found(*own)),
            _ => format!("CASE WHEN {sure} = 1 THEN {pass} ELSE {fail} END"),
        };
        format!("CASE WHEN {decided} = {MEMBER} THEN {by_members} ELSE {decided} END")
    }
}
