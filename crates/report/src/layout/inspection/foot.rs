//! Clause 7.4: 版记 on the foot of the last page.

use super::lines::{Lines, ReadLine};
use super::{BOTTOM, LEFT, LayoutFindings, MM_PER_PT, RIGHT, ReadPage, SIZE_4, Stroke};
use tongbao_message::message;

pub(super) fn inspect(findings: &mut LayoutFindings, sheets: &[ReadPage], lines: &Lines) {
    let last = sheets.len();
    let on_last = || lines.all.iter().filter(move |line| line.page == last && !line.turned);
    let Some(printed) = on_last().rfind(|line| line.text.ends_with("印发")) else { return };
    // A 简报 is no 公文: its foot closes whatever page is the last.
    if !lines.is_brief() {
        let place = (last, message!("layout-page", last), last.is_multiple_of(2));
        findings.fact("7.4", message!("layout-on-the-last-even-page"), message!("layout-even"), [place]);
    }
    let copy = on_last().find(|line| line.text.starts_with("抄送："));
    let Some(inner) = rules(findings, sheets, (printed, copy)) else { return };
    words(findings, last, (printed, copy, inner), lines);
}

/// The rules around 印发 and 抄送 on the last page. The place of the rule below 抄送, if there is one.
pub(super) fn rules(
    findings: &mut LayoutFindings,
    sheets: &[ReadPage],
    (printed, copy): (&ReadLine, Option<&ReadLine>),
) -> Option<f32> {
    let last = sheets.len();
    let mut rules: Vec<&Stroke> = sheets[last - 1].strokes.iter().filter(|s| is_rule(s)).collect();
    rules.sort_by(|a, b| a.from.1.total_cmp(&b.from.1));
    let top = copy.unwrap_or(printed).top();
    // The foot's own rules: from the nearest above its first line.
    let first = rules.iter().rposition(|rule| rule.from.1 < top).unwrap_or(0);
    let rules = &rules[first..];
    let expected = if copy.is_some() { 3 } else { 2 };
    let count = (last, message!("layout-rules", count = rules.len()), rules.len() == expected);
    findings.fact("7.4.1", message!("layout-rules-2"), message!("layout-rules-3", expected), [count]);
    let (Some(highest), Some(lowest)) = (rules.first(), rules.last()) else { return None };
    findings.length(
        "7.4.1",
        message!("layout-width"),
        156.0,
        rules.iter().map(|r| (last, r.to.0 - r.from.0)),
    );
    findings.length(
        "7.4.1",
        message!("layout-on-the-type-areas-lower-edge"),
        BOTTOM,
        [(last, lowest.from.1)],
    );
    let weights = |rules: &[&Stroke], due: f32| -> Vec<(usize, String, bool)> {
        rules.iter().map(|r| (last, format!("{:.2} mm", r.width), (r.width - due).abs() < 0.02)).collect()
    };
    findings.fact("7.4.1", message!("layout-weight"), "0.35 mm", weights(&[highest, lowest], 0.35));
    let inner = rules.get(1..rules.len() - 1).unwrap_or_default();
    findings.fact("7.4.1", message!("layout-weight-2"), "0.25 mm", weights(inner, 0.25));
    Some(rules.get(1).map_or(0.0, |rule| rule.from.1))
}

fn is_rule(stroke: &Stroke) -> bool {
    (stroke.from.1 - stroke.to.1).abs() < 0.01 && (stroke.to.0 - stroke.from.0).abs() > 150.0 && !stroke.red
}

/// `inner` is the place of the rule below 抄送, if there is one.
fn words(
    findings: &mut LayoutFindings,
    last: usize,
    (printed, copy, inner): (&ReadLine, Option<&ReadLine>, f32),
    lines: &Lines,
) {
    let em = SIZE_4 * MM_PER_PT;
    let issuer = lines.all.iter().find(|line| {
        line.page == last
            && (line.baseline() - printed.baseline()).abs() < 0.1
            && line.left() < LEFT + 3.0 * em
    });
    let found = || [Some(printed), issuer, copy].into_iter().flatten();
    findings.length(
        "7.4.2",
        message!("layout-height-of-a-character"),
        em,
        found().map(|l| (last, l.size() * MM_PER_PT)),
    );
    let left = [issuer, copy].into_iter().flatten().map(|line| (last, line.left() - LEFT));
    findings.length("7.4.3", "抄送、印发机关左空一字", em, left);
    findings.length("7.4.3", "印发日期右空一字", em, [(last, RIGHT - printed.right())]);
    let date = printed.text.trim_end_matches("印发");
    let at = date.char_indices().rev().nth(10).map_or(0, |(at, _)| at);
    let is_date =
        date.match_indices(|c: char| c.is_ascii_digit()).any(|(i, _)| super::head::is_date(&date[i..]));
    findings.fact("7.4.3", message!("layout-form"), "年月日印发", [(last, date[at..].to_owned(), is_date)]);
    let is_above = |line: &&ReadLine| line.page == last && line.baseline() < inner;
    let end = lines.all.iter().rfind(is_above);
    if let (Some(_), Some(end)) = (copy, end) {
        findings.fact(
            "7.4.2",
            "抄送机关后标句号",
            "。",
            [(last, end.text.clone(), end.text.ends_with('。'))],
        );
    }
}
