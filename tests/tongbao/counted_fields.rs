//! Completeness of the fields that an office names: registers without the others, on every path.

use tongbao::config;
use tongbao::config::settings::{Compute, OnMissing, Settings};
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::Engine;
use tongbao::register::batch::days_since_epoch;
use tongbao::register::field::Field;
use tongbao::register::unit::Units;

use crate::laws::CUT_OFF;
use crate::support::defects::{self, UNITS};
use crate::support::naive::{self, Record};
use crate::support::registers::{self, TEXTS};
use crate::support::setting::{stderr, stdout, tongbao};
use crate::support::{servers, setting};

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// The demo's configuration on a register that has columns for these fields alone, of which completeness counts some.
fn configuration(text: &str, has: &[Field], counted: &[Field], relations: &str) -> String {
    let keys = |fields: &[Field]| fields.iter().map(|field| field.key()).collect::<Vec<_>>();
    let is_column = |line: &str, key: &str| {
        line.starts_with(&format!("{key} = ")) && line.contains(&format!("\"{key}\""))
    };
    let lacks = |line: &&str| Field::ALL.iter().any(|f| !has.contains(f) && is_column(line, f.key()));
    let kept: Vec<&str> = text.lines().filter(|line| !lacks(line)).collect();
    format!(
        "{}\n[indicators.completeness]\nfields = {:?}\n[indicators.accuracy]\nrelations = [{relations}]\n",
        kept.join("\n"),
        keys(counted)
    )
}

/// The record with everything filled that is not counted: its nine fields are complete where the counted ones are.
fn with_others_filled(record: &Record, counted: &[Field]) -> Record {
    let mut whole = record.clone();
    for field in Field::ALL.into_iter().filter(|field| !counted.contains(field)) {
        let (place, value) = match field {
            Field::Name => (&mut whole.name, "张三"),
            Field::Sex => (&mut whole.sex, "1"),
            Field::ResidenceAddress => (&mut whole.residence, "荔湖村1号"),
            Field::HouseholdPlace => (&mut whole.household, "湖南省衡阳市"),
            Field::Ethnicity => (&mut whole.ethnicity, "汉族"),
            Field::MaritalStatus => (&mut whole.marital, "未婚"),
            Field::HukouType => (&mut whole.hukou, "10"),
            Field::IdNumber | Field::BirthDate | Field::Own(_) => continue,
        };
        *place = Some(value.to_owned());
    }
    whole
}

fn pull(settings: &Settings, compute: Compute) -> (Tally, Units) {
    let mut settings = settings.clone();
    settings.source.compute = compute;
    let engine = Engine::new(settings).unwrap();
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    let snapshot = block(engine.pull(CUT_OFF, now, |_| {})).unwrap();
    (snapshot.tally, snapshot.units)
}

#[test]
fn fields_that_are_not_counted_need_no_column_and_change_nothing() {
    let mut rng = fastrand::Rng::new();
    let seed = rng.u64(..);
    let mut rng = fastrand::Rng::with_seed(seed);
    let always = [Field::IdNumber, Field::BirthDate];
    let counted: Vec<Field> =
        Field::ALL.into_iter().filter(|field| always.contains(field) || rng.bool()).collect();
    let records = defects::records(seed, 900);
    let whole: Vec<Record> = records.iter().map(|record| with_others_filled(record, &counted)).collect();
    let expected = naive::totals(&whole, &[], &UNITS, &[0], OnMissing::Fail, CUT_OFF);
    let dir = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", dir.path().join("register.db").display());
    for url in [sqlite, servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &[], TEXTS)));
        let lacking = Field::ALL.into_iter().filter(|field| !counted.contains(field));
        let drop = lacking.map(|field| format!("ALTER TABLE person DROP COLUMN {}", field.key()));
        block(registers::execute(&url, &drop.collect::<Vec<_>>()));
        let text = setting::configuration(&url, dir.path());
        let text = configuration(&text, &counted, &counted, "\"id_birth_date\"");
        let settings = config::parse("test.toml", &text, &Default::default()).unwrap().settings;
        let ways = [Compute::Engine, Compute::Database];
        for compute in ways.into_iter().filter(|way| *way == Compute::Engine || !url.starts_with("sqlite")) {
            let (tally, units) = pull(&settings, compute);
            for (at, unit) in units.list().iter().enumerate() {
                let counts = tally.until(Some(at as u32), days_since_epoch(CUT_OFF));
                let expected = expected.get(&unit.code).map_or((0, 0), |t| (t.records, t.complete));
                let what = format!("seed {seed}, {counted:?}, {url}, {compute:?}, {}", unit.code);
                assert_eq!((counts.records, counts.complete), expected, "{what}");
            }
        }
    }
}

