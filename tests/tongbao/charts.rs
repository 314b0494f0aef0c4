//! Charts: drawn once, and the same on paper, on the screen and in the mail.

use std::process::Command;

use tongbao::layout::chart::{drawing, title};
use tongbao::layout::page::{Page, PageItem};
use tongbao::render::fonts::FontSet;
use tongbao::render::pdf::{PdfProperties, pdf};
use tongbao::render::raster::png;
use tongbao::render::svg::svg;
use tongbao::report::chart::{
    Bars, Chart, ChartBar, ChartLine, ChartValue, Heat, HeatRow, Multiples, Panel, Scale, Trend,
};
use tongbao::report::document::{Block, Document, PageHead};

use crate::support::setting;

fn fonts() -> FontSet {
    let dir = tempfile::tempdir().unwrap();
    FontSet::load(&setting::settings("sqlite:x.db", dir.path()).fonts).expect("fonts: run scripts/setup.sh")
}

fn value(size: f64) -> ChartValue {
    ChartValue { size, printed: format!("{size:.2}%") }
}

fn scale() -> Scale {
    Scale {
        min: 60.0,
        max: 100.0,
        marks: ["60%", "80%", "100%"].map(str::to_owned).into(),
        note: String::new(),
    }
}

fn course(i: usize) -> Vec<Option<ChartValue>> {
    vec![Some(value(70.0 + i as f64)), None, Some(value(85.0)), Some(value(99.0 - i as f64))]
}

fn name(i: usize) -> String {
    ["城丰村", "荔枝园社区", "某某街道第十二工业园区外来务工人员集中居住管理服务中心"][i % 3].to_owned()
}

/// One of each kind, with so many units.
fn charts(units: usize) -> Vec<Chart> {
    let bar = |i: usize| ChartBar {
        label: name(i),
        value: value(60.0 + i as f64 % 40.0),
        marked: i.is_multiple_of(2),
    };
    let line = |i: usize| ChartLine {
        name: ["覆盖率", "完整率", "准确率"][i % 3].into(),
        values: course(i),
        target: value(85.0),
        plot: 0,
    };
    let row = |i: usize| HeatRow {
        label: name(i),
        cells: (0..9).map(|c| (c != 3).then(|| value((i * 7 + c * 11) as f64 % 100.0 / 100.0))).collect(),
    };
    let panel = |i: usize| Panel { title: name(i), lines: (0..3).map(course).collect() };
    vec![
        Chart::Bars(Bars {
            title: "村综合得分".into(),
            min: ChartValue { size: 0.0, printed: String::new() },
            bars: (0..units).map(bar).collect(),
            max: 100.0,
            target: Some(ChartValue { size: 100.0, printed: "满分100".into() }),
            key: ["全部达标".into(), "未全部达标".into()],
        }),
        Chart::Trend(Trend {
            title: "三项指标变化".into(),
            periods: ["5月29日", "6月5日", "6月12日", "6月19日"].map(str::to_owned).into(),
            lines: (0..3).map(line).collect(),
            scales: vec![scale()],
            target_head: "目标值".into(),
            continued: String::new(),
        }),
        Chart::Multiples(Multiples {
            title: "各单位三项指标变化".into(),
            span: ["5月29日".into(), "6月19日".into()],
            panels: (0..units).map(panel).collect(),
            names: ["覆盖率", "完整率", "准确率"].map(str::to_owned).into(),
            scale: scale(),
            continued: String::new(),
        }),
        Chart::Heat(Heat {
            title: "各单位字段填写率".into(),
            columns: (0..9).map(|i| ["姓名", "公民身份号码", "现居住地址"][i % 3].to_owned()).collect(),
            rows: (0..units).map(row).collect(),
            key: "数字为填写率，底色越深缺失越多。".into(),
        }),
        // Lines that are apart, in two plots.
        Chart::Trend(Trend {
            title: "三项指标变化".into(),
            periods: ["5月29日", "6月5日", "6月12日", "6月19日"].map(str::to_owned).into(),
            lines: (0..3).map(|i| ChartLine { plot: usize::from(i == 0), ..line(i) }).collect(),
            scales: vec![Scale { note: "纵轴自60%起".into(), ..scale() }, scale()],
            target_head: "目标值".into(),
            continued: String::new(),
        }),
        // As many lines as look different, one with a long name.
        Chart::Trend(Trend {
            title: "十二项指标变化".into(),
            periods: ["5月29日", "6月5日", "6月12日", "6月19日"].map(str::to_owned).into(),
            lines: (0..12).map(|i| ChartLine { name: rate_name(i), ..line(i) }).collect(),
            scales: vec![scale()],
            target_head: "目标值".into(),
            continued: String::new(),
        }),
        // A title that takes two lines on a telephone, and names that begin and end alike.
        Chart::Trend(Trend {
            title: "Course of the rates (by day of registration) (continued)".into(),
            lines: (0..3)
                .map(|i| ChartLine { name: format!("Date of inspection {i}, entries conformity"), ..line(i) })
                .collect(),
            scales: vec![Scale { note: "scale begins at 60%".into(), ..scale() }],
            ..fifteen_lines()
        }),
        Chart::Multiples(Multiples {
            title: "各单位十一项指标变化".into(),
            span: ["5月29日".into(), "6月19日".into()],
            panels: (0..units)
                .map(|i| Panel { title: name(i), lines: (0..11).map(course).collect() })
                .collect(),
            names: (0..11).map(rate_name).collect(),
            scale: scale(),
            continued: String::new(),
        }),
    ]
}

