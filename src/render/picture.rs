//! The timeline of a [`Scene`], painted: names at the left, lanes, axis, legend.
//!
//! What shares a pixel is merged before it is painted, the worst first: a lane of a hundred
//! thousand spans costs no more than its pixels, and one bad hour in a month is seen.

use super::Health;
use super::drawing::{
    Anchor, Area, BAND, Colour, Drawing, FAINT, GRID, INK, PAPER, TINT, VERMILLION, fit, width,
};
use super::scene::{Key, Lane, Scene, Symbol, badness, cluster, worst_per_pixel};
use super::symbols::{
    SIGHT, end_mark, gone_mark, key, sight_mark, start_mark, state_bars, verdict_mark,
};
use super::words;
use crate::model::{Outcome, State, Verdict};

/// Width of the picture in pixels.
pub const WIDTH: i32 = 1600;
/// Left end of the names, left and right end of the plot.
const MARGIN: i32 = 24;
const PLOT: (i32, i32) = (330, WIDTH - 64);
/// Room for the names.
const ROOM: i32 = PLOT.0 - MARGIN - 16;
/// Where the first lane begins: below title, period and axis labels.
const TOP: i32 = 112;
/// Verdict marks closer than this become one, so that each has room for its number.
const APART: i32 = 74;
/// Starts and ends of downloads closer than this become one.
const TOUCH: i32 = 9;
/// Height of a lane that is not sick, of a sick one, and of each of its sub-lanes.
const CALM: i32 = 28;
const SICK: i32 = 68;
const SHELF: i32 = 16;

/// Paints the scene, as far as a picture can show it.
pub fn draw(scene: &Scene) -> Drawing {
    let scene = &scene.fitted();
    let legend = Legend::flow(scene);
    let lanes: i32 = scene.lanes.iter().map(height).sum();
    let bottom = TOP + lanes.max(40);
    let more = if scene.more.is_some() { 26 } else { 0 };
    let legend_top = bottom + more + 46;
    let total = legend_top + legend.rows * Legend::ROW + 20;
    let mut picture = Drawing::new(WIDTH, total, &scene.title);
    let canvas = &mut picture;
    let room = WIDTH - 2 * MARGIN;
    canvas.text(MARGIN, 32, 27.0, INK, &fit(&scene.title, 27.0, room));
    canvas.text(MARGIN, 64, 16.0, FAINT, &fit(&scene.subtitle, 16.0, room));
    let mut top = TOP;
    for (number, lane) in scene.lanes.iter().enumerate() {
        if number % 2 == 0 {
            let right = WIDTH - MARGIN / 2;
            canvas.rect(MARGIN / 2, top, right, top + height(lane), BAND);
        }
        top += height(lane);
    }
    axis(canvas, scene, bottom);
    let mut top = TOP;
    for lane in &scene.lanes {
        draw_lane(canvas, scene, lane, top);
        top += height(lane);
    }
    if scene.lanes.is_empty() {
        canvas.text(PLOT.0, TOP + 20, 17.0, FAINT, words::NO_PACKAGE);
    }
    if let Some(more) = &scene.more {
        canvas.text(MARGIN, bottom + 40, 15.0, FAINT, more);
    }
    let line = legend_top - 12;
    canvas.rect(MARGIN, line, WIDTH - MARGIN, line + 1, GRID);
    for (one, x, row) in &legend.entries {
        let y = legend_top + row * Legend::ROW + Legend::ROW / 2;
        key(canvas, *one, *x, y);
        canvas.text(x + Legend::SYMBOL, y, Legend::SIZE, INK, one.label());
    }
    picture
}

fn height(lane: &Lane) -> i32 {
    match lane.health {
        Health::Sick => SICK + SHELF * lane.rows().len() as i32,
        _ => CALM,
    }
}

/// Pixels from the left of the picture.
fn across(scene: &Scene, at: i64) -> i32 {
    let range = i128::from(scene.to - scene.from).max(1);
    let share = i128::from(at.clamp(scene.from, scene.to) - scene.from);
    PLOT.0 + (share * i128::from(PLOT.1 - PLOT.0) / range) as i32
}

