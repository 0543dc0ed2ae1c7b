//! What the timeline shows, before pixels: lanes, bars, marks, windows, ticks, legend.
//!
//! [`lay_out`] decides everything that can be decided without a pixel, so that PNG, SVG and the
//! page draw the same picture, and so that a test can read it as text ([`Scene`] implements
//! `Display`). Positions are milliseconds on the axis of the case ([`Moment::start`]); labels are
//! what the server's clock showed, with the offset that was in force at that moment.

use super::text::{clean_case, shorten};
use super::{Health, health, reading_order, servers, words};
use crate::model::{
    Case, Grade, Moment, Outcome, PackageCase, PackageId, Row, Seen, Server, SourceRef, State,
    Verdict,
};
use chrono::{DateTime, NaiveDateTime};
use rayon::prelude::*;
use std::fmt;

/// Everything that the picture shows.
#[derive(Debug, Clone)]
pub struct Scene {
    pub title: String,
    /// Period and zone.
    pub subtitle: String,
    /// The axis, in milliseconds; `to` is always greater than `from`.
    pub from: i64,
    pub to: i64,
    /// Ascending, inside the axis.
    pub ticks: Vec<Tick>,
    /// Sick packages first.
    pub lanes: Vec<Lane>,
    /// What a picture leaves out, in words: "and 12 healthy packages more". See [`Scene::fitted`].
    pub more: Option<String>,
    /// What the legend explains: only what occurs.
    pub legend: Vec<Key>,
    /// The zone of the times, in words.
    pub zone: String,
    pub clock: Clock,
}

/// A labelled place on the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    pub at: i64,
    pub label: String,
    /// Whether a day begins here.
    pub midnight: bool,
}

/// One package on one server.
#[derive(Debug, Clone)]
pub struct Lane {
    /// In [`Case::packages`].
    pub package: usize,
    pub id: PackageId,
    pub server: Option<Server>,
    pub name: String,
    /// Under the name: "4 downloads, 3 again".
    pub note: String,
    /// Under the note: verdicts with counts. Empty for a lane that is not sick.
    pub verdicts: String,
    pub health: Health,
    pub bars: Vec<Bar>,
    pub transfers: Vec<Transfer>,
    pub windows: Vec<Stretch>,
    pub sights: Vec<Sight>,
    pub marks: Vec<Mark>,
    pub gone: Vec<Gone>,
}

/// A stretch of time in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    pub state: State,
    pub from: i64,
    pub to: i64,
    /// The record that says so; none before the first one.
    pub source: Option<SourceRef>,
}

/// One attempt of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    pub from: i64,
    pub to: Option<i64>,
    pub outcome: Outcome,
    /// The record with which it begins.
    pub source: SourceRef,
}

/// A stretch of time: here one in which files were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: i64,
    pub to: i64,
    /// In [`PackageCase::redownloads`].
    pub redownload: usize,
}

/// A captured document, something seen on the disk, or an error: in one of the sub-lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    pub from: i64,
    /// Equal to `from` for a single record.
    pub to: i64,
    pub seen: Seen,
    pub records: u32,
    pub source: SourceRef,
}

/// The verdict on the re-download that starts at `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub at: i64,
    pub verdict: Verdict,
    pub grade: Grade,
    /// In [`PackageCase::redownloads`].
    pub redownload: usize,
}

/// Files missing although the package was Ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    pub at: i64,
    pub missing: u32,
    pub listed: u32,
    pub source: Option<SourceRef>,
}

/// The shape of a verdict's mark: one per group, so that colour is never needed to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// The package really changed.
    Circle,
    /// Files or metadata were removed.
    Diamond,
    /// The download before had failed.
    Triangle,
    /// Somebody asked for it.
    Square,
    /// Not decided.
    Hexagon,
}

/// The shape for a verdict; the letter is in [`words::verdict`].
pub fn shape(verdict: Verdict) -> Shape {
    match verdict {
        Verdict::VersionChange | Verdict::HashChange | Verdict::PathChange => Shape::Circle,
        Verdict::ExternalRemoval
        | Verdict::ProductCleanup
        | Verdict::SiblingCleanup
        | Verdict::MetadataRemoval => Shape::Diamond,
        Verdict::InterruptedDownload | Verdict::AccessDenied | Verdict::SourceUnavailable => {
            Shape::Triangle
        }
        Verdict::OperatorAction => Shape::Square,
        Verdict::Undetermined => Shape::Hexagon,
    }
}

