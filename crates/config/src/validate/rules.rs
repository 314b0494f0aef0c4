//! Checks definitions: the embedded preset, then the office's own fields, lists and relations.

use std::collections::{BTreeMap, BTreeSet};
use tongbao_message::{Message, message};

use jiff::tz::TimeZone;

use super::labels::{self, label_of};
use super::{Check, contradictions, permitted, set_relations};
use crate::document::ConfigDocument;
use crate::raw::rules::{
    RawDefinitions, RawFieldDefinition, RawGroupOfCodes, RawLabel, RawList, RawRelationDefinition,
    RawValueType,
};
use crate::raw::source::RawField;
use crate::settings::{DivisionLevel, Indicators, OnInvalid, OnMissing, OwnColumn};
use tongbao_register::field::Field;
use tongbao_register::nothing;
use tongbao_rule::definitions::{
    CodeGroup, CodeList, Definitions, Demand, DerivedValue, FieldDefinition, Label, ListedCode,
    MOST_OWN_FIELDS, MOST_OWN_RELATIONS, PRESET_FIELDS, PersonValue, ReferenceList, RelationCase,
    RelationDefinition, ValueType,
};
use tongbao_rule::form::ValueForm;
use tongbao_rule::parse;
use tongbao_rule::tree::Clause;
use tongbao_rule::value::ValueReader;
use tongbao_rule::{POPULATION, check as rule_check, consistency, ethics};

/// Name of the preset in messages.
const PRESET_FILE: &str = "population.toml";
/// Most clauses of a stage.
const MOST_CLAUSES: usize = 16;

/// The built-in definitions. `level` is the division that number and household place must share.
pub fn preset(level: DivisionLevel) -> Result<Definitions, Vec<Message>> {
    built_in(level, false)
}

/// The built-in definitions with their examples tried: they never change, so that a test does it.
pub fn tried_preset() -> Result<Definitions, Vec<Message>> {
    built_in(DivisionLevel::Province, true)
}

fn built_in(level: DivisionLevel, tries_examples: bool) -> Result<Definitions, Vec<Message>> {
    let name = match level {
        DivisionLevel::Province => "province",
        DivisionLevel::City => "city",
        DivisionLevel::County => "county",
    };
    let text = POPULATION.replace("household_place, province)", &format!("household_place, {name})"));
    let document = ConfigDocument::parse(PRESET_FILE, &text, None).map_err(|problem| vec![problem])?;
    let (raw, problems) = document.read::<RawDefinitions>();
    let Some(raw) = raw.filter(|_| problems.is_empty()) else { return Err(problems) };
    let mut check = Check::new(&document);
    let mut definitions = Definitions::default();
    let columns = &BTreeMap::new();
    let on_invalid = OnInvalid::Fail;
    Builder { definitions: &mut definitions, check: &mut check, is_preset: true, columns, on_invalid }
        .add(&raw);
    if tries_examples {
        examples(&definitions, &raw, &mut check, &TimeZone::UTC);
    }
    match check.problems.is_empty() {
        true => Ok(definitions),
        false => Err(check.problems),
    }
}

/// The preset with the office's own definitions after it, which stand alone where the register does not list
/// persons. Examples are tried where a zone is given for their days.
pub(super) fn definitions(
    (raw, references): (&RawDefinitions, Vec<ReferenceList>),
    (is_without_preset, columns): (bool, &BTreeMap<Field, RawField>),
    placeholders: &BTreeMap<Field, Vec<String>>,
    (level, on_invalid): (DivisionLevel, OnInvalid),
    zone: Option<&TimeZone>,
    check: &mut Check,
) -> Option<Definitions> {
    let mut definitions = match preset(level) {
        Ok(preset) => preset,
        Err(problems) => {
            check.problems.extend(problems);
            return None;
        }
    };
    for field in Field::ALL {
        definitions.fields[field.index()].placeholders = placeholders
            .get(&field)
            .map(|words| {
                words.iter().map(|word| tongbao_register::text::trim_text(word).to_owned()).collect()
            })
            .unwrap_or_default();
    }
    if on_invalid == OnInvalid::Skip {
        definitions.relations.iter_mut().for_each(RelationDefinition::skip_invalid);
    }
    definitions.is_without_preset = is_without_preset;
    definitions.references = references;
    let before = check.problems.len();
    Builder { definitions: &mut definitions, check, is_preset: false, columns, on_invalid }.add(raw);
    if check.problems.len() > before {
        return None;
    }
    if let Some(zone) = zone {
        examples(&definitions, raw, check, zone);
        for relation in definitions.own_relations() {
            for (place, doubt) in consistency::doubts(&definitions, relation) {
                check.warn(&format!("relations.{}.{place}", relation.key), doubt);
            }
        }
    }
    Some(definitions)
}

