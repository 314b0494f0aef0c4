//! What several areas need: servers, fonts, sample data.

pub mod archive;
pub mod browser;
pub mod certificates;
pub mod chromium;
pub mod defects;
pub mod documents;
pub mod exports;
pub mod figures;
pub mod law;
pub mod naive;
pub mod office;
pub mod own;
pub mod paragraphs;
pub mod process;
pub mod proxy;
pub mod raw_smtp;
pub mod registers;
pub mod servers;
pub mod setting;
pub mod site;
pub mod smtp;
pub mod trace;
