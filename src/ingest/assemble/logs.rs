//! The records of a log as events: their moments, their server, and what they cover.

use crate::ingest::beside;
use crate::ingest::clock::Clock;
use crate::ingest::parsers::agent_log::{Edge, LogFacts};
use crate::ingest::servers::Servers;
use crate::ingest::{Ingested, LogRecord};
use crate::model::{
    Coverage, Event, EvidenceFile, Fact, FileId, Gap, Moment, PackageId, Problem, Server,
    SourceRef, Stamp, Wording,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// With fewer records nothing can be said about silences ([`Clock::gaps`]), so nothing is covered.
const SHORTEST_COVERAGE: u64 = 20;

// Or they would need memory of their own beside that of the records.
const _: () = assert!(size_of::<Event>() <= size_of::<LogRecord>());

/// A log whose last record goes on in another file: its server, its end, the number of that file.
pub(super) type Bridge = (Option<Server>, Moment, usize);

/// Logs that a record runs over follow each other without a loss, however long both were silent.
pub(super) fn bridge(out: &mut Ingested, bridges: Vec<Bridge>) {
    for (server, from, next) in bridges {
        if let Some(to) = out.files.get(next).and_then(|file| file.from) {
            out.coverage.push(Coverage {
                server,
                from,
                to,
                gaps: Vec::new(),
                holes: Vec::new(),
            });
        }
    }
}

/// Which log it is, and what settles its times and servers.
#[derive(Clone, Copy)]
pub(super) struct LogPlace<'a> {
    pub(super) id: FileId,
    /// Its place among the logs, by which the clock knows it.
    pub(super) log: usize,
    pub(super) rooted: &'a str,
    pub(super) servers: &'a Servers,
    pub(super) clock: &'a Clock,
}