/// The columns of own fields, where anything in use reads them.
pub(super) fn own_columns(indicators: &Indicators) -> Vec<OwnColumn> {
    let read = indicators.read_by_own();
    let own = indicators.definitions.own_fields().iter().enumerate();
    own.map(|(at, field)| OwnColumn {
        column: (read >> (PRESET_FIELDS + at) & 1 == 1).then(|| field.column.clone()),
        is_id: matches!(field.value_type, ValueType::CitizenId | ValueType::Uscc)
            || indicators.subject.as_ref().is_some_and(|subject| subject.identity == Field::Own(at as u8)),
    })
    .collect()
}

fn examples(definitions: &Definitions, raw: &RawDefinitions, check: &mut Check, zone: &TimeZone) {
    let reader = ValueReader::new(zone.clone());
    for (key, relation) in raw.relations.iter() {
        let Some(defined) = definitions.relation(key) else { continue };
        for (at, values) in relation.examples.iter().enumerate() {
            if let Err(problem) = rule_check::example(definitions, defined, values, &reader) {
                check.fail(&format!("relations.{key}.examples.{at}"), problem);
            }
        }
    }
}

struct Builder<'a, 'b> {
    definitions: &'a mut Definitions,
    check: &'a mut Check<'b>,
    is_preset: bool,
    /// Those that the fields of the preset are read from.
    columns: &'a BTreeMap<Field, RawField>,
    on_invalid: OnInvalid,
}

impl Builder<'_, '_> {
    fn add(&mut self, raw: &RawDefinitions) {
        if !self.is_preset {
            self.limit("fields", raw.fields.len(), MOST_OWN_FIELDS);
            self.limit("relations", raw.relations.len(), MOST_OWN_RELATIONS);
        }
        for (key, list) in raw.lists.iter() {
            self.list(key, list);
        }
        let first = self.definitions.fields.len();
        for (key, field) in raw.fields.iter() {
            self.field(key, field);
        }
        permitted::shared_columns(self.definitions, self.columns, self.check);
        permitted::values(self.definitions, self.check);
        for (key, value) in raw.values.iter() {
            self.value(key, &value.first_of);
        }
        // Clauses may name fields and values that stand further down.
        for (key, field) in raw.fields.iter() {
            let applies = self.clauses(&format!("fields.{key}.applies"), &field.applies);
            self.permit_applies(&format!("fields.{key}.applies"), &applies);
            if let Some(at) = self.definitions.field(key).map(|field| field.index()).filter(|at| *at >= first)
            {
                self.definitions.fields[at].applies = applies;
            }
        }
        contradictions::applicability(self.definitions, self.check);
        for (key, relation) in raw.relations.iter() {
            self.relation(key, relation);
        }
    }

    fn permit_applies(&mut self, path: &str, applies: &[Clause]) {
        if let Some(field) = ethics::chosen_by(self.definitions, applies) {
            self.check.refuse(path, message!("is-sensitive-its-chosen-values-must", field));
        }
        if let Some(problem) = ethics::picks_persons(self.definitions, applies) {
            self.check.refuse(path, problem);
        }
        self.check.refuse_spoken(path, ethics::refused_in_clauses(self.definitions, applies));
    }

    fn limit(&mut self, section: &str, count: usize, most: usize) {
        if count > most {
            self.check.fail(section, message!("has-entries-at-most-are-counted", count, most));
        }
    }

