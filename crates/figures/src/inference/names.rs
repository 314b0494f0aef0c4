//! How registers name their columns: English, Chinese, full pinyin and pinyin initials.

use std::collections::HashMap;
use std::sync::LazyLock;

use tongbao_register::field::Field;

/// The words, one role a line.
const TABLE: &str = include_str!("names.tsv");
/// The same for registers that list something else than persons.
const PRESET_TABLE: &str = include_str!("preset_names.tsv");

/// What a column may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InferredRole {
    /// One of the nine built-in fields.
    Field(Field),
    /// Of the register: identifies a record.
    Key,
    /// Of register, roster or baseline: code or name of the unit.
    Unit,
    /// Of the register: time of registration.
    RegisteredAt,
    /// Of the register: time of the last change.
    UpdatedAt,
    /// Of the register: the kind of document that the ID number belongs to.
    DocumentType,
    /// Of the unit list: the code.
    UnitCode,
    /// Of the unit list: the name.
    UnitName,
    /// Of the unit list: the kind (村, 社区).
    UnitKind,
    /// Of the unit list: code of the unit above.
    UnitParent,
    /// Of the baseline: expected head count.
    Persons,
    /// A field of a preset, as `house.area`.
    Preset(&'static str),
}

impl InferredRole {
    /// The fields of a preset, the identity first.
    pub fn of_preset(preset: &str) -> impl Iterator<Item = InferredRole> {
        let keys = PRESET_TABLE.lines().filter_map(|line| line.split('\t').next());
        keys.filter(move |key| key.split_once('.').is_some_and(|(of, _)| of == preset))
            .map(InferredRole::Preset)
    }

    /// Its line in the table of words; for a column of the unit list, `unit_` and its key in the configuration.
    pub fn key(self) -> &'static str {
        match self {
            InferredRole::Field(field) => field.key(),
            InferredRole::Key => "key",
            InferredRole::Unit => "unit",
            InferredRole::RegisteredAt => "registered_at",
            InferredRole::UpdatedAt => "updated_at",
            InferredRole::DocumentType => "document_type",
            InferredRole::UnitCode => "unit_code",
            InferredRole::UnitName => "unit_name",
            InferredRole::UnitKind => "unit_kind",
            InferredRole::UnitParent => "unit_parent",
            InferredRole::Persons => "persons",
            InferredRole::Preset(key) => key,
        }
    }
}

/// Names in Latin letters, and Chinese words that a name contains.
#[derive(Debug, Default)]
struct NameWords {
    latin: Vec<&'static str>,
    chinese: Vec<&'static str>,
}

/// The words of a line of the table. A line that is missing has none; a test asks for each.
fn words(key: &str) -> &'static NameWords {
    static LINES: LazyLock<HashMap<&str, NameWords>> = LazyLock::new(|| {
        let lines = TABLE.lines().chain(PRESET_TABLE.lines()).filter(|line| !line.starts_with('#'));
        let split = |words: Option<&'static str>| words.unwrap_or_default().split_whitespace().collect();
        lines
            .map(|line| {
                let mut columns = line.split('\t');
                let key = columns.next().unwrap_or_default();
                (key, NameWords { latin: split(columns.next()), chinese: split(columns.next()) })
            })
            .collect()
    });
    static NONE: NameWords = NameWords { latin: Vec::new(), chinese: Vec::new() };
    LINES.get(key).unwrap_or(&NONE)
}

/// How well a column name fits a role: 100 a usual name, 80 a usual name with something around it, 0
/// no likeness. `HJDZ`, `ry_xm`, `personName` and `身份证号码（18位）` are all understood.
pub fn fit(name: &str, role: InferredRole) -> u32 {
    let fit = fit_of(name, role);
    // Beside the number of today the one before it is the wrong one, though its fifteen digits always fit.
    let is_former = role == InferredRole::Field(Field::IdNumber) && is_former(name);
    if is_former { fit.saturating_sub(30) } else { fit }
}

/// Whether a column is named as what was before: 旧身份证号, old_id_no, sfzh15.
fn is_former(name: &str) -> bool {
    const CHINESE: [&str; 6] = ["旧", "原", "曾用", "老", "变更前", "15位"];
    let tokens = tokens(name);
    CHINESE.iter().any(|word| name.contains(word))
        || tokens.iter().any(|token| matches!(token.as_str(), "old" | "former" | "previous" | "prev"))
        || name.ends_with("15")
}

fn fit_of(name: &str, role: InferredRole) -> u32 {
    let tokens = tokens(name);
    let joined: String = tokens.concat();
    let others = words("other_person");
    // 应登记人数 is a number of persons, and no 登记人.
    let is_of_persons = !matches!(role, InferredRole::Preset(_) | InferredRole::Persons);
    if is_of_persons
        && (others.chinese.iter().any(|word| name.contains(word))
            || tokens.iter().any(|token| others.latin.contains(&token.as_str())))
    {
        return 0;
    }
    let NameWords { latin, chinese } = words(role.key());
    if latin.contains(&joined.as_str()) {
        return 100;
    }
    if chinese.iter().any(|word| joined == *word) {
        return 100;
    }
    if chinese.iter().any(|word| joined.contains(word)) {
        return 90;
    }
    // A prefix or suffix of the table's own: `ry_xm`, `xm1`, `f_csrq`.
    let ends = [tokens.get(1..), tokens.get(..tokens.len().saturating_sub(1))];
    let bare = joined.trim_end_matches(|c: char| c.is_ascii_digit());
    let framed =
        ends.into_iter().flatten().map(<[String]>::concat).any(|rest| latin.contains(&rest.as_str()));
    let known = framed || latin.contains(&bare);
    let is_long = |word: &&str| word.len() >= 6 && joined.contains(*word);
    match known {
        true => 80,
        false if latin.iter().any(is_long) => 60,
        false => 0,
    }
}

