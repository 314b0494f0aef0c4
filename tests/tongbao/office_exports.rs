//! Exports as offices have them, from `init` to the figures. The files and their true figures are made by
//! `tests/exports/make.py`, which knows nothing of the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::setting::{stderr, stdout, tongbao};

/// Records, roster, found, complete, accurate.
pub type Counts = [u64; 5];

pub fn made() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports")
}

/// A folder with copies of some of the files.
fn office(folders: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in folders {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        for file in std::fs::read_dir(made().join(folder)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), dir.path().join(folder).join(file.file_name())).unwrap();
        }
    }
    dir
}

pub fn truth() -> BTreeMap<String, Counts> {
    serde_json::from_str(&std::fs::read_to_string(made().join("true.json")).unwrap()).unwrap()
}

/// The figures by village.
pub fn figures(dir: &Path) -> BTreeMap<String, Counts> {
    let arguments = ["--format", "json", "rates", "--from", "2016-06-06", "--to", "2016-06-12"];
    let output = tongbao(dir, &[&["--config", "tongbao.toml"], &arguments[..]].concat());
    let read: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(&output), stderr(&output)));
    let number = |value: &Value| value.as_u64().unwrap();
    let counts = |unit: &Value| {
        let name = unit["name"].as_str().unwrap().to_owned();
        let coverage = &unit["coverage"];
        let rates = ["completeness", "accuracy"].map(|key| number(&unit[key]["numerator"]));
        let [complete, accurate] = rates;
        let (listed, found) = (number(&coverage["denominator"]), number(&coverage["numerator"]));
        (name, [number(&unit["records"]), listed, found, complete, accurate])
    };
    assert_eq!(read["unknown_unit_records"], 0, "{read}");
    read["units"].as_array().unwrap().iter().map(counts).filter(|(name, _)| name != "荔城街道").collect()
}

/// Runs `init` on an export, then `check`, which must be content, and compares the figures with the true ones.
fn right(dir: &Path, more: &[&str]) -> (String, String) {
    let given = [
        "init",
        "--yes",
        "--force",
        "--name",
        "专项活动",
        "--issuer",
        "荔城街道办事处",
        "--out",
        "tongbao.toml",
    ];
    let output = tongbao(dir, &[&given, more].concat());
    let told = stdout(&output) + &stderr(&output);
    assert!(output.status.success(), "{more:?}: {told}");
    let text = std::fs::read_to_string(dir.join("tongbao.toml")).unwrap();
    let checked = tongbao(dir, &["--config", "tongbao.toml", "check"]);
    assert!(checked.status.success(), "{more:?}: {}\n{text}", stdout(&checked));
    assert_eq!(figures(dir), truth(), "{more:?}: {text}\n{told}\n{}", stdout(&checked));
    (text, stdout(&checked))
}

const LISTS: [&str; 4] = ["--units", "file:lists/单位.csv", "--roster", "file:lists/名册.csv"];
/// The same for registers that name the villages.
const NAMED: [&str; 4] = ["--units", "file:lists/单位.csv", "--roster", "file:lists/村名名册.csv"];

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "lacks \"{part}\": {text}");
    }
}

#[test]
fn a_workbook_with_a_sheet_per_village() {
    let dir = office(&["workbook", "lists"]);
    let (text, checked) = right(dir.path(), &[&["--url", "file:workbook/台账.xlsx"], &LISTS[..]].concat());
    says(&text, &["table = \"*\"", "files.unit = \"sheet_name\"", "level = [\"村\", \"社区\"]"]);
    says(
        &checked,
        &["台账.xlsx[荔湖村]→440118001201", "1 totals (line ", "1 signatures and notes", "no list: 封面"],
    );
}

