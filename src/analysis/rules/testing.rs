//! Terse histories for the tests of the rules: facts at moments ten seconds apart, no wording.

use super::Ruling;
use crate::analysis::{Evidence, analyse, places::Places, redownload};
use crate::model::{
    Capture, CaptureBasis, Coverage, Event, Fact, FileId, Gap, Moment, PackageId, Said, Snapshot,
    SnapshotFile, SourceRef, Stamp, State, Status,
};
use std::collections::{BTreeMap, BTreeSet};

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
    own_unused_for_ms: Option<i64>,
    never_deleted: bool,
    /// When it was captured, what it says, and its own time.
    statuses: Vec<(i64, State, i64)>,
    nameless: Vec<(i64, Fact)>,
    /// When both documents of the other package were captured.
    sets_of_other: Vec<i64>,
}

fn moment(second: i64) -> Moment {
    Moment::exact(second * 10_000, Some(0))
}

fn of_other<T>(second: i64, source: SourceRef, document: T) -> Capture<T> {
    Capture {
        at: moment(second),
        basis: CaptureBasis::Name,
        server: Some("PS".into()),
        package: Some(OTHER),
        source,
        document: document.into(),
    }
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

    /// Both documents of the other package, captured at once.
    pub fn set_of_other(mut self, second: i64) -> History {
        self.sets_of_other.push(second);
        self
    }

    pub fn unused_for(mut self, ms: i64) -> History {
        self.unused_for_ms = Some(ms);
        self
    }

    /// The package's own unused-for time, beside the common one.
    pub fn own_unused_for(mut self, ms: i64) -> History {
        self.own_unused_for_ms = Some(ms);
        self
    }

    pub fn never_deleted(mut self) -> History {
        self.never_deleted = true;
        self
    }

    /// A captured status file that states since when it says so.
    pub fn status(mut self, second: i64, state: State, since: i64) -> History {
        self.statuses.push((second, state, since));
        self
    }

    pub fn refresh(mut self, second: i64) -> History {
        self.nameless
            .push((second, Fact::RefreshStarted { reason: None }));
        self
    }

    pub fn gap(mut self, from: i64, to: i64) -> History {
        self.gaps.push((from, to));
        self
    }

    fn with<T>(&self, look: impl FnOnce(&Evidence<'_>) -> T) -> T {
        let told = self.events.iter().map(|(second, package, fact, message)| {
            (*second, Some(*package), fact.clone(), message.clone())
        });
        let nameless = self.nameless.iter();
        let nameless = nameless.map(|(second, fact)| (*second, None, fact.clone(), String::new()));
        let mut all: Vec<_> = told.chain(nameless).collect();
        all.sort_by_key(|one| one.0);
        let mut events: Vec<Event> = all
            .into_iter()
            .enumerate()
            .map(|(line, (second, package, fact, message))| Event {
                at: moment(second),
                server: Some("PS".into()),
                sources: [SourceRef {
                    file: FileId(0),
                    line: u32::try_from(line).unwrap_or(0) + 1,
                }]
                .into(),
                record: None,
                said: Said {
                    package,
                    fact,
                    message: message.into(),
                    ..Said::default()
                }
                .into(),
            })
            .collect();
        let mut statuses: Vec<Capture<Status>> = self
            .statuses
            .iter()
            .map(|(second, state, since)| Capture {
                at: moment(*second),
                basis: CaptureBasis::Name,
                server: Some("PS".into()),
                package: Some(PACKAGE),
                source: SourceRef {
                    file: FileId(2),
                    line: u32::try_from(*second).unwrap_or(0),
                },
                document: Status {
                    package: Some(PACKAGE),
                    state: Some(*state),
                    time: Some(Stamp {
                        local: moment(*since).local().into(),
                        offset: None,
                        lasts: 1,
                        has_year: true,
                    }),
                    complete: true,
                    ..Status::default()
                }
                .into(),
            })
            .collect();
        events.extend(statuses.iter().map(|status| {
            Event {
                at: status.at,
                server: status.server.clone(),
                sources: [status.source].into(),
                record: None,
                said: Said {
                    package: Some(PACKAGE),
                    fact: Fact::StatusCaptured {
                        state: status.document.state,
                    },
                    ..Said::default()
                }
                .into(),
            }
        }));
        events.sort_by_key(|event| event.at);
        let mut snapshots: Vec<Capture<Snapshot>> = self
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
                    document: document.into(),
                }
            })
            .collect();
        for second in &self.sets_of_other {
            let source = |file: u32| SourceRef {
                file: FileId(file),
                line: u32::try_from(*second).unwrap_or(0),
            };
            statuses.push(of_other(*second, source(3), Status::default()));
            snapshots.push(of_other(*second, source(4), Snapshot::default()));
        }
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
            holes: Vec::new(),
        }];
        let names = BTreeMap::new();
        let policy = |line: u32| SourceRef {
            file: FileId(3),
            line,
        };
        let own = self.own_unused_for_ms.map(|ms| (PACKAGE, (ms, policy(1))));
        let own: BTreeMap<_, _> = own.into_iter().collect();
        let never = self.never_deleted.then(|| (PACKAGE, policy(2)));
        let never: BTreeMap<_, _> = never.into_iter().collect();
        look(&Evidence {
            events: &events,
            index: &crate::analysis::index::Index::of(&events),
            snapshots: &snapshots,
            statuses: &statuses,
            listings: &[],
            logs: &crate::analysis::coverage::Logs::of(&coverage),
            names: &names,
            unused_for_ms: self.unused_for_ms,
            unused_for: &own,
            never_deleted: &never,
            refresh_every_ms: None,
            copies: &BTreeSet::new(),
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
            let history =
                crate::analysis::downloads::walk(&events, &evidence.logs.gaps(&server), None);
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
                &crate::analysis::index::Own::of(&events),
                &history.downloads,
                place,
            );
            super::rule(&case)
        })
    }

    /// How many packages the server hosts.
    pub fn packages(&self) -> usize {
        self.with(|evidence| analyse(evidence).packages.len())
    }

    /// How many re-downloads the package has.
    pub fn redownloads(&self) -> usize {
        self.with(|evidence| {
            analyse(evidence)
                .packages
                .iter()
                .map(|package| package.redownloads.len())
                .sum()
        })
    }
}
