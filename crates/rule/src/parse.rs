//! From the text of a clause to its tree.

use super::definitions::Definitions;
use super::form::ValueForm;
use super::keywords::{self, Keyword, keyword};
pub use super::lexer::{ClauseError, decimal};
use super::lexer::{ClauseToken, RuleToken, tokens};
use super::tree::{
    Attribute, Clause, ClausePart, CodeSet, Comparator, DivisionDigits, Literal, ONE, Operand, ValueState,
};
use super::typing::{self, PlacedOperand};
use tongbao_message::{Message, message};
use tongbao_register::nearest::nearest;

/// Most parts of a clause.
const MOST_PARTS: usize = 8;

/// Reads a clause: comparisons joined by `or`, all names resolved, all types checked.
pub fn clause(text: &str, definitions: &Definitions) -> Result<Clause, ClauseError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), definitions };
    let mut parts = vec![parser.part()?];
    while parser.take(Keyword::Or) {
        parts.push(parser.part()?);
    }
    if parts.len() > MOST_PARTS {
        return Err(ClauseError::new(
            0,
            message!("a-clause-has-at-most-parts", most_parts = MOST_PARTS, count = parts.len()),
        ));
    }
    match parser.at < parser.tokens.len() {
        true => Err(parser.error(parser.instead_of_the_end())),
        false => Ok(Clause { parts }),
    }
}

/// Reads a single value, such as `id_number.birth_date`.
pub fn operand(text: &str, definitions: &Definitions) -> Result<Operand, ClauseError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), definitions };
    let (_, operand) = parser.operand()?;
    match parser.at < parser.tokens.len() {
        true => Err(parser.error(message!("one-value-is-expected-here-and"))),
        false => Ok(operand),
    }
}

struct Parser<'a> {
    tokens: Vec<RuleToken>,
    at: usize,
    end: usize,
    definitions: &'a Definitions,
}

