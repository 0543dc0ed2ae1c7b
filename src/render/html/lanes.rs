//! The interactive timeline: what its script draws, packed, and the elements around it.
//!
//! `lanes.js` draws the same [`Scene`] as the picture, so nothing is decided here or there: every
//! item of every lane goes into the page, with its citation and the raw text at it. What is drawn
//! at once and what is read on demand stand in two blocks: the first paint need not wait for the raw
//! lines.
//!
//! A block is JSON, deflated, in base64: text from evidence cannot end it, and a page of 100,000
//! spans stays small. Numbers stand in columns, ascending ones as differences, which packs best.

use crate::model::{ByPlace, Case, Outcome, Row, Seen, SourceRef, StartTag, State, Verdict};
use crate::render::scene::{Key, Lane, Scene, Symbol, badness, shape};
use crate::render::{Health, words};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::DeflateEncoder};
use rayon::prelude::*;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufWriter};
use std::sync::Arc;

/// The script of the page, whole; [`super::policy`] names it by its hash.
pub(super) const SCRIPT: &str = concat!(
    include_str!("lanes.js"),
    include_str!("lanes_draw.js"),
    include_str!("lanes_view.js")
);

/// Characters of a raw text in the tooltip; the rest is named and stands at the cited place.
const MOST: usize = 2_000;

/// The controls, the canvas, the packed data and the script. Nothing without a package or without
/// any time: there is nothing to zoom, and an axis would invent times.
pub(super) fn section(case: &Case, scene: &Scene) -> Option<Section> {
    if scene.lanes.is_empty() || scene.ticks.is_empty() {
        return None;
    }
    let lanes = scene.lanes.par_iter().map(|lane| items(case, lane));
    let lanes: Vec<_> = lanes.collect();
    let places = places(&lanes);
    let (data, texts) = rayon::join(
        || packed(&data(case, scene, lanes, &places)),
        || {
            let (texts, dates) = texts(case, &places);
            packed_list(&texts, &dates)
        },
    );
    Some(Section {
        data,
        texts,
        script: SCRIPT,
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<p id="lanes-failed" class="note" hidden>{{ words::LANES_FAILED }}</p>
<div id="lanes" hidden>
<p class="lanes-hint">{{ words::LANES_HINT }}</p>
<div class="lanes-controls" role="group" aria-label="What the timeline shows">
<label>Package <select id="lanes-package"></select></label>
<label>Verdict <select id="lanes-verdict"></select></label>
<label>Kind <select id="lanes-kind"></select></label>
<label>Text <input id="lanes-text" type="search" size="14" autocomplete="off" spellcheck="false"></label>
<label>Jump to <select id="lanes-jump"></select></label>
<span class="lanes-buttons"><button type="button" id="lanes-previous">Previous re-download</button><button type="button" id="lanes-next">Next re-download</button></span>
<span class="lanes-buttons"><button type="button" id="lanes-in">Zoom in</button><button type="button" id="lanes-out">Zoom out</button><button type="button" id="lanes-all">Show all</button></span>
</div>
<p class="lanes-line"><span id="lanes-range"></span> <span id="lanes-count" role="status"></span></p>
<canvas id="lanes-overview" role="img" aria-label="{{ words::LANES_OVERVIEW }}"></canvas>
<div id="lanes-scroll"><div id="lanes-tall"><canvas id="lanes-canvas" tabindex="0" role="application" aria-label="{{ words::LANES_CANVAS }}" aria-describedby="lanes-live"></canvas></div></div>
<p id="lanes-live" aria-live="polite"></p>
<div id="lanes-tip" aria-hidden="true" hidden></div>
<div id="lanes-pinned" role="region" aria-label="Selected in the timeline" hidden></div>
<ul id="lanes-legend" aria-label="Legend of the timeline"></ul>
<details class="lanes-help"><summary>Keys and mouse</summary>
<dl class="facts">
{% for (keys, what) in words::LANES_KEYS %}<dt>{{ keys }}</dt><dd>{{ what }}</dd>
{% endfor %}</dl>
</details>
</div>
<script type="application/octet-stream" id="lanes-data">{{ data|safe }}</script>
<script type="application/octet-stream" id="lanes-raw">{{ texts|safe }}</script>
<script>{{ script|safe }}</script>"##
)]
pub(super) struct Section {
    data: String,
    texts: String,
    script: &'static str,
}

/// All that the first paint needs.
#[derive(Serialize)]
struct Data<'a> {
    from: i64,
    to: i64,
    /// From when on the server's clock was how many minutes east of UTC; empty if unknown.
    /// From when on, minutes that the clock is ahead; a third number where no offset is stated.
    offsets: Vec<Vec<f64>>,
    states: Vec<&'static str>,
    /// How bad each of `states` is.
    worst: Vec<u8>,
    verdicts: Vec<VerdictData>,
    symbols: Vec<String>,
    /// What it is, which of them, and its label.
    legend: Vec<(&'static str, usize, &'static str)>,
    files: Vec<&'a str>,
    /// Labels, each once; the first is empty.
    labels: Vec<String>,
    /// Cited places, ascending: file (difference) and line (difference within the file).
    place_file: Vec<i64>,
    place_line: Vec<i64>,
    lanes: Vec<LaneData<'a>>,
    words: BTreeMap<&'static str, &'static str>,
    months: [&'static str; 12],
}

#[derive(Serialize)]
struct VerdictData {
    name: &'static str,
    plain: &'static str,
    letter: char,
    shape: String,
}

#[derive(Serialize)]
struct LaneData<'a> {
    name: &'a str,
    note: &'a str,
    verdicts: &'a str,
    server: &'a str,
    id: String,
    sick: bool,
    rows: Vec<RowData>,
}

