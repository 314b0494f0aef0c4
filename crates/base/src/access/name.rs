//! Names of accounts.

use tongbao_message::{Message, message};

/// Most characters of a name.
const LONGEST: usize = 40;

/// A name as it is kept, or why it is none: letters of any script, digits and `._-`, so that it can stand in a log,
/// a form and the audit chain (`console/NAME`) without being taken for anything else.
pub fn account_name(text: &str) -> Result<String, Message> {
    let name = text.trim();
    match name.chars().count() {
        0 => return Err(message!("a-name-is-needed")),
        1..=LONGEST => {}
        _ => return Err(message!("a-name-has-characters-at-most")),
    }
    if !name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)) {
        return Err(message!("a-name-has-letters-digits-and"));
    }
    Ok(name.to_owned())
}

/// Begins the names of people whom a proxy signs in: no account with a password of its own has a colon.
const PROXY: &str = "proxy:";

/// The account of somebody whom a proxy has signed in, or why the name is none.
pub fn proxy_name(text: &str) -> Result<String, Message> {
    account_name(text).map(|name| format!("{PROXY}{name}"))
}

/// Whether an account is that of somebody whom a proxy signs in.
pub fn is_of_proxy(name: &str) -> bool {
    name.starts_with(PROXY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_means_something_else() {
        assert_eq!(account_name(" 王晓明 ").unwrap(), "王晓明");
        assert_eq!(account_name("li.si-2").unwrap(), "li.si-2");
        for odd in ["", "a/b", "proxy:wang", "a b", "a\nb", "a\u{1b}[31m", "<img>", &"长".repeat(41)] {
            assert!(account_name(odd).is_err(), "{odd:?}");
            assert!(proxy_name(odd).is_err(), "{odd:?}");
        }
        assert_eq!(proxy_name("wang").unwrap(), "proxy:wang");
        assert!(proxy_name("(null)").is_err() && is_of_proxy("proxy:wang") && !is_of_proxy("wang"));
    }
}
