//! Titles are broken by sense (clause 7.3.1): whole words, no line much longer than the others.

use crate::layout::line_break::{Alignment, SetLine, Setting, set};
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Type};

/// A title line has at most 20 characters of 二号.
const MOST: f32 = 20.0;
/// Endings after which a title may be broken, and words before which it may.
const AFTER: [&str; 51] = [
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
    "出租屋",
    "来穗人员",
    "流动人口",
    "信息",
    "办公室",
    "人民政府",
    "居委会",
    "管理局",
    "中心",
    "专班",
    "指挥部",
    "联席会议",
    "整治",
    "清理",
    "核查",
    "排查",
    "采集",
    "质量",
    "数据",
    "编码",
    "号码",
    "代码",
    "电话",
    "日期",
];
const BEFORE: [&str; 21] = [
    "《",
    "“",
    "（",
    "和",
    "与",
    "及",
    "暨",
    "进度",
    "排名",
    "验收",
    "情况",
    "登记",
    "开展",
    "专项",
    "来穗",
    "出租屋",
    "信息",
    "办公室",
    "领导小组",
    "人民政府",
    "街道",
];

/// A name on as many lines as it needs; a Chinese one is divided by sense.
pub(crate) fn set_by_sense(
    canvas: &Canvas,
    name: &str,
    style: Type,
    measure: f32,
    place: &str,
) -> Result<Vec<SetLine>, MissingGlyph> {
    let setting = Setting::flush(style.em(), measure, Alignment::Left);
    let flowing = set(&style.chars(name), setting, canvas.metrics, place)?;
    if flowing.len() == 1 || canvas.words.is_alphabetic {
        return Ok(flowing);
    }
    let mut out = Vec::new();
    for line in lines_by_sense(name, measure / style.em()) {
        out.extend(set(&style.chars(&line), setting, canvas.metrics, place)?);
    }
    Ok(out)
}

/// The lines of a Chinese name, head or term in `room` characters.
pub fn lines_by_sense(name: &str, room: f32) -> Vec<String> {
    let parts = lines(name, room);
    if !cuts_word(&parts) {
        return parts;
    }
    // 公民身份号码 in three characters' room: one line more, rather than a word divided.
    let finer = in_parts(name, room, parts.len() + 1);
    if cuts_word(&finer) { parts } else { finer }
}

/// The lines of a title as they are given; two that are short enough together become one, but for a
/// note in brackets.
pub fn joined(title: &str) -> Vec<String> {
    const SHORT: usize = 16;
    let mut out: Vec<String> = Vec::new();
    for line in title.lines() {
        match out.last_mut() {
            Some(before)
                if before.chars().count() + line.chars().count() <= SHORT
                    && !line.starts_with('（')
                    && before.chars().chain(line.chars()).all(|c| !c.is_ascii_alphabetic()) =>
            {
                before.push_str(line);
            }
            _ => out.push(line.to_owned()),
        }
    }
    out
}

/// The lines of a title line that is to stand in `room` characters.
pub fn lines(text: &str, room: f32) -> Vec<String> {
    let total: f32 = text.chars().map(em).sum();
    in_parts(text, room, (total / MOST.min(room)).ceil().max(1.0) as usize)
}

fn em(c: char) -> f32 {
    if c.is_ascii() { 0.5 } else { 1.0 }
}

/// Whether a line ends within a word.
fn cuts_word(lines: &[String]) -> bool {
    let chars: Vec<char> = lines.concat().chars().collect();
    let mut end = 0;
    lines.iter().any(|line| {
        end += line.chars().count();
        divides(&chars, end)
    })
}