/// One sub-lane in columns, by time.
#[derive(Default, Serialize)]
struct RowData {
    /// Differences.
    from: Vec<i64>,
    /// Milliseconds; -1 if the end is not known.
    long: Vec<i64>,
    /// State, verdict, symbol or outcome by its number.
    kind: Vec<usize>,
    label: Vec<usize>,
    /// Differences of the place's number counted from 1; 0 is none.
    place: Vec<i64>,
    /// Number of the re-download, where the row has one.
    again: Vec<usize>,
}

/// An item before it is packed.
struct Item {
    from: i64,
    to: Option<i64>,
    kind: usize,
    label: Label,
    source: Option<SourceRef>,
    again: Option<usize>,
}

/// What an item says.
enum Label {
    Text(String),
    /// A sight of so many records: thousands say the same, in words that are made once.
    Seen(Seen, u32),
}

/// The sub-lanes of the page, in the order of [`items`]; the script and addresses name them so.
const ROWS: usize = 9;

/// Every item of a lane, by sub-lane: verdict, state, download, window, snapshot, disk, status,
/// error, gone.
fn items(case: &Case, lane: &Lane) -> [Vec<Item>; ROWS] {
    let package = case.packages.get(lane.package);
    let again = |number: usize| package.and_then(|one| one.redownloads.get(number));
    let marks = lane.marks.iter().map(|one| {
        let words = words::verdict(one.verdict);
        let (name, grade) = (one.verdict.name(), one.grade.name());
        let redownload = again(one.redownload);
        let summary = redownload.map_or("", |one| one.summary.as_str());
        Item {
            from: one.at,
            to: Some(one.at),
            kind: place_of(&Verdict::ALL, one.verdict),
            label: Label::Text(format!("{} ({name}, {grade}). {summary}", words.plain)),
            source: redownload.and_then(|one| {
                let download = package?.downloads.get(one.download)?;
                Some(download.source)
            }),
            again: Some(one.redownload),
        }
    });
    let bars = lane.bars.iter().map(|one| Item {
        from: one.from,
        to: Some(one.to),
        kind: place_of(&State::ALL, one.state),
        label: Label::Text(format!("{}: {}", one.state.name(), words::state(one.state))),
        source: one.source,
        again: None,
    });
    let transfers = lane.transfers.iter().map(|one| Item {
        from: one.from,
        to: one.to,
        kind: match one.outcome {
            Outcome::Completed => 0,
            Outcome::Failed(_) => 1,
            Outcome::Open => 2,
        },
        label: Label::Text(words::outcome(one.outcome)),
        source: Some(one.source),
        again: None,
    });
    let windows = lane.windows.iter().map(|one| Item {
        from: one.from,
        to: Some(one.to),
        kind: 0,
        label: Label::Text(words::LANES_WINDOW.to_owned()),
        source: None,
        again: Some(one.redownload),
    });
    let sights = |row: Row| {
        let of_row = lane.sights.iter().filter(move |one| one.seen.row() == row);
        of_row.map(|one| Item {
            from: one.from,
            to: Some(one.to),
            kind: place_of(&Symbol::ALL, Symbol::of(one.seen)),
            label: Label::Seen(one.seen, one.records),
            source: Some(one.source),
            again: None,
        })
    };
    let gone = lane.gone.iter().map(|one| Item {
        from: one.at,
        to: Some(one.at),
        kind: 0,
        label: Label::Text(words::lanes_gone(one.missing, one.listed)),
        source: one.source,
        again: None,
    });
    let mut rows = [
        marks.collect::<Vec<_>>(),
        bars.collect(),
        transfers.collect(),
        windows.collect(),
        sights(Row::Snapshot).collect(),
        sights(Row::Disk).collect(),
        sights(Row::Status).collect(),
        sights(Row::Error).collect(),
        gone.collect(),
    ];
    for row in &mut rows {
        row.sort_by_key(|one| one.from);
    }
    rows
}

