//! The definitions in use: plain data, the same for every path that computes figures.

use std::collections::BTreeMap;
use tongbao_message::{Message, message};

use super::evaluate::RelationOutcome;
use super::form::ValueForm;
use super::sets::GroupCount;
use super::tree::{Clause, ClausePart, CodeSet, FieldId, Operand, ValueState};
use tongbao_register::coded_word::{is_word_alone, word_beside_code};
use tongbao_register::text::trim_text;

/// Most fields that an office adds to the built-in ones.
pub const MOST_OWN_FIELDS: usize = 16;
/// Most relations that an office adds to the built-in ones.
pub const MOST_OWN_RELATIONS: usize = 16;
/// Fields of the preset; their positions are those of [`tongbao_register::field::Field`].
pub const PRESET_FIELDS: usize = 9;
/// Number of built-in relations; those of the office follow them.
pub const PRESET_RELATIONS: usize = 5;
/// Derived values of the preset.
pub const PRESET_VALUES: usize = 1;

/// Fields, lists, derived values and relations, the preset's first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions {
    /// [`FieldId`] is a position in it.
    pub fields: Vec<FieldDefinition>,
    /// Lists of codes; [`ValueType::Code`] holds a position in it.
    pub lists: Vec<CodeList>,
    /// [`super::tree::Operand::Derived`] holds a position in it.
    pub values: Vec<DerivedValue>,
    /// Relations between the values of one record or of several, in the order in which they are printed.
    pub relations: Vec<RelationDefinition>,
    /// Lists that relations look values up in; [`Demand::Listed`] holds a position in it.
    pub references: Vec<ReferenceList>,
    /// Whether the register lists something else than persons: then nothing may name the preset's fields,
    /// values and relations, which keep their positions and count nothing.
    pub is_without_preset: bool,
}

/// A name as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// In Chinese documents.
    pub zh: String,
    /// In English documents.
    pub en: String,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Any text, compared as it is written.
    Text,
    /// A code or word of the list at this position.
    Code(usize),
    /// A calendar day.
    Date,
    /// A decimal of at most four places.
    Number,
    /// A word for yes or for no.
    YesNo,
    /// 公民身份号码, GB 11643
    CitizenId,
    /// 统一社会信用代码, GB 32100.
    Uscc,
    /// An address or division code.
    Place,
    /// A text of the field's form.
    Formed,
}

/// By what a value names one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonValue {
    /// 姓名
    Name,
    /// 公民身份号码
    Number,
}

impl ValueType {
    /// The name in the configuration.
    pub fn key(self) -> &'static str {
        match self {
            ValueType::Text => "text",
            ValueType::Code(_) => "code",
            ValueType::Date => "date",
            ValueType::Number => "number",
            ValueType::YesNo => "yes_no",
            ValueType::CitizenId => "citizen_id",
            ValueType::Uscc => "uscc",
            ValueType::Place => "place",
            ValueType::Formed => "form",
        }
    }
}

/// A field of the register: how its values are read, and where they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDefinition {
    /// The name in clauses and in the configuration.
    pub key: String,
    /// The name in documents.
    pub label: Label,
    /// How its values are read and compared.
    pub value_type: ValueType,
    /// Of [`ValueType::Formed`] alone.
    pub form: Option<ValueForm>,
    /// Clauses that say which records the field applies to; none = all.
    pub applies: Vec<Clause>,
    /// Whether completeness counts it.
    pub is_required: bool,
    /// Whether no relation may single people out by chosen values of it.
    pub is_sensitive: bool,
    /// What its values are that name single persons, if they are.
    pub of_persons: Option<PersonValue>,
    /// Values that count as not filled, trimmed.
    pub placeholders: Vec<String>,
    /// The register's column; a field of the preset has its own place in the configuration.
    pub column: String,
}

