//! The program as a user meets it: commands, exit codes, and what is printed where.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::process::until;
use crate::support::servers;
use crate::support::setting::{self, configuration, sample, stderr, stdout, tongbao};
use crate::support::smtp::MailServer;

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

/// A folder with a sample register and a configuration for it.
fn workplace(persons: u64) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let url = sample(dir.path(), persons);
    let text = configuration(&url, dir.path());
    setting::write(dir.path(), &text);
    (dir, text)
}

fn with_mail(text: &str, server: &MailServer) -> String {
    text.replace("port = 25", &format!("port = {}", server.settings().port))
}

fn run(dir: &Path, arguments: &[&str]) -> std::process::Output {
    let mut all = vec!["--config", "tongbao.toml"];
    all.extend(arguments);
    tongbao(dir, &all)
}

const WEEK: [&str; 4] = ["--from", "2016-06-06", "--to", "2016-06-12"];

#[test]
fn the_demo_does_the_whole_job() {
    let dir = tempfile::tempdir().unwrap();
    let output = tongbao(dir.path(), &["demo", "--out", "d", "--persons", "3000"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("排名") && stdout(&output).lines().count() == 38, "{}", stdout(&output));
    let count = |extension: &str, folder: &str| {
        let entries = std::fs::read_dir(dir.path().join(folder)).unwrap();
        entries.filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with(extension)).count()
    };
    assert_eq!((count(".pdf", "d"), count(".xlsx", "d"), count(".eml", "d/mails")), (3, 3, 8));
    let again = tongbao(dir.path(), &["-q", "demo", "--out", "d", "--persons", "3000"]);
    assert!(again.status.success(), "a demo can be repeated: {}", stderr(&again));
}

#[test]
fn a_postgresql_register_is_mailed_as_pdf() {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    let url = servers::postgres();
    let made = tongbao(dir.path(), &["-q", "sample", "--persons", "4000", "--to", &url]);
    assert!(made.status.success(), "{}", stderr(&made));
    setting::write(dir.path(), &with_mail(&configuration(&url, dir.path()), &server));
    let mut arguments = vec!["--format", "json", "run", "weekly", "--out", "out"];
    arguments.extend(WEEK);
    let output = run(dir.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let answer = json(&output);
    assert_eq!(answer["deliveries"]["sent"], 3);
    let mails = server.received();
    assert_eq!(mails.len(), 3, "one envelope a recipient");
    for (envelope, mail) in &mails {
        assert_eq!(envelope["to"].as_array().map(Vec::len), Some(1), "{envelope}");
        let text = mail.to_string();
        for document in answer["documents"].as_array().unwrap() {
            let digest = document["sha256"].as_str().unwrap();
            assert!(text.contains(digest), "the attachment is the document, byte for byte");
            let path = dir.path().join(document["path"].as_str().unwrap());
            assert_eq!(tongbao::digest::sha256(&std::fs::read(path).unwrap()), digest);
        }
        assert!(text.contains("进度通报（6月6日至6月12日）"), "{text}");
    }
    let show = run(dir.path(), &["--format", "json", "show", "1"]);
    let deliveries = json(&show)["deliveries"].as_array().unwrap().clone();
    assert!(deliveries.iter().all(|delivery| delivery["state"] == "sent"), "{deliveries:?}");
    assert!(!stdout(&show).contains("s3cret"));
}

#[test]
fn figures_agree_between_rates_run_and_show() {
    let (dir, _) = workplace(2_000);
    let mut rates = vec!["--format", "json", "rates"];
    rates.extend(WEEK);
    let mut rates = json(&run(dir.path(), &rates));
    let mut arguments = vec!["-q", "run", "weekly", "--no-send"];
    arguments.extend(WEEK);
    assert!(run(dir.path(), &arguments).status.success());
    let shown = json(&run(dir.path(), &["--format", "json", "show", "1"]));
    // The figures of a run have its definitions next to them.
    let definitions = rates.as_object_mut().unwrap().remove("definitions").unwrap();
    assert_eq!(shown["definitions"], definitions);
    let mut shown = shown["figures"].clone();
    shown["pulled_at"] = rates["pulled_at"].clone();
    assert_eq!(shown, rates);
    let totals = &rates["totals"];
    for key in [
        "records",
        "coverage",
        "completeness",
        "completeness_records",
        "completeness_cells",
        "accuracy",
        "fields",
        "relations",
        "matched_elsewhere",
    ] {
        assert!(!totals[key].is_null(), "{key}");
    }
    assert_eq!(totals["fields"].as_object().map(|fields| fields.len()), Some(9));
    assert_eq!(totals["coverage"]["target"], "1");
}

#[test]
fn reprints_are_the_same_to_the_byte() {
    let (dir, _) = workplace(1_000);
    let mut arguments = vec!["-q", "run", "acceptance", "--number", "60", "--no-send", "--out", "first"];
    arguments.extend(WEEK);
    assert!(run(dir.path(), &arguments).status.success());
    assert!(run(dir.path(), &["reprint", "1", "--out", "second"]).status.success());
    for entry in std::fs::read_dir(dir.path().join("first")).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |folder: &str| std::fs::read(dir.path().join(folder).join(&name)).unwrap();
        assert_eq!(read("first"), read("second"));
    }
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let (dir, _) = workplace(500);
    let mut arguments = vec!["run", "weekly", "--dry-run", "--out", "draft"];
    arguments.extend(WEEK);
    let output = run(dir.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("not recorded"));
    assert_eq!(json(&run(dir.path(), &["--format", "json", "runs"])), serde_json::json!([]));
}

