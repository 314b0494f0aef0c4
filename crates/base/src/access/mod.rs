//! Who may do what in the console: pure rules, decided from what is given.

pub mod lifetime;
pub mod name;
pub mod password;
pub mod right;
pub mod role;
pub mod throttle;
