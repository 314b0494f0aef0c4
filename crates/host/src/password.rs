//! Hashes of passwords by Argon2id with OWASP's figures: 19 MiB, two passes, one lane.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// The hash of a password with a salt of its own, as a PHC string.
pub fn hash(password: &str) -> std::io::Result<String> {
    let hashed: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|problem| std::io::Error::other(format!("a password cannot be hashed: {problem}")))?;
    Ok(hashed.to_string())
}

/// Whether a password is that of a hash. What is no hash has no password.
pub fn is_of(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_alone() {
        let first = hash("four plain words here").unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert!(is_of("four plain words here", &first) && !is_of("four plain words", &first));
        assert!(first != hash("four plain words here").unwrap() && !is_of("", "") && !is_of("x", "x"));
    }
}
