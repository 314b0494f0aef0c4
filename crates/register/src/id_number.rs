//! Citizen ID numbers, GB 11643-1999: normalization, check character, and what a number says.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::date::{DateNumber, date_exists};
use super::text::{is_trimmed_char, lossy};

/// Weights of the first 17 digits (GB 11643-1999, clause 6).
pub const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check character by the weighted sum modulo 11.
pub const CHECKS: &[u8; 11] = b"10X98765432";
/// Years that a birth date inside a number can have.
pub const YEARS: RangeInclusive<u32> = 1800..=2199;

/// The sex coded in the 17th digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// An odd digit.
    Male,
    /// An even digit.
    Female,
}

/// A well-formed 18-character number: right check character, existing birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CitizenId {
    /// The first 17 digits as one number; the check character follows from them.
    packed: u64,
}

/// Whom a well-formed number belongs to, as far as it decides which relations apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Holder of a resident identity card; digits 1–6 are a county code.
    Citizen,
    /// Residence permit of Hong Kong, Macau or Taiwan (810000, 820000, 830000).
    ResidencePermit,
    /// Foreign permanent resident (9…, form from 2023-12-01).
    ForeignResident,
}

/// What an ID number field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A number with the right check character and a birth date that the calendar has.
    WellFormed(CitizenId),
    /// Meant to be a citizen ID number, but damaged or invented.
    Malformed,
    /// A passport, travel permit or older residence card: the ID relations do not apply.
    OtherDocument,
}

impl Holder {
    /// Of a number with these first six digits.
    pub fn of_division(division: u32) -> Holder {
        match division {
            810_000 | 820_000 | 830_000 => Holder::ResidencePermit,
            900_000.. => Holder::ForeignResident,
            _ => Holder::Citizen,
        }
    }
}

impl CitizenId {
    /// Reads a normalized number of 15 or 18 characters. `None` if it is malformed.
    #[inline]
    pub fn parse(normalized: &[u8]) -> Option<CitizenId> {
        if let Ok(whole) = normalized.try_into() {
            return CitizenId::parse_18(whole);
        }
        if normalized.len() == 15 { CitizenId::parse_15(normalized) } else { None }
    }

    /// The loops have no way out in the middle, so that the compiler can run them side by side.
    fn parse_18(bytes: &[u8; 18]) -> Option<CitizenId> {
        let mut digits = [0u8; 17];
        let mut all_digits = true;
        for (digit, byte) in digits.iter_mut().zip(bytes) {
            *digit = byte.wrapping_sub(b'0');
            all_digits &= *digit <= 9;
        }
        if !all_digits {
            return None;
        }
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        if CHECKS[(sum % 11) as usize] != bytes[17] {
            return None;
        }
        let number = |digits: &[u8]| digits.iter().fold(0u64, |n, digit| n * 10 + u64::from(*digit));
        let id = CitizenId { packed: number(&digits[..9]) * 100_000_000 + number(&digits[9..]) };
        id.date_exists().then_some(id)
    }

    /// The 15-digit form is up-converted: 19 after digit 6, or 18 where the sequence is 996–999.
    fn parse_15(bytes: &[u8]) -> Option<CitizenId> {
        if !bytes.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = bytes.iter().fold(0u64, |n, byte| n * 10 + u64::from(byte - b'0'));
        let century = if number % 1000 >= 996 { 18 } else { 19 };
        let packed = (number / 1_000_000_000 * 100 + century) * 1_000_000_000 + number % 1_000_000_000;
        let id = CitizenId { packed };
        id.date_exists().then_some(id)
    }

    /// The 17 digits as one number below 10^17, unique to the person.
    pub fn packed(self) -> u64 {
        self.packed
    }

