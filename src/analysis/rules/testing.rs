//! Terse histories for the tests of the rules: facts at moments ten seconds apart, no wording.

use super::Ruling;
use crate::analysis::{Evidence, analyse, places::Places, redownload};
use crate::model::{
    Capture, CaptureBasis, Coverage, Event, Fact, FileId, Gap, Moment, PackageId, Snapshot,
    SnapshotFile, SourceRef, State, Wording,
};
use std::collections::BTreeMap;

/// The package that histories are about, and another one.
pub const PACKAGE: PackageId = PackageId(1);
const OTHER: PackageId = PackageId(2);

/// A history under construction. Times count in tens of seconds; the order of calls does not matter.
#[derive(Clone, Default)]
pub struct History {
    events: Vec<(i64, PackageId, Fact, String)>,
    captures: Vec<(i64, i64, String)>,
    gaps: Vec<(i64, i64)>,
    unused_for_ms: Option<i64>,
}

fn moment(second: i64) -> Moment {
    Moment::exact(second * 10_000, Some(0))
}

impl History {
    pub fn new() -> History {
        History::default()
    }

    /// A package that was downloaded in this version and is Ready.
    pub fn ready(version: i64) -> History {
        History::new().start(1).received(2, version).finish(3)
    }

    /// The same, where no version is stated.
    pub fn ready_without_version() -> History {
        History::new().start(1).finish(3)
    }

    pub fn at(mut self, second: i64, fact: Fact) -> History {
        self.events.push((second, PACKAGE, fact, String::new()));
        self
    }

    pub fn of_other(mut self, second: i64, fact: Fact) -> History {
        self.events.push((second, OTHER, fact, String::new()));
        self
    }

    pub fn other(mut self, second: i64, message: &str) -> History {
        self.events
            .push((second, PACKAGE, Fact::Other, message.to_owned()));
        self
    }

    pub fn pending(self, second: i64) -> History {
        self.at(
            second,
            Fact::StateChanged {
                to: State::Pending,
                from: None,
            },
        )
    }

    pub fn start(self, second: i64) -> History {
        self.at(second, Fact::DownloadStarted)
    }

    pub fn received(self, second: i64, version: i64) -> History {
        self.at(
            second,
            Fact::SnapshotReceived {
                version: Some(version),
            },
        )
    }

    pub fn finish(self, second: i64) -> History {
        self.at(second, Fact::DownloadFinished { bytes: None }).at(
            second,
            Fact::StateChanged {
                to: State::Ready,
                from: None,
            },
        )
    }

    /// The download that the tests judge, from second 100 on: it fetches this version.
    pub fn again(self, version: i64) -> History {
        self.pending(100)
            .start(101)
            .received(101, version)
            .finish(110)
    }

    /// A snapshot capture with one file.
    pub fn capture(mut self, second: i64, version: i64, hash: &str) -> History {
        self.captures.push((second, version, hash.to_owned()));
        self
    }

    pub fn unused_for(mut self, ms: i64) -> History {
        self.unused_for_ms = Some(ms);
        self
    }

    pub fn gap(mut self, from: i64, to: i64) -> History {
        self.gaps.push((from, to));
        self
    }

    fn with<T>(&self, look: impl FnOnce(&Evidence<'_>) -> T) -> T {
        let mut order: Vec<usize> = (0..self.events.len()).collect();
        order.sort_by_key(|place| self.events[*place].0);
        let events: Vec<Event> = order
            .iter()
            .enumerate()
            .map(|(line, place)| {
                let (second, package, fact, message) = self.events[*place].clone();
                Event {
                    at: moment(second),
                    server: Some("PS".into()),
                    package: Some(package),
                    fact,
                    sources: vec![SourceRef {
                        file: FileId(0),
                        line: u32::try_from(line).unwrap_or(0) + 1,
                    }],
                    record: None,
                    message: message.into(),
                    pattern: None,
                    wording: Wording::Confirmed,
                }
            })
            .collect();
        let snapshots: Vec<Capture<Snapshot>> = self
            .captures
            .iter()
            .map(|(second, version, hash)| {
                let file = SnapshotFile {
                    path: "a.cab".into(),
                    size: Some(1),
                    modified: None,
                    hash: Some(hash.clone()),
                    line: 2,
                };
                let document = Snapshot {
                    package: Some(PACKAGE),
                    version: Some(*version),
                    path: Some(r"\\ns\pkg\a".into()),
                    files: vec![file],
                    complete: true,
                    ..Snapshot::default()
                };
                Capture {
                    at: moment(*second),
                    basis: CaptureBasis::Name,
                    server: Some("PS".into()),
                    package: Some(PACKAGE),
                    source: SourceRef {
                        file: FileId(1),
                        line: u32::try_from(*second).unwrap_or(0),
                    },
                    document,
                }
            })
            .collect();
        let gaps = self
            .gaps
            .iter()
            .map(|(from, to)| Gap {
                from: moment(*from),
                to: moment(*to),
            })
            .collect();
        let coverage = [Coverage {
            server: Some("PS".into()),
            from: moment(0),
            to: moment(1_000_000),
            gaps,
        }];
        let names = BTreeMap::new();
        look(&Evidence {
            events: &events,
            snapshots: &snapshots,
            statuses: &[],
            listings: &[],
            coverage: &coverage,
            names: &names,
            unused_for_ms: self.unused_for_ms,
        })
    }

    /// The ruling on the last re-download.
    pub fn ruling(&self) -> Ruling {
        self.with(|evidence| {
            let server = Some("PS".into());
            let mut keys = vec![(PACKAGE, server.clone())];
            if evidence
                .events
                .iter()
                .any(|event| event.package == Some(OTHER) && crate::analysis::hosts(&event.fact))
            {
                keys.push((OTHER, server.clone()));
            }
            let places = Places::learn(evidence, &keys);
            let events: Vec<&Event> = evidence
                .events
                .iter()
                .filter(|event| event.package == Some(PACKAGE))
                .collect();
            let history = crate::analysis::downloads::walk(&events, &evidence.gaps(&server), None);
            let place = history
                .downloads
                .iter()
                .rposition(|found| found.again)
                .expect("a re-download");
            let case = redownload::compile(
                evidence,
                &places,
                PACKAGE,
                &server,
                &events,
                &history.downloads,
                place,
            );
            super::rule(&case)
        })
    }

    /// How many packages the server hosts.
    pub fn packages(&self) -> usize {
        self.with(|evidence| analyse(evidence).len())
    }

    /// How many re-downloads the package has.
    pub fn redownloads(&self) -> usize {
        self.with(|evidence| {
            analyse(evidence)
                .iter()
                .map(|package| package.redownloads.len())
                .sum()
        })
    }
}
