//! Whatever comes from outside may be anything: no input makes a reader panic, and what it says agrees
//! with itself. A short run from a fixed seed belongs to the suite; `make fuzz` goes on for minutes from
//! seeds of its own (`TONGBAO_FUZZ_SECONDS`) and prints the input that breaks something.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tongbao::config;
use tongbao::register::day_reader::{DayForm, DayReader, DayReading};
use tongbao::register::{date, id_number};
use tongbao::render::markdown;
use tongbao::source::{CopyDecoder, SourceError};

use crate::support::defects::VECTORS;

/// Inputs of the short run.
const SHORT: usize = 3_000;

/// Mutates inputs that are known to lead deep into a reader, and words it knows.
struct Mutator {
    rng: Rng,
    corpus: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    fn new(seed: u64, corpus: Vec<Vec<u8>>, words: &[&str]) -> Mutator {
        let words = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        Mutator { rng: Rng::with_seed(seed), corpus, words }
    }

    fn input(&mut self) -> Vec<u8> {
        let mut input = self.corpus[self.rng.usize(..self.corpus.len())].clone();
        for _ in 0..self.rng.usize(1..8) {
            self.mutate(&mut input);
        }
        input.truncate(1 << 17);
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let rng = &mut self.rng;
        let at = rng.usize(..=input.len());
        let to = (at + rng.usize(..20)).min(input.len());
        match rng.u8(..9) {
            0 if at < input.len() => input[at] ^= 1 << rng.u8(..8),
            1 if at < input.len() => {
                input[at] = *rng.choice(&[0, 1, 0x7f, 0x80, 0xff, b'\n', b'"', b'\\']).unwrap()
            }
            2 => drop(input.drain(at..to)),
            3 => {
                let piece = input[at..to].to_vec();
                let repeat = rng.usize(1..40);
                (0..repeat).for_each(|_| drop(input.splice(at..at, piece.iter().copied())));
            }
            4 | 5 => {
                let word = &self.words[rng.usize(..self.words.len())];
                input.splice(at..at, word.iter().copied());
            }
            6 => {
                let other = &self.corpus[rng.usize(..self.corpus.len())];
                let from = rng.usize(..=other.len());
                let until = (from + rng.usize(..200)).min(other.len());
                input.splice(at..to, other[from..until].iter().copied());
            }
            7 => {
                let c = *rng
                    .choice(&['é', '中', '\u{3000}', '𠮷', '\u{feff}', '\u{202e}', '\0', '０', 'Ⅹ'])
                    .unwrap();
                input.splice(at..at, c.to_string().into_bytes());
            }
            _ => input.truncate(at),
        }
    }
}

/// Runs `check` on mutated inputs; an input that panics is printed in full.
pub fn fuzz(name: &str, corpus: Vec<Vec<u8>>, words: &[&str], check: impl Fn(&[u8])) {
    let seconds = std::env::var("TONGBAO_FUZZ_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
    let mut mutator = Mutator::new(fastrand::u64(..), corpus, words);
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    let mut tried = 0usize;
    while if seconds.is_some() { Instant::now() < end } else { tried < SHORT } {
        let input = mutator.input();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&input))) {
            eprintln!("{name}: input {tried}: \"{}\"", input.escape_ascii());
            std::panic::resume_unwind(panic);
        }
        tried += 1;
    }
    if seconds.is_some() {
        eprintln!("{name}: {tried} inputs");
    }
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn configuration() {
    const DEMO: &str = include_str!("../../config/tongbao.toml");
    const EXAMPLE: &str = include_str!("../../config/tongbao.example.toml");
    let secret = DEMO
        .replace("sqlite:../demo/register.db", "postgres://office:MARKED@db.example.test/people")
        .replace("[smtp]\n", "[smtp]\nusername = \"office\"\npassword = \"MARKED\"\n");
    let words = [
        "= ",
        "[[",
        "]]",
        "{",
        "}",
        "\"\"\"",
        "'''",
        "100%",
        "-1",
        "1e999",
        "9223372036854775808",
        "2016-13-40",
        "0 9 * * Mon",
        "*/0 * * * *",
        "campaign_end 25:99",
        "Asia/Nowhere",
        "password = ",
        "url = ",
        "18446744073709551616d",
        "true",
    ];
    let environment = BTreeMap::new();
    fuzz("configuration", texts(&[DEMO, EXAMPLE, &secret]), &words, |input| {
        let text = String::from_utf8_lossy(input);
        if let Err(error) = config::parse("fuzz.toml", &text, &environment) {
            let message = error.to_string();
            // Where the mutation has left the secret with its key, nothing of it is shown.
            let mut marked = text.lines().filter(|line| line.contains("MARKED"));
            let is_named = marked.all(|line| line.starts_with("password = ") || line.starts_with("url = "));
            assert!(!message.is_empty());
            assert!(!is_named || !message.contains("MARKED"), "{message}");
        }
    });
}

