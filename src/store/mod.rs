//! Runs, tallies and outbox in SQLite.
