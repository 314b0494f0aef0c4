//! The states of runs, slots, mails and requests: how they stand in the database and in JSON, and which may follow
//! which. docs/operations.md lists the same transitions for people.

use std::fmt::{Display, Formatter};

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Sqlite, Type};

/// An enum that stands as a word in the database, in JSON and on the command line.
macro_rules! stored {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $value,)+
        }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$value),+];

            /// The word for it.
            pub const fn key(self) -> &'static str {
                match self {
                    $($name::$value => $word,)+
                }
            }

            pub fn keys() -> impl Iterator<Item = &'static str> {
                $name::ALL.iter().map(|value| value.key())
            }

            /// What a word stands for.
            pub fn of_key(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.key() == word)
            }
        }

        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                // Padding asked for is kept.
                f.pad(self.key())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.key())
            }
        }

        impl Type<Sqlite> for $name {
            fn type_info() -> SqliteTypeInfo {
                <str as Type<Sqlite>>::type_info()
            }

            fn compatible(found: &SqliteTypeInfo) -> bool {
                <str as Type<Sqlite>>::compatible(found)
            }
        }

        impl Encode<'_, Sqlite> for $name {
            fn encode_by_ref(&self, to: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                <&str as Encode<'_, Sqlite>>::encode_by_ref(&self.key(), to)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $name {
            fn decode(value: SqliteValueRef<'r>) -> Result<$name, BoxDynError> {
                let word = <&str as Decode<'r, Sqlite>>::decode(value)?;
                $name::of_key(word).ok_or_else(|| format!("\"{word}\" is no {}", stringify!($name)).into())
            }
        }
    };
}

stored! {
    /// Whether a run 期次 may be circulated.
    RunState {
        /// Released as it was made.
        Done = "done",
        /// Waits for a person.
        Held = "held",
        /// Released by a person.
        Approved = "approved",
        Rejected = "rejected",
    }
}

stored! {
    /// What became of a due time.
    SlotState {
        /// Waits to be filled, or is being filled.
        Open = "open",
        /// Has its run.
        Filled = "filled",
        /// Left out, with a reason.
        Skipped = "skipped",
        /// Given up after its time.
        Expired = "expired",
    }
}

stored! {
    /// How far a mail has come.
    MailState {
        Pending = "pending",
        /// Claimed by one sender; nothing of its text has left.
        Sending = "sending",
        /// Its text goes out, and the answer is not on record yet.
        Handed = "handed",
        Sent = "sent",
        /// Given up: refused for good, or its time ran out.
        Dead = "dead",
        /// It may have left.
        Uncertain = "uncertain",
        Cancelled = "cancelled",
    }
}

stored! {
    /// What a mail is for.
    Purpose {
        /// A released document.
        Report = "report",
        /// The draft of a held run, for those who decide on it.
        Draft = "draft",
        /// Something needs a person.
        Alert = "alert",
    }
}

stored! {
    /// How far what a person has asked for has come.
    RequestState {
        Asked = "asked",
        Running = "running",
        /// Its run is on record.
        Done = "done",
        Failed = "failed",
        Withdrawn = "withdrawn",
    }
}

impl RunState {
    /// What may follow. One that was released without a number, by an earlier version, is released again with one.
    pub const fn may_become(self) -> &'static [RunState] {
        match self {
            RunState::Held => &[RunState::Approved, RunState::Rejected],
            RunState::Done => &[RunState::Approved],
            RunState::Approved | RunState::Rejected => &[],
        }
    }

    /// Released documents may be circulated.
    pub const fn is_released(self) -> bool {
        matches!(self, RunState::Done | RunState::Approved)
    }
}

impl SlotState {
    /// What may follow.
    pub const fn may_become(self) -> &'static [SlotState] {
        match self {
            SlotState::Open => &[SlotState::Filled, SlotState::Skipped, SlotState::Expired],
            SlotState::Filled | SlotState::Skipped | SlotState::Expired => &[],
        }
    }
}

impl MailState {
    /// What may follow. A restore makes everything uncertain that has no final answer.
    pub const fn may_become(self) -> &'static [MailState] {
        use MailState::{Cancelled, Dead, Handed, Pending, Sending, Sent, Uncertain};
        match self {
            Pending => &[Sending, Dead, Uncertain, Cancelled],
            Sending => &[Pending, Handed, Dead, Uncertain],
            Handed => &[Pending, Sent, Dead, Uncertain],
            Sent => &[],
            Dead => &[Pending, Cancelled],
            // An answer that comes late settles it.
            Uncertain => &[Pending, Sent, Dead, Cancelled],
            Cancelled => &[Pending],
        }
    }

    /// It has not left, and will without anyone's help.
    pub const fn is_waiting(self) -> bool {
        matches!(self, MailState::Pending | MailState::Sending | MailState::Handed)
    }

    /// A person may have it sent again.
    pub const fn may_be_retried(self) -> bool {
        matches!(self, MailState::Dead | MailState::Uncertain | MailState::Cancelled)
    }

    /// A person may have it never sent.
    pub fn may_be_cancelled(self) -> bool {
        self.may_become().contains(&MailState::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for state in MailState::ALL {
            assert_eq!(MailState::of_key(state.key()), Some(*state));
        }
        assert_eq!((RunState::of_key("Held"), SlotState::of_key("")), (None, None));
        assert_eq!(format!("{:>6}|{:<6}|", SlotState::Open, RunState::Done), "  open|done  |");
    }
}
