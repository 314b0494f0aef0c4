//! The parts of a pull and of a report by themselves. `make bench` measures whole processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use tongbao::config::{self, settings::Settings};
use tongbao::indicator::completeness::FilledTest;
use tongbao::indicator::record_reading::Reader;
use tongbao::indicator::tally::{Bucket, Counts, FIELDS, Tally};
use tongbao::indicator::tallying::{Tallier, finish};
use tongbao::ranking::results::{Results, Rules, Snapshot};
use tongbao::register::batch::{BatchBuilder, Day, RegisterBatch, TextColumn};
use tongbao::register::field::Field;
use tongbao::register::id_number::{CitizenId, normalize};
use tongbao::register::unit::{Unit, Units};
use tongbao::schedule::period::Period;

fn settings() -> Settings {
    let text = include_str!("../config/tongbao.toml");
    config::parse("tongbao.toml", text, &Default::default()).expect("the demo's configuration").settings
}

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
    let mut builder = BatchBuilder::new(count as usize);
    for (i, number) in numbers(count).iter().enumerate() {
        builder.push_text(TextColumn::Unit, Some(["440118001001", "440118001002"][i % 2]));
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
        builder.end_record(Day::Known(16_950 + i as i32 % 44));
    }
    builder.finish()
}

fn units(count: usize) -> Units {
    let unit = |i: usize| Unit {
        code: format!("4401{i:08}"),
        name: format!("第{i}村"),
        kind: ["村", "社区"][i % 2].into(),
        parent: None,
    };
    Units::new((0..count).map(unit).collect()).expect("codes differ")
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
    counts.applicable = [records; FIELDS];
    counts.filled = [records - i % 53; FIELDS];
    counts
}

fn tally(units: u32, days: i32) -> Tally {
    let mut tally = Tally::default();
    for unit in 0..units {
        for day in 0..days {
            tally.add(
                Bucket { unit: Some(unit), day: Some(16_900 + day) },
                counts(u64::from(unit) + day as u64),
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
    let units = Arc::new(units(2));
    group.bench_function("tally of a batch, persons included", |b| {
        b.iter(|| {
            let mut tallier = Tallier::new(units.clone(), &settings.indicators, date(2016, 7, 7), None);
            tallier.add(&batch).expect("memory suffices");
            finish(vec![tallier]).expect("memory suffices")
        })
    });
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
        units: units(25_000),
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

criterion_group!(benches, reading, figures);
criterion_main!(benches);
