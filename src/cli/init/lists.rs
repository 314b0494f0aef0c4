//! The lists beside the register, as `init` writes them: units, rosters or the baseline.

use super::draft::{ConfigDraft, text};
use super::print;
use super::tables::NamedRoster;
use crate::inference::columns::{ColumnChoice, identity_of};
use crate::inference::names::InferredRole;
use crate::inference::shapes::percent;
use crate::inference::tables::TableMatch;
use crate::register::unit_names::KINDS;
use crate::source::quoted;
use tongbao_message::message;

impl ConfigDraft<'_> {
    pub(super) fn units(&self) -> String {
        let Some(found) = &self.guess.units else { return self.units_of_register() };
        let table = self.table(found);
        let mut out = "[source.units]\n".to_owned();
        if let Some(query) = self.kinds_by_name(found) {
            let note = message!("the-kind-of-a-unit-is");
            out.push_str(&format!("{}\nquery = {}\nparent = \"\"\n", self.note(note), text(&query)));
            return out;
        }
        if self.is_file(found) && found.column(InferredRole::UnitKind).is_none() {
            let note = message!("no-kind-of-unit-was-found");
            out.push_str(&format!("{}\n", self.note(note)));
        }
        out.push_str(&self.place(found));
        let code = found.column(InferredRole::UnitCode);
        for role in
            [InferredRole::UnitCode, InferredRole::UnitName, InferredRole::UnitKind, InferredRole::UnitParent]
        {
            match (found.column(role), role) {
                (Some(choice), InferredRole::UnitKind) if !self.kinds.is_empty() => {
                    out.push_str(&self.coded(table, choice, &self.kinds));
                }
                (Some(choice), _) => out.push_str(&self.line(table, choice)),
                (None, InferredRole::UnitName) => {
                    let column = code.map(|choice| table.columns[choice.column].as_str()).unwrap_or_default();
                    out.push_str(&format!("name = {}\n", text(column)));
                }
                (None, _) => out.push_str(&format!("{} = \"\"\n", print::key(role))),
            }
        }
        out
    }

    /// A unit list without kinds, whose names end in 村 or 社区.
    fn kinds_by_name(&self, found: &TableMatch) -> Option<String> {
        let table = self.table(found);
        let (code, name) = (found.column(InferredRole::UnitCode)?, found.column(InferredRole::UnitName)?);
        if self.is_file(found)
            || found.column(InferredRole::UnitKind).is_some()
            || found.column(InferredRole::UnitParent).is_some()
        {
            return None;
        }
        let tells = |text: &&str| KINDS.iter().any(|(ending, _)| text.ends_with(ending));
        let telling = table.filled(name.column).filter(tells).count();
        if percent(telling, table.filled(name.column).count()) < 60 {
            return None;
        }
        let quote = |column: usize| quoted::name(self.kind(), &table.columns[column]);
        let (code, name) = (quote(code.column), quote(name.column));
        let cases: String = KINDS
            .iter()
            .map(|(ending, kind)| format!(" WHEN {name} LIKE '%{ending}' THEN '{kind}'"))
            .collect();
        let from = quoted::table(self.kind(), &table.name);
        Some(format!(
            "SELECT {code} AS code, {name} AS name, CASE{cases} ELSE '部门' END AS kind FROM {from}"
        ))
    }

    /// Without a unit list the codes of the register are the units.
    fn units_of_register(&self) -> String {
        let Some(found) = &self.guess.register else { return String::new() };
        let Some(unit) = found.column(InferredRole::Unit) else { return String::new() };
        let table = self.table(found);
        let column = quoted::name(self.kind(), &table.columns[unit.column]);
        let from = quoted::table(self.kind(), &table.name);
        let query = format!(
            "SELECT DISTINCT {column} AS code, {column} AS name FROM {from} WHERE {column} IS NOT NULL"
        );
        let note = message!("no-unit-list-was-found-the");
        format!("{}\n[source.units]\nquery = {}\nkind = \"\"\nparent = \"\"\n", self.note(note), text(&query))
    }

    /// The roster, or the baseline where there is none.
    pub(super) fn coverage(&self) -> String {
        match self.rosters {
            [] => {}
            [NamedRoster { label: None, found, .. }] => {
                return format!("[source.roster]\n{}", self.roster(found));
            }
            rosters => {
                let named = rosters.iter().enumerate().map(|(at, roster)| {
                    let label = roster.label.as_ref().unwrap_or(&self.table(&roster.found).name);
                    let (key, label) = (format!("roster_{}", at + 1), text(label));
                    format!("[source.rosters.{key}]\nlabel = {label}\n{}", self.roster(&roster.found))
                });
                return named.collect::<Vec<_>>().join("\n");
            }
        }
        let method = "[indicators.coverage]\nmethod = \"baseline\"\n";
        if let Some(found) = &self.guess.baseline {
            let lines: String =
                found.columns.iter().map(|choice| self.line(self.table(found), choice)).collect();
            return format!("[source.baseline]\n{}{lines}\n{method}", self.place(found));
        }
        let units = self.guess.units.as_ref();
        let counted = units.and_then(|units| {
            Some((units, units.column(InferredRole::UnitCode)?, units.column(InferredRole::Persons)?))
        });
        if let Some((units, code, persons)) = counted {
            let table = self.table(units);
            let (code, place) = (text(&table.columns[code.column]), self.place(units));
            let persons = self.line(table, persons);
            return format!("[source.baseline]\n{place}unit = {code}\n{persons}\n{method}");
        }
        let note = message!("no-roster-was-found-coverage-cannot");
        format!("{}\n[source.baseline]\n# \"440118001201\" = 1280\n\n{method}", self.note(note))
    }

    fn roster(&self, found: &TableMatch) -> String {
        let table = self.table(found);
        let identity = identity_of(self.guess.preset);
        let choices = [InferredRole::Unit, identity].map(|role| found.column(role));
        let line = |choice: &ColumnChoice| match choice.role {
            InferredRole::Preset(_) => self.line_of("identity", table, choice),
            _ => self.line(table, choice),
        };
        let lines = choices.into_iter().flatten().map(line);
        let unit = if self.is_named_by_place(found) { "unit = \"\"\n" } else { "" };
        self.place(found) + unit + &lines.collect::<String>()
    }
}
