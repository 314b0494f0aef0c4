//! Clause 7.3: text, headings, list of attachments, signature, attachments.

use super::head::is_date;
use super::lines::{Lines, ReadLine};
use super::{CELL, LEFT, LINE, LayoutFindings, MIDDLE, RIGHT, SIZE_2, SIZE_3, TOP};
use tongbao_message::message;

pub(super) fn inspect(findings: &mut LayoutFindings, lines: &Lines) {
    let on_first = lines.body().filter(|line| line.page == 1 && line.left() > LEFT + CELL).count();
    let shown = (1, message!("layout-paragraphs-begin", on_first), on_first > 0);
    findings.fact("7.3.3", "公文首页必须显示正文", message!("layout-text-on-page"), [shown]);
    paragraphs(findings, lines);
    headings(findings, lines);
    list_of_attachments(findings, lines);
    signature(findings, lines);
    attachments(findings, lines);
}

/// Left edges in the text: flush, or two characters in. Later entries of 附件说明 and the signature
/// have places of their own.
fn paragraphs(findings: &mut LayoutFindings, lines: &Lines) {
    let end = tail_start(lines);
    let begins = |line: &&ReadLine| {
        let before_tail = end.is_none_or(|(page, baseline)| (line.page, line.baseline()) < (page, baseline));
        before_tail && line.left() > LEFT + CELL && line.left() < LEFT + 3.0 * CELL
    };
    let is_mark = |line: &&ReadLine| !crate::layout::line_break::marks::is_opening(line.letters[0].c);
    let places = lines.body().filter(begins).filter(is_mark).map(|line| (line.page, line.left() - LEFT));
    findings.length("7.3.3", "自然段左空二字", 2.0 * CELL, places);
}

/// Where 附件说明 or, without one, the signature begins.
fn tail_start(lines: &Lines) -> Option<(usize, f32)> {
    let list = lines.body().find(|line| line.text.starts_with("附件："));
    list.or_else(|| signature_lines(lines).map(|(issuer, _)| issuer)).map(|line| (line.page, line.baseline()))
}

const NUMERALS: &str = "一二三四五六七八九十";

/// `一、` and `（一）` at the start of a paragraph.
pub(super) fn level(line: &ReadLine) -> Option<u8> {
    if (line.left() - LEFT - 2.0 * CELL).abs() > CELL {
        return None;
    }
    let numeral = |text: &str| !text.is_empty() && text.chars().all(|c| NUMERALS.contains(c));
    let first = line.text.split_once('、').is_some_and(|(number, _)| numeral(number));
    let second = line.text.strip_prefix('（').and_then(|rest| rest.split_once('）'));
    match (first, second.is_some_and(|(number, _)| numeral(number))) {
        (true, _) => Some(1),
        (_, true) => Some(2),
        _ => None,
    }
}

/// Whether a font's name says that it is of the kind; `None` if the name tells nothing.
pub(super) fn is_kind(font: &str, kind: &str) -> Option<bool> {
    let name = font.to_ascii_lowercase();
    let kinds = [
        ("仿宋", &["fang"][..]),
        ("楷体", &["kai"]),
        ("黑体", &["hei", "sans", "gothic"]),
        ("小标宋", &["xiaobiao", "xbs", "serif", "song", "ming", "sung"]),
    ];
    let known = kinds.iter().find(|(_, words)| words.iter().any(|word| name.contains(word)))?;
    Some(known.0 == kind)
}

fn headings(findings: &mut LayoutFindings, lines: &Lines) {
    for (clause, rule, kind, wanted) in
        [("7.3.3", "第一层 一、黑体", "黑体", 1), ("7.3.3", "第二层（一）楷体", "楷体", 2)]
    {
        let of_level = lines.body().filter(|line| level(line) == Some(wanted));
        let fonts = of_level.map(|line| (line.page, line.font(), is_kind(line.font(), kind) != Some(false)));
        findings.fact(clause, rule, kind, fonts);
    }
    let text = lines.body().filter(|line| line.left() < LEFT + CELL && level(line).is_none());
    let fonts = text.map(|line| (line.page, line.font(), is_kind(line.font(), "仿宋") != Some(false)));
    findings.fact("5.2.2", "正文仿宋", "仿宋", fonts.filter(|(_, font, _)| !is_note(font)));
    let title = lines.title().map(|line| (1, line.font(), is_kind(line.font(), "小标宋") != Some(false)));
    findings.fact("7.3.1", "标题小标宋", "小标宋", title);
    let label =
        lines.labels().map(|line| (line.page, line.font(), is_kind(line.font(), "黑体") != Some(false)));
    findings.fact("7.3.7", message!("layout-label"), "黑体", label);
}

