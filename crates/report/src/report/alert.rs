//! What the office is told when something needs a person. Totals and names of offices only.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::wording;
use tongbao_config::settings::ReportLanguage;

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alert {
    /// A slot is without its run although it has been due for a while.
    SlotOverdue {
        /// Name of the report.
        report: String,
        /// When the slot was due.
        due: Timestamp,
        /// The last failure, or what it waits for.
        reason: String,
    },
    /// A slot was given up.
    SlotExpired {
        /// Name of the report.
        report: String,
        /// When the slot was due.
        due: Timestamp,
        /// The last failure, or what it waited for.
        reason: String,
    },
    /// A report came late. Its document does not say so unless the office wants it.
    RunLate {
        /// Name of the report.
        report: String,
        /// Number of the run.
        run: i64,
        /// When it was due, as printed.
        due: String,
    },
    /// A mail will not be tried again. `report` is `None` for other than report mails.
    MailDead {
        /// Its number, and what distinguishes it from later ones.
        mail: TroubledMail,
        /// Name of the report that it carries.
        report: Option<String>,
        /// What the server answered last, or why no answer came.
        reason: String,
    },
    /// A mail may have been delivered.
    MailUncertain {
        /// Its number, and what distinguishes it from later ones.
        mail: TroubledMail,
        /// Name of the report that it carries.
        report: Option<String>,
        /// Why the answer is not known.
        reason: String,
    },
    /// A unit's own page or list could not be made; its recipients got the report without it. `run` tells one run
    /// from the next.
    OwnPartsFailed {
        /// What distinguishes the run from others of its report.
        run: String,
        /// Name of the report.
        report: String,
        /// Name of the unit.
        unit: String,
        /// What went wrong.
        reason: String,
    },
    /// A slot was still open when its report was taken out of the schedules.
    SlotDropped {
        /// Name of the report.
        report: String,
        /// When the slot was due.
        due: Timestamp,
    },
    /// The clock was set, ahead or back; nothing fires until it has run evenly for a while.
    ClockSet {
        /// What the wall clock shows now.
        to: Timestamp,
    },
}

/// A mail that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TroubledMail {
    /// Number of the mail in the outbox.
    pub delivery: i64,
    /// Its Message-ID: after a restore its number stands for another mail.
    pub message_id: String,
    /// Tells one death of a mail from the next.
    pub tries: i64,
    /// Name of the recipient, an office.
    pub recipient: String,
}

impl Alert {
    /// The same for the same thing, so that it is told once. Neither numbers of runs nor of mails are part of it, which
    /// a restored state gives again: mail systems leave out what has the identity of an earlier mail.
    pub fn key(&self) -> String {
        match self {
            Alert::SlotOverdue { report, due, .. } => format!("overdue/{report}/{due}"),
            Alert::SlotExpired { report, due, .. } => format!("expired/{report}/{due}"),
            Alert::RunLate { report, due, .. } => format!("late/{report}/{due}"),
            Alert::MailDead { mail, .. } => format!("dead/{}/{}", mail.message_id, mail.tries),
            Alert::MailUncertain { mail, .. } => format!("uncertain/{}/{}", mail.message_id, mail.tries),
            Alert::OwnPartsFailed { run, unit, .. } => format!("own-parts/{run}/{unit}"),
            Alert::SlotDropped { report, due } => format!("dropped/{report}/{due}"),
            Alert::ClockSet { to } => format!("clock/{to}"),
        }
    }

    /// Subject line of the alert in Chinese.
    pub fn subject(&self) -> String {
        match self {
            Alert::SlotOverdue { report, .. } => format!("【提醒】报告{report}逾期未出"),
            Alert::SlotExpired { report, .. } => format!("【提醒】报告{report}本期已放弃"),
            Alert::RunLate { report, .. } => format!("【提醒】报告{report}延后完成"),
            Alert::MailDead { mail, .. } => format!("【提醒】发往{}的邮件未能送达", mail.recipient),
            Alert::MailUncertain { mail, .. } => format!("【提醒】发往{}的邮件是否送达不明", mail.recipient),
            Alert::OwnPartsFailed { report, unit, .. } => {
                format!("【提醒】报告{report}中单位{unit}的单独页未能生成")
            }
            Alert::SlotDropped { report, .. } => format!("【提醒】报告{report}本期未出，该报告已不再定时"),
            Alert::ClockSet { .. } => "【提醒】系统时钟被改动，定时报告暂停".to_owned(),
        }
    }

