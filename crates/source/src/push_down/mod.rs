//! Counting where the data is: one statement, whose rows are tallies.

mod columns;

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::register::is_code;
use super::statements::{table_oid, whole_code};
use super::{REFERENCES, Source, SourceError, within};
use columns::{Columns, OWN_FORM, birth_of, date_of, day_of, no_text, text_of};
use tongbao_config::settings::{DatabaseKind, Dataset, Indicators};
use tongbao_figures::indicator::sql::{
    COLUMNS, Dialect, Inexpressible, SqlColumn, SqlField, SqlReference, SqlRoster, StatementTally, Tables,
    statement,
};
use tongbao_figures::indicator::tally::Tally;
use tongbao_register::batch::TextColumn;
use tongbao_register::day_reader::DayStyle;
use tongbao_register::field::Field;
use tongbao_register::text::{lossy, trim_text};
use tongbao_register::unit::Units;
use tongbao_rule::definitions::ValueType;

impl Source<'_> {
    /// Has the database count everything, ages taken on `cut_off`.
    pub async fn count(
        mut self,
        units: &Units,
        indicators: &Indicators,
        cut_off: Date,
        zone: &TimeZone,
    ) -> Result<Tally, SourceError> {
        let (deadline, url) = (self.deadline, &self.settings.url);
        let mut counting = StatementTally::new(units, indicators, cut_off);
        let work = async {
            let sql = self.counting_sql(units, indicators, cut_off, zone).await?;
            let is_local = self.is_local().await?;
            let connection = self.place.database()?;
            connection.prepare_to_count(is_local).await?;
            let mut add = |row: &[Option<&[u8]>]| {
                counting.add(row).ok_or(SourceError::Damaged("a count that the statement does not make"))
            };
            connection.stream(sql, COLUMNS, deadline, &mut add).await
        };
        within(deadline, url, work).await?;
        for (position, totals) in counting.roster_totals() {
            if let Some(roster) = self.settings.rosters.get(*position) {
                self.left_out.note(roster.part(), *position, *totals);
            }
        }
        Ok(counting.finish())
    }

    /// Whether no part of the register can be on another server: MariaDB has none, and PostgreSQL's
    /// plain tables are where they are.
    async fn is_local(&mut self) -> Result<bool, SourceError> {
        let connection = self.place.database()?;
        let kind = connection.kind();
        let Dataset::Table(table) = &self.settings.register.dataset else {
            return Ok(kind == DatabaseKind::MySql);
        };
        if kind == DatabaseKind::MySql {
            return Ok(true);
        }
        let sql = format!("SELECT relkind::text FROM pg_class WHERE oid = {}", table_oid(table));
        Ok(connection.scalar(sql).await?.is_some_and(|relkind| relkind == "r" || relkind == "m"))
    }

    /// The statement that [`Source::count`] runs, for this database's tables and types.
    pub async fn counting_sql(
        &mut self,
        units: &Units,
        indicators: &Indicators,
        cut_off: Date,
        zone: &TimeZone,
    ) -> Result<String, SourceError> {
        let is_local = self.is_local().await?;
        self.place.database()?.engine().must_count()?;
        let counting = self.condition().await?;
        let connection = self.place.database()?;
        let kind = connection.kind();
        let dialect = match kind {
            DatabaseKind::MySql => Dialect::MariaDb,
            DatabaseKind::Postgres | DatabaseKind::Sqlite => Dialect::Postgres,
        };
        connection.prepare_to_count(is_local).await?;
        let register = &self.settings.register;
        let columns = Columns::of(connection, "source.register", &register.dataset).await?;
        let text = |name: &str| text_of(connection, "source.register", &columns, name);
        let mut fields = Vec::new();
        let persons = if indicators.subject.is_none() { &Field::ALL[..] } else { &[] };
        for &field in persons {
            // One that nothing reads has none.
            let Some(column) = register.fields.get(&field) else {
                let none = no_text(kind).to_owned();
                fields.push(SqlField {
                    value: SqlColumn::Text(none.clone()),
                    written: none,
                    codes: BTreeMap::new(),
                });
                continue;
            };
            let written = text(&column.column)?;
            let value = match field {
                Field::BirthDate => birth_of(dialect, &columns, column, zone, text)?,
                _ if is_code(TextColumn::Field(field)) => SqlColumn::Text(whole_code(kind, &written)),
                _ => SqlColumn::Text(written.clone()),
            };
            fields.push(SqlField { value, written, codes: column.codes.clone() });
        }
        let mut own = Vec::new();
        for (definition, column) in indicators.definitions.own_fields().iter().zip(&register.own) {
            let value = column.column.as_deref().map(|name| match definition.value_type {
                ValueType::Date => date_of(dialect, &columns, name, zone, text),
                _ => Ok(SqlColumn::Text(whole_code(kind, &text(name)?))),
            });
            own.push(value.transpose()?);
        }
        let (unit, document_type) = (text(&register.unit)?, register.document_type.as_deref());
        let document_type = document_type.map(text).transpose()?;
        let day = match &register.registered_at {
            Some(name) if register.registered_form != DayStyle::default() => {
                return Err(SourceError::NoDay { column: name.clone(), kind: OWN_FORM.to_owned() });
            }
            Some(name) => Some(day_of(dialect, &columns, name, zone)?),
            None => None,
        };
        let (rosters, references) = (self.sql_rosters().await?, self.sql_references().await?);
        let mut tables = Tables {
            dialect,
            register: match counting {
                Some(condition) => {
                    format!("(SELECT * FROM {} WHERE {condition}) AS register", columns.table)
                }
                None => columns.table.clone(),
            },
            unit,
            fields,
            own,
            document_type,
            day,
            is_local,
            is_table: matches!(register.dataset, Dataset::Table(_)),
            rosters,
            references,
            spellings: Vec::new(),
        };
        tables.spellings = self.spellings(&tables, units).await?;
        Ok(statement(&tables, units, indicators, cut_off)?)
    }

    /// The rosters, in configured order.
    async fn sql_rosters(&mut self) -> Result<Vec<SqlRoster>, SourceError> {
        let connection = self.place.database()?;
        let mut rosters = Vec::new();
        for roster in &self.settings.rosters {
            let part = roster.part();
            let columns = Columns::of(connection, part, &roster.from.dataset).await;
            let columns = columns.map_err(|error| error.of_roster(roster.name.as_deref()))?;
            let text = |name: &str| {
                text_of(connection, part, &columns, name)
                    .map_err(|error| error.of_roster(roster.name.as_deref()))
            };
            rosters.push(SqlRoster {
                table: columns.table.clone(),
                unit: text(&roster.unit)?,
                id_number: text(&roster.id_number)?,
            });
        }
        Ok(rosters)
    }

    /// The lists that relations look values up in, as far as they are in this database.
    async fn sql_references(&mut self) -> Result<Vec<Option<SqlReference>>, SourceError> {
        let connection = self.place.database()?;
        let mut references = Vec::new();
        for list in &self.settings.references {
            references.push(match list.from.url {
                Some(_) => None,
                None => {
                    let columns = Columns::of(connection, REFERENCES, &list.from.dataset).await?;
                    let column = text_of(connection, REFERENCES, &columns, &list.column)?;
                    Some(SqlReference { table: columns.table, column })
                }
            });
        }
        Ok(references)
    }

    /// How register and rosters write their units where that is not by code. The statement compares texts
    /// alone, and which unit a name means is for the program to say.
    async fn spellings(&mut self, tables: &Tables, units: &Units) -> Result<Vec<(String, u32)>, SourceError> {
        let deadline = self.deadline;
        let connection = self.place.database()?;
        let mut known = BTreeMap::new();
        let codes: HashSet<&str> = units.codes().map(|(code, _)| code).collect();
        let rosters = tables.rosters.iter().map(|roster| (&roster.table, &roster.unit));
        for (table, unit) in std::iter::once((&tables.register, &tables.unit)).chain(rosters) {
            let others = tables.dialect.unless_one_of(unit, codes.iter().copied());
            let sql = format!("SELECT {unit} AS unit FROM {table}{others} GROUP BY 1");
            let mut each = |row: &[Option<&[u8]>]| {
                let text = lossy(row.first().copied().flatten().unwrap_or_default());
                let is_code = codes.contains(text.as_ref());
                if let Some(position) = units.position(trim_text(&text)).filter(|_| !is_code) {
                    known.insert(text.into_owned(), position);
                }
                match known.len() > MOST_SPELLINGS {
                    true => Err(Inexpressible::Spellings(MOST_SPELLINGS).into()),
                    false => Ok(()),
                }
            };
            connection.stream(sql, 1, deadline, &mut each).await?;
        }
        Ok(known.into_iter().collect())
    }
}
/// Spellings of units besides their codes that a statement can hold.
const MOST_SPELLINGS: usize = 1 << 14;
