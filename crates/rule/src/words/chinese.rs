//! Relations in Chinese.

use super::{Judged, NAMED_CODES, Validity, written_out};
use crate::definitions::{CodeList, Definitions, Demand, RelationDefinition};
use crate::form::{FormPart, ValueForm};
use crate::print::{date, number};
use crate::sets::GroupCount;
use crate::tree::{
    Attribute, Clause, ClausePart, CodeSet, Comparator, DivisionDigits, FieldId, Literal, Operand, ValueState,
};

pub(super) fn relation(definitions: &Definitions, relation: &RelationDefinition) -> String {
    let mut out = String::new();
    let label = |field: &FieldId| definitions.fields[field.index()].label.zh.as_str();
    let premise = match relation.premise.is_empty() {
        true => String::new(),
        false => format!("{}的，", clauses(definitions, &relation.premise)),
    };
    match &relation.demand {
        Demand::Check(check) => out.push_str(&format!("{premise}{}。", clauses(definitions, check))),
        Demand::Cases(cases) => {
            let cases = cases.iter().map(|case| match case.when.is_empty() {
                // A case of which it is not known whether it holds is passed over.
                true => format!("其他情况（含无从认定的），{}", clauses(definitions, &case.check)),
                false => {
                    format!("{}的，{}", clauses(definitions, &case.when), clauses(definitions, &case.check))
                }
            });
            let lead = premise.trim_end_matches('，');
            let colon = if lead.is_empty() { "" } else { "：" };
            out.push_str(&format!("{lead}{colon}{}。", cases.collect::<Vec<_>>().join("；")));
        }
        Demand::Unique(fields) => {
            let labels: Vec<&str> = fields.iter().map(label).collect();
            let same = if labels.len() > 1 { "不同时重复" } else { "不重复" };
            out.push_str(&format!("{}{same}，重复的各条记录均判为不符。", labels.join("、")));
        }
        Demand::Group { by, filter, count } => {
            let count = match count {
                GroupCount::Exactly(n) => format!("恰有{n}条"),
                GroupCount::AtLeast(n) => format!("不少于{n}条"),
            };
            let filter = clauses(definitions, filter);
            out.push_str(&format!("{}相同的记录中，{filter}的{count}。", label(by)));
        }
        Demand::Listed { field, list } => {
            out.push_str(&format!("{}列于“{}”。", label(field), definitions.references[*list].label.zh));
        }
    }
    let Judged { only, first, first_may_be_invalid, has_other_documents } =
        Judged::of(definitions, &relation.when);
    if !only.is_empty() {
        out.push_str(&format!("（仅判{}的记录）", clauses(definitions, only)));
    }
    if !first.is_empty() {
        let first = clauses(definitions, first);
        let invalid = if first_may_be_invalid { "已填而不合的按无效处理，" } else { "" };
        let others = if has_other_documents { "，其他证件不判" } else { "" };
        out.push_str(&format!("（先要求{first}：{invalid}未填的按未填处理{others}。）"));
    }
    if let Some(fails) = relation.fails_on_missing {
        let blank = if relation.compares_places() { "未填或无从比对" } else { "未填" };
        out.push_str(&format!("所需项目{blank}的，{}。", if fails { "判为不符" } else { "该项关系不判" }));
    }
    if relation.is_hint {
        out.push_str("只供核实，不计入任何率。");
    }
    if let Some(note) = &relation.note {
        out.push_str(&note.zh);
    }
    out
}

pub(super) fn clauses<'a>(
    definitions: &Definitions,
    clauses: impl IntoIterator<Item = &'a Clause>,
) -> String {
    let all = clauses.into_iter().map(|clause| {
        let parts: Vec<String> = clause.parts.iter().map(|part| self::part(definitions, part)).collect();
        parts.join("或者")
    });
    all.collect::<Vec<_>>().join("，且")
}

