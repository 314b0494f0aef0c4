//! Blanks that no line ends in, because they hold a number to its word: "No. 1", "23 May 2016", "12 records".

/// What stands before its number.
const LABELS: [&str; 13] = [
    "no.", "nos.", "annex", "annexes", "table", "chart", "page", "round", "level", "place", "run", "unit",
    "gb",
];

/// After a number these begin the next phrase; other words say what it counts.
const NEXT_PHRASE: [&str; 39] = [
    "a", "after", "against", "all", "an", "and", "are", "as", "at", "be", "before", "by", "for", "from",
    "had", "has", "have", "in", "is", "it", "its", "now", "of", "on", "or", "still", "than", "that", "the",
    "to", "under", "until", "up", "was", "were", "which", "who", "will", "with",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Of each character, whether it is such a blank.
pub fn bound_blanks(text: &[char]) -> Vec<bool> {
    let mut bound = vec![false; text.len()];
    if !text.iter().any(char::is_ascii_digit) {
        return bound;
    }
    let blanks: Vec<usize> = (0..text.len()).filter(|i| text[*i] == ' ').collect();
    let word = |from: usize, to: usize| text[from..to].iter().collect::<String>();
    // Whether the word before the next blank is held to the one before it: "annex 1 and" is no unit.
    let mut is_held = false;
    for (i, at) in blanks.iter().enumerate() {
        let from = i.checked_sub(1).map_or(0, |i| blanks[i] + 1);
        let to = blanks.get(i + 1).copied().unwrap_or(text.len());
        let holds = holds(&word(from, *at), &word(at + 1, to), is_held);
        (bound[*at], is_held) = (holds, holds);
    }
    bound
}

/// The text with those blanks as no-break spaces, for programs that break the lines themselves.
pub fn with_no_break(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let bound = bound_blanks(&chars);
    chars.into_iter().zip(bound).map(|(c, is_bound)| if is_bound { '\u{a0}' } else { c }).collect()
}

/// Whether two words stay on one line; `is_held` says whether the first is held to the word before it.
fn holds(before: &str, after: &str, is_held: bool) -> bool {
    let before = before.trim_start_matches(['(', '[', '"', '\u{201c}']);
    let next = after.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_month = MONTHS.contains(&next);
    if after.starts_with(|c: char| c.is_ascii_digit()) {
        let label = before.to_ascii_lowercase();
        return LABELS.contains(&label.as_str())
            || MONTHS.contains(&before)
            || before.ends_with(|c: char| c.is_alphabetic() && !c.is_ascii());
    }
    let is_number = before.ends_with(|c: char| c.is_ascii_digit())
        && before.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-'));
    let is_counted = after.starts_with(|c: char| c.is_ascii_lowercase()) && !NEXT_PHRASE.contains(&next);
    // "No. 3 雁塔社区": a rank stays with the name.
    let is_name = after.starts_with(|c: char| c.is_alphabetic() && !c.is_ascii());
    is_number && (is_month || is_name && is_held || is_counted && !is_held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_held_to_their_words_and_no_others() {
        for (text, bound) in [
            ("see annex 1 and check", "see annex_1 and check"),
            ("No. 1 of 37 units (No. 2)", "No._1 of 37_units (No._2)"),
            ("as at 23 May 2016 is reported", "as at 23_May_2016 is reported"),
            ("13 June to 19 June; 3407 records", "13_June to 19_June; 3407_records"),
            ("up 26.78 percentage points. 100% against", "up 26.78_percentage points. 100% against"),
            ("there are 8056 in all, 12 persons.", "there are 8056 in all, 12_persons."),
            ("雁塔社区 12, 太平村 9", "雁塔社区_12, 太平村_9"),
            ("No. 3 雁塔社区 (87)", "No._3_雁塔社区 (87)"),
            ("GB 11643, after 15 digits", "GB_11643, after 15_digits"),
            ("截至6月12日，登记12 345条", "截至6月12日，登记12 345条"),
        ] {
            let plain = bound.replace('_', " ");
            assert_eq!(with_no_break(&plain).replace('\u{a0}', "_"), bound);
            assert_eq!(plain, text);
        }
    }
}
