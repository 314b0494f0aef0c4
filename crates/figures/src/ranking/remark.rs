//! What a pull did not understand, in lines for a person: how much, how it looks, what to do.

use std::collections::BTreeSet;

use super::snapshot::Snapshot;
use crate::indicator::record_findings::RecordFindings;
use crate::indicator::tally::Tally;
use crate::indicator::unread::{HeadCountFindings, RepeatedText, SourceFindings, Unread, ValueCounts};
use tongbao_config::key_positions::nearest;
use tongbao_config::settings::Indicators;
use tongbao_message::{Message, Worded, message};
use tongbao_register::field::Field;
use tongbao_register::garbled::GarbledColumn;
use tongbao_register::id_number::{Fault, Sex};
use tongbao_register::unit::Units;
use tongbao_rule::definitions::ValueType;

/// ValueCounts of one kind that are shown.
const SHOWN: usize = 12;
/// One record in so many that repeats another is more than people do: a list was read twice.
const MANY_REPEATED: u64 = 10;

/// A finding about values.
#[derive(Debug, Clone)]
pub struct Remark {
    /// What it is about, for a list of findings.
    pub what: Message,
    /// One line: how many, how they look, what to do. No value of a person.
    pub text: Message,
    /// Whether it is a defect that the rates measure, and not one that bends them.
    pub is_measured: bool,
}

