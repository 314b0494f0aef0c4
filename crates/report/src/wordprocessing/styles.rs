//! Styles and fonts. Built-in styles keep their ids, so that Word shows them under its own names and its
//! navigation finds the headings.

use super::measures::{cell_space, half_points, line, twips, twips_of};
use super::paragraph::spacing;
use super::xml::{XmlElement, element, value};
use crate::layout::page::{CELL, MM_PER_PT, SIZE_2, SIZE_3, SIZE_4, SIZE_5, SIZE_SMALL_4, SIZE_SMALL_5};

pub(super) type StyleId = &'static str;

pub(super) const MARK: StyleId = "IssuerMark";
pub(super) const CORNER: StyleId = "HeadCorner";
pub(super) const NUMBER: StyleId = "DocumentNumber";
pub(super) const TITLE: StyleId = "Title";
pub(super) const SUBTITLE: StyleId = "Subtitle";
pub(super) const ADDRESSEE: StyleId = "Salutation";
pub(super) const BODY: StyleId = "BodyText";
pub(super) const HEADINGS: [StyleId; 4] = ["Heading1", "Heading2", "Heading3", "Heading4"];
pub(super) const CAPTION: StyleId = "Caption";
pub(super) const FIGURE: StyleId = "Figure";
/// A picture in the cell of a table, which is no higher for it.
pub(super) const TABLE_FIGURE: StyleId = "TableFigure";
pub(super) const TABLE_NOTE: StyleId = "TableNote";
pub(super) const ATTACHMENT_LIST: StyleId = "AttachmentList";
pub(super) const ATTACHMENT: StyleId = "AttachmentLabel";
pub(super) const ATTACHMENT_TITLE: StyleId = "AttachmentTitle";
pub(super) const SIGNATURE: StyleId = "Signature";
pub(super) const DATE: StyleId = "Date";
pub(super) const REMARK: StyleId = "DocumentRemark";
pub(super) const IMPRINT: StyleId = "Imprint";
pub(super) const FOOTER: StyleId = "Footer";
pub(super) const HEADER: StyleId = "Header";
pub(super) const LOWEST: StyleId = "Lowest";
pub(super) const STRONG: StyleId = "Strong";
pub(super) const EMPHASIS: StyleId = "Emphasis";
pub(super) const HEAD_NAME: StyleId = "SignerName";

/// The red of the issuer mark and its rule, as the PDF has it.
pub(super) const RED: &str = "D90000";

/// Fonts of the official page by name. An office has them or sees the next best: the font table names that.
const FANG_SONG: WordFonts = WordFonts { chinese: "仿宋_GB2312", latin: "Times New Roman" };
const SMALL_TITLE: WordFonts = WordFonts { chinese: "方正小标宋简体", latin: "Times New Roman" };
const HEI: WordFonts = WordFonts { chinese: "黑体", latin: "Arial" };
const KAI: WordFonts = WordFonts { chinese: "楷体_GB2312", latin: "Times New Roman" };
const SONG: WordFonts = WordFonts { chinese: "宋体", latin: "Times New Roman" };

/// The fonts of a role: a Chinese document has its digits in the Chinese one, as the standard's examples do.
#[derive(Clone, Copy)]
struct WordFonts {
    chinese: &'static str,
    latin: &'static str,
}

/// Fonts by name with what stands for them, and their pitch and family for a program that has neither.
const FONT_TABLE: [(&str, &str, &str); 5] = [
    ("仿宋_GB2312", "仿宋", "modern"),
    ("方正小标宋简体", "宋体", "auto"),
    ("黑体", "SimHei", "modern"),
    ("楷体_GB2312", "楷体", "modern"),
    ("宋体", "SimSun", "auto"),
];

/// Size of the type in tables, with the style of each.
pub(super) fn table_text(size: f32) -> StyleId {
    match half_points(size) {
        24 => "TableText",
        21 => "TableTextSmall",
        _ => "TableTextSmallest",
    }
}

