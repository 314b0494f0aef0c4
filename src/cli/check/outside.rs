//! What is looked at outside this machine: the database with its lists, and the mail server.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tongbao_message::{Message, message};

use super::findings::{CheckFindings, shortened};
use super::glyphs;
use crate::config::settings::Settings;
use crate::pipeline;
use crate::register::unit::{Unit, Units};
use crate::render::fonts::FontSet;
use crate::source::{Source, SourceError};

/// Whether the register can be read.
pub(super) async fn outside(
    settings: &Settings,
    fonts: Option<&FontSet>,
    today: Date,
    findings: &mut CheckFindings,
) -> bool {
    let before = findings.errors();
    findings.looking_at(message!("database"));
    let opened = Source::open(&settings.source).await;
    findings.away |= opened.as_ref().err().is_some_and(|error| error.is_unavailable());
    if let Some(mut source) = findings.add(message!("database"), opened) {
        if let Some((engine, shortcomings)) = source.engine() {
            if let Some(line) = findings.lines.last_mut() {
                line.text = Message::text(engine);
            }
            shortcomings.into_iter().for_each(|text| findings.warning(message!("database"), text));
        }
        for (part, result) in source.check().await {
            if let Some(found) = findings.add(part, result)
                && let Some(line) = findings.lines.last_mut()
            {
                line.text = found;
            }
        }
        let units = source.units().await;
        let aliases = &settings.source.units.aliases;
        let units = units.and_then(|units| match units.is_empty() {
            true => Err(SourceError::NoUnits),
            false => Ok(Units::at(units, today)?.with_aliases(aliases)?),
        });
        if let Some(units) = findings.add(message!("units-2"), units) {
            if let Some(line) = findings.lines.last_mut() {
                line.text = unit_tree(&units);
            }
            let levels: BTreeSet<u32> = units.from_above().map(|unit| units.level(unit)).collect();
            if settings.ranking.level.is_none() && levels.len() > 1 {
                let text = message!("units-on-levels-are-ranked-together", levels = levels.len());
                findings.warning(message!("ranking-level"), text);
            }
            let unknown = settings.ranking.unknown_exceptions(&units);
            if !unknown.is_empty() {
                let text = message!("no-such-unit-to-leave-out", names = shortened(&unknown));
                findings.warning(message!("ranking-except"), text);
            }
            let nameless = nameless(&units);
            if !nameless.is_empty() {
                let (count, listed) = (nameless.len(), shortened(&nameless));
                findings.warning(message!("unit-names"), message!("units-have-no-name", count, listed));
            }
            if let Some(there) = settings.ranking.lacks_units(&units) {
                findings.add(message!("ranking-level"), Err::<(), _>(SourceError::NoUnitsOfLevel(there)));
            }
            if let Some((kind, there)) = settings.indicators.kind_without_units(&units) {
                findings
                    .add(message!("kinds-of-unit"), Err::<(), _>(SourceError::no_units_of_kind(kind, there)));
            }
            if let Some(fonts) = fonts {
                let names = units.list().iter().map(|unit| (unit.code.as_str(), unit.name.as_str()));
                findings.add(message!("glyphs-of-unit-names"), glyphs(names, fonts));
            }
            findings.add(message!("units-of-recipients"), answered_for(settings, &units));
        }
    }
    let readable = findings.errors() == before;
    match pipeline::transport(settings) {
        Some(transport) => {
            findings.looking_at(message!("mail-server"));
            let result = transport.check().await;
            findings.away |= result.as_ref().err().is_some_and(|error| error.is_unavailable());
            findings.add(message!("mail-server"), result);
            transport.close().await;
        }
        None => {
            let text = message!("no-smtp-reports-are-recorded-but");
            findings.warning(message!("mail-server"), text);
        }
    }
    readable
}

/// How many units there are, of which kinds, how they stand in the tree, and which have ended.
fn unit_tree(units: &Units) -> Message {
    let kinds: BTreeSet<&str> = units.list().iter().map(|unit| unit.kind.as_str()).collect();
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
    let mut parts = vec![message!("units", count = units.len(), kinds)];
    let mut levels: BTreeMap<u32, usize> = BTreeMap::new();
    units.from_above().for_each(|unit| *levels.entry(units.level(unit)).or_default() += 1);
    if levels.len() > 1 {
        let levels: Vec<String> = levels.values().map(usize::to_string).collect();
        parts.push(message!("on-levels-from-above", levels = levels.join(", ")));
    }
    let unknown = units.unknown_parents();
    if !unknown.is_empty() {
        parts.push(message!("at-the-top-for-their-parents", codes = unknown.join(", ")));
    }
    let lost: Vec<&str> =
        units.successions().iter().filter(|s| s.successor.is_none()).map(|s| s.code.as_str()).collect();
    if !lost.is_empty() {
        parts.push(message!("ended-without-a-valid-successor", codes = lost.join(", ")));
    }
    Message::joined(parts, "")
}

/// Units that are called like their codes, because the list names them not. Where names serve as codes, all is well.
fn nameless(units: &Units) -> Vec<&str> {
    let is_nameless = |unit: &&Unit| unit.name == unit.code && unit.code.is_ascii();
    units.list().iter().filter(is_nameless).map(|unit| unit.code.as_str()).collect()
}

/// Every unit that a recipient answers for exists: a wrong code would get no page and no list.
fn answered_for(settings: &Settings, units: &Units) -> Result<(), Message> {
    let members = settings.recipients.values().flatten();
    let told = |code: &str| match units.position(code) {
        Some(heir) => message!("which-counts-for-now", code, heir = units.list()[heir as usize].code),
        None => Message::text(code),
    };
    let wrong: Vec<Message> = members
        .filter_map(|member| Some((member, member.unit.as_deref()?)))
        .filter(|(_, code)| units.own_position(code).is_none())
        .map(|(member, code)| message!("named-unit", name = member.name, unit = told(code)))
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(message!("no-such-unit-in-source-units", names = Message::joined(wrong, ", "))),
    }
}