#[test]
fn a_folder_with_a_file_per_village() {
    let dir = office(&["folder", "lists"]);
    let (text, checked) = right(dir.path(), &[&["--url", "file:folder"], &LISTS[..]].concat());
    says(&text, &["files.take = \"all\"", "files.unit = \"file_name\""]);
    says(&checked, &["is a copy of", "counted once", "荔湖村6月.csv→440118001201"]);
    // The same by a pattern, and with the lists in the same folder.
    for list in ["单位.csv", "名册.csv"] {
        std::fs::rename(dir.path().join("lists").join(list), dir.path().join("folder").join(list)).unwrap();
    }
    let lists = ["--units", "file:folder/单位.csv", "--roster", "file:folder/名册.csv"];
    right(dir.path(), &[&["--url", "file:folder/*.csv"], &lists[..]].concat());
    right(dir.path(), &["--url", "file:folder"]);
}

#[test]
fn an_old_workbook_with_merged_cells_and_subtotals() {
    let dir = office(&["old", "lists"]);
    let url = ["--url", "file:old/登记表.xls"];
    // The register names the villages, whichever of names and codes the roster has.
    right(dir.path(), &[&url, &LISTS[..]].concat());
    let (_, checked) = right(dir.path(), &[&url, &NAMED[..]].concat());
    says(
        &checked,
        &["workbook (.xls)", "4 repeated headings (line ", "6 totals (line ", "1 signatures and notes"],
    );
}

#[test]
fn a_chinese_encoding_with_compact_times() {
    let dir = office(&["compact", "lists"]);
    let (text, _) = right(dir.path(), &[&["--url", "file:compact/rkxx.csv"], &LISTS[..]].concat());
    says(&text, &["registered_at = \"登记时间\"", "birth_date = \"出生日期\""]);
}

#[test]
fn a_roster_that_knows_villages_by_name() {
    let dir = office(&["named"]);
    let (text, _) = right(dir.path(), &["--url", "file:named"]);
    says(&text, &["unit = \"所在村居\"", "unit = \"所属村居\""]);
}

/// What other systems call .xls, and tables of databases that are no more.
#[test]
fn workbooks_of_other_kinds() {
    let dir = office(&["kinds", "lists"]);
    for (file, kind) in [
        ("page.xls", "web page with tables"),
        ("xml.xls", "XML workbook"),
        ("sheet.ods", "workbook (.ods)"),
        ("rkxx.dbf", "dBASE table"),
    ] {
        let url = format!("file:kinds/{file}");
        let (_, checked) = right(dir.path(), &[&["--url", url.as_str()], &NAMED[..]].concat());
        says(&checked, &[file, kind]);
    }
}

/// What a hostile or damaged file does is done to the process that reads it.
#[test]
fn damaged_files_of_other_kinds_are_told() {
    let dir = office(&["old", "kinds", "lists"]);
    let url = "file:old/登记表.xls";
    right(dir.path(), &[&["--url", url], &NAMED[..]].concat());
    let path = dir.path().join("old/登记表.xls");
    let whole = std::fs::read(&path).unwrap();
    let rates = || tongbao(dir.path(), &["--config", "tongbao.toml", "rates"]);
    for length in [whole.len() / 2, 600, 100] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let output = rates();
        assert_eq!(output.status.code(), Some(1), "{length}: {}", stderr(&output));
        says(&stderr(&output), &["登记表.xls is damaged or no workbook (.xls)"]);
    }
    let mut locked = whole.clone();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    locked.extend(name);
    std::fs::write(&path, locked).unwrap();
    says(&stderr(&rates()), &["has a password"]);
    // A page that claims a cell over everything takes neither memory nor time.
    let page = "<table><tr><td rowspan=99999999 colspan=99999999>x</td></tr></table>".repeat(50);
    std::fs::write(&path, page).unwrap();
    assert_eq!(rates().status.code(), Some(1));
}

/// The export with compact times, its lines changed one by one, the header first.
fn rewritten(change: impl Fn(Vec<String>) -> Vec<String>) -> Vec<Vec<String>> {
    let bytes = std::fs::read(made().join("compact/rkxx.csv")).unwrap();
    let (text, _, _) = encoding_rs::GB18030.decode(&bytes);
    let lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
    let mut lines: Vec<Vec<String>> = lines.collect();
    let records = lines.split_off(1);
    lines.extend(records.into_iter().map(change));
    lines
}

