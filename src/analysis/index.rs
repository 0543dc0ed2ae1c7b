//! Where to look: events by server and kind, so that a re-download looks at its own stretch only.
//!
//! The timeline is in an order that doubt about time allows, which is not quite that of the times.
//! So a stretch is found by the highest time before and the lowest time after each place: it holds
//! all that is asked for, and may hold a little more.

use crate::model::{Event, Fact, PackageId, Server, State};
use indexmap::IndexMap;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Events that are looked at by one thread in one go.
const PART: usize = 16_384;

/// Some events, in the order of the timeline.
#[derive(Debug, Clone, Default)]
pub struct Lane<'a> {
    pub events: Vec<&'a Event>,
    /// Where each stands in the list that they were picked from.
    places: Vec<usize>,
    /// The highest start up to each, that one too.
    highest: Vec<i64>,
    /// The lowest start from each on, that one too.
    lowest: Vec<i64>,
}

impl<'a> Lane<'a> {
    fn add(&mut self, place: usize, event: &'a Event) {
        let before = self.highest.last().copied().unwrap_or(i64::MIN);
        self.highest.push(before.max(event.at.start));
        self.events.push(event);
        self.places.push(place);
    }

    /// Those of `other` stand behind all of these.
    fn append(&mut self, mut other: Lane<'a>) {
        let before = self.highest.last().copied().unwrap_or(i64::MIN);
        let highest = other.highest.iter().map(|start| before.max(*start));
        self.highest.extend(highest);
        self.events.append(&mut other.events);
        self.places.append(&mut other.places);
    }

    fn close(&mut self) {
        let mut lowest = i64::MAX;
        self.lowest = self
            .events
            .iter()
            .rev()
            .map(|event| {
                lowest = lowest.min(event.at.start);
                lowest
            })
            .collect();
        self.lowest.reverse();
    }

    /// Those that stood before `place` in the list that they were picked from.
    pub fn ahead_of(&self, place: usize) -> &[&'a Event] {
        &self.events[..self.places.partition_point(|one| *one < place)]
    }

    /// Those that stand at `place` or behind it in the list that they were picked from.
    pub fn from(&self, place: usize) -> &[&'a Event] {
        &self.events[self.places.partition_point(|one| *one < place)..]
    }

    /// All that begin in `from..=to`, and what lies among them.
    pub fn between(&self, from: i64, to: i64) -> &[&'a Event] {
        let first = self.highest.partition_point(|start| *start < from);
        let end = self.lowest.partition_point(|start| *start <= to);
        &self.events[first..end.max(first)]
    }

    /// Of those ahead of `place` that are wanted, the one that begins last; of equals the first in
    /// order, or the last.
    pub fn newest(
        &self,
        place: usize,
        equals: Equals,
        wanted: impl Fn(&Event) -> bool,
    ) -> Option<&'a Event> {
        let mut best: Option<&'a Event> = None;
        let ahead = self.ahead_of(place);
        for (event, highest) in ahead.iter().zip(&self.highest).rev() {
            // Nothing from here to the beginning is newer.
            if best.is_some_and(|best| *highest < best.at.start) {
                break;
            }
            let newer = best.is_none_or(|best| match equals {
                Equals::First => event.at.start >= best.at.start,
                Equals::Last => event.at.start > best.at.start,
            });
            if newer && wanted(event) {
                best = Some(event);
            }
        }
        best
    }
}

/// Which of several events of equal time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Equals {
    First,
    Last,
}

/// The events of a case by server and kind.
#[derive(Debug, Clone, Default)]
pub struct Index<'a> {
    servers: BTreeMap<Option<Server>, OfServer<'a>>,
    packages: BTreeMap<(PackageId, Option<Server>), Lane<'a>>,
    none: OfServer<'a>,
    nothing: Lane<'a>,
}

/// What is asked for of one server.
#[derive(Debug, Clone, Default)]
pub struct OfServer<'a> {
    pub refreshes: Lane<'a>,
    /// Marks and clean-ups of packages by the product.
    pub deleted: Lane<'a>,
    /// Orders of operators for all packages.
    pub orders: Lane<'a>,
    pub unrecognised: Lane<'a>,
}

#[derive(Clone, Copy)]
enum Kind {
    Refresh,
    Deleted,
    Order,
    Unrecognised,
}

impl<'a> OfServer<'a> {
    fn lanes(&mut self) -> [&mut Lane<'a>; 4] {
        let OfServer {
            refreshes,
            deleted,
            orders,
            unrecognised,
        } = self;
        [refreshes, deleted, orders, unrecognised]
    }

