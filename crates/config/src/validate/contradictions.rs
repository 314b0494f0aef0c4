//! Checks definitions that undo themselves: codes that are one number, fields that apply by their own values, clauses that
//! every text meets.

use tongbao_message::message;

use super::Check;
use super::labels::printable;
use tongbao_rule::definitions::{CodeList, Definitions, PRESET_FIELDS};
use tongbao_rule::tree::{Clause, ClausePart, FieldId, Literal, Operand};

/// The codes of a list: none empty, and in a numbered list none the same number as another.
pub(super) fn codes(path: &str, list: &CodeList, check: &mut Check) {
    let path = format!("{path}.codes");
    for (at, listed) in list.codes.iter().enumerate() {
        if listed.code.is_empty() || listed.word.is_empty() {
            return check.refuse(&path, message!("a-code-or-its-word-is-empty"));
        }
        let number = |code: &str| code.parse::<u32>().ok().filter(|_| list.is_numbered);
        let own = number(&listed.code);
        let before = list.codes[..at].iter().find(|other| own.is_some() && number(&other.code) == own);
        if let Some(before) = before {
            let (code, other) = (&listed.code, &before.code);
            return check.refuse(&path, message!("two-codes-are-one-number", code, other));
        }
    }
    printable(&path, list.codes.iter().map(|listed| listed.word.as_str()), check);
}

/// Fields that apply by their own values, or by fields that apply by theirs.
pub(super) fn applicability(definitions: &Definitions, check: &mut Check) {
    for at in PRESET_FIELDS..definitions.fields.len() {
        let field = &definitions.fields[at];
        if reached(definitions, at) & FieldId(at as u8).bit() != 0 {
            let path = format!("fields.{}.applies", field.key);
            check.refuse(&path, message!("applies-by-its-own-values", field = field.key));
        }
    }
}

/// The fields that decide where a field applies, directly or through others.
fn reached(definitions: &Definitions, from: usize) -> u64 {
    let mut reached = definitions.read_by(&definitions.fields[from].applies);
    loop {
        let fields = definitions.fields.iter().enumerate().filter(|(at, _)| reached >> at & 1 == 1);
        let further = fields.fold(reached, |all, (_, field)| all | definitions.read_by(&field.applies));
        if further == reached {
            return reached;
        }
        reached = further;
    }
}

/// Whether a clause asks that a text begin with nothing, as every text does.
pub(super) fn begins_with_nothing(clause: &Clause) -> bool {
    clause.parts.iter().any(|part| {
        matches!(part, ClausePart::StartsWith { prefix: Operand::Literal(Literal::Text(text)), .. }
            if text.is_empty())
    })
}