/// More lines than look different.
fn fifteen_lines() -> Trend {
    let line = |i: usize| ChartLine {
        name: rate_name(i),
        values: course(i),
        target: value(85.0),
        plot: usize::from(i.is_multiple_of(4)),
    };
    Trend {
        title: "15项指标变化".into(),
        periods: ["5月29日", "6月5日", "6月12日", "6月19日"].map(str::to_owned).into(),
        lines: (0..15).map(line).collect(),
        scales: vec![Scale { note: "纵轴自60%起".into(), ..scale() }, scale()],
        target_head: "目标值".into(),
        continued: "15项指标变化（续）".into(),
    }
}

fn rate_name(i: usize) -> String {
    match i {
        7 => "居住登记和租赁合同备案信息与派出所台账一致率".into(),
        _ => format!("指标{i}"),
    }
}

/// The texts of a drawing.
fn texts(page: &Page) -> Vec<String> {
    let text = |item: &PageItem| match item {
        PageItem::Text { glyphs, .. } => Some(glyphs.iter().map(|(c, _, _)| *c).collect()),
        _ => None,
    };
    page.items.iter().filter_map(text).collect()
}

#[test]
fn everything_lies_within_the_drawing_at_any_width() {
    let fonts = fonts();
    for units in [1, 3, 37, 400] {
        for chart in charts(units) {
            for width in [88.0, 156.0, 225.0] {
                let page = drawing(&chart, &fonts, width).unwrap();
                let place = format!("{} {units} {width}", title(&chart));
                assert_eq!(page.width, width, "{place}");
                for item in &page.items {
                    let (left, right, top, bottom) = extent(item);
                    assert!(left >= -0.5 && right <= width + 0.5, "{place}: {item:?}");
                    assert!(top >= -0.5 && bottom <= page.height + 0.5, "{place}: {item:?}");
                }
                assert!(!texts(&page).iter().any(|text| text.contains('\u{FFFD}')), "{place}");
            }
        }
    }
}

/// Mails and pages of the console draw a chart as one picture: its parts stand below one another, as they do on paper.
#[test]
fn lines_that_would_look_the_same_are_drawn_in_parts_of_one_picture() {
    let fonts = fonts();
    let trend = fifteen_lines();
    let multiples = Multiples {
        title: trend.title.clone(),
        span: ["5月29日".into(), "6月19日".into()],
        panels: vec![Panel { title: name(0), lines: (0..15).map(course).collect() }],
        names: (0..15).map(rate_name).collect(),
        scale: scale(),
        continued: trend.continued.clone(),
    };
    for chart in [Chart::Trend(trend), Chart::Multiples(multiples)] {
        let page = drawing(&chart, &fonts, 156.0).unwrap();
        let heights: Vec<f32> =
            chart.parts().iter().map(|part| drawing(part, &fonts, 156.0).unwrap().height).collect();
        assert_eq!(heights.len(), 2);
        assert!(page.height > heights.iter().sum(), "{} {heights:?}", page.height);
        let texts = texts(&page);
        let heads = texts.iter().filter(|text| text.starts_with("15项指标变化")).collect::<Vec<_>>();
        assert_eq!(heads, ["15项指标变化", "15项指标变化（续）"]);
        for i in (0..15).filter(|i| *i != 7) {
            assert_eq!(texts.iter().filter(|text| **text == rate_name(i)).count(), 1, "{i}: {texts:?}");
        }
    }
}