    /// The birth date inside the number.
    pub fn birth_date(self) -> Option<Date> {
        let number = self.birth_number();
        Date::new((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8).ok()
    }

    /// Odd 17th digit = male.
    pub fn sex(self) -> Sex {
        if self.packed % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The six digits of the division at first assignment.
    pub fn division(self) -> u32 {
        (self.packed / 100_000_000_000) as u32
    }

    /// Read from the first six digits.
    pub fn holder(self) -> Holder {
        Holder::of_division(self.division())
    }

    /// The 18 characters.
    pub fn text(self) -> String {
        let digits = format!("{:017}", self.packed);
        let sum: u32 =
            digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        format!("{digits}{}", char::from(CHECKS[(sum % 11) as usize]))
    }

    /// The birth date inside the number, as `YYYYMMDD`.
    pub fn birth_number(self) -> DateNumber {
        (self.packed / 1000 % 100_000_000) as DateNumber
    }

    fn date_exists(self) -> bool {
        let number = self.birth_number();
        YEARS.contains(&(number / 10_000)) && date_exists(number)
    }
}

/// Brings a number to its normal form: full-width digits and letters to ASCII, letters to upper
/// case, the look-alikes of `X` to `X`; blanks, hyphens, characters that cannot be seen, and the marks
/// with which a cell is kept from becoming a number (`'…`, `="…"`) removed; an `X` in brackets is one without. The letter O
/// stays a letter.
#[inline]
pub fn normalize(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Cow::Borrowed(raw);
    }
    let text: String = lossy(raw).chars().filter_map(normal_char).collect();
    Cow::Owned(text.replace(BRACKETED_X, "X").into_bytes())
}

/// An `X` as people write it who are not sure that others see it. No document has an X in brackets: those of Hong Kong and
/// Macau have a digit or an A.
pub const BRACKETED_X: &str = "(X)";

/// What a character of a number becomes; `None` = it is left out.
pub fn normal_char(c: char) -> Option<char> {
    match c {
        'x' | 'Ⅹ' | 'ⅹ' | 'Х' | 'х' | 'Χ' | 'χ' | 'Ｘ' | 'ｘ' => Some('X'),
        // What a final X is on old cards; a mask of several stays one.
        '*' | '＊' => Some('X'),
        '×' | '✕' | '✖' | '╳' | '⨯' | '☓' => Some('X'),
        '（' => Some('('),
        '）' => Some(')'),
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xFEE0).map(|ascii| ascii.to_ascii_uppercase())
        }
        '-' | '－' | '‐' | '‑' | '‒' | '–' | '—' | '−' => None,
        _ if is_trimmed_char(c) => None,
        _ => Some(c.to_ascii_uppercase()),
    }
}

/// Reads a normalized, non-blank number. `citizen_document` says what the document type column
/// claims: `Some(false)` a passport or permit, `Some(true)` an ID card, `None` nothing.
pub fn read(normalized: &[u8], citizen_document: Option<bool>) -> Reading {
    if let Some(id) = CitizenId::parse(normalized) {
        return Reading::WellFormed(id);
    }
    match citizen_document {
        Some(true) => Reading::Malformed,
        Some(false) => Reading::OtherDocument,
        None if looks_like_other_document(normalized) => Reading::OtherDocument,
        None => Reading::Malformed,
    }
}