pub(super) fn add_log(
    out: &mut Ingested,
    entry: &mut EvidenceFile,
    names: &mut BTreeMap<PackageId, BTreeMap<String, u64>>,
    bridges: &mut Vec<Bridge>,
    place: &LogPlace<'_>,
    mut facts: LogFacts,
) -> Vec<Event> {
    let LogPlace {
        id,
        log,
        rooted,
        servers,
        clock,
    } = *place;
    entry.records = facts.records;
    entry.matched = facts.matched;
    entry.unmatched = facts.unmatched;
    let main = facts
        .hosts
        .iter()
        .max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)))
        .map(|(host, _)| host.clone());
    let main = main
        .and_then(|host| servers.spelled(&host))
        .or_else(|| servers.of_path(rooted));
    if let Some((from, to)) = clock.span(log) {
        entry.from = Some(from);
        entry.to = Some(to);
        entry.gaps = clock.gaps(log);
        // What a selection does not tell may have happened all the same.
        // So may what stood between the records of a log that is too short to show its gaps.
        if !facts.is_selection && facts.records >= SHORTEST_COVERAGE {
            let at = |edge: &Edge| clock.moment(log, edge.line, &edge.stamp, edge.tick);
            let lost = facts
                .holes
                .iter()
                .map(|(before, after)| (at(before), at(after)));
            // A record that rotation cut and nothing joined is lost just outside.
            let head = facts.head_cut.is_some().then_some((from, from));
            let tail = facts.tail_cut.is_some().then_some((to, to));
            let holes = head.into_iter().chain(lost).chain(tail);
            out.coverage.push(Coverage {
                server: main.clone(),
                from,
                to,
                gaps: entry.gaps.clone(),
                holes: holes.map(|(from, to)| Gap { from, to }).collect(),
            });
            bridges.extend(facts.goes_on_in.map(|next| (main.clone(), to, next)));
        }
    }
    let is_history = entry.kind == "ps-history";
    if facts.newest_first {
        out.newest_first.insert(id);
    }
    let ranks = std::mem::take(&mut facts.ranks);
    for (template, usage) in facts.wordings {
        out.wordings
            .entry(template)
            .and_modify(|one| one.count += usage.count)
            .or_insert(usage);
    }
    let mut kept = facts.kept;
    // One look at each: a log has hundreds of thousands of them.
    let (mut timeless, mut waits, mut in_order, mut last) = (0_u64, false, true, 0);
    for record in &kept {
        timeless += u64::from(record.stamp.is_none());
        waits |= waits_for_a_package(record);
        in_order &= std::mem::replace(&mut last, record.line) <= record.line;
    }
    if !in_order {
        kept.sort_by_key(|record| record.line);
    }
    if waits {
        name_by_thread(&mut kept);
    }
    if timeless > 0 {
        kept.retain(|record| record.stamp.is_some());
    }
    // The last host, with the spelling that is used of it.
    let mut spelled: Option<(Server, Option<Server>)> = None;
    let mut named: BTreeMap<(PackageId, *const u8), (u64, Arc<str>)> = BTreeMap::new();
    let mut besides: Vec<(usize, Arc<[Fact]>)> = Vec::new();
    let made = |(place, record): (usize, LogRecord)| {
        if let (Some(package), Some(name)) = (record.package, &record.name) {
            // Equal messages share their name.
            let shared = (package, Arc::as_ptr(name).cast::<u8>());
            let (count, _) = named.entry(shared).or_insert_with(|| (0, name.clone()));
            *count += 1;
        }
        // Each has a time now.
        let at = record.stamp.map_or(Moment::exact(0, None), |stamp| {
            if is_history && stamp.has_year {
                // Without ticks it knows nothing of a clock that was set; the logs beside it do.
                clock.place(&stamp)
            } else {
                let rank = ranks.get(&record.line).copied().unwrap_or(record.line);
                clock.moment(log, rank, &stamp, record.record.tick)
            }
        });
        if let Some(host) = &record.host
            && spelled.as_ref().is_none_or(|(known, _)| known != host)
        {
            spelled = Some((host.clone(), servers.spelled(host)));
        }
        let known = spelled.as_ref().filter(|_| record.host.is_some());
        let server = known
            .and_then(|(_, server)| server.clone())
            .or_else(|| main.clone());
        let more = match &record.more {
            _ if record.package.is_none() => None,
            Some(more) => Some(more.clone()),
            None => Some(beside::beside(&record.fact, &record.message).into()),
        };
        let more = more.filter(|more| !more.is_empty());
        besides.extend(more.map(|more| (place, more)));
        event(record, at, server, id)
    };
    // In the memory of the records, which is large: an event is no larger than its record.
    let mut events: Vec<Event> = kept.into_iter().enumerate().map(made).collect();
    tell_besides(&mut events, &besides);
    for ((package, _), (count, name)) in named {
        let spellings = names.entry(package).or_default();
        *spellings.entry(name.to_string()).or_insert(0) += count;
    }
    if timeless > 0 {
        out.problems.push(Problem::loss(
            &entry.path,
            None,
            format!("{timeless} records have no time that can be read"),
            "they are not on the timeline",
        ));
    }
    for step in clock.steps().iter().filter(|step| step.file == log) {
        events.push(Event {
            at: step.at,
            server: main.clone(),
            package: None,
            fact: Fact::ClockStepped { by_ms: step.by_ms },
            sources: [SourceRef {
                file: id,
                line: step.line,
            }]
            .into(),
            record: None,
            message: "between the record before and this one, time and tick count disagree".into(),
            pattern: None,
            wording: Wording::Confirmed,
        });
        let (minutes, direction) = (
            step.by_ms.abs() / 60_000,
            if step.by_ms < 0 { "back" } else { "forward" },
        );
        out.problems.push(Problem::note(
            &entry.path,
            Some(step.line),
            format!("the server's clock was set {direction} by {minutes} minutes here"),
            "the later clock is taken to be right, and the order of events follows the tick count",
        ));
    }
    events
}

/// All events of the logs, the oldest log first, and those that were there: the timeline has less to
/// move then, as a newer log often has the lesser name.
pub(super) fn in_line(mut logs: Vec<Vec<Event>>, others: Vec<Event>) -> Vec<Event> {
    logs.push(others);
    logs.sort_by_key(|events| events.first().map(|event| event.at));
    let total: usize = logs.iter().map(Vec::len).sum();
    let mut all: Vec<Event> = Vec::new();
    for mut events in logs {
        if all.is_empty() {
            all = events;
            all.reserve_exact(total - all.len());
        } else {
            all.append(&mut events);
        }
    }
    all
}

