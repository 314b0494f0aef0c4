//! Texts that may be broken into lines, on one line.

/// The lines of a text (ended by a line feed or U+2028) on one: words of letters, and a bracket of theirs, keep a blank
/// before them, Chinese needs none.
pub fn one_line(text: &str) -> String {
    let is_letter = |c: char| c.is_alphabetic() && c < '\u{2E80}';
    let mut out = String::with_capacity(text.len());
    for line in text.split(['\n', '\u{2028}']).map(str::trim) {
        let ends = [out.chars().next_back(), line.chars().next()];
        if !out.is_empty() && (line.starts_with('(') || ends.into_iter().flatten().any(is_letter)) {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_keep_a_blank_and_chinese_does_not() {
        for (lines, line) in [
            ("关于清理活动\n进度通报\n（6月6日至12日）", "关于清理活动进度通报（6月6日至12日）"),
            (
                "2016年\u{2028}清理活动\nRanking by register quality",
                "2016年清理活动 Ranking by register quality",
            ),
            ("Progress bulletin\n(6 June to 12 June)", "Progress bulletin (6 June to 12 June)"),
            ("Register quality of 荔湖村\n(6 June)", "Register quality of 荔湖村 (6 June)"),
            ("一行", "一行"),
            ("", ""),
        ] {
            assert_eq!(one_line(lines), line);
        }
    }
}
