//! What a person meets at a terminal: streams that are closed, colours, help, times and completions.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::setting::{self, configuration, sample};

/// A folder with a sample register, its configuration and one recorded run.
fn workplace() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let url = sample(dir.path(), 300);
    setting::write(dir.path(), &configuration(&url, dir.path()));
    let ran = setting::tongbao(
        dir.path(),
        &[
            "-q",
            "--config",
            "tongbao.toml",
            "run",
            "weekly",
            "--to",
            "2016-06-12",
            "--from",
            "2016-06-06",
            "--no-send",
        ],
    );
    assert!(ran.status.code().is_some_and(|code| [0, 3].contains(&code)), "{}", setting::stderr(&ran));
    dir
}

/// A pipe whose reader is gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let dir = workplace();
    for arguments in [
        "completions bash",
        "completions zsh",
        "completions fish",
        "check --offline",
        "check --offline --format json",
        "rates --to 2016-06-12",
        "rates --to 2016-06-12 --csv",
        "rates --to 2016-06-12 --format json",
        "help",
        "--help",
        "--help --lang zh",
        "help run",
        "--version",
        "man",
        "schema",
        "runs",
        "show 1",
        "verify",
        "verify --log",
    ] {
        let run = |stdout: Stdio, stderr: Stdio| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_tongbao"));
            command.current_dir(dir.path()).env("TONGBAO_CONFIG", "tongbao.toml").stdin(Stdio::null());
            command.args(arguments.split(' ')).stdout(stdout).stderr(stderr).output().unwrap()
        };
        let read = run(Stdio::piped(), Stdio::piped());
        assert!(!read.stdout.is_empty(), "{arguments} prints something");
        let unread = run(closed(), Stdio::piped());
        let said = setting::stderr(&unread);
        for complaint in ["error", "pipe", "panicked", "错误"] {
            assert!(!said.contains(complaint), "{arguments}: {said}");
        }
        assert_eq!(unread.status.code(), Some(0), "{arguments}: {said}");
        // With `2>&1 | true` nobody reads either stream; a panic would end with 101.
        let silent = run(closed(), closed());
        assert_eq!(silent.status.code(), Some(0), "{arguments} with both streams closed");
    }
}

/// A daemon, ended with the test, and the lines of its log.
struct Daemon {
    process: Child,
    log: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Daemon {
    fn start(dir: &std::path::Path) -> Daemon {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongbao"));
        command.current_dir(dir).args(["--config", "tongbao.toml", "daemon"]).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap()).lines();
        Daemon { process, log }
    }

    /// Reads on to a line that says this; fails at the end of the log.
    fn says(&mut self, what: &str) {
        let found = self.log.by_ref().map(Result::unwrap).any(|line| line.contains(what));
        assert!(found, "the daemon ended without saying {what}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_second_daemon_says_that_it_stands_by() {
    let dir = workplace();
    let mut first = Daemon::start(dir.path());
    first.says("this daemon fills the slots now");
    let mut second = Daemon::start(dir.path());
    second.says("another daemon works on this state; this one stands by");
}

/// What the program prints with these variables.
fn said(dir: &std::path::Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongbao"));
    command.current_dir(dir).env("TONGBAO_CONFIG", "tongbao.toml").env_remove("NO_COLOR");
    let output = command.args(arguments).envs(variables.iter().copied()).output().unwrap();
    format!("{}{}", setting::stdout(&output), setting::stderr(&output))
}

#[test]
fn colours_are_shown_where_they_are_wanted_and_nowhere_else() {
    let dir = workplace();
    let check = ["check", "--offline"];
    let forced = said(dir.path(), &check, &[("CLICOLOR_FORCE", "1")]);
    let is_green =
        |line: &str| line.starts_with("\u{1b}[32mok ") && line.ends_with(" \u{1b}[0mconfiguration");
    assert!(forced.lines().any(is_green), "{forced}");
    for variables in [&[][..], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]] {
        let plain = said(dir.path(), &check, variables);
        let is_plain = |line: &str| line.starts_with("ok ") && line.ends_with(" configuration");
        assert!(plain.lines().any(is_plain) && !plain.contains('\u{1b}'), "{plain}");
    }
    let wrong = said(dir.path(), &["show", "99", "--lang", "zh"], &[("CLICOLOR_FORCE", "1")]);
    assert!(wrong.contains("\u{1b}[1;31m错误\u{1b}[0m："), "{wrong}");
}

#[test]
fn options_of_a_command_stand_before_those_of_all_commands() {
    let dir = tempfile::tempdir().unwrap();
    for (language, own, global) in [("en", "Options:", "Global options:"), ("zh", "选项:", "通用选项:")]
    {
        let help = said(dir.path(), &["run", "--help", "--lang", language], &[]);
        let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text} is missing in {help}"));
        assert!(at(own) < at("--dry-run") && at("--dry-run") < at(global), "{help}");
        assert!(at(global) < at("--config") && at("--config") < at("--format"), "{help}");
    }
}

