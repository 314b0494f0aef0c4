//! Own definitions from a seed over records with every defect: the program, files, PostgreSQL, MariaDB and incremental
//! pulls give the same figures, and they are those of a computation that shares no code with them. Of every relation
//! on every path the four outcomes are all records.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::Date;
use tongbao::config;
use tongbao::config::settings::{Compute, OnMissing, Settings};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::own::OwnReader;
use tongbao::indicator::rate::Rate;
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::Engine;
use tongbao::register::batch::{BatchBuilder, RegisterBatch, TextColumn};
use tongbao::register::field::Field;

use crate::incremental;
use crate::laws::CUT_OFF;
use crate::sources::block;
use crate::support::defects::UNITS;
use crate::support::naive::Record;
use crate::support::own::{self, OWN, Oracle, Person, REQUIRED, Relation, definitions, relations};
use crate::support::registers::{self, TEXTS};
use crate::support::{defects, exports, servers, setting};

/// Relations that are counted at a time: more than one number of a pattern has.
const AT_ONCE: usize = 40;

/// The field with a name.
fn position(name: &str) -> usize {
    own::own().find(|field| own::name(*field) == name).unwrap()
}

pub fn number(date: Date) -> u32 {
    date.year() as u32 * 10_000 + date.month() as u32 * 100 + date.day() as u32
}

/// Persons with their units and registration days.
pub fn persons(rng: &mut Rng, count: usize) -> (Vec<Record>, Vec<Person>) {
    let mut records = defects::records(rng.u64(..), count);
    let mut persons = Vec::new();
    for record in &mut records {
        let person = Person::new(rng, record.unit.clone(), record.day.map(number));
        record.document_type = None;
        let [sex, birth, id, household, marital] =
            [12, 13, 14, 15, 16].map(|field: usize| person.written[field].clone());
        (record.sex, record.birth, record.id, record.household, record.marital) =
            (sex, birth, id, household, marital);
        persons.push(person);
    }
    (records, persons)
}

/// Statements that make a register with the columns of the own fields.
pub fn tables(url: &str, records: &[Record], persons: &[Person]) -> Vec<String> {
    let columns: String = own::own().map(|field| format!(", {} VARCHAR(80)", own::name(field))).collect();
    let create = registers::create(url, "person", TEXTS, "");
    let at = create.find(", registered_at").unwrap();
    let mut out = vec![format!("{}{columns}{}", &create[..at], &create[at..])];
    out.extend(registers::lists(url, &[]));
    let rows = records.iter().zip(persons).enumerate();
    let rows = rows.map(|(key, (record, person))| row(key, record, person, "2016-06-01 08:00:00"));
    out.extend(insert(url, rows));
    out
}

/// A record with the columns of the own fields.
fn row(key: usize, record: &Record, person: &Person, updated_at: &str) -> Vec<Option<String>> {
    let mut row = registers::row(key, record, updated_at);
    let times = row.split_off(row.len() - 2);
    row.extend(own::own().map(|field| person.written[field].clone()));
    row.extend(times);
    row
}

/// A backslash means itself.
fn insert(url: &str, rows: impl Iterator<Item = Vec<Option<String>>>) -> Vec<String> {
    let inserts = registers::insert("person", rows);
    match url.starts_with("mysql") {
        true => inserts.into_iter().map(|sql| sql.replace('\\', "\\\\")).collect(),
        false => inserts,
    }
}

pub fn configured(url: &str, relations: &[Relation], on_missing: OnMissing) -> Settings {
    let base = setting::configuration(url, &tempfile::tempdir().unwrap().keep());
    configured_on(&base, relations, on_missing)
}

fn configured_on(base: &str, relations: &[Relation], on_missing: OnMissing) -> Settings {
    let names = named(relations);
    let on_missing = if on_missing == OnMissing::Fail { "fail" } else { "skip" };
    let written: String = relations.iter().map(Relation::written).collect();
    let on_invalid = on_invalid(relations);
    let text = format!(
        "{base}\n[indicators.accuracy]\nrelations = [{}, \"id_sex\"]\non_missing = \"{on_missing}\"\n{on_invalid}{}\n{written}",
        names.join(", "),
        definitions()
    );
    let parsed = config::parse("test.toml", &text, &BTreeMap::new());
    parsed.unwrap_or_else(|problems| panic!("{problems}\n{written}")).settings
}

fn pull(mut settings: Settings, compute: Compute) -> Tally {
    settings.source.compute = compute;
    let engine = Engine::new(settings).unwrap();
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    block(engine.pull(CUT_OFF, now, |_| {})).unwrap().tally
}

