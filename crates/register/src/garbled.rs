//! Text that was read in another character set than it was written in. It is reported and never guessed at:
//! the bytes that were lost on the way may have been any.

use std::sync::LazyLock;

use encoding_rs::{GBK, WINDOWS_1252};
use tongbao_message::{Message, message};

use super::batch::TextColumn;
use super::field::Field;

/// How a text came to be what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Garbled {
    /// Bytes that meant nothing were replaced (U+FFFD, or `??` where no question is).
    Replaced,
    /// UTF-8 read as Latin-1, as `å¼ ä¸‰` for 张三.
    Utf8AsLatin1,
    /// GBK read as Latin-1, as `ÕÅÈý` for 张三.
    GbkAsLatin1,
    /// UTF-8 read as GBK, as `寮犱笁` for 张三.
    Utf8AsGbk,
    /// Bytes of GBK where a database should hold UTF-8.
    Gbk,
}

impl Garbled {
    /// What happened to the text, as part of a sentence.
    pub fn words(self) -> Message {
        match self {
            Garbled::Replaced => message!("lost-characters"),
            Garbled::Utf8AsLatin1 => message!("utf8-as-latin1"),
            Garbled::GbkAsLatin1 => message!("gbk-as-latin1"),
            Garbled::Utf8AsGbk => message!("utf8-as-gbk"),
            Garbled::Gbk => message!("gbk-for-utf8"),
        }
    }
}

/// A column with texts that were read wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GarbledColumn {
    /// Its name in the register.
    pub column: String,
    /// What happened to its texts.
    pub how: Garbled,
    /// How they may be converted, as the end of a sentence; blank where the program knows no way.
    pub remedy: Message,
    /// Such texts.
    pub count: u64,
    /// Texts of the column that were looked at.
    pub of: u64,
}

/// What happened to a value of a column of the register; `None` where it looks sound. Numbers, days and codes are
/// no words that could spell something else: of them only bytes that are no UTF-8 are noticed.
pub fn misread(column: TextColumn, value: &[u8]) -> Option<Garbled> {
    let has_words = matches!(
        column,
        TextColumn::Unit
            | TextColumn::Field(
                Field::Name | Field::ResidenceAddress | Field::HouseholdPlace | Field::Own(_)
            )
    );
    if value.is_ascii() {
        return None;
    }
    match std::str::from_utf8(value) {
        Ok(text) => has_words.then(|| garbled(text)).flatten(),
        Err(_) => foreign(value),
    }
}

/// Whether a text begins as a sound one does. What was read in another character set is wrong from the first character on
/// that is no ASCII, so that only a text that does not begin so need be looked at as a whole.
#[inline]
pub fn begins_soundly(value: &[u8]) -> bool {
    let Some(at) = value.iter().position(|byte| !byte.is_ascii()) else { return true };
    let [a @ 0xE3..=0xE9, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..] = value[at..] else { return false };
    !is_beginning(usize::from(a & 0x0F) << 12 | usize::from(b & 0x3F) << 6 | usize::from(c & 0x3F))
}

/// Whether GBK makes this character of the first two bytes of Chinese in UTF-8.
fn is_beginning(code: usize) -> bool {
    BEGINNINGS.get(code / 64).is_some_and(|bits| bits >> (code % 64) & 1 == 1)
}

/// The characters that GBK makes of the first two bytes of Chinese in UTF-8, one bit each. Few of them are in use.
static BEGINNINGS: LazyLock<[u64; 1024]> = LazyLock::new(|| {
    let mut bits = [0; 1024];
    let pairs = (0xE3..=0xE9u8).chain([0xEF]).flat_map(|a| (0x80..=0xBFu8).map(move |b| [a, b]));
    for code in pairs.filter_map(|pair| Some(u32::from(GBK.decode(&pair).0.chars().next()?) as usize)) {
        if let Some(word) = bits.get_mut(code / 64) {
            *word |= 1 << (code % 64);
        }
    }
    bits
});

/// Marks of Chinese that Windows-1252 has too: alone they are no Latin letters, as in an address of `——`.
const SHARED: &str = "—–…·‘’“”";

/// What is wrong with a text, if it looks so. Chinese is hardly ever mistaken: the bytes of a sound name
/// do not spell Chinese in another character set.
pub fn garbled(text: &str) -> Option<Garbled> {
    let (mut wide, mut highest, mut is_replaced) = (0, '\0', false);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        (wide, highest) = (wide + u32::from(!SHARED.contains(c)), highest.max(c));
        is_replaced |= c == '\u{FFFD}';
    }
    if is_replaced {
        return Some(Garbled::Replaced);
    }
    if wide < 2 {
        return None;
    }
    // Every character must have a byte there; anything of Chinese has none.
    let bytes = || latin_bytes(text).or_else(|| windows_bytes(text));
    if let Some(bytes) = (highest <= LAST_LATIN).then(bytes).flatten() {
        return match std::str::from_utf8(&bytes) {
            Ok(text) => is_chinese(text).then_some(Garbled::Utf8AsLatin1),
            Err(_) => is_gbk(&bytes).then_some(Garbled::GbkAsLatin1),
        };
    }
    // To encode a text takes a hundred times as long as to look at its first character, which tells of nearly all.
    if !text.chars().find(|c| !c.is_ascii()).is_some_and(|first| is_beginning(first as usize)) {
        return None;
    }
    let (bytes, _, has_others) = GBK.encode(text);
    let is_sound = has_others || !std::str::from_utf8(&bytes).is_ok_and(is_chinese);
    (!is_sound).then_some(Garbled::Utf8AsGbk)
}

