//! The structure tree of a file (ISO 32000-1, 14.7): what readers for the blind go by.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::pdf::{PdfError, utf_16};
use tongbao_report::layout::page::{Page, PageItem, Pages};
use tongbao_report::layout::structure::{StructureElement, Tag};

/// A stretch of items of a page, with the element that they are of; lines and shades are of a picture
/// or of nothing.
pub(super) fn runs<'a>(
    page: &'a Page,
    elements: &[StructureElement],
) -> Vec<(Option<usize>, &'a [PageItem])> {
    let of = |at: usize| {
        let mark = page.marks.partition_point(|(first, _)| *first <= at);
        let element = mark.checked_sub(1).and_then(|mark| page.marks[mark].1)?;
        let is_shown =
            matches!(page.items[at], PageItem::Text { .. }) || elements[element].tag == Tag::Figure;
        is_shown.then_some(element)
    };
    let mut out: Vec<(Option<usize>, &[PageItem])> = Vec::new();
    let mut start = 0;
    for end in 1..=page.items.len() {
        if end == page.items.len() || of(end) != of(start) {
            out.push((of(start), &page.items[start..end]));
            start = end;
        }
    }
    out
}

/// The name of an element of the standard.
pub(super) fn name(tag: Tag) -> String {
    match tag {
        Tag::Heading(level) => format!("H{}", level.clamp(1, 6)),
        Tag::Paragraph => "P".to_owned(),
        Tag::Table => "Table".to_owned(),
        Tag::Caption => "Caption".to_owned(),
        Tag::Row => "TR".to_owned(),
        Tag::Head => "TH".to_owned(),
        Tag::Cell => "TD".to_owned(),
        Tag::Figure => "Figure".to_owned(),
    }
}

/// Adds the tree: the stretches of each page are numbered in the order of [`runs`].
pub(super) fn structure(file: &mut Document, pages: &Pages) -> Result<(), PdfError> {
    let sheets: Vec<ObjectId> = file.get_pages().into_values().collect();
    let (root, document) = (file.new_object_id(), file.new_object_id());
    let ids: Vec<ObjectId> = pages.elements.iter().map(|_| file.new_object_id()).collect();
    let mut kids: BTreeMap<usize, Vec<Object>> = BTreeMap::new();
    let mut top: Vec<Object> = Vec::new();
    for (element, id) in pages.elements.iter().zip(&ids) {
        match element.parent {
            Some(parent) => kids.entry(parent).or_default().push((*id).into()),
            None => top.push((*id).into()),
        }
    }
    let mut numbers: Vec<Object> = Vec::new();
    for ((page, sheet), number) in pages.pages.iter().zip(&sheets).zip(0..) {
        let marked: Vec<usize> =
            runs(page, &pages.elements).into_iter().filter_map(|(element, _)| element).collect();
        for (mark, element) in (0_i64..).zip(&marked) {
            let content = dictionary! { "Type" => "MCR", "Pg" => *sheet, "MCID" => mark };
            kids.entry(*element).or_default().push(content.into());
        }
        numbers.push(Object::Integer(number));
        numbers.push(marked.into_iter().map(|element| ids[element].into()).collect::<Vec<Object>>().into());
        let sheet = file.get_dictionary_mut(*sheet)?;
        sheet.set("StructParents", number);
        sheet.set("Tabs", "S");
    }
    for (at, (element, id)) in pages.elements.iter().zip(&ids).enumerate() {
        let parent = element.parent.map_or(document, |parent| ids[parent]);
        let entry = entry(element, parent, kids.remove(&at).unwrap_or_default());
        file.objects.insert(*id, entry.into());
    }
    let whole = dictionary! { "Type" => "StructElem", "S" => "Document", "P" => root, "K" => top };
    file.objects.insert(document, whole.into());
    let tree = dictionary! {
        "Type" => "StructTreeRoot",
        "K" => document,
        "ParentTree" => dictionary! { "Nums" => numbers },
        "ParentTreeNextKey" => pages.pages.len() as i64,
    };
    file.objects.insert(root, tree.into());
    let catalog = file.catalog_mut()?;
    catalog.set("StructTreeRoot", root);
    catalog.set("MarkInfo", dictionary! { "Marked" => true });
    Ok(())
}

fn entry(element: &StructureElement, parent: ObjectId, kids: Vec<Object>) -> Dictionary {
    let mut entry = dictionary! {
        "Type" => "StructElem",
        "S" => name(element.tag).as_str(),
        "P" => parent,
        "K" => kids,
    };
    if element.tag == Tag::Head {
        entry.set("A", dictionary! { "O" => "Table", "Scope" => "Column" });
    }
    if let Some(words) = &element.alternative {
        entry.set("Alt", Object::String(utf_16(words), lopdf::StringFormat::Hexadecimal));
    }
    entry
}