#[test]
fn rates_name_the_period_and_the_units_codes() {
    let dir = workplace();
    let rates = ["rates", "--from", "2016-06-06", "--to", "2016-06-12"];
    let text = said(dir.path(), &rates, &[]);
    assert!(text.starts_with("period 2016-06-06 to 2016-06-12; register as read at "), "{text}");
    let figures: serde_json::Value =
        serde_json::from_str(&said(dir.path(), &[&rates[..], &["--format", "json"]].concat(), &[])).unwrap();
    let csv = said(dir.path(), &[&rates[..], &["--csv"]].concat(), &[]);
    let mut lines = csv.trim_start_matches('\u{feff}').lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(&heads[..4], ["起始日", "截止日", "代码", "单位"]);
    let at = |head: &str| {
        heads.iter().position(|other| *other == head).unwrap_or_else(|| panic!("{head}: {heads:?}"))
    };
    let units = figures["units"].as_array().unwrap();
    for (line, unit) in lines.zip(units) {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[..3], ["2016-06-06", "2016-06-12", unit["code"].as_str().unwrap()], "{line}");
        assert_eq!(fields[at("单位")], unit["name"].as_str().unwrap(), "no indent: {line}");
        assert_eq!(fields[at("记录数")], unit["records"].to_string());
        for head in ["覆盖率（%）", "完整率（%）", "准确率（%）", "得分"] {
            let field = fields[at(head)];
            assert!(field.is_empty() || field.parse::<f64>().is_ok(), "{head}: {field}");
        }
        assert!(text.contains(unit["code"].as_str().unwrap()));
    }
}

/// What the shell is offered for the last of these words.
fn offered(dir: &std::path::Path, words: &[&str]) -> String {
    let index = (words.len() - 1).to_string();
    let mut arguments = vec!["--"];
    arguments.extend(words);
    said(dir, &arguments, &[("COMPLETE", "fish"), ("_CLAP_COMPLETE_INDEX", &index)])
}

#[test]
fn completions_know_reports_schedules_and_runs() {
    let dir = workplace();
    for (words, expected, unknown) in [
        (&["tongbao", "run", ""][..], &["acceptance", "ranking", "weekly"][..], "x"),
        (&["tongbao", "run", "we"], &["weekly"], "ranking"),
        (&["tongbao", "pause", ""], &["weekly", "ranking"], "acceptance"),
        (&["tongbao", "show", ""], &["1\tweekly 2016-06-06 – 2016-06-12"], "weekly\t"),
        (&["tongbao", "run", "weekly", "--against", ""], &["1\t"], "acceptance"),
    ] {
        let offered = offered(dir.path(), words);
        for name in expected {
            assert!(offered.lines().any(|line| line.starts_with(name)), "{words:?}: {offered}");
        }
        assert!(!offered.lines().any(|line| line.starts_with(unknown)), "{words:?}: {offered}");
    }
    // Nobody who only asks makes a state.
    let empty = tempfile::tempdir().unwrap();
    setting::write(empty.path(), &configuration("sqlite:register.db", empty.path()));
    assert_eq!(
        offered(empty.path(), &["tongbao", "show", ""]).lines().filter(|l| l.starts_with('1')).count(),
        0
    );
    assert!(!empty.path().join("state").exists());
}

#[test]
fn text_logs_have_local_times() {
    let dir = workplace();
    let log = said(
        dir.path(),
        &["-v", "run", "weekly", "--from", "2016-06-13", "--to", "2016-06-19", "--no-send"],
        &[("TZ", "Asia/Shanghai"), ("TONGBAO_LOG", "trace")],
    );
    assert!(log.contains("+08:00 "), "{log}");
}

/// Somebody who stands in a folder below that of the configuration, or elsewhere.
#[test]
fn where_the_configuration_is_looked_for_is_said() {
    let dir = workplace();
    let below = dir.path().join("exports/june");
    std::fs::create_dir_all(&below).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let command = |dir: &std::path::Path, arguments: &[&str]| {
        let mut command = Command::new(setting::program());
        command.current_dir(dir).args(arguments).env_remove("TONGBAO_CONFIG").env("LC_ALL", "C");
        let output = command.output().unwrap();
        (output.status.code(), format!("{}{}", setting::stdout(&output), setting::stderr(&output)))
    };
    for arguments in [["check", "--quick"], ["runs", "-q"]] {
        let (code, told) = command(&below, &arguments);
        let file = std::fs::canonicalize(dir.path()).unwrap().join("tongbao.toml");
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(&format!("add --config {}", file.display())), "{told}");
        let (code, told) = command(elsewhere.path(), &arguments);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("neither config/tongbao.toml nor tongbao.toml is in"), "{told}");
        assert!(told.contains("tongbao init"), "{told}");
    }
}

#[test]
fn figures_and_numbers_of_runs_are_shown_as_everywhere() {
    let dir = workplace();
    let told = said(dir.path(), &["show", "1"], &[]);
    let line = told.lines().find(|line| line.starts_with("completeness ")).unwrap();
    assert!(line.contains("% ") && line.contains(" 85.00%"), "{line}");
    let told = said(dir.path(), &["show", "abc"], &[]);
    assert!(told.contains("it is no number of a run; list them with: tongbao runs"), "{told}");
}
