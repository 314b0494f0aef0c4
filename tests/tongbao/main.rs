//! One integration binary, by area. Laws come before examples.

mod architecture;
mod cli;
mod configuration;
mod delivery;
mod documents;
mod fonts;
mod laws;
mod pages;
mod ranking;
mod schedule;
mod sources;
mod store;
mod support;
