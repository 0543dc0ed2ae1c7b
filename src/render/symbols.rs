//! How states, verdicts and sights are drawn: one look each, the same in lanes and legend.

use super::drawing::{
    Anchor, Area, BLUE, Colour, Drawing, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, RIM, SKY, TINT,
    VERMILLION, YELLOW,
};
use super::scene::{Key, Shape, Symbol, shape};
use super::words;
use crate::model::{Outcome, State, Verdict};

/// Width and height of the symbol of a sight; those closer than this would touch.
pub const SIGHT: i32 = 11;

fn state_colour(state: State) -> Colour {
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
pub fn verdict_colours(verdict: Verdict) -> (Colour, Colour) {
    match shape(verdict) {
        Shape::Circle => (BLUE, PAPER),
        Shape::Diamond => (VERMILLION, PAPER),
        Shape::Triangle => (ORANGE, INK),
        Shape::Square => (PURPLE, INK),
        Shape::Hexagon => (FAINT, PAPER),
    }
}

/// Stretches of the bar in one state.
pub fn state_bars(canvas: &mut Drawing, state: State, areas: &[Area]) {
    for area in areas {
        let colour = state_colour(state);
        canvas.rect(area.left, area.top, area.right, area.bottom, colour);
    }
    for area in areas {
        let mut frame = |colour| canvas.frame(area.left, area.top, area.right, area.bottom, colour);
        match state {
            State::Unknown => frame(RIM),
            State::Pending => frame(FAINT),
            // On less, no line of a hatching can be seen.
            _ if area.right - area.left < 7 => {}
            State::Retrying => canvas.hatch(*area, 6, INK),
            State::Invalid | State::NotReady => canvas.hatch(*area, 4, PAPER),
            _ => {}
        }
    }
}

/// Where a download begins.
pub fn start_mark(canvas: &mut Drawing, x: i32, y: i32) {
    canvas.polygon(&[(x, y - 5), (x + 4, y + 4), (x - 4, y + 4)], INK);
}

/// Where an attempt ends.
pub fn end_mark(canvas: &mut Drawing, outcome: Outcome, x: i32, y: i32) {
    match outcome {
        Outcome::Completed => canvas.circle(x, y, 4, INK),
        Outcome::Failed(_) => canvas.cross(x, y, 4, VERMILLION),
        Outcome::Open => {}
    }
}

/// Files missing although the package is Ready: an exclamation mark in a box.
pub fn gone_mark(canvas: &mut Drawing, x: i32, y: i32) {
    canvas.rect(x - 8, y - 8, x + 8, y + 8, INK);
    canvas.rect(x - 7, y - 7, x + 7, y + 7, PAPER);
    canvas.rect(x - 1, y - 5, x + 1, y + 2, VERMILLION);
    canvas.rect(x - 1, y + 3, x + 1, y + 5, VERMILLION);
}

/// What was seen, in a sub-lane.
pub fn sight_mark(canvas: &mut Drawing, symbol: Symbol, x: i32, y: i32) {
    match symbol {
        Symbol::SnapshotCaptured => {
            canvas.rect(x - 5, y - 5, x + 5, y + 5, PAPER);
            canvas.rect(x - 4, y - 5, x + 4, y + 5, BLUE);
            for line in [-3, 0, 3] {
                canvas.rect(x - 2, y + line, x + 2, y + line + 1, PAPER);
            }
        }
        Symbol::SnapshotTold => {
            canvas.polygon(&[(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], PAPER);
            canvas.polygon(&[(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)], BLUE);
            canvas.polygon(&[(x, y - 2), (x + 2, y), (x, y + 2), (x - 2, y)], PAPER);
        }
        Symbol::FolderListed => {
            canvas.rect(x - 5, y - 5, x + 5, y + 5, PAPER);
            for line in [-4, -1, 2] {
                canvas.rect(x - 5, y + line, x + 5, y + line + 2, GREEN);
            }
        }
        Symbol::FilesThere => {
            let tick = [
                (x - 5, y),
                (x - 3, y - 2),
                (x - 1, y + 1),
                (x + 4, y - 5),
                (x + 6, y - 3),
                (x - 1, y + 5),
            ];
            canvas.polygon(&tick, GREEN);
        }
        Symbol::FilesMissing => {
            canvas.rect(x - 5, y - 5, x + 5, y + 5, VERMILLION);
            canvas.cross(x, y, 3, PAPER);
        }
        Symbol::StatusCaptured => {
            canvas.circle(x, y, 5, PURPLE);
            canvas.circle(x, y, 2, PAPER);
        }
        Symbol::MetadataMissing => {
            canvas.circle(x, y, 5, VERMILLION);
            canvas.circle(x, y, 3, PAPER);
            let stroke = [
                (x + 4, y - 6),
                (x + 6, y - 4),
                (x - 4, y + 6),
                (x - 6, y + 4),
            ];
            canvas.polygon(&stroke, VERMILLION);
        }
        Symbol::Error => {
            canvas.polygon(&[(x - 6, y - 5), (x + 6, y - 5), (x, y + 6)], INK);
            canvas.polygon(&[(x - 4, y - 4), (x + 4, y - 4), (x, y + 4)], ORANGE);
        }
    }
}

/// The mark of a verdict: a shape for its group, its letter inside.
pub fn verdict_mark(canvas: &mut Drawing, verdict: Verdict, x: i32, y: i32) {
    let (fill, ink) = verdict_colours(verdict);
    let kind = shape(verdict);
    // A rim of paper keeps the mark off bars and lines under it.
    for (grow, colour) in [(1, PAPER), (0, fill)] {
        if kind == Shape::Circle {
            canvas.circle(x, y, 9 + grow, colour);
        } else {
            canvas.polygon(&outline(kind, x, y, grow), colour);
        }
    }
    let letter = words::verdict(verdict).letter.to_string();
    let down = if kind == Shape::Triangle { 3 } else { 0 };
    canvas.place(Anchor::Middle, x, y + down, 13.0, ink, &letter);
}

fn outline(kind: Shape, x: i32, y: i32, grow: i32) -> Vec<(i32, i32)> {
    match kind {
        Shape::Circle => vec![],
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
        Shape::Hexagon => {
            let reach = 9 + grow;
            let half = reach * 5 / 9;
            vec![
                (x - half, y - reach),
                (x + half, y - reach),
                (x + reach, y),
                (x + half, y + reach),
                (x - half, y + reach),
                (x - reach, y),
            ]
        }
    }
}

/// The symbol of a legend's entry, 28 pixels wide from `x`.
pub fn key(canvas: &mut Drawing, key: Key, x: i32, y: i32) {
    let centre = x + 14;
    let bar = Area {
        left: x,
        top: y - 6,
        right: x + 28,
        bottom: y + 6,
    };
    match key {
        Key::State(state) => state_bars(canvas, state, &[bar]),
        Key::InvalidOrNotReady => state_bars(canvas, State::Invalid, &[bar]),
        Key::Start => start_mark(canvas, centre, y),
        Key::Completed => end_mark(canvas, Outcome::Completed, centre, y),
        Key::Failed => end_mark(canvas, Outcome::Failed(None), centre, y),
        Key::Window => {
            canvas.rect(x, y - 8, x + 28, y + 8, TINT);
            let area = Area {
                top: y - 8,
                bottom: y + 8,
                ..bar
            };
            canvas.hatch(area, 5, VERMILLION);
            canvas.frame(x, y - 8, x + 28, y + 8, VERMILLION);
        }
        Key::Gone => gone_mark(canvas, centre, y),
        Key::Seen(symbol) => sight_mark(canvas, symbol, centre, y),
        Key::Verdict(verdict) => verdict_mark(canvas, verdict, centre, y),
    }
}
