//! Letters put together to lines, and lines distinguished by what they are.

use super::{BOTTOM, LINE, Letter, MM_PER_PT, ReadPage, SIZE_3, TOP};

/// Letters on one baseline, in one size, without a wide gap between them.
#[derive(Debug, Clone)]
pub(super) struct ReadLine {
    /// Counted from 1.
    pub page: usize,
    pub turned: bool,
    pub letters: Vec<Letter>,
    pub text: String,
}

impl ReadLine {
    pub(super) fn left(&self) -> f32 {
        self.letters[0].x.0
    }

    pub(super) fn right(&self) -> f32 {
        self.letters[self.letters.len() - 1].x.1
    }

    /// The right edge of the last character that is no blank.
    pub(super) fn ink_right(&self) -> f32 {
        let last = self.letters.iter().rfind(|letter| !letter.c.is_whitespace());
        last.map_or_else(|| self.right(), |letter| letter.x.1)
    }

    pub(super) fn width(&self) -> f32 {
        self.right() - self.left()
    }

    pub(super) fn middle(&self) -> f32 {
        (self.left() + self.right()) / 2.0
    }

    pub(super) fn baseline(&self) -> f32 {
        self.letters[0].baseline
    }

    pub(super) fn size(&self) -> f32 {
        self.letters[0].size
    }

    pub(super) fn is_size(&self, size: f32) -> bool {
        (self.size() - size).abs() < 0.05
    }

    /// The font of most of its letters: a rare character may come from another.
    pub(super) fn font(&self) -> &str {
        let count = |font: &str| self.letters.iter().filter(|letter| letter.font == font).count();
        let most = self.letters.iter().max_by_key(|letter| count(&letter.font));
        most.map_or("", |letter| &letter.font)
    }

    /// The upper edge of the line's characters: an em box reaches 0.88 above the baseline.
    pub(super) fn top(&self) -> f32 {
        self.baseline() - 0.88 * self.size() * MM_PER_PT
    }

    pub(super) fn bottom(&self) -> f32 {
        self.baseline() + 0.12 * self.size() * MM_PER_PT
    }

    /// Number of the grid line it stands on, from 0, with the part by which it misses it. The
    /// characters of a line are in the middle of its band.
    pub(super) fn grid_line(&self, top: f32) -> f32 {
        (self.baseline() - 0.38 * SIZE_3 * MM_PER_PT - top) / LINE - 0.5
    }
}

/// The lines of a document in reading order, and where its parts begin.
pub(super) struct Lines {
    pub all: Vec<ReadLine>,
    /// Place of the red rule on the first page.
    pub red_rule: Option<f32>,
    /// The first page of the first attachment, if there is one.
    pub attachments_from: usize,
}

impl Lines {
    pub(super) fn of(sheets: &[ReadPage]) -> Lines {
        let mut all = Vec::new();
        for (sheet, page) in sheets.iter().zip(1..) {
            of_sheet(sheet, page, &mut all);
        }
        let red = |sheet: &ReadPage| {
            let rules = sheet.strokes.iter().filter(|s| s.red && (s.to.0 - s.from.0).abs() > 100.0);
            rules.map(|rule| rule.from.1).next()
        };
        let starts =
            all.iter().filter(|line| is_label(line) && line.grid_line(TOP) < 0.5 || is_turned_label(line));
        let attachments_from = starts.map(|line| line.page).min().unwrap_or(usize::MAX);
        Lines { red_rule: sheets.first().and_then(red), attachments_from, all }
    }

    /// Upright lines of 三号 between the head of the first page and the attachments.
    pub(super) fn body(&self) -> impl Iterator<Item = &ReadLine> {
        let from = self.red_rule.unwrap_or(TOP);
        self.all.iter().filter(move |line| {
            let in_text = line.page > 1 || line.baseline() > from;
            in_text && line.page < self.attachments_from && is_text(line)
        })
    }

    pub(super) fn title(&self) -> impl Iterator<Item = &ReadLine> {
        let from = self.red_rule.unwrap_or(TOP);
        self.all
            .iter()
            .filter(move |line| line.page == 1 && line.baseline() > from && line.is_size(super::SIZE_2))
    }

    /// The lines of the first page above the red rule.
    pub(super) fn head(&self) -> impl Iterator<Item = &ReadLine> {
        let until = self.red_rule.unwrap_or(0.0);
        self.all.iter().filter(move |line| line.page == 1 && line.baseline() < until && line.top() > TOP)
    }

    /// Whether the head is that of a 简报: issuer and date stand on the line above the rule.
    pub(super) fn is_brief(&self) -> bool {
        self.head().any(|line| super::head::is_date(&line.text))
    }

    /// The label of a document that is itself an annex, on its first line: `荔街〔2016〕61号附件`.
    pub(super) fn annex_label(&self) -> Option<&ReadLine> {
        let first = self.all.iter().find(|line| line.page == 1 && line.top() > TOP)?;
        let is_label = first.text.ends_with("附件") || first.text.ends_with("领导摘要");
        (self.red_rule.is_none() && is_text(first) && is_label).then_some(first)
    }

    /// 附件 labels of attachment pages.
    pub(super) fn labels(&self) -> impl Iterator<Item = &ReadLine> {
        self.all.iter().filter(|line| line.page >= self.attachments_from && is_label(line))
    }
}

/// Black 三号 within the type area.
fn is_text(line: &ReadLine) -> bool {
    !line.turned
        && !line.letters[0].red
        && line.is_size(SIZE_3)
        && line.top() > TOP
        && line.bottom() < BOTTOM + 1.0
}

fn is_label(line: &ReadLine) -> bool {
    let rest = line.text.strip_prefix("附件").or_else(|| line.text.strip_prefix("Annex "));
    line.is_size(SIZE_3) && rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
}

fn is_turned_label(line: &ReadLine) -> bool {
    line.turned && is_label(line)
}

fn of_sheet(sheet: &ReadPage, page: usize, out: &mut Vec<ReadLine>) {
    let start = out.len();
    for letter in &sheet.letters {
        let follows = |line: &ReadLine| {
            let last = &line.letters[line.letters.len() - 1];
            let em = letter.size * MM_PER_PT;
            let gap = letter.x.0 - last.x.1;
            last.upright == letter.upright
                && (last.baseline - letter.baseline).abs() < 0.1
                && (last.size - letter.size).abs() < 0.05
                && gap < 1.2 * em
                && gap > -1.2 * em
        };
        match out[start..].last_mut() {
            Some(line) if follows(line) => {
                line.letters.push(letter.clone());
                line.text.push(letter.c);
            }
            _ => {
                let turned = !letter.upright;
                out.push(ReadLine {
                    page,
                    turned,
                    letters: vec![letter.clone()],
                    text: letter.c.to_string(),
                });
            }
        }
    }
    out[start..].sort_by(|a, b| a.baseline().total_cmp(&b.baseline()).then(a.left().total_cmp(&b.left())));
}

/// `— 1 —`.
pub(super) fn number_of(line: &ReadLine) -> Option<usize> {
    let inner = line.text.strip_prefix('—')?.strip_suffix('—')?;
    inner.trim().parse().ok().filter(|_| !line.turned && line.top() > BOTTOM)
}
