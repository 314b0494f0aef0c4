//! What a password must be. Length counts, composition does not (OWASP ASVS 5.0, 6.2): what is easily guessed is
//! refused by what it is.

/// Most characters: longer ones only cost time.
pub const LONGEST: usize = 128;

/// Passwords of twelve characters and more that are tried first, in small letters.
const FREQUENT: &str = include_str!("frequent.txt");

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPassword {
    /// Fewer characters than `console.password_min`.
    TooShort,
    /// More than [`LONGEST`] characters.
    TooLong,
    /// One of those that are tried first.
    Frequent,
    /// Few different characters, or a row of the keyboard or of numbers.
    Pattern,
    /// Little more than the name of the person, the office or the campaign.
    Name,
}

/// Refuses what is guessed first. `names` are those of the person, the office and the campaign.
pub fn check(password: &str, least: usize, names: &[&str]) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < least {
        return Err(WeakPassword::TooShort);
    }
    if length > LONGEST {
        return Err(WeakPassword::TooLong);
    }
    let plain: String = password.to_lowercase();
    if FREQUENT.lines().any(|frequent| frequent == plain) {
        return Err(WeakPassword::Frequent);
    }
    if is_pattern(&plain) {
        return Err(WeakPassword::Pattern);
    }
    // Without the name something has to be left that alone is worth guessing.
    let without = |name: &&str| plain.replace(&name.to_lowercase(), "").chars().count();
    let is_name =
        |name: &&str| name.chars().count() > 1 && without(name) != length && without(name) < least / 2;
    if names.iter().any(is_name) {
        return Err(WeakPassword::Name);
    }
    Ok(())
}

/// Few different characters, or steps that mostly repeat: `aaaaaaaaaaaa`, `123456789012`, `qwertyuiop[]`,
/// `abcabcabcabc`.
fn is_pattern(text: &str) -> bool {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let chars: Vec<char> = text.chars().collect();
    let mut different = chars.clone();
    different.sort_unstable();
    different.dedup();
    let is_step = |pair: &&[char]| {
        let [a, b] = pair else { return false };
        let distance = (*b as i64) - (*a as i64);
        let is_beside = |row: &&str| {
            let (from, to) = (row.find(*a), row.find(*b));
            from.zip(to).is_some_and(|(from, to)| from.abs_diff(to) == 1)
        };
        distance.abs() <= 1 || (*a == '9' && *b == '0') || ROWS.iter().any(is_beside)
    };
    let steps = chars.windows(2).filter(is_step).count();
    different.len() < 5 || steps * 4 >= (chars.len() - 1) * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused_by_what_it_is() {
        let names = ["wangxiaoming", "荔城街道办事处", "li"];
        for (password, expected) in [
            ("short pass", Err(WeakPassword::TooShort)),
            ("", Err(WeakPassword::TooShort)),
            ("password1234", Err(WeakPassword::Frequent)),
            ("Password1234", Err(WeakPassword::Frequent)),
            ("aaaaaaaaaaaaaaa", Err(WeakPassword::Pattern)),
            ("123456789012", Err(WeakPassword::Pattern)),
            ("qwertyuiopas", Err(WeakPassword::Pattern)),
            ("abababababab", Err(WeakPassword::Pattern)),
            ("wangxiaoming1", Err(WeakPassword::Name)),
            ("荔城街道办事处12345", Err(WeakPassword::Name)),
            ("four plain words here", Ok(())),
            ("荔枝红了我们一起去摘吧好吗", Ok(())),
            ("x9#kd8!mwq2z", Ok(())),
            ("    spaces are fine too   ", Ok(())),
            ("wangxiaoming likes litchi", Ok(())),
        ] {
            assert_eq!(check(password, 12, &names), expected, "{password}");
        }
        assert_eq!(check(&"ab c".repeat(33), 12, &[]), Err(WeakPassword::TooLong));
        assert!(FREQUENT.lines().all(|line| line.chars().count() >= 12 && line == line.to_lowercase()));
    }
}