/// Whether a malformed number has lost digits in a spreadsheet, which keeps 15: the last three are zeros or gone, or
/// the number has become a power of ten (`4.40118E+17`). Nobody can give them back.
pub fn is_cut_by_spreadsheet(normalized: &[u8]) -> bool {
    let all_digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    if let [digits @ .., b'0', b'0', b'0'] = normalized
        && digits.len() == 15
        && all_digits(digits)
    {
        return true;
    }
    if normalized.len() == 15 && all_digits(normalized) && has_long_date(normalized) {
        return true;
    }
    let Some(at) = normalized.iter().position(|b| *b == b'E') else { return false };
    let (mantissa, power) = (&normalized[..at], &normalized[at + 1..]);
    let is_mantissa = match mantissa {
        [first] => first.is_ascii_digit(),
        [first, b'.', rest @ ..] => first.is_ascii_digit() && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    is_mantissa && all_digits(power.strip_prefix(b"+").unwrap_or(power))
}

/// Whether a program has taken digits from a malformed number: a spreadsheet has cut it, or it is masked with `*` or `X`.
/// Such a number says nothing of the register's quality.
pub fn is_spoilt(normalized: &[u8]) -> bool {
    is_cut_by_spreadsheet(normalized) || normalized.windows(2).any(|pair| pair == MASK.as_bytes())
}

/// Whether a normalized, non-blank number is meant to be a citizen's and is damaged or invented, as far as the number alone says.
pub fn is_malformed(normalized: &[u8]) -> bool {
    read(normalized, None) == Reading::Malformed
}

/// What a mask leaves in a normalized number, in which `*` is an X.
pub const MASK: &str = "XX";

/// Whether digits 7 to 14 may be a birth date of the last two centuries, which the 15-digit form writes in six.
fn has_long_date(digits: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        digits[range].iter().fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0'))
    };
    matches!(number(6..8), 19 | 20)
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14))
}

/// Why a number is malformed, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// See [`is_spoilt`].
    Spoilt,
    /// Neither 15 nor 18 characters.
    Length,
    /// A character that is no digit, other than a final `X`.
    Letters,
    /// The birth date inside is not in the calendar.
    Date,
    /// The last character is not the check character of the other 17.
    Check,
}

impl Fault {
    /// What is wrong with a normalized number that is malformed.
    pub fn of(normalized: &[u8]) -> Fault {
        if is_spoilt(normalized) {
            return Fault::Spoilt;
        }
        let digits = normalized.len().min(17);
        match normalized.len() {
            15 | 18 if !normalized[..digits].iter().all(u8::is_ascii_digit) => Fault::Letters,
            15 => Fault::Date,
            18 => match CHECKS.iter().any(|check| {
                let mut other = normalized.to_vec();
                other[17] = *check;
                CitizenId::parse(&other).is_some()
            }) {
                true => Fault::Check,
                false => Fault::Date,
            },
            _ => Fault::Length,
        }
    }
}

/// Shapes of other documents: one or two letters and 7 to 10 digits (passports, 回乡证, 台胞证 with
/// a letter), three letters and 12 digits (older card of foreign permanent residents), or a digit in
/// brackets after six or seven (cards of Hong Kong and Macau: `A123456(7)`). Pure digits are always
/// taken for a damaged ID number, so that damage gains nothing.
fn looks_like_other_document(number: &[u8]) -> bool {
    if let [front @ .., b'(', b'0'..=b'9' | b'A', b')'] = number {
        let letters = front.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let digits = &front[letters..];
        let fits = matches!((letters, digits.len()), (1 | 2, 6) | (0, 7));
        return fits && digits.iter().all(u8::is_ascii_digit);
    }
    let letters = number.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let digits = &number[letters..];
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match letters {
        1 | 2 => (7..=10).contains(&digits.len()),
        3 => digits.len() == 12,
        _ => false,
    }
}

/// Document types that name a citizen ID card or what stands for it: 居民身份证 and its temporary
/// form, the household book (GA/T 517 codes 111 to 113).
pub const CITIZEN_DOCUMENTS: [&str; 9] =
    ["居民身份证", "111", "112", "临时居民身份证", "身份证", "公民身份证", "二代身份证", "户口簿", "113"];

