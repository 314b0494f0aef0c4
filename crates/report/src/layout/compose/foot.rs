//! What stands below the text: 版记, page numbers, and the mark of a draft.

use super::title;
use crate::layout::line_break::{Alignment, SetLine, Setting, set, set_hanging, width};
use crate::layout::metrics::{MissingGlyph, TypeRole};
use crate::layout::page::{
    Area, Canvas, Closing, Colour, HEIGHT, Imprint, LEFT, LINE, MM_PER_PT, SIZE_4, TOP, TURNED, Type,
    UPRIGHT, WIDTH, text_item,
};
use crate::report::document::PageHead;
use crate::report::words::fill;

/// Height of a line of 版记.
const FOOT_LINE: f32 = 0.8 * LINE;

/// 版记 on the foot of the last even page (clause 7.4), of a 简报 on that of the last page: 抄送 and 印发,
/// between rules. Returns how many pages are numbered: a blank page before it and its own then bear no number
/// (clause 7.5).
pub(super) fn foot(canvas: &mut Canvas, head: &PageHead) -> Result<usize, MissingGlyph> {
    let Some(foot) = set_foot(canvas, head)? else { return Ok(canvas.out.pages.len()) };
    let closing = foot.closing(head);
    let Foot { copies, issuer, printed } = foot;
    let style = style();
    let em = style.em();
    let inner = WIDTH - 2.0 * em;
    let numbered = to_its_page(canvas, closing);
    let mut y = canvas.bottom() - closing.height;
    canvas.rule(LEFT, y, WIDTH, 0.35, Colour::Black);
    for line in &copies {
        canvas.put(line, LEFT + em, y, FOOT_LINE, style);
        y += FOOT_LINE;
    }
    if !copies.is_empty() {
        canvas.rule(LEFT, y, WIDTH, 0.25, Colour::Black);
    }
    canvas.section = "foot".to_owned();
    for line in &issuer {
        canvas.put(line, LEFT + em, y, FOOT_LINE, style);
        y += FOOT_LINE;
    }
    let band = (y - FOOT_LINE, FOOT_LINE);
    canvas.text(&printed, style, (LEFT + em, inner), band, Alignment::Right)?;
    canvas.rule(LEFT, canvas.bottom(), WIDTH, 0.35, Colour::Black);
    Ok(numbered)
}

/// The lines of 版记.
struct Foot {
    copies: Vec<SetLine>,
    issuer: Vec<SetLine>,
    printed: String,
}

impl Foot {
    /// The room that it takes, and the page that it wants.
    fn closing(&self, head: &PageHead) -> Closing {
        let lines = self.copies.len() + self.issuer.len();
        Closing { height: lines as f32 * FOOT_LINE, on_even: !head.brief }
    }
}

fn style() -> Type {
    Type::new(TypeRole::FangSong, SIZE_4)
}

/// `None` where the document has no 版记.
fn set_foot(canvas: &Canvas, head: &PageHead) -> Result<Option<Foot>, MissingGlyph> {
    let Some(printed_by) = &head.printed_by else { return Ok(None) };
    let style = style();
    let em = style.em();
    let copies = copy_lines(canvas, head, style)?;
    let printed = fill(head.words.printed, &[&head.date]);
    let date_width = width(&style.chars(&printed), canvas.metrics, "foot")? * em;
    // An issuer that leaves no room for the date beside it has lines of its own.
    let room = WIDTH - 2.0 * em - date_width - em;
    let issuer = title::set_by_sense(canvas, printed_by, style, room, "foot")?;
    Ok(Some(Foot { copies, issuer, printed }))
}

/// The room that 版记 takes.
pub(super) fn closing(canvas: &Canvas, head: &PageHead) -> Result<Option<Closing>, MissingGlyph> {
    Ok(set_foot(canvas, head)?.map(|foot| foot.closing(head)))
}

/// 抄送, its later lines below the first character after the colon (clause 7.4.2).
fn copy_lines(canvas: &Canvas, head: &PageHead, style: Type) -> Result<Vec<SetLine>, MissingGlyph> {
    let Some(copy_to) = &head.copy_to else { return Ok(Vec::new()) };
    let em = style.em();
    let setting = Setting::flush(em, WIDTH - 2.0 * em, Alignment::Justified);
    let text = fill(head.words.copy_to, &[copy_to]);
    set_hanging(&style.chars(&text), setting, 3.0 * em, canvas.metrics, "foot, 抄送")
}

/// Goes to the page of 版记, and returns how many pages are numbered.
fn to_its_page(canvas: &mut Canvas, closing: Closing) -> usize {
    let pages = canvas.out.pages.len();
    // Nothing upright stands on a turned page.
    let room = if canvas.area.is_turned() { f32::MIN } else { canvas.room() };
    let end = closing.pages(pages, room);
    (pages..end).for_each(|_| canvas.new_page(UPRIGHT));
    match end - pages {
        0 => end,
        1 => {
            if end.is_multiple_of(2) {
                canvas.out.imprint = Imprint::NextPage;
            }
            end
        }
        _ => {
            canvas.out.imprint = Imprint::Alone;
            pages
        }
    }
}

/// `— 1 —` in 四号 Song, its dash 7 mm below the type area; odd right, even left, one character in
/// (clause 7.5). A turned page has its number where the upright pages have it (clause 8).
pub(super) fn page_numbers(canvas: &mut Canvas, numbered: usize) -> Result<(), MissingGlyph> {
    let style = Type::new(TypeRole::Song, SIZE_4);
    for i in 0..numbered {
        let alignment = if i.is_multiple_of(2) { Alignment::Right } else { Alignment::Left };
        let setting = Setting::flush(style.em(), WIDTH - 2.0 * style.em(), alignment);
        let chars = style.chars(&format!("— {} —", i + 1));
        for line in set(&chars, setting, canvas.metrics, "page number")? {
            let dash = line.glyphs.first().and_then(|dash| canvas.metrics.ink(dash.glyph));
            let above = dash.map_or(0.38, |ink| (ink.top + ink.bottom) / 2.0);
            let baseline = TOP + HEIGHT + 7.0 + above * style.size * MM_PER_PT;
            canvas.out.pages[i].outside.push(text_item(&line, LEFT + style.em(), baseline, style));
        }
    }
    Ok(())
}

/// 送审稿 in the upper right corner of every page.
pub(super) fn draft_marks(canvas: &mut Canvas, mark: &str) -> Result<(), MissingGlyph> {
    let style = Type::new(TypeRole::Hei, SIZE_4);
    let lines = |area: Area| {
        let setting = Setting::flush(style.em(), area.width, Alignment::Right);
        set(&style.chars(mark), setting, canvas.metrics, "draft mark")
    };
    let (upright, turned) = (lines(UPRIGHT)?, lines(TURNED)?);
    for page in &mut canvas.out.pages {
        let (area, lines) = if page.width > page.height { (TURNED, &turned) } else { (UPRIGHT, &upright) };
        page.mark(None);
        page.items.extend(lines.iter().map(|line| text_item(line, area.left, area.top - 10.0, style)));
    }
    Ok(())
}
