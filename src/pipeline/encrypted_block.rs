//! Sealed blocks: what must be on a disk for a while without being readable there.

use std::io::{Error, Result};

pub(super) use crate::random::random;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Seals blocks under a key; every block of a key has a number of its own.
pub(super) struct Seal(LessSafeKey);

impl Seal {
    pub(super) fn new(key: &[u8; 32]) -> Result<Seal> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| Error::other("the key is no key"))?;
        Ok(Seal(LessSafeKey::new(key)))
    }

    /// Seals a block in place; it grows by the length of its tag.
    pub(super) fn seal(&self, number: u64, block: &mut Vec<u8>) -> Result<()> {
        let sealed = self.0.seal_in_place_append_tag(nonce(number), Aad::empty(), block);
        sealed.map_err(|_| Error::other("sealing failed"))
    }

    /// Opens a block in place. Fails if it is not what was sealed under this number.
    pub(super) fn open<'a>(&self, number: u64, block: &'a mut [u8]) -> Result<&'a [u8]> {
        let opened = self.0.open_in_place(nonce(number), Aad::empty(), block);
        opened.map(|block| &*block).map_err(|_| Error::other("a sealed block was changed from outside"))
    }
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0u8; NONCE_LEN];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Nonce::assume_unique_for_key(bytes)
}
