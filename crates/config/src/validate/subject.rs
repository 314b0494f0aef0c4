//! Checks what a register lists that is not one of persons.

use super::Check;
use super::labels::printable;
use crate::raw::rules::{RawLabel, RawLabels, RawSubject};
use crate::settings::RegisterSubject;
use tongbao_message::message;
use tongbao_register::field::Field;
use tongbao_rule::definitions::{Definitions, Label};
use tongbao_rule::parse::unknown;

pub(super) fn subject(
    raw: &RawSubject,
    definitions: &Definitions,
    check: &mut Check,
) -> Option<RegisterSubject> {
    let noun = match &raw.noun {
        RawLabel::One(text) => Label { zh: text.trim().to_owned(), en: text.trim().to_owned() },
        RawLabel::Each(RawLabels { zh, en }) => Label { zh: zh.trim().to_owned(), en: en.trim().to_owned() },
    };
    let counter = raw.counter.trim().to_owned();
    for (key, text) in [("noun", &noun.zh), ("noun", &noun.en), ("counter", &counter)] {
        if text.is_empty() {
            check.fail(&format!("register.{key}"), message!("is-empty-it-is-what-documents"));
        }
    }
    check.permit("register.noun", [noun.zh.as_str(), &noun.en]);
    printable("register.noun", [noun.zh.as_str(), &noun.en], check);
    printable("register.counter", [counter.as_str()], check);
    let Some(identity) = definitions.field(raw.identity.trim()) else {
        let names = definitions.named_fields().iter().map(|field| field.key.as_str());
        check.fail("register.identity", unknown(message!("field"), &raw.identity, names));
        return None;
    };
    Some(RegisterSubject { noun, counter, identity: Field::at(identity.index()) })
}
