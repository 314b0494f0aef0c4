//! Both languages of the console, side by side where a page says something.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tongbao_message::Language;

use crate::access::role::Role;
use crate::config::settings::ReportLanguage;
use crate::store::states::{MailState, Purpose, RunState, SlotState};

/// Picks the language of a text that is given in both.
pub(super) fn pick<'a>(language: ReportLanguage, chinese: &'a str, english: &'a str) -> &'a str {
    match language {
        ReportLanguage::Chinese => chinese,
        ReportLanguage::English => english,
    }
}

/// The language of messages on a page.
pub(super) fn spoken(language: ReportLanguage) -> Language {
    match language {
        ReportLanguage::Chinese => Language::Chinese,
        ReportLanguage::English => Language::English,
    }
}

pub(super) fn role(language: ReportLanguage, role: Role) -> &'static str {
    let (chinese, english) = match role {
        Role::Leader => ("签发人", "leader"),
        Role::Clerk => ("经办", "clerk"),
        Role::Unit => ("村（社区）", "unit"),
        Role::Operator => ("管理员", "operator"),
        Role::Auditor => ("审计", "auditor"),
    };
    pick(language, chinese, english)
}

/// What a run is, for people: state in words and the class that colours it.
pub(super) fn run_state(
    language: ReportLanguage,
    state: RunState,
    is_waiting: bool,
) -> (&'static str, &'static str) {
    let (chinese, english, class) = match state {
        _ if is_waiting => ("待签发", "waits for sign-off", "wait"),
        RunState::Held => ("待签发", "waits for sign-off", "wait"),
        RunState::Done => ("已印发", "issued", "good"),
        RunState::Approved => ("已签发", "signed off", "good"),
        RunState::Rejected => ("已退回", "rejected", "bad"),
    };
    (pick(language, chinese, english), class)
}

/// What a mail is, for people: state in words and the class that colours it.
pub(super) fn mail_state(language: ReportLanguage, state: MailState) -> (&'static str, &'static str) {
    let (chinese, english, class) = match state {
        MailState::Pending => ("等待发送", "waiting", "wait"),
        MailState::Sending | MailState::Handed => ("正在发送", "being sent", "wait"),
        MailState::Sent => ("已送出", "sent", "good"),
        MailState::Dead => ("被拒收", "refused", "bad"),
        MailState::Uncertain => ("结果不明", "unclear", "bad"),
        MailState::Cancelled => ("已取消", "cancelled", ""),
    };
    (pick(language, chinese, english), class)
}

pub(super) fn mail_kind(language: ReportLanguage, kind: Purpose) -> &'static str {
    let (chinese, english) = match kind {
        Purpose::Report => ("正式文件", "report"),
        Purpose::Draft => ("送审稿", "draft"),
        Purpose::Alert => ("提醒", "alert"),
    };
    pick(language, chinese, english)
}

/// What a slot is, for people: state in words and the class that colours it.
pub(super) fn slot_state(language: ReportLanguage, state: SlotState) -> (&'static str, &'static str) {
    let (chinese, english, class) = match state {
        SlotState::Open => ("未完成", "open", "wait"),
        SlotState::Filled => ("已完成", "filled", "good"),
        SlotState::Skipped => ("未编制", "left out", ""),
        SlotState::Expired => ("已放弃", "given up", "bad"),
    };
    (pick(language, chinese, english), class)
}

/// What an entry of the audit log says was done.
pub(super) fn audit_action(language: ReportLanguage, what: &str) -> &str {
    let (chinese, english) = match what {
        "begin" => ("开始记录", "the log begins"),
        "seal" => ("封存旧记录", "older record sealed"),
        "watch" => ("开始执行计划", "schedule watched"),
        "due" => ("到期", "due"),
        "fill" => ("完成", "filled"),
        "leave_out" => ("未编制", "left out"),
        "expire" => ("放弃", "given up"),
        "reopen" => ("重新到期", "due again"),
        "queue" => ("邮件待发", "mail queued"),
        "run" => ("编制完成", "recorded"),
        "hold" => ("待签发", "held"),
        "approve" => ("签发", "signed off"),
        "reject" => ("退回", "rejected"),
        "send" => ("送出", "sent"),
        "give_up" => ("拒收", "refused"),
        "doubt" => ("结果不明", "unclear"),
        "retry" => ("再次发送", "sent again"),
        "cancel" => ("取消", "cancelled"),
        "amend" => ("修改文字", "text amended"),
        "prune" => ("按期清理", "pruned"),
        "pause" => ("暂停", "paused"),
        "resume" => ("恢复", "resumed"),
        "restore" => ("恢复备份", "restored from a copy"),
        "add_person" => ("新增账号", "account added"),
        "change_person" => ("变更账号", "account changed"),
        "ask" => ("申请编制", "run asked for"),
        "withdraw" => ("撤回申请", "request withdrawn"),
        "upload" => ("上传名单", "lists uploaded"),
        "configure" => ("写出配置", "configuration written"),
        "delete_upload" => ("删除上传的名单", "uploaded lists deleted"),
        other => (other, other),
    };
    match language {
        ReportLanguage::Chinese => chinese,
        ReportLanguage::English => english,
    }
}

/// Who did something, without the mark of the console that the audit log has.
pub(super) fn by(actor: &str) -> &str {
    actor.strip_prefix("console/").unwrap_or(actor)
}

/// An instant on the campaign's clock.
pub(super) fn instant(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The same of an instant as it is stored; one that cannot be read stays as it is.
pub(super) fn stored_instant(text: &str, zone: &TimeZone) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |at| instant(at, zone))
}

/// The days of the week from Monday on.
pub(super) const DAYS: [(&str, &str); 7] = [
    ("周一", "Monday"),
    ("周二", "Tuesday"),
    ("周三", "Wednesday"),
    ("周四", "Thursday"),
    ("周五", "Friday"),
    ("周六", "Saturday"),
    ("周日", "Sunday"),
];

pub(super) fn weekday(language: ReportLanguage, at: Timestamp, zone: &TimeZone) -> &'static str {
    let day = at.to_zoned(zone.clone()).weekday().to_monday_zero_offset();
    let (chinese, english) = DAYS[day.rem_euclid(7) as usize];
    pick(language, chinese, english)
}

/// A text as a part of an address.
pub(super) fn encoded(text: &str) -> String {
    let sign = |b: u8| match b.is_ascii_alphanumeric() || b".-_".contains(&b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(sign).collect()
}
