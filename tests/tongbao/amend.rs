//! An office's own words in a held run: the text is replaced, figures and tables stay, both texts are kept.

use jiff::civil::date;
use serde_json::Value;
use tongbao::pipeline::{Amending, ReleaseDecision, Request, RunError};
use tongbao::report::amendment::AmendmentError;
use tongbao::store::StoreError;
use tongbao::store::amendments::in_force;
use tongbao::store::runs::StoredFile;

use crate::support::office::{MINUTE, Office, execute, pdf_text};
use crate::support::setting::{self, stderr, stdout, tongbao};

const NEW: &str = "　　各村、社区要在本月底前逐户走访。\n街道办将于下周一**逐一**督查。";

/// An office with a ranking that is held for want of a number: run 1.
async fn held() -> Office {
    let office = Office::new("2016-07-08T01:00:00Z", |text| {
        text.replace("kind = \"ranking\"", "kind = \"ranking\"\nattach = [\"pdf\", \"docx\"]")
    });
    let request = Request {
        report: "ranking".into(),
        from: Some(date(2016, 5, 25)),
        to: Some(date(2016, 6, 30)),
        ..Request::default()
    };
    let outcome =
        office.engine().run(Some(&office.store().await), &request, office.now(), |_| {}).await.unwrap();
    assert_eq!((outcome.run, outcome.held.len()), (Some(1), 1));
    office
}

async fn amend(office: &Office, section: &str, text: Option<&str>) -> Result<Vec<StoredFile>, RunError> {
    office.hand.advance(MINUTE);
    let (store, engine) = (office.store().await, office.engine());
    let asked = Amending { section: section.into(), text: text.map(str::to_owned), by: "王主任".into() };
    let run = store.run(1).await?;
    Ok(engine.amend(&store, &run, &asked, office.now()).await?.documents)
}

async fn approve(office: &Office) {
    let store = office.store().await;
    let decision = ReleaseDecision {
        by: "王主任".into(),
        number: Some("60".into()),
        round: None,
        no_send: false,
        out_of_order: false,
    };
    office.engine().approve(&store, &store.run(1).await.unwrap(), &decision, office.now()).await.unwrap();
}

fn file<'a>(files: &'a [StoredFile], ending: &str) -> &'a [u8] {
    &files.iter().find(|file| file.name.ends_with(ending)).unwrap().bytes
}

