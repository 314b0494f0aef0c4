//! Where the register is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tongbao_message::{Message, message};

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::IdentifiedBy;
use super::odbc::ConnectionString;
use super::tls::Tls;
use crate::paths::address_from;
use crate::secret::schema_of_secret;
use crate::{Secret, SecretFile};
use tongbao_register::day_reader::DayStyle;
use tongbao_register::field::Field;

/// Where the register is.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// Where the register is.
    pub url: DatabaseUrl,
    /// How files at this address are read.
    pub files: FileForm,
    /// Limit for the whole pull.
    pub timeout: Duration,
    /// Records per batch.
    pub batch_rows: usize,
    /// Connections that may read the register at the same time.
    pub connections: usize,
    /// Who counts: the program or the database.
    pub compute: Compute,
    /// Only records that changed since the pull before are read; the secret hashes what is kept.
    pub incremental: Option<Secret>,
    /// How an incremental pull learns of deleted records.
    pub deletions: Deletions,
    /// Days that instants stand for are those of this zone: the campaign's.
    pub time_zone: TimeZone,
    /// The table of persons and its columns.
    pub register: RegisterSource,
    /// The unit list.
    pub units: UnitsSource,
    /// In configured order.
    pub rosters: Vec<RosterSource>,
    /// `None` = coverage is measured against rosters.
    pub baseline: Option<BaselineSource>,
    /// Proven exceptions, where there is a list.
    pub exceptions: Option<ExceptionsSource>,
    /// Lists that relations look values up in, by name.
    pub references: Vec<ReferenceSource>,
    /// Code lists that are read from a table or a file, by name.
    pub code_lists: Vec<CodeListSource>,
}

impl SourceSettings {
    /// The addresses of all parts that have one.
    pub fn urls(&mut self) -> impl Iterator<Item = &mut DatabaseUrl> {
        let baseline = match &mut self.baseline {
            Some(BaselineSource::Dataset { from, .. }) => from.url.as_mut(),
            Some(BaselineSource::Inline(_)) | None => None,
        };
        let rosters = self.rosters.iter_mut().filter_map(|roster| roster.from.url.as_mut());
        let exceptions = self.exceptions.as_mut().and_then(|list| list.from.url.as_mut());
        let others = [self.units.from.url.as_mut(), baseline, exceptions];
        let references = self.references.iter_mut().filter_map(|list| list.from.url.as_mut());
        let lists = self.code_lists.iter_mut().filter_map(|list| list.from.url.as_mut());
        let others = others.into_iter().flatten().chain(rosters).chain(references).chain(lists);
        std::iter::once(&mut self.url).chain(others)
    }

    /// The register as a dataset among the others.
    pub fn located_register(&self) -> Located {
        Located { url: None, files: self.files.clone(), dataset: self.register.dataset.clone() }
    }
}

/// Who counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compute {
    /// The program reads the register and counts.
    #[default]
    Engine,
    /// The database counts in one statement, and only the tallies travel.
    Database,
}

/// How an incremental pull learns of deleted records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deletions {
    /// The database counts all records.
    #[default]
    Counted,
    /// Not at all, because the office says that there are none. One that is deleted all the same counts
    /// until everything is read again.
    Never,
}

/// A database address and what protects the way there. Its `Debug` and `Display` never show the password.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: Secret,
    tls: Tls,
    /// Where the text was read from, if it was, and the folder that its paths start at.
    file: Option<(SecretFile, PathBuf)>,
}

/// Where the text comes from makes no difference.
impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &DatabaseUrl) -> bool {
        (&self.text, &self.tls) == (&other.text, &other.tls)
    }
}

impl Eq for DatabaseUrl {}

impl DatabaseUrl {
    /// Without TLS settings of its own and without a file it came from.
    pub fn new(url: impl Into<String>) -> DatabaseUrl {
        DatabaseUrl { text: Secret::new(url), tls: Tls::default(), file: None }
    }

    /// The same address, which a file holds; paths in it start at a folder.
    pub fn held_by(self, file: SecretFile, folder: PathBuf) -> DatabaseUrl {
        DatabaseUrl { file: Some((file, folder)), ..self }
    }