/// Codes with their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// The name in clauses and in the configuration.
    pub key: String,
    /// The name in documents.
    pub label: Label,
    /// In the order of the configuration.
    pub codes: Vec<ListedCode>,
    /// Sets of codes that clauses name as `list.group`.
    pub groups: Vec<CodeGroup>,
    /// Whether values that are not listed are valid; they are in no group.
    pub is_open: bool,
    /// What a word may end in besides: 族.
    pub suffix: String,
    /// Whether codes are the same with and without leading zeros or a plus sign.
    pub is_numbered: bool,
    spellings: BTreeMap<String, usize>,
}

/// One code of a list, and how else its meaning is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCode {
    /// The code as the list has it: `20`.
    pub code: String,
    /// What it means, as documents print it: 已婚.
    pub word: String,
    /// Other words with the same meaning.
    pub aliases: Vec<String>,
}

/// Codes of one list that clauses treat alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeGroup {
    /// The name after the point in `list.group`.
    pub key: String,
    /// The name in documents; `None` = its words are enumerated.
    pub label: Option<Label>,
    /// Positions of its codes, ascending.
    pub members: Vec<usize>,
}

impl CodeList {
    /// A list without groups. Fails where one spelling stands for two codes.
    pub fn new(key: &str, label: Label, codes: Vec<ListedCode>) -> Result<CodeList, Message> {
        let mut spellings = BTreeMap::new();
        for (at, listed) in codes.iter().enumerate() {
            for spelling in [&listed.code, &listed.word].into_iter().chain(&listed.aliases) {
                let before = spellings.insert(trim_text(spelling).to_ascii_lowercase(), at);
                if before.is_some_and(|before| before != at) {
                    return Err(message!("stands-for-two-codes-of-the", spelling));
                }
            }
        }
        Ok(CodeList {
            key: key.to_owned(),
            label,
            codes,
            groups: Vec::new(),
            is_open: false,
            suffix: String::new(),
            is_numbered: false,
            spellings,
        })
    }

    /// Position of the code that a trimmed value stands for; in a numbered list also beside its word: `08 壮族`. ASCII
    /// case is ignored.
    pub fn position(&self, text: &str) -> Option<usize> {
        let lower = text.to_ascii_lowercase();
        if let Some(at) = self.spellings.get(&lower) {
            return Some(*at);
        }
        if self.is_numbered
            && let Some(number) = whole_number(&lower)
        {
            return self.codes.iter().position(|listed| whole_number(&listed.code) == Some(number));
        }
        let beside_code = || {
            let word = word_beside_code(&lower);
            let is_one = self.is_numbered && word != lower && is_word_alone(word);
            let spelled = || self.spellings.get(word).copied();
            is_one.then(|| spelled().or_else(|| self.suffixed(word))).flatten()
        };
        self.suffixed(&lower).or_else(beside_code)
    }

    /// Position of the code whose word stands before the suffix.
    fn suffixed(&self, text: &str) -> Option<usize> {
        let stem =
            text.strip_suffix(&self.suffix).filter(|stem| !self.suffix.is_empty() && !stem.is_empty())?;
        self.codes.iter().position(|listed| listed.word == stem)
    }

    /// Every spelling in lower case with the position of its code.
    pub fn spellings(&self) -> impl Iterator<Item = (&str, usize)> {
        self.spellings.iter().map(|(text, at)| (text.as_str(), *at))
    }

    /// The position of the group with this key.
    pub fn group(&self, key: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.key == key)
    }
}

fn whole_number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// The first known of several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedValue {
    /// The name in clauses.
    pub key: String,
    /// Tried in this order.
    pub first_of: Vec<Operand>,
}

/// A logical relation between the values of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationDefinition {
    /// The name in the configuration.
    pub key: String,
    /// The name in documents.
    pub label: Label,
    /// Which records it judges.
    pub when: Vec<Clause>,
    /// Records that do not meet these pass.
    pub premise: Vec<Clause>,
    /// What is asked of the records that meet `when` and `premise`.
    pub demand: Demand,
    /// Printed after the generated sentence.
    pub note: Option<Label>,
    /// Whether it is a hint 核实项: judged, listed and printed with its own figures, but part of no rate.
    pub is_hint: bool,
    /// Whether a record that lacks a value fails, or is not judged; `None` = as accuracy has it.
    pub fails_on_missing: Option<bool>,
    /// Whether it judges no record of which it reads an invalid value; otherwise such a record fails.
    pub skips_invalid: bool,
}