    /// Whether a key can be the name of something new.
    fn is_new(&mut self, path: &str, key: &str) -> bool {
        let is_word = key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_word {
            self.check.fail(path, message!("a-key-is-written-with-small"));
            return false;
        }
        if parse::is_word_of_the_language(key) {
            self.check.fail(path, message!("is-a-word-of-the-language", key));
            return false;
        }
        let all = &*self.definitions;
        let is_taken = all.field(key).is_some() || all.named_values().any(|(_, value)| value.key == key);
        let is_taken = match path.split('.').next() {
            Some("lists") => all.lists.iter().any(|list| list.key == key),
            Some("relations") => all.relation(key).is_some(),
            _ => is_taken,
        };
        if is_taken {
            self.check.fail(path, message!("is-built-in-choose-another-key", key));
        }
        !is_taken
    }

    fn label(&mut self, path: &str, label: Option<&RawLabel>, key: &str) -> Label {
        label_of(path, label, key, self.check)
    }

    fn list(&mut self, key: &str, raw: &RawList) {
        let path = format!("lists.{key}");
        if !self.is_new(&path, key) {
            return;
        }
        let label = self.label(&path, raw.label.as_ref(), key);
        let mut codes: Vec<ListedCode> = raw
            .codes
            .iter()
            .map(|(code, word)| ListedCode {
                code: code.trim().to_owned(),
                word: word.trim().to_owned(),
                aliases: Vec::new(),
            })
            .collect();
        if codes.is_empty() {
            self.check.fail(&path, message!("has-no-codes"));
        }
        for (word, aliases) in &raw.aliases {
            match codes.iter_mut().find(|code| code.word == *word || code.code == *word) {
                Some(code) => code.aliases.extend(aliases.iter().cloned()),
                None => self.check.fail(&format!("{path}.aliases.{word}"), message!("the-list-has-no", word)),
            }
        }
        let mut list = match CodeList::new(key, label, codes) {
            Ok(list) => list,
            Err(problem) => return self.check.fail(&format!("{path}.codes"), problem),
        };
        list.is_open = raw.open;
        list.suffix = raw.suffix.clone();
        list.is_numbered = raw.numbered;
        contradictions::codes(&path, &list, self.check);
        for (name, group) in raw.groups.iter() {
            if let Some(group) = self.group(&format!("{path}.groups.{name}"), name, group, &list) {
                list.groups.push(group);
            }
        }
        self.definitions.lists.push(list);
        let last = self.definitions.lists.len() - 1;
        self.check.refuse_spoken(&path, ethics::refused_in_list(self.definitions, last));
    }

    fn group(&mut self, path: &str, key: &str, raw: &RawGroupOfCodes, list: &CodeList) -> Option<CodeGroup> {
        let (label, codes, except) = match raw {
            RawGroupOfCodes::Codes(codes) => (None, codes.as_slice(), &[][..]),
            RawGroupOfCodes::Named(named) => {
                (named.label.as_ref(), named.codes.as_slice(), named.except.as_slice())
            }
        };
        if codes.is_empty() == except.is_empty() {
            self.check.fail(path, message!("needs-either-codes-or-except"));
            return None;
        }
        let mut members = BTreeSet::new();
        for code in codes.iter().chain(except) {
            match list.position(code) {
                Some(at) => _ = members.insert(at),
                None => self.check.fail(path, message!("the-list-has-no-code", code)),
            }
        }
        let members: Vec<usize> = match except.is_empty() {
            true => members.into_iter().collect(),
            false => (0..list.codes.len()).filter(|at| !members.contains(at)).collect(),
        };
        let label = label.map(|label| self.label(path, Some(label), key));
        Some(CodeGroup { key: key.to_owned(), label, members })
    }