fn axis(canvas: &mut Drawing, scene: &Scene, bottom: i32) {
    let mut free_from = 0;
    for tick in &scene.ticks {
        let x = across(scene, tick.at);
        let colour = match tick.midnight {
            true => Colour(196, 202, 208),
            false => GRID,
        };
        canvas.rect(x, TOP - 8, x + 1, bottom, colour);
        let half = width(&tick.label, 14.0) / 2;
        if x - half < free_from || x + half > WIDTH - 8 {
            continue;
        }
        free_from = x + half + 14;
        for y in [TOP - 18, bottom + 14] {
            canvas.place(Anchor::Middle, x, y, 14.0, INK, &tick.label);
        }
    }
    canvas.rect(PLOT.0, TOP - 8, PLOT.1, TOP - 7, FAINT);
    canvas.rect(PLOT.0, bottom, PLOT.1, bottom + 1, FAINT);
}

fn draw_lane(canvas: &mut Drawing, scene: &Scene, lane: &Lane, top: i32) {
    if lane.health != Health::Sick {
        return calm_lane(canvas, scene, lane, top);
    }
    let line = |text: &str, size| fit(text, size, ROOM);
    canvas.text(MARGIN, top + 15, 17.0, INK, &line(&lane.name, 17.0));
    canvas.text(MARGIN, top + 35, 13.5, FAINT, &line(&lane.note, 13.5));
    canvas.text(MARGIN, top + 53, 13.5, INK, &line(&lane.verdicts, 13.5));
    let bar = (top + 27, top + 43);
    let end = top + height(lane) - 4;
    let windows = lane.windows.iter();
    let windows = windows.map(|one| (across(scene, one.from), across(scene, one.to)));
    let windows = set_apart(windows.collect());
    for (from, to) in windows.iter().copied() {
        canvas.rect(from, top + 20, to, end, TINT);
    }
    for (number, row) in lane.rows().into_iter().enumerate() {
        let y = top + SICK + SHELF * number as i32 + 1;
        let label = words::row(row);
        canvas.place(Anchor::End, PLOT.0 - 10, y, 11.5, FAINT, label);
        canvas.rect(PLOT.0, y, PLOT.1, y + 1, GRID);
    }
    bars(canvas, scene, lane, bar);
    for (from, to) in windows.iter().copied() {
        // Above and below the bar hatched; on the bar as gaps in it, so that the state still shows.
        let area = |top, bottom| Area {
            left: from,
            top,
            right: to,
            bottom,
        };
        let step = if to - from > 200 { 10 } else { 5 };
        canvas.hatch(area(top + 20, bar.0), step, VERMILLION);
        canvas.hatch(area(bar.0, bar.1), step, PAPER);
        canvas.hatch(area(bar.1, top + 60), step, VERMILLION);
    }
    // After all fills, so that each window keeps its own border even where two overlap.
    for (from, to) in windows {
        canvas.frame(from, top + 20, to, end, VERMILLION);
    }
    transfers(canvas, scene, lane, top + 52);
    sights(canvas, scene, lane, top);
    let gone = lane.gone.iter().map(|one| across(scene, one.at)).collect();
    for x in apart(gone, 17, &mut Free::new()) {
        gone_mark(canvas, x, (bar.0 + bar.1) / 2);
    }
    marks(canvas, scene, lane, top, bar.0);
}

/// A package to which nothing happened: one line.
fn calm_lane(canvas: &mut Drawing, scene: &Scene, lane: &Lane, top: i32) {
    // The note stands beside the name only as far as it does not push the name out.
    let beside = width(&lane.note, 12.0).min(130) + 12;
    let name = fit(&lane.name, 14.0, ROOM - beside);
    canvas.text(MARGIN, top + 14, 14.0, INK, &name);
    let taken = width(&name, 14.0) + 12;
    let note = fit(&lane.note, 12.0, ROOM - taken);
    canvas.text(MARGIN + taken, top + 14, 12.0, FAINT, &note);
    bars(canvas, scene, lane, (top + 5, top + 15));
    transfers(canvas, scene, lane, top + 20);
}

fn marks(canvas: &mut Drawing, scene: &Scene, lane: &Lane, top: i32, bar: i32) {
    let marks: Vec<(i32, Verdict)> = lane
        .marks
        .iter()
        .map(|mark| (across(scene, mark.at), mark.verdict))
        .collect();
    for group in cluster(&marks, APART) {
        canvas.rect(group.x, top + 18, group.x + 1, bar, INK);
        verdict_mark(canvas, group.verdict, group.x, top + 13);
        if group.count > 1 {
            let more = if group.mixed { "+" } else { "" };
            let label = match group.count {
                many if many >= 10_000 => format!("×{}k{more}", many / 1000),
                some => format!("×{some}{more}"),
            };
            canvas.text(group.x + 13, top + 13, 13.0, INK, &label);
        }
    }
}

