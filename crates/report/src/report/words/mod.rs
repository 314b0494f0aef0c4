//! The printed words of a language, in one table each. Numbers and dates are worded by
//! [`super::wording`]; sentences stand in the templates.

mod chinese;
mod english;
mod subject;

pub use subject::{SubjectModel, of_subject};

use std::borrow::Cow;

use super::series::TrendPoint;
use tongbao_config::settings::{
    CoverageMethod, Indicator, Indicators, Relation, Report, ReportKind, ReportLanguage,
};
use tongbao_register::field::Field;

/// Everything a table, a chart, a sheet or a page prints in fixed words. `{}` stands for a value.
#[derive(Debug)]
pub struct Words {
    /// BCP 47.
    pub tag: &'static str,
    pub language: ReportLanguage,
    pub indicators: [&'static str; 3],
    /// Short enough for a subject line.
    pub short_indicators: [&'static str; 3],
    /// Short enough for a column.
    pub rate_heads: [&'static str; 3],
    /// What the targets are called together: of two rates, of one more, and so on.
    pub all_rates: [&'static str; 10],
    /// The same of more.
    pub many_rates: &'static str,
    pub fields: [&'static str; 9],
    pub relations: [&'static str; 5],
    pub heads: Heads,
    pub notes: NoteWords,
    pub formulas: Formulas,
    pub reasons: Reasons,
    pub found: FoundWords,
    pub charts: Charts,
    pub files: FileWords,
    pub corrections: CorrectionWords,
    pub page: PageWords,
    pub held: HeldWords,
    pub met: &'static str,
    pub not_met: &'static str,
    /// A unit or rate that cannot be judged before its denominator is verified.
    pub unverified: &'static str,
    /// Of a rate, with its value: why that is so.
    pub in_doubt: &'static str,
    pub total: &'static str,
    /// Several rosters, each person once.
    pub all_rosters: &'static str,
    pub accepted: &'static str,
    pub rectify: &'static str,
    pub cannot_be_judged: &'static str,
    /// Between the items of a list, and before its last one: the second where an item has such words of its own.
    pub comma: &'static str,
    pub last_and: [&'static str; 2],
    pub rechecks: RecheckWords,
    /// Joins clauses.
    pub semicolon: &'static str,
    pub none: &'static str,
    /// What a unit fails: indicator, rate, target.
    pub fails: &'static str,
    /// The same without the target.
    pub fails_briefly: &'static str,
    /// An indicator without denominator, and what is missing.
    pub no_baseline: &'static str,
    pub nothing_to_judge: &'static str,
    pub veto: &'static str,
    /// Points taken, and why.
    pub deduction: &'static str,
    /// 期号.
    pub issue: &'static str,
    /// A relation that is part of no rate 核实项, by its name.
    pub hint: &'static str,
    /// That values of a field are what they should be, by its name, where that fails.
    pub validity: &'static str,
    /// Units that share a place, by their number.
    pub tied_units: &'static str,
    /// So many units; one; so many of a kind.
    pub units: &'static str,
    pub one_unit: &'static str,
    pub units_of: &'static str,
    /// So many items of a record.
    pub items: &'static str,
    /// Roles of 验收签字.
    pub signatories: [&'static str; 4],
}

/// What is wrong with records and rosters, with a count each.
#[derive(Debug)]
pub struct FoundWords {
    /// Repeated ID numbers, unknown units, no ID number: of the records up to the cut-off.
    pub records: [&'static str; 3],
    /// ID numbers, birth dates, registration times: of all records that were read.
    pub values: [&'static str; 3],
    /// Own fields with values that are none of their type, likewise: one with its count; all of few; of many their number
    /// and the first; those after other values.
    pub own_value: &'static str,
    pub own_values: &'static str,
    pub many_own_values: &'static str,
    pub and_own_values: &'static str,
    /// Registered elsewhere, without a number, with a wrong one, repeated, unknown units.
    pub rosters: [&'static str; 5],
    /// All records that were read, those of them after the cut-off, and what was found in their values.
    pub of_all_read: &'static str,
}

/// Heads of table columns.
#[derive(Debug)]
pub struct Heads {
    pub indicator: &'static str,
    pub target: &'static str,
    pub this_period: &'static str,
    /// Where nothing is compared.
    pub result: &'static str,
    pub last_period: &'static str,
    pub this_round: &'static str,
    pub last_round: &'static str,
    /// A rate before the rectification, and after.
    pub before: &'static str,
    pub after: &'static str,
    pub change_in_points: &'static str,
    pub is_met: &'static str,
    pub number: &'static str,
    pub unit: &'static str,
    pub expected: &'static str,
    pub covered: &'static str,
    pub elsewhere: &'static str,
    pub course: &'static str,
    pub change: &'static str,
    pub change_of_round: &'static str,
    pub met: &'static str,
    pub item: &'static str,
    pub applicable: &'static str,
    pub missing: &'static str,
    pub filled: &'static str,
    pub relation: &'static str,
    pub judged: &'static str,
    pub failed: &'static str,
    pub agreed: &'static str,
    pub records: &'static str,
    pub all_agreed: &'static str,
    pub rank: &'static str,
    pub rank_of_all: &'static str,
    pub rank_in_group: &'static str,
    /// The kind of a unit, where kinds are ranked apart.
    pub kind: &'static str,
    /// Units that lead, and units that lag.
    pub ahead: &'static str,
    pub behind: &'static str,
    pub score: &'static str,
    pub last_rank: &'static str,
    pub movement: &'static str,
    pub code: &'static str,
    /// First and last day of the period.
    pub from: &'static str,
    pub to: &'static str,
    /// Added to a rate's head where its cells are numbers alone.
    pub percent: &'static str,
    /// The counts of a rate.
    pub numerator: &'static str,
    pub denominator: &'static str,
    /// One of these, and what one count stands for.
    pub counted_in: &'static str,
    /// Points of an indicator.
    pub points: &'static str,
    pub deducted: &'static str,
    pub remarks: &'static str,
    pub failing: &'static str,
    pub definition: &'static str,
    /// Of the rules as they are written: what each is of, its name in the configuration, its text; rate, relation, derived
    /// value, field.
    pub rule_kind: &'static str,
    pub key: &'static str,
    pub rule: &'static str,
    pub rule_kinds: [&'static str; 4],
    pub roster: &'static str,
    /// Persons of a roster, and where they and those of the register are.
    pub listed: &'static str,
    pub both: &'static str,
    pub only_roster: &'static str,
    pub only_register: &'static str,
    /// Of the records that pass, those that do by proven exceptions alone.
    pub proved: &'static str,
    /// Records that are accurate by proven exceptions alone.
    pub accurate_by_proof: &'static str,
    pub signatory: &'static str,
    pub office: &'static str,
    pub signature: &'static str,
    pub date: &'static str,
}

/// Notes below tables.
#[derive(Debug)]
pub struct NoteWords {
    pub change: &'static str,
    pub change_of_round: &'static str,
    pub unit_fields: &'static str,
    pub unit_relations: &'static str,
    /// What relations that are marked as hints are.
    pub hints: &'static str,
    /// How many fields are missing nowhere, and how many relations fail nowhere, besides those of the table.
    pub other_fields: &'static str,
    pub other_relations: &'static str,
    /// Frames the others.
    pub note: &'static str,
    /// Units, and the least number of records.
    pub too_few_records: &'static str,
    /// Units without records of which nobody is expected: [`Self::no_base`], and [`Self::not_ranked`] or
    /// [`Words::cannot_be_judged`].
    pub nothing: &'static str,
    /// What such a unit lacks besides: in the roster, of a baseline.
    pub no_base: [&'static str; 2],
    /// What is lacking besides.
    pub nor: &'static str,
    /// Units with records, and [`Self::no_base`].
    pub base_is_missing: &'static str,
    pub not_ranked: &'static str,
    /// Of one unit, among the remarks.
    pub silent: &'static str,
    /// Units, the cut-off, [`Self::silent_covered`] or nothing, one of [`Self::silent_places`] or nothing.
    pub silent_units: &'static str,
    pub silent_covered: &'static str,
    pub silent_places: SilentPlaces,
    /// Instead of the names where the note is of all rows.
    pub every_unit: &'static str,
    /// Units under a veto, and its reason.
    pub vetoed_units: &'static str,
    /// Units, and the remark on their scores.
    pub remarked_units: &'static str,
    /// A rate, and how many records count in it by proven exceptions alone.
    pub proved_in: &'static str,
    /// Rates that were defined otherwise in the run before, and those that were not counted there.
    pub changed: &'static str,
    pub new_rates: &'static str,
    /// The same of a rate that counts something else than records: rate, number, what is counted.
    pub proved_counted: &'static str,
    /// Units with such records, and one of them with how many.
    pub proved_units: &'static str,
    pub proved_unit: &'static str,
    /// First and last day, and what the points are.
    pub line: &'static str,
    pub ranked_among_all: &'static str,
    /// Where units are ranked in groups alone.
    pub ranked_in_group: &'static str,
    pub outside_total: &'static str,
    pub exceeds: &'static str,
    /// Of those that miss another target.
    pub exceeds_and_fails: &'static str,
    /// Added to it where places are listed.
    pub not_ahead: &'static str,
    pub elsewhere: &'static str,
    /// Of units that cannot be judged: without base and without records, without the one or without records to judge,
    /// and without records to judge.
    pub unjudged: [&'static str; 3],
    pub no_denominator: &'static str,
}

/// What follows for the place of units without records.
#[derive(Debug)]
pub struct SilentPlaces {
    /// The last place, of one unit alone.
    pub last: &'static str,
    /// The last place, of several.
    pub last_shared: &'static str,
    /// All units of the list share one place.
    pub equal: &'static str,
}

/// Turns of phrase that an office may replace in the configuration.
#[derive(Debug)]
pub struct Formulas {
    /// Whom an upward report addresses; of the campaign's name.
    pub leading_group: &'static str,
    pub register: &'static str,
    /// Last line of a circular and of an upward report, perhaps blank.
    pub circulated: &'static str,
    pub reported: &'static str,
    /// By when the units act where a bulletin follows.
    pub next_bulletin: &'static str,
}

/// The table of re-checks.
#[derive(Debug)]
pub struct RecheckWords {
    /// Unit, cut-off, number of the sample, records, sample, wrong, of these unchecked, share, interval.
    pub heads: [&'static str; 9],
    /// How the samples were drawn: the seeds, and whether the records were fixed before.
    pub note: &'static str,
    /// All of them were.
    pub announced: &'static str,
    /// Of how many units they were not.
    pub unannounced: &'static str,
    /// One of them.
    pub seed: &'static str,
}

/// Why a unit's place changed.
#[derive(Debug)]
pub struct Reasons {
    /// Indicator, its earlier and present rate.
    pub fell: &'static str,
    pub rose: &'static str,
    /// Indicator and present rate, where it had no denominator earlier.
    pub begun: &'static str,
    /// Indicator and earlier rate, where it has no denominator at present.
    pub ended: &'static str,
    /// Added to it: what is missing, its earlier and present count.
    pub fewer: &'static str,
    pub more: &'static str,
    /// Records then and now of a unit that had none at one of both times.
    pub more_records: &'static str,
    /// Records then and now of a unit that has none now.
    pub fewer_records: &'static str,
    /// A veto of the compared run that no longer applies.
    pub veto_lifted: &'static str,
    pub others_faster: &'static str,
    pub others_slower: &'static str,
    /// What is missing of each indicator.
    pub missing: [&'static str; 3],
}

/// Titles and keys of charts.
#[derive(Debug)]
pub struct Charts {
    /// Of a kind of unit.
    pub scores: &'static str,
    pub all_units: &'static str,
    /// Those whose kind is blank, beside others.
    pub other_units: &'static str,
    /// Those of a depth in the tree, where nobody has named what they are.
    pub level_units: &'static str,
    pub full_marks: &'static str,
    pub passed: &'static str,
    pub not_passed: &'static str,
    /// The same where some of them cannot be judged.
    pub not_passed_or_open: &'static str,
    /// Of one rate alone.
    pub reached: &'static str,
    pub missed: &'static str,
    /// The same where some rates have to be verified.
    pub missed_or_open: &'static str,
    pub trend: &'static str,
    /// What the points of a course are: figures of this pull by the day of registration, or of released runs.
    pub recounted: &'static str,
    /// The same of released runs.
    pub released: &'static str,
    /// Where a scale begins that does not begin at 0.
    pub scale_from: &'static str,
    pub unit_trends: &'static str,
    /// Title of the further parts of a chart.
    pub continued: &'static str,
    pub fields: &'static str,
    pub fields_key: &'static str,
}

/// The correction list of a unit.
#[derive(Debug)]
pub struct CorrectionWords {
    pub key: &'static str,
    pub missing: &'static str,
    pub failed: &'static str,
    pub masked_id: &'static str,
    /// How many records are left out.
    pub omitted: &'static str,
    /// Name of the list, and of the unit's own page.
    pub list: &'static str,
    pub page: &'static str,
    pub notice: &'static str,
}

/// Names of files and sheets.
#[derive(Debug)]
pub struct FileWords {
    pub bulletin: &'static str,
    pub ranking: &'static str,
    /// As a circular, and as a report upward.
    pub acceptance: &'static str,
    pub acceptance_upward: &'static str,
    /// The sheet with the counts of the rates.
    pub counts: &'static str,
    /// The sheet with the definitions as they are written.
    pub rules: &'static str,
    /// 领导摘要, before the name of the document that it is of.
    pub summary: &'static str,
    pub draft: &'static str,
    pub body: &'static str,
    /// Of a workbook: one that the readers' machines have.
    pub font: &'static str,
    /// Cut-off and pull instant.
    pub as_of: &'static str,
}

impl FileWords {
    /// What the documents of a report are called: 进度通报. One of an own kind has the report's name.
    pub fn document<'a>(&self, report: &'a Report) -> &'a str {
        match report.kind {
            ReportKind::Bulletin => self.bulletin,
            ReportKind::Ranking => self.ranking,
            ReportKind::Acceptance if report.marks.upward => self.acceptance_upward,
            ReportKind::Acceptance => self.acceptance,
            ReportKind::Own(_) => &report.name,
        }
    }
}

/// What the page prints around the text (GB/T 9704-2012, clause 7).
#[derive(Debug, PartialEq, Eq)]
pub struct PageWords {
    /// 主送机关, closed by a colon.
    pub addressee: &'static str,
    /// Before the list of several attachments, and before the only one.
    pub attachments: [&'static str; 2],
    /// The annex of the document with this number.
    pub annex: &'static str,
    pub copy_to: &'static str,
    pub printed: &'static str,
    pub draft: &'static str,
    /// 签发人, before the name.
    pub signer: &'static str,
    /// 附注.
    pub remark: &'static str,
    /// Above the part of a table that goes on from the page before: with its caption, and without.
    pub continued: &'static str,
    pub continued_alone: &'static str,
    /// Which part of a chart that goes over several pages, of how many.
    pub part: &'static str,
    /// Words of letters, which stand at their natural distance: the right edge is ragged.
    pub is_alphabetic: bool,
}

impl PageWords {
    /// What stands before the list of so many attachments.
    pub fn attachments_of(&self, count: usize) -> &'static str {
        self.attachments[usize::from(count == 1)]
    }
}

/// Chinese, as the standard has it.
impl Default for &'static PageWords {
    fn default() -> &'static PageWords {
        &Words::of(ReportLanguage::Chinese).page
    }
}

/// Why a run is held.
#[derive(Debug)]
pub struct HeldWords {
    pub no_records: &'static str,
    /// Rates that are not compared with the run before.
    pub definitions_changed: &'static str,
    pub sign_off: &'static str,
    pub no_number: &'static str,
    /// Perhaps the earlier name of the report, the last number given under it, and the run.
    pub other_name: &'static str,
    /// Days of earlier rounds that a restored state does not know of, and the round this is taken for.
    pub unknown_rounds: &'static str,
    /// The last day of earlier issues that a restored state does not know of.
    pub unknown_issues: &'static str,
    /// A person has asked for it in the console.
    pub requested: &'static str,
    pub record_drop: &'static str,
    pub rate_drop: &'static str,
    /// Units that lost most of their records; one of them: name, records then and now; how many more.
    pub unit_drop: &'static str,
    pub unit_records: &'static str,
    pub further_units: &'static str,
    /// Units that had records and are no longer in the unit list.
    pub units_gone: &'static str,
    pub unknown_units: &'static str,
    pub unknown_roster_units: &'static str,
    pub unreadable_times: &'static str,
    /// Units without records, each with the value that is like it.
    pub misspelt_units: &'static str,
    /// Records that have the number of another, and all.
    pub repeated_records: &'static str,
    /// Units whose records repeat others.
    pub repeated_units: &'static str,
    /// Records whose registration is yet to come, and all.
    pub ancient_times: &'static str,
    /// Records and all records.
    pub future_times: &'static str,
    pub unreadable_birth_dates: &'static str,
    /// An own field, records whose value is none of its type, and all.
    pub invalid_values: &'static str,
    pub cut_id_numbers: &'static str,
    pub cut_roster_ids: &'static str,
    /// Entries and persons of the roster.
    pub malformed_roster_ids: &'static str,
    /// Entries without an ID number, and all of the roster.
    pub entries_without_id: &'static str,
    /// Units with several head counts.
    pub repeated_head_counts: &'static str,
    /// Persons of units that are not in the list, and all.
    pub unknown_head_counts: &'static str,
    /// Units, and what is wrong in their records: one of the following.
    pub faults_of_units: &'static str,
    /// The same in their entries of the roster.
    pub roster_faults_of_units: &'static str,
    pub cut_numbers: &'static str,
    pub malformed_numbers: &'static str,
    pub birth_dates: &'static str,
    /// An own field.
    pub own_values: &'static str,
    pub sexes: &'static str,
    pub marital_statuses: &'static str,
    /// Field, blank and applicable records.
    pub blank_field: &'static str,
    /// Field and units.
    pub blank_field_units: &'static str,
    /// Field, records not understood and all.
    pub unknown_words: &'static str,
    /// Records whose sex is a code for "not stated", those of one sex by their ID numbers, and that sex.
    pub coded_sexes: &'static str,
    /// Units.
    pub coded_sexes_units: &'static str,
    pub men: &'static str,
    pub women: &'static str,
    /// Field, values of 0 and values looked at.
    pub zeros: &'static str,
    /// Column, misread texts and those that were looked at.
    pub misread_texts: &'static str,
    /// Units.
    pub misread_units: &'static str,
    /// Kind of unit.
    pub unused_kind: &'static str,
    /// Persons of the roster then and now.
    pub roster_drop: &'static str,
    /// Units, each with its persons then and now.
    pub unit_roster_drop: &'static str,
    /// Units.
    pub ranked_parents: &'static str,
    /// Units.
    pub missing_lists: &'static str,
    /// Table.
    pub partial_rows: &'static str,
    /// Relation, failed and judged records.
    pub failed_relation: &'static str,
    /// Relation and units.
    pub failed_relation_units: &'static str,
    pub empty_roster: &'static str,
    pub roster_without_ids: &'static str,
    pub named_roster: &'static str,
    /// Its name, and how many persons it has.
    pub named_roster_units: &'static str,
    pub roster_units: &'static str,
    /// Its name, and how many persons it has.
    pub named_roster_unmatched: &'static str,
    /// Persons of the roster.
    pub roster_unmatched: &'static str,
    pub empty_baseline: &'static str,
    pub baseline_units: &'static str,
}

impl Words {
    pub fn of(language: ReportLanguage) -> &'static Words {
        match language {
            ReportLanguage::Chinese => &chinese::WORDS,
            ReportLanguage::English => &english::WORDS,
        }
    }

    /// A rate by its name, whether built in or the office's own.
    pub fn name<'a>(&self, indicator: Indicator, indicators: &'a Indicators) -> &'a str {
        match indicator {
            Indicator::Own(at) => indicators.own_indicator_label(at, self.language),
            built_in => self.indicators[built_in.index()],
        }
    }

    /// A relation by its name; a hint is marked.
    pub fn relation_name<'a>(&self, relation: Relation, indicators: &'a Indicators) -> Cow<'a, str> {
        let label = indicators.relation_label(relation, self.language);
        match indicators.is_hint(relation) {
            true => Cow::Owned(fill(self.hint, &[label])),
            false if indicators.is_validity(relation) => Cow::Owned(fill(self.validity, &[label])),
            false => Cow::Borrowed(label),
        }
    }

    /// What a unit lacks of which nobody is expected; `None` where coverage is not measured.
    pub fn no_base(&self, indicators: &Indicators) -> Option<&'static str> {
        match indicators.coverage.method {
            CoverageMethod::Roster => Some(self.notes.no_base[0]),
            CoverageMethod::Baseline => Some(self.notes.no_base[1]),
            CoverageMethod::None => None,
        }
    }

    /// The same after what else the unit lacks.
    pub fn nor_base(&self, indicators: &Indicators) -> String {
        self.no_base(indicators).map_or(String::new(), |base| fill(self.notes.nor, &[base]))
    }

    /// What all rates together are called.
    pub fn all_rates_of(&self, indicators: &Indicators) -> String {
        let count = indicators.all().len();
        let word = self.all_rates.get(count.saturating_sub(2));
        word.map_or_else(|| fill(self.many_rates, &[&count.to_string()]), |word| (*word).to_owned())
    }

    /// The rates as heads of columns.
    pub fn heads_of(&self, indicators: &Indicators) -> Vec<String> {
        indicators.all().into_iter().map(|i| self.head(i, indicators).to_owned()).collect()
    }

    /// A rate as the head of a column.
    pub fn head<'a>(&self, indicator: Indicator, indicators: &'a Indicators) -> &'a str {
        match self.rate_heads.get(indicator.index()) {
            Some(head) => head,
            None => self.name(indicator, indicators),
        }
    }

    /// The items as one list: 甲、乙、丙, or "A, B and C".
    pub fn list<T: AsRef<str>>(&self, items: &[T]) -> String {
        let [plain, clear] = self.last_and;
        let is_list = |item: &T| [plain, self.comma].iter().any(|mark| item.as_ref().contains(mark));
        let last_and = if items.iter().any(is_list) { clear } else { plain };
        let mut out = String::new();
        for (i, item) in items.iter().enumerate() {
            out.push_str(match i {
                0 => "",
                _ if i + 1 == items.len() => last_and,
                _ => self.comma,
            });
            out.push_str(item.as_ref());
        }
        out
    }

    /// What the course of the rates is called, with what its points are.
    pub fn trend_title(&self, trend: &[TrendPoint], indicators: &Indicators) -> String {
        format!("{}{}", fill(self.charts.trend, &[&self.all_rates_of(indicators)]), self.charts.basis(trend))
    }

    /// The same of the courses of all units.
    pub fn unit_trends_title(&self, trend: &[TrendPoint], indicators: &Indicators) -> String {
        let title = fill(self.charts.unit_trends, &[&self.all_rates_of(indicators)]);
        format!("{title}{}", self.charts.basis(trend))
    }

    pub fn field(&self, field: Field) -> &'static str {
        self.fields[field.index()]
    }

    pub fn relation(&self, relation: Relation) -> &'static str {
        self.relations[relation.index()]
    }
}

impl Charts {
    /// What the points of a course are.
    pub fn basis(&self, trend: &[TrendPoint]) -> &'static str {
        if trend.iter().any(|point| point.is_recounted) { self.recounted } else { self.released }
    }
}

/// Puts the values into the `{}` of a text, in their order.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut values = values.iter();
    let mut parts = text.split("{}");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(values.next().copied().unwrap_or_default());
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places() {
        assert_eq!(fill("{}：{}。", &["甲", "{}"]), "甲：{}。");
        assert_eq!(fill("none", &["a"]), "none");
    }

