//! Units: the villages, communities and departments that answer for their part of the register, as a
//! tree of any depth.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;
use tongbao_message::Worded;

use jiff::civil::Date;

use super::nearest::nearest;
use super::succession::{self, ListedUnit, Succession};
use super::text::trim_text;
use super::unit_names::{Town, UnitNames, plain};

/// A unit with its stable code. `kind` is free text of the office's own (村, 社区, 部门).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Stable and unique on any day: `440118001001`.
    pub code: String,
    /// As documents print it.
    pub name: String,
    /// Units of one kind are ranked together where `ranking.group_by` is `kind`.
    pub kind: String,
    /// Code of the unit above; `None` = a root of the tree.
    pub parent: Option<String>,
}

/// Why a unit list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum UnitError {
    /// The code.
    Repeated(String),
    /// The codes in the circle.
    #[message(units = _0.join(", "))]
    Circle(Vec<String>),
    /// The codes in the circle.
    #[message(units = _0.join(", "))]
    SuccessionCircle(Vec<String>),
    /// The list lacks a successor.
    UnknownSuccessor {
        /// The unit that has ended.
        code: String,
        /// The code that no row has.
        successor: String,
    },
    /// The code.
    NoEnd(String),
    /// The code.
    Reversed(String),
    /// The cut-off day.
    NoneValid(Date),
    /// An alias names no unit.
    UnknownAlias {
        /// The office's own word.
        alias: String,
        /// The code or name that the alias stands for, which no row has.
        unit: String,
    },
}

/// The units of a campaign that are valid at a cut-off, in the order of their codes. A position is a
/// place in that order.
#[derive(Debug, Clone, Default)]
pub struct Units {
    list: Vec<Unit>,
    /// Positions by code, also of units that have ended, whose records count for their successors.
    index: HashMap<String, u32>,
    parents: Vec<Option<u32>>,
    /// Every unit after the one above it; units with the same one above in the order of their codes.
    tree: Vec<u32>,
    levels: Vec<u32>,
    successions: Vec<Succession>,
    /// The office's own words, with the positions that they mean.
    aliases: Vec<(String, u32)>,
    /// The street or town of an office that units without one above them are in.
    town: Option<Town>,
    /// Made when a text is no code: of many units it takes more time and room than all else here.
    names: OnceLock<UnitNames>,
}

impl Units {
    /// Units without succession.
    pub fn new(list: Vec<Unit>) -> Result<Units, UnitError> {
        Units::restored(list, Vec::new())
    }

    /// The units that are valid on `day`; codes of those that have ended lead to their successors.
    pub fn at(list: Vec<ListedUnit>, day: Date) -> Result<Units, UnitError> {
        let (valid, successions) = succession::resolve(list, day)?;
        Units::restored(valid, successions)
    }

    /// Valid units with successions that were resolved before.
    pub fn restored(mut list: Vec<Unit>, successions: Vec<Succession>) -> Result<Units, UnitError> {
        list.sort_by(|a, b| a.code.cmp(&b.code));
        if let Some(pair) = list.windows(2).find(|pair| pair[0].code == pair[1].code) {
            return Err(UnitError::Repeated(pair[0].code.clone()));
        }
        let mut index: HashMap<String, u32> =
            list.iter().enumerate().map(|(i, unit)| (unit.code.clone(), i as u32)).collect();
        for Succession { code, successor, .. } in &successions {
            if let Some(position) = successor.as_ref().and_then(|code| index.get(code).copied()) {
                index.entry(code.clone()).or_insert(position);
            }
        }
        let parent = |unit: &Unit| unit.parent.as_ref().and_then(|code| index.get(trim_text(code)).copied());
        let parents: Vec<Option<u32>> = list.iter().map(parent).collect();
        let (tree, levels) = tree(&parents);
        if tree.len() < list.len() {
            let circle = (0..list.len()).filter(|i| levels[*i] == 0).map(|i| list[i].code.clone());
            return Err(UnitError::Circle(circle.collect()));
        }
        Ok(Units { list, index, parents, tree, levels, successions, ..Units::default() })
    }

    /// How units are written other than by their codes.
    fn names(&self) -> &UnitNames {
        self.names.get_or_init(|| self.added_to(UnitNames::default()))
    }

