//! What the timeline shows of a package beside states and downloads: captures, what was seen on the
//! disk, and errors.

use super::Evidence;
use super::places::{Places, as_asked};
use crate::model::{
    BlockOutcome, Event, Fact, Metadata, Observation, PackageId, Seen, Server, SourceRef,
};
use std::cell::LazyCell;
use std::collections::BTreeSet;

/// Records of one sort no farther apart than this are told as one: a check of 2,000 files is one
/// observation, not 2,000.
const TOGETHER_MS: i64 = 60_000;

/// Everything that was seen, by time.
pub fn observe(
    evidence: &Evidence<'_>,
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    events: &[&Event],
) -> Vec<Observation> {
    let mine = |one: &Option<PackageId>, on: &Option<Server>| *one == Some(package) && on == server;
    let one = |at, seen, source: SourceRef| Observation {
        at,
        until: at,
        seen,
        records: 1,
        source,
    };
    let snapshots = evidence
        .snapshots
        .iter()
        .filter(|doc| mine(&doc.package, &doc.server))
        .map(|doc| {
            let version = doc.document.version;
            one(doc.at, Seen::SnapshotCaptured { version }, doc.source)
        });
    let statuses = evidence
        .statuses
        .iter()
        .filter(|doc| mine(&doc.package, &doc.server))
        .map(|doc| {
            let state = doc.document.state;
            one(doc.at, Seen::StatusCaptured { state }, doc.source)
        });
    let listings = places.sightings(package, server).iter().map(|sight| {
        let (missing, listed) = (sight.missing, sight.listed);
        one(sight.at, Seen::Listed { missing, listed }, sight.sources[0])
    });
    // Only the records of a web server ask for it: a thousand captures may list two million files.
    let files = LazyCell::new(|| -> BTreeSet<String> {
        let own = evidence
            .snapshots
            .iter()
            .filter(|doc| mine(&doc.package, &doc.server));
        own.flat_map(|doc| doc.document.files.iter().map(|file| as_asked(&file.path)))
            .collect()
    });
    let is_its_file = |path: &str| files.contains(&as_asked(path));
    let told = events.iter().filter_map(|event| {
        let seen = seen(event, &is_its_file)?;
        Some(one(event.at, seen, event.sources[0]))
    });
    let mut all: Vec<Observation> = told.collect();
    all.sort_unstable();
    together(&mut all);
    all.extend(snapshots.chain(statuses).chain(listings));
    all.sort_unstable();
    all
}

/// What a record says, if that belongs beside the states.
fn seen(event: &Event, is_its_file: &dyn Fn(&str) -> bool) -> Option<Seen> {
    Some(match &event.fact {
        Fact::SnapshotReceived { version } => Seen::SnapshotReceived { version: *version },
        Fact::SnapshotChanged { version } => Seen::SnapshotChanged { version: *version },
        Fact::SnapshotUnchanged { version } => Seen::SnapshotUnchanged { version: *version },
        Fact::MetadataMissing { what } => match what {
            Metadata::Snapshot => Seen::SnapshotMissing,
            Metadata::Status => Seen::StatusMissing,
        },
        Fact::FileSeen { .. } | Fact::VerificationPassed => Seen::FilesThere,
        Fact::FileMissing { .. } | Fact::FilesMissing { .. } => Seen::FilesMissing,
        // Anybody can ask for anything: what no snapshot lists says nothing about the package.
        Fact::FileServed { path } if is_its_file(path) => Seen::FilesThere,
        Fact::FileNotFound { path, .. } if is_its_file(path) => Seen::FilesMissing,
        Fact::DownloadFailed { code, .. }
        | Fact::DownloadGivenUp { code }
        | Fact::FileFailed { code, .. }
        | Fact::NetworkFailed { code, .. }
        | Fact::AccessDenied { code } => Seen::Failed { code: *code },
        Fact::RequestRefused {
            http, substatus, ..
        } => Seen::Refused {
            http: *http,
            substatus: *substatus,
        },
        Fact::VerificationFailed
        | Fact::SnapshotLocked
        | Fact::Block {
            outcome: BlockOutcome::Failed,
            ..
        } => Seen::Failed { code: None },
        Fact::Other if is_error(event) => Seen::Failed { code: None },
        _ => return None,
    })
}

fn is_error(event: &Event) -> bool {
    event
        .record
        .as_ref()
        .is_some_and(|record| record.severity == Some(1))
}

/// Joins neighbours that say the same. `all` is sorted.
fn together(all: &mut Vec<Observation>) {
    let mut count = 0;
    for at in 0..all.len() {
        let one = all[at];
        let kept = all[..count].iter_mut().rev();
        // Of each sort the newest stands near the end, unless very many alternate: those stay apart.
        let same = kept.take(16).find(|before| before.seen == one.seen);
        match same {
            Some(before) if one.at.start - before.until.start <= TOGETHER_MS => {
                before.until = one.at;
                before.records += 1;
            }
            _ => {
                all[count] = one;
                count += 1;
            }
        }
    }
    all.truncate(count);
}

/// Bytes of the package by its newest whole snapshot, if that states the size of each file.
pub fn size(evidence: &Evidence<'_>, package: PackageId, server: &Option<Server>) -> Option<u64> {
    let snapshot = evidence.snapshots.iter().rfind(|one| {
        one.package == Some(package) && one.server == *server && one.document.complete
    })?;
    let files = &snapshot.document.files;
    let sizes: Option<Vec<u64>> = files.iter().map(|file| file.size).collect();
    sizes.filter(|sizes| !sizes.is_empty()).map(|sizes| {
        sizes
            .iter()
            .fold(0_u64, |sum, size| sum.saturating_add(*size))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, Moment};

    fn told(seconds: i64, seen: Seen) -> Observation {
        Observation {
            at: Moment::exact(seconds * 1_000, None),
            until: Moment::exact(seconds * 1_000, None),
            seen,
            records: 1,
            source: SourceRef {
                file: FileId(0),
                line: u32::try_from(seconds).unwrap() + 1,
            },
        }
    }

    #[test]
    fn neighbours_that_say_the_same_are_one_and_others_stay_apart() {
        let failed = |code| Seen::Failed { code: Some(code) };
        let mut all = vec![
            told(0, Seen::FilesMissing),
            told(1, failed(5)),
            told(2, Seen::FilesMissing),
            told(62, Seen::FilesMissing),
            told(123, Seen::FilesMissing),
            told(124, failed(7)),
        ];
        together(&mut all);
        let kept: Vec<(i64, i64, Seen, u32)> = all
            .iter()
            .map(|one| (one.at.start, one.until.start, one.seen, one.records))
            .collect();
        assert_eq!(
            kept,
            [
                (0, 62_000, Seen::FilesMissing, 3),
                (1_000, 1_000, failed(5), 1),
                (123_000, 123_000, Seen::FilesMissing, 1),
                (124_000, 124_000, failed(7), 1),
            ]
        );
    }
}
