//! The timeline as a PNG, 1,600 pixels wide, the same bytes on every machine.
//!
//! The font is built in (DejaVu Sans, subset), so a server without fonts draws the same picture.
//! Everything is drawn at twice its size and averaged, which smooths edges that plotters leaves
//! jagged. Colours are those of Okabe and Ito, told apart by colour-blind readers; shapes, letters
//! and hatching carry the same meaning, so that a black-and-white print still reads.

use super::scene::{
    Key, Lane, OTHER_ROWS, SICK_ROWS, Scene, Shape, Symbol, cluster, shape, worst_per_pixel,
};
use super::{Health, text, words};
use crate::model::{Outcome, State, Verdict};
use flate2::{Compression, Crc, write::ZlibEncoder};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use std::io::Write;
use std::sync::OnceLock;

/// Width of the picture in pixels.
pub const WIDTH: i32 = 1600;
/// Drawn so many times larger, then averaged.
const OVER: i32 = 2;
/// Height of one row of a lane (see [`SICK_ROWS`]).
const ROW: i32 = 14;
/// Left end of the names, left and right end of the plot.
const MARGIN: i32 = 24;
const PLOT: (i32, i32) = (330, WIDTH - 40);
/// Where the first lane begins: below title, period and axis labels.
const TOP: i32 = 112;
/// Verdict marks closer than this become one.
const APART: i32 = 58;

const FONT: &[u8] = include_bytes!("fonts/DejaVuSans-subset.ttf");

const INK: RGBColor = RGBColor(28, 32, 36);
const FAINT: RGBColor = RGBColor(96, 104, 112);
const GRID: RGBColor = RGBColor(222, 226, 230);
const BAND: RGBColor = RGBColor(246, 248, 250);
const PAPER: RGBColor = RGBColor(255, 255, 255);
/// Okabe and Ito.
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const SKY: RGBColor = RGBColor(86, 180, 233);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const YELLOW: RGBColor = RGBColor(240, 228, 66);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILLION: RGBColor = RGBColor(213, 94, 0);
const TINT: RGBColor = RGBColor(252, 232, 214);
const PURPLE: RGBColor = RGBColor(204, 121, 167);

fn state_colour(state: State) -> RGBColor {
    match state {
        State::Unknown => PAPER,
        State::Assigned => SKY,
        State::Pending => YELLOW,
        State::Downloading => BLUE,
        State::Ready => GREEN,
        State::Retrying => ORANGE,
        State::Invalid | State::NotReady => VERMILLION,
        State::Deleted => INK,
    }
}

/// Colour of the mark and of the letter in it.
fn verdict_colours(verdict: Verdict) -> (RGBColor, RGBColor) {
    match shape(verdict) {
        Shape::Circle => (BLUE, PAPER),
        Shape::Diamond => (VERMILLION, PAPER),
        Shape::Triangle => (ORANGE, INK),
        Shape::Square => (PURPLE, INK),
        Shape::Hexagon => (FAINT, PAPER),
    }
}

/// Draws the scene. An error is one of the drawing library and says so.
pub fn draw(scene: &Scene) -> Result<Vec<u8>, String> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    if !REGISTERED.get_or_init(|| register_font("sans-serif", FontStyle::Normal, FONT).is_ok()) {
        return Err("the font of the picture cannot be read".to_owned());
    }
    let scene = &scene.fitted();
    let legend = Legend::flow(scene);
    let lanes: i32 = scene.lanes.iter().map(height).sum();
    let bottom = TOP + lanes.max(40);
    let more = if scene.more.is_some() { 26 } else { 0 };
    let legend_top = bottom + more + 46;
    let total = legend_top + legend.rows * Legend::ROW + 20;
    let (wide, high) = (WIDTH * OVER, total * OVER);
    let size = (wide.unsigned_abs(), high.unsigned_abs());
    let mut pixels = vec![255_u8; size.0 as usize * size.1 as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        let canvas = Canvas { area };
        picture(&canvas, scene, &legend, bottom, legend_top)
            .map_err(|error| format!("the picture cannot be drawn: {error}"))?;
    }
    let small = halve(&pixels, size.0 as usize);
    encode(&small, size.0 / 2, size.1 / 2).map_err(|error| format!("the PNG is not made: {error}"))
}

