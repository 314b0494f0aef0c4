//! Document numbers, and what documents say of earlier ones: given once, in order, and true.

use jiff::civil::{Date, date};
use tongbao::pipeline::{ReleaseDecision, Request, RunError, RunOutcome};
use tongbao::report::alert::Alert;
use tongbao::store::StoreError;
use tongbao::store::runs::Run;

use crate::support::office::{DAY, MINUTE, Office, execute, pdf_text, work};
use crate::support::setting;
use crate::support::smtp::read_mail;

/// An office on the day after the campaign.
fn office() -> Office {
    office_at("2016-07-08T01:00:00Z", |text| text)
}

/// Two communities and two villages with some hundred persons.
fn office_at(now: &str, edit: impl Fn(String) -> String) -> Office {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 3_000);
    let sql = "DELETE FROM unit WHERE code NOT IN (
                   SELECT code FROM (SELECT code FROM unit WHERE kind = '社区' ORDER BY code LIMIT 2)
                   UNION SELECT code FROM (SELECT code FROM unit WHERE kind = '村' ORDER BY code LIMIT 2));
               DELETE FROM person WHERE village_code NOT IN (SELECT code FROM unit);
               DELETE FROM roster WHERE unit NOT IN (SELECT code FROM unit);";
    execute(&dir.path().join("register.db"), sql);
    Office::on(dir, &url, now, edit)
}

async fn run(office: &Office, request: Request) -> Result<RunOutcome, RunError> {
    // Runs on request are distinguished by their instant.
    office.hand.advance(MINUTE);
    office.engine().run(Some(&office.store().await), &request, office.now(), |_| {}).await
}

fn request(report: &str, to: Date) -> Request {
    Request { report: report.into(), from: Some(date(2016, 5, 25)), to: Some(to), ..Request::default() }
}

fn numbered(report: &str, to: Date, number: &str) -> Request {
    Request { number: Some(number.into()), ..request(report, to) }
}

async fn approve(office: &Office, run: i64, number: Option<&str>) -> Result<Run, RunError> {
    let (store, engine) = (office.store().await, office.engine());
    let decision = ReleaseDecision {
        by: "王主任".into(),
        number: number.map(str::to_owned),
        ..ReleaseDecision::default()
    };
    engine.approve(&store, &store.run(run).await?, &decision, office.now()).await?;
    Ok(store.run(run).await?)
}

/// The text of a run's PDF.
async fn text(office: &Office, run: i64) -> String {
    let documents = office.store().await.documents(run).await.unwrap();
    pdf_text(&documents.iter().find(|file| file.name.ends_with(".pdf")).unwrap().bytes)
}

const JUNE: [Date; 3] = [date(2016, 6, 5), date(2016, 6, 12), date(2016, 6, 19)];

#[tokio::test]
async fn a_circular_without_number_is_held_and_only_the_office_gets_the_draft() {
    let office = office();
    let first = run(&office, request("acceptance", JUNE[0])).await.unwrap();
    let second = run(&office, request("ranking", JUNE[1])).await.unwrap();
    assert_eq!(
        (first.held.len(), second.held.as_slice()),
        (1, &["公文尚无发文字号，须编号后签发".to_owned()][..])
    );
    let (store, deliveries) = (office.store().await, office.deliveries().await);
    let to: Vec<&str> = deliveries.iter().map(|mail| mail.address.as_str()).collect();
    assert_eq!(to, ["office@example.test"; 2], "no draft goes to the leading group");
    let path = office.dir.path().join("draft.eml");
    std::fs::write(&path, store.archive.get(&deliveries[1].sha256).unwrap()).unwrap();
    let mail = read_mail(&path).to_string();
    for expected in [
        "第2次运行待签发：tongbao approve 2 --number 文号",
        "tongbao reject 2 --why",
        "另有待签发：第1次运行（acceptance，5月25日至6月5日）",
    ] {
        assert!(mail.contains(expected), "{expected} not in {mail}");
    }
    // None is on record: only the office knows its next number. From then on they are counted.
    let needed = approve(&office, 2, None).await.unwrap_err().to_string();
    assert!(needed.contains("give the office's next one: tongbao approve 2 --number 60"), "{needed}");
    assert!(approve(&office, 2, Some("next")).await.unwrap_err().to_string().contains("no number of 2016"));
    let released = approve(&office, 2, Some("60")).await.unwrap();
    assert_eq!(released.number.as_deref(), Some("荔街〔2016〕60号"));
    assert!(text(&office, 2).await.contains("荔街〔2016〕60号"));
    let needed = approve(&office, 1, None).await.unwrap_err().to_string();
    assert!(
        needed.contains("the next free one is 荔街〔2016〕61号: tongbao approve 1 --number next"),
        "{needed}"
    );
    assert_eq!(approve(&office, 1, Some("next")).await.unwrap().number.as_deref(), Some("荔街〔2016〕61号"));
}

