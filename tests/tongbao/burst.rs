//! Bursting: a village gets the bulletin with its own page and its own correction list, and nobody
//! gets anybody else's.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use tongbao::pipeline::{ReleaseDecision, Request};

use crate::support::office::{HOUR, MINUTE, Office, busy, execute, live, pdf_text};
use crate::support::smtp::read_mail;

const VILLAGE: &str = "village@example.test";
const OTHER: &str = "other@example.test";

/// The office with two recipients who answer for the first and the second unit by code.
fn office(edit: impl Fn(String) -> String) -> (Office, Vec<String>) {
    let office = Office::new("2016-07-11T01:00:00Z", |text| text);
    // All persons live in the first two units, and half of each lack something.
    let sql = "UPDATE person SET village_code = CASE WHEN id % 2 = 0 THEN (SELECT MIN(code) FROM unit)
                   ELSE (SELECT MIN(code) FROM unit WHERE code > (SELECT MIN(code) FROM unit)) END;
               UPDATE person SET ethnicity = NULL WHERE id % 4 < 2";
    execute(&office.dir.path().join("register.db"), sql);
    let codes = column(&office, "SELECT code FROM unit ORDER BY code");
    let members = format!(
        "members = [{{ name = \"领导小组办公室\", email = \"office@example.test\" }},\n\
         {{ name = \"甲村\", email = \"{VILLAGE}\", unit = \"{}\" }},\n\
         {{ name = \"乙村\", email = \"{OTHER}\", unit = \"{}\" }}]",
        codes[0], codes[1]
    );
    let old = "members = [{ name = \"领导小组办公室\", email = \"office@example.test\" }]";
    assert!(office.text.contains(old));
    let text = edit(office.text.replace(old, &members));
    (Office { text, ..office }, codes)
}

/// One text column of the register.
fn column(office: &Office, sql: &'static str) -> Vec<String> {
    let path = office.dir.path().join("register.db");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            sqlx::query_scalar::<_, Option<String>>(sql).fetch_all(&pool).await.unwrap()
        })
    })
    .join()
    .unwrap()
    .into_iter()
    .flatten()
    .collect()
}

fn request() -> Request {
    Request {
        report: "weekly".into(),
        from: Some("2016-06-04".parse().unwrap()),
        to: Some("2016-07-07".parse().unwrap()),
        ..Request::default()
    }
}

/// Names and contents of the attachments in the stored mail to an address.
async fn attachments(office: &Office, address: &str) -> Vec<(String, Vec<u8>)> {
    let store = office.store().await;
    let all = store.deliveries(None).await.unwrap();
    let mail = all.into_iter().rfind(|mail| mail.address == address && mail.kind.key() == "report").unwrap();
    let path = office.dir.path().join("mail.eml");
    std::fs::write(&path, store.archive.get(&mail.sha256).unwrap()).unwrap();
    let read = read_mail(&path);
    let name = |file: &serde_json::Value| file["name"].as_str().unwrap().to_owned();
    let names: Vec<String> = read["files"].as_array().unwrap().iter().map(name).collect();
    let folder = office.dir.path().join("files");
    let script = "import sys,email,email.policy,pathlib\n\
        m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default)\n\
        d=pathlib.Path(sys.argv[2]);d.mkdir(exist_ok=True)\n\
        [(d/str(i)).write_bytes(p.get_payload(decode=True)) for i,p in enumerate(m.iter_attachments())]";
    let python = std::process::Command::new("/usr/bin/python3");
    let status = { python }.args(["-c", script]).arg(&path).arg(&folder).status().unwrap();
    assert!(status.success());
    let bytes = |i: usize| std::fs::read(folder.join(i.to_string())).unwrap();
    names.into_iter().enumerate().map(|(i, name)| (name, bytes(i))).collect()
}

/// Record keys of a correction list, and all its texts.
fn list(bytes: &[u8]) -> (Vec<String>, String) {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let mut keys = Vec::new();
    for row in range.rows() {
        if let [Data::Float(_), Data::String(key), ..] = row {
            keys.push(key.clone());
        }
    }
    let text = range.cells().map(|(_, _, cell)| cell.to_string()).collect::<Vec<_>>().join("\n");
    (keys, text)
}