/// An entry of the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    State(State),
    /// Both are drawn alike: the download was given up, or its files were found broken.
    InvalidOrNotReady,
    Verdict(Verdict),
    Start,
    Completed,
    Failed,
    Window,
    Gone,
    Seen(Symbol),
}

/// How a sight is drawn: alike where a reader need not tell them apart at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    SnapshotCaptured,
    /// The log tells of a snapshot: it came, changed, or did not.
    SnapshotTold,
    StatusCaptured,
    FolderListed,
    FilesThere,
    FilesMissing,
    MetadataMissing,
    Error,
}

impl Symbol {
    /// All of them, in the order of the legend.
    pub const ALL: [Symbol; 8] = [
        Symbol::SnapshotCaptured,
        Symbol::SnapshotTold,
        Symbol::FolderListed,
        Symbol::FilesThere,
        Symbol::FilesMissing,
        Symbol::StatusCaptured,
        Symbol::MetadataMissing,
        Symbol::Error,
    ];

    /// The symbol of what was seen.
    pub fn of(seen: Seen) -> Symbol {
        match seen {
            Seen::SnapshotCaptured { .. } => Symbol::SnapshotCaptured,
            Seen::SnapshotReceived { .. }
            | Seen::SnapshotChanged { .. }
            | Seen::SnapshotUnchanged { .. } => Symbol::SnapshotTold,
            Seen::SnapshotMissing | Seen::StatusMissing => Symbol::MetadataMissing,
            Seen::Listed { missing: 0, .. } => Symbol::FolderListed,
            Seen::Listed { .. } | Seen::FilesMissing => Symbol::FilesMissing,
            Seen::FilesThere => Symbol::FilesThere,
            Seen::StatusCaptured { .. } => Symbol::StatusCaptured,
            Seen::Refused { .. } | Seen::Failed { .. } => Symbol::Error,
        }
    }

    /// The text beside it in the legend.
    pub fn label(self) -> &'static str {
        match self {
            Symbol::SnapshotCaptured => "Snapshot captured",
            Symbol::SnapshotTold => "Snapshot told of in the log",
            Symbol::StatusCaptured => "Status file captured",
            Symbol::FolderListed => "Folder listed",
            Symbol::FilesThere => "Files seen",
            Symbol::FilesMissing => "Files seen missing",
            Symbol::MetadataMissing => "Metadata missing",
            Symbol::Error => "Error",
        }
    }
}

impl Key {
    /// The text beside the symbol.
    pub fn label(self) -> &'static str {
        match self {
            Key::State(State::Unknown) => "State unknown",
            Key::State(state) => state.name(),
            Key::InvalidOrNotReady => "Invalid / Not Ready",
            Key::Verdict(verdict) => words::verdict(verdict).plain,
            Key::Start => "Download started",
            Key::Completed => "completed",
            Key::Failed => "failed",
            Key::Window => words::LANES_WINDOW,
            Key::Gone => words::LANES_GONE,
            Key::Seen(symbol) => symbol.label(),
        }
    }
}

/// Rows that a lane takes, in units of the picture: a sick one has names and marks beside its bar,
/// and its sub-lanes; another one is a line to show that nothing happened.
const SICK_ROWS: usize = 5;
/// See [`SICK_ROWS`].
const OTHER_ROWS: usize = 2;
/// Rows up to which healthy lanes are added: a picture of about two screens.
const ROWS: usize = 150;
/// Sick lanes at most: a picture of more can neither be read nor be held in memory with ease.
const MOST_SICK: usize = 80;
/// Instants are cut to what a calendar can print (years -20,000 to 20,000).
const LIMIT: i64 = 630_000_000_000_000;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Lays the case out.
pub fn lay_out(case: &Case) -> Scene {
    let case = &clean_case(case);
    let clock = Clock::new(case);
    let (from, to) = axis(case);
    let several = servers(case).len() > 1;
    let start = case.period.map(|(start, _)| start);
    let narrowed = case.narrowed.is_some();
    let lanes = reading_order(case).into_par_iter().map(|package| {
        let mut places = case.packages.iter();
        let place = places.position(|one| std::ptr::eq(one, package));
        lane(package, place.unwrap_or_default(), several, narrowed, start)
    });
    let lanes: Vec<Lane> = lanes.collect();
    let legend = legend(&lanes);
    let title = match servers(case).len() {
        0 => "Package downloads".to_owned(),
        _ => format!("Package downloads on {}", words::server_list(case)),
    };
    Scene {
        title: shorten(&title, 90),
        subtitle: shorten(
            &format!(
                "{}; time zone: {}",
                words::period(case),
                words::zone(&case.zone)
            ),
            150,
        ),
        from,
        to,
        ticks: ticks(from, to, &clock),
        lanes,
        more: None,
        legend,
        zone: words::zone(&case.zone),
        clock,
    }
}

