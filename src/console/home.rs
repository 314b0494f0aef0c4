//! The first page, by role: what is to be done, and what the last report said.

use askama::Template;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page, see};
use super::league::latest;
use super::problem::ErrorPage;
use super::run::{ChartPicture, pictures, tables};
use super::runs::{RunRow, row};
use super::schedule::{ScheduleRow, rows};
use super::table::TableView;
use super::words;
use crate::access::right::Right;
use crate::store::state_counts::StateCounts;
use crate::store::states::MailState;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    f: PageFrame,
    /// Drafts that wait for this person.
    waiting: Vec<Card<'a>>,
    /// What needs this person, most urgent first.
    tasks: Vec<Task>,
    steps: Vec<WeekStep>,
    coming: Vec<(String, String)>,
    /// The last report that was issued.
    last: Option<Card<'a>>,
    charts: Vec<ChartPicture>,
}

struct Card<'a> {
    row: RunRow,
    held: Vec<String>,
    figures: Vec<TableView<'a>>,
    first: String,
    lowest: String,
    may_decide: bool,
}

/// Something that needs a person.
struct Task {
    class: &'static str,
    text: String,
    href: String,
    label: &'static str,
}

/// A step of this week: what it is, how it stands.
struct WeekStep {
    name: &'static str,
    text: String,
    class: &'static str,
}

pub(super) async fn home(ask: Ask) -> Result<Response, ErrorPage> {
    // The first page is everybody's, and shows nothing before the account is in order.
    if let Some(path) = ask.console.first_step(ask.person()?) {
        return Ok(see(path));
    }
    // Those who answer for a unit come for its place.
    if let Some(code) = ask.person()?.unit.clone()
        && let Some(run) = latest(&ask, "").await?
        && let Some(report) = ask.console.engine.report_of(&run)
        && let Some(remade) = ask.console.remade_if_kept(&run).await?
        && let Some(own) = ask.console.engine.own(report, &remade, &code)
    {
        return super::unit::shown(&ask, &run, &remade, &own, &code);
    }
    let waiting = ask.waiting_runs().await?;
    let last = if ask.sees_league() { latest(&ask, "").await? } else { None };
    let mut remade = Vec::new();
    for run in waiting.iter().chain(&last) {
        remade.push(ask.console.remade_if_kept(run).await?);
    }
    let card = |at: usize, run: &crate::store::runs::Run| {
        let made = remade[at].as_deref().filter(|made| made.agrees);
        let names = |units: &[crate::report::model::UnitModel]| {
            let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
            names.join(ask.say("、", ", "))
        };
        Card {
            row: row(&ask, run),
            held: run.held.clone(),
            figures: made.map(|made| tables(&ask, made, &["indicators"])).unwrap_or_default(),
            first: made.map(|made| names(&made.composition.model.first)).unwrap_or_default(),
            lowest: made.map(|made| names(&made.composition.model.last)).unwrap_or_default(),
            may_decide: ask.may(Right::Decide) && run.is_waiting(),
        }
    };
    let charts = match (&last, remade.last()) {
        (Some(run), Some(Some(made))) if made.agrees => pictures(made, run.id, &["trend"]),
        _ => Vec::new(),
    };
    let schedules = if ask.may(Right::ReadSchedule) { rows(&ask).await? } else { Vec::new() };
    page(&HomePage {
        f: ask.frame(ask.say("首页", "Home")),
        tasks: tasks(&ask, waiting.len()).await?,
        steps: steps(&ask, &schedules).await?,
        coming: schedules
            .iter()
            .filter_map(|row| Some((row.report.clone(), row.coming.first()?.clone())))
            .collect(),
        charts,
        last: last.as_ref().map(|run| card(waiting.len(), run)),
        waiting: waiting.iter().enumerate().map(|(at, run)| card(at, run)).collect(),
    })
}

