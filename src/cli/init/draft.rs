//! The configuration as `init` writes it: every line that was guessed says how sure it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tongbao_message::message;

use jiff::civil::Date;

use super::super::language::{CommandLanguage, Spoken};
use super::tables::NamedRoster;
use super::{MailAnswers, print};
use crate::config::settings::{DatabaseKind, DatabaseUrl, Dataset, Take, UnitFrom};
use crate::config::{FileAddress, named_from};
use crate::inference::columns::ColumnChoice;
use crate::inference::levels::{self, InferredLevel};
use crate::inference::names::InferredRole;
use crate::inference::shapes::{form_name, form_of_days, form_of_times, order_is_open};
use crate::inference::short_years::short_years;
use crate::inference::tables::{InferredTable, TableMatch};
use crate::inference::validity::{CountingMark, counting_marks};
use crate::inference::{SurveyedTable, codes, marriage};
use crate::register::day_reader::{DayForm, DayStyle};
use crate::register::field::Field;
use crate::source::quoted;
use crate::source::survey::TableOrigin;

/// Column of NULLs that stands for what the register does not have.
const NOTHING: &str = "tongbao_none";

/// All that goes into the file.
pub(super) struct ConfigDraft<'a> {
    pub language: CommandLanguage,
    /// Where the address goes when it holds a password.
    pub secret_file: Option<PathBuf>,
    /// Where the file is written, and where its relative paths start.
    pub folder: PathBuf,
    pub ca_file: Option<&'a Path>,
    pub allow_plain_text: Option<&'a str>,
    pub tables: &'a [SurveyedTable],
    /// Where each of the tables is.
    pub places: &'a [TableOrigin],
    pub guess: &'a InferredTable,
    pub rosters: &'a [NamedRoster],
    /// What the codes of kinds of units mean.
    pub kinds: BTreeMap<String, String>,
    pub name: String,
    pub issuer: String,
    pub days: Option<(Date, Date)>,
    pub mail: Option<MailAnswers>,
    pub recipients: Vec<(String, String)>,
}

/// A text as TOML writes it.
pub(super) fn text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

