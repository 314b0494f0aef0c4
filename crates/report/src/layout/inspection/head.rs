//! Clause 7.2 and the title of 7.3: issuer mark, number, red rule, title, addressee.

use super::lines::{Lines, ReadLine};
use super::{CELL, LEFT, LINE, LayoutFindings, MIDDLE, MM_PER_PT, RIGHT, ReadPage, SIZE_2, SIZE_3, TOP};
use tongbao_message::message;

pub(super) fn inspect(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    if let Some(label) = lines.annex_label() {
        return findings.length("7.3.7", message!("layout-left-edge"), LEFT, [(1, label.left())]);
    }
    let Some(mark) =
        lines.head().filter(|line| line.letters[0].red).max_by(|a, b| a.size().total_cmp(&b.size()))
    else {
        return findings.fact(
            "7.2.4",
            "发文机关标志",
            message!("layout-red-on-page"),
            [(1, message!("layout-not-found"), false)],
        );
    };
    let red = issuer_mark(findings, sheets, lines, mark);
    // Of the head of a 简报 the standard says nothing more.
    let is_brief = lines.is_brief();
    if !is_brief {
        official(findings, lines, &red);
    }
    title(findings, lines, is_brief);
}

/// The lines of the mark, and the rule below it.
pub(super) fn issuer_mark<'a>(
    findings: &mut LayoutFindings,
    sheets: &[ReadPage],
    lines: &'a Lines,
    mark: &ReadLine,
) -> Vec<&'a ReadLine> {
    // A long mark has several lines, and several issuers have 文件 beside them.
    let red: Vec<&ReadLine> =
        lines.head().filter(|line| line.letters[0].red && line.is_size(mark.size())).collect();
    let left = red.iter().map(|line| line.left()).fold(f32::MAX, f32::min);
    let right = red.iter().map(|line| line.right()).fold(f32::MIN, f32::max);
    findings.length("7.2.4", message!("layout-middle-2"), MIDDLE, [(1, (left + right) / 2.0)]);
    let is_large = (1, format!("{:.1} pt", mark.size()), mark.size() > SIZE_2);
    findings.fact("7.2.4", message!("layout-size"), message!("layout-larger-than-the-title"), [is_large]);
    red_rule(findings, sheets);
    red
}

/// `2016年6月13日`, without leading zeros.
pub(super) fn is_date(text: &str) -> bool {
    let number = |text: &str, most: u32| {
        text.parse::<u32>().is_ok_and(|n| n >= 1 && n <= most) && !text.starts_with('0')
    };
    let parts = || {
        let (year, rest) = text.split_once('年')?;
        let (month, rest) = rest.split_once('月')?;
        Some((year, month, rest.strip_suffix('日')?))
    };
    parts().is_some_and(|(year, month, day)| {
        year.len() == 4 && number(year, 9999) && number(month, 12) && number(day, 31)
    })
}

fn red_rule(findings: &mut LayoutFindings, sheets: &[ReadPage]) {
    let rules: Vec<_> = sheets[0].strokes.iter().filter(|stroke| stroke.red).collect();
    if rules.is_empty() {
        return findings.fact(
            "7.2.7",
            "红色分隔线",
            message!("layout-on-page"),
            [(1, message!("layout-not-found"), false)],
        );
    }
    findings.length("7.2.7", message!("layout-width-2"), 156.0, rules.iter().map(|r| (1, r.to.0 - r.from.0)));
    findings.length("7.2.7", message!("layout-left-end"), LEFT, rules.iter().map(|r| (1, r.from.0)));
}

/// Upper edge of a line's ink.
fn ink_top(line: &ReadLine) -> f32 {
    line.letters.iter().filter_map(|letter| letter.ink).map(|ink| ink.0).fold(f32::MAX, f32::min)
}

