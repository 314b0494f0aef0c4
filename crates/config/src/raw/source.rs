//! Where the register is, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::baseline::RawBaseline;
use super::list::{RawColumns, RawListSection, list_keys};
use super::ordered::Ordered;
use super::rules::RawLabel;
use crate::settings::{Compute, DatabaseUrl, Deletions, Take, UnitFrom};
use crate::{Secret, SecretFile};
use tongbao_register::day_reader::DayForm;
use tongbao_register::field::Field;

/// Where the register is, and the other lists unless they have an address of their own. The
/// database account needs SELECT only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    /// `sqlite:FILE`, `postgres://…`, `mysql://…`, `file:PATH` or `odbc:CONNECTION STRING`.
    pub url: Option<DatabaseUrl>,
    /// File that holds the address, for addresses with a password.
    pub url_file: Option<SecretFile>,
    /// PEM file of the office's own certificate authorities, trusted in addition to those of the system.
    pub ca_file: Option<String>,
    /// PEM file of the program's own certificate, for servers that want one.
    pub client_cert_file: Option<String>,
    /// PEM file of its private key.
    pub client_key_file: Option<SecretFile>,
    /// Hosts off this machine that may be spoken to without verified TLS.
    #[serde(default)]
    pub allow_plain_text: Vec<String>,
    /// How files at this address are read.
    #[serde(default)]
    pub files: RawFiles,
    /// Limit for a whole pull.
    #[serde(default = "default_pull_timeout")]
    pub timeout: String,
    /// Records per batch.
    #[serde(default = "default_batch_rows")]
    pub batch_rows: usize,
    /// Connections that may read a PostgreSQL table at the same time, in one snapshot.
    #[serde(default = "default_connections")]
    pub connections: usize,
    /// Who counts: the program, or the database in one statement.
    #[serde(default)]
    pub compute: Compute,
    /// Read only records whose `updated_at` changed since the pull before.
    #[serde(default)]
    pub incremental: bool,
    /// Secret of 32 characters or more that hashes what incremental pulls keep.
    pub incremental_key: Option<Secret>,
    /// File that holds the secret; it must not be in the state folder.
    pub incremental_key_file: Option<SecretFile>,
    /// How an incremental pull learns of deleted records.
    #[serde(default)]
    pub deletions: Deletions,
    /// The table of persons and its columns.
    pub register: RawRegister,
    /// The unit list 单位表.
    #[serde(default)]
    pub units: RawUnits,
    /// The one roster 比对名册; several have `rosters` instead.
    pub roster: Option<RawRoster>,
    /// Several rosters by name: each is compared with the register, and so are all of them together.
    #[serde(default)]
    pub rosters: Ordered<RawNamedRoster>,
    /// Expected head counts 应登记底数, for coverage method `baseline`.
    pub baseline: Option<RawBaseline>,
    /// Proven exceptions 佐证: records that pass a relation because the office has proved them right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<RawExceptions>,
    /// Lists by name, of any length, that relations look values up in (`listed` and `in`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, RawReference>,
    /// Code lists by name whose codes and words stand in a table or a file instead of `[lists]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, RawCodeList>,
}

/// How files are read: CSV, workbooks and Parquet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawFiles {
    /// Which files of a drop folder, where the name is a pattern (`file:drop/register-*.csv`).
    pub take: Take,
    /// Of CSV files; found out from the bytes where it is not set.
    pub encoding: Option<RawEncoding>,
    /// Of CSV files, one character; found out from the first lines where it is not set.
    pub delimiter: Option<String>,
    /// What names the unit where a list has no column for it (`unit = ""`): one file or sheet per village.
    pub unit: Option<UnitFrom>,
    /// Names of sheets that are not read, where all are, or one is and none is named.
    pub except_sheets: Vec<String>,
}

/// How a text file writes its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RawEncoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, of either byte order.
    #[serde(rename = "utf-16")]
    Utf16,
    /// Also of GBK and GB 2312, which are parts of it.
    #[serde(rename = "gb18030", alias = "gbk", alias = "gb2312")]
    Gb18030,
}