fn part(definitions: &Definitions, part: &ClausePart) -> String {
    let word = |operand: &Operand| operand_words(definitions, operand);
    match part {
        ClausePart::Compare { left, comparison, right } => compared(definitions, left, *comparison, right),
        ClausePart::Between { operand, low, high } => {
            format!("{}介于{}与{}之间（含）", word(operand), word(low), word(high))
        }
        ClausePart::Among { operand, set, is_negated } => {
            let is = if *is_negated { "不是" } else { "为" };
            format!("{}{is}{}", word(operand), set_words(definitions, set))
        }
        ClausePart::Has { operand, state } => {
            let state = match state {
                ValueState::Filled => "已填".to_owned(),
                ValueState::Blank => "未填".to_owned(),
                ValueState::Valid => valid(&Validity::of(operand, definitions)),
            };
            format!("{}{state}", word(operand))
        }
        ClausePart::StartsWith { operand, prefix } => format!("{}以{}开头", word(operand), word(prefix)),
        ClausePart::HasForm { operand, form } => format!("{}{}", word(operand), written(form)),
        ClausePart::SameDivision { left, right, level, is_negated } => {
            let level = match level {
                DivisionDigits::Province => "省级",
                DivisionDigits::City => "地市级",
                DivisionDigits::County => "县级",
            };
            let is = if *is_negated { "不同" } else { "相同" };
            format!("{}与{}的{level}行政区划{is}", word(left), word(right))
        }
    }
}

/// What a valid value is, after the name of what has it.
fn valid(validity: &Validity) -> String {
    match validity {
        Validity::CitizenId => "位数、校验码正确且所含日期存在（GB 11643）".to_owned(),
        Validity::CreditCode => {
            "为18位，不含字母I、O、S、V、Z，第3至8位为数字，校验码正确（GB 32100）".to_owned()
        }
        Validity::Form(form) => written(form),
        Validity::Date => "为存在的日期".to_owned(),
        Validity::Number => "为数字".to_owned(),
        Validity::YesNo => "为是或否".to_owned(),
        Validity::Listed(list) => format!("为{}", list_words(list)),
        Validity::Filled => "已填".to_owned(),
    }
}

/// How a value of a form is written.
fn written(form: &ValueForm) -> String {
    let alternative = |parts: Vec<FormPart>| match parts.as_slice() {
        [FormPart::Fixed(text)] => format!("为“{text}”"),
        [FormPart::Class { ranges, least, most }] => {
            let ranges: Vec<String> = ranges.iter().map(range_words).collect();
            format!("为{}，只含{}", places(*least, *most), ranges.join("、"))
        }
        parts => format!("由{}依次组成", all_of(parts.iter().map(part_of_form).collect(), "和")),
    };
    form.alternatives().map(alternative).collect::<Vec<_>>().join("，或者")
}

fn part_of_form(part: &FormPart) -> String {
    match part {
        FormPart::Fixed(text) => format!("“{text}”"),
        FormPart::Class { ranges, least: 0, most: Some(1) } => {
            format!("可有可无的1位{}", all_of(ranges.iter().map(range_words).collect(), "或"))
        }
        FormPart::Class { ranges, least, most } => {
            let ranges = all_of(ranges.iter().map(range_words).collect(), "或");
            format!("{}{ranges}", places(*least, *most))
        }
    }
}

/// How many characters.
fn places(least: usize, most: Option<usize>) -> String {
    match most {
        Some(most) if most == least => format!("{least}位"),
        Some(most) => format!("{least}至{most}位"),
        None if least == 0 => "任意多位".to_owned(),
        None => format!("不少于{least}位"),
    }
}

fn range_words((first, last): &(char, char)) -> String {
    match (first, last) {
        ('0', '9') => "数字".to_owned(),
        ('A', 'Z') => "大写字母".to_owned(),
        ('a', 'z') => "小写字母".to_owned(),
        (first, last) if first == last => format!("“{first}”"),
        (first, last) => format!("“{first}”至“{last}”"),
    }
}

/// One after another, the last two joined by a word.
fn all_of(mut words: Vec<String>, joined: &str) -> String {
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{}{joined}{last}", words.join("、")),
        last => last.unwrap_or_default(),
    }
}

/// The values of a list; a short one without a label of its own is written out.
fn list_words(list: &CodeList) -> String {
    match written_out(list) {
        Some(words) => words.join("、"),
        None => format!("{}所列的值", list.label.zh),
    }
}

