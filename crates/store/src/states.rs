//! The states of runs, slots, mails and requests: how they stand in the database and in JSON, and which may follow
//! which. docs/operations.md lists the same transitions for people.

use sqlx::AssertSqlSafe;

use super::stored_words::{Word, listed, stored};

/// A change of state that is allowed, as statements make it.
#[derive(Debug, Clone, Copy)]
pub(super) struct StateChange<S: 'static> {
    from: &'static [S],
    to: S,
}

impl<S: Word> StateChange<S> {
    /// A statement in which `{to}` sets the new state and `{from}` demands one of those before it.
    pub(super) fn sql(&self, statement: &str) -> AssertSqlSafe<String> {
        let to = format!("state = '{}'", self.to.word());
        let from = format!("state IN ({})", listed(self.from));
        AssertSqlSafe(statement.replace("{to}", &to).replace("{from}", &from))
    }
}

/// Changes of state by [`StateChange`]. As constants, those that `may_become` does not have do not compile.
macro_rules! changes {
    ($($name:ident)+) => {$(
        impl $name {
            /// The change to this state from one of some others.
            pub(super) const fn after(self, from: &'static [$name]) -> StateChange<$name> {
                let mut i = 0;
                while i < from.len() {
                    assert!(from[i].may_change_to(self), "no state may become this one");
                    i += 1;
                }
                StateChange { from, to: self }
            }

            const fn may_change_to(self, to: $name) -> bool {
                let next = self.may_become();
                let mut i = 0;
                while i < next.len() {
                    if next[i] as u8 == to as u8 {
                        return true;
                    }
                    i += 1;
                }
                false
            }
        }
    )+};
}

changes! { RunState SlotState MailState RequestState }

stored! {
    /// Whether a run 期次 may be circulated.
    RunState {
        /// Released as it was made.
        Done = "done",
        /// Waits for a person.
        Held = "held",
        /// Released by a person.
        Approved = "approved",
        /// Refused by a person; its document is never circulated.
        Rejected = "rejected",
    }
}

stored! {
    /// Whether a due time has its run.
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
        /// Waits to be sent, or to be tried again.
        Pending = "pending",
        /// Claimed by one sender; nothing of its text has left.
        Sending = "sending",
        /// Its text goes out, and the answer is not on record yet.
        Handed = "handed",
        /// The server took it.
        Sent = "sent",
        /// Given up: refused for good, or its time ran out.
        Dead = "dead",
        /// It may have left.
        Uncertain = "uncertain",
        /// Taken out of the queue by a person.
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
        /// Waits for the daemon.
        Asked = "asked",
        /// The daemon makes its run.
        Running = "running",
        /// Its run is on record.
        Done = "done",
        /// No run came of it; the reason is on record.
        Failed = "failed",
        /// Taken back by a person before the daemon began.
        Withdrawn = "withdrawn",
    }
}

impl RunState {
    /// Those of documents that may be circulated.
    pub const RELEASED: &'static [RunState] = &[RunState::Done, RunState::Approved];

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
    /// What may follow. What a wrong clock has closed is open again once it is right.
    pub const fn may_become(self) -> &'static [SlotState] {
        match self {
            SlotState::Open => &[SlotState::Filled, SlotState::Skipped, SlotState::Expired],
            SlotState::Skipped | SlotState::Expired => &[SlotState::Open],
            SlotState::Filled => &[],
        }
    }
}

impl RequestState {
    /// What may follow.
    pub const fn may_become(self) -> &'static [RequestState] {
        match self {
            RequestState::Asked => &[RequestState::Running, RequestState::Failed, RequestState::Withdrawn],
            RequestState::Running => &[RequestState::Done, RequestState::Failed],
            RequestState::Done | RequestState::Failed | RequestState::Withdrawn => &[],
        }
    }
}

impl MailState {
    /// Those of mails that have not left, and will without anyone's help.
    pub const WAITING: &'static [MailState] = &[MailState::Pending, MailState::Sending, MailState::Handed];

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
    fn statements_name_the_states_before_and_after() {
        const CHANGE: StateChange<MailState> =
            MailState::Dead.after(&[MailState::Pending, MailState::Handed]);
        let sql = CHANGE.sql("UPDATE outbox SET {to} WHERE id = ? AND {from}");
        assert_eq!(sql.0, "UPDATE outbox SET state = 'dead' WHERE id = ? AND state IN ('pending', 'handed')");
    }

    #[test]
    fn words_are_read_back() {
        for state in MailState::ALL {
            assert_eq!(MailState::of_key(state.key()), Some(*state));
        }
        assert_eq!((RunState::of_key("Held"), SlotState::of_key("")), (None, None));
        assert_eq!(format!("{:>6}|{:<6}|", SlotState::Open, RunState::Done), "  open|done  |");
    }
}