pub fn total(tally: &Tally) -> Counts {
    let mut total = Counts::default();
    tally.cells.iter().for_each(|(_, counts)| total += &counts);
    total
}

/// The same register as an office exports it; what configures the program for it.
pub fn exported(records: &[Record], persons: &[Person]) -> String {
    let dir = exports::folder();
    let mut columns = exports::PERSON.to_vec();
    let times = columns.split_off(columns.len() - 2);
    let names: Vec<String> = own::own().map(own::name).collect();
    columns.extend(names.iter().map(String::as_str));
    columns.extend(times);
    let rows = records.iter().zip(persons).enumerate();
    let rows = rows.map(|(key, (record, person))| row(key, record, person, "2016-06-01 08:00:00"));
    exports::write_csv(&dir, &exports::Lists::of(&[], &[]), ',', |text| text.as_bytes().to_vec());
    std::fs::write(dir.join("person.csv"), exports::csv(&columns, &rows.collect(), ',')).unwrap();
    exports::configuration(&dir, "csv", &exports::folder())
}

/// Passed and judged records of an own relation.
fn of_own(counts: &Counts, at: usize) -> Rate {
    counts.relation(config::settings::Relation::Own(at as u8))
}

/// Counts of every outcome by relation, from a pull that fails what is missing and one that skips it.
pub fn outcomes(failed: &Counts, skipped: &Counts, relation: usize) -> [u64; 4] {
    let [of_failed, of_skipped] = [failed, skipped].map(|counts| of_own(counts, relation));
    let (judged, passed) = (of_failed.denominator, of_failed.numerator);
    let decided = of_skipped.denominator;
    assert_eq!(of_skipped.numerator, passed);
    [failed.records - judged, judged - decided, decided - passed, passed]
}

/// A pull that fails what is missing, and one that skips it, judge and pass what the outcomes of a relation say: its own
/// rule for what is missing stands in both.
fn assert_counted([failed, skipped]: [&Counts; 2], (at, relation): (usize, &Relation), expected: [u64; 4]) {
    assert_eq!(expected.iter().sum::<u64>(), failed.records);
    let [_, missing, fail, pass] = expected;
    for (counts, general) in [(failed, true), (skipped, false)] {
        let fails = relation.fails_on_missing.unwrap_or(general);
        let judged = fail + pass + if fails { missing } else { 0 };
        let counted = (counts.relation_judged[5 + at], counts.relation_passed[5 + at]);
        assert_eq!(counted, (judged, pass), "{}", relation.written());
    }
}

/// Records that are judged, and those that are accurate: hints are no part of either.
fn accuracy(relations: &[Relation], oracles: &[Oracle<'_>], general: bool) -> (u64, u64) {
    let counting: Vec<&Relation> = relations.iter().filter(|relation| !relation.is_hint).collect();
    let fails = |relation: &Relation| relation.fails_on_missing.unwrap_or(general);
    let is_strict = |relation: &Relation| fails(relation) && !relation.leaves_invalid();
    let judges_all = counting.iter().all(|relation| is_strict(relation));
    let mut sum = (0, 0);
    for oracle in oracles {
        let passed = |relation: &&Relation| match oracle.outcome(relation) {
            0 => None,
            1 => fails(relation).then_some(false),
            outcome => Some(outcome == 3),
        };
        let verdicts: Vec<bool> = counting.iter().filter_map(passed).collect();
        let is_judged = judges_all || !verdicts.is_empty();
        sum.0 += u64::from(is_judged);
        sum.1 += u64::from(is_judged && verdicts.iter().all(|passed| *passed));
    }
    sum
}

/// The line of the configuration where invalid values are skipped.
fn on_invalid(relations: &[Relation]) -> &'static str {
    if relations.iter().any(|relation| relation.skips_invalid) { "on_invalid = \"skip\"\n" } else { "" }
}

/// The same relations where invalid values are skipped.
fn skipping_invalid(mut relations: Vec<Relation>) -> Vec<Relation> {
    relations.iter_mut().for_each(|relation| relation.skips_invalid = true);
    relations
}

/// The keys of those that accuracy names, in quotation marks.
fn named(relations: &[Relation]) -> Vec<String> {
    let counting = relations.iter().filter(|relation| !relation.is_hint);
    counting.map(|relation| format!("\"{}\"", relation.key)).collect()
}