type Drawn = Result<(), String>;

fn picture(canvas: &Canvas, scene: &Scene, legend: &Legend, bottom: i32, legend_top: i32) -> Drawn {
    canvas.text(
        MARGIN,
        32,
        27.0,
        INK,
        &canvas.fit(&scene.title, 27.0, WIDTH - 2 * MARGIN),
    )?;
    canvas.text(
        MARGIN,
        64,
        16.0,
        FAINT,
        &canvas.fit(&scene.subtitle, 16.0, WIDTH - 2 * MARGIN),
    )?;
    let mut top = TOP;
    for (number, lane) in scene.lanes.iter().enumerate() {
        if number % 2 == 0 {
            canvas.rect(
                MARGIN / 2,
                top,
                WIDTH - MARGIN / 2,
                top + height(lane),
                BAND,
            )?;
        }
        top += height(lane);
    }
    axis(canvas, scene, bottom)?;
    let mut top = TOP;
    for lane in &scene.lanes {
        draw_lane(canvas, scene, lane, top)?;
        top += height(lane);
    }
    if scene.lanes.is_empty() {
        canvas.text(PLOT.0, TOP + 20, 17.0, FAINT, words::NO_PACKAGE)?;
    }
    if let Some(more) = &scene.more {
        canvas.text(MARGIN, bottom + 40, 15.0, FAINT, more)?;
    }
    canvas.rect(
        MARGIN,
        legend_top - 12,
        WIDTH - MARGIN,
        legend_top - 11,
        GRID,
    )?;
    for (key, x, row) in &legend.entries {
        let y = legend_top + row * Legend::ROW + Legend::ROW / 2;
        symbol(canvas, *key, *x, y)?;
        canvas.text(x + Legend::SYMBOL, y, Legend::SIZE, INK, key.label())?;
    }
    Ok(())
}

fn height(lane: &Lane) -> i32 {
    let rows = if lane.health == Health::Sick {
        SICK_ROWS
    } else {
        OTHER_ROWS
    };
    rows as i32 * ROW
}

/// Pixels from the left of the picture.
fn across(scene: &Scene, at: i64) -> i32 {
    let range = i128::from(scene.to - scene.from).max(1);
    let share = i128::from(at.clamp(scene.from, scene.to) - scene.from);
    PLOT.0 + (share * i128::from(PLOT.1 - PLOT.0) / range) as i32
}

fn axis(canvas: &Canvas, scene: &Scene, bottom: i32) -> Drawn {
    let mut free_from = 0;
    for tick in &scene.ticks {
        let x = across(scene, tick.at);
        let colour = if tick.midnight {
            RGBColor(196, 202, 208)
        } else {
            GRID
        };
        canvas.rect(x, TOP - 8, x + 1, bottom, colour)?;
        let half = canvas.width(&tick.label, 14.0) / 2;
        if x - half < free_from || x + half > WIDTH - 8 {
            continue;
        }
        free_from = x + half + 14;
        canvas.text(x - half, TOP - 18, 14.0, INK, &tick.label)?;
        canvas.text(x - half, bottom + 14, 14.0, INK, &tick.label)?;
    }
    canvas.rect(PLOT.0, TOP - 8, PLOT.1, TOP - 7, FAINT)?;
    canvas.rect(PLOT.0, bottom, PLOT.1, bottom + 1, FAINT)
}

