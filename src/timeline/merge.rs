//! One story from many files: equal reports become one event, and events get their order.

use super::Timeline;
use super::align::{Alignment, MOST_EQUAL, align};
use crate::model::{Event, FileId, Record, Said, Server, SourceRef, Writer};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rounds after which the files' orders are taken as they are, should they contradict each other.
const ROUNDS: usize = 8;

/// Builds the timeline. The order in which events are handed in does not matter.
///
/// - A record that stands in several files (a log and its rotated copy) is one event with several
///   sources. A record that stands twice in one file happened twice.
/// - Events are in order of time. Where moments overlap, records of one file keep its order;
///   between files, what the events say decides, so that no name of a file does.
pub fn merge(events: Vec<Event>) -> Timeline {
    merge_turned(events, &BTreeSet::new())
}

/// Like [`merge`]; the files of `newest_first` tell their records in the opposite order.
pub fn merge_turned(events: Vec<Event>, newest_first: &BTreeSet<FileId>) -> Timeline {
    if is_one_story(&events, newest_first) {
        return Timeline::new(events);
    }
    let events = tell_tickless_once(tell_once(events, newest_first));
    Timeline::new(in_order(events, newest_first))
}

/// Whether one file tells all events, and they stand in order: then there is nothing to be done.
fn is_one_story(events: &[Event], newest_first: &BTreeSet<FileId>) -> bool {
    let follows = |pair: &[Event]| {
        let [one, other] = pair else { return false };
        match (&one.sources[..], &other.sources[..]) {
            ([a], [b]) if a.file == b.file => {
                in_file(a, newest_first) <= in_file(b, newest_first)
                    && by_content(one, other).is_le()
            }
            _ => false,
        }
    };
    all_pairs(events, follows) && events.first().is_none_or(|event| event.sources.len() == 1)
}

/// Events that are worth a thread.
const PART: usize = 1 << 14;

/// Whether `holds` holds of each two neighbours, looked at by several threads. To ask after each pair
/// whether another thread said no costs more than most looks.
fn all_pairs(events: &[Event], holds: impl Fn(&[Event]) -> bool + Sync) -> bool {
    let parts = (0..events.len().div_ceil(PART)).into_par_iter();
    parts.map(|part| part * PART).all(|from| {
        let to = events.len().min(from + PART + 1);
        events[from..to].windows(2).all(&holds)
    })
}

/// The place of a record in the story of its file.
fn in_file(source: &SourceRef, newest_first: &BTreeSet<FileId>) -> u32 {
    match newest_first.contains(&source.file) {
        true => u32::MAX - source.line,
        false => source.line,
    }
}

/// What the server's clock showed; without a fraction, at the beginning of the second.
fn shown(event: &Event) -> i64 {
    let at = &event.at;
    let shown = at
        .start
        .saturating_add(i64::from(at.offset.unwrap_or(0)) * 60_000)
        .saturating_sub(i64::from(at.shift));
    if at.fraction {
        shown
    } else {
        shown.div_euclid(1_000) * 1_000
    }
}

/// Most events of a bundle share one name, which need not be read.
fn by_server(one: &Event, other: &Event) -> Ordering {
    match (&one.server, &other.server) {
        (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
        (a, b) => a.cmp(b),
    }
}

/// Equal records share what they say, and it need not be read.
fn by_said<'e, T: Ord>(one: &'e Event, other: &'e Event, part: fn(&'e Said) -> T) -> Ordering {
    match Arc::ptr_eq(&one.said, &other.said) {
        true => Ordering::Equal,
        false => part(&one.said).cmp(&part(&other.said)),
    }
}

/// Records of one writer share it, and it need not be read.
fn by_writer<T: Ord + ?Sized>(a: &Record, b: &Record, part: impl Fn(&Writer) -> &T) -> Ordering {
    match Arc::ptr_eq(&a.writer, &b.writer) {
        true => Ordering::Equal,
        false => part(&a.writer).cmp(part(&b.writer)),
    }
}

