//! Random bytes from the system.

use std::io::{Error, Result};

use ring::rand::{SecureRandom, SystemRandom};

use tongbao_base::digest::hex;

/// Bytes that nobody can guess.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::other("the system has no random numbers"))?;
    Ok(bytes)
}

/// A secret of 256 bits as hexadecimal digits.
pub fn secret() -> Result<String> {
    random::<32>().map(|bytes| hex(&bytes))
}

/// A password for a first sign-in: 16 letters and digits in groups, none that is read as another; 78 bits.
pub fn one_time_password() -> Result<String> {
    const SIGNS: &[u8; 29] = b"abcdefghjkmnpqrstuvwxyz345678";
    let mut out = String::new();
    while out.len() < 19 {
        for byte in random::<32>()? {
            // 232 is a multiple of 29: every sign is as likely as another.
            if byte < 232 && out.len() < 19 {
                if out.len() % 5 == 4 {
                    out.push('-');
                }
                out.push(char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_passwords_are_readable_and_differ() {
        let (a, b) = (one_time_password().unwrap(), one_time_password().unwrap());
        assert!(a != b && a.len() == 19 && a.split('-').all(|group| group.len() == 4), "{a}");
        assert_eq!(secret().unwrap().len(), 64);
    }
}