    fn lane(&mut self, kind: Kind) -> &mut Lane<'a> {
        match kind {
            Kind::Refresh => &mut self.refreshes,
            Kind::Deleted => &mut self.deleted,
            Kind::Order => &mut self.orders,
            Kind::Unrecognised => &mut self.unrecognised,
        }
    }
}

/// What of its server an event is, if anybody asks for it.
fn kind(event: &Event) -> Option<Kind> {
    match event.fact {
        Fact::RefreshStarted { .. } => Some(Kind::Refresh),
        Fact::CleanedUp
        | Fact::MarkedDeleted
        | Fact::Unassigned
        | Fact::StateChanged {
            to: State::Deleted, ..
        }
        | Fact::StatusCaptured {
            state: Some(State::Deleted),
        } if event.package.is_some() => Some(Kind::Deleted),
        Fact::Operator { .. } if event.package.is_none() => Some(Kind::Order),
        Fact::Other => Some(Kind::Unrecognised),
        _ => None,
    }
}

impl<'a> Index<'a> {
    pub fn of(events: &'a [Event]) -> Index<'a> {
        Index::in_parts(events, PART)
    }

    /// The same, where so many events at a time are looked at by one thread.
    fn in_parts(events: &'a [Event], length: usize) -> Index<'a> {
        let parts = events.par_chunks(length).enumerate();
        let parts = parts.map(|(number, part)| Index::of_part(part, number * length));
        let parts: Vec<Index<'_>> = parts.collect();
        let mut index = Index::default();
        for part in parts {
            for (key, lane) in part.packages {
                index.packages.entry(key).or_default().append(lane);
            }
            for (server, mut theirs) in part.servers {
                let own = index.servers.entry(server).or_default();
                for (own, theirs) in own.lanes().into_iter().zip(theirs.lanes()) {
                    own.append(std::mem::take(theirs));
                }
            }
        }
        let lanes = index.packages.par_iter_mut();
        lanes.for_each(|(_, lane)| lane.close());
        let of_servers = index.servers.values_mut().flat_map(OfServer::lanes);
        of_servers.for_each(Lane::close);
        index
    }

    /// The same of events that stand from `first` on, and whose lanes go on.
    fn of_part(events: &'a [Event], first: usize) -> Index<'a> {
        let mut index = Index::default();
        // Servers are few, packages may be many.
        let mut lanes: BTreeMap<&Option<Server>, IndexMap<PackageId, Lane<'a>>> = BTreeMap::new();
        for (place, event) in (first..).zip(events) {
            if let Some(package) = event.package {
                let of_server = lanes.entry(&event.server).or_default();
                of_server.entry(package).or_default().add(place, event);
            }
            if let Some(kind) = kind(event) {
                let server = index.servers.entry(event.server.clone()).or_default();
                server.lane(kind).add(place, event);
            }
        }
        for (server, lanes) in lanes {
            let lanes = lanes.into_iter();
            let own = lanes.map(|(package, lane)| ((package, server.clone()), lane));
            index.packages.extend(own);
        }
        index
    }

    /// What is asked for of a server.
    pub fn server(&self, server: &Option<Server>) -> &OfServer<'a> {
        self.servers.get(server).unwrap_or(&self.none)
    }

    /// Every package on every server with its events, sorted.
    pub fn packages(&self) -> impl Iterator<Item = (PackageId, &Option<Server>, &[&'a Event])> {
        let all = self.packages.iter();
        all.map(|((package, server), lane)| (*package, server, &lane.events[..]))
    }

    /// All events of a package on a server.
    pub fn package(&self, package: PackageId, server: &Option<Server>) -> &Lane<'a> {
        let lane = self.packages.get(&(package, server.clone()));
        lane.unwrap_or(&self.nothing)
    }
}

/// The events of one package on one server, and among them those that are looked for far back.
#[derive(Default)]
pub struct Own<'a> {
    pub events: &'a [&'a Event],
    /// Those that state a place.
    pub placed: Lane<'a>,
    /// Those that may state a version.
    pub versions: Lane<'a>,
    /// Those that saw files.
    pub seen: Lane<'a>,
    /// Checks that found nothing wrong.
    pub passed: Lane<'a>,
    /// Those of the web server that gave a file away.
    pub served: Lane<'a>,
}