fn draw_lane(canvas: &Canvas, scene: &Scene, lane: &Lane, top: i32) -> Drawn {
    let sick = lane.health == Health::Sick;
    let room = PLOT.0 - MARGIN - 16;
    let (bar, thick) = if sick { (top + 26, 16) } else { (top + 5, 10) };
    if sick {
        canvas.text(
            MARGIN,
            top + 15,
            17.0,
            INK,
            &canvas.fit(&lane.name, 17.0, room),
        )?;
        canvas.text(
            MARGIN,
            top + 35,
            13.5,
            FAINT,
            &canvas.fit(&lane.note, 13.5, room),
        )?;
        canvas.text(
            MARGIN,
            top + 53,
            13.5,
            INK,
            &canvas.fit(&lane.verdicts, 13.5, room),
        )?;
    } else {
        // The note stands beside the name only as far as it does not push the name out.
        let beside = canvas.width(&lane.note, 12.0).min(130) + 12;
        let name = canvas.fit(&lane.name, 14.0, room - beside);
        canvas.text(MARGIN, top + 14, 14.0, INK, &name)?;
        let taken = canvas.width(&name, 14.0) + 12;
        let note = canvas.fit(&lane.note, 12.0, room - taken);
        canvas.text(MARGIN + taken, top + 14, 12.0, FAINT, &note)?;
    }
    bars(canvas, scene, lane, bar, thick)?;
    let windows = lane.windows.iter();
    let windows = windows.map(|one| (across(scene, one.from), across(scene, one.to)));
    let windows = set_apart(windows.collect());
    for (from, to) in windows.iter().copied() {
        // Beside the bar on a tint; on the bar as gaps in it, so that the state still shows.
        for (upper, lower) in [(top + 18, bar), (bar + thick, top + 66)] {
            canvas.rect(from, upper, to, lower, TINT)?;
            canvas.hatch(from, upper, to, lower, 5, VERMILLION)?;
        }
        canvas.hatch(from, bar, to, bar + thick, 5, PAPER)?;
    }
    // After all fills, so that each window keeps its own border even where two overlap.
    for (from, to) in windows {
        canvas.frame(from, top + 18, to, top + 66, VERMILLION)?;
    }
    let below = bar + thick + if sick { 8 } else { 5 };
    transfers(canvas, scene, lane, below)?;
    let shelf = if sick { top + 61 } else { below };
    for sight in &lane.sights {
        if let Some(kind) = sight.seen.captured() {
            symbol_of_capture(canvas, kind, across(scene, sight.from), shelf)?;
        }
    }
    for gone in &lane.gone {
        gone_mark(canvas, across(scene, gone.at), bar + thick / 2)?;
    }
    let marks: Vec<(i32, Verdict)> = lane
        .marks
        .iter()
        .map(|mark| (across(scene, mark.at), mark.verdict))
        .collect();
    for group in cluster(&marks, APART) {
        canvas.rect(group.x, top + 18, group.x + 1, bar, INK)?;
        verdict_mark(canvas, group.verdict, group.x, top + 13)?;
        if group.count > 1 {
            let more = if group.mixed { "+" } else { "" };
            let label = format!("×{}{more}", group.count);
            canvas.text(group.x + 11, top + 13, 13.0, INK, &label)?;
        }
    }
    Ok(())
}

/// Windows from left to right, each wide enough to be seen, with a gap between two that touch.
fn set_apart(mut windows: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    const GAP: i32 = 4;
    windows.sort_unstable();
    let mut end_before = i32::MIN / 2;
    for (from, to) in &mut windows {
        // Only one that is wide enough: its end must not move, and an overlap is an overlap.
        let apart = end_before + GAP;
        if (end_before - 1..apart).contains(from) && *to >= apart + 6 {
            *from = apart;
        }
        *to = (*to).max(*from + 6);
        end_before = *to;
    }
    windows
}

fn bars(canvas: &Canvas, scene: &Scene, lane: &Lane, top: i32, thick: i32) -> Drawn {
    let width = (PLOT.1 - PLOT.0) as usize;
    let shown = worst_per_pixel(&lane.bars, scene.from, scene.to, width);
    let mut runs = vec![];
    let mut x = 0;
    while x < width {
        let state = shown[x];
        let end = (x..width).find(|at| shown[*at] != state).unwrap_or(width);
        runs.extend(state.map(|state| (state, PLOT.0 + x as i32, PLOT.0 + end as i32)));
        x = end;
    }
    // What lasts and what is good first; the rest on top and wide enough to be seen.
    let calm = |state: State| matches!(state, State::Ready | State::Unknown);
    for (state, from, to) in runs.iter().filter(|run| calm(run.0)) {
        state_bar(canvas, *state, *from, *to, top, top + thick)?;
    }
    for (state, from, to) in runs.iter().filter(|run| !calm(run.0)) {
        state_bar(canvas, *state, *from, (*to).max(from + 3), top, top + thick)?;
    }
    Ok(())
}

