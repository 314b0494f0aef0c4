//! How many persons a unit should have registered, as lists write it.

use super::text::{half_width, lossy, trim};

/// What is counted, after the number: `1280人`.
const COUNTED: [char; 6] = ['人', '户', '名', '套', '家', '间'];

/// A head count: digits of any width, in groups of three or not, with what is counted or without. Decimals that are zero
/// belong to the type of a column and are no persons; `None` for anything else.
pub fn head_count(value: &[u8]) -> Option<u64> {
    let text: String = lossy(trim(value)).chars().map(half_width).collect();
    let text = text.strip_suffix(COUNTED).unwrap_or(&text).trim_end();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let are_zero = decimals.bytes().all(|b| b == b'0');
    let groups: Vec<&str> = whole.split(',').collect();
    let is_number = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let are_groups = match &groups[..] {
        [_] => true,
        [first, others @ ..] => first.len() <= 3 && others.iter().all(|group| group.len() == 3),
        [] => false,
    };
    (are_zero && are_groups && groups.iter().all(is_number)).then(|| groups.concat().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_lists_write_them() {
        for (text, count) in [
            ("1280", 1_280),
            ("1280.00", 1_280),
            ("１２８０", 1_280),
            (" 1,280 ", 1_280),
            ("1，280", 1_280),
            ("12,345,678.0", 12_345_678),
            ("0", 0),
            ("1280人", 1_280),
            ("1,280 名", 1_280),
            ("３５户", 35),
        ] {
            assert_eq!(head_count(text.as_bytes()), Some(count), "{text}");
        }
        for text in
            ["", "1280.5", "12,80", "1,2800", ",280", "1280人人", "人", "-5", "1.2.0", "1,280,", "约1280"]
        {
            assert_eq!(head_count(text.as_bytes()), None, "{text}");
        }
    }
}
