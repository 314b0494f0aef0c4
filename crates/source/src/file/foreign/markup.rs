//! The text of marked-up files, whatever encoding they are in.

use encoding_rs::{Encoding, GB18030, UTF_8};

/// Bytes in which a file says its encoding.
const HEAD: usize = 4_096;

/// The text: by its byte-order mark, by what it says of itself, or else UTF-8 if it is, and GB18030 if not.
/// `None` where bytes mean nothing.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let declared = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or_else(|| declared_within(bytes));
    let encodings = match declared {
        // What says GB2312 has characters of GBK, and what says UTF-8 may have been converted.
        Some(encoding) => [encoding, UTF_8, GB18030],
        None => [UTF_8, GB18030, GB18030],
    };
    encodings.into_iter().find_map(|encoding| {
        let (text, _, is_wrong) = encoding.decode(bytes);
        (!is_wrong).then(|| text.into_owned())
    })
}

/// `charset=gb2312` of a page, `encoding="GBK"` of XML.
fn declared_within(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    let name = ["charset=", "encoding="].iter().find_map(|key| head.split_once(key))?.1;
    let name = name.trim_start_matches(['"', '\'']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(name.len());
    match &name[..end] {
        "gb2312" | "gbk" | "gb18030" => Some(GB18030),
        name => Encoding::for_label(name.as_bytes()),
    }
}
