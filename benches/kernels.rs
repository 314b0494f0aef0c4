//! The parts of a pull and of a report by themselves. `make bench` measures whole processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use tongbao::config::{self, settings::Settings};
use tongbao::indicator::completeness::FilledTest;
use tongbao::indicator::counters::Counters;
use tongbao::indicator::counts::Counts;
use tongbao::indicator::own::OwnReader;
use tongbao::indicator::record_reading::Reader;
use tongbao::indicator::tally::{Bucket, Tally};
use tongbao::indicator::tallying::{Tallier, finish};
use tongbao::ranking::results::{Results, Rules};
use tongbao::ranking::snapshot::Snapshot;
use tongbao::register::batch::{BatchBuilder, Day, RegisterBatch, TextColumn};
use tongbao::register::field::Field;
use tongbao::register::id_number::{CitizenId, normalize};
use tongbao::register::unit::{Unit, Units};
use tongbao::schedule::period::Period;

fn settings() -> Settings {
    settings_with("")
}

/// The demo's configuration with definitions of an office's own.
fn settings_with(own: &str) -> Settings {
    let text = format!("{}\n{own}", include_str!("../config/tongbao.toml"));
    config::parse("tongbao.toml", &text, &Default::default()).expect("the demo's configuration").settings
}

/// The built-in relations once more, as an office writes its own: the same text under other names.
fn preset_as_own() -> String {
    let text = tongbao::rule::POPULATION;
    let relations = &text[text.find("[relations.").expect("the preset has relations")..];
    let names: Vec<String> = relations
        .lines()
        .filter_map(|line| line.strip_prefix("[relations.")?.strip_suffix(']'))
        .map(|name| format!("\"own_{name}\""))
        .collect();
    // What asks word for word what another does is refused.
    let always = "\"name is filled or name is blank\"";
    let copies: Vec<String> = relations
        .replace("[relations.", "[relations.own_")
        .split("\n[")
        .map(|relation| match relation.contains("\nwhen = [") {
            true => relation.replacen("\nwhen = [", &format!("\nwhen = [{always}, "), 1),
            false => relation.replacen("\nlabel", &format!("\nwhen = [{always}]\nlabel"), 1),
        })
        .collect();
    format!("[indicators.accuracy]\nrelations = [{}]\n{}", names.join(", "), copies.join("\n["))
}

/// Fifteen fields and fifteen relations of three parts in addition to the built-in ones.
fn wide() -> String {
    let mut text = r#"
[lists.kind]
label = { zh = "类别", en = "Kind" }
codes = { "1" = "甲", "2" = "乙", "3" = "丙", "4" = "丁" }
groups = { front = ["1", "2"] }
"#
    .to_owned();
    let fields = [("date", 4), ("code", 5), ("number", 2), ("yes_no", 1), ("text", 2), ("form", 1)];
    for (kind, count) in fields {
        for i in 0..count {
            let more = match kind {
                "code" => "list = \"kind\"\n",
                "form" => "form = \"[0-9]{12}\"\n",
                _ => "",
            };
            text.push_str(&format!(
                "[fields.{kind}_{i}]\nlabel = {{ zh = \"{kind}{i}\", en = \"{kind} {i}\" }}\ncolumn = \"{kind}_{i}\"\ntype = \"{kind}\"\nrequired = true\n{more}"
            ));
        }
    }
    let mut names = Vec::new();
    for i in 0..15 {
        let (a, b, c) = (i % 4, (i + 1) % 4, i % 5);
        let check = match i % 3 {
            0 => format!("\"date_{a} <= date_{b} or code_{c} in kind.front\", \"date_{a} <= registered_on\""),
            1 => format!("\"number_0 >= 5 * number_1\", \"code_{c} in kind or yes_no_0 = yes\""),
            _ => format!(
                "\"days(date_{a}, registered_on) between 0 and 90000\", \"form_0 starts with unit\", \"text_0 is filled\""
            ),
        };
        text.push_str(&format!(
            "[relations.wide_{i}]\nlabel = {{ zh = \"关系{i}\", en = \"Relation {i}\" }}\nif = [\"code_{c} is filled\"]\ncheck = [{check}]\n"
        ));
        names.push(format!("\"wide_{i}\""));
    }
    let built_in = "\"id_birth_date\", \"id_sex\", \"age_marital\", \"id_household_place\", \"id_valid\"";
    format!("[indicators.accuracy]\nrelations = [{built_in}, {}]\n{text}", names.join(", "))
}

