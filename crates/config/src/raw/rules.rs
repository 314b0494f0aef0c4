//! The office's own fields, code lists and relations, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ordered::Ordered;
use crate::settings::OnMissing;

/// What an office defines in addition to the built-in fields and relations.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawDefinitions {
    /// Code lists by name.
    pub lists: Ordered<RawList>,
    /// Fields in addition to the nine, by key.
    pub fields: Ordered<RawFieldDefinition>,
    /// Names for the first known of several values.
    pub values: Ordered<RawDerivedValue>,
    /// Logical relations by key.
    pub relations: Ordered<RawRelationDefinition>,
}

/// What a register lists that is not one of persons. The nine built-in fields are then not counted; `[fields]`
/// and `[relations]` are all there is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSubject {
    /// What the records stand for, as documents call it: 出租房屋; in English the plural, rented houses.
    pub noun: RawLabel,
    /// The Chinese measure word after a number of them: 套, 家, 户.
    #[serde(default = "default_counter")]
    pub counter: String,
    /// The field of `[fields]` by which one is distinguished from another: coverage and repeated records are
    /// counted by it.
    pub identity: String,
}

fn default_counter() -> String {
    "个".to_owned()
}

/// A name as it is printed: one for all languages, or one for each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "is a text, or { zh = \"…\", en = \"…\" }")]
pub enum RawLabel {
    /// The same name in all languages.
    One(String),
    /// A name for each language.
    Each(RawLabels),
}

/// A name in both languages.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLabels {
    /// The name in Chinese documents.
    pub zh: String,
    /// The name in English documents.
    pub en: String,
}

/// A field of the register in addition to the nine built-in ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawFieldDefinition {
    /// Name of the field as documents print it; the key where it is not set.
    pub label: Option<RawLabel>,
    /// The register's column; the key where it is not set.
    pub column: Option<String>,
    /// `text`, `code`, `date`, `number`, `yes_no`, `citizen_id`, `uscc`, `place` or `form`.
    #[serde(rename = "type")]
    pub value_type: RawValueType,
    /// Of type `code`: the list that its values are codes of.
    pub list: Option<String>,
    /// Of type `form`: how a value is written, e.g. `[0-9]{6}`.
    pub form: Option<String>,
    /// Clauses that say which records the field applies to; all where there is none.
    pub applies: Vec<String>,
    /// Whether completeness counts the field.
    pub required: bool,
    /// Whether no relation may single people out by chosen values of it.
    pub sensitive: bool,
    /// Values that count as blank, instead of the default list of its type.
    pub placeholders: Option<Vec<String>>,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawValueType {
    /// Any text.
    #[default]
    Text,
    /// A code or word of a list.
    Code,
    /// A calendar day, in any of the usual ways of writing it.
    Date,
    /// A decimal.
    Number,
    /// 是 or 否, 有 or 无, 1 or 0.
    YesNo,
    /// 公民身份号码, GB 11643.
    CitizenId,
    /// 统一社会信用代码, GB 32100.
    Uscc,
    /// An address or a division code.
    Place,
    /// A text that matches `form`.
    Form,
}

/// A list of codes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawList {
    /// Name of the list as documents print it; the key where it is not set.
    pub label: Option<RawLabel>,
    /// Code = word. A value is known by either.
    pub codes: Ordered<String>,
    /// Word = other ways in which it is written.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Whether other values are valid too; they are in no group.
    pub open: bool,
    /// What a word may also end in.
    pub suffix: String,
    /// Whether codes are the same with and without leading zeros, and may stand beside their words: `08 壮族`.
    pub numbered: bool,
    /// Groups of codes, for clauses such as `relation in relation.spouse`.
    pub groups: Ordered<RawGroupOfCodes>,
}

/// The codes of a group, or the group with its name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "is codes in [ ], or { label = …, codes = [ ] }, or { label = …, except = [ ] }"
)]
pub enum RawGroupOfCodes {
    /// The codes or words of the group.
    Codes(Vec<String>),
    /// A group with a name, or one that leaves codes out.
    Named(RawNamedGroup),
}

/// A group of codes with a name of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNamedGroup {
    /// Name of the group as documents print it.
    pub label: Option<RawLabel>,
    /// Its codes or words.
    #[serde(default)]
    pub codes: Vec<String>,
    /// All codes of the list but these.
    #[serde(default)]
    pub except: Vec<String>,
}

/// The first known of several values.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDerivedValue {
    /// Fields or parts of them, e.g. `birth_date` and `id_number.birth_date`.
    pub first_of: Vec<String>,
}

/// A relation 逻辑关系 between the values of one record.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawRelationDefinition {
    /// Name of the relation as documents print it; the key where it is not set.
    pub label: Option<RawLabel>,
    /// Clauses that say which records are judged; all where there is none.
    pub when: Vec<String>,
    /// Clauses of the premise: a record that does not meet it passes.
    #[serde(rename = "if")]
    pub premise: Vec<String>,
    /// Clauses that must all hold.
    pub check: Vec<String>,
    /// In place of `check`: the first case whose conditions hold decides.
    pub cases: Vec<RawRelationCase>,
    /// In place of `check`: no two records have the same values of these fields; of a value that repeats all fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<String>,
    /// In place of `check`: of the records with the same value of this field …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// … those that meet these clauses are …
    #[serde(rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<String>,
    /// … exactly this many,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exactly: Option<u32>,
    /// or this many or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// In place of `check`: the value of this field stands …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<String>,
    /// … in this list of `[source.references]`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Printed after the sentence that is made from the clauses.
    pub note: Option<RawLabel>,
    /// `false` makes it a hint 核实项: in use as it stands here, judged and printed with its own figures, part of no rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<bool>,
    /// `fail` or `skip`, instead of `on_missing` of accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_missing: Option<OnMissing>,
    /// Records with the outcome that they must have; tried whenever the configuration is read.
    pub examples: Vec<BTreeMap<String, String>>,
}

impl RawRelationDefinition {
    /// Whether it is a hint 核实项.
    pub fn is_hint(&self) -> bool {
        self.counts == Some(false)
    }
}

/// A check for some of the records that a relation judges.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRelationCase {
    /// Clauses that say which records the case is for.
    #[serde(default)]
    pub when: Vec<String>,
    /// Clauses that must all hold for them.
    pub check: Vec<String>,
}
