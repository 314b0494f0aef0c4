//! How the program is, for the operator.

use askama::Template;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::problem::ErrorPage;
use super::words;
use crate::daemon::health::judge;
use crate::store::state_counts::ByState;
use crate::store::states::{MailState, RunState, SlotState};

#[derive(Template)]
#[template(path = "status.html")]
pub(super) struct StatusPage {
    f: PageFrame,
    is_well: bool,
    reasons: Vec<String>,
    facts: Vec<(String, String)>,
    slots: Vec<(String, i64)>,
    runs: Vec<(String, i64)>,
    mails: Vec<(String, i64)>,
}

pub(super) async fn status(ask: Ask) -> Result<Response, ErrorPage> {
    page(&shown(&ask).await?)
}

pub(super) async fn shown(ask: &Ask) -> Result<StatusPage, ErrorPage> {
    let watch = &ask.console.watch;
    let shown = watch.status.shown();
    let state_counts = ask.console.store.state_counts(ask.now, watch.overdue_after).await?;
    let (is_well, judged) = judge(&shown, &Ok(state_counts.clone()), ask.console.clock.reading());
    let reasons = judged["reasons"].as_array().into_iter().flatten().filter_map(|reason| reason.as_str());
    let mut facts = Vec::new();
    let mut fact = |chinese: &str, english: &str, text: String| {
        facts.push((ask.say(chinese, english).to_owned(), text));
    };
    fact("程序版本", "Version", env!("CARGO_PKG_VERSION").to_owned());
    if let Some(tick) = shown.last_tick {
        fact("主循环最近一次", "Last tick of the loop", ask.instant(tick.wall));
    }
    let lease = if shown.holds_lease {
        ask.say("本进程", "this process")
    } else {
        ask.say("另一进程", "another process")
    };
    fact("由谁执行计划", "Slots are filled by", lease.to_owned());
    let busy = if shown.busy.is_empty() { ask.say("无", "none").to_owned() } else { shown.busy.join(", ") };
    fact("正在编制", "Runs under way", busy);
    let sends = if shown.is_sending { ask.say("是", "yes") } else { ask.say("否", "no") };
    fact("正在发送邮件", "Sending mails", sends.to_owned());
    fact(
        "待签发",
        "Waiting for sign-off",
        state_counts.runs.get(RunState::Held.key()).copied().unwrap_or(0).to_string(),
    );
    fact("时区", "Time zone", ask.console.engine.settings.campaign.time_zone_name.clone());
    fact("配置摘要", "Configuration digest", ask.console.engine.settings.hash.chars().take(16).collect());
    Ok(StatusPage {
        f: ask.frame(ask.say("运行状态", "Status")),
        is_well,
        reasons: reasons.map(|reason| ask.stored_message(reason)).collect(),
        facts,
        slots: counts(&state_counts.slots, |key| {
            Some(words::slot_state(ask.language, SlotState::of_key(key)?).0)
        }),
        runs: counts(&state_counts.runs, |key| {
            let state = RunState::of_key(key)?;
            Some(words::run_state(ask.language, state, state == RunState::Held).0)
        }),
        mails: counts(&state_counts.mails, |key| {
            Some(words::mail_state(ask.language, MailState::of_key(key)?).0)
        }),
    })
}

/// Counts by what people call the states: some have one word.
fn counts(by_state: &ByState, word: impl Fn(&str) -> Option<&'static str>) -> Vec<(String, i64)> {
    let mut out: Vec<(String, i64)> = Vec::new();
    for (state, count) in by_state {
        let label = word(state).unwrap_or(state);
        match out.iter_mut().find(|(known, _)| known == label) {
            Some((_, sum)) => *sum += count,
            None => out.push((label.to_owned(), *count)),
        }
    }
    out
}
