//! A document on its pages: head, title, body, signature, attachments, foot and page numbers.

use super::line_break::{Alignment, Char, width};
use super::metrics::{Metrics, MissingGlyph, Role};
use super::page::{
    Canvas, Colour, Item, LEFT, LINE, MM_PER_PT, Pages, SIZE_2, SIZE_3, SIZE_4, SIZE_5, TOP, TURNED, Type,
    UPRIGHT, WIDTH,
};
use super::{chart, table};
use crate::report::document::{Block, Document, Head, Span, Style};
use crate::report::words::fill;

/// Sets the whole document. The only thing that can go wrong is a character that no font has.
pub fn compose(document: &Document, metrics: &dyn Metrics) -> Result<Pages, MissingGlyph> {
    let mut canvas = Canvas::new(metrics);
    let head = &document.head;
    mark(&mut canvas, head)?;
    title(&mut canvas, head)?;
    let body = document.blocks.iter().position(|b| matches!(b, Block::Attachment { .. }));
    let (body, attachments) = document.blocks.split_at(body.unwrap_or(document.blocks.len()));
    for block in body {
        set_block(&mut canvas, block)?;
    }
    attachment_list(&mut canvas, head)?;
    signature(&mut canvas, head)?;
    for block in attachments {
        set_block(&mut canvas, block)?;
    }
    foot(&mut canvas, head)?;
    page_numbers(&mut canvas)?;
    if head.draft {
        draft_marks(&mut canvas, head.words.draft)?;
    }
    Ok(canvas.out)
}

/// 发文机关标志 (clause 7.2.4), number and red rule (7.2.5, 7.2.7), or the head of a 简报.
fn mark(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    let top = TOP + if head.brief { 10.0 } else { 35.0 };
    let size = mark_size(canvas, &head.mark)?;
    let height = size * MM_PER_PT;
    let style = Type { role: Role::SmallTitle, size, colour: Colour::Red };
    canvas.text(&head.mark, style, (LEFT, WIDTH), (top, height), Alignment::Center)?;
    let text = Type::new(Role::FangSong, SIZE_3);
    let mut y = top + height;
    if head.brief {
        if let Some(number) = &head.number {
            canvas.text(number, text, (LEFT, WIDTH), (y + LINE * 0.5, LINE), Alignment::Center)?;
        }
        y += LINE * 1.7;
        let cell = super::page::CELL;
        let sides = (LEFT + cell, WIDTH - 2.0 * cell);
        canvas.text(&head.signatory, text, sides, (y, LINE), Alignment::Left)?;
        canvas.text(&head.date, text, sides, (y, LINE), Alignment::Right)?;
        y += LINE;
    } else {
        // Two blank lines below the mark.
        y += 2.0 * LINE;
        if let Some(number) = &head.number {
            canvas.text(number, text, (LEFT, WIDTH), (y, LINE), Alignment::Center)?;
        }
        y += LINE / 2.0 + SIZE_3 * MM_PER_PT / 2.0 + 4.0;
    }
    canvas.rule(LEFT, y, WIDTH, 0.6, Colour::Red);
    canvas.y = y;
    Ok(())
}

/// The mark fills the type area at most, and is no larger than that of the superior (clause 7.2.4).
fn mark_size(canvas: &Canvas, mark: &str) -> Result<f32, MissingGlyph> {
    let style = Type::new(Role::SmallTitle, 1.0);
    let ems = width(&style.chars(mark), canvas.metrics, "issuer mark")?;
    Ok((WIDTH * 0.94 / ems.max(1.0) / MM_PER_PT).min(48.0))
}

/// Title two lines below the rule (clause 7.3.1), addressee one line below it (7.3.2).
fn title(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    canvas.y += if head.brief { LINE } else { 2.0 * LINE };
    let style = Type::new(Role::SmallTitle, SIZE_2);
    canvas.bookmark(0, &head.title.replace('\n', ""));
    for line in head.title.lines() {
        for part in balanced(line) {
            canvas.text(&part, style, (LEFT, WIDTH), (canvas.y, LINE * 1.1), Alignment::Center)?;
            canvas.y += LINE * 1.1;
        }
    }
    canvas.y += LINE;
    if let Some(addressee) = &head.addressee {
        let text = fill(head.words.addressee, &[addressee]);
        let style = Type::new(Role::FangSong, SIZE_3);
        canvas.paragraph(&style.chars(&text), style, 0.0, "addressee")?;
    }
    Ok(())
}

