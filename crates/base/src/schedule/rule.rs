//! The rule a report is due by.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::Time;
use tongbao_message::{Message, message};

/// When a report is due.
#[derive(Debug, Clone)]
pub enum ScheduleRule {
    /// A five-field cron expression, matched on the calendar of the campaign's zone.
    Cron {
        /// The expression as the office wrote it.
        text: String,
        /// The same expression, parsed.
        pattern: Box<Cron>,
    },
    /// On the day after the campaign ends, and again on the day after each 整改时限 until the
    /// campaign is accepted.
    CampaignEnd(Time),
}

impl ScheduleRule {
    /// Reads `MINUTE HOUR DAY MONTH WEEKDAY` or `campaign_end HH:MM`.
    pub fn parse(text: &str) -> Result<ScheduleRule, Message> {
        match text.trim().strip_prefix("campaign_end") {
            Some(time) => {
                let time = time.trim();
                let parsed = if time.is_empty() { Ok(NINE) } else { Time::strptime("%H:%M", time) };
                parsed.map(ScheduleRule::CampaignEnd).map_err(|_| message!("has-no-time-of-day-write", text))
            }
            None => {
                Ok(ScheduleRule::Cron { text: text.trim().to_owned(), pattern: Box::new(pattern(text)?) })
            }
        }
    }
}

/// Whether both are due at the same times, however they are written: `00 9 * * Mon` and `0 9 * * 1`.
impl PartialEq for ScheduleRule {
    fn eq(&self, other: &ScheduleRule) -> bool {
        match (self, other) {
            (ScheduleRule::Cron { pattern: one, .. }, ScheduleRule::Cron { pattern: other, .. }) => {
                one == other
            }
            (ScheduleRule::CampaignEnd(one), ScheduleRule::CampaignEnd(other)) => one == other,
            _ => false,
        }
    }
}

impl ScheduleRule {
    /// False if no year has such a day, as 30 February.
    pub fn is_possible(&self) -> bool {
        let ScheduleRule::Cron { pattern, .. } = self else { return true };
        let start = jiff::civil::date(2000, 1, 1).to_zoned(jiff::tz::TimeZone::UTC);
        start.is_ok_and(|start| pattern.find_next_occurrence(&start, true).is_ok())
    }
}

const NINE: Time = Time::constant(9, 0, 0, 0);

impl std::fmt::Display for ScheduleRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ScheduleRule::Cron { text, .. } => f.write_str(text),
            ScheduleRule::CampaignEnd(time) => {
                write!(f, "campaign_end {:02}:{:02}", time.hour(), time.minute())
            }
        }
    }
}

/// Five fields, so that nobody schedules by the second by mistake.
fn pattern(expression: &str) -> Result<Cron, Message> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let Ok(fields) = <[&str; 5]>::try_from(fields) else {
        return Err(message!("needs-five-fields-minute-hour-day", expression));
    };
    parse(expression).map_err(|error| wrong_field(expression, fields).unwrap_or(error))
}

fn parse(expression: &str) -> Result<Cron, Message> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression).map_err(|error| message!("is-no-schedule", expression, error))
}

/// The first field that cannot stand alone, with what it takes.
fn wrong_field(expression: &str, fields: [&str; 5]) -> Option<Message> {
    let is_wrong = |at: usize| {
        let mut alone = ["*"; 5];
        alone[at] = fields[at];
        parse(&alone.join(" ")).is_err()
    };
    let at = (0..fields.len()).find(|at| is_wrong(*at))?;
    let field = fields[at];
    Some(match at {
        0 => message!("is-no-schedule-the-minute-is", expression, field),
        1 => message!("is-no-schedule-the-hour-is", expression, field),
        2 => message!("is-no-schedule-the-day-of", expression, field),
        3 => message!("is-no-schedule-the-month-is", expression, field),
        _ => {
            message!("is-no-schedule-the-weekday-is", expression, field)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_told_again() {
        for text in ["0 9 * * Mon", "campaign_end 09:00", "campaign_end 18:30"] {
            assert_eq!(ScheduleRule::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(ScheduleRule::parse("campaign_end").unwrap().to_string(), "campaign_end 09:00");
        assert_eq!(ScheduleRule::parse("00 09 * * 1").unwrap(), ScheduleRule::parse("0 9 * * Mon").unwrap());
        assert_ne!(ScheduleRule::parse("0 9 * * 2").unwrap(), ScheduleRule::parse("0 9 * * Mon").unwrap());
        for (text, is_possible) in [("0 9 30 2 *", false), ("0 9 31 4,6 *", false), ("0 9 29 2 *", true)] {
            assert_eq!(ScheduleRule::parse(text).unwrap().is_possible(), is_possible, "{text}");
        }
        assert!(ScheduleRule::parse("0 0 9 * * Mon").unwrap_err().to_string().contains("five fields"));
        for (text, what) in [
            ("61 9 * * *", "the minute \"61\""),
            ("0 24 * * *", "the hour \"24\""),
            ("0 9 0 * *", "the day of the month \"0\""),
            ("0 9 * 13 *", "the month \"13\""),
            ("0 9 * * Monday", "the weekday \"Monday\""),
        ] {
            let problem = ScheduleRule::parse(text).unwrap_err();
            assert!(problem.to_string().contains(what), "{problem}");
        }
        for wrong in ["61 9 * * *", "campaign_end 9 Uhr", "campaign_end 25:00", ""] {
            assert!(ScheduleRule::parse(wrong).is_err(), "{wrong}");
        }
    }
}