    fn field(&mut self, key: &str, raw: &RawFieldDefinition) {
        let path = format!("fields.{key}");
        if !self.is_new(&path, key) {
            return;
        }
        let label = self.label(&path, raw.label.as_ref(), key);
        let column = raw.column.clone().unwrap_or_else(|| key.to_owned());
        let names = [key, &label.zh, &label.en, &column];
        if !self.is_preset {
            self.check.permit(&path, names.into_iter().chain(raw.form.as_deref()));
            self.distinct(&path, &label);
        }
        let value_type = self.value_type(&path, raw);
        let form = match (&raw.form, raw.value_type) {
            (Some(form), RawValueType::Form) => {
                self.check.keep(&format!("{path}.form"), ValueForm::parse(form))
            }
            (None, RawValueType::Form) => {
                self.check.fail(&path, message!("a-field-of-type-form-needs"));
                None
            }
            (Some(_), _) => {
                self.check.fail(&format!("{path}.form"), message!("is-for-fields-of-type-form"));
                None
            }
            (None, _) => None,
        };
        let default = || default_placeholders(value_type, &self.definitions.lists);
        let placeholders = raw.placeholders.clone().unwrap_or_else(default);
        let is_sensitive = raw.sensitive || names.into_iter().any(ethics::is_sensitive);
        let of_persons = match value_type {
            ValueType::CitizenId => Some(PersonValue::Number),
            ValueType::Date | ValueType::YesNo | ValueType::Place | ValueType::Uscc => None,
            _ => names.into_iter().find_map(ethics::of_persons),
        };
        self.definitions.fields.push(FieldDefinition {
            key: key.to_owned(),
            label,
            value_type,
            form,
            applies: Vec::new(),
            is_required: raw.required,
            is_sensitive,
            of_persons,
            placeholders,
            column,
        });
    }

    /// Clauses may name a field by its label, so that no two may share one.
    fn distinct(&mut self, path: &str, label: &Label) {
        for name in [&label.zh, &label.en] {
            let fields = self.definitions.named_fields();
            if let Some(other) =
                fields.iter().find(|field| field.label.zh == *name || field.label.en == *name)
            {
                let problem = message!("is-the-label-of-already", name, other = other.key);
                return self.check.fail(&format!("{path}.label"), problem);
            }
            if parse::is_word_of_the_language(name) {
                let problem = message!("is-a-word-of-the-language-choose", name);
                return self.check.fail(&format!("{path}.label"), problem);
            }
        }
    }

    fn value_type(&mut self, path: &str, raw: &RawFieldDefinition) -> ValueType {
        if raw.list.is_some() != (raw.value_type == RawValueType::Code) {
            self.check.fail(path, message!("a-field-of-type-code-and"));
        }
        match raw.value_type {
            RawValueType::Text => ValueType::Text,
            RawValueType::Date => ValueType::Date,
            RawValueType::Number => ValueType::Number,
            RawValueType::YesNo => ValueType::YesNo,
            RawValueType::CitizenId => ValueType::CitizenId,
            RawValueType::Uscc => ValueType::Uscc,
            RawValueType::Place => ValueType::Place,
            RawValueType::Form => ValueType::Formed,
            RawValueType::Code => {
                let wanted = raw.list.as_deref().unwrap_or_default();
                let lists = &self.definitions.lists;
                if let Some(list) = lists.iter().position(|list| list.key == wanted) {
                    return ValueType::Code(list);
                }
                let problem =
                    parse::unknown(message!("list"), wanted, lists.iter().map(|list| list.key.as_str()));
                self.check.fail(&format!("{path}.list"), problem);
                ValueType::Text
            }
        }
    }

