//! What people call a report, its schedule, and the device that they sit at.

use std::collections::{BTreeMap, BTreeSet};

use super::ask::Ask;
use super::problem::ErrorPage;
use super::words::{DAYS, pick};
use crate::config::settings::{ReportKind, ReportLanguage};
use crate::store::runs::Run;

impl Ask {
    /// What a report is called: by its kind, and by its name in the configuration too where several are of one kind.
    pub(super) fn report_title(&self, name: &str) -> String {
        match self.console.engine.settings.reports.get(name) {
            Some(report) => self.titled(report.kind.folder(), name),
            None => name.to_owned(),
        }
    }

    /// The same of a run, whose report may have left the configuration.
    pub(super) fn run_title(&self, run: &Run) -> String {
        self.titled(&run.kind, &run.report)
    }

    fn titled(&self, folder: &str, name: &str) -> String {
        let reports = &self.console.engine.settings.reports;
        let is_upward = reports.get(name).is_some_and(|report| report.marks.upward);
        let kind = match folder {
            "bulletin" => self.say("进度通报", "Progress bulletin"),
            "ranking" => self.say("排名通报", "Ranking circular"),
            "acceptance" if is_upward => self.say("验收报告", "Acceptance report"),
            "acceptance" => self.say("验收通报", "Acceptance circular"),
            _ => return name.to_owned(),
        };
        let has_sibling = reports.values().any(|other| other.name != name && other.kind.folder() == folder);
        match has_sibling {
            true => format!("{kind}{}{name}{}", self.say("（", " ("), self.say("）", ")")),
            false => kind.to_owned(),
        }
    }

    /// Names of all reports with their titles, for a form to choose from; the bulletin that has a schedule first.
    pub(super) fn report_choices(&self) -> Vec<(String, String)> {
        let mut reports: Vec<_> = self.console.engine.settings.reports.values().collect();
        reports.sort_by_key(|report| (report.schedule.is_none(), report.kind != ReportKind::Bulletin));
        reports.into_iter().map(|report| (report.name.clone(), self.report_title(&report.name))).collect()
    }
}

/// A run in a list of other things: what it is called, and its number or else its period.
pub(super) fn in_short(ask: &Ask, run: &Run) -> String {
    let number = run.number.clone().unwrap_or_else(|| super::runs::period(ask, run));
    format!("{} {number}", ask.run_title(run))
}

/// The same of the runs that a list names.
pub(super) async fn of_runs(
    ask: &Ask,
    runs: impl IntoIterator<Item = Option<i64>>,
) -> Result<BTreeMap<i64, String>, ErrorPage> {
    let ids: BTreeSet<i64> = runs.into_iter().flatten().collect();
    let runs = ask.console.store.runs_among(&ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(runs.iter().map(|run| (run.id, in_short(ask, run))).collect())
}

/// A five-field rule in words, where it is of a kind that people speak of; `None` for all others.
pub(super) fn rule_in_words(language: ReportLanguage, rule: &str) -> Option<String> {
    let fields: Vec<&str> = rule.split_whitespace().collect();
    let [minute, hour, day, "*", weekday] = fields[..] else { return None };
    let (minute, hour) = (minute.parse::<u8>().ok()?, hour.parse::<u8>().ok()?);
    let at = format!("{hour:02}:{minute:02}");
    let say = |chinese: String, english: String| match language {
        ReportLanguage::Chinese => chinese,
        ReportLanguage::English => english,
    };
    match (day, weekday) {
        ("*", "*") => Some(say(format!("每天 {at}"), format!("every day at {at}"))),
        ("*", weekday) => {
            let (chinese, english) = weekday_words(weekday)?;
            Some(say(format!("每{chinese} {at}"), format!("every {english} at {at}")))
        }
        (day, "*") => {
            let day = day.parse::<u8>().ok()?;
            Some(say(format!("每月{day}日 {at}"), format!("on day {day} of each month at {at}")))
        }
        _ => None,
    }
}

/// A day of the week by its number or the first letters of its name.
fn weekday_words(field: &str) -> Option<(&'static str, &'static str)> {
    match field.parse::<usize>() {
        // Both 0 and 7 are Sunday.
        Ok(number) => (number <= 7).then(|| DAYS[(number + 6) % 7]),
        Err(_) => DAYS.into_iter().find(|(_, name)| name[..3].eq_ignore_ascii_case(field)),
    }
}

/// A browser and its system, out of what a browser says of itself; all of it where that is not understood.
pub(super) fn device(language: ReportLanguage, agent: &str) -> String {
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    // Most call themselves Chrome and Safari too, so that these come last.
    let browsers = [
        ("wxwork/", pick(language, "企业微信", "WeCom")),
        ("MicroMessenger/", pick(language, "微信", "WeChat")),
        ("QQBrowser/", pick(language, "QQ浏览器", "QQ Browser")),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ];
    let system = systems.into_iter().find(|(mark, _)| agent.contains(mark));
    let browser = browsers.into_iter().find_map(|(mark, name)| Some((agent.split_once(mark)?.1, name)));
    let (Some((_, system)), Some((version, browser))) = (system, browser) else { return agent.to_owned() };
    let version: String = version.chars().take_while(char::is_ascii_digit).collect();
    format!("{browser} {version} · {system}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReportLanguage::{Chinese, English};

    #[test]
    fn rules_that_people_speak_of_have_words() {
        let words = |language, rule| rule_in_words(language, rule);
        for rule in ["0 9 * * Mon", "0 9 * * 1", "00 09 * * mon"] {
            assert_eq!(words(Chinese, rule).unwrap(), "每周一 09:00");
            assert_eq!(words(English, rule).unwrap(), "every Monday at 09:00");
        }
        assert_eq!(words(Chinese, "30 8 * * 7"), words(Chinese, "30 8 * * 0"));
        assert_eq!(words(Chinese, "5 10 1 * *").unwrap(), "每月1日 10:05");
        assert_eq!(words(English, "0 0 * * *").unwrap(), "every day at 00:00");
        // Left as they are: nobody is given half of a rule.
        for odd in ["*/5 * * * *", "0 9 1 * Mon", "0 9 * 6 *", "0 9 * * 1-5", "0 9 * * 8", "0 9 L * *", "x"] {
            assert_eq!(words(Chinese, odd), None, "{odd}");
        }
    }

    #[test]
    fn devices_are_called_what_people_call_them() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.1 Safari/537.36";
        assert_eq!(device(Chinese, chrome), "Chrome 90 · Windows");
        let wechat = "Mozilla/5.0 (Linux; Android 12; X) AppleWebKit/537.36 Version/4.0 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0.2";
        assert_eq!(device(Chinese, wechat), "微信 8 · Android");
        assert_eq!(device(English, wechat), "WeChat 8 · Android");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 Version/15.0 Mobile Safari/604.1";
        assert_eq!(device(Chinese, safari), "Safari 15 · iPhone");
        assert_eq!(device(Chinese, "curl/8.1"), "curl/8.1");
    }
}