impl Scene {
    /// As much of it as a picture can show: all sick packages, as far as a picture of them can be
    /// read at all, the others as far as there is room. What is left out is told in `more`.
    pub fn fitted(&self) -> Scene {
        let mut scene = self.clone();
        let (mut rows, mut sick, mut sick_rows, mut left_out) = (0, 0, 0, [0_usize; 3]);
        scene.lanes.retain(|lane| {
            let is_sick = lane.health == Health::Sick;
            let wanted = match is_sick {
                true => SICK_ROWS + lane.rows().len(),
                false => OTHER_ROWS,
            };
            let fits = match is_sick {
                true => sick < MOST_SICK,
                false => rows + wanted <= ROWS.max(sick_rows + 10),
            };
            if fits {
                rows += wanted;
                sick += usize::from(is_sick);
                sick_rows = if is_sick { rows } else { sick_rows };
            } else {
                left_out[lane.health as usize] += 1;
            }
            fits
        });
        scene.legend = legend(&scene.lanes);
        scene.more = more(left_out);
        scene
    }
}

impl Lane {
    /// The sub-lanes that hold something, in the order in which they are drawn.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Row::ALL.to_vec();
        rows.retain(|row| self.sights.iter().any(|one| one.seen.row() == *row));
        rows
    }
}

fn more(left_out: [usize; 3]) -> Option<String> {
    let kinds = ["sick package", "unfinished package", "healthy package"];
    let parts: Vec<String> = left_out
        .into_iter()
        .zip(kinds)
        .filter(|(number, _)| *number > 0)
        .map(|(number, kind)| words::count(number, kind))
        .collect();
    (!parts.is_empty()).then(|| format!("and {} more, in the report's tables", parts.join(", ")))
}

fn lane(
    package: &PackageCase,
    place_in_case: usize,
    several_servers: bool,
    narrowed: bool,
    start: Option<Moment>,
) -> Lane {
    let health = health(package);
    let place = |at: &Moment| at.start.clamp(-LIMIT, LIMIT);
    let mut note = words::count(package.downloads.len(), "download");
    // Where the first download lies before the evidence, all that are in it came again.
    note += &match (package.redownloads.len(), package.downloads.len()) {
        (0, _) => String::new(),
        (1, 1) => " (again)".to_owned(),
        (again, all) if again == all => " (all again)".to_owned(),
        // A narrowed report leaves some of them out.
        (again, _) if narrowed => format!(", {again} of them reported here"),
        (again, _) => format!(", {again} of them again"),
    };
    if health == Health::Unfinished {
        note = format!("{} at the end", package.state.name());
    }
    if several_servers {
        let server = package.server.as_deref().unwrap_or("server unknown");
        note = format!("{}: {note}", shorten(server, 20));
    }
    let tally = words::tally(&package.redownloads);
    let mut verdicts = match tally.as_slice() {
        [(only, times)] => format!("{times} × {}", only.name()),
        several => several
            .iter()
            .map(|(verdict, times)| format!("{times} × {}", words::verdict(*verdict).letter))
            .collect::<Vec<_>>()
            .join(", "),
    };
    if verdicts.is_empty() && !package.missing_while_ready.is_empty() {
        verdicts = "missing while Ready".to_owned();
    }
    // Before the first record about the package its state is unknown, and drawn so.
    let known = package.spans.iter().map(|span| place(&span.from)).min();
    let before = start.map(|at| place(&at)).zip(known);
    let before = before.filter(|(start, known)| start < known);
    let unknown = before.map(|(from, to)| Bar {
        state: State::Unknown,
        from,
        to,
        source: None,
    });
    Lane {
        package: place_in_case,
        id: package.id,
        server: package.server.clone(),
        name: words::title(package),
        note,
        verdicts,
        health,
        bars: unknown
            .into_iter()
            .chain(package.spans.iter().map(|span| Bar {
                state: span.state,
                from: place(&span.from),
                to: place(&span.to),
                source: Some(span.source),
            }))
            .collect(),
        transfers: package
            .downloads
            .iter()
            .flat_map(|download| {
                let attempts = download.attempts.iter();
                attempts.map(|attempt| Transfer {
                    from: place(&attempt.started),
                    to: attempt.ended.as_ref().map(place),
                    outcome: attempt.outcome,
                    source: attempt.source,
                })
            })
            .collect(),
        windows: package
            .redownloads
            .iter()
            .enumerate()
            .filter_map(|(redownload, one)| {
                let window = one.window?;
                Some(Stretch {
                    from: place(&window.after),
                    to: place(&window.before),
                    redownload,
                })
            })
            .collect(),
        sights: package
            .observations
            .iter()
            .map(|one| Sight {
                from: place(&one.at),
                to: place(&one.until),
                seen: one.seen,
                records: one.records,
                source: one.source,
            })
            .collect(),
        marks: package
            .redownloads
            .iter()
            .enumerate()
            .map(|(redownload, one)| Mark {
                at: place(&one.started_at),
                verdict: one.verdict,
                grade: one.grade,
                redownload,
            })
            .collect(),
        gone: package
            .missing_while_ready
            .iter()
            .map(|one| Gone {
                at: place(&one.at),
                missing: one.files_missing,
                listed: one.files_listed,
                source: one.sources.first().copied(),
            })
            .collect(),
    }
}

