//! The sections of the configuration that decide figures and ranks: kept with each run, so that a held one can be
//! released under the rules that it was made by.

use std::collections::BTreeMap;
use std::sync::Arc;
use tongbao_message::Message;

use serde::{Deserialize, Serialize};

use super::document::ConfigDocument;
use super::raw::RawConfig;
use super::raw::definitions::{RawIndicators, RawKindRules, RawRanking, RawScoring};
use super::raw::list::{RawListSection, RawLocation};
use super::raw::ordered::Ordered;
use super::raw::rules::{
    RawDerivedValue, RawFieldDefinition, RawLabel, RawList, RawRelationDefinition, RawSubject,
};
use super::raw::source::{RawNamedRoster, RawNamedRosterColumns, RawReference, RawReferenceColumns};
use super::settings::{ReadCodeLists, Settings, Written};
use super::validate;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Deciding {
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<RawSubject>,
    indicators: RawIndicators,
    fields: Ordered<RawFieldDefinition>,
    lists: Ordered<RawList>,
    values: Ordered<RawDerivedValue>,
    relations: Ordered<RawRelationDefinition>,
    scoring: RawScoring,
    ranking: RawRanking,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unit_kinds: BTreeMap<String, RawKindRules>,
    /// Labels of the named rosters, by name: stored comparisons are in their order, and coverage names one.
    #[serde(skip_serializing_if = "Ordered::is_empty")]
    rosters: Ordered<Option<String>>,
    /// Labels of the lists that relations name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    references: BTreeMap<String, Option<RawLabel>>,
}

/// The deciding sections as JSON, keys in the order of the file.
pub(super) fn deciding(raw: &RawConfig) -> String {
    let source = &raw.source;
    let rosters = source.rosters.iter().map(|(name, roster)| (name.to_owned(), roster.columns.label.clone()));
    let references = source.references.iter().map(|(name, list)| (name.clone(), list.columns.label.clone()));
    let deciding = Deciding {
        register: raw.register.clone(),
        indicators: raw.indicators.clone(),
        fields: raw.fields.clone(),
        lists: raw.lists.clone(),
        values: raw.values.clone(),
        relations: raw.relations.clone(),
        scoring: raw.scoring.clone(),
        ranking: raw.ranking.clone(),
        unit_kinds: raw.unit_kinds.clone(),
        rosters: Ordered(rosters.collect()),
        references: references.collect(),
    };
    serde_json::to_string(&deciding).unwrap_or_default()
}

/// The configuration without what nobody needs to keep: passwords, addresses, keys.
pub(super) fn written(raw: RawConfig) -> Written {
    let mut raw = RawConfig { smtp: None, recipients: Default::default(), ..raw };
    (raw.source.url, raw.source.url_file, raw.source.incremental_key) = (None, None, None);
    Written(Arc::new(raw))
}

/// A roster of which nothing is read any more.
fn named_roster((name, label): (String, Option<String>)) -> (String, RawNamedRoster) {
    let columns = RawNamedRosterColumns { label, unit: String::new(), id_number: String::new() };
    (name, RawListSection { location: RawLocation::default(), columns })
}

/// A list in which nothing is looked up any more.
fn reference((name, label): (String, Option<RawLabel>)) -> (String, RawReference) {
    let columns = RawReferenceColumns { label, column: String::new() };
    (name, RawListSection { location: RawLocation::default(), columns })
}

impl Settings {
    /// The same settings with what `[source.lists]` holds now. The error says why it cannot be used.
    pub fn with_code_lists(&self, code_lists: ReadCodeLists) -> Result<Settings, Message> {
        let document = ConfigDocument::parse("source.lists", "", None)?;
        validate::with_code_lists(self, code_lists, &document)
            .map_err(|problems| Message::joined(problems, "; "))
    }

    /// The same settings under the deciding sections of an earlier run. The error says why they no longer hold.
    pub fn under(&self, deciding: &str) -> Result<Settings, Message> {
        let then: Deciding =
            serde_json::from_str(deciding).map_err(|error| Message::text(error.to_string()))?;
        let mut written = self.written.0.as_ref().clone();
        // Earlier versions stored neither.
        if !then.rosters.is_empty() {
            written.source.rosters = Ordered(then.rosters.0.into_iter().map(named_roster).collect());
        }
        written.source.references.extend(then.references.into_iter().map(reference));
        let raw = RawConfig {
            register: then.register,
            indicators: then.indicators,
            fields: then.fields,
            lists: then.lists,
            values: then.values,
            relations: then.relations,
            scoring: then.scoring,
            ranking: then.ranking,
            unit_kinds: then.unit_kinds,
            ..written
        };
        let document = ConfigDocument::parse("run", "", None)?;
        let settings =
            validate::as_stored(self, raw, &document).map_err(|problems| Message::joined(problems, "; "))?;
        // As it was stored: another version may write the same sections otherwise.
        Ok(Settings { deciding: deciding.to_owned(), ..settings })
    }
}
