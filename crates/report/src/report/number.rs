//! Numbers of documents: 发文字号 `荔街〔2016〕60号` of a 公文, 期号 `第3期` of a 简报.

use crate::report::words::{Words, fill};
pub use tongbao_base::schedule::number::Number;
use tongbao_config::settings::{HeadStyle, Report, ReportLanguage};
use tongbao_message::Worded;

/// Why a text is not the number of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum NumberError {
    /// Nothing but blanks.
    Blank {
        /// How a number looks.
        example: String,
    },
    /// Neither a whole number nor a serial.
    Form {
        /// What a person wrote.
        given: String,
        /// How a number looks.
        example: String,
    },
    /// The year in the brackets is not the year of issue.
    Year {
        /// What a person wrote.
        given: String,
        /// The year in the brackets.
        year: i16,
        /// The year of issue.
        issued: i16,
        /// How a number looks.
        example: String,
    },
    /// Another 发文机关代字.
    Prefix {
        /// What a person wrote.
        given: String,
        /// 发文机关代字 of the configuration.
        prefix: String,
        /// How a number looks.
        example: String,
    },
    /// A serial alone, and nothing to put before it.
    NoPrefix {
        /// What a person wrote.
        given: String,
        /// A whole number of the year of issue.
        example: String,
    },
}

/// A number as the documents of a language print it: `荔街〔2016〕60号`, in English `荔街 [2016] No. 60`.
pub fn printed(number: &str, language: ReportLanguage) -> String {
    let parts = || {
        let (prefix, rest) = number.split_once('〔')?;
        let (year, rest) = rest.split_once('〕')?;
        Some((prefix, year, rest.strip_suffix('号')?))
    };
    match parts().filter(|_| language == ReportLanguage::English) {
        Some((prefix, year, serial)) => format!("{prefix} [{year}] No. {serial}"),
        None => number.to_owned(),
    }
}

/// How the documents of one report are numbered in one year.
#[derive(Debug, Clone, Copy)]
pub struct Numbering<'a> {
    /// The report, which says how issues are counted.
    pub report: &'a Report,
    /// `campaign.number_prefix`.
    pub prefix: Option<&'a str>,
    /// The year of issue.
    pub year: i16,
}

impl Numbering<'_> {
    /// The number with a serial. `None` for a 公文 where no prefix is configured.
    pub fn of(&self, serial: u32) -> Option<Number> {
        match self.report.head {
            HeadStyle::Brief => Some(self.issue(serial)),
            HeadStyle::Official => self.prefix.map(|prefix| official(prefix, self.year, serial)),
        }
    }

    /// The scope that the next number of this report counts in; `None` as in [`Numbering::of`].
    pub fn scope(&self) -> Option<String> {
        self.of(1).map(|number| number.scope)
    }

    /// Reads a number that a person gives: whole, or its serial alone.
    pub fn read(&self, text: &str) -> Result<Number, NumberError> {
        let given = text.trim();
        if given.is_empty() {
            return Err(NumberError::Blank { example: self.example() });
        }
        match self.report.head {
            HeadStyle::Brief => self.read_issue(given),
            HeadStyle::Official => self.read_official(given),
        }
    }

    fn read_issue(&self, given: &str) -> Result<Number, NumberError> {
        let (before, after) = self.issue_frame();
        let digits = given.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap_or(given);
        match serial(digits.trim()) {
            Some(serial) => Ok(self.issue(serial)),
            None => Err(NumberError::Form { given: given.to_owned(), example: self.example() }),
        }
    }

    fn read_official(&self, given: &str) -> Result<Number, NumberError> {
        if let Some(serial) = serial(given.strip_suffix('号').unwrap_or(given)) {
            let number = self.of(serial);
            let example = self.example();
            return number.ok_or_else(|| NumberError::NoPrefix { given: given.to_owned(), example });
        }
        let (text, example) = (given.to_owned(), self.example());
        let Some((prefix, year, serial)) = parts(given) else {
            return Err(NumberError::Form { given: text, example });
        };
        let example = official(self.prefix.unwrap_or(prefix), self.year, serial).text;
        match self.prefix {
            Some(own) if own != prefix => {
                Err(NumberError::Prefix { given: text, prefix: own.to_owned(), example })
            }
            _ if year != self.year => {
                Err(NumberError::Year { given: text, year, issued: self.year, example })
            }
            _ => Ok(official(prefix, year, serial)),
        }
    }

    fn issue(&self, serial: u32) -> Number {
        let report = self.report;
        Number {
            text: fill(Words::of(report.language).issue, &[&serial.to_string()]),
            scope: match report.issues_by_year {
                true => format!("{} {:04}", report.name, self.year),
                false => report.name.clone(),
            },
            serial,
        }
    }

    fn issue_frame(&self) -> (&'static str, &'static str) {
        Words::of(self.report.language).issue.split_once("{}").unwrap_or_default()
    }

    /// An example of the least that a person may write: the serial alone, where a prefix is configured.
    pub fn shortest(&self) -> String {
        match (self.report.head, self.prefix) {
            (HeadStyle::Official, None) => self.example(),
            _ => "60".to_owned(),
        }
    }

    fn example(&self) -> String {
        match self.report.head {
            HeadStyle::Brief => self.issue(3).text,
            HeadStyle::Official => official(self.prefix.unwrap_or("荔街"), self.year, 60).text,
        }
    }
}