/// Left, right, top and bottom of an item; glyphs are as wide as they advance.
fn extent(item: &PageItem) -> (f32, f32, f32, f32) {
    match item {
        PageItem::Text { baseline, size, glyphs, .. } => {
            let em = size * 25.4 / 72.0;
            let left = glyphs.iter().map(|g| g.2).fold(f32::MAX, f32::min);
            let right = glyphs.iter().map(|g| g.2 + g.1.width() * em).fold(f32::MIN, f32::max);
            (left, right, baseline - 0.88 * em, baseline + 0.12 * em)
        }
        PageItem::Line { from, to, .. } => {
            (from.0.min(to.0), from.0.max(to.0), from.1.min(to.1), from.1.max(to.1))
        }
        PageItem::Fill { x, y, width, height, .. } => (*x, x + width, *y, y + height),
    }
}

#[test]
fn every_value_is_printed_and_no_two_texts_collide() {
    let fonts = fonts();
    for chart in charts(37) {
        for width in [88.0, 156.0] {
            let page = drawing(&chart, &fonts, width).unwrap();
            let boxes: Vec<_> =
                page.items.iter().filter(|i| matches!(i, PageItem::Text { .. })).map(extent).collect();
            for (i, a) in boxes.iter().enumerate() {
                for b in &boxes[i + 1..] {
                    let apart = a.1 <= b.0 + 0.3 || b.1 <= a.0 + 0.3 || a.3 <= b.2 + 0.6 || b.3 <= a.2 + 0.6;
                    assert!(apart, "{} at {width}: {a:?} {b:?} {:?}", title(&chart), texts(&page));
                }
            }
            if let (Chart::Trend(trend), true) = (&chart, width == 88.0) {
                let texts = texts(&page);
                assert!(trend.lines.iter().all(|line| texts.contains(&line.name)), "{texts:?}");
            }
            if let Chart::Bars(bars) = &chart {
                let texts = texts(&page);
                assert!(bars.bars.iter().all(|bar| texts.contains(&bar.value.printed)));
            }
        }
    }
}

#[test]
fn bars_and_shades_are_as_long_and_as_dark_as_their_values() {
    let fonts = fonts();
    let fills = |chart: &Chart| -> Vec<(f32, f32, f32)> {
        let page = drawing(chart, &fonts, 156.0).unwrap();
        let fill = |item: &PageItem| match item {
            PageItem::Fill { width, height, colour: tongbao::layout::page::Colour::Grey(light), .. } => {
                Some((*width, *height, *light))
            }
            _ => None,
        };
        page.items.iter().filter_map(fill).collect()
    };
    let Chart::Bars(bars) = &charts(20)[0] else { panic!() };
    // Two swatches of the key come first.
    let lengths: Vec<f32> = fills(&Chart::Bars(bars.clone())).iter().skip(2).map(|fill| fill.0).collect();
    for (bar, length) in bars.bars.iter().zip(&lengths) {
        let expected = bar.value.size as f32 / bars.bars[0].value.size as f32 * lengths[0];
        assert!((length - expected).abs() < 0.01, "{bar:?} {length} {expected}");
    }
    let Chart::Heat(heat) = &charts(20)[3] else { panic!() };
    let shades: Vec<f32> = fills(&Chart::Heat(heat.clone())).iter().map(|fill| fill.2).collect();
    let cells = heat.rows.iter().flat_map(|row| &row.cells);
    for (cell, light) in cells.zip(shades) {
        let missing = cell.as_ref().map_or(0.0, |cell| cell.size as f32);
        assert!((light - (0.97 - 0.45 * missing)).abs() < 0.001, "{cell:?} {light}");
    }
}

