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
    let mut timeless = 0;
    let mut spell = |package: PackageId, name: &str, count: u64| {
        let spellings = names.entry(package).or_default();
        *spellings.entry(name.to_owned()).or_insert(0) += count;
    };
    if facts.is_plain {
        let named = facts.names.into_iter();
        named.for_each(|((package, name), count)| spell(package, &name, count));
    } else {
        let mut look = Look::at(&kept);
        timeless = look.timeless;
        if !look.is_plain {
            kept.sort_by_key(LogRecord::line);
            name_by_thread(&mut kept);
            kept.retain(LogRecord::has_time);
            kept = with_besides(kept);
            look = Look::at(&kept);
        }
        for (count, said) in look.named.into_values() {
            if let (Some(package), Some(name)) = (said.package, &said.name) {
                spell(package, name, count);
            }
        }
    }
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
        steps,
    }
}

/// Records that are worth a thread.
const PART: usize = 1 << 14;

/// What one look at each record of a log tells: there are hundreds of thousands.
struct Look<'k> {
    /// Records without a time.
    timeless: i64,
    /// Whether all have a time, stand in order, and need nothing more.
    is_plain: bool,
    /// The first and the last line.
    lines: Option<(u32, u32)>,
    /// What names a package, and how often it is said.
    named: ByPlace<(u64, &'k Arc<Said>)>,
}

impl<'k> Look<'k> {
    fn at(kept: &'k [LogRecord]) -> Look<'k> {
        let parts = kept.par_chunks(PART).map(Look::at_part);
        parts.reduce(|| Look::at_part(&[]), Look::and)
    }

    fn at_part(kept: &'k [LogRecord]) -> Look<'k> {
        let mut look = Look {
            timeless: 0,
            is_plain: true,
            lines: kept
                .first()
                .zip(kept.last())
                .map(|(a, b)| (a.line(), b.line())),
            named: ByPlace::default(),
        };
        let mut before = 0;
        for record in kept {
            let said = &record.said;
            look.is_plain &= before <= record.line();
            before = record.line();
            if !record.has_time() {
                // With those that follow it, it is one.
                look.timeless += 1 - i64::try_from(record.followers()).unwrap_or(0);
                look.is_plain = false;
            }
            let lacks_besides = said.package.is_some() && said.besides.is_none();
            look.is_plain &= !lacks_besides && !said.waits_for_a_package();
            if said.package.is_some() && said.name.is_some() {
                look.named.of(said, || (0, said)).0 += 1;
            }
        }
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
            named: self.named,
        }
    }
}

/// All events of the logs, the oldest log first, as the timeline has less to move then: a newer log
/// often has the lesser name. Those that were there come behind them. And when the newest of them was.
pub(super) fn in_line(
    mut logs: Vec<Told<'_>>,
    mut others: Vec<Event>,
) -> (Vec<Event>, Option<Moment>) {
    let newest = |events: &[Event]| events.iter().map(|event| event.at).max();
    let mut last = newest(&others);
    logs.sort_by_key(|told| told.kept.first().map(|first| told.moment(first, &mut 0)));
    let more = |told: &Told<'_>| told.kept.len() + told.steps.len();
    let count = logs.iter().map(more).sum::<usize>() + others.len();
    let mut all: Vec<Event> = Vec::new();
    for mut told in logs {
        let mut kept = std::mem::take(&mut told.kept);
        // All at once: they are more than a cache holds.
        let settle = |part: &mut [LogRecord]| {
            let mut before = Before::default();
            let settled = part.iter_mut().map(|record| {
                told.settle(record, &mut before);
                record.at
            });
            settled.max()
        };
        let settled = kept.par_chunks_mut(PART).filter_map(settle).max();
        last = last.max(settled).max(newest(&told.steps));
        let kept = kept.into_iter().map(LogRecord::into_event);
        if all.is_empty() {
            // They stay where they are.
            all = kept.collect();
            all.reserve(count - all.len());
        } else {
            all.extend(kept);
        }
        all.append(&mut told.steps);
    }
    all.append(&mut others);
    (all, last)
}

/// What is known of the record before, which is nearly always that of the next one, too.
#[derive(Default)]
struct Before {
    /// A host as written, and the spelling that is used of it.
    spelled: Option<(Server, Option<Server>)>,
    /// As in [`Clock::moment_near`].
    near: usize,
}

impl Told<'_> {
    /// When a record was written; `near` as in [`Clock::moment_near`].
    fn moment(&self, record: &LogRecord, near: &mut usize) -> Moment {
        // Records without a time were left out.
        record.stamp().map_or(Moment::exact(0, None), |stamp| {
            if self.is_history && stamp.has_year {
                // Without ticks it knows nothing of a clock that was set; the logs beside it do.
                self.clock.place(&stamp)
            } else {
                let rank = self.ranks.get(&record.line()).copied();
                let rank = rank.unwrap_or(record.line());
                let tick = record.record.as_ref().and_then(|record| record.tick);
                let clock = self.clock;
                clock.moment_near(self.log, rank, &stamp, tick, near)
            }
        })
    }