/// A title line over 20 characters is divided evenly.
fn balanced(line: &str) -> Vec<String> {
    let chars: Vec<char> = line.chars().collect();
    let parts = chars.len().div_ceil(20).max(1);
    chars.chunks(chars.len().div_ceil(parts).max(1)).map(|part| part.iter().collect()).collect()
}

fn set_block(canvas: &mut Canvas, block: &Block) -> Result<(), MissingGlyph> {
    match block {
        Block::Heading { level, text } => heading(canvas, *level, text),
        Block::Paragraph(spans) => {
            let style = Type::new(Role::FangSong, SIZE_3);
            canvas.paragraph(&chars(spans, Role::FangSong), style, 2.0 * style.em(), &excerpt(spans))
        }
        Block::Table(block) => {
            let gap = if canvas.at_top() { 0.0 } else { 2.0 };
            canvas.y += gap;
            table::table(canvas, block)?;
            canvas.y += gap;
            Ok(())
        }
        Block::Chart(block) => chart::chart(canvas, block),
        Block::Attachment { label, title, turned } => attachment(canvas, label, title, *turned),
    }
}

/// 一、黑体 （一）楷体 1. and （1）仿宋 (clause 7.3.3). A heading is not left alone at the foot.
fn heading(canvas: &mut Canvas, level: u8, text: &[Span]) -> Result<(), MissingGlyph> {
    let role = match level {
        1 => Role::Hei,
        2 => Role::Kai,
        _ => Role::FangSong,
    };
    let style = Type::new(role, SIZE_3);
    canvas.need(2.0 * LINE);
    let title: String = text.iter().map(|span| span.text.as_str()).collect();
    canvas.bookmark(level.min(4), &title);
    canvas.paragraph(&chars(text, role), style, 2.0 * style.em(), &title)
}

fn chars(spans: &[Span], plain: Role) -> Vec<Char> {
    let role = |style: Style| match style {
        Style::Plain => plain,
        Style::Strong => Role::Hei,
        Style::Emphasis => Role::Kai,
    };
    spans.iter().flat_map(|s| s.text.chars().map(move |c| Char { c, role: role(s.style) })).collect()
}

fn excerpt(spans: &[Span]) -> String {
    let text: String = spans.iter().flat_map(|span| span.text.chars()).take(12).collect();
    format!("paragraph \"{text}…\"")
}

/// 附件说明: one blank line below the text, indent 2, names without end marks (clause 7.3.4).
fn attachment_list(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    if head.attachments.is_empty() {
        return Ok(());
    }
    canvas.y += LINE;
    // Kept together with the signature, which must not stand alone on a page.
    canvas.need((head.attachments.len() as f32 + 3.0) * LINE);
    let style = Type::new(Role::FangSong, SIZE_3);
    let several = head.attachments.len() > 1;
    for (i, name) in head.attachments.iter().enumerate() {
        let label = if i == 0 { head.words.attachments } else { "" };
        let number = if several { format!("{}. ", i + 1) } else { String::new() };
        // Later lines begin below the first number: 2 + 3 characters.
        let indent = if i == 0 { 2.0 } else { 5.0 };
        let text = format!("{label}{number}{name}");
        canvas.paragraph(&style.chars(&text), style, indent * style.em(), "list of attachments")?;
    }
    Ok(())
}

/// Issuer and date without a seal (clause 7.3.5.2): the issuer 2 characters in from the right, the
/// date beginning 2 characters right of the issuer; if the date is the longer, it stands 2
/// characters in and the issuer moves left.
fn signature(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    let style = Type::new(Role::FangSong, SIZE_3);
    let measure = |text: &str| width(&style.chars(text), canvas.metrics, "signature").map(|w| w * style.em());
    let (issuer, date) = (measure(&head.signatory)?, measure(&head.date)?);
    let right = LEFT + WIDTH - 2.0 * style.em();
    let mut x = right - issuer;
    if x + 2.0 * style.em() + date > LEFT + WIDTH {
        x = right - date - 2.0 * style.em();
    }
    canvas.y += LINE;
    canvas.need(2.0 * LINE);
    canvas.text(&head.signatory, style, (x, WIDTH), (canvas.y, LINE), Alignment::Left)?;
    let date_x = x + 2.0 * style.em();
    canvas.text(&head.date, style, (date_x, WIDTH), (canvas.y + LINE, LINE), Alignment::Left)?;
    canvas.y += 2.0 * LINE;
    Ok(())
}

