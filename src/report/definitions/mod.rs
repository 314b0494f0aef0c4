//! The definitions in use as sentences: printed as 口径说明, so that no rule is hidden in code.

mod chinese;
mod english;

use super::words::{Words, fill};
use crate::config::settings::{
    Accuracy, Completeness, Counted, CoverageMethod, DivisionLevel, Indicator, Indicators, Language,
    OnMissing, Relation,
};
use crate::register::field::Field;

/// One rule as it is printed: what it is called, and what is divided by what.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Definition {
    pub term: String,
    pub text: String,
}

/// The sentences of a language. `{}` stands for a value.
struct Sentences {
    coverage_roster: &'static str,
    coverage_baseline: &'static str,
    completeness_records: &'static str,
    completeness_cells: &'static str,
    /// The fields counted.
    fields: &'static str,
    blank: Pair,
    /// Further values of one field: field, values.
    blank_own: &'static str,
    quoted: &'static str,
    between_quoted: &'static str,
    /// How many relations, and which.
    accuracy: &'static str,
    missing_fails: &'static str,
    missing_skipped: &'static str,
    /// In the order of [`Relation::ALL`].
    relations: [&'static str; 5],
    /// Province, city, county.
    levels: [&'static str; 3],
    /// ID numbers, cut-off, totals.
    closing: [Pair; 3],
}

/// Term and text.
type Pair = (&'static str, &'static str);

/// The definitions that the indicators in use follow, in the order of the documents.
pub fn definitions(indicators: &Indicators, language: Language) -> Vec<Definition> {
    let say = match language {
        Language::Chinese => &chinese::SENTENCES,
        Language::English => &english::SENTENCES,
    };
    let words = Words::of(language);
    let rule = |term: &str, text: String| Definition { term: term.to_owned(), text };
    let mut out = vec![
        rule(words.indicator(Indicator::Coverage), coverage(indicators.coverage.method, say).to_owned()),
        rule(words.indicator(Indicator::Completeness), completeness(&indicators.completeness, say, words)),
        rule(say.blank.0, placeholders(&indicators.completeness, say, words)),
        rule(words.indicator(Indicator::Accuracy), accuracy(&indicators.accuracy, say, words)),
    ];
    out.extend(
        indicators
            .accuracy
            .relations
            .iter()
            .map(|r| rule(words.relation(*r), relation(*r, &indicators.accuracy, say))),
    );
    out.extend(say.closing.map(|(term, text)| rule(term, text.to_owned())));
    out
}

fn coverage(method: CoverageMethod, say: &Sentences) -> &'static str {
    match method {
        CoverageMethod::Roster => say.coverage_roster,
        CoverageMethod::Baseline => say.coverage_baseline,
    }
}

fn completeness(completeness: &Completeness, say: &Sentences, words: &Words) -> String {
    let counted = match completeness.counted {
        Counted::Records => say.completeness_records,
        Counted::Cells => say.completeness_cells,
    };
    format!("{counted}{}", fill(say.fields, &[&words.fields.join(words.and)]))
}

/// The values that count as blank: those common to all fields once, then each field's own.
fn placeholders(completeness: &Completeness, say: &Sentences, words: &Words) -> String {
    let of = |field: &Field| completeness.placeholders.get(field).cloned().unwrap_or_default();
    let first = of(&Field::Name);
    let common: Vec<&String> =
        first.iter().filter(|value| Field::ALL.iter().all(|field| of(field).contains(value))).collect();
    let quote = |values: &[&String]| -> String {
        let quoted: Vec<String> = values.iter().map(|value| fill(say.quoted, &[value])).collect();
        quoted.join(say.between_quoted)
    };
    let mut text = fill(say.blank.1, &[&quote(&common)]);
    for field in Field::ALL {
        let values = of(&field);
        let own: Vec<&String> = values.iter().filter(|value| !common.contains(value)).collect();
        if !own.is_empty() {
            text.push_str(&fill(say.blank_own, &[words.field(field), &quote(&own)]));
        }
    }
    text
}

fn accuracy(accuracy: &Accuracy, say: &Sentences, words: &Words) -> String {
    let names: Vec<&str> = accuracy.relations.iter().map(|r| words.relation(*r)).collect();
    let missing = match accuracy.on_missing {
        OnMissing::Fail => say.missing_fails,
        OnMissing::Skip => say.missing_skipped,
    };
    let count = accuracy.relations.len().to_string();
    format!("{}{missing}", fill(say.accuracy, &[&count, &names.join(words.and)]))
}

fn relation(relation: Relation, accuracy: &Accuracy, say: &Sentences) -> String {
    let level = match accuracy.household_level {
        DivisionLevel::Province => say.levels[0],
        DivisionLevel::City => say.levels[1],
        DivisionLevel::County => say.levels[2],
    };
    fill(say.relations[relation.index()], &[level])
}
