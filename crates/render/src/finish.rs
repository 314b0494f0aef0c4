//! What printpdf leaves out, added with lopdf: language, bookmarks, dates, archive form, identifier.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, StringFormat, dictionary};
use sha2::{Digest, Sha256};

use super::archive_form::archive_form;
use super::pdf::{PRODUCER, PdfError, PdfProperties, is_turned, utf_16};
use super::tagged::structure;
use tongbao_report::layout::page::{Bookmark, Pages};

/// Adds what printpdf leaves out: language, outline, dates and an identifier that follows from the
/// content, so that nothing in the file is random.
pub(super) fn finish(
    file: &mut lopdf::Document,
    pages: &Pages,
    properties: &PdfProperties,
) -> Result<(), PdfError> {
    turn(file, pages)?;
    structure(file, pages)?;
    archive_form(file, properties)?;
    let outline = outline(file, &pages.bookmarks);
    let info = file.add_object(info(properties));
    file.trailer.set("Info", info);
    let catalog = file.catalog_mut()?;
    catalog.set("Lang", Object::string_literal(properties.language.as_str()));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    catalog.remove(b"PageMode");
    if let Some(outline) = outline {
        catalog.set("Outlines", outline);
    }
    file.prune_objects();
    file.renumber_objects();
    compress(file)?;
    let id = Object::String(digest(file), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    Ok(())
}

/// Packs the streams at the middle level of deflate: outlines hardly shrink at any, and the highest
/// costs a quarter of a document's time.
fn compress(file: &mut lopdf::Document) -> Result<(), PdfError> {
    let streams = file.objects.values_mut().filter_map(|object| match object {
        Object::Stream(stream) if stream.allows_compression => Some(stream),
        _ => None,
    });
    for stream in streams.filter(|stream| !stream.dict.has(b"Filter")) {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&stream.content)?;
        let packed = encoder.finish()?;
        if packed.len() < stream.content.len() {
            stream.dict.set("Filter", "FlateDecode");
            stream.set_content(packed);
        }
    }
    Ok(())
}

/// Turned pages are shown as they are read.
fn turn(file: &mut lopdf::Document, pages: &Pages) -> Result<(), PdfError> {
    let ids: Vec<lopdf::ObjectId> = file.get_pages().into_values().collect();
    for (id, _) in ids.into_iter().zip(&pages.pages).filter(|(_, page)| is_turned(page)) {
        file.get_dictionary_mut(id)?.set("Rotate", 90);
    }
    Ok(())
}

fn text_string(text: &str) -> Object {
    Object::String(utf_16(text), StringFormat::Hexadecimal)
}

fn info(properties: &PdfProperties) -> Dictionary {
    let date = properties.created.strftime("D:%Y%m%d%H%M%SZ").to_string();
    dictionary! {
        "Title" => text_string(&properties.title),
        "Author" => text_string(&properties.author),
        "Creator" => Object::string_literal("Tongbao"),
        "Producer" => Object::string_literal(PRODUCER),
        "CreationDate" => Object::string_literal(date.as_str()),
        "ModDate" => Object::string_literal(date.as_str()),
    }
}

/// A flat outline: titles and attachments, with the first headings indented.
fn outline(file: &mut lopdf::Document, bookmarks: &[Bookmark]) -> Option<Object> {
    let pages: BTreeMap<u32, lopdf::ObjectId> = file.get_pages();
    let shown: Vec<&Bookmark> = bookmarks.iter().filter(|bookmark| bookmark.level <= 1).collect();
    let ids: Vec<lopdf::ObjectId> = shown.iter().map(|_| file.new_object_id()).collect();
    let (first, last) = (*ids.first()?, *ids.last()?);
    let root = file.new_object_id();
    for (i, bookmark) in shown.iter().enumerate() {
        let target = *pages.get(&(bookmark.page as u32 + 1))?;
        let mut entry = dictionary! {
            "Title" => text_string(&bookmark.title),
            "Parent" => root,
            "Dest" => vec![target.into(), "Fit".into()],
        };
        if let Some(before) = i.checked_sub(1) {
            entry.set("Prev", ids[before]);
        }
        if let Some(next) = ids.get(i + 1) {
            entry.set("Next", *next);
        }
        file.objects.insert(ids[i], entry.into());
    }
    let count = shown.len() as i64;
    let outlines = dictionary! { "Type" => "Outlines", "First" => first, "Last" => last, "Count" => count };
    file.objects.insert(root, outlines.into());
    Some(root.into())
}

fn digest(file: &lopdf::Document) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for (id, object) in &file.objects {
        match object {
            Object::Stream(stream) => {
                hasher.update(format!("{id:?}{:?}", stream.dict).as_bytes());
                hasher.update(&stream.content);
            }
            other => hasher.update(format!("{id:?}{other:?}").as_bytes()),
        }
    }
    hasher.finalize()[..16].to_vec()
}
