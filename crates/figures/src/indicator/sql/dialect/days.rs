//! Columns of days as the two dialects read them.

use super::super::SqlColumn;
use super::Dialect;

impl Dialect {
    /// Whether a date column holds MySQL's date for "none".
    pub fn is_zero_date(self, date: &str) -> String {
        match self {
            Dialect::Postgres => "FALSE".to_owned(),
            Dialect::MariaDb => format!("(year({date}) = 0 AND month({date}) = 0 AND day({date}) = 0)"),
        }
    }

    /// The day of a date or time column as days since 1970-01-01.
    pub fn day(self, date: &str) -> String {
        match self {
            Dialect::Postgres => format!("({date} - DATE '1970-01-01')"),
            // 719,528 days before 1970, as the server counts them; a difference of dates would read the other date each time.
            Dialect::MariaDb => format!("(to_days({date}) - 719528)"),
        }
    }

    /// A date column as the number `YYYYMMDD`.
    pub fn date_number(self, date: &str) -> String {
        format!(
            "(extract(year FROM {date}) * 10000 + extract(month FROM {date}) * 100 + extract(day FROM {date}))"
        )
    }

    /// Whether a date column's value is a date of four-digit years.
    pub fn date_exists(self, date: &str) -> String {
        match self {
            Dialect::Postgres => format!("({date} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31')"),
            Dialect::MariaDb => format!("(month({date}) > 0 AND day({date}) > 0)"),
        }
    }

    /// A value as the program reads it where a record comes home whole.
    pub fn home_text(self, value: &SqlColumn) -> String {
        match (self, value) {
            (_, SqlColumn::Text(text)) => text.clone(),
            (Dialect::Postgres, SqlColumn::Date(date)) => format!(
                "CASE WHEN {} THEN to_char({date}, 'YYYY-MM-DD') ELSE ({date})::text END",
                self.date_exists(date)
            ),
            (Dialect::MariaDb, SqlColumn::Date(date)) => {
                format!("CONVERT(cast({date} AS char) USING utf8mb4) COLLATE utf8mb4_bin")
            }
        }
    }
}
