//! How registers name their columns: English, Chinese, full pinyin and pinyin initials.

use crate::register::field::Field;

/// What a column may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Field(Field),
    Key,
    Unit,
    RegisteredAt,
    UpdatedAt,
    DocumentType,
    UnitCode,
    UnitName,
    UnitKind,
    UnitParent,
    Persons,
}

impl Role {
    /// The words for a column: names in Latin letters, and Chinese words that such a name contains.
    fn words(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Role::Field(field) => of_field(field),
            Role::Key => (
                &[
                    "id", "rybh", "ryid", "personid", "uuid", "guid", "recordid", "bh", "xh", "key", "pk",
                    "sjbh",
                ],
                &["编号", "主键", "记录号", "流水号"],
            ),
            Role::Unit => (
                &[
                    "cwh",
                    "cwhdm",
                    "cwhbm",
                    "cwhid",
                    "cwdm",
                    "cdm",
                    "cbm",
                    "sqbm",
                    "sqdm",
                    "sq",
                    "jwh",
                    "jwhdm",
                    "jwhbm",
                    "sscwh",
                    "sssq",
                    "ssjwh",
                    "ssc",
                    "dwdm",
                    "dwbm",
                    "ssdw",
                    "village",
                    "villagecode",
                    "villageid",
                    "community",
                    "communitycode",
                    "communityid",
                    "unit",
                    "unitcode",
                    "unitid",
                    "orgcode",
                    "orgid",
                    "deptcode",
                    "deptid",
                    "cunweihui",
                    "shequ",
                    "shequbianma",
                    "danwei",
                ],
                &["村委会", "社区", "居委会", "所属村", "村代码", "村编码", "单位", "管辖村"],
            ),
            Role::RegisteredAt => (
                &[
                    "djsj",
                    "djrq",
                    "lrsj",
                    "lrrq",
                    "cjsj",
                    "cjrq",
                    "dengjishijian",
                    "dengjiriqi",
                    "registeredat",
                    "registerdate",
                    "registertime",
                    "registrationdate",
                    "regdate",
                    "regtime",
                    "createdat",
                    "createtime",
                    "createdate",
                    "inserttime",
                ],
                &["登记时间", "登记日期", "录入时间", "录入日期", "采集时间", "采集日期", "创建时间"],
            ),
            Role::UpdatedAt => (
                &[
                    "gxsj",
                    "gxrq",
                    "xgsj",
                    "xgrq",
                    "zhxgsj",
                    "zhgxsj",
                    "bgsj",
                    "gengxinshijian",
                    "updatedat",
                    "updatetime",
                    "updatedate",
                    "modifytime",
                    "modifydate",
                    "modifiedat",
                    "lastmodified",
                    "lastupdate",
                ],
                &["更新时间", "更新日期", "修改时间", "修改日期", "变更时间"],
            ),
            Role::DocumentType => (
                &[
                    "zjlx",
                    "zjlxdm",
                    "zjzl",
                    "zjzldm",
                    "documenttype",
                    "doctype",
                    "idtype",
                    "certtype",
                    "cardtype",
                    "zhengjianleixing",
                ],
                &["证件类型", "证件种类", "证件类别"],
            ),
            Role::UnitCode => (
                &[
                    "code",
                    "dm",
                    "bm",
                    "dwdm",
                    "dwbm",
                    "cwhdm",
                    "cwhbm",
                    "jwhdm",
                    "sqdm",
                    "sqbm",
                    "xzqhdm",
                    "qhdm",
                    "unitcode",
                    "villagecode",
                    "orgcode",
                    "deptcode",
                    "daima",
                    "bianma",
                    "id",
                    "bh",
                ],
                &["代码", "编码", "编号"],
            ),
            Role::UnitName => (
                &[
                    "name",
                    "mc",
                    "dwmc",
                    "cwhmc",
                    "jwhmc",
                    "sqmc",
                    "xzqhmc",
                    "qhmc",
                    "unitname",
                    "villagename",
                    "orgname",
                    "deptname",
                    "mingcheng",
                ],
                &["名称", "单位名", "村名", "社区名"],
            ),
            Role::UnitKind => (
                &[
                    "kind", "type", "lx", "lb", "dwlx", "dwlb", "dwxz", "unittype", "orgtype", "leixing",
                    "category",
                ],
                &["类型", "类别", "性质"],
            ),
            Role::UnitParent => (
                &[
                    "parent",
                    "parentcode",
                    "parentid",
                    "pid",
                    "pcode",
                    "sjdm",
                    "sjbm",
                    "sjdwdm",
                    "sjdwbm",
                    "fdm",
                    "fjdm",
                    "shangji",
                ],
                &["上级", "父级", "主管"],
            ),
            Role::Persons => (
                &[
                    "persons",
                    "rks",
                    "rs",
                    "ydjs",
                    "ydjrs",
                    "yingdengji",
                    "headcount",
                    "baseline",
                    "expected",
                    "population",
                ],
                &["应登记", "底数", "人口数", "人数"],
            ),
        }
    }
}

