//! The definitions in use: indicators, scoring, ranking (design, section 3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use num_rational::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::subject::RegisterSubject;
use tongbao_message::{Message, message};
use tongbao_register::field::Field;
use tongbao_register::text::trim_text;
use tongbao_register::unit::{Unit, Units};
use tongbao_register::unit_order::stand_above;
use tongbao_rule::definitions::{Definitions, Label};

/// The definitions in use (design, section 3).
#[derive(Debug, Clone)]
pub struct Indicators {
    /// Instants are days of this zone: the campaign's.
    pub time_zone: TimeZone,
    /// What the register lists; `None` = persons, by the nine built-in fields.
    pub subject: Option<RegisterSubject>,
    /// Fields, code lists and relations: the preset's, then the office's own.
    pub definitions: Arc<Definitions>,
    /// 覆盖率
    pub coverage: Coverage,
    /// 完整率
    pub completeness: Completeness,
    /// 准确率
    pub accuracy: Accuracy,
    /// Further rates, in the order in which they are printed.
    pub own: Vec<OwnIndicator>,
    /// What kinds of units have instead of the general targets and weights, by kind.
    pub unit_kinds: BTreeMap<String, KindRules>,
    /// Where there is a list of proven exceptions.
    pub exceptions: Option<ExceptionRules>,
    /// Which records of the register count.
    pub counted_records: CountedRecords,
}

/// Which records of the register count, as the source leaves the others out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountedRecords {
    /// Column = values under which a record counts; a blank one stands for no value.
    pub only: BTreeMap<String, Vec<String>>,
    /// Column of the day from which a record counts no more.
    pub left_at: Option<String>,
}

/// Proven exceptions 佐证: what names a record in their list, and the reasons that may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRules {
    /// What a row of the list gives of its record.
    pub by: IdentifiedBy,
    /// As documents print them, by code.
    pub reasons: BTreeMap<String, String>,
}

/// What names a record in a list of proven exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifiedBy {
    /// The record key.
    Key,
    /// The ID number, or what else identifies it in registers of something else than persons.
    IdNumber,
}

/// Targets and weights of the units of one kind; a rate that is not named has the general ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindRules {
    /// The rate that a unit of this kind must reach.
    pub targets: BTreeMap<Indicator, Target>,
    /// Points of the score; with those of the other rates 100.
    pub weights: BTreeMap<Indicator, Ratio<u64>>,
}

/// Most rates that an office adds to the three.
pub const MOST_OWN_INDICATORS: usize = 8;

/// A rate of the office's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIndicator {
    /// The name in the configuration.
    pub key: String,
    /// The name in documents.
    pub label: Label,
    /// What one count of it stands for, as documents print it; `None` = a record.
    pub counted: Option<Label>,
    /// What the two counts of the rate are.
    pub measure: Measure,
    /// The rate that a unit must reach.
    pub target: Target,
    /// Points of the score.
    pub weight: Ratio<u64>,
}

/// What a rate of the office's own counts: sums over its fields or relations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Filled values of all that apply.
    Fields(Vec<Field>),
    /// Values that are what they should be, of all that are filled: fields, and the relation of each that says so.
    Valid(Vec<(Field, Relation)>),
    /// Passed of all that are judged.
    Relations(Vec<Relation>),
}

impl Indicators {
    /// The headline rates that are measured, then the office's own.
    pub fn all(&self) -> Vec<Indicator> {
        let headline = Indicator::ALL.into_iter().filter(|indicator| self.measures(*indicator));
        headline.chain(self.own_rates()).collect()
    }

    /// The office's own rates.
    pub fn own_rates(&self) -> impl Iterator<Item = Indicator> + Clone + use<> {
        (0..self.own.len() as u8).map(Indicator::Own)
    }

    /// Whether a rate is measured: coverage where there is something to compare the register with.
    pub fn measures(&self, indicator: Indicator) -> bool {
        indicator != Indicator::Coverage || self.coverage.method != CoverageMethod::None
    }