fn state_bar(canvas: &Canvas, state: State, from: i32, to: i32, top: i32, bottom: i32) -> Drawn {
    canvas.rect(from, top, to, bottom, state_colour(state))?;
    match state {
        State::Unknown => canvas.frame(from, top, to, bottom, RGBColor(176, 182, 188)),
        State::Pending => canvas.frame(from, top, to, bottom, FAINT),
        State::Retrying => canvas.hatch(from, top, to, bottom, 6, INK),
        State::Invalid | State::NotReady => canvas.hatch(from, top, to, bottom, 4, PAPER),
        _ => Ok(()),
    }
}

fn transfers(canvas: &Canvas, scene: &Scene, lane: &Lane, y: i32) -> Drawn {
    for one in &lane.transfers {
        let from = across(scene, one.from);
        let end = one.to.map(|to| across(scene, to).max(from + 8));
        if let Some(end) = end {
            canvas.rect(from, y, end, y + 1, INK)?;
            end_mark(canvas, one.outcome, end, y)?;
        }
        start_mark(canvas, from, y)?;
    }
    Ok(())
}

fn start_mark(canvas: &Canvas, x: i32, y: i32) -> Drawn {
    canvas.polygon(&[(x, y - 5), (x + 4, y + 4), (x - 4, y + 4)], INK)
}

fn end_mark(canvas: &Canvas, outcome: Outcome, x: i32, y: i32) -> Drawn {
    match outcome {
        Outcome::Completed => canvas.circle(x, y, 4, INK),
        Outcome::Failed(_) => canvas.cross(x, y, 4, VERMILLION),
        Outcome::Open => Ok(()),
    }
}

fn gone_mark(canvas: &Canvas, x: i32, y: i32) -> Drawn {
    canvas.rect(x - 8, y - 8, x + 8, y + 8, INK)?;
    canvas.rect(x - 7, y - 7, x + 7, y + 7, PAPER)?;
    canvas.rect(x - 1, y - 5, x + 1, y + 2, VERMILLION)?;
    canvas.rect(x - 1, y + 3, x + 1, y + 5, VERMILLION)
}

fn symbol_of_capture(canvas: &Canvas, kind: &str, x: i32, y: i32) -> Drawn {
    match kind {
        "snapshot" => {
            canvas.rect(x - 4, y - 4, x + 4, y + 4, FAINT)?;
            canvas.rect(x - 2, y - 2, x + 2, y + 2, PAPER)
        }
        "status" => {
            canvas.circle(x, y, 5, FAINT)?;
            canvas.circle(x, y, 3, PAPER)
        }
        _ => {
            for line in [-4, -1, 2] {
                canvas.rect(x - 4, y + line, x + 4, y + line + 2, FAINT)?;
            }
            Ok(())
        }
    }
}

fn verdict_mark(canvas: &Canvas, verdict: Verdict, x: i32, y: i32) -> Drawn {
    let (fill, ink) = verdict_colours(verdict);
    let outline = |grow: i32| match shape(verdict) {
        Shape::Circle | Shape::Hexagon => vec![],
        Shape::Diamond => {
            let reach = 10 + grow;
            vec![
                (x, y - reach),
                (x + reach, y),
                (x, y + reach),
                (x - reach, y),
            ]
        }
        Shape::Triangle => vec![
            (x, y - 10 - 2 * grow),
            (x + 11 + grow, y + 8 + grow),
            (x - 11 - grow, y + 8 + grow),
        ],
        Shape::Square => {
            let reach = 8 + grow;
            vec![
                (x - reach, y - reach),
                (x + reach, y - reach),
                (x + reach, y + reach),
                (x - reach, y + reach),
            ]
        }
    };
    let hexagon = |reach: i32| {
        let half = reach * 5 / 9;
        vec![
            (x - half, y - reach),
            (x + half, y - reach),
            (x + reach, y),
            (x + half, y + reach),
            (x - half, y + reach),
            (x - reach, y),
        ]
    };
    // A rim of paper keeps the mark off bars and lines under it.
    match shape(verdict) {
        Shape::Circle => {
            canvas.circle(x, y, 10, PAPER)?;
            canvas.circle(x, y, 9, fill)?;
        }
        Shape::Hexagon => {
            canvas.polygon(&hexagon(10), PAPER)?;
            canvas.polygon(&hexagon(9), fill)?;
        }
        _ => {
            canvas.polygon(&outline(1), PAPER)?;
            canvas.polygon(&outline(0), fill)?;
        }
    }
    let letter = words::verdict(verdict).letter.to_string();
    let half = canvas.width(&letter, 13.0) / 2;
    let down = if shape(verdict) == Shape::Triangle {
        3
    } else {
        0
    };
    canvas.text(x - half, y + down, 13.0, ink, &letter)
}