/// The order in which two reports of the same thing are equal.
fn same_report(one: &Event, other: &Event) -> Ordering {
    let common = || by_server(one, other);
    match (&one.record, &other.record) {
        (Some(a), Some(b)) => common()
            .then_with(|| {
                shown(one)
                    .div_euclid(1_000)
                    .cmp(&shown(other).div_euclid(1_000))
            })
            .then_with(|| a.tick.cmp(&b.tick))
            .then_with(|| a.thread.cmp(&b.thread))
            .then_with(|| by_writer(a, b, |writer| &writer.component))
            .then_with(|| by_said(one, other, |said| &said.message))
            .then_with(|| {
                // The viewer shows seconds where the log has fractions; the tick is the same.
                let exact = |event: &Event| (event.at.fraction, shown(event));
                if a.tick.is_some() && b.tick.is_some() {
                    Ordering::Equal
                } else {
                    exact(one).cmp(&exact(other))
                }
            }),
        (None, None) => common()
            .then_with(|| one.at.cmp(&other.at))
            .then_with(|| one.package.cmp(&other.package))
            .then_with(|| one.fact.cmp(&other.fact))
            .then_with(|| one.message.cmp(&other.message)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Everything that an event says, but not where it stands.
fn content(one: &Event, other: &Event) -> Ordering {
    one.at
        .start
        .cmp(&other.at.start)
        .then_with(|| one.at.end.cmp(&other.at.end))
        .then_with(|| by_server(one, other))
        .then_with(|| by_said(one, other, |said| &said.package))
        .then_with(|| one.at.cmp(&other.at))
        .then_with(|| attributes(one, other))
        .then_with(|| {
            by_said(one, other, |said| {
                (&said.message, &said.fact, said.wording, &said.pattern)
            })
        })
}

/// A first order that does not depend on how events were handed in.
fn by_content(one: &Event, other: &Event) -> Ordering {
    content(one, other).then_with(|| one.sources.cmp(&other.sources))
}

/// By the attributes of the log record, ticks first.
fn attributes(one: &Event, other: &Event) -> Ordering {
    match (&one.record, &other.record) {
        (Some(a), Some(b)) => (a.tick, a.thread)
            .cmp(&(b.tick, b.thread))
            .then_with(|| by_writer(a, b, |writer| writer))
            .then_with(|| a.severity.cmp(&b.severity)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Merges records that some copy tells without tick counts, as the old log viewer does, with those
/// of other files that have them: the same second, server, message, and thread if it is told.
fn tell_tickless_once(events: Vec<Event>) -> Vec<Event> {
    type Key<'a> = (&'a Option<Server>, i64, &'a str);
    fn key(event: &Event) -> Key<'_> {
        (
            &event.server,
            shown(event).div_euclid(1_000),
            &event.message,
        )
    }
    let ticks = |event: &Event| event.record.as_ref().map(|record| record.tick.is_some());
    if !events.iter().any(|event| ticks(event) == Some(false)) {
        return events;
    }
    let mut exact: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        if ticks(event) == Some(true) {
            exact.entry(key(event)).or_default().push(place);
        }
    }
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if ticks(event) != Some(false) {
            continue;
        }
        let fits = |other: &&usize| {
            let twin = &events[**other];
            let thread = |one: &Event| one.record.as_ref().and_then(|record| record.thread);
            let apart =
                |source: &SourceRef| event.sources.iter().all(|own| own.file != source.file);
            twin.fact == event.fact
                && twin.sources.iter().all(apart)
                && (thread(event).is_none() || thread(event) == thread(twin))
        };
        let twin = exact
            .get(&key(event))
            .and_then(|all| all.iter().filter(|twin| !taken.contains(twin)).find(fits));
        if let Some(twin) = twin {
            taken.insert(*twin);
            joined.push((place, *twin));
        }
    }
    let mut events: Vec<Option<Event>> = events.into_iter().map(Some).collect();
    for (copy, twin) in joined {
        if let Some(copy) = events[copy].take()
            && let Some(first) = &mut events[twin]
        {
            join(first, copy);
        }
    }
    events.into_iter().flatten().collect()
}

/// Merges the reports of one record from several files.
fn tell_once(mut events: Vec<Event>, newest_first: &BTreeSet<FileId>) -> Vec<Event> {
    events.par_iter_mut().for_each(|event| {
        event.sources.sort_unstable();
        event.sources.dedup();
    });
    let place = |event: &Event| event.sources.first().copied();
    // Equal reports of one file are events of their own: there is nothing to be joined.
    let is_told_once = |events: &[Event]| {
        all_pairs(events, |pair| {
            let [one, other] = pair else { return true };
            match same_report(one, other) {
                Ordering::Less => true,
                Ordering::Equal => matches!(
                    (&one.sources[..], &other.sources[..]),
                    ([a], [b]) if a.file == b.file
                ),
                Ordering::Greater => false,
            }
        })
    };
    if is_told_once(&events) {
        return events;
    }
    events.par_sort_by(|one, other| {
        same_report(one, other)
            .then_with(|| place(one).cmp(&place(other)))
            .then_with(|| content(one, other))
    });
    if is_told_once(&events) {
        return events;
    }
    let runs = || events.chunk_by(|one, other| same_report(one, other).is_eq());
    let alignment = match runs().any(is_ambiguous) {
        true => align(runs(), newest_first),
        false => Alignment::default(),
    };
    // Which of the events told so far each one is a report of.
    let mut told: Vec<usize> = Vec::with_capacity(events.len());
    let mut count = 0;
    for run in runs() {
        count += tell_run(run, &alignment, count, &mut told);
    }
    let mut once: Vec<Option<Event>> = Vec::new();
    once.resize_with(count, || None);
    for (event, place) in events.into_iter().zip(told) {
        match &mut once[place] {
            Some(first) => join(first, event),
            none => *none = Some(event),
        }
    }
    once.into_iter().flatten().collect()
}

/// Whether it is not clear which of equal reports are one: several files tell, one of them twice.
fn is_ambiguous(run: &[Event]) -> bool {
    let file = |event: &Event| event.sources.first().map(|source| source.file);
    let alike = |pair: &[Event]| file(&pair[0]) == file(&pair[1]);
    // Those of one file stand together.
    run.windows(2).any(alike) && !run.windows(2).all(alike)
}

/// A record's place in the story of its file, and which of the facts it is that the record tells.
type Spot = (i64, usize);

/// Finds out which of equal reports are of one event. Their numbers, from `first` on, go into
/// `told`; gives how many events there are.
fn tell_run(run: &[Event], alignment: &Alignment, first: usize, told: &mut Vec<usize>) -> usize {
    if let [_] = run {
        told.push(first);
        return 1;
    }
    // Not `dedup`: a message that stands twice in one file happened twice; only reports of
    // different files about the same record are one event. One record may tell several facts.
    let asks = is_ambiguous(run) && run.len() <= MOST_EQUAL;
    let mut same_line: BTreeMap<SourceRef, usize> = BTreeMap::new();
    let mut stories: BTreeMap<FileId, Vec<(Spot, usize)>> = BTreeMap::new();
    for (at, event) in run.iter().enumerate() {
        let unknown = SourceRef {
            file: FileId(u32::MAX),
            line: 0,
        };
        let source = event.sources.first().copied().unwrap_or(unknown);
        let (story, place) = match asks {
            true => alignment.place(source.file, source.line),
            false => (source.file, i64::from(source.line)),
        };
        let nth = same_line.entry(source).or_insert(0);
        stories.entry(story).or_default().push(((place, *nth), at));
        *nth += 1;
    }
    // Different stories know nothing of each other's order: the second equal report in one pairs
    // with the second in another.
    let mut numbers = vec![0; run.len()];
    let mut count = 0;
    for mut story in stories.into_values() {
        story.sort_unstable();
        let places = story.chunk_by(|one, other| one.0 == other.0);
        for (number, place) in places.enumerate() {
            for (_, at) in place {
                numbers[*at] = number;
            }
            count = count.max(number + 1);
        }
    }
    told.extend(numbers.into_iter().map(|number| first + number));
    count
}

/// Adds a second report to an event. The narrower moment is the better known one.
fn join(first: &mut Event, second: Event) {
    let width = |event: &Event| (event.at.end.saturating_sub(event.at.start), event.at);
    let mut sources = std::mem::take(&mut first.sources);
    sources.extend_from_slice(&second.sources);
    sources.sort_unstable();
    sources.dedup();
    if width(&second)
        .cmp(&width(first))
        .then_with(|| content(&second, first))
        .is_lt()
    {
        let before = std::mem::replace(first, second);
        keep_tag(first, before);
    } else {
        keep_tag(first, second);
    }
    first.sources = sources;
}

/// A copy of a record has no start tag; the raw one beside it has.
fn keep_tag(kept: &mut Event, other: Event) {
    let tag = other.record.and_then(|record| record.tag);
    if let Some(record) = &mut kept.record
        && record.tag.is_none()
    {
        record.tag = tag;
    }
}

/// Puts events in order: of time, and of the file where moments overlap.
///
/// Each event gets an effective time inside its own moment, at least that of every overlapping
/// record before it in its file. So events that evidence orders stay in order, whatever the files say.
fn in_order(mut events: Vec<Event>, newest_first: &BTreeSet<FileId>) -> Vec<Event> {
    let is_in_order = |pair: &[Event]| by_content(&pair[0], &pair[1]).is_le();
    if !all_pairs(&events, is_in_order) {
        events.par_sort_by(by_content);
    }
    let in_file = |source: &SourceRef| in_file(source, newest_first);
    // Where each file tells its records in this order, there is nothing to be settled.
    let next_in_file = |pair: &[Event]| {
        let (one, other) = (&pair[0].sources[..], &pair[1].sources[..]);
        matches!((one, other), ([a], [b]) if a.file == b.file && in_file(a) <= in_file(b))
    };
    let mut last: BTreeMap<u32, u32> = BTreeMap::new();
    let follows = all_pairs(&events, next_in_file)
        || events
            .iter()
            .flat_map(|event| &event.sources)
            .all(|source| {
                let line = in_file(source);
                let before = last.insert(source.file.0, line);
                before.is_none_or(|before| before <= line)
            });
    if follows {
        return events;
    }
    let mut files: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        for source in &event.sources {
            let (file, line) = (source.file, in_file(source));
            files.entry(file.0).or_default().push((line, at));
        }
    }
    for records in files.values_mut() {
        records.sort_unstable();
    }
    let mut times: Vec<i64> = events.iter().map(|event| event.at.start).collect();
    for _ in 0..ROUNDS {
        let mut next = times.clone();
        for records in files.values() {
            let mut before = Times::default();
            for (_, at) in records {
                let floor = before.last_until(events[*at].at.end);
                let time = floor.map_or(times[*at], |floor| times[*at].max(floor));
                next[*at] = next[*at].max(time);
                before.insert(time);
            }
        }
        if next == times {
            break;
        }
        times = next;
    }

    let mut after: Vec<Vec<usize>> = vec![Vec::new(); events.len()];
    let mut waits: Vec<usize> = vec![0; events.len()];
    for records in files.values() {
        // Only events of equal time still lack an order; each waits for the one before it.
        let mut timed: Vec<(i64, usize)> =
            records.iter().map(|(_, at)| (times[*at], *at)).collect();
        timed.sort_by_key(|(time, _)| *time);
        for pair in timed.windows(2) {
            let ((time, before), (other, at)) = (pair[0], pair[1]);
            if time == other && before != at {
                after[before].push(at);
                waits[at] += 1;
            }
        }
    }
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|at| (times[*at], *at));
    let mut sorted: Vec<usize> = Vec::with_capacity(events.len());
    for group in order.chunk_by(|one, other| times[*one] == times[*other]) {
        if let [only] = group {
            sorted.push(*only);
            continue;
        }
        // Of those that wait for nothing, the smallest by content comes first. Where files
        // contradict each other, the smallest of all does.
        let mut open: BTreeSet<usize> = group.iter().copied().collect();
        let mut free: BTreeSet<usize> = open.iter().copied().filter(|at| waits[*at] == 0).collect();
        while let Some(at) = free.pop_first().or_else(|| open.first().copied()) {
            open.remove(&at);
            sorted.push(at);
            for next in std::mem::take(&mut after[at]) {
                waits[next] = waits[next].saturating_sub(1);
                if waits[next] == 0 && open.contains(&next) {
                    free.insert(next);
                }
            }
        }
    }
    if sorted.is_sorted() {
        return events;
    }
    let mut slots: Vec<Option<Event>> = events.into_iter().map(Some).collect();
    sorted
        .into_iter()
        .filter_map(|at| slots[at].take())
        .collect()
}

/// A set of times. Most come in order, and a list holds those best.
#[derive(Default)]
struct Times {
    ascending: Vec<i64>,
    /// Those that came late.
    late: BTreeSet<i64>,
}

impl Times {
    fn insert(&mut self, time: i64) {
        match self.ascending.last() {
            Some(last) if time < *last => drop(self.late.insert(time)),
            Some(last) if time == *last => {}
            _ => self.ascending.push(time),
        }
    }

    /// The last time before `end`.
    fn last_until(&self, end: i64) -> Option<i64> {
        let late = self.late.range(..end).next_back().copied();
        let last = self.ascending.last().copied().filter(|last| *last < end);
        let ascending = last.or_else(|| {
            let above = self.ascending.partition_point(|time| *time < end);
            above.checked_sub(1).map(|at| self.ascending[at])
        });
        late.max(ascending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_any_order_are_one_set() {
        let (mut times, mut set) = (Times::default(), BTreeSet::new());
        for step in 0..500_i64 {
            let time = if step % 3 == 0 { step } else { step * 31 % 200 };
            times.insert(time);
            set.insert(time);
            for end in [-1, 0, 1, step / 2, step, step + 1, 1_000] {
                let last = set.range(..end).next_back().copied();
                assert_eq!(times.last_until(end), last);
            }
        }
    }
}