    /// The definition of a rate of the office's own.
    pub fn own_indicator(&self, indicator: Indicator) -> Option<&OwnIndicator> {
        match indicator {
            Indicator::Own(at) => self.own.get(usize::from(at)),
            _ => None,
        }
    }

    /// The name of a rate in configuration and JSON.
    pub fn indicator_key(&self, indicator: Indicator) -> &str {
        self.own_indicator(indicator).map_or(indicator.key(), |own| &own.key)
    }

    /// Points out of 100 that a rate is worth to units of a kind.
    pub fn weight_of(&self, scoring: &Scoring, indicator: Indicator, kind: Option<&str>) -> Ratio<u64> {
        let own = self.rules_of(kind).and_then(|rules| rules.weights.get(&indicator));
        own.copied().unwrap_or_else(|| self.weight(scoring, indicator))
    }

    /// The target of a rate for units of a kind; without a kind, that of all units together.
    pub fn target_of(&self, indicator: Indicator, kind: Option<&str>) -> Target {
        let own = self.rules_of(kind).and_then(|rules| rules.targets.get(&indicator));
        own.copied().unwrap_or_else(|| self.target(indicator))
    }

    /// A kind that has targets or weights of its own although no unit is of it, and the kinds that there are.
    pub fn kind_without_units(&self, units: &Units) -> Option<(String, String)> {
        let kinds: BTreeSet<&str> = units.list().iter().map(|unit| unit.kind.as_str()).collect();
        let missing = self.unit_kinds.keys().find(|kind| !kinds.contains(kind.as_str()))?;
        Some((missing.clone(), kinds.into_iter().collect::<Vec<_>>().join(", ")))
    }

    fn rules_of(&self, kind: Option<&str>) -> Option<&KindRules> {
        self.unit_kinds.get(kind?)
    }

    /// Points out of 100 that a rate is worth, unless a kind of unit has others.
    pub fn weight(&self, scoring: &Scoring, indicator: Indicator) -> Ratio<u64> {
        match indicator {
            Indicator::Own(_) => {
                self.own_indicator(indicator).map_or(Ratio::from_integer(0), |own| own.weight)
            }
            built_in => scoring.weights.of(built_in),
        }
    }

    /// The target of a rate for all units together, and for units whose kind has no other.
    pub fn target(&self, indicator: Indicator) -> Target {
        match indicator {
            Indicator::Coverage => self.coverage.target,
            Indicator::Completeness => self.completeness.target,
            Indicator::Accuracy => self.accuracy.target,
            Indicator::Own(at) => {
                let own = self.own.get(usize::from(at));
                own.map_or(Target(Ratio::from_integer(1)), |own| own.target)
            }
        }
    }
}

/// How coverage 覆盖率 is counted.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// What the register is compared with.
    pub method: CoverageMethod,
    /// The rate that a unit must reach.
    pub target: Target,
    /// The rosters it is compared with, for [`CoverageMethod::Roster`].
    pub rosters: Rosters,
}

/// The rosters that the register is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rosters {
    /// In configured order; none where there is one roster without a name, which is not reconciled.
    pub named: Vec<RosterName>,
    /// Position of the one that coverage is measured against; `None` = all together.
    pub measured: Option<usize>,
}

/// A roster among several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterName {
    /// The key in the configuration.
    pub name: String,
    /// As it is printed.
    pub label: String,
}

impl Rosters {
    /// Most rosters that there can be.
    pub const MOST: usize = 16;

    /// How many lists are compared: each roster, and after several all of them together.
    pub fn lists(&self) -> usize {
        match self.named.len() {
            0 | 1 => 1,
            several => several + 1,
        }
    }

    /// Position of the list that coverage is measured against.
    pub fn measured(&self) -> usize {
        self.measured.unwrap_or(self.lists() - 1)
    }

    /// How many lists are reconciled with the register.
    pub fn reconciled(&self) -> usize {
        if self.named.is_empty() { 0 } else { self.lists() }
    }
}

/// What coverage compares the register with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageMethod {
    /// Distinct roster persons found in the register / distinct roster persons.
    Roster,
    /// Distinct registered persons / baseline.
    Baseline,
    /// Nobody knows who is expected: coverage is not measured, printed or scored.
    None,
}

