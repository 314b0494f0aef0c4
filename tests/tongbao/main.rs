//! One integration binary, by area. Laws come before examples.

mod architecture;
mod cli;
mod configuration;
mod crash;
mod daemon;
mod delivery;
mod documents;
mod laws;
mod outbox;
mod ranking;
mod schedule;
mod sources;
mod store;
mod support;
