//! The first page, by role: what is to be done, and what the last report said.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page, see};
use super::league::latest;
use super::problem::ErrorPage;
use super::run::{ChartPicture, pictures, tables};
use super::runs::{RunRow, row};
use super::schedule::{ComingSlots, coming};
use super::table::TableView;
use super::words;
use crate::access::right::Right;
use crate::config::settings::ReportLanguage;
use crate::report::model::{TiedModel, UnitModel};
use crate::report::words::fill;
use crate::store::runs::Run;
use crate::store::state_counts::StateCounts;
use crate::store::states::MailState;

/// So many drafts that wait are shown with their figures, which take a while to make; all others by name.
const WITH_FIGURES: usize = 4;

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
        return super::unit::shown(&ask, &run, &remade, &own, &code).await;
    }
    let waiting = ask.waiting_runs().await?;
    let last = if ask.sees_league() { latest(&ask, "").await? } else { None };
    let mut remade = BTreeMap::new();
    for run in waiting.iter().take(WITH_FIGURES).chain(&last) {
        remade.insert(run.id, ask.console.remade_if_kept(run).await?);
    }
    let made_of = |run: &Run| remade.get(&run.id)?.as_deref().filter(|made| made.agrees);
    let card = |run: &Run| {
        let made = made_of(run);
        // A place that too many share to be named is counted.
        let names = |units: &[UnitModel], tied: &Option<TiedModel>| {
            let tied = tied.as_ref().map(|tied| {
                let say = ask.say("并列第{}名的{}个单位", "No. {}, shared by {} units");
                fill(say, &[&tied.rank.to_string(), &tied.count.to_string()])
            });
            let names = units.iter().map(|unit| unit.name.clone());
            names.chain(tied).collect::<Vec<_>>().join(ask.say("、", ", "))
        };
        let model = made.map(|made| &made.composition.model);
        Card {
            row: row(&ask, run),
            held: run.held.clone(),
            figures: made.map(|made| tables(&ask, made, &["indicators"])).unwrap_or_default(),
            first: model.map(|model| names(&model.first, &model.first_tied)).unwrap_or_default(),
            lowest: model.map(|model| names(&model.last, &model.last_tied)).unwrap_or_default(),
            may_decide: ask.may(Right::Decide) && run.is_waiting(),
        }
    };
    let trend = last.as_ref().and_then(|run| Some(pictures(made_of(run)?, run.id, &["trend"])));
    let schedules = if ask.may(Right::ReadSchedule) { coming(&ask).await? } else { Vec::new() };
    page(&HomePage {
        f: ask.frame(ask.say("首页", "Home")),
        tasks: tasks(&ask, waiting.len()).await?,
        steps: steps(&ask, &schedules).await?,
        coming: schedules
            .iter()
            .filter_map(|row| Some((row.title.clone(), row.coming.first()?.clone())))
            .collect(),
        charts: trend.unwrap_or_default(),
        last: last.as_ref().map(card),
        waiting: waiting.iter().map(card).collect(),
    })
}

/// What needs a person, in the order of its urgency.
async fn tasks(ask: &Ask, waiting: usize) -> Result<Vec<Task>, ErrorPage> {
    let store = &ask.console.store;
    let state_counts: StateCounts = store.state_counts(ask.now, ask.console.watch.overdue_after).await?;
    let shown = ask.console.watch.status.shown();
    let mails = |state: MailState| state_counts.mails.get(state.key()).copied().unwrap_or(0);
    let task = |class, text: String, href: &str, label| Task { class, text, href: href.to_owned(), label };
    let mut out = Vec::new();
    if ask.may(Right::ReadSchedule) && state_counts.overdue > 0 {
        let text = counted(
            ask,
            state_counts.overdue,
            "有 {} 期到期未出",
            "report is overdue",
            "reports are overdue",
        );
        out.push(task("bad", text, "/schedule", ask.say("查看计划", "See the schedule")));
    }
    if ask.may(Right::ReadMails) {
        if let Some(problem) = &shown.queue_stopped {
            let stopped = ask.say("邮件已停止发送：", "The mail queue has stopped: ");
            let text = format!("{stopped}{}", ask.stored_message(problem));
            out.push(task("bad", text, "/mails?state=waiting", ask.say("查看邮件", "See the mails")));
        }
        let dead = mails(MailState::Dead);
        if dead > 0 {
            let text = counted(ask, dead, "{} 封邮件被拒收", "mail was refused", "mails were refused");
            out.push(task("bad", text, "/mails?state=dead", ask.say("逐封处理", "Handle refused mails")));
        }
        let unclear = mails(MailState::Uncertain);
        if unclear > 0 {
            let text = counted(ask, unclear, "{} 封邮件结果不明", "mail is unclear", "mails are unclear");
            out.push(task("bad", text, "/mails?state=uncertain", ask.say("逐封核实", "Check unclear mails")));
        }
    }
    if ask.may(Right::ReadStatus) && shown.clock_is_doubted {
        let text =
            ask.say("服务器时钟不可信，计划暂缓", "The clock is doubted, so schedules wait").to_owned();
        out.push(task("bad", text, "/status", ask.say("查看运行状态", "See the status")));
    }
    if ask.may(Right::ChangeSchedule) {
        for (name, ..) in store.pauses().await? {
            let paused = ask.say("计划已暂停：", "Schedule paused: ");
            let text = format!("{paused}{}", ask.report_title(&name));
            out.push(task("wait", text, "/schedule", ask.say("恢复或补出", "Resume or make up")));
        }
    }
    if waiting > 0 && !ask.may(Right::Decide) {
        let (one, many) = ("draft waits for a leader", "drafts wait for a leader");
        let text = counted(ask, waiting as i64, "{} 件等待领导签发", one, many);
        out.push(task("wait", text, "/runs?state=waiting", ask.say("查看", "See the drafts")));
    }
    Ok(out)
}

/// A number of things in words; `{}` is where the Chinese has it, the English begins with it.
fn counted(ask: &Ask, count: i64, chinese: &str, one: &str, many: &str) -> String {
    match ask.language {
        ReportLanguage::Chinese => chinese.replace("{}", &count.to_string()),
        ReportLanguage::English => format!("{count} {}", if count == 1 { one } else { many }),
    }
}

/// This week from the slot to the mails, for who circulates the reports: of the report that was due last.
async fn steps(ask: &Ask, schedules: &[ComingSlots]) -> Result<Vec<WeekStep>, ErrorPage> {
    if !ask.may(Right::ChangeMails) {
        return Ok(Vec::new());
    }
    let slots = ask.console.store.slots(1).await?;
    let Some(slot) = slots.first() else {
        let next = schedules.iter().filter_map(|row| row.coming.first()).min();
        let text = next.cloned().unwrap_or_else(|| ask.say("没有计划", "nothing is scheduled").to_owned());
        return Ok(vec![WeekStep { name: ask.say("下一期", "Next"), text, class: "" }]);
    };
    let due = format!("{} {}", ask.report_title(&slot.key.schedule), ask.instant(slot.due));
    let mut out = vec![WeekStep { name: ask.say("应出", "Due"), text: due, class: "good" }];
    let (state, class) = words::slot_state(ask.language, slot.state);
    let Some(id) = slot.run else {
        let reason = slot.reason.as_ref().map(|reason| ask.say("：", ": ").to_owned() + &ask.message(reason));
        let text = format!("{state}{}", reason.unwrap_or_default());
        out.push(WeekStep { name: ask.say("编制", "Made"), text, class });
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
