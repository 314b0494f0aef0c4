//! `/healthz` and `/metrics`: what a person or a machine sees of the daemon from outside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tracing::info;

use super::metrics;
use super::status::{DaemonState, Status};
use crate::clock::Clock;
use crate::schedule::clock_guard::ClockReading;
use crate::store::Store;
use crate::store::state_counts::StateCounts;
use crate::web_server::{self, ClientLimits, WebServer};

/// A loop that has not come round for so long hangs.
const SILENCE: SignedDuration = SignedDuration::from_mins(1);

/// A store that takes longer to count hangs.
const STORE_WAITS: Duration = Duration::from_secs(5);

/// What is needed to answer for the daemon.
#[derive(Debug, Clone)]
pub struct HealthState {
    /// What the daemon shows of itself.
    pub status: Arc<Status>,
    /// Where the counts come from.
    pub store: Store,
    /// What time it is, also in tests.
    pub clock: Clock,
    /// A slot without its run for so long is overdue.
    pub overdue_after: SignedDuration,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthPage {
    /// HTTP status.
    pub code: u16,
    /// With its character set.
    pub content_type: &'static str,
    /// The text of the page.
    pub body: String,
}

impl HealthPage {
    fn new(code: u16, content_type: &'static str, body: String) -> HealthPage {
        HealthPage { code, content_type, body }
    }

    fn text(code: u16, body: String) -> HealthPage {
        HealthPage::new(code, "text/plain; charset=utf-8", body)
    }