    /// Makes a record the event that it is.
    fn settle(&self, record: &mut LogRecord, before: &mut Before) {
        let Before { spelled, near } = before;
        let at = self.moment(record, near);
        let mut server = None;
        if let Some(host) = &record.server {
            // Nearly always the very same.
            spelled.take_if(|(known, _)| !Arc::ptr_eq(known, host) && known != host);
            let spell = || (host.clone(), self.servers.spelled(host));
            server = spelled.get_or_insert_with(spell).1.as_ref();
        }
        record.settle(at, server.or(self.main.as_ref()), self.id);
    }
}

/// Each record that does not know yet what it says besides, with that behind it.
fn with_besides(kept: Vec<LogRecord>) -> Vec<LogRecord> {
    let mut all = Vec::with_capacity(kept.len());
    for mut record in kept {
        let mut more = Vec::new();
        if record.said.package.is_some() && record.said.besides.is_none() {
            let besides = besides(&record.said);
            record.said_mut().besides = Some(besides);
            more.extend(record.besides());
        }
        all.push(record);
        all.append(&mut more);
    }
    all
}

/// "Error while downloading package: ..." names no package; the record beside it on the same thread does.
fn name_by_thread(kept: &mut [LogRecord]) {
    const NEAR_MS: i64 = 5_000;
    type Told = (Option<u32>, Option<Stamp>, Option<PackageId>, bool);
    // What a record says besides is said by that record.
    let mut own = Vec::with_capacity(kept.len());
    let mut next = 0;
    while let Some(record) = kept.get(next) {
        own.push(next);
        next += 1 + record.followers();
    }
    let thread = |record: &LogRecord| record.record.as_ref().and_then(|record| record.thread);
    let told = |place: &usize| {
        let record = &kept[*place];
        let is_told = record.said.fact != Fact::Other;
        (thread(record), record.stamp(), record.said.package, is_told)
    };
    let named: Vec<Told> = own.iter().map(told).collect();
    for (place, at) in own.into_iter().enumerate() {
        let record = &mut kept[at];
        if !record.said.waits_for_a_package() {
            continue;
        }
        let own_thread = thread(record);
        let beside = |other: &usize| -> Option<PackageId> {
            let (thread, stamp, package, told) = named[*other];
            let close = stamp
                .zip(record.stamp())
                .is_some_and(|(a, b)| (a.local_ms() - b.local_ms()).abs() <= NEAR_MS);
            package.filter(|_| close && told && thread.is_some() && thread == own_thread)
        };
        let end = named.len().min(place + 40);
        let next = (place + 1..end).find_map(|other| beside(&other));
        let package = next.or_else(|| {
            (place.saturating_sub(40)..place)
                .rev()
                .find_map(|other| beside(&other))
        });
        if package.is_some() {
            record.said_mut().package = package;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Record;

    fn says(number: usize, besides: Option<&[Fact]>) -> LogRecord {
        let said = |fact: &Fact, besides| Said {
            fact: fact.clone(),
            besides,
            package: PackageId::parse("1EC214B8-E862-44A9-B3A6-27D918D136A2"),
            message: format!("{number}: version 1601867730, status: Ready").into(),
            ..Said::default()
        };
        let alone = |fact: &Fact| Arc::new(said(fact, Some(Box::default())));
        let besides = besides.map(|besides| besides.iter().map(alone).collect());
        let said = said(&Fact::VerificationPassed, besides);
        LogRecord::new(Record::default(), said.into()).at(1, None, None)
    }

    fn told(kept: &[LogRecord]) -> Vec<(String, Fact)> {
        let told = kept.iter().map(|record| {
            let number = record.said.message.split(':').next().unwrap();
            (number.to_owned(), record.said.fact.clone())
        });
        told.collect()
    }

    #[test]
    fn what_is_told_besides_follows_its_record() {
        let both = [Fact::Assigned, Fact::MarkedDeleted];
        for length in 1..6_usize {
            // Each record with none, one or two more facts, in every way.
            for ways in 0..3_usize.pow(length as u32) {
                let many = |place: usize| &both[..ways / 3_usize.pow(place as u32) % 3];
                let (mut facts, mut expected) = (LogFacts::default(), Vec::new());
                for place in 0..length {
                    facts.keep(says(place, Some(many(place))), true);
                    let own = [Fact::VerificationPassed].into_iter();
                    let all = own.chain(many(place).iter().cloned());
                    expected.extend(all.map(|fact| (place.to_string(), fact)));
                }
                assert_eq!(
                    (told(&facts.kept), facts.matched),
                    (expected, length as u64)
                );
                // Without a time, each is counted once.
                let look = Look::at(&facts.kept);
                assert_eq!((look.timeless, look.is_plain), (length as i64, false));
                // What is known is not told again.
                let before = told(&facts.kept);
                assert_eq!(told(&with_besides(facts.kept)), before);
            }
        }
    }

    /// What a parser says of all records at once is what a look at each says.
    #[test]
    fn plain_records_are_known_without_a_look() {
        const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";
        let record = |date: &str, text: &str| {
            format!(
                "<event date='{date}' severity='1' hostName='PS' source='Package Delivery' module='a.dll' process='a.exe' pid='7' thread='8' tickCount='9' >\n<![CDATA[{text}]]>\n</event>\n"
            )
        };
        let date = "11/03/2026 02:00:00.0000000 +01:00";
        let named =
            |name: &str, text: &str| record(date, &format!("Package '{name}' ({ID}) {text}"));
        let usual = [
            named("7-Zip", "status is now 'Ready'"),
            named("7-Zip", "checked. version 1601867730, status: Ready"),
            named("7-Zip 24", "status is now 'Ready'"),
            named("7-Zip", "status is now 'Ready'"),
            record(date, "anything"),
        ];
        let waits = record(date, "Error while downloading package: access denied");
        for (text, is_plain) in [
            (usual.concat(), true),
            (usual.concat() + &record("no date", "anything"), true),
            (record("no date", "anything") + &usual.concat(), false),
            (usual.concat() + &waits, false),
        ] {
            for threads in [1, 2] {
                let catalogue = crate::ingest::messages::Catalogue::new();
                let how = crate::ingest::parsers::How {
                    catalogue: &catalogue,
                    order: None,
                    threads,
                    tags: false,
                };
                let text = text.repeat(if threads > 1 { 2_000 } else { 1 });
                let facts = crate::ingest::parsers::agent_log::parse(
                    &mut text.as_bytes(),
                    &how,
                    &mut |_, _, _| (),
                    &mut Vec::new(),
                );
                let look = Look::at(&facts.kept);
                assert_eq!(
                    (facts.is_plain, look.is_plain),
                    (is_plain, is_plain),
                    "{text:.900}"
                );
                let mut names = BTreeMap::new();
                for (count, said) in look.named.into_values() {
                    let name = said.package.zip(said.name.clone()).unwrap();
                    *names.entry(name).or_insert(0) += count;
                }
                assert_eq!((names.len(), &facts.names), (2, &names));
            }
        }
    }

    #[test]
    fn what_is_not_known_is_found_out() {
        let kept = vec![
            says(1, None),
            says(2, Some(&[Fact::Assigned])),
            says(3, None),
        ];
        let mut facts = LogFacts::default();
        kept.into_iter().for_each(|record| facts.keep(record, true));
        let all = with_besides(facts.kept);
        let kinds: Vec<&str> = all.iter().map(|record| record.said.fact.kind()).collect();
        let found = ["verification-passed", "state-seen", "version-stated"];
        let known = ["verification-passed", "assigned"];
        assert_eq!(kinds, [&found[..], &known, &found].concat());
    }
}
