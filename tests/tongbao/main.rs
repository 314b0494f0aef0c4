//! One integration binary, by area. Laws come before examples.

mod architecture;
mod backup;
mod cli;
mod configuration;
mod delivery;
mod documents;
mod laws;
mod operations;
mod ranking;
mod schedule;
mod sources;
mod store;
mod support;
