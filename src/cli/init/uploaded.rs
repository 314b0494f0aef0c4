//! Lists that come from a page of the console instead of a path: looked at in the same way, answered by a form.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tongbao_message::{Message, Worded, message};

use jiff::Timestamp;

use super::super::check;
use super::super::language::CommandLanguage;
use super::draft::ConfigDraft;
use super::tables::NamedRoster;
use super::{places, preset, print, take_column};
use crate::config;
use crate::config::settings::{self, DatabaseUrl, FileForm, FontSettings, Settings};
use crate::console::first::{
    Answers, Bulletin, Finding, Lists, MadeBulletin, PARTS, Reporting, SeenLists, SeenPart, SeenRole,
    SeenTable, TableChoice, UploadReader, Working,
};
use crate::inference::columns::{UNIT, identity_of, roles_of};
use crate::inference::head_counts::head_counts;
use crate::inference::levels;
use crate::inference::names::InferredRole;
use crate::inference::tables::{InferredTable, NamedTables, TableMatch, copies, guess, known_units};
use crate::pipeline::Engine;
use crate::source::survey::{RegisterSurvey, survey};

/// The report that is made for a look.
const REPORT: &str = "weekly";

/// Where the configuration would be, next to the folders of the lists.
const FILE: &str = "tongbao.toml";

/// Looks at uploaded lists and makes a bulletin of them with the fonts and templates of a configuration.
pub fn reader(settings: &Settings) -> Arc<dyn UploadReader> {
    Arc::new(LookStyle { fonts: settings.fonts.clone(), templates_dir: settings.templates_dir.clone() })
}

#[derive(Clone)]
struct LookStyle {
    fonts: FontSettings,
    templates_dir: PathBuf,
}

impl UploadReader for LookStyle {
    fn look(&self, folder: PathBuf, language: settings::ReportLanguage) -> Working<Arc<dyn Lists>> {
        let (style, language) = (self.clone(), of_page(language));
        Box::pin(async move {
            let (mut seen, mut given) = (RegisterSurvey::default(), Vec::new());
            for part in PARTS {
                let (from, place) = (seen.tables.len(), folder.join(part));
                if place.is_dir() {
                    let url = DatabaseUrl::new(format!("file:{}", place.display()));
                    let looked = survey(&url).await.map_err(|problem| nearby(&folder, &problem))?;
                    seen.extend(looked);
                }
                given.push(from..seen.tables.len());
            }
            let forms = seen.places.iter().map(|place| place.form.clone()).collect();
            let looked = Looked { survey: Mutex::new(seen), forms, given, folder, language, style };
            Ok(Arc::new(looked) as Arc<dyn Lists>)
        })
    }
}

fn of_page(language: settings::ReportLanguage) -> CommandLanguage {
    match language {
        settings::ReportLanguage::Chinese => CommandLanguage::Chinese,
        settings::ReportLanguage::English => CommandLanguage::English,
    }
}

/// A message in which the lists are named as they were uploaded.
fn nearby(folder: &std::path::Path, problem: &impl Worded) -> Message {
    let folder = format!("{}/", folder.display());
    problem.message().with_texts(&|text| text.replace(&folder, ""))
}

struct Looked {
    /// Holds sampled rows, which are persons.
    survey: Mutex<RegisterSurvey>,
    /// How the lists are read, before anything was guessed of their units.
    forms: Vec<FileForm>,
    /// Tables of each part.
    given: Vec<Range<usize>>,
    folder: PathBuf,
    language: CommandLanguage,
    style: LookStyle,
}

/// Everything that is guessed under some answers.
struct Guessed {
    guess: InferredTable,
    rosters: Vec<NamedRoster>,
    kinds: BTreeMap<String, String>,
    unknown_kinds: Vec<String>,
}