    /// The address as its file holds it now: passwords are changed while a daemon runs. A file that is
    /// away for the moment, or holds something else than an address of this kind, changes nothing.
    pub fn current(&self) -> DatabaseUrl {
        let text = self
            .file
            .as_ref()
            .and_then(|(file, folder)| Some(address_from(file.read().ok()?.expose().trim(), folder)));
        let read = text.map(|text| DatabaseUrl { text: Secret::new(text), ..self.clone() });
        let is_alike =
            |read: &DatabaseUrl| read.expose().split(':').next() == self.expose().split(':').next();
        read.filter(is_alike).unwrap_or_else(|| self.clone())
    }

    /// The same address with other certificates or permissions than the default.
    pub fn protected_by(self, tls: Tls) -> DatabaseUrl {
        DatabaseUrl { tls, ..self }
    }

    /// How the server is verified.
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// The address with its password, for the driver alone.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The path after `file:`.
    pub fn file(&self) -> Option<&str> {
        let path = self.expose().strip_prefix("file:")?;
        Some(path.strip_prefix("//").unwrap_or(path))
    }

    /// The connection string after `odbc:`.
    pub fn odbc(&self) -> Option<ConnectionString<'_>> {
        self.expose().strip_prefix("odbc:").map(ConnectionString)
    }

    /// What the program's own drivers call it; `None` for files and ODBC.
    pub fn kind(&self) -> Option<DatabaseKind> {
        match self.expose().split(':').next() {
            Some("sqlite") => Some(DatabaseKind::Sqlite),
            Some("postgres" | "postgresql") => Some(DatabaseKind::Postgres),
            Some("mysql" | "mariadb") => Some(DatabaseKind::MySql),
            _ => None,
        }
    }
}

impl DatabaseUrl {
    /// User, host and database of an address of the usual form. `None` where a password that is not
    /// percent-encoded may have moved the borders: then no part of it is fit to be shown.
    fn shown(&self) -> Option<String> {
        let (_, rest) = self.expose().split_once("://")?;
        let (authority, place) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let database = place.split(['?', '#']).next().unwrap_or_default();
        let is_host = |host: &str| {
            let port = host.rsplit_once(':').map_or("", |(_, port)| port.trim_end_matches(']'));
            host.starts_with('[') || port.bytes().all(|b| b.is_ascii_digit())
        };
        match authority.rsplit_once('@') {
            _ if place.contains('@') => None,
            Some((account, host)) => {
                Some(format!("{}@{host}{database}", account.split(':').next().unwrap_or_default()))
            }
            None => Some(format!("{authority}{database}")).filter(|_| is_host(authority)),
        }
    }

    /// Whether its parts can be distinguished.
    pub fn is_plain(&self) -> bool {
        !self.expose().contains("://") || self.shown().is_some()
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(connection) = self.odbc() {
            return write!(f, "odbc:{}", connection.shown().as_deref().unwrap_or("…"));
        }
        let text = self.expose();
        // Only a file is named so; anything else may be an address, or a password, in the wrong form.
        if text.starts_with("sqlite:") || text.starts_with("file:") {
            return f.write_str(text);
        }
        let scheme = text.split(':').next().filter(|_| self.kind().is_some());
        match (scheme, text.contains("://")) {
            (Some(scheme), true) => write!(f, "{scheme}://{}", self.shown().as_deref().unwrap_or("…")),
            (Some(scheme), false) => write!(f, "{scheme}:…"),
            (None, _) => f.write_str("…"),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// As it is shown.
impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DatabaseUrl, D::Error> {
        Secret::deserialize(deserializer).map(|text| DatabaseUrl { text, tls: Tls::default(), file: None })
    }
}

schema_of_secret!(DatabaseUrl);

/// The drivers the program is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file of SQLite.
    Sqlite,
    /// PostgreSQL and servers that speak its protocol.
    Postgres,
    /// MySQL, MariaDB and servers that speak their protocol.
    MySql,
}

/// A dataset and its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Its own address; `None` = where the register is.
    pub url: Option<DatabaseUrl>,
    /// How files at this address are read.
    pub files: FileForm,
    /// What is read there.
    pub dataset: Dataset,
}