fn compared(definitions: &Definitions, left: &Operand, comparison: Comparator, right: &Operand) -> String {
    let (one, other) = (operand_words(definitions, left), operand_words(definitions, right));
    if let Operand::Age { of, on } = left {
        let day = match **on {
            Operand::CutOff => "截止日".to_owned(),
            ref other => operand_words(definitions, other),
        };
        let of = operand_words(definitions, of);
        return match comparison {
            Comparator::AtLeast => format!("按{of}至{day}已满{other}周岁"),
            Comparator::Less => format!("按{of}至{day}未满{other}周岁"),
            _ => format!("按{of}至{day}的周岁数{}{other}", sign(comparison, false)),
        };
    }
    let is_date = |operand: &Operand| {
        matches!(crate::typing::type_of(operand, definitions), crate::definitions::ValueType::Date)
    };
    let are_fields = !matches!(left, Operand::Literal(_)) && !matches!(right, Operand::Literal(_));
    match comparison {
        Comparator::Equal if are_fields => format!("{one}与{other}一致"),
        Comparator::NotEqual if are_fields => format!("{one}与{other}不一致"),
        _ => format!("{one}{}{other}{}", sign(comparison, is_date(left)), unit_of(left)),
    }
}

fn sign(comparison: Comparator, is_date: bool) -> &'static str {
    match (comparison, is_date) {
        (Comparator::Equal, _) => "为",
        (Comparator::NotEqual, _) => "不为",
        (Comparator::Less, true) => "早于",
        (Comparator::AtMost, true) => "不晚于",
        (Comparator::Greater, true) => "晚于",
        (Comparator::AtLeast, true) => "不早于",
        (Comparator::Less, false) => "小于",
        (Comparator::AtMost, false) => "不超过",
        (Comparator::Greater, false) => "大于",
        (Comparator::AtLeast, false) => "不小于",
    }
}

/// The unit of a number that a function gives.
fn unit_of(operand: &Operand) -> &'static str {
    match operand {
        Operand::Days { .. } => "日",
        Operand::Months { .. } => "个月",
        Operand::Length(_) => "个字符",
        _ => "",
    }
}

fn set_words(definitions: &Definitions, set: &CodeSet) -> String {
    let words = |list: usize, codes: &[usize]| {
        let list = &definitions.lists[list];
        codes.iter().map(|code| list.codes[*code].word.clone()).collect::<Vec<_>>().join("、")
    };
    match set {
        CodeSet::List(list) => list_words(&definitions.lists[*list]),
        CodeSet::Group { list, group } => {
            let group = &definitions.lists[*list].groups[*group];
            match &group.label {
                Some(label) => label.zh.clone(),
                None if group.members.len() <= NAMED_CODES => words(*list, &group.members),
                None => format!("{}类（{}项）", group.key, group.members.len()),
            }
        }
        CodeSet::Codes { list, codes } => words(*list, codes),
        CodeSet::Texts(texts) => texts.iter().map(|text| format!("“{text}”")).collect::<Vec<_>>().join("、"),
    }
}

fn operand_words(definitions: &Definitions, operand: &Operand) -> String {
    let word = |operand: &Operand| operand_words(definitions, operand);
    match operand {
        Operand::Field(field) => definitions.fields[field.index()].label.zh.clone(),
        Operand::Attribute(field, attribute) => {
            let field = &definitions.fields[field.index()].label.zh;
            match attribute {
                Attribute::BirthDate => format!("{field}所含出生日期"),
                Attribute::Sex => format!("{field}所含性别"),
                Attribute::Division => format!("{field}所含行政区划代码"),
                Attribute::Text => field.clone(),
            }
        }
        Operand::Derived(at) => {
            let sources: Vec<String> = definitions.values[*at].first_of.iter().map(word).collect();
            sources.join("（没有的，按") + &"）".repeat(sources.len().saturating_sub(1))
        }
        Operand::Unit => "登记所写的所属单位".to_owned(),
        Operand::RegisteredOn => "登记日期".to_owned(),
        Operand::CutOff => "截止日".to_owned(),
        Operand::Age { of, on } => format!("按{}至{}的周岁数", word(of), word(on)),
        Operand::Months { of, on } => format!("{}至{}的整月数", word(of), word(on)),
        Operand::Days { from, to } => format!("{}至{}的天数", word(from), word(to)),
        Operand::Length(of) => format!("{}的长度", word(of)),
        Operand::Rest { of, skipped } => format!("{}第{}位起的部分", word(of), skipped + 1),
        Operand::Times { factor, of } => format!("{}的{}倍", word(of), number(*factor)),
        Operand::Literal(literal) => match literal {
            Literal::Date(day) => date(*day),
            Literal::Number(value) => number(*value),
            Literal::Text(text) => format!("“{text}”"),
            Literal::Code { list, code } => definitions.lists[*list].codes[*code].word.clone(),
            Literal::Truth(true) => "是".to_owned(),
            Literal::Truth(false) => "否".to_owned(),
        },
    }
}