/// How completeness 完整率 is counted.
#[derive(Debug, Clone)]
pub struct Completeness {
    /// What one count stands for.
    pub counted: CountedPersons,
    /// The built-in fields that count, in the order of the documents; none where the register lists no persons.
    pub fields: Vec<Field>,
    /// The rate that a unit must reach.
    pub target: Target,
    /// Per field, the values that count as not filled (compared after trimming, ASCII case ignored).
    pub placeholders: BTreeMap<Field, Vec<String>>,
}

impl Completeness {
    /// The placeholders of a field without surrounding white space.
    pub fn of(&self, field: Field) -> impl Iterator<Item = &str> {
        self.placeholders.get(&field).into_iter().flatten().map(|value| trim_text(value))
    }
}

/// What completeness counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedPersons {
    /// Records: one with all applicable fields filled counts, any other does not.
    Records,
    /// Cells: each applicable field of each record counts for itself.
    Cells,
}

/// How accuracy 准确率 is counted.
#[derive(Debug, Clone)]
pub struct Accuracy {
    /// Without repetition, in the order in which they are printed.
    pub relations: Vec<Relation>,
    /// What a blank field means for the relations that read it.
    pub on_missing: OnMissing,
    /// What a value that is filled but not one of its type means for them.
    pub on_invalid: OnInvalid,
    /// How closely the division in the ID number must agree with the household place.
    pub household_level: DivisionLevel,
    /// The rate that a unit must reach.
    pub target: Target,
}

/// A logical relation between the fields of one record (逻辑关系).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The birth date inside the ID number is the one recorded.
    IdBirthDate,
    /// The sex coded in the ID number is the one recorded.
    IdSex,
    /// The marital status is possible at the person's age.
    AgeMarital,
    /// The division in the ID number agrees with the household place, as closely as `household_level` asks.
    IdHouseholdPlace,
    /// The ID number has the right check character and a birth date that the calendar has.
    IdValid,
    /// By its position among the office's own.
    #[serde(skip)]
    Own(u8),
}

impl Relation {
    /// The built-in relations.
    pub const ALL: [Relation; 5] = [
        Relation::IdBirthDate,
        Relation::IdSex,
        Relation::AgeMarital,
        Relation::IdHouseholdPlace,
        Relation::IdValid,
    ];

    /// The built-in fields that a built-in relation reads.
    pub fn reads(self) -> &'static [Field] {
        match self {
            Relation::IdBirthDate => &[Field::IdNumber, Field::BirthDate],
            Relation::IdSex => &[Field::IdNumber, Field::Sex],
            Relation::AgeMarital => &[Field::MaritalStatus, Field::BirthDate, Field::Sex, Field::Ethnicity],
            Relation::IdHouseholdPlace => &[Field::IdNumber, Field::HouseholdPlace],
            Relation::IdValid => &[Field::IdNumber],
            Relation::Own(_) => &[],
        }
    }

    /// The name of a built-in relation in configuration and JSON; see [`Indicators::relation_key`].
    pub fn key(self) -> &'static str {
        match self {
            Relation::IdBirthDate => "id_birth_date",
            Relation::IdSex => "id_sex",
            Relation::AgeMarital => "age_marital",
            Relation::IdHouseholdPlace => "id_household_place",
            Relation::IdValid => "id_valid",
            Relation::Own(_) => "own",
        }
    }

    /// The relation at a position among all.
    pub fn at(index: usize) -> Option<Relation> {
        let own = index.checked_sub(Relation::ALL.len()).and_then(|at| u8::try_from(at).ok());
        Relation::ALL.get(index).copied().or(own.map(Relation::Own))
    }

    /// Position among all relations, the built-in ones first; used to index per-relation counters.
    pub fn index(self) -> usize {
        match self {
            Relation::IdBirthDate => 0,
            Relation::IdSex => 1,
            Relation::AgeMarital => 2,
            Relation::IdHouseholdPlace => 3,
            Relation::IdValid => 4,
            Relation::Own(at) => Relation::ALL.len() + usize::from(at),
        }
    }
}

