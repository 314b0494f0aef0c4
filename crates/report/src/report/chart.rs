//! A chart as a model: drawn by `layout` on the page, and from the same boxes as SVG. Values are for
//! geometry; what is printed is text, worded already.

/// One of the kinds of chart.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    Bars(Bars),
    Trend(Trend),
    Multiples(Multiples),
    Heat(Heat),
}

impl Chart {
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
    pub size: f64,
    pub printed: String,
}

/// Horizontal bars, one a unit, with a line at the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    pub title: String,
    pub bars: Vec<ChartBar>,
    /// Where the scale begins: its mark is printed unless that is 0.
    pub min: ChartValue,
    /// Where it ends.
    pub max: f64,
    pub target: Option<ChartValue>,
    /// What light and dark bars mean; only those that occur are shown.
    pub key: [String; 2],
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChartBar {
    pub label: String,
    pub value: ChartValue,
    /// Below a target: set darker, so that it shows in greyscale.
    pub marked: bool,
}

/// Lines over periods, their values in a table below the axis. Lines that lie far apart have plots of their
/// own, one above the other, each with its scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    pub title: String,
    pub periods: Vec<String>,
    pub lines: Vec<ChartLine>,
    /// Of each plot, from top to bottom.
    pub scales: Vec<Scale>,
    /// Head of the column of targets.
    pub target_head: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChartLine {
    pub name: String,
    /// One for each period; `None` where there is no rate.
    pub values: Vec<Option<ChartValue>>,
    pub target: ChartValue,
    /// Which of the plots it stands in.
    pub plot: usize,
}

/// A vertical axis with printed marks at equal distances, the first at `min` and the last at `max`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    pub min: f64,
    pub max: f64,
    pub marks: Vec<String>,
    /// Says where it begins, unless that is 0.
    pub note: String,
}

/// A small trend for each unit, all on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Multiples {
    pub title: String,
    /// First and last period.
    pub span: [String; 2],
    pub panels: Vec<Panel>,
    /// Names of the lines, in the order of each panel.
    pub names: Vec<String>,
    pub scale: Scale,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub title: String,
    /// A line each, oldest value first.
    pub lines: Vec<Vec<Option<ChartValue>>>,
}

/// Rows × columns of shades with the values printed on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<HeatRow>,
    /// What the shades mean.
    pub key: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct HeatRow {
    pub label: String,
    /// From 0, white, to 1, the darkest; `None` where the denominator is 0.
    pub cells: Vec<Option<ChartValue>>,
}
