//! Unified social credit codes 统一社会信用代码, GB 32100-2015: 18 characters, the last one a check.

use super::id_number::normalize;

/// The characters of a code by their value; I, O, S, V and Z are none of them.
pub const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of the first 17 characters: powers of 3 modulo 31.
pub const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// A code with the right check character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditCode([u8; 18]);

impl CreditCode {
    /// Reads a code as it is typed; `None` where it is none.
    pub fn parse(raw: &[u8]) -> Option<CreditCode> {
        let code: [u8; 18] = normalize(raw).as_ref().try_into().ok()?;
        let value = |byte: &u8| CHARACTERS.iter().position(|known| known == byte);
        let values: Vec<usize> = code.iter().map(value).collect::<Option<_>>()?;
        let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| *value as u32 * weight).sum();
        let has_division = code[2..8].iter().all(u8::is_ascii_digit);
        (has_division && values[17] as u32 == (31 - sum % 31) % 31).then_some(CreditCode(code))
    }

    /// The 18 characters.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Characters 3 to 8: the division of the registering office.
    pub fn division(&self) -> u32 {
        self.0[2..8].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_decides() {
        // Codes that large companies print in their reports.
        for text in ["91350100M000100Y43", "91440300708461136T", " 9144 0300-708461136t "] {
            assert!(CreditCode::parse(text.as_bytes()).is_some(), "{text}");
        }
        let code = CreditCode::parse(b"91440300708461136T").unwrap();
        assert_eq!((code.division(), code.text()), (440_300, "91440300708461136T"));
        for text in
            ["91440300708461136X", "9144030070846113T6", "91440300708461136", "I1440300708461136T", ""]
        {
            assert_eq!(CreditCode::parse(text.as_bytes()), None, "{text}");
        }
    }
}