#[test]
fn random_definitions_mean_the_same_everywhere() {
    for seed in [1, 2, 3] {
        let mut rng = Rng::with_seed(seed);
        let (records, persons) = persons(&mut rng, 700);
        let mut relations = relations(&mut rng, AT_ONCE);
        if seed == 3 {
            relations = skipping_invalid(relations);
        }
        let oracles: Vec<Oracle<'_>> =
            persons.iter().map(|person| Oracle { person, cut_off: number(CUT_OFF) }).collect();
        let mut places = vec![("files", exported(&records, &persons))];
        for url in [servers::postgres(), servers::mariadb()] {
            block(registers::execute(&url, &tables(&url, &records, &persons)));
            let name = if url.starts_with("mysql") { "MariaDB" } else { "PostgreSQL" };
            places.push((name, setting::configuration(&url, &tempfile::tempdir().unwrap().keep())));
        }
        for (place, base) in places {
            let what = format!("seed {seed}, {place}");
            let [failed, skipped] = [OnMissing::Fail, OnMissing::Skip].map(|on_missing| {
                let mut settings = configured_on(&base, &relations, on_missing);
                if seed == 2 {
                    // No record has one; a register need not have the column.
                    settings.source.register.document_type = None;
                }
                let engine = pull(settings.clone(), Compute::Engine);
                if place == "files" {
                    return total(&engine);
                }
                let database = pull(settings, Compute::Database);
                let (engine, database) = (total(&engine), total(&database));
                for (at, relation) in relations.iter().enumerate() {
                    let both = [&engine, &database].map(|counts| of_own(counts, at));
                    assert_eq!(both[0], both[1], "{what} {on_missing:?} {}", relation.written());
                }
                assert_eq!(engine, database, "{what}");
                engine
            });
            for (at, relation) in relations.iter().enumerate() {
                let mut expected = [0; 4];
                oracles.iter().for_each(|oracle| expected[oracle.outcome(relation)] += 1);
                assert_counted([&failed, &skipped], (at, relation), expected);
            }
            for (at, field) in own::own().enumerate().filter(|(at, _)| REQUIRED.contains(at) || *at >= 12) {
                let of = oracles.iter().map(|oracle| oracle.field(field));
                let applicable = of.clone().filter(|(_, applies)| *applies).count() as u64;
                let filled = of.filter(|(filled, applies)| *filled && *applies).count() as u64;
                let counted = failed.field(Field::Own(at as u8));
                assert_eq!(
                    (counted.numerator, counted.denominator),
                    (filled, applicable),
                    "{what} {}",
                    own::name(field)
                );
            }
        }
    }
}

/// The same register as one that lists no persons: houses, known by their code.
fn of_houses(base: &str, relations: &[Relation], on_missing: OnMissing) -> Settings {
    let fields = base.find("[source.register.fields]").unwrap();
    let units = base.find("[source.units]").unwrap();
    let base =
        format!("{}{}", &base[..fields], &base[units..]).replace("document_type = \"document_type\"\n", "");
    let subject =
        "[register]\nnoun = { zh = \"房屋\", en = \"houses\" }\ncounter = \"套\"\nidentity = \"house\"\n";
    let names = named(relations);
    let on_missing = if on_missing == OnMissing::Fail { "fail" } else { "skip" };
    let written: String = relations.iter().map(Relation::written).collect();
    let on_invalid = on_invalid(relations);
    let text = format!(
        "{base}\n{subject}\n[indicators.accuracy]\nrelations = [{}]\non_missing = \"{on_missing}\"\n{on_invalid}{}\n{written}",
        names.join(", "),
        definitions()
    );
    let parsed = config::parse("test.toml", &text, &BTreeMap::new());
    parsed.unwrap_or_else(|problems| panic!("{problems}\n{written}")).settings
}

