//! The daemon as a process of its own, with its log and its health page, stopped when dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::setting;

/// The program beside this one that has what tests run as processes of their own (tests/tongbao/children.rs).
pub fn child() -> Command {
    let own = std::env::current_exe().unwrap();
    let path = own.parent().unwrap().with_file_name("examples").join("children");
    assert!(
        path.exists(),
        "cargo makes it for all tests together; for one alone, run: cargo build --examples"
    );
    Command::new(path)
}

pub struct Daemon {
    process: Child,
    log: Arc<Mutex<Vec<String>>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Daemon {
    /// Starts it on `tongbao.toml` of a folder, with a log of JSON lines.
    pub fn start(dir: &Path, environment: &[(&str, &str)]) -> Daemon {
        let mut process = Command::new(setting::program())
            .current_dir(dir)
            .args(["--config", "tongbao.toml", "--log-format", "json", "-vv", "daemon"])
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::<Mutex<Vec<String>>>::default();
        let (lines, into) = (BufReader::new(process.stderr.take().unwrap()).lines(), log.clone());
        let reader = std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| into.lock().unwrap().push(line));
        });
        Daemon { process, log, reader: Some(reader) }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Waits until a line of the log has a text, and returns the line.
    pub fn wait_for(&self, text: &str) -> Value {
        let found = until(&format!("the log to have {text:?}"), || {
            self.log().into_iter().find(|line| line.contains(text))
        });
        serde_json::from_str(&found).unwrap_or_else(|error| panic!("{error}: {found}"))
    }

    /// What its page answers: code and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    /// Code and body of the answer to some bytes.
    pub fn ask(&self, request: &str) -> (u16, String) {
        let address = self.wait_for("health and metrics are served")["address"].as_str().unwrap().to_owned();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    pub fn health(&self) -> (u16, Value) {
        let (code, body) = self.get("/healthz");
        (code, serde_json::from_str(&body).unwrap())
    }

    /// Waits until the loop has come round so many times more. The configuration has it listen.
    pub fn rounds(&self, count: usize) {
        let mut last = self.health().1["last_tick"].clone();
        for _ in 0..count {
            last = until("the loop to come round", || {
                let now = self.health().1["last_tick"].clone();
                (now != last).then_some(now)
            });
        }
    }

    /// SIGTERM, and what it ends with.
    pub fn stop(&mut self) -> ExitStatus {
        self.terminate();
        self.wait()
    }

    /// SIGTERM alone.
    pub fn terminate(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn wait(&mut self) -> ExitStatus {
        let status = until("the daemon to end", || self.process.try_wait().unwrap());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks again and again until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
