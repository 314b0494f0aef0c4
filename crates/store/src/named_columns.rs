//! Rows whose columns are named as the fields that they fill.

/// Reads a struct of a row, each field from the column of its name.
macro_rules! named_columns {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<$name> {
                Ok($name { $($field: sqlx::Row::try_get(row, stringify!($field))?,)+ })
            }
        }
    )+};
}

pub(super) use named_columns;
