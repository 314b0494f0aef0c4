//! One integration binary, by area. Laws come before examples.

mod architecture;
mod backup;
mod burst;
mod charts;
mod cli;
mod configuration;
mod crash;
mod daemon;
mod delivery;
mod documents;
mod faults;
mod fonts;
mod incremental;
mod laws;
mod operations;
mod outbox;
mod pages;
mod push_down;
mod ranking;
mod schedule;
mod sources;
mod store;
mod support;
mod templates;
mod tls;
mod workbook;