fn symbol(canvas: &Canvas, key: Key, x: i32, y: i32) -> Drawn {
    let centre = x + 14;
    match key {
        Key::State(state) => state_bar(canvas, state, x, x + 28, y - 6, y + 6),
        Key::InvalidOrNotReady => state_bar(canvas, State::Invalid, x, x + 28, y - 6, y + 6),
        Key::Start => start_mark(canvas, centre, y),
        Key::Completed => end_mark(canvas, Outcome::Completed, centre, y),
        Key::Failed => end_mark(canvas, Outcome::Failed(None), centre, y),
        Key::Window => {
            canvas.rect(x, y - 8, x + 28, y + 8, TINT)?;
            canvas.hatch(x, y - 8, x + 28, y + 8, 5, VERMILLION)?;
            canvas.frame(x, y - 8, x + 28, y + 8, VERMILLION)
        }
        Key::Gone => gone_mark(canvas, centre, y),
        Key::Seen(Symbol::SnapshotCaptured) => symbol_of_capture(canvas, "snapshot", centre, y),
        Key::Seen(Symbol::StatusCaptured) => symbol_of_capture(canvas, "status", centre, y),
        Key::Seen(_) => symbol_of_capture(canvas, "listing", centre, y),
        Key::Verdict(verdict) => verdict_mark(canvas, verdict, centre, y),
    }
}

/// The legend in rows, in a margin of its own below the lanes.
struct Legend {
    /// What, where from the left, in which row.
    entries: Vec<(Key, i32, i32)>,
    rows: i32,
}

impl Legend {
    const ROW: i32 = 28;
    const SIZE: f64 = 15.0;
    /// Room for the symbol before the label.
    const SYMBOL: i32 = 38;

    fn flow(scene: &Scene) -> Legend {
        let (mut x, mut row) = (MARGIN, 0);
        let mut entries: Vec<(Key, i32, i32)> = vec![];
        for key in &scene.legend {
            let wide = Legend::SYMBOL + width(key.label(), Legend::SIZE) + 30;
            // Verdicts begin a row of their own: they are what the reader looks up.
            let verdicts_begin = matches!(key, Key::Verdict(_))
                && entries
                    .last()
                    .is_some_and(|(last, ..)| !matches!(last, Key::Verdict(_)));
            if x > MARGIN && (x + wide > WIDTH - MARGIN || verdicts_begin) {
                (x, row) = (MARGIN, row + 1);
            }
            entries.push((*key, x, row));
            x += wide;
        }
        Legend {
            rows: row + 1,
            entries,
        }
    }
}

/// Width of a text in pixels.
fn width(text: &str, size: f64) -> i32 {
    let style = TextStyle::from(("sans-serif", size * f64::from(OVER)).into_font());
    let layout = style.font.layout_box(text).unwrap_or_default();
    (layout.1.0 - layout.0.0) / OVER + 1
}

/// Draws in pixels of the finished picture.
struct Canvas<'a> {
    area: DrawingArea<BitMapBackend<'a>, Shift>,
}