#[test]
fn overrides() {
    const DEMO: &str = include_str!("../../config/tongbao.toml");
    let names = [
        "SMTP__PASSWORD=x",
        "SOURCE__URL=sqlite:x",
        "CAMPAIGN__PHASES=[]",
        "SMTP__PORT=25",
        "STATE=1",
        "__=",
        "A__B__C=2",
    ];
    fuzz("overrides", texts(&names), &["__", "=", "[", "\"", "SMTP", "PASSWORD"], |input| {
        let text = String::from_utf8_lossy(input);
        let (name, value) = text.split_once('=').unwrap_or((&text, ""));
        let environment = BTreeMap::from([(format!("TONGBAO__{name}"), format!("{value}MARKED"))]);
        if let Err(error) = config::parse("fuzz.toml", DEMO, &environment) {
            let shown = error.to_string();
            assert!(!shown.contains("MARKED") || !name.to_lowercase().ends_with("password"), "{shown}");
        }
    });
}

/// Rows of the stream as decoded from chunks of a size.
fn decode(columns: usize, data: &[u8], size: usize) -> Result<Vec<Vec<Option<Vec<u8>>>>, SourceError> {
    let mut rows = Vec::new();
    let mut decoder = CopyDecoder::new(columns);
    for chunk in data.chunks(size) {
        decoder.push(chunk, |row| {
            rows.push(row.fields.iter().map(|field| row.value(*field).map(<[u8]>::to_vec)).collect());
            Ok(())
        })?;
    }
    decoder.finish()?;
    Ok(rows)
}

#[test]
fn copy_stream_of_postgresql() {
    let mut whole = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for row in [["440118", "", "张"], ["2016", "x", "y"]] {
        whole.extend([0, 3]);
        for value in row {
            whole.extend((value.len() as i32).to_be_bytes());
            whole.extend(value.as_bytes());
        }
    }
    whole.extend([0, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(decode(3, &whole, 7).unwrap().len(), 3);
    let words = ["\0\0\0\0", "\0\x03", "\x7f\u{7f}", "PGCOPY\n", "\0\0\0\x01", "\0\x01"];
    fuzz("copy stream", vec![whole], &words, |input| {
        let (size, columns) = (input.first().map_or(1, |b| usize::from(b % 40) + 1), input.len() % 5);
        for columns in [3, columns] {
            let (once, pieces) = (decode(columns, input, usize::MAX), decode(columns, input, size));
            assert_eq!(once.is_ok(), pieces.is_ok(), "{once:?} {pieces:?}");
            assert_eq!(once.unwrap_or_default(), pieces.unwrap_or_default());
        }
    });
}

#[test]
fn id_numbers() {
    fuzz(
        "ID numbers",
        texts(&VECTORS),
        &["X", "Ⅹ", "０", " ", "-", "19", "4.4E+17", "\u{3000}"],
        |input| {
            let normal = id_number::normalize(input);
            assert_eq!(id_number::normalize(&normal), normal, "normal numbers stay as they are");
            for document in [None, Some(true), Some(false)] {
                let reading = id_number::read(&normal, document);
                if let Some(id) = id_number::CitizenId::parse(&normal) {
                    let birth = id.birth_date();
                    assert!(birth.is_none_or(|day| date::number_of(day) == id.birth_number()), "{reading:?}");
                    assert!(id.division() < 1_000_000);
                }
            }
        },
    );
}

#[test]
fn dates() {
    let forms = [
        "2016-06-04",
        "20160604",
        "2016/6/4",
        "2016年6月4日",
        "2016.6.4",
        "2016-06-04 00:00:00",
        "２０１６０６０４",
        "2016-02-30",
    ];
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    fuzz(
        "dates",
        texts(&forms),
        &[
            "年",
            "日",
            "-",
            "T",
            "Z",
            "+08:00",
            "0",
            "99999999999",
            "上午",
            "星期四",
            "Jun",
            "CST",
            "(",
            "42530.5",
        ],
        |input| {
            for (_, form) in DayForm::NAMES {
                let reader = DayReader::new(zone.clone(), form);
                if let DayReading::Day(day) = reader.read(input) {
                    let number = date::number_of(day);
                    assert!(date::date_exists(number), "{input:?}");
                }
                let _ = reader.number(input);
            }
            let reader = DayReader::new(zone.clone(), DayForm::Written);
            if let DayReading::Day(day) = reader.read(input) {
                assert_eq!(reader.read(day.to_string().as_bytes()), DayReading::Day(day));
            }
        },
    );
}

#[test]
fn markdown_blocks() {
    const BULLETIN: &str = include_str!("../../report_templates/bulletin/document.md.tera");
    let pages = [
        BULLETIN,
        "一、总体进度\n\n# 附件1 表\n\n```table progress\n```\n\n**粗** *斜* `x` [l](u) ![p](u)\n\n1. a\n   - b\n\n> c\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n<b>x</b>\n\n```chart trend\n```\n",
    ];
    let words = [
        "```",
        "```chart ",
        "```table ",
        "#",
        "######",
        "**",
        "~~~",
        "|",
        "<!--",
        "&#0;",
        "\n\n",
        "1. ",
        "- ",
        "\\",
        "[",
        "](",
    ];
    let series = BTreeMap::new();
    fuzz("markdown", texts(&pages), &words, |input| {
        let text = String::from_utf8_lossy(input);
        if let Err(error) = markdown::blocks(&text, &series) {
            assert!(!error.to_string().is_empty());
        }
    });
}
