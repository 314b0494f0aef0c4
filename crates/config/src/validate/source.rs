//! Checks where the register is.

use std::path::Path;
use tongbao_message::{Message, message};

use jiff::tz::TimeZone;

use super::Check;
use super::counted_records::{counted_records, only};
use super::exceptions::exceptions_source;
use super::files::{form, may_hold_sheets, set_apart};
use super::incremental::incremental_key;
use super::reading::reading;
use super::references::{code_list_sources, reference_sources};
use super::times::{forms_of_fields, registered_at};
use crate::SecretFile;
use crate::exact_values;
use crate::raw::RawConfig;
use crate::raw::baseline::RawBaseline;
use crate::raw::list::{RawListSection, RawLocation};
use crate::raw::source::{RawCoded, RawField, RawFiles, RawRegister, RawSource};
use crate::settings::{
    BaselineSource, Compute, DatabaseUrl, Dataset, FieldColumn, FileForm, Indicators, Located,
    RegisterSource, RosterSource, Rosters, Secret, SourceSettings, Tls, UnitsSource, not_built_in,
};
use crate::unknown_kind;
use tongbao_register::day_reader::DayStyle;
use tongbao_register::field::Field;
use tongbao_register::text::trim_text;

pub(super) fn source(
    raw: &RawSource,
    state: &Path,
    time_zone: Option<&TimeZone>,
    check: &mut Check,
) -> Option<SourceSettings> {
    let url = register_url(raw, check);
    let files = form("source", &raw.files, check);
    let timeout = check.keep("source.timeout", exact_values::duration(&raw.timeout));
    if raw.batch_rows == 0 {
        check.fail("source.batch_rows", message!("must-be-at-least"));
    }
    let compute = raw.compute;
    if let Some(url) = &url {
        reading(raw, url, check);
    }
    if raw.incremental && raw.register.updated_at.is_none() {
        let problem = message!("needs-source-register-updated-at-a-time");
        check.fail("source.incremental", problem);
    }
    let incremental = if raw.incremental { Some(incremental_key(raw, state, check)) } else { None };
    counted_records(raw, check);
    let register = register(&raw.register, &raw.files, url.as_ref(), check);
    let home = url.as_ref().map(|url| (url, &files));
    let units = located("source.units", &raw.units.location, Some("unit"), home, check);
    let column = |name: &str| (!name.trim().is_empty()).then(|| name.to_owned());
    let columns = &raw.units.columns;
    let kind = field_column(&columns.kind);
    let rosters = rosters(raw, home, check);
    if columns.successor.is_some() && columns.valid_to.is_none() {
        let problem = message!("needs-source-units-valid-to-a-unit");
        check.fail("source.units.successor", problem);
    }
    let baseline = raw.baseline.as_ref().map(|baseline| baseline_source(baseline, home, check));
    let exceptions = exceptions_source(raw, register.as_ref(), home, check);
    let references = reference_sources(raw, home, check);
    let code_lists = code_list_sources(raw, home, check);
    if compute == Compute::Database {
        let elsewhere = |from: &Located| from.url.is_some();
        let problem = message!("the-database-that-counts-must-hold");
        for roster in rosters.iter().flatten().filter(|roster| elsewhere(&roster.from)) {
            check.fail(&format!("{}.url", roster_path(roster.name.as_deref())), problem.clone());
        }
    }
    let tls = tls(raw, check);
    let mut source = SourceSettings {
        url: url.clone()?,
        files: files.clone(),
        timeout: timeout?,
        batch_rows: raw.batch_rows,
        connections: raw.connections,
        compute,
        incremental: transpose(incremental)?,
        deletions: raw.deletions,
        time_zone: time_zone?.clone(),
        register: register?,
        units: UnitsSource {
            from: units?,
            code: columns.code.clone(),
            name: columns.name.clone(),
            kind: column(&kind.column),
            kind_codes: kind.codes,
            parent: column(&columns.parent),
            valid_from: columns.valid_from.as_deref().and_then(column),
            valid_to: columns.valid_to.as_deref().and_then(column),
            successor: columns.successor.as_deref().and_then(column),
            aliases: columns.aliases.clone(),
        },
        rosters: rosters?,
        baseline: transpose(baseline)?,
        exceptions: exceptions?,
        references: references?,
        code_lists: code_lists?,
    };
    let tls = tls?;
    source.urls().for_each(|url| *url = url.clone().protected_by(tls.clone()));
    set_apart(&mut source);
    Some(source)
}