#[tokio::test]
async fn a_number_is_given_once_in_the_whole_office() {
    let office = office();
    run(&office, numbered("ranking", JUNE[0], "荔街〔2016〕60号")).await.unwrap();
    for (report, number) in [("ranking", "60"), ("acceptance", "荔街〔2016〕60号")] {
        let again = run(&office, numbered(report, JUNE[1], number)).await;
        assert!(
            matches!(&again, Err(RunError::Store(StoreError::NumberTaken { number, run: Some(1) }))
                if number == "荔街〔2016〕60号"),
            "{again:?}"
        );
    }
    for wrong in ["", "沙街[16]六十", "荔街[2016]60号", "荔街〔2015〕60号", "沙街〔2016〕61号", "第3期"]
    {
        let refused = run(&office, numbered("ranking", JUNE[1], wrong)).await;
        assert!(matches!(refused, Err(RunError::Number(_))), "{wrong:?}: {refused:?}");
    }
    assert_eq!(office.runs().await.len(), 1, "nothing is recorded under a wrong number");
    // The register counts on from the highest, whichever report has it.
    run(&office, numbered("acceptance", JUNE[1], "75")).await.unwrap();
    run(&office, numbered("ranking", JUNE[2], "next")).await.unwrap();
    let given: Vec<String> =
        office.store().await.numbers(None).await.unwrap().into_iter().map(|given| given.number).collect();
    assert_eq!(given, ["荔街〔2016〕76号", "荔街〔2016〕75号", "荔街〔2016〕60号"]);
}

/// All of them find the same number free. Those that lose it are made again with the next one.
#[tokio::test]
async fn bulletins_made_at_the_same_time_count_on() {
    let office = office();
    let (engine, store) = (office.engine(), office.store().await);
    let made = [0, 1, 2].map(|at| {
        let (engine, store, now) = (engine.clone(), store.clone(), office.now() + MINUTE * at);
        tokio::spawn(async move {
            let request = request("weekly", JUNE[at as usize]);
            engine.run(Some(&store), &request, now, |_| {}).await.map(|outcome| outcome.run)
        })
    });
    for made in made {
        made.await.unwrap().unwrap();
    }
    let mut numbers: Vec<_> = office.runs().await.into_iter().map(|run| run.number.unwrap()).collect();
    numbers.sort();
    assert_eq!(numbers, ["第1期", "第2期", "第3期"]);
}

/// A report under another name would count from 1 again and compare with nothing.
#[tokio::test]
async fn a_renamed_report_is_held_until_a_person_says_what_it_is() {
    let mut office = office();
    run(&office, request("weekly", JUNE[0])).await.unwrap();
    run(&office, request("weekly", JUNE[1])).await.unwrap();
    office.text = office.text.replace("[reports.weekly]", "[reports.bulletin]");
    let outcome = run(&office, request("bulletin", JUNE[2])).await.unwrap();
    let [reason] = outcome.held.as_slice() else { panic!("{:?}", outcome.held) };
    assert!(reason.contains("weekly 最近一次是第2期") && reason.contains("与第2次运行比较"), "{reason}");
    assert_eq!(approve(&office, 3, Some("第3期")).await.unwrap().number.as_deref(), Some("第3期"));
    let next = run(&office, request("bulletin", date(2016, 6, 26))).await.unwrap();
    assert!(next.held.is_empty(), "asked once: {:?}", next.held);
    assert_eq!(office.runs().await.last().unwrap().number.as_deref(), Some("第4期"));
}

