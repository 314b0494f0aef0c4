//! `amend`: an office's own words in a held run.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongbao_message::message;

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::columns::{columns, local_text};
use super::complete;
use super::decide::person;
use super::failure::CommandFailure;
use super::run::{writable, write_documents};
use super::{Context, print, print_json};
use crate::config::settings::Campaign;
use crate::pipeline::Amending;
use crate::report::amendment::AmendedSection;
use crate::report::document::Align::{Left, Right};
use crate::store::amendments::{Amendment, in_force};

/// No text of a section is as large, in bytes.
const MOST: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct AmendArguments {
    /// Number of the held run.
    #[arg(value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    run: i64,
    /// List the sections, and which are amended.
    #[arg(long, conflicts_with_all = ["section", "text", "undo"], required_unless_present = "section")]
    list: bool,
    /// Section to amend: its number (五, 5; 0 is the opening) or its title.
    #[arg(long, value_name = "NAME")]
    section: Option<String>,
    /// File with the new text in UTF-8, one paragraph a line; - reads it from stdin.
    #[arg(long, value_name = "FILE", requires = "section", required_unless_present_any = ["undo", "list"])]
    text: Option<PathBuf>,
    /// Take the program's own words again.
    #[arg(long, requires = "section", conflicts_with = "text")]
    undo: bool,
    /// Who amends; the account of this machine if not given, as in the audit log.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Folder for the drafts with the new text.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &AmendArguments,
) -> Result<ExitCode, CommandFailure> {
    let engine = context.engine().await?;
    if let Some(out) = &arguments.out {
        writable(out)?;
    }
    let store = context.look(&engine.settings.state_dir).await?;
    let run = store.run(arguments.run).await?;
    let zone = &engine.settings.campaign.time_zone;
    let at_local_time = |error| CommandFailure::from(error).at_local_time(zone);
    let Some(section) = &arguments.section else {
        let sections = engine.sections(&store, &run).await.map_err(at_local_time)?;
        let history = store.amendments(run.id).await?;
        return list(context, &engine.settings.campaign, &sections, &history);
    };
    let text = arguments.text.as_deref().map(read).transpose()?;
    let asked = Amending { section: section.clone(), text, by: person(arguments.by.as_deref())? };
    let amended = engine.amend(&store, &run, &asked, context.clock.now()).await.map_err(at_local_time)?;
    store.close().await;
    if let Some(out) = &arguments.out {
        write_documents(out, &amended.documents)?;
    }
    let paths = amended.documents.iter().filter_map(|file| Some(arguments.out.as_ref()?.join(&file.name)));
    let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    let (id, label) = (run.id, amended.section.label());
    if context.is_json() {
        return print_json(
            &json!({ "run": id, "section": label, "undone": arguments.undo, "documents": paths }),
        );
    }
    let language = context.language;
    let mut text = match arguments.undo {
        true => language.line(message!("run-section-has-the-programs-own", id, label, by = asked.by)),
        false => language.line(message!("run-section-amended-by", id, label, by = asked.by)),
    };
    text.push_str(&paths.iter().map(|path| language.line(message!("wrote", path))).collect::<String>());
    text.push_str(&language.line(message!("release-it-with-tongbao-approve-the", id)));
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The new text of a section. A mark of the byte order is none of it.
fn read(file: &Path) -> Result<String, CommandFailure> {
    let shown = file.display();
    let failed = |error: std::io::Error| CommandFailure::Usage(message!("cannot-read-2", shown, error));
    let mut bytes = Vec::new();
    match file == Path::new("-") {
        true => std::io::stdin().take(MOST).read_to_end(&mut bytes).map_err(failed)?,
        false => {
            std::fs::File::open(file).map_err(failed)?.take(MOST).read_to_end(&mut bytes).map_err(failed)?
        }
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| CommandFailure::Usage(message!("is-not-utf-save-it-as", shown)))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn list(
    context: &Context,
    campaign: &Campaign,
    sections: &[AmendedSection],
    history: &[Amendment],
) -> Result<ExitCode, CommandFailure> {
    let in_force = in_force(history);
    let amendment =
        |section: &AmendedSection| in_force.iter().find(|amendment| amendment.section == section.title);
    if context.is_json() {
        let described = sections.iter().map(|section| {
            json!({
                "number": section.number,
                "title": section.title,
                "text": section.text,
                "tables": section.tables,
                "charts": section.charts,
                "amended": amendment(section).map(|amendment| json!({ "by": amendment.by, "at": amendment.at })),
            })
        });
        return print_json(&json!({ "sections": described.collect::<Vec<_>>(), "history": history }));
    }
    let language = context.language;
    let heads = [
        (message!("head-section"), Left),
        (message!("head-title"), Left),
        (message!("head-characters"), Right),
        (message!("head-tables"), Right),
        (message!("head-charts"), Right),
        (message!("head-amended"), Left),
    ];
    let row = |section: &AmendedSection| {
        let by = |amendment: &&Amendment| {
            format!("{} {}", amendment.by, local_text(&amendment.at, &campaign.time_zone))
        };
        let title = match section.title.is_empty() {
            true => language.say(message!("opening")),
            false => section.title.clone(),
        };
        vec![
            section.number.clone(),
            title,
            section.text.chars().filter(|c| !c.is_whitespace()).count().to_string(),
            section.tables.to_string(),
            section.charts.to_string(),
            amendment(section).map_or("-".to_owned(), by),
        ]
    };
    print(&columns(language, &heads, &sections.iter().map(row).collect::<Vec<_>>()))?;
    Ok(ExitCode::SUCCESS)
}
