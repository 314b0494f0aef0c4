//! After a restore: what may have happened since the copy is neither done again nor taken for undone.

use tongbao::pipeline::ReleaseDecision;
use tongbao::store::requests::NewRequest;
use tongbao::store::restore::{Restored, restore};
use tongbao::store::states::{RequestState, RunState};

use crate::daemon::only;
use crate::support::office::{DAY, HOUR, MINUTE, Office, live};

/// Copies the state.
async fn copy(office: &Office) {
    office.store().await.backup(&office.dir.path().join("copy.tar"), office.now()).await.unwrap();
}

/// The state is lost, and comes back from the copy.
async fn lose(office: &Office) -> Restored {
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&office.dir.path().join("copy.tar"), &office.state(), office.now()).await.unwrap()
}

/// What was asked for in the copy may have been made and sent since.
#[tokio::test]
async fn a_request_of_the_copy_is_ended_and_not_run_again() {
    let office = Office::new("2016-06-13T02:00:00Z", only("0 9 * * *"));
    let request = NewRequest { report: "weekly", from: "2016-06-06", to: "2016-06-12", record_only: false };
    let store = office.store().await;
    let id = store.ask_for_run(&request, office.now()).await.unwrap();
    copy(&office).await;
    store.close().await;
    assert_eq!(lose(&office).await.requests, [id]);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!((office.runs().await.len(), office.mails().len()), (0, 0));
    let asked = office.store().await.request(id).await.unwrap();
    assert_eq!(asked.state, RequestState::Failed);
    assert!(asked.problem.unwrap().to_string().starts_with("restored from a copy"));
}

/// Number and comparison of the next bulletin would be those of one that may have gone out since the copy.
#[tokio::test]
async fn the_first_bulletin_after_a_restore_waits_until_a_person_has_compared_its_number() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    copy(&office).await;
    live(&office, &mut daemon, DAY * 2, MINUTE * 30).await;
    let numbers = |runs: Vec<tongbao::store::runs::Run>| -> Vec<Option<String>> {
        runs.into_iter().map(|run| run.number).collect()
    };
    let number = |n: u8| Some(format!("第{n}期"));
    assert_eq!(numbers(office.runs().await), [number(1), number(2), number(3)]);
    daemon.end().await;
    lose(&office).await;
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, MINUTE * 30).await;
    let held = office.runs().await.pop().unwrap();
    assert_eq!((held.state, held.number.as_deref()), (RunState::Held, None));
    assert!(held.held[0].contains("2016年6月7日"), "the eve of the last slot: {:?}", held.held);
    let decision = ReleaseDecision { by: "clerk".into(), number: number(4), ..ReleaseDecision::default() };
    let engine = office.engine();
    engine.approve(&office.store().await, &held, &decision, office.now()).await.unwrap();
    live(&office, &mut daemon, DAY, MINUTE * 30).await;
    let last = office.runs().await.pop().unwrap();
    assert_eq!((last.state, last.number), (RunState::Done, number(5)), "{:?}", last.held);
}