impl Canvas<'_> {
    /// Fills from (left, top) up to, not including, (right, bottom).
    fn rect(&self, left: i32, top: i32, right: i32, bottom: i32, colour: RGBColor) -> Drawn {
        if right <= left || bottom <= top {
            return Ok(());
        }
        let corners = [
            (left * OVER, top * OVER),
            (right * OVER - 1, bottom * OVER - 1),
        ];
        self.put(&Rectangle::new(corners, colour.filled()))
    }

    /// The border of a rectangle, one pixel wide, inside it.
    fn frame(&self, left: i32, top: i32, right: i32, bottom: i32, colour: RGBColor) -> Drawn {
        self.rect(left, top, right, top + 1, colour)?;
        self.rect(left, bottom - 1, right, bottom, colour)?;
        self.rect(left, top, left + 1, bottom, colour)?;
        self.rect(right - 1, top, right, bottom, colour)
    }

    /// Diagonal lines, `step` pixels apart, clipped to the rectangle.
    fn hatch(
        &self,
        left: i32,
        top: i32,
        right: i32,
        bottom: i32,
        step: i32,
        colour: RGBColor,
    ) -> Drawn {
        let (left, top, right, bottom) = (left * OVER, top * OVER, right * OVER, bottom * OVER);
        // Lines lie on x + y = k * step of the picture, so that neighbours join.
        for y in top..bottom {
            let first = left + (-(left + y)).rem_euclid(step * OVER);
            for x in (first..right).step_by((step * OVER) as usize) {
                for thick in 0..OVER.min(right - x) {
                    self.area
                        .draw_pixel((x + thick, y), &colour)
                        .map_err(|error| error.to_string())?;
                }
            }
        }
        Ok(())
    }

    fn polygon(&self, points: &[(i32, i32)], colour: RGBColor) -> Drawn {
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (x * OVER, y * OVER)).collect();
        self.put(&Polygon::new(points, colour.filled()))
    }

    fn circle(&self, x: i32, y: i32, radius: i32, colour: RGBColor) -> Drawn {
        self.put(&Circle::new(
            (x * OVER, y * OVER),
            radius * OVER,
            colour.filled(),
        ))
    }

    fn cross(&self, x: i32, y: i32, reach: i32, colour: RGBColor) -> Drawn {
        for turn in [1, -1] {
            self.polygon(
                &[
                    (x - reach - 1, y - turn * reach),
                    (x - reach + 1, y - turn * reach),
                    (x + reach + 1, y + turn * reach),
                    (x + reach - 1, y + turn * reach),
                ],
                colour,
            )?;
        }
        Ok(())
    }

    /// Text that begins at `x`, its capitals centred on `y`.
    fn text(&self, x: i32, y: i32, size: f64, colour: RGBColor, text: &str) -> Drawn {
        let size = size * f64::from(OVER);
        let style = TextStyle::from(("sans-serif", size).into_font()).color(&colour);
        // plotters puts the baseline half the size below the top, whatever the font says.
        let top = f64::from(y * OVER) - 0.187 * size;
        self.put(&Text::new(text.to_owned(), (x * OVER, top as i32), style))
    }

    fn width(&self, text: &str, size: f64) -> i32 {
        width(text, size)
    }

    /// `text`, its middle left out as far as needed to fit into `room` pixels.
    fn fit(&self, text: &str, size: f64, room: i32) -> String {
        let mut most = text.chars().count();
        let mut shown = text.to_owned();
        while most > 1 && width(&shown, size) > room {
            most -= 1;
            shown = text::shorten(text, most);
        }
        shown
    }

    fn put<'e, E>(&self, element: &'e E) -> Drawn
    where
        &'e E: plotters::element::PointCollection<'e, (i32, i32)>,
        E: for<'b> plotters::element::Drawable<BitMapBackend<'b>>,
    {
        self.area.draw(element).map_err(|error| error.to_string())
    }
}

/// Averages squares of [`OVER`] by [`OVER`] pixels of an RGB picture `width` pixels wide.
fn halve(pixels: &[u8], width: usize) -> Vec<u8> {
    let line = width * 3;
    let mut small = Vec::with_capacity(pixels.len() / 4);
    for rows in pixels.chunks_exact(line * 2) {
        let (upper, lower) = rows.split_at(line);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for part in 0..3 {
                let sum = [above[part], above[part + 3], below[part], below[part + 3]]
                    .iter()
                    .map(|one| u16::from(*one))
                    .sum::<u16>();
                small.push(u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX));
            }
        }
    }
    small
}