/// Windows from left to right, each wide enough to be seen, with a gap between two that touch. Where
/// there are more than can be told apart, those that overlap are one.
fn set_apart(mut windows: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    const GAP: i32 = 4;
    const MANY: usize = 100;
    windows.sort_unstable();
    windows.dedup();
    if windows.len() > MANY {
        windows = joined(windows, GAP);
    }
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

fn bars(canvas: &mut Drawing, scene: &Scene, lane: &Lane, (top, bottom): (i32, i32)) {
    let pixels = (PLOT.1 - PLOT.0) as usize;
    let shown = worst_per_pixel(&lane.bars, scene.from, scene.to, pixels);
    let mut runs: Vec<(State, i32, i32)> = vec![];
    for (x, state) in shown.into_iter().enumerate() {
        let x = PLOT.0 + x as i32;
        match (state, runs.last_mut()) {
            (Some(state), Some(last)) if last.0 == state && last.2 == x => last.2 = x + 1,
            (Some(state), _) => runs.push((state, x, x + 1)),
            (None, _) => {}
        }
    }
    // The bad ones last, and wide enough to be seen; the worst of them on top.
    runs.sort_by_key(|run| badness(run.0));
    for of_state in runs.chunk_by(|a, b| a.0 == b.0) {
        let state = of_state[0].0;
        let wide = if badness(state) > 1 { 3 } else { 0 };
        let mut areas: Vec<Area> = vec![];
        for (_, left, right) in of_state {
            let right = (*right).max(left + wide).min(PLOT.1);
            match areas.last_mut() {
                Some(last) if *left <= last.right => last.right = right,
                _ => areas.push(Area {
                    left: *left,
                    top,
                    right,
                    bottom,
                }),
            }
        }
        state_bars(canvas, state, &areas);
    }
}

fn transfers(canvas: &mut Drawing, scene: &Scene, lane: &Lane, y: i32) {
    let mut lines: Vec<(i32, i32)> = vec![];
    let (mut failed, mut completed, mut starts) = (vec![], vec![], vec![]);
    for one in &lane.transfers {
        let from = across(scene, one.from);
        starts.push(from);
        let Some(end) = one.to.map(|to| across(scene, to).max(from + 8)) else {
            continue;
        };
        lines.push((from, end));
        match one.outcome {
            Outcome::Completed => completed.push(end),
            Outcome::Failed(_) => failed.push(end),
            Outcome::Open => {}
        }
    }
    for (from, to) in joined(lines, 2) {
        canvas.rect(from, y, to, y + 1, INK);
    }
    // What failed first: where ends touch, the worse one is shown.
    let mut ends = Free::new();
    for x in apart(failed, TOUCH, &mut ends) {
        end_mark(canvas, Outcome::Failed(None), x, y);
    }
    for x in apart(completed, TOUCH, &mut ends) {
        end_mark(canvas, Outcome::Completed, x, y);
    }
    for x in apart(starts, TOUCH, &mut Free::new()) {
        start_mark(canvas, x, y);
    }
}

/// Stretches from left to right, those with a gap of at most `gap` as one.
fn joined(mut stretches: Vec<(i32, i32)>, gap: i32) -> Vec<(i32, i32)> {
    stretches.sort_unstable();
    let mut joined: Vec<(i32, i32)> = vec![];
    for (from, to) in stretches {
        match joined.last_mut() {
            Some(last) if from <= last.1 + gap => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Places that are taken, in pixels, ascending.
type Free = Vec<i32>;

/// Those of `places` that are at least `room` pixels from each other and from what is taken already.
fn apart(mut places: Vec<i32>, room: i32, taken: &mut Free) -> Vec<i32> {
    places.sort_unstable();
    let mut shown = vec![];
    for x in places {
        let after = taken.partition_point(|one| *one <= x);
        let near = |one: Option<&i32>| one.is_some_and(|one| (x - one).abs() < room);
        if !near(taken.get(after)) && !near(after.checked_sub(1).and_then(|at| taken.get(at))) {
            taken.insert(after, x);
            shown.push(x);
        }
    }
    shown
}

/// How bad a sight is when several share a place: the worse one is shown.
const WORST_FIRST: [Symbol; 8] = [
    Symbol::MetadataMissing,
    Symbol::FilesMissing,
    Symbol::Error,
    Symbol::SnapshotCaptured,
    Symbol::SnapshotTold,
    Symbol::StatusCaptured,
    Symbol::FolderListed,
    Symbol::FilesThere,
];

/// The sub-lanes: what was seen, each where it was, merged where symbols would touch.
fn sights(canvas: &mut Drawing, scene: &Scene, lane: &Lane, top: i32) {
    for (number, row) in lane.rows().into_iter().enumerate() {
        let y = top + SICK + SHELF * number as i32 + 1;
        let in_row = || lane.sights.iter().filter(|one| one.seen.row() == row);
        let lasting = in_row()
            .filter(|one| one.to > one.from)
            .map(|one| (across(scene, one.from), across(scene, one.to)));
        for (from, to) in joined(lasting.collect(), 2) {
            canvas.rect(from, y - 1, to, y + 1, FAINT);
        }
        let mut taken = Free::new();
        for symbol in WORST_FIRST {
            let of_symbol = in_row().filter(|one| Symbol::of(one.seen) == symbol);
            let places = of_symbol.map(|one| across(scene, one.from)).collect();
            for x in apart(places, SIGHT, &mut taken) {
                sight_mark(canvas, symbol, x, y);
            }
        }
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
            // What was seen and the verdicts begin a row of their own: they are what the reader looks up.
            let group = |key: &Key| match key {
                Key::Seen(_) => 1,
                Key::Verdict(_) => 2,
                _ => 0,
            };
            let begins = entries
                .last()
                .is_some_and(|(last, ..)| group(last) != group(key));
            if x > MARGIN && (x + wide > WIDTH - MARGIN || begins) {
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

#[cfg(test)]
mod tests {
    use super::super::drawing::Item;
    use super::super::testing::badly_placed;
    use super::super::{fixture, scene::lay_out};
    use super::*;
    use crate::model::Case;

    #[test]
    fn windows_that_touch_are_set_apart_and_too_many_are_joined() {
        assert_eq!(
            set_apart(vec![(50, 90), (10, 50), (60, 61), (66, 70), (200, 200)]),
            [(10, 50), (54, 90), (60, 66), (66, 72), (200, 206)]
        );
        let many = |apart: i32| (0..101).map(|at| (at * apart, at * apart + 5)).collect();
        assert_eq!(set_apart(many(9)), [(0, 905)]);
        assert_eq!(set_apart(many(10)).len(), 101);
    }

    #[test]
    fn where_symbols_would_touch_the_worse_one_is_shown() {
        let mut taken = Free::new();
        assert_eq!(apart(vec![100, 50, 54], 5, &mut taken), [50, 100]);
        assert_eq!(
            apart(vec![96, 95, 104, 105, 0], 5, &mut taken),
            [0, 95, 105]
        );
        let mut all = Symbol::ALL.to_vec();
        let mut ranked = WORST_FIRST.to_vec();
        all.sort();
        ranked.sort();
        assert_eq!(all, ranked);
    }

    #[test]
    fn no_text_covers_another_or_leaves_the_picture() {
        let mut many = fixture::large_case(480);
        for package in &mut many.packages {
            package.server = Some("A server whose name nobody can read at a glance".into());
        }
        let wide = fixture::filled_case(&"漢字".repeat(300));
        let cases = [
            Case::default(),
            fixture::case(),
            fixture::large_case(50),
            fixture::evil_case(),
            fixture::odd_case(),
            fixture::dense_case(),
            many,
            wide,
        ];
        for (number, case) in cases.iter().enumerate() {
            let picture = draw(&lay_out(case));
            assert!(number == 0 || picture.texts().count() > 20);
            assert_eq!(badly_placed(&picture), [""; 0], "case {number}");
        }
    }

    #[test]
    fn nothing_is_painted_outside_the_picture() {
        for case in [
            fixture::case(),
            fixture::odd_case(),
            fixture::dense_case(),
            fixture::large_case(600),
        ] {
            let picture = draw(&lay_out(&case));
            for item in &picture.items {
                let inside = |x: i32, y: i32| {
                    (0..=picture.width).contains(&x) && (0..=picture.height).contains(&y)
                };
                let ok = match item {
                    Item::Rect { area, .. } | Item::Hatch { area, .. } => {
                        inside(area.left, area.top) && inside(area.right, area.bottom)
                    }
                    Item::Polygon { points, .. } => points.iter().all(|one| inside(one.0, one.1)),
                    Item::Circle { x, y, radius, .. } => {
                        inside(x - radius, y - radius) && inside(x + radius, y + radius)
                    }
                    Item::Text(_) => true,
                };
                assert!(ok, "{item:?}");
            }
        }
    }

    #[test]
    fn fifty_packages_make_a_picture_of_at_most_three_screens() {
        let picture = draw(&lay_out(&fixture::large_case(50)));
        assert!(picture.height < 2700, "{}", picture.height);
    }
}