/// `荔街〔2016〕60号` (GB/T 9704-2012, 7.2.5).
fn official(prefix: &str, year: i16, serial: u32) -> Number {
    let scope = format!("{prefix}〔{year:04}〕");
    Number { text: format!("{scope}{serial}号"), scope, serial }
}

/// Prefix, year and serial of a whole 发文字号.
fn parts(text: &str) -> Option<(&str, i16, u32)> {
    let (prefix, rest) = text.split_once('〔')?;
    let (year, rest) = rest.split_once('〕')?;
    let is_prefix = !prefix.is_empty() && prefix.chars().all(char::is_alphanumeric);
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let serial = serial(rest.strip_suffix('号')?)?;
    (is_prefix && is_year).then(|| Some((prefix, year.parse().ok()?, serial)))?
}

/// A serial from 1, without leading zeros (不编虚位).
fn serial(digits: &str) -> Option<u32> {
    let is_plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain && digits.len() <= 6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongbao_config as config;

    fn report(name: &str) -> Report {
        let text = include_str!("../../../../config/tongbao.toml");
        config::parse("demo", text, &Default::default()).unwrap().settings.reports[name].clone()
    }

    fn read(report: &Report, prefix: Option<&str>, text: &str) -> Result<Number, NumberError> {
        Numbering { report, prefix, year: 2016 }.read(text)
    }

    #[test]
    fn an_english_document_prints_its_number_in_english() {
        let number = "LJ〔2026〕63号";
        assert_eq!(printed(number, ReportLanguage::Chinese), number);
        assert_eq!(printed(number, ReportLanguage::English), "LJ [2026] No. 63");
        assert_eq!(printed("No. 2", ReportLanguage::English), "No. 2");
    }

    #[test]
    fn official_numbers_have_prefix_year_and_serial() {
        let ranking = report("ranking");
        for text in ["荔街〔2016〕60号", "60", " 60号 "] {
            let number = read(&ranking, Some("荔街"), text).unwrap();
            assert_eq!((number.text.as_str(), number.serial), ("荔街〔2016〕60号", 60), "{text}");
            assert_eq!(number.scope, "荔街〔2016〕");
        }
        assert_eq!(read(&ranking, None, "沙街〔2016〕6号").unwrap().text, "沙街〔2016〕6号");
        for wrong in [
            "",
            "  ",
            "0",
            "060",
            "六十",
            "沙街[16]六十",
            "荔街[2016]60号",
            "荔街〔2016〕60",
            "荔街〔16〕60号",
            "〔2016〕60号",
            "荔街〔2016〕060号",
            "荔街〔2016〕0号",
            "第3期",
            "荔街〔2015〕60号",
            "沙街〔2016〕60号",
            "-1",
            "荔街〔2016〕60号 60",
            "荔 街〔2016〕60号",
        ] {
            let error = read(&ranking, Some("荔街"), wrong).expect_err(wrong).to_string();
            assert!(error.contains("荔街〔2016〕60号"), "{wrong}: {error}");
        }
        // Examples are of the year of issue, and are not refused when they are taken at their word.
        let unprefixed = Numbering { report: &ranking, prefix: None, year: 2026 };
        let refused = unprefixed.read("60").unwrap_err();
        assert!(refused.to_string().contains("as 荔街〔2026〕60号"), "{refused}");
        for numbering in [unprefixed, Numbering { prefix: Some("荔街"), ..unprefixed }] {
            assert!(numbering.read(&numbering.shortest()).is_ok(), "{}", numbering.shortest());
        }
    }

    #[test]
    fn issues_count_within_their_report_and_year() {
        let mut weekly = report("weekly");
        for text in ["第3期", "3"] {
            let number = read(&weekly, Some("荔街"), text).unwrap();
            assert_eq!((number.text.as_str(), number.scope.as_str()), ("第3期", "weekly 2016"), "{text}");
        }
        for wrong in ["", "第三期", "第0期", "第03期", "荔街〔2016〕60号", "第3期第4期"] {
            assert!(read(&weekly, Some("荔街"), wrong).is_err(), "{wrong}");
        }
        weekly.issues_by_year = false;
        assert_eq!(read(&weekly, None, "3").unwrap().scope, "weekly");
    }
}