#[tokio::test]
async fn a_village_gets_its_own_page_and_list_and_nobody_elses() {
    let (office, codes) = office(|text| text);
    let store = office.store().await;
    office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    let office_files = attachments(&office, "office@example.test").await;
    assert_eq!(office_files.len(), 2, "bulletin and workbook: {office_files:?}");
    let names = column(&office, "SELECT name FROM unit ORDER BY code");
    let persons = column(&office, "SELECT name FROM person WHERE length(name) > 1");
    let numbers = column(&office, "SELECT id_number FROM person WHERE length(id_number) > 14");
    for (address, code, name) in [(VILLAGE, &codes[0], &names[0]), (OTHER, &codes[1], &names[1])] {
        let files = attachments(&office, address).await;
        assert_eq!(files.len(), 4, "{address}");
        assert_eq!(files[0].1, office_files[0].1, "the same bulletin");
        let page = pdf_text(&files[2].1);
        assert!(files[2].0.ends_with(".pdf") && page.contains(name.as_str()), "{page}");
        let (keys, text) = list(&files[3].1);
        let sql = "SELECT village_code || '/' || id FROM person";
        let own: BTreeSet<String> = column(&office, sql)
            .into_iter()
            .filter_map(|pair| pair.strip_prefix(&format!("{code}/")).map(str::to_owned))
            .collect();
        assert!(!keys.is_empty() && keys.iter().all(|key| own.contains(key)), "only its own records");
        let leaks = |word: &String| text.contains(word.as_str()) || page.contains(word.as_str());
        assert_eq!(persons.iter().chain(&numbers).find(|word| leaks(word)), None, "no person is named");
    }
}