#[tokio::test]
async fn bulletins_on_request_are_counted_and_compared() {
    let office = office();
    let first = run(&office, request("weekly", JUNE[0])).await.unwrap();
    assert!(first.held.is_empty() && first.results.compared.is_none());
    run(&office, request("weekly", JUNE[1])).await.unwrap();
    let runs = office.runs().await;
    let numbers: Vec<_> = runs.iter().map(|run| (run.number.as_deref(), run.against)).collect();
    assert_eq!(numbers, [(Some("第1期"), None), (Some("第2期"), Some(1))]);
    let (first, second) = (text(&office, 1).await, text(&office, 2).await);
    assert!(!first.contains("送审稿") && !first.contains("上期") && !first.contains("较上期"), "{first}");
    assert!(second.contains("比上期") && second.contains("上期"), "{second}");
    // So the guard against drops works for them too.
    execute(&office.dir.path().join("register.db"), "DELETE FROM person WHERE id % 10 > 0");
    let third = run(&office, request("weekly", JUNE[2])).await.unwrap();
    assert!(third.held.iter().any(|reason| reason.contains("记录数由")), "{:?}", third.held);
    // A rejected issue leaves no gap, a number given ahead is counted on from.
    office.store().await.reject(3, "李", "数据有误", office.now()).await.unwrap();
    run(&office, Request { against: Some(3), ..numbered("weekly", JUNE[2], "第7期") }).await.unwrap();
    run(&office, Request { against: Some(4), ..request("weekly", date(2016, 6, 26)) }).await.unwrap();
    assert_eq!(office.runs().await.last().unwrap().number.as_deref(), Some("第8期"));
}

#[tokio::test]
async fn a_unit_that_vanishes_holds_the_run_by_name() {
    let office = office();
    let first = run(&office, request("weekly", JUNE[0])).await.unwrap();
    let mut units = first.results.units;
    units.sort_by_key(|unit| std::cmp::Reverse(unit.figures.counts.records));
    // Of one village the totals say little.
    let code = units[0].unit.code.clone();
    let moved = format!("DELETE FROM person WHERE village_code = '{code}'");
    execute(&office.dir.path().join("register.db"), &moved);
    let second = run(&office, request("weekly", JUNE[1])).await.unwrap();
    let reason = second.held.iter().find(|reason| reason.contains("单个单位记录数降幅超过限值"));
    let name = &units[0].unit.name;
    assert!(reason.is_some_and(|reason| reason.contains(&format!("{name}由"))), "{:?}", second.held);
    let removed = format!("DELETE FROM unit WHERE code = '{code}'");
    execute(&office.dir.path().join("register.db"), &removed);
    let third = run(&office, request("weekly", JUNE[1])).await.unwrap();
    let reason = third.held.iter().find(|reason| reason.contains("已不在单位表中"));
    assert!(reason.is_some_and(|reason| reason.contains(name.as_str())), "{:?}", third.held);
}

#[tokio::test]
async fn issues_begin_again_with_the_year_of_issue_unless_they_are_continuous() {
    for (numbering, expected) in [("year", "第1期"), ("continuous", "第3期")] {
        let lines = format!("kind = \"bulletin\"\nissue_numbering = \"{numbering}\"\n");
        let office = office_at("2016-12-19T01:00:00Z", |text| {
            text.replace("kind = \"bulletin\"\n", &lines)
                .replace("to = 2016-07-07 }", "to = 2017-02-07 }")
                .replace("from = 2016-07-01, to = 2016-07-07", "from = 2016-07-01, to = 2017-02-07")
        });
        for day in [18, 25] {
            run(&office, request("weekly", date(2016, 12, day))).await.unwrap();
            office.hand.advance(DAY * 7);
        }
        // It is about the last week of 2016, and issued in 2017.
        run(&office, request("weekly", date(2016, 12, 31))).await.unwrap();
        assert_eq!(office.runs().await[2].number.as_deref(), Some(expected), "{numbering}");
    }
}

