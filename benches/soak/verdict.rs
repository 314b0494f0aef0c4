//! Compares what happened with what the calendar and the mail server say should have happened.

use std::collections::{BTreeMap, BTreeSet};
use tongbao_message::Message;

use jiff::{SignedDuration, Timestamp};
use tongbao::config::settings::{ScheduleRule, Settings};
use tongbao::daemon::slots::{plan, scheduled};
use tongbao::delivery::message::{mailbox, message_id};
use tongbao::report::alert::{Alert, TroubledMail};
use tongbao::schedule::plan::{Plan as Schedule, Round};
use tongbao::store::Store;
use tongbao::store::outbox::Delivery;
use tongbao::store::runs::Run;
use tongbao::store::slots::RecordedSlot;
use tongbao::store::states::{MailState, Purpose, SlotState};

use crate::campaign::{ADDRESSES, Campaign, START};
use crate::post_office::Taken;

/// What is on record, and what the server has taken.
struct Found {
    slots: Vec<RecordedSlot>,
    runs: Vec<Run>,
    mails: Vec<Delivery>,
    taken: Vec<Taken>,
}

/// Prints the account of a campaign; true if nothing was lost, doubled or silent.
pub(crate) async fn judge(campaign: &Campaign, days: u64) -> bool {
    let store = Store::open(&campaign.settings.state_dir).await.unwrap();
    let found = Found {
        slots: store.slots(1_000_000).await.unwrap(),
        runs: store.runs(1_000_000).await.unwrap(),
        mails: store.deliveries(None).await.unwrap(),
        taken: campaign.post_office.taken(),
    };
    let doubled = found.doubled();
    let mut lost = found.lost();
    lost.extend(unrecorded(campaign, &found.slots, days));
    let mut silent = found.silent(&campaign.settings);
    silent.extend(unheard(campaign, &store).await);
    let of_slots = |state: SlotState| found.slots.iter().filter(|slot| slot.state == state).count();
    let of_mails = |state: MailState| found.mails.iter().filter(|mail| mail.state == state).count();
    println!(
        "campaign {}: slots {} (filled {}, left out {}, given up {}), runs {}, mails {} (sent {}, dead {}, \
         uncertain {}, cancelled {}, waiting {}), taken by the server {}, lost {}, doubled {}, silent {}",
        campaign.number,
        found.slots.len(),
        of_slots(SlotState::Filled),
        of_slots(SlotState::Skipped),
        of_slots(SlotState::Expired),
        found.runs.len(),
        found.mails.len(),
        of_mails(MailState::Sent),
        of_mails(MailState::Dead),
        of_mails(MailState::Uncertain),
        of_mails(MailState::Cancelled),
        of_mails(MailState::Pending),
        found.taken.len(),
        lost.len(),
        doubled.len(),
        silent.len(),
    );
    println!("  left out: {:?}", reasons(&found.slots));
    println!("  faults: {:?}", campaign.faults);
    for (kind, texts) in [("lost", &lost), ("doubled", &doubled), ("silent", &silent)] {
        texts.iter().take(20).for_each(|text| println!("  {kind}: {text}"));
    }
    lost.len() + doubled.len() + silent.len() == 0
}

impl Found {
    /// Mails that the server has more than once, and slots with more than one run.
    fn doubled(&self) -> Vec<String> {
        let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
        let whole = self.taken.iter().filter(|taken| !taken.is_part);
        whole.for_each(|taken| *copies.entry(&taken.message_id).or_default() += 1);
        let copies = copies.into_iter().filter(|(_, copies)| *copies > 1);
        let mut out: Vec<String> =
            copies.map(|(id, copies)| format!("{copies} copies of {}", self.mail(id))).collect();
        let mut runs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for run in &self.runs {
            if let Some(nominal) = &run.nominal {
                *runs.entry((&run.report, nominal)).or_default() += 1;
            }
        }
        let runs = runs.into_iter().filter(|(_, runs)| *runs > 1);
        out.extend(runs.map(|(slot, runs)| format!("{runs} runs of {slot:?}")));
        out
    }

    /// Slots without their run, and mails whose state is not what the server knows.
    fn lost(&self) -> Vec<String> {
        let mut out = Vec::new();
        let runs: BTreeSet<i64> = self.runs.iter().map(|run| run.id).collect();
        for slot in &self.slots {
            let has_run = slot.run.is_some_and(|run| runs.contains(&run));
            if slot.state == SlotState::Open || (slot.state == SlotState::Filled && !has_run) {
                out.push(format!("slot {} {}: {:?}", slot.key.schedule, slot.key.nominal, slot.reason));
            }
        }
        let taken: BTreeSet<&str> = self.taken.iter().map(|taken| taken.message_id.as_str()).collect();
        let said = self.taken.iter().filter(|taken| taken.said && !taken.is_part);
        let said: BTreeSet<&str> = said.map(|taken| taken.message_id.as_str()).collect();
        let whole = self.taken.iter().filter(|taken| !taken.is_part);
        let whole: BTreeSet<&str> = whole.map(|taken| taken.message_id.as_str()).collect();
        for mail in &self.mails {
            let id = mail.message_id.trim_matches(['<', '>']);
            let is_true = match mail.state {
                MailState::Sent => has(&taken, id),
                MailState::Dead => !has(&whole, id),
                // A sender that died after the answer has left it in doubt.
                MailState::Uncertain => true,
                MailState::Cancelled => !has(&said, id),
                _ => false,
            };
            if !is_true {
                out.push(format!("{}, and the server has it: {}", self.mail(id), has(&taken, id)));
            }
        }
        out
    }

