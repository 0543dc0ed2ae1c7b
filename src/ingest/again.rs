//! What was read before: captures of a package that did not change are the same bytes, and most
//! captures are such.
//!
//! The same text is told by its SHA-256, so that no evidence is taken for another; to make that
//! takes a tenth of the time of reading XML, or much less. Nothing rests on which of them is read first.

use super::parsers::{Kind, Parsed};
use super::{Defect, Document};
use crate::model::Snapshot;
use crate::model::lock::locked;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What a document says, wherever it lies.
pub(super) struct Content {
    pub(super) parsed: Parsed,
    pub(super) defects: Vec<Defect>,
    /// As in [`File`](super::File).
    pub(super) proofs: (u64, u64),
}

/// A snapshot that was read, with what else [`Content`] holds.
type Known = (Arc<Snapshot>, Vec<Defect>, (u64, u64));

type Key = [u8; 32];

/// The kind of which many captures are the same.
const SNAPSHOT: &str = "snapshot";

/// What was read in this run, for all threads.
#[derive(Default)]
pub(super) struct Again {
    /// By the beginning of a file.
    kinds: Mutex<BTreeMap<Key, Option<&'static Kind>>>,
    /// By its whole text.
    snapshots: Mutex<BTreeMap<Key, Known>>,
}