#[tokio::test]
async fn rounds_are_those_of_distinct_cut_offs() {
    let office = office();
    let ends = [date(2016, 7, 1), date(2016, 7, 2), date(2016, 7, 3), date(2016, 7, 4), date(2016, 7, 5)];
    run(&office, numbered("acceptance", ends[0], "1")).await.unwrap();
    // Held runs are no rounds: the second is made twice, and issued once.
    run(&office, request("acceptance", ends[1])).await.unwrap();
    run(&office, request("acceptance", ends[1])).await.unwrap();
    approve(&office, 3, Some("next")).await.unwrap();
    assert!(text(&office, 3).await.contains("第2轮验收"));
    // A person who knows better says so, and the next ones count on from there.
    run(&office, Request { round: Some(5), ..numbered("acceptance", ends[2], "next") }).await.unwrap();
    run(&office, numbered("acceptance", ends[3], "next")).await.unwrap();
    run(&office, numbered("acceptance", ends[4], "next")).await.unwrap();
    let runs = office.runs().await;
    let made: Vec<(&str, i64)> = runs.iter().map(|run| (run.state.key(), run.round)).collect();
    assert_eq!(made, [("done", 1), ("held", 2), ("approved", 2), ("done", 5), ("done", 6), ("done", 7)]);
}

#[tokio::test]
async fn what_a_release_says_of_earlier_runs_is_true_on_its_day() {
    let office = office();
    // Both are made before either is released: the later one knows of nothing earlier.
    run(&office, request("ranking", JUNE[0])).await.unwrap();
    run(&office, request("ranking", JUNE[1])).await.unwrap();
    assert_eq!(office.runs().await[1].against, None);
    assert!(!text(&office, 2).await.contains("首次"));
    approve(&office, 1, Some("60")).await.unwrap();
    let second = approve(&office, 2, Some("61")).await.unwrap();
    assert_eq!(second.against, Some(1));
    let printed = text(&office, 2).await;
    assert!(printed.contains("并与上期（截至2016年6月5日）比较。"), "{printed}");
    let figures = office.store().await.details(2).await.unwrap().0;
    let moved =
        figures["units"].as_array().unwrap().iter().filter(|unit| !unit["movement"].is_null()).count();
    assert!(moved > 0, "{figures}");
    let found = office.store().await.verification(None, office.now()).await.unwrap();
    assert!(found.is_sound(), "the audit log knows the figures of the release: {:?}", found.problems);
}

#[tokio::test]
async fn a_run_that_an_earlier_version_released_as_a_draft_gets_its_number() {
    let office = office();
    run(&office, request("ranking", JUNE[0])).await.unwrap();
    // As it was recorded then: done, mailed to everybody, without a number.
    let state = office.state().join("tongbao.db");
    execute(&state, "UPDATE run SET state = 'done', held = '[]'; UPDATE document SET draft = 0");
    let released = approve(&office, 1, Some("60")).await.unwrap();
    assert_eq!((released.state.key(), released.number.as_deref()), ("approved", Some("荔街〔2016〕60号")));
    let documents = office.store().await.documents(1).await.unwrap();
    assert!(documents.iter().all(|file| !file.name.contains("送审稿")), "drafts stay drafts");
    assert!(matches!(
        approve(&office, 1, Some("61")).await,
        Err(RunError::Store(StoreError::NotHeld { .. }))
    ));
}