    /// Slots left out without a reason, and slots and mails given up without an alert of their own. What a restore has
    /// closed its command has named.
    fn silent(&self, settings: &Settings) -> Vec<String> {
        let is_restored = |text: &Option<Message>| {
            text.as_ref().is_some_and(|text| text.to_string().starts_with("restored from a copy"))
        };
        let unnamed =
            self.slots.iter().filter(|slot| slot.state == SlotState::Skipped && slot.reason.is_none());
        let mut out: Vec<String> =
            unnamed.map(|slot| format!("slot {} {}", slot.key.schedule, slot.key.nominal)).collect();
        let given_up = self.slots.iter().filter(|slot| slot.state == SlotState::Expired);
        for slot in given_up.filter(|slot| !is_restored(&slot.reason)) {
            let (report, reason) = (slot.key.schedule.clone(), String::new());
            if !self.has_alert(settings, &Alert::SlotExpired { report, due: slot.due, reason }) {
                out.push(format!("slot {} {} given up", slot.key.schedule, slot.key.nominal));
            }
        }
        let troubled = self.mails.iter().filter(|mail| mail.kind != Purpose::Alert);
        for delivery in troubled.filter(|mail| !is_restored(&mail.answer)) {
            let mail = TroubledMail {
                delivery: delivery.id,
                message_id: delivery.message_id.clone(),
                tries: delivery.attempts,
                recipient: String::new(),
            };
            let alert = match delivery.state {
                MailState::Dead => Alert::MailDead { mail, report: None, reason: String::new() },
                MailState::Uncertain => Alert::MailUncertain { mail, report: None, reason: String::new() },
                _ => continue,
            };
            if !self.has_alert(settings, &alert) {
                out.push(format!("{} without an alert", self.mail(&delivery.message_id)));
            }
        }
        out
    }

    /// Whether anybody has been told, or will be. Before a restore only the mail server knows of it.
    fn has_alert(&self, settings: &Settings, alert: &Alert) -> bool {
        let from = mailbox(&settings.smtp.as_ref().unwrap().from).unwrap();
        let key = format!("alert/{}", alert.key());
        let ids = ADDRESSES.map(|address| message_id(&settings.campaign.name, &key, address, &from));
        let is_one =
            |id: &str| ids.iter().any(|known| known.trim_matches(['<', '>']) == id.trim_matches(['<', '>']));
        self.mails.iter().any(|mail| is_one(&mail.message_id))
            || self.taken.iter().any(|taken| is_one(&taken.message_id))
    }

    fn mail(&self, id: &str) -> String {
        let mail = self
            .mails
            .iter()
            .find(|mail| mail.message_id.trim_matches(['<', '>']) == id.trim_matches(['<', '>']));
        match mail {
            Some(mail) => {
                let Delivery { id, kind, address, state, attempts, answer, changed_at, .. } = mail;
                format!(
                    "mail {id} ({kind} to {address}, {state} {changed_at}, {attempts} attempts: {answer:?})"
                )
            }
            None => format!("a mail that is not on record ({id})"),
        }
    }
}

/// The server keeps Message-IDs with their brackets.
fn has(ids: &BTreeSet<&str>, id: &str) -> bool {
    ids.contains(id) || ids.contains(format!("<{id}>").as_str())
}

/// What the program itself would have had to say: mails that need a person and nobody told, an acceptance series
/// that has ended without being accepted, and a record that is not what it was.
async fn unheard(campaign: &Campaign, store: &Store) -> Vec<String> {
    let settings = &campaign.settings;
    let unreported = store.unreported().await.unwrap();
    let mut out: Vec<String> =
        unreported.iter().map(|mail| format!("mail {} is {}", mail.id, mail.state)).collect();
    let (report, rule) = scheduled(settings).find(|(report, _)| report.name == "acceptance").unwrap();
    let plan = plan(settings, store, report, rule, campaign.clock.now()).await.unwrap();
    let goes_on = matches!(plan.last_round, Some(Round::Accepted | Round::Pending))
        || !plan.after(campaign.clock.now(), 1).is_empty();
    if !goes_on {
        out.push(format!("the acceptance has ended: {:?}", plan.last_round));
    }
    let found = store.verification(None, campaign.clock.now()).await.unwrap();
    out.extend(found.problems.iter().map(|problem| format!("{}: {}", problem.part, problem.text)));
    out
}

/// The slots that the calendar has, computed apart from the daemon, and that are not on record.
fn unrecorded(campaign: &Campaign, slots: &[RecordedSlot], days: u64) -> Vec<String> {
    let (from, zone) = (START.parse::<Timestamp>().unwrap(), &campaign.settings.campaign.time_zone);
    let until = from + SignedDuration::from_hours(24 * days as i64);
    let known: BTreeSet<(&str, &str)> =
        slots.iter().map(|slot| (slot.key.schedule.as_str(), slot.key.nominal.as_str())).collect();
    let mut out = Vec::new();
    let by_calendar = |rule: &&ScheduleRule| matches!(rule, ScheduleRule::Cron { .. });
    for (report, rule) in scheduled(&campaign.settings).filter(|(_, rule)| by_calendar(rule)) {
        let plan = Schedule { rule, zone, active: None, campaign_end: None, last_round: None, since: None };
        for slot in plan.between(from, until) {
            let nominal = slot.nominal.to_string();
            if !known.contains(&(report.name.as_str(), nominal.as_str())) {
                out.push(format!("slot {} {nominal} is not on record", report.name));
            }
        }
    }
    out
}

/// How many slots were left out or given up, by reason.
fn reasons(slots: &[RecordedSlot]) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for slot in slots.iter().filter(|slot| [SlotState::Skipped, SlotState::Expired].contains(&slot.state)) {
        let reason = slot.reason.clone().unwrap_or_default();
        *out.entry(reason.to_string().chars().take(60).collect()).or_default() += 1;
    }
    out
}