/// What is read: a table (or view), or the office's own query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dataset {
    /// Optionally qualified, e.g. `population.person`.
    Table(String),
    /// One SELECT; its columns are named like those of a table.
    Query(String),
    /// The only one of a file: the whole of a CSV or Parquet file, the first sheet of a workbook.
    Only,
}

/// How files are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileForm {
    /// Which of several files that match a pattern.
    pub take: Take,
    /// `None` = found out from the bytes.
    pub encoding: Option<Encoding>,
    /// `None` = found out from the first lines.
    pub delimiter: Option<u8>,
    /// What names the unit of a list that has no column for it.
    pub unit: Option<UnitFrom>,
    /// Files and sheets of other lists, which no pattern means.
    pub except: Vec<String>,
    /// Sheets that belong to other lists.
    pub except_sheets: Vec<String>,
}

/// What names the unit that all rows of a file or sheet belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitFrom {
    /// The name of the file without its ending.
    FileName,
    /// The name of the folder that the file is in.
    FolderName,
    /// The name of the sheet.
    SheetName,
    /// The rows above the header.
    Title,
}

impl UnitFrom {
    /// As messages name it.
    pub fn words(self) -> Message {
        match self {
            UnitFrom::FileName => message!("file-name"),
            UnitFrom::FolderName => message!("folder-name"),
            UnitFrom::SheetName => message!("sheet-name"),
            UnitFrom::Title => message!("title"),
        }
    }
}

/// Which of several files that match a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The one that was changed last.
    #[default]
    Newest,
    /// All of them, one after the other.
    All,
}

/// How a text file writes its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// With its subsets GBK and GB 2312.
    Gb18030,
}

impl Encoding {
    /// As messages print it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
            Encoding::Gb18030 => "GB18030",
        }
    }
}

/// Which columns of the register mean what.
#[derive(Debug, Clone)]
pub struct RegisterSource {
    /// The table of persons.
    pub dataset: Dataset,
    /// Column that identifies a record.
    pub key: String,
    /// Column of the unit.
    pub unit: String,
    /// Column of the registration time; `None` = the register has no such column.
    pub registered_at: Option<String>,
    /// How the registration times are written.
    pub registered_form: DayStyle,
    /// Column of the last change, for incremental pulls.
    pub updated_at: Option<String>,
    /// Column that says what kind of document the ID number belongs to.
    pub document_type: Option<String>,
    /// Column = values under which a record counts, trimmed; a blank one stands for no value. Empty = all count.
    pub only: BTreeMap<String, Vec<String>>,
    /// Column of the day from which a record counts no more.
    pub left_at: Option<String>,
    /// By built-in field; those that nothing counts or reads may be missing.
    pub fields: BTreeMap<Field, FieldColumn>,
    /// The office's own fields by position.
    pub own: Vec<OwnColumn>,
}

/// The column of an own field.
#[derive(Debug, Clone, Default)]
pub struct OwnColumn {
    /// `None` where nothing in use reads the field.
    pub column: Option<String>,
    /// Whether its values are numbers of persons or enterprises, which a spreadsheet may have damaged.
    pub is_id: bool,
}

/// The column of a field and how its codes read. Values outside `codes` stay as they are.
#[derive(Debug, Clone, Default)]
pub struct FieldColumn {
    /// Name of the column.
    pub column: String,
    /// Code = meaning.
    pub codes: BTreeMap<String, String>,
    /// How days are written; of birth dates alone.
    pub form: DayStyle,
}

/// The unit list 单位表: where it is, and its columns.
#[derive(Debug, Clone)]
pub struct UnitsSource {
    /// Where the list is.
    pub from: Located,
    /// Column of the unit code.
    pub code: String,
    /// Column of the unit's name.
    pub name: String,
    /// Column of the kind (村, 社区); `None` = units are of no kind.
    pub kind: Option<String>,
    /// What the codes of kinds mean; others stay as they are.
    pub kind_codes: BTreeMap<String, String>,
    /// Column of the code of the unit above; `None` = a list without levels.
    pub parent: Option<String>,
    /// First and last day on which a unit exists, and the code of its successor.
    pub valid_from: Option<String>,
    /// Column of the last day.
    pub valid_to: Option<String>,
    /// Column of the successor's code.
    pub successor: Option<String>,
    /// The office's own words for units: alias = code or name.
    pub aliases: BTreeMap<String, String>,
}