#[tokio::test]
async fn numbers_of_an_older_state_are_in_the_register() {
    let office = office();
    for to in [JUNE[0], JUNE[1], JUNE[2]] {
        run(&office, request("weekly", to)).await.unwrap();
    }
    let state = office.state().join("tongbao.db");
    // Two circulars under one number, as earlier versions let them be.
    execute(
        &state,
        "DELETE FROM _sqlx_migrations WHERE version = 40; DROP INDEX run_number;
         ALTER TABLE run DROP COLUMN number_scope; ALTER TABLE run DROP COLUMN number_serial;
         ALTER TABLE run DROP COLUMN round_given; ALTER TABLE run DROP COLUMN against_given;
         CREATE UNIQUE INDEX run_number ON run (report, substr(period_to, 1, 4), number)
             WHERE number IS NOT NULL AND slot IS NOT NULL AND state IN ('done', 'approved');
         UPDATE run SET report = 'ranking', number = '荔街〔2016〕60号' WHERE id > 1",
    );
    let store = office.store().await;
    let given: Vec<_> =
        store.numbers(None).await.unwrap().into_iter().map(|given| (given.run, given.number)).collect();
    assert_eq!(given.len(), 3, "{given:?}");
    assert_eq!(store.highest_serial("荔街〔2016〕").await.unwrap(), Some(60));
    run(&office, request("weekly", date(2016, 6, 26))).await.unwrap();
    assert_eq!(office.runs().await[3].number.as_deref(), Some("第2期"));
    let taken = run(&office, numbered("ranking", date(2016, 6, 26), "60")).await;
    assert!(matches!(taken, Err(RunError::Store(StoreError::NumberTaken { run: Some(2), .. }))), "{taken:?}");
}

#[tokio::test]
async fn a_unit_page_is_the_annex_of_the_one_document() {
    let office = office_at("2016-07-08T01:00:00Z", |text| {
        let member =
            "{ name = \"领导小组办公室\", email = \"office@example.test\", unit = \"440118001001\" }";
        text.replace("{ name = \"领导小组办公室\", email = \"office@example.test\" }", member)
    });
    run(&office, numbered("ranking", JUNE[1], "61")).await.unwrap();
    let deliveries = office.deliveries().await;
    let mail = deliveries.iter().find(|mail| mail.unit.is_some()).expect("a mail with a unit's page");
    let bytes = office.store().await.archive.get(&mail.sha256).unwrap();
    let page = attachment(&office, &bytes, "登记质量情况");
    let text = pdf_text(&page);
    assert!(text.starts_with("荔街〔2016〕61号附件"), "{text}");
    assert!(
        !text.contains("印发") && !text.contains("荔城街道办事处2016年"),
        "no 版记, no signature: {text}"
    );
    let sheets = tongbao::render::readback::sheets(&page).unwrap();
    assert!(sheets[0].strokes.iter().all(|stroke| !stroke.red), "no red head");
    let findings = tongbao::layout::inspection::inspect(&sheets);
    let broken: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
    assert!(broken.is_empty() && findings.iter().any(|finding| finding.clause == "7.3.7"), "{broken:?}");
}

/// The attachment of a mail whose name has this part.
fn attachment(office: &Office, mail: &[u8], part: &str) -> Vec<u8> {
    let (path, out) = (office.dir.path().join("unit.eml"), office.dir.path().join("unit.pdf"));
    std::fs::write(&path, mail).unwrap();
    let script = "import sys,email,email.policy,pathlib\n\
        m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default)\n\
        f=[p for p in m.iter_attachments() if sys.argv[3] in p.get_filename()][0]\n\
        pathlib.Path(sys.argv[2]).write_bytes(f.get_payload(decode=True))";
    let python = std::process::Command::new("/usr/bin/python3");
    let status = { python }.args(["-c", script]).arg(&path).arg(&out).arg(part).status().unwrap();
    assert!(status.success());
    std::fs::read(out).unwrap()
}

