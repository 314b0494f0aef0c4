//! The second factor: six digits that change every 30 seconds (TOTP, RFC 6238), as every authenticator app has them.

use jiff::Timestamp;
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::Builder;

use crate::random::random;
use tongbao_base::digest::hex;

/// Bytes of a secret: 160 bits, as the RFC recommends.
const LENGTH: usize = 20;

/// A new secret as hexadecimal digits.
pub fn secret() -> std::io::Result<String> {
    random::<LENGTH>().map(|bytes| hex(&bytes))
}

/// The time step whose code this is, the one before and after included; `None` if it is no code of the secret. A step
/// is to be accepted once.
pub fn step(secret: &str, code: &str, now: Timestamp) -> Option<u64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let totp = Builder::new().with_secret(bytes(secret)?).build().ok()?;
    totp.check(&code, u64::try_from(now.as_second()).ok()?)
}

/// Whether a text is a secret, as [`secret`] makes them.
pub fn is_secret(text: &str) -> bool {
    bytes(text).is_some()
}

fn bytes(secret: &str) -> Option<[u8; LENGTH]> {
    let digits = (secret.len() == 2 * LENGTH && secret.is_ascii()).then_some(secret)?;
    let mut out = [0; LENGTH];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(out)
}

/// A secret as a person types it into an app: base 32, RFC 4648.
pub fn typed(secret: &str) -> String {
    const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut held, mut bits) = (String::new(), 0u32, 0);
    // 160 bits are 32 signs, and nothing is left over.
    for byte in bytes(secret).unwrap_or_default() {
        held = held << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(SIGNS[(held >> bits & 31) as usize]));
        }
    }
    out
}

/// The QR code of an address that apps read: width in modules, and its dark ones as path data. `label` and `issuer`
/// are encoded for an address already.
pub fn picture(secret: &str, issuer: &str, label: &str) -> Option<(i32, String)> {
    let url = format!("otpauth://totp/{issuer}:{label}?secret={}&issuer={issuer}", typed(secret));
    let code = QrCode::encode_text(&url, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some((code.size(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret is "12345678901234567890".
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = hex(b"12345678901234567890");
        assert_eq!(typed(&secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let at = |second| Timestamp::from_second(second).unwrap();
            assert_eq!(step(&secret, code, at(second)), Some(second as u64 / 30));
            assert_eq!(step(&secret, code, at(second + 30)), Some(second as u64 / 30), "a clock may be late");
            assert_eq!(step(&secret, code, at(second + 90)), None);
        }
        for odd in ["", "12345", "1234567", "abcdef", "２８７０８２"] {
            assert_eq!(step(&secret, odd, Timestamp::from_second(59).unwrap()), None, "{odd}");
        }
        let (size, path) = picture(&secret, "x", "y").unwrap();
        assert!(size > 20 && path.starts_with("M0 0h1"));
    }
}
