//! Values are escaped for where they go: a unit name can neither break the front matter, nor become
//! Markdown, nor become HTML.

use std::io::{Result, Write};

pub(super) fn toml(input: &str, out: &mut dyn Write) -> Result<()> {
    for byte in input.bytes() {
        match byte {
            b'"' => out.write_all(b"\\\"")?,
            b'\\' => out.write_all(b"\\\\")?,
            0..=0x1F | 0x7F => out.write_all(b" ")?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

/// A backslash before ASCII punctuation makes it literal everywhere in CommonMark (section 2.4).
pub(super) fn markdown(input: &str, out: &mut dyn Write) -> Result<()> {
    for byte in input.bytes() {
        match byte {
            b'\n' | b'\r' => out.write_all(b" ")?,
            _ if byte.is_ascii_punctuation() => out.write_all(&[b'\\', byte])?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

pub(super) fn html(input: &str, out: &mut dyn Write) -> Result<()> {
    for byte in input.bytes() {
        match byte {
            b'&' => out.write_all(b"&amp;")?,
            b'<' => out.write_all(b"&lt;")?,
            b'>' => out.write_all(b"&gt;")?,
            b'"' => out.write_all(b"&quot;")?,
            b'\'' => out.write_all(b"&#39;")?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}
