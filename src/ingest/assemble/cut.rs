//! Records that rotation cut in two, joined again.

use crate::ingest::clock::Trace;
use crate::ingest::parsers::Parsed;
use crate::ingest::parsers::agent_log;
use crate::ingest::{File, Options};
use crate::model::Stamp;
use std::collections::BTreeSet;

/// Joins records that rotation cut in two: the end of one file and the beginning of another.
pub fn join_cut_records(files: &mut [File], options: &Options) {
    let mut heads: Vec<(Option<Stamp>, usize, Vec<u8>)> = files
        .iter()
        .enumerate()
        .filter_map(|(place, file)| match &file.parsed {
            Parsed::Log(facts, trace) => {
                let (_, bytes) = facts.head_cut.as_ref()?;
                Some((first_stamp(trace), place, bytes.clone()))
            }
            _ => None,
        })
        .collect();
    let ms = |first: &Option<Stamp>| first.map(|first| first.local_ms());
    heads.sort_by_key(|(first, place, _)| (ms(first), *place));
    let timeless = heads.partition_point(|(first, ..)| first.is_none());
    let (timeless, heads) = heads.split_at(timeless);
    let mut joined_heads = BTreeSet::new();
    for (own_place, file) in files.iter_mut().enumerate() {
        let Parsed::Log(facts, trace) = &mut file.parsed else {
            continue;
        };
        let Some((line, tail)) = facts.tail_cut.clone() else {
            continue;
        };
        let last = last_stamp(trace);
        // Any tail and head make a record; the right head is that of the log that goes on soonest.
        // What the tail says of its time spares to try the heads of all older logs.
        let own = agent_log::tail_stamp(&tail);
        let earliest = match own {
            Some(None) => continue,
            Some(Some(stamp)) if !between(last, &stamp, None) => continue,
            Some(stamp) => ms(&stamp).map(|stamp| stamp - SLACK_MS),
            None => ms(&last).map(|last| last - 2 * SLACK_MS),
        };
        let from = heads.partition_point(|(first, ..)| ms(first) < earliest);
        // The end of a file does not go on at its own beginning.
        let others = timeless.iter().chain(&heads[from..]);
        let mut others = others.filter(|(_, place, _)| *place != own_place);
        let fitting = others.find_map(|(first, place, head)| {
            let joined = agent_log::parse_joined(&tail, head, &options.catalogue)?;
            let stamp = joined.stamp.as_ref()?;
            between(last, stamp, *first).then_some((*place, head, joined.record))
        });
        let Some((place, head, record)) = fitting else {
            continue;
        };
        // A second copy of a log begins with the same half.
        let twins = timeless
            .iter()
            .chain(heads)
            .filter(|(.., bytes)| bytes == head);
        joined_heads.extend(twins.map(|(_, place, _)| *place));
        facts.tail_cut = None;
        facts.goes_on_in = Some(place);
        facts.records += 1;
        if let Some(record) = record {
            let (stamp, host) = (record.stamp(), record.server.clone());
            let record = record.at(line, stamp, host);
            let known = record.said.pattern.is_some();
            facts.keep(record, known);
        }
        file.defects
            .retain(|defect| defect.line != Some(line) || !defect.what.contains("cut"));
    }
    for place in joined_heads {
        let line = match &mut files[place].parsed {
            Parsed::Log(facts, _) => facts.head_cut.take().map(|(line, _)| line),
            _ => None,
        };
        files[place]
            .defects
            .retain(|defect| defect.line != line || !defect.what.contains("cut"));
    }
}

/// A tail and a head may part by this much.
const SLACK_MS: i64 = 60_000;

/// A joined record belongs between the last record of the one file and the first of the other.
fn between(last: Option<Stamp>, stamp: &Stamp, first: Option<Stamp>) -> bool {
    let after = last.is_none_or(|last| stamp.local_ms() >= last.local_ms() - SLACK_MS);
    after && first.is_none_or(|first| stamp.local_ms() <= first.local_ms() + SLACK_MS)
}

fn first_stamp(trace: &Trace) -> Option<Stamp> {
    trace
        .lanes
        .iter()
        .flatten()
        .map(|segment| segment.first.stamp)
        .min()
}

fn last_stamp(trace: &Trace) -> Option<Stamp> {
    trace
        .lanes
        .iter()
        .flatten()
        .map(|segment| segment.last.stamp)
        .max()
}