    /// The page of the console that shows it.
    pub fn page(&self) -> String {
        match self {
            Alert::SlotOverdue { .. } | Alert::SlotExpired { .. } | Alert::SlotDropped { .. } => {
                "/schedule".to_owned()
            }
            Alert::RunLate { run, .. } => format!("/runs/{run}"),
            Alert::MailDead { mail, .. } | Alert::MailUncertain { mail, .. } => {
                format!("/mails/{}", mail.delivery)
            }
            Alert::OwnPartsFailed { .. } => "/runs".to_owned(),
            Alert::ClockSet { .. } => "/status".to_owned(),
        }
    }

    /// What happened, why, and what to do.
    pub fn text(&self, zone: &TimeZone) -> String {
        let of = |report: &Option<String>| match report {
            Some(report) => format!("报告{report}"),
            None => "提醒".to_owned(),
        };
        match self {
            Alert::SlotOverdue { report, due, reason } => format!(
                "报告{report}应于{}完成，至今未出。系统会继续重试。\n原因：{}\n处理：用 tongbao check 逐项查看数据库、模板、字体和邮件服务器。\n",
                wording::instant(*due, zone, ReportLanguage::Chinese),
                or_unknown(reason)
            ),
            Alert::SlotExpired { report, due, reason } => format!(
                "报告{report}应于{}完成，已超过重试期限，本期不再重试。\n原因：{}\n处理：排除原因后用 tongbao run {report} --from 起始日 --to 截止日 补出。\n",
                wording::instant(*due, zone, ReportLanguage::Chinese),
                or_unknown(reason)
            ),
            Alert::RunLate { report, run, due } => format!(
                "报告{report}应于{due}完成，现已补出（第{run}次运行）。处理：无须处理；文件中要写明延后的，在该报告中设 print_lateness = true。\n"
            ),
            Alert::MailDead { mail: TroubledMail { delivery, recipient, .. }, report, reason } => format!(
                "{}发往{recipient}的邮件（编号{delivery}）未能送达，不再重试；其他收件人不受影响。\n原因：{reason}\n处理：按原因改正后用 tongbao outbox retry {delivery} 重发（全部未送达的：tongbao outbox retry --dead），或用 tongbao outbox cancel {delivery} 取消。\n",
                of(report)
            ),
            Alert::MailUncertain { mail: TroubledMail { delivery, recipient, .. }, report, reason } => {
                format!(
                    "{}发往{recipient}的邮件（编号{delivery}）交出后没有收到服务器的答复，可能已经送达，也可能没有；为免重复，不自动重发。\n原因：{reason}\n处理：请向收件人核实；未收到的用 tongbao outbox retry {delivery} 原样重发，已收到的用 tongbao outbox cancel {delivery} 了结。\n",
                    of(report)
                )
            }
            Alert::OwnPartsFailed { report, unit, reason, .. } => format!(
                "报告{report}已发出，但单位{unit}的单独页和差错清单未能生成，其收件人只收到报告本身。\n原因：{reason}\n处理：排除原因后用 tongbao run {report} 补出，或与该单位另行联系。\n",
            ),
            Alert::SlotDropped { report, due } => format!(
                "报告{report}应于{}完成，尚未完成，而现行配置中已没有这个定时报告，本期不再出。\n处理：若只是改了名称，请用 tongbao run 新名称 --from 起始日 --to 截止日 补出；确已停用的，无须处理。\n",
                wording::instant(*due, zone, ReportLanguage::Chinese)
            ),
            Alert::ClockSet { to } => format!(
                "系统时钟突然变为{}。在时钟平稳运行一段时间之前，定时报告暂停，以免误发。\n处理：请核对服务器时间。时间无误的，无须处理，稍后自动恢复。\n",
                wording::instant(*to, zone, ReportLanguage::Chinese)
            ),
        }
    }
}

fn or_unknown(reason: &str) -> &str {
    if reason.is_empty() { "尚无记录" } else { reason }
}