/// A PNG of RGB pixels. Written here because plotters encodes only into files.
fn encode(pixels: &[u8], width: u32, height: u32) -> std::io::Result<Vec<u8>> {
    let line = width as usize * 3;
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::new(9));
    let mut above = vec![0_u8; line];
    for row in pixels.chunks_exact(line) {
        // Filter "Up": rows repeat, so most differences are 0.
        let mut filtered = Vec::with_capacity(line + 1);
        filtered.push(2);
        filtered.extend(
            row.iter()
                .zip(&above)
                .map(|(now, up)| now.wrapping_sub(*up)),
        );
        packed.write_all(&filtered)?;
        above.copy_from_slice(row);
    }
    let mut header = Vec::with_capacity(13);
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // 8 bits, RGB, deflate, adaptive filters, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &packed.finish()?);
    chunk(&mut png, b"IEND", &[]);
    Ok(png)
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut check = Crc::new();
    check.update(kind);
    check.update(data);
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(check.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::{fixture, scene::lay_out};
    use super::*;
    use crate::model::Case;
    use std::io::Read;

    /// Width, height and pixels, read by the rules of the format.
    fn decode(png: &[u8]) -> (u32, u32, Vec<u8>) {
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        let (width, height) = (number(16), number(20));
        let (mut at, mut packed) = (8, vec![]);
        while at < png.len() {
            let size = number(at) as usize;
            let mut check = Crc::new();
            check.update(&png[at + 4..at + 8 + size]);
            assert_eq!(check.sum(), number(at + 8 + size));
            if &png[at + 4..at + 8] == b"IDAT" {
                packed.extend(&png[at + 8..at + 8 + size]);
            }
            at += size + 12;
        }
        let mut raw = vec![];
        flate2::read::ZlibDecoder::new(packed.as_slice())
            .read_to_end(&mut raw)
            .unwrap();
        let line = width as usize * 3;
        let mut pixels = vec![0_u8; line];
        for row in raw.chunks_exact(line + 1) {
            assert_eq!(row[0], 2);
            let above = pixels[pixels.len() - line..].to_vec();
            pixels.extend(
                row[1..]
                    .iter()
                    .zip(above)
                    .map(|(one, up)| one.wrapping_add(up)),
            );
        }
        (width, height, pixels.split_off(line))
    }

    #[test]
    fn windows_that_touch_are_set_apart() {
        assert_eq!(
            set_apart(vec![(50, 90), (10, 50), (60, 61), (66, 70), (200, 200)]),
            [(10, 50), (54, 90), (60, 66), (66, 72), (200, 206)]
        );
    }

    #[test]
    fn the_picture_decodes_and_is_the_same_twice() {
        let png = draw(&lay_out(&fixture::case())).unwrap();
        let (width, height, pixels) = decode(&png);
        assert_eq!((width, pixels.len()), (1600, (1600 * height * 3) as usize));
        assert!((400..800).contains(&height), "{height}");
        assert!(png.len() < 200_000, "{}", png.len());
        let has = |colour: RGBColor| {
            pixels
                .chunks(3)
                .any(|one| one == [colour.0, colour.1, colour.2])
        };
        assert!(has(GREEN) && has(BLUE) && has(VERMILLION) && has(ORANGE) && has(INK));
        assert!(png == draw(&lay_out(&fixture::case())).unwrap());
    }

    #[test]
    fn any_case_can_be_drawn() {
        let mut foreign = fixture::case();
        foreign.packages[0].name = Some("漢字 שלום \u{1f600} \u{10ffff}".repeat(20));
        foreign.packages[1].name = Some(String::new());
        for case in [Case::default(), fixture::evil_case(), foreign] {
            decode(&draw(&lay_out(&case)).unwrap());
        }
    }

    #[test]
    fn fifty_packages_make_a_picture_of_at_most_three_screens() {
        let (_, height, _) = decode(&draw(&lay_out(&fixture::large_case(50))).unwrap());
        assert!(height < 2400, "{height}");
    }
}
