//! Configuration: raw TOML is validated once into [`settings::Settings`].

pub mod settings;