/// The outcome of a relation one of whose fields is blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// The relation fails.
    Fail,
    /// The relation does not judge the record.
    Skip,
}

/// The outcome of a relation one of whose fields is filled with something that is no value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// The relation fails.
    #[default]
    Fail,
    /// The relation does not judge the record, unless validity is what it asks.
    Skip,
}

impl OnInvalid {
    /// Whether it is what is usual, so that it need not be written.
    pub fn is_usual(&self) -> bool {
        *self == OnInvalid::Fail
    }
}

/// How closely the ID's division code must agree with the household place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DivisionLevel {
    /// The same province (two digits).
    Province,
    /// The same city (four digits).
    City,
    /// The same county (six digits).
    County,
}

/// What a rate must reach, an exact fraction in (0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target(pub Ratio<u64>);

impl Target {
    /// As a number for a workbook; what it decides is decided by integers.
    pub fn share(self) -> f64 {
        *self.0.numer() as f64 / *self.0.denom() as f64
    }
}

/// One of the three headline rates, or one of the office's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// 覆盖率
    Coverage,
    /// 完整率
    Completeness,
    /// 准确率
    Accuracy,
    /// By its position among the office's own.
    Own(u8),
}

impl Indicator {
    /// The three headline rates, in the order in which they are printed.
    pub const ALL: [Indicator; 3] = [Indicator::Coverage, Indicator::Completeness, Indicator::Accuracy];

    /// The name in configuration and JSON; that of an own rate is in its definition.
    pub fn key(self) -> &'static str {
        match self {
            Indicator::Coverage => "coverage",
            Indicator::Completeness => "completeness",
            Indicator::Accuracy => "accuracy",
            Indicator::Own(_) => "own",
        }
    }

    /// Position among all rates.
    pub fn index(self) -> usize {
        match self {
            Indicator::Coverage => 0,
            Indicator::Completeness => 1,
            Indicator::Accuracy => 2,
            Indicator::Own(at) => Indicator::ALL.len() + usize::from(at),
        }
    }
}

/// How rates become a score.
#[derive(Debug, Clone)]
pub struct Scoring {
    /// Points of the three headline rates; an own rate carries its weight itself.
    pub weights: Weights,
    /// Each one that applies sets the score to 0.
    pub vetoes: Vec<Veto>,
    /// Taken off after the weights.
    pub deductions: Vec<Deduction>,
}

/// Points out of 100 that each indicator is worth; they add up to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// Points for 覆盖率.
    pub coverage: Ratio<u64>,
    /// Points for 完整率.
    pub completeness: Ratio<u64>,
    /// Points for 准确率.
    pub accuracy: Ratio<u64>,
}

impl Weights {
    /// The points an indicator is worth.
    pub fn of(&self, indicator: Indicator) -> Ratio<u64> {
        match indicator {
            Indicator::Coverage => self.coverage,
            Indicator::Completeness => self.completeness,
            Indicator::Accuracy => self.accuracy,
            Indicator::Own(_) => Ratio::from_integer(0),
        }
    }
}

/// A unit whose `indicator` is below `below` scores 0 (一票否决).
#[derive(Debug, Clone)]
pub struct Veto {
    /// The rate that decides.
    pub indicator: Indicator,
    /// The lowest rate that does not set the score to 0.
    pub below: Target,
    /// As it is printed.
    pub reason: String,
}

/// Points taken from one unit for a stated reason.
#[derive(Debug, Clone)]
pub struct Deduction {
    /// Code of the unit.
    pub unit: String,
    /// Points out of 100.
    pub points: Ratio<u64>,
    /// As it is printed.
    pub reason: String,
}

/// How units are ranked.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Rank each kind of unit apart, in addition to the overall ranking.
    pub by_kind: bool,
    /// What decides, first to last, without repetition.
    pub order: Vec<RankKey>,
    /// Units with fewer records are listed unranked.
    pub min_records: u64,
    /// Which units of the tree are ranked and judged; `None` = all.
    pub level: Option<Level>,
    /// Codes or names of units that are not.
    pub except: Vec<String>,
}

