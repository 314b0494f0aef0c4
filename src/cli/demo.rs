//! `demo`: the whole job on the embedded default, without any server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use tongbao_message::message;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::failure::CommandFailure;
use super::progress::PullProgress;
use super::run::{writable, write_documents};
use super::{Context, league, print, sample, serve};
use crate::clock::Clock;
use crate::config;
use crate::config::settings::{DatabaseUrl, ReportLanguage};
use crate::daemon::stop_signal;
use crate::delivery::permit::Permit;
use crate::delivery::transport::Transport;
use crate::delivery::trial_server::{TakenMail, TrialServer};
use crate::pipeline::{self, Engine, Request, RunOutcome, Sender};
use crate::report::series::Sources;
use crate::schedule::slot::Slot;
use crate::source::sample::SamplePlan;
use crate::store::Store;
use crate::store::claims::Claimant;
use crate::store::slots::{Claim, SlotKey};

#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// Folder for everything the demo makes.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    out: PathBuf,
    /// Persons in the sample register.
    #[arg(long, default_value_t = 50_000)]
    persons: u64,
    /// The same seed makes the same register.
    #[arg(long, default_value_t = 52)]
    seed: u64,
    /// Only a mail server for trials: it keeps every mail below the folder and sends nothing on, until it
    /// is stopped.
    #[arg(long, conflicts_with_all = ["persons", "seed"])]
    mail: bool,
    /// Afterwards the web console over the demo's campaign, with an account of each role, until it is stopped.
    #[arg(long, conflicts_with = "mail")]
    serve: bool,
    /// Port of the mail server (2525) or of the console (8470); 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
}

const CONFIGURATION: &str = include_str!("../../config/tongbao.toml");

/// The unit that the account `unit` answers for.
const A_VILLAGE: &str = "440118001203";

/// The schedule of the demo: two bulletins, so that the second has something to compare with, then
/// the ranking and the acceptance at the end of the campaign. Report, day it is due, and whether its
/// documents are kept; the 简报 count their issues, the 公文 have the numbers that an office gives them.
const DUE: [(&str, Date, bool, Option<&str>); 5] = [
    ("weekly", date(2016, 6, 6), false, None),
    ("weekly", date(2016, 6, 13), true, None),
    ("ranking", date(2016, 6, 6), false, Some("60")),
    ("ranking", date(2016, 7, 1), true, Some("61")),
    ("acceptance", date(2016, 7, 8), true, Some("62")),
];

