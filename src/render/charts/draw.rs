//! Draws any chart: title, how to read it, legend, the chart itself, notes.

use super::{Body, Cell, Chart, Fill, Unit};
use crate::render::drawing::{
    Anchor, Area, BLUE, Colour, Drawing, FAINT, GRID, INK, PAPER, RIM, fit, width,
};
use crate::render::words;

/// Width of every chart in pixels.
const WIDTH: i32 = 1200;
const MARGIN: i32 = 24;
/// Room for the names at the left of rows.
const NAMES: i32 = 330;
const LINE: i32 = 20;
const ROW: i32 = 24;

/// Paints the chart with its title, how to read it, and its notes.
pub fn draw(chart: &Chart) -> Drawing {
    let mut picture = Drawing::new(WIDTH, 0, &chart.title);
    let canvas = &mut picture;
    let room = WIDTH - 2 * MARGIN;
    canvas.text(MARGIN, 30, 22.0, INK, &fit(&chart.title, 22.0, room));
    let top = paragraph(canvas, 60, 14.0, &chart.reading);
    let mut top = body(canvas, chart, top) + 14;
    for note in &chart.notes {
        top = paragraph(canvas, top, 13.0, note);
    }
    picture.height = top + 6;
    picture
}

/// Paints what only a picture can tell; title, reading and notes stand beside it as text.
pub fn draw_bare(chart: &Chart) -> Drawing {
    let mut picture = Drawing::new(WIDTH, 0, &chart.title);
    picture.height = body(&mut picture, chart, 12) + 6;
    picture
}

/// Legend and chart from `top` on; where what follows begins.
fn body(canvas: &mut Drawing, chart: &Chart, mut top: i32) -> i32 {
    if !chart.legend.is_empty() {
        top = legend(canvas, top + 4, &chart.legend);
    }
    top += 10;
    match &chart.body {
        Body::Columns {
            across,
            up,
            unit,
            looks,
            columns,
        } => draw_columns(canvas, top, (across, up), *unit, looks, columns),
        Body::Bars { across, bars } => draw_bars(canvas, top, across, bars),
        Body::Dots { across, rows } => draw_dots(canvas, top, across, rows),
        Body::Grid {
            columns,
            rows,
            across,
            down,
        } => draw_grid(canvas, top, (across, down), columns, rows),
    }
}

/// Text in as many lines as it needs, the middle of the first at `top`; where the next one begins.
fn paragraph(canvas: &mut Drawing, mut top: i32, size: f64, text: &str) -> i32 {
    let room = WIDTH - 2 * MARGIN;
    let mut line = String::new();
    for word in text.split(' ') {
        let longer = match line.is_empty() {
            true => word.to_owned(),
            false => format!("{line} {word}"),
        };
        if line.is_empty() || width(&longer, size) <= room {
            line = longer;
        } else {
            canvas.text(MARGIN, top, size, FAINT, &fit(&line, size, room));
            top += LINE;
            line = word.to_owned();
        }
    }
    canvas.text(MARGIN, top, size, FAINT, &fit(&line, size, room));
    top + LINE
}

fn legend(canvas: &mut Drawing, top: i32, entries: &[(Fill, String)]) -> i32 {
    let (mut x, mut y) = (MARGIN, top + 6);
    for (look, meaning) in entries {
        let label = fit(meaning, 13.0, WIDTH - 2 * MARGIN - 36);
        let wide = 36 + width(&label, 13.0) + 24;
        if x > MARGIN && x + wide > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + 24);
        }
        fill(canvas, x, y - 7, x + 26, y + 7, *look);
        canvas.text(x + 36, y, 13.0, INK, &label);
        x += wide;
    }
    y + 20
}

fn fill(canvas: &mut Drawing, left: i32, top: i32, right: i32, bottom: i32, look: Fill) {
    match look {
        Fill::None => {}
        Fill::Solid(colour) => canvas.rect(left, top, right, bottom, colour),
        Fill::Hatched(colour) => {
            canvas.rect(left, top, right, bottom, PAPER);
            let area = Area {
                left,
                top,
                right,
                bottom,
            };
            canvas.hatch(area, 4, colour);
            if right - left > 2 && bottom - top > 2 {
                canvas.frame(left, top, right, bottom, colour);
            }
        }
    }
}