/// What needs a person, in the order of its urgency.
async fn tasks(ask: &Ask, waiting: usize) -> Result<Vec<Task>, ErrorPage> {
    let mut out = Vec::new();
    let mut task =
        |class, chinese: String, english: String, href: &str, label: (&'static str, &'static str)| {
            out.push(Task {
                class,
                text: ask.say(&chinese, &english).to_owned(),
                href: href.to_owned(),
                label: match ask.language {
                    crate::config::settings::ReportLanguage::Chinese => label.0,
                    crate::config::settings::ReportLanguage::English => label.1,
                },
            });
        };
    let state_counts: StateCounts =
        ask.console.store.state_counts(ask.now, ask.console.watch.overdue_after).await?;
    let shown = ask.console.watch.status.shown();
    let mails = |state: MailState| state_counts.mails.get(state.key()).copied().unwrap_or(0);
    if ask.may(Right::ReadSchedule) && state_counts.overdue > 0 {
        let count = state_counts.overdue;
        task(
            "bad",
            format!("有 {count} 期到期未出"),
            format!("{count} overdue"),
            "/schedule",
            ("查看计划", "See the schedule"),
        );
    }
    if ask.may(Right::ReadMails) {
        if let Some(problem) = &shown.queue_stopped {
            let chinese = (ask.console.say)(crate::config::settings::ReportLanguage::Chinese, problem);
            task(
                "bad",
                format!("邮件已停止发送：{chinese}"),
                format!("the mail queue has stopped: {problem}"),
                "/mails?state=waiting",
                ("查看邮件", "See the mails"),
            );
        }
        if mails(MailState::Dead) > 0 {
            let count = mails(MailState::Dead);
            task(
                "bad",
                format!("{count} 封邮件被拒收"),
                format!("{count} mails were refused"),
                "/mails?state=dead",
                ("逐封处理", "Handle them"),
            );
        }
        if mails(MailState::Uncertain) > 0 {
            let count = mails(MailState::Uncertain);
            task(
                "bad",
                format!("{count} 封邮件结果不明"),
                format!("{count} mails are unclear"),
                "/mails?state=uncertain",
                ("逐封核实", "Check them"),
            );
        }
    }
    if ask.may(Right::ReadStatus) && shown.clock_is_doubted {
        task(
            "bad",
            "服务器时钟不可信，计划暂缓".to_owned(),
            "the clock is doubted; slots wait".to_owned(),
            "/status",
            ("查看运行状态", "See the status"),
        );
    }
    if waiting > 0 && !ask.may(Right::Decide) {
        task(
            "wait",
            format!("{waiting} 件等待领导签发"),
            format!("{waiting} wait for a leader's sign-off"),
            "/runs?state=waiting",
            ("查看", "See them"),
        );
    }
    Ok(out)
}

/// This week from the slot to the mails, for who circulates the reports: of the report that was due last.
async fn steps(ask: &Ask, schedules: &[ScheduleRow]) -> Result<Vec<WeekStep>, ErrorPage> {
    if !ask.may(Right::ChangeMails) {
        return Ok(Vec::new());
    }
    let slots = ask.console.store.slots(1).await?;
    let Some(slot) = slots.first() else {
        let next = schedules.iter().filter_map(|row| row.coming.first()).min();
        let text = next.cloned().unwrap_or_else(|| ask.say("没有计划", "nothing is scheduled").to_owned());
        return Ok(vec![WeekStep { name: ask.say("下一期", "Next"), text, class: "" }]);
    };
    let due = format!("{} {}", slot.key.schedule, ask.instant(slot.due));
    let mut out = vec![WeekStep { name: ask.say("应出", "Due"), text: due, class: "good" }];
    let (state, class) = words::slot_state(ask.language, slot.state);
    let Some(id) = slot.run else {
        out.push(WeekStep { name: ask.say("编制", "Made"), text: state.to_owned(), class });
        return Ok(out);
    };
    let run = ask.console.store.run(id).await?;
    let records = ask.say("条记录", "records");
    out.push(WeekStep {
        name: ask.say("已提取", "Pulled"),
        text: format!("{} {records}", run.records),
        class: "good",
    });
    let (state, class) = words::run_state(ask.language, run.state, run.is_waiting());
    let number = run.number.clone().map(|number| format!(" {number}")).unwrap_or_default();
    out.push(WeekStep { name: ask.say("签发", "Sign-off"), text: format!("{state}{number}"), class });
    if run.is_issued() {
        let listed = ask.console.store.mail_counts(id).await?;
        let counts: Vec<String> = listed
            .iter()
            .map(|(state, count)| format!("{} {count}", words::mail_state(ask.language, *state).0))
            .collect();
        let is_bad = listed.iter().any(|(state, _)| [MailState::Dead, MailState::Uncertain].contains(state));
        let is_done = listed.iter().all(|(state, _)| *state == MailState::Sent);
        let class = if is_bad {
            "bad"
        } else if is_done {
            "good"
        } else {
            "wait"
        };
        let text = if counts.is_empty() {
            ask.say("没有邮件", "no mails").to_owned()
        } else {
            counts.join(ask.say("，", ", "))
        };
        out.push(WeekStep { name: ask.say("邮件", "Mails"), text, class });
    }
    Ok(out)
}
