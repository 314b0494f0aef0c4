//! Campaigns of every odd shape: each document keeps the standard by the program's own check.

use std::process::Command;

use super::*;

/// Which rules of the standard a document breaks.
fn broken(document: &Document) -> Vec<String> {
    let findings = inspect(&sheets(&written(document)).unwrap());
    assert!(findings.len() > 20, "{findings:?}");
    findings.iter().filter(|finding| !finding.ok).map(|finding| format!("{finding:?}")).collect()
}

fn all_keep_the_standard(what: &str, settings: &Settings, list: &[Made]) {
    let results = results(settings, list);
    for report in ["weekly", "ranking", "acceptance"] {
        let broken = broken(&document(settings, report, &results));
        assert!(broken.is_empty(), "{report}, {what}: {broken:#?}");
    }
}

fn numbered(i: usize) -> String {
    format!("第{i}")
}

#[test]
fn ties_vetoes_and_silent_units() {
    let mut settings = settings();
    settings.scoring.vetoes = vec![Veto {
        indicator: Indicator::Coverage,
        below: Target(num_rational::Ratio::new(1, 2)),
        reason: "覆盖率低于50%".into(),
    }];
    let mut list = campaign(37, numbered);
    for unit in &mut list[..4] {
        (unit.expected, unit.weeks) = (150, [[100; 3], [50; 3]].map(counts_of));
    }
    list[25..36].iter_mut().for_each(|unit| unit.weeks = [[0; 3]; 2].map(counts_of));
    (list[36].expected, list[36].weeks) = (0, [[0; 3]; 2].map(counts_of));
    all_keep_the_standard("odd", &settings, &list);
    let tied: Vec<Made> = (0..300)
        .map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 100, [[50; 3], [20; 3]]))
        .collect();
    let bulletin = broken(&document(&settings, "weekly", &results(&settings, &tied)));
    assert!(bulletin.is_empty(), "{bulletin:#?}");
}

#[test]
fn more_persons_than_the_baseline() {
    let mut settings = settings();
    settings.indicators.coverage.method = CoverageMethod::Baseline;
    let mut list = campaign(12, numbered);
    (list[0].expected, list[5].expected, list[7].expected) = (20, 30, 0);
    all_keep_the_standard("over the baseline", &settings, &list);
}

#[test]
fn trees_of_two_levels_and_a_town_with_a_seal() {
    let mut settings = settings();
    let mut list = Vec::new();
    for village in 0..8 {
        let code = format!("1{village}");
        list.push(made(&code, &format!("第{village}村"), "村", None, 0, [[0; 3]; 2]));
        for group in 0..4_u64 {
            let n = 10 + village * 5;
            let weeks = [[n, n, n - group], [n / 3, n / 3, n / 4]];
            list.push(made(&format!("{code}{group}"), &format!("{group}组"), "组", Some(&code), 100, weeks));
        }
    }
    all_keep_the_standard("a tree", &settings, &list);
    settings.campaign.issuer = "派潭镇人民政府".into();
    settings.campaign.area = "全镇".into();
    settings.campaign.seal = true;
    all_keep_the_standard("a town", &settings, &campaign(12, numbered));
}

#[test]
fn a_long_issuer_is_divided_between_words() {
    let mut settings = settings();
    settings.campaign.issuer = "广州市增城区荔城街道来穗人员和出租屋服务管理领导小组办公室".to_owned();
    let bytes = written(&document(&settings, "weekly", &results(&settings, &campaign(3, numbered))));
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("issuer.pdf"), bytes).unwrap();
    let output = Command::new("pdftotext").args(["-raw", "issuer.pdf", "-"]).current_dir(dir.path()).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    // In the head, the signature and 版记, beside the date or above it.
    assert!(text.lines().filter(|line| line.contains("出租屋")).count() >= 4, "{text}");
    let is_divided = |line: &str| ["屋", "务", "员", "室"].iter().any(|end| line.starts_with(end));
    assert!(!text.lines().any(is_divided), "{text}");
}
