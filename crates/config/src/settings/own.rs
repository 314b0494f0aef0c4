//! Fields and relations by name, built-in and own.

use super::{Indicators, Language, Relation};
use tongbao_register::field::Field;
use tongbao_rule::definitions::{Label, RelationDefinition};

impl Indicators {
    /// The fields that completeness counts, in the order of the documents.
    pub fn fields(&self) -> Vec<Field> {
        let own = self.definitions.own_fields().iter().enumerate();
        let own = own.filter(|(_, field)| field.is_required).map(|(at, _)| Field::Own(at as u8));
        Field::ALL.into_iter().chain(own).collect()
    }

    /// Positions of the office's own relations in use.
    pub fn own_relations(&self) -> impl Iterator<Item = u8> {
        self.accuracy.relations.iter().filter_map(|relation| match relation {
            Relation::Own(at) => Some(*at),
            _ => None,
        })
    }

    /// Whether own fields or relations are counted.
    pub fn has_own(&self) -> bool {
        self.own_relations().next().is_some() || self.fields().len() > Field::ALL.len()
    }

    /// The fields that own definitions in use read, one bit each.
    pub fn read_by_own(&self) -> u64 {
        let relations =
            self.own_relations().filter_map(|at| self.definitions.own_relations().get(usize::from(at)));
        let mut fields = self.definitions.read_by(relations.flat_map(RelationDefinition::clauses));
        for field in self.fields().into_iter().skip(Field::ALL.len()) {
            fields |= 1 << field.index();
            let applies = &self.definitions.fields[field.index()].applies;
            fields |= self.definitions.read_by(applies);
        }
        fields
    }

    /// The name of a field in configuration and JSON.
    pub fn field_key(&self, field: Field) -> &str {
        self.definitions.fields.get(field.index()).map_or(field.key(), |field| &field.key)
    }

    /// A field as documents print it.
    pub fn field_label(&self, field: Field, language: Language) -> &str {
        let field_key = field.key();
        self.definitions.fields.get(field.index()).map_or(field_key, |field| label(&field.label, language))
    }

    fn relation(&self, relation: Relation) -> Option<&RelationDefinition> {
        match relation {
            Relation::Own(at) => self.definitions.own_relations().get(usize::from(at)),
            built_in => self.definitions.relation(built_in.key()),
        }
    }

    /// The name of a relation in configuration and JSON.
    pub fn relation_key(&self, relation: Relation) -> &str {
        self.relation(relation).map_or(relation.key(), |relation| &relation.key)
    }

    /// A relation as documents print it.
    pub fn relation_label(&self, relation: Relation, language: Language) -> &str {
        self.relation(relation).map_or(relation.key(), |relation| label(&relation.label, language))
    }

    /// What decides the figures of own definitions: those in use with all that they may read, in canonical
    /// form; `None` where only built-in definitions are in use.
    pub fn own_text(&self) -> Option<String> {
        if !self.has_own() {
            return None;
        }
        let mut used = (*self.definitions).clone();
        let keys: Vec<&str> = self.accuracy.relations.iter().map(|one| self.relation_key(*one)).collect();
        used.relations.retain(|relation| keys.contains(&relation.key.as_str()));
        Some(used.print_all())
    }
}

fn label(label: &Label, language: Language) -> &str {
    match language {
        Language::Chinese => &label.zh,
        Language::English => &label.en,
    }
}
