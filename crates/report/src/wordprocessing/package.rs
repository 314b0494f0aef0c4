//! The parts of the file around the text: content types, relationships, settings, properties.

use super::body::WordBody;
use super::picture::relationship;
use super::xml::{XmlElement, element, value};
use super::{WordDocument, WordProperties, foot, numbering, section, styles};
use crate::report::document::Document;

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const CONTENT: &str = "application/vnd.openxmlformats-officedocument";

/// The parts of the text with their kinds: id of the relationship, file, and kind.
const PARTS: [(&str, &str, &str); 10] = [
    ("rIdStyles", "styles.xml", "styles"),
    ("rIdSettings", "settings.xml", "settings"),
    ("rIdFonts", "fontTable.xml", "fontTable"),
    ("rIdNumbers", "numbering.xml", "numbering"),
    (section::ODD, "footer1.xml", "footer"),
    (section::EVEN, "footer2.xml", "footer"),
    (section::TURNED_ODD, "footer3.xml", "footer"),
    (section::TURNED_EVEN, "footer4.xml", "footer"),
    (section::BLANK, "footer5.xml", "footer"),
    (section::DRAFT, "header1.xml", "header"),
];

/// A root element of WordprocessingML with the namespaces that its parts use.
pub(super) fn root(name: &'static str) -> XmlElement {
    element(name)
        .with("xmlns:w", WORD)
        .with("xmlns:r", OFFICE)
        .with("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing")
        .with("xmlns:mc", "http://schemas.openxmlformats.org/markup-compatibility/2006")
        .with("xmlns:wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape")
}

/// Puts the parts together.
pub(super) fn pack(document: &Document, body: WordBody, properties: &WordProperties) -> WordDocument {
    let head = &document.head;
    let is_chinese = is_chinese(&head.language);
    let drawings = body.pictures.drawings;
    let text = root("w:document").child(body.element);
    let draft = if head.draft { head.words.draft } else { "" };
    let parts = vec![
        ("[Content_Types].xml", content_types().file()),
        ("_rels/.rels", package_relations().file()),
        ("docProps/core.xml", core(properties, &head.language).file()),
        ("docProps/app.xml", application(properties).file()),
        ("word/document.xml", text.file()),
        ("word/_rels/document.xml.rels", relations(drawings.len()).file()),
        ("word/styles.xml", styles::styles(is_chinese, &head.language).file()),
        ("word/settings.xml", settings(&head.language).file()),
        ("word/fontTable.xml", styles::font_table().file()),
        ("word/numbering.xml", numbering::part(is_chinese, body.lists).file()),
        ("word/footer1.xml", foot::page_number(true).file()),
        ("word/footer2.xml", foot::page_number(false).file()),
        ("word/footer3.xml", foot::turned_page_number(true).file()),
        ("word/footer4.xml", foot::turned_page_number(false).file()),
        ("word/footer5.xml", foot::no_page_number().file()),
        ("word/header1.xml", foot::draft_mark(draft).file()),
    ];
    let name = |(at, drawing)| (format!("word/{}", picture_file(at)), drawing);
    WordDocument { parts, pictures: drawings.into_iter().enumerate().map(name).collect() }
}

pub(super) fn is_chinese(language: &str) -> bool {
    language.starts_with("zh")
}

fn picture_file(at: usize) -> String {
    format!("media/image{}.png", at + 1)
}

fn content_types() -> XmlElement {
    let default = |extension: &str, content: &str| {
        element("Default").with("Extension", extension).with("ContentType", content)
    };
    let part = |path: String, content: String| {
        element("Override").with("PartName", path).with("ContentType", content)
    };
    let text = |file: &str, kind: &str| {
        part(format!("/word/{file}"), format!("{CONTENT}.wordprocessingml.{kind}+xml"))
    };
    element("Types")
        .with("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")
        .child(default("rels", "application/vnd.openxmlformats-package.relationships+xml"))
        .child(default("xml", "application/xml"))
        .child(default("png", "image/png"))
        .child(text("document.xml", "document.main"))
        .children(PARTS.map(|(_, file, kind)| text(file, kind)))
        .child(part(
            "/docProps/core.xml".to_owned(),
            "application/vnd.openxmlformats-package.core-properties+xml".to_owned(),
        ))
        .child(part("/docProps/app.xml".to_owned(), format!("{CONTENT}.extended-properties+xml")))
}

fn relation(id: &str, kind: &str, target: &str) -> XmlElement {
    element("Relationship").with("Id", id).with("Type", kind).with("Target", target)
}

fn package_relations() -> XmlElement {
    let core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    element("Relationships")
        .with("xmlns", RELATIONS)
        .child(relation("rId1", &format!("{OFFICE}/officeDocument"), "word/document.xml"))
        .child(relation("rId2", core, "docProps/core.xml"))
        .child(relation("rId3", &format!("{OFFICE}/extended-properties"), "docProps/app.xml"))
}

fn relations(pictures: usize) -> XmlElement {
    let part = |(id, file, kind): (&str, &str, &str)| relation(id, &format!("{OFFICE}/{kind}"), file);
    let picture = |at| relation(&relationship(at), &format!("{OFFICE}/image"), &picture_file(at));
    element("Relationships")
        .with("xmlns", RELATIONS)
        .children(PARTS.map(part))
        .children((0..pictures).map(picture))
}

/// The language of letters and digits: as Chinese, they would be divided anywhere, and a figure at its point.
pub(super) fn latin(language: &str) -> &str {
    if is_chinese(language) { "en-US" } else { language }
}

fn settings(language: &str) -> XmlElement {
    let compatible = element("w:compatSetting")
        .with("w:name", "compatibilityMode")
        .with("w:uri", "http://schemas.microsoft.com/office/word")
        .with("w:val", 15);
    root("w:settings")
        .child(value("w:defaultTabStop", 420))
        .child(element("w:evenAndOddHeaders"))
        .child(value("w:characterSpacingControl", "compressPunctuation"))
        .child(element("w:compat").child(element("w:useFELayout")).child(compatible))
        .child(element("w:themeFontLang").with("w:val", latin(language)).with("w:eastAsia", "zh-CN"))
}

fn core(properties: &WordProperties, language: &str) -> XmlElement {
    let instant = |name| element(name).with("xsi:type", "dcterms:W3CDTF").text(&properties.created);
    let text = |name, text: &str| element(name).text(text);
    element("cp:coreProperties")
        .with("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties")
        .with("xmlns:dc", "http://purl.org/dc/elements/1.1/")
        .with("xmlns:dcterms", "http://purl.org/dc/terms/")
        .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .child(text("dc:title", &properties.title))
        .child(text("dc:subject", properties.number.as_deref().unwrap_or_default()))
        .child(text("dc:creator", &properties.author))
        .child(text("cp:lastModifiedBy", &properties.author))
        .child(instant("dcterms:created"))
        .child(instant("dcterms:modified"))
        .child(text("dc:language", language))
}

fn application(properties: &WordProperties) -> XmlElement {
    element("Properties")
        .with("xmlns", "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties")
        .child(element("Application").text(&properties.application))
        .child(element("Company").text(&properties.author))
}