fn place_of<T: PartialEq>(all: &[T], one: T) -> usize {
    all.iter().position(|other| *other == one).unwrap_or(0)
}

/// Every place that an item of the lanes cites, ascending, each once.
fn places(lanes: &[[Vec<Item>; ROWS]]) -> Vec<SourceRef> {
    let items = lanes.iter().flatten().flatten();
    let mut all: Vec<SourceRef> = items.filter_map(|one| one.source).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn data<'a>(
    case: &'a Case,
    scene: &'a Scene,
    items: Vec<[Vec<Item>; ROWS]>,
    places: &[SourceRef],
) -> Data<'a> {
    let mut labels = Labels::default();
    labels.texts.of(String::new());
    let lanes = scene
        .lanes
        .iter()
        .zip(items)
        .map(|(lane, rows)| LaneData {
            name: &lane.name,
            note: &lane.note,
            verdicts: &lane.verdicts,
            server: lane.server.as_deref().unwrap_or_default(),
            id: lane.id.to_string(),
            sick: lane.health == Health::Sick,
            rows: rows.map(|row| columns(row, places, &mut labels)).into(),
        })
        .collect();
    let lines = places.iter().enumerate().map(|(number, one)| {
        let before = number.checked_sub(1).and_then(|before| places.get(before));
        let same = before.filter(|before| before.file == one.file);
        i64::from(one.line) - same.map_or(0, |before| i64::from(before.line))
    });
    Data {
        from: scene.from,
        to: scene.to,
        offsets: scene
            .clock
            .offsets
            .iter()
            .map(|(from, ahead)| {
                let ahead = *ahead as f64 / 60_000.0;
                match scene.clock.stated {
                    true => vec![*from as f64, ahead],
                    false => vec![*from as f64, ahead, 0.0],
                }
            })
            .collect(),
        states: State::ALL.map(State::name).to_vec(),
        worst: State::ALL.map(badness).to_vec(),
        verdicts: Verdict::ALL
            .map(|one| VerdictData {
                name: one.name(),
                plain: words::verdict(one).plain,
                letter: words::verdict(one).letter,
                shape: format!("{:?}", shape(one)),
            })
            .into(),
        symbols: Symbol::ALL.map(|one| format!("{one:?}")).into(),
        legend: scene.legend.iter().map(|key| legend(*key)).collect(),
        files: case.evidence.iter().map(|one| one.path.as_str()).collect(),
        labels: labels.texts.all,
        place_file: differences(places.iter().map(|one| i64::from(one.file.0))),
        place_line: lines.collect(),
        lanes,
        words: words::LANES.iter().copied().collect(),
        months: words::MONTHS,
    }
}

fn legend(key: Key) -> (&'static str, usize, &'static str) {
    let (kind, number) = match key {
        Key::State(state) => ("state", place_of(&State::ALL, state)),
        Key::InvalidOrNotReady => ("state", place_of(&State::ALL, State::Invalid)),
        Key::Verdict(verdict) => ("verdict", place_of(&Verdict::ALL, verdict)),
        Key::Start => ("start", 0),
        Key::Completed => ("completed", 0),
        Key::Failed => ("failed", 0),
        Key::Window => ("window", 0),
        Key::Gone => ("gone", 0),
        Key::Seen(symbol) => ("seen", place_of(&Symbol::ALL, symbol)),
    };
    (kind, number, key.label())
}