fn draw_columns(
    canvas: &mut Drawing,
    top: i32,
    (across, up): (&str, &str),
    unit: Unit,
    looks: &[Fill],
    columns: &[(String, Vec<u64>)],
) -> i32 {
    const HIGH: i32 = 260;
    let (left, right) = (MARGIN + 90, WIDTH - MARGIN);
    let (ceiling, floor) = (top + 34, top + 34 + HIGH);
    canvas.text(MARGIN, top + 8, 12.0, FAINT, up);
    let sums = columns.iter().map(|(_, parts)| {
        parts
            .iter()
            .fold(0_u64, |all, one| all.saturating_add(*one))
    });
    let most = sums.max().unwrap_or(0).max(1);
    let step = step(most, unit);
    let full = most.div_ceil(step).saturating_mul(step).max(most);
    let high = |value: u64| (i128::from(value) * i128::from(HIGH) / i128::from(full)) as i32;
    for number in 0..=full / step {
        let value = number.saturating_mul(step);
        let y = floor - high(value);
        canvas.rect(
            left,
            y,
            right,
            y + 1,
            if number == 0 { FAINT } else { GRID },
        );
        let label = unit.print(value);
        canvas.place(Anchor::End, left - 10, y, 12.0, INK, &label);
    }
    let place = |number: usize| {
        left + 6 + ((right - left - 12) as i64 * number as i64 / columns.len().max(1) as i64) as i32
    };
    let mut free = Free::default();
    for (number, (label, parts)) in columns.iter().enumerate() {
        let (from, to) = (place(number), place(number + 1));
        // A lone column is a bar, not a wall.
        let half = ((to - from) * 2 / 5).clamp(2, 40);
        let middle = from.midpoint(to);
        let mut below = 0_u64;
        for (part, look) in parts.iter().zip(looks) {
            let upper = below.saturating_add(*part);
            if *part > 0 {
                // What is there is seen, however little it is.
                let y = (floor - high(upper)).min(floor - high(below) - 2);
                let y = y.max(ceiling - 4);
                fill(
                    canvas,
                    middle - half,
                    y,
                    middle + half,
                    floor - high(below),
                    *look,
                );
            }
            below = upper;
        }
        if below > 0 {
            let text = unit.print(below);
            let wide = width(&text, 11.0);
            if wide <= to - from {
                let y = floor - high(below) - 9;
                let y = y.max(top + 22);
                canvas.rect(middle - wide / 2, y - 6, middle + wide / 2, y + 6, PAPER);
                canvas.place(Anchor::Middle, middle, y, 11.0, INK, &text);
            }
        }
        free.label(canvas, middle, floor + 14, label);
    }
    canvas.place(Anchor::End, right, floor + 34, 12.0, FAINT, across);
    floor + 50
}

/// Labels along an axis, as many as have room.
#[derive(Default)]
struct Free {
    from: i32,
}

impl Free {
    fn label(&mut self, canvas: &mut Drawing, x: i32, y: i32, label: &str) {
        let half = width(label, 12.0) / 2 + 1;
        if x - half >= self.from && x - half >= 0 && x + half <= WIDTH - 4 {
            canvas.place(Anchor::Middle, x, y, 12.0, INK, label);
            self.from = x + half + 8;
        }
    }
}

/// A round step of which at most six reach `most`.
fn step(most: u64, unit: Unit) -> u64 {
    let mut step = 1_u64;
    if unit == Unit::Bytes {
        while most / step >= 1024 * 4 {
            step = step.saturating_mul(1024);
        }
    }
    loop {
        for times in [1, 2, 5] {
            let round = step.saturating_mul(times);
            if most / round <= 5 {
                return round;
            }
        }
        step = step.saturating_mul(10);
    }
}

fn draw_bars(canvas: &mut Drawing, mut top: i32, across: &str, bars: &[(String, u64)]) -> i32 {
    let left = MARGIN + 560;
    let most = bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1);
    canvas.text(left, top + 8, 12.0, FAINT, across);
    top += 24;
    for (label, number) in bars {
        let y = top + ROW / 2;
        let label = fit(label, 13.0, left - MARGIN - 14);
        canvas.place(Anchor::End, left - 10, y, 13.0, INK, &label);
        let room = i128::from(WIDTH - MARGIN - 100 - left);
        let long = (i128::from(*number) * room / i128::from(most)) as i32;
        canvas.rect(left, y - 8, left + long.max(2), y + 8, BLUE);
        canvas.text(left + long.max(2) + 8, y, 13.0, INK, &number.to_string());
        top += ROW;
    }
    top + 10
}

/// Places on the axis of times: milliseconds and their names.
const TIMES: [(i64, &str); 11] = [
    (1_000, "1 s"),
    (10_000, "10 s"),
    (60_000, "1 min"),
    (600_000, "10 min"),
    (3_600_000, "1 h"),
    (21_600_000, "6 h"),
    (86_400_000, "1 d"),
    (604_800_000, "7 d"),
    (2_592_000_000, "30 d"),
    (31_536_000_000, "1 year"),
    (315_360_000_000, "10 years"),
];