pub(super) async fn execute(
    context: &Context,
    arguments: &DemoArguments,
) -> Result<ExitCode, CommandFailure> {
    let out = &arguments.out;
    writable(out)?;
    if arguments.mail {
        return mail_server(context, arguments.port.unwrap_or(2525), &out.join("mails")).await;
    }
    clear(out)?;
    let register = out.join("register.db");
    let url = DatabaseUrl::new(format!("sqlite:{}", register.display()));
    let plan = SamplePlan { persons: arguments.persons, seed: arguments.seed, ..SamplePlan::default() };
    sample::write(&url, &plan, context.quiet).await?;
    let mut settings =
        config::parse("the demo's configuration", CONFIGURATION, &Default::default())?.settings;
    settings.source.url = url;
    settings.state_dir = out.join("state");
    let engine = Engine::new(settings)?;
    let store = Store::open(&engine.settings.state_dir).await?;
    let transport = Transport::Directory(out.join("mails"));
    let accounts = match arguments.serve {
        true => serve::accounts(&store, A_VILLAGE, &just_after()).await?,
        false => Vec::new(),
    };
    let mut last = None;
    for (report, due, is_kept, number) in DUE {
        let request = due_request(&engine, report, due, number, !is_kept);
        let bar = PullProgress::new(context.quiet);
        let outcome = engine.run(Some(&store), &request, nine(due), |p| bar.update(p)).await?;
        if is_kept {
            write_documents(out, &outcome.documents)?;
            let (presence, permit) = (store.announce()?, Permit::unlimited());
            let by = Claimant { id: presence.id(), token: None };
            let sender = Sender { by, permit: &permit, run: outcome.run, alone: &[] };
            pipeline::dispatch(&engine, &store, &transport, sender, &Clock::Fixed(nine(due))).await?;
            if !context.quiet {
                outcome
                    .documents
                    .iter()
                    .for_each(|file| context.note(message!("wrote", path = out.join(&file.name).display())));
            }
            last = Some(outcome);
        }
    }
    if arguments.serve {
        // A draft for the leader: a 公文 without a number waits for one.
        let request =
            Request { claim: None, ..due_request(&engine, "ranking", date(2016, 7, 8), None, false) };
        engine.run(Some(&store), &request, nine(date(2016, 7, 8)), |_| {}).await?;
    }
    store.close().await;
    if !context.quiet {
        context.note(message!("wrote-the-mails-below", path = out.join("mails").display()));
    }
    if let Some(outcome) = last {
        print_league(&engine, &outcome)?;
    }
    if arguments.serve {
        let (transport, port) = (Transport::Directory(out.join("mails")), arguments.port.unwrap_or(8470));
        return serve::demo(context, engine, just_after(), transport, (accounts, port)).await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes mails and names each, until SIGTERM or Ctrl-C.
async fn mail_server(context: &Context, port: u16, folder: &Path) -> Result<ExitCode, CommandFailure> {
    let failed = |error| CommandFailure::Failed(message!("the-mail-server-for-trials-cannot", port, error));
    let server = TrialServer::bind(port, folder).await.map_err(failed)?;
    let port = server.port().map_err(failed)?;
    let place = folder.display();
    context.say_line(message!("a-mail-server-for-trials-listens", port, place))?;
    let (taken, mut mails) = mpsc::channel::<TakenMail>(16);
    let serving = server.serve(taken);
    tokio::pin!(serving);
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return Ok(ExitCode::SUCCESS),
            ended = &mut serving => return ended.map(|()| ExitCode::SUCCESS).map_err(failed),
            Some(TakenMail { to, file }) = mails.recv() => {
                context.say_line(message!("a-mail-to-kept-as", to, file = file.display()))?;
            }
        }
    }
}

/// A report as the daemon would have run it on that day, with its number.
fn due_request(engine: &Engine, report: &str, due: Date, number: Option<&str>, no_send: bool) -> Request {
    let yesterday = due.yesterday().unwrap_or(due);
    let slot = Slot { instant: nine(due), nominal: due.at(9, 0, 0, 0) };
    let zone = &engine.settings.campaign.time_zone_name;
    let is_weekly = report == "weekly";
    let from = if is_weekly { yesterday.checked_sub(jiff::Span::new().days(6)).ok() } else { None };
    Request {
        report: report.to_owned(),
        number: number.map(str::to_owned),
        from,
        to: Some(yesterday),
        claim: Some(Claim { key: SlotKey::new(report, &slot, zone), slot, token: None }),
        no_send,
        ..Request::default()
    }
}

/// The machine's clock, set back to the morning on which the campaign was accepted.
fn just_after() -> Clock {
    let by = nine(date(2016, 7, 8)).duration_since(Clock::System.now()).as_millis() as i64 + 600_000;
    Clock::Shifted(Arc::new(AtomicI64::new(by)))
}

/// Nine in the morning in Guangzhou.
fn nine(day: Date) -> Timestamp {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    let zoned = day.at(9, 0, 0, 0).to_zoned(zone);
    zoned.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// Removes what an earlier demo made, and nothing else.
fn clear(out: &Path) -> Result<(), CommandFailure> {
    let failed =
        |error: std::io::Error| CommandFailure::Failed(message!("cannot-clear", path = out.display(), error));
    for name in ["state", "mails"] {
        let folder = out.join(name);
        if folder.is_dir() {
            std::fs::remove_dir_all(folder).map_err(failed)?;
        }
    }
    for name in ["register.db", "register.db-wal", "register.db-shm"] {
        let file = out.join(name);
        if file.is_file() {
            std::fs::remove_file(file).map_err(failed)?;
        }
    }
    Ok(())
}

fn print_league(engine: &Engine, outcome: &RunOutcome) -> Result<(), CommandFailure> {
    let sources = Sources {
        results: &outcome.results,
        indicators: &engine.settings.indicators,
        scoring: &engine.settings.scoring,
        ranking: &engine.settings.ranking,
        trend: &[],
        is_round: false,
        language: ReportLanguage::Chinese,
    };
    print(&league::text(&league::table(sources, "ranking")))
}
