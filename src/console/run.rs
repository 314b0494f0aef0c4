//! One run: facts, figures, documents, and who got them.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::problem::ErrorPage;
use super::runs::{RunRow, row};
use super::table::TableView;
use super::words;
use crate::access::right::Right;
use crate::pipeline::Remade;
use crate::report::chart::Chart;
use crate::report::document::Table;
use crate::report::series::Series;
use crate::store::runs::Run;
use crate::store::states::{MailState, RunState};

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage<'a> {
    f: PageFrame,
    run: &'a Run,
    row: RunRow,
    facts: Vec<(String, String)>,
    held: &'a [String],
    /// `None` if the run cannot be made again, or its figures are others by now.
    figures: Option<RunFigures<'a>>,
    documents: Vec<DocumentLine>,
    mails: Vec<(MailState, &'static str, i64)>,
    may_decide: bool,
    sees_mails: bool,
    /// How many mails were refused, for who may send them again.
    dead: i64,
}

/// What the page shows of the figures.
pub(super) struct RunFigures<'a> {
    pub tables: Vec<TableView<'a>>,
    pub charts: Vec<ChartPicture>,
}

/// A chart of a run.
pub(super) struct ChartPicture {
    pub run: i64,
    /// Its name as an address has it.
    pub name: String,
    /// What it shows, for those who do not see it: the table next to it has the values.
    pub title: String,
}

/// A document of a run.
pub(super) struct DocumentLine {
    pub name: String,
    pub digest: String,
    pub kind: &'static str,
    pub draft: bool,
}

pub(super) async fn run(ask: Ask, Path(id): Path<i64>) -> Result<Response, ErrorPage> {
    let run = ask.run(id).await?;
    let store = &ask.console.store;
    let remade = ask.console.remade_if_kept(&run).await?;
    let figures = remade.as_deref().filter(|remade| remade.agrees);
    let figures = figures.map(|remade| {
        let mut tables = tables(&ask, remade, &["indicators"]);
        tables.extend(tables_with_units(&ask, remade, &["progress", "scores", "results"], run.id));
        tables.extend(self::tables(&ask, remade, &["fields", "relations"]));
        RunFigures {
            tables,
            charts: pictures(remade, run.id, &["trend", "bars", "unit_fields_heat", "unit_trends"]),
        }
    });
    let counts = store.mail_counts(id).await?;
    let dead = counts.iter().find(|(state, _)| *state == MailState::Dead).map_or(0, |(_, count)| *count);
    let mails = counts.into_iter().map(|(state, count)| {
        let label = words::mail_state(ask.language, state).0;
        (state, label, count)
    });
    page(&RunPage {
        f: ask.frame(row(&ask, &run).title),
        row: row(&ask, &run),
        facts: facts(&ask, &run),
        held: &run.held,
        figures,
        documents: documents(&ask, &run).await?,
        mails: mails.collect(),
        may_decide: run.is_waiting() && ask.may(Right::Decide),
        sees_mails: ask.may(Right::ReadMails),
        dead: if ask.may(Right::ChangeMails) { dead } else { 0 },
        run: &run,
    })
}

fn facts(ask: &Ask, run: &Run) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut fact = |chinese: &str, english: &str, text: String| {
        out.push((ask.say(chinese, english).to_owned(), text));
    };
    if let Some(number) = &run.number {
        fact("文号/期号", "Number", number.clone());
    }
    fact("统计期间", "Period", super::runs::period(ask, run));
    fact("数据提取", "Data pulled", ask.stored(&run.pulled_at));
    fact("编制时间", "Recorded", ask.stored(&run.recorded_at));
    fact("登记记录", "Records", run.records.to_string());
    if let Some(slot) = &run.slot {
        fact("计划时刻", "Due", ask.stored(slot));
    } else {
        fact("来由", "Made", ask.say("临时编制（非计划）", "on request, not by schedule").to_owned());
    }
    if let Some(late) = &run.late_since {
        fact("应出时间", "Late since", ask.stored(late));
    }
    if let (Some(by), Some(at)) = (&run.decided_by, &run.decided_at) {
        let english = if run.state == RunState::Rejected { "Rejected" } else { "Signed off" };
        let chinese = if run.state == RunState::Rejected { "退回" } else { "签发" };
        fact(chinese, english, format!("{by}  {}", ask.stored(at)));
    }
    if let Some(why) = &run.why {
        fact("退回理由", "Reason", why.clone());
    }
    out
}