impl Parser<'_> {
    fn error(&self, message: impl Into<Message>) -> ClauseError {
        ClauseError::new(self.place(), message)
    }

    /// Where the next token begins.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(at, _)| *at)
    }

    fn peek(&self) -> Option<&ClauseToken> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn next_keyword(&self) -> Option<Keyword> {
        self.keyword_at(self.at)
    }

    fn keyword_at(&self, at: usize) -> Option<Keyword> {
        match self.tokens.get(at) {
            Some((_, ClauseToken::Name(name))) => keyword(name),
            _ => None,
        }
    }

    /// What is wrong with what follows a clause.
    fn instead_of_the_end(&self) -> Message {
        let Some(ClauseToken::Name(name)) = self.peek() else {
            return message!("the-clause-should-end-here-or").to_owned();
        };
        let small = name.to_ascii_lowercase();
        match keyword(&small) {
            Some(Keyword::And) => message!("clauses-that-must-all-hold").to_owned(),
            Some(Keyword::Or) => message!("is-written-otherwise", written = name, meant = small),
            _ => message!("the-clause-should-end-here-or").to_owned(),
        }
    }

    fn take(&mut self, wanted: Keyword) -> bool {
        let is_there = self.next_keyword() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn take_sign(&mut self, wanted: &str) -> bool {
        let is_there = matches!(self.peek(), Some(ClauseToken::Sign(sign)) if *sign == wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, sign: &str) -> Result<(), ClauseError> {
        match self.take_sign(sign) {
            true => Ok(()),
            false => Err(self.error(message!("a-is-missing-here", sign))),
        }
    }

    fn part(&mut self) -> Result<ClausePart, ClauseError> {
        if self.next_keyword() == Some(Keyword::Not)
            && self.keyword_at(self.at + 1) == Some(Keyword::SameDivision)
        {
            self.at += 1;
            return self.same_division(true);
        }
        if self.next_keyword() == Some(Keyword::SameDivision) {
            return self.same_division(false);
        }
        let left = self.operand()?;
        if let Some(comparison) = self.comparison() {
            let right = self.operand()?;
            return typing::compare(left, comparison, right, self.definitions);
        }
        let place = self.place();
        let found = self.next_keyword();
        self.at += 1;
        match found {
            Some(Keyword::In) => self.among(left, false),
            Some(Keyword::NotIn) => self.among(left, true),
            Some(Keyword::Not) if self.take(Keyword::In) => self.among(left, true),
            Some(Keyword::Is) => self.is(left),
            Some(state @ (Keyword::Filled | Keyword::Blank | Keyword::Valid)) => {
                typing::has(left, value_state(state), self.definitions)
            }
            Some(Keyword::Between) => {
                let low = self.operand()?;
                if !self.take(Keyword::And) {
                    return Err(self.error(message!("between-needs-two-values-joined-by")));
                }
                let high = self.operand()?;
                typing::between(left, low, high, self.definitions)
            }
            Some(Keyword::StartsWith) => self.starts_with(left),
            Some(Keyword::Starts) if self.take(Keyword::With) => self.starts_with(left),
            Some(Keyword::HasForm) => self.has_form(left),
            Some(Keyword::Has) if self.take(Keyword::Form) => self.has_form(left),
            _ => Err(ClauseError::new(place, message!("a-comparison-is-missing-here-in"))),
        }
    }

    fn comparison(&mut self) -> Option<Comparator> {
        let comparison = match self.peek()? {
            ClauseToken::Sign("=") => Comparator::Equal,
            ClauseToken::Sign("!=") => Comparator::NotEqual,
            ClauseToken::Sign("<") => Comparator::Less,
            ClauseToken::Sign("<=") => Comparator::AtMost,
            ClauseToken::Sign(">") => Comparator::Greater,
            ClauseToken::Sign(">=") => Comparator::AtLeast,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    /// A state, or a value: `性别 为 “男”` reads like `=`.
    fn is(&mut self, left: PlacedOperand) -> Result<ClausePart, ClauseError> {
        if let Some(state @ (Keyword::Filled | Keyword::Blank | Keyword::Valid)) = self.next_keyword() {
            self.at += 1;
            return typing::has(left, value_state(state), self.definitions);
        }
        if self.next_keyword() == Some(Keyword::Not) {
            return Err(self.error(message!("is-not-has-no-meaning")));
        }
        let right = self.operand()?;
        typing::compare(left, Comparator::Equal, right, self.definitions)
    }

    fn starts_with(&mut self, left: PlacedOperand) -> Result<ClausePart, ClauseError> {
        let prefix = self.operand()?;
        typing::starts_with(left, prefix, self.definitions)
    }

    fn has_form(&mut self, left: PlacedOperand) -> Result<ClausePart, ClauseError> {
        let place = self.place();
        let Some(ClauseToken::Text(text)) = self.peek() else {
            return Err(self.error(message!("a-form-stands-in-quotation-marks")));
        };
        let form = ValueForm::parse(text).map_err(|message| ClauseError::new(place, message))?;
        self.at += 1;
        typing::has_form(left, form, self.definitions)
    }

    fn same_division(&mut self, is_negated: bool) -> Result<ClausePart, ClauseError> {
        self.at += 1;
        self.expect("(")?;
        let left = self.operand()?;
        self.expect(",")?;
        let right = self.operand()?;
        self.expect(",")?;
        let level = match self.next_keyword() {
            Some(Keyword::Province) => DivisionDigits::Province,
            Some(Keyword::City) => DivisionDigits::City,
            Some(Keyword::County) => DivisionDigits::County,
            _ => return Err(self.error(message!("the-level-is-province-city-or"))),
        };
        self.at += 1;
        self.expect(")")?;
        typing::same_division(left, right, level, is_negated, self.definitions)
    }

    fn among(&mut self, operand: PlacedOperand, is_negated: bool) -> Result<ClausePart, ClauseError> {
        let place = self.place();
        if self.take_sign("[") {
            let mut texts = Vec::new();
            loop {
                let at = self.place();
                match self.peek() {
                    Some(ClauseToken::Text(text)) => texts.push((at, text.clone())),
                    _ => {
                        return Err(self.error(message!("a-list-of-values-stands-in")));
                    }
                }
                self.at += 1;
                if self.take_sign("]") {
                    return typing::among_texts(operand, texts, is_negated, self.definitions);
                }
                self.expect(",")?;
            }
        }
        let Some(ClauseToken::Name(name)) = self.peek().cloned() else {
            return Err(self.error(message!("in-needs-a-list-a-group")));
        };
        let lists = &self.definitions.lists;
        let Some(list) = lists.iter().position(|list| is_called(&list.key, &list.label, &name)) else {
            let names = lists.iter().map(|list| list.key.as_str());
            return Err(self.error(unknown(message!("list"), &name, names)));
        };
        self.at += 1;
        let set = match self.take_sign(".") {
            false => CodeSet::List(list),
            true => CodeSet::Group { list, group: self.group(list)? },
        };
        typing::among(operand, place, set, is_negated, self.definitions)
    }

    fn group(&mut self, list: usize) -> Result<usize, ClauseError> {
        let Some(ClauseToken::Name(name)) = self.peek() else {
            return Err(self.error(message!("the-name-of-a-group-is")));
        };
        let groups = &self.definitions.lists[list].groups;
        let found = groups.iter().position(|group| {
            group.key == *name
                || group.label.as_ref().is_some_and(|label| label.zh == *name || label.en == *name)
        });
        match found {
            Some(group) => {
                self.at += 1;
                Ok(group)
            }
            None => {
                let names = groups.iter().map(|group| group.key.as_str());
                Err(self.error(unknown(message!("group-of-this-list"), name, names)))
            }
        }
    }

    fn operand(&mut self) -> Result<PlacedOperand, ClauseError> {
        let place = self.place();
        let Some(token) = self.peek().cloned() else {
            return Err(self.error(message!("a-value-is-missing-here")));
        };
        self.at += 1;
        let operand = match token {
            ClauseToken::Text(text) => Operand::Literal(Literal::Text(text)),
            ClauseToken::Date(date) => Operand::Literal(Literal::Date(date)),
            ClauseToken::Number(number) if self.take_sign("*") => {
                let of = self.operand()?;
                let of = typing::number(of, self.definitions)?;
                Operand::Times { factor: number, of: Box::new(of) }
            }
            ClauseToken::Number(number) => Operand::Literal(Literal::Number(number)),
            ClauseToken::Name(name) => return self.named(place, &name),
            ClauseToken::Sign(sign) => {
                return Err(ClauseError::new(place, message!("a-value-is-expected-here-not", sign)));
            }
        };
        Ok((place, operand))
    }

    fn named(&mut self, place: usize, name: &str) -> Result<PlacedOperand, ClauseError> {
        if let Some(keyword) = keyword(name) {
            return self.word(place, name, keyword);
        }
        let fields = self.definitions.named_fields();
        if let Some(field) = self.definitions.field_where(|field| is_called(&field.key, &field.label, name)) {
            if !self.take_sign(".") {
                return Ok((place, Operand::Field(field)));
            }
            let Some(ClauseToken::Name(part)) = self.peek().cloned() else {
                return Err(self.error(message!("the-name-of-a-part-is")));
            };
            let known = Attribute::ALL.iter().find(|(key, _)| *key == part);
            let Some((_, attribute)) = known else {
                let names = Attribute::ALL.iter().map(|(key, _)| *key);
                return Err(self.error(unknown(message!("part-of-a-number"), &part, names)));
            };
            let checked = typing::attribute((place, Operand::Field(field)), *attribute, self.definitions)?;
            self.at += 1;
            return Ok((place, checked));
        }
        if let Some((at, _)) = self.definitions.named_values().find(|(_, value)| value.key == name) {
            return Ok((place, Operand::Derived(at)));
        }
        let mut names: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
        names.extend(fields.iter().map(|field| field.label.zh.as_str()));
        names.extend(self.definitions.named_values().map(|(_, value)| value.key.as_str()));
        keywords::all().for_each(|word| names.push(word));
        let mut message = unknown(message!("field"), name, names.into_iter());
        if !name.is_ascii() {
            message = Message::joined([message, message!("chinese-words-need-a-blank-between")], "");
        }
        Err(ClauseError::new(place, message))
    }

    fn word(&mut self, place: usize, name: &str, keyword: Keyword) -> Result<PlacedOperand, ClauseError> {
        let operand = match keyword {
            Keyword::Unit => Operand::Unit,
            Keyword::RegisteredOn => Operand::RegisteredOn,
            Keyword::CutOff => Operand::CutOff,
            Keyword::Yes => Operand::Literal(Literal::Truth(true)),
            Keyword::No => Operand::Literal(Literal::Truth(false)),
            Keyword::Age | Keyword::Months => {
                self.expect("(")?;
                let of = self.date()?;
                let on = if self.take_sign(",") { self.date()? } else { Operand::CutOff };
                self.expect(")")?;
                let (of, on) = (Box::new(of), Box::new(on));
                if keyword == Keyword::Age { Operand::Age { of, on } } else { Operand::Months { of, on } }
            }
            Keyword::Days => {
                self.expect("(")?;
                let from = Box::new(self.date()?);
                self.expect(",")?;
                let to = Box::new(self.date()?);
                self.expect(")")?;
                Operand::Days { from, to }
            }
            Keyword::Length => {
                self.expect("(")?;
                let of = self.operand()?;
                let of = typing::text(of, self.definitions)?;
                self.expect(")")?;
                Operand::Length(Box::new(of))
            }
            Keyword::Rest => {
                self.expect("(")?;
                let of = self.operand()?;
                let of = Box::new(typing::text(of, self.definitions)?);
                self.expect(",")?;
                let skipped = self.whole_number()?;
                self.expect(")")?;
                Operand::Rest { of, skipped }
            }
            _ => {
                return Err(ClauseError::new(place, message!("a-value-is-expected-here-not-the", name)));
            }
        };
        Ok((place, operand))
    }

    fn date(&mut self) -> Result<Operand, ClauseError> {
        let operand = self.operand()?;
        typing::date(operand, self.definitions)
    }

    fn whole_number(&mut self) -> Result<usize, ClauseError> {
        match self.peek() {
            Some(ClauseToken::Number(number)) if *number >= 0 && number % ONE == 0 && *number < 100 * ONE => {
                let number = (number / ONE) as usize;
                self.at += 1;
                Ok(number)
            }
            _ => Err(self.error(message!("a-whole-number-below-is-expected"))),
        }
    }
}

fn value_state(keyword: Keyword) -> ValueState {
    match keyword {
        Keyword::Filled => ValueState::Filled,
        Keyword::Blank => ValueState::Blank,
        _ => ValueState::Valid,
    }
}

fn is_called(key: &str, label: &super::definitions::Label, name: &str) -> bool {
    key == name || label.zh == name || label.en == name
}

/// That there is no such name, with the one that was probably meant, or those there are.
pub fn unknown<'a>(what: Message, name: &str, names: impl Iterator<Item = &'a str>) -> Message {
    let names: Vec<&str> = names.collect();
    match nearest(name, names.iter().copied()) {
        Some(meant) => message!("there-is-no-did-you-mean", what, name, meant),
        None => {
            let known = names.iter().take(30).copied().collect::<Vec<_>>().join(", ");
            message!("there-is-no-known", what, name, known)
        }
    }
}

/// The type of an operand's values.
pub use super::typing::type_of;

/// Whether a name would be read as a word of the language, and not as a name.
pub fn is_word_of_the_language(name: &str) -> bool {
    keywords::is_keyword(name)
}

/// What a clause may mean by its texts and names before the lists that it names are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamesInClause {
    /// Texts in quotation marks.
    pub texts: Vec<String>,
    /// Names after a point, such as groups of a list.
    pub parts: Vec<String>,
}

/// The texts and the names after points of a clause; none where it cannot be read at all.
pub fn names(clause: &str) -> NamesInClause {
    let tokens: Vec<ClauseToken> =
        tokens(clause).unwrap_or_default().into_iter().map(|(_, token)| token).collect();
    let mut out = NamesInClause::default();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            ClauseToken::Text(text) => out.texts.push(text.clone()),
            ClauseToken::Name(name) if at > 0 && tokens[at - 1] == ClauseToken::Sign(".") => {
                out.parts.push(name.clone());
            }
            _ => {}
        }
    }
    out
}
