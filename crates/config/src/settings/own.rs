//! Fields and relations by name, built-in and own.

use super::{Indicator, Indicators, Measure, OnMissing, Relation, ReportLanguage};
use tongbao_register::field::Field;
use tongbao_rule::definitions::{Label, RelationDefinition};
use tongbao_rule::tree::{ClausePart, Operand, ValueState};

impl Indicators {
    /// The fields that completeness counts, in the order of the documents.
    pub fn fields(&self) -> Vec<Field> {
        let own = self.definitions.own_fields().iter().enumerate();
        let own = own.filter(|(_, field)| field.is_required).map(|(at, _)| Field::Own(at as u8));
        self.completeness.fields.iter().copied().chain(own).collect()
    }

    /// All fields that are counted: those of completeness, and those of rates of the office's own.
    pub fn counted_fields(&self) -> Vec<Field> {
        let mut fields = self.fields();
        for own in &self.own {
            let Measure::Fields(more) = &own.measure else { continue };
            more.iter().for_each(|field| {
                if !fields.contains(field) {
                    fields.push(*field)
                }
            });
        }
        fields
    }

    /// The hints 核实项 among the office's own relations: in use as they are defined, part of no rate.
    pub fn hints(&self) -> impl Iterator<Item = Relation> {
        let own = self.definitions.own_relations().iter().enumerate();
        own.filter(|(_, relation)| relation.is_hint).map(|(at, _)| Relation::Own(at as u8))
    }

    /// The relations that documents list one by one: those of accuracy, then hints.
    pub fn listed_relations(&self) -> Vec<Relation> {
        self.accuracy.relations.iter().copied().chain(self.hints()).collect()
    }

    /// The relations that correction lists name: those that documents list, and that values are valid where a rate of the
    /// office's own counts that. What other relations of such rates find, as a late registration, need not be a mistake.
    pub fn corrected_relations(&self) -> Vec<Relation> {
        let mut relations = self.listed_relations();
        let valid = self.own.iter().flat_map(|own| match &own.measure {
            Measure::Valid(fields) => fields.as_slice(),
            Measure::Fields(_) | Measure::Relations(_) => &[],
        });
        for (_, relation) in valid {
            if !relations.contains(relation) {
                relations.push(*relation);
            }
        }
        relations
    }

    /// Whether a relation asks of a field that its values are valid, for a rate of the office's own.
    pub fn is_validity(&self, relation: Relation) -> bool {
        self.own.iter().any(|own| match &own.measure {
            Measure::Valid(fields) => fields.iter().any(|(_, valid)| *valid == relation),
            Measure::Fields(_) | Measure::Relations(_) => false,
        })
    }

    /// All relations that are counted: those that documents list, and those of rates of the office's own.
    pub fn counted_relations(&self) -> Vec<Relation> {
        let mut relations = self.listed_relations();
        for own in &self.own {
            let more: Vec<Relation> = match &own.measure {
                Measure::Fields(_) => Vec::new(),
                Measure::Valid(fields) => fields.iter().map(|(_, relation)| *relation).collect(),
                Measure::Relations(relations) => relations.clone(),
            };
            more.into_iter().for_each(|one| {
                if !relations.contains(&one) {
                    relations.push(one)
                }
            });
        }
        relations
    }

    /// Positions of the office's own relations in use.
    pub fn own_relations(&self) -> impl Iterator<Item = u8> {
        self.counted_relations().into_iter().filter_map(|relation| match relation {
            Relation::Own(at) => Some(at),
            _ => None,
        })
    }

    /// Whether own fields or relations are counted.
    pub fn has_own(&self) -> bool {
        let is_own = |field: &Field| matches!(field, Field::Own(_));
        self.subject.is_some()
            || self.own_relations().next().is_some()
            || self.counted_fields().iter().any(is_own)
    }

    /// The relations over several records that are counted.
    pub fn set_relations(&self) -> impl Iterator<Item = &RelationDefinition> {
        self.relations_in_use().filter(|relation| relation.is_of_sets())
    }

    /// Whether there are such.
    pub fn has_set_relations(&self) -> bool {
        self.set_relations().next().is_some()
    }

    fn relations_in_use(&self) -> impl Iterator<Item = &RelationDefinition> {
        self.own_relations().filter_map(|at| self.definitions.own_relations().get(usize::from(at)))
    }

    /// The fields that own relations in use read, and that by which things are known, one bit each.
    pub fn read_by_own_relations(&self) -> u64 {
        let identity = self.subject.as_ref().map_or(0, |subject| 1 << subject.identity.index());
        identity | self.definitions.read_by_relations(self.relations_in_use())
    }

    /// The fields that own definitions in use read, one bit each.
    pub fn read_by_own(&self) -> u64 {
        let mut fields = self.read_by_own_relations();
        for field in self.counted_fields().into_iter().filter(|field| matches!(field, Field::Own(_))) {
            fields |= 1 << field.index();
            let applies = &self.definitions.fields[field.index()].applies;
            fields |= self.definitions.read_by(applies);
        }
        fields
    }

    /// Whether a relation in use asks whether the values of a field are valid.
    pub fn asks_validity(&self, field: Field) -> bool {
        let is_asked = |part: &ClausePart| {
            matches!(part, ClausePart::Has { operand: Operand::Field(of), state: ValueState::Valid }
                if of.index() == field.index())
        };
        let clauses = self.relations_in_use().flat_map(RelationDefinition::clauses);
        clauses.flat_map(|clause| &clause.parts).any(is_asked)
    }