/// What a relation asks of the records that it judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// All clauses hold.
    Check(Vec<Clause>),
    /// The first case whose conditions are known to hold decides; a record that none takes passes.
    Cases(Vec<RelationCase>),
    /// No two records have the same values of these fields.
    Unique(Vec<FieldId>),
    /// Of the records with the same value of a field, as many as `count` says meet the filter.
    Group {
        /// The field whose equal values make a group.
        by: FieldId,
        /// All hold for the records that are counted.
        filter: Vec<Clause>,
        /// How many of them there must be.
        count: GroupCount,
    },
    /// The value of a field stands in a list.
    Listed {
        /// The field.
        field: FieldId,
        /// Position of the list.
        list: usize,
    },
}

/// A list beside the register, of any length: its values are read with the register and never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceList {
    /// The name in the configuration.
    pub key: String,
    /// The name in documents.
    pub label: Label,
}

/// A check for some of the records that a relation judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationCase {
    /// All hold for the records that the case takes.
    pub when: Vec<Clause>,
    /// All must hold for these.
    pub check: Vec<Clause>,
}

impl Demand {
    /// Every clause of it, in order.
    pub fn clauses(&self) -> Box<dyn Iterator<Item = &Clause> + '_> {
        match self {
            Demand::Check(clauses) => Box::new(clauses.iter()),
            Demand::Cases(cases) => {
                Box::new(cases.iter().flat_map(|case| case.when.iter().chain(&case.check)))
            }
            Demand::Unique(_) | Demand::Listed { .. } => Box::new(std::iter::empty()),
            Demand::Group { filter, .. } => Box::new(filter.iter()),
        }
    }
}

/// What the keys of relations begin with that ask whether the values of a field are valid.
const VALIDITY: &str = "valid.";

impl RelationDefinition {
    /// The key of the relation that asks whether the values of a field are valid.
    pub fn validity_key(field: &str) -> String {
        format!("{VALIDITY}{field}")
    }

    /// Whether it was made from a field for a rate of conformity, and written by nobody.
    pub fn is_validity(&self) -> bool {
        self.key.starts_with(VALIDITY)
    }

    /// Every clause of it, in order.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.when.iter().chain(&self.premise).chain(self.demand.clauses())
    }

    /// Makes it judge no record of which it reads an invalid value, unless validity is what it asks.
    pub fn skip_invalid(&mut self) {
        self.skips_invalid = !self.asks_validity();
    }

    /// Whether a clause that must hold asks that a value be valid, or one of its list.
    fn asks_validity(&self) -> bool {
        let is_asked = |part: &ClausePart| {
            matches!(
                part,
                ClausePart::Has { state: ValueState::Valid, .. }
                    | ClausePart::Among { set: CodeSet::List(_), is_negated: false, .. }
            )
        };
        let asks = |clauses: &[Clause]| clauses.iter().flat_map(|clause| &clause.parts).any(is_asked);
        match &self.demand {
            Demand::Check(check) => asks(check),
            Demand::Cases(cases) => cases.iter().any(|case| asks(&case.check)),
            Demand::Unique(_) | Demand::Group { .. } | Demand::Listed { .. } => false,
        }
    }

    /// The outcome where it reads an invalid value.
    pub fn of_invalid(&self) -> RelationOutcome {
        if self.skips_invalid { RelationOutcome::NotApplicable } else { RelationOutcome::Fail }
    }

    /// Whether it compares places, which may name no division.
    pub fn compares_places(&self) -> bool {
        let mut parts = self.clauses().flat_map(|clause| &clause.parts);
        parts.any(|part| matches!(part, ClausePart::SameDivision { .. }))
    }
}