    fn value(&mut self, key: &str, sources: &[String]) {
        let path = format!("values.{key}");
        if !self.is_new(&path, key) {
            return;
        }
        let mut first_of = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let path = format!("{path}.first_of.{at}");
            match parse::operand(source, self.definitions) {
                Ok(operand) => first_of.push(operand),
                Err(error) => self.check.fail_within(&path, error.at, error.message),
            }
        }
        let types: Vec<ValueType> =
            first_of.iter().map(|source| parse::type_of(source, self.definitions)).collect();
        self.check.permit(&path, [key]);
        if types.is_empty() || types.iter().any(|other| *other != types[0]) {
            self.check.fail(&path, message!("first-of-names-values-of-one-type"));
            return;
        }
        self.definitions.values.push(DerivedValue { key: key.to_owned(), first_of });
    }

    fn clauses(&mut self, path: &str, texts: &[String]) -> Vec<Clause> {
        if texts.len() > MOST_CLAUSES {
            self.check.refuse(
                path,
                message!("has-clauses-at-most-are-read", count = texts.len(), most_clauses = MOST_CLAUSES),
            );
        }
        let mut out = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            match parse::clause(text, self.definitions) {
                Ok(clause) => {
                    if contradictions::begins_with_nothing(&clause) {
                        self.check
                            .refuse(&format!("{path}.{at}"), message!("every-text-begins-with-nothing"));
                    }
                    out.push(clause);
                }
                Err(error) => self.check.fail_within(&format!("{path}.{at}"), error.at, error.message),
            }
        }
        out
    }

    fn relation(&mut self, key: &str, raw: &RawRelationDefinition) {
        let path = format!("relations.{key}");
        if !self.is_new(&path, key) {
            return;
        }
        let before = self.check.problems.len();
        let label = self.label(&path, raw.label.as_ref(), key);
        let others = self.definitions.named_relations().iter();
        labels::distinct(&path, &label, others.map(|other| (other.key.as_str(), &other.label)), self.check);
        for (at, example) in raw.examples.iter().enumerate() {
            self.check.permit(&format!("{path}.examples.{at}"), example.values().map(String::as_str));
        }
        let Some(demand) = self.demand(&path, raw) else { return };
        let note = raw.note.as_ref().map(|note| self.label(&format!("{path}.note"), Some(note), ""));
        let mut relation = RelationDefinition {
            key: key.to_owned(),
            label,
            when: self.clauses(&format!("{path}.when"), &raw.when),
            premise: self.clauses(&format!("{path}.if"), &raw.premise),
            demand,
            note,
            is_hint: raw.is_hint(),
            fails_on_missing: raw.on_missing.map(|on_missing| on_missing == OnMissing::Fail),
            skips_invalid: false,
        };
        if self.on_invalid == OnInvalid::Skip {
            relation.skip_invalid();
        }
        if self.check.problems.len() > before {
            return;
        }
        if let Some(problem) = ethics::singles_out(self.definitions, &relation) {
            self.check.refuse(&path, problem);
        }
        self.check.refuse_spoken(&path, ethics::refused_in_relation(self.definitions, &relation));
        if let Some(other) = rule_check::repeated(self.definitions, &relation) {
            self.check.refuse(&path, message!("asks-the-same-as", other));
        }
        self.definitions.relations.push(relation);
    }

    fn demand(&mut self, path: &str, raw: &RawRelationDefinition) -> Option<Demand> {
        if set_relations::is_of_sets(raw) {
            let filter = self.clauses(&format!("{path}.where"), &raw.filter);
            return set_relations::demand(path, raw, filter, self.definitions, self.check);
        }
        if raw.check.is_empty() == raw.cases.is_empty() {
            self.check.fail(path, message!("needs-either-check-or-cases"));
        }
        Some(match raw.cases.is_empty() {
            true => Demand::Check(self.clauses(&format!("{path}.check"), &raw.check)),
            false => Demand::Cases(self.cases(path, raw)),
        })
    }

    fn cases(&mut self, path: &str, raw: &RawRelationDefinition) -> Vec<RelationCase> {
        let mut cases = Vec::new();
        for (at, case) in raw.cases.iter().enumerate() {
            let path = format!("{path}.cases.{at}");
            if case.check.is_empty() {
                self.check.fail(&path, message!("a-case-needs-check"));
            }
            cases.push(RelationCase {
                when: self.clauses(&format!("{path}.when"), &case.when),
                check: self.clauses(&format!("{path}.check"), &case.check),
            });
        }
        cases
    }
}

/// Words for nothing that no value of the type can be: digits are values of numbers, 无 answers yes or no.
fn default_placeholders(value_type: ValueType, lists: &[CodeList]) -> Vec<String> {
    let words = nothing::OF_OFFICES.iter().chain(&nothing::OF_PROGRAMS).map(|word| (*word).to_owned());
    match value_type {
        ValueType::YesNo => words.filter(|word| word != "无" && word != "没有").collect(),
        ValueType::Code(list) => words
            .chain(["0", "00", "9", "90", "99"].map(str::to_owned))
            .filter(|word| lists[list].position(word).is_none())
            .collect(),
        ValueType::CitizenId | ValueType::Uscc | ValueType::Date => words.chain(["0".to_owned()]).collect(),
        ValueType::Text | ValueType::Number | ValueType::Place | ValueType::Formed => words.collect(),
    }
}