/// The rosters, one or several, in the order of the file.
fn rosters(
    raw: &RawSource,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> Option<Vec<RosterSource>> {
    let mut all = Vec::new();
    if let Some(RawListSection { location, columns }) = &raw.roster {
        let from = located("source.roster", location, Some("roster"), home, check);
        let (unit, id_number) = (columns.unit.clone(), columns.id_number.clone());
        all.push(from.map(|from| RosterSource { name: None, from, unit, id_number }));
    }
    for (name, RawListSection { location, columns }) in raw.rosters.iter() {
        let from = located(&roster_path(Some(name)), location, None, home, check);
        let (unit, id_number) = (columns.unit.clone(), columns.id_number.clone());
        all.push(from.map(|from| RosterSource { name: Some(name.to_owned()), from, unit, id_number }));
    }
    if raw.roster.is_some() && !raw.rosters.is_empty() {
        let problem = message!("use-either-source-roster-or-source");
        check.fail("source.rosters", problem);
    }
    if raw.rosters.len() > Rosters::MOST {
        check.fail("source.rosters", message!("there-can-be-at-most-rosters", number = Rosters::MOST));
    }
    if raw.incremental && !raw.rosters.is_empty() {
        let problem = message!("follows-one-roster-without-a-name");
        check.fail("source.incremental", problem);
    }
    let mut labels: Vec<&str> = raw
        .rosters
        .iter()
        .map(|(name, roster)| roster.columns.label.as_deref().unwrap_or(name).trim())
        .collect();
    labels.sort_unstable();
    if labels.iter().any(|label| label.is_empty()) || labels.windows(2).any(|pair| pair[0] == pair[1]) {
        check.fail("source.rosters", message!("each-roster-needs-a-label-of"));
    }
    all.into_iter().collect()
}

fn roster_path(name: Option<&str>) -> String {
    name.map_or("source.roster".to_owned(), |name| format!("source.rosters.{name}"))
}

/// `Some(None)` is a part that is there but wrong.
fn transpose<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(None) => None,
        Some(Some(value)) => Some(Some(value)),
        None => Some(None),
    }
}