    fn json(code: u16, body: &Value) -> HealthPage {
        HealthPage::new(code, "application/json", format!("{body:#}\n"))
    }
}

impl IntoResponse for HealthPage {
    fn into_response(self) -> Response {
        let code = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [(header::CONTENT_TYPE, self.content_type), (header::CACHE_CONTROL, "no-store")];
        let mut response = (code, headers, self.body).into_response();
        if code == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

/// A monitor asks once a connection; 64 of them at once are many.
fn limits() -> ClientLimits {
    ClientLimits {
        certificate: None,
        connections: 64,
        per_address: 64,
        shared: Arc::new(|_| true),
        keep_alive: false,
        longest: Duration::from_secs(10),
    }
}

/// Listens on a loopback address.
pub async fn open(watch: HealthState, address: SocketAddr) -> Result<WebServer, String> {
    let router = Router::new().fallback(page).with_state(watch);
    let failed = |error| format!("cannot listen on {address}: {error}; change [daemon] listen");
    let listener = web_server::listen(address).await.map_err(failed)?;
    let door = web_server::open(listener, router, limits()).map_err(failed)?;
    info!(address = %door.address, "health and metrics are served");
    Ok(door)
}

async fn page(State(watch): State<HealthState>, request: Request) -> HealthPage {
    match *request.method() {
        Method::GET | Method::HEAD => watch.answer(request.uri().path()).await,
        _ => HealthPage::text(405, "only GET is answered\n".to_owned()),
    }
}

impl HealthState {
    /// The page at a path.
    pub async fn answer(&self, path: &str) -> HealthPage {
        match path {
            "/healthz" => {
                let reading = self.clock.reading();
                let (is_well, body) = judge(&self.status.shown(), &self.state_counts().await, reading);
                HealthPage::json(if is_well { 200 } else { 503 }, &body)
            }
            "/metrics" => match self.state_counts().await {
                Ok(state_counts) => match metrics::text(&self.status, &state_counts, self.clock.now()) {
                    Ok(text) => HealthPage::new(200, metrics::CONTENT_TYPE, text),
                    Err(problem) => {
                        HealthPage::text(500, format!("the metrics cannot be written: {problem}\n"))
                    }
                },
                Err(problem) => HealthPage::text(503, format!("{problem}\n")),
            },
            _ => HealthPage::text(404, "there are /healthz and /metrics\n".to_owned()),
        }
    }

    async fn state_counts(&self) -> Result<StateCounts, String> {
        let state_counts = self.store.state_counts(self.clock.now(), self.overdue_after);
        match tokio::time::timeout(STORE_WAITS, state_counts).await {
            Ok(Ok(state_counts)) => Ok(state_counts),
            Ok(Err(problem)) => Err(problem.to_string()),
            Err(_) => Err(format!("the state database does not answer within {STORE_WAITS:?}")),
        }
    }
}

/// Whether all is well, and the page that says so or why not. A daemon that stands by is well.
pub fn judge(
    shown: &DaemonState,
    state_counts: &Result<StateCounts, String>,
    reading: ClockReading,
) -> (bool, Value) {
    let mut reasons = Vec::new();
    match shown.last_tick {
        None => reasons.push("the loop has not come round yet".to_owned()),
        // The steady clock judges: a wall clock that is set must not make a daemon look dead.
        Some(tick) if reading.steady - tick.steady > SILENCE => {
            reasons.push(format!("the loop has been silent since {}", tick.wall))
        }
        Some(_) => {}
    }
    if let Some(problem) = &shown.queue_stopped {
        reasons.push(format!("the mail queue has stopped: {problem}"));
    }
    if let Some(problem) = &shown.queue_away {
        reasons.push(format!("mails have been waiting for a while: {problem}"));
    }
    if let Ok(StateCounts { dead_alerts: 1.., .. }) = state_counts {
        reasons.push("alerts could not be delivered; see: tongbao outbox --state dead".to_owned());
    }
    match state_counts {
        Ok(state_counts) if state_counts.overdue > 0 => {
            reasons.push(format!("slots overdue: {}; see: tongbao runs --slots", state_counts.overdue))
        }
        Ok(_) => {}
        Err(problem) => reasons.push(problem.clone()),
    }
    let mut status = if reasons.is_empty() { "ok" } else { "failing" };
    if shown.clock_is_doubted {
        status = if reasons.is_empty() { "clock" } else { status };
        let text = "the clock does not agree with the time that has passed; slots wait until it has run evenly \
                    for daemon.clock_settle; is it right?";
        reasons.push(text.to_owned());
    }
    let is_well = reasons.is_empty();
    let page = json!({
        "status": status,
        "reasons": reasons,
        "version": env!("CARGO_PKG_VERSION"),
        "holds_lease": shown.holds_lease,
        "last_tick": shown.last_tick.map(|tick| tick.wall.to_string()),
        "runs_under_way": shown.busy,
        "slots": state_counts.as_ref().map(|state_counts| &state_counts.slots).ok(),
        "runs": state_counts.as_ref().map(|state_counts| &state_counts.runs).ok(),
        "mails": state_counts.as_ref().map(|state_counts| &state_counts.mails).ok(),
    });
    (is_well, page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn reading(seconds: i64) -> ClockReading {
        ClockReading { wall: Timestamp::UNIX_EPOCH, steady: SignedDuration::from_secs(seconds), boot: 0 }
    }

    fn shown(last_tick: Option<ClockReading>) -> DaemonState {
        DaemonState { last_tick, ..DaemonState::default() }
    }

    #[test]
    fn a_loop_that_comes_round_is_well() {
        let (is_well, page) = judge(&shown(Some(reading(100))), &Ok(StateCounts::default()), reading(160));
        assert!(is_well && page["status"] == "ok" && page["reasons"] == json!([]), "{page}");
    }

    #[test]
    fn a_doubted_clock_has_a_status_of_its_own() {
        let shown = DaemonState { clock_is_doubted: true, ..shown(Some(reading(100))) };
        let (is_well, page) = judge(&shown, &Ok(StateCounts::default()), reading(100));
        assert!(!is_well && page["status"] == "clock", "{page}");
        let overdue = StateCounts { overdue: 1, ..StateCounts::default() };
        assert_eq!(judge(&shown, &Ok(overdue), reading(100)).1["status"], "failing");
    }

    #[test]
    fn every_trouble_has_its_reason() {
        let well = || shown(Some(reading(100)));
        let overdue = StateCounts { overdue: 2, ..StateCounts::default() };
        let stopped = DaemonState { queue_stopped: Some("535 at AUTH".into()), ..well() };
        let away = DaemonState { queue_away: Some("cannot be reached".into()), ..well() };
        let unheard = StateCounts { dead_alerts: 1, ..StateCounts::default() };
        for (shown, state_counts, at, reason) in [
            (shown(None), Ok(StateCounts::default()), 0, "not come round yet"),
            (well(), Ok(StateCounts::default()), 161, "silent since 1970-01-01T00:00:00Z"),
            (well(), Ok(overdue), 100, "slots overdue: 2"),
            (well(), Err("the disk is gone".to_owned()), 100, "the disk is gone"),
            (stopped, Ok(StateCounts::default()), 100, "queue has stopped: 535 at AUTH"),
            (away, Ok(StateCounts::default()), 100, "waiting for a while: cannot be reached"),
            (well(), Ok(unheard), 100, "alerts could not be delivered"),
        ] {
            let (is_well, page) = judge(&shown, &state_counts, reading(at));
            let reasons = page["reasons"].as_array().unwrap();
            assert!(!is_well && page["status"] == "failing" && reasons.len() == 1, "{page}");
            assert!(reasons[0].as_str().unwrap().contains(reason), "{page}");
        }
    }
}