/// On a telephone the columns stand below each other; 100.00% shortened to …0% would say the contrary.
#[test]
fn no_value_of_a_heat_map_is_shortened_however_narrow_it_is() {
    let fonts = fonts();
    let Chart::Heat(mut heat) = charts(2).remove(3) else { panic!() };
    let mut filled = 0;
    for cell in heat.rows.iter_mut().flat_map(|row| row.cells.iter_mut().flatten()) {
        cell.printed = "100.00%".to_owned();
        filled += 1;
    }
    for width in [156.0, 88.0] {
        let page = drawing(&Chart::Heat(heat.clone()), &fonts, width).unwrap();
        let texts = page.items.iter().filter_map(|item| match item {
            PageItem::Text { glyphs, .. } => Some(glyphs.iter().map(|(c, _, _)| *c).collect::<String>()),
            _ => None,
        });
        let texts: Vec<String> = texts.collect();
        assert!(texts.iter().all(|text| !text.contains('…')), "{width}: {texts:?}");
        assert_eq!(texts.iter().filter(|text| *text == "100.00%").count(), filled, "{width}: {texts:?}");
        let heads = texts.iter().filter(|text| *text == "地址").count();
        assert_eq!(heads, 3, "whole words: {texts:?}");
    }
}

/// Marks on a line at 100 % stand clear of the unit's name above it.
#[test]
fn the_names_of_small_charts_stand_clear_of_their_lines() {
    let page = drawing(&charts(2)[2], &fonts(), 156.0).unwrap();
    let frames: Vec<f32> = page.items.iter().filter_map(level).collect();
    let names: Vec<f32> = page
        .items
        .iter()
        .filter_map(|item| match item {
            PageItem::Text { baseline, glyphs, .. }
                if glyphs.first().is_some_and(|(c, ..)| "城荔".contains(*c)) =>
            {
                Some(*baseline)
            }
            _ => None,
        })
        .collect();
    assert_eq!(names.len(), 2);
    for name in names {
        let below = frames.iter().copied().filter(|y| *y > name).fold(f32::MAX, f32::min);
        // Half a mark, and what of a Chinese character is below the baseline.
        assert!(below - name > 0.55 + 0.4, "{} mm", below - name);
    }
}

fn level(item: &PageItem) -> Option<f32> {
    match item {
        PageItem::Line { from, to, .. } if from.1 == to.1 => Some(from.1),
        _ => None,
    }
}

/// A grey picture: width, height and pixels of a PGM file.
fn grey(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut parts = bytes.splitn(4, |b| b.is_ascii_whitespace());
    let mut number = || String::from_utf8_lossy(parts.next().unwrap()).into_owned();
    assert_eq!(number(), "P5");
    let (width, height) = (number().parse().unwrap(), number().parse().unwrap());
    let rest = parts.next().unwrap();
    let pixels = &rest[rest.len() - width * height..];
    (width, height, pixels.to_vec())
}

