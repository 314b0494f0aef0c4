//! Tongbao (通报): a scheduled batch reporting and ranking engine for register campaigns.
//!
//! # The data flow
//!
//! A rate is two counts until it is printed, and counts add up. So a register of any size is first
//! reduced to *tallies*, additive counts per (unit, registration day), and everything a reader sees
//! is a pure function of tallies and settings:
//!
//! ```text
//! source -> record batches -> tallies -> rates -> scores and ranking -> document -> PDF / DOCX / XLSX / HTML -> outbox -> SMTP
//!    (effect)                 (pure ........................................)   (pure bytes)         (effect)
//! ```
//!
//! [`pipeline`] tells these steps in order. The crates are either wholly pure or wholly effectful, and this one
//! gives them under one name:
//!
//! | folder | kind | what it knows |
//! |---|---|---|
//! | [`register`] | pure | units, the nine fields, record batches, ID numbers (GB 11643) |
//! | [`rule`] | pure | the language of definitions: own fields, code lists and relations |
//! | [`indicator`] | pure | the definitions: coverage, completeness, accuracy; tallies and rates |
//! | [`ranking`] | pure | score, rank, movement, acceptance |
//! | [`schedule`] | pure | slots, catch-up, reporting periods |
//! | [`report`] | pure | what each document says; the only place that rounds and words numbers |
//! | [`access`] | pure | roles, rights and limits of the web console |
//! | [`inference`] | pure | what the tables and columns of an unknown database seem to be |
//! | [`layout`] | pure | line breaking (GB/T 15834), the official page (GB/T 9704): boxes in mm |
//! | [`wordprocessing`] | pure | the same document as WordprocessingML, for Word and WPS |
//! | [`config`] | effect at the edge | raw TOML to validated settings |
//! | [`source`] | effect | databases: read only, one snapshot, streamed in batches |
//! | [`store`] | effect | runs, tallies and outbox in SQLite |
//! | [`render`] | effect | templates, fonts, PDF, DOCX and workbook bytes |
//! | [`delivery`] | effect | messages and their transport |
//! | [`console`] | effect | the web console: pages over the store |
//! | [`web_server`] | effect | the accept loop of the web servers, with its limits |
//! | [`daemon`], [`cli`] | effect | what wakes the pipeline |
//!
//! # Invariants
//!
//! * Merging the tallies of any split of the register gives the tallies of the whole.
//! * Counts are integers and scores exact rationals until [`report::wording`] prints them.
//! * The wall clock is read in [`clock`] alone, once per run.
//! * Totals leave the program; names and ID numbers do not.

pub use tongbao_base::{access, digest, harmless, one_line, schedule};
pub use tongbao_config as config;
pub use tongbao_delivery as delivery;
pub use tongbao_figures::{indicator, inference, ranking};
pub use tongbao_host::{
    account, clock, fault, memory, password, random, second_factor, tls, whole_file, work,
};
pub use tongbao_register as register;
pub use tongbao_render as render;
pub use tongbao_report::{layout, report, wordprocessing};
pub use tongbao_rule as rule;
pub use tongbao_source as source;
pub use tongbao_store as store;

pub mod cli;
pub mod console;
pub mod daemon;
pub mod pipeline;
pub mod web_server;

tongbao_message::catalogue!();