impl Definitions {
    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<FieldId> {
        self.field_where(|field| field.key == key)
    }

    /// The first field that can be named and is meant.
    pub fn field_where(&self, is_meant: impl Fn(&FieldDefinition) -> bool) -> Option<FieldId> {
        let at = self.named_fields().iter().position(is_meant)?;
        Some(FieldId((at + self.fields.len() - self.named_fields().len()) as u8))
    }

    /// The relation with this key.
    pub fn relation(&self, key: &str) -> Option<&RelationDefinition> {
        self.named_relations().iter().find(|relation| relation.key == key)
    }

    /// The fields that clauses and settings may name.
    pub fn named_fields(&self) -> &[FieldDefinition] {
        if self.is_without_preset { self.own_fields() } else { &self.fields }
    }

    /// The relations that settings may name.
    pub fn named_relations(&self) -> &[RelationDefinition] {
        if self.is_without_preset { self.own_relations() } else { &self.relations }
    }

    /// The derived values that clauses may name, each with its position.
    pub fn named_values(&self) -> impl Iterator<Item = (usize, &DerivedValue)> {
        let hidden = if self.is_without_preset { PRESET_VALUES } else { 0 };
        self.values.iter().enumerate().skip(hidden)
    }

    /// The office's own fields, in order.
    pub fn own_fields(&self) -> &[FieldDefinition] {
        self.fields.get(PRESET_FIELDS..).unwrap_or_default()
    }

    /// The office's own relations, in order.
    pub fn own_relations(&self) -> &[RelationDefinition] {
        self.relations.get(PRESET_RELATIONS..).unwrap_or_default()
    }

    /// The fields that clauses read, one bit each, through derived values and applicability.
    pub fn read_by<'a>(&'a self, clauses: impl IntoIterator<Item = &'a Clause>) -> u64 {
        let fields = clauses.into_iter().fold(0, |all, clause| all | self.read_directly(clause));
        // Whether a blank field applies is decided by further fields.
        let further = self.fields.iter().enumerate().filter(|(at, _)| fields >> at & 1 == 1);
        let applies = further.flat_map(|(_, field)| &field.applies);
        applies.fold(fields, |all, clause| all | self.read_directly(clause))
    }

    /// The fields that relations read, one bit each.
    pub fn read_by_relations<'a>(&'a self, relations: impl Iterator<Item = &'a RelationDefinition>) -> u64 {
        relations.fold(0, |all, relation| {
            let sets = relation
                .set_fields()
                .iter()
                .fold(0, |all, field| all | field.bit() | self.read_by(&self.fields[field.index()].applies));
            all | sets | self.read_by(relation.clauses())
        })
    }

    fn read_directly(&self, clause: &Clause) -> u64 {
        let mut fields = 0;
        self.visit(clause, &mut |operand| {
            if let Operand::Field(field) | Operand::Attribute(field, _) = operand {
                fields |= field.bit();
            }
        });
        fields
    }

    /// Whether a clause reads the cut-off, itself or through a derived value.
    pub fn reads_cut_off(&self, clause: &Clause) -> bool {
        let mut reads = false;
        self.visit(clause, &mut |operand| reads |= matches!(operand, Operand::CutOff));
        reads
    }

    /// Shows every operand of a clause, those within others and those that derived values are made of.
    fn visit(&self, clause: &Clause, see: &mut dyn FnMut(&Operand)) {
        clause
            .parts
            .iter()
            .flat_map(|part| part.operands())
            .for_each(|operand| self.visit_operand(operand, see));
    }

    fn visit_operand(&self, operand: &Operand, see: &mut dyn FnMut(&Operand)) {
        operand.walk(&mut |operand| {
            see(operand);
            if let Operand::Derived(at) = operand {
                self.values[*at].first_of.iter().for_each(|source| self.visit_operand(source, see));
            }
        });
    }
}