    fn added_to(&self, mut names: UnitNames) -> UnitNames {
        let valid: HashSet<&str> = self.list.iter().map(|unit| unit.name.as_str()).collect();
        for Succession { name, successor, .. } in &self.successions {
            let position = successor.as_ref().and_then(|code| self.index.get(code).copied());
            // A name that a valid unit bears too means that unit.
            if let Some(position) = position.filter(|_| !valid.contains(name.as_str())) {
                names.add_name(name, "", position);
            }
        }
        for (unit, position) in self.list.iter().zip(0..) {
            let above = self.parent(position).map(|above| self.list[above as usize].name.as_str());
            names.add_unit(unit, above, position);
        }
        self.aliases.iter().for_each(|(alias, position)| names.add_alias(alias, *position));
        for (unit, position) in self.list.iter().zip(0..).filter(|(_, at)| self.parent(*at).is_none()) {
            if let Some(town) = &self.town {
                names.add_town(unit, town, position);
            }
        }
        names
    }

    /// Takes the office's own words for units: alias = code or name.
    pub fn with_aliases<'a>(
        mut self,
        aliases: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Result<Units, UnitError> {
        for (alias, unit) in aliases {
            let unknown = || UnitError::UnknownAlias { alias: alias.clone(), unit: unit.clone() };
            let position = self.position(unit).ok_or_else(unknown)?;
            if let Some(names) = self.names.get_mut() {
                names.add_alias(alias, position);
            }
            self.aliases.push((alias.clone(), position));
        }
        Ok(self)
    }

    /// Puts the units that have none above them, and are no street or town themselves, into that of an office.
    pub fn within_town(mut self, office: &str) -> Units {
        self.town = Town::of_office(office);
        // An alias may have asked for them.
        self.names.take();
        self
    }

    /// The position of the unit that a text names, or of its successor: by code, by name, by the name with
    /// another word for its kind, or by an alias. `None` where it names none, or more than one.
    pub fn position(&self, text: &str) -> Option<u32> {
        let code = trim_text(text);
        self.index.get(code).copied().or_else(|| self.position_by_name(code))
    }

    fn position_by_name(&self, text: &str) -> Option<u32> {
        self.index.get(&plain(text)).copied().or_else(|| self.names().position(text))
    }

    /// Head counts by code, where a unit may also be named, with how many rows each has. Those of one unit are added;
    /// those of no unit stay as they are.
    pub fn by_code(&self, counts: Vec<(String, u64)>) -> BTreeMap<String, (u64, u64)> {
        let mut out = BTreeMap::<String, (u64, u64)>::new();
        for (unit, count) in counts {
            // What counts for an ended unit is no head count of its successor's.
            let position = self.named(&unit);
            let code = position.map_or(unit, |position| self.list[position as usize].code.clone());
            let (sum, rows) = out.entry(code).or_default();
            (*sum, *rows) = (*sum + count, *rows + 1);
        }
        out
    }

    /// Names that several units share, with the codes of these units: a record that is filed under such
    /// a name belongs to none of them.
    pub fn shared_names(&self) -> Vec<(String, Vec<&str>)> {
        let code = |position: u32| self.list[position as usize].code.as_str();
        let shared = self.added_to(UnitNames::as_listed()).into_shared();
        shared.map(|(name, units)| (name, units.into_iter().map(code).collect())).collect()
    }

    /// Every spelling of a unit other than its code, with the positions that it means.
    pub fn spellings(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.names().spellings()
    }

    /// The position of the valid unit that a text names, as [`Units::position`]; the code of a unit that has ended names
    /// none.
    pub fn named(&self, text: &str) -> Option<u32> {
        let is_ended = self.successions.iter().any(|ended| ended.code == trim_text(text));
        self.position(text).filter(|_| !is_ended || self.own_position(text).is_some())
    }

    /// The valid unit that is written most like a text, by its code or name; `None` where none is like it.
    pub fn nearest(&self, text: &str) -> Option<&Unit> {
        let words = self.list.iter().flat_map(|unit| [unit.code.as_str(), unit.name.as_str()]);
        let meant = nearest(text, words.filter(|word| !word.is_empty()))?;
        self.list.iter().find(|unit| unit.code == meant || unit.name == meant)
    }

    /// The position of the valid unit with exactly this code.
    pub fn own_position(&self, code: &str) -> Option<u32> {
        self.position(code).filter(|position| self.list[*position as usize].code == code)
    }

    /// The valid units; a unit's position elsewhere is its index here.
    pub fn list(&self) -> &[Unit] {
        &self.list
    }

    /// Number of valid units.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether no unit is valid.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Codes with the positions they lead to, ended units included.
    pub fn codes(&self) -> impl Iterator<Item = (&str, u32)> {
        self.index.iter().map(|(code, position)| (code.as_str(), *position))
    }

