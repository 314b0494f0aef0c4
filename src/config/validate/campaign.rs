//! Checks the campaign and its phases.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Check;
use crate::config::raw::{RawCampaign, RawDate, RawPhase};
use crate::config::settings::{Campaign, Phase};
use crate::config::{locate, values};

pub(super) fn campaign(raw: &RawCampaign, check: &mut Check) -> Option<Campaign> {
    for (path, text) in [("campaign.name", &raw.name), ("campaign.issuer", &raw.issuer)] {
        if text.trim().is_empty() {
            check.fail(path, "is blank");
        }
    }
    let time_zone = TimeZone::get(&raw.time_zone).map_err(|_| unknown_zone(&raw.time_zone));
    let time_zone = check.keep("campaign.time_zone", time_zone);
    let phases = phases(&raw.phases, check);
    Some(Campaign {
        name: raw.name.trim().to_owned(),
        issuer: raw.issuer.trim().to_owned(),
        number_prefix: raw.number_prefix.clone(),
        addressee: raw.addressee.trim().trim_end_matches(['：', ':']).to_owned(),
        copy_to: raw.copy_to.clone(),
        basis: raw.basis.clone(),
        time_zone: time_zone?,
        time_zone_name: raw.time_zone.clone(),
        language: super::delivery::language(raw.language),
        phases: phases?,
    })
}

fn unknown_zone(name: &str) -> String {
    let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let meant = locate::nearest(name, zones.iter().map(String::as_str));
    let meant = meant.map(|zone| format!("; did you mean \"{zone}\"?")).unwrap_or_default();
    format!("there is no time zone \"{name}\"{meant}")
}

pub(super) fn range(path: &str, from: &RawDate, to: &RawDate, check: &mut Check) -> Option<(Date, Date)> {
    let from = check.keep(path, values::day(from))?;
    let to = check.keep(path, values::day(to))?;
    if from > to {
        check.fail(path, format!("{from} lies after {to}; exchange from and to"));
        return None;
    }
    Some((from, to))
}

fn phases(raw: &[RawPhase], check: &mut Check) -> Option<Vec<Phase>> {
    let mut phases: Vec<Phase> = Vec::new();
    for (i, phase) in raw.iter().enumerate() {
        let path = format!("campaign.phases.{i}");
        let (from, to) = range(&path, &phase.from, &phase.to, check)?;
        if let Some(before) = phases.last().filter(|before| before.to >= from) {
            let problem = format!(
                "phase {} begins on {from}, but {} lasts until {}; phases must not overlap and come in order",
                phase.name, before.name, before.to
            );
            check.fail(&path, problem);
        }
        phases.push(Phase { name: phase.name.clone(), from, to });
    }
    Some(phases)
}