/// Whether a trimmed document type names a citizen's document. `None` where the type is blank.
pub fn is_citizen_document(document_type: &[u8]) -> Option<bool> {
    let named = CITIZEN_DOCUMENTS.iter().any(|name| name.as_bytes() == document_type);
    (!document_type.is_empty()).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<CitizenId> {
        CitizenId::parse(&normalize(text.as_bytes()))
    }

    #[test]
    fn reads_the_test_vectors() {
        let vectors = [
            ("44011819000101000X", Sex::Female, Holder::Citizen, (1900, 1, 1)),
            ("440183198402290018", Sex::Male, Holder::Citizen, (1984, 2, 29)),
            ("440125194910010025", Sex::Female, Holder::Citizen, (1949, 10, 1)),
            ("440118200101010011", Sex::Male, Holder::Citizen, (2001, 1, 1)),
            ("440118200101010070", Sex::Male, Holder::Citizen, (2001, 1, 1)),
            ("810000199901010014", Sex::Male, Holder::ResidencePermit, (1999, 1, 1)),
            ("944840199912310028", Sex::Female, Holder::ForeignResident, (1999, 12, 31)),
        ];
        for (text, sex, holder, (y, m, d)) in vectors {
            let number = id(text).unwrap_or_else(|| panic!("{text} is well formed"));
            assert_eq!((number.sex(), number.holder()), (sex, holder), "{text}");
            assert_eq!(number.birth_date(), Date::new(y, m, d).ok(), "{text}");
            assert_eq!(number.text(), text);
        }
    }

    #[test]
    fn refuses_wrong_checks_and_dates_that_do_not_exist() {
        for text in ["440118190001010001", "440118199902290011", "4.40118E+17", "44011819000101000O", ""] {
            assert_eq!(id(text), None, "{text}");
        }
    }

    #[test]
    fn converts_the_old_form() {
        assert_eq!(id("440125491001001"), id("440125194910010017"));
        assert_eq!(id("440125991001997").and_then(|n| n.birth_date()), Date::new(1899, 10, 1).ok());
    }

    #[test]
    fn normalizes_what_people_type() {
        let plain = id("44011819000101000X");
        for text in [
            "４４０１１８１９０００１０１０００Ｘ",
            " 440118 19000101 000x ",
            "440118-19000101-000Х",
            "44011819000101000Ⅹ",
            "44011819000101000×",
            "44011819000101000*",
            "44011819000101000＊",
            "'44011819000101000X",
            "=\"44011819000101000X\"",
            "\u{202D}44011819000101000X\u{202C}",
            "\u{FEFF}440118\u{2060}19000101000X",
            "\t44011819000101000X",
        ] {
            assert_eq!(id(text), plain, "{text}");
        }
    }

    #[test]
    fn tells_other_documents_from_damage() {
        for (text, typed, expected) in [
            ("E12345678", None, Reading::OtherDocument),
            ("H1234567890", None, Reading::OtherDocument),
            ("ABC440112345678", None, Reading::OtherDocument),
            ("12345678", None, Reading::Malformed),
            ("12345678", Some(false), Reading::OtherDocument),
            ("E12345678", Some(true), Reading::Malformed),
            ("4.40118E+17", None, Reading::Malformed),
            ("A123456(7)", None, Reading::OtherDocument),
            ("1234567(8)", None, Reading::OtherDocument),
            ("12345(6)", None, Reading::Malformed),
        ] {
            assert_eq!(read(text.as_bytes(), typed), expected, "{text}");
        }
    }

    #[test]
    fn faults_are_told_apart() {
        for (text, fault) in [
            ("4.40118E+17", Fault::Spoilt),
            ("4E17", Fault::Spoilt),
            ("4.4e+017", Fault::Spoilt),
            ("440118199001050000", Fault::Spoilt),
            ("4401181990****0010", Fault::Spoilt),
            ("44011819900105×××X", Fault::Spoilt),
            ("44011819900105001*", Fault::Check),
            ("440118199001050", Fault::Spoilt),
            ("440118991301001", Fault::Date),
            ("44011819900105001", Fault::Length),
            ("4401181990O1010019", Fault::Letters),
            ("440118199902290011", Fault::Date),
            ("440118190001010001", Fault::Check),
        ] {
            let normal = normalize(text.as_bytes());
            assert_eq!(CitizenId::parse(&normal), None, "{text}");
            assert_eq!(Fault::of(&normal), fault, "{text}");
        }
        for text in ["E12345678", "44E1", "1.2.3E+4", "E+5", "4E+"] {
            assert!(!is_cut_by_spreadsheet(text.as_bytes()), "{text}");
        }
    }
}
