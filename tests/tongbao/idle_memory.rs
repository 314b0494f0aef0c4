//! What is left of a register in the memory of a daemon that has read it.

use std::collections::HashSet;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use crate::daemon::only;
use crate::support::process::Daemon;
use crate::support::setting::{self, configuration, sample};
use crate::time::faketime;

/// ID numbers of a sample register.
async fn id_numbers(dir: &Path) -> Vec<Vec<u8>> {
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let mut register = SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query("SELECT DISTINCT id_number FROM person WHERE length(id_number) = 18");
    let rows = rows.fetch_all(&mut register).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).map(String::into_bytes).collect()
}

/// All memory that a process has written to; `None` where the kernel lets nobody but root read it.
fn memory(process: u32) -> Option<Vec<Vec<u8>>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps"));
    let mut memory =
        match maps.and_then(|maps| Ok((maps, std::fs::File::open(format!("/proc/{process}/mem"))?))) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return None,
            Err(error) => panic!("{error}"),
        };
    let mut regions = Vec::new();
    for line in memory.0.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [from, to] = [from, to].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        memory.1.seek(SeekFrom::Start(from)).unwrap();
        // Pages of devices cannot be read.
        if memory.1.read_exact(&mut bytes).is_ok() {
            regions.push(bytes);
        }
    }
    Some(regions)
}

#[tokio::test]
async fn no_id_number_stays_in_an_idle_daemon() {
    let dir = tempfile::tempdir().unwrap();
    let url = sample(dir.path(), 2_000);
    let text = only("0 9 * * *")(configuration(&url, dir.path()))
        .replace("[daemon]", "[daemon]\nlisten = \"127.0.0.1:0\"");
    setting::write(dir.path(), &text);
    let numbers = id_numbers(dir.path()).await;
    assert!(numbers.len() > 1_000, "{}", numbers.len());
    let library = faketime();
    let environment = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME", "@2016-06-20 00:59:57"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("TZ", "UTC"),
    ];
    let mut daemon = Daemon::start(dir.path(), &environment);
    daemon.wait_for("the state is copied");
    let Some(regions) = memory(daemon.id()) else { return };
    assert!(regions.iter().map(Vec::len).sum::<usize>() > 10_000_000, "the memory was read");
    let wanted: HashSet<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
    let found: HashSet<&[u8]> = regions
        .iter()
        .flat_map(|region| region.windows(18))
        .filter(|bytes| bytes[0].is_ascii_digit() && bytes[1].is_ascii_digit() && wanted.contains(bytes))
        .collect();
    assert_eq!(found.len(), 0, "of {}", numbers.len());
    assert!(daemon.stop().success());
}
