//! One integration binary, by area. Laws come before examples.

// Tests stop where something is missing, and wait for other processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, unreachable_pub)]

mod architecture;
mod audit;
mod backup;
mod burst;
mod charts;
mod cli;
mod configuration;
mod crash;
mod daemon;
mod delivery;
mod dependencies;
mod documents;
mod drop_folder;
mod faults;
mod files;
mod fonts;
mod forms;
mod fuzz;
mod fuzz_files;
mod guides;
mod incremental;
mod init;
mod init_files;
mod language;
mod laws;
mod misfits;
mod numbers;
#[cfg(feature = "odbc")]
mod odbc;
mod operations;
mod outbox;
mod pages;
mod printed;
mod push_down;
mod ranking;
mod rosters;
mod schedule;
mod security;
mod sources;
mod store;
mod support;
mod templates;
mod tls;
mod units;
mod workbook;