#[test]
fn registers_of_houses_count_random_definitions_alike() {
    for (url, seed) in [(servers::postgres(), 51), (servers::mariadb(), 52)] {
        let mut rng = Rng::with_seed(seed);
        let (records, people) = persons(&mut rng, 500);
        block(registers::execute(&url, &tables(&url, &records, &people)));
        let house = position("house");
        let listed = people
            .iter()
            .step_by(2)
            .map(|person| vec![Some(UNITS[0].to_owned()), person.written[house].clone()]);
        let listed = registers::insert("roster", listed).into_iter();
        let doubled = |sql: String| if url.starts_with("mysql") { sql.replace('\\', "\\\\") } else { sql };
        block(registers::execute(&url, &listed.map(doubled).collect::<Vec<_>>()));
        // What is known of persons alone has no meaning here.
        let is_of_houses = |relation: &Relation| {
            let written = relation.written();
            own::of_preset().iter().chain(&["born"]).all(|field| !written.contains(field))
        };
        let mut relations = relations(&mut rng, 150);
        relations.retain(is_of_houses);
        relations.truncate(AT_ONCE);
        if seed == 52 {
            relations = skipping_invalid(relations);
        }
        assert!(relations.len() > 5, "{}", relations.len());
        let base = setting::configuration(&url, &tempfile::tempdir().unwrap().keep());
        let [failed, skipped] = [OnMissing::Fail, OnMissing::Skip].map(|on_missing| {
            let settings = of_houses(&base, &relations, on_missing);
            let engine = pull(settings.clone(), Compute::Engine);
            let database = pull(settings, Compute::Database);
            assert_eq!(engine.findings, database.findings, "{}", &url[..5]);
            assert_eq!(engine.cells, database.cells, "{}", &url[..5]);
            total(&engine)
        });
        assert!(failed.covered > 0 && failed.duplicates > 0, "{failed:?}");
        let oracles: Vec<Oracle<'_>> =
            people.iter().map(|person| Oracle { person, cut_off: number(CUT_OFF) }).collect();
        for (at, relation) in relations.iter().enumerate() {
            let mut expected = [0; 4];
            oracles.iter().for_each(|oracle| expected[oracle.outcome(relation)] += 1);
            assert_counted([&failed, &skipped], (at, relation), expected);
        }
        for (counts, general) in [(&failed, true), (&skipped, false)] {
            assert_eq!((counts.judged, counts.accurate), accuracy(&relations, &oracles, general));
        }
    }
}

/// The same records as a batch, with the columns of the own fields.
fn batch(records: &[Record], persons: &[Person]) -> RegisterBatch {
    let mut builder = BatchBuilder::with_own(records.len(), OWN);
    for (record, person) in records.iter().zip(persons) {
        builder.push_text(TextColumn::Unit, record.unit.as_deref());
        let written = [&record.sex, &record.birth, &record.id, &record.household, &record.marital];
        let fields =
            [Field::Sex, Field::BirthDate, Field::IdNumber, Field::HouseholdPlace, Field::MaritalStatus];
        for (field, value) in fields.into_iter().zip(written) {
            builder.push_text(TextColumn::Field(field), value.as_deref());
        }
        for (own, field) in own::own().enumerate() {
            builder.push_text(TextColumn::Field(Field::Own(own as u8)), person.written[field].as_deref());
        }
        builder.push_registered_on(record.day);
    }
    builder.finish()
}

#[test]
fn compiled_relations_mean_what_their_definitions_say() {
    let mut rng = Rng::with_seed(6);
    for turn in 0..25 {
        let (records, persons) = persons(&mut rng, 300);
        let mut relations = relations(&mut rng, AT_ONCE);
        if turn % 3 == 0 {
            relations = skipping_invalid(relations);
        }
        let settings = configured("sqlite:x.db", &relations, OnMissing::Fail);
        let mut reader = OwnReader::new(&settings.indicators, number(CUT_OFF)).unwrap();
        let batch = batch(&records, &persons);
        let together = reader.patterns(&batch);
        assert_eq!(together.len(), records.len());
        for (record, together) in batch.records().zip(together) {
            let defined = reader.pattern_by_definition(&record);
            assert_eq!([reader.pattern(&record), together], [defined; 2]);
        }
    }
}

#[test]
fn places_are_compared_in_the_database_by_province_alone() {
    let url = servers::postgres();
    let mut rng = Rng::with_seed(5);
    let (records, persons) = persons(&mut rng, 20);
    block(registers::execute(&url, &tables(&url, &records, &persons)));
    let mut text = setting::configuration(&url, &tempfile::tempdir().unwrap().keep());
    text.push_str("\n[indicators.accuracy]\nrelations = [\"apart\"]\n");
    text.push_str(&definitions());
    text.push_str("[relations.apart]\nlabel = { zh = \"异地\", en = \"Apart\" }\ncheck = [\"not same_division(origin, id_number, county)\"]\n");
    let mut settings = config::parse("test.toml", &text, &BTreeMap::new()).unwrap().settings;
    settings.source.compute = Compute::Database;
    let engine = Engine::new(settings).unwrap();
    let refused = block(engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).map(|_| ());
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("relations.apart compares places more closely"), "{message}");
}

