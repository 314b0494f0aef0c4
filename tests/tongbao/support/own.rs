//! Own definitions from a seed, values with every kind of defect, and what the definitions come to, computed from
//! what each value is known to mean. Shares no code with the program.

use std::cell::Cell;

use fastrand::Rng;

use super::naive::{check_character, trimmed};

/// What a written value means.
#[derive(Debug, Clone, PartialEq)]
pub enum Means {
    Missing,
    Invalid,
    Foreign,
    Text(String),
    /// Position in the list; a value that an open list does not have by its text.
    Code(Result<usize, String>),
    Date(u32),
    /// In ten-thousandths.
    Number(i128),
    Truth(bool),
    /// The first 17 digits.
    Citizen(String),
    Uscc(String),
    /// Its province.
    Place(Option<u32>),
}

use Means::{Citizen, Code, Date, Foreign, Invalid, Missing, Number, Place, Text, Truth, Uscc};

fn text(text: &str) -> Means {
    Text(text.to_owned())
}

/// Fields by position: what they are called in clauses, and what their columns hold. After these come the copies.
const NAMED: [&str; 17] = [
    "relation",
    "kind",
    "arrived_on",
    "left_on",
    "area",
    "beds",
    "has_lease",
    "house",
    "uscc",
    "note",
    "second_id",
    "origin",
    "sex",
    "birth_date",
    "id_number",
    "household_place",
    "marital_status",
];
/// Fields before the preset's that are the office's own.
const ORIGINALS: usize = 12;
/// Further fields of the office's own, with the values of the originals in turn.
const COPIES: usize = 28;
/// Own fields in all.
pub const OWN: usize = ORIGINALS + COPIES;
/// Fields of all kinds.
const ALL: usize = NAMED.len() + COPIES;
const BEDS: usize = 5;
const MARITAL: usize = 16;
/// Own fields that are counted without being copies.
pub const REQUIRED: [usize; 5] = [0, 2, 4, BEDS, 6];

/// The name of the field at a position.
pub fn name(field: usize) -> String {
    match field.checked_sub(NAMED.len()) {
        None => NAMED[field].to_owned(),
        Some(copy) => format!("copy_{copy}"),
    }
}

/// Positions of the fields that are the office's own, in the order of the configuration.
pub fn own() -> impl Iterator<Item = usize> + Clone {
    (0..ORIGINALS).chain(NAMED.len()..ALL)
}

/// Names of the fields that are the preset's.
pub fn of_preset() -> &'static [&'static str] {
    &NAMED[ORIGINALS..]
}

/// Own fields with all their lists, each copy defined as its original is but for all records.
pub fn definitions() -> String {
    let mut out = DEFINITIONS.to_owned();
    let blocks: Vec<&str> = DEFINITIONS.split("[fields.").skip(1).collect();
    for copy in 0..COPIES {
        let block = blocks[copy % ORIGINALS];
        let rest = block
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with("applies") && !line.starts_with("required"));
        let rest: Vec<&str> = rest.collect();
        out.push_str(&format!(
            "[fields.copy_{copy}]\nlabel = {{ zh = \"副本{copy}号\", en = \"Copy {copy}.\" }}\nrequired = true\n{}\n",
            rest.join("\n")
        ));
    }
    out
}

/// A field, or in half of the cases a copy of it.
fn some_copy(rng: &mut Rng, field: usize) -> Op {
    let copy = field + ORIGINALS * rng.usize(..COPIES.div_ceil(ORIGINALS));
    let is_copied = rng.bool() && field < ORIGINALS && copy < COPIES;
    Op::Field(if is_copied { NAMED.len() + copy } else { field })
}

