//! Checks the campaign and its phases.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tongbao_message::{Message, message};

use super::Check;
use crate::raw::{RawCampaign, RawDate, RawPhase, RawSignature};
use crate::settings::{Campaign, Phase, ReportLanguage};
use crate::{exact_values, key_positions};
use tongbao_base::one_line::one_line;

pub(super) fn campaign(raw: &RawCampaign, check: &mut Check) -> Option<Campaign> {
    for (path, text) in [("campaign.name", &raw.name), ("campaign.issuer", &raw.issuer)] {
        if text.trim().is_empty() {
            check.fail(path, message!("is-blank"));
        }
    }
    check.permit("campaign.name", [raw.name.as_str()]);
    let time_zone = TimeZone::get(&raw.time_zone).map_err(|_| unknown_zone(&raw.time_zone));
    let time_zone = check.keep("campaign.time_zone", time_zone);
    let phases = phases(&raw.phases, check);
    Some(Campaign {
        name: one_line(&raw.name),
        title: raw.name.trim().replace('\n', "\u{2028}"),
        issuer: raw.issuer.trim().to_owned(),
        number_prefix: raw.number_prefix.clone(),
        addressee: addressee(raw).trim().trim_end_matches(['：', ':']).to_owned(),
        copy_to: raw.copy_to.clone(),
        area: filled(&raw.area).unwrap_or_else(|| area_of(&raw.issuer).to_owned()),
        leading_group: filled(&raw.leading_group),
        register_name: filled(&raw.register_name),
        assessment: filled(&raw.assessment),
        closing: raw.closing.as_ref().map(|closing| closing.trim().to_owned()),
        co_issuers: raw.co_issuers.iter().filter_map(|name| filled(&Some(name.clone()))).collect(),
        seal: raw.signature == RawSignature::Seal,
        basis: raw.basis.clone(),
        time_zone: time_zone?,
        time_zone_name: raw.time_zone.clone(),
        language: raw.language,
        phases: phases?,
    })
}

/// Whom documents address; by default all units, in the language of the campaign.
fn addressee(raw: &RawCampaign) -> &str {
    raw.addressee.as_deref().unwrap_or(match raw.language {
        ReportLanguage::Chinese => "各村、社区，各有关部门",
        ReportLanguage::English => "All villages and communities, all departments concerned",
    })
}

fn filled(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What all units of an office are called, by the smallest division in its name; blank without one.
fn area_of(issuer: &str) -> &'static str {
    let divisions = [
        ("社区", "全社区"),
        ("街", "全街"),
        ("镇", "全镇"),
        ("乡", "全乡"),
        ("县", "全县"),
        ("区", "全区"),
        ("市", "全市"),
        ("省", "全省"),
    ];
    let is_named =
        |division: &str| issuer.match_indices(division).any(|(at, _)| is_division(issuer, at, division));
    divisions.into_iter().find(|(division, _)| is_named(division)).map_or("", |(_, area)| area)
}

/// Whether a word of the name is a division and no part of another's name (镇江市, 景德镇市, 市场).
fn is_division(issuer: &str, at: usize, division: &str) -> bool {
    let before = issuer[..at].chars().next_back();
    let after = issuer[at + division.len()..].chars().next();
    let ends_a_name = before.is_some_and(|before| !"省市区县".contains(before));
    let begins_another = matches!(division, "镇" | "乡") && after.is_some_and(|after| "市县".contains(after));
    ends_a_name && !begins_another
}

fn unknown_zone(name: &str) -> Message {
    let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let meant = key_positions::nearest(name, zones.iter().map(String::as_str));
    let meant = meant.map(|name| message!("meant", name));
    message!("there-is-no-time-zone", name, meant)
}

pub(super) fn range(path: &str, from: &RawDate, to: &RawDate, check: &mut Check) -> Option<(Date, Date)> {
    let from = check.keep(path, exact_values::day(from))?;
    let to = check.keep(path, exact_values::day(to))?;
    if from > to {
        check.fail(path, message!("is-after-exchange-from-and-to", from, to));
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
            let problem = message!(
                "phase-begins-on-but-lasts-until",
                next = phase.name,
                from,
                before = before.name,
                to = before.to
            );
            check.fail(&path, problem);
        }
        phases.push(Phase { name: phase.name.clone(), from, to });
    }
    Some(phases)
}

#[cfg(test)]
mod tests {
    use super::area_of;

    #[test]
    fn an_area_is_that_of_the_smallest_division_of_the_issuer() {
        let areas = [
            ("荔城街道办事处", "全街"),
            ("广州市增城区荔城街道来穗人员服务管理领导小组办公室", "全街"),
            ("荔城街办事处", "全街"),
            ("派潭镇人民政府", "全镇"),
            ("荔枝社区居民委员会", "全社区"),
            ("增城区市场监督管理局", "全区"),
            ("新乡县人民政府", "全县"),
            ("景德镇市统计局", "全市"),
            ("江苏省镇江市统计局", "全市"),
            ("湖南省湘乡市统计局", "全市"),
            ("广东省统计局", "全省"),
            ("新塘电子有限公司", ""),
            ("Licheng Sub-district Office", ""),
        ];
        for (issuer, area) in areas {
            assert_eq!(area_of(issuer), area, "{issuer}");
        }
    }
}
