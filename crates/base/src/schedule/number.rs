//! A number in a series that is counted on: of a 公文, or of an issue 期 of a 简报.

/// A number as it is printed, with its place in the register of numbers 文号登记.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The whole number as it is printed: `荔街〔2016〕52号`, `第3期`.
    pub text: String,
    /// What the number counts in: a prefix and a year, or a report and, where its issues start again each
    /// year, the year. A serial is given once within it.
    pub scope: String,
    /// Counts from 1 within the scope.
    pub serial: u32,
}