/// 附件: new page, label on the first line in 黑体, title on the third line (clause 7.3.7).
fn attachment(canvas: &mut Canvas, label: &str, title: &str, turned: bool) -> Result<(), MissingGlyph> {
    canvas.new_page(if turned { TURNED } else { UPRIGHT });
    let (left, width) = (canvas.area.left, canvas.area.width);
    canvas.bookmark(0, &format!("{label} {title}"));
    canvas.text(label, Type::new(Role::Hei, SIZE_3), (left, width), (canvas.y, LINE), Alignment::Left)?;
    let style = Type::new(Role::SmallTitle, SIZE_2);
    canvas.text(title, style, (left, width), (canvas.y + 2.0 * LINE, LINE), Alignment::Center)?;
    canvas.y += 3.5 * LINE;
    Ok(())
}

/// 版记 on the foot of the last even page (clause 7.4): 抄送 and 印发, between rules.
fn foot(canvas: &mut Canvas, head: &Head) -> Result<(), MissingGlyph> {
    let Some(printed_by) = &head.printed_by else { return Ok(()) };
    let rows = if head.copy_to.is_some() { 2.0 } else { 1.0 };
    let height = rows * LINE * 0.8;
    let is_free = |canvas: &Canvas| canvas.area == UPRIGHT && canvas.room() > height + LINE / 2.0;
    if !canvas.out.pages.len().is_multiple_of(2) || !is_free(canvas) {
        canvas.new_page(UPRIGHT);
    }
    if !canvas.out.pages.len().is_multiple_of(2) {
        canvas.new_page(UPRIGHT);
    }
    let style = Type::new(Role::FangSong, SIZE_4);
    let em = style.em();
    let inner = (LEFT + em, WIDTH - 2.0 * em);
    let mut y = canvas.bottom() - height;
    canvas.rule(LEFT, y, WIDTH, 0.35, Colour::Black);
    if let Some(copy_to) = &head.copy_to {
        canvas.text(&fill(head.words.copy_to, &[copy_to]), style, inner, (y, LINE * 0.8), Alignment::Left)?;
        y += LINE * 0.8;
        canvas.rule(LEFT, y, WIDTH, 0.25, Colour::Black);
    }
    canvas.text(printed_by, style, inner, (y, LINE * 0.8), Alignment::Left)?;
    canvas.text(&fill(head.words.printed, &[&head.date]), style, inner, (y, LINE * 0.8), Alignment::Right)?;
    canvas.rule(LEFT, canvas.bottom(), WIDTH, 0.35, Colour::Black);
    Ok(())
}

/// `— 1 —` in 四号 Song, its dash 7 mm below the type area; odd right, even left, one character in
/// (clause 7.5).
fn page_numbers(canvas: &mut Canvas) -> Result<(), MissingGlyph> {
    let style = Type::new(Role::Song, SIZE_4);
    for i in 0..canvas.out.pages.len() {
        let page = &canvas.out.pages[i];
        let area = if page.width > page.height { TURNED } else { UPRIGHT };
        let number = format!("— {} —", i + 1);
        let alignment = if i.is_multiple_of(2) { Alignment::Right } else { Alignment::Left };
        let chars = style.chars(&number);
        let setting = super::line_break::Setting {
            em: style.em(),
            measure: area.width - 2.0 * style.em(),
            indent: 0.0,
            alignment,
        };
        let dash = area.top + area.height + 7.0;
        for line in super::line_break::set(&chars, setting, canvas.metrics, "page number")? {
            let x = area.left + style.em();
            let glyphs = line.glyphs.iter().map(|g| (g.c, g.glyph, x + g.x)).collect();
            // A dash lies about 0.38 em above the baseline.
            let baseline = dash + 0.38 * style.size * MM_PER_PT;
            let item = Item::Text { baseline, size: style.size, glyphs, colour: Colour::Black };
            canvas.out.pages[i].items.push(item);
        }
    }
    Ok(())
}

/// 送审稿 in the upper right corner of every page.
fn draft_marks(canvas: &mut Canvas, mark: &str) -> Result<(), MissingGlyph> {
    let style = Type::new(Role::Hei, SIZE_5 + 3.5);
    for i in 0..canvas.out.pages.len() {
        let page = &canvas.out.pages[i];
        let area = if page.width > page.height { TURNED } else { UPRIGHT };
        let setting = super::line_break::Setting {
            em: style.em(),
            measure: area.width,
            indent: 0.0,
            alignment: Alignment::Right,
        };
        for line in super::line_break::set(&style.chars(mark), setting, canvas.metrics, "draft mark")? {
            let glyphs = line.glyphs.iter().map(|g| (g.c, g.glyph, area.left + g.x)).collect();
            let baseline = area.top - 10.0;
            canvas.out.pages[i].items.push(Item::Text {
                baseline,
                size: style.size,
                glyphs,
                colour: Colour::Black,
            });
        }
    }
    Ok(())
}