fn columns(row: Vec<Item>, places: &[SourceRef], labels: &mut Labels) -> RowData {
    let mut near = 0;
    let mut number = |source: Option<SourceRef>| {
        let found = source.and_then(|one| find_near(places, &one, near));
        near = found.unwrap_or(near);
        found.map_or(0, |place| place as i64 + 1)
    };
    let mut out = RowData {
        from: differences(row.iter().map(|one| one.from)),
        place: differences(row.iter().map(|one| number(one.source))),
        ..RowData::default()
    };
    for one in row {
        // A span that ends before it begins is shown as its beginning.
        out.long
            .push(one.to.map_or(-1, |to| (to - one.from).max(0)));
        out.kind.push(one.kind);
        out.label.push(labels.of(one.label));
        out.again.extend(one.again);
    }
    out
}

/// Where a place stands among all, which are in order. It is looked for behind `near` first: those of a
/// lane follow each other.
fn find_near(places: &[SourceRef], one: &SourceRef, near: usize) -> Option<usize> {
    let is_behind = places.get(near).is_some_and(|place| place <= one);
    let from = if is_behind { near } else { 0 };
    let behind = &places[from..];
    let mut reach = 1;
    while behind.get(reach).is_some_and(|place| place < one) {
        reach *= 2;
    }
    let within = &behind[..behind.len().min(reach + 1)];
    within.binary_search(one).ok().map(|place| from + place)
}

fn differences(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut before = 0;
    values
        .map(|value| value - std::mem::replace(&mut before, value))
        .collect()
}

/// Values by number, in the order in which they first occur.
#[derive(Default)]
struct Numbers<T> {
    all: Vec<T>,
    numbers: BTreeMap<T, usize>,
    places: ByPlace<usize>,
}

impl<T: Clone + Ord> Numbers<T> {
    fn of(&mut self, one: T) -> usize {
        if let Some(number) = self.numbers.get(&one) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(one.clone());
        self.numbers.insert(one, number);
        number
    }

    /// The number of what `value` makes of `one`, found by its place, which is quicker. It must stay there
    /// until all numbers are known, as all that a case holds does.
    fn of_shared<S: ?Sized>(&mut self, one: &Arc<S>, value: impl FnOnce() -> T) -> usize {
        let mut places = std::mem::take(&mut self.places);
        let number = *places.of(one, || self.of(value()));
        self.places = places;
        number
    }
}

/// Labels by number.
#[derive(Default)]
struct Labels {
    texts: Numbers<String>,
    seen: BTreeMap<(Seen, u32), usize>,
}

impl Labels {
    fn of(&mut self, label: Label) -> usize {
        match label {
            Label::Text(text) => self.texts.of(text),
            Label::Seen(seen, records) => {
                let number = || self.texts.of(words::seen(seen, records));
                *self.seen.entry((seen, records)).or_insert_with(number)
            }
        }
    }
}

/// The raw text at each place but the times of start tags: what many share stands once.
#[derive(Default, Serialize)]
struct RawTexts<'a> {
    /// What stands before the time of a start tag, between it and the thread, between that and the
    /// tick count, and behind it.
    forms: Vec<[&'a str; 4]>,
    /// Texts of records, or all that there is; the first is empty, where nothing was kept.
    texts: Vec<Cow<'a, str>>,
    /// For each place the start tag's form counted from 1, or 0 if it has none.
    form: Vec<usize>,
    /// For each place, by number.
    text: Vec<usize>,
    /// Where there is a form; tick counts as differences.
    thread: Vec<u64>,
    tick: Vec<i64>,
    /// How many letters the time has from that before it: at its beginning, and at its end.
    head: Vec<usize>,
    tail: Vec<usize>,
}