const DEFINITIONS: &str = r#"
[lists.relation]
label = { zh = "与户主关系代码", en = "Relation" }
codes = { "02" = "户主", "10" = "配偶", "20" = "子" }
open = true
groups = { spouse = ["10"] }
[lists.kind]
label = { zh = "房屋类别", en = "Kind" }
codes = { "1" = "甲A", "2" = "乙" }
numbered = true
[fields.relation]
label = { zh = "与户主关系", en = "Relation to head" }
type = "code"
list = "relation"
required = true
[fields.kind]
label = { zh = "类别", en = "Kind" }
type = "code"
list = "kind"
[fields.arrived_on]
label = { zh = "来本地日期", en = "Date of arrival" }
type = "date"
required = true
[fields.left_on]
label = { zh = "离开日期", en = "Date of leaving" }
type = "date"
[fields.area]
label = { zh = "建筑面积", en = "Floor area" }
type = "number"
required = true
[fields.beds]
label = { zh = "床位数", en = "Beds" }
type = "number"
applies = ["relation in relation.spouse"]
required = true
[fields.has_lease]
label = { zh = "是否签订合同", en = "Lease signed" }
type = "yes_no"
required = true
[fields.house]
label = { zh = "房屋编码", en = "House code" }
type = "form"
form = "[A-Z]{1,2}[0-9]{3,4}|粤[+-\\-][0-9]{1,300}"
[fields.uscc]
label = { zh = "统一社会信用代码", en = "Credit code" }
type = "uscc"
[fields.note]
label = { zh = "备注", en = "Note" }
type = "text"
[fields.second_id]
label = { zh = "房东公民身份号码", en = "ID number of the landlord" }
type = "citizen_id"
[fields.origin]
label = { zh = "来源地", en = "Origin" }
type = "place"
"#;

/// What a column may hold, with what it means.
fn pool(field: usize) -> Vec<(&'static str, Means)> {
    let field = field.checked_sub(NAMED.len()).map_or(field, |copy| copy % ORIGINALS);
    let date = || {
        vec![
            ("2016-05-01", Date(20_160_501)),
            ("2016/6/3", Date(20_160_603)),
            ("20160401", Date(20_160_401)),
            ("2016-06-20 08:00:00", Date(20_160_620)),
            ("13-Jun-2016", Date(20_160_613)),
            ("２０１６０６３０", Date(20_160_630)),
            ("42522", Date(20_160_601)),
            (" 1996-02-29 ", Date(19_960_229)),
            ("2016-07-01T00:30:00+08:00", Date(20_160_701)),
            ("2016-02-30", Invalid),
            ("待定", Missing),
            ("0000-00-00", Missing),
            ("abc", Invalid),
            ("", Missing),
        ]
    };
    let place = || {
        vec![
            ("湖南省衡阳市", Place(Some(43))),
            ("广东广州", Place(Some(44))),
            ("440118", Place(Some(44))),
            ("【福建】福州市", Place(Some(35))),
            ("福建省", Place(Some(35))),
            ("某地", Place(None)),
            ("不详", Missing),
            ("", Missing),
        ]
    };
    let citizen = || {
        vec![
            ("44011819000101000X", Citizen("44011819000101000".into())),
            ("440183198402290018", Citizen("44018319840229001".into())),
            ("４４０１２５１９４９１００１００２５", Citizen("44012519491001002".into())),
            ("440125491001001", Citizen("44012519491001001".into())),
            ("810000199901010014", Citizen("81000019990101001".into())),
            ("440118190001010001", Invalid),
            ("4.40118E+17", Invalid),
            ("E12345678", Foreign),
            ("--", Missing),
            ("", Missing),
        ]
    };
    match field {
        0 => vec![
            ("02", Code(Ok(0))),
            ("配偶", Code(Ok(1))),
            (" 10 ", Code(Ok(1))),
            ("子", Code(Ok(2))),
            ("77", Code(Err("77".into()))),
            ("Ab", Code(Err("ab".into()))),
            ("aB", Code(Err("ab".into()))),
            ("不详", Missing),
            ("", Missing),
        ],
        1 => vec![
            ("1", Code(Ok(0))),
            ("01", Code(Ok(0))),
            ("+2", Code(Ok(1))),
            ("甲a", Code(Ok(0))),
            ("乙", Code(Ok(1))),
            ("3", Invalid),
            ("甲", Invalid),
            ("-", Missing),
            ("", Missing),
        ],
        2 | 3 | 13 => date(),
        4 | 5 => vec![
            ("85", Number(850_000)),
            ("9.99", Number(99_900)),
            ("1,000", Number(10_000_000)),
            ("１２．５", Number(125_000)),
            ("-3", Number(-30_000)),
            ("+4", Number(40_000)),
            ("2.50000", Number(25_000)),
            ("99999999999", Number(999_999_999_990_000)),
            ("0.3333", Number(3_333)),
            ("85㎡", Invalid),
            ("大", Invalid),
            ("NULL", Missing),
            ("", Missing),
        ],
        6 => vec![
            ("是", Truth(true)),
            ("否", Truth(false)),
            ("无", Truth(false)),
            ("×", Truth(false)),
            ("√", Truth(true)),
            ("Yes", Truth(true)),
            ("也许", Invalid),
            ("不详", Missing),
            ("", Missing),
        ],
        7 => vec![
            ("A123", text("A123")),
            ("AB1234", text("AB1234")),
            ("粤-12", text("粤-12")),
            ("粤,1", text("粤,1")),
            ("粤\\1", Invalid),
            ("a123", Invalid),
            ("A12345", Invalid),
            ("", Missing),
        ],
        8 => vec![
            ("91350100M000100Y43", Uscc("91350100M000100Y43".into())),
            ("9144 0300-708461136t", Uscc("91440300708461136T".into())),
            ("91440300708461136X", Invalid),
            ("12345", Invalid),
            ("", Missing),
        ],
        9 => vec![
            ("甲乙丙丁", text("甲乙丙丁")),
            ("A\\b'c", text("A\\b'c")),
            ("  x y ", text("x y")),
            ("440118001001-7", text("440118001001-7")),
            ("440118", text("440118")),
            ("44011819000101000X", text("44011819000101000X")),
            ("无", Missing),
            ("", Missing),
        ],
        10 | 14 => citizen(),
        11 | 15 => place(),
        12 => vec![
            ("男", Code(Ok(0))),
            ("2", Code(Ok(1))),
            ("Female", Code(Ok(1))),
            ("某", Invalid),
            ("", Missing),
        ],
        _ => vec![
            ("未婚", Code(Ok(0))),
            ("20", Code(Ok(1))),
            ("离异", Code(Ok(6))),
            ("别的", Invalid),
            ("", Missing),
        ],
    }
}

