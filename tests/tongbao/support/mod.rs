//! What several areas need: servers, fonts, sample data.

pub mod smtp;