#[test]
fn an_empty_register_is_held() {
    let (dir, _) = workplace(500);
    let before = ["run", "weekly", "--from", "2016-05-01", "--to", "2016-05-02", "--no-send"];
    let refused = run(dir.path(), &before);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("outside the campaign (2016-05-25 to 2016-07-07)"),
        "{}",
        stderr(&refused)
    );
    let output = run(dir.path(), &[&before[..], &["--future"]].concat());
    // Records without a registration day count as before every period, so the sample is not empty.
    assert!(output.status.success(), "{}", stderr(&output));
    let url = format!("sqlite:{}", dir.path().join("none.db").display());
    let none = tongbao(dir.path(), &["-q", "sample", "--persons", "0", "--to", &url]);
    assert!(none.status.success(), "{}", stderr(&none));
    setting::write(dir.path(), &configuration(&url, dir.path()));
    let output = run(dir.path(), &["run", "weekly"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stdout(&output).contains("没有记录"), "{}", stdout(&output));
    let state = json(&run(dir.path(), &["--format", "json", "show", "2"]))["run"]["state"].clone();
    assert_eq!(state, "held");
}

#[test]
fn failures_have_their_exit_codes_and_remedies() {
    let (dir, text) = workplace(300);
    let cases = [
        ("table = \"person\"", "table = \"persons\"", 2, "did you mean \"person\"?"),
        ("unit = \"village_code\"", "unit = \"vilage_code\"", 2, "did you mean \"village_code\"?"),
        ("issuer =", "isuer =", 2, "did you mean `issuer`?"),
        ("register.db", "missing.db", 2, "does not exist"),
    ];
    for (from, to, code, expected) in cases {
        setting::write(dir.path(), &text.replacen(from, to, 1));
        let output = run(dir.path(), &["rates"]);
        assert_eq!(output.status.code(), Some(code), "{to}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{to}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "nothing but results goes to stdout");
    }
    let away = format!("postgres://u:pass-word@127.0.0.1:{}/x", servers::free_port());
    setting::write(dir.path(), &configuration(&away, dir.path()));
    let output = run(dir.path(), &["rates"]);
    assert_eq!(output.status.code(), Some(75), "{}", stderr(&output));
    assert!(!stderr(&output).contains("pass-word"));
    let output = tongbao(dir.path(), &["--config", "nowhere.toml", "rates"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--config"));
}

#[test]
fn wrong_requests_are_explained() {
    let (dir, _) = workplace(300);
    for (arguments, expected) in [
        (&["run", "weekli"][..], "configured: acceptance, ranking, weekly"),
        (&["run", "weekly", "--from", "2016-06-12", "--to", "2016-06-06"], "reversed"),
        (&["rates", "--unit", "1"], "no unit 1"),
        (&["rates", "--unit", "太苹村"], "(did you mean 440118001211 太平村?)"),
        (&["show", "99"], "no run 99"),
    ] {
        let output = run(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
    let of_unit = |unit| stdout(&run(dir.path(), &["rates", "--csv", "--unit", unit]));
    assert_eq!(of_unit("太平村委会"), of_unit("440118001211"));
    assert!(of_unit("太平村").contains("太平村"));
    std::fs::write(dir.path().join("file"), "x").unwrap();
    let output = run(dir.path(), &["run", "weekly", "--out", "file/below"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write to file/below"), "{}", stderr(&output));
}

#[test]
fn template_errors_name_file_line_and_column() {
    let (dir, text) = workplace(300);
    let folder = dir.path().join("own/notice");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["email_subject.tera", "email_body.html.tera"] {
        std::fs::write(folder.join(name), "{{ title }}").unwrap();
    }
    let document = |body: &str| {
        format!(
            "+++\nmark = \"文件\"\ntitle = \"通知\"\nsignatory = \"办\"\ndate = \"{{{{ report.date }}}}\"\n+++\n\n{body}\n"
        )
    };
    let own = format!("{text}\n[templates]\ndir = \"own\"\n\n[reports.notice]\nkind = \"notice\"\n");
    setting::write(dir.path(), &own);
    for (body, expected) in [
        ("{{ period.too }}", "notice/document.md.tera:8"),
        ("{{ records | sum }}", "notice/document.md.tera:8"),
        ("```table progres\n```", "there is no table named \"progres\""),
    ] {
        std::fs::write(folder.join("document.md.tera"), document(body)).unwrap();
        let output = run(dir.path(), &["run", "notice", "--dry-run", "--out", "o"]);
        assert_eq!(output.status.code(), Some(2), "{body}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{body}: {}", stderr(&output));
    }
    std::fs::write(
        folder.join("document.md.tera"),
        document("共{{ records }}条。\n\n```table progress\n```"),
    )
    .unwrap();
    let output = run(dir.path(), &["run", "notice", "--dry-run", "--out", "o"]);
    assert!(output.status.success(), "an own template works without a rebuild: {}", stderr(&output));
}

#[test]
fn deliveries_in_part_and_none_have_their_codes() {
    let (dir, text) = workplace(300);
    let mut arguments = vec!["--format", "json", "run", "weekly"];
    arguments.extend(WEEK);
    let away = text.replace("port = 25", &format!("port = {}", servers::free_port()));
    setting::write(dir.path(), &away);
    let output = run(dir.path(), &arguments);
    assert_eq!(output.status.code(), Some(75), "{}", stderr(&output));
    assert_eq!(json(&output)["deliveries"]["waiting"], 3);
    let server = MailServer::start("plain");
    setting::write(
        dir.path(),
        &with_mail(&text, &server).replace("deputy@example.test", "refused-550@example.test"),
    );
    let output = run(dir.path(), &arguments);
    let sent = json(&output)["deliveries"]["sent"].as_u64().unwrap();
    assert!(sent >= 2, "{}", stdout(&output));
    // The mails of the first run are not forgotten by those who read what became of the third.
    arguments.drain(..2);
    let output = run(dir.path(), &arguments);
    let text = stdout(&output);
    assert!(text.contains("wait: 3; ") && text.contains("tongbao outbox send"), "{text}");
    let again = run(dir.path(), &["outbox", "retry", "1"]);
    assert!(stdout(&again).contains("tongbao outbox send"), "{}", stdout(&again));
    assert!(run(dir.path(), &["outbox", "send", "--run", "1"]).status.code() != Some(75));
    assert!(!stdout(&run(dir.path(), &arguments)).contains("other runs"));
}

#[test]
fn check_tells_what_is_wrong() {
    let (dir, text) = workplace(300);
    let server = MailServer::start("plain");
    setting::write(dir.path(), &with_mail(&text, &server));
    let output = run(dir.path(), &["check"]);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("37 units"), "{}", stdout(&output));
    setting::write(
        dir.path(),
        &with_mail(&text, &server).replace("id_number = \"id_number\"", "id_number = \"id_numer\""),
    );
    let output = run(dir.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(stdout(&output).contains("error    source.register"), "{}", stdout(&output));
}

#[test]
fn the_second_run_shows_movement_and_change() {
    let dir = tempfile::tempdir().unwrap();
    let output = tongbao(dir.path(), &["-q", "demo", "--out", "d", "--persons", "3000"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/tongbao.toml")).unwrap();
    let text = text.replace("../demo/register.db", "d/register.db").replace("\"../state\"", "\"d/state\"");
    setting::write(dir.path(), &text);
    let runs = json(&run(dir.path(), &["--format", "json", "runs"]));
    assert_eq!(runs.as_array().unwrap().len(), 5);
    let ranking = json(&run(dir.path(), &["--format", "json", "show", "4"]));
    assert_eq!(ranking["run"]["against"], 3);
    let moved =
        ranking["figures"]["units"].as_array().unwrap().iter().filter(|u| u["movement"].as_i64() != Some(0));
    assert!(moved.count() > 5);
    assert_eq!(runs[3]["number"], "第2期");
}

#[test]
fn schema_completions_man_and_next_are_there() {
    let (dir, text) = workplace(300);
    let schema = json(&tongbao(dir.path(), &["schema"]));
    assert!(schema["properties"]["campaign"].is_object());
    assert!(stdout(&tongbao(dir.path(), &["completions", "bash"])).contains("tongbao"));
    assert!(stdout(&tongbao(dir.path(), &["man"])).contains("tongbao"));
    assert!(run(dir.path(), &["next"]).status.success());
    setting::write(dir.path(), &text.replace("0 9 * * Mon", "0 9 30 2 *"));
    assert!(stderr(&run(dir.path(), &["next"])).contains("names a day that no year has"));
}

#[test]
fn the_daemon_fires_a_due_schedule_and_ends_on_sigterm() {
    let (dir, text) = workplace(300);
    let server = MailServer::start("plain");
    let minutely = with_mail(&text, &server)
        .replace("schedule = \"0 9 * * Mon\"", "schedule = \"* * * * *\"")
        .replacen("active = { from = 2016-06-04, to = 2016-07-11 }\n", "", 1)
        .replace("period = \"previous_week\"", "period = \"campaign_to_date\"");
    setting::write(dir.path(), &minutely);
    // The schedule was looked at less than an hour ago, so one slot is due at once and the test need not wait.
    observed_a_while_ago(dir.path());
    let mut daemon = Command::new(setting::program())
        .current_dir(dir.path())
        .args(["--config", "tongbao.toml", "daemon"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the bulletin", || (server.received().len() >= 3).then_some(()));
    Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
    let status = daemon.wait().unwrap();
    assert!(status.success(), "{status}");
    let runs = json(&run(dir.path(), &["--format", "json", "runs"]));
    let slots: Vec<&str> = runs.as_array().unwrap().iter().filter_map(|r| r["slot"].as_str()).collect();
    let distinct: std::collections::BTreeSet<&&str> = slots.iter().collect();
    assert!(!slots.is_empty() && distinct.len() == slots.len(), "{slots:?}");
}

/// Puts the schedule on record as a daemon would have left it fifty minutes ago: a longer gap makes the clock doubted.
fn observed_a_while_ago(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tongbao::store::Store::open(&dir.join("state")).await.unwrap().close().await;
        let path = dir.join("state/tongbao.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let sql = "INSERT INTO schedule (name, rule, observed_until) \
                   VALUES ('weekly', '* * * * * Asia/Shanghai', (strftime('%s', 'now') - 3000) * 1000)";
        sqlx::query(sql).execute(&pool).await.unwrap();
    });
}

#[test]
fn a_held_run_is_released_or_rejected_by_command() {
    let (dir, text) = workplace(500);
    let server = MailServer::start("plain");
    let held =
        with_mail(&text, &server).replace("kind = \"ranking\"\n", "kind = \"ranking\"\nsign_off = true\n");
    setting::write(dir.path(), &held);
    let ranking = |number: &str| {
        let mut arguments = vec!["--format", "json", "run", "ranking"];
        arguments.extend(WEEK);
        let output = run(dir.path(), &arguments);
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert_eq!(json(&output)["state"], "held", "{number}");
    };
    ranking("1");
    assert_eq!(server.received().len(), 1, "the draft goes to the office alone");
    let missing = run(dir.path(), &["approve", "1", "--by", "王主任"]);
    assert_eq!(missing.status.code(), Some(2), "{}", stderr(&missing));
    assert!(stderr(&missing).contains("--number"), "{}", stderr(&missing));
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let year = tongbao::clock::Clock::System.now().to_zoned(zone).year();
    let number = &*format!("荔街〔{year}〕60号");
    let arguments =
        ["--format", "json", "approve", "1", "--number", number, "--by", "王主任", "--out", "final"];
    let approved = run(dir.path(), &arguments);
    assert!(approved.status.success(), "{}", stderr(&approved));
    let answer = json(&approved);
    assert_eq!((&answer["run"]["number"], &answer["run"]["decided_by"]), (&number.into(), &"王主任".into()));
    assert_eq!(answer["deliveries"]["sent"], 3);
    assert_eq!(server.received().len(), 4);
    let again = run(dir.path(), &["approve", "1", "--number", "x", "--by", "y"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("approved by 王主任"), "{}", stderr(&again));
    ranking("2");
    let rejected = run(dir.path(), &["reject", "2", "--why", "数据有误", "--by", "王主任"]);
    assert!(rejected.status.success(), "{}", stderr(&rejected));
    let show = json(&run(dir.path(), &["--format", "json", "show", "2"]));
    assert_eq!((&show["run"]["state"], &show["run"]["why"]), (&"rejected".into(), &"数据有误".into()));
    assert_eq!(run(dir.path(), &["reject", "1", "--why", "zu spät", "--by", "x"]).status.code(), Some(2));
    assert_eq!(run(dir.path(), &["pause", "no-such"]).status.code(), Some(2));
    assert_eq!(run(dir.path(), &["outbox", "retry", "99"]).status.code(), Some(2));
}