/// The register's table or query and its columns.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRegister {
    /// Table or view; of another schema as `schema.table`.
    pub table: Option<String>,
    /// Own SELECT instead of a table.
    pub query: Option<String>,
    /// Record key; "" where a file has none.
    #[serde(default = "default_key")]
    pub key: String,
    /// Unit code.
    pub unit: String,
    /// Registration time: a column, or `{ column = "…", form = "unix_seconds" }`.
    pub registered_at: Option<RawTime>,
    /// Time of the last change.
    pub updated_at: Option<String>,
    /// Kind of identity document.
    pub document_type: Option<String>,
    /// Marks of the records that count, as `{ del_flag = ["0"] }`: column = the values under which a record counts ("" =
    /// blank). All columns must agree; without it all records count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, Vec<RawMark>>,
    /// Column of the day on which a record left or was closed: from that day on it counts no more. Blank = it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<String>,
    /// Canonical field = column ("" where a file has none), or `{ column = "…", codes = { "1" = "男" } }`. All
    /// nine; none where `[register]` says that the register does not list persons.
    #[serde(default)]
    pub fields: BTreeMap<Field, RawField>,
}

/// A value under which a record counts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "is a value, as \"0\"")]
pub enum RawMark {
    /// As the column has it; "" = blank.
    Text(String),
    /// The same of a number.
    Number(i64),
    /// The same of a column of type boolean.
    Flag(bool),
}

impl RawMark {
    /// As the column has it, without blanks around it.
    pub fn text(&self) -> String {
        match self {
            RawMark::Text(text) => text.trim().to_owned(),
            RawMark::Number(number) => number.to_string(),
            RawMark::Flag(flag) => flag.to_string(),
        }
    }
}

/// A column of times, with its form where the values do not say it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "is a column's name, or { column = \"…\", form = \"…\" }")]
pub enum RawTime {
    /// Name of the column; the values say how they are written.
    Column(String),
    /// The column, and how its values are written.
    Formed(RawFormed),
}

/// A column of times in one known form.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFormed {
    /// Name of the column.
    pub column: String,
    /// How its values are written.
    #[serde(default)]
    pub form: DayForm,
    /// The first of the hundred years that years of two digits are of, as 2000; without it they are not read.
    #[serde(default)]
    pub first_year: Option<i16>,
}

/// A column, with a code map where its values are codes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "is a column's name, or { column = \"…\", codes = { … } }")]
pub enum RawField {
    /// Name of the column; its values are words.
    Column(String),
    /// The column, and what its codes mean.
    Coded(RawCoded),
}

impl RawField {
    /// Name of the column.
    pub fn column(&self) -> &String {
        match self {
            RawField::Column(column) | RawField::Coded(RawCoded { column, .. }) => column,
        }
    }
}

/// A column of codes with their meanings.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCoded {
    /// Name of the column.
    pub column: String,
    /// Code = meaning; values that are not named stay as they are.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// Of birth dates alone: how they are written.
    #[serde(default)]
    pub form: DayForm,
    /// Of birth dates alone: the first of the hundred years that years of two digits are of, as 1920; without it
    /// they are not read.
    #[serde(default)]
    pub first_year: Option<i16>,
}

/// The unit list.
pub type RawUnits = RawListSection<RawUnitColumns>;

/// The columns of the unit list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawUnitColumns {
    /// Column of the unit code, which must be unique.
    pub code: String,
    /// Column of the name, as documents print it.
    pub name: String,
    /// Column of the kind of unit ("" where there is none), or `{ column = "…", codes = { "1" = "村" } }`.
    pub kind: RawField,
    /// Column of the parent's code; "" where there is none.
    pub parent: String,
    /// Column of the first day on which a unit exists.
    pub valid_from: Option<String>,
    /// Column of the last day on which a unit exists.
    pub valid_to: Option<String>,
    /// Column of the code of the unit that an ended unit's records count for.
    pub successor: Option<String>,
    /// The office's own words for units: alias = code or name.
    pub aliases: BTreeMap<String, String>,
}