fn draw_dots(canvas: &mut Drawing, top: i32, across: &str, rows: &[(String, Vec<i64>)]) -> i32 {
    let left = MARGIN + NAMES;
    let right = WIDTH - MARGIN - 260;
    let all = || rows.iter().flat_map(|row| &row.1).copied();
    let (first, last) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
    let from = TIMES.iter().rposition(|one| one.0 <= first).unwrap_or(0);
    let to = TIMES.iter().position(|one| one.0 >= last);
    let to = to
        .unwrap_or(TIMES.len() - 1)
        .max(from + 1)
        .min(TIMES.len() - 1);
    let from = from.min(to - 1);
    // Each stretch between two neighbours of the axis is equally wide, and even in itself.
    let place = |value: i64| {
        let value = value.clamp(TIMES[from].0, TIMES[to].0);
        let part = TIMES[from..to]
            .iter()
            .rposition(|one| one.0 <= value)
            .unwrap_or(0);
        let (low, up) = (TIMES[from + part].0, TIMES[from + part + 1].0);
        let wide = i64::from(right - left);
        let parts = (to - from) as i64;
        left + ((part as i64 * wide + (value - low) * wide / (up - low)) / parts) as i32
    };
    let floor = top + 26 + rows.len() as i32 * ROW;
    canvas.text(left, top + 4, 12.0, FAINT, across);
    for (at, name) in &TIMES[from..=to] {
        let x = place(*at);
        canvas.rect(x, top + 20, x + 1, floor, GRID);
        canvas.place(Anchor::Middle, x, floor + 14, 12.0, INK, name);
    }
    for (number, (label, values)) in rows.iter().enumerate() {
        let y = top + 26 + number as i32 * ROW + ROW / 2;
        let label = fit(label, 13.0, NAMES - 14);
        canvas.place(Anchor::End, left - 12, y, 13.0, INK, &label);
        if let Some(middle) = values.get(values.len().saturating_sub(1) / 2) {
            let x = place(*middle);
            canvas.rect(x - 1, y - 10, x + 2, y + 10, INK);
        }
        let mut shown: Vec<i32> = values.iter().map(|one| place(*one)).collect();
        shown.dedup();
        for (radius, colour) in [(5, PAPER), (4, BLUE)] {
            for x in &shown {
                canvas.circle(*x, y, radius, colour);
            }
        }
        let told = words::cycle_in_short(values);
        canvas.text(
            right + 30,
            y,
            12.0,
            FAINT,
            &fit(&told, 12.0, WIDTH - right - 40),
        );
    }
    floor + 34
}

fn draw_grid(
    canvas: &mut Drawing,
    top: i32,
    (across, down): (&str, &str),
    columns: &[String],
    rows: &[(String, Vec<Cell>)],
) -> i32 {
    let (left, right) = (MARGIN + NAMES, WIDTH - MARGIN - 40);
    let wide = ((right - left) / columns.len().max(1) as i32).clamp(4, 128);
    canvas.place(Anchor::End, left - 12, top + 6, 12.0, FAINT, down);
    canvas.text(left, top + 6, 12.0, FAINT, across);
    let ceiling = top + 36;
    let mut free = Free::default();
    for (number, label) in columns.iter().enumerate() {
        let x = left + number as i32 * wide + wide / 2;
        free.label(canvas, x, top + 25, label);
    }
    let end = left + columns.len() as i32 * wide;
    for (number, (label, cells)) in rows.iter().enumerate() {
        let y = ceiling + number as i32 * ROW;
        let label = fit(label, 13.0, NAMES - 14);
        canvas.place(Anchor::End, left - 12, y + ROW / 2, 13.0, INK, &label);
        canvas.rect(left, y, end, y + 1, GRID);
        for (place, cell) in cells.iter().enumerate() {
            let x = left + place as i32 * wide;
            fill(canvas, x + 1, y + 2, x + wide - 1, y + ROW - 1, cell.fill);
            draw_cell(canvas, x + wide / 2, y + ROW / 2, wide, cell);
        }
    }
    let floor = ceiling + rows.len() as i32 * ROW;
    for number in 0..=columns.len() as i32 {
        let x = left + number * wide;
        canvas.rect(x, ceiling, x + 1, floor, GRID);
    }
    canvas.rect(left, floor, end + 1, floor + 1, RIM);
    floor + 14
}

/// The text of a cell, as large as there is room; a dot stands for more than that.
fn draw_cell(canvas: &mut Drawing, x: i32, y: i32, wide: i32, cell: &Cell) {
    let sizes = [13.0, 11.0, 9.0];
    let size = sizes
        .into_iter()
        .find(|size| width(&cell.text, *size) <= wide - 2);
    let ink = match cell.fill {
        Fill::Solid(colour) if is_dark(colour) => PAPER,
        _ => INK,
    };
    if let Fill::Hatched(_) = cell.fill {
        // The number stays readable on the pattern.
        let half = width(&cell.text, size.unwrap_or(9.0)) / 2 + 2;
        let half = half.min(wide / 2 - 2);
        canvas.rect(x - half, y - 7, x + half, y + 7, PAPER);
    }
    match size {
        Some(size) => canvas.place(Anchor::Middle, x, y, size, ink, &cell.text),
        None => canvas.circle(x, y, 2, ink),
    }
}

fn is_dark(colour: Colour) -> bool {
    let Colour(red, green, blue) = colour;
    // Luma of Rec. 601 in thousandths.
    299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) < 130_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_at_most_six() {
        let numbers = [1, 5, 6, 11, 30, 420].map(|most| step(most, Unit::Number));
        assert_eq!(numbers, [1, 1, 2, 2, 10, 100]);
        let mib = 1024 * 1024;
        assert_eq!(step(122 * mib, Unit::Bytes), 50 * mib);
        assert!(step(u64::MAX, Unit::Bytes) >= u64::MAX / 6);
    }
}
