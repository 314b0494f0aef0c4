//! What an operator who reads Chinese sees: tables, help and wrong usage.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::setting::{self, configuration, stderr, stdout};

fn chinese(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(setting::program());
    command.current_dir(dir).args(arguments).env_remove("TONGBAO_CONFIG").env_remove("TONGBAO_LANG");
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "zh_CN.UTF-8").output().unwrap()
}

/// English words of a text. What has other characters in it than letters is a value: an address, a
/// file, an option, a hash.
fn english(text: &str) -> BTreeSet<&str> {
    let marks = |c: char| "()（），：。;,:'\"".contains(c);
    let words = text.split(|c: char| c.is_whitespace() || marks(c));
    words.filter(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic())).collect()
}

/// A state with slots, mails, a rejected run and a held one.
fn office() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let made = setting::tongbao(dir.path(), &["-q", "demo", "--persons", "400", "--out", "demo"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let text = configuration("sqlite:demo/register.db", &dir.path().join("demo"));
    setting::write(
        dir.path(),
        // Nobody listens at a port that has no service.
        &text.replace("port = 25\n", "port = 1\n").replacen(
            "[reports.weekly]\n",
            "[reports.weekly]\nsign_off = true\n",
            1,
        ),
    );
    for week in [["2016-06-13", "2016-06-19"], ["2016-06-20", "2016-06-26"]] {
        let period = ["--from", week[0], "--to", week[1]];
        let run = [&["--config", "tongbao.toml", "run", "weekly"], &period[..]].concat();
        assert_eq!(setting::tongbao(dir.path(), &run).status.code(), Some(3));
    }
    let reject = ["--config", "tongbao.toml", "reject", "6", "--why", "数据有误", "--by", "王主任"];
    assert!(setting::tongbao(dir.path(), &reject).status.success());
    dir
}

/// Names that the configuration or the machine gives, the keys to set and the commands to run.
fn is_given(word: &str, account: &str) -> bool {
    ["weekly", "ranking", "acceptance", "nowhere", "active", "tongbao", "daemon", "SHA", account]
        .contains(&word)
}

#[test]
fn tables_are_in_chinese_with_their_heads_states_and_reasons() {
    let office = office();
    let account = stdout(&Command::new("id").arg("-un").output().unwrap());
    for (command, expected) in [
        ("runs", ["运行  报告", "已退回", "临时", "已完成"]),
        ("runs --slots", ["计划时刻", "失败次数", "已完成", "原因"]),
        ("show 2", ["进度通报", "覆盖率", "字节数", "已发送"]),
        ("show 5", ["验收报告", "限期整改 (第1轮)", "分母", "对比"]),
        (
            "show 6",
            [
                "由王主任于",
                "原因           数据有误",
                "送审稿",
                "在连接时连不上（连接被拒绝）：不再继续发送，请稍后再试",
            ],
        ),
        ("outbox", ["收件地址", "运行 2", "报告", "下次或上次（Asia/Shanghai）"]),
        ("verify", ["正常     审计日志：", "档案：", "个文件", "链头     "]),
        ("verify --log", ["何人", "退回", "暂扣", "运行 6"]),
        ("reprint 6 --out again", ["已写出 again/", "第6次运行的状态是已退回", "", ""]),
        ("approve 6", ["第6次运行由王主任于", "只有暂扣的运行", "", ""]),
        ("outbox cancel 1", ["邮件1的状态是已发送，不能改为已取消", "", "", ""]),
        ("pause weekly", ["错误：计划\"weekly\"还没有记录", "请先启动", "", ""]),
        ("resume nowhere", ["没有计划\"nowhere\"", "已排定的报告：", "", ""]),
        ("next", ["没有报告待办", "", "", ""]),
        ("check --offline", ["正常     配置", "weekly的计划", "", ""]),
    ] {
        let arguments = [&["--config", "tongbao.toml"], &command.split(' ').collect::<Vec<_>>()[..]].concat();
        let output = chinese(office.path(), &arguments);
        let text = stdout(&output) + &stderr(&output);
        expected.iter().for_each(|part| assert!(text.contains(part), "{command}: no {part} in\n{text}"));
        let mut left = english(&text);
        left.retain(|word| !is_given(word, account.trim()));
        assert!(left.is_empty(), "{command}: {left:?} in\n{text}");
    }
    let pages = std::fs::read_dir(office.path().join("demo")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = pages.filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
    assert_eq!(pages.len(), 3);
    for page in pages {
        let output = chinese(office.path(), &["check", "--layout", page.to_str().unwrap()]);
        let mut left = stdout(&output).replace(page.to_str().unwrap(), "");
        left = left.replace(" mm", "").replace(" pt", "").replace(" pt: ", "");
        assert!(english(&left).is_empty(), "{:?} in\n{left}", english(&left));
    }
    // JSON and English stay what they are.
    let json = chinese(office.path(), &["--config", "tongbao.toml", "--format", "json", "show", "6"]);
    assert!(stdout(&json).contains("\"state\": \"rejected\""), "{}", stdout(&json));
    let plain = chinese(office.path(), &["--config", "tongbao.toml", "--lang", "en", "show", "6"]);
    assert!(stdout(&plain).contains("RATE          NUMERATOR  DENOMINATOR"), "{}", stdout(&plain));
    assert!(stdout(&plain).contains("decided        rejected by 王主任 on "), "{}", stdout(&plain));
}

#[test]
fn a_state_that_was_changed_is_told_in_chinese() {
    let office = office();
    let sql = "import sqlite3; c = sqlite3.connect('demo/state/tongbao.db'); \
               c.execute(\"UPDATE run SET why = 'x' WHERE id = 6\"); c.commit()";
    let done =
        Command::new("/usr/bin/python3").current_dir(office.path()).args(["-c", sql]).output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    let output = chinese(office.path(), &["--config", "tongbao.toml", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("错误     运行：7\n         第6次运行：原因被改动\n"), "{text}");
    assert!(text.contains("状态与记录不符"), "{text}");
}

#[test]
fn mistakes_of_writing_are_explained_in_chinese() {
    let dir = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("[campaign\nname = \"a\"\n", "1:10: 节没有写完，缺少 ]，此处应为 `]`"),
        ("[campaign]\nname = a\n", "2:8: 文字要加引号"),
        ("[campaign]\nname = \n", "2:8: 文字要加引号，此处应为 加引号的文字"),
        ("[campaign]\nname = \"a\"\nname = \"b\"\n", "3:1: 键重复"),
    ] {
        setting::write(dir.path(), text);
        let output = chinese(dir.path(), &["--config", "tongbao.toml", "check", "--offline"]);
        let shown = stdout(&output) + &stderr(&output);
        assert!(shown.contains(expected), "{text}: {shown}");
    }
    let text = configuration("sqlite:register.db", dir.path());
    let (_, rest) = text.split_once("\nschedule = \"").unwrap();
    let written = format!("schedule = \"{}\"", rest.split('"').next().unwrap());
    for (rule, expected) in [
        ("99 8 * * 1", "\"99 8 * * 1\"不是计划：分钟\"99\"不在 0 至 59 之间"),
        ("0 8 * * Funday", "星期\"Funday\"不在 0 至 7（或 Sun 至 Sat）之间"),
        ("0 8 * *", "须有五段：分 时 日 月 星期"),
    ] {
        setting::write(dir.path(), &text.replacen(&written, &format!("schedule = \"{rule}\""), 1));
        let output = chinese(dir.path(), &["--config", "tongbao.toml", "check", "--offline"]);
        let shown = stdout(&output) + &stderr(&output);
        assert!(shown.contains(expected), "{rule}: {shown}");
    }
}

#[test]
fn help_and_wrong_usage_are_in_chinese() {
    let dir = tempfile::tempdir().unwrap();
    let help = chinese(dir.path(), &["--help"]);
    assert!(help.status.success());
    let text = stdout(&help);
    assert!(
        text.contains("用法：tongbao [选项] <命令>") && text.contains("  rates        只要数字"),
        "{text}"
    );
    let commands = text.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let commands: Vec<&str> = commands.filter(|name| name.len() > 2 && !name.starts_with('-')).collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands.into_iter().filter(|name| *name != "help") {
        let output = chinese(dir.path(), &[command, "--help"]);
        let text = stdout(&output);
        let has_han = |line: &str| line.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
        let dumb = text.lines().find(|line| !line.is_empty() && !has_han(line));
        assert!(output.status.success() && dumb.is_none(), "{command}: {dumb:?} in\n{text}");
        assert_eq!(text, stdout(&chinese(dir.path(), &["help", command])), "{command}");
    }
    for (wrong, expected) in [
        ("runn", "错误：没有'runn'这个命令\n\n  提示：有相近的命令"),
        ("run", "错误：缺少下列参数：\n  <报告>\n\n用法：tongbao run [选项] <报告>\n\n详情请看'--help'。"),
        ("check --ofline", "提示：有相近的参数'--offline'"),
        ("run x --from 2016-13-01", "'2016-13-01'不能用于'--from <日期>'：请写成 2016-06-30"),
        ("sample --to x --persons 1x", "不是整数"),
        ("sample --to x --defects many", "不是数字"),
        ("outbox --state sendt", "[可选：pending, sending, handed, sent, dead, uncertain, cancelled]"),
        ("verify --head x --log", "'--head <散列>'不能与'--log'同用"),
        ("reprint 1 --out a --out b", "'--out <文件夹>'只能给一次"),
        ("run --from", "'--from <日期>'需要一个值"),
        ("rates x", "没有'x'这个参数"),
        ("run x --preview", "缺少下列参数：\n  --dry-run"),
    ] {
        let output = chinese(dir.path(), &wrong.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let text = stderr(&output);
        assert!(text.contains(expected) && stdout(&output).is_empty(), "{wrong}: {text}");
        let mut left = english(&text);
        let given =
            |word: &str| wrong.split(' ').any(|part| part == word) || text.contains(&format!("'{word}'"));
        left.retain(|word| !given(word) && *word != "tongbao" && !text.contains(&format!("{word},")));
        assert!(left.is_empty() || wrong.contains("--state"), "{wrong}: {left:?} in\n{text}");
    }
    let english = chinese(dir.path(), &["--lang", "en", "run"]);
    assert!(stderr(&english).contains("For more information"), "{}", stderr(&english));
}