impl Worded for Remark {
    fn message(&self) -> Message {
        self.text.clone()
    }
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

/// Everything that was not understood and could change a figure; nothing where all was.
pub fn remarks(snapshot: &Snapshot, indicators: &Indicators) -> Vec<Remark> {
    let (all, unknown) = (snapshot.tally.total(), snapshot.tally.records_of(None));
    let mut out = units(snapshot, unknown, all.records);
    let left_out = snapshot.tally.findings.no_records;
    if left_out > 0 {
        let text = message!("rows-of-the-register-are-no", left_out);
        out.push(Remark { what: message!("records"), text, is_measured: false });
    }
    if !snapshot.tally.findings.explain(all.duplicates) {
        if all.duplicates * MANY_REPEATED > all.records {
            let text = message!("records-repeat-others", count = all.duplicates, records = all.records);
            out.push(Remark { what: message!("records"), text, is_measured: false });
        }
        out.extend(repeating_units(snapshot));
    }
    out.extend(days(snapshot));
    out.extend(own_values(&snapshot.tally, indicators));
    let (unread, found) = (&snapshot.tally.unread, &snapshot.tally.findings);
    out.extend(words("sex", found.invalid_sexes, &unread.sexes));
    out.extend(coded_sexes(snapshot));
    out.extend(words("marital_status", found.invalid_marital_statuses, &unread.marital_statuses));
    out.extend(ethnicities(unread));
    out.extend(numbers(unread, found));
    out.extend(exceptions(snapshot));
    let found = &snapshot.tally.unread.source;
    out.extend(of_source(found));
    out.extend(zeros(found));
    out.extend(found.kinds_without_units.iter().map(|kind| {
        let kinds: BTreeSet<&str> = snapshot.units.list().iter().map(|unit| unit.kind.as_str()).collect();
        let text = match nearest(kind, kinds.into_iter().filter(|kind| !kind.is_empty())) {
            Some(meant) => message!("no-unit-is-of-kind-meant", kind, meant),
            None => message!("no-unit-is-of-kind", kind),
        };
        Remark { what: message!("ranking-level"), text, is_measured: false }
    }));
    out.extend(of_lists(found));
    out.extend(roster_numbers(&snapshot.tally.findings));
    out.extend(head_counts(&found.head_counts));
    out
}

/// Head counts of units that have several, and of units that are not in the list.
fn head_counts(found: &HeadCountFindings) -> Vec<Remark> {
    let repeated = (!found.repeated.is_empty())
        .then(|| message!("units-have-several-head-counts", units = first_of(&found.repeated, ", ")));
    let persons = found.unknown.total();
    let unknown = (persons > 0).then(|| {
        let one = |(unit, persons): &(&str, u64)| format!("{unit} {persons}");
        message!("head-counts-of-unknown-units", persons, units = listed(&found.unknown.units(), one))
    });
    let remark = |text| Remark { what: message!("baseline"), text, is_measured: false };
    repeated.into_iter().chain(unknown).map(remark).collect()
}

/// Entries of the roster that are looked for in vain because their number is wrong.
fn roster_numbers(found: &RecordFindings) -> Vec<Remark> {
    let (cut, malformed) = (found.roster_cut_ids, found.roster_malformed_ids);
    let texts = [
        (cut, message!("id-numbers-of-the-roster-have", cut)),
        (malformed, message!("id-numbers-of-the-roster-are-none", malformed)),
    ];
    let remark = |(_, text)| Remark { what: message!("roster"), text, is_measured: false };
    texts.into_iter().filter(|(count, _)| *count > 0).map(remark).collect()
}

/// What units, files and texts that stand for nothing may do to the figures.
fn of_lists(found: &SourceFindings) -> Vec<Remark> {
    let remark = |what, text| Remark { what, text, is_measured: false };
    let mut out = Vec::new();
    if !found.ranked_parents.is_empty() {
        let text =
            message!("units-are-ranked-among-their-parts", units = first_of(&found.ranked_parents, ", "));
        out.push(remark(message!("ranking-level"), text));
    }
    if !found.missing_lists.is_empty() {
        let text = message!("units-have-no-list", units = first_of(&found.missing_lists, ", "));
        out.push(remark(message!("records"), text));
    }
    out.extend(found.merged_numbers.iter().map(|(part, count)| {
        remark(Message::text(*part), message!("id-numbers-are-in-merged-cells", count, list = part))
    }));
    out.extend(fillers(&found.fillers));
    out
}

/// Texts that may stand for nothing; those that look alike in one line, since several could not be distinguished.
fn fillers(texts: &[RepeatedText]) -> Vec<Remark> {
    let is_alike = |one: &RepeatedText, other: &RepeatedText| {
        (one.field, one.shown.as_str()) == (other.field, other.shown.as_str())
    };
    let first_of_its_look =
        |(at, text): &(usize, &RepeatedText)| !texts[..*at].iter().any(|before| is_alike(before, text));
    let firsts = texts.iter().enumerate().filter(first_of_its_look).take(SHOWN);
    let remark = |(_, first): (usize, &RepeatedText)| {
        let counts: Vec<u64> =
            texts.iter().filter(|text| is_alike(text, first)).map(|text| text.count).collect();
        let (RepeatedText { field, shown, of, .. }, count) = (first, counts.iter().sum::<u64>());
        let field = field.key();
        let text = match counts.len() {
            1 => message!("texts-may-say-nothing", shown, count, of, field),
            texts => message!("several-texts-may-say-nothing", texts, shown, count, of, field),
        };
        Remark { what: Message::text(field), text, is_measured: false }
    };
    firsts.map(remark).collect()
}

/// Units of whose records one in five or more repeats another: the list of one village may have been read twice.
fn repeating_units(snapshot: &Snapshot) -> Option<Remark> {
    const FEW: u64 = 5;
    let list = snapshot.units.list();
    let units = snapshot.tally.cells.units().into_iter();
    let names: Vec<String> = units
        .map(|at| (at, snapshot.tally.duplicates_of(Some(at))))
        .filter(|(at, repeated)| *repeated >= FEW && repeated * 5 >= snapshot.tally.records_of(Some(*at)))
        .filter_map(|(at, repeated)| Some(format!("{} {repeated}", list.get(at as usize)?.name)))
        .collect();
    let text = message!("records-of-units-repeat-others", listed = first_of(&names, "; "));
    (!names.is_empty()).then(|| Remark { what: message!("records"), text, is_measured: false })
}

/// What is wrong with the lists as wholes.
pub fn of_source(found: &SourceFindings) -> Vec<Remark> {
    let list = |part: &str| Message::text(part);
    let shown = found
        .partly_shown
        .iter()
        .map(|(part, table)| (list(part), message!("the-server-shows-only-some-rows", table)));
    let garbled = found.garbled.iter().map(|garbled| {
        let GarbledColumn { column, how, remedy, count, of } = garbled;
        let text = message!("texts-of-column-look-like", column, count, of, how = how.words(), remedy);
        (message!("character-set"), text)
    });
    let totals = found
        .totals
        .iter()
        .map(|(part, count)| (list(part), message!("rows-of-list-are-totals", count, list = part)));
    let all = shown.chain(garbled).chain(totals);
    all.map(|(what, text)| Remark { what, text, is_measured: false }).collect()
}

/// Records that do not count because the configuration says so, with the values that leave them out.
pub fn excluded(found: &SourceFindings) -> Vec<Remark> {
    let one = |(column, values): &(String, ValueCounts)| {
        let count = values.total();
        let text = match values.counts.keys().all(String::is_empty) {
            true => message!("records-have-left", count, column),
            false => {
                let listed = listed(&values.words(), |(value, times)| format!("{value} × {times}"));
                message!("records-do-not-count", count, column, listed)
            }
        };
        Remark { what: message!("records"), text, is_measured: false }
    };
    found.excluded.iter().map(one).collect()
}

/// The remarks that a person must hear of who asks for figures.
pub fn bending(snapshot: &Snapshot, indicators: &Indicators) -> Vec<Remark> {
    let bending = remarks(snapshot, indicators).into_iter().filter(|remark| !remark.is_measured);
    bending.chain(excluded(&snapshot.tally.unread.source)).collect()
}

/// Rows of the list of proven exceptions that change nothing.
fn exceptions(snapshot: &Snapshot) -> Vec<Remark> {
    let found = &snapshot.tally.findings;
    let (listed, unusable, ended) = (found.exceptions, found.unusable_exceptions, found.ended_exceptions);
    let used: u64 = snapshot.tally.exceptions.values().flat_map(|counts| counts.passed.values()).sum();
    let mut out = Vec::new();
    let mut add = |text| out.push(Remark { what: message!("proven-exceptions"), text, is_measured: false });
    if unusable > 0 {
        add(message!("proven-exceptions-are-not-used", unusable, listed));
    }
    let idle = (listed - unusable - ended).saturating_sub(used);
    if idle > 0 {
        add(message!("proven-exceptions-change-nothing", idle, listed));
    }
    out
}

/// Units that records and rosters name and the list does not have, blank ones apart.
fn units(snapshot: &Snapshot, unknown: u64, records: u64) -> Vec<Remark> {
    let (unread, list) = (&snapshot.tally.unread, &snapshot.units);
    let blank = unread.blank_units.min(unknown);
    let mut out = Vec::new();
    let mut add = |what, text| out.push(Remark { what, text, is_measured: false });
    if blank > 0 && unknown < records {
        add(message!("unit-codes"), message!("of-records-have-no-unit-they", blank, records));
    }
    // Merged cells keep their value in the first row alone.
    if blank * 2 > records {
        add(message!("unit-codes"), message!("most-records-have-no-unit-if"));
    }
    let unknown_codes = unknown - blank;
    if unknown_codes > 0 {
        let listed = named(&unread.units, list);
        add(message!("unit-codes"), message!("of-records-have-a-unit-code", unknown_codes, records, listed));
    }
    for (what, values) in
        [(message!("unit-codes"), &unread.units), (message!("roster"), &unread.roster_units)]
    {
        if let Some((shown, _)) = values.units().by_frequency().iter().find(|(value, _)| is_grouped(value)) {
            add(what, message!("unit-codes-are-written-as-numbers", shown));
        }
    }
    let persons = snapshot.tally.findings.roster_unknown_unit;
    if persons > 0 {
        let listed = named(&unread.roster_units, list);
        let blank = match unread.roster_blank_units {
            0 => String::new(),
            blank => format!(" (— {blank})"),
        };
        add(message!("roster"), message!("roster-persons-have-a-unit-code", persons, listed, blank));
    }
    for (name, codes) in list.shared_names() {
        let codes = codes.join(", ");
        add(message!("unit-names"), message!("names-several-units-records-under-this", name, codes));
    }
    out
}

/// Whether a value is a code that a spreadsheet shows as a number in groups of three: `440,118,001,201`.
fn is_grouped(value: &str) -> bool {
    let mut groups = value.split([',', '，']);
    let is_number = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| matches!(group.len(), 1..=3) && is_number(group));
    let rest: Vec<&str> = groups.collect();
    first && rest.len() > 1 && rest.iter().all(|group| group.len() == 3 && is_number(group))
}

