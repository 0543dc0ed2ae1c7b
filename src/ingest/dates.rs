//! Day and month of `12/01/2026`, where a file alone does not tell them apart.

use super::again::{Again, Content};
use super::parsers::{self, How, Parse, Parsed};
use super::stamps::DateOrder;
use super::{File, Options, content};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A copy may be some days older or younger than the logs beside it.
const NEAR_MS: i64 = 3 * 86_400_000;

/// Reads files with doubtful dates again in the order that the other evidence speaks for: files of
/// one kind were written by one program under one locale, so what some prove holds for those that
/// prove nothing; else the order counts that leaves a file within the time of the logs beside it,
/// if the other order does not.
pub(super) fn settle(files: &mut [File], options: &Options) {
    let mut proofs: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    for file in files.iter() {
        let sum = proofs.entry(file.kind).or_default();
        *sum = (sum.0 + file.proofs.0, sum.1 + file.proofs.1);
    }
    let known = known_span(files);
    let (month_first, day_first) = (Again::default(), Again::default());
    for file in files {
        let Some(doubtful) = file.doubtful.take() else {
            continue;
        };
        let read = |order: DateOrder| {
            let again = match order {
                DateOrder::Dmy => &day_first,
                _ => &month_first,
            };
            reread(file.kind, &doubtful.text, order, options, again)
        };
        let found = match proofs.get(file.kind) {
            Some((1.., 0)) => read(DateOrder::Mdy),
            Some((0, 1..)) => read(DateOrder::Dmy),
            _ => known.as_ref().and_then(|known| {
                by_neighbours(known, read(DateOrder::Mdy)?, read(DateOrder::Dmy)?)
            }),
        };
        if let Some(found) = found {
            let is_selection = matches!(&file.parsed, Parsed::Log(facts, _) if facts.is_selection);
            (file.parsed, file.defects) = (found.parsed, doubtful.defects);
            file.defects.extend(found.defects);
            if is_selection {
                file.parsed.distrust();
            }
        }
    }
}

/// The content in an order, in which `again` knows what was read.
fn reread(
    kind: &str,
    text: &str,
    order: DateOrder,
    options: &Options,
    again: &Again,
) -> Option<Content> {
    let kind = parsers::KINDS.iter().find(|one| one.name == kind)?;
    let Parse::Document(parse) = &kind.parse else {
        return None;
    };
    let how = How {
        catalogue: &options.catalogue,
        order: Some(order),
        threads: 1,
        tags: false,
    };
    Some(again.content(kind.name, text, || content(text, *parse, &how)))
}

/// The one of two readings that lies within the time of the other logs, if only one does.
fn by_neighbours(
    known: &RangeInclusive<i64>,
    month_first: Content,
    day_first: Content,
) -> Option<Content> {
    let near = |read: &Content| {
        span(&read.parsed).is_some_and(|span| {
            known.start() - NEAR_MS <= *span.start() && *span.end() <= known.end() + NEAR_MS
        })
    };
    match (near(&month_first), near(&day_first)) {
        (true, false) => Some(month_first),
        (false, true) => Some(day_first),
        _ => None,
    }
}

/// The time of all logs whose dates are full and beyond doubt.
fn known_span(files: &[File]) -> Option<RangeInclusive<i64>> {
    files
        .iter()
        .filter(|file| file.doubtful.is_none())
        .filter_map(|file| span(&file.parsed))
        .reduce(|one, other| *one.start().min(other.start())..=*one.end().max(other.end()))
}

/// The time of a log on its own clock, if its dates are full.
fn span(parsed: &Parsed) -> Option<RangeInclusive<i64>> {
    let Parsed::Log(_, trace) = parsed else {
        return None;
    };
    trace
        .lanes
        .iter()
        .flatten()
        .filter(|segment| segment.earliest.stamp.has_year && segment.latest.stamp.has_year)
        .map(|segment| segment.earliest.stamp.local_ms()..=segment.latest.stamp.local_ms())
        .reduce(|one, other| *one.start().min(other.start())..=*one.end().max(other.end()))
}

#[cfg(test)]
mod tests {
    use crate::ingest::{Ingested, Options, read_memory};

    fn ingested(log_date: &str, copy_dates: [&str; 2]) -> Ingested {
        let record = format!(
            "<event date='{log_date} 09:14:01' severity='4' hostName='PS1' source='Agent'><![CDATA[x]]></event>\n"
        );
        let copy: String = copy_dates
            .iter()
            .map(|date| format!(
                "Process: AeXNSAgent.exe (1)\nThread: 2\nModule: a.dll\nSource: Agent\nDate: {date} 09:14:09\nHost Name: PS1\nDescription:\nMarking package id: {{1EC214B8-E862-44A9-B3A6-27D918D136A2}} as deleted.\n**********\n"
            ))
            .collect();
        let members = [
            ("b/Agent.log".to_owned(), record.as_bytes()),
            ("b/ticket.txt".to_owned(), copy.as_bytes()),
        ];
        let options = Options {
            tags: false,
            ..Options::default()
        };
        read_memory(&members, &options)
    }

    fn shown(found: &Ingested) -> Vec<String> {
        let marks = found
            .events
            .iter()
            .filter(|event| event.fact.kind() == "marked-deleted");
        marks.map(|event| event.at.shown()).collect()
    }

    #[test]
    fn the_logs_beside_a_copy_tell_day_and_month_apart() {
        let day_first = ingested("2026-01-12", ["12/01/2026", "12/01/2026"]);
        assert_eq!(shown(&day_first)[0], "2026-01-12T09:14:09");
        assert!(
            day_first
                .problems
                .iter()
                .all(|problem| !problem.cost.contains("--date-order"))
        );
        let month_first = ingested("2026-12-01", ["12/01/2026", "12/01/2026"]);
        assert_eq!(shown(&month_first)[0], "2026-12-01T09:14:09");
        // Neither reading is near: the problem stays, and names the option.
        let doubtful = ingested("2025-06-01", ["12/01/2026", "12/01/2026"]);
        let asks = |problem: &crate::model::Problem| problem.cost.contains("--date-order");
        assert!(doubtful.problems.iter().any(asks));
    }
}
