//! Records copied from the log viewer: the message, a line of hyphens, then `Date: .., Tick Count: ..`.
//!
//! The old viewer writes `Process:`, `Thread:`, `Module:`, `Source:`, `Description:` instead, each on
//! its own line. Both are pasted between prose, quoted in mails, newest first or oldest first, with
//! dates in the locale of whoever copied them. A paste is small, so it is read as a whole: only all
//! its dates together tell day from month.

mod forms;
mod old_form;

use super::How;
use super::agent_log::{self, LogFacts};
use crate::ingest::Defect;
use crate::ingest::LogRecord;
use crate::ingest::clock::{Observer, Trace};
use crate::ingest::stamps::{self, DateOrder, Settled};
use crate::model::{Server, Stamp};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Defects of one file that are told one by one.
const MOST_DEFECTS: usize = 200;
/// A copy of a whole log has so many records, from so many parts of the agent.
const WHOLE_RECORDS: usize = 50;
const WHOLE_SOURCES: usize = 3;
/// Clock and ticks of records in one boot part by less than this.
const DRIFT_MS: i64 = 5_000;

/// The line, time and tick count of a record.
pub(super) type Time = (u32, Option<Stamp>, Option<u64>);

/// Whether the beginning of a text holds a record as the viewer copies it.
pub fn recognise(prefix: &str) -> bool {
    !forms::read(prefix).is_empty()
}

/// Reads all records of a paste, also raw ones that stand between them.
pub fn parse(text: &str, how: &How<'_>, defects: &mut Vec<Defect>) -> (LogFacts, Trace) {
    let copies = forms::read(text);
    let dates = copies.iter().filter_map(|copy| copy.date);
    let mut settled = stamps::settle(dates, how.order);
    let by_ticks = (settled.is_guess || settled.order == how.order)
        .then(|| order_by_ticks(&copies))
        .flatten();
    if by_ticks.is_some() {
        settled = Settled {
            order: by_ticks,
            is_guess: false,
        };
    }
    if settled.is_guess {
        defects.push(super::guessed_order());
    }
    let mut facts = LogFacts::default();
    let mut times: Vec<Time> = Vec::new();
    for copy in &copies {
        let stamp = copy
            .date
            .and_then(|date| stamps::parse(date, settled.order));
        if let (None, Some(date)) = (stamp, copy.date)
            && defects.len() < MOST_DEFECTS
        {
            let date: String = date.chars().filter(|one| !one.is_control()).collect();
            defects.push(Defect {
                line: Some(copy.line),
                what: format!(
                    "time `{}` is of no known form",
                    date.chars().take(40).collect::<String>()
                ),
                cost: "the record is not on the timeline".into(),
                lost: false,
            });
        }
        let host = copy.host.map(Server::from);
        if let Some(host) = &host {
            *facts.hosts.entry(host.clone()).or_insert(0) += 1;
        }
        times.push((copy.line, stamp, copy.tick));
        facts.records += 1;
        let kept = agent_log::keep(
            copy.severity,
            &copy.message,
            || copy.record(),
            stamp,
            host,
            copy.line,
            how.catalogue,
        );
        let related = agent_log::related(copy.source.as_bytes());
        facts.add(kept, &copy.message, copy.line, related);
    }
    add_raw(text, how, &mut facts, &mut times);
    times.sort_by_key(|(line, ..)| *line);
    facts.kept.sort_by_key(LogRecord::line);
    facts.newest_first = is_newest_first(&times);
    if facts.newest_first {
        times.reverse();
        facts.ranks = times.iter().map(|(line, ..)| *line).zip(1..).collect();
    }
    let sources: BTreeSet<&str> = copies.iter().map(|copy| copy.source).collect();
    facts.is_selection = copies.len() < WHOLE_RECORDS || sources.len() < WHOLE_SOURCES;
    let trace = observe(&facts, &times);
    (facts, trace)
}

/// Feeds the clock with times that are in their order.
pub(super) fn observe(facts: &LogFacts, times: &[Time]) -> Trace {
    let mut observer = Observer::default();
    for (line, stamp, tick) in times {
        observer.observe(facts.rank(*line), stamp.as_ref(), *tick);
    }
    observer.finish()
}

/// Whether a file goes back in time at more places than it goes on.
pub(super) fn is_newest_first(times: &[Time]) -> bool {
    let known: Vec<(Stamp, Option<u64>)> = times
        .iter()
        .filter_map(|(_, stamp, tick)| Some(((*stamp)?, *tick)))
        .collect();
    let (mut on, mut back) = (0_u64, 0_u64);
    for pair in known.windows(2) {
        let ((one, tick), (other, next)) = (pair[0], pair[1]);
        let wall = one.local_ms().cmp(&other.local_ms());
        match wall.then_with(|| tick.zip(next).map_or(Ordering::Equal, |(a, b)| a.cmp(&b))) {
            Ordering::Less => on += 1,
            Ordering::Greater => back += 1,
            Ordering::Equal => {}
        }
    }
    back > on
}

/// The order of day and month in which dates go as the ticks go, if only one does. Within one boot
/// the distance of two dates is that of their ticks.
fn order_by_ticks(copies: &[forms::Copy<'_>]) -> Option<DateOrder> {
    let agreeing = |order: DateOrder| {
        let known: Vec<(i64, i64)> = copies
            .iter()
            .filter_map(|copy| {
                let stamp = stamps::parse(copy.date?, Some(order))?;
                Some((stamp.local_ms(), i64::try_from(copy.tick?).ok()?))
            })
            .collect();
        let pairs = known.windows(2).filter(|pair| {
            let ((one, tick), (other, next)) = (pair[0], pair[1]);
            // On one day every order agrees.
            let far = next.abs_diff(tick) > 3_600_000;
            far && (other.saturating_sub(one) - next.saturating_sub(tick)).abs() <= DRIFT_MS
        });
        pairs.count()
    };
    match (agreeing(DateOrder::Mdy), agreeing(DateOrder::Dmy)) {
        (mdy, dmy) if mdy > dmy => Some(DateOrder::Mdy),
        (mdy, dmy) if dmy > mdy => Some(DateOrder::Dmy),
        _ => None,
    }
}

/// Raw records that somebody pasted between those of the viewer.
fn add_raw(text: &str, how: &How<'_>, facts: &mut LogFacts, times: &mut Vec<Time>) {
    if !agent_log::recognise(text) {
        return;
    }
    let observe = &mut |line: u32, stamp: Option<&Stamp>, tick: Option<u64>| {
        times.push((line, stamp.copied(), tick));
    };
    // What stands between raw records is no defect here.
    let raw = agent_log::parse(&mut text.as_bytes(), how, observe, &mut Vec::new());
    facts.records += raw.records;
    facts.matched += raw.matched;
    facts.unmatched += raw.unmatched;
    facts.kept.extend(raw.kept);
    for (host, count) in raw.hosts {
        *facts.hosts.entry(host).or_insert(0) += count;
    }
    for (template, usage) in raw.wordings {
        facts
            .wordings
            .entry(template)
            .and_modify(|one| one.count += usage.count)
            .or_insert(usage);
    }
}

#[cfg(test)]
mod tests;