    /// Whether anything counts or reads a built-in field of a register of persons; the number by which persons are known
    /// always.
    pub fn reads(&self, field: Field) -> bool {
        field == Field::IdNumber
            || self.counted_fields().contains(&field)
            || self.read_by_own() >> field.index() & 1 == 1
            || self.counted_relations().iter().any(|relation| relation.reads().contains(&field))
    }

    /// Whether what own definitions in use say of a record may be something else on another cut-off day.
    pub fn own_reads_cut_off(&self) -> bool {
        let definitions = &self.definitions;
        let relations =
            self.own_relations().filter_map(|at| definitions.own_relations().get(usize::from(at)));
        let read = self.read_by_own();
        // Whether a blank field applies may hang on the age.
        let fields = definitions.fields.iter().enumerate().filter(|(at, _)| read >> at & 1 == 1);
        let applies = fields.flat_map(|(_, field)| &field.applies);
        relations
            .flat_map(RelationDefinition::clauses)
            .chain(applies)
            .any(|one| definitions.reads_cut_off(one))
    }

    /// The name of a field in configuration and JSON.
    pub fn field_key(&self, field: Field) -> &str {
        self.definitions.fields.get(field.index()).map_or(field.key(), |field| &field.key)
    }

    /// A field as documents print it.
    pub fn field_label(&self, field: Field, language: ReportLanguage) -> &str {
        let field_key = field.key();
        self.definitions.fields.get(field.index()).map_or(field_key, |field| label(&field.label, language))
    }

    /// Whether a relation is part of no rate.
    pub fn is_hint(&self, relation: Relation) -> bool {
        self.relation(relation).is_some_and(|relation| relation.is_hint)
    }

    /// Whether a relation fails a record that lacks a value; otherwise it does not judge it.
    pub fn fails_on_missing(&self, relation: Relation) -> bool {
        let own = self.relation(relation).and_then(|relation| relation.fails_on_missing);
        own.unwrap_or(self.accuracy.on_missing == OnMissing::Fail)
    }

    /// Whether accuracy is divided by all records: none of its relations may leave one of them unjudged.
    pub fn judges_all_records(&self) -> bool {
        let mut relations = self.accuracy.relations.iter();
        relations.all(|relation| self.fails_on_missing(*relation) && !self.skips_invalid(*relation))
    }

    /// Whether a relation judges no record of which it reads an invalid value; otherwise it fails it.
    pub fn skips_invalid(&self, relation: Relation) -> bool {
        self.relation(relation).is_some_and(|relation| relation.skips_invalid)
    }

    /// A relation as it is defined.
    pub fn relation(&self, relation: Relation) -> Option<&RelationDefinition> {
        match relation {
            Relation::Own(at) => self.definitions.own_relations().get(usize::from(at)),
            built_in => self.definitions.relations.iter().find(|relation| relation.key == built_in.key()),
        }
    }

    /// The name of a relation in configuration and JSON.
    pub fn relation_key(&self, relation: Relation) -> &str {
        self.relation(relation).map_or(relation.key(), |relation| &relation.key)
    }

    /// A relation as documents print it, in each language.
    pub fn relation_labels(&self, relation: Relation) -> Vec<&str> {
        let languages = [ReportLanguage::Chinese, ReportLanguage::English];
        languages.map(|language| self.relation_label(relation, language)).into()
    }

    /// A relation as documents print it.
    pub fn relation_label(&self, relation: Relation, language: ReportLanguage) -> &str {
        self.relation(relation).map_or(relation.key(), |relation| label(&relation.label, language))
    }

    /// A rate of the office's own as documents print it.
    pub fn own_indicator_label(&self, at: u8, language: ReportLanguage) -> &str {
        self.own.get(usize::from(at)).map_or("", |own| label(&own.label, language))
    }

    /// What one count of a rate stands for, as documents print it; `None` = a record.
    pub fn counted_as(&self, indicator: Indicator, language: ReportLanguage) -> Option<&str> {
        let counted = self.own_indicator(indicator)?.counted.as_ref()?;
        Some(label(counted, language))
    }

    /// What decides the figures of own definitions: those in use with all that they may read, in canonical
    /// form; `None` where only built-in definitions are in use.
    pub fn own_text(&self) -> Option<String> {
        if !self.has_own() {
            return None;
        }
        let mut definitions = (*self.definitions).clone();
        let used = self.counted_relations();
        let keys: Vec<&str> = used.iter().map(|one| self.relation_key(*one)).collect();
        definitions.relations.retain(|relation| keys.contains(&relation.key.as_str()));
        // What a rate is made of decides its figures; where there is none, the text is that of before.
        let rates = self.own.iter().map(|own| format!("\nindicator {}: {:?}", own.key, own.measure));
        let identity = self.subject.as_ref().map(|subject| self.field_key(subject.identity));
        let identity = identity.map(|key| format!("\nidentity {key}")).unwrap_or_default();
        Some(format!("{}{}{identity}", definitions.print_all(), rates.collect::<String>()))
    }
}

fn label(label: &Label, language: ReportLanguage) -> &str {
    match language {
        ReportLanguage::Chinese => &label.zh,
        ReportLanguage::English => &label.en,
    }
}