impl UnitsSource {
    /// The columns of the unit list in the order in which they are read, `None` where there is none.
    pub fn columns(&self) -> [Option<&str>; 7] {
        let optional = [&self.kind, &self.parent, &self.valid_from, &self.valid_to, &self.successor];
        let [kind, parent, valid_from, valid_to, successor] = optional.map(Option::as_deref);
        [Some(&self.code), Some(&self.name), kind, parent, valid_from, valid_to, successor]
    }
}

/// A roster 比对名册: where it is, and its columns.
#[derive(Debug, Clone)]
pub struct RosterSource {
    /// `None` for the one roster without a name.
    pub name: Option<String>,
    /// Where the list is.
    pub from: Located,
    /// Column of the unit.
    pub unit: String,
    /// Column of the ID number, or of the identity of what the register lists.
    pub id_number: String,
}

impl RosterSource {
    /// Where it stands in the configuration.
    pub fn part(&self) -> &'static str {
        if self.name.is_some() { "source.rosters" } else { "source.roster" }
    }
}

/// A list that relations look values up in.
#[derive(Debug, Clone)]
pub struct ReferenceSource {
    /// The name in the configuration.
    pub name: String,
    /// Where it is.
    pub from: Located,
    /// Column of the values.
    pub column: String,
}

/// A code list that is read from a table or a file.
#[derive(Debug, Clone)]
pub struct CodeListSource {
    /// The name in the configuration.
    pub name: String,
    /// Where it is.
    pub from: Located,
    /// Column of the codes.
    pub code: String,
    /// Column of the words; `None` = a code is its own word.
    pub word: Option<String>,
    /// Column of the groups.
    pub group: Option<String>,
}

/// A row of a code list, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeRow {
    /// The code; blank where the row has none.
    pub code: String,
    /// What it means.
    pub word: String,
    /// A group that it belongs to; blank = none.
    pub group: String,
}

/// The rows of code lists by the name of the list.
pub type ReadCodeLists = BTreeMap<String, Vec<CodeRow>>;

/// The list of proven exceptions and its columns.
#[derive(Debug, Clone)]
pub struct ExceptionsSource {
    /// Where it is.
    pub from: Located,
    /// What `identity` holds.
    pub by: IdentifiedBy,
    /// Column of the record key or of the number.
    pub identity: String,
    /// Column of the relation, by its key or label.
    pub relation: String,
    /// Column of the reason, by its code.
    pub reason: String,
    /// Column of the last day on which it counts.
    pub until: Option<String>,
}

/// Expected head count per unit.
#[derive(Debug, Clone)]
pub enum BaselineSource {
    /// Persons by unit code.
    Inline(BTreeMap<String, u64>),
    /// A list.
    Dataset {
        /// Where it is.
        from: Box<Located>,
        /// Column of the unit.
        unit: String,
        /// Column of the expected head count.
        persons: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_password_is_shown() {
        for (url, shown) in [
            ("postgres://office@db.lan:5432/people?sslmode=disable", "postgres://office@db.lan:5432/people"),
            ("postgres://office:SECRET@db.lan/people", "postgres://office@db.lan/people"),
            ("postgres://office:SEC@RET@db.lan/people", "postgres://office@db.lan/people"),
            ("postgres://office:SEC/RET@db.lan/people", "postgres://…"),
            ("mysql://office:SEC?RET@db.lan/people", "mysql://…"),
            ("mysql://office:SEC#RET@db.lan/people", "mysql://…"),
            ("mysql://office:SECRET", "mysql://…"),
            ("mysql://db.lan/people?password=SECRET", "mysql://db.lan/people"),
            ("mysql://[::1]:3306/people", "mysql://[::1]:3306/people"),
            ("sqlite:register.db", "sqlite:register.db"),
            ("postgres:office:SECRET@db.lan/people", "postgres:…"),
            ("postgress://office:SECRET@db.lan/people", "…"),
            ("SECRET", "…"),
            ("SECRET:x", "…"),
        ] {
            assert_eq!(DatabaseUrl::new(url).to_string(), shown);
            assert_eq!(format!("{:?}", DatabaseUrl::new(url)), shown);
        }
    }
}
