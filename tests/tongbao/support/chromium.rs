//! Real browsers: Debian's Chromium, and the oldest one that the console serves.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Where `scripts/setup.sh test` puts the rules of accessibility and the oldest browser.
const KEPT: &str = "/usr/local/lib/tongbao-test/browser";

/// A browser.
pub struct Chromium {
    program: String,
    /// What its name and version hold.
    product: &'static str,
}

pub fn current() -> Chromium {
    Chromium { program: "/usr/bin/chromium".into(), product: "Chrome/" }
}

/// Chromium 79; `None`, said aloud, where there is none for this machine or it could not be fetched.
pub fn oldest() -> Option<Chromium> {
    let program = format!("{KEPT}/chromium-79");
    if Path::new(&program).exists() {
        return Some(Chromium { program, product: "HeadlessChrome/79." });
    }
    assert!(is_out_of_reach() || std::env::consts::ARCH != "x86_64", "run scripts/setup.sh test");
    say("Chromium 79 is not there: the pages of the console were NOT opened in it");
    None
}

/// The file of axe-core; `None`, said aloud, where it could not be fetched.
pub fn axe() -> Option<String> {
    let file = format!("{KEPT}/axe.min.js");
    if Path::new(&file).exists() {
        return Some(file);
    }
    assert!(is_out_of_reach(), "run scripts/setup.sh test");
    say("axe is not there: the pages of the console were NOT compared with the rules of WCAG");
    None
}

/// Whether the set-up has tried and could not reach npm.
fn is_out_of_reach() -> bool {
    Path::new(KEPT).join("unreachable").exists()
}

/// Past the test runner, which keeps what a passing test prints to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "tests: {text}; run scripts/setup.sh test with a network");
}

impl Chromium {
    /// Runs a script of `tests/browser` with a plan; its answers, a line of JSON each.
    pub fn runs(&self, script: &str, plan: Value) -> Vec<Value> {
        let mut lines = Vec::new();
        self.follows(script, plan, |line| lines.push(line));
        lines
    }

    /// The same, each answer as soon as it is there.
    pub fn follows(&self, script: &str, mut plan: Value, mut take: impl FnMut(Value)) {
        plan["program"] = json!(self.program);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), plan.to_string()).unwrap();
        let script = format!("{}/tests/browser/{script}", env!("CARGO_MANIFEST_DIR"));
        let mut node = Command::new("node");
        node.arg(script).arg(file.path()).stdout(Stdio::piped());
        let mut node = node.spawn().expect("node is there after: scripts/setup.sh test");
        let lines = BufReader::new(node.stdout.take().unwrap()).lines();
        let mut answers = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        // The first names the browser.
        let browser = answers.next().map_or(String::new(), |line| line["browser"].to_string());
        answers.for_each(&mut take);
        assert!(node.wait().unwrap().success(), "{browser}: the script has failed");
        assert!(browser.contains(self.product), "{browser} is not {}", self.product);
    }
}