const BIRTH: usize = 7;
const REGISTERED: usize = 11;

/// The day of eight digits or more, in another order; what is no day stays.
fn ordered(text: &str, order: impl Fn(&str, &str, &str) -> String) -> String {
    let is_day = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_day { order(&text[..4], &text[4..6], &text[6..8]) } else { text.to_owned() }
}

/// Navicat writes the day first, bulk exports divide by a bar, and months have folders of their own.
#[test]
fn days_of_other_orders_bars_and_folders() {
    for (column, form) in [(REGISTERED, "day_first"), (REGISTERED, "month_first"), (BIRTH, "day_first")] {
        let dir = office(&["lists"]);
        let order = |y: &str, m: &str, d: &str| match form {
            "day_first" => format!("{}/{}/{y}", d.trim_start_matches('0'), m.trim_start_matches('0')),
            _ => format!("{m}/{d}/{y} 09:30:00"),
        };
        let lines = rewritten(|mut line| {
            line[column] = ordered(&line[column], order);
            line
        });
        let text: String = lines.iter().map(|line| line.join("|") + "\r\n").collect();
        std::fs::create_dir(dir.path().join("lists/6月")).unwrap();
        std::fs::write(dir.path().join("lists/6月/rkxx.txt"), text).unwrap();
        std::fs::remove_file(dir.path().join("lists/村名名册.csv")).unwrap();
        let (text, checked) = right(dir.path(), &["--url", "file:lists"]);
        says(&text, &[&format!("form = \"{form}\" }}"), "url = \"file:lists/6月/rkxx.txt\""]);
        says(&checked, &["delimiter \"|\""]);
    }
}

/// A column of times that nobody can read is named and holds the run; left out, all would count as before.
#[test]
fn times_in_no_known_form_are_named_and_held() {
    let day_of_year = |y: &str, m: &str, d: &str| {
        let day = format!("{y}{m}{d}").parse().map(|day: jiff::civil::Date| day.day_of_year());
        format!("{y}{:03}", day.unwrap_or_default())
    };
    is_named_and_held(|y, m, d| format!("{m}月{d}日 {}", &y[2..]));
    is_named_and_held(day_of_year);
}

#[track_caller]
fn is_named_and_held(order: impl Fn(&str, &str, &str) -> String) {
    let dir = office(&["lists"]);
    let lines = rewritten(|mut line| {
        line[REGISTERED] = ordered(&line[REGISTERED], &order);
        line
    });
    let text: String = lines.iter().map(|line| line.join(",") + "\n").collect();
    std::fs::write(dir.path().join("rkxx.csv"), text).unwrap();
    let init = ["init", "--yes", "--name=专项活动", "--issuer=荔城街道办事处", "--url", "file:rkxx.csv"];
    let made = tongbao(dir.path(), &[&init[..], &LISTS[..]].concat());
    assert!(made.status.success(), "{}", stderr(&made));
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    says(&text, &["registered_at = \"登记时间\"   # unsure"]);
    let run = ["run", "weekly", "--from=2016-06-06", "--to=2016-06-12", "--no-send"];
    let run = tongbao(dir.path(), &[&["--config", "tongbao.toml"], &run[..]].concat());
    assert_eq!(run.status.code(), Some(3), "{}{}", stdout(&run), stderr(&run));
}

