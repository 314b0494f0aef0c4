//! The definitions in use as sentences: printed as 口径说明, so that no rule is hidden in code.

use crate::config::settings::{
    Accuracy, Completeness, Counted, CoverageMethod, DivisionLevel, Indicators, OnMissing, Relation,
};
use crate::register::field::Field;

/// One rule as it is printed: what it is called, and what is divided by what.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Definition {
    pub term: String,
    pub text: String,
}

impl Definition {
    fn new(term: &str, text: impl Into<String>) -> Definition {
        Definition { term: term.to_owned(), text: text.into() }
    }
}

/// The definitions that the indicators in use follow, in the order of the documents.
pub fn definitions(indicators: &Indicators) -> Vec<Definition> {
    let mut out = vec![
        coverage(indicators.coverage.method),
        completeness(&indicators.completeness),
        Definition::new("视为未填的内容", placeholders(&indicators.completeness)),
        accuracy(&indicators.accuracy),
    ];
    out.extend(indicators.accuracy.relations.iter().map(|r| relation(*r, &indicators.accuracy)));
    out.push(Definition::new(
        "公民身份号码",
        "按GB 11643核验。核验前将全角数字和字母转为半角，去除空格和连字符，15位号码升为18位。\
         号码残缺、校验码不符或所含日期不存在的，涉及身份号码的各项关系均判为不符。\
         护照、通行证等其他证件不判身份号码关系；港澳台居民居住证、外国人永久居留身份证只判出生日期和性别。",
    ));
    out.push(Definition::new(
        "时点",
        "累计数含登记日期不晚于截止日的全部记录，无登记日期的记录计入期前；记录内容以提取时为准。",
    ));
    out.push(Definition::new(
        "合计",
        "合计为各单位之和。单位代码不在单位表中的记录不计入任何单位和合计，另行列出条数。",
    ));
    out
}

fn coverage(method: CoverageMethod) -> Definition {
    let text = match method {
        CoverageMethod::Roster => {
            "分子为比对名册中按公民身份号码在人口信息库查到的不重复人数，分母为比对名册的不重复人数，\
             计入名册所属单位。在其他单位名下查到的计为已覆盖，并单列“他处登记”。名册中无号码的不参与比对，另行列出。"
        }
        CoverageMethod::Baseline => {
            "分子为人口信息库中按公民身份号码不重复的登记人数，分母为应登记底数。重复号码只计一次，\
             归最早登记的单位。"
        }
    };
    Definition::new("覆盖率", text)
}

fn completeness(completeness: &Completeness) -> Definition {
    let fields = Field::ALL.map(Field::label).join("、");
    let counted = match completeness.counted {
        Counted::Records => "分子为适用项目全部填写的记录数，分母为全部记录数。",
        Counted::Cells => "分子为已填写的适用项目数，分母为全部适用项目数。",
    };
    let text = format!("{counted}项目共九项：{fields}。截止日未满15周岁的，婚姻状况不适用。");
    Definition::new("完整率", text)
}

/// The values that count as blank: those common to all fields once, then each field's own.
fn placeholders(completeness: &Completeness) -> String {
    let of = |field: &Field| completeness.placeholders.get(field).cloned().unwrap_or_default();
    let first = of(&Field::Name);
    let common: Vec<&String> =
        first.iter().filter(|value| Field::ALL.iter().all(|field| of(field).contains(value))).collect();
    let quote = |values: &[&String]| values.iter().map(|v| format!("“{v}”")).collect::<Vec<_>>().join("");
    let mut text = format!("空白，以及{}。", quote(&common));
    for field in Field::ALL {
        let values = of(&field);
        let own: Vec<&String> = values.iter().filter(|value| !common.contains(value)).collect();
        if !own.is_empty() {
            text.push_str(&format!("{}另有{}。", field.label(), quote(&own)));
        }
    }
    text
}

fn accuracy(accuracy: &Accuracy) -> Definition {
    let names: Vec<&str> = accuracy.relations.iter().map(|relation| relation.label()).collect();
    let missing = match accuracy.on_missing {
        OnMissing::Fail => "所需项目未填或无法辨认的，判为不符。分母为全部记录数。",
        OnMissing::Skip => "所需项目未填或无法辨认的，该项关系不判。分母为至少可判一项关系的记录数。",
    };
    let text = format!(
        "分子为全部逻辑关系均相符的记录数。逻辑关系共{}项：{}。{missing}",
        accuracy.relations.len(),
        names.join("、")
    );
    Definition::new("准确率", text)
}

fn relation(relation: Relation, accuracy: &Accuracy) -> Definition {
    let text = match relation {
        Relation::IdBirthDate => "号码第7至14位与出生日期一致。".to_owned(),
        Relation::IdSex => "号码第17位奇数为男、偶数为女，与性别一致。".to_owned(),
        Relation::AgeMarital => {
            "已婚、离婚、丧偶的，截止日男满22周岁、女满20周岁，少数民族各低2周岁。".to_owned()
        }
        Relation::IdHouseholdPlace => {
            let level = match accuracy.household_level {
                DivisionLevel::Province => "省（前2位）",
                DivisionLevel::City => "市（前4位）",
                DivisionLevel::County => "县（前6位）",
            };
            format!("号码所含行政区划与户籍所在地的{level}一致。")
        }
        Relation::IdValid => "号码位数、校验码正确且所含日期存在。".to_owned(),
    };
    Definition::new(relation.label(), text)
}