impl Default for RawUnitColumns {
    fn default() -> RawUnitColumns {
        RawUnitColumns {
            code: "code".into(),
            name: "name".into(),
            kind: RawField::Column("kind".into()),
            parent: "parent".into(),
            valid_from: None,
            valid_to: None,
            successor: None,
            aliases: BTreeMap::new(),
        }
    }
}

impl RawColumns for RawUnitColumns {
    const KEYS: &'static [&'static str] =
        list_keys!["code", "name", "kind", "parent", "valid_from", "valid_to", "successor", "aliases"];
}

/// 比对名册.
pub type RawRoster = RawListSection<RawRosterColumns>;

/// The columns of a roster 比对名册.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRosterColumns {
    /// Column of the unit code.
    #[serde(default = "default_unit")]
    pub unit: String,
    /// Column of the ID number; `identity` is the same, for registers of something else than persons.
    #[serde(default = "default_id_number", alias = "identity")]
    pub id_number: String,
}

impl RawColumns for RawRosterColumns {
    const KEYS: &'static [&'static str] = list_keys!["unit", "id_number", "identity"];
}

/// One of several rosters.
pub type RawNamedRoster = RawListSection<RawNamedRosterColumns>;

/// One of several rosters: what it is called, and its columns.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNamedRosterColumns {
    /// As it is printed, e.g. 出租办; the name where it is not set.
    pub label: Option<String>,
    /// Column of the unit code.
    #[serde(default = "default_unit")]
    pub unit: String,
    /// Column of the ID number; `identity` is the same, for registers of something else than persons.
    #[serde(default = "default_id_number", alias = "identity")]
    pub id_number: String,
}

impl RawColumns for RawNamedRosterColumns {
    const KEYS: &'static [&'static str] = list_keys!["label", "unit", "id_number", "identity"];
}

/// A list that relations look values up in.
pub type RawReference = RawListSection<RawReferenceColumns>;

/// What such a list is called, and its column.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReferenceColumns {
    /// Name of the list as documents print it; the key where it is not set.
    pub label: Option<RawLabel>,
    /// Column of the values.
    #[serde(default = "default_code")]
    pub column: String,
}

impl RawColumns for RawReferenceColumns {
    const KEYS: &'static [&'static str] = list_keys!["label", "column"];
}

/// A code list that is read from a table or a file.
pub type RawCodeList = RawListSection<RawCodeListColumns>;

/// The columns of such a list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCodeListColumns {
    /// Column of the codes.
    #[serde(default = "default_code")]
    pub code: String,
    /// Column of the words; where it is not set a code is its own word.
    pub word: Option<String>,
    /// Column of the group that a code belongs to; a code of several groups has several rows.
    pub group: Option<String>,
}

impl RawColumns for RawCodeListColumns {
    const KEYS: &'static [&'static str] = list_keys!["code", "word", "group"];
}

/// 佐证.
pub type RawExceptions = RawListSection<RawExceptionColumns>;

/// The columns of the list of proven exceptions.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawExceptionColumns {
    /// Column of the record key; or `id_number`.
    pub key: Option<String>,
    /// Column of the ID number; `identity` is the same, for registers of something else than persons.
    #[serde(alias = "identity")]
    pub id_number: Option<String>,
    /// Column of the relation, by its key or label.
    pub relation: Option<String>,
    /// Column of the reason, by its code in `reasons`.
    pub reason: Option<String>,
    /// Column of the last day on which the exception counts; blank = without end.
    pub until: Option<String>,
    /// Reasons as documents print them, by code.
    pub reasons: BTreeMap<String, String>,
}

impl RawColumns for RawExceptionColumns {
    const KEYS: &'static [&'static str] =
        list_keys!["key", "id_number", "identity", "relation", "reason", "until", "reasons"];
}

fn default_pull_timeout() -> String {
    "10m".into()
}

fn default_batch_rows() -> usize {
    8_192
}

fn default_connections() -> usize {
    1
}

fn default_key() -> String {
    "id".into()
}

fn default_code() -> String {
    "code".into()
}

pub(super) fn default_unit() -> String {
    "unit".into()
}

fn default_id_number() -> String {
    "id_number".into()
}
