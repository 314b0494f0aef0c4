//! A chart as a model: drawn by `layout` on the page, and from the same boxes as SVG. Values are for
//! geometry; what is printed is text, worded already.

use std::collections::BTreeSet;

/// One of the kinds of chart.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// One value a unit.
    Bars(Bars),
    /// Several values over periods.
    Trend(Trend),
    /// A small trend a unit.
    Multiples(Multiples),
    /// Shades in rows and columns.
    Heat(Heat),
}

impl Chart {
    /// The same in as many charts as fit on pages.
    pub fn parts(&self) -> Vec<Chart> {
        match self {
            Chart::Trend(trend) => trend.parts().into_iter().map(Chart::Trend).collect(),
            Chart::Multiples(multiples) => multiples.parts().into_iter().map(Chart::Multiples).collect(),
            other => vec![other.clone()],
        }
    }

    /// What the chart shows, for readers who hear it: its title and the printed values.
    pub fn in_words(&self) -> String {
        let printed = |value: &Option<ChartValue>| {
            value.as_ref().map_or("—", |value| value.printed.as_str()).to_owned()
        };
        let list = |values: &[Option<ChartValue>]| values.iter().map(printed).collect::<Vec<_>>().join(" ");
        let (title, parts): (&str, Vec<String>) = match self {
            Chart::Bars(bars) => {
                let bar = |bar: &ChartBar| format!("{} {}", bar.label, bar.value.printed);
                (&bars.title, bars.bars.iter().map(bar).collect())
            }
            Chart::Trend(trend) => {
                let line = |line: &ChartLine| format!("{} {}", line.name, list(&line.values));
                let periods = std::iter::once(trend.periods.join(" "));
                (&trend.title, periods.chain(trend.lines.iter().map(line)).collect())
            }
            Chart::Multiples(multiples) => {
                let panel = |panel: &Panel| {
                    let last = |line: &Vec<Option<ChartValue>>| line.last().map_or(String::new(), printed);
                    format!("{} {}", panel.title, panel.lines.iter().map(last).collect::<Vec<_>>().join(" "))
                };
                (&multiples.title, multiples.panels.iter().map(panel).collect())
            }
            Chart::Heat(heat) => {
                let row = |row: &HeatRow| format!("{} {}", row.label, list(&row.cells));
                (&heat.title, heat.rows.iter().map(row).collect())
            }
        };
        format!("{title}: {}", parts.join("; "))
    }
}

/// A value for geometry, and as it is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartValue {
    /// In the unit of the scale: a share of 1, or points.
    pub size: f64,
    /// With its unit, as the text has it.
    pub printed: String,
}

/// Horizontal bars, one a unit, with a line at the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Printed above the chart.
    pub title: String,
    /// From top to bottom.
    pub bars: Vec<ChartBar>,
    /// Where the scale begins: its mark is printed unless that is 0.
    pub min: ChartValue,
    /// Where it ends.
    pub max: f64,
    /// Where the line stands; `None` = no target.
    pub target: Option<ChartValue>,
    /// What light and dark bars mean; only those that occur are shown.
    pub key: [String; 2],
}

/// One bar and what is printed beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartBar {
    /// Name of the unit.
    pub label: String,
    /// Its length, and what is printed at its end.
    pub value: ChartValue,
    /// Below a target: set darker, so that it shows in greyscale.
    pub marked: bool,
}

/// Lines over periods, their values in a table below the axis. Lines that are far apart have plots of their
/// own, one above the other, each with its scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Printed above the chart.
    pub title: String,
    /// Labels of the axis, oldest first.
    pub periods: Vec<String>,
    /// In the order of the table below the axis.
    pub lines: Vec<ChartLine>,
    /// Of each plot, from top to bottom.
    pub scales: Vec<Scale>,
    /// Head of the column of targets.
    pub target_head: String,
    /// Printed above all parts but the first.
    pub continued: String,
}