/// Values of the fifteen fields of a record.
fn wide_values(i: usize) -> [String; 15] {
    let date =
        |k: usize| format!("20{:02}-{:02}-{:02}", 10 + (i + k) % 6, 1 + (i + k) % 12, 1 + (i * 7 + k) % 28);
    let code = |k: usize| ["1", "乙", "3", "丁"][(i + k) % 4].to_owned();
    [
        date(0),
        date(1),
        date(2),
        date(3),
        code(0),
        code(1),
        code(2),
        code(3),
        code(4),
        format!("{}", 20 + i % 90),
        format!("{}", 1 + i % 6),
        ["是", "否"][i % 2].to_owned(),
        format!("和平路{}号", i % 300),
        "荔枝园".to_owned(),
        VILLAGES[i % 2].to_owned(),
    ]
}

/// Where the records are.
const VILLAGES: [&str; 2] = ["440118001001", "440118001002"];

/// Well-formed numbers of different persons.
fn numbers(count: u32) -> Vec<String> {
    (0..count)
        .map(|i| {
            let digits =
                format!("440118{:04}{:02}{:02}{:03}", 1930 + i % 80, 1 + i % 12, 1 + i % 28, i % 1000);
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = digits.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
            format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
        })
        .collect()
}

fn batch(count: u32) -> RegisterBatch {
    let mut builder = BatchBuilder::with_own(count as usize, 15);
    for (i, number) in numbers(count).iter().enumerate() {
        builder.push_text(TextColumn::Unit, Some(VILLAGES[i % 2]));
        let birth = format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]);
        for (field, value) in Field::ALL.into_iter().zip([
            "陈志强",
            "男",
            "荔枝园社区和平路12号301房",
            "广东省广州市增城区荔城街道",
            number,
            &birth,
            "汉族",
            "20",
            "10",
        ]) {
            builder.push_text(TextColumn::Field(field), Some(value));
        }
        builder.push_text(TextColumn::DocumentType, Some("居民身份证"));
        for (own, value) in wide_values(i).iter().enumerate() {
            builder.push_text(TextColumn::Field(Field::Own(own as u8)), Some(value));
        }
        builder.end_record(Day::Known(16_950 + i as i32 % 44));
    }
    builder.finish()
}

fn units(codes: impl Iterator<Item = String>) -> Units {
    let unit = |(i, code): (usize, String)| Unit {
        code,
        name: format!("第{i}村"),
        kind: ["村", "社区"][i % 2].into(),
        parent: None,
    };
    Units::new(codes.enumerate().map(unit).collect()).expect("codes differ")
}

fn counts(i: u64) -> Counts {
    let records = 1_000 + i % 977;
    let mut counts = Counts {
        records,
        complete: records - i % 191,
        judged: records,
        accurate: records - i % 157,
        roster: records,
        covered: records - i % 31,
        covered_own: records - i % 37,
        ..Counts::default()
    };
    counts.applicable = Counters::same(records, Field::ALL.len());
    counts.filled = Counters::same(records - i % 53, Field::ALL.len());
    counts
}

fn tally(units: u32, days: i32) -> Tally {
    let mut tally = Tally::default();
    for unit in 0..units {
        for day in 0..days {
            tally.add(
                Bucket { unit: Some(unit), day: Some(16_900 + day) },
                &counts(u64::from(unit) + day as u64),
            );
        }
    }
    tally
}