#[tokio::test]
async fn periods_that_nobody_means_are_asked_for_again() {
    let office = office();
    let future = run(&office, request("weekly", date(2030, 1, 7))).await;
    assert!(matches!(future, Err(RunError::Future { .. })), "{future:?}");
    let before = Request { from: Some(date(2015, 6, 6)), ..request("weekly", date(2015, 6, 12)) };
    let outside = run(&office, before.clone()).await;
    assert!(matches!(outside, Err(RunError::OutsideCampaign { .. })), "{outside:?}");
    assert!(office.runs().await.is_empty());
    run(&office, Request { future: true, ..before }).await.unwrap();
    run(&office, request("weekly", date(2016, 7, 8))).await.expect("today is no future");
}

#[tokio::test]
async fn the_office_is_told_of_a_late_run_and_the_paper_says_nothing() {
    for (line, printed) in [("", false), ("print_lateness = true\n", true)] {
        let lines = format!("kind = \"bulletin\"\n{line}");
        let office = office_at("2016-06-12T00:00:00Z", |text| text.replace("kind = \"bulletin\"\n", &lines));
        let mut daemon = office.daemon().await;
        work(&mut daemon).await;
        office.hand.advance(DAY * 2);
        daemon.end().await;
        let mut daemon = office.daemon().await;
        work(&mut daemon).await;
        work(&mut daemon).await;
        let run = office.runs().await.remove(0);
        assert!(run.late_since.is_some());
        assert_eq!(text(&office, 1).await.contains("因故延后"), printed);
        let alerts: Vec<_> =
            office.deliveries().await.into_iter().filter(|mail| mail.kind.key() == "alert").collect();
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        let due = run.late_since.unwrap();
        assert!(
            Alert::RunLate { report: "weekly".into(), run: 1, due }
                .text(&jiff::tz::TimeZone::UTC)
                .contains("延后")
        );
    }
}

/// The text of a document that is not recorded, under settings of its own.
async fn printed(report: &str, edit: impl Fn(String) -> String) -> String {
    let office = office_at("2016-07-08T01:00:00Z", edit);
    let outcome = run(&office, Request { dry_run: true, ..request(report, JUNE[1]) }).await.unwrap();
    pdf_text(&outcome.documents[0].bytes)
}

#[tokio::test]
async fn the_rules_in_use_are_the_rules_printed() {
    let plain = printed("ranking", |text| text).await;
    for expected in [
        "满分100分：覆盖率40分、完整率30分、准确率30分。",
        "依次比较综合得分、覆盖率、准确率、完整率，高者在前；各项全部相同的名次并列",
        "社区、村分别排名，另作全部单位的总排名。",
        "登记在其他单位名下的也计为已覆盖，称为他处登记",
    ] {
        assert!(plain.contains(expected), "{expected}: {plain}");
    }
    assert!(!plain.contains("一票否决") && !plain.contains("扣分所列"), "{plain}");
    let own = printed("ranking", |text| {
        format!(
            "{text}\n[ranking]\ngroup_by = \"none\"\norder = [\"accuracy\", \"score\"]\nmin_records = 5\n\
             [scoring.weights]\ncoverage = 50\ncompleteness = 0\naccuracy = 50\n\
             [[scoring.veto]]\nindicator = \"coverage\"\nbelow = \"50%\"\nreason = \"覆盖率过低\"\n\
             [[scoring.veto]]\nindicator = \"accuracy\"\nbelow = \"60%\"\nreason = \"准确率低于60%\"\n\
             [[scoring.deductions]]\nunit = \"440118001201\"\npoints = \"0.5\"\nreason = \"迟报一次\"\n"
        )
    })
    .await;
    for expected in [
        "满分100分：覆盖率50分、准确率50分。",
        "另按表中所列事由扣分",
        "有登记记录而有下列情形之一的，综合得分计0分，不再由各项得分相加，并以0分参加排名：覆盖率低于50%（覆盖率过低）；准确率低于60%。",
        "全部单位统一排名。依次比较准确率、综合得分，高者在前",
        "记录数少于5条的不参加排名。",
    ] {
        assert!(own.contains(expected), "{expected}: {own}");
    }
    assert!(!own.contains("依次比较覆盖率、准确率、完整率"), "{own}");
    let alone = printed("ranking", |text| format!("{text}\n[ranking]\norder = [\"score\"]\n")).await;
    assert!(alone.contains("比较综合得分，高者在前；相同的名次并列"), "{alone}");
}