/// The raw text at each place, and apart from it what the time of each that has a form has for itself.
fn texts<'a>(case: &'a Case, places: &[SourceRef]) -> (RawTexts<'a>, Vec<&'a str>) {
    let (mut out, mut dates, mut ticks) = (RawTexts::default(), vec![], vec![]);
    let mut before = "";
    let (mut forms, mut texts) = (Numbers::default(), Numbers::default());
    texts.of(Cow::Borrowed(""));
    for place in places {
        let raw = case.raw.get(place);
        let alike = raw.and_then(|raw| match raw.tag.as_deref()? {
            StartTag::Alike(tag) => Some((tag, &raw.text)),
            StartTag::Other(_) => None,
        });
        // A line feed stands between the two, and no text has more characters than bytes.
        let alike = alike.filter(|(tag, text)| tag.length() + text.len() < MOST);
        if let Some((tag, text)) = alike {
            out.form
                .push(1 + forms.of_shared(&tag.form, || tag.form.parts()));
            out.text.push(texts.of_shared(text, || Cow::Borrowed(text)));
            out.thread.push(tag.thread);
            ticks.push(tag.tick.cast_signed());
            let time = tag.date();
            let (head, own, tail) = apart(time, std::mem::replace(&mut before, time));
            out.head.push(head);
            out.tail.push(tail);
            dates.push(own);
            continue;
        }
        let whole = case.written(*place).unwrap_or_default();
        out.form.push(0);
        out.text.push(texts.of(cut(whole, || case.cite(*place))));
    }
    out.tick = differences(ticks.into_iter());
    (out.forms, out.texts) = (forms.all, texts.all);
    (out, dates)
}

/// What a time has for itself, and how many letters before and behind that are those of another one.
fn apart<'t>(time: &'t str, other: &str) -> (usize, &'t str, usize) {
    // The script counts letters otherwise.
    if !(time.is_ascii() && other.is_ascii()) {
        return (0, time, 0);
    }
    let same = |(one, other): &(u8, u8)| one == other;
    let head = time.bytes().zip(other.bytes()).take_while(same).count();
    let (own, other) = (&time[head..], &other[head..]);
    let both = own.bytes().rev().zip(other.bytes().rev());
    let tail = both.take_while(same).count();
    (head, &own[..own.len() - tail], tail)
}

