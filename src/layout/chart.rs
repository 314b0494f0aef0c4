//! Charts as vectors in the document's own fonts, readable in greyscale.

use super::line_break::{Alignment, width};
use super::metrics::{MissingGlyph, Role};
use super::page::{Canvas, Colour, Item, LINE, MM_PER_PT, SIZE_4, SIZE_5, Type};
use crate::report::document::{Bar, Chart, Line};

const BAR: f32 = 3.4;
const BAR_PITCH: f32 = 5.2;
const TREND_HEIGHT: f32 = 46.0;
const DARK: Colour = Colour::Grey(0.25);
const LIGHT: Colour = Colour::Grey(0.62);

/// Sets a chart at the canvas's place.
pub fn chart(canvas: &mut Canvas, chart: &Chart) -> Result<(), MissingGlyph> {
    match chart {
        Chart::Bars { title, bars, max, target } => bar_chart(canvas, title, bars, *max, target.as_ref()),
        Chart::Trend { title, periods, lines, min, max } => trend(canvas, title, periods, lines, *min, *max),
        Chart::Heat { title, columns, rows } => heat(canvas, title, columns, rows),
    }
}

fn small() -> Type {
    Type::new(Role::FangSong, SIZE_5)
}

fn heading(canvas: &mut Canvas, title: &str) -> Result<(), MissingGlyph> {
    let (x, y) = ((canvas.area.left, canvas.area.width), (canvas.y, LINE * 0.8));
    canvas.text(title, Type::new(Role::Hei, SIZE_5), x, y, Alignment::Center)?;
    canvas.y += LINE * 0.8;
    Ok(())
}

fn bar_chart(
    canvas: &mut Canvas,
    title: &str,
    bars: &[Bar],
    max: f64,
    target: Option<&(f64, String)>,
) -> Result<(), MissingGlyph> {
    if bars.is_empty() {
        return Ok(());
    }
    canvas.y += 2.0;
    canvas.need(LINE + BAR_PITCH * bars.len().min(6) as f32);
    heading(canvas, title)?;
    let style = small();
    let mut widest: f32 = 0.0;
    for bar in bars {
        widest = widest.max(width(&style.chars(&bar.label), canvas.metrics, title)? * style.em());
    }
    let label = widest.min(canvas.area.width * 0.4) + 2.0;
    let room = canvas.area.width - label - 16.0;
    let x = canvas.area.left + label;
    let mut top = canvas.y;
    for bar in bars {
        if canvas.room() < BAR_PITCH {
            target_line(canvas, target, max, (x, room), top)?;
            canvas.new_page(canvas.area);
            heading(canvas, &format!("{title}（续）"))?;
            top = canvas.y;
        }
        one_bar(canvas, bar, max, (x, room), label)?;
        canvas.y += BAR_PITCH;
    }
    target_line(canvas, target, max, (x, room), top)?;
    canvas.y += 4.0;
    Ok(())
}

fn one_bar(
    canvas: &mut Canvas,
    bar: &Bar,
    max: f64,
    (x, room): (f32, f32),
    label: f32,
) -> Result<(), MissingGlyph> {
    let style = small();
    let band = (canvas.y, BAR_PITCH);
    let shortened = shorten(canvas, &bar.label, label - 2.0)?;
    canvas.text(&shortened, style, (canvas.area.left, label - 2.0), band, Alignment::Right)?;
    let length = (bar.value / max).clamp(0.0, 1.0) as f32 * room;
    let y = canvas.y + (BAR_PITCH - BAR) / 2.0;
    let colour = if bar.marked { DARK } else { LIGHT };
    canvas.push(Item::Fill { x, y, width: length, height: BAR, colour });
    // Values stand in a column of their own, where the target line does not cross them.
    canvas.text(&bar.printed, style, (x + room + 2.0, 14.0), band, Alignment::Left)
}

/// Cuts a label that is too long for its column; the table beside the chart has it whole.
fn shorten(canvas: &Canvas, label: &str, room: f32) -> Result<String, MissingGlyph> {
    let style = small();
    if width(&style.chars(label), canvas.metrics, "chart")? * style.em() <= room + 0.01 {
        return Ok(label.to_owned());
    }
    let most = (room / style.em()) as usize;
    Ok(label.chars().take(most.saturating_sub(1)).chain(std::iter::once('…')).collect())
}

fn target_line(
    canvas: &mut Canvas,
    target: Option<&(f64, String)>,
    max: f64,
    (x, room): (f32, f32),
    top: f32,
) -> Result<(), MissingGlyph> {
    let Some((value, _)) = target else { return Ok(()) };
    let at = x + (value / max).clamp(0.0, 1.0) as f32 * room;
    let bottom = canvas.y;
    canvas.push(Item::Line {
        from: (at, top),
        to: (at, bottom),
        width: 0.2,
        colour: Colour::Black,
        dash: Some((3, 2)),
    });
    canvas.push(Item::Line {
        from: (x, top),
        to: (x, bottom),
        width: 0.2,
        colour: Colour::Black,
        dash: None,
    });
    Ok(())
}

/// Dash patterns tell the lines apart in greyscale.
const DASHES: [Option<(i64, i64)>; 3] = [None, Some((6, 2)), Some((2, 2))];