impl Looked {
    fn survey(&self) -> MutexGuard<'_, RegisterSurvey> {
        self.survey.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn guess(&self, seen: &mut RegisterSurvey, answers: &Answers) -> Result<Guessed, Message> {
        seen.places.iter_mut().zip(&self.forms).for_each(|(place, form)| place.form = form.clone());
        let meant = |part: usize| match answers.tables[part] {
            TableChoice::Table(table) => Some(vec![table]),
            TableChoice::Nothing => Some(Vec::new()),
            // A register may come with the other lists in one workbook.
            TableChoice::Best if part == 0 || self.given[part].is_empty() => None,
            TableChoice::Best => Some(self.given[part].clone().collect()),
        };
        let named = NamedTables {
            register: meant(0),
            units: meant(1),
            roster: meant(2),
            preset: preset::named(&answers.preset),
        };
        let is_there =
            |tables: &Option<Vec<usize>>| tables.iter().flatten().all(|at| *at < seen.tables.len());
        if ![&named.register, &named.units, &named.roster].into_iter().all(is_there) {
            return Err(message!("the-form-names-a-table-that"));
        }
        let mut guess = guess(&seen.tables, &named);
        places::name_units(seen, &mut guess, &named);
        let codes = known_units(&seen.tables, &guess);
        for (part, key, column) in &answers.columns {
            let found = [&mut guess.register, &mut guess.units, &mut guess.roster].into_iter().nth(*part);
            let role = roles(*part, guess.preset).into_iter().find(|role| print::key(*role) == key);
            let (Some(Some(found)), Some(role)) = (found, role) else { continue };
            let table = &seen.tables[found.table];
            let column = column.filter(|at| *at < table.columns.len());
            take_column(found, table, role, column, codes.as_ref());
        }
        let is_copy = |found: &TableMatch| copies(&seen.tables, &guess).contains(&found.table);
        let rosters =
            guess.roster.clone().map(|found| NamedRoster { label: None, is_copy: is_copy(&found), found });
        if rosters.is_none() {
            guess.baseline = head_counts(&seen.tables, &guess, None);
        }
        let (mut kinds, mut unknown_kinds) = (BTreeMap::new(), Vec::new());
        if let Some(units) = &guess.units {
            (kinds, unknown_kinds) = levels::kinds(&seen.tables[units.table], units);
            let is_asked = |code: &String| unknown_kinds.contains(code);
            kinds.extend(
                answers.kinds.iter().filter(|(code, word)| is_asked(code) && !word.is_empty()).cloned(),
            );
        }
        Ok(Guessed { guess, rosters: rosters.into_iter().collect(), kinds, unknown_kinds })
    }

    /// The configuration under some answers.
    fn text(&self, answers: &Answers) -> Result<String, Message> {
        let mut seen = self.survey();
        let guessed = self.guess(&mut seen, answers)?;
        if let Some(problem) = lacking(&guessed.guess) {
            return Err(problem);
        }
        let draft = ConfigDraft {
            language: self.language,
            secret_file: None,
            folder: self.folder.clone(),
            ca_file: None,
            allow_plain_text: None,
            tables: &seen.tables,
            places: &seen.places,
            guess: &guessed.guess,
            rosters: &guessed.rosters,
            kinds: guessed.kinds,
            name: answers.name.clone(),
            issuer: answers.issuer.clone(),
            days: answers.days,
            mail: None,
            recipients: Vec::new(),
        };
        let note = message!("the-lists-are-read-from-the");
        Ok(format!("{}\n{}", draft.note(note), draft.text()))
    }
}

/// What no figure can do without.
fn lacking(guess: &InferredTable) -> Option<Message> {
    let Some(register) = &guess.register else {
        let text = message!("no-list-looks-like-a-register");
        return Some(text);
    };
    if guess.preset.is_some() && register.column(identity_of(guess.preset)).is_none() {
        return Some(message!("no-column-distinguishes-records"));
    }
    if register.column(InferredRole::Unit).is_none() && !guess.named_by_place.contains(&register.table) {
        return Some(message!("no-column-of-the-register-says"));
    }
    if guess.units.is_none() {
        return Some(message!("there-is-no-list-of-the"));
    }
    None
}

fn roles(part: usize, preset: Option<&str>) -> Vec<InferredRole> {
    match part {
        0 => roles_of(preset),
        1 => UNIT.to_vec(),
        _ => vec![InferredRole::Unit, identity_of(preset)],
    }
}