/// A text on so many lines, divided by sense near their common length.
fn in_parts(text: &str, room: f32, parts: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let widths: Vec<f32> = chars.iter().map(|c| em(*c)).collect();
    let total: f32 = widths.iter().sum();
    let (most, parts) = (MOST.min(room), parts as f32);
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

/// Words that no line divides, whatever fits before and after the break.
const WHOLE: [&str; 92] = [
    "街道",
    "社区",
    "出租屋",
    "来穗人员",
    "流动人口",
    "办公室",
    "办事处",
    "领导小组",
    "人民政府",
    "信息",
    "委员会",
    "服务",
    "身份",
    "号码",
    "出生",
    "日期",
    "婚姻",
    "居住",
    "地址",
    "户籍",
    "所在",
    "公民",
    "统一",
    "社会",
    "信用",
    "代码",
    "编码",
    "企业",
    "名称",
    "法定",
    "代表",
    "成立",
    "注销",
    "房屋",
    "房东",
    "建筑",
    "面积",
    "承租",
    "联系",
    "电话",
    "记录",
    "登记",
    "经济",
    "合作社",
    "居民",
    "村民",
    "自治",
    "小组",
    "户主",
    "工作",
    "单位",
    "学校",
    "文化",
    "租赁",
    "合同",
    "备案",
    "关系",
    "本地",
    "离开",
    "到达",
    "采集",
    "更新",
    "得分",
    "时间",
    "状况",
    "性质",
    "类型",
    "编号",
    "网格",
    "人员",
    "核实",
    "预计",
    "配偶",
    "来源",
    "走访",
    "签订",
    "核查",
    "起租",
    "租金",
    "金额",
    "楼层",
    "门牌",
    "档案",
    "床位",
    "房间",
    "受理",
    "就业",
    "手机",
    "证件",
    "职业",
    "行业",
    "规范",
];

/// Whether a break before `end` goes through a word, or parts 率 from what it is the rate of.
fn divides(chars: &[char], end: usize) -> bool {
    chars.get(end) == Some(&'率')
        || WHOLE.iter().any(|word| {
            let word: Vec<char> = word.chars().collect();
            (1..word.len()).any(|inside| {
                let Some(start) = end.checked_sub(inside) else { return false };
                chars.get(start..start + word.len()) == Some(&word[..])
            })
        })
}

/// What a break before `end` costs in sense, in characters that it may be off the middle.
fn price(chars: &[char], end: usize) -> f32 {
    use crate::layout::line_break::marks::may_break;
    if !may_break(chars[end - 1], chars[end]) {
        return 100.0;
    }
    let (before, after): (String, String) = (chars[..end].iter().collect(), chars[end..].iter().collect());
    // A conjunction begins a line, it does not end one.
    let is_and = ["和", "与", "及", "暨"].iter().any(|word| before.ends_with(word));
    let fits = !is_and
        && (AFTER.iter().any(|word| before.ends_with(word))
            || BEFORE.iter().any(|word| after.starts_with(word)));
    match (divides(chars, end), fits) {
        (true, _) => 50.0,
        (false, true) => 0.0,
        (false, false) => 5.0,
    }
}

#[cfg(test)]
mod tests {
    use super::{cuts_word, in_parts, lines, lines_by_sense};

    #[test]
    fn a_head_takes_a_line_more_rather_than_divide_a_word() {
        assert_eq!(lines("公民身份号码", 3.2), ["公民身", "份号码"]);
        assert!(cuts_word(&lines("公民身份号码", 3.2)));
        assert_eq!(in_parts("公民身份号码", 3.2, 3), ["公民", "身份", "号码"]);
        assert!(!cuts_word(&in_parts("公民身份号码", 3.2, 3)));
        assert_eq!(in_parts("户籍所在地", 2.2, 3), ["户籍", "所在", "地"]);
        assert_eq!(lines_by_sense("统一社会信用代码", 3.2), ["统一", "社会", "信用", "代码"]);
        assert_eq!(lines_by_sense("统一社会信用代码", 4.2), ["统一社会", "信用代码"]);
        assert_eq!(lines_by_sense("房东公民身份号码", 3.2), ["房东", "公民", "身份", "号码"]);
        assert_eq!(lines_by_sense("法定代表人", 3.2), ["法定", "代表人"]);
        assert_eq!(lines_by_sense("记录数", 2.2), ["记录", "数"]);
        assert_eq!(lines_by_sense("工作单位或就读学校", 3.2), ["工作", "单位", "或就读", "学校"]);
        let group = lines_by_sense("派潭镇高滩村民委员会第一经济合作社联合社区居民自治小组", 14.2);
        assert_eq!(group, ["派潭镇高滩村民委员会第一经济", "合作社联合社区居民自治小组"]);
    }

    #[test]
    fn short_lines_of_a_title_are_one() {
        let title = "关于清查\n登记质量排名情况的通报\n（第2轮）";
        assert_eq!(super::joined(title), ["关于清查登记质量排名情况的通报", "（第2轮）"]);
        let long = "关于2016年流动人口服务管理专项活动\n登记质量排名情况的通报";
        assert_eq!(super::joined(long).len(), 2);
    }

    #[test]
    fn heads_of_tables_divide_no_word() {
        for (head, room, expected) in [
            ("出生日期", 3.2, ["出生", "日期"]),
            ("婚姻状况", 3.2, ["婚姻", "状况"]),
            ("户口性质", 3.2, ["户口", "性质"]),
            ("户籍所在地", 3.2, ["户籍", "所在地"]),
            ("现居住地址", 3.2, ["现居住", "地址"]),
            ("年龄与婚姻状况", 5.0, ["年龄", "与婚姻状况"]),
            ("公民身份号码", 4.2, ["公民", "身份号码"]),
            ("覆盖率得分", 3.2, ["覆盖率", "得分"]),
            ("来本地日期", 3.2, ["来本地", "日期"]),
        ] {
            assert_eq!(lines(head, room), expected, "{head}");
        }
        for (head, expected) in
            [("起租日期规范率", ["起租", "日期", "规范率"]), ("配偶与婚姻状况", ["配偶", "与婚姻", "状况"])]
        {
            assert_eq!(lines_by_sense(head, 3.2), expected, "{head}");
        }
    }

    #[test]
    fn titles_break_between_words() {
        assert_eq!(lines("关于2016年流动人口服务管理专项活动", 20.0).len(), 1);
        assert_eq!(
            lines("荔城街道2016年流动人口和出租屋服务管理专项整治行动", 20.0),
            ["荔城街道2016年流动人口", "和出租屋服务管理专项整治行动"]
        );
        for (title, first) in [
            (
                "广州市增城区荔城街道来穗人员和出租屋服务管理信息采集核查专项行动",
                "广州市增城区荔城街道来穗人员",
            ),
            ("广州市增城区荔城街道来穗人员服务管理领导小组办公室", "广州市增城区荔城街道"),
        ] {
            let set = lines(title, 20.0);
            assert!(set.len() == 2 && set[0].starts_with(first), "{set:?}");
            for (i, line) in set.iter().enumerate().skip(1) {
                let before = set[..i].concat().chars().count();
                let chars: Vec<char> = title.chars().collect();
                assert!(!super::divides(&chars, before), "{line} begins inside a word: {set:?}");
            }
        }
        let long = lines(&"流动人口服务管理专项整治活动".repeat(4), 20.0);
        assert!(long.iter().all(|line| line.chars().count() <= 20), "{long:?}");
        assert_eq!(long.concat(), "流动人口服务管理专项整治活动".repeat(4));
    }
}