pub(super) fn legend(lanes: &[Lane]) -> Vec<Key> {
    let mut keys = vec![];
    let any = |found: &dyn Fn(&Lane) -> bool| lanes.iter().any(found);
    for state in State::ALL {
        if any(&|lane| lane.bars.iter().any(|bar| bar.state == state)) {
            keys.push(Key::State(state));
        }
    }
    let alike = [State::Invalid, State::NotReady].map(Key::State);
    if alike.iter().all(|key| keys.contains(key)) {
        keys.retain(|key| *key != alike[1]);
        for key in &mut keys {
            if *key == alike[0] {
                *key = Key::InvalidOrNotReady;
            }
        }
    }
    if any(&|lane| !lane.transfers.is_empty()) {
        keys.push(Key::Start);
    }
    let ended = |lane: &Lane, well: bool| {
        lane.transfers.iter().any(|one| match one.outcome {
            Outcome::Completed => well,
            Outcome::Failed(_) => !well,
            Outcome::Open => false,
        })
    };
    if any(&|lane| ended(lane, true)) {
        keys.push(Key::Completed);
    }
    if any(&|lane| ended(lane, false)) {
        keys.push(Key::Failed);
    }
    if any(&|lane| !lane.windows.is_empty()) {
        keys.push(Key::Window);
    }
    if any(&|lane| !lane.gone.is_empty()) {
        keys.push(Key::Gone);
    }
    for symbol in Symbol::ALL {
        let shown = |lane: &Lane| {
            let mut sights = lane.sights.iter();
            lane.health == Health::Sick && sights.any(|one| Symbol::of(one.seen) == symbol)
        };
        if any(&shown) {
            keys.push(Key::Seen(symbol));
        }
    }
    for verdict in Verdict::ALL {
        if any(&|lane| lane.marks.iter().any(|mark| mark.verdict == verdict)) {
            keys.push(Key::Verdict(verdict));
        }
    }
    keys
}

/// Tells every moment that the picture can show. They are not gathered: there are a hundred thousand.
fn each_moment(case: &Case, mut tell: impl FnMut(Moment)) {
    let mut tell_all = |moments: &[Moment]| moments.iter().for_each(|one| tell(*one));
    if let Some((from, to)) = case.period {
        tell_all(&[from, to]);
    }
    for package in &case.packages {
        for span in &package.spans {
            tell_all(&[span.from, span.to]);
        }
        for download in &package.downloads {
            tell_all(&[download.started]);
            tell_all(download.completed.as_slice());
            for attempt in &download.attempts {
                tell_all(&[attempt.started]);
                tell_all(attempt.ended.as_slice());
            }
        }
        for one in &package.redownloads {
            tell_all(&[one.started_at]);
            if let Some(window) = one.window {
                tell_all(&[window.after, window.before]);
            }
        }
        for one in &package.observations {
            tell_all(&[one.at, one.until]);
        }
        for one in &package.missing_while_ready {
            tell_all(&[one.at]);
        }
    }
}