impl Lists for Looked {
    fn seen(&self, answers: &Answers) -> Result<SeenLists, Message> {
        let mut survey = self.survey();
        let guessed = self.guess(&mut survey, answers)?;
        let Guessed { guess, rosters, .. } = &guessed;
        let tables = survey.tables.iter().map(|table| SeenTable {
            name: table.name.clone(),
            rows: table.rows.unwrap_or(table.sample.len() as u64),
            columns: table.columns.clone(),
        });
        let found = [guess.register.as_ref(), guess.units.as_ref(), guess.roster.as_ref()];
        let parts = found.into_iter().enumerate().map(|(part, found)| self.part(part, found, &survey, guess));
        let unread = survey.unread.iter();
        let mut remarks: Vec<Message> = unread
            .map(|(table, reason)| nearby(&self.folder, &message!("table-is-left-out", table, reason)))
            .collect();
        // What only a flag of the command can change is no help on a page.
        let all_remarks = print::remarks(&survey, guess, rosters);
        remarks.extend(all_remarks.into_iter().filter(|remark| !remark.to_string().contains("--")));
        Ok(SeenLists {
            tables: tables.collect(),
            parts: parts.collect(),
            kinds: guessed.unknown_kinds.clone(),
            remarks,
            problem: lacking(guess),
        })
    }

    fn make(&self, answers: &Answers, now: Timestamp, progress: Reporting) -> Working<MadeBulletin> {
        let (text, folder, style) = (self.text(answers), self.folder.clone(), self.style.clone());
        Box::pin(async move {
            let configuration = text?;
            let file = folder.join(FILE).display().to_string();
            let loaded = config::parse(&file, &configuration, &BTreeMap::new())
                .map_err(|problem| nearby(&folder, &problem))?;
            let mut settings = loaded.settings;
            (settings.fonts, settings.templates_dir) = (style.fonts, style.templates_dir);
            let engine = Engine::for_figures(settings).map_err(|problem| problem.message())?;
            let today = now.to_zoned(engine.settings.campaign.time_zone.clone()).date();
            let mut lines = check::of_lists(&engine.settings, engine.fonts().ok(), today).await;
            let bulletin = match engine.first_pull(REPORT, now, progress).await {
                Ok(snapshot) => {
                    lines.extend(check::of_register(&engine.settings, &snapshot));
                    bulletin(&engine, &snapshot, now).await
                }
                Err(problem) => Err(problem.message()),
            };
            let plain = |text: &Message| nearby(&folder, text);
            let finding = |line: check::CheckLine| Finding {
                level: line.level,
                what: line.what,
                text: plain(&line.text),
            };
            Ok(MadeBulletin {
                configuration,
                findings: lines.into_iter().map(finding).collect(),
                bulletin: bulletin.map_err(|problem| plain(&problem)),
            })
        })
    }
}

async fn bulletin(
    engine: &Engine,
    snapshot: &crate::ranking::snapshot::Snapshot,
    now: Timestamp,
) -> Result<Bulletin, Message> {
    let remade = engine.first_report(REPORT, snapshot, now).await.map_err(|problem| problem.message())?;
    let printed = engine.printed(&remade).map_err(|problem| problem.message())?;
    let pages = engine.images(&printed).map_err(|problem| problem.message())?;
    Ok(Bulletin { remade, pages, pdf: printed.pdf })
}

impl Looked {
    fn part(
        &self,
        part: usize,
        found: Option<&TableMatch>,
        seen: &RegisterSurvey,
        guess: &InferredTable,
    ) -> SeenPart {
        let role = |role: &InferredRole| {
            let choice = found.and_then(|found| found.column(*role));
            let why = choice.map(|choice| {
                let mut why = print::why(self.language, choice.evidence);
                if let (Some(rival), Some(found)) = (choice.rival, found) {
                    let name = &seen.tables[found.table].columns[rival];
                    let also = self.language.say(message!("also-possible", name));
                    why = if why.is_empty() { also } else { format!("{why}; {also}") };
                }
                why
            });
            let labels = guess.preset.and_then(|preset| preset::label_of(preset, *role));
            SeenRole {
                label: labels.map_or(String::new(), |[chinese, english]| match self.language {
                    CommandLanguage::Chinese => chinese,
                    CommandLanguage::English => english,
                }),
                key: print::key(*role),
                column: choice.map(|choice| choice.column),
                confidence: choice.map_or("", |choice| print::confidence(choice.confidence)),
                why: why.unwrap_or_default(),
            }
        };
        SeenPart {
            table: found.map(|found| found.table),
            confidence: found.map_or("", |found| print::confidence(found.confidence)),
            names_unit: found.is_some_and(|found| guess.named_by_place.contains(&found.table)),
            roles: match found {
                Some(_) => roles(part, guess.preset).iter().map(role).collect(),
                None => Vec::new(),
            },
        }
    }
}
