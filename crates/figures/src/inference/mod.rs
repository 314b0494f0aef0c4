//! What the tables of a database nobody has described seem to be: which is the register, which column
//! is which field. Judged by names and by the shapes of sampled values, which are counted and dropped:
//! no value ever becomes part of an answer, except codes that a published list explains.

pub mod codes;
pub mod columns;
pub mod head_counts;
pub mod known_units;
pub mod levels;
pub mod marriage;
pub mod names;
pub mod places;
pub mod shapes;
pub mod short_years;
pub mod tables;
pub mod validity;

/// A table as far as a survey looks at it.
pub struct SurveyedTable {
    /// As it stands after FROM, with its schema where that is not the usual one.
    pub name: String,
    /// About how many rows the database believes it has.
    pub rows: Option<u64>,
    /// Their names, as the database has them.
    pub columns: Vec<String>,
    /// Sampled rows in the order of the columns, trimmed; `None` is a blank. Deliberately without
    /// `Debug`: they are persons.
    pub sample: Vec<Vec<Option<String>>>,
}

impl SurveyedTable {
    /// The sampled values of a column, row by row.
    pub fn values(&self, column: usize) -> impl Iterator<Item = Option<&str>> + Clone {
        self.sample.iter().map(move |row| row.get(column).and_then(Option::as_deref))
    }

    /// Those that are filled.
    pub fn filled(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        self.values(column).flatten()
    }
}

/// How sure a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Name or values alone, or another column fits nearly as well: a person should look.
    Unsure,
    /// One of name and values speaks for it clearly, and nothing against it.
    Likely,
    /// Name and values agree.
    Sure,
}

/// Why a guess was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// A person names the column.
    pub by_hand: bool,
    /// How well the name fits, 0 to 100.
    pub name: u32,
    /// Share of sampled values that fit, in per cent; `None` where nothing is filled.
    pub values: Option<u32>,
    /// Share of records in which the value agrees with another column (the ID number, the unit list).
    pub agrees: Option<u32>,
}

impl Evidence {
    /// From 0 to 150: name, values and agreement with other columns, weighted.
    pub fn points(self) -> u32 {
        let values = self.values.unwrap_or(0) * 2 / 5;
        self.name / 2 + values + self.agrees.unwrap_or(0) * 3 / 5
    }

    /// How sure a choice is. `rival` has the points of the next best column.
    pub fn confidence(self, rival: Option<u32>) -> Confidence {
        let close = rival.is_some_and(|rival| rival + 10 > self.points());
        let (named, agrees) = (self.name >= 60, self.agrees.is_some_and(|share| share >= 70));
        let fits = self.values.is_some_and(|share| share >= 60);
        match (named, fits || agrees, agrees, close) {
            (true, true, _, false) => Confidence::Sure,
            (true, true, _, true) | (true, false, _, false) | (false, _, true, false) => Confidence::Likely,
            _ => Confidence::Unsure,
        }
    }
}
