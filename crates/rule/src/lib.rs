//! The language of definitions: fields, code lists and logical relations (逻辑关系) as data.
//!
//! A relation is written as clauses, one line each, and decided in stages: `when` says which records it
//! judges, `if` is its premise, `check` (or one of several `cases`) must hold. Every value has one of four
//! states (missing, invalid, foreign, known), every relation one of four outcomes (not applicable, missing,
//! fail, pass). The built-in fields and relations are the embedded preset [`POPULATION`], written in the
//! same language.

pub mod check;
pub mod consistency;
pub mod definitions;
pub mod ethics;
pub mod evaluate;
pub mod explain;
pub mod form;
pub mod kernel;
mod keywords;
mod lexer;
pub mod parse;
pub mod placeholders;
mod print;
pub mod sets;
pub mod tree;
mod typing;
pub mod value;
pub mod words;

tongbao_message::catalogue!();

/// Fields, lists and relations of a register of persons, as the built-in figures count them.
pub const POPULATION: &str = include_str!("presets/population.toml");

/// Definitions of registers that list something else than persons, by name. `init` writes them into the
/// configuration, where they are the office's own from then on.
pub const PRESETS: [(&str, &str); 3] = [
    ("house", include_str!("presets/house.toml")),
    ("enterprise", include_str!("presets/enterprise.toml")),
    ("household", include_str!("presets/household.toml")),
];