/// A run of 黑体 or 楷体 may begin a line of a paragraph.
fn is_note(font: &str) -> bool {
    is_kind(font, "黑体") == Some(true) || is_kind(font, "楷体") == Some(true)
}

/// 附件说明: (number, name), the continuation lines joined.
fn entries(lines: &Lines) -> Vec<(&ReadLine, String)> {
    let end = signature_lines(lines).map(|(issuer, _)| (issuer.page, issuer.baseline()));
    let list = lines.body().skip_while(|line| !line.text.starts_with("附件："));
    let list = list.take_while(|line| end.is_none_or(|end| (line.page, line.baseline()) < end));
    let mut out: Vec<(&ReadLine, String)> = Vec::new();
    for line in list {
        let text = line.text.strip_prefix("附件：").unwrap_or(&line.text);
        let numbered = text.split_once(". ").filter(|(number, _)| number.chars().all(|c| c.is_ascii_digit()));
        match (numbered, out.last_mut()) {
            (Some((_, name)), _) => out.push((line, name.to_owned())),
            (None, Some((_, name))) => name.push_str(text),
            (None, None) => out.push((line, text.to_owned())),
        }
    }
    out
}

fn list_of_attachments(findings: &mut LayoutFindings, lines: &Lines) {
    let entries = entries(lines);
    let Some((first, _)) = entries.first() else { return };
    let is_text = |line: &&ReadLine| line.page == first.page && line.top() > TOP && line.is_size(SIZE_3);
    let before = lines.all.iter().rfind(|line| is_text(line) && line.baseline() < first.baseline() - 1.0);
    if let Some(before) = before {
        let gap = first.baseline() - before.baseline();
        // A table in between moves the text on by whole lines.
        let whole = if gap > 2.5 * LINE { (gap / LINE).round() * LINE } else { 2.0 * LINE };
        findings.length(
            "7.3.4",
            message!("layout-below-the-text-one-blank-line"),
            whole,
            [(first.page, gap)],
        );
    }
    findings.length("7.3.4", "附件说明左空二字", 2.0 * CELL, [(first.page, first.left() - LEFT)]);
    let later = entries.iter().skip(1).map(|(line, _)| (line.page, line.left() - LEFT));
    findings.length("7.3.4", message!("layout-later-numbers-below-the-first"), 5.0 * CELL, later);
    let ends = entries
        .iter()
        .map(|(line, name)| (line.page, name.clone(), !name.ends_with(['。', '，', '；', '、'])));
    findings.fact("7.3.4", "附件名称后不加标点符号", message!("layout-no-mark-at-the-end"), ends);
    let titles = attachment_titles(lines);
    let same =
        entries.iter().zip(&titles).map(|((_, name), (page, title))| (*page, title.clone(), title == name));
    findings.fact("7.3.7", message!("layout-as-in"), message!("layout-the-same"), same);
    let count =
        (first.page, message!("layout-attachments", count = titles.len()), titles.len() == entries.len());
    findings.fact(
        "7.3.4",
        message!("layout-attachments-listed"),
        message!("layout-attachments", count = entries.len()),
        [count],
    );
}

/// Page and title of each attachment.
fn attachment_titles(lines: &Lines) -> Vec<(usize, String)> {
    let of = |label: &ReadLine| {
        let parts = lines.all.iter().filter(|line| line.page == label.page && line.is_size(SIZE_2));
        (label.page, parts.map(|line| line.text.as_str()).collect::<String>())
    };
    lines.labels().map(of).collect()
}

/// The first issuer and the date below the text.
pub(super) fn signature_lines(lines: &Lines) -> Option<(&ReadLine, &ReadLine)> {
    let all = signers(lines)?;
    Some((all.0.first()?, all.1))
}

/// All issuers, and the date below them: with lines of their own, no pitch of text between them.
fn signers(lines: &Lines) -> Option<(Vec<&ReadLine>, &ReadLine)> {
    let body: Vec<&ReadLine> = lines.body().collect();
    let date = body.iter().rposition(|line| is_date(&line.text))?;
    let mut first = date.checked_sub(1)?;
    let follows = |above: &ReadLine, below: &ReadLine| {
        above.page == below.page && (below.baseline() - above.baseline() - LINE).abs() < 0.5
    };
    // A line above it without a blank line between is an issuer too.
    while first > 0 && follows(body[first - 1], body[first]) {
        first -= 1;
    }
    Some((body[first..date].to_vec(), body[date]))
}

