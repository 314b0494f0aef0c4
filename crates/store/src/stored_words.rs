//! Enums that stand as words in the database.

/// What stands as a word in the database.
pub(super) trait Word: Copy {
    fn word(self) -> &'static str;
}

/// Words as a list of SQL: `'done', 'approved'`. They are this program's own and need no quoting.
pub(super) fn listed<W: Word>(words: &[W]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.word())).collect();
    quoted.join(", ")
}

/// An enum that stands as a word in the database, in JSON and on the command line.
macro_rules! stored {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, tongbao_message::Worded)]
        pub enum $name {
            $($(#[$doc])* $value,)+
        }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [$name] = &[$($name::$value),+];

            /// The word for it.
            pub const fn key(self) -> &'static str {
                match self {
                    $($name::$value => $word,)+
                }
            }

            /// The words of all values, in the same order.
            pub fn keys() -> impl Iterator<Item = &'static str> {
                $name::ALL.iter().map(|value| value.key())
            }

            /// What a word stands for.
            pub fn of_key(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.key() == word)
            }
        }

        impl $crate::stored_words::Word for $name {
            fn word(self) -> &'static str {
                self.key()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.key())
            }
        }

        impl sqlx::Type<sqlx::Sqlite> for $name {
            fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
                <str as sqlx::Type<sqlx::Sqlite>>::type_info()
            }

            fn compatible(found: &sqlx::sqlite::SqliteTypeInfo) -> bool {
                <str as sqlx::Type<sqlx::Sqlite>>::compatible(found)
            }
        }

        impl sqlx::Encode<'_, sqlx::Sqlite> for $name {
            fn encode_by_ref(
                &self,
                to: &mut sqlx::sqlite::SqliteArgumentsBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <&str as sqlx::Encode<'_, sqlx::Sqlite>>::encode_by_ref(&self.key(), to)
            }
        }

        impl<'r> sqlx::Decode<'r, sqlx::Sqlite> for $name {
            fn decode(value: sqlx::sqlite::SqliteValueRef<'r>) -> Result<$name, sqlx::error::BoxDynError> {
                let word = <&str as sqlx::Decode<'r, sqlx::Sqlite>>::decode(value)?;
                $name::of_key(word).ok_or_else(|| format!("\"{word}\" is no {}", stringify!($name)).into())
            }
        }
    };
}

pub(super) use stored;
