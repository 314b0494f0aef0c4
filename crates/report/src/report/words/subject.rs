//! The printed words of a register that lists something else than persons: our own texts speak of persons and ID
//! numbers, and are put right in one place.

use std::borrow::Cow;

use serde::Serialize;

use tongbao_config::settings::{Indicators, RegisterSubject, ReportLanguage};

/// What templates call the things that the register lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectModel {
    /// 人员, 出租房屋; in English the plural.
    pub noun: String,
    /// What follows a number of them: 人, 套; in English the noun.
    pub counter: String,
    /// What distinguishes one from another: 公民身份号码, 房屋编码.
    pub identity: String,
}

impl SubjectModel {
    /// The words of `[register]`, or those for persons.
    pub fn new(indicators: &Indicators, language: ReportLanguage) -> SubjectModel {
        let [noun, counter, identity] = match (&indicators.subject, language) {
            (Some(subject), _) => {
                let identity = indicators.field_label(subject.identity, language);
                [subject.noun(language), subject.counter(language), identity]
            }
            (None, ReportLanguage::Chinese) => ["人员", "人", "公民身份号码"],
            (None, ReportLanguage::English) => ["persons", "persons", "an ID number"],
        }
        .map(str::to_owned);
        SubjectModel { noun, counter, identity }
    }
}

/// One of our own texts as it is printed for what the register lists. Of persons it stays as it is.
pub fn of_subject<'a>(text: &'a str, indicators: &Indicators, language: ReportLanguage) -> Cow<'a, str> {
    let Some(subject) = &indicators.subject else { return Cow::Borrowed(text) };
    let identity = indicators.field_label(subject.identity, language);
    let pairs = match language {
        ReportLanguage::Chinese => chinese(subject, identity),
        ReportLanguage::English => english(subject, identity),
    };
    Cow::Owned(pairs.into_iter().fold(text.to_owned(), |text, (ours, theirs)| text.replace(ours, &theirs)))
}

/// Longer texts first: each is replaced where it still stands.
fn chinese(subject: &RegisterSubject, identity: &str) -> Vec<(&'static str, String)> {
    let (noun, counter) = (&subject.noun.zh, &subject.counter);
    vec![
        ("按公民身份号码", format!("按{identity}")),
        ("公民身份号码", identity.to_owned()),
        ("身份号码", identity.to_owned()),
        ("无号码", format!("无{identity}")),
        ("重复号码", format!("重复{identity}")),
        ("人口信息库", format!("{noun}信息库")),
        ("同一人", format!("同一{noun}")),
        ("名册人员", format!("名册所列{noun}")),
        ("以外的人员", format!("以外的{noun}")),
        ("人数", format!("{counter}数")),
        ("{}人", format!("{{}}{counter}")),
    ]
}

fn english(subject: &RegisterSubject, identity: &str) -> Vec<(&'static str, String)> {
    let noun = &subject.noun.en;
    vec![
        ("roster persons", "roster entries".to_owned()),
        ("A repeated number counts", "A repeated one counts".to_owned()),
        ("repeated numbers", "repeated ones".to_owned()),
        ("head count", "number".to_owned()),
        ("a person in several", "one that is in several".to_owned()),
        ("each person once", "each of them once".to_owned()),
        ("repeat an ID number", format!("repeat {identity}")),
        ("without an ID number", format!("without {identity}")),
        ("without a number", format!("without {identity}")),
        ("ID numbers", identity.to_owned()),
        ("ID number", identity.to_owned()),
        ("whom another unit", "that another unit".to_owned()),
        ("persons", noun.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::{Words, fill};
    use super::*;

    /// Every text of ours that names what is counted, so that none speaks of persons to an office of houses.
    #[test]
    fn no_text_speaks_of_persons_where_houses_are_listed() {
        let subject = RegisterSubject {
            noun: tongbao_rule::definitions::Label { zh: "出租房屋".into(), en: "rented houses".into() },
            counter: "套".into(),
            identity: tongbao_register::field::Field::Own(0),
        };
        for (language, pairs, foreign) in [
            (ReportLanguage::Chinese, chinese(&subject, "房屋编码"), ["人", "身份", "号码"]),
            (ReportLanguage::English, english(&subject, "the house code"), ["person", "ID number", "whom"]),
        ] {
            let words = Words::of(language);
            let found = &words.found;
            let texts = found.records.iter().chain(&found.values).chain(&found.rosters);
            let texts =
                texts.filter(|text| !text.contains("残缺") && !text.contains("damaged")).copied().chain([
                    words.notes.elsewhere,
                    words.notes.exceeds,
                    words.notes.outside_total,
                    words.heads.listed,
                    words.reasons.missing[0],
                    words.all_rosters,
                    words.held.unknown_roster_units,
                    words.held.cut_id_numbers,
                    words.held.cut_roster_ids,
                    words.held.malformed_roster_ids,
                    words.held.entries_without_id,
                    words.held.cut_numbers,
                    words.held.malformed_numbers,
                    words.held.roster_faults_of_units,
                    words.held.roster_without_ids,
                    words.held.named_roster,
                    words.held.named_roster_units,
                    words.held.roster_units,
                    words.held.roster_unmatched,
                    words.held.named_roster_unmatched,
                ]);
            for text in texts {
                let put =
                    pairs.iter().fold(text.to_owned(), |text, (ours, theirs)| text.replace(ours, theirs));
                let printed = fill(&put, &["3", "4"]);
                assert!(!foreign.iter().any(|word| printed.contains(word)), "{printed}");
            }
        }
    }
}