impl Again {
    /// The kind of a file that begins so; `recognise` finds out.
    pub(super) fn kind(
        &self,
        beginning: &[u8],
        recognise: impl FnOnce() -> Option<&'static Kind>,
    ) -> Option<&'static Kind> {
        let key = Sha256::digest(beginning).into();
        let known = locked(&self.kinds).get(&key).copied();
        // Not while the others wait.
        known.unwrap_or_else(|| {
            let kind = recognise();
            locked(&self.kinds).insert(key, kind);
            kind
        })
    }

    /// What a text of a kind says; `read` reads it. What is no snapshot is read each time: logs are large,
    /// and no two listings are the same.
    pub(super) fn content(
        &self,
        kind: &str,
        text: &str,
        read: impl FnOnce() -> Content,
    ) -> Content {
        if kind != SNAPSHOT {
            return read();
        }
        let key = Sha256::digest(text).into();
        let known = locked(&self.snapshots).get(&key).cloned();
        if let Some((snapshot, defects, proofs)) = known {
            return Content {
                parsed: Parsed::Document(Document::Snapshot(snapshot).into()),
                defects,
                proofs,
            };
        }
        let told = read();
        if let Parsed::Document(document) = &told.parsed
            && let Document::Snapshot(snapshot) = &**document
        {
            let known = (Arc::clone(snapshot), told.defects.clone(), told.proofs);
            locked(&self.snapshots).insert(key, known);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Ingested, Options, read_memory};

    fn snapshot(version: u32, size: u32, end: &str) -> String {
        format!(
            "<snapshot packageId='{{1EC214B8-E862-44A9-B3A6-27D918D136A2}}' version='{version}' path='\\\\ns\\a'>\n<file name='a.msi' size='{size}' modified='2026-01-12T14:00:17Z'/>\n{end}"
        )
    }

    /// All of an evidence that shows, without what is only a place in memory.
    fn shown(ingested: &Ingested) -> String {
        format!(
            "{:?} {:?} {:?} {:?}",
            ingested.snapshots, ingested.events, ingested.problems, ingested.files
        )
    }

    #[test]
    fn the_same_bytes_are_read_once_and_each_capture_is_told() {
        let texts = [
            snapshot(1_700_000_000, 7, "</snapshot>"),
            snapshot(1_700_000_000, 8, "</snapshot>"),
            // Cut, and no snapshot at all.
            snapshot(1_700_000_000, 7, ""),
            "<snapshot>nothing</snapshot>".to_owned(),
        ];
        let mut members = Vec::new();
        for hour in 10..13 {
            for (place, text) in texts.iter().enumerate() {
                members.push((format!("b/20261103-{hour}00/{place}/snapshot.xml"), text));
            }
        }
        let bytes = |(path, text): &(String, &String)| (path.clone(), text.as_bytes().to_vec());
        let mut members: Vec<(String, Vec<u8>)> = members.iter().map(bytes).collect();
        let read = |members: &[(String, Vec<u8>)]| {
            let members: Vec<(String, &[u8])> = members
                .iter()
                .map(|(path, bytes)| (path.clone(), &bytes[..]))
                .collect();
            read_memory(&members, &Options::default())
        };
        let all = read(&members);
        assert_eq!(all.snapshots.len(), 9);
        let shares = |a: usize, b: usize| {
            let [a, b] = [a, b].map(|place| &all.snapshots[place].document);
            (Arc::ptr_eq(a, b), a == b)
        };
        for (a, one) in all.snapshots.iter().enumerate() {
            for (b, other) in all.snapshots.iter().enumerate() {
                assert_eq!(shares(a, b), (a % 3 == b % 3, a % 3 == b % 3));
                assert!(a == b || one.source.file != other.source.file);
            }
        }
        // Each tells what it tells alone.
        for (place, (path, bytes)) in members.iter().enumerate() {
            let alone = read(&[(path.clone(), bytes.clone())]);
            let (ours, theirs) = (&all.files[place], &alone.files[0]);
            assert_eq!((&ours.path, &ours.kind), (&theirs.path, &theirs.kind));
            let told = |ingested: &Ingested| {
                let of_path = ingested
                    .problems
                    .iter()
                    .filter(|one| one.place.path == *path);
                of_path.map(ToString::to_string).collect::<Vec<_>>()
            };
            assert_eq!(told(&all), told(&alone), "{path}");
        }
        let before = shown(&all);
        members.reverse();
        assert_eq!(shown(&read(&members)), before);
        // The same text in another encoding.
        let mut wide = b"\xFF\xFE".to_vec();
        wide.extend(texts[0].encode_utf16().flat_map(u16::to_le_bytes));
        members.push(("b/20261103-1300/0/snapshot.xml".to_owned(), wide));
        let all = read(&members);
        let [first, .., last] = &all.snapshots[..] else {
            panic!("{}", all.snapshots.len());
        };
        assert!(Arc::ptr_eq(&first.document, &last.document));
    }

    /// `12/01/2026` in captures that cannot tell what it is, read again once one beside them does.
    #[test]
    fn what_is_read_again_is_shared_and_keeps_what_was_wrong_with_it() {
        let of = |date: &str, end: &str| {
            snapshot(1_700_000_000, 7, "</snapshot>").replace("2026-01-12T14:00:17Z", date) + end
        };
        let (doubtful, zeros) = (of("12/01/2026 14:00", ""), of("12/01/2026 14:00", "\0"));
        let proof = of("13/01/2026 14:00", "");
        let members = [(10, &doubtful), (11, &doubtful), (12, &zeros), (13, &proof)];
        let paths = members.map(|(hour, text)| {
            let path = format!("b/20261103-{hour}00/snapshot.xml");
            (path, text.as_bytes())
        });
        let all = read_memory(&paths, &Options::default());
        let [one, other, spoilt, _] = &all.snapshots[..] else {
            panic!("{}", all.snapshots.len());
        };
        assert!(Arc::ptr_eq(&one.document, &other.document));
        let day = |at: usize| {
            let modified = all.snapshots[at].document.files[0].modified;
            modified.map(|time| time.local.naive().to_string())
        };
        assert_eq!(day(0).as_deref(), Some("2026-01-12 14:00:00"));
        assert!(!Arc::ptr_eq(&one.document, &spoilt.document));
        let told: Vec<&str> = all.problems.iter().map(|one| &*one.defect).collect();
        assert!(told.contains(&"bytes that are no text"), "{told:?}");
    }

    #[test]
    fn what_reads_is_asked_once_for_each_text() {
        let again = Again::default();
        let text = snapshot(1_700_000_000, 7, "</snapshot>");
        let defect = Defect {
            line: Some(3),
            what: "a".to_owned(),
            cost: "b".to_owned(),
            lost: true,
        };
        let mut asked = 0;
        for _ in 0..3 {
            let told = again.content(SNAPSHOT, &text, || {
                asked += 1;
                Content {
                    parsed: Parsed::Document(Document::Snapshot(Arc::default()).into()),
                    defects: vec![defect.clone()],
                    proofs: (1, 2),
                }
            });
            assert!(matches!(told.parsed, Parsed::Document(_)));
            assert_eq!((told.defects, told.proofs), (vec![defect.clone()], (1, 2)));
        }
        assert_eq!(asked, 1);
        for _ in 0..2 {
            let told = again.content(SNAPSHOT, "", || {
                asked += 1;
                Content {
                    parsed: Parsed::Unused,
                    defects: Vec::new(),
                    proofs: (0, 0),
                }
            });
            assert!(matches!(told.parsed, Parsed::Unused));
        }
        assert_eq!(asked, 3);
        for (beginning, kind) in [(&b"a"[..], Some("listing")), (b"b", None)] {
            for _ in 0..2 {
                let found = again.kind(beginning, || {
                    asked += 1;
                    let mut kinds = crate::ingest::parsers::KINDS.iter();
                    kinds.find(|one| Some(one.name) == kind)
                });
                assert_eq!(found.map(|one| one.name), kind);
            }
        }
        assert_eq!(asked, 5);
    }
}
