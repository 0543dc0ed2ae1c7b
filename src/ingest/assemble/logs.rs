//! The records of a log as events: their moments, their server, and what they cover.

use crate::ingest::beside::besides;
use crate::ingest::clock::Clock;
use crate::ingest::parsers::agent_log::{Edge, LogFacts};
use crate::ingest::servers::Servers;
use crate::ingest::{Ingested, LogRecord};
use crate::model::{
    ByPlace, Coverage, Event, EvidenceFile, Fact, FileId, Gap, Moment, PackageId, Problem, Said,
    Server, SourceRef, Stamp,
};
use rayon::prelude::*;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// With fewer records nothing can be said about silences ([`Clock::gaps`]), so nothing is covered.
const SHORTEST_COVERAGE: u64 = 20;

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
pub(super) struct LogPlace<'r, 'a> {
    pub(super) id: FileId,
    /// Its place among the logs, by which the clock knows it.
    pub(super) log: usize,
    pub(super) rooted: &'r str,
    pub(super) servers: &'a Servers,
    pub(super) clock: &'a Clock,
}

/// The records of a log, which become events when all logs are there.
pub(super) struct Told<'a> {
    id: FileId,
    /// As in [`LogPlace`].
    log: usize,
    servers: &'a Servers,
    clock: &'a Clock,
    kept: Vec<LogRecord>,
    /// The server of records that name none.
    main: Option<Server>,
    /// As in [`LogFacts::ranks`].
    ranks: BTreeMap<u32, u32>,
    is_history: bool,
    /// How much the records tell besides.
    besides: usize,
    /// Where the clock was set.
    steps: Vec<Event>,
}