    #[test]
    fn lists_end_as_the_language_has_it() {
        let list = |language, items: &[&str]| Words::of(language).list(items);
        let english = |items: &[&str]| list(ReportLanguage::English, items);
        assert_eq!(list(ReportLanguage::Chinese, &["甲", "乙", "丙"]), "甲、乙、丙");
        assert_eq!(english(&[]), "");
        assert_eq!(english(&["A"]), "A");
        assert_eq!(english(&["A", "B"]), "A and B");
        assert_eq!(english(&["A", "B", "C"]), "A, B and C");
        assert_eq!(english(&["Sex", "Age and marital status"]), "Sex, and Age and marital status");
    }

    #[test]
    fn the_tables_are_whole_and_english_has_no_chinese() {
        let english = format!("{:?}", Words::of(ReportLanguage::English));
        // An English text needs no closing line.
        let whole = english.replace("circulated: \"\"", "").replace("reported: \"\"", "");
        assert!(!whole.contains("\"\""), "{english}");
        assert!(!english.contains(|c| ('\u{2E80}'..='\u{FFEF}').contains(&c)), "{english}");
        // English titles of courses do not say of how many rates.
        let titles = |words: &Words| {
            words.charts.trend.matches("{}").count() + words.charts.unit_trends.matches("{}").count()
        };
        let count = |words: &Words| format!("{words:?}").matches("{}").count() - titles(words);
        assert_eq!(count(Words::of(ReportLanguage::Chinese)), count(Words::of(ReportLanguage::English)));
    }
}