/// The list at a section `path`. `default_table` is read where no table is named; `home` is where the
/// register is, if that is known.
pub(super) fn located(
    path: &str,
    raw: &RawLocation,
    default_table: Option<&str>,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> Option<Located> {
    let RawLocation { url, url_file, files, table, query } = raw;
    if url.is_none() && url_file.is_none() {
        if *files != RawFiles::default() {
            check.fail(&format!("{path}.files"), message!("belongs-to-a-url-of-its"));
        }
        let (home, files) = home?;
        if home.file().is_some() && !may_hold_sheets(home) {
            check.fail(path, message!("is-in-another-file-than-the"));
            return None;
        }
        let dataset = dataset(path, table, query, default_table, check)?;
        return Some(Located { url: None, files: files.clone(), dataset });
    }
    let url = address(path, url, url_file, check)?;
    let files = form(path, files, check);
    let dataset = match (table, query, url.file()) {
        (None, None, Some(_)) => Dataset::Only,
        _ => dataset(path, table, query, default_table, check)?,
    };
    Some(Located { url: Some(url), files, dataset })
}

fn register_url(raw: &RawSource, check: &mut Check) -> Option<DatabaseUrl> {
    if raw.url.is_none() && raw.url_file.is_none() {
        check.fail("source", message!("the-database-is-missing-set-url"));
        return None;
    }
    address("source", &raw.url, &raw.url_file, check)
}

/// The address that is given itself or in a file.
fn address(
    path: &str,
    url: &Option<DatabaseUrl>,
    file: &Option<SecretFile>,
    check: &mut Check,
) -> Option<DatabaseUrl> {
    let key = format!("{path}.{}", if file.is_some() { "url_file" } else { "url" });
    let file = file.as_ref().map(|file| check.secret_file(&key, file));
    let text = match (url, &file) {
        (Some(url), None) => url.expose().to_owned(),
        (None, Some(file)) => check.keep(&key, file.read())?.expose().to_owned(),
        _ => {
            check.fail(&key, message!("give-url-or-url-file-not-both"));
            return None;
        }
    };
    let url = DatabaseUrl::new(check.address(&key, text.trim()));
    let url = match file {
        Some(file) => url.held_by(file, check.folder.clone()),
        None => url,
    };
    if url.odbc().is_some() && !cfg!(feature = "odbc") {
        check.fail(&format!("{path}.url"), not_built_in());
        return None;
    }
    if url.kind().is_none() && url.file().is_none() && url.odbc().is_none() {
        check.fail(&key, unknown_kind(url.expose()));
        return None;
    }
    Some(url)
}

/// What protects the ways to the databases.
fn tls(raw: &RawSource, check: &mut Check) -> Option<Tls> {
    let authorities = match &raw.ca_file {
        Some(file) => Some(pem_file("source.ca_file", file, check)?),
        None => None,
    };
    let identity = match (&raw.client_cert_file, &raw.client_key_file) {
        (Some(certificate), Some(key)) => {
            let certificate = pem_file("source.client_cert_file", certificate, check);
            let key = check.secret_file("source.client_key_file", key);
            let key = check.keep("source.client_key_file", key_file(&key));
            Some((certificate?, key?))
        }
        (None, None) => None,
        _ => {
            check.fail("source", message!("client-cert-file-and-client-key-file-belong-together"));
            return None;
        }
    };
    Some(Tls { authorities, identity, plain_text_hosts: raw.allow_plain_text.clone() })
}

/// The text of the PEM file at a key, which must hold a certificate.
pub(super) fn pem_file(key: &str, file: &str, check: &mut Check) -> Option<String> {
    let path = check.path(key, file);
    let shown = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| message!("cannot-read-2", shown, error));
    let text = text.and_then(|text| match has_section(&text, "CERTIFICATE") {
        true => Ok(text),
        false => Err(message!("holds-no-certificate-it-must-be", shown)),
    });
    check.keep(key, text)
}

fn key_file(file: &SecretFile) -> Result<Secret, Message> {
    let key = file.read()?;
    match has_section(key.expose(), "PRIVATE KEY") {
        true => Ok(key),
        false => Err(message!("holds-no-private-key-it-must", file = file.path().display())),
    }
}

fn has_section(text: &str, kind: &str) -> bool {
    let ending = format!("{kind}-----");
    text.lines().any(|line| line.starts_with("-----BEGIN ") && line.trim_end().ends_with(&ending))
}

fn dataset(
    path: &str,
    table: &Option<String>,
    query: &Option<String>,
    default: Option<&str>,
    check: &mut Check,
) -> Option<Dataset> {
    match (table, query, default) {
        (Some(table), None, _) if !table.trim().is_empty() => Some(Dataset::Table(table.trim().to_owned())),
        (None, Some(query), _) if !query.trim().is_empty() => Some(Dataset::Query(query.trim().to_owned())),
        (Some(_), Some(_), _) => {
            check.fail(path, message!("give-table-or-query-not-both"));
            None
        }
        (None, None, Some(default)) => Some(Dataset::Table(default.to_owned())),
        _ => {
            check.fail(path, message!("needs-a-table-or-a-query"));
            None
        }
    }
}

