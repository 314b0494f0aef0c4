//! Checks of whole definitions: the examples of a relation, and relations that cannot mean what they say.

use std::collections::BTreeMap;
use tongbao_message::{Message, message};

use super::definitions::{Definitions, RelationDefinition};
use super::evaluate::{RecordView, RelationOutcome};
use super::parse::unknown;
use super::tree::FieldId;
use super::value::{FieldValue, RecordFrame, ValueReader};
use tongbao_register::batch::{Day, days_since_epoch};
use tongbao_register::date::{DateNumber, date_exists, from_number, iso_number};

/// Keys of an example that are no fields.
const UNIT: &str = "unit";
const REGISTERED_ON: &str = "registered_on";
const CUT_OFF: &str = "cut_off";
const DOCUMENT_TYPE: &str = "document_type";
const IS: &str = "is";
/// The first and the last cut-off. An outcome that is the same on both may still be another one between them (an
/// age in a range); an example of such a relation names its cut-off.
const FIRST_DAY: DateNumber = 10_101;
const LAST_DAY: DateNumber = 99_991_231;

/// Tries an example of a relation. The error says how it turned out instead.
pub fn example(
    definitions: &Definitions,
    relation: &RelationDefinition,
    values: &BTreeMap<String, String>,
    reader: &ValueReader,
) -> Result<(), Message> {
    let wanted = values.get(IS).ok_or(message!("an-example-needs-the-outcome-that"))?;
    let outcomes = RelationOutcome::ALL.iter().map(|outcome| outcome.key());
    if !outcomes.clone().any(|outcome| outcome == wanted) {
        let known: Vec<&str> = outcomes.collect();
        return Err(message!("there-is-no-outcome-known", wanted, known = known.join(", ")));
    }
    let cut_off = day(values, CUT_OFF)?;
    let registered_on = day(values, REGISTERED_ON)?
        .and_then(from_number)
        .map_or(Day::Missing, |date| Day::Known(days_since_epoch(date)));
    known_keys(definitions, values)?;
    let document = values.get(DOCUMENT_TYPE).map(|text| text.as_bytes());
    let read: Vec<FieldValue<'_>> = definitions
        .fields
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let raw = values.get(&field.key).map(|text| text.as_bytes());
            reader.read(definitions, FieldId(at as u8), raw, document)
        })
        .collect();
    let unit = values.get(UNIT).map(|unit| unit.as_bytes());
    let on = |cut_off: DateNumber| {
        let frame = RecordFrame { unit, registered_on, cut_off };
        RecordView { definitions, values: &read, frame }.explain(relation)
    };
    let found = on(cut_off.unwrap_or(FIRST_DAY));
    if cut_off.is_none() && found.outcome != on(LAST_DAY).outcome {
        return Err(message!("the-outcome-depends-on-the-cut").to_owned());
    }
    if found.outcome.key() == wanted {
        return Ok(());
    }
    let found_as = found.outcome.key();
    Err(match found.clause {
        Some(clause) => message!("the-example-turns-out-by-not", found_as, clause, wanted),
        None => message!("the-example-turns-out-not", found_as, wanted),
    })
}

fn day(values: &BTreeMap<String, String>, key: &str) -> Result<Option<u32>, Message> {
    let Some(text) = values.get(key) else { return Ok(None) };
    match iso_number(text.as_bytes()).filter(|date| date_exists(*date)) {
        Some(date) => Ok(Some(date)),
        None => Err(message!("is-a-date-such-as", key)),
    }
}

fn known_keys(definitions: &Definitions, values: &BTreeMap<String, String>) -> Result<(), Message> {
    let others = [UNIT, REGISTERED_ON, CUT_OFF, DOCUMENT_TYPE, IS];
    for key in values.keys() {
        if definitions.field(key).is_some() || others.contains(&key.as_str()) {
            continue;
        }
        let names = definitions.named_fields().iter().map(|field| field.key.as_str()).chain(others);
        return Err(unknown(message!("field"), key, names));
    }
    Ok(())
}

/// Another relation that asks the same, if there is one.
pub fn repeated<'a>(definitions: &'a Definitions, relation: &RelationDefinition) -> Option<&'a str> {
    let text = definitions.print_demand(relation);
    definitions
        .named_relations()
        .iter()
        .take_while(|other| other.key != relation.key)
        .find(|other| definitions.print_demand(other) == text)
        .map(|other| other.key.as_str())
}
