//! The pages of the first bulletin: upload, mapping, and what came of it.

use std::sync::Arc;
use tongbao_message::{Language, Message};

use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;
use tracing::info;

use super::drafts::{Draft, Stage};
use super::held::FileLine;
use super::mapping::{PartView, answers, back, views};
use super::upload::{Upload, too_many};
use super::{Answers, Bulletin, Finding, MadeBulletin, SeenLists, words};
use crate::console::ask::{Ask, PageFrame, page, see};
use crate::console::documents;
use crate::console::form::{Fields, query};
use crate::console::problem::ErrorPage;
use crate::console::run::tables;
use crate::console::table::TableView;
use crate::console::viewer::page_of;
use crate::digest::sha256;
use crate::store::uploads::UploadStep;
use crate::{whole_file, work};

const HOME: &str = "/first";

/// Folder of the state that the configurations are written to.
const FOLDER: &str = "first-bulletin";

/// What the files are called when they are fetched.
const CONFIGURATION: &str = "tongbao.toml";
const BULLETIN: &str = "bulletin.pdf";

#[derive(Template)]
#[template(path = "first_upload.html")]
struct UploadPage {
    f: PageFrame,
    parts: [(&'static str, &'static str); 3],
}

#[derive(Template)]
#[template(path = "first_wait.html")]
struct WaitPage {
    f: PageFrame,
    top: Top,
    /// Records read and expected; `None` while the lists are only looked at.
    records: Option<(u64, Option<u64>)>,
}

#[derive(Template)]
#[template(path = "first_mapping.html")]
struct MappingPage {
    f: PageFrame,
    top: Top,
    id: String,
    parts: Vec<PartView>,
    /// How many of their roles want a person's look.
    unsure: usize,
    /// What a register may list, and what this one does.
    subjects: [(&'static str, &'static str); 4],
    preset: String,
    kinds: Vec<(String, String)>,
    remarks: Vec<String>,
    problem: Option<String>,
    name: String,
    issuer: String,
    from: String,
    to: String,
}

#[derive(Template)]
#[template(path = "first_made.html")]
struct MadePage<'a> {
    f: PageFrame,
    top: Top,
    id: String,
    problem: Option<String>,
    findings: Vec<FindingRow>,
    fine: Vec<FindingRow>,
    figures: Vec<TableView<'a>>,
    pages: Vec<usize>,
    written: Option<String>,
}

/// What stands above every page: the lists, and until when they are kept.
struct Top {
    files: Vec<(&'static str, FileLine)>,
    has_lists: bool,
    until: String,
}

struct FindingRow {
    level: &'static str,
    class: &'static str,
    what: String,
    text: String,
}

impl Ask {
    /// The first bulletin of this person, if there is one.
    async fn first(&self) -> Result<Option<Arc<Draft>>, ErrorPage> {
        self.console.forget_old().await;
        Ok(self.console.0.drafts.of(self.person()?.id))
    }

    /// The one that a form or address is about.
    async fn this_first(&self, id: &str) -> Result<Arc<Draft>, ErrorPage> {
        self.first().await?.filter(|draft| draft.id == id).ok_or_else(gone)
    }