fn trend(
    canvas: &mut Canvas,
    title: &str,
    periods: &[String],
    lines: &[Line],
    min: f64,
    max: f64,
) -> Result<(), MissingGlyph> {
    canvas.y += 2.0;
    canvas.need(TREND_HEIGHT + LINE * 2.2);
    heading(canvas, title)?;
    let (left, top) = (canvas.area.left + 14.0, canvas.y);
    let plot = canvas.area.width - 14.0 - 36.0;
    axis(canvas, (left, plot), top, min, max)?;
    let step = if periods.len() > 1 { plot / (periods.len() - 1) as f32 } else { 0.0 };
    let y_of = |value: f64| top + TREND_HEIGHT * (1.0 - ((value - min) / (max - min)).clamp(0.0, 1.0) as f32);
    for (line, dash) in lines.iter().zip(DASHES.iter().cycle()) {
        let points: Vec<(f32, f32)> = line
            .values
            .iter()
            .enumerate()
            .filter_map(|(i, value)| value.as_ref().map(|(value, _)| (left + i as f32 * step, y_of(*value))))
            .collect();
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            canvas.push(Item::Line { from, to, width: 0.5, colour: Colour::Black, dash: *dash });
        }
        for (x, y) in points {
            canvas.push(Item::Fill {
                x: x - 0.7,
                y: y - 0.7,
                width: 1.4,
                height: 1.4,
                colour: Colour::Black,
            });
        }
    }
    end_labels(canvas, lines, left + plot + 2.0, &y_of)?;
    for (i, period) in periods.iter().enumerate() {
        // With many periods every second or third label is enough.
        if (periods.len() - 1 - i).is_multiple_of(periods.len().div_ceil(8)) {
            let x = left + i as f32 * step - 10.0;
            canvas.text(period, small(), (x, 20.0), (top + TREND_HEIGHT + 1.0, 5.0), Alignment::Center)?;
        }
    }
    canvas.y = top + TREND_HEIGHT + 8.0;
    legend(canvas, lines)
}

fn axis(
    canvas: &mut Canvas,
    (left, plot): (f32, f32),
    top: f32,
    min: f64,
    max: f64,
) -> Result<(), MissingGlyph> {
    let tens = ((max - min) / 10.0).round().max(1.0) as usize;
    let every = tens.div_ceil(5);
    for mark in (0..=tens).step_by(every) {
        let value = min + mark as f64 * (max - min) / tens as f64;
        let y = top + TREND_HEIGHT * (1.0 - (mark as f32 / tens as f32));
        canvas.push(Item::Line {
            from: (left, y),
            to: (left + plot, y),
            width: 0.1,
            colour: Colour::Grey(0.6),
            dash: None,
        });
        canvas.text(
            &format!("{value:.0}%"),
            small(),
            (left - 13.0, 12.0),
            (y - 2.5, 5.0),
            Alignment::Right,
        )?;
    }
    Ok(())
}

/// The last value of each line; labels that would overlap are moved apart.
fn end_labels(
    canvas: &mut Canvas,
    lines: &[Line],
    x: f32,
    y_of: &dyn Fn(f64) -> f32,
) -> Result<(), MissingGlyph> {
    let mut labels: Vec<(f32, String)> = lines
        .iter()
        .filter_map(|line| {
            let (value, printed) = line.values.last()?.as_ref()?;
            Some((y_of(*value), format!("{}{printed}", line.name)))
        })
        .collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut least = f32::MIN;
    for (y, text) in labels {
        let y = y.max(least);
        least = y + 4.6;
        canvas.text(&text, small(), (x, 36.0), (y - 2.5, 5.0), Alignment::Left)?;
    }
    Ok(())
}

fn legend(canvas: &mut Canvas, lines: &[Line]) -> Result<(), MissingGlyph> {
    let each = 30.0;
    let mut x = canvas.area.left + (canvas.area.width - each * lines.len() as f32) / 2.0;
    for (line, dash) in lines.iter().zip(DASHES.iter().cycle()) {
        let y = canvas.y + 2.5;
        canvas.push(Item::Line {
            from: (x, y),
            to: (x + 10.0, y),
            width: 0.5,
            colour: Colour::Black,
            dash: *dash,
        });
        canvas.text(&line.name, small(), (x + 11.5, each - 12.0), (canvas.y, 5.0), Alignment::Left)?;
        x += each;
    }
    canvas.y += 8.0;
    Ok(())
}

fn heat(
    canvas: &mut Canvas,
    title: &str,
    columns: &[String],
    rows: &[(String, Vec<Option<Bar>>)],
) -> Result<(), MissingGlyph> {
    canvas.need(LINE * 2.0);
    heading(canvas, title)?;
    let label = 30.0;
    let cell = (canvas.area.width - label) / columns.len().max(1) as f32;
    let place = |i: usize| (label + i as f32 * cell, cell);
    for (i, column) in columns.iter().enumerate() {
        let (x, width) = place(i);
        let x = canvas.area.left + x;
        canvas.text(
            column,
            Type::new(Role::FangSong, SIZE_4 * 0.6),
            (x, width),
            (canvas.y, 5.0),
            Alignment::Center,
        )?;
    }
    canvas.y += 6.0;
    for (name, values) in rows {
        canvas.need(BAR_PITCH);
        canvas.text(
            name,
            small(),
            (canvas.area.left, label - 2.0),
            (canvas.y, BAR_PITCH),
            Alignment::Right,
        )?;
        for (i, value) in values.iter().enumerate() {
            let Some(bar) = value else { continue };
            let (x, width) = place(i);
            let x = canvas.area.left + x;
            let shade = Colour::Grey(1.0 - 0.55 * bar.value.clamp(0.0, 1.0) as f32);
            canvas.push(Item::Fill {
                x: x + 0.2,
                y: canvas.y + 0.2,
                width: width - 0.4,
                height: BAR_PITCH - 0.4,
                colour: shade,
            });
            canvas.text(
                &bar.printed,
                Type::new(Role::FangSong, 8.0),
                (x, width),
                (canvas.y, BAR_PITCH),
                Alignment::Center,
            )?;
        }
        canvas.y += BAR_PITCH;
    }
    canvas.y += 2.0 * MM_PER_PT;
    Ok(())
}