/// Puts what records tell besides behind their events: places of events, in order, with more facts.
fn tell_besides(events: &mut Vec<Event>, besides: &[(usize, Arc<[Fact]>)]) {
    let more: usize = besides.iter().map(|(_, facts)| facts.len()).sum();
    let Some(last) = events.last().filter(|_| more > 0).cloned() else {
        return;
    };
    let mut from = events.len();
    events.resize(events.len() + more, last);
    let mut to = events.len();
    // From the end, so that each event is moved once.
    for (place, facts) in besides.iter().rev() {
        while from > place + 1 {
            (from, to) = (from - 1, to - 1);
            events.swap(from, to);
        }
        for fact in facts.iter().rev() {
            to -= 1;
            events[to] = Event {
                fact: fact.clone(),
                ..events[*place].clone()
            };
        }
    }
}

/// Whether a record tells of a failed download without naming its package.
fn waits_for_a_package(record: &LogRecord) -> bool {
    let failed = matches!(
        record.fact,
        Fact::DownloadFailed { .. } | Fact::DownloadGivenUp { .. }
    );
    failed && record.package.is_none()
}

/// "Error while downloading package: ..." names no package; the record beside it on the same thread does.
fn name_by_thread(kept: &mut [LogRecord]) {
    const NEAR_MS: i64 = 5_000;
    type Told = (Option<u32>, Option<Stamp>, Option<PackageId>, bool);
    let named: Vec<Told> = kept
        .iter()
        .map(|record| {
            (
                record.record.thread,
                record.stamp,
                record.package,
                record.fact != Fact::Other,
            )
        })
        .collect();
    for (place, record) in kept.iter_mut().enumerate() {
        if !waits_for_a_package(record) {
            continue;
        }
        let beside = |other: &usize| -> Option<PackageId> {
            let (thread, stamp, package, told) = named[*other];
            let close = stamp
                .zip(record.stamp)
                .is_some_and(|(a, b)| (a.local_ms() - b.local_ms()).abs() <= NEAR_MS);
            package.filter(|_| close && told && thread.is_some() && thread == record.record.thread)
        };
        let end = named.len().min(place + 40);
        let next = (place + 1..end).find_map(|other| beside(&other));
        record.package = next.or_else(|| {
            (place.saturating_sub(40)..place)
                .rev()
                .find_map(|other| beside(&other))
        });
    }
}

fn event(record: LogRecord, at: Moment, server: Option<Server>, file: FileId) -> Event {
    Event {
        at,
        server,
        package: record.package,
        fact: record.fact,
        sources: [SourceRef {
            file,
            line: record.line,
        }]
        .into(),
        record: Some(record.record),
        message: record.message,
        pattern: record.pattern,
        wording: record.wording,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(number: u32) -> Event {
        Event {
            at: Moment::exact(i64::from(number), None),
            server: None,
            package: None,
            fact: Fact::Other,
            sources: Default::default(),
            record: None,
            message: number.to_string().into(),
            pattern: None,
            wording: Wording::Confirmed,
        }
    }

    #[test]
    fn what_is_told_besides_follows_its_event() {
        let ready: Arc<[Fact]> = [Fact::VerificationPassed].into();
        let both: Arc<[Fact]> = [Fact::Assigned, Fact::MarkedDeleted].into();
        for length in 1..6_usize {
            // Each event with none, one or two more facts, in every way.
            for ways in 0..3_usize.pow(length as u32) {
                let many = |place: usize| ways / 3_usize.pow(place as u32) % 3;
                let besides: Vec<(usize, Arc<[Fact]>)> = (0..length)
                    .filter(|place| many(*place) > 0)
                    .map(|place| (place, [&ready, &both][many(place) - 1].clone()))
                    .collect();
                let mut events: Vec<Event> = (0..length as u32).map(said).collect();
                let mut expected = Vec::new();
                for (place, event) in events.iter().enumerate() {
                    expected.push((event.message.clone(), Fact::Other));
                    let more = [&[][..], &ready, &both][many(place)];
                    expected.extend(
                        more.iter()
                            .map(|fact| (event.message.clone(), fact.clone())),
                    );
                }
                tell_besides(&mut events, &besides);
                let told: Vec<(Arc<str>, Fact)> = events
                    .into_iter()
                    .map(|event| (event.message, event.fact))
                    .collect();
                assert_eq!(told, expected, "{besides:?}");
            }
        }
    }
}