/// Years of two digits: the ID numbers show the century of births, and a register is of our time. Where the
/// configuration does not say it, nothing is guessed.
#[test]
fn years_of_two_digits_are_read_where_their_century_is_shown() {
    let dir = office(&["lists"]);
    let lines = rewritten(|mut line| {
        line[REGISTERED] = ordered(&line[REGISTERED], |y, m, d| format!("{d}-{m}月-{}", &y[2..]));
        line[BIRTH] = ordered(&line[BIRTH], |y, m, d| format!("{d}/{m}/{}", &y[2..]));
        line
    });
    let text: String = lines.iter().map(|line| line.join(",") + "\n").collect();
    std::fs::write(dir.path().join("rkxx.csv"), text).unwrap();
    let (text, _) = right(dir.path(), &[&["--url", "file:rkxx.csv"], &LISTS[..]].concat());
    let births = "birth_date = { column = \"出生日期\", form = \"day_first\", first_year = 19";
    says(&text, &["registered_at = { column = \"登记时间\", first_year = 1985 }", births]);
    let at = text.find(", first_year = 1985").unwrap();
    let unsaid = text[..at].to_owned() + &text[at + ", first_year = 1985".len()..];
    std::fs::write(dir.path().join("tongbao.toml"), unsaid).unwrap();
    let run = ["run", "weekly", "--from=2016-06-06", "--to=2016-06-12", "--no-send"];
    let run = tongbao(dir.path(), &[&["--config", "tongbao.toml"], &run[..]].concat());
    assert_eq!(run.status.code(), Some(3), "{}{}", stdout(&run), stderr(&run));
    says(&stderr(&run), &["##-##月-##", "first_year = 2000"]);
}

/// Days that are plain numbers, in the workbook of an old Mac and in any other.
#[test]
fn numbers_of_days_count_from_where_the_workbook_says() {
    for is_1904 in [false, true] {
        let dir = office(&["lists"]);
        let path = dir.path().join("rkxx.xlsx");
        let first = if is_1904 { jiff::civil::date(1904, 1, 1) } else { jiff::civil::date(1899, 12, 30) };
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, line) in (0..).zip(rewritten(|line| line)) {
            for (column, text) in (0..).zip(line) {
                let is_day = row > 0 && [BIRTH, REGISTERED].contains(&usize::from(column));
                let day = is_day.then(|| text.get(..8)).flatten();
                let day = day.and_then(|day| jiff::civil::Date::strptime("%Y%m%d", day).ok());
                // Nobody was born before the days of either workbook began.
                match day {
                    Some(day) => {
                        let days = f64::from((day - first).get_days());
                        let hours = if usize::from(column) == BIRTH { 0.0 } else { 0.4 };
                        sheet.write_number(row, column, days + hours).unwrap();
                    }
                    None => drop(sheet.write_string(row, column, text).unwrap()),
                }
            }
        }
        book.save(&path).unwrap();
        if is_1904 {
            counts_from_1904(&path);
        }
        let (text, _) = right(dir.path(), &[&["--url", "file:rkxx.xlsx"], &LISTS[..]].concat());
        says(&text, &["registered_at = \"登记时间\"", "birth_date = \"出生日期\""]);
    }
}

/// Says in a workbook that its days count from 1904.
fn counts_from_1904(path: &Path) {
    use std::io::{Read, Write};
    let mut book = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..book.len() {
        let mut part = book.by_index(at).unwrap();
        let (name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
        part.read_to_end(&mut bytes).unwrap();
        if name == "xl/workbook.xml" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains("<workbookPr "));
            bytes = text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ").into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    std::fs::write(path, out.finish().unwrap().into_inner()).unwrap();
}

/// Villages as exports write them: code and name in one, blanks between characters, below their divisions.
#[test]
fn villages_by_code_and_name_in_one() {
    let text = std::fs::read_to_string(made().join("lists/单位.csv")).unwrap();
    let units: BTreeMap<String, String> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|line| (line[0].clone(), line[1].clone()))
        .collect();
    let ways: [fn(&str, &str) -> String; 6] = [
        |code, name| format!("{code}-{name}"),
        |code, name| format!("{name}（{code}）"),
        |code, _| format!("{code}.0"),
        |code, _| format!("=\"\"{code}\"\""),
        |_, name| name.chars().map(|c| format!("{c} ")).collect(),
        |_, name| format!("广东省广州市增城区荔城街道{name}"),
    ];
    for way in ways {
        let dir = office(&["lists"]);
        let lines = rewritten(|mut line| {
            if let Some(name) = units.get(&line[1]) {
                line[1] = format!("\"{}\"", way(&line[1], name));
            }
            line
        });
        let text: String = lines.iter().map(|line| line.join(",") + "\n").collect();
        // Old systems end their texts with a mark.
        std::fs::write(dir.path().join("rkxx.csv"), text + "\x1a").unwrap();
        right(dir.path(), &[&["--url", "file:rkxx.csv"], &LISTS[..]].concat());
    }
}

