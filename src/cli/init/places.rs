//! Lists without a column for the unit: a file or sheet per village, whose name or title says which.

use crate::config::settings::UnitFrom;
use crate::inference::names::InferredRole;
use crate::inference::tables::{InferredTable, NamedTables, roster, units_by_names};
use crate::source::survey::RegisterSurvey;

/// Where a unit may be named, the surest first.
const PLACES: [UnitFrom; 4] =
    [UnitFrom::SheetName, UnitFrom::FileName, UnitFrom::FolderName, UnitFrom::Title];
/// Share of the parts of a list, in per cent, that must name a unit.
const ENOUGH: u32 = 60;

/// Finds the lists whose place names the unit, and the unit list by those names where no column led to one.
pub(crate) fn name_units(seen: &mut RegisterSurvey, guess: &mut InferredTable, named: &NamedTables) {
    let Some(register) = &guess.register else { return };
    let is_lacking = register.column(InferredRole::Unit).is_none();
    let register = register.table;
    for at in 0..seen.tables.len() {
        let is_known = guess.units.as_ref().is_some_and(|units| units.table == at);
        if is_known || seen.places[at].url.file().is_none() || at == register && !is_lacking {
            continue;
        }
        let list = match &guess.units {
            Some(units) if at != register => Some(vec![units.table]),
            _ => named.units.clone(),
        };
        let texts = |from: UnitFrom| -> Vec<String> {
            let members = seen.places[at].members();
            members
                .into_iter()
                .map(|member| match from {
                    UnitFrom::SheetName => member.sheet,
                    UnitFrom::FileName => member.file,
                    UnitFrom::FolderName => member.folder,
                    UnitFrom::Title => member.title,
                })
                .collect()
        };
        let judged = PLACES.iter().filter_map(|from| {
            let texts = texts(*from);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (units, share) = units_by_names(&seen.tables, &texts, list.as_deref())?;
            (share >= ENOUGH).then_some((share, *from, units))
        });
        // The first of equals is the surest.
        let best = judged.reduce(|best, other| if other.0 > best.0 { other } else { best });
        let Some((_, from, units)) = best else { continue };
        if at == register {
            guess.units = Some(units);
        }
        seen.places[at].form.unit = Some(from);
        guess.named_by_place.push(at);
    }
    guess.roster = roster(&seen.tables, guess, named.roster.as_deref());
}