/// From the first to the last moment shown, with a little air at both ends.
fn axis(case: &Case) -> (i64, i64) {
    let mut shown: Option<(i64, i64)> = None;
    each_moment(case, |one| {
        let at = one.start.clamp(-LIMIT, LIMIT);
        let (from, to) = shown.unwrap_or((at, at));
        shown = Some((from.min(at), to.max(at)));
    });
    let Some((from, to)) = shown else {
        return (0, DAY);
    };
    let air = ((to - from) / 60).max(5 * MINUTE);
    (from - air, to + air)
}

/// What the server's clock showed at an instant, by what the moments say of it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// (from here on, milliseconds that the clock is ahead of the axis), ascending: its offset, if
    /// that is stated, and what it was wrong by.
    pub offsets: Vec<(i64, i64)>,
    /// Whether the evidence states an offset.
    pub stated: bool,
    /// Whether there is no time at all, so that labels would invent one.
    blank: bool,
}

impl Clock {
    fn new(case: &Case) -> Clock {
        let told = |one: Moment| {
            let east = i64::from(one.offset.unwrap_or(0)) * MINUTE;
            (one.start.clamp(-LIMIT, LIMIT), east - i64::from(one.shift))
        };
        let (mut first, mut changes, mut stated) = (None, false, false);
        each_moment(case, |one| {
            let (at, ahead) = told(one);
            let (from, always) = first.unwrap_or((at, ahead));
            changes |= ahead != always;
            first = Some((at.min(from), always));
            stated |= one.offset.is_some();
        });
        let mut offsets = Vec::from_iter(first);
        if changes {
            offsets.clear();
            each_moment(case, |one| offsets.push(told(one)));
            offsets.sort_unstable();
            offsets.dedup_by_key(|(_, ahead)| *ahead);
        }
        // A clock that shows the axis itself needs no word.
        if !stated && offsets.iter().all(|(_, ahead)| *ahead == 0) {
            offsets.clear();
        }
        Clock {
            offsets,
            stated,
            blank: first.is_none(),
        }
    }

    fn ahead_at(&self, instant: i64) -> i64 {
        let later = self.offsets.partition_point(|(from, _)| *from <= instant);
        self.offsets
            .get(later.saturating_sub(1))
            .map_or(0, |(_, ahead)| *ahead)
    }

    /// What it showed.
    pub fn local(&self, instant: i64) -> NaiveDateTime {
        DateTime::from_timestamp_millis(instant + self.ahead_at(instant))
            .unwrap_or_default()
            .naive_utc()
    }
}

/// At most about ten labelled places, at round local times, days as ISO dates.
pub(super) fn ticks(from: i64, to: i64, clock: &Clock) -> Vec<Tick> {
    let steps = [
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        5 * DAY,
        10 * DAY,
        20 * DAY,
        50 * DAY,
        100 * DAY,
        365 * DAY,
    ];
    let range = to - from;
    let step = steps
        .into_iter()
        .find(|step| range / step <= 10)
        .unwrap_or((range / 10 / DAY + 1) * DAY);
    let mut offsets: Vec<i64> = clock.offsets.iter().map(|one| one.1).collect();
    offsets.sort_unstable();
    offsets.dedup();
    if offsets.is_empty() {
        offsets.push(0);
    }
    let mut ticks = vec![];
    if clock.blank {
        return ticks;
    }
    for ahead in offsets {
        let mut local = (from + ahead).div_euclid(step) * step;
        while local - ahead <= to {
            let at = local - ahead;
            // Where the offset changes, each side has its own round times.
            if at >= from && clock.ahead_at(at) == ahead {
                let midnight = local.rem_euclid(DAY) == 0;
                let layout = if midnight { "%Y-%m-%d" } else { "%H:%M" };
                ticks.push(Tick {
                    at,
                    label: clock.local(at).format(layout).to_string(),
                    midnight,
                });
            }
            local += step;
        }
    }
    ticks.sort_by_key(|tick| tick.at);
    ticks
}

/// How bad a state is when several share a pixel: the worse one is shown, so that one bad hour in
/// a month is seen.
pub fn badness(state: State) -> u8 {
    match state {
        State::Unknown => 0,
        State::Ready => 1,
        State::Assigned => 2,
        State::Pending => 3,
        State::Downloading => 4,
        State::Retrying => 5,
        State::NotReady => 6,
        State::Invalid => 7,
        State::Deleted => 8,
    }
}