impl ConfigDraft<'_> {
    /// The file.
    pub(super) fn text(&self) -> String {
        let parts = [
            self.note(message!("made-by-tongbao-init-check-each")),
            self.note(message!("every-key-with-its-default-stands")),
            self.campaign(),
            self.source(),
            self.register(),
            self.units(),
            self.coverage(),
            self.ranking(),
            self.reports(),
            self.delivery(),
            "[state]\ndir = \"state\"\n".to_owned(),
        ];
        parts.join("\n")
    }

    fn say(&self, message: impl Spoken) -> String {
        self.language.say(message)
    }

    pub(super) fn note(&self, message: impl Spoken) -> String {
        format!("# {}", self.say(message))
    }

    fn campaign(&self) -> String {
        let mut out = format!("\n[campaign]\nname = {}\nissuer = {}\n", text(&self.name), text(&self.issuer));
        out.push_str("time_zone = \"Asia/Shanghai\"\n");
        match self.days {
            Some((from, to)) => {
                let name = text(&self.name);
                out.push_str(&format!("phases = [{{ name = {name}, from = {from}, to = {to} }}]\n"));
            }
            None => out.push_str(&format!(
                "{}\n# phases = [{{ name = \"全面清理\", from = 2016-06-04, to = 2016-06-30 }}]\n",
                self.note(message!("the-campaigns-days-for-the-period"))
            )),
        }
        out
    }

    fn source(&self) -> String {
        let address = match &self.secret_file {
            Some(file) => format!("url_file = {}", text(&self.path(file).display().to_string())),
            None => format!("url = {}", text(&self.address(self.home()))),
        };
        let ca_file = self.ca_file.map(|file| self.path(file).display().to_string());
        let ca_file = ca_file.map(|file| format!("ca_file = {}\n", text(&file)));
        let plain = self.allow_plain_text.map(|host| format!("allow_plain_text = [{}]\n", text(host)));
        let form = self.guess.register.as_ref().map(|found| self.form(found)).unwrap_or_default();
        format!("[source]\n{address}\n{form}{}{}", ca_file.unwrap_or_default(), plain.unwrap_or_default())
    }

    /// An address as the file is to name it, with paths from its folder on.
    pub(super) fn address(&self, url: &DatabaseUrl) -> String {
        match FileAddress::parse(url.expose()) {
            Some(file) => file.with(&self.path(Path::new(file.path))),
            None => url.expose().to_owned(),
        }
    }

    fn path(&self, path: &Path) -> PathBuf {
        named_from(&self.folder, path)
    }

    /// How the files of a list are read, as far as that is not the usual way.
    fn form(&self, found: &TableMatch) -> String {
        let TableOrigin { notes, form, .. } = &self.places[found.table];
        let mut out = String::new();
        if form.take == Take::All {
            let unsure = message!("unsure-the-files-share-many-persons");
            let note = if notes.is_unsure { format!("   {}", self.note(unsure)) } else { String::new() };
            out.push_str(&format!("files.take = \"all\"{note}\n"));
        }
        if let Some(unit) = form.unit {
            let key = match unit {
                UnitFrom::FileName => "file_name",
                UnitFrom::FolderName => "folder_name",
                UnitFrom::SheetName => "sheet_name",
                UnitFrom::Title => "title",
            };
            let note = message!("no-column-holds-the-unit-it");
            out.push_str(&format!("files.unit = \"{key}\"   {}\n", self.note(note)));
        }
        out
    }

    /// Whether the place of a list names its unit.
    pub(super) fn is_named_by_place(&self, found: &TableMatch) -> bool {
        self.places[found.table].form.unit.is_some() && found.column(InferredRole::Unit).is_none()
    }

    /// `key = "column"   # how sure: why`.
    pub(super) fn line(&self, table: &SurveyedTable, choice: &ColumnChoice) -> String {
        self.line_of(print::key(choice.role), table, choice)
    }

    pub(super) fn line_of(&self, key: &str, table: &SurveyedTable, choice: &ColumnChoice) -> String {
        let column = text(&table.columns[choice.column]);
        format!("{key} = {column}{}\n", self.reason(table, choice))
    }

    fn reason(&self, table: &SurveyedTable, choice: &ColumnChoice) -> String {
        let sure = self.say(print::confidence(choice.confidence));
        let why = print::why(self.language, choice.evidence);
        let rival =
            choice.rival.map(|rival| self.say(message!("also-possible-2", names = table.columns[rival])));
        let rival = rival.map(|rival| format!("; {rival}")).unwrap_or_default();
        let colon = if self.language == CommandLanguage::Chinese { "：" } else { ": " };
        let reason = format!("{sure}{colon}{why}{rival}").replace(char::is_control, " ");
        format!("   # {}", reason.trim_end_matches(colon))
    }

    pub(super) fn table<'a>(&'a self, found: &TableMatch) -> &'a SurveyedTable {
        &self.tables[found.table]
    }

    /// The address of the register, which is that of all that has none of its own.
    pub(super) fn home(&self) -> &DatabaseUrl {
        &self.places[self.guess.register.as_ref().map_or(0, |found| found.table)].url
    }

    pub(super) fn kind(&self) -> DatabaseKind {
        self.home().kind().unwrap_or(DatabaseKind::Sqlite)
    }

    pub(super) fn is_file(&self, found: &TableMatch) -> bool {
        self.places[found.table].url.file().is_some()
    }

    /// `url` and `table`, as far as they are needed.
    pub(super) fn place(&self, found: &TableMatch) -> String {
        let mut out = String::new();
        let TableOrigin { url, dataset, .. } = &self.places[found.table];
        if url != self.home() {
            out.push_str(&format!("url = {}\n", text(&self.address(url))));
            out.push_str(&self.form(found));
        }
        if let Dataset::Table(table) = dataset {
            out.push_str(&format!("table = {}\n", text(table)));
        }
        out
    }

    fn register(&self) -> String {
        let Some(found) = &self.guess.register else { return String::new() };
        let table = self.table(found);
        let lacks = |role: &InferredRole| found.column(*role).is_none();
        let fields = if self.guess.preset.is_none() { &Field::ALL[..] } else { &[] };
        let fields = fields.iter().map(|field| InferredRole::Field(*field));
        let lacking: Vec<InferredRole> = fields.chain([InferredRole::Key]).filter(lacks).collect();
        let mut out = "[source.register]\n".to_owned();
        let (is_file, keys) = (self.is_file(found), lacking.iter().map(|role| print::key(*role)));
        let keys = keys.collect::<Vec<_>>().join(", ");
        let missing = message!("no-column-was-found-for-it", keys);
        if !lacking.is_empty() {
            out.push_str(&format!("{}\n", self.note(&missing)));
        }
        if lacking.is_empty() || is_file {
            out.push_str(&self.place(found));
        } else {
            let name = quoted::table(self.kind(), &table.name);
            let query = format!("SELECT register.*, NULL AS {NOTHING} FROM {name} AS register");
            out.push_str(&format!("query = {}\n", text(&query)));
        }
        let nothing = if is_file { "" } else { NOTHING };
        for role in [
            InferredRole::Key,
            InferredRole::Unit,
            InferredRole::RegisteredAt,
            InferredRole::UpdatedAt,
            InferredRole::DocumentType,
        ] {
            match found.column(role) {
                Some(choice) if role == InferredRole::RegisteredAt => {
                    out.push_str(&self.timed(table, choice))
                }
                Some(choice) => out.push_str(&self.line(table, choice)),
                None if role == InferredRole::Key => out.push_str(&format!("key = \"{nothing}\"\n")),
                None if role == InferredRole::Unit => out.push_str("unit = \"\"\n"),
                None if role == InferredRole::RegisteredAt => out.push_str(&format!(
                    "{}\n",
                    self.note(message!("registered-at-none-found-all-records-count"))
                )),
                None => {}
            }
        }
        out.push_str(&self.marks(found));
        if self.guess.preset.is_some() {
            return format!("{out}\n{}", self.preset(found));
        }
        out.push_str("\n[source.register.fields]\n");
        let id_number = found.column(InferredRole::Field(Field::IdNumber)).map(|choice| choice.column);
        for field in Field::ALL {
            out.push_str(&match found.column(InferredRole::Field(field)) {
                None => format!("{} = \"{nothing}\"\n", field.key()),
                Some(choice) if field == Field::BirthDate => self.timed(table, choice),
                Some(choice) => {
                    let codes = codes::guess(table, field, choice.column, id_number);
                    if codes.is_empty() {
                        self.unclear(table, choice, id_number) + &self.line(table, choice)
                    } else {
                        self.coded(table, choice, &codes)
                    }
                }
            });
        }
        out + &self.counted_fields(found)
    }

    /// The line that leaves fields without a column out of completeness, for the office to switch on; nothing where all have
    /// one.
    fn counted_fields(&self, found: &TableMatch) -> String {
        let has_column = |field: &Field| found.column(InferredRole::Field(*field)).is_some();
        let counted: Vec<&str> = Field::ALL.into_iter().filter(has_column).map(Field::key).collect();
        if counted.len() == Field::ALL.len() {
            return String::new();
        }
        let note = self.note(message!("if-the-register-has-no-such-field"));
        format!("\n{note}\n# [indicators.completeness]\n# fields = {counted:?}\n")
    }

    /// Which records count, where marks and their values say it clearly.
    fn marks(&self, found: &TableMatch) -> String {
        let table = self.table(found);
        let (mut only, mut left_at) = (Vec::new(), None);
        for mark in counting_marks(table, &found.columns) {
            match mark {
                CountingMark::Only { column, values, .. } => {
                    let values: Vec<String> = values.iter().map(|value| text(value)).collect();
                    only.push(format!("{} = [{}]", text(&table.columns[column]), values.join(", ")));
                }
                CountingMark::LeftAt { column, .. } => left_at = Some(text(&table.columns[column])),
                CountingMark::Unclear { .. } => {}
            }
        }
        let mut out = String::new();
        if !only.is_empty() {
            let note = self.note(message!("records-with-other-values-do-not-count"));
            out.push_str(&format!("only = {{ {} }}   {note}\n", only.join(", ")));
        }
        if let Some(column) = left_at {
            let note = self.note(message!("from-that-day-a-record-does-not-count"));
            out.push_str(&format!("left_at = {column}   {note}\n"));
        }
        out
    }

    /// A question that the values do not answer.
    fn unclear(&self, table: &SurveyedTable, choice: &ColumnChoice, id_number: Option<usize>) -> String {
        let is_marriage = choice.role == InferredRole::Field(Field::MaritalStatus);
        if is_marriage && marriage::is_unclear(table, choice.column, id_number) {
            return format!("{}\n", self.note(message!("unsure-two-codes-and-nothing-shows")));
        }
        let doubtful = print::doubtful_code(table, choice, id_number);
        doubtful.map(|note| format!("{}\n", self.note(note))).unwrap_or_default()
    }

    /// Times, with their form where the values alone do not say it.
    fn timed(&self, table: &SurveyedTable, choice: &ColumnChoice) -> String {
        let (key, column) = (print::key(choice.role), text(&table.columns[choice.column]));
        let reason = self.reason(table, choice);
        let id =
            self.guess.register.as_ref().and_then(|found| found.column(InferredRole::Field(Field::IdNumber)));
        if let Some((DayStyle { form, first_year: Some(first) }, _)) =
            short_years(table, choice.column, choice.role, id.map(|id| id.column))
        {
            let form = match form {
                DayForm::Written => String::new(),
                form => format!("form = \"{}\", ", form_name(form)),
            };
            let note = self.note(message!("years-of-two-digits-are-those-of", first, last = first + 99));
            return format!("{note}\n{key} = {{ column = {column}, {form}first_year = {first} }}{reason}\n");
        }
        let form = match choice.role {
            InferredRole::RegisteredAt => form_of_times(table, choice.column),
            _ => form_of_days(table, choice.column),
        };
        let Some(form) = form else {
            let note = message!("unsure-these-days-may-begin-with");
            let is_open = order_is_open(table, choice.column);
            let note = if is_open { format!("{}\n", self.note(note)) } else { String::new() };
            return note + &self.line(table, choice);
        };
        format!("{key} = {{ column = {column}, form = \"{form}\" }}{reason}\n")
    }

    pub(super) fn coded(
        &self,
        table: &SurveyedTable,
        choice: &ColumnChoice,
        codes: &BTreeMap<String, String>,
    ) -> String {
        let codes: Vec<String> =
            codes.iter().map(|(code, word)| format!("{} = {}", text(code), text(word))).collect();
        format!(
            "{} = {{ column = {}, codes = {{ {} }} }}{}\n",
            print::key(choice.role),
            text(&table.columns[choice.column]),
            codes.join(", "),
            self.reason(table, choice)
        )
    }

    /// Which units are ranked, where not all are on one level.
    fn ranking(&self) -> String {
        let listed = |words: Vec<String>| {
            format!("[{}]", words.iter().map(|word| text(word)).collect::<Vec<_>>().join(", "))
        };
        let units = self.guess.units.as_ref();
        let level =
            units.and_then(|units| levels::level(self.table(units), units, &self.kinds, &self.issuer));
        let meant = message!("the-units-that-are-ranked-those");
        let (key, note) = match level {
            None => return String::new(),
            Some(InferredLevel::Depth(depth)) => (format!("level = {depth}"), meant),
            Some(InferredLevel::Kinds(kinds)) => (format!("level = {}", listed(kinds)), meant),
            Some(InferredLevel::Except(units)) => {
                (format!("except = {}", listed(units)), message!("stands-above-the-others"))
            }
        };
        format!("[ranking]\n{key}   {}\n", self.note(note))
    }

    fn reports(&self) -> String {
        let to = if self.recipients.is_empty() { "[]" } else { "[\"leading_group\"]" };
        let off = if self.mail.is_some() { "" } else { "# " };
        let active = self.days.and_then(|(from, to)| {
            let to = to.checked_add(jiff::Span::new().days(7)).ok()?;
            Some(format!("active = {{ from = {from}, to = {to} }}\n"))
        });
        let active = active.unwrap_or_default();
        let mut out = String::new();
        if self.mail.is_none() {
            out.push_str(&format!("{}\n", self.note(message!("schedules-are-off-until-there-is"))));
        }
        out.push_str(&format!(
            "[reports.weekly]\nkind = \"bulletin\"\n{off}schedule = \"0 9 * * Mon\"\n{active}period = \"previous_week\"\nto = {to}\n\n"
        ));
        out.push_str(&format!(
            "[reports.ranking]\nkind = \"ranking\"\n{off}schedule = \"0 10 1 * *\"\n{active}period = \"campaign_to_date\"\nto = {to}\n\n"
        ));
        out.push_str(&format!(
            "[reports.acceptance]\nkind = \"acceptance\"\nperiod = \"campaign_to_date\"\nto = {to}\n"
        ));
        out
    }

    fn delivery(&self) -> String {
        let mut out = String::new();
        if !self.recipients.is_empty() {
            out.push_str("[recipients.leading_group]\nmembers = [\n");
            for (name, email) in &self.recipients {
                out.push_str(&format!("    {{ name = {}, email = {} }},\n", text(name), text(email)));
            }
            out.push_str("]\n\n[daemon]\nalerts = [\"leading_group\"]\n\n");
        }
        let Some(MailAnswers { host, port, sender }) = &self.mail else { return out };
        let is_local = host == "localhost" || host == "127.0.0.1" || host == "::1";
        let security = if is_local { "none" } else { "starttls" };
        let note = message!("an-account-username-and-password-file-or");
        out.push_str(&format!(
            "[smtp]\nhost = {}\nport = {port}\nsecurity = \"{security}\"\nfrom = {}\n{}\n",
            text(host),
            text(sender),
            self.note(note)
        ));
        out
    }
}
