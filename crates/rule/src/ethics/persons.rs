//! Names and numbers of persons in definitions: they would be definitions of them alone, and documents would print
//! them.

use crate::definitions::{Definitions, FieldDefinition, PersonValue, ValueType};
use crate::form::{FormPart, ValueForm};
use crate::tree::{Attribute, ClausePart, CodeSet, Literal, Operand};
use tongbao_message::{Message, message};
use tongbao_register::field::Field;
use tongbao_register::nothing;
use tongbao_register::text::half_width;

/// Fewest digits of a literal that may be the number of a person or a telephone.
const NUMBER_OF_ONE: usize = 11;
/// Lengths of the numbers of persons: of earlier documents, without and with the check character.
const CITIZEN_NUMBER: [usize; 3] = [15, 17, 18];
/// Most characters of a usual Chinese name.
const LONGEST_NAME: usize = 4;
/// What words for nothing begin with, and no surname does.
const NOTHING_BEGINS_WITH: &str = "未无無不待空缺没暂拒某";
/// Further words that offices write in place of a name.
const IN_PLACE_OF_A_NAME: [&str; 3] = ["匿名", "保密", "外籍"];

/// Why a part may pick single persons. Of a name or number of a person it may ask the state, the length, the shape and
/// what a number says of its holder, and compare it with other fields.
pub(super) fn picked_by(definitions: &Definitions, part: &ClausePart) -> Option<Message> {
    let picks = match part {
        ClausePart::Has { .. } | ClausePart::SameDivision { .. } => false,
        ClausePart::HasForm { form, .. } => form.chooses(),
        ClausePart::Among { .. } => true,
        part => part.operands().any(|operand| matches!(operand, Operand::Literal(_))),
    };
    let picked = part.operands().filter(|_| picks).find_map(|operand| field_of(definitions, operand));
    if let Some(field) = picked {
        return Some(message!("is-of-persons-none-is-named", field));
    }
    is_of_one_number(definitions, part).then(|| message!("a-number-of-many-digits-names-one").to_owned())
}

/// Whether a part asks for one number of a text, which may be that of a telephone.
fn is_of_one_number(definitions: &Definitions, part: &ClausePart) -> bool {
    let is_text = |operand: &Operand| {
        matches!(operand, Operand::Field(field)
            if definitions.fields[field.index()].value_type == ValueType::Text)
    };
    let asks = match part {
        ClausePart::HasForm { form, .. } => names_one_number(form),
        ClausePart::Compare { .. } | ClausePart::Among { .. } => {
            texts(part).any(|text| digits(text) >= NUMBER_OF_ONE)
        }
        _ => false,
    };
    asks && part.operands().any(is_text)
}

fn names_one_number(form: &ValueForm) -> bool {
    form.alternatives().any(|parts| match parts.as_slice() {
        [FormPart::Fixed(text)] => digits(text) >= NUMBER_OF_ONE,
        _ => false,
    })
}

/// The field of persons whose value or part of a value an operand is.
fn field_of(definitions: &Definitions, operand: &Operand) -> Option<String> {
    match operand {
        Operand::Field(field) | Operand::Attribute(field, Attribute::Text) => {
            let field = &definitions.fields[field.index()];
            field.of_persons.map(|_| field.key.clone())
        }
        Operand::Rest { of, .. } | Operand::Times { of, .. } => field_of(definitions, of),
        Operand::Derived(at) => {
            definitions.values[*at].first_of.iter().find_map(|source| field_of(definitions, source))
        }
        _ => None,
    }
}

fn texts(part: &ClausePart) -> impl Iterator<Item = &str> {
    let listed = match part {
        ClausePart::Among { set: CodeSet::Texts(texts), .. } => texts.as_slice(),
        _ => &[],
    };
    let literals = part.operands().filter_map(|operand| match operand {
        Operand::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    });
    listed.iter().chain(literals).map(String::as_str)
}

fn digits(text: &str) -> usize {
    text.chars().map(half_width).filter(char::is_ascii_digit).count()
}

/// Whether the type of a field of persons could be one for chosen persons: a code list, or a form that leaves too little
/// choice.
pub fn is_for_chosen_persons(field: &FieldDefinition) -> bool {
    let has_form = |is_refused: &dyn Fn(&ValueForm) -> bool| field.form.as_ref().is_some_and(is_refused);
    let is_of_persons = field.of_persons.is_some();
    has_form(&names_one_number)
        || is_of_persons && (matches!(field.value_type, ValueType::Code(_)) || has_form(&ValueForm::chooses))
}

/// The word for nothing of a field that may be the name or number of a person: its records would be incomplete.
pub fn person_as_blank(field: &FieldDefinition) -> Option<&str> {
    field.placeholders.iter().map(String::as_str).find(|word| {
        is_number_of_a_person(word) || field.of_persons == Some(PersonValue::Name) && is_like_a_name(word)
    })
}

/// Whether a text is written like the number of a person, whole or without its check character.
pub fn is_number_of_a_person(word: &str) -> bool {
    let count = word.chars().count();
    CITIZEN_NUMBER.contains(&count) && digits(word) + 1 >= count && !is_usual(word)
}

fn is_like_a_name(word: &str) -> bool {
    let is_han = |c: char| ('\u{3400}'..='\u{9FFF}').contains(&c) || c >= '\u{20000}';
    let joined: Vec<char> = word.chars().filter(|c| *c != '·').collect();
    let is_short = (2..=LONGEST_NAME).contains(&joined.len()) || word.contains('·');
    let is_chinese = is_short && joined.iter().copied().all(is_han);
    let is_latin = word.split_whitespace().count() > 1 && joined.iter().any(char::is_ascii_alphabetic);
    (is_chinese || is_latin) && !word.starts_with(|c| NOTHING_BEGINS_WITH.contains(c)) && !is_usual(word)
}

/// Whether a word is one that offices and programs write where there is no value.
fn is_usual(word: &str) -> bool {
    let mut characters = word.chars();
    let first = characters.next();
    nothing::is_nothing(word.as_bytes())
        || nothing::is_filler(word)
        || nothing::placeholders(Field::Name).contains(&word)
        || IN_PLACE_OF_A_NAME.contains(&word)
        || characters.all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_no_names_and_no_numbers() {
        for word in ["张三伟", "买买提·艾力", "欧阳震华", "Zhang San", "李四"] {
            assert!(is_like_a_name(word), "{word}");
        }
        for word in [
            "无",
            "不详",
            "未知",
            "待补",
            "暂无",
            "匿名",
            "某某",
            "无名氏",
            "测试",
            "未办证",
            "N/A",
            "哈哈哈",
            "外来人员信息",
        ] {
            assert!(!is_like_a_name(word), "{word}");
        }
        for word in ["440118199001011234", "44011819900101123X", "44011819900101123", "440118900101123"] {
            assert!(is_number_of_a_person(word), "{word}");
        }
        for word in ["111111111111111111", "0", "99", "000000000000000", "9144011800000000XY"] {
            assert!(!is_number_of_a_person(word), "{word}");
        }
    }
}