impl<'a> Own<'a> {
    pub fn of(events: &'a [&'a Event]) -> Own<'a> {
        let mut own = Own {
            events,
            ..Own::default()
        };
        // Not one walk for each lane: what an event says lies elsewhere, and would be fetched for each.
        for (place, event) in events.iter().enumerate() {
            let lane = match event.fact {
                Fact::Location { .. } | Fact::LocationChanged { .. } => &mut own.placed,
                Fact::SnapshotUnchanged { .. }
                | Fact::VersionStated { .. }
                | Fact::VersionChanged { .. }
                | Fact::SnapshotReceived { .. }
                | Fact::SnapshotChanged { .. } => &mut own.versions,
                Fact::VerificationPassed => {
                    own.passed.add(place, event);
                    &mut own.seen
                }
                Fact::FileSeen { .. } | Fact::TimesCorrected => &mut own.seen,
                Fact::FileServed { .. } => &mut own.served,
                _ => continue,
            };
            lane.add(place, event);
        }
        let Own {
            events: _,
            placed,
            versions,
            seen,
            passed,
            served,
        } = &mut own;
        for lane in [placed, versions, seen, passed, served] {
            lane.close();
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, Moment, Said, SourceRef};

    fn events(starts: &[i64]) -> Vec<Event> {
        let one = |(line, start): (u32, &i64)| Event {
            at: Moment::exact(*start, None),
            server: None,
            sources: [SourceRef {
                file: FileId(0),
                line,
            }]
            .into(),
            record: None,
            said: Said {
                package: Some(PackageId(1)),
                fact: Fact::CleanedUp,
                ..Said::default()
            }
            .into(),
        };
        (0..).zip(starts).map(one).collect()
    }

    /// Those of `all` that are wanted.
    fn lane(all: &[Event], wanted: impl Fn(&Event) -> bool) -> Lane<'_> {
        let mut lane = Lane::default();
        for (place, event) in all.iter().enumerate() {
            if wanted(event) {
                lane.add(place, event);
            }
        }
        lane.close();
        lane
    }

    #[test]
    fn an_index_in_parts_is_that_of_all_at_once() {
        let starts: Vec<i64> = (0..300).map(|at| at * 7919 % 1_007).collect();
        let mut all = events(&starts);
        for (number, event) in all.iter_mut().enumerate() {
            event.server = (number % 3 > 0).then(|| format!("S{}", number % 3).into());
            let said = std::sync::Arc::make_mut(&mut event.said);
            said.package = (number % 7 > 0).then_some(PackageId(number as u128 % 7));
            said.fact = [Fact::CleanedUp, Fact::Other][number % 2].clone();
        }
        let whole = format!("{:?}", Index::in_parts(&all, all.len()));
        for length in [1, 7, 100, 299] {
            assert!(whole == format!("{:?}", Index::in_parts(&all, length)));
        }
    }

    /// In and out of order: nothing of the stretch is missed, and in order nothing else is in it.
    #[test]
    fn a_stretch_holds_all_that_begins_in_it() {
        for starts in [
            vec![1, 2, 3, 5, 8, 13],
            vec![5, 1, 2, 9, 3, 3, 12, 11, 30, 4],
            vec![3, 3, 3],
            vec![],
        ] {
            let all = events(&starts);
            let lane = lane(&all, |_| true);
            for from in 0..35 {
                for to in 0..35 {
                    let inside = |event: &&&Event| (from..=to).contains(&event.at.start);
                    let wanted = all.iter().filter(|event| inside(&event)).count();
                    let stretch = lane.between(from, to);
                    assert_eq!(stretch.iter().filter(inside).count(), wanted);
                    assert!(!starts.is_sorted() || stretch.len() == wanted);
                }
            }
        }
    }

    #[test]
    fn the_newest_is_that_of_a_search_from_the_beginning() {
        let all = events(&[5, 1, 9, 2, 9, 3, 12, 12, 4]);
        let lane = lane(&all, |event| event.sources[0].line != 1);
        for place in 0..=all.len() {
            for limit in 0..15 {
                let early = |event: &Event| event.at.start < limit;
                let fit = || {
                    all[..place]
                        .iter()
                        .filter(|event| early(event) && event.sources[0].line != 1)
                };
                let line = |event: &Event| event.sources[0].line;
                let last = fit().max_by_key(|event| event.at.start).map(line);
                let first = fit().rev().max_by_key(|event| event.at.start).map(line);
                assert_eq!(lane.newest(place, Equals::Last, early).map(line), last);
                assert_eq!(lane.newest(place, Equals::First, early).map(line), first);
            }
        }
    }
}