/// Tables of a run that are there and have rows.
pub(super) fn tables<'a>(ask: &Ask, remade: &'a Remade, names: &[&str]) -> Vec<TableView<'a>> {
    named(remade, names)
        .into_iter()
        .map(|(name, table)| TableView::new(table, caption(ask, name), ask.language))
        .collect()
}

/// The same, each unit leading to its page.
pub(super) fn tables_with_units<'a>(
    ask: &Ask,
    remade: &'a Remade,
    names: &[&str],
    run: i64,
) -> Vec<TableView<'a>> {
    // Of the tables that show all units the first is enough.
    let found = named(remade, names).into_iter().take(1);
    found
        .map(|(name, table)| TableView::new(table, caption(ask, name), ask.language).with_units(run))
        .collect()
}

fn named<'a, 'n>(remade: &'a Remade, names: &[&'n str]) -> Vec<(&'n str, &'a Table)> {
    let find = |name: &&'n str| match remade.composition.series.get(*name) {
        Some(Series::Table(table)) if !table.rows.is_empty() => Some((*name, table)),
        _ => None,
    };
    names.iter().filter_map(find).collect()
}

fn caption<'a>(ask: &Ask, name: &'a str) -> &'a str {
    match name {
        "indicators" => ask.say("总体进度", "Overall"),
        "progress" | "scores" | "results" => ask.say("各单位进度", "Units"),
        "fields" => ask.say("字段缺失", "Missing fields"),
        "relations" => ask.say("逻辑关系不符", "Failed relations"),
        "definitions" => ask.say("各项指标的含义", "What each figure means"),
        other => other,
    }
}

/// Charts of a run that are there and show something.
pub(super) fn pictures(remade: &Remade, run: i64, names: &[&str]) -> Vec<ChartPicture> {
    let find = |name: &&str| match remade.composition.series.get(*name) {
        Some(Series::Chart(chart)) if !is_empty(chart) => {
            let title = crate::layout::chart::title(chart).to_owned();
            Some(ChartPicture { run, name: (*name).replace(' ', "~"), title })
        }
        _ => None,
    };
    names.iter().filter_map(find).collect()
}

fn is_empty(chart: &Chart) -> bool {
    match chart {
        Chart::Bars(chart) => chart.bars.is_empty(),
        Chart::Trend(chart) => chart.periods.len() < 2,
        Chart::Multiples(chart) => chart.panels.is_empty(),
        Chart::Heat(chart) => chart.rows.is_empty(),
    }
}

/// Documents of a run: the released ones, and its drafts for those who may read them.
pub(super) async fn documents(ask: &Ask, run: &Run) -> Result<Vec<DocumentLine>, ErrorPage> {
    let rows = ask.console.store.document_rows(run.id).await?;
    let is_shown = |draft: bool| !draft || ask.may(Right::ReadDrafts);
    let line = |row: crate::store::listing::DocumentRow| DocumentLine {
        kind: match row.content_type.as_str() {
            "application/pdf" => "PDF",
            "text/csv" => "CSV",
            kind if kind.ends_with("wordprocessingml.document") => "Word",
            _ => "Excel",
        },
        name: row.name,
        digest: row.sha256,
        draft: row.draft,
    };
    Ok(rows.into_iter().filter(|row| is_shown(row.draft)).map(line).collect())
}