fn reading(c: &mut Criterion) {
    let numbers = numbers(10_000);
    let mut group = c.benchmark_group("reading");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("ID check", |b| {
        b.iter(|| numbers.iter().filter(|n| CitizenId::parse(&normalize(n.as_bytes())).is_some()).count())
    });
    let (settings, batch) = (settings(), batch(10_000));
    let reader = Reader::new(&settings.indicators);
    let test = FilledTest::new(&settings.indicators.completeness);
    let filled = |b: &RegisterBatch| {
        let fields = |r| {
            Field::ALL
                .map(|f| test.filled(f, tongbao::register::batch::Record::value(&r, TextColumn::Field(f))))
        };
        b.records().filter(|r| fields(*r).iter().all(Option::is_some)).count()
    };
    group.bench_function("completeness of nine fields", |b| b.iter(|| filled(&batch)));
    group.bench_function("a record's whole reading", |b| {
        b.iter(|| batch.records().fold(0u64, |sum, r| sum ^ reader.read(&r).0.0))
    });
    let preset = settings_with(&preset_as_own());
    let mut by_rules = OwnReader::new(&preset.indicators, 20_160_707).expect("relations of its own");
    group.bench_function("the built-in relations by their rules", |b| {
        b.iter(|| by_rules.patterns(&batch).iter().fold(0u64, |sum, pattern| sum ^ pattern.words()[0]))
    });
    group.bench_function("the same by the definitions alone", |b| {
        b.iter(|| batch.records().fold(0u64, |sum, r| sum ^ by_rules.pattern_by_definition(&r).words()[0]))
    });
    let wide = settings_with(&wide());
    let mut wide_reader = OwnReader::new(&wide.indicators, 20_160_707).expect("relations of its own");
    group.bench_function("15 own fields, 15 own relations", |b| {
        b.iter(|| wide_reader.patterns(&batch).iter().fold(0u64, |sum, pattern| sum ^ pattern.words()[0]))
    });
    group.bench_function("15 own fields, 15 own relations, by the definitions alone", |b| {
        b.iter(|| batch.records().fold(0u64, |sum, r| sum ^ wide_reader.pattern_by_definition(&r).words()[0]))
    });
    group.finish();
}

/// Batches of a tally: what is done once a pull must not weigh as much as records.
const BATCHES: u32 = 50;

/// A whole tally on one core, persons and their duplicates included.
fn tallies(c: &mut Criterion) {
    let mut group = c.benchmark_group("tally");
    let (units, batch) = (Arc::new(units(VILLAGES.into_iter().map(str::to_owned))), batch(10_000));
    group.throughput(Throughput::Elements(u64::from(BATCHES) * 10_000)).sample_size(10);
    for (name, settings) in
        [("nine fields, five relations", settings()), ("24 fields, 20 relations", settings_with(&wide()))]
    {
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut tallier = Tallier::new(units.clone(), &settings.indicators, date(2016, 7, 7), None);
                (0..BATCHES).for_each(|_| tallier.add(&batch).expect("memory suffices"));
                finish(vec![tallier]).expect("memory suffices")
            })
        });
    }
    group.finish();
}

fn figures(c: &mut Criterion) {
    let (one, other) = (tally(2_500, 10), tally(2_500, 10));
    c.bench_function("merge of two tallies of 25,000 cells", |b| {
        b.iter_batched(
            || (one.clone(), other.clone()),
            |(mut one, other)| {
                one.merge(other);
                one
            },
            BatchSize::LargeInput,
        )
    });
    let settings = settings();
    let snapshot = Snapshot {
        units: units((0..25_000).map(|i| format!("4401{i:08}"))),
        tally: tally(25_000, 1),
        baseline: Default::default(),
        pulled_at: "2016-07-08T01:00:00Z".parse().expect("an instant"),
    };
    let rules =
        Rules { indicators: &settings.indicators, scoring: &settings.scoring, ranking: &settings.ranking };
    let period = Period::new(date(2016, 4, 1), date(2016, 7, 7)).expect("a period");
    c.bench_function("rates, scores and ranks of 25,000 units", |b| {
        b.iter(|| Results::new(&snapshot, period, rules, None))
    });
}

criterion_group!(benches, reading, tallies, figures);
criterion_main!(benches);