    /// What has become of the units that have ended, in the order of their codes.
    pub fn successions(&self) -> &[Succession] {
        &self.successions
    }

    /// The unit directly above, if it is in the list.
    pub fn parent(&self, position: u32) -> Option<u32> {
        self.parents[position as usize]
    }

    /// How deep a unit lies: 1 has nothing above it.
    pub fn level(&self, position: u32) -> u32 {
        self.levels[position as usize]
    }

    /// All positions, every unit before those below it, as a list of the tree is read.
    pub fn from_above(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.tree.iter().copied()
    }

    /// Whether `position` is the unit `above` or is anywhere below it.
    pub fn is_within(&self, position: u32, above: u32) -> bool {
        let mut at = Some(position);
        while let Some(unit) = at {
            if unit == above {
                return true;
            }
            at = self.parent(unit);
        }
        false
    }

    /// Adds what is known of each unit to the one above it, so that in the end each has the sum of
    /// itself and everything below; `close` sees each unit's sum before it is handed on.
    pub fn roll_up<T: Clone>(
        &self,
        values: &mut [T],
        mut close: impl FnMut(u32, &mut T),
        add: impl Fn(&mut T, &T),
    ) {
        for unit in self.from_above().rev() {
            close(unit, &mut values[unit as usize]);
            if let Some(parent) = self.parent(unit) {
                let value = values[unit as usize].clone();
                add(&mut values[parent as usize], &value);
            }
        }
    }