/// A week of a register: some records are new, some other ones, some gone.
fn week(rng: &mut Rng, url: &str, keys: &mut Vec<usize>, at: &str) -> Vec<String> {
    let next = keys.iter().max().map_or(0, |key| key + 1);
    let (records, persons) = persons(rng, 12);
    let mut out = Vec::new();
    for (i, (record, person)) in records.iter().zip(&persons).enumerate() {
        let key = match i % 3 {
            0 => next + i,
            _ => keys[rng.usize(..keys.len())],
        };
        out.push(format!("DELETE FROM person WHERE id = {key}"));
        out.extend(insert(url, std::iter::once(row(key, record, person, at))));
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    for _ in 0..rng.usize(..4) {
        let key = keys.swap_remove(rng.usize(..keys.len()));
        out.push(format!("DELETE FROM person WHERE id = {key}"));
    }
    out
}

#[test]
fn incremental_pulls_count_own_definitions_as_full_ones_do() {
    // Rules that read the cut-off, which moves every second week, and rules that do not.
    for (url, seed, reads_cut_off) in [(servers::postgres(), 31, true), (servers::mariadb(), 32, false)] {
        let mut rng = Rng::with_seed(seed);
        let (records, people) = persons(&mut rng, 900);
        block(registers::execute(&url, &tables(&url, &records, &people)));
        let mut relations = relations(&mut rng, 60);
        // Whether marital status applies hangs on the age.
        let reads = |relation: &Relation| {
            let written = relation.written();
            written.contains("cut_off") || written.contains("marital_status")
        };
        relations.retain(|relation| reads_cut_off || !reads(relation));
        relations.truncate(36);
        if reads_cut_off {
            relations = skipping_invalid(relations);
        }
        assert_eq!(relations.iter().any(reads), reads_cut_off);
        let [settings, failing] =
            [OnMissing::Skip, OnMissing::Fail].map(|on_missing| configured(&url, &relations, on_missing));
        let mut keys: Vec<usize> = (0..900).collect();
        for turn in 0..6 {
            let cut_off = CUT_OFF + (turn / 2 * 7).days();
            let (kept, read) = incremental::pull(&settings, true, cut_off);
            let (full, all) = incremental::pull(&settings, false, cut_off);
            assert_eq!(kept, full, "{} turn {turn}", &url[..5]);
            if turn > 3 {
                let (failed, _) = incremental::pull(&failing, true, cut_off);
                let (failed, skipped) = (total(&failed), total(&kept));
                for (at, relation) in relations.iter().enumerate() {
                    let all: u64 = outcomes(&failed, &skipped, at).iter().sum();
                    assert_eq!(all, skipped.records, "{} turn {turn} {}", &url[..5], relation.written());
                }
            }
            // All of a freshly loaded register has the same time, which is read once more.
            let few = turn > 1 && !(reads_cut_off && turn % 2 == 0);
            assert!(
                if few { read < all / 3 } else { read >= all },
                "{} turn {turn}: {read} of {all}",
                &url[..5]
            );
            let at = format!("2016-06-{:02} 08:00:00", 4 + 3 * turn);
            block(registers::execute(&url, &week(&mut rng, &url, &mut keys, &at)));
        }
    }
}

/// Relations over several records of every kind of value.
const SETS: &str = r#"
[relations.house_once]
label = { zh = "房屋唯一", en = "House once" }
unique = ["house"]
[relations.kinds_once]
label = { zh = "类别组合唯一", en = "Kinds once" }
unique = ["relation", "kind"]
[relations.one_lease]
label = { zh = "一份合同", en = "One lease" }
group = "note"
where = ["has_lease = yes"]
exactly = 1
[relations.two_spouses]
label = { zh = "两名配偶", en = "Two spouses" }
when = ["kind is filled or note is filled"]
group = "uscc"
where = ["relation in relation.spouse", "has_lease is valid"]
at_least = 2
[relations.landlord_once]
label = { zh = "房东唯一", en = "Landlord once" }
when = ["relation not in relation.spouse"]
unique = ["second_id"]
[relations.origin_once]
label = { zh = "来源地唯一", en = "Origin once" }
unique = ["origin", "id_number"]
[relations.known_or_filled]
label = { zh = "婚姻已知或有房", en = "Marriage known or house filled" }
when = ["marital_status in marital.ever or house is filled"]
check = ["note is filled"]
[relations.house_listed]
label = { zh = "房屋在册", en = "House listed" }
listed = "house"
in = "codes"
[relations.note_listed]
label = { zh = "备注在册", en = "Note listed" }
when = ["kind is filled"]
listed = "note"
in = "codes"
[source.references.codes]
table = "codes"
"#;

/// A list of some of the values, also in other spellings, twice and with blanks.
fn codes(url: &str, persons: &[Person]) -> Vec<String> {
    let [house, note] = ["house", "note"].map(position);
    // Notes that begin with a digit stand in no list.
    let is_listed = |text: &String| !text.starts_with(|c: char| c.is_ascii_digit());
    let written =
        |person: &Person| [person.written[house].clone(), person.written[note].clone().filter(is_listed)];
    let some = persons.iter().step_by(3).flat_map(written);
    let lower = persons
        .iter()
        .step_by(5)
        .flat_map(written)
        .map(|text| text.map(|text| format!(" {} ", text.to_lowercase())));
    let rows = some.chain(lower).chain([None, Some("无".to_owned())]).map(|code| vec![code]);
    let inserts = registers::insert("codes", rows);
    let create = "CREATE TABLE codes (code VARCHAR(80))".to_owned();
    let doubled = |sql: String| if url.starts_with("mysql") { sql.replace('\\', "\\\\") } else { sql };
    std::iter::once(create).chain(inserts.into_iter().map(doubled)).collect()
}

#[test]
fn relations_over_several_records_are_counted_in_the_database_too() {
    let names = [
        "house_once",
        "kinds_once",
        "one_lease",
        "two_spouses",
        "landlord_once",
        "origin_once",
        "known_or_filled",
        "house_listed",
        "note_listed",
    ];
    let listed = names.map(|name| format!("\"{name}\"")).join(", ");
    let configured = |url: &str, sets: &str, on: &str| {
        let base = setting::configuration(url, &tempfile::tempdir().unwrap().keep());
        let text = format!(
            "{base}\n[indicators.accuracy]\nrelations = [{listed}]\non_missing = \"{on}\"\non_invalid = \"{on}\"\n{}\n{sets}",
            definitions()
        );
        config::parse("test.toml", &text, &BTreeMap::new())
            .unwrap_or_else(|problems| panic!("{problems}"))
            .settings
    };
    for (url, seed) in [(servers::postgres(), 41), (servers::mariadb(), 42)] {
        let mut rng = Rng::with_seed(seed);
        let (records, people) = persons(&mut rng, 260);
        block(registers::execute(&url, &tables(&url, &records, &people)));
        block(registers::execute(&url, &codes(&url, &people)));
        for on_missing in ["fail", "skip"] {
            // Relations that nothing counts: columns of a relation must not be taken for those of the field with its number.
            let unused = (0..rng.usize(4..16))
                .map(|at| format!("[relations.unused_{at}]\ncheck = [\"length(note) > {}\"]\n", at + 1));
            let settings = configured(&url, &format!("{}{SETS}", unused.collect::<String>()), on_missing);
            let [engine, database] =
                [Compute::Engine, Compute::Database].map(|compute| pull(settings.clone(), compute));
            let totals = total(&engine);
            let mut both = [0, 0];
            let own = settings.indicators.definitions.own_relations();
            for name in names {
                let at = own.iter().position(|relation| relation.key == name).unwrap();
                let counted = of_own(&totals, at);
                assert_eq!(counted, of_own(&total(&database), at), "{} {on_missing} {name}", &url[..5]);
                let (judged, passed) = (counted.denominator, counted.numerator);
                assert!(judged > 0, "{name}");
                assert!(
                    !name.ends_with("listed") || passed > 0 && (passed < judged || on_missing == "skip"),
                    "{name} {passed} {judged}"
                );
                both = [both[0] + passed, both[1] + judged - passed];
            }
            assert!(both[0] > 50 && both[1] > 50, "{both:?}");
            assert_eq!(engine.cells, database.cells, "{} {on_missing}", &url[..5]);
        }
        // A date in a rare form is read by the program alone, so that the database cannot compare it.
        let list = "listed = \"uscc\"\nin = \"codes\"";
        for (demand, problem) in [
            ("unique = [\"arrived_on\"]", "house_once compares records by a date or number"),
            (list, "house_once looks values up in a list"),
        ] {
            let sets = SETS.replace("unique = [\"house\"]", demand);
            let mut settings = configured(&url, &sets, "fail");
            settings.source.compute = Compute::Database;
            let engine = Engine::new(settings).unwrap();
            let refused =
                block(engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).map(|_| ());
            let message = refused.unwrap_err().to_string();
            assert!(message.contains(problem), "{message}");
        }
    }
}
