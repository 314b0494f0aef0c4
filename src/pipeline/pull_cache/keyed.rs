//! Keyed hashes: what is kept instead of record keys and ID numbers.
//!
//! HMAC-SHA-256 (FIPS 198-1), cut to its first 128 bits (NIST SP 800-107, 5.1). Without the key, which
//! never is in the state, a hash cannot be turned back by trying all numbers, of which there are few.
//! Two of n values share a hash with a probability below n²/2^129: for a hundred million records and as
//! many persons that is less than 10^-22, far below that of a fault of the machine.

use ring::hmac;

use super::table::{HASH, Hash};
use crate::register::id_number::CitizenId;

/// Makes the hashes of one key.
#[derive(Clone)]
pub(super) struct Keyed(hmac::Key);

impl Keyed {
    pub(super) fn new(secret: &[u8]) -> Keyed {
        Keyed(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The hash of a record's key.
    pub(super) fn record(&self, key: &[u8]) -> Hash {
        self.hash(b'k', key)
    }

    /// The hash of a normalized, non-blank ID number. As in every pull, a person is known by the digits
    /// of a well-formed number, whether of 15 or 18 characters, and by the text of anything else.
    pub(super) fn person(&self, number: &[u8]) -> Hash {
        match CitizenId::parse(number) {
            Some(id) => self.hash(b'c', &id.packed().to_be_bytes()),
            None => self.hash(b't', number),
        }
    }

    /// Distinguishes this key from others and nothing about it.
    pub(super) fn name(&self) -> Hash {
        self.hash(b'n', b"")
    }

    fn hash(&self, kind: u8, value: &[u8]) -> Hash {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&[kind]);
        context.update(value);
        let tag = context.sign();
        // The tag has 32 bytes.
        std::array::from_fn(|i| tag.as_ref()[i])
    }
}

/// No person: the record has no ID number. A real hash of nothing but zeros is as unlikely as two
/// equal ones.
pub(super) const NOBODY: Hash = [0; HASH];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_the_same_in_both_forms_of_their_number() {
        let keyed = Keyed::new(b"one");
        assert_eq!(keyed.person(b"440125491001001"), keyed.person(b"440125194910010017"));
        assert_ne!(keyed.person(b"440125194910010017"), keyed.person(b"440125194910010025"));
        assert_ne!(keyed.person(b"440125194910010018"), keyed.person(b"440125194910010017"));
        assert_ne!(keyed.person(b"G12345678"), keyed.record(b"G12345678"));
        assert_ne!(keyed.record(b"7"), Keyed::new(b"other").record(b"7"));
        assert_ne!(keyed.name(), Keyed::new(b"other").name());
    }
}