/// The worst state on each of `width` pixels between `from` and `to`; `None` where no bar is.
/// A bar, however short, takes at least one pixel.
pub fn worst_per_pixel(bars: &[Bar], from: i64, to: i64, width: usize) -> Vec<Option<State>> {
    let mut pixels = vec![None; width];
    if to <= from || width == 0 {
        return pixels;
    }
    let place = |at: i64| {
        let share = i128::from(at - from) * width as i128 / i128::from(to - from);
        usize::try_from(share).unwrap_or(0)
    };
    for bar in bars {
        if bar.to < from || bar.from > to {
            continue;
        }
        let first = place(bar.from.max(from)).min(width - 1);
        let last = place(bar.to.min(to)).clamp(first + 1, width);
        for pixel in &mut pixels[first..last] {
            if pixel.is_none_or(|shown| badness(shown) < badness(bar.state)) {
                *pixel = Some(bar.state);
            }
        }
    }
    pixels
}

/// Marks that would touch each other, drawn as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Where the first one stands, in pixels from the left of the plot.
    pub x: i32,
    /// The verdict that most of them share, the first of the contract's order if equal.
    pub verdict: Verdict,
    pub count: usize,
    /// Whether other verdicts are among them.
    pub mixed: bool,
}

/// Groups marks so that those shown are at least `apart` pixels from each other.
pub fn cluster(marks: &[(i32, Verdict)], apart: i32) -> Vec<Cluster> {
    let mut sorted = marks.to_vec();
    sorted.sort_unstable();
    let mut groups: Vec<Vec<(i32, Verdict)>> = vec![];
    for mark in sorted {
        match groups.last_mut() {
            Some(group) if mark.0 - group[0].0 < apart => group.push(mark),
            _ => groups.push(vec![mark]),
        }
    }
    groups
        .into_iter()
        .map(|group| {
            let times = |verdict: Verdict| group.iter().filter(|(_, one)| *one == verdict).count();
            let verdict = Verdict::ALL
                .into_iter()
                .rev()
                .max_by_key(|verdict| times(*verdict))
                .unwrap_or(Verdict::Undetermined);
            Cluster {
                x: group[0].0,
                verdict,
                count: group.len(),
                mixed: times(verdict) < group.len(),
            }
        })
        .collect()
}