/// The name in lower case, cut at signs and where capitals begin within a word.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let starts = before.is_lowercase() && c.is_ascii_uppercase();
        if starts || !c.is_alphanumeric() {
            tokens.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = tokens.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// What a table may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableRole {
    /// A row a record.
    Register,
    /// A row a unit.
    Units,
    /// A row a person that should be registered.
    Roster,
}

/// Whether a table's name speaks for a role. Names of tables say little, so this only tips a balance.
pub fn table_fits(name: &str, role: TableRole) -> bool {
    let words = words(match role {
        TableRole::Register => "table_register",
        TableRole::Units => "table_units",
        TableRole::Roster => "table_roster",
    });
    let name = name.to_lowercase();
    words.latin.iter().chain(&words.chinese).any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_before_stands_behind_that_of_today() {
        let fit = |name| fit(name, InferredRole::Field(Field::IdNumber));
        for (now, former) in [
            ("新身份证号", "旧身份证号"),
            ("身份证号", "原身份证号"),
            ("sfzh18", "sfzh15"),
            ("id_no", "old_id_no"),
            ("变更后身份证号", "变更前身份证号"),
        ] {
            assert!(fit(now) > fit(former) + 10, "{now} {former}: {} {}", fit(now), fit(former));
        }
        assert!(fit("旧身份证号") >= 60, "alone it is the number all the same");
    }

    #[test]
    fn usual_names_are_known_in_every_writing() {
        for (name, field) in [
            ("XM", Field::Name),
            ("ry_xm", Field::Name),
            ("personName", Field::Name),
            ("XB_DM", Field::Sex),
            ("gender", Field::Sex),
            ("GMSFHM", Field::IdNumber),
            ("公民身份证号码", Field::IdNumber),
            ("身份证号", Field::IdNumber),
            ("IDCardNo", Field::IdNumber),
            ("csrq", Field::BirthDate),
            ("出生年月日", Field::BirthDate),
            ("mzdm", Field::Ethnicity),
            ("hyzk", Field::MaritalStatus),
            ("hkxz", Field::HukouType),
            ("户籍所在地", Field::HouseholdPlace),
            ("hjdz", Field::HouseholdPlace),
            ("xzdz", Field::ResidenceAddress),
            ("现居住地址", Field::ResidenceAddress),
        ] {
            assert!(fit(name, InferredRole::Field(field)) >= 60, "{name}");
            for other in Field::ALL.into_iter().filter(|other| *other != field) {
                assert!(fit(name, InferredRole::Field(other)) < 60, "{name} is no {other:?}");
            }
        }
    }

    #[test]
    fn columns_of_other_registers_are_known_by_the_words_of_exports() {
        for (preset, names) in [
            (
                "house",
                "房屋编码 房屋坐落 房东姓名 房东身份证号 联系电话 房屋用途 建筑面积（㎡） 出租状态 居住人数 起租日期",
            ),
            (
                "enterprise",
                "统一社会信用代码 企业名称 法定代表人 经营场所 所属行业 联系电话 成立日期 经营状态 注销日期",
            ),
            ("household", "户号 户主姓名 户主身份证号 家庭地址 户别 户内人数 入住日期 手机"),
        ] {
            let roles: Vec<InferredRole> = InferredRole::of_preset(preset).collect();
            assert_eq!(roles.len(), names.split(' ').count());
            for (role, name) in roles.iter().zip(names.split(' ')) {
                let best = roles.iter().max_by_key(|other| fit(name, **other));
                assert!(fit(name, *role) >= 60 && best == Some(role), "{name}: {best:?}");
            }
        }
    }

    #[test]
    fn head_counts_are_known_by_their_names() {
        for name in ["应登记人数", "应登记数", "底数", "人口数", "ydjrs", "headcount"] {
            assert!(fit(name, InferredRole::Persons) >= 60, "{name}");
        }
        assert_eq!(fit("登记人", InferredRole::Persons), 0);
    }

    #[test]
    fn what_belongs_to_others_is_left_alone() {
        for name in ["father_name", "hz_xm", "户主姓名", "配偶身份证号", "lxr_xm", "old_address"] {
            assert!(Field::ALL.iter().all(|field| fit(name, InferredRole::Field(*field)) == 0), "{name}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_asked_for_and_has_words() {
        let others = [
            InferredRole::Key,
            InferredRole::Unit,
            InferredRole::RegisteredAt,
            InferredRole::UpdatedAt,
            InferredRole::DocumentType,
            InferredRole::UnitCode,
            InferredRole::UnitName,
            InferredRole::UnitKind,
            InferredRole::UnitParent,
            InferredRole::Persons,
        ];
        let roles = Field::ALL.into_iter().map(InferredRole::Field).chain(others).map(InferredRole::key);
        let asked: Vec<&str> = roles
            .chain(["other_person", "table_register", "table_units", "table_roster"])
            .inspect(|key| assert!(!words(key).latin.is_empty() && !words(key).chinese.is_empty(), "{key}"))
            .collect();
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert!(lines.map(|line| line.split('\t').next().unwrap()).eq(asked));
    }
}
