//! Checks reports, recipients and the mail server.

use std::collections::BTreeMap;
use tongbao_message::{Message, message};

use jiff::civil::Date;

use super::Check;
use super::campaign::range;
use super::source::{located, pem_file};
use crate::raw::RawConfig;
use crate::raw::delivery::{RawForm, RawIssueNumbering, RawReport, RawSmtp};
use crate::settings::{
    CatchUpPolicy, DatabaseUrl, FileForm, HeadMarks, HeadStyle, Phase, Recipient, RecipientList, Report,
    ReportKind, ScheduleRule, Smtp, SmtpSecurity, is_loopback, same_host,
};
use crate::{exact_values, key_positions};

pub(super) fn recipients(raw: &RawConfig, check: &mut Check) -> BTreeMap<String, Vec<Recipient>> {
    let mut out = BTreeMap::new();
    for (name, group) in &raw.recipients {
        let mut members: Vec<Recipient> = Vec::new();
        for (i, member) in group.members.iter().enumerate() {
            let path = format!("recipients.{name}.members.{i}");
            let address = member.email.trim();
            check.keep(&path, exact_values::address_is_valid(address));
            if let Some(problem) = outside(address, raw.smtp.as_ref()) {
                check.fail(&path, problem);
            }
            check.keep(&path, exact_values::name_is_valid(&member.name));
            let unit = member.unit.as_deref().map(|code| code.trim().to_owned());
            // One clerk may answer for several units.
            let same = |other: &Recipient| other.email.eq_ignore_ascii_case(address) && other.unit == unit;
            if members.iter().any(same) {
                check.fail(&path, message!("is-listed-twice-2", address));
            }
            members.push(Recipient { name: member.name.trim().to_owned(), email: address.to_owned(), unit });
        }
        if members.is_empty() && group.members_from.is_none() {
            check.warn(&format!("recipients.{name}"), message!("has-no-members"));
        }
        let is_used = raw.reports.values().any(|report| report.to.contains(name));
        if !is_used && !raw.daemon.alerts.contains(name) {
            check.warn(&format!("recipients.{name}"), message!("no-report-goes-to-this-group"));
        }
        out.insert(name.clone(), members);
    }
    out
}

