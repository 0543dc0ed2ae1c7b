//! Terse scenes for the tests of the findings: facts at seconds, each at the line of its second.

use crate::analysis::{Evidence, analyse};
use crate::model::{
    Capture, CaptureBasis, Coverage, Event, Fact, FileId, Finding, Gap, Listing, Moment, PackageId,
    Said, Server, Snapshot, SnapshotFile, SourceRef,
};
use std::collections::{BTreeMap, BTreeSet};

/// A scene under construction. Package 0 is none.
#[derive(Clone)]
pub struct Scene {
    events: Vec<Event>,
    snapshots: Vec<Capture<Snapshot>>,
    listings: Vec<Capture<Listing>>,
    gaps: Vec<(i64, i64)>,
    refresh_every_ms: Option<i64>,
    server: Server,
}

pub fn moment(second: i64) -> Moment {
    Moment::exact(second * 1000, Some(0))
}

fn source(second: i64) -> SourceRef {
    SourceRef {
        file: FileId(0),
        line: u32::try_from(second).unwrap_or(0),
    }
}

impl Default for Scene {
    fn default() -> Scene {
        Scene {
            events: Vec::new(),
            snapshots: Vec::new(),
            listings: Vec::new(),
            gaps: Vec::new(),
            refresh_every_ms: None,
            server: "PS".into(),
        }
    }
}

impl Scene {
    pub fn new() -> Scene {
        Scene::default()
    }

    /// What follows is of this server.
    pub fn on(mut self, server: &str) -> Scene {
        self.server = server.into();
        self
    }

    pub fn at(self, second: i64, package: u128, fact: Fact) -> Scene {
        self.says(second, package, fact, "")
    }

    pub fn says(mut self, second: i64, package: u128, fact: Fact, message: &str) -> Scene {
        self.events.push(Event {
            at: moment(second),
            server: Some(self.server.clone()),
            sources: [source(second)].into(),
            record: None,
            said: Said {
                package: (package > 0).then_some(PackageId(package)),
                fact,
                message: message.into(),
                ..Said::default()
            }
            .into(),
        });
        self
    }

    /// A package whose place the log states, at the second of its number.
    pub fn located(self, package: u128, place: &str) -> Scene {
        let second = i64::try_from(package).unwrap_or(1);
        self.at(second, package, Fact::Location { path: place.into() })
    }

    pub fn snapshot(mut self, second: i64, package: u128, files: &[&str]) -> Scene {
        let files = files.iter().map(|path| SnapshotFile {
            path: (*path).into(),
            size: Some(1),
            modified: None,
            hash: None,
            line: 2,
        });
        let document = Snapshot {
            package: Some(PackageId(package)),
            version: Some(7),
            files: files.collect(),
            complete: true,
            ..Snapshot::default()
        };
        self.snapshots
            .push(self.capture(second, Some(PackageId(package)), document));
        self
    }

    pub fn listing(mut self, second: i64, document: Listing) -> Scene {
        self.listings.push(self.capture(second, None, document));
        self
    }

    fn capture<T>(&self, second: i64, package: Option<PackageId>, document: T) -> Capture<T> {
        Capture {
            at: moment(second),
            basis: CaptureBasis::Name,
            server: Some(self.server.clone()),
            package,
            source: SourceRef {
                file: FileId(1),
                line: u32::try_from(second).unwrap_or(0),
            },
            document: document.into(),
        }
    }

    pub fn refresh_every(mut self, seconds: i64) -> Scene {
        self.refresh_every_ms = Some(seconds * 1000);
        self
    }

    pub fn gap(mut self, from: i64, to: i64) -> Scene {
        self.gaps.push((from, to));
        self
    }

    /// All findings.
    pub fn findings(&self) -> Vec<Finding> {
        let mut events = self.events.clone();
        events.sort_by_key(|event| event.at.start);
        let gaps = self.gaps.iter().map(|(from, to)| Gap {
            from: moment(*from),
            to: moment(*to),
        });
        let coverage = [Coverage {
            server: Some("PS".into()),
            from: moment(0),
            to: moment(100_000_000),
            gaps: gaps.collect(),
            holes: Vec::new(),
        }];
        let found = analyse(&Evidence {
            events: &events,
            index: &crate::analysis::index::Index::of(&events),
            snapshots: &self.snapshots,
            statuses: &[],
            listings: &self.listings,
            logs: &crate::analysis::coverage::Logs::of(&coverage),
            names: &BTreeMap::new(),
            unused_for_ms: None,
            unused_for: &BTreeMap::new(),
            never_deleted: &BTreeMap::new(),
            refresh_every_ms: self.refresh_every_ms,
            copies: &BTreeSet::new(),
        });
        found.findings
    }

    /// Those of one kind.
    pub fn find(&self, kind: &str) -> Vec<Finding> {
        let mut all = self.findings();
        all.retain(|one| one.kind == kind);
        all
    }
}