/// The same of bytes that should be UTF-8 and are not; `None` where they are.
pub fn foreign(bytes: &[u8]) -> Option<Garbled> {
    let error = std::str::from_utf8(bytes).err()?;
    // What only ends too early was cut off, though its bytes may be a character of GBK.
    let is_whole = error.error_len().is_some();
    Some(if is_whole && is_gbk(bytes) { Garbled::Gbk } else { Garbled::Replaced })
}

/// The bytes of a text whose characters are all below U+0100.
fn latin_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The last character that Windows has a byte for in its Latin set.
const LAST_LATIN: char = '™';

/// The bytes of a text in the Latin characters of Windows.
fn windows_bytes(text: &str) -> Option<Vec<u8>> {
    if text.chars().any(|c| c > LAST_LATIN) {
        return None;
    }
    let (bytes, _, has_others) = WINDOWS_1252.encode(text);
    (!has_others).then(|| bytes.into_owned())
}

/// Whether bytes spell Chinese in GBK, two by two. Latin names with accents have single ones.
fn is_gbk(bytes: &[u8]) -> bool {
    let mut runs = bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii());
    let are_pairs = runs.all(|run| run[0].is_ascii() || run.len().is_multiple_of(2));
    let (text, _, is_wrong) = GBK.decode(bytes);
    are_pairs && !is_wrong && is_chinese(&text)
}

/// Whether all that is no ASCII is Chinese.
fn is_chinese(text: &str) -> bool {
    let mut wide = text.chars().filter(|c| !c.is_ascii()).peekable();
    let is_han =
        |c: char| matches!(c, '\u{3000}'..='\u{303F}' | '\u{3400}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}');
    wide.peek().is_some() && wide.all(is_han)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_latin(bytes: &[u8]) -> String {
        WINDOWS_1252.decode(bytes).0.into_owned()
    }

    #[test]
    fn what_was_read_wrongly_is_known() {
        for name in ["张三", "欧阳娜娜", "广东省广州市增城区荔城街道", "李小明（户主）"]
        {
            assert_eq!(garbled(name), None, "{name}");
            assert_eq!(garbled(&as_latin(name.as_bytes())), Some(Garbled::Utf8AsLatin1), "{name}");
            assert_eq!(garbled(&as_latin(&GBK.encode(name).0)), Some(Garbled::GbkAsLatin1), "{name}");
        }
        for marks in ["——", "12——", "……", "“”"] {
            assert_eq!(garbled(marks), None, "{marks}");
        }
        assert_eq!(garbled(&GBK.decode("张三".as_bytes()).0), Some(Garbled::Utf8AsGbk));
        assert_eq!(garbled("张\u{FFFD}"), Some(Garbled::Replaced));
        assert_eq!(foreign(&GBK.encode("张三1号").0), Some(Garbled::Gbk));
        assert_eq!(foreign(b"\xE5\xBC"), Some(Garbled::Replaced));
        assert_eq!(foreign("张三".as_bytes()), None);
    }

    /// The quick look finds all that the whole one does, where it is in the first character, and leaves sound names.
    #[test]
    fn what_was_read_wrongly_does_not_begin_soundly() {
        let (mut sound, mut all) = (0, 0);
        for first in '\u{4E00}'..='\u{9FA5}' {
            let name = format!("12{first}三");
            for wrong in [
                as_latin(name.as_bytes()),
                as_latin(&GBK.encode(&name).0),
                GBK.decode(name.as_bytes()).0.into_owned(),
                format!("\u{FFFD}{name}"),
            ] {
                let is_found = garbled(&wrong).is_some();
                assert!(!is_found || !begins_soundly(wrong.as_bytes()), "{name} {wrong}");
            }
            let bytes = GBK.encode(&name).0;
            assert!(foreign(&bytes).is_none() || !begins_soundly(&bytes), "{name}");
            sound += u32::from(begins_soundly(name.as_bytes()));
            all += 1;
        }
        assert!(sound * 100 > all * 97, "{sound} of {all}");
        assert!(begins_soundly("广东省".as_bytes()) && begins_soundly(b"") && begins_soundly(b"No. 1"));
    }

    /// The look at the first character alone leaves out nothing that the bytes would tell.
    #[test]
    fn what_gbk_spells_is_known_by_its_first_character() {
        for first in ('\u{3000}'..='\u{9FA5}').chain('\u{FF01}'..='\u{FF5E}') {
            let wrong = GBK.decode(format!("1{first}三四").as_bytes()).0.into_owned();
            let (bytes, _, has_others) = GBK.encode(&wrong);
            let is_spelt = !has_others && std::str::from_utf8(&bytes).is_ok_and(is_chinese);
            assert_eq!(garbled(&wrong) == Some(Garbled::Utf8AsGbk), is_spelt, "{first} {wrong}");
        }
    }

    #[test]
    fn names_of_every_kind_are_sound() {
        for name in
            ["", "A", "Müller", "José Peña", "阿卜杜拉·艾海提", "王 五", "12号", "Ångström", "Ångström é"]
        {
            assert_eq!(garbled(name), None, "{name}");
        }
    }
}