/// Lines of one chart: with more some would look the same, and their table would not stand on a page.
const MOST_LINES: usize = 12;

/// Lines of each of the charts that so many lines need.
fn lines_of_a_part(lines: usize) -> usize {
    lines.div_ceil(lines.div_ceil(MOST_LINES).max(1)).max(1)
}

impl Trend {
    /// The same in as many charts as its lines need, each with the plots that it has lines in.
    pub fn parts(&self) -> Vec<Trend> {
        let lines = self.lines.chunks(lines_of_a_part(self.lines.len()));
        let mut all: Vec<Trend> = lines.map(|lines| self.of_lines(lines)).collect();
        all.iter_mut().skip(1).for_each(|part| part.title.clone_from(&self.continued));
        if all.is_empty() { vec![self.clone()] } else { all }
    }

    fn of_lines(&self, lines: &[ChartLine]) -> Trend {
        let plots: BTreeSet<usize> = lines.iter().map(|line| line.plot).collect();
        let plot = |line: &ChartLine| plots.range(..line.plot).count();
        Trend {
            lines: lines.iter().map(|line| ChartLine { plot: plot(line), ..line.clone() }).collect(),
            scales: plots.iter().filter_map(|plot| self.scales.get(*plot).cloned()).collect(),
            ..self.clone()
        }
    }
}

/// One line, and its row in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartLine {
    /// Head of its row.
    pub name: String,
    /// One for each period; `None` where there is no rate.
    pub values: Vec<Option<ChartValue>>,
    /// Printed in the last column, and drawn where there is room.
    pub target: ChartValue,
    /// Which of the plots it stands in.
    pub plot: usize,
}

/// A vertical axis with printed marks at equal distances, the first at `min` and the last at `max`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Value at the foot.
    pub min: f64,
    /// Value at the top.
    pub max: f64,
    /// From `min` to `max`, as printed.
    pub marks: Vec<String>,
    /// Says where it begins, unless that is 0.
    pub note: String,
}

/// A small trend for each unit, all on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Multiples {
    /// Printed above the chart.
    pub title: String,
    /// First and last period.
    pub span: [String; 2],
    /// From left to right, row by row.
    pub panels: Vec<Panel>,
    /// Names of the lines, in the order of each panel.
    pub names: Vec<String>,
    /// That of every panel.
    pub scale: Scale,
    /// Printed above all parts but the first.
    pub continued: String,
}

impl Multiples {
    /// The same in as many charts as its lines need, each with all panels.
    pub fn parts(&self) -> Vec<Multiples> {
        let each = lines_of_a_part(self.names.len());
        let part = |(number, names): (usize, &[String])| {
            let of_part = |lines: &[Vec<Option<ChartValue>>]| {
                lines.iter().skip(number * each).take(each).cloned().collect()
            };
            let panel = |panel: &Panel| Panel { title: panel.title.clone(), lines: of_part(&panel.lines) };
            Multiples {
                title: if number == 0 { self.title.clone() } else { self.continued.clone() },
                names: names.to_vec(),
                panels: self.panels.iter().map(panel).collect(),
                ..self.clone()
            }
        };
        let all: Vec<Multiples> = self.names.chunks(each).enumerate().map(part).collect();
        if all.is_empty() { vec![self.clone()] } else { all }
    }
}

/// The trend of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Name of the unit.
    pub title: String,
    /// A line each, oldest value first.
    pub lines: Vec<Vec<Option<ChartValue>>>,
}

/// Rows × columns of shades with the values printed on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Printed above the chart.
    pub title: String,
    /// Heads, from left to right.
    pub columns: Vec<String>,
    /// From top to bottom.
    pub rows: Vec<HeatRow>,
    /// What the shades mean.
    pub key: String,
}

/// A row of shades.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatRow {
    /// Name of the unit.
    pub label: String,
    /// From 0, white, to 1, the darkest; `None` where the denominator is 0.
    pub cells: Vec<Option<ChartValue>>,
}