impl fmt::Display for Scene {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: i64| self.clock.local(at).format("%m-%d %H:%M:%S").to_string();
        writeln!(out, "{}\n{}", self.title, self.subtitle)?;
        let ticks: Vec<&str> = self.ticks.iter().map(|tick| tick.label.as_str()).collect();
        writeln!(out, "axis: {}", ticks.join(" "))?;
        for lane in &self.lanes {
            writeln!(out, "{:?}: {} | {}", lane.health, lane.name, lane.note)?;
            if !lane.verdicts.is_empty() {
                writeln!(out, "  {}", lane.verdicts)?;
            }
            for bar in &lane.bars {
                let state = bar.state.name();
                writeln!(out, "  {} .. {} {state}", time(bar.from), time(bar.to))?;
            }
            for one in &lane.transfers {
                let end = one.to.map_or_else(|| "?".to_owned(), time);
                let outcome = words::outcome(one.outcome);
                writeln!(out, "  {} -> {end} {outcome}", time(one.from))?;
            }
            for one in &lane.windows {
                writeln!(
                    out,
                    "  {} .. {} removal window",
                    time(one.from),
                    time(one.to)
                )?;
            }
            for one in &lane.gone {
                let (missing, listed) = (one.missing, one.listed);
                writeln!(out, "  {} ! {missing} of {listed} missing", time(one.at))?;
            }
            for row in Row::ALL {
                for one in lane.sights.iter().filter(|one| one.seen.row() == row) {
                    let until = match one.to > one.from {
                        true => format!(" .. {}", time(one.to)),
                        false => String::new(),
                    };
                    let (from, what) = (time(one.from), words::seen(one.seen, one.records));
                    writeln!(out, "  {row:?}: {from}{until} {what}")?;
                }
            }
            for one in &lane.marks {
                let letter = words::verdict(one.verdict).letter;
                let (verdict, grade) = (one.verdict.name(), one.grade.name());
                let shape = shape(one.verdict);
                writeln!(
                    out,
                    "  {} {shape:?} {letter} {verdict} {grade}",
                    time(one.at)
                )?;
            }
        }
        if let Some(more) = &self.more {
            writeln!(out, "{more}")?;
        }
        let legend: Vec<&str> = self.legend.iter().map(|key| key.label()).collect();
        writeln!(out, "legend: {}", legend.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_scene_reads_as_text() {
        let mut case = fixture::case();
        case.packages.truncate(2);
        case.packages.push(fixture::case().packages[4].clone());
        assert_eq!(
            lay_out(&case).to_string(),
            r##"Package downloads on PS01
2026-10-28 00:00 to 2026-11-05 23:59; time zone: W. Europe Standard Time, UTC+01:00 (stated in the evidence)
axis: 2026-10-28 2026-10-29 2026-10-30 2026-10-31 2026-11-01 2026-11-02 2026-11-03 2026-11-04 2026-11-05 2026-11-06
Sick: Contoso VPN 4.1 | 4 downloads, 3 of them again
  3 × external-removal
  10-28 00:00:12 .. 10-28 03:00:05 Unknown
  10-28 03:00:05 .. 10-28 03:09:41 Downloading
  10-28 03:09:41 .. 11-02 03:00:05 Ready
  11-02 03:00:05 .. 11-02 03:09:41 Downloading
  11-02 03:09:41 .. 11-03 03:00:05 Ready
  11-03 03:00:05 .. 11-03 03:09:41 Downloading
  11-03 03:09:41 .. 11-04 03:00:05 Ready
  11-04 03:00:05 .. 11-04 03:09:41 Downloading
  11-04 03:09:41 .. 11-05 23:59:40 Ready
  10-28 03:00:05 -> 10-28 03:09:41 completed
  11-02 03:00:05 -> 11-02 03:09:41 completed
  11-03 03:00:05 -> 11-03 03:09:41 completed
  11-04 03:00:05 -> 11-04 03:09:41 completed
  11-02 01:55:00 .. 11-02 02:40:00 removal window
  11-03 01:55:00 .. 11-03 02:40:00 removal window
  11-04 01:55:00 .. 11-04 02:40:00 removal window
  11-03 02:40:00 ! 12 of 12 missing
  11-05 02:40:00 ! 12 of 12 missing
  Snapshot: 11-02 12:00:00 snapshot captured, version 7
  Snapshot: 11-04 12:00:00 snapshot captured, version 7
  Disk: 11-03 02:40:00 folder listed, 12 of 12 files missing
  Disk: 11-03 03:00:00 files missing
  Disk: 11-05 02:40:00 folder listed, 12 of 12 files missing
  Status: 11-03 02:41:00 status file captured: Ready
  Error: 10-28 03:05:00 error 0x000002C3 (only a part of the data was received)
  11-02 03:00:05 Diamond E external-removal proven
  11-03 03:00:05 Diamond E external-removal proven
  11-04 03:00:05 Diamond E external-removal proven
Sick: Office Add-ins <b>2026</b> | 2 downloads, 1 of them again
  1 × version-change
  10-28 00:00:12 .. 10-28 03:12:00 Unknown
  10-28 03:12:00 .. 10-28 03:20:00 Downloading
  10-28 03:20:00 .. 10-31 14:02:11 Ready
  10-31 14:02:11 .. 10-31 14:31:00 Downloading
  10-31 14:31:00 .. 11-05 23:59:40 Ready
  10-28 03:12:00 -> 10-28 03:20:00 completed
  10-31 14:02:11 -> 10-31 14:31:00 completed
  10-31 14:02:11 Circle V version-change strong
Healthy: PuTTY 0.83 | 1 download
  10-28 00:00:12 .. 10-30 03:00:00 Unknown
  10-30 03:00:00 .. 10-30 03:02:00 Downloading
  10-30 03:02:00 .. 11-05 23:59:40 Ready
  10-30 03:00:00 -> 10-30 03:02:00 completed
  Disk: 11-03 02:40:00 folder listed, all of 3 files there
legend: State unknown; Downloading; Ready; Download started; completed; Files gone within this window; Ready, but files missing; Snapshot captured; Files seen missing; Status file captured; Error; New version; Files removed from outside
"##
        );
    }

    #[test]
    fn the_worst_state_wins_a_pixel() {
        let bar = |state, from, to| Bar {
            state,
            from,
            to,
            source: None,
        };
        let bars = [
            bar(State::Ready, 0, 5_000),
            bar(State::Retrying, 5_000, 5_001),
            bar(State::Ready, 5_001, 9_000),
            bar(State::Unknown, 9_000, 10_000),
        ];
        let shown = worst_per_pixel(&bars, 0, 10_000, 10);
        let mut expected = vec![Some(State::Ready); 10];
        expected[5] = Some(State::Retrying);
        expected[9] = Some(State::Unknown);
        assert_eq!(shown, expected);
        // At an end, out of the axis, of no length, turned round, on an empty axis: no panic.
        let odd = [
            bar(State::Deleted, 10_000, 10_000),
            bar(State::Invalid, 7, 3),
        ];
        let shown = worst_per_pixel(&odd, 0, 10_000, 10);
        assert_eq!(
            (shown[9], shown[0]),
            (Some(State::Deleted), Some(State::Invalid))
        );
        assert_eq!(worst_per_pixel(&bars, 20_000, 30_000, 3), [None; 3]);
        assert_eq!(worst_per_pixel(&bars, 5, 5, 2), [None; 2]);
        assert!(worst_per_pixel(&bars, 0, 1, 0).is_empty());
    }

    #[test]
    fn a_lane_begins_unknown_and_states_drawn_alike_share_a_key() {
        let mut case = fixture::case();
        let package = &mut case.packages[0];
        package.spans.remove(0);
        package.downloads.remove(0);
        package.spans[0].state = State::Invalid;
        package.spans[1].state = State::NotReady;
        let scene = lay_out(&case);
        let lane = &scene.lanes[0];
        assert_eq!(lane.note, "3 downloads (all again)");
        assert_eq!(
            (lane.bars[0].state, lane.bars[0].to),
            (State::Unknown, lane.bars[1].from)
        );
        assert_eq!(lane.bars[0].from, case.period.unwrap().0.start);
        let labels: Vec<&str> = scene.legend.iter().map(|key| key.label()).collect();
        assert!(labels.contains(&"Invalid / Not Ready") && !labels.contains(&"Not Ready"));
        case.packages[0].spans[1].state = State::Ready;
        case.packages.truncate(1);
        let scene = lay_out(&case);
        assert!(scene.legend.contains(&Key::State(State::Invalid)));
    }

    #[test]
    fn marks_that_would_touch_are_one() {
        let (external, version) = (Verdict::ExternalRemoval, Verdict::VersionChange);
        let marks = [
            (100, external),
            (0, external),
            (10, version),
            (15, external),
        ];
        let cluster_of = |x, count, mixed| Cluster {
            x,
            verdict: external,
            count,
            mixed,
        };
        assert_eq!(
            cluster(&marks, 24),
            [cluster_of(0, 3, true), cluster_of(100, 1, false)]
        );
    }

    #[test]
    fn sick_lanes_come_first_and_what_is_left_out_is_told() {
        let whole = lay_out(&fixture::large_case(600));
        assert_eq!((whole.lanes.len(), whole.more.as_ref()), (600, None));
        let scene = whole.fitted();
        assert_eq!(scene.lanes.len(), 80 + 5);
        assert!(
            scene.lanes[..80]
                .iter()
                .all(|lane| lane.health == Health::Sick)
        );
        assert_eq!(
            scene.more.as_deref(),
            Some("and 20 sick packages, 495 healthy packages more, in the report's tables")
        );
        assert!(lay_out(&fixture::large_case(50)).fitted().more.is_none());
    }

    #[test]
    fn ticks_stand_at_local_midnight_on_both_sides_of_a_clock_change() {
        let clock = Clock {
            offsets: vec![(0, 2 * HOUR), (5 * DAY + HOUR, HOUR)],
            stated: true,
            blank: false,
        };
        let ticks = ticks(0, 8 * DAY, &clock);
        assert!(ticks.iter().all(|tick| tick.midnight));
        assert_eq!(ticks[0].at, DAY - 2 * HOUR);
        assert_eq!(ticks[ticks.len() - 1].at, 8 * DAY - HOUR);
        assert_eq!(ticks.len(), 8);
    }

    #[test]
    fn no_case_is_too_odd() {
        let scene = lay_out(&Case::default());
        assert!(scene.lanes.is_empty() && scene.to > scene.from);
        let mut case = fixture::case();
        case.period = Some((
            Moment::exact(i64::MIN / 2, None),
            Moment::exact(i64::MAX / 2, None),
        ));
        assert!(lay_out(&case).ticks.len() < 30);
    }
}