/// Units without any record, with the values that are like them and mean no unit, and the records of these: the unit's own,
/// written otherwise.
pub fn misspelt_units(tally: &Tally, units: &Units) -> Vec<(String, String, u64)> {
    let values = tally.unread.units.units();
    if values.counts.is_empty() {
        return Vec::new();
    }
    let has_records = |at: usize| u32::try_from(at).is_ok_and(|at| tally.records_of(Some(at)) > 0);
    let without: Vec<&str> = units
        .list()
        .iter()
        .enumerate()
        .filter(|(at, _)| !has_records(*at))
        .map(|(_, unit)| unit.name.as_str())
        .collect();
    let all = || units.list().iter().map(|unit| unit.name.as_str());
    let values = values.by_frequency().into_iter().filter_map(|(value, times)| {
        let like = nearest(value, all()).filter(|like| without.contains(like))?;
        Some((like.to_owned(), value.to_owned(), times))
    });
    values.collect()
}

/// The most frequent values, each with its count and the unit that it is like.
fn named(values: &ValueCounts, units: &Units) -> String {
    let known: Vec<&str> =
        units.list().iter().flat_map(|unit| [unit.code.as_str(), unit.name.as_str()]).collect();
    let shown = values.units();
    let one = |(value, times): &(&str, u64)| match nearest(value, known.iter().copied()) {
        Some(like) if like != *value => format!("{value} {times} ≈ {like}"),
        _ => format!("{value} {times}"),
    };
    match listed(&shown, one) {
        text if text.is_empty() => text,
        text => format!(" ({text})"),
    }
}

