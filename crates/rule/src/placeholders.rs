//! Words that count as not filled, so that few are compared with each value.

/// The placeholders of a field by their length in bytes.
#[derive(Debug, Clone, Default)]
pub struct PlaceholderWords(Vec<OfLength>);

/// Those of one length, and which of 64 marks they have: what has another is none of them.
#[derive(Debug, Clone, Default)]
struct OfLength {
    marks: u64,
    texts: Vec<Box<[u8]>>,
}

impl PlaceholderWords {
    /// Trimmed words; the case of ASCII letters does not count.
    pub fn new<'a>(placeholders: impl Iterator<Item = &'a str>) -> PlaceholderWords {
        let mut out: Vec<OfLength> = Vec::new();
        for text in placeholders {
            if out.len() <= text.len() {
                out.resize(text.len() + 1, OfLength::default());
            }
            let alike = &mut out[text.len()];
            alike.marks |= mark(text.as_bytes());
            alike.texts.push(text.as_bytes().into());
        }
        PlaceholderWords(out)
    }

    /// Whether a trimmed text is one of them.
    #[inline]
    pub fn contain(&self, trimmed: &[u8]) -> bool {
        self.0.get(trimmed.len()).is_some_and(|alike| {
            alike.marks & mark(trimmed) != 0
                && alike.texts.iter().any(|placeholder| placeholder.eq_ignore_ascii_case(trimmed))
        })
    }
}

/// One of 64 bits by the ends of a text, the same for every case of its ASCII letters.
#[inline]
fn mark(text: &[u8]) -> u64 {
    let (first, last) = (text.first().copied().unwrap_or(0), text.last().copied().unwrap_or(0));
    // Chinese characters differ most in their last bytes.
    let third = text.get(2).copied().unwrap_or(0);
    let mixed =
        (first | 0x20).wrapping_mul(7) ^ (third | 0x20).wrapping_mul(31) ^ (last | 0x20).wrapping_mul(5);
    1 << (mixed & 63)
}