fn of_field(field: Field) -> (&'static [&'static str], &'static [&'static str]) {
    match field {
        Field::Name => (
            &["xm", "xingming", "name", "fullname", "personname", "truename", "realname", "username", "ryxm"],
            &["姓名"],
        ),
        Field::Sex => (&["xb", "xbdm", "xingbie", "sex", "gender", "sexcode"], &["性别"]),
        Field::ResidenceAddress => (
            &[
                "xzdz",
                "jzdz",
                "xjzdz",
                "xjdz",
                "jzdxz",
                "xzdxz",
                "jzdxxdz",
                "xzz",
                "xzzxz",
                "jzd",
                "zzdz",
                "zz",
                "dz",
                "xianjuzhudizhi",
                "juzhudizhi",
                "residence",
                "residenceaddress",
                "address",
                "addr",
                "currentaddress",
                "homeaddress",
                "liveaddress",
                "livingaddress",
                "presentaddress",
            ],
            &["居住地", "现住址", "现住地", "住址", "居住详址", "暂住地"],
        ),
        Field::HouseholdPlace => (
            &[
                "hjdz",
                "hjdxz",
                "hjszd",
                "hkszd",
                "hjd",
                "hjdxxdz",
                "hjdqh",
                "hjdxzqh",
                "hksz",
                "hkdz",
                "hujidizhi",
                "hujisuozaidi",
                "hukousuozaidi",
                "household",
                "householdplace",
                "householdaddress",
                "hukouaddress",
                "hukouplace",
                "registeredresidence",
                "domicile",
                "permanentaddress",
            ],
            &["户籍地", "户籍所在", "户口所在", "户籍详址", "户籍住址", "户口地址"],
        ),
        Field::IdNumber => (
            &[
                "sfzh",
                "sfzhm",
                "gmsfhm",
                "gmsfzhm",
                "gmsfzh",
                "sfzjh",
                "sfzjhm",
                "zjhm",
                "zjh",
                "sfz",
                "sfhm",
                "idno",
                "idcard",
                "idcardno",
                "idcardnumber",
                "idnumber",
                "identityno",
                "identitycard",
                "identitynumber",
                "citizenid",
                "certno",
                "cardno",
                "pid",
                "shenfenzheng",
                "shenfenzhenghao",
                "shenfenzhenghaoma",
                "gongminshenfenhaoma",
            ],
            &["身份证", "公民身份", "证件号", "身份号码"],
        ),
        Field::BirthDate => (
            &[
                "csrq",
                "csny",
                "csnyr",
                "csrqi",
                "chushengriqi",
                "birthday",
                "birthdate",
                "dateofbirth",
                "dob",
                "birth",
            ],
            &["出生日期", "出生年月", "生日"],
        ),
        Field::Ethnicity => {
            (&["mz", "mzdm", "minzu", "nation", "ethnicity", "ethnic", "ethnicgroup"], &["民族"])
        }
        Field::MaritalStatus => (
            &[
                "hyzk",
                "hyzkdm",
                "hyzt",
                "hy",
                "hunyin",
                "hunyinzhuangkuang",
                "marital",
                "maritalstatus",
                "marriage",
                "marry",
            ],
            &["婚姻", "婚否"],
        ),
        Field::HukouType => (
            &[
                "hkxz",
                "hkxzdm",
                "hklx",
                "hklb",
                "hjxz",
                "hukouxingzhi",
                "hukouleixing",
                "hukou",
                "hukoutype",
                "householdtype",
            ],
            &["户口性质", "户口类", "户籍性质", "户籍类", "户别"],
        ),
    }
}

/// Words that make a column somebody else's: the father's name is not the person's.
const OTHERS: [&str; 15] = [
    "父",
    "母",
    "配偶",
    "户主",
    "监护",
    "联系人",
    "房东",
    "房主",
    "登记人",
    "经办",
    "录入人",
    "审核",
    "操作员",
    "原",
    "曾用",
];
const OTHER_TOKENS: [&str; 16] = [
    "father", "mother", "spouse", "head", "guardian", "contact", "landlord", "owner", "operator", "creator",
    "fq", "mq", "po", "hz", "lxr", "old",
];

/// How well a column name fits a role: 100 a usual name, 80 a usual name with something around it, 0
/// no likeness. `HJDZ`, `ry_xm`, `personName` and `身份证号码（18位）` are all understood.
pub fn fit(name: &str, role: Role) -> u32 {
    let tokens = tokens(name);
    let joined: String = tokens.concat();
    if OTHERS.iter().any(|word| name.contains(word))
        || tokens.iter().any(|token| OTHER_TOKENS.contains(&token.as_str()))
    {
        return 0;
    }
    let (latin, chinese) = role.words();
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
    Register,
    Units,
    Roster,
}

/// Whether a table's name speaks for a role. Names of tables say little, so this only tips a balance.
pub fn table_fits(name: &str, role: TableRole) -> bool {
    let words: &[&str] = match role {
        TableRole::Register => &[
            "person",
            "people",
            "population",
            "resident",
            "citizen",
            "register",
            "ldrk",
            "rkxx",
            "ryxx",
            "rkdj",
            "rkjbxx",
            "人口",
            "人员",
            "登记",
        ],
        TableRole::Units => &[
            "unit", "village", "communit", "organi", "dept", "cwh", "jwh", "xzqh", "dwxx", "dwb", "cun",
            "单位", "村", "社区", "机构", "区划",
        ],
        TableRole::Roster => &[
            "roster",
            "mingce",
            "bdmc",
            "czw",
            "czb",
            "czf",
            "chuzu",
            "rental",
            "tenant",
            "cgzx",
            "pcs",
            "police",
            "名册",
            "比对",
            "出租",
            "出管",
            "派出所",
        ],
    };
    let name = name.to_lowercase();
    words.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(fit(name, Role::Field(field)) >= 60, "{name}");
            for other in Field::ALL.into_iter().filter(|other| *other != field) {
                assert!(fit(name, Role::Field(other)) < 60, "{name} is no {other:?}");
            }
        }
    }

    #[test]
    fn what_belongs_to_others_is_left_alone() {
        for name in ["father_name", "hz_xm", "户主姓名", "配偶身份证号", "lxr_xm", "old_address"] {
            assert!(Field::ALL.iter().all(|field| fit(name, Role::Field(*field)) == 0), "{name}");
        }
    }
}