    fn top(&self, draft: &Draft, has_lists: bool) -> Top {
        let part = |name: &str| super::PARTS.iter().position(|part| *part == name).unwrap_or(0);
        let line = |line: &FileLine| (words::part(self.language, part(line.part)), line.clone());
        Top { files: draft.files.iter().map(line).collect(), has_lists, until: self.instant(draft.until) }
    }
}

fn gone() -> ErrorPage {
    ErrorPage::conflict(
        "名单已删除，或已换成另一次上传。请重新开始。",
        "The lists have been deleted, or others were uploaded since. Begin again.",
    )
    .with_link(HOME.into(), "重新开始", "Begin again")
}

pub(in crate::console) async fn shown(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    let mut query = query(uri.query())?;
    let step = query.take("step");
    query.end()?;
    let Some(draft) = ask.first().await? else { return upload_page(&ask) };
    let (stage, has_lists, records, seen, answers, made, written) = {
        let state = draft.state();
        let (stage, has_lists) = (state.stage.clone(), state.held.is_some());
        let (seen, answers, made) = (state.seen.clone(), state.answers.clone(), state.made.clone());
        (stage, has_lists, state.records, seen, answers, made, state.written.clone())
    };
    let top = ask.top(&draft, has_lists);
    match (stage, made) {
        (Stage::Looking, _) => wait(&ask, top, None),
        (Stage::Making, _) => wait(&ask, top, Some(records)),
        (Stage::Unreadable(problem), _) => {
            let made =
                MadeBulletin { configuration: String::new(), findings: Vec::new(), bulletin: Err(problem) };
            made_page(&ask, &draft, top, &made, None)
        }
        (Stage::Made, Some(made)) if !(step == "mapping" && has_lists) => {
            made_page(&ask, &draft, top, &made, written)
        }
        _ => mapping_page(&ask, &draft, top, &seen, &answers),
    }
}

fn upload_page(ask: &Ask) -> Result<Response, ErrorPage> {
    let f = ask.frame(ask.say("首期通报", "First bulletin"));
    let part = |at: usize| (super::PARTS[at], words::part(ask.language, at));
    page(&UploadPage { f, parts: [part(0), part(1), part(2)] })
}

fn wait(ask: &Ask, top: Top, records: Option<(u64, Option<u64>)>) -> Result<Response, ErrorPage> {
    page(&WaitPage { f: ask.frame(ask.say("首期通报", "First bulletin")), top, records })
}

fn mapping_page(
    ask: &Ask,
    draft: &Draft,
    top: Top,
    seen: &SeenLists,
    answers: &Answers,
) -> Result<Response, ErrorPage> {
    let campaign = &ask.console.engine.settings.campaign;
    let usual =
        campaign.phases.first().zip(campaign.phases.last()).map(|(first, last)| (first.from, last.to));
    let days = answers.days.or(usual);
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let word =
        |code: &String| answers.kinds.iter().find(|(known, _)| known == code).map(|(_, word)| word.clone());
    let parts = views(ask.language, seen);
    page(&MappingPage {
        f: ask.frame(ask.say("首期通报：核对各列", "First bulletin: columns")),
        top,
        id: draft.id.clone(),
        unsure: parts.iter().flat_map(|part| &part.roles).filter(|role| role.class == "wait").count(),
        parts,
        subjects: words::subjects(ask.language),
        preset: answers.preset.clone(),
        kinds: seen.kinds.iter().map(|code| (code.clone(), word(code).unwrap_or_default())).collect(),
        remarks: seen.remarks.iter().map(|remark| ask.message(remark)).collect(),
        problem: seen.problem.as_ref().map(|problem| ask.message(problem)),
        name: or(&answers.name, &ask.campaign_name()),
        issuer: or(&answers.issuer, &campaign.issuer),
        from: days.map(|(from, _)| from.to_string()).unwrap_or_default(),
        to: days.map(|(_, to)| to.to_string()).unwrap_or_default(),
    })
}

fn made_page(
    ask: &Ask,
    draft: &Draft,
    top: Top,
    made: &MadeBulletin,
    written: Option<String>,
) -> Result<Response, ErrorPage> {
    let row = |finding: &Finding| {
        let (level, class) = words::level(ask.language, finding.level);
        FindingRow { level, class, what: ask.message(&finding.what), text: ask.message(&finding.text) }
    };
    let (fine, findings): (Vec<_>, Vec<_>) = made.findings.iter().partition(|finding| finding.level == "ok");
    let bulletin = made.bulletin.as_ref().ok();
    page(&MadePage {
        f: ask.frame(ask.say("首期通报：结果", "First bulletin: result")),
        top,
        id: draft.id.clone(),
        problem: made.bulletin.as_ref().err().map(|problem| ask.message(problem)),
        findings: findings.into_iter().map(row).collect(),
        fine: fine.into_iter().map(row).collect(),
        figures: bulletin
            .map(|made| tables(ask, &made.remade, &["indicators", "results"]))
            .unwrap_or_default(),
        pages: bulletin.map(|made| (1..=made.pages.len()).collect()).unwrap_or_default(),
        written,
    })
}

/// Takes an upload and begins to look at it.
pub(in crate::console) async fn begin(
    ask: Ask,
    upload: Upload,
    fields: Fields,
) -> Result<Response, ErrorPage> {
    fields.end()?;
    let held = upload.take().ok_or_else(ErrorPage::bad_form)?;
    let (folder, owner) = (held.folder().to_owned(), ask.person()?.id);
    let draft = Draft::new(owner, held, ask.now).map_err(|problem| ErrorPage::inside(&problem))?;
    let bytes: u64 = draft.files.iter().map(|file| file.bytes).sum();
    let detail = json!({ "files": draft.files.len(), "bytes": bytes });
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.note_upload(&draft.id, UploadStep::Taken, detail, ask.now).await?;
    let id = draft.id.clone();
    let Some((draft, earlier)) = ask.console.0.drafts.add(draft) else {
        store.note_upload(&id, UploadStep::Deleted, json!({}), ask.now).await?;
        return Err(too_many());
    };
    if let Some(earlier) = earlier {
        ask.console.forget(&earlier, &ask.actor()?, ask.now).await;
    }
    info!(person = ask.person()?.name, upload = draft.id, bytes, "lists were uploaded");
    let looking = ask.console.first.look(folder, ask.language);
    ask.console.look_at(&draft, looking);
    Ok(see(HOME))
}

/// Takes the mapping as a person has corrected it, and makes the bulletin if that was asked for.
pub(in crate::console) async fn change(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let (id, what) = (fields.take("id"), fields.take("do"));
    let draft = ask.this_first(&id).await?;
    let (lists, answers) = {
        let state = draft.state();
        let lists = state.lists.clone().ok_or_else(gone)?;
        if !matches!(state.stage, Stage::Mapped | Stage::Made) {
            return Ok(see(HOME));
        }
        (lists, answers(&mut fields, &state)?)
    };
    fields.end()?;
    let given = answers.clone();
    let seen = work::block(move || lists.seen(&given)).await.map_err(|problem| back(refused(&problem)))?;
    let problem = seen.problem.clone();
    {
        let mut state = draft.state();
        state.answers = answers.clone();
        state.seen = Arc::new(seen);
        state.stage = Stage::Mapped;
    }
    if what != "make" {
        return Ok(see("/first?step=mapping"));
    }
    if let Some(problem) = problem {
        return Err(back(refused(&problem)));
    }
    if answers.name.is_empty() || answers.issuer.is_empty() || answers.days.is_none() {
        return Err(back(ErrorPage::refused(
            "请填写活动名称、发文机关和活动起止日期。",
            "Give the name of the campaign, the office that signs, and the days of the campaign.",
        )));
    }
    ask.console.make_first(&draft, ask.now);
    Ok(see(HOME))
}

fn refused(problem: &Message) -> ErrorPage {
    ErrorPage::refused(problem.worded(Language::Chinese), problem.to_string())
}

impl Ask {
    /// What was made, for its owner.
    async fn made(&self) -> Result<Arc<MadeBulletin>, ErrorPage> {
        let draft = self.first().await?.ok_or_else(ErrorPage::not_found)?;
        let made = draft.state().made.clone();
        made.ok_or_else(ErrorPage::not_found)
    }
}

/// `3.svg`: the third page.
pub(in crate::console) async fn page_image(
    ask: Ask,
    Path(name): Path<String>,
) -> Result<Response, ErrorPage> {
    let made = ask.made().await?;
    let pages = made.bulletin.as_ref().map(|made| made.pages.as_slice());
    page_of(pages.unwrap_or_default(), &name)
}

/// The bulletin or the configuration as a file.
pub(in crate::console) async fn file(ask: Ask, Path(name): Path<String>) -> Result<Response, ErrorPage> {
    let made = ask.made().await?;
    match (name.as_str(), &made.bulletin) {
        (BULLETIN, Ok(Bulletin { pdf, .. })) => documents::file(BULLETIN, "application/pdf", pdf.clone()),
        (CONFIGURATION, _) if !made.configuration.is_empty() => documents::file(
            CONFIGURATION,
            "text/plain; charset=utf-8",
            made.configuration.clone().into_bytes(),
        ),
        _ => Err(ErrorPage::not_found()),
    }
}

/// Writes the configuration and deletes the lists.
pub(in crate::console) async fn finish(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let id = fields.take("id");
    fields.end()?;
    let draft = ask.this_first(&id).await?;
    let made = draft.state().made.clone().ok_or_else(ErrorPage::not_found)?;
    if made.bulletin.is_err() {
        return Err(back(ErrorPage::conflict(
            "还没有编成通报，不能写出配置。",
            "There is no bulletin yet, so no configuration is written.",
        )));
    }
    let name = format!("tongbao-{}.toml", &draft.id[..8]);
    let path = ask.console.engine.settings.state_dir.join(FOLDER).join(&name);
    let (to, text) = (path.clone(), made.configuration.clone());
    let written = work::block(move || whole_file::write(&to, text.as_bytes(), 0o600));
    written.await.map_err(|problem| ErrorPage::inside(&problem))?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    let detail = json!({ "sha256": sha256(made.configuration.as_bytes()) });
    store.note_upload(&draft.id, UploadStep::Configured, detail, ask.now).await?;
    draft.state().written = Some(path.display().to_string());
    ask.console.delete(&draft, &ask.actor()?, ask.now).await;
    info!(person = ask.person()?.name, upload = draft.id, "a configuration was written");
    Ok(see(HOME))
}

/// Deletes the lists, and all that came of them.
pub(in crate::console) async fn discard(ask: Ask, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    if let Some(draft) = ask.first().await? {
        ask.console.forget(&draft, &ask.actor()?, ask.now).await;
    }
    Ok(see(HOME))
}