#[test]
fn what_counts_or_reads_a_field_needs_its_column() {
    let text = setting::configuration("sqlite:x.db", std::path::Path::new("/nowhere"));
    let all = Field::ALL;
    let without = |field: Field| all.into_iter().filter(|one| *one != field).collect::<Vec<Field>>();
    let said = |text: String| match config::parse("test.toml", &text, &Default::default()) {
        Ok(_) => String::new(),
        Err(problem) => problem.to_string(),
    };
    let hukou = without(Field::HukouType);
    assert_eq!(said(configuration(&text, &hukou, &hukou, "\"id_sex\"")), "");
    let counted = said(configuration(&text, &hukou, &all, "\"id_sex\""));
    assert!(counted.contains("no column for hukou_type"), "{counted}");
    let marital = without(Field::MaritalStatus);
    let read = said(configuration(&text, &marital, &marital, "\"age_marital\""));
    assert!(read.contains("no column for marital_status"), "{read}");
    let id = without(Field::IdNumber);
    assert!(said(configuration(&text, &id, &id, "")).contains("no column for id_number"));
    assert!(said(configuration(&text, &all, &[], "\"id_sex\"")).contains("counts no field"));
    let twice = [Field::Name, Field::Name];
    assert!(said(configuration(&text, &all, &twice, "\"id_sex\"")).contains("names a field twice"));
}

/// A register without one of the nine, from its bulletin to its correction lists; nothing of it says that there are nine.
#[test]
fn a_bulletin_says_which_fields_completeness_counts() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 400);
    registers_without(&dir, "hukou_type");
    let text = setting::configuration(&url, dir.path());
    let counted: Vec<Field> = Field::ALL.into_iter().filter(|field| *field != Field::HukouType).collect();
    let text = configuration(&text, &counted, &counted, "\"id_birth_date\", \"id_sex\"");
    let secret =
        "incremental = true\nincremental_key = \"a secret of the tests, 32 characters\"\n[source.register]";
    let rates = |text: &str| {
        setting::write(dir.path(), text);
        let output = tongbao(dir.path(), &["rates", "--csv", "--from", "2016-06-06", "--to", "2016-06-12"]);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    let full = rates(&text);
    let followed = text.replace("[source.register]", secret);
    assert_eq!(rates(&followed), full);
    assert_eq!(rates(&followed), full, "and of what changed since");
    let check = stdout(&tongbao(dir.path(), &["check"]));
    assert!(!check.contains("hukou_type"), "{check}");
    let run = ["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12", "--dry-run", "--out", "o"];
    let output = tongbao(dir.path(), &run);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut files = std::fs::read_dir(dir.path().join("o")).unwrap().map(|entry| entry.unwrap().path());
    let pdf = files.find(|path| path.extension().is_some_and(|end| end == "pdf")).unwrap();
    let paper: String =
        crate::support::office::pdf_text(&std::fs::read(pdf).unwrap()).split_whitespace().collect();
    assert!(!paper.contains("户口性质") && !paper.contains("九项") && paper.contains("8项"), "{paper}");
}

fn registers_without(dir: &tempfile::TempDir, column: &str) {
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    block(registers::execute(&url, &[format!("ALTER TABLE person DROP COLUMN {column}")]));
}
