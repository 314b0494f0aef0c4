//! The unit of a list without a column for it: its name stands in the file's name, its folder's, the sheet's or the title.

use std::path::Path;

use super::error::FileError;
use tongbao_config::settings::UnitFrom;
use tongbao_figures::inference::places::{NamedUnits, find};

/// A unit as the list names it: code and name.
pub(crate) type UnitInList = (String, String);

/// Where a table is, and what may name its unit there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TablePlace<'a> {
    pub from: Option<UnitFrom>,
    /// The sheet that is read, where there are several.
    pub sheet: Option<&'a str>,
    /// Units that may be named; `None` before they have been read.
    pub units: Option<&'a [UnitInList]>,
    /// Whether other tables are read with this one.
    pub is_one_of_many: bool,
}

impl TablePlace<'_> {
    /// The code of the unit that is named; `above` are the rows over the records.
    pub(crate) fn code(&self, path: &str, above: &[Vec<String>]) -> Result<Option<String>, FileError> {
        let Some(from) = self.from else { return Ok(None) };
        let text = match from {
            UnitFrom::FileName => stem(path),
            UnitFrom::FolderName => folder_name(path),
            UnitFrom::SheetName => self.sheet.unwrap_or_default().to_owned(),
            // The header is last, and names columns.
            UnitFrom::Title => {
                above.split_last().map(|(_, titles)| titles.concat().join(" ")).unwrap_or_default()
            }
        };
        let units = self.units.unwrap_or_default().iter().map(|(code, name)| (code.as_str(), name.as_str()));
        let place = match (from, self.sheet) {
            (UnitFrom::SheetName | UnitFrom::Title, Some(sheet)) if !path.ends_with(']') => {
                format!("{path}[{sheet}]")
            }
            _ => path.to_owned(),
        };
        match find(units, &text) {
            NamedUnits::One(code) => Ok(Some(code.to_owned())),
            NamedUnits::None => Err(FileError::NoUnitNamed { place, from: from.words() }),
            NamedUnits::Several(names) => {
                Err(FileError::SeveralUnitsNamed { place, from: from.words(), names: names.join(", ") })
            }
        }
    }
}

/// The name of the folder that a file is in.
pub(crate) fn folder_name(path: &str) -> String {
    let folder = Path::new(path).parent().and_then(Path::file_name);
    folder.unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of a file without its ending.
pub(crate) fn stem(path: &str) -> String {
    Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
