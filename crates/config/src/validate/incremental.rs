//! Checks the secret of incremental pulls.

use std::path::Path;

use super::Check;
use crate::raw::source::RawSource;
use crate::settings::Secret;

/// Shorter secrets could be guessed.
const LEAST_KEY: usize = 32;

/// The secret that hashes what incremental pulls keep. It must lie apart from the state, so that the
/// state alone says nothing.
pub(super) fn incremental_key(raw: &RawSource, state: &Path, check: &mut Check) -> Option<Secret> {
    const MAKE: &str = "make one, readable by this account alone: head -c 32 /dev/urandom | base64";
    let place = "source.incremental_key_file";
    let key = match (&raw.incremental_key, &raw.incremental_key_file) {
        (Some(key), None) => key.expose().to_owned(),
        (None, Some(file)) => {
            let file = check.secret_file(place, file);
            let inside =
                |file: &Path| Some(file.canonicalize().ok()?.starts_with(state.canonicalize().ok()?));
            if inside(file.path()) == Some(true) {
                check.fail(
                    place,
                    "is in the state folder, where it would open what it closes; move it elsewhere",
                );
                return None;
            }
            check.keep(place, file.read())?.expose().to_owned()
        }
        (Some(_), Some(_)) => {
            check.fail(place, "give incremental_key or incremental_key_file, not both");
            return None;
        }
        (None, None) => {
            let problem = "needs source.incremental_key_file, a file with a secret outside the state folder";
            check.fail("source.incremental", format!("{problem}; {MAKE}"));
            return None;
        }
    };
    if key.trim().len() < LEAST_KEY {
        check.fail(place, format!("the secret has fewer than {LEAST_KEY} characters; {MAKE}"));
        return None;
    }
    Some(Secret::new(key.trim()))
}