/// Reports of one period say the same of a unit: the subject names the report.
#[tokio::test]
async fn subjects_of_a_unit_name_the_report() {
    let to_all =
        |text: String| text.replace("to = [\"leading_group\"]", "to = [\"leading_group\", \"office\"]");
    let english = |text: String| text.replacen("[campaign]", "[campaign]\nlanguage = \"en\"", 1);
    let chinese_names = ["登记质量（排名通报，", "登记质量（验收通报，", "登记质量（进度通报，"];
    let english_names = [
        ", register quality (ranking circular, 4 June to 7 July)",
        ", register quality (acceptance circular, 4 June to 7 July)",
        ", register quality (progress bulletin, 4 June to 7 July)",
    ];
    for (is_english, names) in [(false, chinese_names), (true, english_names)] {
        let (office, _) = office(|text| if is_english { english(to_all(text)) } else { to_all(text) });
        let store = office.store().await;
        for (report, number) in [("ranking", Some("60")), ("acceptance", Some("61")), ("weekly", None)] {
            let asked = Request { report: report.into(), number: number.map(Into::into), ..request() };
            office.engine().run(Some(&store), &asked, office.now(), |_| {}).await.unwrap();
        }
        let mails = store.deliveries(None).await.unwrap();
        let subjects: Vec<String> = mails
            .iter()
            .filter(|mail| mail.address == VILLAGE)
            .map(|mail| {
                let path = office.dir.path().join("subject.eml");
                std::fs::write(&path, store.archive.get(&mail.sha256).unwrap()).unwrap();
                read_mail(&path)["subject"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(subjects.len(), 3, "{subjects:?}");
        for name in names {
            assert_eq!(subjects.iter().filter(|s| s.contains(name)).count(), 1, "{name}: {subjects:?}");
        }
    }
}

/// As many records as the unit's own counts say: the list and the page cannot disagree.
#[tokio::test]
async fn lists_are_as_long_as_the_figures_say() {
    let (office, codes) = office(|text| text);
    // A record whose code has stray blanks belongs to its unit, in the figures and in the list.
    execute(
        &office.dir.path().join("register.db"),
        "UPDATE person SET village_code = ' ' || village_code || ' ', name = NULL WHERE id IN
         (SELECT id FROM person WHERE village_code = (SELECT MIN(code) FROM unit) LIMIT 1)",
    );
    let store = office.store().await;
    let outcome = office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    let lists = store.corrections(outcome.run.unwrap()).await.unwrap();
    assert_eq!(lists.keys().collect::<Vec<_>>(), [&codes[0], &codes[1]]);
    let evaluator =
        tongbao::indicator::record_flags::RecordEvaluator::new(&office.engine().settings.indicators);
    for (code, list) in &lists {
        let unit = outcome.results.units.iter().find(|unit| unit.unit.code == *code).unwrap();
        let counts = &unit.figures.counts;
        let defects: Vec<_> =
            list.records.iter().map(|r| evaluator.defects(r.contribution(), r.own)).collect();
        let incomplete = defects.iter().filter(|(missing, _)| !missing.is_empty()).count() as u64;
        assert_eq!(incomplete, counts.records - counts.complete);
        let inaccurate = defects.iter().filter(|(_, failed)| !failed.is_empty()).count() as u64;
        assert_eq!(inaccurate, counts.judged - counts.accurate);
        for field in tongbao::register::field::Field::ALL {
            let i = field.index();
            let missing = defects.iter().filter(|(missing, _)| missing.contains(&field)).count() as u64;
            assert_eq!(missing, counts.applicable[i] - counts.filled[i], "{field:?}");
        }
    }
}

/// A unit below the target of a rate of the office's own sees which records it has to correct. What is late is late.
#[tokio::test]
async fn lists_name_what_own_rates_count() {
    const OWN: &str = r#"
[fields.phone]
label = { zh = "联系电话", en = "Telephone" }
type = "form"
form = "1[0-9]{10}"
[relations.late]
label = { zh = "及时登记", en = "In time" }
check = ["registered_on < 2016-01-01"]
[indicators.completeness]
fields = ["name"]
[indicators.own.contact]
label = { zh = "联系率", en = "Contact" }
of = "fields"
fields = ["phone"]
target = "90%"
[indicators.own.tidy]
label = { zh = "规范率", en = "Conformity" }
of = "valid"
fields = ["phone"]
target = "90%"
[indicators.own.timely]
label = { zh = "及时率", en = "Timeliness" }
of = "relations"
relations = ["late"]
target = "90%"
"#;
    let (office, codes) = office(|text| format!("{text}\n{OWN}"));
    let one =
        |at: u8| format!("(SELECT id FROM person WHERE village_code = '{}' LIMIT 1 OFFSET {at})", codes[0]);
    execute(
        &office.dir.path().join("register.db"),
        &format!(
            "ALTER TABLE person ADD COLUMN phone TEXT; UPDATE person SET phone = '13800138000';
             UPDATE person SET phone = NULL WHERE id = {}; UPDATE person SET phone = '12' WHERE id = {};",
            one(0),
            one(1),
        ),
    );
    let store = office.store().await;
    office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    let (_, text) = list(&attachments(&office, VILLAGE).await[3].1);
    assert_eq!(text.matches("联系电话（不合规范）").count(), 1, "{text}");
    assert_eq!(text.matches("联系电话").count(), 2, "{text}");
    assert!(!text.contains("及时登记"), "{text}");
}

#[tokio::test]
async fn long_lists_end_with_a_count_and_masks_are_asked_for() {
    let (office, _) = office(|text| format!("{text}\n[corrections]\nmasked_id = true\nat_most = 1\n"));
    let number = "UPDATE person SET id_number = '4401181900' || printf('%07d', id) || 'X'";
    execute(&office.dir.path().join("register.db"), number);
    let store = office.store().await;
    office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    let (keys, text) = list(&attachments(&office, VILLAGE).await[3].1);
    assert_eq!(keys.len(), 1);
    assert!(text.contains("未列出") && text.contains("****************"), "{text}");
}

#[tokio::test]
async fn a_held_run_shows_no_list_before_its_release() {
    let (office, _) =
        office(|text| text.replace("kind = \"bulletin\"\n", "kind = \"bulletin\"\nsign_off = true\n"));
    let store = office.store().await;
    let outcome = office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    let drafts = store.deliveries(None).await.unwrap();
    assert!(drafts.iter().all(|mail| mail.kind.key() == "draft" && mail.unit.is_none()), "{drafts:?}");
    // The register changes; the release still tells what was found when the run was made.
    let lists = store.corrections(1).await.unwrap();
    execute(&office.dir.path().join("register.db"), "DELETE FROM person");
    let decision = ReleaseDecision { by: "王主任".into(), ..ReleaseDecision::default() };
    let run = store.run(outcome.run.unwrap()).await.unwrap();
    office.engine().approve(&store, &run, &decision, office.now()).await.unwrap();
    let (keys, _) = list(&attachments(&office, VILLAGE).await[3].1);
    let listed: Vec<String> = lists.values().next().unwrap().records.iter().map(|r| r.key.clone()).collect();
    assert_eq!(keys, listed);
}

#[tokio::test]
async fn an_address_in_two_groups_gets_the_lists_of_all_its_units_in_one_mail() {
    let (office, codes) = office(|text| text);
    let second = format!(
        "\n[recipients.second]\nmembers = [{{ name = \"甲村\", email = \"{}\", unit = \"{}\" }}]\n",
        VILLAGE.to_uppercase(),
        codes[1]
    );
    let to = "to = [\"leading_group\", \"office\"]";
    let text =
        format!("{}{second}", office.text.replace(to, "to = [\"leading_group\", \"office\", \"second\"]"));
    let office = Office { text, ..office };
    let store = office.store().await;
    office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    let to_village: Vec<_> = store
        .deliveries(None)
        .await
        .unwrap()
        .into_iter()
        .filter(|mail| mail.address.eq_ignore_ascii_case(VILLAGE))
        .collect();
    assert_eq!(to_village.len(), 1, "each address once");
    assert_eq!(to_village[0].unit.as_deref(), Some(format!("{},{}", codes[0], codes[1]).as_str()));
    let files = attachments(&office, VILLAGE).await;
    assert_eq!(files.len(), 6, "bulletin, workbook, and page and list of each unit");
    let (first, _) = list(&files[3].1);
    let (other, _) = list(&files[5].1);
    assert!(!first.is_empty() && !other.is_empty() && first != other);
}

#[tokio::test]
async fn a_waiting_mail_is_cancelled_when_its_recipient_changes_the_unit() {
    let (mut office, codes) = office(|text| text.replace("0 9 * * Mon", "1 9 11 7 *"));
    let mut daemon = office.daemon().await;
    for address in [VILLAGE, OTHER, "leader@example.test", "deputy@example.test", "office@example.test"] {
        office.refuse(address, Some(busy()));
    }
    live(&office, &mut daemon, MINUTE * 3, MINUTE).await;
    daemon.end().await;
    let waiting = office.deliveries().await.into_iter().find(|mail| mail.address == VILLAGE).unwrap();
    assert_eq!((waiting.state.key(), waiting.unit.as_deref()), ("pending", Some(codes[0].as_str())));
    let (of_village, of_other) =
        (format!("{VILLAGE}\", unit = \"{}\"", codes[0]), format!("{OTHER}\", unit = \"{}\"", codes[1]));
    assert!(office.text.contains(&of_village) && office.text.contains(&of_other));
    // The village's clerk moves to the third unit.
    office.text = office.text.replace(&of_village, &format!("{VILLAGE}\", unit = \"{}\"", codes[2]));
    for address in [VILLAGE, OTHER, "leader@example.test", "deputy@example.test", "office@example.test"] {
        office.refuse(address, None);
    }
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 3, MINUTE * 10).await;
    let all = office.deliveries().await;
    let of = |address: &str| all.iter().find(|mail| mail.address == address).unwrap();
    assert_eq!(of(VILLAGE).state.key(), "cancelled");
    assert!(of(VILLAGE).answer.as_ref().is_some_and(|why| why.to_string().contains("another unit")));
    assert_eq!(of(OTHER).state.key(), "sent");
    assert!(!office.mails().iter().any(|mail| mail.to == VILLAGE));
}

#[tokio::test]
async fn odd_names_of_units_cost_nobody_the_bulletin() {
    let (office, _) = office(|text| text);
    let long = "UPDATE unit SET name = '很' || substr(replace(hex(zeroblob(95)), '0', '长'), 1, 188) || '村'
                WHERE code = (SELECT MIN(code) FROM unit);
                UPDATE unit SET name = '乙' || char(8232) || '村' WHERE code = (SELECT code FROM unit ORDER BY code LIMIT 1 OFFSET 1)";
    execute(&office.dir.path().join("register.db"), long);
    let store = office.store().await;
    office.engine().run(Some(&store), &request(), office.now(), |_| {}).await.unwrap();
    for address in [VILLAGE, OTHER] {
        let files = attachments(&office, address).await;
        assert_eq!(files.len(), 4, "{address}");
        for (name, _) in &files {
            assert!(name.len() <= 200 && !name.contains(['\u{2028}', '/']), "{name}");
        }
        assert!(files[2].0.ends_with(".pdf") && files[3].0.ends_with(".xlsx"), "{}", files[2].0);
    }
}

#[test]
fn addresses_that_no_mail_can_carry_are_errors_of_configuration() {
    let (office, _) = office(|text| text);
    for (odd, words) in [
        ("a..b@example.test", "is no e-mail address"),
        ("a@-x.test", "is no e-mail address"),
        ("a@x..test", "is no e-mail address"),
    ] {
        let text = office.text.replace("leader@example.test", odd);
        let parsed = tongbao::config::parse("t.toml", &text, &Default::default());
        assert!(parsed.is_err_and(|error| error.to_string().contains(words)), "{odd}");
    }
    let text = office.text.replace("领导小组组长", "组\u{2028}长");
    let parsed = tongbao::config::parse("t.toml", &text, &Default::default());
    assert!(parsed.is_err_and(|error| error.to_string().contains("U+2028")));
}