/// What programs make of codes and of texts that look like numbers.
#[test]
fn codes_as_decimals_and_texts_as_formulas() {
    let dir = office(&["lists"]);
    let codes = [("未婚", "10.0"), ("已婚", "20.0"), ("丧偶", "30.0"), ("离婚", "40.0")];
    let lines = rewritten(|mut line| {
        if let Some((_, code)) = codes.iter().find(|(word, _)| *word == line[9]) {
            line[9] = (*code).to_owned();
        }
        line[2] = format!("\"=\"\"{}\"\"\"", line[2]);
        line[6] = format!("\"=\"\"{}\"\"\"", line[6]);
        line
    });
    let text: String = lines.iter().map(|line| line.join(",") + "\n").collect();
    std::fs::write(dir.path().join("rkxx.csv"), text).unwrap();
    right(dir.path(), &[&["--url", "file:rkxx.csv"], &LISTS[..]].concat());
}

/// Forms begin with an example, with what must be filled, or with the numbers of their columns.
#[test]
fn what_a_form_says_of_how_it_is_filled_in_is_no_record() {
    let example =
        "例,荔湖村,张三,男,荔湖路1号,广东省广州市,440118199001010013,19900101,汉族,未婚,农业,20160601090000";
    let named = example.replace("例,", "1,").replace("张三", "例：张三");
    let numbers = (1..=12).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let stems = "甲,乙,1,2,3,4,5,6,7,8,9,10";
    let hints = ",必填,必填,必填,必填,必填,18位,必填,选填,选填,选填,自动生成";
    let lines = rewritten(|line| line);
    for row in [example, &named, &numbers, stems, hints] {
        let dir = office(&["lists"]);
        let mut texts: Vec<String> = lines.iter().map(|line| line.join(",")).collect();
        texts.insert(1, row.to_owned());
        std::fs::write(dir.path().join("rkxx.csv"), texts.join("\n") + "\n").unwrap();
        let (_, checked) = right(dir.path(), &[&["--url", "file:rkxx.csv"], &LISTS[..]].concat());
        says(&checked, &["1 examples and hints for filling in (line 2)"]);
    }
}

/// A folder per village, each with files of the same names; the village from a column, or from the folder.
#[test]
fn a_folder_per_village() {
    let units = std::fs::read_to_string(made().join("lists/单位.csv")).unwrap();
    let units: Vec<Vec<String>> =
        units.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let lines = rewritten(|line| line);
    for has_column in [true, false] {
        let dir = office(&["lists"]);
        let row = |line: &Vec<String>| match has_column {
            true => line.join(","),
            false => [&line[..1], &line[2..]].concat().join(","),
        };
        for unit in &units {
            let own: Vec<String> =
                lines.iter().filter(|line| line[1] == unit[0] || line[1] == lines[0][1]).map(row).collect();
            if own.len() < 2 {
                continue;
            }
            let folder = dir.path().join("drop").join(&unit[1]);
            std::fs::create_dir_all(&folder).unwrap();
            // Two months of each village.
            let (may, june) = own[1..].split_at(own.len() / 2);
            for (month, rows) in [("5月", may), ("6月", june)] {
                let text = own[0].clone() + "\n" + &rows.join("\n") + "\n";
                std::fs::write(folder.join(format!("{month}.csv")), text).unwrap();
            }
        }
        let (text, checked) = right(dir.path(), &[&["--url", "file:drop"], &LISTS[..]].concat());
        says(&text, &["url = \"file:drop/*/*.csv\"", "files.take = \"all\""]);
        if !has_column {
            says(&text, &["files.unit = \"folder_name\""]);
            says(&checked, &["荔湖村/6月.csv→440118001201"]);
        }
        right(dir.path(), &[&["--url", "file:drop/*/*.csv"], &LISTS[..]].concat());
    }
}

