//! 口径变更: what a run counted otherwise than the one before it.

use super::{PrintedDefinition, Sentences, counted, sentences};
use crate::report::wording;
use crate::report::words::{Words, fill};
use tongbao_config::settings::{Indicator, Indicators, ReportLanguage};
use tongbao_figures::ranking::results::ChangedDefinitions;

/// Which rates are not compared with the run before, and what was counted otherwise there.
pub(super) fn text(before: &ChangedDefinitions, indicators: &Indicators, language: ReportLanguage) -> String {
    let (say, words) = (sentences(language), Words::of(language));
    let names: Vec<&str> = before.rates.iter().map(|rate| words.name(*rate, indicators)).collect();
    let text = match names.is_empty() {
        true => String::new(),
        false => fill(say.changed.1, &[&wording::period(before.period, language), &words.list(&names)]),
    };
    let Some(then) = &before.indicators else { return text };
    let now = indicators.all();
    let of = |old: &Indicator| {
        now.iter().find(|rate| indicators.indicator_key(**rate) == then.indicator_key(*old))
    };
    let gone = then.all().into_iter().filter(|old| of(old).is_none());
    let gone: Vec<&str> = gone.map(|old| words.name(old, then)).collect();
    let left_out = match gone.is_empty() {
        true => String::new(),
        false => fill(say.left_out, &[&words.list(&gone)]),
    };
    // The text of a rate that is compared may name its relations otherwise, no more.
    let is_compared = |rate: &Indicator| !before.rates.contains(rate);
    let compared_now: Vec<&str> =
        now.iter().filter(|rate| is_compared(rate)).map(|rate| words.name(*rate, indicators)).collect();
    let compared_then: Vec<&str> = then
        .all()
        .into_iter()
        .filter(|old| of(old).is_some_and(is_compared))
        .map(|old| words.name(old, then))
        .collect();
    let changed = |indicators: &Indicators, compared: &[&str]| -> Vec<PrintedDefinition> {
        let mut definitions = counted(indicators, language);
        definitions.retain(|definition| !compared.contains(&definition.term.as_str()));
        definitions
    };
    let texts = other_texts(&changed(then, &compared_then), &changed(indicators, &compared_now), say, words);
    let texts = if texts.is_empty() { say.read_otherwise.to_owned() } else { texts };
    text + &left_out + &texts
}

/// What was counted otherwise before, as it was printed then, and what is new. What has another name alone is neither.
fn other_texts(
    then: &[PrintedDefinition],
    now: &[PrintedDefinition],
    say: &Sentences,
    words: &Words,
) -> String {
    let has = |list: &[PrintedDefinition], term: &str| list.iter().any(|one| one.term == term);
    let is_renamed = |one: &PrintedDefinition, from: &[PrintedDefinition], to: &[PrintedDefinition]| {
        !has(to, &one.term) && to.iter().any(|other| other.text == one.text && !has(from, &other.term))
    };
    let others = then.iter().filter(|one| !now.contains(one) && !is_renamed(one, then, now));
    let others: String = others.map(|one| fill(say.counted_before, &[&one.term, &one.text])).collect();
    let new = now.iter().filter(|one| !has(then, &one.term) && !is_renamed(one, now, then));
    let new: Vec<&str> = new.map(|one| one.term.as_str()).collect();
    match new.is_empty() {
        true => others,
        false => others + &fill(say.counted_now, &[&words.list(&new)]),
    }
}