/// The text, or its beginning with a mark that says how much is left out and where it stands.
fn cut(text: Cow<'_, str>, place: impl Fn() -> String) -> Cow<'_, str> {
    let too_long = text.len() > MOST;
    let end = too_long.then(|| text.char_indices().nth(MOST)).flatten();
    let Some((end, _)) = end else {
        return text;
    };
    let left = text[end..].chars().count();
    Cow::Owned(text[..end].to_owned() + &words::lanes_cut(left, &place()))
}

/// Bytes of JSON that are deflated at once: it is never held as a whole, which takes longer.
const PIECE: usize = 64 << 10;

/// Takes half the time of 5 and packs two to three hundredths larger. What comes out depends on the
/// pieces in which the input comes, which are always the same.
const LEVEL: u32 = 3;

/// Items of a list that are packed together: what stands before them does not help to pack them.
const PART: usize = 1 << 14;

/// JSON, deflated, in base64. Writing into memory cannot fail; if it did, the script would say that
/// it cannot read the block, and the picture stays.
fn packed(value: &impl Serialize) -> String {
    STANDARD.encode(deflated(value).unwrap_or_default())
}

/// `first`, then the lists that `rest` makes in parts, divided by points. Each is packed by itself, so
/// that several threads pack; to make one stream of them would need the packer to flush, which
/// flate2 does not do to the end where much is left to be written.
fn packed_list(first: &(impl Serialize + Sync), rest: &[impl Serialize + Sync]) -> String {
    let (first, rest): (String, Vec<String>) = rayon::join(
        || packed(first),
        || rest.par_chunks(PART).map(|part| packed(&part)).collect(),
    );
    let all: Vec<String> = std::iter::once(first).chain(rest).collect();
    all.join(".")
}

fn deflated(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let deflated = DeflateEncoder::new(Vec::new(), Compression::new(LEVEL));
    let mut out = BufWriter::with_capacity(PIECE, deflated);
    serde_json::to_writer(&mut out, value)?;
    let deflated = out.into_inner().map_err(|error| error.into_error())?;
    deflated.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Raw;
    use crate::render::scene::lay_out;
    use crate::render::{fixture, text::clean_case};
    use flate2::read::DeflateDecoder;
    use serde_json::Value;
    use std::io::Read;

    /// One stream to its end, and nothing behind it.
    fn unpacked(packed: &str) -> Value {
        let mut json = String::new();
        let bytes = STANDARD.decode(packed).unwrap();
        let mut stream = DeflateDecoder::new(&bytes[..]);
        stream.read_to_string(&mut json).unwrap();
        assert_eq!(stream.total_in(), bytes.len() as u64);
        serde_json::from_str(&json).unwrap()
    }

    /// The first value, and the items of all lists that follow.
    fn unpacked_list(packed: &str) -> (Value, Vec<Value>) {
        let mut all = packed.split('.').map(unpacked);
        let first = all.next().unwrap();
        let rest = all.flat_map(|list| list.as_array().unwrap().clone());
        (first, rest.collect())
    }

    /// Both blocks as the page has them.
    fn blocks(case: &Case) -> (Value, (Value, Vec<Value>)) {
        let case = &clean_case(case);
        let html = section(case, &lay_out(case)).unwrap().to_string();
        let block = |id: &str| {
            let from = html.split(&format!("id=\"{id}\">")).nth(1).unwrap();
            from.split('<').next().unwrap()
        };
        (
            unpacked(block("lanes-data")),
            unpacked_list(block("lanes-raw")),
        )
    }

    fn cited(case: &Case, scene: &Scene) -> Vec<SourceRef> {
        let lanes = scene.lanes.iter().map(|lane| items(case, lane));
        places(&lanes.collect::<Vec<_>>())
    }

    fn sums(column: &Value) -> Vec<i64> {
        let mut sum = 0;
        let values = column.as_array().unwrap().iter();
        values
            .map(|one| {
                sum += one.as_i64().unwrap();
                sum
            })
            .collect()
    }

    #[test]
    fn a_list_packed_in_parts_is_one_list() {
        // Hardly packed at all: what is left when a stream ends may be more than the packer writes at once.
        let mut seed = 1_u64;
        let mut letters = |count: usize| -> String {
            let mut letter = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b' ' + (seed >> 33) as u8 % 90)
            };
            (0..count).map(|_| letter()).collect()
        };
        for count in [0, 1, PART, PART + 1, 2 * PART, 3 * PART + 5] {
            let all: Vec<String> = (0..count).map(|at| letters(at % 20)).collect();
            let (first, rest) = unpacked_list(&packed_list(&letters(count), &all));
            assert_eq!(first.as_str().unwrap().len(), count);
            assert_eq!(rest, all, "{count}");
        }
        for length in (0..200_000).step_by(997) {
            let first = letters(length);
            let packed = packed_list(&first, &["last"]);
            assert_eq!(unpacked_list(&packed), (first.into(), vec!["last".into()]));
        }
    }

    #[test]
    fn a_place_is_found_wherever_it_is_looked_for() {
        let place = |line: u32| crate::render::fixture::source(line / 50, line % 50);
        for count in [0, 1, 2, 99] {
            let all: Vec<SourceRef> = (0..count).map(|line| place(line * 2)).collect();
            for line in 0..200 {
                for near in 0..=all.len() {
                    let found = all.binary_search(&place(line)).ok();
                    assert_eq!(find_near(&all, &place(line), near), found, "{line} {near}");
                }
            }
        }
    }

    #[test]
    fn a_time_is_told_by_what_it_has_for_itself() {
        for (time, other, told) in [
            ("03:00:05 +01:00", "03:00:14 +01:00", (6, "05", 7)),
            ("03:00:05", "03:00:05", (8, "", 0)),
            ("aa", "aaa", (2, "", 0)),
            ("aaa", "aa", (2, "a", 0)),
            ("ab", "b", (0, "a", 1)),
            ("5 März", "6 März", (0, "5 März", 0)),
            ("5", "", (0, "5", 0)),
        ] {
            assert_eq!(apart(time, other), told, "{time} {other}");
        }
    }

    #[test]
    fn every_item_of_every_lane_is_in_the_page_with_its_place_and_raw_line() {
        let case = fixture::case();
        let scene = lay_out(&case);
        let (data, raw) = blocks(&case);
        let lanes = data["lanes"].as_array().unwrap();
        assert_eq!(lanes.len(), scene.lanes.len());
        for (lane, packed) in scene.lanes.iter().zip(lanes) {
            let count = |row: usize| packed["rows"][row]["from"].as_array().unwrap().len();
            let of = |row: Row| {
                lane.sights
                    .iter()
                    .filter(|one| one.seen.row() == row)
                    .count()
            };
            let expected = [
                lane.marks.len(),
                lane.bars.len(),
                lane.transfers.len(),
                lane.windows.len(),
                of(Row::Snapshot),
                of(Row::Disk),
                of(Row::Status),
                of(Row::Error),
                lane.gone.len(),
            ];
            assert_eq!(std::array::from_fn(count), expected, "{}", lane.name);
        }
        // The first lane's states, by hand from the picture's text.
        let states = &lanes[0]["rows"][1];
        let bar = &scene.lanes[0].bars[2];
        assert_eq!(sums(&states["from"])[2], bar.from);
        assert_eq!(states["long"][2], bar.to - bar.from);
        assert_eq!(data["states"][4], "Ready");
        assert_eq!(states["kind"][2], 4);
        let place = usize::try_from(sums(&states["place"])[2] - 1).unwrap();
        let file = usize::try_from(sums(&data["place_file"])[place]).unwrap();
        let source = bar.source.unwrap();
        assert_eq!(file, source.file.0 as usize);
        assert_eq!(raw_text(&raw, place), written(&case, source));
        let all = cited(&case, &scene);
        assert!(all.iter().any(|one| case.quotes.contains_key(one)));
        assert_eq!(raw.0["form"].as_array().unwrap().len(), all.len());
        for (place, source) in all.iter().enumerate() {
            assert_eq!(raw_text(&raw, place), written(&case, *source), "{place}");
        }
    }

    #[test]
    fn a_record_is_shown_whole_up_to_the_longest_text() {
        let tag = "<event date='Sep 26' severity='4' thread='7' tickCount='9' >";
        let mut case = fixture::case();
        let place = cited(&case, &lay_out(&case))[0];
        for length in [MOST - 1, MOST, MOST + 1] {
            let text = "x".repeat(length - tag.len() - 1);
            let tag = Some(StartTag::of(tag).into());
            let raw = Raw {
                tag,
                text: text.into(),
            };
            let whole = raw.written().into_owned();
            assert_eq!(whole.len(), length);
            case.raw = crate::model::Records::new([(place, raw)].into());
            let (texts, own) = texts(&case, &[place]);
            let shown = raw_text(&unpacked_list(&packed_list(&texts, &own)), 0);
            assert_eq!(shown == whole, length <= MOST, "{length}");
            assert!(shown.starts_with(&whole[..MOST - 1]));
        }
    }

    #[test]
    fn raw_texts_read_as_written_however_they_are_packed() {
        let mut case = fixture::case();
        let all = cited(&case, &lay_out(&case));
        let long = "x".repeat(MOST);
        let records = all.iter().enumerate().map(|(number, source)| {
            let (second, thread, tick) = (number * 7 % 60, number % 3, 900 - number);
            let tag = match number % 5 {
                0 => "<event severity='4' >".to_owned(),
                1 => format!("<event date='Sep 26 15:37:{second:02}' severity='4' thread='{thread}' tickCount='{tick}' >"),
                _ => format!("<event date='09/26/2025 15:37:{second:02}.1230000 +02:00' severity='{thread}' thread='7' tickCount='{tick}'>"),
            };
            let text = ["", "Ready", "Ä<b>\n", &long][number % 4].into();
            let raw = Raw { tag: Some(StartTag::of(&tag).into()), text };
            (*source, raw)
        });
        // One has none, so that its quote is shown.
        case.raw = crate::model::Records::new(records.skip(1).collect());
        let places = cited(&case, &lay_out(&case));
        let (texts, own) = texts(&case, &places);
        let raw = unpacked_list(&packed_list(&texts, &own));
        let alike = raw.0["form"].as_array().unwrap().iter();
        assert!(alike.filter(|form| **form != 0).count() * 3 > all.len());
        assert!(raw.0["forms"].as_array().unwrap().len() > 2);
        for (place, source) in places.iter().enumerate() {
            let whole = written(&case, *source);
            let shown = cut(whole.into(), || case.cite(*source));
            assert_eq!(raw_text(&raw, place), shown, "{place}");
        }
    }

    /// What stands at a place, by the case.
    fn written(case: &Case, source: SourceRef) -> String {
        case.written(source).unwrap_or_default().into_owned()
    }

    /// What stands at a place, as the script puts it together.
    fn raw_text((head, times): &(Value, Vec<Value>), place: usize) -> String {
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let forms: Vec<usize> = head["form"]
            .as_array()
            .unwrap()
            .iter()
            .map(number)
            .collect();
        let text = head["texts"][number(&head["text"][place])]
            .as_str()
            .unwrap();
        let Some(form) = forms[place].checked_sub(1) else {
            return text.to_owned();
        };
        let own = forms[..place].iter().filter(|form| **form > 0).count();
        let part = |at: usize| head["forms"][form][at].as_str().unwrap();
        let date = (0..=own).fold(String::new(), |last, at| {
            let [head, tail] = ["head", "tail"].map(|name| number(&head[name][at]));
            let own = times[at].as_str().unwrap();
            last[..head].to_owned() + own + &last[last.len() - tail..]
        });
        let (thread, tick) = (&head["thread"][own], sums(&head["tick"])[own]);
        let [before, middle, between, end] = std::array::from_fn(part);
        format!("{before}{date}{middle}{thread}{between}{tick}{end}\n{text}")
    }

    #[test]
    fn the_script_knows_every_symbol_state_shape_and_sentence() {
        for symbol in Symbol::ALL {
            assert!(
                SCRIPT.contains(&format!("{symbol:?}: (x, y)")),
                "{symbol:?}"
            );
            assert!(SCRIPT.contains(&format!("\"{symbol:?}\"")), "{symbol:?}");
        }
        for name in State::ALL.map(State::name) {
            let looks = [format!("  {name}: {{ fill"), format!("\"{name}\": {{ fill")];
            assert!(looks.iter().any(|look| SCRIPT.contains(look)), "{name}");
        }
        for verdict in Verdict::ALL {
            let shape = format!("{:?}: [", shape(verdict));
            assert!(SCRIPT.contains(&shape), "{shape}");
        }
        let known: Vec<&str> = words::LANES.iter().map(|(name, _)| *name).collect();
        let used = |name: &str| {
            let row = format!("\"{name}\"");
            let word = format!("words.{name}");
            let whole =
                |rest: &str| !rest.starts_with(|one: char| one.is_alphanumeric() || one == '_');
            SCRIPT.split(&word).skip(1).any(whole) || SCRIPT.contains(&row)
        };
        assert!(known.is_sorted() && known.iter().all(|name| used(name)));
        for part in SCRIPT.split("words.").skip(1) {
            let letter = |one: char| one.is_ascii_lowercase() || one == '_';
            let end = part.find(|one| !letter(one)).unwrap_or(part.len());
            assert!(known.contains(&&part[..end]), "words.{}", &part[..end]);
        }
    }

    #[test]
    fn lines_count_anew_in_each_file() {
        let (data, _) = blocks(&fixture::case());
        let case = fixture::case();
        let all = cited(&case, &lay_out(&case));
        let files = sums(&data["place_file"]);
        let mut line = 0;
        for (number, place) in all.iter().enumerate() {
            assert_eq!(files[number], i64::from(place.file.0));
            if number == 0 || files[number] != files[number - 1] {
                line = 0;
            }
            line += data["place_line"][number].as_i64().unwrap();
            assert_eq!(line, i64::from(place.line));
        }
        assert!(files.first() < files.last());
    }

    #[test]
    fn a_raw_text_is_cut_only_when_it_is_too_long_and_says_so() {
        let whole = "ä".repeat(MOST);
        let place = || "a.log:7".to_owned();
        assert_eq!(cut(Cow::from(&whole), place), whole);
        let long = format!("{whole}bc");
        let cut = cut(Cow::from(&long), place);
        assert!(cut.starts_with(&whole) && !cut.contains('b'));
        assert!(
            cut.ends_with("2 characters more stand at a.log:7]"),
            "{cut}"
        );
    }

    #[test]
    fn without_packages_or_times_only_the_picture_stands() {
        let mut case = fixture::case();
        assert!(section(&case, &lay_out(&case)).is_some());
        case.packages.truncate(1);
        case.packages[0] = fixture::package(1, "Known by name only");
        case.period = None;
        assert!(section(&case, &lay_out(&case)).is_none());
        case = Case::default();
        assert!(section(&case, &lay_out(&case)).is_none());
    }

    #[test]
    fn odd_cases_have_a_timeline_too() {
        for case in [fixture::odd_case(), fixture::evil_case()] {
            let (data, _) = blocks(&case);
            for lane in data["lanes"].as_array().unwrap() {
                for row in lane["rows"].as_array().unwrap() {
                    let long = row["long"].as_array().unwrap().iter();
                    assert!(long.clone().all(|one| one.as_i64().unwrap() >= -1));
                    let from = sums(&row["from"]);
                    assert!(from.is_sorted());
                }
            }
        }
    }
}
