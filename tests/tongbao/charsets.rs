//! PostgreSQL databases that do not know in which character set their texts are.

use jiff::civil::date;
use tongbao::config::settings::{Compute, Dataset, Settings};
use tongbao::source::sample::{SampleKind, SamplePlan};
use tongbao::source::{Source, SourceError};

use crate::sources::{block, failure, figures, filled_by, sqlite};
use crate::support::servers;
use crate::support::setting::{self, stdout, tongbao};

const PLAN: SamplePlan = SamplePlan {
    persons: 5_000,
    defects: 0.3,
    seed: 29,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: SampleKind::Persons,
};
/// Columns of the sample that have Chinese.
const WORDS: [&str; 6] =
    ["name", "residence_address", "household_place", "ethnicity", "marital_status", "hukou_type"];

fn filled(url: &str) -> Settings {
    filled_by(url, &PLAN)
}

fn in_gbk(column: &str) -> String {
    format!("{column} = convert_from(convert(textsend({column}), 'UTF8', 'GB18030'), 'SQL_ASCII')")
}

#[test]
fn sound_texts_give_the_figures_and_are_not_counted_there() {
    let expected = figures(filled(&sqlite())).unwrap();
    let mut settings = filled(&servers::postgres_without_charset());
    for connections in [1, 3] {
        settings.source.connections = connections;
        assert_eq!(figures(settings.clone()).unwrap(), expected, "{connections}");
    }
    settings.source.compute = Compute::Database;
    let refused = failure(settings);
    assert!(
        matches!(&refused, SourceError::UncountedCharset { charset } if charset == "SQL_ASCII"),
        "{refused}"
    );
    assert!(refused.to_string().contains("source.compute = \"engine\""), "{refused}");
}

#[test]
fn gbk_is_named_by_column_and_a_query_reads_it() {
    let expected = figures(filled(&sqlite())).unwrap();
    let url = servers::postgres_without_charset();
    let mut settings = filled(&url);
    let changes: Vec<String> = WORDS.iter().map(|column| in_gbk(column)).collect();
    servers::execute(&url, &format!("UPDATE person SET {}", changes.join(", ")));
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &setting::configuration(&url, dir.path()));
    let told = stdout(&tongbao(dir.path(), &["--config", "tongbao.toml", "-q", "check"]));
    for part in ["column \"name\"", "GBK in the place of UTF-8", "convert_from(convert(textsend(COLUMN)"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // The remedy as it is told, column by column.
    let column = |column: &&str| {
        format!("convert_from(convert(textsend({column}), 'GBK', 'UTF8'), 'SQL_ASCII') AS {column}")
    };
    let words: Vec<String> = WORDS.iter().map(column).collect();
    let query = format!(
        "SELECT id, village_code, sex, id_number, birth_date, document_type, registered_at, updated_at, {} FROM person",
        words.join(", ")
    );
    settings.source.register.dataset = Dataset::Query(query);
    assert_eq!(figures(settings.clone()).unwrap(), expected);
    // Names that would be printed as signs without meaning stop the run.
    servers::execute(&url, &format!("UPDATE unit SET {}", in_gbk("name")));
    let refused = failure(settings.clone());
    assert!(matches!(refused, SourceError::UnitCharset { .. }), "{refused}");
    let refused = block(async { Source::open(&settings.source).await.unwrap().units().await }).unwrap_err();
    assert!(refused.to_string().contains("textsend(COLUMN)"), "{refused}");
}

/// Names of tables and columns in GBK, of which the driver can make no text, are named as that.
#[test]
fn names_in_another_character_set_are_refused_with_a_remedy() {
    let url = servers::postgres_without_charset();
    let settings = filled(&url);
    // 姓名 in GBK.
    servers::execute(
        &url,
        "DO $$ BEGIN EXECUTE 'ALTER TABLE person RENAME COLUMN name TO \"' || \
         convert_from('\\xD0D5C3FB'::bytea, 'SQL_ASCII') || '\"'; END $$",
    );
    let refused = failure(settings);
    assert!(matches!(refused, SourceError::NamesCharset { .. }), "{refused}");
    assert!(refused.to_string().contains("make views"), "{refused}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.db");
    block(crate::support::registers::execute(
        &format!("sqlite:{}", path.display()),
        &["CREATE TABLE t(a)".to_owned()],
    ));
    // The same name in the file, in as many bytes.
    let bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|part| part == b"t(a)").unwrap();
    let mut changed = bytes;
    changed[at + 2] = 0xD0;
    std::fs::write(&path, changed).unwrap();
    let given = ["init", "--yes", "--name", "x", "--issuer", "y", "--url", "sqlite:old.db"];
    let output = tongbao(dir.path(), &given);
    let told = setting::stderr(&output);
    assert!(!output.status.success() && told.contains("iconv -f GB18030"), "{told}");
}
