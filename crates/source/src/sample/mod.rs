//! A synthetic register for trials and benchmarks: the same seed gives the same content in every
//! database. All persons are invented.

mod folder;
mod load;
mod people;
mod things;

use fastrand::Rng;
use jiff::civil::{Date, date};

use super::SourceError;
use folder::Folder;
use load::Loader;
use people::Village;
use tongbao_config::settings::DatabaseUrl;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct SamplePlan {
    /// Number of records, of whatever kind.
    pub persons: u64,
    /// Share of records with a defect, on average over the units.
    pub defects: f64,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// First and last registration day.
    pub from: Date,
    /// The last registration day.
    pub to: Date,
    /// What the records stand for.
    pub kind: SampleKind,
}

/// What the register lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    /// Persons, with the nine fields.
    Persons,
    /// Rented houses.
    Houses,
    /// Enterprises, with 统一社会信用代码.
    Enterprises,
    /// Persons with their households.
    Households,
}

impl SampleKind {
    /// By the names of the presets.
    pub const ALL: [(&'static str, SampleKind); 4] = [
        ("population", SampleKind::Persons),
        ("house", SampleKind::Houses),
        ("enterprise", SampleKind::Enterprises),
        ("household", SampleKind::Households),
    ];
}

impl Default for SamplePlan {
    /// 50,000 persons over the campaign of the demo.
    fn default() -> SamplePlan {
        SamplePlan {
            persons: 50_000,
            defects: 0.12,
            seed: 52,
            from: date(2016, 5, 25),
            to: date(2016, 7, 7),
            kind: SampleKind::Persons,
        }
    }
}

/// A table with its columns.
type SampleTable = (&'static str, &'static [&'static str]);

/// Tables made for persons, in the order of [`Tables`]. All but keys and times are text, so that bad values can
/// exist.
const OF_PERSONS: [SampleTable; 3] = [
    ("unit", &["code", "name", "kind", "parent"]),
    ("roster", &["unit", "id_number"]),
    (
        "person",
        &[
            "id",
            "village_code",
            "name",
            "sex",
            "residence_address",
            "household_place",
            "id_number",
            "birth_date",
            "ethnicity",
            "marital_status",
            "hukou_type",
            "document_type",
            "registered_at",
            "updated_at",
        ],
    ),
];

/// The tables of a sample: units, roster, register.
#[derive(Clone, Copy)]
struct SampleTables([SampleTable; 3]);

impl SampleTables {
    fn of(kind: SampleKind) -> SampleTables {
        let [units, roster, persons] = OF_PERSONS;
        match things::register(kind) {
            None => SampleTables([units, roster, persons]),
            Some((roster, register)) => SampleTables([units, roster, register]),
        }
    }
}

/// Rows of one insert: as many as SQLite's limit of 32,766 values allows, because every insert waits
/// once for the server.
const CHUNK: usize = 2_000;

/// Fills an empty database, or a folder with CSV files, with units, roster and register; `progress` hears of finished persons.
/// Refuses to touch a database in which one of the tables exists.
pub async fn fill(
    url: &DatabaseUrl,
    plan: &SamplePlan,
    mut progress: impl FnMut(u64),
) -> Result<(), SourceError> {
    let tables = SampleTables::of(plan.kind);
    let mut loader = match url.file() {
        Some(folder) => To::Folder(Folder::create(folder, tables)?),
        None => To::Database(Loader::open(url).await?, tables),
    };
    loader.create().await?;
    let villages = people::villages(plan);
    let units: Vec<Vec<Option<String>>> = villages.iter().map(Village::row).collect();
    loader.insert(0, &units).await?;
    let (mut persons, mut roster) = (Vec::new(), Vec::new());
    let mut done = 0;
    for (i, village) in villages.iter().enumerate() {
        // Each village has its own generator, so that its content does not depend on the others'.
        let mut rng = Rng::with_seed(plan.seed.wrapping_mul(1_000_003).wrapping_add(i as u64));
        for _ in 0..village.persons {
            done += 1;
            let made = match plan.kind {
                SampleKind::Persons => people::person(&mut rng, done, i, &villages, plan),
                kind => things::thing(kind, &mut rng, done, &villages[i], plan),
            };
            persons.push(made.row);
            roster.extend(made.roster);
            if persons.len() == CHUNK {
                loader.insert(2, &persons).await?;
                persons.clear();
                progress(done);
            }
        }
        loader.insert_all(1, &mut roster).await?;
    }
    loader.insert(2, &persons).await?;
    progress(done);
    loader.finish().await
}

/// Where a sample goes.
enum To {
    Database(Loader, SampleTables),
    Folder(Folder),
}

impl To {
    async fn create(&mut self) -> Result<(), SourceError> {
        match self {
            To::Database(loader, tables) => loader.create(*tables).await,
            To::Folder(_) => Ok(()),
        }
    }

    async fn insert(&mut self, table: usize, rows: &[Vec<Option<String>>]) -> Result<(), SourceError> {
        match self {
            To::Database(loader, tables) => loader.insert(tables.0[table], rows).await,
            To::Folder(folder) => folder.insert(table, rows),
        }
    }

    async fn insert_all(
        &mut self,
        table: usize,
        rows: &mut Vec<Vec<Option<String>>>,
    ) -> Result<(), SourceError> {
        for chunk in rows.chunks(CHUNK) {
            self.insert(table, chunk).await?;
        }
        rows.clear();
        Ok(())
    }

    async fn finish(self) -> Result<(), SourceError> {
        match self {
            To::Database(loader, _) => loader.finish().await,
            To::Folder(folder) => folder.finish(),
        }
    }
}