/// Days that cannot be read, by how they look.
fn days(snapshot: &Snapshot) -> Vec<Remark> {
    let (unread, found) = (&snapshot.tally.unread, &snapshot.tally.findings);
    let mut out = Vec::new();
    if found.invalid_registered_at > 0 {
        let (count, looks) = (found.invalid_registered_at, looks(&unread.times));
        let remedy = remedy(&unread.times, "source.register.registered_at", 2000);
        let text = message!("registration-times-cannot-be-read-and", count, looks, remedy);
        out.push(Remark { what: message!("registration-times"), text, is_measured: false });
    }
    let future = unread.source.future_registrations;
    if future > 0 {
        let text = message!("registrations-are-yet-to-come", future);
        out.push(Remark { what: message!("registration-times"), text, is_measured: false });
    }
    let ancient = unread.source.ancient_registrations;
    if ancient > 0 {
        let text = message!("registrations-are-older-than-any-register", ancient);
        out.push(Remark { what: message!("registration-times"), text, is_measured: false });
    }
    if found.invalid_birth_dates > 0 {
        let (count, looks) = (found.invalid_birth_dates, looks(&unread.birth_dates));
        let remedy = remedy(&unread.birth_dates, "source.register.fields.birth_date", 1920);
        let text = message!("birth-dates-cannot-be-read-and", count, looks, remedy);
        out.push(Remark { what: Message::text("birth_date"), text, is_measured: false });
    }
    out
}