/// One paragraph style.
struct WordStyle {
    id: StyleId,
    /// What Word knows it by; a style of ours has its Chinese and English name.
    name: [&'static str; 2],
    fonts: WordFonts,
    size: f32,
    align: &'static str,
    /// Blank before and exact height of the lines, in twips; `None` = as high as what stands on the line.
    lines: Option<(i64, i64)>,
    /// Indent of the first line, in characters.
    first: u32,
    bold: bool,
    colour: Option<&'static str>,
    outline: Option<u8>,
    keep_next: bool,
    list: Option<u8>,
}

impl WordStyle {
    fn new(id: StyleId, name: [&'static str; 2], fonts: WordFonts, size: f32) -> WordStyle {
        WordStyle {
            id,
            name,
            fonts,
            size,
            align: "left",
            lines: Some((0, line())),
            first: 0,
            bold: false,
            colour: None,
            outline: None,
            keep_next: false,
            list: None,
        }
    }
}

/// The styles of a document in Chinese or English.
pub(super) fn styles(is_chinese: bool, language: &str) -> XmlElement {
    let text = [value("w:sz", half_points(SIZE_3)), value("w:szCs", half_points(SIZE_3))];
    let run = element("w:rPr")
        .child(fonts(FANG_SONG, is_chinese))
        .children(text)
        .child(element("w:lang").with("w:val", super::package::latin(language)).with("w:eastAsia", "zh-CN"));
    let defaults = element("w:docDefaults")
        .child(element("w:rPrDefault").child(run))
        .child(element("w:pPrDefault").child(element("w:pPr")));
    let normal = element("w:style")
        .with("w:type", "paragraph")
        .with("w:default", 1)
        .with("w:styleId", "Normal")
        .child(value("w:name", "Normal"))
        .child(element("w:qFormat"))
        .child(undisturbed().child(spacing(0, 0, line())).child(value("w:jc", justified(is_chinese))));
    super::package::root("w:styles")
        .child(defaults)
        .child(normal)
        .children(definitions(is_chinese).iter().map(|definition| style(definition, is_chinese)))
        .children(character_styles(is_chinese))
}

/// Nothing moves the type from where the styles put it: no grid, no blank of the program's own between
/// Chinese and digits.
fn undisturbed() -> XmlElement {
    element("w:pPr")
        .child(value("w:autoSpaceDE", 0))
        .child(value("w:autoSpaceDN", 0))
        .child(value("w:snapToGrid", 0))
}

/// Latin text without hyphens has wide gaps where it is justified.
fn justified(is_chinese: bool) -> &'static str {
    if is_chinese { "both" } else { "left" }
}

fn definitions(is_chinese: bool) -> Vec<WordStyle> {
    let plain = |id, zh, en| WordStyle::new(id, [zh, en], FANG_SONG, SIZE_3);
    let built_in = |id, name| WordStyle::new(id, [name, name], FANG_SONG, SIZE_3);
    let title = (0, twips(1.1 * crate::layout::page::LINE));
    let mut out = vec![
        WordStyle {
            fonts: SMALL_TITLE,
            align: "center",
            colour: Some(RED),
            keep_next: true,
            bold: !is_chinese,
            ..plain(MARK, "发文机关标志", "Issuer mark")
        },
        plain(CORNER, "份号密级紧急程度", "Copy number, secrecy, urgency"),
        WordStyle { align: "center", keep_next: true, ..plain(NUMBER, "发文字号", "Document number") },
        WordStyle {
            fonts: SMALL_TITLE,
            size: SIZE_2,
            align: "center",
            lines: Some(title),
            bold: !is_chinese,
            keep_next: true,
            ..built_in(TITLE, "Title")
        },
        WordStyle { fonts: KAI, align: "center", lines: Some(title), ..built_in(SUBTITLE, "Subtitle") },
        built_in(ADDRESSEE, "Salutation"),
        WordStyle { align: justified(is_chinese), first: 2, ..built_in(BODY, "Body Text") },
    ];
    for (level, id) in HEADINGS.into_iter().enumerate() {
        let name = ["heading 1", "heading 2", "heading 3", "heading 4"][level];
        out.push(WordStyle {
            // As on the page: letters of 楷体 are too light for a heading.
            fonts: [HEI, if is_chinese { KAI } else { HEI }, FANG_SONG, FANG_SONG][level],
            size: if !is_chinese && level == 1 { SIZE_4 } else { SIZE_3 },
            first: 2,
            align: justified(is_chinese),
            outline: Some(level as u8),
            keep_next: true,
            list: Some(level as u8),
            bold: !is_chinese && level < 2,
            ..built_in(id, name)
        });
    }
    let hei =
        |definition: WordStyle| WordStyle { fonts: HEI, bold: !is_chinese, keep_next: true, ..definition };
    out.extend([
        WordStyle { align: "center", size: SIZE_4, ..hei(built_in(CAPTION, "caption")) },
        WordStyle { align: "center", lines: None, ..plain(FIGURE, "图", "Figure") },
        WordStyle {
            size: 1.0,
            align: "center",
            lines: None,
            ..plain(TABLE_FIGURE, "表内图", "Table figure")
        },
        WordStyle {
            size: SIZE_5,
            align: justified(is_chinese),
            lines: Some((twips(1.5), twips(5.0))),
            ..plain(TABLE_NOTE, "表注", "Table note")
        },
        plain(ATTACHMENT_LIST, "附件说明", "List of attachments"),
        hei(plain(ATTACHMENT, "附件标识", "Attachment label")),
        WordStyle {
            fonts: SMALL_TITLE,
            size: SIZE_2,
            align: "center",
            bold: !is_chinese,
            outline: Some(0),
            keep_next: true,
            ..plain(ATTACHMENT_TITLE, "附件标题", "Attachment title")
        },
        WordStyle { align: "right", keep_next: true, ..built_in(SIGNATURE, "Signature") },
        WordStyle { align: "right", ..built_in(DATE, "Date") },
        plain(REMARK, "附注", "Remark"),
        WordStyle {
            size: SIZE_4,
            lines: Some((0, twips(0.8 * crate::layout::page::LINE))),
            ..plain(IMPRINT, "版记", "Imprint")
        },
        WordStyle { fonts: SONG, size: SIZE_4, lines: Some((0, 340)), ..built_in(FOOTER, "footer") },
        WordStyle {
            fonts: HEI,
            size: SIZE_4,
            align: "right",
            lines: Some((0, 340)),
            ..built_in(HEADER, "header")
        },
        WordStyle { size: 1.0, lines: Some((0, 20)), ..plain(LOWEST, "分节", "Section end") },
    ]);
    for (size, zh, en) in [
        (SIZE_SMALL_4, "表内文字（小四）", "Table text"),
        (SIZE_5, "表内文字（五号）", "Table text, small"),
        (SIZE_SMALL_5, "表内文字（小五）", "Table text, smallest"),
    ] {
        let pitch = twips(size * MM_PER_PT * 1.35);
        let id = table_text(size);
        out.push(WordStyle {
            size,
            lines: Some((0, pitch)),
            ..WordStyle::new(id, [zh, en], FANG_SONG, size)
        });
    }
    out
}

fn style(definition: &WordStyle, is_chinese: bool) -> XmlElement {
    let WordStyle {
        id, fonts: of, size, align, lines, first, bold, colour, outline, keep_next, list, ..
    } = definition;
    let is_built_in = definition.name[0] == definition.name[1];
    let mut paragraph = element("w:pPr");
    if *keep_next {
        paragraph = paragraph.child(element("w:keepNext"));
    }
    if let Some(level) = list {
        let number = element("w:numPr").child(value("w:ilvl", level)).child(value("w:numId", 1));
        paragraph = paragraph.child(number);
    }
    paragraph = paragraph.child(match lines {
        Some((before, line)) => spacing(*before, 0, *line),
        None => element("w:spacing").with("w:line", 240).with("w:lineRule", "auto"),
    });
    if *first > 0 {
        paragraph = paragraph.child(first_line(*first));
    }
    paragraph = paragraph.child(value("w:jc", align));
    if let Some(level) = outline {
        paragraph = paragraph.child(value("w:outlineLvl", level));
    }
    let mut run = element("w:rPr").child(fonts(*of, is_chinese));
    if *bold {
        run = run.child(element("w:b"));
    }
    if let Some(colour) = colour {
        run = run.child(value("w:color", colour));
    }
    if *size == SIZE_3 {
        run = run.child(value("w:spacing", cell_space()));
    }
    let run = run.child(value("w:sz", half_points(*size))).child(value("w:szCs", half_points(*size)));
    let mut out = element("w:style").with("w:type", "paragraph");
    if !is_built_in {
        out = out.with("w:customStyle", 1);
    }
    out.with("w:styleId", id)
        .child(value("w:name", definition.name[usize::from(!is_chinese)]))
        .child(value("w:basedOn", "Normal"))
        .child(value("w:next", next(id)))
        .child(element("w:qFormat"))
        .child(paragraph)
        .child(run)
}

/// After a heading or a title the text goes on.
fn next(id: StyleId) -> StyleId {
    let is_heading = HEADINGS.contains(&id) || [ATTACHMENT_TITLE, ADDRESSEE].contains(&id);
    if is_heading { BODY } else { id }
}

/// The first line of a paragraph so many characters in.
pub(super) fn first_line(characters: u32) -> XmlElement {
    element("w:ind")
        .with("w:firstLineChars", characters * 100)
        .with("w:firstLine", twips(characters as f32 * CELL))
}

/// In a Latin text the fonts of the headings alone are hardly told from the text's.
fn character_styles(is_chinese: bool) -> [XmlElement; 3] {
    let style = |id: StyleId, name: &str, of: WordFonts, latin: &'static str| {
        let mut out = element("w:style").with("w:type", "character");
        if id == HEAD_NAME {
            out = out.with("w:customStyle", 1);
        }
        let slope = (!is_chinese).then(|| element(latin));
        out.with("w:styleId", id)
            .child(value("w:name", name))
            .child(element("w:qFormat"))
            .child(element("w:rPr").child(fonts(of, is_chinese)).children(slope))
    };
    [
        style(STRONG, "Strong", HEI, "w:b"),
        style(EMPHASIS, "Emphasis", KAI, "w:i"),
        style(HEAD_NAME, if is_chinese { "签发人姓名" } else { "Signer's name" }, KAI, "w:i"),
    ]
}

fn fonts(of: WordFonts, is_chinese: bool) -> XmlElement {
    let latin = if is_chinese { of.chinese } else { of.latin };
    element("w:rFonts")
        .with("w:ascii", latin)
        .with("w:hAnsi", latin)
        .with("w:eastAsia", of.chinese)
        .with("w:cs", of.latin)
}

/// The digits of numbers in tables.
pub(super) fn digits() -> XmlElement {
    let latin = FANG_SONG.latin;
    element("w:rFonts").with("w:ascii", latin).with("w:hAnsi", latin).with("w:cs", latin)
}

/// The fonts in use, each with the one that a machine without it takes.
pub(super) fn font_table() -> XmlElement {
    let font = |(name, other, family): &(&str, &str, &str)| {
        element("w:font")
            .with("w:name", name)
            .child(value("w:altName", other))
            .child(value("w:charset", "86"))
            .child(value("w:family", family))
            .child(value("w:pitch", "default"))
    };
    super::package::root("w:fonts").children(FONT_TABLE.iter().map(font))
}

/// The exact height of a mark's line in twips, from its size in points and its pitch in em.
pub(super) fn mark_line(size: f32, pitch: f32) -> i64 {
    twips_of(size * pitch)
}