#[tokio::test]
async fn english_documents_print_the_rules_in_use_too() {
    let text = printed("ranking", |text| {
        let english = text.replace("kind = \"ranking\"\n", "kind = \"ranking\"\nlanguage = \"en\"\n");
        format!("{english}\n[ranking]\norder = [\"accuracy\", \"score\"]\n[[scoring.veto]]\nindicator = \"coverage\"\nbelow = \"50%\"\nreason = \"too low\"\n")
    })
    .await;
    for expected in [
        "comparedbyAccuracyandscoreinthisorder",
        "Thescorehas100points:Coverage40,Completeness30andAccuracy30.",
        "Thesegroupsarerankedseparately:社区and村.",
        "Thescoreofaunitthathasrecordsis0,notthesumofitspoints,andranksas0whereCoverageisbelow50%(toolow).",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[tokio::test]
async fn what_an_unreadable_item_comes_to_is_what_the_definitions_say() {
    let skip = |text: String| format!("{text}\n[indicators.accuracy]\non_missing = \"skip\"\n");
    let office = office_at("2016-07-08T01:00:00Z", skip);
    // Everybody's sex and birth date is filled with something that is neither, and nobody's is blank.
    execute(&office.dir.path().join("register.db"), "UPDATE person SET sex = 'x', birth_date = '1990-02-31'");
    let outcome = run(&office, Request { dry_run: true, ..request("weekly", JUNE[1]) }).await.unwrap();
    let counts = &outcome.results.totals.counts;
    let sex = tongbao::config::settings::Relation::IdSex.index();
    assert!(counts.relation_judged[sex] > 0 && counts.relation_passed[sex] == 0, "it fails");
    let text = pdf_text(&outcome.documents[0].bytes);
    assert!(text.contains("填写而无法辨认的，仍判为不符，以免乱填反得免判"), "{text}");
    assert!(!text.contains("未填或无法辨认的，该项关系不判"), "{text}");
    // A blank one is not judged.
    execute(&office.dir.path().join("register.db"), "UPDATE person SET sex = NULL");
    let outcome = run(&office, Request { dry_run: true, ..request("weekly", JUNE[1]) }).await.unwrap();
    let malformed = outcome.results.findings.invalid_id_numbers;
    let counts = &outcome.results.totals.counts;
    assert!(counts.relation_judged[sex] <= malformed, "{} {malformed}", counts.relation_judged[sex]);
}

#[tokio::test]
async fn kinds_given_as_codes_are_printed_as_words() {
    let text = printed("ranking", |text| {
        let units = "[source.units]\ntable = \"unit\"\nkind = { column = \"kind\", codes = { \"村\" = \"企业\", \"社区\" = \"学校\" } }\n";
        text.replace("[source.units]\ntable = \"unit\"\n", units)
    })
    .await;
    assert!(text.contains("企业排名") || text.contains("学校排名"), "{text}");
    assert!(!text.contains("村排名") && !text.contains("社区排名"), "{text}");
}

#[tokio::test]
async fn units_ranked_all_together_are_one_list() {
    for kinds in ["kind = \"kind\"", "kind = \"\""] {
        let office = office_at("2016-07-08T01:00:00Z", |text| {
            let units = format!("[source.units]\ntable = \"unit\"\n{kinds}\n");
            let text = text.replace("[source.units]\ntable = \"unit\"\n", &units);
            format!("{text}\n[ranking]\ngroup_by = \"none\"\n")
        });
        run(&office, numbered("ranking", JUNE[0], "60")).await.unwrap();
        run(&office, numbered("ranking", JUNE[1], "61")).await.unwrap();
        let text = text(&office, 2).await;
        assert!(text.contains("二、排名榜") && !text.contains("（一）"), "{text}");
        assert!(text.contains("上期名次"), "{text}");
        assert!(!text.contains("村末位") && !text.contains("社区末位"), "{text}");
    }
    // Kinds that are blank throughout are one group too.
    let text =
        printed("ranking", |text| text.replace("table = \"unit\"\n", "table = \"unit\"\nkind = \"\"\n"))
            .await;
    assert!(text.contains("二、排名榜") && !text.contains("（一）"), "{text}");
}

#[tokio::test]
async fn the_black_list_and_the_summary_follow_the_released_runs() {
    let office = office_at("2016-07-08T01:00:00Z", |text| {
        let text = text.replace(
            "[reports.ranking]\nkind = \"ranking\"\n",
            "[reports.ranking]\nkind = \"ranking\"\nattach = [\"pdf\", \"summary\"]\n",
        );
        format!("{text}\n[honours]\nlast_in_a_row = 2\nfastest = 1\nlast_action = \"由领导小组办公室约谈\"\n")
    });
    run(&office, numbered("ranking", JUNE[0], "60")).await.unwrap();
    let first = text(&office, 1).await;
    assert!(!first.contains("红榜") && !first.contains("黑榜"), "nothing is compared yet: {first}");
    // A held run is not of the series.
    run(&office, request("ranking", JUNE[1])).await.unwrap();
    run(&office, numbered("ranking", JUNE[2], "61")).await.unwrap();
    let third = text(&office, 3).await;
    assert!(third.contains("红榜") && third.contains("综合得分比上期提高最多的，"), "{third}");
    if third.contains("黑榜：") {
        assert!(third.contains("连续2次在同类单位中排名末位，由领导小组办公室约谈。"), "{third}");
    }
    let documents = office.store().await.documents(3).await.unwrap();
    let summary = documents.iter().find(|file| file.name.starts_with("领导摘要_")).unwrap();
    let text = pdf_text(&summary.bytes);
    assert!(text.contains("荔街〔2016〕61号") && text.contains("居后单位"), "{text}");
    assert_eq!(tongbao::render::readback::sheets(&summary.bytes).unwrap().len(), 1);
    // Made again for the console, it is the very document, 红黑榜 included.
    let (engine, store) = (office.engine(), office.store().await);
    let remade = engine.remade(&store, &store.run(3).await.unwrap()).await.unwrap();
    let issued =
        documents.iter().find(|file| file.name.ends_with(".pdf") && file.name != summary.name).unwrap();
    assert_eq!(engine.printed(&remade).unwrap().pdf, issued.bytes);
    let deliveries = office.deliveries().await;
    let mail = deliveries.iter().rfind(|mail| mail.run == Some(3)).unwrap();
    let bytes = store.archive.get(&mail.sha256).unwrap();
    let path = office.dir.path().join("mail.eml");
    std::fs::write(&path, bytes).unwrap();
    let read = read_mail(&path).to_string();
    assert!(read.contains("领导摘要_") && !read.contains(".xlsx"), "{read}");
}

#[tokio::test]
async fn the_csv_has_no_column_that_only_a_page_can_show() {
    let office = office_at("2016-07-08T01:00:00Z", |text| {
        text.replace(
            "[reports.weekly]\nkind = \"bulletin\"\n",
            "[reports.weekly]\nkind = \"bulletin\"\nattach = [\"pdf\", \"csv\"]\n",
        )
    });
    let outcome = run(&office, Request { dry_run: true, ..request("weekly", JUNE[2]) }).await.unwrap();
    let file = outcome.documents.iter().find(|file| file.name.ends_with(".csv")).unwrap();
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').count());
    let columns = lines.next().unwrap();
    assert!(text.contains("完整率") && !text.contains("走势"), "{text}");
    assert!(lines.all(|line| line == columns), "{text}");
}