fn signature(findings: &mut LayoutFindings, lines: &Lines) {
    // An annex is signed with its document.
    if lines.annex_label().is_some() {
        return;
    }
    let Some((issuer, date)) = signature_lines(lines) else {
        return findings.fact(
            "7.3.5.4",
            "成文日期",
            message!("layout-without-leading-zeros"),
            [(1, message!("layout-not-found"), false)],
        );
    };
    let Some((issuers, _)) = signers(lines) else { return };
    let widest = issuers.iter().copied().max_by(|a, b| a.width().total_cmp(&b.width())).unwrap_or(issuer);
    let last = issuers.last().copied().unwrap_or(issuer);
    findings.length(
        "7.3.5.2",
        message!("layout-on-the-line-below"),
        LINE,
        [(date.page, date.baseline() - last.baseline())],
    );
    let has_seal = (widest.middle() - date.middle()).abs() < 0.5 && RIGHT - date.right() > 3.0 * CELL;
    if has_seal {
        let is_long = widest.width() > date.width() + 8.0 * CELL;
        let (what, due) = if is_long { (widest, 0.0) } else { (date, 4.0 * CELL) };
        findings.length("7.3.5.1", "成文日期右空四字", due, [(date.page, RIGHT - what.right())]);
        findings.length("7.3.5.1", "署名以成文日期居中", date.middle(), [(issuer.page, widest.middle())]);
    } else {
        findings.length(
            "7.3.5.2",
            "成文日期首字比署名右移二字",
            2.0 * CELL,
            [(date.page, date.left() - widest.left())],
        );
        let (from_right, rule) = if date.width() > widest.width() {
            (RIGHT - date.right(), "成文日期右空二字")
        } else {
            (RIGHT - widest.right(), "署名右空二字")
        };
        // An issuer of more than 26 characters cannot keep them.
        let due = if widest.width() > 25.9 * CELL { from_right } else { 2.0 * CELL };
        findings.length("7.3.5.2", rule, due, [(issuer.page, from_right)]);
    }
    let before = lines
        .body()
        .filter(|line| (line.page, line.baseline()) < (issuer.page, issuer.baseline() - 1.0))
        .last();
    if let Some(before) = before.filter(|before| before.page == issuer.page) {
        let gap = issuer.baseline() - before.baseline();
        let least = if has_seal { 3.0 } else { 2.0 };
        let whole = if gap > (least + 0.5) * LINE { (gap / LINE).round() * LINE } else { least * LINE };
        findings.length("7.3.5.2", message!("layout-one-blank-line-below"), whole, [(issuer.page, gap)]);
    }
    // 附件说明 is no text.
    let list = lines.body().find(|line| line.text.starts_with("附件：") && line.page == issuer.page);
    let until = list.unwrap_or(issuer).baseline();
    let is_text =
        |line: &&ReadLine| line.page == issuer.page && line.baseline() < until - 1.0 && line.top() > TOP;
    let count = lines.all.iter().filter(is_text).count();
    let shown = (issuer.page, message!("layout-lines", count), count > 0);
    findings.fact(
        "7.3.5.5",
        message!("layout-signature-on-a-page-with-text"),
        message!("layout-text"),
        [shown],
    );
}

fn attachments(findings: &mut LayoutFindings, lines: &Lines) {
    let (upright, turned) = ((LEFT, TOP), (297.0 - TOP - 225.0, LEFT));
    let area = |line: &ReadLine| if line.turned { turned } else { upright };
    let places = lines.labels().map(|line| (line.page, line.left() - area(line).0));
    findings.length("7.3.7", message!("layout-label-2"), 0.0, places);
    let first = lines.labels().map(|line| (line.page, line.grid_line(area(line).1) * LINE));
    findings.length("7.3.7", message!("layout-label-on-the-first-line"), 0.0, first);
    let titles = lines
        .labels()
        .filter_map(|label| lines.all.iter().find(|line| line.page == label.page && line.is_size(SIZE_2)));
    let titles: Vec<&ReadLine> = titles.collect();
    // The title's characters are in the middle of their line, whatever their size.
    let third = |line: &ReadLine| {
        let middle = line.baseline() - 0.38 * line.size() * super::MM_PER_PT;
        middle - area(line).1 - 2.5 * LINE
    };
    findings.length(
        "7.3.7",
        message!("layout-on-the-third-line"),
        0.0,
        titles.iter().map(|line| (line.page, third(line))),
    );
    let middle = |line: &ReadLine| line.middle() - if line.turned { turned.0 + 225.0 / 2.0 } else { MIDDLE };
    findings.length("7.3.7", "附件标题居中", 0.0, titles.iter().map(|line| (line.page, middle(line))));
}
