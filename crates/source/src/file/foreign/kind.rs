//! The kinds of files that a process of its own reads, and how they are recognised.

/// Why a file cannot be read, where the parent has words of its own for it.
pub(crate) const PASSWORD: &str = "it has a password";
pub(crate) const OLDER: &str = "it is older than Excel 97";

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// .xls of Excel 97 to 2003 and of WPS.
    Excel97,
    /// .xlsb.
    Binary,
    /// .ods.
    OpenDocument,
    /// A page with tables, which many systems name .xls.
    WebPage,
    /// XML of Excel 2003, which many systems name .xls.
    XmlSpreadsheet,
    /// .dbf of dBASE, FoxPro and their kind.
    Dbase,
}

impl Kind {
    const ALL: [Kind; 6] =
        [Kind::Excel97, Kind::Binary, Kind::OpenDocument, Kind::WebPage, Kind::XmlSpreadsheet, Kind::Dbase];

    /// As messages name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Excel97 => "workbook (.xls)",
            Kind::Binary => "workbook (.xlsb)",
            Kind::OpenDocument => "workbook (.ods)",
            Kind::WebPage => "web page with tables",
            Kind::XmlSpreadsheet => "XML workbook",
            Kind::Dbase => "dBASE table",
        }
    }

    /// As the child's argument names it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Kind::Excel97 => "xls",
            Kind::Binary => "xlsb",
            Kind::OpenDocument => "ods",
            Kind::WebPage => "html",
            Kind::XmlSpreadsheet => "xml",
            Kind::Dbase => "dbf",
        }
    }

    pub(crate) fn parse(key: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The kind of a file that is no ZIP archive, by its first bytes; of dBASE also by its name.
    pub(crate) fn of(head: &[u8], path: &str) -> Option<Kind> {
        // The compound file of older programs, and the sheets before it.
        if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) || matches!(head, [9, 0 | 2 | 4, 4 | 6 | 8, 0, ..]) {
            return Some(Kind::Excel97);
        }
        let text: String = begins_with(head);
        if text.contains("urn:schemas-microsoft-com:office:spreadsheet") && text.starts_with("<?") {
            return Some(Kind::XmlSpreadsheet);
        }
        let is_page = ["<html", "<!doctypehtm", "<table", "<meta", "<head", "<body", "<style", "<div"]
            .iter()
            .any(|tag| text.starts_with(tag));
        let is_xml_page = text.starts_with("<?xml") && (text.contains("<html") || text.contains("<table"));
        if is_page || is_xml_page {
            return Some(Kind::WebPage);
        }
        let is_named = path.to_ascii_lowercase().ends_with(".dbf");
        (is_named && super::dbf::is_table(head)).then_some(Kind::Dbase)
    }
}

/// The ASCII of the first bytes, in lower case and without white space (nor the zeros of UTF-16); comments
/// before the first tag are passed over.
fn begins_with(head: &[u8]) -> String {
    let plain = head.iter().filter(|byte| byte.is_ascii_graphic()).take(4_096);
    let text: String = plain.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    match text.strip_prefix("<!--").and_then(|rest| rest.split_once("-->")) {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    }
}