    /// Codes of parents that are not in the list: their units stand at the top.
    pub fn unknown_parents(&self) -> Vec<&str> {
        let units = self.list.iter().zip(&self.parents);
        let unknown = units.filter(|(_, parent)| parent.is_none()).filter_map(|(u, _)| u.parent.as_deref());
        let mut codes: Vec<&str> = unknown.collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// Positions from the top down, and the level of each; units in a circle are left out, at level 0.
fn tree(parents: &[Option<u32>]) -> (Vec<u32>, Vec<u32>) {
    let mut below: Vec<Vec<u32>> = vec![Vec::new(); parents.len()];
    let mut open: Vec<u32> = Vec::new();
    // Backwards, because the last one pushed is taken first.
    for (i, parent) in parents.iter().enumerate().rev() {
        match parent {
            Some(parent) => below[*parent as usize].push(i as u32),
            None => open.push(i as u32),
        }
    }
    let (mut order, mut levels) = (Vec::with_capacity(parents.len()), vec![0; parents.len()]);
    while let Some(unit) = open.pop() {
        levels[unit as usize] = 1 + parents[unit as usize].map_or(0, |parent| levels[parent as usize]);
        order.push(unit);
        open.append(&mut below[unit as usize]);
    }
    (order, levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(code: &str, parent: Option<&str>) -> Unit {
        let parent = parent.map(str::to_owned);
        Unit { code: code.into(), name: format!("{code}村"), kind: "村".into(), parent }
    }

    #[test]
    fn units_are_found_by_code_by_name_and_by_alias() {
        let named = |code: &str, name: &str, kind: &str| Unit {
            code: code.into(),
            name: name.into(),
            kind: kind.into(),
            parent: None,
        };
        let list = vec![
            named("440118001201", "荔湖村", "村"),
            named("440118001001", "桥东社区", "社区"),
            named("440118001002", "荔湖社区", "社区"),
            named("440118001202", "廖村", "村"),
            named("440118001203", "西瓜岭", "村"),
            named("440118001204", "同名村", "村"),
            named("440118001205", "同名村", "村"),
        ];
        let aliases = [("老荔湖".to_owned(), "荔湖村".to_owned()), ("城东".into(), "440118001001".into())];
        let units = Units::new(list).unwrap().with_aliases(aliases.iter().map(|(a, b)| (a, b))).unwrap();
        let code = |text: &str| units.position(text).map(|at| &units.list()[at as usize].code[9..]);
        for (text, expected) in [
            ("440118001201", Some("201")),
            ("440118001201.0", Some("201")),
            ("'440118001201", Some("201")),
            ("４４０１１８００１２０１", Some("201")),
            ("\u{202D}440118001201\u{202C}", Some("201")),
            ("荔湖村", Some("201")),
            ("荔湖村委会", Some("201")),
            ("荔湖村民委员会", Some("201")),
            (" 荔 湖\u{200B}村 ", Some("201")),
            ("荔湖社区居委会", Some("002")),
            ("荔湖居民委员会", Some("002")),
            // A village and a community of the same name.
            ("荔湖", None),
            ("桥东", Some("001")),
            ("桥东村", None),
            ("桥东居委", Some("001")),
            ("廖村村委会", Some("202")),
            ("西瓜岭村", Some("203")),
            ("西瓜岭", Some("203")),
            ("同名村", None),
            ("同名村委会", None),
            ("老荔湖", Some("201")),
            ("城东", Some("001")),
            ("城西", None),
            ("", None),
            ("村", None),
        ] {
            assert_eq!(code(text), expected, "{text:?}");
        }
        assert_eq!(units.shared_names(), [("同名村".to_owned(), vec!["440118001204", "440118001205"])]);
        let wrong = [("甲".to_owned(), "乙".to_owned())];
        let error = units.with_aliases(wrong.iter().map(|(a, b)| (a, b))).unwrap_err();
        assert!(matches!(error, UnitError::UnknownAlias { .. }));
    }

    #[test]
    fn names_as_listed_tell_which_are_shared() {
        let mut rng = fastrand::Rng::with_seed(8);
        for _ in 0..300 {
            let mut any = |of: &[&str]| of[rng.usize(..of.len())].to_owned();
            let mut list = Vec::new();
            for at in 0..8 {
                list.push(Unit {
                    code: format!("{at}{}", any(&["", ".0", "0"])),
                    name: any(&["荔湖", "荔湖村", "荔湖村委会", "荔湖社区", "荔城街道", "1", "3"]),
                    kind: any(&["", "村", "社区"]),
                    parent: Some(any(&["0", "5", "9"])).filter(|code| *code == "9" || at > 5),
                });
            }
            let aliases = [(any(&["荔湖", "荔湖社区", "7"]), "0".to_owned()), ("1 ".into(), "荔湖村".into())];
            let Ok(units) = Units::new(list) else { continue };
            let units = units.clone().with_aliases(aliases.iter().map(|(a, b)| (a, b))).unwrap_or(units);
            let units = units.within_town("荔城街道办事处");
            let code = |at: &u32| units.list()[*at as usize].code.as_str();
            let all = units.names().clone().into_shared();
            let all: Vec<(String, Vec<&str>)> =
                all.map(|(name, of)| (name, of.iter().map(code).collect())).collect();
            assert_eq!(units.shared_names(), all);
        }
    }

    #[test]
    fn the_tree_is_read_from_above_and_by_code() {
        let list = [("b", None), ("b1", Some("b")), ("c", None), ("a2", Some("a")), ("a", Some("elsewhere"))];
        let mut list: Vec<Unit> = list.map(|(code, parent)| unit(code, parent)).into();
        list.push(unit("a2x", Some(" a2 ")));
        let units = Units::new(list).unwrap();
        let codes: Vec<&str> = units.from_above().map(|i| units.list()[i as usize].code.as_str()).collect();
        assert_eq!(codes, ["a", "a2", "a2x", "b", "b1", "c"]);
        let at = |code: &str| units.position(code).unwrap();
        assert_eq!([at("a"), at("a2"), at("a2x")].map(|i| units.level(i)), [1, 2, 3]);
        assert!(units.is_within(at("a2x"), at("a")) && units.is_within(at("a"), at("a")));
        assert!(!units.is_within(at("a"), at("a2x")) && !units.is_within(at("a2x"), at("b")));
        assert_eq!(units.unknown_parents(), ["elsewhere"]);
        let mut sums = vec![1_u64; units.len()];
        units.roll_up(&mut sums, |_, _| (), |sum, below| *sum += below);
        assert_eq!([at("a"), at("a2"), at("b"), at("c")].map(|i| sums[i as usize]), [3, 2, 2, 1]);
    }

    #[test]
    fn circles_and_repeated_codes_are_refused_by_name() {
        let circle = vec![unit("a", Some("b")), unit("b", Some("a")), unit("c", None)];
        assert_eq!(Units::new(circle).unwrap_err(), UnitError::Circle(vec!["a".into(), "b".into()]));
        let own = vec![unit("a", Some("a"))];
        assert_eq!(Units::new(own).unwrap_err(), UnitError::Circle(vec!["a".into()]));
        let twice = vec![unit("a", None), unit("a", None)];
        assert_eq!(Units::new(twice).unwrap_err(), UnitError::Repeated("a".into()));
    }
}