fn official(findings: &mut LayoutFindings, lines: &Lines, mark: &[&ReadLine]) {
    let top = mark.iter().map(|line| ink_top(line)).fold(f32::MAX, f32::min);
    let bottom = mark.iter().map(|line| ink_top(line) + line.size() * MM_PER_PT).fold(f32::MIN, f32::max);
    findings.length("7.2.4", message!("layout-below-the-type-areas-top"), 35.0, [(1, top - TOP)]);
    let Some(rule) = lines.red_rule else { return };
    let signer = lines.head().find(|line| line.text.starts_with("签发人："));
    let text = || lines.head().filter(|line| !line.letters[0].red && line.is_size(SIZE_3));
    let number = text().filter(|line| line.text.ends_with('号')).last();
    let Some(number) = number else {
        // A draft has no number: its place is kept.
        let kept = rule - bottom;
        let due = 2.5 * LINE + SIZE_3 * MM_PER_PT / 2.0 + 4.0;
        return findings.length("7.2.7", message!("layout-below-the-mark-of-a-draft"), due, [(1, kept)]);
    };
    let blank = number.top() - (LINE - SIZE_3 * MM_PER_PT) / 2.0 - bottom;
    findings.length("7.2.5", message!("layout-below-the-mark-two-blank-lines"), 2.0 * LINE, [(1, blank)]);
    match signer {
        None => findings.length("7.2.5", message!("layout-middle-3"), MIDDLE, [(1, number.middle())]),
        Some(signer) => {
            findings.length("7.2.5", "上行文 发文字号居左空一字", CELL, [(1, number.left() - LEFT)]);
            findings.length("7.2.6", "签发人居右空一字", CELL, [(1, RIGHT - signer.right())]);
        }
    }
    findings.fact(
        "7.2.5",
        message!("layout-form-2"),
        "代字〔年份〕序号号",
        [(1, number.text.clone(), is_number(&number.text))],
    );
    findings.length("7.2.7", message!("layout-below-the-number"), 4.0, [(1, rule - number.bottom())]);
}

/// `荔街〔2016〕52号`: hexagonal brackets, a full year, no 第, no leading zero.
fn is_number(text: &str) -> bool {
    let parts = || {
        let (_, rest) = text.split_once('〔')?;
        let (year, rest) = rest.split_once('〕')?;
        Some((year, rest.strip_suffix('号')?))
    };
    let digits =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) && !text.starts_with('0');
    parts().is_some_and(|(year, number)| year.len() == 4 && digits(year) && digits(number))
}

fn title(findings: &mut LayoutFindings, lines: &Lines, is_brief: bool) {
    let title: Vec<&ReadLine> = lines.title().collect();
    let (Some(first), Some(rule)) = (title.first(), lines.red_rule) else {
        return findings.fact(
            "7.3.1",
            "标题",
            message!("layout-below-the-red-rule"),
            [(1, message!("layout-not-found"), false)],
        );
    };
    // The title's lines stand in bands of 1.1 lines.
    let blank = first.top() - (1.1 * LINE - SIZE_2 * MM_PER_PT) / 2.0 - rule;
    if !is_brief {
        findings.length("7.3.1", message!("layout-below-the-red-rule-two-blank"), 2.0 * LINE, [(1, blank)]);
    }
    findings.length("7.3.1", message!("layout-middle"), MIDDLE, title.iter().map(|line| (1, line.middle())));
    let counts = title.iter().map(|line| {
        let count = line.letters.len();
        (1, message!("layout-characters", count), count <= 24)
    });
    findings.fact(
        "7.3.1",
        message!("layout-length-of-a-line"),
        message!("layout-about-characters-at-most"),
        counts,
    );
    addressee(findings, lines);
}

fn addressee(findings: &mut LayoutFindings, lines: &Lines) {
    let last_of_title = lines
        .all
        .iter()
        .filter(|line| line.page == 1 && lines.red_rule.is_some_and(|rule| line.baseline() > rule))
        .take_while(|line| line.is_size(SIZE_2) || line.left() > LEFT + 3.0 * CELL)
        .last();
    let first = lines.body().find(|line| line.page == 1 && line.left() < LEFT + 3.0 * CELL);
    let (Some(title), Some(first)) = (last_of_title, first) else { return };
    let pitch = 1.1 * LINE;
    let title_end = title.baseline() - 0.38 * title.size() * MM_PER_PT + pitch / 2.0;
    let band = first.baseline() - 0.38 * SIZE_3 * MM_PER_PT - LINE / 2.0;
    findings.length(
        "7.3.2",
        message!("layout-below-the-title-one-blank-line"),
        LINE,
        [(1, band - title_end)],
    );
    let addressed = lines.body().take_while(|line| line.page == 1).find(|line| line.text.ends_with('：'));
    if let Some(end) = addressed.filter(|line| line.left() < LEFT + CELL) {
        findings.length("7.3.2", message!("layout-left-edge-2"), LEFT, [(1, end.left())]);
    }
}
