//! What MuPDF and poppler see on a page: places of characters and rules in mm, and red ink.

use std::path::Path;
use std::process::Command;

const MM: f64 = 25.4 / 72.0;

/// A line of text as it stands in the file.
#[derive(Debug, Clone)]
pub struct Text {
    pub page: usize,
    pub text: String,
    /// Left edge of each character and right edge of the last one, mm.
    pub edges: Vec<f64>,
    /// Baseline from the top edge, mm.
    pub y: f64,
    /// Sum of the advances, mm.
    pub advance: f64,
    pub size: f64,
    pub font: String,
    pub red: bool,
}

impl Text {
    pub fn left(&self) -> f64 {
        self.edges[0]
    }

    pub fn right(&self) -> f64 {
        *self.edges.last().unwrap()
    }

    pub fn middle(&self) -> f64 {
        (self.left() + self.right()) / 2.0
    }
}

/// A straight rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub page: usize,
    pub from: (f64, f64),
    pub to: (f64, f64),
    pub weight: f64,
    pub red: bool,
}

/// Everything on the pages, as `mutool trace` tells it: an implementation of PDF that shares nothing
/// with ours. Turned pages come as they are read.
pub fn trace(path: &Path) -> (Vec<Text>, Vec<Rule>) {
    let output = Command::new("mutool").arg("trace").arg(path).output();
    let output = output.unwrap_or_else(|error| panic!("mutool: {error}; run: scripts/setup.sh test"));
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "mutool complains: {}", String::from_utf8_lossy(&output.stderr));
    let (mut texts, mut rules): (Vec<Text>, Vec<Rule>) = Default::default();
    let (mut page, mut matrix, mut red, mut weight) = (0, [1.0; 6], false, 0.0);
    let mut from = None;
    for line in String::from_utf8(output.stdout).unwrap().lines().map(str::trim) {
        let number = |name: &str| attribute(line, name).and_then(|text| text.parse::<f64>().ok());
        let tag = line.split([' ', '>']).next().unwrap();
        let place = |matrix: [f64; 6]| {
            let (x, y) = (number("x").unwrap(), number("y").unwrap());
            let [a, b, c, d, e, f] = matrix;
            ((a * x + c * y + e) * MM, (b * x + d * y + f) * MM)
        };
        match tag {
            "<page" => page += 1,
            "<fill_text" | "<stroke_path" => {
                let numbers = |name: &str| -> Vec<f64> {
                    attribute(line, name).unwrap().split(' ').map(|n| n.parse().unwrap()).collect()
                };
                matrix = numbers("transform").try_into().unwrap();
                red = matches!(numbers("color").as_slice(), [r, g, b] if *r > 0.5 && *g < 0.3 && *b < 0.3);
                weight = number("linewidth").unwrap_or(0.0) * MM;
                if tag == "<fill_text" {
                    texts.push(Text {
                        page,
                        text: String::new(),
                        edges: Vec::new(),
                        y: 0.0,
                        advance: 0.0,
                        size: 0.0,
                        font: String::new(),
                        red,
                    });
                }
            }
            "<span" => {
                let text = texts.last_mut().unwrap();
                if text.font.is_empty() {
                    text.font = attribute(line, "font").unwrap().to_owned();
                    text.size = attribute(line, "trm").unwrap().split(' ').next().unwrap().parse().unwrap();
                }
            }
            "<g" => {
                let (x, y) = place(matrix);
                let text = texts.last_mut().unwrap();
                let advance = number("adv").unwrap() * text.size * MM;
                text.edges.pop();
                if text.text.is_empty() {
                    text.y = y;
                }
                text.text.push_str(&unescaped(attribute(line, "unicode").unwrap()));
                text.advance += advance;
                text.edges.extend([x, x + advance]);
            }
            "<moveto" => from = Some(place(matrix)),
            "<lineto" => rules.extend(from.map(|from| Rule { page, from, to: place(matrix), weight, red })),
            _ => {}
        }
    }
    texts.retain(|text| !text.text.is_empty());
    (texts, rules)
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    // A quotation mark may be the value itself.
    rest.find("\" ").or_else(|| rest.rfind('"')).map(|end| &rest[..end])
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&apos;", "'").replace("&amp;", "&")
}

/// Rows of the first page with red ink, in mm from the top edge: (first, last) of each stretch, as
/// poppler draws them at ten dots a millimetre.
pub fn red_ink(path: &Path) -> Vec<(f64, f64)> {
    let output =
        Command::new("pdftoppm").args(["-r", "254", "-f", "1", "-l", "1"]).arg(path).output().unwrap();
    let mut parts = output.stdout.splitn(4, |byte| *byte == b'\n');
    let (_, size, _) = (parts.next(), parts.next().unwrap(), parts.next());
    let width: usize = std::str::from_utf8(size).unwrap().split(' ').next().unwrap().parse().unwrap();
    let rows = parts.next().unwrap().chunks_exact(width * 3);
    let is_red = |pixel: &[u8]| pixel[0] > 150 && pixel[1] < 100 && pixel[2] < 100;
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (row, _) in rows.enumerate().filter(|(_, row)| row.chunks_exact(3).any(is_red)) {
        let (top, bottom) = (row as f64 / 10.0, (row + 1) as f64 / 10.0);
        match out.last_mut() {
            Some(last) if (last.1 - top).abs() < 0.05 => last.1 = bottom,
            _ => out.push((top, bottom)),
        }
    }
    out
}