/// The lists of the groups that have one. Their rows are judged when they are read.
pub(super) fn recipient_lists(
    raw: &RawConfig,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> BTreeMap<String, RecipientList> {
    let allowed = raw.smtp.as_ref().map(|smtp| smtp.allowed_domains.clone()).unwrap_or_default();
    let lists = raw.recipients.iter().filter_map(|(name, group)| Some((name, group.members_from.as_ref()?)));
    let mut out = BTreeMap::new();
    for (name, list) in lists {
        let path = format!("recipients.{name}.members_from");
        let Some(from) = located(&path, &list.location, None, home, check) else { continue };
        let columns = &list.columns;
        let unit = Some(columns.unit.clone()).filter(|column| !column.trim().is_empty());
        let (column, email, allowed_domains) = (columns.name.clone(), columns.email.clone(), allowed.clone());
        out.insert(name.clone(), RecipientList { from, name: column, email, unit, allowed_domains });
    }
    out
}

/// Why an address may not be written to, if it is outside `smtp.allowed_domains`.
fn outside(address: &str, smtp: Option<&RawSmtp>) -> Option<Message> {
    let allowed = &smtp?.allowed_domains;
    let (_, domain) = address.rsplit_once('@')?;
    let is_allowed = allowed.is_empty() || allowed.iter().any(|name| same_host(name.trim(), domain));
    (!is_allowed).then(|| {
        message!("is-outside-smtp-allowed-domains-correct-one", address, domains = allowed.join(", "))
    })
}

pub(super) fn reports(raw: &RawConfig, phases: &[Phase], check: &mut Check) -> BTreeMap<String, Report> {
    let mut out = BTreeMap::new();
    for (name, report) in &raw.reports {
        if let Some(report) = one_report(name, report, raw, phases, check) {
            out.insert(name.clone(), report);
        }
    }
    out
}

fn one_report(
    name: &str,
    raw: &RawReport,
    config: &RawConfig,
    phases: &[Phase],
    check: &mut Check,
) -> Option<Report> {
    let path = format!("reports.{name}");
    known_groups(&format!("{path}.to"), &raw.to, config, check);
    let schedule = match &raw.schedule {
        Some(schedule) => check.keep(&format!("{path}.schedule"), ScheduleRule::parse(schedule)),
        None => None,
    };
    if schedule.is_some() && config.smtp.is_none() && !raw.to.is_empty() {
        check.warn(&path, message!("is-scheduled-but-there-is-no"));
    }
    if matches!(schedule, Some(ScheduleRule::CampaignEnd(_))) && phases.is_empty() {
        check.fail(&format!("{path}.schedule"), message!("campaign-end-needs-campaign-phases-which-give"));
    }
    let active = active_days(&path, raw, phases, check)?;
    let kind = match raw.kind.as_str() {
        "bulletin" => ReportKind::Bulletin,
        "ranking" => ReportKind::Ranking,
        "acceptance" => ReportKind::Acceptance,
        own if own.is_empty() || own.contains(['/', '\\', '.']) => {
            check.fail(&format!("{path}.kind"), message!("is-bulletin-ranking-acceptance-or-the"));
            return None;
        }
        own => ReportKind::Own(own.to_owned()),
    };
    let head = match (raw.head, &kind) {
        (Some(HeadStyle::Brief), _) | (None, ReportKind::Bulletin) => HeadStyle::Brief,
        (Some(HeadStyle::Official), _) | (None, _) => HeadStyle::Official,
    };
    Some(Report {
        name: name.to_owned(),
        kind,
        schedule,
        active,
        period: raw.period,
        missed: missed(&path, raw, check)?,
        overlap: raw.overlap,
        sign_off: raw.sign_off,
        to: raw.to.clone(),
        attach: raw.attach.clone(),
        head,
        prints_lateness: raw.print_lateness,
        issues_by_year: raw.issue_numbering == RawIssueNumbering::Year,
        rectify_within_days: raw.rectify_within_days,
        marks: marks(&path, raw, check),
        language: raw.language.unwrap_or(config.campaign.language),
    })
}

/// What the head carries in addition to issuer, number and date.
fn marks(path: &str, raw: &RawReport, check: &mut Check) -> HeadMarks {
    let filled = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let marks = HeadMarks {
        upward: raw.form == RawForm::Report,
        signer: filled(&raw.signer),
        secrecy: filled(&raw.secrecy),
        urgency: filled(&raw.urgency),
        copy_number: filled(&raw.copy_number),
        remark: filled(&raw.remark),
    };
    if marks.upward && raw.kind != "acceptance" {
        check.fail(&format!("{path}.form"), message!("only-an-acceptance-can-be-a"));
    }
    if marks.upward && marks.signer.is_none() {
        check.warn(&format!("{path}.signer"), message!("a-report-upward-names-its-set"));
    }
    if let Some(urgency) = marks.urgency.as_deref().filter(|urgency| !["特急", "加急"].contains(urgency))
    {
        check.fail(&format!("{path}.urgency"), message!("is-or-not", urgency));
    }
    let is_number = |text: &str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = marks.copy_number.as_deref().filter(|number| !is_number(number)) {
        check.fail(&format!("{path}.copy_number"), message!("has-six-digits-not", number));
    }
    marks
}

/// Fails for groups that do not exist.
pub(super) fn known_groups(path: &str, groups: &[String], config: &RawConfig, check: &mut Check) {
    for group in groups.iter().filter(|group| !config.recipients.contains_key(*group)) {
        let meant = key_positions::nearest(group, config.recipients.keys().map(String::as_str));
        let meant = meant.map(|name| message!("meant", name));
        check.fail(path, message!("there-is-no-recipient-group", group, meant));
    }
}

/// The ranges of days on which a schedule fires: `active`, within the named phases.
#[allow(clippy::type_complexity)]
fn active_days(
    path: &str,
    raw: &RawReport,
    phases: &[Phase],
    check: &mut Check,
) -> Option<Option<Vec<(Date, Date)>>> {
    let active = match &raw.active {
        Some(active) => Some(range(&format!("{path}.active"), &active.from, &active.to, check)?),
        None => None,
    };
    if let (Some((from, to)), Some(first), Some(last)) = (active, phases.first(), phases.last())
        && (to < first.from || from > last.to)
    {
        check.warn(&format!("{path}.active"), message!("is-wholly-outside-the-campaigns-phases"));
    }
    for name in raw.phases.iter().filter(|name| !phases.iter().any(|phase| phase.name == **name)) {
        let meant = key_positions::nearest(name, phases.iter().map(|phase| phase.name.as_str()));
        let meant = meant.map(|name| message!("meant", name));
        check.fail(&format!("{path}.phases"), message!("the-campaign-has-no-phase", name, meant));
    }
    if raw.phases.is_empty() {
        return Some(active.map(|range| vec![range]));
    }
    let within = |phase: &Phase| {
        let (from, to) = active.unwrap_or((phase.from, phase.to));
        (phase.from.max(from), phase.to.min(to))
    };
    let named = phases.iter().filter(|phase| raw.phases.contains(&phase.name));
    Some(Some(named.map(within).filter(|(from, to)| from <= to).collect()))
}

fn missed(path: &str, raw: &RawReport, check: &mut Check) -> Option<CatchUpPolicy> {
    let within = check.keep(&format!("{path}.catch_up_within"), exact_values::span(&raw.catch_up_within));
    Some(CatchUpPolicy { catch_up: raw.catch_up, at_most: raw.catch_up_at_most, within: within? })
}

pub(super) fn mail_server(raw: &RawSmtp, check: &mut Check) -> Option<Smtp> {
    let is_allowed = raw.allow_plain_text.iter().any(|host| same_host(host, &raw.host));
    if raw.security == SmtpSecurity::None && !is_loopback(&raw.host) && !is_allowed {
        check.fail("smtp.security", message!("mail-to-would-travel-in-plain", host = raw.host));
    }
    let authorities = match &raw.ca_file {
        Some(file) => Some(pem_file("smtp.ca_file", file, check)?),
        None => None,
    };
    check.keep("smtp.from", exact_values::mailbox(&raw.from));
    let helo = match &raw.helo {
        Some(name) => Some(check.keep("smtp.helo", exact_values::host_name(name))?),
        None => None,
    };
    let timeout = check.keep("smtp.timeout", exact_values::duration(&raw.timeout));
    let final_timeout = check.keep("smtp.final_timeout", exact_values::duration(&raw.final_timeout));
    let give_up_after = check.keep("smtp.give_up_after", exact_values::span(&raw.give_up_after));
    let password_file = raw.password_file.as_ref().map(|file| check.secret_file("smtp.password_file", file));
    let password = match (&raw.password, &password_file) {
        (Some(_), Some(_)) => {
            check.fail("smtp.password_file", message!("give-password-or-password-file-not-both"));
            None
        }
        (Some(password), None) => Some(password.clone()),
        (None, Some(file)) => check.keep("smtp.password_file", file.read()),
        (None, None) => None,
    };
    if raw.username.is_some() != password.is_some() {
        check.fail("smtp", message!("username-and-password-belong-together"));
    }
    Some(Smtp {
        host: raw.host.clone(),
        port: raw.port,
        security: raw.security,
        from: raw.from.clone(),
        username: raw.username.clone(),
        password,
        password_file: password_file.filter(|_| raw.password.is_none()),
        authorities,
        helo,
        timeout: timeout?,
        final_timeout: final_timeout?,
        give_up_after: give_up_after?,
        uncertain: raw.uncertain,
    })
}
