//! Checks the secret of incremental pulls.

use std::path::Path;
use tongbao_message::{Message, message};

use super::Check;
use crate::raw::source::RawSource;
use crate::settings::Secret;

/// Shorter secrets could be guessed.
const LEAST_KEY: usize = 32;

/// The secret that hashes what incremental pulls keep. It must be apart from the state, so that the
/// state alone says nothing.
pub(super) fn incremental_key(raw: &RawSource, state: &Path, check: &mut Check) -> Option<Secret> {
    let make = message!("make-a-secret");
    let place = "source.incremental_key_file";
    let key = match (&raw.incremental_key, &raw.incremental_key_file) {
        (Some(key), None) => key.expose().to_owned(),
        (None, Some(file)) => {
            let file = check.secret_file(place, file);
            let inside =
                |file: &Path| Some(file.canonicalize().ok()?.starts_with(state.canonicalize().ok()?));
            if inside(file.path()) == Some(true) {
                check.fail(place, message!("is-in-the-state-folder-where"));
                return None;
            }
            check.keep(place, file.read())?.expose().to_owned()
        }
        (Some(_), Some(_)) => {
            check.fail(place, message!("give-incremental-key-or-incremental-key-file-not-both"));
            return None;
        }
        (None, None) => {
            let problem = message!("needs-source-incremental-key-file-a-file-with");
            check.fail("source.incremental", Message::joined([problem, make], "; "));
            return None;
        }
    };
    if key.trim().len() < LEAST_KEY {
        check.fail(place, message!("the-secret-has-fewer-than-characters", least_key = LEAST_KEY, make));
        return None;
    }
    Some(Secret::new(key.trim()))
}