/// A register of persons has a column for each built-in field that anything counts or reads, and one for the number by
/// which persons are known; any other register for none of them. Without `indicators`, which have errors of their own, those
/// that completeness counts are asked for.
pub(super) fn columns_of_persons(raw: &RawConfig, indicators: Option<&Indicators>, check: &mut Check) {
    let path = "source.register.fields";
    let fields = &raw.source.register.fields;
    if raw.register.is_some() {
        if !fields.is_empty() {
            check.fail(path, message!("are-the-fields-of-a-register"));
        }
        return;
    }
    let counted = raw.indicators.completeness.fields.as_ref();
    let is_read = |field: &Field| match indicators {
        Some(indicators) => indicators.reads(*field),
        None => counted.is_none_or(|counted| counted.contains(field)),
    };
    let read = Field::ALL.into_iter().filter(is_read);
    let missing: Vec<&str> = read.filter(|field| !fields.contains_key(field)).map(Field::key).collect();
    if !missing.is_empty() {
        check.fail(path, message!("no-column-for-fields-that-are-read", fields = missing.join(", ")));
    }
}

fn register(
    raw: &RawRegister,
    files: &RawFiles,
    home: Option<&DatabaseUrl>,
    check: &mut Check,
) -> Option<RegisterSource> {
    let dataset = match (&raw.table, &raw.query, home.and_then(DatabaseUrl::file)) {
        (None, None, Some(_)) => Some(Dataset::Only),
        (table, query, _) => dataset("source.register", table, query, None, check),
    };
    blank_columns(raw, files, home, check);
    forms_of_fields(raw, check);
    let (registered_at, registered_form) = registered_at(raw, check);
    let fields = raw.fields.iter().map(|(field, raw)| (*field, field_column(raw)));
    Some(RegisterSource {
        dataset: dataset?,
        key: raw.key.clone(),
        unit: raw.unit.clone(),
        registered_at,
        registered_form,
        updated_at: raw.updated_at.clone(),
        document_type: raw.document_type.clone(),
        only: only(raw),
        left_at: raw.left_at.clone(),
        fields: fields.collect(),
        own: Vec::new(),
    })
}

fn field_column(raw: &RawField) -> FieldColumn {
    match raw {
        RawField::Column(column) => FieldColumn { column: column.clone(), ..FieldColumn::default() },
        RawField::Coded(RawCoded { column, codes, form, first_year }) => FieldColumn {
            column: column.clone(),
            // Values are compared trimmed.
            codes: codes.iter().map(|(code, word)| (trim_text(code).to_owned(), word.clone())).collect(),
            form: DayStyle { form: *form, first_year: *first_year },
        },
    }
}

/// A file may lack a column; what it is then counts as blank. A unit there must be.
fn blank_columns(raw: &RawRegister, files: &RawFiles, home: Option<&DatabaseUrl>, check: &mut Check) {
    if raw.unit.trim().is_empty() && files.unit.is_none() {
        let problem = message!("is-blank-name-the-column-or");
        check.fail("source.register.unit", problem);
    }
    if home.is_none_or(|url| url.file().is_some()) {
        return;
    }
    let path = |field: &Field| format!("source.register.fields.{}", field.key());
    let fields = raw.fields.iter().map(|(field, raw)| (path(field), raw.column()));
    for (path, column) in fields.chain([("source.register.key".to_owned(), &raw.key)]) {
        if column.trim().is_empty() {
            let problem = message!("is-blank-a-database-needs-a");
            check.fail(&path, problem);
        }
    }
}

fn baseline_source(
    raw: &RawBaseline,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> Option<BaselineSource> {
    match raw {
        RawBaseline::Inline(counts) => Some(BaselineSource::Inline(counts.clone())),
        RawBaseline::Dataset(raw) => Some(BaselineSource::Dataset {
            from: Box::new(located("source.baseline", &raw.location, None, home, check)?),
            unit: raw.columns.unit.clone(),
            persons: raw.columns.persons.clone(),
        }),
    }
}