fn command(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; run: scripts/setup.sh test"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A part of a picture: left, top, width, height.
type Part = (usize, usize, usize, usize);

/// What all pixels above and left of each corner sum up to, so that the mean of any part costs four of them.
struct GreySums {
    wide: usize,
    sums: Vec<u64>,
}

impl GreySums {
    fn of((width, height, pixels): &(usize, usize, Vec<u8>)) -> GreySums {
        let wide = width + 1;
        let mut sums = vec![0; wide * (height + 1)];
        for y in 0..*height {
            let mut row = 0;
            for x in 0..*width {
                row += u64::from(pixels[y * width + x]);
                sums[(y + 1) * wide + x + 1] = sums[y * wide + x + 1] + row;
            }
        }
        GreySums { wide, sums }
    }

    fn mean(&self, (left, top, width, height): Part) -> f64 {
        let at = |x: usize, y: usize| self.sums[y * self.wide + x];
        let (right, below) = (left + width, top + height);
        let sum = at(right, below) + at(left, top) - at(left, below) - at(right, top);
        sum as f64 / (width * height) as f64
    }

    /// The mean grey of squares of a part, so that smoothing of edges does not count.
    fn squares(&self, (left, top, width, height): Part, (across, down): (usize, usize)) -> Vec<f64> {
        let mut out = Vec::with_capacity(across * down);
        for row in 0..down {
            for column in 0..across {
                let (x0, x1) = (column * width / across, (column + 1) * width / across);
                let (y0, y1) = (row * height / down, (row + 1) * height / down);
                out.push(self.mean((left + x0, top + y0, x1 - x0, y1 - y0)));
            }
        }
        out
    }
}

/// The same of a whole picture.
fn squares(picture: &(usize, usize, Vec<u8>), parts: (usize, usize)) -> Vec<f64> {
    GreySums::of(picture).squares((0, 0, picture.0, picture.1), parts)
}

#[test]
fn pdf_svg_and_picture_show_the_same_to_other_programs() {
    let fonts = fonts();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    for (i, chart) in charts(12).into_iter().enumerate() {
        let drawing = drawing(&chart, &fonts, 156.0).unwrap();
        let own = png(&drawing, &fonts, 2.0).unwrap();
        assert_eq!(own, png(&drawing, &self::fonts(), 2.0).unwrap(), "the same every time");
        std::fs::write(path("own.png"), own).unwrap();
        let own = grey(&command("pngtopnm", &[&path("own.png")]));
        std::fs::write(path("chart.svg"), svg(&drawing, &fonts, title(&chart))).unwrap();
        let width = own.0.to_string();
        command("rsvg-convert", &["-w", &width, "-o", &path("svg.png"), &path("chart.svg")]);
        let pnm = command("pngtopnm", &[&path("svg.png")]);
        std::fs::write(path("svg.pnm"), pnm).unwrap();
        let from_svg = grey(&command("ppmtopgm", &[&path("svg.pnm")]));
        let parts = (60, (60.0 * drawing.height / drawing.width) as usize);
        let own = squares(&own, parts);
        compare(&own, &squares(&from_svg, parts), title(&chart), "svg");
        // On the page the chart stands below the first blank of the attachment's page.
        let page = document(chart.clone());
        let bytes = pdf(&page, &fonts, &properties()).unwrap();
        std::fs::write(path("page.pdf"), bytes).unwrap();
        command("pdftoppm", &["-gray", "-r", "144", &path("page.pdf"), &path("page")]);
        let found = (1..9).any(|number| {
            let file = path(&format!("page-{number}.pgm"));
            let Ok(bytes) = std::fs::read(file) else { return false };
            holds(&grey(&bytes), &own, drawing.height, parts)
        });
        assert!(found, "chart {i} of the page differs from the picture");
    }
}

fn properties() -> PdfProperties {
    let created = "2016-06-13T01:00:00Z".parse().unwrap();
    PdfProperties { title: "图".into(), author: "街道办".into(), language: "zh-CN".into(), created }
}

fn document(chart: Chart) -> Document {
    let head = PageHead {
        mark: "文件".into(),
        title: "图".into(),
        signatory: "办".into(),
        date: "2016年6月13日".into(),
        language: "zh-CN".into(),
        ..PageHead::default()
    };
    let attachment = Block::Attachment { label: "附件1".into(), title: "图".into(), turned: false };
    Document { head, blocks: vec![attachment, Block::Chart(chart)] }
}

fn compare(own: &[f64], other: &[f64], chart: &str, way: &str) {
    let worst = own.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let mean = own.iter().zip(other).map(|(a, b)| (a - b).abs()).sum::<f64>() / own.len() as f64;
    assert!(worst < 40.0 && mean < 2.0, "{chart} as {way}: worst {worst:.1}, mean {mean:.2}");
}

/// Whether the page shows the picture somewhere below its head, 28 mm from the left.
fn holds(page: &(usize, usize, Vec<u8>), own: &[f64], mm_high: f32, parts: (usize, usize)) -> bool {
    let unit = 144.0 / 25.4;
    let (left, wide, high) = ((28.0 * unit) as usize, (156.0 * unit) as usize, (mm_high * unit) as usize);
    let sums = GreySums::of(page);
    (0..page.1.saturating_sub(high)).step_by(2).any(|top| {
        let other = sums.squares((left, top, wide, high), parts);
        own.iter().zip(&other).map(|(a, b)| (a - b).abs()).sum::<f64>() / (own.len() as f64) < 2.5
    })
}