/// Values of own fields that are none of the field's type, by how they look. Where a relation asks just that, it is what
/// it measures. Where the database counts, or the record was read in an earlier pull, it is not known how they look.
fn own_values<'a>(tally: &'a Tally, indicators: &'a Indicators) -> impl Iterator<Item = Remark> + 'a {
    let definitions = &indicators.definitions;
    tally.findings.invalid_values.iter().filter_map(|(at, count)| {
        let field = definitions.own_fields().get(usize::from(*at))?;
        let kind = match field.value_type {
            ValueType::Date => message!("no-date"),
            ValueType::Number => message!("no-number"),
            ValueType::YesNo => message!("neither-yes-nor-no"),
            ValueType::Code(list) => message!("not-in-the-list", list = &definitions.lists[list].key),
            ValueType::CitizenId => message!("no-citizen-id-number"),
            ValueType::Uscc => message!("no-credit-code"),
            ValueType::Text | ValueType::Place | ValueType::Formed => message!("not-of-the-form"),
        };
        let looks = tally.unread.own_values.get(at).map(looks).unwrap_or_default();
        let text = message!("values-of-an-own-field-are-invalid", count, key = &field.key, kind, looks);
        let is_measured = indicators.asks_validity(Field::Own(*at));
        Some(Remark { what: Message::text(field.key.clone()), text, is_measured })
    })
}

/// What helps days of the most frequent shape; nothing but the configuration can say what they mean.
fn remedy(shapes: &ValueCounts, place: &'static str, first_year: u16) -> Message {
    let shape = shapes.by_frequency().first().map(|(shape, _)| (*shape).to_owned()).unwrap_or_default();
    // What follows a date in a shape is its time.
    let date = shape.split([' ', 'T', ':']).next().unwrap_or_default();
    let groups: Vec<usize> = date.split(|c| c != '#').map(str::len).filter(|digits| *digits > 0).collect();
    let has_month_name = date.contains("AAA");
    match groups[..] {
        [6] | [1 | 2, 1 | 2, 2] | [2, 1 | 2, 1] => message!("name-the-first-year", place, first_year),
        [1 | 2, 2] if has_month_name => message!("name-the-first-year", place, first_year),
        [1 | 2, 1 | 2, 4] => message!("say-whether-the-day-comes-first", place),
        [10] | [13] => message!("say-whether-they-count-seconds", place),
        _ => message!("correct-them-or-read-a-query"),
    }
}

/// Shapes with their counts: # stands for a digit, A for a letter.
fn looks(values: &ValueCounts) -> String {
    match listed(values, |(shape, times)| format!("{shape} × {times}")) {
        text if text.is_empty() => text,
        text => format!(" ({text})"),
    }
}

/// Words of a field that have no meaning. Where the database counts, or the record was read in an earlier pull, it is
/// not known how they look.
fn words(field: &'static str, count: u64, values: &ValueCounts) -> Option<Remark> {
    let looks = looks(&values.words());
    let text = message!("values-of-are-not-understood-and", count, field, looks);
    (count > 0).then_some(Remark { what: Message::text(field), text, is_measured: false })
}

/// A code for "not stated" that stands for one of the sexes, in the register or in the lists of some units.
fn coded_sexes(snapshot: &Snapshot) -> Option<Remark> {
    let (unread, all) = (&snapshot.tally.unread, snapshot.tally.findings.unstated_sexes);
    let looks = looks(&unread.sex_codes.words());
    let text = match all.meant() {
        Some((sex, holders)) => {
            let sex = if sex == Sex::Male { message!("men") } else { message!("women") };
            message!("codes-of-unknown-sex-are-those-of", all = all.all(), holders, sex, looks)
        }
        None => {
            let list = snapshot.units.list();
            let meant = unread.by_unit.iter().filter(|(_, found)| found.unstated_sexes.meant().is_some());
            let names = meant.filter_map(|(at, _)| Some(list.get(*at as usize)?.name.as_str()));
            let names: Vec<&str> = names.collect();
            if names.is_empty() {
                return None;
            }
            message!("codes-of-unknown-sex-are-of-one-sex-in", units = first_of(&names, "; "), looks)
        }
    };
    Some(Remark { what: Message::text("sex"), text, is_measured: false })
}

/// One value of 0 in so many may be a slip, and is a blank like others.
const RARE: u64 = 100;

/// Values of 0 in fields whose standard has no such code; they count as blank.
fn zeros(found: &SourceFindings) -> impl Iterator<Item = Remark> {
    found.zeros.iter().filter(|(_, count, of)| count * RARE >= *of).map(|(field, count, of)| {
        let text = message!("values-are-zero", field = field.key(), count, of);
        Remark { what: Message::text(field.key()), text, is_measured: false }
    })
}

