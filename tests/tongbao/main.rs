//! One integration binary, by area. Laws come before examples.

// Tests stop where something is missing, and wait for other processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, unreachable_pub)]

mod acceptance_rounds;
mod architecture;
mod audit;
mod backup;
mod burst;
mod charts;
mod cli;
mod configuration;
mod crash;
mod daemon;
mod definitions;
mod delivery;
mod dependencies;
mod documents;
mod drop_folder;
mod endings;
mod engines;
mod faults;
mod fencing;
mod files;
mod fonts;
mod forms;
mod fuzz;
mod fuzz_files;
mod guides;
mod incremental;
mod init;
mod init_files;
mod init_sure;
mod language;
mod laws;
mod misfits;
mod numbers;
#[cfg(feature = "odbc")]
mod odbc;
mod office_exports;
mod operations;
mod outbox;
mod pages;
mod printed;
mod push_down;
mod ranking;
mod recipients;
mod replies;
mod rights;
mod rosters;
mod rounds;
mod schedule;
mod secrets;
mod security;
mod sources;
mod stopping;
mod store;
mod support;
mod templates;
mod terminal;
mod time;
mod tls;
mod trust;
mod units;
mod values;
mod word;
mod workbook;