/// The XML of the text of a Word document, by unzip.
fn word_text(docx: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.docx");
    std::fs::write(&path, docx).unwrap();
    let script = "import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read('word/document.xml').decode())";
    let output =
        std::process::Command::new("/usr/bin/python3").arg("-c").arg(script).arg(&path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The tables of a Word document, with their figures.
fn tables(docx: &[u8]) -> Vec<String> {
    let text = word_text(docx);
    text.split("<w:tbl>").skip(1).map(|part| part.split("</w:tbl>").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_words_change_in_draft_and_release_and_nothing_else_does() {
    let office = held().await;
    let store = office.store().await;
    let before = store.documents(1).await.unwrap();
    let drafts = amend(&office, "要求", Some(NEW)).await.unwrap();
    let printed = pdf_text(file(&drafts, ".pdf"));
    for sentence in ["各村、社区要在本月底前逐户走访。", "街道办将于下周一逐一督查。"]
    {
        assert!(printed.contains(sentence), "{printed}");
    }
    assert!(printed.contains("送审稿") && !printed.contains("查找差距"));
    assert_eq!(tables(file(&drafts, ".docx")), tables(file(&before, ".docx")));
    let reprinted = store.documents(1).await.unwrap();
    assert_eq!(reprinted.len(), 3);
    for ending in [".pdf", ".docx", ".xlsx"] {
        assert!(
            file(&reprinted, ending) == file(&drafts, ending),
            "reprint gives the amended draft {ending}"
        );
    }

    let figures = store.details(1).await.unwrap().0;
    approve(&office).await;
    let released = store.documents(1).await.unwrap();
    let printed = pdf_text(file(&released, ".pdf"));
    assert!(
        printed.contains("逐户走访") && printed.contains("荔街〔2016〕60号") && !printed.contains("送审稿")
    );
    assert!(word_text(file(&released, ".docx")).contains("逐户走访"));
    assert_eq!(tables(file(&released, ".docx")), tables(file(&before, ".docx")));
    assert_eq!(store.details(1).await.unwrap().0, figures);

    let history = store.amendments(1).await.unwrap();
    assert_eq!(history.len(), 1);
    assert!(history[0].before.contains("查找差距"), "{history:?}");
    assert_eq!((history[0].text.as_deref(), history[0].by.as_str()), (Some(NEW), "王主任"));
    let log: Vec<String> = store.audit().await.unwrap().into_iter().map(|entry| entry.what).collect();
    assert_eq!(log.iter().filter(|what| *what == "amend").count(), 1);
    let found = store.verification(None, office.now()).await.unwrap();
    assert!(found.is_sound(), "{:?}", found.problems);
}

#[tokio::test]
async fn a_section_is_amended_again_and_taken_back() {
    let office = held().await;
    let original = file(&office.store().await.documents(1).await.unwrap(), ".pdf").to_vec();
    amend(&office, "四", Some("甲。")).await.unwrap_or_default();
    let section = |text: &'static str| amend(&office, "要求", Some(text));
    section("第一稿。").await.unwrap();
    section("第二稿。").await.unwrap();
    amend(&office, "0", Some("现通报如下。")).await.unwrap();
    let history = office.store().await.amendments(1).await.unwrap();
    let last = history.iter().rev().find(|amendment| amendment.section == "要求").unwrap();
    assert_eq!((last.before.as_str(), last.text.as_deref()), ("第一稿。", Some("第二稿。")));
    let drafts = amend(&office, "要求", None).await.unwrap();
    let printed = pdf_text(file(&drafts, ".pdf"));
    assert!(printed.contains("查找差距") && printed.contains("现通报如下。") && !printed.contains("第二稿"));
    let titles: Vec<String> =
        office.store().await.amendments(1).await.unwrap().iter().map(|a| a.section.clone()).collect();
    for title in ["", "要求", "表扬与提醒", "表扬", "提醒"] {
        if titles.iter().any(|known| known == title) {
            amend(&office, if title.is_empty() { "0" } else { title }, None).await.unwrap();
        }
    }
    let store = office.store().await;
    assert!(in_force(&store.amendments(1).await.unwrap()).is_empty());
    let again = store.documents(1).await.unwrap();
    assert!(file(&again, ".pdf") == original, "the same to the byte");
    assert!(store.verification(None, office.now()).await.unwrap().is_sound());
}

#[tokio::test]
async fn what_may_not_stand_there_is_refused_and_recorded_nowhere() {
    let office = held().await;
    for text in ["联系人身份证 440118 19990101 0014。", "44011819000101000X"] {
        let refused = amend(&office, "要求", Some(text)).await.unwrap_err();
        assert!(matches!(refused, RunError::Amendment(AmendmentError::IdNumber { line: 1 })), "{refused}");
        assert!(!refused.to_string().contains("440118"), "{refused}");
    }
    for (section, text, part) in [
        ("十", "甲。", "there is no section \"十\"; the document has: 0, 一 总体情况"),
        ("附件1", "甲。", "there is no section"),
        ("要求", " \n", "blank"),
        ("要求", "甲。\n## 乙", "line 2: write paragraphs only"),
        ("要求", "```table scores\n```", "write paragraphs only"),
        ("要求", "<script>", "write paragraphs only"),
        ("要求", "甲\u{7}", "control character"),
        ("要求", "\u{10fffd}", "no font has the character"),
    ] {
        let refused = amend(&office, section, Some(text)).await.unwrap_err().to_string();
        assert!(refused.contains(part), "{section}: {refused}");
    }
    assert!(office.store().await.amendments(1).await.unwrap().is_empty());
    approve(&office).await;
    let refused = amend(&office, "要求", Some("甲。")).await.unwrap_err().to_string();
    let advice = "issue a corrected one: tongbao run ranking --from 2016-05-25 --to 2016-06-30";
    assert!(refused.contains("has been released") && refused.contains(advice), "{refused}");
}

#[tokio::test]
async fn a_rejected_run_and_a_decided_one_are_left_alone() {
    let office = held().await;
    let store = office.store().await;
    store.reject(1, "王主任", "数据有误", office.now()).await.unwrap();
    let refused = amend(&office, "要求", Some("甲。")).await.unwrap_err();
    assert!(matches!(refused, RunError::Store(StoreError::NotHeld { run: 1, .. })), "{refused}");
    // Also where the decision falls between reading and writing.
    let late = tongbao::store::amendments::Amendment {
        section: "要求".into(),
        before: "甲".into(),
        text: Some("乙".into()),
        by: "王主任".into(),
        at: office.now().to_string(),
    };
    assert!(store.amend(1, &late, &[], office.now()).await.is_err());
    assert!(store.amendments(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_changed_record_of_words_is_found() {
    let office = held().await;
    amend(&office, "要求", Some("甲。")).await.unwrap();
    execute(&office.state().join("tongbao.db"), "UPDATE amendment SET text = '乙。'");
    let found = office.store().await.verification(None, office.now()).await.unwrap();
    let problems: Vec<String> = found.problems.iter().map(|problem| problem.text.to_string()).collect();
    assert_eq!(problems, ["run 1: the list of amendments has been changed"]);
}

#[test]
fn the_command_lists_amends_and_approves() {
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &setting::configuration(&setting::sample(dir.path(), 1_500), dir.path()));
    let run = |arguments: &[&str]| {
        let mut all = vec!["--config", "tongbao.toml"];
        all.extend(arguments);
        tongbao(dir.path(), &all)
    };
    let made = run(&["-q", "run", "ranking", "--from", "2016-05-25", "--to", "2016-06-30", "--no-send"]);
    assert_eq!(made.status.code(), Some(3), "{}", stderr(&made));
    std::fs::write(dir.path().join("text.txt"), "\u{feff}请各村抓紧。\n").unwrap();
    let amended =
        run(&["amend", "1", "--section", "要求", "--text", "text.txt", "--by", "王主任", "--out", "drafts"]);
    assert!(amended.status.success(), "{}", stderr(&amended));
    assert!(stdout(&amended).contains("要求 amended by 王主任\nwrote drafts/"), "{}", stdout(&amended));
    let listed = run(&["--format", "json", "amend", "1", "--list"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let sections = listed["sections"].as_array().unwrap();
    let section = sections.iter().find(|section| section["title"] == "要求").unwrap();
    assert_eq!((&section["text"], &section["amended"]["by"]), (&"请各村抓紧。".into(), &"王主任".into()));
    assert_eq!(sections.iter().filter(|section| section["amended"].is_object()).count(), 1);
    let table = stdout(&run(&["--lang", "zh", "amend", "1", "--list"]));
    assert!(table.contains("（开头）") && table.contains("王主任"), "{table}");
    for (arguments, part) in [
        (&["amend", "1"][..], "--list"),
        (&["amend", "1", "--section", "要求"], "--text"),
        (&["amend", "1", "--section", "要求", "--text", "none.txt"], "cannot read none.txt"),
        (&["amend", "1", "--list", "--undo"], "cannot be used with"),
    ] {
        let wrong = run(arguments);
        assert_eq!(wrong.status.code(), Some(2), "{}", stderr(&wrong));
        assert!(stderr(&wrong).contains(part), "{}", stderr(&wrong));
    }
    std::fs::write(dir.path().join("gbk.txt"), [0xc7, 0xeb]).unwrap();
    let wrong = run(&["amend", "1", "--section", "要求", "--text", "gbk.txt"]);
    assert!(stderr(&wrong).contains("not UTF-8"), "{}", stderr(&wrong));
    let approved = run(&["approve", "1", "--number", "60", "--no-send"]);
    assert!(
        stdout(&approved).contains("with the office's own words: section 要求, by 王主任"),
        "{}",
        stdout(&approved)
    );
    let shown = stdout(&run(&["show", "1"]));
    assert!(shown.contains("amended        section 要求 by 王主任 on "), "{shown}");
    assert!(run(&["reprint", "1", "--out", "again"]).status.success());
    let pdf = std::fs::read_dir(dir.path().join("again")).unwrap().map(|entry| entry.unwrap().path());
    let pdf = pdf.into_iter().find(|path| path.extension().is_some_and(|e| e == "pdf")).unwrap();
    assert!(pdf_text(&std::fs::read(pdf).unwrap()).contains("请各村抓紧。"));
    assert!(run(&["verify"]).status.success());
}