/// Ethnicities that are none, so that their holders are taken for 汉.
fn ethnicities(unread: &Unread) -> Option<Remark> {
    let values = unread.texts.ethnicities();
    let listed = listed(&values.words(), |(word, times)| format!("{word} × {times}"));
    let count = values.total();
    let text = message!("ethnicities-are-not-understood", count, listed);
    (count > 0).then_some(Remark { what: Message::text("ethnicity"), text, is_measured: false })
}

/// Malformed ID numbers by what is wrong with them.
fn numbers<'a>(unread: &'a Unread, found: &'a RecordFindings) -> impl Iterator<Item = Remark> + 'a {
    // These are counted where the database counts too, which sorts others by nothing.
    let is_cut = found.invalid_id_numbers > 0 && found.cut_id_numbers > 0;
    let cut = is_cut.then_some((&Fault::Spoilt, &found.cut_id_numbers));
    let others = unread.id_faults.iter().filter(|(fault, _)| **fault != Fault::Spoilt);
    cut.into_iter().chain(others).map(|(fault, count)| {
        let text = match fault {
            Fault::Spoilt => {
                message!("id-numbers-have-lost-their-last", count)
            }
            Fault::Length => message!("id-numbers-have-another-length-than", count),
            Fault::Letters => message!("id-numbers-have-letters-or-marks", count),
            Fault::Date => message!("id-numbers-hold-a-date-that", count),
            Fault::Check => message!("id-numbers-have-a-wrong-check", count),
        };
        let is_measured = *fault != Fault::Spoilt;
        Remark { what: Message::text("id_number"), text, is_measured }
    })
}

/// The first names, and a mark where there are more.
fn first_of(names: &[impl AsRef<str>], between: &str) -> String {
    let mut shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    if names.len() > SHOWN {
        shown.push("…");
    }
    shown.join(between)
}

/// The most frequent values, and how many more there are.
fn listed(values: &ValueCounts, one: impl Fn(&(&str, u64)) -> String) -> String {
    let all = values.by_frequency();
    let mut parts: Vec<String> = all.iter().take(SHOWN).map(one).collect();
    if all.len() > SHOWN || values.others > 0 {
        parts.push("…".to_owned());
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::{fillers, is_grouped, remedy};
    use crate::indicator::unread::{RepeatedText, ValueCounts};
    use tongbao_register::field::Field;

    #[test]
    fn the_remedy_fits_the_shape() {
        for (shape, part) in [
            ("##-##-##", "first_year = 2000"),
            ("##/#/# ##:##", "first_year = 2000"),
            ("##-#月-##", "first_year = 2000"),
            ("##-AAA-##", "first_year = 2000"),
            ("######", "first_year = 2000"),
            ("##年#月#日", "first_year = 2000"),
            ("#/#/####", "day_first"),
            ("##/##/#### ##:##", "day_first"),
            ("##########", "unix_seconds"),
            ("####-##", "correct them"),
            ("字字", "correct them"),
        ] {
            let mut shapes = ValueCounts::default();
            shapes.add(shape, 3);
            let told = remedy(&shapes, "place", 2000).to_string();
            assert!(told.contains(part), "{shape}: {told}");
        }
    }

    #[test]
    fn texts_that_look_alike_are_one_remark() {
        let text =
            |shown: &str, count| RepeatedText { field: Field::Name, shown: shown.into(), count, of: 100 };
        let found = fillers(&[text("字字字", 9), text("待核", 7), text("字字字", 5)]);
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 2);
        assert!(texts[0].starts_with("2 different texts") && texts[0].contains("14 of 100"), "{texts:?}");
        assert!(texts[1].contains("7 of 100"), "{texts:?}");
    }

    #[test]
    fn codes_in_groups_are_recognised() {
        for (value, expected) in [
            ("440,118,001,201", true),
            ("9，999，999", true),
            ("440118001201", false),
            ("1,234", false),
            ("440,118,1", false),
            ("甲村,乙村,丙村", false),
        ] {
            assert_eq!(is_grouped(value), expected, "{value}");
        }
    }
}