impl Ranking {
    /// Whether a unit at this depth of the tree is ranked and judged.
    pub fn assesses(&self, unit: &Unit, depth: u32) -> bool {
        let is_meant = match &self.level {
            None => true,
            Some(Level::Depth(level)) => depth == *level,
            Some(Level::Kinds(kinds)) => kinds.contains(&unit.kind),
        };
        is_meant && !self.except.iter().any(|name| *name == unit.code || *name == unit.name)
    }

    /// Names of units that are ranked although, by code or name, they stand above others that are: a list without the
    /// column of the units above does not say so, and the street would be ranked among its villages.
    pub fn ranked_above_others(&self, units: &Units, office: &str) -> Vec<String> {
        let ranked = (0..).zip(units.list()).filter(|(at, unit)| self.assesses(unit, units.level(*at)));
        let ranked: Vec<(u32, &Unit)> = ranked.collect();
        let names: Vec<(&str, &str)> =
            ranked.iter().map(|(_, unit)| (unit.code.as_str(), unit.name.as_str())).collect();
        let has_parts = |at: u32| ranked.iter().any(|(other, _)| units.parent(*other) == Some(at));
        let above = ranked.iter().zip(stand_above(&names, office)).filter(|(_, is_above)| *is_above);
        // Where the list has the parts of a unit, the unit is ranked apart from them.
        above.filter(|((at, _), _)| !has_parts(*at)).map(|((_, unit), _)| unit.name.clone()).collect()
    }

    /// Units that are left out of the ranking and that the list does not have.
    pub fn unknown_exceptions<'a>(&'a self, units: &Units) -> Vec<&'a str> {
        let is_there = |name: &str| units.list().iter().any(|unit| unit.code == name || unit.name == name);
        self.except.iter().map(String::as_str).filter(|name| !is_there(name)).collect()
    }

    /// Kinds of the level that no unit is of, where others of its kinds have units: a misspelt one would drop its
    /// units out of the ranking.
    pub fn kinds_without_units(&self, units: &Units) -> Vec<String> {
        let Some(Level::Kinds(kinds)) = &self.level else { return Vec::new() };
        let is_there = |kind: &&String| units.list().iter().any(|unit| unit.kind == **kind);
        kinds.iter().filter(|kind| !is_there(kind)).cloned().collect()
    }

    /// What the unit list has instead, if no unit is of the configured level.
    pub fn lacks_units(&self, units: &Units) -> Option<Message> {
        let all = || units.from_above().map(|i| (&units.list()[i as usize], units.level(i)));
        if all().any(|(unit, depth)| self.assesses(unit, depth)) {
            return None;
        }
        let kinds: BTreeSet<&str> = all().map(|(unit, _)| unit.kind.as_str()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let deepest = all().map(|(_, depth)| depth).max().unwrap_or_default();
        Some(message!("kinds-and-depths", kinds = kinds.join(", "), deepest))
    }
}

/// 红黑榜 of bulletins and rankings, from the released runs of the report; each rule is off by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Honours {
    /// So many units of each group whose score rose most since the compared run.
    pub fastest: u32,
    /// Names units that meet all targets for the first time.
    pub first_met: bool,
    /// Names units that have been last of their group this many times in a row; 0 = off, otherwise 2 or more.
    pub last_in_a_row: u32,
    /// What follows for them, as it is printed.
    pub last_action: String,
}

impl Default for Honours {
    fn default() -> Honours {
        Honours { fastest: 0, first_met: false, last_in_a_row: 0, last_action: "予以约谈".to_owned() }
    }
}

impl Honours {
    /// Whether any rule is on.
    pub fn is_on(&self) -> bool {
        self.fastest > 0 || self.first_met || self.last_in_a_row > 0
    }
}

/// A level of the unit tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// 1 = units with nothing above them.
    Depth(u32),
    /// Units of these kinds, wherever they stand.
    Kinds(Vec<String>),
}

/// A figure that ranks are decided by; more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankKey {
    /// Points out of 100.
    Score,
    /// One of the rates.
    Rate(Indicator),
}
