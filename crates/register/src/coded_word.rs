//! Words with the code that they stand for beside them.

/// Marks between a code and the word that it stands for.
pub const CODE_MARKS: [char; 8] = [' ', '.', '_', '|', ':', '：', '、', '-'];

/// A word without its code of one or two digits before or after it: `08 壮族`, `壮族(08)`.
pub fn word_beside_code(text: &str) -> &str {
    let is_code = |digits: usize| (1..=2).contains(&digits);
    let word = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let word = match is_code(text.len() - word.len()) {
        true => word.trim_start_matches(CODE_MARKS),
        false => text,
    };
    let open = word.strip_suffix([')', '）']).unwrap_or(word);
    let before = open.trim_end_matches(|c: char| c.is_ascii_digit());
    match is_code(open.len() - before.len()) {
        true => before.strip_suffix(['(', '（']).unwrap_or(before),
        false => word,
    }
}

/// Whether nothing of a code is left beside a word.
pub fn is_word_alone(word: &str) -> bool {
    !word.contains(|c: char| c.is_ascii_digit() || "()（）".contains(c))
}
