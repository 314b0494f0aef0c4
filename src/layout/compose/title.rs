//! Titles are broken by sense (clause 7.3.1): whole words, no line much longer than the others.

/// A title line has at most 20 characters of 二号.
const MOST: f32 = 20.0;
/// Endings after which a title may be broken, and words before which it may.
const AFTER: [&str; 27] = [
    "的",
    "年",
    "月",
    "、",
    "，",
    "》",
    "）",
    "”",
    "关于",
    "街道",
    "街",
    "镇",
    "县",
    "市",
    "区",
    "村",
    "社区",
    "办事处",
    "委员会",
    "领导小组",
    "人口",
    "服务",
    "管理",
    "专项",
    "工作",
    "活动",
    "行动",
];
const BEFORE: [&str; 14] =
    ["《", "“", "（", "和", "与", "及", "暨", "进度", "排名", "验收", "情况", "登记", "开展", "专项"];

/// The lines of a title line that is to stand in `room` characters.
pub(super) fn lines(text: &str, room: f32) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let widths: Vec<f32> = chars.iter().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).collect();
    let total: f32 = widths.iter().sum();
    let most = MOST.min(room);
    let parts = (total / most).ceil().max(1.0);
    let (mut out, mut start) = (Vec::new(), 0);
    for part in 1..parts as usize {
        let ideal = total * part as f32 / parts;
        let least_left = total - (parts - part as f32) * most;
        let (mut best, mut used) = ((f32::MAX, start + 1), widths[..start].iter().sum::<f32>());
        let line_start = used;
        for end in start + 1..chars.len() {
            used += widths[end - 1];
            if used - line_start > most || used < least_left - 0.01 {
                continue;
            }
            let cost = (used - ideal).abs() + price(&chars, end);
            if cost < best.0 {
                best = (cost, end);
            }
        }
        out.push(chars[start..best.1].iter().collect());
        start = best.1;
    }
    out.push(chars[start..].iter().collect());
    out
}

/// What a break before `end` costs in sense, in characters that it may lie off the middle.
fn price(chars: &[char], end: usize) -> f32 {
    use crate::layout::line_break::marks::may_break;
    if !may_break(chars[end - 1], chars[end]) {
        return 100.0;
    }
    let (before, after): (String, String) = (chars[..end].iter().collect(), chars[end..].iter().collect());
    let fits =
        AFTER.iter().any(|word| before.ends_with(word)) || BEFORE.iter().any(|word| after.starts_with(word));
    if fits { 0.0 } else { 5.0 }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn titles_break_between_words() {
        assert_eq!(lines("关于2016年流动人口服务管理专项活动", 20.0).len(), 1);
        assert_eq!(
            lines("荔城街道2016年流动人口和出租屋服务管理专项整治行动", 20.0),
            ["荔城街道2016年流动人口", "和出租屋服务管理专项整治行动"]
        );
        let long = lines(&"流动人口服务管理专项整治活动".repeat(4), 20.0);
        assert!(long.iter().all(|line| line.chars().count() <= 20), "{long:?}");
        assert_eq!(long.concat(), "流动人口服务管理专项整治活动".repeat(4));
    }
}
