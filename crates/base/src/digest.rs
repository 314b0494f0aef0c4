//! SHA-256 in hexadecimal: names of archived files, hashes of configuration, templates and fonts.

use sha2::{Digest, Sha256};

/// The digest of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The first half of the digest of some bytes: no two of a list of millions share it by chance.
pub fn half_sha256(bytes: &[u8]) -> [u64; 2] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let (words, _) = digest.as_chunks::<8>();
    [u64::from_be_bytes(words[0]), u64::from_be_bytes(words[1])]
}

/// The digest of everything that can be read.
pub fn sha256_of_reader(mut from: impl std::io::Read) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut from, &mut hasher)?;
    Ok(hex(&hasher.finalize()))
}

/// The digest of named texts; each is preceded by its length, so that no two lists read the same.
pub fn sha256_of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hex(&hasher.finalize())
}

/// The digest of some lines, each ended by a line feed.
pub fn sha256_of_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.as_bytes());
        hasher.update(b"\n");
    }
    hex(&hasher.finalize())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
