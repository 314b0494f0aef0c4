//! The definitions of a register that lists something else than persons, as `init` writes them: the preset's text
//! with the columns of this register, without what the register has no column for.

use super::super::failure::CommandFailure;
use super::draft::ConfigDraft;
use crate::inference::columns::identity_of;
use crate::inference::names::InferredRole;
use crate::inference::tables::{InferredTable, TableMatch};
use crate::rule::PRESETS;
use tongbao_message::message;

/// What `--preset` can name: persons, or a register that has its own definitions.
pub(super) const NAMES: [&str; 4] = ["population", "house", "enterprise", "household"];

/// The preset of this name; `None` = persons.
pub(super) fn named(name: &str) -> Option<&'static str> {
    PRESETS.into_iter().map(|(known, _)| known).find(|known| *known == name)
}

/// Without an identity nothing can be counted.
pub(super) fn must_be_known(guess: &InferredTable, table: &str) -> Result<(), CommandFailure> {
    let (Some(_), Some(register)) = (guess.preset, &guess.register) else { return Ok(()) };
    let identity = identity_of(guess.preset);
    if register.column(identity).is_some() {
        return Ok(());
    }
    let key = field_key(identity);
    Err(CommandFailure::Usage(message!("no-column-of-seems-to-hold", table, key)))
}

/// The key of a preset's field.
pub(super) fn field_key(role: InferredRole) -> &'static str {
    role.key().split_once('.').map_or(role.key(), |(_, field)| field)
}

/// What a preset calls one of its fields, in Chinese and English.
pub(super) fn label_of(preset: &str, role: InferredRole) -> Option<[String; 2]> {
    let (_, text) = PRESETS.into_iter().find(|(name, _)| *name == preset)?;
    let section = sections(text).into_iter().find(|section| section.field() == Some(field_key(role)))?;
    let line = section.body.lines().find(|line| line.starts_with("label"))?.to_owned();
    let word =
        |language: &str| Some(line.split_once(&format!("{language} = \""))?.1.split('"').next()?.to_owned());
    Some([word("zh")?, word("en")?])
}

impl ConfigDraft<'_> {
    /// The sections that define what the register lists; empty for persons.
    pub(super) fn preset(&self, found: &TableMatch) -> String {
        let preset = PRESETS.into_iter().find(|(name, _)| Some(*name) == self.guess.preset);
        let Some((name, preset)) = preset else { return String::new() };
        let lacking: Vec<&str> = InferredRole::of_preset(name)
            .filter(|role| found.column(*role).is_none())
            .map(field_key)
            .collect();
        let sections = sections(preset);
        let kept: Vec<&Section> = sections.iter().filter(|section| !section.needs(&lacking)).collect();
        let mut out = self.note(message!("what-the-register-lists-fields-code"));
        out.push('\n');
        if !lacking.is_empty() {
            let message = message!("no-column-was-found-for-these", keys = lacking.join(", "));
            out.push_str(&format!("{}\n", self.note(&message)));
        }
        let is_read = |section: &&&Section| {
            section.list().is_none_or(|list| kept.iter().any(|other| other.names(list)))
        };
        for section in kept.iter().filter(is_read) {
            out.push_str(&format!("[{}]\n", section.head));
            let role = InferredRole::of_preset(name).find(|role| section.field() == Some(field_key(*role)));
            if let Some(choice) = role.and_then(|role| found.column(role)) {
                let table = self.table(found);
                out.push_str(&self.line_of("column", table, choice));
            }
            out.push_str(&section.body);
        }
        out
    }
}

/// A table of a preset.
struct Section {
    head: String,
    body: String,
}

impl Section {
    fn field(&self) -> Option<&str> {
        self.head.strip_prefix("fields.")
    }

    fn list(&self) -> Option<&str> {
        self.head.strip_prefix("lists.").map(|list| list.split('.').next().unwrap_or(list))
    }

    /// Whether it is, or reads, one of these fields.
    fn needs(&self, fields: &[&str]) -> bool {
        let is_of = |kind: &str| self.head.starts_with(kind);
        // What a field applies to may read others.
        let applies = self.body.lines().filter(|line| line.starts_with("applies"));
        let read: String = if is_of("relations.") { self.body.clone() } else { applies.collect() };
        fields.iter().any(|field| self.field() == Some(field) || is_word(field, &read))
    }

    /// Whether its text has the name as a word.
    fn names(&self, name: &str) -> bool {
        self.list() != Some(name) && is_word(name, &self.body)
    }
}

fn is_word(name: &str, text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c)).any(|word| word == name)
}

fn sections(preset: &str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    for line in preset.lines() {
        match (line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')), out.last_mut()) {
            (Some(head), _) => out.push(Section { head: head.to_owned(), body: String::new() }),
            (None, Some(section)) => section.body.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_a_field_that_is_not_there_is_left_out() {
        let all = sections(PRESETS[0].1);
        let left = |lacking: &[&str]| -> Vec<&str> {
            all.iter().filter(|section| section.needs(lacking)).map(|section| section.head.as_str()).collect()
        };
        assert_eq!(left(&["area"]), ["fields.area", "relations.area_tenants"]);
        assert_eq!(
            left(&["state"]),
            ["fields.state", "fields.let_on", "relations.state_tenants", "relations.let_before"]
        );
    }

    #[test]
    fn every_field_of_a_preset_has_words_and_every_word_a_field() {
        for (name, text) in PRESETS {
            let all = sections(text);
            let fields: Vec<&str> = all.iter().filter_map(Section::field).collect();
            let known: Vec<&str> = InferredRole::of_preset(name).map(field_key).collect();
            assert_eq!(fields, known, "{name}");
            assert!(text.contains(&format!("identity = \"{}\"", known[0])), "{name}");
        }
    }
}
