//! The templates the program carries, and those of the user's own folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::TemplateError;

/// Where names and texts of all templates are gathered, by path below the templates folder.
pub(super) type TemplateFiles = BTreeMap<String, String>;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../report_templates/", $name)))),*]
    };
}

/// A file of the same name in the templates folder replaces one of these.
const BUILT_IN: &[(&str, &str)] = &embedded![
    "frame.html.tera",
    "exceeding.md.tera",
    "failing_rates.md.tera",
    "honours.md.tera",
    "honours_title.md.tera",
    "meter.html.tera",
    "place.html.tera",
    "places.html.tera",
    "places.md.tera",
    "quality.md.tera",
    "rate.html.tera",
    "silent.md.tera",
    "open_demands.md.tera",
    "other_rates.md.tera",
    "subject_rates.tera",
    "supply.md.tera",
    "summary.html.tera",
    "summary.txt.tera",
    "summary_subject.tera",
    "tied.html.tera",
    "units.md.tera",
    "acceptance/document.md.tera",
    "acceptance/email_body.html.tera",
    "acceptance/email_body.txt.tera",
    "acceptance/email_subject.tera",
    "bulletin/document.md.tera",
    "bulletin/email_subject.tera",
    "en/exceeding.md.tera",
    "en/failing_rates.md.tera",
    "en/honours.md.tera",
    "en/honours_title.md.tera",
    "en/places.md.tera",
    "en/quality.md.tera",
    "en/silent.md.tera",
    "en/open_demands.md.tera",
    "en/other_rates.md.tera",
    "en/subject_rates.tera",
    "en/supply.md.tera",
    "en/units.md.tera",
    "en/summary/document.md.tera",
    "en/summary.html.tera",
    "en/summary.txt.tera",
    "en/summary_subject.tera",
    "ranking/document.md.tera",
    "summary/document.md.tera",
    "ranking/email_subject.tera",
    "unit/document.md.tera",
    "unit/email_body.html.tera",
    "unit/email_body.txt.tera",
    "unit/email_subject.tera",
    "en/unit/document.md.tera",
    "en/unit/email_body.html.tera",
    "en/unit/email_body.txt.tera",
    "en/unit/email_subject.tera",
    "en/acceptance/document.md.tera",
    "en/acceptance/email_body.html.tera",
    "en/acceptance/email_body.txt.tera",
    "en/acceptance/email_subject.tera",
    "en/bulletin/document.md.tera",
    "en/bulletin/email_subject.tera",
    "en/ranking/document.md.tera",
    "en/ranking/email_subject.tera",
];

/// The built-in templates and those below `dir`, which need not exist.
pub(super) fn gather(dir: &Path) -> Result<TemplateFiles, TemplateError> {
    let mut files: TemplateFiles =
        BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), text.replace("\r\n", "\n"))).collect();
    if dir.is_dir() {
        read_folder(dir, "", 2, &mut files)?;
    }
    Ok(files)
}

/// Reads the `.tera` files of a folder and of folders down to `depth` below it.
fn read_folder(dir: &Path, prefix: &str, depth: u8, files: &mut TemplateFiles) -> Result<(), TemplateError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| TemplateError::Read { path, source }
    };
    for entry in std::fs::read_dir(dir).map_err(failed(dir))? {
        let path = entry.map_err(failed(dir))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() && depth > 0 {
            read_folder(&path, &format!("{prefix}{name}/"), depth - 1, files)?;
        } else if name.ends_with(".tera") {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            files.insert(format!("{prefix}{name}"), text.replace("\r\n", "\n"));
        }
    }
    Ok(())
}