/// One record: its values by field, as written and as meant.
#[derive(Clone)]
pub struct Person {
    pub written: Vec<Option<String>>,
    pub means: Vec<Means>,
    pub unit: Option<String>,
    pub registered_on: Option<u32>,
}

impl Person {
    pub fn new(rng: &mut Rng, unit: Option<String>, registered_on: Option<u32>) -> Person {
        let values = (0..ALL).map(|field| {
            let pool = pool(field);
            // Half of the values are the first ones, so that relations are decided by their clauses too.
            let at = if rng.bool() { rng.usize(..2) } else { rng.usize(..pool.len()) };
            pool[at].clone()
        });
        let (written, means): (Vec<&str>, Vec<Means>) = values.unzip();
        let written = written.into_iter().map(|text| (!text.is_empty()).then(|| text.to_owned())).collect();
        Person { written, means, unit, registered_on }
    }
}

#[derive(Debug, Clone)]
enum Op {
    Field(usize),
    /// A part of a field by its name.
    Part(usize, &'static str),
    Born,
    Unit,
    Registered,
    CutOff,
    Span(&'static str, Box<Op>, Box<Op>),
    Length(Box<Op>),
    Rest(Box<Op>, usize),
    Times(i128, Box<Op>),
    Fixed(String, Means),
}

#[derive(Debug, Clone)]
enum Part {
    Compare(Op, &'static str, Op),
    Between(Op, Op, Op),
    /// The set as written, and the codes or texts in it.
    In(Op, String, Vec<Means>, bool),
    /// Whether an open list has the code.
    Listed(Op, &'static str, bool),
    Is(Op, &'static str),
    Starts(Op, Op),
    Form(Op),
    Same(usize, usize, bool),
}

type Clauses = Vec<Vec<Part>>;

#[derive(Debug, Clone)]
pub struct Relation {
    pub key: String,
    when: Clauses,
    premise: Clauses,
    check: Clauses,
    /// Conditions and checks; none where `check` decides.
    cases: Vec<(Clauses, Clauses)>,
    /// Whether it is part of no rate.
    pub is_hint: bool,
    /// What a missing value does here, if it is not what accuracy says.
    pub fails_on_missing: Option<bool>,
    /// Whether the configuration skips invalid values.
    pub skips_invalid: bool,
}

/// Relations from a seed.
pub fn relations(rng: &mut Rng, count: usize) -> Vec<Relation> {
    (0..count)
        .map(|at| {
            let mut clauses = |most: usize| -> Clauses {
                (0..rng.usize(..=most)).map(|_| (0..rng.usize(1..=2)).map(|_| part(rng)).collect()).collect()
            };
            let (when, premise) = (clauses(1), clauses(1));
            let mut check = clauses(2);
            let has_cases = check.is_empty();
            let cases = match has_cases {
                true => (0..2).map(|_| (some_of(&mut clauses), some_of(&mut clauses))).collect(),
                false => Vec::new(),
            };
            if has_cases {
                check.clear();
            }
            let is_hint = at % 4 == 3;
            let fails_on_missing = [None, Some(true), Some(false)][at % 3];
            let (key, skips_invalid) = (format!("rule_{at}"), false);
            Relation { key, when, premise, check, cases, is_hint, fails_on_missing, skips_invalid }
        })
        .collect()
}

fn some_of(clauses: &mut impl FnMut(usize) -> Clauses) -> Clauses {
    loop {
        let made = clauses(2);
        if !made.is_empty() {
            return made;
        }
    }
}

fn part(rng: &mut Rng) -> Part {
    let compared = ["=", "!=", "<", "<=", ">", ">="];
    let ordered = compared[rng.usize(..6)];
    let equal = compared[rng.usize(..2)];
    match rng.u8(..16) {
        0..=2 => Part::Compare(date(rng), ordered, date(rng)),
        3 => Part::Compare(date(rng), ordered, Op::Fixed("2016-06-03".into(), Date(20_160_603))),
        4 | 5 => Part::Compare(number(rng, 2), ordered, fixed_number(rng)),
        6 => Part::Compare(number(rng, 2), ordered, number(rng, 1)),
        7 => Part::Between(number(rng, 1), whole(1), whole(90)),
        8 => Part::Compare(words(rng, 1), equal, words(rng, 1)),
        9 => {
            let set = vec![text("A123"), text("x y")];
            Part::In(words_of_no_person(rng), "[\"A123\", \"x y\"]".into(), set, rng.bool())
        }
        10 => match rng.u8(..4) {
            0 => Part::In(some_copy(rng, 0), "relation.spouse".into(), vec![Code(Ok(1))], rng.bool()),
            1 => Part::Listed(some_copy(rng, 0), "relation", rng.bool()),
            2 => Part::In(some_copy(rng, 1), "[\"甲A\"]".into(), vec![Code(Ok(0))], rng.bool()),
            _ => Part::In(
                some_copy(rng, 16),
                "marital.married".into(),
                (1..5).map(|at| Code(Ok(at))).collect(),
                rng.bool(),
            ),
        },
        11 => match rng.u8(..4) {
            0 => Part::Compare(some_copy(rng, 12), equal, Op::Part(14, "sex")),
            1 => Part::Compare(Op::Part(10, "sex"), equal, Op::Fixed("\"男\"".into(), Code(Ok(0)))),
            2 => Part::Compare(some_copy(rng, 6), equal, Op::Fixed("yes".into(), Truth(true))),
            _ => Part::Compare(some_copy(rng, 10), equal, some_copy(rng, 14)),
        },
        12 => {
            let field = rng.usize(..ALL);
            let of = [Op::Field(field), Op::Field(field), Op::Born, Op::Registered, Op::Unit][rng.usize(..5)]
                .clone();
            Part::Is(of, ["filled", "blank", "valid"][rng.usize(..3)])
        }
        13 => Part::Starts(
            words(rng, 1),
            [Op::Unit, Op::Part(14, "division"), some_copy(rng, 7)][rng.usize(..3)].clone(),
        ),
        14 => Part::Form(words(rng, 1)),
        _ => {
            let number = [8, 10, 14][rng.usize(..3)];
            let other = [8, 11, 14, 15][rng.usize(..4)];
            if other == number {
                Part::Same(11, number, rng.bool())
            } else {
                Part::Same(number, other, rng.bool())
            }
        }
    }
}

fn date(rng: &mut Rng) -> Op {
    match rng.u8(..9) {
        0..=2 => some_copy(rng, 2),
        3 => some_copy(rng, 3),
        4 => some_copy(rng, 13),
        5 => Op::Part([10, 14][rng.usize(..2)], "birth_date"),
        6 => Op::Registered,
        7 => Op::CutOff,
        _ => Op::Born,
    }
}

fn words(rng: &mut Rng, depth: u8) -> Op {
    match rng.u8(..8) {
        0 | 1 => some_copy(rng, 9),
        2 => some_copy(rng, 7),
        3 => Op::Part([8, 14][rng.usize(..2)], "text"),
        4 => Op::Part([8, 14, 10][rng.usize(..3)], "division"),
        5 => Op::Unit,
        _ if depth > 0 => Op::Rest(Box::new(words(rng, depth - 1)), rng.usize(..4)),
        _ => some_copy(rng, 9),
    }
}

/// Texts that may be compared with fixed ones: an ID number may not.
fn words_of_no_person(rng: &mut Rng) -> Op {
    let is_of_a_person = |mut op: &Op| {
        while let Op::Rest(of, _) = op {
            op = of;
        }
        matches!(op, Op::Part(14, "text"))
    };
    loop {
        let op = words(rng, 1);
        if !is_of_a_person(&op) {
            return op;
        }
    }
}

fn number(rng: &mut Rng, depth: u8) -> Op {
    match rng.u8(..9) {
        0 | 1 => some_copy(rng, 4),
        2 | 3 => some_copy(rng, BEDS),
        4 => Op::Span("age", Box::new(date(rng)), Box::new(date(rng))),
        5 => Op::Span("months", Box::new(date(rng)), Box::new(date(rng))),
        6 => Op::Span("days", Box::new(date(rng)), Box::new(date(rng))),
        7 => Op::Length(Box::new(words(rng, 1))),
        _ if depth > 0 => {
            let factor = [20_000, 5_000, 1, 12_345_678_900_000][rng.usize(..4)];
            Op::Times(factor, Box::new(number(rng, depth - 1)))
        }
        _ => some_copy(rng, 4),
    }
}

fn whole(number: i128) -> Op {
    Op::Fixed(number.to_string(), Number(number * 10_000))
}

fn fixed_number(rng: &mut Rng) -> Op {
    [whole(0), whole(3), whole(20), whole(85), Op::Fixed("9.99".into(), Number(99_900))][rng.usize(..5)]
        .clone()
}

fn decimal(number: i128) -> String {
    let text = format!("{}.{:04}", number / 10_000, number % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Op {
    fn written(&self) -> String {
        match self {
            Op::Field(field) => name(*field),
            Op::Part(field, part) => format!("{}.{part}", name(*field)),
            Op::Born => "born".to_owned(),
            Op::Unit => "unit".to_owned(),
            Op::Registered => "registered_on".to_owned(),
            Op::CutOff => "cut_off".to_owned(),
            Op::Span(name, of, on) => format!("{name}({}, {})", of.written(), on.written()),
            Op::Length(of) => format!("length({})", of.written()),
            Op::Rest(of, skipped) => format!("rest({}, {skipped})", of.written()),
            Op::Times(factor, of) => format!("{} * {}", decimal(*factor), of.written()),
            Op::Fixed(text, _) => text.clone(),
        }
    }
}

impl Part {
    fn written(&self) -> String {
        let not = |negated: &bool| if *negated { "not " } else { "" };
        match self {
            Part::Compare(left, sign, right) => format!("{} {sign} {}", left.written(), right.written()),
            Part::Between(of, low, high) => {
                format!("{} between {} and {}", of.written(), low.written(), high.written())
            }
            Part::In(of, set, _, negated) => format!("{} {}in {set}", of.written(), not(negated)),
            Part::Listed(of, list, negated) => format!("{} {}in {list}", of.written(), not(negated)),
            Part::Is(of, state) => format!("{} is {state}", of.written()),
            Part::Starts(of, prefix) => format!("{} starts with {}", of.written(), prefix.written()),
            Part::Form(of) => format!("{} has form \"[0-9A-Z]*\"", of.written()),
            Part::Same(one, other, negated) => {
                format!("{}same_division({}, {}, province)", not(negated), name(*one), name(*other))
            }
        }
    }
}

fn array(clauses: &Clauses) -> String {
    let clause =
        |parts: &Vec<Part>| format!("'{}'", parts.iter().map(Part::written).collect::<Vec<_>>().join(" or "));
    format!("[{}]", clauses.iter().map(clause).collect::<Vec<_>>().join(", "))
}

impl Relation {
    /// Whether records with an invalid value are not judged.
    pub fn leaves_invalid(&self) -> bool {
        self.skips_invalid && !self.asks_validity()
    }

    /// Whether what must hold asks for a valid value: an invalid one then fails whatever is skipped.
    fn asks_validity(&self) -> bool {
        let checks = self.check.iter().chain(self.cases.iter().flat_map(|(_, check)| check)).flatten();
        checks.into_iter().any(|part| matches!(part, Part::Is(_, "valid") | Part::Listed(_, _, false)))
    }

    /// As it stands in the configuration.
    pub fn written(&self) -> String {
        let mut out = format!("[relations.{0}]\nlabel = {{ zh = \"规则{0}\", en = \"{0}\" }}\n", self.key);
        out.push_str(&format!("when = {}\nif = {}\n", array(&self.when), array(&self.premise)));
        match self.cases.is_empty() {
            true => out.push_str(&format!("check = {}\n", array(&self.check))),
            false => {
                let case = |(when, check): &(Clauses, Clauses)| {
                    format!("{{ when = {}, check = {} }}", array(when), array(check))
                };
                let cases: Vec<String> = self.cases.iter().map(case).collect();
                out.push_str(&format!("cases = [{}]\n", cases.join(", ")));
            }
        }
        if self.is_hint {
            out.push_str("counts = false\n");
        }
        match self.fails_on_missing {
            Some(fails) => format!("{out}on_missing = \"{}\"\n", if fails { "fail" } else { "skip" }),
            None => out,
        }
    }
}

/// Decided by a value that is not one of its type.
const INVALID: usize = 4;

/// One record on one day.
pub struct Oracle<'a> {
    pub person: &'a Person,
    pub cut_off: u32,
}

/// Blank things that an unknown truth hangs on; `true` = one that every record needs.
#[derive(Default)]
struct Hangs {
    fields: Cell<u64>,
    others: Cell<bool>,
}

impl Oracle<'_> {
    /// 0 not applicable, 1 missing, 2 fail, 3 pass.
    pub fn outcome(&self, relation: &Relation) -> usize {
        match self.decided(relation) {
            INVALID if relation.leaves_invalid() => 0,
            INVALID => 2,
            outcome => outcome,
        }
    }

    fn decided(&self, relation: &Relation) -> usize {
        for (clauses, if_false) in [(&relation.when, 0), (&relation.premise, 3)] {
            match self.stage(clauses) {
                Ok(true) => {}
                Ok(false) => return if_false,
                Err(outcome) => return outcome,
            }
        }
        let check = match relation.cases.is_empty() {
            true => &relation.check,
            false => {
                let all: Clauses = relation
                    .cases
                    .iter()
                    .flat_map(|(when, check)| when.iter().chain(check))
                    .cloned()
                    .collect();
                if let Some(outcome) = self.obstacle(&all) {
                    return outcome;
                }
                let (mut taken, mut hangs, mut unknown) = (None, Hangs::default(), false);
                for (when, check) in &relation.cases {
                    match self.all(when, &mut hangs) {
                        Some(true) => {
                            taken = Some(check);
                            break;
                        }
                        Some(false) => {}
                        None => unknown = true,
                    }
                }
                match taken {
                    Some(check) => check,
                    None if unknown => return self.missing(&hangs),
                    None => return 3,
                }
            }
        };
        match self.stage(check) {
            Ok(true) => 3,
            Ok(false) => 2,
            Err(outcome) => outcome,
        }
    }

    /// Whether a field is filled, and whether it applies.
    pub fn field(&self, field: usize) -> (bool, bool) {
        (self.person.means[field] != Missing, field != BEDS || self.beds_apply())
    }

    /// `relation in relation.spouse`, also where that is not known.
    fn beds_apply(&self) -> bool {
        !matches!(&self.person.means[0], Code(code) if *code != Ok(1))
    }

    fn stage(&self, clauses: &Clauses) -> Result<bool, usize> {
        if let Some(outcome) = self.obstacle(clauses) {
            return Err(outcome);
        }
        let mut hangs = Hangs::default();
        self.all(clauses, &mut hangs).ok_or_else(|| self.missing(&hangs))
    }

    fn missing(&self, hangs: &Hangs) -> usize {
        let (beds, marital) = (1 << BEDS, 1 << MARITAL);
        let fields = hangs.fields.get();
        let is_needed = hangs.others.get()
            || fields & !beds & !marital != 0
            || fields & marital != 0 && self.marital_applies()
            || fields & beds != 0 && self.beds_apply();
        usize::from(is_needed)
    }

    /// `age(born) >= 15`, also where that is not known.
    fn marital_applies(&self) -> bool {
        match self.means(&Op::Born, &Hangs::default()) {
            Date(born) => (i64::from(self.cut_off) - i64::from(born)).div_euclid(10_000) >= 15,
            _ => true,
        }
    }

    /// What foreign and invalid values decide before any clause is read.
    fn obstacle(&self, clauses: &Clauses) -> Option<usize> {
        let mut states = Vec::new();
        for part in clauses.iter().flatten() {
            match part {
                Part::Is(_, "filled" | "blank") => {}
                Part::Same(one, other, _) => {
                    for field in [one, other] {
                        let means = &self.person.means[*field];
                        let is_permit = matches!(means, Citizen(number) if number.starts_with("81"));
                        states.push(if is_permit { Foreign } else { means.clone() });
                    }
                }
                part => states.extend(part.ops().into_iter().map(|op| self.means(op, &Hangs::default()))),
            }
        }
        if states.contains(&Foreign) {
            return Some(0);
        }
        states.contains(&Invalid).then_some(INVALID)
    }

    fn all(&self, clauses: &Clauses, hangs: &mut Hangs) -> Option<bool> {
        let mut truth = Some(true);
        let own = Hangs::default();
        for parts in clauses {
            let (mut any, mut unknown) = (false, false);
            let in_clause = Hangs::default();
            for part in parts {
                match self.part(part, &in_clause) {
                    Some(holds) => any |= holds,
                    None => unknown = true,
                }
            }
            match (any, unknown) {
                (true, _) => {}
                (false, false) => return Some(false),
                (false, true) => {
                    truth = None;
                    own.fields.set(own.fields.get() | in_clause.fields.get());
                    own.others.set(own.others.get() | in_clause.others.get());
                }
            }
        }
        if truth.is_none() {
            hangs.fields.set(hangs.fields.get() | own.fields.get());
            hangs.others.set(hangs.others.get() | own.others.get());
        }
        truth
    }

    fn part(&self, part: &Part, hangs: &Hangs) -> Option<bool> {
        if let Part::Is(of, state) = part {
            let is_missing = self.means(of, &Hangs::default()) == Missing;
            return match *state {
                "filled" => Some(!is_missing),
                "blank" => Some(is_missing),
                _ if is_missing => {
                    self.means(of, hangs);
                    None
                }
                _ => Some(true),
            };
        }
        let values: Vec<Means> = part.ops().into_iter().map(|op| self.means(op, hangs)).collect();
        if values.contains(&Missing) {
            return None;
        }
        Some(match (part, &values[..]) {
            (Part::Compare(_, sign, _), [left, right]) => {
                let order = match (left, right) {
                    (Date(left), Date(right)) => left.cmp(right),
                    (Number(left), Number(right)) => left.cmp(right),
                    (left, right) if left == right => std::cmp::Ordering::Equal,
                    _ => std::cmp::Ordering::Less,
                };
                match *sign {
                    "=" => order.is_eq(),
                    "!=" => order.is_ne(),
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                }
            }
            (Part::Between(..), [Number(of), Number(low), Number(high)]) => of >= low && of <= high,
            (Part::In(_, _, set, negated), [of]) => set.contains(of) != *negated,
            (Part::Listed(_, _, negated), [Code(code)]) => code.is_ok() != *negated,
            (Part::Starts(..), [Text(of), Text(prefix)]) => of.starts_with(prefix),
            (Part::Form(_), [Text(of)]) => {
                of.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            }
            (Part::Same(_, _, negated), [one, other]) => {
                let province = |means: &Means| match means {
                    Place(province) => *province,
                    Citizen(number) => number[..2].parse().ok(),
                    Uscc(code) => code[2..4].parse().ok(),
                    other => panic!("{other:?}"),
                };
                match (province(one), province(other)) {
                    (Some(one), Some(other)) => (one == other) != *negated,
                    _ => {
                        hangs.others.set(true);
                        return None;
                    }
                }
            }
            other => panic!("{other:?}"),
        })
    }

    fn means(&self, op: &Op, hangs: &Hangs) -> Means {
        let need = |hangs: &Hangs| {
            hangs.others.set(true);
            Missing
        };
        match op {
            Op::Field(field) => {
                let means = self.person.means[*field].clone();
                if means == Missing {
                    hangs.fields.set(hangs.fields.get() | 1 << field);
                }
                means
            }
            Op::Part(field, part) => match (self.means(&Op::Field(*field), hangs), *part) {
                (Citizen(number), "birth_date") => Date(number[6..14].parse().unwrap()),
                (Citizen(number), "sex") => Code(Ok(usize::from(number.as_bytes()[16] % 2 == 0))),
                (Citizen(number), "division") => text(&number[..6]),
                (Citizen(number), _) => Text(format!("{number}{}", check_character(&number))),
                (Uscc(code), "division") => text(&code[2..8]),
                (Uscc(code), _) => Text(code),
                (other, _) => other,
            },
            Op::Born => {
                let own = Hangs::default();
                let first = self.means(&Op::Field(13), &own);
                let second = self.means(&Op::Part(14, "birth_date"), &own);
                match (first, second) {
                    (Date(date), _) | (_, Date(date)) => Date(date),
                    (Invalid, _) | (_, Invalid) => Invalid,
                    (Foreign, _) | (_, Foreign) => Foreign,
                    _ => {
                        hangs.fields.set(hangs.fields.get() | own.fields.get());
                        Missing
                    }
                }
            }
            Op::Unit => match self.person.unit.as_deref().map(trimmed) {
                Some(unit) if !unit.is_empty() => text(unit),
                _ => need(hangs),
            },
            Op::Registered => self.person.registered_on.map_or_else(|| need(hangs), Date),
            Op::CutOff => Date(self.cut_off),
            Op::Span(name, of, on) => match (self.means(of, hangs), self.means(on, hangs)) {
                (Date(of), Date(on)) => Number(span(name, of, on) * 10_000),
                (Foreign, _) | (_, Foreign) => Foreign,
                (Invalid, _) | (_, Invalid) => Invalid,
                _ => Missing,
            },
            Op::Length(of) => match self.means(of, hangs) {
                Text(text) => Number(text.chars().count() as i128 * 10_000),
                other => other,
            },
            Op::Rest(of, skipped) => match self.means(of, hangs) {
                Text(text) => Text(text.chars().skip(*skipped).collect()),
                other => other,
            },
            Op::Times(factor, of) => match self.means(of, hangs) {
                Number(number) => {
                    let product = factor * number;
                    let is_exact = product % 10_000 == 0 && (product / 10_000).abs() <= i128::from(i64::MAX);
                    if is_exact { Number(product / 10_000) } else { Invalid }
                }
                other => other,
            },
            Op::Fixed(_, means) => means.clone(),
        }
    }
}

impl Part {
    fn ops(&self) -> Vec<&Op> {
        static FIELD_OPS: [Op; 17] = [
            Op::Field(0),
            Op::Field(1),
            Op::Field(2),
            Op::Field(3),
            Op::Field(4),
            Op::Field(5),
            Op::Field(6),
            Op::Field(7),
            Op::Field(8),
            Op::Field(9),
            Op::Field(10),
            Op::Field(11),
            Op::Field(12),
            Op::Field(13),
            Op::Field(14),
            Op::Field(15),
            Op::Field(16),
        ];
        match self {
            Part::Compare(left, _, right) => vec![left, right],
            Part::Between(of, low, high) => vec![of, low, high],
            Part::Starts(of, prefix) => vec![of, prefix],
            Part::In(of, ..) | Part::Listed(of, ..) | Part::Is(of, _) | Part::Form(of) => vec![of],
            Part::Same(one, other, _) => vec![&FIELD_OPS[*one], &FIELD_OPS[*other]],
        }
    }
}

/// Whole units from one date to another, by the calendar.
fn span(name: &str, of: u32, on: u32) -> i128 {
    let civil = |number: u32| {
        jiff::civil::date((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8)
    };
    let (of, on) = (civil(of), civil(on));
    let turned =
        (i128::from(on.month()), i128::from(on.day())) < (i128::from(of.month()), i128::from(of.day()));
    match name {
        "days" => i128::from(on.duration_since(of).as_hours() / 24),
        "age" => i128::from(on.year()) - i128::from(of.year()) - i128::from(turned),
        _ => {
            let months =
                (i128::from(on.year()) - i128::from(of.year())) * 12 + i128::from(on.month() - of.month());
            months - i128::from(on.day() < of.day())
        }
    }
}