pub(super) fn add_log<'a>(
    out: &mut Ingested,
    entry: &mut EvidenceFile,
    names: &mut BTreeMap<PackageId, BTreeMap<String, u64>>,
    bridges: &mut Vec<Bridge>,
    place: &LogPlace<'_, 'a>,
    mut facts: LogFacts,
) -> Told<'a> {
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
    let mut look = Look::at(&kept);
    let timeless = look.timeless;
    if !look.is_plain {
        kept.sort_by_key(|record| record.line);
        name_by_thread(&mut kept);
        kept.retain(|record| record.stamp.is_some());
        for record in &mut kept {
            if record.said.package.is_some() && record.said.besides.is_none() {
                let besides = besides(&record.said);
                Arc::make_mut(&mut record.said).besides = Some(besides);
            }
        }
        look = Look::at(&kept);
    }
    for (count, said) in look.named.into_values() {
        if let (Some(package), Some(name)) = (said.package, &said.name) {
            let spellings = names.entry(package).or_default();
            *spellings.entry(name.to_string()).or_insert(0) += count;
        }
    }
    let besides = look.besides;
    if timeless > 0 {
        out.problems.push(Problem::loss(
            &entry.path,
            None,
            format!("{timeless} records have no time that can be read"),
            "they are not on the timeline",
        ));
    }
    let mut steps = Vec::new();
    for step in clock.steps().iter().filter(|step| step.file == log) {
        steps.push(Event {
            at: step.at,
            server: main.clone(),
            sources: [SourceRef {
                file: id,
                line: step.line,
            }]
            .into(),
            record: None,
            said: Said {
                fact: Fact::ClockStepped { by_ms: step.by_ms },
                message: "between the record before and this one, time and tick count disagree"
                    .into(),
                ..Said::default()
            }
            .into(),
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
    Told {
        id,
        log,
        servers,
        clock,
        kept,
        main,
        ranks,
        is_history,
        besides,
        steps,
    }
}

/// Records that are worth a thread.
const LOOKED_AT: usize = 1 << 15;

/// What one look at each record of a log tells: there are hundreds of thousands.
struct Look<'k> {
    /// Records without a time.
    timeless: u64,
    /// Whether all have a time, stand in order, and need nothing more.
    is_plain: bool,
    /// The first and the last line.
    lines: Option<(u32, u32)>,
    /// How much they tell besides.
    besides: usize,
    /// What names a package, and how often it is said.
    named: ByPlace<(u64, &'k Arc<Said>)>,
}

impl<'k> Look<'k> {
    fn at(kept: &'k [LogRecord]) -> Look<'k> {
        let parts = kept.par_chunks(LOOKED_AT).map(Look::at_part);
        parts.reduce(|| Look::at_part(&[]), Look::and)
    }

    fn at_part(kept: &'k [LogRecord]) -> Look<'k> {
        let mut look = Look {
            timeless: 0,
            is_plain: kept.is_sorted_by_key(|record| record.line),
            lines: kept.first().zip(kept.last()).map(|(a, b)| (a.line, b.line)),
            besides: 0,
            named: ByPlace::default(),
        };
        for record in kept {
            let said = &record.said;
            look.timeless += u64::from(record.stamp.is_none());
            let lacks_besides = said.package.is_some() && said.besides.is_none();
            look.is_plain &= !lacks_besides && !waits_for_a_package(record);
            look.besides += said.besides.as_ref().map_or(0, |more| more.len());
            if said.package.is_some() && said.name.is_some() {
                look.named.of(said, || (0, said)).0 += 1;
            }
        }
        look.is_plain &= look.timeless == 0;
        look
    }

    /// Together with a look at the records that follow.
    fn and(mut self, next: Look<'k>) -> Look<'k> {
        let lines = match (self.lines, next.lines) {
            (Some((first, end)), Some((begin, last))) => {
                self.is_plain &= end <= begin;
                Some((first, last))
            }
            (one, other) => one.or(other),
        };
        for (count, said) in next.named.into_values() {
            self.named.of(said, || (0, said)).0 += count;
        }
        Look {
            timeless: self.timeless + next.timeless,
            is_plain: self.is_plain && next.is_plain,
            lines,
            besides: self.besides + next.besides,
            named: self.named,
        }
    }
}

/// All events of the logs, the oldest log first, as the timeline has less to move then: a newer log
/// often has the lesser name. Those that were there come behind them.
pub(super) fn in_line(mut logs: Vec<Told<'_>>, mut others: Vec<Event>) -> Vec<Event> {
    logs.sort_by_key(|told| told.kept.first().map(|first| told.moment(first)));
    let kept: usize = logs
        .iter()
        .map(|told| told.kept.len() + told.besides + told.steps.len())
        .sum();
    let mut all = Vec::with_capacity(kept + others.len());
    for mut told in logs {
        let from = all.len();
        let kept = std::mem::take(&mut told.kept);
        all.par_extend(
            kept.into_par_iter()
                .map_init(|| None, |spelled, record| told.event(record, spelled)),
        );
        tell_besides(&mut all, from, told.besides);
        all.append(&mut told.steps);
    }
    all.append(&mut others);
    all
}

/// A host as written, and the spelling that is used of it.
type Spelled = (Server, Option<Server>);

impl Told<'_> {
    /// When a record was written.
    fn moment(&self, record: &LogRecord) -> Moment {
        // Records without a time were left out.
        record.stamp.map_or(Moment::exact(0, None), |stamp| {
            if self.is_history && stamp.has_year {
                // Without ticks it knows nothing of a clock that was set; the logs beside it do.
                self.clock.place(&stamp)
            } else {
                let rank = self.ranks.get(&record.line).copied();
                let (rank, tick) = (rank.unwrap_or(record.line), record.record.tick);
                self.clock.moment(self.log, rank, &stamp, tick)
            }
        })
    }

    /// The event that a record is; `spelled` is the host of the record before.
    fn event(&self, record: LogRecord, spelled: &mut Option<Spelled>) -> Event {
        let at = self.moment(&record);
        let server = record.host.and_then(|host| match spelled {
            Some((known, server)) if *known == host => server.clone(),
            _ => {
                let server = self.servers.spelled(&host);
                *spelled = Some((host, server.clone()));
                server
            }
        });
        Event {
            at,
            server: server.or_else(|| self.main.clone()),
            said: record.said,
            sources: [SourceRef {
                file: self.id,
                line: record.line,
            }]
            .into(),
            record: Some(record.record),
        }
    }
}

/// Puts what records tell besides behind their events, from the one at `start` on.
fn tell_besides(events: &mut Vec<Event>, start: usize, more: usize) {
    let Some(last) = events.last().filter(|_| more > 0).cloned() else {
        return;
    };
    let mut from = events.len();
    events.resize(events.len() + more, last);
    let mut to = events.len();
    // From the end, so that each event is moved once, and none before the first that tells more.
    while from > start && from < to {
        from -= 1;
        let besides = events[from].said.besides.as_deref().unwrap_or_default();
        let alone: SmallVec<[Arc<Said>; 2]> = besides.iter().cloned().collect();
        for said in alone.into_iter().rev() {
            to -= 1;
            events[to] = Event {
                said,
                ..events[from].clone()
            };
        }
        to -= 1;
        events.swap(from, to);
    }
}

/// Whether a record tells of a failed download without naming its package.
fn waits_for_a_package(record: &LogRecord) -> bool {
    let failed = matches!(
        record.said.fact,
        Fact::DownloadFailed { .. } | Fact::DownloadGivenUp { .. }
    );
    failed && record.said.package.is_none()
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
                record.said.package,
                record.said.fact != Fact::Other,
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
        let package = next.or_else(|| {
            (place.saturating_sub(40)..place)
                .rev()
                .find_map(|other| beside(&other))
        });
        if package.is_some() {
            Arc::make_mut(&mut record.said).package = package;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(number: usize, besides: &[Fact]) -> Event {
        let alone = |fact: &Fact| {
            Arc::new(Said {
                fact: fact.clone(),
                message: number.to_string().into(),
                ..Said::default()
            })
        };
        Event {
            at: Moment::exact(0, None),
            server: None,
            said: Arc::new(Said {
                besides: Some(besides.iter().map(alone).collect()),
                message: number.to_string().into(),
                ..Said::default()
            }),
            sources: Default::default(),
            record: None,
        }
    }

    #[test]
    fn what_is_told_besides_follows_its_event() {
        let both = [Fact::Assigned, Fact::MarkedDeleted];
        for length in 1..6_usize {
            // Each event with none, one or two more facts, in every way.
            for ways in 0..3_usize.pow(length as u32) {
                let many = |place: usize| &both[..ways / 3_usize.pow(place as u32) % 3];
                let mut events = vec![says(100, &both)];
                let mut expected = vec![("100".to_owned(), Fact::Other)];
                let mut more = 0;
                for place in 0..length {
                    events.push(says(place, many(place)));
                    more += many(place).len();
                    let all = [Fact::Other].into_iter().chain(many(place).iter().cloned());
                    expected.extend(all.map(|fact| (place.to_string(), fact)));
                }
                // What stood there before was put in order before.
                tell_besides(&mut events, 1, more);
                let told: Vec<(String, Fact)> = events
                    .iter()
                    .map(|event| (event.message.to_string(), event.fact.clone()))
                    .collect();
                assert_eq!(told, expected);
            }
        }
    }
}