/// A workbook with the rows of the compact export on sheets.
fn write_sheets(path: &Path, sheets: &[(&str, Vec<&Vec<String>>)]) {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, line) in (0..).zip(rows) {
            for (column, text) in (0..).zip(*line) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
    }
    book.save(path).unwrap();
}

/// Sheets that are states of one list, a sheet of all beside those of the villages, and one of those who have left: each
/// person counts once.
#[test]
fn sheets_that_hold_the_same_persons_are_not_added_up() {
    let lines = rewritten(|line| line);
    let whole: Vec<&Vec<String>> = lines.iter().collect();
    let part = |to: usize| lines[..lines.len() * to / 10].iter().collect::<Vec<_>>();
    let of = |code: &str| {
        lines
            .iter()
            .enumerate()
            .filter(|(at, line)| *at == 0 || line[1] == code)
            .map(|(_, line)| line)
            .collect()
    };
    let gone = rewritten(|mut line| {
        line[6] = line[6].replacen("44", "46", 1);
        line
    });
    let states = vec![("6月5日", part(5)), ("6月12日", part(9)), ("6月19日", whole.clone())];
    let few = vec![("6月5日", part(3)), ("6月19日", whole.clone())];
    let summary = vec![
        ("汇总", whole.clone()),
        ("荔湖村", of("440118001201")),
        ("桥东村", of("440118001202")),
        ("东村", of("440118001203")),
        ("桥北社区", of("440118001001")),
        ("和平社区", of("440118001002")),
    ];
    let left = vec![("流动人口", whole), ("已离开", gone[..gone.len() / 2].iter().collect())];
    for sheets in [states, few, summary, left] {
        let dir = office(&["lists"]);
        write_sheets(&dir.path().join("台账.xlsx"), &sheets);
        let (text, _) = right(dir.path(), &[&["--url", "file:台账.xlsx"], &LISTS[..]].concat());
        assert!(!text.contains("table = \"*\""), "{text}");
    }
}

/// The place in three columns: the province decides the relation and is filled for everybody.
#[test]
fn a_household_place_in_parts_is_named() {
    let dir = office(&["lists"]);
    let lines = rewritten(|mut line| {
        let at = line[5].find('省').map_or(line[5].len().min(6), |at| at + "省".len());
        let rest = line[5].split_off(at);
        line.extend([rest, String::new()]);
        line
    });
    let text = |(at, mut line): (usize, Vec<String>)| {
        if at == 0 {
            line[5] = "户籍省".to_owned();
            line.extend(["户籍县", "离开日期"].map(str::to_owned));
        } else {
            line[13] = if at % 5 == 0 { "2016-07-01".to_owned() } else { String::new() };
        }
        line.join(",") + "\n"
    };
    std::fs::write(dir.path().join("rkxx.csv"), lines.into_iter().enumerate().map(text).collect::<String>())
        .unwrap();
    let init = ["init", "--yes", "--name=专项活动", "--issuer=荔城街道办事处", "--url", "file:rkxx.csv"];
    let made = tongbao(dir.path(), &[&init[..], &LISTS[..]].concat());
    let told = stdout(&made) + &stderr(&made);
    says(&told, &["the hukou place is in parts, and 户籍省 alone is read", "column 离开日期 says that"]);
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    // Who leaves after the cut-off still counts.
    says(&text, &["household_place = \"户籍省\"", "left_at = \"离开日期\""]);
    assert_eq!(figures(dir.path()), truth(), "{text}");
}
